/* rankc graph: who reads whom in a program, as a picture or as text for other programs. */
#include "compiler/cmd/graph.h"

#include "compiler/cmd/compile.h"

typedef struct form {
    const char *name;
    rk_status (*write)(const graph *g, rk_buf *out);
} form;

static const form forms[] = {
    {"svg", graph_write_svg},
    {"dot", graph_write_dot},
    {"mermaid", graph_write_mermaid},
    {"json", graph_write_json},
};

static const form *find_form(const cmd *c)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(forms); i++)
        if (rk_str_eq(c->text[CMD_FORMAT], rk_str_from(forms[i].name)))
            return &forms[i];
    return &forms[0];
}

/* The last part of a path. */
static rk_str base_name(const char *path)
{
    const char *const slash = strrchr(path, '/');
    return rk_str_from(slash && slash[1] ? slash + 1 : path);
}

/* The pipelines to draw: the named one, or all of the revision. */
static rk_status pick(compilation *k, graph_request *request)
{
    const rk_module *const module = k->program.compiled.module;
    uint32_t pipeline;
    request->module = module;
    request->pipeline = RK_MAP_NONE;
    if (k->program.revision != RK_MAP_NONE)
        request->members = module->revisions.items[k->program.revision].named;
    if (!k->c->given[CMD_PIPELINE])
        return RK_OK;
    RK_TRY(cmd_pick_pipeline(k->c, &k->program, &pipeline));
    for (uint32_t i = 0; i < module->outline.items.len; i++)
        if (module->outline.items.items[i].kind == RK_NAMED_PIPELINE &&
            module->outline.items.items[i].number == pipeline)
            request->pipeline = i;
    return RK_OK;
}

static rk_status draw(compilation *k)
{
    cmd *const c = k->c;
    graph_request request = {0};
    graph g = {.cx = &k->program.compiled.cx,
               .arena = &c->arena,
               .file = base_name(k->path),
               .pipeline = c->text[CMD_PIPELINE],
               .revision = c->text[CMD_REVISION]};
    rk_buf text = {0};
    RK_TRY(pick(k, &request));
    RK_TRY(graph_build(&request, &g));
    rk_status status = find_form(c)->write(&g, &text);
    if (status == RK_OK && text.failed)
        status = RK_ENOMEM;
    if (status == RK_OK)
        status = cmd_write_output(k, NULL, rk_buf_str(&text));
    rk_buf_free(&text);
    return status;
}

rk_status cmd_run_graph(cmd *c)
{
    compilation k = {.c = c, .path = c->files.items[0]};
    rk_status status = cmd_open(c, k.path, &k.program);
    if (status == RK_OK && !k.program.dumped)
        status = draw(&k);
    cmd_close(&k.program);
    return status;
}
