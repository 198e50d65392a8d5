/* The small vocabulary in which the elementary functions are written, once for all CPU levels.
 * Private to vmath_*_simd.c. vf and vd are a register of floats and doubles; + - * / and constants
 * work on them as on scalars. Every word gives the same bits on every level.
 */
#ifndef RK_BASE_VMATH_LANE_H
#define RK_BASE_VMATH_LANE_H

#include "runtime/base/simd.h"

/* clang-format off */
/* The words; those for doubles are called vd_… alike.
 *
 *   vf_load_part     the first n lanes from memory, 0 < n < VF_LANES; vf_store_part: to memory; not
 *                    at the scalar level
 *   vfm vdm          a mask from a comparison; & and | combine, vf_pick(m, a, b) is m ? a : b
 *   vi vl            the unsigned bits of the lanes
 *   vf_min(a, b)     a < b ? a : b, so b if either is NaN; vf_max likewise
 *   vl_any(a, bits)  true where a & bits is not 0; vd_some(m): true in any lane
 *   vf_fnma(a, b, c) c - a b, rounded once
 *   vf_copysign(x,s) |x| with the sign of s
 *   vf_power(n)      2^n for a whole n in [-126, 127]; vd_power in [-1022, 1023]
 *   vf_scale(p, n)   p 2^n rounded once; p in [2^-64, 2^64] or 0 or infinite, n a whole number
 *   vf_exponent(x)   floor(log2(x)) of a normal x > 0; -inf of 0, +inf of +inf
 *   vf_split(x, &k)  m in [sqrt(1/2), sqrt(2)), x = m 2^k, for finite x > 0; for 0 and +inf k is
 *                    -inf and +inf, m is 1; of other x, m and k mean nothing
 *   VF_VIA_VD(f, x)  the vd function f on the lanes of a vf, rounded to float at the end
 */
/* clang-format on */

/* Where vf_split and vd_split halve the mantissa: near sqrt(2), the same on all levels. */
#define VF_SQRT2 0x1.6a09e6p+0f
#define VD_SQRT2 0x1.6a09ep+0

#if RK_SIMD == 4
#include "runtime/base/vmath_lane_v4.h"
#elif RK_SIMD == 3
#include "runtime/base/vmath_lane_v3.h"
#else
#include "runtime/base/vmath_lane_s0.h"
#endif

/* 1.5 * 2^23 and 1.5 * 2^52: adding one rounds to a whole number, which the low bits then hold. */
#define VF_MAGIC 0x1.8p23f
#define VD_MAGIC 0x1.8p52

#define VF_NAN  vf_from_bits(vf_bits(vf_set(0.0f)) | 0x7fc00000u)
#define VD_NAN  vd_from_bits(vd_bits(vd_set(0.0)) | 0x7ff8000000000000u)
#define VF_SIGN 0x80000000u
#define VD_SIGN 0x8000000000000000u

#if RK_SIMD != 4

/* By way of the low bits of n + VF_MAGIC. */
static inline vf vf_power(vf n) { return vf_from_bits((vf_bits(n + VF_MAGIC) + 127u) << 23); }

static inline vd vd_power(vd n) { return vd_from_bits((vd_bits(n + VD_MAGIC) + 1023u) << 52); }

/* Two halves, so that the first product is exact and only the second one rounds. */
static inline vf vf_scale(vf p, vf n)
{
    const vf half = (n * 0.5f + VF_MAGIC) - VF_MAGIC;
    return p * vf_power(half) * vf_power(n - half);
}

static inline vd vd_scale(vd p, vd n)
{
    const vd half = (n * 0.5 + VD_MAGIC) - VD_MAGIC;
    return p * vd_power(half) * vd_power(n - half);
}

/* A whole number in [0, 2^51) as a double. */
static inline vd vd_of_small(vl e) { return vd_from_bits(e | 0x4330000000000000u) - 0x1p52; }

/* n, or -inf where x is 0, or +inf where x is +inf. */
static inline vf vf_ends(vf x, vf n)
{
    const vf inf = vf_set(INFINITY);
    return vf_pick(vf_eq(x, vf_set(0.0f)), -inf, vf_pick(vf_eq(x, inf), inf, n));
}

static inline vd vd_ends(vd x, vd n)
{
    const vd inf = vd_set(INFINITY);
    return vd_pick(vd_eq(x, vd_set(0.0)), -inf, vd_pick(vd_eq(x, inf), inf, n));
}

static inline vf vf_exponent(vf x) { return vf_ends(x, vf_of_small(vf_bits(x) >> 23) - 127.0f); }

static inline vd vd_exponent(vd x) { return vd_ends(x, vd_of_small(vd_bits(x) >> 52) - 1023.0); }

static inline vf vf_split(vf x, vf *k)
{
    const vfm denormal = vf_lt(x, vf_set(0x1p-126f));
    const vi b = vf_bits(vf_pick(denormal, x * 0x1p24f, x));
    const vi e = (b + 0x004afb0du) >> 23;
    const vf n = vf_of_small(e) - vf_pick(denormal, vf_set(127.0f + 24.0f), vf_set(127.0f));
    *k = vf_ends(x, n);
    return vf_from_bits(b - (e << 23) + 0x3f800000u);
}

static inline vd vd_split(vd x, vd *k)
{
    const vdm denormal = vd_lt(x, vd_set(0x1p-1022));
    const vl b = vd_bits(vd_pick(denormal, x * 0x1p54, x));
    const vl e = (b + 0x00095f6200000000u) >> 52;
    const vd n = vd_of_small(e) - vd_pick(denormal, vd_set(1023.0 + 54.0), vd_set(1023.0));
    *k = vd_ends(x, n);
    return vd_from_bits(b - (e << 52) + 0x3ff0000000000000u);
}

static inline vf vf_copysign(vf x, vf s)
{
    return vf_from_bits((vf_bits(x) & ~VF_SIGN) | (vf_bits(s) & VF_SIGN));
}

static inline vd vd_copysign(vd x, vd s)
{
    return vd_from_bits((vd_bits(x) & ~VD_SIGN) | (vd_bits(s) & VD_SIGN));
}

#endif

/* c[0] + c[1] x + … + c[n-1] x^(n-1), n a constant, x2 = x * x: Horner's scheme on the even and the
 * odd powers apart, which costs no more steps where x2 is at hand and halves the latency. */
static inline __attribute__((always_inline)) vf vf_poly(vf x, vf x2, const float *c, int n)
{
    const int top = (n - 1) & ~1;
    vf even = vf_set(c[top]);
    vf odd = vf_set(c[n - 1 == top ? n - 2 : n - 1]);
#pragma GCC unroll 16
    for (int i = top - 2; i >= 0; i -= 2)
        even = vf_fma(even, x2, vf_set(c[i]));
#pragma GCC unroll 16
    for (int i = n - 1 == top ? n - 4 : n - 3; i >= 1; i -= 2)
        odd = vf_fma(odd, x2, vf_set(c[i]));
    return vf_fma(odd, x, even);
}

static inline __attribute__((always_inline)) vd vd_poly(vd x, vd x2, const double *c, int n)
{
    const int top = (n - 1) & ~1;
    vd even = vd_set(c[top]);
    vd odd = vd_set(c[n - 1 == top ? n - 2 : n - 1]);
#pragma GCC unroll 16
    for (int i = top - 2; i >= 0; i -= 2)
        even = vd_fma(even, x2, vd_set(c[i]));
#pragma GCC unroll 16
    for (int i = n - 1 == top ? n - 4 : n - 3; i >= 1; i -= 2)
        odd = vd_fma(odd, x2, vd_set(c[i]));
    return vd_fma(odd, x, even);
}

#define VF_POLY(x, x2, c) vf_poly((x), (x2), (c), (int)(sizeof(c) / sizeof *(c)))
#define VD_POLY(x, x2, c) vd_poly((x), (x2), (c), (int)(sizeof(c) / sizeof *(c)))

#if RK_SIMD == 0
#define VF_VIA_VD(f, x)     vf_of_vd(f(vd_of_low(x)), 0)
#define VF_VIA_VD2(f, x, y) vf_of_vd(f(vd_of_low(x), vd_of_low(y)), 0)
#else
#define VF_VIA_VD(f, x)     vf_of_vd(f(vd_of_low(x)), f(vd_of_high(x)))
#define VF_VIA_VD2(f, x, y) vf_of_vd(f(vd_of_low(x), vd_of_low(y)), f(vd_of_high(x), vd_of_high(y)))
#endif

#endif
