/* Myers' bit vectors: 64 rows of the table of distances at once, column after column. */
#include "stdlib/distance.h"

static bool reserve(rk_distance *d, size_t n)
{
    if (n <= d->cap)
        return true;
    const size_t cap = 2 * n, blocks = cap / 64 + 1;
    d->cap = 0;
    d->sorted = rk_arena_alloc_column(d->arena, cap, 2 * sizeof *d->sorted);
    d->same = RK_NEW_ARRAY(d->arena, uint64_t, blocks);
    d->up = RK_NEW_ARRAY(d->arena, uint64_t, blocks);
    d->down = RK_NEW_ARRAY(d->arena, uint64_t, blocks);
    if (!d->sorted || !d->same || !d->up || !d->down)
        return false;
    d->cap = cap;
    return true;
}

rk_status rk_distance_start(rk_distance *d, rk_str pattern)
{
    if (!reserve(d, pattern.len))
        return RK_ENOMEM;
    d->n = 0;
    for (size_t at = 0; at < pattern.len; d->n++)
        d->sorted[d->n] = (rk_keyed){rk_str_utf8_next(pattern, &at), (uint32_t)d->n};
    d->blocks = (d->n + 63) / 64;
    if (d->n)
        rk_keyed_sort(d->sorted, d->sorted + d->cap, d->n);
    return RK_OK;
}

/* The first entry that is not below c. */
static size_t lower_bound(const rk_distance *d, uint64_t c)
{
    size_t low = 0, high = d->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (d->sorted[middle].key < c)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* One block of a column: a horizontal step of -1, 0 or 1 comes in below its first row, the one of
 * the row of `last` goes out. */
static int advance(rk_distance *d, size_t block, int step, uint64_t last)
{
    const uint64_t up = d->up[block], down = d->down[block];
    const uint64_t same = d->same[block] | (step < 0);
    const uint64_t vertical = d->same[block] | down;
    const uint64_t horizontal = (((same & up) + up) ^ up) | same;
    uint64_t plus = down | ~(horizontal | up);
    uint64_t minus = up & horizontal;
    const int out = (plus & last ? 1 : 0) - (minus & last ? 1 : 0);
    plus = plus << 1 | (step > 0);
    minus = minus << 1 | (step < 0);
    d->up[block] = minus | ~(vertical | plus);
    d->down[block] = plus & vertical;
    return out;
}

/* One code point of the text; returns the change of the distance. */
static int next_column(rk_distance *d, uint32_t c)
{
    const size_t from = lower_bound(d, c);
    size_t to = from;
    for (; to < d->n && d->sorted[to].key == c; to++)
        d->same[d->sorted[to].at / 64] |= UINT64_C(1) << d->sorted[to].at % 64;
    int step = 1; /* the row above the first counts the text */
    for (size_t block = 0; block + 1 < d->blocks; block++)
        step = advance(d, block, step, UINT64_C(1) << 63);
    step = advance(d, d->blocks - 1, step, UINT64_C(1) << (d->n - 1) % 64);
    for (size_t k = from; k < to; k++)
        d->same[d->sorted[k].at / 64] = 0;
    return step;
}

int64_t rk_distance_to(rk_distance *d, rk_str text)
{
    int64_t distance = (int64_t)d->n;
    if (d->n) {
        memset(d->up, 0xff, d->blocks * sizeof *d->up);
        memset(d->down, 0, d->blocks * sizeof *d->down);
    }
    for (size_t at = 0; at < text.len;) {
        const uint32_t c = rk_str_utf8_next(text, &at);
        distance += d->n ? next_column(d, c) : 1;
    }
    return distance;
}
