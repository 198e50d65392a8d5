/* lanes_row.h in AVX-512. */
#ifndef RK_MODEL_LANES_ROW_V4_H
#define RK_MODEL_LANES_ROW_V4_H

#include <immintrin.h>

#include "runtime/model/lanes.h"

/* Leaves that remain in two words, to be put together. */
typedef struct row {
    __m512i low, high; /* ranks */
    __m512i left[2];
} row;

static inline void row_begin(row *x) { x->left[0] = x->left[1] = _mm512_set1_epi32(-1); }

static inline void row_look(row *x, const uint16_t *ranks)
{
    x->low = _mm512_load_si512(ranks);
    x->high = _mm512_load_si512(ranks + 32);
}

static inline __attribute__((always_inline)) void row_ask(const rk_lane_step *step, row *rows,
                                                          const uint32_t n)
{
    const __m512i column = _mm512_cvtepu8_epi16(_mm256_load_si256((const __m256i *)step->column));
    const __m512i threshold =
        _mm512_cvtepu8_epi16(_mm256_load_si256((const __m256i *)step->threshold));
    const __m512i keep[2] = {_mm512_load_si512(step->keep), _mm512_load_si512(step->keep + 16)};
#pragma GCC unroll 4
    for (uint32_t r = 0; r < n; r++) {
        row *const x = &rows[r];
        const __m512i rank = _mm512_permutex2var_epi16(x->low, column, x->high);
        const __mmask32 right = _mm512_cmpgt_epu16_mask(rank, threshold);
        x->left[0] = _mm512_mask_and_epi32(x->left[0], (__mmask16)right, x->left[0], keep[0]);
        x->left[1] =
            _mm512_mask_and_epi32(x->left[1], (__mmask16)(right >> 16), x->left[1], keep[1]);
    }
}

static inline void row_ask_set(const rk_lane_set_step *step, row *x, uint16_t right)
{
    const __m512i keep = _mm512_load_si512(step->keep);
    x->left[0] = _mm512_mask_and_epi32(x->left[0], right, x->left[0], keep);
}

/* Leaves' numbers as words of 16 bits in left[0]. */
static inline void level_begin(row *x) { x->left[0] = _mm512_setzero_si512(); }

static inline __m512i level_words(const uint8_t *bytes)
{
    return _mm512_cvtepu8_epi16(_mm256_load_si256((const __m256i *)bytes));
}

static inline __attribute__((always_inline)) void level_ask(const rk_lane_level *level, row *rows,
                                                            const uint32_t n)
{
    const __m512i column = level_words(level->column), threshold = level_words(level->threshold);
    const __m512i bit = level_words(level->bit);
#pragma GCC unroll 4
    for (uint32_t r = 0; r < n; r++) {
        row *const x = &rows[r];
        const __m512i rank = _mm512_permutex2var_epi16(x->low, column, x->high);
        const __mmask32 right = _mm512_cmpgt_epu16_mask(rank, threshold);
        x->left[0] = _mm512_mask_add_epi16(x->left[0], right, x->left[0], bit);
    }
}

static inline void level_end(const row *x, uint8_t *exits)
{
    _mm256_store_si256((__m256i *)exits, _mm512_cvtepi16_epi8(x->left[0]));
}

/* The leftmost leaf is the lowest bit. */
static inline void row_end(const row *x, uint8_t *exits)
{
    const __m512i left = _mm512_and_si512(x->left[0], x->left[1]);
    const __m512i lowest = _mm512_and_si512(left, _mm512_sub_epi32(_mm512_setzero_si512(), left));
    const __m512i exit = _mm512_sub_epi32(_mm512_set1_epi32(31), _mm512_lzcnt_epi32(lowest));
    _mm_store_si128((__m128i *)exits, _mm512_cvtepi32_epi8(exit));
}

#endif
