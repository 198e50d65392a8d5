/* The candidates of a walk, the nearest first, in one sorted row of keys: a distance, a place, and
 * whether its links were followed. Keys order by distance, then by place, so that a walk goes the
 * same way everywhere. Used by whoever walks a graph and by its builder. */
#ifndef RK_INDEX_GRAPH_BEAM_H
#define RK_INDEX_GRAPH_BEAM_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The distance as a number that orders like it << 32 | place << 1 | followed. */
typedef uint64_t rk_near;

#define RK_NEAR_FOLLOWED UINT64_C(1)

static inline rk_near rk_near_make(float distance, uint32_t place)
{
    uint32_t bits;
    memcpy(&bits, &distance, sizeof bits);
    const uint32_t flip = (uint32_t)((int32_t)bits >> 31) | UINT32_C(0x80000000);
    return (uint64_t)(bits ^ flip) << 32 | (uint64_t)place << 1;
}

static inline uint32_t rk_near_place(rk_near near) { return (uint32_t)near >> 1; }

static inline float rk_near_distance(rk_near near)
{
    const uint32_t bits = (uint32_t)(near >> 32);
    const uint32_t own = bits ^ (bits & UINT32_C(0x80000000) ? UINT32_C(0x80000000) : UINT32_MAX);
    float distance;
    memcpy(&distance, &own, sizeof distance);
    return distance;
}

typedef struct rk_beam {
    rk_near *nears; /* [cap] ascending */
    uint32_t n, cap;
} rk_beam;

static inline bool rk_beam_wants(const rk_beam *beam, rk_near near)
{
    return beam->n < beam->cap || near < beam->nears[beam->n - 1];
}

enum { RK_BEAM_COUNTED = 8 }; /* so few entries are counted sooner than searched */

/* The number of entries below `near`. */
static inline uint32_t rk_beam_find(const rk_beam *beam, rk_near near)
{
    const rk_near *at = beam->nears;
    uint32_t len = beam->n, n = 0;
    while (len > RK_BEAM_COUNTED) { /* a product, of which no compiler makes a branch */
        const uint32_t half = len / 2;
        at += half * (size_t)(at[half - 1] < near);
        len -= half;
    }
    for (uint32_t i = 0; i < len; i++)
        n += at[i] < near;
    return (uint32_t)(at - beam->nears) + n;
}

/* Puts in what the beam wants; the farthest leaves when it is full. Returns where. */
static inline uint32_t rk_beam_add(rk_beam *beam, rk_near near)
{
    const uint32_t at = rk_beam_find(beam, near);
    const uint32_t last = beam->n < beam->cap ? beam->n++ : beam->cap - 1;
    memmove(beam->nears + at + 1, beam->nears + at, (last - at) * sizeof *beam->nears);
    beam->nears[at] = near;
    return at;
}

#endif
