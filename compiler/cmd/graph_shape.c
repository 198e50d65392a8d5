/* What nodes look like. Kinds differ in shape; scope shows in colour, and beside that in the
 * outline: what has one value an item is a stack of cards, what has one a request has round ends.
 */
#include "compiler/cmd/graph_svg.h"

static const graph_node *node_at(const svg *s, uint32_t node) { return &s->g->nodes.items[node]; }

static size_t columns_of(rk_str text, size_t most)
{
    const size_t width = cmd_width(text);
    return width < most ? width : most;
}

static rk_str type_of(const graph_node *node, rk_type_name *room)
{
    *room = rk_type_text(node->type);
    return rk_str_from(room->text);
}

/* ---- sizes ---- */

static double larger(double a, double b) { return a > b ? a : b; }

/* A name, and a type at the other end of the line. */
static double line_width(const graph_node *node)
{
    rk_type_name room;
    double width = svg_width(columns_of(node->name, SVG_NAME_MOST), SVG_FONT) + 2 * SVG_PAD;
    if (node->has_value)
        width += svg_width(type_of(node, &room).len, SVG_SMALL) + 2 * SVG_PAD;
    return width;
}

static double stage_width(const graph_node *node)
{
    double width = svg_width(columns_of(node->name, SVG_NAME_MOST), SVG_FONT) + 2 * SVG_PAD +
                   node->indent * SVG_INDENT + 2 * SVG_PAD;
    if (node->label.len)
        width += svg_width(columns_of(node->label, SVG_NAME_MOST), SVG_SMALL) + 3 * SVG_PAD;
    return width;
}

/* The second line of a box with rows. */
static rk_str note_of(const graph_node *node)
{
    static const char *const notes[GRAPH_KIND_COUNT] = {[GRAPH_QUERY] = "of the request",
                                                        [GRAPH_ITEM] = "of each candidate",
                                                        [GRAPH_PIPELINE] = "pipeline"};
    return node->kind == GRAPH_SOURCE ? node->note : rk_str_from(notes[node->kind]);
}

static void measure_rows(const svg *s, uint32_t node, graph_box *box)
{
    const graph_node *const holder = node_at(s, node);
    const bool stages = holder->kind == GRAPH_PIPELINE;
    box->rows_top = SVG_HEAD + (stages ? SVG_STAGE_GAP : 0);
    box->row_height = stages ? SVG_STAGE : SVG_ROW;
    box->n_rows = holder->n_parts;
    box->free_rows = !stages;
    box->port = SVG_HEAD / 2.0;
    box->height = box->rows_top + box->n_rows * box->row_height + (holder->unused ? SVG_ROW : 0) +
                  (stages ? SVG_PAD : SVG_PAD / 2.0);
    box->width =
        larger(line_width(holder) + 2 * SVG_PAD,
               svg_width(columns_of(note_of(holder), SVG_NAME_MOST), SVG_SMALL) + 4 * SVG_PAD);
    for (uint32_t i = node + 1; i <= node + holder->n_parts; i++)
        box->width =
            larger(box->width, stages ? stage_width(node_at(s, i)) : line_width(node_at(s, i)));
    box->width = larger(box->width, 110);
}

static bool has_formula(const svg *s, const graph_node *node)
{
    return s->formulas && node->kind == GRAPH_FACTOR;
}

void svg_measure(const svg *s, uint32_t number, graph_box *box)
{
    const graph_node *const node = node_at(s, number);
    if (graph_holds(node->kind)) {
        measure_rows(s, number, box);
        return;
    }
    box->width = line_width(node) + (node->folds ? SVG_BADGE : 0);
    box->height = has_formula(s, node) ? 46 : 30;
    if (has_formula(s, node))
        box->width = larger(box->width,
                            svg_width(columns_of(node->definition, SVG_FORMULA_MOST), SVG_SMALL) +
                                2 * SVG_PAD + (node->folds ? SVG_BADGE : 0));
    if (node->kind == GRAPH_MODEL || node->kind == GRAPH_INDEX || node->kind == GRAPH_DEF ||
        node->kind == GRAPH_LABEL)
        box->width += 2 * SVG_PAD;
    box->port = box->height / 2;
}

double svg_inset(const svg *s, uint32_t node)
{
    const graph_node *const part = node_at(s, node);
    return part->kind == GRAPH_STAGE ? SVG_PAD + part->indent * SVG_INDENT : 0;
}

/* ---- pieces ---- */

static void open_group(svg *s, uint32_t number, const char *class)
{
    const graph_node *const node = node_at(s, number);
    rk_buf words = {0};
    rk_buf_printf(s->out, "<g class=\"%s%s\"", class, node->live ? "" : " d");
    if (s->hover)
        rk_buf_printf(s->out, " id=\"n%u\"", number);
    rk_buf_add_chars(s->out, "><title>");
    graph_describe(s->g, node, &words);
    svg_add_text(s->out, rk_buf_str(&words));
    rk_buf_add_chars(s->out, "</title>");
    s->out->failed |= words.failed;
    rk_buf_free(&words);
}

static void close_group(svg *s) { rk_buf_add_chars(s->out, "</g>\n"); }

static void rect(svg *s, const char *class, graph_box at, double radius)
{
    rk_buf_printf(s->out, "<rect class=\"%s\"", class);
    SVG_PUT(s, " x=\"%\" y=\"%\" width=\"%\" height=\"%\" rx=\"%\"/>", at.x, at.y, at.width,
            at.height, radius);
}

/* A card, with others behind it when there is one for each item. */
static void card(svg *s, const graph_box *at, bool stack, double radius)
{
    if (stack) {
        const graph_box behind = {.x = at->x + SVG_STACK,
                                  .y = at->y + SVG_STACK,
                                  .width = at->width,
                                  .height = at->height};
        rect(s, "b", behind, radius);
    }
    rect(s, "b", *at, radius);
}

static void text_at_end(svg *s, double x, double y, rk_str text)
{
    SVG_PUT(s, "<text class=\"s e\" x=\"%\" y=\"%\">", x, y);
    svg_add_text(s->out, text);
    rk_buf_add_chars(s->out, "</text>");
}

/* Where a line comes in. */
static void arrow(svg *s, double x, double y)
{
    SVG_PUT(s, "<path class=\"a\" d=\"M% %l-7-3.5v7z\"/>", x, y);
}

/* Many to one: an aggregate. Up and down: a place among others. */
static void badge(svg *s, const graph_node *node, double x, double y)
{
    SVG_PUT(s, "<circle class=\"o\" cx=\"%\" cy=\"%\" r=\"8\"/>", x, y);
    if (node->scope == RK_SCOPE_ITEM)
        SVG_PUT(s, "<path class=\"g\" d=\"M% %v8m-2-2l2 2 2-2M% %v-8m-2 2l2-2 2 2\"/>", x - 2.5,
                y - 4, x + 2.5, y + 4);
    else
        SVG_PUT(s, "<path class=\"g\" d=\"M% %v-1.5h-6l3.5 3.5-3.5 3.5h6v-1.5\"/>", x + 3, y - 2);
}

/* ---- boxes without rows ---- */

static const char *scope_class(const graph_node *node)
{
    if (node->kind == GRAPH_PIPELINE || node->kind == GRAPH_LABEL)
        return "pipe";
    if (node->kind == GRAPH_MODEL)
        return "model";
    if (node->kind == GRAPH_INDEX)
        return "index";
    if (node->kind == GRAPH_DEF)
        return "plain";
    return node->scope == RK_SCOPE_ITEM    ? "item"
           : node->scope == RK_SCOPE_QUERY ? "query"
                                           : "const";
}

static void draw_factor(svg *s, const graph_node *node, const graph_box *at)
{
    rk_type_name room;
    const bool round = node->scope == RK_SCOPE_QUERY;
    const double x = at->x + SVG_PAD + (node->folds ? SVG_BADGE : 0);
    const bool formula = has_formula(s, node);
    card(s, at, node->scope == RK_SCOPE_ITEM, round ? 15 : node->scope == RK_SCOPE_CONST ? 0 : 4);
    if (node->folds)
        badge(s, node, at->x + SVG_PAD + 7, at->y + at->height / 2);
    svg_text(s, "t n", x, at->y + (formula ? 19 : 19.5), node->name, SVG_NAME_MOST);
    text_at_end(s, at->x + at->width - SVG_PAD, at->y + 19, type_of(node, &room));
    if (formula)
        svg_text(s, "s", x, at->y + 36, node->definition, SVG_FORMULA_MOST);
}

/* A flag. */
static void flag(svg *s, const char *class, double x, double y, double width, double height)
{
    rk_buf_printf(s->out, "<path class=\"%s\" d=\"", class);
    SVG_PUT(s, "M% %h%l% %l% %h%z\"/>", x, y, width - SVG_TAG, SVG_TAG, height / 2, -SVG_TAG,
            height / 2, -(width - SVG_TAG));
}

/* A label is as long as its name, and ends where lines begin. */
static void draw_label(svg *s, const graph_node *node, const graph_box *at)
{
    const double width = line_width(node) + SVG_TAG, x = at->x + at->width - width;
    flag(s, "b", x, at->y, width, at->height);
    svg_text(s, "t", x + SVG_PAD, at->y + at->height / 2 + 4.5, node->name, SVG_NAME_MOST);
}

static void draw_outline(svg *s, const graph_node *node, const graph_box *at)
{
    const double x = at->x, y = at->y, w = at->width, h = at->height, p = SVG_PAD;
    if (node->kind == GRAPH_MODEL) /* a hexagon */
        SVG_PUT(s, "<path class=\"b\" d=\"M% %h%l% %l% %h%l% %z\"/>", x + p, y, w - 2 * p, p, h / 2,
                -p, h / 2, -(w - 2 * p), -p, -h / 2);
    else if (node->kind == GRAPH_INDEX) /* leaning */
        SVG_PUT(s, "<path class=\"b\" d=\"M% %h%l% %h%z\"/>", x + p, y, w - p, -p, h, -(w - p));
    else { /* a def: bars at both ends */
        rect(s, "b", *at, 0);
        SVG_PUT(s, "<path class=\"g\" d=\"M% %v%M% %v%\"/>", x + 5, y, h, x + w - 5, y, h);
    }
    svg_text(s, "t", x + 2 * p, y + h / 2 + 4.5, node->name, SVG_NAME_MOST);
}

/* ---- boxes with rows ---- */

static void draw_field(svg *s, uint32_t number, const graph_box *at)
{
    const graph_node *const node = node_at(s, number);
    rk_type_name room;
    const double y = at->y + at->rows_top + at->row_at[s->row_of[number]] * at->row_height;
    open_group(s, number, "row");
    SVG_PUT(s, "<rect class=\"h\" x=\"%\" y=\"%\" width=\"%\" height=\"%\"/>", at->x + 1, y,
            at->width - 2, at->row_height);
    svg_text(s, "t", at->x + SVG_PAD, y + 15.5, node->name, SVG_NAME_MOST);
    text_at_end(s, at->x + at->width - SVG_PAD, y + 15.5, type_of(node, &room));
    close_group(s);
}

/* A drum beside the name of a source. */
static void drum(svg *s, double x, double y)
{
    SVG_PUT(s,
            "<path class=\"g\" d=\"M% %v10a6 2.5 0 0 0 12 0v-10M% %a6 2.5 0 0 0 12 0a6 2.5 0 0 "
            "0-12 0\"/>",
            x, y, x, y);
}

static void draw_head(svg *s, const graph_node *node, const graph_box *at)
{
    const rk_str note = note_of(node);
    const double x = at->x + SVG_PAD;
    if (node->kind == GRAPH_SOURCE)
        drum(s, at->x + at->width - SVG_PAD - 12, at->y + 12);
    svg_text(s, "t n", x, at->y + 17, node->name, SVG_NAME_MOST);
    svg_text(s, "s", x, at->y + 31, note, SVG_NAME_MOST);
    if (node->n_parts || node->unused)
        SVG_PUT(s, "<path class=\"r\" d=\"M% %h%\"/>", at->x, at->y + SVG_HEAD - 2, at->width);
}

static void draw_fields(svg *s, uint32_t number, const graph_box *at)
{
    const graph_node *const holder = node_at(s, number);
    rk_buf rest = {0};
    card(s, at, holder->scope == RK_SCOPE_ITEM, holder->scope == RK_SCOPE_QUERY ? 12 : 4);
    draw_head(s, holder, at);
    if (holder->unused) {
        rk_buf_printf(&rest, "%s%u not used", holder->n_parts ? "+ " : "", holder->unused);
        svg_text(s, "s", at->x + SVG_PAD, at->y + at->rows_top + at->n_rows * at->row_height + 15,
                 rk_buf_str(&rest), SVG_NAME_MOST);
        s->out->failed |= rest.failed;
        rk_buf_free(&rest);
    }
    for (uint32_t i = number + 1; i <= number + holder->n_parts; i++)
        draw_field(s, i, at);
}

static double stage_top(const svg *s, uint32_t number, const graph_box *at)
{
    return at->y + at->rows_top + s->row_of[number] * at->row_height;
}

/* It points down into the next one. */
static void stage_outline(svg *s, bool follows, double x, double y, double width)
{
    const double h = SVG_STAGE - SVG_STAGE_GAP - SVG_POINT, d = SVG_POINT, t = 2 * SVG_POINT;
    SVG_PUT(s, "<path class=\"b\" d=\"M% %", x, y);
    if (follows)
        SVG_PUT(s, "h%l% %l% %", width / 2 - t, t, d, t, -d);
    SVG_PUT(s, "H%v%h%l% %l% %H%z\"/>", x + width, h, t - width / 2, -t, d, -t, -d, x);
}

static void draw_stage(svg *s, uint32_t number, const graph_box *at)
{
    const graph_node *const node = node_at(s, number);
    const double x = at->x + svg_inset(s, number), w = at->width - SVG_PAD - (x - at->x);
    const double y = stage_top(s, number, at), port = y + SVG_STAGE / 2.0;
    open_group(s, number, "stage");
    stage_outline(s, s->follows[number], x, y, w);
    svg_text(s, "t", x + SVG_PAD, y + 18.5, node->name, SVG_NAME_MOST);
    if (node->label.len) {
        const double width =
            svg_width(columns_of(node->label, SVG_NAME_MOST), SVG_SMALL) + SVG_PAD + SVG_TAG;
        flag(s, "v", x + w - width - 4, y + 4, width, 17);
        svg_text(s, "s", x + w - width + 2, y + 16.5, node->label, SVG_NAME_MOST);
    }
    if (s->has_line[number]) {
        SVG_PUT(s, "<path class=\"m\" d=\"M% %H%\"/>", at->x, port, x);
        arrow(s, x, port);
    }
    close_group(s);
}

static void draw_stages(svg *s, uint32_t number, const graph_box *at)
{
    const graph_node *const holder = node_at(s, number);
    rect(s, "b", *at, 8);
    draw_head(s, holder, at);
    for (uint32_t i = number + 1; i <= number + holder->n_parts; i++)
        draw_stage(s, i, at);
}

static graph_box box_at(const svg *s, uint32_t node)
{
    graph_box at = s->layout.boxes[s->box_of[node]];
    at.x += s->left;
    at.y += s->top;
    return at;
}

/* The last stage of a branch leads past the others to the stage that joins them. */
static void draw_bracket(svg *s, const graph_edge *edge)
{
    const graph_box at = box_at(s, edge->to);
    const double from = stage_top(s, edge->from, &at), to = stage_top(s, edge->to, &at);
    const double x = at.x + svg_inset(s, edge->to) + SVG_INDENT / 2.0;
    const double foot = SVG_STAGE - SVG_STAGE_GAP - SVG_POINT - 4;
    if (node_at(s, edge->from)->indent == node_at(s, edge->to)->indent)
        SVG_PUT(s, "<path class=\"k\" d=\"M% %V%\"/>\n", x, from + foot + 4, to);
    else
        SVG_PUT(s, "<path class=\"k\" d=\"M% %H%V%\"/>\n", at.x + svg_inset(s, edge->from),
                from + foot, x, to);
}

void svg_draw_brackets(svg *s)
{
    for (uint32_t i = 0; i < s->g->edges.len; i++) {
        const graph_edge *const edge = &s->g->edges.items[i];
        if (s->box_of[edge->from] == s->box_of[edge->to] && node_at(s, edge->to)->joins)
            draw_bracket(s, edge);
    }
}

void svg_draw_node(svg *s, uint32_t number)
{
    const graph_node *const node = node_at(s, number);
    const graph_box at = box_at(s, number);
    open_group(s, number, scope_class(node));
    if (node->kind == GRAPH_PIPELINE)
        draw_stages(s, number, &at);
    else if (graph_holds(node->kind))
        draw_fields(s, number, &at);
    else if (node->kind == GRAPH_FACTOR)
        draw_factor(s, node, &at);
    else if (node->kind == GRAPH_LABEL)
        draw_label(s, node, &at);
    else
        draw_outline(s, node, &at);
    if (s->has_line[number])
        arrow(s, at.x, at.y + at.port);
    close_group(s);
}
