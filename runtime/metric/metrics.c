#include <math.h>

#include "runtime/base/vmath.h"
#include "runtime/metric/metric.h"

/* clang-format off */
const rk_metric rk_metrics[] = {
    {"ndcg", true, RK_METRIC_MEAN, rk_metric_ndcg,
     "Discounted gain of the list over that of the best one; the gain is the label, the discount log2(1 + place).",
     "Järvelin and Kekäläinen, TOIS 20(4), 2002; trec_eval's ndcg and ndcg_cut"},
    {"ndcg_exp", true, RK_METRIC_MEAN, rk_metric_ndcg_exp,
     "The same with the gain 2^label - 1.",
     "Burges et al., ICML 2005; the gain of LightGBM and XGBoost, where a query without a relevant document counts as 1"},
    {"mrr", true, RK_METRIC_MEAN, rk_metric_mrr,
     "One over the place of the first relevant document, 0 without one.",
     "trec_eval's recip_rank; at 10 the measure of MS MARCO"},
    {"map", true, RK_METRIC_MEAN, rk_metric_map,
     "Mean of the precisions at the relevant documents, 0 for those that were not found.",
     "Buckley and Voorhees, TREC (MIT Press), 2005; trec_eval's map and map_cut"},
    {"precision", true, RK_METRIC_MEAN, rk_metric_precision,
     "The relevant among the first k, over k, however long the list is.",
     "trec_eval's P; without k its set_P"},
    {"recall", true, RK_METRIC_MEAN, rk_metric_recall,
     "The relevant among the first k, over all relevant ones of the query.",
     "trec_eval's recall; without k its set_recall"},
    {"err", true, RK_METRIC_MEAN, rk_metric_err,
     "Expected reciprocal rank at which a reader stops, who stops at a document with the chance (2^label - 1) / 2^max.",
     "Chapelle et al., CIKM 2009; gdeval has max 4"},
    {"auc", false, RK_METRIC_POOLED, rk_metric_auc,
     "Chance that a relevant document has a larger score than another, over the documents of all queries in one pool; equal scores count half.",
     "Hanley and McNeil, Radiology 143(1), 1982; scikit-learn's roc_auc_score"},
    {"gauc_positives", false, RK_METRIC_BY_POSITIVES, rk_metric_auc,
     "Mean of the auc of each query, weighted by its relevant documents.",
     "Zhu et al., KDD 2017 (weights: clicks)"},
    {"gauc_size", false, RK_METRIC_BY_SIZE, rk_metric_auc,
     "Mean of the auc of each query, weighted by its documents.",
     "Zhu et al., KDD 2017 (weights: impressions)"},
    {0},
};
/* clang-format on */

bool rk_measure_parse(rk_str word, rk_measure *out)
{
    const char *const at = word.len ? memchr(word.data, '@', word.len) : NULL;
    const rk_str name = {word.data, at ? (size_t)(at - word.data) : word.len};
    int64_t k = UINT32_MAX;
    *out = (rk_measure){.name = word, .k = UINT32_MAX};
    for (const rk_metric *row = rk_metrics; row->name; row++)
        if (rk_str_eq(name, rk_str_from(row->name)))
            out->metric = row;
    if (!out->metric)
        return false;
    if (at &&
        (!out->metric->takes_k || !rk_str_to_int((rk_str){at + 1, word.len - name.len - 1}, &k) ||
         k < 1 || k >= UINT32_MAX))
        return false;
    out->k = (uint32_t)k;
    return true;
}

rk_status rk_metric_scene_init(rk_metric_scene *scene, rk_arena *arena, uint32_t longest)
{
    double *const places = rk_arena_alloc_column(arena, longest, sizeof *places);
    if (!places)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < longest; i++)
        places[i] = i + 2.0;
    rk_vmath_get(rk_cpu_best())->log2.f64(places, places, longest);
    scene->discounts = places;
    return RK_OK;
}

/* All lists as one; its scores need not fall. */
static rk_status pool(const rk_judgement *judgement, rk_arena *arena, rk_judged *out)
{
    uint64_t n = 0;
    for (uint32_t q = 0; q < judgement->n; q++)
        n += judgement->items[q].n;
    if (n > UINT32_MAX)
        return RK_ELIMIT;
    int32_t *const labels = RK_NEW_ARRAY(arena, int32_t, n);
    double *const scores = RK_NEW_ARRAY(arena, double, n);
    if (!labels || !scores)
        return RK_ENOMEM;
    *out = (rk_judged){.n = (uint32_t)n, .labels = labels, .scores = scores};
    n = 0;
    for (uint32_t q = 0; q < judgement->n; q++) {
        const rk_judged *const list = &judgement->items[q];
        if (list->n == 0)
            continue;
        memcpy(labels + n, list->labels, list->n * sizeof *labels);
        memcpy(scores + n, list->scores, list->n * sizeof *scores);
        n += list->n;
    }
    return RK_OK;
}

static double weight_of(const rk_metric *metric, const rk_judged *list,
                        const rk_metric_scene *scene)
{
    if (metric->whole == RK_METRIC_BY_SIZE)
        return list->n;
    if (metric->whole != RK_METRIC_BY_POSITIVES)
        return 1;
    double positives = 0;
    for (uint32_t i = 0; i < list->n; i++)
        positives += list->labels[i] >= scene->relevant;
    return positives;
}

/* The mean as trec_eval adds it up: in the order of the queries, divided once. */
static double weighted_mean(const rk_measured *measured, uint32_t n)
{
    double sum = 0, weights = 0;
    for (uint32_t q = 0; q < n; q++) {
        if (!(measured->weights[q] > 0))
            continue;
        sum += measured->weights[q] * measured->values[q];
        weights += measured->weights[q];
    }
    return weights > 0 ? sum / weights : NAN;
}

rk_status rk_measure_all(const rk_measure *measure, const rk_judgement *judgement,
                         const rk_metric_scene *scene, rk_arena *arena, rk_measured *out)
{
    bool failed = false;
    *out = (rk_measured){.values = RK_NEW_ARRAY(arena, double, judgement->n),
                         .weights = RK_NEW_ARRAY(arena, double, judgement->n)};
    if (!out->values || !out->weights)
        return RK_ENOMEM;
    for (uint32_t q = 0; q < judgement->n && !failed; q++) {
        const rk_judged *const list = &judgement->items[q];
        const double value = measure->metric->of(list, measure->k, scene, &failed);
        out->values[q] = value;
        out->weights[q] = isnan(value) ? 0 : weight_of(measure->metric, list, scene);
        out->n_out += isnan(value);
        rk_arena_reset(scene->arena);
    }
    if (failed)
        return RK_ENOMEM;
    out->whole = weighted_mean(out, judgement->n);
    if (measure->metric->whole != RK_METRIC_POOLED)
        return RK_OK;
    rk_judged all;
    RK_TRY(pool(judgement, scene->arena, &all));
    out->whole = measure->metric->of(&all, measure->k, scene, &failed);
    rk_arena_reset(scene->arena);
    return failed ? RK_ENOMEM : RK_OK;
}
