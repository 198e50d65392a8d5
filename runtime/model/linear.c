#include "runtime/model/linear.h"

bool rk_linear_uses(const rk_linear *linear, uint32_t input)
{
    const float *const weights = linear->weights + (size_t)input * linear->n_outputs;
    for (uint32_t k = 0; k < linear->n_outputs; k++)
        if (weights[k] != 0)
            return true;
    return false;
}

static void add_input(double *sums, const double *x, float weight, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (x[i] == x[i])
            sums[i] = (double)((float)sums[i] + (float)x[i] * weight);
}

void rk_linear_run(const rk_linear *linear, const rk_rows_in *rows, double *const *out)
{
    for (uint32_t k = 0; k < linear->n_outputs; k++) {
        for (uint32_t i = 0; i < rows->n; i++)
            out[k][i] = (double)linear->bias[k];
        for (uint32_t f = 0; f < linear->n_inputs; f++)
            if (rk_linear_uses(linear, f))
                add_input(out[k], rows->columns[f],
                          linear->weights[(size_t)f * linear->n_outputs + k], rows->n);
    }
}
