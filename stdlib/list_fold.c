/* Folds of one list or vector: the same numbers as the aggregates of these names give. min and max
 * stand in extreme.c, beside their forms for two numbers. */
#include "stdlib/call.h"
#include "stdlib/families.h"
#include "stdlib/fold.h"
#include "stdlib/wide.h"

/* The numbers of one item: n of `kind` (INT, FLOAT, DOUBLE) at x. */
typedef struct numbers {
    const void *x;
    uint32_t n;
    uint8_t kind;
} numbers;

static numbers numbers_of(const rk_call *call, size_t i)
{
    const rk_arg *const arg = &call->args[0];
    if (arg->type.kind == RK_KIND_VECTOR)
        return (numbers){rk_arg_vector(arg, i), arg->type.dim, RK_KIND_FLOAT};
    const rk_slice at = rk_call_has(call, i) ? rk_arg_slice(arg, i) : (rk_slice){0};
    const size_t size = rk_type_size((rk_type){.kind = arg->type.elem});
    return (numbers){at.len ? (const char *)arg->child + at.at * size : NULL, at.len,
                     arg->type.elem};
}

static double number_at(const numbers *xs, uint32_t i)
{
    switch (xs->kind) {
    case RK_KIND_INT:
        return (double)((const int64_t *)xs->x)[i];
    case RK_KIND_FLOAT:
        return (double)((const float *)xs->x)[i];
    default:
        return ((const double *)xs->x)[i];
    }
}

/* Elements that are not NaN. */
static uint32_t count_numbers(const numbers *xs)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < xs->n && xs->kind != RK_KIND_INT; i++)
        count += !isnan(number_at(xs, i));
    return xs->kind == RK_KIND_INT ? xs->n : count;
}

static double sum_numbers(const rk_wide *wide, const numbers *xs)
{
    switch (xs->kind) {
    case RK_KIND_INT:
        return wide->sum_i64(xs->x, NULL, xs->n);
    case RK_KIND_FLOAT:
        return wide->sum_f32(xs->x, NULL, xs->n);
    default:
        return wide->sum_f64(xs->x, NULL, xs->n);
    }
}

static double spread_numbers(const rk_wide *wide, const numbers *xs, double mean)
{
    switch (xs->kind) {
    case RK_KIND_INT:
        return wide->spread_i64(xs->x, NULL, xs->n, mean);
    case RK_KIND_FLOAT:
        return wide->spread_f32(xs->x, NULL, xs->n, mean);
    default:
        return wide->spread_f64(xs->x, NULL, xs->n, mean);
    }
}

/* Stores a real result, rounded once. */
static void put(const rk_call *call, size_t i, double value)
{
    if (call->result.type.kind == RK_KIND_FLOAT)
        RK_OUT(call, float)[i] = value == value ? (float)value : rk_nan_float();
    else
        RK_OUT(call, double)[i] = rk_one_nan_double(value);
}

static rk_status sum_of_ints(const rk_call *call)
{
    for (size_t i = 0; i < call->n; i++) {
        const numbers xs = numbers_of(call, i);
        uint64_t sum = 0;
        for (uint32_t k = 0; k < xs.n; k++)
            sum += ((const uint64_t *)xs.x)[k];
        RK_OUT(call, int64_t)[i] = (int64_t)sum;
    }
    return RK_OK;
}

static rk_status sum_of(const rk_call *call)
{
    const rk_wide *const wide = rk_wide_of(call->math);
    for (size_t i = 0; i < call->n; i++) {
        const numbers xs = numbers_of(call, i);
        put(call, i, sum_numbers(wide, &xs));
    }
    return RK_OK;
}

/* 0/0 over nothing is NaN, so missing. */
static double mean_of(const rk_wide *wide, const numbers *xs, uint32_t count)
{
    return sum_numbers(wide, xs) / (double)count;
}

static rk_status avg_of(const rk_call *call)
{
    const rk_wide *const wide = rk_wide_of(call->math);
    for (size_t i = 0; i < call->n; i++) {
        const numbers xs = numbers_of(call, i);
        put(call, i, mean_of(wide, &xs, count_numbers(&xs)));
    }
    return RK_OK;
}

static rk_status std_of(const rk_call *call)
{
    const rk_wide *const wide = rk_wide_of(call->math);
    for (size_t i = 0; i < call->n; i++) {
        const numbers xs = numbers_of(call, i);
        const uint32_t count = count_numbers(&xs);
        const double mean = mean_of(wide, &xs, count);
        put(call, i, sqrt(spread_numbers(wide, &xs, mean) / (double)count));
    }
    return RK_OK;
}

/* q: NULL is the median. A q outside [0, 1] gives nothing. */
static rk_status quantiles(const rk_call *call, const double *q)
{
    uint32_t longest = 0;
    for (size_t i = 0; i < call->n; i++) {
        const numbers xs = numbers_of(call, i);
        longest = xs.n > longest ? xs.n : longest;
    }
    double *const room = rk_arena_alloc_column(call->scratch, longest, 2 * sizeof(double));
    if (!room)
        return RK_ENOMEM;
    for (size_t i = 0; i < call->n; i++) {
        const numbers xs = numbers_of(call, i);
        const double share = q ? q[i] : 0.5;
        size_t n = 0;
        for (uint32_t k = 0; k < xs.n; k++) {
            room[n] = number_at(&xs, k);
            n += !isnan(room[n]);
        }
        const bool has = n > 0 && share >= 0.0 && share <= 1.0;
        put(call, i, has ? rk_quantile(room, n, share) : rk_nan_double());
    }
    return RK_OK;
}

static rk_status median_of(const rk_call *call) { return quantiles(call, NULL); }
static rk_status quantile_of(const rk_call *call)
{
    return quantiles(call, RK_IN(call, 1, double));
}

/* Whether a value other than `start` is met, turned round for `all`. */
static rk_status decide(const rk_call *call, bool start)
{
    const rk_arg *const list = &call->args[0];
    for (size_t i = 0; i < call->n; i++) {
        const rk_slice at = rk_call_has(call, i) ? rk_arg_slice(list, i) : (rk_slice){0};
        bool met = false;
        for (uint32_t k = 0; k < at.len; k++)
            met |= (((const uint8_t *)list->child)[at.at + k] != 0) != start;
        RK_OUT(call, uint8_t)[i] = met != start;
    }
    return RK_OK;
}

static rk_status any_of(const rk_call *call) { return decide(call, false); }
static rk_status all_of(const rk_call *call) { return decide(call, true); }

/* clang-format off */
#define ROW(name, sig, kernel) {name, sig, kernel, RK_NULL_ANY, 0, NULL, NULL, NULL}
#define REAL_ROWS(name, kernel, doc, example, result)                                              \
    {#name, "(xs: list(int)) -> float?", kernel, RK_NULL_ANY, 0, doc, example, result},            \
    ROW(#name, "(xs: list(float)) -> float?", kernel),                                             \
    ROW(#name, "(xs: list(double)) -> double?", kernel),                                           \
    ROW(#name, "(v: vector) -> float", kernel)

static const rk_fn rows[] = {
    {"sum", "(xs: list(int)) -> int", sum_of_ints, RK_NULL_ANY, 0,
     "Sum of a list or a vector; 0 when empty. Sums of ints wrap, NaN is left out.",
     "sum([10, 15, 12])", "37"},
    ROW("sum", "(xs: list(float)) -> float", sum_of),
    ROW("sum", "(xs: list(double)) -> double", sum_of),
    ROW("sum", "(v: vector) -> float", sum_of),
    REAL_ROWS(avg, avg_of, "Mean of a list or a vector; missing when empty. NaN is left out.",
              "avg([10, 15, 12])", "12.333333"),
    REAL_ROWS(std, std_of, "Standard deviation of a list or a vector as a population (divided by "
                           "n); missing when empty. NaN is left out.",
              "std([2, 4])", "1"),
    REAL_ROWS(median, median_of, "Middle value of a list or a vector, or the mean of the two in "
                                 "the middle; missing when empty. NaN is left out.",
              "median([10, 15, 12])", "12"),
    {"quantile", "(xs: list(int), q: const double) -> float?", quantile_of, RK_NULL_ANY, 0,
     "Value at the share q, between 0 and 1, of the sorted list or vector, linear between two of "
     "them; missing when empty. NaN is left out.",
     "quantile([10, 20, 30], 0.25)", "15"},
    ROW("quantile", "(xs: list(float), q: const double) -> float?", quantile_of),
    ROW("quantile", "(xs: list(double), q: const double) -> double?", quantile_of),
    ROW("quantile", "(v: vector, q: const double) -> float?", quantile_of),
    {"any", "(xs: list(bool)) -> bool", any_of, RK_NULL_ANY, 0,
     "Whether one element at least is true; false when empty.",
     "any([false, true])", "true"},
    {"all", "(xs: list(bool)) -> bool", all_of, RK_NULL_ANY, 0,
     "Whether no element is false; true when empty.",
     "all([false, true])", "false"},
};
/* clang-format on */

RK_FN_FAMILY(list_fold, rows)
