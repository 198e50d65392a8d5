/* The parts of the loader of ONNX files whose graph is a tree ensemble: TreeEnsembleRegressor,
 * TreeEnsembleClassifier or TreeEnsemble of ai.onnx.ml, with what converters put round it.
 * onnx_trees.c finds the operator and makes the model; onnx_columns.c tells where its columns come
 * from and its scores go; onnx_ensemble.c reads its attributes, which differ by version;
 * onnx_plan.c says what its outputs are; onnx_forest.c makes the forest. The rules are those of
 * ONNX Runtime. */
#ifndef RK_MODEL_ONNX_TREES_H
#define RK_MODEL_ONNX_TREES_H

#include "runtime/base/vec.h"
#include "runtime/model/forest.h"
#include "runtime/model/onnx_model.h"

/* What a node asks of x, which is taken as the ensemble's type. NaN is asked for nothing: only
 * NEQ is true of it, and what `missing` says. */
typedef enum rk_onnx_mode {
    RK_ONNX_LEQ,
    RK_ONNX_LT,
    RK_ONNX_GTE,
    RK_ONNX_GT,
    RK_ONNX_EQ,
    RK_ONNX_NEQ,
    RK_ONNX_MEMBER, /* x is one of several values */
    RK_ONNX_LEAF
} rk_onnx_mode;

typedef struct rk_onnx_tree_node {
    double value;      /* to compare with; may be NaN, which nothing fulfils but NEQ */
    uint32_t feature;  /* column of the ensemble's input */
    uint8_t mode;      /* rk_onnx_mode */
    bool missing;      /* NaN fulfils it too */
    uint32_t yes, no;  /* nodes */
    uint32_t first, n; /* of MEMBER in `members`; of LEAF in `weights` */
    uint32_t number;   /* of a leaf, as the file numbers it */
} rk_onnx_tree_node;

typedef struct rk_onnx_weight {
    uint32_t target;
    double value;
} rk_onnx_weight;

typedef enum rk_onnx_post {
    RK_ONNX_POST_NONE,
    RK_ONNX_POST_LOGISTIC,
    RK_ONNX_POST_SOFTMAX,
    RK_ONNX_POST_SOFTMAX_ZERO,
    RK_ONNX_POST_PROBIT,
    RK_ONNX_POST_COUNT
} rk_onnx_post;

/* The operator as its attributes tell, whatever its version. */
typedef struct rk_onnx_ensemble {
    const rk_onnx_node *node;
    bool classifier, in_double; /* in_double: the type of comparisons and sums; else float */
    bool scores_double;         /* the type of what comes out */
    bool average;               /* sums are divided by the number of trees */
    bool missing;               /* some node sends NaN a way of its own */
    uint8_t post;               /* rk_onnx_post */
    uint32_t n_targets;         /* or classes */
    double *base;               /* [n_base] */
    uint32_t n_base;
    rk_onnx_tree_node *nodes; /* [n_nodes] */
    uint32_t n_nodes;
    double *members; /* [n_members] */
    uint32_t n_members;
    rk_onnx_weight *weights; /* [n_weights] */
    uint32_t n_weights;
    uint32_t *roots; /* [n_roots] nodes, in the order of adding */
    uint32_t n_roots;
} rk_onnx_ensemble;

/* A column of the ensemble's input. */
typedef struct rk_onnx_column {
    uint32_t input; /* of the model */
    bool narrows;   /* x becomes a float on the way */
} rk_onnx_column;

/* What becomes of targets. */
typedef struct rk_onnx_plan {
    uint32_t n_outputs;
    uint32_t only;      /* the target that is the one output; UINT32_MAX: all are */
    const double *base; /* [n_outputs], added to the sums; NULL: nothing is */
    bool needs_second;  /* some tree must add to the second class in all its leaves */
    rk_transform transform;
} rk_onnx_plan;

typedef struct rk_onnx_trees {
    rk_model_loading loading;
    rk_arena *arena; /* the model's */
    rk_arena keep;   /* until the model is made */
    size_t size;     /* of the file */
    rk_onnx onnx;
    rk_onnx_ensemble ensemble;
    RK_VEC(rk_onnx_column) columns;
    bool open, open_narrows; /* instead of columns: as many as the trees ask for, input by input */
    rk_transform applied;    /* by operators behind the ensemble */
    rk_onnx_plan plan;
} rk_onnx_trees;

/* Reads the attributes; `type` is that of the input's elements, rk_onnx_type. */
RK_NODISCARD rk_status rk_onnx_read_ensemble(rk_onnx_trees *t, uint32_t type);

/* Which outputs there are. */
RK_NODISCARD rk_status rk_onnx_make_plan(rk_onnx_trees *t);

/* The forest, when all else is known. */
RK_NODISCARD rk_status rk_onnx_make_forest(rk_onnx_trees *t, uint32_t n_columns, rk_model *out);

#endif
