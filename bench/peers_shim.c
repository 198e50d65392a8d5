/* The formula of formula.rank for peers that live in Python (peers.py): rankc in their process, on
 * the same columns, timed by the same clock. */
#include "bench/bench.h"

typedef void peer_fn(const float *, const float *, const float *, const float *, const float *,
                     const float *, float, float *, uint64_t);

/* Exported; Python sees no headers. */
void shim_open(const char *path, unsigned tier);
float *shim_column(unsigned number);
void shim_prepare(uint32_t n);
const float *shim_score(void);
void shim_kernel(void);
void shim_request(void);
double shim_time(unsigned calls);
double shim_time_request(unsigned calls);
double shim_time_peer(peer_fn *fn, uint64_t n, unsigned calls);

static bench_program program;

void shim_open(const char *path, unsigned tier) { bench_open(&program, path, tier); }

float *shim_column(unsigned number) { return bench_column(number); }

void shim_prepare(uint32_t n)
{
    bench_rank(&program, n);
    bench_begin(&program, RK_STEP_KERNEL);
}

const float *shim_score(void) { return program.reply.shown[0]->data; }

/* One call, for Python. */
void shim_kernel(void) { bench_steps(&program); }
void shim_request(void) { bench_again(&program); }

/* ns a call, for calls from C. */
double shim_time(unsigned calls)
{
    const double start = bench_now();
    for (unsigned i = 0; i < calls; i++)
        bench_steps(&program);
    return (bench_now() - start) / calls;
}

double shim_time_request(unsigned calls)
{
    const double start = bench_now();
    for (unsigned i = 0; i < calls; i++)
        bench_again(&program);
    return (bench_now() - start) / calls;
}

double shim_time_peer(peer_fn *fn, uint64_t n, unsigned calls)
{
    const double start = bench_now();
    for (unsigned i = 0; i < calls; i++)
        fn(bench_column(0), bench_column(1), bench_column(2), bench_column(3), bench_column(4),
           bench_column(5), 37.5f, bench_column(6), n);
    return (bench_now() - start) / calls;
}
