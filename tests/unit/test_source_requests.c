/* runtime/source: requests from JSON lines, letor files and pairs. */
#include "tests/unit/request_bed.h"

static rk_status from_pairs(bed *b, uint32_t n, const rk_str *pairs)
{
    rk_arena_reset(&b->arena);
    ck_assert_int_eq(rk_atoms_init(&b->strings, &b->arena, &b->fx.strings), RK_OK);
    return rk_request_from_pairs(&b->spec, pairs, n, &b->arena, &b->strings, &b->fx.cx.diags,
                                 &b->request);
}

START_TEST(json_requests)
{
    bed b;
    make_bed(&b);
    ck_assert_int_eq(
        open_text(&b, &rk_request_jsonl,
                  RK_STR("{\"query\":{\"user\":7,\"text\":\"red\",\"budget\":2.5,\"past\":[]},"
                         "\"items\":[{\"id\":1,\"price\":10,\"tag\":\"a\",\"v\":[1,2]},"
                         "{\"price\":null,\"id\":2},{\"id\":3,\"price\":\"inf\",\"tag\":\"\"}]}\n"
                         "\n"
                         "{\"items\":[],\"query\":{\"user\":8,\"budget\":null}}\r\n"
                         "{\"query\":{\"user\":9},\"items\":null}")),
        RK_OK);
    expect_request(&b,
                   "7 \"red\" 2.5 [] | 1 2 3| 10 null \"inf\"| \"a\" null \"\"| [1,2] null null");
    ck_assert(b.request.has_items);
    ck_assert(b.request.items[0].type.optional);
    expect_request(&b, "8 \"-\" null [1] ");
    ck_assert(b.request.has_items);
    expect_request(&b, "9 \"-\" null [1] ");
    ck_assert(!b.request.has_items);
    expect_end(&b);
    expect_end(&b);
    ck_assert_str_eq(take_codes(&b.fx), "");
    unmake_bed(&b);
}
END_TEST

START_TEST(a_member_may_fill_two_fields)
{
    bed b;
    make_bed(&b);
    add_field(&b.fx.query, "who", RK_TYPE(FLOAT))->column = RK_STR("user");
    add_field(&b.fx.item, "cost", RK_TYPE(DOUBLE))->column = RK_STR("price");
    ck_assert_int_eq(open_text(&b, &rk_request_jsonl,
                               RK_STR("{\"query\":{\"user\":7},\"items\":[{\"price\":1.5,\"id\":1},"
                                      "{\"price\":2,\"id\":2}]}")),
                     RK_OK);
    expect_request(&b, "7 \"-\" null [1] 7 | 1 2| 1.5 2| null null| null null| 1.5 2");
    const rk_str pairs[] = {RK_STR("user=8")};
    ck_assert_int_eq(from_pairs(&b, 1, pairs), RK_OK);
    ck_assert_str_eq(request_text(&b), "8 \"-\" null [1] 8 ");
    unmake_bed(&b);
}
END_TEST

START_TEST(strings_of_a_request_are_its_own)
{
    bed b;
    make_bed(&b);
    b.spec.id_type = RK_TYPE(STRING);
    const uint32_t before = rk_atoms_count(&b.fx.strings);
    ck_assert_int_eq(
        open_text(&b, &rk_request_jsonl,
                  RK_STR("{\"query\":{\"user\":1},\"items\":[{\"id\":\"x\"},{\"id\":\"-\"}]}")),
        RK_OK);
    expect_request(&b, "1 \"-\" null [1] | \"x\" \"-\"| null null| null null| null null");
    ck_assert_uint_eq(rk_atoms_count(&b.fx.strings), before);
    unmake_bed(&b);
}
END_TEST

START_TEST(many_items_grow_the_columns)
{
    bed b;
    make_bed(&b);
    rk_buf text = {0};
    for (int round = 0; round < 2; round++) {
        rk_buf_add(&text, RK_STR("{\"query\":{\"user\":1},\"items\":["));
        for (int i = 0; i < 1000; i++)
            rk_buf_printf(&text, "%s{\"id\":%d,\"tag\":%s}", i ? "," : "", i,
                          i % 3 ? "null" : "\"t\"");
        rk_buf_add(&text, RK_STR("]}\n"));
    }
    ck_assert_int_eq(open_text(&b, &rk_request_jsonl, rk_buf_str(&text)), RK_OK);
    for (int round = 0; round < 2; round++) {
        bool more;
        ck_assert_int_eq(take(&b, &more), RK_OK);
        ck_assert_uint_eq(b.request.n_items, 1000);
        for (uint32_t i = 0; i < 1000; i++) {
            ck_assert_int_eq(((int64_t *)b.request.ids.data)[i], i);
            ck_assert(rk_column_has(&b.request.items[1], i) == (i % 3 == 0));
        }
    }
    rk_buf_free(&text);
    unmake_bed(&b);
}
END_TEST

/* A bad request between two good ones. */
static void expect_bad(rk_str line, const char *code, const char *words)
{
    bed b;
    make_bed(&b);
    rk_buf text = {0};
    rk_buf_add(&text, RK_STR("{\"query\":{\"user\":1}}\n"));
    rk_buf_add(&text, line);
    rk_buf_add(&text, RK_STR("\n{\"query\":{\"user\":3}}\n"));
    ck_assert_int_eq(open_text(&b, &rk_request_jsonl, rk_buf_str(&text)), RK_OK);
    expect_request(&b, "1 \"-\" null [1] ");
    bool more;
    ck_assert_int_eq(take(&b, &more), RK_EDATA);
    ck_assert(!more);
    expect_words(&b.fx, words);
    expect_words(&b.fx, "r.jsonl:2: ");
    ck_assert_str_eq(take_codes(&b.fx), code);
    b.spec.max_bad_rows = 1;
    ck_assert_int_eq(open_text(&b, &rk_request_jsonl, rk_buf_str(&text)), RK_OK);
    expect_request(&b, "1 \"-\" null [1] ");
    expect_request(&b, "3 \"-\" null [1] ");
    expect_end(&b);
    expect_words(&b.fx, "1 of 3 requests left out");
    rk_buf_free(&text);
    unmake_bed(&b);
}

#define Q "{\"query\":{\"user\":2}"

START_TEST(bad_json_requests)
{
    expect_bad(RK_STR("{\"query\":{}}"), "E0514", "query.user is not sent");
    expect_bad(RK_STR("{}"), "E0514", "declare it `user: int?`");
    expect_bad(RK_STR("{\"query\":{\"user\":null}}"), "E0514", "query.user");
    expect_bad(RK_STR("{\"query\":{\"user\":\"7\"}}"), "E0515",
               "query.user is text, not of type int");
    expect_bad(RK_STR("{\"query\":{\"user\":7,\"budjet\":1}}"), "E0513", "did you mean `budget`?");
    expect_bad(RK_STR("{\"query\":{\"user\":7,\"zzzzz\":1}}"), "E0513", "`user`, `text`, `budget`");
    expect_bad(RK_STR("{\"query\":{\"user\":7,\"user\":7}}"), "E0511", "query.user is given twice");
    expect_bad(RK_STR("{\"query\":{\"user\":1,\"text\":null,\"text\":\"\"}}"), "E0511",
               "query.text");
    expect_bad(RK_STR("{\"query\":7}"), "E0520", "query is not an object");
    expect_bad(RK_STR(Q ",\"query\":{}}"), "E0511", "query is given twice");
    expect_bad(RK_STR(Q ",\"item\":[]}"), "E0513", "no member `item`");
    expect_bad(RK_STR(Q ",\"items\":{}}"), "E0520", "items is not a list");
    expect_bad(RK_STR(Q ",\"items\":[],\"items\":[]}"), "E0511", "items is given twice");
    expect_bad(RK_STR(Q ",\"items\":[1]}"), "E0520", "items[0] is not an object like {\"id\": 1}");
    expect_bad(RK_STR(Q ",\"items\":[{\"id\":1},{\"price\":1}]}"), "E0514",
               "items[1].id is not sent");
    expect_bad(RK_STR(Q ",\"items\":[{\"id\":null}]}"), "E0514", "items[0].id");
    expect_bad(RK_STR(Q ",\"items\":[{\"id\":1,\"id\":2}]}"), "E0511",
               "items[0].id is given twice");
    expect_bad(RK_STR(Q ",\"items\":[{\"id\":1.5}]}"), "E0515", "items[0].id is not an int");
    expect_bad(RK_STR(Q ",\"items\":[{\"id\":1,\"price\":\"x\"}]}"), "E0515",
               "items[0].price is text");
    expect_bad(RK_STR(Q ",\"items\":[{\"id\":1,\"pirce\":1}]}"), "E0513", "did you mean `price`?");
    expect_bad(RK_STR(Q ",\"items\":[{\"id\":1,\"v\":[1]}]}"), "E0515",
               "items[0].v has 1 elements");
    expect_bad(RK_STR("[]"), "E0520", "the request is not an object");
    expect_bad(RK_STR("{\"query\":{\"user\":"), "E0510", "a request is one line");
    expect_bad(RK_STR(Q "} {}"), "E0510", "something follows");
    expect_bad(RK_STR("{\"query\":{\"text\":\"\xff\"}}"), "E0510", "not UTF-8");
}
END_TEST

START_TEST(request_files)
{
    bed b;
    make_bed(&b);
    rk_requests *requests;
    ck_assert_int_eq(rk_request_jsonl.open(&b.fx.cx.arena, RK_STR("no-such"), &b.spec,
                                           &b.fx.cx.diags, &requests),
                     RK_EFILE);
    ck_assert_str_eq(take_codes(&b.fx), "E0601");
    FILE *const file = fopen("test_source_requests.tmp", "wb");
    fputs("{\"query\":{\"user\":5}}\n", file);
    fclose(file);
    ck_assert_int_eq(rk_request_jsonl.open(&b.fx.cx.arena, RK_STR("test_source_requests.tmp"),
                                           &b.spec, &b.fx.cx.diags, &b.requests),
                     RK_OK);
    b.ops = &rk_request_jsonl;
    expect_request(&b, "5 \"-\" null [1] ");
    expect_end(&b);
    b.ops->close(b.requests);
    remove("test_source_requests.tmp");
    unmake_bed(&b);
}
END_TEST

START_TEST(kinds_are_found_by_content)
{
    const rk_str none = {"", 0};
    ck_assert_ptr_eq(rk_request_find(RK_STR("letor"), none), &rk_request_letor);
    ck_assert_ptr_null(rk_request_find(RK_STR("xml"), RK_STR("{")));
    ck_assert_ptr_eq(rk_request_find(none, RK_STR("\xef\xbb\xbf\n {\"q")), &rk_request_jsonl);
    ck_assert_ptr_eq(rk_request_find(none, RK_STR("2 qid:1 1:2")), &rk_request_letor);
    ck_assert_ptr_eq(rk_request_find(none, RK_STR("-1.5\t qid:")), &rk_request_letor);
    ck_assert_ptr_eq(rk_request_find(none, RK_STR("\xef\xbb\xbf\n7\tred nuts\n")), &rk_request_tsv);
    ck_assert_ptr_eq(rk_request_of(RK_STR("q.tsv"), RK_STR("{")), &rk_request_tsv);
    ck_assert_ptr_eq(rk_request_of(RK_STR("tsv"), RK_STR("{")), &rk_request_jsonl);
    ck_assert_ptr_null(rk_request_find(none, RK_STR("7 red nuts\n8\tx")));
    ck_assert_ptr_null(rk_request_find(none, RK_STR("2 1:2")));
    ck_assert_ptr_null(rk_request_find(none, RK_STR("[")));
    ck_assert_ptr_null(rk_request_find(none, none));
}
END_TEST

/* ---- letor ---- */

static void make_letor_bed(bed *b, rk_type id)
{
    memset(b, 0, sizeof *b);
    set_up(&b->fx, RK_TYPE(INT));
    add_field(&b->fx.query, "qid", RK_TYPE(STRING));
    add_field(&b->fx.query, "user", RK_TYPE_OPT(INT));
    add_field(&b->fx.item, "f1", RK_TYPE(FLOAT));
    add_field(&b->fx.item, "two", RK_TYPE(FLOAT))->column = RK_STR("f2");
    add_field(&b->fx.item, "label", RK_TYPE(INT));
    add_field(&b->fx.item, "docid", RK_TYPE_OPT(STRING));
    add_field(&b->fx.item, "boost", RK_TYPE_OPT(FLOAT));
    b->spec =
        (rk_request_spec){.query = &b->fx.query.schema, .item = &b->fx.item.schema, .id_type = id};
}

static const rk_str letor_text = {"2 qid:q7 1:0.5 2:1 # docid = d1\n"
                                  "0 qid:q7 2:3 # docid = d2\n"
                                  "# comment\n\n"
                                  "1 qid:8 1:4 #docid = 33\n"
                                  "1 qid:8 9:4 #docid = 44\n"
                                  "1 qid:9 1:1\n",
                                  0};

START_TEST(letor_requests)
{
    bed b;
    make_letor_bed(&b, RK_TYPE(STRING));
    const rk_str text = rk_str_from(letor_text.data);
    ck_assert_int_eq(open_text(&b, &rk_request_letor, text), RK_OK);
    expect_request(&b, "\"q7\" null | \"d1\" \"d2\"| 0.5 0| 1 3| 2 0| \"d1\" \"d2\"| null null");
    ck_assert(rk_str_eq(b.request.name, RK_STR("q7")));
    expect_request(&b, "\"8\" null | \"33\" \"44\"| 4 0| 0 0| 1 1| \"33\" \"44\"| null null");
    expect_request(&b, "\"9\" null | \"1\"| 1| 0| 1| null| null");
    expect_end(&b);
    unmake_bed(&b);
    make_letor_bed(&b, RK_TYPE(INT));
    ck_assert_int_eq(open_text(&b, &rk_request_letor, text), RK_OK);
    expect_request(&b, "\"q7\" null | 1 2| 0.5 0| 1 3| 2 0| \"d1\" \"d2\"| null null");
    expect_request(&b, "\"8\" null | 33 44| 4 0| 0 0| 1 1| \"33\" \"44\"| null null");
    expect_request(&b, "\"9\" null | 1| 1| 0| 1| null| null");
    expect_end(&b);
    ck_assert_str_eq(take_codes(&b.fx), "");
    unmake_bed(&b);
}
END_TEST

/* Lines of a bad request between two good ones. */
static void expect_bad_letor(rk_str lines, const char *code, const char *words)
{
    bed b;
    make_letor_bed(&b, RK_TYPE(INT));
    rk_buf text = {0};
    rk_buf_add(&text, RK_STR("1 qid:1 # 5\n"));
    rk_buf_add(&text, lines);
    rk_buf_add(&text, RK_STR("\n1 qid:3 # 6\n"));
    ck_assert_int_eq(open_text(&b, &rk_request_letor, rk_buf_str(&text)), RK_OK);
    bool more;
    ck_assert_int_eq(take(&b, &more), RK_OK);
    ck_assert_int_eq(take(&b, &more), RK_EDATA);
    expect_words(&b.fx, words);
    ck_assert_str_eq(take_codes(&b.fx), code);
    b.spec.max_bad_rows = 1;
    ck_assert_int_eq(open_text(&b, &rk_request_letor, rk_buf_str(&text)), RK_OK);
    ck_assert_int_eq(take(&b, &more), RK_OK);
    ck_assert_int_eq(take(&b, &more), RK_OK);
    ck_assert(rk_str_eq(b.request.name, RK_STR("3")));
    expect_end(&b);
    expect_words(&b.fx, "1 of 3 requests left out");
    rk_buf_free(&text);
    unmake_bed(&b);
}

START_TEST(bad_letor_requests)
{
    expect_bad_letor(RK_STR("1 qid:2 1:x\n1 qid:2 1:1"), "E0502", "r.jsonl:2: column `f1`");
    expect_bad_letor(RK_STR("1 qid:2 1:1\n1 qid:2 0:1\n1 qid:2 1:1"), "E0512", "r.jsonl:3: `0:1`");
    expect_bad_letor(RK_STR("1 qid:2 1:1\n1 1:1\n1 qid:2 1:1"), "E0512", "has no qid");
    expect_bad_letor(RK_STR("1 qid:2 1:1\nqid:2\n1 qid:2 1:1"), "E0512",
                     "where the label should be");
    expect_bad_letor(RK_STR("1 qid:\xff 1:1"), "E0508", "not UTF-8");
    bed b;
    make_letor_bed(&b, RK_TYPE(INT));
    ck_assert_int_eq(open_text(&b, &rk_request_letor,
                               RK_STR("1 qid:1 # 5\n1 qid:2 # 5\n1 qid:1 # 6\n1 qid:1 # 7\n")),
                     RK_OK);
    bool more;
    ck_assert_int_eq(take(&b, &more), RK_OK);
    ck_assert_int_eq(take(&b, &more), RK_OK);
    ck_assert_int_eq(take(&b, &more), RK_EDATA);
    expect_words(&b.fx, "r.jsonl:3: query 1 comes back");
    expect_words(&b.fx, "it began at r.jsonl:1");
    ck_assert_str_eq(take_codes(&b.fx), "E0516");
    unmake_bed(&b);
}
END_TEST

START_TEST(letor_cannot_fill_every_field)
{
    bed b;
    make_letor_bed(&b, RK_TYPE(INT));
    add_field(&b.fx.query, "age", RK_TYPE(INT));
    add_field(&b.fx.item, "price", RK_TYPE(FLOAT));
    ck_assert_int_eq(open_text(&b, &rk_request_letor, RK_STR("")), RK_EDATA);
    ck_assert_str_eq(take_codes(&b.fx), "E0514 E0514");
    unmake_bed(&b);
}
END_TEST

/* ---- pairs ---- */

START_TEST(pairs_make_a_request)
{
    bed b;
    make_bed(&b);
    const rk_str all[] = {RK_STR("text=a=b c"), RK_STR("user=7"), RK_STR("budget=-inf"),
                          RK_STR("past=[3, 4]")};
    ck_assert_int_eq(from_pairs(&b, 4, all), RK_OK);
    ck_assert_str_eq(request_text(&b), "7 \"a=b c\" \"-inf\" [3,4] ");
    ck_assert(!b.request.has_items);
    const rk_str few[] = {RK_STR("user= 8"), RK_STR("budget="), RK_STR("text=")};
    ck_assert_int_eq(from_pairs(&b, 3, few), RK_OK);
    ck_assert_str_eq(request_text(&b), "8 \"\" null [1] ");
    unmake_bed(&b);
}
END_TEST

START_TEST(bad_pairs)
{
    bed b;
    make_bed(&b);
    ck_assert_int_eq(from_pairs(&b, 0, NULL), RK_EDATA);
    expect_words(&b.fx, "--query user=");
    ck_assert_str_eq(take_codes(&b.fx), "E0514");
    const rk_str pairs[] = {RK_STR("usr=1"),  RK_STR("user"),      RK_STR("user=x"),
                            RK_STR("user=1"), RK_STR("past=[1,]"), RK_STR("text=\xff")};
    ck_assert_int_eq(from_pairs(&b, 6, pairs), RK_EDATA);
    expect_words(&b.fx, "did you mean `user`?");
    ck_assert_str_eq(take_codes(&b.fx), "E0513 E0519 E0515 E0511 E0515 E0515");
    const rk_str empty[] = {RK_STR("user=")};
    ck_assert_int_eq(from_pairs(&b, 1, empty), RK_EDATA);
    ck_assert_str_eq(take_codes(&b.fx), "E0514");
    unmake_bed(&b);
}
END_TEST

RK_SUITE_MAIN("source_requests", json_requests, a_member_may_fill_two_fields,
              strings_of_a_request_are_its_own, many_items_grow_the_columns, bad_json_requests,
              request_files, kinds_are_found_by_content, letor_requests, bad_letor_requests,
              letor_cannot_fill_every_field, pairs_make_a_request, bad_pairs)
