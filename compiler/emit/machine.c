#include "compiler/emit/machine.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/ErrorHandling.h>
#include <llvm-c/Target.h>
#include <pthread.h>
#include <stdio.h>

/* CPU and features by level, never the host's, so that an object is the same wherever it is made.
 * 256 bits would be preferred for v4 by itself. */
static const struct {
    const char *cpu, *features;
} levels[] = {
    [RK_CPU_V3] = {"x86-64-v3", ""},
    [RK_CPU_V4] = {"x86-64-v4", "-prefer-256-bit"},
};

static const char triple[] = "x86_64-unknown-linux-gnu";

/* ---- LLVM's own state, once a process ---- */

static pthread_once_t machine_once = PTHREAD_ONCE_INIT;

/* LLVM ends the process after this: it cannot be unwound. Only its own bugs and an end of memory
 * lead here. */
static void say_fatal(const char *reason) { fprintf(stderr, "rankc: LLVM gave up: %s\n", reason); }

static void start_llvm(void)
{
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInstallFatalErrorHandler(say_fatal);
}

/* ---- a machine ---- */

static rk_status refuse(rk_buf *fault, const char *what, const char *why)
{
    rk_buf_printf(fault, "%s: %s", what, why ? why : "no reason given");
    return RK_EBUG;
}

rk_status rk_machine_init(rk_machine *machine, rk_cpu_level cpu, uint32_t tier, rk_buf *fault)
{
    LLVMTargetRef target;
    char *message = NULL;
    *machine = (rk_machine){NULL};
    if ((cpu != RK_CPU_V3 && cpu != RK_CPU_V4) || tier < 1 || tier > 2)
        return refuse(fault, "machine", "there is none for this CPU level and tier");
    pthread_once(&machine_once, start_llvm);
    if (LLVMGetTargetFromTriple(triple, &target, &message)) {
        const rk_status status = refuse(fault, triple, message);
        LLVMDisposeMessage(message);
        return status;
    }
    LLVMTargetMachineOptionsRef options = LLVMCreateTargetMachineOptions();
    LLVMTargetMachineOptionsSetCPU(options, levels[cpu].cpu);
    LLVMTargetMachineOptionsSetFeatures(options, levels[cpu].features);
    LLVMTargetMachineOptionsSetCodeGenOptLevel(options, tier == 1 ? LLVMCodeGenLevelNone
                                                                  : LLVMCodeGenLevelDefault);
    LLVMTargetMachineOptionsSetRelocMode(options, LLVMRelocPIC);
    LLVMTargetMachineOptionsSetCodeModel(options, LLVMCodeModelSmall);
    machine->target = LLVMCreateTargetMachineWithOptions(target, triple, options);
    LLVMDisposeTargetMachineOptions(options);
    if (!machine->target)
        return refuse(fault, levels[cpu].cpu, "LLVM makes no machine of it");
    LLVMSetTargetMachineAsmVerbosity(machine->target, true);
    return RK_OK;
}

void rk_machine_free(rk_machine *machine)
{
    if (machine->target)
        LLVMDisposeTargetMachine(machine->target);
    machine->target = NULL;
}

/* ---- modules ---- */

static void take_message(LLVMDiagnosticInfoRef info, void *fault)
{
    if (LLVMGetDiagInfoSeverity(info) != LLVMDSError)
        return;
    char *const text = LLVMGetDiagInfoDescription(info);
    rk_buf_printf(fault, "%s%s", ((rk_buf *)fault)->len ? "; " : "", text);
    LLVMDisposeMessage(text);
}

LLVMContextRef rk_machine_context(rk_buf *fault)
{
    LLVMContextRef context = LLVMContextCreate();
    LLVMContextSetDiagnosticHandler(context, take_message, fault);
    return context;
}

void rk_machine_adopt(const rk_machine *machine, LLVMModuleRef module)
{
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(machine->target);
    LLVMSetTarget(module, triple);
    LLVMSetModuleDataLayout(module, layout);
    LLVMDisposeTargetData(layout);
}

rk_status rk_machine_verify(LLVMModuleRef module, rk_buf *fault)
{
    char *message = NULL;
    const bool broken = LLVMVerifyModule(module, LLVMReturnStatusAction, &message);
    const rk_status status = broken ? refuse(fault, "module", message) : RK_OK;
    LLVMDisposeMessage(message);
    return status;
}

rk_status rk_machine_print(LLVMModuleRef module, rk_buf *out)
{
    char *const text = LLVMPrintModuleToString(module);
    rk_buf_add_chars(out, text);
    LLVMDisposeMessage(text);
    return out->failed ? RK_ENOMEM : RK_OK;
}

rk_status rk_machine_compile(const rk_machine *machine, LLVMModuleRef module,
                             LLVMCodeGenFileType type, LLVMMemoryBufferRef *out, rk_buf *fault)
{
    char *message = NULL;
    const size_t said = fault->len;
    *out = NULL;
    const bool broken =
        LLVMTargetMachineEmitToMemoryBuffer(machine->target, module, type, &message, out);
    if (!broken && fault->len == said)
        return RK_OK;
    if (broken)
        refuse(fault, "code", message);
    LLVMDisposeMessage(message);
    if (*out)
        LLVMDisposeMemoryBuffer(*out);
    *out = NULL;
    return RK_EBUG;
}
