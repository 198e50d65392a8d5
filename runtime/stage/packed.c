#include "runtime/stage/packed.h"

/* Up to INSERT words are sorted by insertion. Others are dealt into buckets by the bits in which
 * they differ, about as many buckets as words, so that most hold one or two; a full bucket is
 * sorted like the whole, with bits of its own. Each round uses up at least four of the 64 bits. */
enum { INSERT = 16, BUCKETS_LOG = 11, BUCKETS_MAX = 1 << BUCKETS_LOG };

/* All items from `from` on that have a value, for one type of element; `from` words are there
 * already. A word is always written and sometimes
 * kept: no branch depends on the values. */
#define COLLECT(kind, ctype, key_of)                                                               \
    static uint32_t collect_##kind(const rk_column *key, uint32_t from, uint32_t flip,             \
                                   uint64_t *words)                                                \
    {                                                                                              \
        const ctype *const x = key->data;                                                          \
        uint32_t n = from;                                                                         \
        for (uint32_t i = from; i < key->n; i++) {                                                 \
            words[n] = rk_packed_word(key_of(x[i]) ^ flip, i);                                     \
            n += x[i] == x[i] && (!key->present || rk_bit_get(key->present, i));                   \
        }                                                                                          \
        return n;                                                                                  \
    }
COLLECT(bool, uint8_t, (uint32_t))
COLLECT(float, float, (uint32_t)rk_order_float)

/* Four floats at a time, while none is missing; how many were read. */
static uint32_t collect_whole(const rk_column *key, uint32_t flip, uint64_t *words)
{
    typedef float floats __attribute__((vector_size(16), aligned(16), may_alias));
    typedef uint32_t lanes __attribute__((vector_size(16), aligned(16), may_alias));
    const float *const x = key->data;
    lanes *const out = (lanes *)words; /* a place and its key are the halves of a word */
    /* On big-endian machines the key's half comes first. Lanes of `keys` are 4 to 7. */
    enum { LOW = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0, HIGH = 4 - LOW };
    lanes at = {0, 1, 2, 3};
    uint32_t i = 0;
    for (; i + 4 <= key->n; i += 4, at += 4) {
        const floats v = *(const floats *)(x + i) + 0.0f; /* -0.0 is 0.0 */
        const lanes nan = (lanes)(v != v), bits = (lanes)v;
        uint64_t any[2];
        memcpy(any, &nan, sizeof any);
        if (any[0] | any[1])
            return i;
        const lanes negative = -(bits >> 31);
        const lanes keys = bits ^ (negative | UINT32_C(1) << 31) ^ flip;
        out[i / 2] = __builtin_shufflevector(at, keys, LOW, HIGH, LOW + 1, HIGH + 1);
        out[i / 2 + 1] = __builtin_shufflevector(at, keys, LOW + 2, HIGH + 2, LOW + 3, HIGH + 3);
    }
    return i;
}

uint32_t rk_packed_collect(const rk_column *key, bool descending, uint64_t *words)
{
    const uint32_t flip = descending ? UINT32_MAX : 0;
    if (key->type.kind == RK_KIND_BOOL)
        return collect_bool(key, 0, flip, words);
    return collect_float(key, collect_whole(key, flip, words), flip, words);
}

uint64_t rk_packed_item(const rk_column *key, bool descending, uint32_t at)
{
    const uint32_t flip = descending ? UINT32_MAX : 0;
    const uint32_t k = key->type.kind == RK_KIND_BOOL
                           ? ((const uint8_t *)key->data)[at]
                           : (uint32_t)rk_order_float(((const float *)key->data)[at]);
    return rk_packed_word(k ^ flip, at);
}

static void insert(uint64_t *words, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        const uint64_t word = words[i];
        uint32_t at = i;
        for (; at > 0 && words[at - 1] > word; at--)
            words[at] = words[at - 1];
        words[at] = word;
    }
}

/* How words are dealt: word w goes to bucket (w - least) >> shift. */
typedef struct deal {
    uint64_t least;
    unsigned shift, buckets;
} deal;

static deal deal_of(const uint64_t *words, uint32_t n)
{
    uint64_t least = words[0], most = words[0];
    for (uint32_t i = 1; i < n; i++) {
        least = words[i] < least ? words[i] : least;
        most = words[i] > most ? words[i] : most;
    }
    const unsigned size = 31 - (unsigned)__builtin_clz(n); /* n > INSERT */
    const unsigned log = size < BUCKETS_LOG ? size : BUCKETS_LOG;
    const unsigned bits = 64 - (unsigned)__builtin_clzll((most - least) | 1);
    const unsigned shift = bits > log ? bits - log : 0;
    return (deal){least, shift, (unsigned)((most - least) >> shift) + 1};
}

/* Into `to`, bucket after bucket; ends[b] is where bucket b ends. */
static void scatter(const deal *d, const uint64_t *from, uint64_t *to, uint32_t n, uint32_t *ends)
{
    memset(ends, 0, d->buckets * sizeof *ends);
    for (uint32_t i = 0; i < n; i++)
        ends[(from[i] - d->least) >> d->shift]++;
    for (uint32_t b = 0, at = 0; b < d->buckets; b++) {
        const uint32_t count = ends[b];
        ends[b] = at;
        at += count;
    }
    for (uint32_t i = 0; i < n; i++)
        to[ends[(from[i] - d->least) >> d->shift]++] = from[i];
}

/* ---- long lists that are sorted whole ---- */

/* By digits of the key, the least first, three of 11 bits. Words of one key keep their order. */
enum { DIGITS = 3, DIGIT_BITS = 11, DIGIT_VALUES = 1 << DIGIT_BITS, DIGITS_FROM = 8192 };

static inline uint32_t digit_of(uint64_t word, unsigned digit)
{
    return word >> (32 + DIGIT_BITS * digit) & (DIGIT_VALUES - 1);
}

static void move_by_digit(const uint64_t *from, uint64_t *to, uint32_t n, unsigned digit,
                          uint32_t *counts)
{
    for (uint32_t value = 0, at = 0; value < DIGIT_VALUES; value++) {
        const uint32_t count = counts[value];
        counts[value] = at;
        at += count;
    }
    for (uint32_t i = 0; i < n; i++)
        to[counts[digit_of(from[i], digit)]++] = from[i];
}

static void sort_by_digits(uint64_t *words, uint64_t *spare, uint32_t n)
{
    uint32_t counts[DIGITS][DIGIT_VALUES] = {{0}};
    for (uint32_t i = 0; i < n; i++)
        for (unsigned digit = 0; digit < DIGITS; digit++)
            counts[digit][digit_of(words[i], digit)]++;
    uint64_t *from = words, *to = spare;
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        move_by_digit(from, to, n, digit, counts[digit]);
        uint64_t *const other = from;
        from = to;
        to = other;
    }
    memcpy(words, from, n * sizeof *words); /* an odd number of digits: they are in `spare` */
}

void rk_packed_sort(uint64_t *words, uint64_t *spare, uint32_t n, uint32_t k)
{
    if (n <= INSERT) {
        insert(words, n);
        return;
    }
    if (n >= DIGITS_FROM && k == n) {
        sort_by_digits(words, spare, n);
        return;
    }
    uint32_t ends[BUCKETS_MAX];
    const deal d = deal_of(words, n);
    scatter(&d, words, spare, n, ends);
    memcpy(words, spare, n * sizeof *words);
    uint32_t from = 0, small = 0; /* words[0 .. small]: all but full buckets are to be sorted */
    for (uint32_t b = 0; b < d.buckets && from < k; from = ends[b++]) {
        const bool full = ends[b] - from > INSERT && d.shift;
        if (full)
            rk_packed_sort(words + from, spare, ends[b] - from,
                           k < ends[b] ? k - from : ends[b] - from);
        small = full && k < ends[b] ? from : ends[b];
    }
    insert(words, small);
}
