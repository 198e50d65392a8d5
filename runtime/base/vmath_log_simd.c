/* log, log2, log10 and log1p.
 *
 * x = 2^k m with m in [0.75, 1.5), f = m - 1 (exact), log x = k ln 2 + log(1 + f).
 * Float: log(1 + f) = f + f^2 P(f), P minimax of degree 9 from tests/sweep/fit.py.
 * Double: with s = f / (2 + f), log(1 + f) = 2 atanh(s) = f - (f^2/2 - s (f^2/2 + s^2 R(s^2))),
 * R minimax of degree 7.
 * 0 and +inf need no case of their own where k = -inf or +inf reaches the sum.
 */
#include "runtime/base/vmath_stamp.h"

/* clang-format off */
/* (log(1 + f) - f) / f^2 for f in [-1/4, 1/2]; the relative error of log(1 + f) is 2^-29.7 */
static const float F_LOG[] = {
    -0x1.fffffep-2f, 0x1.555554p-2f, -0x1.000128p-2f, 0x1.999d68p-3f, -0x1.54fa9p-3f,
    0x1.23a78p-3f, -0x1.04aae2p-3f, 0x1.eb5f9ep-4f, -0x1.8eab0cp-4f, 0x1.549f18p-5f,
};
/* (2 atanh(s)/s - 2) / z for z = s^2 in [0, 1/25]; the relative error of atanh(s) is 2^-61.6 */
static const double D_LOG[] = {
    0x1.555555555554fp-1, 0x1.999999999c187p-2, 0x1.24924921e2b0fp-2, 0x1.c71c7491b3121p-3,
    0x1.745c4a4f3ee99p-3, 0x1.3b35d4f82a15p-3, 0x1.0dca250c675aep-3, 0x1.1b8bf1baaafb1p-3,
};
/* clang-format on */

/* ln 2 and log10(2) as a head short enough for k times it to be exact, and the rest. */
#define F_LN2 0x1.62e43p-1f
#define F_LG2_HEAD 0x1.344p-2f
#define F_LG2_REST 0x1.3509f8p-18f
#define D_LN2_HEAD 0x1.62e42fefa4p-1
#define D_LN2_REST -0x1.8432a1b0e2634p-43
#define D_LG2_HEAD 0x1.34413509f8p-2
#define D_LG2_REST -0x1.80433b83b532ap-44

/* log2(e) and log10(e), each as a sum of two. */
#define F_LOG2E 0x1.715476p+0f
#define F_LOG2E_LOW 0x1.4ae0cp-26f
#define F_LGE 0x1.bcb7b2p-2f
#define F_LGE_LOW -0x1.5b235ep-27f
#define D_LOG2E 0x1.71547652b82fep+0
#define D_LOG2E_LOW 0x1.777d0ffda0d24p-56
#define D_LGE 0x1.bcb7b1526e50ep-2
#define D_LGE_LOW 0x1.95355baaafad3p-57

/* y where x is in the domain, else NaN. */
static inline vf defined_f32(vfm in_domain, vf y)
{
    return vf_pick(in_domain, y, VF_NAN);
}

static inline vd defined_f64(vdm in_domain, vd y)
{
    return vd_pick(in_domain, y, VD_NAN);
}

/* log(1 + f) - f to double precision. */
static inline vd log_rest_f64(vd f)
{
    const vd s = f / (f + 2.0);
    const vd z = s * s;
    const vd half = (f * 0.5) * f;
    return vd_fma(s, vd_fma(z, VD_POLY(z, D_LOG), half), -half);
}

/* k ln 2 + f + rest; the first two with their rounding error. k may be infinite. */
static inline vd log_sum_f64(vd k, vd f, vd rest)
{
    const vd head = k * D_LN2_HEAD;
    const vd sum = head + f;
    const vd error = f - (sum - head);
    const vd y = sum + (error + vd_fma(k, vd_set(D_LN2_REST), rest));
    return vd_pick(vd_lt(vd_abs(k), vd_set(INFINITY)), y, k);
}

static inline vf log_f32(vf x)
{
    vf k;
    const vf f = vf_split(x, &k) - 1.0f;
    const vf sum = vf_fma(k, vf_set(F_LN2), f);
    return defined_f32(vf_le(vf_set(0.0f), x), vf_fma(f * f, VF_POLY(f, F_LOG), sum));
}

static inline vd log_f64(vd x)
{
    vd k;
    const vd f = vd_split(x, &k) - 1.0;
    return defined_f64(vd_le(vd_set(0.0), x), log_sum_f64(k, f, log_rest_f64(f)));
}

/* k head + (k rest + log(1 + f) * (high + low)), where high + low is the logarithm of e. */
static inline vf log_base_f32(vf x, const float c[4])
{
    vf k;
    const vf f = vf_split(x, &k) - 1.0f;
    const vf high = f * c[2];
    const vf low = vf_fma(f, vf_set(c[3]), vf_fma(f, vf_set(c[2]), -high));
    const vf tail = vf_fma(f * high, VF_POLY(f, F_LOG), vf_fma(k, vf_set(c[1]), low));
    const vf head = k * c[0];
    const vf sum = head + high;
    const vf error = high - (sum - head);
    const vf y = vf_pick(vf_lt(vf_abs(k), vf_set(INFINITY)), sum + (error + tail), k);
    return defined_f32(vf_le(vf_set(0.0f), x), y);
}

static inline vd log_base_f64(vd x, const double c[4])
{
    vd k;
    const vd f = vd_split(x, &k) - 1.0;
    const vd high = f * c[2];
    const vd low = vd_fma(f, vd_set(c[3]), vd_fma(f, vd_set(c[2]), -high));
    const vd tail = vd_fma(log_rest_f64(f), vd_set(c[2]), vd_fma(k, vd_set(c[1]), low));
    const vd head = k * c[0];
    const vd sum = head + high;
    const vd error = high - (sum - head);
    const vd y = vd_pick(vd_lt(vd_abs(k), vd_set(INFINITY)), sum + (error + tail), k);
    return defined_f64(vd_le(vd_set(0.0), x), y);
}

static inline vf log2_f32(vf x)
{
    return log_base_f32(x, (const float[]){1.0f, 0.0f, F_LOG2E, F_LOG2E_LOW});
}

static inline vd log2_f64(vd x)
{
    return log_base_f64(x, (const double[]){1.0, 0.0, D_LOG2E, D_LOG2E_LOW});
}

static inline vf log10_f32(vf x)
{
    return log_base_f32(x, (const float[]){F_LG2_HEAD, F_LG2_REST, F_LGE, F_LGE_LOW});
}

static inline vd log10_f64(vd x)
{
    return log_base_f64(x, (const double[]){D_LG2_HEAD, D_LG2_REST, D_LGE, D_LGE_LOW});
}

/* k from 1 + x; then f = 2^-k x + (2^-k - 1) has one rounding, none where k = 0. Where k is infinite
 * f only has to be finite, which the minimum sees to. */
static inline vf log1p_f32(vf x)
{
    const vf k = vf_exponent((x + 1.0f) * 0x1.555556p-1f) + 1.0f;
    const vf scale = vf_scale(vf_set(1.0f), -k);
    const vf f = vf_min(vf_fma(x, scale, scale - 1.0f), vf_set(0.5f));
    const vf sum = vf_fma(k, vf_set(F_LN2), f);
    const vf y = vf_fma(f * f, VF_POLY(f, F_LOG), sum);
    return defined_f32(vf_le(vf_set(-1.0f), x), vf_copysign(y, x));
}

static inline vd log1p_f64(vd x)
{
    const vd k = vd_exponent((x + 1.0) * 0x1.5555555555555p-1) + 1.0;
    const vd scale = vd_scale(vd_set(1.0), -k);
    const vd f = vd_min(vd_fma(x, scale, scale - 1.0), vd_set(0.5));
    const vd y = log_sum_f64(k, f, log_rest_f64(f));
    return defined_f64(vd_le(vd_set(-1.0), x), vd_copysign(y, x));
}

VMATH_FN1(log)
VMATH_FN1(log2)
VMATH_FN1(log10)
VMATH_FN1(log1p)
