/* The measures of a ranking: a table with one row each, and the values of what was picked, query by
 * query and in all. To add one, write its function in measures.c and its row in metrics.c. */
#ifndef RK_METRIC_METRIC_H
#define RK_METRIC_METRIC_H

#include "runtime/metric/judge.h"

/* How the values of queries become the one of all. */
typedef enum rk_metric_whole {
    RK_METRIC_MEAN,
    RK_METRIC_BY_POSITIVES, /* mean weighted by the relevant documents of the list */
    RK_METRIC_BY_SIZE,      /* mean weighted by the documents of the list */
    RK_METRIC_POOLED,       /* worked out once more, over the documents of all queries */
} rk_metric_whole;

/* What a measure may need beside the list. */
typedef struct rk_metric_scene {
    int32_t relevant;        /* a document is relevant from this label on; at least 1 */
    int32_t max_grade;       /* of err: larger labels count as this one */
    const double *discounts; /* [longest] log2 of the place, from 1, plus 1 */
    rk_arena *arena;         /* for what a measure needs while it works; reset behind it */
} rk_metric_scene;

typedef struct rk_metric rk_metric;

/* A measure as it was asked for: `ndcg@10`. */
typedef struct rk_measure {
    const rk_metric *metric;
    rk_str name; /* borrowed */
    uint32_t k;  /* UINT32_MAX: the whole list */
} rk_measure;

/* NaN where it is not defined; sets *failed when memory is out. */
typedef double rk_metric_of(const rk_judged *list, uint32_t k, const rk_metric_scene *scene,
                            bool *failed);

struct rk_metric {
    const char *name;
    bool takes_k;
    rk_metric_whole whole;
    rk_metric_of *of;
    const char *doc;    /* one line */
    const char *source; /* where the formula stands */
};

extern const rk_metric rk_metrics[]; /* ended by a row without name */

/* Reads `NAME` or `NAME@K`. False: there is no such metric (metric is NULL), or it takes no such K.
 */
bool rk_measure_parse(rk_str word, rk_measure *out);

/* The discounts, in `arena`, for lists up to `longest`. RK_ENOMEM. */
RK_NODISCARD rk_status rk_metric_scene_init(rk_metric_scene *scene, rk_arena *arena,
                                            uint32_t longest);

/* Values and weights of one measure for each query; a query that the measure leaves out has the
 * weight 0 and the value NaN. */
typedef struct rk_measured {
    double *values;  /* [n] */
    double *weights; /* [n] */
    double whole;    /* NaN: there is nothing to measure */
    uint32_t n_out;  /* queries left out */
} rk_measured;

/* A query that the run lacks counts as 0 in means. RK_ENOMEM. */
RK_NODISCARD rk_status rk_measure_all(const rk_measure *measure, const rk_judgement *judgement,
                                      const rk_metric_scene *scene, rk_arena *arena,
                                      rk_measured *out);

/* ---- measures.c ---- */

rk_metric_of rk_metric_ndcg, rk_metric_ndcg_exp, rk_metric_mrr, rk_metric_map, rk_metric_precision,
    rk_metric_recall, rk_metric_err, rk_metric_auc;

#endif
