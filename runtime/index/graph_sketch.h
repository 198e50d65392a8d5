/* Sketches: short codes of long vectors, which walks through a graph look at, and scans before the
 * whole codes. A set of vectors that go mostly along a few directions (principal components) is
 * known well by its numbers along these; a sketch has them, and the length of what is left, coded
 * like a vector of a set of its own. What a walk found is put in order by the whole codes. Made by
 * build.c and graph_take.c, walked over by graph_build.c and graph_search.c, scanned by exact.c;
 * README.md has the sums.
 *
 * Of the tail of a sketch, `square` is that of the vector's code, so that distances by sketches are
 * like those by codes. Where axes bound lengths (rk_index.bounding), vectors are no nearer to each
 * other than their sketches, but for errors: `error` is all that of a sketch, from the vector on,
 * and `length` the square of the sketch itself. */
#ifndef RK_INDEX_GRAPH_SKETCH_H
#define RK_INDEX_GRAPH_SKETCH_H

#include "runtime/index/build.h"
#include "runtime/index/codes.h"

enum {
    RK_SKETCH_MOST = 240,   /* numbers */
    RK_SKETCH_STRIDE = 256, /* bytes of such a sketch */
};

/* The sketches of an index that has them as a set of vectors: its n, dim, codes, stride, mean. */
rk_index rk_sketch_set(const rk_index *index);

/* Makes sketches of an index that has codes, in its memory, by place, if searches are faster with
 * them: the codes are many and long, and sketches know enough of them. *sketches is then what
 * index->sketches is, and else NULL. Of the options it reads threads, cpu and stop; the bytes do
 * not depend on the first two. RK_OK, RK_ENOMEM, RK_ESTOP. */
RK_NODISCARD rk_status rk_sketch_make(rk_index *index, const rk_index_options *options,
                                      uint8_t **sketches);

/* The same of sketches of so many numbers, 2 .. RK_SKETCH_MOST and no more than there are, whether
 * they pay and know enough or not: for tests. None are made of codes that say nothing. */
RK_NODISCARD rk_status rk_sketch_make_of(rk_index *index, uint32_t numbers,
                                         const rk_index_options *options, uint8_t **sketches);

/* Whether the axes of an index with sketches bound lengths: no vector is longer along them than it
 * is. RK_ENOMEM. */
RK_NODISCARD rk_status rk_sketch_check(const rk_index *index, const rk_code_ops *ops,
                                       bool *bounding);

/* The sketch of a query from its code: `room` is of RK_SKETCH_STRIDE bytes at a multiple of 64. Its
 * error is that from the code on. */
void rk_sketch_query(const rk_index *index, const rk_code_ops *ops, const rk_coded *query,
                     int8_t *room, rk_coded *out);

/* How many candidates a walk keeps so that ef are left by the whole codes. */
uint32_t rk_sketch_ef(const rk_index *index, uint32_t ef);

#endif
