/* The steps of a plan: one after the other, or phase by phase on several threads. */
#ifndef RK_EXEC_INTERP_H
#define RK_EXEC_INTERP_H

#include "runtime/exec/engine.h"

/* Runs all steps for run->request. */
RK_NODISCARD rk_status rk_interp_run(rk_run *run);

#endif
