/* The formats, and the one way in. */
#include "runtime/base/input.h"
#include "runtime/model/catboost.h"
#include "runtime/model/forest.h"
#include "runtime/model/lightgbm.h"
#include "runtime/model/load.h"
#include "runtime/model/network.h"
#include "runtime/model/onnx_model.h"
#include "runtime/model/scaler.h"
#include "runtime/model/terms.h"
#include "runtime/model/vocab.h"
#include "runtime/model/xgboost.h"

/* clang-format off */
const rk_model_format *const rk_model_formats[] = {
    &rk_model_vocab,
    &rk_model_scaler,
    &rk_model_terms,
    &rk_model_lightgbm,
    &rk_model_catboost_json,
    &rk_model_catboost_cbm,
    &rk_model_xgboost_json,
    &rk_model_xgboost_ubjson,
    &rk_model_xgboost_binary,
    &rk_model_xgboost_dump,
    &rk_model_onnx,
    NULL,
};
/* clang-format on */

static const rk_model_format *format_of(rk_str bytes)
{
    const rk_str head = {bytes.data, bytes.len < RK_MODEL_HEAD ? bytes.len : RK_MODEL_HEAD};
    for (const rk_model_format *const *format = rk_model_formats; *format; format++)
        if ((*format)->is(head))
            return *format;
    return NULL;
}

static rk_status refuse(const rk_model_loading *loading, rk_str bytes)
{
    if (bytes.len == 0)
        return rk_model_bad(loading, 0, "the file is empty");
    rk_buf names = {0};
    for (const rk_model_format *const *format = rk_model_formats; *format; format++)
        if ((*format)->doc)
            rk_buf_printf(&names, "%s%s", names.len ? ", " : "", (*format)->name);
    const rk_status status = rk_model_bad(loading, 0, "no model of a known form; known are %.*s",
                                          RK_STR_ARG(rk_buf_str(&names)));
    rk_buf_free(&names);
    return status;
}

/* A linear model is in float in the one library that has them. */
static rk_status narrow(const rk_model_loading *loading, rk_model *model)
{
    if (model->shape != RK_MODEL_FOREST || model->as.forest->in_float)
        return RK_OK;
    model->narrowed = true;
    model->kind = RK_KIND_FLOAT;
    return rk_forest_to_float(model->as.forest)
               ? RK_OK
               : rk_model_bad(loading, 0, "a leaf's value is too large for `precision: \"float\"`");
}

/* What a loader has let through must still be whole: evaluators check nothing. */
static rk_status check(const rk_model_loading *loading, rk_model *model)
{
    rk_buf fault = {0};
    rk_status status = RK_OK;
    if (model->shape == RK_MODEL_FOREST)
        status = rk_forest_check(model->as.forest, model->inputs, model->n_inputs, &fault);
    else if (model->shape == RK_MODEL_NETWORK)
        status = rk_network_check(model->as.network, model->n_inputs, &fault);
    if (status == RK_EDATA)
        status = rk_model_bad(loading, 0, "%.*s", RK_STR_ARG(rk_buf_str(&fault)));
    rk_buf_free(&fault);
    return status;
}

static rk_status load(const rk_model_spec *spec, rk_str bytes, rk_arena *arena, rk_diags *diags,
                      rk_model **out)
{
    const rk_model_loading loading = {.spec = spec, .diags = diags};
    const rk_model_format *const format = format_of(bytes);
    if (!format)
        return refuse(&loading, bytes);
    rk_model *const model = RK_NEW(arena, rk_model);
    if (!model)
        return RK_ENOMEM;
    model->format = format->name;
    RK_TRY(format->load(spec, bytes, arena, diags, model));
    RK_TRY(check(&loading, model));
    if (spec->options.in_float)
        RK_TRY(narrow(&loading, model));
    *out = model;
    return RK_OK;
}

rk_status rk_model_load(const rk_model_spec *spec, rk_arena *arena, rk_diags *diags, rk_model **out)
{
    *out = NULL;
    if (spec->bytes)
        return load(spec, *spec->bytes, arena, diags, out);
    rk_mapping mapping;
    rk_status status = rk_input_map_plain(diags, arena, spec->path, spec->span, &mapping);
    if (status == RK_OK)
        status = load(spec, mapping.text, arena, diags, out);
    rk_file_unmap(&mapping);
    return status;
}
