/* Short constant lists, compared element by element. */
#include "compiler/emit/kernel.h"

bool rk_list_native(const rk_plan *plan, const rk_plan_kernel *kernel, uint32_t reg)
{
    const rk_value *const list = rk_kernel_constant(plan, kernel, reg);
    return list && list->type.kind == RK_KIND_LIST &&
           (list->missing || list->as.list.len <= RK_LIST_MAX);
}

static uint32_t length(const rk_value *list) { return list->missing ? 0 : list->as.list.len; }

static LLVMValueRef element(const rk_ir *ir, const rk_value *list, uint32_t k, unsigned width)
{
    const void *const items = list->as.list.items;
    rk_value value = {.type = {.kind = list->type.elem}};
    switch (value.type.kind) {
    case RK_KIND_BOOL:
        value.as.b = ((const uint8_t *)items)[k] != 0;
        break;
    case RK_KIND_INT:
        value.as.i = ((const int64_t *)items)[k];
        break;
    case RK_KIND_FLOAT:
        value.as.f = ((const float *)items)[k];
        break;
    case RK_KIND_DOUBLE:
        value.as.d = ((const double *)items)[k];
        break;
    default:
        value.as.s = ((const rk_atom *)items)[k];
        break;
    }
    return rk_value_emit(ir, &value, width);
}

LLVMValueRef rk_list_emit_in(rk_part *part, uint8_t kind, LLVMValueRef x, const rk_value *list)
{
    const rk_ir *const ir = part->ir;
    LLVMValueRef hits = LLVMConstNull(LLVMVectorType(ir->i1, ir->width));
    for (uint32_t k = 0; k < length(list); k++) {
        const LLVMValueRef wanted = element(ir, list, k, ir->width);
        const LLVMValueRef hit = rk_kind_is_real(kind)
                                     ? LLVMBuildFCmp(ir->b, LLVMRealOEQ, x, wanted, "")
                                     : LLVMBuildICmp(ir->b, LLVMIntEQ, x, wanted, "");
        hits = k ? LLVMBuildOr(ir->b, hits, hit, "") : hit;
    }
    return hits;
}

LLVMValueRef rk_list_emit_rank(rk_part *part, uint8_t kind, LLVMValueRef x, const rk_value *list)
{
    const rk_ir *const ir = part->ir;
    /* Counted in lanes as wide as x, which masks fit. */
    const LLVMTypeRef lanes = kind == RK_KIND_FLOAT ? LLVMVectorType(ir->i32, ir->width)
                                                    : LLVMVectorType(ir->i64, ir->width);
    LLVMValueRef count = LLVMConstNull(lanes);
    for (uint32_t k = 0; k < length(list); k++) {
        const LLVMValueRef border = element(ir, list, k, ir->width);
        const LLVMValueRef below = rk_kind_is_real(kind)
                                       ? LLVMBuildFCmp(ir->b, LLVMRealOLE, border, x, "")
                                       : LLVMBuildICmp(ir->b, LLVMIntSLE, border, x, "");
        count = LLVMBuildSub(ir->b, count, LLVMBuildSExt(ir->b, below, lanes, ""), "");
    }
    return LLVMBuildZExt(ir->b, count, LLVMVectorType(ir->i64, ir->width), "");
}
