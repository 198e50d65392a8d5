/* runtime/base/decimal.c against the C library, bit for bit. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "runtime/base/str.h"
#include "tests/unit/harness.h"

static uint64_t state = 88172645463325252u;

static uint64_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void check_text(const char *text)
{
    const rk_str s = rk_str_from(text);
    double wide;
    float narrow;
    ck_assert_msg(rk_str_to_double(s, &wide) && rk_str_to_float(s, &narrow), "refused: %s", text);
    const double want_wide = strtod(text, NULL);
    const float want_narrow = strtof(text, NULL);
    ck_assert_msg(memcmp(&wide, &want_wide, sizeof wide) == 0, "%s is %.17g, not %.17g", text, wide,
                  want_wide);
    ck_assert_msg(memcmp(&narrow, &want_narrow, sizeof narrow) == 0, "%s is %.9g, not %.9g", text,
                  (double)narrow, (double)want_narrow);
}

static double random_double(void)
{
    const uint64_t bits = next_random();
    double value;
    memcpy(&value, &bits, sizeof value);
    return isfinite(value) ? value : 0.1;
}

START_TEST(known_hard_numbers)
{
    static const char *const texts[] = {
        "0",
        "-0",
        "0.0",
        ".5",
        "5.",
        "1e23",
        "8.5e22",
        "9007199254740993",
        "9007199254740992.99999999999999999999",
        "2.2250738585072011e-308",
        "4.9406564584124654e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "1e309",
        "3.4028235677973366e38",
        "3.4028235677973365e38",
        "1.401298464324817e-45",
        "7.006492321624085e-46",
        "7.006492321624086e-46",
        "1e-400",
        "1e400",
        "0e99999999999",
        "1e-99999999999",
        "16777217",
        "16777219",
        "1.00000017881393421514957253748434595763683319091796875001",
        "00000000000000000000000000000001",
        "1.17549435e-38",
        "1.1754943e-38",
        "0.000000000000000000000000000000000000000000000000000000000000000000000000000000001e81",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        check_text(texts[i]);
}
END_TEST

START_TEST(what_was_printed_reads_back)
{
    char text[64];
    for (int i = 0; i < 50000; i++) {
        snprintf(text, sizeof text, "%.*g", (int)(next_random() % 25) + 1, random_double());
        check_text(text);
        snprintf(text, sizeof text, "-%.*f", (int)(next_random() % 10),
                 (double)(next_random() % 100000000) / 1000.0);
        check_text(text);
        snprintf(text, sizeof text, "%" PRIu64 ".%" PRIu64 "e%d",
                 next_random() >> next_random() % 64, next_random() >> next_random() % 64,
                 (int)(next_random() % 140) - 70);
        check_text(text);
    }
}
END_TEST

/* Half way between two floats or doubles, whole or cut short: the last digit decides. */
START_TEST(halfway_points)
{
    char text[1024];
    for (int i = 0; i < 3000; i++) {
        const uint32_t bits = (uint32_t)next_random() & 0x7fffffff;
        float narrow;
        memcpy(&narrow, &bits, sizeof narrow);
        if (isfinite(narrow)) {
            const double middle = ((double)narrow + (double)nextafterf(narrow, INFINITY)) / 2;
            snprintf(text, sizeof text, "%.*g", (int)(next_random() % 60) + 9, middle);
            check_text(text);
        }
        double wide = fabs(random_double());
        if (i % 2 == 0)
            wide *= 0x1p-1000;
        if (wide < 1e300) {
            const long double middle =
                ((long double)wide + (long double)nextafter(wide, 1e301)) / 2;
            snprintf(text, sizeof text, "%.*Lg", (int)(next_random() % 800) + 17, middle);
            check_text(text);
        }
    }
}
END_TEST

START_TEST(long_texts)
{
    char text[1200];
    for (int i = 0; i < 2000; i++) {
        size_t n = 0;
        for (uint64_t zeros = next_random() % 30; zeros; zeros--)
            text[n++] = '0';
        const size_t point = n + next_random() % 400;
        for (uint64_t digits = next_random() % 900 + 1; digits; digits--) {
            if (n == point)
                text[n++] = '.';
            text[n++] = (char)('0' + next_random() % 10);
        }
        snprintf(text + n, sizeof text - n, "e%d", (int)(next_random() % 1200) - 800);
        check_text(text);
    }
}
END_TEST

START_TEST(what_is_not_a_number_is_refused)
{
    static const char *const texts[] = {"",     "-",    ".",   "e5",  "1e",   "1e+", "+-1",
                                        "1..2", "0x1",  "1_0", " 1",  "1 ",   "in",  "infi",
                                        "nann", "1e5x", "--1", "1.e", "1e5.", "-e1", "1,5"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        double wide;
        float narrow;
        ck_assert_msg(!rk_str_to_double(rk_str_from(texts[i]), &wide), "%s", texts[i]);
        ck_assert_msg(!rk_str_to_float(rk_str_from(texts[i]), &narrow), "%s", texts[i]);
    }
}
END_TEST

RK_SUITE_MAIN("decimal", known_hard_numbers, what_was_printed_reads_back, halfway_points,
              long_texts, what_is_not_a_number_is_refused)
