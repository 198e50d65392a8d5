/* From what the loops of a sweep have gathered to results, one fold after the other. */
#include "compiler/emit/sweep.h"

LLVMValueRef rk_sweep_count(const rk_sweep *s, uint32_t group)
{
    const rk_slot *const slot = rk_sweep_find(s, RK_SLOT_COUNT, group);
    return slot ? slot->total : s->body.n; /* without a slot all items count */
}

static LLVMValueRef total(const rk_sweep *s, rk_slot_kind kind, uint32_t group)
{
    return rk_sweep_find(s, kind, group)->total;
}

/* x / how many count. */
static LLVMValueRef share(const rk_sweep *s, LLVMValueRef x, uint32_t group)
{
    const LLVMValueRef n = LLVMBuildSIToFP(s->ir->b, rk_sweep_count(s, group), s->ir->f64, "");
    return LLVMBuildFDiv(s->ir->b, x, n, "");
}

LLVMValueRef rk_sweep_mean(const rk_sweep *s, uint32_t group)
{
    return share(s, total(s, RK_SLOT_SUM, group), group);
}

static LLVMValueRef is_some(const rk_sweep *s, uint32_t group)
{
    return LLVMBuildICmp(s->ir->b, LLVMIntNE, rk_sweep_count(s, group), rk_ir_count(s->ir, 0), "");
}

/* ---- storing ---- */

static void store(rk_sweep *s, const rk_swept_fold *fold, LLVMValueRef value, LLVMValueRef has)
{
    const rk_ir *const ir = s->ir;
    const rk_type type = ir->plan->columns.items[fold->fold->out].type;
    const rk_body_port port =
        rk_body_add_port(&s->body, RK_PORT_RESULT, fold->fold->out, rk_type_masked(type));
    LLVMBuildStore(ir->b, value, port.data);
    if (port.present)
        LLVMBuildStore(ir->b, has ? LLVMBuildZExt(ir->b, has, ir->i64, "") : rk_ir_count(ir, 1),
                       port.present);
}

/* A double (or a float already), rounded to the column's type; NaN where it has none. */
static void store_real(rk_sweep *s, const rk_swept_fold *fold, LLVMValueRef value, LLVMValueRef has)
{
    const rk_ir *const ir = s->ir;
    const LLVMTypeRef type = rk_ir_item(ir, ir->plan->columns.items[fold->fold->out].type.kind);
    const LLVMValueRef ordered = rk_mask_ordered(ir, value);
    if (LLVMTypeOf(value) != type)
        value = LLVMBuildFPTrunc(ir->b, value, type, "");
    has = has ? LLVMBuildAnd(ir->b, has, ordered, "") : ordered;
    store(s, fold, LLVMBuildSelect(ir->b, has, value, rk_ir_nan(ir, type), ""), NULL);
}

/* ---- which zero came first ---- */

typedef struct search {
    LLVMBasicBlockRef from, loop, found, next, after;
    LLVMValueRef i, hits;
} search;

/* Blocks that find the first zero that counts, entered only if the extreme value is one. */
static void emit_search(rk_sweep *s, const rk_swept_group *group, search *at)
{
    const rk_ir *const ir = s->ir;
    LLVMPositionBuilderAtEnd(ir->b, at->loop);
    at->i = LLVMBuildPhi(ir->b, ir->i64, "");
    LLVMValueRef zero = rk_ir_count(ir, 0);
    LLVMAddIncoming(at->i, &zero, &at->from, 1);
    const LLVMValueRef left = LLVMBuildSub(ir->b, s->body.n, at->i, "");
    rk_sweep_forget(s);
    const rk_swept_step step =
        rk_sweep_load(s, group, at->i, rk_mask_first(ir, left, RK_SWEEP_LANES));
    const LLVMValueRef zeros =
        LLVMBuildFCmp(ir->b, LLVMRealOEQ, step.x, LLVMConstNull(LLVMTypeOf(step.x)), "");
    at->hits = rk_mask_bits(ir, rk_mask_and(ir, zeros, step.keep));
    LLVMBuildCondBr(ir->b,
                    LLVMBuildICmp(ir->b, LLVMIntNE, at->hits, LLVMConstInt(ir->i16, 0, false), ""),
                    at->found, at->next);
    LLVMPositionBuilderAtEnd(ir->b, at->next);
    LLVMValueRef more = LLVMBuildAdd(ir->b, at->i, rk_ir_count(ir, RK_SWEEP_LANES), "");
    LLVMAddIncoming(at->i, &more, &at->next, 1);
    LLVMBuildCondBr(ir->b, LLVMBuildICmp(ir->b, LLVMIntULT, more, s->body.n, ""), at->loop,
                    at->after);
}

static LLVMValueRef item_found(rk_sweep *s, const rk_swept_group *group, const search *at)
{
    const rk_ir *const ir = s->ir;
    const rk_swept_column *const column = rk_sweep_column(s, group->value);
    const LLVMTypeRef item = rk_ir_item(ir, group->type.kind);
    LLVMValueRef args[] = {at->hits, LLVMConstInt(ir->i1, 1, false)};
    const LLVMValueRef lane = rk_ir_intrinsic(ir, "llvm.cttz", ir->i16, args, 2);
    LLVMValueRef place = LLVMBuildAdd(ir->b, at->i, LLVMBuildZExt(ir->b, lane, ir->i64, ""), "");
    if (column->spread)
        place = rk_ir_count(ir, 0);
    return LLVMBuildLoad2(ir->b, item,
                          LLVMBuildInBoundsGEP2(ir->b, item, column->port.data, &place, 1, ""), "");
}

/* Of equal zeros the first one is the extreme. */
static LLVMValueRef settle(rk_sweep *s, const rk_swept_group *group, LLVMValueRef best)
{
    const rk_ir *const ir = s->ir;
    search at = {.from = LLVMGetInsertBlock(ir->b)};
    at.loop = rk_body_block(&s->body, "search");
    at.next = rk_body_block(&s->body, "next");
    at.found = rk_body_block(&s->body, "found");
    at.after = rk_body_block(&s->body, "settled");
    LLVMBuildCondBr(
        ir->b, LLVMBuildFCmp(ir->b, LLVMRealOEQ, best, rk_ir_real(ir, LLVMTypeOf(best), 0.0), ""),
        at.loop, at.after);
    emit_search(s, group, &at);
    LLVMPositionBuilderAtEnd(ir->b, at.found);
    const LLVMValueRef first = item_found(s, group, &at);
    LLVMBuildBr(ir->b, at.after);
    LLVMPositionBuilderAtEnd(ir->b, at.after);
    const LLVMValueRef phi = LLVMBuildPhi(ir->b, LLVMTypeOf(best), "");
    LLVMValueRef values[] = {best, best, first};
    LLVMBasicBlockRef blocks[] = {at.from, at.next, at.found};
    LLVMAddIncoming(phi, values, blocks, 3);
    return phi;
}

/* ---- results ---- */

static void end_extreme(rk_sweep *s, const rk_swept_fold *fold, rk_slot_kind kind)
{
    const rk_swept_group *const group = &s->groups.items[fold->group];
    const LLVMValueRef some = is_some(s, fold->group), best = total(s, kind, fold->group);
    if (rk_kind_is_real(group->type.kind)) {
        store_real(s, fold, settle(s, group, best), some);
        return;
    }
    store(s, fold, LLVMBuildSelect(s->ir->b, some, best, rk_ir_count(s->ir, 0), ""), some);
}

static void end_sum(rk_sweep *s, const rk_swept_fold *fold)
{
    if (s->groups.items[fold->group].type.kind == RK_KIND_INT)
        store(s, fold, total(s, RK_SLOT_WRAP, fold->group), NULL);
    else
        store_real(s, fold, total(s, RK_SLOT_SUM, fold->group), NULL);
}

static void end_std(rk_sweep *s, const rk_swept_fold *fold)
{
    LLVMValueRef spread = share(s, total(s, RK_SLOT_SPREAD, fold->group), fold->group);
    store_real(s, fold, rk_ir_intrinsic(s->ir, "llvm.sqrt", s->ir->f64, &spread, 1),
               is_some(s, fold->group));
}

/* `any` is true if a true one was met, `all` if no false one was. */
static void end_decide(rk_sweep *s, const rk_swept_fold *fold, bool any)
{
    const rk_ir *const ir = s->ir;
    const LLVMValueRef met = total(s, any ? RK_SLOT_ANY : RK_SLOT_ALL, fold->group);
    const LLVMValueRef is =
        LLVMBuildICmp(ir->b, any ? LLVMIntNE : LLVMIntEQ, met, LLVMConstInt(ir->i16, 0, false), "");
    store(s, fold, LLVMBuildZExt(ir->b, is, ir->i8, ""), NULL);
}

void rk_sweep_result(rk_sweep *s, const rk_swept_fold *fold)
{
    const rk_str name = rk_str_from(rk_fold_at(fold->fold->fn)->name);
    if (rk_str_eq(name, RK_STR("sum")))
        end_sum(s, fold);
    else if (rk_str_eq(name, RK_STR("count")))
        store(s, fold, rk_sweep_count(s, fold->group), NULL);
    else if (rk_str_eq(name, RK_STR("avg")))
        store_real(s, fold, rk_sweep_mean(s, fold->group), is_some(s, fold->group));
    else if (rk_str_eq(name, RK_STR("std")))
        end_std(s, fold);
    else if (rk_str_eq(name, RK_STR("min")) || rk_str_eq(name, RK_STR("max")))
        end_extreme(s, fold, rk_str_eq(name, RK_STR("min")) ? RK_SLOT_LEAST : RK_SLOT_LARGEST);
    else
        end_decide(s, fold, rk_str_eq(name, RK_STR("any")));
}
