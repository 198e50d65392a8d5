/* limit(k): the first k items. */
#include "runtime/stage/stage_rows.h"

static rk_status limit_run(rk_stage_call *call)
{
    call->n_out = rk_stage_count(call->params[0], call->n);
    for (uint32_t i = 0; i < call->n_out; i++)
        call->out[i] = i;
    return RK_OK;
}

const rk_stage rk_stage_limit = {
    .name = "limit",
    .args = "(k: int)",
    .kind = RK_STAGE_SELECT,
    .run = limit_run,
    .doc = "Lets through the first k items; k <= 0 keeps nothing.",
    .example = "limit(20)",
};
