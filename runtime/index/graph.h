/* The graph of neighbours: each place has links to places near it, not all in one direction, and a
 * search walks from the entries to the nearest ones. One layer, a fixed degree, 8-bit codes. Made
 * by build.c, searched by search.c, which scores what is found in float. */
#ifndef RK_INDEX_GRAPH_H
#define RK_INDEX_GRAPH_H

#include "runtime/base/arena.h"
#include "runtime/index/build.h"
#include "runtime/index/codes.h"

/* Links of a place in the file, as hnswlib counts m: 2 m, rounded up to a multiple of 16. */
uint32_t rk_graph_degree(uint32_t m);

/* The number of entries of a graph of so many places, with codes of `stride` bytes. */
uint32_t rk_graph_entries(size_t stride, uint32_t n_places);

/* ---- making ---- */

/* What rk_graph_build makes, in its arena. */
typedef struct rk_graph {
    uint32_t degree, ef_construction;
    uint32_t *order;   /* [n] the place in the given index of each place of the new one */
    uint32_t *links;   /* [n][degree] by new places: rk_index.links */
    uint32_t *entries; /* [n_entries] new places */
    uint32_t n_entries;
} rk_graph;

/* Makes the graph of an index that has codes, and so far no graph; of its arrays only codes and
 * mean are read. Of the options it reads m and ef_construction (0 for their defaults, else in
 * range), threads, cpu, stop and progress, which counts places. The graph depends on the codes,
 * their order and these two numbers alone. From the entries every place can be reached. RK_OK,
 * RK_ENOMEM, RK_ESTOP. */
RK_NODISCARD rk_status rk_graph_build(const rk_index *index, const rk_index_options *options,
                                      rk_arena *arena, rk_graph *out);

/* An index with vectors and codes by row, which are to be moved. */
typedef struct rk_graph_input {
    rk_index *index;
    float *vectors; /* the index's own */
    uint8_t *codes;
} rk_graph_input;

/* Builds the graph of an index and gives it its links, places and rows; vectors and codes move to
 * their places. RK_OK, RK_ENOMEM, RK_ESTOP; if it fails the index is of no use. */
RK_NODISCARD rk_status rk_graph_take(const rk_graph_input *input, const rk_index_options *options);

/* ---- searching ---- */

/* What one thread needs to walk; grows to what the largest walk needed. */
typedef struct rk_graph_room rk_graph_room;
rk_graph_room *rk_graph_room_new(rk_cpu_level cpu); /* NULL: out of memory */
void rk_graph_room_free(rk_graph_room *room);

/* How many times more candidates a walk follows where one row in `one_in` passes; see README.md. */
static inline double rk_graph_wider(double one_in) { return (3 + one_in) / 4; }

typedef struct rk_graph_walk {
    uint32_t k;                    /* neighbours that are looked for, 1 .. ef */
    uint32_t ef;                   /* candidates kept, of a typical query, 1 .. */
    uint32_t n_scored;             /* of those found, how many will be scored in float, 1 .. */
    const rk_index_filter *filter; /* NULL: every row passes */
    uint32_t passing;              /* with a filter: about how many of all rows pass it */
    uint64_t most; /* distances, about, after which it gives up; half of it costs as much as what
                      is done then */
    const rk_flag *stop; /* may be NULL */
} rk_graph_walk;

/* What a walk found: at most n_scored places that pass, the nearest by codes first. In the room
 * until the next walk. */
typedef struct rk_graph_found {
    const uint32_t *places; /* [n] */
    const float *distances; /* [n] by codes */
    uint32_t n;
    bool by_sketches; /* distances and order are; so few that all should be scored */
    bool gave_up; /* it had not seen enough when `most` was reached, or it was clear that it would
                     not; or, of a graph that others made, no link led on: scan instead */
    uint64_t n_distances, n_asked;
} rk_graph_found;

/* Of an index that has links. RK_OK, RK_ENOMEM, RK_ESTOP, or what the filter failed with. */
RK_NODISCARD rk_status rk_graph_search(const rk_index *index, rk_graph_room *room,
                                       const rk_coded *query, const rk_graph_walk *walk,
                                       rk_graph_found *out);

#endif
