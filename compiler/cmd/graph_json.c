/* The graph for other programs. One object:
 *
 *     {"file": "shop.rank", "pipeline": null, "revision": null, "levels": 5,
 *      "nodes": [{"id": 3, "kind": "factor", "name": "p_avg", "in": null, "type": "float?",
 *                 "scope": "query", "level": 3, "live": true, "folds": true, "label": null,
 *                 "doc": "Mean price.", "definition": "avg(p)",
 *                 "span": {"file": "shop.rank", "line": 12, "column": 8}}, …],
 *      "edges": [{"from": 2, "to": 3, "carries": "value"}, …]}
 *
 * Kinds are query, item, source and pipeline, which hold others (`in` is the holder's id), query
 * field, item field, source field and stage, which are held, and factor, def, model, index and
 * label. Type and scope (const, query, item) are null where they say nothing; `folds` is true of a
 * factor that looks at all items. An edge goes from what is read to what reads it and carries a
 * value or candidates. A node is live if a pipeline that is shown needs it. */
#include "compiler/cmd/graph.h"

static void add_pair(rk_buf *out, const char *name, rk_str value)
{
    rk_buf_printf(out, ", \"%s\": ", name);
    if (value.len)
        rk_buf_add_json(out, value);
    else
        rk_buf_add_chars(out, "null");
}

static void add_span(const graph *g, const graph_node *node, rk_buf *out)
{
    rk_buf_add_chars(out, ", \"span\": ");
    if (!node->line) {
        rk_buf_add_chars(out, "null");
        return;
    }
    rk_buf_add_chars(out, "{\"file\": ");
    rk_buf_add_json(out, g->cx->texts.items.items[node->span.file].name);
    rk_buf_printf(out, ", \"line\": %u, \"column\": %u}", node->line, node->column);
}

static void add_node(const graph *g, uint32_t number, rk_buf *out)
{
    static const char *const scopes[] = {"const", "query", "item"};
    const graph_node *const node = &g->nodes.items[number];
    const bool scoped = node->has_value || node->kind <= GRAPH_SOURCE;
    rk_buf_printf(out, "%s\n {\"id\": %u, \"kind\": \"%s\", \"name\": ", number ? "," : "", number,
                  graph_kind_text(g, node));
    rk_buf_add_json(out, node->name);
    if (node->holder == RK_MAP_NONE)
        rk_buf_add_chars(out, ", \"in\": null");
    else
        rk_buf_printf(out, ", \"in\": %u", node->holder);
    add_pair(out, "type",
             node->has_value ? rk_str_from(rk_type_text(node->type).text) : RK_STR(""));
    add_pair(out, "scope", scoped ? rk_str_from(scopes[node->scope]) : RK_STR(""));
    rk_buf_printf(out, ", \"level\": %u, \"live\": %s, \"folds\": %s", node->level,
                  node->live ? "true" : "false", node->folds ? "true" : "false");
    add_pair(out, "label", node->label);
    add_pair(out, "doc", node->doc);
    add_pair(out, "definition", node->definition);
    add_span(g, node, out);
    rk_buf_add_char(out, '}');
}

rk_status graph_write_json(const graph *g, rk_buf *out)
{
    rk_buf_add_chars(out, "{\"file\": ");
    rk_buf_add_json(out, g->file);
    add_pair(out, "pipeline", g->pipeline);
    add_pair(out, "revision", g->revision);
    rk_buf_printf(out, ", \"levels\": %u,\n\"nodes\": [", g->n_levels);
    for (uint32_t i = 0; i < g->nodes.len; i++)
        add_node(g, i, out);
    rk_buf_add_chars(out, "],\n\"edges\": [");
    for (uint32_t i = 0; i < g->edges.len; i++)
        rk_buf_printf(out, "%s\n {\"from\": %u, \"to\": %u, \"carries\": \"%s\"}", i ? "," : "",
                      g->edges.items[i].from, g->edges.items[i].to,
                      g->edges.items[i].pipe ? "candidates" : "value");
    rk_buf_add_chars(out, "]}\n");
    return RK_OK;
}
