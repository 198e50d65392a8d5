/* Random forests of every shape, and rows that hit their thresholds, for tests of evaluators. */
#ifndef RK_UNIT_FORESTS_H
#define RK_UNIT_FORESTS_H

#include <math.h>
#include <string.h>

#include "runtime/model/forest.h"

/* What a random forest is made of. */
typedef struct forest_recipe {
    const char *name;
    uint32_t trees, leaves;    /* at most, of a tree */
    bool exactly;              /* each tree has so many leaves */
    bool balanced;             /* the shallowest leaf is split next, else a random one */
    bool chain;                /* the deepest is */
    uint32_t features, values; /* different thresholds of a feature; 0: any */
    bool missing;              /* splits of all rules, else NaN goes right */
    uint32_t categorical;      /* every so many-th feature is; 0: none */
    uint32_t words;            /* of its sets, at most */
    uint32_t outputs;
    bool in_float, narrows, whole, wild; /* wild: thresholds of any bits */
    bool symmetric;               /* a level asks one question; leaves are a power of 2 */
    bool scaled;                  /* by a factor, with a bias and a divisor */
} forest_recipe;

static inline uint64_t forest_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static inline uint32_t forest_below(uint64_t *state, uint32_t n)
{
    return n ? (uint32_t)(forest_random(state) >> 33) % n : 0;
}

static inline double forest_unit(uint64_t *state)
{
    return (double)(forest_random(state) >> 11) * 0x1p-53;
}

static inline double forest_special(uint64_t *state)
{
    static const double values[] = {0.0,     -0.0,     1e-35,          -1e-35,      0x1p-1074,
                                    -1e-310, INFINITY, -INFINITY,      1e300,       -1e300,
                                    1,       -1,       (double)1e-35f, 3.5e38,      -0.5,
                                    31,      32,       2147483647.,    2147483648., 16777217.};
    return values[forest_below(state, sizeof values / sizeof *values)];
}

static inline double forest_threshold(const forest_recipe *r, uint64_t *state)
{
    if (forest_below(state, 50) == 0)
        return forest_special(state);
    if (r->wild) {
        double value;
        do {
            const uint64_t bits = forest_random(state);
            memcpy(&value, &bits, sizeof value);
        } while (value != value);
        return value;
    }
    if (r->values)
        return (double)forest_below(state, r->values) / 7 - 3;
    const double x = forest_unit(state) * 20 - 10;
    return r->in_float ? (double)(float)x : x;
}

/* A forest under way. */
typedef struct forest_maker {
    const forest_recipe *recipe;
    uint64_t state;
    rk_forest *forest;
    rk_arena *arena;
    rk_tree_split levels[16]; /* of a symmetric tree */
    uint32_t n_levels;
} forest_maker;

static inline uint32_t forest_set(forest_maker *m)
{
    rk_forest *const f = m->forest;
    const uint32_t n = forest_below(&m->state, m->recipe->words + 1);
    f->sets[f->n_sets] = (rk_split_set){.first = f->n_words, .n_words = n};
    for (uint32_t i = 0; i < n; i++)
        f->words[f->n_words++] = (uint32_t)(forest_random(&m->state) >> 20);
    return f->n_sets++;
}

static inline rk_tree_split forest_split(forest_maker *m)
{
    const forest_recipe *const r = m->recipe;
    const uint32_t feature = forest_below(&m->state, r->features);
    rk_tree_split s = {.feature = feature, .set = UINT32_MAX};
    if (r->missing) {
        s.nan_left = forest_below(&m->state, 2);
        s.zero = forest_below(&m->state, 3) == 0;
    }
    if (r->categorical && feature % r->categorical == 0) {
        s.set = forest_set(m);
        s.in_left = forest_below(&m->state, 2);
    } else {
        s.threshold = forest_threshold(r, &m->state);
    }
    return s;
}

/* The split of a level, which a symmetric tree has chosen before. */
static inline rk_tree_split forest_split_at(forest_maker *m, uint32_t depth)
{
    if (!m->recipe->symmetric)
        return forest_split(m);
    while (m->n_levels <= depth)
        m->levels[m->n_levels++] = forest_split(m);
    return m->levels[depth];
}

static inline uint32_t forest_leaves(forest_maker *m)
{
    const uint32_t most = m->recipe->leaves;
    uint32_t leaves = m->recipe->exactly ? most : 1 + forest_below(&m->state, most);
    while (m->recipe->symmetric && leaves & (leaves - 1))
        leaves &= leaves - 1;
    return leaves;
}

/* Where the tree grows: a child that is a leaf so far. */
typedef struct forest_tip {
    int32_t *child;
    uint32_t depth;
} forest_tip;

static inline uint32_t forest_pick(forest_maker *m, const forest_tip *tips, uint32_t n)
{
    uint32_t best = 0;
    if (!m->recipe->balanced && !m->recipe->chain)
        return forest_below(&m->state, n);
    for (uint32_t i = 1; i < n; i++)
        if (m->recipe->chain ? tips[i].depth > tips[best].depth : tips[i].depth < tips[best].depth)
            best = i;
    return best;
}

static inline double forest_leaf(forest_maker *m)
{
    const uint32_t which = forest_below(&m->state, 20);
    const double value = which == 0 ? 0.0
                         : which == 1
                             ? -0.0
                             : (forest_unit(&m->state) - 0.5) * exp2(forest_below(&m->state, 20));
    return m->recipe->in_float ? (double)(float)value : value;
}

static inline void forest_tree(forest_maker *m, forest_tip *tips)
{
    rk_forest *const f = m->forest;
    rk_tree *const tree = &f->trees[f->n_trees++];
    const uint32_t leaves = forest_leaves(m);
    m->n_levels = 0;
    *tree = (rk_tree){.first_split = f->n_splits,
                      .first_leaf = f->n_leaves,
                      .output = forest_below(&m->state, m->recipe->outputs)};
    int32_t root = 0;
    uint32_t n = 1;
    tips[0] = (forest_tip){.child = &root};
    while (n < leaves) {
        const uint32_t at = forest_pick(m, tips, n), depth = tips[at].depth + 1;
        *tips[at].child = (int32_t)tree->n_splits;
        rk_tree_split *const s = &f->splits[f->n_splits + tree->n_splits++];
        *s = forest_split_at(m, depth - 1);
        tips[at] = (forest_tip){&s->left, depth};
        tips[n++] = (forest_tip){&s->right, depth};
        tree->depth = depth > tree->depth ? depth : tree->depth;
    }
    for (uint32_t i = 0; i < n; i++) {
        *tips[i].child = -1 - (int32_t)i;
        f->leaf_numbers[f->n_leaves + i] = i;
        f->leaves[f->n_leaves + i] = forest_leaf(m);
    }
    tree->n_leaves = n;
    f->n_leaves += n;
    f->n_splits += tree->n_splits;
}

/* A forest in `arena`, or NULL. */
static inline rk_forest *forest_make(const forest_recipe *r, uint64_t seed, rk_arena *arena)
{
    rk_forest *const f = RK_NEW(arena, rk_forest);
    const size_t n = (size_t)r->trees * r->leaves + 1;
    forest_tip *const tips = RK_NEW_ARRAY(arena, forest_tip, r->leaves + 1);
    forest_maker m = {
        .recipe = r, .state = seed * 2654435761u + 88172645463325252u, .forest = f, .arena = arena};
    f->trees = RK_NEW_ARRAY(arena, rk_tree, r->trees);
    f->splits = RK_NEW_ARRAY(arena, rk_tree_split, n);
    f->leaves = RK_NEW_ARRAY(arena, double, n);
    f->leaf_numbers = RK_NEW_ARRAY(arena, uint32_t, n);
    f->sets = RK_NEW_ARRAY(arena, rk_split_set, n);
    f->words = RK_NEW_ARRAY(arena, uint32_t, n * (r->words + 1));
    f->n_outputs = r->outputs;
    f->base = RK_NEW_ARRAY(arena, double, r->outputs);
    for (uint32_t k = 0; k < r->outputs; k++)
        f->base[k] = k % 2 ? forest_leaf(&m) : -0.0;
    f->in_float = r->in_float;
    f->narrows = r->narrows;
    f->whole = r->whole;
    f->divisor = f->scale = 1;
    if (r->scaled) {
        f->divisor = 3;
        f->scale = -0.37;
        f->bias = 1e-3;
    }
    for (uint32_t t = 0; t < r->trees; t++)
        forest_tree(&m, tips);
    return f;
}

/* A value for a feature: often a threshold, or next to one. */
static inline double forest_value(const rk_forest *f, const forest_recipe *r, uint32_t feature,
                                  uint64_t *state)
{
    const uint32_t how = forest_below(state, 12);
    if (how == 0)
        return NAN;
    if (how == 1)
        return forest_special(state);
    if (r->categorical && feature % r->categorical == 0)
        return (double)forest_below(state, 33 * (r->words + 1)) - 1 + (how == 2 ? 0.5 : 0);
    if (how < 8 && f->n_splits) {
        const double t = f->splits[forest_below(state, f->n_splits)].threshold;
        return how == 3 ? nextafter(t, INFINITY) : how == 4 ? nextafter(t, -INFINITY) : t;
    }
    return forest_threshold(r, state);
}

#endif
