/* Any bytes are opened as an index, or refused with a message; what is opened holds together and is
 * searched. The first byte chooses the search, and whether all is verified; the second: the bytes
 * of a file, of which only the hash of the header is made right; or counts and what the sections
 * begin with, that are made a whole file, so that what stands in the sections is reached. */
#include "tests/fuzz/index_check.h"

#include "runtime/index/codes.h"
#include "runtime/index/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct input {
    const uint8_t *data;
    size_t size, at;
} input;

static uint8_t next(input *in) { return in->at < in->size ? in->data[in->at++] : 0; }

/* A number up to `most`, and now and then one beyond it. */
static uint32_t number(input *in, uint32_t most)
{
    const uint8_t byte = next(in);
    return byte == 255 ? most + next(in) : byte % (most + 1);
}

static void read_counts(input *in, rk_index_header *h)
{
    memcpy(h->magic, RK_INDEX_MAGIC, sizeof h->magic);
    h->version = RK_INDEX_VERSION;
    h->order = RK_INDEX_ORDER;
    h->n = number(in, 100);
    h->dim = 2 + number(in, 20);
    h->metric = number(in, RK_INDEX_METRIC_COUNT - 1);
    h->degree = 16 * number(in, 3);
    h->kind = h->degree ? RK_INDEX_HNSW : number(in, 1);
    h->n_entries = h->degree ? number(in, h->n) : 0;
    h->ids = number(in, RK_INDEX_IDS_COUNT - 1);
    h->has_rows = number(in, 1);
    h->n_canaries = number(in, h->n < RK_INDEX_CANARIES ? h->n : RK_INDEX_CANARIES);
    h->ef = number(in, 50);
    h->stride = rk_code_stride(h->dim) + 64 * (next(in) == 255);
}

/* ---- sections ---- */

static void fill_words(input *in, uint32_t *to, size_t n, uint32_t most)
{
    for (size_t i = 0; i < n; i++)
        to[i] = number(in, most);
}

/* Links end somewhere: behind the end there are none, but for a byte that says otherwise. */
static void fill_links(input *in, uint32_t *to, const rk_index_header *h)
{
    for (uint32_t i = 0; i < h->n; i++) {
        const uint32_t n = number(in, h->degree);
        for (uint32_t k = 0; k < h->degree; k++)
            to[i * h->degree + k] =
                k < n && h->n ? (i * (k + 1) + number(in, h->n - 1)) % h->n : RK_INDEX_NONE;
        if (next(in) == 255 && h->degree)
            to[i * h->degree + next(in) % h->degree] = number(in, h->n);
    }
}

/* Rows turned round, and their inverse, which may be wrong at one place. */
static void fill_rows(input *in, uint32_t *rows, uint32_t *places, uint32_t n)
{
    const uint32_t by = next(in);
    for (uint32_t i = 0; i < n; i++) {
        rows[i] = (i + by) % n;
        places[rows[i]] = i;
    }
    if (n && next(in) == 255)
        places[next(in) % n] = number(in, n);
}

static void fill_ids(input *in, char *ids, const rk_index_header *h)
{
    for (uint64_t i = 0; i < h->sections[RK_INDEX_IDS].len / 8; i++) {
        const uint64_t value = h->ids == RK_INDEX_IDS_TEXTS ? i * 2 : i * 5 - 3;
        const uint64_t wrong = next(in) == 255 ? (uint64_t)next(in) << next(in) % 64 : 0;
        memcpy(ids + i * 8, &(uint64_t){value + wrong}, 8);
    }
}

static void fill_floats(input *in, float *to, size_t n)
{
    static const float odd[] = {NAN, INFINITY, -INFINITY, 3e38f, 1e-40f, -0.0f};
    for (size_t i = 0; i < n; i++) {
        const uint8_t byte = next(in);
        to[i] = byte == 255 ? odd[next(in) % RK_ARRAY_LEN(odd)] : (float)(byte % 32) - 16.0f;
    }
}

static void fill(input *in, char *file, const rk_index_header *h)
{
    char *at[RK_INDEX_SECTION_COUNT];
    for (unsigned i = 0; i < RK_INDEX_SECTION_COUNT; i++)
        at[i] = file + h->sections[i].at;
    fill_links(in, (uint32_t *)at[RK_INDEX_LINKS], h);
    fill_words(in, (uint32_t *)at[RK_INDEX_ENTRIES], h->n_entries, h->n ? h->n - 1 : 0);
    if (h->has_rows)
        fill_rows(in, (uint32_t *)at[RK_INDEX_ROWS], (uint32_t *)at[RK_INDEX_PLACES], h->n);
    for (uint64_t i = 0; i < h->sections[RK_INDEX_TEXTS].len; i++)
        at[RK_INDEX_TEXTS][i] = (char)(i % 2 ? '!' + i / 2 % 64 : 'A' + i / 128);
    fill_ids(in, at[RK_INDEX_IDS], h);
    fill_words(in, (uint32_t *)at[RK_INDEX_CANARY_ROWS], h->n_canaries, h->n ? h->n - 1 : 0);
    fill_floats(in, (float *)at[RK_INDEX_MEAN], h->dim);
    fill_floats(in, (float *)at[RK_INDEX_VECTORS], (size_t)h->n * h->dim);
    for (uint64_t i = 0; i < h->sections[RK_INDEX_CODES].len; i++)
        at[RK_INDEX_CODES][i] = (char)next(in);
}

static void seal(char *file, rk_index_header *h)
{
    for (unsigned i = 0; i < RK_INDEX_SECTION_COUNT; i++)
        h->sections[i].hash = rk_str_hash((rk_str){file + h->sections[i].at, h->sections[i].len});
    memcpy(file, h, sizeof *h);
    const uint64_t hash = rk_str_hash((rk_str){file, offsetof(rk_index_header, hash)});
    memcpy(file + offsetof(rk_index_header, hash), &hash, sizeof hash);
}

/* ---- files, in memory of just their size ---- */

static rk_str make_file(input *in)
{
    rk_index_header h = {0};
    read_counts(in, &h);
    rk_index_lay_out(&h, h.ids == RK_INDEX_IDS_TEXTS ? 2 * (uint64_t)h.n : 0);
    char *const file = aligned_alloc(64, h.size);
    memset(file, 0, h.size);
    fill(in, file, &h);
    seal(file, &h);
    return (rk_str){file, h.size};
}

static rk_str take_file(const input *in)
{
    char *const file = malloc(in->size ? in->size : 1);
    memcpy(file, in->data, in->size);
    if (in->size >= RK_INDEX_PAGE) {
        const uint64_t hash = rk_str_hash((rk_str){file, offsetof(rk_index_header, hash)});
        memcpy(file + offsetof(rk_index_header, hash), &hash, sizeof hash);
    }
    return (rk_str){file, in->size};
}

static void try_open(rk_str bytes, uint8_t how)
{
    const rk_index_file from = {
        .path = RK_STR("fuzz"), .span = RK_NO_SPAN, .bytes = &bytes, .verify = how & 128};
    rk_arena arena;
    rk_diags diags;
    rk_index *index;
    rk_index_provenance provenance;
    rk_arena_init(&arena);
    rk_diags_init(&diags, &arena);
    const rk_status status = rk_index_open(&from, &diags, &index, &provenance);
    REQUIRE((status == RK_OK) == (diags.errors == 0) && (status == RK_OK) == (index != NULL));
    REQUIRE(status == RK_OK || status == RK_EFILE);
    if (index) {
        for (uint32_t i = 0; i < provenance.n_canaries; i++)
            REQUIRE(provenance.canaries[i] < index->n);
        check_searches(index, how);
    }
    rk_index_free(index);
    rk_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    input in = {.data = data + 2, .size = size - 2};
    const rk_str file = data[1] & 1 ? take_file(&in) : make_file(&in);
    try_open(file, data[0]);
    free((char *)(uintptr_t)file.data);
    return 0;
}
