/* hnswlib's files, as saveIndex of its hnswalg.h writes them: a header of sizes; then for each
 * vector a block of its links on the lowest layer, its numbers and its label; then the links on
 * higher layers. */
#include "runtime/index/import_read.h"

enum { HEADER = 96, COUNT_BYTES = 4, DELETED_BYTE = 2, LABEL = sizeof(uint64_t) };

typedef struct blocks {
    const char *at; /* [n][size] */
    uint32_t n;
    uint64_t size;
    uint64_t numbers;     /* where they begin in a block, behind the links */
    uint32_t most;        /* links of a vector */
    uint32_t most_higher; /* on a higher layer */
    uint32_t *new_number; /* [n] RK_INDEX_NONE: deleted */
} blocks;

bool rk_import_is_hnswlib(rk_str bytes)
{
    static const char zeros[8] = {0};
    return bytes.len >= HEADER && memcmp(bytes.data, zeros, sizeof zeros) == 0;
}

/* ---- the header ---- */

static bool check_sizes(rk_import_reader *r, const blocks *b, uint64_t label, rk_imported *out)
{
    const uint64_t links = (uint64_t)b->most * sizeof(uint32_t) + COUNT_BYTES;
    if (b->numbers != links || label < links || b->size != label + LABEL)
        return rk_import_fail(r, "its sizes do not fit each other");
    const uint64_t dim = (label - links) / sizeof(float);
    if ((label - links) % sizeof(float) != 0 || dim > INT32_MAX)
        return rk_import_fail(r, "its vectors are not of floats");
    out->dim = (uint32_t)dim;
    return true;
}

static bool read_header(rk_import_reader *r, blocks *b, rk_imported *out)
{
    rk_import_u64(r); /* where blocks begin behind the header: 0 */
    rk_import_u64(r); /* what there is room for */
    const uint64_t n = rk_import_u64(r);
    b->size = rk_import_u64(r);
    const uint64_t label = rk_import_u64(r);
    b->numbers = rk_import_u64(r);
    rk_import_u32(r); /* the highest layer */
    const uint32_t entry = rk_import_u32(r);
    const uint64_t most_higher = rk_import_u64(r), most = rk_import_u64(r);
    rk_import_take(r, 2, 8); /* m again, and a factor of the lottery for layers */
    out->ef_construction = (uint32_t)rk_import_u64(r);
    if (r->fault)
        return false;
    if (n > RK_INDEX_MAX_ROWS || (n ? entry >= n : entry != UINT32_MAX))
        return rk_import_fail(r, "its counts make no sense");
    if (most > UINT16_MAX || most_higher > UINT16_MAX || label > UINT32_MAX)
        return rk_import_fail(r, "its sizes make no sense");
    if (most > 2 * RK_INDEX_MAX_M) {
        r->refused = "a graph of more than 256 links a vector";
        return false;
    }
    b->n = (uint32_t)n;
    b->most = (uint32_t)most;
    b->most_higher = (uint32_t)most_higher;
    return check_sizes(r, b, label, out);
}

/* ---- vectors ---- */

static const char *block(const blocks *b, uint32_t i) { return b->at + i * b->size; }

/* Vectors that were marked as deleted are left out: those that stay are numbered anew. */
static bool number(rk_import_reader *r, blocks *b, rk_imported *out)
{
    b->new_number = rk_import_array(r, b->n, sizeof *b->new_number);
    if (!b->new_number)
        return false;
    for (uint32_t i = 0; i < b->n; i++)
        b->new_number[i] = block(b, i)[DELETED_BYTE] & 1 ? RK_INDEX_NONE : out->n++;
    return true;
}

static bool copy_vectors(rk_import_reader *r, const blocks *b, rk_imported *out)
{
    out->vectors = rk_import_array(r, (size_t)out->n * out->dim, sizeof(float));
    out->ids = rk_import_array(r, out->n, sizeof *out->ids);
    if (!out->vectors || !out->ids)
        return false;
    for (uint32_t i = 0; i < b->n; i++) {
        const uint32_t to = b->new_number[i];
        if (to == RK_INDEX_NONE)
            continue;
        memcpy(out->vectors + (size_t)to * out->dim, block(b, i) + b->numbers,
               out->dim * sizeof(float));
        memcpy(&out->ids[to], block(b, i) + b->size - LABEL, LABEL);
    }
    return true;
}

/* ---- links ---- */

static uint32_t count_at(const blocks *b, uint32_t i)
{
    uint16_t count;
    memcpy(&count, block(b, i), sizeof count);
    return count;
}

static uint32_t link_at(const blocks *b, uint32_t i, uint32_t k)
{
    return rk_import_u32_at(block(b, i) + COUNT_BYTES, k);
}

static bool check_links(rk_import_reader *r, const blocks *b)
{
    for (uint32_t i = 0; i < b->n; i++) {
        const uint32_t n = count_at(b, i);
        if (n > b->most)
            return rk_import_fail(r, "a vector has more links than there is room for");
        for (uint32_t k = 0; k < n; k++)
            if (link_at(b, i, k) >= b->n)
                return rk_import_fail(r, "a link leads to no vector");
    }
    return true;
}

typedef struct list {
    uint32_t *to; /* [cap] new numbers */
    uint32_t n, cap;
    uint32_t self;
} list;

static void add_link(list *links, uint32_t number)
{
    if (number == RK_INDEX_NONE || number == links->self || links->n == links->cap)
        return;
    for (uint32_t i = 0; i < links->n; i++)
        if (links->to[i] == number)
            return;
    links->to[links->n++] = number;
}

/* What a deleted vector led to stands in for it, behind the links that stay: so ways that went
 * through it go on. */
static void copy_links_of(const blocks *b, uint32_t i, list *links)
{
    const uint32_t n = count_at(b, i);
    for (uint32_t k = 0; k < n; k++)
        add_link(links, b->new_number[link_at(b, i, k)]);
    for (uint32_t k = 0; k < n; k++) {
        const uint32_t over = link_at(b, i, k);
        for (uint32_t j = 0; b->new_number[over] == RK_INDEX_NONE && j < count_at(b, over); j++)
            add_link(links, b->new_number[link_at(b, over, j)]);
    }
    while (links->n < links->cap)
        links->to[links->n++] = RK_INDEX_NONE;
}

static bool copy_links(rk_import_reader *r, const blocks *b, rk_imported *out)
{
    out->degree = (b->most + 15) / 16 * 16;
    out->links = rk_import_array(r, (size_t)out->n * out->degree, sizeof *out->links);
    if (!out->links)
        return false;
    for (uint32_t i = 0; i < b->n; i++) {
        const uint32_t to = b->new_number[i];
        list links = {.cap = out->degree, .self = to};
        if (to == RK_INDEX_NONE)
            continue;
        links.to = out->links + (size_t)to * out->degree;
        copy_links_of(b, i, &links);
    }
    return true;
}

/* How many layers a vector is in stands before its links on the higher ones, as their bytes. */
static bool read_layers(rk_import_reader *r, const blocks *b, rk_imported *out)
{
    const uint32_t size = b->most_higher * (uint32_t)sizeof(uint32_t) + COUNT_BYTES;
    out->layers = rk_import_array(r, out->n, sizeof *out->layers);
    for (uint32_t i = 0; i < b->n && out->layers; i++) {
        const uint32_t len = rk_import_u32(r);
        if (!rk_import_take(r, len, 1))
            return false;
        if (len % size)
            return rk_import_fail(r, "its layers make no sense");
        if (b->new_number[i] != RK_INDEX_NONE)
            out->layers[b->new_number[i]] = len / size;
    }
    return out->layers != NULL;
}

bool rk_import_hnswlib(rk_import_reader *r, rk_imported *out)
{
    blocks b = {0};
    if (!read_header(r, &b, out))
        return false;
    b.at = rk_import_take(r, b.n, b.size);
    if (!b.at || !check_links(r, &b) || !number(r, &b, out) || !copy_vectors(r, &b, out) ||
        !copy_links(r, &b, out) || !read_layers(r, &b, out))
        return false;
    return r->at == r->bytes.len || rk_import_fail(r, "something follows its end");
}
