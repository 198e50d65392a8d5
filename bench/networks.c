/* Our side of networks.py: a network of an ONNX file, made ready and run over inputs that stay.
 * With RANK_BLAS its layers are products of that plug-in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/clock.h"
#include "runtime/base/diag.h"
#include "runtime/model/infer.h"

typedef struct net {
    rk_arena arena;
    const rk_inference *inference;
    uint32_t n_inputs;
    rk_infer_input *inputs; /* [n_inputs] */
    void *once, *scratch;
} net;

static void *room(net *net, size_t size)
{
    void *const place = rk_arena_alloc_column(&net->arena, size + 1, 1);
    bench_must(place != NULL, "memory");
    return place;
}

/* For batches of n items at most; `once` says which inputs have one value a run. */
void *networks_open(const char *path, const bool *once, uint32_t n)
{
    net *const made = calloc(1, sizeof *made);
    bench_must(made != NULL, "memory");
    rk_arena_init(&made->arena);
    rk_diags diags;
    rk_diags_init(&diags, &made->arena);
    const rk_model_spec spec = {.path = rk_str_from(path)};
    rk_model *model;
    bench_must(rk_model_load(&spec, &made->arena, &diags, &model) == RK_OK, path);
    made->n_inputs = model->n_inputs;
    bool *const flags = room(made, model->n_inputs * sizeof *flags);
    memcpy(flags, once, model->n_inputs * sizeof *flags);
    rk_inference_options options = {.once = flags};
    rk_buf why = {0};
    bench_must(rk_cpu_from_env(&options.cpu), "RANK_CPU");
    options.sgemm = getenv("RANK_BLAS") ? rk_blas_open(&why) : NULL;
    bench_must(!getenv("RANK_BLAS") || options.sgemm, "RANK_BLAS");
    bench_must(rk_inference_new(model->as.network, model->n_inputs, &options, &made->arena,
                                &made->inference) == RK_OK,
               "making");
    made->inputs = room(made, model->n_inputs * sizeof *made->inputs);
    made->once = room(made, rk_inference_once_size(made->inference));
    made->scratch = room(made, rk_inference_scratch(made->inference, n));
    return made;
}

void networks_close(net *net)
{
    rk_arena_free(&net->arena);
    free(net);
}

/* Microseconds of CPU time that a run of n items takes, what is once included. */
double networks_turn(net *net, const void *const *data, uint32_t n, float *out, uint32_t calls)
{
    rk_infer_fault fault;
    for (uint32_t i = 0; i < net->n_inputs; i++)
        net->inputs[i].data = data[i];
    const double start = bench_cpu();
    for (uint32_t i = 0; i < calls; i++)
        bench_must(rk_inference_once(net->inference, net->inputs, net->once, net->scratch,
                                     &fault) == RK_OK &&
                       rk_inference_run(net->inference, net->inputs, n, net->once, net->scratch,
                                        out, 1, &fault) == RK_OK,
                   "a run");
    return (bench_cpu() - start) / calls * 1e-3;
}
