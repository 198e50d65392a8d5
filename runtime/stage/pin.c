/* pin(cond, at: p): moves what meets a condition to position p and on. */
#include "runtime/stage/stage_rows.h"

/* The others keep their order and fill the places before p and after the pinned ones; when there
 * are fewer than p - 1 of them, the pinned ones follow the last. */
static rk_status pin_run(rk_stage_call *call)
{
    uint32_t *const others = rk_arena_alloc_column(call->scratch, call->n, sizeof *others);
    if (!others)
        return RK_ENOMEM;
    const uint32_t n_others = rk_stage_pick(call, false, 0);
    if (n_others)
        memcpy(others, call->out, n_others * sizeof *others);
    const int64_t p = call->params[0] < 1 ? 1 : call->params[0];
    const uint32_t before = p - 1 < n_others ? (uint32_t)(p - 1) : n_others;
    const uint32_t n_pinned = rk_stage_pick(call, true, before);
    if (n_others > before)
        memcpy(call->out + before + n_pinned, others + before,
               (n_others - before) * sizeof *others);
    call->n_out = call->n;
    return RK_OK;
}

const rk_stage rk_stage_pin = {
    .name = "pin",
    .args = "(cond: cond, at: int)",
    .kind = RK_STAGE_SELECT,
    .run = pin_run,
    .doc = "Moves the items that meet the condition to position `at` and on, in their order. "
           "Positions count from 1; beyond the others' end they come last, below 1 is 1.",
    .example = "pin(is_new, at: 8)",
};
