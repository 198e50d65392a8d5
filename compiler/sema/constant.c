/* Values of constant expressions, where the language asks for one before the optimiser has run: the
 * quantile, `asc:`, defaults, and divisors that are not 0. */
#include "compiler/sema/sema.h"

#include "runtime/exec/exec.h"

static bool is_foldable(const rk_node *node)
{
    return node->op == RK_OP_CONST || (node->scope == RK_SCOPE_CONST && rk_op_is_core(node->op));
}

/* `values`: of the nodes before it, by number. */
static bool fold_node(sema *s, rk_ref ref, const rk_value *values, rk_arena *scratch, rk_value *out)
{
    const rk_node node = *rk_dag_at(s->dag, ref);
    if (node.op == RK_OP_CONST) {
        *out = *rk_dag_value(s->dag, ref);
        return true;
    }
    rk_value *const operands = RK_NEW_ARRAY(scratch, rk_value, node.n);
    for (uint32_t i = 0; operands && i < node.n; i++)
        operands[i] = values[rk_dag_operand(s->dag, ref, i)];
    const rk_status status = operands
                                 ? rk_fold_constant((rk_core)node.op, node.aux, node.type, operands,
                                                    node.n, s->arena, &s->cx->names, out)
                                 : RK_ENOMEM;
    s->dag->no_memory |= status == RK_ENOMEM;
    return status == RK_OK;
}

/* Operands stand before their users, so one way through the graph folds each part once, however
 * often it is used and however deep it lies. */
static bool fold_graph(sema *s, rk_ref ref, rk_arena *scratch, rk_value *out)
{
    const uint8_t *const live = rk_dag_reachable(s->dag, scratch, &ref, 1);
    rk_value *const values = RK_NEW_ARRAY(scratch, rk_value, (size_t)ref + 1);
    bool fine = live && values;
    s->dag->no_memory |= !fine;
    for (rk_ref at = 1; fine && at <= ref; at++)
        if (live[at])
            fine = is_foldable(rk_dag_at(s->dag, at)) &&
                   fold_node(s, at, values, scratch, &values[at]);
    if (fine)
        *out = values[ref];
    return fine;
}

bool sema_try_constant(sema *s, rk_ref ref, rk_value *out)
{
    if (!ref || !is_foldable(rk_dag_at(s->dag, ref)))
        return false;
    if (rk_dag_is_const(s->dag, ref)) {
        *out = *rk_dag_value(s->dag, ref);
        return true;
    }
    rk_arena scratch = {0};
    const bool fine = fold_graph(s, ref, &scratch, out);
    rk_arena_free(&scratch);
    return fine;
}

bool sema_constant(sema *s, rk_ref ref, rk_span span, const char *what, rk_value *out)
{
    if (!ref)
        return false;
    if (sema_try_constant(s, ref, out))
        return true;
    sema_error(s, NULL, RK_E0209, span, "%s must be a constant", what);
    return false;
}
