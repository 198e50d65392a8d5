/* A forest of decision trees in one form, whatever library it came from. Every rule of a library
 * about comparing, missing values and categories is resolved by its loader into these few:
 *
 *   A number x goes left if x < threshold, compared as doubles. `x <= t` is `x < next(t)`; a
 * library that narrows x to float first has, as threshold, the least double that narrows to its own
 * or more (rk_forest_narrowed). So thresholds can be ordered and counted, and x may stay a double.
 *   A NaN goes where nan_left says. Under `zero` so does a value within RK_FOREST_ZERO of 0.
 *   A category is the integer part of x. It is in the set or not; no category of the set is
 * negative, and what does not fit an int is not in it. Under `narrows` x is made a float first, and
 * below 0 there is no category: -0.5 is none, not 0. Under `whole` only whole numbers are one.
 *
 * Scores add up tree by tree in the order of the file, in double or in float as the library does,
 * from `base`. */
#ifndef RK_MODEL_FOREST_H
#define RK_MODEL_FOREST_H

#include "runtime/model/model.h"

#define RK_FOREST_ZERO ((double)1e-35f) /* LightGBM's kZeroThreshold */

typedef struct rk_tree_split {
    double threshold; /* NaN never; may be infinite. Of categories: unused */
    uint32_t feature; /* in model.inputs */
    int32_t left;     /* another split of the tree, always a later one; or -1 - leaf */
    int32_t right;
    uint32_t set; /* in forest.sets; UINT32_MAX: a number is compared */
    bool nan_left;
    bool zero;    /* values near 0 are missing too */
    bool in_left; /* of categories: those of the set go left, the others right; else turned */
} rk_tree_split;

/* A set of categories: bit c of its words, if c < 32 * n_words. */
typedef struct rk_split_set {
    uint32_t first; /* in forest.words */
    uint32_t n_words;
} rk_split_set;

typedef struct rk_tree {
    uint32_t first_split, n_splits; /* the root is the first; none: the only leaf is it */
    uint32_t first_leaf, n_leaves;
    uint32_t output; /* that it adds to */
    uint32_t depth;  /* splits on the longest way */
} rk_tree;

struct rk_forest {
    rk_tree *trees; /* [n_trees] in the order of adding */
    uint32_t n_trees;
    rk_tree_split *splits; /* [n_splits] */
    uint32_t n_splits;
    double *leaves;         /* [n_leaves] values; of a float forest each is one */
    uint32_t *leaf_numbers; /* [n_leaves] as the library numbers them, for RK_MODEL_LEAVES */
    uint32_t n_leaves;
    rk_split_set *sets; /* [n_sets] */
    uint32_t n_sets;
    uint32_t *words; /* [n_words] */
    uint32_t n_words;
    uint32_t n_outputs;
    bool in_float;  /* sums are float, and so is base */
    bool rounds;    /* sums are double, and rounded to float at the end */
    bool narrows;   /* the library takes x as float: tells which category it is */
    bool whole;     /* 2.5 is no category, instead of 2 */
    double *base;   /* [n_outputs] what sums begin with */
    double divisor; /* raw scores are the sums divided by it; 1: as they are. LightGBM: always 1 */
    double scale, bias;   /* after that: scale * sum + bias, as double; 1 and 0 else. CatBoost. Of a
                           * float forest the result becomes a float again */
    const double *biases; /* [n_outputs] in the place of bias, or NULL */
    /* for rk_model inspect */
    double *gains;  /* [n_splits] or NULL */
    double *covers; /* [n_splits] or NULL: counts or weights of rows in training */
};

/* The least double that is `threshold` or more once narrowed to float: x >= it exactly if (float)x
 * >= threshold. */
double rk_forest_narrowed(float threshold);

/* The next double above: `x <= t` is `x < rk_forest_above(t)`. */
double rk_forest_above(double threshold);

/* Makes it a float forest: its leaves and bases become the floats next to them, and so add up tree
 * by tree. Returns whether all of them fit. */
bool rk_forest_to_float(rk_forest *forest);

/* Whether every number is in range, children come later than their parents and each leaf and split
 * is reached once. The fault in words. Sets the trees' depths and the inputs' `used` and
 * `categorical`; `missing` is the loader's, who alone knows. RK_EDATA, RK_ENOMEM. */
RK_NODISCARD rk_status rk_forest_check(rk_forest *forest, rk_model_input *inputs, uint32_t n_inputs,
                                       rk_buf *fault);

/* The category that x is by a forest's rules; -1: none. */
static inline int32_t rk_forest_category(double x, bool narrows, bool whole)
{
    const double v = narrows ? (double)(float)x : x;
    const bool fits = v < 2147483648.0 && (narrows ? v >= 0 : v > -1);
    const int32_t category = fits ? (int32_t)v : -1;
    return whole && (double)category != v ? -1 : category;
}

/* ---- evaluation ---- */

/* n rows of features: feature f of row i is columns[f][i]. Columns of unused features may be NULL.
 * A missing value is NaN. */
typedef struct rk_rows_in {
    const double *const *columns; /* [n_inputs] */
    uint32_t n;
} rk_rows_in;

/* The plain walk, the definition of all evaluators: raw scores, out[k][i] of output k and row i; of
 * a float forest each is a float. */
void rk_forest_walk(const rk_forest *forest, const rk_rows_in *rows, double *const *out);

/* Library's numbers of the leaves: out[i * n_trees + t]. */
void rk_forest_leaves(const rk_forest *forest, const rk_rows_in *rows, int64_t *out);

#endif
