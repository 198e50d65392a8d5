/* Expressions of number literals alone: they take, whole, the type that their use asks for. */
#include <math.h>

#include "compiler/sema/sema.h"

const sema_param *sema_param_find(const sema_env *env, rk_atom name)
{
    for (uint32_t i = 0; env && i < env->n_params; i++)
        if (env->params[i].name == name)
            return &env->params[i];
    return NULL;
}

static bool is_arithmetic(rk_ast_op op)
{
    return (op >= RK_AST_ADD && op <= RK_AST_POW) || op == RK_AST_NEG;
}

/* The literal that a name stands for, or NULL. */
static const sema_param *literal_param(const sema_env *env, const rk_ast *ast)
{
    if (ast->kind != RK_AST_NAME)
        return NULL;
    const sema_param *const param = sema_param_find(env, ast->as.name);
    return param && param->literal ? param : NULL;
}

bool sema_is_literal(const sema_env *env, const rk_ast *ast)
{
    switch (ast->kind) {
    case RK_AST_NUMBER:
    case RK_AST_INF:
        return true;
    case RK_AST_NAME:
        return literal_param(env, ast) != NULL;
    case RK_AST_PAREN:
        return sema_is_literal(env, ast->as.unary.operand);
    case RK_AST_UNARY:
        return is_arithmetic(ast->as.unary.op) && sema_is_literal(env, ast->as.unary.operand);
    case RK_AST_BINARY:
        return is_arithmetic(ast->as.binary.op) && sema_is_literal(env, ast->as.binary.left) &&
               sema_is_literal(env, ast->as.binary.right);
    default:
        return false;
    }
}

static bool is_real(const sema_env *env, const rk_ast *ast)
{
    const sema_param *param;
    switch (ast->kind) {
    case RK_AST_NUMBER:
        return ast->as.number.is_float;
    case RK_AST_NAME:
        param = literal_param(env, ast);
        return param && is_real(param->literal_env, param->literal);
    case RK_AST_PAREN:
    case RK_AST_UNARY:
        return is_real(env, ast->as.unary.operand);
    case RK_AST_BINARY:
        return ast->as.binary.op == RK_AST_DIV || ast->as.binary.op == RK_AST_POW ||
               is_real(env, ast->as.binary.left) || is_real(env, ast->as.binary.right);
    default:
        return true; /* inf */
    }
}

rk_type sema_literal_type(const sema_env *env, const rk_ast *ast)
{
    return is_real(env, ast) ? RK_TYPE(FLOAT) : RK_TYPE(INT);
}

static rk_ref does_not_fit(sema *s, const sema_env *env, const rk_ast *ast, rk_type type)
{
    sema_error(s, env, RK_E0207, ast->span, "literal does not fit %s", rk_type_text(type).text);
    return 0;
}

/* Seconds in a unit. */
static double unit_seconds(rk_ast_unit unit)
{
    static const double seconds[] = {
        [RK_UNIT_NONE] = 1, [RK_UNIT_MS] = 0.001, [RK_UNIT_S] = 1,
        [RK_UNIT_M] = 60,   [RK_UNIT_H] = 3600,   [RK_UNIT_D] = 86400,
    };
    return seconds[unit];
}

/* 250ms is 0.25: an exact count of thousandths is divided, not multiplied by a rounded 0.001. */
static double with_unit(double number, rk_ast_unit unit)
{
    return unit == RK_UNIT_MS ? number / 1000 : number * unit_seconds(unit);
}

static bool read_number(const rk_ast *ast, rk_type type, rk_value *out)
{
    const rk_str digits = ast->as.number.digits;
    *out = (rk_value){.type = type};
    if (type.kind == RK_KIND_INT)
        return rk_str_to_int(digits, &out->as.i);
    double number;
    if (type.kind == RK_KIND_FLOAT && ast->as.number.unit == RK_UNIT_NONE)
        return rk_str_to_float(digits, &out->as.f) && isfinite(out->as.f);
    if (!rk_str_to_double(digits, &number))
        return false;
    number = with_unit(number, ast->as.number.unit);
    if (type.kind == RK_KIND_FLOAT)
        out->as.f = (float)number;
    else
        out->as.d = number;
    return isfinite(number) && (type.kind != RK_KIND_FLOAT || isfinite(out->as.f));
}

static rk_ref number(sema *s, const sema_env *env, const rk_ast *ast, rk_type type)
{
    rk_value value;
    if (ast->kind == RK_AST_INF) {
        value = (rk_value){.type = type};
        if (type.kind == RK_KIND_DOUBLE)
            value.as.d = INFINITY;
        else
            value.as.f = INFINITY;
    } else if (!read_number(ast, type, &value))
        return does_not_fit(s, env, ast, type);
    return rk_dag_const(s->dag, value, ast->span);
}

static rk_ref literal(sema *s, const sema_env *env, const rk_ast *ast, rk_type type);

/* -9223372036854775808 is one literal: its digits alone do not fit. */
static rk_ref negative(sema *s, const sema_env *env, const rk_ast *ast, rk_type type)
{
    const rk_ast *const operand = ast->as.unary.operand;
    const rk_str digits = operand->as.number.digits;
    if (operand->kind == RK_AST_NUMBER && type.kind == RK_KIND_INT &&
        rk_str_eq(digits, RK_STR("9223372036854775808")))
        return rk_dag_const(s->dag, (rk_value){.type = type, .as.i = INT64_MIN}, ast->span);
    const rk_ref a = literal(s, env, operand, type);
    return a ? rk_dag_unary(s->dag, RK_OP_NEG, type, a, ast->span) : 0;
}

static rk_ref binary(sema *s, const sema_env *env, const rk_ast *ast, rk_type type)
{
    static const rk_op ops[] = {
        [RK_AST_ADD] = RK_OP_ADD, [RK_AST_SUB] = RK_OP_SUB, [RK_AST_MUL] = RK_OP_MUL,
        [RK_AST_DIV] = RK_OP_DIV, [RK_AST_MOD] = RK_OP_MOD, [RK_AST_POW] = RK_OP_POW,
    };
    const rk_ref a = literal(s, env, ast->as.binary.left, type);
    const rk_ref b = literal(s, env, ast->as.binary.right, type);
    if (!a || !b)
        return 0;
    const rk_op op = ops[ast->as.binary.op];
    const rk_ref product = op == RK_OP_POW ? sema_small_power(s, env, ast, a, b) : 0;
    if (product)
        return product;
    if (op != RK_OP_MOD || type.kind != RK_KIND_INT)
        return rk_dag_binary(s->dag, op, type, a, b, ast->span);
    rk_value divisor;
    if (!sema_constant(s, b, ast->span, "a divisor", &divisor))
        return 0;
    return rk_dag_binary(s->dag, op, rk_type_opt(type, divisor.as.i == 0), a, b, ast->span);
}

static rk_ref literal(sema *s, const sema_env *env, const rk_ast *ast, rk_type type)
{
    const sema_param *param;
    switch (ast->kind) {
    case RK_AST_NAME:
        param = literal_param(env, ast);
        return literal(s, param->literal_env, param->literal, type);
    case RK_AST_PAREN:
        return literal(s, env, ast->as.unary.operand, type);
    case RK_AST_UNARY:
        return negative(s, env, ast, type);
    case RK_AST_BINARY:
        return binary(s, env, ast, type);
    default:
        return number(s, env, ast, type);
    }
}

rk_ref sema_literal(sema *s, const sema_env *env, const rk_ast *ast, rk_type want)
{
    rk_type type = sema_literal_type(env, ast);
    if (rk_kind_is_real(want.kind) || (want.kind == RK_KIND_INT && type.kind == RK_KIND_INT))
        type = rk_type_plain(want);
    return literal(s, env, ast, type);
}
