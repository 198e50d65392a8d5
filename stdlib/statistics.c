/* Statistics that are more than a line of Rank; the rest stands in prelude.rank. */
#include "stdlib/call.h"
#include "stdlib/families.h"

/* Lower end of Wilson's interval. */
static double wilson(double hits, double trials, double z)
{
    if (!(trials > 0.0))
        return trials == trials && hits == hits && z == z ? 0.0 : rk_nan_double();
    const double p = hits / trials, z2 = z * z / trials;
    const double spread = z * sqrt((p * (1.0 - p) + z2 / 4.0) / trials);
    const double low = (p + z2 / 2.0 - spread) / (1.0 + z2);
    return low < 0.0 ? 0.0 : low;
}

static rk_status wilson_f32(const rk_call *call)
{
    const float *const hits = RK_IN(call, 0, float), *const trials = RK_IN(call, 1, float);
    const float *const z = RK_IN(call, 2, float);
    for (size_t i = 0; i < call->n; i++)
        RK_OUT(call, float)
    [i] = rk_one_nan_float((float)wilson((double)hits[i], (double)trials[i], (double)z[i]));
    return RK_OK;
}

static rk_status wilson_f64(const rk_call *call)
{
    const double *const hits = RK_IN(call, 0, double), *const trials = RK_IN(call, 1, double);
    const double *const z = RK_IN(call, 2, double);
    for (size_t i = 0; i < call->n; i++)
        RK_OUT(call, double)[i] = rk_one_nan_double(wilson(hits[i], trials[i], z[i]));
    return RK_OK;
}

/* clang-format off */
static const rk_fn rows[] = {
    {"wilson", "(hits: float, trials: float, z: float = 1.96) -> float", wilson_f32, RK_NULL_ANY, 0,
     "Lower end of Wilson's interval for a share of hits among trials, so that few trials count "
     "for little; 0 without trials, missing for more hits than trials. z = 1.96 is a confidence of "
     "95 %.",
     "wilson(8, 10)", "0.49015683"},
    {"wilson", "(hits: double, trials: double, z: double = 1.96) -> double", wilson_f64,
     RK_NULL_ANY, 0, NULL, NULL, NULL},
};
/* clang-format on */

RK_FN_FAMILY(statistics, rows)
