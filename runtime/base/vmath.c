#include "runtime/base/vmath.h"

#include "runtime/base/vmath_reg.h"

#ifdef __x86_64__
/* Only the addresses of the register functions are taken here, so no type is spelled for them. */
#define DECLARE_REG(name)                                                                          \
    rk_vmath_reg rk_v8_##name##_f32, rk_v4_##name##_f64, rk_v16_##name##_f32, rk_v8_##name##_f64;
RK_VMATH_EACH1(DECLARE_REG)
RK_VMATH_EACH2(DECLARE_REG)
#endif

#define ROW_s0(name) .name = {rk_##name##_f32_s0, rk_##name##_f64_s0, NULL, NULL},
#define ROW_v3(name)                                                                               \
    .name = {rk_##name##_f32_v3, rk_##name##_f64_v3, rk_v8_##name##_f32, rk_v4_##name##_f64},
#define ROW_v4(name)                                                                               \
    .name = {rk_##name##_f32_v4, rk_##name##_f64_v4, rk_v16_##name##_f32, rk_v8_##name##_f64},

#define LEVEL(suffix, cpu)                                                                         \
    [cpu] = {.level = cpu, RK_VMATH_EACH1(ROW_##suffix) RK_VMATH_EACH2(ROW_##suffix)},
static const rk_vmath levels[] = {RK_SIMD_EACH(LEVEL)};

const rk_vmath *rk_vmath_get(rk_cpu_level level) { return &levels[level]; }
