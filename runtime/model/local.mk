rank_sources += \
    %D%/blas.c %D%/blas.h \
    %D%/catboost.c %D%/catboost.h \
    %D%/catboost_cbm.c \
    %D%/catboost_hash.c \
    %D%/catboost_json.c \
    %D%/catboost_make.c \
    %D%/events.c %D%/events.h \
    %D%/evaluate.c %D%/evaluate.h \
    %D%/evaluate_input.c %D%/evaluate_input.h \
    %D%/evaluate_job.h \
    %D%/evaluate_gathered.c \
    %D%/evaluate_lanes.c \
    %D%/evaluate_ranked.c \
    %D%/evaluate_slices.c \
    %D%/evaluate_walk.c \
    %D%/flat.c %D%/flat.h \
    %D%/forest.c %D%/forest.h \
    %D%/forest_walk.c \
    %D%/gathered.c %D%/gathered.h \
    %D%/lanes.c %D%/lanes.h \
    %D%/lanes_levels.c \
    %D%/lanes_row.h \
    %D%/lanes_row_v3.h \
    %D%/lanes_row_v4.h \
    %D%/kinds.c %D%/kinds.h \
    %D%/lightgbm.c %D%/lightgbm.h \
    %D%/lightgbm_pandas.c \
    %D%/lightgbm_text.c \
    %D%/lightgbm_tree.c \
    %D%/infer.c %D%/infer.h %D%/infer_step.h \
    %D%/infer_fold.c \
    %D%/infer_levels.c \
    %D%/infer_map.c \
    %D%/infer_move.c \
    %D%/infer_place.c \
    %D%/infer_print.c \
    %D%/infer_product.c \
    %D%/infer_run.c \
    %D%/infer_table.c \
    %D%/linear.c %D%/linear.h \
    %D%/load.c %D%/load.h \
    %D%/matmul.c %D%/matmul.h \
    %D%/matmul_thin.h \
    %D%/matmul_tile.h \
    %D%/model.c %D%/model.h \
    %D%/network.c %D%/network.h \
    %D%/network_check.c \
    %D%/network_compact.c \
    %D%/network_fold.c %D%/network_fold.h \
    %D%/network_fold_fn.c \
    %D%/network_fuse.c \
    %D%/network_make.h \
    %D%/models.c \
    %D%/onnx.c %D%/onnx.h \
    %D%/onnx_columns.c %D%/onnx_columns.h \
    %D%/onnx_ensemble.c \
    %D%/onnx_find.c \
    %D%/onnx_forest.c \
    %D%/onnx_model.c %D%/onnx_model.h \
    %D%/onnx_inline.c \
    %D%/onnx_network.c %D%/onnx_network.h \
    %D%/onnx_network_branch.c \
    %D%/onnx_network_dense.c \
    %D%/onnx_network_einsum.c \
    %D%/onnx_network_emit.c \
    %D%/onnx_network_ends.c \
    %D%/onnx_network_map.c \
    %D%/onnx_network_ml.c \
    %D%/onnx_network_node.c \
    %D%/onnx_network_order.c \
    %D%/onnx_network_pick.c \
    %D%/onnx_network_reduce.c \
    %D%/onnx_network_shape.c \
    %D%/onnx_network_tensor.c \
    %D%/onnx_network_value.c \
    %D%/onnx_operators.c %D%/onnx_operators.h \
    %D%/onnx_plan.c \
    %D%/onnx_read.h \
    %D%/onnx_tensor.c \
    %D%/onnx_trees.c %D%/onnx_trees.h \
    %D%/piece.c %D%/piece.h \
    %D%/predicate.c %D%/predicate.h \
    %D%/protobuf.c %D%/protobuf.h \
    %D%/rank_below.h \
    %D%/ranked.c %D%/ranked.h \
    %D%/slice.c %D%/slice.h \
    %D%/slice_leaf.h \
    %D%/slice_leaf_v3.h \
    %D%/slice_leaf_v4.h \
    %D%/slice_width.def \
    %D%/members.c %D%/members.h \
    %D%/scaler.c %D%/scaler.h \
    %D%/score.c %D%/score.h \
    %D%/score_ids.c %D%/score_ids.h \
    %D%/terms.c %D%/terms.h \
    %D%/vocab.c %D%/vocab.h \
    %D%/score_network.c %D%/score_network.h \
    %D%/store.c %D%/store.h \
    %D%/symmetric.c %D%/symmetric.h \
    %D%/transform.c \
    %D%/ubjson.c %D%/ubjson.h \
    %D%/xgboost.c %D%/xgboost.h \
    %D%/xgboost_cats.c \
    %D%/xgboost_make.c \
    %D%/xgboost_objective.c \
    %D%/xgboost_old.c \
    %D%/xgboost_read.c \
    %D%/xgboost_tree.c

# Compiled once per vector level; see Makefile.am.
simd_sources += \
    %D%/gathered_simd.c \
    %D%/infer_fold_simd.c \
    %D%/infer_map_simd.c \
    %D%/infer_product_simd.c \
    %D%/lanes_simd.c \
    %D%/matmul_simd.c \
    %D%/slice_simd.c

blas_sources += %D%/blas_plugin.c
