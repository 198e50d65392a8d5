/* Bodies of calls: conversions, time, places, shares, buckets. */
#include "compiler/emit/call.h"

/* ---- conversions ---- */

/* Reals are cut towards zero; what is beyond 64 bits, or NaN, is missing and 0. */
static rk_lanes int_of_real(const rk_call_ir *call)
{
    const rk_ir *const ir = call->ir;
    const LLVMValueRef x = call->x[0].data;
    const LLVMTypeRef type = LLVMTypeOf(x);
    const LLVMValueRef low =
        LLVMBuildFCmp(ir->b, LLVMRealOGE, x, rk_ir_real(ir, type, -0x1p63), "");
    const LLVMValueRef high =
        LLVMBuildFCmp(ir->b, LLVMRealOLT, x, rk_ir_real(ir, type, 0x1p63), "");
    const LLVMValueRef fits = LLVMBuildAnd(ir->b, low, high, "");
    const LLVMValueRef safe = LLVMBuildSelect(ir->b, fits, x, LLVMConstNull(type), "");
    return (rk_lanes){.data = LLVMBuildFPToSI(ir->b, safe, call->out, ""), .has = fits};
}

rk_lanes rk_call_int(const rk_call_ir *call)
{
    const LLVMValueRef x = call->x[0].data;
    if (call->kind == RK_KIND_INT)
        return (rk_lanes){.data = x};
    if (call->kind == RK_KIND_BOOL)
        return (rk_lanes){.data = LLVMBuildZExt(call->ir->b, x, call->out, "")};
    return int_of_real(call);
}

/* 1 for true, 0 for false. */
rk_lanes rk_call_real(const rk_call_ir *call)
{
    const LLVMValueRef one = rk_ir_real(call->ir, call->out, 1.0);
    const LLVMValueRef zero = rk_ir_real(call->ir, call->out, 0.0);
    return (rk_lanes){.data = LLVMBuildSelect(call->ir->b, call->x[0].data, one, zero, ""),
                      .one_nan = true};
}

rk_lanes rk_call_string(const rk_call_ir *call)
{
    const LLVMValueRef empty = rk_ir_int(call->ir, call->out, RK_ATOM_EMPTY);
    return (rk_lanes){.data = rk_ir_select(call->ir, call->x[0].has, call->x[0].data, empty)};
}

rk_lanes rk_call_bucketize(const rk_call_ir *call)
{
    const rk_value *const borders = rk_kernel_constant(
        call->ir->plan, call->part->kernel, rk_instr_reg(call->ir->plan, call->instr, 1));
    return (rk_lanes){.data = rk_list_emit_rank(call->part, call->kind, call->x[0].data, borders)};
}

/* ---- time ---- */

static LLVMValueRef now(const rk_call_ir *call)
{
    const LLVMValueRef time =
        rk_body_member(&call->part->body, call->ir->f64, offsetof(rk_batch, now));
    return rk_ir_splat(call->ir, time, call->ir->width);
}

rk_lanes rk_call_now(const rk_call_ir *call) { return (rk_lanes){.data = now(call)}; }

rk_lanes rk_call_since(const rk_call_ir *call)
{
    const LLVMValueRef age = LLVMBuildFSub(call->ir->b, now(call), call->x[0].data, "");
    return (rk_lanes){.data = LLVMBuildFPTrunc(call->ir->b, age, call->out, "")};
}

/* ---- in double, whatever the arguments: see the functions of stdlib that these repeat ---- */

typedef LLVMValueRef value;

static LLVMTypeRef doubles(const rk_call_ir *call)
{
    return rk_ir_items(call->ir, RK_KIND_DOUBLE, call->ir->width);
}

static value widened(const rk_call_ir *call, uint32_t i)
{
    const value x = call->x[i].data;
    return call->kind == RK_KIND_FLOAT ? LLVMBuildFPExt(call->ir->b, x, doubles(call), "") : x;
}

static rk_lanes narrowed(const rk_call_ir *call, value x)
{
    const bool single = call->kind == RK_KIND_FLOAT;
    return (rk_lanes){.data = single ? LLVMBuildFPTrunc(call->ir->b, x, call->out, "") : x};
}

static value num(const rk_call_ir *c, double x) { return rk_ir_real(c->ir, doubles(c), x); }
static value add(const rk_call_ir *c, value a, value b)
{
    return LLVMBuildFAdd(c->ir->b, a, b, "");
}
static value sub(const rk_call_ir *c, value a, value b)
{
    return LLVMBuildFSub(c->ir->b, a, b, "");
}
static value mul(const rk_call_ir *c, value a, value b)
{
    return LLVMBuildFMul(c->ir->b, a, b, "");
}
static value quo(const rk_call_ir *c, value a, value b)
{
    return LLVMBuildFDiv(c->ir->b, a, b, "");
}
static value root(const rk_call_ir *c, value x)
{
    return rk_ir_intrinsic(c->ir, "llvm.sqrt", LLVMTypeOf(x), &x, 1);
}
static value math(const rk_call_ir *c, rk_math f32, value x)
{
    return rk_math_emit(c->part, f32, RK_KIND_DOUBLE, x, NULL);
}

rk_lanes rk_call_geo_km(const rk_call_ir *c)
{
    const value degree = num(c, 0x1.1df46a2529d39p-6);
    const value lat1 = widened(c, 0), lon1 = widened(c, 1);
    const value lat2 = widened(c, 2), lon2 = widened(c, 3);
    const value half_lon = quo(c, mul(c, sub(c, lon2, lon1), degree), num(c, 2.0));
    const value half_lat = quo(c, mul(c, sub(c, lat2, lat1), degree), num(c, 2.0));
    const value cos1 = math(c, RK_MATH_cos_f32, mul(c, lat1, degree));
    const value cos2 = math(c, RK_MATH_cos_f32, mul(c, lat2, degree));
    const value sin_lat = math(c, RK_MATH_sin_f32, half_lat);
    const value sin_lon = math(c, RK_MATH_sin_f32, half_lon);
    const value h =
        add(c, mul(c, sin_lat, sin_lat), mul(c, mul(c, cos1, cos2), mul(c, sin_lon, sin_lon)));
    const value above = LLVMBuildFCmp(c->ir->b, LLVMRealOGT, h, num(c, 1.0), "");
    const value arc = LLVMBuildSelect(c->ir->b, above, num(c, 1.0), root(c, h), "");
    return narrowed(c, mul(c, num(c, 2.0 * 6371.0088), math(c, RK_MATH_asin_f32, arc)));
}

rk_lanes rk_call_wilson(const rk_call_ir *c)
{
    const value hits = widened(c, 0), trials = widened(c, 1), z = widened(c, 2);
    const value p = quo(c, hits, trials), z2 = quo(c, mul(c, z, z), trials);
    const value odds = add(c, mul(c, p, sub(c, num(c, 1.0), p)), quo(c, z2, num(c, 4.0)));
    const value spread = mul(c, z, root(c, quo(c, odds, trials)));
    const value middle = add(c, p, quo(c, z2, num(c, 2.0)));
    const value low = quo(c, sub(c, middle, spread), add(c, num(c, 1.0), z2));
    const value zero = num(c, 0.0);
    const value below = LLVMBuildFCmp(c->ir->b, LLVMRealOLT, low, zero, "");
    const value some = LLVMBuildSelect(c->ir->b, below, zero, low, "");
    const value known = rk_mask_and(
        c->ir, rk_mask_and(c->ir, rk_mask_ordered(c->ir, hits), rk_mask_ordered(c->ir, trials)),
        rk_mask_ordered(c->ir, z));
    const value none = LLVMBuildSelect(c->ir->b, known, zero, rk_ir_nan(c->ir, doubles(c)), "");
    const value tried = LLVMBuildFCmp(c->ir->b, LLVMRealOGT, trials, zero, "");
    return narrowed(c, LLVMBuildSelect(c->ir->b, tried, some, none, ""));
}
