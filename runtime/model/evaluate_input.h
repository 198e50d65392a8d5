/* The evaluators' way to columns: a run of rows of one feature as doubles or floats, in place where
 * that can be, else copied. */
#ifndef RK_MODEL_EVALUATE_INPUT_H
#define RK_MODEL_EVALUATE_INPUT_H

#include "runtime/model/evaluate.h"

/* One of both is not NULL. */
typedef struct rk_numbers {
    const double *doubles;
    const float *floats;
} rk_numbers;

/* n rows of a feature from row `at` on; `whole` >= n can be read, what follows n is anything. Room
 * for `whole` doubles is at `room`, of which use may be made. */
rk_numbers rk_numbers_get(const rk_feature *feature, uint32_t at, uint32_t n, uint32_t whole,
                          double *room);

/* The same as doubles. */
const double *rk_numbers_double(const rk_feature *feature, uint32_t at, uint32_t n, uint32_t whole,
                                double *room);

/* One row's. */
double rk_numbers_one(const rk_feature *feature, uint32_t at);

#endif
