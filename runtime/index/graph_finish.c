#include "runtime/index/graph_build.h"

/* Places get their order breadth first from the entries, so that what is linked stands near. Where
 * that reaches not all, a link is led to what is left: in place of one that no first way uses. */

typedef struct finish {
    rk_builder *builder;
    uint32_t *order;   /* [n] places as they were reached */
    uint32_t *places;  /* [n] the number in `order`, or RK_INDEX_NONE */
    uint32_t *parents; /* [n] whose link reached it first; an entry's is itself */
    uint32_t n_reached, n_followed;
} finish;

static void reach(finish *f, uint32_t place, uint32_t parent)
{
    if (f->places[place] != RK_INDEX_NONE)
        return;
    f->places[place] = f->n_reached;
    f->parents[place] = parent;
    f->order[f->n_reached++] = place;
}

static void follow_all(finish *f)
{
    const uint32_t degree = f->builder->degree;
    while (f->n_followed < f->n_reached) {
        const uint32_t place = f->order[f->n_followed++];
        const uint32_t *const row = rk_builder_row(f->builder, place);
        for (uint32_t i = 0; i < degree && row[i] != RK_INDEX_NONE; i++)
            reach(f, row[i], place);
    }
}

/* Leads a link of `from` to `to`; false when all of its links are first ways. */
static bool lead(finish *f, uint32_t from, uint32_t to)
{
    rk_builder *const builder = f->builder;
    uint32_t *const row = rk_builder_row(builder, from);
    uint32_t at = rk_builder_count(builder, from);
    if (at >= builder->degree) {
        at = builder->degree;
        while (at > 0 && f->parents[row[at - 1]] == from)
            at--;
        if (at-- == 0)
            return false;
    }
    row[at] = to;
    rk_builder_tidy(builder, &builder->workers[0], from);
    reach(f, to, from);
    return true;
}

/* A place that was not reached gets a link from one near it that was; all in the beam were, as
 * nobody links from those that were reached to others. */
static rk_status adopt(finish *f, uint32_t place)
{
    rk_build_worker *const worker = &f->builder->workers[0];
    if (!rk_builder_walk(f->builder, worker, place, f->builder->n_turns))
        return RK_ENOMEM;
    for (uint32_t i = 0; i < worker->walker.beam.n; i++)
        if (lead(f, rk_near_place(worker->walker.beam.nears[i]), place))
            return RK_OK;
    for (uint32_t i = 0; i < f->n_reached; i++)
        if (lead(f, f->order[i], place))
            return RK_OK;
    return RK_EBUG; /* a tree of n has fewer links than n, and there is room for 16 n */
}

static rk_status reach_all(finish *f)
{
    const rk_builder *const builder = f->builder;
    const uint32_t n = builder->index->n;
    for (uint32_t i = 0; i < builder->n_entries; i++)
        reach(f, builder->turns[i], builder->turns[i]);
    follow_all(f);
    for (uint32_t i = 0; i < n && f->n_reached < n; i++) {
        if (f->places[i] != RK_INDEX_NONE)
            continue;
        if (rk_builder_stopped(builder))
            return RK_ESTOP;
        RK_TRY(adopt(f, i));
        follow_all(f);
    }
    return RK_OK;
}

static rk_status make_graph(const finish *f, rk_arena *arena, rk_graph *out)
{
    const rk_builder *const builder = f->builder;
    const uint32_t n = builder->index->n, degree = builder->degree;
    out->n_entries = builder->n_entries;
    out->entries = rk_arena_alloc_column(arena, out->n_entries, sizeof *out->entries);
    out->links = rk_arena_alloc_column(arena, (size_t)n * degree, sizeof *out->links);
    if (!out->entries || !out->links)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < out->n_entries; i++)
        out->entries[i] = f->places[builder->turns[i]];
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t *const row = rk_builder_row(builder, f->order[i]);
        uint32_t *const to = out->links + (size_t)i * degree;
        for (uint32_t j = 0; j < degree; j++)
            to[j] = row[j] == RK_INDEX_NONE ? RK_INDEX_NONE : f->places[row[j]];
    }
    out->order = f->order;
    return RK_OK;
}

rk_status rk_builder_finish(rk_builder *builder, rk_arena *arena, rk_graph *out)
{
    const uint32_t n = builder->index->n;
    finish f = {
        .builder = builder,
        .order = rk_arena_alloc_column(arena, n, sizeof *f.order),
        .places = rk_arena_alloc_column(&builder->arena, n, sizeof *f.places),
        .parents = rk_arena_alloc_column(&builder->arena, n, sizeof *f.parents),
    };
    if (!f.order || !f.places || !f.parents)
        return RK_ENOMEM;
    memset(f.places, 0xff, n * sizeof *f.places); /* RK_INDEX_NONE */
    RK_TRY(reach_all(&f));
    return make_graph(&f, arena, out);
}
