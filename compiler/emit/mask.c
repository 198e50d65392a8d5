/* Masks: one bit a lane, <W x i1>. */
#include "compiler/emit/ir.h"

LLVMValueRef rk_mask_and(const rk_ir *ir, LLVMValueRef a, LLVMValueRef b)
{
    if (!a || a == b)
        return b;
    return b ? LLVMBuildAnd(ir->b, a, b, "") : a;
}

LLVMValueRef rk_mask_or(const rk_ir *ir, LLVMValueRef a, LLVMValueRef b)
{
    return a && b ? LLVMBuildOr(ir->b, a, b, "") : NULL;
}

LLVMValueRef rk_mask_choose(const rk_ir *ir, LLVMValueRef which, LLVMValueRef yes, LLVMValueRef no)
{
    if (!yes && !no)
        return NULL;
    const unsigned width = rk_ir_width(which);
    return LLVMBuildSelect(ir->b, which, rk_mask_full(ir, yes, width), rk_mask_full(ir, no, width),
                           "");
}

LLVMValueRef rk_mask_full(const rk_ir *ir, LLVMValueRef mask, unsigned width)
{
    return mask ? mask : LLVMConstAllOnes(LLVMVectorType(ir->i1, width));
}

LLVMValueRef rk_mask_ordered(const rk_ir *ir, LLVMValueRef lanes)
{
    return LLVMBuildFCmp(ir->b, LLVMRealORD, lanes, LLVMConstNull(LLVMTypeOf(lanes)), "");
}

LLVMValueRef rk_mask_nan(const rk_ir *ir, LLVMValueRef lanes)
{
    return LLVMBuildFCmp(ir->b, LLVMRealUNO, lanes, LLVMConstNull(LLVMTypeOf(lanes)), "");
}

LLVMValueRef rk_mask_bits(const rk_ir *ir, LLVMValueRef mask)
{
    return LLVMBuildBitCast(ir->b, mask, LLVMIntTypeInContext(ir->context, rk_ir_width(mask)), "");
}

/* 1, 2, 4, … or 0, 1, 2, … as i32. */
static LLVMValueRef lane_constants(const rk_ir *ir, unsigned width, bool bits)
{
    LLVMValueRef lanes[16];
    for (unsigned i = 0; i < width; i++)
        lanes[i] = LLVMConstInt(ir->i32, bits ? 1u << i : i, false);
    return LLVMConstVector(lanes, width);
}

/* Not by a bitcast: without mask registers LLVM 19 would take each bit by itself, and with them its
 * rewriting of `and` and `or` of such masks that are split in halves does not always end. */
LLVMValueRef rk_mask_of(const rk_ir *ir, LLVMValueRef bits, unsigned width)
{
    const LLVMValueRef wide = LLVMBuildZExt(ir->b, bits, ir->i32, "");
    const LLVMValueRef alone =
        LLVMBuildAnd(ir->b, rk_ir_splat(ir, wide, width), lane_constants(ir, width, true), "");
    return LLVMBuildICmp(ir->b, LLVMIntNE, alone, LLVMConstNull(LLVMTypeOf(alone)), "");
}

LLVMValueRef rk_mask_first(const rk_ir *ir, LLVMValueRef left, unsigned width)
{
    LLVMValueRef args[] = {left, rk_ir_count(ir, width)};
    const LLVMValueRef lanes = rk_ir_intrinsic(ir, "llvm.umin", ir->i64, args, 2);
    const LLVMValueRef n = LLVMBuildTrunc(ir->b, lanes, ir->i32, "");
    return LLVMBuildICmp(ir->b, LLVMIntSLT, lane_constants(ir, width, false),
                         rk_ir_splat(ir, n, width), "");
}

LLVMValueRef rk_ir_select(const rk_ir *ir, LLVMValueRef mask, LLVMValueRef yes, LLVMValueRef no)
{
    return mask ? LLVMBuildSelect(ir->b, mask, yes, no, "") : yes;
}
