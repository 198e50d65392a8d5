/* What the elementary functions must be: references from libm in a wider type, and the ranges worth
 * testing. Used by the sweep and by the unit test.
 */
#ifndef RK_SWEEP_REF_H
#define RK_SWEEP_REF_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/vmath.h"

typedef struct ref_fn {
    const char *name;
    bool two;
    double low, high, low2, high2;                 /* where most of the work is */
    double (*d1)(double);                          /* references, of one argument … */
    long double (*l1)(long double);
    double (*d2)(double, double);                  /* … or two */
    long double (*l2)(long double, long double);
    size_t offset;                                 /* of the function in rk_vmath */
} ref_fn;

extern const ref_fn ref_fns[];
extern const size_t ref_count;

/* Values with something happening at them or their multiples. */
enum { REF_NOTABLE = 24 };
extern const double ref_notable[REF_NOTABLE];

/* The reference for float and double arguments; NaN in is NaN out. */
double ref_f32(const ref_fn *fn, double x, double y);
long double ref_f64(const ref_fn *fn, double x, double y);

/* The function's row in a level's table. */
const rk_vmath_fn *ref_get1(const rk_vmath *m, const ref_fn *fn);
const rk_vmath_fn2 *ref_get2(const rk_vmath *m, const ref_fn *fn);

#endif
