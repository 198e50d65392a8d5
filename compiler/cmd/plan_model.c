#include "compiler/cmd/plan_model.h"

#include "runtime/model/evaluate.h"
#include "runtime/stage/stage.h"

/* ---- evaluators ---- */

static const rk_model *find_model(const rk_module *module, const rk_plan_model *wanted)
{
    for (uint32_t i = 0; i < module->models.len; i++) {
        const rk_model_info *const info = &module->models.items[i];
        if (rk_str_eq(info->path, wanted->path) &&
            rk_model_options_eq(&info->options, &wanted->options))
            return info->model;
    }
    return NULL;
}

rk_status plan_models_open(cmd *c, const rk_plan *plan, const rk_module *module, plan_models *out)
{
    *out = (plan_models){.plan = plan, .silent = c->in_case};
    out->evaluators = RK_NEW_ARRAY(&c->arena, const rk_evaluator *, plan->models.len + 1u);
    if (!out->evaluators)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < plan->models.len && !out->silent; i++) {
        const rk_model *const model = find_model(module, &plan->models.items[i]);
        const rk_evaluator_options options = {.cpu = c->cpu};
        if (model && model->shape == RK_MODEL_FOREST)
            RK_TRY(rk_evaluator_new(model->as.forest, model->n_inputs, &options, &c->arena,
                                    &out->evaluators[i]));
    }
    return RK_OK;
}

/* ---- lengths ---- */

enum { UNKNOWN = UINT32_MAX };

/* The constant that fills a column of list 0, or UNKNOWN. */
static uint32_t constant_of(const rk_plan *plan, uint32_t column)
{
    for (uint32_t i = 0; i < plan->kernels.len; i++) {
        const rk_plan_kernel *const kernel = &plan->kernels.items[i];
        for (uint32_t k = 0; k < kernel->n_stores; k++) {
            const rk_kernel_output *const store = &plan->stores.items[kernel->first_store + k];
            if (store->column != column || store->reg >= kernel->n_inputs)
                continue;
            const uint32_t constant = plan->inputs.items[kernel->first_input + store->reg].constant;
            const rk_value *const value =
                constant == RK_PLAN_NONE ? NULL : &plan->constants.items[constant];
            const bool count = value && value->type.kind == RK_KIND_INT && !value->missing;
            if (count && value->as.i > 0 && value->as.i < UNKNOWN)
                return (uint32_t)value->as.i;
        }
    }
    return UNKNOWN;
}

/* How many items a list can have: what `top` and `limit` on the way to it leave. */
static uint32_t most_items(const rk_plan *plan, uint32_t list)
{
    uint32_t most = list == 0 ? 1 : UNKNOWN;
    while (list != 0 && list != RK_PLAN_NONE) {
        const rk_step *const step = &plan->steps.items[plan->lists.items[list].step];
        const char *const stage = step->kind == RK_STEP_SELECT ? rk_stages[step->index]->name : "";
        if (step->n && (strcmp(stage, "top") == 0 || strcmp(stage, "limit") == 0)) {
            const uint32_t k = constant_of(plan, plan->operands.items[step->first]);
            most = k < most ? k : most;
        }
        list = plan->lists.items[list].parent;
    }
    return most;
}

static void describe_way(const plan_models *models, const rk_step *step, rk_buf *out)
{
    const rk_evaluator *const evaluator = models->evaluators[step->index];
    if (!evaluator || step->b == RK_MODEL_LEAVES) {
        rk_buf_add_chars(out, evaluator ? "walk" : "weights");
        return;
    }
    const uint32_t most = most_items(models->plan, step->list);
    const rk_evaluator_way one = rk_evaluator_choose(evaluator, 1);
    const rk_evaluator_way many = rk_evaluator_choose(evaluator, most);
    if (most != UNKNOWN || (one.kind == many.kind && one.rows == many.rows))
        rk_evaluator_print(many, out);
    else
        rk_buf_add_chars(out, "by list length");
}

void plan_models_describe(const plan_models *models, const rk_step *step, rk_buf *out)
{
    if (step->kind != RK_STEP_MODEL || models->silent)
        return;
    describe_way(models, step, out);
    if (models->plan->models.items[step->index].options.in_float && step->b != RK_MODEL_LEAVES)
        rk_buf_add_chars(out, ", in float");
}
