/* One tree. The rules of LightGBM's Tree::Decision become those of forest.h here; tree.h and
 * c_api.cpp of LightGBM 4.6 are what they were read from. */
#include <math.h>

#include "runtime/model/lightgbm.h"

/* The lines that matter; leaf_weight, leaf_count, internal_value, internal_weight and shrinkage,
 * which is in the leaf values already, do not. */
/* clang-format off */
#define KEYS(X)                                                                                    \
    X(num_leaves) X(num_cat) X(split_feature) X(split_gain) X(threshold) X(decision_type)          \
    X(left_child) X(right_child) X(leaf_value) X(internal_count) X(cat_boundaries)                 \
    X(cat_threshold) X(is_linear)
/* clang-format on */

typedef struct block {
#define KEY(name) rk_lgb_value name;
    KEYS(KEY)
#undef KEY
    uint32_t n_splits, n_leaves;
    /* [n_splits] */
    int64_t *features, *decisions, *left, *right;
    double *thresholds;
    uint32_t n_sets; /* categorical ones */
    uint32_t first_set;
} block;

/* decision_type */
enum {
    CATEGORICAL = 1,
    DEFAULT_LEFT = 2,
    MISSING_SHIFT = 2,
    MISSING_NONE = 0,
    MISSING_ZERO = 1,
    MISSING_NAN = 2,
    DECISIONS = 12, /* there is no missing type 3 */
};

/* ---- lines ---- */

static rk_lgb_value *value_of(block *b, rk_str key)
{
#define KEY(name)                                                                                  \
    if (rk_str_eq(key, RK_STR(#name)))                                                             \
        return &b->name;
    KEYS(KEY)
#undef KEY
    return NULL;
}

static rk_status read_lines(rk_lgb *l, block *b)
{
    rk_str line;
    while (rk_lgb_line(l, &line)) {
        if (line.len == 0)
            return RK_OK;
        const char *const equals = memchr(line.data, '=', line.len);
        if (!equals)
            return rk_model_bad(&l->loading, l->line, "a line of a tree has no `=`");
        const size_t len = (size_t)(equals - line.data);
        rk_lgb_value *const value = value_of(b, (rk_str){line.data, len});
        if (!value)
            continue;
        if (value->line)
            return rk_model_bad(&l->loading, l->line, "%.*s is given twice in a tree", (int)len,
                                line.data);
        *value = (rk_lgb_value){{equals + 1, line.len - len - 1}, l->line};
    }
    return rk_model_bad(&l->loading, l->line, "the file ends within tree %u", l->trees.trees.len);
}

/* ---- rules ---- */

/* `x <= t` as forest.h has it. LightGBM's API takes a value within RK_FOREST_ZERO of 0 for 0 before
 * any tree sees it, so a threshold in there cuts at one end of that range. */
static double cut_of(double t)
{
    if (t >= -RK_FOREST_ZERO && t < 0)
        return -RK_FOREST_ZERO;
    if (t >= 0 && t < RK_FOREST_ZERO)
        return rk_forest_above(RK_FOREST_ZERO);
    return rk_forest_above(t);
}

static void turn(rk_tree_split *split)
{
    const int32_t left = split->left;
    split->left = split->right;
    split->right = left;
    split->nan_left = !split->nan_left;
}

static void number_rule(rk_lgb *l, rk_tree_split *split, int64_t decision, double t)
{
    const int64_t missing = decision >> MISSING_SHIFT;
    split->zero = missing == MISSING_ZERO;
    /* Without a rule for missing values NaN is 0. */
    split->nan_left = missing == MISSING_NONE ? t >= 0 : (decision & DEFAULT_LEFT) != 0;
    if (missing == MISSING_NONE)
        l->inputs[split->feature].missing = false;
    if (t < (double)INFINITY) {
        split->threshold = cut_of(t);
        return;
    }
    /* Every number is <= inf and none <= NaN; none is < -inf. */
    split->threshold = -(double)INFINITY;
    if (t == t)
        turn(split);
}

static rk_status set_rule(rk_lgb *l, const block *b, rk_tree_split *split, double t)
{
    if (!(t >= 0 && t < b->n_sets))
        return rk_model_bad(&l->loading, b->threshold.line,
                            "a categorical split asks for set %g of the tree's %u", t, b->n_sets);
    split->set = b->first_set + (uint32_t)t;
    split->in_left = true;
    return RK_OK;
}

static rk_status add_split(rk_lgb *l, const block *b, uint32_t i)
{
    const int64_t feature = b->features[i], decision = b->decisions[i];
    const int64_t left = b->left[i], right = b->right[i];
    if (feature < 0 || feature >= l->n_inputs)
        return rk_model_bad(&l->loading, b->split_feature.line,
                            "split %u asks for feature %lld, and there are %u from 0", i,
                            (long long)feature, l->n_inputs);
    if (decision < 0 || decision >= DECISIONS)
        return rk_model_bad(&l->loading, b->decision_type.line,
                            "split %u is of no known type: %lld", i, (long long)decision);
    const int64_t least = -(int64_t)b->n_leaves, most = b->n_splits;
    if (left < least || left >= most || right < least || right >= most)
        return rk_model_bad(&l->loading,
                            left < least || left >= most ? b->left_child.line : b->right_child.line,
                            "split %u leads out of the tree", i);
    if ((left >= 0 && left <= i) || (right >= 0 && right <= i))
        return rk_model_bad(&l->loading,
                            left >= 0 && left <= i ? b->left_child.line : b->right_child.line,
                            "split %u leads back to an earlier one", i);
    rk_tree_split split = {.feature = (uint32_t)feature,
                           .left = (int32_t)left,
                           .right = (int32_t)right,
                           .set = UINT32_MAX};
    if (decision & CATEGORICAL)
        RK_TRY(set_rule(l, b, &split, b->thresholds[i]));
    else
        number_rule(l, &split, decision, b->thresholds[i]);
    return rk_vec_push(l->arena, &l->trees.splits, split) ? RK_OK : RK_ENOMEM;
}

/* ---- parts of a tree ---- */

static rk_status add_sets(rk_lgb *l, block *b)
{
    int64_t n_sets, *bounds, *words;
    RK_TRY(rk_lgb_int(l, "num_cat", b->num_cat, 0, INT32_MAX - 1, &n_sets));
    b->n_sets = (uint32_t)n_sets;
    b->first_set = l->trees.sets.len;
    if (n_sets == 0 || b->n_splits == 0)
        return RK_OK;
    RK_TRY(rk_lgb_ints(l, "cat_boundaries", b->cat_boundaries, b->n_sets + 1, &bounds));
    for (uint32_t i = 0; i <= b->n_sets; i++)
        if (bounds[i] < (i ? bounds[i - 1] : 0) || bounds[i] > INT32_MAX || (i == 0 && bounds[i]))
            return rk_model_bad(&l->loading, b->cat_boundaries.line,
                                "cat_boundaries do not go up from 0");
    const uint32_t n_words = (uint32_t)bounds[b->n_sets], first = l->trees.words.len;
    RK_TRY(rk_lgb_ints(l, "cat_threshold", b->cat_threshold, n_words, &words));
    for (uint32_t i = 0; i < n_words; i++) {
        if (words[i] < 0 || words[i] > UINT32_MAX)
            return rk_model_bad(&l->loading, b->cat_threshold.line,
                                "cat_threshold: %lld is not 32 bits", (long long)words[i]);
        if (!rk_vec_push(l->arena, &l->trees.words, (uint32_t)words[i]))
            return RK_ENOMEM;
    }
    for (uint32_t i = 0; i < b->n_sets; i++) {
        const rk_split_set set = {first + (uint32_t)bounds[i],
                                  (uint32_t)(bounds[i + 1] - bounds[i])};
        if (!rk_vec_push(l->arena, &l->trees.sets, set))
            return RK_ENOMEM;
    }
    return RK_OK;
}

/* What only inspection shows: gains and counts of rows. */
static rk_status add_splits_about(rk_lgb *l, const block *b)
{
    double *gains = NULL, *covers = NULL;
    if (b->split_gain.line)
        RK_TRY(rk_lgb_doubles(l, "split_gain", b->split_gain, b->n_splits, &gains));
    if (b->internal_count.line)
        RK_TRY(rk_lgb_doubles(l, "internal_count", b->internal_count, b->n_splits, &covers));
    l->trees.no_gains |= !gains;
    l->trees.no_covers |= !covers;
    for (uint32_t i = 0; i < b->n_splits; i++)
        if (!rk_vec_push(l->arena, &l->trees.gains, gains ? gains[i] : 0) ||
            !rk_vec_push(l->arena, &l->trees.covers, covers ? covers[i] : 0))
            return RK_ENOMEM;
    return RK_OK;
}

static rk_status add_splits(rk_lgb *l, block *b)
{
    const uint32_t n = b->n_splits;
    RK_TRY(rk_lgb_ints(l, "split_feature", b->split_feature, n, &b->features));
    RK_TRY(rk_lgb_doubles(l, "threshold", b->threshold, n, &b->thresholds));
    RK_TRY(rk_lgb_ints(l, "decision_type", b->decision_type, n, &b->decisions));
    RK_TRY(rk_lgb_ints(l, "left_child", b->left_child, n, &b->left));
    RK_TRY(rk_lgb_ints(l, "right_child", b->right_child, n, &b->right));
    for (uint32_t i = 0; i < n; i++)
        RK_TRY(add_split(l, b, i));
    return add_splits_about(l, b);
}

static rk_status add_leaves(rk_lgb *l, const block *b)
{
    double *values;
    RK_TRY(rk_lgb_doubles(l, "leaf_value", b->leaf_value, b->n_leaves, &values));
    for (uint32_t i = 0; i < b->n_leaves; i++)
        if (!rk_vec_push(l->arena, &l->trees.leaves, values[i]) ||
            !rk_vec_push(l->arena, &l->trees.leaf_numbers, i))
            return RK_ENOMEM;
    return RK_OK;
}

/* ---- room ---- */

/* What the rest of the text says its trees have, to reserve room for: only a hint. */
typedef struct counts {
    uint64_t trees, leaves, sets, words;
} counts;

static void count_line(rk_str line, counts *c)
{
    rk_str rest;
    int64_t n;
    if (rk_lgb_after(line, RK_STR("num_leaves="), &rest)) {
        c->trees++;
        c->leaves += rk_str_to_int(rest, &n) && n > 0 && n <= INT32_MAX ? (uint64_t)n : 0;
    } else if (rk_lgb_after(line, RK_STR("num_cat="), &rest)) {
        c->sets += rk_str_to_int(rest, &n) && n > 0 && n <= INT32_MAX ? (uint64_t)n : 0;
    } else if (rk_lgb_after(line, RK_STR("cat_threshold="), &rest)) {
        c->words += rk_lgb_words(rest);
    }
}

static counts count(const rk_lgb *l)
{
    counts c = {0};
    rk_lgb ahead = {.rest = l->rest};
    for (rk_str line; rk_lgb_line(&ahead, &line);)
        count_line(line, &c);
    /* A split takes six numbers, a set at least one: no honest file goes beyond. */
    const uint64_t most = l->rest.len / 12 + 1;
    c.leaves = c.leaves < most + c.trees ? c.leaves : most + c.trees;
    c.sets = c.sets < most ? c.sets : most;
    return c;
}

#define RESERVE(l, vec, n)                                                                         \
    ((vec)->items = rk_arena_alloc_column((l)->arena, (n), sizeof *(vec)->items),                  \
     (vec)->cap = (uint32_t)(n), (vec)->items != NULL)

rk_status rk_lgb_reserve(rk_lgb *l)
{
    const counts c = count(l);
    rk_lgb_trees *const t = &l->trees;
    if (c.leaves > INT32_MAX || c.words > INT32_MAX)
        return rk_model_bad(&l->loading, 0, "the model has more than %d leaves or categories",
                            INT32_MAX);
    const uint64_t splits = c.leaves > c.trees ? c.leaves - c.trees : 0;
    return RESERVE(l, &t->trees, c.trees) && RESERVE(l, &t->splits, splits) &&
                   RESERVE(l, &t->gains, splits) && RESERVE(l, &t->covers, splits) &&
                   RESERVE(l, &t->leaves, c.leaves) && RESERVE(l, &t->leaf_numbers, c.leaves) &&
                   RESERVE(l, &t->sets, c.sets) && RESERVE(l, &t->words, c.words)
               ? RK_OK
               : RK_ENOMEM;
}

/* ---- the whole ---- */

rk_status rk_lgb_tree(rk_lgb *l)
{
    rk_lgb_trees *const trees = &l->trees;
    block b = {0};
    RK_TRY(read_lines(l, &b));
    rk_arena_reset(&l->one_tree);
    int64_t n_leaves;
    RK_TRY(rk_lgb_int(l, "num_leaves", b.num_leaves, 1, INT32_MAX, &n_leaves));
    b.n_leaves = (uint32_t)n_leaves;
    b.n_splits = b.n_leaves - 1;
    trees->n_linear += b.is_linear.line && !rk_str_eq(b.is_linear.text, RK_STR("0"));
    const rk_tree tree = {.first_split = trees->splits.len,
                          .n_splits = b.n_splits,
                          .first_leaf = trees->leaves.len,
                          .n_leaves = b.n_leaves,
                          .output = trees->trees.len % l->n_outputs};
    RK_TRY(add_leaves(l, &b));
    RK_TRY(add_sets(l, &b));
    if (b.n_splits)
        RK_TRY(add_splits(l, &b));
    return rk_vec_push(l->arena, &trees->trees, tree) ? RK_OK : RK_ENOMEM;
}
