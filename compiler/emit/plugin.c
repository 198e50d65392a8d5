/* The one symbol that the plug-in shows: what it can make of a plan. */
#include <llvm/Config/llvm-config.h>
#include <time.h>

#include "compiler/emit/emit.h"
#include "compiler/emit/link.h"
#include "compiler/emit/machine.h"
#include "compiler/emit/module.h"
#include "config.h"

/* One plan on its way to code. */
typedef struct job {
    const rk_plan *plan;
    const rk_emit_options *options;
    rk_emit_times *times;
    rk_buf *fault;
    rk_machine machine;
    LLVMContextRef context;
    LLVMModuleRef module;
    double since; /* CPU seconds of the thread */
} job;

static double cpu_seconds(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Seconds since the last lap. */
static double lap(job *j)
{
    const double then = j->since;
    j->since = cpu_seconds();
    return j->since - then;
}

static uint32_t count_functions(LLVMModuleRef module)
{
    uint32_t n = 0;
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f))
        n += !LLVMIsDeclaration(f);
    return n;
}

/* ---- a job ---- */

static rk_status prepare(job *j, rk_arena *arena, rk_code *tables)
{
    *j->times = (rk_emit_times){0};
    j->since = cpu_seconds();
    RK_TRY(rk_machine_init(&j->machine, j->options->cpu, j->options->tier, j->fault));
    j->context = rk_machine_context(j->fault);
    RK_TRY(
        rk_module_emit(j->plan, j->options->cpu, j->context, arena, &j->module, tables, j->fault));
    j->times->functions = count_functions(j->module);
    rk_machine_adopt(&j->machine, j->module);
    if (j->options->verify)
        RK_TRY(rk_machine_verify(j->module, j->fault));
    j->times->ir = lap(j);
    return RK_OK;
}

static rk_status compile(job *j, LLVMCodeGenFileType type, LLVMMemoryBufferRef *out)
{
    const rk_status status = rk_machine_compile(&j->machine, j->module, type, out, j->fault);
    j->times->codegen = lap(j);
    return status;
}

static void finish(job *j)
{
    if (j->module)
        LLVMDisposeModule(j->module);
    if (j->context)
        LLVMContextDispose(j->context);
    rk_machine_free(&j->machine);
}

static rk_str bytes_of(LLVMMemoryBufferRef buffer)
{
    return (rk_str){LLVMGetBufferStart(buffer), LLVMGetBufferSize(buffer)};
}

/* ---- code ---- */

/* Functions that the tables name: k0 .. k<n - 1>. */
static uint32_t count_entries(const rk_code *code)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < code->n_parts; i++)
        if (code->parts[i].entry != RK_PLAN_NONE && code->parts[i].entry >= n)
            n = code->parts[i].entry + 1;
    for (uint32_t i = 0; i < code->n_sweeps; i++)
        if (code->sweeps[i].entry != RK_PLAN_NONE && code->sweeps[i].entry >= n)
            n = code->sweeps[i].entry + 1;
    return n;
}

/* Puts bytes of the text in place of the numbers of functions. */
static rk_status set_entries(rk_code *code, const rk_linked *linked, rk_arena *arena)
{
    rk_code_part *const parts = RK_NEW_ARRAY(arena, rk_code_part, code->n_parts);
    rk_code_sweep *const sweeps = RK_NEW_ARRAY(arena, rk_code_sweep, code->n_sweeps);
    if (!parts || !sweeps)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < code->n_parts; i++) {
        parts[i] = code->parts[i];
        if (parts[i].entry != RK_PLAN_NONE)
            parts[i].entry = linked->entries[parts[i].entry];
    }
    for (uint32_t i = 0; i < code->n_sweeps; i++) {
        sweeps[i] = code->sweeps[i];
        if (sweeps[i].entry != RK_PLAN_NONE)
            sweeps[i].entry = linked->entries[sweeps[i].entry];
    }
    code->parts = parts;
    code->sweeps = sweeps;
    code->text = linked->text;
    code->text_size = linked->size;
    return RK_OK;
}

static rk_status link_code(job *j, rk_arena *arena, rk_code *code)
{
    LLVMMemoryBufferRef object;
    rk_linked linked;
    RK_TRY(compile(j, LLVMObjectFile, &object));
    rk_status status = rk_link(bytes_of(object), count_entries(code), arena, &linked, j->fault);
    LLVMDisposeMemoryBuffer(object);
    if (status == RK_OK)
        status = set_entries(code, &linked, arena);
    j->times->text = code->text_size;
    j->times->link = lap(j);
    return status;
}

static rk_status make_code(const rk_plan *plan, const rk_emit_options *options, rk_arena *arena,
                           rk_code *out, rk_emit_times *times, rk_buf *fault)
{
    rk_emit_times unwanted;
    job j = {.plan = plan, .options = options, .fault = fault};
    j.times = times ? times : &unwanted;
    rk_status status = prepare(&j, arena, out);
    out->cpu = options->cpu;
    out->tier = options->tier;
    if (status == RK_OK && j.times->functions)
        status = link_code(&j, arena, out);
    finish(&j);
    return status;
}

/* ---- print ---- */

static rk_status print_module(job *j, rk_emit_form form, rk_buf *out)
{
    LLVMMemoryBufferRef made;
    if (form == RK_EMIT_IR)
        return rk_machine_print(j->module, out);
    RK_TRY(compile(j, form == RK_EMIT_ASM ? LLVMAssemblyFile : LLVMObjectFile, &made));
    rk_buf_add(out, bytes_of(made));
    LLVMDisposeMemoryBuffer(made);
    return out->failed ? RK_ENOMEM : RK_OK;
}

static rk_status make_print(const rk_plan *plan, const rk_emit_options *options, rk_emit_form form,
                            rk_buf *out, rk_emit_times *times, rk_buf *fault)
{
    rk_emit_times unwanted;
    rk_code tables = {0};
    rk_arena arena = {0};
    job j = {.plan = plan, .options = options, .fault = fault};
    j.times = times ? times : &unwanted;
    rk_status status = prepare(&j, &arena, &tables);
    if (status == RK_OK)
        status = print_module(&j, form, out);
    finish(&j);
    rk_arena_free(&arena);
    return status;
}

__attribute__((visibility("default"))) extern const rk_emitter rk_emitter_llvm;
const rk_emitter rk_emitter_llvm = {
    .version = RK_EMITTER_VERSION,
    .rankc = PACKAGE_VERSION,
    .stamp =
#include "compiler/emit/stamp.inc"
        , .llvm = LLVM_VERSION_STRING, .code = make_code, .print = make_print,
};
