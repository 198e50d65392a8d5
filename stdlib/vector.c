/* Vectors. Their products follow the contract, see runtime/base/product.h. */
#include "runtime/base/product.h"
#include "stdlib/call.h"
#include "stdlib/families.h"

/* The products that go with the call's vector math. */
static const rk_product *product_of(const rk_call *call)
{
    return rk_product_get(call->math ? call->math->level : RK_CPU_SCALAR);
}

static rk_status dot(const rk_call *call)
{
    const rk_product *const product = product_of(call);
    const rk_arg *const a = &call->args[0], *const b = &call->args[1];
    for (size_t i = 0; i < call->n; i++)
        RK_OUT(call, float)
    [i] = rk_one_nan_float(product->dot(rk_arg_vector(a, i), rk_arg_vector(b, i), a->type.dim));
    return RK_OK;
}

static rk_status l2(const rk_call *call)
{
    const rk_product *const product = product_of(call);
    const rk_arg *const a = &call->args[0], *const b = &call->args[1];
    for (size_t i = 0; i < call->n; i++)
        RK_OUT(call, float)
    [i] = rk_one_nan_float(
        sqrtf(product->gap(rk_arg_vector(a, i), rk_arg_vector(b, i), a->type.dim)));
    return RK_OK;
}

static float length(const rk_product *product, const float *v, uint32_t dim)
{
    return sqrtf(product->dot(v, v, dim));
}

static rk_status norm(const rk_call *call)
{
    const rk_product *const product = product_of(call);
    const rk_arg *const v = &call->args[0];
    for (size_t i = 0; i < call->n; i++)
        RK_OUT(call, float)
        [i] = rk_one_nan_float(length(product, rk_arg_vector(v, i), v->type.dim));
    return RK_OK;
}

/* A vector that is the same for all items is measured once. */
static rk_status cosine(const rk_call *call)
{
    const rk_product *const product = product_of(call);
    const rk_arg *const a = &call->args[0], *const b = &call->args[1];
    const uint32_t dim = a->type.dim;
    double a_length = 0.0, b_length = 0.0;
    for (size_t i = 0; i < call->n; i++) {
        const float *const x = rk_arg_vector(a, i), *const y = rk_arg_vector(b, i);
        if (i == 0 || a->step)
            a_length = rk_product_length(product->dot(x, x, dim));
        if (i == 0 || b->step)
            b_length = rk_product_length(product->dot(y, y, dim));
        const float value = rk_product_cosine(product->dot(x, y, dim), a_length, b_length);
        RK_OUT(call, float)[i] = rk_one_nan_float(value);
    }
    return RK_OK;
}

static rk_status normalize(const rk_call *call)
{
    const rk_product *const product = product_of(call);
    const rk_arg *const v = &call->args[0];
    const uint32_t dim = v->type.dim;
    for (size_t i = 0; i < call->n; i++) {
        const float *const x = rk_arg_vector(v, i);
        float *const out = RK_OUT(call, float) + i * dim;
        const float by = length(product, x, dim);
        for (uint32_t k = 0; k < dim; k++)
            out[k] = by == 0.0f ? 0.0f : rk_one_nan_float(x[k] / by);
    }
    return RK_OK;
}

static rk_status concat_vectors(const rk_call *call)
{
    for (size_t i = 0; i < call->n; i++) {
        float *out = RK_OUT(call, float) + i * call->result.type.dim;
        for (uint32_t k = 0; k < call->n_args; k++) {
            const uint32_t dim = call->args[k].type.dim;
            memcpy(out, rk_arg_vector(&call->args[k], i), dim * sizeof *out);
            out += dim;
        }
    }
    return RK_OK;
}

/* The texts of an item one after the other. */
static rk_status concat_strings(const rk_call *call)
{
    rk_buf buf = {0};
    rk_status status = RK_OK;
    for (size_t i = 0; i < call->n && status == RK_OK; i++) {
        buf.len = 0;
        for (uint32_t k = 0; k < call->n_args && rk_call_has(call, i); k++)
            rk_buf_add(&buf, rk_call_str(call, k, i));
        status = buf.failed
                     ? RK_ENOMEM
                     : rk_atom_intern(call->strings, rk_buf_str(&buf), &RK_OUT(call, rk_atom)[i]);
    }
    rk_buf_free(&buf);
    return status;
}

/* clang-format off */
static const rk_fn rows[] = {
    {"dot", "(a: vector, b: vector) -> float", dot, RK_NULL_ANY, 0,
     "Inner product of two vectors, in float.",
     "dot([1, 2], [3, 4])", "11"},
    {"cosine", "(a: vector, b: vector) -> float", cosine, RK_NULL_ANY, 0,
     "Cosine of the angle between two vectors, between -1 and 1 up to rounding; 0 if one is zero.",
     "cosine([1, 0], [3, 0])", "1"},
    {"l2", "(a: vector, b: vector) -> float", l2, RK_NULL_ANY, 0,
     "Euclidean distance of two vectors: the root of the sum of squared differences.",
     "l2([0, 0], [3, 4])", "5"},
    {"norm", "(v: vector) -> float", norm, RK_NULL_ANY, 0,
     "Euclidean length of a vector.",
     "norm([3, 4])", "5"},
    {"normalize", "(v: vector) -> vector", normalize, RK_NULL_ANY, 0,
     "The vector divided by its length; a zero vector stays zero.",
     "normalize([3, 4])", "[0.6,0.8]"},
    {"concat", "(a: vector, b: vector) -> vector+", concat_vectors, RK_NULL_ANY, RK_FN_VARIADIC,
     "Vectors of any dimensions, or texts, one after the other.",
     "concat(\"red\", \" \", \"nuts\")", "red nuts"},
    {"concat", "(a: string, b: string) -> string", concat_strings, RK_NULL_ANY, RK_FN_VARIADIC,
     NULL, NULL, NULL},
};
/* clang-format on */

RK_FN_FAMILY(vector, rows)
