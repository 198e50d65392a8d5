#include "stdlib/fold.h"

#include "stdlib/sums.h"
#include "stdlib/wide.h"

#define NEW(fold, type, n) ((type *)rk_arena_alloc_column((fold)->scratch, (n), sizeof(type)))

rk_status rk_fold_parts(const rk_fold *fold, rk_parts *out)
{
    uint32_t *const start = RK_NEW_ARRAY(fold->scratch, uint32_t, (size_t)fold->n_groups + 2);
    uint32_t *const order = NEW(fold, uint32_t, fold->n);
    if (!start || !order)
        return RK_ENOMEM;
    /* Counts go two places up, so that filling turns start[g + 1] into the end of g. */
    for (uint32_t i = 0; i < fold->n; i++)
        if (rk_fold_keeps(fold, i))
            start[fold->groups[i] + 2]++;
    for (uint32_t g = 0; g < fold->n_groups; g++)
        start[g + 2] += start[g + 1];
    for (uint32_t i = 0; i < fold->n; i++)
        if (rk_fold_keeps(fold, i))
            order[start[fold->groups[i] + 1]++] = i;
    *out = (rk_parts){start, order};
    return RK_OK;
}

rk_status rk_fold_doubles(const rk_fold *fold, const double **out)
{
    *out = fold->value.data;
    if (fold->value.type.kind == RK_KIND_DOUBLE)
        return RK_OK;
    double *const x = NEW(fold, double, rk_padded(fold->n));
    if (!x)
        return RK_ENOMEM;
    if (fold->value.type.kind == RK_KIND_FLOAT)
        for (uint32_t i = 0; i < fold->n; i++)
            x[i] = (double)((const float *)fold->value.data)[i];
    else
        for (uint32_t i = 0; i < fold->n; i++)
            x[i] = (double)((const int64_t *)fold->value.data)[i];
    *out = x;
    return RK_OK;
}

/* Bits of `keep` among the first n. */
static uint32_t count_kept(const rk_fold *fold)
{
    if (!fold->keep)
        return fold->n;
    uint32_t count = 0;
    for (uint32_t i = 0; i < fold->n / 64; i++)
        count += (uint32_t)__builtin_popcountll(fold->keep[i]);
    if (fold->n % 64)
        count += (uint32_t)__builtin_popcountll(fold->keep[fold->n / 64] << (64 - fold->n % 64));
    return count;
}

rk_status rk_fold_counts(const rk_fold *fold, uint32_t **out)
{
    uint32_t *const count = RK_NEW_ARRAY(fold->scratch, uint32_t, fold->n_groups);
    if (!count)
        return RK_ENOMEM;
    *out = count;
    if (rk_fold_is_whole(fold)) {
        count[0] = count_kept(fold);
        return RK_OK;
    }
    for (uint32_t i = 0; i < fold->n; i++)
        if (rk_fold_keeps(fold, i))
            count[fold->groups[i]]++;
    return RK_OK;
}

/* What a group's element adds: itself, or (mean not NULL) its squared distance from the mean. */
static double term(const double *x, const double *mean, uint32_t i, uint32_t g)
{
    const double d = mean ? x[i] - mean[g] : x[i];
    return mean ? d * d : d;
}

/* Many groups: each by itself, its positions one after the other. */
static rk_status sums_by_parts(const rk_fold *fold, const double *x, const double *mean,
                               double *out)
{
    rk_parts parts;
    RK_TRY(rk_fold_parts(fold, &parts));
    rk_sparse_sum sum = {0};
    for (uint32_t g = 0; g < fold->n_groups; g++) {
        sum.total = 0.0;
        sum.block = 0;
        for (uint32_t k = parts.start[g]; k < parts.start[g + 1]; k++)
            rk_sparse_add(&sum, parts.order[k], term(x, mean, parts.order[k], g));
        out[g] = rk_sparse_end(&sum);
    }
    return RK_OK;
}

/* The lanes of all groups while one block is gone through. */
typedef struct lane_table {
    double (*lane)[RK_SUM_LANES]; /* [n_groups] */
    bool *touched;                /* [n_groups]: has elements in this block */
    uint32_t *list;               /* those that have */
    uint32_t n;
} lane_table;

static void close_block(lane_table *table, double *out)
{
    for (uint32_t k = 0; k < table->n; k++) {
        const uint32_t g = table->list[k];
        out[g] += rk_lanes_combine(table->lane[g]);
        memset(table->lane[g], 0, sizeof table->lane[g]);
        table->touched[g] = false;
    }
    table->n = 0;
}

/* Not so many groups: all at once, block by block; the lanes stay in the cache. */
static rk_status sums_by_table(const rk_fold *fold, const double *x, const double *mean,
                               double *out)
{
    lane_table table = {
        .lane = rk_arena_array(fold->scratch, fold->n_groups, sizeof(double[RK_SUM_LANES])),
        .touched = RK_NEW_ARRAY(fold->scratch, bool, fold->n_groups),
        .list = NEW(fold, uint32_t, fold->n_groups),
    };
    if (!table.lane || !table.touched || !table.list)
        return RK_ENOMEM;
    memset(out, 0, fold->n_groups * sizeof *out);
    for (uint32_t i = 0; i < fold->n; i++) {
        if (i % RK_SUM_BLOCK == 0)
            close_block(&table, out);
        if (!rk_fold_keeps(fold, i))
            continue;
        const uint32_t g = fold->groups[i];
        if (!table.touched[g])
            table.list[table.n++] = g;
        table.touched[g] = true;
        table.lane[g][i % RK_SUM_LANES] += term(x, mean, i, g);
    }
    close_block(&table, out);
    return RK_OK;
}

enum { TABLE_GROUPS = 4096 }; /* half a megabyte of lanes */

/* The sum (mean NULL), or the spread around each group's mean, of x by group. */
static rk_status sums_by_group(const rk_fold *fold, const double *x, const double *mean,
                               double *out)
{
    return fold->n_groups <= TABLE_GROUPS ? sums_by_table(fold, x, mean, out)
                                          : sums_by_parts(fold, x, mean, out);
}

static double sum_whole(const rk_fold *fold)
{
    const rk_wide *const wide = rk_wide_of(fold->math);
    switch (fold->value.type.kind) {
    case RK_KIND_INT:
        return wide->sum_i64(fold->value.data, fold->keep, fold->n);
    case RK_KIND_FLOAT:
        return wide->sum_f32(fold->value.data, fold->keep, fold->n);
    default:
        return wide->sum_f64(fold->value.data, fold->keep, fold->n);
    }
}

static double spread_whole(const rk_fold *fold, double mean)
{
    const rk_wide *const wide = rk_wide_of(fold->math);
    switch (fold->value.type.kind) {
    case RK_KIND_INT:
        return wide->spread_i64(fold->value.data, fold->keep, fold->n, mean);
    case RK_KIND_FLOAT:
        return wide->spread_f32(fold->value.data, fold->keep, fold->n, mean);
    default:
        return wide->spread_f64(fold->value.data, fold->keep, fold->n, mean);
    }
}

rk_status rk_fold_sums_of(const rk_fold *fold, const double *x, double **out)
{
    *out = NEW(fold, double, fold->n_groups);
    if (!*out)
        return RK_ENOMEM;
    if (!rk_fold_is_whole(fold))
        return sums_by_group(fold, x, NULL, *out);
    (*out)[0] = rk_wide_of(fold->math)->sum_f64(x, fold->keep, fold->n);
    return RK_OK;
}

rk_status rk_fold_sums(const rk_fold *fold, double **out)
{
    if (!rk_fold_is_whole(fold)) {
        const double *x;
        RK_TRY(rk_fold_doubles(fold, &x));
        return rk_fold_sums_of(fold, x, out);
    }
    *out = NEW(fold, double, fold->n_groups);
    if (!*out)
        return RK_ENOMEM;
    (*out)[0] = sum_whole(fold);
    return RK_OK;
}

static double extreme_whole(const rk_fold *fold, bool largest)
{
    const rk_wide *const wide = rk_wide_of(fold->math);
    const void *const x = fold->value.data;
    switch (fold->value.type.kind) {
    case RK_KIND_INT:
        return (double)(largest ? wide->largest_i64 : wide->least_i64)(x, fold->keep, fold->n);
    case RK_KIND_FLOAT:
        return (double)(largest ? wide->largest_f32 : wide->least_f32)(x, fold->keep, fold->n);
    default:
        return (largest ? wide->largest_f64 : wide->least_f64)(x, fold->keep, fold->n);
    }
}

rk_status rk_fold_extremes(const rk_fold *fold, bool largest, double **out)
{
    *out = NEW(fold, double, fold->n_groups);
    if (!*out)
        return RK_ENOMEM;
    if (rk_fold_is_whole(fold)) {
        (*out)[0] = extreme_whole(fold, largest);
        return RK_OK;
    }
    const double *x;
    RK_TRY(rk_fold_doubles(fold, &x));
    for (uint32_t g = 0; g < fold->n_groups; g++)
        (*out)[g] = rk_nan_double();
    for (uint32_t i = 0; i < fold->n; i++) {
        if (!rk_fold_keeps(fold, i) || x[i] != x[i])
            continue;
        double *const best = *out + fold->groups[i];
        if (*best != *best || (largest ? x[i] > *best : x[i] < *best))
            *best = x[i];
    }
    return RK_OK;
}

static rk_status deviations(const rk_fold *fold, rk_moments *out)
{
    if (rk_fold_is_whole(fold)) {
        out->deviation[0] = spread_whole(fold, out->mean[0]);
    } else {
        const double *x;
        RK_TRY(rk_fold_doubles(fold, &x));
        RK_TRY(sums_by_group(fold, x, out->mean, out->deviation));
    }
    for (uint32_t g = 0; g < fold->n_groups; g++)
        out->deviation[g] = sqrt(out->deviation[g] / (double)out->count[g]);
    return RK_OK;
}

rk_status rk_fold_moments(const rk_fold *fold, bool deviation, rk_moments *out)
{
    uint32_t *count;
    *out = (rk_moments){0};
    RK_TRY(rk_fold_counts(fold, &count));
    RK_TRY(rk_fold_sums(fold, &out->mean));
    out->count = count;
    for (uint32_t g = 0; g < fold->n_groups; g++)
        out->mean[g] /= (double)count[g];
    if (!deviation)
        return RK_OK;
    out->deviation = NEW(fold, double, fold->n_groups);
    return out->deviation ? deviations(fold, out) : RK_ENOMEM;
}
