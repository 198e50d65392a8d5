/* A network over the columns of a list. */
#ifndef RK_MODEL_SCORE_NETWORK_H
#define RK_MODEL_SCORE_NETWORK_H

#include "runtime/model/score.h"

/* What is worked out once a run, and the values that have one for all items. */
typedef struct rk_network_once {
    rk_infer_input *inputs; /* [model.n_inputs] of those that are so */
    void *room;             /* of rk_inference_once */
} rk_network_once;

/* What a run refuses. */
typedef struct rk_network_fault {
    uint32_t input;       /* of scorer.used, whose value is refused; UINT32_MAX: an id is: */
    uint32_t item;        /* row of the columns */
    uint32_t length;      /* … has so many elements */
    rk_infer_fault infer; /* the id, and who asked for it */
} rk_network_fault;

/* Looks for lists whose length is not that of the vector which an input takes. RK_EDATA. */
RK_NODISCARD rk_status rk_network_lengths(const rk_scorer *scorer, const rk_column *const *columns,
                                          rk_network_fault *fault);

/* Before rows are run: from those columns that have one value. Lives in `arena`. */
RK_NODISCARD rk_status rk_network_begin(const rk_scorer *scorer, const rk_column *const *columns,
                                        rk_arena *arena, rk_network_once *out,
                                        rk_network_fault *fault);

/* Rows from .. to: out[(i - from) * stride + k], k one of model.n_outputs. RK_EDATA. */
RK_NODISCARD rk_status rk_network_rows(const rk_scorer *scorer, const rk_scorer_rows *rows,
                                       const rk_network_once *once, rk_arena *scratch, float *out,
                                       size_t stride, rk_network_fault *fault);

/* The fault in words, at the end of `out`. */
void rk_network_fault_print(const rk_scorer *scorer, const rk_network_fault *fault, rk_buf *out);

#endif
