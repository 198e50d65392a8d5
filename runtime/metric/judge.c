#include "runtime/metric/judge.h"

#include <math.h>
#include <stdlib.h>

/* What is known of one document of the query at hand: a table for both sides. */
typedef struct slot {
    rk_str doc;
    uint32_t hash;
    uint32_t stamp; /* of the query that filled it; another: it is empty */
    int32_t label;
    bool labelled, ranked;
    uint32_t label_line, run_line;
} slot;

typedef struct place {
    double key; /* what the order goes by */
    const rk_mark *mark;
    int32_t label;
} place;

typedef struct judge {
    const rk_judge_spec *spec;
    rk_arena *arena;
    rk_judgement *out;
    slot *slots; /* [cap] a power of two */
    uint32_t cap;
    uint32_t stamp;
    place *places; /* [n_places] of the query at hand */
    uint32_t n_places;
    uint64_t n_twice;
    bool stop; /* enough was said of documents that come twice */
} judge;

/* ---- documents of one query ---- */

static slot *find_slot(judge *j, rk_str doc)
{
    const uint32_t hash = (uint32_t)rk_str_hash(doc), mask = j->cap - 1;
    for (uint32_t at = hash & mask;; at = (at + 1) & mask) {
        slot *const s = &j->slots[at];
        if (s->stamp != j->stamp) {
            *s = (slot){.doc = doc, .hash = hash, .stamp = j->stamp};
            return s;
        }
        if (s->hash == hash && rk_str_eq(s->doc, doc))
            return s;
    }
}

/* For the next query, with so many documents on both sides. */
static rk_status make_room(judge *j, uint64_t n, uint32_t n_places)
{
    uint64_t cap = j->cap ? j->cap : 64;
    while (cap < 2 * n)
        cap *= 2;
    if (cap > UINT32_MAX)
        return RK_ELIMIT;
    if (cap > j->cap) {
        j->slots = RK_NEW_ARRAY(j->arena, slot, cap);
        j->cap = (uint32_t)cap;
        j->stamp = 0;
    }
    if (n_places > j->n_places) {
        j->places = RK_NEW_ARRAY(j->arena, place, n_places);
        j->n_places = n_places;
    }
    j->stamp++;
    return j->slots && (j->places || n_places == 0) ? RK_OK : RK_ENOMEM;
}

static void say_twice(judge *j, bool in_run, const rk_mark *mark, uint32_t before)
{
    const rk_mark_user *const user = in_run ? j->spec->in_run : j->spec->in_labels;
    const rk_marks *const marks = in_run ? j->spec->run : j->spec->labels;
    j->n_twice++;
    if (j->stop)
        return;
    const rk_mark_problem problem = {.line = mark->line,
                                     .text = rk_mark_doc(mark),
                                     .words = "comes a second time",
                                     .query = rk_atom_str(&marks->queries, mark->query),
                                     .same_line = before};
    j->stop = !user->refuse(user->user, &problem);
}

/* ---- one query ---- */

static int compare_labels(const void *a, const void *b)
{
    const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x < y) - (x > y);
}

/* Its labels into the table, those above 0 into the ideal list. */
static rk_status take_labels(judge *j, const rk_mark *marks, uint32_t n, rk_judged *out)
{
    uint32_t n_ideal = 0;
    for (uint32_t i = 0; i < n; i++)
        n_ideal += marks[i].value > 0;
    int32_t *const ideal = RK_NEW_ARRAY(j->arena, int32_t, n_ideal);
    if (!ideal)
        return RK_ENOMEM;
    n_ideal = 0;
    for (uint32_t i = 0; i < n; i++) {
        slot *const s = find_slot(j, rk_mark_doc(&marks[i]));
        if (s->labelled)
            say_twice(j, false, &marks[i], s->label_line);
        s->labelled = true;
        s->label = (int32_t)marks[i].value;
        s->label_line = marks[i].line;
        j->out->counts.negative += s->label < 0;
        if (s->label > 0)
            ideal[n_ideal++] = s->label;
    }
    qsort(ideal, n_ideal, sizeof *ideal, compare_labels);
    out->ideal = ideal;
    out->n_ideal = n_ideal;
    j->out->counts.no_positive += n_ideal == 0;
    return RK_OK;
}

static int compare_places(const void *a, const void *b)
{
    const place *const x = a, *const y = b;
    if (x->key > y->key || (isnan(y->key) && !isnan(x->key)))
        return -1;
    if (x->key < y->key || (isnan(x->key) && !isnan(y->key)))
        return 1;
    return rk_str_cmp(rk_mark_doc(y->mark), rk_mark_doc(x->mark));
}

/* Most runs are sorted already. */
static void sort_places(place *places, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        if (compare_places(&places[i - 1], &places[i]) > 0) {
            qsort(places, n, sizeof *places, compare_places);
            return;
        }
}

static void take_ranked(judge *j, const rk_mark *marks, uint32_t n)
{
    rk_judge_counts *const counts = &j->out->counts;
    for (uint32_t i = 0; i < n; i++) {
        const rk_mark *const mark = &marks[i];
        slot *const s = find_slot(j, rk_mark_doc(mark));
        if (s->ranked)
            say_twice(j, true, mark, s->run_line);
        s->ranked = true;
        s->run_line = mark->line;
        counts->labelled += s->labelled;
        counts->unlabelled += !s->labelled;
        counts->no_score += isnan(mark->value);
        j->places[i] = (place){.key = mark->exact ? mark->value : (double)(float)mark->value,
                               .mark = mark,
                               .label = s->labelled && s->label > 0 ? s->label : 0};
    }
    sort_places(j->places, n);
}

static rk_status fill_list(judge *j, uint32_t n, rk_judged *out)
{
    int32_t *const labels = RK_NEW_ARRAY(j->arena, int32_t, n);
    double *const scores = RK_NEW_ARRAY(j->arena, double, n);
    if (!labels || !scores)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        labels[i] = j->places[i].label;
        scores[i] = j->places[i].mark->value;
    }
    out->is_ranked = true;
    out->n = n;
    out->labels = labels;
    out->scores = scores;
    return RK_OK;
}

static rk_status judge_query(judge *j, rk_atom in_labels, rk_judged *out)
{
    const rk_marks *const run = j->spec->run, *const labels = j->spec->labels;
    uint32_t n_ranked = 0, n_labels;
    const rk_mark *ranked = NULL;
    const rk_mark *const labelled = rk_marks_of(labels, in_labels, &n_labels);
    *out = (rk_judged){.query = rk_atom_str(&labels->queries, in_labels)};
    const rk_atom in_run = rk_atom_find(&run->queries, out->query);
    if (in_run != RK_MAP_NONE)
        ranked = rk_marks_of(run, in_run, &n_ranked);
    RK_TRY(make_room(j, (uint64_t)n_labels + n_ranked, n_ranked));
    RK_TRY(take_labels(j, labelled, n_labels, out));
    if (in_run != RK_MAP_NONE) {
        take_ranked(j, ranked, n_ranked);
        RK_TRY(fill_list(j, n_ranked, out));
    }
    const uint32_t longer = out->n > out->n_ideal ? out->n : out->n_ideal;
    if (longer > j->out->longest)
        j->out->longest = longer;
    return RK_OK;
}

/* ---- all queries ---- */

static int compare_queries(const void *a, const void *b)
{
    return rk_str_cmp(((const rk_judged *)a)->query, ((const rk_judged *)b)->query);
}

/* Queries of the run that have no labels: their documents may not come twice either. */
static rk_status count_unlabelled(judge *j)
{
    const rk_marks *const run = j->spec->run, *const labels = j->spec->labels;
    for (rk_atom q = 1; q < rk_atoms_count(&run->queries); q++) {
        uint32_t n;
        if (rk_atom_find(&labels->queries, rk_atom_str(&run->queries, q)) != RK_MAP_NONE)
            continue;
        const rk_mark *const marks = rk_marks_of(run, q, &n);
        RK_TRY(make_room(j, n, 0));
        j->out->counts.only_run++;
        for (uint32_t i = 0; i < n; i++) {
            slot *const s = find_slot(j, rk_mark_doc(&marks[i]));
            if (s->ranked)
                say_twice(j, true, &marks[i], s->run_line);
            s->ranked = true;
            s->run_line = marks[i].line;
        }
    }
    return RK_OK;
}

static void find_largest(const rk_marks *labels, rk_judgement *out)
{
    for (uint32_t i = 0; i < labels->items.len; i++)
        if (labels->items.items[i].value > out->counts.largest)
            out->counts.largest = (int32_t)labels->items.items[i].value;
}

rk_status rk_judge(const rk_judge_spec *spec, rk_arena *arena, rk_judgement *out, uint64_t *n_twice)
{
    const uint32_t n = rk_atoms_count(&spec->labels->queries);
    judge j = {.spec = spec, .arena = arena, .out = out};
    *out = (rk_judgement){.items = RK_NEW_ARRAY(arena, rk_judged, n)};
    if (!out->items)
        return RK_ENOMEM;
    find_largest(spec->labels, out);
    for (rk_atom q = 1; q < n; q++) {
        const bool ranked = rk_atom_find(&spec->run->queries,
                                         rk_atom_str(&spec->labels->queries, q)) != RK_MAP_NONE;
        out->counts.only_labels += !ranked;
        if (ranked || spec->complete)
            RK_TRY(judge_query(&j, q, &out->items[out->n++]));
    }
    RK_TRY(count_unlabelled(&j));
    qsort(out->items, out->n, sizeof *out->items, compare_queries);
    *n_twice = j.n_twice;
    return RK_OK;
}
