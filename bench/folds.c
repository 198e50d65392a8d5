/* Five aggregates of one column with missing values, in one sweep, against C by gcc.
 * usage: folds folds.rank */
#include "bench/folds.h"

#include <math.h>
#include <stdio.h>

#include "bench/bench.h"

folds_peer peer_strict, peer_fast, peer_fast512;

static const struct peer {
    const char *name;
    folds_peer *fn;
} peers[] = {{"gcc -O3 -march=native", peer_strict},
             {"  -ffast-math", peer_fast},
             {"  -ffast-math -mprefer-vector-width=512", peer_fast512}};
static const uint32_t lengths[] = {15, 100, 1000, 100000};

typedef struct peer_call {
    folds_peer *fn;
    uint32_t n;
    folds out;
} peer_call;

static void call_peer(void *user)
{
    peer_call *const call = user;
    call->fn(bench_column(0), call->n, &call->out);
}

/* One value in ten is missing. */
static void fill(void)
{
    uint64_t state = 1;
    for (int i = 0; i < BENCH_LONGEST; i++) {
        const bool missing = bench_random(&state) < 0.1;
        bench_column(0)[i] = missing ? NAN : (float)bench_random(&state) * 100;
    }
}

static bool near(const rk_column *column, float value)
{
    const float ours = *(const float *)column->data;
    return fabsf(ours - value) <= 1e-5f * fabsf(value);
}

static void compare(bench_program *p)
{
    bench_rank(p, BENCH_LONGEST);
    for (size_t k = 0; k < RK_ARRAY_LEN(peers); k++) {
        peer_call call = {.fn = peers[k].fn, .n = BENCH_LONGEST};
        call_peer(&call);
        const rk_column *const *const shown = p->reply.shown;
        bench_must(near(shown[0], call.out.sum) && near(shown[2], call.out.mean) &&
                       near(shown[3], call.out.least) && near(shown[4], call.out.most) &&
                       *(const int64_t *)shown[1]->data == call.out.count,
                   "comparison");
    }
}

static void measure(bench_program *programs, unsigned n_programs, const struct peer *peer,
                    uint32_t n)
{
    double ns = 0;
    peer_call call = {.fn = peer->fn, .n = n};
    printf("| %-40s | %6u |", peer->name, n);
    for (unsigned i = 0; i < n_programs; i++) {
        bench_program *const p = &programs[n_programs - 1 - i];
        bench_rank(p, n);
        bench_begin(p, RK_STEP_FOLD);
        bench_cell(bench_ratio(bench_steps, p, call_peer, &call, &ns));
    }
    printf(" %.3f ns |\n", ns / n);
}

int main(int argc, char **argv)
{
    static bench_program programs[3];
    bench_must(argc == 2, "usage: folds folds.rank");
    const unsigned n = bench_emitter() ? 3 : 1;
    fill();
    for (unsigned tier = 0; tier < n; tier++) {
        bench_open(&programs[tier], argv[1], tier);
        compare(&programs[tier]);
    }
    printf("| against | items |%s interpreter | peer, an item |\n",
           n > 1 ? " tier 2 | tier 1 |" : "");
    printf("|---|---|%s---|---|\n", n > 1 ? "---|---|" : "");
    for (size_t p = 0; p < RK_ARRAY_LEN(peers); p++)
        for (size_t i = 0; i < RK_ARRAY_LEN(lengths); i++)
            measure(programs, n, &peers[p], lengths[i]);
    for (unsigned tier = 0; tier < n; tier++)
        bench_close(&programs[tier]);
    return 0;
}
