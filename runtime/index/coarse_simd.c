/* Tiles, with AVX2: by queries of six bits, whose products with codes can be summed in 16 bits for
 * a while. */
#include "runtime/index/exact_ops.h"

#include "runtime/base/simd.h"

#if RK_SIMD == 3
#include <immintrin.h>

extern const rk_tile_ops rk_tile_ops_v3;

enum {
    LANES = 8,
    HALVES = 2,                           /* registers of vectors at once */
    GROUP = HALVES * LANES,               /* vectors at once, */
    SIZE = GROUP * RK_TILE_STEP,          /* and bytes of a step of theirs */
    QUERIES = 3,                          /* at once */
    RUN = 4,                              /* steps that 16 bits hold: 2 * 255 * 16 each */
    WORD = 64,                            /* bytes of codes that are always there */
    WORD_STEPS = WORD / RK_TILE_STEP,     /* steps of them */
    WIDE = LANES * (int)sizeof(uint32_t), /* bytes of a register */
};

static inline uint32_t words_of(uint32_t steps) { return (steps + WORD_STEPS - 1) / WORD_STEPS; }

/* A square of 8 x 8 ints, rows to columns. */
static inline __attribute__((always_inline)) void transpose(__m256i *r)
{
    __m256i a[LANES], b[LANES];
#pragma GCC unroll 4
    for (int i = 0; i < LANES; i += 2) {
        a[i] = _mm256_unpacklo_epi32(r[i], r[i + 1]);
        a[i + 1] = _mm256_unpackhi_epi32(r[i], r[i + 1]);
    }
#pragma GCC unroll 2
    for (int i = 0; i < LANES; i += 4) { /* b[i + c]: columns c and 4 + c of four rows */
        b[i] = _mm256_unpacklo_epi64(a[i], a[i + 2]);
        b[i + 1] = _mm256_unpackhi_epi64(a[i], a[i + 2]);
        b[i + 2] = _mm256_unpacklo_epi64(a[i + 1], a[i + 3]);
        b[i + 3] = _mm256_unpackhi_epi64(a[i + 1], a[i + 3]);
    }
#pragma GCC unroll 4
    for (int c = 0; c < 4; c++) {
        r[c] = _mm256_permute2x128_si256(b[c], b[4 + c], 0x20);
        r[4 + c] = _mm256_permute2x128_si256(b[c], b[4 + c], 0x31);
    }
}

/* codes: [groups][words * 16][2][8][4], so that those of a group follow each other. */
static void turn(rk_tile *tile, uint32_t words)
{
    for (uint32_t v = 0; v < RK_TILE; v += LANES) {
        uint8_t *out = tile->codes + v / GROUP * ((size_t)words * WORD_STEPS * SIZE);
        out += v % GROUP / LANES * WIDE;
        for (uint32_t i = 0; i < words * WORD; i += WIDE, out += LANES * SIZE) {
            __m256i rows[LANES];
#pragma GCC unroll 8
            for (uint32_t r = 0; r < LANES; r++)
                rows[r] = _mm256_load_si256((const __m256i *)(tile->blocks[v + r] + i));
            transpose(rows);
#pragma GCC unroll 8
            for (uint32_t r = 0; r < LANES; r++)
                _mm256_store_si256((__m256i *)(out + r * SIZE), rows[r]);
        }
    }
}

static inline __attribute__((always_inline)) __m256i four_of(const int8_t *bytes)
{
    int32_t four;
    memcpy(&four, bytes, sizeof four);
    return _mm256_set1_epi32(four);
}

/* Keeps additions in their order: in another, the compiler runs out of registers. */
#define HOLD(x) __asm__("" : "+x"(x))

/* The sums of products of a group and n queries. */
static inline __attribute__((always_inline)) void sums_of(const uint8_t *codes,
                                                          const rk_tile_query *queries,
                                                          uint32_t steps, const uint32_t n,
                                                          __m256i (*sums)[HALVES])
{
    for (uint32_t t = 0; t < steps; t += RUN, codes += RUN * SIZE) {
        __m256i some[QUERIES][HALVES];
#pragma GCC unroll 4
        for (uint32_t i = 0; i < RUN; i++) {
            const __m256i *const at = (const __m256i *)(codes + i * SIZE);
            const __m256i low = _mm256_load_si256(at), high = _mm256_load_si256(at + 1);
#pragma GCC unroll 3
            for (uint32_t q = 0; q < n; q++) {
                const __m256i four = four_of(queries[q].bytes + (t + i) * RK_TILE_STEP);
                const __m256i x = _mm256_maddubs_epi16(low, four);
                const __m256i y = _mm256_maddubs_epi16(high, four);
                some[q][0] = i == 0 ? x : _mm256_add_epi16(some[q][0], x);
                some[q][1] = i == 0 ? y : _mm256_add_epi16(some[q][1], y);
                HOLD(some[q][0]);
                HOLD(some[q][1]);
            }
        }
#pragma GCC unroll 3
        for (uint32_t q = 0; q < n; q++)
#pragma GCC unroll 2
            for (uint32_t h = 0; h < HALVES; h++)
                sums[q][h] = _mm256_add_epi32(sums[q][h],
                                              _mm256_madd_epi16(some[q][h], _mm256_set1_epi16(1)));
    }
}

/* Which lanes, of the vectors from `first` on, may be among the best of a query. */
static inline __attribute__((always_inline)) uint32_t
near(const rk_tile *tile, const rk_tile_query *query, __m256i sum, uint32_t first)
{
    __m256 least =
        _mm256_mul_ps(_mm256_load_ps(tile->bounds[0] + first), _mm256_set1_ps(query->by[0]));
    for (int k = 1; k < 3; k++)
        least = _mm256_fmadd_ps(_mm256_load_ps(tile->bounds[k] + first),
                                _mm256_set1_ps(query->by[k]), least);
    return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(_mm256_cvtepi32_ps(sum), least, _CMP_NLT_UQ));
}

/* The hits of n queries in group g. */
static inline __attribute__((always_inline)) void near_of(const rk_tile *tile,
                                                          const rk_tile_query *queries,
                                                          const uint32_t n, uint32_t g,
                                                          uint64_t *hits)
{
    const size_t size = (size_t)words_of(tile->steps) * WORD_STEPS * SIZE;
    __m256i sums[QUERIES][HALVES];
#pragma GCC unroll 3
    for (uint32_t q = 0; q < n; q++)
        sums[q][0] = sums[q][1] = _mm256_set1_epi32(queries[q].start);
    sums_of(tile->codes + g * size, queries, tile->steps, n, sums);
#pragma GCC unroll 3
    for (uint32_t q = 0; q < n; q++)
#pragma GCC unroll 2
        for (uint32_t h = 0; h < HALVES; h++) {
            const uint32_t first = g * GROUP + h * LANES;
            hits[q] |= (uint64_t)near(tile, &queries[q], sums[q][h], first) << first;
        }
}

static uint32_t run(const rk_tile *tile, const rk_tile_query *queries, uint32_t n,
                    rk_tile_hit *hits)
{
    uint64_t bits[RK_TILE_QUERIES] = {0};
    for (uint32_t g = 0; g < RK_TILE / GROUP; g++) {
        uint32_t q = 0;
        for (; n - q >= QUERIES; q += QUERIES)
            near_of(tile, queries + q, QUERIES, g, bits + q);
        if (n - q == 2)
            near_of(tile, queries + q, 2, g, bits + q);
        else if (n - q == 1)
            near_of(tile, queries + q, 1, g, bits + q);
    }
    const uint64_t there = tile->n < RK_TILE ? (UINT64_C(1) << tile->n) - 1 : UINT64_MAX;
    uint32_t n_hits = 0;
    for (uint32_t q = 0; q < n; q++)
        for (uint64_t left = bits[q] & there; left; left &= left - 1)
            hits[n_hits++] =
                (rk_tile_hit){.query = (uint16_t)q, .vector = (uint16_t)__builtin_ctzll(left)};
    return n_hits;
}

const rk_tile_ops rk_tile_ops_v3 = {
    .coarse = true, .queries = RK_TILE_QUERIES, .turn = turn, .run = run};
#else
/* Others have better tiles, or none. */
typedef int rk_no_coarse_tiles;
#endif
