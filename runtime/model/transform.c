/* What becomes of raw scores. The formulas are the libraries' own, term by term, so that they
 * overflow and underflow where theirs do; only exp and log1p are ours. */
#include "runtime/model/model.h"

#include <float.h>

enum { BLOCK = 256 };

/* LightGBM: double throughout. */
static void doubles(const rk_model *model, const rk_vmath *math, double *x, size_t n)
{
    switch (model->transform) {
    case RK_TRANSFORM_SIGMOID:
        for (size_t i = 0; i < n; i++)
            x[i] = -model->slope * x[i];
        math->exp.f64(x, x, n);
        for (size_t i = 0; i < n; i++)
            x[i] = 1.0 / (1.0 + x[i]);
        break;
    case RK_TRANSFORM_EXP:
        math->exp.f64(x, x, n);
        break;
    case RK_TRANSFORM_LOG1P_EXP:
        math->exp.f64(x, x, n);
        math->log1p.f64(x, x, n);
        break;
    case RK_TRANSFORM_SIGNED_SQUARE:
        for (size_t i = 0; i < n; i++)
            x[i] = x[i] < 0 ? -x[i] * x[i] : x[i] > 0 ? x[i] * x[i] : 0 * x[i] * x[i];
        break;
    case RK_TRANSFORM_STEP:
        for (size_t i = 0; i < n; i++)
            x[i] = x[i] > 0;
        break;
    case RK_TRANSFORM_NONE:
    case RK_TRANSFORM_LOGISTIC:
    case RK_TRANSFORM_SOFTMAX:
    case RK_TRANSFORM_SOFTMAX_ZERO:
    case RK_TRANSFORM_CLASS:
    case RK_TRANSFORM_COUNT:
        break;
    }
}

/* ONNX Runtime: exp of what is 0 or below. */
static void logistic(const rk_vmath *math, float *x, size_t n)
{
    float e[BLOCK] = {0};
    for (size_t i = 0; i < n; i++)
        e[i] = x[i] < 0 ? x[i] : -x[i];
    math->exp.f32(e, e, n);
    for (size_t i = 0; i < n; i++) {
        const float above = 1.0f / (1.0f + e[i]);
        x[i] = x[i] < 0 ? 1.0f - above : above;
    }
}

/* XGBoost: float, and the sigmoid's exp is held below infinity. */
static void floats(const rk_model *model, const rk_vmath *math, double *x, size_t n)
{
    float f[BLOCK] = {0};
    const float slope = (float)model->slope;
    for (size_t i = 0; i < n; i++)
        f[i] = (float)x[i];
    switch (model->transform) {
    case RK_TRANSFORM_SIGMOID:
        for (size_t i = 0; i < n; i++)
            f[i] = -slope * f[i] > 88.7f ? 88.7f : -slope * f[i];
        math->exp.f32(f, f, n);
        for (size_t i = 0; i < n; i++)
            f[i] = 1.0f / (f[i] + 1.0f);
        break;
    case RK_TRANSFORM_EXP:
        math->exp.f32(f, f, n);
        break;
    case RK_TRANSFORM_LOG1P_EXP:
        math->exp.f32(f, f, n);
        math->log1p.f32(f, f, n);
        break;
    case RK_TRANSFORM_SIGNED_SQUARE:
        for (size_t i = 0; i < n; i++)
            f[i] = f[i] < 0 ? -f[i] * f[i] : f[i] * f[i];
        break;
    case RK_TRANSFORM_STEP:
        for (size_t i = 0; i < n; i++)
            f[i] = f[i] > 0;
        break;
    case RK_TRANSFORM_LOGISTIC:
        logistic(math, f, n);
        break;
    case RK_TRANSFORM_NONE:
    case RK_TRANSFORM_SOFTMAX:
    case RK_TRANSFORM_SOFTMAX_ZERO:
    case RK_TRANSFORM_CLASS:
    case RK_TRANSFORM_COUNT:
        break;
    }
    for (size_t i = 0; i < n; i++)
        x[i] = (double)f[i];
}

/* Differences from the largest, to their exp. */
static void exp_all(const rk_model *model, const rk_vmath *math, double *x, size_t n)
{
    if (model->kind == RK_KIND_DOUBLE) {
        math->exp.f64(x, x, n);
        return;
    }
    float f[BLOCK] = {0};
    for (size_t i = 0; i < n; i++)
        f[i] = (float)x[i];
    math->exp.f32(f, f, n);
    for (size_t i = 0; i < n; i++)
        x[i] = (double)f[i];
}

/* Of n rows, at most BLOCK; the sum is double in both libraries, XGBoost narrows it. */
static void softmax(const rk_model *model, const rk_vmath *math, double *const *scores, size_t at,
                    size_t n)
{
    const bool narrow = model->kind == RK_KIND_FLOAT;
    double most[BLOCK], sum[BLOCK];
    memcpy(most, scores[0] + at, n * sizeof *most);
    for (uint32_t k = 1; k < model->n_outputs; k++)
        for (size_t i = 0; i < n; i++)
            most[i] = scores[k][at + i] < most[i] ? most[i] : scores[k][at + i];
    memset(sum, 0, sizeof sum);
    for (uint32_t k = 0; k < model->n_outputs; k++) {
        double *const x = scores[k] + at;
        for (size_t i = 0; i < n; i++)
            x[i] = narrow ? (double)((float)x[i] - (float)most[i]) : x[i] - most[i];
        exp_all(model, math, x, n);
        for (size_t i = 0; i < n; i++)
            sum[i] += x[i];
    }
    for (uint32_t k = 0; k < model->n_outputs; k++) {
        double *const x = scores[k] + at;
        for (size_t i = 0; i < n; i++)
            x[i] = narrow ? (double)((float)x[i] / (float)sum[i]) : x[i] / sum[i];
    }
}

/* ONNX Runtime: what is 0 stays so, or nearly, and does not count in the sum. */
static void softmax_zero(const rk_model *model, const rk_vmath *math, double *const *scores,
                         size_t at, size_t n)
{
    const float zero = 0.0000001f;
    float most[BLOCK] = {0}, least[BLOCK] = {0}, sum[BLOCK] = {0}, f[BLOCK] = {0};
    for (size_t i = 0; i < n; i++)
        most[i] = -FLT_MAX;
    for (uint32_t k = 0; k < model->n_outputs; k++)
        for (size_t i = 0; i < n; i++)
            most[i] = (float)scores[k][at + i] > most[i] ? (float)scores[k][at + i] : most[i];
    for (size_t i = 0; i < n; i++)
        least[i] = -most[i];
    math->exp.f32(least, least, n);
    for (uint32_t k = 0; k < model->n_outputs; k++) {
        double *const x = scores[k] + at;
        for (size_t i = 0; i < n; i++)
            f[i] = (float)x[i] - most[i];
        math->exp.f32(f, f, n);
        for (size_t i = 0; i < n; i++) {
            const bool is = (float)x[i] > zero || (float)x[i] < -zero;
            x[i] = (double)(is ? f[i] : (float)x[i] * least[i]);
            sum[i] += is ? f[i] : 0;
        }
    }
    for (uint32_t k = 0; k < model->n_outputs; k++)
        for (size_t i = 0; i < n; i++)
            scores[k][at + i] = (double)((float)scores[k][at + i] / sum[i]);
}

/* The first of the greatest outputs. */
static void classes(double *const *scores, uint32_t n_outputs, size_t at, size_t n)
{
    for (size_t i = at; i < at + n; i++) {
        uint32_t best = 0;
        for (uint32_t k = 1; k < n_outputs; k++)
            best = scores[k][i] > scores[best][i] ? k : best;
        scores[0][i] = best;
    }
}

static void divide(double *x, size_t n, double divisor)
{
    for (size_t i = 0; i < n; i++)
        x[i] /= divisor;
}

void rk_model_transform(const rk_model *model, const rk_vmath *math, double *const *scores,
                        uint32_t n)
{
    const bool narrow = model->kind == RK_KIND_FLOAT;
    for (size_t at = 0; at < n; at += BLOCK) {
        const size_t len = n - at < BLOCK ? n - at : BLOCK;
        for (uint32_t k = 0; k < model->n_outputs; k++) {
            double *const x = scores[k] + at;
            if (model->divisor != 0)
                divide(x, len, model->divisor);
            (narrow ? floats : doubles)(model, math, x, len);
        }
        if (model->transform == RK_TRANSFORM_SOFTMAX)
            softmax(model, math, scores, at, len);
        if (model->transform == RK_TRANSFORM_SOFTMAX_ZERO)
            softmax_zero(model, math, scores, at, len);
        if (model->transform == RK_TRANSFORM_CLASS)
            classes(scores, model->n_outputs, at, len);
    }
}
