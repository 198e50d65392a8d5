/* Whether one ranking is better than another, or only luckier: the values of two runs for the same
 * queries, side by side. */
#ifndef RK_METRIC_COMPARE_H
#define RK_METRIC_COMPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/status.h"

/* One measure of two runs, A and B, query by query. */
typedef struct rk_compare_spec {
    const double *a, *b;                 /* [n] */
    const double *a_weights, *b_weights; /* [n] 0: the measure leaves the query out */
    uint32_t n;
    bool is_mean; /* all weights are 1, so that a t-test says something */
    uint64_t seed;
    uint32_t samples; /* of the bootstrap */
} rk_compare_spec;

typedef struct rk_comparison {
    uint32_t n, wins, losses, ties; /* queries that both measure; a win: A's value is larger */
    double difference;              /* of the (weighted) means, A - B */
    double t, p; /* paired t-test, two-sided; NaN: under two queries, or no difference varies */
    double low, high; /* 95 % of the bootstrap's differences lie between; NaN: under two queries */
} rk_comparison;

/* RK_ENOMEM. */
RK_NODISCARD rk_status rk_compare(const rk_compare_spec *spec, rk_arena *arena, rk_comparison *out);

/* The chance that Student's t with `freedom` degrees lies beyond t on either side. */
double rk_student_p(double t, double freedom);

/* Samples that take about a second or less: 10,000, fewer where there are very many queries. */
uint32_t rk_compare_samples(uint32_t n_queries);

#endif
