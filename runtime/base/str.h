/* Strings are a pointer and a length: they may hold NUL and need not end in one. */
#ifndef RK_BASE_STR_H
#define RK_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct rk_str {
    const char *data;
    size_t len;
} rk_str;

#define RK_STR(literal) ((rk_str){"" literal, sizeof(literal) - 1})
/* For printf: "%.*s", RK_STR_ARG(s). Lengths beyond INT_MAX are cut. */
#define RK_STR_ARG(s) ((int)((s).len > 0x7fffffff ? 0x7fffffff : (s).len)), ((s).data)

static inline rk_str rk_str_from(const char *chars)
{
    return (rk_str){chars, chars ? strlen(chars) : 0};
}

static inline bool rk_str_eq(rk_str a, rk_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Bytewise order: negative, 0 or positive. */
int rk_str_cmp(rk_str a, rk_str b);

/* 64-bit hash (XXH3). */
uint64_t rk_str_hash(rk_str s);

/* Length of the valid UTF-8 prefix of s; s.len when all of it is valid. */
size_t rk_str_utf8_valid(rk_str s);

/* Decodes the code point at *at and moves on; bytes that are not UTF-8 give U+FFFD, one each. */
uint32_t rk_str_utf8_next(rk_str s, size_t *at);

/* Edits between two texts in bytes (a swap of neighbours is one), at most `limit` + 1; for
 * did-you-mean. */
size_t rk_str_distance(rk_str a, rk_str b, size_t limit);

/* Decimal number of the whole of s, correctly rounded, without the locale; false if it is not one.
 * Accepts sign, digits, point, exponent, and inf, infinity, nan in any case. */
bool rk_str_to_double(rk_str s, double *out);
bool rk_str_to_float(rk_str s, float *out);

/* A decimal int of the whole of s; false if malformed or out of 64 bits. */
bool rk_str_to_int(rk_str s, int64_t *out);

/* Shortest decimal that reads back to the same value ("1", "0.1", "1e+30", "inf", "nan"); returns
 * the length. `out` needs 32 bytes. Never depends on the locale. */
size_t rk_double_print(double value, char *out);
size_t rk_float_print(float value, char *out);

#endif
