/* LightGBM's text models, v2 to v4, as Booster.save_model writes them: a head of `key=value` lines,
 * a block of lines for each tree, `end of trees`, parameters, the categories of pandas.
 * lightgbm.c reads the head and puts the model together, lightgbm_tree.c reads a tree,
 * lightgbm_pandas.c the categories, lightgbm_text.c lines and lists of numbers. */
#ifndef RK_MODEL_LIGHTGBM_H
#define RK_MODEL_LIGHTGBM_H

#include "runtime/model/forest.h"
#include "runtime/model/load.h"

extern const rk_model_format rk_model_lightgbm;

/* A value and the line that it stands in; line 0: the file has none. */
typedef struct rk_lgb_value {
    rk_str text;
    uint64_t line;
} rk_lgb_value;

/* The arrays of the forest while they grow, in the model's arena. */
typedef struct rk_lgb_trees {
    RK_VEC(rk_tree) trees;
    RK_VEC(rk_tree_split) splits;
    RK_VEC(double) gains;
    RK_VEC(double) covers;
    RK_VEC(double) leaves;
    RK_VEC(uint32_t) leaf_numbers;
    RK_VEC(rk_split_set) sets;
    RK_VEC(uint32_t) words;
    bool no_gains, no_covers; /* some tree tells none */
    uint32_t n_linear;        /* trees with linear models in their leaves */
} rk_lgb_trees;

typedef struct rk_lgb {
    rk_model_loading loading;
    rk_str rest;            /* of the file */
    uint64_t line;          /* the last one read, from 1 */
    rk_arena *arena;        /* of the model; not owned */
    rk_arena one_tree;      /* numbers of a single tree */
    rk_model_input *inputs; /* [n_inputs] */
    uint32_t n_inputs;
    uint32_t n_outputs;
    rk_lgb_trees trees;
    rk_lgb_value categorical; /* parameter categorical_feature: "0,3,4" */
    rk_lgb_value pandas;      /* a JSON list of lists, or null */
} rk_lgb;

/* ---- lightgbm_text.c ---- */

/* The next line without its end; false at the end of the file. */
bool rk_lgb_line(rk_lgb *l, rk_str *out);

/* Cuts the next word off *rest: what stands between spaces, or another separator. */
bool rk_lgb_word(rk_str *rest, char separator, rk_str *out);

/* How many words there are. */
uint64_t rk_lgb_words(rk_str text);

/* Cuts `prefix` off *line if it begins with it. */
bool rk_lgb_after(rk_str line, rk_str prefix, rk_str *out);

/* An int in least .. most; `name` is for the message. */
RK_NODISCARD rk_status rk_lgb_int(const rk_lgb *l, const char *name, rk_lgb_value value,
                                  int64_t least, int64_t most, int64_t *out);

/* Exactly n numbers, into arrays in l->one_tree: nothing is taken for n that the text does not
 * have. */
RK_NODISCARD rk_status rk_lgb_doubles(rk_lgb *l, const char *name, rk_lgb_value value, uint32_t n,
                                      double **out);
RK_NODISCARD rk_status rk_lgb_ints(rk_lgb *l, const char *name, rk_lgb_value value, uint32_t n,
                                   int64_t **out);

/* ---- lightgbm_tree.c, lightgbm_pandas.c ---- */

/* Makes room for the trees that the rest of the file seems to have. */
RK_NODISCARD rk_status rk_lgb_reserve(rk_lgb *l);

/* Reads the block after a line `Tree=`, with the blank line that ends it. */
RK_NODISCARD rk_status rk_lgb_tree(rk_lgb *l);

/* Gives the inputs the categories of l->pandas. */
RK_NODISCARD rk_status rk_lgb_categories(rk_lgb *l, rk_str feature_infos);

#endif
