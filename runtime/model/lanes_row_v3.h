/* lanes_row.h in AVX2. */
#ifndef RK_MODEL_LANES_ROW_V3_H
#define RK_MODEL_LANES_ROW_V3_H

#include <immintrin.h>

#include "runtime/model/lanes.h"

typedef struct row {
    __m256i ranks[4]; /* of 16 columns each, twice */
    __m256i left[2];  /* leaves that remain of 8 pieces each */
} row;

static inline void row_begin(row *x) { x->left[0] = x->left[1] = _mm256_set1_epi32(-1); }

static inline void row_look(row *x, const uint16_t *ranks)
{
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) {
        const __m128i *const words = (const __m128i *)(ranks + 16 * k);
        x->ranks[k] = _mm256_broadcastsi128_si256(
            _mm_packus_epi16(_mm_load_si128(words), _mm_load_si128(words + 1)));
    }
}

/* Where 32 columns are to be looked up; a byte with its high bit set looks nothing up. */
typedef struct row_columns {
    __m256i at[4];
} row_columns;

static inline row_columns row_find(const uint8_t *bytes)
{
    const __m256i column = _mm256_load_si256((const __m256i *)bytes);
    row_columns columns;
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++)
        columns.at[k] = _mm256_adds_epu8(_mm256_sub_epi8(column, _mm256_set1_epi8((char)(16 * k))),
                                         _mm256_set1_epi8(0x70));
    return columns;
}

/* Bytes of ones where the rank is not more. */
static inline __m256i row_stay(const row *x, const row_columns *columns, __m256i threshold)
{
    const __m256i *const at = columns->at;
    const __m256i rank = _mm256_or_si256(_mm256_or_si256(_mm256_shuffle_epi8(x->ranks[0], at[0]),
                                                         _mm256_shuffle_epi8(x->ranks[1], at[1])),
                                         _mm256_or_si256(_mm256_shuffle_epi8(x->ranks[2], at[2]),
                                                         _mm256_shuffle_epi8(x->ranks[3], at[3])));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(rank, threshold), rank);
}

/* Eight of the bytes as words of 32 bits, and what they leave. */
static inline __m256i row_keep(__m256i left, __m128i stay, const uint32_t *keep)
{
    const __m256i wide = _mm256_cvtepi8_epi32(stay);
    const __m256i kept = _mm256_load_si256((const __m256i *)keep);
    return _mm256_and_si256(left, _mm256_or_si256(wide, kept));
}

static inline __attribute__((always_inline)) void row_ask(const rk_lane_step *step, row *rows,
                                                          const uint32_t n)
{
    const __m256i threshold = _mm256_load_si256((const __m256i *)step->threshold);
    const row_columns columns = row_find(step->column);
#pragma GCC unroll 4
    for (uint32_t r = 0; r < n; r++) {
        row *const x = &rows[r];
        const __m256i stay = row_stay(x, &columns, threshold);
        const __m128i first = _mm256_castsi256_si128(stay);
        const __m128i second = _mm256_extracti128_si256(stay, 1);
        x->left[0] = row_keep(x->left[0], first, step->keep);
        x->left[1] = row_keep(x->left[1], _mm_unpackhi_epi64(first, first), step->keep + 8);
        x->left[0] = row_keep(x->left[0], second, step->keep + 16);
        x->left[1] = row_keep(x->left[1], _mm_unpackhi_epi64(second, second), step->keep + 24);
    }
}

static inline void row_ask_set(const rk_lane_set_step *step, row *x, uint16_t right)
{
    const __m256i own = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
#pragma GCC unroll 2
    for (int half = 0; half < 2; half++) {
        const __m256i bits = _mm256_and_si256(_mm256_set1_epi32(right >> 8 * half), own);
        const __m256i stay = _mm256_cmpeq_epi32(bits, _mm256_setzero_si256());
        const __m256i keep = _mm256_load_si256((const __m256i *)(step->keep + 8 * half));
        x->left[half] = _mm256_and_si256(x->left[half], _mm256_or_si256(stay, keep));
    }
}

/* Leaves' numbers as bytes in left[0]. */
static inline void level_begin(row *x) { x->left[0] = _mm256_setzero_si256(); }

static inline __attribute__((always_inline)) void level_ask(const rk_lane_level *level, row *rows,
                                                            const uint32_t n)
{
    const __m256i threshold = _mm256_load_si256((const __m256i *)level->threshold);
    const __m256i bit = _mm256_load_si256((const __m256i *)level->bit);
    const row_columns columns = row_find(level->column);
#pragma GCC unroll 4
    for (uint32_t r = 0; r < n; r++)
        rows[r].left[0] = _mm256_or_si256(
            rows[r].left[0], _mm256_andnot_si256(row_stay(&rows[r], &columns, threshold), bit));
}

static inline void level_end(const row *x, uint8_t *exits)
{
    _mm256_store_si256((__m256i *)exits, x->left[0]);
}

/* The leftmost leaf is the lowest bit. */
static inline void row_end(const row *x, uint8_t *exits)
{
    uint32_t left[RK_LANES] __attribute__((aligned(32)));
    _mm256_store_si256((__m256i *)left, x->left[0]);
    _mm256_store_si256((__m256i *)left + 1, x->left[1]);
    for (unsigned i = 0; i < RK_LANES; i++)
        exits[i] = (uint8_t)__builtin_ctz(left[i]);
}

#endif
