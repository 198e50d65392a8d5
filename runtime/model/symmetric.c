#include "runtime/model/symmetric.h"

/* One that is as full as its depth allows has all splits that the levels have room for. */
static bool is_full(const rk_tree *tree)
{
    return tree->depth <= RK_SYMMETRIC_MOST && tree->n_leaves == 1u << tree->depth;
}

bool rk_symmetric_levels(const rk_forest *forest, const rk_predicates *predicates, uint32_t t,
                         rk_levels *out)
{
    const rk_tree *const tree = &forest->trees[t];
    uint8_t level[1u << RK_SYMMETRIC_MOST] = {0}; /* of a split, which its parent tells */
    if (!is_full(tree))
        return false;
    memset(out->predicates, 0xff, sizeof out->predicates);
    out->n = tree->depth;
    for (uint32_t s = 0; s < tree->n_splits; s++) {
        const rk_tree_split *const split = &forest->splits[tree->first_split + s];
        const uint32_t asked = predicates->of_split[tree->first_split + s];
        uint32_t *const place = &out->predicates[level[s]];
        if (*place != UINT32_MAX && *place != asked)
            return false;
        *place = asked;
        if (split->left >= 0)
            level[split->left] = (uint8_t)(level[s] + 1);
        if (split->right >= 0)
            level[split->right] = (uint8_t)(level[s] + 1);
    }
    return true;
}

uint32_t rk_symmetric_leaf(const rk_forest *forest, uint32_t t, uint32_t number)
{
    const rk_tree *const tree = &forest->trees[t];
    int32_t at = tree->n_splits ? 0 : -1;
    for (uint32_t bit = tree->depth; at >= 0; bit--) {
        const rk_tree_split *const split = &forest->splits[tree->first_split + (uint32_t)at];
        at = number >> (bit - 1) & 1 ? split->right : split->left;
    }
    return tree->first_leaf + (uint32_t)(-1 - at);
}
