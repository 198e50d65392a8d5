/* Kinds of models as programs declare them: `model buy = gbdt("buy_v2.txt")`. */
#ifndef RK_MODEL_KINDS_H
#define RK_MODEL_KINDS_H

#include "runtime/model/model.h"

typedef struct rk_model_kind {
    const char *name; /* "gbdt" */
    const char *sig;  /* arguments after the path, for help */
    const char *doc;
    const char *example;      /* a whole declaration */
    rk_model_shape shapes[2]; /* that a file of it may hold */
    uint32_t n_shapes;
} rk_model_kind;

extern const rk_model_kind rk_model_kinds[]; /* ended by a row without name */
const rk_model_kind *rk_model_kind_find(rk_str name);

#endif
