#include "runtime/base/product.h"

#include <math.h>

#include "runtime/base/simd.h"

extern const rk_product RK_SIMD_NAME(rk_product);

enum { LANES = 16, MANY = 4 };

/* Lanes of `rest` elements, at most 16. A lane without an element is left as it is: adding a zero
 * would make a -0 a +0. */
#if RK_SIMD == 4
#include <immintrin.h>
typedef __m512 lanes;

static inline lanes zero(void) { return _mm512_setzero_ps(); }

static inline __attribute__((always_inline)) lanes add(bool gap, lanes sum, const float *a,
                                                       const float *b, size_t rest)
{
    const __mmask16 there = rest < LANES ? (__mmask16)((1u << rest) - 1) : 0xffff;
    const __m512 y = _mm512_maskz_loadu_ps(there, b);
    __m512 x = _mm512_maskz_loadu_ps(there, a);
    if (gap)
        x = _mm512_sub_ps(x, y);
    return _mm512_mask3_fmadd_ps(x, gap ? x : y, sum, there);
}

static inline float combine(lanes sum)
{
    const __m256 by8 = _mm256_add_ps(_mm512_castps512_ps256(sum), _mm512_extractf32x8_ps(sum, 1));
    const __m128 by4 = _mm_add_ps(_mm256_castps256_ps128(by8), _mm256_extractf128_ps(by8, 1));
    const __m128 by2 = _mm_add_ps(by4, _mm_movehl_ps(by4, by4));
    return _mm_cvtss_f32(_mm_add_ss(by2, _mm_movehdup_ps(by2)));
}
#else
typedef struct lanes {
    float at[LANES];
} lanes;

static inline lanes zero(void) { return (lanes){{0}}; }

/* Plain loops: with FMA in the level the compiler makes vector instructions of them. */
static inline __attribute__((always_inline)) lanes add(bool gap, lanes sum, const float *a,
                                                       const float *b, size_t rest)
{
    if (rest >= LANES) {
        for (size_t k = 0; k < LANES; k++) {
            const float x = gap ? a[k] - b[k] : a[k];
            sum.at[k] = fmaf(x, gap ? x : b[k], sum.at[k]);
        }
        return sum;
    }
    for (size_t k = 0; k < rest; k++) {
        const float x = gap ? a[k] - b[k] : a[k];
        sum.at[k] = fmaf(x, gap ? x : b[k], sum.at[k]);
    }
    return sum;
}

static inline float combine(lanes sum)
{
    for (size_t w = LANES / 2; w > 0; w /= 2)
        for (size_t k = 0; k < w; k++)
            sum.at[k] += sum.at[k + w];
    return sum.at[0];
}
#endif

static inline __attribute__((always_inline)) float one(bool gap, const float *a, const float *b,
                                                       size_t n)
{
    lanes sum = zero();
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        sum = add(gap, sum, a + i, b + i, LANES);
    if (i < n)
        sum = add(gap, sum, a + i, b + i, n - i);
    return combine(sum);
}

static inline __attribute__((always_inline)) void many(bool gap, const float *a,
                                                       const float *const *b, size_t n, float *out)
{
    lanes sum[MANY] = {zero(), zero(), zero(), zero()};
    const float *const at[MANY] = {b[0], b[1], b[2], b[3]};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
#pragma GCC unroll 4
        for (size_t m = 0; m < MANY; m++)
            sum[m] = add(gap, sum[m], a + i, at[m] + i, LANES);
    if (i < n)
#pragma GCC unroll 4
        for (size_t m = 0; m < MANY; m++)
            sum[m] = add(gap, sum[m], a + i, at[m] + i, n - i);
#pragma GCC unroll 4
    for (size_t m = 0; m < MANY; m++)
        out[m] = combine(sum[m]);
}

static float dot(const float *a, const float *b, size_t n) { return one(false, a, b, n); }
static float gap(const float *a, const float *b, size_t n) { return one(true, a, b, n); }
static void dot4(const float *a, const float *const *b, size_t n, float *out)
{
    many(false, a, b, n, out);
}
static void gap4(const float *a, const float *const *b, size_t n, float *out)
{
    many(true, a, b, n, out);
}

const rk_product RK_SIMD_NAME(rk_product) = {.dot = dot, .gap = gap, .dot4 = dot4, .gap4 = gap4};
