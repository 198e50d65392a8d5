/* The order in which a native part computes. A call keeps no register, so of an operation's
 * operands the one with a call in it comes first: what is computed before a call goes to the stack
 * and back. What nobody needs is left out. */
#include "compiler/emit/kernel.h"

typedef struct ordering {
    rk_arena *arena;
    const rk_plan *plan;
    const rk_plan_kernel *kernel;
    const rk_division *division;
    uint32_t level;
    bool *calls; /* [instructions] there is a call in it or below it */
    bool *done;
    rk_order *out;
    RK_VEC(uint32_t) waiting;
} ordering;

static bool is_here(const ordering *o, uint32_t i)
{
    return o->division->native[i] && o->division->level[i] == o->level;
}

/* The instruction of this part behind operand k, or RK_PLAN_NONE. */
static uint32_t operand(const ordering *o, uint32_t i, uint32_t k)
{
    const rk_instr *const instr = rk_kernel_instr(o->plan, o->kernel, i);
    const uint32_t reg = rk_instr_reg(o->plan, instr, k);
    const bool input = reg < o->kernel->n_inputs;
    return input || !is_here(o, reg - o->kernel->n_inputs) ? RK_PLAN_NONE
                                                           : reg - o->kernel->n_inputs;
}

static void find_calls(const ordering *o)
{
    for (uint32_t i = 0; i < o->kernel->n_instrs; i++) {
        const rk_instr *const instr = rk_kernel_instr(o->plan, o->kernel, i);
        o->calls[i] = is_here(o, i) && rk_op_calls(o->plan, o->kernel, instr);
        for (uint32_t k = 0; k < instr->n; k++) {
            const uint32_t from = operand(o, i, k);
            o->calls[i] |= from != RK_PLAN_NONE && o->calls[from];
        }
    }
}

/* An operand that is still to be computed: one with a call if there is one. */
static uint32_t next_operand(const ordering *o, uint32_t i)
{
    uint32_t next = RK_PLAN_NONE;
    for (uint32_t k = 0; k < rk_kernel_instr(o->plan, o->kernel, i)->n; k++) {
        const uint32_t from = operand(o, i, k);
        if (from == RK_PLAN_NONE || o->done[from])
            continue;
        if (next == RK_PLAN_NONE || (o->calls[from] && !o->calls[next]))
            next = from;
    }
    return next;
}

/* Instruction i and all that it needs. */
static rk_status add(ordering *o, uint32_t i)
{
    if (!rk_vec_push(o->arena, &o->waiting, i))
        return RK_ENOMEM;
    while (o->waiting.len) {
        const uint32_t top = o->waiting.items[o->waiting.len - 1], below = next_operand(o, top);
        if (below != RK_PLAN_NONE) {
            if (!rk_vec_push(o->arena, &o->waiting, below))
                return RK_ENOMEM;
            continue;
        }
        o->waiting.len--;
        o->done[top] = true;
        o->out->instrs[o->out->n++] = top;
    }
    return RK_OK;
}

rk_status rk_part_order(rk_arena *arena, const rk_plan *plan, const rk_plan_kernel *kernel,
                        const rk_division *division, uint32_t level, const bool *wanted,
                        rk_order *out)
{
    ordering o = {arena, plan, kernel, division, level, NULL, NULL, out, {0}};
    *out = (rk_order){RK_NEW_ARRAY(arena, uint32_t, kernel->n_instrs), 0};
    o.calls = RK_NEW_ARRAY(arena, bool, kernel->n_instrs);
    o.done = RK_NEW_ARRAY(arena, bool, kernel->n_instrs);
    if (!out->instrs || !o.calls || !o.done)
        return RK_ENOMEM;
    find_calls(&o);
    for (uint32_t i = 0; i < kernel->n_instrs; i++)
        if (wanted[i] && is_here(&o, i) && !o.done[i])
            RK_TRY(add(&o, i));
    return RK_OK;
}
