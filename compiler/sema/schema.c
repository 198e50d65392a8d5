/* What the blocks of fields say: types, defaults, columns; the kind and arguments of sources. */
#include "compiler/sema/sema.h"

enum { VECTOR_MAX = 65536 };

static rk_type bad_type(sema *s, const rk_ast_type *ast)
{
    const rk_str name = sema_name(s, ast->name);
    rk_suggestion suggestion = rk_suggest(name);
    for (uint8_t kind = RK_KIND_BOOL; kind <= RK_KIND_LIST; kind++)
        rk_suggest_offer(&suggestion, rk_str_from(rk_kind_text(kind)));
    rk_diag *const diag =
        rk_error(&s->cx->diags, RK_E0208, ast->span, "unknown type `%.*s`", RK_STR_ARG(name));
    if (suggestion.best.len)
        rk_diag_help(&s->cx->diags, diag, "did you mean `%.*s`?", RK_STR_ARG(suggestion.best));
    else
        rk_diag_help(&s->cx->diags, diag,
                     "types are bool, int, float, double, string, vector(n), list(T)");
    return (rk_type){0};
}

static rk_type vector_type(sema *s, const rk_ast_type *ast)
{
    int64_t n = 0;
    const bool fits = ast->size && ast->size->kind == RK_AST_NUMBER &&
                      rk_str_to_int(ast->size->as.number.digits, &n) && n >= 1 && n <= VECTOR_MAX;
    if (!fits)
        rk_error(&s->cx->diags, RK_E0208, ast->span,
                 "a vector has a length from 1 to %d: vector(64)", VECTOR_MAX);
    return fits ? (rk_type){.kind = RK_KIND_VECTOR, .dim = (uint32_t)n, .optional = ast->optional}
                : (rk_type){0};
}

static rk_type list_type(sema *s, const rk_ast_type *ast)
{
    const rk_type elem = ast->of ? sema_type(s, ast->of) : (rk_type){0};
    if (ast->of && elem.kind == RK_KIND_NONE)
        return elem;
    if (rk_kind_is_scalar(elem.kind) && !elem.optional)
        return (rk_type){.kind = RK_KIND_LIST, .elem = elem.kind, .optional = ast->optional};
    rk_error(&s->cx->diags, RK_E0208, ast->span,
             "a list has elements of a plain scalar type: list(int)");
    return (rk_type){0};
}

rk_type sema_type(sema *s, const rk_ast_type *ast)
{
    const rk_kind kind = rk_kind_find(sema_name(s, ast->name));
    if (kind == RK_KIND_VECTOR)
        return vector_type(s, ast);
    if (kind == RK_KIND_LIST)
        return list_type(s, ast);
    if (kind == RK_KIND_NONE || ast->of || ast->size)
        return bad_type(s, ast);
    return (rk_type){.kind = (uint8_t)kind, .optional = ast->optional};
}

/* No name, no call: what can be typed before anything else is known. */
static bool is_closed(const rk_ast *ast)
{
    switch (ast->kind) {
    case RK_AST_NUMBER:
    case RK_AST_STRING:
    case RK_AST_BOOL:
    case RK_AST_MISSING:
    case RK_AST_ERROR:
    case RK_AST_INF:
        return true;
    case RK_AST_PAREN:
    case RK_AST_UNARY:
        return is_closed(ast->as.unary.operand);
    case RK_AST_BINARY:
        return is_closed(ast->as.binary.left) && is_closed(ast->as.binary.right);
    case RK_AST_LIST:
        for (uint32_t i = 0; i < ast->as.list.len; i++)
            if (!is_closed(ast->as.list.items[i]))
                return false;
        return true;
    default:
        return false;
    }
}

bool sema_closed_constant(sema *s, const rk_ast *ast, rk_type type, const char *what, rk_value *out)
{
    if (!is_closed(ast)) {
        rk_error(&s->cx->diags, RK_E0209, ast->span, "%s must be a constant", what);
        return false;
    }
    const rk_ref ref = sema_expr_as(s, NULL, ast, type, what);
    if (!ref || !sema_constant(s, ref, ast->span, what, out))
        return false;
    *out = rk_value_convert(*out, rk_type_opt(out->type, false));
    out->type = rk_type_opt(type, false);
    return true;
}

static bool read_field(sema *s, const rk_ast_field *ast, rk_field *out)
{
    out->name = sema_name(s, ast->name);
    out->column = ast->from.data ? ast->from : out->name;
    out->span = ast->name_span;
    out->type = sema_type(s, &ast->type);
    if (!ast->initial || out->type.kind == RK_KIND_NONE)
        return out->type.kind != RK_KIND_NONE;
    out->has_initial = sema_closed_constant(s, ast->initial, out->type, "a default", &out->initial);
    if (out->has_initial && out->initial.missing)
        out->has_initial = false; /* `= missing` says what `?` says */
    else if (out->type.optional && out->has_initial) {
        rk_diag *const diag =
            rk_warning(&s->cx->diags, RK_W0801, ast->initial->span,
                       "`%.*s` has a default, so it is never missing", RK_STR_ARG(out->name));
        rk_diag_help(&s->cx->diags, diag, "take the `?` or the default away");
        out->type.optional = false;
    }
    return true;
}

static void check_doubles(sema *s, const rk_schema *schema, uint32_t i)
{
    for (uint32_t j = 0; j < i; j++)
        if (rk_str_eq(schema->fields[j].name, schema->fields[i].name)) {
            rk_diag *const diag =
                rk_error(&s->cx->diags, RK_E0304, schema->fields[i].span,
                         "field `%.*s` is declared twice", RK_STR_ARG(schema->fields[i].name));
            rk_diag_note(&s->cx->diags, diag, schema->fields[j].span, "it is declared first");
            return;
        }
}

/* `id` of a request's items is their id and nothing else. */
static void check_column(sema *s, const rk_ast_field *ast)
{
    if (rk_str_eq(ast->from, RK_STR("id")))
        rk_error(&s->cx->diags, RK_E0304, ast->from_span,
                 "`id` of a request's items is `item.id`, and no other field");
}

/* The fields of one block, at the end of a schema with room for them. */
static void append_fields(sema *s, rk_schema *schema, const rk_decl *ast, rk_atom skip)
{
    for (uint32_t i = 0; i < ast->n_fields; i++) {
        if (ast->fields[i].name == skip && skip != RK_MAP_NONE)
            continue;
        read_field(s, &ast->fields[i], &schema->fields[schema->n]);
        check_doubles(s, schema, schema->n);
        if (ast->kind == RK_DECL_ITEM)
            check_column(s, &ast->fields[i]);
        schema->n++;
    }
}

static void read_id(sema *s, const rk_ast_field *ast)
{
    rk_module *const m = s->module;
    const rk_type type = sema_type(s, &ast->type);
    const bool fits = type.kind == RK_KIND_INT || type.kind == RK_KIND_STRING;
    if (m->id_type.kind != RK_KIND_NONE) {
        rk_diag *const diag =
            rk_error(&s->cx->diags, RK_E0304, ast->name_span, "field `id` is declared twice");
        rk_diag_note(&s->cx->diags, diag, m->id_span, "it is declared first");
        return;
    }
    if ((type.kind != RK_KIND_NONE && !fits) || type.optional || ast->initial)
        rk_error(&s->cx->diags, RK_E0313, ast->span,
                 "`item.id` is a plain int or string without a default");
    else if (ast->from.data)
        rk_error(&s->cx->diags, RK_E0313, ast->from_span, "requests call `item.id` always `id`");
    /* A wrong one is told once: from here on there is an id. */
    m->id_type = fits ? rk_type_opt(type, false) : RK_TYPE(INT);
    m->id_span = ast->name_span;
}

rk_status sema_schemas(sema *s)
{
    rk_module *const m = s->module;
    const rk_atom id = rk_atom_find(&s->cx->names, RK_STR("id"));
    uint32_t n_query = 0, n_item = 0;
    for (uint32_t i = 0; i < s->decls.len; i++) {
        const rk_decl *const ast = s->decls.items[i].ast;
        n_query += ast->kind == RK_DECL_QUERY ? ast->n_fields : 0;
        n_item += ast->kind == RK_DECL_ITEM ? ast->n_fields : 0;
    }
    m->query.fields = RK_NEW_ARRAY(s->arena, rk_field, n_query);
    m->item.fields = RK_NEW_ARRAY(s->arena, rk_field, n_item);
    if (!m->query.fields || !m->item.fields)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < s->decls.len; i++) {
        const rk_decl *const ast = s->decls.items[i].ast;
        if (ast->kind == RK_DECL_QUERY)
            append_fields(s, &m->query, ast, RK_MAP_NONE);
        if (ast->kind != RK_DECL_ITEM)
            continue;
        append_fields(s, &m->item, ast, id);
        for (uint32_t f = 0; f < ast->n_fields; f++)
            if (ast->fields[f].name == id)
                read_id(s, &ast->fields[f]);
    }
    return RK_OK;
}

/* ---- sources ---- */

static bool string_arg(sema *s, const rk_ast *ast, const char *what, rk_str *out)
{
    if (ast->kind == RK_AST_STRING) {
        *out = ast->as.string;
        return true;
    }
    rk_error(&s->cx->diags, RK_E0205, ast->span, "%s is a string in quotes", what);
    return false;
}

static bool read_keys(sema *s, const rk_ast *ast, rk_source_info *source)
{
    const rk_ast *const stripped = rk_ast_strip(ast);
    const bool tuple = stripped->kind == RK_AST_TUPLE;
    source->n_keys = tuple ? stripped->as.list.len : 1;
    source->keys = RK_NEW_ARRAY(s->arena, rk_str, source->n_keys);
    source->key_types = RK_NEW_ARRAY(s->arena, rk_type, source->n_keys);
    if (!source->keys || !source->key_types)
        return false;
    for (uint32_t i = 0; i < source->n_keys; i++)
        if (!string_arg(s, tuple ? stripped->as.list.items[i] : stripped, "a key column",
                        &source->keys[i]))
            return false;
    return true;
}

static bool read_absent(sema *s, const rk_ast *ast, rk_source_info *source)
{
    rk_str text;
    if (!string_arg(s, ast, "`absent:`", &text))
        return false;
    source->drop_absent = rk_str_eq(text, RK_STR("drop"));
    if (source->drop_absent)
        return true;
    rk_error(&s->cx->diags, RK_E0205, ast->span, "`absent:` is \"drop\" or left out");
    return false;
}

/* A path from the folder of the file that names it. */
static bool path_arg(sema *s, const rk_ast *ast, const char *what, rk_str *out)
{
    rk_str path;
    if (!string_arg(s, ast, what, &path))
        return false;
    const rk_str from = s->cx->texts.items.items[ast->span.file].name;
    const char *const whole = rk_path_relative(s->arena, from, path);
    if (whole)
        *out = rk_str_from(whole);
    return whole != NULL;
}

/* Rows of vectors have one key, and no column has a name. */
static bool row_keys(sema *s, rk_source_info *source)
{
    source->n_keys = 1;
    source->keys = RK_NEW_ARRAY(s->arena, rk_str, 1);
    source->key_types = RK_NEW_ARRAY(s->arena, rk_type, 1);
    if (!source->keys || !source->key_types)
        return false;
    source->keys[0] = source->ids.len ? RK_STR("id") : RK_STR("row");
    return true;
}

static bool error_source_args(sema *s, const rk_ast *call, const rk_source_ops *ops)
{
    rk_diag *const diag = rk_error(&s->cx->diags, RK_E0206, call->span,
                                   "wrong arguments for source kind `%s`", ops->name);
    rk_diag_note(&s->cx->diags, diag, RK_NO_SPAN, "as in `%s`", ops->example);
    return false;
}

/* kind("path", key: "column", sep: …, absent: …), kind("path", ids: "path", absent: …) */
static bool read_args(sema *s, const rk_ast *call, rk_source_info *source)
{
    const bool vectors = source->ops->vectors;
    for (uint32_t i = 0; i < call->as.call.n_args; i++) {
        const rk_ast_arg *const arg = &call->as.call.args[i];
        const rk_str name = sema_name(s, arg->name);
        bool fine;
        if (arg->name == RK_ATOM_EMPTY && !source->path.data)
            fine = path_arg(s, arg->value, "the path", &source->path);
        else if (rk_str_eq(name, RK_STR("ids")) && vectors && !source->ids.data)
            fine = path_arg(s, arg->value, "`ids:`", &source->ids);
        else if (rk_str_eq(name, RK_STR("key")) && !vectors && !source->n_keys)
            fine = read_keys(s, arg->value, source);
        else if (rk_str_eq(name, RK_STR("sep")) && strstr(source->ops->sig, "sep"))
            fine = string_arg(s, arg->value, "`sep:`", &source->sep);
        else if (rk_str_eq(name, RK_STR("absent")))
            fine = read_absent(s, arg->value, source);
        else
            return error_source_args(s, call, source->ops);
        if (!fine)
            return false;
    }
    if (!source->path.data || (!vectors && !source->n_keys))
        return error_source_args(s, call, source->ops);
    return !vectors || row_keys(s, source);
}

/* A file of vectors has one column, which has no name. */
static bool check_vectors(sema *s, const rk_decl *decl, const rk_source_info *source)
{
    const char *const kind = source->ops->name;
    for (uint32_t i = 0; i < source->schema.n; i++) {
        const rk_field *const field = &source->schema.fields[i];
        const rk_type type = field->type;
        if (i > 0)
            rk_error(&s->cx->diags, RK_E0211, field->span,
                     "a source of kind `%s` has one field: its rows are one vector each", kind);
        else if (decl->fields[i].from.data)
            rk_error(&s->cx->diags, RK_E0211, decl->fields[i].from_span,
                     "a file of kind `%s` has no columns with names", kind);
        else if (type.kind != RK_KIND_VECTOR && type.kind != RK_KIND_FLOAT &&
                 type.kind != RK_KIND_NONE)
            rk_error(&s->cx->diags, RK_E0211, field->span,
                     "the field of a source of kind `%s` is a vector(n) or a float, and not %s",
                     kind, rk_type_text(type).text);
        else
            continue;
        return false;
    }
    return true;
}

static const rk_source_ops *find_kind(sema *s, const rk_ast *call)
{
    const rk_str name = sema_name(s, call->as.call.name);
    const rk_source_ops *const ops = rk_source_find(name);
    if (ops)
        return ops;
    rk_suggestion suggestion = rk_suggest(name);
    for (uint32_t i = 0; rk_sources[i]; i++)
        rk_suggest_offer(&suggestion, rk_str_from(rk_sources[i]->name));
    rk_diag *const diag = rk_error(&s->cx->diags, RK_E0307, call->as.call.name_span,
                                   "unknown source kind `%.*s`", RK_STR_ARG(name));
    if (suggestion.best.len)
        rk_diag_help(&s->cx->diags, diag, "did you mean `%.*s`?", RK_STR_ARG(suggestion.best));
    return NULL;
}

rk_status sema_source(sema *s, uint32_t number)
{
    sema_decl *const decl = &s->decls.items[number];
    rk_source_info *const source = &s->module->sources.items[decl->index];
    source->name = decl->ast->name;
    source->span = decl->ast->name_span;
    source->doc = decl->ast->doc;
    source->schema.fields = RK_NEW_ARRAY(s->arena, rk_field, decl->ast->n_fields);
    if (!source->schema.fields)
        return RK_ENOMEM;
    append_fields(s, &source->schema, decl->ast, RK_MAP_NONE);
    const rk_ast *const call = decl->ast->value;
    source->ops = call->kind == RK_AST_CALL ? find_kind(s, call) : NULL;
    if (!source->ops || !read_args(s, call, source) ||
        (source->ops->vectors && !check_vectors(s, decl->ast, source)))
        decl->broken = true;
    return RK_OK;
}

static rk_ref key_part(sema *s, const rk_ast *ast, rk_type *type)
{
    const rk_ref ref = sema_expr(s, NULL, ast, RK_TYPE(INT));
    if (!ref)
        return 0;
    *type = rk_type_plain(rk_dag_at(s->dag, ref)->type);
    if (type->kind == RK_KIND_INT || type->kind == RK_KIND_STRING)
        return ref;
    sema_error(s, NULL, RK_E0205, ast->span,
               "the key of a source is an int or a string, and this is %s",
               sema_type_of(s, ref).text);
    return 0;
}

rk_ref sema_source_key(sema *s, uint32_t number)
{
    const sema_decl *const decl = &s->decls.items[number];
    rk_source_info *const source = &s->module->sources.items[decl->index];
    const rk_ast *const key = rk_ast_strip(decl->ast->key);
    const bool tuple = key->kind == RK_AST_TUPLE;
    const uint32_t n = tuple ? key->as.list.len : 1;
    if (n != source->n_keys && source->ops->vectors) {
        sema_error(s, NULL, RK_E0206, decl->ast->key->span,
                   "a row of a file of vectors has one key, and here are %u", n);
        return 0;
    }
    if (n != source->n_keys) {
        sema_error(s, NULL, RK_E0206, decl->ast->key->span,
                   "the key has %u part%s, and `key:` names %u column%s", n, n == 1 ? "" : "s",
                   source->n_keys, source->n_keys == 1 ? "" : "s");
        return 0;
    }
    rk_ref *const parts = RK_NEW_ARRAY(s->arena, rk_ref, n);
    for (uint32_t i = 0; parts && i < n; i++) {
        parts[i] = key_part(s, tuple ? key->as.list.items[i] : key, &source->key_types[i]);
        if (!parts[i])
            return 0;
    }
    if (!parts)
        return 0;
    if (source->ops->vectors && !source->ids.len && source->key_types[0].kind != RK_KIND_INT) {
        rk_diag *const diag = sema_error(
            s, NULL, RK_E0211, decl->ast->key->span,
            "without `ids:` a row is known by its number from 0, and this key is a string");
        rk_diag_help(&s->cx->diags, diag, "name the file of the keys: ids: \"items.ids\"");
        return 0;
    }
    const rk_ref lookup = rk_dag_node(s->dag, &(rk_node_spec){.op = RK_OP_LOOKUP,
                                                              .scope = RK_SCOPE_QUERY,
                                                              .type = RK_TYPE(ROW),
                                                              .aux = decl->index,
                                                              .span = decl->ast->key->span,
                                                              .operands = parts,
                                                              .n = n});
    if (!lookup || !source->drop_absent || rk_dag_at(s->dag, lookup)->scope == RK_SCOPE_ITEM)
        return lookup;
    sema_error(s, NULL, RK_E0309, decl->ast->key->span,
               "`absent: \"drop\"` leaves items out, and this key has one value a request");
    return 0;
}
