/* Calls: functions of the library by their signatures, conversions, and defs, which are inlined. */
#include <stdio.h>

#include "compiler/sema/sema.h"

/* The arguments of a call, each typed once; literals wait for the parameter's type. */
typedef struct call_args {
    const rk_ast *ast;
    rk_ref values[RK_FN_ARGS_MAX]; /* 0: a literal */
    uint8_t elems[RK_FN_ARGS_MAX]; /* rk_kind of a list's elements, where not all are literals */
    uint32_t n;
} call_args;

static const rk_signature *signature(sema *s, const rk_fn *fn)
{
    const uint32_t index = rk_fn_index(fn);
    if (!s->signatures)
        s->signatures = RK_NEW_ARRAY(s->arena, const rk_signature *, rk_fn_count());
    if (s->signatures && !s->signatures[index]) {
        rk_signature *const sig = RK_NEW(s->arena, rk_signature);
        if (sig && rk_signature_parse(fn->sig, sig))
            s->signatures[index] = sig;
    }
    return s->signatures ? s->signatures[index] : NULL;
}

static bool waits(const sema_env *env, const rk_ast *ast)
{
    const rk_ast *const inner = rk_ast_strip(ast);
    return sema_is_literal(env, ast) || inner->kind == RK_AST_LIST || inner->kind == RK_AST_MISSING;
}

static bool is_list_of_literals(const sema_env *env, const rk_ast *list)
{
    for (uint32_t i = 0; i < list->as.list.len; i++)
        if (!sema_is_literal(env, list->as.list.items[i]))
            return false;
    return true;
}

/* A list waits too, as its elements may have to become a vector or wider; of what kind they are by
 * themselves decides which forms of the function can take it. */
static bool read_list(sema *s, const sema_env *env, const rk_ast *ast, uint8_t *elem)
{
    const rk_ast *const list = rk_ast_strip(ast);
    if (list->kind != RK_AST_LIST || is_list_of_literals(env, list))
        return true;
    const rk_ref ref = sema_expr(s, env, list, (rk_type){0});
    *elem = ref ? rk_dag_at(s->dag, ref)->type.elem : RK_KIND_NONE;
    return ref != 0;
}

static bool read_args(sema *s, const sema_env *env, call_args *args)
{
    const rk_ast *const ast = args->ast;
    bool fine = true;
    for (uint32_t i = 0; i < args->n; i++) {
        const rk_ast *const value = ast->as.call.args[i].value;
        if (args->values[i])
            continue;
        if (waits(env, value)) {
            fine = read_list(s, env, value, &args->elems[i]) && fine;
            continue;
        }
        args->values[i] = sema_expr(s, env, value, (rk_type){0});
        fine = fine && args->values[i];
    }
    return fine;
}

/* Index of the parameter that argument i binds to, or UINT32_MAX. */
static uint32_t param_of(const sema *s, const rk_ast *call, const rk_fn *fn,
                         const rk_signature *sig, uint32_t i)
{
    const rk_ast_arg *const arg = &call->as.call.args[i];
    if (arg->name == RK_ATOM_EMPTY) {
        if (i < sig->n_params)
            return i;
        return (fn->flags & (RK_FN_CHAIN | RK_FN_VARIADIC)) && sig->n_params ? sig->n_params - 1
                                                                             : UINT32_MAX;
    }
    for (uint32_t p = 0; p < sig->n_params; p++)
        if (rk_str_eq(sig->params[p].name, sema_name(s, arg->name)))
            return p;
    return UINT32_MAX;
}

/* Whether every argument has its parameter and every parameter its argument or default. */
static bool counts_fit(const sema *s, const rk_ast *call, const rk_fn *fn, const rk_signature *sig)
{
    uint32_t seen[RK_FN_ARGS_MAX] = {0};
    for (uint32_t i = 0; i < call->as.call.n_args; i++) {
        const uint32_t p = param_of(s, call, fn, sig, i);
        if (p == UINT32_MAX)
            return false;
        const bool repeats = (fn->flags & (RK_FN_CHAIN | RK_FN_VARIADIC)) && p + 1 == sig->n_params;
        if (seen[p]++ && !repeats)
            return false;
    }
    for (uint32_t p = 0; p < sig->n_params; p++) {
        const bool may_lack =
            sig->params[p].has_initial || ((fn->flags & RK_FN_VARIADIC) && p + 1 == sig->n_params);
        if (!seen[p] && !may_lack)
            return false;
    }
    return true;
}

/* `own`: the kind of the elements, or NONE where all are literals. */
static bool list_fits(const sema_env *env, const rk_ast *list, uint8_t own, rk_type type)
{
    const rk_type elem = {.kind = type.kind == RK_KIND_VECTOR ? RK_KIND_FLOAT : type.elem};
    bool fits = type.kind == RK_KIND_LIST || type.kind == RK_KIND_VECTOR;
    if (own != RK_KIND_NONE)
        return fits && rk_type_converts((rk_type){.kind = own}, elem);
    for (uint32_t i = 0; fits && i < list->as.list.len; i++)
        fits = rk_type_converts(sema_literal_type(env, list->as.list.items[i]), elem);
    return fits;
}

/* Whether an argument that waits can take the parameter's type. */
static bool literal_fits(const sema_env *env, const rk_ast *ast, uint8_t elem,
                         const rk_param *param)
{
    const rk_ast *const inner = rk_ast_strip(ast);
    if (inner->kind == RK_AST_LIST)
        return list_fits(env, inner, elem, param->type);
    if (inner->kind == RK_AST_MISSING)
        return param->type.optional || !param->any;
    return param->any || rk_type_converts(sema_literal_type(env, ast), rk_type_plain(param->type));
}

static bool value_fits(const sema *s, rk_ref value, const rk_fn *fn, const rk_param *param)
{
    const rk_type type = rk_dag_at(s->dag, value)->type;
    if (type.optional && !param->type.optional && fn->null != RK_NULL_ANY)
        return false;
    if (param->constant && rk_dag_at(s->dag, value)->scope != RK_SCOPE_CONST)
        return false;
    if (param->any)
        return rk_kind_is_scalar(type.kind);
    if (param->type.kind == RK_KIND_VECTOR && param->type.dim == 0)
        return type.kind == RK_KIND_VECTOR;
    return rk_type_converts(rk_type_plain(type), rk_type_plain(param->type));
}

static bool row_fits(const sema *s, const sema_env *env, const call_args *args, const rk_fn *fn,
                     const rk_signature *sig)
{
    for (uint32_t i = 0; i < args->n; i++) {
        const rk_param *const param = &sig->params[param_of(s, args->ast, fn, sig, i)];
        const bool fits = args->values[i] ? value_fits(s, args->values[i], fn, param)
                                          : literal_fits(env, args->ast->as.call.args[i].value,
                                                         args->elems[i], param);
        if (!fits)
            return false;
    }
    return true;
}

/* ---- the chosen row ---- */

static rk_ref initial(sema *s, const rk_param *param, rk_span span)
{
    rk_value value = param->initial;
    if (value.type.kind == RK_KIND_STRING) {
        if (rk_atom_intern(&s->cx->names, param->initial_text, &value.as.s) != RK_OK)
            return 0;
    } else if (value.type.kind == RK_KIND_DOUBLE && param->type.kind == RK_KIND_FLOAT) {
        value.as.f = (float)value.as.d;
        value.type = RK_TYPE(FLOAT);
    } else if (!param->any)
        value = rk_value_convert(value, rk_type_plain(param->type));
    return rk_dag_const(s->dag, value, span);
}

static rk_ref bind(sema *s, const sema_env *env, const call_args *args, const rk_param *param,
                   uint32_t i)
{
    const rk_ast *const ast = args->ast->as.call.args[i].value;
    rk_ref value = args->values[i];
    if (!value)
        value = sema_expr(s, env, ast, param->any ? (rk_type){0} : rk_type_plain(param->type));
    if (!value || param->any || !rk_kind_is_number(param->type.kind))
        return value && rk_dag_at(s->dag, value)->type.kind == RK_KIND_NONE
                   ? sema_convert(s, value, param->any ? RK_TYPE(FLOAT) : param->type, ast->span)
                   : value;
    return sema_convert(s, value, param->type, ast->span);
}

/* The result's type: missing by the null rule, dimension by the vectors that came in. */
static bool result_type(sema *s, const sema_env *env, const rk_ast *ast, const rk_fn *fn,
                        const rk_signature *sig, const rk_ref *operands, uint32_t n, rk_type *out)
{
    rk_type type = sig->result;
    uint32_t first = 0, sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        const rk_type operand = rk_dag_at(s->dag, operands[i])->type;
        type.optional |= fn->null == RK_NULL_ANY && operand.optional;
        if (operand.kind != RK_KIND_VECTOR)
            continue;
        if (first && operand.dim != first && !sig->dim_sum) {
            sema_error(s, env, RK_E0205, ast->span, "`%s` needs vectors of one length: %u and %u",
                       fn->name, first, operand.dim);
            return false;
        }
        first = first ? first : operand.dim;
        sum += operand.dim;
        if (operand.dim == 0) { /* `[]`, `missing` */
            sema_error(s, env, RK_E0205, ast->span, "`%s` needs a vector of one number at least",
                       fn->name);
            return false;
        }
    }
    if (type.kind == RK_KIND_VECTOR)
        type.dim = sig->dim_sum ? sum : first;
    *out = type;
    return true;
}

static rk_ref make_call(sema *s, const sema_env *env, const rk_ast *ast, const rk_fn *fn,
                        const rk_signature *sig, const rk_ref *operands, uint32_t n)
{
    rk_type type;
    if (!result_type(s, env, ast, fn, sig, operands, n, &type))
        return 0;
    return rk_dag_node(s->dag, &(rk_node_spec){.op = RK_OP_CALL,
                                               .scope = fn->flags & RK_FN_REQUEST ? RK_SCOPE_QUERY
                                                                                  : RK_SCOPE_CONST,
                                               .type = type,
                                               .aux = rk_fn_index(fn),
                                               .span = ast->span,
                                               .operands = operands,
                                               .n = n});
}

static rk_ref call_row(sema *s, const sema_env *env, const call_args *args, const rk_fn *fn,
                       const rk_signature *sig)
{
    rk_ref operands[RK_FN_ARGS_MAX] = {0};
    uint32_t n = sig->n_params;
    if ((fn->flags & RK_FN_VARIADIC) && args->n < sig->n_params)
        n = args->n;
    for (uint32_t i = 0, more = sig->n_params; i < args->n; i++) {
        const rk_ast_arg *const arg = &args->ast->as.call.args[i];
        const uint32_t p = param_of(s, args->ast, fn, sig, i);
        const uint32_t at = i >= sig->n_params && p + 1 == sig->n_params ? more++ : p;
        operands[at] = bind(s, env, args, &sig->params[p], i);
        double q;
        if (!operands[at] || (rk_str_eq(sig->params[p].name, RK_STR("q")) &&
                              !sema_quantile(s, env, operands[at], arg->value->span, &q)))
            return 0;
        n = at + 1 > n ? at + 1 : n;
    }
    for (uint32_t p = 0; p < sig->n_params && p < n; p++)
        if (!operands[p] && !(operands[p] = initial(s, &sig->params[p], args->ast->span)))
            return 0;
    if (!(fn->flags & RK_FN_CHAIN))
        return make_call(s, env, args->ast, fn, sig, operands, n);
    for (uint32_t i = 1; i < n && operands[0]; i++) {
        const rk_ref pair[] = {operands[0], operands[i]};
        operands[0] = make_call(s, env, args->ast, fn, sig, pair, 2);
    }
    return operands[0];
}

/* ---- no row fits ---- */

static const rk_fn *next_row(const rk_fn *fn)
{
    const uint32_t index = rk_fn_index(fn) + 1;
    if (index >= rk_fn_count() || strcmp(rk_fn_at(index)->name, fn->name) != 0)
        return NULL;
    return rk_fn_at(index);
}

static void note_forms(sema *s, rk_diag *diag, const rk_fn *fn)
{
    for (; fn; fn = next_row(fn))
        rk_diag_note(&s->cx->diags, diag, RK_NO_SPAN, "`%s%s`", fn->name, fn->sig);
}

static rk_ref error_types(sema *s, const sema_env *env, const call_args *args, const rk_fn *fn)
{
    char types[512] = "";
    for (uint32_t i = 0; i < args->n; i++) {
        const rk_ast *const value = args->ast->as.call.args[i].value;
        const size_t len = strlen(types);
        const char *const text = args->values[i] ? sema_type_of(s, args->values[i]).text
                                 : sema_is_literal(env, value)
                                     ? rk_type_text(sema_literal_type(env, value)).text
                                 : rk_ast_strip(value)->kind == RK_AST_LIST ? "a list"
                                                                            : "missing";
        snprintf(types + len, sizeof types - len, "%s%s", i ? ", " : "", text);
    }
    rk_diag *const diag = sema_error(s, env, RK_E0205, args->ast->span,
                                     "no form of `%s` takes (%s)", fn->name, types);
    note_forms(s, diag, fn);
    return 0;
}

static rk_ref error_counts(sema *s, const sema_env *env, const rk_ast *ast, const rk_fn *fn)
{
    rk_diag *const diag =
        sema_error(s, env, RK_E0206, ast->span, "wrong arguments for `%s`: %u given", fn->name,
                   ast->as.call.n_args);
    note_forms(s, diag, fn);
    return 0;
}

/* `typed`: the first argument, where it has been typed already; else 0. */
static rk_ref function(sema *s, const sema_env *env, const rk_ast *ast, const rk_fn *first,
                       rk_ref typed)
{
    call_args args = {.ast = ast, .n = ast->as.call.n_args, .values = {typed}};
    if (args.n > RK_FN_ARGS_MAX) {
        sema_error(s, env, RK_E0206, ast->as.call.name_span, "`%s` takes at most %d arguments",
                   first->name, (int)RK_FN_ARGS_MAX);
        return 0;
    }
    bool any = false;
    for (const rk_fn *fn = first; fn && !any; fn = next_row(fn)) {
        const rk_signature *const sig = signature(s, fn);
        any = sig && counts_fit(s, ast, fn, sig);
    }
    if (!any)
        return error_counts(s, env, ast, first);
    if (!read_args(s, env, &args))
        return 0;
    for (const rk_fn *fn = first; fn; fn = next_row(fn)) {
        const rk_signature *const sig = signature(s, fn);
        if (sig && counts_fit(s, ast, fn, sig) && row_fits(s, env, &args, fn, sig))
            return call_row(s, env, &args, fn, sig);
    }
    return error_types(s, env, &args, first);
}

/* ---- defs ---- */

static rk_ref error_def_args(sema *s, const sema_env *env, const rk_ast *call, const rk_decl *def)
{
    rk_diag *const diag = sema_error(
        s, env, RK_E0206, call->span, "`%.*s` takes %u argument%s, and %u %s given",
        RK_STR_ARG(sema_name(s, def->name)), def->n_params, def->n_params == 1 ? "" : "s",
        call->as.call.n_args, call->as.call.n_args == 1 ? "is" : "are");
    if (def->name_span.file != 0)
        rk_diag_note(&s->cx->diags, diag, def->name_span, "it is defined");
    return 0;
}

static void error_def_name(sema *s, const sema_env *env, const rk_ast_arg *arg, const rk_decl *def)
{
    rk_diag *const diag =
        sema_error(s, env, RK_E0206, arg->name_span, "`%.*s` has no parameter `%.*s`",
                   RK_STR_ARG(sema_name(s, def->name)), RK_STR_ARG(sema_name(s, arg->name)));
    if (def->name_span.file != 0)
        rk_diag_note(&s->cx->diags, diag, def->name_span, "it is defined");
}

/* The parameter that argument `i` names, or the next by position; UINT32_MAX: none. */
static uint32_t def_param(const rk_decl *def, const rk_ast_arg *arg, uint32_t position)
{
    if (arg->name == RK_ATOM_EMPTY)
        return position < def->n_params ? position : UINT32_MAX;
    for (uint32_t i = 0; i < def->n_params; i++)
        if (def->params[i].name == arg->name)
            return i;
    return UINT32_MAX;
}

static bool bind_def(sema *s, const sema_env *env, const rk_ast *ast, sema_param *param)
{
    if (sema_is_pipe(s, env, ast))
        param->value = sema_pipe(s, env, ast);
    else if (sema_is_literal(env, ast)) {
        param->literal = ast;
        param->literal_env = env;
        return true;
    } else
        param->value = sema_expr(s, env, ast, (rk_type){0});
    return param->value != 0;
}

/* Binds all; false after an error. A def is typed at each use, so its body sees typed values. */
static bool bind_params(sema *s, const sema_env *env, const rk_ast *call, const rk_decl *def,
                        rk_ref piped, sema_param *params)
{
    const uint32_t first = piped ? 1 : 0;
    bool fine = true;
    for (uint32_t i = 0; i < def->n_params; i++)
        params[i] = (sema_param){.name = def->params[i].name, .value = i < first ? piped : 0};
    uint64_t seen = first;
    for (uint32_t i = 0; i < call->as.call.n_args; i++) {
        const uint32_t p = def_param(def, &call->as.call.args[i], i + first);
        if (p == UINT32_MAX && call->as.call.args[i].name != RK_ATOM_EMPTY) {
            error_def_name(s, env, &call->as.call.args[i], def);
            return false;
        }
        if (p == UINT32_MAX || (seen >> p & 1)) {
            error_def_args(s, env, call, def);
            return false;
        }
        seen |= UINT64_C(1) << p;
        fine = bind_def(s, env, call->as.call.args[i].value, &params[p]) && fine;
    }
    if (fine && seen != (def->n_params == 64 ? ~UINT64_C(0) : (UINT64_C(1) << def->n_params) - 1)) {
        error_def_args(s, env, call, def);
        return false;
    }
    return fine;
}

rk_ref sema_inline(sema *s, const sema_env *env, const rk_ast *call, uint32_t number, rk_ref piped)
{
    sema_decl *const decl = &s->decls.items[number];
    const rk_decl *const def = decl->ast;
    decl->called = true;
    if (decl->broken)
        return 0;
    if (def->n_params > 64)
        return error_def_args(s, env, call, def);
    if (++s->inlined > RK_INLINE_COUNT_MAX) {
        if (s->inlined == RK_INLINE_COUNT_MAX + 1)
            sema_error(s, env, RK_E0703, call->span, "defs unfold to more than %d calls",
                       RK_INLINE_COUNT_MAX);
        return 0;
    }
    sema_param *const params = RK_NEW_ARRAY(s->arena, sema_param, def->n_params);
    if (!params || !bind_params(s, env, call, def, piped, params))
        return 0;
    const sema_env inner = {.caller = env,
                            .def = def,
                            .call = call->span,
                            .params = params,
                            .n_params = def->n_params,
                            .pipeline = env ? env->pipeline : NULL};
    return sema_is_pipe(s, &inner, def->value) ? sema_pipe(s, &inner, def->value)
                                               : sema_expr(s, &inner, def->value, (rk_type){0});
}

/* ---- the rest ---- */

/* float(x), double(x), int(x) of numbers and bools, where the library has no body to call. Anything
 * else is the library's: then the argument, typed, is in *first. */
static sema_answer conversion(sema *s, const sema_env *env, const rk_ast *ast, rk_ref *first,
                              rk_ref *out)
{
    const rk_kind kind = rk_kind_find(sema_name(s, ast->as.call.name));
    if (!rk_kind_is_number((uint8_t)kind) || ast->as.call.n_args != 1 ||
        ast->as.call.args[0].name != RK_ATOM_EMPTY)
        return SEMA_NO;
    const rk_type want = {.kind = (uint8_t)kind};
    const rk_ast *const value = ast->as.call.args[0].value;
    const bool literal = sema_is_literal(env, value);
    if (literal && kind == RK_KIND_INT && sema_literal_type(env, value).kind != RK_KIND_INT)
        return SEMA_NO;
    const rk_ref ref = sema_expr(s, env, value, literal ? want : (rk_type){0});
    if (!ref)
        return SEMA_ERROR;
    const uint8_t from = rk_dag_at(s->dag, ref)->type.kind;
    if (from > (kind == RK_KIND_INT ? RK_KIND_INT : RK_KIND_DOUBLE)) {
        *first = ref;
        return SEMA_NO;
    }
    *out = sema_convert(s, ref, want, ast->span);
    return SEMA_YES;
}

static rk_ref is_missing(sema *s, const sema_env *env, const rk_ast *ast)
{
    if (ast->as.call.n_args != 1 || ast->as.call.args[0].name != RK_ATOM_EMPTY) {
        sema_error(s, env, RK_E0206, ast->span, "`missing` takes one value");
        return 0;
    }
    const rk_ref ref = sema_expr(s, env, ast->as.call.args[0].value, (rk_type){0});
    return ref ? rk_dag_unary(s->dag, RK_OP_IS_MISSING, RK_TYPE(BOOL), ref, ast->span) : 0;
}

static rk_ref unknown_function(sema *s, const sema_env *env, const rk_ast *ast)
{
    const rk_str name = sema_name(s, ast->as.call.name);
    rk_suggestion suggestion = rk_suggest(name);
    for (uint32_t i = 0; i < rk_fn_count(); i++)
        rk_suggest_offer(&suggestion, rk_str_from(rk_fn_at(i)->name));
    for (uint32_t i = 0; i < rk_fold_count(); i++)
        rk_suggest_offer(&suggestion, rk_str_from(rk_fold_at(i)->name));
    for (uint32_t i = 0; i < s->decls.len; i++)
        if (s->decls.items[i].ast->kind == RK_DECL_DEF)
            rk_suggest_offer(&suggestion, sema_name(s, s->decls.items[i].ast->name));
    rk_diag *const diag = sema_error(s, env, RK_E0306, ast->as.call.name_span,
                                     "unknown function `%.*s`", RK_STR_ARG(name));
    const uint32_t decl = sema_declared(s, ast->as.call.name);
    if (decl != RK_MAP_NONE)
        rk_diag_note(&s->cx->diags, diag, s->decls.items[decl].ast->name_span,
                     "`%.*s` is a %s, declared", RK_STR_ARG(name),
                     rk_decl_kind_text(s->decls.items[decl].ast->kind));
    else if (suggestion.best.len)
        rk_diag_help(&s->cx->diags, diag, "did you mean `%.*s`?", RK_STR_ARG(suggestion.best));
    return 0;
}

static bool is_declared_as(const sema *s, rk_atom name, rk_decl_kind kind)
{
    const uint32_t decl = sema_declared(s, name);
    return decl != RK_MAP_NONE && s->decls.items[decl].ast->kind == kind;
}

/* `buy.raw(…)` */
static rk_ref part_call(sema *s, const sema_env *env, const rk_ast *ast)
{
    if (!is_declared_as(s, ast->as.call.name, RK_DECL_MODEL))
        sema_error(s, env, RK_E0306, ast->as.call.name_span,
                   "`%.*s` is no model, and only models have parts that are called",
                   RK_STR_ARG(sema_name(s, ast->as.call.name)));
    else
        return sema_model_call(s, env, ast, ast->as.call.part, ast->as.call.part_span);
    return 0;
}

rk_ref sema_call(sema *s, const sema_env *env, const rk_ast *ast)
{
    const rk_atom name = ast->as.call.name;
    const rk_str text = sema_name(s, name);
    const uint32_t def = sema_def_of(s, name);
    if (ast->as.call.part != RK_ATOM_EMPTY)
        return part_call(s, env, ast);
    if (def != RK_MAP_NONE && !s->decls.items[def].prelude)
        return sema_inline(s, env, ast, def, 0);
    if (is_declared_as(s, name, RK_DECL_MODEL))
        return sema_model_call(s, env, ast, RK_ATOM_EMPTY, ast->span);
    if (rk_str_eq(text, RK_STR("missing")))
        return is_missing(s, env, ast);
    rk_ref first = 0, converted = 0;
    const sema_answer is_conversion = conversion(s, env, ast, &first, &converted);
    if (is_conversion != SEMA_NO)
        return converted;
    const rk_fold_fn *const fold = rk_fold_find(text);
    const sema_answer is_fold = fold ? sema_is_fold(s, env, ast, fold, &first) : SEMA_NO;
    if (is_fold != SEMA_NO)
        return is_fold == SEMA_YES ? sema_fold(s, env, ast, fold, first) : 0;
    const rk_fn *const fn = rk_fn_find(text);
    if (fn)
        return function(s, env, ast, fn, first);
    if (def != RK_MAP_NONE)
        return sema_inline(s, env, ast, def, 0);
    if (sema_is_model_at_call(s, ast))
        return sema_model_call(s, env, ast, RK_ATOM_EMPTY, ast->span);
    return unknown_function(s, env, ast);
}
