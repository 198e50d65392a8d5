/* Aggregates and list-wise functions by §§4 and 6 of the manual. */
#include <math.h>
#include <stdlib.h>

#include "tests/programs/programs.h"

const char *const fold_names[] = {
    [FOLD_AVG] = "avg",       [FOLD_SUM] = "sum",           [FOLD_MIN] = "min",
    [FOLD_MAX] = "max",       [FOLD_COUNT] = "count",       [FOLD_STD] = "std",
    [FOLD_MEDIAN] = "median", [FOLD_QUANTILE] = "quantile", [FOLD_ANY] = "any",
    [FOLD_ALL] = "all",       [FOLD_RANK] = "rank",         [FOLD_ZSCORE] = "zscore",
    [FOLD_MINMAX] = "minmax", [FOLD_SOFTMAX] = "softmax",   [FOLD_SHARE] = "share",
};

double lane_sum(const double *x, const bool *keep, unsigned n)
{
    double total = 0.0;
    for (unsigned from = 0; from < n; from += 4096) {
        double lanes[16] = {0};
        for (unsigned i = from; i < n && i < from + 4096; i++)
            if (!keep || keep[i])
                lanes[i % 16] += x[i];
        for (unsigned w = 8; w; w /= 2)
            for (unsigned k = 0; k < w; k++)
                lanes[k] += lanes[k + w];
        total += lanes[0];
    }
    return total;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double quantile_of(double *x, unsigned n, double q)
{
    qsort(x, n, sizeof *x, by_size);
    const double h = (double)(n - 1) * q, k = floor(h), t = h - k;
    const double a = x[(unsigned)k], b = x[(unsigned)k + 1 < n ? (unsigned)k + 1 : (unsigned)k];
    if (t == 0.0 || a == b)
        return a + 0.0; /* never -0.0 */
    return isfinite(b - a) ? a + (b - a) * t : a * (1.0 - t) + b * t;
}

/* One group's items: of the whole domain `keep` says which. */
typedef struct group {
    const node *n;
    unsigned len; /* of the domain */
    unsigned kept;
    const value *v;
    double *x; /* numbers as doubles */
    bool *keep;
    rk_arena *arena;
} group;

static double mean_of(const group *g) { return lane_sum(g->x, g->keep, g->len) / g->kept; }

static double deviation_of(const group *g, double mean)
{
    double *const squares = NEW_ARRAY(g->arena, double, g->len);
    for (unsigned i = 0; i < g->len; i++)
        squares[i] = (g->x[i] - mean) * (g->x[i] - mean);
    return sqrt(lane_sum(squares, g->keep, g->len) / g->kept);
}

static value extreme_of(const group *g, bool largest)
{
    value best = missing_of(g->n->type);
    bool found = false;
    for (unsigned i = 0; i < g->len; i++) {
        if (!g->keep[i])
            continue;
        const int order = found ? compare_values(g->v[i], best) : 0;
        if (!found || (largest ? order > 0 : order < 0))
            best = g->v[i];
        found = true;
    }
    return best;
}

static value real_of(const group *g, double x)
{
    return g->n->type.kind == RK_KIND_FLOAT ? value_float((float)x) : value_double(x);
}

static value sum_of(const group *g)
{
    uint64_t sum = 0;
    if (g->n->type.kind != RK_KIND_INT)
        return real_of(g, lane_sum(g->x, g->keep, g->len));
    for (unsigned i = 0; i < g->len; i++)
        sum += g->keep[i] ? (uint64_t)g->v[i].as.i : 0;
    return value_int((int64_t)sum);
}

static value decide(const group *g, bool wanted)
{
    for (unsigned i = 0; i < g->len; i++)
        if (g->keep[i] && g->v[i].as.b == wanted)
            return value_bool(wanted);
    return value_bool(!wanted);
}

static value quantile(const group *g, double q)
{
    double *const x = NEW_ARRAY(g->arena, double, g->len);
    unsigned n = 0;
    for (unsigned i = 0; i < g->len; i++)
        if (g->keep[i])
            x[n++] = g->x[i];
    return real_of(g, quantile_of(x, n, q));
}

static value aggregate(const group *g)
{
    switch (g->n->op) {
    case FOLD_SUM:
        return sum_of(g);
    case FOLD_COUNT:
        return value_int(g->kept);
    case FOLD_ANY:
        return decide(g, true);
    case FOLD_ALL:
        return decide(g, false);
    default:
        break;
    }
    if (g->kept == 0)
        return missing_of(g->n->type);
    switch (g->n->op) {
    case FOLD_AVG:
        return real_of(g, mean_of(g));
    case FOLD_MIN:
        return extreme_of(g, false);
    case FOLD_MAX:
        return extreme_of(g, true);
    case FOLD_STD:
        return real_of(g, deviation_of(g, mean_of(g)));
    case FOLD_MEDIAN:
        return quantile(g, 0.5);
    default:
        return quantile(g, strtod(g->n->q, NULL));
    }
}

/* ---- list-wise ---- */

static value scaled(const group *g, unsigned i, double from, double by)
{
    return real_of(g, by == 0.0 ? 0.0 : (g->x[i] - from) / by);
}

static void softmax(const group *g, value *out)
{
    const rk_vmath *const math = rk_vmath_get(RK_CPU_SCALAR);
    double *const power = NEW_ARRAY(g->arena, double, g->len);
    const double top = as_double(extreme_of(g, true));
    for (unsigned i = 0; i < g->len; i++) {
        power[i] = g->x[i] == top ? 0.0 : g->x[i] - top;
        math->exp.f64(&power[i], &power[i], 1);
    }
    const double sum = lane_sum(power, g->keep, g->len);
    for (unsigned i = 0; i < g->len; i++)
        if (g->keep[i])
            out[i] = real_of(g, sum == 0.0 ? 0.0 : power[i] / sum);
}

static void rank(const group *g, value *out)
{
    for (unsigned i = 0; i < g->len; i++) {
        int64_t place = 1;
        for (unsigned k = 0; k < g->len && g->keep[i]; k++) {
            const int order = g->keep[k] ? compare_values(g->v[k], g->v[i]) : 0;
            place += g->n->asc ? order < 0 : order > 0;
        }
        if (g->keep[i])
            out[i] = value_int(place);
    }
}

static void listwise(const group *g, value *out)
{
    if (g->kept == 0)
        return;
    if (g->n->op == FOLD_SOFTMAX) {
        softmax(g, out);
        return;
    }
    if (g->n->op == FOLD_RANK) {
        rank(g, out);
        return;
    }
    double from = 0.0, by;
    if (g->n->op == FOLD_ZSCORE) {
        from = mean_of(g);
        by = deviation_of(g, from);
    } else if (g->n->op == FOLD_MINMAX) {
        from = as_double(extreme_of(g, false));
        by = as_double(extreme_of(g, true)) - from;
    } else
        by = lane_sum(g->x, g->keep, g->len);
    for (unsigned i = 0; i < g->len; i++)
        if (g->keep[i])
            out[i] = scaled(g, i, from, by);
}

/* ---- domains ---- */

typedef struct folding {
    const node *n;
    const list *domain;
    value *v, *key;
    bool *where;
    double *x;
} folding;

static void read_domain(eval *e, folding *f)
{
    const unsigned n = f->domain->n;
    f->v = NEW_ARRAY(e->arena, value, n);
    f->key = NEW_ARRAY(e->arena, value, n);
    f->where = NEW_ARRAY(e->arena, bool, n);
    f->x = NEW_ARRAY(e->arena, double, n);
    for (unsigned i = 0; i < n; i++) {
        const unsigned at = f->domain->at[i];
        f->where[i] = !f->n->kids[2] || eval_node(e, f->n->kids[2], at).as.b;
        if (f->n->kids[0]) {
            f->v[i] = eval_node(e, f->n->kids[0], at);
            if (is_number(f->v[i].kind))
                f->x[i] = as_double(f->v[i]);
        }
        if (f->n->kids[1])
            f->key[i] = eval_node(e, f->n->kids[1], at);
    }
}

/* The group of the domain's item `of`; without `by:` the whole. */
static group group_of(eval *e, const folding *f, unsigned of)
{
    group g = {.n = f->n, .len = f->domain->n, .v = f->v, .x = f->x, .arena = e->arena};
    g.keep = NEW_ARRAY(e->arena, bool, g.len);
    for (unsigned i = 0; i < g.len; i++) {
        g.keep[i] = f->where[i] && (!f->n->kids[0] || has_value(f->v[i])) &&
                    (!f->n->kids[1] || same_key(f->key[i], f->key[of]));
        g.kept += g.keep[i];
    }
    return g;
}

/* NaN of a plain type has no `missing`: it comes last in its group. An item without a group is a
 * group of itself. */
static void rank_rest(eval *e, const folding *f, value *out)
{
    for (unsigned i = 0; i < f->domain->n; i++)
        if (out[i].kind == RK_KIND_NONE) {
            const group g = group_of(e, f, i);
            out[i] = f->n->type.optional ? missing_of(f->n->type) : value_int((int64_t)g.kept + 1);
        }
}

static void fold_groups(eval *e, const folding *f, value *out)
{
    bool *const done = NEW_ARRAY(e->arena, bool, f->domain->n);
    for (unsigned i = 0; i < f->domain->n; i++) {
        if (done[i])
            continue;
        const group g = group_of(e, f, i);
        if (f->n->op >= FOLD_RANK)
            listwise(&g, out);
        const value v = f->n->op < FOLD_RANK ? aggregate(&g) : (value){0};
        for (unsigned k = i; k < f->domain->n; k++)
            if (k == i || !f->n->kids[1] || same_key(f->key[k], f->key[i])) {
                done[k] = true;
                if (f->n->op < FOLD_RANK)
                    out[k] = v;
            }
    }
    if (f->n->op == FOLD_RANK)
        rank_rest(e, f, out);
}

value eval_fold(eval *e, const node *n, unsigned at)
{
    const int label = n->over < 0 ? RECALL_LABEL : n->over;
    folding f = {.n = n, .domain = &e->domains[label]};
    if (!e->has_domain[label])
        abort(); /* types.c lets nothing use it before */
    if (!e->folds[n->memo]) {
        value *const of = NEW_ARRAY(e->arena, value, e->n + 1);
        value *const out = NEW_ARRAY(e->arena, value, f.domain->n + 1);
        read_domain(e, &f);
        if (n->scope == SCOPE_QUERY) {
            const group g = group_of(e, &f, 0);
            of[0] = aggregate(&g);
        } else
            fold_groups(e, &f, out);
        for (unsigned i = 0; i < f.domain->n && n->scope == SCOPE_ITEM; i++)
            of[f.domain->at[i]] = out[i];
        e->folds[n->memo] = of;
    }
    const value v = e->folds[n->memo][n->scope == SCOPE_QUERY ? 0 : at];
    return v.kind == RK_KIND_NONE ? missing_of(n->type) : v;
}
