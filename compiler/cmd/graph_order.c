/* The order of each column: sweeps that put everything at the mean place of its neighbours, and
 * keep the best order seen (Sugiyama's method), then swaps of neighbours. Rows of boxes that may
 * move are sorted with them. */
#include "compiler/cmd/graph_layout.h"

#include <stdlib.h>
#include <string.h>

typedef struct sorter {
    graph_columns *c;
    uint32_t *base;  /* [vertices] first slot in its column: one for the whole, one a row */
    uint64_t *pairs; /* [segments] for counting */
    uint64_t *tree;  /* [slots of a column + 1] Fenwick's */
    uint32_t n_slots;
    uint32_t *best;      /* [vertices] order with the fewest crossings so far */
    uint32_t *best_rows; /* [rows of all boxes] */
    struct keyed {
        double key;
        uint32_t at, item;
    } * keyed; /* room for sorting a column or rows */
} sorter;

static uint32_t slots_of(const graph_columns *c, uint32_t vertex)
{
    const graph_box *const box = graph_box_at(c, vertex);
    return 1 + (box ? box->n_rows : 0);
}

static uint32_t slot(const sorter *s, uint32_t vertex, uint32_t row)
{
    const graph_box *const box = graph_box_at(s->c, vertex);
    return s->base[vertex] + (row == GRAPH_WHOLE || !box ? 0 : 1 + box->row_at[row]);
}

/* Slots anew after a column changed. */
static uint32_t number_slots(sorter *s, uint32_t level)
{
    const graph_columns *const c = s->c;
    uint32_t next = 0;
    for (uint32_t i = c->first[level]; i < c->first[level + 1]; i++) {
        c->vertices.items[c->order[i]].at = i - c->first[level];
        s->base[c->order[i]] = next;
        next += slots_of(c, c->order[i]);
    }
    return next;
}

/* ---- counting ---- */

static int compare_pairs(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* Crossings between a column and the next: pairs of segments in opposite orders. */
static uint64_t count_between(sorter *s, uint32_t level)
{
    const graph_columns *const c = s->c;
    uint32_t n = 0;
    for (uint32_t i = c->first[level]; i < c->first[level + 1]; i++) {
        const graph_vertex *const vertex = &c->vertices.items[c->order[i]];
        for (uint32_t k = 0; k < vertex->n[GRAPH_RIGHT]; k++) {
            const graph_segment *const g = graph_join(c, vertex, GRAPH_RIGHT, k);
            s->pairs[n++] = (uint64_t)slot(s, c->order[i], g->row[GRAPH_LEFT]) << 32 |
                            slot(s, g->end[GRAPH_RIGHT], g->row[GRAPH_RIGHT]);
        }
    }
    if (n)
        qsort(s->pairs, n, sizeof *s->pairs, compare_pairs);
    memset(s->tree, 0, (s->n_slots + 1u) * sizeof *s->tree);
    uint64_t crossings = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t right = (uint32_t)s->pairs[i];
        uint64_t not_after = 0; /* segments before it that end at `right` or above */
        for (uint32_t at = right + 1; at > 0; at -= at & -at)
            not_after += s->tree[at];
        crossings += i - not_after;
        for (uint32_t at = right + 1; at <= s->n_slots; at += at & -at)
            s->tree[at]++;
    }
    return crossings;
}

static uint64_t count_all(sorter *s)
{
    uint64_t crossings = 0;
    for (uint32_t level = 0; level + 1 < s->c->layout->n_levels; level++)
        crossings += count_between(s, level);
    return crossings;
}

/* ---- sweeping ---- */

static int compare_keyed(const void *a, const void *b)
{
    const struct keyed *const left = a, *const right = b;
    if (left->key != right->key)
        return left->key < right->key ? -1 : 1;
    return left->at < right->at ? -1 : left->at > right->at;
}

/* The mean slot of a vertex's neighbours on a side. */
static double mean_slot(const sorter *s, const graph_vertex *vertex, int side)
{
    double sum = 0;
    for (uint32_t k = 0; k < vertex->n[side]; k++) {
        const graph_segment *const g = graph_join(s->c, vertex, side, k);
        sum += slot(s, g->end[side], g->row[side]);
    }
    return sum / vertex->n[side];
}

/* Sorts a column by its neighbours; those without any keep their places. */
static void sort_column(sorter *s, uint32_t level, int side)
{
    graph_columns *const c = s->c;
    uint32_t *const order = c->order + c->first[level];
    const uint32_t len = c->first[level + 1] - c->first[level];
    uint32_t n = 0;
    for (uint32_t i = 0; i < len; i++) {
        const graph_vertex *const vertex = &c->vertices.items[order[i]];
        if (vertex->n[side])
            s->keyed[n++] = (struct keyed){mean_slot(s, vertex, side), i, order[i]};
    }
    if (n)
        qsort(s->keyed, n, sizeof *s->keyed, compare_keyed);
    for (uint32_t i = 0, k = 0; i < len; i++)
        if (c->vertices.items[order[i]].n[side])
            order[i] = s->keyed[k++].item;
    number_slots(s, level);
}

/* Sorts the rows of a box by what they lead to; those that lead nowhere go last. */
static void sort_rows(sorter *s, uint32_t number)
{
    const graph_columns *const c = s->c;
    const graph_vertex *const vertex = &c->vertices.items[number];
    graph_box *const box = &c->layout->boxes[vertex->box];
    for (uint32_t row = 0; row < box->n_rows; row++)
        s->keyed[row] = (struct keyed){0, 0, row};
    for (uint32_t k = 0; k < vertex->n[GRAPH_RIGHT]; k++) {
        const graph_segment *const g = graph_join(c, vertex, GRAPH_RIGHT, k);
        if (g->row[GRAPH_LEFT] == GRAPH_WHOLE)
            continue;
        s->keyed[g->row[GRAPH_LEFT]].key += slot(s, g->end[GRAPH_RIGHT], g->row[GRAPH_RIGHT]);
        s->keyed[g->row[GRAPH_LEFT]].at++;
    }
    for (uint32_t row = 0; row < box->n_rows; row++) {
        struct keyed *const entry = &s->keyed[row];
        entry->key = entry->at ? entry->key / entry->at : UINT32_MAX;
        entry->at = row;
    }
    qsort(s->keyed, box->n_rows, sizeof *s->keyed, compare_keyed);
    for (uint32_t at = 0; at < box->n_rows; at++)
        box->row_at[s->keyed[at].item] = at;
}

static void sort_rows_of(sorter *s, uint32_t level)
{
    const graph_columns *const c = s->c;
    for (uint32_t i = c->first[level]; i < c->first[level + 1]; i++) {
        const graph_box *const box = graph_box_at(c, c->order[i]);
        if (box && box->free_rows && box->n_rows > 1)
            sort_rows(s, c->order[i]);
    }
}

static void sweep(sorter *s)
{
    const uint32_t n = s->c->layout->n_levels;
    for (uint32_t level = 1; level < n; level++)
        sort_column(s, level, GRAPH_LEFT);
    for (uint32_t level = n - 1; level-- > 0;) {
        sort_column(s, level, GRAPH_RIGHT);
        sort_rows_of(s, level);
    }
}

/* ---- the best so far ---- */

static void copy_rows(const sorter *s, bool back)
{
    const graph_layout *const l = s->c->layout;
    uint32_t at = 0;
    for (uint32_t i = 0; i < l->n_boxes; i++) {
        const size_t size = l->boxes[i].n_rows * sizeof *s->best_rows;
        if (!size)
            continue;
        if (back)
            memcpy(l->boxes[i].row_at, s->best_rows + at, size);
        else
            memcpy(s->best_rows + at, l->boxes[i].row_at, size);
        at += l->boxes[i].n_rows;
    }
}

static void save(const sorter *s)
{
    memcpy(s->best, s->c->order, s->c->vertices.len * sizeof *s->best);
    copy_rows(s, false);
}

static void restore(sorter *s)
{
    memcpy(s->c->order, s->best, s->c->vertices.len * sizeof *s->best);
    copy_rows(s, true);
    for (uint32_t level = 0; level < s->c->layout->n_levels; level++)
        number_slots(s, level);
}

static void sweep_often(sorter *s)
{
    const uint32_t size = s->c->segments.len;
    const int most = size < 5000 ? 40 : size < 50000 ? 12 : 4;
    uint64_t fewest = count_all(s);
    save(s);
    for (int round = 0, vain = 0; round < most && vain < 8 && fewest; round++) {
        sweep(s);
        const uint64_t crossings = count_all(s);
        vain = crossings < fewest ? 0 : vain + 1;
        if (crossings >= fewest)
            continue;
        fewest = crossings;
        save(s);
    }
    restore(s);
}

/* ---- swaps ---- */

/* Crossings of the segments of two neighbours of a column on a side, with `a` above `b`. */
static uint64_t crossings_of(const sorter *s, uint32_t a, uint32_t b, int side)
{
    const graph_vertex *const above = &s->c->vertices.items[a];
    const graph_vertex *const below = &s->c->vertices.items[b];
    uint64_t crossings = 0;
    for (uint32_t i = 0; i < above->n[side]; i++) {
        const graph_segment *const g = graph_join(s->c, above, side, i);
        const uint32_t upper = slot(s, g->end[side], g->row[side]);
        for (uint32_t k = 0; k < below->n[side]; k++) {
            const graph_segment *const h = graph_join(s->c, below, side, k);
            crossings += upper > slot(s, h->end[side], h->row[side]);
        }
    }
    return crossings;
}

static bool swap_in(sorter *s, uint32_t level)
{
    graph_columns *const c = s->c;
    bool swapped = false;
    for (uint32_t i = c->first[level]; i + 1 < c->first[level + 1]; i++) {
        const uint32_t a = c->order[i], b = c->order[i + 1];
        const uint64_t now = crossings_of(s, a, b, GRAPH_LEFT) + crossings_of(s, a, b, GRAPH_RIGHT);
        if (!now || now <= crossings_of(s, b, a, GRAPH_LEFT) + crossings_of(s, b, a, GRAPH_RIGHT))
            continue;
        c->order[i] = b;
        c->order[i + 1] = a;
        swapped = true;
    }
    if (swapped)
        number_slots(s, level);
    return swapped;
}

static void swap_neighbours(sorter *s)
{
    enum { ROUNDS = 20, SMALL = 5000 };
    bool swapped = s->c->segments.len <= SMALL;
    for (int round = 0; round < ROUNDS && swapped; round++) {
        swapped = false;
        for (uint32_t level = 0; level < s->c->layout->n_levels; level++) {
            swapped |= swap_in(s, level);
            sort_rows_of(s, level);
        }
    }
}

rk_status graph_order(graph_columns *c)
{
    sorter s = {.c = c};
    uint32_t n_rows = 0, most = c->vertices.len;
    for (uint32_t i = 0; i < c->layout->n_boxes; i++) {
        n_rows += c->layout->boxes[i].n_rows;
        most = c->layout->boxes[i].n_rows > most ? c->layout->boxes[i].n_rows : most;
    }
    s.base = RK_NEW_ARRAY(c->arena, uint32_t, c->vertices.len);
    s.best = RK_NEW_ARRAY(c->arena, uint32_t, c->vertices.len);
    s.best_rows = RK_NEW_ARRAY(c->arena, uint32_t, n_rows);
    s.pairs = RK_NEW_ARRAY(c->arena, uint64_t, c->segments.len);
    s.keyed = rk_arena_array(c->arena, most, sizeof *s.keyed);
    if (!s.base || !s.best || !s.best_rows || !s.pairs || !s.keyed)
        return RK_ENOMEM;
    for (uint32_t level = 0; level < c->layout->n_levels; level++) {
        const uint32_t slots = number_slots(&s, level);
        s.n_slots = slots > s.n_slots ? slots : s.n_slots;
    }
    s.tree = RK_NEW_ARRAY(c->arena, uint64_t, s.n_slots + 1u);
    if (!s.tree)
        return RK_ENOMEM;
    sweep_often(&s);
    swap_neighbours(&s);
    return RK_OK;
}
