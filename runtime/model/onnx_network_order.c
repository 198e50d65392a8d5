/* Nodes that go along an axis in order: the place of an extreme, and running sums. */
#include "runtime/model/onnx_operators.h"

static int64_t *ints_of(rk_net_value *value) { return (int64_t *)(uintptr_t)value->data[0]; }

/* ---- ArgMax, ArgMin ---- */

/* Where x is its extreme along the axis; where it is NaN, if it is that anywhere. */
static rk_status is_extreme(rk_net *net, rk_network_fold fold, rk_net_value *x, uint32_t axis,
                            rk_net_value **out)
{
    rk_net_value *extreme, *number;
    RK_TRY(rk_net_reduce(net, fold, x, 1u << axis, true, &extreme));
    RK_TRY(rk_net_map2(net, RK_NETWORK_EQUAL, x, extreme, out));
    if (x->kind == RK_KIND_INT)
        return RK_OK;
    RK_TRY(rk_net_map2(net, RK_NETWORK_EQUAL, x, x, &number));
    RK_TRY(rk_net_map1(net, RK_NETWORK_NOT, number, &number));
    return rk_net_map2(net, RK_NETWORK_OR, *out, number, out);
}

/* 0, 1 … along an axis, 1 along the others. */
static rk_status places(rk_net *net, const rk_net_value *x, uint32_t axis, rk_net_value **out)
{
    uint32_t dims[RK_NETWORK_DIMS];
    for (uint32_t i = 0; i < x->n_dims; i++)
        dims[i] = i == axis ? x->dims[i] : 1;
    RK_TRY(rk_net_constant(net, RK_KIND_INT, x->n_dims, dims, out));
    for (uint32_t i = 0; i < x->dims[axis]; i++)
        ints_of(*out)[i] = i;
    return RK_OK;
}

rk_status rk_net_do_arg(rk_net *net, const rk_net_row *row)
{
    rk_net_value *const x = net->in[0], *is, *at, *none, *out;
    int64_t named = 0, keep = 1, last = 0;
    uint32_t axis;
    RK_TRY(rk_net_get_int(net, "axis", &named));
    RK_TRY(rk_net_get_int(net, "keepdims", &keep));
    RK_TRY(rk_net_get_int(net, "select_last_index", &last));
    RK_TRY(rk_net_axis(net, named, x->n_dims, &axis));
    if (x->kind == RK_KIND_BOOL)
        return rk_net_bad(net, "its operand is of bool");
    RK_TRY(is_extreme(net, (rk_network_fold)row->fn, x, axis, &is));
    RK_TRY(places(net, x, axis, &at));
    RK_TRY(rk_net_scalar(net, RK_KIND_INT, last ? -1 : (double)x->dims[axis], &none));
    rk_net_value *const three[] = {is, at, none};
    const rk_network_op where = {.fn = RK_NETWORK_WHERE};
    RK_TRY(rk_net_map(net, where, RK_KIND_INT, three, 3, &at));
    const rk_network_fold fold = last ? RK_NETWORK_GREATEST : RK_NETWORK_LEAST;
    RK_TRY(rk_net_reduce(net, fold, at, 1u << axis, keep, &out));
    return rk_net_give(net, 0, out);
}

/* ---- CumSum ---- */

enum { MOST_SUMS = 256 }; /* each is an operator of the network */

/* A row of zeros beside `part`. */
static rk_status zeros(rk_net *net, const rk_net_value *part, rk_net_value **out)
{
    rk_net_dim dims[RK_NETWORK_DIMS];
    RK_TRY(rk_net_scalar(net, part->kind, 0, out));
    for (uint32_t i = 0; i < part->n_dims; i++)
        dims[i] = (rk_net_dim){part->dims[i], part->batch == (int)i};
    return rk_net_expand(net, *out, part->n_dims, dims, out);
}

static rk_status pick(rk_net *net, rk_net_value *x, uint32_t axis, uint32_t at, rk_net_value **out)
{
    static const uint32_t one = 1;
    rk_net_value *position;
    RK_TRY(rk_net_constant(net, RK_KIND_INT, 1, &one, &position));
    ints_of(position)[0] = at;
    return rk_net_take(net, x, axis, position, out);
}

/* The sums one after another, from the end on if `back`; without its own number if `before`. */
static rk_status running_sums(rk_net *net, rk_net_value *x, uint32_t axis, bool back, bool before,
                              rk_net_value **sums)
{
    const uint32_t n = x->dims[axis];
    rk_net_value *sum = NULL, *part;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t at = back ? n - 1 - i : i;
        RK_TRY(pick(net, x, axis, at, &part));
        if (before && !sum)
            RK_TRY(zeros(net, part, &sum));
        if (before)
            sums[at] = sum;
        if (sum)
            RK_TRY(rk_net_map2(net, RK_NETWORK_ADD, sum, part, &sum));
        else
            sum = part;
        if (!before)
            sums[at] = sum;
    }
    return RK_OK;
}

rk_status rk_net_do_cum_sum(rk_net *net, const rk_net_row *row)
{
    rk_net_value *const x = net->in[0], *const at = net->in[1], *out;
    int64_t before = 0, back = 0;
    uint32_t axis;
    (void)row;
    RK_TRY(rk_net_get_int(net, "exclusive", &before));
    RK_TRY(rk_net_get_int(net, "reverse", &back));
    if (!rk_net_is_plain(at) || at->kind != RK_KIND_INT || rk_net_elements(at) != 1)
        return rk_net_bad(net, "its axis is no constant");
    if (x->kind == RK_KIND_BOOL)
        return rk_net_bad(net, "its operand is of bool");
    RK_TRY(rk_net_axis(net, ((const int64_t *)at->data[0])[0], x->n_dims, &axis));
    if (x->batch == (int)axis)
        return rk_net_mixes(net, "it goes over the batch");
    const uint32_t n = x->dims[axis];
    if (n == 0 || n > MOST_SUMS)
        return rk_net_lacks(net, "CumSum of %u numbers (1 to %d are)", n, MOST_SUMS);
    rk_net_value **const sums = RK_NEW_ARRAY(&net->scratch, rk_net_value *, n);
    if (!sums)
        return RK_ENOMEM;
    RK_TRY(running_sums(net, x, axis, back, before, sums));
    RK_TRY(rk_net_concat(net, sums, n, axis, &out));
    return rk_net_give(net, 0, out);
}
