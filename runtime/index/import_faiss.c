/* FAISS's files, as impl/index_write.cpp of its versions 1.7 to 1.15 writes them: four letters that
 * say the kind, a header, and what the kind has; an index may stand in another. */
#include "runtime/index/import_read.h"

#include <stdio.h>

/* An id map may hold any other index, an IndexIVFFlat one of the simple ones. */
enum { OF_MAP = 1, OF_LISTS = 2 };

typedef struct kind {
    const char *letters;
    const char *name;
} kind;

/* clang-format off */
static const kind refused[] = {
    {"IxPT", "IndexPreTransform"},      {"IxPq", "IndexPQ"},
    {"IxPo", "IndexPQ"},                {"IxPQ", "IndexPQ"},
    {"IxSQ", "IndexScalarQuantizer"},   {"IxHe", "IndexLSH"},
    {"IxHE", "IndexLSH"},               {"IxRF", "IndexRefine"},
    {"IHNp", "IndexHNSWPQ"},            {"IHNs", "IndexHNSWSQ"},
    {"IHN2", "IndexHNSW2Level"},        {"IHNc", "IndexHNSWCagra"},
    {"IHc2", "IndexHNSWCagra"},         {"IHfP", "IndexHNSWFlatPanorama"},
    {"IxFP", "IndexFlatPanorama"},      {"IwPQ", "IndexIVFPQ"},
    {"IwSq", "IndexIVFScalarQuantizer"},{"IwSQ", "IndexIVFScalarQuantizer"},
    {"IwFd", "IndexIVFFlatDedup"},      {"IwPf", "IndexIVFPQFastScan"},
    {"INSf", "IndexNSGFlat"},           {"IBxF", "IndexBinaryFlat"},
};
/* clang-format on */

typedef struct head {
    uint32_t dim, n;
    uint32_t metric; /* 0: inner product, 1: L2 */
} head;

bool rk_import_is_faiss(rk_str bytes)
{
    return bytes.len >= 4 && bytes.data[0] == 'I' && bytes.data[1] > ' ' && bytes.data[1] < 127;
}

/* ---- parts ---- */

static bool read_letters(rk_import_reader *r, char out[5])
{
    const char *const from = rk_import_take(r, 4, 1);
    if (!from)
        return false;
    memcpy(out, from, 4);
    out[4] = '\0';
    return true;
}

static bool is(const char *letters, const char *one) { return memcmp(letters, one, 4) == 0; }

static bool refuse(rk_import_reader *r, const char *letters)
{
    char words[96];
    const char *name = NULL;
    for (size_t i = 0; i < RK_ARRAY_LEN(refused) && !name; i++)
        if (is(letters, refused[i].letters))
            name = refused[i].name;
    for (int i = 0; i < 4; i++)
        if (letters[i] <= ' ' || letters[i] > '~')
            return rk_import_fail(r, "where an index should stand is something else");
    snprintf(words, sizeof words, "%s%s%s%s", name ? name : "an index", name ? " (`" : " of kind `",
             letters, name ? "`)" : "`");
    r->refused = rk_arena_copy(r->arena, words, strlen(words));
    r->no_memory = !r->refused;
    return false;
}

static bool read_head(rk_import_reader *r, head *out)
{
    const uint32_t dim = rk_import_u32(r);
    const uint64_t n = rk_import_u64(r);
    rk_import_take(r, 2, sizeof(int64_t)); /* unused */
    const char *const trained = rk_import_take(r, 1, 1);
    const uint32_t metric = rk_import_u32(r);
    if (metric > 1)
        rk_import_take(r, 1, sizeof(float)); /* its parameter */
    if (!trained || r->fault)
        return false;
    if (dim > INT32_MAX || n > RK_INDEX_MAX_ROWS)
        return rk_import_fail(r, "its counts make no sense");
    *out = (head){.dim = dim, .n = (uint32_t)n, .metric = metric};
    return true;
}

/* A count, and as many elements. */
static const char *take_vector(rk_import_reader *r, size_t size, uint64_t *count)
{
    *count = rk_import_u64(r);
    return rk_import_take(r, *count, size);
}

/* The same where the count must be another's. */
static const char *take_counted(rk_import_reader *r, size_t size, uint64_t want)
{
    uint64_t count;
    const char *const from = take_vector(r, size, &count);
    if (!from || count == want)
        return from;
    rk_import_fail(r, "its counts do not fit each other");
    return NULL;
}

static bool take_metric(rk_import_reader *r, const head *h, rk_imported *out)
{
    if (h->metric > 1) {
        r->refused = "a metric other than the inner product and L2";
        return false;
    }
    out->has_metric = true;
    out->metric = h->metric == 0 ? RK_INDEX_DOT : RK_INDEX_L2;
    out->n = h->n;
    out->dim = h->dim;
    return true;
}

/* ---- IndexFlat ---- */

static bool read_flat(rk_import_reader *r, rk_imported *out)
{
    head h;
    if (!read_head(r, &h) || !take_metric(r, &h, out))
        return false;
    const char *const from = take_counted(r, sizeof(float), (uint64_t)h.n * h.dim);
    return from && rk_import_vectors(r, out, from);
}

/* ---- IndexHNSWFlat ---- */

/* Where the links of each vector are. */
typedef struct hnsw {
    uint32_t n;
    const char *ends;    /* i32 [n_ends]: links of a vector that is in so many layers */
    uint64_t n_ends;     /* 1 and more */
    const char *layers;  /* i32 [n]: how many each is in */
    const char *offsets; /* u64 [n + 1] */
    const char *links;   /* i32, -1 for none */
    uint64_t n_links;
} hnsw;

static bool check_ends(rk_import_reader *r, const hnsw *h)
{
    for (uint64_t i = 0; i < h->n_ends; i++) {
        const uint32_t end = rk_import_u32_at(h->ends, i);
        if (end > INT32_MAX || end < (i ? rk_import_u32_at(h->ends, i - 1) : 0) || (!i && end))
            return rk_import_fail(r, "its layers make no sense");
    }
    return true;
}

static bool check_offsets(rk_import_reader *r, const hnsw *h)
{
    uint64_t at = 0;
    for (uint32_t i = 0; i < h->n; i++) {
        const uint32_t layers = rk_import_u32_at(h->layers, i);
        if (layers == 0 || layers >= h->n_ends || rk_import_u64_at(h->offsets, i) != at)
            return rk_import_fail(r, "its layers make no sense");
        at += rk_import_u32_at(h->ends, layers);
    }
    return (rk_import_u64_at(h->offsets, h->n) == at && at == h->n_links) ||
           rk_import_fail(r, "its layers make no sense");
}

/* Those of the lowest layer come first. Itself is no neighbour of a vector. */
static bool copy_links(rk_import_reader *r, const hnsw *h, rk_imported *out)
{
    const uint32_t most = rk_import_u32_at(h->ends, 1);
    for (uint32_t i = 0; i < h->n; i++) {
        const uint64_t from = rk_import_u64_at(h->offsets, i);
        uint32_t *const to = out->links + (size_t)i * out->degree;
        uint32_t n = 0;
        for (uint32_t k = 0; k < most; k++) {
            const uint32_t link = rk_import_u32_at(h->links, from + k);
            if (link != RK_INDEX_NONE && link >= h->n)
                return rk_import_fail(r, "a link leads to no vector");
            if (link != RK_INDEX_NONE && link != i)
                to[n++] = link;
        }
        while (n < out->degree)
            to[n++] = RK_INDEX_NONE;
        out->layers[i] = rk_import_u32_at(h->layers, i) - 1;
    }
    return true;
}

static bool take_graph(rk_import_reader *r, const hnsw *h, rk_imported *out)
{
    const uint32_t most = h->n_ends > 1 ? rk_import_u32_at(h->ends, 1) : 0;
    if (most > 2 * RK_INDEX_MAX_M) {
        r->refused = "a graph of more than 256 links a vector";
        return false;
    }
    out->degree = h->n ? (most + 15) / 16 * 16 : 0;
    out->links = rk_import_array(r, (size_t)h->n * out->degree, sizeof *out->links);
    out->layers = rk_import_array(r, h->n, sizeof *out->layers);
    return out->links && out->layers && (out->degree == 0 || copy_links(r, h, out));
}

static bool read_graph(rk_import_reader *r, uint32_t n, rk_imported *out)
{
    uint64_t unused;
    hnsw h = {.n = n};
    take_vector(r, sizeof(double), &unused); /* probabilities of layers */
    h.ends = take_vector(r, sizeof(int32_t), &h.n_ends);
    h.layers = take_counted(r, sizeof(int32_t), n);
    h.offsets = take_counted(r, sizeof(uint64_t), (uint64_t)n + 1);
    h.links = take_vector(r, sizeof(int32_t), &h.n_links);
    const uint32_t entry = rk_import_u32(r);
    rk_import_u32(r); /* the highest layer */
    out->ef_construction = rk_import_u32(r);
    rk_import_take(r, 2, sizeof(int32_t)); /* ef, and something unused */
    if (r->fault || r->refused)
        return false;
    if (n ? entry >= n : entry != UINT32_MAX)
        return rk_import_fail(r, "its entry is no vector");
    return check_ends(r, &h) && check_offsets(r, &h) && take_graph(r, &h, out);
}

static bool read_hnsw(rk_import_reader *r, rk_imported *out)
{
    char letters[5];
    head h;
    rk_imported flat = {0};
    if (!read_head(r, &h) || !take_metric(r, &h, out) || !read_graph(r, h.n, out) ||
        !read_letters(r, letters))
        return false;
    if (!is(letters, "IxF2") && !is(letters, "IxFI") && !is(letters, "IxFl"))
        return refuse(r, letters);
    if (!read_flat(r, &flat))
        return false;
    if (flat.n != h.n || flat.dim != h.dim)
        return rk_import_fail(r, "its graph is of other vectors");
    out->vectors = flat.vectors;
    return true;
}

/* ---- IndexIVFFlat ---- */

static bool read_index(rk_import_reader *r, uint32_t depth, rk_imported *out);

/* The vectors of a list, and then their ids. */
static bool read_list(rk_import_reader *r, uint64_t n, uint64_t *done, rk_imported *out)
{
    if (n > out->n - *done)
        return rk_import_fail(r, "its lists have more vectors than it has");
    const char *const vectors = rk_import_take(r, n * out->dim, sizeof(float));
    const char *const ids = rk_import_take(r, n, sizeof(int64_t));
    if (!vectors || !ids)
        return false;
    memcpy(out->vectors + *done * out->dim, vectors, n * out->dim * sizeof(float));
    memcpy(out->ids + *done, ids, n * sizeof(int64_t));
    *done += n;
    return true;
}

/* How many vectors each list has: all of them, or pairs of those that have some. */
static bool read_lists(rk_import_reader *r, uint64_t n_lists, rk_imported *out)
{
    char letters[5];
    uint64_t count, done = 0;
    if (!read_letters(r, letters))
        return false;
    const bool full = is(letters, "full");
    if (!full && !is(letters, "sprs"))
        return rk_import_fail(r, "its lists make no sense");
    const char *const sizes = take_vector(r, sizeof(uint64_t), &count);
    if (!sizes)
        return false;
    if (full ? count != n_lists : count % 2)
        return rk_import_fail(r, "its lists make no sense");
    out->vectors = rk_import_array(r, (size_t)out->n * out->dim, sizeof(float));
    out->ids = rk_import_array(r, out->n, sizeof(int64_t));
    if (!out->vectors || !out->ids)
        return false;
    for (uint64_t i = !full; i < count; i += full ? 1 : 2)
        if (!read_list(r, rk_import_u64_at(sizes, i), &done, out))
            return false;
    return done == out->n || rk_import_fail(r, "its lists have fewer vectors than it has");
}

/* From an id to its list: for changes and for reading single vectors. */
static bool skip_direct_map(rk_import_reader *r)
{
    enum { ARRAY = 1, TABLE = 2 };
    uint64_t count;
    const char *const type = rk_import_take(r, 1, 1);
    take_vector(r, sizeof(int64_t), &count);
    if (type && *type == TABLE)
        take_vector(r, 2 * sizeof(int64_t), &count);
    return !r->fault;
}

static bool read_ivf(rk_import_reader *r, rk_imported *out)
{
    char letters[5];
    head h;
    rk_imported quantizer = {0};
    if (!read_head(r, &h) || !take_metric(r, &h, out))
        return false;
    const uint64_t n_lists = rk_import_u64(r);
    rk_import_u64(r); /* how many are looked at */
    if (!read_index(r, OF_LISTS, &quantizer) || !skip_direct_map(r) || !read_letters(r, letters))
        return false;
    if (is(letters, "ilod") || is(letters, "il00") || is(letters, "ilpn")) {
        r->refused = "IndexIVFFlat with lists in another form, or in another file";
        return false;
    }
    if (!is(letters, "ilar") || rk_import_u64(r) != n_lists ||
        rk_import_u64(r) != out->dim * sizeof(float))
        return rk_import_fail(r, "its lists make no sense");
    /* Before memory is asked for. */
    if (out->n > (r->bytes.len - r->at) / sizeof(int64_t) ||
        (uint64_t)out->n * out->dim > (r->bytes.len - r->at) / sizeof(float))
        return rk_import_fail(r, "it ends too early");
    return read_lists(r, n_lists, out);
}

/* ---- IndexIDMap ---- */

/* What is in it has numbers, or ids that are places in the map. */
static bool read_map(rk_import_reader *r, rk_imported *out)
{
    head h;
    if (!read_head(r, &h) || !read_index(r, OF_MAP, out))
        return false;
    const char *const from = take_counted(r, sizeof(int64_t), out->n);
    int64_t *const ids = from ? rk_import_array(r, out->n, sizeof *ids) : NULL;
    if (!ids)
        return false;
    for (uint32_t i = 0; i < out->n; i++) {
        const uint64_t place = out->ids ? (uint64_t)out->ids[i] : i;
        if (place >= out->n)
            return rk_import_fail(r, "its id map is too short");
        ids[i] = (int64_t)rk_import_u64_at(from, place);
    }
    out->ids = ids;
    return true;
}

static bool read_index(rk_import_reader *r, uint32_t depth, rk_imported *out)
{
    char letters[5];
    if (!read_letters(r, letters))
        return false;
    if (is(letters, "IxF2") || is(letters, "IxFI") || is(letters, "IxFl"))
        return read_flat(r, out);
    if (is(letters, "IHNf"))
        return read_hnsw(r, out);
    const bool lists = is(letters, "IwFl"), map = is(letters, "IxMp") || is(letters, "IxM2");
    if (lists && depth < OF_LISTS)
        return read_ivf(r, out);
    if (map && depth < OF_MAP)
        return read_map(r, out);
    if (!lists && !map)
        return refuse(r, letters);
    r->refused = "an index within an index within an index";
    return false;
}

bool rk_import_faiss(rk_import_reader *r, rk_imported *out)
{
    return read_index(r, 0, out) &&
           (r->at == r->bytes.len || rk_import_fail(r, "something follows its end"));
}
