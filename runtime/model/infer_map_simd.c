/* What is done with each float, or pair: plain loops that the compiler turns into vector code of
 * the level. */
#include <math.h>

#include "runtime/base/simd.h"
#include "runtime/model/infer_step.h"

extern infer_map_fn RK_SIMD_NAME(infer_map);

typedef struct strip {
    const rk_network_op *op;
    const rk_vmath *math;
    uint32_t n;
} strip;

/* ---- one ---- */

#define EACH(type, expression)                                                                     \
    for (uint32_t i = 0; i < s->n; i++) {                                                          \
        const type v = x[i];                                                                       \
        out[i] = (expression);                                                                     \
    }

static void gelu(const strip *s, const float *restrict x, float *restrict out)
{
    float t[INFER_STRIP];
    EACH(float, v * 0.70710678118654752f)
    s->math->erf.f32(out, t, s->n);
    for (uint32_t i = 0; i < s->n; i++)
        out[i] = 0.5f * x[i] * (1.0f + t[i]);
}

static void gelu_tanh(const strip *s, const float *restrict x, float *restrict out)
{
    float t[INFER_STRIP];
    for (uint32_t i = 0; i < s->n; i++)
        t[i] = 0.79788456080286536f * (x[i] + 0.044715f * (x[i] * x[i] * x[i]));
    s->math->tanh.f32(t, t, s->n);
    for (uint32_t i = 0; i < s->n; i++)
        out[i] = 0.5f * x[i] * (1.0f + t[i]);
}

/* log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|)) */
static void softplus(const strip *s, const float *restrict x, float *restrict out)
{
    float t[INFER_STRIP];
    for (uint32_t i = 0; i < s->n; i++)
        t[i] = -fabsf(x[i]);
    s->math->exp.f32(t, t, s->n);
    s->math->log1p.f32(t, t, s->n);
    for (uint32_t i = 0; i < s->n; i++)
        out[i] = (x[i] < 0 ? 0 : x[i]) + t[i];
}

static void silu(const strip *s, const float *restrict x, float *restrict out)
{
    float t[INFER_STRIP];
    for (uint32_t i = 0; i < s->n; i++)
        t[i] = s->op->a * x[i];
    s->math->sigmoid.f32(t, t, s->n);
    for (uint32_t i = 0; i < s->n; i++)
        out[i] = x[i] * t[i];
}

static void elu(const strip *s, const float *restrict x, float scale, float *restrict out)
{
    float t[INFER_STRIP];
    s->math->expm1.f32(x, t, s->n);
    for (uint32_t i = 0; i < s->n; i++)
        out[i] = scale * (x[i] < 0 ? s->op->a * t[i] : x[i]);
}

static float clip(float v, float low, float high)
{
    v = v < low ? low : v;
    return v > high ? high : v;
}

static void map_float(const strip *s, const float *restrict x, float *restrict out)
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

/* ---- two ---- */

#define BOTH(expression)                                                                           \
    for (uint32_t i = 0; i < s->n; i++) {                                                          \
        const float v = x[i], w = y[i];                                                            \
        out[i] = (expression);                                                                     \
    }

static void two_floats(const strip *s, const float *restrict x, const float *restrict y,
                       float *restrict out)
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

void RK_SIMD_NAME(infer_map)(const rk_network_op *op, const rk_vmath *math, const float *const *in,
                             uint32_t n, float *out)
{
    const strip s = {op, math, n};
    if (op->n == 1)
        map_float(&s, in[0], out);
    else
        two_floats(&s, in[0], in[1], out);
}
