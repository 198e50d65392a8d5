/* slice_leaf.h in AVX2. Registers cannot look up as much as those of AVX-512 can, so tables hold
 * values as they are, and sums the rows in their order. */
#ifndef RK_MODEL_SLICE_LEAF_V3_H
#define RK_MODEL_SLICE_LEAF_V3_H

#include <immintrin.h>
#include <string.h>

#include "runtime/model/rank_below.h"
#include "runtime/model/slice.h"

/* ---- ranks ---- */

static void find_missing(const double *x, bool zero, const rk_slice_room *room)
{
    for (uint32_t g = 0; g < room->groups; g++) {
        room->missing[g] = 0;
        for (uint32_t i = 0; i < 64; i++)
            room->missing[g] |= (uint64_t)rank_misses(x[64 * g + i], zero) << i;
    }
}

static void rank_double(const rk_rank_column *column, const double *x, uint32_t n, uint8_t *ranks)
{
    const uint8_t missing = column->nan_right ? RK_RANK_RIGHT : 0;
    for (uint32_t i = 0; i < n; i++)
        ranks[i] = rank_there(column, x[i]);
    if (column->nan_right || column->zero)
        for (uint32_t i = 0; i < n; i++)
            ranks[i] = rank_misses(x[i], column->zero) ? missing : ranks[i];
}

static void rank_float(const rk_rank_column *column, const float *x, uint32_t n, uint8_t *ranks)
{
    const uint8_t missing = column->nan_right ? RK_RANK_RIGHT : 0;
    for (uint32_t i = 0; i < n; i++)
        ranks[i] = rank_there_float(column, x[i]);
    if (column->nan_right || column->zero)
        for (uint32_t i = 0; i < n; i++)
            ranks[i] = rank_misses((double)x[i], column->zero) ? missing : ranks[i];
}

/* ---- masks ---- */

static inline uint32_t from_rank(__m256i ranks, __m256i least)
{
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(ranks, least), ranks));
}

static void answer(const rk_rank_column *column, const rk_slice_room *room)
{
    for (uint32_t g = 0; g < room->groups; g++) {
        const __m256i *const ranks = (const __m256i *)(room->ranks + 64 * g);
        const __m256i low = _mm256_load_si256(ranks), high = _mm256_load_si256(ranks + 1);
        uint64_t *out = room->answers + (size_t)column->first * room->words + g;
        for (uint32_t k = 0; k < column->n; k++) {
            const __m256i least = _mm256_set1_epi8((char)(k + 1));
            *out = from_rank(low, least) | (uint64_t)from_rank(high, least) << 32;
            out += room->words;
        }
    }
}

static void answer_set(const rk_set_predicate *set, const rk_slice_room *room, uint64_t *out)
{
    for (uint32_t g = 0; g < room->groups; g++) {
        uint64_t in = 0;
        for (uint32_t i = 0; i < 64; i++) {
            const uint32_t word = (uint32_t)room->categories[64 * g + i] >> 5;
            const uint32_t bits = word < set->n_words ? set->words[word] : 0;
            in |= (uint64_t)((bits & room->bits[64 * g + i]) != 0) << i;
        }
        const uint64_t right = set->in_right ? in : ~in;
        out[g] = set->nan_right ? right | room->missing[g] : right & ~room->missing[g];
    }
}

/* ---- leaves ---- */

/* Bytes of 32 rows that have `weight` where the row's bit is set. */
static inline __m256i weigh(uint32_t bits, unsigned weight)
{
    const __m256i spread = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2,
                                            2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
    const __m256i own = _mm256_set1_epi64x((long long)0x8040201008040201u);
    const __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), spread);
    return _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_and_si256(bytes, own), own),
                            _mm256_set1_epi8((char)weight));
}

static inline __attribute__((always_inline)) void
number_bytes(const rk_slice_room *room, uint32_t g, const unsigned bits, uint8_t *numbers)
{
#pragma GCC unroll 2
    for (unsigned half = 0; half < 2; half++) {
        __m256i number = _mm256_setzero_si256();
#pragma GCC unroll 8
        for (unsigned b = 0; b < bits; b++) {
            const uint64_t plane = room->planes[(size_t)b * room->words + g];
            number = _mm256_or_si256(number, weigh((uint32_t)(plane >> 32 * half), 1u << b));
        }
        _mm256_store_si256((__m256i *)(numbers + 32 * half), number);
    }
}

static void number_rows(const rk_sliced *s, const rk_slice_room *room, uint32_t g, uint8_t *numbers)
{
    switch (s->bits) {
    case 3:
        number_bytes(room, g, 3, numbers);
        break;
    case 4:
        number_bytes(room, g, 4, numbers);
        break;
    case 5:
        number_bytes(room, g, 5, numbers);
        break;
    case 6:
        number_bytes(room, g, 6, numbers);
        break;
    case 7:
        number_bytes(room, g, 7, numbers);
        break;
    default:
        number_bytes(room, g, 8, numbers);
    }
}

static void add_doubles(const double *table, const uint8_t *numbers, double *sums)
{
    for (unsigned i = 0; i < 64; i += 4) {
        const __m256d v = _mm256_set_pd(table[numbers[i + 3]], table[numbers[i + 2]],
                                        table[numbers[i + 1]], table[numbers[i]]);
        _mm256_store_pd(sums + i, _mm256_add_pd(_mm256_load_pd(sums + i), v));
    }
}

static void add_floats(const float *table, const uint8_t *numbers, float *sums)
{
    for (unsigned i = 0; i < 64; i += 4) {
        const __m128 v = _mm_set_ps(table[numbers[i + 3]], table[numbers[i + 2]],
                                    table[numbers[i + 1]], table[numbers[i]]);
        _mm_store_ps(sums + i, _mm_add_ps(_mm_load_ps(sums + i), v));
    }
}

/* Values of a piece: the bits of one that is not here are zero. */
static void put_part(const rk_slices *slices, const rk_sliced *s, const uint8_t *numbers,
                     uint32_t row, void *part)
{
    for (unsigned i = 0; i < 64; i++)
        if (slices->in_float)
            ((uint32_t *)part)[row + i] |= ((const uint32_t *)(const void *)s->table)[numbers[i]];
        else
            ((uint64_t *)part)[row + i] |= ((const uint64_t *)(const void *)s->table)[numbers[i]];
}

static void add_part(const rk_slices *slices, const rk_slice_room *room, void *sums)
{
    const uint32_t n = room->groups * 64;
    if (slices->in_float)
        for (uint32_t i = 0; i < n; i++)
            ((float *)sums)[i] += ((const float *)room->part)[i];
    else
        for (uint32_t i = 0; i < n; i++)
            ((double *)sums)[i] += ((const double *)room->part)[i];
}

static void add_leaves(const rk_slices *slices, const rk_sliced *s, const rk_slice_room *room)
{
    const size_t size = slices->in_float ? sizeof(float) : sizeof(double);
    uint8_t numbers[64] __attribute__((aligned(32)));
    void *const sums = (char *)room->sums + (size_t)s->output * room->words * 64 * size;
    if (s->part && s->place == 0)
        memset(room->part, 0, room->groups * 64 * size);
    for (uint32_t g = 0; g < room->groups; g++) {
        number_rows(s, room, g, numbers);
        if (s->part)
            put_part(slices, s, numbers, 64 * g, room->part);
        else if (slices->in_float)
            add_floats((const float *)(const void *)s->table, numbers, (float *)sums + 64 * g);
        else
            add_doubles((const double *)(const void *)s->table, numbers, (double *)sums + 64 * g);
    }
    if (s->part && s->last)
        add_part(slices, room, sums);
}

static inline uint32_t place_double(uint32_t row) { return row; }
static inline uint32_t place_float(uint32_t row) { return row; }
enum { TABLE_IN_WORDS = 0 };

#endif
