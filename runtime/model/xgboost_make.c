/* All of the file was read: what it claims is checked against what it holds, and the model is put
 * together. */
#include "runtime/model/linear.h"
#include "runtime/model/xgboost.h"

#include <stdio.h>

/* Features and outputs are only counts in the file, but each takes room. So no more of them are
 * believed than the file has bytes, and these for short ones. */
enum { SOME_INPUTS = 1 << 14, SOME_OUTPUTS = 1 << 10 };

static bool is(rk_str name, const char *word) { return rk_str_eq(name, rk_str_from(word)); }

/* ---- the head ---- */

static rk_status make_version(rk_xgboost *x, rk_model *out)
{
    rk_buf text = {0};
    for (uint32_t i = 0; i < x->version.len; i++)
        rk_buf_printf(&text, "%s%d", i ? "." : "", x->version.items[i]);
    out->version = RK_STR("");
    if (text.len)
        out->version = (rk_str){rk_arena_copy(x->arena, text.data, text.len), text.len};
    const bool failed = text.failed || !out->version.data;
    rk_buf_free(&text);
    return failed ? RK_ENOMEM : RK_OK;
}

static rk_status make_inputs(rk_xgboost *x, rk_model *out)
{
    if (x->n_features < 0)
        return rk_model_bad(&x->loading, 0, "it has %lld features", (long long)x->n_features);
    if ((uint64_t)x->n_features > SOME_INPUTS + (uint64_t)x->size || x->n_features > INT32_MAX)
        return rk_model_bad(&x->loading, 0,
                            "it claims %lld features, too many for a file of this size",
                            (long long)x->n_features);
    out->n_inputs = (uint32_t)x->n_features;
    if (x->feature_names.len && x->feature_names.len != out->n_inputs)
        return rk_model_bad(&x->loading, 0, "it has %u names for %u features", x->feature_names.len,
                            out->n_inputs);
    if (x->categories.len > out->n_inputs)
        return rk_model_bad(&x->loading, 0, "it has categories of %u features, and %u features",
                            x->categories.len, out->n_inputs);
    out->inputs = RK_NEW_ARRAY(x->arena, rk_model_input, out->n_inputs);
    if (!out->inputs)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < out->n_inputs; i++) {
        out->inputs[i].name = x->feature_names.len ? x->feature_names.items[i] : RK_STR("");
        out->inputs[i].missing = true;
        if (i < x->categories.len) {
            out->inputs[i].categories = x->categories.items[i].names;
            out->inputs[i].n_categories = x->categories.items[i].n;
        }
    }
    return RK_OK;
}

static rk_status make_outputs(rk_xgboost *x, rk_model *out)
{
    const int64_t n = x->n_classes > x->n_targets ? x->n_classes : x->n_targets;
    if (x->n_classes < 0 || n < 1)
        return rk_model_bad(&x->loading, 0, "it has %lld classes and %lld targets",
                            (long long)x->n_classes, (long long)x->n_targets);
    if ((uint64_t)n > SOME_OUTPUTS + (uint64_t)x->size / 8 || n > INT32_MAX)
        return rk_model_bad(&x->loading, 0,
                            "it claims %lld outputs, too many for a file of this size",
                            (long long)n);
    out->n_outputs = (uint32_t)n;
    if (x->base_score.len == 0)
        return rk_model_bad(&x->loading, 0, "it has no base_score");
    if (x->base_score.len != 1 && x->base_score.len != out->n_outputs)
        return rk_model_bad(&x->loading, 0, "it has %u base scores for %u outputs",
                            x->base_score.len, out->n_outputs);
    return RK_OK;
}

/* What is there but cannot be computed; all of it in one error. */
static const rk_xgboost_objective *find_objective(rk_xgboost *x)
{
    const rk_xgboost_objective *const objective = rk_xgboost_objective_find(x->objective);
    if (!objective)
        rk_model_lacks(&x->loading, "objective `%.*s`", RK_STR_ARG(x->objective));
    if (!is(x->booster, "gbtree") && !is(x->booster, "dart") && !is(x->booster, "gblinear"))
        rk_model_lacks(&x->loading, "booster `%.*s`", RK_STR_ARG(x->booster));
    if (x->n_vector_trees)
        rk_model_lacks(&x->loading, "trees with several targets in a leaf (%u)", x->n_vector_trees);
    return objective;
}

static float margin_of(const rk_xgboost *x, const rk_xgboost_objective *objective, uint32_t k)
{
    const float base = x->base_score.items[x->base_score.len == 1 ? 0 : k];
    return objective->margin ? objective->margin(base) : base;
}

/* ---- gblinear ---- */

/* The weights of each feature stand together, the biases last. The library adds the margin of the
 * first output to each of them. */
static rk_status make_linear(rk_xgboost *x, const rk_xgboost_objective *objective, rk_model *out)
{
    const uint64_t n = (uint64_t)out->n_inputs * out->n_outputs;
    if (x->weights.len != n + out->n_outputs)
        return rk_model_bad(&x->loading, 0, "it has %u weights for %u features and %u outputs",
                            x->weights.len, out->n_inputs, out->n_outputs);
    rk_linear *const linear = RK_NEW(x->arena, rk_linear);
    float *const weights = rk_arena_alloc_column(x->arena, x->weights.len, sizeof *weights);
    if (!linear || !weights)
        return RK_ENOMEM;
    memcpy(weights, x->weights.items, x->weights.len * sizeof *weights);
    const float margin = margin_of(x, objective, 0);
    for (uint32_t k = 0; k < out->n_outputs; k++)
        weights[n + k] += margin;
    *linear = (rk_linear){.weights = weights,
                          .bias = weights + n,
                          .n_inputs = out->n_inputs,
                          .n_outputs = out->n_outputs};
    for (uint32_t i = 0; i < out->n_inputs; i++)
        out->inputs[i].used = rk_linear_uses(linear, i);
    out->shape = RK_MODEL_LINEAR;
    out->as.linear = linear;
    return RK_OK;
}

/* ---- trees ---- */

static rk_status check_trees(const rk_xgboost *x, uint32_t n_outputs)
{
    if (x->tree_info.len != x->trees.len)
        return rk_model_bad(&x->loading, 0, "tree_info has %u entries for %u trees",
                            x->tree_info.len, x->trees.len);
    if (x->n_trees >= 0 && x->n_trees != x->trees.len)
        return rk_model_bad(&x->loading, 0, "it should have %lld trees and has %u",
                            (long long)x->n_trees, x->trees.len);
    if (x->weight_drop.len > x->trees.len ||
        (is(x->booster, "dart") && x->weight_drop.len != x->trees.len))
        return rk_model_bad(&x->loading, 0, "weight_drop has %u entries for %u trees",
                            x->weight_drop.len, x->trees.len);
    for (uint32_t t = 0; t < x->trees.len; t++)
        if (x->tree_info.items[t] < 0 || (uint32_t)x->tree_info.items[t] >= n_outputs)
            return rk_model_bad(&x->loading, 0, "tree %u adds to output %d of %u", t,
                                x->tree_info.items[t], n_outputs);
    return RK_OK;
}

/* Trees up to the end of the round that early stopping found best. Old files do not say which trees
 * are a round: it is `n_parallel` for each output. */
static uint32_t best_trees(const rk_xgboost *x, uint32_t n_outputs)
{
    const uint32_t all = x->trees.len;
    if (x->best < 0)
        return all;
    if (x->rounds.len) {
        const int32_t end = x->best + 1 < x->rounds.len ? x->rounds.items[x->best + 1] : -1;
        return end < 0 || (uint32_t)end > all ? all : (uint32_t)end;
    }
    if (x->best >= all || x->n_parallel < 1 || x->n_parallel > all)
        return all;
    const uint64_t end = (uint64_t)(x->best + 1) * (uint64_t)x->n_parallel * n_outputs;
    return end > all ? all : (uint32_t)end;
}

/* Which trees are taken, in `taken`; returns how many. */
static uint32_t choose_trees(const rk_xgboost *x, uint32_t n_outputs, uint32_t *counts, bool *taken)
{
    const uint32_t most = x->loading.spec->options.most_trees;
    const uint32_t end = most ? x->trees.len : best_trees(x, n_outputs);
    uint32_t n = 0;
    for (uint32_t t = 0; t < x->trees.len; t++) {
        taken[t] = most ? counts[x->tree_info.items[t]]++ < most : t < end;
        n += taken[t];
    }
    return n;
}

static rk_status count(const rk_xgboost *x, const bool *taken, rk_forest *forest)
{
    uint64_t splits = 0, leaves = 0;
    for (uint32_t t = 0; t < x->trees.len; t++) {
        splits += taken[t] ? x->trees.items[t].n_splits : 0;
        leaves += taken[t] ? (uint64_t)x->trees.items[t].n_splits + 1 : 0;
    }
    if (leaves > INT32_MAX)
        return rk_model_bad(&x->loading, 0, "it has more than 2,147,483,647 leaves");
    forest->n_splits = (uint32_t)splits;
    forest->n_leaves = (uint32_t)leaves;
    return RK_OK;
}

static rk_status allocate(rk_xgboost *x, rk_forest *f)
{
    rk_arena *const arena = x->arena;
    f->trees = RK_NEW_ARRAY(arena, rk_tree, f->n_trees);
    f->splits = rk_arena_alloc_column(arena, f->n_splits, sizeof *f->splits);
    f->leaves = rk_arena_alloc_column(arena, f->n_leaves, sizeof *f->leaves);
    f->leaf_numbers = rk_arena_alloc_column(arena, f->n_leaves, sizeof *f->leaf_numbers);
    f->sets = RK_NEW_ARRAY(arena, rk_split_set, f->n_sets);
    f->words = RK_NEW_ARRAY(arena, uint32_t, f->n_words);
    f->base = RK_NEW_ARRAY(arena, double, f->n_outputs);
    f->gains = x->gains ? rk_arena_alloc_column(arena, f->n_splits, sizeof *f->gains) : NULL;
    f->covers = x->covers ? rk_arena_alloc_column(arena, f->n_splits, sizeof *f->covers) : NULL;
    const bool fine = f->trees && f->splits && f->leaves && f->leaf_numbers && f->sets &&
                      f->words && f->base && (f->gains || !x->gains) && (f->covers || !x->covers);
    return fine ? RK_OK : RK_ENOMEM;
}

/* One tree behind those already there. DART multiplies each leaf by the tree's weight, as float,
 * before it is added: so it can be done now. */
static void add_tree(const rk_xgboost *x, uint32_t t, rk_forest *f)
{
    const rk_xgboost_tree *const from = &x->trees.items[t];
    const bool weighted = t < x->weight_drop.len;
    rk_tree *const tree = &f->trees[f->n_trees++];
    *tree = (rk_tree){.first_split = f->n_splits,
                      .n_splits = from->n_splits,
                      .first_leaf = f->n_leaves,
                      .n_leaves = from->n_splits + 1,
                      .output = (uint32_t)x->tree_info.items[t]};
    for (uint32_t i = 0; i < tree->n_splits; i++) {
        f->splits[f->n_splits + i] = from->splits[i];
        if (f->gains)
            f->gains[f->n_splits + i] = (double)from->gains[i];
        if (f->covers)
            f->covers[f->n_splits + i] = (double)from->covers[i];
    }
    for (uint32_t i = 0; i < tree->n_leaves; i++) {
        const float value = weighted ? from->leaves[i] * x->weight_drop.items[t] : from->leaves[i];
        f->leaves[f->n_leaves + i] = (double)value;
        f->leaf_numbers[f->n_leaves + i] = (uint32_t)from->leaf_numbers[i];
    }
    f->n_splits += tree->n_splits;
    f->n_leaves += tree->n_leaves;
}

static rk_status fill(rk_xgboost *x, const bool *taken, rk_forest *f)
{
    RK_TRY(count(x, taken, f));
    RK_TRY(allocate(x, f));
    f->n_trees = f->n_splits = f->n_leaves = 0;
    for (uint32_t t = 0; t < x->trees.len; t++)
        if (taken[t])
            add_tree(x, t, f);
    if (f->n_sets)
        memcpy(f->sets, x->sets.items, f->n_sets * sizeof *f->sets);
    if (f->n_words)
        memcpy(f->words, x->words.items, f->n_words * sizeof *f->words);
    return RK_OK;
}

static rk_status make_forest(rk_xgboost *x, const rk_xgboost_objective *objective, rk_model *out)
{
    RK_TRY(check_trees(x, out->n_outputs));
    rk_forest *const forest = RK_NEW(x->arena, rk_forest);
    uint32_t *const counts = RK_NEW_ARRAY(&x->keep, uint32_t, out->n_outputs);
    bool *const taken = RK_NEW_ARRAY(&x->keep, bool, x->trees.len);
    if (!forest || !counts || !taken)
        return RK_ENOMEM;
    *forest = (rk_forest){.n_trees = choose_trees(x, out->n_outputs, counts, taken),
                          .n_sets = x->sets.len,
                          .n_words = x->words.len,
                          .n_outputs = out->n_outputs,
                          .in_float = true,
                          .narrows = true,
                          .divisor = 1,
                          .scale = 1};
    RK_TRY(fill(x, taken, forest));
    for (uint32_t k = 0; k < out->n_outputs; k++)
        forest->base[k] = (double)margin_of(x, objective, k);
    out->shape = RK_MODEL_FOREST;
    out->as.forest = forest;
    return RK_OK;
}

rk_status rk_xgboost_make(rk_xgboost *x, rk_model *out)
{
    if (!x->has_learner)
        return rk_model_bad(&x->loading, 0, "it has no learner");
    if (!x->objective.data || !x->booster.data)
        return rk_model_bad(&x->loading, 0, "it does not name its %s",
                            x->objective.data ? "booster" : "objective");
    const rk_xgboost_objective *const objective = find_objective(x);
    RK_TRY(rk_model_supported(&x->loading));
    RK_TRY(make_version(x, out));
    RK_TRY(make_inputs(x, out));
    RK_TRY(make_outputs(x, out));
    out->objective = x->objective;
    out->kind = RK_KIND_FLOAT;
    out->transform = objective->transform;
    out->slope = 1;
    return is(x->booster, "gblinear") ? make_linear(x, objective, out)
                                      : make_forest(x, objective, out);
}
