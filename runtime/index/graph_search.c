#include "runtime/index/graph.h"
#include "runtime/index/graph_prune.h"
#include "runtime/index/graph_sketch.h"
#include "runtime/index/graph_spread.h"
#include "runtime/index/passing.h"

enum {
    SLICE = 1 << 14, /* looks between two at the stop flag */
    FIRST_BEAM = 2,  /* times ef: the beam of a walk that does not know how many it needs */
    MOST_WIDER = 16, /* times: when next to none passed */
    SUPPOSED = 2,
};

struct rk_graph_room {
    rk_arena own; /* of this struct */
    rk_walker walker;
    rk_arena arena;   /* of what follows */
    uint32_t *found;  /* [cap_found] */
    float *distances; /* [cap_found] */
    rk_near *nears;   /* [cap_found] */
    uint32_t cap_found;
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
    const bool fits = room->found && room->distances && room->nears;
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
    bool entered; /* by all entries */
} search;

/* Walks on for a while; *done: until the beam was followed. */
static rk_status go(search *s, bool *done)
{
    rk_walker *const walker = &s->room->walker;
    const uint64_t slice = walker->n_looked + SLICE;
    s->walk.most = slice < s->ask->most ? slice : s->ask->most;
    if (!rk_walk_on(walker, &s->walk))
        return RK_ENOMEM;
    *done = walker->n_looked < s->walk.most || walker->n_looked >= s->ask->most;
    return s->ask->stop && atomic_load_explicit(s->ask->stop, memory_order_relaxed) ? RK_ESTOP
                                                                                    : RK_OK;
}

/* The walk found as many as it should. */
static bool is_filled(const search *s)
{
    const rk_beam *const beam = &s->room->walker.beam;
    return beam->n == beam->cap || (!s->ask->filter && beam->n >= s->ef);
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

/* Takes those that pass, the nearest first, until there are s->ef; *n_asked of the beam were asked.
 */
static rk_status take_passing(search *s, uint32_t *n_asked)
{
    const rk_beam *const beam = &s->room->walker.beam;
    const uint32_t *const rows = s->index->rows;
    uint32_t batch[RK_PASSING_MOST];
    uint64_t passing[RK_PASSING_MOST / 64];
    uint32_t i = 0;
    s->out->n = 0;
    while (i < beam->n && s->out->n < s->ef) {
        const uint32_t n = beam->n - i < RK_PASSING_MOST ? beam->n - i : RK_PASSING_MOST;
        for (uint32_t j = 0; j < n; j++) {
            const uint32_t place = rk_near_place(beam->nears[i + j]);
            batch[j] = rows ? rows[place] : place;
        }
        RK_TRY(rk_passing_some(s->ask->filter, batch, n, passing, &s->out->n_asked));
        for (uint32_t j = 0; j < n && s->out->n < s->ef; j++)
            if (passing[j / 64] >> j % 64 & 1)
                take(s, s->out->n++, beam->nears[i + j]);
        i += n;
    }
    *n_asked = i;
    return RK_OK;
}

/* The beam that should hold s->ef passing ones, by the rate among the nearest; as few of them say
 * little, SUPPOSED more are taken to have passed at the rate of all rows. */
static uint64_t wanted(const search *s, uint32_t cap)
{
    const double more = (double)s->ef + s->ef / 8 + 1, passing = s->ask->passing;
    const double seen = cap + SUPPOSED * (double)s->index->n / (passing > 0 ? passing : 1);
    const double want = more * seen / (s->out->n + SUPPOSED);
    return want < UINT32_MAX ? (uint64_t)want : UINT32_MAX;
}

static uint32_t wider(const search *s, uint32_t cap)
{
    const uint64_t want = wanted(s, cap);
    const uint64_t least = (uint64_t)cap + cap / 2, most = (uint64_t)cap * MOST_WIDER;
    const uint64_t wide = want < least ? least : want > most ? most : want;
    return wide < s->index->n ? (uint32_t)wide : s->index->n;
}

/* A walk looks at as many times more as its beam is wider; what is left of that may cost more than
 * all of a scan. */
static bool is_hopeless(const search *s, uint32_t cap)
{
    const double wider_by = (double)wanted(s, cap) / cap;
    return (double)s->room->walker.n_looked * (wider_by - 1) > (double)s->ask->most;
}

static rk_status search_filtered(search *s)
{
    rk_walker *const walker = &s->room->walker;
    for (;;) {
        uint32_t n_asked;
        RK_TRY(go_on(s));
        RK_TRY(take_passing(s, &n_asked));
        const uint32_t cap = walker->beam.cap;
        const bool ended = walker->beam.n < cap || cap >= s->index->n;
        if (s->out->n == s->ef || (ended && walker->n_looked >= s->index->n))
            return RK_OK;
        s->out->gave_up = ended || walker->n_looked >= s->ask->most || is_hopeless(s, cap);
        if (s->out->gave_up)
            return RK_OK;
        const uint32_t wide = wider(s, cap);
        if (!rk_walk_widen(walker, wide))
            return RK_ENOMEM;
    }
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

static rk_status search_graph(search *s)
{
    rk_walker *const walker = &s->room->walker;
    if (!rk_walker_reserve(walker, &s->graph, s->walk.cap) || !reserve_found(s->room, s->ef))
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
    if (status == RK_OK && s->index->sketch)
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
    const uint64_t cap = walk->filter || ratio > 0 ? (uint64_t)s.ef * FIRST_BEAM : s.ef;
    s.walk = (rk_walk){
        .graph = &s.graph,
        .query = index->sketch ? &sketch : query,
        .entries = index->entries,
        .n_entries = index->n_entries,
        .ratio = ratio,
        .k = walk->k,
        .enough = s.ef,
        .square = query->square,
        .cap = cap < index->n ? (uint32_t)cap : index->n,
    };
    *out = (rk_graph_found){0};
    return search_graph(&s);
}
