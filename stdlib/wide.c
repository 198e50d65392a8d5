#include "stdlib/wide.h"

#define FIELD1(name, suffix)                                                                       \
    .name##_f32 = rk_wide_##name##_f32_##suffix, .name##_f64 = rk_wide_##name##_f64_##suffix,
#define FIELD_s0(name)              FIELD1(name, s0)
#define FIELD_v3(name)              FIELD1(name, v3)
#define FIELD_v4(name)              FIELD1(name, v4)
#define FOLD_s0(type, name, params) .name = rk_wide_##name##_s0,
#define FOLD_v3(type, name, params) .name = rk_wide_##name##_v3,
#define FOLD_v4(type, name, params) .name = rk_wide_##name##_v4,
#define LEVEL(suffix)                                                                              \
    {                                                                                              \
        RK_WIDE_EACH1(FIELD_##suffix)                                                              \
        RK_WIDE_EACH2(FIELD_##suffix) RK_WIDE_FOLDS(FOLD_##suffix)                                 \
    }

static const rk_wide scalar = LEVEL(s0);
#if defined(__x86_64__)
static const rk_wide v3 = LEVEL(v3);
static const rk_wide v4 = LEVEL(v4);
#endif

const rk_wide *rk_wide_get(rk_cpu_level level)
{
    switch (level) {
#if defined(__x86_64__)
    case RK_CPU_V3:
        return &v3;
    case RK_CPU_V4:
        return &v4;
#endif
    default:
        return &scalar;
    }
}
