/* If, where the condition is known when loading: the branch's nodes as if they stood in its place.
 */
#include "runtime/model/onnx_operators.h"

enum { DEEPEST = 8 };

/* What the node at hand is, while others are translated. */
typedef struct place {
    const rk_onnx_node *node;
    int64_t version;
    rk_net_value **in;
    uint32_t n_in;
} place;

static rk_status give_outputs(rk_net *net, const rk_onnx *branch)
{
    for (uint32_t i = 0; i < net->node->n_outputs; i++) {
        rk_net_value *value = NULL;
        if (i < branch->n_outputs)
            RK_TRY(rk_net_find(net, branch->outputs[i].name, &value));
        if (!value)
            return rk_net_bad(net, "its branch does not make output %u", i);
        net->reason = value->lacks;
        if (value->lacks.len)
            return RK_EDATA;
        RK_TRY(rk_net_give(net, i, value));
    }
    return RK_OK;
}

rk_status rk_net_do_if(rk_net *net, const rk_net_row *row)
{
    const rk_net_value *const condition = net->in[0];
    rk_onnx branch;
    (void)row;
    if (!rk_net_is_plain(condition) || condition->kind != RK_KIND_BOOL ||
        rk_net_elements(condition) != 1 || net->depth == DEEPEST)
        return rk_net_lacks(net, "If by what is not known when loading");
    const bool holds = rk_net_number(condition, 0) != 0;
    const rk_onnx_attribute *const graph =
        rk_onnx_attribute_find(net->node, holds ? "then_branch" : "else_branch");
    if (!graph || graph->type != RK_ONNX_ATTRIBUTE_GRAPH)
        return rk_net_bad(net, "it lacks a branch");
    RK_TRY(rk_onnx_read_branch(net->onnx, graph->as.s, net->loading, &net->scratch, &branch));
    RK_TRY(rk_net_initializers(net, &branch));
    const place kept = {net->node, net->version, net->in, net->n_in};
    net->depth++;
    const rk_status status = rk_net_nodes(net, branch.nodes, branch.n_nodes);
    net->depth--;
    net->node = kept.node;
    net->version = kept.version;
    net->in = kept.in;
    net->n_in = kept.n_in;
    if (status != RK_OK)
        return status;
    return give_outputs(net, &branch);
}
