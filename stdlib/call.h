/* Shorthands for the bodies of kernels. Private to stdlib. */
#ifndef RK_STDLIB_CALL_H
#define RK_STDLIB_CALL_H

#include <math.h>

#include "stdlib/fn.h"

/* The k-th argument's and the result's data as an array of a C type. */
#define RK_IN(call, k, ctype) ((const ctype *)(call)->args[k].data)
#define RK_OUT(call, ctype)   ((ctype *)(call)->result.data)

/* Whether all arguments of item i whose kinds have masks are present. Where one is not, its data
 * may be anything (a string's number too), and must not be followed. */
static inline bool rk_call_has(const rk_call *call, size_t i)
{
    for (uint32_t k = 0; k < call->n_args; k++)
        if (!rk_arg_has(&call->args[k], i))
            return false;
    return true;
}

static inline rk_str rk_call_str(const rk_call *call, uint32_t k, size_t i)
{
    return rk_atom_str(call->strings, RK_IN(call, k, rk_atom)[i]);
}

/* Makes item i of a masked result missing, or present. */
static inline void rk_call_mark(const rk_call *call, size_t i, bool present)
{
    if (!call->result.present)
        return;
    if (present)
        rk_bit_set(call->result.present, i);
    else
        rk_bit_clear(call->result.present, i);
}

/* x, or the one NaN. */
static inline float rk_one_nan_float(float x) { return x == x ? x : rk_nan_float(); }
static inline double rk_one_nan_double(double x) { return x == x ? x : rk_nan_double(); }

#endif
