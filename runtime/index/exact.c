#include "runtime/index/exact.h"

#include "runtime/base/simd.h"
#include "runtime/index/graph_sketch.h"
#include "runtime/index/looking.h"
#include "runtime/index/passing.h"

enum {
    BATCH = 1024,        /* vectors of a step */
    NEAR = 128,          /* vectors whose distances are looked at while they are near */
    FEW = 256,           /* vectors of which all are scored */
    BEGINNING = 16,      /* candidates' room of vectors until limits are what they are */
    LEAST_TILED = 12,    /* queries at once from which tiles pay */
    STREAMS = 4,         /* places in memory that are read in turn without tiles */
    MOST_BYTES = 1 << 20 /* of queries at once: their codes stay in the second cache */
};

#define DECLARE(suffix, level) extern const rk_exact_ops rk_exact_ops_##suffix;
RK_SIMD_EACH(DECLARE)
#ifdef __x86_64__
extern const rk_tile_ops rk_tile_ops_v3, rk_tile_ops_vnni_v4;
#endif

const rk_exact_ops *rk_exact_ops_get(rk_cpu_level cpu)
{
    switch (cpu) {
#ifdef __x86_64__
    case RK_CPU_V3:
        return &rk_exact_ops_v3;
    case RK_CPU_V4:
        return &rk_exact_ops_v4;
#endif
    default:
        return &rk_exact_ops_s0;
    }
}

const rk_tile_ops *rk_tile_ops_get(rk_cpu_level cpu)
{
#ifdef __x86_64__
    if (cpu == RK_CPU_V4 && rk_cpu_has_vnni())
        return &rk_tile_ops_vnni_v4;
    if (cpu >= RK_CPU_V3)
        return &rk_tile_ops_v3;
#endif
    (void)cpu;
    return NULL;
}

/* Vectors of one step: at places[], or, without, those from `first` on. */
typedef struct step {
    const uint32_t *places;
    uint32_t first, n;
} step;

/* How vectors are looked at. The first two leave few that the whole codes are looked at of; where
 * they leave more than one in so many, they, and coarse tiles, are given up for what is below. */
typedef enum way { TILES_OF_SKETCHES, SKETCHES, TILES, CODES, WAYS } way;
static const uint32_t one_in[WAYS] = {[TILES_OF_SKETCHES] = 5, [SKETCHES] = 3, [TILES] = 2};
static const way otherwise[WAYS] = {
    [TILES_OF_SKETCHES] = TILES, [SKETCHES] = CODES, [TILES] = CODES};

/* A scan on its way. */
typedef struct scanning {
    const rk_exact *scan;
    const uint64_t *passing; /* by place, or NULL: all */
    bool streams;            /* all are taken in STREAMS */
    uint32_t next;           /* how many were taken; with `passing` place of the next step */
    uint32_t places[BATCH + 64];
    float distances[NEAR];
    uint32_t hits[NEAR];
    rk_tile tile;
    rk_tile_hit tile_hits[RK_TILE_QUERIES * RK_TILE];
    rk_looking *all; /* [n] queries that bounds serve */
    rk_tile_query *tiled;
    uint32_t n;
    way way;
    uint64_t n_looked;        /* vectors so far */
    uint64_t n_pairs, n_hits; /* of queries and vectors looked at so, and of which that was a hit */
} scanning;

/* ---- which vectors ---- */

/* The next of those that pass, in the order in which codes stand. */
static void take_passing(scanning *s, step *out)
{
    uint32_t w = s->next / 64;
    out->places = s->places;
    for (; w * 64 < s->scan->index->n && out->n < BATCH; w++)
        for (uint64_t bits = s->passing[w]; bits; bits &= bits - 1)
            s->places[out->n++] = w * 64 + (uint32_t)__builtin_ctzll(bits);
    s->next = w * 64;
}

/* The next of all, a fourth of them apart in turn: memory gives four streams a fourth more than
 * one. Those that are left over follow. */
static void take_streams(scanning *s, step *out)
{
    const uint32_t n = s->scan->index->n, each = n / STREAMS;
    out->places = s->places;
    for (; s->next < n && out->n < BATCH; s->next++) {
        const uint32_t stream = s->next % STREAMS, at = s->next / STREAMS;
        s->places[out->n++] = at < each ? stream * each + at : s->next;
    }
}

/* The next vectors; none: that was all. */
static rk_status advance(scanning *s, step *out)
{
    const rk_exact *const scan = s->scan;
    const uint32_t n = scan->index->n;
    *out = (step){.first = s->next};
    if (scan->stop && *scan->stop)
        return RK_ESTOP;
    if (s->passing) {
        take_passing(s, out);
    } else if (s->streams) {
        take_streams(s, out);
    } else {
        out->n = n - s->next < BATCH ? n - s->next : BATCH;
        s->next += out->n;
    }
    return RK_OK;
}

/* Of 64 bytes, that have numbers of a code in them. */
static uint32_t words_of(const rk_index *set) { return (set->dim + 63) / 64; }

static uint32_t place_of(const step *step, uint32_t i)
{
    return step->places ? step->places[i] : step->first + i;
}

/* ---- what is done with them ---- */

/* Scores all in float. */
static rk_status score_all(scanning *s, rk_seeker *seeker)
{
    s->next = 0;
    for (step step;;) {
        RK_TRY(advance(s, &step));
        if (step.n == 0)
            return RK_OK;
        if (!step.places)
            for (uint32_t i = 0; i < step.n; i++)
                s->places[i] = step.first + i;
        rk_seeker_score(s->scan->index, s->scan->scratch, seeker, s->places, step.n);
    }
}

/* Fills hits[] with those of a step's vectors from i on, NEAR at most, that may be among the best
 * of a query by its codes or sketches; how many. */
static uint32_t find_near(scanning *s, const rk_coded *query, const rk_limit *limit,
                          const uint8_t *codes, const step *step, uint32_t i)
{
    const rk_index_scratch *const scratch = s->scan->scratch;
    const uint32_t n = step->n - i < NEAR ? step->n - i : NEAR;
    const uint32_t *const places = step->places ? step->places + i : NULL;
    const uint8_t *const from = places ? codes : codes + (step->first + i) * query->stride;
    if (places)
        scratch->codes->gathered(query, from, places, n, s->distances);
    else
        scratch->codes->following(query, from, n, s->distances);
    return scratch->scan->near(limit, from, query->stride, places, s->distances, n, s->hits);
}

/* One query and a step's vectors. */
static void look(scanning *s, rk_looking *looking, const step *step)
{
    for (uint32_t i = 0; i < step->n; i += NEAR) {
        const uint32_t n_hits = find_near(s, &looking->bound.coded, &looking->by_code.limit,
                                          s->scan->index->codes, step, i);
        for (uint32_t h = 0; h < n_hits; h++)
            rk_looking_add(looking, place_of(step, i + s->hits[h]), s->distances[s->hits[h]]);
    }
}

/* ---- by sketches first ---- */

static void look_at_waiting(scanning *s, rk_looking *looking)
{
    const step some = {.places = looking->waiting, .n = looking->n_waiting};
    looking->n_waiting = 0;
    look(s, looking, &some);
    s->scan->scratch->stats.n_distances += some.n;
}

/* Has a vector looked at by its code, with others. */
static void wait(scanning *s, rk_looking *looking, uint32_t place)
{
    looking->waiting[looking->n_waiting++] = place;
    if (looking->n_waiting == RK_WAITING)
        look_at_waiting(s, looking);
}

static void look_first(scanning *s, rk_looking *looking, const step *step)
{
    uint32_t near[NEAR];
    for (uint32_t i = 0; i < step->n; i += NEAR) {
        const uint32_t n_near = find_near(s, &looking->sketch, &looking->by_sketch.limit,
                                          s->scan->index->sketches, step, i);
        memcpy(near, s->hits, n_near * sizeof *near); /* the others' room is used meanwhile */
        for (uint32_t h = 0; h < n_near; h++)
            wait(s, looking, place_of(step, i + near[h]));
        s->n_hits += n_near;
    }
    look_at_waiting(s, looking);
}

/* ---- many queries, tile by tile ---- */

static bool are_sketches(const scanning *s) { return s->way == TILES_OF_SKETCHES; }

static void set_tiled(scanning *s, uint32_t query)
{
    const rk_looking *const looking = &s->all[query];
    s->tiled[query] = are_sketches(s) ? looking->by_sketch.tiled : looking->by_code.tiled;
}

/* Hits of a tile, whose first vector is the step's number `from`, and of queries from `first` on.
 */
static void look_at_hits(scanning *s, uint32_t first, const step *step, uint32_t from,
                         uint32_t n_hits)
{
    for (uint32_t h = 0; h < n_hits; h++) {
        const rk_tile_hit hit = s->tile_hits[h];
        rk_looking *const looking = &s->all[first + hit.query];
        const rk_coded *const coded = &looking->bound.coded;
        const rk_code_tail tail =
            rk_code_tail_of(s->tile.blocks[hit.vector], s->scan->index->stride);
        const float distance =
            coded->by * tail.square - (coded->factor * (float)hit.sum) * tail.scale;
        rk_looking_add(looking, place_of(step, from + hit.vector), distance);
        set_tiled(s, first + hit.query);
    }
}

/* The same of coarse ones, whose distances are not known yet. */
static void look_again(scanning *s, uint32_t first, const step *step, uint32_t from,
                       uint32_t n_hits)
{
    uint32_t places[RK_TILE];
    for (uint32_t h = 0; h < n_hits;) {
        const uint32_t query = s->tile_hits[h].query;
        struct step some = {.places = places};
        for (; h < n_hits && s->tile_hits[h].query == query; h++)
            places[some.n++] = place_of(step, from + s->tile_hits[h].vector);
        look(s, &s->all[first + query], &some);
        set_tiled(s, first + query);
    }
}

/* The same of sketches, when more are there. */
static void look_later(scanning *s, uint32_t first, const step *step, uint32_t from,
                       uint32_t n_hits)
{
    for (uint32_t h = 0; h < n_hits; h++) {
        const rk_tile_hit hit = s->tile_hits[h];
        wait(s, &s->all[first + hit.query], place_of(step, from + hit.vector));
        set_tiled(s, first + hit.query);
    }
}

/* Some queries and a tile. */
static void look_tile(scanning *s, uint32_t first, const step *step, uint32_t from)
{
    const rk_tile_ops *const tiles = s->scan->scratch->tiles;
    const uint32_t n = s->n - first < tiles->queries ? s->n - first : tiles->queries;
    const uint32_t n_hits = tiles->run(&s->tile, s->tiled + first, n, s->tile_hits);
    s->n_hits += n_hits;
    if (are_sketches(s))
        look_later(s, first, step, from, n_hits);
    else if (tiles->coarse)
        look_again(s, first, step, from, n_hits);
    else
        look_at_hits(s, first, step, from, n_hits);
}

static void turn_tile(scanning *s, const rk_index *set, const step *step, uint32_t from)
{
    const rk_limit_kind kind =
        are_sketches(s) ? RK_LIMIT_SKETCH : rk_bound_limit(&s->all->bound).kind;
    s->tile.steps = (set->dim + RK_TILE_STEP - 1) / RK_TILE_STEP;
    s->tile.n = step->n - from < RK_TILE ? step->n - from : RK_TILE;
    for (uint32_t i = 0; i < RK_TILE; i++) {
        const uint32_t place = place_of(step, from + (i < s->tile.n ? i : 0));
        s->tile.blocks[i] = set->codes + place * set->stride;
    }
    rk_tile_bounds(kind, set->stride, &s->tile);
    s->scan->scratch->tiles->turn(&s->tile, words_of(set));
}

/* All queries and a step's vectors. */
static void look_tiles(scanning *s, const step *step)
{
    const rk_index set = are_sketches(s) ? rk_sketch_set(s->scan->index) : *s->scan->index;
    for (uint32_t from = 0; from < step->n; from += RK_TILE) {
        turn_tile(s, &set, step, from);
        for (uint32_t first = 0; first < s->n; first += s->scan->scratch->tiles->queries)
            look_tile(s, first, step, from);
    }
    for (uint32_t i = 0; are_sketches(s) && i < s->n; i++) {
        look_at_waiting(s, &s->all[i]);
        set_tiled(s, i);
    }
}

static rk_status prepare_tiles(scanning *s)
{
    rk_arena *const room = &s->scan->scratch->room;
    s->tile.codes = rk_arena_alloc_column(room, words_of(s->scan->index), 64 * RK_TILE);
    s->tiled = rk_arena_alloc_column(room, s->n, sizeof *s->tiled);
    return s->tile.codes && s->tiled ? RK_OK : RK_ENOMEM;
}

/* ---- all of it ---- */

static void go(scanning *s, way way)
{
    s->way = way;
    s->n_pairs = s->n_hits = 0;
    for (uint32_t i = 0; s->tiled && i < s->n; i++)
        set_tiled(s, i);
}

static rk_status set_out(scanning *s)
{
    const bool first = s->scan->index->bounding;
    s->next = 0;
    s->tiled = NULL;
    s->n_looked = 0;
    if (s->n < LEAST_TILED || !s->scan->scratch->tiles) {
        s->streams = true;
        go(s, first ? SKETCHES : CODES);
        return RK_OK;
    }
    RK_TRY(prepare_tiles(s));
    go(s, first ? TILES_OF_SKETCHES : TILES);
    return RK_OK;
}

/* Sketches and coarse queries may tell hardly anything apart. In the beginning little is out, and
 * that does not count. */
static bool does_it_pay(scanning *s)
{
    const bool sure = s->way == CODES || (s->way == TILES && !s->scan->scratch->tiles->coarse);
    if (s->n_looked < BEGINNING * (uint64_t)s->all->cap)
        s->n_pairs = s->n_hits = 0;
    return sure || s->n_hits <= s->n_pairs / one_in[s->way];
}

static void look_step(scanning *s, const step *step)
{
    if (s->way == TILES || s->way == TILES_OF_SKETCHES)
        look_tiles(s, step);
    else
        for (uint32_t i = 0; i < s->n; i++)
            (s->way == SKETCHES ? look_first : look)(s, &s->all[i], step);
    const uint64_t pairs = (uint64_t)s->n * step->n;
    s->n_looked += step->n;
    s->n_pairs += pairs;
    s->scan->scratch->stats.n_distances += pairs;
}

static rk_status look_all(scanning *s)
{
    RK_TRY(set_out(s));
    for (step step;;) {
        RK_TRY(advance(s, &step));
        if (step.n == 0)
            break;
        look_step(s, &step);
        if (!does_it_pay(s))
            go(s, otherwise[s->way]);
    }
    for (uint32_t i = 0; i < s->n; i++)
        rk_looking_finish(&s->all[i]);
    return RK_OK;
}

uint32_t rk_exact_most(const rk_index *index, uint32_t k)
{
    const size_t each = index->stride + 32 * (size_t)k, n = 2 * MOST_BYTES / each;
    return n < RK_TILE_QUERIES ? RK_TILE_QUERIES : n > BATCH ? BATCH : (uint32_t)n;
}

rk_status rk_exact_run(const rk_exact *scan)
{
    rk_arena *const room = &scan->scratch->room;
    scanning *const s = rk_arena_alloc_column(room, 1, sizeof *s);
    rk_looking *const all = rk_arena_alloc_column(room, scan->n, sizeof *all);
    if (!s || !all)
        return RK_ENOMEM;
    s->scan = scan;
    s->all = all;
    s->passing = NULL;
    s->streams = false;
    if (scan->filter)
        RK_TRY(rk_passing_all(scan->index, scan->scratch, scan->filter, scan->stop, &s->passing));
    s->n = 0;
    for (uint32_t i = 0; i < scan->n; i++) {
        rk_seeker *const seeker = &scan->seekers[i];
        RK_TRY(rk_looking_init(scan, seeker, &s->all[s->n]));
        if (s->all[s->n].bound.trusted && scan->index->n >= FEW &&
            seeker->keep.k <= scan->index->n / 4)
            s->n++;
        else
            RK_TRY(score_all(s, seeker));
    }
    return s->n > 0 ? look_all(s) : RK_OK;
}
