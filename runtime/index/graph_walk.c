#include "runtime/index/graph_walk.h"

enum {
    FIRST_LOOKED = 1 << 14,
    LINE = 64,
    MOST_WIDTH = 512,
    LINES_AHEAD = 16, /* of a code: the rest of a long one is for the processor to guess */
};

/* ---- room ---- */

void rk_walker_free(rk_walker *walker)
{
    rk_arena_free(&walker->arena);
    *walker = (rk_walker){.ops = walker->ops};
}

bool rk_walker_reserve(rk_walker *walker, const rk_walk_graph *graph, uint32_t cap)
{
    if (graph->n <= walker->n && graph->width <= walker->width && cap <= walker->cap_beam)
        return true;
    const uint32_t n = graph->n > walker->n ? graph->n : walker->n;
    const uint32_t width = graph->width > walker->width ? graph->width : walker->width;
    const uint32_t beam = cap > walker->cap_beam ? cap : walker->cap_beam;
    const size_t words = (size_t)n / 64 + 1;
    const size_t looked = FIRST_LOOKED > width ? FIRST_LOOKED : width;
    rk_walker_free(walker);
    walker->seen = rk_arena_alloc_column(&walker->arena, words, sizeof *walker->seen);
    walker->beam.nears = rk_arena_alloc_column(&walker->arena, beam, sizeof *walker->beam.nears);
    walker->places = rk_arena_alloc_column(&walker->arena, looked, sizeof *walker->places);
    walker->distances = rk_arena_alloc_column(&walker->arena, looked, sizeof *walker->distances);
    if (!walker->seen || !walker->beam.nears || !walker->places || !walker->distances)
        return false;
    memset(walker->seen, 0, words * sizeof *walker->seen);
    walker->n = n;
    walker->width = width;
    walker->cap_looked = looked;
    walker->cap_beam = beam;
    return true;
}

/* Twice the room for what was looked at, which at most is every place. */
static bool grow_looked(rk_walker *walker)
{
    const size_t cap = walker->cap_looked * 2;
    uint32_t *const places = rk_arena_alloc_column(&walker->arena, cap, sizeof *places);
    float *const distances = rk_arena_alloc_column(&walker->arena, cap, sizeof *distances);
    if (!places || !distances)
        return false;
    memcpy(places, walker->places, walker->n_looked * sizeof *places);
    memcpy(distances, walker->distances, walker->n_looked * sizeof *distances);
    walker->places = places;
    walker->distances = distances;
    walker->cap_looked = cap;
    return true;
}

static bool grow_beam(rk_walker *walker, uint32_t cap)
{
    rk_near *const nears = rk_arena_alloc_column(&walker->arena, cap, sizeof *nears);
    if (!nears)
        return false;
    memcpy(nears, walker->beam.nears, walker->beam.n * sizeof *nears);
    walker->beam.nears = nears;
    walker->cap_beam = cap;
    return true;
}

/* ---- distances ---- */

static void measure(const rk_walker *walker, const rk_walk *walk, const uint32_t *places,
                    uint32_t n, float *distances)
{
    walker->ops->gathered(walk->query, walk->graph->codes, places, n, distances);
    const rk_length *const lengths = walk->graph->lengths;
    for (uint32_t i = 0; lengths && i < n; i++)
        distances[i] =
            rk_length_product(walk->length, lengths[places[i]], distances[i] + walk->own);
}

static void read_ahead(const void *at, size_t bytes)
{
    const char *const from = at;
    const size_t lines = bytes / LINE < LINES_AHEAD ? bytes / LINE : LINES_AHEAD;
    for (size_t i = 0; i < lines; i++)
        __builtin_prefetch(from + i * LINE);
}

/* ---- the walk ---- */

void rk_walk_begin(rk_walker *walker, const rk_walk *walk)
{
    float distances[RK_WALK_MOST_ENTRIES];
    walker->n_looked = 0;
    walker->beam.n = 0;
    walker->beam.cap = walk->cap;
    measure(walker, walk, walk->entries, walk->n_entries, distances);
    uint32_t best = 0;
    for (uint32_t i = 1; i < walk->n_entries; i++)
        best = distances[i] < distances[best] ? i : best;
    const uint32_t place = walk->entries[best];
    walker->seen[place / 64] |= UINT64_C(1) << place % 64;
    walker->places[0] = place;
    walker->distances[0] = distances[best];
    walker->n_looked = 1;
    rk_beam_add(&walker->beam, rk_near_make(distances[best], place));
}

/* The places linked to that no walk saw yet go behind those looked at; their number. The code of
 * each is asked for at once, not after the last. */
static uint32_t gather(rk_walker *walker, const rk_walk_graph *graph, uint32_t place)
{
    const uint32_t *const row = graph->links + (size_t)place * graph->width;
    uint32_t *const fresh = walker->places + walker->n_looked;
    uint32_t n = 0;
    for (uint32_t i = 0; i < graph->width && row[i] != RK_INDEX_NONE; i++) {
        const uint32_t to = row[i];
        uint64_t *const word = &walker->seen[to / 64];
        const uint64_t bit = UINT64_C(1) << to % 64;
        if (*word & bit)
            continue;
        *word |= bit;
        fresh[n++] = to;
        read_ahead(graph->codes + to * graph->stride, graph->stride);
    }
    return n;
}

/* The next whose links are to be followed, from `at` on. */
static uint32_t next_of(const rk_beam *beam, uint32_t at)
{
    while (at < beam->n && beam->nears[at] & RK_NEAR_FOLLOWED)
        at++;
    return at;
}

static void read_links_ahead(const rk_walk_graph *graph, uint32_t place)
{
    read_ahead(graph->links + (size_t)place * graph->width, graph->width * sizeof *graph->links);
}

/* What is above it is too far by the ratio, gap or limit. Codes are rough where distances are next
 * to nothing. */
static rk_near end_of(const rk_beam *beam, const rk_walk *walk)
{
    if (walk->limited && beam->n >= walk->enough)
        return rk_near_make(walk->limit, UINT32_MAX >> 1) | RK_NEAR_FOLLOWED;
    if (!(walk->ratio > 0 || walk->gap > 0) || beam->n < walk->enough || beam->n < walk->k)
        return UINT64_MAX;
    const float near = rk_near_distance(beam->nears[walk->k - 1]);
    if (walk->gap > 0)
        return rk_near_make(near + walk->gap, UINT32_MAX >> 1) | RK_NEAR_FOLLOWED;
    const float square = near + walk->square;
    const float far = walk->ratio * (square > 0 ? square : 0) + walk->square * RK_WALK_ROUGH;
    return rk_near_make(far - walk->square, UINT32_MAX >> 1) | RK_NEAR_FOLLOWED;
}

/* Of n fresh places those that the beam wants, as it is before any goes in; the nearest is first.
 */
static uint32_t wanted(const rk_walker *walker, const rk_walk *walk, uint32_t n, rk_near *nears)
{
    const uint32_t *const places = walker->places + walker->n_looked;
    const float *const distances = walker->distances + walker->n_looked;
    const rk_beam *const beam = &walker->beam;
    const rk_near last = beam->n < beam->cap ? UINT64_MAX : beam->nears[beam->n - 1];
    const rk_near end = end_of(beam, walk), limit = last < end ? last : end;
    uint32_t n_wanted = 0, best = 0;
    for (uint32_t i = 0; i < n; i++) {
        nears[n_wanted] = rk_near_make(distances[i], places[i]);
        best = nears[n_wanted] < nears[best] ? n_wanted : best;
        n_wanted += nears[n_wanted] < limit;
    }
    if (n_wanted > 0) {
        const rk_near nearest = nears[best];
        nears[best] = nears[0];
        nears[0] = nearest;
    }
    return n_wanted;
}

/* Looks at n fresh places; where the next to follow stands then, which so far was `at`. */
static uint32_t look(rk_walker *walker, const rk_walk *walk, uint32_t n, uint32_t at)
{
    rk_near nears[MOST_WIDTH];
    rk_beam *const beam = &walker->beam;
    measure(walker, walk, walker->places + walker->n_looked, n,
            walker->distances + walker->n_looked);
    const uint32_t n_wanted = wanted(walker, walk, n, nears);
    walker->n_looked += n;
    if (n_wanted == 0)
        return at;
    if (at >= beam->n || nears[0] < beam->nears[at])
        read_links_ahead(walk->graph, rk_near_place(nears[0]));
    for (uint32_t i = 0; i < n_wanted; i++) {
        if (!rk_beam_wants(beam, nears[i]))
            continue;
        const uint32_t to = rk_beam_add(beam, nears[i]);
        at = to < at ? to : at;
    }
    return at;
}

bool rk_walk_is_far(const rk_beam *beam, const rk_walk *walk, uint32_t at)
{
    if (walk->limited && rk_near_distance(beam->nears[at]) > walk->limit)
        return true;
    return at >= walk->k && beam->nears[at] > end_of(beam, walk);
}

bool rk_walk_on(rk_walker *walker, const rk_walk *walk)
{
    rk_beam *const beam = &walker->beam;
    const rk_walk_graph *const graph = walk->graph;
    uint32_t at = next_of(beam, 0);
    while (at < beam->n && walker->n_looked < walk->most && !rk_walk_is_far(beam, walk, at)) {
        const uint32_t place = rk_near_place(beam->nears[at]);
        beam->nears[at] |= RK_NEAR_FOLLOWED;
        if (walker->n_looked + graph->width > walker->cap_looked && !grow_looked(walker))
            return false;
        const uint32_t n = gather(walker, graph, place);
        at = next_of(beam, at + 1);
        if (at < beam->n)
            read_links_ahead(graph, rk_near_place(beam->nears[at]));
        at = look(walker, walk, n, at);
    }
    return true;
}

/* The entries from .. to that no walk saw yet go behind those looked at; their number. */
static uint32_t gather_entries(rk_walker *walker, const rk_walk *walk, uint32_t from, uint32_t to)
{
    uint32_t *const fresh = walker->places + walker->n_looked;
    uint32_t n = 0;
    for (uint32_t i = from; i < to; i++) {
        const uint32_t place = walk->entries[i];
        uint64_t *const word = &walker->seen[place / 64];
        const uint64_t bit = UINT64_C(1) << place % 64;
        fresh[n] = place;
        n += !(*word & bit);
        *word |= bit;
    }
    return n;
}

bool rk_walk_enter(rk_walker *walker, const rk_walk *walk)
{
    for (uint32_t from = 0, to; from < walk->n_entries; from = to) {
        to = walk->n_entries - from < MOST_WIDTH ? walk->n_entries : from + MOST_WIDTH;
        while (walker->n_looked + (to - from) > walker->cap_looked)
            if (!grow_looked(walker))
                return false;
        look(walker, walk, gather_entries(walker, walk, from, to), walker->beam.n);
    }
    return true;
}

/* ---- after it ---- */

/* Whether a place was followed before it left the beam is forgotten: following it again finds
 * nothing new. */
bool rk_walk_widen(rk_walker *walker, const rk_walk *walk, uint32_t cap)
{
    rk_beam *const beam = &walker->beam;
    if (cap > walker->cap_beam && !grow_beam(walker, cap))
        return false;
    const bool full = beam->n == beam->cap;
    const rk_near last = full ? beam->nears[beam->n - 1] | RK_NEAR_FOLLOWED : UINT64_MAX;
    const rk_near end = end_of(beam, walk);
    beam->cap = cap;
    for (size_t i = 0; full && i < walker->n_looked; i++) {
        const rk_near near = rk_near_make(walker->distances[i], walker->places[i]);
        if (near > last && near < end && rk_beam_wants(beam, near))
            rk_beam_add(beam, near);
    }
    return true;
}

void rk_walk_end(rk_walker *walker)
{
    if (walker->n_looked > walker->n / 64)
        memset(walker->seen, 0, ((size_t)walker->n / 64 + 1) * sizeof *walker->seen);
    else
        for (size_t i = 0; i < walker->n_looked; i++)
            walker->seen[walker->places[i] / 64] = 0;
    walker->n_looked = 0;
}
