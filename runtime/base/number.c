/* Numbers to text and back, without the locale: the C library's correctly rounded conversions are
 * used, on digits that were checked first, with the decimal point put right by hand. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/str.h"

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static size_t skip_digits(rk_str s, size_t at)
{
    while (at < s.len && is_digit(s.data[at]))
        at++;
    return at;
}

/* Whether the whole of s is [sign] digits [. digits] [e [sign] digits], a digit before the e. */
static bool is_decimal(rk_str s)
{
    size_t at = s.len && (s.data[0] == '-' || s.data[0] == '+');
    const size_t whole = skip_digits(s, at);
    size_t digits = whole - at;
    at = whole;
    if (at < s.len && s.data[at] == '.') {
        const size_t end = skip_digits(s, at + 1);
        digits += end - at - 1;
        at = end;
    }
    if (digits == 0)
        return false;
    if (at < s.len && (s.data[at] == 'e' || s.data[at] == 'E')) {
        at++;
        at += at < s.len && (s.data[at] == '-' || s.data[at] == '+');
        const size_t end = skip_digits(s, at);
        if (end == at)
            return false;
        at = end;
    }
    return at == s.len;
}

static bool equals_lower(rk_str s, const char *word)
{
    if (s.len != strlen(word))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if ((s.data[i] | 0x20) != word[i])
            return false;
    return true;
}

static bool special(rk_str s, double *out)
{
    const bool negative = s.len && s.data[0] == '-';
    if (s.len && (negative || s.data[0] == '+'))
        s = (rk_str){s.data + 1, s.len - 1};
    if (equals_lower(s, "inf") || equals_lower(s, "infinity"))
        *out = negative ? -INFINITY : INFINITY;
    else if (equals_lower(s, "nan"))
        *out = NAN;
    else
        return false;
    return true;
}

/* The locale's decimal point, as printf writes it. */
static char locale_point(void)
{
    char text[8];
    snprintf(text, sizeof text, "%.1f", 0.5);
    return text[1];
}

/* A NUL-ended copy in `room`, or on the heap when longer; with the locale's point. */
static char *for_strtod(rk_str s, char *room, size_t size)
{
    char *const copy = s.len < size ? room : malloc(s.len + 1);
    if (!copy)
        return NULL;
    memcpy(copy, s.data, s.len);
    copy[s.len] = 0;
    char *const point = memchr(copy, '.', s.len);
    if (point)
        *point = locale_point();
    return copy;
}

/* Decimals of at most 15 digits with a small scale are exact in one division or product. */
static bool simple_decimal(rk_str s, double *out)
{
    static const double power[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    if (s.len == 0 || s.len > 17)
        return false;
    const bool negative = s.data[0] == '-';
    uint64_t digits = 0;
    size_t count = 0, point = SIZE_MAX;
    for (size_t i = negative; i < s.len; i++) {
        if (s.data[i] == '.' && point == SIZE_MAX)
            point = i;
        else if (is_digit(s.data[i]) && ++count <= 15)
            digits = digits * 10 + (uint64_t)(s.data[i] - '0');
        else
            return false;
    }
    if (count == 0)
        return false;
    const double value =
        point == SIZE_MAX ? (double)digits : (double)digits / power[s.len - 1 - point];
    *out = negative ? -value : value;
    return true;
}

bool rk_str_to_double(rk_str s, double *out)
{
    if (simple_decimal(s, out))
        return true;
    if (!is_decimal(s))
        return special(s, out);
    char room[64];
    char *const copy = for_strtod(s, room, sizeof room);
    if (!copy)
        return false;
    *out = strtod(copy, NULL);
    if (copy != room)
        free(copy);
    return true;
}

/* Through double the value would be rounded twice; strtof rounds once. A decimal of up to 7 digits
 * with a scale of up to 7 is exact in one float operation, so it is settled here. */
static bool simple_float(rk_str s, float *out)
{
    static const float power[] = {1e0f, 1e1f, 1e2f, 1e3f, 1e4f, 1e5f, 1e6f, 1e7f};
    if (s.len == 0 || s.len > 9)
        return false;
    const bool negative = s.data[0] == '-';
    uint32_t digits = 0;
    size_t count = 0, point = SIZE_MAX;
    for (size_t i = negative; i < s.len; i++) {
        if (s.data[i] == '.' && point == SIZE_MAX)
            point = i;
        else if (is_digit(s.data[i]) && ++count <= 7)
            digits = digits * 10 + (uint32_t)(s.data[i] - '0');
        else
            return false;
    }
    if (count == 0)
        return false;
    const float value =
        point == SIZE_MAX ? (float)digits : (float)digits / power[s.len - 1 - point];
    *out = negative ? -value : value;
    return true;
}

bool rk_str_to_float(rk_str s, float *out)
{
    if (simple_float(s, out))
        return true;
    if (!is_decimal(s)) {
        double value;
        if (!special(s, &value))
            return false;
        *out = (float)value;
        return true;
    }
    char room[64];
    char *const copy = for_strtod(s, room, sizeof room);
    if (!copy)
        return false;
    *out = strtof(copy, NULL);
    if (copy != room)
        free(copy);
    return true;
}

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

static size_t print_special(double value, char *out)
{
    const char *const text = isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
    strcpy(out, text);
    return strlen(text);
}

/* The fewest digits of %.*g that read back to the same value. */
static size_t print_shortest(double value, bool single, char *out)
{
    for (int digits = 1; digits <= 17; digits++) {
        const int len = snprintf(out, 32, "%.*g", digits, value);
        if (single ? strtof(out, NULL) == (float)value : strtod(out, NULL) == value) {
            char *const point = memchr(out, locale_point(), (size_t)len);
            if (point)
                *point = '.';
            return (size_t)len;
        }
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
