/* The whole compiler in order: read, parse, resolve, optimise, lower. Nothing else knows the order.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>

#include "compiler/opt/opt.h"
#include "compiler/rankc.h"
#include "stdlib/fn.h"

/* ---- times ---- */

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* What is done from `start` on counts for a phase; a phase within it must not count twice. */
static void add_time(double *phase, double start) { *phase += cpu_seconds() - start; }

/* ---- texts ---- */

static rk_status add_text(rk_compiled *c, rk_str name, rk_str text, uint32_t *number)
{
    const rk_text entry = {.name = name, .text = text};
    *number = c->cx.texts.items.len;
    if (text.len >= UINT32_MAX / 2) {
        rk_error(&c->cx.diags, RK_E0704, RK_NO_SPAN,
                 "`%.*s` is too large: a program has at most 2 GB", RK_STR_ARG(name));
        return RK_ELIMIT;
    }
    return rk_vec_push(&c->cx.arena, &c->cx.texts.items, entry) ? RK_OK : RK_ENOMEM;
}

/* `path` is where relative paths start; NULL for a text from memory. */
static rk_status parse(rk_compiled *c, rk_str name, rk_str text, char *path)
{
    uint32_t number;
    rk_ast_file *file = NULL;
    RK_TRY(add_text(c, name, text, &number));
    const double start = cpu_seconds();
    const rk_status status = rk_parse(&c->cx, number, &file);
    add_time(&c->times.parse, start);
    if (!file)
        return status;
    const bool kept =
        rk_vec_push(&c->cx.arena, &c->files, file) && rk_vec_push(&c->cx.arena, &c->paths, path);
    return kept ? RK_OK : RK_ENOMEM; /* syntax errors are in the diagnostics */
}

/* Reads one file. `span` is of the import that asks for it. */
static rk_status read_file(rk_compiled *c, const char *path, rk_span span)
{
    const rk_str *const known = rk_files_find(c->known, rk_str_from(path));
    rk_mapping mapping = {0};
    const rk_file_problem problem = known ? RK_FILE_FINE : rk_file_map(path, &mapping);
    if (problem != RK_FILE_FINE) {
        rk_error(&c->cx.diags, RK_E0601, span, "cannot read `%s`: %s", path,
                 rk_file_problem_text(problem));
        return RK_OK;
    }
    if (!known && !rk_vec_push(&c->cx.arena, &c->mappings, mapping)) {
        rk_file_unmap(&mapping);
        return RK_ENOMEM;
    }
    char room[PATH_MAX];
    const char *const real = realpath(path, room) ? room : path;
    char *const kept = rk_arena_copy(&c->cx.arena, real, strlen(real));
    const char *const name = rk_arena_copy(&c->cx.arena, path, strlen(path));
    if (!kept || !name)
        return RK_ENOMEM;
    return parse(c, rk_str_from(name), known ? *known : mapping.text, kept);
}

static bool is_read(const rk_compiled *c, const char *path)
{
    char room[PATH_MAX];
    const char *const real = realpath(path, room) ? room : path;
    for (uint32_t i = 0; i < c->paths.len; i++)
        if (c->paths.items[i] && strcmp(c->paths.items[i], real) == 0)
            return true;
    return false;
}

/* Imports of all files read so far, each once. */
static rk_status read_imports(rk_compiled *c)
{
    for (uint32_t i = 1; i < c->files.len; i++) {
        const rk_ast_file *const file = c->files.items[i];
        for (uint32_t k = 0; k < file->decls.len; k++) {
            const rk_decl *const decl = file->decls.items[k];
            if (decl->kind != RK_DECL_IMPORT || decl->broken)
                continue;
            const rk_str from = c->cx.texts.items.items[file->file].name;
            const char *const path = rk_path_relative(&c->cx.arena, from, decl->text);
            if (!path)
                return RK_ENOMEM;
            if (!is_read(c, path))
                RK_TRY(read_file(c, path, decl->text_span));
        }
    }
    return RK_OK;
}

/* ---- the line ---- */

rk_status rk_compiled_init(rk_compiled *c)
{
    *c = (rk_compiled){0};
    c->models = &c->own_models;
    RK_TRY(rk_context_init(&c->cx));
    return parse(c, RK_STR("<prelude>"), rk_prelude(), NULL);
}

void rk_compiled_free(rk_compiled *c)
{
    for (uint32_t i = 0; i < c->mappings.len; i++)
        rk_file_unmap(&c->mappings.items[i]);
    rk_models_free(&c->own_models);
    rk_context_free(&c->cx);
}

rk_status rk_compile_read(rk_compiled *c, const char *path)
{
    const double start = cpu_seconds(), parsed = c->times.parse;
    if (!is_read(c, path))
        RK_TRY(read_file(c, path, RK_NO_SPAN));
    RK_TRY(read_imports(c));
    add_time(&c->times.read, start + (c->times.parse - parsed));
    return rk_diags_status(&c->cx.diags);
}

rk_status rk_compile_read_text(rk_compiled *c, rk_str name, rk_str text)
{
    RK_TRY(parse(c, name, text, NULL));
    RK_TRY(read_imports(c));
    return rk_diags_status(&c->cx.diags);
}

rk_status rk_compile_check(rk_compiled *c)
{
    const double start = cpu_seconds();
    RK_TRY(rk_resolve(&c->cx, c->files.items, c->files.len, c->models, &c->module));
    add_time(&c->times.check, start);
    rk_diags_sort(&c->cx.diags);
    return rk_diags_status(&c->cx.diags);
}

rk_status rk_compile_optimize(rk_compiled *c)
{
    if (c->module->optimized)
        return RK_OK;
    c->module->optimized = true;
    const double start = cpu_seconds();
    const rk_status status = rk_optimize(c->module);
    add_time(&c->times.optimize, start);
    return status;
}

rk_status rk_compile_plan(rk_compiled *c, const rk_plan_request *request, rk_plan **out)
{
    RK_TRY(rk_compile_optimize(c));
    const double start = cpu_seconds();
    const rk_status status = rk_lower(c->module, request, out);
    add_time(&c->times.lower, start);
    return status;
}
