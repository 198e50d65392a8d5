#include "runtime/index/graph_build.h"

#include <float.h>
#include <math.h>

#include "runtime/base/pool.h"
#include "runtime/index/graph_sketch.h"

/* Places are put in by turns, in an order that has nothing to do with their ids. A batch of turns
 * is searched for in the graph as it was before the batch, then linked to all at once; so the graph
 * does not depend on who did what. */

enum {
    DEFAULT_M = 24,
    DEFAULT_EF = 128,
    DEGREE_STEP = 16,
    BATCH_SHARE = 64,  /* of what is in the graph a batch is one part of so many */
    BATCH_MOST = 2048, /* turns */
    PART = 8,          /* turns or rows that a thread takes at a time */
    PENDING = 256,     /* links back that a row takes at a time */
};

uint32_t rk_graph_degree(uint32_t m)
{
    return (2 * (m ? m : DEFAULT_M) + DEGREE_STEP - 1) / DEGREE_STEP * DEGREE_STEP;
}

/* ---- threads ---- */

typedef struct parts {
    rk_builder *builder;
    rk_builder_part *fn;
    uint32_t n, part;
} parts;

bool rk_builder_stopped(const rk_builder *builder)
{
    const rk_flag *const stop = builder->options->stop;
    return (stop && atomic_load_explicit(stop, memory_order_relaxed)) ||
           atomic_load_explicit(&builder->failed, memory_order_relaxed);
}

static void do_part(void *user, uint32_t task, uint32_t worker)
{
    const parts *const all = user;
    const uint32_t from = task * all->part;
    const uint32_t to = all->n - from < all->part ? all->n : from + all->part;
    if (!rk_builder_stopped(all->builder))
        all->fn(all->builder, &all->builder->workers[worker], from, to);
}

void rk_builder_each(rk_builder *builder, uint32_t n, uint32_t part, rk_builder_part *fn)
{
    parts all = {builder, fn, n, part};
    rk_pool_run(n / part + (n % part != 0), builder->n_threads, do_part, &all);
}

/* ---- rows ---- */

uint32_t rk_builder_count(const rk_builder *builder, uint32_t place)
{
    const uint32_t *const row = rk_builder_row(builder, place);
    uint32_t n = 0;
    while (n < builder->width && row[n] != RK_INDEX_NONE)
        n++;
    return n;
}

static void fill_up(const rk_builder *builder, uint32_t place, uint32_t n)
{
    uint32_t *const row = rk_builder_row(builder, place);
    for (uint32_t i = n; i < builder->width && row[i] != RK_INDEX_NONE; i++)
        row[i] = RK_INDEX_NONE;
}

/* Sorts n of worker->places into its nears, by the distance from `place`. */
static void rank_places(rk_build_worker *worker, uint32_t place, uint32_t n)
{
    rk_prune_distances(&worker->pruner, place, worker->places, n, worker->distances);
    for (uint32_t i = 0; i < n; i++)
        worker->nears[i] = rk_near_make(worker->distances[i], worker->places[i]);
    rk_nears_sort(worker->nears, n);
}

/* The row becomes what pruning leaves of worker->places. */
static uint32_t prune_places(rk_builder *builder, rk_build_worker *worker, uint32_t place,
                             uint32_t n)
{
    rank_places(worker, place, n);
    const uint32_t kept =
        rk_prune(&worker->pruner, worker->nears, n, rk_builder_row(builder, place));
    fill_up(builder, place, kept);
    return kept;
}

void rk_builder_tidy(rk_builder *builder, rk_build_worker *worker, uint32_t place)
{
    const uint32_t n = rk_builder_count(builder, place);
    uint32_t *const row = rk_builder_row(builder, place);
    memcpy(worker->places, row, n * sizeof *row);
    if (n > builder->degree) {
        prune_places(builder, worker, place, n);
        return;
    }
    rank_places(worker, place, n);
    for (uint32_t i = 0; i < n; i++)
        row[i] = rk_near_place(worker->nears[i]);
}

/* ---- a turn ---- */

bool rk_builder_walk(rk_builder *builder, rk_build_worker *worker, uint32_t place,
                     uint32_t n_entries)
{
    rk_coded query;
    rk_code_query_at(&builder->walked, place, worker->query, &query);
    const rk_walk walk = {
        .graph = &builder->graph,
        .query = &query,
        .entries = builder->turns,
        .n_entries = n_entries < builder->n_entries ? n_entries : builder->n_entries,
        .cap = builder->ef_construction,
        .own = rk_code_own(&builder->walked, place),
        .length = builder->graph.lengths ? builder->graph.lengths[place] : (rk_length){0},
        .most = UINT64_MAX,
    };
    rk_walk_begin(&worker->walker, &walk);
    const bool fits = rk_walk_on(&worker->walker, &walk);
    rk_walk_end(&worker->walker);
    if (!fits)
        atomic_store_explicit(&builder->failed, true, memory_order_relaxed);
    return fits;
}

/* What the beam of a walk towards a place has, with true distances, goes into the worker's nears;
 * how many. */
static uint32_t take_beam(const rk_builder *builder, rk_build_worker *worker, uint32_t place)
{
    const rk_beam *const beam = &worker->walker.beam;
    if (builder->index->sketch) {
        for (uint32_t i = 0; i < beam->n; i++)
            worker->places[i] = rk_near_place(beam->nears[i]);
        rank_places(worker, place, beam->n);
        return beam->n;
    }
    const float own = builder->graph.lengths ? 0 : rk_code_own(builder->index, place);
    for (uint32_t i = 0; i < beam->n; i++)
        worker->nears[i] =
            rk_near_make(rk_near_distance(beam->nears[i]) + own, rk_near_place(beam->nears[i]));
    return beam->n;
}

/* The links of a place whose turn it is. No other row changes meanwhile. */
static void put_in(rk_builder *builder, rk_build_worker *worker, uint32_t turn, uint32_t n_before)
{
    const uint32_t place = builder->turns[turn];
    if (!rk_builder_walk(builder, worker, place, n_before))
        return;
    const uint32_t n = take_beam(builder, worker, place);
    rk_prune(&worker->pruner, worker->nears, n, rk_builder_row(builder, place));
}

/* ---- a batch ---- */

/* Links back: for each place that was linked to, a chain of who did it. */
typedef struct backlinks {
    uint32_t *first; /* [n] by place: a number of a link, or RK_INDEX_NONE */
    uint32_t *next;  /* by number of a link */
    uint32_t *from;
    uint32_t *targets; /* places that have a chain, in the order of their first link */
    uint32_t n_targets, n_links;
} backlinks;

typedef struct batch {
    rk_builder builder; /* first, so that parts of work find the batch */
    backlinks back;
    uint32_t begin, end; /* turns */
} batch;

static void put_part_in(rk_builder *builder, rk_build_worker *worker, uint32_t from, uint32_t to)
{
    const batch *const b = (const batch *)builder;
    for (uint32_t i = from; i < to; i++)
        put_in(builder, worker, b->begin + i, b->begin);
}

static void collect_backlinks(batch *b)
{
    backlinks *const back = &b->back;
    back->n_targets = back->n_links = 0;
    for (uint32_t turn = b->begin; turn < b->end; turn++) {
        const uint32_t place = b->builder.turns[turn];
        const uint32_t *const row = rk_builder_row(&b->builder, place);
        for (uint32_t i = 0; i < b->builder.degree && row[i] != RK_INDEX_NONE; i++) {
            if (back->first[row[i]] == RK_INDEX_NONE)
                back->targets[back->n_targets++] = row[i];
            back->from[back->n_links] = place;
            back->next[back->n_links] = back->first[row[i]];
            back->first[row[i]] = back->n_links++;
        }
    }
}

/* Adds a chain to the row of its place, which is pruned when it is full. */
static void link_back(rk_builder *builder, rk_build_worker *worker, uint32_t place)
{
    backlinks *const back = &((batch *)builder)->back;
    uint32_t *const row = rk_builder_row(builder, place);
    uint32_t n = rk_builder_count(builder, place);
    uint32_t link = back->first[place];
    back->first[place] = RK_INDEX_NONE;
    while (link != RK_INDEX_NONE) {
        for (; link != RK_INDEX_NONE && n < builder->width; link = back->next[link])
            row[n++] = back->from[link];
        if (link == RK_INDEX_NONE)
            return;
        memcpy(worker->places, row, n * sizeof *row);
        for (; link != RK_INDEX_NONE && n < builder->cap_nears; link = back->next[link])
            worker->places[n++] = back->from[link];
        n = prune_places(builder, worker, place, n);
    }
}

static void link_part_back(rk_builder *builder, rk_build_worker *worker, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        link_back(builder, worker, ((batch *)builder)->back.targets[i]);
}

static void tidy_part(rk_builder *builder, rk_build_worker *worker, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        rk_builder_tidy(builder, worker, builder->turns[i]);
}

static uint32_t batch_size(uint32_t done, uint32_t left)
{
    uint32_t size = done / BATCH_SHARE + 1;
    size = size < BATCH_MOST ? size : BATCH_MOST;
    return size < left ? size : left;
}

static rk_status put_all_in(batch *b)
{
    rk_builder *const builder = &b->builder;
    const rk_index_options *const options = builder->options;
    for (b->begin = 1; b->begin < builder->n_turns; b->begin = b->end) {
        b->end = b->begin + batch_size(b->begin, builder->n_turns - b->begin);
        rk_builder_each(builder, b->end - b->begin, PART, put_part_in);
        if (rk_builder_stopped(builder))
            break;
        collect_backlinks(b);
        rk_builder_each(builder, b->back.n_targets, PART, link_part_back);
        if (options->progress)
            options->progress(options->user, b->end, builder->index->n);
    }
    if (!rk_builder_stopped(builder))
        rk_builder_each(builder, builder->n_turns, PART, tidy_part);
    if (atomic_load_explicit(&builder->failed, memory_order_relaxed))
        return RK_ENOMEM;
    return rk_builder_stopped(builder) ? RK_ESTOP : RK_OK;
}

/* ---- making ready ---- */

/* |x'|^2 */
static double square_of(const rk_index *index, uint32_t place)
{
    const uint8_t *const code = index->codes + place * index->stride;
    const rk_code_tail tail = rk_code_tail_of(code, index->stride);
    double square = 0;
    for (uint32_t i = 0; i < index->dim; i++) {
        const double x = (double)tail.scale * (code[i] - 128) + (double)index->mean[i];
        square += x * x;
    }
    return square;
}

/* Of DOT, what has a large product is near for the builder too; a graph by distances finds less. */
static rk_status make_lengths(rk_builder *builder)
{
    const rk_index *const index = builder->index;
    if (index->metric != RK_INDEX_DOT)
        return RK_OK;
    rk_length *const lengths = rk_arena_alloc_column(&builder->arena, index->n, sizeof *lengths);
    if (!lengths)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < index->n; i++) {
        const double square = fmin(square_of(index, i), FLT_MAX / 4);
        const double by = square > FLT_MIN ? 1 / sqrt(sqrt(sqrt(square))) : 1;
        lengths[i] = (rk_length){(float)square, (float)by};
    }
    builder->graph.lengths = lengths;
    return RK_OK;
}

/* The first of each kind of twins, shuffled the same way each time. */
static rk_status make_turns(rk_builder *builder)
{
    const uint32_t n = builder->index->n;
    uint32_t *const turns = rk_arena_alloc_column(&builder->arena, n, sizeof *turns);
    if (!turns)
        return RK_ENOMEM;
    uint32_t n_turns = 0;
    for (uint32_t i = 0; i < n; i++)
        if (builder->twin_of[i] == i)
            turns[n_turns++] = i;
    uint64_t state = UINT64_C(0x9e3779b97f4a7c15);
    for (uint32_t i = n_turns; i > 1; i--) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const uint32_t other = (uint32_t)((state >> 32) * i >> 32);
        const uint32_t turn = turns[i - 1];
        turns[i - 1] = turns[other];
        turns[other] = turn;
    }
    builder->turns = turns;
    builder->n_turns = n_turns;
    return RK_OK;
}

/* How much nearer one must be that another is not linked to for. Tried on real vectors; products
 * may be negative, and are not for scaling. */
static const float alphas[RK_INDEX_METRIC_COUNT] = {
    [RK_INDEX_DOT] = 1, [RK_INDEX_COSINE] = 1.05F, [RK_INDEX_L2] = 1.2F};

static rk_status make_worker(rk_builder *builder, rk_build_worker *worker)
{
    const rk_index *const index = builder->index;
    const uint32_t cap = builder->cap_nears;
    rk_arena *const arena = &builder->arena;
    worker->walker.ops = rk_code_ops_get(builder->options->cpu);
    worker->query = rk_arena_alloc_column(arena, index->stride, 1);
    worker->nears = rk_arena_alloc_column(arena, cap, sizeof *worker->nears);
    worker->places = rk_arena_alloc_column(arena, cap, sizeof *worker->places);
    worker->distances = rk_arena_alloc_column(arena, cap, sizeof *worker->distances);
    worker->pruner = (rk_pruner){
        .index = index,
        .ops = worker->walker.ops,
        .lengths = builder->graph.lengths,
        .alpha = alphas[index->metric],
        .degree = builder->degree,
        .room = rk_arena_alloc_column(arena, index->stride, 1),
    };
    if (!worker->query || !worker->nears || !worker->places || !worker->distances ||
        !worker->pruner.room ||
        !rk_walker_reserve(&worker->walker, &builder->graph, builder->ef_construction))
        return RK_ENOMEM;
    return RK_OK;
}

static rk_status make_room(rk_builder *builder)
{
    const rk_index *const index = builder->index;
    const uint32_t width = rk_graph_degree((builder->degree + builder->degree / 2) / 2);
    const size_t n_links = (size_t)index->n * width;
    builder->links = rk_arena_alloc_column(&builder->arena, n_links, sizeof *builder->links);
    if (!builder->links)
        return RK_ENOMEM;
    memset(builder->links, 0xff, n_links * sizeof *builder->links); /* RK_INDEX_NONE */
    builder->width = width;
    builder->graph = (rk_walk_graph){.links = builder->links,
                                     .width = width,
                                     .n = index->n,
                                     .codes = builder->walked.codes,
                                     .stride = builder->walked.stride};
    RK_TRY(make_lengths(builder));
    const uint32_t ef = builder->ef_construction;
    builder->cap_nears = (ef > width ? ef : width) + PENDING;
    builder->workers =
        rk_arena_array(&builder->arena, builder->n_threads, sizeof *builder->workers);
    if (!builder->workers)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < builder->n_threads; i++)
        RK_TRY(make_worker(builder, &builder->workers[i]));
    return RK_OK;
}

static rk_status make_backlinks(batch *b)
{
    const uint32_t n = b->builder.index->n;
    const size_t most = (size_t)BATCH_MOST * b->builder.degree;
    backlinks *const back = &b->back;
    back->first = rk_arena_alloc_column(&b->builder.arena, n, sizeof *back->first);
    back->next = rk_arena_alloc_column(&b->builder.arena, most, sizeof *back->next);
    back->from = rk_arena_alloc_column(&b->builder.arena, most, sizeof *back->from);
    back->targets = rk_arena_alloc_column(&b->builder.arena, most, sizeof *back->targets);
    if (!back->first || !back->next || !back->from || !back->targets)
        return RK_ENOMEM;
    memset(back->first, 0xff, n * sizeof *back->first); /* RK_INDEX_NONE */
    return RK_OK;
}

static rk_status build(batch *b, rk_arena *arena, rk_graph *out)
{
    RK_TRY(rk_builder_find_twins(&b->builder));
    RK_TRY(make_turns(&b->builder));
    RK_TRY(make_room(&b->builder));
    RK_TRY(rk_builder_pick_entries(&b->builder));
    RK_TRY(make_backlinks(b));
    RK_TRY(put_all_in(b));
    RK_TRY(rk_builder_link_twins(&b->builder));
    return rk_builder_finish(&b->builder, arena, out);
}

rk_status rk_graph_build(const rk_index *index, const rk_index_options *options, rk_arena *arena,
                         rk_graph *out)
{
    const uint32_t most = rk_pool_hold();
    const uint32_t threads = options->threads ? options->threads : most;
    batch b = {
        .builder = {
            .index = index,
            .walked = index->sketch ? rk_sketch_set(index) : *index,
            .options = options,
            .degree = rk_graph_degree(options->m),
            .ef_construction = options->ef_construction ? options->ef_construction : DEFAULT_EF,
            .n_threads = threads < most ? threads : most,
        }};
    *out = (rk_graph){.degree = b.builder.degree, .ef_construction = b.builder.ef_construction};
    const rk_status status = index->n ? build(&b, arena, out) : RK_OK;
    for (uint32_t i = 0; b.builder.workers && i < b.builder.n_threads; i++)
        rk_walker_free(&b.builder.workers[i].walker);
    rk_arena_free(&b.builder.arena);
    rk_pool_release();
    return status;
}
