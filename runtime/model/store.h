/* Models kept while programs come and go: the same file is read once, whoever names it. One thread
 * at a time; what it gave out is shared freely, and lives as long as the store. */
#ifndef RK_MODEL_STORE_H
#define RK_MODEL_STORE_H

#include "runtime/model/evaluate.h"

typedef struct rk_stored {
    rk_str path;
    uint64_t digest; /* of the file's bytes */
    uint32_t most_trees;
    bool in_float;
    rk_model *model;
} rk_stored;

/* Tables of a forest for one CPU. */
typedef struct rk_stored_evaluator {
    const rk_model *model;
    rk_cpu_level cpu;
    const rk_evaluator *evaluator;
} rk_stored_evaluator;

typedef struct rk_models {
    rk_arena arena;
    RK_VEC(rk_stored) items;
    RK_VEC(rk_stored_evaluator) evaluators;
    bool settled; /* a path that was read once is not looked at again */
} rk_models;

void rk_models_free(rk_models *models);

/* The model of a file, read if need be. Messages go to diags. */
RK_NODISCARD rk_status rk_models_get(rk_models *models, const rk_model_spec *spec, rk_diags *diags,
                                     rk_stored *out);

/* The evaluator of a model of the store, made on first use; NULL: the model is no forest. */
RK_NODISCARD rk_status rk_models_evaluator(rk_models *models, const rk_model *model,
                                           rk_cpu_level cpu, const rk_evaluator **out);

#endif
