/* Who is declared where: the name space of declarations, the short names of fields, the labels of
 * pipelines. Names declared twice are reported here. */
#include "compiler/sema/sema.h"

rk_str sema_name(const sema *s, rk_atom name) { return rk_atom_str(&s->cx->names, name); }

uint32_t sema_declared(const sema *s, rk_atom name)
{
    return name < s->n_names && s->declared[name] ? s->declared[name] - 1 : RK_MAP_NONE;
}

uint32_t sema_def_of(const sema *s, rk_atom name)
{
    const uint32_t decl = sema_declared(s, name);
    if (decl != RK_MAP_NONE && s->decls.items[decl].ast->kind == RK_DECL_DEF)
        return decl;
    return name < s->n_names && s->prelude[name] ? s->prelude[name] - 1 : RK_MAP_NONE;
}

const sema_field *sema_short(const sema *s, rk_atom name)
{
    return name < s->n_names && s->shorts[name] ? &s->fields.items[s->shorts[name] - 1] : NULL;
}

rk_str sema_join_names(sema *s, rk_str owner, rk_str name)
{
    char *const text = rk_arena_alloc(s->arena, owner.len + name.len + 2);
    if (!text)
        return name;
    memcpy(text, owner.data, owner.len);
    text[owner.len] = '.';
    memcpy(text + owner.len + 1, name.data, name.len);
    return (rk_str){text, owner.len + name.len + 1};
}

rk_str sema_long_name(const sema *s, const sema_field *field)
{
    const rk_str owner = field->owner == SEMA_OWNER_ITEM ? RK_STR("item")
                         : field->owner == SEMA_OWNER_QUERY
                             ? RK_STR("query")
                             : sema_name(s, s->decls.items[field->decl].ast->name);
    return sema_join_names((sema *)s, owner, sema_name(s, field->name));
}

static void error_twice(sema *s, rk_span span, rk_str name, rk_span first)
{
    rk_diag *const diag =
        rk_error(&s->cx->diags, RK_E0304, span, "`%.*s` is declared twice", RK_STR_ARG(name));
    rk_diag_label(&s->cx->diags, diag, "again");
    rk_diag_note(&s->cx->diags, diag, first, "`%.*s` is declared first", RK_STR_ARG(name));
}

static rk_status add_decl(sema *s, const rk_decl *ast, bool prelude)
{
    const sema_decl decl = {.ast = ast, .broken = ast->broken, .prelude = prelude};
    const uint32_t number = s->decls.len;
    if (!rk_vec_push(s->arena, &s->decls, decl))
        return RK_ENOMEM;
    const bool has_fields =
        ast->kind == RK_DECL_QUERY || ast->kind == RK_DECL_ITEM || ast->kind == RK_DECL_SOURCE;
    s->lost_fields |= ast->broken && has_fields;
    if (ast->name == RK_ATOM_EMPTY)
        return RK_OK;
    uint32_t *const table = prelude ? s->prelude : s->declared;
    if (table[ast->name] == 0)
        table[ast->name] = number + 1;
    else {
        s->decls.items[number].broken = true;
        error_twice(s, ast->name_span, sema_name(s, ast->name),
                    s->decls.items[table[ast->name] - 1].ast->name_span);
    }
    return RK_OK;
}

/* A field that has a short name of its own: those of sources and of the item. */
static rk_status add_field(sema *s, sema_field field)
{
    uint32_t *const slot = &s->shorts[field.name];
    field.next = *slot ? *slot - 1 : UINT32_MAX;
    if (!rk_vec_push(s->arena, &s->fields, field))
        return RK_ENOMEM;
    *slot = s->fields.len;
    return RK_OK;
}

/* Fields of the query have no short name; `index` counts within the schema across blocks. */
static rk_status add_fields(sema *s, uint32_t number, uint32_t *n_items)
{
    const rk_decl *const ast = s->decls.items[number].ast;
    const rk_atom id = rk_atom_find(&s->cx->names, RK_STR("id"));
    for (uint32_t i = 0; i < ast->n_fields; i++) {
        const rk_ast_field *const field = &ast->fields[i];
        if (ast->kind == RK_DECL_QUERY) {
            s->queries[field->name] = number + 1;
            continue;
        }
        sema_field entry = {
            .name = field->name, .decl = number, .index = i, .span = field->name_span};
        entry.owner = ast->kind == RK_DECL_ITEM ? SEMA_OWNER_ITEM : SEMA_OWNER_SOURCE;
        if (ast->kind == RK_DECL_ITEM)
            entry.index = field->name == id ? UINT32_MAX : (*n_items)++;
        RK_TRY(add_field(s, entry));
    }
    return RK_OK;
}

static void mark_labels(sema *s, const rk_ast *ast)
{
    switch (ast->kind) {
    case RK_AST_LABEL:
        s->labels[ast->as.label.name] = 1;
        mark_labels(s, ast->as.label.pipe);
        break;
    case RK_AST_PIPE:
        mark_labels(s, ast->as.binary.left);
        mark_labels(s, ast->as.binary.right);
        break;
    case RK_AST_PAREN:
        mark_labels(s, ast->as.unary.operand);
        break;
    case RK_AST_IF:
        mark_labels(s, ast->as.branch.yes);
        mark_labels(s, ast->as.branch.no);
        break;
    case RK_AST_CALL:
        for (uint32_t i = 0; i < ast->as.call.n_args; i++)
            mark_labels(s, ast->as.call.args[i].value);
        break;
    default:
        break;
    }
}

/* A factor of a field's name would hide the field. */
static void check_hidden_fields(sema *s)
{
    for (uint32_t i = 0; i < s->decls.len; i++) {
        const rk_decl *const ast = s->decls.items[i].ast;
        const sema_field *const field = ast->name ? sema_short(s, ast->name) : NULL;
        if (!field || ast->kind != RK_DECL_FACTOR)
            continue;
        rk_diag *const diag =
            rk_error(&s->cx->diags, RK_E0305, ast->name_span, "factor `%.*s` takes a field's name",
                     RK_STR_ARG(sema_name(s, ast->name)));
        rk_diag_note(&s->cx->diags, diag, field->span, "`%.*s` is a field",
                     RK_STR_ARG(sema_long_name(s, field)));
        rk_diag_help(&s->cx->diags, diag, "give the factor a name of its own");
        s->declared[ast->name] = 0; /* elsewhere the name means the field */
    }
}

static rk_status collect_file(sema *s, const rk_ast_file *file, bool prelude)
{
    for (uint32_t i = 0; i < file->decls.len; i++) {
        const rk_decl *const ast = file->decls.items[i];
        RK_TRY(add_decl(s, ast, prelude));
        if (ast->value && (ast->kind == RK_DECL_PIPELINE || ast->kind == RK_DECL_DEF))
            mark_labels(s, ast->value);
    }
    return RK_OK;
}

rk_status sema_collect(sema *s, rk_ast_file *const *files, uint32_t n, const rk_ast_file *prelude)
{
    s->n_names = rk_atoms_count(&s->cx->names);
    s->declared = RK_NEW_ARRAY(s->arena, uint32_t, s->n_names);
    s->prelude = RK_NEW_ARRAY(s->arena, uint32_t, s->n_names);
    s->shorts = RK_NEW_ARRAY(s->arena, uint32_t, s->n_names);
    s->queries = RK_NEW_ARRAY(s->arena, uint32_t, s->n_names);
    s->labels = RK_NEW_ARRAY(s->arena, uint32_t, s->n_names);
    if (!s->declared || !s->prelude || !s->shorts || !s->queries || !s->labels)
        return RK_ENOMEM;
    RK_TRY(collect_file(s, prelude, true));
    for (uint32_t i = 0; i < n; i++)
        RK_TRY(collect_file(s, files[i], false));
    uint32_t n_items = 0;
    for (uint32_t i = 0; i < s->decls.len; i++) {
        const rk_decl_kind kind = s->decls.items[i].ast->kind;
        if (kind == RK_DECL_QUERY || kind == RK_DECL_ITEM || kind == RK_DECL_SOURCE)
            RK_TRY(add_fields(s, i, &n_items));
    }
    check_hidden_fields(s);
    return RK_OK;
}
