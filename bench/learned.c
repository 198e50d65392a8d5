/* A request with a forest through librank, for learned.py to call: a shared library. */
#include <stdio.h>
#include <string.h>

#include "bench/clock.h"
#include "compiler/rank_source.h"

enum { FIELDS = 10, MOST = 1000 };

typedef struct learned {
    rank_program *program;
    rank_context *cx;
    uint32_t budget, numbers[FIELDS];
    int64_t *ids;
    double *fields[FIELDS];
} learned;

learned *learned_open(const char *path, int native);
double *learned_field(learned *l, int field);
uint32_t learned_rank(learned *l, int calls, int64_t *ids, double *scores);

/* One at a time. */
learned *learned_open(const char *path, int native)
{
    static const char *const names[FIELDS] = {"bm25", "price", "rating", "clicks", "orders",
                                              "age",  "stock", "margin", "dist",   "sim"};
    static learned one;
    const rank_options options = {.engine = native ? RANK_ENGINE_JIT2 : RANK_ENGINE_INTERP};
    if (one.program) {
        rank_context_free(one.cx);
        rank_close(one.program);
    }
    const rank_status status = rank_open_source(path, &options, &one.program);
    bench_must(status == RANK_OK, rank_program_message(one.program));
    bench_must(rank_context_new(one.program, &one.cx) == RANK_OK, "the context");
    bench_must(rank_find_query(one.cx, "budget", &one.budget) == RANK_OK, "budget");
    for (int f = 0; f < FIELDS; f++) {
        bench_must(rank_find_item(one.cx, names[f], &one.numbers[f]) == RANK_OK, names[f]);
        if (!one.fields[f])
            one.fields[f] = rank_alloc(MOST, sizeof(double));
        bench_must(one.fields[f] != NULL, "memory");
    }
    one.ids = one.ids ? one.ids : rank_alloc(MOST, sizeof *one.ids);
    bench_must(one.ids != NULL, "memory");
    for (int i = 0; i < MOST; i++)
        one.ids[i] = i;
    return &one;
}

/* MOST values to fill. */
double *learned_field(learned *l, int field) { return l->fields[field]; }

/* The same request so many times, and the list of the last. */
uint32_t learned_rank(learned *l, int calls, int64_t *ids, double *scores)
{
    const rank_result *result = NULL;
    for (int i = 0; i < calls; i++) {
        bool fine = rank_begin(l->cx) == RANK_OK &&
                    rank_set_double(l->cx, l->budget, 37.5) == RANK_OK &&
                    rank_set_ids(l->cx, l->ids, MOST) == RANK_OK;
        for (int f = 0; fine && f < FIELDS; f++)
            fine = rank_set_item(l->cx, l->numbers[f],
                                 rank_doubles(l->fields[f], MOST, rank_room(MOST))) == RANK_OK;
        fine = fine && rank_run(l->cx, 0, &result) == RANK_OK;
        bench_must(fine, rank_message(l->cx));
    }
    memcpy(ids, result->ids.data, result->n * sizeof *ids);
    memcpy(scores, result->scores.data, result->n * sizeof *scores);
    return (uint32_t)result->n;
}
