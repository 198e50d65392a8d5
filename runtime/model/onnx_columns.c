/* The way from a graph's inputs to the tree ensemble, and from there to the graph's outputs. What
 * may stand on it changes no number but by making it a float: Cast, Identity, Concat and
 * FeatureVectorizer before; the same, ZipMap, a factor of 1 and one function behind. */
#include "runtime/model/onnx_columns.h"

enum { MOST_STEPS = 64 };

/* ---- who makes a value ---- */

static bool makes(const void *owner, uint32_t value, const void *key)
{
    const rk_onnx_graph *const g = owner;
    const rk_onnx_maker *const maker = &g->makers.items[value];
    return rk_str_eq(g->onnx->nodes[maker->node].outputs[maker->output], *(const rk_str *)key);
}

static bool is_input(const void *owner, uint32_t value, const void *key)
{
    const rk_onnx_graph *const g = owner;
    return rk_str_eq(g->onnx->inputs[value].name, *(const rk_str *)key);
}

static const rk_onnx_maker *maker_of(const rk_onnx_graph *g, rk_str name)
{
    const uint32_t i = rk_table_find(&g->makers_by_name, rk_str_hash(name), makes, g, &name);
    return i == RK_MAP_NONE ? NULL : &g->makers.items[i];
}

static uint32_t input_of(const rk_onnx_graph *g, rk_str name)
{
    return rk_table_find(&g->inputs_by_name, rk_str_hash(name), is_input, g, &name);
}

static rk_status add_outputs(rk_onnx_graph *g, uint32_t node, const rk_model_loading *loading,
                             rk_arena *arena)
{
    const rk_onnx_node *const from = &g->onnx->nodes[node];
    for (uint32_t i = 0; i < from->n_outputs; i++) {
        const rk_str name = from->outputs[i];
        const rk_onnx_maker maker = {node, i};
        if (name.len == 0)
            continue;
        if (maker_of(g, name))
            return rk_onnx_bad(loading, from->at, "two nodes give `%.*s`", RK_STR_ARG(name));
        if (!rk_vec_push(arena, &g->makers, maker) ||
            !rk_table_add(arena, &g->makers_by_name, rk_str_hash(name), g->makers.len - 1))
            return RK_ENOMEM;
    }
    return RK_OK;
}

rk_status rk_onnx_graph_make(const rk_onnx *onnx, const rk_model_loading *loading, rk_arena *arena,
                             rk_onnx_graph *out)
{
    *out = (rk_onnx_graph){.onnx = onnx};
    for (uint32_t i = 0; i < onnx->n_nodes; i++)
        RK_TRY(add_outputs(out, i, loading, arena));
    for (uint32_t i = 0; i < onnx->n_inputs; i++) {
        const rk_onnx_value *const input = &onnx->inputs[i];
        if (input->initialized)
            continue;
        if (input_of(out, input->name) != RK_MAP_NONE)
            return rk_onnx_bad(loading, input->at, "two inputs are called `%.*s`",
                               RK_STR_ARG(input->name));
        if (!rk_table_add(arena, &out->inputs_by_name, rk_str_hash(input->name), i))
            return RK_ENOMEM;
    }
    return RK_OK;
}

static bool is_op(const rk_onnx_node *node, const char *domain, const char *op)
{
    return rk_str_eq(node->domain, rk_str_from(domain)) && rk_str_eq(node->op, rk_str_from(op));
}

/* What a Cast makes; UNDEFINED if it does not say. */
static uint32_t cast_to(const rk_onnx_node *node)
{
    const rk_onnx_attribute *const to = rk_onnx_attribute_find(node, "to");
    return to && to->type == RK_ONNX_ATTRIBUTE_INT && to->as.i > 0 && to->as.i < RK_ONNX_TYPE_COUNT
               ? (uint32_t)to->as.i
               : RK_ONNX_UNDEFINED;
}

/* ---- columns ---- */

/* Columns on the way, and what they are. */
typedef struct tracer {
    rk_onnx_trees *t;
    const rk_onnx_graph *graph;
    const uint32_t *first; /* [inputs] of the graph: number of its first column among the model's */
    uint32_t depth;
} tracer;

static rk_status trace(tracer *tr, rk_str name, uint32_t *type, bool *known);

static bool is_number(uint32_t type)
{
    return type == RK_ONNX_FLOAT || type == RK_ONNX_DOUBLE || type == RK_ONNX_BOOL ||
           (type >= RK_ONNX_UINT8 && type <= RK_ONNX_INT64) || type == RK_ONNX_UINT32 ||
           type == RK_ONNX_UINT64;
}

/* [N, columns] or [N], which is one. */
int64_t rk_onnx_width(const rk_onnx_value *input)
{
    if (!input->shaped || input->n_dims > 2 || input->n_dims == 0)
        return 0;
    return input->n_dims == 1 ? 1 : input->dims[1].size > 0 ? input->dims[1].size : 0;
}

static rk_status take_input(tracer *tr, uint32_t input, uint32_t *type, bool *known)
{
    rk_onnx_trees *const t = tr->t;
    const rk_onnx_value *const value = &t->onnx.inputs[input];
    const int64_t width = rk_onnx_width(value);
    *type = value->type;
    *known = is_number(*type);
    if (!*known)
        return RK_OK;
    if (width == 0) {
        if (tr->graph->inputs_by_name.len > 1 || t->columns.len || t->open)
            return rk_onnx_bad(&t->loading, value->at, "input `%.*s` has no number of columns",
                               RK_STR_ARG(value->name));
        t->open = true;
        t->open_narrows = *type == RK_ONNX_FLOAT;
        return RK_OK;
    }
    if (t->open)
        return rk_onnx_bad(&t->loading, value->at, "an input without number of columns is joined");
    for (int64_t i = 0; i < width; i++) {
        if (t->columns.len >= rk_onnx_most_columns(t))
            return rk_onnx_bad(&t->loading, value->at,
                               "it has more columns than a file of this size may have");
        const rk_onnx_column column = {tr->first[input] + (uint32_t)i, *type == RK_ONNX_FLOAT};
        if (!rk_vec_push(&t->keep, &t->columns, column))
            return RK_ENOMEM;
    }
    return RK_OK;
}

/* Columns from `from` on pass through a Cast. */
static void narrow(rk_onnx_trees *t, uint32_t from)
{
    for (uint32_t i = from; i < t->columns.len; i++)
        t->columns.items[i].narrows = true;
    t->open_narrows = true;
}

static rk_status take_all(tracer *tr, const rk_onnx_node *node, uint32_t *type, bool *known)
{
    *known = node->n_inputs > 0;
    for (uint32_t i = 0; i < node->n_inputs && *known; i++) {
        uint32_t one = RK_ONNX_UNDEFINED;
        RK_TRY(trace(tr, node->inputs[i], &one, known));
        *known = *known && (i == 0 || one == *type);
        *type = one;
    }
    return RK_OK;
}

static bool joins_columns(const rk_onnx_node *node)
{
    const rk_onnx_attribute *const axis = rk_onnx_attribute_find(node, "axis");
    return axis && axis->type == RK_ONNX_ATTRIBUTE_INT && (axis->as.i == 1 || axis->as.i == -1);
}

/* Makes floats of columns, which must be as many as it says. */
static rk_status vectorize(tracer *tr, const rk_onnx_node *node, uint32_t *type, bool *known)
{
    rk_onnx_trees *const t = tr->t;
    const rk_onnx_attribute *const widths = rk_onnx_attribute_find(node, "inputdimensions");
    const uint32_t from = t->columns.len;
    *known = widths && widths->type == RK_ONNX_ATTRIBUTE_INTS && widths->n == node->n_inputs;
    for (uint32_t i = 0; i < node->n_inputs && *known; i++) {
        const uint32_t at = t->columns.len;
        RK_TRY(trace(tr, node->inputs[i], type, known));
        *known = *known && !t->open && t->columns.len - at == (uint64_t)widths->as.ints[i];
    }
    narrow(t, from);
    *type = RK_ONNX_FLOAT;
    return RK_OK;
}

static rk_status cast(tracer *tr, const rk_onnx_node *node, uint32_t *type, bool *known)
{
    const uint32_t to = cast_to(node), from = tr->t->columns.len;
    RK_TRY(trace(tr, node->n_inputs ? node->inputs[0] : RK_STR(""), type, known));
    if (to == RK_ONNX_FLOAT)
        narrow(tr->t, from);
    *known = *known && (to == RK_ONNX_FLOAT || to == RK_ONNX_DOUBLE || to == *type);
    *type = to;
    return RK_OK;
}

static rk_status trace_node(tracer *tr, const rk_onnx_node *node, uint32_t *type, bool *known)
{
    if (is_op(node, "", "Identity") && node->n_inputs == 1)
        return trace(tr, node->inputs[0], type, known);
    if (is_op(node, "", "Cast"))
        return cast(tr, node, type, known);
    if (is_op(node, "", "Concat") && joins_columns(node))
        return take_all(tr, node, type, known);
    if (is_op(node, "ai.onnx.ml", "FeatureVectorizer"))
        return vectorize(tr, node, type, known);
    *known = false;
    return RK_OK;
}

/* Adds the columns of a value; `known` is false if something else makes it. */
static rk_status trace(tracer *tr, rk_str name, uint32_t *type, bool *known)
{
    const rk_onnx_maker *const maker = maker_of(tr->graph, name);
    const uint32_t input = maker ? RK_MAP_NONE : input_of(tr->graph, name);
    rk_status status = RK_OK;
    *known = false;
    if (++tr->depth > MOST_STEPS)
        return rk_model_bad(&tr->t->loading, 0, "more than %d operators follow one another",
                            MOST_STEPS);
    if (maker)
        status = trace_node(tr, &tr->t->onnx.nodes[maker->node], type, known);
    else if (input != RK_MAP_NONE)
        status = take_input(tr, input, type, known);
    tr->depth--;
    return status;
}

rk_status rk_onnx_trace_columns(rk_onnx_trees *t, const rk_onnx_graph *graph, const uint32_t *first,
                                uint32_t *type, bool *known)
{
    const rk_onnx_node *const node = t->ensemble.node;
    tracer tr = {.t = t, .graph = graph, .first = first};
    *type = RK_ONNX_UNDEFINED;
    RK_TRY(trace(&tr, node->n_inputs ? node->inputs[0] : RK_STR(""), type, known));
    return RK_OK;
}

/* ---- scores ---- */

static bool is_one(const rk_onnx *onnx, rk_str name)
{
    const rk_onnx_tensor *const factor = rk_onnx_initializer(onnx, name);
    double value = 0;
    for (uint64_t i = 0; factor && i < factor->n; i++)
        if (!rk_onnx_get_number(factor, i, &value) || value != 1)
            return false;
    return value == 1;
}

/* The value that a node passes on, "" if it changes it. */
static rk_str passes(const rk_onnx *onnx, const rk_onnx_node *node)
{
    const uint32_t to = cast_to(node);
    if (node->n_inputs == 2 && is_op(node, "", "Mul"))
        return is_one(onnx, node->inputs[1])   ? node->inputs[0]
               : is_one(onnx, node->inputs[0]) ? node->inputs[1]
                                               : RK_STR("");
    if (node->n_inputs == 1 &&
        (is_op(node, "", "Identity") || is_op(node, "ai.onnx.ml", "ZipMap") ||
         (is_op(node, "", "Cast") && (to == RK_ONNX_FLOAT || to == RK_ONNX_DOUBLE))))
        return node->inputs[0];
    return RK_STR("");
}

/* The functions that may stand behind the scores. */
static rk_transform function_of(const rk_onnx_node *node)
{
    if (node->n_inputs != 1)
        return RK_TRANSFORM_NONE;
    return is_op(node, "", "Exp")       ? RK_TRANSFORM_EXP
           : is_op(node, "", "Sigmoid") ? RK_TRANSFORM_SIGMOID
                                        : RK_TRANSFORM_NONE;
}

/* Whether one of the graph's outputs is the scores. */
static bool leads_back(const rk_onnx_trees *t, const rk_onnx_graph *graph, rk_str name,
                       rk_transform *applied)
{
    *applied = RK_TRANSFORM_NONE;
    for (int step = 0; step < MOST_STEPS; step++) {
        const rk_onnx_maker *const maker = maker_of(graph, name);
        if (!maker)
            return false;
        const rk_onnx_node *const node = &t->onnx.nodes[maker->node];
        if (node == t->ensemble.node)
            return maker->output == (is_op(node, "ai.onnx.ml", "TreeEnsembleClassifier") ? 1 : 0);
        const rk_transform function = function_of(node);
        if (function != RK_TRANSFORM_NONE && *applied != RK_TRANSFORM_NONE)
            return false;
        *applied = function != RK_TRANSFORM_NONE ? function : *applied;
        name = function != RK_TRANSFORM_NONE ? node->inputs[0] : passes(&t->onnx, node);
    }
    return false;
}

void rk_onnx_trace_scores(rk_onnx_trees *t, const rk_onnx_graph *graph, bool *known)
{
    *known = false;
    for (uint32_t i = 0; i < t->onnx.n_outputs && !*known; i++)
        *known = leads_back(t, graph, t->onnx.outputs[i].name, &t->applied);
}
