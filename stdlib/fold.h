/* What aggregates and list-wise functions share: which items count, items by group, and results per
 * group in double. Private to stdlib. Arrays are in the fold's scratch arena; RK_ENOMEM. */
#ifndef RK_STDLIB_FOLD_H
#define RK_STDLIB_FOLD_H

#include <math.h>

#include "stdlib/fn.h"

/* Whether item i counts: let through and in a group. */
static inline bool rk_fold_keeps(const rk_fold *fold, uint32_t i)
{
    return (!fold->keep || rk_bit_get(fold->keep, i)) &&
           (!fold->groups || fold->groups[i] != UINT32_MAX);
}
static inline uint32_t rk_fold_group(const rk_fold *fold, uint32_t i)
{
    return fold->groups ? fold->groups[i] : 0;
}
static inline bool rk_fold_is_whole(const rk_fold *fold) { return !fold->groups; }

/* The positions that count, group after group, ascending in each: group g has order[start[g]] ..
 * order[start[g + 1]]. Made only when there are groups. */
typedef struct rk_parts {
    uint32_t *start; /* [n_groups + 1] */
    uint32_t *order;
} rk_parts;
RK_NODISCARD rk_status rk_fold_parts(const rk_fold *fold, rk_parts *out);

/* The value column as doubles, the column itself when it is one. */
RK_NODISCARD rk_status rk_fold_doubles(const rk_fold *fold, const double **out);

/* How many items of each group count. */
RK_NODISCARD rk_status rk_fold_counts(const rk_fold *fold, uint32_t **out);

/* Results of one double a group, from numbers (int, float or double). */
RK_NODISCARD rk_status rk_fold_sums(const rk_fold *fold, double **out);
RK_NODISCARD rk_status rk_fold_extremes(const rk_fold *fold, bool largest, double **out);

/* Mean and population standard deviation; 0/0 (NaN) where nothing counts. */
typedef struct rk_moments {
    const uint32_t *count;
    double *mean;
    double *deviation; /* NULL unless asked for */
} rk_moments;
RK_NODISCARD rk_status rk_fold_moments(const rk_fold *fold, bool deviation, rk_moments *out);

/* The sum of x[i] by group, for values that are not the fold's own. */
RK_NODISCARD rk_status rk_fold_sums_of(const rk_fold *fold, const double *x, double **out);

/* Stores a number as item i of a real or INT result, rounded once; NaN and !has are missing. */
static inline void rk_fold_put(const rk_fold *fold, uint32_t i, double value, bool has)
{
    if (fold->out->type.kind == RK_KIND_FLOAT)
        ((float *)fold->out->data)[i] = has && value == value ? (float)value : rk_nan_float();
    else
        ((double *)fold->out->data)[i] = has && value == value ? value : rk_nan_double();
}

/* Marks item i of a result whose kind has a mask. */
static inline void rk_fold_mark(const rk_fold *fold, uint32_t i, bool has)
{
    if (!fold->out->present)
        return;
    if (has)
        rk_bit_set(fold->out->present, i);
    else
        rk_bit_clear(fold->out->present, i);
}

/* The q-quantile of n > 0 doubles without NaN, linear at h = (n - 1) q, q in [0, 1]. x has room for
 * 2 n and is overwritten. Linear time whatever the values. */
double rk_quantile(double *x, size_t n, double q);

/* A key that orders as unsigned numbers do, for radix sorts; -0.0 has the key of 0.0. */
static inline uint64_t rk_double_key(double x)
{
    uint64_t bits;
    x += 0.0;
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}
static inline uint64_t rk_float_key(float x) /* in 32 bits: a shorter sort */
{
    uint32_t bits;
    x += 0.0f;
    memcpy(&bits, &x, sizeof bits);
    return bits >> 31 ? ~bits : bits | UINT32_C(1) << 31;
}
static inline uint64_t rk_int_key(int64_t x) { return (uint64_t)x ^ UINT64_C(1) << 63; }

typedef struct rk_keyed {
    uint64_t key;
    uint32_t at;
} rk_keyed;

/* Sorts by key, ascending and stable; `room` has space for n more. Linear time. */
void rk_keyed_sort(rk_keyed *items, rk_keyed *room, size_t n);

#endif
