/* sin, cos, asin, atan and atan2.
 *
 * sin, cos: x = n pi/2 + r, |r| <= pi/4, by three parts of pi/2 up to 2^30 and by vmath_angle.h
 * beyond; minimax polynomials in r^2 of degree 5 (double) and 3 (float, computed in double).
 *
 * atan2: one quotient z in [-tan(pi/8), tan(pi/8)] beside 0, pi/4, pi/2 and their mirror images,
 * and z + z^3 P(z^2) with P minimax of degree 11 and 5.
 *
 * asin: x + x^3 P(x^2) up to 1/2 with P minimax of degree 12 and 5, beyond it
 * pi/2 - 2 asin(sqrt((1 - x) / 2)).
 */
#include "runtime/base/vmath_angle.h"
#include "runtime/base/vmath_stamp.h"

/* clang-format off */
/* (sin(r)/r - 1) / z, z = r^2; the relative error of sin(r) is 2^-58.0 and 2^-37.6 */
static const double D_SIN[] = {
    -0x1.5555555555549p-3, 0x1.111111110f8a4p-7, -0x1.a01a019c15b37p-13, 0x1.71de357aac1b8p-19,
    -0x1.ae5e6839d6394p-26, 0x1.5d9383f3121d9p-33,
};
static const double S_SIN[] = {
    -0x1.5555554cb92fbp-3, 0x1.11110895bb3a4p-7, -0x1.a00f9d2c82506p-13, 0x1.6cd83a3b5c275p-19,
};
/* (cos(r) - 1 + z/2) / z^2, error of cos(r) 2^-63.5; and (cos(r) - 1) / z, error 2^-34.1 */
static const double D_COS[] = {
    0x1.5555555555553p-5, -0x1.6c16c16c15f28p-10, 0x1.a01a019ddf9f7p-16, -0x1.27e4f8cea38ep-22,
    0x1.1eea66488f68ap-29, -0x1.8fe940679ff13p-37,
};
static const double S_COS[] = {
    -0x1.ffffffd0bd277p-2, 0x1.55553e0d04f03p-5, -0x1.6c087d2170298p-10, 0x1.9933d8400580fp-16,
};
/* (atan(x)/x - 1) / z, z = x^2 in [0, 0.17158]; relative error of atan(x) 2^-58.4 and 2^-35.4 */
static const double D_ATAN[] = {
    -0x1.5555555555554p-2, 0x1.999999999965ap-3, -0x1.2492492475d8fp-3, 0x1.c71c71b77a8bp-4,
    -0x1.745d14c00ffb6p-4, 0x1.3b136eb4b18b3p-4, -0x1.110c7a30e5585p-4, 0x1.e1728a11f7802p-5,
    -0x1.ab80d49cefdf1p-5, 0x1.70fa51cecdf33p-5, -0x1.125517e7515a1p-5, 0x1.f25c5b62e1104p-7,
};
static const double S_ATAN[] = {
    -0x1.555554c8a6b3p-2, 0x1.99991a530834cp-3, -0x1.247f07c22b676p-3, 0x1.c4682246e5e1p-4,
    -0x1.5b4622dd37d3dp-4, 0x1.84f8cfd7426a3p-5,
};
/* (asin(x)/x - 1) / z, z = x^2 in [0, 1/4]; the relative error of asin(x) is 2^-59.1 and 2^-30.9 */
static const double D_ASIN[] = {
    0x1.5555555555578p-3, 0x1.333333332df03p-4, 0x1.6db6db722c0ffp-5, 0x1.f1c71a8b6797ep-6,
    0x1.6e8bdfeb9a267p-6, 0x1.1c49ddb2bbe11p-6, 0x1.ca214ad90fdfbp-7, 0x1.75775d15e8432p-7,
    0x1.618bad7f2dd26p-7, 0x1.e14e431e5994cp-9, 0x1.65059a7991162p-6, -0x1.59fb2a41d42c1p-6,
    0x1.0be5bb89ed47p-5,
};
static const double S_ASIN[] = {
    0x1.55554f64d0c76p-3, 0x1.3337b4b684bebp-4, 0x1.6cbc51f148ffap-5, 0x1.0484f56630f28p-5,
    0x1.d571012c1e42p-7, 0x1.35d12cad71dc8p-5,
};
/* clang-format on */

#define D_PI_LOW    0x1.1a62633145c07p-53
#define D_TAN_PI_8  0x1.a827999fcef32p-2
#define D_TAN_3PI_8 0x1.3504f333f9de6p+1

/* The sine of an angle `turn` quarter circles ahead of `a`. */
static inline vd sine_f64(vd_angle a, uint64_t turn)
{
    const vd z = a.high * a.high;
    const vd half = z * 0.5;
    const vd sine = vd_fma(z * a.high, VD_POLY(z, z * z, D_SIN), vd_fnma(half, a.low, a.low));
    const vd one = 1.0 - half;
    const vd rest = vd_fnma(a.high, a.low, (z * z) * VD_POLY(z, z * z, D_COS));
    const vd cosine = one + (((1.0 - one) - half) + rest);
    const vl quadrant = a.quadrant + turn;
    const vd y = vd_pick(vl_any(quadrant, 1), cosine, a.high + sine);
    return vd_from_bits(vd_bits(y) ^ ((quadrant & 2) << 62));
}

static inline vd sin_f64(vd x)
{
    const vd y = sine_f64(vd_angle_of(x), 0);
    return vd_pick(vd_eq(y, y), vd_pick(vd_eq(x, vd_set(0.0)), x, y), VD_NAN);
}

static inline vd cos_f64(vd x)
{
    const vd y = sine_f64(vd_angle_of(x), 1);
    return vd_pick(vd_eq(y, y), y, VD_NAN);
}

/* The same to the precision that a float needs; x is a float's value. */
static inline vd sine_quick(vd x, uint64_t turn)
{
    const vd_angle a = vd_angle_quick(x);
    const vd z = a.high * a.high;
    const vd sine = vd_fma(z * a.high, VD_POLY(z, z * z, S_SIN), a.high);
    const vd cosine = vd_fma(z, VD_POLY(z, z * z, S_COS), vd_set(1.0));
    const vl quadrant = a.quadrant + turn;
    const vd y = vd_pick(vl_any(quadrant, 1), cosine, sine);
    return vd_from_bits(vd_bits(y) ^ ((quadrant & 2) << 62));
}

static inline vd sin_quick(vd x)
{
    const vd y = sine_quick(x, 0);
    return vd_pick(vd_eq(y, y), vd_pick(vd_eq(x, vd_set(0.0)), x, y), VD_NAN);
}

static inline vd cos_quick(vd x)
{
    const vd y = sine_quick(x, 1);
    return vd_pick(vd_eq(y, y), y, VD_NAN);
}

static inline vf sin_f32(vf x) { return VF_VIA_VD(sin_quick, x); }

static inline vf cos_f32(vf x) { return VF_VIA_VD(cos_quick, x); }

/* atan(a / b) = base + atan((num + num_low) / (den + den_low)) for a, b >= 0, or pi minus that
 * where mirror is set; base is eighths of a circle, times pi/4. */
typedef struct vd_ratio {
    vd eighths, num, num_low, den, den_low;
} vd_ratio;

static inline vd_ratio ratio_of(vd a, vd b, vdm mirror)
{
    const vdm over = vd_lt(b * D_TAN_PI_8, a), far = vd_lt(b * D_TAN_3PI_8, a);
    const vdm middle = over & ~far;
    const vd zero = vd_set(0.0);
    const vd sum = a + b, big = vd_max(a, b), small = vd_min(a, b);
    const vd difference = a - b, back = difference - a;
    const vd eighths = vd_pick(far, vd_set(2.0), vd_pick(over, vd_set(1.0), zero));
    const vd num = vd_pick(far, -b, vd_pick(over, difference, a));
    const vd num_low = (a - (difference - back)) - (b + back);
    return (vd_ratio){
        vd_pick(mirror, 4.0 - eighths, eighths),
        vd_pick(mirror, -num, num),
        vd_pick(middle, vd_pick(mirror, -num_low, num_low), zero),
        vd_pick(far, a, vd_pick(over, sum, b)),
        vd_pick(middle, small - (sum - big), zero),
    };
}

/* a and b finite, not both 0, the larger one in [2^-900, 2^900]. */
static inline vd arc_f64(vd a, vd b, vdm mirror)
{
    const vd_ratio r = ratio_of(a, b, mirror);
    const vd inverse = 1.0 / r.den;
    const vd q = r.num * inverse;
    const vd q_low = (vd_fnma(q, r.den, r.num) + vd_fnma(q, r.den_low, r.num_low)) * inverse;
    const vd z = q + q_low;
    const vd z_low = q_low - (z - q);
    const vd z2 = z * z;
    const vd tail = vd_fma(z * z2, VD_POLY(z2, z2 * z2, D_ATAN), z_low);
    const vd base = r.eighths * (D_PI_2 * 0.5);
    const vd sum = base + z;
    const vd error = z - (sum - base);
    return sum + (error + vd_fma(r.eighths, vd_set(D_PI_LOW * 0.25), tail));
}

static inline vd arc_quick(vd a, vd b, vdm mirror)
{
    const vd_ratio r = ratio_of(a, b, mirror);
    const vd z = r.num / r.den;
    const vd z2 = z * z;
    const vd y = vd_fma(z * z2, VD_POLY(z2, z2 * z2, S_ATAN), z);
    return vd_fma(r.eighths, vd_set(D_PI_2 * 0.5), y);
}

/* |y| and |x| with the same quotient, for arc_*: infinities become 1 against 0 or 1, 0 / 0 is 0
 * / 1.
 */
static inline void sides_of(vd y, vd x, vd *a, vd *b)
{
    const vd inf = vd_set(INFINITY), one = vd_set(1.0), zero = vd_set(0.0);
    const vd p = vd_abs(y), q = vd_abs(x);
    const vdm p_inf = vd_eq(p, inf), q_inf = vd_eq(q, inf);
    const vdm none = vd_eq(p, zero) & vd_eq(q, zero);
    *a = vd_pick(p_inf, one, vd_pick(q_inf, zero, p));
    *b = vd_pick(q_inf | none, one, vd_pick(p_inf, zero, q));
}

static inline vd atan2_f64(vd y, vd x)
{
    vd a, b;
    sides_of(y, x, &a, &b);
    const vd size = vd_max(a, b);
    const vd down = vd_pick(vd_lt(vd_set(0x1p900), size), vd_set(0x1p-200), vd_set(1.0));
    const vd scale = vd_pick(vd_lt(size, vd_set(0x1p-900)), vd_set(0x1p200), down);
    const vd r = arc_f64(a * scale, b * scale, vl_any(vd_bits(x), VD_SIGN));
    return vd_pick(vd_eq(x, x) & vd_eq(y, y), vd_copysign(r, y), VD_NAN);
}

static inline vd atan2_quick(vd y, vd x)
{
    vd a, b;
    sides_of(y, x, &a, &b);
    const vd r = arc_quick(a, b, vl_any(vd_bits(x), VD_SIGN));
    return vd_pick(vd_eq(x, x) & vd_eq(y, y), vd_copysign(r, y), VD_NAN);
}

static inline vf atan2_f32(vf y, vf x) { return VF_VIA_VD2(atan2_quick, y, x); }

static inline vd atan_f64(vd x)
{
    const vd one = vd_set(1.0);
    const vd r = arc_f64(vd_min(vd_abs(x), vd_set(0x1p100)), one, vd_lt(one, one));
    return vd_pick(vd_eq(x, x), vd_copysign(r, x), VD_NAN);
}

static inline vd atan_quick(vd x)
{
    const vd one = vd_set(1.0);
    const vd r = arc_quick(vd_min(vd_abs(x), vd_set(0x1p100)), one, vd_lt(one, one));
    return vd_pick(vd_eq(x, x), vd_copysign(r, x), VD_NAN);
}

static inline vf atan_f32(vf x) { return VF_VIA_VD(atan_quick, x); }

static inline vd asin_f64(vd x)
{
    const vd a = vd_abs(x);
    const vdm far = vd_lt(vd_set(0.5), a);
    const vd z = vd_pick(far, vd_fnma(a, vd_set(0.5), vd_set(0.5)), a * a);
    const vd s = vd_pick(far, vd_sqrt(z), a);
    const vd tail = (s * z) * VD_POLY(z, z * z, D_ASIN);
    const vd sum = vd_fnma(s, vd_set(2.0), vd_set(D_PI_2));
    const vd error = vd_fnma(s, vd_set(2.0), D_PI_2 - sum);
    const vd mirrored = sum + vd_fnma(tail, vd_set(2.0), error + D_PI_LOW * 0.5);
    const vd y = vd_copysign(vd_pick(far, mirrored, s + tail), x);
    return vd_pick(vd_le(a, vd_set(1.0)), y, VD_NAN);
}

static inline vd asin_quick(vd x)
{
    const vd a = vd_abs(x);
    const vdm far = vd_lt(vd_set(0.5), a);
    const vd z = vd_pick(far, vd_fnma(a, vd_set(0.5), vd_set(0.5)), a * a);
    const vd s = vd_pick(far, vd_sqrt(z), a);
    const vd r = vd_fma(s * z, VD_POLY(z, z * z, S_ASIN), s);
    const vd y = vd_copysign(vd_pick(far, vd_fnma(r, vd_set(2.0), vd_set(D_PI_2)), r), x);
    return vd_pick(vd_le(a, vd_set(1.0)), y, VD_NAN);
}

static inline vf asin_f32(vf x) { return VF_VIA_VD(asin_quick, x); }

VMATH_FN1(sin)
VMATH_FN1(cos)
VMATH_FN1(asin)
VMATH_FN1(atan)
VMATH_FN2(atan2)
