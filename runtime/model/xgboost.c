/* The walk over the file. Members that we do not know are skipped: versions add some that do not
 * bear on scores. */
#include "runtime/model/xgboost.h"

/* ---- small objects ---- */

static rk_status read_texts(rk_xgboost *x, rk_xgboost_texts *texts)
{
    texts->len = 0;
    RK_TRY(rk_xgboost_open(x, RK_JSON_LIST));
    for (;;) {
        const rk_json_event event = rk_events_next(&x->events);
        if (event == RK_JSON_LIST_END)
            return RK_OK;
        if (event != RK_JSON_STRING)
            return rk_xgboost_bad(x, "a list of names holds something else");
        const rk_str token = rk_events_token(&x->events);
        const rk_str text = {rk_arena_copy(x->arena, token.data, token.len), token.len};
        if (!text.data || !rk_vec_push(&x->keep, texts, text))
            return RK_ENOMEM;
    }
}

/* Where members are handed out: true in *known if this one was read. */
typedef rk_status (*member_reader)(rk_xgboost *x, rk_str name, bool *known);

static rk_status read_members(rk_xgboost *x, member_reader read)
{
    RK_TRY(rk_xgboost_open(x, RK_JSON_OBJECT));
    for (;;) {
        rk_str name;
        bool more, known = true;
        RK_TRY(rk_xgboost_member(x, &name, &more));
        if (!more)
            return RK_OK;
        RK_TRY(read(x, name, &known));
        if (!known)
            RK_TRY(rk_xgboost_skip(x));
    }
}

static bool is(rk_str name, const char *word) { return rk_str_eq(name, rk_str_from(word)); }

static rk_status read_attribute(rk_xgboost *x, rk_str name, bool *known)
{
    *known = is(name, "best_iteration");
    return *known ? rk_xgboost_read_int(x, &x->best) : RK_OK;
}

static rk_status read_model_param(rk_xgboost *x, rk_str name, bool *known)
{
    if (is(name, "base_score"))
        return rk_xgboost_read_base(x);
    if (is(name, "num_feature"))
        return rk_xgboost_read_int(x, &x->n_features);
    if (is(name, "num_class"))
        return rk_xgboost_read_int(x, &x->n_classes);
    if (is(name, "num_target"))
        return rk_xgboost_read_int(x, &x->n_targets);
    *known = false;
    return RK_OK;
}

static rk_status read_objective(rk_xgboost *x, rk_str name, bool *known)
{
    *known = is(name, "name");
    return *known ? rk_xgboost_read_text(x, x->arena, &x->objective) : RK_OK;
}

/* ---- the booster ---- */

static rk_status read_trees(rk_xgboost *x)
{
    RK_TRY(rk_xgboost_open(x, RK_JSON_LIST));
    for (;;) {
        const rk_json_event event = rk_events_next(&x->events);
        if (event == RK_JSON_LIST_END)
            return RK_OK;
        if (event == RK_JSON_ERROR)
            return rk_xgboost_bad(x, "%s", rk_events_error(&x->events));
        if (event != RK_JSON_OBJECT)
            return rk_xgboost_bad(x, "the list of trees holds %s", rk_json_event_text(event));
        RK_TRY(rk_xgboost_read_tree(x));
    }
}

static rk_status read_forest_param(rk_xgboost *x, rk_str name, bool *known)
{
    if (is(name, "num_parallel_tree"))
        return rk_xgboost_read_int(x, &x->n_parallel);
    if (is(name, "num_trees"))
        return rk_xgboost_read_int(x, &x->n_trees);
    *known = false;
    return RK_OK;
}

static rk_status read_model(rk_xgboost *x, rk_str name, bool *known)
{
    if (is(name, "trees"))
        return read_trees(x);
    if (is(name, "tree_info"))
        return rk_xgboost_read_ints(x, &x->keep, &x->tree_info);
    if (is(name, "iteration_indptr"))
        return rk_xgboost_read_ints(x, &x->keep, &x->rounds);
    if (is(name, "gbtree_model_param"))
        return read_members(x, read_forest_param);
    if (is(name, "weight_drop"))
        return rk_xgboost_read_floats(x, &x->keep, &x->weight_drop);
    if (is(name, "cats"))
        return rk_xgboost_read_categories(x);
    if (is(name, "weights"))
        return rk_xgboost_read_floats(x, &x->keep, &x->weights);
    *known = false;
    return RK_OK;
}

/* DART has a whole tree booster as a member, and its weights beside it. */
static rk_status read_tree_booster(rk_xgboost *x, rk_str name, bool *known)
{
    *known = is(name, "model");
    return *known ? read_members(x, read_model) : RK_OK;
}

static rk_status read_booster(rk_xgboost *x, rk_str name, bool *known)
{
    if (is(name, "name"))
        return rk_xgboost_read_text(x, &x->keep, &x->booster);
    if (is(name, "gbtree"))
        return read_members(x, read_tree_booster);
    if (is(name, "weight_drop"))
        return rk_xgboost_read_floats(x, &x->keep, &x->weight_drop);
    return read_tree_booster(x, name, known);
}

/* ---- the file ---- */

static rk_status read_learner(rk_xgboost *x, rk_str name, bool *known)
{
    if (is(name, "attributes"))
        return read_members(x, read_attribute);
    if (is(name, "feature_names"))
        return read_texts(x, &x->feature_names);
    if (is(name, "gradient_booster"))
        return read_members(x, read_booster);
    if (is(name, "learner_model_param"))
        return read_members(x, read_model_param);
    if (is(name, "objective"))
        return read_members(x, read_objective);
    *known = false;
    return RK_OK;
}

static rk_status read_file(rk_xgboost *x, rk_str name, bool *known)
{
    if (is(name, "learner")) {
        if (x->has_learner)
            return rk_xgboost_bad(x, "the file has two learners");
        x->has_learner = true;
        return read_members(x, read_learner);
    }
    *known = is(name, "version");
    return *known ? rk_xgboost_read_ints(x, &x->keep, &x->version) : RK_OK;
}

static rk_status read_all(rk_xgboost *x, rk_model *out)
{
    RK_TRY(read_members(x, read_file));
    const rk_json_event event = rk_events_next(&x->events);
    if (event != RK_JSON_END)
        return rk_xgboost_bad(x, "%s", rk_events_error(&x->events));
    return rk_xgboost_make(x, out);
}

static rk_status load(const rk_model_spec *spec, rk_str bytes, rk_arena *arena, rk_diags *diags,
                      bool binary, rk_model *out)
{
    rk_xgboost x = {.loading = {.spec = spec, .diags = diags},
                    .arena = arena,
                    .size = bytes.len,
                    .gains = true,
                    .covers = true,
                    .n_targets = 1,
                    .n_parallel = 1,
                    .n_trees = -1,
                    .best = -1};
    rk_events_init(&x.events, &x.keep, bytes, binary);
    const rk_status status = read_all(&x, out);
    rk_arena_free(&x.keep);
    rk_arena_free(&x.room);
    rk_buf_free(&x.loading.lacks);
    return status;
}

static rk_status load_json(const rk_model_spec *spec, rk_str bytes, rk_arena *arena,
                           rk_diags *diags, rk_model *out)
{
    return load(spec, bytes, arena, diags, false, out);
}

static rk_status load_ubjson(const rk_model_spec *spec, rk_str bytes, rk_arena *arena,
                             rk_diags *diags, rk_model *out)
{
    return load(spec, bytes, arena, diags, true, out);
}

static bool holds_learner(rk_str head)
{
    const char word[] = "learner";
    return head.len && memmem(head.data, head.len, word, sizeof word - 1) != NULL;
}

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static bool is_json(rk_str head)
{
    size_t at = 0;
    while (at < head.len && is_space(head.data[at]))
        at++;
    if (at == head.len || head.data[at] != '{')
        return false;
    for (at++; at < head.len && is_space(head.data[at]);)
        at++;
    return at < head.len && head.data[at] == '"' && holds_learner(head);
}

static bool is_ubjson(rk_str head)
{
    return head.len > 1 && head.data[0] == '{' && memchr("iUIlL$#N", head.data[1], 8) &&
           holds_learner(head);
}

const rk_model_format rk_model_xgboost_json = {
    "XGBoost JSON", "what `save_model(\"model.json\")` of XGBoost writes", is_json, load_json};

const rk_model_format rk_model_xgboost_ubjson = {
    "XGBoost UBJSON", "what `save_model(\"model.ubj\")` of XGBoost writes", is_ubjson, load_ubjson};
