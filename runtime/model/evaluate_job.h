/* What the parts of the evaluator share: one file a way. */
#ifndef RK_MODEL_EVALUATE_JOB_H
#define RK_MODEL_EVALUATE_JOB_H

#include "runtime/model/evaluate.h"
#include "runtime/model/forest.h"
#include "runtime/model/gathered.h"
#include "runtime/model/lanes.h"
#include "runtime/model/ranked.h"
#include "runtime/model/slice.h"

struct rk_evaluator {
    const rk_forest *forest;
    uint32_t n_inputs;
    rk_predicates predicates;
    const rk_slice_kernels *slice_kernels; /* NULL: no bit slices */
    rk_slices slices;
    uint32_t widest;                       /* rows of a block of slices */
    const rk_lanes_kernels *lanes_kernels; /* NULL: no tree lanes */
    rk_lanes lanes;
    const rk_gathered_kernels *gathered_kernels; /* NULL: no gathered walk */
    rk_gathered gathered;
    uint64_t gathered_cost; /* of a row, without ranks */
    bool has_ranked;
    rk_ranked ranked;
    uint32_t ranked_from; /* rows from which on it is quicker than a walk */
    uint32_t slices_from; /* rows from which on bit slices are quicker than what else there is */
    size_t memory;
};

/* A run under way. */
typedef struct rk_evaluate_job {
    const rk_evaluator *evaluator;
    const rk_features *features;
    void *scratch;
    void *const *out;
} rk_evaluate_job;

/* Hands out the scratch memory; with NULL it counts. */
typedef struct rk_carver {
    char *at;
    size_t used;
} rk_carver;

static inline void *rk_carve(rk_carver *c, size_t n, size_t size)
{
    void *const place = c->at ? c->at + c->used : NULL;
    c->used += (n * size + 63) / 64 * 64;
    return place;
}

typedef void rk_slices_run(const rk_slices *slices, const rk_slice_room *room);

/* Of blocks of this many rows; NULL: there is none. */
rk_slices_run *rk_slices_fn(const rk_slice_kernels *kernels, uint32_t rows);

/* Bytes of scratch of each way. */
size_t rk_evaluate_walk_scratch(const rk_evaluator *evaluator);
size_t rk_evaluate_ranked_scratch(const rk_evaluator *evaluator);
size_t rk_evaluate_slices_scratch(const rk_evaluator *evaluator, uint32_t rows);
size_t rk_evaluate_lanes_scratch(const rk_evaluator *evaluator);
size_t rk_evaluate_gathered_scratch(const rk_evaluator *evaluator);

/* n rows from `at` on: sums alone. Slices: n <= rows. */
void rk_evaluate_walk(const rk_evaluate_job *job, uint32_t at, uint32_t n);
void rk_evaluate_ranked(const rk_evaluate_job *job, uint32_t at, uint32_t n);
void rk_evaluate_slices(const rk_evaluate_job *job, uint32_t rows, uint32_t at, uint32_t n);
void rk_evaluate_lanes(const rk_evaluate_job *job, uint32_t at, uint32_t n);
void rk_evaluate_gathered(const rk_evaluate_job *job, uint32_t at, uint32_t n);

/* A row's ranks by column, by the kernel of tree lanes; with `sets` these follow, 0 or 1. `numbers`
 * is room for columns. */
void rk_evaluate_rank_row(const rk_evaluate_job *job, uint32_t row, bool sets, double *numbers,
                          uint16_t *ranks);

#endif
