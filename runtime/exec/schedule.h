/* Which steps of a plan may run at the same time: found once, when an engine is made or native code
 * comes in. Steps fall into phases. Those of an even phase run on the caller's thread, one after
 * the other; those of an odd phase need nothing of each other and are shared by threads.
 *
 * Not shared: steps that make lists or maps, as they change the universe of items; kernels that
 * make text or lists, as all text of a request stands in one table, which others read; and what has
 * one item. Steps that may refuse a request keep their order, so that the message is the same
 * whatever the number of threads. */
#ifndef RK_EXEC_SCHEDULE_H
#define RK_EXEC_SCHEDULE_H

#include "runtime/exec/kernel.h"

typedef struct rk_schedule {
    const uint32_t *steps; /* their numbers in the plan, phase by phase, ascending in each */
    const uint32_t *first; /* [n_phases + 1] places in `steps` */
    uint32_t n_phases;
    uint32_t most;         /* steps of the largest odd phase */
    const uint32_t *costs; /* [steps.len] of one item, in tenths of a nanosecond or so; 0: not
                              shared */
    uint64_t cost;         /* of them all */
} rk_schedule;

/* Finds the phases of a sound plan's steps, in the arena. `kernels`: the plan's, made ready.
 * `sweep_of`: of each step the sweep that it is done in, as rk_native has it, or NULL. */
RK_NODISCARD rk_status rk_schedule_make(const rk_plan *plan, const rk_ready_kernel *kernels,
                                        const uint32_t *sweep_of, rk_arena *arena,
                                        rk_schedule *out);

#endif
