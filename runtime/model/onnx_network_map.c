/* Nodes that work on each element alone. */
#include "runtime/model/onnx_operators.h"

#include <math.h>

static rk_status give(rk_net *net, rk_net_value *value) { return rk_net_give(net, 0, value); }

/* ---- one operand ---- */

/* Numbers of the function, where the node says none, and the attributes that say them. */
static const struct {
    const char *a, *b;
    float of_a, of_b;
} defaults[RK_NETWORK_FN_COUNT] = {
    [RK_NETWORK_LEAKY_RELU] = {.a = "alpha", .of_a = 0.01f},
    [RK_NETWORK_ELU] = {.a = "alpha", .of_a = 1},
    [RK_NETWORK_SELU] = {"alpha", "gamma", 1.67326319217681884765625f, 1.05070102214813232421875f},
    [RK_NETWORK_HARD_SIGMOID] = {"alpha", "beta", 0.2f, 0.5f},
    [RK_NETWORK_SILU] = {.a = "alpha", .of_a = 1},
};

/* Ints have few of these functions; they are made of those of two. */
static rk_status map_int(rk_net *net, const rk_net_row *row, rk_net_value *x)
{
    rk_net_value *zero, *out = x;
    if (x->kind == RK_KIND_BOOL)
        return rk_net_bad(net, "its operand is of bool");
    RK_TRY(rk_net_scalar(net, RK_KIND_INT, 0, &zero));
    if (row->fn == RK_NETWORK_NEG || row->fn == RK_NETWORK_ABS)
        RK_TRY(rk_net_map2(net, RK_NETWORK_SUB, zero, x, &out));
    if (row->fn == RK_NETWORK_ABS)
        RK_TRY(rk_net_map2(net, RK_NETWORK_MAX, x, out, &out));
    else if (row->fn == RK_NETWORK_RELU)
        RK_TRY(rk_net_map2(net, RK_NETWORK_MAX, x, zero, &out));
    else if (row->fn != RK_NETWORK_NEG)
        return rk_net_lacks(net, "%s of ints", row->op);
    return give(net, out);
}

rk_status rk_net_do_map(rk_net *net, const rk_net_row *row)
{
    rk_net_value *const x = net->in[0], *out;
    rk_network_op op = {.fn = row->fn, .a = defaults[row->fn].of_a, .b = defaults[row->fn].of_b};
    if (defaults[row->fn].a)
        RK_TRY(rk_net_get_float(net, defaults[row->fn].a, &op.a));
    if (defaults[row->fn].b)
        RK_TRY(rk_net_get_float(net, defaults[row->fn].b, &op.b));
    if (x->kind != RK_KIND_FLOAT)
        return map_int(net, row, x);
    RK_TRY(rk_net_map(net, op, x->kind, &x, 1, &out));
    return give(net, out);
}

rk_status rk_net_do_gelu(rk_net *net, const rk_net_row *row)
{
    rk_str approximate = RK_STR("none");
    rk_net_value *out;
    (void)row;
    RK_TRY(rk_net_get_text(net, "approximate", &approximate));
    const bool tanh = rk_str_eq(approximate, RK_STR("tanh"));
    if (!tanh && !rk_str_eq(approximate, RK_STR("none")))
        return rk_net_lacks(net, "Gelu that is approximate in another way than by tanh");
    if (net->in[0]->kind != RK_KIND_FLOAT)
        return rk_net_bad(net, "its operand is not of float");
    RK_TRY(rk_net_map1(net, tanh ? RK_NETWORK_GELU_TANH : RK_NETWORK_GELU, net->in[0], &out));
    return give(net, out);
}

/* x sigmoid(x) and kin: x times a function of x. */
rk_status rk_net_do_times_x(rk_net *net, const rk_net_row *row)
{
    rk_net_value *const x = net->in[0], *out;
    const rk_network_op hard = {.fn = RK_NETWORK_HARD_SIGMOID, .a = 1.0f / 6, .b = 0.5f};
    if (x->kind != RK_KIND_FLOAT)
        return rk_net_bad(net, "its operand is not of float");
    if (row->fn == RK_NETWORK_HARD_SIGMOID) { /* HardSwish */
        RK_TRY(rk_net_map(net, hard, x->kind, &x, 1, &out));
    } else { /* Mish */
        RK_TRY(rk_net_map1(net, RK_NETWORK_SOFTPLUS, x, &out));
        RK_TRY(rk_net_map1(net, RK_NETWORK_TANH, out, &out));
    }
    RK_TRY(rk_net_map2(net, RK_NETWORK_MUL, x, out, &out));
    return give(net, out);
}

rk_status rk_net_do_not(rk_net *net, const rk_net_row *row)
{
    rk_net_value *out;
    if (net->in[0]->kind != RK_KIND_BOOL)
        return rk_net_bad(net, "its operand is not of bool");
    RK_TRY(rk_net_map1(net, (rk_network_fn)row->fn, net->in[0], &out));
    return give(net, out);
}

/* Not a number: what does not equal itself. */
rk_status rk_net_do_is_nan(rk_net *net, const rk_net_row *row)
{
    rk_net_value *out;
    RK_TRY(rk_net_map2(net, (rk_network_fn)row->fn, net->in[0], net->in[0], &out));
    RK_TRY(rk_net_map1(net, RK_NETWORK_NOT, out, &out));
    return give(net, out);
}

/* (x > 0) - (x < 0), as numbers of x's kind. */
rk_status rk_net_do_sign(rk_net *net, const rk_net_row *row)
{
    rk_net_value *const x = net->in[0], *zero, *more, *less, *out;
    (void)row;
    RK_TRY(rk_net_scalar(net, x->kind, 0, &zero));
    RK_TRY(rk_net_map2(net, RK_NETWORK_GREATER, x, zero, &more));
    RK_TRY(rk_net_map2(net, RK_NETWORK_LESS, x, zero, &less));
    RK_TRY(rk_net_cast(net, more, x->kind, &more));
    RK_TRY(rk_net_cast(net, less, x->kind, &less));
    RK_TRY(rk_net_map2(net, RK_NETWORK_SUB, more, less, &out));
    return give(net, out);
}

/* ---- two operands and more ---- */

rk_status rk_net_do_map2(rk_net *net, const rk_net_row *row)
{
    rk_net_value *out;
    const rk_network_fn fn = (rk_network_fn)row->fn;
    const bool logic = fn >= RK_NETWORK_AND && fn <= RK_NETWORK_XOR;
    if ((net->in[0]->kind == RK_KIND_BOOL) != logic)
        return rk_net_bad(net, "its operands are %sof bool", logic ? "not " : "");
    RK_TRY(rk_net_map2(net, fn, net->in[0], net->in[1], &out));
    return give(net, out);
}

/* Bools are equal where they do not differ. */
rk_status rk_net_do_equal(rk_net *net, const rk_net_row *row)
{
    rk_net_value *out;
    if (net->in[0]->kind != RK_KIND_BOOL)
        return rk_net_do_map2(net, row);
    RK_TRY(rk_net_map2(net, RK_NETWORK_XOR, net->in[0], net->in[1], &out));
    RK_TRY(rk_net_map1(net, RK_NETWORK_NOT, out, &out));
    return give(net, out);
}

/* The second operand may be of another kind than the first, whose kind the result has. */
rk_status rk_net_do_pow(rk_net *net, const rk_net_row *row)
{
    rk_net_value *const x = net->in[0], *y = net->in[1], *out;
    (void)row;
    if (x->kind == RK_KIND_BOOL || y->kind == RK_KIND_BOOL)
        return rk_net_bad(net, "its operands are of bool");
    if (rk_net_is_number(y, 2) && rk_net_elements(y) == 1 && y->n_dims <= x->n_dims) {
        RK_TRY(rk_net_map2(net, RK_NETWORK_MUL, x, x, &out));
        return give(net, out);
    }
    if (x->kind != RK_KIND_FLOAT)
        return rk_net_lacks(net, "Pow of ints");
    RK_TRY(rk_net_cast(net, y, RK_KIND_FLOAT, &y));
    RK_TRY(rk_net_map2(net, RK_NETWORK_POW, x, y, &out));
    return give(net, out);
}

/* fmod says with what sign; of ints without it, that of the right. */
rk_status rk_net_do_mod(rk_net *net, const rk_net_row *row)
{
    int64_t fmod = 0;
    RK_TRY(rk_net_get_int(net, "fmod", &fmod));
    if (net->in[0]->kind == RK_KIND_INT && fmod)
        return rk_net_lacks(net, "Mod of ints with fmod");
    if (net->in[0]->kind == RK_KIND_FLOAT && !fmod)
        return rk_net_bad(net, "floats need fmod");
    return rk_net_do_map2(net, row);
}

rk_status rk_net_do_prelu(rk_net *net, const rk_net_row *row)
{
    if (net->in[0]->kind != RK_KIND_FLOAT)
        return rk_net_lacks(net, "PRelu of ints");
    return rk_net_do_map2(net, row);
}

/* Any number of operands, one after another; a mean is divided at the end. */
rk_status rk_net_do_many(rk_net *net, const rk_net_row *row)
{
    rk_net_value *out = net->in[0], *count;
    for (uint32_t i = 0; i < net->n_in; i++)
        if (!net->in[i] || net->in[i]->kind == RK_KIND_BOOL)
            return rk_net_bad(net, "operand %u is %s", i, net->in[i] ? "of bool" : "left out");
    for (uint32_t i = 1; i < net->n_in; i++)
        RK_TRY(rk_net_map2(net, (rk_network_fn)row->fn, out, net->in[i], &out));
    if (rk_str_eq(net->node->op, RK_STR("Mean"))) {
        RK_TRY(rk_net_scalar(net, out->kind, net->n_in, &count));
        RK_TRY(rk_net_map2(net, RK_NETWORK_DIV, out, count, &out));
    }
    return give(net, out);
}

rk_status rk_net_do_where(rk_net *net, const rk_net_row *row)
{
    rk_net_value *out;
    const rk_network_op op = {.fn = row->fn};
    if (net->in[0]->kind != RK_KIND_BOOL || net->in[1]->kind != net->in[2]->kind)
        return rk_net_bad(net, "its operands are not a bool and two of one kind");
    RK_TRY(rk_net_map(net, op, net->in[1]->kind, net->in, 3, &out));
    return give(net, out);
}

/* ---- bounds ---- */

/* A bound as an operand: an attribute up to opset 10, then an input; NULL: there is none. */
static rk_status bound(rk_net *net, const char *name, uint32_t input, rk_net_value **out)
{
    float number = 0;
    *out = rk_net_in(net, input);
    if (*out || !rk_onnx_attribute_find(net->node, name))
        return RK_OK;
    RK_TRY(rk_net_get_float(net, name, &number));
    return rk_net_scalar(net, RK_KIND_FLOAT, (double)number, out);
}

static bool is_single(const rk_net_value *bound)
{
    return !bound || (bound->kind == RK_KIND_FLOAT && rk_net_is_plain(bound) &&
                      rk_net_elements(bound) == 1 && bound->n_dims <= 1);
}

/* Both bounds at once where they are numbers; a bound that is not there is no bound at all. */
rk_status rk_net_do_clip(rk_net *net, const rk_net_row *row)
{
    rk_net_value *const x = net->in[0], *least, *most, *out = x;
    RK_TRY(bound(net, "min", 1, &least));
    RK_TRY(bound(net, "max", 2, &most));
    if (x->kind == RK_KIND_FLOAT && (least || most) && is_single(least) && is_single(most)) {
        const rk_network_op op = {.fn = row->fn,
                                  .a = least ? (float)rk_net_number(least, 0) : -INFINITY,
                                  .b = most ? (float)rk_net_number(most, 0) : INFINITY};
        RK_TRY(rk_net_map(net, op, x->kind, &x, 1, &out));
        return give(net, out);
    }
    if (least)
        RK_TRY(rk_net_map2(net, RK_NETWORK_MAX, out, least, &out));
    if (most)
        RK_TRY(rk_net_map2(net, RK_NETWORK_MIN, out, most, &out));
    return give(net, out);
}

/* ---- kinds ---- */

rk_status rk_net_do_cast(rk_net *net, const rk_net_row *row)
{
    int64_t to = 0;
    rk_net_value *out;
    (void)row;
    RK_TRY(rk_net_get_int(net, "to", &to));
    const uint8_t kind = to > 0 && to < RK_ONNX_TYPE_COUNT ? rk_net_kind((uint32_t)to) : 0;
    if (kind == RK_KIND_NONE)
        return rk_net_lacks(net, "Cast to %s",
                            rk_onnx_type_name(to > 0 && to < 99 ? (uint32_t)to : 0));
    RK_TRY(rk_net_cast(net, net->in[0], kind, &out));
    return give(net, out);
}

rk_status rk_net_do_cast_like(rk_net *net, const rk_net_row *row)
{
    rk_net_value *out;
    (void)row;
    RK_TRY(rk_net_cast(net, net->in[0], net->in[1]->kind, &out));
    return give(net, out);
}

rk_status rk_net_do_identity(rk_net *net, const rk_net_row *row)
{
    (void)row;
    return give(net, net->in[0]);
}

rk_status rk_net_do_dropout(rk_net *net, const rk_net_row *row)
{
    const rk_net_value *const training = rk_net_in(net, 2);
    if (training && !rk_net_is_number(training, 0))
        return rk_net_lacks(net, "Dropout in training");
    return rk_net_do_identity(net, row);
}
