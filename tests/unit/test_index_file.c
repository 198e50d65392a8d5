/* Index files: what was saved is opened, whatever was damaged is refused, and a process that is
 * killed while it saves leaves a whole file. */
#include "runtime/index/file.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/context.h"
#include "tests/unit/harness.h"
#include "tests/unit/index_made.h"

static const made_shape plain = {.n = 40, .dim = 5, .graph = true, .moved = true, .seed = 1};

typedef struct lab {
    rk_arena arena;
    rk_diags diags;
    char folder[64];
    char path[96];
} lab;

static void lab_open(lab *l)
{
    rk_arena_init(&l->arena);
    rk_diags_init(&l->diags, &l->arena);
    snprintf(l->folder, sizeof l->folder, "/tmp/rank-index.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(l->folder));
    snprintf(l->path, sizeof l->path, "%s/a.ranki", l->folder);
}

static void lab_close(lab *l)
{
    char part[128];
    snprintf(part, sizeof part, "%s.part", l->path);
    unlink(part);
    unlink(l->path);
    ck_assert_msg(rmdir(l->folder) == 0, "files are left in %s", l->folder);
    rk_arena_free(&l->arena);
}

/* Says what the only diagnostic is, and forgets it. */
static const char *said(lab *l)
{
    static char words[512];
    rk_buf out = {0};
    const rk_texts none = {0};
    rk_diags_print(&l->diags, &none, RK_DIAG_TEXT, &out);
    snprintf(words, sizeof words, "%s", out.data ? out.data : "");
    rk_buf_free(&out);
    rk_diags_init(&l->diags, &l->arena);
    return words;
}

static void save(lab *l, const rk_index *index, const rk_index_provenance *provenance)
{
    const rk_status status = rk_index_save(index, provenance, rk_str_from(l->path), &l->diags);
    ck_assert_msg(status == RK_OK, "%s", said(l));
}

static rk_status open_bytes(lab *l, rk_str bytes, bool verify, rk_index **out)
{
    const rk_index_file from = {
        .path = RK_STR("a.ranki"), .span = RK_NO_SPAN, .bytes = &bytes, .verify = verify};
    return rk_index_open(&from, &l->diags, out, NULL);
}

static rk_index *open_file(lab *l, bool verify, rk_index_provenance *provenance)
{
    const rk_index_file from = {.path = rk_str_from(l->path), .span = RK_NO_SPAN, .verify = verify};
    rk_index *index;
    const rk_status status = rk_index_open(&from, &l->diags, &index, provenance);
    ck_assert_msg(status == RK_OK, "%s", said(l));
    return index;
}

/* A file's bytes at a multiple of 64, in the arena. */
static rk_str read_file(lab *l)
{
    rk_mapping file;
    ck_assert_int_eq(rk_file_map(l->path, &file), RK_FILE_FINE);
    char *const bytes = rk_arena_alloc_column(&l->arena, file.text.len, 1);
    memcpy(bytes, file.text.data, file.text.len);
    const rk_str copy = {bytes, file.text.len};
    rk_file_unmap(&file);
    return copy;
}

static bool same(const void *a, const void *b, size_t len)
{
    return (!a && !b) || (a && b && memcmp(a, b, len) == 0);
}

static bool same_ids(const rk_index *a, const rk_index *b)
{
    if (a->ids.text != b->ids.text)
        return false;
    if (!a->ids.text)
        return same(a->ids.numbers, b->ids.numbers, a->n * sizeof *a->ids.numbers);
    return same(a->ids.offsets, b->ids.offsets, (a->n + 1u) * sizeof *a->ids.offsets) &&
           same(a->ids.bytes, b->ids.bytes, a->ids.offsets[a->n]);
}

static bool same_index(const rk_index *a, const rk_index *b)
{
    return a->kind == b->kind && a->metric == b->metric && a->n == b->n && a->dim == b->dim &&
           a->stride == b->stride && a->degree == b->degree && a->n_entries == b->n_entries &&
           a->ef == b->ef && a->ef_construction == b->ef_construction && same_ids(a, b) &&
           same(a->vectors, b->vectors, (size_t)a->n * a->dim * sizeof *a->vectors) &&
           same(a->rows, b->rows, a->n * sizeof *a->rows) &&
           same(a->places, b->places, a->n * sizeof *a->places) &&
           same(a->codes, b->codes, a->n * a->stride) &&
           same(a->mean, b->mean, a->dim * sizeof *a->mean) && a->sketch == b->sketch &&
           same(a->sketches, b->sketches, a->n * rk_code_stride(a->sketch)) &&
           same(a->axes, b->axes, (a->sketch - (a->sketch > 0)) * a->stride) &&
           same(a->links, b->links, (size_t)a->n * a->degree * sizeof *a->links) &&
           same(a->entries, b->entries, a->n_entries * sizeof *a->entries);
}

/* ---- what was saved ---- */

static void goes_round(lab *l, const made_shape *shape)
{
    rk_index *const made = made_index(shape);
    save(l, made, NULL);
    for (int verify = 0; verify < 2; verify++) {
        rk_index_provenance provenance;
        rk_index *const opened = open_file(l, verify, &provenance);
        ck_assert(same_index(made, opened));
        ck_assert_uint_eq((uintptr_t)opened->vectors % 64, 0);
        ck_assert_uint_eq((uintptr_t)opened->codes % 64, 0);
        ck_assert_uint_eq(provenance.maker | provenance.source | provenance.n_canaries, 0);
        rk_index_free(opened);
    }
    const rk_str first = read_file(l);
    save(l, made, NULL);
    const rk_str second = read_file(l);
    ck_assert(rk_str_eq(first, second));
    ck_assert_uint_eq(first.len % 4096, 0);
    rk_index_free(made);
}

START_TEST(round_trip)
{
    static const uint32_t sizes[] = {0, 1, 2, 40, 1500};
    lab l;
    lab_open(&l);
    for (unsigned i = 0; i < RK_ARRAY_LEN(sizes); i++)
        for (uint32_t ids = 0; ids < RK_INDEX_IDS_COUNT; ids++)
            for (unsigned bits = 0; bits < 8; bits++)
                if (sizes[i])
                    goes_round(&l, &(made_shape){.n = sizes[i],
                                                 .dim = 2 + 9 * i,
                                                 .graph = bits & 1,
                                                 .moved = bits & 2,
                                                 .sketches = bits & 4,
                                                 .ids = ids,
                                                 .seed = bits + 1});
                else
                    goes_round(&l, &(made_shape){.dim = 3, .ids = ids});
    lab_close(&l);
}
END_TEST

START_TEST(provenance_stays)
{
    lab l;
    lab_open(&l);
    rk_index *const made = made_index(&plain);
    const rk_index_provenance given = {.maker = 0x123456789abcdef0, .source = 77};
    rk_index_provenance got;
    save(&l, made, &given);
    rk_index *const opened = open_file(&l, true, &got);
    ck_assert_uint_eq(got.maker, given.maker);
    ck_assert_uint_eq(got.source, given.source);
    ck_assert_uint_eq(got.n_canaries, RK_INDEX_CANARIES);
    for (uint32_t i = 0; i < got.n_canaries; i++) {
        const uint32_t place = made->places[got.canaries[i]];
        ck_assert(same(got.vectors + i * made->dim, made->vectors + place * made->dim,
                       made->dim * sizeof *got.vectors));
        ck_assert(i == 0 || got.canaries[i - 1] < got.canaries[i]);
    }
    rk_index_free(opened);
    rk_index_free(made);
    lab_close(&l);
}
END_TEST

/* Enough codes and links that a copy of them is made. */
START_TEST(held)
{
    const made_shape large = {.n = 5000, .dim = 60, .graph = true, .moved = true, .seed = 3};
    const made_shape *const shapes[] = {&plain, &large};
    lab l;
    lab_open(&l);
    for (uint32_t i = 0; i < 2; i++) {
        rk_index *const made = made_index(shapes[i]);
        save(&l, made, NULL);
        rk_index *const opened = open_file(&l, false, NULL);
        const uint8_t *const codes = opened->codes;
        ck_assert_int_eq(rk_index_hold(opened), RK_OK);
        ck_assert_int_eq(opened->codes != codes, shapes[i] == &large);
        ck_assert_uint_eq((uintptr_t)opened->codes % 64 | (uintptr_t)opened->links % 64, 0);
        ck_assert(same_index(made, opened));
        ck_assert(memcmp(made->codes, codes, made->n * made->stride) == 0); /* the file's as well */
        rk_index_free(opened);
        rk_index_free(made);
    }
    lab_close(&l);
}
END_TEST

/* Bytes that begin anywhere, as those of a program may. */
START_TEST(bytes_of_the_caller)
{
    lab l;
    lab_open(&l);
    rk_index *const made = made_index(&plain);
    save(&l, made, NULL);
    const rk_str file = read_file(&l);
    for (size_t shift = 0; shift < 128; shift += 21) {
        char *const bytes = (char *)rk_arena_alloc_column(&l.arena, file.len + 128, 1) + shift;
        rk_index *opened;
        memcpy(bytes, file.data, file.len);
        ck_assert_int_eq(open_bytes(&l, (rk_str){bytes, file.len}, true, &opened), RK_OK);
        ck_assert(same_index(made, opened));
        rk_index_free(opened);
    }
    rk_index_free(made);
    lab_close(&l);
}
END_TEST

/* ---- what was damaged ---- */

static void refused(lab *l, rk_str bytes, bool verify, const char *code)
{
    rk_index *opened;
    const rk_status status = open_bytes(l, bytes, verify, &opened);
    ck_assert_int_eq(status, RK_EFILE);
    ck_assert_ptr_null(opened);
    const char *const words = said(l);
    ck_assert_msg(strncmp(words + 6, code, 5) == 0, "not %s: %s", code, words);
}

static rk_str saved(lab *l, const made_shape *shape)
{
    rk_index *const made = made_index(shape);
    save(l, made, &(rk_index_provenance){.maker = 5});
    rk_index_free(made);
    return read_file(l);
}

static rk_index_header *header_of(rk_str bytes) { return (rk_index_header *)(uintptr_t)bytes.data; }

/* Makes the checksums of a changed file right again. */
static void seal(rk_str bytes)
{
    rk_index_header *const h = header_of(bytes);
    for (unsigned i = 0; i < RK_INDEX_SECTION_COUNT; i++)
        if (h->sections[i].at <= bytes.len && h->sections[i].len <= bytes.len - h->sections[i].at)
            h->sections[i].hash =
                rk_str_hash((rk_str){bytes.data + h->sections[i].at, h->sections[i].len});
    h->hash = rk_str_hash((rk_str){bytes.data, offsetof(rk_index_header, hash)});
}

START_TEST(flipped_bits)
{
    lab l;
    lab_open(&l);
    const rk_str file = saved(&l, &plain);
    const rk_index_header header = *header_of(file);
    char *const bytes = (char *)(uintptr_t)file.data;
    for (size_t at = 0; at < sizeof header; at++) {
        bytes[at] = (char)(bytes[at] ^ 1 << at % 8);
        refused(&l, file, false, at < 8 ? "E0620" : at < 12 ? "E0623" : "E0622");
        bytes[at] = (char)(bytes[at] ^ 1 << at % 8);
    }
    for (unsigned i = 0; i < RK_INDEX_SECTION_COUNT; i++)
        for (uint64_t k = 0; k < header.sections[i].len; k += 13) {
            char *const byte = bytes + header.sections[i].at + k;
            *byte = (char)(*byte ^ 1 << k % 8);
            refused(&l, file, true, "E0622");
            *byte = (char)(*byte ^ 1 << k % 8);
        }
    rk_index *opened;
    ck_assert_int_eq(open_bytes(&l, file, true, &opened), RK_OK);
    rk_index_free(opened);
    lab_close(&l);
}
END_TEST

START_TEST(truncated)
{
    lab l;
    lab_open(&l);
    const rk_str file = saved(&l, &plain);
    for (size_t len = 0; len < file.len; len += len < 64 ? 1 : 509)
        refused(&l, (rk_str){file.data, len}, false, len < 8 ? "E0620" : "E0621");
    char *const longer = rk_arena_alloc_column(&l.arena, file.len + 1, 1);
    memcpy(longer, file.data, file.len);
    refused(&l, (rk_str){longer, file.len + 1}, false, "E0622");
    lab_close(&l);
}
END_TEST

/* Counts that no file bears out, under checksums that are right. */
START_TEST(forged_counts)
{
    static const uint64_t values[] = {0,          1,           2,           3,          15,
                                      16,         17,          48,          272,        4097,
                                      0x7fffffff, 0x80000000u, 0xffffffffu, 1ull << 40, UINT64_MAX};
    static const size_t most = offsetof(rk_index_header, zeros);
    lab l;
    lab_open(&l);
    const rk_str file = saved(&l, &plain);
    const rk_index_header right = *header_of(file);
    for (size_t at = offsetof(rk_index_header, size); at < most; at += 4)
        for (unsigned i = 0; i < RK_ARRAY_LEN(values); i++)
            for (unsigned width = 4; width <= 8; width += 4) {
                rk_index *opened;
                *header_of(file) = right;
                memcpy((char *)(uintptr_t)file.data + at, &values[i], width);
                header_of(file)->hash =
                    rk_str_hash((rk_str){file.data, offsetof(rk_index_header, hash)});
                if (open_bytes(&l, file, false, &opened) == RK_OK)
                    ck_assert(opened->n == right.n && opened->dim == right.dim);
                rk_index_free(opened);
                rk_diags_init(&l.diags, &l.arena);
            }
    lab_close(&l);
}
END_TEST

static void forged(lab *l, rk_index_section section, size_t at, uint32_t value)
{
    const rk_str file = saved(l, &plain);
    uint32_t *const word =
        (uint32_t *)(uintptr_t)(file.data + header_of(file)->sections[section].at) + at;
    *word = value;
    seal(file);
    refused(l, file, false, "E0622");
    refused(l, file, true, "E0622");
}

/* What a search would read or write out of bounds by. */
START_TEST(forged_arrays)
{
    lab l;
    lab_open(&l);
    for (size_t at = 0; at < 40 * 16; at += 16) {
        forged(&l, RK_INDEX_LINKS, at, 40);
        forged(&l, RK_INDEX_LINKS, at, UINT32_MAX - 1);
    }
    forged(&l, RK_INDEX_LINKS, 15, 1); /* behind the last one */
    for (size_t at = 0; at < 40; at += 3) {
        forged(&l, RK_INDEX_ROWS, at, 40);
        forged(&l, RK_INDEX_ROWS, at, (uint32_t)at);
        forged(&l, RK_INDEX_PLACES, at, 40);
        forged(&l, RK_INDEX_PLACES, at, (uint32_t)at);
    }
    forged(&l, RK_INDEX_ENTRIES, 2, 40);
    forged(&l, RK_INDEX_CANARY_ROWS, 15, 40);
    forged(&l, RK_INDEX_MEAN, 1, 0x7f800000); /* an infinity */
    lab_close(&l);
}
END_TEST

START_TEST(forged_ids)
{
    made_shape shape = plain;
    lab l;
    lab_open(&l);
    for (shape.ids = RK_INDEX_IDS_NUMBERS; shape.ids < RK_INDEX_IDS_COUNT; shape.ids++)
        for (size_t at = 0; at < 40; at++) {
            const rk_str file = saved(&l, &shape);
            uint64_t *const ids =
                (uint64_t *)(uintptr_t)(file.data + header_of(file)->sections[RK_INDEX_IDS].at);
            if (at)
                ids[at] = ids[at - 1]; /* a text that is empty, a number that is there twice */
            else
                ids[at] = (uint64_t)INT64_MAX;
            seal(file);
            /* the first text may be empty as any may be, but not be an id of its own length twice
             */
            if (shape.ids == RK_INDEX_IDS_TEXTS && at == 1)
                continue;
            refused(&l, file, false, "E0622");
        }
    const rk_str file = saved(&l, &(made_shape){.n = 3, .dim = 2, .ids = RK_INDEX_IDS_TEXTS});
    char *const texts = (char *)(uintptr_t)file.data + header_of(file)->sections[RK_INDEX_TEXTS].at;
    texts[9] = 'z'; /* behind the next */
    seal(file);
    refused(&l, file, false, "E0622");
    lab_close(&l);
}
END_TEST

/* One pass over the vectors is what `verify` is for. */
START_TEST(forged_vectors)
{
    lab l;
    lab_open(&l);
    const rk_str file = saved(&l, &plain);
    float *const vectors =
        (float *)(uintptr_t)(file.data + header_of(file)->sections[RK_INDEX_VECTORS].at);
    rk_index *opened;
    vectors[7] = NAN;
    seal(file);
    refused(&l, file, true, "E0622");
    ck_assert_int_eq(open_bytes(&l, file, false, &opened), RK_OK);
    rk_index_free(opened);
    lab_close(&l);
}
END_TEST

static void expect_words(lab *l, rk_str bytes, const char *words)
{
    rk_index *opened;
    ck_assert_int_eq(open_bytes(l, bytes, true, &opened), RK_EFILE);
    ck_assert_str_eq(said(l), words);
}

START_TEST(words)
{
    lab l;
    lab_open(&l);
    const rk_str file = saved(&l, &plain);
    rk_index_header *const h = header_of(file);
    expect_words(&l, RK_STR(""),
                 "error[E0620]: `a.ranki` is no index\n"
                 "  = help: `rankc index build` and `rankc index import` make one\n\n");
    expect_words(&l, (rk_str){file.data, 5000}, "error[E0621]: `a.ranki` is truncated\n\n");
    h->version = RK_INDEX_VERSION + 1;
    expect_words(&l, file,
                 "error[E0623]: `a.ranki` was made by a newer rankc: its format is 4, this one "
                 "reads 3\n\n");
    h->version = 0;
    expect_words(&l, file,
                 "error[E0623]: `a.ranki` was made by another rankc: its format is 0, this one "
                 "reads 3\n\n");
    h->order = 0x04030201;
    expect_words(&l, file,
                 "error[E0623]: `a.ranki` was made on a machine with the other order of bytes\n\n");
    h->order = RK_INDEX_ORDER;
    h->version = 1;
    h->ef = 3;
    expect_words(&l, file,
                 "error[E0622]: `a.ranki` is damaged: its header is not what was written\n\n");
    h->n = 41;
    seal(file);
    expect_words(&l, file,
                 "error[E0622]: `a.ranki` is damaged: its sections are not where they belong\n\n");
    lab_close(&l);
}
END_TEST

/* ---- files ---- */

START_TEST(files_that_cannot_be)
{
    lab l;
    char path[128];
    lab_open(&l);
    rk_index *const made = made_index(&plain);
    snprintf(path, sizeof path, "%s/none/a.ranki", l.folder);
    ck_assert_int_eq(rk_index_save(made, NULL, rk_str_from(path), &l.diags), RK_EFILE);
    ck_assert_ptr_nonnull(strstr(said(&l), "E0605]: cannot write `"));
    ck_assert_int_eq(rk_index_save(made, NULL, rk_str_from(l.folder), &l.diags), RK_EFILE);
    snprintf(path, sizeof path, "%s.part", l.folder);
    ck_assert_int_ne(access(path, F_OK), 0);
    ck_assert_ptr_nonnull(strstr(said(&l), "E0605"));
    ck_assert_int_eq(rk_index_save(made, NULL, RK_STR("/dev/full"), &l.diags), RK_EFILE);
    ck_assert_ptr_nonnull(strstr(said(&l), "E0605"));
    ck_assert_int_ne(access("/dev/full.part", F_OK), 0);
    rk_index_free(made);
    lab_close(&l);
}
END_TEST

START_TEST(links_and_rights_stay)
{
    lab l;
    char link[128];
    struct stat info;
    lab_open(&l);
    rk_index *const made = made_index(&plain);
    save(&l, made, NULL);
    ck_assert_int_eq(chmod(l.path, 0640), 0);
    snprintf(link, sizeof link, "%s/link.ranki", l.folder);
    ck_assert_int_eq(symlink("a.ranki", link), 0);
    ck_assert_int_eq(rk_index_save(made, NULL, rk_str_from(link), &l.diags), RK_OK);
    ck_assert_int_eq(lstat(link, &info), 0);
    ck_assert(S_ISLNK(info.st_mode));
    ck_assert_int_eq(stat(l.path, &info), 0);
    ck_assert_int_eq(info.st_mode & 07777, 0640);
    rk_index_free(open_file(&l, true, NULL));
    unlink(link);
    rk_index_free(made);
    lab_close(&l);
}
END_TEST

/* Who maps the old file goes on with it. */
START_TEST(replaced_while_open)
{
    lab l;
    lab_open(&l);
    rk_index *const first = made_index(&plain), *const second = made_index(
                                                    &(made_shape){.n = 9, .dim = 3, .seed = 2});
    save(&l, first, NULL);
    rk_index *const opened = open_file(&l, false, NULL);
    save(&l, second, NULL);
    ck_assert(same_index(first, opened));
    rk_index *const after = open_file(&l, true, NULL);
    ck_assert(same_index(second, after));
    rk_index_free(after);
    rk_index_free(opened);
    rk_index_free(first);
    rk_index_free(second);
    lab_close(&l);
}
END_TEST

START_TEST(one_writer_at_a_time)
{
    lab l;
    char part[128];
    lab_open(&l);
    rk_index *const made = made_index(&plain);
    snprintf(part, sizeof part, "%s.part", l.path);
    const int fd = open(part, O_RDWR | O_CREAT, 0600);
    ck_assert_int_eq(write(fd, "left over", 9), 9);
    ck_assert_int_eq(flock(fd, LOCK_EX), 0);
    ck_assert_int_eq(rk_index_save(made, NULL, rk_str_from(l.path), &l.diags), RK_EFILE);
    ck_assert_ptr_nonnull(strstr(said(&l), "it is being written by another process"));
    close(fd);
    save(&l, made, NULL); /* what a killed process left is taken over */
    ck_assert_int_ne(access(part, F_OK), 0);
    rk_index_free(open_file(&l, true, NULL));
    rk_index_free(made);
    lab_close(&l);
}
END_TEST

/* ---- kill -9 ---- */

/* Saves two indexes in turn until it is killed. */
static void save_for_ever(lab *l, rk_index *const made[2], unsigned first)
{
    for (unsigned i = first;; i++)
        if (rk_index_save(made[i % 2], NULL, rk_str_from(l->path), &l->diags) != RK_OK)
            _exit(1);
}

START_TEST(killed_while_saving)
{
    lab l;
    uint32_t state = 5;
    unsigned now = 0, seen[2] = {0, 0};
    double most = 4e6; /* nanoseconds; so that half of them come to an end, on any machine */
    lab_open(&l);
    rk_index *const made[2] = {
        made_index(&(made_shape){.n = 1500, .dim = 40, .graph = true, .moved = true, .seed = 3}),
        made_index(&(made_shape){.n = 1200, .dim = 50, .ids = RK_INDEX_IDS_TEXTS, .seed = 4})};
    save(&l, made[0], NULL);
    for (int i = 0; i < 200; i++) {
        const pid_t child = fork();
        if (child == 0)
            save_for_ever(&l, made, !now);
        const struct timespec wait = {.tv_nsec = (long)(made_next(&state) % 1000 * most / 1000)};
        nanosleep(&wait, NULL);
        kill(child, SIGKILL);
        int how;
        ck_assert_int_eq(waitpid(child, &how, 0), child);
        ck_assert(WIFSIGNALED(how));
        rk_index *const opened = open_file(&l, true, NULL);
        const unsigned before = now;
        now = same_index(made[1], opened);
        most *= now != before ? 0.8 : most < 2e8 ? 1.25 : 1.0;
        ck_assert(now || same_index(made[0], opened));
        seen[now]++;
        rk_index_free(opened);
    }
    ck_assert(seen[0] && seen[1]);
    rk_index_free(made[0]);
    rk_index_free(made[1]);
    lab_close(&l);
}
END_TEST

RK_SUITE_MAIN("index_file", round_trip, provenance_stays, held, bytes_of_the_caller, flipped_bits,
              truncated, forged_counts, forged_arrays, forged_ids, forged_vectors, words,
              files_that_cannot_be, links_and_rights_stay, replaced_while_open,
              one_writer_at_a_time, killed_while_saving)
