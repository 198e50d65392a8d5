/* Operators over constants, worked out while a network is loaded. Floats are worked out in double
 * and rounded once, at the end of each operator; the functions are those of vmath.h, so that
 * constants have the same bits whatever libm there is. */
#ifndef RK_MODEL_NETWORK_FOLD_H
#define RK_MODEL_NETWORK_FOLD_H

#include "runtime/model/network.h"

/* The elements of `out`, whose kind and dimensions say what the operator gives; all operands are
 * constant and agree with it. Elements that do not change are shared with the operand. RK_ENOMEM;
 * RK_EDATA: an id or position is out of its table. */
RK_NODISCARD rk_status rk_network_fold_op(const rk_network_op *op,
                                          const rk_network_value *const *operands, rk_arena *arena,
                                          rk_network_value *out);

/* Elementwise functions of doubles and of ints, as network.h has them. */
double rk_network_fold_real(rk_network_fn fn, double x, double y, const rk_network_op *op);
int64_t rk_network_fold_int(rk_network_fn fn, int64_t x, int64_t y);

/* Functions of vmath.h, and one of them of one number. */
static inline const rk_vmath *rk_network_math(void) { return rk_vmath_get(RK_CPU_SCALAR); }
static inline double rk_network_math1(rk_vmath_fn fn, double x)
{
    fn.f64(&x, &x, 1);
    return x;
}

#endif
