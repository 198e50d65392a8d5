#include "runtime/model/lightgbm.h"

typedef struct head {
    rk_lgb_value version, num_class, per_iteration, max_feature, objective, names, infos, sizes;
    bool average;
} head;

static bool is(rk_str bytes)
{
    rk_str rest;
    return rk_lgb_after(bytes, RK_STR("tree\n"), &rest) ||
           rk_lgb_after(bytes, RK_STR("tree\r\n"), &rest);
}

/* ---- the head ---- */

static rk_lgb_value *value_of(head *h, rk_str key)
{
    const struct {
        rk_str key;
        rk_lgb_value *value;
    } rows[] = {
        {RK_STR("version"), &h->version},
        {RK_STR("num_class"), &h->num_class},
        {RK_STR("num_tree_per_iteration"), &h->per_iteration},
        {RK_STR("max_feature_idx"), &h->max_feature},
        {RK_STR("objective"), &h->objective},
        {RK_STR("feature_names"), &h->names},
        {RK_STR("feature_infos"), &h->infos},
        {RK_STR("tree_sizes"), &h->sizes},
    };
    for (size_t i = 0; i < RK_ARRAY_LEN(rows); i++)
        if (rk_str_eq(key, rows[i].key))
            return rows[i].value;
    return NULL;
}

/* One line of the head. */
static rk_status take_line(const rk_lgb *l, head *h, rk_str line)
{
    if (rk_str_eq(line, RK_STR("average_output"))) {
        h->average = true;
        return RK_OK;
    }
    const char *const equals = line.len ? memchr(line.data, '=', line.len) : NULL;
    if (!equals)
        return RK_OK;
    const size_t len = (size_t)(equals - line.data);
    rk_lgb_value *const value = value_of(h, (rk_str){line.data, len});
    if (value && value->line)
        return rk_model_bad(&l->loading, l->line, "%.*s is given twice", (int)len, line.data);
    if (value)
        *value = (rk_lgb_value){{equals + 1, line.len - len - 1}, l->line};
    return RK_OK;
}

static rk_status read_names(rk_lgb *l, const head *h)
{
    int64_t most;
    RK_TRY(rk_lgb_int(l, "max_feature_idx", h->max_feature, -1, INT32_MAX - 1, &most));
    const uint64_t n = rk_lgb_words(h->names.text);
    if (h->names.line == 0)
        return rk_model_bad(&l->loading, l->line, "feature_names is not given");
    if (n != (uint64_t)(most + 1))
        return rk_model_bad(&l->loading, h->names.line,
                            "there are %llu feature_names, and max_feature_idx %lld asks for %lld",
                            (unsigned long long)n, (long long)most, (long long)most + 1);
    if (h->infos.line && rk_lgb_words(h->infos.text) != n)
        return rk_model_bad(&l->loading, h->infos.line, "there are %llu feature_infos, not %llu",
                            (unsigned long long)rk_lgb_words(h->infos.text), (unsigned long long)n);
    l->n_inputs = (uint32_t)n;
    l->inputs = RK_NEW_ARRAY(l->arena, rk_model_input, n);
    if (!l->inputs)
        return RK_ENOMEM;
    rk_str rest = h->names.text, name;
    for (uint32_t i = 0; rk_lgb_word(&rest, ' ', &name); i++) {
        l->inputs[i].missing = true;
        l->inputs[i].name = (rk_str){rk_arena_copy(l->arena, name.data, name.len), name.len};
        if (!l->inputs[i].name.data)
            return RK_ENOMEM;
    }
    return RK_OK;
}

static rk_status read_counts(rk_lgb *l, const head *h)
{
    int64_t n;
    if (h->per_iteration.line)
        RK_TRY(rk_lgb_int(l, "num_tree_per_iteration", h->per_iteration, 1, INT32_MAX, &n));
    else
        RK_TRY(rk_lgb_int(l, "num_class", h->num_class, 1, INT32_MAX, &n));
    l->n_outputs = (uint32_t)n;
    const rk_str v = h->version.text;
    if (!rk_str_eq(v, RK_STR("v2")) && !rk_str_eq(v, RK_STR("v3")) && !rk_str_eq(v, RK_STR("v4")))
        rk_model_lacks(&l->loading, "version `%.*s` of the format (v2 to v4 are)",
                       RK_STR_ARG(v.len ? v : RK_STR("v1")));
    return read_names(l, h);
}

/* ---- the objective ---- */

/* What LightGBM calls objectives, and what ObjectiveFunction::ConvertOutput makes of their scores.
 * A word `sqrt` counts for some of them only. */
static const struct objective {
    const char *name;
    rk_transform transform;
    bool sqrt;
    bool classes; /* several outputs; else one, unless nothing becomes of it */
} objectives[] = {
    {"regression", RK_TRANSFORM_NONE, true, false},
    {"regression_l1", RK_TRANSFORM_NONE, true, false},
    {"huber", RK_TRANSFORM_NONE, false, false},
    {"fair", RK_TRANSFORM_NONE, true, false},
    {"quantile", RK_TRANSFORM_NONE, true, false},
    {"mape", RK_TRANSFORM_NONE, true, false},
    {"poisson", RK_TRANSFORM_EXP, false, false},
    {"gamma", RK_TRANSFORM_EXP, false, false},
    {"tweedie", RK_TRANSFORM_EXP, false, false},
    {"binary", RK_TRANSFORM_SIGMOID, false, false},
    {"cross_entropy", RK_TRANSFORM_SIGMOID, false, false},
    {"cross_entropy_lambda", RK_TRANSFORM_LOG1P_EXP, false, false},
    {"multiclass", RK_TRANSFORM_SOFTMAX, false, true},
    {"multiclassova", RK_TRANSFORM_SIGMOID, false, true},
    {"lambdarank", RK_TRANSFORM_NONE, false, false},
    {"rank_xendcg", RK_TRANSFORM_NONE, false, false},
    {"custom", RK_TRANSFORM_NONE, false, false},
};

/* Other spellings, as Config's ParseObjectiveAlias reads them: when nothing follows. */
static const struct alias {
    const char *name, *of;
} aliases[] = {
    {"regression_l2", "regression"},
    {"mean_squared_error", "regression"},
    {"mse", "regression"},
    {"l2", "regression"},
    {"l2_root", "regression"},
    {"root_mean_squared_error", "regression"},
    {"rmse", "regression"},
    {"mean_absolute_error", "regression_l1"},
    {"l1", "regression_l1"},
    {"mae", "regression_l1"},
    {"mean_absolute_percentage_error", "mape"},
    {"xentropy", "cross_entropy"},
    {"xentlambda", "cross_entropy_lambda"},
    {"xendcg", "rank_xendcg"},
    {"xe_ndcg", "rank_xendcg"},
    {"xe_ndcg_mart", "rank_xendcg"},
    {"xendcg_mart", "rank_xendcg"},
    {"none", "custom"},
    {"null", "custom"},
    {"na", "custom"},
};

static const struct objective *objective_of(rk_str line)
{
    rk_str rest = line, name = {"", 0};
    rk_lgb_word(&rest, ' ', &name);
    for (size_t i = 0; i < RK_ARRAY_LEN(aliases); i++)
        if (rk_str_eq(line, rk_str_from(aliases[i].name)))
            name = rk_str_from(aliases[i].of);
    for (size_t i = 0; i < RK_ARRAY_LEN(objectives); i++)
        if (rk_str_eq(name, rk_str_from(objectives[i].name)))
            return &objectives[i];
    return NULL;
}

/* `sigmoid:0.7` and `num_class:3`, words after the name. */
static rk_status take_word(const rk_lgb *l, rk_lgb_value line, rk_str word, rk_model *out)
{
    rk_str text;
    double number = 0;
    if (rk_lgb_after(word, RK_STR("sigmoid:"), &text)) {
        if (!rk_str_to_double(text, &out->slope) || !(out->slope > 0))
            return rk_model_bad(&l->loading, line.line, "sigmoid is `%.*s`, not above 0",
                                RK_STR_ARG(text));
    } else if (rk_lgb_after(word, RK_STR("num_class:"), &text)) {
        if (!rk_str_to_double(text, &number) || number != l->n_outputs)
            return rk_model_bad(&l->loading, line.line, "the objective has %.*s classes, not %u",
                                RK_STR_ARG(text), l->n_outputs);
    }
    return RK_OK;
}

static rk_status read_objective(rk_lgb *l, const head *h, rk_model *out)
{
    const rk_str line = h->objective.text;
    if (h->objective.line == 0)
        return RK_OK;
    const char *const copy = rk_arena_copy(l->arena, line.data, line.len);
    if (!copy)
        return RK_ENOMEM;
    out->objective = (rk_str){copy, line.len};
    const struct objective *const objective = objective_of(line);
    if (!objective) {
        rk_model_lacks(&l->loading, "objective `%.*s`", RK_STR_ARG(line));
        return RK_OK;
    }
    out->transform = objective->transform;
    if (out->transform != RK_TRANSFORM_NONE && !objective->classes && l->n_outputs != 1)
        return rk_model_bad(&l->loading, h->objective.line,
                            "objective `%s` has one output, and there are %u", objective->name,
                            l->n_outputs);
    rk_str rest = line, word;
    while (rk_lgb_word(&rest, ' ', &word)) {
        RK_TRY(take_word(l, h->objective, word, out));
        if (objective->sqrt && rk_str_eq(word, RK_STR("sqrt")))
            out->transform = RK_TRANSFORM_SIGNED_SQUARE;
    }
    return RK_OK;
}

/* ---- the file ---- */

/* The head, up to the line of the first tree; *more tells whether there is one. */
static rk_status read_head(rk_lgb *l, head *h, bool *more)
{
    rk_str line, rest;
    for (*more = true; rk_lgb_line(l, &line);) {
        if (rk_lgb_after(line, RK_STR("Tree="), &rest))
            return RK_OK;
        if (rk_str_eq(line, RK_STR("end of trees"))) {
            *more = false;
            return RK_OK;
        }
        RK_TRY(take_line(l, h, line));
    }
    return rk_model_bad(&l->loading, l->line, "the file ends before the first tree");
}

/* All trees. Files of early versions have no `end of trees`, but importances behind them; a file
 * that was cut off after a tree is told by its tree_sizes. */
static rk_status read_trees(rk_lgb *l, const head *h)
{
    rk_str line, rest;
    RK_TRY(rk_lgb_tree(l));
    while (rk_lgb_line(l, &line)) {
        if (line.len == 0)
            continue;
        if (rk_lgb_after(line, RK_STR("Tree="), &rest))
            RK_TRY(rk_lgb_tree(l));
        else if (rk_str_eq(line, RK_STR("end of trees")) ||
                 rk_lgb_after(line, RK_STR("feature importances"), &rest) ||
                 rk_lgb_after(line, RK_STR("feature_importances"), &rest))
            return RK_OK;
        else
            return rk_model_bad(&l->loading, l->line,
                                "after tree %u comes neither a tree nor the "
                                "end of trees",
                                l->trees.trees.len - 1);
    }
    if (h->sizes.line == 0)
        return rk_model_bad(&l->loading, l->line, "the file ends before the end of trees");
    return RK_OK;
}

static rk_status check_count(const rk_lgb *l, const head *h)
{
    const uint32_t n = l->trees.trees.len;
    const uint64_t told = rk_lgb_words(h->sizes.text);
    if (h->sizes.line && told != n)
        return rk_model_bad(&l->loading, l->line, "the file has %u trees, and tree_sizes %llu", n,
                            (unsigned long long)told);
    if (n % l->n_outputs || (n == 0 && l->n_outputs > 1))
        return rk_model_bad(&l->loading, l->line, "%u trees are no multiple of the %u outputs", n,
                            l->n_outputs);
    return RK_OK;
}

/* What comes after the trees: of it two lines matter. A file that was cut off within the parameters
 * may have lost the categories behind them, and would take numbers for their codes. */
static rk_status read_tail(rk_lgb *l)
{
    rk_str line, rest;
    bool within = false;
    while (rk_lgb_line(l, &line)) {
        if (rk_str_eq(line, RK_STR("parameters:")) || rk_str_eq(line, RK_STR("end of parameters")))
            within = line.data[0] == 'p';
        else if (rk_lgb_after(line, RK_STR("[categorical_feature: "), &rest) && rest.len)
            l->categorical = (rk_lgb_value){{rest.data, rest.len - 1}, l->line};
        else if (rk_lgb_after(line, RK_STR("pandas_categorical:"), &rest))
            l->pandas = (rk_lgb_value){rest, l->line};
    }
    return within ? rk_model_bad(&l->loading, l->line, "the file ends within the parameters")
                  : RK_OK;
}

/* ---- the model ---- */

/* The first trees of each output, or all. */
static void make_forest(const rk_lgb *l, double *base, rk_forest *f)
{
    const rk_lgb_trees *const t = &l->trees;
    const uint32_t most = l->loading.spec->options.most_trees;
    *f = (rk_forest){.trees = t->trees.items,
                     .n_trees = t->trees.len,
                     .splits = t->splits.items,
                     .n_splits = t->splits.len,
                     .leaves = t->leaves.items,
                     .leaf_numbers = t->leaf_numbers.items,
                     .n_leaves = t->leaves.len,
                     .sets = t->sets.items,
                     .n_sets = t->sets.len,
                     .words = t->words.items,
                     .n_words = t->words.len,
                     .n_outputs = l->n_outputs,
                     .base = base,
                     .divisor = 1,
                     .scale = 1,
                     .gains = t->no_gains ? NULL : t->gains.items,
                     .covers = t->no_covers ? NULL : t->covers.items};
    if (most && (uint64_t)most * f->n_outputs < f->n_trees) {
        const rk_tree *const next = &t->trees.items[f->n_trees = most * f->n_outputs];
        f->n_splits = next->first_split;
        f->n_leaves = next->first_leaf;
    }
}

static rk_status make_model(rk_lgb *l, const head *h, rk_model *out)
{
    const rk_str v = h->version.text;
    out->version = (rk_str){rk_arena_copy(l->arena, v.data, v.len), v.len};
    rk_forest *const forest = RK_NEW(l->arena, rk_forest);
    double *const base = RK_NEW_ARRAY(l->arena, double, l->n_outputs);
    if (!forest || !base || !out->version.data)
        return RK_ENOMEM;
    make_forest(l, base, forest);
    out->inputs = l->inputs;
    out->n_inputs = l->n_inputs;
    out->n_outputs = l->n_outputs;
    out->kind = RK_KIND_DOUBLE;
    out->shape = RK_MODEL_FOREST;
    out->as.forest = forest;
    if (h->average && forest->n_trees)
        out->divisor = forest->n_trees / l->n_outputs;
    return RK_OK;
}

static rk_status read_file(rk_lgb *l, rk_model *out)
{
    head h = {0};
    bool more;
    RK_TRY(read_head(l, &h, &more));
    RK_TRY(read_counts(l, &h));
    out->slope = 1;
    RK_TRY(read_objective(l, &h, out));
    RK_TRY(rk_lgb_reserve(l));
    if (more)
        RK_TRY(read_trees(l, &h));
    RK_TRY(check_count(l, &h));
    RK_TRY(read_tail(l));
    RK_TRY(rk_lgb_categories(l, h.infos.text));
    if (l->trees.n_linear)
        rk_model_lacks(&l->loading, "linear models in the leaves (%u tree%s)", l->trees.n_linear,
                       l->trees.n_linear == 1 ? "" : "s");
    RK_TRY(rk_model_supported(&l->loading));
    return make_model(l, &h, out);
}

static rk_status load(const rk_model_spec *spec, rk_str bytes, rk_arena *arena, rk_diags *diags,
                      rk_model *out)
{
    rk_lgb l = {.loading = {.spec = spec, .diags = diags}, .rest = bytes, .arena = arena};
    const rk_status status = read_file(&l, out);
    rk_buf_free(&l.loading.lacks);
    rk_arena_free(&l.one_tree);
    return status;
}

const rk_model_format rk_model_lightgbm = {
    .name = "LightGBM text",
    .doc = "What Booster.save_model writes: gbdt, dart and rf, versions v2 to v4.",
    .is = is,
    .load = load,
};
