/* A plan as bytes, for files that are run later or elsewhere: by `rankc compile` and bundles. The
 * bytes are one version's: operations and kinds of steps are numbers of that version, while the
 * rows of registries (functions, folds, stages, kinds of source) go by name, so that builds may
 * order them as they like. Strings keep their numbers, on which native code relies. */
#ifndef RK_PLAN_ENCODE_H
#define RK_PLAN_ENCODE_H

#include "runtime/plan/plan.h"

/* Raised whenever the bytes change, and with them op.def, type.def or rk_step_kind. */
enum { RK_PLAN_VERSION = 4 };

/* Appends a sound plan with its table of strings and a hash over all. RK_ENOMEM. */
RK_NODISCARD rk_status rk_plan_encode(const rk_plan *plan, rk_buf *out);

/* Reads what rk_plan_encode wrote: a plan in `arena`, with `strings` (made here, in the arena too)
 * for its table. Nothing points into `bytes`. The plan is whole but not yet sound: rk_plan_verify
 * says that. RK_EDATA with the reason in `fault`: truncated, damaged, of another version, or with
 * rows that this build does not have; RK_ENOMEM. */
RK_NODISCARD rk_status rk_plan_decode(rk_str bytes, rk_arena *arena, rk_atoms *strings,
                                      rk_plan **out, rk_buf *fault);

#endif
