/* Dividing a kernel into native parts and instructions of the interpreter. */
#include "compiler/emit/kernel.h"

typedef struct dividing {
    const rk_plan *plan;
    const rk_plan_kernel *kernel;
    rk_division *out;
} dividing;

static uint32_t raise(uint32_t level, uint32_t to) { return to > level ? to : level; }

/* The first level at which the operands are there. A level's native part comes before the rest. */
static uint32_t first_level(const dividing *d, uint32_t i)
{
    const rk_instr *const instr = rk_kernel_instr(d->plan, d->kernel, i);
    uint32_t level = 0;
    for (uint32_t k = 0; k < instr->n; k++) {
        const uint32_t reg = rk_instr_reg(d->plan, instr, k);
        if (reg < d->kernel->n_inputs)
            continue;
        const uint32_t from = reg - d->kernel->n_inputs;
        const bool waits = d->out->native[i] && !d->out->native[from];
        level = raise(level, d->out->level[from] + waits);
    }
    return level;
}

/* The operands of i are needed at its level. */
static void limit_operands(const dividing *d, uint32_t i, uint32_t *latest)
{
    const rk_instr *const instr = rk_kernel_instr(d->plan, d->kernel, i);
    for (uint32_t k = 0; k < instr->n; k++) {
        const uint32_t reg = rk_instr_reg(d->plan, instr, k);
        if (reg < d->kernel->n_inputs)
            continue;
        uint32_t *const of = &latest[reg - d->kernel->n_inputs];
        if (d->out->level[i] < *of)
            *of = d->out->level[i];
    }
}

/* Native work moves to the last level at which it is in time. */
static void delay(const dividing *d, uint32_t *latest)
{
    const uint32_t last = d->out->n_levels ? d->out->n_levels - 1 : 0;
    for (uint32_t i = d->kernel->n_instrs; i-- > 0;) {
        if (d->out->native[i])
            d->out->level[i] = latest[i] < last ? latest[i] : last;
        limit_operands(d, i, latest);
    }
}

rk_status rk_kernel_divide(rk_arena *arena, const rk_plan *plan, const rk_plan_kernel *kernel,
                           rk_division *out)
{
    const dividing d = {plan, kernel, out};
    *out = (rk_division){0};
    out->native = RK_NEW_ARRAY(arena, bool, kernel->n_instrs);
    out->level = RK_NEW_ARRAY(arena, uint32_t, kernel->n_instrs);
    uint32_t *const latest = RK_NEW_ARRAY(arena, uint32_t, kernel->n_instrs);
    if (!out->native || !out->level || !latest)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < kernel->n_instrs; i++) {
        out->native[i] = rk_op_native(plan, kernel, rk_kernel_instr(plan, kernel, i));
        out->n_native += out->native[i];
        out->level[i] = first_level(&d, i);
        out->n_levels = raise(out->n_levels, out->level[i] + 1);
        latest[i] = UINT32_MAX;
    }
    delay(&d, latest);
    return RK_OK;
}
