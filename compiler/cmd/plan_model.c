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

/* As the engine makes it: of a list's step, what the request gives has one value. */
static rk_status open_network(cmd *c, const rk_plan *plan, const rk_step *step,
                              const rk_model *model, const rk_inference **out)
{
    bool *const once = RK_NEW_ARRAY(&c->arena, bool, model->n_inputs + 1u);
    const rk_inference_options options = {.cpu = c->cpu, .once = once};
    if (!once)
        return RK_ENOMEM;
    for (uint32_t i = 0, k = 0; i < model->n_inputs; i++) {
        if (!model->inputs[i].used || k == step->n)
            continue;
        const uint32_t column = plan->operands.items[step->first + k++];
        once[i] = step->list != 0 && plan->columns.items[column].list == 0;
    }
    return rk_inference_new(model->as.network, model->n_inputs, &options, &c->arena, out);
}

static rk_status open_step(cmd *c, const rk_module *module, uint32_t number, plan_models *out)
{
    const rk_plan *const plan = out->plan;
    const rk_step *const step = &plan->steps.items[number];
    if (step->kind != RK_STEP_MODEL)
        return RK_OK;
    const rk_model *const model = find_model(module, &plan->models.items[step->index]);
    const rk_evaluator_options options = {.cpu = c->cpu};
    const rk_evaluator **const evaluator = &out->evaluators[step->index];
    if (model && model->shape == RK_MODEL_NETWORK)
        return open_network(c, plan, step, model, &out->inferences[number]);
    if (model && model->shape == RK_MODEL_FOREST && !*evaluator)
        return rk_evaluator_new(model->as.forest, model->n_inputs, &options, &c->arena, evaluator);
    return RK_OK;
}

rk_status plan_models_open(cmd *c, const rk_plan *plan, const rk_module *module, plan_models *out)
{
    *out = (plan_models){.plan = plan, .silent = c->in_case};
    out->evaluators = RK_NEW_ARRAY(&c->arena, const rk_evaluator *, plan->models.len + 1u);
    out->inferences = RK_NEW_ARRAY(&c->arena, const rk_inference *, plan->steps.len + 1u);
    if (!out->evaluators || !out->inferences)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < plan->steps.len && !out->silent; i++)
        RK_TRY(open_step(c, module, i, out));
    return RK_OK;
}

/* ---- lengths ---- */

enum { UNKNOWN = UINT32_MAX };

uint32_t plan_constant_of(const rk_plan *plan, uint32_t column)
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

/* How many items a list can have: what `nearest`, `top` and `limit` on the way to it leave. */
static uint32_t most_items(const rk_plan *plan, uint32_t list)
{
    uint32_t most = list == 0 ? 1 : UNKNOWN;
    while (list != 0 && list != RK_PLAN_NONE) {
        const rk_step *const step = &plan->steps.items[plan->lists.items[list].step];
        const char *const stage = step->kind == RK_STEP_SELECT ? rk_stages[step->index]->name : "";
        const bool nearest = step->kind == RK_STEP_NEAREST;
        if (nearest || (step->n && (strcmp(stage, "top") == 0 || strcmp(stage, "limit") == 0))) {
            const uint32_t k = plan_constant_of(plan, plan->operands.items[step->first + nearest]);
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
    const rk_inference *const inference = models->inferences[step - models->plan->steps.items];
    if (inference)
        rk_inference_describe(inference, out);
    else
        describe_way(models, step, out);
    if (models->plan->models.items[step->index].options.fast)
        rk_buf_add_chars(out, ", by a BLAS");
    if (models->plan->models.items[step->index].options.in_float && step->b != RK_MODEL_LEAVES)
        rk_buf_add_chars(out, ", in float");
}
