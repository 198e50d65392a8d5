/* A model of trees over rows that lie in memory: our side of forest.c, and as a shared library of
 * forest_python.py. */
#ifndef RK_BENCH_FOREST_OURS_H
#define RK_BENCH_FOREST_OURS_H

#include "runtime/model/evaluate.h"
#include "runtime/model/forest.h"

enum { FOREST_MOST = 10000 }; /* rows of a list */

typedef struct bench_forest {
    const char *path;
    bool in_float; /* `precision: "float"` */
    rk_arena arena;
    rk_model *model;
    const rk_evaluator *evaluator;
    double load_ms, make_ms; /* CPU time */
    uint32_t n_rows, n_features;
    double *rows;        /* [n_rows][n_features] */
    float *narrow;       /* the same */
    rk_feature *columns; /* of floats where the library takes floats, else of doubles */
    void *scratch;
    void *out[1]; /* [FOREST_MOST] floats of a float forest, else doubles */
} bench_forest;

/* Reads the model, and rows (doubles, row by row). Ends the process when something fails; the
 * forest lives as long as it. */
bench_forest *forest_open(const char *model, const char *rows, uint32_t n_features, bool in_float);

/* Rows at .. at + n into f->out, by `way` or (NULL) the one that is chosen. */
void forest_score(bench_forest *f, uint32_t at, uint32_t n, const rk_evaluator_way *way);
double *forest_scores(bench_forest *f, uint32_t n);

/* The window of n rows after the one at `at`, so that nothing is known by heart. */
uint32_t forest_next(const bench_forest *f, uint32_t at, uint32_t n);

/* CPU nanoseconds a row of `calls` calls with windows of n rows from `at` on. */
double forest_turn(bench_forest *f, const rk_evaluator_way *way, uint32_t at, uint32_t n,
                   uint32_t calls);

/* "bit-sliced, 256 rows": what is done with n rows. */
const char *forest_way(bench_forest *f, uint32_t n);

#endif
