#include "runtime/index/build.h"
#include "runtime/index/exact.h"
#include "runtime/index/exact_ops.h"

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
                                  .tiles = rk_tile_ops_get(cpu)};
    return scratch;
}

void rk_index_scratch_free(rk_index_scratch *scratch)
{
    if (!scratch)
        return;
    rk_arena own = scratch->own; /* which the scratch stands in */
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

static rk_status search(const part *part, rk_index_scratch *scratch)
{
    rk_seeker *seekers;
    uint32_t n;
    for (uint32_t i = 0; i < part->n; i++)
        clear(part, part->from + i);
    if (part->k == 0)
        return RK_OK;
    RK_TRY(seek(part, scratch, &seekers, &n));
    const rk_exact scan = {.index = part->index,
                           .scratch = scratch,
                           .filter = part->query->filter,
                           .stop = part->query->stop,
                           .seekers = seekers,
                           .n = n};
    if (n > 0) {
        scratch->stats.scanned = true;
        RK_TRY(rk_exact_run(&scan));
    }
    for (uint32_t i = 0; i < n; i++)
        give(part, &seekers[i]);
    return RK_OK;
}

rk_status rk_index_search(const rk_index *index, rk_index_scratch *scratch,
                          const rk_index_query *query, const rk_index_hits *out)
{
    part part = {.index = index, .query = query, .out = out};
    part.k = query->k < index->n ? query->k : index->n;
    const uint32_t most = rk_exact_most(index, part.k);
    scratch->stats = (rk_index_stats){0};
    for (; part.from < query->n; part.from += part.n) {
        part.n = query->n - part.from < most ? query->n - part.from : most;
        rk_arena_reset(&scratch->room);
        RK_TRY(search(&part, scratch));
    }
    return RK_OK;
}
