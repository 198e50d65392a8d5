/* Of matrix products what vector levels share, for matmul_simd.c: a tile of outputs in registers,
 * some rows times some panels, from the first to the last k of a job. */
#ifndef RK_MODEL_MATMUL_TILE_H
#define RK_MODEL_MATMUL_TILE_H

#include "runtime/base/vmath_lane.h"
#include "runtime/model/matmul.h"

#if RK_SIMD /* a vector level */

#define TILE_INLINE static inline __attribute__((always_inline))

/* The register that `x` is in, which the compiler must not take for memory. */
#if RK_SIMD == 4
#define TILE_HOLD(x)        __asm__("" : "+v"(x))
#define TILE_MOST(least, x) _mm512_max_ps(least, x)
#else
#define TILE_HOLD(x)        __asm__("" : "+x"(x))
#define TILE_MOST(least, x) _mm256_max_ps(least, x)
#endif

enum {
    PANEL_REGS = RK_MATMUL_PANEL / VF_LANES,
    TILE_REGS = 28,                     /* outputs of a tile at most */
    HELD_REGS = RK_SIMD == 4 ? 32 : 15, /* for outputs and weights; AVX2 needs one for inputs */
    TILE_ROWS = RK_SIMD == 4 ? 14 : 6,
    STEPS = RK_SIMD == 4 ? 1 : 4, /* of k, between two looks whether it is the end */
    FETCH_ROWS = 7,               /* tiles of AVX-512 that fetch weights, so many steps ahead */
    FETCH_STEPS = 20
};

typedef struct tile {
    const rk_matmul_job *job;
    const float *x, *init;
    float *out;
    const float *w; /* [panels][k][RK_MATMUL_PANEL], one every `panel` floats */
    size_t panel;
    uint32_t k;
    uint32_t last; /* columns of the last panel */
} tile;

/* Register v of a row, of whose last panel n columns are there. */
TILE_INLINE vf tile_load(const float *p, uint32_t v, uint32_t regs, uint32_t n)
{
    const uint32_t first = v % PANEL_REGS * VF_LANES;
    p += v * VF_LANES;
    if (v + PANEL_REGS < regs)
        return vf_load(p);
#if RK_SIMD != 4 /* where masks cost nothing */
    if (n >= first + VF_LANES)
        return vf_load(p);
#endif
    return n > first ? vf_load_part(p, n - first) : vf_set(0.0f);
}

TILE_INLINE void tile_store(float *p, vf x, uint32_t v, uint32_t regs, uint32_t n)
{
    const uint32_t first = v % PANEL_REGS * VF_LANES;
    p += v * VF_LANES;
    if (v + PANEL_REGS < regs)
        vf_store(p, x);
#if RK_SIMD != 4
    else if (n >= first + VF_LANES)
        vf_store(p, x);
#endif
    else if (n > first)
        vf_store_part(p, x, n - first);
}

/* What becomes of the ends of n chains: LEAKY is rare and has a pass of its own; then nothing is
 * less than 0, or than what is least. Of NaN, and of zeros of two signs, TILE_MOST gives x. */
TILE_INLINE void tile_finish(const rk_matmul_job *job, vf *acc, const uint32_t n)
{
    if (job->end == RK_MATMUL_LEAKY) {
        const vf slope = vf_set(job->slope), zero = vf_set(0.0f);
#pragma GCC unroll 28
        for (uint32_t i = 0; i < n; i++)
            acc[i] = vf_pick(vf_lt(acc[i], zero), acc[i] * slope, acc[i]);
    }
    const vf least = vf_set(job->end == RK_MATMUL_RELU ? 0.0f : -__builtin_inff());
#pragma GCC unroll 28
    for (uint32_t i = 0; i < n; i++) {
        const vf x = TILE_MOST(least, acc[i]);
        acc[i] = vf_pick(vf_eq(x, x), x, VF_NAN);
    }
}

/* The steps from k to k: a row of each panel times an input of each row. Three rows are reached by
 * one pointer. With AVX-512 many rows have time to fetch weights on their way from L2, and a few
 * are as quick as L2 is. With AVX2, whose steps take longer, weights come in time, and what counts
 * is each instruction that does not multiply. */
TILE_INLINE void tile_steps(const tile *t, vf *acc, const uint32_t rows, const uint32_t regs)
{
    const size_t ldx = t->job->ldx;
    const float *x[(TILE_ROWS + 2) / 3];
#pragma GCC unroll 5
    for (uint32_t g = 0; g < (rows + 2) / 3; g++)
        x[g] = t->x + 3 * g * ldx;
    const float *const end = t->w + (size_t)t->k * RK_MATMUL_PANEL;
#pragma GCC unroll STEPS
    for (const float *w = t->w; w < end; w += RK_MATMUL_PANEL) {
        vf b[8];
#pragma GCC unroll 8
        for (uint32_t v = 0; v < regs; v++) {
            const float *const row = w + v / PANEL_REGS * t->panel + v % PANEL_REGS * VF_LANES;
            b[v] = vf_load(row);
            if (RK_SIMD == 4 && rows >= FETCH_ROWS && v % PANEL_REGS == 0)
                __builtin_prefetch(row + FETCH_STEPS * RK_MATMUL_PANEL);
        }
        /* Loaded once, not once for each row, where there are registers for all. */
        if (rows > 1 && (rows + 1) * regs <= HELD_REGS)
#pragma GCC unroll 8
            for (uint32_t v = 0; v < regs; v++)
                TILE_HOLD(b[v]);
#pragma GCC unroll 14
        for (uint32_t r = 0; r < rows; r++) {
            const vf a = vf_set(x[r / 3][r % 3 * ldx]);
#pragma GCC unroll 8
            for (uint32_t v = 0; v < regs; v++)
                acc[r * regs + v] = vf_fma(a, b[v], acc[r * regs + v]);
        }
#pragma GCC unroll 5
        for (uint32_t g = 0; g < (rows + 2) / 3; g++)
            x[g]++;
    }
}

TILE_INLINE void tile_run(const tile *t, const uint32_t rows, const uint32_t panels)
{
    const uint32_t regs = panels * PANEL_REGS;
    vf acc[TILE_REGS];
#pragma GCC unroll 14
    for (uint32_t r = 0; r < rows; r++)
#pragma GCC unroll 8
        for (uint32_t v = 0; v < regs; v++)
            acc[r * regs + v] = tile_load(t->init + r * t->job->ldi, v, regs, t->last);
    tile_steps(t, acc, rows, regs);
    tile_finish(t->job, acc, rows * regs);
#pragma GCC unroll 14
    for (uint32_t r = 0; r < rows; r++)
#pragma GCC unroll 8
        for (uint32_t v = 0; v < regs; v++)
            tile_store(t->out + r * t->job->ldo, acc[r * regs + v], v, regs, t->last);
}

#endif

#endif
