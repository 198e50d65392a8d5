/* Kernels of exact scans, for each CPU level. Private to scans. */
#ifndef RK_INDEX_EXACT_OPS_H
#define RK_INDEX_EXACT_OPS_H

#include "runtime/index/bound.h"

/* Codes of 64 vectors turned around, for several queries at once: 4 numbers of each of 16 vectors
 * stand in 64 bytes, so that sums stay in their lanes. Which 16 follow each other is the level's.
 */
enum { RK_TILE = 64, RK_TILE_QUERIES = 12, RK_TILE_STEP = 4 };
typedef struct rk_tile {
    uint8_t *codes; /* [words * 16 * 4][16][4] at a multiple of 64 */
    uint32_t n;     /* vectors, 1 .. 64; the others of blocks[] are any */
    uint32_t steps; /* of 4 numbers */
    /* A sum of products s may be of one of the best where
     *   s >= bounds[0][i] * by[0] + bounds[1][i] * by[1] + bounds[2][i] * by[2]
     * or where that is NaN; by is the query's. */
    float bounds[3][RK_TILE] __attribute__((aligned(64)));
    const uint8_t *blocks[RK_TILE];
} rk_tile;

typedef struct rk_tile_query {
    const int8_t *bytes; /* [stride]; coarse: -16 .. 16 */
    int32_t start;       /* of each sum: minus 128 times the sum of the bytes */
    float by[3];
} rk_tile_query;

typedef struct rk_tile_hit {
    uint16_t query, vector;
    int32_t sum; /* of products; coarse: none */
} rk_tile_hit;

typedef struct rk_tile_ops {
    bool coarse; /* by queries of six bits, whose hits are looked at again by the whole query */
    uint32_t queries; /* at once, 1 .. RK_TILE_QUERIES */
    /* Turns blocks[0 .. 64) around. */
    void (*turn)(rk_tile *tile, uint32_t words);
    /* The hits of n queries, 1 .. queries, in the tile: at most n * RK_TILE, query by query. */
    uint32_t (*run)(const rk_tile *tile, const rk_tile_query *queries, uint32_t n,
                    rk_tile_hit *hits);
} rk_tile_ops;

typedef struct rk_exact_ops {
    /* Which of n vectors may be among the best: fills hits[] with their numbers and returns how
     * many. Their codes, or sketches, stand at places[], or follow each other. */
    uint32_t (*near)(const rk_limit *limit, const uint8_t *codes, size_t stride,
                     const uint32_t *places, const float *distances, uint32_t n, uint32_t *hits);
    /* The bits that are set in n words. */
    uint64_t (*count)(const uint64_t *words, size_t n);
} rk_exact_ops;

const rk_exact_ops *rk_exact_ops_get(rk_cpu_level cpu);
/* NULL where tiles do not pay. */
const rk_tile_ops *rk_tile_ops_get(rk_cpu_level cpu);

#endif
