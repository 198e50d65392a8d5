/* Which of the candidates near a place become its links: the nearest first, and none that one
 * already taken is much nearer to, since the way to it leads there. (Robust pruning: Jayaram
 * Subramanya et al., DiskANN, 2019.) Used by the builder. */
#ifndef RK_INDEX_GRAPH_PRUNE_H
#define RK_INDEX_GRAPH_PRUNE_H

#include "runtime/index/graph_walk.h"

typedef struct rk_pruner {
    const rk_index *index; /* its codes */
    const rk_code_ops *ops;
    const rk_length *lengths; /* [n] or NULL, as a graph has them */
    float alpha;              /* of squared distances: how much nearer; 1: any */
    uint32_t degree;          /* links at most */
    int8_t *room;             /* [stride] at a multiple of 64 */
} rk_pruner;

/* Squared distances, or with lengths products, from a place to n others. */
void rk_prune_distances(const rk_pruner *pruner, uint32_t from, const uint32_t *places, uint32_t n,
                        float *out);

/* Takes of n candidates, ascending and of squared distances, at most `degree` into links[], the
 * nearest first; their number. */
uint32_t rk_prune(const rk_pruner *pruner, const rk_near *nears, uint32_t n, uint32_t *links);

/* Sorts candidates. */
void rk_nears_sort(rk_near *nears, uint32_t n);

#endif
