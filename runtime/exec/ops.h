/* The loops under the interpreter: one table of functions a CPU level, all with equal bits. Arrays
 * are 64-byte aligned; n is rounded up to 16 by the callee, so lanes beyond n are read and written
 * too and may hold anything. Arrays do not overlap unless they are equal and said to be. */
#ifndef RK_EXEC_OPS_H
#define RK_EXEC_OPS_H

#include "runtime/base/cpu.h"
#include "runtime/data/column.h"
#include "runtime/plan/plan.h"

/* out[i] = f(a[i], b[i], c[i]); operands that an operation lacks are ignored. Bools are bytes. */
typedef void rk_op_map(void *out, const void *a, const void *b, const void *c, uint32_t n);

typedef struct rk_ops {
    /* By operation and kind of the (last) operand; NULL where there is no such loop. Of COALESCE
     * and IS_MISSING only the reals. */
    rk_op_map *core[RK_CORE_COUNT][RK_KIND_COUNT];
    rk_op_map *convert[RK_KIND_COUNT][RK_KIND_COUNT]; /* from, to */

    /* Bits to bytes and back, for up to 128 items, two words. */
    void (*unpack)(uint8_t *out, const uint64_t *bits);
    void (*pack)(uint64_t *bits, const uint8_t *bytes, uint32_t n);

    /* bits[i] = x[i] is not NaN, for any n; returns whether all n are. */
    bool (*has_float)(uint64_t *bits, const float *x, uint32_t n);
    bool (*has_double)(uint64_t *bits, const double *x, uint32_t n);

    /* Whether all n are there, for any n. */
    bool (*whole_float)(const float *x, uint32_t n);
    bool (*whole_double)(const double *x, uint32_t n);

    /* In place: NaN where the byte is 0; canonical NaN for every NaN. */
    void (*blank_float)(float *x, const uint8_t *keep, uint32_t n);
    void (*blank_double)(double *x, const uint8_t *keep, uint32_t n);
    void (*canon_float)(float *x, uint32_t n);
    void (*canon_double)(double *x, uint32_t n);

    /* out[i] = from[at[i]], of elements of 1, 4 and 8 bytes, for exactly n items. */
    void (*gather1)(void *out, const void *from, const uint32_t *at, uint32_t n);
    void (*gather4)(void *out, const void *from, const uint32_t *at, uint32_t n);
    void (*gather8)(void *out, const void *from, const uint32_t *at, uint32_t n);
} rk_ops;

const rk_ops *rk_ops_get(rk_cpu_level level);

#endif
