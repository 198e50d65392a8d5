/* Operators of the network, with their shapes, that handlers of nodes are made of. */
#include "runtime/model/onnx_network.h"

rk_status rk_net_mixes(rk_net *net, const char *what)
{
    return rk_net_bad(net, "it mixes items: %s", what);
}

/* ---- elementwise ---- */

/* Joins an operand's dimension to the output's. */
static rk_status join(rk_net *net, const rk_net_value *x, uint32_t axis, rk_net_value *out,
                      uint32_t at)
{
    const uint32_t dim = x->dims[axis], now = out->dims[at];
    const bool batch = x->batch == (int)axis;
    if (batch && out->batch != RK_NET_NO_BATCH && out->batch != (int)at)
        return rk_net_mixes(net, "the batches of its operands are at different axes");
    const bool was = out->batch == (int)at;
    if (batch)
        out->batch = (int8_t)at;
    if (batch != was && (batch ? now : dim) != 1 && now)
        return rk_net_mixes(net, "a constant has as many rows as it wants items");
    if (dim != now && dim != 1 && now != 1)
        return rk_net_bad(net, "its operands' shapes do not fit: %u and %u at axis %u", now, dim,
                          at);
    if (batch && was && dim != now)
        return rk_net_mixes(net, "its operands have different numbers of rows an item");
    out->dims[at] = batch ? dim : was || now != 1 ? now : dim;
    return RK_OK;
}

rk_status rk_net_broadcast(rk_net *net, rk_net_value *const *operands, uint32_t n,
                           rk_net_value *out)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < n; i++)
        most = operands[i]->n_dims > most ? operands[i]->n_dims : most;
    out->n_dims = (uint8_t)most;
    out->batch = RK_NET_NO_BATCH;
    for (uint32_t i = 0; i < most; i++)
        out->dims[i] = 1;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t axis = 0; axis < operands[i]->n_dims; axis++)
            RK_TRY(join(net, operands[i], axis, out, most - operands[i]->n_dims + axis));
    return RK_OK;
}

rk_status rk_net_map(rk_net *net, rk_network_op op, uint8_t kind, rk_net_value *const *operands,
                     uint32_t n, rk_net_value **out)
{
    op.kind = RK_NETWORK_MAP;
    rk_net_value *const value = *out = rk_net_value_new(net, kind);
    if (!value)
        return RK_ENOMEM;
    RK_TRY(rk_net_broadcast(net, operands, n, value));
    return rk_net_emit(net, op, operands, n, value);
}

rk_status rk_net_map2(rk_net *net, rk_network_fn fn, rk_net_value *x, rk_net_value *y,
                      rk_net_value **out)
{
    rk_net_value *const operands[] = {x, y};
    const bool compares = fn >= RK_NETWORK_EQUAL && fn <= RK_NETWORK_GREATER_EQUAL;
    const rk_network_op op = {.fn = (uint8_t)fn};
    if (x->kind != y->kind)
        return rk_net_bad(net, "its operands have different types");
    return rk_net_map(net, op, compares ? RK_KIND_BOOL : x->kind, operands, 2, out);
}

rk_status rk_net_map1(rk_net *net, rk_network_fn fn, rk_net_value *x, rk_net_value **out)
{
    const rk_network_op op = {.fn = (uint8_t)fn};
    return rk_net_map(net, op, x->kind, &x, 1, out);
}

rk_status rk_net_cast(rk_net *net, rk_net_value *x, uint8_t kind, rk_net_value **out)
{
    const rk_network_op op = {.fn = RK_NETWORK_CAST};
    *out = x;
    return x->kind == kind ? RK_OK : rk_net_map(net, op, kind, &x, 1, out);
}

/* ---- shapes ---- */

/* The same value under dimensions of another order or number, whose elements lie as they did. */
static rk_status same(rk_net *net, const rk_net_value *x, const rk_net_value *shape,
                      rk_net_value **out)
{
    rk_net_value *const value = *out = rk_net_value_new(net, x->kind);
    if (!value)
        return RK_ENOMEM;
    *value = *x;
    value->n_dims = shape->n_dims;
    value->batch = shape->batch;
    memcpy(value->dims, shape->dims, sizeof value->dims);
    return RK_OK;
}

static uint64_t before(const rk_net_value *value)
{
    uint64_t n = 1;
    for (int i = 0; i < value->batch; i++)
        n *= value->dims[i];
    return n;
}

/* Whether the network's value has the same dimensions, the batch's first. */
static bool lies_as(const rk_net_value *x, const rk_net_value *y)
{
    if (x->n_dims != y->n_dims || x->dims[x->batch] != y->dims[y->batch])
        return false;
    uint32_t i = 0, j = 0;
    for (;; i++, j++) {
        i += (int)i == x->batch;
        j += (int)j == y->batch;
        if (i >= x->n_dims || j >= y->n_dims)
            return true;
        if (x->dims[i] != y->dims[j])
            return false;
    }
}

rk_status rk_net_reshape(rk_net *net, rk_net_value *x, uint32_t n_dims, const uint32_t *dims,
                         int batch, rk_net_value **out)
{
    rk_net_value shape = {.kind = x->kind, .n_dims = (uint8_t)n_dims, .batch = (int8_t)batch};
    for (uint32_t i = 0; i < n_dims; i++)
        shape.dims[i] = dims[i];
    if (rk_net_elements(&shape) != rk_net_elements(x))
        return rk_net_bad(net, "it makes %llu numbers an item out of %llu",
                          (unsigned long long)rk_net_elements(&shape),
                          (unsigned long long)rk_net_elements(x));
    if (x->batch != RK_NET_NO_BATCH) {
        const uint64_t was = before(x), is = before(&shape);
        const bool keeps = x->dims[x->batch] == dims[batch];
        if (was != is || (was != 1 && !keeps))
            return rk_net_mixes(net, "the axis of the batch is torn apart, or joined to others");
    }
    RK_TRY(same(net, x, &shape, out));
    if (rk_net_is_constant(x) || lies_as(x, &shape))
        return RK_OK;
    const rk_network_op op = {.kind = RK_NETWORK_RESHAPE};
    return rk_net_emit(net, op, &x, 1, *out);
}

rk_status rk_net_transpose(rk_net *net, rk_net_value *x, const uint32_t *axes, rk_net_value **out)
{
    rk_net_value shape = {.kind = x->kind, .n_dims = x->n_dims, .batch = RK_NET_NO_BATCH};
    rk_network_op op = {.kind = RK_NETWORK_TRANSPOSE};
    const bool constant = rk_net_is_constant(x);
    bool stays = true;
    uint32_t at = constant ? 0 : 1;
    for (uint32_t i = 0; i < x->n_dims; i++) {
        shape.dims[i] = x->dims[axes[i]];
        if ((int)axes[i] == x->batch)
            shape.batch = (int8_t)i;
        if (!constant && (int)axes[i] == x->batch)
            continue;
        const uint32_t from = !constant && (int)axes[i] < x->batch ? axes[i] + 1 : axes[i];
        stays = stays && from == at;
        op.axes[at++] = (uint8_t)from;
    }
    RK_TRY(same(net, x, &shape, out));
    return stays ? RK_OK : rk_net_emit(net, op, &x, 1, *out);
}

rk_status rk_net_expand(rk_net *net, rk_net_value *x, uint32_t n_dims, const rk_net_dim *dims,
                        rk_net_value **out)
{
    rk_net_value wanted = {.kind = x->kind, .n_dims = (uint8_t)n_dims, .batch = RK_NET_NO_BATCH};
    for (uint32_t i = 0; i < n_dims; i++) {
        wanted.dims[i] = dims[i].n;
        if (dims[i].batch && wanted.batch != RK_NET_NO_BATCH)
            return rk_net_mixes(net, "two axes have as many rows as there are items");
        if (dims[i].batch)
            wanted.batch = (int8_t)i;
    }
    rk_net_value *const both[] = {x, &wanted};
    rk_net_value *const value = *out = rk_net_value_new(net, x->kind);
    if (!value)
        return RK_ENOMEM;
    RK_TRY(rk_net_broadcast(net, both, 2, value));
    if (rk_net_elements(value) == rk_net_elements(x)) {
        if (rk_net_is_constant(x)) {
            value->data[0] = x->data[0];
            value->data[1] = x->data[1];
            return RK_OK;
        }
        return rk_net_reshape(net, x, value->n_dims, value->dims, value->batch, out);
    }
    const rk_network_op op = {.kind = RK_NETWORK_EXPAND};
    return rk_net_emit(net, op, &x, 1, value);
}

/* ---- along an axis ---- */

/* Brings positions from the end to the front, and says whether they are 0, 1 … all of them. */
static rk_status check_positions(rk_net *net, uint32_t dim, rk_net_value *positions, bool *all)
{
    const uint64_t n = rk_net_elements(positions);
    const int64_t *const items = positions->data[0];
    if (!rk_net_is_plain(positions))
        return rk_net_bad(net, "its result depends on the number of items");
    *all = n == dim;
    for (uint64_t i = 0; i < n; i++) {
        if (items[i] < -(int64_t)dim || items[i] >= (int64_t)dim)
            return rk_net_bad(net, "position %lld of an axis of %u", (long long)items[i], dim);
        *all = *all && items[i] == (int64_t)i;
    }
    return RK_OK;
}

rk_status rk_net_take(rk_net *net, rk_net_value *x, uint32_t axis, rk_net_value *positions,
                      rk_net_value **out)
{
    bool all = false;
    RK_TRY(check_positions(net, x->dims[axis], positions, &all));
    RK_TRY(same(net, x, x, out));
    if (all)
        return RK_OK;
    if (x->batch == (int)axis)
        return rk_net_mixes(net, "it picks some of the rows of the batch");
    rk_net_value *const operands[] = {x, positions};
    (*out)->dims[axis] = (uint32_t)rk_net_elements(positions);
    const rk_network_op op = {.kind = RK_NETWORK_TAKE, .axis = (uint8_t)axis};
    return rk_net_emit(net, op, operands, 2, *out);
}

rk_status rk_net_dense(rk_net *net, rk_net_value *x, rk_net_value *y, rk_net_value *bias,
                       rk_net_value **out)
{
    rk_net_value *const operands[] = {x, y, bias};
    const uint32_t last = x->n_dims - 1u;
    if (x->batch == (int)last)
        return rk_net_mixes(net, "it sums over the batch");
    if (x->dims[last] != y->dims[0])
        return rk_net_bad(net, "rows of %u meet a matrix of %u by %u", x->dims[last], y->dims[0],
                          y->dims[1]);
    RK_TRY(same(net, x, x, out));
    (*out)->dims[last] = y->dims[1];
    const rk_network_op op = {.kind = RK_NETWORK_DENSE};
    return rk_net_emit(net, op, operands, bias ? 3 : 2, *out);
}
