/* Five aggregates by hand, sums in double; compiled by gcc as the table says. With fast-math gcc
 * holds that there is no NaN, so it is told by the bits; NAME is the function's name. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "bench/folds.h"

void NAME(const float *x, size_t n, folds *out)
{
    double sum = 0;
    size_t count = 0;
    float least = 3.4028235e38f, most = -3.4028235e38f;
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        const int has = (bits & 0x7fffffffu) <= 0x7f800000u;
        const float value = has ? x[i] : 0;
        const float low = has ? x[i] : 3.4028235e38f, high = has ? x[i] : -3.4028235e38f;
        sum += (double)value;
        count += (size_t)has;
        least = low < least ? low : least;
        most = high > most ? high : most;
    }
    *out = (folds){(float)sum, (float)(sum / (double)count), least, most, (int64_t)count};
}
