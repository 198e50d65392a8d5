#include "compiler/cmd/plan_index.h"

/* How it is searched; what a graph's search does beside depends on how many rows pass. */
static const char *way_of(const rk_index_form *form)
{
    return form->kind == RK_INDEX_FLAT
               ? "every search scans all vectors"
               : "searched through its graph; scanned where few rows pass the condition";
}

void plan_index_describe(const rk_plan *plan, uint32_t number, rk_buf *out)
{
    const rk_plan_index *const index = &plan->indexes.items[number];
    const rk_index_form *const form = &index->form;
    rk_buf_printf(out, "index %.*s: %s of %.*s, metric \"%s\", vectors in list %u",
                  RK_STR_ARG(index->name), rk_index_kind_name(form->kind),
                  RK_STR_ARG(plan->sources.items[index->source].name),
                  rk_index_metric_name(form->metric), plan->columns.items[index->vector].list);
    rk_buf_add_chars(out, "\n  ");
    if (index->path.len)
        rk_buf_add_json(out, index->path);
    else
        rk_buf_add_chars(out, "built when the program is loaded");
    rk_buf_printf(out, "; %s", way_of(form));
}

void plan_indexes_json(const rk_plan *plan, rk_buf *out)
{
    rk_buf_add_chars(out, ", \"indexes\": [");
    for (uint32_t i = 0; i < plan->indexes.len; i++) {
        const rk_plan_index *const index = &plan->indexes.items[i];
        rk_buf_printf(out, "%s{\"name\": ", i ? ", " : "");
        rk_buf_add_json(out, index->name);
        rk_buf_printf(out, ", \"kind\": \"%s\", \"metric\": \"%s\", \"source\": ",
                      rk_index_kind_name(index->form.kind),
                      rk_index_metric_name(index->form.metric));
        rk_buf_add_json(out, plan->sources.items[index->source].name);
        rk_buf_add_chars(out, ", \"path\": ");
        if (index->path.len)
            rk_buf_add_json(out, index->path);
        else
            rk_buf_add_chars(out, "null");
        rk_buf_printf(out, ", \"vectors\": %u, \"search\": \"%s\"}",
                      plan->columns.items[index->vector].list,
                      index->form.kind == RK_INDEX_FLAT ? "scan" : "graph");
    }
    rk_buf_add_char(out, ']');
}
