/* Folding: an operation on constants is done now, by the kernels that requests use. */
#include "compiler/opt/opt.h"
#include "runtime/exec/exec.h"
#include "stdlib/fn.h"

static bool is_foldable(const rk_dag *dag, const rk_node_spec *spec)
{
    if (!rk_op_is_core(spec->op) || spec->scope != RK_SCOPE_CONST)
        return false;
    if (spec->op == RK_OP_CALL && (rk_fn_at(spec->aux)->flags & RK_FN_REQUEST))
        return false;
    for (uint32_t i = 0; i < spec->n; i++)
        if (!rk_dag_is_const(dag, spec->operands[i]))
            return false;
    return true;
}

rk_ref rk_pass_fold(rk_module *module, rk_dag *dag, const rk_node_spec *spec)
{
    if (!is_foldable(dag, spec))
        return rk_dag_node(dag, spec);
    rk_context *const cx = module->cx;
    rk_value *const values = RK_NEW_ARRAY(&cx->arena, rk_value, spec->n + 1u);
    rk_value out;
    if (!values)
        return 0;
    for (uint32_t i = 0; i < spec->n; i++)
        values[i] = *rk_dag_value(dag, spec->operands[i]);
    if (rk_fold_constant((rk_core)spec->op, spec->aux, spec->type, values, spec->n, &cx->arena,
                         &cx->names, &out) != RK_OK)
        return rk_dag_node(dag, spec);
    out.type = spec->type;
    out.missing &= spec->type.optional; /* NaN needs no `?` */
    return rk_dag_const(dag, out, spec->span);
}
