/* Pipes: producers, stages with their arguments, unions, branches, labels. */
#include <stdio.h>

#include "compiler/sema/sema.h"

enum { UNION_MAX = 32 };

/* One of several of which exactly one is given: `desc: key | asc: key`. */
static bool is_either(const sema_stage_args *args, uint32_t p)
{
    return args->params[p].either || (p + 1 < args->n && args->params[p + 1].either);
}

/* Always false. */
static bool error_args(sema *s, const sema_env *env, const rk_ast *call, const rk_stage *stage)
{
    rk_diag *const diag =
        sema_error(s, env, RK_E0206, call->span, "wrong arguments for stage `%s`", stage->name);
    rk_diag_note(&s->cx->diags, diag, RK_NO_SPAN, "`%s%s`", stage->name, stage->args);
    rk_diag_help(&s->cx->diags, diag, "as in `%s`", stage->example);
    return false;
}

static uint32_t param_index(const sema *s, const rk_ast_arg *arg, const sema_stage_args *args)
{
    for (uint32_t p = 0; p < args->n; p++)
        if (arg->name == RK_ATOM_EMPTY ? !args->values[p] && !is_either(args, p)
                                       : rk_str_eq(args->params[p].name, sema_name(s, arg->name)))
            return p;
    return UINT32_MAX;
}

bool sema_bind_stage(sema *s, const sema_env *env, const rk_ast *call, uint32_t first,
                     const rk_stage *stage, sema_stage_args *args)
{
    args->n = rk_stage_params(stage, args->params);
    if (args->n > RK_STAGE_PARAMS_MAX)
        return error_args(s, env, call, stage);
    uint32_t either = 0;
    bool has_either = false;
    for (uint32_t i = first; i < call->as.call.n_args; i++) {
        const uint32_t p = param_index(s, &call->as.call.args[i], args);
        if (p == UINT32_MAX || args->values[p])
            return error_args(s, env, call, stage);
        args->values[p] = call->as.call.args[i].value;
        either += is_either(args, p);
    }
    for (uint32_t p = 0; p < args->n; p++) {
        has_either |= is_either(args, p);
        if (!args->values[p] && !is_either(args, p) && !args->params[p].optional)
            return error_args(s, env, call, stage);
    }
    return !has_either || either == 1 || error_args(s, env, call, stage);
}

/* ---- arguments by type ---- */

static rk_ref key_arg(sema *s, const sema_env *env, const rk_ast *ast, const rk_stage *stage)
{
    const rk_ref ref = sema_expr(s, env, ast, RK_TYPE(FLOAT));
    if (!ref)
        return 0;
    const rk_type type = rk_dag_at(s->dag, ref)->type;
    if (!rk_kind_is_scalar(type.kind)) {
        sema_error(s, env, RK_E0205, ast->span, "the key of `%s` is a scalar, and this is %s",
                   stage->name, rk_type_text(type).text);
        return 0;
    }
    if (type.optional && !stage->key_optional) {
        sema_error_missing(s, env, ref, ast->span, "a sort key");
        return 0;
    }
    return ref;
}

rk_ref sema_stage_int(sema *s, const sema_env *env, const rk_ast *ast, rk_str name)
{
    char what[64];
    snprintf(what, sizeof what, "`%.*s`", RK_STR_ARG(name));
    const rk_ref ref = sema_expr_as(s, env, ast, RK_TYPE(INT), what);
    if (!ref || rk_dag_at(s->dag, ref)->scope != RK_SCOPE_ITEM)
        return ref;
    sema_error(s, env, RK_E0309, ast->span,
               "%s is one number a request, and this is a value of each item", what);
    return 0;
}

/* A stage over `input`, its arguments from number `first` of the call on. */
static rk_ref select_stage(sema *s, const sema_env *env, const rk_ast *call, uint32_t first,
                           const rk_stage *stage, rk_ref input)
{
    sema_stage_args args = {0};
    if (!sema_bind_stage(s, env, call, first, stage, &args))
        return 0;
    rk_ref operands[2 + RK_STAGE_PARAMS_MAX] = {input, 0};
    uint32_t n = 2;
    bool fine = true, descending = true;
    for (uint32_t p = 0; p < args.n; p++) {
        const rk_ast *const ast = args.values[p];
        if (!ast)
            continue;
        rk_ref *const slot = args.params[p].type == RK_STAGE_INT ? &operands[n++] : &operands[1];
        if (slot != &operands[1])
            *slot = sema_stage_int(s, env, ast, args.params[p].name);
        else if (args.params[p].type == RK_STAGE_COND)
            *slot = sema_condition(s, env, ast, "a stage's condition");
        else {
            *slot = key_arg(s, env, ast, stage);
            descending = !rk_str_eq(args.params[p].name, RK_STR("asc"));
        }
        fine = fine && *slot;
    }
    if (!fine || !input)
        return 0;
    return rk_dag_node(s->dag, &(rk_node_spec){.op = RK_OP_STAGE,
                                               .scope = RK_SCOPE_QUERY,
                                               .type = RK_TYPE(CANDIDATES),
                                               .aux = rk_stage_index(stage),
                                               .param = descending,
                                               .span = call->span,
                                               .operands = operands,
                                               .n = n});
}

/* ---- producers ---- */

rk_ref sema_producer(sema *s, rk_op op, uint32_t aux, const rk_ref *operands, uint32_t n,
                     rk_span span)
{
    return rk_dag_node(s->dag, &(rk_node_spec){.op = op,
                                               .scope = RK_SCOPE_QUERY,
                                               .type = RK_TYPE(CANDIDATES),
                                               .aux = aux,
                                               .span = span,
                                               .operands = operands,
                                               .n = n});
}

rk_ref sema_candidates(sema *s, const sema_env *env, rk_span span)
{
    if (s->module->id_type.kind == RK_KIND_NONE) {
        if (!s->givens && !s->lost_fields)
            sema_error(s, env, RK_E0313, span, "there is no `item { id: … }` to rank by");
        return 0;
    }
    return sema_producer(s, RK_OP_CANDIDATES, 0, NULL, 0, span);
}

static rk_ref not_scannable(sema *s, const sema_env *env, const rk_ast *ast,
                            const rk_source_info *source)
{
    rk_diag *const diag =
        sema_error(s, env, RK_E0406, ast->span,
                   "source `%.*s` is not keyed by `item.id`, so its rows are not items",
                   RK_STR_ARG(sema_name(s, source->name)));
    rk_diag_note(&s->cx->diags, diag, source->span, "it is declared");
    return 0;
}

/* An index stands where candidates come from, but is searched. */
static void help_index(sema *s, rk_atom name, rk_diag *diag)
{
    const uint32_t decl = sema_declared(s, name);
    if (decl != RK_MAP_NONE && s->decls.items[decl].ast->kind == RK_DECL_INDEX)
        rk_diag_help(&s->cx->diags, diag,
                     "`nearest(%.*s, vector, k)` makes candidates of an index's items",
                     RK_STR_ARG(sema_name(s, name)));
}

static rk_ref not_a_source(sema *s, const sema_env *env, const rk_ast *ast)
{
    rk_diag *const diag =
        sema_error(s, env, RK_E0301, ast->span, "`scan` takes the name of a source");
    if (ast->kind != RK_AST_NAME)
        return 0;
    rk_suggestion suggestion = rk_suggest(sema_name(s, ast->as.name));
    for (uint32_t i = 0; i < s->decls.len; i++)
        if (s->decls.items[i].ast->kind == RK_DECL_SOURCE)
            rk_suggest_offer(&suggestion, sema_name(s, s->decls.items[i].ast->name));
    if (suggestion.best.len)
        rk_diag_help(&s->cx->diags, diag, "did you mean `%.*s`?", RK_STR_ARG(suggestion.best));
    else
        help_index(s, ast->as.name, diag);
    return 0;
}

static rk_ref scan(sema *s, const sema_env *env, const rk_ast *call)
{
    const rk_ast *const ast = call->as.call.n_args == 1 ? call->as.call.args[0].value : NULL;
    if (!ast)
        return error_args(s, env, call, rk_stage_find(RK_STR("scan")));
    const uint32_t decl = ast->kind == RK_AST_NAME ? sema_declared(s, ast->as.name) : RK_MAP_NONE;
    if (decl == RK_MAP_NONE || s->decls.items[decl].ast->kind != RK_DECL_SOURCE)
        return not_a_source(s, env, ast);
    if (s->givens) /* in a test: the items that are given */
        return sema_candidates(s, env, call->span);
    if (s->decls.items[decl].broken)
        return 0;
    const rk_source_info *const source = &s->module->sources.items[s->decls.items[decl].index];
    if (!source->lookup)
        return 0;
    if (source->n_keys != 1 ||
        rk_dag_at(s->dag, rk_dag_operand(s->dag, source->lookup, 0))->op != RK_OP_ID)
        return not_scannable(s, env, ast, source);
    return sema_producer(s, RK_OP_SCAN, s->decls.items[decl].index, NULL, 0, call->span);
}

static rk_ref join(sema *s, const sema_env *env, const rk_ast *call, rk_ref piped)
{
    rk_ref pipes[UNION_MAX];
    uint32_t n = 0;
    bool fine = true;
    if (piped)
        pipes[n++] = piped;
    for (uint32_t i = 0; i < call->as.call.n_args && n < RK_ARRAY_LEN(pipes); i++) {
        const rk_ref pipe = sema_pipe(s, env, call->as.call.args[i].value);
        fine = fine && pipe;
        pipes[n++] = pipe;
    }
    if (!fine)
        return 0;
    if (call->as.call.n_args + (piped ? 1u : 0u) > RK_ARRAY_LEN(pipes)) {
        rk_diag *const diag = sema_error(s, env, RK_E0206, call->as.call.name_span,
                                         "`union` takes at most %d pipes", (int)UNION_MAX);
        rk_diag_help(&s->cx->diags, diag, "unite some of them first: `union(union(p, q), r)`");
        return 0;
    }
    if (n == 0) {
        error_args(s, env, call, rk_stage_find(RK_STR("union")));
        return 0;
    }
    return sema_producer(s, RK_OP_UNION, 0, pipes, n, call->span);
}

/* ---- calls ---- */

static rk_ref unknown_stage(sema *s, const sema_env *env, const rk_ast *ast)
{
    const rk_str name = sema_name(s, ast->as.call.name);
    rk_suggestion suggestion = rk_suggest(name);
    for (uint32_t i = 0; rk_stages[i]; i++)
        rk_suggest_offer(&suggestion, rk_str_from(rk_stages[i]->name));
    for (uint32_t i = 0; i < s->decls.len; i++)
        if (s->decls.items[i].ast->kind == RK_DECL_DEF)
            rk_suggest_offer(&suggestion, sema_name(s, s->decls.items[i].ast->name));
    rk_diag *const diag = sema_error(s, env, RK_E0307, ast->as.call.name_span,
                                     "unknown stage `%.*s`", RK_STR_ARG(name));
    if (suggestion.best.len)
        rk_diag_help(&s->cx->diags, diag, "did you mean `%.*s`?", RK_STR_ARG(suggestion.best));
    return 0;
}

static rk_ref pipe_def(sema *s, const sema_env *env, const rk_ast *call, uint32_t def, rk_ref piped)
{
    const rk_ref ref = sema_inline(s, env, call, def, piped);
    if (!ref || rk_dag_is_pipe(s->dag, ref))
        return ref;
    sema_error(s, env, RK_E0401, call->span, "`%.*s` gives a value, and a pipe is needed here",
               RK_STR_ARG(sema_name(s, call->as.call.name)));
    return 0;
}

static bool may_be_pipe(const rk_ast *ast)
{
    const rk_ast_kind kind = rk_ast_strip(ast)->kind;
    return kind == RK_AST_PIPE || kind == RK_AST_LABEL || kind == RK_AST_NAME ||
           kind == RK_AST_CALL || kind == RK_AST_IF || kind == RK_AST_ERROR;
}

/* where(price > 1): a stage at the head of a pipe, without one as its first argument. */
static rk_ref error_no_pipe(sema *s, const sema_env *env, const rk_ast *call)
{
    const rk_str name = sema_name(s, call->as.call.name);
    rk_diag *const diag = sema_error(s, env, RK_E0401, call->as.call.name_span,
                                     "`%.*s` is a stage, and no pipe comes in", RK_STR_ARG(name));
    rk_diag_help(&s->cx->diags, diag, "as in `candidates | %.*s(…)`", RK_STR_ARG(name));
    return 0;
}

/* `piped` is what comes in before `|`, or 0: then the first argument of a stage is its pipe. */
static rk_ref call_pipe(sema *s, const sema_env *env, const rk_ast *call, rk_ref piped, bool after)
{
    const uint32_t def = sema_def_of(s, call->as.call.name);
    if (def != RK_MAP_NONE)
        return pipe_def(s, env, call, def, piped);
    const rk_stage *const stage = rk_stage_find(sema_name(s, call->as.call.name));
    if (!stage)
        return unknown_stage(s, env, call);
    if (stage->kind == RK_STAGE_UNION)
        return join(s, env, call, piped);
    if (stage->kind == RK_STAGE_PRODUCER) {
        if (after) {
            sema_error(s, env, RK_E0401, call->span,
                       "`%s` makes candidates, so nothing can come in before it", stage->name);
            return 0;
        }
        if (strcmp(stage->name, "scan") == 0)
            return scan(s, env, call);
        return strcmp(stage->name, "nearest") == 0 ? sema_nearest(s, env, call)
                                                   : sema_candidates(s, env, call->span);
    }
    if (after)
        return select_stage(s, env, call, 0, stage, piped);
    if (call->as.call.n_args == 0) {
        error_args(s, env, call, stage);
        return 0;
    }
    if (!may_be_pipe(call->as.call.args[0].value))
        return error_no_pipe(s, env, call);
    const rk_ref input = sema_pipe(s, env, call->as.call.args[0].value);
    return input ? select_stage(s, env, call, 1, stage, input) : 0;
}

/* ---- names, branches, labels ---- */

static rk_ref add_label(sema *s, const sema_env *env, rk_label label)
{
    rk_pipeline *const pipeline = env ? env->pipeline : NULL;
    if (!pipeline || !label.stage)
        return label.stage;
    for (uint32_t i = 0; i < pipeline->labels.len; i++) {
        const rk_label *const old = &pipeline->labels.items[i];
        if (old->name != label.name || old->stage == label.stage)
            continue;
        rk_diag *const diag =
            sema_error(s, env, RK_E0404, label.span, "label `%.*s` is given to two stages",
                       RK_STR_ARG(sema_name(s, label.name)));
        rk_diag_note(&s->cx->diags, diag, old->span, "it is given first");
        return 0;
    }
    if (!rk_vec_push(s->arena, &pipeline->labels, label))
        return 0;
    return label.stage;
}

/* Another pipeline, with its labels. */
static rk_ref built_on(sema *s, const sema_env *env, uint32_t decl)
{
    if (s->decls.items[decl].broken)
        return 0;
    const rk_pipeline *const base = &s->module->pipelines.items[s->decls.items[decl].index];
    for (uint32_t i = 0; i < base->labels.len; i++)
        if (!add_label(s, env, base->labels.items[i]))
            return 0;
    return base->root;
}

static rk_ref pipe_name(sema *s, const sema_env *env, const rk_ast *ast)
{
    const sema_param *const param = sema_param_find(env, ast->as.name);
    if (param) {
        if (param->value && rk_dag_is_pipe(s->dag, param->value))
            return param->value;
        if (param->value || param->literal)
            sema_error(s, env, RK_E0401, ast->span, "this is a value, and a pipe is needed here");
        return 0;
    }
    const rk_str name = sema_name(s, ast->as.name);
    const uint32_t decl = sema_declared(s, ast->as.name);
    if (decl != RK_MAP_NONE && s->decls.items[decl].ast->kind == RK_DECL_PIPELINE)
        return built_on(s, env, decl);
    if (rk_str_eq(name, RK_STR("candidates")))
        return sema_candidates(s, env, ast->span);
    rk_diag *const diag =
        sema_error(s, env, RK_E0401, ast->span, "`%.*s` is not a pipe", RK_STR_ARG(name));
    if (decl != RK_MAP_NONE && s->decls.items[decl].ast->kind == RK_DECL_SOURCE)
        rk_diag_help(&s->cx->diags, diag, "`scan(%.*s)` makes its rows candidates",
                     RK_STR_ARG(name));
    help_index(s, ast->as.name, diag);
    return 0;
}

rk_ref sema_choose(sema *s, const sema_env *env, const rk_ast *ast, rk_ref condition, rk_ref yes,
                   rk_ref no)
{
    if (rk_dag_at(s->dag, condition)->scope == RK_SCOPE_ITEM) {
        sema_error(s, env, RK_E0309, ast->as.branch.condition->span,
                   "`if` between pipes decides once a request, and this is a value of each item");
        return 0;
    }
    const rk_ref operands[] = {condition, yes, no};
    return sema_producer(s, RK_OP_CHOOSE, 0, operands, 3, ast->span);
}

static rk_ref choose(sema *s, const sema_env *env, const rk_ast *ast)
{
    const rk_ref condition = sema_condition(s, env, ast->as.branch.condition, "`if` between pipes");
    const rk_ref yes = sema_pipe(s, env, ast->as.branch.yes);
    const rk_ref no = sema_pipe(s, env, ast->as.branch.no);
    return condition && yes && no ? sema_choose(s, env, ast, condition, yes, no) : 0;
}

/* p | f(x). After an error in p the arguments of f are checked all the same; a def is not called.
 */
static rk_ref piped_call(sema *s, const sema_env *env, const rk_ast *ast)
{
    const rk_ref input = sema_pipe(s, env, ast->as.binary.left);
    const rk_ast *const call = ast->as.binary.right;
    if (call->kind != RK_AST_CALL || (!input && sema_def_of(s, call->as.call.name) != RK_MAP_NONE))
        return 0;
    const rk_ref ref = call_pipe(s, env, call, input, true);
    return input ? ref : 0;
}

static rk_ref dispatch(sema *s, const sema_env *env, const rk_ast *ast)
{
    switch (ast->kind) {
    case RK_AST_PAREN:
        return sema_pipe(s, env, ast->as.unary.operand);
    case RK_AST_NAME:
        return pipe_name(s, env, ast);
    case RK_AST_IF:
        return choose(s, env, ast);
    case RK_AST_CALL:
        return call_pipe(s, env, ast, 0, false);
    case RK_AST_LABEL:
        return add_label(s, env,
                         (rk_label){.name = ast->as.label.name,
                                    .stage = sema_pipe(s, env, ast->as.label.pipe),
                                    .span = ast->as.label.name_span});
    case RK_AST_PIPE:
        return piped_call(s, env, ast);
    case RK_AST_ERROR:
        return 0;
    default:
        sema_error(s, env, RK_E0401, ast->span, "this is not a pipe");
        return 0;
    }
}

rk_ref sema_pipe(sema *s, const sema_env *env, const rk_ast *ast)
{
    if (s->depth >= RK_EXPR_DEPTH_MAX) {
        sema_error(s, env, RK_E0701, ast->span, "pipe is too deep");
        return 0;
    }
    s->depth++;
    const rk_ref ref = dispatch(s, env, ast);
    s->depth--;
    return ref;
}

bool sema_is_pipe(const sema *s, const sema_env *env, const rk_ast *ast)
{
    switch (ast->kind) {
    case RK_AST_PIPE:
    case RK_AST_LABEL:
        return true;
    case RK_AST_PAREN:
        return sema_is_pipe(s, env, ast->as.unary.operand);
    case RK_AST_IF:
        return sema_is_pipe(s, env, ast->as.branch.yes) || sema_is_pipe(s, env, ast->as.branch.no);
    case RK_AST_NAME: {
        const sema_param *const param = sema_param_find(env, ast->as.name);
        if (param)
            return param->value && rk_dag_is_pipe(s->dag, param->value);
        const uint32_t decl = sema_declared(s, ast->as.name);
        if (decl != RK_MAP_NONE)
            return s->decls.items[decl].ast->kind == RK_DECL_PIPELINE;
        return !sema_short(s, ast->as.name) &&
               rk_str_eq(sema_name(s, ast->as.name), RK_STR("candidates"));
    }
    case RK_AST_CALL: {
        if (sema_def_of(s, ast->as.call.name) != RK_MAP_NONE ||
            rk_fn_find(sema_name(s, ast->as.call.name)) ||
            rk_fold_find(sema_name(s, ast->as.call.name)))
            return false;
        const rk_stage *const stage = rk_stage_find(sema_name(s, ast->as.call.name));
        return stage != NULL;
    }
    default:
        return false;
    }
}
