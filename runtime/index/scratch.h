/* What one thread needs to search, and how a vector is scored: for search.c and the ways it goes.
 */
#ifndef RK_INDEX_SCRATCH_H
#define RK_INDEX_SCRATCH_H

#include "runtime/base/arena.h"
#include "runtime/base/product.h"
#include "runtime/index/codes.h"
#include "runtime/index/graph.h"
#include "runtime/index/keep.h"

struct rk_index_scratch {
    rk_arena own;  /* this */
    rk_arena room; /* of one part of a batch */
    const rk_product *product;
    const rk_code_ops *codes;
    const struct rk_exact_ops *scan;
    const struct rk_tile_ops *tiles; /* NULL: none */
    rk_graph_room *graph;
    rk_index_stats stats;
};

/* A query of a batch. */
typedef struct rk_seeker {
    const float *vector;
    uint32_t number; /* of the query in its batch */
    double length;   /* COSINE: as the contract has it */
    rk_keep keep;    /* what was found */
} rk_seeker;

static inline uint32_t rk_index_row(const rk_index *index, uint32_t place)
{
    return index->rows ? index->rows[place] : place;
}
static inline uint32_t rk_index_place(const rk_index *index, uint32_t row)
{
    return index->places ? index->places[row] : row;
}

/* Scores the vectors at n places in float, by the contract, and keeps the best. */
void rk_seeker_score(const rk_index *index, rk_index_scratch *scratch, rk_seeker *seeker,
                     const uint32_t *places, uint32_t n);

#endif
