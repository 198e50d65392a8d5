/* Fast evaluation of forests: all ways give the bits of rk_forest_walk. Which one is quickest
 * depends on the trees, on how many rows there are and on the CPU, so an evaluator makes the tables
 * of those that suit its forest and chooses at each call (README.md says how they work):
 *
 *   bit-sliced  many rows: a bit each, every distinct question asked once a block of rows
 *   tree lanes  few rows: sixteen trees in a register
 *   gathered    few rows of deep trees: the same, but only splits on the way are asked
 *   ranked walk no vectors
 *   walk        a few splits, or what the others cannot
 *
 * An evaluator never changes and is shared by threads; rooms are of the caller's, one a call. */
#ifndef RK_MODEL_EVALUATE_H
#define RK_MODEL_EVALUATE_H

#include "runtime/base/cpu.h"
#include "runtime/model/model.h"

typedef struct rk_evaluator rk_evaluator;

/* A feature's values, one beside the other: those of an rk_column. */
typedef struct rk_feature {
    const void *data;        /* of `kind`; NULL: no tree asks for it */
    const uint64_t *present; /* of BOOL and INT: bit i: row i has a value; NULL: all have */
    uint8_t kind;            /* RK_KIND_BOOL, INT, FLOAT, DOUBLE */
    bool constant;           /* data has one value, which is that of every row */
} rk_feature;

typedef struct rk_features {
    const rk_feature *columns; /* [n_inputs] */
    uint32_t from;             /* the first row */
    uint32_t n;                /* rows from there on */
} rk_features;

typedef enum rk_evaluator_kind {
    RK_EVALUATOR_WALK,
    RK_EVALUATOR_RANKED,
    RK_EVALUATOR_LANES,
    RK_EVALUATOR_GATHERED,
    RK_EVALUATOR_SLICES,
    RK_EVALUATOR_COUNT
} rk_evaluator_kind;

typedef struct rk_evaluator_way {
    rk_evaluator_kind kind;
    uint32_t rows; /* of a block: 128, 256 or 512 of SLICES, else 0 */
} rk_evaluator_way;

typedef struct rk_evaluator_options {
    rk_cpu_level cpu;
    size_t cache; /* bytes nearest to a core that it has for itself (L2); 0: asks the machine */
} rk_evaluator_options;

/* Makes the tables in `arena`; the forest must live as long. RK_ENOMEM. */
RK_NODISCARD rk_status rk_evaluator_new(const rk_forest *forest, uint32_t n_inputs,
                                        const rk_evaluator_options *options, rk_arena *arena,
                                        const rk_evaluator **out);

/* What is done with lists of n rows. */
rk_evaluator_way rk_evaluator_choose(const rk_evaluator *evaluator, uint32_t n);

/* "bit-sliced, 512 rows", "tree lanes", "gathered walk", "ranked walk", "walk". */
void rk_evaluator_print(rk_evaluator_way way, rk_buf *out);

/* Bytes of its tables. */
size_t rk_evaluator_memory(const rk_evaluator *evaluator);

/* Bytes that runs of up to n rows need at `scratch`, aligned to 64. */
size_t rk_evaluator_scratch(const rk_evaluator *evaluator, uint32_t n);

/* Raw scores: out[k][i] of output k and row from + i, floats of a float forest, else doubles. Takes
 * no memory. */
void rk_evaluator_run(const rk_evaluator *evaluator, const rk_features *features, void *scratch,
                      void *const *out);

/* Whether this evaluator knows a way, and a run in it; for tests and measuring. */
bool rk_evaluator_knows(const rk_evaluator *evaluator, rk_evaluator_way way);
void rk_evaluator_run_as(const rk_evaluator *evaluator, rk_evaluator_way way,
                         const rk_features *features, void *scratch, void *const *out);

#endif
