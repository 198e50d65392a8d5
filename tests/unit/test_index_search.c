/* Whole searches of indexes that have a graph, against exact ones: recall, filters of all kinds,
 * batches, the rule that picks the way, and that neither threads, level nor order of input can be
 * told from an index. With RANK_DATA, real vectors too. */
#include "runtime/index/build.h"
#include "runtime/index/choose.h"

#include <math.h>
#include <string.h>

#include "tests/unit/harness.h"
#include "tests/unit/index_naive.h"

enum { K = 10, QUERIES = 60, DIM = 18, ROWS = 9000 };

typedef struct world {
    float *vectors; /* [n + QUERIES][dim]; the last are asked for */
    uint32_t n, dim;
    rk_index *index;
    rk_index_scratch *scratch;
} world;

static rk_index *build(const world *w, const rk_index_options *options)
{
    rk_index *index;
    uint32_t doubled;
    const rk_index_input input = {.vectors = w->vectors, .n = w->n, .dim = w->dim};
    ck_assert_int_eq(rk_index_build(&input, options, &index, &doubled), RK_OK);
    return index;
}

static rk_index_options options_of(rk_index_metric metric)
{
    return (rk_index_options){.kind = RK_INDEX_HNSW,
                              .metric = metric,
                              .m = 8,
                              .ef_construction = 60,
                              .cpu = rk_cpu_best()};
}

/* Vectors about a few centres; of DOT, lengths differ. */
static void world_init(world *w, rk_index_metric metric)
{
    float centres[20][DIM];
    state = 7;
    *w = (world){.n = ROWS, .dim = DIM, .scratch = rk_index_scratch_new(rk_cpu_best())};
    w->vectors = malloc((size_t)(ROWS + QUERIES) * DIM * sizeof *w->vectors);
    for (uint32_t i = 0; i < 20; i++)
        for (uint32_t j = 0; j < DIM; j++)
            centres[i][j] = 2 * normal();
    for (uint32_t i = 0; i < ROWS + QUERIES; i++) {
        const float *const centre = centres[draw(20)];
        const float by = metric == RK_INDEX_DOT ? 0.5f + fabsf(normal()) : 1;
        for (uint32_t j = 0; j < DIM; j++)
            w->vectors[(size_t)i * DIM + j] = by * (centre[j] + normal());
    }
    const rk_index_options options = options_of(metric);
    w->index = build(w, &options);
}

static void world_free(world *w)
{
    rk_index_free(w->index);
    rk_index_scratch_free(w->scratch);
    free(w->vectors);
}

/* ---- filters ---- */

typedef struct asking {
    const world *w;
    bool (*passes)(const world *w, uint32_t row);
    uint64_t n_rows;
} asking;

static rk_status pass(void *user, const rk_index_rows *rows, uint64_t *passing)
{
    asking *const a = user;
    ck_assert(rows->n >= 1 && rows->n <= 1024);
    a->n_rows += rows->n;
    for (uint32_t i = 0; i < rows->n; i++) {
        const uint32_t row = rk_index_rows_at(rows, i);
        ck_assert_uint_lt(row, a->w->n);
        passing[i / 64] |= (uint64_t)a->passes(a->w, row) << i % 64;
    }
    return RK_OK;
}

static bool pass_half(const world *w, uint32_t row)
{
    (void)w;
    return (row * 2654435761u) >> 31;
}

static bool pass_few(const world *w, uint32_t row)
{
    (void)w;
    return row % 97 == 5;
}

static bool pass_seven(const world *w, uint32_t row)
{
    (void)w;
    return row % 1250 == 17;
}

static bool pass_side(const world *w, uint32_t row) { return w->vectors[row * w->dim] > 0; }
static bool pass_edge(const world *w, uint32_t row) { return w->vectors[row * w->dim] > 4; }
static bool pass_all(const world *w, uint32_t row) { return row < w->n; }
static bool pass_none(const world *w, uint32_t row) { return row >= w->n; }

/* ---- searching ---- */

typedef struct hits {
    uint32_t rows[QUERIES * K], counts[QUERIES];
    float scores[QUERIES * K];
} hits;

static rk_index_stats search(world *w, rk_index_query query, hits *out)
{
    memset(out, 0x5a, sizeof *out);
    query.vectors = w->vectors + (size_t)w->n * w->dim;
    query.n = QUERIES;
    query.k = K;
    const rk_index_hits to = {out->rows, out->scores, out->counts};
    ck_assert_int_eq(rk_index_search(w->index, w->scratch, &query, &to), RK_OK);
    return rk_index_last(w->scratch);
}

/* The share of the exact hits; what is found is scored alike, and as many are. */
static double recall(const hits *exact, const hits *found)
{
    uint32_t all = 0, both = 0;
    for (uint32_t q = 0; q < QUERIES; q++) {
        ck_assert_uint_eq(exact->counts[q], found->counts[q]);
        for (uint32_t i = q * K; i < q * K + found->counts[q]; i++)
            for (uint32_t j = q * K; j < q * K + exact->counts[q]; j++)
                if (found->rows[i] == exact->rows[j]) {
                    ck_assert(found->scores[i] == exact->scores[j]);
                    both++;
                }
        for (uint32_t i = 1; i < found->counts[q]; i++)
            ck_assert(found->scores[q * K + i - 1] >= found->scores[q * K + i]);
        all += exact->counts[q];
    }
    return all ? (double)both / all : 1;
}

START_TEST(filters_keep_recall)
{
    static bool (*const filters[])(const world *, uint32_t) = {
        NULL, pass_half, pass_few, pass_seven, pass_side, pass_edge, pass_all, pass_none};
    world w;
    world_init(&w, (rk_index_metric)_i);
    uint32_t n_walked = 0;
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        static hits exact, found;
        asking a = {.w = &w, .passes = filters[i]};
        const rk_index_filter filter = {.user = &a, .pass = pass};
        const rk_index_filter *const asked = filters[i] ? &filter : NULL;
        ck_assert(search(&w, (rk_index_query){.exact = true, .filter = asked}, &exact).scanned);
        a.n_rows = 0;
        const rk_index_stats stats =
            search(&w, (rk_index_query){.ef = 60, .filter = asked}, &found);
        ck_assert_uint_eq(stats.n_asked, a.n_rows);
        n_walked += !stats.scanned;
        const double r = recall(&exact, &found);
        ck_assert_msg(r > (_i == RK_INDEX_DOT ? 0.8 : 0.93), "metric %d, filter %zu: %.3f", _i, i,
                      r);
        for (uint32_t q = 0; filters[i] && q < QUERIES; q++)
            for (uint32_t h = q * K; h < q * K + found.counts[q]; h++)
                ck_assert(filters[i](&w, found.rows[h]));
    }
    ck_assert_uint_ge(n_walked, 2);
    world_free(&w);
}
END_TEST

/* Alone or among others, with a warm scratch or a new one, by any level. */
START_TEST(batches_change_nothing)
{
    world w;
    world_init(&w, (rk_index_metric)_i);
    static hits all;
    ck_assert(!search(&w, (rk_index_query){.ef = 50}, &all).scanned);
    for (int cpu = RK_CPU_SCALAR; cpu <= RK_CPU_V4; cpu++) {
        if (!rk_cpu_has((rk_cpu_level)cpu))
            continue;
        rk_index_scratch *const scratch = rk_index_scratch_new((rk_cpu_level)cpu);
        for (uint32_t q = 0; q < QUERIES; q++) {
            uint32_t rows[K];
            float scores[K];
            const rk_index_query query = {
                .vectors = w.vectors + (size_t)(w.n + q) * DIM, .n = 1, .k = K, .ef = 50};
            ck_assert_int_eq(
                rk_index_search(w.index, scratch, &query, &(rk_index_hits){rows, scores, NULL}),
                RK_OK);
            ck_assert_mem_eq(rows, all.rows + q * K, sizeof rows);
            ck_assert_mem_eq(scores, all.scores + q * K, sizeof scores);
        }
        rk_index_scratch_free(scratch);
    }
    world_free(&w);
}
END_TEST

static void check_equal(const rk_index *a, const rk_index *b)
{
    ck_assert_uint_eq(a->degree, b->degree);
    ck_assert_uint_eq(a->n_entries, b->n_entries);
    ck_assert_mem_eq(a->links, b->links, (size_t)a->n * a->degree * sizeof *a->links);
    ck_assert_mem_eq(a->entries, b->entries, a->n_entries * sizeof *a->entries);
    ck_assert_mem_eq(a->codes, b->codes, a->n * a->stride);
    ck_assert_mem_eq(a->vectors, b->vectors, (size_t)a->n * a->dim * sizeof *a->vectors);
    ck_assert_mem_eq(a->rows, b->rows, a->n * sizeof *a->rows);
    ck_assert_mem_eq(a->places, b->places, a->n * sizeof *a->places);
}

START_TEST(the_order_of_input_is_nothing)
{
    world w;
    world_init(&w, RK_INDEX_L2);
    int64_t *const ids = malloc(ROWS * sizeof *ids);
    float *const shuffled = malloc((size_t)ROWS * DIM * sizeof *shuffled);
    for (uint32_t i = 0; i < ROWS; i++)
        ids[i] = (int64_t)((uint64_t)i * 4001 % ROWS); /* ROWS and 4001 have no common factor */
    for (uint32_t i = 0; i < ROWS; i++)
        memcpy(shuffled + (size_t)i * DIM, w.vectors + (size_t)ids[i] * DIM, DIM * sizeof(float));
    const rk_index_input input = {.vectors = shuffled, .n = ROWS, .dim = DIM, .numbers = ids};
    rk_index_options options = options_of(RK_INDEX_L2);
    options.threads = 1;
    rk_index *index;
    uint32_t doubled;
    ck_assert_int_eq(rk_index_build(&input, &options, &index, &doubled), RK_OK);
    check_equal(w.index, index);
    for (uint32_t i = 0; i < ROWS; i++)
        ck_assert_mem_eq(index->vectors + (size_t)index->places[i] * DIM,
                         w.vectors + (size_t)i * DIM, DIM * sizeof(float));
    rk_index_free(index);
    free(shuffled);
    free(ids);
    world_free(&w);
}
END_TEST

START_TEST(a_rule_picks_the_way)
{
    world w;
    world_init(&w, RK_INDEX_L2);
    const uint32_t narrow = rk_index_graph_from(w.index, K, 20);
    const uint32_t wide = rk_index_graph_from(w.index, K, 60);
    ck_assert_uint_gt(narrow, 1);
    ck_assert_uint_lt(narrow, wide);
    ck_assert_uint_le(wide, ROWS);
    ck_assert_uint_eq(rk_index_graph_from(w.index, K, ROWS), UINT32_MAX);
    const rk_index_filter filter = {.user = NULL};
    const rk_index_query query = {.n = 1, .k = K, .ef = 20, .filter = &filter};
    ck_assert(rk_index_choose(w.index, &query, narrow).graph);
    ck_assert(!rk_index_choose(w.index, &query, narrow - 1).graph);
    ck_assert(
        !rk_index_choose(w.index, &(rk_index_query){.n = 1, .k = K, .exact = true}, ROWS).graph);
    /* as many as are wanted are kept */
    const rk_choice choice =
        rk_index_choose(w.index, &(rk_index_query){.n = 1, .k = 500, .ef = 20}, ROWS);
    ck_assert_uint_eq(choice.ef, 500);
    ck_assert_uint_eq(choice.n_scored, 1260);
    world_free(&w);
}
END_TEST

/* By bits, to the row, whatever is behind them, on all levels. */
START_TEST(bits_are_counted)
{
    uint64_t bits[5];
    for (int cpu = RK_CPU_SCALAR; cpu <= RK_CPU_V4; cpu++) {
        if (!rk_cpu_has((rk_cpu_level)cpu))
            continue;
        rk_index_scratch *const scratch = rk_index_scratch_new((rk_cpu_level)cpu);
        for (uint32_t n = 1; n <= 320; n++) {
            uint32_t passing, want = 0;
            for (uint32_t w = 0; w < 5; w++)
                bits[w] = (uint64_t)draw(UINT32_MAX) << 32 | draw(UINT32_MAX);
            for (uint32_t i = 0; i < n; i++)
                want += bits[i / 64] >> i % 64 & 1;
            const rk_index_filter filter = {.bits = bits};
            ck_assert_int_eq(rk_index_estimate(&(rk_index){.n = n}, scratch, &filter, &passing),
                             RK_OK);
            ck_assert_uint_eq(passing, want > 1 ? want : 1);
        }
        rk_index_scratch_free(scratch);
    }
}
END_TEST

/* What float has as 0 is equal, so that the lowest rows win, whatever codes know, and wherever a
 * graph put them. */
START_TEST(products_that_vanish)
{
    enum { N = 3000, SOME = 12 };
    world w = {.n = N, .dim = DIM, .scratch = rk_index_scratch_new(rk_cpu_best())};
    const rk_index_options options = options_of(RK_INDEX_DOT);
    w.vectors = malloc((size_t)(N + QUERIES) * DIM * sizeof *w.vectors);
    for (uint32_t i = 0; i < (N + QUERIES) * DIM; i++)
        w.vectors[i] = (i < N * DIM ? 1e-12f : 1e-36f) * normal();
    w.index = build(&w, &options);
    for (uint32_t batch = 1; batch <= QUERIES; batch += QUERIES - 1) {
        uint32_t rows[QUERIES * SOME];
        const rk_index_query query = {
            .vectors = w.vectors + N * DIM, .n = batch, .k = SOME, .exact = true};
        const rk_index_hits hits = {.rows = rows};
        ck_assert_int_eq(rk_index_search(w.index, w.scratch, &query, &hits), RK_OK);
        for (uint32_t i = 0; i < batch * SOME; i++)
            ck_assert_uint_eq(rows[i], i % SOME);
    }
    world_free(&w);
}
END_TEST

typedef struct sampled {
    uint32_t n, below, n_rows, last; /* rows; of 16 pass; asked for so far */
} sampled;

static rk_status pass_sampled(void *user, const rk_index_rows *rows, uint64_t *passing)
{
    sampled *const s = user;
    for (uint32_t i = 0; i < rows->n; i++) {
        const uint32_t row = rk_index_rows_at(rows, i);
        ck_assert(row < s->n && (i == 0 || row > s->last));
        s->last = row;
        passing[i / 64] |= (uint64_t)(row * 2654435761u >> 28 < s->below) << i % 64;
    }
    s->n_rows += rows->n;
    return RK_OK;
}

/* By asking: of few rows all, else a thousand, or four where few pass. */
START_TEST(a_sample_is_asked)
{
    static const uint32_t counts[] = {1, 7, 1024, 1025, 4095, 4096, 4097, 5001, 70000};
    rk_index_scratch *const scratch = rk_index_scratch_new(rk_cpu_best());
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (uint32_t below = 0; below <= 16; below += 4) {
            const uint32_t n = counts[i];
            sampled s = {.n = n, .below = below};
            const rk_index_filter filter = {.user = &s, .pass = pass_sampled};
            uint32_t passing, want = 0;
            for (uint32_t row = 0; row < n; row++)
                want += row * 2654435761u >> 28 < below;
            ck_assert_int_eq(rk_index_estimate(&(rk_index){.n = n}, scratch, &filter, &passing),
                             RK_OK);
            const uint32_t off = n <= 1024 ? 0 : n / 16, most = below ? 1024 : 4096;
            ck_assert_uint_le(s.n_rows, most);
            ck_assert_uint_ge(s.n_rows, n < most / 2 ? n : most / 2);
            ck_assert(passing + off >= want && passing <= (want > 1 ? want : 1) + off);
        }
    rk_index_scratch_free(scratch);
}
END_TEST

/* As a graph that others made may be: what it does not lead to is found all the same. */
START_TEST(links_that_lead_nowhere)
{
    world w;
    static hits exact, found;
    world_init(&w, RK_INDEX_L2);
    rk_index *const whole = w.index;
    rk_index cut = *whole;
    uint32_t *const links = malloc((size_t)cut.n * cut.degree * sizeof *links);
    memset(links, 0xff, (size_t)cut.n * cut.degree * sizeof *links);
    cut.links = links;
    cut.n_entries = 64; /* fewer than are wanted */
    w.index = &cut;
    asking a = {.w = &w, .passes = pass_half};
    const rk_index_filter filter = {.user = &a, .pass = pass};
    for (int filtered = 0; filtered < 2; filtered++) {
        const rk_index_filter *const asked = filtered ? &filter : NULL;
        search(&w, (rk_index_query){.exact = true, .filter = asked}, &exact);
        search(&w, (rk_index_query){.ef = 100, .filter = asked}, &found);
        ck_assert(recall(&exact, &found) == 1);
    }
    w.index = whole;
    free(links);
    world_free(&w);
}
END_TEST

START_TEST(few_vectors_have_no_graph)
{
    world w = {.n = 500, .dim = 2, .vectors = calloc(1002, sizeof(float))};
    const rk_index_options options = options_of(RK_INDEX_COSINE);
    rk_index *const index = build(&w, &options);
    ck_assert_uint_eq(index->degree, 0);
    ck_assert_uint_eq(rk_index_graph_from(index, K, 0), UINT32_MAX);
    rk_index_free(index);
    free(w.vectors);
}
END_TEST

/* The first of real vectors: those of GloVe. */
START_TEST(real_vectors)
{
    enum { N = 20000, REAL = 100 };
    const char *const folder = getenv("RANK_DATA");
    char path[1024];
    if (!folder)
        return;
    world w = {.n = N, .dim = REAL, .scratch = rk_index_scratch_new(rk_cpu_best())};
    w.vectors = malloc((size_t)(N + QUERIES) * REAL * sizeof *w.vectors);
    snprintf(path, sizeof path, "%s/vectors-glove100/base_100k.fvecs", folder);
    FILE *const file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s", path);
    for (uint32_t i = 0; i < N + QUERIES; i++) {
        int32_t dim;
        ck_assert_uint_eq(fread(&dim, sizeof dim, 1, file), 1);
        ck_assert_uint_eq(fread(w.vectors + (size_t)i * REAL, sizeof(float), REAL, file), REAL);
    }
    fclose(file);
    rk_index_options options = options_of(RK_INDEX_COSINE);
    options.m = 16;
    options.ef_construction = 100;
    w.index = build(&w, &options);
    static hits exact, found;
    search(&w, (rk_index_query){.exact = true}, &exact);
    ck_assert(!search(&w, (rk_index_query){.ef = 80}, &found).scanned);
    ck_assert_msg(recall(&exact, &found) > 0.95, "%.3f", recall(&exact, &found));
    world_free(&w);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("index_search");
    TCase *const metrics = tcase_create("metrics"), *const once = tcase_create("once");
    tcase_set_timeout(metrics, 120);
    tcase_set_timeout(once, 120);
    tcase_add_loop_test(metrics, filters_keep_recall, 0, RK_INDEX_METRIC_COUNT);
    tcase_add_loop_test(metrics, batches_change_nothing, 0, RK_INDEX_METRIC_COUNT);
    tcase_add_test(once, the_order_of_input_is_nothing);
    tcase_add_test(once, a_rule_picks_the_way);
    tcase_add_test(once, bits_are_counted);
    tcase_add_test(once, a_sample_is_asked);
    tcase_add_test(once, products_that_vanish);
    tcase_add_test(once, links_that_lead_nowhere);
    tcase_add_test(once, few_vectors_have_no_graph);
    tcase_add_test(once, real_vectors);
    suite_add_tcase(suite, metrics);
    suite_add_tcase(suite, once);
    return rk_suite_run(suite);
}
