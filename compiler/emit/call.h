/* Calls of stdlib that are native: a row each in call.c, a body in call_math.c or call_more.c. */
#ifndef RK_EMIT_CALL_H
#define RK_EMIT_CALL_H

#include "compiler/emit/kernel.h"
#include "stdlib/fn.h"

enum { RK_CALL_ARGS_MAX = 4 };

/* One call being emitted. */
typedef struct rk_call_ir {
    rk_part *part;
    const rk_ir *ir;
    const rk_instr *instr;
    uint8_t kind;                 /* of the first argument */
    rk_lanes x[RK_CALL_ARGS_MAX]; /* arguments; lists have none */
    rk_math math;                 /* of the row: the function for floats */
    LLVMTypeRef out;              /* of the result's data */
} rk_call_ir;

/* Gives the data; in `has` what is missing beyond the null rule, or NULL; one_nan. What the body
 * gives for a missing argument does not matter, except that NaN in an argument must be NaN out of a
 * real result. */
typedef rk_lanes rk_call_body(const rk_call_ir *call);

rk_call_body rk_call_math1, rk_call_math2, rk_call_sqrt, rk_call_abs, rk_call_sign;
rk_call_body rk_call_floor, rk_call_ceil, rk_call_trunc, rk_call_round, rk_call_min, rk_call_max;
rk_call_body rk_call_int, rk_call_real, rk_call_string;
rk_call_body rk_call_now, rk_call_since, rk_call_geo_km, rk_call_wilson, rk_call_bucketize;

#endif
