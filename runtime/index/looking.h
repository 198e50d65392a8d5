/* A query of an exact scan: what may be among the best, and the limit that falls as more is seen.
 * Private to scans. */
#ifndef RK_INDEX_LOOKING_H
#define RK_INDEX_LOOKING_H

#include "runtime/index/exact.h"
#include "runtime/index/exact_ops.h"

/* A place that may be among the best. */
typedef struct rk_candidate {
    rk_range range;
    uint32_t place;
} rk_candidate;

/* What kernels see of a query: of its code, or of its sketch. */
typedef struct rk_view {
    rk_limit limit;        /* as the kernels want it */
    rk_tile_query tiled;   /* as tiles want it */
    double factor, square; /* as rk_coded has them, of the query that tiles see, */
    double coarse;         /* and how far that is from the coded one, rounded up */
} rk_view;

enum { RK_WAITING = 64 };

typedef struct rk_looking {
    const rk_exact *scan;
    rk_seeker *seeker;
    rk_bound bound;
    rk_view by_code;
    rk_coded sketch;   /* of an index whose sketches are looked at first, its square left out of */
    rk_view by_sketch; /* distances; else empty */
    rk_candidate *candidates; /* [cap] */
    uint32_t n, cap;
    uint32_t waiting[RK_WAITING]; /* places that are near by sketches, to be looked at by codes */
    uint32_t n_waiting;
} rk_looking;

/* Begins; memory is taken from the scratch's room. RK_ENOMEM. */
RK_NODISCARD rk_status rk_looking_init(const rk_exact *scan, rk_seeker *seeker, rk_looking *out);

/* Sets what kernels see by the limit of the bound, which was lowered. */
void rk_looking_limit(rk_looking *looking);

/* Takes in the vector at a place, which is at `distance` by its code. */
void rk_looking_add(rk_looking *looking, uint32_t place, float distance);

/* Scores what is left, so that the seeker keeps the best of all that was added. */
void rk_looking_finish(rk_looking *looking);

/* A tile's bounds for limits of a kind, from the tails of its blocks of `stride` bytes. */
void rk_tile_bounds(rk_limit_kind kind, size_t stride, rk_tile *tile);

#endif
