#include "runtime/model/predicate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A split as what is asked there. Equal ones are one predicate. */
typedef struct question {
    double threshold;
    const uint32_t *words;
    uint32_t n_words;
    uint32_t split;
    uint32_t feature;
    uint8_t rule; /* nan_right, zero, in_right, of a set: in this order of bits */
} question;

enum { NAN_RIGHT = 1, ZERO = 2, IN_RIGHT = 4, SET = 8 };

static question ask(const rk_forest *forest, uint32_t at)
{
    const rk_tree_split *const s = &forest->splits[at];
    question q = {.threshold = s->threshold + 0.0, .split = at, .feature = s->feature};
    q.rule = (uint8_t)((s->nan_left ? 0 : NAN_RIGHT) | (s->zero ? ZERO : 0));
    if (s->set != UINT32_MAX) {
        const rk_split_set *const set = &forest->sets[s->set];
        q.threshold = 0;
        q.words = forest->words + set->first;
        q.n_words = set->n_words;
        q.rule |= (uint8_t)(SET | (s->in_left ? 0 : IN_RIGHT));
    }
    return q;
}

static int by_number(uint64_t a, uint64_t b) { return (a > b) - (a < b); }

/* By rule, then threshold or set: of one feature. */
static int compare(const void *left, const void *right)
{
    const question *const a = left, *const b = right;
    if (a->rule != b->rule)
        return by_number(a->rule, b->rule);
    if (!(a->rule & SET))
        return (a->threshold > b->threshold) - (a->threshold < b->threshold);
    if (a->n_words != b->n_words)
        return by_number(a->n_words, b->n_words);
    return memcmp(a->words, b->words, a->n_words * sizeof *a->words);
}

/* The splits by feature: those of feature f from starts[f] on. NULL when memory is out. */
static question *sort_questions(const rk_forest *forest, uint32_t *starts, uint32_t n_inputs,
                                rk_arena *arena)
{
    question *const all = RK_NEW_ARRAY(arena, question, forest->n_splits);
    if (!all)
        return NULL;
    for (uint32_t i = 0; i < forest->n_splits; i++)
        starts[forest->splits[i].feature + 1]++;
    for (uint32_t f = 0; f < n_inputs; f++)
        starts[f + 1] += starts[f];
    for (uint32_t i = 0; i < forest->n_splits; i++)
        all[starts[forest->splits[i].feature]++] = ask(forest, i);
    memmove(starts + 1, starts, n_inputs * sizeof *starts);
    starts[0] = 0;
    for (uint32_t f = 0; f < n_inputs; f++)
        qsort(all + starts[f], starts[f + 1] - starts[f], sizeof *all, compare);
    return all;
}

/* ---- tables ---- */

typedef struct maker {
    const question *all;
    rk_arena *arena;
    rk_predicates *out;
} maker;

/* The least float that is not below. */
static float rounded_up(double threshold)
{
    const float near = (float)threshold;
    return (double)near < threshold ? nextafterf(near, INFINITY) : near;
}

static float rounded_down(double threshold)
{
    const float near = (float)threshold;
    return (double)near > threshold ? nextafterf(near, -INFINITY) : near;
}

static rk_status fill_tables(rk_rank_column *column, const double *sorted, rk_arena *arena)
{
    if (column->n > RK_RANK_TABLE * RK_RANK_TABLES)
        return RK_OK;
    column->tables = (uint8_t)((column->n + RK_RANK_TABLE - 1) / RK_RANK_TABLE);
    const unsigned n = (RK_RANK_TABLE + 1) * column->tables;
    float *const up = rk_arena_alloc_column(arena, n, sizeof *up);
    float *const down = rk_arena_alloc_column(arena, n, sizeof *down);
    if (!up || !down)
        return RK_ENOMEM;
    for (unsigned i = 0; i < n; i++)
        up[i] = down[i] = NAN;
    for (unsigned i = 0; i < column->n; i++) {
        up[i / RK_RANK_TABLE + i] = rounded_up(sorted[i]);
        down[i / RK_RANK_TABLE + i] = rounded_down(sorted[i]);
    }
    column->up = up;
    column->down = down;
    return RK_OK;
}

static rk_status fill_column(rk_rank_column *column, const double *sorted, rk_arena *arena)
{
    column->groups = (uint8_t)((column->n + RK_RANK_GROUP - 1) / RK_RANK_GROUP);
    const size_t n = RK_RANK_GROUP * (1u + column->groups);
    double *const doubles = rk_arena_alloc_column(arena, n, sizeof *doubles);
    float *const floats = rk_arena_alloc_column(arena, n, sizeof *floats);
    if (!doubles || !floats)
        return RK_ENOMEM;
    for (size_t i = 0; i < n; i++)
        doubles[i] = NAN;
    memcpy(doubles + RK_RANK_GROUP, sorted, column->n * sizeof *doubles);
    for (unsigned g = 0; g + 1 < column->groups; g++)
        doubles[g] = doubles[RK_RANK_GROUP * (g + 2) - 1];
    for (size_t i = 0; i < n; i++)
        floats[i] = doubles[i] == doubles[i] ? rounded_up(doubles[i]) : NAN;
    column->doubles = doubles;
    column->floats = floats;
    return RK_OK;
}

/* Questions from .. to about numbers, of one feature and rule. */
static rk_status make_columns(maker *m, uint32_t from, uint32_t to)
{
    double sorted[RK_RANK_MOST];
    rk_predicates *const p = m->out;
    while (from < to) {
        rk_rank_column *const column = &p->columns[p->n_columns];
        *column = (rk_rank_column){.feature = m->all[from].feature,
                                   .first = p->n,
                                   .nan_right = m->all[from].rule & NAN_RIGHT,
                                   .zero = m->all[from].rule & ZERO};
        for (; from < to; from++) {
            const double threshold = m->all[from].threshold;
            if (column->n == 0 || sorted[column->n - 1] != threshold) {
                if (column->n == RK_RANK_MOST)
                    break;
                sorted[column->n++] = threshold;
                p->column[p->n++] = p->n_columns;
            }
            p->of_split[m->all[from].split] = p->n - 1;
        }
        RK_TRY(fill_column(column, sorted, m->arena));
        RK_TRY(fill_tables(column, sorted, m->arena));
        p->n_columns++;
    }
    return RK_OK;
}

static void make_sets(maker *m, uint32_t from, uint32_t to)
{
    rk_predicates *const p = m->out;
    for (uint32_t i = from; i < to; i++) {
        const question *const q = &m->all[i];
        if (i == from || compare(q - 1, q) != 0)
            p->sets[p->n_sets++] = (rk_set_predicate){.words = q->words,
                                                      .n_words = q->n_words,
                                                      .feature = q->feature,
                                                      .nan_right = q->rule & NAN_RIGHT,
                                                      .zero = q->rule & ZERO,
                                                      .in_right = q->rule & IN_RIGHT};
        p->of_split[q->split] = p->n_sets - 1; /* made good when all thresholds are counted */
    }
}

static rk_status make_feature(maker *m, uint32_t from, uint32_t to)
{
    rk_predicates *const p = m->out;
    rk_used_feature used = {
        .feature = m->all[from].feature, .first_column = p->n_columns, .first_set = p->n_sets};
    uint32_t end;
    for (; from < to && !(m->all[from].rule & SET); from = end) {
        for (end = from; end < to && m->all[end].rule == m->all[from].rule; end++)
            continue;
        RK_TRY(make_columns(m, from, end));
    }
    make_sets(m, from, to);
    used.n_columns = p->n_columns - used.first_column;
    used.n_sets = p->n_sets - used.first_set;
    p->features[p->n_features++] = used;
    return RK_OK;
}

static rk_status make_all(maker *m, const uint32_t *starts, uint32_t n_inputs)
{
    for (uint32_t f = 0; f < n_inputs; f++)
        if (starts[f] < starts[f + 1])
            RK_TRY(make_feature(m, starts[f], starts[f + 1]));
    return RK_OK;
}

static rk_status make_room(const rk_forest *forest, uint32_t n_inputs, rk_arena *arena,
                           rk_predicates *out)
{
    /* A column that is not full ends a rule of a feature. */
    const uint32_t n = forest->n_splits, n_columns = n < 4 * n_inputs ? n : n / RK_RANK_MOST;
    out->features = RK_NEW_ARRAY(arena, rk_used_feature, n_inputs);
    out->columns = RK_NEW_ARRAY(arena, rk_rank_column, n_columns + 4 * (size_t)n_inputs);
    out->sets = RK_NEW_ARRAY(arena, rk_set_predicate, forest->n_sets ? n : 0);
    out->of_split = RK_NEW_ARRAY(arena, uint32_t, n);
    out->column = RK_NEW_ARRAY(arena, uint32_t, n);
    return out->features && out->columns && out->sets && out->of_split && out->column ? RK_OK
                                                                                      : RK_ENOMEM;
}

rk_status rk_predicates_make(const rk_forest *forest, uint32_t n_inputs, rk_arena *arena,
                             rk_predicates *out)
{
    *out = (rk_predicates){0};
    RK_TRY(make_room(forest, n_inputs, arena, out));
    rk_arena work = {0};
    uint32_t *const starts = RK_NEW_ARRAY(&work, uint32_t, (size_t)n_inputs + 2);
    const question *const all = starts ? sort_questions(forest, starts, n_inputs, &work) : NULL;
    maker m = {.all = all, .arena = arena, .out = out};
    const rk_status status = all ? make_all(&m, starts, n_inputs) : RK_ENOMEM;
    rk_arena_free(&work);
    RK_TRY(status);
    out->n_thresholds = out->n;
    out->n += out->n_sets;
    for (uint32_t i = 0; i < forest->n_splits; i++)
        if (forest->splits[i].set != UINT32_MAX)
            out->of_split[i] += out->n_thresholds;
    return RK_OK;
}
