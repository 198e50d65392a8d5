/* A forest over lists of rows, against the libraries that such models come from.
 * usage: forest MODEL ROWS FEATURES [PEER LIBRARY]...
 *        forest --ways MODEL ROWS FEATURES
 * ROWS: doubles, row by row. The second form times each way of evaluating. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/clock.h"
#include "bench/forest_peers.h"
#include "runtime/model/evaluate.h"
#include "runtime/model/forest.h"

enum { ROUNDS = 15, MOST_LIST = 10000, TURN_NS = 3000000 };

static const uint32_t lengths[] = {1, 10, 100, 1000, 10000};

typedef struct bench_forest {
    const char *path;
    rk_arena arena;
    rk_model *model;
    const rk_evaluator *evaluator;
    double load_ms, make_ms;
    uint32_t n_rows, n_features;
    double *rows;        /* [n_rows][n_features] */
    float *narrow;       /* the same */
    rk_feature *columns; /* of floats of a float forest, else of doubles */
    void *scratch;
    void *out[1];
} bench_forest;

static void *room(bench_forest *f, size_t n, size_t size)
{
    void *const place = rk_arena_alloc_column(&f->arena, n, size);
    bench_must(place != NULL, "memory");
    return place;
}

/* ---- reading ---- */

static void read_rows(bench_forest *f, const char *path)
{
    FILE *const file = fopen(path, "rb");
    bench_must(file && fseek(file, 0, SEEK_END) == 0, path);
    const size_t n = (size_t)ftell(file) / sizeof(double);
    f->n_rows = (uint32_t)(n / f->n_features);
    f->rows = room(f, n, sizeof(double));
    f->narrow = room(f, n, sizeof(float));
    rewind(file);
    bench_must(fread(f->rows, sizeof(double), n, file) == n, path);
    fclose(file);
    for (size_t i = 0; i < n; i++)
        f->narrow[i] = (float)f->rows[i];
}

static void read_model(bench_forest *f)
{
    rk_diags diags;
    rk_diags_init(&diags, &f->arena);
    const rk_model_spec spec = {.path = rk_str_from(f->path)};
    rk_evaluator_options options = {0};
    bench_must(rk_cpu_from_env(&options.cpu), "RANK_CPU");
    const double start = bench_cpu();
    bench_must(rk_model_load(&spec, &f->arena, &diags, &f->model) == RK_OK, f->path);
    const double loaded = bench_cpu();
    bench_must(rk_evaluator_new(f->model->as.forest, f->model->n_inputs, &options, &f->arena,
                                &f->evaluator) == RK_OK,
               "the evaluator");
    f->make_ms = (bench_cpu() - loaded) / 1e6;
    f->load_ms = (loaded - start) / 1e6;
    bench_must(f->model->n_inputs <= f->n_features && f->model->n_outputs == 1, "the model's form");
}

static void make_columns(bench_forest *f)
{
    const bool in_float = f->model->as.forest->in_float;
    f->columns = room(f, f->n_features, sizeof *f->columns);
    for (uint32_t k = 0; k < f->n_features; k++) {
        double *const doubles = room(f, f->n_rows + 64, sizeof(double));
        float *const floats = (float *)doubles;
        for (uint32_t i = 0; i < f->n_rows; i++)
            if (in_float)
                floats[i] = f->narrow[(size_t)i * f->n_features + k];
            else
                doubles[i] = f->rows[(size_t)i * f->n_features + k];
        f->columns[k] =
            (rk_feature){.data = doubles, .kind = in_float ? RK_KIND_FLOAT : RK_KIND_DOUBLE};
    }
    f->scratch = room(f, rk_evaluator_scratch(f->evaluator, MOST_LIST), 1);
    f->out[0] = room(f, MOST_LIST + 64, sizeof(double));
}

/* ---- sides ---- */

/* Windows of n rows, another one each call, so that nothing is known by heart. */
typedef struct window {
    uint32_t n, at;
} window;

static uint32_t next(window *w, uint32_t n_rows)
{
    const uint32_t at = w->at;
    w->at = at + 2 * w->n <= n_rows ? at + w->n : 0;
    return at;
}

static void ours(bench_forest *f, uint32_t at, uint32_t n, const rk_evaluator_way *way)
{
    const rk_features features = {.columns = f->columns, .from = at, .n = n};
    if (way)
        rk_evaluator_run_as(f->evaluator, *way, &features, f->scratch, f->out);
    else
        rk_evaluator_run(f->evaluator, &features, f->scratch, f->out);
}

static void theirs(forest_peer *peer, const bench_forest *f, uint32_t at, uint32_t n, void *out)
{
    const size_t first = (size_t)at * f->n_features;
    const void *const rows = peer->in_float ? (const void *)(f->narrow + first) : f->rows + first;
    if (n == 1 && peer->score_one)
        peer->score_one(peer, rows, out);
    else
        peer->score(peer, rows, n, out);
}

/* Nanoseconds a row of one turn of `calls` calls; peer NULL: ours. */
static double turn(bench_forest *f, forest_peer *peer, const rk_evaluator_way *way, window w,
                   uint32_t calls)
{
    static double out[MOST_LIST];
    const double start = bench_cpu();
    for (uint32_t i = 0; i < calls; i++) {
        const uint32_t at = next(&w, f->n_rows);
        if (peer)
            theirs(peer, f, at, w.n, out);
        else
            ours(f, at, w.n, way);
    }
    return (bench_cpu() - start) / calls / w.n;
}

static uint32_t calls_of(bench_forest *f, forest_peer *peer, const rk_evaluator_way *way,
                         uint32_t n)
{
    const double once = turn(f, peer, way, (window){n, 0}, 3) * n;
    return once > TURN_NS ? 1 : (uint32_t)(TURN_NS / once) + 1;
}

/* ---- tables ---- */

static double score_at(const void *scores, bool in_float, uint32_t i)
{
    return in_float ? (double)((const float *)scores)[i] : ((const double *)scores)[i];
}

/* LightGBM and XGBoost give our bits; lleaves adds the trees of a block up first. */
static void compare(bench_forest *f, forest_peer *peer)
{
    static double out[MOST_LIST];
    uint32_t differ = 0;
    double most = 0;
    ours(f, 0, MOST_LIST, NULL);
    theirs(peer, f, 0, MOST_LIST, out);
    for (uint32_t i = 0; i < MOST_LIST; i++) {
        const double a = score_at(f->out[0], peer->in_float, i);
        const double b = score_at(out, peer->in_float, i);
        differ += memcmp(&a, &b, sizeof a) != 0;
        most = fabs(a - b) > most ? fabs(a - b) : most;
    }
    printf("%s: %u of %u rows differ, by %.2g at most\n", peer->name, differ, MOST_LIST, most);
    bench_must(most < 1e-9, "comparison");
}

static void measure(bench_forest *f, forest_peer *peer, uint32_t n)
{
    double ratios[ROUNDS], mine[ROUNDS], other[ROUNDS];
    const uint32_t our_calls = calls_of(f, NULL, NULL, n), calls = calls_of(f, peer, NULL, n);
    for (int r = 0; r < ROUNDS; r++) {
        const window w = {n, (uint32_t)r * 613 % (f->n_rows - n + 1)};
        mine[r] = turn(f, NULL, NULL, w, our_calls);
        other[r] = turn(f, peer, NULL, w, calls);
        ratios[r] = other[r] / mine[r];
    }
    rk_buf way = {0};
    rk_evaluator_print(rk_evaluator_choose(f->evaluator, n), &way);
    const bench_spread s = bench_sort(ratios, ROUNDS);
    printf("| %s | %u | %.0f | %.0f | %.1f (%.1f-%.1f) | %.*s |\n", peer->name, n,
           bench_sort(other, ROUNDS).median, bench_sort(mine, ROUNDS).median, s.median, s.low,
           s.high, (int)way.len, way.data);
    fflush(stdout);
    rk_buf_free(&way);
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
                const uint32_t calls = calls_of(f, NULL, &way, some[i]);
                for (int r = 0; r < ROUNDS; r++)
                    ns[r] = turn(f, NULL, &way, (window){some[i], 0}, calls);
                printf(" %.0f |", bench_sort(ns, ROUNDS).low);
                fflush(stdout);
            }
            printf("\n");
        }
    }
}

int main(int argc, char **argv)
{
    const bool ways = argc > 1 && strcmp(argv[1], "--ways") == 0;
    argv += ways, argc -= ways;
    bench_must(argc >= 4 && argc % 2 == 0, "usage: forest MODEL ROWS FEATURES [PEER LIBRARY]...");
    bench_forest f = {.path = argv[1], .n_features = (uint32_t)atoi(argv[3])};
    read_rows(&f, argv[2]);
    read_model(&f);
    make_columns(&f);
    const rk_forest *const forest = f.model->as.forest;
    printf(
        "%s: %u trees, %.1f leaves each; loaded in %.1f ms, evaluator made in %.1f ms, %zu KiB\n",
        f.path, forest->n_trees, (double)forest->n_leaves / forest->n_trees, f.load_ms, f.make_ms,
        rk_evaluator_memory(f.evaluator) / 1024);
    if (ways)
        measure_ways(&f);
    for (int i = 4; i + 1 < argc; i += 2) {
        forest_peer peer;
        forest_peer_open(&peer, argv[i], argv[i + 1], argv[1], f.n_features);
        compare(&f, &peer);
        for (size_t k = 0; k < RK_ARRAY_LEN(lengths); k++)
            measure(&f, &peer, lengths[k]);
    }
    rk_arena_free(&f.arena);
    return 0;
}
