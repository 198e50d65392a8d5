/* List-wise functions: each item's value seen against its domain, or against its group. */
#include "stdlib/families.h"
#include "stdlib/fold.h"

#define NEW(fold, type, n) ((type *)rk_arena_alloc_column((fold)->scratch, (n), sizeof(type)))

/* (x - from) / by of each item that counts, from and by being its group's; 0 where `by` is. */
static void put_scaled(const rk_fold *fold, const double *x, const double *from, const double *by)
{
    for (uint32_t i = 0; i < fold->n; i++) {
        if (!rk_fold_keeps(fold, i)) {
            rk_fold_put(fold, i, 0.0, false);
            continue;
        }
        const uint32_t g = rk_fold_group(fold, i);
        const double above = from ? x[i] - from[g] : x[i];
        rk_fold_put(fold, i, by[g] == 0.0 ? 0.0 : above / by[g], true);
    }
}

static rk_status fold_zscore(const rk_fold *fold)
{
    const double *x;
    rk_moments moments;
    RK_TRY(rk_fold_doubles(fold, &x));
    RK_TRY(rk_fold_moments(fold, true, &moments));
    put_scaled(fold, x, moments.mean, moments.deviation);
    return RK_OK;
}

static rk_status fold_minmax(const rk_fold *fold)
{
    const double *x;
    double *low, *range;
    RK_TRY(rk_fold_doubles(fold, &x));
    RK_TRY(rk_fold_extremes(fold, false, &low));
    RK_TRY(rk_fold_extremes(fold, true, &range));
    for (uint32_t g = 0; g < fold->n_groups; g++)
        range[g] -= low[g];
    put_scaled(fold, x, low, range);
    return RK_OK;
}

static rk_status fold_share(const rk_fold *fold)
{
    const double *x;
    double *sum;
    RK_TRY(rk_fold_doubles(fold, &x));
    RK_TRY(rk_fold_sums(fold, &sum));
    put_scaled(fold, x, NULL, sum);
    return RK_OK;
}

static rk_status fold_softmax(const rk_fold *fold)
{
    const double *x;
    double *high, *sum;
    double *const power = NEW(fold, double, rk_padded(fold->n));
    if (!power)
        return RK_ENOMEM;
    RK_TRY(rk_fold_doubles(fold, &x));
    RK_TRY(rk_fold_extremes(fold, true, &high));
    for (uint32_t i = 0; i < fold->n; i++) {
        const double top = rk_fold_keeps(fold, i) ? high[rk_fold_group(fold, i)] : x[i];
        power[i] = x[i] == top ? 0.0 : x[i] - top; /* infinite ones share among themselves */
    }
    const rk_vmath *const math = fold->math ? fold->math : rk_vmath_get(RK_CPU_SCALAR);
    math->exp.f64(power, power, fold->n);
    RK_TRY(rk_fold_sums_of(fold, power, &sum));
    put_scaled(fold, power, NULL, sum);
    return RK_OK;
}

/* ---- rank ---- */

typedef struct text_order {
    const rk_atoms *strings;
    rk_keyed *items; /* key: an atom */
} text_order;

static bool text_less(const text_order *order, rk_keyed a, rk_keyed b)
{
    return rk_str_cmp(rk_atom_str(order->strings, (rk_atom)a.key),
                      rk_atom_str(order->strings, (rk_atom)b.key)) < 0;
}

static void merge(const text_order *order, rk_keyed *to, size_t from, size_t middle, size_t end)
{
    size_t a = from, b = middle;
    for (size_t k = from; k < end; k++) {
        const bool second =
            a == middle || (b < end && text_less(order, order->items[b], order->items[a]));
        to[k] = order->items[second ? b++ : a++];
    }
}

/* Sorts by text, bottom up; returns where the result is, items or room. */
static rk_keyed *sort_texts(const rk_atoms *strings, rk_keyed *items, rk_keyed *room, size_t n)
{
    for (size_t width = 1; width < n; width *= 2) {
        const text_order order = {strings, items};
        for (size_t from = 0; from < n; from += 2 * width) {
            const size_t middle = n - from < width ? n : from + width;
            const size_t end = n - from < 2 * width ? n : from + 2 * width;
            merge(&order, room, from, middle, end);
        }
        rk_keyed *const swap = items;
        items = room;
        room = swap;
    }
    return items;
}

/* Replaces keys that are atoms by the places of their texts among the distinct ones. */
static rk_status order_texts(const rk_fold *fold, rk_keyed *items, rk_keyed *room, size_t n)
{
    rk_keyed *const distinct = NEW(fold, rk_keyed, n);
    rk_keyed *const work = NEW(fold, rk_keyed, n);
    uint64_t *const place = NEW(fold, uint64_t, n);
    if (!distinct || !work || !place)
        return RK_ENOMEM;
    rk_keyed_sort(items, room, n);
    uint32_t n_distinct = 0;
    for (size_t k = 0; k < n; k++)
        if (k == 0 || items[k].key != items[k - 1].key) {
            distinct[n_distinct] = (rk_keyed){items[k].key, n_distinct};
            n_distinct++;
        }
    const rk_keyed *const sorted = sort_texts(fold->strings, distinct, work, n_distinct);
    for (uint32_t k = 0; k < n_distinct; k++)
        place[sorted[k].at] = k;
    uint32_t at = 0;
    uint64_t atom = n ? items[0].key : 0;
    for (size_t k = 0; k < n; k++) {
        if (items[k].key != atom) {
            atom = items[k].key;
            at++;
        }
        items[k].key = place[at];
    }
    return RK_OK;
}

static uint64_t key_at(const rk_arg *value, uint32_t i)
{
    switch (value->type.kind) {
    case RK_KIND_INT:
        return rk_int_key(((const int64_t *)value->data)[i]);
    case RK_KIND_FLOAT:
        return rk_float_key(((const float *)value->data)[i]);
    case RK_KIND_DOUBLE:
        return rk_double_key(((const double *)value->data)[i]);
    default:
        return ((const rk_atom *)value->data)[i];
    }
}

/* Sorts one group's items and writes their ranks. */
static void put_ranks(const rk_fold *fold, rk_keyed *items, rk_keyed *room, size_t n)
{
    if (fold->param == 0.0)
        for (size_t k = 0; k < n; k++)
            items[k].key = ~items[k].key;
    rk_keyed_sort(items, room, n);
    int64_t rank = 0;
    for (size_t k = 0; k < n; k++) {
        if (k == 0 || items[k].key != items[k - 1].key)
            rank = (int64_t)k + 1;
        ((int64_t *)fold->out->data)[items[k].at] = rank;
        rk_fold_mark(fold, items[k].at, true);
    }
}

static rk_status rank_whole(const rk_fold *fold, rk_keyed *items, rk_keyed *room)
{
    size_t n = 0;
    for (uint32_t i = 0; i < fold->n; i++)
        if (rk_fold_keeps(fold, i))
            items[n++] = (rk_keyed){key_at(&fold->value, i), i};
    if (fold->value.type.kind == RK_KIND_STRING)
        RK_TRY(order_texts(fold, items, room, n));
    put_ranks(fold, items, room, n);
    return RK_OK;
}

static rk_status rank_groups(const rk_fold *fold, rk_keyed *items, rk_keyed *room)
{
    rk_parts parts;
    RK_TRY(rk_fold_parts(fold, &parts));
    const uint32_t n = parts.start[fold->n_groups];
    uint64_t *const key = NEW(fold, uint64_t, fold->n);
    if (!key)
        return RK_ENOMEM;
    for (uint32_t k = 0; k < n; k++)
        items[k] = (rk_keyed){key_at(&fold->value, parts.order[k]), parts.order[k]};
    if (fold->value.type.kind == RK_KIND_STRING)
        RK_TRY(order_texts(fold, items, room, n));
    for (uint32_t k = 0; k < n; k++)
        key[items[k].at] = items[k].key;
    for (uint32_t k = 0; k < n; k++)
        items[k] = (rk_keyed){key[parts.order[k]], parts.order[k]};
    for (uint32_t g = 0; g < fold->n_groups; g++)
        put_ranks(fold, items + parts.start[g], room, parts.start[g + 1] - parts.start[g]);
    return RK_OK;
}

static rk_status fold_rank(const rk_fold *fold)
{
    rk_keyed *const items = NEW(fold, rk_keyed, fold->n);
    rk_keyed *const room = NEW(fold, rk_keyed, fold->n);
    if (!items || !room)
        return RK_ENOMEM;
    uint32_t *count;
    RK_TRY(rk_fold_counts(fold, &count));
    for (uint32_t i = 0; i < fold->n; i++) { /* NaN comes last, where there is no `missing` */
        const uint32_t group = rk_fold_group(fold, i);
        ((int64_t *)fold->out->data)[i] = group == UINT32_MAX ? 1 : (int64_t)count[group] + 1;
        rk_fold_mark(fold, i, false);
    }
    return rk_fold_is_whole(fold) ? rank_whole(fold, items, room) : rank_groups(fold, items, room);
}

/* clang-format off */
static const rk_fold_fn rows[] = {
    {"rank", RK_FOLD_LISTWISE, RK_VALUES_NUMBER | RK_VALUES_STRING,
     RK_RESULT_INT, false, "asc", false, fold_rank,
     "Place of the item's value: 1 is the largest (with asc: true the least), ties share the "
     "smallest place. Missing for a missing value or an item outside; NaN of a plain type is last.",
     "rank([10, 15, 12, 15])", "[4,1,3,1]"},
    {"zscore", RK_FOLD_LISTWISE, RK_VALUES_NUMBER, RK_RESULT_REAL, false, NULL, false, fold_zscore,
     "Distance from the mean in standard deviations (population); 0 when all values are equal.",
     "zscore([2, 4])", "[-1,1]"},
    {"minmax", RK_FOLD_LISTWISE, RK_VALUES_NUMBER, RK_RESULT_REAL, false, NULL, false, fold_minmax,
     "Place between the least value (0) and the largest (1); 0 when all values are equal.",
     "minmax([10, 15, 12])", "[0,1,0.4]"},
    {"softmax", RK_FOLD_LISTWISE, RK_VALUES_NUMBER,
     RK_RESULT_REAL, false, NULL, false, fold_softmax,
     "exp(x) over the sum of all exp(x), without overflow; infinite values share the whole.",
     "softmax([1, 1])", "[0.5,0.5]"},
    {"share", RK_FOLD_LISTWISE, RK_VALUES_NUMBER, RK_RESULT_REAL, false, NULL, false, fold_share,
     "The value over the sum of all values; 0 when the sum is 0.",
     "share([1, 3])", "[0.25,0.75]"},
};
/* clang-format on */

RK_FOLD_FAMILY(listwise, rows)
