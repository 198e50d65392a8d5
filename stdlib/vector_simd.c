/* Products of vectors: fma into float lane i mod 16, whatever the level's registers are. */
#include <math.h>

#include "stdlib/wide.h"

enum { LANES = 16 };

/* Plain loops: with FMA in the level the compiler makes vector instructions of them. */
static inline __attribute__((always_inline)) float product(bool gap, const float *a, const float *b,
                                                           size_t n)
{
    float lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++) {
            const float x = gap ? a[i + k] - b[i + k] : a[i + k];
            lane[k] = fmaf(x, gap ? x : b[i + k], lane[k]);
        }
    for (size_t k = 0; i + k < n; k++) {
        const float x = gap ? a[i + k] - b[i + k] : a[i + k];
        lane[k] = fmaf(x, gap ? x : b[i + k], lane[k]);
    }
    for (size_t w = LANES / 2; w > 0; w /= 2)
        for (size_t k = 0; k < w; k++)
            lane[k] += lane[k + w];
    return lane[0];
}

float RK_SIMD_NAME(rk_wide_dot)(const float *a, const float *b, size_t n)
{
    return product(false, a, b, n);
}
float RK_SIMD_NAME(rk_wide_gap)(const float *a, const float *b, size_t n)
{
    return product(true, a, b, n);
}
