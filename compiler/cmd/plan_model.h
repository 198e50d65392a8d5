/* How the models of a plan are worked out, for `rankc plan`. */
#ifndef RK_CMD_PLAN_MODEL_H
#define RK_CMD_PLAN_MODEL_H

#include "compiler/cmd/cmd.h"
#include "runtime/model/infer.h"

typedef struct plan_models {
    const rk_plan *plan;
    const rk_evaluator **evaluators; /* [plan.models.len] NULL: no forest */
    const rk_inference **inferences; /* [plan.steps.len] NULL: no network */
    bool silent;                     /* in case files: it depends on the machine */
} plan_models;

/* Makes the evaluators of all models that are forests, and the inferences of steps that run
 * networks, in the command's arena. */
RK_NODISCARD rk_status plan_models_open(cmd *c, const rk_plan *plan, const rk_module *module,
                                        plan_models *out);

/* "bit-sliced, 512 rows", of a list of at most so many items if that is known; else "by list
 * length" where it matters; of networks layers and multiply-adds. Nothing for steps that are no
 * MODEL. */
void plan_models_describe(const plan_models *models, const rk_step *step, rk_buf *out);

/* The count, 1 or more, that is always in a column of list 0, or UINT32_MAX. */
uint32_t plan_constant_of(const rk_plan *plan, uint32_t column);

#endif
