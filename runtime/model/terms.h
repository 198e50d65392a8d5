/* A linear model of numbers and ids: `linear("lr.json")`. The file:
 *
 *     {"rankc": "linear", "link": "logistic", "bias": -1.5, "inputs": [
 *         {"name": "price", "weight": 0.3, "missing": 10},
 *         {"name": "city", "weights": {"rome": 0.2, "paris": -0.1}, "unknown": 0, "missing": 0}]}
 *
 * The sum, in double: the bias, then in the order of the inputs weight times x, or the weight of
 * the id, or those of all ids of a list one after another. `missing` is what a missing number
 * counts as, or what a missing id adds; without it the input may not be missing. Ids that have no
 * weight add `unknown`, or 0. `link`: the score is the sum (identity), its sigmoid (logistic), or
 * exp. */
#ifndef RK_MODEL_TERMS_H
#define RK_MODEL_TERMS_H

#include "runtime/model/model.h"

typedef struct rk_term {
    double weight; /* of a number */
    double missing;
    const double *weights; /* [n_categories of the input] of ids; NULL: a number */
    double unknown;
} rk_term;

struct rk_terms {
    const rk_term *terms; /* [n] one an input */
    uint32_t n;
    double bias;
};

extern const rk_model_format rk_model_terms;

#endif
