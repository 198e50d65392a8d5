#include "tests/sweep/ref.h"

#include <math.h>

static double sigmoid_d(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

static long double sigmoid_l(long double x)
{
    return 1.0L / (1.0L + expl(-x));
}

#define ONE(name, low, high)                                                                       \
    {#name, false, low, high, 0, 0, name, name##l, NULL, NULL, offsetof(rk_vmath, name)}
#define TWO(name, low, high, low2, high2)                                                          \
    {#name, true, low, high, low2, high2, NULL, NULL, name, name##l, offsetof(rk_vmath, name)}

const ref_fn ref_fns[] = {
    ONE(exp, -746, 710),
    ONE(exp2, -1076, 1025),
    ONE(expm1, -45, 45),
    {"sigmoid", false, -746, 46, 0, 0, sigmoid_d, sigmoid_l, NULL, NULL, offsetof(rk_vmath, sigmoid)},
    ONE(tanh, -20, 20),
    ONE(log, 0, 4),
    ONE(log2, 0, 4),
    ONE(log10, 0, 4),
    ONE(log1p, -1, 4),
    ONE(sin, -100, 100),
    ONE(cos, -100, 100),
    ONE(asin, -1, 1),
    ONE(atan, -4, 4),
    ONE(cbrt, -10, 10),
    ONE(erf, -6, 6),
    TWO(pow, 0, 8, -300, 300),
    TWO(atan2, -4, 4, -4, 4),
};
const size_t ref_count = sizeof ref_fns / sizeof *ref_fns;

const double ref_notable[REF_NOTABLE] = {
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

double ref_f32(const ref_fn *fn, double x, double y)
{
    if (isnan(x) || isnan(y))
        return (double)NAN;
    return fn->two ? fn->d2(x, y) : fn->d1(x);
}

long double ref_f64(const ref_fn *fn, double x, double y)
{
    if (isnan(x) || isnan(y))
        return (long double)NAN;
    return fn->two ? fn->l2((long double)x, (long double)y) : fn->l1((long double)x);
}

const rk_vmath_fn *ref_get1(const rk_vmath *m, const ref_fn *fn)
{
    return (const rk_vmath_fn *)((const char *)m + fn->offset);
}

const rk_vmath_fn2 *ref_get2(const rk_vmath *m, const ref_fn *fn)
{
    return (const rk_vmath_fn2 *)((const char *)m + fn->offset);
}
