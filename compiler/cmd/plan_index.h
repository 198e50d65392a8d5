/* What `rankc plan` says of indexes: of what they are, and how they are searched. */
#ifndef RK_CMD_PLAN_INDEX_H
#define RK_CMD_PLAN_INDEX_H

#include "runtime/plan/plan.h"

/* `index by_vec: hnsw of products, metric "dot", vectors of list 1`, its file, and for each search
 * which way it goes; lines without the last newline. */
void plan_index_describe(const rk_plan *plan, uint32_t index, rk_buf *out);

/* `, "indexes": [{"name": "by_vec", …}]` */
void plan_indexes_json(const rk_plan *plan, rk_buf *out);

#endif
