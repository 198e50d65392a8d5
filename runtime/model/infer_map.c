/* Elementwise operators. A strip at a time: what an operand gives to it is where it stands already,
 * or is brought together first. */
#include <math.h>

#include "runtime/model/infer_step.h"

enum { STRIP = 256 };

typedef struct strip {
    const rk_network_op *op;
    const rk_vmath *math;
    const void *in[RK_NETWORK_OPERANDS];
    uint8_t from; /* kind of the (last) operand */
    uint8_t to;   /* of the output */
    uint32_t n;
} strip;

/* ---- one operand ---- */

#define EACH(type, expression)                                                                     \
    for (uint32_t i = 0; i < s->n; i++) {                                                          \
        const type v = x[i];                                                                       \
        out[i] = (expression);                                                                     \
    }

static void gelu(const strip *s, const float *x, float *out)
{
    float t[STRIP];
    EACH(float, v * 0.70710678118654752f)
    s->math->erf.f32(out, t, s->n);
    for (uint32_t i = 0; i < s->n; i++)
        out[i] = 0.5f * x[i] * (1.0f + t[i]);
}

static void gelu_tanh(const strip *s, const float *x, float *out)
{
    float t[STRIP];
    for (uint32_t i = 0; i < s->n; i++)
        t[i] = 0.79788456080286536f * (x[i] + 0.044715f * (x[i] * x[i] * x[i]));
    s->math->tanh.f32(t, t, s->n);
    for (uint32_t i = 0; i < s->n; i++)
        out[i] = 0.5f * x[i] * (1.0f + t[i]);
}

/* log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|)) */
static void softplus(const strip *s, const float *x, float *out)
{
    float t[STRIP];
    for (uint32_t i = 0; i < s->n; i++)
        t[i] = -fabsf(x[i]);
    s->math->exp.f32(t, t, s->n);
    s->math->log1p.f32(t, t, s->n);
    for (uint32_t i = 0; i < s->n; i++)
        out[i] = (x[i] < 0 ? 0 : x[i]) + t[i];
}

static void silu(const strip *s, const float *x, float *out)
{
    float t[STRIP];
    for (uint32_t i = 0; i < s->n; i++)
        t[i] = s->op->a * x[i];
    s->math->sigmoid.f32(t, t, s->n);
    for (uint32_t i = 0; i < s->n; i++)
        out[i] = x[i] * t[i];
}

static void elu(const strip *s, const float *x, float scale, float *out)
{
    float t[STRIP];
    s->math->expm1.f32(x, t, s->n);
    for (uint32_t i = 0; i < s->n; i++)
        out[i] = scale * (x[i] < 0 ? s->op->a * t[i] : x[i]);
}

static float clip(float v, float low, float high)
{
    v = v < low ? low : v;
    return v > high ? high : v;
}

static void map_float(const strip *s, const float *x, float *out)
{
    const float a = s->op->a, b = s->op->b;
    switch ((rk_network_fn)s->op->fn) {
    case RK_NETWORK_NEG:
        EACH(float, -v) return;
    case RK_NETWORK_ABS:
        EACH(float, fabsf(v)) return;
    case RK_NETWORK_SQRT:
        EACH(float, sqrtf(v)) return;
    case RK_NETWORK_RECIPROCAL:
        EACH(float, 1.0f / v) return;
    case RK_NETWORK_FLOOR:
        EACH(float, floorf(v)) return;
    case RK_NETWORK_CEIL:
        EACH(float, ceilf(v)) return;
    case RK_NETWORK_RELU:
        EACH(float, v < 0 ? 0 : v) return;
    case RK_NETWORK_LEAKY_RELU:
        EACH(float, v < 0 ? a * v : v) return;
    case RK_NETWORK_CLIP:
        EACH(float, clip(v, a, b)) return;
    case RK_NETWORK_HARD_SIGMOID:
        EACH(float, clip(a * v + b, 0, 1)) return;
    case RK_NETWORK_SOFTSIGN:
        EACH(float, v / (1.0f + fabsf(v))) return;
    case RK_NETWORK_EXP:
        s->math->exp.f32(x, out, s->n);
        return;
    case RK_NETWORK_LOG:
        s->math->log.f32(x, out, s->n);
        return;
    case RK_NETWORK_SIGMOID:
        s->math->sigmoid.f32(x, out, s->n);
        return;
    case RK_NETWORK_TANH:
        s->math->tanh.f32(x, out, s->n);
        return;
    case RK_NETWORK_ERF:
        s->math->erf.f32(x, out, s->n);
        return;
    case RK_NETWORK_GELU:
        gelu(s, x, out);
        return;
    case RK_NETWORK_GELU_TANH:
        gelu_tanh(s, x, out);
        return;
    case RK_NETWORK_SOFTPLUS:
        softplus(s, x, out);
        return;
    case RK_NETWORK_SILU:
        silu(s, x, out);
        return;
    case RK_NETWORK_ELU:
        elu(s, x, 1, out);
        return;
    case RK_NETWORK_SELU:
        elu(s, x, b, out);
        return;
    default:
        return;
    }
}

static void map_int(const strip *s, const int64_t *x, int64_t *out)
{
    if (s->op->fn == RK_NETWORK_NEG)
        EACH(int64_t, (int64_t) - (uint64_t)v)
    else
        EACH(int64_t, v < 0 ? (int64_t) - (uint64_t)v : v)
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

#define BOTH(expression)                                                                           \
    for (uint32_t i = 0; i < s->n; i++) {                                                          \
        const float v = x[i], w = y[i];                                                            \
        out[i] = (expression);                                                                     \
    }

static void two_floats(const strip *s, const float *x, const float *y, float *out)
{
    switch ((rk_network_fn)s->op->fn) {
    case RK_NETWORK_ADD:
        BOTH(v + w) return;
    case RK_NETWORK_SUB:
        BOTH(v - w) return;
    case RK_NETWORK_MUL:
        BOTH(v * w) return;
    case RK_NETWORK_DIV:
        BOTH(v / w) return;
    case RK_NETWORK_MIN: /* NaN if either is */
        BOTH(w != w || w < v ? w : v) return;
    case RK_NETWORK_MAX:
        BOTH(w != w || w > v ? w : v) return;
    case RK_NETWORK_PRELU:
        BOTH(v < 0 ? w * v : v) return;
    case RK_NETWORK_MOD:
        BOTH(fmodf(v, w)) return;
    case RK_NETWORK_POW:
        s->math->pow.f32(x, y, out, s->n);
        return;
    default:
        return;
    }
}

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
        two_floats(s, s->in[0], s->in[1], out);
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
    else if (s->from == RK_KIND_INT)
        map_int(s, s->in[0], out);
    else
        map_float(s, s->in[0], out);
}

/* ---- strips ---- */

/* Elements from .. from + n of an item's output, as an operand gives them. */
static const void *bring(const infer_view *in, const uint32_t *at, uint32_t item, size_t size,
                         uint32_t from, uint32_t n, void *room)
{
    const char *const data = in->data + item * in->stride * size;
    if (!at && in->n != 1)
        return data + from * size;
    for (uint32_t i = 0; i < n; i++)
        memcpy((char *)room + i * size, data + (at ? at[from + i] : 0) * size, size);
    return room;
}

/* Whether all items can be taken as one: nothing stands between them, and no operand needs more
 * than its place. */
static bool is_flat(const infer_step *step, const infer_view *in, infer_view out)
{
    bool flat = out.stride == out.n;
    for (uint32_t k = 0; k < step->n; k++) {
        const bool one = in[k].n == 1 && in[k].stride == 0;
        const bool same = !step->at[k] && in[k].n == out.n && in[k].stride == out.stride;
        flat &= one || same;
    }
    return flat;
}

rk_status infer_run_map(const infer_step *step, const infer_job *job, const infer_view *in,
                        infer_view out)
{
    const rk_network_value *const values = job->of->network->values;
    int64_t rooms[RK_NETWORK_OPERANDS][STRIP];
    const bool flat = is_flat(step, in, out);
    const uint32_t items = flat ? 1 : job->n, length = flat ? job->n * out.n : out.n;
    const uint8_t to = values[step->out].kind;
    const size_t size = rk_network_kind_size(to);
    for (uint32_t item = 0; item < items; item++)
        for (uint32_t from = 0; from < length; from += STRIP) {
            strip s = {.op = step->op,
                       .math = job->of->math,
                       .to = to,
                       .n = length - from < STRIP ? length - from : STRIP};
            for (uint32_t k = 0; k < step->n; k++) {
                s.from = values[step->operands[k]].kind;
                s.in[k] = bring(&in[k], step->at[k], item, rk_network_kind_size(s.from), from, s.n,
                                rooms[k]);
            }
            apply(&s, out.data + (item * out.stride + from) * size);
        }
    return RK_OK;
}
