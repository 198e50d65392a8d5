/* What the files of `rankc metrics` have in common: a run, or two, beside their labels, and what
 * was measured. */
#ifndef RK_CMD_METRICS_H
#define RK_CMD_METRICS_H

#include "compiler/cmd/cmd.h"
#include "runtime/metric/compare.h"
#include "runtime/metric/metric.h"

/* One of the two that are compared, or the only one. */
typedef struct metrics_side {
    rk_str path;     /* of the run, program or bundle */
    rk_str pipeline; /* "" of a run */
    rk_mapping file; /* of a run */
    rk_marks marks;
    bool int_ids;      /* a program whose ids are ints: docids of LETOR are read as such */
    bool has_scores;   /* some list is ordered by them */
    uint32_t by_place; /* lists of a program that a rule moved, or that have no scores */
    rk_judgement judgement;
    rk_measured *measured; /* [n_measures] */
} metrics_side;

typedef struct metrics {
    cmd *c;
    rk_diags diags;
    uint32_t printed; /* of diags */
    rk_measure *measures;
    uint32_t n_measures;
    rk_str labels_path;
    rk_mapping labels_file;
    rk_marks labels;
    rk_metric_scene scene;
    metrics_side sides[2];
    uint32_t n_sides;
    uint32_t not_common;        /* queries that only one of two runs has */
    rk_comparison *comparisons; /* [n_measures] of two */
    uint32_t samples;           /* of the bootstrap */
} metrics;

enum { METRICS_SEED = 1 };

/* ---- metrics_read.c ---- */

/* Reads a run, or ranks the requests by a program or bundle. */
RK_NODISCARD rk_status metrics_read_side(metrics *m, metrics_side *side);

/* Whether a file is ranked by, not read as a run: one called .rank, or a bundle. */
bool metrics_is_program(const char *path);

/* Whether scores are compared as doubles. */
bool metrics_keeps_doubles(const metrics *m);

/* Reads the labels for runs with such ids. */
RK_NODISCARD rk_status metrics_read_labels(metrics *m, bool int_ids);

/* Joins a run with the labels. */
RK_NODISCARD rk_status metrics_judge(metrics *m, metrics_side *side);

/* ---- metrics_print.c ---- */

void metrics_print(const metrics *m);

/* ---- metrics_json.c ---- */

void metrics_print_json(const metrics *m);
void metrics_print_jsonl(const metrics *m);
void metrics_print_csv(const metrics *m);

#endif
