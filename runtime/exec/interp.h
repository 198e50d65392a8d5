/* The steps of a plan: one after the other, or phase by phase on several threads. */
#ifndef RK_EXEC_INTERP_H
#define RK_EXEC_INTERP_H

#include "runtime/exec/engine.h"

/* Runs all steps for run->request. */
RK_NODISCARD rk_status rk_interp_run(rk_run *run);

/* One step as it is, on the caller's thread: of lists whose steps run when they are asked for. */
RK_NODISCARD rk_status rk_interp_step(rk_run *run, const rk_step *step);

#endif
