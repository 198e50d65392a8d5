#include "runtime/model/network_fold.h"

#include <math.h>

/* An element: of floats the double, else the whole number. */
typedef struct cell {
    double real;
    int64_t whole;
} cell;

static cell get(const rk_network_value *value, uint64_t i)
{
    cell c = {0, 0};
    if (value->kind == RK_KIND_FLOAT)
        c.real = (double)((const float *)value->data)[i];
    else if (value->kind == RK_KIND_INT)
        c.whole = ((const int64_t *)value->data)[i];
    else
        c.whole = ((const uint8_t *)value->data)[i] != 0;
    return c;
}

static void set(const rk_network_value *value, void *data, uint64_t i, cell c)
{
    if (value->kind == RK_KIND_FLOAT)
        ((float *)data)[i] = (float)c.real;
    else if (value->kind == RK_KIND_INT)
        ((int64_t *)data)[i] = c.whole;
    else
        ((uint8_t *)data)[i] = c.whole != 0;
}

/* ---- walks over the output's elements ---- */

/* How far an operand moves with each dimension of the output: 0 where it stretches. */
static void stretch(const rk_network_value *operand, const rk_network_value *out, uint64_t *strides)
{
    uint64_t stride = 1;
    for (uint32_t i = out->n_dims; i-- > 0;) {
        const uint32_t lacks = out->n_dims - operand->n_dims;
        const uint32_t dim = i >= lacks ? operand->dims[i - lacks] : 1;
        strides[i] = dim == 1 ? 0 : stride;
        stride *= dim;
    }
}

/* Moves `at` to the next element of the output, and each offset with it. */
static void step(const rk_network_value *out, uint32_t *at, uint64_t (*strides)[RK_NETWORK_DIMS],
                 uint64_t *offsets, uint32_t n)
{
    for (uint32_t d = out->n_dims; d-- > 0;) {
        const bool wraps = ++at[d] == out->dims[d];
        for (uint32_t j = 0; j < n; j++)
            offsets[j] += wraps ? (uint64_t)0 - (out->dims[d] - 1) * strides[j][d] : strides[j][d];
        if (!wraps)
            return;
        at[d] = 0;
    }
}

/* Copies elements that lie at strides. */
static void copy_strided(const rk_network_value *from, uint64_t (*strides)[RK_NETWORK_DIMS],
                         const rk_network_value *out, char *data)
{
    const size_t size = rk_network_kind_size(out->kind);
    const uint64_t n = rk_network_elements(out);
    uint32_t at[RK_NETWORK_DIMS] = {0};
    uint64_t offset = 0;
    for (uint64_t i = 0; i < n; i++) {
        memcpy(data + i * size, (const char *)from->data + offset * size, size);
        step(out, at, strides, &offset, 1);
    }
}

/* ---- elementwise ---- */

static bool compare(rk_network_fn fn, cell x, cell y, bool real)
{
    const bool less = real ? x.real < y.real : x.whole < y.whole;
    const bool more = real ? x.real > y.real : x.whole > y.whole;
    const bool same = real ? x.real == y.real : x.whole == y.whole;
    switch (fn) {
    case RK_NETWORK_EQUAL:
        return same;
    case RK_NETWORK_LESS:
        return less;
    case RK_NETWORK_LESS_EQUAL:
        return less || same;
    case RK_NETWORK_GREATER:
        return more;
    default:
        return more || same;
    }
}

static cell cast(cell x, uint8_t from, uint8_t to)
{
    if (from != RK_KIND_FLOAT && to == RK_KIND_FLOAT)
        x.real = (double)x.whole;
    else if (from == RK_KIND_FLOAT && to == RK_KIND_BOOL)
        x.whole = x.real != 0;
    else if (from == RK_KIND_FLOAT && to == RK_KIND_INT)
        x.whole = x.real >= -0x1p63 && x.real < 0x1p63 ? (int64_t)x.real : INT64_MIN;
    return x;
}

static cell apply(const rk_network_op *op, const cell *x, uint8_t kind, uint8_t to)
{
    const rk_network_fn fn = (rk_network_fn)op->fn;
    cell c = {0, 0};
    if (fn == RK_NETWORK_CAST)
        return cast(x[0], kind, to);
    if (fn == RK_NETWORK_WHERE)
        return x[0].whole ? x[1] : x[2];
    if (fn == RK_NETWORK_NOT)
        c.whole = !x[0].whole;
    else if (fn == RK_NETWORK_AND)
        c.whole = x[0].whole && x[1].whole;
    else if (fn == RK_NETWORK_OR)
        c.whole = x[0].whole || x[1].whole;
    else if (fn == RK_NETWORK_XOR)
        c.whole = x[0].whole != x[1].whole;
    else if (fn >= RK_NETWORK_EQUAL && fn <= RK_NETWORK_GREATER_EQUAL)
        c.whole = compare(fn, x[0], x[1], kind == RK_KIND_FLOAT);
    else if (kind == RK_KIND_FLOAT)
        c.real = rk_network_fold_real(fn, x[0].real, x[1].real, op);
    else
        c.whole = rk_network_fold_int(fn, x[0].whole, x[1].whole);
    return c;
}

static void map(const rk_network_op *op, const rk_network_value *const *operands,
                const rk_network_value *out, void *data)
{
    uint64_t strides[RK_NETWORK_OPERANDS][RK_NETWORK_DIMS], offsets[RK_NETWORK_OPERANDS] = {0};
    uint32_t at[RK_NETWORK_DIMS] = {0};
    for (uint32_t j = 0; j < op->n; j++)
        stretch(operands[j], out, strides[j]);
    const uint64_t n = rk_network_elements(out);
    for (uint64_t i = 0; i < n; i++) {
        cell x[RK_NETWORK_OPERANDS] = {{0, 0}};
        for (uint32_t j = 0; j < op->n; j++)
            x[j] = get(operands[j], offsets[j]);
        set(out, data, i, apply(op, x, operands[0]->kind, out->kind));
        step(out, at, strides, offsets, op->n);
    }
}

/* ---- moves ---- */

/* Elements before, along and after an axis. */
typedef struct split {
    uint64_t outer, along, inner;
} split;

static split split_at(const rk_network_value *value, uint32_t axis)
{
    split s = {1, value->dims[axis], 1};
    for (uint32_t i = 0; i < value->n_dims; i++)
        if (i < axis)
            s.outer *= value->dims[i];
        else if (i > axis)
            s.inner *= value->dims[i];
    return s;
}

/* Rows of a table, or positions along an axis. */
static rk_status take(const rk_network_value *x, const rk_network_value *ids, uint32_t axis,
                      const rk_network_value *out, char *data)
{
    const split s = split_at(x, axis);
    const size_t run = (size_t)s.inner * rk_network_kind_size(out->kind);
    const uint64_t n = rk_network_elements(ids);
    for (uint64_t o = 0; o < s.outer; o++)
        for (uint64_t i = 0; i < n; i++) {
            int64_t id = get(ids, i).whole;
            id += id < 0 ? (int64_t)s.along : 0;
            if (id < 0 || id >= (int64_t)s.along)
                return RK_EDATA;
            memcpy(data, (const char *)x->data + (o * s.along + (uint64_t)id) * run, run);
            data += run;
        }
    return RK_OK;
}

static void concat(const rk_network_op *op, const rk_network_value *const *operands,
                   const rk_network_value *out, char *data)
{
    const split s = split_at(out, op->axis);
    for (uint64_t o = 0; o < s.outer; o++)
        for (uint32_t j = 0; j < op->n; j++) {
            const size_t run =
                (size_t)s.inner * operands[j]->dims[op->axis] * rk_network_kind_size(out->kind);
            memcpy(data, (const char *)operands[j]->data + o * run, run);
            data += run;
        }
}

static void transpose(const rk_network_op *op, const rk_network_value *x,
                      const rk_network_value *out, char *data)
{
    uint64_t own[RK_NETWORK_DIMS], strides[1][RK_NETWORK_DIMS];
    stretch(x, x, own);
    for (uint32_t i = 0; i < out->n_dims; i++)
        strides[0][i] = own[op->axes[i]];
    copy_strided(x, strides, out, data);
}

static void expand(const rk_network_value *x, const rk_network_value *out, char *data)
{
    uint64_t strides[1][RK_NETWORK_DIMS];
    stretch(x, out, strides[0]);
    copy_strided(x, strides, out, data);
}

/* ---- sums ---- */

/* x [.., m, k] by y [.., k, n]; of a dense y has no leading dimensions, and there may be a bias. */
static void product(const rk_network_op *op, const rk_network_value *const *operands,
                    const rk_network_value *out, float *data)
{
    const rk_network_value *const x = operands[0], *const y = operands[1];
    const bool dense = op->kind == RK_NETWORK_DENSE;
    const uint32_t k = y->dims[y->n_dims - 2], n = y->dims[y->n_dims - 1];
    const uint32_t m = dense ? 1 : out->dims[out->n_dims - 2];
    rk_network_value lead = *out, of_x = *x, of_y = *y;
    lead.n_dims = (uint8_t)(out->n_dims - (dense ? 1 : 2));
    of_x.n_dims = (uint8_t)(x->n_dims - (dense ? 1 : 2));
    of_y.n_dims = (uint8_t)(y->n_dims - 2);
    uint64_t strides[2][RK_NETWORK_DIMS], offsets[2] = {0, 0};
    uint32_t at[RK_NETWORK_DIMS] = {0};
    stretch(&of_x, &lead, strides[0]);
    stretch(&of_y, &lead, strides[1]);
    const uint64_t blocks = rk_network_elements(&lead);
    for (uint64_t i = 0; i < blocks; i++) {
        const float *const a = (const float *)x->data + offsets[0] * m * k;
        const float *const b = (const float *)y->data + offsets[1] * k * n;
        for (uint64_t cell = 0; cell < (uint64_t)m * n; cell++) {
            const uint64_t row = cell / n, column = cell % n;
            double sum = op->n > 2 ? get(operands[2], column).real : 0;
            for (uint64_t j = 0; j < k; j++)
                sum += (double)a[row * k + j] * (double)b[j * n + column];
            *data++ = (float)sum;
        }
        step(&lead, at, strides, offsets, 2);
    }
}

static cell add_to(rk_network_fold fold, cell sum, cell x, bool real)
{
    const double value = x.real;
    switch (fold) {
    case RK_NETWORK_GREATEST:
        return compare(RK_NETWORK_GREATER, x, sum, real) || value != value ? x : sum;
    case RK_NETWORK_LEAST:
        return compare(RK_NETWORK_LESS, x, sum, real) || value != value ? x : sum;
    case RK_NETWORK_PROD:
        return (cell){sum.real * value, rk_network_fold_int(RK_NETWORK_MUL, sum.whole, x.whole)};
    case RK_NETWORK_SUM_SQUARE:
    case RK_NETWORK_L2:
        return (cell){sum.real + value * value, 0};
    case RK_NETWORK_L1:
        return (cell){sum.real + fabs(value), 0};
    default:
        return (cell){sum.real + value, rk_network_fold_int(RK_NETWORK_ADD, sum.whole, x.whole)};
    }
}

/* The operand's elements in order, each to the sum that its other dimensions name. */
static rk_status reduce(const rk_network_op *op, const rk_network_value *x, rk_arena *arena,
                        const rk_network_value *out, void *data)
{
    const uint64_t n = rk_network_elements(x), n_out = rk_network_elements(out);
    const bool real = x->kind == RK_KIND_FLOAT;
    cell *const sums = RK_NEW_ARRAY(arena, cell, n_out);
    if (!sums)
        return RK_ENOMEM;
    uint64_t strides[1][RK_NETWORK_DIMS], stride = 1, offset = 0;
    for (uint32_t d = x->n_dims; d-- > 0;) {
        const bool over = op->mask >> d & 1;
        strides[0][d] = over ? 0 : stride;
        stride *= over ? 1 : x->dims[d];
    }
    for (uint64_t i = 0; i < n_out && op->fn == RK_NETWORK_PROD; i++)
        sums[i] = (cell){1, 1};
    for (uint64_t i = 0; i < n_out && (op->fn == RK_NETWORK_GREATEST || op->fn == RK_NETWORK_LEAST);
         i++) {
        const bool least = op->fn == RK_NETWORK_LEAST;
        sums[i] =
            (cell){least ? (double)INFINITY : -(double)INFINITY, least ? INT64_MAX : INT64_MIN};
    }
    uint32_t at[RK_NETWORK_DIMS] = {0};
    for (uint64_t i = 0; i < n; i++) {
        sums[offset] = add_to((rk_network_fold)op->fn, sums[offset], get(x, i), real);
        step(x, at, strides, &offset, 1);
    }
    const double count = (double)(n / (n_out ? n_out : 1));
    for (uint64_t i = 0; i < n_out; i++) {
        if (op->fn == RK_NETWORK_MEAN)
            sums[i].real /= count;
        else if (op->fn == RK_NETWORK_L2)
            sums[i].real = sqrt(sums[i].real);
        set(out, data, i, sums[i]);
    }
    return RK_OK;
}

/* ---- over an axis ---- */

static void softmax(const float *x, float *out, uint64_t n, uint64_t stride, bool logarithm)
{
    const rk_vmath *const math = rk_network_math();
    double most = -(double)INFINITY, sum = 0;
    for (uint64_t i = 0; i < n; i++)
        most = (double)x[i * stride] > most ? (double)x[i * stride] : most;
    for (uint64_t i = 0; i < n; i++)
        sum += rk_network_math1(math->exp, (double)x[i * stride] - most);
    for (uint64_t i = 0; i < n; i++) {
        const double above = (double)x[i * stride] - most;
        out[i * stride] = (float)(logarithm ? above - rk_network_math1(math->log, sum)
                                            : rk_network_math1(math->exp, above) / sum);
    }
}

static void lp_norm(const float *x, float *out, uint64_t n, uint64_t stride, uint32_t p)
{
    double norm = 0;
    for (uint64_t i = 0; i < n; i++) {
        const double value = (double)x[i * stride];
        norm += p == 1 ? fabs(value) : value * value;
    }
    norm = p == 1 ? norm : sqrt(norm);
    for (uint64_t i = 0; i < n; i++)
        out[i * stride] = norm == 0 ? 0 : (float)((double)x[i * stride] / norm);
}

static void along_axis(const rk_network_op *op, const rk_network_value *x, float *data)
{
    const split s = split_at(x, op->axis);
    for (uint64_t o = 0; o < s.outer; o++)
        for (uint64_t i = 0; i < s.inner; i++) {
            const uint64_t first = o * s.along * s.inner + i;
            const float *const from = (const float *)x->data + first;
            if (op->kind == RK_NETWORK_SOFTMAX)
                softmax(from, data + first, s.along, s.inner, op->fn);
            else
                lp_norm(from, data + first, s.along, s.inner, op->fn);
        }
}

static void layer_norm(const rk_network_op *op, const rk_network_value *const *operands,
                       float *data)
{
    const rk_network_value *const x = operands[0];
    rk_network_value part = *x;
    part.n_dims = (uint8_t)(x->n_dims - op->axis);
    memcpy(part.dims, x->dims + op->axis, part.n_dims * sizeof *part.dims);
    const uint64_t n = rk_network_elements(&part), rows = n ? rk_network_elements(x) / n : 0;
    for (uint64_t r = 0; r < rows; r++) {
        uint64_t strides[2][RK_NETWORK_DIMS], offsets[2] = {0, 0};
        uint32_t at[RK_NETWORK_DIMS] = {0};
        double mean = 0, variance = 0;
        for (uint64_t i = 0; i < n; i++)
            mean += get(x, r * n + i).real / (double)n;
        for (uint64_t i = 0; i < n; i++) {
            const double off = get(x, r * n + i).real - mean;
            variance += off * off / (double)n;
        }
        for (uint32_t j = 1; j < op->n; j++)
            stretch(operands[j], &part, strides[j - 1]);
        for (uint64_t i = 0; i < n; i++) {
            double y = (get(x, r * n + i).real - mean) / sqrt(variance + (double)op->a);
            y *= get(operands[1], offsets[0]).real;
            y += op->n > 2 ? get(operands[2], offsets[1]).real : 0;
            data[r * n + i] = (float)y;
            step(&part, at, strides, offsets, op->n - 1);
        }
    }
}

rk_status rk_network_fold_op(const rk_network_op *op, const rk_network_value *const *operands,
                             rk_arena *arena, rk_network_value *out)
{
    const rk_network_value *const x = operands[0];
    if (op->kind == RK_NETWORK_RESHAPE) {
        out->data = x->data;
        return RK_OK;
    }
    const uint64_t n = rk_network_elements(out);
    void *const data =
        rk_arena_alloc_column(arena, n ? (size_t)n : 1, rk_network_kind_size(out->kind));
    if (!data)
        return RK_ENOMEM;
    out->data = data;
    if (n == 0)
        return RK_OK;
    switch ((rk_network_op_kind)op->kind) {
    case RK_NETWORK_MAP:
        map(op, operands, out, data);
        break;
    case RK_NETWORK_DENSE:
    case RK_NETWORK_MATMUL:
        product(op, operands, out, data);
        break;
    case RK_NETWORK_GATHER:
        return take(x, operands[1], 0, out, data);
    case RK_NETWORK_TAKE:
        return take(x, operands[1], op->axis, out, data);
    case RK_NETWORK_CONCAT:
        concat(op, operands, out, data);
        break;
    case RK_NETWORK_TRANSPOSE:
        transpose(op, x, out, data);
        break;
    case RK_NETWORK_EXPAND:
        expand(x, out, data);
        break;
    case RK_NETWORK_REDUCE:
        return reduce(op, x, arena, out, data);
    case RK_NETWORK_LAYER_NORM:
        layer_norm(op, operands, data);
        break;
    case RK_NETWORK_SOFTMAX:
    case RK_NETWORK_LP_NORM:
        along_axis(op, x, data);
        break;
    default:
        break;
    }
    return RK_OK;
}
