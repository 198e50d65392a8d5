/* One row, one tree, one split at a time: what every other evaluator must equal to the bit. Written
 * to be read against the libraries' sources, not to be fast. */
#include "runtime/model/forest.h"

static bool in_set(const rk_forest *forest, uint32_t set, double x)
{
    const int32_t is = rk_forest_category(x, forest->narrows, forest->whole);
    if (is < 0)
        return false;
    const uint32_t category = (uint32_t)is, word = category / 32;
    const rk_split_set *const s = &forest->sets[set];
    return word < s->n_words && forest->words[s->first + word] >> (category % 32) & 1;
}

static bool goes_left(const rk_forest *forest, const rk_tree_split *split, double x)
{
    if (x != x || (split->zero && x >= -RK_FOREST_ZERO && x <= RK_FOREST_ZERO))
        return split->nan_left;
    if (split->set != UINT32_MAX)
        return in_set(forest, split->set, x) == split->in_left;
    return x < split->threshold;
}

/* In forest.leaves. */
static uint32_t leaf_of(const rk_forest *forest, const rk_tree *tree, const rk_rows_in *rows,
                        uint32_t i)
{
    if (tree->n_splits == 0)
        return tree->first_leaf;
    int32_t at = 0;
    while (at >= 0) {
        const rk_tree_split *const split = &forest->splits[tree->first_split + (uint32_t)at];
        at =
            goes_left(forest, split, rows->columns[split->feature][i]) ? split->left : split->right;
    }
    return tree->first_leaf + (uint32_t)(-1 - at);
}

static double add(const rk_forest *forest, double sum, double value)
{
    return forest->in_float ? (double)((float)sum + (float)value) : sum + value;
}

static double finish(const rk_forest *forest, uint32_t output, double sum)
{
    const double bias = forest->biases ? forest->biases[output] : forest->bias;
    if (forest->divisor != 1)
        sum = forest->in_float ? (double)((float)sum / (float)forest->divisor)
                               : sum / forest->divisor;
    if (forest->scale != 1 || bias != 0)
        sum = forest->scale * sum + bias;
    return forest->in_float || forest->rounds ? (double)(float)sum : sum;
}

void rk_forest_walk(const rk_forest *forest, const rk_rows_in *rows, double *const *out)
{
    for (uint32_t i = 0; i < rows->n; i++) {
        for (uint32_t k = 0; k < forest->n_outputs; k++)
            out[k][i] = forest->base[k];
        for (uint32_t t = 0; t < forest->n_trees; t++) {
            const rk_tree *const tree = &forest->trees[t];
            double *const sum = &out[tree->output][i];
            *sum = add(forest, *sum, forest->leaves[leaf_of(forest, tree, rows, i)]);
        }
        for (uint32_t k = 0; k < forest->n_outputs; k++)
            out[k][i] = finish(forest, k, out[k][i]);
    }
}

void rk_forest_leaves(const rk_forest *forest, const rk_rows_in *rows, int64_t *out)
{
    for (uint32_t i = 0; i < rows->n; i++)
        for (uint32_t t = 0; t < forest->n_trees; t++)
            *out++ = forest->leaf_numbers[leaf_of(forest, &forest->trees[t], rows, i)];
}
