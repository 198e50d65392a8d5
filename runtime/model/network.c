#include "runtime/model/network.h"

uint64_t rk_network_elements(const rk_network_value *value)
{
    uint64_t n = 1;
    for (uint32_t i = 0; i < value->n_dims; i++)
        n *= value->dims[i];
    return n;
}

size_t rk_network_kind_size(uint8_t kind)
{
    return kind == RK_KIND_FLOAT ? sizeof(float) : kind == RK_KIND_INT ? sizeof(int64_t) : 1;
}

const char *rk_network_op_text(rk_network_op_kind kind)
{
    static const char *const texts[] = {
        [RK_NETWORK_MAP] = "map",           [RK_NETWORK_DENSE] = "dense",
        [RK_NETWORK_MATMUL] = "product",    [RK_NETWORK_GATHER] = "gather",
        [RK_NETWORK_TAKE] = "take",         [RK_NETWORK_CONCAT] = "concat",
        [RK_NETWORK_RESHAPE] = "reshape",   [RK_NETWORK_TRANSPOSE] = "transpose",
        [RK_NETWORK_EXPAND] = "expand",     [RK_NETWORK_REDUCE] = "reduce",
        [RK_NETWORK_SOFTMAX] = "softmax",   [RK_NETWORK_LAYER_NORM] = "layer norm",
        [RK_NETWORK_LP_NORM] = "normalize",
    };
    return kind < RK_NETWORK_OP_COUNT ? texts[kind] : "?";
}

const char *rk_network_fn_text(rk_network_fn fn)
{
    static const char *const texts[] = {
        [RK_NETWORK_NEG] = "neg",
        [RK_NETWORK_ABS] = "abs",
        [RK_NETWORK_SQRT] = "sqrt",
        [RK_NETWORK_EXP] = "exp",
        [RK_NETWORK_LOG] = "log",
        [RK_NETWORK_RECIPROCAL] = "reciprocal",
        [RK_NETWORK_FLOOR] = "floor",
        [RK_NETWORK_CEIL] = "ceil",
        [RK_NETWORK_RELU] = "relu",
        [RK_NETWORK_LEAKY_RELU] = "leaky relu",
        [RK_NETWORK_ELU] = "elu",
        [RK_NETWORK_SELU] = "selu",
        [RK_NETWORK_CLIP] = "clip",
        [RK_NETWORK_SIGMOID] = "sigmoid",
        [RK_NETWORK_HARD_SIGMOID] = "hard sigmoid",
        [RK_NETWORK_TANH] = "tanh",
        [RK_NETWORK_ERF] = "erf",
        [RK_NETWORK_GELU] = "gelu",
        [RK_NETWORK_GELU_TANH] = "gelu",
        [RK_NETWORK_SOFTPLUS] = "softplus",
        [RK_NETWORK_SOFTSIGN] = "softsign",
        [RK_NETWORK_SILU] = "silu",
        [RK_NETWORK_NOT] = "not",
        [RK_NETWORK_CAST] = "cast",
        [RK_NETWORK_ADD] = "add",
        [RK_NETWORK_SUB] = "subtract",
        [RK_NETWORK_MUL] = "multiply",
        [RK_NETWORK_DIV] = "divide",
        [RK_NETWORK_POW] = "pow",
        [RK_NETWORK_MIN] = "min",
        [RK_NETWORK_MAX] = "max",
        [RK_NETWORK_MOD] = "mod",
        [RK_NETWORK_PRELU] = "prelu",
        [RK_NETWORK_EQUAL] = "equal",
        [RK_NETWORK_LESS] = "less",
        [RK_NETWORK_LESS_EQUAL] = "less or equal",
        [RK_NETWORK_GREATER] = "greater",
        [RK_NETWORK_GREATER_EQUAL] = "greater or equal",
        [RK_NETWORK_AND] = "and",
        [RK_NETWORK_OR] = "or",
        [RK_NETWORK_XOR] = "xor",
        [RK_NETWORK_WHERE] = "where",
    };
    return fn < RK_NETWORK_FN_COUNT ? texts[fn] : "?";
}
