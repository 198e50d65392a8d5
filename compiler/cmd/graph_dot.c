/* The graph in the language of graphviz. Sources and pipelines are clusters. */
#include "compiler/cmd/graph.h"

/* Inside double quotes; graphviz reads entities of HTML there. */
static void add_quoted(rk_buf *out, rk_str text)
{
    for (size_t at = 0; at < text.len;) {
        const size_t start = at;
        const uint32_t c = rk_str_utf8_next(text, &at);
        if (c == '"' || c == '\\')
            rk_buf_printf(out, "\\%c", (int)c);
        else if (c == '&')
            rk_buf_add_chars(out, "&amp;");
        else if (c == '\n')
            rk_buf_add_chars(out, "\\n");
        else if (c == 0xfffd)
            rk_buf_add_chars(out, "\xef\xbf\xbd");
        else
            cmd_add_plain(out, (rk_str){text.data + start, at - start});
    }
}

static const char *shape(const graph_node *node)
{
    static const char *const shapes[GRAPH_KIND_COUNT] = {
        [GRAPH_SOURCE] = "cylinder", [GRAPH_FIELD] = "plaintext", [GRAPH_FACTOR] = "box",
        [GRAPH_DEF] = "component",   [GRAPH_MODEL] = "hexagon",   [GRAPH_INDEX] = "parallelogram",
        [GRAPH_LABEL] = "cds",       [GRAPH_STAGE] = "invhouse",
    };
    return node->kind == GRAPH_FACTOR && node->scope == RK_SCOPE_ITEM ? "box3d"
                                                                      : shapes[node->kind];
}

static const char *colors(const graph_node *node)
{
    if (node->kind == GRAPH_STAGE || node->kind == GRAPH_LABEL)
        return "color=\"#2c7a4f\", fillcolor=\"#dcf1e4\"";
    if (!node->has_value)
        return "color=\"#7d8794\", fillcolor=\"#f2f3f5\"";
    return node->scope == RK_SCOPE_ITEM    ? "color=\"#3a6db5\", fillcolor=\"#eaf2fe\""
           : node->scope == RK_SCOPE_QUERY ? "color=\"#b2710f\", fillcolor=\"#fff4df\""
                                           : "color=\"#7d8794\", fillcolor=\"#f2f3f5\"";
}

static const char *style(const graph_node *node)
{
    const bool round = node->kind == GRAPH_FACTOR && node->scope == RK_SCOPE_QUERY;
    if (!node->live)
        return round ? "filled,rounded,dashed" : "filled,dashed";
    return round ? "filled,rounded" : "filled";
}

static void add_node(const graph *g, uint32_t number, const char *indent, rk_buf *out)
{
    const graph_node *const node = &g->nodes.items[number];
    rk_buf tooltip = {0};
    graph_describe(g, node, &tooltip);
    rk_buf_printf(out, "%sn%u [label=\"", indent, number);
    add_quoted(out, node->name);
    if (node->has_value)
        rk_buf_printf(out, ": %s", rk_type_text(node->type).text);
    if (node->label.len)
        rk_buf_printf(out, " as %.*s", RK_STR_ARG(node->label));
    rk_buf_printf(out, "\", shape=%s, style=\"%s\", %s%s, tooltip=\"", shape(node), style(node),
                  colors(node), node->live ? "" : ", fontcolor=\"#8a94a0\"");
    add_quoted(out, rk_buf_str(&tooltip));
    rk_buf_add_chars(out, "\"];\n");
    out->failed |= tooltip.failed;
    rk_buf_free(&tooltip);
}

static void add_holder(const graph *g, uint32_t number, rk_buf *out)
{
    const graph_node *const node = &g->nodes.items[number];
    rk_buf_printf(out, "  subgraph cluster_%u {\n    label=\"", number);
    if (node->kind != GRAPH_SOURCE)
        add_quoted(out, node->name);
    add_quoted(out, node->note);
    rk_buf_printf(out, "\"; color=\"%s\"; style=rounded;\n",
                  node->kind == GRAPH_PIPELINE ? "#2c7a4f" : "#7d8794");
    if (node->kind == GRAPH_SOURCE || !node->n_parts)
        add_node(g, number, "    ", out);
    for (uint32_t i = number + 1; i <= number + node->n_parts; i++)
        add_node(g, i, "    ", out);
    rk_buf_add_chars(out, "  }\n");
}

rk_status graph_write_dot(const graph *g, rk_buf *out)
{
    rk_buf_add_chars(out, "digraph \"");
    add_quoted(out, g->file);
    rk_buf_add_chars(out, "\" {\n  rankdir=LR;\n  node [fontname=\"monospace\", fontsize=11];\n"
                          "  edge [color=\"#7d8794\"];\n");
    for (uint32_t i = 0; i < g->nodes.len; i++) {
        const graph_node *const node = &g->nodes.items[i];
        if (graph_holds(node->kind))
            add_holder(g, i, out);
        else if (node->holder == RK_MAP_NONE)
            add_node(g, i, "  ", out);
    }
    for (uint32_t i = 0; i < g->edges.len; i++) {
        const graph_edge *const edge = &g->edges.items[i];
        rk_buf_printf(out, "  n%u -> n%u%s;\n", graph_end_of(g, edge->from), edge->to,
                      edge->pipe ? " [penwidth=3, color=\"#9bcfb1\"]" : "");
    }
    rk_buf_add_chars(out, "}\n");
    return RK_OK;
}
