/* Filters: the positions of the items that meet a condition, straight from the registers. */
#include "compiler/emit/kernel.h"

#include "runtime/stage/stage.h"

/* ---- which steps can be served ---- */

/* How often the plan reads each column, and the store that makes it. */
typedef struct reading {
    const rk_plan *plan;
    uint32_t *readers; /* [columns] */
} reading;

static void count_reader(const reading *r, uint32_t column)
{
    if (column < r->plan->columns.len)
        r->readers[column]++;
}

/* Operands are columns, except of steps where they are lists. */
static void count_step(const reading *r, const rk_step *step)
{
    const bool lists = step->kind == RK_STEP_UNION || step->kind == RK_STEP_CHOOSE;
    count_reader(r, step->guard);
    if (step->kind != RK_STEP_MAP && step->kind != RK_STEP_SCORE)
        count_reader(r, step->a);
    for (uint32_t i = 0; !lists && i < step->n; i++)
        count_reader(r, r->plan->operands.items[step->first + i]);
}

static void count_readers(const reading *r)
{
    const rk_plan *const plan = r->plan;
    for (uint32_t i = 0; i < plan->steps.len; i++)
        count_step(r, &plan->steps.items[i]);
    for (uint32_t i = 0; i < plan->inputs.len; i++)
        count_reader(r, plan->inputs.items[i].column);
    for (uint32_t i = 0; i < plan->shown.len; i++)
        count_reader(r, plan->shown.items[i].column);
    for (uint32_t i = 0; i < plan->folds.len; i++) {
        const rk_plan_fold *const fold = &plan->folds.items[i];
        count_reader(r, fold->value);
        count_reader(r, fold->by);
        count_reader(r, fold->where);
    }
}

static bool is_where(const rk_plan *plan, const rk_step *step)
{
    return step->kind == RK_STEP_SELECT && step->list != 0 && step->a != RK_PLAN_NONE &&
           plan->columns.items[step->a].list == step->list &&
           strcmp(rk_stages[step->index]->name, "where") == 0;
}

/* The store of a kernel that makes a column, or RK_PLAN_NONE. */
static uint32_t find_store(const rk_plan *plan, const rk_plan_kernel *kernel, uint32_t column)
{
    for (uint32_t s = 0; s < kernel->n_stores; s++)
        if (plan->stores.items[kernel->first_store + s].column == column)
            return s;
    return RK_PLAN_NONE;
}

rk_status rk_filters_find(rk_arena *arena, const rk_plan *plan, rk_filtering **out)
{
    const reading r = {plan, RK_NEW_ARRAY(arena, uint32_t, plan->columns.len)};
    rk_filtering *const found = RK_NEW_ARRAY(arena, rk_filtering, plan->kernels.len);
    if (!r.readers || !found)
        return RK_ENOMEM;
    count_readers(&r);
    for (uint32_t k = 0; k < plan->kernels.len; k++)
        found[k].store = RK_PLAN_NONE;
    for (uint32_t i = 0; i < plan->steps.len; i++) {
        const rk_step *const step = &plan->steps.items[i];
        for (uint32_t k = 0; is_where(plan, step) && k < plan->kernels.len; k++) {
            const uint32_t store = find_store(plan, &plan->kernels.items[k], step->a);
            if (store != RK_PLAN_NONE && found[k].store == RK_PLAN_NONE)
                found[k] = (rk_filtering){store, i, r.readers[step->a] == 1};
        }
    }
    *out = found;
    return RK_OK;
}

/* ---- code ---- */

/* The width's own numbers: 0, 1, … as i32. */
static LLVMValueRef numbers(const rk_ir *ir)
{
    LLVMValueRef lanes[16];
    for (unsigned i = 0; i < ir->width; i++)
        lanes[i] = LLVMConstInt(ir->i32, i, false);
    return LLVMConstVector(lanes, ir->width);
}

/* Called at the head of the loop. */
void rk_filter_begin(rk_part *part, uint32_t store, rk_filter *filter)
{
    const rk_ir *const ir = part->ir;
    filter->out = rk_body_add_port(&part->body, RK_PORT_FILTER, store, false).data;
    filter->base = rk_body_member(&part->body, ir->i32, offsetof(rk_batch, base)); /* low half */
}

static LLVMValueRef first_position(const rk_part *part, const rk_filter *filter)
{
    const rk_ir *const ir = part->ir;
    return LLVMBuildAdd(ir->b, filter->base, LLVMBuildTrunc(ir->b, part->i, ir->i32, ""), "");
}

static LLVMValueRef place(const rk_ir *ir, const rk_filter *filter, LLVMValueRef at)
{
    return LLVMBuildInBoundsGEP2(ir->b, ir->i32, filter->out, &at, 1, "");
}

static LLVMValueRef count_bits(const rk_ir *ir, LLVMValueRef bits)
{
    LLVMValueRef count = rk_ir_intrinsic(ir, "llvm.ctpop", LLVMTypeOf(bits), &bits, 1);
    return LLVMBuildZExt(ir->b, count, ir->i64, "");
}

/* Compressed in a register: compressing straight to memory is slow on some machines. */
static void emit_compressed(const rk_part *part, rk_filter *filter, LLVMValueRef mask)
{
    const rk_ir *const ir = part->ir;
    const LLVMValueRef first = rk_ir_splat(ir, first_position(part, filter), ir->width);
    const LLVMValueRef positions = LLVMBuildAdd(ir->b, first, numbers(ir), "");
    LLVMValueRef args[] = {positions, LLVMConstNull(LLVMTypeOf(positions)), mask};
    const LLVMValueRef packed =
        rk_ir_intrinsic(ir, "llvm.x86.avx512.mask.compress", LLVMTypeOf(positions), args, 3);
    LLVMSetAlignment(LLVMBuildStore(ir->b, packed, place(ir, filter, filter->kept)), 4);
    filter->next = LLVMBuildAdd(ir->b, filter->kept, count_bits(ir, rk_mask_bits(ir, mask)), "");
}

/* Each position is written, and stays if the next one is written after it. */
static void emit_one_by_one(const rk_part *part, rk_filter *filter, LLVMValueRef mask)
{
    const rk_ir *const ir = part->ir;
    const LLVMValueRef first = first_position(part, filter);
    const LLVMValueRef bits = LLVMBuildZExt(ir->b, rk_mask_bits(ir, mask), ir->i64, "");
    LLVMValueRef kept = filter->kept;
    for (unsigned k = 0; k < ir->width; k++) {
        const LLVMValueRef position =
            LLVMBuildAdd(ir->b, first, LLVMConstInt(ir->i32, k, false), "");
        LLVMBuildStore(ir->b, position, place(ir, filter, kept));
        const LLVMValueRef bit = LLVMBuildAnd(
            ir->b, LLVMBuildLShr(ir->b, bits, rk_ir_count(ir, k), ""), rk_ir_count(ir, 1), "");
        kept = LLVMBuildAdd(ir->b, kept, bit, "");
    }
    filter->next = kept;
}

void rk_filter_emit(rk_part *part, rk_filter *filter, rk_lanes which)
{
    const rk_ir *const ir = part->ir;
    const LLVMValueRef left = LLVMBuildSub(ir->b, part->body.n, part->i, "");
    LLVMValueRef mask = rk_mask_and(ir, which.data, which.has);
    mask = rk_mask_and(ir, mask, rk_mask_first(ir, left, ir->width));
    if (ir->cpu == RK_CPU_V4)
        emit_compressed(part, filter, mask);
    else
        emit_one_by_one(part, filter, mask);
}
