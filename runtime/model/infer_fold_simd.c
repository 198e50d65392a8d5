/* Sums of lines, by the order that infer.h gives: plain loops over the parts, or over the columns,
 * that the compiler turns into vector code of the level. */
#include <math.h>

#include "runtime/base/simd.h"
#include "runtime/model/infer_step.h"

extern infer_sum_fn RK_SIMD_NAME(infer_sum);
extern infer_sum_rows_fn RK_SIMD_NAME(infer_sum_rows);
extern infer_norm_fn RK_SIMD_NAME(infer_norm);
extern infer_scale_fn RK_SIMD_NAME(infer_scale);

enum { PARTS = INFER_PARTS, COLUMNS = INFER_COLUMNS };

/* `sum` and `x` to a new sum, for each fold. */
#define EACH_FOLD(X)                                                                               \
    X(RK_NETWORK_GREATEST, x != x || x > sum ? x : sum)                                            \
    X(RK_NETWORK_LEAST, x != x || x < sum ? x : sum)                                               \
    X(RK_NETWORK_PROD, sum *x)                                                                     \
    X(RK_NETWORK_L1, sum + fabs(x))                                                                \
    X(RK_NETWORK_L2, sum + (x - shift) * (x - shift))                                              \
    X(RK_NETWORK_SUM_SQUARE, sum + (x - shift) * (x - shift))                                      \
    X(RK_NETWORK_SUM, sum + x)                                                                     \
    X(RK_NETWORK_MEAN, sum + x)

/* NaN stays in a part, and in what parts make. */
#define ADD(expression)                                                                            \
    for (; i + PARTS <= n; i += PARTS)                                                             \
        for (uint32_t p = 0; p < PARTS; p++) {                                                     \
            const double x = (double)from[i + p], sum = parts[p];                                  \
            parts[p] = (expression);                                                               \
        }                                                                                          \
    for (uint32_t p = 0; i < n; i++, p++) {                                                        \
        const double x = (double)from[i], sum = parts[p];                                          \
        parts[p] = (expression);                                                                   \
    }

#define CASE(fold, expression)                                                                     \
    case fold:                                                                                     \
        ADD(expression) break;

void RK_SIMD_NAME(infer_sum)(rk_network_fold fold, const float *restrict from, uint32_t n,
                             double shift, double *restrict out)
{
    double parts[PARTS];
    uint32_t i = 0;
    for (uint32_t p = 0; p < PARTS; p++)
        parts[p] = out[p];
    switch (fold) {
        EACH_FOLD(CASE)
    default:
        break;
    }
    for (uint32_t p = 0; p < PARTS; p++)
        out[p] = parts[p];
}

#define ADD_ROW(expression)                                                                        \
    for (uint32_t j = 0; j < width; j++) {                                                         \
        const double x = (double)row[j], sum = to[j];                                              \
        to[j] = (expression);                                                                      \
    }
#define CASE_ROW(fold, expression)                                                                 \
    case fold:                                                                                     \
        ADD_ROW(expression) break;

static inline __attribute__((always_inline)) void add_rows(rk_network_fold fold, const float *from,
                                                           uint32_t n, size_t apart, uint32_t width,
                                                           double *restrict out)
{
    const double shift = 0;
    for (uint32_t i = 0; i < n; i++) {
        const float *restrict const row = from + i * apart;
        double *const to = out + i % PARTS * COLUMNS;
        switch (fold) {
            EACH_FOLD(CASE_ROW)
        default:
            break;
        }
    }
}

void RK_SIMD_NAME(infer_sum_rows)(rk_network_fold fold, const float *from, uint32_t n, size_t apart,
                                  uint32_t width, double *out)
{
    if (width == COLUMNS)
        add_rows(fold, from, n, apart, COLUMNS, out);
    else
        add_rows(fold, from, n, apart, width, out);
}

void RK_SIMD_NAME(infer_norm)(const float *restrict x, uint32_t n, double mean, double scale,
                              const float *restrict weights, const float *restrict bias,
                              float *restrict out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = (float)(((double)x[i] - mean) * scale) * weights[i];
    for (uint32_t i = 0; bias && i < n; i++)
        out[i] += bias[i];
}

void RK_SIMD_NAME(infer_scale)(const float *restrict x, uint32_t n, double scale,
                               float *restrict out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = (float)((double)x[i] * scale);
}
