#include "runtime/index/looking.h"

#include <float.h>

#include "runtime/index/graph_sketch.h"

enum {
    SPARE = 128, /* candidates beyond 2 k */
    PART = 64,   /* that are scored at once */
    COARSE_BITS = 3,
    COARSE = 1 << COARSE_BITS /* what a coarse query's 1 is in its code */
};

/* What tiles multiply bounds with; see rk_tile_bounds. Where float is too small for it, all pass.
 */
static void limit_tiles(const rk_bound *bound, double at, rk_view *view)
{
    double by[3];
    if (bound->dot) {
        by[0] = -bound->by_length - view->coarse;
        by[1] = -at;
        by[2] = -bound->by_error;
    } else {
        at += view->coarse;
        by[0] = 1;
        by[1] = view->square * (1 - RK_BOUND_SLACK) - at * at;
        by[2] = -2 * at;
    }
    bool fits = true;
    for (int i = 0; i < 3; i++) {
        view->tiled.by[i] = (float)(by[i] / view->factor);
        fits &= fabs(by[i] / view->factor) < (double)FLT_MAX;
    }
    if (!fits)
        view->tiled.by[1] = -INFINITY;
}

void rk_looking_limit(rk_looking *looking)
{
    const rk_bound *const bound = &looking->bound;
    looking->by_code.limit = rk_bound_limit(bound);
    limit_tiles(bound, bound->at, &looking->by_code);
    if (!looking->sketch.bytes)
        return;
    looking->by_sketch.limit = rk_bound_limit_of_sketches(bound, &looking->sketch);
    limit_tiles(bound, bound->at + (double)looking->sketch.error, &looking->by_sketch);
}

/* What tiles see of a query: its code, or six bits of each byte of it. */
static rk_status see(const rk_looking *looking, const rk_coded *coded, rk_view *view)
{
    const rk_tile_ops *const tiles = looking->scan->scratch->tiles;
    view->factor = (double)coded->factor;
    view->square = (double)coded->square;
    view->tiled = (rk_tile_query){.bytes = coded->bytes, .start = -128 * coded->sum};
    if (!tiles || !tiles->coarse)
        return RK_OK;
    int8_t *const bytes =
        rk_arena_alloc_column(&looking->scan->scratch->room, coded->stride, sizeof *bytes);
    if (!bytes)
        return RK_ENOMEM;
    int32_t sum = 0, square = 0, rest = 0;
    for (size_t i = 0; i < coded->stride; i++) {
        bytes[i] = (int8_t)((coded->bytes[i] + COARSE / 2) >> COARSE_BITS);
        const int32_t off = coded->bytes[i] - bytes[i] * COARSE;
        sum += bytes[i];
        square += bytes[i] * bytes[i];
        rest += off * off;
    }
    const double scale = looking->bound.dot ? view->factor : view->factor / 2;
    view->tiled = (rk_tile_query){.bytes = bytes, .start = -128 * sum};
    view->factor *= COARSE;
    view->square = scale * scale * COARSE * COARSE * square;
    view->coarse = scale * sqrt(rest) * (1 + RK_BOUND_SLACK);
    return RK_OK;
}

static rk_status see_sketch(rk_looking *looking)
{
    const rk_exact *const scan = looking->scan;
    int8_t *const bytes = rk_arena_alloc_column(&scan->scratch->room, RK_SKETCH_STRIDE, 1);
    if (!bytes)
        return RK_ENOMEM;
    rk_sketch_query(scan->index, scan->scratch->codes, &looking->bound.coded, bytes,
                    &looking->sketch);
    looking->sketch.by = 0;
    return see(looking, &looking->sketch, &looking->by_sketch);
}

rk_status rk_looking_init(const rk_exact *scan, rk_seeker *seeker, rk_looking *out)
{
    const rk_index *const index = scan->index;
    *out = (rk_looking){.scan = scan, .seeker = seeker, .cap = 2 * seeker->keep.k + SPARE};
    rk_arena *const room = &scan->scratch->room;
    int8_t *const bytes = rk_arena_alloc_column(room, index->stride, sizeof *bytes);
    out->candidates = rk_arena_alloc_column(room, out->cap, sizeof *out->candidates);
    if (!bytes || !out->candidates)
        return RK_ENOMEM;
    rk_bound_init(index, seeker->vector, bytes, &out->bound);
    RK_TRY(see(out, &out->bound.coded, &out->by_code));
    if (index->bounding && out->bound.trusted)
        RK_TRY(see_sketch(out));
    rk_looking_limit(out);
    return RK_OK;
}

/* Puts the k candidates of least `most` in front. */
static void select_least(rk_candidate *items, uint32_t n, uint32_t k)
{
    uint32_t seed = 1;
    for (int64_t low = 0, high = (int64_t)n - 1, last = (int64_t)k - 1; low < high;) {
        seed = seed * 1664525 + 1013904223;
        const float pivot = items[low + (seed >> 8) % (high - low + 1)].range.most;
        int64_t i = low, j = high;
        while (i <= j) {
            while (items[i].range.most < pivot)
                i++;
            while (items[j].range.most > pivot)
                j--;
            if (i <= j) {
                const rk_candidate swap = items[i];
                items[i++] = items[j];
                items[j--] = swap;
            }
        }
        if (last <= j)
            high = j;
        else if (last >= i)
            low = i;
        else
            return;
    }
}

/* Drops what is beyond the limit, of the candidates from `from` on. */
static void drop(rk_looking *looking, uint32_t from)
{
    uint32_t n = from;
    for (uint32_t i = from; i < looking->n; i++)
        if ((double)looking->candidates[i].range.least <= looking->bound.at)
            looking->candidates[n++] = looking->candidates[i];
    looking->n = n;
}

/* Lowers the limit by the candidates' own bounds: k of them are no farther. */
static void tighten(rk_looking *looking)
{
    const uint32_t k = looking->seeker->keep.k;
    if (looking->n <= k)
        return;
    select_least(looking->candidates, looking->n, k);
    float most = looking->candidates[0].range.most;
    for (uint32_t i = 1; i < k; i++)
        if (looking->candidates[i].range.most > most)
            most = looking->candidates[i].range.most;
    rk_bound_by_most(looking->scan->index, &looking->bound, most);
    drop(looking, 0);
    rk_looking_limit(looking);
}

/* Scores candidates from .. to, and lowers the limit by what is found. */
static void score(rk_looking *looking, uint32_t from, uint32_t to)
{
    const rk_exact *const scan = looking->scan;
    rk_keep *const keep = &looking->seeker->keep;
    uint32_t places[PART];
    for (uint32_t i = from; i < to; i += PART) {
        const uint32_t n = to - i < PART ? to - i : PART;
        for (uint32_t j = 0; j < n; j++)
            places[j] = looking->candidates[i + j].place;
        rk_seeker_score(scan->index, scan->scratch, looking->seeker, places, n);
    }
    if (rk_keep_is_full(keep))
        rk_bound_by_score(scan->index, &looking->bound, rk_keep_score(keep->items[0]));
}

void rk_looking_add(rk_looking *looking, uint32_t place, float distance)
{
    const rk_index *const index = looking->scan->index;
    const rk_code_tail tail = rk_code_tail_of(index->codes + place * index->stride, index->stride);
    const rk_range range = rk_bound_range(&looking->bound, &tail, distance);
    if ((double)range.least > looking->bound.at)
        return;
    looking->candidates[looking->n++] = (rk_candidate){range, place};
    if (looking->n < looking->cap)
        return;
    tighten(looking);
    if (looking->n > looking->cap / 2) { /* bounds do not tell them apart */
        score(looking, 0, looking->n);
        looking->n = 0;
        rk_looking_limit(looking);
    }
}

void rk_looking_finish(rk_looking *looking)
{
    tighten(looking);
    const uint32_t k = looking->seeker->keep.k, first = looking->n < k ? looking->n : k;
    score(looking, 0, first);
    drop(looking, first);
    score(looking, first, looking->n);
}

/* From `not beyond the limit` (bound.h), with d = square - factor * scale * s, or without square,
 * solved for s:
 *   DISTANCE  s >= ((square - error^2) / scale + (squares of the query - at^2) / scale
 *                   - 2 at error / scale) / factor
 *   PRODUCT   s >= -(at / scale + by_error error / scale + by_length length / scale) / factor
 *   SKETCH    as DISTANCE, with length for square */
void rk_tile_bounds(rk_limit_kind kind, size_t stride, rk_tile *tile)
{
    for (uint32_t i = 0; i < tile->n; i++) {
        const rk_code_tail tail = rk_code_tail_of(tile->blocks[i], stride);
        const float square = kind == RK_LIMIT_SKETCH ? tail.length : tail.square;
        const float least = square * (1 - (float)RK_BOUND_SLACK) - tail.error * tail.error;
        const float own = kind == RK_LIMIT_PRODUCT ? tail.length : least;
        tile->bounds[0][i] = own / tail.scale;
        tile->bounds[1][i] = 1 / tail.scale;
        tile->bounds[2][i] = tail.error == FLT_MAX ? INFINITY : tail.error / tail.scale;
    }
}
