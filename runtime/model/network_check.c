#include "runtime/model/network.h"

typedef struct checking {
    const rk_network *network;
    bool *made; /* [n_values] by what comes before */
    rk_buf *fault;
    const rk_network_op *op;         /* that is looked at; NULL: none */
    const rk_network_value *x, *out; /* its first operand, and what it makes */
} checking;

enum { ELEMENTS = 1 << 28 };

/* Says what is wrong. */
static bool bad(checking *c, const char *what)
{
    if (c->op)
        rk_buf_printf(c->fault, "operator %zu: ", (size_t)(c->op - c->network->ops));
    rk_buf_add_chars(c->fault, what);
    return false;
}

static const rk_network_value *operand(const checking *c, uint32_t i)
{
    return &c->network->values[c->network->operands[c->op->first + i]];
}

/* ---- values ---- */

static bool check_value(checking *c, const rk_network_value *value)
{
    uint64_t n = 1;
    if (value->kind != RK_KIND_FLOAT && value->kind != RK_KIND_INT && value->kind != RK_KIND_BOOL)
        return bad(c, "a value is of no kind");
    if (value->n_dims > RK_NETWORK_DIMS)
        return bad(c, "a value has too many dimensions");
    if (value->batch ? value->data || value->n_dims == 0 : !value->data)
        return bad(c, "a value is neither constant nor one for each item");
    for (uint32_t i = 0; i < value->n_dims; i++) {
        n *= value->dims[i];
        if (n == 0 || n > (value->batch ? ELEMENTS : UINT32_MAX))
            return bad(c, "a value is too large, or empty");
    }
    return true;
}

static bool same_dims(const rk_network_value *a, const rk_network_value *b)
{
    return a->n_dims == b->n_dims && memcmp(a->dims, b->dims, a->n_dims * sizeof *a->dims) == 0;
}

/* ---- operators ---- */

/* Whether a value stretches to dims, batches beside batches; its last `but` dimensions aside. */
static bool stretches(const rk_network_value *value, const rk_network_value *to, uint32_t but)
{
    if (value->n_dims > to->n_dims || (value->batch && value->n_dims != to->n_dims))
        return false;
    const uint32_t lacks = (uint32_t)to->n_dims - value->n_dims;
    for (uint32_t i = 0; i + but < value->n_dims; i++)
        if (value->dims[i] != to->dims[i + lacks] &&
            (value->dims[i] != 1 || (i == 0 && value->batch)))
            return false;
    return true;
}

static uint32_t arity(rk_network_fn fn)
{
    return fn < RK_NETWORK_ADD ? 1 : fn < RK_NETWORK_WHERE ? 2 : 3;
}

static bool kinds_fit(const checking *c, rk_network_fn fn)
{
    const uint8_t x = c->x->kind, out = c->out->kind;
    const bool real = x == RK_KIND_FLOAT, number = x != RK_KIND_BOOL;
    if (fn == RK_NETWORK_CAST)
        return true;
    if (fn == RK_NETWORK_WHERE)
        return !number && operand(c, 1)->kind == out && operand(c, 2)->kind == out;
    if (c->op->n == 2 && operand(c, 1)->kind != x)
        return false;
    if (fn == RK_NETWORK_NOT || (fn >= RK_NETWORK_AND && fn <= RK_NETWORK_XOR))
        return !number && out == x;
    if (fn >= RK_NETWORK_EQUAL && fn <= RK_NETWORK_GREATER_EQUAL)
        return number && out == RK_KIND_BOOL;
    if (fn >= RK_NETWORK_ADD && fn != RK_NETWORK_POW && fn != RK_NETWORK_PRELU)
        return number && out == x;
    return real && out == x;
}

static bool check_map(checking *c)
{
    const rk_network_fn fn = (rk_network_fn)c->op->fn;
    if (fn >= RK_NETWORK_FN_COUNT || c->op->n != arity(fn) || !kinds_fit(c, fn))
        return bad(c, "its operands are not those of its function");
    for (uint32_t i = 0; i < c->op->n; i++)
        if (!stretches(operand(c, i), c->out, 0))
            return bad(c, "an operand does not stretch to its shape");
    return true;
}

static bool all_floats(const checking *c)
{
    for (uint32_t i = 0; i < c->op->n; i++)
        if (operand(c, i)->kind != RK_KIND_FLOAT)
            return false;
    return c->out->kind == RK_KIND_FLOAT;
}

static bool check_dense(checking *c)
{
    const rk_network_value *const x = c->x, *const out = c->out;
    const rk_network_value *const y = operand(c, c->op->n > 1), *const bias =
                                                                    operand(c, c->op->n - 1);
    if (c->op->n < 2 || c->op->n > 3 || !all_floats(c) || !x->batch || y->batch || bias->batch)
        return bad(c, "its operands are not those of a layer");
    const uint32_t last = x->n_dims - 1u;
    if (last == 0 || y->n_dims != 2 || out->n_dims != x->n_dims ||
        memcmp(x->dims, out->dims, last * sizeof *x->dims) != 0 || x->dims[last] != y->dims[0] ||
        out->dims[last] != y->dims[1] ||
        (c->op->n > 2 && (bias->n_dims != 1 || bias->dims[0] != y->dims[1])))
        return bad(c, "the shapes of a layer do not fit");
    return true;
}

static bool check_matmul(checking *c)
{
    const rk_network_value *const x = c->x, *const out = c->out;
    if (c->op->n != 2 || !all_floats(c))
        return bad(c, "its operands are no two matrices");
    const rk_network_value *const y = operand(c, 1);
    if (x->n_dims < 2 || y->n_dims < 2 || out->n_dims < 3 || !stretches(x, out, 2) ||
        !stretches(y, out, 2))
        return bad(c, "the leading dimensions of its matrices do not fit");
    if (x->dims[x->n_dims - 1] != y->dims[y->n_dims - 2] ||
        x->dims[x->n_dims - 2] != out->dims[out->n_dims - 2] ||
        y->dims[y->n_dims - 1] != out->dims[out->n_dims - 1])
        return bad(c, "its matrices do not fit");
    return true;
}

static bool check_gather(checking *c)
{
    const rk_network_value *const table = c->x, *const out = c->out;
    if (c->op->n != 2)
        return bad(c, "it has no ids");
    const rk_network_value *const ids = operand(c, 1);
    if (table->batch || table->n_dims == 0 || ids->kind != RK_KIND_INT || out->kind != table->kind)
        return bad(c, "its operands are no table and ids");
    if (out->n_dims + 1u != (uint32_t)ids->n_dims + table->n_dims ||
        memcmp(out->dims, ids->dims, ids->n_dims * sizeof *ids->dims) != 0 ||
        memcmp(out->dims + ids->n_dims, table->dims + 1,
               (table->n_dims - 1u) * sizeof *ids->dims) != 0)
        return bad(c, "rows of its table do not make its shape");
    return true;
}

/* Both have the same dimensions but that of the axis, which is not the first. */
static bool differ_at(const rk_network_value *x, const rk_network_value *out, uint32_t axis)
{
    if (axis == 0 || axis >= x->n_dims || x->n_dims != out->n_dims)
        return false;
    for (uint32_t i = 0; i < x->n_dims; i++)
        if (i != axis && x->dims[i] != out->dims[i])
            return false;
    return true;
}

static bool check_take(checking *c)
{
    if (c->op->n != 2 || !c->x->batch || c->out->kind != c->x->kind)
        return bad(c, "it has no positions");
    const rk_network_value *const positions = operand(c, 1);
    if (positions->batch || positions->kind != RK_KIND_INT || positions->n_dims != 1 ||
        !differ_at(c->x, c->out, c->op->axis) || c->out->dims[c->op->axis] != positions->dims[0])
        return bad(c, "its positions do not make its shape");
    for (uint32_t i = 0; i < positions->dims[0]; i++) {
        const int64_t at = ((const int64_t *)positions->data)[i];
        if (at < 0 || at >= c->x->dims[c->op->axis])
            return bad(c, "a position is beyond its axis");
    }
    return true;
}

static bool check_concat(checking *c)
{
    uint64_t rows = 0;
    const uint32_t axis = c->op->axis;
    for (uint32_t i = 0; i < c->op->n; i++) {
        rk_network_value part = *operand(c, i);
        if (part.kind != c->out->kind || part.n_dims != c->out->n_dims || axis == 0 ||
            axis >= part.n_dims)
            return bad(c, "an operand is of another kind, or axis");
        rows += part.dims[axis];
        part.dims[axis] = c->out->dims[axis];
        if (!stretches(&part, c->out, 0))
            return bad(c, "an operand does not stretch to its shape");
    }
    return rows == c->out->dims[axis] || bad(c, "its operands are not as long together");
}

/* One operand with batch, of the kind that comes. */
static bool is_unary(const checking *c)
{
    return c->op->n == 1 && c->x->batch && c->x->kind == c->out->kind;
}

static bool check_reshape(checking *c)
{
    return (is_unary(c) && rk_network_elements(c->x) == rk_network_elements(c->out)) ||
           bad(c, "it makes more numbers, or less");
}

static bool check_transpose(checking *c)
{
    uint32_t seen = 0;
    if (!is_unary(c) || c->x->n_dims != c->out->n_dims || c->op->axes[0] != 0)
        return bad(c, "it moves the batch");
    for (uint32_t i = 0; i < c->x->n_dims; i++) {
        const uint32_t from = c->op->axes[i];
        if (from >= c->x->n_dims || seen >> from & 1 || c->x->dims[from] != c->out->dims[i])
            return bad(c, "its axes are no permutation");
        seen |= 1u << from;
    }
    return true;
}

static bool check_expand(checking *c)
{
    return (is_unary(c) && stretches(c->x, c->out, 0)) ||
           bad(c, "its operand does not stretch to its shape");
}

static bool check_reduce(checking *c)
{
    const rk_network_value *const x = c->x;
    const uint32_t fold = c->op->fn, mask = c->op->mask;
    const bool for_ints = fold == RK_NETWORK_SUM || fold == RK_NETWORK_GREATEST ||
                          fold == RK_NETWORK_LEAST || fold == RK_NETWORK_PROD;
    if (!is_unary(c) || fold >= RK_NETWORK_FOLD_COUNT || x->kind == RK_KIND_BOOL ||
        (x->kind == RK_KIND_INT && !for_ints))
        return bad(c, "its operand cannot be summed");
    if (mask == 0 || mask & 1 || mask >> x->n_dims)
        return bad(c, "it goes over what is no axis");
    rk_network_value kept = *x, dropped = *x;
    dropped.n_dims = 0;
    for (uint32_t i = 0; i < x->n_dims; i++)
        if (mask >> i & 1)
            kept.dims[i] = 1;
        else
            dropped.dims[dropped.n_dims++] = x->dims[i];
    return same_dims(&kept, c->out) || same_dims(&dropped, c->out) ||
           bad(c, "what it leaves is not its shape");
}

/* Softmax and norms along one axis. */
static bool check_along(checking *c)
{
    const uint32_t fn = c->op->fn;
    const bool fine = c->op->kind == RK_NETWORK_SOFTMAX ? fn <= 1 : fn == 1 || fn == 2;
    return (fine && is_unary(c) && all_floats(c) && same_dims(c->x, c->out) && c->op->axis > 0 &&
            c->op->axis < c->x->n_dims) ||
           bad(c, "it goes along what is no axis");
}

static bool check_layer_norm(checking *c)
{
    const rk_network_value *const x = c->x;
    if (c->op->n < 2 || c->op->n > 3 || !all_floats(c) || !x->batch || !same_dims(x, c->out) ||
        c->op->axis == 0 || c->op->axis >= x->n_dims)
        return bad(c, "its operands are not those of a norm");
    rk_network_value part = *x;
    part.n_dims = (uint8_t)(x->n_dims - c->op->axis);
    memmove(part.dims, part.dims + c->op->axis, part.n_dims * sizeof *part.dims);
    for (uint32_t i = 1; i < c->op->n; i++)
        if (operand(c, i)->batch || !stretches(operand(c, i), &part, 0))
            return bad(c, "its scale or bias does not stretch to its axes");
    return true;
}

static bool check_kind(checking *c)
{
    switch ((rk_network_op_kind)c->op->kind) {
    case RK_NETWORK_MAP:
        return check_map(c);
    case RK_NETWORK_DENSE:
        return check_dense(c);
    case RK_NETWORK_MATMUL:
        return check_matmul(c);
    case RK_NETWORK_GATHER:
        return check_gather(c);
    case RK_NETWORK_TAKE:
        return check_take(c);
    case RK_NETWORK_CONCAT:
        return check_concat(c);
    case RK_NETWORK_RESHAPE:
        return check_reshape(c);
    case RK_NETWORK_TRANSPOSE:
        return check_transpose(c);
    case RK_NETWORK_EXPAND:
        return check_expand(c);
    case RK_NETWORK_REDUCE:
        return check_reduce(c);
    case RK_NETWORK_SOFTMAX:
    case RK_NETWORK_LP_NORM:
        return check_along(c);
    case RK_NETWORK_LAYER_NORM:
        return check_layer_norm(c);
    default:
        return bad(c, "it is of no kind");
    }
}

static bool check_op(checking *c)
{
    const rk_network *const n = c->network;
    bool batch = false;
    if (c->op->n == 0 || c->op->n > n->n_operands || c->op->first > n->n_operands - c->op->n)
        return bad(c, "its operands are out of range");
    for (uint32_t i = 0; i < c->op->n; i++) {
        const uint32_t value = n->operands[c->op->first + i];
        if (value >= n->n_values || !c->made[value])
            return bad(c, "an operand is not made before");
        batch = batch || n->values[value].batch;
    }
    if (c->op->out >= n->n_values || c->made[c->op->out] || !n->values[c->op->out].batch || !batch)
        return bad(c, "what it makes is constant, or made before");
    c->x = operand(c, 0);
    c->out = &n->values[c->op->out];
    c->made[c->op->out] = true;
    return check_kind(c);
}

/* ---- the whole ---- */

static bool check_inputs(checking *c)
{
    const rk_network *const n = c->network;
    for (uint32_t i = 0; i < n->n_inputs; i++) {
        const uint32_t value = n->inputs[i];
        if (value == UINT32_MAX)
            continue;
        if (value >= n->n_values || !n->values[value].batch || c->made[value] ||
            n->values[value].dims[0] != 1)
            return bad(c, "an input is no value of one row an item");
        c->made[value] = true;
    }
    return true;
}

static bool check_outputs(checking *c)
{
    const rk_network *const n = c->network;
    uint64_t first = 0;
    for (uint32_t i = 0; i < n->n_outputs; i++) {
        const rk_network_output *const output = &n->outputs[i];
        if (output->value == UINT32_MAX)
            continue;
        if (output->value >= n->n_values || !c->made[output->value])
            return bad(c, "an output is not made");
        const rk_network_value *const value = &n->values[output->value];
        if (value->kind != RK_KIND_FLOAT || (value->batch && value->dims[0] != 1) ||
            output->first != first || output->dim != rk_network_elements(value))
            return bad(c, "an output is not of float, or has another length");
        first += output->dim;
    }
    return (first > 0 && first <= UINT32_MAX) || bad(c, "it has no outputs");
}

static bool check_all(checking *c, uint32_t n_inputs)
{
    const rk_network *const n = c->network;
    if (n->n_inputs != n_inputs)
        return bad(c, "it has another number of inputs than the model");
    for (uint32_t i = 0; i < n->n_values; i++) {
        if (!check_value(c, &n->values[i]))
            return false;
        c->made[i] = !n->values[i].batch;
    }
    if (!check_inputs(c))
        return false;
    for (uint32_t i = 0; i < n->n_ops; i++) {
        c->op = &n->ops[i];
        if (!check_op(c))
            return false;
    }
    c->op = NULL;
    return check_outputs(c);
}

rk_status rk_network_check(const rk_network *network, uint32_t n_inputs, rk_buf *fault)
{
    rk_arena arena = {0};
    checking c = {.network = network, .fault = fault};
    c.made = RK_NEW_ARRAY(&arena, bool, network->n_values);
    const rk_status status = !c.made ? RK_ENOMEM : check_all(&c, n_inputs) ? RK_OK : RK_EDATA;
    rk_arena_free(&arena);
    return fault->failed ? RK_ENOMEM : status;
}
