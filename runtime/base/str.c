#include "runtime/base/str.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

int rk_str_cmp(rk_str a, rk_str b)
{
    const size_t len = a.len < b.len ? a.len : b.len;
    const int order = len ? memcmp(a.data, b.data, len) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

uint64_t rk_str_hash(rk_str s) { return XXH3_64bits(s.data, s.len); }

/* Bytes of the sequence at s.data[at], 0 if it is not valid UTF-8 (RFC 3629, no surrogates). */
static size_t utf8_sequence(rk_str s, size_t at, uint32_t *code)
{
    const unsigned char *const p = (const unsigned char *)s.data + at;
    const size_t left = s.len - at;
    if (p[0] < 0x80) {
        *code = p[0];
        return 1;
    }
    const size_t len = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
    if (len == 0 || len > left)
        return 0;
    uint32_t c = p[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3fu);
    }
    if ((len == 3 && c < 0x800) || (len == 4 && (c < 0x10000 || c > 0x10ffff)) ||
        (c >= 0xd800 && c < 0xe000))
        return 0;
    *code = c;
    return len;
}

static bool is_ascii8(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return (word & UINT64_C(0x8080808080808080)) == 0;
}

/* Past bytes of ASCII, eight at a time; the last eight may overlap those before. */
static size_t skip_ascii(rk_str s, size_t at)
{
    while (s.len - at >= 8 && is_ascii8(s.data + at))
        at += 8;
    return s.len >= 8 && s.len - at < 8 && is_ascii8(s.data + s.len - 8) ? s.len : at;
}

size_t rk_str_utf8_valid(rk_str s)
{
    size_t at = skip_ascii(s, 0);
    uint32_t code;
    while (at < s.len) {
        const size_t len = utf8_sequence(s, at, &code);
        if (len == 0)
            return at;
        at += len;
        if (len > 1)
            at = skip_ascii(s, at);
    }
    return at;
}

uint32_t rk_str_utf8_next(rk_str s, size_t *at)
{
    uint32_t code;
    const size_t len = utf8_sequence(s, *at, &code);
    *at += len ? len : 1;
    return len ? code : 0xfffd;
}

/* Two swapped letters are one edit (optimal string alignment). */
size_t rk_str_distance(rk_str a, rk_str b, size_t limit)
{
    enum { LONGEST = 64 };
    if (a.len > LONGEST || b.len > LONGEST)
        return limit + 1;
    size_t rows[3][LONGEST + 1]; /* of a's letters i - 2, i - 1, i */
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b.len; j++)
        last[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = last[j - 1] + (a.data[i - 1] != b.data[j - 1]);
            best = last[j] + 1 < best ? last[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] &&
                a.data[i - 2] == b.data[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
        size_t *const oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return last[b.len] > limit ? limit + 1 : last[b.len];
}
