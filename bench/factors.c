/* A hundred factors over six columns, fused in native code, against as many functions in C by gcc.
 * usage: factors factors.rank, the program and the C that factors.awk wrote */
#include <math.h>
#include <stdio.h>

#include "bench/bench.h"

typedef void peer_fn(const float *, const float *, const float *, const float *, const float *,
                     const float *, float, float *, size_t);
enum { FACTORS = 100, FIELDS = 6, MOST = 1000 };
extern peer_fn *const peer_fast[FACTORS], *const peer_fast512[FACTORS];

static const struct peer {
    const char *name;
    peer_fn *const *fns;
} peers[] = {{"gcc -O3 -march=native -ffast-math", peer_fast},
             {"  -mprefer-vector-width=512", peer_fast512}};

typedef struct peer_call {
    peer_fn *const *fns;
    uint32_t n;
} peer_call;

/* Where factor `f` of the peers goes: not all to the same place of a page. */
static float *out_column(unsigned f)
{
    static float room[FACTORS * (1024 + 144)] __attribute__((aligned(64)));
    return room + f * (1024 + 144);
}

static void call_peer(void *user)
{
    const peer_call *const call = user;
    for (unsigned f = 0; f < FACTORS; f++)
        call->fns[f](bench_column(0), bench_column(1), bench_column(2), bench_column(3),
                     bench_column(4), bench_column(5), 37.5f, out_column(f), call->n);
}

static void fill(void)
{
    uint64_t state = 1;
    for (unsigned f = 0; f < FIELDS; f++)
        for (int i = 0; i < BENCH_LONGEST; i++)
            bench_column(f)[i] = (float)bench_random(&state) + 0.1f;
}

static void compare(bench_program *p)
{
    bench_rank(p, MOST);
    for (size_t k = 0; k < RK_ARRAY_LEN(peers); k++) {
        call_peer(&(peer_call){peers[k].fns, MOST});
        for (unsigned f = 0; f < FACTORS; f++) {
            const float *const ours = p->reply.shown[f]->data, *const theirs = out_column(f);
            for (uint32_t i = 0; i < MOST; i++)
                bench_must(fabsf(ours[i] - theirs[i]) <= 1e-4f * fmaxf(1, fabsf(ours[i])),
                           "comparison");
        }
    }
}

static void measure(bench_program *programs, unsigned n_programs, const struct peer *peer,
                    uint32_t n)
{
    double ns = 0;
    peer_call call = {peer->fns, n};
    printf("| %-34s | %5u |", peer->name, n);
    for (unsigned i = 0; i < n_programs; i++) {
        bench_program *const p = &programs[n_programs - 1 - i];
        bench_rank(p, n);
        bench_begin(p, RK_STEP_KERNEL);
        bench_cell(bench_ratio(bench_steps, p, call_peer, &call, &ns));
    }
    printf(" %.2f ns |\n", ns / n / FACTORS);
}

int main(int argc, char **argv)
{
    static const uint32_t lengths[] = {15, 100, 1000};
    static bench_program programs[3];
    bench_must(argc == 2, "usage: factors factors.rank");
    const unsigned n = bench_emitter() ? 3 : 1;
    fill();
    for (unsigned tier = 0; tier < n; tier++) {
        bench_open(&programs[tier], argv[1], tier);
        compare(&programs[tier]);
    }
    printf("| against | items |%s interpreter | peer, a factor of an item |\n",
           n > 1 ? " tier 2 | tier 1 |" : "");
    printf("|---|---|%s---|---|\n", n > 1 ? "---|---|" : "");
    for (size_t p = 0; p < RK_ARRAY_LEN(peers); p++)
        for (size_t i = 0; i < RK_ARRAY_LEN(lengths); i++)
            measure(programs, n, &peers[p], lengths[i]);
    for (unsigned tier = 0; tier < n; tier++)
        bench_close(&programs[tier]);
    return 0;
}
