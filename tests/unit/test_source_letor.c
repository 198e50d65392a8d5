/* runtime/source: letor files as a source. */
#include "tests/unit/source_calls.h"

static void set_up_letor(fixture *fx)
{
    set_up(fx, RK_TYPE(STRING));
    fx->spec.path = RK_STR("t.txt");
    fx->keys[0] = RK_STR("docid");
    add_field(&fx->wanted, "label", RK_TYPE(INT));
    add_field(&fx->wanted, "qid", RK_TYPE(STRING));
    add_field(&fx->wanted, "f1", RK_TYPE(FLOAT));
    add_field(&fx->wanted, "third", RK_TYPE_OPT(FLOAT))->column = RK_STR("f3");
}

START_TEST(lines_are_rows)
{
    fixture fx;
    set_up_letor(&fx);
    expect_load(&fx, rk_letor_read,
                RK_STR("# a comment\n"
                       "2 qid:10 1:0.5 2:9 3:-1e2 # docid = clueweb09-en0006-78-20618 \r\n"
                       "\n"
                       "0 qid:10 3:nan 7:1 #docid = GX000-00 inc = 1 prob = 0.4\n"
                       "1\tqid:11\t#doc7 rest\n"
                       "  1 qid:11 2:3 1:4 #docid:doc8"),
                RK_OK, "");
    ck_assert_str_eq(column_text(&fx, &fx.r.keys[0]),
                     "\"clueweb09-en0006-78-20618\" \"GX000-00\" \"doc7\" \"doc8\"");
    expect_column(&fx, 0, "2 0 1 1");
    expect_column(&fx, 1, "\"10\" \"10\" \"11\" \"11\"");
    expect_column(&fx, 2, "0.5 0 0 4");
    expect_column(&fx, 3, "-100 null 0 0");
    ck_assert_uint_eq(rk_relation_line(&fx.r, 0), 2);
    ck_assert_uint_eq(rk_relation_line(&fx.r, 1), 4);
    ck_assert_uint_eq(rk_relation_line(&fx.r, 3), 6);
    tear_down(&fx);
}
END_TEST

START_TEST(plain_svmlight_has_no_query)
{
    fixture fx;
    set_up(&fx, RK_TYPE(STRING));
    fx.keys[0] = RK_STR("docid");
    add_field(&fx.wanted, "qid", RK_TYPE_OPT(INT));
    add_field(&fx.wanted, "f2", RK_TYPE(INT));
    add_field(&fx.wanted, "again", RK_TYPE(DOUBLE))->column = RK_STR("f2");
    expect_load(&fx, rk_letor_read, RK_STR("+1 1:1 2:2 # x\n-1 # y\n"), RK_OK, "");
    expect_column(&fx, 0, "null null");
    expect_column(&fx, 1, "2 0");
    expect_column(&fx, 2, "2 0");
    tear_down(&fx);
}
END_TEST

static void expect_bad_line(rk_str line, const char *code, const char *words)
{
    fixture fx;
    set_up_letor(&fx);
    rk_buf text = {0};
    rk_buf_add(&text, RK_STR("1 qid:1 1:1 # a\n"));
    rk_buf_add(&text, line);
    rk_buf_add(&text, RK_STR("\n3 qid:1 1:3 # c\n"));
    ck_assert_int_eq(load_text(&fx, rk_letor_read, rk_buf_str(&text)), RK_EDATA);
    expect_words(&fx, words);
    expect_words(&fx, "t.txt:2: ");
    ck_assert_str_eq(take_codes(&fx), code);
    fx.spec.max_bad_rows = 1;
    ck_assert_int_eq(load_text(&fx, rk_letor_read, rk_buf_str(&text)), RK_OK);
    expect_column(&fx, 0, "1 3");
    rk_buf_free(&text);
    tear_down(&fx);
}

START_TEST(bad_lines)
{
    expect_bad_line(RK_STR("qid:1 1:2 # b"), "E0512", "`qid:1` stands where the label should be");
    expect_bad_line(RK_STR("1 qid: 1:2 # b"), "E0512", "names no query");
    expect_bad_line(RK_STR("1 qid:1 0:2 # b"), "E0512", "`0:2` is not a feature");
    expect_bad_line(RK_STR("1 qid:1 -1:2 # b"), "E0512", "is not a feature");
    expect_bad_line(RK_STR("1 qid:1 1:2 x # b"), "E0512", "`x` is not a feature");
    expect_bad_line(RK_STR("1 qid:1 1: # b"), "E0512", "`1:` is not a feature");
    expect_bad_line(RK_STR("1 qid:1 :1 # b"), "E0512", "is not a feature");
    expect_bad_line(RK_STR("1 qid:1 1:2 2:2 1:2 # b"), "E0512",
                    "`1:2` gives this feature a second");
    expect_bad_line(RK_STR("1 qid:1 3:nan 3:2 # b"), "E0512", "a second time");
    expect_bad_line(RK_STR("1 qid:1 1:x # b"), "E0502", "column `f1`: `x` is not a number");
    expect_bad_line(RK_STR("1.5 qid:1 1:1 # b"), "E0502", "column `label`: `1.5` is not an int");
    expect_bad_line(RK_STR("1 qid:1 1:1"), "E0505", "has no docid");
    expect_bad_line(RK_STR("1 qid:1 1:1 # docid ="), "E0505", "has no docid");
    expect_bad_line(RK_STR("1 qid:1 1:1 # \xff"), "E0508", "not UTF-8");
}
END_TEST

START_TEST(unknown_columns)
{
    fixture fx;
    set_up_letor(&fx);
    static const char *const bad[] = {"bm25", "f0", "f01", "f", "f1x", "f1000001", "Label"};
    for (size_t i = 0; i < RK_ARRAY_LEN(bad); i++) {
        fx.wanted.schema.n = 0;
        add_field(&fx.wanted, bad[i], RK_TYPE_OPT(FLOAT));
        expect_load(&fx, rk_letor_read, RK_STR("1 qid:1 # a\n"), RK_EDATA, "E0501");
    }
    tear_down(&fx);
}
END_TEST

RK_SUITE_MAIN("source_letor", lines_are_rows, plain_svmlight_has_no_query, bad_lines,
              unknown_columns)
