/* rankc's own elementary functions, for every engine and for whoever needs them to be the same on
 * every machine: floats and doubles, arrays in L1 first of all, equal bits on all CPU levels.
 * out may be the same array as x or y; any n; no alignment needed, 64 bytes is fastest.
 * NaN in is NaN out, and every NaN out is the canonical one (0x7fc00000, 0x7ff8000000000000).
 * MXCSR must be in its default state (round to nearest, denormals on).
 */
#ifndef RK_BASE_VMATH_H
#define RK_BASE_VMATH_H

#include <stddef.h>

#include "runtime/base/cpu.h"

/* clang-format off */
/* Largest error found, in units of the last place, and where the formula comes from. Floats of one
 * argument: all 2^32; of two: 10^9 pairs, against libm in double. Doubles: 10^8 each, against libm
 * in long double (tests/sweep). Polynomials are minimax fits made by tests/sweep/fit.py.
 *
 *            float   double
 *   exp      1.06    0.90    2^n e^r, r = x - n ln 2 by two fma; e^r of degree 6 and 11
 *   exp2     1.03    0.92    the same, r exact
 *   expm1    1.16    1.31    2^n ((1 - 2^-n) + (e^r - 1)), the sum with its rounding error
 *   log      0.97    0.85    k ln 2 + log(1 + f), 1 + f in [sqrt(1/2), sqrt(2)); float: degree
 *                            10; double: 2 atanh(f / (2 + f)), degree 15
 *   log2     1.26    1.00    the same times log2(e) in two parts
 *   log10    1.17    0.91    the same times log10(e) in two parts
 *   log1p    1.05    0.94    as log, with k from 1 + x and f from x itself, exact for small k
 *   sigmoid  1.70    1.00    float: 2^n / (2^n + e^-r); double: z = 2^-n / (2^-n + e^r) of
 *                            -|x|; z or 1 - z
 *   tanh     1.35    1.00    float: x + x^3 P(x^2) below 0.55, else 1 - 2 sigmoid(-2|x|);
 *                            double: -m / (2 + m), m = expm1(-2|x|), with rounding errors
 *   sin      0.51    0.84    r = x - n pi/2 by three parts of pi/2 below 2^30, beyond by 192 bits
 *   cos      0.51    0.85    of 2/pi in whole numbers; degree 13 and 14, float 9 and 8
 *   asin     0.51    1.14    x + x^3 P(x^2) up to 1/2, else pi/2 - 2 asin(sqrt((1 - |x|) / 2))
 *   atan     0.51    0.70    as atan2(x, 1)
 *   atan2    0.51    1.47    a multiple of pi/4 and atan(z), |z| <= tan(pi/8), degree 25, float 13
 *   cbrt     0.51    0.51    quartic start, one step of Halley, double: one of Newton
 *   erf      0.51    1.15    x + x P(x^2) below 1, else 1 - e^H(|x|), H fits log(erfc)
 *   pow      0.51    1.24    2^(y log2|x|), log2|x| as a sum of two doubles; C11's special cases
 *
 * Floats of the functions from sin on are computed in double and rounded once.
 * exp2 of whole numbers and log2 of powers of two are exact. pow(NaN, 0) and pow(1, NaN) are NaN.
 */

/* Functions of one argument, and of two. */
#define RK_VMATH_EACH1(X)                                                                          \
    X(exp) X(exp2) X(expm1) X(log) X(log2) X(log10) X(log1p) X(sigmoid) X(tanh)                    \
    X(sin) X(cos) X(asin) X(atan) X(cbrt) X(erf)
#define RK_VMATH_EACH2(X) X(pow) X(atan2)
/* clang-format on */

typedef void rk_vmath_f32(const float *x, float *out, size_t n);
typedef void rk_vmath_f64(const double *x, double *out, size_t n);
typedef void rk_vmath_f32x2(const float *x, const float *y, float *out, size_t n);
typedef void rk_vmath_f64x2(const double *x, const double *y, double *out, size_t n);

/* A function from register to register, of the types that vmath_reg.h declares; NULL at the scalar
 * level. For code generators, which only pass the address on. */
typedef void rk_vmath_reg(void);

typedef struct rk_vmath_fn {
    rk_vmath_f32 *f32;
    rk_vmath_f64 *f64;
    rk_vmath_reg *reg_f32, *reg_f64;
} rk_vmath_fn;

typedef struct rk_vmath_fn2 {
    rk_vmath_f32x2 *f32;
    rk_vmath_f64x2 *f64;
    rk_vmath_reg *reg_f32, *reg_f64;
} rk_vmath_fn2;

#define RK_VMATH_FIELD1(name) rk_vmath_fn name;
#define RK_VMATH_FIELD2(name) rk_vmath_fn2 name;
typedef struct rk_vmath {
    rk_cpu_level level;
    RK_VMATH_EACH1(RK_VMATH_FIELD1)
    RK_VMATH_EACH2(RK_VMATH_FIELD2)
} rk_vmath;
#undef RK_VMATH_FIELD1
#undef RK_VMATH_FIELD2

/* The functions of one level, constant and never NULL; the machine must have the level. */
const rk_vmath *rk_vmath_get(rk_cpu_level level);

#endif
