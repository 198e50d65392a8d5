/* Opening index files, whatever their bytes are. */
#include "runtime/index/layout.h"

#include "runtime/base/input.h"
#include "runtime/index/build.h"
#include "runtime/index/check.h"
#include "runtime/index/codes.h"
#include "runtime/index/graph_sketch.h"
#include "runtime/index/graph_spread.h"
#include "runtime/index/graph_walk.h"
#include "runtime/index/memory.h"

typedef struct opening {
    const rk_index_file *from;
    rk_diags *diags;
    rk_index *index;
    rk_str bytes; /* at a multiple of 64 */
    rk_index_header header;
} opening;

bool rk_index_file_is(rk_str bytes)
{
    const size_t len = sizeof RK_INDEX_MAGIC - 1;
    return bytes.len >= len && memcmp(bytes.data, RK_INDEX_MAGIC, len) == 0;
}

/* ---- what is wrong ---- */

static rk_status refuse(const opening *o, rk_diag_code code, const char *words)
{
    rk_error(o->diags, code, o->from->span, "`%.*s` %s", RK_STR_ARG(o->from->path), words);
    return RK_EFILE;
}

static rk_status damaged(const opening *o, const char *what)
{
    rk_error(o->diags, RK_E0622, o->from->span, "`%.*s` is damaged: %s", RK_STR_ARG(o->from->path),
             what);
    return RK_EFILE;
}

/* ---- the header ---- */

static rk_status no_index(const opening *o)
{
    rk_diag *const diag = rk_error(o->diags, RK_E0620, o->from->span, "`%.*s` is no index",
                                   RK_STR_ARG(o->from->path));
    rk_diag_help(o->diags, diag, "`rankc index build` and `rankc index import` make one");
    return RK_EFILE;
}

static rk_status check_version(const opening *o)
{
    const rk_index_header *const h = &o->header;
    if (h->order == RK_INDEX_ORDER && h->version >= RK_INDEX_VERSION_PLAIN &&
        h->version <= RK_INDEX_VERSION)
        return RK_OK;
    if (h->order != RK_INDEX_ORDER && h->order == __builtin_bswap32(RK_INDEX_ORDER))
        return refuse(o, RK_E0623, "was made on a machine with the other order of bytes");
    if (h->order != RK_INDEX_ORDER)
        return damaged(o, "its header makes no sense");
    rk_error(o->diags, RK_E0623, o->from->span,
             "`%.*s` was made by %s rankc: its format is %u, this one reads %d",
             RK_STR_ARG(o->from->path), h->version > RK_INDEX_VERSION ? "a newer" : "another",
             h->version, RK_INDEX_VERSION);
    return RK_EFILE;
}

static rk_status read_header(opening *o)
{
    if (!rk_index_file_is(o->bytes))
        return no_index(o);
    if (o->bytes.len < sizeof o->header)
        return refuse(o, RK_E0621, "is truncated");
    memcpy(&o->header, o->bytes.data, sizeof o->header);
    RK_TRY(check_version(o));
    const rk_str hashed = {(const char *)&o->header, offsetof(rk_index_header, hash)};
    if (rk_str_hash(hashed) != o->header.hash)
        return damaged(o, "its header is not what was written");
    if (o->header.size > o->bytes.len)
        return refuse(o, RK_E0621, "is truncated");
    return o->header.size == o->bytes.len ? RK_OK : damaged(o, "something follows its end");
}

static bool has_counts(const rk_index_header *h)
{
    return h->kind < RK_INDEX_KIND_COUNT && h->metric < RK_INDEX_METRIC_COUNT &&
           h->n <= RK_INDEX_MAX_ROWS && h->dim >= RK_INDEX_MIN_DIM && h->dim <= RK_INDEX_MAX_DIM &&
           h->stride == rk_code_stride(h->dim) && h->ids < RK_INDEX_IDS_COUNT && h->has_rows <= 1 &&
           h->n_canaries <= RK_INDEX_CANARIES && h->n_canaries <= h->n &&
           h->ef <= RK_INDEX_MAX_EF && h->ef_construction <= RK_INDEX_MAX_EF;
}

static bool has_sketches(const rk_index_header *h)
{
    if (h->version == RK_INDEX_VERSION_PLAIN || (h->version == RK_INDEX_VERSION && !h->sketch))
        return h->sketch == 0;
    return h->sketch >= 2 && h->sketch <= RK_SKETCH_MOST && h->sketch <= h->dim &&
           h->metric != RK_INDEX_DOT;
}

static bool has_spread(const rk_index_header *h)
{
    if (h->version == RK_INDEX_VERSION)
        return rk_spread_is_sane(h->spread);
    for (uint32_t i = 0; i < RK_INDEX_SPREAD; i++)
        if (h->spread[i] != 0)
            return false;
    return true;
}

static bool has_graph(const rk_index_header *h)
{
    if (h->degree == 0)
        return h->n_entries == 0;
    return h->kind == RK_INDEX_HNSW && h->degree % 16 == 0 && h->degree <= 2 * RK_INDEX_MAX_M &&
           h->n_entries <= h->n && h->n_entries <= RK_WALK_MOST_ENTRIES &&
           (h->n_entries > 0) == (h->n > 0);
}

/* The counts say where everything stands; so nothing is read, and no memory asked for, by a count
 * that the file does not bear out. */
static rk_status check_header(const opening *o)
{
    const rk_index_header *const h = &o->header;
    const uint64_t texts = h->sections[RK_INDEX_TEXTS].len;
    if (!has_counts(h) || !has_graph(h) || !has_sketches(h) || !has_spread(h) || texts > h->size ||
        (texts && h->ids != RK_INDEX_IDS_TEXTS))
        return damaged(o, "its header makes no sense");
    rk_index_header want = *h;
    rk_index_lay_out(&want, texts);
    return memcmp(&want, h, sizeof want) == 0
               ? RK_OK
               : damaged(o, "its sections are not where they belong");
}

/* ---- arrays ---- */

static const void *section(const opening *o, rk_index_section which)
{
    return o->bytes.data + o->header.sections[which].at;
}

static void set_ids(opening *o)
{
    rk_index_ids *const ids = &o->index->ids;
    ids->text = o->header.ids == RK_INDEX_IDS_TEXTS;
    if (ids->text) {
        ids->offsets = section(o, RK_INDEX_IDS);
        ids->bytes = section(o, RK_INDEX_TEXTS);
    } else if (o->header.ids == RK_INDEX_IDS_NUMBERS)
        ids->numbers = section(o, RK_INDEX_IDS);
}

static void set_arrays(opening *o)
{
    const rk_index_header *const h = &o->header;
    rk_index *const index = o->index;
    index->kind = (rk_index_kind)h->kind;
    index->metric = (rk_index_metric)h->metric;
    index->n = h->n;
    index->dim = h->dim;
    index->stride = h->stride;
    index->degree = h->degree;
    index->n_entries = h->n_entries;
    index->ef_construction = h->ef_construction;
    index->ef = h->ef;
    index->vectors = section(o, RK_INDEX_VECTORS);
    index->rows = h->has_rows ? section(o, RK_INDEX_ROWS) : NULL;
    index->places = h->has_rows ? section(o, RK_INDEX_PLACES) : NULL;
    index->codes = section(o, RK_INDEX_CODES);
    index->mean = section(o, RK_INDEX_MEAN);
    memcpy(index->spread, h->spread, sizeof index->spread);
    index->sketch = h->sketch;
    index->sketches = h->sketch ? section(o, RK_INDEX_SKETCHES) : NULL;
    index->axes = h->sketch ? section(o, RK_INDEX_AXES) : NULL;
    index->links = h->degree ? section(o, RK_INDEX_LINKS) : NULL;
    index->entries = h->degree ? section(o, RK_INDEX_ENTRIES) : NULL;
    set_ids(o);
}

/* ---- what is in them ---- */

static const char *const section_names[RK_INDEX_SECTION_COUNT] = {
    [RK_INDEX_VECTORS] = "its vectors are not what was written",
    [RK_INDEX_ROWS] = "its rows are not what was written",
    [RK_INDEX_PLACES] = "its places are not what was written",
    [RK_INDEX_IDS] = "its ids are not what was written",
    [RK_INDEX_TEXTS] = "its ids are not what was written",
    [RK_INDEX_CODES] = "its codes are not what was written",
    [RK_INDEX_MEAN] = "its mean is not what was written",
    [RK_INDEX_LINKS] = "its links are not what was written",
    [RK_INDEX_ENTRIES] = "its entries are not what was written",
    [RK_INDEX_CANARY_ROWS] = "its canaries are not what was written",
    [RK_INDEX_CANARY_VECTORS] = "its canaries are not what was written",
    [RK_INDEX_SKETCHES] = "its sketches are not what was written",
    [RK_INDEX_AXES] = "its sketches are not what was written",
};

/* Small sections are always looked at. */
static bool is_checked(const opening *o, rk_index_section which)
{
    return o->from->verify || o->header.sections[which].len <= RK_INDEX_PAGE ||
           which == RK_INDEX_MEAN || which == RK_INDEX_CANARY_VECTORS || which == RK_INDEX_AXES;
}

static rk_status check_hashes(const opening *o)
{
    for (unsigned i = 0; i < rk_index_sections(&o->header); i++) {
        const rk_index_extent *const extent = &o->header.sections[i];
        const rk_str bytes = {section(o, (rk_index_section)i), extent->len};
        if (is_checked(o, (rk_index_section)i) && rk_str_hash(bytes) != extent->hash)
            return damaged(o, section_names[i]);
    }
    return RK_OK;
}

/* Nothing is written between sections, so there are zeros. */
static rk_status check_gaps(const opening *o)
{
    bool zero = true;
    for (unsigned i = 0; i < rk_index_sections(&o->header) && zero; i++) {
        const rk_index_extent *const extent = &o->header.sections[i];
        for (uint64_t at = extent->at + extent->len; at % RK_INDEX_PAGE != 0; at++)
            zero &= o->bytes.data[at] == 0;
    }
    return zero ? RK_OK : damaged(o, "something stands between its sections");
}

static rk_status check_arrays(const opening *o)
{
    const rk_index *const index = o->index;
    const uint32_t *const canaries = section(o, RK_INDEX_CANARY_ROWS);
    const char *fault = rk_index_check(index);
    if (!fault && index->ids.text &&
        index->ids.offsets[index->n] != o->header.sections[RK_INDEX_TEXTS].len)
        fault = "its ids make no sense";
    if (!fault)
        fault = rk_index_check_ids(index);
    for (uint32_t i = 0; i < o->header.n_canaries && !fault; i++)
        if (canaries[i] >= index->n)
            fault = "its canaries make no sense";
    if (!fault && o->from->verify)
        fault = rk_index_check_vectors(index);
    return fault ? damaged(o, fault) : RK_OK;
}

/* Scans look at sketches first if those bound distances, which axes of another maker may not. */
static rk_status check_axes(const opening *o)
{
    if (o->header.version != RK_INDEX_VERSION || !o->header.sketch)
        return RK_OK;
    return rk_sketch_check(o->index, rk_code_ops_get(rk_cpu_best()), &o->index->bounding);
}

/* ---- all of it ---- */

/* Arrays are read as what they are, so they must not begin anywhere. */
static rk_status take_bytes(opening *o)
{
    rk_mapping *const file = &o->index->memory->file;
    const rk_index_file *const from = o->from;
    if (from->bytes)
        o->bytes = *from->bytes;
    else {
        RK_TRY(rk_input_map_plain(o->diags, o->diags->arena, from->path, from->span, file));
        o->bytes = file->text;
    }
    if ((uintptr_t)o->bytes.data % 64 == 0 || !rk_index_file_is(o->bytes))
        return RK_OK;
    char *const copy = rk_index_array(o->index, o->bytes.len, 1);
    if (!copy)
        return RK_ENOMEM;
    memcpy(copy, o->bytes.data, o->bytes.len);
    o->bytes.data = copy;
    return RK_OK;
}

static rk_status open_index(opening *o)
{
    RK_TRY(take_bytes(o));
    RK_TRY(read_header(o));
    RK_TRY(check_header(o));
    set_arrays(o);
    if (o->from->header)
        return RK_OK;
    RK_TRY(check_hashes(o));
    if (o->from->verify)
        RK_TRY(check_gaps(o));
    RK_TRY(check_arrays(o));
    return check_axes(o);
}

rk_status rk_index_open(const rk_index_file *from, rk_diags *diags, rk_index **out,
                        rk_index_provenance *provenance)
{
    opening o = {.from = from, .diags = diags, .index = rk_index_new()};
    *out = NULL;
    if (!o.index)
        return RK_ENOMEM;
    const rk_status status = open_index(&o);
    if (status != RK_OK) {
        rk_index_free(o.index);
        return status;
    }
    if (provenance)
        *provenance = (rk_index_provenance){.maker = o.header.maker,
                                            .source = o.header.source,
                                            .n_canaries = o.header.n_canaries,
                                            .canaries = section(&o, RK_INDEX_CANARY_ROWS),
                                            .vectors = section(&o, RK_INDEX_CANARY_VECTORS)};
    *out = o.index;
    return RK_OK;
}
