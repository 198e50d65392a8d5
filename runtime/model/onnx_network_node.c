/* What handlers ask of the node that is being translated, and how they refuse it. */
#include <stdio.h>

#include "runtime/model/onnx_network.h"

/* ---- refusing ---- */

/* Reasons are never empty: a name that begins with NUL prints as nothing. */
static rk_status keep(rk_net *net, rk_buf *words, rk_str *out)
{
    if (words->len == 0)
        rk_buf_add_chars(words, "operators without a name");
    const char *const copy = rk_arena_copy(&net->scratch, words->data, words->len);
    *out = (rk_str){copy, words->len};
    const bool failed = words->failed || !copy;
    rk_buf_free(words);
    return failed ? RK_ENOMEM : RK_OK;
}

static bool is_reason(const void *owner, uint32_t value, const void *key)
{
    const rk_net *const net = owner;
    return rk_str_eq(net->unsupported.items[value].text, *(const rk_str *)key);
}

rk_status rk_net_lacks(rk_net *net, const char *format, ...)
{
    rk_buf words = {0};
    va_list args;
    va_start(args, format);
    rk_buf_vprintf(&words, format, args);
    va_end(args);
    RK_TRY(keep(net, &words, &net->reason));
    const uint64_t hash = rk_str_hash(net->reason);
    const uint32_t known = rk_table_find(&net->reasons, hash, is_reason, net, &net->reason);
    if (known != RK_MAP_NONE) {
        net->unsupported.items[known].n++;
        return RK_EDATA;
    }
    const rk_net_reason reason = {net->reason, 1};
    if (!rk_table_add(&net->scratch, &net->reasons, hash, net->unsupported.len) ||
        !rk_vec_push(&net->scratch, &net->unsupported, reason))
        return RK_ENOMEM;
    return RK_EDATA;
}

rk_status rk_net_bad(rk_net *net, const char *format, ...)
{
    rk_buf words = {0};
    va_list args;
    if (net->node && net->node->name.len)
        rk_buf_printf(&words, "node `%.*s` (%.*s): ", RK_STR_ARG(net->node->name),
                      RK_STR_ARG(net->node->op));
    else if (net->node)
        rk_buf_printf(&words, "node %zu (%.*s): ", (size_t)(net->node - net->onnx->nodes),
                      RK_STR_ARG(net->node->op));
    va_start(args, format);
    rk_buf_vprintf(&words, format, args);
    va_end(args);
    RK_TRY(keep(net, &words, &net->reason));
    if (net->fault.len == 0)
        net->fault = net->reason;
    return RK_EDATA;
}

/* ---- attributes ---- */

static rk_status wrong(rk_net *net, const char *name)
{
    return rk_net_bad(net, "attribute `%s` has a type that it should not have", name);
}

rk_status rk_net_get_int(rk_net *net, const char *name, int64_t *out)
{
    const rk_onnx_attribute *const attribute = rk_onnx_attribute_find(net->node, name);
    if (!attribute)
        return RK_OK;
    if (attribute->type != RK_ONNX_ATTRIBUTE_INT)
        return wrong(net, name);
    *out = attribute->as.i;
    return RK_OK;
}

rk_status rk_net_get_float(rk_net *net, const char *name, float *out)
{
    const rk_onnx_attribute *const attribute = rk_onnx_attribute_find(net->node, name);
    if (!attribute)
        return RK_OK;
    if (attribute->type != RK_ONNX_ATTRIBUTE_FLOAT)
        return wrong(net, name);
    *out = attribute->as.f;
    return RK_OK;
}

rk_status rk_net_get_text(rk_net *net, const char *name, rk_str *out)
{
    const rk_onnx_attribute *const attribute = rk_onnx_attribute_find(net->node, name);
    if (!attribute)
        return RK_OK;
    if (attribute->type != RK_ONNX_ATTRIBUTE_STRING)
        return wrong(net, name);
    *out = attribute->as.s;
    return RK_OK;
}

rk_net_value *rk_net_in(const rk_net *net, uint32_t input)
{
    return input < net->n_in ? net->in[input] : NULL;
}

rk_status rk_net_get_ints(rk_net *net, const char *name, uint32_t input, rk_net_ints *out)
{
    const rk_onnx_attribute *const attribute = rk_onnx_attribute_find(net->node, name);
    const rk_net_value *const value = rk_net_in(net, input);
    *out = (rk_net_ints){.n = RK_NET_NONE};
    if (attribute) {
        if (attribute->type != RK_ONNX_ATTRIBUTE_INTS)
            return wrong(net, name);
        *out = (rk_net_ints){{attribute->as.ints, attribute->as.ints}, attribute->n};
        return RK_OK;
    }
    if (!value)
        return RK_OK;
    if (!rk_net_is_constant(value))
        return rk_net_bad(net, "its `%s` differs from item to item", name);
    if (value->kind != RK_KIND_INT || value->batch != RK_NET_NO_BATCH || value->n_dims > 1)
        return rk_net_bad(net, "its `%s` is no list of ints", name);
    *out = (rk_net_ints){{value->data[0], value->data[1]}, (uint32_t)rk_net_elements(value)};
    return RK_OK;
}

rk_status rk_net_axis(rk_net *net, int64_t axis, uint32_t n_dims, uint32_t *out)
{
    const int64_t from = axis < 0 ? axis + n_dims : axis;
    if (from < 0 || from >= n_dims)
        return rk_net_bad(net, "axis %lld of a value with %u", (long long)axis, n_dims);
    *out = (uint32_t)from;
    return RK_OK;
}

rk_status rk_net_axes(rk_net *net, const rk_net_ints *axes, uint32_t n_dims, uint32_t *mask)
{
    *mask = 0;
    for (uint32_t i = 0; i < axes->n; i++) {
        uint32_t axis = 0;
        RK_TRY(rk_net_axis(net, axes->items[0][i], n_dims, &axis));
        if (*mask >> axis & 1 || axes->items[0][i] != axes->items[1][i])
            return rk_net_bad(net, "axis %u is named twice", axis);
        *mask |= 1u << axis;
    }
    return RK_OK;
}
