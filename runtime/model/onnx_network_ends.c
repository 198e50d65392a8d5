/* Inputs and outputs of a graph: their types, and names as programs write them. */
#include "runtime/model/onnx_network.h"

#include <stdio.h>

/* ---- names ---- */

typedef struct names {
    rk_net *net;
    RK_VEC(rk_str) items;
    rk_table by_name;
} names;

static bool is_name(const void *owner, uint32_t value, const void *key)
{
    const names *const n = owner;
    return rk_str_eq(n->items.items[value], *(const rk_str *)key);
}

/* What exporters put around a name: `serving_default_user:0`. */
static rk_str bare(rk_str name)
{
    const rk_str prefix = RK_STR("serving_default_");
    size_t end = name.len;
    while (end && name.data[end - 1] >= '0' && name.data[end - 1] <= '9')
        end--;
    if (end > 1 && end < name.len && name.data[end - 1] == ':')
        name.len = end - 1;
    if (name.len > prefix.len && memcmp(name.data, prefix.data, prefix.len) == 0)
        name = (rk_str){name.data + prefix.len, name.len - prefix.len};
    return name;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A name that a program can write and that no other has: all but letters, digits and _ becomes _.
 */
static rk_status usable(names *n, rk_str name, rk_str *out)
{
    const rk_str from = bare(name);
    enum { ROOM = 16, FEW = 8 }; /* for _ before it and a number behind it */
    char *const text = rk_arena_alloc(n->net->arena, from.len + ROOM);
    if (!text)
        return RK_ENOMEM;
    size_t len = 0;
    if (from.len == 0 || is_digit(from.data[0]))
        text[len++] = '_';
    for (size_t i = 0; i < from.len; i++)
        text[len++] = is_letter(from.data[i]) || is_digit(from.data[i]) ? from.data[i] : '_';
    *out = (rk_str){text, len};
    for (uint32_t k = 2;; k++) {
        if (rk_table_find(&n->by_name, rk_str_hash(*out), is_name, n, out) == RK_MAP_NONE)
            break;
        const uint32_t number = k < FEW ? k : k + n->items.len; /* soon one that is free */
        out->len = len + (size_t)snprintf(text + len, from.len + ROOM - len, "_%u", number);
    }
    rk_arena *const scratch = &n->net->scratch;
    return rk_table_add(scratch, &n->by_name, rk_str_hash(*out), n->items.len) &&
                   rk_vec_push(scratch, &n->items, *out)
               ? RK_OK
               : RK_ENOMEM;
}

/* ---- inputs ---- */

static rk_status fixed_batch(rk_net *net, const rk_onnx_value *input)
{
    if (input->n_dims == 0)
        return rk_net_bad(net,
                          "input `%.*s` has no dimension for the batch: export the model with "
                          "dynamic axes",
                          RK_STR_ARG(input->name));
    return rk_net_bad(net,
                      "input `%.*s` has a batch of %lld: export the model with dynamic axes, so "
                      "that its first dimension has no fixed size",
                      RK_STR_ARG(input->name), (long long)input->dims[0].size);
}

/* Dimensions after the batch's; one that the file leaves open is `length` of the declaration. */
static rk_status take_dims(rk_net *net, const rk_onnx_value *input, rk_net_value *value)
{
    const uint32_t length = net->loading->spec->options.length;
    uint64_t elements = 1;
    for (uint32_t i = 1; i < input->n_dims; i++) {
        int64_t size = input->dims[i].size;
        if (size < 0 && length == 0)
            return rk_net_bad(net,
                              "input `%.*s` leaves its length open: say it, as in `length: 50`",
                              RK_STR_ARG(input->name));
        size = size < 0 ? length : size;
        if (size == 0 || size > RK_NET_ELEMENTS || (elements *= (uint64_t)size) > RK_NET_ELEMENTS)
            return rk_net_bad(net, "input `%.*s` has %lld numbers along axis %u",
                              RK_STR_ARG(input->name), (long long)size, i);
        value->dims[i] = (uint32_t)size;
    }
    return RK_OK;
}

static rk_status input_value(rk_net *net, const rk_onnx_value *input, rk_net_value *value)
{
    value->kind = rk_net_kind(input->type);
    if (input->kind != RK_ONNX_TENSOR)
        return rk_net_lacks(net, "inputs that are no tensors");
    if (value->kind == RK_KIND_NONE)
        return rk_net_lacks(net, "inputs of %s", rk_onnx_type_name(input->type));
    if (!input->shaped)
        return rk_net_bad(net, "input `%.*s` has no shape", RK_STR_ARG(input->name));
    if (input->n_dims > RK_NETWORK_DIMS)
        return rk_net_lacks(net, "inputs of %u dimensions", input->n_dims);
    if (input->n_dims == 0 || (input->dims[0].size >= 0 && input->dims[0].size != 1))
        return fixed_batch(net, input);
    net->one = net->one || input->dims[0].size == 1;
    value->n_dims = (uint8_t)input->n_dims;
    value->batch = 0;
    value->dims[0] = 1;
    return take_dims(net, input, value);
}

/* What a program gives for it. */
static void type_of(const rk_net_value *value, rk_model_input *input)
{
    const uint32_t n = (uint32_t)rk_net_elements(value);
    const bool one = value->n_dims < 2 || (value->n_dims == 2 && n == 1);
    if (value->lacks.len || (one && value->kind == RK_KIND_FLOAT))
        input->type = RK_TYPE(FLOAT);
    else if (one)
        input->type = (rk_type){.kind = value->kind};
    else if (value->kind == RK_KIND_FLOAT)
        input->type = (rk_type){.kind = RK_KIND_VECTOR, .dim = n};
    else
        input->type = RK_TYPE_LIST(INT);
    input->length = input->type.kind == RK_KIND_LIST ? n : 0;
}

static rk_status take_input(rk_net *net, const rk_onnx_value *input, rk_net_value **out)
{
    rk_net_value *const value = *out = rk_net_value_new(net, RK_KIND_FLOAT);
    if (!value)
        return RK_ENOMEM;
    net->reason = RK_STR("");
    const rk_status status = input_value(net, input, value);
    if (status != RK_OK && (status != RK_EDATA || net->reason.len == 0))
        return status;
    value->lacks = net->reason;
    net->reason = RK_STR("");
    if (value->lacks.len == 0) {
        rk_network_value made = {
            .name = input->name, .kind = value->kind, .batch = true, .n_dims = value->n_dims};
        memcpy(made.dims, value->dims, sizeof made.dims);
        value->made = net->made.len;
        if (!rk_vec_push(&net->scratch, &net->made, made))
            return RK_ENOMEM;
    }
    return rk_net_name(net, input->name, value);
}

/* Names of what tells the length of a list x, or which of its elements are no padding. */
static const struct {
    const char *before, *after;
    bool length;
} companions[] = {
    {"", "_mask", false},  {"mask_", "", false},   {"", "_len", true},
    {"", "_length", true}, {"", "_lengths", true}, {"", "_lens", true},
};

static void find_companions(names *n, rk_model *model, uint32_t list)
{
    rk_buf name = {0};
    for (size_t i = 0; i < RK_ARRAY_LEN(companions); i++) {
        name.len = 0;
        rk_buf_printf(&name, "%s%.*s%s", companions[i].before, RK_STR_ARG(model->inputs[list].name),
                      companions[i].after);
        const rk_str text = rk_buf_str(&name);
        const uint32_t at = rk_table_find(&n->by_name, rk_str_hash(text), is_name, n, &text);
        if (at == RK_MAP_NONE)
            continue;
        rk_model_input *const input = &model->inputs[at];
        const uint32_t length =
            input->type.kind == RK_KIND_VECTOR ? input->type.dim : input->length;
        if (companions[i].length ? input->type.kind == RK_KIND_INT
                                 : length == model->inputs[list].length)
            input->of = list + 1;
    }
    n->net->no_memory = n->net->no_memory || name.failed;
    rk_buf_free(&name);
}

rk_status rk_net_inputs(rk_net *net, rk_model *model, rk_network *network)
{
    const rk_onnx *const onnx = net->onnx;
    names n = {.net = net};
    model->inputs = RK_NEW_ARRAY(net->arena, rk_model_input, onnx->n_inputs);
    network->inputs = RK_NEW_ARRAY(&net->scratch, uint32_t, onnx->n_inputs);
    if (!model->inputs || !network->inputs)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < onnx->n_inputs; i++) {
        if (onnx->inputs[i].initialized)
            continue;
        rk_net_value *value;
        rk_model_input *const input = &model->inputs[model->n_inputs];
        RK_TRY(take_input(net, &onnx->inputs[i], &value));
        RK_TRY(usable(&n, onnx->inputs[i].name, &input->name));
        type_of(value, input);
        network->inputs[model->n_inputs++] = value->made;
    }
    network->n_inputs = model->n_inputs;
    for (uint32_t i = 0; i < model->n_inputs; i++)
        if (model->inputs[i].type.kind == RK_KIND_LIST)
            find_companions(&n, model, i);
    return net->no_memory ? RK_ENOMEM : RK_OK;
}

/* ---- outputs ---- */

static rk_status output_value(rk_net *net, rk_net_value *value, rk_network_output *out)
{
    if (value->kind != RK_KIND_FLOAT)
        return rk_net_bad(net, "output `%.*s` is of %s, not float", RK_STR_ARG(out->name),
                          rk_kind_text(value->kind));
    if (value->batch >= 0 && value->dims[value->batch] != 1)
        return rk_net_mixes(net, "an output has several rows an item");
    const uint64_t n = rk_net_elements(value);
    if (n == 0 || n > RK_NET_OUTPUTS - out->first)
        return rk_net_bad(net, "the outputs have more than %d numbers", RK_NET_OUTPUTS);
    out->dim = (uint32_t)n;
    return rk_net_made(net, value, &out->value);
}

static rk_status take_output(rk_net *net, rk_str name, rk_network_output *out)
{
    rk_net_value *value;
    RK_TRY(rk_net_find(net, name, &value));
    if (!value)
        return rk_net_bad(net, "output `%.*s` is nowhere made", RK_STR_ARG(name));
    net->reason = value->lacks;
    return value->lacks.len ? RK_EDATA : output_value(net, value, out);
}

/* Nothing is left: the error says all that stands in the way. */
static rk_status refuse(rk_net *net)
{
    enum { LISTED = 40 };
    const uint32_t n = net->unsupported.len;
    for (uint32_t i = 0; i < n && i < LISTED; i++)
        rk_model_lacks(net->loading, "%.*s (%u)", RK_STR_ARG(net->unsupported.items[i].text),
                       net->unsupported.items[i].n);
    if (n > LISTED)
        rk_model_lacks(net->loading, "and %u more", n - LISTED);
    if (n)
        return rk_model_supported(net->loading);
    if (net->fault.len)
        return rk_model_bad(net->loading, 0, "%.*s", RK_STR_ARG(net->fault));
    return rk_model_bad(net->loading, 0, "it has no outputs");
}

rk_status rk_net_outputs(rk_net *net, rk_model *model, rk_network *network)
{
    const rk_onnx *const onnx = net->onnx;
    names n = {.net = net};
    network->outputs = RK_NEW_ARRAY(&net->scratch, rk_network_output, onnx->n_outputs);
    if (!network->outputs)
        return RK_ENOMEM;
    network->n_outputs = onnx->n_outputs;
    for (uint32_t i = 0; i < onnx->n_outputs; i++) {
        rk_network_output *const output = &network->outputs[i];
        output->lacks = RK_STR("");
        output->first = model->n_outputs;
        RK_TRY(usable(&n, onnx->outputs[i].name, &output->name));
        net->reason = RK_STR("");
        const rk_status status = take_output(net, onnx->outputs[i].name, output);
        if (status != RK_OK && (status != RK_EDATA || net->reason.len == 0))
            return status;
        if (status == RK_EDATA) {
            const char *const copy = rk_arena_copy(net->arena, net->reason.data, net->reason.len);
            *output = (rk_network_output){output->name, UINT32_MAX, {copy, net->reason.len}, 0, 0};
            if (!copy)
                return RK_ENOMEM;
        }
        model->n_outputs += output->dim;
    }
    return model->n_outputs ? RK_OK : refuse(net);
}
