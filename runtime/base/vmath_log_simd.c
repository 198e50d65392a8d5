/* log, log2, log10 and log1p.
 *
 * x = 2^k m with m in [sqrt(1/2), sqrt(2)), f = m - 1 (exact), log x = k ln 2 + log(1 + f).
 * Float: log(1 + f) = f + f^2 P(f), P minimax of degree 8 from tests/sweep/fit.py.
 * Double: with s = f / (2 + f), log(1 + f) = 2 atanh(s) = f - (f^2/2 - s (f^2/2 + s^2 R(s^2))),
 * R minimax of degree 6.
 * 0 and +inf need no case of their own where k = -inf or +inf reaches the sum.
 */
#include "runtime/base/vmath_stamp.h"

/* clang-format off */
/* (log(1 + f) - f) / f^2 for 1 + f in [sqrt(1/2), sqrt(2)]; the relative error of log(1 + f) is
 * 2^-27.6 */
static const float F_LOG[] = {
    -0x1.fffff8p-2f, 0x1.55555p-2f, -0x1.00043p-2f, 0x1.99a21ep-3f, -0x1.542232p-3f,
    0x1.22a786p-3f, -0x1.0fb514p-3f, 0x1.06d006p-3f, -0x1.315638p-4f,
};
/* (2 atanh(s)/s - 2) / z for z = s^2 in [0, 0.0295]; the relative error of atanh(s) is 2^-58.5 */
static const double D_LOG[] = {
    0x1.5555555555592p-1, 0x1.999999997ff13p-2, 0x1.24924941e1e54p-2, 0x1.c71c5213b8a06p-3,
    0x1.74663d12b7e85p-3, 0x1.39a1e47f6fbcfp-3, 0x1.2f03ea1b9c064p-3,
};
/* The same for 1 + f in [3/4, 3/2], 2^-29.7 and 2^-61.6. */
static const float F_LOG1P[] = {
    -0x1.fffffep-2f, 0x1.555554p-2f, -0x1.000128p-2f, 0x1.999d68p-3f, -0x1.54fa9p-3f,
    0x1.23a78p-3f, -0x1.04aae2p-3f, 0x1.eb5f9ep-4f, -0x1.8eab0cp-4f, 0x1.549f18p-5f,
};
static const double D_LOG1P[] = {
    0x1.555555555554fp-1, 0x1.999999999c187p-2, 0x1.24924921e2b0fp-2, 0x1.c71c7491b3121p-3,
    0x1.745c4a4f3ee99p-3, 0x1.3b35d4f82a15p-3, 0x1.0dca250c675aep-3, 0x1.1b8bf1baaafb1p-3,
};
/* clang-format on */

/* ln 2 and log10(2) as a head short enough for k times it to be exact, and the rest, which is above
 * zero: an infinite k must not meet itself with the other sign. */
#define F_LG2_HEAD 0x1.344p-2f
#define F_LG2_REST 0x1.3509f8p-18f
#define D_LN2_HEAD 0x1.62e42fefa2p-1
#define D_LN2_REST 0x1.9ef35793c7673p-41
#define D_LG2_HEAD 0x1.34413509f6p-2
#define D_LG2_REST 0x1.9fef311f12b36p-42

/* ln 2 as a float a little below and the rest, above zero too. */
#define F_LN2_HIGH 0x1.62e42ep-1f
#define F_LN2_LOW  0x1.efa39ep-25f

/* log2(e) and log10(e), each as a sum of two. */
#define F_LOG2E     0x1.715476p+0f
#define F_LOG2E_LOW 0x1.4ae0cp-26f
#define F_LGE       0x1.bcb7b2p-2f
#define F_LGE_LOW   -0x1.5b235ep-27f
#define D_LOG2E     0x1.71547652b82fep+0
#define D_LOG2E_LOW 0x1.777d0ffda0d24p-56
#define D_LGE       0x1.bcb7b1526e50ep-2
#define D_LGE_LOW   0x1.95355baaafad3p-57

/* y where x is in the domain, else NaN. */
static inline vf defined_f32(vfm in_domain, vf y) { return vf_pick(in_domain, y, VF_NAN); }

static inline vd defined_f64(vdm in_domain, vd y) { return vd_pick(in_domain, y, VD_NAN); }

/* log(1 + f) - f to double precision, R(z) given by its coefficients. */
#define LOG_REST_F64(f, c) log_rest_f64((f), (c), (int)(sizeof(c) / sizeof *(c)))
static inline vd log_rest_f64(vd f, const double *c, int n)
{
    const vd s = f / (f + 2.0);
    const vd z = s * s;
    const vd half = (f * 0.5) * f;
    return vd_fma(s, vd_fma(z, vd_poly(z, z * z, c, n), half), -half);
}

/* a + b with |a| >= |b| or a = 0, and its rounding error. Where a is infinite so is the sum, and
 * the error is some finite number: the minimum turns a NaN into 1. */
static inline vf sum_f32(vf a, vf b, vf *error)
{
    const vf sum = a + b;
    *error = vf_min(b - (sum - a), vf_set(1.0f));
    return sum;
}

static inline vd sum_f64(vd a, vd b, vd *error)
{
    const vd sum = a + b;
    *error = vd_min(b - (sum - a), vd_set(1.0));
    return sum;
}

/* k ln 2 + f + f^2 p, with no sum of its own for k = 0; k may be infinite. */
static inline vf log_sum_f32(vf k, vf f, vf f2, vf p)
{
    const vf rest = vf_fma(f2, p, vf_fma(k, vf_set(F_LN2_LOW), f));
    return vf_fma(k, vf_set(F_LN2_HIGH), rest);
}

/* k ln 2 + f + rest; k may be infinite. */
static inline vd log_sum_f64(vd k, vd f, vd rest)
{
    vd error;
    const vd sum = sum_f64(k * D_LN2_HEAD, f, &error);
    return sum + (vd_fma(k, vd_set(D_LN2_REST), error) + rest);
}

static inline vf log_f32(vf x)
{
    vf k;
    const vf f = vf_split(x, &k) - 1.0f;
    return defined_f32(vf_le(vf_set(0.0f), x), log_sum_f32(k, f, f * f, VF_POLY(f, f * f, F_LOG)));
}

static inline vd log_f64(vd x)
{
    vd k;
    const vd f = vd_split(x, &k) - 1.0;
    return defined_f64(vd_le(vd_set(0.0), x), log_sum_f64(k, f, LOG_REST_F64(f, D_LOG)));
}

/* log(1 + f) * c, where c[0] + c[1] is the logarithm of e: the sum of the result and *low. */
static inline vf log_scaled_f32(vf f, const float c[2], vf *low)
{
    const vf high = f * c[0];
    const vf rest = vf_fma(f, vf_set(c[1]), vf_fma(f, vf_set(c[0]), -high));
    *low = vf_fma(f * high, VF_POLY(f, f * f, F_LOG), rest);
    return high;
}

static inline vd log_scaled_f64(vd f, const double c[2], vd *low)
{
    const vd high = f * c[0];
    const vd rest = vd_fma(f, vd_set(c[1]), vd_fma(f, vd_set(c[0]), -high));
    *low = vd_fma(LOG_REST_F64(f, D_LOG), vd_set(c[0]), rest);
    return high;
}

static inline vf log2_f32(vf x)
{
    vf k, low, error;
    const vf f = vf_split(x, &k) - 1.0f;
    const vf high = log_scaled_f32(f, (const float[]){F_LOG2E, F_LOG2E_LOW}, &low);
    const vf sum = sum_f32(k, high, &error);
    return defined_f32(vf_le(vf_set(0.0f), x), sum + (error + low));
}

static inline vd log2_f64(vd x)
{
    vd k, low, error;
    const vd f = vd_split(x, &k) - 1.0;
    const vd high = log_scaled_f64(f, (const double[]){D_LOG2E, D_LOG2E_LOW}, &low);
    const vd sum = sum_f64(k, high, &error);
    return defined_f64(vd_le(vd_set(0.0), x), sum + (error + low));
}

static inline vf log10_f32(vf x)
{
    vf k, low, error;
    const vf f = vf_split(x, &k) - 1.0f;
    const vf high = log_scaled_f32(f, (const float[]){F_LGE, F_LGE_LOW}, &low);
    const vf sum = sum_f32(k * F_LG2_HEAD, high, &error);
    const vf tail = vf_fma(k, vf_set(F_LG2_REST), error + low);
    return defined_f32(vf_le(vf_set(0.0f), x), sum + tail);
}

static inline vd log10_f64(vd x)
{
    vd k, low, error;
    const vd f = vd_split(x, &k) - 1.0;
    const vd high = log_scaled_f64(f, (const double[]){D_LGE, D_LGE_LOW}, &low);
    const vd sum = sum_f64(k * D_LG2_HEAD, high, &error);
    const vd tail = vd_fma(k, vd_set(D_LG2_REST), error + low);
    return defined_f64(vd_le(vd_set(0.0), x), sum + tail);
}

/* minus_k from 1 + x; then f = 2^-k x - (1 - 2^-k) is exact unless 1 + x is large, with 1 + f in
 * [3/4, 3/2]. Where k is infinite f only has to be finite, which the minimum sees to. Zeros keep
 * their sign: minus_k is then +0, and what is added to -0 is -0. */
static inline vf log1p_f32(vf x)
{
    const vf minus_k = -1.0f - vf_exponent((x + 1.0f) * 0x1.555556p-1f);
    const vf scale = vf_scale(vf_set(1.0f), minus_k);
    const vf f = vf_min(vf_fma(x, scale, -(1.0f - scale)), vf_set(0.5f));
    const vf f2 = f * f;
    const vf near = vf_fnma(minus_k, vf_set(F_LN2_LOW), f);
    const vf rest = vf_fma(f2, VF_POLY(f, f2, F_LOG1P), near);
    return defined_f32(vf_le(vf_set(-1.0f), x), vf_fnma(minus_k, vf_set(F_LN2_HIGH), rest));
}

static inline vd log1p_f64(vd x)
{
    const vd minus_k = -1.0 - vd_exponent((x + 1.0) * 0x1.5555555555555p-1);
    const vd scale = vd_scale(vd_set(1.0), minus_k);
    const vd f = vd_min(vd_fma(x, scale, scale - 1.0), vd_set(0.5));
    const vd y = log_sum_f64(-minus_k, f, LOG_REST_F64(f, D_LOG1P));
    return defined_f64(vd_le(vd_set(-1.0), x), vd_copysign(y, x));
}

VMATH_FN1(log)
VMATH_FN1(log2)
VMATH_FN1(log10)
VMATH_FN1(log1p)
