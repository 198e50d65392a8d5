/* Takes whole quarter circles off an angle, for vmath_trig_simd.c: x = n pi/2 + r, |r| <= pi/4.
 * Up to 2^30 by fma with pi/2 in parts; lanes beyond it, rare, one by one in whole numbers.
 */
#ifndef RK_BASE_VMATH_ANGLE_H
#define RK_BASE_VMATH_ANGLE_H

#include <stdbool.h>
#include <string.h>

#include "runtime/base/vmath_lane.h"

/* pi/2 as a sum of three doubles, and 2/pi. */
#define D_PI_2      0x1.921fb54442d18p+0
#define D_PI_2_B    0x1.1a62633145c07p-54
#define D_PI_2_C    -0x1.f1976b7ed8fbcp-110
#define D_2_PI      0x1.45f306dc9c883p-1
#define ANGLE_LIMIT 0x1p30

/* r = high + low; the low two bits of quadrant are those of n. */
typedef struct vd_angle {
    vd high, low;
    vl quadrant;
} vd_angle;

/* clang-format off */
/* The first 1,280 bits of 2/pi after the point. */
static const uint64_t TWO_OVER_PI[] = {
    0xa2f9836e4e441529u, 0xfc2757d1f534ddc0u, 0xdb6295993c439041u, 0xfe5163abdebbc561u,
    0xb7246e3a424dd2e0u, 0x06492eea09d1921cu, 0xfe1deb1cb129a73eu, 0xe88235f52ebb4484u,
    0xe99c7026b45f7e41u, 0x3991d639835339f4u, 0x9c845f8bbdf9283bu, 0x1ff897ffde05980fu,
    0xef2f118b5a0a6d1fu, 0x6d367ecf27cb09b7u, 0x4f463f669e5fea2du, 0x7527bac7ebe5f17bu,
    0x3d0739f78a5292eau, 0x6bfb5fb11f8d5d08u, 0x56033046fc7b6babu, 0xf0cfbc209af4361du,
};
/* clang-format on */

/* 64 bits of 2/pi from the bit `at` after the point; at may be negative: zeros are there. */
static inline uint64_t two_over_pi(int at)
{
    const int word = at >> 6, shift = at & 63;
    const uint64_t first = word < 0 ? 0 : TWO_OVER_PI[word];
    const uint64_t next = word < -1 ? 0 : TWO_OVER_PI[word + 1];
    return shift ? first << shift | next >> (64 - shift) : first;
}

static inline double double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* 2^n for n in [-1022, 1023]. */
static inline double power_of_two(int n) { return double_of((uint64_t)(n + 1023) << 52); }

/* |x| 2/pi modulo 4 for 2^30 <= |x| < infinity: the quarter circles, rounded to nearest, and what
 * is left as a fraction of one in 128 bits, two's complement. With x = m 2^e the bits of 2/pi
 * before e - 2 only add whole circles, and 192 bits after it leave an error of 2^-137. */
static inline uint64_t quarters_of(uint64_t bits, __int128 *fraction)
{
    const int at = (int)(bits >> 52 & 0x7ff) - 1075 - 2;
    const uint64_t m = (bits & 0x000fffffffffffffu) | 0x0010000000000000u;
    const unsigned __int128 low = (unsigned __int128)m * two_over_pi(at + 128);
    const unsigned __int128 middle = (unsigned __int128)m * two_over_pi(at + 64) + (low >> 64);
    const uint64_t high = m * two_over_pi(at) + (uint64_t)(middle >> 64);
    const unsigned __int128 all = (unsigned __int128)high << 64 | (uint64_t)middle;
    *fraction = (__int128)(all << 2 | (uint64_t)low >> 62);
    return (high >> 62) + (*fraction < 0);
}

/* One lane beyond ANGLE_LIMIT; an infinity gives NaN. */
static inline void angle_beyond(double x, double *high, double *low, uint64_t *quadrant)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    if ((bits >> 52 & 0x7ff) == 0x7ff) {
        *high = *low = double_of(0x7ff8000000000000u);
        *quadrant = 0;
        return;
    }
    __int128 fraction;
    const uint64_t quarters = quarters_of(bits, &fraction);
    const bool negative = fraction < 0;
    unsigned __int128 f = negative ? -(unsigned __int128)fraction : (unsigned __int128)fraction;
    const uint64_t top = (uint64_t)(f >> 64), rest = (uint64_t)f;
    const int zeros = top ? __builtin_clzll(top) : rest ? 64 + __builtin_clzll(rest) : 127;
    f <<= zeros;
    const double a = (double)(f >> 75) * power_of_two(-53 - zeros);
    const double b = (double)(uint64_t)(f >> 11) * power_of_two(-117 - zeros);
    const double r = a * D_PI_2;
    const double r_low = fma(a, D_PI_2, -r) + (a * D_PI_2_B + b * D_PI_2);
    const bool flip = negative != (x < 0.0);
    *high = flip ? -r : r;
    *low = flip ? -r_low : r_low;
    *quadrant = x < 0.0 ? 0 - quarters : quarters;
}

/* Replaces the lanes of *a whose x is beyond the limit. */
static __attribute__((noinline)) void angles_beyond(const double *x, double *high, double *low,
                                                    uint64_t *quadrant)
{
    for (int i = 0; i < VD_LANES; i++) {
        if (__builtin_fabs(x[i]) > ANGLE_LIMIT)
            angle_beyond(x[i], &high[i], &low[i], &quadrant[i]);
    }
}

static inline vd_angle angle_fixed(vd x, vd_angle a)
{
    double at[VD_LANES], high[VD_LANES], low[VD_LANES];
    uint64_t quadrant[VD_LANES];
    vd_store(at, x);
    vd_store(high, a.high);
    vd_store(low, a.low);
    memcpy(quadrant, &a.quadrant, sizeof quadrant);
    angles_beyond(at, high, low, quadrant);
    a.high = vd_load(high);
    a.low = vd_load(low);
    memcpy(&a.quadrant, quadrant, sizeof quadrant);
    return a;
}

/* The first product's difference is exact: n pi/2 and x are multiples of 2^-53 and r is below 1. */
static inline vd_angle vd_angle_of(vd x)
{
    const vd t = vd_fma(x, vd_set(D_2_PI), vd_set(VD_MAGIC));
    const vd n = t - VD_MAGIC;
    const vd first = vd_fnma(n, vd_set(D_PI_2), x);
    const vd part = n * D_PI_2_B;
    const vd part_low = vd_fma(n, vd_set(D_PI_2_B), -part);
    const vd second = first - part;
    const vd back = second - first;
    const vd error = (first - (second - back)) - (part + back);
    const vd low = vd_fnma(n, vd_set(D_PI_2_C), error - part_low);
    const vd high = second + low;
    const vd_angle a = {high, low - (high - second), vd_bits(t)};
    if (__builtin_expect(vd_some(vd_lt(vd_set(ANGLE_LIMIT), vd_abs(x))), 0))
        return angle_fixed(x, a);
    return a;
}

/* The same without low, for floats: no float is nearer to a multiple of pi/2 than 2^-30. */
static inline vd_angle vd_angle_quick(vd x)
{
    const vd t = vd_fma(x, vd_set(D_2_PI), vd_set(VD_MAGIC));
    const vd n = t - VD_MAGIC;
    const vd high = vd_fnma(n, vd_set(D_PI_2_B), vd_fnma(n, vd_set(D_PI_2), x));
    const vd_angle a = {high, vd_set(0.0), vd_bits(t)};
    if (__builtin_expect(vd_some(vd_lt(vd_set(ANGLE_LIMIT), vd_abs(x))), 0))
        return angle_fixed(x, a);
    return a;
}

#endif
