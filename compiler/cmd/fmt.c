/* rankc fmt: programs in canonical form. A file is replaced as a whole or not at all. */
#include "compiler/cmd/cmd.h"

#include "runtime/plan/bundle.h"

/* Maps a file, or standard input; a diagnostic when that fails. */
static rk_status read_text(rk_context *cx, const char *path, rk_mapping *out)
{
    const bool standard = strcmp(path, "-") == 0;
    const rk_file_problem problem = rk_file_map(standard ? "/dev/stdin" : path, out);
    if (problem == RK_FILE_FINE)
        return RK_OK;
    rk_error(&cx->diags, RK_E0601, RK_NO_SPAN, "cannot read `%s`: %s", standard ? "<stdin>" : path,
             rk_file_problem_text(problem));
    return RK_EFILE;
}

static rk_status format_text(rk_context *cx, const char *path, rk_str text, rk_buf *out)
{
    rk_ast_file *file = NULL;
    const rk_text entry = {.name = strcmp(path, "-") == 0 ? RK_STR("<stdin>") : rk_str_from(path),
                           .text = text};
    if (!rk_vec_push(&cx->arena, &cx->texts.items, entry))
        return RK_ENOMEM;
    RK_TRY(rk_parse(cx, 0, &file));
    RK_TRY(rk_diags_status(&cx->diags));
    rk_ast_format(cx, file, out);
    return out->failed ? RK_ENOMEM : RK_OK;
}

/* RK_ETEST: with --check, the file is not in canonical form. */
static rk_status put(cmd *c, const char *path, rk_str old, rk_str text)
{
    const bool standard = strcmp(path, "-") == 0;
    const bool same = rk_str_eq(old, text);
    if (c->given[CMD_CHECK_ONLY]) {
        if (!same)
            rk_buf_printf(&c->out.buf, "%s\n", standard ? "<stdin>" : path);
        return same ? RK_OK : RK_ETEST;
    }
    if (standard) {
        rk_buf_add(&c->out.buf, text);
        return RK_OK;
    }
    return same ? RK_OK : cmd_replace_file(c, path, text);
}

static rk_status format_file(cmd *c, const char *path)
{
    rk_context cx;
    rk_buf text = {0};
    rk_mapping mapping = {0};
    uint32_t printed = 0;
    rk_status status = rk_context_init(&cx);
    if (status == RK_OK)
        status = read_text(&cx, path, &mapping);
    if (status == RK_OK && rk_bundle_is(mapping.text))
        status = cmd_refuse_bundle(c, path);
    if (status == RK_OK)
        status = format_text(&cx, path, mapping.text, &text);
    if (status == RK_OK)
        status = put(c, path, mapping.text, rk_buf_str(&text));
    rk_diags_sort(&cx.diags);
    cmd_report_diags(c, &cx.diags, &cx.texts, &printed);
    rk_file_unmap(&mapping);
    rk_buf_free(&text);
    rk_context_free(&cx);
    return status;
}

rk_status cmd_run_fmt(cmd *c)
{
    rk_status worst = RK_OK;
    for (uint32_t i = 0; i < c->files.len && worst != RK_ENOMEM; i++) {
        const rk_status status = format_file(c, c->files.items[i]);
        if (worst == RK_OK || (worst == RK_ETEST && status != RK_OK))
            worst = status;
    }
    return worst;
}
