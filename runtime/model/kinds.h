/* Kinds of models as programs declare them: `model buy = gbdt("buy_v2.txt")`. */
#ifndef RK_MODEL_KINDS_H
#define RK_MODEL_KINDS_H

#include "runtime/model/model.h"

/* Members of rk_model_options, as declarations name them. */
typedef enum rk_model_option {
    RK_OPTION_TREES,
    RK_OPTION_PRECISION,
    RK_OPTION_LENGTH,
    RK_OPTION_PAD,
    RK_OPTION_KEEP,
    RK_OPTION_ALIGN,
    RK_OPTION_FAST,
    RK_OPTION_COUNT
} rk_model_option;

typedef struct rk_model_kind {
    const char *name; /* "gbdt" */
    const char *sig;  /* arguments after the path, for help */
    uint32_t options; /* bits of rk_model_option: which it takes */
    bool at_call;     /* `vocab("city.map", x)`: may be called without a declaration */
    const char *doc;
    const char *example;      /* a whole declaration */
    rk_model_shape shapes[2]; /* that a file of it may hold */
    uint32_t n_shapes;
} rk_model_kind;

extern const rk_model_kind rk_model_kinds[]; /* ended by a row without name */
const rk_model_kind *rk_model_kind_find(rk_str name);

#endif
