/* Elementary and rounding functions. */
#include "stdlib/call.h"
#include "stdlib/families.h"
#include "stdlib/wide.h"

/* Kernels over a table that has a function of each name for float and double. */
#define MATH1(name)                                                                                \
    static rk_status name##_f32(const rk_call *call)                                               \
    {                                                                                              \
        call->math->name.f32(RK_IN(call, 0, float), RK_OUT(call, float), call->n);                 \
        return RK_OK;                                                                              \
    }                                                                                              \
    static rk_status name##_f64(const rk_call *call)                                               \
    {                                                                                              \
        call->math->name.f64(RK_IN(call, 0, double), RK_OUT(call, double), call->n);               \
        return RK_OK;                                                                              \
    }
#define MATH2(name)                                                                                \
    static rk_status name##_f32(const rk_call *call)                                               \
    {                                                                                              \
        call->math->name.f32(RK_IN(call, 0, float), RK_IN(call, 1, float), RK_OUT(call, float),    \
                             call->n);                                                             \
        return RK_OK;                                                                              \
    }                                                                                              \
    static rk_status name##_f64(const rk_call *call)                                               \
    {                                                                                              \
        call->math->name.f64(RK_IN(call, 0, double), RK_IN(call, 1, double), RK_OUT(call, double), \
                             call->n);                                                             \
        return RK_OK;                                                                              \
    }
#define WIDE1(name)                                                                                \
    static rk_status name##_f32(const rk_call *call)                                               \
    {                                                                                              \
        const rk_wide *const wide = rk_wide_of(call->math);                                        \
        wide->name##_f32(RK_IN(call, 0, float), RK_OUT(call, float), call->n);                     \
        return RK_OK;                                                                              \
    }                                                                                              \
    static rk_status name##_f64(const rk_call *call)                                               \
    {                                                                                              \
        const rk_wide *const wide = rk_wide_of(call->math);                                        \
        wide->name##_f64(RK_IN(call, 0, double), RK_OUT(call, double), call->n);                   \
        return RK_OK;                                                                              \
    }

RK_VMATH_EACH1(MATH1)
RK_VMATH_EACH2(MATH2)
RK_WIDE_EACH1(WIDE1)

static rk_status abs_i64(const rk_call *call)
{
    const int64_t *const x = RK_IN(call, 0, int64_t);
    int64_t *const out = RK_OUT(call, int64_t);
    for (size_t i = 0; i < call->n; i++)
        out[i] = x[i] < 0 ? (int64_t)(0 - (uint64_t)x[i]) : x[i];
    return RK_OK;
}

static rk_status sign_i64(const rk_call *call)
{
    const int64_t *const x = RK_IN(call, 0, int64_t);
    int64_t *const out = RK_OUT(call, int64_t);
    for (size_t i = 0; i < call->n; i++)
        out[i] = (x[i] > 0) - (x[i] < 0);
    return RK_OK;
}

/* Whole numbers are rounded already. */
static rk_status same_i64(const rk_call *call)
{
    memcpy(call->result.data, call->args[0].data, call->n * sizeof(int64_t));
    return RK_OK;
}

/* clang-format off */
#define ROW(name, sig, kernel) {name, sig, kernel, RK_NULL_ANY, 0, NULL, NULL, NULL}
#define REAL1(name, doc, example, result)                                                          \
    {#name, "(x: float) -> float", name##_f32, RK_NULL_ANY, 0, doc, example, result},              \
    ROW(#name, "(x: double) -> double", name##_f64)
#define REAL2(name, a, b, doc, example, result)                                                    \
    {#name, "(" a ": float, " b ": float) -> float", name##_f32, RK_NULL_ANY, 0,                   \
     doc, example, result},                                                                        \
    ROW(#name, "(" a ": double, " b ": double) -> double", name##_f64)
#define NUMBER1(name, int_kernel, doc, example, result)                                            \
    {#name, "(x: int) -> int", int_kernel, RK_NULL_ANY, 0, doc, example, result},                  \
    ROW(#name, "(x: float) -> float", name##_f32),                                                 \
    ROW(#name, "(x: double) -> double", name##_f64)

static const rk_fn rows[] = {
    REAL1(exp, "e to the power of x, at most 2 ulp off.",
          "exp(0)", "1"),
    REAL1(exp2, "2 to the power of x, at most 2 ulp off.",
          "exp2(3)", "8"),
    REAL1(expm1, "exp(x) - 1 without loss near 0, at most 2 ulp off.",
          "expm1(0)", "0"),
    REAL1(log, "Natural logarithm, at most 2 ulp off; missing below 0, -inf at 0.",
          "log(1)", "0"),
    REAL1(log2, "Logarithm to base 2, at most 2 ulp off; missing below 0, -inf at 0.",
          "log2(8)", "3"),
    REAL1(log10, "Logarithm to base 10, at most 2 ulp off; missing below 0, -inf at 0.",
          "log10(1000)", "3"),
    REAL1(log1p, "log(1 + x) without loss near 0, at most 2 ulp off; missing below -1, -inf at -1.",
          "log1p(0)", "0"),
    REAL1(sigmoid, "1 / (1 + exp(-x)), between 0 and 1, at most 2 ulp off.",
          "sigmoid(0)", "0.5"),
    REAL1(tanh, "Hyperbolic tangent, between -1 and 1, at most 2 ulp off.",
          "tanh(0)", "0"),
    REAL1(sin, "Sine of an angle in radians, at most 2 ulp off; missing for an infinite one.",
          "sin(0)", "0"),
    REAL1(cos, "Cosine of an angle in radians, at most 2 ulp off; missing for an infinite one.",
          "cos(0)", "1"),
    REAL1(asin, "The angle in radians, between -pi/2 and pi/2, whose sine is x, at most 2 ulp off; "
                "missing beyond -1 and 1.",
          "asin(0)", "0"),
    REAL1(atan, "The angle in radians, between -pi/2 and pi/2, whose tangent is x, at most 2 ulp "
                "off.",
          "atan(0)", "0"),
    REAL2(atan2, "y", "x", "Angle of the point (x, y) in radians, between -pi and pi, at most 2 "
                           "ulp off.",
          "atan2(0, 1)", "0"),
    REAL1(erf, "Error function, between -1 and 1, at most 2 ulp off.",
          "erf(0)", "0"),
    REAL1(cbrt, "Cube root, of negative numbers too, at most 2 ulp off.",
          "cbrt(27)", "3"),
    REAL2(pow, "x", "y", "x to the power of y, at most 2 ulp off; missing where x is below 0 and y "
                         "is no whole number. NaN in is NaN out, pow(NaN, 0) too.",
          "pow(2, 10)", "1024"),
    REAL1(sqrt, "Square root, correctly rounded; missing below 0.",
          "sqrt(9)", "3"),
    NUMBER1(abs, abs_i64, "x without its sign. The least int stays as it is: ints wrap.",
            "abs(-3)", "3"),
    NUMBER1(sign, sign_i64, "-1, 0 or 1 with the sign of x.",
            "sign(-0.5)", "-1"),
    NUMBER1(floor, same_i64, "The next whole number downwards; the type stays.",
            "floor(-1.5)", "-2"),
    NUMBER1(ceil, same_i64, "The next whole number upwards; the type stays.",
            "ceil(1.2)", "2"),
    NUMBER1(round, same_i64, "The nearest whole number, halves away from zero; the type stays.",
            "round(2.5)", "3"),
    NUMBER1(trunc, same_i64, "The next whole number towards zero; the type stays.",
            "trunc(-1.5)", "-1"),
};
/* clang-format on */

RK_FN_FAMILY(math, rows)
