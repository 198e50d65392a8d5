#include "runtime/base/vmath.h"

#include "runtime/base/vmath_reg.h"

/* Only the addresses of the register functions are taken here, so no type is spelled for them. */
#define DECLARE_REG(name)                                                                          \
    rk_vmath_reg rk_v8_##name##_f32, rk_v4_##name##_f64, rk_v16_##name##_f32, rk_v8_##name##_f64;
RK_VMATH_EACH1(DECLARE_REG)
RK_VMATH_EACH2(DECLARE_REG)

#define ROW_S0(name) .name = {rk_##name##_f32_s0, rk_##name##_f64_s0, NULL, NULL},
#define ROW_V3(name)                                                                               \
    .name = {rk_##name##_f32_v3, rk_##name##_f64_v3, rk_v8_##name##_f32, rk_v4_##name##_f64},
#define ROW_V4(name)                                                                               \
    .name = {rk_##name##_f32_v4, rk_##name##_f64_v4, rk_v16_##name##_f32, rk_v8_##name##_f64},

static const rk_vmath levels[] = {
    {.level = RK_CPU_SCALAR, RK_VMATH_EACH1(ROW_S0) RK_VMATH_EACH2(ROW_S0)},
    {.level = RK_CPU_V3, RK_VMATH_EACH1(ROW_V3) RK_VMATH_EACH2(ROW_V3)},
    {.level = RK_CPU_V4, RK_VMATH_EACH1(ROW_V4) RK_VMATH_EACH2(ROW_V4)},
};

const rk_vmath *rk_vmath_get(rk_cpu_level level)
{
    return &levels[level];
}
