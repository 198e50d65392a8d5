/* What an index is made of, as hashes: by them an engine knows an index again that was built for
 * another plan, or by another process. */
#ifndef RK_EXEC_INDEX_KEY_H
#define RK_EXEC_INDEX_KEY_H

#include "runtime/index/store.h"
#include "runtime/plan/plan.h"
#include "runtime/source/source.h"

typedef struct rk_index_origin {
    uint64_t maker;  /* how a row becomes a vector: operations, constants, models; not the names of
                        things, nor what else the plan does. Never 0 */
    uint64_t source; /* that, and the keys of all rows and the data that it reads of sources; 0: not
                        known */
} rk_index_origin;

/* A plan, with its sources where they are loaded. */
typedef struct rk_index_world {
    const rk_plan *plan;
    const rk_relation *relations; /* [plan.sources.len], or NULL */
    const rk_atoms *strings;      /* of both */
} rk_index_world;

/* Of index `index` of the plan. RK_ENOMEM. */
RK_NODISCARD rk_status rk_index_origin_of(const rk_index_world *world, uint32_t index,
                                          rk_index_origin *out);

/* The key of an index of this origin, built in this form or read from this file. */
rk_index_key rk_index_key_of(const rk_plan_index *index, const rk_index_origin *origin);

#endif
