/* Aggregates and list-wise functions: avg(price, by: brand, where: stock > 0, over: l1). */
#include <math.h>

#include "compiler/sema/sema.h"

/* The arguments of a fold, sorted out. */
typedef struct fold_args {
    const rk_ast *value, *by, *where, *over, *param;
} fold_args;

static bool is_named(const sema *s, const rk_ast_arg *arg, const char *name)
{
    return name && arg->name != RK_ATOM_EMPTY &&
           rk_str_eq(sema_name(s, arg->name), rk_str_from(name));
}

sema_answer sema_is_fold(sema *s, const sema_env *env, const rk_ast *ast, const rk_fold_fn *fn,
                         rk_ref *first)
{
    uint32_t positional = 0;
    const rk_ast *value = NULL;
    for (uint32_t i = 0; i < ast->as.call.n_args; i++) {
        const rk_ast_arg *const arg = &ast->as.call.args[i];
        if (is_named(s, arg, "by") || is_named(s, arg, "where") || is_named(s, arg, "over"))
            return SEMA_YES;
        if (arg->name == RK_ATOM_EMPTY && positional++ == 0)
            value = arg->value;
    }
    if (!rk_fn_find(rk_str_from(fn->name)))
        return SEMA_YES;
    if (positional == 0)
        return fn->values & RK_VALUES_NONE ? SEMA_YES : SEMA_NO;
    if (positional > (fn->param ? 2u : 1u))
        return SEMA_NO;
    if (sema_is_literal(env, value) || rk_ast_strip(value)->kind == RK_AST_LIST)
        return sema_is_literal(env, value) ? SEMA_YES : SEMA_NO;
    *first = sema_expr(s, env, value, (rk_type){0});
    if (!*first)
        return SEMA_ERROR;
    const uint8_t kind = rk_dag_at(s->dag, *first)->type.kind;
    return kind == RK_KIND_LIST || kind == RK_KIND_VECTOR ? SEMA_NO : SEMA_YES;
}

static bool error_args(sema *s, const sema_env *env, const rk_ast *ast, const rk_fold_fn *fn)
{
    rk_diag *const diag =
        sema_error(s, env, RK_E0206, ast->span, "wrong arguments for `%s`", fn->name);
    rk_diag_note(&s->cx->diags, diag, RK_NO_SPAN, "`%s(value%s%s, by: …, where: …, over: …)`",
                 fn->name, fn->param ? ", " : "", fn->param ? fn->param : "");
    return false;
}

static bool sort_args(sema *s, const sema_env *env, const rk_ast *ast, const rk_fold_fn *fn,
                      fold_args *out)
{
    for (uint32_t i = 0; i < ast->as.call.n_args; i++) {
        const rk_ast_arg *const arg = &ast->as.call.args[i];
        const rk_ast **slot = NULL;
        if (is_named(s, arg, "by"))
            slot = &out->by;
        else if (is_named(s, arg, "where"))
            slot = &out->where;
        else if (is_named(s, arg, "over"))
            slot = &out->over;
        else if (is_named(s, arg, fn->param))
            slot = &out->param;
        else if (arg->name == RK_ATOM_EMPTY)
            slot = !out->value ? &out->value : fn->param ? &out->param : NULL;
        if (!slot || *slot)
            return error_args(s, env, ast, fn);
        *slot = arg->value;
    }
    if ((!out->value && !(fn->values & RK_VALUES_NONE)) || (!out->param && fn->param_required))
        return error_args(s, env, ast, fn);
    return true;
}

static bool takes(const rk_fold_fn *fn, uint8_t kind)
{
    const unsigned set = rk_kind_is_number(kind)  ? RK_VALUES_NUMBER
                         : kind == RK_KIND_BOOL   ? RK_VALUES_BOOL
                         : kind == RK_KIND_STRING ? RK_VALUES_STRING
                                                  : 0;
    return (fn->values & set) != 0;
}

/* The folded value: an item-scope scalar. */
static bool fold_value(sema *s, const sema_env *env, const rk_ast *ast, const rk_fold_fn *fn,
                       rk_ref ref)
{
    const rk_node *const node = rk_dag_at(s->dag, ref);
    if (!takes(fn, node->type.kind)) {
        sema_error(s, env, RK_E0205, ast->span, "`%s` does not go over %s", fn->name,
                   rk_type_text(node->type).text);
        return false;
    }
    if (node->scope == RK_SCOPE_ITEM)
        return true;
    rk_diag *const diag =
        sema_error(s, env, RK_E0309, ast->span,
                   "`%s` goes over the items, and this is one value a request", fn->name);
    rk_diag_label(&s->cx->diags, diag, "%s scope",
                  node->scope == RK_SCOPE_QUERY ? "query" : "const");
    return false;
}

/* A label, or `recall`; the labels that exist in a pipeline are checked where it is used. */
static rk_ref fold_domain(sema *s, const sema_env *env, const rk_ast *over, rk_span span)
{
    rk_atom label = RK_ATOM_EMPTY;
    if (over && over->kind != RK_AST_NAME) {
        sema_error(s, env, RK_E0403, over->span, "`over:` takes the label of a stage");
        return 0;
    }
    if (over && !rk_str_eq(sema_name(s, over->as.name), RK_STR("recall"))) {
        label = over->as.name;
        if (label >= s->n_names || !s->labels[label]) {
            sema_error(s, env, RK_E0403, over->span, "no pipeline has a stage labelled `%.*s`",
                       RK_STR_ARG(sema_name(s, label)));
            return 0;
        }
    }
    return rk_dag_node(s->dag, &(rk_node_spec){.op = RK_OP_DOMAIN, .aux = label, .span = span});
}

static rk_ref fold_key(sema *s, const sema_env *env, const rk_ast *by)
{
    const rk_ref ref = sema_expr(s, env, by, (rk_type){0});
    if (!ref || rk_kind_is_scalar(rk_dag_at(s->dag, ref)->type.kind))
        return ref;
    sema_error(s, env, RK_E0205, by->span, "`by:` groups by a scalar, and this is %s",
               sema_type_of(s, ref).text);
    return 0;
}

bool sema_quantile(sema *s, const sema_env *env, rk_ref ref, rk_span span, double *out)
{
    rk_value value;
    if (!sema_constant(s, ref, span, "the quantile", &value))
        return false;
    *out = value.as.d;
    if (value.as.d >= 0 && value.as.d <= 1)
        return true;
    sema_error(s, env, RK_E0205, span, "a quantile is between 0 and 1, and this is %g", value.as.d);
    return false;
}

/* quantile's q; rank's asc. */
static bool fold_param(sema *s, const sema_env *env, const rk_ast *ast, const rk_fold_fn *fn,
                       double *out)
{
    if (strcmp(fn->param, "q") == 0) {
        const rk_ref q = sema_expr_as(s, env, ast, RK_TYPE(DOUBLE), "the quantile");
        return q && sema_quantile(s, env, q, ast->span, out);
    }
    const rk_ref ref = sema_condition(s, env, ast, "`asc:`");
    rk_value value;
    if (!ref || !sema_constant(s, ref, ast->span, "`asc:`", &value))
        return false;
    *out = value.as.b;
    return true;
}

static rk_type fold_type(const rk_fold_fn *fn, rk_type value, bool may_be_outside)
{
    rk_type type = {.kind = RK_KIND_INT};
    if (fn->result == RK_RESULT_SAME)
        type.kind = value.kind;
    else if (fn->result == RK_RESULT_REAL)
        type.kind = value.kind == RK_KIND_DOUBLE ? RK_KIND_DOUBLE : RK_KIND_FLOAT;
    else if (fn->result == RK_RESULT_BOOL)
        type.kind = RK_KIND_BOOL;
    if (fn->kind == RK_FOLD_LISTWISE || fn->empty_missing)
        type.optional = value.optional || may_be_outside;
    return type;
}

rk_ref sema_fold(sema *s, const sema_env *env, const rk_ast *ast, const rk_fold_fn *fn,
                 rk_ref first)
{
    fold_args args = {0};
    if (!sort_args(s, env, ast, fn, &args))
        return 0;
    double param = 0;
    rk_ref operands[4] = {fold_domain(s, env, args.over, ast->span), first};
    if (args.value && !first)
        operands[1] = sema_expr(s, env, args.value, (rk_type){0});
    if (args.by)
        operands[2] = fold_key(s, env, args.by);
    if (args.where)
        operands[3] = sema_condition(s, env, args.where, "`where:`");
    if (!operands[0] || (args.value && !operands[1]) || (args.by && !operands[2]) ||
        (args.where && !operands[3]) || (args.param && !fold_param(s, env, args.param, fn, &param)))
        return 0;
    if (args.value && !fold_value(s, env, args.value, fn, operands[1]))
        return 0;
    const bool inner = rk_dag_at(s->dag, operands[0])->aux != RK_ATOM_EMPTY;
    const rk_type value = operands[1] ? rk_dag_at(s->dag, operands[1])->type : RK_TYPE(INT);
    const bool one = fn->kind == RK_FOLD_AGGREGATE && !args.by;
    const rk_type by = args.by ? rk_dag_at(s->dag, operands[2])->type : RK_TYPE(INT);
    const bool no_group = by.optional || rk_kind_is_real(by.kind); /* a missing key, or NaN */
    return rk_dag_node(
        s->dag, &(rk_node_spec){.op = RK_OP_FOLD,
                                .scope = one ? RK_SCOPE_QUERY : RK_SCOPE_ITEM,
                                .type = fold_type(fn, value, args.where || inner || no_group),
                                .aux = rk_fold_index(fn),
                                .param = param,
                                .span = ast->span,
                                .operands = operands,
                                .n = 4});
}
