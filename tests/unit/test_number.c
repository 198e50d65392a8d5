/* Numbers of runtime/base/str.h: exact both ways, whatever the locale. */
#include "runtime/base/str.h"

#include <locale.h>
#include <math.h>

#include "tests/unit/harness.h"

static rk_str str(const char *text) { return rk_str_from(text); }

static const struct {
    const char *text;
    double value;
} decimals[] = {
    {"0", 0},
    {"-0", -0.0},
    {"1", 1},
    {"+1.5", 1.5},
    {"-.5", -0.5},
    {"5.", 5},
    {"0.1", 0.1},
    {"1e3", 1000},
    {"1E-3", 0.001},
    {"123456789012345", 123456789012345.0},
    {"1234567890123456789", 1234567890123456789.0},
    {"0.000000000000001", 1e-15},
    {"1e400", INFINITY},
    {"1e-400", 0},
    {"4.9406564584124654e-324", 4.9406564584124654e-324},
    {"2.2250738585072011e-308", 2.2250738585072011e-308}, /* once hung a popular library */
    {"9007199254740993", 9007199254740992.0},
    {"inf", INFINITY},
    {"-Infinity", -INFINITY},
};

static void check_decimals(void)
{
    for (size_t i = 0; i < sizeof decimals / sizeof decimals[0]; i++) {
        double value = 7;
        ck_assert_msg(rk_str_to_double(str(decimals[i].text), &value), "%s", decimals[i].text);
        ck_assert_msg(memcmp(&value, &decimals[i].value, sizeof value) == 0, "%s gives %.17g",
                      decimals[i].text, value);
    }
}

START_TEST(decimals_are_read_exactly)
{
    check_decimals();
    double value;
    ck_assert(rk_str_to_double(RK_STR("NaN"), &value) && isnan(value));
}
END_TEST

START_TEST(a_comma_locale_changes_nothing)
{
    if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "ru_RU.UTF-8"))
        return;
    check_decimals();
    char text[32];
    const size_t len = rk_double_print(0.1, text);
    ck_assert_uint_eq(len, 3);
    ck_assert(memcmp(text, "0.1", 3) == 0);
    setlocale(LC_ALL, "C");
}
END_TEST

START_TEST(what_is_no_number_is_refused)
{
    static const char *const bad[] = {"",      " 1", "1 ",  "1,5",  "0x10", "1e",   "e1",
                                      ".",     "+",  "--1", "1..2", "1e+-", "nanx", "infin",
                                      "1_000", "1f", "+-1", "1e5.", "-"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        double wide;
        float narrow;
        ck_assert_msg(!rk_str_to_double(str(bad[i]), &wide), "`%s`", bad[i]);
        ck_assert_msg(!rk_str_to_float(str(bad[i]), &narrow), "`%s`", bad[i]);
    }
    double value;
    ck_assert(!rk_str_to_double(RK_STR("1\0002"), &value));
}
END_TEST

START_TEST(long_numbers_need_no_fixed_room)
{
    char text[2000];
    memset(text, '1', sizeof text);
    text[1] = '.';
    double value;
    ck_assert(rk_str_to_double((rk_str){text, sizeof text}, &value));
    ck_assert(value == 1.1111111111111112);
    float narrow;
    ck_assert(rk_str_to_float((rk_str){text, sizeof text}, &narrow));
    ck_assert(narrow == 1.1111112f);
}
END_TEST

/* 1 + 2^-24 + 2^-60: through double it would round to even and lose the tail. */
START_TEST(floats_are_rounded_once)
{
    float value;
    ck_assert(rk_str_to_float(RK_STR("1.00000005960464477626"), &value));
    ck_assert(value == 1.00000011920928955078125f);
}
END_TEST

START_TEST(ints_know_their_limits)
{
    int64_t value;
    ck_assert(rk_str_to_int(RK_STR("9223372036854775807"), &value) && value == INT64_MAX);
    ck_assert(rk_str_to_int(RK_STR("-9223372036854775808"), &value) && value == INT64_MIN);
    ck_assert(rk_str_to_int(RK_STR("+007"), &value) && value == 7);
    static const char *const bad[] = {"",   "-",   "9223372036854775808",  "-9223372036854775809",
                                      "1.", "1e3", "99999999999999999999", " 1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!rk_str_to_int(str(bad[i]), &value), "`%s`", bad[i]);
}
END_TEST

static const struct {
    double value;
    const char *text;
} prints[] = {
    {0, "0"},
    {-0.0, "-0"},
    {1, "1"},
    {-17, "-17"},
    {0.1, "0.1"},
    {1e6, "1000000"},
    {1e22, "1e+22"},
    {INFINITY, "inf"},
    {1.0 / 3, "0.3333333333333333"},
    {-INFINITY, "-inf"},
    {NAN, "nan"},
    {5e-324, "5e-324"},
    {123456.789, "123456.789"},
};

START_TEST(doubles_print_shortest)
{
    for (size_t i = 0; i < sizeof prints / sizeof prints[0]; i++) {
        char text[32];
        const size_t len = rk_double_print(prints[i].value, text);
        ck_assert_msg(len == strlen(prints[i].text) && memcmp(text, prints[i].text, len) == 0,
                      "%.*s, not %s", (int)len, text, prints[i].text);
    }
}
END_TEST

static uint64_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state ^ *state >> 33;
}

/* An assertion a number would cost more than the conversions. */
START_TEST(every_number_reads_back)
{
    uint64_t state = 1;
    int wrong = 0;
    for (int i = 0; i < 50000; i++) {
        const uint64_t bits = next(&state);
        const uint32_t low = (uint32_t)bits;
        double wide, wide_again = 0;
        float narrow, narrow_again = 0;
        memcpy(&wide, &bits, sizeof wide);
        memcpy(&narrow, &low, sizeof narrow);
        char text[32];
        wrong += !isnan(wide) &&
                 !(rk_str_to_double((rk_str){text, rk_double_print(wide, text)}, &wide_again) &&
                   wide == wide_again);
        wrong += !isnan(narrow) &&
                 !(rk_str_to_float((rk_str){text, rk_float_print(narrow, text)}, &narrow_again) &&
                   narrow == narrow_again);
    }
    ck_assert_int_eq(wrong, 0);
}
END_TEST

RK_SUITE_MAIN("number", decimals_are_read_exactly, a_comma_locale_changes_nothing,
              what_is_no_number_is_refused, long_numbers_need_no_fixed_room,
              floats_are_rounded_once, ints_know_their_limits, doubles_print_shortest,
              every_number_reads_back)
