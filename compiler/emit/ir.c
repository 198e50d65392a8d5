#include "compiler/emit/ir.h"

LLVMTypeRef rk_ir_item(const rk_ir *ir, uint8_t kind)
{
    switch (kind) {
    case RK_KIND_BOOL:
        return ir->i8;
    case RK_KIND_INT:
        return ir->i64;
    case RK_KIND_FLOAT:
        return ir->f32;
    case RK_KIND_DOUBLE:
        return ir->f64;
    default:
        return ir->i32;
    }
}

LLVMTypeRef rk_ir_items(const rk_ir *ir, uint8_t kind, unsigned width)
{
    return LLVMVectorType(kind == RK_KIND_BOOL ? ir->i1 : rk_ir_item(ir, kind), width);
}

static bool is_vector(LLVMTypeRef type) { return LLVMGetTypeKind(type) == LLVMVectorTypeKind; }

enum { WIDEST = 16 };

/* A constant in all lanes of `type`, if that is a vector. */
static LLVMValueRef spread(LLVMTypeRef type, LLVMValueRef value)
{
    if (!is_vector(type))
        return value;
    LLVMValueRef lanes[WIDEST];
    const unsigned width = LLVMGetVectorSize(type);
    for (unsigned i = 0; i < width; i++)
        lanes[i] = value;
    return LLVMConstVector(lanes, width);
}

static LLVMTypeRef element(LLVMTypeRef type)
{
    return is_vector(type) ? LLVMGetElementType(type) : type;
}

LLVMValueRef rk_ir_int(const rk_ir *ir, LLVMTypeRef type, int64_t value)
{
    (void)ir;
    return spread(type, LLVMConstInt(element(type), (unsigned long long)value, true));
}

LLVMValueRef rk_ir_real(const rk_ir *ir, LLVMTypeRef type, double value)
{
    if (value != value)
        return rk_ir_nan(ir, type);
    return spread(type, LLVMConstReal(element(type), value));
}

/* By its bits: what a library makes of a NaN is its own affair. */
LLVMValueRef rk_ir_nan(const rk_ir *ir, LLVMTypeRef type)
{
    const LLVMTypeRef item = element(type);
    const bool single = item == ir->f32;
    const LLVMValueRef bits = LLVMConstInt(
        single ? ir->i32 : ir->i64, single ? 0x7fc00000 : UINT64_C(0x7ff8000000000000), false);
    return spread(type, LLVMConstBitCast(bits, item));
}

LLVMValueRef rk_ir_count(const rk_ir *ir, uint64_t n) { return LLVMConstInt(ir->i64, n, false); }

static LLVMValueRef lane_numbers(const rk_ir *ir, unsigned from, unsigned n)
{
    LLVMValueRef lanes[WIDEST];
    for (unsigned i = 0; i < n; i++)
        lanes[i] = LLVMConstInt(ir->i32, from + i, false);
    return LLVMConstVector(lanes, n);
}

LLVMValueRef rk_ir_splat(const rk_ir *ir, LLVMValueRef value, unsigned width)
{
    const LLVMTypeRef type = LLVMVectorType(LLVMTypeOf(value), width);
    const LLVMValueRef none = LLVMGetPoison(type);
    const LLVMValueRef one =
        LLVMBuildInsertElement(ir->b, none, value, LLVMConstInt(ir->i32, 0, false), "");
    return LLVMBuildShuffleVector(ir->b, one, none, LLVMConstNull(LLVMVectorType(ir->i32, width)),
                                  "");
}

LLVMValueRef rk_ir_slice(const rk_ir *ir, LLVMValueRef lanes, unsigned from, unsigned n)
{
    if (n == rk_ir_width(lanes))
        return lanes;
    return LLVMBuildShuffleVector(ir->b, lanes, LLVMGetPoison(LLVMTypeOf(lanes)),
                                  lane_numbers(ir, from, n), "");
}

LLVMValueRef rk_ir_join(const rk_ir *ir, LLVMValueRef a, LLVMValueRef b)
{
    return LLVMBuildShuffleVector(ir->b, a, b, lane_numbers(ir, 0, 2 * rk_ir_width(a)), "");
}

unsigned rk_ir_width(LLVMValueRef lanes) { return LLVMGetVectorSize(LLVMTypeOf(lanes)); }

LLVMValueRef rk_ir_intrinsic(const rk_ir *ir, const char *name, LLVMTypeRef type,
                             LLVMValueRef *args, unsigned n)
{
    const unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    const size_t overloads = type ? 1 : 0;
    const LLVMValueRef f = LLVMGetIntrinsicDeclaration(ir->module, id, &type, overloads);
    return LLVMBuildCall2(ir->b, LLVMIntrinsicGetType(ir->context, id, &type, overloads), f, args,
                          n, "");
}
