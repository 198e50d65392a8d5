#include "runtime/model/matmul.h"

#include "runtime/base/simd.h"

extern rk_matmul_fn RK_SIMD_NAME(rk_matmul_run);

#if RK_SIMD == 0

#include <math.h>

static float finish(float x, const rk_matmul_job *job)
{
    const bool below = x < 0;
    const float y = !below || job->end == RK_MATMUL_PLAIN ? x
                    : job->end == RK_MATMUL_RELU          ? 0
                                                          : job->slope * x;
    return isnan(y) ? __builtin_nanf("") : y;
}

void RK_SIMD_NAME(rk_matmul_run)(const rk_matmul *matmul, const rk_matmul_job *job)
{
    for (uint32_t i = 0; i < job->m; i++) {
        for (uint32_t j = 0; j < matmul->n; j++) {
            const size_t panel = j / RK_MATMUL_PANEL * (size_t)matmul->k;
            const float *const w = matmul->panels + panel * RK_MATMUL_PANEL + j % RK_MATMUL_PANEL;
            const float *const x = job->x + i * job->ldx;
            float acc = job->init[i * job->ldi + j];
            for (uint32_t k = job->from; k < job->to; k++)
                acc = fmaf(x[k - job->from], w[(size_t)k * RK_MATMUL_PANEL], acc);
            job->out[i * job->ldo + j] = finish(acc, job);
        }
    }
}

#else

#include "runtime/model/matmul_thin.h"
#include "runtime/model/matmul_tile.h"

typedef void tile_fn(const tile *t);

/* Tiles by rows and panels: as many outputs as registers hold, for few rows more panels, so that
 * the latency of fma is hidden. */
#if RK_SIMD == 4
#define EACH_PANELS_2(X, rows) X(rows, 1) X(rows, 2)
#define EACH_PANELS_4(X, rows) EACH_PANELS_2(X, rows) X(rows, 3) X(rows, 4)
#define EACH_PANELS_8(X, rows) EACH_PANELS_4(X, rows) X(rows, 5) X(rows, 6) X(rows, 7) X(rows, 8)
#define EACH_TILE(X)                                                                               \
    EACH_PANELS_8(X, 1)                                                                            \
    EACH_PANELS_8(X, 2)                                                                            \
    EACH_PANELS_8(X, 3)                                                                            \
    EACH_PANELS_4(X, 4)                                                                            \
    EACH_PANELS_4(X, 5)                                                                            \
    EACH_PANELS_4(X, 6)                                                                            \
    EACH_PANELS_2(X, 7)                                                                            \
    EACH_PANELS_2(X, 8)                                                                            \
    EACH_PANELS_2(X, 9)                                                                            \
    EACH_PANELS_2(X, 10)                                                                           \
    EACH_PANELS_2(X, 11)                                                                           \
    EACH_PANELS_2(X, 12)                                                                           \
    EACH_PANELS_2(X, 13)                                                                           \
    EACH_PANELS_2(X, 14)
static uint32_t panels_for(uint32_t rows) { return rows <= 3 ? 8 : rows <= 6 ? 4 : 2; }
#else
#define EACH_TILE(X)                                                                               \
    X(1, 1) X(1, 2) X(1, 3) X(1, 4) X(2, 1) X(2, 2) X(3, 1) X(3, 2) X(4, 1) X(5, 1) X(6, 1)
static uint32_t panels_for(uint32_t rows) { return rows == 1 ? 4 : rows <= 3 ? 2 : 1; }
#endif

#define TILE(rows, panels)                                                                         \
    static void tile_##rows##_##panels(const tile *t) { tile_run(t, rows, panels); }
EACH_TILE(TILE)
#define ROW(rows, panels) [rows][panels] = tile_##rows##_##panels,
static tile_fn *const tiles[TILE_ROWS + 1][9] = {EACH_TILE(ROW)};

#define EACH_THIN(X) X(1) X(2) X(3) X(4)
#define THIN(n)                                                                                    \
    static void thin_##n(const tile *t) { thin_run(t, n); }
EACH_THIN(THIN)
#define THIN_ROW(n) [n] = thin_##n,
static tile_fn *const thins[THIN_OUTPUTS + 1] = {EACH_THIN(THIN_ROW)};

enum { BLOCK_TILES = 4 };

/* How many parts of `size` hold n. */
static uint32_t count_of(uint32_t n, uint32_t size) { return n / size + (n % size != 0); }

/* n things in parts that differ by one at most, the larger ones first. */
typedef struct parts {
    uint32_t n, size, larger;
} parts;

static parts parts_of(uint32_t n, uint32_t n_parts)
{
    return (parts){n_parts, n / n_parts, n % n_parts};
}

/* Where part i begins. */
static uint32_t part(parts p, uint32_t i) { return i * p.size + (i < p.larger ? i : p.larger); }

/* Rows and panels, or rows and all columns, from [0] to [1]. */
static tile tile_of(const rk_matmul *matmul, const rk_matmul_job *job, const uint32_t *row,
                    const uint32_t *panel)
{
    const uint32_t column = panel[0] * RK_MATMUL_PANEL;
    const uint32_t n = matmul->n - column, most = (panel[1] - panel[0]) * RK_MATMUL_PANEL;
    return (tile){.job = job,
                  .x = job->x + row[0] * job->ldx,
                  .init = job->init + row[0] * job->ldi + column,
                  .out = job->out + row[0] * job->ldo + column,
                  .w =
                      matmul->panels + ((size_t)panel[0] * matmul->k + job->from) * RK_MATMUL_PANEL,
                  .panel = (size_t)matmul->k * RK_MATMUL_PANEL,
                  .k = job->to - job->from,
                  .last = n < most ? n - (most - RK_MATMUL_PANEL) : RK_MATMUL_PANEL};
}

/* Rows from `first` on. A tile's rows stay in L1 and the block's in L2 while panels go by. */
static void run_rows(const rk_matmul *matmul, const rk_matmul_job *job, uint32_t first)
{
    const uint32_t m = job->m - first, n_panels = count_of(matmul->n, RK_MATMUL_PANEL);
    const parts rows = parts_of(m, count_of(m, TILE_ROWS));
    const parts panels =
        parts_of(n_panels, count_of(n_panels, panels_for(rows.size + (rows.larger != 0))));
    for (uint32_t block = 0; block < rows.n; block += BLOCK_TILES)
        for (uint32_t p = 0; p < panels.n; p++) {
            const uint32_t panel[] = {part(panels, p), part(panels, p + 1)};
            for (uint32_t r = block; r < rows.n && r < block + BLOCK_TILES; r++) {
                const uint32_t row[] = {first + part(rows, r), first + part(rows, r + 1)};
                const tile t = tile_of(matmul, job, row, panel);
                tiles[row[1] - row[0]][panel[1] - panel[0]](&t);
            }
        }
}

void RK_SIMD_NAME(rk_matmul_run)(const rk_matmul *matmul, const rk_matmul_job *job)
{
    uint32_t row = 0;
    if (matmul->n == 0)
        return;
    if (matmul->n <= THIN_OUTPUTS)
        for (; job->m - row >= THIN_ROWS; row += THIN_ROWS) {
            const tile t = tile_of(matmul, job, &row, (const uint32_t[]){0, 1});
            thins[matmul->n](&t);
        }
    if (row < job->m)
        run_rows(matmul, job, row);
}

#endif
