/* Recording the trace of a request. All functions but rk_tracer_clock are for the caller's thread;
 * other threads write into the slots that were reserved for them. */
#ifndef RK_EXEC_TRACER_H
#define RK_EXEC_TRACER_H

#include <time.h>

#include "runtime/exec/engine.h"

/* At the start of a request. */
void rk_tracer_begin(rk_run *run);

/* Nanoseconds since the request began; 0 when nothing is recorded. */
static inline uint64_t rk_tracer_clock(const rk_run *run)
{
    struct timespec now;
    if (!run->tracer.on)
        return 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec - run->tracer.began;
}

/* Records an interval of the caller's thread that ends now. */
void rk_tracer_add(rk_run *run, const rk_step *step, rk_trace_act act, uint64_t begin);

/* Room for n intervals, which stay where they are until the next call. NULL: nothing is recorded,
 * or memory is out, which rk_tracer_end tells. */
rk_trace_part *rk_tracer_reserve(rk_run *run, uint32_t n);

/* At the end of a request that went well: *out is its trace, in the request's arena, or NULL when
 * nothing is recorded. RK_ENOMEM. */
RK_NODISCARD rk_status rk_tracer_end(rk_run *run, const rk_trace **out);

#endif
