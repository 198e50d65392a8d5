/* The loops of a sweep: over blocks of 4,096 items, and in them over 16 at a time; the last items,
 * fewer than 16, once and masked.
 *
 *     head: a block's end ── full groups? ─▶ group (loop) ─▶ joined ── a rest? ─▶ rest ─▶ end
 *
 * Sums start anew in each block and are added to their total at its end; all else is carried on. */
#include <math.h>

#include "compiler/emit/sweep.h"

typedef struct pass {
    rk_sweep *s;
    const rk_ir *ir;
    rk_slot *slots;
    uint32_t n;
    LLVMBasicBlockRef before, head, group, joined, rest, end, after;
    LLVMValueRef from, full, to; /* of the block: first item, end of its whole groups, end */
} pass;

static bool is_sum(const rk_slot *slot)
{
    return slot->kind == RK_SLOT_SUM || slot->kind == RK_SLOT_SPREAD;
}

static const rk_swept_group *group_of(const pass *p, const rk_slot *slot)
{
    return &p->s->groups.items[slot->group];
}

static LLVMTypeRef lanes_type(const pass *p, const rk_slot *slot)
{
    switch (slot->kind) {
    case RK_SLOT_SUM:
    case RK_SLOT_SPREAD:
        return rk_ir_items(p->ir, RK_KIND_DOUBLE, RK_SWEEP_LANES);
    case RK_SLOT_COUNT:
        return p->ir->i64;
    case RK_SLOT_ANY:
    case RK_SLOT_ALL:
        return p->ir->i16;
    default:
        return rk_ir_items(p->ir, group_of(p, slot)->type.kind, RK_SWEEP_LANES);
    }
}

/* What loses to everything. */
static LLVMValueRef none(const pass *p, const rk_slot *slot)
{
    const LLVMTypeRef type = lanes_type(p, slot);
    const bool extreme = slot->kind == RK_SLOT_LEAST || slot->kind == RK_SLOT_LARGEST;
    const bool least = slot->kind == RK_SLOT_LEAST;
    if (!extreme)
        return LLVMConstNull(type);
    if (rk_kind_is_real(group_of(p, slot)->type.kind))
        return rk_ir_real(p->ir, type, least ? INFINITY : -INFINITY);
    return rk_ir_int(p->ir, type, least ? INT64_MAX : INT64_MIN);
}

/* ---- columns ---- */

void rk_sweep_forget(rk_sweep *s)
{
    for (uint32_t i = 0; i < s->columns.len; i++)
        s->columns.items[i].loaded = (rk_lanes){0};
}

static rk_lanes load_column(rk_sweep *s, uint32_t index, LLVMValueRef i)
{
    const rk_ir *const ir = s->ir;
    rk_swept_column *const column = rk_sweep_column(s, index);
    if (column->spread)
        return column->same;
    if (column->loaded.data)
        return column->loaded;
    column->loaded.data = rk_ir_load(ir, column->type.kind, column->port.data, i, RK_SWEEP_LANES);
    if (column->port.present)
        column->loaded.has = rk_ir_load_mask(ir, column->port.present, i, RK_SWEEP_LANES);
    return column->loaded;
}

rk_swept_step rk_sweep_load(rk_sweep *s, const rk_swept_group *group, LLVMValueRef i,
                            LLVMValueRef left)
{
    rk_swept_step step = {.some = left};
    if (group->where != RK_PLAN_NONE) {
        const rk_lanes where = load_column(s, group->where, i);
        step.some = rk_mask_and(s->ir, step.some, rk_mask_and(s->ir, where.data, where.has));
    }
    step.keep = step.some;
    if (group->value == RK_PLAN_NONE)
        return step;
    const rk_lanes value = load_column(s, group->value, i);
    step.x = value.data;
    step.keep = step.some = rk_mask_and(s->ir, step.some, value.has);
    if (rk_kind_is_real(group->type.kind))
        step.keep = rk_mask_and(s->ir, step.some, rk_mask_ordered(s->ir, step.x));
    return step;
}

/* ---- one step of each slot ---- */

static LLVMValueRef as_doubles(const pass *p, const rk_swept_group *group, LLVMValueRef x)
{
    const LLVMTypeRef type = rk_ir_items(p->ir, RK_KIND_DOUBLE, RK_SWEEP_LANES);
    if (group->type.kind == RK_KIND_DOUBLE)
        return x;
    return group->type.kind == RK_KIND_FLOAT ? LLVMBuildFPExt(p->ir->b, x, type, "")
                                             : LLVMBuildSIToFP(p->ir->b, x, type, "");
}

/* A lane of a sum is never -0.0, so adding nothing is adding +0.0. */
static LLVMValueRef step_sum(const pass *p, const rk_slot *slot, const rk_swept_step *step)
{
    const LLVMBuilderRef b = p->ir->b;
    LLVMValueRef term = as_doubles(p, group_of(p, slot), step->x);
    if (slot->kind == RK_SLOT_SPREAD) {
        const LLVMValueRef mean = rk_ir_splat(p->ir, group_of(p, slot)->mean, RK_SWEEP_LANES);
        const LLVMValueRef far = LLVMBuildFSub(b, term, mean, "");
        term = LLVMBuildFMul(b, far, far, "");
    }
    return rk_ir_select(p->ir, step->keep, LLVMBuildFAdd(b, slot->lanes, term, ""), slot->lanes);
}

static LLVMValueRef step_wrap(const pass *p, const rk_slot *slot, const rk_swept_step *step)
{
    return rk_ir_select(p->ir, step->keep, LLVMBuildAdd(p->ir->b, slot->lanes, step->x, ""),
                        slot->lanes);
}

static LLVMValueRef step_count(const pass *p, const rk_slot *slot, const rk_swept_step *step)
{
    LLVMValueRef bits = rk_mask_bits(p->ir, rk_mask_full(p->ir, step->keep, RK_SWEEP_LANES));
    const LLVMValueRef count = rk_ir_intrinsic(p->ir, "llvm.ctpop", p->ir->i16, &bits, 1);
    return LLVMBuildAdd(p->ir->b, slot->lanes, LLVMBuildZExt(p->ir->b, count, p->ir->i64, ""), "");
}

/* NaN beats nothing, so what is NaN need not be masked. */
static LLVMValueRef better(const rk_ir *ir, bool least, bool real, LLVMValueRef x, LLVMValueRef y)
{
    const LLVMValueRef is = real ? LLVMBuildFCmp(ir->b, least ? LLVMRealOLT : LLVMRealOGT, x, y, "")
                                 : LLVMBuildICmp(ir->b, least ? LLVMIntSLT : LLVMIntSGT, x, y, "");
    return LLVMBuildSelect(ir->b, is, x, y, "");
}

static bool is_real(const pass *p, const rk_slot *slot)
{
    return rk_kind_is_real(group_of(p, slot)->type.kind);
}

static LLVMValueRef step_extreme(const pass *p, const rk_slot *slot, const rk_swept_step *step)
{
    const LLVMValueRef best =
        better(p->ir, slot->kind == RK_SLOT_LEAST, is_real(p, slot), step->x, slot->lanes);
    return rk_ir_select(p->ir, step->some, best, slot->lanes);
}

static LLVMValueRef step_decide(const pass *p, const rk_slot *slot, const rk_swept_step *step)
{
    const LLVMValueRef met =
        slot->kind == RK_SLOT_ANY ? step->x : LLVMBuildNot(p->ir->b, step->x, "");
    const LLVMValueRef bits = rk_mask_bits(p->ir, rk_mask_and(p->ir, met, step->keep));
    return LLVMBuildOr(p->ir->b, slot->lanes, bits, "");
}

static void emit_step(const pass *p, LLVMValueRef i, LLVMValueRef left)
{
    rk_swept_step step = {0};
    rk_sweep_forget(p->s);
    for (uint32_t k = 0; k < p->n; k++) {
        rk_slot *const slot = &p->slots[k];
        if (k == 0 || slot->group != p->slots[k - 1].group)
            step = rk_sweep_load(p->s, group_of(p, slot), i, left);
        switch (slot->kind) {
        case RK_SLOT_SUM:
        case RK_SLOT_SPREAD:
            slot->lanes = step_sum(p, slot, &step);
            break;
        case RK_SLOT_WRAP:
            slot->lanes = step_wrap(p, slot, &step);
            break;
        case RK_SLOT_COUNT:
            slot->lanes = step_count(p, slot, &step);
            break;
        case RK_SLOT_LEAST:
        case RK_SLOT_LARGEST:
            slot->lanes = step_extreme(p, slot, &step);
            break;
        default:
            slot->lanes = step_decide(p, slot, &step);
            break;
        }
    }
}

/* ---- blocks ---- */

static void come_from(LLVMValueRef phi, LLVMValueRef value, LLVMBasicBlockRef from)
{
    LLVMAddIncoming(phi, &value, &from, 1);
}

/* New phis for all slots, coming so far from `from` with what they hold; they hold the phis then.
 */
static void join_slots(const pass *p, unsigned number, LLVMBasicBlockRef from)
{
    for (uint32_t k = 0; k < p->n; k++) {
        rk_slot *const slot = &p->slots[k];
        slot->phis[number] = LLVMBuildPhi(p->ir->b, LLVMTypeOf(slot->lanes), "");
        come_from(slot->phis[number], slot->lanes, from);
        slot->lanes = slot->phis[number];
    }
}

static void come_slots(const pass *p, unsigned number, LLVMBasicBlockRef from)
{
    for (uint32_t k = 0; k < p->n; k++)
        come_from(p->slots[k].phis[number], p->slots[k].lanes, from);
}

static LLVMValueRef least_of(const rk_ir *ir, LLVMValueRef a, LLVMValueRef b)
{
    LLVMValueRef args[] = {a, b};
    return rk_ir_intrinsic(ir, "llvm.umin", ir->i64, args, 2);
}

/* What the totals are at the head: phis of sums are totals there, of all else lanes. */
static void begin_blocks(pass *p)
{
    const rk_ir *const ir = p->ir;
    LLVMPositionBuilderAtEnd(ir->b, p->head);
    p->from = LLVMBuildPhi(ir->b, ir->i64, "");
    come_from(p->from, rk_ir_count(ir, 0), p->before);
    for (uint32_t k = 0; k < p->n; k++) {
        rk_slot *const slot = &p->slots[k];
        const LLVMValueRef start = is_sum(slot) ? rk_ir_real(ir, ir->f64, 0.0) : none(p, slot);
        slot->total = LLVMBuildPhi(ir->b, LLVMTypeOf(start), "");
        come_from(slot->total, start, p->before);
        slot->lanes = is_sum(slot) ? none(p, slot) : slot->total;
    }
    const LLVMValueRef next = LLVMBuildAdd(ir->b, p->from, rk_ir_count(ir, RK_SWEEP_BLOCK), "");
    p->to = least_of(ir, next, p->s->body.n);
    p->full = LLVMBuildAnd(ir->b, p->to, rk_ir_count(ir, ~UINT64_C(15)), "");
    LLVMBuildCondBr(ir->b, LLVMBuildICmp(ir->b, LLVMIntULT, p->from, p->full, ""), p->group,
                    p->joined);
}

static void emit_groups(const pass *p)
{
    const rk_ir *const ir = p->ir;
    LLVMValueRef starts[64];
    for (uint32_t k = 0; k < p->n; k++)
        starts[k] = p->slots[k].lanes;
    LLVMPositionBuilderAtEnd(ir->b, p->group);
    const LLVMValueRef i = LLVMBuildPhi(ir->b, ir->i64, "");
    come_from(i, p->from, p->head);
    join_slots(p, 0, p->head);
    emit_step(p, i, NULL);
    const LLVMValueRef next = LLVMBuildAdd(ir->b, i, rk_ir_count(ir, RK_SWEEP_LANES), "");
    come_from(i, next, p->group);
    come_slots(p, 0, p->group);
    LLVMBuildCondBr(ir->b, LLVMBuildICmp(ir->b, LLVMIntULT, next, p->full, ""), p->group,
                    p->joined);
    LLVMPositionBuilderAtEnd(ir->b, p->joined);
    join_slots(p, 1, p->group);
    for (uint32_t k = 0; k < p->n; k++)
        come_from(p->slots[k].phis[1], starts[k], p->head);
    LLVMBuildCondBr(ir->b, LLVMBuildICmp(ir->b, LLVMIntULT, p->full, p->to, ""), p->rest, p->end);
}

static void emit_rest(const pass *p)
{
    const rk_ir *const ir = p->ir;
    LLVMPositionBuilderAtEnd(ir->b, p->end);
    join_slots(p, 2, p->joined);
    for (uint32_t k = 0; k < p->n; k++)
        p->slots[k].lanes = p->slots[k].phis[1];
    LLVMPositionBuilderAtEnd(ir->b, p->rest);
    const LLVMValueRef left = LLVMBuildSub(ir->b, p->to, p->full, "");
    emit_step(p, p->full, rk_mask_first(ir, left, RK_SWEEP_LANES));
    LLVMBuildBr(ir->b, p->end);
    come_slots(p, 2, p->rest);
    LLVMPositionBuilderAtEnd(ir->b, p->end);
}

/* Lanes by 8, 4, 2, 1. */
static LLVMValueRef combine(const pass *p, const rk_slot *slot, LLVMValueRef lanes)
{
    const rk_ir *const ir = p->ir;
    for (unsigned w = RK_SWEEP_LANES / 2; w > 0; w /= 2) {
        const LLVMValueRef low = rk_ir_slice(ir, lanes, 0, w), high = rk_ir_slice(ir, lanes, w, w);
        if (is_sum(slot))
            lanes = LLVMBuildFAdd(ir->b, low, high, "");
        else if (slot->kind == RK_SLOT_WRAP)
            lanes = LLVMBuildAdd(ir->b, low, high, "");
        else
            lanes = better(ir, slot->kind == RK_SLOT_LEAST, is_real(p, slot), low, high);
    }
    return LLVMBuildExtractElement(ir->b, lanes, LLVMConstInt(ir->i32, 0, false), "");
}

static bool is_scalar(const rk_slot *slot)
{
    return slot->kind == RK_SLOT_COUNT || slot->kind == RK_SLOT_ANY || slot->kind == RK_SLOT_ALL;
}

static void end_blocks(const pass *p)
{
    const rk_ir *const ir = p->ir;
    for (uint32_t k = 0; k < p->n; k++) {
        rk_slot *const slot = &p->slots[k];
        const LLVMValueRef phi = slot->total;
        slot->lanes = slot->phis[2];
        if (is_sum(slot))
            slot->lanes = LLVMBuildFAdd(ir->b, phi, combine(p, slot, slot->lanes), "");
        come_from(phi, slot->lanes, p->end);
    }
    come_from(p->from, p->to, p->end);
    LLVMBuildCondBr(ir->b, LLVMBuildICmp(ir->b, LLVMIntULT, p->to, p->s->body.n, ""), p->head,
                    p->after);
    LLVMPositionBuilderAtEnd(ir->b, p->after);
    for (uint32_t k = 0; k < p->n; k++) {
        rk_slot *const slot = &p->slots[k];
        slot->total = is_sum(slot) || is_scalar(slot) ? slot->lanes : combine(p, slot, slot->lanes);
    }
}

void rk_sweep_pass(rk_sweep *s, uint32_t from, uint32_t to)
{
    pass p = {.s = s, .ir = s->ir, .slots = s->slots.items + from, .n = to - from};
    p.before = LLVMGetInsertBlock(s->ir->b);
    p.head = rk_body_block(&s->body, "block");
    p.group = rk_body_block(&s->body, "group");
    p.joined = rk_body_block(&s->body, "joined");
    p.rest = rk_body_block(&s->body, "rest");
    p.end = rk_body_block(&s->body, "end");
    p.after = rk_body_block(&s->body, "after");
    LLVMBuildBr(s->ir->b, p.head);
    begin_blocks(&p);
    emit_groups(&p);
    emit_rest(&p);
    end_blocks(&p);
}
