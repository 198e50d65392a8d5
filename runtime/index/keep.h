/* The k best of what was scored, in an order that is total: by score, the larger first, NaN last,
 * then by row. A score with its row is one number, the larger the better. */
#ifndef RK_INDEX_KEEP_H
#define RK_INDEX_KEEP_H

#include <math.h>

#include "runtime/index/index.h"

typedef struct rk_keep {
    uint64_t *items; /* [k] a heap, the least on top */
    uint32_t k, n;
} rk_keep;

/* -0 counts as 0, and every NaN as one. */
static inline uint64_t rk_keep_key(float score, uint32_t row)
{
    uint32_t bits = 0;
    if (score == score) {
        const float plain = score + 0.0f;
        memcpy(&bits, &plain, sizeof bits);
        bits ^= bits >> 31 ? UINT32_MAX : UINT32_C(1) << 31;
    }
    return (uint64_t)bits << 32 | (uint32_t)~row;
}

static inline uint32_t rk_keep_row(uint64_t key) { return ~(uint32_t)key; }

static inline float rk_keep_score(uint64_t key)
{
    uint32_t bits = (uint32_t)(key >> 32);
    if (bits == 0)
        return nanf("");
    bits ^= bits >> 31 ? UINT32_C(1) << 31 : UINT32_MAX;
    float score;
    memcpy(&score, &bits, sizeof score);
    return score;
}

static inline bool rk_keep_is_full(const rk_keep *keep) { return keep->n == keep->k; }

/* k > 0. */
void rk_keep_add(rk_keep *keep, uint64_t key);
/* The best first; nothing can be added after that. */
void rk_keep_sort(rk_keep *keep);

#endif
