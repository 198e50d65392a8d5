/* A model over the columns of a list: values of any scalar type become what the model reads, and
 * what it gives becomes a column again. */
#ifndef RK_MODEL_SCORE_H
#define RK_MODEL_SCORE_H

#include "runtime/model/infer.h"
#include "runtime/model/store.h"

/* Rows that are scored at once: memory is for so many. A multiple of 128. */
enum { RK_SCORE_ROWS = 4096 };

/* A model that knows the strings of a program. */
typedef struct rk_scorer {
    const rk_model *model;
    const rk_evaluator *evaluator; /* of forests; else NULL */
    const rk_inference *inference; /* of networks; else NULL */
    rk_model_options options;
    const bool *once; /* [n_used] of networks: inputs that have one value a run; else NULL */
    uint32_t *used;   /* [n_used] its inputs that it asks for, in order */
    uint32_t n_used;
    rk_intmap *codes;   /* [n_used] the number of a category by its atom */
    rk_intmap *numbers; /* [n_used] … by the bits of its value, for categories that are numbers */
} rk_scorer;

/* What scoring needs besides the model. */
typedef struct rk_scoring {
    const rk_vmath *math;
    const rk_atoms *strings; /* the texts of string columns, for models that know them by hash */
    rk_arena *scratch;
} rk_scoring;

/* A scorer of a stored model; names of categories go to `strings`, tables to the arena. It cannot
 * run yet: rk_scorer_ready. RK_ENOMEM. */
RK_NODISCARD rk_status rk_scorer_init(rk_scorer *scorer, const rk_stored *stored, rk_atoms *strings,
                                      rk_arena *arena);

/* Takes from the store what runs the model on a CPU. `once` says which used inputs have one value a
 * run (NULL: none), and must live as long; it is of networks alone. */
RK_NODISCARD rk_status rk_scorer_ready(rk_scorer *scorer, rk_models *models, rk_cpu_level cpu,
                                       const bool *once);

/* How n rows at once are worked out: "bit-sliced, 512 rows", "weights" of linear models,
 * "network". */
void rk_scorer_describe(const rk_scorer *scorer, rk_model_part part, uint32_t n, rk_buf *out);

/* How many inputs a model asks for. */
uint32_t rk_model_count_used(const rk_model *model);

/* Rows from .. to of the columns, one for each used input: each as long as `out`, or of one value
 * that is every row's. At most RK_SCORE_ROWS of them, from a multiple of 128 on. `out` is of
 * rk_model_type and has its memory; the elements of leaves stand at row * n_trees. */
RK_NODISCARD rk_status rk_scorer_run(const rk_scorer *scorer, rk_model_part part,
                                     const rk_column *const *columns, uint32_t from, uint32_t to,
                                     const rk_scoring *with, rk_column *out);

/* Rows as above. */
typedef struct rk_scorer_rows {
    const rk_column *const *columns;
    uint32_t from, to;
} rk_scorer_rows;

/* Raw scores or scores as the library has them, also of several outputs, which programs see as
 * float: out[k][i] of output k and row from + i. They live in with->scratch. */
RK_NODISCARD rk_status rk_scorer_doubles(const rk_scorer *scorer, rk_model_part part,
                                         const rk_scorer_rows *rows, const rk_scoring *with,
                                         double *const **out);

/* Elements that a row of leaves has. */
uint32_t rk_model_n_trees(const rk_model *model);

#endif
