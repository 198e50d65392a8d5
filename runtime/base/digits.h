/* Eight decimal characters at once, in the bytes of a word: for reading short numbers without a
 * branch for each digit. Used by decimal.c and the cells of sources. */
#ifndef RK_BASE_DIGITS_H
#define RK_BASE_DIGITS_H

#include "runtime/base/str.h"

#define RK_DIGITS_ZEROS UINT64_C(0x3030303030303030)

/* 1 to 8 characters as a word: the last one in the highest byte, zeros ('0') before the first. */
static inline uint64_t rk_digits_load(const char *s, size_t len)
{
    uint64_t word;
    if (len >= 4) {
        uint32_t first, last;
        memcpy(&first, s, 4);
        memcpy(&last, s + len - 4, 4);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        first = __builtin_bswap32(first);
        last = __builtin_bswap32(last);
#endif
        word = first | (uint64_t)last << (8 * (len - 4));
    } else {
        word = (uint64_t)(unsigned char)s[0] |
               (uint64_t)(unsigned char)s[len / 2] << (8 * (len / 2)) |
               (uint64_t)(unsigned char)s[len - 1] << (8 * (len - 1));
    }
    const unsigned free_bits = 8 * (8 - (unsigned)len);
    return word << free_bits | (RK_DIGITS_ZEROS & ((UINT64_C(1) << free_bits) - 1));
}

/* The same from eight bytes that may be read, of which the last `len` are the characters. */
static inline uint64_t rk_digits_load_end(const char *eight, size_t len)
{
    uint64_t word;
    memcpy(&word, eight, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    const uint64_t free_bytes = len < 8 ? UINT64_MAX >> (8 * len) : 0;
    return (word & ~free_bytes) | (RK_DIGITS_ZEROS & free_bytes);
}

/* Whether all eight are digits. */
static inline bool rk_digits_all(uint64_t word)
{
    const uint64_t high = UINT64_C(0xf0f0f0f0f0f0f0f0);
    return (word & high) == RK_DIGITS_ZEROS &&
           ((word + UINT64_C(0x0606060606060606)) & high) == RK_DIGITS_ZEROS;
}

/* The number that eight digits write. */
static inline uint32_t rk_digits_value(uint64_t word)
{
    word = (word & UINT64_C(0x0f0f0f0f0f0f0f0f)) * 2561 >> 8;
    word = (word & UINT64_C(0x00ff00ff00ff00ff)) * 6553601 >> 16;
    return (uint32_t)((word & UINT64_C(0x0000ffff0000ffff)) * UINT64_C(42949672960001) >> 32);
}

/* Takes the first `.` out of the word; *scale is the number of characters behind it, 0 without one.
 * Returns false if the point was all there was: `len` is that of rk_digits_load. */
static inline bool rk_digits_point(uint64_t *word, size_t len, unsigned *scale)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t other = *word ^ ones * '.';
    const uint64_t hit = (other - ones) & ~other & ones << 7;
    *scale = 0;
    if (!hit)
        return true;
    const unsigned at = (unsigned)__builtin_ctzll(hit) / 8;
    const uint64_t before = (UINT64_C(1) << (8 * at)) - 1;
    *word = (*word & ~(before << 8 | 0xff)) | (*word & before) << 8 | '0';
    *scale = 7 - at;
    return len > 1;
}

/* The decimal that a word of rk_digits_load writes, correctly rounded; false if it is none. */
static inline bool rk_digits_decimal(uint64_t word, size_t len, double *out)
{
    static const double power[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
    unsigned scale;
    if (!rk_digits_point(&word, len, &scale) || !rk_digits_all(word))
        return false;
    *out = (double)rk_digits_value(word) / power[scale];
    return true;
}

/* A rounded double to float: it would be rounded twice, which shows only where it is half way
 * between two floats; false there. The value is 0 or a normal float. */
static inline bool rk_digits_narrow(double value, float *out)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    *out = (float)value;
    return (bits & 0x1fffffff) != 0x10000000;
}

#endif
