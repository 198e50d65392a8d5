/* runtime/base/json.h, and jsonl files as a source. */
#include "runtime/base/json.h"
#include "tests/unit/source_calls.h"

/* All events of a text as letters: n f t # $ : [ ] { } . and ! for an error. */
static const char *events(const char *text, size_t len)
{
    static char out[4096];
    static const char letters[] = {
        [RK_JSON_ERROR] = '!',  [RK_JSON_NULL] = 'n',       [RK_JSON_FALSE] = 'f',
        [RK_JSON_TRUE] = 't',   [RK_JSON_NUMBER] = '#',     [RK_JSON_STRING] = '$',
        [RK_JSON_NAME] = ':',   [RK_JSON_LIST] = '[',       [RK_JSON_LIST_END] = ']',
        [RK_JSON_OBJECT] = '{', [RK_JSON_OBJECT_END] = '}', [RK_JSON_END] = '.'};
    rk_arena arena = {0};
    rk_json json;
    char *const exact = malloc(len + 1); /* reads beyond the end show in ASan */
    memcpy(exact, text, len);
    rk_json_init(&json, &arena, (rk_str){exact, len});
    size_t n = 0;
    rk_json_event event;
    do {
        event = rk_json_next(&json);
        out[n++] = letters[event];
    } while (event != RK_JSON_ERROR && event != RK_JSON_END && n < sizeof out - 1);
    out[n] = 0;
    ck_assert((event == RK_JSON_ERROR) == (json.error != NULL));
    ck_assert_uint_le(json.error_at, len);
    free(exact);
    rk_arena_free(&arena);
    return out;
}

#define expect_events(text, want) ck_assert_str_eq(events("" text, sizeof(text) - 1), want)

START_TEST(values_give_events)
{
    expect_events("null", "n.");
    expect_events(" [ ] ", "[].");
    expect_events("{}", "{}.");
    expect_events("[1,-2.5e+10,0,0.5,-0,1E5]", "[######].");
    expect_events("{\"a\":[true,false,null],\"b\":{\"c\":\"d\"}}", "{:[tfn]:{:$}}.");
    expect_events("\t\r\n\"\\u0041\\ud83d\\ude00\\/\"", "$.");
}
END_TEST

static const char *const broken[] = {
    "",
    " ",
    "nul",
    "nulll",
    "tru",
    "TRUE",
    "NaN",
    "Infinity",
    "-Infinity",
    "+1",
    "01",
    "-",
    "1.",
    ".5",
    "1e",
    "1e+",
    "0x1",
    "1_0",
    "[",
    "[1",
    "[1,",
    "[1,]",
    "[,]",
    "[1 2]",
    "{",
    "{\"a\"",
    "{\"a\":",
    "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}",
    "{a:1}",
    "{\"a\" 1}",
    "{1:2}",
    "{\"a\":1]",
    "[1}",
    "\"",
    "\"a",
    "\"\\",
    "\"\\x\"",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\\ud800\"",
    "\"\\ud800\\u0041\"",
    "\"\\udc00\"",
    "\"\n\"",
    "\"\x01\"",
    "\"\xff\"",
    "\"\xc3\"",
    "\"\xed\xa0\x80\"",
    "'a'",
    "1 2",
    "{} {}",
    "[] x",
    "// c",
    "\"abcdefgh\x1f\"",
    "\"abcdefghijkl\xe2\x82\"",
};

START_TEST(what_is_not_json_is_refused)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(broken); i++) {
        const char *const got = events(broken[i], strlen(broken[i]));
        ck_assert_msg(got[strlen(got) - 1] == '!', "taken: %s (%s)", broken[i], got);
    }
    expect_events("\"a\0b\"", "!");
}
END_TEST

START_TEST(depth_is_bounded)
{
    char text[300];
    memset(text, '[', 64);
    memset(text + 64, ']', 64);
    ck_assert_uint_eq(strlen(events(text, 128)), 129);
    memset(text, '[', 65);
    const char *const got = events(text, 130);
    ck_assert_uint_eq(strlen(got), 65);
    ck_assert_int_eq(got[64], '!');
}
END_TEST

START_TEST(strings_are_decoded)
{
    rk_arena arena = {0};
    rk_json json;
    rk_json_init(&json, &arena,
                 RK_STR("[\"plain\", \"q\\\"\\\\\\/\\b\\f\\n\\r\\t\", "
                        "\"\\u00e9\\u20ac\\ud83d\\ude00 \u00e9\", \"\\u0000\", \"\"]"));
    static const rk_str want[] = {{"plain", 5},
                                  {"q\"\\/\b\f\n\r\t", 9},
                                  {"\u00e9\u20ac\U0001F600 \u00e9", 12},
                                  {"\0", 1},
                                  {"", 0}};
    ck_assert_int_eq(rk_json_next(&json), RK_JSON_LIST);
    for (size_t i = 0; i < RK_ARRAY_LEN(want); i++) {
        ck_assert_int_eq(rk_json_next(&json), RK_JSON_STRING);
        ck_assert(rk_str_eq(json.token, want[i]));
    }
    ck_assert_int_eq(rk_json_next(&json), RK_JSON_LIST_END);
    ck_assert_int_eq(rk_json_next(&json), RK_JSON_END);
    rk_arena_free(&arena);
}
END_TEST

START_TEST(values_are_skipped)
{
    rk_arena arena = {0};
    rk_json json;
    rk_json_init(&json, &arena, RK_STR("[{\"a\": [1, {\"b\": []}]}, [], 7, \"x\"]"));
    ck_assert_int_eq(rk_json_next(&json), RK_JSON_LIST);
    for (int i = 0; i < 3; i++)
        ck_assert(rk_json_skip(&json, rk_json_next(&json)));
    ck_assert_int_eq(rk_json_next(&json), RK_JSON_STRING);
    rk_json_reset(&json, RK_STR("[[1,}]"));
    ck_assert_int_eq(rk_json_next(&json), RK_JSON_LIST);
    ck_assert(!rk_json_skip(&json, rk_json_next(&json)));
    ck_assert_uint_eq(json.error_at, 4);
    rk_arena_free(&arena);
}
END_TEST

/* ---- jsonl ---- */

static void set_up_jsonl(fixture *fx)
{
    set_up(fx, RK_TYPE(INT));
    fx->spec.path = RK_STR("t.jsonl");
    add_field(&fx->wanted, "a", RK_TYPE_OPT(INT));
    add_field(&fx->wanted, "s", RK_TYPE_OPT(STRING));
}

START_TEST(members_are_columns)
{
    fixture fx;
    set_up_jsonl(&fx);
    add_field(&fx.wanted, "l", RK_TYPE_LIST(FLOAT));
    add_field(&fx.wanted, "v", (rk_type){.kind = RK_KIND_VECTOR, .dim = 2});
    add_field(&fx.wanted, "d", RK_TYPE(DOUBLE));
    add_field(&fx.wanted, "b", RK_TYPE(BOOL));
    expect_load(
        &fx, rk_jsonl_read,
        RK_STR("\xef\xbb\xbf{\"id\":1,\"a\":2,\"s\":\"x\",\"l\":[1,2.5],\"v\":[1,2],\"d\":1e2,"
               "\"b\":true}\n"
               "\n \r\n"
               "{\"b\":0,\"z\":{\"id\":[9]},\"d\":\"-inf\",\"s\":\"\",\"id\":-3,\"a\":null}\r\n"
               "{\"id\":9007199254740993,\"a\":9223372036854775807,\"d\":\"nan\"}"),
        RK_OK, "");
    ck_assert_uint_eq(fx.r.n_rows, 3);
    expect_column(&fx, 0, "2 null 9223372036854775807");
    expect_column(&fx, 1, "\"x\" \"\" null");
    expect_column(&fx, 2, "[1,2.5] null null");
    expect_column(&fx, 3, "[1,2] null null");
    expect_column(&fx, 4, "100 \"-inf\" null");
    expect_column(&fx, 5, "true false null");
    ck_assert_int_eq(((int64_t *)fx.r.keys[0].data)[2], 9007199254740993);
    ck_assert_uint_eq(rk_relation_line(&fx.r, 0), 1);
    ck_assert_uint_eq(rk_relation_line(&fx.r, 1), 4);
    tear_down(&fx);
}
END_TEST

START_TEST(a_member_may_fill_two_columns)
{
    fixture fx;
    set_up(&fx, RK_TYPE(INT));
    add_field(&fx.wanted, "x", RK_TYPE(FLOAT))->column = RK_STR("id");
    add_field(&fx.wanted, "l", RK_TYPE_LIST(INT));
    add_field(&fx.wanted, "m", RK_TYPE_LIST(FLOAT))->column = RK_STR("l");
    expect_load(&fx, rk_jsonl_read,
                RK_STR("{\"l\":[1,2],\"id\":4}\n{\"id\":5,\"l\":[]}\n{\"id\":6}\n"), RK_OK, "");
    expect_column(&fx, 0, "4 5 6");
    expect_column(&fx, 1, "[1,2] [] null");
    expect_column(&fx, 2, "[1,2] [] null");
    tear_down(&fx);
}
END_TEST

/* A good line, a bad one, a good one. */
static void expect_bad_line(rk_str line, const char *code, const char *words)
{
    fixture fx;
    set_up_jsonl(&fx);
    rk_buf text = {0};
    rk_buf_add(&text, RK_STR("{\"id\":1,\"a\":1,\"s\":\"x\"}\n"));
    rk_buf_add(&text, line);
    rk_buf_add(&text, RK_STR("\n{\"id\":3,\"a\":3,\"s\":\"z\"}"));
    ck_assert_int_eq(load_text(&fx, rk_jsonl_read, rk_buf_str(&text)), RK_EDATA);
    expect_words(&fx, words);
    expect_words(&fx, "t.jsonl:2: ");
    ck_assert_str_eq(take_codes(&fx), code);
    fx.spec.max_bad_rows = 1;
    ck_assert_int_eq(load_text(&fx, rk_jsonl_read, rk_buf_str(&text)), RK_OK);
    expect_column(&fx, 0, "1 3");
    rk_buf_free(&text);
    tear_down(&fx);
}

START_TEST(bad_lines)
{
    expect_bad_line(RK_STR("{\"id\":2"), "E0510", "an object is one line");
    expect_bad_line(RK_STR("[1,2]"), "E0510", "the line is a list, not an object");
    expect_bad_line(RK_STR("id,a"), "E0510", "this is not JSON");
    expect_bad_line(RK_STR("{\"id\":2} x"), "E0510", "something follows");
    expect_bad_line(RK_STR("{\"id\":2,\"a\":NaN}"), "E0510", "NaN");
    expect_bad_line(RK_STR("{\"id\":2,\"s\":\"\xff\"}"), "E0510", "not UTF-8");
    expect_bad_line(RK_STR("{\"id\":2,\"z\":\"a\0\"}"), "E0510", "control character");
    expect_bad_line(RK_STR("{\"id\":2,\"a\":1.0}"), "E0502", "member `a`: `1.0` is not an int");
    expect_bad_line(RK_STR("{\"id\":2,\"a\":99999999999999999999}"), "E0502", "64 bits");
    expect_bad_line(RK_STR("{\"id\":2,\"a\":\"5\"}"), "E0502", "numbers stand without quotes");
    expect_bad_line(RK_STR("{\"id\":2,\"s\":5}"), "E0502", "is a number, not of type string");
    expect_bad_line(RK_STR("{\"id\":2,\"a\":[5]}"), "E0502", "is a list, not of type int");
    expect_bad_line(RK_STR("{\"id\":2,\"a\":1,\"a\":2}"), "E0511", "`a` is given twice");
    expect_bad_line(RK_STR("{\"id\":2,\"a\":null,\"b\":1,\"a\":null}"), "E0511", "twice");
    expect_bad_line(RK_STR("{\"idd\":2,\"a\":1}"), "E0505", "did you mean `idd`?");
    expect_bad_line(RK_STR("{\"id\":null}"), "E0505", "null or empty");
}
END_TEST

START_TEST(members_that_never_come)
{
    fixture fx;
    set_up_jsonl(&fx);
    expect_load(&fx, rk_jsonl_read, RK_STR("{\"id\":1,\"ss\":2}\n"), RK_OK, "W0501 W0501");
    add_field(&fx.wanted, "price", RK_TYPE(FLOAT));
    ck_assert_int_eq(
        load_text(&fx, rk_jsonl_read, RK_STR("{\"id\":1,\"s\":\"\",\"pirce\":2,\"a\":1}\n")),
        RK_EDATA);
    expect_words(&fx, "did you mean `pirce`?");
    ck_assert_str_eq(take_codes(&fx), "E0501");
    expect_load(&fx, rk_jsonl_read, RK_STR("\n\n"), RK_OK, "");
    ck_assert_uint_eq(fx.r.n_rows, 0);
    tear_down(&fx);
}
END_TEST

START_TEST(string_keys)
{
    fixture fx;
    set_up_jsonl(&fx);
    fx.key_types[0] = RK_TYPE(STRING);
    expect_load(&fx, rk_jsonl_read, RK_STR("{\"id\":\"\",\"a\":1,\"s\":\"\"}\n"), RK_EDATA,
                "E0505");
    expect_load(&fx, rk_jsonl_read, RK_STR("{\"id\":\"x\",\"a\":1,\"s\":\"\"}\n{\"id\":\"x\"}\n"),
                RK_EDATA, "E0506");
    tear_down(&fx);
}
END_TEST

RK_SUITE_MAIN("source_json", values_give_events, what_is_not_json_is_refused, depth_is_bounded,
              strings_are_decoded, values_are_skipped, members_are_columns,
              a_member_may_fill_two_columns, bad_lines, members_that_never_come, string_keys)
