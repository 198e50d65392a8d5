#include "runtime/index/graph_build.h"

#include <float.h>

/* Where searches begin. Each entry is drawn from a sample of all places with a chance that grows
 * with the square of its distance from those drawn before (D. Arthur, S. Vassilvitskii, k-means++:
 * the advantages of careful seeding, 2007): so of vectors that stand in clusters, which links
 * between near places seldom join, each cluster has one as long as there are entries. */

enum {
    LEAST = 64,
    BYTES = 1 << 17,   /* of all entries' codes, which each search looks at */
    SHARE = 16,        /* an entry stands for so many places at least */
    SAMPLED_EACH = 16, /* places that an entry is drawn from */
};

uint32_t rk_graph_entries(size_t stride, uint32_t n_places)
{
    const size_t fitting = BYTES / stride;
    uint32_t n = fitting < RK_WALK_MOST_ENTRIES ? (uint32_t)fitting : RK_WALK_MOST_ENTRIES;
    n = n < n_places / SHARE ? n : n_places / SHARE;
    n = n > LEAST ? n : LEAST;
    return n < n_places ? n : n_places;
}

/* The sample: the first turns, of which those drawn stand in front. */
typedef struct sample {
    uint32_t *turns;
    uint32_t n;
    float *nearest; /* [n] square of the distance to the nearest that was drawn */
    float *distances;
    uint64_t state;
} sample;

/* Notes how near the place drawn last, number `at`, is to the others. */
static void compare(const rk_builder *builder, sample *s, uint32_t at)
{
    rk_build_worker *const worker = &builder->workers[0];
    const rk_index *const index = builder->index;
    const float own = rk_code_own(index, s->turns[at]);
    rk_coded query;
    rk_code_query_at(index, s->turns[at], worker->query, &query);
    worker->walker.ops->gathered(&query, index->codes, s->turns, s->n, s->distances);
    for (uint32_t i = 0; i < s->n; i++) {
        const float distance = s->distances[i] + own;
        if (distance < s->nearest[i])
            s->nearest[i] = distance > 0 ? distance : 0;
    }
}

static double total(const sample *s, uint32_t from)
{
    double sum = 0;
    for (uint32_t i = from; i < s->n; i++)
        sum += s->nearest[i];
    return sum;
}

/* A place of the sample from number `from` on. */
static uint32_t draw(sample *s, uint32_t from)
{
    s->state = s->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    double left = total(s, from) * ((double)(s->state >> 32) / 0x1p32);
    for (uint32_t i = from; i < s->n; i++) {
        left -= s->nearest[i];
        if (left < 0)
            return i;
    }
    return from;
}

static void swap(sample *s, uint32_t a, uint32_t b)
{
    const uint32_t turn = s->turns[a];
    const float nearest = s->nearest[a];
    s->turns[a] = s->turns[b];
    s->nearest[a] = s->nearest[b];
    s->turns[b] = turn;
    s->nearest[b] = nearest;
}

/* Of products the nearest are not those around: there the first turns are as good as others. */
rk_status rk_builder_pick_entries(rk_builder *builder)
{
    if (builder->index->metric == RK_INDEX_DOT) {
        builder->n_entries = builder->n_turns < LEAST ? builder->n_turns : LEAST;
        return RK_OK;
    }
    const uint32_t n = rk_graph_entries(builder->index->stride, builder->n_turns);
    const uint64_t most = (uint64_t)n * SAMPLED_EACH;
    sample s = {
        .turns = builder->turns,
        .n = most < builder->n_turns ? (uint32_t)most : builder->n_turns,
        .state = UINT64_C(0x243f6a8885a308d3),
    };
    s.nearest = rk_arena_alloc_column(&builder->arena, s.n, sizeof *s.nearest);
    s.distances = rk_arena_alloc_column(&builder->arena, s.n, sizeof *s.distances);
    if (!s.nearest || !s.distances)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < s.n; i++)
        s.nearest[i] = FLT_MAX;
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0)
            swap(&s, i, draw(&s, i));
        compare(builder, &s, i);
    }
    builder->n_entries = n;
    return RK_OK;
}
