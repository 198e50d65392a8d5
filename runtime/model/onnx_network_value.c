/* Values while a network is made: constants, their numbers, the network's own values. */
#include "runtime/model/network_fold.h"
#include "runtime/model/onnx_network.h"

const int64_t rk_net_markers[RK_NET_WORLDS] = {2147483647, 3};

rk_net_value *rk_net_value_new(rk_net *net, uint8_t kind)
{
    rk_net_value *const value = RK_NEW(&net->scratch, rk_net_value);
    if (value)
        *value = (rk_net_value){.name = RK_STR(""),
                                .lacks = RK_STR(""),
                                .kind = kind,
                                .batch = RK_NET_NO_BATCH,
                                .made = RK_NET_NONE};
    return value;
}

bool rk_net_is_constant(const rk_net_value *value) { return value->data[0] != NULL; }

bool rk_net_is_plain(const rk_net_value *value)
{
    return value->data[0] && value->data[0] == value->data[1];
}

uint64_t rk_net_elements(const rk_net_value *value)
{
    uint64_t n = 1;
    for (uint32_t i = 0; i < value->n_dims; i++)
        n *= value->dims[i];
    return n;
}

double rk_net_number(const rk_net_value *value, uint64_t i)
{
    return value->kind == RK_KIND_FLOAT ? (double)((const float *)value->data[0])[i]
           : value->kind == RK_KIND_INT ? (double)((const int64_t *)value->data[0])[i]
                                        : ((const uint8_t *)value->data[0])[i];
}

bool rk_net_is_number(const rk_net_value *value, double number)
{
    if (!rk_net_is_plain(value))
        return false;
    const uint64_t n = rk_net_elements(value);
    for (uint64_t i = 0; i < n; i++)
        if (rk_net_number(value, i) != number)
            return false;
    return n > 0;
}

/* ---- constants ---- */

rk_status rk_net_take_room(rk_net *net, uint64_t n, size_t size)
{
    if (n > net->room / size)
        return rk_net_lacks(net, "%.*s that gives constants too large for a file of this size",
                            RK_STR_ARG(net->node->op));
    net->room -= n * size;
    return RK_OK;
}

/* The number of elements; products of dimensions are bounded where values are made. */
static bool count(uint32_t n_dims, const uint32_t *dims, uint64_t *out)
{
    *out = 1;
    for (uint32_t i = 0; i < n_dims; i++) {
        *out *= dims[i];
        if (*out > UINT32_MAX)
            return false;
    }
    return true;
}

rk_status rk_net_constant(rk_net *net, uint8_t kind, uint32_t n_dims, const uint32_t *dims,
                          rk_net_value **out)
{
    uint64_t n;
    const size_t size = rk_network_kind_size(kind);
    rk_net_value *const value = rk_net_value_new(net, kind);
    if (!value)
        return RK_ENOMEM;
    RK_TRY(rk_net_take_room(net, count(n_dims, dims, &n) ? n : UINT64_MAX, size));
    void *const data = rk_arena_alloc_column(&net->scratch, n ? (size_t)n : 1, size);
    if (!data)
        return RK_ENOMEM;
    value->n_dims = (uint8_t)n_dims;
    for (uint32_t i = 0; i < n_dims; i++)
        value->dims[i] = dims[i];
    value->data[0] = value->data[1] = data;
    *out = value;
    return RK_OK;
}

rk_status rk_net_scalar(rk_net *net, uint8_t kind, double number, rk_net_value **out)
{
    RK_TRY(rk_net_constant(net, kind, 0, NULL, out));
    void *const data = (void *)(uintptr_t)(*out)->data[0];
    if (kind == RK_KIND_FLOAT)
        *(float *)data = (float)number;
    else if (kind == RK_KIND_INT)
        *(int64_t *)data = (int64_t)number;
    else
        *(uint8_t *)data = number != 0;
    return RK_OK;
}

bool rk_net_dim_of(int64_t first, int64_t second, rk_net_dim *out)
{
    *out = (rk_net_dim){0, first != second};
    int64_t n = first;
    if (out->batch) {
        n = first / rk_net_markers[0];
        if (first % rk_net_markers[0] || second % rk_net_markers[1] ||
            n != second / rk_net_markers[1] || n == 0)
            return false;
    }
    if (n < 0 || n > INT32_MAX)
        return false;
    out->n = (uint32_t)n;
    return true;
}

/* ---- the network's values ---- */

static rk_status push(rk_net *net, rk_network_value value, uint32_t *out)
{
    *out = net->made.len;
    return rk_vec_push(&net->scratch, &net->made, value) ? RK_OK : RK_ENOMEM;
}

/* A constant under other dimensions, which have as many elements. */
static rk_status constant_made(rk_net *net, rk_net_value *value, uint32_t n_dims,
                               const uint32_t *dims, uint32_t *out)
{
    if (!rk_net_is_plain(value))
        return rk_net_bad(net, "its result depends on the number of items");
    rk_network_value made = {.name = value->name,
                             .kind = value->kind,
                             .n_dims = (uint8_t)n_dims,
                             .data = value->data[0]};
    memcpy(made.dims, dims, n_dims * sizeof *dims);
    if (value->made != RK_NET_NONE) {
        const rk_network_value *const last = &net->made.items[value->made];
        *out = value->made;
        if (last->n_dims == n_dims && memcmp(last->dims, dims, n_dims * sizeof *dims) == 0)
            return RK_OK;
    }
    RK_TRY(push(net, made, out));
    value->made = *out;
    return RK_OK;
}

/* Dimensions with that of axis `batch` first, and `lacks` of 1 behind it; how many. */
static uint32_t batch_first(const rk_net_value *value, uint32_t batch, uint32_t lacks,
                            uint32_t *out)
{
    uint32_t n = 0;
    out[n++] = value->dims[batch];
    for (uint32_t i = 0; i < lacks; i++)
        out[n++] = 1;
    for (uint32_t i = 0; i < value->n_dims; i++)
        if (i != batch)
            out[n++] = value->dims[i];
    return n;
}

/* Whether axis `batch` can go to the front and no element move. */
static bool moves_free(const rk_net_value *value, uint32_t batch)
{
    uint64_t before = 1;
    for (uint32_t i = 0; i < batch; i++)
        before *= value->dims[i];
    return before <= 1 || value->dims[batch] <= 1;
}

/* What the operator gives, one row or more an item. */
static rk_status add_op(rk_net *net, rk_network_op op, const uint32_t *operands, uint32_t n,
                        rk_network_value made, uint32_t *out)
{
    op.first = net->operands.len;
    op.n = n;
    op.name = net->node ? net->node->name : RK_STR("");
    made.name = RK_STR("");
    made.batch = true;
    for (uint32_t i = 0; i < n; i++)
        if (!rk_vec_push(&net->scratch, &net->operands, operands[i]))
            return RK_ENOMEM;
    RK_TRY(push(net, made, out));
    op.out = *out;
    return rk_vec_push(&net->scratch, &net->ops, op) ? RK_OK : RK_ENOMEM;
}

rk_status rk_net_made(rk_net *net, rk_net_value *value, uint32_t *out)
{
    *out = value->made;
    if (!rk_net_is_constant(value))
        return RK_OK;
    if (value->batch == RK_NET_NO_BATCH)
        return constant_made(net, value, value->n_dims, value->dims, out);
    uint32_t dims[RK_NETWORK_DIMS];
    const uint32_t n = batch_first(value, (uint32_t)value->batch, 0, dims);
    if (!moves_free(value, (uint32_t)value->batch))
        return rk_net_lacks(net, "%.*s of a constant whose batch is not the first axis",
                            RK_STR_ARG(net->node->op));
    return constant_made(net, value, n, dims, out);
}

/* The value as an operand of an operator with `of`'s axes, the batch's first. */
static rk_status aligned(rk_net *net, rk_net_value *value, const rk_net_value *of, uint32_t *out)
{
    const uint32_t lacks = (uint32_t)of->n_dims - value->n_dims, batch = (uint32_t)of->batch;
    uint32_t dims[RK_NETWORK_DIMS];
    if (!rk_net_is_constant(value)) {
        *out = value->made;
        if (lacks == 0)
            return RK_OK;
        rk_network_value made = {.kind = value->kind};
        made.n_dims = (uint8_t)batch_first(value, (uint32_t)value->batch, lacks, made.dims);
        const rk_network_op op = {.kind = RK_NETWORK_RESHAPE};
        return add_op(net, op, &value->made, 1, made, out);
    }
    if (batch < lacks)
        return constant_made(net, value, value->n_dims, value->dims, out);
    if (!moves_free(value, batch - lacks))
        return rk_net_lacks(net, "%.*s of a constant whose batch is not the first axis",
                            RK_STR_ARG(net->node->op));
    const uint32_t n = batch_first(value, batch - lacks, lacks, dims);
    return constant_made(net, value, n, dims, out);
}

/* ---- emitting ---- */

static rk_network_value view(const rk_net_value *value, uint32_t world)
{
    rk_network_value v = {.kind = value->kind, .n_dims = value->n_dims, .data = value->data[world]};
    memcpy(v.dims, value->dims, sizeof v.dims);
    return v;
}

static rk_status fold_world(rk_net *net, const rk_network_op *op, rk_net_value *const *operands,
                            rk_net_value *out, uint32_t world)
{
    rk_network_value *const views = RK_NEW_ARRAY(&net->scratch, rk_network_value, op->n + 1);
    const rk_network_value **const list =
        RK_NEW_ARRAY(&net->scratch, const rk_network_value *, op->n);
    if (!views || !list)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < op->n; i++) {
        views[i] = view(operands[i], world);
        list[i] = &views[i];
    }
    rk_network_value *const result = &views[op->n];
    *result = view(out, world);
    const rk_status status = rk_network_fold_op(op, list, &net->scratch, result);
    out->data[world] = result->data;
    return status == RK_EDATA ? rk_net_bad(net, "an index is out of range") : status;
}

/* Folding may take so many steps as a large file's constants have elements, not the product of
 * them. */
static rk_status take_work(rk_net *net, const rk_network_op *op, rk_net_value *const *operands,
                           uint64_t n)
{
    uint64_t steps = n;
    const bool product = op->kind == RK_NETWORK_DENSE || op->kind == RK_NETWORK_MATMUL;
    if (product)
        steps *= operands[1]->dims[operands[1]->n_dims - 2];
    for (uint32_t i = 0; i < op->n && !product; i++)
        steps += rk_net_elements(operands[i]);
    if (steps > net->work)
        return rk_net_lacks(net, "%.*s of constants that takes too long",
                            RK_STR_ARG(net->node->op));
    net->work -= steps;
    return RK_OK;
}

static rk_status fold(rk_net *net, const rk_network_op *op, rk_net_value *const *operands,
                      rk_net_value *out)
{
    bool plain = true;
    for (uint32_t i = 0; i < op->n; i++)
        plain = plain && rk_net_is_plain(operands[i]);
    const uint64_t n = rk_net_elements(out);
    const size_t size = rk_network_kind_size(out->kind);
    if (op->kind != RK_NETWORK_RESHAPE) {
        RK_TRY(rk_net_take_room(net, n, plain ? size : 2 * size));
        RK_TRY(take_work(net, op, operands, n));
    }
    RK_TRY(fold_world(net, op, operands, out, 0));
    out->data[1] = out->data[0];
    if (plain)
        return RK_OK;
    RK_TRY(fold_world(net, op, operands, out, 1));
    if (memcmp(out->data[0], out->data[1], n * size) == 0)
        out->data[1] = out->data[0];
    return RK_OK;
}

static uint8_t moved(uint32_t axis, int batch)
{
    return (uint8_t)((int)axis < batch ? axis + 1 : axis);
}

/* Axes of the file's order as those of the network's. */
static void move_axes(rk_network_op *op, const rk_net_value *x)
{
    uint32_t mask = 0;
    for (uint32_t i = 0; i < x->n_dims; i++)
        mask |= (op->mask >> i & 1) << moved(i, x->batch);
    op->mask = mask;
    op->axis = moved(op->axis, x->batch);
}

rk_status rk_net_emit(rk_net *net, rk_network_op op, rk_net_value *const *operands, uint32_t n,
                      rk_net_value *out)
{
    uint64_t elements;
    bool constant = true;
    for (uint32_t i = 0; i < n; i++)
        constant = constant && rk_net_is_constant(operands[i]);
    op.n = n;
    if (!count(out->n_dims, out->dims, &elements) || elements > RK_NET_ELEMENTS)
        return rk_net_lacks(net, "%.*s that gives more than 268,435,456 numbers an item",
                            RK_STR_ARG(net->node->op));
    if (constant)
        return fold(net, &op, operands, out);
    if (elements == 0)
        return rk_net_lacks(net, "%.*s that gives no numbers", RK_STR_ARG(net->node->op));
    const bool aligns = op.kind == RK_NETWORK_MAP || op.kind == RK_NETWORK_CONCAT ||
                        op.kind == RK_NETWORK_EXPAND || op.kind == RK_NETWORK_MATMUL;
    uint32_t *const list = RK_NEW_ARRAY(&net->scratch, uint32_t, n);
    if (!list)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        RK_TRY(aligns ? aligned(net, operands[i], out, &list[i])
                      : rk_net_made(net, operands[i], &list[i]));
    move_axes(&op, op.kind == RK_NETWORK_CONCAT ? out : operands[0]);
    rk_network_value made = {.kind = out->kind};
    made.n_dims = (uint8_t)batch_first(out, (uint32_t)out->batch, 0, made.dims);
    return add_op(net, op, list, n, made, &out->made);
}
