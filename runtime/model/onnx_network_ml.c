/* Operators of ai.onnx.ml that scikit-learn's models need beside trees: scalers, norms, linear
 * models. As ONNX Runtime computes them. */
#include "runtime/model/onnx_operators.h"

/* ---- what the four share ---- */

/* The operand as rows of k floats; ints become floats. */
static rk_status rows_of(rk_net *net, rk_net_value **x, uint32_t *k)
{
    *x = net->in[0];
    if ((*x)->kind != RK_KIND_FLOAT)
        RK_TRY(rk_net_cast(net, *x, RK_KIND_FLOAT, x));
    if ((*x)->n_dims != 2 || (*x)->batch != 0)
        return rk_net_bad(net, "its operand is no row of features an item");
    *k = (*x)->dims[1];
    return RK_OK;
}

/* The floats of an attribute, `n` of them, as a constant of these dimensions. */
static rk_status floats(rk_net *net, const char *name, uint32_t n_dims, const uint32_t *dims,
                        rk_net_value **out)
{
    const rk_onnx_attribute *const attribute = rk_onnx_attribute_find(net->node, name);
    uint64_t n = 1;
    for (uint32_t i = 0; i < n_dims; i++)
        n *= dims[i];
    if (!attribute || attribute->type != RK_ONNX_ATTRIBUTE_FLOATS || attribute->n != n)
        return rk_net_bad(net, "%s is not of %llu floats", name, (unsigned long long)n);
    RK_TRY(rk_net_constant(net, RK_KIND_FLOAT, n_dims, dims, out));
    memcpy((void *)(uintptr_t)(*out)->data[0], attribute->as.floats, n * sizeof(float));
    return RK_OK;
}

/* One float for all features, or one each. */
static rk_status each(rk_net *net, const char *name, uint32_t k, rk_net_value **out)
{
    const rk_onnx_attribute *const attribute = rk_onnx_attribute_find(net->node, name);
    const uint32_t dim = attribute && attribute->n == 1 ? 1 : k;
    return floats(net, name, 1, &dim, out);
}

/* ---- before a model ---- */

/* (x - offset) scale */
rk_status rk_net_do_scaler(rk_net *net, const rk_net_row *row)
{
    rk_net_value *x, *offset, *scale;
    uint32_t k;
    (void)row;
    RK_TRY(rows_of(net, &x, &k));
    RK_TRY(each(net, "offset", k, &offset));
    RK_TRY(each(net, "scale", k, &scale));
    RK_TRY(rk_net_map2(net, RK_NETWORK_SUB, x, offset, &x));
    RK_TRY(rk_net_map2(net, RK_NETWORK_MUL, x, scale, &x));
    return rk_net_give(net, 0, x);
}

rk_status rk_net_do_normalizer(rk_net *net, const rk_net_row *row)
{
    rk_net_value *x;
    rk_str norm = RK_STR("MAX");
    uint32_t k;
    (void)row;
    RK_TRY(rows_of(net, &x, &k));
    RK_TRY(rk_net_get_text(net, "norm", &norm));
    const bool first = rk_str_eq(norm, RK_STR("L1"));
    if (!first && !rk_str_eq(norm, RK_STR("L2")))
        return rk_net_lacks(net, "Normalizer by %.*s", RK_STR_ARG(norm));
    const rk_network_op op = {.kind = RK_NETWORK_LP_NORM, .fn = first ? 1 : 2};
    RK_TRY(rk_net_along(net, op, x, -1, &x));
    return rk_net_give(net, 0, x);
}

/* ---- linear models ---- */

/* x by the rows of `coefficients`, one for each of n outputs, and `intercepts`. */
static rk_status scores_of(rk_net *net, uint32_t n, rk_net_value **out)
{
    static const uint32_t swap[] = {1, 0};
    rk_net_value *x, *weights, *bias = NULL;
    uint32_t k;
    RK_TRY(rows_of(net, &x, &k));
    const uint32_t dims[] = {n, k};
    RK_TRY(floats(net, "coefficients", 2, dims, &weights));
    RK_TRY(rk_net_transpose(net, weights, swap, &weights));
    const rk_onnx_attribute *const given = rk_onnx_attribute_find(net->node, "intercepts");
    if (given && given->n)
        RK_TRY(floats(net, "intercepts", 1, &n, &bias));
    return rk_net_dense(net, x, weights, bias, out);
}

static rk_status transform(rk_net *net, rk_net_value **x)
{
    const rk_network_op softmax = {.kind = RK_NETWORK_SOFTMAX};
    rk_str name = RK_STR("NONE");
    RK_TRY(rk_net_get_text(net, "post_transform", &name));
    if (rk_str_eq(name, RK_STR("NONE")))
        return RK_OK;
    if (rk_str_eq(name, RK_STR("LOGISTIC")))
        return rk_net_map1(net, RK_NETWORK_SIGMOID, *x, x);
    if (rk_str_eq(name, RK_STR("SOFTMAX")))
        return rk_net_along(net, softmax, *x, -1, x);
    return rk_net_lacks(net, "%.*s with %.*s", RK_STR_ARG(net->node->op), RK_STR_ARG(name));
}

rk_status rk_net_do_linear_regressor(rk_net *net, const rk_net_row *row)
{
    rk_net_value *out;
    int64_t targets = 1;
    (void)row;
    RK_TRY(rk_net_get_int(net, "targets", &targets));
    if (targets < 1 || targets > RK_NET_OUTPUTS)
        return rk_net_bad(net, "targets is %lld", (long long)targets);
    RK_TRY(scores_of(net, (uint32_t)targets, &out));
    RK_TRY(transform(net, &out));
    return rk_net_give(net, 0, out);
}

static uint32_t count_labels(const rk_net *net)
{
    static const char *const names[] = {"classlabels_ints", "classlabels_strings"};
    for (size_t i = 0; i < RK_ARRAY_LEN(names); i++) {
        const rk_onnx_attribute *const labels = rk_onnx_attribute_find(net->node, names[i]);
        if (labels && labels->n)
            return labels->n;
    }
    return 0;
}

/* The scores of all classes; the label, the first output, is not given. */
rk_status rk_net_do_linear_classifier(rk_net *net, const rk_net_row *row)
{
    const rk_onnx_attribute *const intercepts = rk_onnx_attribute_find(net->node, "intercepts");
    const uint32_t labels = count_labels(net), n = intercepts ? intercepts->n : labels;
    rk_net_value *out;
    (void)row;
    if (n != labels)
        return rk_net_lacks(net, "LinearClassifier of %u rows for %u classes", n, labels);
    RK_TRY(scores_of(net, n, &out));
    RK_TRY(transform(net, &out));
    return rk_net_give(net, 1, out);
}
