/* A walk over ranks (predicate.h) for CPUs without the vectors that the other evaluators need:
 * eight rows go down a tree together, so that they need not wait for each other's loads, and a
 * split is a byte compared with a byte. Answers about categories are bytes behind the ranks. */
#ifndef RK_MODEL_RANKED_H
#define RK_MODEL_RANKED_H

#include "runtime/model/predicate.h"

enum { RK_RANKED_ROWS = 8 };

typedef struct rk_ranked_split {
    uint32_t column;    /* of a row's bytes */
    uint32_t threshold; /* right if the byte is more */
    int32_t child[2];   /* as in rk_tree_split */
} rk_ranked_split;

typedef struct rk_ranked {
    rk_ranked_split *splits; /* [forest.n_splits] */
    uint32_t n_bytes;        /* of a row */
} rk_ranked;

/* The tables of a forest, in `arena`. RK_ENOMEM; RK_ELIMIT where sets are so many that asking only
 * those on the way is quicker. */
RK_NODISCARD rk_status rk_ranked_make(const rk_forest *forest, const rk_predicates *predicates,
                                      rk_arena *arena, rk_ranked *out);

/* A row's bytes: of x[f], values of predicates.features[f]. */
void rk_ranked_fill(const rk_forest *forest, const rk_predicates *predicates, const double *x,
                    uint8_t *bytes);

/* Eight rows down tree t: the leaves in the forest. */
void rk_ranked_walk(const rk_forest *forest, const rk_ranked *ranked, uint32_t t,
                    const uint8_t *bytes, uint32_t *leaves);

#endif
