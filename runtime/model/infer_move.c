/* Rows of tables, and elements that change their places. */
#include "runtime/model/infer_step.h"

static size_t size_of(const infer_job *job, uint32_t value) { return job->of->places[value].size; }

rk_status infer_run_gather(const infer_step *step, const infer_job *job, const infer_view *in,
                           infer_view out)
{
    const rk_network_value *const table = &job->of->network->values[step->operands[0]];
    const int64_t n = table->dims[0];
    const size_t size = size_of(job, step->out), width = n ? in[0].n / (size_t)n * size : 0;
    for (uint32_t i = 0; i < job->n; i++) {
        const int64_t *const ids = infer_ints(in[1], i);
        char *to = out.data + i * out.stride * size;
        for (uint32_t k = 0; k < in[1].n; k++, to += width) {
            const int64_t id = ids[k] < 0 ? ids[k] + n : ids[k];
            if (id < 0 || id >= n) {
                *job->fault = (rk_infer_fault){step->op, job->from + i, ids[k]};
                return RK_EDATA;
            }
            memcpy(to, in[0].data + (size_t)id * width, width);
        }
    }
    return RK_OK;
}

/* TAKE, TRANSPOSE, EXPAND: step->at[0] says whence; RESHAPE that is no mere name: the same place.
 */
rk_status infer_run_move(const infer_step *step, const infer_job *job, const infer_view *in,
                         infer_view out)
{
    const size_t size = size_of(job, step->out);
    for (uint32_t i = 0; i < job->n; i++) {
        const char *const from = in[0].data + i * in[0].stride * size;
        char *const to = out.data + i * out.stride * size;
        if (!step->at[0])
            memcpy(to, from, out.n * size);
        else
            for (uint32_t k = 0; k < out.n; k++)
                memcpy(to + k * size, from + step->at[0][k] * size, size);
    }
    return RK_OK;
}

/* A row of a part, from wherever it comes. */
static void copy_part(const infer_part *part, uint32_t row, size_t size, const char *from, char *to)
{
    if (!part->at)
        memcpy(to, from + (size_t)row * part->n * size, part->n * size);
    else
        for (uint32_t k = 0; k < part->n; k++)
            memcpy(to + k * size, from + part->at[(size_t)row * part->n + k] * size, size);
}

/* Those operands that do not stand there yet. */
rk_status infer_run_concat(const infer_step *step, const infer_job *job, const infer_view *in,
                           infer_view out)
{
    const size_t size = size_of(job, step->out);
    for (uint32_t k = 0; k < step->n; k++)
        for (uint32_t i = 0; i < job->n; i++) {
            const char *const from = in[k].data + i * in[k].stride * size;
            char *const to = out.data + (i * out.stride + step->parts[k].first) * size;
            for (uint32_t row = 0; row < step->outer; row++)
                copy_part(&step->parts[k], row, size, from, to + (size_t)row * step->length * size);
        }
    return RK_OK;
}
