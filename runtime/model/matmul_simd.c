#include "runtime/model/matmul.h"

#include "runtime/base/simd.h"
#include "runtime/base/vmath_lane.h"

extern rk_matmul_fn RK_SIMD_NAME(rk_matmul_run);

static float finish(float x, const rk_matmul_job *job)
{
    if (x != x)
        return __builtin_nanf("");
    if (!(x < 0) || job->end == RK_MATMUL_PLAIN)
        return x;
    return job->end == RK_MATMUL_RELU ? 0 : job->slope * x;
}

void RK_SIMD_NAME(rk_matmul_run)(const rk_matmul *matmul, const rk_matmul_job *job)
{
    for (uint32_t j = 0; j < matmul->n; j++) {
        const float *const w = matmul->panels +
                               (size_t)(j / RK_MATMUL_PANEL) * matmul->k * RK_MATMUL_PANEL +
                               j % RK_MATMUL_PANEL;
        for (uint32_t i = 0; i < job->m; i++) {
            const float *const x = job->x + i * job->ldx;
            float acc = job->init[i * job->ldi + j];
            for (uint32_t k = job->from; k < job->to; k++)
                acc = fmaf(x[k - job->from], w[(size_t)k * RK_MATMUL_PANEL], acc);
            job->out[i * job->ldo + j] = finish(acc, job);
        }
    }
}
