/* runtime/metric: measures of lists worked out by hand, and comparisons. tests/metrics.sh has the
 * numbers of other programs. */
#include <math.h>
#include <stdio.h>

#include "runtime/metric/compare.h"
#include "runtime/metric/metric.h"

#include "tests/unit/harness.h"

enum { MOST = 16 };

/* A list of one query with labels best first; `others` are labels of what was not found. */
typedef struct one_list {
    int32_t labels[MOST], ideal[MOST];
    double scores[MOST], discounts[MOST];
    rk_judged list;
    rk_metric_scene scene;
    rk_arena arena, scratch;
} one_list;

static int falling(const void *a, const void *b)
{
    return *(const int32_t *)b - *(const int32_t *)a;
}

/* The labels above 0, from place n on. */
static uint32_t add_ideal(one_list *one, const char *labels, uint32_t n)
{
    for (; *labels; labels++)
        if (*labels > '0')
            one->ideal[n++] = *labels - '0';
    return n;
}

static void open_list(one_list *one, const char *labels, const char *others)
{
    *one = (one_list){.list = {.query = RK_STR("q"), .is_ranked = true}};
    for (; labels[one->list.n]; one->list.n++) {
        one->labels[one->list.n] = labels[one->list.n] - '0';
        one->scores[one->list.n] = -(double)one->list.n;
    }
    const uint32_t n_ideal = add_ideal(one, others, add_ideal(one, labels, 0));
    qsort(one->ideal, n_ideal, sizeof *one->ideal, falling);
    one->list.labels = one->labels;
    one->list.scores = one->scores;
    one->list.ideal = one->ideal;
    one->list.n_ideal = n_ideal;
    one->scene = (rk_metric_scene){.relevant = 1, .max_grade = 4, .arena = &one->scratch};
    ck_assert_int_eq(rk_metric_scene_init(&one->scene, &one->arena, MOST), RK_OK);
}

static void close_list(one_list *one)
{
    rk_arena_free(&one->arena);
    rk_arena_free(&one->scratch);
}

/* The value of `name` for a list. */
static double value_of(const char *name, const char *labels, const char *others)
{
    one_list one;
    rk_measure measure;
    rk_measured measured;
    open_list(&one, labels, others);
    ck_assert(rk_measure_parse(rk_str_from(name), &measure));
    const rk_judgement judgement = {.items = &one.list, .n = 1, .longest = MOST};
    ck_assert_int_eq(rk_measure_all(&measure, &judgement, &one.scene, &one.arena, &measured),
                     RK_OK);
    const double value = measured.values[0];
    ck_assert(isnan(value) || value == measured.whole);
    close_list(&one);
    return value;
}

#define VALUE_IS(name, labels, others, wanted)                                                     \
    ck_assert_double_eq_tol(value_of(name, labels, others), wanted, 1e-15)

START_TEST(gains_are_discounted)
{
    VALUE_IS("ndcg", "210", "", 1);
    VALUE_IS("ndcg", "012", "", (1 / log2(3) + 2 / 2.0) / (2 + 1 / log2(3)));
    VALUE_IS("ndcg@1", "102", "", 0.5);
    VALUE_IS("ndcg@2", "10", "3", 1 / (3 + 1 / log2(3)));
    VALUE_IS("ndcg", "000", "1", 0);
    VALUE_IS("ndcg", "", "1", 0);
    VALUE_IS("ndcg", "00", "", 0);
    VALUE_IS("ndcg_exp@2", "12", "", (1 + 3 / log2(3)) / (3 + 1 / log2(3)));
    VALUE_IS("err", "4", "", 15 / 16.0);
    VALUE_IS("err", "014", "", 1 / 16.0 / 2 + 15 / 16.0 * 15 / 16.0 / 3);
    VALUE_IS("err@2", "014", "", 1 / 32.0);
    VALUE_IS("err", "9", "", 15 / 16.0); /* beyond the largest grade: as that */
}
END_TEST

START_TEST(relevant_documents_are_counted)
{
    VALUE_IS("mrr", "0010", "", 1 / 3.0);
    VALUE_IS("mrr@2", "0010", "", 0);
    VALUE_IS("map", "0101", "1", (1 / 2.0 + 2 / 4.0) / 3);
    VALUE_IS("map@3", "0101", "", 1 / 2.0 / 2);
    VALUE_IS("map", "00", "", 0);
    VALUE_IS("precision", "0110", "", 0.5);
    VALUE_IS("precision@2", "0110", "", 0.5);
    VALUE_IS("precision@10", "0110", "", 0.2);
    VALUE_IS("precision", "", "1", 0);
    VALUE_IS("recall@2", "0110", "2", 1 / 3.0);
    VALUE_IS("recall", "0110", "2", 2 / 3.0);
    VALUE_IS("recall", "00", "", 0);
}
END_TEST

START_TEST(auc_counts_pairs)
{
    VALUE_IS("auc", "1100", "", 1);
    VALUE_IS("auc", "0011", "", 0);
    VALUE_IS("auc", "1010", "", 3 / 4.0);
    ck_assert(isnan(value_of("auc", "11", "")));
    ck_assert(isnan(value_of("gauc_size", "00", "1")));
    ck_assert(isnan(value_of("gauc_positives", "", "1")));
}
END_TEST

START_TEST(equal_and_missing_scores_in_auc)
{
    one_list one;
    bool failed = false;
    open_list(&one, "1010", "");
    for (uint32_t i = 0; i < 4; i++)
        one.scores[i] = 7;
    ck_assert_double_eq(rk_metric_auc(&one.list, UINT32_MAX, &one.scene, &failed), 0.5);
    one.scores[0] = NAN;
    one.scores[3] = NAN;
    ck_assert_double_eq(rk_metric_auc(&one.list, UINT32_MAX, &one.scene, &failed), 0.5);
    one.scores[1] = -INFINITY;
    ck_assert_double_eq(rk_metric_auc(&one.list, UINT32_MAX, &one.scene, &failed),
                        (0 + 0.5 + 1 + 1) / 4);
    ck_assert(!failed);
    close_list(&one);
}
END_TEST

START_TEST(the_level_of_relevance)
{
    one_list one;
    bool failed = false;
    open_list(&one, "1020", "3");
    one.scene.relevant = 2;
    ck_assert_double_eq(rk_metric_mrr(&one.list, 10, &one.scene, &failed), 1 / 3.0);
    ck_assert_double_eq(rk_metric_recall(&one.list, 10, &one.scene, &failed), 0.5);
    ck_assert_double_eq(rk_metric_map(&one.list, 10, &one.scene, &failed), 1 / 3.0 / 2);
    ck_assert_double_eq_tol(rk_metric_ndcg(&one.list, 1, &one.scene, &failed), 1 / 3.0, 1e-15);
    close_list(&one);
}
END_TEST

/* A label of 2^31 is no infinity. */
START_TEST(huge_labels_are_finite)
{
    one_list one;
    bool failed = false;
    open_list(&one, "12", "");
    one.labels[0] = 1000;
    one.labels[1] = one.ideal[0] = INT32_MAX;
    one.ideal[1] = 1000;
    one.scene.max_grade = INT32_MAX;
    ck_assert_double_eq_tol(rk_metric_ndcg_exp(&one.list, 9, &one.scene, &failed), 1 / log2(3),
                            1e-15);
    ck_assert_double_eq_tol(rk_metric_err(&one.list, 9, &one.scene, &failed), 0.5, 1e-15);
    close_list(&one);
}
END_TEST

START_TEST(means_are_weighted)
{
    one_list a, b, c;
    rk_measured measured;
    rk_measure measure;
    open_list(&a, "10", "");     /* auc 1 */
    open_list(&b, "011000", ""); /* auc 6/8 */
    open_list(&c, "00", "1");    /* none */
    rk_judged lists[] = {a.list, b.list, c.list};
    const rk_judgement judgement = {.items = lists, .n = 3, .longest = MOST};
    ck_assert(rk_measure_parse(RK_STR("gauc_positives"), &measure));
    ck_assert_int_eq(rk_measure_all(&measure, &judgement, &a.scene, &a.arena, &measured), RK_OK);
    ck_assert_double_eq_tol(measured.whole, (1 + 2 * 0.75) / 3, 1e-15);
    ck_assert_uint_eq(measured.n_out, 1);
    ck_assert(rk_measure_parse(RK_STR("gauc_size"), &measure));
    ck_assert_int_eq(rk_measure_all(&measure, &judgement, &a.scene, &a.arena, &measured), RK_OK);
    ck_assert_double_eq_tol(measured.whole, (2 * 1 + 6 * 0.75) / 8, 1e-15);
    ck_assert(rk_measure_parse(RK_STR("auc"), &measure)); /* scores fall from 0 in each list */
    ck_assert_int_eq(rk_measure_all(&measure, &judgement, &a.scene, &a.arena, &measured), RK_OK);
    ck_assert_double_eq_tol(measured.whole, (6 + 4 + 3) / (3 * 7.0), 1e-15);
    ck_assert(rk_measure_parse(RK_STR("mrr"), &measure));
    ck_assert_int_eq(rk_measure_all(&measure, &judgement, &a.scene, &a.arena, &measured), RK_OK);
    ck_assert_double_eq(measured.whole, (1 + 0.5 + 0) / 3);
    close_list(&a);
    close_list(&b);
    close_list(&c);
}
END_TEST

START_TEST(names_of_measures)
{
    rk_measure measure;
    ck_assert(rk_measure_parse(RK_STR("ndcg@10"), &measure));
    ck_assert_uint_eq(measure.k, 10);
    ck_assert(rk_measure_parse(RK_STR("ndcg"), &measure));
    ck_assert_uint_eq(measure.k, UINT32_MAX);
    static const char *const wrong[] = {
        "",        "@",        "@3",       "ndcg@",           "ndcg@0",
        "ndcg@-1", "ndcg@1.5", "ndcg@x",   "ndcg@4294967295", "ndcg10",
        "NDCG",    "auc@3",    "ndcg@1@2", "ndcg @3"};
    for (size_t i = 0; i < RK_ARRAY_LEN(wrong); i++)
        ck_assert_msg(!rk_measure_parse(rk_str_from(wrong[i]), &measure), "%s", wrong[i]);
    for (const rk_metric *row = rk_metrics; row->name; row++) {
        ck_assert(rk_measure_parse(rk_str_from(row->name), &measure) && measure.metric == row);
        ck_assert(*row->doc && *row->source);
    }
}
END_TEST

/* ---- comparisons ---- */

START_TEST(student)
{
    /* scipy.stats.t.sf(t, n) * 2 */
    static const struct {
        double t, freedom, p;
    } known[] = {{0, 5, 1},
                 {1, 1, 0.5},
                 {-2.5, 10, 0.03144684423660882},
                 {12.706204736432095, 1, 0.0499999999989913},
                 {2, 1000000, 0.04550053385131924},
                 {40, 30, 1.3726045194406417e-27},
                 {1e-9, 7, 0.9999999992300171}};
    for (size_t i = 0; i < RK_ARRAY_LEN(known); i++) {
        const double p = rk_student_p(known[i].t, known[i].freedom);
        ck_assert_msg(fabs(p - known[i].p) <= (known[i].freedom > 1e5 ? 1e-9 : 1e-13) * known[i].p,
                      "t %g: %.17g", known[i].t, p);
    }
    ck_assert(isnan(rk_student_p(NAN, 3)) && isnan(rk_student_p(1, 0)));
    ck_assert_double_eq(rk_student_p(INFINITY, 3), 0);
}
END_TEST

static rk_comparison compare(rk_arena *arena, const double *a, const double *b, uint32_t n,
                             const double *weights)
{
    const rk_compare_spec spec = {.a = a,
                                  .b = b,
                                  .a_weights = weights,
                                  .b_weights = weights,
                                  .n = n,
                                  .is_mean = true,
                                  .seed = 1,
                                  .samples = 1000};
    rk_comparison out;
    ck_assert_int_eq(rk_compare(&spec, arena, &out), RK_OK);
    return out;
}

START_TEST(comparisons)
{
    static const double a[] = {0.5, 0.25, 1, 0.5, 9}, b[] = {0.25, 0.25, 0.5, 0.75, 0};
    static const double weights[] = {1, 1, 1, 1, 0};
    rk_arena arena = {0};
    const rk_comparison both = compare(&arena, a, b, 5, weights);
    ck_assert_uint_eq(both.n, 4);
    ck_assert_uint_eq(both.wins, 2);
    ck_assert_uint_eq(both.losses, 1);
    ck_assert_uint_eq(both.ties, 1);
    ck_assert_double_eq(both.difference, 0.125);
    ck_assert_double_eq_tol(both.t, 0.7745966692414834, 1e-15); /* scipy.stats.ttest_rel */
    ck_assert_double_eq_tol(both.p, 0.4950253460597111, 1e-14);
    ck_assert(both.low >= -0.25 && both.low < 0.125 && both.high > 0.125 && both.high <= 0.5);
    const rk_comparison again = compare(&arena, a, b, 5, weights);
    ck_assert(memcmp(&both, &again, sizeof both) == 0);
    rk_arena_free(&arena);
}
END_TEST

START_TEST(comparisons_without_much_to_compare)
{
    static const double a[] = {0.5, 0.5}, b[] = {0.25, 0.25}, weights[] = {1, 1};
    rk_arena arena = {0};
    rk_comparison both = compare(&arena, a, a, 2, weights);
    ck_assert(isnan(both.p) && both.difference == 0 && both.low == 0 && both.ties == 2);
    both = compare(&arena, a, b, 2, weights); /* the same difference each time */
    ck_assert(both.p == 0 && both.difference == 0.25 && both.low == 0.25 && both.high == 0.25);
    both = compare(&arena, a, b, 1, weights);
    ck_assert(isnan(both.p) && isnan(both.low) && both.wins == 1 && both.difference == 0.25);
    both = compare(&arena, a, b, 0, weights);
    ck_assert(isnan(both.p) && isnan(both.difference) && both.n == 0);
    ck_assert_uint_eq(rk_compare_samples(0), 10000);
    ck_assert_uint_eq(rk_compare_samples(20000), 10000);
    ck_assert_uint_eq(rk_compare_samples(100000), 2000);
    ck_assert_uint_eq(rk_compare_samples(UINT32_MAX), 1000);
    rk_arena_free(&arena);
}
END_TEST

RK_SUITE_MAIN("metric", gains_are_discounted, relevant_documents_are_counted, auc_counts_pairs,
              equal_and_missing_scores_in_auc, the_level_of_relevance, huge_labels_are_finite,
              means_are_weighted, names_of_measures, student, comparisons,
              comparisons_without_much_to_compare)
