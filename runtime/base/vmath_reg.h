/* Declares every level's exported elementary functions: arrays (rk_exp_f32_v4) and registers
 * (rk_v16_exp_f32: 16 floats, rk_v8_exp_f64: 8 doubles, both at v4; rk_v8_exp_f32 and
 * rk_v4_exp_f64 at v3). Used by vmath.c, the files that define them and hand-written kernels of
 * the same level; everyone else goes through vmath.h.
 */
#ifndef RK_BASE_VMATH_REG_H
#define RK_BASE_VMATH_REG_H

#include <stddef.h>

#include "runtime/base/simd.h"
#include "runtime/base/vmath.h"

#define RK_VMATH_DECLARE(name, suffix, f32, f64)                                                   \
    f32 rk_##name##_f32_##suffix;                                                                  \
    f64 rk_##name##_f64_##suffix;

#define RK_VMATH_DECLARE1(name)                                                                    \
    RK_VMATH_DECLARE(name, s0, rk_vmath_f32, rk_vmath_f64)                                         \
    RK_VMATH_DECLARE(name, v3, rk_vmath_f32, rk_vmath_f64)                                         \
    RK_VMATH_DECLARE(name, v4, rk_vmath_f32, rk_vmath_f64)

#define RK_VMATH_DECLARE2(name)                                                                    \
    RK_VMATH_DECLARE(name, s0, rk_vmath_f32x2, rk_vmath_f64x2)                                     \
    RK_VMATH_DECLARE(name, v3, rk_vmath_f32x2, rk_vmath_f64x2)                                     \
    RK_VMATH_DECLARE(name, v4, rk_vmath_f32x2, rk_vmath_f64x2)

RK_VMATH_EACH1(RK_VMATH_DECLARE1)
RK_VMATH_EACH2(RK_VMATH_DECLARE2)

/* The register forms can be called, with these types, only where their level is compiled for. */
typedef float rk_f32x8 __attribute__((vector_size(32)));
typedef double rk_f64x4 __attribute__((vector_size(32)));
typedef float rk_f32x16 __attribute__((vector_size(64)));
typedef double rk_f64x8 __attribute__((vector_size(64)));

#if defined RK_SIMD && RK_SIMD >= 3
#define RK_VMATH_DECLARE_V3(name)                                                                  \
    rk_f32x8 rk_v8_##name##_f32(rk_f32x8 x);                                                       \
    rk_f64x4 rk_v4_##name##_f64(rk_f64x4 x);
#define RK_VMATH_DECLARE2_V3(name)                                                                 \
    rk_f32x8 rk_v8_##name##_f32(rk_f32x8 x, rk_f32x8 y);                                           \
    rk_f64x4 rk_v4_##name##_f64(rk_f64x4 x, rk_f64x4 y);
RK_VMATH_EACH1(RK_VMATH_DECLARE_V3)
RK_VMATH_EACH2(RK_VMATH_DECLARE2_V3)
#endif

#if defined RK_SIMD && RK_SIMD >= 4
#define RK_VMATH_DECLARE_V4(name)                                                                  \
    rk_f32x16 rk_v16_##name##_f32(rk_f32x16 x);                                                    \
    rk_f64x8 rk_v8_##name##_f64(rk_f64x8 x);
#define RK_VMATH_DECLARE2_V4(name)                                                                 \
    rk_f32x16 rk_v16_##name##_f32(rk_f32x16 x, rk_f32x16 y);                                       \
    rk_f64x8 rk_v8_##name##_f64(rk_f64x8 x, rk_f64x8 y);
RK_VMATH_EACH1(RK_VMATH_DECLARE_V4)
RK_VMATH_EACH2(RK_VMATH_DECLARE2_V4)
#endif

#endif
