/* slice_leaf.h in AVX-512. */
#ifndef RK_MODEL_SLICE_LEAF_V4_H
#define RK_MODEL_SLICE_LEAF_V4_H

#include <immintrin.h>

#include "runtime/model/rank_below.h"
#include "runtime/model/slice.h"

/* ---- ranks ---- */

/* How many of 16 thresholds are <= x, in each lane: a binary search in registers. The last one is
 * never counted. */
static inline __m512i count_double(__m512d x, __m512d low, __m512d high)
{
    __m512i p = _mm512_setzero_si512();
#pragma GCC unroll 4
    for (int step = 8; step; step /= 2) {
        const __m512i at = _mm512_add_epi64(p, _mm512_set1_epi64(step - 1));
        const __m512d t = _mm512_permutex2var_pd(low, at, high);
        p = _mm512_mask_add_epi64(p, _mm512_cmp_pd_mask(t, x, _CMP_LE_OQ), p,
                                  _mm512_set1_epi64(step));
    }
    return p;
}

static inline __m512i count_float(__m512 x, __m512 thresholds)
{
    __m512i p = _mm512_setzero_si512();
#pragma GCC unroll 4
    for (int step = 8; step; step /= 2) {
        const __m512i at = _mm512_add_epi32(p, _mm512_set1_epi32(step - 1));
        const __m512 t = _mm512_permutexvar_ps(at, thresholds);
        p = _mm512_mask_add_epi32(p, _mm512_cmp_ps_mask(t, x, _CMP_LE_OQ), p,
                                  _mm512_set1_epi32(step));
    }
    return p;
}

/* Where x is missing. */
static inline __mmask8 miss_double(__m512d x, bool zero)
{
    const __mmask8 nan = _mm512_cmp_pd_mask(x, x, _CMP_UNORD_Q);
    const __m512d least = _mm512_set1_pd(RK_FOREST_ZERO);
    return zero ? nan | _mm512_cmp_pd_mask(_mm512_abs_pd(x), least, _CMP_LE_OQ) : nan;
}

/* Missing values, of which the search knew nothing. */
static void patch_double(const rk_rank_column *column, const double *x, uint32_t n, uint8_t *ranks)
{
    const __m128i rank = _mm_set1_epi8(column->nan_right ? (char)RK_RANK_RIGHT : 0);
    for (uint32_t i = 0; i < n; i += 8)
        _mm_mask_storeu_epi8(ranks + i, miss_double(_mm512_loadu_pd(x + i), column->zero), rank);
}

static void patch_float(const rk_rank_column *column, const float *x, uint32_t n, uint8_t *ranks)
{
    const __m128i rank = _mm_set1_epi8(column->nan_right ? (char)RK_RANK_RIGHT : 0);
    const __m512 least = _mm512_set1_ps((float)RK_FOREST_ZERO);
    for (uint32_t i = 0; i < n; i += 16) {
        const __m512 v = _mm512_loadu_ps(x + i);
        const __mmask16 nan = _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
        const __mmask16 zero = _mm512_cmp_ps_mask(_mm512_abs_ps(v), least, _CMP_LE_OQ);
        _mm_mask_storeu_epi8(ranks + i, column->zero ? nan | zero : nan, rank);
    }
}

static void find_missing(const double *x, bool zero, const rk_slice_room *room)
{
    uint8_t *const out = (uint8_t *)room->missing;
    for (uint32_t i = 0; i < room->groups * 8; i++)
        out[i] = miss_double(_mm512_loadu_pd(x + 8 * i), zero);
}

/* How many of a table's 31 are <= x, and where the last of these equals x. */
static inline __m512i count_table(__m512 x, const float *table, __mmask16 *equal)
{
    const __m512 low = _mm512_load_ps(table), high = _mm512_load_ps(table + 16);
    __m512i p = _mm512_setzero_si512();
#pragma GCC unroll 5
    for (int step = 16; step; step /= 2) {
        const __m512i at = _mm512_add_epi32(p, _mm512_set1_epi32(step - 1));
        const __m512 t = _mm512_permutex2var_ps(low, at, high);
        p = _mm512_mask_add_epi32(p, _mm512_cmp_ps_mask(t, x, _CMP_LE_OQ), p,
                                  _mm512_set1_epi32(step));
    }
    /* One before the first is the last one, a NaN. */
    const __m512i last = _mm512_sub_epi32(p, _mm512_set1_epi32(1));
    *equal |= _mm512_cmp_ps_mask(_mm512_permutex2var_ps(low, last, high), x, _CMP_EQ_OQ);
    return p;
}

static inline __attribute__((always_inline)) void
count_tables(__m512 x, const float *tables, const unsigned n, __mmask16 *equal, uint8_t *ranks)
{
    __m512i p = count_table(x, tables, equal);
#pragma GCC unroll 4
    for (unsigned k = 1; k < n; k++)
        p = _mm512_add_epi32(p, count_table(x, tables + 32 * k, equal));
    _mm_storeu_si128((__m128i *)ranks, _mm512_cvtepi32_epi8(p));
}

static inline __m512 round_down(const double *x)
{
    const __m256 low =
        _mm512_cvt_roundpd_ps(_mm512_loadu_pd(x), _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    const __m256 high =
        _mm512_cvt_roundpd_ps(_mm512_loadu_pd(x + 8), _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    return _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
}

static inline __attribute__((always_inline)) void search_tables(const rk_rank_column *column,
                                                                const double *x, uint32_t n,
                                                                uint8_t *ranks,
                                                                const unsigned tables)
{
    for (uint32_t i = 0; i < n; i += 16) {
        __mmask16 equal = 0;
        count_tables(round_down(x + i), column->down, tables, &equal, ranks + i);
        for (uint32_t left = equal; left; left &= left - 1) {
            const uint32_t row = i + (uint32_t)__builtin_ctz(left);
            ranks[row] = rank_there(column, x[row]);
        }
    }
}

/* Many thresholds: pivots in registers, then those of a group. */
static void search_double(const rk_rank_column *column, const double *x, uint32_t n, uint8_t *ranks)
{
    const double *const t = column->doubles, *const leaf = t + RK_RANK_GROUP;
    const __m512d low = _mm512_load_pd(t), high = _mm512_load_pd(t + 8);
    for (uint32_t i = 0; i < n; i += 8)
        _mm_storel_epi64((__m128i *)(ranks + i),
                         _mm512_cvtepi64_epi8(count_double(_mm512_loadu_pd(x + i), low, high)));
    for (uint32_t i = 0; i < n; i++) {
        const unsigned at = RK_RANK_GROUP * ranks[i];
        ranks[i] = (uint8_t)(at + below_double(leaf + at, x[i]));
    }
}

static void search_float(const rk_rank_column *column, const float *x, uint32_t n, uint8_t *ranks)
{
    const float *const t = column->floats, *const leaf = t + RK_RANK_GROUP;
    const __m512 pivots = _mm512_load_ps(t);
    for (uint32_t i = 0; i < n; i += 16)
        _mm_storeu_si128((__m128i *)(ranks + i),
                         _mm512_cvtepi32_epi8(count_float(_mm512_loadu_ps(x + i), pivots)));
    for (uint32_t i = 0; i < n; i++) {
        const unsigned at = RK_RANK_GROUP * ranks[i];
        ranks[i] = (uint8_t)(at + below_float(leaf + at, x[i]));
    }
}

static void rank_double(const rk_rank_column *column, const double *x, uint32_t n, uint8_t *ranks)
{
    switch (column->tables) {
    case 0:
        search_double(column, x, n, ranks);
        break;
    case 1:
        search_tables(column, x, n, ranks, 1);
        break;
    case 2:
        search_tables(column, x, n, ranks, 2);
        break;
    case 3:
        search_tables(column, x, n, ranks, 3);
        break;
    default:
        search_tables(column, x, n, ranks, 4);
    }
    if (column->nan_right || column->zero)
        patch_double(column, x, n, ranks);
}

static void rank_float(const rk_rank_column *column, const float *x, uint32_t n, uint8_t *ranks)
{
    __mmask16 equal = 0;
    if (!column->tables)
        search_float(column, x, n, ranks);
    for (uint32_t i = 0; i < n && column->tables; i += 16)
        count_tables(_mm512_loadu_ps(x + i), column->up, column->tables, &equal, ranks + i);
    if (column->nan_right || column->zero)
        patch_float(column, x, n, ranks);
}

/* ---- masks ---- */

static inline __attribute__((always_inline)) void
answer_groups(const rk_rank_column *column, const rk_slice_room *room, const uint32_t groups)
{
    uint64_t *out = room->answers + (size_t)column->first * room->words;
    __m512i ranks[RK_SLICE_MOST / 64], i = _mm512_setzero_si512();
#pragma GCC unroll 8
    for (uint32_t g = 0; g < groups; g++)
        ranks[g] = _mm512_load_si512(room->ranks + 64 * g);
    for (uint32_t k = 0; k < column->n; k++) {
#pragma GCC unroll 8
        for (uint32_t g = 0; g < groups; g++)
            out[g] = _mm512_cmpgt_epu8_mask(ranks[g], i);
        out += room->words;
        i = _mm512_add_epi8(i, _mm512_set1_epi8(1));
    }
}

static void answer(const rk_rank_column *column, const rk_slice_room *room)
{
    if (room->groups == 8)
        answer_groups(column, room, 8);
    else if (room->groups == 4)
        answer_groups(column, room, 4);
    else if (room->groups == 2)
        answer_groups(column, room, 2);
    else if (room->groups == 1)
        answer_groups(column, room, 1);
    else
        answer_groups(column, room, room->groups);
}

/* Which of 16 categories a set has. Up to 32 words stand in registers. */
static inline uint32_t in_set(const rk_set_predicate *set, __m512i word, __m512i bit, __m512i low,
                              __m512i high)
{
    const __mmask16 near = _mm512_cmplt_epu32_mask(word, _mm512_set1_epi32((int)set->n_words));
    const __m512i words = set->n_words <= 32
                              ? _mm512_permutex2var_epi32(low, word, high)
                              : _mm512_mask_i32gather_epi32(low, near, word, set->words, 4);
    return _mm512_mask_test_epi32_mask(near, words, bit);
}

static __m512i load_words(const uint32_t *words, uint32_t n)
{
    return _mm512_maskz_loadu_epi32((__mmask16)(n >= 16 ? 0xffff : (1u << n) - 1), words);
}

static void answer_set(const rk_set_predicate *set, const rk_slice_room *room, uint64_t *out)
{
    const uint32_t n = set->n_words;
    const __m512i low = load_words(set->words, n);
    const __m512i high = n > 16 ? load_words(set->words + 16, n - 16) : low;
    for (uint32_t g = 0; g < room->groups; g++) {
        uint64_t in = 0;
        for (uint32_t i = 0; i < 64; i += 16) {
            const __m512i c = _mm512_load_si512(room->categories + 64 * g + i);
            const __m512i bit = _mm512_load_si512(room->bits + 64 * g + i);
            in |= (uint64_t)in_set(set, _mm512_srli_epi32(c, 5), bit, low, high) << i;
        }
        const uint64_t right = set->in_right ? in : ~in;
        out[g] = set->nan_right ? right | room->missing[g] : right & ~room->missing[g];
    }
}

/* ---- leaves ---- */

/* Numbers of the leaves of 64 rows as bytes: bits 0 .. bits - 1. */
static inline __attribute__((always_inline)) __m512i number_bytes(const uint64_t *planes,
                                                                  size_t words, unsigned bits)
{
    __m512i number = _mm512_maskz_set1_epi8(planes[0], 1);
#pragma GCC unroll 8
    for (unsigned b = 1; b < bits; b++)
        number = _mm512_mask_add_epi8(number, planes[b * words], number,
                                      _mm512_set1_epi8((char)(1 << b)));
    return number;
}

/* Words of 32 rows out of a table of 2^bits; `top` are bits 6 and 7 of their numbers. */
static inline __attribute__((always_inline)) __m512i look_up(const uint16_t *table, __m512i number,
                                                             unsigned bits, const __mmask32 *top)
{
#define TABLE(k) _mm512_load_si512(table + 32 * (k))
    if (bits == 5)
        return _mm512_permutexvar_epi16(number, TABLE(0));
    __m512i w = _mm512_permutex2var_epi16(TABLE(0), number, TABLE(1));
    if (bits == 6)
        return w;
    w = _mm512_mask_blend_epi16(top[0], w, _mm512_permutex2var_epi16(TABLE(2), number, TABLE(3)));
    if (bits == 7)
        return w;
    const __m512i x = _mm512_permutex2var_epi16(TABLE(4), number, TABLE(5));
    const __m512i y = _mm512_permutex2var_epi16(TABLE(6), number, TABLE(7));
    return _mm512_mask_blend_epi16(top[1], w, _mm512_mask_blend_epi16(top[0], x, y));
#undef TABLE
}

/* Values go to sums, or are put together in `part`. */
static inline void put_double(double *to, __m512i value, bool part)
{
    if (part)
        _mm512_store_si512(to, _mm512_or_si512(_mm512_load_si512(to), value));
    else
        _mm512_store_pd(to, _mm512_add_pd(_mm512_load_pd(to), _mm512_castsi512_pd(value)));
}

static inline void put_float(float *to, __m512i value, bool part)
{
    if (part)
        _mm512_store_si512(to, _mm512_or_si512(_mm512_load_si512(to), value));
    else
        _mm512_store_ps(to, _mm512_add_ps(_mm512_load_ps(to), _mm512_castsi512_ps(value)));
}

/* The words of 32 rows put together. Unpacking leaves rows in an order of its own, which sums keep
 * until the end. */
static inline __attribute__((always_inline)) void add_doubles(double *to, const __m512i *w,
                                                              bool part)
{
    const __m512i a = _mm512_unpacklo_epi16(w[0], w[1]), b = _mm512_unpackhi_epi16(w[0], w[1]);
    const __m512i c = _mm512_unpacklo_epi16(w[2], w[3]), d = _mm512_unpackhi_epi16(w[2], w[3]);
    put_double(to, _mm512_unpacklo_epi32(a, c), part);
    put_double(to + 8, _mm512_unpackhi_epi32(a, c), part);
    put_double(to + 16, _mm512_unpacklo_epi32(b, d), part);
    put_double(to + 24, _mm512_unpackhi_epi32(b, d), part);
}

static inline __attribute__((always_inline)) void add_floats(float *to, const __m512i *w, bool part)
{
    put_float(to, _mm512_unpacklo_epi16(w[0], w[1]), part);
    put_float(to + 16, _mm512_unpackhi_epi16(w[0], w[1]), part);
}

static inline __attribute__((always_inline)) void add_group(const rk_sliced *s,
                                                            const uint64_t *planes, size_t words,
                                                            void *to, const unsigned bits,
                                                            const unsigned n_words, const bool part)
{
    const __m512i number = number_bytes(planes, words, bits < 6 ? bits : 6);
    const uint64_t six = bits > 6 ? planes[6 * words] : 0, seven = bits > 7 ? planes[7 * words] : 0;
#pragma GCC unroll 2
    for (unsigned half = 0; half < 2; half++) {
        const __m512i at = _mm512_cvtepu8_epi16(half ? _mm512_extracti64x4_epi64(number, 1)
                                                     : _mm512_castsi512_si256(number));
        const __mmask32 top[2] = {(__mmask32)(six >> 32 * half), (__mmask32)(seven >> 32 * half)};
        __m512i w[4];
#pragma GCC unroll 4
        for (unsigned k = 0; k < n_words; k++)
            w[k] = look_up(s->table + ((size_t)k << bits), at, bits, top);
        if (n_words == 4)
            add_doubles((double *)to + 32 * half, w, part);
        else
            add_floats((float *)to + 32 * half, w, part);
    }
}

#define ADD(bits, n_words, part, kind)                                                             \
    static void add_##bits##_##kind(const rk_sliced *s, const rk_slice_room *room, void *to)       \
    {                                                                                              \
        for (uint32_t g = 0; g < room->groups; g++)                                                \
            add_group(s, room->planes + g, room->words, (char *)to + 128 * n_words * g, bits,      \
                      n_words, part);                                                              \
    }
#define ADD_ALL(n_words, part, kind)                                                               \
    ADD(5, n_words, part, kind)                                                                    \
    ADD(6, n_words, part, kind)                                                                    \
    ADD(7, n_words, part, kind)                                                                    \
    ADD(8, n_words, part, kind)
ADD_ALL(4, false, doubles)
ADD_ALL(2, false, floats)
ADD_ALL(4, true, parts_double)
ADD_ALL(2, true, parts_float)

typedef void add_fn(const rk_sliced *, const rk_slice_room *, void *);
static add_fn *const adders[2][2][4] = {
    {{add_5_doubles, add_6_doubles, add_7_doubles, add_8_doubles},
     {add_5_parts_double, add_6_parts_double, add_7_parts_double, add_8_parts_double}},
    {{add_5_floats, add_6_floats, add_7_floats, add_8_floats},
     {add_5_parts_float, add_6_parts_float, add_7_parts_float, add_8_parts_float}}};

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

static inline void add_leaves(const rk_slices *slices, const rk_sliced *s,
                              const rk_slice_room *room)
{
    const size_t size = slices->in_float ? sizeof(float) : sizeof(double);
    void *const sums = (char *)room->sums + (size_t)s->output * room->words * 64 * size;
    if (s->part && s->place == 0)
        memset(room->part, 0, room->groups * 64 * size);
    adders[slices->in_float][s->part][s->table_bits - 5](s, room, s->part ? room->part : sums);
    if (s->part && s->last)
        add_part(slices, room, sums);
}

enum { TABLE_IN_WORDS = 1 };

/* Where the sum of a row stands. */
static inline uint32_t place_double(uint32_t row)
{
    return (row & ~31u) + (row >> 1 & 3) * 8 + (row >> 3 & 3) * 2 + (row & 1);
}
static inline uint32_t place_float(uint32_t row)
{
    return (row & ~31u) + (row >> 2 & 1) * 16 + (row >> 3 & 3) * 4 + (row & 3);
}

#endif
