/* What an inference runs, for people. */
#include "runtime/model/infer_step.h"

static void print_layer(const infer_step *step, rk_buf *out)
{
    static const char *const ends[] = {"", ", relu", ", leaky relu"};
    uint32_t k = 0;
    for (uint32_t i = 0; i < step->n_ranges; i++)
        k += step->ranges[i].to - step->ranges[i].from;
    rk_buf_printf(out, "dense %u -> %u%s", k, step->matmul->n, ends[step->end]);
}

static void print_step(const rk_inference *inference, const infer_step *step, rk_buf *out)
{
    if (step->once)
        rk_buf_add_chars(out, "once: ");
    if (step->matmul) {
        print_layer(step, out);
        return;
    }
    const rk_network_value *const value = &inference->network->values[step->out];
    rk_buf_add_chars(out, step->op->kind == RK_NETWORK_MAP
                              ? rk_network_fn_text((rk_network_fn)step->op->fn)
                              : rk_network_op_text((rk_network_op_kind)step->op->kind));
    for (uint32_t d = value->batch; d < value->n_dims; d++)
        rk_buf_printf(out, "%s%u", d == value->batch ? " " : "x", value->dims[d]);
}

void rk_inference_print(const rk_inference *inference, rk_buf *out)
{
    for (uint32_t s = 0; s < inference->n_steps; s++) {
        print_step(inference, &inference->steps[s], out);
        rk_buf_add_char(out, '\n');
    }
}

/* ---- in a line ---- */

static void add_count(uint64_t n, rk_buf *out)
{
    if (n < 1000)
        rk_buf_printf(out, "%u", (uint32_t)n);
    else if (n < 1000 * 1000)
        rk_buf_printf(out, "%.3g k", (double)n * 1e-3);
    else
        rk_buf_printf(out, "%.3g M", (double)n * 1e-6);
}

/* Layers that follow each other stand together: 500-512-256-1. */
static bool print_layers(const rk_inference *inference, rk_buf *out)
{
    uint32_t last = 0;
    bool any = false;
    for (uint32_t s = 0; s < inference->n_steps; s++) {
        const rk_matmul *const matmul = inference->steps[s].matmul;
        if (!matmul || inference->steps[s].run == infer_run_init)
            continue;
        if (matmul->k != last)
            rk_buf_printf(out, "%s%u", any ? ", " : "dense ", matmul->k);
        rk_buf_printf(out, "-%u", matmul->n);
        last = matmul->n;
        any = true;
    }
    return any;
}

void rk_inference_describe(const rk_inference *inference, rk_buf *out)
{
    if (!print_layers(inference, out))
        rk_buf_printf(out, "%u steps", inference->n_steps);
    if (inference->cost) {
        rk_buf_add_chars(out, ", ");
        add_count(inference->cost, out);
        rk_buf_add_chars(out, " multiply-adds an item");
    }
    if (inference->cost_once) {
        rk_buf_add_chars(out, ", ");
        add_count(inference->cost_once, out);
        rk_buf_add_chars(out, inference->cost ? " once" : " multiply-adds once");
    }
}
