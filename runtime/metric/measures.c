/* The measures of one ranked list, each as its source writes it; metrics.c names the sources. Sums
 * go down the list, as trec_eval has them, so that the digits agree. */
#include <math.h>
#include <stdlib.h>

#include "runtime/metric/metric.h"

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* ---- gains ---- */

double rk_metric_ndcg(const rk_judged *list, uint32_t k, const rk_metric_scene *scene, bool *failed)
{
    (void)failed;
    double sum = 0, ideal = 0;
    for (uint32_t i = 0; i < smaller(k, list->n); i++)
        sum += list->labels[i] / scene->discounts[i];
    for (uint32_t i = 0; i < smaller(k, list->n_ideal); i++)
        ideal += list->ideal[i] / scene->discounts[i];
    return ideal > 0 ? sum / ideal : 0;
}

/* (2^label - 1) / 2^max, which no label makes infinite. */
static double exp_gain(int32_t label, int32_t max)
{
    return ldexp(1, label - max) - ldexp(1, -max);
}

double rk_metric_ndcg_exp(const rk_judged *list, uint32_t k, const rk_metric_scene *scene,
                          bool *failed)
{
    (void)failed;
    if (list->n_ideal == 0)
        return 0;
    const int32_t max = list->ideal[0];
    double sum = 0, ideal = 0;
    for (uint32_t i = 0; i < smaller(k, list->n); i++)
        sum += exp_gain(list->labels[i], max) / scene->discounts[i];
    for (uint32_t i = 0; i < smaller(k, list->n_ideal); i++)
        ideal += exp_gain(list->ideal[i], max) / scene->discounts[i];
    return sum / ideal;
}

double rk_metric_err(const rk_judged *list, uint32_t k, const rk_metric_scene *scene, bool *failed)
{
    (void)failed;
    double sum = 0, goes_on = 1;
    for (uint32_t i = 0; i < smaller(k, list->n); i++) {
        const int32_t label = list->labels[i];
        const double stops =
            exp_gain(label < scene->max_grade ? label : scene->max_grade, scene->max_grade);
        sum += goes_on * stops / (i + 1.0);
        goes_on *= 1 - stops;
    }
    return sum;
}

/* ---- relevant or not ---- */

static uint32_t count_relevant(const rk_judged *list, const rk_metric_scene *scene)
{
    uint32_t n = 0;
    while (n < list->n_ideal && list->ideal[n] >= scene->relevant)
        n++;
    return n;
}

static uint32_t count_found(const rk_judged *list, uint32_t k, const rk_metric_scene *scene)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < smaller(k, list->n); i++)
        found += list->labels[i] >= scene->relevant;
    return found;
}

double rk_metric_mrr(const rk_judged *list, uint32_t k, const rk_metric_scene *scene, bool *failed)
{
    (void)failed;
    for (uint32_t i = 0; i < smaller(k, list->n); i++)
        if (list->labels[i] >= scene->relevant)
            return 1 / (i + 1.0);
    return 0;
}

double rk_metric_map(const rk_judged *list, uint32_t k, const rk_metric_scene *scene, bool *failed)
{
    (void)failed;
    double sum = 0;
    uint32_t found = 0;
    for (uint32_t i = 0; i < smaller(k, list->n); i++)
        if (list->labels[i] >= scene->relevant)
            sum += ++found / (i + 1.0);
    return found ? sum / count_relevant(list, scene) : 0;
}

/* A list that is shorter than k is filled up with documents that are not relevant. */
double rk_metric_precision(const rk_judged *list, uint32_t k, const rk_metric_scene *scene,
                           bool *failed)
{
    (void)failed;
    const double n = k == UINT32_MAX ? list->n : k;
    return n > 0 ? count_found(list, k, scene) / n : 0;
}

double rk_metric_recall(const rk_judged *list, uint32_t k, const rk_metric_scene *scene,
                        bool *failed)
{
    (void)failed;
    const uint32_t n = count_relevant(list, scene);
    return n ? (double)count_found(list, k, scene) / n : 0;
}

/* ---- pairs ---- */

typedef struct scored {
    double score;
    bool relevant;
} scored;

/* NaN is lower than all. */
static int compare_scores(const void *a, const void *b)
{
    const double x = ((const scored *)a)->score, y = ((const scored *)b)->score;
    if (isnan(x) || isnan(y))
        return isnan(y) - isnan(x);
    return (x > y) - (x < y);
}

/* Pairs of a relevant and another document in which the relevant one has the larger score; equal
 * scores count half. Sums of halves are exact in double up to 2^52 pairs. */
static double count_pairs(const scored *items, uint32_t n, double *positives)
{
    double pairs = 0, below = 0;
    *positives = 0;
    for (uint32_t i = 0; i < n;) {
        uint32_t end = i;
        double here = 0;
        for (; end < n && compare_scores(&items[i], &items[end]) == 0; end++)
            here += items[end].relevant;
        const double others = end - i - here;
        pairs += here * (below + others / 2);
        below += others;
        *positives += here;
        i = end;
    }
    return pairs;
}

double rk_metric_auc(const rk_judged *list, uint32_t k, const rk_metric_scene *scene, bool *failed)
{
    (void)k;
    scored *const items = RK_NEW_ARRAY(scene->arena, scored, list->n);
    if (!items) {
        *failed = true;
        return NAN;
    }
    for (uint32_t i = 0; i < list->n; i++)
        items[i] = (scored){list->scores[i], list->labels[i] >= scene->relevant};
    qsort(items, list->n, sizeof *items, compare_scores);
    double positives;
    const double pairs = count_pairs(items, list->n, &positives);
    const double negatives = list->n - positives;
    return positives > 0 && negatives > 0 ? pairs / (positives * negatives) : NAN;
}
