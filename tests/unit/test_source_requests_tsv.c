/* runtime/source: requests from tab-separated lines, and ids that must be unique. */
#include "tests/unit/request_bed.h"

static void expect_name(bed *b, const char *name, const char *text)
{
    expect_request(b, text);
    ck_assert_msg(rk_str_eq(b->request.name, rk_str_from(name)), "not called %s", name);
    ck_assert(!b->request.has_items);
}

START_TEST(tsv_requests)
{
    bed b;
    make_bed(&b);
    ck_assert_int_eq(open_text(&b, &rk_request_tsv,
                               RK_STR("\xef\xbb\xbf\r\nid\tpast\tuser\tbudget\ttext\r\n"
                                      "q1\t[2, 3]\t 7\t2.5\t\"red\" nuts\r\n\r\n"
                                      "8\t\t8\tnan\t\n"
                                      "q 3\t[]\t9\t\t ")),
                     RK_OK);
    expect_name(&b, "q1", "7 \"\\\"red\\\" nuts\" 2.5 [2,3] ");
    expect_name(&b, "8", "8 \"\" null [1] ");
    expect_name(&b, "q 3", "9 \" \" null [] ");
    expect_end(&b);
    expect_end(&b);
    ck_assert_str_eq(take_codes(&b.fx), "");
    unmake_bed(&b);
}
END_TEST

/* A query with nothing but an optional text, and a field that takes the request's id. */
START_TEST(tsv_without_header)
{
    bed b;
    make_bed(&b);
    b.fx.query.items[0].column = RK_STR("id");
    add_field(&b.fx.query, "again", RK_TYPE_OPT(STRING))->column = RK_STR("text");
    const rk_str text = RK_STR("121352\tdefine extreme\n634306\tid\n");
    ck_assert_int_eq(open_text(&b, &rk_request_tsv, text), RK_OK);
    expect_name(&b, "121352", "121352 \"define extreme\" null [1] \"define extreme\" ");
    expect_name(&b, "634306", "634306 \"id\" null [1] \"id\" ");
    expect_end(&b);
    ck_assert_int_eq(open_text(&b, &rk_request_tsv, RK_STR("")), RK_OK);
    expect_end(&b);
    ck_assert_int_eq(open_text(&b, &rk_request_tsv, RK_STR("id\ttext\n")), RK_OK);
    expect_end(&b);
    ck_assert_str_eq(take_codes(&b.fx), "");
    unmake_bed(&b);
}
END_TEST

/* A first line that no request can be read by, however many may be bad. */
static void expect_bad_columns(rk_str text, const char *code, const char *words)
{
    bed b;
    bool more = true;
    make_bed(&b);
    b.spec.max_bad_rows = 100;
    ck_assert_int_eq(open_text(&b, &rk_request_tsv, text), RK_OK);
    ck_assert_int_eq(take(&b, &more), RK_EDATA);
    ck_assert(!more);
    expect_words(&b.fx, words);
    ck_assert_str_eq(take_codes(&b.fx), code);
    unmake_bed(&b);
}

START_TEST(bad_tsv_columns)
{
    expect_bad_columns(RK_STR("id\tuser\tbudjet\n1\t2\t3\n"), "E0513",
                       "r.jsonl:1: column `budjet` is not a query field");
    expect_bad_columns(RK_STR("id\tuser\tbudjet\n"), "E0513", "did you mean `budget`?");
    expect_bad_columns(RK_STR("\nid\tuser\ttext\tuser\n"), "E0517",
                       "r.jsonl:2: column `user` is named twice");
    expect_bad_columns(RK_STR("id\tuser\tid\n"), "E0513", "column `id` is not a query field");
    expect_bad_columns(RK_STR("id\ttext\n1\tx\n"), "E0514", "no column for the query field `user`");
    expect_bad_columns(RK_STR("1\tred nuts\n"), "E0514",
                       "begin the file with the line `id<tab>user`");
    expect_bad_columns(RK_STR("qid\tuser\n1\t7\n"), "E0509",
                       "r.jsonl:1: `user` is the name of a query field, but the first column");
    expect_bad_columns(RK_STR("1\ttext\n"), "E0509", "put the line `id<tab>text` before it");
}
END_TEST

/* What the first line and the next are called, and whether that is noticed. */
START_TEST(a_header_that_is_none)
{
    static const struct {
        rk_str text;
        const char *codes;
    } files[] = {
        {RK_STR("xid\twords\n1\tred nuts\n2\tnuts\n"), "W0509"},
        {RK_STR("xid\twords\n\n1\tred nuts\n"), "W0509"},
        {RK_STR("xid\twords\nq1\tred nuts\n2\tnuts\n"), ""},
        {RK_STR("7\twords\n1\tred nuts\n"), ""},
        {RK_STR("xid\twords\n"), ""},
        {RK_STR("id\ttext\nxid\twords\n1\tred nuts\n"), ""},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        bed b;
        make_bed(&b);
        b.fx.query.schema.fields[0].type.optional = true;
        ck_assert_int_eq(open_text(&b, &rk_request_tsv, files[i].text), RK_OK);
        for (bool more = true; more;)
            ck_assert_int_eq(take(&b, &more), RK_OK);
        if (files[i].codes[0])
            expect_words(&b.fx, "r.jsonl: the first line was taken for a request called `xid`");
        ck_assert_str_eq(take_codes(&b.fx), files[i].codes);
        unmake_bed(&b);
    }
}
END_TEST

/* A bad line between two good ones. */
static void expect_bad_tsv(rk_str line, const char *code, const char *words)
{
    bed b;
    make_bed(&b);
    rk_buf text = {0};
    rk_buf_add(&text, RK_STR("id\tuser\tbudget\ttext\tpast\na\t1\t\t-\t\n"));
    rk_buf_add(&text, line);
    rk_buf_add(&text, RK_STR("\nb\t3\t\t-\t\n"));
    for (uint32_t allowed = 0; allowed < 2; allowed++) {
        b.spec.max_bad_rows = allowed;
        ck_assert_int_eq(open_text(&b, &rk_request_tsv, rk_buf_str(&text)), RK_OK);
        expect_name(&b, "a", "1 \"-\" null [1] ");
        bool more;
        if (allowed) {
            expect_name(&b, "b", "3 \"-\" null [1] ");
            expect_end(&b);
            expect_words(&b.fx, "1 of 3 requests left out");
            break;
        }
        ck_assert_int_eq(take(&b, &more), RK_EDATA);
        ck_assert(!more);
        expect_words(&b.fx, words);
        ck_assert_str_eq(take_codes(&b.fx), code);
    }
    rk_buf_free(&text);
    unmake_bed(&b);
}

START_TEST(bad_tsv_requests)
{
    expect_bad_tsv(RK_STR("x\tseven\t\t\t"), "E0515",
                   "r.jsonl:3: column `user`: `seven` is not an int");
    expect_bad_tsv(RK_STR("x\t7\t2,5\t\t"), "E0515", "decimals have a point");
    expect_bad_tsv(RK_STR("x\t7\t2.5\t\xff\t"), "E0515", "column `text`: `\\xff` is not UTF-8");
    expect_bad_tsv(RK_STR("x\t7\t2.5\t\t[1, 0.5]"), "E0515", "column `past`: `[1, 0.5]` has an");
    expect_bad_tsv(RK_STR("x\t7\t2.5\t\t1"), "E0515", "a list or a vector is a JSON array");
    expect_bad_tsv(RK_STR("x\t\t\t\t"), "E0514", "r.jsonl:3: column `user` is empty");
    expect_bad_tsv(RK_STR("x\t\t\t\t"), "E0514", "declare it `user: int?`");
    expect_bad_tsv(RK_STR("\t7\t\t\t"), "E0514", "r.jsonl:3: column `id` is empty");
    expect_bad_tsv(RK_STR("\xff\t7\t\t\t"), "E0508", "column `id`: `\\xff` is not UTF-8");
    expect_bad_tsv(RK_STR("x\t7"), "E0503", "r.jsonl:3: the line has 2 cells between tabs, not 5");
    expect_bad_tsv(RK_STR("x\t7\t\t\t\t"), "E0503", "6 cells between tabs, not 5");
    expect_bad_tsv(RK_STR("x"), "E0503", "1 cell between tabs, not 5");
}
END_TEST

/* Where ids must be unique the second of two is bad; those without one are no two. */
START_TEST(ids_that_come_back)
{
    static const struct {
        const rk_request_ops *ops;
        rk_str text;
    } files[] = {
        {&rk_request_tsv, RK_STR("id\tuser\nx\t1\ny\t2\n\nx\t3\nz\t4\n")},
        {&rk_request_jsonl,
         RK_STR("{\"query\": {\"user\": 0}}\n{\"id\": \"x\", \"query\": {\"user\": 1}}\n"
                "{\"id\": \"y\", \"query\": {\"user\": 2}}\n\n{\"id\": \"x\", "
                "\"query\": {\"user\": 3}}\n{\"query\": {\"user\": 0}}\n")},
    };
    for (uint32_t way = 0; way < 6; way++) {
        bed b;
        make_bed(&b);
        b.spec.unique_ids = way / 2 < 2;
        b.spec.max_bad_rows = way / 2;
        ck_assert_int_eq(open_text(&b, files[way % 2].ops, files[way % 2].text), RK_OK);
        rk_status status;
        uint32_t n = 0;
        for (bool more = true; (status = take(&b, &more)) == RK_OK && more;)
            n++;
        ck_assert_int_eq(status, way / 2 == 0 ? RK_EDATA : RK_OK);
        if (way / 2 == 2) { /* nobody asked */
            ck_assert_uint_eq(n, way % 2 ? 5 : 4);
            unmake_bed(&b);
            continue;
        }
        ck_assert_uint_eq(n, way / 2 == 0 ? 2 + way % 2 : 3 + way % 2);
        expect_words(&b.fx, "r.jsonl:5: request `x` comes back");
        expect_words(&b.fx, "it was at r.jsonl:2");
        unmake_bed(&b);
    }
}
END_TEST

RK_SUITE_MAIN("source_requests_tsv", tsv_requests, tsv_without_header, bad_tsv_columns,
              a_header_that_is_none, bad_tsv_requests, ids_that_come_back)
