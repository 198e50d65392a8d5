/* Which calls are native, and the null rule around them. */
#include "compiler/emit/call.h"

typedef struct call_row {
    const char *name;
    unsigned kinds; /* of the first argument, NONE: there is none; a bit each */
    uint32_t n;     /* arguments */
    rk_call_body *body;
    rk_math math;
} call_row;

#define BIT(kind) (1u << RK_KIND_##kind)
enum { REALS = BIT(FLOAT) | BIT(DOUBLE), NUMBERS = REALS | BIT(INT) };

/* clang-format off */
static const call_row rows[] = {
#define ROW1(name) {#name, REALS, 1, rk_call_math1, RK_MATH_##name##_f32},
#define ROW2(name) {#name, REALS, 2, rk_call_math2, RK_MATH_##name##_f32},
    RK_VMATH_EACH1(ROW1)
    RK_VMATH_EACH2(ROW2)
#undef ROW1
#undef ROW2
    {"sqrt", REALS, 1, rk_call_sqrt, 0},
    {"abs", NUMBERS, 1, rk_call_abs, 0},
    {"sign", NUMBERS, 1, rk_call_sign, 0},
    {"floor", NUMBERS, 1, rk_call_floor, 0},
    {"ceil", NUMBERS, 1, rk_call_ceil, 0},
    {"trunc", NUMBERS, 1, rk_call_trunc, 0},
    {"round", NUMBERS, 1, rk_call_round, 0},
    {"min", NUMBERS, 2, rk_call_min, 0},
    {"max", NUMBERS, 2, rk_call_max, 0},
    {"int", NUMBERS | BIT(BOOL), 1, rk_call_int, 0},
    {"float", BIT(BOOL), 1, rk_call_real, 0},
    {"double", BIT(BOOL), 1, rk_call_real, 0},
    {"string", BIT(STRING), 1, rk_call_string, 0},
    {"now", BIT(NONE), 0, rk_call_now, 0},
    {"since", BIT(DOUBLE), 1, rk_call_since, 0},
    {"geo_km", REALS, 4, rk_call_geo_km, 0},
    {"wilson", REALS, 3, rk_call_wilson, 0},
    {"bucketize", NUMBERS, 2, rk_call_bucketize, 0},
};
/* clang-format on */

static const call_row *find_row(const rk_fn *fn, uint8_t kind, uint32_t n)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(rows); i++)
        if (rows[i].n == n && (rows[i].kinds >> kind & 1) && strcmp(rows[i].name, fn->name) == 0)
            return &rows[i];
    return NULL;
}

static uint8_t first_kind(const rk_plan *plan, const rk_plan_kernel *kernel, const rk_instr *instr)
{
    return instr->n ? rk_instr_type(plan, kernel, instr, 0).kind : RK_KIND_NONE;
}

static const call_row *row_of(const rk_plan *plan, const rk_plan_kernel *kernel,
                              const rk_instr *instr)
{
    const rk_fn *const fn = rk_fn_at(instr->aux);
    if (fn->null != RK_NULL_ANY)
        return NULL;
    return find_row(fn, first_kind(plan, kernel, instr), instr->n);
}

static bool is_list(rk_type type) { return type.kind == RK_KIND_LIST; }

bool rk_call_native(const rk_plan *plan, const rk_plan_kernel *kernel, const rk_instr *instr)
{
    const call_row *const row = row_of(plan, kernel, instr);
    if (!row || !rk_kind_is_scalar(instr->type.kind))
        return false;
    for (uint32_t i = 0; i < instr->n; i++) {
        const rk_type type = rk_instr_type(plan, kernel, instr, i);
        if (is_list(type) ? !rk_list_native(plan, kernel, rk_instr_reg(plan, instr, i))
                          : !rk_kind_is_scalar(type.kind))
            return false;
    }
    return true;
}

bool rk_call_calls(const rk_plan *plan, const rk_plan_kernel *kernel, const rk_instr *instr)
{
    const call_row *const row = row_of(plan, kernel, instr);
    return row && (row->body == rk_call_math1 || row->body == rk_call_math2 ||
                   row->body == rk_call_geo_km);
}

/* The items whose arguments are all there: by masks alone, or by NaN too. */
static LLVMValueRef find_present(const rk_call_ir *call, bool by_nan)
{
    LLVMValueRef keep = NULL;
    for (uint32_t i = 0; i < call->instr->n; i++) {
        const rk_type type = rk_part_type(call->part, call->instr, i);
        if (rk_type_masked(type))
            keep = rk_mask_and(call->ir, keep, call->x[i].has);
        else if (by_nan && type.optional)
            keep = rk_mask_and(call->ir, keep, rk_mask_ordered(call->ir, call->x[i].data));
    }
    return keep;
}

rk_lanes rk_call_emit(rk_part *part, const rk_instr *instr)
{
    const call_row *const row = row_of(part->ir->plan, part->kernel, instr);
    rk_call_ir call = {
        .part = part,
        .ir = part->ir,
        .instr = instr,
        .kind = first_kind(part->ir->plan, part->kernel, instr),
        .math = row->math,
        .out = rk_ir_items(part->ir, instr->type.kind, part->ir->width),
    };
    for (uint32_t i = 0; i < instr->n; i++)
        if (!is_list(rk_part_type(part, instr, i)))
            call.x[i] = rk_part_operand(part, instr, i);
    rk_lanes result = row->body(&call);
    if (rk_kind_is_real(instr->type.kind)) {
        const LLVMValueRef keep = find_present(&call, false);
        result.data = rk_ir_select(call.ir, keep, result.data, rk_ir_nan(call.ir, call.out));
    } else if (rk_type_masked(instr->type)) {
        result.has = rk_mask_and(call.ir, find_present(&call, true), result.has);
    }
    return result;
}
