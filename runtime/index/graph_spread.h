/* The spread of a set: how far the 1st, 2nd, 4th, 8th … neighbour of a typical vector is. By it a
 * search tells when it has seen enough: `ef` says how many candidates it keeps for a typical query;
 * one whose neighbours stand out needs fewer, one that has many alike needs more. Made by
 * graph_take.c and import.c, asked by graph_search.c; README.md has what it gives. */
#ifndef RK_INDEX_GRAPH_SPREAD_H
#define RK_INDEX_GRAPH_SPREAD_H

#include "runtime/index/build.h"

/* Measures index->spread of an index that is whole but for it; all 0 where there is none: of sets
 * of which most vectors are equal. For DOT vectors are queries, divided by their lengths, and a
 * distance is how much less a product is than the length of the longest code. Of the options it
 * reads threads, cpu and stop; what it finds does not depend on the first two. RK_OK, RK_ENOMEM,
 * RK_ESTOP. */
RK_NODISCARD rk_status rk_spread_make(rk_index *index, const rk_index_options *options);

/* True if a spread that stands in a file can be used. */
bool rk_spread_is_sane(const float *spread);

/* How much farther, in squared distance, the ef-th neighbour is than the k-th: 1 or more; 0 where
 * that is not known or ef <= k, and of DOT. */
float rk_spread_ratio(const rk_index *index, uint32_t k, uint32_t ef);

/* The same of ranks that need be neither whole nor ascending: how much farther, or nearer, the one
 * is than the other; 0 where that is not known. */
float rk_spread_between(const rk_index *index, float from, float to);

/* DOT has no ratio, but this: how much less, of a query of length 1, the product with the one is
 * than that with the other. */
float rk_spread_apart(const rk_index *index, float from, float to);

#endif
