/* A network of an ONNX graph: the order of things. */
#include "runtime/model/onnx_network.h"

#include "runtime/model/network_make.h"

/* ---- names ---- */

static bool is_named(const void *owner, uint32_t value, const void *key)
{
    const rk_net *const net = owner;
    return rk_str_eq(net->values.items[value]->name, *(const rk_str *)key);
}

static uint32_t find(const rk_net *net, rk_str name)
{
    return rk_table_find(&net->by_name, rk_str_hash(name), is_named, net, &name);
}

rk_status rk_net_name(rk_net *net, rk_str name, rk_net_value *value)
{
    if (find(net, name) != RK_MAP_NONE || rk_onnx_initializer(net->onnx, name)) {
        net->reason = RK_STR(""); /* this is an error, whatever else the file gives */
        return rk_model_bad(net->loading, 0, "two values are called `%.*s`", RK_STR_ARG(name));
    }
    value->name = name;
    if (!rk_table_add(&net->scratch, &net->by_name, rk_str_hash(name), net->values.len) ||
        !rk_vec_push(&net->scratch, &net->values, value))
        return RK_ENOMEM;
    return RK_OK;
}

/* A value that is not to be had, for the reason just given. */
static rk_status lacking(rk_net *net, rk_net_value **out)
{
    rk_net_value *const value = *out = rk_net_value_new(net, RK_KIND_FLOAT);
    if (!value)
        return RK_ENOMEM;
    value->lacks = net->reason;
    return RK_OK;
}

/* An initializer as a value. */
static rk_status add_tensor(rk_net *net, const rk_onnx_tensor *tensor, rk_net_value **out)
{
    net->reason = RK_STR("");
    const rk_status status = rk_net_tensor(net, tensor, out);
    if (status == RK_EDATA && net->reason.len)
        RK_TRY(lacking(net, out));
    else if (status != RK_OK)
        return status;
    (*out)->name = tensor->name;
    if (!rk_table_add(&net->scratch, &net->by_name, rk_str_hash(tensor->name), net->values.len) ||
        !rk_vec_push(&net->scratch, &net->values, *out))
        return RK_ENOMEM;
    return RK_OK;
}

rk_status rk_net_find(rk_net *net, rk_str name, rk_net_value **out)
{
    const uint32_t known = find(net, name);
    const rk_onnx_tensor *const tensor = rk_onnx_initializer(net->onnx, name);
    *out = known == RK_MAP_NONE ? NULL : net->values.items[known];
    return *out || !tensor ? RK_OK : add_tensor(net, tensor, out);
}

rk_status rk_net_initializers(rk_net *net, const rk_onnx *branch)
{
    for (uint32_t i = 0; i < branch->n_initializers; i++) {
        const rk_onnx_tensor *const tensor = &branch->initializers[i];
        rk_net_value *value;
        if (find(net, tensor->name) != RK_MAP_NONE || rk_onnx_initializer(net->onnx, tensor->name))
            return rk_net_bad(net, "two values are called `%.*s`", RK_STR_ARG(tensor->name));
        RK_TRY(add_tensor(net, tensor, &value));
    }
    return RK_OK;
}

/* ---- nodes ---- */

rk_status rk_net_give(rk_net *net, uint32_t i, rk_net_value *value)
{
    if (i >= net->node->n_outputs || net->node->outputs[i].len == 0)
        return RK_OK;
    rk_net_value *const copy = rk_net_value_new(net, value->kind);
    if (!copy)
        return RK_ENOMEM;
    const rk_str name = net->node->outputs[i];
    *copy = *value;
    if (!rk_net_is_constant(copy) && copy->made != RK_NET_NONE &&
        net->made.items[copy->made].name.len == 0)
        net->made.items[copy->made].name = name;
    return rk_net_name(net, name, copy);
}

/* The operands of the node; the reason, if one of them is not to be had. */
static rk_status take_operands(rk_net *net)
{
    const rk_onnx_node *const node = net->node;
    net->n_in = node->n_inputs;
    while (net->n_in && node->inputs[net->n_in - 1].len == 0)
        net->n_in--; /* left out */
    net->in = RK_NEW_ARRAY(&net->scratch, rk_net_value *, net->n_in);
    if (!net->in)
        return RK_ENOMEM;
    rk_str reason = RK_STR("");
    for (uint32_t i = 0; i < net->n_in; i++) {
        if (node->inputs[i].len == 0)
            continue;
        RK_TRY(rk_net_find(net, node->inputs[i], &net->in[i]));
        if (!net->in[i])
            return rk_net_bad(net, "its input `%.*s` is nowhere made before it",
                              RK_STR_ARG(node->inputs[i]));
        if (net->in[i]->lacks.len)
            reason = net->in[i]->lacks;
    }
    net->reason = reason;
    return reason.len ? RK_EDATA : RK_OK;
}

static bool lacks_first(const rk_net *net, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!rk_net_in(net, i))
            return true;
    return false;
}

static rk_status translate(rk_net *net)
{
    const rk_onnx_node *const node = net->node;
    const rk_net_row *const row = rk_net_row_find(net, node);
    if (!row) {
        const bool own = node->domain.len == 0;
        return rk_net_lacks(net, "%.*s%s%.*s", RK_STR_ARG(node->domain), own ? "" : ".",
                            RK_STR_ARG(node->op));
    }
    RK_TRY(take_operands(net));
    if ((net->n_in > row->most && row->most != RK_NET_ANY) || lacks_first(net, row->least))
        return rk_net_bad(net, "it has %u inputs", net->n_in);
    return row->translate(net, row);
}

/* Outputs that the node did not give, or all of them if it cannot be translated. */
static rk_status lack_outputs(rk_net *net)
{
    const rk_onnx_node *const node = net->node;
    for (uint32_t i = 0; i < node->n_outputs; i++) {
        rk_net_value *value;
        if (node->outputs[i].len == 0 || find(net, node->outputs[i]) != RK_MAP_NONE)
            continue;
        if (net->reason.len == 0 &&
            rk_net_lacks(net, "output %u of %.*s", i, RK_STR_ARG(node->op)) != RK_EDATA)
            return RK_ENOMEM;
        RK_TRY(lacking(net, &value));
        RK_TRY(rk_net_name(net, node->outputs[i], value));
    }
    return RK_OK;
}

rk_status rk_net_nodes(rk_net *net, const rk_onnx_node *nodes, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        net->node = &nodes[i];
        net->reason = RK_STR("");
        net->version =
            net->node->version ? net->node->version : rk_onnx_version(net->onnx, net->node->domain);
        const rk_status status = translate(net);
        if (status != RK_OK && (status != RK_EDATA || net->reason.len == 0))
            return status;
        RK_TRY(lack_outputs(net));
    }
    net->node = NULL;
    return RK_OK;
}

/* ---- the model ---- */

static rk_status check_opset(rk_net *net)
{
    net->opset = rk_onnx_version(net->onnx, RK_STR(""));
    if (net->opset >= RK_NET_OPSET_LEAST && net->opset <= RK_NET_OPSET_MOST)
        return RK_OK;
    rk_model_lacks(net->loading, "opset %lld (%d to %d are known)", (long long)net->opset,
                   RK_NET_OPSET_LEAST, RK_NET_OPSET_MOST);
    return rk_model_supported(net->loading);
}

/* "opset 17, pytorch 2.8". */
static rk_status describe(rk_net *net, rk_model *out)
{
    rk_buf words = {0};
    rk_buf_printf(&words, "opset %lld", (long long)net->opset);
    if (net->onnx->producer.len)
        rk_buf_printf(&words, ", %.*s", RK_STR_ARG(net->onnx->producer));
    if (net->onnx->producer.len && net->onnx->producer_version.len)
        rk_buf_printf(&words, " %.*s", RK_STR_ARG(net->onnx->producer_version));
    const char *const copy = rk_arena_copy(net->arena, words.data, words.len);
    out->version = (rk_str){copy, words.len};
    const bool failed = words.failed || !copy;
    rk_buf_free(&words);
    return failed ? RK_ENOMEM : RK_OK;
}

static rk_status make(rk_net *net, rk_model *out)
{
    rk_network network = {0};
    rk_network *const made = RK_NEW(net->arena, rk_network);
    if (!made)
        return RK_ENOMEM;
    RK_TRY(check_opset(net));
    RK_TRY(rk_net_inputs(net, out, &network));
    RK_TRY(rk_net_nodes(net, net->onnx->nodes, net->onnx->n_nodes));
    RK_TRY(rk_net_outputs(net, out, &network));
    network.values = net->made.items;
    network.n_values = net->made.len;
    network.ops = net->ops.items;
    network.n_ops = net->ops.len;
    network.operands = net->operands.items;
    network.n_operands = net->operands.len;
    RK_TRY(rk_network_fuse(&network, &net->scratch));
    RK_TRY(rk_network_compact(&network, net->arena, made));
    for (uint32_t i = 0; i < out->n_inputs; i++)
        out->inputs[i].used = made->inputs[i] != RK_NET_NONE;
    out->beside = net->beside.items;
    out->n_beside = net->beside.len;
    out->beside_digest = net->beside_digest;
    out->shape = RK_MODEL_NETWORK;
    out->as.network = made;
    out->kind = RK_KIND_FLOAT;
    out->slope = 1;
    return describe(net, out);
}

rk_status rk_onnx_network_load(const rk_onnx *onnx, size_t size, rk_model_loading *loading,
                               rk_arena *arena, rk_model *out)
{
    rk_net net = {.loading = loading, .onnx = onnx, .arena = arena};
    net.room = 32 * (uint64_t)size + (1 << 20);
    net.work = 256 * (uint64_t)size + (1 << 24);
    const rk_status status = make(&net, out);
    for (uint32_t i = 0; i < net.files.len; i++)
        if (net.files.items[i]->mine)
            rk_file_unmap(&net.files.items[i]->mapping);
    rk_arena_free(&net.scratch);
    return status;
}
