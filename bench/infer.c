/* Networks that rank: a two-tower model, a perceptron, a cross network, in batches of 1 to 1,000.
 * usage: infer [FILE [fast]], FILE of lines "network batch microseconds" by a peer (infer_peer.py);
 * fast: products by the plug-in that RANK_BLAS names */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/clock.h"
#include "runtime/model/infer.h"

enum { VALUES = 128, OPS = 64, OPERANDS = 192, INPUTS = 32, IDS = 10000, MOST = 1000, ROUNDS = 15 };

typedef struct net {
    rk_network network;
    rk_network_value values[VALUES];
    rk_network_op ops[OPS];
    uint32_t operands[OPERANDS], inputs[INPUTS];
    rk_network_output output;
    bool once[INPUTS]; /* of the request */
    void *data[INPUTS];
} net;

static net lab;

static float *floats(size_t n)
{
    float *const x = malloc(n * sizeof *x);
    bench_must(x != NULL, "memory");
    for (size_t i = 0; i < n; i++)
        x[i] = ((float)rand() / (float)RAND_MAX - 0.5f) * 0.2f;
    return x;
}

static uint32_t value(uint8_t kind, bool batch, uint32_t a, uint32_t b, const void *data)
{
    lab.values[lab.network.n_values] = (rk_network_value){
        .kind = kind, .batch = batch, .n_dims = b ? 2 : 1, .dims = {a, b}, .data = data};
    return lab.network.n_values++;
}

static uint32_t weights(uint32_t a, uint32_t b)
{
    return value(RK_KIND_FLOAT, false, a, b, floats((size_t)a * (b ? b : 1)));
}

static uint32_t width_of(uint32_t v) { return lab.values[v].dims[lab.values[v].n_dims - 1]; }

static uint32_t op(rk_network_op o, uint32_t width, uint32_t n, const uint32_t *operands)
{
    o.first = lab.network.n_operands;
    o.n = n;
    o.out = value(RK_KIND_FLOAT, true, 1, width, NULL);
    memcpy(lab.operands + o.first, operands, n * sizeof *operands);
    lab.network.n_operands += n;
    lab.ops[lab.network.n_ops++] = o;
    return o.out;
}

static uint32_t input(uint8_t kind, uint32_t n, bool once)
{
    const uint32_t i = lab.network.n_inputs++;
    lab.once[i] = once;
    lab.inputs[i] = value(kind, true, 1, kind == RK_KIND_INT ? 0 : n, NULL);
    if (kind == RK_KIND_FLOAT)
        lab.data[i] = floats((size_t)MOST * n);
    else {
        int64_t *const ids = lab.data[i] = malloc(MOST * sizeof *ids);
        for (uint32_t k = 0; k < MOST; k++)
            ids[k] = rand() % IDS;
    }
    return lab.inputs[i];
}

static uint32_t map(rk_network_fn fn, uint32_t x, uint32_t y)
{
    const uint32_t operands[] = {x, y};
    const rk_network_op o = {.kind = RK_NETWORK_MAP, .fn = (uint8_t)fn};
    return op(o, width_of(x), fn < RK_NETWORK_ADD ? 1 : 2, operands);
}

static uint32_t dense(uint32_t x, uint32_t n)
{
    const uint32_t operands[] = {x, weights(width_of(x), n), weights(n, 0)};
    return op((rk_network_op){.kind = RK_NETWORK_DENSE}, n, 3, operands);
}

static uint32_t layer(uint32_t x, uint32_t n) { return map(RK_NETWORK_RELU, dense(x, n), 0); }

static uint32_t concat(uint32_t n, const uint32_t *parts)
{
    uint32_t width = 0;
    for (uint32_t i = 0; i < n; i++)
        width += width_of(parts[i]);
    return op((rk_network_op){.kind = RK_NETWORK_CONCAT, .axis = 1}, width, n, parts);
}

/* Embeddings of ids beside numbers. */
static uint32_t features(uint32_t n_ids, uint32_t dim, uint32_t n_numbers, bool once)
{
    uint32_t parts[INPUTS];
    for (uint32_t i = 0; i < n_ids; i++) {
        const uint32_t operands[] = {weights(IDS, dim), input(RK_KIND_INT, 1, once)};
        parts[i] = op((rk_network_op){.kind = RK_NETWORK_GATHER}, dim, 2, operands);
    }
    parts[n_ids] = input(RK_KIND_FLOAT, n_numbers, once);
    return concat(n_ids + 1, parts);
}

static uint32_t tower(bool once)
{
    const uint32_t x = dense(layer(layer(features(4, 32, 32, once), 256), 128), 64);
    return op((rk_network_op){.kind = RK_NETWORK_LP_NORM, .fn = 2, .axis = 1}, 64, 1, &x);
}

static uint32_t dssm(bool once)
{
    const uint32_t product = map(RK_NETWORK_MUL, tower(once), tower(false));
    const rk_network_op sum = {.kind = RK_NETWORK_REDUCE, .fn = RK_NETWORK_SUM, .mask = 2};
    return op(sum, 1, 1, &product);
}

static uint32_t mlp(bool once)
{
    const uint32_t halves[] = {input(RK_KIND_FLOAT, 250, once), input(RK_KIND_FLOAT, 250, false)};
    return map(RK_NETWORK_SIGMOID, dense(layer(layer(concat(2, halves), 512), 256), 1), 0);
}

static uint32_t dcn(bool once)
{
    const uint32_t first = features(4, 16, 36, once), second = features(4, 16, 36, false);
    const uint32_t x0 = concat(2, (const uint32_t[]){first, second});
    uint32_t x = x0;
    for (uint32_t i = 0; i < 3; i++)
        x = map(RK_NETWORK_ADD, map(RK_NETWORK_MUL, x0, dense(x, 200)), x);
    const uint32_t both[] = {x, layer(layer(x0, 256), 128)};
    return map(RK_NETWORK_SIGMOID, dense(concat(2, both), 1), 0);
}

typedef struct row {
    const char *name;
    uint32_t (*make)(bool once);
    bool once;
} row;

static const row rows[] = {{"dssm", dssm, false}, {"mlp", mlp, false}, {"dcn", dcn, false},
                           {"dssm", dssm, true},  {"mlp", mlp, true},  {"dcn", dcn, true}};
static const uint32_t lengths[] = {1, 10, 100, 1000};

static void make(const row *r)
{
    memset(&lab, 0, sizeof lab);
    const uint32_t out = r->make(r->once);
    lab.output = (rk_network_output){.value = out, .dim = width_of(out)};
    lab.network.values = lab.values;
    lab.network.ops = lab.ops;
    lab.network.operands = lab.operands;
    lab.network.inputs = lab.inputs;
    lab.network.outputs = &lab.output;
    lab.network.n_outputs = 1;
}

static struct {
    const rk_inference *inference;
    void *once, *scratch;
    uint32_t n;
} job;

static void run(void)
{
    static float out[MOST];
    rk_infer_input inputs[INPUTS];
    rk_infer_fault fault;
    for (uint32_t i = 0; i < lab.network.n_inputs; i++)
        inputs[i].data = lab.data[i];
    bench_must(rk_inference_once(job.inference, inputs, job.once, job.scratch, &fault) == RK_OK &&
                   rk_inference_run(job.inference, inputs, job.n, job.once, job.scratch, out, 1,
                                    &fault) == RK_OK,
               "a run");
}

static double turn(int calls)
{
    const double start = bench_cpu();
    for (int i = 0; i < calls; i++)
        run();
    return (bench_cpu() - start) / calls * 1e-3;
}

/* Microseconds of a peer's call; 0: it has none. */
static double peer_of(const char *path, const char *name, uint32_t n)
{
    char of[32];
    unsigned batch;
    double us, found = 0;
    FILE *const file = path ? fopen(path, "r") : NULL;
    while (file && fscanf(file, "%31s %u %lf", of, &batch, &us) == 3)
        if (strcmp(of, name) == 0 && batch == n)
            found = us;
    if (file)
        fclose(file);
    return found;
}

static void measure(const row *r, uint32_t n, rk_arena *arena, const char *peer)
{
    double us[ROUNDS];
    job.n = n;
    job.scratch = rk_arena_alloc_column(arena, rk_inference_scratch(job.inference, n) + 1, 1);
    bench_must(job.scratch != NULL, "memory");
    const int calls = 1 + (int)(3000 / turn(2));
    for (int i = 0; i < ROUNDS; i++)
        us[i] = turn(calls);
    const double median = bench_sort(us, ROUNDS).median, other = peer_of(peer, r->name, n);
    printf("| %s%s | %u | %.2f | %.2f | %.2f |\n", r->name, r->once ? ", half once" : "", n, median,
           other, other / median);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    rk_cpu_level cpu;
    rk_buf why = {0};
    rk_sgemm *const sgemm = argc > 2 ? rk_blas_open(&why) : NULL;
    bench_must(rk_cpu_from_env(&cpu), "RANK_CPU");
    bench_must(argc <= 2 || sgemm, why.data);
    printf("level %s\n\n| network | batch | us | ONNX Runtime, us | ONNX Runtime / ours |\n"
           "|---|---|---|---|---|\n",
           rk_cpu_name(cpu));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rk_arena arena = {0};
        make(&rows[i]);
        const rk_inference_options options = {.cpu = cpu, .once = lab.once, .sgemm = sgemm};
        bench_must(rk_inference_new(&lab.network, lab.network.n_inputs, &options, &arena,
                                    &job.inference) == RK_OK,
                   "making");
        job.once = rk_arena_alloc_column(&arena, rk_inference_once_size(job.inference) + 1, 1);
        for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++)
            measure(&rows[i], lengths[k], &arena, argc > 1 ? argv[1] : NULL);
        rk_arena_free(&arena);
    }
    return 0;
}
