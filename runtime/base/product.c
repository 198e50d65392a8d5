#include "runtime/base/product.h"

#include <math.h>

#include "runtime/base/simd.h"

#define DECLARE(suffix, level) extern const rk_product rk_product_##suffix;
RK_SIMD_EACH(DECLARE)

const rk_product *rk_product_get(rk_cpu_level level)
{
    switch (level) {
#ifdef __x86_64__
    case RK_CPU_V3:
        return &rk_product_v3;
    case RK_CPU_V4:
        return &rk_product_v4;
#endif
    default:
        return &rk_product_s0;
    }
}

double rk_product_length(float square) { return sqrt((double)square); }

float rk_product_cosine(float dot, double a_length, double b_length)
{
    const double lengths = a_length * b_length;
    return lengths == 0.0 ? 0.0f : (float)((double)dot / lengths);
}
