#include "runtime/index/graph_prune.h"

/* Distances at a time to those taken: mostly one of the first is near enough. */
enum { STEP = 8 };

static float lift_between(const rk_pruner *pruner, uint32_t a, uint32_t b)
{
    const float apart = pruner->lifts[a] - pruner->lifts[b];
    return apart * apart;
}

static void prepare(const rk_pruner *pruner, uint32_t place, rk_coded *query, float *own)
{
    rk_code_query_at(pruner->index, place, pruner->room, query);
    *own = rk_code_own(pruner->index, place);
}

static void distances_of(const rk_pruner *pruner, const rk_coded *query, const uint32_t *places,
                         uint32_t n, float *out)
{
    pruner->ops->gathered(query, pruner->index->codes, places, n, out);
}

void rk_prune_distances(const rk_pruner *pruner, uint32_t from, const uint32_t *places, uint32_t n,
                        float *out)
{
    rk_coded query;
    float own;
    prepare(pruner, from, &query, &own);
    distances_of(pruner, &query, places, n, out);
    for (uint32_t i = 0; i < n; i++) {
        out[i] += own;
        if (pruner->lifts)
            out[i] += lift_between(pruner, from, places[i]);
    }
}

/* True if one of those taken is so near to `place` that the link to it is not needed. */
static bool is_covered(const rk_pruner *pruner, rk_near near, const uint32_t *taken, uint32_t n)
{
    const uint32_t place = rk_near_place(near);
    const float limit = rk_near_distance(near);
    float distances[STEP];
    rk_coded query;
    float own;
    prepare(pruner, place, &query, &own);
    for (uint32_t i = 0; i < n; i += STEP) {
        const uint32_t count = n - i < STEP ? n - i : STEP;
        distances_of(pruner, &query, taken + i, count, distances);
        for (uint32_t j = 0; j < count; j++) {
            const float lift = pruner->lifts ? lift_between(pruner, place, taken[i + j]) : 0;
            if (pruner->alpha * (distances[j] + own + lift) < limit)
                return true;
        }
    }
    return false;
}

uint32_t rk_prune(const rk_pruner *pruner, const rk_near *nears, uint32_t n, uint32_t *links)
{
    uint32_t n_taken = 0;
    for (uint32_t i = 0; i < n && n_taken < pruner->degree; i++)
        if (n_taken == 0 || !is_covered(pruner, nears[i], links, n_taken))
            links[n_taken++] = rk_near_place(nears[i]);
    return n_taken;
}

/* By insertion: what is sorted is nearly sorted, or short. */
void rk_nears_sort(rk_near *nears, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        const rk_near near = nears[i];
        const rk_beam before = {.nears = nears, .n = i, .cap = i + 1};
        const uint32_t at = rk_beam_find(&before, near);
        memmove(nears + at + 1, nears + at, (i - at) * sizeof *nears);
        nears[at] = near;
    }
}
