/* Buckets and chance: hashes of values. */
#include "stdlib/call.h"
#include "stdlib/families.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

/* ---- canonical bytes: a tag, then 8 bytes little-endian, or length and text ---- */

enum { TAG_MISSING, TAG_BOOL, TAG_INT, TAG_REAL, TAG_STRING };

static void put_u64(unsigned char *to, uint64_t x)
{
    for (int i = 0; i < 8; i++)
        to[i] = (unsigned char)(x >> 8 * i);
}

static void feed_word(XXH64_state_t *state, unsigned char tag, uint64_t x)
{
    unsigned char bytes[9] = {tag};
    put_u64(bytes + 1, x);
    XXH64_update(state, bytes, sizeof bytes);
}

static void feed_missing(XXH64_state_t *state)
{
    const unsigned char tag = TAG_MISSING;
    XXH64_update(state, &tag, 1);
}

/* A float is its double; -0.0 is 0.0; NaN is missing. */
static void feed_real(XXH64_state_t *state, double x)
{
    uint64_t bits;
    x += 0.0;
    memcpy(&bits, &x, sizeof bits);
    if (x == x)
        feed_word(state, TAG_REAL, bits);
    else
        feed_missing(state);
}

static void feed(XXH64_state_t *state, const rk_call *call, uint32_t k, size_t i)
{
    if (!rk_arg_has(&call->args[k], i)) {
        feed_missing(state);
        return;
    }
    switch (call->args[k].type.kind) {
    case RK_KIND_BOOL:
        feed_word(state, TAG_BOOL, RK_IN(call, k, uint8_t)[i] != 0);
        break;
    case RK_KIND_INT:
        feed_word(state, TAG_INT, (uint64_t)RK_IN(call, k, int64_t)[i]);
        break;
    case RK_KIND_FLOAT:
        feed_real(state, (double)RK_IN(call, k, float)[i]);
        break;
    case RK_KIND_DOUBLE:
        feed_real(state, RK_IN(call, k, double)[i]);
        break;
    default: {
        const rk_str s = rk_call_str(call, k, i);
        feed_word(state, TAG_STRING, s.len);
        XXH64_update(state, s.len ? s.data : "", s.len);
    }
    }
}

static rk_status uniform(const rk_call *call)
{
    for (size_t i = 0; i < call->n; i++) {
        XXH64_state_t state;
        XXH64_reset(&state, 0);
        for (uint32_t k = 0; k < call->n_args; k++)
            feed(&state, call, k, i);
        RK_OUT(call, float)[i] = (float)(XXH64_digest(&state) >> 40) * 0x1p-24f;
    }
    return RK_OK;
}

/* ---- buckets ---- */

static void put_bucket(const rk_call *call, size_t i, uint64_t hash, bool has)
{
    const int64_t n = RK_IN(call, 1, int64_t)[i];
    has &= n > 0;
    RK_OUT(call, int64_t)[i] = has ? (int64_t)(hash % (uint64_t)n) : 0;
    rk_call_mark(call, i, has);
}

static rk_status hash_bucket_string(const rk_call *call)
{
    for (size_t i = 0; i < call->n; i++) {
        const bool has = rk_call_has(call, i);
        put_bucket(call, i, has ? rk_str_hash(rk_call_str(call, 0, i)) : 0, has);
    }
    return RK_OK;
}

static rk_status hash_bucket_int(const rk_call *call)
{
    for (size_t i = 0; i < call->n; i++) {
        unsigned char bytes[8];
        put_u64(bytes, (uint64_t)RK_IN(call, 0, int64_t)[i]);
        put_bucket(call, i, XXH3_64bits(bytes, sizeof bytes), rk_call_has(call, i));
    }
    return RK_OK;
}

/* The number of borders that are not above x. Sorted ones, the usual case, are searched by halves.
 */
#define BUCKETIZE(suffix, type)                                                                    \
    static bool is_sorted_##suffix(const type *x, uint32_t n)                                      \
    {                                                                                              \
        for (uint32_t k = 1; k < n; k++)                                                           \
            if (!(x[k - 1] <= x[k]))                                                               \
                return false;                                                                      \
        return true;                                                                               \
    }                                                                                              \
    static uint32_t not_above_##suffix(const type *border, uint32_t n, bool sorted, type x)        \
    {                                                                                              \
        uint32_t low = 0, high = n, count = 0;                                                     \
        for (uint32_t k = 0; k < n && !sorted; k++)                                                \
            count += border[k] <= x;                                                               \
        while (sorted && low < high) {                                                             \
            const uint32_t middle = low + (high - low) / 2;                                        \
            if (border[middle] <= x)                                                               \
                low = middle + 1;                                                                  \
            else                                                                                   \
                high = middle;                                                                     \
        }                                                                                          \
        return sorted ? low : count;                                                               \
    }                                                                                              \
    static rk_status bucketize_##suffix(const rk_call *call)                                       \
    {                                                                                              \
        const rk_arg *const borders = &call->args[1];                                              \
        rk_slice known = {0};                                                                      \
        bool sorted = false;                                                                       \
        for (size_t i = 0; i < call->n; i++) {                                                     \
            const rk_slice at = rk_call_has(call, i) ? rk_arg_slice(borders, i) : (rk_slice){0};   \
            const type *const border = at.len ? (const type *)borders->child + at.at : NULL;       \
            if (i == 0 || at.at != known.at || at.len != known.len)                                \
                sorted = is_sorted_##suffix(border, at.len);                                       \
            known = at;                                                                            \
            RK_OUT(call, int64_t)                                                                  \
            [i] = not_above_##suffix(border, at.len, sorted, RK_IN(call, 0, type)[i]);             \
        }                                                                                          \
        return RK_OK;                                                                              \
    }

BUCKETIZE(i64, int64_t)
BUCKETIZE(f32, float)
BUCKETIZE(f64, double)

/* clang-format off */
static const rk_fn rows[] = {
    {"uniform", "(key: any?, more: any?) -> float", uniform, RK_NULL_OWN, RK_FN_VARIADIC,
     "A number in [0, 1) that depends on the values alone, evenly spread: the same values give the "
     "same number on every machine and day.",
     "uniform(\"new\", 7, 42)", "0.9470403"},
    {"hash_bucket", "(s: string, n: int) -> int?", hash_bucket_string, RK_NULL_ANY, 0,
     "Bucket 0 to n - 1 of a text or an int by its hash (XXH3-64 of the bytes, modulo n); missing "
     "for n <= 0.",
     "hash_bucket(\"red nuts\", 100)", "70"},
    {"hash_bucket", "(x: int, n: int) -> int?", hash_bucket_int, RK_NULL_ANY, 0, NULL, NULL, NULL},
    {"bucketize", "(x: int, borders: const list(int)) -> int", bucketize_i64, RK_NULL_ANY, 0,
     "How many borders are not above x: 0 below the first of sorted borders.",
     "bucketize(7, [5, 10, 20])", "1"},
    {"bucketize", "(x: float, borders: const list(float)) -> int", bucketize_f32, RK_NULL_ANY, 0,
     NULL, NULL, NULL},
    {"bucketize", "(x: double, borders: const list(double)) -> int", bucketize_f64, RK_NULL_ANY, 0,
     NULL, NULL, NULL},
};
/* clang-format on */

RK_FN_FAMILY(chance, rows)
