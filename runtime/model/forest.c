#include "runtime/model/forest.h"

/* ---- thresholds ---- */

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double rk_forest_above(double threshold)
{
    if (threshold == 0)
        return from_bits(1);
    uint64_t bits;
    memcpy(&bits, &threshold, sizeof bits);
    if (threshold != threshold || bits == UINT64_C(0x7ff0000000000000))
        return threshold;
    return from_bits(threshold > 0 ? bits + 1 : bits - 1);
}

/* Ordered ints for floats: the next float below is one less. */
static int32_t float_order(float value)
{
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits < 0 ? INT32_MIN - bits : bits;
}

static double float_at(int32_t order)
{
    const int32_t bits = order < 0 ? INT32_MIN - order : order;
    float value;
    memcpy(&value, &bits, sizeof value);
    /* Beyond the largest float the next would be 2^128: rounding knows no infinity. */
    if (value - value != 0)
        return value < 0 ? -0x1p128 : 0x1p128;
    return (double)value;
}

double rk_forest_narrowed(float threshold)
{
    if (threshold != threshold || threshold == -1.0f / 0.0f)
        return (double)threshold;
    const int32_t order = float_order(threshold);
    /* Half way between neighbours, which is a double, goes to the even one. */
    const double half = float_at(order - 1) / 2 + float_at(order) / 2;
    return order & 1 ? rk_forest_above(half) : half;
}

/* ---- precision ---- */

/* Whether it fits: what is finite stays so. */
static bool to_float(double *value)
{
    const bool finite = *value - *value == 0;
    *value = (double)(float)*value;
    return !finite || *value - *value == 0;
}

bool rk_forest_to_float(rk_forest *forest)
{
    bool fits = true;
    for (uint32_t i = 0; i < forest->n_leaves; i++)
        fits &= to_float(&forest->leaves[i]);
    for (uint32_t k = 0; k < forest->n_outputs; k++)
        fits &= to_float(&forest->base[k]);
    forest->in_float = true;
    return fits;
}

/* ---- the check ---- */

typedef struct checker {
    const rk_forest *forest;
    rk_model_input *inputs;
    uint32_t n_inputs;
    rk_buf *fault;
    uint32_t *depths; /* [longest tree] of its splits; UINT32_MAX: not reached yet */
    bool *leaves;     /* [longest tree + 1] reached */
} checker;

#define FAULT(c, ...) (rk_buf_printf((c)->fault, __VA_ARGS__), RK_EDATA)

static rk_status check_split(const checker *c, uint32_t t, uint32_t s, const rk_tree_split *split)
{
    const rk_forest *const forest = c->forest;
    if (split->feature >= c->n_inputs)
        return FAULT(c, "tree %u, split %u asks for feature %u of %u", t, s, split->feature,
                     c->n_inputs);
    c->inputs[split->feature].used = true;
    if (split->set == UINT32_MAX)
        return split->threshold == split->threshold
                   ? RK_OK
                   : FAULT(c, "tree %u, split %u compares with NaN", t, s);
    c->inputs[split->feature].categorical = true;
    if (split->set >= forest->n_sets)
        return FAULT(c, "tree %u, split %u asks for set %u of %u", t, s, split->set,
                     forest->n_sets);
    return RK_OK;
}

/* One child of split s: marks it as reached. */
static rk_status check_child(const checker *c, uint32_t t, uint32_t s, int32_t child)
{
    const rk_tree *const tree = &c->forest->trees[t];
    if (child < 0) {
        const uint32_t leaf = (uint32_t)(-1 - child);
        if (leaf >= tree->n_leaves)
            return FAULT(c, "tree %u, split %u leads to leaf %u of %u", t, s, leaf, tree->n_leaves);
        if (c->leaves[leaf])
            return FAULT(c, "tree %u reaches leaf %u twice", t, leaf);
        c->leaves[leaf] = true;
        return RK_OK;
    }
    const uint32_t next = (uint32_t)child;
    if (next >= tree->n_splits)
        return FAULT(c, "tree %u, split %u leads to split %u of %u", t, s, next, tree->n_splits);
    if (next <= s)
        return FAULT(c, "tree %u, split %u leads back to split %u", t, s, next);
    if (c->depths[next] != UINT32_MAX)
        return FAULT(c, "tree %u reaches split %u twice", t, next);
    c->depths[next] = c->depths[s] + 1;
    return RK_OK;
}

/* No split or leaf is reached twice, and there are as many ways as there are of both, so each is
 * reached. A split that is not reached before it is looked at never is: its parent comes first. */
static rk_status check_tree(const checker *c, uint32_t t)
{
    rk_tree *const tree = &c->forest->trees[t];
    if (tree->output >= c->forest->n_outputs)
        return FAULT(c, "tree %u adds to output %u of %u", t, tree->output, c->forest->n_outputs);
    memset(c->depths, 0xff, tree->n_splits * sizeof *c->depths);
    memset(c->leaves, 0, tree->n_leaves * sizeof *c->leaves);
    tree->depth = 0;
    if (tree->n_splits)
        c->depths[0] = 0;
    for (uint32_t s = 0; s < tree->n_splits; s++) {
        const rk_tree_split *const split = &c->forest->splits[tree->first_split + s];
        if (c->depths[s] == UINT32_MAX)
            return FAULT(c, "tree %u never reaches split %u", t, s);
        RK_TRY(check_split(c, t, s, split));
        RK_TRY(check_child(c, t, s, split->left));
        RK_TRY(check_child(c, t, s, split->right));
        if (c->depths[s] + 1 > tree->depth)
            tree->depth = c->depths[s] + 1;
    }
    return RK_OK;
}

/* Trees lie one after another in the arrays of splits and leaves; the longest is told. */
static rk_status check_ranges(const checker *c, uint32_t *longest)
{
    const rk_forest *const forest = c->forest;
    uint64_t splits = 0, leaves = 0;
    for (uint32_t t = 0; t < forest->n_trees; t++) {
        const rk_tree *const tree = &forest->trees[t];
        if (tree->first_split != splits || tree->first_leaf != leaves)
            return FAULT(c, "tree %u does not follow the one before", t);
        if (tree->n_leaves != (uint64_t)tree->n_splits + 1)
            return FAULT(c, "tree %u has %u leaves and %u splits", t, tree->n_leaves,
                         tree->n_splits);
        splits += tree->n_splits;
        leaves += tree->n_leaves;
        *longest = tree->n_splits > *longest ? tree->n_splits : *longest;
    }
    if (splits != forest->n_splits || leaves != forest->n_leaves)
        return FAULT(c, "the trees have %llu splits and %llu leaves, not %u and %u",
                     (unsigned long long)splits, (unsigned long long)leaves, forest->n_splits,
                     forest->n_leaves);
    for (uint32_t i = 0; i < forest->n_sets; i++)
        if ((uint64_t)forest->sets[i].first + forest->sets[i].n_words > forest->n_words)
            return FAULT(c, "set %u goes on beyond the %u words of sets", i, forest->n_words);
    return RK_OK;
}

static bool is_float(double value) { return value != value || (double)(float)value == value; }

static rk_status check_values(const checker *c)
{
    const rk_forest *const forest = c->forest;
    if (forest->n_outputs == 0)
        return FAULT(c, "the forest has no output");
    if (forest->divisor == 0)
        return FAULT(c, "scores would be divided by 0");
    if (!forest->in_float)
        return RK_OK;
    for (uint32_t k = 0; k < forest->n_outputs; k++)
        if (!is_float(forest->base[k]))
            return FAULT(c, "the base of output %u is no float", k);
    for (uint32_t i = 0; i < forest->n_leaves; i++)
        if (!is_float(forest->leaves[i]))
            return FAULT(c, "leaf value %u is no float", i);
    return RK_OK;
}

rk_status rk_forest_check(rk_forest *forest, rk_model_input *inputs, uint32_t n_inputs,
                          rk_buf *fault)
{
    checker c = {.forest = forest, .inputs = inputs, .n_inputs = n_inputs, .fault = fault};
    for (uint32_t i = 0; i < n_inputs; i++)
        inputs[i].used = inputs[i].categorical = false;
    uint32_t longest = 0;
    RK_TRY(check_ranges(&c, &longest));
    RK_TRY(check_values(&c));
    rk_arena scratch = {0};
    c.depths = rk_arena_alloc_column(&scratch, (size_t)longest + 1, sizeof *c.depths);
    c.leaves = rk_arena_alloc_column(&scratch, (size_t)longest + 1, sizeof *c.leaves);
    rk_status status = c.depths && c.leaves ? RK_OK : RK_ENOMEM;
    for (uint32_t t = 0; status == RK_OK && t < forest->n_trees; t++)
        status = check_tree(&c, t);
    rk_arena_free(&scratch);
    return status;
}
