/* where(cond): lets through the items that meet a condition, in their order. */
#include "runtime/stage/stage_rows.h"

static rk_status where_run(rk_stage_call *call)
{
    const uint8_t *const meets = call->key->data;
    const uint64_t *const present = call->key->present;
    uint32_t n = 0;
    for (uint32_t i = 0; i < call->n; i++) {
        call->out[n] = i;
        n += meets[i] && (!present || rk_bit_get(present, i));
    }
    call->n_out = n;
    return RK_OK;
}

const rk_stage rk_stage_where = {
    .name = "where",
    .args = "(cond: cond)",
    .kind = RK_STAGE_SELECT,
    .run = where_run,
    .doc = "Lets through the items that meet the condition, in their order.",
    .example = "where(price <= query.budget)",
};
