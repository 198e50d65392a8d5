/* Heights: each vertex is drawn towards its neighbours, lines that pass most of all, so that they
 * run straight; within a column the order and the gaps stay. For one column this is a least-squares
 * problem with an exact answer, found by pooling what wants to overlap. */
#include "compiler/cmd/graph_layout.h"

typedef struct placer {
    graph_columns *c;
    double *want, *weight; /* [vertices] of a column in its order */
    struct pool {
        double sum, weight; /* of wishes, each times its weight */
        uint32_t n;         /* members */
    } * pools;
} placer;

static double height_of(const graph_columns *c, uint32_t vertex)
{
    const graph_box *const box = graph_box_at(c, vertex);
    return box ? box->height : 0;
}

/* From the top of one to the top of the next below it. */
static double distance(const graph_columns *c, uint32_t above, uint32_t below)
{
    const bool lines = !graph_box_at(c, above) && !graph_box_at(c, below);
    const bool boxes = graph_box_at(c, above) && graph_box_at(c, below);
    const graph_layout *const l = c->layout;
    return height_of(c, above) + (lines   ? l->line_gap
                                  : boxes ? l->gap
                                          : (l->gap + l->line_gap) / 2);
}

/* Where a line meets a vertex, from its top. */
static double port_of(const graph_columns *c, uint32_t vertex, uint32_t row)
{
    const graph_box *const box = graph_box_at(c, vertex);
    if (!box)
        return 0;
    return row == GRAPH_WHOLE ? box->port
                              : box->rows_top + (box->row_at[row] + 0.5) * box->row_height;
}

/* What the neighbours on a side ask of a vertex. */
static void add_wishes(const placer *p, uint32_t number, int side, double *sum, double *weight)
{
    const graph_columns *const c = p->c;
    const graph_vertex *const vertex = &c->vertices.items[number];
    for (uint32_t k = 0; k < vertex->n[side]; k++) {
        const graph_segment *const g = graph_join(c, vertex, side, k);
        const uint32_t other = g->end[side];
        const bool here = !graph_box_at(c, number), there = !graph_box_at(c, other);
        const double pull = here && there ? 8 : here || there ? 2 : 1;
        const double y = c->vertices.items[other].y + port_of(c, other, g->row[side]) -
                         port_of(c, number, g->row[1 - side]);
        *sum += pull * y;
        *weight += pull;
    }
}

/* The heights of a column that are nearest to the wishes. */
static void settle(placer *p, const uint32_t *order, uint32_t n)
{
    graph_columns *const c = p->c;
    uint32_t n_pools = 0;
    double offset = 0; /* of a vertex from the first, when all stand close */
    for (uint32_t i = 0; i < n; i++) {
        offset += i ? distance(c, order[i - 1], order[i]) : 0;
        struct pool next = {(p->want[i] - offset) * p->weight[i], p->weight[i], 1};
        while (n_pools &&
               p->pools[n_pools - 1].sum * next.weight > next.sum * p->pools[n_pools - 1].weight) {
            n_pools--;
            next.sum += p->pools[n_pools].sum;
            next.weight += p->pools[n_pools].weight;
            next.n += p->pools[n_pools].n;
        }
        p->pools[n_pools++] = next;
    }
    offset = 0;
    for (uint32_t k = 0, i = 0; k < n_pools; k++)
        for (uint32_t m = 0; m < p->pools[k].n; m++, i++) {
            offset += i ? distance(c, order[i - 1], order[i]) : 0;
            c->vertices.items[order[i]].y = p->pools[k].sum / p->pools[k].weight + offset;
        }
}

/* What has no neighbours stands close to what is above it in its column, or below. */
static double beside(const graph_columns *c, const uint32_t *order, uint32_t n, uint32_t i)
{
    if (i > 0)
        return c->vertices.items[order[i - 1]].y + distance(c, order[i - 1], order[i]);
    if (n > 1)
        return c->vertices.items[order[1]].y - distance(c, order[0], order[1]);
    return 0;
}

static void place_column(placer *p, uint32_t level, bool left, bool right)
{
    graph_columns *const c = p->c;
    const uint32_t *const order = c->order + c->first[level];
    const uint32_t n = c->first[level + 1] - c->first[level];
    for (uint32_t i = 0; i < n; i++) {
        double sum = 0, weight = 0;
        if (left)
            add_wishes(p, order[i], GRAPH_LEFT, &sum, &weight);
        if (right)
            add_wishes(p, order[i], GRAPH_RIGHT, &sum, &weight);
        const graph_vertex *const vertex = &c->vertices.items[order[i]];
        const bool alone = !vertex->n[GRAPH_LEFT] && !vertex->n[GRAPH_RIGHT];
        p->want[i] = weight > 0 ? sum / weight : alone ? beside(c, order, n, i) : vertex->y;
        p->weight[i] = weight > 0 ? weight : 0.01; /* it stays if nobody minds */
    }
    settle(p, order, n);
}

static void stack(const graph_columns *c)
{
    for (uint32_t level = 0; level < c->layout->n_levels; level++) {
        const uint32_t first = c->first[level];
        for (uint32_t i = first; i < c->first[level + 1]; i++)
            c->vertices.items[c->order[i]].y = i == first
                                                   ? 0
                                                   : c->vertices.items[c->order[i - 1]].y +
                                                         distance(c, c->order[i - 1], c->order[i]);
    }
}

static void relax(placer *p)
{
    const uint32_t n = p->c->layout->n_levels;
    const uint32_t size = p->c->segments.len;
    const int rounds = size < 5000 ? 60 : size < 50000 ? 20 : 8;
    for (int round = 0; round < rounds; round++) {
        const bool both = round >= rounds / 3;
        for (uint32_t level = 1; level < n; level++)
            place_column(p, level, true, both);
        for (uint32_t level = n - 1; level-- > 0;)
            place_column(p, level, both, true);
    }
}

/* ---- straight lines ---- */

/* How far a vertex can move up and down where it stands. */
static void room_of(const graph_columns *c, uint32_t number, double *low, double *high)
{
    const graph_vertex *const vertex = &c->vertices.items[number];
    const uint32_t at = c->first[vertex->level] + vertex->at;
    *low = -1e30;
    *high = 1e30;
    if (at > c->first[vertex->level])
        *low = c->vertices.items[c->order[at - 1]].y + distance(c, c->order[at - 1], number);
    if (at + 1 < c->first[vertex->level + 1])
        *high = c->vertices.items[c->order[at + 1]].y - distance(c, number, c->order[at + 1]);
}

/* The next passing place of a line, or GRAPH_WHOLE. */
static uint32_t next_passing(const graph_columns *c, uint32_t number)
{
    const graph_vertex *const vertex = &c->vertices.items[number];
    for (uint32_t k = 0; k < vertex->n[GRAPH_RIGHT]; k++) {
        const uint32_t other = graph_join(c, vertex, GRAPH_RIGHT, k)->end[GRAPH_RIGHT];
        if (!graph_box_at(c, other))
            return other;
    }
    return GRAPH_WHOLE;
}

/* Puts the passing places from one on, as many as have room for it, at one height. */
static uint32_t straighten_from(graph_columns *c, uint32_t start)
{
    double low = -1e30, high = 1e30, sum = 0;
    uint32_t n = 0, end = start;
    for (; end != GRAPH_WHOLE; end = next_passing(c, end)) {
        double a, b;
        room_of(c, end, &a, &b);
        if ((a > low ? a : low) > (b < high ? b : high))
            break;
        low = a > low ? a : low;
        high = b < high ? b : high;
        sum += c->vertices.items[end].y;
        n++;
    }
    const double mean = n ? sum / n : 0;
    const double y = mean < low ? low : mean > high ? high : mean;
    for (uint32_t i = start; n && i != end; i = next_passing(c, i))
        c->vertices.items[i].y = y;
    return n ? end : next_passing(c, start);
}

static bool begins(const graph_columns *c, uint32_t number)
{
    const graph_vertex *const vertex = &c->vertices.items[number];
    return !graph_box_at(c, number) && vertex->n[GRAPH_LEFT] == 1 &&
           graph_box_at(c, graph_join(c, vertex, GRAPH_LEFT, 0)->end[GRAPH_LEFT]);
}

static void straighten(graph_columns *c)
{
    for (uint32_t i = c->layout->n_boxes; i < c->vertices.len; i++)
        for (uint32_t at = begins(c, i) ? i : GRAPH_WHOLE; at != GRAPH_WHOLE;)
            at = straighten_from(c, at);
}

rk_status graph_place(graph_columns *c)
{
    const uint32_t n = c->vertices.len;
    placer p = {.c = c,
                .want = RK_NEW_ARRAY(c->arena, double, n),
                .weight = RK_NEW_ARRAY(c->arena, double, n),
                .pools = rk_arena_array(c->arena, n, sizeof *p.pools)};
    if (!p.want || !p.weight || !p.pools)
        return RK_ENOMEM;
    stack(c);
    relax(&p);
    straighten(c);
    double top = 1e30, bottom = -1e30;
    for (uint32_t i = 0; i < n; i++) {
        const double y = c->vertices.items[i].y;
        top = y < top ? y : top;
        bottom = y + height_of(c, i) > bottom ? y + height_of(c, i) : bottom;
    }
    for (uint32_t i = 0; i < n; i++)
        c->vertices.items[i].y -= top;
    for (uint32_t i = 0; i < c->layout->n_boxes; i++)
        c->layout->boxes[i].y = c->vertices.items[i].y;
    c->layout->height = n ? bottom - top : 0;
    return RK_OK;
}
