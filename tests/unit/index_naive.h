/* What tests of searches share: numbers that are drawn, and what is right, which is scoring every
 * vector by the contract and sorting. */
#ifndef RK_UNIT_INDEX_NAIVE_H
#define RK_UNIT_INDEX_NAIVE_H

#include <math.h>
#include <string.h>

#include "runtime/base/product.h"
#include "runtime/index/index.h"

/* ---- numbers ---- */

static uint64_t state = 1;

static inline uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 32) * below >> 32);
}

/* -1 .. 1 */
static inline float uniform(void) { return (float)draw(1u << 24) * 0x1p-23f - 1; }

static inline float normal(void)
{
    float sum = 0;
    for (int i = 0; i < 12; i++)
        sum += (float)draw(1u << 24) * 0x1p-24f;
    return sum - 6;
}

/* ---- scores ---- */

typedef struct hit {
    float score;
    uint32_t row;
} hit;

static inline int by_score(const void *a, const void *b)
{
    const hit *const x = a, *const y = b;
    if (isnan(x->score) != isnan(y->score))
        return isnan(x->score) ? 1 : -1;
    if (x->score != y->score && !isnan(x->score))
        return x->score > y->score ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* To the bit, but for what kind of NaN. */
static inline bool same(float a, float b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

/* 0, not -0. */
static inline float score_of(rk_index_metric metric, const float *a, const float *b, uint32_t dim)
{
    const rk_product *const product = rk_product_get(rk_cpu_best());
    if (metric == RK_INDEX_L2)
        return 0 - sqrtf(product->gap(a, b, dim));
    const float dot = product->dot(a, b, dim);
    if (metric == RK_INDEX_DOT)
        return dot + 0.0f;
    return 0.0f + rk_product_cosine(dot, rk_product_length(product->dot(a, a, dim)),
                                    rk_product_length(product->dot(b, b, dim)));
}

#endif
