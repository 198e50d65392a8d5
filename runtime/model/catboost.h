/* The parts of the CatBoost loader. Its two forms come into one struct that holds what the file
 * holds, rk_catboost: catboost_json.c reads JSON, catboost_cbm.c the binary form. Then
 * catboost_make.c checks it and makes the model. */
#ifndef RK_MODEL_CATBOOST_H
#define RK_MODEL_CATBOOST_H

#include "runtime/base/vec.h"
#include "runtime/model/forest.h"
#include "runtime/model/load.h"

extern const rk_model_format rk_model_catboost_json, rk_model_catboost_cbm;

/* What NaN counts as. */
typedef enum rk_catboost_nan {
    RK_CATBOOST_NAN_AS_IS,    /* more than no border */
    RK_CATBOOST_NAN_AS_FALSE, /* -inf */
    RK_CATBOOST_NAN_AS_TRUE,  /* +inf */
    RK_CATBOOST_NAN_COUNT
} rk_catboost_nan;

typedef struct rk_catboost_float {
    int64_t flat; /* number among all inputs */
    rk_str name;
    uint32_t n_borders; /* those in `borders` behind the ones of the feature before */
    uint8_t nan;        /* rk_catboost_nan */
    bool has_nans;      /* in training; without them `nan` does not count */
} rk_catboost_float;

/* A categorical feature, or one of a kind that we do not compute. */
typedef struct rk_catboost_other {
    int64_t index; /* number among those of its kind */
    int64_t flat;
    rk_str name;
} rk_catboost_other;

/* A categorical feature that splits compare with values, which are hashes of texts. */
typedef struct rk_catboost_one_hot {
    int64_t index;     /* of the categorical feature */
    uint32_t n_values; /* in `values`, as with borders */
} rk_catboost_one_hot;

/* Of a non-symmetric tree: how many nodes on the next is; 0: it ends here. */
typedef struct rk_catboost_node {
    uint32_t left, right;
} rk_catboost_node;

typedef struct rk_catboost {
    rk_model_loading loading;
    rk_arena *arena; /* the model's: of names */
    rk_arena keep;   /* until the model is made */
    size_t size;     /* of the file */

    RK_VEC(rk_catboost_float) floats;
    RK_VEC(float) borders;
    RK_VEC(rk_catboost_other) cats, others;
    RK_VEC(rk_catboost_one_hot) one_hots;
    RK_VEC(uint32_t) values;
    uint32_t n_ctrs, n_estimated; /* features that we do not compute */

    RK_VEC(int64_t) splits;         /* which border or value, counted through all features */
    RK_VEC(uint32_t) sizes;         /* of each tree: levels, or nodes when there are any */
    RK_VEC(rk_catboost_node) nodes; /* one for each split, if trees are not symmetric */
    RK_VEC(int64_t) node_leaves;    /* [nodes] where in `leaves` the values of its leaf begin */
    RK_VEC(double) leaves;          /* [leaves][n_outputs] */
    RK_VEC(double) weights;         /* [leaves] of rows in training, or fewer */
    RK_VEC(double) bias;            /* [n_outputs], one, or none */
    double scale;
    int64_t n_outputs; /* 0: the file has not said yet */
    rk_str loss, version;
} rk_catboost;

/* From its whole text or bytes. */
RK_NODISCARD rk_status rk_catboost_read_json(rk_catboost *c, rk_str text);
RK_NODISCARD rk_status rk_catboost_read_cbm(rk_catboost *c, rk_str bytes);

/* What stands under `name` in the information about a model, if it is known: JSON. */
RK_NODISCARD rk_status rk_catboost_read_info(rk_catboost *c, rk_str name, rk_str value);

typedef struct rk_catboost_loss {
    const char *name;
    rk_transform transform;
} rk_catboost_loss;

/* NULL if unknown. */
const rk_catboost_loss *rk_catboost_loss_find(rk_str name);

/* All was read: the model. */
RK_NODISCARD rk_status rk_catboost_make(rk_catboost *c, rk_model *out);

/* What CatBoost takes for the value of a category with this name. */
uint32_t rk_catboost_hash(rk_str text);

#endif
