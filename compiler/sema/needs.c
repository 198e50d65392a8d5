#include "compiler/sema/needs.h"

#include "stdlib/fn.h"

/* What of a request a node is, or "". */
static void describe(const rk_module *module, const rk_node *node, rk_buf *out)
{
    switch ((rk_op)node->op) {
    case RK_OP_QUERY:
        rk_buf_printf(out, "`query.%.*s`", RK_STR_ARG(module->query.fields[node->aux].name));
        break;
    case RK_OP_ITEM:
        rk_buf_printf(out, "`item.%.*s`", RK_STR_ARG(module->item.fields[node->aux].name));
        break;
    case RK_OP_FOLD:
        rk_buf_add_chars(out, "a value over all candidates");
        break;
    case RK_OP_LABEL_RANK:
    case RK_OP_LABEL_SCORE:
        rk_buf_add_chars(out, "a place or score in a pipeline");
        break;
    case RK_OP_CALL:
        if (rk_fn_at(node->aux)->flags & RK_FN_REQUEST)
            rk_buf_add_chars(out, "the time of a request");
        break;
    default:
        break;
    }
}

rk_status rk_needs_no_request(const rk_module *module, const uint8_t *live, rk_str what)
{
    rk_status status = RK_OK;
    for (rk_ref ref = 1; ref < module->dag.nodes.len; ref++) {
        const rk_node *const node = rk_dag_at(&module->dag, ref);
        rk_buf words = {0};
        if (live[ref])
            describe(module, node, &words);
        if (words.len) {
            rk_error(&module->cx->diags, RK_E0314, node->span,
                     "%.*s needs %s, and vectors are worked out before any request",
                     RK_STR_ARG(what), words.data);
            status = RK_EPROGRAM;
        }
        const bool failed = words.failed;
        rk_buf_free(&words);
        if (failed)
            return RK_ENOMEM;
    }
    return status;
}

bool rk_needs_rows(const rk_module *module, const uint8_t *live, uint32_t source)
{
    const rk_source_info *const info = &module->sources.items[source];
    return info->lookup && live[info->lookup] && info->n_keys == 1 &&
           rk_dag_at(&module->dag, rk_dag_operand(&module->dag, info->lookup, 0))->op == RK_OP_ID;
}
