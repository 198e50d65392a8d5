/* From a plan to an LLVM module of functions k0, k1, …, and the tables that say what each of them
 * does. The module is then compiled and linked by the rest of this folder; nothing here depends on
 * a target machine. */
#ifndef RK_EMIT_MODULE_H
#define RK_EMIT_MODULE_H

#include <llvm-c/Core.h>

#include "runtime/plan/code.h"

/* Makes a module in `context` for a CPU level (RK_CPU_V3 or RK_CPU_V4) and its tables in `arena`.
 * Every `entry` in them is the number i of a function "k<i>" of the module, and there is no text
 * yet. The caller disposes of *module, also of one without functions. RK_ENOMEM, or RK_EBUG with
 * the reason in `fault`; then *module is NULL. */
RK_NODISCARD rk_status rk_module_emit(const rk_plan *plan, rk_cpu_level cpu, LLVMContextRef context,
                                      rk_arena *arena, LLVMModuleRef *module, rk_code *tables,
                                      rk_buf *fault);

#endif
