#include "compiler/emit/module.h"

#include "compiler/emit/kernel.h"

static void open_module(rk_ir *ir)
{
    ir->module = LLVMModuleCreateWithNameInContext("rank", ir->context);
    ir->b = LLVMCreateBuilderInContext(ir->context);
    ir->none = LLVMVoidTypeInContext(ir->context);
    ir->i1 = LLVMInt1TypeInContext(ir->context);
    ir->i8 = LLVMInt8TypeInContext(ir->context);
    ir->i16 = LLVMInt16TypeInContext(ir->context);
    ir->i32 = LLVMInt32TypeInContext(ir->context);
    ir->i64 = LLVMInt64TypeInContext(ir->context);
    ir->f32 = LLVMFloatTypeInContext(ir->context);
    ir->f64 = LLVMDoubleTypeInContext(ir->context);
    ir->ptr = LLVMPointerTypeInContext(ir->context, 0);
}

static rk_status emit_all(rk_ir *ir)
{
    rk_filtering *filters;
    RK_TRY(rk_filters_find(ir->arena, ir->plan, &filters));
    for (uint32_t k = 0; k < ir->plan->kernels.len; k++)
        RK_TRY(rk_kernel_emit(ir, k, &filters[k]));
    RK_TRY(rk_sweeps_emit(ir));
    return ir->no_memory ? RK_ENOMEM : RK_OK;
}

static rk_code tables_of(const rk_ir *ir)
{
    return (rk_code){
        .cpu = ir->cpu,
        .kernels = ir->kernels.items,
        .parts = ir->parts.items,
        .ports = ir->ports.items,
        .filters = ir->filters.items,
        .sweeps = ir->sweeps.items,
        .steps = ir->steps.items,
        .n_kernels = ir->kernels.len,
        .n_parts = ir->parts.len,
        .n_ports = ir->ports.len,
        .n_filters = ir->filters.len,
        .n_sweeps = ir->sweeps.len,
        .n_steps = ir->steps.len,
    };
}

rk_status rk_module_emit(const rk_plan *plan, rk_cpu_level cpu, LLVMContextRef context,
                         rk_arena *arena, LLVMModuleRef *module, rk_code *tables, rk_buf *fault)
{
    rk_ir ir = {.plan = plan, .cpu = cpu, .context = context, .arena = arena};
    *module = NULL;
    if (cpu != RK_CPU_V3 && cpu != RK_CPU_V4) {
        rk_buf_printf(fault, "no code is made for the CPU level %s", rk_cpu_name(cpu));
        return RK_EBUG;
    }
    ir.width = cpu == RK_CPU_V4 ? 16 : 8;
    open_module(&ir);
    const rk_status status = emit_all(&ir);
    LLVMDisposeBuilder(ir.b);
    if (status != RK_OK) {
        LLVMDisposeModule(ir.module);
        return status;
    }
    *module = ir.module;
    *tables = tables_of(&ir);
    return RK_OK;
}
