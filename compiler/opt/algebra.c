/* Identities that hold to the last bit, NaN and the sign of zero included. x + 0.0 is not one of
 * them (-0.0 + 0.0 is 0.0), nor is x * 0.0 (NaN), nor `not (a == b)` (NaN again). */
#include "compiler/opt/opt.h"

static bool is_number(const rk_dag *dag, rk_ref ref, double number)
{
    if (!rk_dag_is_const(dag, ref))
        return false;
    const rk_value *const value = rk_dag_value(dag, ref);
    if (value->missing)
        return false;
    switch (value->type.kind) {
    case RK_KIND_INT:
        return (double)value->as.i == number && value->as.i == (int64_t)number;
    case RK_KIND_FLOAT:
        return (double)value->as.f == number;
    case RK_KIND_DOUBLE:
        return value->as.d == number;
    default:
        return false;
    }
}

static bool is_bool(const rk_dag *dag, rk_ref ref, bool wanted)
{
    return rk_dag_is_const(dag, ref) && rk_dag_value(dag, ref)->type.kind == RK_KIND_BOOL &&
           rk_dag_value(dag, ref)->as.b == wanted;
}

/* a, if it has the type of the node that it replaces. */
static rk_ref same(const rk_dag *dag, const rk_node_spec *spec, rk_ref a)
{
    return rk_type_eq(rk_dag_at(dag, a)->type, spec->type) ? a : 0;
}

static rk_ref arithmetic(const rk_dag *dag, const rk_node_spec *spec)
{
    const rk_ref a = spec->operands[0], b = spec->operands[1];
    const bool is_int = spec->type.kind == RK_KIND_INT;
    switch (spec->op) {
    case RK_OP_ADD:
        if (is_int && is_number(dag, b, 0))
            return same(dag, spec, a);
        return is_int && is_number(dag, a, 0) ? same(dag, spec, b) : 0;
    case RK_OP_SUB: /* x - 0.0 is x for every x, -0.0 included; x - -0.0 is not */
        if (is_number(dag, b, 0) &&
            (is_int || !__builtin_signbit(spec->type.kind == RK_KIND_FLOAT
                                              ? (double)rk_dag_value(dag, b)->as.f
                                              : rk_dag_value(dag, b)->as.d)))
            return same(dag, spec, a);
        return 0;
    case RK_OP_MUL:
        if (is_number(dag, b, 1))
            return same(dag, spec, a);
        return is_number(dag, a, 1) ? same(dag, spec, b) : 0;
    case RK_OP_DIV:
        return is_number(dag, b, 1) ? same(dag, spec, a) : 0;
    default:
        return 0;
    }
}

static rk_ref logic(const rk_dag *dag, const rk_node_spec *spec)
{
    const rk_ref a = spec->operands[0], b = spec->operands[1];
    const bool neutral = spec->op == RK_OP_AND;
    if (a == b || is_bool(dag, b, neutral))
        return a;
    if (is_bool(dag, a, neutral))
        return b;
    if (is_bool(dag, a, !neutral))
        return a;
    return is_bool(dag, b, !neutral) ? b : 0;
}

/* The operand of an operation that the node undoes: not not x, --x. */
static rk_ref twice(const rk_dag *dag, const rk_node_spec *spec)
{
    const rk_ref a = spec->operands[0];
    return rk_dag_at(dag, a)->op == spec->op ? same(dag, spec, rk_dag_operand(dag, a, 0)) : 0;
}

static rk_ref branch(const rk_dag *dag, const rk_node_spec *spec)
{
    const rk_ref condition = spec->operands[0], yes = spec->operands[1], no = spec->operands[2];
    if (is_bool(dag, condition, true) || yes == no)
        return same(dag, spec, yes);
    return is_bool(dag, condition, false) ? same(dag, spec, no) : 0;
}

/* x ?? d where x is always there: only of kinds whose missing is told by the type. */
static rk_ref coalesce(const rk_dag *dag, const rk_node_spec *spec)
{
    const rk_node *const a = rk_dag_at(dag, spec->operands[0]);
    const bool always = !a->type.optional && rk_kind_has_mask(a->type.kind);
    return always ? same(dag, spec, spec->operands[0]) : 0;
}

static rk_ref simpler(const rk_dag *dag, const rk_node_spec *spec)
{
    switch (spec->op) {
    case RK_OP_ADD:
    case RK_OP_SUB:
    case RK_OP_MUL:
    case RK_OP_DIV:
        return arithmetic(dag, spec);
    case RK_OP_AND:
    case RK_OP_OR:
        return logic(dag, spec);
    case RK_OP_NOT:
    case RK_OP_NEG:
        return twice(dag, spec);
    case RK_OP_IF:
        return branch(dag, spec);
    case RK_OP_COALESCE:
        return coalesce(dag, spec);
    default:
        return 0;
    }
}

/* A known condition is left to lowering: the branch that is not taken may have labels. */
static rk_ref choose(const rk_node_spec *spec)
{
    return spec->operands[1] == spec->operands[2] ? spec->operands[1] : 0;
}

rk_ref rk_pass_algebra(rk_module *module, rk_dag *dag, const rk_node_spec *spec)
{
    (void)module;
    const rk_ref ref = spec->op == RK_OP_CHOOSE ? choose(spec) : simpler(dag, spec);
    return ref ? ref : rk_dag_node(dag, spec);
}
