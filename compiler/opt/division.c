/* Division by a power of two is multiplication by its reciprocal: both round the same real number
 * once, so the bits are equal, denormal results included. The reciprocal must be exact and normal.
 */
#include <math.h>

#include "compiler/opt/opt.h"

static bool is_power_of_two(double x)
{
    int exponent;
    return isfinite(x) && x != 0 && fabs(frexp(x, &exponent)) == 0.5;
}

/* The constant 1/x in the kind of x, when it is exact. */
static bool reciprocal(const rk_value *value, rk_value *out)
{
    const bool single = value->type.kind == RK_KIND_FLOAT;
    const double x = single ? (double)value->as.f : value->as.d;
    if (value->missing || !is_power_of_two(x))
        return false;
    *out = *value;
    if (single) {
        out->as.f = (float)(1 / x);
        return isnormal(out->as.f) && (double)out->as.f == 1 / x;
    }
    out->as.d = 1 / x;
    return isnormal(out->as.d);
}

rk_ref rk_pass_division(rk_module *module, rk_dag *dag, const rk_node_spec *spec)
{
    (void)module;
    rk_value inverse;
    if (spec->op != RK_OP_DIV || !rk_dag_is_const(dag, spec->operands[1]) ||
        !reciprocal(rk_dag_value(dag, spec->operands[1]), &inverse))
        return rk_dag_node(dag, spec);
    const rk_ref b = rk_dag_const(dag, inverse, spec->span);
    return rk_dag_binary(dag, RK_OP_MUL, spec->type, spec->operands[0], b, spec->span);
}
