#include "runtime/index/graph_prune.h"

/* Distances at a time to those taken: mostly one of the first is near enough. */
enum { STEP = 8 };

/* A place that others are compared with. */
typedef struct origin {
    float own;
    rk_length length; /* with lengths */
    rk_coded query;
} origin;

static void prepare(const rk_pruner *pruner, uint32_t place, origin *out)
{
    out->own = rk_code_own(pruner->index, place);
    if (pruner->lengths)
        out->length = pruner->lengths[place];
    rk_code_query_at(pruner->index, place, pruner->room, &out->query);
}

static void distances_of(const rk_pruner *pruner, const origin *from, const uint32_t *places,
                         uint32_t n, float *out)
{
    pruner->ops->gathered(&from->query, pruner->index->codes, places, n, out);
    for (uint32_t i = 0; i < n; i++)
        out[i] += from->own;
    for (uint32_t i = 0; pruner->lengths && i < n; i++)
        out[i] = rk_length_product(from->length, pruner->lengths[places[i]], out[i]);
}

void rk_prune_distances(const rk_pruner *pruner, uint32_t from, const uint32_t *places, uint32_t n,
                        float *out)
{
    origin at;
    prepare(pruner, from, &at);
    distances_of(pruner, &at, places, n, out);
}

/* True if one of those taken is so near to `place` that the link to it is not needed. */
static bool is_covered(const rk_pruner *pruner, rk_near near, const uint32_t *taken, uint32_t n)
{
    const float limit = rk_near_distance(near);
    float distances[STEP];
    origin at;
    prepare(pruner, rk_near_place(near), &at);
    for (uint32_t i = 0; i < n; i += STEP) {
        const uint32_t count = n - i < STEP ? n - i : STEP;
        distances_of(pruner, &at, taken + i, count, distances);
        for (uint32_t j = 0; j < count; j++)
            if (pruner->alpha * distances[j] < limit)
                return true;
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
