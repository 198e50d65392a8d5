/* A plan moved onto another table of strings: so that it can stand on sources that were loaded
 * before it was made. */
#ifndef RK_PLAN_RESTRING_H
#define RK_PLAN_RESTRING_H

#include "runtime/plan/plan.h"

/* A copy of the plan whose constants and defaults are strings of `strings`, where those that are
 * new are added. It shares everything else with the plan, which must outlive it. In the arena.
 * RK_ENOMEM. */
RK_NODISCARD rk_status rk_plan_restring(const rk_plan *plan, rk_atoms *strings, rk_arena *arena,
                                        rk_plan **out);

/* The same for the defaults of a schema. */
RK_NODISCARD rk_status rk_schema_restring(const rk_schema *schema, const rk_atoms *from,
                                          rk_atoms *strings, rk_arena *arena, rk_schema *out);

#endif
