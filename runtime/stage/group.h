/* Numbers the groups of a list by a key, in order of first appearance. For `spread` and for `by:`
 * of aggregates. */
#ifndef RK_STAGE_GROUP_H
#define RK_STAGE_GROUP_H

#include "runtime/base/status.h"
#include "runtime/data/column.h"

#define RK_GROUP_NONE UINT32_MAX

/* groups[i] = number of item i's group; an item whose key is missing or NaN is in none. -0.0 and
 * 0.0 are one key. Any scalar kind. RK_ENOMEM. */
RK_NODISCARD rk_status rk_group_number(const rk_column *key, rk_arena *scratch, uint32_t *groups,
                                       uint32_t *n_groups);

#endif
