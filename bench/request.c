/* A whole request through librank (three stages, twenty factors) against the same by hand in C. The
 * answers are compared first; then the sides take turns.
 * usage: request request.rank */
#include "bench/request.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "compiler/rank_source.h"

request_peer peer_strict, peer_fast, peer_fast512;

static const struct {
    const char *name;
    request_peer *rank;
} peers[] = {{"gcc -O3 -march=native", peer_strict},
             {"  -ffast-math", peer_fast},
             {"  -ffast-math -mprefer-vector-width=512", peer_fast512}};

enum { ROUNDS = 101, CALLS = 50 };

static void must(bool fine, const char *what, const char *why)
{
    if (fine)
        return;
    fprintf(stderr, "request: %s: %s\n", what, why);
    exit(1);
}

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* ---- the request ---- */

static double next_random(void)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) * 0x1p-53;
}

static void fill(request *r, size_t n, bool shuffled)
{
    static const float most[REQUEST_FIELDS] = {20, 100, 5, 5000, 300, 200, 40, 30, 50, 1};
    static float *fields[REQUEST_FIELDS];
    static int64_t *ids;
    ids = ids ? ids : rank_alloc(REQUEST_MOST, sizeof *ids);
    *r = (request){.n = n, .ids = ids, .budget = 37.5f, .rush = 0.5f};
    for (size_t i = 0; i < n; i++)
        ids[i] = shuffled ? (int64_t)((i * 389 + 7) % 1009) * 1000003 : (int64_t)i * 17;
    for (int f = 0; f < REQUEST_FIELDS; f++) {
        if (!fields[f])
            fields[f] = rank_alloc(REQUEST_MOST, sizeof(float));
        r->fields[f] = fields[f];
        for (size_t i = 0; i < n; i++)
            fields[f][i] = (float)next_random() * most[f];
    }
}

/* ---- our side ---- */

typedef struct side {
    rank_program *program;
    rank_context *cx;
    uint32_t budget, rush, fields[REQUEST_FIELDS];
} side;

static void open_side(side *s, const char *path, rank_engine engine)
{
    static const char *const names[REQUEST_FIELDS] = {"bm25", "price", "rating", "clicks", "orders",
                                                      "age",  "stock", "margin", "dist",   "sim"};
    const rank_options options = {.engine = engine};
    const rank_status status = rank_open_source(path, &options, &s->program);
    must(status == RANK_OK, path, rank_program_message(s->program));
    must(rank_context_new(s->program, &s->cx) == RANK_OK, "context", "");
    bool fine = rank_find_query(s->cx, "budget", &s->budget) == RANK_OK &&
                rank_find_query(s->cx, "rush", &s->rush) == RANK_OK;
    for (int f = 0; fine && f < REQUEST_FIELDS; f++)
        fine = rank_find_item(s->cx, names[f], &s->fields[f]) == RANK_OK;
    must(fine, "names", rank_message(s->cx));
}

static void close_side(side *s)
{
    rank_context_free(s->cx);
    rank_close(s->program);
}

static const rank_result *rank(side *s, const request *r)
{
    const rank_result *result = NULL;
    bool fine = rank_begin(s->cx) == RANK_OK &&
                rank_set_float(s->cx, s->budget, r->budget) == RANK_OK &&
                rank_set_float(s->cx, s->rush, r->rush) == RANK_OK &&
                rank_set_ids(s->cx, r->ids, r->n) == RANK_OK;
    for (int f = 0; fine && f < REQUEST_FIELDS; f++)
        fine = rank_set_item(s->cx, s->fields[f], rank_floats(r->fields[f], r->n, REQUEST_MOST)) ==
               RANK_OK;
    fine = fine && rank_run(s->cx, 0, &result) == RANK_OK;
    must(fine, "run", rank_message(s->cx));
    return result;
}

/* ---- both ---- */

static void compare(side *s, const request *r)
{
    const rank_result *const ours = rank(s, r);
    int64_t ids[REQUEST_LIST];
    float scores[REQUEST_LIST];
    for (size_t p = 0; p < sizeof peers / sizeof *peers; p++) {
        bool same = peers[p].rank(r, ids, scores) == ours->n;
        for (size_t i = 0; same && i < ours->n; i++) {
            const float mine = ((const float *)ours->scores.data)[i];
            same = ids[i] == ((const int64_t *)ours->ids.data)[i] &&
                   fabsf(mine - scores[i]) <= 1e-5f * fabsf(mine);
        }
        must(same, peers[p].name, "the answers differ");
    }
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void race(const char *title, side *s, const request *r)
{
    int64_t ids[REQUEST_LIST];
    float scores[REQUEST_LIST];
    for (size_t p = 0; p < sizeof peers / sizeof *peers; p++) {
        double ratios[ROUNDS], times[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            const double start = now_ns();
            for (int i = 0; i < CALLS; i++)
                rank(s, r);
            const double middle = now_ns();
            for (int i = 0; i < CALLS; i++)
                peers[p].rank(r, ids, scores);
            const double end = now_ns();
            ratios[round] = (middle - start) / (end - middle);
            times[round] = (end - middle) / CALLS;
        }
        qsort(ratios, ROUNDS, sizeof *ratios, by_value);
        qsort(times, ROUNDS, sizeof *times, by_value);
        printf("| %-40s | %s | %5.2f (%.2f-%.2f) | %.1f us |\n", peers[p].name, title,
               ratios[ROUNDS / 2], ratios[ROUNDS / 4], ratios[ROUNDS - 1 - ROUNDS / 4],
               times[ROUNDS / 2] * 1e-3);
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        rank_engine engine;
    } engines[] = {{"interpreter", RANK_ENGINE_INTERP}, {"native     ", RANK_ENGINE_JIT2}};
    must(argc == 2, "usage", "request request.rank");
    printf("| against | engine, ids | librank / peer (quartiles) | peer |\n|---|---|---|---|\n");
    for (size_t e = 0; e < sizeof engines / sizeof *engines; e++) {
        side s;
        request r;
        open_side(&s, argv[1], engines[e].engine);
        for (int shuffled = 0; shuffled < 2; shuffled++) {
            char title[64];
            fill(&r, 1000, shuffled);
            compare(&s, &r);
            snprintf(title, sizeof title, "%s, %s", engines[e].name,
                     shuffled ? "shuffled " : "ascending");
            race(title, &s, &r);
        }
        close_side(&s);
    }
    return 0;
}
