/* What the files of this folder share: the rows, and two helpers. */
#ifndef RK_STAGE_STAGE_ROWS_H
#define RK_STAGE_STAGE_ROWS_H

#include "runtime/stage/stage.h"

extern const rk_stage rk_stage_candidates, rk_stage_scan, rk_stage_nearest, rk_stage_union;
extern const rk_stage rk_stage_where, rk_stage_top, rk_stage_sort, rk_stage_limit;
extern const rk_stage rk_stage_spread, rk_stage_pin, rk_stage_sink;

/* k of n: within 0 .. n. */
static inline uint32_t rk_stage_count(int64_t k, uint32_t n)
{
    return k < 0 ? 0 : k < (int64_t)n ? (uint32_t)k : n;
}

/* Puts the places of items whose condition (call->key) is `meets` at out[at ..], in order; returns
 * how many. A missing condition is not met. */
uint32_t rk_stage_pick(rk_stage_call *call, bool meets, uint32_t at);

#endif
