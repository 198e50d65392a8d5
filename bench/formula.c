/* One formula over N candidates, in the interpreter and both tiers of native code, against C.
 * usage: formula formula.rank */
#include <math.h>
#include <stdio.h>

#include "bench/bench.h"

typedef void peer_fn(const float *, const float *, const float *, const float *, const float *,
                     const float *, float, float *, size_t);
peer_fn peer_strict, peer_fast, peer_fast512;

enum { FIELDS = 6 };

static const struct peer {
    const char *name;
    peer_fn *fn;
} peers[] = {{"gcc -O3 -march=native", peer_strict},
             {"  -ffast-math", peer_fast},
             {"  -ffast-math -mprefer-vector-width=512", peer_fast512}};
static const uint32_t lengths[] = {15, 100, 1000, 10000};

typedef struct peer_call {
    peer_fn *fn;
    uint32_t n;
} peer_call;

static void call_peer(void *user)
{
    const peer_call *const call = user;
    call->fn(bench_column(0), bench_column(1), bench_column(2), bench_column(3), bench_column(4),
             bench_column(5), 37.5f, bench_column(FIELDS), call->n);
}

static void fill(void)
{
    uint64_t state = 1;
    for (unsigned f = 0; f < FIELDS; f++) {
        for (int i = 0; i < BENCH_LONGEST; i++) {
            const double u = bench_random(&state);
            bench_column(f)[i] = (float)(f == 0   ? u * 5
                                         : f == 1 ? u
                                         : f == 2 ? u * 100
                                         : f == 3 ? floor(exp(u * 12))
                                         : f == 4 ? u * 1000
                                                  : u * 16 - 8);
        }
    }
}

/* The peers with fast-math may differ in the last bits: within 1e-5. */
static void compare(bench_program *p)
{
    const uint32_t n = lengths[RK_ARRAY_LEN(lengths) - 1];
    bench_rank(p, n);
    const float *const ours = p->reply.shown[0]->data, *const theirs = bench_column(FIELDS);
    for (size_t k = 0; k < RK_ARRAY_LEN(peers); k++) {
        call_peer(&(peer_call){peers[k].fn, n});
        for (uint32_t i = 0; i < n; i++)
            bench_must(fabsf(ours[i] - theirs[i]) <= 1e-5f * fmaxf(1, fabsf(ours[i])),
                       "comparison");
    }
}

static void measure(bench_program *programs, unsigned n_programs, const struct peer *peer,
                    uint32_t n)
{
    double ns;
    peer_call call = {peer->fn, n};
    printf("| %-40s | %5u |", peer->name, n);
    for (unsigned i = 0; i < n_programs; i++) {
        bench_program *const p = &programs[n_programs - 1 - i];
        bench_rank(p, n);
        bench_begin(p, RK_STEP_KERNEL);
        bench_cell(bench_ratio(bench_steps, p, call_peer, &call, &ns));
    }
    bench_program *const best = &programs[n_programs - 1];
    bench_cell(bench_ratio(bench_again, best, call_peer, &call, NULL));
    printf(" %.0f ns |\n", ns);
}

int main(int argc, char **argv)
{
    bench_must(argc == 2, "usage: formula formula.rank");
    bench_program programs[3];
    const unsigned n = bench_emitter() ? 3 : 1;
    fill();
    for (unsigned tier = 0; tier < n; tier++) {
        bench_open(&programs[tier], argv[1], tier);
        compare(&programs[tier]);
    }
    printf("| against | items |%s interpreter | whole request | peer |\n",
           n > 1 ? " tier 2 | tier 1 |" : "");
    printf("|---|---|%s---|---|---|\n", n > 1 ? "---|---|" : "");
    for (size_t p = 0; p < RK_ARRAY_LEN(peers); p++)
        for (size_t i = 0; i < RK_ARRAY_LEN(lengths); i++)
            measure(programs, n, &peers[p], lengths[i]);
    for (unsigned tier = 0; tier < n; tier++)
        bench_close(&programs[tier]);
    return 0;
}
