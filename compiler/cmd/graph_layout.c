#include "compiler/cmd/graph_layout.h"

#include <stdlib.h>

enum { PASSING_MAX = 200000 }; /* vertices for lines that pass, beyond which long lines get none */

/* ---- lines become segments ---- */

typedef struct router {
    graph_columns *c;
    uint32_t *sorted; /* lines by box, row and length */
    uint32_t longest; /* a line over more columns is not routed */
} router;

static uint32_t span_of(const graph_layout *l, const graph_line *line)
{
    const uint32_t from = l->boxes[line->from].level, to = l->boxes[line->to].level;
    return to > from ? to - from : 0;
}

/* Sorting keys of a line, in one order for all: where it begins, then how far it goes. */
typedef struct line_key {
    uint32_t box, row, span, line;
} line_key;

static int compare_lines(const void *a, const void *b)
{
    const line_key *const left = a, *const right = b;
    if (left->box != right->box)
        return left->box < right->box ? -1 : 1;
    if (left->row != right->row)
        return left->row < right->row ? -1 : 1;
    if (left->span != right->span)
        return left->span < right->span ? -1 : 1;
    return left->line < right->line ? -1 : left->line > right->line;
}

static rk_status sort_lines(router *r)
{
    const graph_layout *const l = r->c->layout;
    line_key *const keys = RK_NEW_ARRAY(r->c->arena, line_key, l->n_lines);
    r->sorted = RK_NEW_ARRAY(r->c->arena, uint32_t, l->n_lines);
    if (!keys || !r->sorted)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < l->n_lines; i++)
        keys[i] = (line_key){l->lines[i].from, l->lines[i].from_row, span_of(l, &l->lines[i]), i};
    if (l->n_lines)
        qsort(keys, l->n_lines, sizeof *keys, compare_lines);
    for (uint32_t i = 0; i < l->n_lines; i++)
        r->sorted[i] = keys[i].line;
    return RK_OK;
}

static bool begins_alike(const graph_line *a, const graph_line *b)
{
    return a->from == b->from && a->from_row == b->from_row;
}

/* The greatest length of lines for which all passing places together are few enough. */
static void limit_length(router *r)
{
    const graph_layout *const l = r->c->layout;
    for (r->longest = l->n_levels;; r->longest /= 2) {
        uint64_t passing = 0;
        uint32_t done = 0; /* columns that lines from this place pass already */
        for (uint32_t i = 0; i < l->n_lines; i++) {
            const graph_line *const line = &l->lines[r->sorted[i]];
            const uint32_t span = span_of(l, line);
            if (i == 0 || !begins_alike(line, &l->lines[r->sorted[i - 1]]))
                done = 0;
            if (span < 2 || span > r->longest || span - 1 <= done)
                continue;
            passing += span - 1 - done;
            done = span - 1;
        }
        if (passing <= PASSING_MAX)
            return;
    }
}

static bool add_segment(graph_columns *c, uint32_t left, uint32_t left_row, uint32_t right,
                        uint32_t right_row)
{
    const graph_segment segment = {{left, right}, {left_row, right_row}};
    return rk_vec_push(c->arena, &c->segments, segment);
}

/* Goes on with the passing places of a line until there are `n`; `last` is the latest of them. */
static rk_status pass(router *r, const graph_line *line, uint32_t n, uint32_t *done, uint32_t *last)
{
    graph_columns *const c = r->c;
    for (; *done < n; ++*done) {
        const graph_vertex vertex = {.level = c->layout->boxes[line->from].level + *done + 1,
                                     .box = GRAPH_WHOLE};
        const uint32_t number = c->vertices.len;
        if (!rk_vec_push(c->arena, &c->vertices, vertex) ||
            !add_segment(c, *last, *last == line->from ? line->from_row : GRAPH_WHOLE, number,
                         GRAPH_WHOLE))
            return RK_ENOMEM;
        *last = number;
    }
    return RK_OK;
}

/* Lines from one place share passing places, which are numbered one after the other. `first_y` is
 * the first of them until heights are known. */
static rk_status route(router *r)
{
    graph_columns *const c = r->c;
    const graph_layout *const l = c->layout;
    uint32_t done = 0, last = 0, first = 0;
    for (uint32_t i = 0; i < l->n_lines; i++) {
        graph_line *const line = &l->lines[r->sorted[i]];
        const uint32_t span = span_of(l, line);
        if (i == 0 || !begins_alike(line, &l->lines[r->sorted[i - 1]])) {
            done = 0;
            last = line->from;
            first = c->vertices.len;
        }
        line->first_y = first;
        line->n_y = span && span <= r->longest ? span : 1;
        if (span == 0 || span > r->longest)
            continue;
        RK_TRY(pass(r, line, span - 1, &done, &last));
        const uint32_t from = span == 1 ? line->from : last;
        if (!add_segment(c, from, span == 1 ? line->from_row : GRAPH_WHOLE, line->to, line->to_row))
            return RK_ENOMEM;
    }
    return RK_OK;
}

/* ---- columns ---- */

static rk_status add_boxes(graph_columns *c)
{
    const graph_layout *const l = c->layout;
    for (uint32_t i = 0; i < l->n_boxes; i++) {
        graph_box *const box = &l->boxes[i];
        const graph_vertex vertex = {.level = box->level, .box = i};
        box->row_at = RK_NEW_ARRAY(c->arena, uint32_t, box->n_rows);
        if (!box->row_at || !rk_vec_push(c->arena, &c->vertices, vertex))
            return RK_ENOMEM;
        for (uint32_t row = 0; row < box->n_rows; row++)
            box->row_at[row] = row;
    }
    return RK_OK;
}

/* Vertices by column, in the order of their numbers. */
static rk_status fill_columns(graph_columns *c)
{
    const uint32_t n = c->vertices.len, n_levels = c->layout->n_levels;
    c->first = RK_NEW_ARRAY(c->arena, uint32_t, n_levels + 2u);
    c->order = RK_NEW_ARRAY(c->arena, uint32_t, n);
    if (!c->first || !c->order)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        c->first[c->vertices.items[i].level + 2]++;
    for (uint32_t i = 1; i < n_levels + 2; i++)
        c->first[i] += c->first[i - 1];
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t level = c->vertices.items[i].level;
        const uint32_t at = c->first[level + 1]++;
        c->order[at] = i;
        c->vertices.items[i].at = at - c->first[level];
    }
    return RK_OK;
}

/* Each vertex's segments: those to the left, then those to the right. */
static rk_status join(graph_columns *c)
{
    graph_vertex *const v = c->vertices.items;
    c->joins = RK_NEW_ARRAY(c->arena, uint32_t, 2u * (size_t)c->segments.len);
    if (!c->joins)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < c->segments.len; i++) {
        v[c->segments.items[i].end[GRAPH_LEFT]].n[GRAPH_RIGHT]++;
        v[c->segments.items[i].end[GRAPH_RIGHT]].n[GRAPH_LEFT]++;
    }
    uint32_t at = 0;
    for (uint32_t i = 0; i < c->vertices.len; i++)
        for (int side = 0; side < 2; side++) {
            v[i].first[side] = at;
            at += v[i].n[side];
            v[i].n[side] = 0;
        }
    for (uint32_t i = 0; i < c->segments.len; i++)
        for (int side = 0; side < 2; side++) {
            graph_vertex *const vertex = &v[c->segments.items[i].end[side]];
            c->joins[vertex->first[1 - side] + vertex->n[1 - side]++] = i;
        }
    return RK_OK;
}

/* ---- what is found ---- */

static rk_status collect_ys(const router *r)
{
    const graph_columns *const c = r->c;
    graph_layout *const l = c->layout;
    uint32_t first = 0, n = 0; /* of the lines from one place */
    l->ys.len = 0;
    for (uint32_t i = 0; i < l->n_lines; i++) {
        graph_line *const line = &l->lines[r->sorted[i]];
        const uint32_t passing = line->first_y;
        if (i == 0 || !begins_alike(line, &l->lines[r->sorted[i - 1]])) {
            first = l->ys.len;
            n = 0;
        }
        for (; n < line->n_y; n++) {
            const double y = n == 0 ? graph_port(&l->boxes[line->from], line->from_row)
                                    : c->vertices.items[passing + n - 1].y;
            if (!rk_vec_push(c->arena, &l->ys, y))
                return RK_ENOMEM;
        }
        line->first_y = first;
    }
    return RK_OK;
}

/* Space between two columns: more where lines are steep. */
static double space_after(const graph_columns *c, uint32_t level)
{
    enum { LEAST = 56, MOST = 260 };
    double steepest = 0;
    for (uint32_t i = c->first[level]; i < c->first[level + 1]; i++) {
        const graph_vertex *const vertex = &c->vertices.items[c->order[i]];
        for (uint32_t k = 0; k < vertex->n[GRAPH_RIGHT]; k++) {
            const graph_segment *const s = graph_join(c, vertex, GRAPH_RIGHT, k);
            const graph_vertex *const other = &c->vertices.items[s->end[GRAPH_RIGHT]];
            const graph_box *const a = graph_box_at(c, c->order[i]);
            const graph_box *const b = graph_box_at(c, s->end[GRAPH_RIGHT]);
            const double from = a ? graph_port(a, s->row[GRAPH_LEFT]) : vertex->y;
            const double to = b ? graph_port(b, s->row[GRAPH_RIGHT]) : other->y;
            const double rise = from < to ? to - from : from - to;
            steepest = rise > steepest ? rise : steepest;
        }
    }
    const double space = LEAST + 0.16 * steepest;
    return space < MOST ? space : MOST;
}

static void place_columns(graph_columns *c)
{
    graph_layout *const l = c->layout;
    double x = 0;
    for (uint32_t i = 0; i < l->n_boxes; i++)
        if (l->boxes[i].width > l->level_width[l->boxes[i].level])
            l->level_width[l->boxes[i].level] = l->boxes[i].width;
    for (uint32_t level = 0; level < l->n_levels; level++) {
        l->level_x[level] = x;
        x += l->level_width[level];
        l->width = x;
        if (level + 1 < l->n_levels)
            x += space_after(c, level);
    }
    for (uint32_t i = 0; i < l->n_boxes; i++) {
        l->boxes[i].x = l->level_x[l->boxes[i].level];
        l->boxes[i].width = l->level_width[l->boxes[i].level];
    }
}

static rk_status arrange(graph_layout *layout, rk_arena *arena)
{
    graph_columns columns = {.layout = layout, .arena = arena};
    router r = {.c = &columns};
    layout->level_x = RK_NEW_ARRAY(arena, double, layout->n_levels);
    layout->level_width = RK_NEW_ARRAY(arena, double, layout->n_levels);
    if (!layout->level_x || !layout->level_width)
        return RK_ENOMEM;
    RK_TRY(add_boxes(&columns));
    RK_TRY(sort_lines(&r));
    limit_length(&r);
    RK_TRY(route(&r));
    RK_TRY(fill_columns(&columns));
    RK_TRY(join(&columns));
    RK_TRY(graph_order(&columns));
    RK_TRY(graph_place(&columns));
    place_columns(&columns);
    return collect_ys(&r);
}

/* ---- wide levels ---- */

/* A level that would make the picture much taller than wide takes several columns, its boxes one
 * after the other in each: so every box stays at about its height, and lines to the others pass
 * above or below it. */
enum { WRAPPED_MOST = 20000, FEWEST = 8, COLUMNS_MOST = 64 };

typedef struct level {
    uint32_t n;    /* boxes */
    double height; /* of all of them, one above the other */
    uint32_t columns, first;
} level;

typedef struct ranked {
    uint32_t level;
    double y;
    uint32_t box;
} ranked;

static int compare_ranked(const void *a, const void *b)
{
    const ranked *const left = a, *const right = b;
    if (left->level != right->level)
        return left->level < right->level ? -1 : 1;
    if (left->y != right->y)
        return left->y < right->y ? -1 : 1;
    return left->box < right->box ? -1 : left->box > right->box;
}

static bool is_tall(double width, double height) { return height > 1500 && height > 1.4 * width; }

/* Columns of each level so that none is much higher than `most`; the columns beyond one a level. */
static uint32_t cut(const graph_layout *l, level *levels, double most)
{
    uint32_t extra = 0;
    for (uint32_t i = 0; i < l->n_levels; i++) {
        const bool few = levels[i].n < FEWEST || levels[i].height <= most;
        levels[i].columns = few ? 1 : (uint32_t)(levels[i].height / most) + 1;
        extra += levels[i].columns - 1;
    }
    return extra;
}

/* Finds how often levels must be cut; false when it would not help. */
static bool find_columns(const graph_layout *l, level *levels)
{
    double tallest = 0;
    for (uint32_t i = 0; i < l->n_boxes; i++) {
        level *const at = &levels[l->boxes[i].level];
        at->n++;
        at->height += l->boxes[i].height + l->gap;
    }
    for (uint32_t i = 0; i < l->n_levels; i++)
        if (levels[i].n >= FEWEST && levels[i].height > tallest)
            tallest = levels[i].height;
    const double column = l->width / l->n_levels;
    uint32_t extra = 0;
    for (uint32_t parts = 2; parts <= COLUMNS_MOST; parts++) {
        extra = cut(l, levels, tallest / parts);
        if (!is_tall(l->width + extra * column, 1.3 * tallest / parts))
            break;
    }
    return extra > 0;
}

static rk_status wrap(graph_layout *l, rk_arena *arena)
{
    level *const levels = RK_NEW_ARRAY(arena, level, l->n_levels);
    ranked *const order = RK_NEW_ARRAY(arena, ranked, l->n_boxes);
    if (!levels || !order)
        return RK_ENOMEM;
    if (!find_columns(l, levels))
        return RK_OK;
    for (uint32_t i = 0; i < l->n_boxes; i++)
        order[i] = (ranked){l->boxes[i].level, l->boxes[i].y, i};
    qsort(order, l->n_boxes, sizeof *order, compare_ranked);
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n_levels; i++) {
        levels[i].first = n;
        n += levels[i].columns;
    }
    for (uint32_t i = 0, at = 0; i < l->n_boxes; i++) {
        const level *const own = &levels[order[i].level];
        at = i && order[i - 1].level == order[i].level ? at + 1 : 0;
        l->boxes[order[i].box].level = own->first + at % own->columns;
    }
    l->n_levels = n;
    return arrange(l, arena);
}

rk_status graph_arrange(graph_layout *layout, rk_arena *arena)
{
    if (!layout->n_boxes)
        return RK_OK;
    RK_TRY(arrange(layout, arena));
    if (layout->n_boxes > WRAPPED_MOST || !is_tall(layout->width, layout->height))
        return RK_OK;
    return wrap(layout, arena);
}
