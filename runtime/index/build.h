/* Making an index from vectors. */
#ifndef RK_INDEX_BUILD_H
#define RK_INDEX_BUILD_H

#include "runtime/index/index.h"

/* Vectors as they come, in any order. */
typedef struct rk_index_input {
    const float *vectors; /* [n][dim] finite numbers: rk_index_is_finite; kept, not copied, until
                             rk_index_build returns */
    uint32_t n, dim;
    const int64_t *numbers; /* [n] ids, all different; NULL: texts, or else 0 .. n - 1 */
    const rk_str *texts;    /* [n] ids, all different, or NULL */
} rk_index_input;

typedef struct rk_index_options {
    rk_index_kind kind;
    rk_index_metric metric;
    uint32_t m;               /* links each way, as hnswlib counts: the graph's degree is 2 m.
                                 0: 24 */
    uint32_t ef_construction; /* candidates of each insertion; 0: 128 */
    uint32_t ef;              /* rk_index.ef */
    uint32_t threads;         /* 0: one a processor; the index does not depend on it */
    rk_cpu_level cpu;         /* of the kernels that build; nor on this */
    const rk_flag *stop;      /* true: RK_ESTOP soon. May be NULL */
    /* Told now and then how far the work is, by the calling thread; may be NULL. */
    void (*progress)(void *user, uint64_t done, uint64_t total);
    void *user;
} rk_index_options;

enum { RK_INDEX_MIN_M = 2, RK_INDEX_MAX_M = 128 };

/* No NaN and no infinity among n numbers. */
bool rk_index_is_finite(const float *numbers, size_t n);
/* "has a NaN" or "has an infinity", of numbers that are not finite; a NaN comes first. */
const char *rk_index_wild(const float *numbers, size_t n);

/* RK_OK, RK_ENOMEM, RK_ESTOP; RK_EDATA: two ids are equal, then *doubled is the input's number of
 * the second; RK_EUSAGE: a dimension, number of rows, m or ef_construction out of range. The index
 * is the same, to the byte, for any number of threads and any CPU level, and any order of the
 * input. n = 0 gives an index that finds nothing. */
RK_NODISCARD rk_status rk_index_build(const rk_index_input *input, const rk_index_options *options,
                                      rk_index **out, uint32_t *doubled);

/* The shape of what that makes of n vectors, without its arrays: for rk_index_graph_from. Whether
 * there will be sketches, which make walks cheaper, only the vectors tell: it has none. */
rk_index rk_index_outline(const rk_index_options *options, uint32_t n, uint32_t dim);

#endif
