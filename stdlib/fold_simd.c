/* Sums by the contract, and least and largest, over whole columns. Written in the compiler's vector
 * types, W doubles a register: lane l of the contract is element l mod W of register l / W. */
#include <math.h>

#include "stdlib/sums.h"
#include "stdlib/wide.h"

enum { W = RK_SIMD == 4 ? 8 : RK_SIMD == 3 ? 4 : 2, REGISTERS = RK_SUM_LANES / W };

typedef double vd __attribute__((vector_size(8 * W)));
typedef int64_t vl __attribute__((vector_size(8 * W)));
typedef float vf __attribute__((vector_size(4 * W)));

#define INLINE static inline __attribute__((always_inline))

enum { INT, FLOAT, DOUBLE }; /* what x points to; always a constant */

/* One register's worth of elements from the i-th on, as doubles. */
INLINE vd load(int kind, const void *x, size_t i)
{
    vd d;
    vl l;
    vf f;
    switch (kind) {
    case INT:
        memcpy(&l, (const int64_t *)x + i, sizeof l);
        return __builtin_convertvector(l, vd);
    case FLOAT:
        memcpy(&f, (const float *)x + i, sizeof f);
        return __builtin_convertvector(f, vd);
    default:
        memcpy(&d, (const double *)x + i, sizeof d);
        return d;
    }
}

INLINE double load_one(int kind, const void *x, size_t i)
{
    switch (kind) {
    case INT:
        return (double)((const int64_t *)x)[i];
    case FLOAT:
        return (double)((const float *)x)[i];
    default:
        return ((const double *)x)[i];
    }
}

/* Lane masks of W bits. */
INLINE vl expand(uint32_t bits)
{
    static const int64_t lane_bits[8] = {1, 2, 4, 8, 16, 32, 64, 128};
    vl lane;
    memcpy(&lane, lane_bits, sizeof lane);
    return (((vl){0} + (int64_t)bits) & lane) == lane;
}

/* The 16 bits of `keep` from the i-th on, i a multiple of 16. */
INLINE uint32_t keep_bits(const uint64_t *keep, size_t i)
{
    return keep ? keep[i >> 6] >> (i & 63) & 0xffff : 0xffff;
}

/* x where it counts, +0.0 elsewhere: adding that leaves a lane, which is never -0.0, as it is. */
INLINE vd counted(vd x, vl mask) { return (vd)((vl)x & mask & (x == x)); }

typedef struct lanes {
    vd r[REGISTERS];
} lanes;

/* A spread's term is (x - mean)^2, a sum's is x. */
INLINE vd term(bool spread, vd x, vl mask, double mean)
{
    if (!spread)
        return counted(x, mask);
    const vd d = x - mean;
    return (vd)((vl)(d * d) & mask & (x == x));
}

INLINE void add_full(int kind, bool spread, const void *x, size_t i, double mean, lanes *sum)
{
    for (int r = 0; r < REGISTERS; r++)
        sum->r[r] += term(spread, load(kind, x, i + (size_t)(r * W)), ~(vl){0}, mean);
}

INLINE void add_some(int kind, bool spread, const void *x, size_t i, uint32_t bits, double mean,
                     lanes *sum)
{
    for (int r = 0; r < REGISTERS; r++)
        sum->r[r] +=
            term(spread, load(kind, x, i + (size_t)(r * W)), expand(bits >> (r * W)), mean);
}

/* The last elements, fewer than 16: nothing behind them is read. */
INLINE void add_tail(int kind, bool spread, const void *x, size_t i, size_t n, uint32_t bits,
                     double mean, double *lane)
{
    for (size_t k = 0; i + k < n; k++) {
        const double value = load_one(kind, x, i + k);
        if (!(bits >> k & 1) || value != value)
            continue;
        const double d = value - mean;
        lane[k] += spread ? d * d : value;
    }
}

INLINE double sum_block(int kind, bool spread, const void *x, const uint64_t *keep, size_t from,
                        size_t to, double mean)
{
    lanes sum = {0};
    size_t i = from;
    for (; i + RK_SUM_LANES <= to; i += RK_SUM_LANES) {
        const uint32_t bits = keep_bits(keep, i);
        if (bits == 0xffff)
            add_full(kind, spread, x, i, mean, &sum);
        else if (bits)
            add_some(kind, spread, x, i, bits, mean, &sum);
    }
    double lane[RK_SUM_LANES];
    memcpy(lane, &sum, sizeof lane);
    if (i < to)
        add_tail(kind, spread, x, i, to, keep_bits(keep, i), mean, lane);
    return rk_lanes_combine(lane);
}

INLINE double sum(int kind, bool spread, const void *x, const uint64_t *keep, size_t n, double mean)
{
    double total = 0.0;
    for (size_t from = 0; from < n; from += RK_SUM_BLOCK) {
        const size_t to = n - from < RK_SUM_BLOCK ? n : from + RK_SUM_BLOCK;
        total += sum_block(kind, spread, x, keep, from, to, mean);
    }
    return total;
}

#define SUMS(suffix, type, kind)                                                                   \
    double RK_SIMD_NAME(rk_wide_sum_##suffix)(const type *x, const uint64_t *keep, size_t n)       \
    {                                                                                              \
        return sum(kind, false, x, keep, n, 0.0);                                                  \
    }                                                                                              \
    double RK_SIMD_NAME(rk_wide_spread_##suffix)(const type *x, const uint64_t *keep, size_t n,    \
                                                 double mean)                                      \
    {                                                                                              \
        return sum(kind, true, x, keep, n, mean);                                                  \
    }
SUMS(i64, int64_t, INT)
SUMS(f32, float, FLOAT)
SUMS(f64, double, DOUBLE)

INLINE vd pick(vl mask, vd a, vd b) { return (vd)(((vl)a & mask) | ((vl)b & ~mask)); }
INLINE vl pick_int(vl mask, vl a, vl b) { return (a & mask) | (b & ~mask); }

/* The least, or the largest, of the kept elements that are not NaN; the infinity that loses to all
 * when there are none. */
INLINE double extreme(int kind, bool largest, const void *x, const uint64_t *keep, size_t n)
{
    const double none = largest ? -INFINITY : INFINITY;
    lanes best;
    for (int r = 0; r < REGISTERS; r++)
        best.r[r] = (vd){0} + none;
    size_t i = 0;
    for (; i + RK_SUM_LANES <= n; i += RK_SUM_LANES) {
        const uint32_t bits = keep_bits(keep, i);
        for (int r = 0; r < REGISTERS && bits; r++) {
            const vd v = load(kind, x, i + (size_t)(r * W));
            const vl better = largest ? v > best.r[r] : v < best.r[r]; /* never for NaN */
            best.r[r] = pick(better & expand(bits >> (r * W)), v, best.r[r]);
        }
    }
    double lane[RK_SUM_LANES];
    memcpy(lane, &best, sizeof lane);
    const uint32_t bits = i < n ? keep_bits(keep, i) : 0;
    for (size_t k = 0; i + k < n; k++) {
        const double v = load_one(kind, x, i + k);
        if ((bits >> k & 1) && (largest ? v > lane[k] : v < lane[k]))
            lane[k] = v;
    }
    double result = none;
    for (int k = 0; k < RK_SUM_LANES; k++)
        if (largest ? lane[k] > result : lane[k] < result)
            result = lane[k];
    return result;
}

/* Settles what lanes cannot tell: which zero came first, and whether there was any element (`none`
 * may be one's value). */
INLINE double settle(int kind, double found, const void *x, const uint64_t *keep, size_t n)
{
    if (found != 0.0 && !isinf(found))
        return found;
    for (size_t i = 0; i < n; i++) {
        const double v = load_one(kind, x, i);
        if (v == found && (!keep || rk_bit_get(keep, i)))
            return v;
    }
    return __builtin_nan("");
}

#define EXTREMES(suffix, type, kind)                                                               \
    type RK_SIMD_NAME(rk_wide_least_##suffix)(const type *x, const uint64_t *keep, size_t n)       \
    {                                                                                              \
        return (type)settle(kind, extreme(kind, false, x, keep, n), x, keep, n);                   \
    }                                                                                              \
    type RK_SIMD_NAME(rk_wide_largest_##suffix)(const type *x, const uint64_t *keep, size_t n)     \
    {                                                                                              \
        return (type)settle(kind, extreme(kind, true, x, keep, n), x, keep, n);                    \
    }
EXTREMES(f32, float, FLOAT)
EXTREMES(f64, double, DOUBLE)

INLINE int64_t extreme_int(bool largest, const int64_t *x, const uint64_t *keep, size_t n)
{
    int64_t result = largest ? INT64_MIN : INT64_MAX;
    vl best = (vl){0} + result;
    size_t i = 0;
    for (; i + RK_SUM_LANES <= n; i += RK_SUM_LANES) {
        const uint32_t bits = keep_bits(keep, i);
        for (int r = 0; r < REGISTERS && bits; r++) {
            vl v;
            memcpy(&v, x + i + r * W, sizeof v);
            const vl better = largest ? v > best : v < best;
            best = pick_int(better & expand(bits >> (r * W)), v, best);
        }
    }
    for (int k = 0; k < W; k++)
        if (largest ? best[k] > result : best[k] < result)
            result = best[k];
    for (; i < n; i++)
        if ((!keep || rk_bit_get(keep, i)) && (largest ? x[i] > result : x[i] < result))
            result = x[i];
    return result;
}

int64_t RK_SIMD_NAME(rk_wide_least_i64)(const int64_t *x, const uint64_t *keep, size_t n)
{
    return extreme_int(false, x, keep, n);
}
int64_t RK_SIMD_NAME(rk_wide_largest_i64)(const int64_t *x, const uint64_t *keep, size_t n)
{
    return extreme_int(true, x, keep, n);
}
