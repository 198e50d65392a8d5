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
#define TILE_HOLD(x) __asm__("" : "+v"(x))
#else
#define TILE_HOLD(x) __asm__("" : "+x"(x))
#endif

enum {
    PANEL_REGS = RK_MATMUL_PANEL / VF_LANES,
    TILE_REGS = 28, /* outputs of a tile at most */
    TILE_ROWS = RK_SIMD == 4 ? 14 : 6
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

/* What becomes of the ends of chains. */
typedef struct tile_end {
    vf slope, keep; /* below 0: x times slope, and that or nothing */
} tile_end;

TILE_INLINE tile_end end_of(const rk_matmul_job *job)
{
    const vi none = vf_bits(vf_set(0.0f));
    return (tile_end){vf_set(job->end == RK_MATMUL_LEAKY ? job->slope : 1.0f),
                      vf_from_bits(job->end == RK_MATMUL_RELU ? none : ~none)};
}

TILE_INLINE vf end_apply(tile_end end, vf x)
{
    const vf below = vf_from_bits(vf_bits(x * end.slope) & vf_bits(end.keep));
    const vf y = vf_pick(vf_lt(x, vf_set(0.0f)), below, x);
    return vf_pick(vf_eq(y, y), y, VF_NAN);
}

/* The steps from k to k: a row of each panel times an input of each row. Three rows are reached by
 * one pointer. */
TILE_INLINE void tile_steps(const tile *t, vf *acc, const uint32_t rows, const uint32_t regs)
{
    const size_t ldx = t->job->ldx;
    const float *x[(TILE_ROWS + 2) / 3];
#pragma GCC unroll 5
    for (uint32_t g = 0; g < (rows + 2) / 3; g++)
        x[g] = t->x + 3 * g * ldx;
    const float *const end = t->w + (size_t)t->k * RK_MATMUL_PANEL;
    for (const float *w = t->w; w < end; w += RK_MATMUL_PANEL) {
        vf b[8];
#pragma GCC unroll 8
        for (uint32_t v = 0; v < regs; v++)
            b[v] = vf_load(w + v / PANEL_REGS * t->panel + v % PANEL_REGS * VF_LANES);
        /* Loaded once, not once for each row. */
        if (rows > 1)
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
    const tile_end end = end_of(t->job);
#pragma GCC unroll 14
    for (uint32_t r = 0; r < rows; r++)
#pragma GCC unroll 8
        for (uint32_t v = 0; v < regs; v++)
            tile_store(t->out + r * t->job->ldo, end_apply(end, acc[r * regs + v]), v, regs,
                       t->last);
}

#endif

#endif
