/* Turns the inline body of an elementary function into its exported forms, for vmath_*_simd.c:
 * an array function, and for the levels v3 and v4 one from register to register.
 * The tail of an array goes through the same body on a padded copy.
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

#define VMATH_STAMP1(elem, v, v_load, v_store, lanes, array_name, body)                            \
    void array_name(const elem *x, elem *out, size_t n)                                            \
    {                                                                                              \
        size_t i = 0;                                                                              \
        for (; n - i >= lanes; i += lanes)                                                         \
            v_store(out + i, body(v_load(x + i)));                                                 \
        if (i == n)                                                                                \
            return;                                                                                \
        elem pad[lanes] = {0};                                                                     \
        memcpy(pad, x + i, (n - i) * sizeof *pad);                                                 \
        v_store(pad, body(v_load(pad)));                                                           \
        memcpy(out + i, pad, (n - i) * sizeof *pad);                                               \
    }

#define VMATH_STAMP2(elem, v, v_load, v_store, lanes, array_name, body)                            \
    void array_name(const elem *x, const elem *y, elem *out, size_t n)                             \
    {                                                                                              \
        size_t i = 0;                                                                              \
        for (; n - i >= lanes; i += lanes)                                                         \
            v_store(out + i, body(v_load(x + i), v_load(y + i)));                                  \
        if (i == n)                                                                                \
            return;                                                                                \
        elem pad[2][lanes] = {0};                                                                  \
        memcpy(pad[0], x + i, (n - i) * sizeof **pad);                                             \
        memcpy(pad[1], y + i, (n - i) * sizeof **pad);                                             \
        v_store(pad[0], body(v_load(pad[0]), v_load(pad[1])));                                     \
        memcpy(out + i, pad[0], (n - i) * sizeof **pad);                                           \
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
    VMATH_STAMP1(float, vf, vf_load, vf_store, VF_LANES, RK_SIMD_NAME(rk_##name##_f32),            \
                 name##_f32)                                                                       \
    VMATH_STAMP1(double, vd, vd_load, vd_store, VD_LANES, RK_SIMD_NAME(rk_##name##_f64),           \
                 name##_f64)                                                                       \
    VMATH_STAMP_REG1(vf, VMATH_REG_F32(name), name##_f32)                                          \
    VMATH_STAMP_REG1(vd, VMATH_REG_F64(name), name##_f64)

#define VMATH_FN2(name)                                                                            \
    VMATH_STAMP2(float, vf, vf_load, vf_store, VF_LANES, RK_SIMD_NAME(rk_##name##_f32),            \
                 name##_f32)                                                                       \
    VMATH_STAMP2(double, vd, vd_load, vd_store, VD_LANES, RK_SIMD_NAME(rk_##name##_f64),           \
                 name##_f64)                                                                       \
    VMATH_STAMP_REG2(vf, VMATH_REG_F32(name), name##_f32)                                          \
    VMATH_STAMP_REG2(vd, VMATH_REG_F64(name), name##_f64)

#endif
