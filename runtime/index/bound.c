#include "runtime/index/bound.h"

#include <float.h>
#include <math.h>

/* What an underflow of squares can add to a distance, and what underflows can make of a product:
 * each of at most 4,096 sums is wrong by 2^-150, and so is what comparing adds. */
#define UNDERFLOWN         1e-19
#define PRODUCT_UNDERFLOWN 1e-40

static double length_of(const float *x, uint32_t n)
{
    double square = 0;
    for (uint32_t i = 0; i < n; i++)
        square += (double)x[i] * (double)x[i];
    return sqrt(square);
}

/* A float that is not less. */
static float above(double x) { return nextafterf((float)x, INFINITY); }

void rk_bound_init(const rk_index *index, const float *query, int8_t *room, rk_bound *out)
{
    *out = (rk_bound){.dot = index->metric == RK_INDEX_DOT, .at = (double)INFINITY};
    rk_code_query(index, query, room, &out->coded);
    const double length = length_of(query, index->dim);
    out->trusted =
        rk_code_is_trusted(index->metric, length) && (double)out->coded.length <= RK_CODE_MOST;
    /* fma in dim / 16 steps, the lanes' sum, and what is done with it */
    out->relative = (index->dim / 16 + 8) * 0x1p-24;
    if (!out->dot)
        return;
    for (uint32_t i = 0; i < index->dim; i++)
        out->product += (double)query[i] * (double)index->mean[i];
    out->around =
        3 * out->relative * length * length_of(index->mean, index->dim) + PRODUCT_UNDERFLOWN;
    out->by_error = length * (1 + RK_BOUND_SLACK + 2 * out->relative);
    out->by_length = (double)out->coded.error * (1 + RK_BOUND_SLACK) +
                     length * (2 * out->relative + RK_BOUND_SLACK);
}

rk_range rk_bound_range(const rk_bound *bound, const rk_code_tail *tail, float distance)
{
    if (tail->error == FLT_MAX)
        return (rk_range){-INFINITY, INFINITY};
    const double d = (double)distance, error = (double)tail->error;
    if (bound->dot) {
        const double by = error * bound->by_error + (double)tail->length * bound->by_length;
        return (rk_range){-above(by - d), above(d + by)};
    }
    const double square = (double)bound->coded.square + d;
    const double lost = RK_BOUND_SLACK * ((double)bound->coded.square + (double)tail->square);
    return (rk_range){-above(error - sqrt(fmax(square - lost, 0))),
                      above(sqrt(fmax(square + lost, 0)) + error)};
}

/* at: without what comparing in float loses. */
static void lower(rk_bound *bound, double at)
{
    at += RK_BOUND_SLACK * fabs(at);
    if (at < bound->at)
        bound->at = at;
}

/* The least of two distances that float may not tell from `distance`, with the query's error. */
static void lower_distance(rk_bound *bound, double distance)
{
    lower(bound, distance * (1 + 4 * bound->relative) + (double)bound->coded.error + UNDERFLOWN);
}

void rk_bound_by_most(const rk_index *index, rk_bound *bound, float most)
{
    const double distance = (double)most + (double)bound->coded.error;
    if (bound->dot)
        lower(bound, (double)most + bound->around);
    else if (index->metric == RK_INDEX_L2)
        lower_distance(bound, distance);
    else /* cosines that are equal up to twice their error, as squares of distances */
        lower_distance(bound, sqrt(distance * distance + 12 * bound->relative));
}

void rk_bound_by_score(const rk_index *index, rk_bound *bound, float score)
{
    if (isnan(score))
        return;
    if (bound->dot)
        lower(bound, bound->product - (double)score + bound->around);
    else if (index->metric == RK_INDEX_L2)
        lower_distance(bound, -(double)score);
    else
        lower_distance(bound, sqrt(fmax(2 - 2 * (double)score + 6 * bound->relative, 0)));
}

/* Of a coded query, without what can be lost. */
static float minus(const rk_coded *coded)
{
    return (float)((double)coded->square * (1 - RK_BOUND_SLACK));
}

rk_limit rk_bound_limit_of_sketches(const rk_bound *bound, const rk_coded *sketch)
{
    return (rk_limit){.kind = RK_LIMIT_SKETCH,
                      .at = above(bound->at + (double)sketch->error),
                      .minus = minus(sketch)};
}

rk_limit rk_bound_limit(const rk_bound *bound)
{
    return (rk_limit){.kind = bound->dot ? RK_LIMIT_PRODUCT : RK_LIMIT_DISTANCE,
                      .at = above(bound->at),
                      .minus = minus(&bound->coded),
                      .by_error = above(bound->by_error),
                      .by_length = above(bound->by_length)};
}
