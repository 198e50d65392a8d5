/* Inference on its way: blocks of items, and for each the steps in order. */
#include "runtime/model/infer_step.h"

static uint64_t padded(uint64_t bytes) { return (bytes + 63) & ~UINT64_C(63); }

static uint32_t block_of(const rk_inference *inference, uint32_t n)
{
    return n < inference->block ? n : inference->block;
}

/* Views of a step's operands come first, then the room of a block. */
static uint64_t views_size(const rk_inference *inference)
{
    return padded((inference->most_operands + 1u) * sizeof(infer_view));
}

size_t rk_inference_once_size(const rk_inference *inference) { return inference->once_bytes; }

size_t rk_inference_scratch(const rk_inference *inference, uint32_t n)
{
    return views_size(inference) + inference->item_bytes * block_of(inference, n);
}

static infer_view view_of(const infer_job *job, uint32_t value, uint32_t block)
{
    const infer_place *const place = &job->of->places[value];
    infer_view view = {.stride = place->stride, .n = place->n};
    switch ((infer_where)place->where) {
    case INFER_CONSTANT: /* never written to */
        view.data = (char *)(uintptr_t)job->of->network->values[value].data;
        break;
    case INFER_INPUT:
        view.data = (char *)(uintptr_t)job->inputs[place->at].data +
                    (uint64_t)job->from * place->stride * place->size;
        break;
    case INFER_ONCE:
        view.data = job->once + place->offset;
        break;
    case INFER_ROOM:
        view.data = job->room + place->offset * block;
        break;
    case INFER_NOWHERE:
        break;
    }
    view.data += (uint64_t)place->first * place->size;
    return view;
}

static rk_status run_steps(const infer_job *job, uint32_t from, uint32_t to, uint32_t block,
                           infer_view *views)
{
    for (uint32_t s = from; s < to; s++) {
        const infer_step *const step = &job->of->steps[s];
        for (uint32_t k = 0; k < step->n; k++)
            views[k] = view_of(job, step->operands[k], block);
        const infer_view out =
            step->out == UINT32_MAX ? (infer_view){0} : view_of(job, step->out, block);
        RK_TRY(step->run(step, job, views, out));
    }
    return RK_OK;
}

rk_status rk_inference_once(const rk_inference *inference, const rk_infer_input *inputs, void *once,
                            void *scratch, rk_infer_fault *fault)
{
    const infer_job job = {.of = inference, .inputs = inputs, .once = once, .n = 1, .fault = fault};
    return run_steps(&job, 0, inference->n_once, 1, scratch);
}

static void copy_output(const rk_network_output *output, const infer_view *view, uint32_t n,
                        float *out, size_t stride)
{
    for (uint32_t i = 0; i < n; i++) {
        const float *const from = infer_floats(*view, i);
        float *const to = out + i * stride + output->first;
        for (uint32_t k = 0; k < output->dim; k++)
            to[k] = from[k] == from[k] ? from[k] : __builtin_nanf("");
    }
}

rk_status rk_inference_run(const rk_inference *inference, const rk_infer_input *inputs, uint32_t n,
                           const void *once, void *scratch, float *out, size_t stride,
                           rk_infer_fault *fault)
{
    const rk_network *const network = inference->network;
    const uint32_t block = block_of(inference, n);
    infer_job job = {.of = inference,
                     .inputs = inputs,
                     .once = (char *)(uintptr_t)once,
                     .room = (char *)scratch + views_size(inference),
                     .fault = fault};
    for (; job.from < n; job.from += job.n) {
        job.n = n - job.from < block ? n - job.from : block;
        RK_TRY(run_steps(&job, inference->n_once, inference->n_steps, block, scratch));
        for (uint32_t i = 0; i < network->n_outputs; i++) {
            if (network->outputs[i].value == UINT32_MAX)
                continue;
            const infer_view view = view_of(&job, network->outputs[i].value, block);
            copy_output(&network->outputs[i], &view, job.n, out + job.from * stride, stride);
        }
    }
    return RK_OK;
}
