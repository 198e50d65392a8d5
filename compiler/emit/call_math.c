/* Bodies of calls: elementary functions, and those that are an instruction or two. */
#include "compiler/emit/call.h"

static bool is_int(const rk_call_ir *call) { return call->kind == RK_KIND_INT; }

static rk_lanes lanes(LLVMValueRef data) { return (rk_lanes){.data = data}; }

/* ---- vector math ---- */

static LLVMValueRef call_register(rk_part *part, rk_math number, LLVMValueRef x, LLVMValueRef y)
{
    const rk_ir *const ir = part->ir;
    const LLVMTypeRef type = LLVMTypeOf(x);
    LLVMTypeRef types[] = {type, type};
    LLVMValueRef args[] = {x, y};
    const unsigned n = y ? 2 : 1;
    const LLVMTypeRef signature = LLVMFunctionType(type, types, n, false);
    part->n_calls++;
    return LLVMBuildCall2(ir->b, signature, rk_body_math(&part->body, number), args, n, "");
}

/* Functions take a register of the machine: as many floats as a step has items, half the doubles.
 */
LLVMValueRef rk_math_emit(rk_part *part, rk_math f32, uint8_t kind, LLVMValueRef x, LLVMValueRef y)
{
    const rk_ir *const ir = part->ir;
    if (kind == RK_KIND_FLOAT)
        return call_register(part, f32, x, y);
    const rk_math f64 = f32 + 1;
    const unsigned half = ir->width / 2;
    const LLVMValueRef low = call_register(part, f64, rk_ir_slice(ir, x, 0, half),
                                           y ? rk_ir_slice(ir, y, 0, half) : NULL);
    const LLVMValueRef high = call_register(part, f64, rk_ir_slice(ir, x, half, half),
                                            y ? rk_ir_slice(ir, y, half, half) : NULL);
    return rk_ir_join(ir, low, high);
}

rk_lanes rk_call_math1(const rk_call_ir *call)
{
    const LLVMValueRef data =
        rk_math_emit(call->part, call->math, call->kind, call->x[0].data, NULL);
    return (rk_lanes){.data = data, .one_nan = true};
}

rk_lanes rk_call_math2(const rk_call_ir *call)
{
    const LLVMValueRef data =
        rk_math_emit(call->part, call->math, call->kind, call->x[0].data, call->x[1].data);
    return (rk_lanes){.data = data, .one_nan = true};
}

/* ---- one argument ---- */

static LLVMValueRef unary(const rk_call_ir *call, const char *name, LLVMValueRef x)
{
    return rk_ir_intrinsic(call->ir, name, LLVMTypeOf(x), &x, 1);
}

rk_lanes rk_call_sqrt(const rk_call_ir *call)
{
    return lanes(unary(call, "llvm.sqrt", call->x[0].data));
}

rk_lanes rk_call_abs(const rk_call_ir *call)
{
    const LLVMValueRef x = call->x[0].data;
    if (!is_int(call))
        return lanes(unary(call, "llvm.fabs", x));
    const LLVMBuilderRef b = call->ir->b;
    const LLVMValueRef below =
        LLVMBuildICmp(b, LLVMIntSLT, x, rk_ir_int(call->ir, call->out, 0), "");
    return lanes(LLVMBuildSelect(b, below, LLVMBuildNeg(b, x, ""), x, ""));
}

/* 1 where a > b, else 0; NaN is above nothing. */
static LLVMValueRef one_above(const rk_call_ir *call, LLVMValueRef a, LLVMValueRef b)
{
    const LLVMBuilderRef builder = call->ir->b;
    if (is_int(call))
        return LLVMBuildZExt(builder, LLVMBuildICmp(builder, LLVMIntSGT, a, b, ""), call->out, "");
    return LLVMBuildSelect(builder, LLVMBuildFCmp(builder, LLVMRealOGT, a, b, ""),
                           rk_ir_real(call->ir, call->out, 1.0),
                           rk_ir_real(call->ir, call->out, 0.0), "");
}

rk_lanes rk_call_sign(const rk_call_ir *call)
{
    const LLVMBuilderRef b = call->ir->b;
    const LLVMValueRef x = call->x[0].data, zero = LLVMConstNull(call->out);
    const LLVMValueRef above = one_above(call, x, zero), below = one_above(call, zero, x);
    if (is_int(call))
        return lanes(LLVMBuildSub(b, above, below, ""));
    const LLVMValueRef sign = LLVMBuildFSub(b, above, below, "");
    return lanes(rk_ir_select(call->ir, rk_mask_nan(call->ir, x), x, sign));
}

/* Whole numbers are rounded already. */
static rk_lanes rounded(const rk_call_ir *call, const char *name)
{
    return is_int(call) ? lanes(call->x[0].data) : lanes(unary(call, name, call->x[0].data));
}

rk_lanes rk_call_floor(const rk_call_ir *call) { return rounded(call, "llvm.floor"); }
rk_lanes rk_call_ceil(const rk_call_ir *call) { return rounded(call, "llvm.ceil"); }
rk_lanes rk_call_trunc(const rk_call_ir *call) { return rounded(call, "llvm.trunc"); }

/* Halves away from zero: what trunc takes away is exact. */
rk_lanes rk_call_round(const rk_call_ir *call)
{
    if (is_int(call))
        return lanes(call->x[0].data);
    const LLVMBuilderRef b = call->ir->b;
    const LLVMValueRef x = call->x[0].data, cut = unary(call, "llvm.trunc", x);
    const LLVMValueRef rest = unary(call, "llvm.fabs", LLVMBuildFSub(b, x, cut, ""));
    LLVMValueRef signs[] = {rk_ir_real(call->ir, call->out, 1.0), x};
    const LLVMValueRef one = rk_ir_intrinsic(call->ir, "llvm.copysign", call->out, signs, 2);
    const LLVMValueRef up =
        LLVMBuildFCmp(b, LLVMRealOGE, rest, rk_ir_real(call->ir, call->out, 0.5), "");
    return lanes(LLVMBuildSelect(b, up, LLVMBuildFAdd(b, cut, one, ""), cut, ""));
}

/* ---- two arguments ---- */

/* `b < a ? b : a`, and NaN if either is: of a the comparison sees to it. */
static rk_lanes extreme(const rk_call_ir *call, LLVMRealPredicate real, LLVMIntPredicate whole)
{
    const LLVMBuilderRef builder = call->ir->b;
    const LLVMValueRef a = call->x[0].data, b = call->x[1].data;
    if (is_int(call))
        return lanes(LLVMBuildSelect(builder, LLVMBuildICmp(builder, whole, b, a, ""), b, a, ""));
    const LLVMValueRef better =
        LLVMBuildSelect(builder, LLVMBuildFCmp(builder, real, b, a, ""), b, a, "");
    if (LLVMIsConstant(b))
        return lanes(LLVMBuildSelect(builder, rk_mask_nan(call->ir, b), b, better, ""));
    return lanes(rk_ir_select(call->ir, rk_mask_nan(call->ir, b), b, better));
}

rk_lanes rk_call_min(const rk_call_ir *call) { return extreme(call, LLVMRealOLT, LLVMIntSLT); }
rk_lanes rk_call_max(const rk_call_ir *call) { return extreme(call, LLVMRealOGT, LLVMIntSGT); }
