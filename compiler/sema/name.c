/* Names and members: parameters, factors, fields of sources, item and query, labels. */
#include "compiler/sema/sema.h"

/* ---- unknown names ---- */

static void offer_names(const sema *s, const sema_env *env, rk_suggestion *suggestion)
{
    for (uint32_t i = 0; env && i < env->n_params; i++)
        rk_suggest_offer(suggestion, sema_name(s, env->params[i].name));
    for (uint32_t i = 0; i < s->decls.len; i++) {
        const rk_decl *const ast = s->decls.items[i].ast;
        if (ast->kind == RK_DECL_FACTOR || ast->kind == RK_DECL_PIPELINE)
            rk_suggest_offer(suggestion, sema_name(s, ast->name));
    }
    for (uint32_t i = 0; i < s->fields.len; i++)
        rk_suggest_offer(suggestion, sema_name(s, s->fields.items[i].name));
}

static uint32_t query_field(const sema *s, rk_str name)
{
    for (uint32_t i = 0; i < s->module->query.n; i++)
        if (rk_str_eq(s->module->query.fields[i].name, name))
            return i;
    return UINT32_MAX;
}

/* What other languages call a value that is not there. */
static bool is_null(rk_str name)
{
    static const char *const nulls[] = {"null", "NULL", "nil", "None", "nan", "NaN", "na", "NA"};
    for (size_t i = 0; i < RK_ARRAY_LEN(nulls); i++)
        if (rk_str_eq(name, rk_str_from(nulls[i])))
            return true;
    return false;
}

static rk_ref unknown_name(sema *s, const sema_env *env, const rk_ast *ast)
{
    if (s->lost_fields)
        return 0;
    const rk_str name = sema_name(s, ast->as.name);
    rk_suggestion suggestion = rk_suggest(name);
    offer_names(s, env, &suggestion);
    rk_diag *const diag =
        sema_error(s, env, RK_E0301, ast->span, "unknown name `%.*s`", RK_STR_ARG(name));
    if (query_field(s, name) != UINT32_MAX)
        rk_diag_help(&s->cx->diags, diag, "a field of the query is written `query.%.*s`",
                     RK_STR_ARG(name));
    else if (rk_fn_find(name) || rk_fold_find(name) || sema_def_of(s, ast->as.name) != RK_MAP_NONE)
        rk_diag_help(&s->cx->diags, diag, "it is a function: `%.*s(…)`", RK_STR_ARG(name));
    else if (ast->as.name < s->n_names && s->labels[ast->as.name])
        rk_diag_help(&s->cx->diags, diag, "it is a label: `%.*s.rank` or `%.*s.score`",
                     RK_STR_ARG(name), RK_STR_ARG(name));
    else if (is_null(name))
        rk_diag_help(&s->cx->diags, diag, "a value that is not there is `missing`");
    else if (suggestion.best.len)
        rk_diag_help(&s->cx->diags, diag, "did you mean `%.*s`?", RK_STR_ARG(suggestion.best));
    return 0;
}

/* ---- fields ---- */

static rk_ref given(const sema *s, uint32_t decl, sema_owner owner, uint32_t field)
{
    for (uint32_t i = 0; s->givens && i < s->givens->len; i++) {
        const sema_given *const g = &s->givens->items[i];
        if (g->decl == decl && g->owner == owner && g->field == field)
            return g->value;
    }
    return 0;
}

rk_ref sema_source_field(sema *s, uint32_t decl, uint32_t field, rk_span span)
{
    const rk_ref replaced = given(s, decl, SEMA_OWNER_SOURCE, field);
    if (replaced || s->givens)
        return replaced;
    if (s->decls.items[decl].broken)
        return 0;
    const uint32_t index = s->decls.items[decl].index;
    const rk_source_info *const source = &s->module->sources.items[index];
    if (!source->lookup || source->schema.fields[field].type.kind == RK_KIND_NONE)
        return 0;
    const rk_node_spec spec = {.op = RK_OP_FIELD,
                               .type = source->schema.fields[field].type,
                               .aux = field,
                               .span = span,
                               .operands = &source->lookup,
                               .n = 1};
    return sema_put_over(s, decl, SEMA_OWNER_SOURCE, field, rk_dag_node(s->dag, &spec));
}

static rk_ref item_field(sema *s, uint32_t field, rk_span span)
{
    const rk_ref replaced = given(s, UINT32_MAX, SEMA_OWNER_ITEM, field);
    if (replaced)
        return replaced;
    rk_node_spec spec = {.op = RK_OP_ID, .scope = RK_SCOPE_ITEM, .span = span};
    spec.type = s->module->id_type;
    if (field != UINT32_MAX) {
        spec.op = RK_OP_ITEM;
        spec.aux = field;
        spec.type = s->module->item.fields[field].type;
    }
    if (spec.type.kind == RK_KIND_NONE)
        return 0;
    return sema_put_over(s, UINT32_MAX, SEMA_OWNER_ITEM, field, rk_dag_node(s->dag, &spec));
}

static rk_ref ambiguous(sema *s, const sema_env *env, const rk_ast *ast, const sema_field *field)
{
    rk_diag *const diag = sema_error(s, env, RK_E0302, ast->span, "`%.*s` is ambiguous",
                                     RK_STR_ARG(sema_name(s, ast->as.name)));
    for (;; field = &s->fields.items[field->next]) {
        rk_diag_note(&s->cx->diags, diag, field->span, "it may be `%.*s`, declared",
                     RK_STR_ARG(sema_long_name(s, field)));
        if (field->next == UINT32_MAX)
            break;
    }
    rk_diag_help(&s->cx->diags, diag, "write the long name");
    return 0;
}

static rk_ref short_field(sema *s, const sema_env *env, const rk_ast *ast, const sema_field *field)
{
    if (field->next != UINT32_MAX)
        return ambiguous(s, env, ast, field);
    return field->owner == SEMA_OWNER_ITEM
               ? item_field(s, field->index, ast->span)
               : sema_source_field(s, field->decl, field->index, ast->span);
}

/* ---- names ---- */

static rk_ref declared_value(sema *s, const sema_env *env, const rk_ast *ast, uint32_t number)
{
    const sema_decl *const decl = &s->decls.items[number];
    if (decl->ast->kind == RK_DECL_FACTOR)
        return decl->broken ? 0 : s->module->factors.items[decl->index].value;
    const rk_str name = sema_name(s, ast->as.name);
    rk_diag *const diag =
        sema_error(s, env, RK_E0310, ast->span, "`%.*s` is %s %s, and a value is needed here",
                   RK_STR_ARG(name), decl->ast->kind == RK_DECL_INDEX ? "an" : "a",
                   rk_decl_kind_text(decl->ast->kind));
    if (decl->ast->kind == RK_DECL_SOURCE && decl->ast->n_fields)
        rk_diag_help(&s->cx->diags, diag, "a field of it is written `%.*s.%.*s`", RK_STR_ARG(name),
                     RK_STR_ARG(sema_name(s, decl->ast->fields[0].name)));
    else if (decl->ast->kind == RK_DECL_INDEX)
        rk_diag_help(&s->cx->diags, diag, "it is searched: `nearest(%.*s, …)`", RK_STR_ARG(name));
    else if (decl->ast->kind == RK_DECL_DEF || decl->ast->kind == RK_DECL_MODEL)
        rk_diag_help(&s->cx->diags, diag, "call it: `%.*s(…)`", RK_STR_ARG(name));
    return 0;
}

rk_ref sema_name_value(sema *s, const sema_env *env, const rk_ast *ast)
{
    const sema_param *const param = sema_param_find(env, ast->as.name);
    if (param)
        return param->value;
    const uint32_t decl = sema_declared(s, ast->as.name);
    if (decl != RK_MAP_NONE)
        return declared_value(s, env, ast, decl);
    const sema_field *const field = sema_short(s, ast->as.name);
    return field ? short_field(s, env, ast, field) : unknown_name(s, env, ast);
}

/* ---- members ---- */

/* Whether `a.score` may mean a label that is called like a source, `item` or `query`. */
static bool hides_label(const sema *s, const rk_ast *ast)
{
    const rk_atom owner = ast->as.member.object->as.name;
    const rk_str what = sema_name(s, ast->as.member.name);
    return owner < s->n_names && s->labels[owner] &&
           (rk_str_eq(what, RK_STR("rank")) || rk_str_eq(what, RK_STR("score")));
}

static rk_ref unknown_field(sema *s, const sema_env *env, const rk_ast *ast, rk_str owner,
                            const rk_schema *schema, bool has_id)
{
    if (s->lost_fields)
        return 0;
    const rk_str name = sema_name(s, ast->as.member.name);
    rk_suggestion suggestion = rk_suggest(name);
    for (uint32_t i = 0; i < schema->n; i++)
        rk_suggest_offer(&suggestion, schema->fields[i].name);
    if (has_id)
        rk_suggest_offer(&suggestion, RK_STR("id"));
    rk_diag *const diag =
        sema_error(s, env, RK_E0308, ast->as.member.name_span, "`%.*s` has no field `%.*s`",
                   RK_STR_ARG(owner), RK_STR_ARG(name));
    if (hides_label(s, ast))
        rk_diag_help(&s->cx->diags, diag,
                     "a stage is labelled `%.*s` too, but fields come first: "
                     "give the label another name",
                     RK_STR_ARG(owner));
    else if (suggestion.best.len)
        rk_diag_help(&s->cx->diags, diag, "did you mean `%.*s.%.*s`?", RK_STR_ARG(owner),
                     RK_STR_ARG(suggestion.best));
    return 0;
}

static rk_ref query_member(sema *s, const sema_env *env, const rk_ast *ast)
{
    const uint32_t field = query_field(s, sema_name(s, ast->as.member.name));
    if (field == UINT32_MAX)
        return unknown_field(s, env, ast, RK_STR("query"), &s->module->query, false);
    const rk_ref replaced = given(s, UINT32_MAX, SEMA_OWNER_QUERY, field);
    if (replaced)
        return replaced;
    const rk_type type = s->module->query.fields[field].type;
    if (type.kind == RK_KIND_NONE)
        return 0;
    const rk_node_spec spec = {
        .op = RK_OP_QUERY, .scope = RK_SCOPE_QUERY, .type = type, .aux = field, .span = ast->span};
    return sema_put_over(s, UINT32_MAX, SEMA_OWNER_QUERY, field, rk_dag_node(s->dag, &spec));
}

static rk_ref item_member(sema *s, const sema_env *env, const rk_ast *ast)
{
    for (const sema_field *field = sema_short(s, ast->as.member.name); field;
         field = field->next == UINT32_MAX ? NULL : &s->fields.items[field->next])
        if (field->owner == SEMA_OWNER_ITEM)
            return item_field(s, field->index, ast->span);
    return unknown_field(s, env, ast, RK_STR("item"), &s->module->item,
                         s->module->id_type.kind != RK_KIND_NONE);
}

static rk_ref source_member(sema *s, const sema_env *env, const rk_ast *ast, uint32_t decl)
{
    const rk_decl *const source = s->decls.items[decl].ast;
    for (uint32_t i = 0; i < source->n_fields; i++)
        if (source->fields[i].name == ast->as.member.name)
            return sema_source_field(s, decl, i, ast->span);
    if (s->decls.items[decl].broken)
        return 0;
    const rk_schema *const schema = &s->module->sources.items[s->decls.items[decl].index].schema;
    return unknown_field(s, env, ast, sema_name(s, source->name), schema, false);
}

static rk_ref label_member(sema *s, const sema_env *env, const rk_ast *ast, rk_atom label)
{
    const rk_str what = sema_name(s, ast->as.member.name);
    const bool is_rank = rk_str_eq(what, RK_STR("rank"));
    if (!is_rank && !rk_str_eq(what, RK_STR("score"))) {
        sema_error(s, env, RK_E0308, ast->as.member.name_span,
                   "a label has `rank` and `score`, not `%.*s`", RK_STR_ARG(what));
        return 0;
    }
    const bool recall = rk_str_eq(sema_name(s, label), RK_STR("recall"));
    const rk_ref domain = rk_dag_node(s->dag, &(rk_node_spec){.op = RK_OP_DOMAIN,
                                                              .aux = recall ? RK_ATOM_EMPTY : label,
                                                              .span = ast->span});
    return rk_dag_node(s->dag,
                       &(rk_node_spec){.op = is_rank ? RK_OP_LABEL_RANK : RK_OP_LABEL_SCORE,
                                       .scope = RK_SCOPE_ITEM,
                                       .type = is_rank ? RK_TYPE_OPT(INT) : RK_TYPE_OPT(FLOAT),
                                       .span = ast->span,
                                       .operands = &domain,
                                       .n = 1});
}

static rk_ref unknown_label(sema *s, const sema_env *env, const rk_ast *object)
{
    const rk_str name = sema_name(s, object->as.name);
    rk_suggestion suggestion = rk_suggest(name);
    for (rk_atom label = 1; label < s->n_names; label++)
        if (s->labels[label])
            rk_suggest_offer(&suggestion, sema_name(s, label));
    rk_diag *const diag = sema_error(s, env, RK_E0403, object->span,
                                     "no pipeline has a stage labelled `%.*s`", RK_STR_ARG(name));
    if (suggestion.best.len)
        rk_diag_help(&s->cx->diags, diag, "did you mean `%.*s`?", RK_STR_ARG(suggestion.best));
    return 0;
}

static bool is_model_call(const sema *s, const rk_ast *ast)
{
    const uint32_t decl =
        ast->kind == RK_AST_CALL ? sema_declared(s, ast->as.call.name) : RK_MAP_NONE;
    return decl != RK_MAP_NONE && s->decls.items[decl].ast->kind == RK_DECL_MODEL;
}

rk_ref sema_member(sema *s, const sema_env *env, const rk_ast *ast)
{
    const rk_ast *const object = ast->as.member.object;
    if (is_model_call(s, object))
        return sema_model_call(s, env, object, ast->as.member.name, ast->as.member.name_span);
    if (object->kind != RK_AST_NAME) {
        if (sema_expr(s, env, object, (rk_type){0}))
            sema_error(s, env, RK_E0308, ast->as.member.name_span,
                       "only sources, `query`, `item`, labels and models have members");
        return 0;
    }
    const rk_str name = sema_name(s, object->as.name);
    if (rk_str_eq(name, RK_STR("query")))
        return query_member(s, env, ast);
    if (rk_str_eq(name, RK_STR("item")))
        return item_member(s, env, ast);
    const uint32_t decl = sema_declared(s, object->as.name);
    if (decl != RK_MAP_NONE && s->decls.items[decl].ast->kind == RK_DECL_SOURCE)
        return source_member(s, env, ast, decl);
    if (object->as.name < s->n_names &&
        (s->labels[object->as.name] || rk_str_eq(name, RK_STR("recall"))))
        return label_member(s, env, ast, object->as.name);
    const rk_str what = sema_name(s, ast->as.member.name);
    const bool of_label = rk_str_eq(what, RK_STR("rank")) || rk_str_eq(what, RK_STR("score"));
    if (of_label && decl == RK_MAP_NONE && !sema_short(s, object->as.name) &&
        !sema_param_find(env, object->as.name))
        return unknown_label(s, env, object);
    if (sema_name_value(s, env, object))
        sema_error(s, env, RK_E0308, ast->as.member.name_span, "`%.*s` has no members",
                   RK_STR_ARG(name));
    return 0;
}
