/* Scans that look at sketches first: what is found is what scoring every vector gives, to the bit,
 * on all levels, in batches, with filters, in flat indexes and graphs and files, over degenerate
 * data too; few codes are looked at, and where sketches tell nothing they are given up. */
#include "runtime/index/layout.h"
#include "tests/unit/long_sets.h"

/* ---- searches ---- */

static bool passes(uint32_t row) { return row % 3 != 1; }

static rk_status pass(void *user, const rk_index_rows *rows, uint64_t *out)
{
    (void)user;
    for (uint32_t i = 0; i < rows->n; i++)
        out[i / 64] |= (uint64_t)passes(rk_index_rows_at(rows, i)) << i % 64;
    return RK_OK;
}

static const rk_index_filter filter = {.pass = pass};

/* Of all queries, in order; vectors in rows. Returns how many pass. */
static uint32_t naive(const world *w, bool filtered, hit *hits)
{
    uint32_t n = 0;
    for (uint32_t q = 0; q < QUERIES; q++) {
        hit *const own = hits + (size_t)q * ROWS;
        n = 0;
        for (uint32_t row = 0; row < ROWS; row++)
            if (!filtered || passes(row))
                own[n++] = (hit){score(w, query_of(w, q), w->vectors + (size_t)row * DIM), row};
        qsort(own, n, sizeof *own, by_score);
    }
    return n;
}

static void search(const world *w, rk_index_scratch *scratch, rk_index_query query, uint32_t batch,
                   const rk_index_hits *out)
{
    query.exact = true;
    for (uint32_t from = 0; from < QUERIES; from += batch) {
        query.vectors = query_of(w, from);
        query.n = QUERIES - from < batch ? QUERIES - from : batch;
        const rk_index_hits hits = {out->rows + from * query.k, out->scores + from * query.k,
                                    out->counts + from};
        ck_assert_int_eq(rk_index_search(w->index, scratch, &query, &hits), RK_OK);
    }
}

static void check(const world *w, rk_cpu_level level, bool filtered, const hit *right)
{
    static const uint32_t ks[] = {1, 10, 150}, batches[] = {1, 5, QUERIES};
    static uint32_t rows[QUERIES * 150], counts[QUERIES];
    static float scores[QUERIES * 150];
    const rk_index_hits out = {rows, scores, counts};
    rk_index_scratch *const scratch = rk_index_scratch_new(level);
    for (uint32_t way = 0; way < (level == RK_CPU_SCALAR ? 5 : 9); way++) {
        const uint32_t k = ks[way / 3];
        search(w, scratch, (rk_index_query){.k = k, .filter = filtered ? &filter : NULL},
               batches[way % 3], &out);
        for (uint32_t q = 0; q < QUERIES; q++) {
            ck_assert_uint_eq(counts[q], q == 2 ? 0 : k);
            for (uint32_t i = 0; q != 2 && i < k; i++)
                if (rows[q * k + i] != right[q * ROWS + i].row ||
                    !same(scores[q * k + i], right[q * ROWS + i].score))
                    ck_abort_msg("data %d, k %u, batch %u, query %u, hit %u", w->data, k,
                                 batches[way % 3], q, i);
        }
    }
    rk_index_scratch_free(scratch);
}

START_TEST(as_scoring_everything)
{
    const data data = (enum data)(_i / 2);
    const rk_index_kind kind = data == PLAIN || data == DOUBLES ? RK_INDEX_HNSW : RK_INDEX_FLAT;
    world w = world_new(data, (rk_index_metric)(RK_INDEX_COSINE + _i % 2), kind);
    hit *const right = malloc(sizeof *right * QUERIES * ROWS);
    for (int filtered = 0; filtered < 2; filtered++) {
        naive(&w, filtered, right);
        for (int level = RK_CPU_SCALAR; level <= (int)rk_cpu_best(); level++)
            check(&w, (rk_cpu_level)level, filtered, right);
    }
    free(right);
    world_free(&w);
}
END_TEST

/* ---- how much is looked at ---- */

static uint64_t looks(const world *w, rk_index_scratch *scratch, const float *queries, uint32_t n)
{
    static uint32_t rows[QUERIES * 10];
    const rk_index_query query = {.vectors = queries, .n = n, .k = 10, .exact = true};
    ck_assert_int_eq(rk_index_search(w->index, scratch, &query, &(rk_index_hits){.rows = rows}),
                     RK_OK);
    return rk_index_last(scratch).n_distances / n;
}

/* Few codes are looked at after the sketches; and where sketches tell nothing apart, as of a query
 * far away, no more than in the beginning. */
START_TEST(it_pays_or_is_given_up)
{
    world w = world_new(PLAIN, RK_INDEX_L2, RK_INDEX_FLAT);
    rk_index_scratch *const scratch = rk_index_scratch_new(rk_cpu_best());
    for (uint32_t n = 1; n < 20; n += 18) {
        const uint64_t near = looks(&w, scratch, query_of(&w, 7), n);
        ck_assert_msg(near > ROWS && near < ROWS * 3 / 2, "%u queries: %u looks", n,
                      (unsigned)near);
        for (size_t i = 0; i < (size_t)n * DIM; i++)
            query_of(&w, 7)[i] *= 3e4f;
        const uint64_t far = looks(&w, scratch, query_of(&w, 7), n);
        ck_assert_msg(far > ROWS + 2000 && far <= ROWS + 4 * 1024, "%u queries: %u looks", n,
                      (unsigned)far);
        w.index->bounding = false;
        ck_assert_uint_eq(looks(&w, scratch, query_of(&w, 7), n), ROWS);
        w.index->bounding = true;
        for (size_t i = 0; i < (size_t)n * DIM; i++)
            query_of(&w, 7)[i] /= 3e4f;
    }
    rk_index_scratch_free(scratch);
    world_free(&w);
}
END_TEST

/* A cheaper scan is chosen more often. */
START_TEST(it_is_priced)
{
    world w = world_new(PLAIN, RK_INDEX_L2, RK_INDEX_HNSW);
    const uint32_t from = rk_index_graph_from(w.index, 10, 0);
    w.index->bounding = false;
    const uint32_t before = rk_index_graph_from(w.index, 10, 0);
    ck_assert_msg(from > before && from < ROWS, "from %u, before %u", from, before);
    world_free(&w);
}
END_TEST

/* ---- files ---- */

static rk_index_header *header_of(char *file) { return (rk_index_header *)(void *)file; }

static void seal(char *file)
{
    rk_index_header *const h = header_of(file);
    for (unsigned i = 0; i < RK_INDEX_SECTION_COUNT; i++) {
        rk_index_extent *const extent = &h->sections[i];
        extent->hash = rk_str_hash((rk_str){file + extent->at, extent->len});
    }
    h->hash = rk_str_hash((rk_str){file, offsetof(rk_index_header, hash)});
}

static char *read_whole(const char *path, size_t *size)
{
    FILE *const f = fopen(path, "rb");
    ck_assert_ptr_nonnull(f);
    fseek(f, 0, SEEK_END);
    *size = (size_t)ftell(f);
    rewind(f);
    char *const bytes = aligned_alloc(64, (*size + 63) / 64 * 64);
    ck_assert_uint_eq(fread(bytes, 1, *size, f), *size);
    fclose(f);
    return bytes;
}

/* Saves the index, and returns the file's bytes. */
static char *saved(const rk_index *index, rk_diags *diags, size_t *size)
{
    char folder[] = "/tmp/rank-first-XXXXXX", name[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(name, sizeof name, "%s/a.ranki", folder);
    ck_assert_int_eq(rk_index_save(index, NULL, rk_str_from(name), diags), RK_OK);
    char *const bytes = read_whole(name, size);
    ck_assert_int_eq(remove(name) | remove(folder), 0);
    return bytes;
}

static void check_opened(world *w, const rk_index *made, const hit *right, bool bounding)
{
    ck_assert(w->index->bounding == bounding && w->index->sketch == NUMBERS);
    ck_assert_mem_eq(w->index->axes, made->axes, made->stride); /* the first */
    check(w, rk_cpu_best(), false, right);
}

/* A whole file; one with sketches for walks alone, as they were once made; one whose axes are too
 * long: answers are the same. */
START_TEST(a_file)
{
    rk_arena arena = {0};
    rk_diags diags;
    rk_diags_init(&diags, &arena);
    world w = world_new(PLAIN, RK_INDEX_L2, _i ? RK_INDEX_HNSW : RK_INDEX_FLAT);
    rk_index *const made = w.index;
    hit *const right = malloc(sizeof *right * QUERIES * ROWS);
    size_t size;
    char *const file = saved(made, &diags, &size);
    const rk_str bytes = {file, size};
    const rk_index_file from = {.span = RK_NO_SPAN, .verify = true, .bytes = &bytes};
    naive(&w, false, right);
    ck_assert_uint_eq(header_of(file)->version, RK_INDEX_VERSION);
    for (int kind = 0; kind < 3; kind++) {
        if (kind == 1) {
            header_of(file)->version = RK_INDEX_VERSION_WALKED;
            memset(header_of(file)->spread, 0, sizeof header_of(file)->spread);
        }
        if (kind == 2) {
            header_of(file)->version = RK_INDEX_VERSION;
            set_scale(made, (uint8_t *)file + header_of(file)->sections[RK_INDEX_AXES].at, 5, 2);
        }
        seal(file);
        ck_assert_int_eq(rk_index_open(&from, &diags, &w.index, NULL), RK_OK);
        check_opened(&w, made, right, kind == 0);
        size_t again_size;
        char *const again = saved(w.index, &diags, &again_size);
        ck_assert_uint_eq(header_of(again)->version,
                          kind == 0 ? RK_INDEX_VERSION : RK_INDEX_VERSION_WALKED);
        free(again);
        rk_index_free(w.index);
    }
    w.index = made;
    free(file);
    free(right);
    world_free(&w);
    rk_arena_free(&arena);
}
END_TEST

/* Sketches are no longer than what they are of: tiles have room for so much. */
START_TEST(longer_sketches)
{
    rk_arena arena = {0};
    rk_diags diags;
    rk_diags_init(&diags, &arena);
    for (uint32_t sketch = 8; sketch <= 200; sketch += 192) {
        rk_index_header h = {.version = RK_INDEX_VERSION,
                             .order = RK_INDEX_ORDER,
                             .kind = RK_INDEX_FLAT,
                             .metric = RK_INDEX_L2,
                             .n = 300,
                             .dim = 8,
                             .stride = rk_code_stride(8),
                             .sketch = sketch};
        memcpy(h.magic, RK_INDEX_MAGIC, sizeof h.magic);
        rk_index_lay_out(&h, 0);
        char *const file = aligned_alloc(64, h.size);
        memset(file, 0, h.size);
        memcpy(file, &h, sizeof h);
        seal(file);
        const rk_str bytes = {file, h.size};
        const rk_index_file from = {.span = RK_NO_SPAN, .bytes = &bytes};
        rk_index *opened;
        ck_assert_int_eq(rk_index_open(&from, &diags, &opened, NULL),
                         sketch > 8 ? RK_EFILE : RK_OK);
        rk_index_free(opened);
        free(file);
    }
    rk_arena_free(&arena);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("index_first");
    TCase *const tests = tcase_create("index_first");
    tcase_set_timeout(tests, 240);
    tcase_add_loop_test(tests, as_scoring_everything, 0, 2 * KINDS);
    tcase_add_test(tests, it_pays_or_is_given_up);
    tcase_add_test(tests, it_is_priced);
    tcase_add_loop_test(tests, a_file, 0, 2);
    tcase_add_test(tests, longer_sketches);
    suite_add_tcase(suite, tests);
    return rk_suite_run(suite);
}
