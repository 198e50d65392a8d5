/* runtime/metric: what runs and labels may look like, what is refused, and how both are joined. */
#include <math.h>
#include <stdio.h>

#include "runtime/metric/judge.h"

#include "tests/unit/harness.h"

typedef struct world {
    rk_arena arena;
    rk_marks run, labels;
    rk_judgement judgement;
    uint64_t n_lines, n_twice;
    char problems[512]; /* `LINE words;` of each */
} world;

static bool refuse(void *user, const rk_mark_problem *problem)
{
    world *const w = user;
    const size_t len = strlen(w->problems);
    snprintf(w->problems + len, sizeof w->problems - len, "%d %s;", (int)problem->line,
             problem->words);
    return true;
}

static void read_run(world *w, rk_str text, bool by_rank)
{
    const rk_mark_user user = {refuse, w};
    ck_assert_int_eq(rk_marks_init(&w->run, &w->arena), RK_OK);
    ck_assert_int_eq(rk_marks_read_run(&w->run, text, by_rank, &user, &w->n_lines), RK_OK);
    ck_assert_int_eq(rk_marks_group(&w->run), RK_OK);
}

static void read_labels(world *w, rk_str text)
{
    const rk_mark_user user = {refuse, w};
    ck_assert_int_eq(rk_marks_init(&w->labels, &w->arena), RK_OK);
    ck_assert_int_eq(rk_marks_read_qrels(&w->labels, text, &user, &w->n_lines), RK_OK);
    ck_assert_int_eq(rk_marks_group(&w->labels), RK_OK);
}

static void judge(world *w, bool complete)
{
    const rk_mark_user user = {refuse, w};
    const rk_judge_spec spec = {
        .run = &w->run, .labels = &w->labels, .complete = complete, &user, &user};
    ck_assert_int_eq(rk_judge(&spec, &w->arena, &w->judgement, &w->n_twice), RK_OK);
}

/* `QUERY:doc=value,…;` of all marks. */
static const char *text_of(world *w, const rk_marks *marks)
{
    static char text[512];
    size_t len = 0;
    for (rk_atom q = 1; q < rk_atoms_count(&marks->queries); q++) {
        uint32_t n;
        const rk_mark *const items = rk_marks_of(marks, q, &n);
        len += (size_t)snprintf(text + len, sizeof text - len,
                                "%.*s:", RK_STR_ARG(rk_atom_str(&marks->queries, q)));
        for (uint32_t i = 0; i < n; i++)
            len += (size_t)snprintf(text + len, sizeof text - len, "%.*s=%g%s",
                                    RK_STR_ARG(rk_mark_doc(&items[i])), items[i].value,
                                    i + 1 < n ? "," : ";");
    }
    text[len] = 0;
    rk_arena_free(&w->arena);
    return text;
}

#define RUN_IS(text, wanted, wrong)                                                                \
    do {                                                                                           \
        world w = {0};                                                                             \
        read_run(&w, RK_STR(text), false);                                                         \
        ck_assert_str_eq(text_of(&w, &w.run), wanted);                                             \
        ck_assert_str_eq(w.problems, wrong);                                                       \
    } while (0)

#define LABELS_ARE(text, wanted, wrong)                                                            \
    do {                                                                                           \
        world w = {0};                                                                             \
        read_labels(&w, RK_STR(text));                                                             \
        ck_assert_str_eq(text_of(&w, &w.labels), wanted);                                          \
        ck_assert_str_eq(w.problems, wrong);                                                       \
    } while (0)

START_TEST(forms_of_runs)
{
    RUN_IS("q Q0 a 1 2.5 t\nq Q0 b 2 -1e3 t\n", "q:a=2.5,b=-1000;", "");
    RUN_IS("q\tQ0\ta\t1\t2.5\tt", "q:a=2.5;", "");
    RUN_IS("7\t10\t1\n7\t11\t2\n", "7:10=-1,11=-2;", "");
    RUN_IS("7 10 1 0.5\n7 11 2 0.25\n", "7:10=0.5,11=0.25;", "");
    RUN_IS("\xef\xbb\xbfq Q0 a 1 1 t\r\n\r\n  \n# a comment\nq Q0 b 2 0 t and more\r\n",
           "q:a=1,b=0;", "");
    RUN_IS("q Q0 a 1 inf t\nq Q0 b 1 -inf t\n", "q:a=inf,b=-inf;", "");
    RUN_IS("b Q0 a 1 1 t\na Q0 a 1 2 t\nb Q0 c 1 3 t\n", "b:a=1,c=3;a:a=2;", "");
    RUN_IS("", "", "");
    RUN_IS("\n\n", "", "");
}
END_TEST

START_TEST(scores_that_are_nan)
{
    world w = {0};
    read_run(&w, RK_STR("q Q0 a 1 nan t\n"), false);
    ck_assert(isnan(w.run.items.items[0].value));
    ck_assert_str_eq(w.problems, "");
    rk_arena_free(&w.arena);
}
END_TEST

START_TEST(ranks_on_demand)
{
    world w = {0};
    read_run(&w, RK_STR("q Q0 a 2 9 t\nq Q0 b x 8 t\n"), true);
    ck_assert_str_eq(text_of(&w, &w.run), "q:a=-2;");
    ck_assert_str_eq(w.problems, "2 is no rank: a whole number should stand here;");
}
END_TEST

START_TEST(bad_runs)
{
    RUN_IS("q Q0 a 1 2.5\n", "", "1 is no line of a run;");
    RUN_IS("q\n", "", "1 is no line of a run;");
    RUN_IS("q Q0 a 1 1 t\nq Q0 b 2\nq Q0 c 3 1 t\n", "q:a=1,c=1;",
           "2 has fewer words than the first line;");
    RUN_IS("q a 1\nq b 2 0.5\n", "q:a=-1;", "2 has more words than the first line;");
    RUN_IS("q Q0 a 1 high t\n", "", "1 is no number: a score should stand here;");
    RUN_IS("q Q0 a 1 1,5 t\n", "", "1 is no number: a score should stand here;");
    RUN_IS("q 0 doc 1\n", "", "1 is no rank: a whole number should stand here;");
    RUN_IS("q Q0 a 1 1 t\n\0q Q0 b 1 1 t\nq Q0 c 1 1 t\n", "q:a=1;",
           "2 holds a NUL byte: the file is no text, or not in UTF-8;");
}
END_TEST

START_TEST(forms_of_labels)
{
    LABELS_ARE("q 0 a 1\nq 0 b 0\n", "q:a=1,b=0;", "");
    LABELS_ARE("7\t0\t10\t1\r\n", "7:10=1;", "");
    LABELS_ARE("q 0 a -2\nq 0 b 3.0\nq 0 c 2147483647", "q:a=-2,b=3,c=2.14748e+09;", "");
}
END_TEST

START_TEST(bad_labels)
{
    LABELS_ARE("q 0 a\n", "", "1 is no line of qrels;");
    LABELS_ARE("q Q0 a 1 2 t\n", "", "1 is no line of qrels;");
    LABELS_ARE("q 0 a 1\nq 0 b\nq 0 c 1 1\n", "q:a=1;",
               "2 has fewer words than the first line;3 has more words than the first line;");
    LABELS_ARE("q 0 a x\nq 0 b 1.5\nq 0 c 2147483648\nq 0 d nan\nq 0 e inf\n", "",
               "1 is no label: a whole number should stand here;"
               "2 is no label: a whole number should stand here;"
               "3 is no label: a whole number should stand here;"
               "4 is no label: a whole number should stand here;"
               "5 is no label: a whole number should stand here;");
}
END_TEST

START_TEST(long_lines)
{
    enum { LONG = 1 << 20 };
    world w = {0};
    char *const text = malloc(LONG + 64);
    memset(text, 'x', LONG);
    strcpy(text + LONG, " Q0 a 1 1 t\nq Q0 b 1 1 t\n");
    read_run(&w, rk_str_from(text), false);
    ck_assert_uint_eq(w.run.items.len, 2);
    ck_assert_uint_eq(rk_atom_str(&w.run.queries, 1).len, LONG);
    rk_arena_free(&w.arena);
    free(text);
}
END_TEST

/* ---- both ---- */

/* Labels of the list of query `at`, as digits. */
static const char *labels_of(const world *w, uint32_t at)
{
    static char text[64];
    uint32_t n = 0;
    for (; n < w->judgement.items[at].n; n++)
        text[n] = (char)('0' + w->judgement.items[at].labels[n]);
    text[n] = 0;
    return text;
}

START_TEST(order_of_lists)
{
    world w = {0};
    /* 1 and 1 + 1e-9 are one float: c before b before a; d10 and d9 by their bytes. */
    read_run(&w,
             RK_STR("q Q0 a 1 1 t\nq Q0 b 2 1.000000001 t\nq Q0 c 3 1 t\nq Q0 n 4 nan t\n"
                    "q Q0 d10 5 0.5 t\nq Q0 d9 6 0.5 t\nq Q0 d 7 0.5 t\nq Q0 m 8 nan t\n"
                    "q Q0 z 9 -inf t\n"),
             false);
    read_labels(&w, RK_STR("q 0 a 1\nq 0 b 2\nq 0 c 3\nq 0 d 4\nq 0 d9 5\nq 0 d10 6\nq 0 z 7\n"
                           "q 0 m 8\nq 0 n 9\n"));
    judge(&w, false);
    ck_assert_str_eq(labels_of(&w, 0), "321564798");
    ck_assert_uint_eq(w.judgement.counts.no_score, 2);
    ck_assert_int_eq(w.judgement.counts.largest, 9);
    rk_arena_free(&w.arena);
}
END_TEST

/* Floats tell places beyond 2^24 no longer apart. */
START_TEST(places_are_exact)
{
    world w = {0};
    read_run(&w, RK_STR("q a 16777217\nq b 16777216\n"), false);
    read_labels(&w, RK_STR("q 0 a 1\nq 0 b 2\n"));
    judge(&w, false);
    ck_assert_str_eq(labels_of(&w, 0), "21");
    rk_arena_free(&w.arena);
}
END_TEST

START_TEST(sides_are_joined)
{
    world w = {0};
    read_run(&w, RK_STR("9 Q0 a 1 3 t\n9 Q0 b 1 2 t\n9 Q0 x 1 1 t\n10 Q0 a 1 1 t\nr Q0 a 1 1 t\n"),
             false);
    read_labels(&w, RK_STR("9 0 a -1\n9 0 b 2\n9 0 c 1\n10 0 a 0\nl 0 a 1\n"));
    judge(&w, false);
    const rk_judgement *const found = &w.judgement;
    ck_assert_uint_eq(found->n, 2); /* by bytes: 10, 9 */
    ck_assert(rk_str_eq(found->items[0].query, RK_STR("10")));
    ck_assert_str_eq(labels_of(&w, 0), "0");
    ck_assert_str_eq(labels_of(&w, 1), "020");
    ck_assert_uint_eq(found->items[1].n_ideal, 2);
    ck_assert(found->items[1].ideal[0] == 2 && found->items[1].ideal[1] == 1);
    ck_assert_uint_eq(found->counts.only_run, 1);
    ck_assert_uint_eq(found->counts.only_labels, 1);
    ck_assert_uint_eq(found->counts.no_positive, 1);
    ck_assert_uint_eq(found->counts.labelled, 3);
    ck_assert_uint_eq(found->counts.unlabelled, 1);
    ck_assert_uint_eq(found->counts.negative, 1);
    judge(&w, true);
    ck_assert_uint_eq(w.judgement.n, 3);
    ck_assert(!w.judgement.items[2].is_ranked && w.judgement.items[2].n == 0);
    rk_arena_free(&w.arena);
}
END_TEST

START_TEST(documents_come_once)
{
    world w = {0};
    read_run(&w, RK_STR("q Q0 a 1 3 t\nq Q0 b 1 2 t\nq Q0 a 1 1 t\nr Q0 c 1 1 t\nr Q0 c 1 1 t\n"),
             false);
    read_labels(&w, RK_STR("q 0 a 1\nq 0 b 2\nq 0 b 1\n"));
    judge(&w, false);
    ck_assert_uint_eq(w.n_twice, 3);
    ck_assert_str_eq(w.problems, "3 comes a second time;3 comes a second time;"
                                 "5 comes a second time;");
    rk_arena_free(&w.arena);
}
END_TEST

START_TEST(nothing_at_all)
{
    world w = {0};
    read_run(&w, RK_STR(""), false);
    read_labels(&w, RK_STR(""));
    judge(&w, true);
    ck_assert_uint_eq(w.judgement.n, 0);
    rk_arena_free(&w.arena);
}
END_TEST

RK_SUITE_MAIN("metric_read", forms_of_runs, scores_that_are_nan, ranks_on_demand, bad_runs,
              forms_of_labels, bad_labels, long_lines, order_of_lists, places_are_exact,
              sides_are_joined, documents_come_once, nothing_at_all)
