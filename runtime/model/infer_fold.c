/* Sums, greatest and least, softmax, norms. Sums are in double, element after element, and are
 * rounded to float once. */
#include <float.h>
#include <math.h>

#include "runtime/model/infer_step.h"

/* ---- REDUCE ---- */

static double begin_of(rk_network_fold fold)
{
    switch (fold) {
    case RK_NETWORK_GREATEST:
        return -INFINITY;
    case RK_NETWORK_LEAST:
        return INFINITY;
    case RK_NETWORK_PROD:
        return 1;
    default:
        return 0;
    }
}

static double add(rk_network_fold fold, double sum, double x)
{
    switch (fold) {
    case RK_NETWORK_GREATEST:
        return x != x || x > sum ? x : sum;
    case RK_NETWORK_LEAST:
        return x != x || x < sum ? x : sum;
    case RK_NETWORK_PROD:
        return sum * x;
    case RK_NETWORK_L1:
        return sum + fabs(x);
    case RK_NETWORK_L2:
    case RK_NETWORK_SUM_SQUARE:
        return sum + x * x;
    default:
        return sum + x;
    }
}

static double end_of(rk_network_fold fold, double sum, uint32_t n)
{
    return fold == RK_NETWORK_MEAN ? sum / n : fold == RK_NETWORK_L2 ? sqrt(sum) : sum;
}

/* Elements of the input that one of the output folds are `inner` apart in each of the kept ones'
 * runs; step->at[0] says for each output element where its first one is, step->at[1] for each
 * folded one how far it is from that. */
rk_status infer_run_reduce(const infer_step *step, const infer_job *job, const infer_view *in,
                           infer_view out)
{
    const rk_network_fold fold = (rk_network_fold)step->op->fn;
    for (uint32_t i = 0; i < job->n; i++) {
        const float *const x = infer_floats(in[0], i);
        float *const to = infer_floats(out, i);
        for (uint32_t k = 0; k < out.n; k++) {
            double sum = begin_of(fold);
            for (uint32_t e = 0; e < step->length; e++)
                sum = add(fold, sum, (double)x[step->at[0][k] + step->at[1][e]]);
            to[k] = (float)end_of(fold, sum, step->length);
        }
    }
    return RK_OK;
}

/* ---- along an axis ---- */

/* What lies along an axis: n floats, each `apart` from the last. */
typedef struct line {
    const float *x;
    float *out;
    uint32_t n;
    size_t apart;
} line;

static float greatest(const line *l)
{
    float most = -INFINITY;
    for (uint32_t i = 0; i < l->n; i++) {
        const float x = l->x[i * l->apart];
        most = x != x || x > most ? x : most;
    }
    return most;
}

/* The exponentials go to `out` first. */
static void softmax(const line *l, const rk_vmath *math, bool logarithm)
{
    const float most = greatest(l);
    double sum = 0;
    for (uint32_t i = 0; i < l->n; i++) {
        float x = l->x[i * l->apart] - most, e;
        math->exp.f32(&x, &e, 1);
        l->out[i * l->apart] = logarithm ? x : e;
        sum += (double)e;
    }
    const float total = (float)sum;
    float log_total = 0;
    if (logarithm)
        math->log.f32(&total, &log_total, 1);
    for (uint32_t i = 0; i < l->n; i++) {
        float *const to = &l->out[i * l->apart];
        *to = logarithm ? *to - log_total : *to / total;
    }
}

static void lp_norm(const line *l, bool square)
{
    double sum = 0;
    for (uint32_t i = 0; i < l->n; i++) {
        const double x = (double)l->x[i * l->apart];
        sum += square ? x * x : fabs(x);
    }
    const double norm = square ? sqrt(sum) : sum;
    for (uint32_t i = 0; i < l->n; i++) {
        const double x = (double)l->x[i * l->apart];
        l->out[i * l->apart] = norm == 0 ? 0 : (float)(x / norm);
    }
}

/* Line `k` of an item: step->outer runs of step->inner lines side by side. */
static line line_of(const infer_step *step, const float *x, float *out, uint32_t k)
{
    const size_t at = (size_t)(k / step->inner) * step->length * step->inner + k % step->inner;
    return (line){x + at, out + at, step->length, step->inner};
}

rk_status infer_run_softmax(const infer_step *step, const infer_job *job, const infer_view *in,
                            infer_view out)
{
    for (uint32_t i = 0; i < job->n; i++)
        for (uint32_t k = 0; k < step->outer * step->inner; k++) {
            const line l = line_of(step, infer_floats(in[0], i), infer_floats(out, i), k);
            softmax(&l, job->of->math, step->op->fn == 1);
        }
    return RK_OK;
}

rk_status infer_run_lp_norm(const infer_step *step, const infer_job *job, const infer_view *in,
                            infer_view out)
{
    for (uint32_t i = 0; i < job->n; i++)
        for (uint32_t k = 0; k < step->outer * step->inner; k++) {
            const line l = line_of(step, infer_floats(in[0], i), infer_floats(out, i), k);
            lp_norm(&l, step->op->fn == 2);
        }
    return RK_OK;
}

/* ---- LAYER_NORM ---- */

/* at[1] and at[2] say which element of scale and bias goes with one of the line. */
static void layer_norm(const infer_step *step, const float *x, const infer_view *in, float *out)
{
    const uint32_t n = step->length;
    double sum = 0, squares = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += (double)x[i];
    const double mean = sum / n;
    for (uint32_t i = 0; i < n; i++)
        squares += ((double)x[i] - mean) * ((double)x[i] - mean);
    const double scale = 1 / sqrt(squares / n + (double)step->op->a);
    const float *const weights = infer_floats(in[1], 0);
    const float *const bias = step->n > 2 ? infer_floats(in[2], 0) : NULL;
    for (uint32_t i = 0; i < n; i++) {
        const float y = (float)(((double)x[i] - mean) * scale) * weights[step->at[1][i]];
        out[i] = bias ? y + bias[step->at[2][i]] : y;
    }
}

rk_status infer_run_layer_norm(const infer_step *step, const infer_job *job, const infer_view *in,
                               infer_view out)
{
    for (uint32_t i = 0; i < job->n; i++)
        for (uint32_t row = 0; row < step->outer; row++) {
            const size_t at = (size_t)row * step->length;
            layer_norm(step, infer_floats(in[0], i) + at, in, infer_floats(out, i) + at);
        }
    return RK_OK;
}
