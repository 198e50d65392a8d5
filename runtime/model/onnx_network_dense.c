/* Nodes that are matrix products, and what scales columns. */
#include "runtime/model/onnx_operators.h"

#include <math.h>

static float *floats_of(rk_net_value *value) { return (float *)(uintptr_t)value->data[0]; }

static bool is_matrix(const rk_net_value *value)
{
    return rk_net_is_plain(value) && value->kind == RK_KIND_FLOAT && value->n_dims == 2 &&
           value->batch == RK_NET_NO_BATCH;
}

/* A matrix the other way round, times a number. */
static rk_status turned(rk_net *net, rk_net_value *x, bool turn, float times, rk_net_value **out)
{
    static const uint32_t swap[] = {1, 0};
    rk_net_value *number;
    *out = x;
    if (turn)
        RK_TRY(rk_net_transpose(net, x, swap, out));
    if (times == 1)
        return RK_OK;
    RK_TRY(rk_net_scalar(net, RK_KIND_FLOAT, (double)times, &number));
    return rk_net_map2(net, RK_NETWORK_MUL, *out, number, out);
}

/* ---- Gemm ---- */

/* A constant matrix by one whose columns are the batch: the transpose of (y^T x^T). */
static rk_status of_columns(rk_net *net, rk_net_value *x, rk_net_value *y, rk_net_value **out)
{
    RK_TRY(turned(net, x, true, 1, &x));
    RK_TRY(turned(net, y, true, 1, &y));
    RK_TRY(rk_net_dense(net, y, x, NULL, out));
    return turned(net, *out, true, 1, out);
}

static bool are_columns(const rk_net_value *x, const rk_net_value *y)
{
    return is_matrix(x) && !rk_net_is_constant(y) && y->n_dims == 2 && y->batch == 1;
}

/* A constant that is added to each row, as n numbers. */
static bool is_bias(const rk_net_value *c, uint32_t n)
{
    const uint64_t elements = rk_net_elements(c);
    return rk_net_is_plain(c) && c->batch == RK_NET_NO_BATCH && c->kind == RK_KIND_FLOAT &&
           (elements == 1 || (elements == n && c->n_dims && c->dims[c->n_dims - 1] == n));
}

static rk_status bias_of(rk_net *net, rk_net_value *c, float beta, uint32_t n, rk_net_value **out)
{
    const rk_net_dim dim = {n, false};
    const uint32_t own = (uint32_t)rk_net_elements(c);
    RK_TRY(rk_net_reshape(net, c, 1, &own, RK_NET_NO_BATCH, out));
    RK_TRY(turned(net, *out, false, beta, out));
    return rk_net_expand(net, *out, 1, &dim, out);
}

rk_status rk_net_do_gemm(rk_net *net, const rk_net_row *row)
{
    rk_net_value *a = net->in[0], *b = net->in[1], *c = rk_net_in(net, 2), *bias = NULL, *out;
    float alpha = 1, beta = 1;
    int64_t turn_a = 0, turn_b = 0;
    (void)row;
    RK_TRY(rk_net_get_float(net, "alpha", &alpha));
    RK_TRY(rk_net_get_float(net, "beta", &beta));
    RK_TRY(rk_net_get_int(net, "transA", &turn_a));
    RK_TRY(rk_net_get_int(net, "transB", &turn_b));
    if (a->n_dims != 2 || a->kind != RK_KIND_FLOAT || b->n_dims != 2 || b->kind != RK_KIND_FLOAT ||
        (c && c->kind != RK_KIND_FLOAT))
        return rk_net_bad(net, "its operands are no matrices of float");
    RK_TRY(turned(net, a, turn_a, 1, &a));
    RK_TRY(turned(net, b, turn_b, alpha, &b));
    if (is_matrix(b) && c && is_bias(c, b->dims[1]))
        RK_TRY(bias_of(net, c, beta, b->dims[1], &bias));
    if (are_columns(a, b))
        RK_TRY(of_columns(net, a, b, &out));
    else if (is_matrix(b))
        RK_TRY(rk_net_dense(net, a, b, bias, &out));
    else
        return rk_net_mixes(net, "it multiplies the batch by the batch");
    if (c && !bias) {
        RK_TRY(turned(net, c, false, beta, &c));
        RK_TRY(rk_net_map2(net, RK_NETWORK_ADD, out, c, &out));
    }
    return rk_net_give(net, 0, out);
}

/* ---- MatMul ---- */

/* A vector becomes a matrix of one row, or one column. */
static rk_status as_matrix(rk_net *net, rk_net_value *x, bool column, rk_net_value **out)
{
    *out = x;
    if (x->n_dims != 1)
        return RK_OK;
    return rk_net_unsqueeze(net, x, column ? 2 : 1, 1, out);
}

/* Takes away the axes that as_matrix added. */
static rk_status drop(rk_net *net, rk_net_value *x, bool row, bool column, rk_net_value **out)
{
    uint32_t dims[RK_NETWORK_DIMS], n = 0;
    int batch = RK_NET_NO_BATCH;
    for (uint32_t i = 0; i < x->n_dims; i++) {
        if ((row && i + 2 == x->n_dims) || (column && i + 1 == x->n_dims))
            continue;
        batch = x->batch == (int)i ? (int)n : batch;
        dims[n++] = x->dims[i];
    }
    return rk_net_reshape(net, x, n, dims, batch, out);
}

static uint64_t leading(const rk_net_value *x)
{
    uint64_t n = 1;
    for (uint32_t i = 0; i + 2 < x->n_dims; i++)
        n *= x->dims[i];
    return n;
}

/* Matrix by matrix, the leading dimensions stretched together. */
static rk_status product(rk_net *net, rk_net_value *x, rk_net_value *y, rk_net_value **out)
{
    rk_net_value lead_x = *x, lead_y = *y, *const leads[] = {&lead_x, &lead_y};
    const uint32_t k = x->dims[x->n_dims - 1], rows = x->dims[x->n_dims - 2];
    rk_net_value *const value = *out = rk_net_value_new(net, RK_KIND_FLOAT);
    if (!value)
        return RK_ENOMEM;
    if (x->batch >= (int)x->n_dims - 2 || y->batch >= (int)y->n_dims - 2)
        return rk_net_mixes(net, "the batch is an axis of its matrices");
    if (k != y->dims[y->n_dims - 2])
        return rk_net_bad(net, "rows of %u meet a matrix of %u by %u", k, y->dims[y->n_dims - 2],
                          y->dims[y->n_dims - 1]);
    lead_x.n_dims = (uint8_t)(x->n_dims - 2);
    lead_y.n_dims = (uint8_t)(y->n_dims - 2);
    RK_TRY(rk_net_broadcast(net, leads, 2, value));
    value->dims[value->n_dims++] = rows;
    value->dims[value->n_dims++] = y->dims[y->n_dims - 1];
    rk_net_value *const operands[] = {x, y};
    const rk_network_op op = {.kind = RK_NETWORK_MATMUL};
    return rk_net_emit(net, op, operands, 2, value);
}

/* Rows of the batch, each with a matrix for each of the leading dimensions: [e, batch, k] by
 * [e, k, n]. An item is a matrix of one row. */
static rk_status by_each(rk_net *net, rk_net_value *x, rk_net_value *y, rk_net_value **out)
{
    const uint32_t n = x->n_dims, last = n - 1u;
    uint32_t front[RK_NETWORK_DIMS], back[RK_NETWORK_DIMS];
    front[0] = n - 2u;
    for (uint32_t i = 0; i + 2 < n; i++) {
        front[i + 1] = i;
        back[i] = i + 1;
    }
    front[last] = back[last] = last;
    back[n - 2u] = 0;
    RK_TRY(rk_net_transpose(net, x, front, out)); /* [batch, e, k] */
    RK_TRY(rk_net_unsqueeze(net, *out, 1u << last, 1, out));
    RK_TRY(product(net, *out, y, out)); /* [batch, e, 1, n] */
    RK_TRY(drop(net, *out, true, false, out));
    return rk_net_transpose(net, *out, back, out);
}

rk_status rk_net_matmul(rk_net *net, rk_net_value *x, rk_net_value *y, rk_net_value **out)
{
    const bool row = x->n_dims == 1, column = y->n_dims == 1;
    if (x->kind != RK_KIND_FLOAT || y->kind != RK_KIND_FLOAT)
        return rk_net_lacks(net, "%.*s of ints", RK_STR_ARG(net->node->op));
    if (x->n_dims == 0 || y->n_dims == 0)
        return rk_net_bad(net, "an operand is a single number");
    RK_TRY(as_matrix(net, x, false, &x));
    RK_TRY(as_matrix(net, y, true, &y));
    if (rk_net_is_plain(y) && y->batch == RK_NET_NO_BATCH && leading(y) == 1 &&
        y->n_dims <= x->n_dims) {
        const uint32_t dims[] = {y->dims[y->n_dims - 2], y->dims[y->n_dims - 1]};
        RK_TRY(rk_net_reshape(net, y, 2, dims, RK_NET_NO_BATCH, &y));
        RK_TRY(rk_net_dense(net, x, y, NULL, out));
    } else if (x->batch == (int)x->n_dims - 2 && rk_net_is_constant(y) && x->n_dims == y->n_dims) {
        RK_TRY(by_each(net, x, y, out));
    } else if (are_columns(x, y)) {
        RK_TRY(of_columns(net, x, y, out));
    } else {
        RK_TRY(product(net, x, y, out));
    }
    return row || column ? drop(net, *out, row, column, out) : RK_OK;
}

rk_status rk_net_do_matmul(rk_net *net, const rk_net_row *row)
{
    rk_net_value *out;
    (void)row;
    RK_TRY(rk_net_matmul(net, net->in[0], net->in[1], &out));
    return rk_net_give(net, 0, out);
}

/* ---- BatchNormalization ---- */

/* The numbers of a channel, as a constant that stretches over what comes after it. */
static rk_status channels(rk_net *net, rk_net_value **scale, rk_net_value **shift)
{
    const rk_net_value *const x = net->in[0];
    const uint32_t n = x->n_dims > 1 ? x->dims[1] : 1;
    uint32_t dims[RK_NETWORK_DIMS] = {n, 1, 1, 1, 1, 1, 1, 1};
    float epsilon = 1e-5f;
    RK_TRY(rk_net_get_float(net, "epsilon", &epsilon));
    for (uint32_t i = 1; i < 5; i++)
        if (!rk_net_is_plain(net->in[i]) || net->in[i]->kind != RK_KIND_FLOAT ||
            rk_net_elements(net->in[i]) != n)
            return rk_net_lacks(net, "BatchNormalization by what is no constant of each channel");
    const uint32_t n_dims = x->n_dims > 1 ? x->n_dims - 1u : 1;
    RK_TRY(rk_net_constant(net, RK_KIND_FLOAT, n_dims, dims, scale));
    RK_TRY(rk_net_constant(net, RK_KIND_FLOAT, n_dims, dims, shift));
    for (uint32_t i = 0; i < n; i++) {
        const double factor =
            rk_net_number(net->in[1], i) / sqrt(rk_net_number(net->in[4], i) + (double)epsilon);
        floats_of(*scale)[i] = (float)factor;
        floats_of(*shift)[i] =
            (float)(rk_net_number(net->in[2], i) - rk_net_number(net->in[3], i) * factor);
    }
    return RK_OK;
}

rk_status rk_net_do_batch_norm(rk_net *net, const rk_net_row *row)
{
    rk_net_value *scale, *shift, *out;
    int64_t training = 0;
    (void)row;
    RK_TRY(rk_net_get_int(net, "training_mode", &training));
    if (training)
        return rk_net_lacks(net, "BatchNormalization in training");
    if (net->in[0]->kind != RK_KIND_FLOAT || net->in[0]->batch > 0)
        return rk_net_bad(net, "its operand is not of float, or its batch is not the first axis");
    RK_TRY(channels(net, &scale, &shift));
    RK_TRY(rk_net_map2(net, RK_NETWORK_MUL, net->in[0], scale, &out));
    RK_TRY(rk_net_map2(net, RK_NETWORK_ADD, out, shift, &out));
    return rk_net_give(net, 0, out);
}
