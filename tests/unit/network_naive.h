/* Networks worked out for one item, one operator at a time, in double: nothing but the sentences of
 * network.h. What loaders make and what inference runs are compared with it. */
#ifndef RK_UNIT_NETWORK_NAIVE_H
#define RK_UNIT_NETWORK_NAIVE_H

#include <math.h>

#include "runtime/model/network.h"

/* An element: of floats `real`, of ints and bools `whole`. */
typedef struct naive_cell {
    double real;
    int64_t whole;
} naive_cell;

typedef struct naive {
    const rk_network *network;
    naive_cell **cells; /* [n_values][elements] of one item */
    bool rounds;        /* each result to float, as a library that computes in float does */
    bool fault;         /* an id is not in its table */
} naive;

typedef uint32_t naive_index[RK_NETWORK_DIMS];

/* The place of element i. */
static inline void naive_unravel(const rk_network_value *value, uint64_t i, uint32_t *index)
{
    for (uint32_t d = value->n_dims; d-- > 0;) {
        index[d] = (uint32_t)(i % value->dims[d]);
        i /= value->dims[d];
    }
}

/* The element of `value` at a place of something with `n` dimensions, to which it stretches. */
static inline uint64_t naive_ravel(const rk_network_value *value, const uint32_t *index, uint32_t n)
{
    uint64_t i = 0;
    for (uint32_t d = 0; d < value->n_dims; d++)
        i = i * value->dims[d] + (value->dims[d] == 1 ? 0 : index[n - value->n_dims + d]);
    return i;
}

static inline double naive_real1(const rk_network_op *op, double x)
{
    const double a = (double)op->a, b = (double)op->b;
    switch ((rk_network_fn)op->fn) {
    case RK_NETWORK_NEG:
        return -x;
    case RK_NETWORK_ABS:
        return fabs(x);
    case RK_NETWORK_SQRT:
        return sqrt(x);
    case RK_NETWORK_EXP:
        return exp(x);
    case RK_NETWORK_LOG:
        return log(x);
    case RK_NETWORK_RECIPROCAL:
        return 1 / x;
    case RK_NETWORK_FLOOR:
        return floor(x);
    case RK_NETWORK_CEIL:
        return ceil(x);
    case RK_NETWORK_RELU:
        return isnan(x) ? x : fmax(x, 0);
    case RK_NETWORK_LEAKY_RELU:
        return x < 0 ? a * x : x;
    case RK_NETWORK_ELU:
        return x < 0 ? a * expm1(x) : x;
    case RK_NETWORK_SELU:
        return b * (x < 0 ? a * expm1(x) : x);
    case RK_NETWORK_CLIP:
        return isnan(x) ? x : fmin(fmax(x, a), b);
    case RK_NETWORK_SIGMOID:
        return 1 / (1 + exp(-x));
    case RK_NETWORK_HARD_SIGMOID:
        return isnan(x) ? x : fmax(0, fmin(1, a * x + b));
    case RK_NETWORK_TANH:
        return tanh(x);
    case RK_NETWORK_ERF:
        return erf(x);
    case RK_NETWORK_GELU:
        return x * (1 + erf(x / sqrt(2))) / 2;
    case RK_NETWORK_GELU_TANH:
        return x * (1 + tanh(sqrt(2 / acos(-1)) * (x + 0.044715 * x * x * x))) / 2;
    case RK_NETWORK_SOFTPLUS:
        return x > 30 ? x + exp(-x) : log1p(exp(x));
    case RK_NETWORK_SOFTSIGN:
        return x / (1 + fabs(x));
    case RK_NETWORK_SILU:
        return x / (1 + exp(-a * x));
    default:
        return NAN;
    }
}

static inline double naive_real2(rk_network_fn fn, double x, double y)
{
    switch (fn) {
    case RK_NETWORK_ADD:
        return x + y;
    case RK_NETWORK_SUB:
        return x - y;
    case RK_NETWORK_MUL:
        return x * y;
    case RK_NETWORK_DIV:
        return x / y;
    case RK_NETWORK_POW:
        return pow(x, y);
    case RK_NETWORK_MIN:
        return isnan(x) || isnan(y) ? (double)NAN : fmin(x, y);
    case RK_NETWORK_MAX:
        return isnan(x) || isnan(y) ? (double)NAN : fmax(x, y);
    case RK_NETWORK_MOD:
        return fmod(x, y);
    case RK_NETWORK_PRELU:
        return x < 0 ? y * x : x;
    default:
        return NAN;
    }
}

static inline int64_t naive_int2(rk_network_fn fn, int64_t x, int64_t y)
{
    switch (fn) {
    case RK_NETWORK_ADD:
        return (int64_t)((uint64_t)x + (uint64_t)y);
    case RK_NETWORK_SUB:
        return (int64_t)((uint64_t)x - (uint64_t)y);
    case RK_NETWORK_MUL:
        return (int64_t)((uint64_t)x * (uint64_t)y);
    case RK_NETWORK_DIV:
        return y == 0 ? 0 : y == -1 ? (int64_t)(0 - (uint64_t)x) : x / y;
    case RK_NETWORK_MIN:
        return x < y ? x : y;
    case RK_NETWORK_MAX:
        return x > y ? x : y;
    case RK_NETWORK_MOD:
        return y == 0 || y == -1 ? 0 : ((x % y) + y) % y;
    default:
        return 0;
    }
}

static inline bool naive_compare(rk_network_fn fn, double x, double y)
{
    return fn == RK_NETWORK_EQUAL        ? x == y
           : fn == RK_NETWORK_LESS       ? x < y
           : fn == RK_NETWORK_LESS_EQUAL ? x <= y
           : fn == RK_NETWORK_GREATER    ? x > y
                                         : x >= y;
}

static inline naive_cell naive_cast(naive_cell x, uint8_t from, uint8_t to)
{
    if (from == to || (from != RK_KIND_FLOAT && to == RK_KIND_INT))
        return x;
    if (to == RK_KIND_FLOAT)
        return (naive_cell){(double)x.whole, 0};
    if (to == RK_KIND_BOOL)
        return (naive_cell){0, from == RK_KIND_FLOAT ? x.real != 0 : x.whole != 0};
    return (naive_cell){0, fabs(x.real) < 0x1p63 ? (int64_t)x.real : INT64_MIN};
}

static inline naive_cell naive_apply(const rk_network_op *op, const naive_cell *x, uint8_t kind,
                                     uint8_t to)
{
    const rk_network_fn fn = (rk_network_fn)op->fn;
    const bool real = kind == RK_KIND_FLOAT;
    if (fn == RK_NETWORK_CAST)
        return naive_cast(x[0], kind, to);
    if (fn == RK_NETWORK_WHERE)
        return x[0].whole ? x[1] : x[2];
    if (fn == RK_NETWORK_NOT)
        return (naive_cell){0, !x[0].whole};
    if (fn == RK_NETWORK_AND)
        return (naive_cell){0, x[0].whole && x[1].whole};
    if (fn == RK_NETWORK_OR)
        return (naive_cell){0, x[0].whole || x[1].whole};
    if (fn == RK_NETWORK_XOR)
        return (naive_cell){0, x[0].whole != x[1].whole};
    if (fn >= RK_NETWORK_EQUAL && fn <= RK_NETWORK_GREATER_EQUAL && !real)
        return (naive_cell){
            0, naive_compare(
                   fn, (double)(x[0].whole > x[1].whole) - (double)(x[0].whole < x[1].whole), 0)};
    if (fn >= RK_NETWORK_EQUAL && fn <= RK_NETWORK_GREATER_EQUAL)
        return (naive_cell){0, naive_compare(fn, x[0].real, x[1].real)};
    if (!real)
        return (naive_cell){0, naive_int2(fn, x[0].whole, x[1].whole)};
    return (naive_cell){
        op->n == 1 ? naive_real1(op, x[0].real) : naive_real2(fn, x[0].real, x[1].real), 0};
}

/* ---- operators: element `i` at place `index` of the output ---- */

static inline const rk_network_value *naive_value(const naive *n, const rk_network_op *op,
                                                  uint32_t j)
{
    return &n->network->values[n->network->operands[op->first + j]];
}

static inline const naive_cell *naive_cells(const naive *n, const rk_network_op *op, uint32_t j)
{
    return n->cells[n->network->operands[op->first + j]];
}

static inline double naive_product(const naive *n, const rk_network_op *op, const uint32_t *index)
{
    const rk_network_value *const x = naive_value(n, op, 0), *const y = naive_value(n, op, 1);
    const rk_network_value *const out = &n->network->values[op->out];
    const uint32_t k = x->dims[x->n_dims - 1], rank = out->n_dims, last = rank - 1;
    naive_index of_x, of_y;
    memcpy(of_x, index, sizeof of_x);
    memcpy(of_y, index, sizeof of_y);
    double sum =
        op->kind == RK_NETWORK_DENSE && op->n > 2 ? naive_cells(n, op, 2)[index[last]].real : 0;
    for (uint32_t j = 0; j < k; j++) {
        of_x[last] = j;
        of_y[last - 1] = j;
        sum += naive_cells(n, op, 0)[naive_ravel(x, of_x, rank)].real *
               naive_cells(n, op, 1)[naive_ravel(y, of_y, rank)].real;
    }
    return sum;
}

static inline naive_cell naive_gather(naive *n, const rk_network_op *op, const uint32_t *index)
{
    const rk_network_value *const table = naive_value(n, op, 0), *const ids = naive_value(n, op, 1);
    naive_index place;
    int64_t id = naive_cells(n, op, 1)[naive_ravel(ids, index, ids->n_dims)].whole;
    id += id < 0 ? table->dims[0] : 0;
    if (id < 0 || id >= table->dims[0]) {
        n->fault = true;
        return (naive_cell){0, 0};
    }
    place[0] = (uint32_t)id;
    for (uint32_t d = 1; d < table->n_dims; d++)
        place[d] = index[ids->n_dims + d - 1];
    return naive_cells(n, op, 0)[naive_ravel(table, place, table->n_dims)];
}

static inline naive_cell naive_concat(const naive *n, const rk_network_op *op,
                                      const uint32_t *index)
{
    const rk_network_value *const out = &n->network->values[op->out];
    naive_index place;
    memcpy(place, index, sizeof place);
    uint32_t j = 0;
    while (place[op->axis] >= naive_value(n, op, j)->dims[op->axis])
        place[op->axis] -= naive_value(n, op, j++)->dims[op->axis];
    return naive_cells(n, op, j)[naive_ravel(naive_value(n, op, j), place, out->n_dims)];
}

static inline double naive_softmax(const naive *n, const rk_network_op *op, const uint32_t *index)
{
    const rk_network_value *const x = naive_value(n, op, 0);
    const naive_cell *const cells = naive_cells(n, op, 0);
    naive_index place;
    double most = -INFINITY, sum = 0;
    memcpy(place, index, sizeof place);
    const double own = cells[naive_ravel(x, index, x->n_dims)].real;
    for (place[op->axis] = 0; place[op->axis] < x->dims[op->axis]; place[op->axis]++)
        most = fmax(most, cells[naive_ravel(x, place, x->n_dims)].real);
    for (place[op->axis] = 0; place[op->axis] < x->dims[op->axis]; place[op->axis]++)
        sum += exp(cells[naive_ravel(x, place, x->n_dims)].real - most);
    return op->fn ? own - most - log(sum) : exp(own - most) / sum;
}

static inline double naive_lp_norm(const naive *n, const rk_network_op *op, const uint32_t *index)
{
    const rk_network_value *const x = naive_value(n, op, 0);
    const naive_cell *const cells = naive_cells(n, op, 0);
    naive_index place;
    double norm = 0;
    memcpy(place, index, sizeof place);
    for (place[op->axis] = 0; place[op->axis] < x->dims[op->axis]; place[op->axis]++)
        norm += pow(fabs(cells[naive_ravel(x, place, x->n_dims)].real), op->fn);
    norm = op->fn == 2 ? sqrt(norm) : norm;
    return norm == 0 ? 0 : cells[naive_ravel(x, index, x->n_dims)].real / norm;
}

static inline double naive_layer_norm(const naive *n, const rk_network_op *op, uint64_t i,
                                      const uint32_t *index)
{
    const rk_network_value *const x = naive_value(n, op, 0);
    const naive_cell *const cells = naive_cells(n, op, 0);
    uint64_t part = 1;
    double mean = 0, variance = 0;
    for (uint32_t d = op->axis; d < x->n_dims; d++)
        part *= x->dims[d];
    const uint64_t first = i / part * part;
    for (uint64_t j = 0; j < part; j++)
        mean += cells[first + j].real / (double)part;
    for (uint64_t j = 0; j < part; j++)
        variance += (cells[first + j].real - mean) * (cells[first + j].real - mean) / (double)part;
    double y = (cells[i].real - mean) / sqrt(variance + (double)op->a);
    y *= naive_cells(n, op, 1)[naive_ravel(naive_value(n, op, 1), index, x->n_dims)].real;
    if (op->n > 2)
        y += naive_cells(n, op, 2)[naive_ravel(naive_value(n, op, 2), index, x->n_dims)].real;
    return y;
}

static inline naive_cell naive_element(naive *n, const rk_network_op *op, uint64_t i,
                                       const uint32_t *index)
{
    const rk_network_value *const out = &n->network->values[op->out], *const x =
                                                                          naive_value(n, op, 0);
    naive_cell three[RK_NETWORK_OPERANDS] = {{0, 0}};
    naive_index place;
    memcpy(place, index, sizeof place);
    switch ((rk_network_op_kind)op->kind) {
    case RK_NETWORK_MAP:
        for (uint32_t j = 0; j < op->n; j++)
            three[j] =
                naive_cells(n, op, j)[naive_ravel(naive_value(n, op, j), index, out->n_dims)];
        return naive_apply(op, three, x->kind, out->kind);
    case RK_NETWORK_DENSE:
    case RK_NETWORK_MATMUL:
        return (naive_cell){naive_product(n, op, index), 0};
    case RK_NETWORK_GATHER:
        return naive_gather(n, op, index);
    case RK_NETWORK_TAKE:
        place[op->axis] = (uint32_t)naive_cells(n, op, 1)[index[op->axis]].whole;
        return naive_cells(n, op, 0)[naive_ravel(x, place, x->n_dims)];
    case RK_NETWORK_CONCAT:
        return naive_concat(n, op, index);
    case RK_NETWORK_RESHAPE:
        return naive_cells(n, op, 0)[i];
    case RK_NETWORK_TRANSPOSE:
        for (uint32_t d = 0; d < out->n_dims; d++)
            place[op->axes[d]] = index[d];
        return naive_cells(n, op, 0)[naive_ravel(x, place, x->n_dims)];
    case RK_NETWORK_EXPAND:
        return naive_cells(n, op, 0)[naive_ravel(x, index, out->n_dims)];
    case RK_NETWORK_SOFTMAX:
        return (naive_cell){naive_softmax(n, op, index), 0};
    case RK_NETWORK_LP_NORM:
        return (naive_cell){naive_lp_norm(n, op, index), 0};
    case RK_NETWORK_LAYER_NORM:
        return (naive_cell){naive_layer_norm(n, op, i, index), 0};
    default:
        return (naive_cell){NAN, 0};
    }
}

/* Of ints only sums, products and extremes. */
static inline naive_cell naive_fold(rk_network_fold fold, naive_cell sum, naive_cell x, bool first)
{
    const bool less = x.real < sum.real || x.whole < sum.whole || isnan(x.real);
    const bool more = x.real > sum.real || x.whole > sum.whole || isnan(x.real);
    switch (fold) {
    case RK_NETWORK_GREATEST:
        return first || more ? x : sum;
    case RK_NETWORK_LEAST:
        return first || less ? x : sum;
    case RK_NETWORK_PROD:
        return first ? x
                     : (naive_cell){sum.real * x.real,
                                    naive_int2(RK_NETWORK_MUL, sum.whole, x.whole)};
    case RK_NETWORK_L1:
        return (naive_cell){sum.real + fabs(x.real), 0};
    case RK_NETWORK_L2:
    case RK_NETWORK_SUM_SQUARE:
        return (naive_cell){sum.real + x.real * x.real, 0};
    default:
        return (naive_cell){sum.real + x.real, naive_int2(RK_NETWORK_ADD, sum.whole, x.whole)};
    }
}

static inline void naive_reduce(naive *n, const rk_network_op *op, naive_cell *out, uint64_t n_out,
                                bool *any)
{
    const rk_network_value *const x = naive_value(n, op, 0);
    const uint64_t elements = rk_network_elements(x);
    for (uint64_t i = 0; i < elements; i++) {
        naive_index index;
        uint64_t at = 0;
        naive_unravel(x, i, index);
        for (uint32_t d = 0; d < x->n_dims; d++)
            at = op->mask >> d & 1 ? at : at * x->dims[d] + index[d];
        out[at] = naive_fold((rk_network_fold)op->fn, out[at], naive_cells(n, op, 0)[i], !any[at]);
        any[at] = true;
    }
    for (uint64_t i = 0; i < n_out; i++)
        if (op->fn == RK_NETWORK_MEAN)
            out[i].real /= (double)(elements / n_out);
        else if (op->fn == RK_NETWORK_L2)
            out[i].real = sqrt(out[i].real);
}

/* ---- a run ---- */

static inline void naive_load(naive_cell *to, const rk_network_value *value, const void *data)
{
    const uint64_t n = rk_network_elements(value);
    for (uint64_t i = 0; i < n; i++)
        if (value->kind == RK_KIND_FLOAT)
            to[i].real = (double)((const float *)data)[i];
        else
            to[i].whole = value->kind == RK_KIND_INT ? ((const int64_t *)data)[i]
                                                     : ((const uint8_t *)data)[i] != 0;
}

/* Room for values in an arena; false: no memory. */
static inline bool naive_open(naive *n, const rk_network *network, rk_arena *arena)
{
    *n = (naive){.network = network};
    n->cells = RK_NEW_ARRAY(arena, naive_cell *, network->n_values + 1u);
    for (uint32_t v = 0; v < network->n_values && n->cells; v++) {
        const rk_network_value *const value = &network->values[v];
        n->cells[v] = RK_NEW_ARRAY(arena, naive_cell, rk_network_elements(value));
        if (!n->cells[v])
            return false;
        if (value->data)
            naive_load(n->cells[v], value, value->data);
    }
    return n->cells != NULL;
}

/* Steps of one item, about. */
static inline double naive_cost(const rk_network *network)
{
    double steps = 0;
    for (uint32_t i = 0; i < network->n_ops; i++) {
        const rk_network_op *const op = &network->ops[i];
        const rk_network_value *const x = &network->values[network->operands[op->first]];
        const double each = op->kind == RK_NETWORK_DENSE || op->kind == RK_NETWORK_MATMUL
                                ? x->dims[x->n_dims - 1]
                            : op->kind >= RK_NETWORK_SOFTMAX ? (double)rk_network_elements(x)
                                                             : 1;
        steps += each * (double)rk_network_elements(&network->values[op->out]) +
                 (double)rk_network_elements(x);
    }
    return steps;
}

/* One item: inputs[i] are its elements, float, int64_t or uint8_t as the network has them; out is
 * [outputs together]. False: an id is not in its table. */
static inline bool naive_run(naive *n, const void *const *inputs, double *out)
{
    const rk_network *const network = n->network;
    n->fault = false;
    for (uint32_t i = 0; i < network->n_inputs; i++)
        if (network->inputs[i] != UINT32_MAX)
            naive_load(n->cells[network->inputs[i]], &network->values[network->inputs[i]],
                       inputs[i]);
    for (uint32_t o = 0; o < network->n_ops; o++) {
        const rk_network_op *const op = &network->ops[o];
        const rk_network_value *const value = &network->values[op->out];
        const uint64_t elements = rk_network_elements(value);
        naive_cell *const cells = n->cells[op->out];
        if (op->kind == RK_NETWORK_REDUCE) {
            bool *const any = calloc(elements, sizeof *any);
            memset(cells, 0, elements * sizeof *cells);
            naive_reduce(n, op, cells, elements, any);
            free(any);
        }
        for (uint64_t i = 0; i < elements; i++) {
            naive_index index;
            naive_unravel(value, i, index);
            if (op->kind != RK_NETWORK_REDUCE)
                cells[i] = naive_element(n, op, i, index);
            if (n->rounds)
                cells[i].real = (double)(float)cells[i].real;
        }
    }
    for (uint32_t k = 0; k < network->n_outputs; k++)
        for (uint32_t j = 0; j < network->outputs[k].dim; j++)
            out[network->outputs[k].first + j] = n->cells[network->outputs[k].value][j].real;
    return !n->fault;
}

#endif
