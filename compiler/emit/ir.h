/* What all files of this folder make LLVM's IR with: the module under construction, types,
 * constants and masks, and functions as the runtime calls them, with their ports.
 *
 * Values stand in registers of W items: bools and masks as <W x i1>, the other kinds as they are in
 * memory. Lanes beyond the list hold anything, so nothing here may trap or be undefined on any
 * value. There are no fast-math flags: what is written is what is computed. */
#ifndef RK_EMIT_IR_H
#define RK_EMIT_IR_H

#include <llvm-c/Core.h>

#include "runtime/plan/code.h"
#include "runtime/plan/plan_rows.h"

typedef struct rk_ir {
    const rk_plan *plan;
    rk_cpu_level cpu;
    unsigned width; /* items a step of a kernel's loop */
    LLVMContextRef context;
    LLVMModuleRef module;
    LLVMBuilderRef b; /* at the end of the block that is being filled */
    LLVMTypeRef none, i1, i8, i16, i32, i64, f32, f64, ptr;
    rk_arena *arena;
    bool no_memory; /* of the arena; looked at in the end */
    uint32_t n_functions;
    RK_VEC(rk_code_kernel) kernels;
    RK_VEC(rk_code_part) parts;
    RK_VEC(rk_code_port) ports;
    RK_VEC(rk_code_filter) filters;
    RK_VEC(rk_code_sweep) sweeps;
    RK_VEC(uint32_t) steps;
} rk_ir;

/* Adds a row to one of the tables. */
#define rk_ir_add(ir, vec, item)                                                                   \
    ((void)(rk_vec_push((ir)->arena, &(ir)->vec, item) || ((ir)->no_memory = true)))

/* A value of W items. */
typedef struct rk_lanes {
    LLVMValueRef data;
    LLVMValueRef has; /* <W x i1>, kinds with masks; NULL: all have a value */
    bool one_nan;     /* has no NaN but the canonical one */
} rk_lanes;

static inline bool rk_type_masked(rk_type type)
{
    return type.optional && rk_kind_has_mask(type.kind);
}

/* ---- types, constants (ir.c) ---- */

/* The type of a scalar kind in memory (bool: i8), and of `width` of them in a register (i1). */
LLVMTypeRef rk_ir_item(const rk_ir *ir, uint8_t kind);
LLVMTypeRef rk_ir_items(const rk_ir *ir, uint8_t kind, unsigned width);

/* A number in all lanes of a vector type, or as a scalar of a scalar type. Reals are rounded to the
 * type once. */
LLVMValueRef rk_ir_int(const rk_ir *ir, LLVMTypeRef type, int64_t value);
LLVMValueRef rk_ir_real(const rk_ir *ir, LLVMTypeRef type, double value);
LLVMValueRef rk_ir_nan(const rk_ir *ir, LLVMTypeRef type); /* the canonical one */
LLVMValueRef rk_ir_count(const rk_ir *ir, uint64_t n);     /* i64 */

/* One value in `width` lanes. */
LLVMValueRef rk_ir_splat(const rk_ir *ir, LLVMValueRef value, unsigned width);

/* Lanes from .. from + n. */
LLVMValueRef rk_ir_slice(const rk_ir *ir, LLVMValueRef lanes, unsigned from, unsigned n);
/* The lanes of a, then those of b. */
LLVMValueRef rk_ir_join(const rk_ir *ir, LLVMValueRef a, LLVMValueRef b);
unsigned rk_ir_width(LLVMValueRef lanes);

/* A call of an intrinsic that is overloaded by `type` alone; NULL: by nothing. */
LLVMValueRef rk_ir_intrinsic(const rk_ir *ir, const char *name, LLVMTypeRef type,
                             LLVMValueRef *args, unsigned n);

/* ---- masks: NULL has all bits (mask.c) ---- */

LLVMValueRef rk_mask_and(const rk_ir *ir, LLVMValueRef a, LLVMValueRef b);
LLVMValueRef rk_mask_or(const rk_ir *ir, LLVMValueRef a, LLVMValueRef b);
/* The bits of `yes` where `which` is set, else of `no`. */
LLVMValueRef rk_mask_choose(const rk_ir *ir, LLVMValueRef which, LLVMValueRef yes, LLVMValueRef no);
/* Never NULL. */
LLVMValueRef rk_mask_full(const rk_ir *ir, LLVMValueRef mask, unsigned width);
/* The lanes of reals that are not NaN; those that are. */
LLVMValueRef rk_mask_ordered(const rk_ir *ir, LLVMValueRef lanes);
LLVMValueRef rk_mask_nan(const rk_ir *ir, LLVMValueRef lanes);
/* A mask as an integer of as many bits, and back. */
LLVMValueRef rk_mask_bits(const rk_ir *ir, LLVMValueRef mask);
LLVMValueRef rk_mask_of(const rk_ir *ir, LLVMValueRef bits, unsigned width);
/* The lanes whose number is below `left` (i64, from 1). */
LLVMValueRef rk_mask_first(const rk_ir *ir, LLVMValueRef left, unsigned width);

/* `yes` where the mask is set (NULL: everywhere), else `no`. */
LLVMValueRef rk_ir_select(const rk_ir *ir, LLVMValueRef mask, LLVMValueRef yes, LLVMValueRef no);

/* ---- functions (body.c) ---- */

typedef struct rk_body_port {
    LLVMValueRef data, present;
} rk_body_port;

/* A function `void k<number>(rk_batch *)` under construction. Its first block loads what does not
 * change: pointers of ports, functions, values that are one for all items. */
typedef struct rk_body {
    rk_ir *ir;
    uint32_t number;
    uint32_t first_port; /* in the table; they belong together */
    LLVMValueRef function, batch, n, ports;
    LLVMBasicBlockRef first;
    LLVMValueRef math[RK_MATH_COUNT]; /* loaded already, or NULL */
} rk_body;

void rk_body_begin(rk_body *body, rk_ir *ir);

/* One more port; loads its pointers in the first block. */
rk_body_port rk_body_add_port(rk_body *body, rk_port_kind kind, uint32_t index, bool masked);
uint32_t rk_body_ports(const rk_body *body);

/* The address of vector math, loaded in the first block. */
LLVMValueRef rk_body_math(rk_body *body, rk_math number);

/* A member of rk_batch, loaded in the first block. */
LLVMValueRef rk_body_member(rk_body *body, LLVMTypeRef type, uint64_t offset);

/* Item 0 of a column in all lanes, loaded in the first block. */
rk_lanes rk_body_spread(rk_body *body, rk_body_port port, rk_type type, unsigned width);

/* Leaves the first block for `next`, if n > 0 and `otherwise` is not NULL; else for that. */
void rk_body_enter(rk_body *body, LLVMBasicBlockRef next, LLVMBasicBlockRef otherwise);

LLVMBasicBlockRef rk_body_block(const rk_body *body, const char *name);

/* Items i .. i + width of a column: i (i64) a multiple of the width. */
LLVMValueRef rk_ir_load(const rk_ir *ir, uint8_t kind, LLVMValueRef data, LLVMValueRef i,
                        unsigned width);
LLVMValueRef rk_ir_load_mask(const rk_ir *ir, LLVMValueRef present, LLVMValueRef i, unsigned width);
void rk_ir_store(const rk_ir *ir, uint8_t kind, LLVMValueRef data, LLVMValueRef i,
                 LLVMValueRef lanes);
void rk_ir_store_mask(const rk_ir *ir, LLVMValueRef present, LLVMValueRef i, LLVMValueRef mask);

/* The address `bytes` after a pointer. */
LLVMValueRef rk_ir_after(const rk_ir *ir, LLVMValueRef pointer, uint64_t bytes);

#endif
