/* Functions as the runtime calls them, and how they reach columns. */
#include <stdio.h>

#include "compiler/emit/ir.h"

_Static_assert(sizeof(rk_port) == 16 && offsetof(rk_port, present) == 8, "read by native code");
_Static_assert(offsetof(rk_batch, n) == 0 && sizeof(rk_vmath_reg *) == 8, "read by native code");

static void set_attribute(const rk_ir *ir, LLVMValueRef f, const char *key, const char *value)
{
    const LLVMAttributeRef attribute = LLVMCreateStringAttribute(
        ir->context, key, (unsigned)strlen(key), value, (unsigned)strlen(value));
    LLVMAddAttributeAtIndex(f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, attribute);
}

/* The two widths keep LLVM from splitting registers of 512 bits, which would change how vector math
 * is called too. What calls push out to the stack should not cross lines of the cache. */
static void set_attributes(const rk_ir *ir, LLVMValueRef f)
{
    const char *const nounwind = "nounwind";
    const unsigned kind = LLVMGetEnumAttributeKindForName(nounwind, strlen(nounwind));
    LLVMAddAttributeAtIndex(f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                            LLVMCreateEnumAttribute(ir->context, kind, 0));
    set_attribute(ir, f, "target-cpu", ir->cpu == RK_CPU_V4 ? "x86-64-v4" : "x86-64-v3");
    set_attribute(ir, f, "prefer-vector-width", "512");
    set_attribute(ir, f, "min-legal-vector-width", "512");
    set_attribute(ir, f, "stackrealign", "");
}

LLVMValueRef rk_ir_after(const rk_ir *ir, LLVMValueRef pointer, uint64_t bytes)
{
    LLVMValueRef offset = rk_ir_count(ir, bytes);
    return bytes ? LLVMBuildInBoundsGEP2(ir->b, ir->i8, pointer, &offset, 1, "") : pointer;
}

static LLVMValueRef load_pointer(const rk_ir *ir, LLVMValueRef base, uint64_t offset)
{
    return LLVMBuildLoad2(ir->b, ir->ptr, rk_ir_after(ir, base, offset), "");
}

LLVMBasicBlockRef rk_body_block(const rk_body *body, const char *name)
{
    return LLVMAppendBasicBlockInContext(body->ir->context, body->function, name);
}

void rk_body_begin(rk_body *body, rk_ir *ir)
{
    char name[16];
    *body = (rk_body){.ir = ir, .number = ir->n_functions++, .first_port = ir->ports.len};
    snprintf(name, sizeof name, "k%u", body->number);
    body->function = LLVMAddFunction(ir->module, name, LLVMFunctionType(ir->none, &ir->ptr, 1, 0));
    set_attributes(ir, body->function);
    body->batch = LLVMGetParam(body->function, 0);
    body->first = rk_body_block(body, "first");
    LLVMPositionBuilderAtEnd(ir->b, body->first);
    body->n = LLVMBuildLoad2(ir->b, ir->i64, body->batch, "n");
    body->ports = load_pointer(ir, body->batch, offsetof(rk_batch, ports));
}

uint32_t rk_body_ports(const rk_body *body) { return body->ir->ports.len - body->first_port; }

/* What follows goes to the first block, until go_back. */
static LLVMBasicBlockRef go_first(const rk_body *body)
{
    const LLVMBasicBlockRef here = LLVMGetInsertBlock(body->ir->b);
    LLVMPositionBuilderAtEnd(body->ir->b, body->first);
    return here;
}

static void go_back(const rk_body *body, LLVMBasicBlockRef here)
{
    LLVMPositionBuilderAtEnd(body->ir->b, here);
}

rk_body_port rk_body_add_port(rk_body *body, rk_port_kind kind, uint32_t index, bool masked)
{
    rk_ir *const ir = body->ir;
    const uint64_t at = (uint64_t)rk_body_ports(body) * sizeof(rk_port);
    const rk_code_port row = {kind, index};
    rk_ir_add(ir, ports, row);
    const LLVMBasicBlockRef here = go_first(body);
    const rk_body_port port = {
        load_pointer(ir, body->ports, at + offsetof(rk_port, data)),
        masked ? load_pointer(ir, body->ports, at + offsetof(rk_port, present)) : NULL,
    };
    go_back(body, here);
    return port;
}

LLVMValueRef rk_body_member(rk_body *body, LLVMTypeRef type, uint64_t offset)
{
    const rk_ir *const ir = body->ir;
    const LLVMBasicBlockRef here = go_first(body);
    const LLVMValueRef member =
        LLVMBuildLoad2(ir->b, type, rk_ir_after(ir, body->batch, offset), "");
    go_back(body, here);
    return member;
}

LLVMValueRef rk_body_math(rk_body *body, rk_math number)
{
    if (body->math[number])
        return body->math[number];
    const LLVMBasicBlockRef here = go_first(body);
    const LLVMValueRef table = load_pointer(body->ir, body->batch, offsetof(rk_batch, math));
    body->math[number] = load_pointer(body->ir, table, number * sizeof(rk_vmath_reg *));
    go_back(body, here);
    return body->math[number];
}

rk_lanes rk_body_spread(rk_body *body, rk_body_port port, rk_type type, unsigned width)
{
    rk_ir *const ir = body->ir;
    const LLVMBasicBlockRef here = go_first(body);
    LLVMValueRef item = LLVMBuildLoad2(ir->b, rk_ir_item(ir, type.kind), port.data, "");
    if (type.kind == RK_KIND_BOOL)
        item = LLVMBuildTrunc(ir->b, item, ir->i1, "");
    rk_lanes lanes = {.data = rk_ir_splat(ir, item, width)};
    if (port.present) {
        const LLVMValueRef word = LLVMBuildLoad2(ir->b, ir->i8, port.present, "");
        lanes.has = rk_ir_splat(ir, LLVMBuildTrunc(ir->b, word, ir->i1, ""), width);
    }
    go_back(body, here);
    return lanes;
}

void rk_body_enter(rk_body *body, LLVMBasicBlockRef next, LLVMBasicBlockRef otherwise)
{
    const rk_ir *const ir = body->ir;
    const LLVMBasicBlockRef here = go_first(body);
    if (otherwise)
        LLVMBuildCondBr(ir->b, LLVMBuildICmp(ir->b, LLVMIntNE, body->n, rk_ir_count(ir, 0), ""),
                        next, otherwise);
    else
        LLVMBuildBr(ir->b, next);
    go_back(body, here);
}

/* ---- columns ---- */

static LLVMValueRef at_item(const rk_ir *ir, LLVMTypeRef item, LLVMValueRef data, LLVMValueRef i)
{
    return LLVMBuildInBoundsGEP2(ir->b, item, data, &i, 1, "");
}

static unsigned alignment(uint8_t kind, unsigned width)
{
    const size_t size = rk_type_size((rk_type){.kind = kind}) * width;
    return size > 64 ? 64 : (unsigned)size;
}

LLVMValueRef rk_ir_load(const rk_ir *ir, uint8_t kind, LLVMValueRef data, LLVMValueRef i,
                        unsigned width)
{
    const LLVMTypeRef item = rk_ir_item(ir, kind), lanes = LLVMVectorType(item, width);
    const LLVMValueRef value = LLVMBuildLoad2(ir->b, lanes, at_item(ir, item, data, i), "");
    LLVMSetAlignment(value, alignment(kind, width));
    if (kind != RK_KIND_BOOL)
        return value;
    return LLVMBuildICmp(ir->b, LLVMIntNE, value, LLVMConstNull(lanes), "");
}

/* i is a multiple of 8. */
static LLVMValueRef at_bit(const rk_ir *ir, LLVMValueRef present, LLVMValueRef i)
{
    return at_item(ir, ir->i8, present, LLVMBuildLShr(ir->b, i, rk_ir_count(ir, 3), ""));
}

/* With mask registers as a mask from the start: two casts of one int to a mask, each used alone and
 * in an `or`, make LLVM 19 rewrite the one as the other and back without end. */
LLVMValueRef rk_ir_load_mask(const rk_ir *ir, LLVMValueRef present, LLVMValueRef i, unsigned width)
{
    const LLVMTypeRef word = LLVMIntTypeInContext(ir->context, width);
    if (ir->cpu == RK_CPU_V4) {
        const LLVMTypeRef mask = LLVMVectorType(ir->i1, width);
        const LLVMValueRef bits = LLVMBuildLoad2(ir->b, mask, at_bit(ir, present, i), "");
        LLVMSetAlignment(bits, width / 8);
        return bits;
    }
    return rk_mask_of(ir, LLVMBuildLoad2(ir->b, word, at_bit(ir, present, i), ""), width);
}

void rk_ir_store(const rk_ir *ir, uint8_t kind, LLVMValueRef data, LLVMValueRef i,
                 LLVMValueRef lanes)
{
    const LLVMTypeRef item = rk_ir_item(ir, kind);
    const unsigned width = rk_ir_width(lanes);
    if (kind == RK_KIND_BOOL)
        lanes = LLVMBuildZExt(ir->b, lanes, LLVMVectorType(item, width), "");
    LLVMSetAlignment(LLVMBuildStore(ir->b, lanes, at_item(ir, item, data, i)),
                     alignment(kind, width));
}

void rk_ir_store_mask(const rk_ir *ir, LLVMValueRef present, LLVMValueRef i, LLVMValueRef mask)
{
    LLVMBuildStore(ir->b, rk_mask_bits(ir, mask), at_bit(ir, present, i));
}
