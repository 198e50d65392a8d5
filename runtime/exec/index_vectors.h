/* The vectors that an index is over, worked out from the rows of its source by the steps of a plan,
 * outside of any request. */
#ifndef RK_EXEC_INDEX_VECTORS_H
#define RK_EXEC_INDEX_VECTORS_H

#include "runtime/exec/engine.h"
#include "runtime/index/build.h"

/* Rows that have a vector, in the order of the source. */
typedef struct rk_vectors {
    rk_arena arena;
    float *numbers; /* [n][dim] */
    uint32_t *rows; /* [n] of the source */
    uint32_t n, dim;
    uint32_t n_missing; /* rows that have none */
    uint32_t n_wild;    /* rows with a NaN or an infinity in it */
} rk_vectors;

/* Of all rows, on how.threads threads (0: one a processor); bits do not depend on it. Of `how` it
 * reads threads, stop, progress and user. *out is freed by rk_arena_free(&out->arena), also after a
 * failure. Messages of rows go to diags. */
RK_NODISCARD rk_status rk_vectors_work_out(const rk_engine *engine, uint32_t index,
                                           const rk_index_options *how, rk_diags *diags,
                                           rk_vectors *out);

/* Of the n rows named, at most RK_VECTORS_SOME: those that have a vector. */
enum { RK_VECTORS_SOME = 64 };
RK_NODISCARD rk_status rk_vectors_of(const rk_engine *engine, uint32_t index, const uint32_t *rows,
                                     uint32_t n, rk_diags *diags, rk_vectors *out);

#endif
