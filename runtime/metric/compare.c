#include "runtime/metric/compare.h"

#include <math.h>
#include <stdlib.h>

/* ---- Student's t ---- */

/* The continued fraction of the incomplete beta function by Lentz's method (Numerical Recipes,
 * 3rd edition, 6.4); it settles in some tens of steps for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
    enum { STEPS = 10000 };
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double h = d;
    for (int m = 1; m < STEPS; m++) {
        const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        const double parts[] = {even, odd};
        double step = 1;
        for (int i = 0; i < 2; i++) {
            d = 1 + parts[i] * d;
            c = 1 + parts[i] / c;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = fabs(c) < tiny ? tiny : c;
            step = c * d;
            h *= step;
        }
        if (fabs(step - 1) < 1e-16)
            break;
    }
    return h;
}

/* log(gamma(a + 1/2) / gamma(a)). Of large a the two are too near to each other to be subtracted:
 * there it is Stirling's series (Tricomi and Erdelyi, 1951). */
static double log_gamma_ratio(double a)
{
    int sign;
    if (a < 25)
        return lgamma_r(a + 0.5, &sign) - lgamma_r(a, &sign);
    const double b = 1 / a, c = b * b;
    return 0.5 * log(a) - b * (1 / 8.0 - c * (1 / 192.0 - c * (1 / 640.0 - c * 17 / 14336.0)));
}

/* The regularised incomplete beta function of a and 1/2, from x and 1 - x. */
static double beta(double a, double x, double rest)
{
    const double log_x = rest < 0.5 ? log1p(-rest) : log(x), log_pi = 1.1447298858494002;
    if (x <= 0 || rest <= 0)
        return x <= 0 ? 0 : 1;
    const double front = exp(log_gamma_ratio(a) - log_pi / 2 + a * log_x + log(rest) / 2);
    if (x < (a + 1) / (a + 2.5))
        return front * beta_fraction(a, 0.5, x) / a;
    return 1 - front * beta_fraction(0.5, a, rest) / 0.5;
}

double rk_student_p(double t, double freedom)
{
    if (isnan(t) || !(freedom > 0))
        return NAN;
    if (isinf(t))
        return 0;
    const double square = t * t;
    return beta(freedom / 2, freedom / (freedom + square), square / (freedom + square));
}

/* ---- the t-test ---- */

static void test(const double *differences, uint32_t n, rk_comparison *out)
{
    double sum = 0, squares = 0;
    out->t = out->p = NAN;
    for (uint32_t i = 0; i < n; i++)
        sum += differences[i];
    const double mean = sum / n;
    for (uint32_t i = 0; i < n; i++)
        squares += (differences[i] - mean) * (differences[i] - mean);
    if (n < 2 || (squares == 0 && mean == 0))
        return;
    out->t = mean / sqrt(squares / (n - 1.0) / n);
    out->p = rk_student_p(out->t, n - 1.0);
}

/* ---- the bootstrap ---- */

/* What one query adds to the sums of both means. */
typedef struct share {
    double a, a_weight, b, b_weight;
} share;

static double difference_of(share sums) { return sums.a / sums.a_weight - sums.b / sums.b_weight; }

static share add(share x, share y)
{
    return (share){x.a + y.a, x.a_weight + y.a_weight, x.b + y.b, x.b_weight + y.b_weight};
}

/* SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* A number below n: the high half of a product, biased by less than 2^-32. */
static uint32_t draw(uint64_t *state, uint32_t n)
{
    return (uint32_t)((next_random(state) >> 32) * n >> 32);
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Between the two neighbours of q (n - 1), as the language's quantile has it. */
static double quantile(const double *sorted, uint32_t n, double q)
{
    const double at = q * (n - 1.0);
    const uint32_t low = (uint32_t)at, high = low + 1 < n ? low + 1 : low;
    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

static rk_status bootstrap(const rk_compare_spec *spec, const share *shares, uint32_t n,
                           rk_arena *arena, rk_comparison *out)
{
    uint64_t state = spec->seed;
    out->low = out->high = NAN;
    if (n < 2 || spec->samples == 0)
        return RK_OK;
    double *const drawn = RK_NEW_ARRAY(arena, double, spec->samples);
    if (!drawn)
        return RK_ENOMEM;
    for (uint32_t s = 0; s < spec->samples; s++) {
        share sums = {0};
        for (uint32_t i = 0; i < n; i++)
            sums = add(sums, shares[draw(&state, n)]);
        drawn[s] = difference_of(sums);
    }
    qsort(drawn, spec->samples, sizeof *drawn, compare_doubles);
    out->low = quantile(drawn, spec->samples, 0.025);
    out->high = quantile(drawn, spec->samples, 0.975);
    return RK_OK;
}

rk_status rk_compare(const rk_compare_spec *spec, rk_arena *arena, rk_comparison *out)
{
    double *const differences = RK_NEW_ARRAY(arena, double, spec->n);
    share *const shares = RK_NEW_ARRAY(arena, share, spec->n);
    share sums = {0};
    if (!differences || !shares)
        return RK_ENOMEM;
    *out = (rk_comparison){.t = NAN, .p = NAN};
    for (uint32_t i = 0; i < spec->n; i++) {
        const double a = spec->a[i], b = spec->b[i];
        const double a_weight = spec->a_weights[i], b_weight = spec->b_weights[i];
        if (!(a_weight > 0) || !(b_weight > 0))
            continue;
        out->wins += a > b;
        out->losses += a < b;
        out->ties += a == b;
        differences[out->n] = a - b;
        shares[out->n] = (share){a * a_weight, a_weight, b * b_weight, b_weight};
        sums = add(sums, shares[out->n++]);
    }
    out->difference = out->n ? difference_of(sums) : NAN;
    if (spec->is_mean)
        test(differences, out->n, out);
    return bootstrap(spec, shares, out->n, arena, out);
}

uint32_t rk_compare_samples(uint32_t n_queries)
{
    const uint32_t most = 10000, least = 1000, draws = 200000000;
    if (n_queries <= draws / most)
        return most;
    return n_queries >= draws / least ? least : draws / n_queries;
}
