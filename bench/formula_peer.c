/* The formula by hand, compiled by gcc as the table says; NAME is the function's name. */
#include <math.h>
#include <stddef.h>

void NAME(const float *rating, const float *weight, const float *price, const float *clicks,
          const float *age, const float *x, float avg, float *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = rating[i] * 0.1f * weight[i] - price[i] / avg +
                 log1pf(clicks[i]) / sqrtf(1 + age[i]) + 1 / (1 + expf(-x[i]));
}
