/* The parts of e^x in double that several vmath_*_simd.c use: reduction, core polynomial, and the
 * handling of limits and NaN around them.
 */
#ifndef RK_BASE_VMATH_EXP_H
#define RK_BASE_VMATH_EXP_H

#include "runtime/base/vmath_lane.h"

/* clang-format off */
/* (e^r - 1 - r) / r^2; the relative error of e^r is 2^-57.6 */
static const double D_EXP[] = {
    0x1.000000000000ap-1, 0x1.5555555555503p-3, 0x1.55555555505e6p-5, 0x1.1111111124637p-7,
    0x1.6c16c184c99e6p-10, 0x1.a01a014783efcp-13, 0x1.a0199821600dp-16, 0x1.71dec88ac4ef2p-19,
    0x1.28af73618ea67p-22, 0x1.ae3e5214d307fp-26,
};
/* clang-format on */

#define D_LOG2E    0x1.71547652b82fep+0
#define D_LN2_HIGH 0x1.62e42fefa39efp-1
#define D_LN2_LOW  0x1.abc9e3b39803fp-56

/* x = n ln 2 + high + low with |high| <= ln 2 / 2 and a bit, |low| half an ulp of it. */
typedef struct vd_reduced {
    vd n, high, low;
} vd_reduced;

static inline vd_reduced reduce_f64(vd x)
{
    const vd n = vd_fma(x, vd_set(D_LOG2E), vd_set(VD_MAGIC)) - VD_MAGIC;
    const vd first = vd_fnma(n, vd_set(D_LN2_HIGH), x);
    const vd high = vd_fnma(n, vd_set(D_LN2_LOW), first);
    return (vd_reduced){n, high, vd_fnma(n, vd_set(D_LN2_LOW), first - high)};
}

/* Limits within which n stays in the range of vd_scale and beyond which the result does not change.
 * NaN becomes some number. */
static inline vd clamp_f64(vd x, double low, double high)
{
    return vd_max(vd_min(x, vd_set(high)), vd_set(low));
}

/* y, or NaN where x is NaN. */
static inline vd keep_nan_f64(vd x, vd y) { return vd_pick(vd_eq(x, x), y, VD_NAN); }

/* e^high - 1 - high + low, for |high| <= ln 2 / 2. */
static inline vd exp_rest_f64(vd high, vd low)
{
    const vd r2 = high * high;
    return vd_fma(r2, VD_POLY(high, r2, D_EXP), low);
}

#endif
