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

/* Functions of one argument, and of two. */
#define RK_VMATH_EACH1(X)                                                                          \
    X(exp)                                                                                         \
    X(exp2) X(expm1) X(log) X(log2) X(log10) X(log1p) X(sigmoid) X(tanh) X(sin) X(cos) X(asin)     \
        X(atan) X(cbrt) X(erf)
#define RK_VMATH_EACH2(X) X(pow) X(atan2)

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
