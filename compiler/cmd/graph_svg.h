/* What the files of the SVG writer share: graph_svg.c lays the graph out and draws lines,
 * graph_shape.c draws nodes, graph_legend.c the style, the title and the legend. Lengths are pixels
 * at the size at which the picture is made. Text within boxes is set in a monospaced font, the one
 * kind whose widths are known wherever the picture is looked at. */
#ifndef RK_CMD_GRAPH_SVG_H
#define RK_CMD_GRAPH_SVG_H

#include "compiler/cmd/graph.h"
#include "compiler/cmd/graph_layout.h"

enum {
    SVG_FONT = 13,      /* names */
    SVG_SMALL = 11,     /* types, notes, definitions */
    SVG_PAD = 10,       /* from the border of a box to its text */
    SVG_HEAD = 40,      /* of a box with rows */
    SVG_ROW = 22,       /* a field */
    SVG_STAGE = 34,     /* a stage, with the space below it */
    SVG_STAGE_GAP = 5,  /* that space */
    SVG_POINT = 5,      /* by which a stage points downwards */
    SVG_INDENT = 20,    /* of a branch's stages */
    SVG_STACK = 3,      /* between the cards of a stack */
    SVG_MARGIN = 24,    /* around the picture */
    SVG_TAG = 8,        /* the slanted end of a label */
    SVG_BADGE = 20,     /* room for the sign of a fold */
    SVG_NAME_MOST = 40, /* columns of a name, beyond which it is cut */
    SVG_FORMULA_MOST = 34,
};

typedef struct svg {
    const graph *g;
    rk_buf *out;
    graph_layout layout;
    uint32_t *box_of; /* [nodes] in the layout, of boxes */
    uint32_t *row_of; /* [nodes] in its box, of parts */
    bool *has_line;   /* [nodes] a line comes in */
    bool *follows;    /* [nodes] a stage with another before it */
    uint32_t *drawn;  /* [nodes] heights of lines from here that are drawn; NULL: each line is
                         drawn whole, as pictures to hover over need it */
    double left, top; /* of the layout in the picture */
    double width, height;
    bool formulas; /* boxes of factors show them */
    bool hover;    /* lines of the node under the pointer are shown up */
} svg;

/* ---- graph_svg.c ---- */

/* "12.5" */
void svg_add_number(rk_buf *out, double value);
/* Text with what XML asks to be written otherwise. */
void svg_add_text(rk_buf *out, rk_str text);
/* Pixels that a text of so many columns takes at most. */
double svg_width(size_t columns, int size);
/* Copies the format, with a number for each `%` in it. */
void svg_put_numbers(svg *s, const char *format, const double *numbers);
#define SVG_PUT(s, format, ...) svg_put_numbers((s), (format), (const double[]){__VA_ARGS__})
/* At most `columns` of it. */
void svg_text(svg *s, const char *class, double x, double y, rk_str text, size_t columns);

/* ---- graph_shape.c ---- */

/* Width, height, ports and rows of a node's box. */
void svg_measure(const svg *s, uint32_t node, graph_box *box);
void svg_draw_node(svg *s, uint32_t node);
/* What leads from the branches of pipelines to the stages that join them. */
void svg_draw_brackets(svg *s);
/* From the border of a stage's box to the stage. */
double svg_inset(const svg *s, uint32_t node);

/* ---- graph_legend.c ---- */

double svg_legend_height(const svg *s);
void svg_add_style(svg *s);
void svg_draw_legend(svg *s);

#endif
