/* pow, cbrt and erf.
 *
 * pow: in double log2|x| as a sum of two doubles, from 2 atanh(s), s = (m - 1) / (m + 1), with the
 * terms up to s^3 in double-double and the rest a minimax polynomial of degree 6; y times it; e^r
 * as in vmath_exp.h. In float the same in plain double with shorter polynomials.
 *
 * cbrt: a minimax quartic of the mantissa, one step of Halley, in double one of Newton on the exact
 * residue.
 *
 * erf: x + x P(x^2) below 1, beyond it 1 - e^H(x), H minimax for log(erfc(x)).
 */
#include "runtime/base/vmath_exp.h"
#include "runtime/base/vmath_stamp.h"

/* clang-format off */
/* (atanh(s)/s - 1 - z/3) / z^2, z = s^2 in [0, 0.0295]; relative error of atanh(s) 2^-66.1 */
static const double D_POWLOG[] = {
    0x1.9999999999b3p-3, 0x1.2492492457d99p-3, 0x1.c71c722d60a1p-4, 0x1.745ce9e56a52ap-4,
    0x1.3b1eeba99b958p-4, 0x1.0f7ff29ad2ab5p-4, 0x1.0e4257ff900c9p-4,
};
/* 2 atanh(s) / (s ln 2), relative error 2^-43.6 */
static const double S_POWLOG[] = {
    0x1.71547652b825p+1, 0x1.ec709dc53daf9p-1, 0x1.2776c291e9207p-1, 0x1.a61a2fc1ef512p-2,
    0x1.47953160c65f6p-2, 0x1.21b2d45afc5f2p-2,
};
/* 2^r for |r| <= 1/2, relative error 2^-34.5 */
static const double S_POWEXP[] = {
    0x1.ffffffffab9e6p-1, 0x1.62e42ff116b86p-1, 0x1.ebfbe0a4f4286p-3, 0x1.c6b08aae5d095p-5,
    0x1.3b29dc1293cfcp-7, 0x1.5d8a70fedf27ap-10, 0x1.446a4554f32e1p-13, 0x1.fe17667de46fap-17,
};
/* cbrt(m) for m in [sqrt(1/2), sqrt(2)], relative error 2^-16.7 */
static const double D_CBRT[] = {
    0x1.ce7edbe227649p-2, 0x1.cf49f36540f4ep-1, -0x1.124608628eee1p-1, 0x1.bc5d24de21fccp-3,
    -0x1.35a13c7ac6b65p-5,
};
/* erf(x)/x - 1, z = x^2 in [0, 1]; the absolute error is 2^-56.0 and 2^-34.8 */
static const double D_ERF[] = {
    0x1.06eba8214db69p-3, -0x1.812746b037a27p-2, 0x1.ce2f21a045b9p-4, -0x1.b82ce313662b1p-6,
    0x1.565bcd2f97df6p-8, -0x1.c02db9dc69cafp-11, 0x1.f9a3cec8a7c6dp-14, -0x1.f4deb2f9fe24p-17,
    0x1.ba814ff886c4fp-20, -0x1.646b7750d13d2p-23, 0x1.17fabe2abca4p-26, -0x1.e42f9422768eap-30,
    0x1.6801aceade7cp-33,
};
static const double S_ERF[] = {
    0x1.06eba820312dbp-3, -0x1.812746682c6c9p-2, 0x1.ce2f09ac07e38p-4, -0x1.b829d8ce5edf4p-6,
    0x1.562b19ea8138ap-8, -0x1.bcd7df3afb35fp-11, 0x1.d8b89084354a1p-14, -0x1.44cfc51972feap-17,
};
/* log(erfc(x)) for x in [1, 6] and [1, 4]; the absolute error of erfc(x) is 2^-59.5 and 2^-35.9 */
static const double D_ERFC[] = {
    -0x1.8bf6487220928p-23, -0x1.20dd55657aa6bp+0, -0x1.45f4328c3fc9cp-1, -0x1.a4d9a9dc979d8p-4,
    0x1.388e8cc139bf6p-6, 0x1.27f034eb924eap-12, -0x1.d03ccb1eadd7ep-10, 0x1.5107a68fe08p-11,
    -0x1.8180eb8b5a82ap-15, -0x1.248e4bae0792fp-14, 0x1.778f0f3ccd459p-15, -0x1.13820e514ed9fp-16,
    0x1.20b066b7dfc3ap-18, -0x1.c5c30f548838ep-21, 0x1.0c12d851c643fp-23, -0x1.d09f4d8dd906p-27,
    0x1.17908a113d1d6p-30, -0x1.a1f6f6f69315p-35, 0x1.24772dad1ab1p-40,
};
static const double S_ERFC[] = {
    0x1.ac94067403cd8p-13, -0x1.2131796f64994p+0, -0x1.441dc3b46743dp-1, -0x1.bcfc48ba24cd2p-4,
    0x1.9fb887d1ebc8cp-6, -0x1.18a6b5d5ecef1p-8, 0x1.e65266ac01c4ep-12, -0x1.a8b9c2aa559b1p-16,
    0x1.0decc568a686ep-22,
};
/* (e^r - 1 - r) / r^2; the relative error of e^r is 2^-34.2 */
static const double S_EXP[] = {
    0x1.0000003a2a8a2p-1, 0x1.55555442eccdp-3, 0x1.55548db23f5dap-5, 0x1.111270ff35d2fp-7,
    0x1.6d8d18e794887p-10, 0x1.9f085d528c685p-13,
};
/* clang-format on */

#define D_2_LOG2E     0x1.71547652b82fep+1
#define D_2_LOG2E_LOW 0x1.777d0ffda0d24p-55
#define D_THIRD       0x1.5555555555555p-2
#define D_THIRD_LOW   0x1.5555555555555p-56

/* A number as the unevaluated sum of two. */
typedef struct vd_pair {
    vd high, low;
} vd_pair;

static inline vd_pair multiply(vd_pair a, vd_pair b)
{
    const vd p = a.high * b.high;
    const vd cross = vd_fma(a.high, b.low, a.low * b.high);
    return (vd_pair){p, vd_fma(a.high, b.high, -p) + cross};
}

/* a + b with |a| >= |b.high| or a = 0. */
static inline vd_pair add(vd a, vd_pair b)
{
    const vd sum = a + b.high;
    const vd low = (b.high - (sum - a)) + b.low;
    const vd high = sum + low;
    return (vd_pair){high, low - (high - sum)};
}

/* (m - 1) / (m + 1) */
static inline vd_pair half_angle(vd m)
{
    const vd num = m - 1.0;
    const vd den = m + 1.0;
    const vd den_low = m - (den - 1.0);
    const vd inverse = 1.0 / den;
    const vd s = num * inverse;
    return (vd_pair){s, vd_fnma(s, den_low, vd_fnma(s, den, num)) * inverse};
}

/* log2(x) for 0 < x < infinity, to about 2^-63 of it. */
static inline vd_pair log2_pair(vd x)
{
    vd k;
    const vd_pair s = half_angle(vd_split(x, &k));
    const vd_pair z = multiply(s, s);
    const vd z2 = z.high * z.high;
    vd_pair sum = multiply(z, (vd_pair){vd_set(D_THIRD), vd_set(D_THIRD_LOW)});
    sum.low = vd_fma(z2, VD_POLY(z.high, z2, D_POWLOG), sum.low);
    sum = add(vd_set(1.0), sum);
    sum = multiply(sum, (vd_pair){vd_set(D_2_LOG2E), vd_set(D_2_LOG2E_LOW)});
    return add(k, multiply(s, sum));
}

/* |x|^y for finite nonzero x, by 2^(y log2|x|); y may be infinite. */
static inline vd power_f64(vd x, vd y)
{
    const vd_pair l = log2_pair(x);
    const vd_pair p = multiply(l, (vd_pair){clamp_f64(y, -0x1p66, 0x1p66), vd_set(0.0)});
    const vd high = clamp_f64(p.high, -1080.0, 1080.0);
    const vd low = vd_pick(vd_eq(high, p.high), p.low, vd_set(0.0));
    const vd n = (high + VD_MAGIC) - VD_MAGIC;
    const vd_pair r = add(high - n, (vd_pair){low, vd_set(0.0)});
    const vd_pair t = multiply(r, (vd_pair){vd_set(D_LN2_HIGH), vd_set(D_LN2_LOW)});
    const vd one = t.high + 1.0;
    const vd error = t.high - (one - 1.0);
    return vd_scale(one + (exp_rest_f64(t.high, t.low) + error), n);
}

static inline vd power_quick(vd x, vd y)
{
    vd k;
    const vd m = vd_split(x, &k);
    const vd s = (m - 1.0) / (m + 1.0);
    const vd z = s * s;
    const vd l = vd_fma(s, VD_POLY(z, z * z, S_POWLOG), k);
    const vd p = clamp_f64(l * clamp_f64(y, -0x1p66, 0x1p66), -200.0, 200.0);
    const vd n = (p + VD_MAGIC) - VD_MAGIC;
    const vd r = p - n;
    return VD_POLY(r, r * r, S_POWEXP) * vd_power(n);
}

/* x^y from r = |x|^y: C11's special cases, but NaN in is NaN out. */
static inline vd power_cases(vd x, vd y, vd r)
{
    const vd zero = vd_set(0.0), one = vd_set(1.0), inf = vd_set(INFINITY);
    const vd size = vd_abs(x), times = vd_abs(y), half = times * 0.5;
    const vdm huge = vd_le(vd_set(0x1p52), times);
    const vdm whole = huge | vd_eq((times + 0x1p52) - 0x1p52, times);
    const vdm even = vd_le(vd_set(0x1p53), times) | vd_eq((half + 0x1p52) - 0x1p52, half);
    const vdm down = vd_lt(y, zero);
    r = vd_pick(vd_eq(size, zero), vd_pick(down, inf, zero), r);
    r = vd_pick(vd_eq(size, inf), vd_pick(down, zero, inf), r);
    r = vd_pick(whole & ~even, vd_copysign(r, x), r);
    r = vd_pick(vd_lt(x, zero) & vd_lt(size, inf) & ~whole, VD_NAN, r);
    r = vd_pick(vd_eq(y, zero), one, r);
    return vd_pick(vd_eq(x, x) & vd_eq(y, y), r, VD_NAN);
}

static inline vd pow_f64(vd x, vd y) { return power_cases(x, y, power_f64(vd_abs(x), y)); }

static inline vd pow_quick(vd x, vd y) { return power_cases(x, y, power_quick(vd_abs(x), y)); }

static inline vf pow_f32(vf x, vf y) { return VF_VIA_VD2(pow_quick, x, y); }

/* |x| = 2^(3 n) a with a in [0.35, 2.83); *y is the cube root of a to 2^-50, *slope 1 / (3 a) to
 * 2^-16, and the result 2^n. */
static inline vd cube_root(vd x, vd *a, vd *y, vd *slope)
{
    vd k;
    const vd m = vd_split(x, &k);
    const vd n = vd_fma(k, vd_set(D_THIRD), vd_set(VD_MAGIC)) - VD_MAGIC;
    const vd j = vd_fnma(n, vd_set(3.0), k);
    const vd one = vd_set(1.0);
    const vdm below = vd_lt(j, vd_set(0.0)), above = vd_lt(vd_set(0.0), j);
    const vd root = vd_pick(below, vd_set(0x1.965fea53d6e3dp-1),
                            vd_pick(above, vd_set(0x1.428a2f98d728bp+0), one));
    *a = m * vd_pick(below, vd_set(0.5), vd_pick(above, vd_set(2.0), one));
    const vd first = VD_POLY(m, m * m, D_CBRT) * root;
    const vd cube = (first * first) * first;
    *slope = 1.0 / vd_fma(cube, vd_set(2.0), *a);
    *y = vd_fma(first * (*a - cube), *slope, first);
    return vd_power(n);
}

/* y with the sign of x, or x itself where that is 0 or infinite. */
static inline vd root_cases(vd x, vd y)
{
    const vd size = vd_abs(x);
    const vdm itself = vd_eq(size, vd_set(0.0)) | vd_eq(size, vd_set(INFINITY));
    return keep_nan_f64(x, vd_pick(itself, x, vd_copysign(y, x)));
}

static inline vd cbrt_f64(vd x)
{
    vd a, y, slope;
    const vd power = cube_root(vd_abs(x), &a, &y, &slope);
    const vd square = y * y;
    const vd square_low = vd_fma(y, y, -square);
    const vd residue = vd_fnma(square_low, y, vd_fnma(square, y, a));
    return root_cases(x, vd_fma(residue * y, slope, y) * power);
}

static inline vd cbrt_quick(vd x)
{
    vd a, y, slope;
    const vd power = cube_root(vd_abs(x), &a, &y, &slope);
    return root_cases(x, y * power);
}

static inline vf cbrt_f32(vf x) { return VF_VIA_VD(cbrt_quick, x); }

static inline vd erf_f64(vd x)
{
    const vd size = vd_min(vd_abs(x), vd_set(6.0));
    const vd z = size * size;
    const vd near = vd_fma(size, VD_POLY(z, z * z, D_ERF), size);
    const vd_reduced r = reduce_f64(VD_POLY(size, z, D_ERFC));
    const vd far = 1.0 - ((r.high + exp_rest_f64(r.high, r.low)) + 1.0) * vd_power(r.n);
    const vd y = vd_pick(vd_lt(size, vd_set(1.0)), near, far);
    return keep_nan_f64(x, vd_copysign(y, x));
}

static inline vd erf_quick(vd x)
{
    const vd size = vd_min(vd_abs(x), vd_set(4.0));
    const vd z = size * size;
    const vd near = vd_fma(size, VD_POLY(z, z * z, S_ERF), size);
    const vd_reduced r = reduce_f64(VD_POLY(size, z, S_ERFC));
    const vd r2 = r.high * r.high;
    const vd exponential = vd_fma(r2, VD_POLY(r.high, r2, S_EXP), r.high) + 1.0;
    const vd far = 1.0 - exponential * vd_power(r.n);
    const vd y = vd_pick(vd_lt(size, vd_set(1.0)), near, far);
    return keep_nan_f64(x, vd_copysign(y, x));
}

static inline vf erf_f32(vf x) { return VF_VIA_VD(erf_quick, x); }

VMATH_FN2(pow)
VMATH_FN1(cbrt)
VMATH_FN1(erf)
