/* Aggregates: a domain, or each group of it, to one value. */
#include "stdlib/families.h"
#include "stdlib/fold.h"
#include "stdlib/wide.h"

static rk_status sum_ints(const rk_fold *fold)
{
    const int64_t *const x = fold->value.data;
    int64_t *const out = fold->out->data;
    memset(out, 0, fold->n_groups * sizeof *out);
    for (uint32_t i = 0; i < fold->n; i++)
        if (rk_fold_keeps(fold, i))
            out[rk_fold_group(fold, i)] += x[i];
    for (uint32_t g = 0; g < fold->n_groups; g++)
        rk_fold_mark(fold, g, true);
    return RK_OK;
}

static rk_status fold_sum(const rk_fold *fold)
{
    if (fold->value.type.kind == RK_KIND_INT)
        return sum_ints(fold);
    double *sum;
    RK_TRY(rk_fold_sums(fold, &sum));
    for (uint32_t g = 0; g < fold->n_groups; g++)
        rk_fold_put(fold, g, sum[g], true);
    return RK_OK;
}

static rk_status fold_avg(const rk_fold *fold)
{
    rk_moments moments;
    RK_TRY(rk_fold_moments(fold, false, &moments));
    for (uint32_t g = 0; g < fold->n_groups; g++)
        rk_fold_put(fold, g, moments.mean[g], moments.count[g] > 0);
    return RK_OK;
}

static rk_status fold_std(const rk_fold *fold)
{
    rk_moments moments;
    RK_TRY(rk_fold_moments(fold, true, &moments));
    for (uint32_t g = 0; g < fold->n_groups; g++)
        rk_fold_put(fold, g, moments.deviation[g], moments.count[g] > 0);
    return RK_OK;
}

/* The quantile of the items at `order` (NULL: all), by way of `room` for 2 n doubles. */
static double quantile_of(const rk_fold *fold, const double *x, const uint32_t *order, size_t n,
                          double q, double *room)
{
    size_t kept = 0;
    for (size_t k = 0; k < n; k++) {
        const uint32_t i = order ? order[k] : (uint32_t)k;
        room[kept] = x[i];
        kept += rk_fold_keeps(fold, i) && x[i] == x[i];
    }
    return kept ? rk_quantile(room, kept, q) : rk_nan_double();
}

static rk_status quantiles(const rk_fold *fold, double q)
{
    const double *x;
    RK_TRY(rk_fold_doubles(fold, &x));
    double *const room = rk_arena_alloc_column(fold->scratch, fold->n, 2 * sizeof(double));
    if (!room)
        return RK_ENOMEM;
    if (rk_fold_is_whole(fold)) {
        rk_fold_put(fold, 0, quantile_of(fold, x, NULL, fold->n, q, room), true);
        return RK_OK;
    }
    rk_parts parts;
    RK_TRY(rk_fold_parts(fold, &parts));
    for (uint32_t g = 0; g < fold->n_groups; g++) {
        const uint32_t at = parts.start[g];
        const size_t n = parts.start[g + 1] - at;
        rk_fold_put(fold, g, quantile_of(fold, x, parts.order + at, n, q, room), true);
    }
    return RK_OK;
}

static rk_status fold_median(const rk_fold *fold) { return quantiles(fold, 0.5); }

/* The compiler refuses a q outside [0, 1]; here it only must not lead astray. */
static rk_status fold_quantile(const rk_fold *fold)
{
    return quantiles(fold, fold->param >= 0.0 ? fmin(fold->param, 1.0) : 0.0);
}

static rk_status extreme_ints(const rk_fold *fold, bool largest, const uint32_t *count)
{
    const int64_t *const x = fold->value.data;
    int64_t *const out = fold->out->data;
    for (uint32_t g = 0; g < fold->n_groups; g++) {
        rk_fold_mark(fold, g, count[g] > 0);
        out[g] = count[g] == 0 ? 0 : largest ? INT64_MIN : INT64_MAX;
    }
    if (rk_fold_is_whole(fold) && count[0]) {
        const rk_wide *const wide = rk_wide_of(fold->math);
        out[0] = (largest ? wide->largest_i64 : wide->least_i64)(x, fold->keep, fold->n);
        return RK_OK;
    }
    for (uint32_t i = 0; i < fold->n; i++) {
        if (!rk_fold_keeps(fold, i))
            continue;
        int64_t *const best = out + rk_fold_group(fold, i);
        if (largest ? x[i] > *best : x[i] < *best)
            *best = x[i];
    }
    return RK_OK;
}

static rk_status extreme_strings(const rk_fold *fold, bool largest, const uint32_t *count)
{
    const rk_atom *const x = fold->value.data;
    rk_atom *const out = fold->out->data;
    bool *const seen = RK_NEW_ARRAY(fold->scratch, bool, fold->n_groups);
    if (!seen)
        return RK_ENOMEM;
    for (uint32_t g = 0; g < fold->n_groups; g++) {
        rk_fold_mark(fold, g, count[g] > 0);
        out[g] = RK_ATOM_EMPTY;
    }
    for (uint32_t i = 0; i < fold->n; i++) {
        if (!rk_fold_keeps(fold, i))
            continue;
        const uint32_t g = rk_fold_group(fold, i);
        const int order = !seen[g] ? 0
                                   : rk_str_cmp(rk_atom_str(fold->strings, x[i]),
                                                rk_atom_str(fold->strings, out[g]));
        if (!seen[g] || (largest ? order > 0 : order < 0))
            out[g] = x[i];
        seen[g] = true;
    }
    return RK_OK;
}

static rk_status extreme(const rk_fold *fold, bool largest)
{
    uint32_t *count;
    RK_TRY(rk_fold_counts(fold, &count));
    if (fold->value.type.kind == RK_KIND_INT)
        return extreme_ints(fold, largest, count);
    if (fold->value.type.kind == RK_KIND_STRING)
        return extreme_strings(fold, largest, count);
    double *best;
    RK_TRY(rk_fold_extremes(fold, largest, &best));
    for (uint32_t g = 0; g < fold->n_groups; g++)
        rk_fold_put(fold, g, best[g], count[g] > 0);
    return RK_OK;
}

static rk_status fold_min(const rk_fold *fold) { return extreme(fold, false); }
static rk_status fold_max(const rk_fold *fold) { return extreme(fold, true); }

static rk_status fold_count(const rk_fold *fold)
{
    uint32_t *count;
    RK_TRY(rk_fold_counts(fold, &count));
    for (uint32_t g = 0; g < fold->n_groups; g++) {
        ((int64_t *)fold->out->data)[g] = count[g];
        rk_fold_mark(fold, g, true);
    }
    return RK_OK;
}

/* True where a value other than `start` is met, turned round for `all`. */
static rk_status decide(const rk_fold *fold, bool start)
{
    const uint8_t *const x = fold->value.data;
    uint8_t *const out = fold->out->data;
    for (uint32_t g = 0; g < fold->n_groups; g++) {
        out[g] = start;
        rk_fold_mark(fold, g, true);
    }
    for (uint32_t i = 0; i < fold->n; i++)
        if (rk_fold_keeps(fold, i) && (x[i] != 0) != start)
            out[rk_fold_group(fold, i)] = !start;
    return RK_OK;
}

static rk_status fold_any(const rk_fold *fold) { return decide(fold, false); }
static rk_status fold_all(const rk_fold *fold) { return decide(fold, true); }

/* clang-format off */
static const rk_fold_fn rows[] = {
    {"avg", RK_FOLD_AGGREGATE, RK_VALUES_NUMBER, RK_RESULT_REAL, true, NULL, false, fold_avg,
     "Mean of the values that are present; missing over nothing.",
     "avg([10, 15, 12])", "12.333333"},
    {"sum", RK_FOLD_AGGREGATE, RK_VALUES_NUMBER, RK_RESULT_SAME, false, NULL, false, fold_sum,
     "Sum of the values that are present; 0 over nothing. Sums of ints wrap.",
     "sum([10, 15, 12])", "37"},
    {"min", RK_FOLD_AGGREGATE, RK_VALUES_NUMBER | RK_VALUES_STRING,
     RK_RESULT_SAME, true, NULL, false, fold_min,
     "Least value that is present; missing over nothing. Strings compare bytewise.",
     "min([10, 15, 12])", "10"},
    {"max", RK_FOLD_AGGREGATE, RK_VALUES_NUMBER | RK_VALUES_STRING,
     RK_RESULT_SAME, true, NULL, false, fold_max,
     "Largest value that is present; missing over nothing. Strings compare bytewise.",
     "max([10, 15, 12])", "15"},
    {"count", RK_FOLD_AGGREGATE,
     RK_VALUES_NUMBER | RK_VALUES_BOOL | RK_VALUES_STRING | RK_VALUES_NONE,
     RK_RESULT_INT, false, NULL, false, fold_count,
     "Number of items; of a value, how often it is present.",
     "count([10, 15, 12])", "3"},
    {"std", RK_FOLD_AGGREGATE, RK_VALUES_NUMBER, RK_RESULT_REAL, true, NULL, false, fold_std,
     "Standard deviation of the population (divided by n); missing over nothing.",
     "std([2, 4])", "1"},
    {"median", RK_FOLD_AGGREGATE, RK_VALUES_NUMBER, RK_RESULT_REAL, true, NULL, false, fold_median,
     "Middle value, or the mean of the two in the middle; missing over nothing.",
     "median([10, 15, 12])", "12"},
    {"quantile", RK_FOLD_AGGREGATE, RK_VALUES_NUMBER,
     RK_RESULT_REAL, true, "q", true, fold_quantile,
     "Value at the share q, between 0 and 1, of the sorted values, linear between two of them; "
     "missing over nothing.",
     "quantile([10, 20, 30], 0.25)", "15"},
    {"any", RK_FOLD_AGGREGATE, RK_VALUES_BOOL, RK_RESULT_BOOL, false, NULL, false, fold_any,
     "Whether one value at least is true; false over nothing.",
     "any([false, true])", "true"},
    {"all", RK_FOLD_AGGREGATE, RK_VALUES_BOOL, RK_RESULT_BOOL, false, NULL, false, fold_all,
     "Whether no value is false; true over nothing.",
     "all([false, true])", "false"},
};
/* clang-format on */

RK_FOLD_FAMILY(aggregate, rows)
