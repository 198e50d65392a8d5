/* A linear model: of each output a bias and a weight for every input, as float. What is missing
 * adds nothing. Made by loaders (XGBoost's gblinear). */
#ifndef RK_MODEL_LINEAR_H
#define RK_MODEL_LINEAR_H

#include "runtime/model/forest.h"

struct rk_linear {
    const float *weights; /* [n_inputs][n_outputs] */
    const float *bias;    /* [n_outputs] what sums begin with */
    uint32_t n_inputs;
    uint32_t n_outputs;
};

/* Raw scores, out[k][i] of output k and row i, each a float: bias + x0 * w0 + x1 * w1 … in the
 * order of the inputs, rounded to float after each step. An input all of whose weights are 0 is not
 * looked at: its column may be NULL. */
void rk_linear_run(const rk_linear *linear, const rk_rows_in *rows, double *const *out);

/* Whether some output has a weight for the input that is not 0. */
bool rk_linear_uses(const rk_linear *linear, uint32_t input);

#endif
