/* What a step reads and what it makes. Who wants to know which steps wait for which asks here: the
 * executor's schedule, and its traces. */
#ifndef RK_PLAN_USES_H
#define RK_PLAN_USES_H

#include "runtime/plan/plan.h"

/* What steps hand to each other. */
typedef enum rk_thing { RK_THING_LIST, RK_THING_COLUMN, RK_THING_MAP, RK_THING_COUNT } rk_thing;

typedef void rk_use(void *user, rk_thing thing, uint32_t index);

/* Calls `use` for each thing that a step of a sound plan reads, some of them perhaps twice. */
void rk_step_reads(const rk_plan *plan, const rk_step *step, rk_use *use, void *user);

/* The same for what it makes. A column that is required counts as made again, for it may be read
 * only then. */
void rk_step_makes(const rk_plan *plan, const rk_step *step, rk_use *use, void *user);

/* Marks the steps that a column of a sound plan takes, in the arena: *out is [steps.len]. */
RK_NODISCARD rk_status rk_plan_steps_for(const rk_plan *plan, uint32_t column, rk_arena *arena,
                                         bool **out);

/* Whether a step needs nothing of a request itself, nor of other items: what it makes can be worked
 * out before any, if what it reads can. */
bool rk_step_is_free(const rk_plan *plan, const rk_step *step);

/* How many of them a plan has. */
uint32_t rk_plan_count(const rk_plan *plan, rk_thing thing);

#endif
