/* Nodes that work over axes: sums, softmax, norms. */
#include "runtime/model/onnx_operators.h"

static rk_status wants_float(rk_net *net)
{
    return net->in[0]->kind == RK_KIND_FLOAT
               ? RK_OK
               : rk_net_lacks(net, "%.*s of ints", RK_STR_ARG(net->node->op));
}

/* ---- reductions ---- */

rk_status rk_net_reduce(rk_net *net, rk_network_fold fold, rk_net_value *x, uint32_t mask,
                        bool keep, rk_net_value **out)
{
    rk_net_value *const value = *out = rk_net_value_new(net, x->kind);
    if (!value)
        return RK_ENOMEM;
    if (x->batch >= 0 && mask >> x->batch & 1)
        return rk_net_mixes(net, "it goes over the batch");
    for (uint32_t i = 0; i < x->n_dims; i++) {
        if (mask >> i & 1 && !keep)
            continue;
        value->batch = x->batch == (int)i ? (int8_t)value->n_dims : value->batch;
        value->dims[value->n_dims++] = mask >> i & 1 ? 1 : x->dims[i];
    }
    const rk_network_op op = {.kind = RK_NETWORK_REDUCE, .fn = (uint8_t)fold, .mask = mask};
    return rk_net_emit(net, op, &x, 1, value);
}

/* Folds that exist for ints, too. */
static bool is_for_ints(uint8_t fold)
{
    return fold == RK_NETWORK_SUM || fold == RK_NETWORK_GREATEST || fold == RK_NETWORK_LEAST ||
           fold == RK_NETWORK_PROD;
}

rk_status rk_net_do_reduce(rk_net *net, const rk_net_row *row)
{
    rk_net_value *const x = net->in[0], *out;
    rk_net_ints axes;
    int64_t keep = 1, noop = 0;
    uint32_t mask = (1u << x->n_dims) - 1;
    RK_TRY(rk_net_get_ints(net, "axes", 1, &axes));
    RK_TRY(rk_net_get_int(net, "keepdims", &keep));
    RK_TRY(rk_net_get_int(net, "noop_with_empty_axes", &noop));
    if (x->kind == RK_KIND_BOOL || (x->kind == RK_KIND_INT && !is_for_ints(row->fn)))
        return rk_net_lacks(net, "%s of %ss", row->op, rk_kind_text(x->kind));
    if (axes.n != RK_NET_NONE && axes.n)
        RK_TRY(rk_net_axes(net, &axes, x->n_dims, &mask));
    else if (noop)
        return rk_net_lacks(net, "%s over no axes", row->op);
    RK_TRY(rk_net_reduce(net, (rk_network_fold)row->fn, x, mask, keep, &out));
    if (rk_str_eq(net->node->op, RK_STR("ReduceLogSum")))
        RK_TRY(rk_net_map1(net, RK_NETWORK_LOG, out, &out));
    return rk_net_give(net, 0, out);
}

/* log(sum(exp(x - max))) + max */
rk_status rk_net_do_log_sum_exp(rk_net *net, const rk_net_row *row)
{
    rk_net_value *const x = net->in[0], *most, *out;
    rk_net_ints axes;
    int64_t keep = 1;
    uint32_t mask = (1u << x->n_dims) - 1;
    (void)row;
    RK_TRY(wants_float(net));
    RK_TRY(rk_net_get_ints(net, "axes", 1, &axes));
    RK_TRY(rk_net_get_int(net, "keepdims", &keep));
    if (axes.n != RK_NET_NONE && axes.n)
        RK_TRY(rk_net_axes(net, &axes, x->n_dims, &mask));
    RK_TRY(rk_net_reduce(net, RK_NETWORK_GREATEST, x, mask, true, &most));
    RK_TRY(rk_net_map2(net, RK_NETWORK_SUB, x, most, &out));
    RK_TRY(rk_net_map1(net, RK_NETWORK_EXP, out, &out));
    RK_TRY(rk_net_reduce(net, RK_NETWORK_SUM, out, mask, true, &out));
    RK_TRY(rk_net_map1(net, RK_NETWORK_LOG, out, &out));
    RK_TRY(rk_net_map2(net, RK_NETWORK_ADD, out, most, &out));
    if (!keep) /* the sum of one number */
        RK_TRY(rk_net_reduce(net, RK_NETWORK_SUM, out, mask, false, &out));
    return rk_net_give(net, 0, out);
}

/* ---- along one axis ---- */

rk_status rk_net_along(rk_net *net, rk_network_op op, rk_net_value *x, int64_t at,
                       rk_net_value **out)
{
    uint32_t axis;
    RK_TRY(rk_net_axis(net, at, x->n_dims, &axis));
    rk_net_value *const value = *out = rk_net_value_new(net, x->kind);
    if (!value)
        return RK_ENOMEM;
    if (x->batch == (int)axis)
        return rk_net_mixes(net, "it goes over the batch");
    value->n_dims = x->n_dims;
    value->batch = x->batch;
    memcpy(value->dims, x->dims, sizeof value->dims);
    op.axis = (uint8_t)axis;
    return rk_net_emit(net, op, &x, 1, value);
}

/* Up to opset 12: over all axes from one on, together. */
static rk_status softmax_of_rest(rk_net *net, rk_network_op op, int64_t at, rk_net_value **out)
{
    rk_net_value *const x = net->in[0];
    uint32_t dims[RK_NETWORK_DIMS], axis;
    RK_TRY(rk_net_axis(net, at, x->n_dims, &axis));
    if (x->batch >= (int)axis)
        return rk_net_mixes(net, "it goes over the batch");
    for (uint32_t i = 0; i <= axis; i++)
        dims[i] = x->dims[i];
    for (uint32_t i = axis + 1; i < x->n_dims; i++)
        dims[axis] *= x->dims[i];
    RK_TRY(rk_net_reshape(net, x, axis + 1, dims, x->batch, out));
    RK_TRY(rk_net_along(net, op, *out, axis, out));
    return rk_net_reshape(net, *out, x->n_dims, x->dims, x->batch, out);
}

rk_status rk_net_do_softmax(rk_net *net, const rk_net_row *row)
{
    rk_net_value *out;
    const bool rest = net->version < 13;
    int64_t axis = rest ? 1 : -1;
    const rk_network_op op = {.kind = RK_NETWORK_SOFTMAX, .fn = row->fn};
    RK_TRY(wants_float(net));
    RK_TRY(rk_net_get_int(net, "axis", &axis));
    RK_TRY(rest ? softmax_of_rest(net, op, axis, &out)
                : rk_net_along(net, op, net->in[0], axis, &out));
    return rk_net_give(net, 0, out);
}

rk_status rk_net_do_lp_norm(rk_net *net, const rk_net_row *row)
{
    rk_net_value *out;
    int64_t axis = -1, p = 2;
    (void)row;
    RK_TRY(wants_float(net));
    RK_TRY(rk_net_get_int(net, "axis", &axis));
    RK_TRY(rk_net_get_int(net, "p", &p));
    if (p != 1 && p != 2)
        return rk_net_bad(net, "p is %lld, not 1 or 2", (long long)p);
    const rk_network_op op = {.kind = RK_NETWORK_LP_NORM, .fn = (uint8_t)p};
    RK_TRY(rk_net_along(net, op, net->in[0], axis, &out));
    return rk_net_give(net, 0, out);
}

/* ---- layers ---- */

static bool fits(const rk_net_value *value, const rk_net_value *x, uint32_t axis)
{
    if (!rk_net_is_plain(value) || value->kind != RK_KIND_FLOAT ||
        value->batch != RK_NET_NO_BATCH || value->n_dims > x->n_dims - axis)
        return false;
    for (uint32_t i = 1; i <= value->n_dims; i++)
        if (value->dims[value->n_dims - i] != 1 &&
            value->dims[value->n_dims - i] != x->dims[x->n_dims - i])
            return false;
    return true;
}

rk_status rk_net_do_layer_norm(rk_net *net, const rk_net_row *row)
{
    rk_net_value *const x = net->in[0], *const bias = rk_net_in(net, 2), *out;
    int64_t at = -1;
    uint32_t axis;
    rk_network_op op = {.kind = RK_NETWORK_LAYER_NORM, .a = 1e-5f};
    (void)row;
    RK_TRY(wants_float(net));
    RK_TRY(rk_net_get_int(net, "axis", &at));
    RK_TRY(rk_net_get_float(net, "epsilon", &op.a));
    RK_TRY(rk_net_axis(net, at, x->n_dims, &axis));
    if (x->batch >= (int)axis)
        return rk_net_mixes(net, "it goes over the batch");
    if (!fits(net->in[1], x, axis) || (bias && !fits(bias, x, axis)))
        return rk_net_lacks(net, "LayerNormalization by what is no constant of its axes");
    rk_net_value *const value = out = rk_net_value_new(net, RK_KIND_FLOAT);
    if (!value)
        return RK_ENOMEM;
    value->n_dims = x->n_dims;
    value->batch = x->batch;
    memcpy(value->dims, x->dims, sizeof value->dims);
    op.axis = (uint8_t)axis;
    rk_net_value *const operands[] = {x, net->in[1], bias};
    RK_TRY(rk_net_emit(net, op, operands, bias ? 3 : 2, value));
    return rk_net_give(net, 0, value);
}

/* x / sqrt(mean(x^2) + epsilon), over all axes from one on; then times the scale. */
rk_status rk_net_do_rms_norm(rk_net *net, const rk_net_row *row)
{
    rk_net_value *const x = net->in[0], *mean, *number, *out;
    int64_t at = -1;
    uint32_t axis, mask = 0;
    double n = 1;
    float epsilon = 1e-5f;
    (void)row;
    RK_TRY(wants_float(net));
    RK_TRY(rk_net_get_int(net, "axis", &at));
    RK_TRY(rk_net_get_float(net, "epsilon", &epsilon));
    RK_TRY(rk_net_axis(net, at, x->n_dims, &axis));
    for (uint32_t i = axis; i < x->n_dims; i++) {
        mask |= 1u << i;
        n *= x->dims[i];
    }
    RK_TRY(rk_net_reduce(net, RK_NETWORK_SUM_SQUARE, x, mask, true, &mean));
    RK_TRY(rk_net_scalar(net, RK_KIND_FLOAT, n, &number));
    RK_TRY(rk_net_map2(net, RK_NETWORK_DIV, mean, number, &mean));
    RK_TRY(rk_net_scalar(net, RK_KIND_FLOAT, (double)epsilon, &number));
    RK_TRY(rk_net_map2(net, RK_NETWORK_ADD, mean, number, &mean));
    RK_TRY(rk_net_map1(net, RK_NETWORK_SQRT, mean, &mean));
    RK_TRY(rk_net_map2(net, RK_NETWORK_DIV, x, mean, &out));
    RK_TRY(rk_net_map2(net, RK_NETWORK_MUL, out, net->in[1], &out));
    return rk_net_give(net, 0, out);
}
