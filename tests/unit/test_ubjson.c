/* runtime/model/ubjson: each type of value gives its event, and no length is believed. */
#include "runtime/model/ubjson.h"

#include "tests/unit/harness.h"

#define BYTES(literal) ((rk_str){literal, sizeof(literal) - 1})

/* The events of a text as words; an error as `! words @ byte`. Numbers and texts stand in it. */
static const char *events_of(rk_str text)
{
    static char out[1000];
    static const char *const words[] = {
        [RK_JSON_NULL] = "null",   [RK_JSON_FALSE] = "false", [RK_JSON_TRUE] = "true",
        [RK_JSON_LIST] = "[",      [RK_JSON_LIST_END] = "]",  [RK_JSON_OBJECT] = "{",
        [RK_JSON_OBJECT_END] = "}"};
    char *const exact = malloc(text.len + 1); /* its end is seen by sanitizers */
    memcpy(exact, text.data, text.len);
    rk_ubjson r;
    rk_ubjson_init(&r, (rk_str){exact, text.len});
    size_t at = 0;
    for (rk_json_event event; (event = rk_ubjson_next(&r)) != RK_JSON_END;) {
        const size_t left = sizeof out - at;
        if (event == RK_JSON_ERROR) {
            at += (size_t)snprintf(out + at, left, "! %s @ %zu ", r.error, r.error_at);
            ck_assert_int_eq(rk_ubjson_next(&r), RK_JSON_ERROR);
            break;
        }
        if (event == RK_JSON_NUMBER && r.whole)
            at += (size_t)snprintf(out + at, left, "%lld ", (long long)r.integer);
        else if (event == RK_JSON_NUMBER)
            at += (size_t)snprintf(out + at, left, "%.17g ", r.real);
        else if (event == RK_JSON_STRING || event == RK_JSON_NAME)
            at += (size_t)snprintf(out + at, left, "%s%.*s ", event == RK_JSON_NAME ? "." : "'",
                                   RK_STR_ARG(r.token));
        else
            at += (size_t)snprintf(out + at, left, "%s ", words[event]);
    }
    free(exact);
    out[at ? at - 1 : 0] = 0;
    return out;
}

static const struct {
    rk_str text;
    const char *events;
} rows[] = {
    /* clang-format off */
    {BYTES("Z"), "null"},
    {BYTES("T"), "true"},
    {BYTES("NNF"), "false"},
    {BYTES("i\x85"), "-123"},
    {BYTES("U\x85"), "133"},
    {BYTES("CA"), "65"},
    {BYTES("I\x80\x01"), "-32767"},
    {BYTES("l\x7f\xff\xff\xff"), "2147483647"},
    {BYTES("L\x80\0\0\0\0\0\0\0"), "-9223372036854775808"},
    {BYTES("d\x3f\xc0\0\0"), "1.5"},
    {BYTES("d\x7f\x80\0\0"), "inf"},
    {BYTES("D\x3f\xb9\x99\x99\x99\x99\x99\x9a"), "0.10000000000000001"},
    {BYTES("SU\x03gr\xc3"), "! a text is not UTF-8 @ 0"},
    {BYTES("Si\x03" "abc"), "'abc"},
    {BYTES("SI\0\x01" "a"), "'a"},
    {BYTES("Sl\0\0\0\x01" "a"), "'a"},
    {BYTES("SL\0\0\0\0\0\0\0\0"), "'"},
    {BYTES("[]"), "[ ]"},
    {BYTES("[Ni\1NTN]"), "[ 1 true ]"},
    {BYTES("[#i\2ZNT"), "[ null true ]"},
    {BYTES("[$i#i\3\1\2\xff"), "[ 1 2 -1 ]"},
    {BYTES("[$d#U\1\x3f\x80\0\0"), "[ 1 ]"},
    {BYTES("[$S#i\2i\1ai\0"), "[ 'a ' ]"},
    {BYTES("[$[#i\2]$U#i\1N"), "[ [ ] [ 78 ] ]"},
    {BYTES("{}"), "{ }"},
    {BYTES("{i\1aTi\1b[F]}"), "{ .a true .b [ false ] }"},
    {BYTES("{#i\1i\1aSi\1b"), "{ .a 'b }"},
    {BYTES("{$U#i\2i\1a\7i\1b\xff"), "{ .a 7 .b 255 }"},
    {BYTES("[{i\1a{}}[]]"), "[ { .a { } } [ ] ]"},
    /* what is refused */
    {BYTES(""), "! the file ends where a value should stand @ 0"},
    {BYTES("x"), "! this is not UBJSON: a value should stand here @ 0"},
    {BYTES("H"), "! this is not UBJSON: a value should stand here @ 0"},
    {BYTES("TT"), "true ! something follows the end of the value @ 1"},
    {BYTES("l\1\2\3"), "! the file ends inside a number @ 0"},
    {BYTES("[i\1"), "[ 1 ! the file ends where a value should stand @ 3"},
    {BYTES("{i\1a"), "{ .a ! the file ends where a value should stand @ 4"},
    {BYTES("{Ta"), "{ ! a length should stand here @ 1"},
    {BYTES("Si\xff"), "! a length is more than what is left of the file @ 0"},
    {BYTES("Sd\0\0\0\0"), "! a length should stand here @ 0"},
    {BYTES("SL\0\0\0\0\0\0"), "! the file ends inside a length @ 0"},
    {BYTES("SL\x7f\xff\xff\xff\xff\xff\xff\xff" "abc"), "! a length is more than what is left of the file @ 0"},
    {BYTES("[#L\0\0\xff\0\0\0\0\0"), "! a length is more than what is left of the file @ 0"},
    {BYTES("[$l#i\3\0\0\0\1\0\0\0\2"), "! a list claims more values than are left of the file @ 0"},
    {BYTES("[$Z#i\0"), "! values of this type cannot fill a list @ 0"},
    {BYTES("[$T#l\x7f\xff\xff\xff"), "! values of this type cannot fill a list @ 0"},
    {BYTES("[$"), "! values of this type cannot fill a list @ 0"},
    {BYTES("[$i\1"), "! a count should follow the type of a list @ 0"},
    {BYTES("[#"), "! a length should stand here @ 0"},
    /* clang-format on */
};

START_TEST(gives_events) { ck_assert_str_eq(events_of(rows[_i].text), rows[_i].events); }
END_TEST

START_TEST(bounds_nesting)
{
    char text[200];
    memset(text, '[', sizeof text);
    rk_ubjson r;
    rk_ubjson_init(&r, (rk_str){text, sizeof text});
    for (int i = 0; i < RK_JSON_DEPTH; i++)
        ck_assert_int_eq(rk_ubjson_next(&r), RK_JSON_LIST);
    ck_assert_int_eq(rk_ubjson_next(&r), RK_JSON_ERROR);
    ck_assert_str_eq(r.error, "lists and objects are nested more than 64 deep");
}
END_TEST

/* What follows a value that was skipped, from its beginning or its middle. */
START_TEST(skips_values)
{
    const rk_str text = BYTES("[[$l#i\2\0\0\0\1\0\0\0\2{i\1a[$d#i\1\0\0\0\0i\1b[ZSi\1x]}i\5]");
    for (int inside = 0; inside < 3; inside++) {
        rk_ubjson r;
        rk_ubjson_init(&r, text);
        ck_assert_int_eq(rk_ubjson_next(&r), RK_JSON_LIST);
        const rk_json_event first = rk_ubjson_next(&r);
        ck_assert_int_eq(first, RK_JSON_LIST);
        for (int i = 0; i < inside; i++)
            ck_assert_int_eq(rk_ubjson_next(&r), RK_JSON_NUMBER);
        ck_assert(rk_ubjson_skip(&r, first));
        ck_assert(rk_ubjson_skip(&r, rk_ubjson_next(&r)));
        ck_assert(rk_ubjson_skip(&r, rk_ubjson_next(&r)));
        ck_assert_int_eq(r.integer, 5);
        ck_assert_int_eq(rk_ubjson_next(&r), RK_JSON_LIST_END);
        ck_assert_int_eq(rk_ubjson_next(&r), RK_JSON_END);
        ck_assert(!rk_ubjson_skip(&r, RK_JSON_ERROR));
    }
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("ubjson");
    TCase *const tcase = tcase_create("ubjson");
    tcase_add_loop_test(tcase, gives_events, 0, (int)(sizeof rows / sizeof rows[0]));
    tcase_add_test(tcase, bounds_nesting);
    tcase_add_test(tcase, skips_values);
    suite_add_tcase(suite, tcase);
    return rk_suite_run(suite);
}
