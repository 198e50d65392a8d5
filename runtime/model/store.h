/* Models kept while programs come and go: the same file is read once, whoever names it. One thread
 * at a time; what it gave out is shared freely, and lives as long as the store. */
#ifndef RK_MODEL_STORE_H
#define RK_MODEL_STORE_H

#include "runtime/model/evaluate.h"
#include "runtime/model/infer.h"

typedef struct rk_stored {
    rk_str path;
    uint64_t digest; /* of the file's bytes, and of those beside it that belong to it */
    rk_model_options options;
    rk_model *model;
} rk_stored;

/* Tables of a forest for one CPU. */
typedef struct rk_stored_evaluator {
    const rk_model *model;
    rk_cpu_level cpu;
    const rk_evaluator *evaluator;
} rk_stored_evaluator;

/* A network made ready for one CPU and those of its inputs that have one value a run. */
typedef struct rk_stored_inference {
    const rk_model *model;
    rk_cpu_level cpu;
    const bool *once; /* [model.n_inputs] */
    bool fast;
    const rk_inference *inference;
} rk_stored_inference;

typedef struct rk_models {
    rk_arena arena;
    RK_VEC(rk_stored) items;
    RK_VEC(rk_stored_evaluator) evaluators;
    RK_VEC(rk_stored_inference) inferences;
    bool settled; /* a path that was read once is not looked at again */
} rk_models;

void rk_models_free(rk_models *models);

/* The model of a file, read if need be. Messages go to diags. */
RK_NODISCARD rk_status rk_models_get(rk_models *models, const rk_model_spec *spec, rk_diags *diags,
                                     rk_stored *out);

/* The evaluator of a model of the store, made on first use; NULL: the model is no forest. */
RK_NODISCARD rk_status rk_models_evaluator(rk_models *models, const rk_model *model,
                                           rk_cpu_level cpu, const rk_evaluator **out);

/* The inference of a network of the store, made on first use as `wanted` says. RK_ENOMEM,
 * RK_ELIMIT; RK_EFILE: it is to be fast, and rk_blas_open finds nothing. */
RK_NODISCARD rk_status rk_models_inference(rk_models *models, const rk_stored_inference *wanted,
                                           const rk_inference **out);

#endif
