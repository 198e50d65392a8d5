/* What is looked up by its name in an ONNX file. */
#include "runtime/model/onnx_read.h"

static uint64_t function_hash(rk_str domain, rk_str name)
{
    return rk_str_hash(name) ^ rk_hash_int(rk_str_hash(domain));
}

static bool is_initializer(const void *owner, uint32_t value, const void *key)
{
    const rk_onnx *const onnx = owner;
    return rk_str_eq(onnx->initializers[value].name, *(const rk_str *)key);
}

/* The key is a function, too. */
static bool is_function(const void *owner, uint32_t value, const void *key)
{
    const rk_onnx *const onnx = owner;
    const rk_onnx_function *const is = &onnx->functions[value], *const wanted = key;
    return rk_str_eq(is->name, wanted->name) && rk_str_eq(is->domain, wanted->domain) &&
           rk_str_eq(is->overload, wanted->overload);
}

static const rk_onnx_function *find_function(const rk_onnx *onnx, const rk_onnx_function *wanted)
{
    const uint64_t hash = function_hash(wanted->domain, wanted->name);
    const uint32_t i = rk_table_find(&onnx->functions_by_name, hash, is_function, onnx, wanted);
    return i == RK_MAP_NONE ? NULL : &onnx->functions[i];
}

const rk_onnx_tensor *rk_onnx_initializer(const rk_onnx *onnx, rk_str name)
{
    const uint32_t i =
        rk_table_find(&onnx->initializers_by_name, rk_str_hash(name), is_initializer, onnx, &name);
    return i == RK_MAP_NONE ? NULL : &onnx->initializers[i];
}

rk_status rk_onnx_index(rk_onnx_reader *r, rk_onnx *out)
{
    for (uint32_t i = 0; i < out->n_initializers; i++) {
        const rk_onnx_tensor *const tensor = &out->initializers[i];
        if (tensor->name.len == 0)
            return rk_onnx_bad(r->loading, tensor->at, "an initializer has no name");
        if (rk_onnx_initializer(out, tensor->name))
            return rk_onnx_bad(r->loading, tensor->at, "two initializers are called `%.*s`",
                               RK_STR_ARG(tensor->name));
        if (!rk_table_add(r->arena, &out->initializers_by_name, rk_str_hash(tensor->name), i))
            return RK_ENOMEM;
    }
    for (uint32_t i = 0; i < out->n_inputs; i++)
        out->inputs[i].initialized = rk_onnx_initializer(out, out->inputs[i].name) != NULL;
    for (uint32_t i = 0; i < out->n_functions; i++) {
        const rk_onnx_function *const function = &out->functions[i];
        const uint64_t hash = function_hash(function->domain, function->name);
        if (!find_function(out, function) &&
            !rk_table_add(r->arena, &out->functions_by_name, hash, i))
            return RK_ENOMEM;
    }
    return RK_OK;
}

const rk_onnx_attribute *rk_onnx_attribute_find(const rk_onnx_node *node, const char *name)
{
    const rk_str wanted = rk_str_from(name);
    for (uint32_t i = 0; i < node->n_attributes; i++)
        if (rk_str_eq(node->attributes[i].name, wanted))
            return &node->attributes[i];
    return NULL;
}

const rk_str *rk_onnx_metadata(const rk_onnx *onnx, const char *key)
{
    const rk_str wanted = rk_str_from(key);
    for (uint32_t i = 0; i < onnx->n_metadata; i++)
        if (rk_str_eq(onnx->metadata[i].key, wanted))
            return &onnx->metadata[i].value;
    return NULL;
}

int64_t rk_onnx_version(const rk_onnx *onnx, rk_str domain)
{
    for (uint32_t i = 0; i < onnx->n_opsets; i++)
        if (rk_str_eq(onnx->opsets[i].domain, domain))
            return onnx->opsets[i].version;
    return 0;
}

const rk_onnx_function *rk_onnx_called(const rk_onnx *onnx, const rk_onnx_node *node)
{
    const rk_onnx_function called = {node->domain, node->op, node->overload, RK_STR("")};
    return onnx->n_functions ? find_function(onnx, &called) : NULL;
}

void rk_onnx_lacks(const rk_onnx *onnx, rk_model_loading *loading)
{
    uint32_t sparse = 0;
    for (uint32_t i = 0; i < onnx->n_nodes; i++) {
        const rk_onnx_node *const node = &onnx->nodes[i];
        for (uint32_t j = 0; j < node->n_inputs; j++) {
            const rk_onnx_tensor *const tensor = rk_onnx_initializer(onnx, node->inputs[j]);
            sparse += tensor && tensor->sparse;
        }
    }
    if (sparse)
        rk_model_lacks(loading, "sparse initializers (%u)", sparse);
}
