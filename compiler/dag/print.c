/* The graph as text, and the check of its invariants. */
#include "compiler/dag/dag.h"
#include "runtime/source/source.h"
#include "runtime/stage/stage.h"
#include "stdlib/fn.h"

const char *rk_op_text(rk_op op)
{
    /* clang-format off */
    static const char *const texts[] = {
#define RK_CORE(name, text, operands) [RK_OP_##name] = text,
#include "runtime/plan/op.def"
#undef RK_CORE
#define RK_OP(name, text) [RK_OP_##name] = text,
#include "compiler/dag/ops.def"
#undef RK_OP
        [RK_OP_ERROR] = "error",
    };
    /* clang-format on */
    return texts[op];
}

static void print_aux(const rk_dag *dag, const rk_node *node, const rk_atoms *names, rk_buf *out)
{
    switch (node->op) {
    case RK_OP_CONST:
        rk_value_print_json(dag->constants.items[node->aux], names, out);
        break;
    case RK_OP_CALL:
        rk_buf_printf(out, "%s", rk_fn_at(node->aux)->name);
        break;
    case RK_OP_FOLD:
        rk_buf_printf(out, "%s", rk_fold_at(node->aux)->name);
        break;
    case RK_OP_STAGE:
        rk_buf_printf(out, "%s", rk_stages[node->aux]->name);
        break;
    case RK_OP_DOMAIN:
        rk_buf_add(out, node->aux ? rk_atom_str(names, node->aux) : RK_STR("recall"));
        break;
    case RK_OP_QUERY:
    case RK_OP_ITEM:
    case RK_OP_LOOKUP:
    case RK_OP_FIELD:
    case RK_OP_SCAN:
    case RK_OP_NEAREST:
    case RK_OP_MODEL:
    case RK_OP_PART:
        rk_buf_printf(out, "#%u", node->aux);
        break;
    default:
        return;
    }
    rk_buf_add_char(out, ' ');
}

static void print_node(const rk_dag *dag, rk_ref ref, const rk_atoms *names, rk_buf *out)
{
    static const char *const scopes[] = {"const", "query", "item"};
    const rk_node *const node = rk_dag_at(dag, ref);
    rk_buf_printf(out, "%%%u = %s ", ref, rk_op_text(node->op));
    print_aux(dag, node, names, out);
    for (uint32_t i = 0; i < node->n; i++)
        rk_buf_printf(out, "%s%%%u", i ? ", " : "", rk_dag_operand(dag, ref, i));
    rk_buf_printf(out, "%s: %s %s\n", node->n ? " " : "", scopes[node->scope],
                  rk_type_text(node->type).text);
}

void rk_dag_print(const rk_dag *dag, const uint8_t *live, const rk_atoms *names, rk_buf *out)
{
    for (rk_ref ref = 1; ref < dag->nodes.len; ref++)
        if (!live || live[ref])
            print_node(dag, ref, names, out);
}

static bool aux_in_range(const rk_dag *dag, const rk_node *node)
{
    switch (node->op) {
    case RK_OP_CONST:
        return node->aux < dag->constants.len;
    case RK_OP_CALL:
        return node->aux < rk_fn_count();
    case RK_OP_FOLD:
        return node->aux < rk_fold_count() && node->n == 4;
    default:
        return true;
    }
}

static const char *node_fault(const rk_dag *dag, rk_ref ref)
{
    const rk_node *const node = rk_dag_at(dag, ref);
    if (node->op >= RK_OP_ERROR)
        return "has no operation";
    if (node->first + node->n > dag->operands.len)
        return "has operands outside the table";
    if (!aux_in_range(dag, node))
        return "names a row that does not exist";
    const bool widens = node->type.kind != RK_KIND_CANDIDATES && node->op != RK_OP_FOLD;
    for (uint32_t i = 0; i < node->n; i++) {
        const rk_ref operand = rk_dag_operand(dag, ref, i);
        if (operand >= ref)
            return "stands before its operand";
        if (widens && rk_dag_at(dag, operand)->scope > node->scope)
            return "has a narrower scope than its operand";
        if (rk_op_is_core(node->op) && operand == 0)
            return "has an operand that could not be typed";
    }
    return NULL;
}

rk_status rk_dag_verify(const rk_dag *dag, rk_buf *fault)
{
    for (rk_ref ref = 1; ref < dag->nodes.len; ref++) {
        const char *const text = node_fault(dag, ref);
        if (text) {
            rk_buf_printf(fault, "graph node %%%u %s", ref, text);
            return RK_EBUG;
        }
    }
    return RK_OK;
}
