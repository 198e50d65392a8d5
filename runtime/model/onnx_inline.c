/* Functions that a file defines out of other operators: their nodes come to stand where they are
 * called, as if the file had none. */
#include "runtime/model/onnx_read.h"

enum {
    FUNCTION_INPUTS = 4,
    FUNCTION_OUTPUTS,
    FUNCTION_NODES = 7,
    FUNCTION_OPSETS = 9,
    FUNCTION_DEFAULTS = 11,
    FUNCTION_FIELDS
};

enum { DEEPEST = 16 };

/* A function as it is read when somebody calls it first. */
typedef struct body {
    bool read;
    const rk_str *inputs, *outputs;
    rk_onnx_node *nodes;
    rk_onnx_attribute *defaults; /* of attributes that a call leaves out */
    rk_onnx_opset *opsets;
    uint32_t n_inputs, n_outputs, n_nodes, n_defaults, n_opsets;
} body;

typedef struct inlining {
    const rk_onnx *onnx;
    const rk_model_loading *loading;
    rk_arena *arena;
    body *bodies; /* [n_functions] */
    RK_VEC(rk_onnx_node) nodes;
    uint32_t n_calls;
    uint64_t left; /* bytes and steps that it may still take: a small file stays small */
} inlining;

/* A call whose nodes are put in place. */
typedef struct call {
    const rk_onnx_node *node; /* with its names and attributes outside */
    const body *body;
    uint32_t number, depth;
} call;

static rk_status takes(inlining *in, uint64_t steps)
{
    if (steps > in->left)
        return rk_model_bad(in->loading, 0, "its functions come to too many nodes");
    in->left -= steps;
    return RK_OK;
}

/* ---- reading ---- */

static rk_status read_parts(rk_onnx_reader *r, rk_proto message, body *out)
{
    for (rk_proto_field field; rk_proto_next(&message, &field);) {
        const uint32_t number = field.number;
        if (number != FUNCTION_NODES && number != FUNCTION_OPSETS && number != FUNCTION_DEFAULTS)
            continue;
        const rk_proto part = rk_proto_message(&message, &field);
        RK_TRY(rk_onnx_sound(r));
        if (number == FUNCTION_NODES)
            RK_TRY(rk_onnx_read_node(r, part, &out->nodes[out->n_nodes++]));
        else if (number == FUNCTION_DEFAULTS)
            RK_TRY(rk_onnx_read_attribute(r, part, &out->defaults[out->n_defaults++]));
        else
            out->opsets[out->n_opsets++] = rk_onnx_read_opset(part);
    }
    return rk_onnx_sound(r);
}

static rk_status read_body(inlining *in, const rk_onnx_function *function, body *out)
{
    rk_onnx_reader r = {
        .loading = in->loading, .arena = in->arena, .file = {.bytes = in->onnx->bytes}};
    const rk_proto message = {&r.file, function->body.data,
                              function->body.data + function->body.len};
    uint32_t counts[FUNCTION_FIELDS];
    rk_proto_count(message, counts, FUNCTION_FIELDS);
    out->n_inputs = counts[FUNCTION_INPUTS];
    out->n_outputs = counts[FUNCTION_OUTPUTS];
    RK_TRY(rk_onnx_read_texts(&r, message, FUNCTION_INPUTS, out->n_inputs, &out->inputs));
    RK_TRY(rk_onnx_read_texts(&r, message, FUNCTION_OUTPUTS, out->n_outputs, &out->outputs));
    out->nodes = RK_NEW_ARRAY(in->arena, rk_onnx_node, counts[FUNCTION_NODES]);
    out->defaults = RK_NEW_ARRAY(in->arena, rk_onnx_attribute, counts[FUNCTION_DEFAULTS]);
    out->opsets = RK_NEW_ARRAY(in->arena, rk_onnx_opset, counts[FUNCTION_OPSETS]);
    if (!out->nodes || !out->defaults || !out->opsets)
        return RK_ENOMEM;
    out->read = true;
    return read_parts(&r, message, out);
}

/* ---- names ---- */

/* A name of the function's own: `x` of the third call is `x'3`. */
static rk_status own_name(inlining *in, rk_str name, uint32_t number, rk_str *out)
{
    rk_buf words = {0};
    rk_buf_add(&words, name);
    rk_buf_printf(&words, "'%u", number);
    const char *const copy = words.failed ? NULL : rk_arena_copy(in->arena, words.data, words.len);
    *out = (rk_str){copy, words.len};
    rk_buf_free(&words);
    return copy ? RK_OK : RK_ENOMEM;
}

static uint32_t place_of(const rk_str *names, uint32_t n, rk_str name)
{
    uint32_t i = 0;
    while (i < n && !rk_str_eq(names[i], name))
        i++;
    return i;
}

/* What a name of the function is called outside; `makes`: as an output of one of its nodes. */
static rk_status outside(inlining *in, const call *c, rk_str name, bool makes, rk_str *out)
{
    const body *const b = c->body;
    *out = name;
    if (name.len == 0)
        return RK_OK;
    RK_TRY(takes(in, 64 + name.len + b->n_inputs + b->n_outputs));
    const uint32_t input = makes ? b->n_inputs : place_of(b->inputs, b->n_inputs, name);
    const uint32_t output = place_of(b->outputs, b->n_outputs, name);
    if (input < b->n_inputs)
        *out = input < c->node->n_inputs ? c->node->inputs[input] : RK_STR("");
    else if (output < b->n_outputs && output < c->node->n_outputs && c->node->outputs[output].len)
        *out = c->node->outputs[output];
    else
        return own_name(in, name, c->number, out);
    return RK_OK;
}

static rk_status all_outside(inlining *in, const call *c, const rk_str *names, uint32_t n,
                             bool make, const rk_str **out)
{
    rk_str *const made = RK_NEW_ARRAY(in->arena, rk_str, n);
    if (!made)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        RK_TRY(outside(in, c, names[i], make, &made[i]));
    *out = made;
    return RK_OK;
}

/* ---- attributes ---- */

static const rk_onnx_attribute *find(const rk_onnx_attribute *attributes, uint32_t n, rk_str name)
{
    for (uint32_t i = 0; i < n; i++)
        if (rk_str_eq(attributes[i].name, name))
            return &attributes[i];
    return NULL;
}

/* Those that stand for attributes of the call get its values, or the function's own; what has
 * neither is left out. */
static rk_status resolve(inlining *in, const call *c, rk_onnx_node *node)
{
    const rk_onnx_attribute *const from = node->attributes;
    rk_onnx_attribute *const made = RK_NEW_ARRAY(in->arena, rk_onnx_attribute, node->n_attributes);
    uint32_t n = 0;
    if (!made)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < node->n_attributes; i++) {
        const rk_onnx_attribute *value = &from[i];
        RK_TRY(takes(in, sizeof *made + c->node->n_attributes + c->body->n_defaults));
        if (from[i].from.len)
            value = find(c->node->attributes, c->node->n_attributes, from[i].from);
        if (!value)
            value = find(c->body->defaults, c->body->n_defaults, from[i].from);
        if (!value || value->from.len)
            continue;
        made[n] = *value;
        made[n++].name = from[i].name;
    }
    node->attributes = made;
    node->n_attributes = n;
    return RK_OK;
}

/* ---- nodes ---- */

static int64_t version_of(const body *b, rk_str domain)
{
    for (uint32_t i = 0; i < b->n_opsets; i++)
        if (rk_str_eq(b->opsets[i].domain, domain))
            return b->opsets[i].version;
    return 0;
}

static bool has_graph(const rk_onnx_node *node)
{
    for (uint32_t i = 0; i < node->n_attributes; i++)
        if (node->attributes[i].type == RK_ONNX_ATTRIBUTE_GRAPH)
            return true;
    return false;
}

static rk_status add_node(inlining *in, const rk_onnx_node *node, uint32_t depth);

static rk_status add_body(inlining *in, const call *c)
{
    for (uint32_t i = 0; i < c->body->n_nodes; i++) {
        rk_onnx_node node = c->body->nodes[i];
        RK_TRY(takes(in, 2 * sizeof node));
        if (has_graph(&node))
            return rk_onnx_bad(in->loading, node.at, "a function has a branch or a loop");
        node.version = version_of(c->body, node.domain);
        RK_TRY(all_outside(in, c, node.inputs, node.n_inputs, false, &node.inputs));
        RK_TRY(all_outside(in, c, node.outputs, node.n_outputs, true, &node.outputs));
        RK_TRY(resolve(in, c, &node));
        RK_TRY(add_node(in, &node, c->depth + 1));
    }
    return RK_OK;
}

static rk_status add_node(inlining *in, const rk_onnx_node *node, uint32_t depth)
{
    const rk_onnx_function *const function = rk_onnx_called(in->onnx, node);
    if (!function)
        return rk_vec_push(in->arena, &in->nodes, *node) ? RK_OK : RK_ENOMEM;
    if (depth == DEEPEST)
        return rk_model_bad(in->loading, 0, "its functions call each other more than %d deep",
                            DEEPEST);
    body *const b = &in->bodies[function - in->onnx->functions];
    if (!b->read)
        RK_TRY(read_body(in, function, b));
    const call made = {.node = node, .body = b, .number = ++in->n_calls, .depth = depth};
    return add_body(in, &made);
}

rk_status rk_onnx_inline(rk_onnx *onnx, const rk_model_loading *loading, rk_arena *arena)
{
    inlining in = {.onnx = onnx, .loading = loading, .arena = arena};
    in.left = 16 * (uint64_t)onnx->bytes.len + (1 << 20);
    if (onnx->n_functions == 0)
        return RK_OK;
    in.bodies = RK_NEW_ARRAY(arena, body, onnx->n_functions);
    if (!in.bodies)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < onnx->n_nodes; i++)
        RK_TRY(add_node(&in, &onnx->nodes[i], 0));
    onnx->nodes = in.nodes.items;
    onnx->n_nodes = in.nodes.len;
    return RK_OK;
}
