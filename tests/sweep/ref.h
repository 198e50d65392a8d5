/* What the elementary functions must be: references from libm in a wider type, arguments worth
 * testing, and the measure of an error. Used by the sweep and by tests/unit/test_vmath.c.
 */
#ifndef RK_SWEEP_REF_H
#define RK_SWEEP_REF_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/base/vmath.h"

typedef struct ref_fn {
    const char *name;
    bool two;
    double low, high, low2, high2; /* where most of the work is */
    double (*d1)(double);          /* references, of one argument … */
    long double (*l1)(long double);
    double (*d2)(double, double); /* … or two */
    long double (*l2)(long double, long double);
    size_t offset; /* of the function in rk_vmath */
} ref_fn;

static inline double ref_sigmoid_d(double x) { return 1.0 / (1.0 + exp(-x)); }

static inline long double ref_sigmoid_l(long double x) { return 1.0L / (1.0L + expl(-x)); }

/* clang-format off */
#define REF_ONE(name, low, high)                                                                   \
    {#name, false, low, high, 0, 0, name, name##l, NULL, NULL, offsetof(rk_vmath, name)}
#define REF_TWO(name, low, high, low2, high2)                                                      \
    {#name, true, low, high, low2, high2, NULL, NULL, name, name##l, offsetof(rk_vmath, name)}
/* clang-format on */

static const ref_fn ref_fns[] = {
    REF_ONE(exp, -746, 710),
    REF_ONE(exp2, -1076, 1025),
    REF_ONE(expm1, -45, 45),
    {"sigmoid", false, -746, 46, 0, 0, ref_sigmoid_d, ref_sigmoid_l, NULL, NULL,
     offsetof(rk_vmath, sigmoid)},
    REF_ONE(tanh, -20, 20),
    REF_ONE(log, 0, 4),
    REF_ONE(log2, 0, 4),
    REF_ONE(log10, 0, 4),
    REF_ONE(log1p, -1, 4),
    REF_ONE(sin, -100, 100),
    REF_ONE(cos, -100, 100),
    REF_ONE(asin, -1, 1),
    REF_ONE(atan, -4, 4),
    REF_ONE(cbrt, -10, 10),
    REF_ONE(erf, -6, 6),
    REF_TWO(pow, 0, 8, -300, 300),
    REF_TWO(atan2, -4, 4, -4, 4),
};
enum { REF_COUNT = sizeof ref_fns / sizeof *ref_fns };

/* Values with something happening at them or their multiples. */
/* clang-format off */
static const double ref_notable[] = {
    0.0, 1.0, -1.0, 2.0, 0.5, -0.5, 0.75, 1.5, -0.25,
    0x1.62e42fefa39efp-1,  /* ln 2 */
    0x1.62e42fefa39efp-2,  /* and half of it */
    0x1.921fb54442d18p+0,  /* pi/2 */
    0x1.921fb54442d18p-1,  /* pi/4 */
    0x1.a827999fcef32p-2,  /* tan(pi/8) */
    0x1p-126, 0x1p-1022, 0x1p-149, 0x1p-1074, 0x1.fffffep127, 0x1.fffffffffffffp1023,
    0x1.62e42fefa39efp+9,  /* ln of the largest double */
    0x1.62e43p+6,          /* of the largest float */
    -0x1.74910d52d3052p+9, /* of the smallest double */
    -0x1.9fe368p+6,        /* of the smallest float */
};
/* clang-format on */

/* The reference for float and double arguments; NaN in is NaN out. */
static inline double ref_f32(const ref_fn *fn, double x, double y)
{
    if (isnan(x) || isnan(y))
        return (double)NAN;
    return fn->two ? fn->d2(x, y) : fn->d1(x);
}

static inline long double ref_f64(const ref_fn *fn, double x, double y)
{
    if (isnan(x) || isnan(y))
        return (long double)NAN;
    return fn->two ? fn->l2((long double)x, (long double)y) : fn->l1((long double)x);
}

/* The function's row in a level's table. */
static inline const rk_vmath_fn *ref_get1(const rk_vmath *m, const ref_fn *fn)
{
    return (const rk_vmath_fn *)((const char *)m + fn->offset);
}

static inline const rk_vmath_fn2 *ref_get2(const rk_vmath *m, const ref_fn *fn)
{
    return (const rk_vmath_fn2 *)((const char *)m + fn->offset);
}

static inline uint64_t ref_mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline float ref_float(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline double ref_double(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline double ref_unit(uint64_t r) { return (double)(r >> 11) * 0x1p-53; }

/* The i-th random argument: bits, the function's own range, or a few ulp off a notable value. */
static inline double ref_pick(uint64_t i, double low, double high, bool is_double)
{
    const uint64_t r = ref_mix(i), s = ref_mix(r);
    switch (r & 7) {
    case 0:
    case 1:
        return is_double ? ref_double(s) : (double)ref_float((uint32_t)s);
    case 2: {
        const double v = ref_notable[(s >> 40) % (sizeof ref_notable / sizeof *ref_notable)] *
                         (s & 1 ? 1.0 : (double)((s >> 1) & 15));
        const int64_t off = (int64_t)((s >> 8) & 63) - 32;
        if (!is_double) {
            const float f = (float)v;
            uint32_t b;
            memcpy(&b, &f, sizeof b);
            return (double)ref_float(b + (uint32_t)off);
        }
        uint64_t b;
        memcpy(&b, &v, sizeof b);
        return ref_double(b + (uint64_t)off);
    }
    case 3: { /* log-uniform around 1 */
        const double v = ldexp(1.0 + ref_unit(s), (int)((s >> 3) & 63) - 40);
        return s & 1 ? v : -v;
    }
    default:
        return low + (high - low) * ref_unit(s);
    }
}

static inline double ref_ulp(long double ref, bool is_double)
{
    int e;
    frexpl(ref, &e);
    const int low = is_double ? -1074 : -149;
    const int bits = is_double ? 53 : 24;
    return ldexp(1.0, e - bits < low ? low : e - bits);
}

/* 2^n for n in [-1022, 1023]. */
static inline double ref_power(int n) { return ref_double((uint64_t)(n + 1023) << 52); }

/* The same as ref_error for a finite float result of which ref, normal as a float, is well inside
 * the range; below zero if it is not, and ref_error has to look. */
static inline double ref_error_quick(double got, double ref)
{
    uint64_t bits;
    memcpy(&bits, &ref, sizeof bits);
    const int e = (int)(bits >> 52 & 0x7ff) - 1023;
    if (e < -126 || e > 126 || !(fabs(got) < 0x1p127) || !signbit(got) != !signbit(ref))
        return -1.0;
    return fabs(got - ref) * ref_power(23 - e);
}

/* The error of got in ulp; infinite where a special value or a NaN is not what it must be. */
static inline double ref_error(double got, uint64_t got_bits, long double ref, bool is_double)
{
    if (isnan(ref))
        return got_bits == (is_double ? 0x7ff8000000000000u : 0x7fc00000u) ? 0.0 : INFINITY;
    if (isnan(got))
        return INFINITY;
    const long double largest = is_double ? 0x1.fffffffffffff8p1023L : 0x1.ffffffp127L;
    if (fabsl(ref) >= largest) {
        /* At the threshold itself the largest finite number is right too. */
        const bool edge =
            !isinf(ref) && fabsl(ref) < largest * (1 + (is_double ? 0x1p-53L : 0x1p-24L));
        return (isinf(got) || edge) && (got > 0) == (ref > 0) ? 0.0 : INFINITY;
    }
    if (ref == 0.0L)
        return got == 0.0 && !signbit(got) == !signbit(ref) ? 0.0 : INFINITY;
    if (isinf(got))
        return fabsl(ref) > largest * (1 - (is_double ? 0x1p-52L : 0x1p-23L)) ? 1.0 : INFINITY;
    if (!signbit(got) != !signbit(ref))
        return INFINITY;
    return (double)(fabsl((long double)got - ref) / (long double)ref_ulp(ref, is_double));
}

#endif
