/* The surroundings of a tree ensemble in its graph. */
#ifndef RK_MODEL_ONNX_COLUMNS_H
#define RK_MODEL_ONNX_COLUMNS_H

#include "runtime/model/onnx_trees.h"

/* Output `output` of a node. */
typedef struct rk_onnx_maker {
    uint32_t node, output;
} rk_onnx_maker;

/* Who makes each value. */
typedef struct rk_onnx_graph {
    const rk_onnx *onnx;
    RK_VEC(rk_onnx_maker) makers;
    rk_table makers_by_name, inputs_by_name;
} rk_onnx_graph;

RK_NODISCARD rk_status rk_onnx_graph_make(const rk_onnx *onnx, const rk_model_loading *loading,
                                          rk_arena *arena, rk_onnx_graph *out);

/* As many columns are believed. */
static inline uint64_t rk_onnx_most_columns(const rk_onnx_trees *t)
{
    const uint64_t most = (UINT64_C(1) << 14) + t->size;
    return most < INT32_MAX ? most : INT32_MAX;
}

/* How many columns an input has; 0: the file does not say. */
int64_t rk_onnx_width(const rk_onnx_value *input);

/* t->columns from the ensemble's input back to the graph's, of which input i begins at number
 * first[i] of the model's; and the type in which they arrive. False in `known` if something else
 * stands on the way. */
RK_NODISCARD rk_status rk_onnx_trace_columns(rk_onnx_trees *t, const rk_onnx_graph *graph,
                                             const uint32_t *first, uint32_t *type, bool *known);

/* The way from the ensemble's scores to one of the graph's outputs: what is applied there. */
void rk_onnx_trace_scores(rk_onnx_trees *t, const rk_onnx_graph *graph, bool *known);

#endif
