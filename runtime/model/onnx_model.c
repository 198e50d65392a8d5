#include "runtime/model/onnx_model.h"

static rk_status load(const rk_model_spec *spec, rk_str bytes, rk_arena *arena, rk_diags *diags,
                      rk_model *out)
{
    rk_model_loading loading = {.spec = spec, .diags = diags};
    rk_arena keep = {0};
    rk_onnx onnx = {0};
    rk_status status = rk_onnx_read(&onnx, bytes, &loading, &keep);
    if (status == RK_OK)
        status = rk_onnx_inline(&onnx, &loading, &keep);
    if (status == RK_OK)
        status = rk_onnx_is_trees(&onnx)
                     ? rk_onnx_trees_load(&onnx, bytes.len, &loading, arena, out)
                     : rk_onnx_network_load(&onnx, bytes.len, &loading, arena, out);
    rk_buf_free(&loading.lacks);
    rk_arena_free(&keep);
    return status;
}

const rk_model_format rk_model_onnx = {
    .name = "ONNX",
    .doc = "A tree ensemble that skl2onnx, onnxmltools or CatBoost wrote, or a network of PyTorch, "
           "Keras or scikit-learn.",
    .is = rk_onnx_is,
    .load = load,
};
