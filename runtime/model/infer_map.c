/* Elementwise operators. A strip at a time: what an operand gives to it is where it stands already,
 * or is brought together first. What is of floats alone is in infer_map_simd.c. */
#include "runtime/model/infer_step.h"

typedef struct strip {
    const rk_network_op *op;
    const infer_kernels *kernels;
    const void *in[RK_NETWORK_OPERANDS];
    uint8_t from; /* kind of the (last) operand */
    uint8_t to;   /* of the output */
    uint32_t n;
} strip;

#define EACH(type, expression)                                                                     \
    for (uint32_t i = 0; i < s->n; i++) {                                                          \
        const type v = x[i];                                                                       \
        out[i] = (expression);                                                                     \
    }

/* ---- between kinds ---- */

/* What does not fit is INT64_MIN, as the processor has it. */
static int64_t to_int(float v) { return v >= -0x1p63f && v < 0x1p63f ? (int64_t)v : INT64_MIN; }

static void cast_to_float(const strip *s, float *out)
{
    if (s->from == RK_KIND_INT) {
        const int64_t *const x = s->in[0];
        EACH(int64_t, (float)v)
    } else if (s->from == RK_KIND_BOOL) {
        const uint8_t *const x = s->in[0];
        EACH(uint8_t, v != 0)
    } else
        memcpy(out, s->in[0], s->n * sizeof *out);
}

static void cast_to_int(const strip *s, int64_t *out)
{
    if (s->from == RK_KIND_FLOAT) {
        const float *const x = s->in[0];
        EACH(float, to_int(v))
    } else if (s->from == RK_KIND_BOOL) {
        const uint8_t *const x = s->in[0];
        EACH(uint8_t, v != 0)
    } else
        memcpy(out, s->in[0], s->n * sizeof *out);
}

static void cast_to_bool(const strip *s, uint8_t *out)
{
    if (s->from == RK_KIND_FLOAT) {
        const float *const x = s->in[0];
        EACH(float, v != 0)
    } else if (s->from == RK_KIND_INT) {
        const int64_t *const x = s->in[0];
        EACH(int64_t, v != 0)
    } else {
        const uint8_t *const x = s->in[0];
        EACH(uint8_t, v != 0)
    }
}

static void cast(const strip *s, void *out)
{
    if (s->to == RK_KIND_FLOAT)
        cast_to_float(s, out);
    else if (s->to == RK_KIND_INT)
        cast_to_int(s, out);
    else
        cast_to_bool(s, out);
}

/* ---- two ---- */

static int64_t int_of(rk_network_fn fn, int64_t v, int64_t w)
{
    switch (fn) {
    case RK_NETWORK_ADD:
        return (int64_t)((uint64_t)v + (uint64_t)w);
    case RK_NETWORK_SUB:
        return (int64_t)((uint64_t)v - (uint64_t)w);
    case RK_NETWORK_MUL:
        return (int64_t)((uint64_t)v * (uint64_t)w);
    case RK_NETWORK_DIV:
        return w == 0 ? 0 : w == -1 ? (int64_t) - (uint64_t)v : v / w;
    case RK_NETWORK_MOD:
        return w == 0 || w == -1 ? 0 : v % w != 0 && (v % w < 0) != (w < 0) ? v % w + w : v % w;
    case RK_NETWORK_MIN:
        return w < v ? w : v;
    case RK_NETWORK_MAX:
        return w > v ? w : v;
    default:
        return 0;
    }
}

#define COMPARE(type)                                                                              \
    static void compare_##type(const strip *s, const type *x, const type *y, uint8_t *out)         \
    {                                                                                              \
        switch ((rk_network_fn)s->op->fn) {                                                        \
        case RK_NETWORK_EQUAL:                                                                     \
            for (uint32_t i = 0; i < s->n; i++)                                                    \
                out[i] = x[i] == y[i];                                                             \
            return;                                                                                \
        case RK_NETWORK_LESS:                                                                      \
            for (uint32_t i = 0; i < s->n; i++)                                                    \
                out[i] = x[i] < y[i];                                                              \
            return;                                                                                \
        case RK_NETWORK_LESS_EQUAL:                                                                \
            for (uint32_t i = 0; i < s->n; i++)                                                    \
                out[i] = x[i] <= y[i];                                                             \
            return;                                                                                \
        case RK_NETWORK_GREATER:                                                                   \
            for (uint32_t i = 0; i < s->n; i++)                                                    \
                out[i] = x[i] > y[i];                                                              \
            return;                                                                                \
        default:                                                                                   \
            for (uint32_t i = 0; i < s->n; i++)                                                    \
                out[i] = x[i] >= y[i];                                                             \
        }                                                                                          \
    }

COMPARE(float)
COMPARE(int64_t)
COMPARE(uint8_t)

static void logic(const strip *s, const uint8_t *x, const uint8_t *y, uint8_t *out)
{
    for (uint32_t i = 0; i < s->n; i++) {
        const bool v = x[i] != 0, w = y[i] != 0;
        out[i] = s->op->fn == RK_NETWORK_AND  ? v && w
                 : s->op->fn == RK_NETWORK_OR ? v || w
                                              : v != w;
    }
}

/* ---- any ---- */

static void map_floats(const strip *s, float *out)
{
    s->kernels->map(s->op, s->kernels->math, (const float *const *)s->in, s->n, out);
}

static void where(const strip *s, char *out)
{
    const uint8_t *const pick = s->in[0];
    const size_t size = rk_network_kind_size(s->to);
    for (uint32_t i = 0; i < s->n; i++)
        memcpy(out + i * size, (const char *)s->in[pick[i] ? 1 : 2] + i * size, size);
}

static void map_pairs(const strip *s, void *out)
{
    const bool compares = s->op->fn >= RK_NETWORK_EQUAL && s->op->fn <= RK_NETWORK_GREATER_EQUAL;
    if (!compares && s->from == RK_KIND_FLOAT)
        map_floats(s, out);
    else if (!compares && s->from == RK_KIND_BOOL)
        logic(s, s->in[0], s->in[1], out);
    else if (!compares)
        for (uint32_t i = 0; i < s->n; i++)
            ((int64_t *)out)[i] = int_of((rk_network_fn)s->op->fn, ((const int64_t *)s->in[0])[i],
                                         ((const int64_t *)s->in[1])[i]);
    else if (s->from == RK_KIND_FLOAT)
        compare_float(s, s->in[0], s->in[1], out);
    else if (s->from == RK_KIND_INT)
        compare_int64_t(s, s->in[0], s->in[1], out);
    else
        compare_uint8_t(s, s->in[0], s->in[1], out);
}

static void apply(const strip *s, void *out)
{
    if (s->op->fn == RK_NETWORK_CAST)
        cast(s, out);
    else if (s->op->fn == RK_NETWORK_NOT)
        for (uint32_t i = 0; i < s->n; i++)
            ((uint8_t *)out)[i] = !((const uint8_t *)s->in[0])[i];
    else if (s->op->fn == RK_NETWORK_WHERE)
        where(s, out);
    else if (s->op->n == 2)
        map_pairs(s, out);
    else
        map_floats(s, out);
}

/* ---- strips ---- */

#define FILL(type)                                                                                 \
    for (uint32_t i = 0; i < n; i++)                                                               \
        ((type *)(void *)to)[i] = ((const type *)(const void *)from)[at ? at[i] : 0];

/* n elements: those of `at`, or the first one. */
static void fill(const char *from, const uint32_t *at, size_t size, uint32_t n, char *to)
{
    if (size == sizeof(float))
        FILL(uint32_t)
    else if (size == sizeof(int64_t))
        FILL(uint64_t)
    else
        FILL(uint8_t)
}

/* An operand on its way through strips. */
typedef struct feed {
    infer_view in;
    const uint32_t *at;
    size_t size;
    uint32_t length;  /* of an item's output */
    uint32_t from, n; /* elements that lie in `room`, the same for all items; n = 0: none */
    int64_t room[INFER_STRIP];
} feed;

/* Elements from .. from + n of so many items, one item behind the other; of one item they may be a
 * part. */
static const void *bring(feed *f, uint32_t item, uint32_t items, uint32_t from, uint32_t n)
{
    const bool all = f->in.stride == 0; /* one for all items */
    const char *const data = f->in.data + item * f->in.stride * f->size;
    char *to = (char *)f->room;
    if (!f->at && f->in.n == f->length && (items == 1 || f->in.stride == f->in.n))
        return data + from * f->size;
    if (all && f->n >= n && (f->from == from || f->in.n == 1))
        return f->room;
    const uint32_t each = items == 1 || (all && f->in.n == 1) ? n : f->length;
    for (uint32_t done = 0; done < n; done += each, to += each * f->size) {
        const char *const row = data + done / f->length * f->in.stride * f->size;
        if (!f->at && f->in.n != 1)
            memcpy(to, row + from * f->size, each * f->size);
        else
            fill(row, f->at ? f->at + from : NULL, f->size, each, to);
    }
    f->from = from;
    f->n = all ? n : 0;
    return f->room;
}

/* Items that a strip takes together: all, if nothing stands between them and no operand has to be
 * brought item by item; else as many as there is room for. */
static uint32_t items_of(const infer_step *step, const infer_job *job, const infer_view *in,
                         infer_view out)
{
    bool flat = true;
    for (uint32_t k = 0; k < step->n; k++) {
        const bool one = in[k].n == 1 && in[k].stride == 0;
        flat &= one || (!step->at[k] && in[k].n == out.n && in[k].stride == out.n);
    }
    if (out.stride != out.n)
        return 1;
    return flat ? job->n : out.n < INFER_STRIP ? INFER_STRIP / out.n : 1;
}

rk_status infer_run_map(const infer_step *step, const infer_job *job, const infer_view *in,
                        infer_view out)
{
    const infer_place *const places = job->of->places;
    const rk_network_value *const values = job->of->network->values;
    const uint32_t most = items_of(step, job, in, out);
    feed feeds[RK_NETWORK_OPERANDS];
    strip s = {.op = step->op, .kernels = &job->of->kernels, .to = values[step->out].kind};
    for (uint32_t k = 0; k < step->n; k++) {
        feeds[k].in = in[k];
        feeds[k].at = step->at[k];
        feeds[k].size = places[step->operands[k]].size;
        feeds[k].length = out.n;
        feeds[k].n = 0;
        s.from = values[step->operands[k]].kind;
    }
    for (uint32_t item = 0, items; item < job->n; item += items) {
        items = job->n - item < most ? job->n - item : most;
        for (uint32_t from = 0; from < items * out.n; from += s.n) {
            s.n = items * out.n - from < INFER_STRIP ? items * out.n - from : INFER_STRIP;
            for (uint32_t k = 0; k < step->n; k++)
                s.in[k] = bring(&feeds[k], item, items, from, s.n);
            apply(&s, out.data + (item * out.stride + from) * places[step->out].size);
        }
    }
    return RK_OK;
}
