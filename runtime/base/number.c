/* Ints from text, and numbers to text, without the locale. decimal.c reads floats and doubles. */
#include <float.h>
#include <math.h>
#include <stdio.h>

#include "runtime/base/str.h"

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool rk_str_to_int(rk_str s, int64_t *out)
{
    const bool negative = s.len && s.data[0] == '-';
    size_t at = s.len && (negative || s.data[0] == '+');
    if (at == s.len)
        return false;
    uint64_t value = 0;
    for (; at < s.len; at++) {
        if (!is_digit(s.data[at]) || __builtin_mul_overflow(value, (uint64_t)10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(s.data[at] - '0'), &value))
            return false;
    }
    if (value > (uint64_t)INT64_MAX + negative)
        return false;
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

/* The locale's decimal point, as printf writes it. */
static char locale_point(void)
{
    char text[8];
    snprintf(text, sizeof text, "%.1f", 0.5);
    return text[1];
}

static size_t print_special(double value, char *out)
{
    const char *const text = isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
    strcpy(out, text);
    return strlen(text);
}

static bool reads_back(rk_str s, double value, bool single)
{
    float narrow;
    double wide;
    if (single)
        return rk_str_to_float(s, &narrow) && narrow == (float)value;
    return rk_str_to_double(s, &wide) && wide == value;
}

/* The fewest digits of %.*g that read back to the same value. A normal number that so few digits
 * give as DBL_DIG (FLT_DIG) promises is printed by that many with zeros behind, which %g leaves
 * out. */
static size_t print_shortest(double value, bool single, char *out)
{
    const bool normal = single ? fabs(value) >= (double)FLT_MIN : fabs(value) >= DBL_MIN;
    for (int digits = !normal ? 1 : single ? FLT_DIG : DBL_DIG; digits <= 17; digits++) {
        const int len = snprintf(out, 32, "%.*g", digits, value);
        char *const point = memchr(out, locale_point(), (size_t)len);
        if (point)
            *point = '.';
        if (reads_back((rk_str){out, (size_t)len}, value, single))
            return (size_t)len;
    }
    return 0; /* 17 digits always read back */
}

/* Whole numbers below 10^15 print as such: 1000000, not 1e+06. */
static bool print_whole(double value, char *out, size_t *len)
{
    if (!(fabs(value) < 1e15) || value != floor(value) || (value == 0 && signbit(value)))
        return false;
    *len = (size_t)snprintf(out, 32, "%lld", (long long)value);
    return true;
}

size_t rk_double_print(double value, char *out)
{
    size_t len;
    if (!isfinite(value))
        return print_special(value, out);
    return print_whole(value, out, &len) ? len : print_shortest(value, false, out);
}

size_t rk_float_print(float value, char *out)
{
    size_t len;
    if (!isfinite(value))
        return print_special(value, out);
    if (fabsf(value) < 16777216.0f && print_whole(value, out, &len))
        return len;
    return print_shortest(value, true, out);
}
