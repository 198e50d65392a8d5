/* Sessions: what an input gives, what it changes, and what is kept from input to input. */
#include "compiler/driver/session.h"

#include <malloc.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/harness.h"

static rk_session *open_session(const atomic_bool *stop)
{
    rk_session *session;
    const rk_session_options options = {
        .program = {.engine = {.cpu = rk_cpu_best(), .stop = stop}, .choice = RK_ENGINE_INTERP}};
    ck_assert_int_eq(rk_session_new(&options, &session), RK_OK);
    return session;
}

/* The answer on one line: values in brackets for a list, `id=score` for a pipe. */
static void print(const rk_answer *answer, rk_buf *out)
{
    const bool list = answer->ids != NULL;
    if (answer->kind == RK_ANSWER_EXPECTED)
        rk_buf_add_chars(out, answer->holds ? "holds" : "fails");
    for (uint32_t i = 0; i < answer->n_names; i++)
        rk_buf_printf(out, "%s%s %.*s: %s%s", i ? ", " : "", answer->names[i].what,
                      RK_STR_ARG(answer->names[i].name), rk_type_text(answer->names[i].type).text,
                      answer->names[i].replaced ? " again" : "");
    if (answer->kind != RK_ANSWER_VALUE && answer->kind != RK_ANSWER_RANKED)
        return;
    rk_buf_add_chars(out, list ? "[" : "");
    for (uint32_t i = 0; i < answer->n; i++) {
        rk_buf_add_chars(out, i ? " " : "");
        if (answer->kind == RK_ANSWER_RANKED)
            rk_value_print(rk_column_get(answer->ids, i), answer->strings, out);
        else
            rk_value_print(rk_column_get(answer->values, i), answer->strings, out);
    }
    rk_buf_add_chars(out, list ? "] " : " ");
    rk_type_print(answer->type, out);
}

static void says(rk_session *session, const char *text, const char *expected)
{
    rk_answer answer;
    rk_buf out = {0};
    const rk_status status = rk_session_take(session, rk_str_from(text), &answer);
    if (status == RK_OK)
        print(&answer, &out);
    else
        rk_diags_print(rk_session_diags(session), rk_session_texts(session), RK_DIAG_TEXT, &out);
    rk_buf_add_char(&out, '\0');
    const bool same = status == RK_OK ? strcmp(out.data, expected) == 0
                                      : strncmp(out.data, expected, strlen(expected)) == 0;
    if (!same)
        ck_abort_msg("%s\n  expected %s\n  found %s", text, expected, out.data);
    rk_buf_free(&out);
}

static void write_file(const char *path, const char *text)
{
    FILE *const file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

/* Each test is a process of its own: it stays in the folder. */
static void enter_folder(void)
{
    char folder[] = "/tmp/session.XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static const char shop[] = "item { id: int }\n"
                           "source nuts = csv(\"nuts.csv\", key: \"id\") by item.id {\n"
                           "    price: float\n    name: string = \"none\"\n    weight: float?\n}\n"
                           "## Against the mean.\n"
                           "factor rel = price / avg(price)\n"
                           "factor twice = rel * 2\n";
static const char nuts[] = "id,price,name,weight\n1,10,walnut,5\n2,30,pecan,\n3,20,,7\n";

START_TEST(values_need_no_program)
{
    rk_session *const s = open_session(NULL);
    says(s, "", "");
    says(s, "# nothing", "");
    says(s, "avg([1, 2, 3])", "2 float?");
    says(s, "1 + 2 * 3", "7 int");
    says(s, "\"a\" == \"a\"", "true bool");
    says(s, "1 +", "error[E0101]: unexpected end");
    says(s, "nothing", "error[E0301]: unknown name `nothing`");
    says(s, "1 2", "error[E0101]");
    says(s, "1 factor x = 2", "error[E0101]: one expression is expected");
    says(s, "avg([1, 2, 3])", "2 float?");
    rk_session_free(s);
}
END_TEST

START_TEST(given_values_make_items)
{
    rk_session *const s = open_session(NULL);
    says(s, "given price = [10, 15, 12]", "item field price: int");
    says(s, "avg(price)", "12.333333 float");
    says(s, "price / avg(price)", "[0.8108108 1.2162162 0.972973] float");
    says(s, "candidates | top(2, by: price)", "[2 3] candidates");
    says(s, "expect avg(price) ~ 12.3333", "holds");
    says(s, "expect avg(price) ~ 12", "fails");
    says(s, "given price = [1.5, missing]", "item field price: float? again");
    says(s, "avg(price)", "1.5 float?");
    says(s, "given name = [\"a\", \"b\"]", "item field name: string");
    says(s, "given name = [\"a\"]", "error[E0408]");
    says(s, "name", "[a b] string");
    says(s, "given x = 3", "factor x: int");
    says(s, "given x = 0.5", "factor x: float again");
    says(s, "x", "0.5 float");
    says(s, "given query.user = 7", "query field query.user: int");
    says(s, "query.user + 1", "8 int");
    says(s, "given tags = [[\"a\"], [\"b\", \"c\"]]", "item field tags: list(string)");
    says(s, "len(tags)", "[1 2] int");
    says(s, "price", "[1.5 missing] float?");
    rk_session_free(s);
}
END_TEST

START_TEST(declarations_replace_each_other)
{
    rk_session *const s = open_session(NULL);
    says(s, "item { id: int, price: float = 1.0 }", "item : nothing");
    says(s, "factor a = price * 2", "factor a: float");
    says(s, "factor b = a + 1", "factor b: float");
    says(s, "given price = [1.0, 2.0]", "item field price: float");
    says(s, "b", "[3 5] float");
    says(s, "factor a = price * 10", "factor a: float again");
    says(s, "b", "[11 21] float");
    says(s, "factor a = price +", "error[E0101]");
    says(s, "factor a = nothing", "error[E0301]: unknown name `nothing`");
    says(s, "factor a = b", "error[E0303]");
    says(s, "factor a = \"x\"", "error[E0201]"); /* b cannot add it */
    says(s, "b", "[11 21] float");
    says(s, "item { price: int = 1 }", "item : nothing");
    says(s, "given price = [4, 5]", "item field price: int again");
    says(s, "b", "[41 51] int");
    says(s, "test \"b\" { given price = 1 expect b == 11 }", "test b: nothing");
    rk_answer answer;
    ck_assert_int_eq(
        rk_session_take(s, RK_STR("test \"c\" { given price = 1 expect b == 12 }"), &answer),
        RK_OK);
    ck_assert(!answer.holds && answer.fault.len);
    rk_buf out = {0};
    rk_session_print(s, &out);
    rk_buf_add_char(&out, '\0');
    ck_assert_ptr_nonnull(strstr(out.data, "factor a = price * 10\n"));
    ck_assert_ptr_null(strstr(out.data, "price * 2"));
    rk_buf_free(&out);
    ck_assert_int_eq(rk_session_forget(s, RK_STR("nothing")), RK_EUSAGE);
    ck_assert_int_eq(rk_session_forget(s, RK_STR("a")), RK_EPROGRAM); /* b needs it */
    says(s, "b", "[41 51] int");
    ck_assert_int_eq(rk_session_forget(s, RK_STR("")), RK_OK);
    says(s, "b", "error[E0301]");
    rk_session_free(s);
}
END_TEST

START_TEST(data_are_kept)
{
    enter_folder();
    write_file("shop.rank", shop);
    write_file("nuts.csv", nuts);
    rk_session *const s = open_session(NULL);
    ck_assert_int_eq(rk_session_load(s, "no.rank"), RK_EFILE);
    ck_assert_int_eq(rk_session_load(s, "shop.rank"), RK_OK);
    ck_assert_str_eq(rk_session_describe(s).scanned, "nuts");
    says(s, "price", "[10 30 20] float");
    says(s, "twice", "[1 3 2] float");
    unlink("nuts.csv");
    says(s, "avg(price)", "20 float");
    says(s, "name", "error[E0601]"); /* a column that was not read before */
    write_file("nuts.csv", nuts);
    says(s, "name", "[walnut pecan ] string");
    says(s, "name == \"pecan\"", "[false true false] bool");
    says(s, "weight", "[5 missing 7] float?");
    says(s, "scan(nuts) | where(price > 10) | top(5, by: -price)", "[3 2] candidates");
    says(s, "given weight = 2", "source field weight: float?");
    says(s, "weight", "[2 2 2] float?");
    says(s, "sum(weight) + avg(price)", "26 float");
    says(s, "given price = [1, 2]", "source field price: float");
    says(s, "price", "[1 2] float");
    says(s, "name", "[none none] string");
    ck_assert_int_eq(rk_session_forget(s, RK_STR("price")), RK_OK);
    says(s, "price", "[10 30 20] float");
    write_file("nuts.csv", "id,price,name,weight\n7,1,a,1\n");
    says(s, "price", "[10 30 20] float");
    ck_assert_int_eq(rk_session_reload(s), RK_OK);
    says(s, "price", "[1] float");
    unlink("shop.rank");
    ck_assert_int_eq(rk_session_reload(s), RK_EFILE);
    says(s, "twice", "[2] float");
    write_file("shop.rank", "factor broken = nothing\n");
    ck_assert_int_eq(rk_session_reload(s), RK_EPROGRAM);
    says(s, "twice", "[2] float");
    const rk_str source = rk_session_source_of(s, RK_STR("rel"));
    const rk_str expected = RK_STR("## Against the mean.\nfactor rel = price / avg(price)");
    ck_assert(rk_str_eq(source, expected));
    rk_session_free(s);
}
END_TEST

START_TEST(what_is_given_gives_way)
{
    enter_folder();
    write_file("shop.rank", shop);
    write_file("nuts.csv", nuts);
    rk_session *const s = open_session(NULL);
    says(s, "given price = [1, 2]", "item field price: int");
    ck_assert_int_eq(rk_session_load(s, "shop.rank"), RK_OK);
    says(s, "price", "[1 2] float");
    says(s, "name", "[none none] string");
    says(s, "twice", "[1.3333334 2.6666667] float");
    rk_session_free(s);
}
END_TEST

START_TEST(requests_are_picked)
{
    enter_folder();
    write_file("r.jsonl", "{\"query\":{\"k\":2},\"items\":[{\"id\":1,\"p\":5},{\"id\":2}]}\n"
                          "{\"query\":{\"k\":3},\"items\":[{\"id\":9,\"p\":1}]}\n");
    rk_session *const s = open_session(NULL);
    says(s, "query { k: int }", "query : nothing");
    says(s, "item { id: int, p: float = 0.5, t: string = \"x\" }", "item : nothing");
    says(s, "query.k", "error[E0514]"); /* must be sent */
    says(s, "p", "[] float");
    ck_assert_int_eq(rk_session_requests(s, "no.jsonl"), RK_EFILE);
    ck_assert_int_eq(rk_session_requests(s, "r.jsonl"), RK_OK);
    says(s, "query.k * p", "[10 1] float");
    says(s, "t", "[x x] string");
    ck_assert_int_eq(rk_session_pick_request(s, 3), RK_EDATA);
    ck_assert_int_eq(rk_session_pick_request(s, 0), RK_EUSAGE);
    says(s, "query.k * p", "[10 1] float");
    ck_assert_int_eq(rk_session_pick_request(s, 2), RK_OK);
    says(s, "query.k * p", "[3] float");
    says(s, "given query.k = 7", "query field query.k: int");
    says(s, "query.k * p", "[7] float");
    says(s, "pipeline best = candidates | top(1, by: p)", "pipeline best: nothing");
    says(s, "pipeline none = candidates | where(p > 100) as recall", "pipeline none: nothing");
    says(s, "best", "[9] candidates");
    says(s, "count()", "1 int");
    ck_assert_int_eq(rk_session_pick_pipeline(s, RK_STR("non")), RK_EUSAGE);
    ck_assert_int_eq(rk_session_pick_pipeline(s, RK_STR("none")), RK_OK);
    says(s, "count()", "0 int");
    const rk_str pairs[] = {RK_STR("k=4")};
    ck_assert_int_eq(rk_session_query(s, pairs, 1), RK_OK);
    ck_assert_int_eq(rk_session_forget(s, RK_STR("query.k")), RK_OK);
    says(s, "query.k", "4 int");
    rk_session_free(s);
}
END_TEST

START_TEST(revisions_are_picked)
{
    rk_session *const s = open_session(NULL);
    says(s, "item { id: int, p: float = 0.5 }", "item : nothing");
    says(s, "factor a = p\nfactor b = p + 1\nrevision prod = { a }",
         "factor a: float, factor b: float, revision prod: nothing");
    ck_assert_int_eq(rk_session_pick_revision(s, RK_STR("prof")), RK_EUSAGE);
    ck_assert_int_eq(rk_session_pick_revision(s, RK_STR("prod")), RK_OK);
    says(s, "given p = [1.0]", "item field p: float");
    says(s, "a", "[1] float");
    ck_assert_int_eq(rk_session_pick_revision(s, RK_STR("")), RK_OK);
    says(s, "b", "[2] float");
    rk_session_free(s);
}
END_TEST

START_TEST(runs_can_be_stopped)
{
    enter_folder();
    write_file("shop.rank", shop);
    write_file("nuts.csv", nuts);
    atomic_bool stop = true;
    rk_session *const s = open_session(&stop);
    rk_answer answer;
    ck_assert_int_eq(rk_session_load(s, "shop.rank"), RK_OK);
    ck_assert_int_eq(rk_session_take(s, RK_STR("rel"), &answer), RK_ESTOP);
    stop = false;
    says(s, "rel", "[0.5 1.5 1] float");
    stop = true;
    ck_assert_int_eq(rk_session_take(s, RK_STR("rel"), &answer), RK_ESTOP);
    stop = false;
    says(s, "rel", "[0.5 1.5 1] float");
    rk_session_free(s);
}
END_TEST

START_TEST(redefinitions_leave_nothing)
{
    rk_session *const s = open_session(NULL);
    size_t before = 0;
    says(s, "given price = [1.0, 2.0]", "item field price: float");
    for (int i = 0; i < 3000; i++) {
        char text[64];
        rk_answer answer;
        snprintf(text, sizeof text, "factor f = price * %d", i);
        ck_assert_int_eq(rk_session_take(s, rk_str_from(text), &answer), RK_OK);
        ck_assert_int_eq(rk_session_take(s, RK_STR("f + nothing"), &answer), RK_EPROGRAM);
        ck_assert_int_eq(rk_session_take(s, RK_STR("f + 1"), &answer), RK_OK);
        if (i == 100)
            before = mallinfo2().uordblks;
    }
    ck_assert_uint_lt(mallinfo2().uordblks, before + 4096);
    rk_session_free(s);
}
END_TEST

START_TEST(texts_go_on_or_not)
{
    static const char *const open[] = {"factor x =",
                                       "avg(",
                                       "1 +",
                                       "[1, 2",
                                       "if a then 1",
                                       "if a then 1 else",
                                       "x |",
                                       "a and",
                                       "## About it.",
                                       "source s = csv(\"a\", key: \"k\") by item.id",
                                       "test \"x\"",
                                       "test \"x\" {",
                                       "factor f = 3 *",
                                       "f(a,",
                                       "x ??",
                                       "a not",
                                       "item {\n  id: int"};
    static const char *const closed[] = {"",
                                         "factor x = 1",
                                         "avg(x)",
                                         "\"a (\"",
                                         "\"a",
                                         "x ? ",
                                         "revision all = *",
                                         "# open (",
                                         "x) + 1",
                                         "float?",
                                         "if a then 1 else 2",
                                         "test + 1",
                                         "source.x",
                                         "item { id: int }",
                                         "a.b"};
    for (size_t i = 0; i < RK_ARRAY_LEN(open); i++)
        ck_assert_msg(rk_session_is_open(rk_str_from(open[i])), "%s", open[i]);
    for (size_t i = 0; i < RK_ARRAY_LEN(closed); i++)
        ck_assert_msg(!rk_session_is_open(rk_str_from(closed[i])), "%s", closed[i]);
}
END_TEST

START_TEST(plans_can_be_had)
{
    rk_session *const s = open_session(NULL);
    rk_answer answer;
    const rk_plan *plan;
    says(s, "item { id: int, p: float = 0.5 }", "item : nothing");
    says(s, "pipeline best = candidates | top(1, by: p)", "pipeline best: nothing");
    ck_assert_int_eq(rk_session_plan(s, RK_STR(""), &answer, &plan), RK_OK);
    ck_assert_int_eq(answer.kind, RK_ANSWER_RANKED);
    ck_assert_int_eq(rk_session_plan(s, RK_STR("p / 2"), &answer, NULL), RK_OK);
    ck_assert_int_eq(answer.kind, RK_ANSWER_VALUE);
    ck_assert_int_eq(answer.scope, RK_SCOPE_ITEM);
    ck_assert_int_eq(answer.type.kind, RK_KIND_FLOAT);
    says(s, "item { q: float }", "item : nothing");
    says(s, "given p = [1.0]", "item field p: float");
    says(s, "q", "error[E0408]");
    ck_assert_int_eq(rk_session_plan(s, RK_STR("q"), &answer, NULL), RK_OK);
    ck_assert_int_eq(answer.type.kind, RK_KIND_FLOAT);
    rk_session_free(s);
}
END_TEST

RK_SUITE_MAIN("session", values_need_no_program, given_values_make_items,
              declarations_replace_each_other, data_are_kept, what_is_given_gives_way,
              requests_are_picked, revisions_are_picked, runs_can_be_stopped,
              redefinitions_leave_nothing, texts_go_on_or_not, plans_can_be_had)
