/* Tiles, with AVX-512 VNNI. */
#include "runtime/index/exact_ops.h"

#include "runtime/base/simd.h"

#if RK_SIMD == 4
#include <immintrin.h>

extern const rk_tile_ops rk_tile_ops_vnni_v4;

enum { LANES = 16, GROUPS = RK_TILE / LANES, LINE = 64, QUERIES = 6 };

/* A square of 16 x 16 words, rows to columns. */
static inline __attribute__((always_inline)) void transpose(__m512i *r)
{
    __m512i a[LANES];
#pragma GCC unroll 8
    for (int i = 0; i < LANES; i += 2) {
        a[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
        a[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
    __m512i b[LANES]; /* b[4 q + c]: of each lane l, column 4 l + c of the rows 4 q .. 4 q + 3 */
#pragma GCC unroll 4
    for (int i = 0; i < LANES; i += 4) {
        b[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]);
        b[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
        b[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]);
        b[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
    }
#pragma GCC unroll 4
    for (int c = 0; c < 4; c++) {
        const __m512i x0 = _mm512_shuffle_i32x4(b[c], b[4 + c], 0x44);
        const __m512i x1 = _mm512_shuffle_i32x4(b[c], b[4 + c], 0xee);
        const __m512i y0 = _mm512_shuffle_i32x4(b[8 + c], b[12 + c], 0x44);
        const __m512i y1 = _mm512_shuffle_i32x4(b[8 + c], b[12 + c], 0xee);
        r[c] = _mm512_shuffle_i32x4(x0, y0, 0x88);
        r[4 + c] = _mm512_shuffle_i32x4(x0, y0, 0xdd);
        r[8 + c] = _mm512_shuffle_i32x4(x1, y1, 0x88);
        r[12 + c] = _mm512_shuffle_i32x4(x1, y1, 0xdd);
    }
}

static void turn(rk_tile *tile, uint32_t words)
{
    for (uint32_t g = 0; g < GROUPS; g++)
        for (uint32_t w = 0; w < words; w++) {
            __m512i rows[LANES];
#pragma GCC unroll 16
            for (uint32_t i = 0; i < LANES; i++)
                rows[i] = _mm512_load_si512(tile->blocks[g * LANES + i] + w * LINE);
            transpose(rows);
#pragma GCC unroll 16
            for (uint32_t i = 0; i < LANES; i++)
                _mm512_store_si512(tile->codes + ((w * LANES + i) * GROUPS + g) * LINE, rows[i]);
        }
}

/* vpdpbusd by its name, see codes_simd.c. */
static inline __attribute__((always_inline)) __m512i products(__m512i sum, __m512i c, __m512i q)
{
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(c), "v"(q));
    return sum;
}

/* Which lanes of group g may be among the best of a query. */
static inline __attribute__((always_inline)) uint64_t
near(const rk_tile *tile, const rk_tile_query *query, __m512i sum, uint32_t g)
{
    __m512 least =
        _mm512_mul_ps(_mm512_load_ps(tile->bounds[0] + g * LANES), _mm512_set1_ps(query->by[0]));
    for (int k = 1; k < 3; k++)
        least = _mm512_fmadd_ps(_mm512_load_ps(tile->bounds[k] + g * LANES),
                                _mm512_set1_ps(query->by[k]), least);
    const __mmask16 hits = _mm512_cmp_ps_mask(_mm512_cvtepi32_ps(sum), least, _CMP_NLT_UQ);
    return (uint64_t)hits << (g * LANES);
}

static uint32_t collect(const __m512i *sums, uint64_t hits, uint32_t query, rk_tile_hit *out)
{
    int32_t each[RK_TILE] __attribute__((aligned(64)));
    for (uint32_t g = 0; g < GROUPS; g++)
        _mm512_store_si512(each + g * LANES, sums[g]);
    uint32_t n = 0;
    for (; hits; hits &= hits - 1) {
        const uint32_t i = (uint32_t)__builtin_ctzll(hits);
        out[n++] = (rk_tile_hit){(uint16_t)query, (uint16_t)i, each[i]};
    }
    return n;
}

static inline __attribute__((always_inline)) uint32_t
tile_of(const rk_tile *tile, const rk_tile_query *queries, const uint32_t n, rk_tile_hit *hits)
{
    __m512i sums[QUERIES][GROUPS];
#pragma GCC unroll 6
    for (uint32_t q = 0; q < n; q++)
#pragma GCC unroll 4
        for (uint32_t g = 0; g < GROUPS; g++)
            sums[q][g] = _mm512_set1_epi32(queries[q].start);
    for (uint32_t t = 0; t < tile->steps; t++) {
        __m512i codes[GROUPS];
#pragma GCC unroll 4
        for (uint32_t g = 0; g < GROUPS; g++)
            codes[g] = _mm512_load_si512(tile->codes + (t * GROUPS + g) * LINE);
#pragma GCC unroll 6
        for (uint32_t q = 0; q < n; q++) {
            int32_t four;
            memcpy(&four, queries[q].bytes + t * RK_TILE_STEP, sizeof four);
            const __m512i each = _mm512_set1_epi32(four);
#pragma GCC unroll 4
            for (uint32_t g = 0; g < GROUPS; g++)
                sums[q][g] = products(sums[q][g], codes[g], each);
        }
    }
    const uint64_t there = tile->n < RK_TILE ? (UINT64_C(1) << tile->n) - 1 : UINT64_MAX;
    uint32_t n_hits = 0;
#pragma GCC unroll 6
    for (uint32_t q = 0; q < n; q++) {
        uint64_t bits = 0;
#pragma GCC unroll 4
        for (uint32_t g = 0; g < GROUPS; g++)
            bits |= near(tile, &queries[q], sums[q][g], g);
        bits &= there;
        if (__builtin_expect(bits != 0, 0))
            n_hits += collect(sums[q], bits, q, hits + n_hits);
    }
    return n_hits;
}

static uint32_t run(const rk_tile *tile, const rk_tile_query *queries, uint32_t n,
                    rk_tile_hit *hits)
{
    switch (n) {
    case 1:
        return tile_of(tile, queries, 1, hits);
    case 2:
        return tile_of(tile, queries, 2, hits);
    case 3:
        return tile_of(tile, queries, 3, hits);
    case 4:
        return tile_of(tile, queries, 4, hits);
    case 5:
        return tile_of(tile, queries, 5, hits);
    default:
        return tile_of(tile, queries, QUERIES, hits);
    }
}

const rk_tile_ops rk_tile_ops_vnni_v4 = {.queries = QUERIES, .turn = turn, .run = run};
#else
/* Elsewhere coarse_simd.c has tiles, or there are none. */
typedef int rk_no_tiles;
#endif
