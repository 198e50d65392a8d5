/* Elementwise functions as plain loops that the compiler turns into vector code of the level. */
/* Flags that nobody reads (errno, the exception bits) would forbid that; values do not change. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-math-errno", "no-trapping-math")
#endif

#include <math.h>

#include "stdlib/wide.h"

/* One body for float and double. NaN in gives the one NaN. */
#define EACH1(name, body_f32, body_f64)                                                            \
    void RK_SIMD_NAME(rk_wide_##name##_f32)(const float *x, float *out, size_t n)                  \
    {                                                                                              \
        for (size_t i = 0; i < n; i++) {                                                           \
            const float a = x[i];                                                                  \
            const float r = body_f32;                                                              \
            out[i] = a == a ? r : __builtin_nanf("");                                              \
        }                                                                                          \
    }                                                                                              \
    void RK_SIMD_NAME(rk_wide_##name##_f64)(const double *x, double *out, size_t n)                \
    {                                                                                              \
        for (size_t i = 0; i < n; i++) {                                                           \
            const double a = x[i];                                                                 \
            const double r = body_f64;                                                             \
            out[i] = a == a ? r : __builtin_nan("");                                               \
        }                                                                                          \
    }

/* To nearest, halves away from zero: a - t is exact. */
static inline float round_f32(float a)
{
    const float t = truncf(a);
    return fabsf(a - t) >= 0.5f ? t + copysignf(1.0f, a) : t;
}
static inline double round_f64(double a)
{
    const double t = trunc(a);
    return fabs(a - t) >= 0.5 ? t + copysign(1.0, a) : t;
}

EACH1(abs, fabsf(a), fabs(a))
EACH1(sign, (float)(a > 0.0f) - (float)(a < 0.0f), (double)(a > 0.0) - (double)(a < 0.0))
EACH1(floor, floorf(a), floor(a))
EACH1(ceil, ceilf(a), ceil(a))
EACH1(trunc, truncf(a), trunc(a))
EACH1(round, round_f32(a), round_f64(a))

/* The root of a negative number is NaN with the sign bit set on x86, so the result is looked at. */
void RK_SIMD_NAME(rk_wide_sqrt_f32)(const float *x, float *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const float root = sqrtf(x[i]); /* always: a branch would keep it scalar */
        out[i] = x[i] >= 0.0f ? root : __builtin_nanf("");
    }
}
void RK_SIMD_NAME(rk_wide_sqrt_f64)(const double *x, double *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double root = sqrt(x[i]); /* always: a branch would keep it scalar */
        out[i] = x[i] >= 0.0 ? root : __builtin_nan("");
    }
}

/* NaN if either is, else `b < a ? b : a`. */
#define EACH2(name, type, suffix, nan, less)                                                       \
    void RK_SIMD_NAME(rk_wide_##name##_##suffix)(const type *x, const type *y, type *out,          \
                                                 size_t n)                                         \
    {                                                                                              \
        for (size_t i = 0; i < n; i++) {                                                           \
            const type a = x[i], b = y[i];                                                         \
            const type r = b less a ? b : a;                                                       \
            out[i] = (a == a) & (b == b) ? r : nan;                                                \
        }                                                                                          \
    }

EACH2(min, float, f32, __builtin_nanf(""), <)
EACH2(min, double, f64, __builtin_nan(""), <)
EACH2(max, float, f32, __builtin_nanf(""), >)
EACH2(max, double, f64, __builtin_nan(""), >)
