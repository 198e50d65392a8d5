/* The spread of a set (graph_spread.h): what is measured, against plain loops; that neither threads
 * nor level change it; and that searches which go by it find as much by fewer looks where some
 * neighbours stand out and others do not. */
#include "runtime/index/graph_spread.h"

#include <math.h>

#include "runtime/index/graph.h"
#include "tests/unit/harness.h"
#include "tests/unit/index_naive.h"

enum { K = 10, ROWS = 20000, DIM = 12, QUERIES = 200, SAMPLED = 128, TWINS = 0 };

static float vectors[(ROWS + QUERIES) * DIM]; /* the last are asked for */

/* Half of them about centres of 30, the others about one; the same vector `equal` times, or TWINS:
 * each twice. */
static rk_index *build(rk_index_metric metric, uint32_t equal, uint32_t threads)
{
    float centres[ROWS / 30][DIM];
    state = 3;
    for (uint32_t i = 0; i < ROWS / 30; i++)
        for (uint32_t j = 0; j < DIM; j++)
            centres[i][j] = 4 * normal();
    for (uint32_t i = 0; i < ROWS + QUERIES; i++) {
        const uint32_t centre = draw(ROWS / 30);
        for (uint32_t j = 0; j < DIM; j++)
            vectors[i * DIM + j] = i % 2 ? 4 * normal() : centres[centre][j] + 0.05f * normal();
    }
    for (uint32_t i = 1; i < equal; i++)
        memcpy(vectors + i * DIM, vectors, DIM * sizeof *vectors);
    for (uint32_t i = 0; equal == TWINS && i < ROWS / 2; i++)
        memcpy(vectors + (i + ROWS / 2) * DIM, vectors + i * DIM, DIM * sizeof *vectors);
    const rk_index_input input = {.vectors = vectors, .n = ROWS, .dim = DIM};
    const rk_index_options options = {.kind = RK_INDEX_HNSW,
                                      .metric = metric,
                                      .m = 8,
                                      .ef_construction = 60,
                                      .threads = threads,
                                      .cpu = rk_cpu_best()};
    rk_index *index;
    uint32_t doubled;
    ck_assert_int_eq(rk_index_build(&input, &options, &index, &doubled), RK_OK);
    return index;
}

static int by_size(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Squared distances from a place to all others by their codes, ascending; of products, what the
 * length of the longest code is above them, for a query of length 1. */
static void distances_from(const rk_index *index, uint32_t place, float *out)
{
    static _Alignas(64) int8_t room[RK_INDEX_MAX_DIM + 64];
    static float all[ROWS];
    rk_coded query;
    float own = 0, by = 1;
    if (index->metric == RK_INDEX_DOT) {
        rk_code_query(index, index->vectors + (size_t)place * DIM, room, &query);
        by = 1 / sqrtf(query.square);
        for (uint32_t i = 0; i < ROWS; i++)
            own =
                fmaxf(own, rk_code_tail_of(index->codes + i * index->stride, index->stride).length);
    } else {
        rk_code_query_at(index, place, room, &query);
        own = rk_code_own(index, place);
    }
    rk_code_ops_get(RK_CPU_SCALAR)->following(&query, index->codes, ROWS, all);
    uint32_t n = 0;
    for (uint32_t i = 0; i < ROWS; i++)
        if (i != place)
            out[n++] = fmaxf(all[i] * by + own, 0);
    qsort(out, n, sizeof *out, by_size);
}

START_TEST(is_the_median)
{
    static float ranked[SAMPLED][ROWS];
    rk_index *const index = build((rk_index_metric)_i, 1, 1);
    for (uint32_t i = 0; i < SAMPLED; i++)
        distances_from(index, (uint32_t)((uint64_t)i * ROWS / SAMPLED), ranked[i]);
    for (uint32_t rank = 0; rank < RK_INDEX_SPREAD; rank++) {
        float found[SAMPLED], want = 0;
        for (uint32_t i = 0; i < SAMPLED && (2u << rank) < ROWS; i++)
            found[i] = ranked[i][(1u << rank) - 1];
        if ((2u << rank) < ROWS) {
            qsort(found, SAMPLED, sizeof *found, by_size);
            want = found[SAMPLED / 2];
        }
        ck_assert_msg(index->spread[rank] == want, "rank %u: %g, not %g", rank,
                      (double)index->spread[rank], (double)want);
    }
    rk_index_free(index);
}
END_TEST

START_TEST(the_same_everywhere)
{
    rk_index *const index = build(RK_INDEX_L2, 1, 4);
    for (int cpu = RK_CPU_SCALAR; cpu <= RK_CPU_V4; cpu++)
        for (uint32_t threads = 1; threads < 4 && rk_cpu_has((rk_cpu_level)cpu); threads++) {
            rk_index again = *index;
            const rk_index_options options = {.threads = threads, .cpu = (rk_cpu_level)cpu};
            ck_assert_int_eq(rk_spread_make(&again, &options), RK_OK);
            ck_assert_mem_eq(again.spread, index->spread, sizeof again.spread);
        }
    rk_index again = *index;
    rk_flag stop = true;
    const rk_index_options options = {.cpu = rk_cpu_best(), .stop = &stop};
    ck_assert_int_eq(rk_spread_make(&again, &options), RK_ESTOP);
    rk_index_free(index);
}
END_TEST

/* Squares that float does not hold count as the most that it does. */
START_TEST(far_apart)
{
    rk_index *const index = build(RK_INDEX_L2, 1, 1);
    float *const large = malloc(sizeof vectors);
    for (uint32_t i = 0; i < ROWS * DIM; i++)
        large[i] = vectors[i] * 1e19f;
    const rk_index_input input = {.vectors = large, .n = ROWS, .dim = DIM};
    const rk_index_options options = {
        .kind = RK_INDEX_HNSW, .metric = RK_INDEX_L2, .m = 8, .cpu = rk_cpu_best()};
    rk_index *far;
    uint32_t doubled;
    ck_assert_int_eq(rk_index_build(&input, &options, &far, &doubled), RK_OK);
    ck_assert(rk_spread_is_sane(far->spread));
    for (uint32_t i = 0; i + 1 < RK_INDEX_SPREAD && (4u << i) < ROWS; i++)
        ck_assert(far->spread[i] <= far->spread[i + 1]);
    rk_index_free(far);
    rk_index_free(index);
    free(large);
}
END_TEST

START_TEST(ratios)
{
    rk_index index = {.metric = RK_INDEX_L2, .spread = {1, 2, 3, 5, 5}};
    ck_assert(rk_spread_ratio(&index, 1, 2) == 2);
    ck_assert(rk_spread_ratio(&index, 1, 3) == 2.5f);
    ck_assert(rk_spread_ratio(&index, 2, 6) == 2);
    ck_assert(rk_spread_ratio(&index, 8, 16) == 1);
    ck_assert(rk_spread_ratio(&index, 8, 12) == 1);
    /* nothing is known, or it says nothing */
    ck_assert(rk_spread_ratio(&index, 1, 17) == 0);
    ck_assert(rk_spread_ratio(&index, 20, 40) == 0);
    ck_assert(rk_spread_ratio(&index, 1, UINT32_MAX) == 0);
    ck_assert(rk_spread_ratio(&index, 0, 4) == 0);
    ck_assert(rk_spread_ratio(&index, 4, 4) == 0);
    ck_assert(rk_spread_ratio(&index, 5, 4) == 0);
    index.metric = RK_INDEX_DOT;
    ck_assert(rk_spread_ratio(&index, 4, 8) == 0 && rk_spread_between(&index, 4, 8) == 0);
    ck_assert(rk_spread_apart(&index, 4, 8) == 2 && rk_spread_apart(&index, 6, 3) == -1.5f);
    ck_assert(rk_spread_apart(&index, 4, 17) == 0);
    index.metric = RK_INDEX_L2;
    ck_assert(rk_spread_ratio(&index, 4, 8) > 1 && rk_spread_apart(&index, 4, 8) == 0);
    ck_assert(rk_spread_between(&index, 1, 1.5f) == 1.5f);
    ck_assert(rk_spread_between(&index, 6, 1) == 0.25f);
    ck_assert(rk_spread_between(&index, 3, 3) == 1);
    ck_assert(rk_spread_between(&index, 0.5f, 3) == 0);
    ck_assert(rk_spread_between(&index, 3, 17) == 0);
    index.spread[0] = 0;
    ck_assert(rk_spread_ratio(&index, 1, 2) == 0);
    index.spread[0] = 3; /* a file may say so */
    ck_assert(rk_spread_ratio(&index, 1, 2) == 0);
    ck_assert(rk_spread_between(&index, 2, 1) == 0);
    ck_assert(rk_spread_apart(&index, 1, 2) == 0);
    for (int i = 0; i < RK_INDEX_SPREAD; i++)
        index.spread[i] = (float)(i + 1);
    ck_assert(rk_spread_ratio(&index, 1, 1u << (RK_INDEX_SPREAD - 1)) == RK_INDEX_SPREAD);
    ck_assert(rk_spread_ratio(&index, 1, (1u << (RK_INDEX_SPREAD - 1)) + 1) == 0);
    ck_assert(rk_spread_is_sane(index.spread));
    static const float wild[] = {-1, INFINITY, NAN};
    for (int i = 0; i < 3; i++) {
        index.spread[3] = wild[i];
        ck_assert(!rk_spread_is_sane(index.spread));
    }
}
END_TEST

/* Recall at K and looks of all queries. */
static double search(const rk_index *index, uint32_t ef, uint64_t *looks)
{
    static uint32_t exact[QUERIES * K], found[QUERIES * K];
    rk_index_scratch *const scratch = rk_index_scratch_new(rk_cpu_best());
    uint32_t both = 0;
    *looks = 0;
    for (uint32_t q = 0; q < QUERIES; q++) {
        rk_index_query query = {
            .vectors = vectors + (ROWS + q) * DIM, .n = 1, .k = K, .ef = ef, .exact = true};
        ck_assert_int_eq(
            rk_index_search(index, scratch, &query, &(rk_index_hits){.rows = exact + q * K}),
            RK_OK);
        query.exact = false;
        ck_assert_int_eq(
            rk_index_search(index, scratch, &query, &(rk_index_hits){.rows = found + q * K}),
            RK_OK);
        ck_assert(!rk_index_last(scratch).scanned);
        *looks += rk_index_last(scratch).n_distances;
        for (uint32_t i = 0; i < K * K; i++)
            both += found[q * K + i / K] == exact[q * K + i % K];
    }
    rk_index_scratch_free(scratch);
    return (double)both / (QUERIES * K);
}

START_TEST(finds_as_much_by_less)
{
    rk_index *const index = build((rk_index_metric)_i, 1, 1);
    rk_index plain = *index;
    memset(plain.spread, 0, sizeof plain.spread);
    uint64_t looks, looks_plain, looks_wide;
    const double r = search(index, 40, &looks);
    uint32_t ef = 40; /* that a plain walk needs for as much */
    while (search(&plain, ef, &looks_plain) < r)
        ef += 5;
    ck_assert_msg(r > (_i == RK_INDEX_DOT ? 0.9 : 0.95) && looks < looks_plain,
                  "%.4f; %llu, %llu with ef %u", r, (unsigned long long)looks,
                  (unsigned long long)looks_plain, ef);
    /* a wider search finds more still */
    const double wide = search(index, 120, &looks_wide);
    ck_assert(wide >= r && wide > 0.98 && looks_wide > looks);
    /* and one that keeps no more than it looks for is what it was */
    ck_assert(search(index, K, &looks) == search(&plain, K, &looks_plain));
    ck_assert_uint_eq(looks, looks_plain);
    rk_index_free(index);
}
END_TEST

typedef struct tenth {
    uint32_t below; /* of 10 */
} tenth;

static rk_status pass_tenths(void *user, const rk_index_rows *rows, uint64_t *passing)
{
    const tenth *const t = user;
    for (uint32_t i = 0; i < rows->n; i++)
        passing[i / 64] |= (uint64_t)(rk_index_rows_at(rows, i) * 2654435761u % 10 < t->below)
                           << i % 64;
    return RK_OK;
}

/* Recall at K and looks of walks under a filter. */
static double filtered(const rk_index *index, uint32_t ef, uint32_t tenths, uint64_t *looks)
{
    tenth t = {tenths};
    const rk_index_filter filter = {.user = &t, .pass = pass_tenths};
    const rk_graph_walk walk = {.k = K,
                                .ef = ef,
                                .n_scored = K,
                                .filter = &filter,
                                .passing = ROWS / 10 * tenths,
                                .most = UINT64_MAX};
    rk_index_scratch *const scratch = rk_index_scratch_new(rk_cpu_best());
    rk_graph_room *const room = rk_graph_room_new(rk_cpu_best());
    uint32_t both = 0;
    *looks = 0;
    for (uint32_t q = 0; q < QUERIES; q++) {
        static _Alignas(64) int8_t bytes[RK_INDEX_MAX_DIM + 64];
        uint32_t exact[K];
        rk_coded coded;
        rk_graph_found found;
        const float *const vector = vectors + (ROWS + q) * DIM;
        const rk_index_query query = {
            .vectors = vector, .n = 1, .k = K, .exact = true, .filter = &filter};
        ck_assert_int_eq(rk_index_search(index, scratch, &query, &(rk_index_hits){.rows = exact}),
                         RK_OK);
        rk_code_query(index, vector, bytes, &coded);
        ck_assert_int_eq(rk_graph_search(index, room, &coded, &walk, &found), RK_OK);
        ck_assert_uint_eq(found.n, K);
        *looks += found.n_distances;
        for (uint32_t i = 0; i < K * K; i++)
            both += index->rows[found.places[i / K]] == exact[i % K];
    }
    rk_graph_room_free(room);
    rk_index_scratch_free(scratch);
    return (double)both / (QUERIES * K);
}

START_TEST(filtered_walks_end_by_distance)
{
    rk_index *const index = build(RK_INDEX_L2, 1, 1);
    rk_index plain = *index;
    memset(plain.spread, 0, sizeof plain.spread);
    static const uint32_t tenths[] = {9, 5, 1};
    for (int i = 0; i < 3; i++) {
        uint64_t looks, looks_plain;
        const double r = filtered(index, 40, tenths[i], &looks);
        uint32_t ef = 40; /* that a walk needs for as much when it ends by how many it followed */
        while (filtered(&plain, ef, tenths[i], &looks_plain) < r)
            ef += 10;
        ck_assert_msg(r > 0.9 && looks < looks_plain, "%u tenths: %.4f; %llu, %llu with ef %u",
                      tenths[i], r, (unsigned long long)looks, (unsigned long long)looks_plain, ef);
    }
    rk_index_free(index);
}
END_TEST

/* Where most are equal there is no ratio, and a few equal ones are found as before. */
START_TEST(equal_vectors)
{
    rk_index *most = build(RK_INDEX_L2, ROWS * 3 / 4, 1);
    ck_assert(most->spread[0] == 0 && rk_spread_ratio(most, K, 40) == 0);
    rk_index_free(most);
    rk_index *const index = build(RK_INDEX_L2, 25, 1);
    ck_assert(rk_spread_ratio(index, K, 40) > 1);
    rk_index_scratch *const scratch = rk_index_scratch_new(rk_cpu_best());
    uint32_t rows[20];
    const rk_index_query query = {.vectors = vectors, .n = 1, .k = 20, .ef = 60};
    ck_assert_int_eq(rk_index_search(index, scratch, &query, &(rk_index_hits){.rows = rows}),
                     RK_OK);
    for (uint32_t i = 0; i < 20; i++)
        ck_assert_uint_lt(rows[i], 25);
    rk_index_scratch_free(scratch);
    rk_index_free(index);
}
END_TEST

/* Whose nearest is itself once more, there are ratios beyond, and walks have room for them. */
START_TEST(twins)
{
    rk_index *const index = build((rk_index_metric)_i, TWINS, 1);
    ck_assert(index->spread[0] == 0 && rk_spread_ratio(index, K, 20) > 1);
    rk_index plain = *index;
    memset(plain.spread, 0, sizeof plain.spread);
    uint64_t looks, looks_plain;
    const double r = search(index, 20, &looks), without = search(&plain, 20, &looks_plain);
    ck_assert_msg(r >= without, "%.4f, without %.4f; %llu, %llu", r, without,
                  (unsigned long long)looks, (unsigned long long)looks_plain);
    rk_index_free(index);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("index_spread");
    TCase *const tests = tcase_create("spread");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, is_the_median, 0, RK_INDEX_METRIC_COUNT);
    tcase_add_test(tests, the_same_everywhere);
    tcase_add_test(tests, far_apart);
    tcase_add_test(tests, ratios);
    tcase_add_loop_test(tests, finds_as_much_by_less, 0, RK_INDEX_METRIC_COUNT);
    tcase_add_test(tests, filtered_walks_end_by_distance);
    tcase_add_test(tests, equal_vectors);
    tcase_add_loop_test(tests, twins, RK_INDEX_DOT + 1, RK_INDEX_METRIC_COUNT);
    suite_add_tcase(suite, tests);
    return rk_suite_run(suite);
}
