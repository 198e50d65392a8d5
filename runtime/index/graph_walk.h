/* Walking a graph towards a query: the nearest candidate whose links were not followed is next,
 * until there is none among the `cap` nearest. Used by searches and by the builder. */
#ifndef RK_INDEX_GRAPH_WALK_H
#define RK_INDEX_GRAPH_WALK_H

#include "runtime/base/arena.h"
#include "runtime/index/codes.h"
#include "runtime/index/graph_beam.h"

/* What makes a product of a distance. Where inner products count, vectors are near whose product is
 * large, lengths weighed down a little. */
typedef struct rk_length {
    float square; /* |x'|^2 */
    float by;     /* |x'|^(-1/4) */
} rk_length;

/* -2 <a, b> (|a| |b|)^(-1/4) from |a - b|^2. */
static inline float rk_length_product(rk_length a, rk_length b, float distance)
{
    return (distance - a.square - b.square) * (a.by * b.by);
}

/* What is walked. */
typedef struct rk_walk_graph {
    const uint32_t *links; /* [n][width], rows filled up with RK_INDEX_NONE */
    uint32_t width;
    uint32_t n;
    const uint8_t *codes; /* [n][stride] */
    size_t stride;
    const rk_length *lengths; /* [n], by which distances become products, or NULL */
} rk_walk_graph;

/* Room of one thread: as large as its largest walk. */
typedef struct rk_walker {
    const rk_code_ops *ops;
    rk_arena arena;
    uint32_t n; /* of the largest graph */
    uint32_t width;
    uint64_t *seen; /* a bit a place; all 0 between walks */
    /* What was looked at, in this order: places, and their distances. */
    uint32_t *places;
    float *distances;
    size_t n_looked, cap_looked;
    rk_beam beam;
    uint32_t cap_beam; /* that there is memory for */
} rk_walker;

/* {.ops = …} is an empty one. */
void rk_walker_free(rk_walker *walker);

/* Makes room for walks of the graph with a beam of `cap`; false: out of memory. A warm walker
 * allocates nothing. */
RK_NODISCARD bool rk_walker_reserve(rk_walker *walker, const rk_walk_graph *graph, uint32_t cap);

typedef struct rk_walk {
    const rk_walk_graph *graph;
    const rk_coded *query;
    float own;        /* with lengths: rk_code_own of the place that is looked for, */
    rk_length length; /* and its length */
    const uint32_t *entries;
    uint32_t n_entries; /* 1 .. RK_WALK_MOST_ENTRIES */
    uint32_t cap;       /* of the beam at first; reserved */
    uint64_t most;      /* looks after which the walk ends */
    /* With `enough` in the beam it also ends when the next candidate is more than `ratio` times as
     * far as the k-th, by squared distances; 0: it does not. */
    float ratio;
    uint32_t k, enough;
    float square; /* what makes a squared distance of one */
    float gap;    /* or so much farther; 0: not that either */
    /* And, with limited, when the next candidate is farther than `limit`, which may only fall: with
     * `enough` in the beam what is farther does not come in. */
    bool limited;
    float limit;
} rk_walk;

enum { RK_WALK_MOST_ENTRIES = 1024 };

/* The share of a query's square that is lost in distances. */
#define RK_WALK_ROUGH 0x1p-18F

/* Begins at the entry that is nearest. */
void rk_walk_begin(rk_walker *walker, const rk_walk *walk);
/* Goes on until all of the beam was followed, or what is left is too far; false: out of memory. */
RK_NODISCARD bool rk_walk_on(rk_walker *walker, const rk_walk *walk);
/* Looks at the other entries too: for walks that ended before the beam was full, as some places are
 * reached from these alone. False: out of memory. */
RK_NODISCARD bool rk_walk_enter(rk_walker *walker, const rk_walk *walk);
/* Widens the beam to `cap`: what it had no room for comes back, but for what is too far. False: out
 * of memory. */
RK_NODISCARD bool rk_walk_widen(rk_walker *walker, const rk_walk *walk, uint32_t cap);
/* True if what the beam has at `at` is too far by the walk's ratio or limit. */
bool rk_walk_is_far(const rk_beam *beam, const rk_walk *walk, uint32_t at);
/* Forgets the walk. */
void rk_walk_end(rk_walker *walker);

#endif
