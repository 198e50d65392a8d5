/* The CPU levels that rankc has kernels for, and what this machine can run.
 * Used by whoever chooses a table of kernels: vector math, the interpreter, the code generator.
 */
#ifndef RK_BASE_CPU_H
#define RK_BASE_CPU_H

#include <stdbool.h>

typedef enum rk_cpu_level {
    RK_CPU_SCALAR, /* any x86-64 */
    RK_CPU_V3,     /* x86-64-v3: AVX2, FMA */
    RK_CPU_V4,     /* x86-64-v4: AVX-512 F, BW, CD, DQ, VL */
} rk_cpu_level;

/* The highest level that this machine and its operating system support. */
rk_cpu_level rk_cpu_best(void);

/* True if kernels of `level` run here. */
bool rk_cpu_has(rk_cpu_level level);

/* True if this machine has v4 and AVX-512 VNNI, of which the level says nothing. */
bool rk_cpu_has_vnni(void);

/* Reads `scalar`, `v3` or `v4`; false, and *out untouched, for any other name. */
bool rk_cpu_parse(const char *name, rk_cpu_level *out);

/* The level's name, as rk_cpu_parse reads it. */
const char *rk_cpu_name(rk_cpu_level level);

/* The level named by the environment's RANK_CPU, or the best one where it is unset or empty;
 * false, and *out untouched, if it names no level or one that this machine lacks. */
bool rk_cpu_from_env(rk_cpu_level *out);

#endif
