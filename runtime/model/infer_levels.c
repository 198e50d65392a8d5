/* The kernels of inference by CPU level. */
#include "runtime/base/simd.h"
#include "runtime/model/infer_step.h"

#define DECLARE(suffix, cpu)                                                                       \
    extern infer_map_fn infer_map_##suffix;                                                        \
    extern infer_sum_fn infer_sum_##suffix;                                                        \
    extern infer_sum_rows_fn infer_sum_rows_##suffix;                                              \
    extern infer_norm_fn infer_norm_##suffix;                                                      \
    extern infer_scale_fn infer_scale_##suffix;                                                    \
    extern infer_product_fn infer_product_##suffix;
RK_SIMD_EACH(DECLARE)
#define ROW(suffix, cpu)                                                                           \
    [cpu] = {.map = infer_map_##suffix,                                                            \
             .sum = infer_sum_##suffix,                                                            \
             .sum_rows = infer_sum_rows_##suffix,                                                  \
             .norm = infer_norm_##suffix,                                                          \
             .scale = infer_scale_##suffix,                                                        \
             .product = infer_product_##suffix},
static const infer_kernels levels[] = {RK_SIMD_EACH(ROW)};

infer_kernels infer_kernels_of(rk_cpu_level cpu)
{
    infer_kernels kernels = levels[cpu];
    kernels.math = rk_vmath_get(cpu);
    return kernels;
}
