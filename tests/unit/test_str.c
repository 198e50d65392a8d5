/* runtime/base/str.h and buf.h: order, UTF-8, distance, growing text. */
#include "runtime/base/buf.h"
#include "runtime/base/str.h"

#include "tests/unit/harness.h"

START_TEST(order_is_bytewise)
{
    ck_assert_int_lt(rk_str_cmp(RK_STR("a"), RK_STR("b")), 0);
    ck_assert_int_lt(rk_str_cmp(RK_STR("a"), RK_STR("aa")), 0);
    ck_assert_int_gt(rk_str_cmp(RK_STR("\xff"), RK_STR("a")), 0);
    ck_assert_int_lt(rk_str_cmp(RK_STR("a\0a"), RK_STR("a\0b")), 0);
    ck_assert_int_eq(rk_str_cmp(RK_STR(""), (rk_str){NULL, 0}), 0);
    ck_assert(rk_str_eq(RK_STR(""), (rk_str){NULL, 0}));
    ck_assert_uint_eq(rk_str_hash(RK_STR("")), rk_str_hash((rk_str){NULL, 0}));
}
END_TEST

/* Each with the length of its valid prefix. */
static const struct {
    const char *text;
    size_t len, valid;
} utf8[] = {
    {"plain", 5, 5},
    {"\xd0\xbe\xd1\x80\xd0\xb5\xd1\x85", 8, 8},
    {"\xe5\x9d\x9a\xe6\x9e\x9c", 6, 6},
    {"\xf0\x9f\xa5\x9c", 4, 4},
    {"nul\0inside", 10, 10},
    {"cut\xe5\x9d", 5, 3},
    {"\x80", 1, 0},             /* a tail without a head */
    {"a\xc0\xaf", 3, 1},        /* overlong */
    {"\xe0\x80\xaf", 3, 0},     /* overlong */
    {"\xf0\x80\x80\xaf", 4, 0}, /* overlong */
    {"\xed\xa0\x80", 3, 0},     /* a surrogate */
    {"\xf4\x90\x80\x80", 4, 0}, /* beyond U+10FFFF */
    {"\xf4\x8f\xbf\xbf", 4, 4}, /* U+10FFFF */
    {"\xff", 1, 0},
};

/* One byte that is no text, or one character of two bytes, anywhere among ASCII of any length. */
static void check_among_ascii(void)
{
    char text[40];
    for (size_t n = 0; n <= sizeof text; n++)
        for (size_t at = 0; at < n; at++) {
            memset(text, 'a', sizeof text);
            text[at] = (char)0xff;
            ck_assert_uint_eq(rk_str_utf8_valid((rk_str){text, n}), at);
            if (at + 1 == n)
                continue;
            memcpy(text + at, "\xc3\xa9", 2);
            ck_assert_uint_eq(rk_str_utf8_valid((rk_str){text, n}), n);
        }
}

START_TEST(utf8_is_checked)
{
    check_among_ascii();
    for (size_t i = 0; i < sizeof utf8 / sizeof utf8[0]; i++)
        ck_assert_uint_eq(rk_str_utf8_valid((rk_str){utf8[i].text, utf8[i].len}), utf8[i].valid);
}
END_TEST

START_TEST(decoding_always_moves_on)
{
    const rk_str s = RK_STR("a\xd0\xbe\xff\xe5\x9d\x9a\xe5");
    const uint32_t expected[] = {'a', 0x43e, 0xfffd, 0x575a, 0xfffd};
    size_t at = 0;
    for (size_t i = 0; i < 5; i++)
        ck_assert_uint_eq(rk_str_utf8_next(s, &at), expected[i]);
    ck_assert_uint_eq(at, s.len);
}
END_TEST

START_TEST(distance_counts_edits)
{
    ck_assert_uint_eq(rk_str_distance(RK_STR("price"), RK_STR("price"), 3), 0);
    ck_assert_uint_eq(rk_str_distance(RK_STR("pirce"), RK_STR("price"), 3), 1);
    ck_assert_uint_eq(rk_str_distance(RK_STR("kitten"), RK_STR("sitting"), 3), 3);
    ck_assert_uint_eq(rk_str_distance(RK_STR("kitten"), RK_STR("sitting"), 2), 3);
    ck_assert_uint_eq(rk_str_distance(RK_STR(""), RK_STR("ab"), 3), 2);
    const rk_str longest = RK_STR("0123456789012345678901234567890123456789012345678901234567890123"
                                  "4");
    ck_assert_uint_eq(rk_str_distance(longest, longest, 3), 4);
}
END_TEST

START_TEST(buffers_grow)
{
    rk_buf buf = {0};
    for (int i = 0; i < 20000; i++)
        rk_buf_printf(&buf, "%d,", i % 10);
    ck_assert_uint_eq(buf.len, 40000);
    ck_assert_int_eq(buf.data[39998], '9');
    ck_assert_int_eq(buf.data[40000], 0);
    ck_assert(!buf.failed);
    rk_buf_free(&buf);
    rk_buf_add(&buf, RK_STR(""));
    ck_assert_str_eq(buf.data, "");
    rk_buf_free(&buf);
}
END_TEST

START_TEST(json_strings_are_valid)
{
    rk_buf buf = {0};
    rk_buf_add_json(&buf, RK_STR("a\"\\\n\t\r\x01\x7f\0\xd0\xbe\xff."));
    ck_assert_str_eq(buf.data, "\"a\\\"\\\\\\n\\t\\r\\u0001\\u007f\\u0000\xd0\xbe\xef\xbf\xbd.\"");
    rk_buf_free(&buf);
}
END_TEST

RK_SUITE_MAIN("str", order_is_bytewise, utf8_is_checked, decoding_always_moves_on,
              distance_counts_edits, buffers_grow, json_strings_are_valid)
