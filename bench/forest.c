/* A forest over lists of rows, against the libraries that such models come from and their
 * compilers.
 *
 * usage: forest [FORM] MODEL ROWS FEATURES [PEER LIBRARY GOALS]...
 *
 * ROWS: doubles, row by row. GOALS: how many times quicker than the peer we want to be with lists
 * of `lengths`: "3,5,15,30,30", where 0 is none. FORM: --float, our side has `precision: "float"`;
 * --load prints what loading costs; --ways times each way of evaluating. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/clock.h"
#include "bench/forest_ours.h"
#include "bench/forest_peers.h"

enum { ROUNDS = 15, TURN_NS = 3000000, LENGTHS = 5 };

static const uint32_t lengths[LENGTHS] = {1, 10, 100, 1000, 10000};

static void theirs(forest_peer *peer, const bench_forest *f, uint32_t at, uint32_t n, void *out)
{
    const size_t first = (size_t)at * f->n_features;
    const void *const rows =
        peer->rows_in_float ? (const void *)(f->narrow + first) : f->rows + first;
    if (n == 1 && peer->score_one)
        peer->score_one(peer, rows, out);
    else
        peer->score(peer, rows, n, out);
}

/* As forest_turn. */
static double their_turn(forest_peer *peer, const bench_forest *f, uint32_t at, uint32_t n,
                         uint32_t calls)
{
    static double out[FOREST_MOST];
    const double start = bench_cpu();
    for (uint32_t i = 0; i < calls; i++, at = forest_next(f, at, n))
        theirs(peer, f, at, n, out);
    return (bench_cpu() - start) / calls / n;
}

static uint32_t calls_in_turn(double ns) { return ns > TURN_NS ? 1 : (uint32_t)(TURN_NS / ns) + 1; }

/* ---- answers ---- */

static double score_at(const void *scores, bool in_float, uint32_t i)
{
    return in_float ? (double)((const float *)scores)[i] : ((const double *)scores)[i];
}

#define IN_FLOAT 1e-4 /* as far apart may scores be that add up in float */

/* Some give our bits; others add in another order, or in float, where a row beside a threshold may
 * fall into another leaf. */
static void compare(bench_forest *f, forest_peer *peer)
{
    static double out[FOREST_MOST];
    const double near = f->in_float ? IN_FLOAT : peer->near;
    uint32_t differ = 0, far = 0;
    double most = 0;
    const double *const scores = forest_scores(f, FOREST_MOST);
    theirs(peer, f, 0, FOREST_MOST, out);
    for (uint32_t i = 0; i < FOREST_MOST; i++) {
        const double a = score_at(scores, f->model->as.forest->in_float, i);
        const double b = score_at(out, peer->scores_in_float, i);
        const double apart = fabs(a - b) / fmax(fabs(a), 1);
        differ += memcmp(&a, &b, sizeof a) != 0;
        far += !(apart < near);
        most = fmax(most, apart);
    }
    fprintf(stderr,
            "%s, %s: %u of %u rows differ, by %.2g of the score at most, %u by more than %.0e\n",
            f->path, peer->name, differ, FOREST_MOST, most, far, near);
    bench_must(far <= peer->most_far, "comparison");
}

/* ---- tables ---- */

typedef struct cell {
    bench_spread ratio;
    double ours, theirs; /* ns a row */
    double goal;
} cell;

static void measure(bench_forest *f, forest_peer *peer, uint32_t n, cell *out)
{
    double ratios[ROUNDS], mine[ROUNDS], other[ROUNDS];
    const uint32_t our_calls = calls_in_turn(forest_turn(f, NULL, 0, n, 3) * n);
    const uint32_t calls = calls_in_turn(their_turn(peer, f, 0, n, 3) * n);
    for (int r = 0; r < ROUNDS; r++) {
        const uint32_t at = (uint32_t)r * 613 % (f->n_rows - n + 1);
        mine[r] = forest_turn(f, NULL, at, n, our_calls);
        other[r] = their_turn(peer, f, at, n, calls);
        ratios[r] = other[r] / mine[r];
    }
    out->ratio = bench_sort(ratios, ROUNDS);
    out->ours = bench_sort(mine, ROUNDS).median;
    out->theirs = bench_sort(other, ROUNDS).median;
}

static void read_goals(const char *goals, cell cells[LENGTHS])
{
    for (int k = 0; k < LENGTHS; k++) {
        cells[k].goal = strtod(goals, (char **)&goals);
        goals += *goals == ',';
    }
}

static void print_goals(const cell cells[LENGTHS])
{
    const char *sep = " ";
    int missed = 0, some = 0;
    for (int k = 0; k < LENGTHS; k++, sep = " / ") {
        some += cells[k].goal > 0;
        missed += cells[k].ratio.median < cells[k].goal;
        cells[k].goal > 0 ? printf("%s%g", sep, cells[k].goal) : printf("%s-", sep);
    }
    printf("%s |", !some ? "" : missed ? ": **missed**" : ": met");
}

static void print_row(const bench_forest *f, const forest_peer *peer, const cell cells[LENGTHS])
{
    const char *const slash = strrchr(f->path, '/'), *const name = slash ? slash + 1 : f->path;
    printf("| %.*s%s | %s |", (int)strcspn(name, "."), name, f->in_float ? ", in float" : "",
           peer->name);
    for (int k = 0; k < LENGTHS; k++) {
        const cell *const c = &cells[k];
        const char *const mark = c->ratio.median < c->goal ? "**" : "";
        printf(" %s%.1f%s (%.1f-%.1f) |", mark, c->ratio.median, mark, c->ratio.low, c->ratio.high);
    }
    print_goals(cells);
    for (int k = 0; k < LENGTHS; k++)
        printf("%s%.0f", k ? " / " : " ", cells[k].ours);
    printf(" |\n");
    fflush(stdout);
}

static void measure_peer(bench_forest *f, const char *name, const char *library, const char *goals)
{
    forest_peer peer;
    cell cells[LENGTHS];
    forest_peer_open(&peer, name, library, f->path, f->n_features);
    compare(f, &peer);
    read_goals(goals, cells);
    for (int k = 0; k < LENGTHS; k++)
        measure(f, &peer, lengths[k], &cells[k]);
    print_row(f, &peer, cells);
}

static void print_load(const bench_forest *f)
{
    const rk_forest *const forest = f->model->as.forest;
    printf("%u | %.1f | %.1f ms | %.1f ms | %zu KiB |", forest->n_trees,
           (double)forest->n_leaves / forest->n_trees, f->load_ms, f->make_ms,
           rk_evaluator_memory(f->evaluator) / 1024);
}

static void measure_ways(bench_forest *f)
{
    printf("| way | 1 | 4 | 10 | 16 | 24 | 32 | 64 | 100 | 256 | 1000 | 10000 |\n");
    static const uint32_t some[] = {1, 4, 10, 16, 24, 32, 64, 100, 256, 1000, 10000};
    for (uint32_t kind = 0; kind < RK_EVALUATOR_COUNT; kind++) {
        for (uint32_t rows = 0; rows <= 512; rows = rows ? rows * 2 : 128) {
            const rk_evaluator_way way = {.kind = (rk_evaluator_kind)kind, .rows = rows};
            if (!rk_evaluator_knows(f->evaluator, way))
                continue;
            rk_buf name = {0};
            rk_evaluator_print(way, &name);
            printf("| %.*s |", (int)name.len, name.data);
            rk_buf_free(&name);
            for (size_t i = 0; i < RK_ARRAY_LEN(some); i++) {
                double ns[ROUNDS];
                const uint32_t n = some[i],
                               calls = calls_in_turn(forest_turn(f, &way, 0, n, 3) * n);
                for (int r = 0; r < ROUNDS; r++)
                    ns[r] = forest_turn(f, &way, 0, n, calls);
                printf(" %.0f |", bench_sort(ns, ROUNDS).low);
                fflush(stdout);
            }
            printf("\n");
        }
    }
}

int main(int argc, char **argv)
{
    const char *const form = argc > 1 && argv[1][0] == '-' ? argv[1] : "";
    argv += *form != '\0', argc -= *form != '\0';
    bench_must(argc >= 4 && argc % 3 == 1,
               "usage: forest MODEL ROWS FEATURES [PEER LIBRARY GOALS]...");
    bench_forest *const f =
        forest_open(argv[1], argv[2], (uint32_t)atoi(argv[3]), strcmp(form, "--float") == 0);
    if (strcmp(form, "--load") == 0)
        print_load(f);
    if (strcmp(form, "--ways") == 0)
        measure_ways(f);
    for (int i = 4; i + 2 < argc; i += 3)
        measure_peer(f, argv[i], argv[i + 1], argv[i + 2]);
    return 0;
}
