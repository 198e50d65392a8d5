/* exp, exp2, expm1, sigmoid and tanh.
 *
 * All start from e^x = 2^n e^r with n = x / ln 2 to the nearest whole number, r = x - n ln 2 in two
 * fma steps (the first is exact), and a minimax polynomial e^r = 1 + r + r^2 Q(r) for
 * |r| <= ln 2 / 2, of degree 6 in float and 11 in double, from tests/sweep/fit.py.
 */
#include "runtime/base/vmath_stamp.h"

/* clang-format off */
/* (e^r - 1 - r) / r^2; the relative error of e^r is 2^-28.1 */
static const float F_EXP[] = {
    0x1.fffffcp-2f, 0x1.55548cp-3f, 0x1.5558a4p-5f, 0x1.123ceep-7f, 0x1.6a377p-10f,
};
/* (2^r - 1) / r for |r| <= 1/2; the relative error of 2^r is 2^-27.5 */
static const float F_EXP2[] = {
    0x1.62e432p-1f, 0x1.ebfbe6p-3f, 0x1.c6ada8p-5f, 0x1.3b21ccp-7f, 0x1.5fbefap-10f,
    0x1.4bc26cp-13f,
};
/* (e^r - 1 - r) / r^2; the relative error of e^r is 2^-57.6 */
static const double D_EXP[] = {
    0x1.000000000000ap-1, 0x1.5555555555503p-3, 0x1.55555555505e6p-5, 0x1.1111111124637p-7,
    0x1.6c16c184c99e6p-10, 0x1.a01a014783efcp-13, 0x1.a0199821600dp-16, 0x1.71dec88ac4ef2p-19,
    0x1.28af73618ea67p-22, 0x1.ae3e5214d307fp-26,
};
/* clang-format on */

#define F_LOG2E 0x1.715476p+0f
#define F_LN2_HIGH 0x1.62e43p-1f
#define F_LN2_LOW -0x1.05c61p-29f
#define D_LOG2E 0x1.71547652b82fep+0
#define D_LN2_HIGH 0x1.62e42fefa39efp-1
#define D_LN2_LOW 0x1.abc9e3b39803fp-56

/* x = n ln 2 + high + low with |high| <= ln 2 / 2 and a bit, |low| half an ulp of it. */
typedef struct vf_reduced {
    vf n, high, low;
} vf_reduced;

typedef struct vd_reduced {
    vd n, high, low;
} vd_reduced;

static inline vf_reduced reduce_f32(vf x)
{
    const vf n = vf_fma(x, vf_set(F_LOG2E), vf_set(VF_MAGIC)) - VF_MAGIC;
    const vf first = vf_fma(-n, vf_set(F_LN2_HIGH), x);
    const vf high = vf_fma(-n, vf_set(F_LN2_LOW), first);
    return (vf_reduced){n, high, vf_fma(-n, vf_set(F_LN2_LOW), first - high)};
}

static inline vd_reduced reduce_f64(vd x)
{
    const vd n = vd_fma(x, vd_set(D_LOG2E), vd_set(VD_MAGIC)) - VD_MAGIC;
    const vd first = vd_fma(-n, vd_set(D_LN2_HIGH), x);
    const vd high = vd_fma(-n, vd_set(D_LN2_LOW), first);
    return (vd_reduced){n, high, vd_fma(-n, vd_set(D_LN2_LOW), first - high)};
}

/* Limits within which n stays in the range of vf_scale and beyond which the result does not change.
 * NaN becomes some number. */
static inline vf clamp_f32(vf x, float low, float high)
{
    return vf_max(vf_min(x, vf_set(high)), vf_set(low));
}

static inline vd clamp_f64(vd x, double low, double high)
{
    return vd_max(vd_min(x, vd_set(high)), vd_set(low));
}

/* y, or NaN where x is NaN. */
static inline vf keep_nan_f32(vf x, vf y)
{
    return vf_pick(vf_eq(x, x), y, VF_NAN);
}

static inline vd keep_nan_f64(vd x, vd y)
{
    return vd_pick(vd_eq(x, x), y, VD_NAN);
}

static inline vf exp_f32(vf x)
{
    const vf_reduced r = reduce_f32(clamp_f32(x, -104.0f, 104.0f));
    const vf q = vf_fma(VF_POLY(r.high, F_EXP), r.high, vf_set(1.0f));
    return keep_nan_f32(x, vf_scale(vf_fma(q, r.high, vf_set(1.0f)), r.n));
}

static inline vd exp_f64(vd x)
{
    const vd_reduced r = reduce_f64(clamp_f64(x, -746.0, 746.0));
    const vd tail = vd_fma(r.high * r.high, VD_POLY(r.high, D_EXP), r.low);
    return keep_nan_f64(x, vd_scale((r.high + tail) + 1.0, r.n));
}

static inline vf exp2_f32(vf x)
{
    const vf c = clamp_f32(x, -151.0f, 151.0f);
    const vf n = (c + VF_MAGIC) - VF_MAGIC;
    const vf r = c - n;
    return keep_nan_f32(x, vf_scale(vf_fma(VF_POLY(r, F_EXP2), r, vf_set(1.0f)), n));
}

/* e^(r ln 2), r ln 2 as a sum of two. */
static inline vd exp2_f64(vd x)
{
    const vd c = clamp_f64(x, -1076.0, 1076.0);
    const vd n = (c + VD_MAGIC) - VD_MAGIC;
    const vd r = c - n;
    const vd high = r * D_LN2_HIGH;
    const vd low = vd_fma(r, vd_set(D_LN2_LOW), vd_fma(r, vd_set(D_LN2_HIGH), -high));
    const vd tail = vd_fma(high * high, VD_POLY(high, D_EXP), low);
    return keep_nan_f64(x, vd_scale((high + tail) + 1.0, n));
}

/* 2^n ((1 - 2^-n) + (e^r - 1)), the sum in the brackets with its rounding error; n = 0 for small x
 * leaves e^r - 1 alone. Below the clamp the result is -1. */
static inline vf expm1_f32(vf x)
{
    const vf_reduced r = reduce_f32(clamp_f32(x, -30.0f, 104.0f));
    const vf base = 1.0f - vf_scale(vf_set(1.0f), -r.n);
    const vf sum = base + r.high;
    const vf error = r.high - (sum - base);
    const vf tail = vf_fma(r.high * r.high, VF_POLY(r.high, F_EXP), r.low + error);
    return keep_nan_f32(x, vf_copysign(vf_scale(sum + tail, r.n), x));
}

static inline vd expm1_f64(vd x)
{
    const vd_reduced r = reduce_f64(clamp_f64(x, -60.0, 746.0));
    const vd base = 1.0 - vd_scale(vd_set(1.0), -r.n);
    const vd sum = base + r.high;
    const vd error = r.high - (sum - base);
    const vd tail = vd_fma(r.high * r.high, VD_POLY(r.high, D_EXP), r.low + error);
    return keep_nan_f64(x, vd_copysign(vd_scale(sum + tail, r.n), x));
}

/* 2^n / (2^n + e^-r): no case for the sign, and the scaling by 2^n comes last, so that denormal
 * results round once more and no worse. */
static inline vf sigmoid_f32(vf x)
{
    const vf_reduced r = reduce_f32(clamp_f32(x, -104.0f, 60.0f));
    const vf w = vf_fma(r.high * r.high, VF_POLY(-r.high, F_EXP), -r.high);
    const vf den = (vf_scale(vf_set(1.0f), r.n) + 1.0f) + w;
    return keep_nan_f32(x, vf_scale(1.0f / den, r.n));
}

static inline vd sigmoid_f64(vd x)
{
    const vd_reduced r = reduce_f64(clamp_f64(x, -746.0, 60.0));
    const vd s = vd_scale(vd_set(1.0), r.n);
    const vd big = vd_max(s, vd_set(1.0));
    const vd base = s + 1.0;
    const vd base_error = vd_min(s, vd_set(1.0)) - (base - big);
    const vd sum = base - r.high;
    const vd error = ((base - sum) - r.high) - r.low + base_error;
    const vd tail = vd_fma(r.high * r.high, VD_POLY(-r.high, D_EXP), error);
    const vd den = sum + tail;
    const vd den_error = tail - (den - sum);
    const vd q = 1.0 / den;
    const vd rest = vd_fma(-q, den, vd_set(1.0)) - q * den_error;
    return keep_nan_f64(x, vd_scale(vd_fma(rest, q, q), r.n));
}

/* -m / (2 + m) with m = e^(-2|x|) - 1 in [-1, 0]; beyond the clamp the result is 1. */
static inline vf tanh_f32(vf x)
{
    const vf_reduced r = reduce_f32(vf_max(vf_abs(x) * -2.0f, vf_set(-20.0f)));
    const vf s = vf_scale(vf_set(1.0f), r.n);
    const vf w = vf_fma(r.high * r.high, VF_POLY(r.high, F_EXP), r.high);
    const vf m = vf_fma(-s, w, 1.0f - s);
    return keep_nan_f32(x, vf_copysign(m / (2.0f - m), x));
}

static inline vd tanh_f64(vd x)
{
    const vd_reduced r = reduce_f64(vd_max(vd_abs(x) * -2.0, vd_set(-44.0)));
    const vd s = vd_scale(vd_set(1.0), r.n);
    const vd base = 1.0 - s;
    const vd sum = vd_fma(-s, r.high, base);
    const vd error = vd_fma(-s, r.high, base - sum);
    const vd tail = vd_fma(-s, vd_fma(r.high * r.high, VD_POLY(r.high, D_EXP), r.low), error);
    const vd m = sum + tail;
    const vd m_error = tail - (m - sum);
    const vd den = 2.0 - m;
    const vd den_error = (2.0 - den) - m - m_error;
    const vd inverse = 1.0 / den;
    const vd q = m * inverse;
    const vd rest = vd_fma(-q, den, m) + (m_error - q * den_error);
    return keep_nan_f64(x, vd_copysign(vd_fma(rest, inverse, q), x));
}

VMATH_FN1(exp)
VMATH_FN1(exp2)
VMATH_FN1(expm1)
VMATH_FN1(sigmoid)
VMATH_FN1(tanh)
