#include "compiler/cmd/graph_svg.h"

#include <math.h>
#include <stdlib.h>

/* ---- text ---- */

void svg_add_number(rk_buf *out, double value)
{
    const long tenths = lround(value * 10);
    rk_buf_printf(out, "%s%ld", tenths < 0 ? "-" : "", labs(tenths) / 10);
    if (labs(tenths) % 10)
        rk_buf_printf(out, ".%ld", labs(tenths) % 10);
}

void svg_put_numbers(svg *s, const char *format, const double *numbers)
{
    for (const char *c = format; *c; c++)
        if (*c == '%')
            svg_add_number(s->out, *numbers++);
        else
            rk_buf_add_char(s->out, *c);
}

/* XML has no way to write control characters: they become their pictures, and what is not UTF-8 or
 * not a character becomes U+FFFD. */
void svg_add_text(rk_buf *out, rk_str text)
{
    for (size_t at = 0; at < text.len;) {
        const size_t start = at;
        const uint32_t c = rk_str_utf8_next(text, &at);
        if (c == '&')
            rk_buf_add_chars(out, "&amp;");
        else if (c == '<')
            rk_buf_add_chars(out, "&lt;");
        else if (c == '>')
            rk_buf_add_chars(out, "&gt;");
        else if (c < 0x20 && c != '\t' && c != '\n')
            rk_buf_printf(out, "&#%u;", 0x2400 + c);
        else if (c == 0x7f)
            rk_buf_add_chars(out, "&#9249;");
        else if (c == 0xfffd || (c >= 0x80 && c < 0xa0) || (c & 0xfffe) == 0xfffe)
            rk_buf_add_chars(out, "&#65533;");
        else
            rk_buf_add(out, (rk_str){text.data + start, at - start});
    }
}

double svg_width(size_t columns, int size) { return (double)columns * size * 0.62; }

void svg_text(svg *s, const char *class, double x, double y, rk_str text, size_t columns)
{
    rk_buf cut = {0};
    graph_add_cut(&cut, text, columns);
    rk_buf_printf(s->out, "<text class=\"%s\"", class);
    SVG_PUT(s, " x=\"%\" y=\"%\">", x, y);
    svg_add_text(s->out, rk_buf_str(&cut));
    rk_buf_add_chars(s->out, "</text>");
    s->out->failed |= cut.failed;
    rk_buf_free(&cut);
}

/* ---- from the graph to the layout ---- */

static rk_status add_boxes(svg *s)
{
    const graph *const g = s->g;
    graph_layout *const l = &s->layout;
    const uint32_t n = g->nodes.len;
    s->box_of = RK_NEW_ARRAY(g->arena, uint32_t, n);
    s->row_of = RK_NEW_ARRAY(g->arena, uint32_t, n);
    l->boxes = RK_NEW_ARRAY(g->arena, graph_box, n);
    if (!s->box_of || !s->row_of || !l->boxes)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t holder = g->nodes.items[i].holder;
        s->row_of[i] = holder == RK_MAP_NONE ? GRAPH_WHOLE : i - holder - 1;
        s->box_of[i] = holder == RK_MAP_NONE ? l->n_boxes : s->box_of[holder];
        if (holder != RK_MAP_NONE)
            continue;
        l->boxes[l->n_boxes].level = g->nodes.items[i].level;
        svg_measure(s, i, &l->boxes[l->n_boxes++]);
    }
    l->n_levels = g->n_levels;
    return RK_OK;
}

/* Within a pipeline, stages follow each other without lines. */
static bool is_inside(const graph *g, const graph_edge *edge)
{
    return graph_box_of(g, edge->from) == graph_box_of(g, edge->to);
}

static rk_status add_lines(svg *s)
{
    const graph *const g = s->g;
    graph_layout *const l = &s->layout;
    l->lines = RK_NEW_ARRAY(g->arena, graph_line, g->edges.len);
    s->has_line = RK_NEW_ARRAY(g->arena, bool, g->nodes.len);
    s->follows = RK_NEW_ARRAY(g->arena, bool, g->nodes.len);
    if (!l->lines || !s->has_line || !s->follows)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < g->edges.len; i++) {
        const graph_edge *const edge = &g->edges.items[i];
        *(is_inside(g, edge) ? &s->follows[edge->to] : &s->has_line[edge->to]) = true;
        if (is_inside(g, edge))
            continue;
        l->lines[l->n_lines++] = (graph_line){.from = s->box_of[edge->from],
                                              .to = s->box_of[edge->to],
                                              .from_row = s->row_of[edge->from],
                                              .to_row = s->row_of[edge->to]};
    }
    return RK_OK;
}

/* ---- lines ---- */

/* From one column to the next, level at both ends. */
static void add_curve(svg *s, double x0, double y0, double x1, double y1)
{
    const double middle = (x0 + x1) / 2;
    if (fabs(y0 - y1) < 0.05)
        SVG_PUT(s, "H%", x1);
    else
        SVG_PUT(s, "C% % % % % %", middle, y0, middle, y1, x1, y1);
}

/* `skip`: heights that another line has drawn. */
static void add_path(svg *s, const graph_line *line, uint32_t skip)
{
    const graph_layout *const l = &s->layout;
    const double *const ys = l->ys.items + line->first_y;
    const graph_box *const to = &l->boxes[line->to];
    uint32_t level = l->boxes[line->from].level + skip;
    double x = s->left + l->level_x[level] + l->level_width[level];
    SVG_PUT(s, "M% %", x, s->top + ys[skip]);
    for (uint32_t i = skip + 1; i < line->n_y; i++) {
        const double left = s->left + l->level_x[++level];
        add_curve(s, x, s->top + ys[i - 1], left, s->top + ys[i]);
        x = left + l->level_width[level];
        SVG_PUT(s, "H%", x);
    }
    add_curve(s, x, s->top + ys[line->n_y - 1], s->left + to->x,
              s->top + graph_port(to, line->to_row));
}

/* Heights of a line that another one from the same place has drawn. */
static uint32_t already_drawn(svg *s, uint32_t from, const graph_line *line)
{
    if (!s->drawn)
        return 0;
    const uint32_t drawn = s->drawn[from];
    if (line->n_y > drawn)
        s->drawn[from] = line->n_y;
    return drawn == 0 ? 0 : (drawn < line->n_y ? drawn : line->n_y) - 1;
}

/* Colour and dashes of a line are those of what it carries. */
static const char *line_class(const graph *g, const graph_edge *edge)
{
    const graph_node *const from = &g->nodes.items[edge->from];
    if (edge->pipe)
        return "p";
    if (from->kind == GRAPH_LABEL)
        return "l";
    if (!from->has_value)
        return "c";
    return from->scope == RK_SCOPE_ITEM ? "i" : from->scope == RK_SCOPE_QUERY ? "q" : "c";
}

static void draw_lines(svg *s, bool live)
{
    const graph *const g = s->g;
    uint32_t at = 0;
    if (s->drawn)
        memset(s->drawn, 0, g->nodes.len * sizeof *s->drawn);
    for (uint32_t i = 0; i < g->edges.len; i++) {
        const graph_edge *const edge = &g->edges.items[i];
        if (is_inside(g, edge))
            continue;
        const graph_line *const line = &s->layout.lines[at++];
        if ((g->nodes.items[edge->from].live && g->nodes.items[edge->to].live) != live)
            continue;
        rk_buf_printf(s->out, "<path class=\"%s%s", line_class(g, edge), live ? "" : " d");
        if (s->hover)
            rk_buf_printf(s->out, " n%u n%u", edge->from, edge->to);
        rk_buf_add_chars(s->out, "\" d=\"");
        add_path(s, line, already_drawn(s, edge->from, line));
        rk_buf_add_chars(s->out, "\"/>\n");
    }
}

/* ---- the whole ---- */

static void open_picture(svg *s)
{
    SVG_PUT(s,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 % %\" width=\"%\" "
            "height=\"%\" role=\"img\">\n<title>",
            s->width, s->height, s->width, s->height);
    svg_add_text(s->out, s->g->file);
    rk_buf_add_chars(s->out, "</title>\n");
    svg_add_style(s);
    SVG_PUT(s, "<rect class=\"paper\" width=\"%\" height=\"%\"/>\n", s->width, s->height);
}

static void draw(svg *s)
{
    const graph *const g = s->g;
    open_picture(s);
    svg_draw_legend(s);
    rk_buf_add_chars(s->out, "<g class=\"lines\">\n");
    draw_lines(s, false);
    draw_lines(s, true);
    rk_buf_add_chars(s->out, "</g>\n<g>\n");
    for (uint32_t i = 0; i < g->nodes.len; i++)
        if (g->nodes.items[i].holder == RK_MAP_NONE)
            svg_draw_node(s, i);
    svg_draw_brackets(s);
    rk_buf_add_chars(s->out, "</g>\n</svg>\n");
}

static bool is_small(const graph *g, uint32_t factors)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->nodes.len; i++)
        n += g->nodes.items[i].kind == GRAPH_FACTOR;
    return n <= factors;
}

static uint64_t count_ys(const graph_layout *l)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < l->n_lines; i++)
        n += l->lines[i].n_y;
    return n;
}

rk_status graph_write_svg(const graph *g, rk_buf *out)
{
    enum { WITH_FORMULAS = 60, WITH_HOVER = 400, WITHOUT_SHARING = 50000, NARROWEST = 760 };
    svg s = {.g = g,
             .out = out,
             .layout = {.gap = 14, .line_gap = 6},
             .left = SVG_MARGIN,
             .formulas = is_small(g, WITH_FORMULAS),
             .hover = g->nodes.len <= WITH_HOVER};
    RK_TRY(add_boxes(&s));
    RK_TRY(add_lines(&s));
    RK_TRY(graph_arrange(&s.layout, g->arena));
    if (count_ys(&s.layout) > WITHOUT_SHARING) {
        s.drawn = RK_NEW_ARRAY(g->arena, uint32_t, g->nodes.len);
        if (!s.drawn)
            return RK_ENOMEM;
    }
    s.width = s.layout.width + 2 * SVG_MARGIN;
    if (s.width < NARROWEST)
        s.width = NARROWEST;
    s.top = SVG_MARGIN + svg_legend_height(&s);
    s.height = s.top + s.layout.height + SVG_MARGIN;
    draw(&s);
    return RK_OK;
}
