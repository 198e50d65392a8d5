/* The rule that picks how a search goes: through the graph, or over the rows that pass one after
 * the other. Both are priced in nanoseconds, roughly, by numbers that were measured once; see
 * README.md. Used by search.c. */
#ifndef RK_INDEX_CHOOSE_H
#define RK_INDEX_CHOOSE_H

#include "runtime/index/index.h"

/* Sets smaller than this get no graph: a scan is as fast. */
enum { RK_GRAPH_LEAST_ROWS = 1000 };

typedef struct rk_choice {
    bool graph;
    uint32_t ef;       /* candidates that the graph's search keeps: k .. n */
    uint32_t n_scored; /* of the nearest, how many are worth scoring in float: k .. */
    uint32_t passing;  /* about how many rows pass */
    uint64_t most;     /* distances, after which a filtered walk costs as much as two scans */
} rk_choice;

/* `passing`: about how many rows pass; n without a filter. */
rk_choice rk_index_choose(const rk_index *index, const rk_index_query *query, uint32_t passing);

/* About how many rows pass: exactly by bits and of 1,024 rows and fewer, else by a sample spread
 * evenly over all, the larger the fewer pass. At least 1. Adds to the scratch's n_asked. Fails
 * as the filter does. */
RK_NODISCARD rk_status rk_index_estimate(const rk_index *index, rk_index_scratch *scratch,
                                         const rk_index_filter *filter, uint32_t *passing);

#endif
