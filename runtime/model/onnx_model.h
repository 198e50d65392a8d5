/* ONNX files: one format, whose graphs are tree ensembles or networks. */
#ifndef RK_MODEL_ONNX_MODEL_H
#define RK_MODEL_ONNX_MODEL_H

#include "runtime/model/onnx.h"

extern const rk_model_format rk_model_onnx;

/* Whether a graph has tree ensembles: then it becomes a forest, or is refused. */
bool rk_onnx_is_trees(const rk_onnx *onnx);

/* A forest of a file of `size` bytes. */
RK_NODISCARD rk_status rk_onnx_trees_load(const rk_onnx *onnx, size_t size,
                                          const rk_model_loading *loading, rk_arena *arena,
                                          rk_model *out);

/* A network. E0540, E0541; E0601 of a file beside it that holds tensors. */
RK_NODISCARD rk_status rk_onnx_network_load(const rk_onnx *onnx, size_t size,
                                            rk_model_loading *loading, rk_arena *arena,
                                            rk_model *out);

#endif
