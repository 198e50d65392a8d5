/* Of matrix products with a few outputs a row what vector levels share, for matmul_simd.c: rows
 * stand in the lanes, since a panel would be zeros for the most part. */
#ifndef RK_MODEL_MATMUL_THIN_H
#define RK_MODEL_MATMUL_THIN_H

#include "runtime/model/matmul_tile.h"

#if RK_SIMD /* a vector level */

enum {
    THIN_OUTPUTS = 4, /* of a row, at most */
    THIN_GROUPS = 2,  /* registers of rows, whose chains hide each other's latency */
    THIN_ROWS = THIN_GROUPS * VF_LANES,
    THIN_STEPS = 4 /* of k, turned at once */
};

/* Four inputs of VF_LANES rows: to a register for each input. Registers are put together of
 * quarters of rows 4 apart, so that what is left to turn lies within quarters. */
#if RK_SIMD == 4

TILE_INLINE __m512 thin_rows(const float *x, size_t ldx)
{
    const __m512 a = _mm512_broadcast_f32x4(_mm_loadu_ps(x));
    const __m512 b = _mm512_mask_broadcast_f32x4(a, 0x00f0, _mm_loadu_ps(x + 4 * ldx));
    const __m512 c = _mm512_mask_broadcast_f32x4(b, 0x0f00, _mm_loadu_ps(x + 8 * ldx));
    return _mm512_mask_broadcast_f32x4(c, 0xf000, _mm_loadu_ps(x + 12 * ldx));
}

TILE_INLINE void thin_turn(const float *x, size_t ldx, vf *out)
{
    const __m512 r0 = thin_rows(x, ldx), r1 = thin_rows(x + ldx, ldx);
    const __m512 r2 = thin_rows(x + 2 * ldx, ldx), r3 = thin_rows(x + 3 * ldx, ldx);
    const __m512d a = _mm512_castps_pd(_mm512_unpacklo_ps(r0, r1));
    const __m512d b = _mm512_castps_pd(_mm512_unpacklo_ps(r2, r3));
    const __m512d c = _mm512_castps_pd(_mm512_unpackhi_ps(r0, r1));
    const __m512d d = _mm512_castps_pd(_mm512_unpackhi_ps(r2, r3));
    out[0] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, b));
    out[1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, b));
    out[2] = _mm512_castpd_ps(_mm512_unpacklo_pd(c, d));
    out[3] = _mm512_castpd_ps(_mm512_unpackhi_pd(c, d));
}

#else

TILE_INLINE __m256 thin_rows(const float *x, size_t ldx)
{
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(x)), _mm_loadu_ps(x + 4 * ldx),
                                1);
}

TILE_INLINE void thin_turn(const float *x, size_t ldx, vf *out)
{
    const __m256 r0 = thin_rows(x, ldx), r1 = thin_rows(x + ldx, ldx);
    const __m256 r2 = thin_rows(x + 2 * ldx, ldx), r3 = thin_rows(x + 3 * ldx, ldx);
    const __m256d a = _mm256_castps_pd(_mm256_unpacklo_ps(r0, r1));
    const __m256d b = _mm256_castps_pd(_mm256_unpacklo_ps(r2, r3));
    const __m256d c = _mm256_castps_pd(_mm256_unpackhi_ps(r0, r1));
    const __m256d d = _mm256_castps_pd(_mm256_unpackhi_ps(r2, r3));
    out[0] = _mm256_castpd_ps(_mm256_unpacklo_pd(a, b));
    out[1] = _mm256_castpd_ps(_mm256_unpackhi_pd(a, b));
    out[2] = _mm256_castpd_ps(_mm256_unpacklo_pd(c, d));
    out[3] = _mm256_castpd_ps(_mm256_unpackhi_pd(c, d));
}

#endif

/* Column j of THIN_ROWS rows. */
TILE_INLINE void thin_gather(const float *x, size_t stride, float *out)
{
    for (uint32_t r = 0; r < THIN_ROWS; r++)
        out[r] = x[r * stride];
}

TILE_INLINE void thin_step(const float *w, const uint32_t n, const vf *x, vf *acc)
{
#pragma GCC unroll 4
    for (uint32_t j = 0; j < n; j++)
#pragma GCC unroll 2
        for (uint32_t g = 0; g < THIN_GROUPS; g++)
            acc[j * THIN_GROUPS + g] = vf_fma(x[g], vf_set(w[j]), acc[j * THIN_GROUPS + g]);
}

TILE_INLINE void thin_steps(const tile *t, const uint32_t n, vf *acc)
{
    const size_t ldx = t->job->ldx;
    uint32_t k = 0;
    for (; t->k - k >= THIN_STEPS; k += THIN_STEPS) {
        vf turned[THIN_GROUPS][THIN_STEPS];
#pragma GCC unroll 2
        for (uint32_t g = 0; g < THIN_GROUPS; g++)
            thin_turn(t->x + k + g * VF_LANES * ldx, ldx, turned[g]);
#pragma GCC unroll 4
        for (uint32_t i = 0; i < THIN_STEPS; i++)
            thin_step(t->w + (size_t)(k + i) * RK_MATMUL_PANEL, n,
                      (vf[]){turned[0][i], turned[1][i]}, acc);
    }
    for (; k < t->k; k++) {
        float x[THIN_ROWS];
        thin_gather(t->x + k, ldx, x);
        thin_step(t->w + (size_t)k * RK_MATMUL_PANEL, n, (vf[]){vf_load(x), vf_load(x + VF_LANES)},
                  acc);
    }
}

/* THIN_ROWS rows of n <= THIN_OUTPUTS. */
TILE_INLINE void thin_run(const tile *t, const uint32_t n)
{
    vf acc[THIN_OUTPUTS * THIN_GROUPS];
    float column[THIN_ROWS];
#pragma GCC unroll 4
    for (uint32_t j = 0; j < n; j++) {
        thin_gather(t->init + j, t->job->ldi, column);
#pragma GCC unroll 2
        for (uint32_t g = 0; g < THIN_GROUPS; g++)
            acc[j * THIN_GROUPS + g] = vf_load(column + g * VF_LANES);
    }
    thin_steps(t, n, acc);
    tile_finish(t->job, acc, n * THIN_GROUPS);
#pragma GCC unroll 4
    for (uint32_t j = 0; j < n; j++) {
#pragma GCC unroll 2
        for (uint32_t g = 0; g < THIN_GROUPS; g++)
            vf_store(column + g * VF_LANES, acc[j * THIN_GROUPS + g]);
        for (uint32_t r = 0; r < THIN_ROWS; r++)
            t->out[r * t->job->ldo + j] = column[r];
    }
}

#endif

#endif
