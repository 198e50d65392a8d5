/* Choosing the function of an instruction, and those that are a loop with rules for masks. */
#include "runtime/exec/instr.h"

static bool real(rk_type type) { return rk_kind_is_real(type.kind); }
static bool wide(rk_type type) { return type.kind == RK_KIND_VECTOR || type.kind == RK_KIND_LIST; }

static void run_loop(const rk_block *block, const rk_ready *ready)
{
    const void *data[3] = {0};
    for (uint32_t i = 0; i < ready->n; i++)
        data[i] = rk_in(block, ready, i)->data;
    ready->map(rk_out(block, ready)->data, data[0], data[1], data[2], block->n);
}

/* Nothing can be missing by a mask. */
static rk_status run_plain(const rk_block *block, const rk_ready *ready)
{
    run_loop(block, ready);
    return RK_OK;
}

/* Missing in, missing out. */
static rk_status run_masked(const rk_block *block, const rk_ready *ready)
{
    run_loop(block, ready);
    uint64_t *const present = rk_out(block, ready)->present;
    for (unsigned word = 0; word < 2; word++) {
        present[word] = UINT64_MAX;
        for (uint32_t i = 0; i < ready->n; i++)
            present[word] &= rk_reg_word(rk_in(block, ready, i), word);
    }
    return RK_OK;
}

/* The mask of a register as bytes. */
static void mask_bytes(const rk_block *block, const rk_reg *reg, uint8_t *bytes)
{
    const uint64_t words[2] = {rk_reg_word(reg, 0), rk_reg_word(reg, 1)};
    block->ops->unpack(bytes, words);
}

static rk_status run_if_masked(const rk_block *block, const rk_ready *ready)
{
    run_loop(block, ready);
    uint64_t which[2], *const present = rk_out(block, ready)->present;
    block->ops->pack(which, rk_in(block, ready, 0)->data, block->n);
    for (unsigned word = 0; word < 2; word++)
        present[word] = (rk_reg_word(rk_in(block, ready, 1), word) & which[word]) |
                        (rk_reg_word(rk_in(block, ready, 2), word) & ~which[word]);
    return RK_OK;
}

/* COALESCE of kinds with masks: the map is that of IF, with the left side's mask as condition. */
static rk_status run_coalesce(const rk_block *block, const rk_ready *ready)
{
    const rk_reg *const left = rk_in(block, ready, 0), *const right = rk_in(block, ready, 1);
    rk_reg *const out = rk_out(block, ready);
    _Alignas(64) uint8_t has[RK_FN_BLOCK];
    mask_bytes(block, left, has);
    ready->map(out->data, has, left->data, right->data, block->n);
    for (unsigned word = 0; ready->masked && word < 2; word++)
        out->present[word] = rk_reg_word(left, word) | rk_reg_word(right, word);
    return RK_OK;
}

/* IS_MISSING of kinds with masks. */
static rk_status run_missing(const rk_block *block, const rk_ready *ready)
{
    uint8_t *const out = rk_out(block, ready)->data;
    uint8_t has[RK_FN_BLOCK];
    mask_bytes(block, rk_in(block, ready, 0), has);
    for (uint32_t i = 0; i < block->n; i++)
        out[i] = has[i] ^ 1;
    return RK_OK;
}

/* CONVERT of a masked value to a real one: missing is NaN there. */
static rk_status run_convert(const rk_block *block, const rk_ready *ready)
{
    run_loop(block, ready);
    const rk_reg *const from = rk_in(block, ready, 0);
    if (!from->present)
        return RK_OK;
    _Alignas(64) uint8_t has[RK_FN_BLOCK];
    mask_bytes(block, from, has);
    if (ready->type.kind == RK_KIND_FLOAT)
        block->ops->blank_float(rk_out(block, ready)->data, has, block->n);
    else
        block->ops->blank_double(rk_out(block, ready)->data, has, block->n);
    return RK_OK;
}

/* ---- choosing ---- */

static void choose_if(rk_ready *r, const rk_ops *ops)
{
    r->map = wide(r->type) ? NULL : ops->core[RK_CORE_IF][r->type.kind];
    r->run = wide(r->type) ? rk_run_choose_wide : r->masked ? run_if_masked : run_plain;
}

static void choose_coalesce(rk_ready *r, const rk_ops *ops)
{
    if (wide(r->type)) {
        r->run = rk_run_choose_wide;
        return;
    }
    r->map = ops->core[real(r->type) ? RK_CORE_COALESCE : RK_CORE_IF][r->type.kind];
    r->run = real(r->type) ? run_plain : run_coalesce;
}

static void choose_convert(rk_ready *r, const rk_ops *ops)
{
    r->map = ops->convert[r->types[0].kind][r->type.kind];
    const bool blanks = real(r->type) && !real(r->types[0]) && r->types[0].optional;
    r->run = blanks ? run_convert : r->masked ? run_masked : run_plain;
}

static void choose_comparison(rk_ready *r, const rk_ops *ops)
{
    const bool equality = r->core == RK_CORE_EQ || r->core == RK_CORE_NE;
    if (r->types[0].kind == RK_KIND_STRING && !equality)
        r->run = rk_run_order_string;
    else
        r->map = ops->core[r->core][r->types[0].kind];
}

static void choose_by_kind(rk_ready *r, rk_ready_run *ints, rk_ready_run *floats,
                           rk_ready_run *doubles)
{
    r->run = r->type.kind == RK_KIND_INT ? ints : r->type.kind == RK_KIND_FLOAT ? floats : doubles;
}

static void choose_call(rk_ready *r)
{
    r->run = rk_run_call;
    for (uint32_t i = 0; r->fn->null == RK_NULL_ANY && i < r->n; i++)
        r->optional |= r->types[i].optional;
}

rk_status rk_ready_resolve(rk_ready *r, const rk_ops *ops)
{
    r->masked = r->type.optional && rk_kind_has_mask(r->type.kind);
    switch ((rk_core)r->core) {
    case RK_CORE_MOD:
        choose_by_kind(r, rk_run_mod_int, rk_run_mod_float, rk_run_mod_double);
        break;
    case RK_CORE_POW:
        choose_by_kind(r, NULL, rk_run_pow_float, rk_run_pow_double);
        break;
    case RK_CORE_EQ:
    case RK_CORE_NE:
    case RK_CORE_LT:
    case RK_CORE_LE:
    case RK_CORE_GT:
    case RK_CORE_GE:
        choose_comparison(r, ops);
        break;
    case RK_CORE_COALESCE:
        choose_coalesce(r, ops);
        break;
    case RK_CORE_IF:
        choose_if(r, ops);
        break;
    case RK_CORE_IS_MISSING:
        r->map = ops->core[RK_CORE_IS_MISSING][r->types[0].kind];
        r->run = real(r->types[0]) ? NULL : run_missing;
        break;
    case RK_CORE_CONVERT:
        choose_convert(r, ops);
        break;
    case RK_CORE_IN:
        r->run = rk_run_in;
        break;
    case RK_CORE_INDEX:
        r->run = rk_run_index;
        break;
    case RK_CORE_LIST:
        r->run = rk_run_list;
        break;
    case RK_CORE_CALL:
        choose_call(r);
        break;
    default:
        r->map = ops->core[r->core][r->type.kind];
        break;
    }
    if (!r->run && r->map)
        r->run = r->masked ? run_masked : run_plain;
    const bool needs_map = r->run == run_plain || r->run == run_masked || r->run == run_coalesce ||
                           r->run == run_if_masked || r->run == run_convert;
    return r->run && (r->map || !needs_map) ? RK_OK : RK_EBUG;
}
