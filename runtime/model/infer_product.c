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

static void begin_rows(const infer_step *step, const float *init, const rows *r)
{
    const size_t size = step->matmul->n * sizeof *r->out;
    const float *const from = init ? init : step->bias;
    for (uint32_t i = 0; i < r->n; i++)
        if (from)
            memcpy(r->out + i * r->ldo, from, size);
        else
            memset(r->out + i * r->ldo, 0, size);
}

static void end_rows(const infer_step *step, const rows *r)
{
    for (uint32_t i = 0; i < r->n && step->end != RK_MATMUL_PLAIN; i++)
        for (uint32_t j = 0; j < step->matmul->n; j++) {
            float *const x = &r->out[i * r->ldo + j];
            if (*x < 0)
                *x = step->end == RK_MATMUL_RELU ? 0 : step->slope * *x;
        }
}

/* By the BLAS. */
static void run_fast(const infer_step *step, const infer_job *job, const float *init, const rows *r)
{
    const uint32_t n = step->matmul->n;
    begin_rows(step, init, r);
    for (uint32_t i = 0; i < step->n_ranges; i++) {
        const infer_range range = step->ranges[i];
        job->of->sgemm(r->n, n, range.to - range.from, r->x + range.from, (uint32_t)r->ldx,
                       step->weights + (size_t)range.from * n, n, r->out, (uint32_t)r->ldo);
    }
    end_rows(step, r);
}

static void run_rows(const infer_step *step, const infer_job *job, const rows *r)
{
    const float *const init =
        step->has_init ? (const float *)(void *)(job->once + step->init) : NULL;
    if (job->of->sgemm) {
        run_fast(step, job, init, r);
        return;
    }
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
    const uint32_t n = step->matmul->n;
    (void)out;
    if (job->of->sgemm)
        begin_rows(step, NULL, &(rows){.out = init, .n = 1});
    for (uint32_t i = 0; i < step->n_ranges; i++) {
        const infer_range range = step->ranges[i];
        if (job->of->sgemm) {
            job->of->sgemm(1, n, range.to - range.from, infer_floats(in[i], 0), step->matmul->k,
                           step->weights + (size_t)range.from * n, n, init, n);
            continue;
        }
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

static infer_product shape_of(const infer_step *step, const infer_job *job)
{
    const rk_network_value *const values = job->of->network->values;
    const rk_network_value *const x = &values[step->operands[0]];
    const rk_network_value *const y = &values[step->operands[1]];
    return (infer_product){x->dims[x->n_dims - 2], x->dims[x->n_dims - 1], y->dims[y->n_dims - 1]};
}

/* at[0] and at[1]: of each matrix of the output the first elements of those it is made of. */
rk_status infer_run_matmul(const infer_step *step, const infer_job *job, const infer_view *in,
                           infer_view out)
{
    const infer_product s = shape_of(step, job);
    for (uint32_t i = 0; i < job->n; i++)
        for (uint32_t o = 0; o < step->outer; o++)
            job->of->kernels.product(&s, infer_floats(in[0], i) + step->at[0][o],
                                     infer_floats(in[1], i) + step->at[1][o],
                                     infer_floats(out, i) + (size_t)o * s.m * s.n);
    return RK_OK;
}
