/* Goldens: rows, and what the library that trained a model says of them. A csv file has columns by
 * the names of the model's inputs (`f0` and so on where it has none), `raw` (or `raw0`, `raw1` … of
 * several outputs), and perhaps `score` likewise; of a network its outputs by their names instead,
 * vectors as lists or as `vec0`, `vec1` … `rankc model verify` compares one, and checking a program
 * those that stand beside its models. */
#ifndef RK_DRIVER_GOLDEN_H
#define RK_DRIVER_GOLDEN_H

#include "compiler/rankc.h"
#include "runtime/model/score.h"

typedef struct rk_golden_spec {
    rk_models *models; /* the store that has it */
    rk_stored stored;
    rk_str path;  /* of the golden */
    rk_span span; /* for messages */
    rk_cpu_level cpu;
} rk_golden_spec;

/* A value that differs. */
typedef struct rk_golden_fault {
    uint64_t line;     /* of the file, from 1 */
    char column[64];   /* "raw", "score2", "vec[3]"; a long name is cut off */
    double want, have; /* of a FLOAT model floats */
    uint64_t ulp;      /* between them; UINT64_MAX: one is no number */
} rk_golden_fault;

#define RK_GOLDEN_SUFFIX ".golden" /* behind the name of the model's file */

enum { RK_GOLDEN_FAULTS = 10, RK_GOLDEN_SCORE_ULP = 4, RK_GOLDEN_SOFTMAX_ULP = 5 };
#define RK_GOLDEN_NETWORK 1e-5 /* of networks: times max(1, |y|) */

typedef struct rk_golden {
    uint32_t n_rows;
    uint32_t n_different; /* rows */
    bool has_score;
    bool by_output;                           /* of a network, by the names of its outputs */
    double apart;                             /* the largest difference */
    rk_golden_fault faults[RK_GOLDEN_FAULTS]; /* the first ones */
    uint32_t n_faults;
} rk_golden;

/* Compares all rows: raw scores by their value, scores within the ulp above, what
 * networks give within RK_GOLDEN_NETWORK. Their vectors and lists are `[1, 2]`. What differs is
 * no error; a file that cannot be read is. */
RK_NODISCARD rk_status rk_golden_compare(const rk_golden_spec *spec, rk_diags *diags,
                                         rk_golden *out);

/* A value with all its digits. */
void rk_golden_print(const rk_model *model, double value, rk_buf *out);

/* The goldens beside the models of a checked program: E0543 for each that differs. */
RK_NODISCARD rk_status rk_golden_check(rk_compiled *c, rk_cpu_level cpu);

#endif
