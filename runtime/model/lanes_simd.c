#include "runtime/model/lanes.h"

#include "runtime/base/simd.h"

extern const rk_lanes_kernels RK_SIMD_NAME(rk_lanes_kernels);

#if RK_SIMD != 4

const rk_lanes_kernels RK_SIMD_NAME(rk_lanes_kernels) = {0};

#else

#include <immintrin.h>

static unsigned below(const double *t, double x)
{
    const __m512d v = _mm512_set1_pd(x);
    const unsigned low = _mm512_cmp_pd_mask(_mm512_load_pd(t), v, _CMP_LE_OQ);
    const unsigned high = _mm512_cmp_pd_mask(_mm512_load_pd(t + 8), v, _CMP_LE_OQ);
    return (unsigned)__builtin_popcount(low | high << 8);
}

static uint8_t rank(const rk_rank_column *column, double x)
{
    const double *const t = column->doubles, *const leaf = t + RK_RANK_GROUP;
    if (x != x || (column->zero && x >= -RK_FOREST_ZERO && x <= RK_FOREST_ZERO))
        return column->nan_right ? RK_RANK_RIGHT : 0;
    const unsigned at = column->groups == 1 ? 0 : RK_RANK_GROUP * below(t, x);
    return (uint8_t)(at + below(leaf + at, x));
}

/* What a row has in registers: ranks of 64 columns, and leaves that remain of 16 pieces, in two
 * words to be put together. */
typedef struct row {
    __m512i low, high;
    __m512i left[2];
} row;

static inline __attribute__((always_inline)) void ask(const rk_lane_step *step, row *rows,
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

static inline __attribute__((always_inline)) void ask_sets(const rk_lanes *lanes,
                                                           const rk_lanes_room *room,
                                                           uint32_t block, row *rows,
                                                           const uint32_t n)
{
    const uint32_t n_states = lanes->n_states;
    uint32_t at = block ? lanes->set_ends[block * n_states - 1] : 0;
    for (uint32_t s = 0; s < n_states; s++) {
        const uint32_t end = lanes->set_ends[block * n_states + s];
        uint32_t place = lanes->set_from[block * n_states + s];
        for (; at < end; at++, place++) {
            const __m512i keep = _mm512_load_si512(lanes->set_steps[at].keep);
#pragma GCC unroll 4
            for (uint32_t r = 0; r < n; r++)
                rows[r].left[0] = _mm512_mask_and_epi32(
                    rows[r].left[0], room->answers[r * n_states + s][place], rows[r].left[0], keep);
        }
    }
}

static inline void look_at(const rk_lanes *lanes, const rk_lanes_room *room, uint32_t group,
                           row *rows, const uint32_t n)
{
#pragma GCC unroll 4
    for (uint32_t r = 0; r < n; r++) {
        const uint16_t *const ranks =
            room->ranks + ((size_t)r * lanes->n_groups + group) * RK_LANES_GROUP;
        rows[r].low = _mm512_load_si512(ranks);
        rows[r].high = _mm512_load_si512(ranks + 32);
    }
}

/* The leftmost leaf is the lowest bit. */
static inline void leave(const row *x, uint8_t *exits)
{
    const __m512i left = _mm512_and_si512(x->left[0], x->left[1]);
    const __m512i lowest = _mm512_and_si512(left, _mm512_sub_epi32(_mm512_setzero_si512(), left));
    const __m512i exit = _mm512_sub_epi32(_mm512_set1_epi32(31), _mm512_lzcnt_epi32(lowest));
    _mm_store_si128((__m128i *)exits, _mm512_cvtepi32_epi8(exit));
}

static inline __attribute__((always_inline)) void
run_rows(const rk_lanes *lanes, const rk_lanes_room *room, const uint32_t n)
{
    row rows[RK_LANES_ROWS];
    const rk_lane_step *step = lanes->steps;
    look_at(lanes, room, 0, rows, n);
    for (uint32_t b = 0; b < lanes->n_blocks; b++) {
#pragma GCC unroll 4
        for (uint32_t r = 0; r < n; r++)
            rows[r].left[0] = rows[r].left[1] = _mm512_set1_epi32(-1);
        for (uint32_t g = 0; g < lanes->n_groups; g++) {
            if (lanes->n_groups > 1)
                look_at(lanes, room, g, rows, n);
            const rk_lane_step *const end = lanes->steps + lanes->ends[b * lanes->n_groups + g];
            for (; step < end; step++)
                ask(step, rows, n);
        }
        if (lanes->n_states)
            ask_sets(lanes, room, b, rows, n);
#pragma GCC unroll 4
        for (uint32_t r = 0; r < n; r++)
            leave(&rows[r], room->exits + (size_t)r * lanes->n_pieces + b * RK_LANES);
    }
}

static void run(const rk_lanes *lanes, const rk_lanes_room *room)
{
    if (room->n == 4)
        run_rows(lanes, room, 4);
    else if (room->n == 3)
        run_rows(lanes, room, 3);
    else if (room->n == 2)
        run_rows(lanes, room, 2);
    else
        run_rows(lanes, room, 1);
}

const rk_lanes_kernels RK_SIMD_NAME(rk_lanes_kernels) = {.rank = rank, .run = run};

#endif
