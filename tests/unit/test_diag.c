/* runtime/base/diag.h: order, look, limits and status of diagnostics; suggestions. */
#include "runtime/base/context.h"

#include "tests/unit/harness.h"

static rk_context cx;
static rk_buf out;

static void setup(const char *text)
{
    out = (rk_buf){0};
    ck_assert_int_eq(rk_context_init(&cx), RK_OK);
    const rk_text one = {.name = RK_STR("shop.rank"), .text = rk_str_from(text)};
    ck_assert(rk_vec_push(&cx.arena, &cx.texts.items, one));
}

static void expect_print(rk_diag_format format, const char *expected)
{
    rk_diags_sort(&cx.diags);
    rk_diags_print(&cx.diags, &cx.texts, format, &out);
    ck_assert_str_eq(out.data, expected);
    rk_buf_free(&out);
    rk_context_free(&cx);
}

START_TEST(an_error_shows_its_place)
{
    setup("factor a = 1\nfactor b = s3 + 1\n");
    rk_diag *const diag =
        rk_error(&cx.diags, RK_E0101, (rk_span){0, 24, 2}, "unexpected `%s`", "s3");
    rk_diag_label(&cx.diags, diag, "not %s", "here");
    rk_diag_note(&cx.diags, diag, (rk_span){0, 0, 6}, "`a` is defined");
    rk_diag_help(&cx.diags, diag, "write a number");
    expect_print(RK_DIAG_TEXT, "error[E0101]: unexpected `s3`\n"
                               " --> shop.rank:2:12\n"
                               "  |\n"
                               "2 | factor b = s3 + 1\n"
                               "  |            ^^ not here\n"
                               "  = note: `a` is defined at shop.rank:1:1\n"
                               "  = help: write a number\n"
                               "\n");
}
END_TEST

START_TEST(wide_characters_keep_the_caret_right)
{
    setup("x = \"\xe5\x9d\x9a\" + y");
    rk_error(&cx.diags, RK_E0102, (rk_span){0, 12, 1}, "m");
    expect_print(RK_DIAG_TEXT, "error[E0102]: m\n"
                               " --> shop.rank:1:11\n"
                               "  |\n"
                               "1 | x = \"\xe5\x9d\x9a\" + y\n"
                               "  |            ^\n"
                               "\n");
}
END_TEST

START_TEST(json_lines_hold_the_same)
{
    setup("a\nbb");
    rk_diag *const diag = rk_warning(&cx.diags, RK_E0101, (rk_span){0, 2, 2}, "say \"b\"");
    rk_diag_help(&cx.diags, diag, "h");
    expect_print(RK_DIAG_JSONL,
                 "{\"code\":\"E0101\",\"severity\":\"warning\",\"message\":\"say \\\"b\\\"\","
                 "\"file\":\"shop.rank\",\"line\":2,\"column\":1,\"length\":2,"
                 "\"notes\":[{\"kind\":\"help\",\"text\":\"h\"}]}\n");
}
END_TEST

START_TEST(a_long_line_is_cut_around_the_place)
{
    char text[5001];
    memset(text, 'x', 5000);
    text[5000] = 0;
    setup(text);
    rk_error(&cx.diags, RK_E0101, (rk_span){0, 4000, 1000}, "m");
    rk_diags_print(&cx.diags, &cx.texts, RK_DIAG_TEXT, &out);
    ck_assert_uint_lt(out.len, 500);
    rk_buf_free(&out);
    rk_context_free(&cx);
}
END_TEST

START_TEST(errors_come_in_the_order_of_their_places)
{
    setup("abc");
    rk_error(&cx.diags, RK_E0101, RK_NO_SPAN, "last");
    rk_error(&cx.diags, RK_E0101, (rk_span){0, 2, 1}, "second");
    rk_error(&cx.diags, RK_E0101, (rk_span){0, 0, 1}, "first");
    rk_error(&cx.diags, RK_E0101, (rk_span){0, 2, 1}, "third");
    rk_diags_sort(&cx.diags);
    static const char *const order[] = {"first", "second", "third", "last"};
    for (uint32_t i = 0; i < 4; i++)
        ck_assert(rk_str_eq(cx.diags.items.items[i]->message, rk_str_from(order[i])));
    rk_context_free(&cx);
}
END_TEST

START_TEST(a_flood_is_counted_not_kept)
{
    setup("");
    for (int i = 0; i < RK_DIAG_LIMIT + 50; i++) {
        rk_diag *const diag = rk_error(&cx.diags, RK_E0101, RK_NO_SPAN, "%d", i);
        rk_diag_label(&cx.diags, diag, "label");
        rk_diag_help(&cx.diags, diag, "help");
    }
    ck_assert_uint_eq(cx.diags.items.len, RK_DIAG_LIMIT);
    ck_assert_uint_eq(cx.diags.dropped, 50);
    ck_assert_uint_eq(cx.diags.errors, RK_DIAG_LIMIT + 50);
    rk_context_free(&cx);
}
END_TEST

START_TEST(warnings_are_not_errors)
{
    setup("");
    ck_assert_int_eq(rk_diags_status(&cx.diags), RK_OK);
    rk_warning(&cx.diags, RK_E0101, RK_NO_SPAN, "w");
    ck_assert_int_eq(rk_diags_status(&cx.diags), RK_OK);
    rk_error(&cx.diags, RK_E0101, RK_NO_SPAN, "e");
    ck_assert_int_eq(rk_diags_status(&cx.diags), RK_EPROGRAM);
    rk_context_free(&cx);
}
END_TEST

START_TEST(every_code_has_its_words)
{
    for (rk_diag_code code = RK_CODE_NONE + 1; code < RK_CODE_COUNT; code++) {
        const rk_str name = rk_str_from(rk_diag_code_name(code));
        ck_assert_int_eq(rk_diag_code_find(name), code); /* no name twice */
        ck_assert_uint_eq(name.len, 5);
        ck_assert_uint_gt(strlen(rk_diag_code_title(code)), 3);
        ck_assert_msg(strlen(rk_diag_code_explanation(code)) > 40, "%s", name.data);
    }
    ck_assert_int_eq(rk_diag_code_find(RK_STR("E9999")), RK_CODE_NONE);
}
END_TEST

static rk_str suggest(const char *name, const char *a, const char *b)
{
    rk_suggestion suggestion = rk_suggest(rk_str_from(name));
    rk_suggest_offer(&suggestion, rk_str_from(a));
    rk_suggest_offer(&suggestion, rk_str_from(b));
    return suggestion.best;
}

START_TEST(suggestions_are_near)
{
    ck_assert(rk_str_eq(suggest("raiting", "ratio", "rating"), RK_STR("rating")));
    ck_assert_uint_eq(suggest("abc", "xyz", "abcdef").len, 0);
    ck_assert(rk_str_eq(suggest("pric", "price", "brand"), RK_STR("price")));
}
END_TEST

RK_SUITE_MAIN("diag", an_error_shows_its_place, wide_characters_keep_the_caret_right,
              json_lines_hold_the_same, a_long_line_is_cut_around_the_place,
              errors_come_in_the_order_of_their_places, a_flood_is_counted_not_kept,
              warnings_are_not_errors, every_code_has_its_words, suggestions_are_near)
