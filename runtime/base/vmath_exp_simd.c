/* exp, exp2, expm1, sigmoid and tanh.
 *
 * All start from e^x = 2^n e^r with n = x / ln 2 to the nearest whole number, r = x - n ln 2 in two
 * fma steps (the first is exact), and a minimax polynomial e^r = 1 + r + r^2 Q(r) for
 * |r| <= ln 2 / 2, of degree 6 in float and 11 in double, from tests/sweep/fit.py.
 */
#include "runtime/base/vmath_exp.h"
#include "runtime/base/vmath_stamp.h"

/* clang-format off */
/* (e^r - 1 - r) / r^2; the relative error of e^r is 2^-28.1 */
static const float F_EXP[] = {
    0x1.fffffcp-2f, 0x1.55548cp-3f, 0x1.5558a4p-5f, 0x1.123ceep-7f, 0x1.6a377p-10f,
};
/* The same of e^-r. */
static const float F_EXP_NEG[] = {
    0x1.fffffcp-2f, -0x1.55548cp-3f, 0x1.5558a4p-5f, -0x1.123ceep-7f, 0x1.6a377p-10f,
};
/* (2^r - 1) / r for |r| <= 1/2; the relative error of 2^r is 2^-27.5 */
static const float F_EXP2[] = {
    0x1.62e432p-1f, 0x1.ebfbe6p-3f, 0x1.c6ada8p-5f, 0x1.3b21ccp-7f, 0x1.5fbefap-10f,
    0x1.4bc26cp-13f,
};
/* (tanh(x)/x - 1) / z for z = x^2, |x| <= 0.55; the relative error of tanh(x) is 2^-29.8 */
static const float F_TANH[] = {
    -0x1.55554cp-2f, 0x1.110d6ap-3f, -0x1.b931fcp-5f, 0x1.598276p-6f, -0x1.9c9492p-8f,
};
/* clang-format on */

#define F_LOG2E    0x1.715476p+0f
#define F_LN2_HIGH 0x1.62e43p-1f
#define F_LN2_LOW  -0x1.05c61p-29f
/* As the double ones in vmath_exp.h. */
typedef struct vf_reduced {
    vf n, high, low;
} vf_reduced;

static inline vf_reduced reduce_f32(vf x)
{
    const vf n = vf_fma(x, vf_set(F_LOG2E), vf_set(VF_MAGIC)) - VF_MAGIC;
    const vf first = vf_fnma(n, vf_set(F_LN2_HIGH), x);
    const vf high = vf_fnma(n, vf_set(F_LN2_LOW), first);
    return (vf_reduced){n, high, vf_fnma(n, vf_set(F_LN2_LOW), first - high)};
}

static inline vf clamp_f32(vf x, float low, float high)
{
    return vf_max(vf_min(x, vf_set(high)), vf_set(low));
}

static inline vf keep_nan_f32(vf x, vf y) { return vf_pick(vf_eq(x, x), y, VF_NAN); }

static inline vf exp_rest_f32(vf high, vf low)
{
    const vf r2 = high * high;
    return vf_fma(r2, VF_POLY(high, r2, F_EXP), low);
}

static inline vf exp_f32(vf x)
{
    const vf_reduced r = reduce_f32(clamp_f32(x, -104.0f, 104.0f));
    return keep_nan_f32(x, vf_scale(exp_rest_f32(r.high, r.high) + 1.0f, r.n));
}

static inline vd exp_f64(vd x)
{
    const vd_reduced r = reduce_f64(clamp_f64(x, -746.0, 746.0));
    return keep_nan_f64(x, vd_scale((r.high + exp_rest_f64(r.high, r.low)) + 1.0, r.n));
}

static inline vf exp2_f32(vf x)
{
    const vf c = clamp_f32(x, -151.0f, 151.0f);
    const vf n = (c + VF_MAGIC) - VF_MAGIC;
    const vf r = c - n;
    return keep_nan_f32(x, vf_scale(vf_fma(VF_POLY(r, r * r, F_EXP2), r, vf_set(1.0f)), n));
}

/* e^(r ln 2), r ln 2 as a sum of two. */
static inline vd exp2_f64(vd x)
{
    const vd c = clamp_f64(x, -1076.0, 1076.0);
    const vd n = (c + VD_MAGIC) - VD_MAGIC;
    const vd r = c - n;
    const vd high = r * D_LN2_HIGH;
    const vd low = vd_fma(r, vd_set(D_LN2_LOW), vd_fma(r, vd_set(D_LN2_HIGH), -high));
    return keep_nan_f64(x, vd_scale((high + exp_rest_f64(high, low)) + 1.0, n));
}

/* 2^n ((1 - 2^-n) + (e^r - 1)), the sums in the brackets with their rounding errors; n = 0 for
 * small x leaves e^r - 1 alone. Below the lower clamp the result is -1; above n = 126, where 2^-n
 * as made here ends, it does not matter. */
static inline vf expm1_f32(vf x)
{
    const vf_reduced r = reduce_f32(clamp_f32(x, -30.0f, 104.0f));
    const vf base = 1.0f - vf_power(vf_max(-r.n, vf_set(-126.0f)));
    const vf sum = base + r.high;
    const vf error = r.high - (sum - base);
    const vf tail = exp_rest_f32(r.high, r.low + error);
    return keep_nan_f32(x, vf_copysign(vf_scale(sum + tail, r.n), x));
}

static inline vd expm1_f64(vd x)
{
    const vd_reduced r = reduce_f64(clamp_f64(x, -60.0, 746.0));
    const vd inverse = vd_power(vd_max(-r.n, vd_set(-1022.0)));
    const vd base = 1.0 - inverse;
    const vd sum = base + r.high;
    const vd error = (r.high - (sum - base)) + ((1.0 - base) - inverse);
    const vd tail = exp_rest_f64(r.high, r.low + error);
    return keep_nan_f64(x, vd_copysign(vd_scale(sum + tail, r.n), x));
}

/* With x = n ln 2 + r, sigmoid(x) = 2^n / (2^n + e^-r), the denominator being (1 + 2^n) + (e^-r -
 * 1): no exponential overflows. Above 30 it is 1. 2^n is carried 2^64 times too large, so that
 * denormal results are rounded to only at the end. */
static inline vf sigmoid_f32(vf x)
{
    const vf unit = vf_set(0x1p-64f);
    const vf_reduced r = reduce_f32(clamp_f32(x, -104.0f, 30.0f));
    const vf power = vf_power(r.n + 64.0f);
    const vf r2 = r.high * r.high;
    const vf base = vf_fma(power, unit, vf_set(1.0f));
    const vf error = vf_fma(power, unit, 1.0f - base);
    const vf den = base + vf_fma(r2, VF_POLY(r.high, r2, F_EXP_NEG), error - r.high);
    return keep_nan_f32(x, power / den * unit);
}

/* With |x| = n ln 2 + r, z = sigmoid(-|x|) = 2^-n / (2^-n + e^r): it is z or 1 - z. The denominator
 * comes with its rounding error, and its inverse with one correction. */
static inline vd sigmoid_f64(vd x)
{
    const vd_reduced r = reduce_f64(vd_min(vd_abs(x), vd_set(746.0)));
    const vd small = vd_power(vd_max(-r.n, vd_set(-1022.0))) + r.high;
    const vd sum = small + 1.0;
    const vd tail = exp_rest_f64(r.high, r.low) + (small - (sum - 1.0));
    const vd den = sum + tail;
    const vd error = tail - (den - sum);
    const vd q = 1.0 / den;
    const vd rest = vd_fnma(q, error, vd_fnma(q, den, vd_set(1.0)));
    const vd z = vd_scale(vd_fma(rest, q, q), -r.n);
    return keep_nan_f64(x, vd_pick(vd_lt(x, vd_set(0.0)), z, 1.0 - z));
}

/* x + x^3 P(x^2) up to 0.55, beyond it 1 - 2 z with z = sigmoid(-2|x|), up to where that is 1. */
static inline vf tanh_f32(vf x)
{
    const vf size = vf_abs(x);
    const vf_reduced r = reduce_f32(vf_min(size * 2.0f, vf_set(20.0f)));
    const vf s = vf_power(-r.n);
    const vf den = 1.0f + (s + exp_rest_f32(r.high, r.high));
    const vf far = vf_fnma(s / den, vf_set(2.0f), vf_set(1.0f));
    const vf x2 = x * x;
    const vf near = vf_fma(x2 * size, VF_POLY(x2, x2 * x2, F_TANH), size);
    const vf y = vf_pick(vf_lt(size, vf_set(0.55f)), near, far);
    return keep_nan_f32(x, vf_copysign(y, x));
}

/* -m / (2 + m) with m = e^(-2|x|) - 1 in [-1, 0], all with their rounding errors. */
static inline vd tanh_f64(vd x)
{
    const vd_reduced r = reduce_f64(vd_max(vd_abs(x) * -2.0, vd_set(-44.0)));
    const vd s = vd_power(r.n);
    const vd base = 1.0 - s;
    const vd sum = vd_fnma(s, r.high, base);
    const vd error = vd_fnma(s, r.high, base - sum) + ((1.0 - base) - s);
    const vd tail = vd_fnma(s, exp_rest_f64(r.high, r.low), error);
    const vd m = sum + tail;
    const vd m_error = tail - (m - sum);
    const vd den = 2.0 - m;
    const vd den_error = (2.0 - den) - m - m_error;
    const vd inverse = 1.0 / den;
    const vd q = m * inverse;
    const vd rest = vd_fnma(q, den, m) + (m_error - q * den_error);
    return keep_nan_f64(x, vd_copysign(vd_fma(rest, inverse, q), x));
}

VMATH_FN1(exp)
VMATH_FN1(exp2)
VMATH_FN1(expm1)
VMATH_FN1(sigmoid)
VMATH_FN1(tanh)
