#include "runtime/index/graph.h"

#include <math.h>

#include "runtime/index/graph_prune.h"
#include "runtime/index/graph_sketch.h"
#include "runtime/index/graph_spread.h"
#include "runtime/index/passing.h"
#include "runtime/index/scratch.h"

enum {
    SLICE = 1 << 14,   /* looks between two at the stop flag, */
    FILTER_SLICE = 64, /* and until a filter is asked */
    MOST_WIDER = 16,   /* times: when next to none passed */
    SUPPOSED = 2,
    FEW_OF_K = 3, /* times k */
};

/* Times as many as are followed: the beam of a walk that ends by distance. */
static const double ROOMY = 2, ROOMY_OF_PRODUCTS = 1.5;

struct rk_graph_room {
    rk_arena own; /* of this struct */
    rk_walker walker;
    rk_arena arena;   /* of what follows */
    uint32_t *found;  /* [cap_found] */
    float *distances; /* [cap_found] */
    rk_near *nears;   /* [cap_found] */
    uint32_t cap_found;
    rk_beam passed; /* of cap_found at most: those that pass, of what was looked at */
};

/* ---- room ---- */

rk_graph_room *rk_graph_room_new(rk_cpu_level cpu)
{
    rk_arena own = {0};
    rk_graph_room *const room = RK_NEW(&own, rk_graph_room);
    if (!room) {
        rk_arena_free(&own);
        return NULL;
    }
    room->own = own;
    room->walker.ops = rk_code_ops_get(cpu);
    return room;
}

void rk_graph_room_free(rk_graph_room *room)
{
    if (!room)
        return;
    rk_walker_free(&room->walker);
    rk_arena_free(&room->arena);
    rk_arena own = room->own;
    rk_arena_free(&own);
}

static bool reserve_found(rk_graph_room *room, uint32_t cap)
{
    if (cap <= room->cap_found)
        return true;
    rk_arena_free(&room->arena);
    room->found = rk_arena_alloc_column(&room->arena, cap, sizeof *room->found);
    room->distances = rk_arena_alloc_column(&room->arena, cap, sizeof *room->distances);
    room->nears = rk_arena_alloc_column(&room->arena, cap, sizeof *room->nears);
    room->passed.nears = rk_arena_alloc_column(&room->arena, cap, sizeof *room->passed.nears);
    const bool fits = room->found && room->distances && room->nears && room->passed.nears;
    room->cap_found = fits ? cap : 0;
    return fits;
}

/* ---- one search ---- */

typedef struct search {
    const rk_index *index;
    rk_graph_room *room;
    const rk_graph_walk *ask;
    const rk_coded *query; /* not that of sketches */
    uint32_t ef;           /* candidates that the walk itself finds, of a typical query */
    rk_walk_graph graph;
    rk_walk walk;
    rk_graph_found *out;
    bool entered;  /* by all entries */
    uint32_t kept; /* of what it found, of those that pass */
    /* With a filter. */
    size_t n_seen;    /* looks whose rows were asked for, where they are near enough to be kept, */
    uint64_t n_asked; /* and how many that were */
    size_t n_ranked;  /* looks when it was last counted: */
    double rank;      /* the k-th that passes is the rank-th of all */
} search;

/* ---- which of those looked at pass ---- */

/* Keeps those of rows at looks[] that pass. */
static rk_status ask(search *s, const uint32_t *looks, uint32_t n)
{
    const rk_walker *const walker = &s->room->walker;
    rk_beam *const passed = &s->room->passed;
    uint32_t rows[RK_PASSING_MOST];
    uint64_t passing[RK_PASSING_MOST / 64];
    for (uint32_t i = 0; i < n; i++)
        rows[i] = rk_index_row(s->index, walker->places[looks[i]]);
    RK_TRY(rk_passing_some(s->ask->filter, rows, n, passing, &s->out->n_asked));
    s->n_asked += n;
    for (uint32_t w = 0; w * 64 < n; w++)
        for (uint64_t bits = passing[w]; bits; bits &= bits - 1) {
            const uint32_t look = looks[w * 64 + (uint32_t)__builtin_ctzll(bits)];
            const rk_near near = rk_near_make(walker->distances[look], walker->places[look]);
            if (rk_beam_wants(passed, near))
                rk_beam_add(passed, near);
        }
    return RK_OK;
}

/* Asks for what was looked at since, unless it is too far to be kept. */
static rk_status ask_for_new(search *s)
{
    const rk_walker *const walker = &s->room->walker;
    const rk_beam *const passed = &s->room->passed;
    uint32_t looks[RK_PASSING_MOST + 1];
    while (s->n_seen < walker->n_looked) {
        const bool full = passed->n == passed->cap;
        const float most = full ? rk_near_distance(passed->nears[passed->n - 1]) : INFINITY;
        const size_t left = walker->n_looked - s->n_seen;
        const size_t to = s->n_seen + (left < RK_PASSING_MOST ? left : RK_PASSING_MOST);
        uint32_t n = 0;
        for (size_t i = s->n_seen; i < to; i++) {
            looks[n] = (uint32_t)i;
            n += !(walker->distances[i] > most);
        }
        s->n_seen = to;
        if (n > 0)
            RK_TRY(ask(s, looks, n));
    }
    return RK_OK;
}

/* ---- when a filtered walk has seen enough ---- */

static bool is_found(const search *s) { return s->room->passed.n >= s->ask->k; }

/* Of all that was looked at, how many are no farther than the k-th that passes; before there are k,
 * by the rate of those that were asked for: as few of them say little, SUPPOSED more are taken to
 * have passed at the rate of all rows. */
static void set_rank(search *s)
{
    const rk_walker *const walker = &s->room->walker;
    const double k = s->ask->k, passing = s->ask->passing;
    if (!is_found(s)) {
        const double asked = (double)s->n_asked + SUPPOSED * (double)s->index->n / fmax(passing, 1);
        s->rank = k * asked / (s->room->passed.n + SUPPOSED);
        return;
    }
    const float far = rk_near_distance(s->room->passed.nears[s->ask->k - 1]);
    uint32_t n = 0;
    for (size_t i = 0; i < walker->n_looked; i++)
        n += walker->distances[i] <= far;
    s->rank = n;
    s->n_ranked = walker->n_looked;
}

/* How many are to be followed, by the rank. */
static double followed(const search *s) { return s->ef * rk_graph_wider(s->rank / s->ask->k); }

/* The walk ends where a typical vector has as many neighbours as are to be followed, by how far the
 * k-th that passes is. That never goes farther out again, as what was beyond did not come in. */
static void set_limit(search *s)
{
    const rk_walker *const walker = &s->room->walker;
    if (!is_found(s))
        return;
    if (walker->n_looked > s->n_ranked + s->n_ranked / 2)
        set_rank(s);
    const float from = (float)s->rank, to = (float)followed(s), square = s->query->square;
    const float ratio = rk_spread_between(s->index, from, to);
    const float apart = rk_spread_apart(s->index, from, to);
    const float far = rk_near_distance(s->room->passed.nears[s->ask->k - 1]);
    if (ratio == 0 && apart == 0)
        return;
    const float by_ratio = ratio * fmaxf(far + square, 0) + square * RK_WALK_ROUGH - square;
    const float limit = ratio > 0 ? by_ratio : far + apart * sqrtf(square);
    s->walk.limit = s->walk.limited ? fminf(s->walk.limit, limit) : limit;
    s->walk.limited = true;
}

/* Whether a walk knows an end beyond the k-th. */
static bool knows_an_end(const search *s)
{
    const float k = (float)s->ask->k;
    return rk_spread_between(s->index, k, 2 * k) > 0 || rk_spread_apart(s->index, k, 2 * k) > 0;
}

/* The beam for so many that are followed, of a typical query: more where a walk ends by distance.
 */
static uint32_t beam_for(const search *s, double n)
{
    const double more = s->index->metric == RK_INDEX_DOT ? ROOMY_OF_PRODUCTS : ROOMY;
    const double cap = ceil(knows_an_end(s) ? n * more : n);
    return cap < s->index->n ? (uint32_t)cap : s->index->n;
}

/* ---- walking ---- */

/* Walks on for a while; *done: until the beam was followed. */
static rk_status go(search *s, bool *done)
{
    rk_walker *const walker = &s->room->walker;
    const uint64_t slice = walker->n_looked + (s->ask->filter ? FILTER_SLICE : SLICE);
    s->walk.most = slice < s->ask->most ? slice : s->ask->most;
    if (!rk_walk_on(walker, &s->walk))
        return RK_ENOMEM;
    *done = walker->n_looked < s->walk.most || walker->n_looked >= s->ask->most;
    if (s->ask->filter) {
        RK_TRY(ask_for_new(s));
        set_limit(s);
    }
    return s->ask->stop && atomic_load_explicit(s->ask->stop, memory_order_relaxed) ? RK_ESTOP
                                                                                    : RK_OK;
}

/* The walk found as many as it should. */
static bool is_filled(const search *s)
{
    const rk_beam *const beam = &s->room->walker.beam;
    return beam->n == beam->cap || ((!s->ask->filter || s->walk.limited) && beam->n >= s->ef);
}

/* Walks until the beam was followed or `most` was looked at. */
static rk_status go_on(search *s)
{
    const rk_walker *const walker = &s->room->walker;
    for (;;) {
        bool done;
        RK_TRY(go(s, &done));
        if (!done)
            continue;
        if (s->entered || is_filled(s) || walker->n_looked >= s->ask->most ||
            walker->n_looked >= s->index->n)
            return RK_OK;
        s->entered = true;
        if (!rk_walk_enter(&s->room->walker, &s->walk))
            return RK_ENOMEM;
    }
}

static void take(const search *s, uint32_t i, rk_near near)
{
    s->room->found[i] = rk_near_place(near);
    s->room->distances[i] = rk_near_distance(near);
}

static void take_all(search *s)
{
    const rk_beam *const beam = &s->room->walker.beam;
    uint32_t n = 0;
    while (n < beam->n && n < s->ef && !rk_walk_is_far(beam, &s->walk, n)) {
        take(s, n, beam->nears[n]);
        n++;
    }
    s->out->n = n;
}

/* What passes, but not what is farther than the k-th by more than as many are of a typical vector:
 * where few pass, the next ones are farther. */
static void take_passed(search *s)
{
    const rk_beam *const passed = &s->room->passed;
    const float ratio = rk_spread_ratio(s->index, s->ask->k, s->kept), square = s->query->square;
    float most = INFINITY;
    if (ratio > 0 && passed->n >= s->ask->k)
        most = ratio * fmaxf(rk_near_distance(passed->nears[s->ask->k - 1]) + square, 0) - square;
    uint32_t n = 0;
    while (n < passed->n && (n < s->ask->k || rk_near_distance(passed->nears[n]) <= most)) {
        take(s, n, passed->nears[n]);
        n++;
    }
    s->out->n = n;
}

/* The walk ended; true if that was not for the beam being too narrow, nor for what it cost. */
static bool is_enough(const search *s, uint32_t wanted)
{
    const rk_walker *const walker = &s->room->walker;
    const rk_beam *const beam = &walker->beam;
    const bool limited =
        s->walk.limited && beam->n >= s->ef &&
        (beam->n < beam->cap || rk_near_distance(beam->nears[beam->n - 1]) > s->walk.limit);
    return is_found(s) && walker->n_looked < s->ask->most && (limited || beam->cap >= wanted);
}

/* A walk looks at as many times more as it follows more; what is left of that may cost more than
 * all of a scan. */
static bool is_hopeless(const search *s)
{
    const rk_walker *const walker = &s->room->walker;
    const double more = followed(s) / walker->beam.cap - 1;
    return (double)walker->n_looked * more > (double)s->ask->most / 2;
}

static uint32_t wider(const search *s, uint32_t cap, uint32_t wanted)
{
    const uint64_t least = (uint64_t)cap + cap / 2 + 1, most = (uint64_t)cap * MOST_WIDER;
    const uint64_t wide = wanted < least ? least : wanted > most ? most : wanted;
    return wide < s->index->n ? (uint32_t)wide : s->index->n;
}

static rk_status search_filtered(search *s)
{
    rk_walker *const walker = &s->room->walker;
    s->room->passed.n = 0;
    s->room->passed.cap = s->kept;
    for (;;) {
        RK_TRY(go_on(s));
        set_rank(s);
        const uint32_t cap = walker->beam.cap, wanted = beam_for(s, followed(s));
        const bool ended = walker->beam.n < cap || cap >= s->index->n;
        if (is_enough(s, wanted) || (ended && walker->n_looked >= s->index->n))
            break;
        s->out->gave_up = ended || walker->n_looked >= s->ask->most || is_hopeless(s);
        if (s->out->gave_up)
            return RK_OK;
        if (!rk_walk_widen(walker, &s->walk, wider(s, cap, wanted)))
            return RK_ENOMEM;
    }
    take_passed(s);
    return RK_OK;
}

/* Whether a walk over sketches found so few that their vectors are read sooner than first their
 * codes, a quarter of that, and then most of the vectors. */
static bool are_few(const search *s)
{
    const uint32_t n = s->out->n;
    return n / FEW_OF_K < s->ask->k && n <= s->ask->n_scored;
}

/* Of what a walk over sketches found, the nearest by whole codes. */
static void put_in_order(search *s)
{
    rk_graph_room *const room = s->room;
    rk_graph_found *const out = s->out;
    room->walker.ops->gathered(s->query, s->index->codes, room->found, out->n, room->distances);
    for (uint32_t i = 0; i < out->n; i++)
        room->nears[i] = rk_near_make(room->distances[i], room->found[i]);
    rk_nears_sort(room->nears, out->n);
    out->n_distances += out->n;
    for (uint32_t i = 0; i < out->n; i++) {
        room->found[i] = rk_near_place(room->nears[i]);
        room->distances[i] = rk_near_distance(room->nears[i]);
    }
}

/* How many a walk finds at most. Under a filter sketches are what lets it miss some: all that is
 * followed was looked at, and more are put in order. */
static uint32_t kept_of(const rk_index *index, const rk_graph_walk *walk)
{
    const uint64_t ef = rk_sketch_ef(index, walk->ef);
    const uint64_t scored = walk->n_scored > walk->k ? walk->n_scored : walk->k;
    const uint64_t codes = ef < scored ? ef : scored, sketches = ef + ef / 3;
    const uint64_t kept = !walk->filter ? ef : index->sketch ? sketches : codes;
    return kept < index->n ? (uint32_t)kept : index->n;
}

static rk_status search_graph(search *s)
{
    rk_walker *const walker = &s->room->walker;
    if (!rk_walker_reserve(walker, &s->graph, s->walk.cap) || !reserve_found(s->room, s->kept))
        return RK_ENOMEM;
    rk_walk_begin(walker, &s->walk);
    rk_status status;
    if (s->ask->filter) {
        status = search_filtered(s);
    } else {
        status = go_on(s);
        take_all(s);
        s->out->gave_up = !is_filled(s);
    }
    s->out->n_distances = walker->n_looked + s->walk.n_entries;
    s->out->places = s->room->found;
    s->out->distances = s->room->distances;
    rk_walk_end(walker);
    s->out->by_sketches = s->index->sketch && are_few(s);
    if (status == RK_OK && s->index->sketch && !s->out->by_sketches)
        put_in_order(s);
    if (s->out->n > s->ask->n_scored)
        s->out->n = s->ask->n_scored;
    return status;
}

rk_status rk_graph_search(const rk_index *index, rk_graph_room *room, const rk_coded *query,
                          const rk_graph_walk *walk, rk_graph_found *out)
{
    const rk_index walked = index->sketch ? rk_sketch_set(index) : *index;
    _Alignas(64) int8_t bytes[RK_SKETCH_STRIDE];
    rk_coded sketch;
    search s = {
        .index = index,
        .room = room,
        .ask = walk,
        .query = query,
        .ef = rk_sketch_ef(index, walk->ef),
        .kept = kept_of(index, walk),
        .graph = {.links = index->links,
                  .width = index->degree,
                  .n = index->n,
                  .codes = walked.codes,
                  .stride = walked.stride},
        .out = out,
    };
    if (index->sketch)
        rk_sketch_query(index, room->walker.ops, query, bytes, &sketch);
    const float ratio = walk->filter ? 0 : rk_spread_ratio(index, walk->k, s.ef);
    const float apart =
        walk->filter || s.ef <= walk->k ? 0 : rk_spread_apart(index, (float)walk->k, (float)s.ef);
    const bool plain = !walk->filter && ratio == 0 && apart == 0;
    const uint32_t cap = plain ? s.ef : beam_for(&s, s.ef);
    s.walk = (rk_walk){
        .graph = &s.graph,
        .query = index->sketch ? &sketch : query,
        .entries = index->entries,
        .n_entries = index->n_entries,
        .ratio = ratio,
        .k = walk->k,
        .enough = s.ef,
        .square = query->square,
        .gap = apart * sqrtf(query->square),
        .cap = cap < index->n ? cap : index->n,
    };
    *out = (rk_graph_found){0};
    return search_graph(&s);
}
