/* The walk over CatBoost's JSON. Members that we do not know are skipped. */
#include <stdio.h>

#include "runtime/base/json.h"
#include "runtime/model/catboost.h"

typedef struct reader {
    rk_catboost *c;
    rk_json json;
    uint32_t tree;       /* the number of the one at hand, for messages */
    uint32_t first_leaf; /* its first node's, and value's, place */
} reader;

static rk_status bad(const reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static rk_status bad(const reader *r, const char *format, ...)
{
    if (r->json.no_memory)
        return RK_ENOMEM;
    char words[200];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    return rk_model_bad(&r->c->loading, 0, "%s, at byte %zu", words,
                        r->json.error ? r->json.error_at : r->json.start);
}

/* ---- values ---- */

static rk_status wrong(const reader *r, rk_json_event event, const char *wanted)
{
    if (event == RK_JSON_ERROR)
        return bad(r, "%s", r->json.error);
    return bad(r, "%s stands where %s should", rk_json_event_text(event), wanted);
}

static rk_status skip(reader *r)
{
    return rk_json_skip(&r->json, rk_json_next(&r->json)) ? RK_OK : wrong(r, RK_JSON_ERROR, "");
}

static rk_status open(reader *r, rk_json_event what)
{
    const rk_json_event event = rk_json_next(&r->json);
    return event == what ? RK_OK : wrong(r, event, rk_json_event_text(what));
}

static rk_status read_int(reader *r, int64_t *out)
{
    const rk_json_event event = rk_json_next(&r->json);
    return event == RK_JSON_NUMBER && rk_str_to_int(r->json.token, out)
               ? RK_OK
               : wrong(r, event, "a whole number");
}

static rk_status read_double(reader *r, double *out)
{
    const rk_json_event event = rk_json_next(&r->json);
    return event == RK_JSON_NUMBER && rk_str_to_double(r->json.token, out)
               ? RK_OK
               : wrong(r, event, "a number");
}

static rk_status read_text(reader *r, rk_str *out)
{
    const rk_json_event event = rk_json_next(&r->json);
    if (event != RK_JSON_STRING)
        return wrong(r, event, "text");
    *out = (rk_str){rk_arena_copy(r->c->arena, r->json.token.data, r->json.token.len),
                    r->json.token.len};
    return out->data ? RK_OK : RK_ENOMEM;
}

/* Reads one item of a list whose first event this is. */
typedef rk_status (*item_reader)(reader *r, rk_json_event event);

/* A list, or null, which an empty one is written as. */
static rk_status read_list(reader *r, item_reader read, uint32_t *n)
{
    const rk_json_event begin = rk_json_next(&r->json);
    *n = 0;
    if (begin == RK_JSON_NULL)
        return RK_OK;
    if (begin != RK_JSON_LIST)
        return wrong(r, begin, "a list");
    for (;; ++*n) {
        const rk_json_event event = rk_json_next(&r->json);
        if (event == RK_JSON_LIST_END)
            return RK_OK;
        if (event == RK_JSON_ERROR)
            return wrong(r, event, "");
        RK_TRY(read(r, event));
    }
}

/* Where members are handed out: false in *known if this one was not read. */
typedef rk_status (*member_reader)(reader *r, rk_str name, void *to, bool *known);

/* The members of an object that has begun. */
static rk_status read_members(reader *r, member_reader read, void *to)
{
    for (;;) {
        const rk_json_event event = rk_json_next(&r->json);
        if (event == RK_JSON_OBJECT_END)
            return RK_OK;
        if (event != RK_JSON_NAME)
            return wrong(r, event, "a name");
        bool known = true;
        RK_TRY(read(r, r->json.token, to, &known));
        if (!known)
            RK_TRY(skip(r));
    }
}

static rk_status read_object(reader *r, member_reader read, void *to)
{
    RK_TRY(open(r, RK_JSON_OBJECT));
    return read_members(r, read, to);
}

static bool is(rk_str name, const char *word) { return rk_str_eq(name, rk_str_from(word)); }

static rk_status push_double(reader *r, rk_json_event event, bool weight)
{
    double value;
    if (event != RK_JSON_NUMBER || !rk_str_to_double(r->json.token, &value))
        return wrong(r, event, "a number");
    const bool fine = weight ? rk_vec_push(&r->c->keep, &r->c->weights, value)
                             : rk_vec_push(&r->c->keep, &r->c->leaves, value);
    return fine ? RK_OK : RK_ENOMEM;
}

static rk_status push_leaf(reader *r, rk_json_event event) { return push_double(r, event, false); }
static rk_status push_weight(reader *r, rk_json_event event) { return push_double(r, event, true); }

/* ---- features ---- */

/* The library takes borders through a double, too. */
static rk_status push_border(reader *r, rk_json_event event)
{
    double value;
    if (event != RK_JSON_NUMBER || !rk_str_to_double(r->json.token, &value))
        return wrong(r, event, "a number");
    return rk_vec_push(&r->c->keep, &r->c->borders, (float)value) ? RK_OK : RK_ENOMEM;
}

static rk_status push_value(reader *r, rk_json_event event)
{
    int64_t value;
    if (event != RK_JSON_NUMBER || !rk_str_to_int(r->json.token, &value) || value < INT32_MIN ||
        value > UINT32_MAX)
        return wrong(r, event, "the hash of a category");
    return rk_vec_push(&r->c->keep, &r->c->values, (uint32_t)value) ? RK_OK : RK_ENOMEM;
}

static rk_status read_bool(reader *r, bool *out)
{
    const rk_json_event event = rk_json_next(&r->json);
    *out = event == RK_JSON_TRUE;
    return *out || event == RK_JSON_FALSE ? RK_OK : wrong(r, event, "true or false");
}

static rk_status read_nan(reader *r, uint8_t *out)
{
    static const char *const names[] = {"AsIs", "AsFalse", "AsTrue"};
    const rk_json_event event = rk_json_next(&r->json);
    for (uint8_t i = 0; event == RK_JSON_STRING && i < RK_CATBOOST_NAN_COUNT; i++)
        if (is(r->json.token, names[i])) {
            *out = i;
            return RK_OK;
        }
    return wrong(r, event, "AsIs, AsFalse or AsTrue");
}

/* `feature_name` is written only with the training data at hand, `feature_id` always, but often
 * empty. */
static rk_status read_name(reader *r, rk_str *name)
{
    rk_str text;
    RK_TRY(read_text(r, &text));
    if (text.len)
        *name = text;
    return RK_OK;
}

static rk_status read_float(reader *r, rk_str name, void *to, bool *known)
{
    rk_catboost_float *const feature = to;
    if (is(name, "borders")) {
        if (feature->n_borders)
            return bad(r, "a feature has two lists of borders");
        return read_list(r, push_border, &feature->n_borders);
    }
    if (is(name, "flat_feature_index"))
        return read_int(r, &feature->flat);
    if (is(name, "has_nans"))
        return read_bool(r, &feature->has_nans);
    if (is(name, "nan_value_treatment"))
        return read_nan(r, &feature->nan);
    if (is(name, "feature_id") || is(name, "feature_name"))
        return read_name(r, &feature->name);
    *known = false;
    return RK_OK;
}

static rk_status read_float_feature(reader *r, rk_json_event event)
{
    rk_catboost_float feature = {.flat = -1};
    if (event != RK_JSON_OBJECT)
        return wrong(r, event, "a feature");
    RK_TRY(read_members(r, read_float, &feature));
    return rk_vec_push(&r->c->keep, &r->c->floats, feature) ? RK_OK : RK_ENOMEM;
}

typedef struct category {
    rk_catboost_other feature;
    uint32_t n_values;
} category;

static rk_status read_category(reader *r, rk_str name, void *to, bool *known)
{
    category *const cat = to;
    if (is(name, "values")) {
        if (cat->n_values)
            return bad(r, "a feature has two lists of values");
        return read_list(r, push_value, &cat->n_values);
    }
    if (is(name, "feature_index"))
        return read_int(r, &cat->feature.index);
    if (is(name, "flat_feature_index"))
        return read_int(r, &cat->feature.flat);
    if (is(name, "feature_id") || is(name, "feature_name"))
        return read_name(r, &cat->feature.name);
    *known = false;
    return RK_OK;
}

static rk_status read_cat_feature(reader *r, rk_json_event event)
{
    rk_catboost *const c = r->c;
    category cat = {.feature = {.index = -1, .flat = -1}};
    if (event != RK_JSON_OBJECT)
        return wrong(r, event, "a feature");
    RK_TRY(read_members(r, read_category, &cat));
    if (!rk_vec_push(&c->keep, &c->cats, cat.feature))
        return RK_ENOMEM;
    const rk_catboost_one_hot values = {cat.feature.index, cat.n_values};
    return !cat.n_values || rk_vec_push(&c->keep, &c->one_hots, values) ? RK_OK : RK_ENOMEM;
}

static rk_status pass(reader *r, rk_json_event event)
{
    return rk_json_skip(&r->json, event) ? RK_OK : wrong(r, RK_JSON_ERROR, "");
}

static rk_status read_features(reader *r, rk_str name, void *to, bool *known)
{
    rk_catboost *const c = to;
    uint32_t n;
    if (is(name, "float_features")) {
        if (c->floats.len)
            return bad(r, "it has two lists of float features");
        return read_list(r, read_float_feature, &n);
    }
    if (is(name, "categorical_features")) {
        if (c->cats.len)
            return bad(r, "it has two lists of categorical features");
        return read_list(r, read_cat_feature, &n);
    }
    if (is(name, "ctrs"))
        return read_list(r, pass, &c->n_ctrs);
    *known = false;
    return RK_OK;
}

/* ---- trees ---- */

/* What is asked stands beside the number of the split; the library goes by the number, too. */
static rk_status read_split(reader *r, rk_str name, void *to, bool *known)
{
    *known = is(name, "split_index");
    return *known ? read_int(r, to) : RK_OK;
}

static rk_status push_split(reader *r, rk_json_event event)
{
    int64_t split = -1;
    if (event != RK_JSON_OBJECT)
        return wrong(r, event, "a split");
    RK_TRY(read_members(r, read_split, &split));
    return rk_vec_push(&r->c->keep, &r->c->splits, split) ? RK_OK : RK_ENOMEM;
}

typedef struct symmetric {
    uint32_t n_leaves, n_weights, n_splits;
} symmetric;

static rk_status read_symmetric(reader *r, rk_str name, void *to, bool *known)
{
    symmetric *const tree = to;
    if (is(name, "leaf_values"))
        return tree->n_leaves ? bad(r, "tree %u has two lists of leaves", r->tree)
                              : read_list(r, push_leaf, &tree->n_leaves);
    if (is(name, "leaf_weights"))
        return read_list(r, push_weight, &tree->n_weights);
    if (is(name, "splits"))
        return tree->n_splits ? bad(r, "tree %u has two lists of splits", r->tree)
                              : read_list(r, push_split, &tree->n_splits);
    *known = false;
    return RK_OK;
}

/* Each leaf has a value for each output, so their number tells how many there are. */
static rk_status count_outputs(reader *r, uint32_t n)
{
    if (n == 0)
        return bad(r, "tree %u has a leaf without a value", r->tree);
    if (r->c->n_outputs == 0)
        r->c->n_outputs = n;
    return r->c->n_outputs == n ? RK_OK
                                : bad(r, "tree %u has %u outputs, others have %lld", r->tree, n,
                                      (long long)r->c->n_outputs);
}

static rk_status read_symmetric_tree(reader *r, rk_json_event event)
{
    symmetric tree = {0};
    if (event != RK_JSON_OBJECT)
        return wrong(r, event, "a tree");
    RK_TRY(read_members(r, read_symmetric, &tree));
    const uint32_t levels = tree.n_splits;
    if (levels > 31 || tree.n_leaves == 0 || tree.n_leaves % (UINT32_C(1) << levels))
        return bad(r, "tree %u has %u values in leaves for %u splits", r->tree, tree.n_leaves,
                   levels);
    RK_TRY(count_outputs(r, tree.n_leaves >> levels));
    r->tree++;
    return rk_vec_push(&r->c->keep, &r->c->sizes, levels) ? RK_OK : RK_ENOMEM;
}

/* A node of another tree. Depth is bounded by that of the JSON reader. */
typedef struct node {
    uint32_t number; /* among all nodes */
    int64_t split;
    bool left, right, value;
} node;

static rk_status read_node(reader *r, rk_json_event event);

static rk_status read_child(reader *r, const node *parent, bool right)
{
    rk_catboost *const c = r->c;
    const uint32_t number = c->nodes.len;
    if (right ? parent->right : parent->left)
        return bad(r, "tree %u: a node has two children on one side", r->tree);
    RK_TRY(read_node(r, rk_json_next(&r->json)));
    rk_catboost_node *const at = &c->nodes.items[parent->number];
    *(right ? &at->right : &at->left) = number - parent->number;
    return RK_OK;
}

static rk_status read_value(reader *r, node *at)
{
    rk_catboost *const c = r->c;
    uint32_t n = 0;
    c->node_leaves.items[at->number] = c->leaves.len;
    if (at->value)
        return bad(r, "tree %u: a leaf has two values", r->tree);
    at->value = true;
    const rk_json_event event = rk_json_next(&r->json);
    if (event != RK_JSON_LIST) {
        RK_TRY(push_leaf(r, event));
        return count_outputs(r, 1);
    }
    for (;; n++) {
        const rk_json_event item = rk_json_next(&r->json);
        if (item == RK_JSON_LIST_END)
            return count_outputs(r, n);
        RK_TRY(push_leaf(r, item));
    }
}

static rk_status read_node_member(reader *r, rk_str name, void *to, bool *known)
{
    node *const at = to;
    if (is(name, "left")) {
        RK_TRY(read_child(r, at, false));
        at->left = true;
    } else if (is(name, "right")) {
        RK_TRY(read_child(r, at, true));
        at->right = true;
    } else if (is(name, "split")) {
        return read_object(r, read_split, &at->split);
    } else if (is(name, "value")) {
        return read_value(r, at);
    } else if (is(name, "weight")) {
        return push_weight(r, rk_json_next(&r->json));
    } else {
        *known = false;
    }
    return RK_OK;
}

static rk_status read_node(reader *r, rk_json_event event)
{
    rk_catboost *const c = r->c;
    node at = {.number = c->nodes.len, .split = -1};
    if (event != RK_JSON_OBJECT)
        return wrong(r, event, "a node");
    if (!rk_vec_push(&c->keep, &c->nodes, ((rk_catboost_node){0, 0})) ||
        !rk_vec_push(&c->keep, &c->node_leaves, -1) || !rk_vec_push(&c->keep, &c->splits, 0))
        return RK_ENOMEM;
    RK_TRY(read_members(r, read_node_member, &at));
    if (at.value ? at.left || at.right : !at.left || !at.right)
        return bad(r, "tree %u: a node has neither two children nor a value, or both", r->tree);
    c->splits.items[at.number] = at.split;
    return RK_OK;
}

static rk_status read_other_tree(reader *r, rk_json_event event)
{
    const uint32_t first = r->c->nodes.len;
    RK_TRY(read_node(r, event));
    r->tree++;
    const uint32_t size = r->c->nodes.len - first;
    return rk_vec_push(&r->c->keep, &r->c->sizes, size) ? RK_OK : RK_ENOMEM;
}

/* ---- the file ---- */

static rk_status push_bias(reader *r, rk_json_event event)
{
    double value;
    if (event != RK_JSON_NUMBER || !rk_str_to_double(r->json.token, &value))
        return wrong(r, event, "a bias");
    return rk_vec_push(&r->c->keep, &r->c->bias, value) ? RK_OK : RK_ENOMEM;
}

/* [scale, [bias, …]] */
static rk_status read_scale_and_bias(reader *r)
{
    uint32_t n;
    r->c->bias.len = 0;
    RK_TRY(open(r, RK_JSON_LIST));
    RK_TRY(read_double(r, &r->c->scale));
    RK_TRY(read_list(r, push_bias, &n));
    return open(r, RK_JSON_LIST_END);
}

static rk_status read_loss_type(reader *r, rk_str name, void *to, bool *known)
{
    *known = is(name, "type");
    return *known ? read_text(r, to) : RK_OK;
}

static rk_status read_params(reader *r, rk_str name, void *to, bool *known)
{
    *known = is(name, "loss_function");
    return *known ? read_object(r, read_loss_type, to) : RK_OK;
}

/* Objects in JSON, and text that holds JSON, in both forms. */
static rk_status read_info(reader *r, rk_str name, void *to, bool *known)
{
    rk_catboost *const c = to;
    const bool params = is(name, "params"), loss = is(name, "loss_function");
    *known = params || loss || is(name, "catboost_version_info");
    if (!*known)
        return RK_OK;
    const rk_json_event event = rk_json_next(&r->json);
    if (event == RK_JSON_OBJECT)
        return read_members(r, params ? read_params : read_loss_type, &c->loss);
    if (event != RK_JSON_STRING)
        return wrong(r, event, "an object or text");
    const rk_str token = r->json.token;
    const rk_str text = {rk_arena_copy(&c->keep, token.data, token.len), token.len};
    const char *const key = params ? "params" : loss ? "loss_function" : "catboost_version_info";
    return text.data ? rk_catboost_read_info(c, rk_str_from(key), text) : RK_ENOMEM;
}

/* "… Branch: tags/v1.2.7 …" */
static rk_status find_version(rk_catboost *c, rk_str info)
{
    static const char word[] = "tags/v";
    const char *const at = memmem(info.data, info.len, word, sizeof word - 1);
    if (!at)
        return RK_OK;
    const char *const from = at + sizeof word - 1;
    size_t n = 0;
    while (from + n < info.data + info.len && from[n] > ' ')
        n++;
    c->version = (rk_str){rk_arena_copy(c->arena, from, n), n};
    return c->version.data ? RK_OK : RK_ENOMEM;
}

rk_status rk_catboost_read_info(rk_catboost *c, rk_str name, rk_str value)
{
    if (is(name, "catboost_version_info"))
        return find_version(c, value);
    const bool params = is(name, "params");
    if ((!params && !is(name, "loss_function")) || value.len == 0)
        return RK_OK;
    reader r = {.c = c};
    rk_json_init(&r.json, &c->keep, value);
    RK_TRY(read_object(&r, params ? read_params : read_loss_type, &c->loss));
    const rk_json_event event = rk_json_next(&r.json);
    return event == RK_JSON_END ? RK_OK : wrong(&r, event, "the end");
}

static rk_status read_file(reader *r, rk_str name, void *to, bool *known)
{
    rk_catboost *const c = to;
    uint32_t n;
    if (is(name, "features_info"))
        return read_object(r, read_features, c);
    if (is(name, "model_info"))
        return read_object(r, read_info, c);
    if (is(name, "scale_and_bias"))
        return read_scale_and_bias(r);
    *known = is(name, "oblivious_trees") || is(name, "trees");
    if (!*known)
        return RK_OK;
    if (c->sizes.len)
        return bad(r, "it has two lists of trees");
    return read_list(r, is(name, "trees") ? read_other_tree : read_symmetric_tree, &n);
}

rk_status rk_catboost_read_json(rk_catboost *c, rk_str text)
{
    reader r = {.c = c};
    rk_json_init(&r.json, &c->keep, text);
    RK_TRY(read_object(&r, read_file, c));
    const rk_json_event event = rk_json_next(&r.json);
    if (event != RK_JSON_END)
        return wrong(&r, event, "the end");
    if (c->n_outputs == 0) /* no trees */
        c->n_outputs = c->bias.len ? c->bias.len : 1;
    return RK_OK;
}
