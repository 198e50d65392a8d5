/* Levels: how many steps a node is away from the data. */
#include "compiler/cmd/graph.h"

typedef struct leveller {
    graph *g;
    uint32_t *first, *to; /* edges between boxes, by the box that is read */
    uint32_t *waits;      /* [nodes] edges that still come into a box */
    uint32_t *queue;
} leveller;

static bool is_pipeline(const graph *g, uint32_t box)
{
    return g->nodes.items[box].kind == GRAPH_PIPELINE;
}

static rk_status sort_edges(leveller *l)
{
    const graph *const g = l->g;
    const uint32_t n = g->nodes.len;
    l->first = RK_NEW_ARRAY(g->arena, uint32_t, n + 2u);
    l->to = RK_NEW_ARRAY(g->arena, uint32_t, g->edges.len);
    l->waits = RK_NEW_ARRAY(g->arena, uint32_t, n);
    l->queue = RK_NEW_ARRAY(g->arena, uint32_t, n);
    if (!l->first || !l->to || !l->waits || !l->queue)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < g->edges.len; i++)
        l->first[graph_box_of(g, g->edges.items[i].from) + 2]++;
    for (uint32_t i = 1; i < n + 2; i++)
        l->first[i] += l->first[i - 1];
    for (uint32_t i = 0; i < g->edges.len; i++) {
        const uint32_t from = graph_box_of(g, g->edges.items[i].from);
        const uint32_t to = graph_box_of(g, g->edges.items[i].to);
        l->to[l->first[from + 1]++] = to;
        l->waits[to] += from != to; /* stages of one pipeline follow each other within it */
    }
    return RK_OK;
}

/* Boxes in an order in which what is read comes first, each one level above the highest of it. */
static uint32_t follow(leveller *l)
{
    graph *const g = l->g;
    uint32_t len = 0;
    for (uint32_t i = 0; i < g->nodes.len; i++)
        if (g->nodes.items[i].holder == RK_MAP_NONE && !l->waits[i])
            l->queue[len++] = i;
    for (uint32_t at = 0; at < len; at++) {
        const uint32_t box = l->queue[at];
        const uint32_t next = g->nodes.items[box].level + 1;
        for (uint32_t i = l->first[box]; i < l->first[box + 1]; i++) {
            const uint32_t to = l->to[i];
            if (to == box)
                continue;
            if (g->nodes.items[to].level < next)
                g->nodes.items[to].level = next;
            if (--l->waits[to] == 0)
                l->queue[len++] = to;
        }
    }
    return len;
}

/* Defs and labels that read nothing stand just before their first user. */
static void pull_up(leveller *l, uint32_t box)
{
    graph *const g = l->g;
    graph_node *const node = &g->nodes.items[box];
    uint32_t lowest = UINT32_MAX;
    if (node->level || (node->kind != GRAPH_DEF && node->kind != GRAPH_LABEL))
        return;
    for (uint32_t i = l->first[box]; i < l->first[box + 1]; i++)
        if (g->nodes.items[l->to[i]].level < lowest)
            lowest = g->nodes.items[l->to[i]].level;
    if (lowest != UINT32_MAX && lowest > 0)
        node->level = lowest - 1;
}

/* Pipelines stand at the end, those that are built on others behind them. */
static void place_pipelines(leveller *l, uint32_t n_boxes)
{
    graph *const g = l->g;
    uint32_t last = 0, n = 0;
    for (uint32_t i = 0; i < n_boxes; i++)
        if (!is_pipeline(g, l->queue[i]) && g->nodes.items[l->queue[i]].level >= last)
            last = g->nodes.items[l->queue[i]].level + 1;
    for (uint32_t i = 0; i < n_boxes; i++)
        if (is_pipeline(g, l->queue[i]) && g->nodes.items[l->queue[i]].level < last)
            g->nodes.items[l->queue[i]].level = last;
    for (uint32_t at = 0; at < n_boxes;
         at++) { /* the queue has bases before what is built on them */
        const uint32_t box = l->queue[at];
        for (uint32_t i = l->first[box]; is_pipeline(g, box) && i < l->first[box + 1]; i++)
            if (l->to[i] != box && g->nodes.items[l->to[i]].level <= g->nodes.items[box].level)
                g->nodes.items[l->to[i]].level = g->nodes.items[box].level + 1;
    }
    for (uint32_t i = 0; i < n_boxes; i++)
        if (g->nodes.items[l->queue[i]].level >= n)
            n = g->nodes.items[l->queue[i]].level + 1;
    g->n_levels = n;
}

rk_status graph_find_levels(graph *g)
{
    leveller l = {.g = g};
    RK_TRY(sort_edges(&l));
    const uint32_t n_boxes = follow(&l);
    for (uint32_t i = n_boxes; i-- > 0;)
        pull_up(&l, l.queue[i]);
    place_pipelines(&l, n_boxes);
    for (uint32_t i = 0; i < g->nodes.len; i++) {
        graph_node *const node = &g->nodes.items[i];
        node->level = g->nodes.items[graph_box_of(g, i)].level;
        g->has_dead |= !node->live;
    }
    return RK_OK;
}
