/* Symmetric trees, as CatBoost grows them: all splits of a level ask one question, so that the
 * answers are the bits of the leaf's number, the root's the highest. For tables that are made of
 * trees. */
#ifndef RK_MODEL_SYMMETRIC_H
#define RK_MODEL_SYMMETRIC_H

#include "runtime/model/predicate.h"

enum { RK_SYMMETRIC_MOST = 8 }; /* levels */

typedef struct rk_levels {
    uint32_t n; /* 2^n leaves; 0: the only one */
    uint32_t predicates[RK_SYMMETRIC_MOST];
} rk_levels;

/* Whether tree t is symmetric and of no more levels than that. */
bool rk_symmetric_levels(const rk_forest *forest, const rk_predicates *predicates, uint32_t t,
                         rk_levels *out);

/* In forest.leaves: the leaf of a number. */
uint32_t rk_symmetric_leaf(const rk_forest *forest, uint32_t t, uint32_t number);

#endif
