/* What the value of `rankc embed` needs: rows of a source by item.id, and nothing of a request. */
#include "compiler/cmd/embed.h"

#include "compiler/sema/needs.h"

typedef struct search {
    cmd *c;
    cmd_program *program;
    const rk_module *module;
    embed_wish *wish;
    const uint8_t *live; /* [nodes] what the value is made of */
} search;

static rk_str name_of(const search *s, rk_atom name)
{
    return rk_atom_str(&s->module->cx->names, name);
}

static rk_str source_name(const search *s, uint32_t source)
{
    return name_of(s, s->module->sources.items[source].name);
}

static rk_status check_request(const search *s)
{
    rk_buf what = {0};
    rk_buf_printf(&what, "`%.*s`", RK_STR_ARG(s->program->shown.items[0]));
    const rk_status status =
        what.failed ? RK_ENOMEM : rk_needs_no_request(s->module, s->live, rk_buf_str(&what));
    rk_buf_free(&what);
    return status;
}

/* An expression of the command line, or the declaration of a factor: a node may be of another line
 * that says the same. */
static rk_span span_of(const search *s)
{
    const rk_texts *const texts = &s->program->compiled.cx.texts;
    const rk_str option = rk_str_from(cmd_options[CMD_FACTOR].name);
    for (uint32_t i = 0; i < texts->items.len; i++)
        if (rk_str_eq(texts->items.items[i].name, option))
            return (rk_span){i, texts->items.items[i].hidden,
                             (uint32_t)s->program->shown.items[0].len};
    return s->module->factors.items[s->wish->factor].span;
}

static rk_status check_type(const search *s, rk_ref value)
{
    const rk_type type = rk_dag_at(&s->module->dag, value)->type;
    s->wish->vector = type.kind == RK_KIND_VECTOR;
    s->wish->dim = s->wish->vector ? type.dim : 1;
    if (s->wish->vector || type.kind == RK_KIND_FLOAT)
        return RK_OK;
    rk_error(&s->program->compiled.cx.diags, RK_E0205, span_of(s),
             "`%.*s` is %s, and what is kept is a vector(n) or a float",
             RK_STR_ARG(s->program->shown.items[0]), rk_type_text(type).text);
    return RK_EPROGRAM;
}

/* ---- the source ---- */

static rk_status not_used(const search *s, rk_str name)
{
    rk_suggestion suggestion = rk_suggest(name);
    for (uint32_t i = 0; i < s->module->sources.len; i++)
        if (rk_needs_rows(s->module, s->live, i))
            rk_suggest_offer(&suggestion, source_name(s, i));
    return cmd_usage(s->c, "`%.*s` reads no source `%.*s` by item.id%s",
                     RK_STR_ARG(s->program->shown.items[0]), RK_STR_ARG(name),
                     cmd_mean(s->c, &suggestion, ""));
}

static rk_status find_source(const search *s)
{
    const rk_str wanted = s->c->text[CMD_ROWS], shown = s->program->shown.items[0];
    uint32_t found = RK_MAP_NONE, second = RK_MAP_NONE;
    for (uint32_t i = 0; i < s->module->sources.len; i++) {
        if (!rk_needs_rows(s->module, s->live, i) ||
            (s->c->given[CMD_ROWS] && !rk_str_eq(source_name(s, i), wanted)))
            continue;
        second = found == RK_MAP_NONE ? second : i;
        found = found == RK_MAP_NONE ? i : found;
    }
    s->wish->source = found;
    if (found == RK_MAP_NONE && s->c->given[CMD_ROWS])
        return not_used(s, wanted);
    if (found == RK_MAP_NONE)
        return cmd_usage(s->c, "`%.*s` reads no source by item.id, so it has no rows",
                         RK_STR_ARG(shown));
    if (second == RK_MAP_NONE)
        return RK_OK;
    return cmd_usage(s->c, "`%.*s` reads `%.*s` and `%.*s` by item.id: --source says whose rows",
                     RK_STR_ARG(shown), RK_STR_ARG(source_name(s, found)),
                     RK_STR_ARG(source_name(s, second)));
}

rk_status embed_find(cmd *c, cmd_program *program, embed_wish *out)
{
    rk_module *const module = program->compiled.module;
    search s = {.c = c, .program = program, .module = module, .wish = out};
    if (program->factors.len != 1)
        return cmd_usage(c, "--factor takes one factor, and here are %u", program->factors.len);
    out->factor = program->factors.items[0];
    const rk_ref value = module->factors.items[out->factor].value;
    s.live = rk_dag_reachable(&module->dag, &c->arena, &value, 1);
    if (!s.live)
        return RK_ENOMEM;
    const rk_status type = check_type(&s, value), request = check_request(&s);
    cmd_report(c, program);
    RK_TRY(type);
    RK_TRY(request);
    RK_TRY(find_source(&s));
    /* Items are only those of the rows: sources that the value does not read leave none out. */
    for (uint32_t i = 0; i < module->sources.len; i++)
        if (!module->sources.items[i].lookup || !s.live[module->sources.items[i].lookup])
            module->sources.items[i].drop_absent = false;
    return RK_OK;
}
