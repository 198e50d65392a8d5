/* Matrix products: of layers, whose weights are packed, and of two values of an item. */
#include <math.h>

#include "runtime/model/infer_step.h"

/* ---- DENSE ---- */

/* Rows of a block, as the kernels want them: those of all items together where nothing stands
 * between them. */
typedef struct rows {
    const float *x;
    float *out;
    size_t ldx, ldo;
    uint32_t n;
} rows;

static void run_rows(const infer_step *step, const infer_job *job, const rows *r)
{
    const float *const init =
        step->has_init ? (const float *)(void *)(job->once + step->init) : NULL;
    for (uint32_t i = 0; i < step->n_ranges; i++) {
        const infer_range range = step->ranges[i];
        const rk_matmul_job product = {
            .x = r->x + range.from,
            .init = i ? r->out : init,
            .out = r->out,
            .ldx = r->ldx,
            .ldi = i ? r->ldo : 0,
            .ldo = r->ldo,
            .m = r->n,
            .from = range.from,
            .to = range.to,
            .end = i + 1 == step->n_ranges ? step->end : RK_MATMUL_PLAIN,
            .slope = step->slope,
        };
        rk_matmul_run(step->matmul, &product);
    }
}

rk_status infer_run_dense(const infer_step *step, const infer_job *job, const infer_view *in,
                          infer_view out)
{
    const uint32_t k = step->matmul->k, n = step->matmul->n;
    const uint32_t each = n ? out.n / n : 0; /* rows of an item */
    const bool joined = each == 1 || (in[0].stride == in[0].n && out.stride == out.n);
    rows r = {.x = infer_floats(in[0], 0),
              .out = infer_floats(out, 0),
              .ldx = each == 1 ? in[0].stride : k,
              .ldo = each == 1 ? out.stride : n,
              .n = each * job->n};
    if (joined) {
        run_rows(step, job, &r);
        return RK_OK;
    }
    r.n = each;
    for (uint32_t i = 0; i < job->n; i++) {
        r.x = infer_floats(in[0], i);
        r.out = infer_floats(out, i);
        run_rows(step, job, &r);
    }
    return RK_OK;
}

/* The part of a chain that is once: an operand for each of its ranges. */
rk_status infer_run_init(const infer_step *step, const infer_job *job, const infer_view *in,
                         infer_view out)
{
    float *const init = (float *)(void *)(job->once + step->init);
    (void)out;
    for (uint32_t i = 0; i < step->n_ranges; i++) {
        const infer_range range = step->ranges[i];
        const rk_matmul_job product = {.x = infer_floats(in[i], 0),
                                       .init = i ? init : NULL,
                                       .out = init,
                                       .m = 1,
                                       .from = range.from,
                                       .to = range.to};
        rk_matmul_run(step->matmul, &product);
    }
    return RK_OK;
}

/* ---- MATMUL ---- */

typedef struct shape {
    uint32_t m, k, n;
} shape;

static shape shape_of(const infer_step *step, const infer_job *job)
{
    const rk_network_value *const values = job->of->network->values;
    const rk_network_value *const x = &values[step->operands[0]];
    const rk_network_value *const y = &values[step->operands[1]];
    return (shape){x->dims[x->n_dims - 2], x->dims[x->n_dims - 1], y->dims[y->n_dims - 1]};
}

static void product(shape s, const float *x, const float *y, float *out)
{
    for (uint32_t i = 0; i < s.m; i++)
        for (uint32_t j = 0; j < s.n; j++) {
            float sum = 0;
            for (uint32_t k = 0; k < s.k; k++)
                sum = fmaf(x[(size_t)i * s.k + k], y[(size_t)k * s.n + j], sum);
            out[(size_t)i * s.n + j] = sum;
        }
}

/* at[0] and at[1]: of each matrix of the output the first elements of those it is made of. */
rk_status infer_run_matmul(const infer_step *step, const infer_job *job, const infer_view *in,
                           infer_view out)
{
    const shape s = shape_of(step, job);
    for (uint32_t i = 0; i < job->n; i++)
        for (uint32_t o = 0; o < step->outer; o++)
            product(s, infer_floats(in[0], i) + step->at[0][o],
                    infer_floats(in[1], i) + step->at[1][o],
                    infer_floats(out, i) + (size_t)o * s.m * s.n);
    return RK_OK;
}
