/* Turns the inline body of an elementary function into its exported forms, for vmath_*_simd.c:
 * an array function, and for the levels v3 and v4 one from register to register.
 * The tail of an array goes through the same body, with zeros in the lanes that are too many.
 */
#ifndef RK_BASE_VMATH_STAMP_H
#define RK_BASE_VMATH_STAMP_H

#include <stddef.h>
#include <string.h>

#include "runtime/base/vmath_lane.h"
#include "runtime/base/vmath_reg.h"

#if RK_SIMD == 4
#define VMATH_REG_F32(name) rk_v16_##name##_f32
#define VMATH_REG_F64(name) rk_v8_##name##_f64
#elif RK_SIMD == 3
#define VMATH_REG_F32(name) rk_v8_##name##_f32
#define VMATH_REG_F64(name) rk_v4_##name##_f64
#else
#define VMATH_REG_F32(name) static inline name##_f32_one
#define VMATH_REG_F64(name) static inline name##_f64_one
#endif

/* VMATH_TAIL1, VMATH_TAIL2: what is left after the whole registers, from i to n. */
#if RK_SIMD == 0
#define VMATH_TAIL1(v, body)
#define VMATH_TAIL2(v, body)
#else
#define VMATH_TAIL1(v, body)                                                                       \
    if (i < n)                                                                                     \
        v##_store_part(out + i, body(v##_load_part(x + i, n - i)), n - i);
#define VMATH_TAIL2(v, body)                                                                       \
    if (i < n)                                                                                     \
        v##_store_part(out + i, body(v##_load_part(x + i, n - i), v##_load_part(y + i, n - i)),    \
                       n - i);
#endif

#define VMATH_STAMP1(elem, v, lanes, array_name, body)                                             \
    void array_name(const elem *x, elem *out, size_t n)                                            \
    {                                                                                              \
        size_t i = 0;                                                                              \
        for (; n - i >= lanes; i += lanes)                                                         \
            v##_store(out + i, body(v##_load(x + i)));                                             \
        VMATH_TAIL1(v, body)                                                                       \
    }

#define VMATH_STAMP2(elem, v, lanes, array_name, body)                                             \
    void array_name(const elem *x, const elem *y, elem *out, size_t n)                             \
    {                                                                                              \
        size_t i = 0;                                                                              \
        for (; n - i >= lanes; i += lanes)                                                         \
            v##_store(out + i, body(v##_load(x + i), v##_load(y + i)));                            \
        VMATH_TAIL2(v, body)                                                                       \
    }

#if RK_SIMD == 0
#define VMATH_STAMP_REG1(v, reg_name, body)
#define VMATH_STAMP_REG2(v, reg_name, body)
#else
#define VMATH_STAMP_REG1(v, reg_name, body)                                                        \
    v reg_name(v x) { return body(x); }
#define VMATH_STAMP_REG2(v, reg_name, body)                                                        \
    v reg_name(v x, v y) { return body(x, y); }
#endif

/* VMATH_FN1(exp) exports what exp_f32 and exp_f64 compute; VMATH_FN2 is for two arguments. */
#define VMATH_FN1(name)                                                                            \
    VMATH_STAMP1(float, vf, VF_LANES, RK_SIMD_NAME(rk_##name##_f32), name##_f32)                   \
    VMATH_STAMP1(double, vd, VD_LANES, RK_SIMD_NAME(rk_##name##_f64), name##_f64)                  \
    VMATH_STAMP_REG1(vf, VMATH_REG_F32(name), name##_f32)                                          \
    VMATH_STAMP_REG1(vd, VMATH_REG_F64(name), name##_f64)

#define VMATH_FN2(name)                                                                            \
    VMATH_STAMP2(float, vf, VF_LANES, RK_SIMD_NAME(rk_##name##_f32), name##_f32)                   \
    VMATH_STAMP2(double, vd, VD_LANES, RK_SIMD_NAME(rk_##name##_f64), name##_f64)                  \
    VMATH_STAMP_REG2(vf, VMATH_REG_F32(name), name##_f32)                                          \
    VMATH_STAMP_REG2(vd, VMATH_REG_F64(name), name##_f64)

#endif
