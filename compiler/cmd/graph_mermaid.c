/* The graph in the language of Mermaid, for pages of Markdown. Sources and pipelines are subgraphs.
 */
#include "compiler/cmd/graph.h"

/* Inside double quotes: what Mermaid or HTML would take for its own is written by its number. */
static void add_quoted(rk_buf *out, rk_str text)
{
    for (size_t at = 0; at < text.len;) {
        const size_t start = at;
        const uint32_t c = rk_str_utf8_next(text, &at);
        if (c < 0x80 && c > 0x20 && strchr("\"#&<>`\\;", (int)c))
            rk_buf_printf(out, "#%u;", c);
        else if (c == 0xfffd)
            rk_buf_add_chars(out, "\xef\xbf\xbd");
        else
            cmd_add_plain(out, (rk_str){text.data + start, at - start});
    }
}

/* What stands around the text of a node. */
static void brackets(const graph_node *node, const char **left, const char **right)
{
    static const struct {
        const char *left, *right;
    } shapes[GRAPH_KIND_COUNT] = {
        [GRAPH_QUERY] = {"[", "]"},    [GRAPH_ITEM] = {"[", "]"},     [GRAPH_SOURCE] = {"[(", ")]"},
        [GRAPH_FIELD] = {"[", "]"},    [GRAPH_FACTOR] = {"[", "]"},   [GRAPH_DEF] = {"[[", "]]"},
        [GRAPH_MODEL] = {"{{", "}}"},  [GRAPH_INDEX] = {"[/", "/]"},  [GRAPH_LABEL] = {">", "]"},
        [GRAPH_PIPELINE] = {"[", "]"}, [GRAPH_STAGE] = {"[\\", "/]"},
    };
    const bool round = node->kind == GRAPH_FACTOR && node->scope == RK_SCOPE_QUERY;
    *left = round ? "([" : shapes[node->kind].left;
    *right = round ? "])" : shapes[node->kind].right;
}

static const char *class_of(const graph_node *node)
{
    if (node->kind >= GRAPH_LABEL)
        return "stage";
    if (!node->has_value)
        return "plain";
    return node->scope == RK_SCOPE_ITEM    ? "item"
           : node->scope == RK_SCOPE_QUERY ? "query"
                                           : "plain";
}

static void add_node(const graph *g, uint32_t number, rk_buf *out)
{
    const graph_node *const node = &g->nodes.items[number];
    const char *left, *right;
    brackets(node, &left, &right);
    rk_buf_printf(out, "  n%u%s\"", number, left);
    add_quoted(out, node->name);
    if (node->has_value)
        rk_buf_printf(out, ": %s", rk_type_text(node->type).text);
    if (node->label.len)
        rk_buf_printf(out, " as %.*s", RK_STR_ARG(node->label));
    rk_buf_printf(out, "\"%s:::%s%s\n", right, class_of(node), node->live ? "" : "Dead");
}

static void add_holder(const graph *g, uint32_t number, rk_buf *out)
{
    const graph_node *const node = &g->nodes.items[number];
    if (!node->n_parts) {
        add_node(g, number, out);
        return;
    }
    rk_buf_printf(out, "  subgraph n%u[\"", number);
    add_quoted(out, node->name);
    if (node->note.len)
        rk_buf_add_chars(out, ": ");
    add_quoted(out, node->note);
    rk_buf_add_chars(out, "\"]\n");
    for (uint32_t i = number + 1; i <= number + node->n_parts; i++)
        add_node(g, i, out);
    rk_buf_add_chars(out, "  end\n");
}

static const char *arrow(const graph *g, const graph_edge *edge)
{
    if (edge->pipe)
        return "==>";
    return g->nodes.items[edge->from].kind == GRAPH_LABEL ? "-.->" : "-->";
}

rk_status graph_write_mermaid(const graph *g, rk_buf *out)
{
    rk_buf_add_chars(out, "flowchart LR\n");
    for (uint32_t i = 0; i < g->nodes.len; i++) {
        const graph_node *const node = &g->nodes.items[i];
        if (graph_holds(node->kind))
            add_holder(g, i, out);
        else if (node->holder == RK_MAP_NONE)
            add_node(g, i, out);
    }
    for (uint32_t i = 0; i < g->edges.len; i++) {
        const graph_edge *const edge = &g->edges.items[i];
        rk_buf_printf(out, "  n%u %s n%u\n", graph_end_of(g, edge->from), arrow(g, edge), edge->to);
    }
    static const struct {
        const char *name, *style;
    } classes[] = {{"item", "fill:#eaf2fe,stroke:#3a6db5,color:#1c2430"},
                   {"query", "fill:#fff4df,stroke:#b2710f,color:#1c2430"},
                   {"stage", "fill:#dcf1e4,stroke:#2c7a4f,color:#1c2430"},
                   {"plain", "fill:#f2f3f5,stroke:#7d8794,color:#1c2430"}};
    for (size_t i = 0; i < RK_ARRAY_LEN(classes); i++)
        rk_buf_printf(out,
                      "  classDef %s %s\n  classDef %sDead %s,opacity:0.4,stroke-dasharray:4\n",
                      classes[i].name, classes[i].style, classes[i].name, classes[i].style);
    return RK_OK;
}
