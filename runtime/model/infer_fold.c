/* Sums, greatest and least, softmax, norms: lines of floats, brought together where they do not
 * stand side by side, and summed as infer.h says. */
#include <math.h>

#include "runtime/model/infer_step.h"

/* ---- sums ---- */

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

static double join(rk_network_fold fold, double a, double b)
{
    switch (fold) {
    case RK_NETWORK_GREATEST:
        return b != b || b > a ? b : a;
    case RK_NETWORK_LEAST:
        return b != b || b < a ? b : a;
    case RK_NETWORK_PROD:
        return a * b;
    default:
        return a + b;
    }
}

static void begin(rk_network_fold fold, uint32_t n, double *parts)
{
    for (uint32_t i = 0; i < n; i++)
        parts[i] = begin_of(fold);
}

static bool adds(rk_network_fold fold)
{
    return fold != RK_NETWORK_GREATEST && fold != RK_NETWORK_LEAST && fold != RK_NETWORK_PROD;
}

/* The same for a line of which parts are added. */
static double add_parts(const double *p)
{
    return ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]));
}

/* Of parts that are `apart` from each other: four apart, two, one; then what ends a fold of n. */
static double finish(rk_network_fold fold, double *parts, size_t apart, uint32_t n)
{
    if (apart == 1 && adds(fold))
        parts[0] = add_parts(parts);
    else
        for (uint32_t half = INFER_PARTS / 2; half > 0; half /= 2)
            for (uint32_t p = 0; p < half; p++)
                parts[p * apart] = join(fold, parts[p * apart], parts[(p + half) * apart]);
    return fold == RK_NETWORK_MEAN ? parts[0] / n
           : fold == RK_NETWORK_L2 ? sqrt(parts[0])
                                   : parts[0];
}

/* What lies along an axis: n floats, each `apart` from the last. */
typedef struct line {
    const infer_kernels *kernels;
    const float *x;
    float *out;
    uint32_t n;
    size_t apart;
} line;

/* Floats from .. from + n: where they stand, or in `room`. */
static const float *part_of(const line *l, const float *x, uint32_t from, uint32_t n, float *room)
{
    if (l->apart == 1)
        return x + from;
    for (uint32_t i = 0; i < n; i++)
        room[i] = x[(from + i) * l->apart];
    return room;
}

static uint32_t strip_of(uint32_t from, uint32_t n)
{
    return n - from < INFER_STRIP ? n - from : INFER_STRIP;
}

static double sum(const line *l, rk_network_fold fold, double shift)
{
    double parts[INFER_PARTS];
    float room[INFER_STRIP];
    begin(fold, INFER_PARTS, parts);
    for (uint32_t from = 0; from < l->n; from += INFER_STRIP) {
        const uint32_t n = strip_of(from, l->n);
        l->kernels->sum(fold, part_of(l, l->x, from, n, room), n, shift, parts);
    }
    return finish(fold, parts, 1, l->n);
}

/* ---- REDUCE ---- */

/* Side by side, `inner` lines of step->length each: as many together as there are columns. */
static void sum_lines(const infer_step *step, const infer_kernels *kernels, const float *x,
                      float *out)
{
    const rk_network_fold fold = (rk_network_fold)step->op->fn;
    for (uint32_t from = 0; from < step->inner; from += INFER_COLUMNS) {
        double parts[INFER_PARTS * INFER_COLUMNS];
        const uint32_t rest = step->inner - from;
        const uint32_t width = rest < INFER_COLUMNS ? rest : INFER_COLUMNS;
        begin(fold, INFER_PARTS * INFER_COLUMNS, parts);
        kernels->sum_rows(fold, x + from, step->length, step->inner, width, parts);
        for (uint32_t j = 0; j < width; j++)
            out[from + j] = (float)finish(fold, parts + j, INFER_COLUMNS, step->length);
    }
}

/* at[0] says for each element of the output where its first one is, at[1] for each folded one how
 * far it is from that. */
static float sum_scattered(const infer_step *step, const infer_kernels *kernels, const float *x)
{
    const rk_network_fold fold = (rk_network_fold)step->op->fn;
    double parts[INFER_PARTS];
    float room[INFER_STRIP];
    begin(fold, INFER_PARTS, parts);
    for (uint32_t from = 0; from < step->length; from += INFER_STRIP) {
        const uint32_t n = strip_of(from, step->length);
        for (uint32_t i = 0; i < n; i++)
            room[i] = x[step->at[1][from + i]];
        kernels->sum(fold, room, n, 0, parts);
    }
    return (float)finish(fold, parts, 1, step->length);
}

static void reduce_floats(const infer_step *step, const infer_kernels *kernels, const float *x,
                          uint32_t n, float *out)
{
    const size_t block = (size_t)step->length * step->inner;
    for (uint32_t k = 0; step->at[0] && k < n; k++)
        out[k] = sum_scattered(step, kernels, x + step->at[0][k]);
    for (uint32_t k = 0; !step->at[0] && k < step->outer; k++)
        if (step->inner == 1) {
            const line l = {kernels, x + k * block, NULL, step->length, 1};
            out[k] = (float)sum(&l, (rk_network_fold)step->op->fn, 0);
        } else
            sum_lines(step, kernels, x + k * block, out + (size_t)k * step->inner);
}

static int64_t add_int(rk_network_fold fold, int64_t a, int64_t b)
{
    switch (fold) {
    case RK_NETWORK_GREATEST:
        return b > a ? b : a;
    case RK_NETWORK_LEAST:
        return b < a ? b : a;
    case RK_NETWORK_PROD:
        return (int64_t)((uint64_t)a * (uint64_t)b);
    default:
        return (int64_t)((uint64_t)a + (uint64_t)b);
    }
}

/* Element e of those that make element k of the output. */
static size_t folded(const infer_step *step, uint32_t k, uint32_t e)
{
    return step->at[0]
               ? step->at[0][k] + step->at[1][e]
               : (k / step->inner * (size_t)step->length + e) * step->inner + k % step->inner;
}

static void reduce_ints(const infer_step *step, const int64_t *x, uint32_t n, int64_t *out)
{
    for (uint32_t k = 0; k < n; k++) {
        int64_t all = x[folded(step, k, 0)];
        for (uint32_t e = 1; e < step->length; e++)
            all = add_int((rk_network_fold)step->op->fn, all, x[folded(step, k, e)]);
        out[k] = all;
    }
}

rk_status infer_run_reduce(const infer_step *step, const infer_job *job, const infer_view *in,
                           infer_view out)
{
    const bool ints = job->of->network->values[step->out].kind == RK_KIND_INT;
    for (uint32_t i = 0; i < job->n; i++)
        if (ints)
            reduce_ints(step, infer_ints(in[0], i), out.n, infer_ints(out, i));
        else
            reduce_floats(step, &job->of->kernels, infer_floats(in[0], i), out.n,
                          infer_floats(out, i));
    return RK_OK;
}

/* ---- along an axis ---- */

/* Fills `out` with the exponentials of x - most, or for the logarithm with x - most; the sum of the
 * exponentials. */
static double exponentials(const line *l, float most, bool logarithm)
{
    double parts[INFER_PARTS];
    float room[INFER_STRIP];
    begin(RK_NETWORK_SUM, INFER_PARTS, parts);
    for (uint32_t from = 0; from < l->n; from += INFER_STRIP) {
        const uint32_t n = strip_of(from, l->n);
        const float *const x = part_of(l, l->x, from, n, room);
        float *const to = l->out + from * l->apart;
        for (uint32_t i = 0; i < n; i++)
            room[i] = x[i] - most;
        for (uint32_t i = 0; logarithm && i < n; i++)
            to[i * l->apart] = room[i];
        l->kernels->math->exp.f32(room, room, n);
        for (uint32_t i = 0; !logarithm && i < n; i++)
            to[i * l->apart] = room[i];
        l->kernels->sum(RK_NETWORK_SUM, room, n, 0, parts);
    }
    return finish(RK_NETWORK_SUM, parts, 1, l->n);
}

static void softmax(const line *l, uint32_t logarithm)
{
    const float most = (float)sum(l, RK_NETWORK_GREATEST, 0);
    const float total = (float)exponentials(l, most, logarithm);
    float log_total;
    l->kernels->math->log.f32(&total, &log_total, 1);
    for (uint32_t i = 0; i < l->n; i++) {
        float *const to = &l->out[i * l->apart];
        *to = logarithm ? *to - log_total : *to / total;
    }
}

static void lp_norm(const line *l, uint32_t p)
{
    const double norm = sum(l, p == 2 ? RK_NETWORK_L2 : RK_NETWORK_L1, 0);
    const double scale = norm == 0 ? 0 : 1 / norm;
    if (l->apart == 1)
        l->kernels->scale(l->x, l->n, scale, l->out);
    else
        for (uint32_t i = 0; i < l->n; i++)
            l->out[i * l->apart] = (float)((double)l->x[i * l->apart] * scale);
}

/* All lines of a block: step->outer runs of step->inner lines side by side. */
static void run_lines(const infer_step *step, const infer_job *job, infer_view in, infer_view out,
                      void (*run)(const line *, uint32_t))
{
    for (uint32_t i = 0; i < job->n; i++)
        for (uint32_t k = 0; k < step->outer * step->inner; k++) {
            const size_t at =
                (size_t)(k / step->inner) * step->length * step->inner + k % step->inner;
            const line l = {&job->of->kernels, infer_floats(in, i) + at, infer_floats(out, i) + at,
                            step->length, step->inner};
            run(&l, step->op->fn);
        }
}

rk_status infer_run_softmax(const infer_step *step, const infer_job *job, const infer_view *in,
                            infer_view out)
{
    run_lines(step, job, in[0], out, softmax);
    return RK_OK;
}

rk_status infer_run_lp_norm(const infer_step *step, const infer_job *job, const infer_view *in,
                            infer_view out)
{
    run_lines(step, job, in[0], out, lp_norm);
    return RK_OK;
}

/* ---- LAYER_NORM ---- */

/* Of scale or bias those that go with elements from .. from + n of a line. */
static const float *weights_of(const infer_step *step, const infer_view *in, uint32_t k,
                               uint32_t from, uint32_t n, float *room)
{
    const float *const all = infer_floats(in[k], 0);
    if (!step->at[k])
        return all + from;
    for (uint32_t i = 0; i < n; i++)
        room[i] = all[step->at[k][from + i]];
    return room;
}

static void layer_norm(const infer_step *step, const line *l, const infer_view *in)
{
    const double mean = sum(l, RK_NETWORK_MEAN, 0);
    const double squares = sum(l, RK_NETWORK_SUM_SQUARE, mean);
    const double scale = 1 / sqrt(squares / l->n + (double)step->op->a);
    float rooms[2][INFER_STRIP];
    for (uint32_t from = 0; from < l->n; from += INFER_STRIP) {
        const uint32_t n = strip_of(from, l->n);
        l->kernels->norm(l->x + from, n, mean, scale, weights_of(step, in, 1, from, n, rooms[0]),
                         step->n > 2 ? weights_of(step, in, 2, from, n, rooms[1]) : NULL,
                         l->out + from);
    }
}

rk_status infer_run_layer_norm(const infer_step *step, const infer_job *job, const infer_view *in,
                               infer_view out)
{
    for (uint32_t i = 0; i < job->n; i++)
        for (uint32_t row = 0; row < step->outer; row++) {
            const size_t at = (size_t)row * step->length;
            const line l = {&job->of->kernels, infer_floats(in[0], i) + at,
                            infer_floats(out, i) + at, step->length, 1};
            layer_norm(step, &l, in);
        }
    return RK_OK;
}
