/* The state of the floating-point unit that results are defined in. Hosts may have set others
 * (flush to zero, another rounding); entry points set the default and put the host's back. */
#ifndef RK_EXEC_FPU_H
#define RK_EXEC_FPU_H

#ifdef __SSE__
#include <xmmintrin.h>

enum { RK_FPU_DEFAULT = 0x1f80 }; /* to nearest, denormals on, no traps */

static inline unsigned rk_fpu_enter(void)
{
    const unsigned before = _mm_getcsr();
    _mm_setcsr(RK_FPU_DEFAULT);
    return before;
}
static inline void rk_fpu_leave(unsigned before) { _mm_setcsr(before); }
#else
static inline unsigned rk_fpu_enter(void) { return 0; }
static inline void rk_fpu_leave(unsigned before) { (void)before; }
#endif

#endif
