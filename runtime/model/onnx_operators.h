/* Handlers of nodes: what rows of onnx_operators.c name, and the few helpers they share. */
#ifndef RK_MODEL_ONNX_OPERATORS_H
#define RK_MODEL_ONNX_OPERATORS_H

#include "runtime/model/onnx_network.h"

/* clang-format off */
#define RK_NET_HANDLERS(X) \
    X(map) X(gelu) X(times_x) X(not) X(is_nan) X(sign) X(map2) X(equal) X(pow) X(mod) X(prelu) X(many) X(where) X(clip) \
    X(cast) X(cast_like) X(identity) X(dropout) \
    X(shape) X(size) X(reshape) X(flatten) X(squeeze) X(unsqueeze) X(transpose) X(expand) X(tile) X(constant) \
    X(constant_of_shape) X(range) \
    X(gather) X(slice) X(split) X(concat) X(one_hot) \
    X(gemm) X(matmul) X(einsum) X(batch_norm) \
    X(reduce) X(log_sum_exp) X(softmax) X(lp_norm) X(layer_norm) X(rms_norm) X(arg) X(cum_sum) X(if) \
    X(scaler) X(normalizer) X(linear_regressor) X(linear_classifier)
/* clang-format on */

#define RK_NET_HANDLER(name) rk_status rk_net_do_##name(rk_net *net, const rk_net_row *row);
RK_NET_HANDLERS(RK_NET_HANDLER)
#undef RK_NET_HANDLER

/* Adds `more` axes of 1, those of the mask in the result. */
RK_NODISCARD rk_status rk_net_unsqueeze(rk_net *net, rk_net_value *x, uint32_t mask, uint32_t more,
                                        rk_net_value **out);
/* As the node MatMul. */
RK_NODISCARD rk_status rk_net_matmul(rk_net *net, rk_net_value *x, rk_net_value *y,
                                     rk_net_value **out);
/* An operator along an axis that is not the batch's. */
RK_NODISCARD rk_status rk_net_along(rk_net *net, rk_network_op op, rk_net_value *x, int64_t at,
                                    rk_net_value **out);
/* Joins n values, constants stretched to the batch of the others. */
RK_NODISCARD rk_status rk_net_concat(rk_net *net, rk_net_value *const *in, uint32_t n,
                                     uint32_t axis, rk_net_value **out);
RK_NODISCARD rk_status rk_net_reduce(rk_net *net, rk_network_fold fold, rk_net_value *x,
                                     uint32_t mask, bool keep, rk_net_value **out);

#endif
