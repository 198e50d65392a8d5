/* Operators that belong together become one: a sum or product after a layer goes into its weights,
 * and the activations that exporters write in pieces are found again. What becomes unused stays,
 * and is left out when the network is compacted. */
#include "runtime/model/network_make.h"

#include <math.h>

typedef struct fusing {
    rk_network *network;
    rk_arena *arena;
    uint32_t *users; /* [n_values] how often each is an operand or output */
    uint32_t *maker; /* [n_values] the operator that makes it; UINT32_MAX: none */
    uint64_t room;   /* numbers that new constants may still have */
} fusing;

static const rk_network_value *operand(const fusing *f, const rk_network_op *op, uint32_t i)
{
    return &f->network->values[f->network->operands[op->first + i]];
}

static uint32_t number(const fusing *f, const rk_network_op *op, uint32_t i)
{
    return f->network->operands[op->first + i];
}

/* What makes an operand; NULL: no operator. */
static rk_network_op *maker(const fusing *f, const rk_network_op *op, uint32_t i)
{
    const uint32_t made = f->maker[number(f, op, i)];
    return made == UINT32_MAX ? NULL : &f->network->ops[made];
}

/* … an operator of which nothing else takes the result. */
static rk_network_op *own_maker(const fusing *f, const rk_network_op *op, uint32_t i)
{
    return f->users[number(f, op, i)] == 1 ? maker(f, op, i) : NULL;
}

static bool is_map(const rk_network_op *op, rk_network_fn fn)
{
    return op && op->kind == RK_NETWORK_MAP && op->fn == fn;
}

static bool same_dims(const rk_network_value *a, const rk_network_value *b)
{
    return a->n_dims == b->n_dims && memcmp(a->dims, b->dims, a->n_dims * sizeof *a->dims) == 0;
}

/* ---- numbers ---- */

/* Whether operand i is a constant of one number. */
static bool single(const fusing *f, const rk_network_op *op, uint32_t i, double *out)
{
    const rk_network_value *const value = operand(f, op, i);
    if (!value->data || value->kind != RK_KIND_FLOAT || rk_network_elements(value) != 1)
        return false;
    *out = (double)*(const float *)value->data;
    return true;
}

/* Which operand is the number, to within its float's rounding; -1: none. */
static int which_number(const fusing *f, const rk_network_op *op, double wanted)
{
    double is;
    for (int i = 0; i < 2; i++)
        if (single(f, op, (uint32_t)i, &is) && fabs(is - wanted) <= 1e-6 * fabs(wanted))
            return i;
    return -1;
}

/* ---- layers ---- */

/* Whether a constant is one number for each output of a layer, or one for all. */
static bool is_of_outputs(const rk_network_value *value, uint32_t n)
{
    const uint64_t elements = value->data ? rk_network_elements(value) : 0;
    return value->data && value->kind == RK_KIND_FLOAT &&
           (elements == 1 || (elements == n && value->dims[value->n_dims - 1] == n));
}

static double number_of(const rk_network_value *value, uint64_t i)
{
    return (double)((const float *)value->data)[rk_network_elements(value) == 1 ? 0 : i];
}

/* A new constant at the end; NULL: no memory. The network has room for it. */
static float *add_constant(fusing *f, uint32_t n_dims, const uint32_t *dims, uint32_t *out)
{
    rk_network_value *const value = &f->network->values[f->network->n_values];
    *value =
        (rk_network_value){.name = RK_STR(""), .kind = RK_KIND_FLOAT, .n_dims = (uint8_t)n_dims};
    memcpy(value->dims, dims, n_dims * sizeof *dims);
    f->room -= rk_network_elements(value);
    float *const data = rk_arena_alloc_column(f->arena, rk_network_elements(value), sizeof(float));
    value->data = data;
    *out = f->network->n_values++;
    return data;
}

/* The layer with other weights makes what `op` made. */
static void replace(fusing *f, rk_network_op *op, const rk_network_op *dense, const uint32_t *list)
{
    const uint32_t out = op->out;
    f->users[number(f, dense, 0)]++;
    for (uint32_t i = 0; i < op->n; i++)
        f->users[number(f, op, i)]--;
    *op = *dense;
    op->out = out;
    op->n = list[2] == UINT32_MAX ? 2 : 3;
    op->first = f->network->n_operands;
    memcpy(f->network->operands + op->first, list, op->n * sizeof *list);
    f->network->n_operands += op->n;
}

/* dense + c, dense c, dense - c: the new bias and weights, each rounded once. */
static rk_status into_layer(fusing *f, rk_network_op *op, bool *done)
{
    const bool adds = is_map(op, RK_NETWORK_ADD), less = is_map(op, RK_NETWORK_SUB);
    if (!adds && !less && !is_map(op, RK_NETWORK_MUL))
        return RK_OK;
    const uint32_t side = operand(f, op, 0)->data && !less;
    const rk_network_op *const dense = own_maker(f, op, side);
    const rk_network_value *const c = operand(f, op, 1 - side);
    if (!dense || dense->kind != RK_NETWORK_DENSE)
        return RK_OK;
    const rk_network_value *const weights = operand(f, dense, 1);
    const uint32_t k = weights->dims[0], n = weights->dims[1];
    if ((uint64_t)k * n + n > f->room || !is_of_outputs(c, n) ||
        !same_dims(operand(f, op, side), &f->network->values[op->out]))
        return RK_OK;
    const rk_network_value *const bias = dense->n > 2 ? operand(f, dense, 2) : NULL;
    uint32_t list[3] = {number(f, dense, 0), number(f, dense, 1), UINT32_MAX};
    if (!adds && !less) {
        float *const scaled = add_constant(f, 2, weights->dims, &list[1]);
        for (uint64_t i = 0; scaled && i < (uint64_t)k * n; i++)
            scaled[i] = (float)((double)((const float *)weights->data)[i] * number_of(c, i % n));
        if (!scaled)
            return RK_ENOMEM;
    }
    if (bias || adds || less) {
        float *const sums = add_constant(f, 1, &n, &list[2]);
        if (!sums)
            return RK_ENOMEM;
        for (uint32_t i = 0; i < n; i++) {
            const double was = bias ? number_of(bias, i) : 0, by = number_of(c, i);
            sums[i] = (float)(adds ? was + by : less ? was - by : was * by);
        }
    }
    replace(f, op, dense, list);
    *done = true;
    return RK_OK;
}

/* ---- activations ---- */

/* The operator becomes an activation of a value. */
static void activate(fusing *f, rk_network_op *op, rk_network_fn fn, uint32_t x, float a)
{
    for (uint32_t i = 0; i < op->n; i++)
        f->users[number(f, op, i)]--;
    f->users[x]++;
    op->fn = (uint8_t)fn;
    op->a = a;
    op->n = 1;
    op->first = f->network->n_operands;
    f->network->operands[f->network->n_operands++] = x;
}

/* x sigmoid(a x), a being 1 or a number that x is multiplied by. */
static void find_silu(fusing *f, rk_network_op *op)
{
    for (uint32_t side = 0; side < 2 && is_map(op, RK_NETWORK_MUL); side++) {
        const uint32_t x = number(f, op, 1 - side);
        const rk_network_op *const sigmoid = own_maker(f, op, side);
        if (!is_map(sigmoid, RK_NETWORK_SIGMOID))
            continue;
        const rk_network_op *const times = own_maker(f, sigmoid, 0);
        double a;
        if (number(f, sigmoid, 0) == x) {
            activate(f, op, RK_NETWORK_SILU, x, 1);
            return;
        }
        for (uint32_t i = 0; i < 2 && is_map(times, RK_NETWORK_MUL); i++)
            if (number(f, times, i) == x && single(f, times, 1 - i, &a)) {
                activate(f, op, RK_NETWORK_SILU, x, (float)a);
                return;
            }
    }
}

/* 1 + erf(x / sqrt 2), of which x is found; NULL: it is something else. */
static const rk_network_op *erf_of(const fusing *f, const rk_network_op *op, uint32_t i,
                                   uint32_t *x)
{
    const rk_network_op *const sum = own_maker(f, op, i);
    if (!is_map(sum, RK_NETWORK_ADD))
        return NULL;
    const int one = which_number(f, sum, 1);
    const rk_network_op *const erf = one < 0 ? NULL : own_maker(f, sum, 1u - (uint32_t)one);
    if (!is_map(erf, RK_NETWORK_ERF))
        return NULL;
    const rk_network_op *const scaled = own_maker(f, erf, 0);
    if (is_map(scaled, RK_NETWORK_DIV) && which_number(f, scaled, sqrt(2)) == 1) {
        *x = number(f, scaled, 0);
        return sum;
    }
    const int root = is_map(scaled, RK_NETWORK_MUL) ? which_number(f, scaled, sqrt(0.5)) : -1;
    if (root < 0)
        return NULL;
    *x = number(f, scaled, 1u - (uint32_t)root);
    return sum;
}

/* A factor of a product. */
typedef struct factor {
    const rk_network_op *op;
    uint32_t i; /* its operand */
} factor;

/* The three factors of a product of products, in any order; false: it has not so many. */
static bool three_factors(const fusing *f, const rk_network_op *op, uint32_t side, factor *out)
{
    const rk_network_op *const inner = own_maker(f, op, side);
    out[0] = (factor){op, 1 - side};
    out[1] = (factor){inner, 0};
    out[2] = (factor){inner, 1};
    return is_map(inner, RK_NETWORK_MUL);
}

/* Whether they are 1 + erf(x / sqrt 2), x and a half. */
static bool are_gelu(const fusing *f, const factor *factors, uint32_t *x)
{
    double half;
    for (uint32_t i = 0; i < 3; i++)
        for (uint32_t j = 1; j < 3 && erf_of(f, factors[i].op, factors[i].i, x); j++) {
            const factor one = factors[(i + j) % 3], two = factors[(i + 3 - j) % 3];
            if (number(f, one.op, one.i) == *x && single(f, two.op, two.i, &half) && half == 0.5)
                return true;
        }
    return false;
}

/* x / 2 beside 1 + erf(x / sqrt 2). */
static bool is_halved(const fusing *f, const rk_network_op *op, uint32_t side, uint32_t *x)
{
    const rk_network_op *const half = maker(f, op, 1 - side);
    return erf_of(f, op, side, x) && is_map(half, RK_NETWORK_DIV) && number(f, half, 0) == *x &&
           which_number(f, half, 2) == 1;
}

/* x (1 + erf(x / sqrt 2)) / 2, as any exporter writes it. */
static void find_gelu(fusing *f, rk_network_op *op)
{
    uint32_t x;
    factor factors[3];
    for (uint32_t side = 0; side < 2 && is_map(op, RK_NETWORK_MUL); side++)
        if ((three_factors(f, op, side, factors) && are_gelu(f, factors, &x)) ||
            is_halved(f, op, side, &x))
            activate(f, op, RK_NETWORK_GELU, x, 0);
}

/* An activation has the shape of its operand: nothing stretched on the way. */
static void find_activation(fusing *f, rk_network_op *op)
{
    find_silu(f, op);
    find_gelu(f, op);
}

/* ---- the whole ---- */

static bool reserve(fusing *f)
{
    rk_network *const n = f->network;
    if (n->n_ops == 0)
        return true;
    /* Each operator is replaced at most twice, by one of three operands, two of them new. */
    const uint64_t values = (uint64_t)n->n_values + 2u * (uint64_t)n->n_ops;
    const uint64_t operands = (uint64_t)n->n_operands + 4u * (uint64_t)n->n_ops;
    if (operands >= UINT32_MAX || values >= UINT32_MAX)
        return false;
    rk_network_value *const more = RK_NEW_ARRAY(f->arena, rk_network_value, values);
    uint32_t *const list = RK_NEW_ARRAY(f->arena, uint32_t, operands);
    f->users = RK_NEW_ARRAY(f->arena, uint32_t, values);
    f->maker = RK_NEW_ARRAY(f->arena, uint32_t, values);
    if (!more || !list || !f->users || !f->maker)
        return false;
    memcpy(more, n->values, n->n_values * sizeof *more);
    memcpy(list, n->operands, n->n_operands * sizeof *list);
    n->values = more;
    n->operands = list;
    memset(f->maker, 0xff, values * sizeof *f->maker);
    for (uint32_t i = 0; i < n->n_values; i++)
        f->room += n->values[i].data ? 4 * rk_network_elements(&n->values[i]) : 0;
    for (uint32_t i = 0; i < n->n_ops; i++)
        f->maker[n->ops[i].out] = i;
    for (uint32_t i = 0; i < n->n_operands; i++)
        f->users[n->operands[i]]++;
    for (uint32_t i = 0; i < n->n_outputs; i++)
        if (n->outputs[i].value != UINT32_MAX)
            f->users[n->outputs[i].value]++;
    return true;
}

rk_status rk_network_fuse(rk_network *network, rk_arena *arena)
{
    fusing f = {.network = network, .arena = arena};
    if (!reserve(&f))
        return RK_ENOMEM;
    for (uint32_t i = 0; i < network->n_ops; i++) {
        bool done = false;
        RK_TRY(into_layer(&f, &network->ops[i], &done));
        if (!done)
            find_activation(&f, &network->ops[i]);
    }
    return RK_OK;
}
