/* CALL: a function of the standard library over a block, with its null rule. */
#include "runtime/exec/instr.h"

/* Items whose arguments are all there: masks, and NaN of real arguments that may be missing. */
static void find_present(const rk_block *block, const rk_ready *ready, uint64_t keep[2])
{
    keep[0] = keep[1] = UINT64_MAX;
    for (uint32_t i = 0; ready->optional && i < ready->n; i++) {
        const rk_reg *const reg = rk_in(block, ready, i);
        if (!ready->types[i].optional)
            continue;
        uint64_t has[2] = {rk_reg_word(reg, 0), rk_reg_word(reg, 1)};
        if (ready->types[i].kind == RK_KIND_FLOAT)
            block->ops->has_float(has, reg->data, block->n);
        else if (ready->types[i].kind == RK_KIND_DOUBLE)
            block->ops->has_double(has, reg->data, block->n);
        keep[0] &= has[0];
        keep[1] &= has[1];
    }
}

/* What the caller sees to under RK_NULL_ANY, whatever the body wrote there. */
static void apply_present(const rk_block *block, const rk_ready *ready, const uint64_t keep[2])
{
    rk_reg *const out = rk_out(block, ready);
    if (ready->masked) {
        out->present[0] &= keep[0];
        out->present[1] &= keep[1];
        return;
    }
    if (!rk_kind_is_real(ready->type.kind))
        return;
    _Alignas(64) uint8_t bytes[RK_FN_BLOCK];
    block->ops->unpack(bytes, keep);
    if (ready->type.kind == RK_KIND_FLOAT)
        block->ops->blank_float(out->data, bytes, block->n);
    else
        block->ops->blank_double(out->data, bytes, block->n);
}

rk_status rk_run_call(const rk_block *block, const rk_ready *ready)
{
    uint64_t keep[2];
    rk_reg *const out = rk_out(block, ready);
    find_present(block, ready, keep);
    for (uint32_t i = 0; i < ready->n; i++) {
        const rk_reg *const reg = rk_in(block, ready, i);
        block->args[i] = (rk_arg){ready->types[i], reg->step, reg->data, reg->present, reg->child};
    }
    if (ready->masked)
        memcpy(out->present, keep, sizeof keep);
    const rk_call call = {
        .n = block->n,
        .n_args = ready->n,
        .args = block->args,
        .result = {ready->type, out->data, ready->masked ? out->present : NULL, out->children},
        .math = block->math,
        .strings = block->strings,
        .scratch = block->scratch,
        .now = block->now,
    };
    RK_TRY(ready->fn->kernel(&call));
    if (out->children)
        out->child = out->children->data;
    if (ready->optional)
        apply_present(block, ready, keep);
    return RK_OK;
}
