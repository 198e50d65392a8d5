#include "runtime/model/matmul.h"

#include <assert.h>
#include <string.h>

#include "runtime/base/simd.h"

#define DECLARE(suffix, cpu) extern rk_matmul_fn rk_matmul_run_##suffix;
RK_SIMD_EACH(DECLARE)
#define ROW(suffix, cpu) [cpu] = rk_matmul_run_##suffix,
static rk_matmul_fn *const levels[] = {RK_SIMD_EACH(ROW)};

static uint32_t panels_of(uint32_t n) { return n / RK_MATMUL_PANEL + (n % RK_MATMUL_PANEL != 0); }

uint64_t rk_matmul_bytes(uint32_t k, uint32_t n)
{
    const uint64_t row = RK_MATMUL_PANEL * sizeof(float);
    return panels_of(n) * ((uint64_t)k + 1) * row + sizeof(rk_matmul) + 3 * row;
}

/* Columns `first` and after of row k into a panel's row. */
static void pack_row(const rk_matmul_weights *weights, uint32_t k, uint32_t first, float *out)
{
    const uint32_t rest = weights->n - first;
    const uint32_t n = rest < RK_MATMUL_PANEL ? rest : RK_MATMUL_PANEL;
    const size_t stride = weights->transposed ? weights->k : 1;
    const float *const in =
        weights->values +
        (weights->transposed ? (size_t)first * weights->k + k : (size_t)k * weights->n + first);
    for (uint32_t j = 0; j < n; j++)
        out[j] = in[j * stride];
    memset(out + n, 0, (RK_MATMUL_PANEL - n) * sizeof *out);
}

rk_status rk_matmul_new(const rk_matmul_weights *weights, rk_cpu_level cpu, rk_arena *arena,
                        const rk_matmul **out)
{
    const uint32_t k = weights->k, n_panels = panels_of(weights->n);
    rk_matmul *const matmul = RK_NEW(arena, rk_matmul);
    float *const panels =
        rk_arena_alloc_column(arena, (size_t)n_panels * k, RK_MATMUL_PANEL * sizeof *panels);
    float *const bias = rk_arena_alloc_column(arena, n_panels, RK_MATMUL_PANEL * sizeof *bias);
    if (!matmul || !panels || !bias)
        return RK_ENOMEM;
    for (uint32_t p = 0; p < n_panels; p++)
        for (uint32_t i = 0; i < k; i++)
            pack_row(weights, i, p * RK_MATMUL_PANEL,
                     panels + ((size_t)p * k + i) * RK_MATMUL_PANEL);
    memset(bias, 0, (size_t)n_panels * RK_MATMUL_PANEL * sizeof *bias);
    if (weights->bias && weights->n)
        memcpy(bias, weights->bias, weights->n * sizeof *bias);
    *matmul =
        (rk_matmul){.panels = panels, .bias = bias, .k = k, .n = weights->n, .run = levels[cpu]};
    *out = matmul;
    return RK_OK;
}

void rk_matmul_run(const rk_matmul *matmul, const rk_matmul_job *job)
{
    assert(job->from <= job->to && job->to <= matmul->k);
    rk_matmul_job whole = *job;
    if (!job->init) {
        whole.init = matmul->bias;
        whole.ldi = 0;
    }
    matmul->run(matmul, &whole);
}
