/* The table of passes, and the one loop that applies a pass to a graph. Common subexpressions need
 * no pass: equal nodes are one node. Dead factors need none either: lowering makes only what the
 * result needs. Query-scope work is hoisted by scope: lowering puts it on the request's own list.
 */
#include "compiler/opt/opt.h"

/* clang-format off */
const rk_pass rk_passes[] = {
    {"fold",     rk_pass_fold,     "constants first: every later pass looks for them"},
    {"algebra",  rk_pass_algebra,  "x * 1, not not x, if true …: exact only; after fold, which shows the constants"},
    {"division", rk_pass_division, "x / 2^k is x * 2^-k, exactly, and four times as fast; last, as it hides a division"},
    {0},
};
/* clang-format on */

/* A node of the old graph made anew from operands that were rewritten. */
static rk_ref rewrite_node(rk_module *module, const rk_pass *pass, const rk_dag *old, rk_dag *dag,
                           rk_ref ref, const rk_ref *map, rk_ref *operands)
{
    const rk_node *const node = rk_dag_at(old, ref);
    if (node->op == RK_OP_CONST)
        return rk_dag_const(dag, *rk_dag_value(old, ref), node->span);
    for (uint32_t i = 0; i < node->n; i++)
        operands[i] = map[rk_dag_operand(old, ref, i)];
    return pass->rewrite(module, dag,
                         &(rk_node_spec){.op = node->op,
                                         .scope = node->scope,
                                         .type = node->type,
                                         .aux = node->aux,
                                         .param = node->param,
                                         .span = node->span,
                                         .operands = operands,
                                         .n = node->n});
}

/* The module's own references follow their nodes. */
static void remap(rk_module *module, const rk_ref *map)
{
    for (uint32_t i = 0; i < module->factors.len; i++)
        module->factors.items[i].value = map[module->factors.items[i].value];
    for (uint32_t i = 0; i < module->sources.len; i++)
        module->sources.items[i].lookup = map[module->sources.items[i].lookup];
    for (uint32_t i = 0; i < module->indexes.len; i++)
        module->indexes.items[i].vector = map[module->indexes.items[i].vector];
    for (uint32_t i = 0; i < module->pipelines.len; i++) {
        rk_pipeline *const pipeline = &module->pipelines.items[i];
        pipeline->root = map[pipeline->root];
        pipeline->recall = map[pipeline->recall];
        for (uint32_t k = 0; k < pipeline->labels.len; k++)
            pipeline->labels.items[k].stage = map[pipeline->labels.items[k].stage];
    }
}

static rk_status run_pass(rk_module *module, const rk_pass *pass)
{
    rk_arena *const arena = &module->cx->arena;
    const rk_dag old = module->dag;
    rk_dag dag;
    RK_TRY(rk_dag_init(&dag, arena));
    rk_ref *const map = RK_NEW_ARRAY(arena, rk_ref, old.nodes.len);
    rk_ref *const operands = RK_NEW_ARRAY(arena, rk_ref, RK_DAG_OPERANDS_MAX + 1u);
    if (!map || !operands)
        return RK_ENOMEM;
    for (rk_ref ref = 1; ref < old.nodes.len; ref++) {
        map[ref] = rewrite_node(module, pass, &old, &dag, ref, map, operands);
        if (!map[ref] || dag.no_memory)
            return RK_ENOMEM;
    }
    module->dag = dag;
    remap(module, map);
    return RK_OK;
}

rk_status rk_optimize(rk_module *module)
{
    for (const rk_pass *pass = rk_passes; pass->name; pass++) {
        RK_TRY(run_pass(module, pass));
        rk_buf fault = {0};
        const rk_status status = rk_dag_verify(&module->dag, &fault);
        if (status != RK_OK)
            rk_error(&module->cx->diags, RK_E0799, RK_NO_SPAN, "after pass `%s`: %.*s", pass->name,
                     RK_STR_ARG(rk_buf_str(&fault)));
        rk_buf_free(&fault);
        RK_TRY(status);
    }
    return RK_OK;
}
