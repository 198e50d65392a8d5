/* One source, three CPU levels: files named *_simd.c are compiled three times, with -DRK_SIMD=0,
 * -DRK_SIMD=3 -march=x86-64-v3 and -DRK_SIMD=4 -march=x86-64-v4, and give every external symbol
 * its level's suffix through RK_SIMD_NAME. All three must return the same bits.
 * RK_SIMD_EACH(X) lists the levels for the files that declare or gather what the three export.
 */
#ifndef RK_BASE_SIMD_H
#define RK_BASE_SIMD_H

#include "runtime/base/cpu.h"

/* The suffix in RK_SIMD_NAME and the rk_cpu_level it stands for. */
#ifdef __x86_64__
#define RK_SIMD_EACH(X)                                                                            \
    X(s0, RK_CPU_SCALAR)                                                                           \
    X(v3, RK_CPU_V3)                                                                               \
    X(v4, RK_CPU_V4)
#else
#define RK_SIMD_EACH(X) X(s0, RK_CPU_SCALAR)
#endif

#ifdef RK_SIMD

#if RK_SIMD == 0
#define RK_SIMD_SUFFIX s0
#elif RK_SIMD == 3
#define RK_SIMD_SUFFIX v3
#elif RK_SIMD == 4
#define RK_SIMD_SUFFIX v4
#else
#error "RK_SIMD is 0, 3 or 4"
#endif

#define RK_SIMD_PASTE2(name, suffix) name##_##suffix
#define RK_SIMD_PASTE(name, suffix)  RK_SIMD_PASTE2(name, suffix)
/* RK_SIMD_NAME(rk_exp) is rk_exp_s0, rk_exp_v3 or rk_exp_v4. */
#define RK_SIMD_NAME(name) RK_SIMD_PASTE(name, RK_SIMD_SUFFIX)

#endif

#endif
