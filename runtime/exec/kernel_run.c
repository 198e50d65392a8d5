/* Running a kernel over a list, block by block. */
#include "runtime/exec/engine.h"

static const rk_column *column_of(const rk_run *run, const rk_home *home)
{
    return &run->columns[home->index].column;
}

static uint64_t *frame_mask(rk_run *run, const rk_home *home)
{
    if (!rk_slot_masked(home->type))
        return NULL;
    return (uint64_t *)(void *)(run->frame + home->at + rk_slot_data(home->type));
}

/* A scalar of list 0 in all lanes of its slot that this run will touch. */
static void spread_scalar(rk_run *run, const rk_home *home, uint32_t n, rk_reg *reg)
{
    const rk_column *const column = column_of(run, home);
    const uint32_t lanes = (uint32_t)rk_padded(n < RK_FN_BLOCK ? n : RK_FN_BLOCK);
    static const uint32_t first[RK_FN_BLOCK] = {0};
    reg->data = run->frame + home->at;
    reg->present = frame_mask(run, home);
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

static rk_reg bind(rk_run *run, const rk_home *home, uint32_t n)
{
    rk_reg reg = {.step = 1};
    switch (home->kind) {
    case RK_HOME_CONSTANT:
        return run->engine->constants[home->index];
    case RK_HOME_ITEMS:
    case RK_HOME_OUT:
        reg = bind_column(column_of(run, home), home);
        reg.stride = (uint32_t)rk_slot_data(home->type);
        return reg;
    case RK_HOME_QUERY:
        if (rk_kind_is_scalar(home->type.kind)) {
            spread_scalar(run, home, n, &reg);
            return reg;
        }
        reg = bind_column(column_of(run, home), home);
        reg.step = 0;
        return reg;
    case RK_HOME_SLOT:
        reg.data = run->frame + home->at;
        reg.present = frame_mask(run, home);
        return reg;
    }
    return reg;
}

/* Columns to store in; a mask only where the register has one. */
static rk_status make_columns(rk_run *run, const rk_ready_kernel *k, uint32_t n)
{
    for (uint32_t i = 0; i < k->n_stores; i++) {
        const rk_type type = rk_run_plan(run)->columns.items[k->stores[i].column].type;
        const bool masked = rk_slot_masked(k->homes[k->stores[i].reg].type);
        rk_made *const made = &run->columns[k->stores[i].column];
        *made = (rk_made){0};
        RK_TRY(rk_column_init(&made->column, &run->arena,
                              masked ? rk_type_opt(type, true) : rk_type_plain(type), n));
        made->column.type = type;
    }
    return RK_OK;
}

static void bind_all(rk_run *run, const rk_ready_kernel *k, uint32_t n)
{
    for (uint32_t i = 0; i < k->n_regs; i++) {
        const rk_home *const home = &k->homes[i];
        run->regs[i] = bind(run, home, n);
        const bool made = home->kind == RK_HOME_SLOT || home->kind == RK_HOME_OUT;
        if (!made || home->type.kind != RK_KIND_LIST)
            continue;
        run->children[i] = (rk_children){.arena = &run->arena, .elem = home->type.elem};
        run->regs[i].children = &run->children[i];
    }
}

static void advance(rk_run *run, const rk_ready_kernel *k)
{
    for (uint32_t i = 0; i < k->n_moving; i++) {
        rk_reg *const reg = &run->regs[k->moving[i]];
        reg->data = (char *)reg->data + reg->stride;
        if (reg->present)
            reg->present += RK_FN_BLOCK / 64;
    }
    for (uint32_t i = 0; i < k->n_fresh; i++)
        run->children[k->fresh[i]].len = 0;
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

static void store(rk_run *run, const rk_ready_kernel *k, uint32_t at, uint32_t n)
{
    const rk_ops *const ops = run->engine->ops;
    for (uint32_t i = 0; i < k->n_stores; i++) {
        rk_column *const column = rk_run_column(run, k->stores[i].column);
        if (!k->direct[i])
            copy_out(column, &run->regs[k->stores[i].reg], at, n);
        if (column->type.kind == RK_KIND_FLOAT)
            ops->canon_float((float *)column->data + at, n);
        else if (column->type.kind == RK_KIND_DOUBLE)
            ops->canon_double((double *)column->data + at, n);
    }
}

/* Lists are finished when their elements no longer move. Elements of a register of the frame are
 * those of the last block only, so such a register is never stored by copying (see place_stores).
 */
static void finish(rk_run *run, const rk_ready_kernel *k)
{
    for (uint32_t i = 0; i < k->n_stores; i++)
        if (rk_run_column(run, k->stores[i].column)->type.kind == RK_KIND_LIST)
            rk_run_column(run, k->stores[i].column)->child =
                (void *)run->regs[k->stores[i].reg].child;
}

static rk_status run_block(const rk_ready_kernel *k, const rk_block *block)
{
    for (uint32_t i = 0; i < k->n_instrs; i++)
        RK_TRY(k->instrs[i].run(block, &k->instrs[i]));
    return RK_OK;
}

rk_status rk_step_kernel(rk_run *run, const rk_step *step)
{
    const rk_engine *const engine = run->engine;
    const rk_ready_kernel *const k = &engine->kernels[step->index];
    const uint32_t n = run->lists[k->list].n;
    RK_TRY(make_columns(run, k, n));
    bind_all(run, k, n);
    rk_block block = {
        .regs = run->regs,
        .ops = engine->ops,
        .math = engine->math,
        .strings = &run->strings,
        .scratch = &run->scratch,
        .now = run->now,
        .args = run->args,
    };
    for (uint32_t at = 0; at < n; at += block.n) {
        block.n = n - at < RK_FN_BLOCK ? n - at : RK_FN_BLOCK;
        RK_TRY(run_block(k, &block));
        store(run, k, at, block.n);
        advance(run, k);
        rk_arena_reset(&run->scratch);
    }
    finish(run, k);
    return RK_OK;
}
