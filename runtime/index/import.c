/* From what was found in another library's file to an index. */
#include "runtime/index/import_read.h"

#include <stdio.h>

#include "runtime/base/input.h"
#include "runtime/index/graph_spread.h"
#include "runtime/index/memory.h"

/* Where a walk begins: about as many vectors as the highest layers have. */
enum { ENTRIES = 64, LAYERS = 64 };

/* ---- reading ---- */

const char *rk_import_take(rk_import_reader *r, uint64_t count, size_t size)
{
    if (r->fault || r->refused || r->no_memory)
        return NULL;
    if (count > (r->bytes.len - r->at) / size) {
        rk_import_fail(r, "it ends too early, or its counts make no sense");
        return NULL;
    }
    const char *const from = r->bytes.data + r->at;
    r->at += count * size;
    return from;
}

uint32_t rk_import_u32(rk_import_reader *r)
{
    const char *const from = rk_import_take(r, 1, sizeof(uint32_t));
    return from ? rk_import_u32_at(from, 0) : 0;
}

uint64_t rk_import_u64(rk_import_reader *r)
{
    const char *const from = rk_import_take(r, 1, sizeof(uint64_t));
    return from ? rk_import_u64_at(from, 0) : 0;
}

void *rk_import_array(rk_import_reader *r, size_t n, size_t size)
{
    void *const array = rk_arena_alloc_column(r->arena, n ? n : 1, size);
    r->no_memory |= !array;
    return array;
}

bool rk_import_vectors(rk_import_reader *r, rk_imported *out, const char *from)
{
    const size_t count = (size_t)out->n * out->dim;
    out->vectors = rk_import_array(r, count, sizeof *out->vectors);
    if (out->vectors)
        memcpy(out->vectors, from, count * sizeof *out->vectors);
    return out->vectors != NULL;
}

/* ---- what is wrong ---- */

typedef struct importing {
    const rk_index_import *from;
    rk_diags *diags;
    rk_arena arena; /* of what was found */
    rk_imported found;
    rk_index_options options;
} importing;

static rk_status refuse(const importing *im, const char *words)
{
    rk_diag *const diag = rk_error(im->diags, RK_E0625, RK_NO_SPAN, "`%.*s` cannot be imported: %s",
                                   RK_STR_ARG(im->from->path), words);
    rk_diag_help(
        im->diags, diag,
        "what can be: FAISS's IndexFlat, IndexHNSWFlat, IndexIVFFlat, with or without an id "
        "map, and hnswlib's");
    return RK_EFILE;
}

static rk_status report(const importing *im, const rk_import_reader *r)
{
    if (r->no_memory)
        return RK_ENOMEM;
    if (r->refused)
        return refuse(im, r->refused);
    rk_error(im->diags, RK_E0624, RK_NO_SPAN, "`%.*s` is damaged: %s", RK_STR_ARG(im->from->path),
             r->fault);
    return RK_EFILE;
}

/* ---- the metric ---- */

static rk_status wrong_metric(const importing *im, const char *words, const char *help)
{
    rk_diag *const diag =
        rk_error(im->diags, RK_E0626, RK_NO_SPAN, "`%.*s` %s", RK_STR_ARG(im->from->path), words);
    rk_diag_help(im->diags, diag, "%s", help);
    return RK_EUSAGE;
}

static rk_status choose_metric(importing *im)
{
    const rk_index_import *const from = im->from;
    const rk_imported *const found = &im->found;
    im->options.metric = found->has_metric && !from->has_metric ? found->metric : from->metric;
    if (!found->has_metric && !from->has_metric)
        return wrong_metric(im, "does not say what a score is",
                            "give --metric: l2, dot (hnswlib's `ip`) or cosine");
    if (found->has_metric && from->has_metric && from->metric != found->metric &&
        !(found->metric == RK_INDEX_DOT && from->metric == RK_INDEX_COSINE))
        return wrong_metric(
            im, found->metric == RK_INDEX_L2 ? "is an index by l2" : "is an index by dot",
            "its graph and lists are of no use for another metric: build an index of "
            "the vectors");
    return RK_OK;
}

/* ---- the options ---- */

/* A graph that is taken has its own numbers, and where there is none they say nothing. */
static rk_status check_making(const importing *im, bool taken)
{
    const rk_index_options *const options = &im->options;
    const bool graph = options->kind == RK_INDEX_HNSW;
    const char *const name = options->m && (taken || !graph)                 ? "--m"
                             : options->ef_construction && (taken || !graph) ? "--ef-construction"
                             : options->ef && !graph                         ? "--ef"
                                                                             : NULL;
    if (!name)
        return RK_OK;
    rk_diag *const diag =
        rk_error(im->diags, RK_E0627, RK_NO_SPAN, "%s says nothing of `%.*s`: %s", name,
                 RK_STR_ARG(im->from->path),
                 taken ? "its graph is taken as it is" : "it is flat, without a graph");
    rk_diag_help(im->diags, diag,
                 taken ? "to make another graph, build an index of the vectors"
                       : "--kind=hnsw makes a graph of its vectors");
    return RK_EUSAGE;
}

/* ---- the graph ---- */

/* Rows ascend by id; an index whose ids are the numbers of its rows keeps none. */
static uint32_t row_of(const rk_index *index, int64_t id)
{
    uint32_t row = 0, end = index->n;
    if (!index->ids.numbers)
        return (uint32_t)id;
    while (row < end) {
        const uint32_t middle = row + (end - row) / 2;
        if (index->ids.numbers[middle] < id)
            row = middle + 1;
        else
            end = middle;
    }
    return row;
}

/* The number of a vector to its place. */
static uint32_t place_of(const importing *im, const rk_index *index, uint32_t number)
{
    const uint32_t row = row_of(index, im->found.ids ? im->found.ids[number] : number);
    return index->places ? index->places[row] : row;
}

/* From how many vectors of each layer walks begin: from all of the highest layers that have few,
 * then from some of the next. */
static uint32_t share_entries(const rk_imported *found, uint32_t wanted[LAYERS])
{
    uint32_t counts[LAYERS] = {0}, left = ENTRIES;
    for (uint32_t i = 0; i < found->n; i++)
        counts[found->layers[i] < LAYERS ? found->layers[i] : LAYERS - 1]++;
    for (uint32_t layer = LAYERS; layer-- > 0;) {
        wanted[layer] = counts[layer] < left ? counts[layer] : left;
        left -= wanted[layer];
    }
    return ENTRIES - left;
}

static rk_status set_entries(const importing *im, rk_index *index, const uint32_t *places)
{
    const rk_imported *const found = &im->found;
    uint32_t wanted[LAYERS];
    const uint32_t n = share_entries(found, wanted);
    uint32_t *const entries = rk_index_array(index, n, sizeof *entries);
    if (!entries)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < found->n; i++) {
        const uint32_t layer = found->layers[i] < LAYERS ? found->layers[i] : LAYERS - 1;
        if (wanted[layer]) {
            wanted[layer]--;
            entries[index->n_entries++] = places[i];
        }
    }
    index->entries = entries;
    return RK_OK;
}

static rk_status set_links(const importing *im, rk_index *index, const uint32_t *places)
{
    const rk_imported *const found = &im->found;
    const size_t degree = found->degree;
    uint32_t *const links = rk_index_array(index, found->n * degree, sizeof *links);
    if (!links)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < found->n; i++)
        for (size_t k = 0; k < degree; k++) {
            const uint32_t link = found->links[i * degree + k];
            links[places[i] * degree + k] = link == RK_INDEX_NONE ? link : places[link];
        }
    index->kind = RK_INDEX_HNSW;
    index->links = links;
    index->degree = found->degree;
    index->ef_construction = found->ef_construction < RK_INDEX_MAX_EF ? found->ef_construction : 0;
    return set_entries(im, index, places);
}

static rk_status set_graph(importing *im, rk_index *index)
{
    uint32_t *const places = rk_arena_alloc_column(&im->arena, im->found.n, sizeof *places);
    if (!places)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < im->found.n; i++)
        places[i] = place_of(im, index, i);
    RK_TRY(set_links(im, index, places));
    return rk_spread_make(index, &im->options);
}

/* ---- the index ---- */

static rk_status bad_vector(const importing *im, uint32_t i)
{
    const rk_imported *const found = &im->found;
    char id[48] = "";
    if (found->ids)
        snprintf(id, sizeof id, ", with the id %lld", (long long)found->ids[i]);
    rk_error(im->diags, RK_E0527, RK_NO_SPAN, "`%.*s`: vector %u, from 0%s, %s",
             RK_STR_ARG(im->from->path), i, id,
             rk_index_wild(found->vectors + (size_t)i * found->dim, found->dim));
    return RK_EDATA;
}

static rk_status check_numbers(const importing *im)
{
    const rk_imported *const found = &im->found;
    for (uint32_t i = 0; i < found->n; i++)
        if (!rk_index_is_finite(found->vectors + (size_t)i * found->dim, found->dim))
            return bad_vector(im, i);
    return RK_OK;
}

static rk_status check_dim(const importing *im)
{
    if (im->found.dim >= RK_INDEX_MIN_DIM && im->found.dim <= RK_INDEX_MAX_DIM)
        return RK_OK;
    char words[96];
    snprintf(words, sizeof words, "vectors of %u number%s; an index takes %d to %d", im->found.dim,
             im->found.dim == 1 ? "" : "s", RK_INDEX_MIN_DIM, RK_INDEX_MAX_DIM);
    return refuse(im, words);
}

static rk_status build(importing *im, rk_index **out)
{
    const rk_imported *const found = &im->found;
    const rk_index_input input = {
        .vectors = found->vectors, .n = found->n, .dim = found->dim, .numbers = found->ids};
    const bool taken = found->degree && found->n && im->options.kind == RK_INDEX_HNSW;
    uint32_t doubled = 0;
    RK_TRY(check_making(im, taken));
    if (taken)
        im->options.kind = RK_INDEX_FLAT;
    const rk_status status = rk_index_build(&input, &im->options, out, &doubled);
    if (status == RK_EDATA)
        rk_error(im->diags, RK_E0527, RK_NO_SPAN, "`%.*s` has two vectors with the id %lld",
                 RK_STR_ARG(im->from->path), (long long)found->ids[doubled]);
    return status == RK_OK && taken ? set_graph(im, *out) : status;
}

static rk_status read_file(importing *im, rk_str bytes)
{
    rk_import_reader r = {.bytes = bytes, .arena = &im->arena};
    const bool faiss = rk_import_is_faiss(bytes);
    if (!faiss && !rk_import_is_hnswlib(bytes))
        return refuse(im, "it begins neither as a file of FAISS does nor as one of hnswlib");
    if (!(faiss ? rk_import_faiss : rk_import_hnswlib)(&r, &im->found))
        return report(im, &r);
    RK_TRY(check_dim(im));
    RK_TRY(choose_metric(im));
    return check_numbers(im);
}

static rk_status import_file(importing *im, rk_index **out)
{
    rk_mapping file;
    const rk_index_import *const from = im->from;
    if (from->bytes) {
        RK_TRY(read_file(im, *from->bytes));
    } else {
        RK_TRY(rk_input_map(im->diags, im->diags->arena, from->path, RK_NO_SPAN, &file));
        const rk_status status = read_file(im, file.text);
        rk_file_unmap(&file);
        RK_TRY(status);
    }
    if (!from->has_kind)
        im->options.kind = im->found.degree ? RK_INDEX_HNSW : RK_INDEX_FLAT;
    return build(im, out);
}

rk_status rk_index_import_file(const rk_index_import *from, rk_diags *diags, rk_index **out)
{
    importing im = {.from = from, .diags = diags, .options = from->options};
    *out = NULL;
    rk_arena_init(&im.arena);
    const rk_status status = import_file(&im, out);
    rk_arena_free(&im.arena);
    if (status != RK_OK) {
        rk_index_free(*out);
        *out = NULL;
    }
    return status;
}
