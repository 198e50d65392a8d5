#include "runtime/model/vocab.h"

bool rk_model_options_eq(const rk_model_options *a, const rk_model_options *b)
{
    return a->most_trees == b->most_trees && a->in_float == b->in_float && a->length == b->length &&
           a->pad == b->pad && a->keep_last == b->keep_last && a->pad_front == b->pad_front &&
           a->fast == b->fast;
}

bool rk_model_takes(rk_type type)
{
    return rk_kind_is_scalar(type.kind) || type.kind == RK_KIND_VECTOR || type.kind == RK_KIND_LIST;
}

rk_type rk_model_call_type(const rk_model *model, rk_model_part part, const rk_type *types)
{
    if (model->shape != RK_MODEL_VOCAB)
        return rk_model_type(model, part);
    const rk_vocab *const vocab = model->as.vocab;
    const bool optional = types[0].optional && !vocab->has_missing;
    if (types[0].kind == RK_KIND_LIST)
        return rk_type_opt(RK_TYPE_LIST(INT), types[0].optional);
    return rk_type_opt(RK_TYPE(INT), optional || !vocab->has_unknown);
}

rk_type rk_model_type(const rk_model *model, rk_model_part part)
{
    if (part == RK_MODEL_LEAVES)
        return RK_TYPE_LIST(INT);
    if (model->shape == RK_MODEL_VOCAB)
        return RK_TYPE_OPT(INT);
    if (model->shape == RK_MODEL_SCALER)
        return (rk_type){.kind = RK_KIND_VECTOR, .dim = model->n_outputs};
    const bool one = part == RK_MODEL_SCORE && model->transform == RK_TRANSFORM_CLASS;
    if (model->n_outputs > 1 && !one)
        return (rk_type){.kind = RK_KIND_VECTOR, .dim = model->n_outputs};
    return (rk_type){.kind = model->kind};
}
