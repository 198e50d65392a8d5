#include "runtime/index/exact_ops.h"

#include <float.h>

#include "runtime/base/simd.h"

extern const rk_exact_ops RK_SIMD_NAME(rk_exact_ops);

enum { GROUP = 4, TAIL = sizeof(rk_code_tail) };

static inline const uint8_t *block_of(const uint8_t *codes, size_t stride, const uint32_t *places,
                                      uint32_t i)
{
    return codes + (places ? places[i] : i) * stride;
}

/* For those that are left over, and where there are no vectors. */
static inline bool is_near(const rk_limit *limit, rk_code_tail tail, float distance)
{
    if (tail.error == FLT_MAX)
        return true;
    if (limit->kind == RK_LIMIT_PRODUCT) {
        const float most =
            limit->at + (tail.error * limit->by_error + tail.length * limit->by_length);
        return !(distance > most);
    }
    const float t = limit->at + tail.error, slack = (float)RK_BOUND_SLACK;
    const float least = limit->kind == RK_LIMIT_SKETCH
                            ? distance + (tail.length - tail.length * slack)
                            : distance - tail.square * slack;
    return !(least > t * t - limit->minus);
}

static inline uint32_t near_each(const rk_limit *limit, const uint8_t *codes, size_t stride,
                                 const uint32_t *places, const float *distances, uint32_t from,
                                 uint32_t n, uint32_t *hits)
{
    uint32_t n_hits = 0;
    for (uint32_t i = from; i < n; i++) {
        const rk_code_tail tail = rk_code_tail_of(block_of(codes, stride, places, i), stride);
        if (is_near(limit, tail, distances[i]))
            hits[n_hits++] = i;
    }
    return n_hits;
}

#if RK_SIMD == 0
static uint32_t near(const rk_limit *limit, const uint8_t *codes, size_t stride,
                     const uint32_t *places, const float *distances, uint32_t n, uint32_t *hits)
{
    return near_each(limit, codes, stride, places, distances, 0, n, hits);
}
#else
#include <immintrin.h>

/* As is_near, of four: a bit for each. */
static inline __attribute__((always_inline)) uint32_t
near4(const rk_limit *limit, __m128 distances, const __m128 *tails, const rk_limit_kind kind)
{
    const __m128 low = _mm_unpackhi_ps(tails[0], tails[1]);
    const __m128 high = _mm_unpackhi_ps(tails[2], tails[3]);
    const __m128 error = _mm_movelh_ps(low, high), at = _mm_set1_ps(limit->at);
    const __m128 unknown = _mm_cmp_ps(error, _mm_set1_ps(FLT_MAX), _CMP_EQ_OQ);
    const __m128 length = _mm_movehl_ps(high, low); /* DISTANCE: not needed */
    __m128 far;
    if (kind == RK_LIMIT_PRODUCT) {
        const __m128 by = _mm_add_ps(_mm_mul_ps(error, _mm_set1_ps(limit->by_error)),
                                     _mm_mul_ps(length, _mm_set1_ps(limit->by_length)));
        far = _mm_cmp_ps(distances, _mm_add_ps(at, by), _CMP_GT_OQ);
    } else {
        const __m128 square =
            _mm_movehl_ps(_mm_unpacklo_ps(tails[2], tails[3]), _mm_unpacklo_ps(tails[0], tails[1]));
        const __m128 t = _mm_add_ps(at, error), slack = _mm_set1_ps((float)RK_BOUND_SLACK);
        const __m128 least =
            kind == RK_LIMIT_SKETCH
                ? _mm_add_ps(distances, _mm_sub_ps(length, _mm_mul_ps(length, slack)))
                : _mm_sub_ps(distances, _mm_mul_ps(square, slack));
        far =
            _mm_cmp_ps(least, _mm_sub_ps(_mm_mul_ps(t, t), _mm_set1_ps(limit->minus)), _CMP_GT_OQ);
    }
    return (uint32_t)(_mm_movemask_ps(unknown) | (~_mm_movemask_ps(far) & 0xf));
}

static inline __attribute__((always_inline)) uint32_t
near_all(const rk_limit *limit, const uint8_t *codes, size_t stride, const uint32_t *places,
         const float *distances, uint32_t n, uint32_t *hits, const rk_limit_kind kind)
{
    uint32_t n_hits = 0, i = 0;
    for (; i + GROUP <= n; i += GROUP) {
        __m128 tails[GROUP];
#pragma GCC unroll 4
        for (uint32_t m = 0; m < GROUP; m++)
            tails[m] = _mm_load_ps(
                (const float *)(block_of(codes, stride, places, i + m) + stride - TAIL));
        uint32_t bits = near4(limit, _mm_loadu_ps(distances + i), tails, kind);
        for (; bits; bits &= bits - 1)
            hits[n_hits++] = i + (uint32_t)__builtin_ctz(bits);
    }
    return n_hits + near_each(limit, codes, stride, places, distances, i, n, hits + n_hits);
}

static uint32_t near(const rk_limit *limit, const uint8_t *codes, size_t stride,
                     const uint32_t *places, const float *distances, uint32_t n, uint32_t *hits)
{
    switch (limit->kind) {
    case RK_LIMIT_PRODUCT:
        return near_all(limit, codes, stride, places, distances, n, hits, RK_LIMIT_PRODUCT);
    case RK_LIMIT_SKETCH:
        return near_all(limit, codes, stride, places, distances, n, hits, RK_LIMIT_SKETCH);
    default:
        return near_all(limit, codes, stride, places, distances, n, hits, RK_LIMIT_DISTANCE);
    }
}
#endif

static uint64_t count(const uint64_t *words, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (uint64_t)__builtin_popcountll(words[i]);
    return sum;
}

const rk_exact_ops RK_SIMD_NAME(rk_exact_ops) = {.near = near, .count = count};
