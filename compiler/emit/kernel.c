/* Emitting a kernel: a function for each native part, with the ports that it needs. */
#include "compiler/emit/kernel.h"

const rk_value *rk_kernel_constant(const rk_plan *plan, const rk_plan_kernel *kernel, uint32_t reg)
{
    if (reg >= kernel->n_inputs)
        return NULL;
    const rk_kernel_input *const input = &plan->inputs.items[kernel->first_input + reg];
    return input->column == RK_PLAN_NONE ? &plan->constants.items[input->constant] : NULL;
}

LLVMValueRef rk_value_emit(const rk_ir *ir, const rk_value *value, unsigned width)
{
    const LLVMTypeRef type = rk_ir_items(ir, value->type.kind, width);
    if (value->missing && rk_kind_is_real(value->type.kind))
        return rk_ir_nan(ir, type);
    if (value->missing)
        return LLVMConstNull(type);
    switch (value->type.kind) {
    case RK_KIND_BOOL:
        return rk_ir_int(ir, type, value->as.b);
    case RK_KIND_INT:
        return rk_ir_int(ir, type, value->as.i);
    case RK_KIND_FLOAT:
        return rk_ir_real(ir, type, (double)value->as.f);
    case RK_KIND_DOUBLE:
        return rk_ir_real(ir, type, value->as.d);
    default:
        return rk_ir_int(ir, type, value->as.s);
    }
}

static rk_lanes constant_lanes(const rk_part *part, const rk_value *value)
{
    const rk_ir *const ir = part->ir;
    rk_lanes lanes = {.data = rk_value_emit(ir, value, ir->width), .one_nan = true};
    if (value->missing && rk_type_masked(value->type))
        lanes.has = LLVMConstNull(LLVMVectorType(ir->i1, ir->width));
    return lanes;
}

/* Reads a register's items; which are one for all if it is a column of list 0. */
static rk_lanes read_port(rk_part *part, uint32_t reg, rk_port_kind kind, bool spread)
{
    rk_ir *const ir = part->ir;
    const rk_type type = rk_reg_type(ir->plan, part->kernel, reg);
    rk_body_port *const port = &part->from[reg];
    if (!port->data)
        *port = rk_body_add_port(&part->body, kind, reg, rk_type_masked(type));
    if (spread)
        return rk_body_spread(&part->body, *port, type, ir->width);
    rk_lanes lanes = {.data = rk_ir_load(ir, type.kind, port->data, part->i, ir->width)};
    if (port->present)
        lanes.has = rk_ir_load_mask(ir, port->present, part->i, ir->width);
    return lanes;
}

static rk_lanes read_reg(rk_part *part, uint32_t reg)
{
    const rk_plan *const plan = part->ir->plan;
    if (reg >= part->kernel->n_inputs)
        return read_port(part, reg, RK_PORT_TEMP, false);
    const rk_value *const constant = rk_kernel_constant(plan, part->kernel, reg);
    if (constant)
        return constant_lanes(part, constant);
    const uint32_t column = plan->inputs.items[part->kernel->first_input + reg].column;
    return read_port(part, reg, RK_PORT_INPUT, plan->columns.items[column].list == 0);
}

/* Calls keep no register, so what was read before one is read again: that is cheaper than having it
 * written to the stack first. */
static bool is_stale(const rk_part *part, uint32_t reg)
{
    return part->from[reg].data && part->read[reg] != part->n_calls &&
           !LLVMIsAShuffleVectorInst(part->regs[reg].data);
}

rk_lanes rk_part_reg(rk_part *part, uint32_t reg)
{
    if (!part->regs[reg].data || is_stale(part, reg)) {
        part->regs[reg] = read_reg(part, reg);
        part->read[reg] = part->n_calls;
    }
    return part->regs[reg];
}

/* ---- what a part leaves ---- */

static void write_lanes(rk_part *part, rk_port_kind kind, uint32_t index, rk_type type,
                        rk_lanes lanes)
{
    const rk_ir *const ir = part->ir;
    const rk_body_port port = rk_body_add_port(&part->body, kind, index, rk_type_masked(type));
    rk_ir_store(ir, type.kind, port.data, part->i, lanes.data);
    if (port.present)
        rk_ir_store_mask(ir, port.present, part->i, rk_mask_full(ir, lanes.has, ir->width));
}

static rk_lanes one_nan(const rk_ir *ir, rk_type type, rk_lanes lanes)
{
    if (lanes.one_nan || !rk_kind_is_real(type.kind))
        return lanes;
    lanes.data = rk_ir_select(ir, rk_mask_nan(ir, lanes.data),
                              rk_ir_nan(ir, LLVMTypeOf(lanes.data)), lanes.data);
    return lanes;
}

typedef struct emitting {
    rk_ir *ir;
    const rk_plan_kernel *kernel;
    rk_division division;
    bool *crosses;          /* [instructions] another part reads it */
    bool *wanted;           /* [instructions] … or it is stored */
    uint32_t *first_store;  /* [instructions] and the next one of the same register: */
    uint32_t *next_store;   /* [stores]; RK_PLAN_NONE ends */
    rk_filtering filtering; /* store RK_PLAN_NONE: none */
} emitting;

/* Stores last: a temporary may be in the column already, without the one NaN. */
static void write_reg(const emitting *e, rk_part *part, rk_filter *filter, uint32_t i)
{
    const uint32_t reg = e->kernel->n_inputs + i;
    const rk_type type = rk_reg_type(e->ir->plan, e->kernel, reg);
    const rk_lanes lanes = part->regs[reg];
    if (e->crosses[i])
        write_lanes(part, RK_PORT_TEMP, reg, type, lanes);
    for (uint32_t s = e->first_store[i]; s != RK_PLAN_NONE; s = e->next_store[s]) {
        const bool filtered = s == e->filtering.store;
        if (filtered)
            rk_filter_emit(part, filter, lanes);
        if (!filtered || !e->filtering.only)
            write_lanes(part, RK_PORT_STORE, s, type, one_nan(e->ir, type, lanes));
    }
}

static bool is_in(const emitting *e, uint32_t i, uint32_t level, bool native)
{
    return e->division.level[i] == level && e->division.native[i] == native;
}

static void emit_order(const emitting *e, rk_part *part, rk_filter *filter, const rk_order *order)
{
    for (uint32_t k = 0; k < order->n; k++) {
        const uint32_t i = order->instrs[k];
        const rk_instr *const instr = rk_kernel_instr(e->ir->plan, e->kernel, i);
        part->regs[e->kernel->n_inputs + i] = rk_op_emit(part, instr);
        write_reg(e, part, filter, i);
    }
}

static LLVMValueRef new_phi(const rk_ir *ir, const rk_body *body)
{
    const LLVMValueRef phi = LLVMBuildPhi(ir->b, ir->i64, "");
    LLVMValueRef zero = rk_ir_count(ir, 0);
    LLVMBasicBlockRef from = body->first;
    LLVMAddIncoming(phi, &zero, &from, 1);
    return phi;
}

static void emit_loop(const emitting *e, rk_part *part, const rk_order *order)
{
    const rk_ir *const ir = e->ir;
    rk_body *const body = &part->body;
    const bool filters = e->filtering.store != RK_PLAN_NONE;
    LLVMBasicBlockRef loop = rk_body_block(body, "loop");
    const LLVMBasicBlockRef last = rk_body_block(body, "last");
    LLVMPositionBuilderAtEnd(ir->b, loop);
    part->i = new_phi(ir, body);
    rk_filter filter = {.kept = filters ? new_phi(ir, body) : NULL};
    if (filters)
        rk_filter_begin(part, e->filtering.store, &filter);
    emit_order(e, part, &filter, order);
    LLVMValueRef next = LLVMBuildAdd(ir->b, part->i, rk_ir_count(ir, ir->width), "");
    LLVMAddIncoming(part->i, &next, &loop, 1);
    if (filters)
        LLVMAddIncoming(filter.kept, &filter.next, &loop, 1);
    LLVMBuildCondBr(ir->b, LLVMBuildICmp(ir->b, LLVMIntULT, next, body->n, ""), loop, last);
    rk_body_enter(body, loop, last);
    LLVMPositionBuilderAtEnd(ir->b, last);
    if (filters) {
        const LLVMValueRef kept = new_phi(ir, body);
        LLVMAddIncoming(kept, &filter.next, &loop, 1);
        LLVMBuildStore(ir->b, kept, rk_ir_after(ir, body->batch, offsetof(rk_batch, kept)));
    }
    LLVMBuildRetVoid(ir->b);
}

static rk_status emit_part(const emitting *e, uint32_t level)
{
    rk_ir *const ir = e->ir;
    const uint32_t n_regs = e->kernel->n_inputs + e->kernel->n_instrs;
    rk_order order;
    RK_TRY(rk_part_order(ir->arena, ir->plan, e->kernel, &e->division, level, e->wanted, &order));
    rk_part part = {
        .ir = ir,
        .kernel = e->kernel,
        .regs = RK_NEW_ARRAY(ir->arena, rk_lanes, n_regs),
        .read = RK_NEW_ARRAY(ir->arena, uint32_t, n_regs),
        .from = RK_NEW_ARRAY(ir->arena, rk_body_port, n_regs),
    };
    if (!part.regs || !part.read || !part.from)
        return RK_ENOMEM;
    rk_body_begin(&part.body, ir);
    emit_loop(e, &part, &order);
    const rk_code_part row = {part.body.number, RK_PLAN_NONE, part.body.first_port,
                              rk_body_ports(&part.body)};
    rk_ir_add(ir, parts, row);
    return RK_OK;
}

/* ---- the whole kernel ---- */

/* What one level's native part or the interpreter makes, and any other reads. */
static void find_crossing(const emitting *e)
{
    const rk_division *const d = &e->division;
    for (uint32_t i = 0; i < e->kernel->n_instrs; i++) {
        const rk_instr *const instr = rk_kernel_instr(e->ir->plan, e->kernel, i);
        for (uint32_t k = 0; k < instr->n; k++) {
            const uint32_t reg = rk_instr_reg(e->ir->plan, instr, k);
            if (reg < e->kernel->n_inputs)
                continue;
            const uint32_t from = reg - e->kernel->n_inputs;
            e->crosses[from] |= d->native[i] != d->native[from] || d->level[i] != d->level[from];
        }
    }
}

static void find_stores(const emitting *e)
{
    for (uint32_t i = 0; i < e->kernel->n_instrs; i++) {
        e->first_store[i] = RK_PLAN_NONE;
        e->wanted[i] = e->crosses[i];
    }
    for (uint32_t s = e->kernel->n_stores; s-- > 0;) {
        const uint32_t reg = e->ir->plan->stores.items[e->kernel->first_store + s].reg;
        if (reg < e->kernel->n_inputs)
            continue;
        e->next_store[s] = e->first_store[reg - e->kernel->n_inputs];
        e->first_store[reg - e->kernel->n_inputs] = s;
        e->wanted[reg - e->kernel->n_inputs] = true;
    }
}

static rk_status emit_parts(const emitting *e)
{
    rk_ir *const ir = e->ir;
    for (uint32_t level = 0; level < e->division.n_levels; level++) {
        bool native = false;
        for (uint32_t i = 0; i < e->kernel->n_instrs && !native; i++)
            native = e->wanted[i] && is_in(e, i, level, true);
        if (native)
            RK_TRY(emit_part(e, level));
        for (uint32_t i = 0; i < e->kernel->n_instrs; i++) {
            const rk_code_part row = {RK_PLAN_NONE, i, ir->ports.len, 0};
            if (is_in(e, i, level, false))
                rk_ir_add(ir, parts, row);
        }
    }
    return RK_OK;
}

/* A filter needs the whole kernel in one native part, and a condition that it computes. */
static bool can_filter(const emitting *e)
{
    if (e->filtering.store == RK_PLAN_NONE || e->division.n_native != e->kernel->n_instrs)
        return false;
    return e->ir->plan->stores.items[e->kernel->first_store + e->filtering.store].reg >=
           e->kernel->n_inputs;
}

rk_status rk_kernel_emit(rk_ir *ir, uint32_t index, const rk_filtering *filtering)
{
    const rk_plan_kernel *const kernel = &ir->plan->kernels.items[index];
    emitting e = {.ir = ir, .kernel = kernel, .filtering = *filtering};
    rk_code_kernel row = {ir->parts.len, 0};
    e.crosses = RK_NEW_ARRAY(ir->arena, bool, kernel->n_instrs);
    e.wanted = RK_NEW_ARRAY(ir->arena, bool, kernel->n_instrs);
    e.first_store = RK_NEW_ARRAY(ir->arena, uint32_t, kernel->n_instrs);
    e.next_store = RK_NEW_ARRAY(ir->arena, uint32_t, kernel->n_stores);
    if (!e.crosses || !e.wanted || !e.first_store || !e.next_store)
        return RK_ENOMEM;
    RK_TRY(rk_kernel_divide(ir->arena, ir->plan, kernel, &e.division));
    if (!can_filter(&e))
        e.filtering.store = RK_PLAN_NONE;
    find_crossing(&e);
    find_stores(&e);
    if (e.division.n_native)
        RK_TRY(emit_parts(&e));
    row.n_parts = ir->parts.len - row.first_part;
    rk_ir_add(ir, kernels, row);
    const rk_code_filter filter = {index, e.filtering.store, e.filtering.step};
    if (e.filtering.store != RK_PLAN_NONE)
        rk_ir_add(ir, filters, filter);
    return RK_OK;
}
