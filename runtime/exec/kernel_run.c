/* Running a kernel over a list: native code that does all of it in one call, the rest block by
 * block. */
#include "runtime/exec/split.h"

static const rk_column *column_of(const rk_run *run, const rk_home *home)
{
    return &run->columns[home->index].column;
}

static uint64_t *frame_mask(const rk_worker *worker, const rk_home *home)
{
    if (!rk_slot_masked(home->type))
        return NULL;
    return (uint64_t *)(void *)(worker->frame + home->at + rk_slot_data(home->type));
}

/* A scalar of list 0 in all lanes of its slot that this run will touch. */
static void spread_scalar(const rk_run *run, const rk_worker *worker, const rk_home *home,
                          uint32_t n, rk_reg *reg)
{
    const rk_column *const column = column_of(run, home);
    const uint32_t lanes = (uint32_t)rk_padded(n < RK_FN_BLOCK ? n : RK_FN_BLOCK);
    static const uint32_t first[RK_FN_BLOCK] = {0};
    reg->data = worker->frame + home->at;
    reg->present = frame_mask(worker, home);
    switch (rk_type_size(home->type)) {
    case 1:
        memset(reg->data, *(const uint8_t *)column->data, lanes);
        break;
    case 4:
        run->engine->ops->gather4(reg->data, column->data, first, lanes);
        break;
    default:
        run->engine->ops->gather8(reg->data, column->data, first, lanes);
        break;
    }
    if (reg->present)
        reg->present[0] = reg->present[1] = rk_column_has(column, 0) ? UINT64_MAX : 0;
}

static rk_reg bind_column(const rk_column *column, const rk_home *home)
{
    return (rk_reg){
        .data = column->data,
        .present = rk_slot_masked(home->type) ? column->present : NULL,
        .child = column->child,
        .step = 1,
    };
}

static rk_reg bind(const rk_run *run, const rk_worker *worker, const rk_home *home, uint32_t from,
                   uint32_t n)
{
    rk_reg reg = {.step = 1};
    switch (home->kind) {
    case RK_HOME_NOWHERE:
        break;
    case RK_HOME_CONSTANT:
        return run->engine->constants[home->index];
    case RK_HOME_ITEMS:
    case RK_HOME_OUT:
        reg = bind_column(column_of(run, home), home);
        reg.stride = (uint32_t)rk_slot_data(home->type);
        reg.data = (char *)reg.data + (size_t)(from / RK_FN_BLOCK) * reg.stride;
        if (reg.present)
            reg.present += from / 64;
        return reg;
    case RK_HOME_QUERY:
        if (rk_kind_is_scalar(home->type.kind)) {
            spread_scalar(run, worker, home, n, &reg);
            return reg;
        }
        reg = bind_column(column_of(run, home), home);
        reg.step = 0;
        return reg;
    case RK_HOME_SLOT:
        reg.data = worker->frame + home->at;
        reg.present = frame_mask(worker, home);
        return reg;
    }
    return reg;
}

/* ---- before ---- */

static rk_status make_filtered(rk_run *run, rk_made *made, uint32_t n)
{
    rk_filtered *const filtered = RK_NEW(&run->arena, rk_filtered);
    if (!filtered)
        return RK_ENOMEM;
    filtered->at = rk_run_positions(run, n);
    filtered->kept = RK_NEW_ARRAY(&run->arena, uint32_t, n / RK_FN_BLOCK + 1);
    made->filtered = filtered;
    return filtered->at && filtered->kept ? RK_OK : RK_ENOMEM;
}

/* Columns to store in; a mask only where the register has one. */
static rk_status make_columns(rk_run *run, const rk_ready_kernel *k, uint32_t n)
{
    for (uint32_t i = 0; i < k->n_stores; i++) {
        const rk_type type = rk_run_plan(run)->columns.items[k->stores[i].column].type;
        const bool masked = rk_slot_masked(k->homes[k->stores[i].reg].type);
        rk_made *const made = &run->columns[k->stores[i].column];
        *made = (rk_made){0};
        if (i == k->filter)
            RK_TRY(make_filtered(run, made, n));
        if (k->by[i] == RK_STORE_NOBODY)
            continue;
        RK_TRY(rk_column_init(&made->column, &run->arena,
                              masked ? rk_type_opt(type, true) : rk_type_plain(type), n));
        made->column.type = type;
    }
    return RK_OK;
}

/* Native code reads the masks of inputs that may be missing, also when none is. */
static rk_status make_ones(rk_run *run, const rk_ready_kernel *k, uint32_t n)
{
    bool wanted = false;
    for (uint32_t i = 0; k->n_parts && i < k->n_regs - k->n_instrs; i++)
        wanted |= rk_slot_masked(k->homes[i].type) && k->inputs[i].column != RK_PLAN_NONE;
    return wanted && !rk_run_ones(run, n) ? RK_ENOMEM : RK_OK;
}

static const rk_ready_kernel *ready(const rk_run *run, uint32_t kernel)
{
    if (run->native && run->native->kernels[kernel].n_parts)
        return &run->native->kernels[kernel];
    return &run->engine->kernels[kernel];
}

static rk_status begin(rk_run *run, rk_split *split)
{
    const rk_ready_kernel *const k = ready(run, split->step->index);
    split->state = k;
    split->n = run->lists[k->list].n;
    RK_TRY(make_ones(run, k, split->n));
    return make_columns(run, k, split->n);
}

/* ---- native parts ---- */

static rk_port column_port(const rk_run *run, const rk_column *column, rk_type type, uint32_t at)
{
    rk_port port = {(char *)column->data + at * rk_type_size(type), NULL};
    if (rk_slot_masked(type)) {
        const uint64_t *const mask = column->present ? column->present : run->ones;
        port.present = (uint64_t *)mask + at / 64;
    }
    return port;
}

static rk_port input_port(const rk_run *run, const rk_ready_kernel *k, uint32_t reg, uint32_t at)
{
    const uint32_t column = k->inputs[reg].column;
    const bool own = rk_run_plan(run)->columns.items[column].list == k->list;
    return column_port(run, &run->columns[column].column, k->homes[reg].type, own ? at : 0);
}

static rk_port find_port(const rk_run *run, const rk_worker *worker, const rk_ready_kernel *k,
                         rk_code_port port, uint32_t at)
{
    switch ((rk_port_kind)port.kind) {
    case RK_PORT_INPUT:
        return input_port(run, k, port.index, at);
    case RK_PORT_STORE:
        return column_port(run, &run->columns[k->stores[port.index].column].column,
                           k->homes[k->stores[port.index].reg].type, at);
    case RK_PORT_FILTER:
        return (rk_port){run->columns[k->stores[port.index].column].filtered->at + at, NULL};
    default: /* TEMP */
        return (rk_port){worker->regs[port.index].data, worker->regs[port.index].present};
    }
}

/* Returns how many items a filter kept. */
static uint32_t run_native(const rk_run *run, rk_worker *worker, const rk_ready_kernel *k,
                           const rk_kernel_part *part, uint32_t at, uint32_t n)
{
    for (uint32_t i = 0; i < part->n_ports; i++)
        worker->ports[i] = find_port(run, worker, k, part->ports[i], at);
    rk_batch batch = {
        .n = n,
        .ports = worker->ports,
        .math = run->native->math,
        .base = at,
        .now = run->now,
    };
    part->code(&batch);
    return (uint32_t)batch.kept;
}

static void run_whole(rk_run *run, rk_worker *worker, const rk_ready_kernel *k, uint32_t from,
                      uint32_t to)
{
    const uint32_t kept = run_native(run, worker, k, &k->parts[0], from, to - from);
    if (k->filter != RK_PLAN_NONE)
        run->columns[k->stores[k->filter].column].filtered->kept[from / RK_FN_BLOCK] = kept;
}

/* ---- blocks ---- */

static void bind_all(rk_run *run, rk_worker *worker, const rk_ready_kernel *k, uint32_t from,
                     uint32_t n)
{
    for (uint32_t i = 0; i < k->n_bound; i++) {
        const uint32_t reg = k->bound[i];
        const rk_home *const home = &k->homes[reg];
        worker->regs[reg] = bind(run, worker, home, from, n);
        const bool made = home->kind == RK_HOME_SLOT || home->kind == RK_HOME_OUT;
        if (!made || home->type.kind != RK_KIND_LIST)
            continue;
        worker->children[reg] = (rk_children){.arena = &run->arena, .elem = home->type.elem};
        worker->regs[reg].children = &worker->children[reg];
    }
}

static void advance(rk_worker *worker, const rk_ready_kernel *k)
{
    for (uint32_t i = 0; i < k->n_moving; i++) {
        rk_reg *const reg = &worker->regs[k->moving[i]];
        reg->data = (char *)reg->data + reg->stride;
        if (reg->present)
            reg->present += RK_FN_BLOCK / 64;
    }
    for (uint32_t i = 0; i < k->n_fresh; i++)
        worker->children[k->fresh[i]].len = 0;
}

/* A register into one more column, at item `at`. */
static void copy_out(rk_column *column, const rk_reg *reg, uint32_t at, uint32_t n)
{
    const size_t size = rk_type_size(column->type);
    char *const to = (char *)column->data + at * size;
    if (reg->step)
        memcpy(to, reg->data, n * size);
    for (uint32_t i = 0; !reg->step && i < n; i++)
        memcpy(to + i * size, reg->data, size);
    for (unsigned word = 0; column->present && word < 2; word++)
        column->present[at / 64 + word] = rk_reg_word(reg, word);
}

static void store(rk_run *run, const rk_worker *worker, const rk_ready_kernel *k, uint32_t at,
                  uint32_t n)
{
    const rk_ops *const ops = run->engine->ops;
    for (uint32_t i = 0; i < k->n_stores; i++) {
        if (k->by[i] == RK_STORE_CODE)
            continue;
        rk_column *const column = rk_run_column(run, k->stores[i].column);
        if (k->by[i] == RK_STORE_COPY)
            copy_out(column, &worker->regs[k->stores[i].reg], at, n);
        if (column->type.kind == RK_KIND_FLOAT)
            ops->canon_float((float *)column->data + at, n);
        else if (column->type.kind == RK_KIND_DOUBLE)
            ops->canon_double((double *)column->data + at, n);
    }
}

static rk_status run_block(rk_run *run, rk_worker *worker, const rk_ready_kernel *k,
                           const rk_block *block, uint32_t at)
{
    for (uint32_t i = 0; !k->n_parts && i < k->n_instrs; i++)
        RK_TRY(k->instrs[i].run(block, &k->instrs[i]));
    for (uint32_t i = 0; i < k->n_parts; i++) {
        const rk_kernel_part *const part = &k->parts[i];
        if (part->code)
            run_native(run, worker, k, part, at, block->n);
        else
            RK_TRY(k->instrs[part->instr].run(block, &k->instrs[part->instr]));
    }
    return RK_OK;
}

static rk_status run_blocks(rk_run *run, rk_worker *worker, const rk_ready_kernel *k, uint32_t from,
                            uint32_t to)
{
    bind_all(run, worker, k, from, to - from);
    rk_block block = {
        .regs = worker->regs,
        .ops = run->engine->ops,
        .math = run->engine->math,
        .strings = &run->strings,
        .scratch = &worker->scratch,
        .now = run->now,
        .args = worker->args,
    };
    for (uint32_t at = from; at < to; at += block.n) {
        if (rk_run_is_stopped(run))
            return RK_ESTOP;
        block.n = to - at < RK_FN_BLOCK ? to - at : RK_FN_BLOCK;
        RK_TRY(run_block(run, worker, k, &block, at));
        store(run, worker, k, at, block.n);
        advance(worker, k);
        rk_arena_reset(&worker->scratch);
    }
    return RK_OK;
}

static rk_status work(rk_run *run, rk_worker *worker, rk_split *split, uint32_t from, uint32_t to)
{
    const rk_ready_kernel *const k = split->state;
    if (!k->whole)
        return run_blocks(run, worker, k, from, to);
    run_whole(run, worker, k, from, to);
    return RK_OK;
}

/* ---- after ---- */

/* Lists are finished when their elements no longer move. Elements of a register of the frame are
 * those of the last block only, so such a register is never stored by copying (see place_stores).
 * A kernel with lists is never split, so its one worker was the caller's. */
static void finish_lists(rk_run *run, const rk_ready_kernel *k)
{
    for (uint32_t i = 0; i < k->n_stores; i++)
        if (rk_run_plan(run)->columns.items[k->stores[i].column].type.kind == RK_KIND_LIST)
            rk_run_column(run, k->stores[i].column)->child =
                (void *)run->worker.regs[k->stores[i].reg].child;
}

/* Each thread began its positions where its items begin. */
static void join_filtered(rk_filtered *filtered, uint32_t n)
{
    for (uint32_t block = 0; block * RK_FN_BLOCK < n; block++) {
        const uint32_t kept = filtered->kept[block];
        if (kept && filtered->n != block * RK_FN_BLOCK)
            memmove(filtered->at + filtered->n, filtered->at + block * RK_FN_BLOCK,
                    kept * sizeof *filtered->at);
        filtered->n += kept;
    }
}

static rk_status end(rk_run *run, rk_split *split)
{
    const rk_ready_kernel *const k = split->state;
    if (split->n && !k->whole)
        finish_lists(run, k);
    if (k->filter != RK_PLAN_NONE)
        join_filtered(run->columns[k->stores[k->filter].column].filtered, split->n);
    return RK_OK;
}

const rk_acts rk_acts_kernel = {begin, work, end};
