#include "runtime/model/model.h"

rk_type rk_model_type(const rk_model *model, rk_model_part part)
{
    if (part == RK_MODEL_LEAVES)
        return RK_TYPE_LIST(INT);
    const bool one = part == RK_MODEL_SCORE && model->transform == RK_TRANSFORM_CLASS;
    if (model->n_outputs > 1 && !one)
        return (rk_type){.kind = RK_KIND_VECTOR, .dim = model->n_outputs};
    return (rk_type){.kind = model->kind};
}
