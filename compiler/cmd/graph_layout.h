/* Where boxes and lines go: a layered layout from left to right. Boxes stand in columns, one a
 * level. Lines between neighbouring columns are curves; a longer one passes the columns between at
 * places that are kept free for it, and lines from one place share them. graph_order.c puts each
 * column in an order with few crossings, graph_place.c finds heights; graph_layout.c leads. Knows
 * nothing of programs: graph_svg.c draws what comes out. The same boxes give the same layout. */
#ifndef RK_CMD_GRAPH_LAYOUT_H
#define RK_CMD_GRAPH_LAYOUT_H

#include "runtime/base/status.h"
#include "runtime/base/vec.h"

#define GRAPH_WHOLE UINT32_MAX /* a line that meets the box, not one of its rows */

typedef struct graph_box {
    uint32_t level;       /* becomes its column: a level that is too high is given several */
    double width, height; /* given; the width becomes that of the column */
    double port;          /* where lines meet it, from its top */
    double rows_top, row_height;
    uint32_t n_rows;
    bool free_rows;   /* may be put in another order */
    double x, y;      /* found: left, top */
    uint32_t *row_at; /* found: [n_rows] where each row is, counted from the top */
} graph_box;

typedef struct graph_line {
    uint32_t from, to;         /* boxes; the second of a higher level */
    uint32_t from_row, to_row; /* or GRAPH_WHOLE */
    uint32_t first_y; /* found: its heights in `ys`, at `from` and in each column between; lines
                         from one place have the same, as far as they go */
    uint32_t n_y;     /* of them; 1 for a long line too, where the picture is too large for more */
} graph_line;

typedef struct graph_layout {
    graph_box *boxes;
    uint32_t n_boxes;
    graph_line *lines;
    uint32_t n_lines;
    uint32_t n_levels; /* becomes that of columns */
    double gap;        /* least space between boxes of a column */
    double line_gap;   /* the same between lines that pass */
    /* found */
    double *level_x, *level_width; /* [n_levels] of columns */
    RK_VEC(double) ys;
    double width, height;
} graph_layout;

/* Finds everything that is marked so; RK_ENOMEM is all that can go wrong. */
RK_NODISCARD rk_status graph_arrange(graph_layout *layout, rk_arena *arena);

/* The height at which a line meets a box. */
static inline double graph_port(const graph_box *box, uint32_t row)
{
    if (row == GRAPH_WHOLE)
        return box->y + box->port;
    return box->y + box->rows_top + (box->row_at[row] + 0.5) * box->row_height;
}

/* ---- between the three files ---- */

/* What stands in a column: a box, or a line that passes. */
typedef struct graph_vertex {
    uint32_t level;
    uint32_t at;             /* place in its column, from the top */
    uint32_t box;            /* GRAPH_WHOLE: a line */
    double y;                /* of a box, its top */
    uint32_t first[2], n[2]; /* its segments to the left and to the right, in `joins` */
} graph_vertex;

/* A piece of a line, from one column to the next. */
typedef struct graph_segment {
    uint32_t end[2]; /* vertices, left and right */
    uint32_t row[2];
} graph_segment;

typedef struct graph_columns {
    graph_layout *layout;
    rk_arena *arena;
    RK_VEC(graph_vertex) vertices; /* boxes first, with the same numbers */
    RK_VEC(graph_segment) segments;
    uint32_t *joins; /* segments of each vertex */
    uint32_t *first; /* [n_levels + 1] first vertex of a column in `order` */
    uint32_t *order; /* [vertices] by column, from the top */
} graph_columns;

enum { GRAPH_LEFT, GRAPH_RIGHT };

RK_NODISCARD rk_status graph_order(graph_columns *columns);
RK_NODISCARD rk_status graph_place(graph_columns *columns);

static inline const graph_box *graph_box_at(const graph_columns *c, uint32_t vertex)
{
    const uint32_t box = c->vertices.items[vertex].box;
    return box == GRAPH_WHOLE ? NULL : &c->layout->boxes[box];
}
/* A segment of a vertex on one of its sides. */
static inline const graph_segment *graph_join(const graph_columns *c, const graph_vertex *vertex,
                                              int side, uint32_t i)
{
    return &c->segments.items[c->joins[vertex->first[side] + i]];
}

#endif
