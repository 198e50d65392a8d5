/* A run beside its labels: for each query the ranked list with the label of each document. What the
 * measures of metric.h work on. */
#ifndef RK_METRIC_JUDGE_H
#define RK_METRIC_JUDGE_H

#include "runtime/metric/marks.h"

/* One query. */
typedef struct rk_judged {
    rk_str query;
    bool is_ranked;        /* the run has it */
    uint32_t n;            /* documents of the run */
    const int32_t *labels; /* [n] best first; 0 also for those without label or with one below 0 */
    const double *scores;  /* [n] NaN: none */
    uint32_t n_ideal;      /* labels above 0 of the query, ranked or not: */
    const int32_t *ideal;  /* [n_ideal] largest first */
} rk_judged;

/* What the policies met. */
typedef struct rk_judge_counts {
    uint32_t only_run;    /* queries of the run without labels: left out */
    uint32_t only_labels; /* queries with labels that the run lacks: see `complete` */
    uint32_t no_positive; /* queries without a label above 0 */
    uint64_t unlabelled;  /* documents of the run without a label */
    uint64_t labelled;    /* and those with one */
    uint64_t negative;    /* labels below 0, of queries that were judged */
    uint64_t no_score;    /* documents whose score is NaN */
    int32_t largest;      /* label of all */
} rk_judge_counts;

typedef struct rk_judgement {
    rk_judged *items; /* [n] by the bytes of their names */
    uint32_t n;
    uint32_t longest; /* of the lists and the ideal ones */
    rk_judge_counts counts;
} rk_judgement;

/* Joins a run with its labels, both grouped, in the arena. A list is sorted as trec_eval 9 does it:
 * by the score as a float, largest first and NaN last, then by the bytes of the docno, largest
 * first. Queries are those of both, or with `complete` all with labels. A document that comes twice
 * for a query is a problem: `in_run` and `in_labels` are told. RK_ENOMEM; *n_twice counts them. */
typedef struct rk_judge_spec {
    const rk_marks *run, *labels;
    bool complete;
    const rk_mark_user *in_run, *in_labels;
} rk_judge_spec;
RK_NODISCARD rk_status rk_judge(const rk_judge_spec *spec, rk_arena *arena, rk_judgement *out,
                                uint64_t *n_twice);

#endif
