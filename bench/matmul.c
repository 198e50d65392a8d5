/* Layers and small networks against OpenBLAS, which does less: no bias, no relu.
 * usage: matmul [libopenblas.so] */
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/clock.h"
#include "runtime/model/matmul.h"

enum { MOST_LAYERS = 3, MOST_M = 1000, MOST_WIDTH = 1024, GAP = 16, ROUNDS = 31 };

typedef struct net {
    const char *name;
    uint32_t n_layers, width[MOST_LAYERS + 1];
} net;

/* Each matrix alone, then the networks. */
static const net nets[] = {{"256-128", 1, {256, 128}},
                           {"128-64", 1, {128, 64}},
                           {"500-512", 1, {500, 512}},
                           {"512-256", 1, {512, 256}},
                           {"256-1", 1, {256, 1}},
                           {"1000-1000", 1, {1000, 1000}},
                           {"40-20", 1, {40, 20}},
                           {"256-128-64", 2, {256, 128, 64}},
                           {"500-512-256-1", 3, {500, 512, 256, 1}}};
static const uint32_t lengths[] = {1, 2, 5, 10, 20, 100, 1000};

typedef void sgemm_fn(int order, int trans_a, int trans_b, int m, int n, int k, float alpha,
                      const float *a, int lda, const float *b, int ldb, float beta, float *c,
                      int ldc);
enum { ROW_MAJOR = 101, NO_TRANS = 111 };

static struct {
    const net *net;
    const rk_matmul *packed[MOST_LAYERS];
    float *weights[MOST_LAYERS];                               /* [k][n], as the peer has them */
    float *rows[MOST_LAYERS + 1], *peer_rows[MOST_LAYERS + 1]; /* [MOST_M][stride(l)] */
    uint32_t m;
    sgemm_fn *sgemm;
} lab;

/* From row to row, no power of two: see matmul.h. */
static size_t stride(uint32_t l) { return lab.net->width[l] + GAP; }

static float *floats(size_t n)
{
    float *const x = aligned_alloc(64, (n * sizeof *x + 63) / 64 * 64);
    bench_must(x != NULL, "memory");
    for (size_t i = 0; i < n; i++)
        x[i] = (float)rand() / (float)RAND_MAX - 0.5f;
    return x;
}

static void make(const net *net, rk_cpu_level cpu, rk_arena *arena)
{
    lab.net = net;
    for (uint32_t l = 0; l < net->n_layers; l++) {
        const uint32_t k = net->width[l], n = net->width[l + 1];
        lab.weights[l] = floats((size_t)k * n);
        const rk_matmul_weights weights = {.values = lab.weights[l], .k = k, .n = n};
        bench_must(rk_matmul_new(&weights, cpu, arena, &lab.packed[l]) == RK_OK, "packing");
    }
}

static void ours(void)
{
    for (uint32_t l = 0; l < lab.net->n_layers; l++) {
        const bool last = l + 1 == lab.net->n_layers;
        rk_matmul_run(lab.packed[l],
                      &(rk_matmul_job){.x = lab.rows[l],
                                       .out = lab.rows[l + 1],
                                       .ldx = stride(l),
                                       .ldo = stride(l + 1),
                                       .m = lab.m,
                                       .to = lab.net->width[l],
                                       .end = last ? RK_MATMUL_PLAIN : RK_MATMUL_RELU});
    }
}

static void theirs(void)
{
    for (uint32_t l = 0; l < lab.net->n_layers; l++) {
        const int k = (int)lab.net->width[l], n = (int)lab.net->width[l + 1];
        lab.sgemm(ROW_MAJOR, NO_TRANS, NO_TRANS, (int)lab.m, n, k, 1, lab.peer_rows[l],
                  (int)stride(l), lab.weights[l], n, 0, lab.peer_rows[l + 1], (int)stride(l + 1));
    }
}

/* Of the first layer, without its relu. */
static void compare(void)
{
    const uint32_t n = lab.net->width[1];
    lab.m = 100;
    theirs();
    ours();
    for (uint32_t i = 0; i < lab.m; i++)
        for (uint32_t j = 0; j < n; j++) {
            const float a = lab.rows[1][i * stride(1) + j], b = lab.peer_rows[1][i * stride(1) + j];
            const bool cut = lab.net->n_layers > 1 && a == 0 && b < 1e-3f;
            bench_must(cut || fabsf(a - b) < 1e-4f, "comparison");
        }
}

static double turn(void (*side)(void), int calls)
{
    const double start = bench_cpu();
    for (int i = 0; i < calls; i++)
        side();
    return (bench_cpu() - start) / calls;
}

static int calls_of(void (*side)(void)) { return 1 + (int)(300e3 / turn(side, 3)); }

/* Cycles in a nanosecond: of additions that wait for each other. */
static double clock_rate(void)
{
    enum { N = 1 << 24 };
    uint64_t x = 1;
    const double start = bench_cpu();
    for (int i = 0; i < N; i++)
        __asm__ volatile("add %0, %0" : "+r"(x));
    return N / (bench_cpu() - start);
}

static void measure(void)
{
    double ratios[ROUNDS], mine[ROUNDS], other[ROUNDS], flops = 0;
    for (uint32_t l = 0; l < lab.net->n_layers; l++)
        flops += 2.0 * lab.m * lab.net->width[l] * lab.net->width[l + 1];
    const int our_calls = calls_of(ours), calls = lab.sgemm ? calls_of(theirs) : 0;
    const double rate = clock_rate();
    for (int r = 0; r < ROUNDS; r++) {
        mine[r] = turn(ours, our_calls);
        other[r] = calls ? turn(theirs, calls) : NAN;
        ratios[r] = other[r] / mine[r];
    }
    const double ns = bench_sort(mine, ROUNDS).median;
    printf("| %s | %u | %.2f | %.1f |", lab.net->name, lab.m, ns * 1e-3, flops / ns / rate);
    bench_cell(bench_sort(ratios, ROUNDS));
    printf("\n");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    rk_cpu_level cpu;
    bench_must(rk_cpu_from_env(&cpu), "RANK_CPU");
    if (argc > 1) {
        /* It takes CPUs younger than itself for very old ones. */
        setenv("OPENBLAS_CORETYPE", cpu == RK_CPU_V4 ? "SkylakeX" : "Haswell", 1);
        setenv("OPENBLAS_NUM_THREADS", "1", 1);
        void *const library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
        bench_must(library != NULL, argv[1]);
        lab.sgemm = (sgemm_fn *)dlsym(library, "cblas_sgemm");
        bench_must(lab.sgemm != NULL, "cblas_sgemm");
    }
    for (int l = 0; l <= MOST_LAYERS; l++) {
        lab.rows[l] = floats((size_t)MOST_M * (MOST_WIDTH + GAP));
        lab.peer_rows[l] = floats((size_t)MOST_M * (MOST_WIDTH + GAP));
    }
    memcpy(lab.peer_rows[0], lab.rows[0], (size_t)MOST_M * (MOST_WIDTH + GAP) * sizeof(float));
    printf("level %s\n\n| layers | rows | us | flops a cycle | OpenBLAS / ours "
           "|\n|---|---|---|---|---|\n",
           rk_cpu_name(cpu));
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++) {
        rk_arena arena = {0};
        make(&nets[i], cpu, &arena);
        if (lab.sgemm)
            compare();
        for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
            lab.m = lengths[k];
            measure();
        }
        rk_arena_free(&arena);
    }
    return 0;
}
