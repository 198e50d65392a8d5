/* Elementwise functions of constants. */
#include "runtime/model/network_fold.h"

#include <math.h>

/* exp and so on of one number, the same everywhere. */
#define OF(name, x) rk_network_math1(rk_network_math()->name, (x))

static double gelu_tanh(double x)
{
    static const double root = 0.79788456080286535588; /* sqrt(2 / pi) */
    return x * (1 + OF(tanh, root * (x + 0.044715 * x * x * x))) / 2;
}

static double real_of_one(rk_network_fn fn, double x, double a, double b)
{
    switch (fn) {
    case RK_NETWORK_NEG:
        return -x;
    case RK_NETWORK_ABS:
        return fabs(x);
    case RK_NETWORK_SQRT:
        return sqrt(x);
    case RK_NETWORK_EXP:
        return OF(exp, x);
    case RK_NETWORK_LOG:
        return OF(log, x);
    case RK_NETWORK_RECIPROCAL:
        return 1 / x;
    case RK_NETWORK_FLOOR:
        return floor(x);
    case RK_NETWORK_CEIL:
        return ceil(x);
    case RK_NETWORK_RELU:
        return x < 0 ? 0 : x;
    case RK_NETWORK_LEAKY_RELU:
        return x < 0 ? a * x : x;
    case RK_NETWORK_ELU:
        return x < 0 ? a * OF(expm1, x) : x;
    case RK_NETWORK_SELU:
        return b * (x < 0 ? a * OF(expm1, x) : x);
    case RK_NETWORK_CLIP:
        x = x < a ? a : x;
        return x > b ? b : x;
    case RK_NETWORK_SIGMOID:
        return OF(sigmoid, x);
    case RK_NETWORK_HARD_SIGMOID:
        x = a * x + b;
        return x < 0 ? 0 : x > 1 ? 1 : x;
    case RK_NETWORK_TANH:
        return OF(tanh, x);
    case RK_NETWORK_ERF:
        return OF(erf, x);
    case RK_NETWORK_GELU:
        return x * (1 + OF(erf, x / sqrt(2))) / 2;
    case RK_NETWORK_GELU_TANH:
        return gelu_tanh(x);
    case RK_NETWORK_SOFTPLUS:
        return x > 0 ? x + OF(log1p, OF(exp, -x)) : OF(log1p, OF(exp, x));
    case RK_NETWORK_SOFTSIGN:
        return x / (1 + fabs(x));
    case RK_NETWORK_SILU:
        return x / (1 + OF(exp, -a * x));
    default:
        return x;
    }
}

double rk_network_fold_real(rk_network_fn fn, double x, double y, const rk_network_op *op)
{
    const double nan = x != x ? x : y;
    switch (fn) {
    case RK_NETWORK_ADD:
        return x + y;
    case RK_NETWORK_SUB:
        return x - y;
    case RK_NETWORK_MUL:
        return x * y;
    case RK_NETWORK_DIV:
        return x / y;
    case RK_NETWORK_POW:
        rk_network_math()->pow.f64(&x, &y, &x, 1);
        return x;
    case RK_NETWORK_MIN:
        return x != x || y != y ? nan : x < y ? x : y;
    case RK_NETWORK_MAX:
        return x != x || y != y ? nan : x > y ? x : y;
    case RK_NETWORK_MOD:
        return fmod(x, y);
    case RK_NETWORK_PRELU:
        return x < 0 ? y * x : x;
    default:
        return real_of_one(fn, x, (double)op->a, (double)op->b);
    }
}

/* Sums and products wrap, as in any library. */
int64_t rk_network_fold_int(rk_network_fn fn, int64_t x, int64_t y)
{
    const uint64_t u = (uint64_t)x, v = (uint64_t)y;
    switch (fn) {
    case RK_NETWORK_ADD:
        return (int64_t)(u + v);
    case RK_NETWORK_SUB:
        return (int64_t)(u - v);
    case RK_NETWORK_MUL:
        return (int64_t)(u * v);
    case RK_NETWORK_DIV:
        return y == 0 ? 0 : y == -1 ? (int64_t)(0 - u) : x / y;
    case RK_NETWORK_MIN:
        return x < y ? x : y;
    case RK_NETWORK_MAX:
        return x > y ? x : y;
    case RK_NETWORK_MOD:
        x = y == 0 || y == -1 ? 0 : x % y;
        return x && (x ^ y) < 0 ? x + y : x;
    default:
        return x;
    }
}
