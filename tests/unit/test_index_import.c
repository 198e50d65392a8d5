/* Indexes of other libraries: their graphs come over link by link, and of every truncation and
 * every flipped bit either an index comes out or there is a message. What is found in them, and
 * what is said of those that are not taken, stands in tests/index.sh. */
#include "runtime/index/import.h"

#include "runtime/base/context.h"
#include "runtime/index/check.h"
#include "tests/unit/harness.h"

typedef struct lab {
    rk_arena arena;
    rk_diags diags;
    rk_str file; /* malloc'ed: a read beyond it is seen by sanitizers */
} lab;

static char *path_of(const char *name)
{
    static char path[4096];
    const char *const source = getenv("RANK_SRC");
    snprintf(path, sizeof path, "%s/tests/models/indexes/%s", source ? source : ".", name);
    return path;
}

static void lab_open(lab *l, const char *name)
{
    rk_mapping mapping;
    *l = (lab){0};
    rk_diags_init(&l->diags, &l->arena);
    ck_assert_int_eq(rk_file_map(path_of(name), &mapping), RK_FILE_FINE);
    char *const copy = malloc(mapping.text.len);
    memcpy(copy, mapping.text.data, mapping.text.len);
    l->file = (rk_str){copy, mapping.text.len};
    rk_file_unmap(&mapping);
}

static void lab_close(lab *l)
{
    free((char *)(uintptr_t)l->file.data);
    rk_arena_free(&l->arena);
}

/* hnswlib's files do not say their metric, and there it is given. */
static rk_status import(lab *l, rk_str bytes, rk_index **out)
{
    const bool hnswlib = bytes.len == 0 || bytes.data[0] != 'I';
    const rk_index_import from = {.path = RK_STR("a file"),
                                  .bytes = &bytes,
                                  .has_metric = hnswlib,
                                  .metric = RK_INDEX_L2,
                                  .options = {.threads = 1}};
    return rk_index_import_file(&from, &l->diags, out);
}

/* ---- links ---- */

static uint32_t row_of(const rk_index *index, int64_t id)
{
    for (uint32_t row = 0; row < index->n; row++)
        if ((index->ids.numbers ? index->ids.numbers[row] : (int64_t)row) == id)
            return row;
    ck_abort_msg("no id %lld", (long long)id);
}

static uint32_t place_of(const rk_index *index, int64_t id)
{
    const uint32_t row = row_of(index, id);
    return index->places ? index->places[row] : row;
}

/* A line of NAME.links: an id, and the ids it leads to. */
static void check_line(const rk_index *index, char *line)
{
    char *end;
    const uint32_t place = place_of(index, strtoll(line, &end, 10));
    const uint32_t *const links = index->links + (size_t)place * index->degree;
    uint32_t n = 0;
    while (*end == ' ') {
        const uint32_t to = place_of(index, strtoll(end, &end, 10));
        ck_assert_uint_lt(n, index->degree);
        ck_assert_uint_eq(links[n], to);
        n++;
    }
    for (; n < index->degree; n++)
        ck_assert_uint_eq(links[n], RK_INDEX_NONE);
}

static void check_links(const char *name, const char *suffix)
{
    char file[64], line[1024];
    lab l;
    rk_index *index;
    uint32_t lines = 0;
    snprintf(file, sizeof file, "%s.%s", name, suffix);
    lab_open(&l, file);
    ck_assert_int_eq(import(&l, l.file, &index), RK_OK);
    ck_assert_int_eq(index->kind, RK_INDEX_HNSW);
    ck_assert_ptr_null(rk_index_check(index));
    ck_assert_uint_gt(index->n_entries, 0);
    snprintf(file, sizeof file, "%s.links", name);
    FILE *const want = fopen(path_of(file), "r");
    ck_assert_ptr_nonnull(want);
    for (; fgets(line, sizeof line, want); lines++)
        check_line(index, line);
    fclose(want);
    ck_assert_uint_eq(lines, index->n);
    rk_index_free(index);
    lab_close(&l);
}

START_TEST(links)
{
    check_links("hnsw-l2", "faiss");
    check_links("hnsw-dot", "faiss");
    check_links("map2-hnsw", "faiss");
    check_links("hnswlib-l2", "hnswlib");
    check_links("hnswlib-rows", "hnswlib");
    check_links("hnswlib-cosine", "hnswlib");
    check_links("hnswlib-dot", "hnswlib");
}
END_TEST

/* A fourth of the vectors is marked as deleted: every way goes on. */
START_TEST(deleted_ones_are_bridged)
{
    lab l;
    rk_index *index;
    uint32_t queue[64], n = 0;
    bool seen[64] = {false};
    lab_open(&l, "hnswlib-deleted.hnswlib");
    ck_assert_int_eq(import(&l, l.file, &index), RK_OK);
    ck_assert_uint_eq(index->n, 45);
    ck_assert_ptr_null(rk_index_check(index));
    seen[index->entries[0]] = true;
    queue[n++] = index->entries[0];
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < index->degree; k++) {
            const uint32_t link = index->links[queue[i] * index->degree + k];
            if (link != RK_INDEX_NONE && !seen[link]) {
                seen[link] = true;
                queue[n++] = link;
            }
        }
    ck_assert_uint_eq(n, 45);
    rk_index_free(index);
    lab_close(&l);
}
END_TEST

/* ---- what was damaged ---- */

static const char *const files[] = {
    "flat-l2.faiss",  "hnsw-dot.faiss",     "ivf-dot.faiss",           "ivf-sparse.faiss",
    "map-flat.faiss", "map2-hnsw.faiss",    "empty-hnsw.faiss",        "no-l1.faiss",
    "no-pre.faiss",   "hnswlib-l2.hnswlib", "hnswlib-deleted.hnswlib", "hnswlib-empty.hnswlib"};

/* Either an index that holds together, or one message. */
static bool try_import(lab *l, rk_str bytes)
{
    rk_index *index;
    rk_diags_init(&l->diags, &l->arena);
    const rk_status status = import(l, bytes, &index);
    if (status != RK_OK) {
        ck_assert_ptr_null(index);
        ck_assert_uint_eq(l->diags.errors, 1);
        return false;
    }
    ck_assert_uint_eq(l->diags.errors, 0);
    ck_assert_ptr_null(rk_index_check(index));
    ck_assert_ptr_null(rk_index_check_ids(index));
    rk_index_free(index);
    return true;
}

START_TEST(truncated)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(files); i++) {
        lab l;
        lab_open(&l, files[i]);
        for (size_t len = 0; len < l.file.len; len += len < 400 ? 1 : 23) {
            char *const part = malloc(len + 1);
            memcpy(part, l.file.data, len);
            ck_assert(!try_import(&l, (rk_str){part, len}));
            free(part);
        }
        lab_close(&l);
    }
}
END_TEST

START_TEST(flipped_bits)
{
    uint32_t opened = 0;
    for (size_t i = 0; i < RK_ARRAY_LEN(files); i++) {
        lab l;
        lab_open(&l, files[i]);
        char *const bytes = (char *)(uintptr_t)l.file.data;
        for (size_t at = 4; at < l.file.len; at += at < 700 ? 1 : 7)
            for (unsigned bit = 0; bit < 8; bit += 1 + at % 3) {
                bytes[at] = (char)(bytes[at] ^ 1 << bit);
                opened += try_import(&l, l.file);
                bytes[at] = (char)(bytes[at] ^ 1 << bit);
            }
        lab_close(&l);
    }
    ck_assert_uint_gt(opened, 1000); /* bits of numbers */
}
END_TEST

/* Each four bytes in turn say 0, little, much, and more than there can be. */
START_TEST(forged_counts)
{
    static const uint32_t values[] = {0, 1, 16, 255, 0x7fffffff, 0x80000000u, 0xffffffffu};
    for (size_t i = 0; i < RK_ARRAY_LEN(files); i++) {
        lab l;
        lab_open(&l, files[i]);
        char *const bytes = (char *)(uintptr_t)l.file.data;
        for (size_t at = 4; at + 4 <= l.file.len; at += at < 700 ? 1 : 4)
            for (size_t k = 0; k < RK_ARRAY_LEN(values); k++) {
                char old[4];
                memcpy(old, bytes + at, sizeof old);
                memcpy(bytes + at, &values[k], sizeof old);
                try_import(&l, l.file);
                memcpy(bytes + at, old, sizeof old);
            }
        lab_close(&l);
    }
}
END_TEST

RK_SUITE_MAIN("index_import", links, deleted_ones_are_bridged, truncated, flipped_bits,
              forged_counts)
