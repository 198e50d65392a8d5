/* What a code says of the score of its vector: bounds on how far it is from a query, and the limit
 * beyond which it is none of the k best. README.md has the derivation. Private to searches.
 *
 * A distance is, for L2 and COSINE, that of the vectors (of those of length 1), and for DOT minus
 * the product with x - mean. */
#ifndef RK_INDEX_BOUND_H
#define RK_INDEX_BOUND_H

#include "runtime/index/codes.h"

/* Of what is added in float, how much may be lost; far above 2^-24. */
#define RK_BOUND_SLACK 0x1p-19

typedef struct rk_bound {
    bool dot;
    bool trusted;   /* float scores the query as bounds expect; else all has to be scored */
    rk_coded coded; /* of the query */
    double at;      /* the limit: least(x) <= at, or x is out; infinite in the beginning */
    /* Constants of the query. */
    double relative;            /* of a computed sum, what rounding can make of it */
    double product;             /* DOT: the exact one with the mean, */
    double around;              /* and how wrong float's can be because of it */
    double by_error, by_length; /* DOT: what a bound grows by, times the tail's */
} rk_bound;

/* The query is finite; room as rk_code_query has it. */
void rk_bound_init(const rk_index *index, const float *query, int8_t *room, rk_bound *out);

/* Least and most distance of what has this code and is at `distance` (codes.h); infinite if the
 * code says nothing. */
typedef struct rk_range {
    float least, most;
} rk_range;
rk_range rk_bound_range(const rk_bound *bound, const rk_code_tail *tail, float distance);

/* Lowers the limit: k vectors are known whose distance is at most `most`; or the k-th best has this
 * score. */
void rk_bound_by_most(const rk_index *index, rk_bound *bound, float most);
void rk_bound_by_score(const rk_index *index, rk_bound *bound, float score);

/* The limit as kernels test it, exact_simd.c: x may be among the best unless
 *   DISTANCE  distance - square * SLACK          > (at + error)^2 - square of the query
 *   PRODUCT   distance                           > at + error * by_error + length * by_length
 *   SKETCH    distance + length - length * SLACK > (at + error)^2 - square of the query
 * by `distance` of codes.h, of sketches without the square in it, in float. What is not trusted
 * passes. */
typedef enum rk_limit_kind {
    RK_LIMIT_DISTANCE, /* L2, COSINE */
    RK_LIMIT_PRODUCT,  /* DOT */
    RK_LIMIT_SKETCH,
} rk_limit_kind;

typedef struct rk_limit {
    rk_limit_kind kind;
    float at, minus, by_error, by_length;
} rk_limit;
rk_limit rk_bound_limit(const rk_bound *bound);
/* For sketches, of which that of the query is `sketch`. */
rk_limit rk_bound_limit_of_sketches(const rk_bound *bound, const rk_coded *sketch);

#endif
