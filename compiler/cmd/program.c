/* What check, run, test and plan have in common: a program is read, adjusted by the command line,
 * checked, and what is wrong with it printed. */
#include "compiler/cmd/cmd.h"

#include "compiler/driver/golden.h"
#include "runtime/plan/bundle.h"

/* ---- diagnostics ---- */

void cmd_report_diags(cmd *c, const rk_diags *diags, const rk_texts *texts, uint32_t *printed)
{
    const bool json = !c->diag_text && (cmd_format_is(c, "json") || cmd_format_is(c, "jsonl"));
    rk_diags rest = *diags;
    rest.items.items += *printed;
    rest.items.len -= *printed;
    rk_diags_print(&rest, texts,
                   json           ? RK_DIAG_JSONL
                   : c->err.color ? RK_DIAG_COLOR
                                  : RK_DIAG_TEXT,
                   &c->err.buf);
    *printed = diags->items.len;
}

void cmd_report(cmd *c, cmd_program *program)
{
    const rk_context *const cx = &program->compiled.cx;
    cmd_report_diags(c, &cx->diags, &cx->texts, &program->printed);
}

/* ---- what the command line changes ---- */

/* The next of the expressions of --show, which stand between commas outside of brackets and
 * strings. */
static rk_str next_shown(rk_str *rest)
{
    int depth = 0;
    bool quoted = false;
    size_t at = 0;
    for (; at < rest->len; at++) {
        const char ch = rest->data[at];
        if (quoted && ch == '\\')
            at++;
        else if (ch == '"')
            quoted = !quoted;
        else if (!quoted && strchr("([{", ch))
            depth++;
        else if (!quoted && strchr(")]}", ch))
            depth--;
        else if (!quoted && depth <= 0 && ch == ',')
            break;
    }
    rk_str word = {rest->data, at < rest->len ? at : rest->len};
    const size_t past = word.len + (word.len < rest->len);
    *rest = (rk_str){rest->data + past, rest->len - past};
    while (word.len && word.data[0] == ' ')
        word = (rk_str){word.data + 1, word.len - 1};
    while (word.len && word.data[word.len - 1] == ' ')
        word.len--;
    return word;
}

static rk_status show(cmd *c, cmd_program *program)
{
    const cmd_option_id option = c->given[CMD_FACTOR] ? CMD_FACTOR : CMD_SHOW;
    const rk_str from = rk_str_from(cmd_options[option].name);
    rk_str rest = c->text[option];
    while (rest.len) {
        rk_str name;
        const rk_str word = next_shown(&rest);
        if (!word.len)
            continue;
        RK_TRY(rk_compile_show(&program->compiled, from, word, c->text[CMD_REVISION], &name));
        if (!rk_vec_push(&c->arena, &program->shown, word) ||
            !rk_vec_push(&c->arena, &program->shown_names, name))
            return RK_ENOMEM;
    }
    return RK_OK;
}

static rk_status adjust(cmd *c, cmd_program *program)
{
    rk_status status = RK_OK;
    if (c->given[CMD_REVISION])
        status = rk_compile_revision(&program->compiled, c->text[CMD_REVISION]);
    for (uint32_t i = 0; i < c->pairs[CMD_DEFINE].len && status == RK_OK; i++) {
        const rk_str pair = c->pairs[CMD_DEFINE].items[i];
        const size_t name = (size_t)((const char *)memchr(pair.data, '=', pair.len) - pair.data);
        status = rk_compile_define(&program->compiled, (rk_str){pair.data, name},
                                   (rk_str){pair.data + name + 1, pair.len - name - 1});
    }
    return status == RK_OK ? show(c, program) : status;
}

/* The shown factors as numbers. One that stands in a file must be of the revision in use. */
static rk_status find_shown(cmd *c, cmd_program *program)
{
    const rk_module *const module = program->compiled.module;
    rk_diags *const diags = &program->compiled.cx.diags;
    for (uint32_t i = 0; i < program->shown_names.len; i++) {
        const uint32_t factor = rk_module_factor(module, program->shown_names.items[i]);
        if (factor == RK_MAP_NONE || !rk_vec_push(&c->arena, &program->factors, factor))
            return factor == RK_MAP_NONE ? RK_EBUG : RK_ENOMEM;
        if (program->revision == RK_MAP_NONE ||
            module->revisions.items[program->revision].factors[factor])
            continue;
        rk_error(diags, RK_E0312, module->factors.items[factor].span,
                 "factor `%.*s` is not in revision `%.*s`", RK_STR_ARG(program->shown.items[i]),
                 RK_STR_ARG(c->text[CMD_REVISION]));
        return RK_EPROGRAM;
    }
    return RK_OK;
}

/* ---- reading and checking ---- */

static rk_status read_stdin(cmd *c, rk_compiled *compiled)
{
    rk_mapping mapping;
    if (rk_file_map("/dev/stdin", &mapping) != RK_FILE_FINE) {
        rk_error(&compiled->cx.diags, RK_E0601, RK_NO_SPAN, "standard input cannot be read");
        return RK_EFILE;
    }
    if (!rk_vec_push(&compiled->cx.arena, &compiled->mappings, mapping)) {
        rk_file_unmap(&mapping);
        return RK_ENOMEM;
    }
    if (rk_bundle_is(mapping.text))
        return cmd_refuse_bundle(c, "-");
    return rk_compile_read_text(compiled, RK_STR("<stdin>"), mapping.text);
}

/* Syntax errors do not stop here, so that all errors come out in one run; a file that cannot be
 * read does: every name in it would be unknown. */
static rk_status read_program(cmd *c, const char *path, rk_compiled *compiled)
{
    const bool standard = strcmp(path, "-") == 0;
    if (!standard && cmd_begins_as_bundle(path))
        return cmd_refuse_bundle(c, path);
    const rk_status status = standard ? read_stdin(c, compiled) : rk_compile_read(compiled, path);
    const bool goes_on = status == RK_EPROGRAM || (status == RK_ELIMIT && compiled->files.len > 1);
    return goes_on ? RK_OK : status;
}

static void dump(cmd *c, cmd_program *program, const char *stage, rk_status *status)
{
    rk_compiled *const compiled = &program->compiled;
    if (*status != RK_OK || !rk_str_eq(c->text[CMD_DUMP], rk_str_from(stage)))
        return;
    program->dumped = true;
    if (strcmp(stage, "ast") == 0)
        for (uint32_t i = 1; i < compiled->files.len; i++)
            rk_ast_dump(&compiled->cx, compiled->files.items[i], &c->out.buf);
    if (strcmp(stage, "opt") == 0)
        *status = rk_compile_optimize(compiled);
    if (strcmp(stage, "opt") == 0 || strcmp(stage, "dag") == 0)
        rk_dag_print(&compiled->module->dag, NULL, &compiled->cx.names, &c->out.buf);
}

static rk_status open_program(cmd *c, const char *path, cmd_program *program)
{
    rk_compiled *const compiled = &program->compiled;
    RK_TRY(rk_compiled_init(compiled));
    RK_TRY(read_program(c, path, compiled));
    RK_TRY(adjust(c, program));
    rk_status status = RK_OK;
    dump(c, program, "ast", &status);
    if (program->dumped)
        return rk_diags_status(&compiled->cx.diags);
    RK_TRY(rk_compile_check(compiled));
    if (c->given[CMD_REVISION])
        program->revision = rk_module_revision(compiled->module, c->text[CMD_REVISION]);
    RK_TRY(find_shown(c, program));
    dump(c, program, "dag", &status);
    dump(c, program, "opt", &status);
    return status;
}

rk_status cmd_open(cmd *c, const char *path, cmd_program *program)
{
    *program = (cmd_program){.path = path, .revision = RK_MAP_NONE};
    const rk_status status = open_program(c, path, program);
    cmd_report(c, program);
    return status;
}

rk_status cmd_check_goldens(cmd *c, cmd_program *program)
{
    const rk_status status = rk_golden_check(&program->compiled, c->cpu);
    cmd_report(c, program);
    return status;
}

void cmd_close(cmd_program *program) { rk_compiled_free(&program->compiled); }

/* ---- one pipeline ---- */

static rk_str pipeline_name(const cmd_program *program, uint32_t pipeline)
{
    const rk_module *const module = program->compiled.module;
    return rk_atom_str(&module->cx->names, module->pipelines.items[pipeline].name);
}

static bool is_member(const cmd_program *program, uint32_t pipeline)
{
    const rk_module *const module = program->compiled.module;
    return program->revision == RK_MAP_NONE ||
           module->revisions.items[program->revision].pipelines[pipeline];
}

bool cmd_has_index(const cmd_program *program, uint32_t index)
{
    const rk_module *const module = program->compiled.module;
    const rk_str name = rk_atom_str(&module->cx->names, module->indexes.items[index].name);
    const uint32_t named = rk_outline_find(&module->outline, name);
    return program->revision == RK_MAP_NONE || named == RK_MAP_NONE ||
           module->revisions.items[program->revision].named[named];
}

/* Those of the revision. */
static rk_status list_members(cmd *c, const cmd_program *program, cmd_names *out)
{
    for (uint32_t i = 0; i < program->compiled.module->pipelines.len; i++)
        if (is_member(program, i) && !rk_vec_push(&c->arena, out, pipeline_name(program, i)))
            return RK_ENOMEM;
    return RK_OK;
}

rk_status cmd_pick_pipeline(cmd *c, cmd_program *program, uint32_t *out)
{
    rk_compiled *const compiled = &program->compiled;
    const rk_str name = c->text[CMD_PIPELINE];
    cmd_names members = {0};
    uint32_t member;
    RK_TRY(list_members(c, program, &members));
    *out = c->given[CMD_PIPELINE] ? rk_module_pipeline(compiled->module, name) : RK_MAP_NONE;
    if (*out != RK_MAP_NONE && !is_member(program, *out)) {
        rk_error(&compiled->cx.diags, RK_E0312, compiled->module->pipelines.items[*out].span,
                 "pipeline `%.*s` is not in revision `%.*s`", RK_STR_ARG(name),
                 RK_STR_ARG(c->text[CMD_REVISION]));
        cmd_report(c, program);
        return RK_EPROGRAM;
    }
    RK_TRY(cmd_pick_name(c, &members, &member));
    if (member != RK_MAP_NONE)
        *out = rk_module_pipeline(compiled->module, members.items[member]);
    return RK_OK;
}

/* One plan, of a pipeline of the module; what is shown is called as it was asked for. */
static rk_status plan_one(cmd *c, cmd_program *program, uint32_t pipeline, rk_plan **out)
{
    const rk_plan_request request = {
        .pipeline = pipeline, .shown = program->factors.items, .n_shown = program->factors.len};
    const rk_status status = rk_compile_plan(&program->compiled, &request, out);
    cmd_report(c, program);
    for (uint32_t i = 0; status == RK_OK && i < (*out)->shown.len; i++)
        (*out)->shown.items[i].name = program->shown.items[i];
    return status;
}

rk_status cmd_plan(cmd *c, cmd_program *program, rk_plan **out)
{
    uint32_t pipeline;
    RK_TRY(cmd_pick_pipeline(c, program, &pipeline));
    RK_TRY(plan_one(c, program, pipeline, out));
    if (rk_str_eq(c->text[CMD_DUMP], RK_STR("plan"))) {
        rk_plan_print(*out, &c->out.buf);
        program->dumped = true;
    }
    return RK_OK;
}

rk_status cmd_plan_all(cmd *c, cmd_program *program, cmd_plans *out)
{
    const uint32_t n = program->compiled.module->pipelines.len;
    rk_plan *plan;
    for (uint32_t i = 0; i < n && !c->given[CMD_PIPELINE]; i++) {
        if (!is_member(program, i))
            continue;
        RK_TRY(plan_one(c, program, i, &plan));
        if (!rk_vec_push(&c->arena, out, plan))
            return RK_ENOMEM;
    }
    if (out->len)
        return RK_OK;
    RK_TRY(cmd_plan(c, program, &plan)); /* the named one, or none */
    return rk_vec_push(&c->arena, out, plan) ? RK_OK : RK_ENOMEM;
}
