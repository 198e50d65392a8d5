/* rankc graph: what its files share. graph_build.c makes the graph of a checked program from its
 * outline (compiler/sema/outline.h); each form that it can be written in has a file of its own,
 * with a row in the table of graph.c. Fields are drawn within the source or block that holds them,
 * and stages within their pipeline: a holder's parts follow it in the list of nodes. */
#ifndef RK_CMD_GRAPH_H
#define RK_CMD_GRAPH_H

#include "compiler/cmd/cmd.h"

typedef enum graph_kind {
    GRAPH_QUERY, /* the blocks: hold fields */
    GRAPH_ITEM,
    GRAPH_SOURCE, /* holds fields */
    GRAPH_FIELD,
    GRAPH_FACTOR,
    GRAPH_DEF,
    GRAPH_MODEL,
    GRAPH_INDEX,
    GRAPH_LABEL,    /* of stages, where factors read it */
    GRAPH_PIPELINE, /* holds stages */
    GRAPH_STAGE,
    GRAPH_KIND_COUNT
} graph_kind;

typedef struct graph_node {
    graph_kind kind;
    uint32_t holder;  /* that it is part of, or RK_MAP_NONE */
    uint32_t n_parts; /* that follow it */
    uint32_t level;   /* one more than the highest of what it reads; parts have their holder's */
    bool live;        /* some pipeline that is shown needs it */
    bool folds;       /* looks at all items (rk_named) */
    bool has_value;   /* type and scope say something */
    uint8_t scope;
    rk_type type;
    rk_str name;       /* a stage's: its call, without the pipe that comes in */
    rk_str long_name;  /* products.price; "" for stages */
    rk_str note;       /* a source's kind and key */
    rk_str label;      /* a stage's, or "" */
    rk_str doc;        /* may be empty */
    rk_str definition; /* after the `=`, on one line; "" */
    rk_span span;
    uint32_t line, column; /* of the span, from 1; 0: it has no place */
    uint32_t indent;       /* of a stage: branches that it is within */
    bool joins;            /* a stage with several pipes coming in */
    uint32_t unused;       /* of a holder: fields that nothing shown reads, which are left out */
} graph_node;

typedef struct graph_edge {
    uint32_t from, to; /* what is read, and who reads it */
    bool pipe;         /* candidates go along it, not values */
} graph_edge;

typedef struct graph {
    const rk_context *cx;
    rk_arena *arena;
    rk_str file, pipeline, revision; /* "" where all are shown */
    RK_VEC(graph_node) nodes;
    RK_VEC(graph_edge) edges;
    uint32_t n_levels;
    bool has_dead;
} graph;

/* What to draw of a program. */
typedef struct graph_request {
    const rk_module *module;
    uint32_t pipeline;      /* in the outline; RK_MAP_NONE: all */
    const uint8_t *members; /* of the revision: [outline] 1; NULL: all */
} graph_request;

/* Fills nodes, edges and levels. */
RK_NODISCARD rk_status graph_build(const graph_request *request, graph *out);
/* The last parts of it. */
RK_NODISCARD rk_status graph_find_levels(graph *g);
void graph_find_places(graph *g);

static inline bool graph_holds(graph_kind kind)
{
    return kind <= GRAPH_SOURCE || kind == GRAPH_PIPELINE;
}
/* The holder of a part, else the node itself. */
static inline uint32_t graph_box_of(const graph *g, uint32_t node)
{
    return g->nodes.items[node].holder == RK_MAP_NONE ? node : g->nodes.items[node].holder;
}

/* Where candidates leave a node: those of a pipeline at its last stage. */
static inline uint32_t graph_end_of(const graph *g, uint32_t node)
{
    return g->nodes.items[node].kind == GRAPH_PIPELINE ? node + g->nodes.items[node].n_parts : node;
}

/* "source field", "stage" …; "one value an item" … */
const char *graph_kind_text(const graph *g, const graph_node *node);
const char *graph_scope_text(uint8_t scope);

/* At most `columns` of a text, the last of them `…` when it is longer. */
void graph_add_cut(rk_buf *out, rk_str text, size_t columns);
/* What there is to know of a node, in lines: name and type, doc, definition, place. */
void graph_describe(const graph *g, const graph_node *node, rk_buf *out);

/* ---- one writer a form ---- */

RK_NODISCARD rk_status graph_write_svg(const graph *g, rk_buf *out);
RK_NODISCARD rk_status graph_write_dot(const graph *g, rk_buf *out);
RK_NODISCARD rk_status graph_write_mermaid(const graph *g, rk_buf *out);
RK_NODISCARD rk_status graph_write_json(const graph *g, rk_buf *out);

#endif
