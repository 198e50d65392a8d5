/* Vectors as 8-bit codes, and distances by them: what scans and graphs look at before anything is
 * scored in float. A product of codes is an int, so all CPU levels agree to the bit.
 *
 * A code stands for x' = mean + scale * (c - 128), c a byte for each number, where x is the vector
 * (COSINE: divided by its length). Its block of `stride` bytes begins with them and ends in a tail
 * of what distances and bounds need. A query is coded the same way with signed bytes; that of DOT
 * without taking the mean off, which changes a product by the same for all x. */
#ifndef RK_INDEX_CODES_H
#define RK_INDEX_CODES_H

#include "runtime/index/index.h"

/* The last bytes of a block. All finite, scale > 0; what is more than float holds is FLT_MAX. */
typedef struct rk_code_tail {
    float scale;
    float square; /* |x' - mean|^2; COSINE, of zeros: 1 more, so that they are as far from what
                     has length 1 as all with a cosine of 0; else they would be near everything */
    float error;  /* |x - x'|, rounded up; FLT_MAX: its code says nothing of how float scores x,
                     which is not trusted */
    float length; /* |x' - mean|, rounded up; of a sketch another thing */
} rk_code_tail;

static inline rk_code_tail rk_code_tail_of(const uint8_t *block, size_t stride)
{
    rk_code_tail tail;
    memcpy(&tail, block + stride - sizeof tail, sizeof tail);
    return tail;
}

/* Bytes of a block: dim and the tail, rounded up to 64. */
size_t rk_code_stride(uint32_t dim);

/* A query made ready. A distance by codes is smaller the nearer; distances order as scores do,
 * backwards and roughly:
 *   L2, COSINE  |q' - x'|^2 - |q' - mean|^2
 *   DOT         -<q', x' - mean>
 * It is by * square - (factor * sum of products) * scale, in float and in this order. */
typedef struct rk_coded {
    const int8_t *bytes; /* [stride] at a multiple of 64; 0 from dim on */
    size_t stride;
    uint32_t words; /* of 64 bytes that have numbers in them */
    int32_t sum;    /* of the bytes */
    float by;       /* DOT: 0, else 1 */
    float factor;   /* DOT: the scale of the bytes, else twice that */
    float square;   /* |q' - mean|^2; DOT: |q'|^2 */
    float length;   /* |q - mean|, rounded up; COSINE: of q divided by its length; DOT: |q| */
    float error;    /* |q - q'|, rounded up */
} rk_coded;

/* Where what float makes of vectors of such length is what bounds say: their squares and products
 * come near neither end of float. */
#define RK_CODE_LEAST 1e-15
#define RK_CODE_MOST  1e18
static inline bool rk_code_is_trusted(rk_index_metric metric, double length)
{
    return length <= RK_CODE_MOST && (metric != RK_INDEX_COSINE || length >= RK_CODE_LEAST);
}

/* A vector that becomes codes -127 .. 127. */
typedef struct rk_coding_input {
    const float *vector; /* [dim] finite */
    const float *mean;   /* [dim] that is taken off; NULL: nothing is */
    uint32_t dim;
    bool unit; /* it is divided by its length first, if that is not 0 */
} rk_coding_input;

typedef struct rk_coding {
    float scale;
    int32_t sum, squares; /* of the codes */
    double length, error; /* of what was coded, and of what is left of it */
    double own_length;    /* of the vector as given */
} rk_coding;

/* The kernels of a CPU level. */
typedef struct rk_code_ops {
    /* codes: dim and then zeros, up to a multiple of 16. */
    rk_coding (*code)(const rk_coding_input *input, int8_t *codes);
    /* out[i] = the distance of the code at places[i], for n places in any order. What they need is
     * fetched ahead. */
    void (*gathered)(const rk_coded *query, const uint8_t *codes, const uint32_t *places,
                     uint32_t n, float *out);
    /* The same of n codes that follow each other. */
    void (*following)(const rk_coded *query, const uint8_t *codes, uint32_t n, float *out);
} rk_code_ops;

/* The fastest of a level on this machine, which must have the level. */
const rk_code_ops *rk_code_ops_get(rk_cpu_level cpu);
enum { RK_CODE_OPS = 4 };
/* All that this machine can run, at most RK_CODE_OPS, and how many: for tests. */
uint32_t rk_code_ops_all(const rk_code_ops **out);

/* Codes one vector into a block of rk_code_stride(dim) bytes. Reads metric, dim and mean. */
void rk_code_vector(const rk_index *index, const float *vector, uint8_t *out);
/* Makes a query of finite numbers ready in `room`, stride bytes at a multiple of 64. */
void rk_code_query(const rk_index *index, const float *vector, int8_t *room, rk_coded *out);
/* The same of a vector of the index, from its code: for graphs, which compare vectors of one set.
 * distance + rk_code_own(index, place) is |a' - b'|^2 whatever the metric. */
void rk_code_query_at(const rk_index *index, uint32_t place, int8_t *room, rk_coded *out);

static inline float rk_code_own(const rk_index *index, uint32_t place)
{
    return rk_code_tail_of(index->codes + place * index->stride, index->stride).square;
}

#endif
