/* What a caller changes in a program between reading and checking it: the value of a factor, one
 * more factor to look at, the revision in use. Each is a change of the syntax tree, so the checks
 * are those of any program. */
#include "compiler/rankc.h"

/* A declaration of the files that were read, the prelude excluded. */
static rk_decl *find_decl(const rk_compiled *c, rk_decl_kind kind, rk_str name)
{
    for (uint32_t i = 1; i < c->files.len; i++)
        for (uint32_t k = 0; k < c->files.items[i]->decls.len; k++) {
            rk_decl *const decl = c->files.items[i]->decls.items[k];
            if (decl->kind == kind && decl->name != RK_ATOM_EMPTY &&
                rk_str_eq(rk_atom_str(&c->cx.names, decl->name), name))
                return decl;
        }
    return NULL;
}

static rk_status unknown(rk_compiled *c, rk_diag_code code, rk_decl_kind kind, const char *what,
                         rk_str name)
{
    rk_suggestion suggestion = rk_suggest(name);
    for (uint32_t i = 1; i < c->files.len; i++)
        for (uint32_t k = 0; k < c->files.items[i]->decls.len; k++) {
            const rk_decl *const decl = c->files.items[i]->decls.items[k];
            if (decl->kind == kind)
                rk_suggest_offer(&suggestion, rk_atom_str(&c->cx.names, decl->name));
        }
    rk_diag *const diag = rk_error(&c->cx.diags, code, RK_NO_SPAN, "the program has no %s `%.*s`",
                                   what, RK_STR_ARG(name));
    if (suggestion.best.len)
        rk_diag_help(&c->cx.diags, diag, "did you mean `%.*s`?", RK_STR_ARG(suggestion.best));
    return RK_EUSAGE;
}

/* `factor NAME = VALUE` as a text of its own, called `from` in messages, which show the value
 * alone.
 */
static rk_status parse_factor(rk_compiled *c, const char *name, rk_str from, rk_str value,
                              rk_ast_file **file)
{
    rk_buf text = {0};
    rk_buf_printf(&text, "factor %s =\n", name);
    const uint32_t hidden = (uint32_t)text.len;
    rk_buf_add(&text, value);
    rk_buf_add_char(&text, '\n');
    const char *const kept = text.failed ? NULL : rk_arena_copy(&c->cx.arena, text.data, text.len);
    const char *const kept_from = rk_arena_copy(&c->cx.arena, from.data, from.len);
    const rk_text entry = {
        .name = {kept_from, from.len}, .text = {kept, text.len}, .hidden = hidden};
    rk_buf_free(&text);
    if (!kept || !kept_from || !rk_vec_push(&c->cx.arena, &c->cx.texts.items, entry))
        return RK_ENOMEM;
    const uint32_t number = c->cx.texts.items.len - 1;
    *file = NULL;
    const rk_status status = rk_parse(&c->cx, number, file);
    if (!*file || status != RK_OK)
        return status == RK_OK ? RK_ENOMEM : status;
    if ((*file)->decls.len == 1 && !(*file)->decls.items[0]->broken)
        return RK_OK;
    if (!c->cx.diags.errors)
        rk_error(&c->cx.diags, RK_E0101, (rk_span){number, hidden, (uint32_t)value.len},
                 "one expression is expected");
    return RK_EPROGRAM;
}

static bool is_literal(const rk_ast *ast)
{
    ast = rk_ast_strip(ast);
    switch (ast->kind) {
    case RK_AST_NUMBER:
    case RK_AST_STRING:
    case RK_AST_BOOL:
    case RK_AST_MISSING:
    case RK_AST_INF:
        return true;
    case RK_AST_UNARY:
        return ast->as.unary.op == RK_AST_NEG && is_literal(ast->as.unary.operand);
    case RK_AST_LIST:
        for (uint32_t i = 0; i < ast->as.list.len; i++)
            if (!is_literal(ast->as.list.items[i]))
                return false;
        return true;
    default:
        return false;
    }
}

/* `if true then VALUE else what it was`: the factor keeps its type and scope, and folding takes the
 * rest away. */
static rk_ast *in_place_of(rk_compiled *c, rk_ast *ast, rk_ast *old)
{
    rk_ast *const always = rk_ast_boolean(&c->cx, ast->span, true);
    return rk_ast_branch(&c->cx, ast->span, always, ast, old);
}

static bool is_field(const rk_compiled *c, rk_str name)
{
    for (uint32_t i = 1; i < c->files.len; i++)
        for (uint32_t k = 0; k < c->files.items[i]->decls.len; k++) {
            const rk_decl *const decl = c->files.items[i]->decls.items[k];
            for (uint32_t f = 0; f < decl->n_fields; f++)
                if (rk_str_eq(rk_atom_str(&c->cx.names, decl->fields[f].name), name))
                    return true;
        }
    return false;
}

/* A field has a value of its own for each item; a factor before it can be set. */
static rk_status no_field(rk_compiled *c, rk_str name)
{
    rk_diag *const diag = rk_error(&c->cx.diags, RK_E0301, RK_NO_SPAN,
                                   "`%.*s` is a field, and -D sets factors", RK_STR_ARG(name));
    rk_diag_help(&c->cx.diags, diag, "name a factor after it, and use that: `factor my_%.*s = …`",
                 RK_STR_ARG(name));
    return RK_EUSAGE;
}

rk_status rk_compile_define(rk_compiled *c, rk_str name, rk_str value)
{
    rk_decl *const decl = find_decl(c, RK_DECL_FACTOR, name);
    if (!decl)
        return is_field(c, name) ? no_field(c, name)
                                 : unknown(c, RK_E0301, RK_DECL_FACTOR, "factor", name);
    rk_buf from = {0};
    rk_ast_file *file;
    rk_buf_printf(&from, "-D %.*s", RK_STR_ARG(name));
    const rk_status status =
        from.failed ? RK_ENOMEM : parse_factor(c, "value", rk_buf_str(&from), value, &file);
    rk_buf_free(&from);
    RK_TRY(status);
    rk_ast *const ast = file->decls.items[0]->value;
    if (!is_literal(ast)) {
        rk_diag *const diag = rk_error(&c->cx.diags, RK_E0209, ast->span,
                                       "the value of a factor set from outside is a literal");
        rk_diag_help(&c->cx.diags, diag,
                     "a number, true, false, missing, a list of those, or a \"string\" in quotes");
        return RK_EPROGRAM;
    }
    decl->value = decl->value ? in_place_of(c, ast, decl->value) : ast;
    return RK_OK;
}

rk_status rk_compile_show(rk_compiled *c, rk_str from, rk_str expression, rk_str revision,
                          rk_str *factor)
{
    if (find_decl(c, RK_DECL_FACTOR, expression)) {
        *factor = expression;
        return RK_OK;
    }
    rk_ast_file *file;
    RK_TRY(parse_factor(c, "shown", from, expression, &file));
    rk_buf name = {0};
    rk_decl *const decl = file->decls.items[0];
    rk_buf_printf(&name, "shown %.*s", RK_STR_ARG(expression)); /* no name has a space in it */
    rk_status status = name.failed ? RK_ENOMEM : RK_OK;
    if (status == RK_OK)
        status = rk_atom_intern(&c->cx.names, rk_buf_str(&name), &decl->name);
    rk_buf_free(&name);
    RK_TRY(status);
    decl->beside = true;
    RK_TRY(rk_atom_intern(&c->cx.names, revision, &decl->within));
    *factor = rk_atom_str(&c->cx.names, decl->name);
    if (find_decl(c, RK_DECL_FACTOR, *factor))
        return RK_OK; /* asked for twice */
    char *const no_path = NULL;
    const bool kept =
        rk_vec_push(&c->cx.arena, &c->files, file) && rk_vec_push(&c->cx.arena, &c->paths, no_path);
    return kept ? RK_OK : RK_ENOMEM;
}

/* The others stay to be built upon, but nothing is said about them. */
rk_status rk_compile_revision(rk_compiled *c, rk_str name)
{
    if (!find_decl(c, RK_DECL_REVISION, name))
        return unknown(c, RK_E0311, RK_DECL_REVISION, "revision", name);
    for (uint32_t i = 1; i < c->files.len; i++)
        for (uint32_t k = 0; k < c->files.items[i]->decls.len; k++) {
            rk_decl *const decl = c->files.items[i]->decls.items[k];
            if (decl->kind == RK_DECL_REVISION &&
                !rk_str_eq(rk_atom_str(&c->cx.names, decl->name), name))
                decl->broken = true;
        }
    return RK_OK;
}
