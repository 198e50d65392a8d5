/* Dense features standardised by saved parameters. The file:
 *
 *     {"rankc": "scaler", "features": [
 *         {"name": "price", "median": 12, "mean": 13.5, "std": 4.2}, …]}
 *
 * A missing x is the median (if there is none, x may not be missing); then (x - mean) / std in
 * double, rounded to float; 0 where std is 0. */
#ifndef RK_MODEL_SCALER_H
#define RK_MODEL_SCALER_H

#include "runtime/model/forest.h"

typedef struct rk_scaled {
    double median, mean, std;
} rk_scaled;

struct rk_scaler {
    const rk_scaled *features; /* [n] one an input */
    uint32_t n;
};

extern const rk_model_format rk_model_scaler;

/* Vectors of n floats, row after row. */
void rk_scaler_run(const rk_scaler *scaler, const rk_rows_in *rows, float *out);

#endif
