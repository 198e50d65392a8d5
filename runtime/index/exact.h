/* Exact search by looking at every vector: bounds by 8-bit codes say which ones can be among the k
 * best, and only those are scored in float. See README.md for why what it gives is what scoring
 * everything would. Used by search.c. */
#ifndef RK_INDEX_EXACT_H
#define RK_INDEX_EXACT_H

#include "runtime/index/scratch.h"

typedef struct rk_exact {
    const rk_index *index;
    rk_index_scratch *scratch;
    const rk_index_filter *filter; /* NULL: every row passes */
    const rk_flag *stop;           /* may be NULL */
    rk_seeker *seekers;            /* [n] of finite numbers; keep.k is 1 .. index->n */
    uint32_t n;
} rk_exact;

/* Queries that are best looked for at once. */
uint32_t rk_exact_most(const rk_index *index, uint32_t k);

/* Finds what each seeker keeps; memory is taken from the room of the scratch. RK_OK, RK_ENOMEM,
 * RK_ESTOP, or what the filter failed with. */
RK_NODISCARD rk_status rk_exact_run(const rk_exact *scan);

#endif
