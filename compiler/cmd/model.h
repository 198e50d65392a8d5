/* What `rankc model inspect` and `verify` share: a model of a file, and what is told about it. */
#ifndef RK_CMD_MODEL_H
#define RK_CMD_MODEL_H

#include "compiler/cmd/cmd.h"
#include "runtime/model/forest.h"
#include "runtime/model/linear.h"
#include "runtime/model/score.h"
#include "runtime/model/store.h"

/* Must be closed, also when opening fails. */
typedef struct cmd_model {
    const char *path;
    rk_models models;
    rk_diags diags;
    uint32_t printed; /* diagnostics */
    rk_stored stored;
    const rk_model *model;         /* of it */
    const rk_evaluator *evaluator; /* NULL: the model is no forest */
} cmd_model;

/* Reads the file; says what is wrong with it. */
RK_NODISCARD rk_status cmd_model_open(cmd *c, const char *path, cmd_model *out);
void cmd_model_report(cmd *c, cmd_model *model);
void cmd_model_close(cmd_model *model);

/* ---- model_inspect.c ---- */

/* One input, over all trees. */
typedef struct cmd_model_input {
    uint32_t number; /* in model.inputs */
    uint32_t splits;
    uint32_t nan_left; /* splits that send a missing value left */
    uint32_t zeros;    /* … for which 0 is missing too */
    double gain;
} cmd_model_input;

typedef struct cmd_model_facts {
    const cmd_model *of;
    cmd_model_input *inputs; /* [n_inputs] by gain, or splits where there is none */
    uint32_t n_used;         /* the first ones */
    bool has_gain;
    uint32_t most_leaves, most_depth;
    double mean_leaves, mean_depth;
    size_t memory; /* of the trees or weights */
} cmd_model_facts;

/* For which lists the evaluator is told. */
enum { CMD_MODEL_LENGTHS = 4 };
extern const uint32_t cmd_model_lengths[CMD_MODEL_LENGTHS];

rk_status cmd_model_inspect(cmd *c, const char *path);

/* `1 / (1 + exp(-raw))` */
void cmd_model_add_transform(const rk_model *model, rk_buf *out);

/* "1.5 MiB" */
void cmd_model_add_size(rk_buf *out, size_t bytes);

/* ---- model_ids.c ---- */

/* The same of vocabularies, scalers, and linear models of numbers and ids. */
RK_NODISCARD rk_status cmd_model_print_ids(cmd *c, const cmd_model *of);

/* ---- model_network.c ---- */

/* What inspect tells of a network, in the format that is wanted. */
RK_NODISCARD rk_status cmd_model_print_network(cmd *c, cmd_model *of);

/* ---- model_inspect_json.c ---- */

void cmd_model_print_json(const cmd_model_facts *facts, rk_buf *out);

/* ---- model_verify.c ---- */

rk_status cmd_model_verify(cmd *c, const char *path);

#endif
