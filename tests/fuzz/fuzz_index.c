/* Any bytes are opened as an index, or refused with a message; what is opened holds together and is
 * searched. The first byte chooses the search, and whether all is verified; the second how the rest
 * becomes a file: by counts and what the sections hold, which make a whole one; or by the header
 * and the sections without the zeros between them, which are put where they belong, and hashed,
 * unless the second byte says otherwise. So few bytes are a file of a dozen pages, and what is
 * changed in them does not end at a hash. */
#include "tests/fuzz/index_check.h"

#include "runtime/base/poison.h"
#include "runtime/index/codes.h"
#include "runtime/index/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Zeros behind the end. */
static void take(input *in, void *to, size_t n)
{
    const size_t left = in->size - in->at, len = n < left ? n : left;
    memcpy(to, in->data + in->at, len);
    memset((char *)to + len, 0, n - len);
    in->at += len;
}

/* A number up to `most`, and now and then one beyond it. */
static uint32_t number(input *in, uint32_t most)
{
    const uint8_t byte = next(in);
    return byte == 255 ? most + next(in) : byte % (most + 1);
}

/* A few vectors, or as many as tiles serve. */
static uint32_t number_of_vectors(input *in)
{
    const uint8_t byte = next(in);
    if (byte == 255)
        return 40 + next(in);
    return byte < 200 ? byte % 41 : CHECK_TILED + byte % 40;
}

/* Now and then more than vectors have, or than sketches may. */
static uint32_t numbers_of_sketch(uint8_t byte, uint32_t dim)
{
    return byte < 240 ? 2 + byte % (dim - 1) : dim + (byte - 239u) * 18;
}

static void read_counts(input *in, rk_index_header *h)
{
    memcpy(h->magic, RK_INDEX_MAGIC, sizeof h->magic);
    h->version = RK_INDEX_VERSION_PLAIN;
    h->order = RK_INDEX_ORDER;
    h->n = number_of_vectors(in);
    h->dim = 2 + number(in, 9);
    h->metric = number(in, RK_INDEX_METRIC_COUNT - 1);
    h->degree = 16 * number(in, 2);
    h->kind = h->degree ? RK_INDEX_HNSW : number(in, 1);
    h->n_entries = h->degree ? number(in, h->n) : 0;
    h->ids = number(in, RK_INDEX_IDS_COUNT - 1);
    h->has_rows = number(in, 1);
    h->n_canaries = number(in, h->n < RK_INDEX_CANARIES ? h->n : RK_INDEX_CANARIES);
    h->ef = number(in, 50);
    const uint8_t byte = next(in);
    h->stride = rk_code_stride(h->dim) + 64 * (byte == 255);
    if (byte > 200 && byte < 255) {
        h->version = byte % 3 ? RK_INDEX_VERSION : RK_INDEX_VERSION_WALKED;
        h->sketch = numbers_of_sketch(byte, h->dim);
    }
    if (byte % 2 && h->degree) {
        h->version = RK_INDEX_VERSION;
        for (uint32_t i = 0; i < RK_INDEX_SPREAD; i++)
            h->spread[i] = (float)next(in) * (float)next(in);
    }
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
    for (unsigned i = 0; i < rk_index_sections(h); i++)
        at[i] = file + h->sections[i].at;
    fill_links(in, (uint32_t *)at[RK_INDEX_LINKS], h);
    fill_words(in, (uint32_t *)at[RK_INDEX_ENTRIES], h->n_entries, h->n ? h->n - 1 : 0);
    if (h->has_rows)
        fill_rows(in, (uint32_t *)at[RK_INDEX_ROWS], (uint32_t *)at[RK_INDEX_PLACES], h->n);
    for (uint64_t i = 0; i < h->sections[RK_INDEX_TEXTS].len; i++)
        at[RK_INDEX_TEXTS][i] = (char)(i % 2 ? '!' + i / 2 % 64 : 'A' + i / 128);
    fill_ids(in, at[RK_INDEX_IDS], h);
    fill_words(in, (uint32_t *)at[RK_INDEX_CANARY_ROWS], h->n_canaries, h->n ? h->n - 1 : 0);
    memset(at[RK_INDEX_CANARY_VECTORS], 0, h->sections[RK_INDEX_CANARY_VECTORS].len);
    fill_floats(in, (float *)at[RK_INDEX_MEAN], h->dim);
    fill_floats(in, (float *)at[RK_INDEX_VECTORS], (size_t)h->n * h->dim);
    take(in, at[RK_INDEX_CODES], h->sections[RK_INDEX_CODES].len);
    for (unsigned i = RK_INDEX_SKETCHES; i < rk_index_sections(h); i++)
        take(in, at[i], h->sections[i].len);
}

/* ---- files ---- */

enum { MOST_SIZE = 1 << 18, MOST_SHIFT = 16 };

/* `shift` bytes behind a multiple of 64, in memory that stays: what is around it is poisoned, so
 * that reading it shows. It has zeros, or whatever was there before. */
static rk_str new_file(uint64_t size, size_t shift, bool zeros)
{
    static char *room;
    if (!room) {
        REQUIRE(posix_memalign((void **)&room, 64, MOST_SIZE + MOST_SHIFT) == 0);
        memset(room, 0, MOST_SIZE + MOST_SHIFT);
        rk_poison(room, MOST_SIZE + MOST_SHIFT);
    }
    REQUIRE(size <= MOST_SIZE && shift <= MOST_SHIFT);
    char *const file = room + shift;
    rk_unpoison(file, size);
    if (zeros)
        memset(file, 0, size);
    return (rk_str){file, size};
}

/* What is between the sections is read by who verifies, and nobody else. */
static void poison_gaps(rk_str file, const rk_index_header *h)
{
    const unsigned n = rk_index_sections(h);
    for (unsigned i = 0; i < n; i++) {
        const uint64_t from = h->sections[i].at + h->sections[i].len;
        const uint64_t to = i + 1 < n ? h->sections[i + 1].at : h->size;
        rk_poison(file.data + from, to - from);
    }
}

/* Where the header says that a section is; NULL: beyond the file. */
static char *section_of(rk_str file, const rk_index_extent *extent)
{
    return extent->at <= file.len && extent->len <= file.len - extent->at
               ? (char *)(uintptr_t)file.data + extent->at
               : NULL;
}

static void hash_sections(rk_str file, rk_index_header *h)
{
    for (unsigned i = 0; i < RK_INDEX_SECTION_COUNT; i++) {
        const char *const section = section_of(file, &h->sections[i]);
        if (section)
            h->sections[i].hash = rk_str_hash((rk_str){section, h->sections[i].len});
    }
}

static void hash_header(rk_index_header *h)
{
    h->hash = rk_str_hash((rk_str){(char *)h, offsetof(rk_index_header, hash)});
}

static void put_header(rk_str file, const rk_index_header *h)
{
    memcpy((char *)(uintptr_t)file.data, h, file.len < sizeof *h ? file.len : sizeof *h);
}

/* What is verified has zeros between its sections. */
static rk_str make_file(input *in, bool verified)
{
    rk_index_header h = {0};
    read_counts(in, &h);
    rk_index_lay_out(&h, h.ids == RK_INDEX_IDS_TEXTS ? 2 * (uint64_t)h.n : 0);
    const rk_str file = new_file(h.size < MOST_SIZE ? h.size : 0, 0, verified);
    if (!file.len)
        return file;
    fill(in, (char *)(uintptr_t)file.data, &h);
    hash_sections(file, &h);
    hash_header(&h);
    put_header(file, &h);
    if (!verified)
        poison_gaps(file, &h);
    return file;
}

/* What the second byte says. */
enum {
    PARTS = 1,
    OWN_TABLE = 2, /* sections are where the bytes say */
    OWN_HASHES = 4,
    OWN_HEADER_HASH = 8,
    OTHER_SIZE = 16,
    SHIFTED = 32, /* not at a multiple of 64 */
    SEARCHES = 6, /* bits from here on: what is checked */
};

static rk_str take_file(input *in, uint8_t how)
{
    rk_index_header h = {0};
    uint16_t texts = 0;
    take(in, &h, offsetof(rk_index_header, sections));
    take(in, &texts, sizeof texts);
    if (how & OWN_TABLE)
        take(in, h.sections, sizeof h.sections);
    else
        rk_index_lay_out(&h, texts);
    const uint64_t size = h.size < MOST_SIZE / 2 ? h.size : MOST_SIZE / 2;
    const uint64_t less = how & OTHER_SIZE ? next(in) : 0, more = how & OTHER_SIZE ? next(in) : 0;
    const rk_str file =
        new_file((size < less ? 0 : size - less) + more, how & SHIFTED ? 16 : 0, true);
    for (unsigned i = 0; i < RK_INDEX_SECTION_COUNT; i++) {
        char *const section = section_of(file, &h.sections[i]);
        if (section)
            take(in, section, h.sections[i].len);
    }
    if (!(how & OWN_HASHES))
        hash_sections(file, &h);
    if (!(how & OWN_HEADER_HASH))
        hash_header(&h);
    put_header(file, &h);
    return file;
}

static void try_open(rk_str bytes, uint8_t how, unsigned what)
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
        check_searches(index, how, what);
    }
    rk_index_free(index);
    rk_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    input in = {.data = data + 2, .size = size - 2};
    const rk_str file = data[1] & PARTS ? take_file(&in, data[1]) : make_file(&in, data[0] & 128);
    try_open(file, data[0], data[1] >> SEARCHES);
    rk_poison(file.data, file.len);
    return 0;
}
