/* Words about nodes, the same in every form. */
#include "compiler/cmd/graph.h"

const char *graph_kind_text(const graph *g, const graph_node *node)
{
    static const char *const texts[GRAPH_KIND_COUNT] = {
        [GRAPH_QUERY] = "query",       [GRAPH_ITEM] = "item",     [GRAPH_SOURCE] = "source",
        [GRAPH_FIELD] = "field",       [GRAPH_FACTOR] = "factor", [GRAPH_DEF] = "def",
        [GRAPH_MODEL] = "model",       [GRAPH_INDEX] = "index",   [GRAPH_LABEL] = "label",
        [GRAPH_PIPELINE] = "pipeline", [GRAPH_STAGE] = "stage",
    };
    if (node->kind != GRAPH_FIELD || node->holder == RK_MAP_NONE)
        return texts[node->kind];
    const graph_kind holder = g->nodes.items[node->holder].kind;
    return holder == GRAPH_QUERY  ? "query field"
           : holder == GRAPH_ITEM ? "item field"
                                  : "source field";
}

const char *graph_scope_text(uint8_t scope)
{
    static const char *const texts[] = {[RK_SCOPE_CONST] = "a constant",
                                        [RK_SCOPE_QUERY] = "one value a request",
                                        [RK_SCOPE_ITEM] = "one value an item"};
    return texts[scope];
}

/* The bytes of the first `columns` columns. */
static size_t prefix(rk_str text, size_t columns)
{
    size_t at = 0, width = 0;
    while (at < text.len) {
        size_t next = at;
        rk_str_utf8_next(text, &next);
        width += cmd_width((rk_str){text.data + at, next - at});
        if (width > columns)
            break;
        at = next;
    }
    return at;
}

void graph_add_cut(rk_buf *out, rk_str text, size_t columns)
{
    if (prefix(text, columns) == text.len) {
        rk_buf_add(out, text);
        return;
    }
    rk_buf_add(out, (rk_str){text.data, prefix(text, columns - 1)});
    rk_buf_add_chars(out, "\xe2\x80\xa6"); /* … */
}

/* Nodes come in the order of the text, mostly, so it is read once. */
typedef struct counter {
    uint32_t file, at, line, column; /* columns count code points, as in diagnostics */
} counter;

static void go_to(const graph *g, counter *c, rk_span span)
{
    const rk_str text = g->cx->texts.items.items[span.file].text;
    if (c->line == 0 || c->file != span.file || c->at > span.at)
        *c = (counter){.file = span.file, .line = 1, .column = 1};
    for (; c->at < span.at && c->at < text.len; c->at++) {
        const bool ends = text.data[c->at] == '\n';
        const bool inside = ((unsigned char)text.data[c->at] & 0xc0) == 0x80; /* a code point */
        c->line += ends;
        c->column = ends ? 1 : c->column + !inside;
    }
}

void graph_find_places(graph *g)
{
    counter c = {0};
    for (uint32_t i = 0; i < g->nodes.len; i++) {
        graph_node *const node = &g->nodes.items[i];
        if (node->span.file == RK_NO_FILE)
            continue;
        go_to(g, &c, node->span);
        node->line = c.line;
        node->column = c.column;
    }
}

void graph_describe(const graph *g, const graph_node *node, rk_buf *out)
{
    enum { LONGEST = 2000 }; /* columns of a text in a tooltip */
    const rk_str name = node->long_name.len ? node->long_name : node->name;
    rk_buf_printf(out, "%s ", graph_kind_text(g, node));
    graph_add_cut(out, name, LONGEST);
    if (node->has_value)
        rk_buf_printf(out, ": %s, %s%s", rk_type_text(node->type).text,
                      graph_scope_text(node->scope), node->folds ? ", from all items" : "");
    if (node->label.len)
        rk_buf_printf(out, " as %.*s", RK_STR_ARG(node->label));
    if (node->doc.len) {
        rk_buf_add_char(out, '\n');
        graph_add_cut(out, node->doc, LONGEST);
    }
    if (node->definition.len) {
        rk_buf_add_chars(out, "\n= ");
        graph_add_cut(out, node->definition, LONGEST);
    }
    if (node->unused)
        rk_buf_printf(out, "\n%u more field%s, not used", node->unused,
                      node->unused == 1 ? "" : "s");
    if (!node->live)
        rk_buf_add_chars(out, "\nnot needed by any pipeline shown");
    if (node->line)
        rk_buf_printf(out, "\n%.*s:%u", RK_STR_ARG(g->cx->texts.items.items[node->span.file].name),
                      node->line);
}
