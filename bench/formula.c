/* One formula over N candidates: rankc's interpreter against C by gcc. Answers are compared first;
 * then the sides take turns, and the median of the ratios of time is printed.
 * usage: formula formula.rank */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "compiler/rankc.h"
#include "runtime/exec/engine.h"

typedef void peer_fn(const float *, const float *, const float *, const float *, const float *,
                     const float *, float, float *, size_t);
peer_fn peer_strict, peer_fast, peer_fast512;

enum { FIELDS = 6, LONGEST = 10000, ROUNDS = 41 };

static const struct {
    const char *name;
    peer_fn *fn;
} peers[] = {{"gcc -O3 -march=native", peer_strict},
             {"  -ffast-math", peer_fast},
             {"  -ffast-math -mprefer-vector-width=512", peer_fast512}};

typedef struct bench {
    rk_run *run;
    const rk_plan *plan;
    rk_request request;
    float *fields[FIELDS];
    float *out;
    uint32_t kernel; /* the step that computes the formula */
} bench;

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void must(bool fine, const char *what)
{
    if (fine)
        return;
    fprintf(stderr, "bench: %s failed\n", what);
    exit(1);
}

/* Columns of n items, staggered so that no two start at the same place of a page. */
static void fill(bench *b)
{
    static float room[(FIELDS + 1) * (LONGEST + 1024)] __attribute__((aligned(64)));
    srand(1);
    for (size_t f = 0; f <= FIELDS; f++) {
        float *const column = room + f * (LONGEST + 16 + 144);
        if (f == FIELDS)
            b->out = column;
        else
            b->fields[f] = column;
        for (int i = 0; i < LONGEST && f < FIELDS; i++) {
            const double u = rand() / (double)RAND_MAX;
            column[i] = (float)(f == 0   ? u * 5
                                : f == 1 ? u
                                : f == 2 ? u * 100
                                : f == 3 ? floor(exp(u * 12))
                                : f == 4 ? u * 1000
                                         : u * 16 - 8);
        }
    }
}

static rk_reply rank(bench *b, uint32_t n)
{
    static rk_value query[1];
    static rk_column items[FIELDS];
    static int64_t ids[LONGEST];
    query[0] = (rk_value){.type = RK_TYPE(FLOAT), .as.f = 37.5f};
    for (uint32_t i = 0; i < n; i++)
        ids[i] = i;
    for (int f = 0; f < FIELDS; f++)
        items[f] = (rk_column){.type = RK_TYPE(FLOAT), .n = n, .data = b->fields[f]};
    b->request = (rk_request){.query = query,
                              .has_items = true,
                              .n_items = n,
                              .ids = {.type = RK_TYPE(INT), .n = n, .data = ids},
                              .items = items};
    rk_reply reply;
    rk_diags diags;
    rk_diags_init(&diags, rk_run_arena(b->run));
    must(rk_run_begin(b->run) == RK_OK, "begin");
    must(rk_run_rank(b->run, &b->request, 0, &diags, &reply) == RK_OK, "rank");
    return reply;
}

/* ns a call of the kernel alone, columns in place. */
static double time_kernel(bench *b, uint32_t n, int calls)
{
    rank(b, n);
    const rk_step *const step = &b->plan->steps.items[b->kernel];
    const double start = now_ns();
    for (int i = 0; i < calls; i++)
        must(rk_step_kernel(b->run, step) == RK_OK, "kernel");
    return (now_ns() - start) / calls;
}

static double time_request(bench *b, uint32_t n, int calls)
{
    const double start = now_ns();
    for (int i = 0; i < calls; i++)
        rank(b, n);
    return (now_ns() - start) / calls;
}

static double time_peer(bench *b, peer_fn *fn, uint32_t n, int calls)
{
    const double start = now_ns();
    for (int i = 0; i < calls; i++)
        fn(b->fields[0], b->fields[1], b->fields[2], b->fields[3], b->fields[4], b->fields[5],
           37.5f, b->out, n);
    return (now_ns() - start) / calls;
}

/* The peers with fast-math may differ in the last bits: within 1e-5. */
static void compare(bench *b)
{
    const rk_reply reply = rank(b, LONGEST);
    const float *const ours = reply.shown[0]->data;
    for (size_t p = 0; p < RK_ARRAY_LEN(peers); p++) {
        time_peer(b, peers[p].fn, LONGEST, 1);
        for (int i = 0; i < LONGEST; i++)
            must(fabsf(ours[i] - b->out[i]) <= 1e-5f * fmaxf(1, fabsf(ours[i])), "comparison");
    }
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(bench *b, size_t p, uint32_t n)
{
    double kernel[ROUNDS], request[ROUNDS], ns[ROUNDS];
    const int calls = n >= 1000 ? 4 : 200;
    for (int r = 0; r < ROUNDS; r++) {
        const double ours = time_kernel(b, n, calls), whole = time_request(b, n, calls);
        ns[r] = time_peer(b, peers[p].fn, n, calls);
        kernel[r] = ours / ns[r];
        request[r] = whole / ns[r];
    }
    qsort(kernel, ROUNDS, sizeof *kernel, by_value);
    qsort(request, ROUNDS, sizeof *request, by_value);
    printf("| %-40s | %6u | %5.2f (%.2f-%.2f) | %5.2f |\n", peers[p].name, n, kernel[ROUNDS / 2],
           kernel[ROUNDS / 4], kernel[ROUNDS * 3 / 4], request[ROUNDS / 2]);
}

static void open_bench(bench *b, rk_compiled *c, const char *path, rk_engine **engine)
{
    rk_plan *plan;
    const uint32_t score = 0;
    const rk_plan_request request = {.pipeline = 0, .shown = &score, .n_shown = 1};
    const rk_engine_options options = {.cpu = rk_cpu_best()};
    must(rk_compiled_init(c) == RK_OK && rk_compile_read(c, path) == RK_OK &&
             rk_compile_check(c) == RK_OK && rk_compile_plan(c, &request, &plan) == RK_OK,
         "compilation");
    must(rk_engine_new(plan, &options, &c->cx.diags, engine) == RK_OK, "engine");
    must(rk_run_new(*engine, &b->run) == RK_OK, "run");
    b->plan = plan;
    for (uint32_t i = 0; i < plan->steps.len; i++)
        if (plan->steps.items[i].kind == RK_STEP_KERNEL)
            b->kernel = i;
}

int main(int argc, char **argv)
{
    static const uint32_t lengths[] = {15, 100, 1000, 10000};
    rk_compiled c;
    rk_engine *engine;
    bench b = {0};
    must(argc == 2, "usage: formula formula.rank");
    open_bench(&b, &c, argv[1], &engine);
    fill(&b);
    compare(&b);
    printf("| against | items | interpreter / peer (quartiles) | whole request / peer |\n");
    printf("|---|---|---|---|\n");
    for (size_t p = 0; p < RK_ARRAY_LEN(peers); p++)
        for (size_t i = 0; i < RK_ARRAY_LEN(lengths); i++)
            measure(&b, p, lengths[i]);
    rk_run_free(b.run);
    rk_engine_free(engine);
    rk_compiled_free(&c);
    return 0;
}
