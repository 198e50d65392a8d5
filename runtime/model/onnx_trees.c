/* ONNX files as models: of a graph with a tree ensemble a forest is made. */
#include "runtime/model/onnx_trees.h"

#include "runtime/model/onnx_columns.h"

static bool is_ensemble(const rk_onnx_node *node)
{
    static const char *const ops[] = {"TreeEnsembleRegressor", "TreeEnsembleClassifier",
                                      "TreeEnsemble"};
    if (!rk_str_eq(node->domain, RK_STR("ai.onnx.ml")))
        return false;
    for (size_t i = 0; i < RK_ARRAY_LEN(ops); i++)
        if (rk_str_eq(node->op, rk_str_from(ops[i])))
            return true;
    return false;
}

bool rk_onnx_is_trees(const rk_onnx *onnx)
{
    for (uint32_t i = 0; i < onnx->n_nodes; i++)
        if (is_ensemble(&onnx->nodes[i]))
            return true;
    return false;
}

/* ---- what is not supported ---- */

enum { MOST_OPS = 20 };

typedef struct tally {
    const rk_onnx_node *nodes[MOST_OPS];
    uint32_t counts[MOST_OPS], n, others;
} tally;

static void count_op(tally *tally, const rk_onnx_node *node)
{
    uint32_t i = 0;
    while (i < tally->n && !(rk_str_eq(tally->nodes[i]->op, node->op) &&
                             rk_str_eq(tally->nodes[i]->domain, node->domain)))
        i++;
    if (i == MOST_OPS) {
        tally->others++;
        return;
    }
    if (i == tally->n)
        tally->nodes[tally->n++] = node;
    tally->counts[i] += i < tally->n;
}

/* Operators whose numbers would be other ones than the trees', each with how often it stands there;
 * all of them, as only some of those that may stand round trees do, and where, is known. */
static void lack_ops(rk_onnx_trees *t, const char *what)
{
    const rk_onnx *const onnx = &t->onnx;
    tally tally = {.n = 0};
    for (uint32_t i = 0; i < onnx->n_nodes; i++)
        if (!is_ensemble(&onnx->nodes[i]))
            count_op(&tally, &onnx->nodes[i]);
    rk_buf list = {0};
    for (uint32_t i = 0; i < tally.n; i++)
        rk_buf_printf(&list, "%s%.*s (%u)", i ? ", " : "", RK_STR_ARG(tally.nodes[i]->op),
                      tally.counts[i]);
    if (tally.others)
        rk_buf_printf(&list, " and others (%u)", tally.others);
    rk_model_lacks(&t->loading, "%s%s%.*s", what, list.len ? ": " : "",
                   RK_STR_ARG(rk_buf_str(&list)));
    rk_buf_free(&list);
}

static void find_ensemble(rk_onnx_trees *t)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->onnx.n_nodes; i++) {
        if (!is_ensemble(&t->onnx.nodes[i]))
            continue;
        t->ensemble.node = &t->onnx.nodes[i];
        n++;
    }
    if (n > 1)
        rk_model_lacks(&t->loading, "several tree ensembles (%u)", n);
}

/* ---- inputs ---- */

/* Columns of inputs in the order of the graph. */
static rk_status count_inputs(rk_onnx_trees *t, uint32_t **first, uint32_t *n)
{
    const rk_onnx *const onnx = &t->onnx;
    uint64_t total = 0;
    *first = rk_arena_alloc_column(&t->keep, onnx->n_inputs + 1u, sizeof **first);
    if (!*first)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < onnx->n_inputs; i++) {
        (*first)[i] = (uint32_t)total;
        if (onnx->inputs[i].initialized)
            continue;
        total += (uint64_t)rk_onnx_width(&onnx->inputs[i]);
        if (total > rk_onnx_most_columns(t))
            return rk_onnx_bad(&t->loading, onnx->inputs[i].at,
                               "it has more columns than a file of this size may have");
    }
    *n = (uint32_t)total;
    return RK_OK;
}

/* An input of one column has its name; columns of a matrix have none. */
static rk_status name_inputs(const rk_onnx_trees *t, rk_model *out)
{
    const rk_onnx *const onnx = &t->onnx;
    out->inputs = RK_NEW_ARRAY(t->arena, rk_model_input, out->n_inputs);
    if (!out->inputs)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < out->n_inputs; i++)
        out->inputs[i] = (rk_model_input){.name = RK_STR(""), .missing = t->ensemble.missing};
    uint32_t at = 0;
    for (uint32_t i = 0; i < onnx->n_inputs && !t->open; i++) {
        const rk_onnx_value *const input = &onnx->inputs[i];
        const int64_t width = input->initialized ? 0 : rk_onnx_width(input);
        if (width == 1) {
            out->inputs[at].name.data = rk_arena_copy(t->arena, input->name.data, input->name.len);
            out->inputs[at].name.len = input->name.len;
            if (!out->inputs[at].name.data)
                return RK_ENOMEM;
        }
        at += (uint32_t)width;
    }
    return RK_OK;
}

/* ---- the model ---- */

static uint32_t count_columns(const rk_onnx_trees *t)
{
    uint32_t n = t->columns.len;
    for (uint32_t i = 0; t->open && i < t->ensemble.n_nodes; i++) {
        const rk_onnx_tree_node *const node = &t->ensemble.nodes[i];
        if (node->mode != RK_ONNX_LEAF && node->feature >= n)
            n = node->feature + 1;
    }
    return n;
}

static rk_status join(const rk_onnx_trees *t, rk_str a, rk_str b, rk_str *out)
{
    char *const text = rk_arena_alloc(t->arena, a.len + b.len + 2);
    if (!text)
        return RK_ENOMEM;
    const size_t gap = a.len && b.len ? 1 : 0;
    memcpy(text, a.data, a.len);
    text[a.len] = ' ';
    memcpy(text + a.len + gap, b.data, b.len);
    *out = (rk_str){text, a.len + gap + b.len};
    return RK_OK;
}

static rk_status make(rk_onnx_trees *t, uint32_t n_inputs, rk_model *out)
{
    const rk_onnx_ensemble *const e = &t->ensemble;
    const uint32_t n_columns = count_columns(t);
    out->n_inputs = t->open ? n_columns : n_inputs;
    out->n_outputs = t->plan.n_outputs;
    out->kind =
        e->scores_double && t->plan.transform == RK_TRANSFORM_NONE ? RK_KIND_DOUBLE : RK_KIND_FLOAT;
    out->transform = t->plan.transform;
    out->slope = 1;
    RK_TRY(name_inputs(t, out));
    RK_TRY(join(t, e->node->op, RK_STR(""), &out->objective));
    RK_TRY(join(t, t->onnx.producer, t->onnx.producer_version, &out->version));
    return rk_onnx_make_forest(t, n_columns, out);
}

static rk_status load_trees(rk_onnx_trees *t, rk_model *out)
{
    rk_onnx_graph graph;
    uint32_t *first, type, n_inputs = 0;
    bool columns, scores;
    rk_onnx_lacks(&t->onnx, &t->loading);
    find_ensemble(t);
    RK_TRY(rk_model_supported(&t->loading));
    RK_TRY(rk_onnx_graph_make(&t->onnx, &t->loading, &t->keep, &graph));
    RK_TRY(count_inputs(t, &first, &n_inputs));
    RK_TRY(rk_onnx_trace_columns(t, &graph, first, &type, &columns));
    rk_onnx_trace_scores(t, &graph, &scores);
    if (!columns || !scores)
        lack_ops(t, columns  ? "operators behind the trees"
                    : scores ? "operators before the trees"
                             : "operators before and behind the trees");
    RK_TRY(rk_model_supported(&t->loading));
    RK_TRY(rk_onnx_read_ensemble(t, type));
    RK_TRY(rk_onnx_make_plan(t));
    RK_TRY(rk_model_supported(&t->loading));
    return make(t, n_inputs, out);
}

rk_status rk_onnx_trees_load(const rk_onnx *onnx, size_t size, const rk_model_loading *loading,
                             rk_arena *arena, rk_model *out)
{
    rk_onnx_trees t = {.loading = {.spec = loading->spec, .diags = loading->diags},
                       .arena = arena,
                       .size = size,
                       .onnx = *onnx};
    const rk_status status = load_trees(&t, out);
    rk_arena_free(&t.keep);
    rk_buf_free(&t.loading.lacks);
    return status;
}
