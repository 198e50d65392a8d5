/* The operations of the language over registers. Results and masks are those of the interpreter
 * (runtime/exec/instr.c and its neighbours), to the bit. */
#include "compiler/emit/kernel.h"

/* One operation being emitted. */
typedef struct op {
    rk_part *part;
    const rk_ir *ir;
    const rk_instr *instr;
    rk_type type;    /* of the operands: the first one's, of IF the second's */
    rk_lanes x[3];   /* operands */
    LLVMTypeRef out; /* of the result's data */
} op;

typedef rk_lanes op_emit(const op *o);

static bool is_real(const op *o) { return rk_kind_is_real(o->type.kind); }
static bool is_masked(const op *o) { return rk_type_masked(o->instr->type); }

/* Missing in, missing out. */
static rk_lanes with_masks(const op *o, LLVMValueRef data)
{
    rk_lanes lanes = {.data = data};
    for (uint32_t i = 0; is_masked(o) && i < o->instr->n; i++)
        lanes.has = rk_mask_and(o->ir, lanes.has, o->x[i].has);
    return lanes;
}

/* ---- arithmetic ---- */

static rk_lanes arithmetic(const op *o, LLVMOpcode real, LLVMOpcode whole)
{
    return with_masks(
        o, LLVMBuildBinOp(o->ir->b, is_real(o) ? real : whole, o->x[0].data, o->x[1].data, ""));
}

static rk_lanes op_add(const op *o) { return arithmetic(o, LLVMFAdd, LLVMAdd); }
static rk_lanes op_sub(const op *o) { return arithmetic(o, LLVMFSub, LLVMSub); }
static rk_lanes op_mul(const op *o) { return arithmetic(o, LLVMFMul, LLVMMul); }
static rk_lanes op_div(const op *o) { return arithmetic(o, LLVMFDiv, LLVMFDiv); }

static rk_lanes op_neg(const op *o)
{
    const LLVMValueRef x = o->x[0].data;
    return with_masks(o,
                      is_real(o) ? LLVMBuildFNeg(o->ir->b, x, "") : LLVMBuildNeg(o->ir->b, x, ""));
}

/* By 0 and by -1, where the machine would trap, the remainder by 1 stands in: 0. */
static rk_lanes op_mod(const op *o)
{
    const LLVMBuilderRef b = o->ir->b;
    const LLVMValueRef x = o->x[0].data, y = o->x[1].data;
    const LLVMValueRef zero = rk_ir_int(o->ir, o->out, 0);
    const LLVMValueRef by_zero = LLVMBuildICmp(b, LLVMIntEQ, y, zero, "");
    const LLVMValueRef by_minus = LLVMBuildICmp(b, LLVMIntEQ, y, rk_ir_int(o->ir, o->out, -1), "");
    const LLVMValueRef safe = LLVMBuildSelect(b, LLVMBuildOr(b, by_zero, by_minus, ""),
                                              rk_ir_int(o->ir, o->out, 1), y, "");
    const LLVMValueRef rest = LLVMBuildSRem(b, x, safe, "");
    const LLVMValueRef turned =
        LLVMBuildICmp(b, LLVMIntSLT, LLVMBuildXor(b, rest, y, ""), zero, "");
    const LLVMValueRef some = LLVMBuildICmp(b, LLVMIntNE, rest, zero, "");
    const LLVMValueRef moved = LLVMBuildAdd(b, rest, y, "");
    rk_lanes lanes =
        with_masks(o, LLVMBuildSelect(b, LLVMBuildAnd(b, some, turned, ""), moved, rest, ""));
    if (is_masked(o))
        lanes.has = rk_mask_and(o->ir, lanes.has, LLVMBuildNot(b, by_zero, ""));
    return lanes;
}

static rk_lanes op_pow(const op *o)
{
    const LLVMValueRef data =
        rk_math_emit(o->part, RK_MATH_pow_f32, o->type.kind, o->x[0].data, o->x[1].data);
    return (rk_lanes){.data = data, .one_nan = true};
}

/* ---- comparison and logic ---- */

/* With NaN false, != too. Bools are 0 and 1. */
static rk_lanes compare(const op *o, LLVMRealPredicate real, LLVMIntPredicate whole,
                        LLVMIntPredicate truth)
{
    const LLVMValueRef x = o->x[0].data, y = o->x[1].data;
    if (is_real(o))
        return (rk_lanes){.data = LLVMBuildFCmp(o->ir->b, real, x, y, "")};
    return (rk_lanes){
        .data = LLVMBuildICmp(o->ir->b, o->type.kind == RK_KIND_BOOL ? truth : whole, x, y, "")};
}

static rk_lanes op_eq(const op *o) { return compare(o, LLVMRealOEQ, LLVMIntEQ, LLVMIntEQ); }
static rk_lanes op_ne(const op *o) { return compare(o, LLVMRealONE, LLVMIntNE, LLVMIntNE); }
static rk_lanes op_lt(const op *o) { return compare(o, LLVMRealOLT, LLVMIntSLT, LLVMIntULT); }
static rk_lanes op_le(const op *o) { return compare(o, LLVMRealOLE, LLVMIntSLE, LLVMIntULE); }
static rk_lanes op_gt(const op *o) { return compare(o, LLVMRealOGT, LLVMIntSGT, LLVMIntUGT); }
static rk_lanes op_ge(const op *o) { return compare(o, LLVMRealOGE, LLVMIntSGE, LLVMIntUGE); }

static rk_lanes op_and(const op *o)
{
    return (rk_lanes){.data = LLVMBuildAnd(o->ir->b, o->x[0].data, o->x[1].data, "")};
}
static rk_lanes op_or(const op *o)
{
    return (rk_lanes){.data = LLVMBuildOr(o->ir->b, o->x[0].data, o->x[1].data, "")};
}
static rk_lanes op_not(const op *o)
{
    return (rk_lanes){.data = LLVMBuildNot(o->ir->b, o->x[0].data, "")};
}

static rk_lanes op_in(const op *o)
{
    const rk_value *const list =
        rk_kernel_constant(o->ir->plan, o->part->kernel, rk_instr_reg(o->ir->plan, o->instr, 1));
    return (rk_lanes){.data = rk_list_emit_in(o->part, o->type.kind, o->x[0].data, list)};
}

/* ---- choice and missing ---- */

static rk_lanes op_coalesce(const op *o)
{
    const rk_lanes left = o->x[0], right = o->x[1];
    if (is_real(o))
        return (rk_lanes){
            .data = rk_ir_select(o->ir, rk_mask_nan(o->ir, left.data), right.data, left.data),
            .one_nan = right.one_nan};
    return (rk_lanes){
        .data = rk_ir_select(o->ir, left.has, left.data, right.data),
        .has = is_masked(o) ? rk_mask_or(o->ir, left.has, right.has) : NULL,
    };
}

static rk_lanes op_if(const op *o)
{
    const rk_lanes yes = o->x[1], no = o->x[2];
    return (rk_lanes){
        .data = LLVMBuildSelect(o->ir->b, o->x[0].data, yes.data, no.data, ""),
        .has = is_masked(o) ? rk_mask_choose(o->ir, o->x[0].data, yes.has, no.has) : NULL,
        .one_nan = yes.one_nan && no.one_nan,
    };
}

static rk_lanes op_is_missing(const op *o)
{
    if (is_real(o))
        return (rk_lanes){.data = rk_mask_nan(o->ir, o->x[0].data)};
    return (rk_lanes){.data = o->x[0].has ? LLVMBuildNot(o->ir->b, o->x[0].has, "")
                                          : LLVMConstNull(o->out)};
}

/* ---- conversion ---- */

static LLVMValueRef convert_data(const op *o)
{
    const LLVMBuilderRef b = o->ir->b;
    const LLVMValueRef x = o->x[0].data;
    const uint8_t to = o->instr->type.kind;
    switch (o->type.kind) {
    case RK_KIND_BOOL:
        return to == RK_KIND_INT ? LLVMBuildZExt(b, x, o->out, "")
                                 : LLVMBuildSelect(b, x, rk_ir_real(o->ir, o->out, 1.0),
                                                   rk_ir_real(o->ir, o->out, 0.0), "");
    case RK_KIND_INT:
        return LLVMBuildSIToFP(b, x, o->out, "");
    case RK_KIND_FLOAT:
        return to == RK_KIND_DOUBLE ? LLVMBuildFPExt(b, x, o->out, "") : x;
    default:
        return to == RK_KIND_FLOAT ? LLVMBuildFPTrunc(b, x, o->out, "") : x;
    }
}

/* A missing value becomes NaN where it has no mask any more. */
static rk_lanes op_convert(const op *o)
{
    const LLVMValueRef data = convert_data(o);
    if (!rk_kind_is_real(o->instr->type.kind))
        return with_masks(o, data);
    return (rk_lanes){
        .data = rk_ir_select(o->ir, o->x[0].has, data, rk_ir_nan(o->ir, o->out)),
        .one_nan = !is_real(o),
    };
}

/* ---- the table ---- */

typedef struct op_row {
    op_emit *emit;
    unsigned kinds; /* of the operands that have the type; a bit each */
} op_row;

#define BIT(kind) (1u << RK_KIND_##kind)
enum {
    REALS = BIT(FLOAT) | BIT(DOUBLE),
    NUMBERS = REALS | BIT(INT),
    SCALARS = NUMBERS | BIT(BOOL) | BIT(STRING),
    ORDERED = NUMBERS | BIT(BOOL), /* the order of texts is the interpreter's */
};

/* clang-format off */
static const op_row rows[RK_CORE_COUNT] = {
    [RK_CORE_ADD] = {op_add, NUMBERS},
    [RK_CORE_SUB] = {op_sub, NUMBERS},
    [RK_CORE_MUL] = {op_mul, NUMBERS},
    [RK_CORE_DIV] = {op_div, REALS},
    [RK_CORE_MOD] = {op_mod, BIT(INT)}, /* of reals: fmod, which no machine has */
    [RK_CORE_POW] = {op_pow, REALS},
    [RK_CORE_NEG] = {op_neg, NUMBERS},
    [RK_CORE_EQ] = {op_eq, SCALARS},
    [RK_CORE_NE] = {op_ne, SCALARS},
    [RK_CORE_LT] = {op_lt, ORDERED},
    [RK_CORE_LE] = {op_le, ORDERED},
    [RK_CORE_GT] = {op_gt, ORDERED},
    [RK_CORE_GE] = {op_ge, ORDERED},
    [RK_CORE_AND] = {op_and, BIT(BOOL)},
    [RK_CORE_OR] = {op_or, BIT(BOOL)},
    [RK_CORE_NOT] = {op_not, BIT(BOOL)},
    [RK_CORE_COALESCE] = {op_coalesce, SCALARS},
    [RK_CORE_IF] = {op_if, SCALARS},
    [RK_CORE_IS_MISSING] = {op_is_missing, SCALARS},
    [RK_CORE_CONVERT] = {op_convert, ORDERED},
    [RK_CORE_IN] = {op_in, SCALARS},
};
/* clang-format on */

bool rk_op_native(const rk_plan *plan, const rk_plan_kernel *kernel, const rk_instr *instr)
{
    if (instr->op == RK_CORE_CALL)
        return rk_call_native(plan, kernel, instr);
    const op_row *const row = &rows[instr->op];
    if (!row->emit)
        return false;
    const uint32_t typed = instr->op == RK_CORE_IF ? 1 : 0;
    if (!(row->kinds >> rk_instr_type(plan, kernel, instr, typed).kind & 1))
        return false;
    return instr->op != RK_CORE_IN || rk_list_native(plan, kernel, rk_instr_reg(plan, instr, 1));
}

bool rk_op_calls(const rk_plan *plan, const rk_plan_kernel *kernel, const rk_instr *instr)
{
    return instr->op == RK_CORE_POW ||
           (instr->op == RK_CORE_CALL && rk_call_calls(plan, kernel, instr));
}

rk_lanes rk_op_emit(rk_part *part, const rk_instr *instr)
{
    if (instr->op == RK_CORE_CALL)
        return rk_call_emit(part, instr);
    op o = {
        .part = part,
        .ir = part->ir,
        .instr = instr,
        .type = rk_part_type(part, instr, instr->op == RK_CORE_IF ? 1 : 0),
        .out = rk_ir_items(part->ir, instr->type.kind, part->ir->width),
    };
    const uint32_t n = instr->op == RK_CORE_IN ? 1 : instr->n; /* its list is no register */
    for (uint32_t i = 0; i < n; i++)
        o.x[i] = rk_part_operand(part, instr, i);
    return rows[instr->op].emit(&o);
}
