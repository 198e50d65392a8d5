/* Counting thresholds in registers, for what is compiled once per vector level. */
#ifndef RK_MODEL_RANK_BELOW_H
#define RK_MODEL_RANK_BELOW_H

#include "runtime/model/predicate.h"

#if RK_SIMD == 4
#include <immintrin.h>

/* How many of the 16 at t are <= x. */
static inline unsigned below_double(const double *t, double x)
{
    const __m512d v = _mm512_set1_pd(x);
    const __mmask8 low = _mm512_cmp_pd_mask(_mm512_load_pd(t), v, _CMP_LE_OQ);
    const __mmask8 high = _mm512_cmp_pd_mask(_mm512_load_pd(t + 8), v, _CMP_LE_OQ);
    return (unsigned)__builtin_popcount(_mm512_kunpackb(high, low));
}

static inline unsigned below_float(const float *t, float x)
{
    return (unsigned)__builtin_popcount(
        _mm512_cmp_ps_mask(_mm512_load_ps(t), _mm512_set1_ps(x), _CMP_LE_OQ));
}

#elif RK_SIMD == 3
#include <immintrin.h>

/* Comparisons narrowed to two bytes each, in whatever order. */
static inline unsigned below_double(const double *t, double x)
{
    const __m256d v = _mm256_set1_pd(x);
    __m256i k[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
        k[i] = _mm256_castpd_si256(_mm256_cmp_pd(_mm256_load_pd(t + 4 * i), v, _CMP_LE_OQ));
    const __m256i narrow =
        _mm256_packs_epi16(_mm256_packs_epi32(k[0], k[1]), _mm256_packs_epi32(k[2], k[3]));
    return (unsigned)__builtin_popcount((unsigned)_mm256_movemask_epi8(narrow)) / 2;
}

static inline unsigned below_float(const float *t, float x)
{
    const __m256 v = _mm256_set1_ps(x);
    const int low = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_load_ps(t), v, _CMP_LE_OQ));
    const int high = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_load_ps(t + 8), v, _CMP_LE_OQ));
    return (unsigned)__builtin_popcount((unsigned)(low | high << 8));
}

#endif

/* The rank of a value, missing ones not looked at. */
#if RK_SIMD == 3 || RK_SIMD == 4

static inline uint8_t rank_there(const rk_rank_column *column, double x)
{
    const double *const t = column->doubles;
    const unsigned at = column->groups == 1 ? 0 : RK_RANK_GROUP * below_double(t, x);
    return (uint8_t)(at + below_double(t + RK_RANK_GROUP + at, x));
}

static inline uint8_t rank_there_float(const rk_rank_column *column, float x)
{
    const float *const t = column->floats;
    const unsigned at = column->groups == 1 ? 0 : RK_RANK_GROUP * below_float(t, x);
    return (uint8_t)(at + below_float(t + RK_RANK_GROUP + at, x));
}

#else

/* A search that never guesses: half of what is left is skipped or not. */
static inline uint8_t rank_there(const rk_rank_column *column, double x)
{
    const double *const t = column->doubles + RK_RANK_GROUP;
    unsigned at = 0, left = column->n;
    while (left > 1) {
        const unsigned half = left / 2;
        at += half & -(unsigned)(t[at + half - 1] <= x);
        left -= half;
    }
    return (uint8_t)(at + (t[at] <= x));
}

#endif

static inline bool rank_misses(double x, bool zero)
{
    return x != x || (zero && x >= -RK_FOREST_ZERO && x <= RK_FOREST_ZERO);
}

static inline uint8_t rank_value(const rk_rank_column *column, double x)
{
    if (rank_misses(x, column->zero))
        return column->nan_right ? RK_RANK_RIGHT : 0;
    return rank_there(column, x);
}

#endif
