/* sink(cond): moves what meets a condition to the end. pin(cond, at: p) stands in pin.c. */
#include "runtime/stage/stage_rows.h"

static rk_status sink_run(rk_stage_call *call)
{
    const uint32_t n_others = rk_stage_pick(call, false, 0);
    call->n_out = n_others + rk_stage_pick(call, true, n_others);
    return RK_OK;
}

const rk_stage rk_stage_sink = {
    .name = "sink",
    .args = "(cond: cond)",
    .kind = RK_STAGE_SELECT,
    .run = sink_run,
    .doc = "Moves the items that meet the condition to the end, in their order.",
    .example = "sink(stock == 0)",
};
