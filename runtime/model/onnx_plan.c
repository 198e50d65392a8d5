/* The outputs of a tree ensemble, as ONNX Runtime writes them. */
#include "runtime/model/onnx_trees.h"

static const rk_transform transforms[RK_ONNX_POST_COUNT] = {
    [RK_ONNX_POST_NONE] = RK_TRANSFORM_NONE,
    [RK_ONNX_POST_LOGISTIC] = RK_TRANSFORM_LOGISTIC,
    [RK_ONNX_POST_SOFTMAX] = RK_TRANSFORM_SOFTMAX,
    [RK_ONNX_POST_SOFTMAX_ZERO] = RK_TRANSFORM_SOFTMAX_ZERO,
    [RK_ONNX_POST_PROBIT] = RK_TRANSFORM_NONE, /* is not supported */
};

static bool goes_together(const rk_onnx_plan *plan)
{
    return plan->transform == RK_TRANSFORM_SOFTMAX || plan->transform == RK_TRANSFORM_SOFTMAX_ZERO;
}

/* With two classes the score is that of the second one, wherever it can be told by itself. If
 * leaves add to the first class alone, ONNX Runtime writes that sum as the second's, and its
 * opposite as the first's. One base value is the first class's. */
static rk_status plan_two_classes(rk_onnx_trees *t, rk_onnx_plan *plan)
{
    const rk_onnx_ensemble *const e = &t->ensemble;
    bool first = false, second = false;
    for (uint32_t i = 0; i < e->n_weights; i++) {
        first |= e->weights[i].target == 0;
        second |= e->weights[i].target == 1;
    }
    if (e->n_base == 2)
        rk_model_lacks(&t->loading, "two base values of two classes");
    plan->needs_second = first && second;
    plan->base = NULL;
    if (!second) {
        *plan = (rk_onnx_plan){.n_outputs = 1, .base = e->n_base ? e->base : NULL};
        plan->transform =
            e->post == RK_ONNX_POST_LOGISTIC ? RK_TRANSFORM_LOGISTIC : RK_TRANSFORM_NONE;
        return RK_OK;
    }
    if (!goes_together(plan)) {
        plan->n_outputs = 1;
        plan->only = 1;
        return RK_OK;
    }
    if (!first || e->n_base == 0)
        return RK_OK;
    double *const base = RK_NEW_ARRAY(&t->keep, double, 2);
    if (!base)
        return RK_ENOMEM;
    base[0] = e->base[0];
    plan->base = base;
    return RK_OK;
}

/* One output alone is not transformed, whatever the file says. */
rk_status rk_onnx_make_plan(rk_onnx_trees *t)
{
    const rk_onnx_ensemble *const e = &t->ensemble;
    rk_onnx_plan *const plan = &t->plan;
    *plan = (rk_onnx_plan){
        .n_outputs = e->n_targets, .only = UINT32_MAX, .base = e->n_base ? e->base : NULL};
    if (e->n_targets > 1 && e->post < RK_ONNX_POST_COUNT)
        plan->transform = transforms[e->post];
    if (e->classifier && e->n_targets == 1 && e->n_base == 2)
        rk_model_lacks(&t->loading, "two base values of one class");
    if (e->classifier && e->n_targets == 2)
        RK_TRY(plan_two_classes(t, plan));
    if (t->applied == RK_TRANSFORM_NONE)
        return RK_OK;
    if (plan->transform != RK_TRANSFORM_NONE)
        rk_model_lacks(&t->loading, "a post_transform with another function behind it");
    plan->transform = t->applied;
    return RK_OK;
}
