/* nearest(index, vector, k, where: …): the items of an index that are nearest to a vector. */
#include "compiler/sema/sema.h"

typedef struct asked {
    const rk_index_info *index;
    rk_ref vector, k, where; /* where 0: every item passes */
    sema_search search;
} asked;

/* ---- what is asked ---- */

/* Whether an index may be over what stands there: a factor, or a field of a source. */
static bool is_value(const sema *s, const rk_ast *ast)
{
    const uint32_t decl = ast->kind == RK_AST_NAME ? sema_declared(s, ast->as.name) : RK_MAP_NONE;
    return ast->kind == RK_AST_NAME &&
           (decl == RK_MAP_NONE || s->decls.items[decl].ast->kind == RK_DECL_FACTOR);
}

static const rk_index_info *find_index(sema *s, const sema_env *env, const rk_ast *ast)
{
    const uint32_t decl = ast->kind == RK_AST_NAME ? sema_declared(s, ast->as.name) : RK_MAP_NONE;
    if (decl != RK_MAP_NONE && s->decls.items[decl].ast->kind == RK_DECL_INDEX) {
        const rk_index_info *const index = &s->module->indexes.items[s->decls.items[decl].index];
        return index->vector ? index : NULL; /* its declaration says what is wrong */
    }
    rk_diag *const diag =
        sema_error(s, env, RK_E0301, ast->span, "`nearest` takes the name of an index");
    rk_suggestion suggestion =
        rk_suggest(ast->kind == RK_AST_NAME ? sema_name(s, ast->as.name) : RK_STR(""));
    for (uint32_t i = 0; i < s->decls.len; i++)
        if (s->decls.items[i].ast->kind == RK_DECL_INDEX)
            rk_suggest_offer(&suggestion, sema_name(s, s->decls.items[i].ast->name));
    if (suggestion.best.len)
        rk_diag_help(&s->cx->diags, diag, "did you mean `%.*s`?", RK_STR_ARG(suggestion.best));
    else
        rk_diag_help(&s->cx->diags, diag,
                     "`index NAME = hnsw(%.*s, metric: \"dot\")` declares one over a vector",
                     RK_STR_ARG(is_value(s, ast) ? sema_name(s, ast->as.name) : RK_STR("vec")));
    return NULL;
}

/* One vector a request, as long as those of the index; it may be missing. */
static rk_ref read_vector(sema *s, const sema_env *env, const rk_ast *ast,
                          const rk_index_info *index)
{
    const rk_type wanted = rk_type_plain(rk_dag_at(s->dag, index->vector)->type);
    const rk_ref ref = sema_expr(s, env, ast, wanted);
    if (!ref)
        return 0;
    const rk_node *const node = rk_dag_at(s->dag, ref);
    if (node->type.kind != RK_KIND_VECTOR || node->type.dim != wanted.dim) {
        rk_diag *const diag = sema_error(s, env, RK_E0205, ast->span,
                                         "index `%.*s` is searched by a %s, and this is %s",
                                         RK_STR_ARG(sema_name(s, index->name)),
                                         rk_type_text(wanted).text, rk_type_text(node->type).text);
        rk_diag_note(&s->cx->diags, diag, index->span, "the index is declared");
        return 0;
    }
    if (node->scope != RK_SCOPE_ITEM)
        return ref;
    sema_error(s, env, RK_E0309, ast->span,
               "`nearest` takes one vector a request, and this is a value of each item");
    return 0;
}

static bool read_args(sema *s, const sema_env *env, const rk_ast *call, asked *out)
{
    const rk_stage *const stage = rk_stage_find(sema_name(s, call->as.call.name));
    sema_stage_args args = {0};
    if (!sema_bind_stage(s, env, call, 0, stage, &args))
        return false;
    out->index = find_index(s, env, args.values[0]);
    if (!out->index)
        return false;
    out->vector = read_vector(s, env, args.values[1], out->index);
    out->k = sema_stage_int(s, env, args.values[2], RK_STR("k"));
    for (size_t i = 0; i < RK_ARRAY_LEN(out->search.args); i++)
        out->search.args[i] = args.values[i + 1] ? args.values[i + 1]->span : call->span;
    if (args.values[3])
        out->where = sema_condition(s, env, args.values[3], "the condition of `nearest`");
    return out->vector && out->k && (!args.values[3] || out->where);
}

/* ---- tests: the candidates are searched by what is given ---- */

static rk_ref select_node(sema *s, rk_ref pipe, const char *stage, rk_ref key, rk_ref k)
{
    const rk_ref operands[] = {pipe, key, k};
    return rk_dag_node(s->dag,
                       &(rk_node_spec){.op = RK_OP_STAGE,
                                       .scope = RK_SCOPE_QUERY,
                                       .type = RK_TYPE(CANDIDATES),
                                       .aux = rk_stage_index(rk_stage_find(rk_str_from(stage))),
                                       .param = strcmp(stage, "top") == 0,
                                       .span = rk_dag_at(s->dag, key)->span,
                                       .operands = operands,
                                       .n = k ? 3 : 2});
}

static rk_ref call_node(sema *s, const char *name, rk_type type, rk_ref a, rk_ref b)
{
    const rk_ref operands[] = {a, b};
    return rk_dag_node(s->dag, &(rk_node_spec){.op = RK_OP_CALL,
                                               .type = type,
                                               .aux = rk_fn_index(rk_fn_find(rk_str_from(name))),
                                               .span = rk_dag_at(s->dag, a)->span,
                                               .operands = operands,
                                               .n = 2});
}

/* As rk_index_metric says; missing where a vector is, or is not finite. */
static rk_ref similarity(sema *s, const asked *asked)
{
    const rk_ref a = asked->index->vector, b = asked->vector;
    const char *const name = rk_index_metric_name(asked->index->form.metric);
    const rk_ref near = call_node(s, name, RK_TYPE_OPT(FLOAT), a, b);
    const rk_span span = rk_dag_at(s->dag, near)->span;
    if (asked->index->form.metric != RK_INDEX_L2)
        return near;
    const rk_ref zero = rk_dag_const(s->dag, (rk_value){.type = RK_TYPE(FLOAT)}, span);
    return rk_dag_binary(s->dag, RK_OP_SUB, RK_TYPE_OPT(FLOAT), zero, near, span);
}

/* The same list as an index of the candidates would give: by similarity, then by id. */
static rk_ref among_given(sema *s, const sema_env *env, const asked *asked, rk_span span)
{
    const rk_ref near = similarity(s, asked);
    rk_ref passes =
        rk_dag_unary(s->dag, RK_OP_NOT, RK_TYPE(BOOL),
                     rk_dag_unary(s->dag, RK_OP_IS_MISSING, RK_TYPE(BOOL), near, span), span);
    if (asked->where)
        passes = rk_dag_binary(s->dag, RK_OP_AND, RK_TYPE(BOOL), passes, asked->where, span);
    const rk_ref id = rk_dag_node(s->dag, &(rk_node_spec){.op = RK_OP_ID,
                                                          .scope = RK_SCOPE_ITEM,
                                                          .type = s->module->id_type,
                                                          .span = span});
    const rk_ref all = sema_candidates(s, env, span);
    if (!all)
        return 0;
    const rk_ref kept = select_node(s, all, "where", passes, 0);
    const rk_ref sorted = select_node(s, kept, "sort", id, 0);
    const rk_ref best = select_node(s, sorted, "top", near, asked->k);
    /* A union of one: its list is what the pipeline recalls. */
    return sema_producer(s, RK_OP_UNION, 0, &best, 1, span);
}

rk_ref sema_nearest(sema *s, const sema_env *env, const rk_ast *call)
{
    asked asked = {0};
    if (!read_args(s, env, call, &asked))
        return 0;
    if (s->givens)
        return among_given(s, env, &asked, call->span);
    const rk_ref operands[] = {asked.vector, asked.k, asked.where, asked.index->vector};
    const uint32_t number = (uint32_t)(asked.index - s->module->indexes.items);
    asked.search.stage =
        sema_producer(s, RK_OP_NEAREST, number, operands, RK_ARRAY_LEN(operands), call->span);
    return rk_vec_push(s->arena, &s->searches, asked.search) ? asked.search.stage : 0;
}
