#include "runtime/model/predicate.h"

#include <math.h>
#include <string.h>

#include "runtime/model/rank_below.h"

/* A split as what is asked there: keys of one feature and rule are in the order of thresholds,
 * those of equal sets are equal. */
typedef struct question {
    uint64_t key;
    uint32_t split;
} question;

/* The rule of a question, in bits. */
enum { NAN_RIGHT = 1, ZERO = 2, IN_RIGHT = 4, SET = 8, RULES = 16 };

static uint32_t rule_of(const rk_tree_split *s)
{
    const uint32_t missing = (s->nan_left ? 0 : NAN_RIGHT) | (s->zero ? ZERO : 0);
    return s->set == UINT32_MAX ? missing : missing | SET | (s->in_left ? 0 : IN_RIGHT);
}

/* Questions go by feature, then by rule. */
static size_t bucket_of(const rk_tree_split *s) { return (size_t)s->feature * RULES + rule_of(s); }

/* Doubles in their order; -0 is 0. */
static uint64_t key_of_threshold(double threshold)
{
    uint64_t bits;
    const double sum = threshold + 0.0;
    memcpy(&bits, &sum, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double threshold_of_key(uint64_t key)
{
    const uint64_t bits = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
    double threshold;
    memcpy(&threshold, &bits, sizeof threshold);
    return threshold;
}

static rk_str words_of(const rk_forest *forest, const rk_tree_split *s)
{
    const rk_split_set *const set = &forest->sets[s->set];
    return (rk_str){(const char *)(forest->words + set->first), set->n_words * sizeof(uint32_t)};
}

static question ask(const rk_forest *forest, uint32_t at)
{
    const rk_tree_split *const s = &forest->splits[at];
    const bool number = s->set == UINT32_MAX;
    return (question){.key = number ? key_of_threshold(s->threshold)
                                    : rk_str_hash(words_of(forest, s)),
                      .split = at};
}

/* ---- sorting ---- */

enum { DIGIT = 256, DIGITS = 8, FEW = 64 };

typedef struct sorter {
    question *room; /* as many as there are */
    uint32_t counts[DIGITS][DIGIT];
} sorter;

static uint32_t digit_of(uint64_t key, unsigned d) { return key >> (8 * d) & (DIGIT - 1); }

static void sort_few(question *items, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        const question item = items[i];
        uint32_t to = i;
        for (; to > 0 && items[to - 1].key > item.key; to--)
            items[to] = items[to - 1];
        items[to] = item;
    }
}

/* By one digit of the key, equal ones as they stood. */
static void sort_digit(const question *from, uint32_t n, unsigned d, uint32_t *counts, question *to)
{
    uint32_t at = 0;
    for (unsigned k = 0; k < DIGIT; k++) {
        const uint32_t next = at + counts[k];
        counts[k] = at;
        at = next;
    }
    for (uint32_t i = 0; i < n; i++)
        to[counts[digit_of(from[i].key, d)]++] = from[i];
}

/* By key, from the lowest digit up; those in which all agree are left out. */
static void sort_many(sorter *s, question *items, uint32_t n)
{
    question *from = items, *to = s->room;
    memset(s->counts, 0, sizeof s->counts);
    for (uint32_t i = 0; i < n; i++)
        for (unsigned d = 0; d < DIGITS; d++)
            s->counts[d][digit_of(items[i].key, d)]++;
    for (unsigned d = 0; d < DIGITS; d++) {
        if (s->counts[d][digit_of(from[0].key, d)] == n)
            continue;
        sort_digit(from, n, d, s->counts[d], to);
        question *const sorted = to;
        to = from;
        from = sorted;
    }
    if (from != items)
        memcpy(items, from, n * sizeof *items);
}

/* The splits by bucket, then key: those of bucket b from starts[b] on. NULL when memory is out. */
static question *sort_questions(const rk_forest *forest, uint32_t *starts, size_t n_buckets,
                                rk_arena *arena)
{
    question *const all = RK_NEW_ARRAY(arena, question, forest->n_splits);
    sorter *const s = RK_NEW(arena, sorter);
    if (!all || !s || !(s->room = RK_NEW_ARRAY(arena, question, forest->n_splits)))
        return NULL;
    for (uint32_t i = 0; i < forest->n_splits; i++)
        starts[bucket_of(&forest->splits[i]) + 1]++;
    for (size_t b = 0; b < n_buckets; b++)
        starts[b + 1] += starts[b];
    for (uint32_t i = 0; i < forest->n_splits; i++)
        all[starts[bucket_of(&forest->splits[i])]++] = ask(forest, i);
    memmove(starts + 1, starts, n_buckets * sizeof *starts);
    starts[0] = 0;
    for (size_t b = 0; b < n_buckets; b++) {
        question *const items = all + starts[b];
        const uint32_t n = starts[b + 1] - starts[b];
        if (n <= FEW)
            sort_few(items, n);
        else
            sort_many(s, items, n);
    }
    return all;
}

/* ---- tables ---- */

typedef struct maker {
    const rk_forest *forest;
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

/* Questions from .. to about numbers, of one bucket. */
static rk_status make_columns(maker *m, uint32_t from, uint32_t to)
{
    double sorted[RK_RANK_MOST];
    rk_predicates *const p = m->out;
    const rk_tree_split *const like = &m->forest->splits[m->all[from].split];
    while (from < to) {
        rk_rank_column *const column = &p->columns[p->n_columns];
        *column = (rk_rank_column){.feature = like->feature,
                                   .first = p->n,
                                   .nan_right = !like->nan_left,
                                   .zero = like->zero};
        for (; from < to; from++) {
            const double threshold = threshold_of_key(m->all[from].key);
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

/* Those about categories. */
static void make_sets(maker *m, uint32_t from, uint32_t to)
{
    rk_predicates *const p = m->out;
    rk_str last = {0};
    for (uint32_t i = from; i < to; i++) {
        const rk_tree_split *const s = &m->forest->splits[m->all[i].split];
        const rk_str words = words_of(m->forest, s);
        if (i == from || !rk_str_eq(last, words))
            p->sets[p->n_sets++] =
                (rk_set_predicate){.words = m->forest->words + m->forest->sets[s->set].first,
                                   .n_words = m->forest->sets[s->set].n_words,
                                   .feature = s->feature,
                                   .nan_right = !s->nan_left,
                                   .zero = s->zero,
                                   .in_right = !s->in_left};
        last = words;
        p->of_split[m->all[i].split] =
            p->n_sets - 1; /* made good when all thresholds are counted */
    }
}

static rk_status make_feature(maker *m, uint32_t feature, const uint32_t *starts)
{
    rk_predicates *const p = m->out;
    rk_used_feature used = {
        .feature = feature, .first_column = p->n_columns, .first_set = p->n_sets};
    for (uint32_t rule = 0; rule < RULES; rule++) {
        const uint32_t from = starts[rule], to = starts[rule + 1];
        if (from == to)
            continue;
        if (rule & SET)
            make_sets(m, from, to);
        else
            RK_TRY(make_columns(m, from, to));
    }
    used.n_columns = p->n_columns - used.first_column;
    used.n_sets = p->n_sets - used.first_set;
    p->features[p->n_features++] = used;
    return RK_OK;
}

static rk_status make_all(maker *m, const uint32_t *starts, uint32_t n_inputs)
{
    for (uint32_t f = 0; f < n_inputs; f++, starts += RULES)
        if (starts[0] < starts[RULES])
            RK_TRY(make_feature(m, f, starts));
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
    const size_t n_buckets = (size_t)n_inputs * RULES;
    uint32_t *const starts = RK_NEW_ARRAY(&work, uint32_t, n_buckets + 2);
    const question *const all = starts ? sort_questions(forest, starts, n_buckets, &work) : NULL;
    maker m = {.forest = forest, .all = all, .arena = arena, .out = out};
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

bool rk_set_right(const rk_set_predicate *set, double x, const rk_forest *forest)
{
    if (rank_misses(x, set->zero))
        return set->nan_right;
    const int32_t category = rk_forest_category(x, forest->narrows, forest->whole);
    const bool in = category >= 0 && (uint32_t)category / 32 < set->n_words &&
                    (set->words[category / 32] >> category % 32 & 1);
    return in == set->in_right;
}
