#include "runtime/model/ranked.h"

#include "runtime/model/rank_below.h"

rk_status rk_ranked_make(const rk_forest *forest, const rk_predicates *predicates, rk_arena *arena,
                         rk_ranked *out)
{
    enum { SETS_A_TREE = 4 };
    const rk_predicates *const p = predicates;
    *out = (rk_ranked){.n_bytes = p->n_columns + p->n_sets};
    if (p->n_sets > (uint64_t)SETS_A_TREE * forest->n_trees)
        return RK_ELIMIT;
    out->splits = RK_NEW_ARRAY(arena, rk_ranked_split, forest->n_splits);
    if (!out->splits)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < forest->n_splits; i++) {
        const rk_tree_split *const s = &forest->splits[i];
        const uint32_t predicate = p->of_split[i];
        rk_ranked_split split = {.column = p->n_columns + predicate - p->n_thresholds,
                                 .child = {s->left, s->right}};
        if (predicate < p->n_thresholds) {
            split.column = p->column[predicate];
            split.threshold = predicate - p->columns[split.column].first;
        }
        out->splits[i] = split;
    }
    return RK_OK;
}

void rk_ranked_fill(const rk_forest *forest, const rk_predicates *predicates, const double *x,
                    uint8_t *bytes)
{
    uint8_t *const answers = bytes + predicates->n_columns;
    for (uint32_t f = 0; f < predicates->n_features; f++) {
        const rk_used_feature *const used = &predicates->features[f];
        for (uint32_t c = used->first_column; c < used->first_column + used->n_columns; c++)
            bytes[c] = rank_value(&predicates->columns[c], x[f]);
        for (uint32_t s = used->first_set; s < used->first_set + used->n_sets; s++)
            answers[s] = rk_set_right(&predicates->sets[s], x[f], forest);
    }
}

/* A row that has come to its leaf waits for the others there. */
void rk_ranked_walk(const rk_forest *forest, const rk_ranked *ranked, uint32_t t,
                    const uint8_t *bytes, uint32_t *leaves)
{
    const rk_tree *const tree = &forest->trees[t];
    const rk_ranked_split *const splits = ranked->splits + tree->first_split;
    int32_t at[RK_RANKED_ROWS], left = tree->n_splits ? 0 : -1;
    for (unsigned r = 0; r < RK_RANKED_ROWS; r++)
        at[r] = left;
    while (left >= 0) {
        left = -1;
#pragma GCC unroll 8
        for (unsigned r = 0; r < RK_RANKED_ROWS; r++) {
            const int32_t done = at[r] >> 31;
            const rk_ranked_split *const s = &splits[at[r] & ~done];
            const bool right = bytes[(size_t)r * ranked->n_bytes + s->column] > s->threshold;
            at[r] = (s->child[right] & ~done) | (at[r] & done);
            left &= at[r];
        }
    }
    for (unsigned r = 0; r < RK_RANKED_ROWS; r++)
        leaves[r] = tree->first_leaf + (uint32_t)(-1 - at[r]);
}
