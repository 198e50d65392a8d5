/* LLVM's target machines: from a module to machine code for x86-64, the same on every host. Used by
 * the plug-in's table alone.
 *
 * No passes run over a module. A plan has no common subexpressions, the instruction selector finds
 * those that the emitter makes within a block, and a kernel's loop is one block: early-cse, gvn and
 * instcombine leave formulas as they are and change a few instructions in a thousand of conditional
 * ones, for 1 to 7 ms more and a plug-in half as large again. */
#ifndef RK_EMIT_MACHINE_H
#define RK_EMIT_MACHINE_H

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>

#include "compiler/emit/emit.h"

/* A machine for one CPU level and tier; one thread at a time. */
typedef struct rk_machine {
    LLVMTargetMachineRef target;
} rk_machine;

/* The reason of a failure stands in `fault`, with RK_EBUG; a machine that failed needs no free. */
RK_NODISCARD rk_status rk_machine_init(rk_machine *machine, rk_cpu_level cpu, uint32_t tier,
                                       rk_buf *fault);
void rk_machine_free(rk_machine *machine);

/* A context whose messages go to `fault`, which must outlive it; for LLVMContextDispose. */
LLVMContextRef rk_machine_context(rk_buf *fault);

/* Gives a module the machine's triple and data layout. */
void rk_machine_adopt(const rk_machine *machine, LLVMModuleRef module);

/* LLVM's verifier over a module. */
RK_NODISCARD rk_status rk_machine_verify(LLVMModuleRef module, rk_buf *fault);

/* Appends the module as text of LLVM. */
RK_NODISCARD rk_status rk_machine_print(LLVMModuleRef module, rk_buf *out);

/* *out = an ELF object or the text of an assembler, for LLVMDisposeMemoryBuffer. */
RK_NODISCARD rk_status rk_machine_compile(const rk_machine *machine, LLVMModuleRef module,
                                          LLVMCodeGenFileType type, LLVMMemoryBufferRef *out,
                                          rk_buf *fault);

#endif
