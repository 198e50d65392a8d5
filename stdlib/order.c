/* Order statistics and sorting in linear time, by the bits of the keys. */
#include "stdlib/fold.h"

enum { SMALL = 32, DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

static void insertion_sort(double *x, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const double value = x[i];
        size_t k = i;
        for (; k > 0 && value < x[k - 1]; k--)
            x[k] = x[k - 1];
        x[k] = value;
    }
}

/* Which digit holds the k-th key; *k becomes its place among those with that digit. */
static uint32_t find_digit(const uint32_t *count, size_t *k)
{
    uint32_t digit = 0;
    while (*k >= count[digit])
        *k -= count[digit++];
    return digit;
}

/* The k-th smallest (from 0), by narrowing x to the elements that share its leading digits. */
static double kth(double *x, size_t n, size_t k)
{
    for (int shift = 64 - DIGIT_BITS; n > SMALL; shift -= DIGIT_BITS) {
        uint32_t count[DIGITS] = {0};
        const int by = shift > 0 ? shift : 0;
        for (size_t i = 0; i < n; i++)
            count[rk_double_key(x[i]) >> by & (DIGITS - 1)]++;
        const uint32_t digit = find_digit(count, &k);
        size_t kept = 0;
        for (size_t i = 0; i < n; i++)
            if ((rk_double_key(x[i]) >> by & (DIGITS - 1)) == digit)
                x[kept++] = x[i];
        n = kept;
        if (shift <= 0)
            return x[0]; /* all bits agree */
    }
    insertion_sort(x, n);
    return x[k];
}

/* The element after the k-th one, which is `value`, in sorted order; or value if it is the last. */
static double next_after(const double *x, size_t n, size_t k, double value)
{
    size_t not_above = 0;
    double next = INFINITY;
    for (size_t i = 0; i < n; i++) {
        not_above += x[i] <= value;
        if (x[i] > value && x[i] < next)
            next = x[i];
    }
    return not_above > k + 1 || not_above == n ? value : next;
}

/* a at t = 0, b at t = 1. The plain form is exact where a and b are near; the other one does not
 * overflow. */
static double between(double a, double b, double t)
{
    const double step = b - a;
    if (t == 0.0 || a == b)
        return a;
    return isfinite(step) ? a + step * t : a * (1.0 - t) + b * t;
}

static double quantile(double *x, size_t n, double q)
{
    const double h = (double)(n - 1) * q;
    size_t k = (size_t)floor(h);
    if (k >= n)
        k = n - 1;
    const double t = h - (double)k;
    if (n <= SMALL) {
        insertion_sort(x, n);
        return between(x[k], k + 1 < n ? x[k + 1] : x[k], t);
    }
    /* Narrowing overwrites a part of x, so the next one is looked for in what the k-th is not. */
    double *const copy = x + n;
    memcpy(copy, x, n * sizeof *x);
    const double a = kth(copy, n, k);
    return between(a, t > 0.0 ? next_after(x, n, k, a) : a, t);
}

/* -0.0 is 0.0 in every order, so which of the two stands at a place is nothing to go by. */
double rk_quantile(double *x, size_t n, double q) { return quantile(x, n, q) + 0.0; }

static void insertion_sort_keyed(rk_keyed *items, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const rk_keyed item = items[i];
        size_t k = i;
        for (; k > 0 && item.key < items[k - 1].key; k--)
            items[k] = items[k - 1];
        items[k] = item;
    }
}

/* One pass of the radix sort; false when all keys have the same digit and nothing was moved. */
static bool scatter(const rk_keyed *from, rk_keyed *to, size_t n, int shift)
{
    uint32_t place[DIGITS] = {0};
    for (size_t i = 0; i < n; i++)
        place[from[i].key >> shift & (DIGITS - 1)]++;
    if (place[from[0].key >> shift & (DIGITS - 1)] == n)
        return false;
    uint32_t sum = 0;
    for (uint32_t digit = 0; digit < DIGITS; digit++) {
        const uint32_t count = place[digit];
        place[digit] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++)
        to[place[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
    return true;
}

void rk_keyed_sort(rk_keyed *items, rk_keyed *room, size_t n)
{
    if (n <= SMALL) {
        insertion_sort_keyed(items, n);
        return;
    }
    rk_keyed *from = items, *to = room;
    for (int shift = 0; shift < 64; shift += DIGIT_BITS) {
        if (!scatter(from, to, n, shift))
            continue;
        rk_keyed *const swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, n * sizeof *items);
}
