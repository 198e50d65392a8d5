/* Operators that are translated: one row each for the versions in which they mean the same. */
#include "runtime/model/onnx_operators.h"

/* clang-format off */
static const rk_net_row rows[] = {
    /* operator, domain; versions; inputs; what the handler wants to know; handler */
    {"Neg", "", 1, 0, 1, 1, RK_NETWORK_NEG, rk_net_do_map},
    {"Abs", "", 1, 0, 1, 1, RK_NETWORK_ABS, rk_net_do_map},
    {"Sqrt", "", 1, 0, 1, 1, RK_NETWORK_SQRT, rk_net_do_map},
    {"Exp", "", 1, 0, 1, 1, RK_NETWORK_EXP, rk_net_do_map},
    {"Log", "", 1, 0, 1, 1, RK_NETWORK_LOG, rk_net_do_map},
    {"Reciprocal", "", 1, 0, 1, 1, RK_NETWORK_RECIPROCAL, rk_net_do_map},
    {"Floor", "", 1, 0, 1, 1, RK_NETWORK_FLOOR, rk_net_do_map},
    {"Ceil", "", 1, 0, 1, 1, RK_NETWORK_CEIL, rk_net_do_map},
    {"Relu", "", 1, 0, 1, 1, RK_NETWORK_RELU, rk_net_do_map},
    {"LeakyRelu", "", 6, 0, 1, 1, RK_NETWORK_LEAKY_RELU, rk_net_do_map},
    {"Elu", "", 6, 0, 1, 1, RK_NETWORK_ELU, rk_net_do_map},
    {"Selu", "", 6, 0, 1, 1, RK_NETWORK_SELU, rk_net_do_map},
    {"Sigmoid", "", 1, 0, 1, 1, RK_NETWORK_SIGMOID, rk_net_do_map},
    {"HardSigmoid", "", 6, 0, 1, 1, RK_NETWORK_HARD_SIGMOID, rk_net_do_map},
    {"Tanh", "", 1, 0, 1, 1, RK_NETWORK_TANH, rk_net_do_map},
    {"Erf", "", 9, 0, 1, 1, RK_NETWORK_ERF, rk_net_do_map},
    {"Softplus", "", 1, 0, 1, 1, RK_NETWORK_SOFTPLUS, rk_net_do_map},
    {"Softsign", "", 1, 0, 1, 1, RK_NETWORK_SOFTSIGN, rk_net_do_map},
    {"Swish", "", 24, 0, 1, 1, RK_NETWORK_SILU, rk_net_do_map},
    {"QuickGelu", "com.microsoft", 1, 0, 1, 1, RK_NETWORK_SILU, rk_net_do_map},
    {"Gelu", "", 20, 0, 1, 1, 0, rk_net_do_gelu},
    {"Gelu", "com.microsoft", 1, 0, 1, 1, 0, rk_net_do_gelu},
    {"HardSwish", "", 14, 0, 1, 1, RK_NETWORK_HARD_SIGMOID, rk_net_do_times_x},
    {"Mish", "", 18, 0, 1, 1, RK_NETWORK_SOFTPLUS, rk_net_do_times_x},
    {"Not", "", 1, 0, 1, 1, RK_NETWORK_NOT, rk_net_do_not},
    {"IsNaN", "", 9, 0, 1, 1, RK_NETWORK_EQUAL, rk_net_do_is_nan},
    {"Sign", "", 9, 0, 1, 1, 0, rk_net_do_sign},
    {"Add", "", 7, 0, 2, 2, RK_NETWORK_ADD, rk_net_do_map2},
    {"Sub", "", 7, 0, 2, 2, RK_NETWORK_SUB, rk_net_do_map2},
    {"Mul", "", 7, 0, 2, 2, RK_NETWORK_MUL, rk_net_do_map2},
    {"Div", "", 7, 0, 2, 2, RK_NETWORK_DIV, rk_net_do_map2},
    {"Pow", "", 7, 0, 2, 2, RK_NETWORK_POW, rk_net_do_pow},
    {"Mod", "", 10, 0, 2, 2, RK_NETWORK_MOD, rk_net_do_mod},
    {"PRelu", "", 7, 0, 2, 2, RK_NETWORK_PRELU, rk_net_do_prelu},
    {"Min", "", 8, 0, 1, RK_NET_ANY, RK_NETWORK_MIN, rk_net_do_many},
    {"Max", "", 8, 0, 1, RK_NET_ANY, RK_NETWORK_MAX, rk_net_do_many},
    {"Sum", "", 8, 0, 1, RK_NET_ANY, RK_NETWORK_ADD, rk_net_do_many},
    {"Mean", "", 8, 0, 1, RK_NET_ANY, RK_NETWORK_ADD, rk_net_do_many},
    {"Equal", "", 7, 0, 2, 2, RK_NETWORK_EQUAL, rk_net_do_equal},
    {"Less", "", 7, 0, 2, 2, RK_NETWORK_LESS, rk_net_do_map2},
    {"LessOrEqual", "", 12, 0, 2, 2, RK_NETWORK_LESS_EQUAL, rk_net_do_map2},
    {"Greater", "", 7, 0, 2, 2, RK_NETWORK_GREATER, rk_net_do_map2},
    {"GreaterOrEqual", "", 12, 0, 2, 2, RK_NETWORK_GREATER_EQUAL, rk_net_do_map2},
    {"And", "", 7, 0, 2, 2, RK_NETWORK_AND, rk_net_do_map2},
    {"Or", "", 7, 0, 2, 2, RK_NETWORK_OR, rk_net_do_map2},
    {"Xor", "", 7, 0, 2, 2, RK_NETWORK_XOR, rk_net_do_map2},
    {"Where", "", 9, 0, 3, 3, RK_NETWORK_WHERE, rk_net_do_where},
    {"Clip", "", 6, 0, 1, 3, RK_NETWORK_CLIP, rk_net_do_clip},
    {"Cast", "", 6, 0, 1, 1, 0, rk_net_do_cast},
    {"CastLike", "", 15, 0, 2, 2, 0, rk_net_do_cast_like},
    {"Identity", "", 1, 0, 1, 1, 0, rk_net_do_identity},
    {"Dropout", "", 7, 0, 1, 3, 0, rk_net_do_dropout},
    {"ZipMap", "ai.onnx.ml", 1, 0, 1, 1, 0, rk_net_do_identity}, /* the tensor of what it maps to names */

    {"Shape", "", 1, 0, 1, 1, 0, rk_net_do_shape},
    {"Size", "", 1, 0, 1, 1, 0, rk_net_do_size},
    {"Reshape", "", 5, 0, 2, 2, 0, rk_net_do_reshape},
    {"Flatten", "", 1, 0, 1, 1, 0, rk_net_do_flatten},
    {"Squeeze", "", 1, 0, 1, 2, 0, rk_net_do_squeeze},
    {"Unsqueeze", "", 1, 0, 1, 2, 0, rk_net_do_unsqueeze},
    {"Transpose", "", 1, 0, 1, 1, 0, rk_net_do_transpose},
    {"Expand", "", 8, 0, 2, 2, 0, rk_net_do_expand},
    {"Tile", "", 6, 0, 2, 2, 0, rk_net_do_tile},
    {"Constant", "", 1, 0, 0, 0, 0, rk_net_do_constant},
    {"ConstantOfShape", "", 9, 0, 1, 1, 0, rk_net_do_constant_of_shape},
    {"Range", "", 11, 0, 3, 3, 0, rk_net_do_range},
    {"Gather", "", 1, 0, 2, 2, 0, rk_net_do_gather},
    {"Slice", "", 1, 0, 1, 5, 0, rk_net_do_slice},
    {"Split", "", 2, 0, 1, 2, 0, rk_net_do_split},
    {"Concat", "", 4, 0, 1, RK_NET_ANY, 0, rk_net_do_concat},
    {"OneHot", "", 9, 0, 3, 3, 0, rk_net_do_one_hot},

    {"Gemm", "", 7, 0, 2, 3, 0, rk_net_do_gemm},
    {"MatMul", "", 1, 0, 2, 2, 0, rk_net_do_matmul},
    {"Einsum", "", 12, 0, 2, 2, 0, rk_net_do_einsum},
    {"BatchNormalization", "", 9, 0, 5, 5, 0, rk_net_do_batch_norm},
    {"LayerNormalization", "", 17, 0, 2, 3, 0, rk_net_do_layer_norm},
    {"RMSNormalization", "", 23, 0, 2, 2, 0, rk_net_do_rms_norm},
    {"LpNormalization", "", 1, 0, 1, 1, 0, rk_net_do_lp_norm},
    {"Softmax", "", 1, 0, 1, 1, 0, rk_net_do_softmax},
    {"LogSoftmax", "", 1, 0, 1, 1, 1, rk_net_do_softmax},
    {"ReduceSum", "", 1, 0, 1, 2, RK_NETWORK_SUM, rk_net_do_reduce},
    {"ReduceMean", "", 1, 0, 1, 2, RK_NETWORK_MEAN, rk_net_do_reduce},
    {"ReduceMax", "", 1, 0, 1, 2, RK_NETWORK_GREATEST, rk_net_do_reduce},
    {"ReduceMin", "", 1, 0, 1, 2, RK_NETWORK_LEAST, rk_net_do_reduce},
    {"ReduceSumSquare", "", 1, 0, 1, 2, RK_NETWORK_SUM_SQUARE, rk_net_do_reduce},
    {"ReduceL1", "", 1, 0, 1, 2, RK_NETWORK_L1, rk_net_do_reduce},
    {"ReduceL2", "", 1, 0, 1, 2, RK_NETWORK_L2, rk_net_do_reduce},
    {"ReduceProd", "", 1, 0, 1, 2, RK_NETWORK_PROD, rk_net_do_reduce},
    {"ReduceLogSum", "", 1, 0, 1, 2, RK_NETWORK_SUM, rk_net_do_reduce},
    {"ReduceLogSumExp", "", 1, 0, 1, 2, 0, rk_net_do_log_sum_exp},
    {"ArgMax", "", 1, 0, 1, 1, RK_NETWORK_GREATEST, rk_net_do_arg},
    {"ArgMin", "", 1, 0, 1, 1, RK_NETWORK_LEAST, rk_net_do_arg},
    {"If", "", 1, 0, 1, 1, 0, rk_net_do_if},
    {"CumSum", "", 11, 0, 2, 2, 0, rk_net_do_cum_sum},

    {"Scaler", "ai.onnx.ml", 1, 0, 1, 1, 0, rk_net_do_scaler},
    {"Normalizer", "ai.onnx.ml", 1, 0, 1, 1, 0, rk_net_do_normalizer},
    {"LinearRegressor", "ai.onnx.ml", 1, 0, 1, 1, 0, rk_net_do_linear_regressor},
    {"LinearClassifier", "ai.onnx.ml", 1, 0, 1, 1, 0, rk_net_do_linear_classifier},
};
/* clang-format on */

const rk_net_row *rk_net_row_find(const rk_net *net, const rk_onnx_node *node)
{
    const int64_t version = net->version;
    for (size_t i = 0; i < RK_ARRAY_LEN(rows); i++) {
        const rk_net_row *const row = &rows[i];
        if (version >= row->since && (row->until == 0 || version <= row->until) &&
            rk_str_eq(node->op, rk_str_from(row->op)) &&
            rk_str_eq(node->domain, rk_str_from(row->domain)))
            return row;
    }
    return NULL;
}
