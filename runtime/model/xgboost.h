/* The parts of the XGBoost loader, which reads a file once, in the order in which it is written:
 * xgboost.c walks the file, xgboost_tree.c makes each tree as soon as it is read, xgboost_cats.c
 * keeps the names of categories, and xgboost_make.c puts the model together when all is known, for
 * what trees need to know (outputs, objective, weights) stands behind them.
 *
 * Formats: JSON and UBJSON of save_model, from version 1.0 on. */
#ifndef RK_MODEL_XGBOOST_H
#define RK_MODEL_XGBOOST_H

#include "runtime/base/vec.h"
#include "runtime/model/events.h"
#include "runtime/model/forest.h"
#include "runtime/model/load.h"

extern const rk_model_format rk_model_xgboost_json, rk_model_xgboost_ubjson;
/* What only looks like models we read: the binary format of old versions, and dumps. Their `load`
 * says how to convert. */
extern const rk_model_format rk_model_xgboost_binary, rk_model_xgboost_dump;

typedef RK_VEC(int32_t) rk_xgboost_ints;
typedef RK_VEC(float) rk_xgboost_floats;
typedef RK_VEC(rk_str) rk_xgboost_texts;

enum {
    RK_XGBOOST_NONE = INT32_MIN, /* for a whole number that no int32 holds: never in any range */
    RK_XGBOOST_CATEGORIES = 1 << 24, /* categories from here on match nothing */
};

/* A tree as made; children are within the tree. */
typedef struct rk_xgboost_tree {
    rk_tree_split *splits; /* [n_splits]; a set's number is among the sets of all trees */
    uint32_t n_splits;
    float *leaves;         /* [n_splits + 1] */
    int32_t *leaf_numbers; /* [n_splits + 1] */
    float *gains, *covers; /* [n_splits] or NULL */
} rk_xgboost_tree;

typedef struct rk_xgboost_categories {
    const rk_str *names;
    uint32_t n;
} rk_xgboost_categories;

typedef struct rk_xgboost {
    rk_model_loading loading;
    rk_events events;
    rk_arena *arena; /* the model's */
    rk_arena keep;   /* until the model is made */
    rk_arena room;   /* of one tree, or one list of categories */
    size_t size;     /* of the file: what its numbers may claim is bounded by it */

    RK_VEC(rk_xgboost_tree) trees;
    RK_VEC(rk_split_set) sets;
    RK_VEC(uint32_t) words;
    RK_VEC(rk_xgboost_categories) categories; /* by feature */
    bool gains, covers;                       /* all trees have them */
    uint32_t n_vector_trees;                  /* trees with a vector in each leaf */

    rk_xgboost_ints tree_info;     /* output of each tree */
    rk_xgboost_ints rounds;        /* iteration_indptr: round i is trees [i] to [i + 1] */
    rk_xgboost_floats weight_drop; /* DART */
    rk_xgboost_floats weights;     /* gblinear */
    rk_xgboost_floats base_score;
    rk_xgboost_ints version;
    rk_xgboost_texts feature_names;
    rk_str booster, objective;
    int64_t n_features, n_classes, n_targets, n_parallel, n_trees;
    int64_t best; /* best_iteration; -1: none */
    bool has_learner;
} rk_xgboost;

/* ---- reading; the next event must be what is asked for, else E0540 ---- */

/* "… at byte N" of the last event. */
RK_NODISCARD rk_status rk_xgboost_bad(const rk_xgboost *x, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Opens an object or list. */
RK_NODISCARD rk_status rk_xgboost_open(rk_xgboost *x, rk_json_event what);

/* The next member's name in `name`, or `more` is false at the end of the object. */
RK_NODISCARD rk_status rk_xgboost_member(rk_xgboost *x, rk_str *name, bool *more);

RK_NODISCARD rk_status rk_xgboost_skip(rk_xgboost *x);

/* A list of numbers; `items` is emptied first and grows in `arena`. Bools are 0 and 1. */
RK_NODISCARD rk_status rk_xgboost_read_ints(rk_xgboost *x, rk_arena *arena, rk_xgboost_ints *items);
RK_NODISCARD rk_status rk_xgboost_read_floats(rk_xgboost *x, rk_arena *arena,
                                              rk_xgboost_floats *items);

/* A whole number, or text that is one: parameters stand as text. */
RK_NODISCARD rk_status rk_xgboost_read_int(rk_xgboost *x, int64_t *out);

/* A text, copied into `arena`. */
RK_NODISCARD rk_status rk_xgboost_read_text(rk_xgboost *x, rk_arena *arena, rk_str *out);

/* ---- the parts ---- */

/* The object of one tree, at its beginning. */
RK_NODISCARD rk_status rk_xgboost_read_tree(rk_xgboost *x);

/* The object `cats`, at its beginning. */
RK_NODISCARD rk_status rk_xgboost_read_categories(rk_xgboost *x);

/* base_score: a number, text that is one, a list, or text that is a list. */
RK_NODISCARD rk_status rk_xgboost_read_base(rk_xgboost *x);

typedef struct rk_xgboost_objective {
    const char *name;
    rk_transform transform;
    float (*margin)(float base_score); /* NULL: base_score is the margin */
} rk_xgboost_objective;

/* NULL if unknown. */
const rk_xgboost_objective *rk_xgboost_objective_find(rk_str name);

/* All was read: the model. */
RK_NODISCARD rk_status rk_xgboost_make(rk_xgboost *x, rk_model *out);

#endif
