#include "runtime/exec/kernel.h"

#include "runtime/plan/plan_rows.h"

enum { MASK_BYTES = 64 }; /* two words, and the next slot stays aligned */

static size_t slot_size(rk_type type)
{
    return rk_slot_data(type) + (rk_slot_masked(type) ? MASK_BYTES : 0);
}

/* A piece of the frame that no register needs any more. */
typedef struct hole {
    size_t at, size;
} hole;

typedef struct preparing {
    const rk_plan *plan;
    const rk_plan_kernel *kernel;
    const rk_ops *ops;
    rk_arena *arena;
    rk_ready_kernel *out;
    uint32_t *last; /* [n_regs] instruction that reads it last; UINT32_MAX: to the end */
    RK_VEC(hole) holes;
    rk_arena temporary;
} preparing;

static const rk_instr *instr_at(const preparing *p, uint32_t i)
{
    return &p->plan->instrs.items[p->kernel->first_instr + i];
}

static size_t take_slot(preparing *p, rk_type type)
{
    const size_t size = slot_size(type);
    for (uint32_t i = p->holes.len; i-- > 0;)
        if (p->holes.items[i].size == size) {
            const size_t at = p->holes.items[i].at;
            p->holes.items[i] = p->holes.items[--p->holes.len];
            return at;
        }
    const size_t at = p->out->frame;
    p->out->frame += size;
    return at;
}

static rk_status free_slot(preparing *p, uint32_t reg)
{
    const rk_home *const home = &p->out->homes[reg];
    const hole hole = {home->at, slot_size(home->type)};
    return rk_vec_push(&p->temporary, &p->holes, hole) ? RK_OK : RK_ENOMEM;
}

static void place_input(preparing *p, uint32_t i)
{
    const rk_kernel_input *const input = &p->out->inputs[i];
    rk_home *const home = &p->out->homes[i];
    home->index = input->column == RK_PLAN_NONE ? input->constant : input->column;
    if (input->column == RK_PLAN_NONE) {
        home->kind = RK_HOME_CONSTANT;
    } else if (p->plan->columns.items[input->column].list == p->kernel->list) {
        home->kind = RK_HOME_ITEMS;
    } else {
        home->kind = RK_HOME_QUERY;
        if (rk_kind_is_scalar(home->type.kind))
            home->at = take_slot(p, home->type); /* filled once, so never used again */
    }
}

/* The first store of a computed register makes it live in that column. */
static void place_stores(preparing *p)
{
    for (uint32_t i = 0; i < p->out->n_stores; i++) {
        const rk_kernel_output *const store = &p->out->stores[i];
        rk_home *const home = &p->out->homes[store->reg];
        p->last[store->reg] = UINT32_MAX;
        if (store->reg < p->kernel->n_inputs || home->kind == RK_HOME_OUT)
            continue; /* copied */
        p->out->by[i] = RK_STORE_DIRECT;
        home->kind = RK_HOME_OUT;
        home->index = store->column;
    }
}

static void find_last_readers(preparing *p)
{
    for (uint32_t i = 0; i < p->kernel->n_instrs; i++) {
        const rk_instr *const instr = instr_at(p, i);
        p->last[p->kernel->n_inputs + i] = i;
        for (uint32_t k = 0; k < instr->n; k++)
            p->last[p->plan->operands.items[instr->first + k]] = i;
    }
}

/* Slots of what instruction i read last, and of its own result if nothing reads it. */
static rk_status free_dead(preparing *p, uint32_t i)
{
    const rk_instr *const instr = instr_at(p, i);
    for (uint32_t k = 0; k <= instr->n; k++) {
        const uint32_t reg =
            k < instr->n ? p->plan->operands.items[instr->first + k] : p->kernel->n_inputs + i;
        if (p->out->homes[reg].kind != RK_HOME_SLOT || p->last[reg] != i)
            continue;
        p->last[reg] = UINT32_MAX; /* once, though it be read twice */
        RK_TRY(free_slot(p, reg));
    }
    return RK_OK;
}

/* Whether it leaves the request's strings and arena alone. */
static bool keeps_to_itself(const rk_instr *instr)
{
    const bool makes_text = instr->op == RK_CORE_CALL && instr->type.kind == RK_KIND_STRING;
    return !makes_text && instr->type.kind != RK_KIND_LIST;
}

static rk_status prepare_instr(preparing *p, uint32_t i)
{
    const rk_instr *const instr = instr_at(p, i);
    const uint32_t *const regs = p->plan->operands.items + instr->first;
    rk_type *const types = RK_NEW_ARRAY(p->arena, rk_type, instr->n);
    if (!types)
        return RK_ENOMEM;
    for (uint32_t k = 0; k < instr->n; k++)
        types[k] = rk_reg_type(p->plan, p->kernel, regs[k]);
    p->out->instrs[i] = (rk_ready){
        .fn = instr->op == RK_CORE_CALL ? rk_fn_at(instr->aux) : NULL,
        .regs = regs,
        .types = types,
        .n = instr->n,
        .out = p->kernel->n_inputs + i,
        .core = instr->op,
        .type = instr->type,
    };
    if (instr->op == RK_CORE_CALL && instr->n > p->out->n_args)
        p->out->n_args = instr->n;
    p->out->splits &= keeps_to_itself(instr);
    return rk_ready_resolve(&p->out->instrs[i], p->ops);
}

static rk_status prepare_instrs(preparing *p)
{
    for (uint32_t i = 0; i < p->kernel->n_instrs; i++) {
        rk_home *const home = &p->out->homes[p->kernel->n_inputs + i];
        if (home->kind != RK_HOME_OUT) {
            home->kind = RK_HOME_SLOT;
            home->at = take_slot(p, home->type);
        }
        RK_TRY(prepare_instr(p, i));
        RK_TRY(free_dead(p, i));
    }
    return RK_OK;
}

static rk_status prepare_whole(preparing *p)
{
    for (uint32_t i = 0; i < p->kernel->n_inputs; i++)
        place_input(p, i);
    find_last_readers(p);
    place_stores(p);
    return prepare_instrs(p);
}

/* ---- kernels that native code divides ---- */

/* A register that a part reads or writes in memory. */
static void place_shared(preparing *p, uint32_t reg)
{
    rk_home *const home = &p->out->homes[reg];
    if (home->kind != RK_HOME_NOWHERE)
        return;
    if (reg < p->kernel->n_inputs) {
        place_input(p, reg);
        return;
    }
    home->kind = RK_HOME_SLOT;
    home->at = take_slot(p, home->type);
}

static rk_status divide_instr(preparing *p, uint32_t i)
{
    const rk_instr *const instr = instr_at(p, i);
    place_shared(p, p->kernel->n_inputs + i);
    for (uint32_t k = 0; k < instr->n; k++)
        place_shared(p, p->plan->operands.items[instr->first + k]);
    return prepare_instr(p, i);
}

static void divide_native(preparing *p, const rk_kernel_part *part)
{
    for (uint32_t i = 0; i < part->n_ports; i++) {
        const rk_code_port port = part->ports[i];
        if (port.kind == RK_PORT_TEMP)
            place_shared(p, port.index);
        else if (port.kind == RK_PORT_STORE)
            p->out->by[port.index] = RK_STORE_CODE;
        else if (port.kind == RK_PORT_FILTER)
            p->out->filter = port.index;
    }
    if (part->n_ports > p->out->n_ports)
        p->out->n_ports = part->n_ports;
}

static void list_parts(preparing *p, const rk_kernel_code *code)
{
    const rk_code_kernel *const divided = &code->code->kernels[p->kernel - p->plan->kernels.items];
    for (uint32_t i = 0; i < divided->n_parts; i++) {
        const rk_code_part *const from = &code->code->parts[divided->first_part + i];
        rk_kernel_part *const part = &p->out->parts[i];
        *part = (rk_kernel_part){.instr = from->instr, .n_ports = from->n_ports};
        if (from->entry == RK_PLAN_NONE)
            continue;
        part->ports = code->code->ports + from->first_port;
        const uint8_t *const entry = code->text + from->entry;
        memcpy(&part->code, &entry, sizeof entry); /* from data to function: POSIX allows it */
    }
}

/* Registers computed by an instruction that the interpreter runs live in the first column that
 * stores them; what inputs and others leave is copied. */
static void divide_stores(preparing *p)
{
    for (uint32_t i = 0; i < p->out->n_stores; i++) {
        const rk_kernel_output *const store = &p->out->stores[i];
        rk_home *const home = &p->out->homes[store->reg];
        if (p->out->by[i] == RK_STORE_CODE)
            continue;
        if (i == p->out->filter) {
            p->out->by[i] = RK_STORE_NOBODY;
            continue;
        }
        p->out->whole = false;
        place_shared(p, store->reg);
        if (home->kind != RK_HOME_SLOT)
            continue;
        p->out->by[i] = RK_STORE_DIRECT;
        home->kind = RK_HOME_OUT;
        home->index = store->column;
    }
}

static rk_status prepare_divided(preparing *p, const rk_kernel_code *code, uint32_t n_parts)
{
    p->out->parts = RK_NEW_ARRAY(p->arena, rk_kernel_part, n_parts);
    if (!p->out->parts)
        return RK_ENOMEM;
    p->out->n_parts = n_parts;
    list_parts(p, code);
    p->out->whole = n_parts == 1 && p->out->parts[0].code;
    for (uint32_t i = 0; i < n_parts; i++)
        if (p->out->parts[i].code)
            divide_native(p, &p->out->parts[i]);
        else
            RK_TRY(divide_instr(p, p->out->parts[i].instr));
    divide_stores(p);
    return RK_OK;
}

/* ---- both ---- */

static void list_homes(rk_ready_kernel *k)
{
    for (uint32_t reg = 0; reg < k->n_regs; reg++) {
        const rk_home_kind kind = k->homes[reg].kind;
        if (kind != RK_HOME_NOWHERE)
            k->bound[k->n_bound++] = reg;
        if (kind == RK_HOME_ITEMS || kind == RK_HOME_OUT)
            k->moving[k->n_moving++] = reg;
        if (kind == RK_HOME_SLOT && k->homes[reg].type.kind == RK_KIND_LIST)
            k->fresh[k->n_fresh++] = reg;
    }
}

static rk_status prepare(preparing *p, const rk_kernel_code *code)
{
    rk_ready_kernel *const k = p->out;
    const uint32_t index = (uint32_t)(p->kernel - p->plan->kernels.items);
    const uint32_t n_parts = code ? code->code->kernels[index].n_parts : 0;
    p->last = RK_NEW_ARRAY(&p->temporary, uint32_t, k->n_regs);
    k->homes = RK_NEW_ARRAY(p->arena, rk_home, k->n_regs);
    k->instrs = RK_NEW_ARRAY(p->arena, rk_ready, k->n_instrs);
    k->by = RK_NEW_ARRAY(p->arena, rk_store_by, k->n_stores);
    k->bound = RK_NEW_ARRAY(p->arena, uint32_t, k->n_regs);
    k->moving = RK_NEW_ARRAY(p->arena, uint32_t, k->n_regs);
    k->fresh = RK_NEW_ARRAY(p->arena, uint32_t, k->n_regs);
    if (!p->last || !k->homes || !k->instrs || !k->by || !k->bound || !k->moving || !k->fresh)
        return RK_ENOMEM;
    for (uint32_t reg = 0; reg < k->n_regs; reg++)
        k->homes[reg].type = rk_reg_type(p->plan, p->kernel, reg);
    RK_TRY(n_parts ? prepare_divided(p, code, n_parts) : prepare_whole(p));
    list_homes(k);
    return RK_OK;
}

/* Whether a call walks through text, elements or dimensions. */
static bool is_long(const preparing *p, const rk_instr *instr)
{
    bool all_scalars = rk_kind_is_scalar(instr->type.kind) && instr->type.kind != RK_KIND_STRING;
    for (uint32_t k = 0; k < instr->n; k++) {
        const rk_type type =
            rk_reg_type(p->plan, p->kernel, p->plan->operands.items[instr->first + k]);
        all_scalars &= rk_kind_is_scalar(type.kind) && type.kind != RK_KIND_STRING;
    }
    return !all_scalars;
}

/* As measured on one machine: a plain loop takes a tenth of a nanosecond an item, half of that in
 * native code. */
static uint32_t cost_of(const preparing *p)
{
    const bool native = p->out->n_parts;
    uint32_t halves = 2 * p->out->n_stores;
    for (uint32_t i = 0; i < p->kernel->n_instrs; i++) {
        const rk_instr *const instr = instr_at(p, i);
        if (instr->op == RK_CORE_CALL && is_long(p, instr))
            halves += 1000;
        else if (instr->op == RK_CORE_CALL || instr->op == RK_CORE_POW)
            halves += native ? 4 : 8;
        else
            halves += native ? 1 : 2;
    }
    return halves / 2 + 1;
}

rk_status rk_kernel_prepare(const rk_plan *plan, uint32_t index, const rk_ops *ops,
                            const rk_kernel_code *code, rk_arena *arena, rk_ready_kernel *out)
{
    const rk_plan_kernel *const kernel = &plan->kernels.items[index];
    *out = (rk_ready_kernel){
        .list = kernel->list,
        .n_regs = kernel->n_inputs + kernel->n_instrs,
        .n_instrs = kernel->n_instrs,
        .n_stores = kernel->n_stores,
        .inputs = plan->inputs.items + kernel->first_input,
        .stores = plan->stores.items + kernel->first_store,
        .filter = RK_PLAN_NONE,
        .splits = true,
    };
    preparing p = {.plan = plan, .kernel = kernel, .ops = ops, .arena = arena, .out = out};
    const rk_status status = prepare(&p, code);
    rk_arena_free(&p.temporary);
    out->cost = cost_of(&p);
    return status;
}

static rk_status prepare_wide(const rk_value *value, rk_arena *arena, rk_reg *out)
{
    const bool vector = value->type.kind == RK_KIND_VECTOR;
    const size_t size = vector ? sizeof(float) : rk_type_size((rk_type){.kind = value->type.elem});
    const uint32_t len = value->missing ? 0 : value->as.list.len;
    const uint32_t room = vector ? value->type.dim : len;
    char *const items = rk_arena_alloc_column(arena, rk_padded((size_t)room + 1), size);
    rk_slice *const slice = rk_arena_alloc_column(arena, 16, sizeof *slice);
    if (!items || !slice)
        return RK_ENOMEM;
    memset(items, 0, room * size);
    if (len)
        memcpy(items, value->as.list.items, len * size);
    *slice = (rk_slice){0, len};
    out->step = 0;
    out->data = vector ? (void *)items : (void *)slice;
    out->child = vector ? NULL : items;
    return RK_OK;
}

rk_status rk_constant_prepare(const rk_value *value, rk_arena *arena, rk_reg *out)
{
    *out = (rk_reg){.step = 1};
    if (rk_slot_masked(value->type) && value->missing) {
        out->present = RK_NEW_ARRAY(arena, uint64_t, 2);
        if (!out->present)
            return RK_ENOMEM;
    }
    if (!rk_kind_is_scalar(value->type.kind))
        return prepare_wide(value, arena, out);
    rk_column column;
    const rk_value spread = {rk_type_plain(value->type), value->missing, value->as};
    RK_TRY(rk_column_fill(&column, arena, spread, RK_FN_BLOCK));
    out->data = column.data;
    return RK_OK;
}
