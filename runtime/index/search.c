#include "runtime/index/bound.h"
#include "runtime/index/build.h"
#include "runtime/index/choose.h"
#include "runtime/index/exact.h"
#include "runtime/index/exact_ops.h"

#include <math.h>

rk_index_scratch *rk_index_scratch_new(rk_cpu_level cpu)
{
    rk_arena own;
    rk_arena_init(&own);
    rk_index_scratch *const scratch = RK_NEW(&own, rk_index_scratch);
    if (!scratch) {
        rk_arena_free(&own);
        return NULL;
    }
    *scratch = (rk_index_scratch){.own = own,
                                  .product = rk_product_get(cpu),
                                  .codes = rk_code_ops_get(cpu),
                                  .scan = rk_exact_ops_get(cpu),
                                  .tiles = rk_tile_ops_get(cpu),
                                  .graph = rk_graph_room_new(cpu)};
    if (!scratch->graph) {
        rk_index_scratch_free(scratch);
        return NULL;
    }
    return scratch;
}

void rk_index_scratch_free(rk_index_scratch *scratch)
{
    if (!scratch)
        return;
    rk_arena own = scratch->own; /* which the scratch stands in */
    rk_graph_room_free(scratch->graph);
    rk_arena_free(&scratch->room);
    rk_arena_free(&own);
}

rk_index_stats rk_index_last(const rk_index_scratch *scratch) { return scratch->stats; }

/* A part of a batch: queries from .. from + n. */
typedef struct part {
    const rk_index *index;
    const rk_index_query *query;
    const rk_index_hits *out;
    uint32_t from, n;
    uint32_t k; /* at most all */
    rk_choice choice;
} part;

/* Makes seekers of the queries that are finite; *n of them. */
static rk_status seek(const part *part, rk_index_scratch *scratch, rk_seeker **out, uint32_t *n)
{
    const rk_index *const index = part->index;
    rk_seeker *const seekers = rk_arena_alloc_column(&scratch->room, part->n, sizeof *seekers);
    *out = seekers;
    *n = 0;
    if (!seekers)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < part->n; i++) {
        const float *const vector = part->query->vectors + (size_t)(part->from + i) * index->dim;
        if (!rk_index_is_finite(vector, index->dim))
            continue;
        rk_seeker *const seeker = &seekers[(*n)++];
        *seeker = (rk_seeker){.vector = vector, .number = part->from + i, .keep = {.k = part->k}};
        if (index->metric == RK_INDEX_COSINE)
            seeker->length = rk_product_length(scratch->product->dot(vector, vector, index->dim));
        seeker->keep.items =
            rk_arena_alloc_column(&scratch->room, part->k, sizeof *seeker->keep.items);
        if (!seeker->keep.items)
            return RK_ENOMEM;
    }
    return RK_OK;
}

/* Nothing found by query i. */
static void clear(const part *part, uint32_t i)
{
    const uint32_t k = part->query->k;
    for (size_t h = (size_t)i * k; h < (size_t)(i + 1) * k; h++) {
        part->out->rows[h] = RK_INDEX_NONE;
        if (part->out->scores)
            part->out->scores[h] = 0;
    }
    if (part->out->counts)
        part->out->counts[i] = 0;
}

static void give(const part *part, rk_seeker *seeker)
{
    const size_t first = (size_t)seeker->number * part->query->k;
    rk_keep_sort(&seeker->keep);
    for (uint32_t i = 0; i < seeker->keep.n; i++) {
        part->out->rows[first + i] = rk_keep_row(seeker->keep.items[i]);
        if (part->out->scores)
            part->out->scores[first + i] = rk_keep_score(seeker->keep.items[i]);
    }
    if (part->out->counts)
        part->out->counts[seeker->number] = seeker->keep.n;
}

/* By its code, whether what is at a distance may be nearer than `far`. Of products all may. */
static bool may_be_nearer(const rk_index *index, const rk_coded *query, uint32_t place,
                          float distance, double far)
{
    const rk_code_tail tail = rk_code_tail_of(index->codes + place * index->stride, index->stride);
    const double lost = RK_BOUND_SLACK * ((double)query->square + (double)tail.square);
    const double square = (double)query->square + (double)distance - lost;
    const double error = (double)query->error + (double)tail.error;
    return index->metric == RK_INDEX_DOT || sqrt(square > 0 ? square : 0) - error <= far;
}

/* How far the k-th best is that was scored, and more than float is likely to be off. */
static double farthest(const rk_index *index, const rk_seeker *seeker)
{
    const double score = (double)rk_keep_score(seeker->keep.items[0]);
    if (isnan(score))
        return (double)INFINITY;
    const double far =
        index->metric == RK_INDEX_COSINE ? sqrt(score < 1 ? 2 - 2 * score : 0) : -score;
    return far * (1 + 0x1p-10) + 0x1p-10 * (index->metric == RK_INDEX_COSINE);
}

/* Scores the k nearest by codes, and of the others those that may be nearer; or, without codes,
 * all. */
static rk_status score(const part *part, rk_index_scratch *scratch, rk_seeker *seeker,
                       const rk_coded *query, const rk_graph_found *found)
{
    const rk_index *const index = part->index;
    const uint32_t first = found->by_sketches || found->n < part->k ? found->n : part->k;
    rk_seeker_score(index, scratch, seeker, found->places, first);
    if (found->n == first)
        return RK_OK;
    uint32_t *const some = rk_arena_alloc_column(&scratch->room, found->n - first, sizeof *some);
    if (!some)
        return RK_ENOMEM;
    const double far = farthest(index, seeker);
    uint32_t n = 0;
    for (uint32_t i = first; i < found->n; i++) {
        some[n] = found->places[i];
        n += may_be_nearer(index, query, some[n], found->distances[i], far);
    }
    rk_seeker_score(index, scratch, seeker, some, n);
    return RK_OK;
}

/* Finds one by the graph; *gave_up: it has to be scanned for. */
static rk_status walk(const part *part, rk_index_scratch *scratch, rk_seeker *seeker, bool *gave_up)
{
    const rk_index *const index = part->index;
    const rk_graph_walk walk = {.k = part->k,
                                .ef = part->choice.ef,
                                .n_scored = part->choice.n_scored,
                                .filter = part->query->filter,
                                .passing = part->choice.passing,
                                .most = part->choice.most,
                                .stop = part->query->stop};
    rk_coded coded;
    rk_graph_found found;
    int8_t *const bytes = rk_arena_alloc_column(&scratch->room, index->stride, 1);
    if (!bytes)
        return RK_ENOMEM;
    rk_code_query(index, seeker->vector, bytes, &coded);
    const rk_status status = rk_graph_search(index, scratch->graph, &coded, &walk, &found);
    scratch->stats.n_distances += found.n_distances;
    scratch->stats.n_asked += found.n_asked;
    RK_TRY(status);
    *gave_up = found.gave_up;
    if (!found.gave_up)
        RK_TRY(score(part, scratch, seeker, &coded, &found));
    return RK_OK;
}

/* Finds those of n that the graph is good for; the others go to the front, *n of them. */
static rk_status walk_all(const part *part, rk_index_scratch *scratch, rk_seeker *seekers,
                          uint32_t *n)
{
    uint32_t n_left = 0;
    for (uint32_t i = 0; part->choice.graph && i < *n; i++) {
        bool gave_up;
        RK_TRY(walk(part, scratch, &seekers[i], &gave_up));
        if (!gave_up)
            continue;
        const rk_seeker seeker = seekers[i];
        seekers[i] = seekers[n_left];
        seekers[n_left++] = seeker;
    }
    *n = part->choice.graph ? n_left : *n;
    return RK_OK;
}

static rk_status search(const part *part, rk_index_scratch *scratch)
{
    rk_seeker *seekers;
    uint32_t n;
    for (uint32_t i = 0; i < part->n; i++)
        clear(part, part->from + i);
    if (part->k == 0)
        return RK_OK;
    RK_TRY(seek(part, scratch, &seekers, &n));
    rk_exact scan = {.index = part->index,
                     .scratch = scratch,
                     .filter = part->query->filter,
                     .stop = part->query->stop,
                     .seekers = seekers,
                     .n = n};
    RK_TRY(walk_all(part, scratch, seekers, &scan.n));
    if (scan.n > 0) {
        scratch->stats.scanned = true;
        RK_TRY(rk_exact_run(&scan));
    }
    for (uint32_t i = 0; i < n; i++)
        give(part, &seekers[i]);
    return RK_OK;
}

/* Which way all of a query's parts go. */
static rk_status choose(const rk_index *index, rk_index_scratch *scratch,
                        const rk_index_query *query, rk_choice *out)
{
    uint32_t passing = index->n;
    if (query->filter && index->degree > 0 && !query->exact && query->n > 0 && query->k > 0)
        RK_TRY(rk_index_estimate(index, scratch, query->filter, &passing));
    *out = rk_index_choose(index, query, passing);
    return RK_OK;
}

rk_status rk_index_search(const rk_index *index, rk_index_scratch *scratch,
                          const rk_index_query *query, const rk_index_hits *out)
{
    part part = {.index = index, .query = query, .out = out};
    part.k = query->k < index->n ? query->k : index->n;
    const uint32_t most = rk_exact_most(index, part.k);
    scratch->stats = (rk_index_stats){0};
    RK_TRY(choose(index, scratch, query, &part.choice));
    for (; part.from < query->n; part.from += part.n) {
        part.n = query->n - part.from < most ? query->n - part.from : most;
        rk_arena_reset(&scratch->room);
        RK_TRY(search(&part, scratch));
    }
    return RK_OK;
}
