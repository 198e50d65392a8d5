/* Vectors as 8-bit codes, and distances by them: what scans and graphs look at before anything is
 * scored in float. A product of codes is an int, so all CPU levels agree to the bit.
 *
 * A code stands for x' = mean + scale * (c - 128), c a byte for each number, where x is the vector
 * (COSINE: divided by its length). Its block of `stride` bytes ends in a tail of what distances and
 * bounds need. A query is coded the same way with signed bytes. */
#ifndef RK_INDEX_CODES_H
#define RK_INDEX_CODES_H

#include "runtime/index/index.h"

/* The last bytes of a block. */
typedef struct rk_code_tail {
    float scale;
    float square; /* |x' - mean|^2 */
    float error;  /* |x - x'|, rounded up: of the bound of exact scans */
    float offset; /* of DOT: <x' - mean, mean>; else 0 */
} rk_code_tail;

/* Bytes of a block: dim and the tail, rounded up to 64. */
size_t rk_code_stride(uint32_t dim);

/* A query made ready. A distance by codes is smaller the nearer; distances order as scores do,
 * backwards and roughly:
 *   L2, COSINE  |q' - x'|^2
 *   DOT         -<q', x'>
 * each less what is the same for all x. */
typedef struct rk_coded {
    const int8_t *bytes; /* [stride] at a multiple of 64; 0 from dim on */
    size_t stride;
    float scale; /* of the bytes */
    float sum;   /* scale * the sum of the bytes */
    float by;    /* DOT: 1 / 2, else 1: of the square and offset in the tail */
    rk_index_metric metric;
} rk_coded;

/* The kernels of a CPU level. */
typedef struct rk_code_ops {
    /* out[i] = the distance of the code at places[i], for n places in any order; they are read
     * ahead by the callee no further than places[n - 1]. */
    void (*gathered)(const rk_coded *query, const uint8_t *codes, const uint32_t *places,
                     uint32_t n, float *out);
    /* The same of n codes that follow each other. */
    void (*following)(const rk_coded *query, const uint8_t *codes, uint32_t n, float *out);
} rk_code_ops;

const rk_code_ops *rk_code_ops_get(rk_cpu_level cpu);

/* Codes one vector into a block of rk_code_stride(dim) bytes. */
void rk_code_vector(const rk_index *index, const float *vector, uint8_t *out);
/* Makes a query ready in `room`, stride bytes at a multiple of 64. */
void rk_code_query(const rk_index *index, const float *vector, int8_t *room, rk_coded *out);
/* The same of a vector of the index, from its code: for graphs, which compare vectors of one set.
 * distance + rk_code_own(index, place) is |a' - b'|^2 whatever the metric. */
void rk_code_query_at(const rk_index *index, uint32_t place, int8_t *room, rk_coded *out);

#endif
