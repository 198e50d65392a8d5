/* Exact search is what scoring every vector by the contract and sorting would give: rows, order and
 * bits of scores, on all levels, in batches of any size, with filters, over plain and degenerate
 * data; it scores few and, warm, allocates nothing. The program is linked with --wrap=malloc and
 * its kin. */
#include <float.h>
#include <math.h>
#include <pthread.h>

#include "runtime/index/build.h"
#include "tests/unit/harness.h"
#include "tests/unit/index_naive.h"

/* As ck_assert, for what is asked very often: that writes a line each time. */
#define ENSURE(condition)                                                                          \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ck_abort_msg("%s", #condition);                                                        \
    } while (0)

static unsigned long allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

static void count(void) { __atomic_fetch_add(&allocations, 1, __ATOMIC_RELAXED); }

void *__wrap_malloc(size_t size)
{
    count();
    return __real_malloc(size);
}
void *__wrap_calloc(size_t n, size_t size)
{
    count();
    return __real_calloc(n, size);
}
void *__wrap_realloc(void *old, size_t size)
{
    count();
    return __real_realloc(old, size);
}

/* Kinds of data. */
enum { PLAIN, COARSE, NORMS, HUGE_NORMS, TINY, EQUAL, ZEROS, DOUBLES, WILD, KINDS };

static float number(int kind, uint32_t i, uint32_t k)
{
    switch (kind) {
    case COARSE: /* many equal scores */
        return (float)draw(3) - 1;
    case NORMS:
        return uniform() * ldexpf(1, (int)(i % 40) - 20);
    case HUGE_NORMS: /* scores that overflow */
        return uniform() * (i % 2 ? FLT_MAX : 1e20f);
    case TINY:
        return uniform() * 1e-30f;
    case EQUAL:
        return (float)(k % 7) * 0.1f;
    case ZEROS:
        return i % 3 ? uniform() : 0;
    case WILD:
        return uniform() * ldexpf(1, (int)(i % 250) - 125);
    default:
        return uniform() + 1;
    }
}

static float *vectors_new(uint32_t n, uint32_t dim, int kind)
{
    float *const x = malloc((size_t)(n + 1) * dim * sizeof *x);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t from = kind == DOUBLES && i > 9 ? draw(10) : i;
        for (uint32_t k = 0; k < dim; k++)
            x[i * dim + k] = from != i ? x[from * dim + k] : number(kind, i, k);
    }
    return x;
}

/* ---- what is right ---- */

static bool passes(const uint64_t *passing, uint32_t row)
{
    return !passing || (passing[row / 64] >> row % 64 & 1);
}

/* Fills hits[n] in order; returns how many pass. vectors by row. */
static uint32_t naive(const rk_index *index, const float *query, const uint64_t *passing, hit *hits)
{
    uint32_t n = 0;
    for (uint32_t row = 0; row < index->n; row++)
        if (passes(passing, row))
            hits[n++] = (hit){
                score_of(index->metric, query, index->vectors + row * index->dim, index->dim), row};
    qsort(hits, n, sizeof *hits, by_score);
    return n;
}

/* ---- asking ---- */

typedef struct lab {
    rk_index *index;
    float *queries;
    uint32_t n_queries, k;
    uint64_t *passing; /* NULL: all; bits beyond the rows may be set */
    uint32_t *rows, *counts;
    float *scores;
} lab;

static rk_status pass(void *user, const rk_index_rows *rows, uint64_t *out)
{
    const lab *const lab = user;
    ENSURE(rows->n >= 1 && rows->n <= 1024);
    for (uint32_t i = 0; i < rows->n; i++)
        out[i / 64] |= (uint64_t)passes(lab->passing, rk_index_rows_at(rows, i)) << i % 64;
    return RK_OK;
}

static rk_status pass_all(void *user, uint64_t *passing)
{
    const lab *const lab = user;
    memcpy(passing, lab->passing, ((size_t)lab->index->n + 7) / 8);
    return RK_OK;
}

static rk_index *index_new(const float *vectors, uint32_t n, uint32_t dim, rk_index_metric metric)
{
    rk_index *index;
    uint32_t doubled;
    const rk_index_input input = {.vectors = vectors, .n = n, .dim = dim};
    const rk_index_options options = {.kind = RK_INDEX_FLAT, .metric = metric};
    ck_assert_int_eq(rk_index_build(&input, &options, &index, &doubled), RK_OK);
    return index;
}

static lab lab_new(uint32_t n, uint32_t dim, rk_index_metric metric, int kind)
{
    enum { QUERIES = 40 };
    lab lab = {.n_queries = QUERIES};
    float *const x = vectors_new(n, dim, kind);
    lab.index = index_new(x, n, dim, metric);
    lab.queries = vectors_new(QUERIES, dim, kind);
    if (n > 0) /* one that is there */
        memcpy(lab.queries, x + draw(n) * dim, dim * sizeof *x);
    memset(lab.queries + dim, 0, dim * sizeof *x);
    lab.queries[2 * dim] = NAN;
    lab.queries[4 * dim - 1] = -INFINITY;
    for (uint32_t k = 0; k < dim; k++) {
        lab.queries[4 * dim + k] = FLT_MAX;
        lab.queries[5 * dim + k] *= 1e-25f;
    }
    free(x);
    lab.rows = malloc(QUERIES * (n + 10) * sizeof *lab.rows);
    lab.scores = malloc(QUERIES * (n + 10) * sizeof *lab.scores);
    lab.counts = malloc(QUERIES * sizeof *lab.counts);
    return lab;
}

static void lab_free(lab *lab)
{
    rk_index_free(lab->index);
    free(lab->queries);
    free(lab->passing);
    free(lab->rows);
    free(lab->scores);
    free(lab->counts);
}

/* Batches of that size; a filter is asked, for batches or for all, or its bits are given. */
static void ask(const lab *lab, rk_index_scratch *scratch, uint32_t batch)
{
    const rk_index_filter filter = {.user = (void *)(uintptr_t)lab,
                                    .pass = pass,
                                    .all = draw(2) ? pass_all : NULL,
                                    .bits = draw(2) ? lab->passing : NULL};
    for (uint32_t from = 0; from < lab->n_queries; from += batch) {
        const uint32_t left = lab->n_queries - from;
        const rk_index_query query = {.vectors = lab->queries + from * lab->index->dim,
                                      .n = left < batch ? left : batch,
                                      .k = lab->k,
                                      .filter = lab->passing ? &filter : NULL};
        const rk_index_hits hits = {lab->rows + from * lab->k, lab->scores + from * lab->k,
                                    lab->counts + from};
        ck_assert_int_eq(rk_index_search(lab->index, scratch, &query, &hits), RK_OK);
    }
}

static void check(const lab *lab, const hit *right, const uint32_t *n_right)
{
    const uint32_t k = lab->k, n = lab->index->n;
    for (uint32_t q = 0; q < lab->n_queries; q++) {
        const uint32_t found = n_right[q] < k ? n_right[q] : k;
        ck_assert_uint_eq(lab->counts[q], found);
        for (uint32_t i = 0; i < k; i++) {
            const uint32_t row = lab->rows[q * k + i];
            ENSURE(row == (i < found ? right[q * n + i].row : RK_INDEX_NONE));
            ENSURE(i >= found || same(lab->scores[q * k + i], right[q * n + i].score));
        }
    }
}

/* All levels, batches and k for what the lab has. */
static void check_all(lab *lab, bool thorough)
{
    const uint32_t n = lab->index->n, dim = lab->index->dim;
    hit *const right = malloc((lab->n_queries * n + 1) * sizeof *right);
    uint32_t n_right[64];
    for (uint32_t q = 0; q < lab->n_queries; q++) {
        const float *const query = lab->queries + q * dim;
        const bool finite = rk_index_is_finite(query, dim);
        ck_assert(finite == (q != 2 && q != 3));
        n_right[q] = finite ? naive(lab->index, query, lab->passing, right + q * n) : 0;
    }
    const uint32_t ks[] = {0, 1, 10, n / 5, n, n + 9}, batches[] = {1, 7, 40};
    for (int level = RK_CPU_SCALAR; level <= (int)rk_cpu_best(); level++) {
        rk_index_scratch *const scratch = rk_index_scratch_new((rk_cpu_level)level);
        ck_assert_ptr_nonnull(scratch);
        /* without vectors a product takes ten times as long, and tiles there are none */
        const uint32_t n_batches = level == RK_CPU_SCALAR ? 1 : 3;
        for (uint32_t b = 0; b < n_batches; b++)
            for (uint32_t i = 0; i < (thorough ? 6 : 2); i++) {
                lab->k = ks[thorough ? i : draw(6)];
                ask(lab, scratch, batches[n_batches == 1 ? draw(3) : b]);
                check(lab, right, n_right);
            }
        rk_index_scratch_free(scratch);
    }
    free(right);
}

START_TEST(as_scoring_everything)
{
    static const uint32_t dims[] = {2, 3, 17, 48, 64, 100};
    for (size_t d = 0; d < sizeof dims / sizeof *dims; d++)
        for (int metric = 0; metric < RK_INDEX_METRIC_COUNT; metric++)
            for (int kind = 0; kind < KINDS; kind++) {
                lab lab = lab_new(300 + draw(500), dims[d], (rk_index_metric)metric, kind);
                check_all(&lab, d == 3);
                lab_free(&lab);
            }
}
END_TEST

START_TEST(of_any_size)
{
    static const uint32_t sizes[] = {0, 1, 2, 63, 64, 65, 255, 256, 257, 1023, 1024, 1025, 2100};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        lab lab = lab_new(sizes[i], 5, (rk_index_metric)(i % 3), i % 2 ? PLAIN : COARSE);
        check_all(&lab, false);
        lab_free(&lab);
    }
}
END_TEST

/* Enough for limits to fall, so that most is left out. */
START_TEST(of_many)
{
    for (int kind = 0; kind < KINDS; kind++) {
        lab lab =
            lab_new(2000 + draw(2000), 10 + draw(90), (rk_index_metric)((kind + 1) % 3), kind);
        check_all(&lab, false);
        lab_free(&lab);
    }
}
END_TEST

START_TEST(of_any_dimension)
{
    static const uint32_t dims[] = {112, 113, 128, 333, 768, 784, 1024, 2049, 4096};
    for (size_t d = 0; d < sizeof dims / sizeof *dims; d++)
        for (int metric = 0; metric < RK_INDEX_METRIC_COUNT; metric++) {
            lab lab = lab_new(270, dims[d], (rk_index_metric)metric, d % 2 ? PLAIN : NORMS);
            check_all(&lab, false);
            lab_free(&lab);
        }
}
END_TEST

START_TEST(what_passes)
{
    static const uint32_t parts[] = {1, 2, 10, 300, 100000};
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
        for (int kind = 0; kind < KINDS; kind++) {
            lab lab = lab_new(2500, 20, (rk_index_metric)(kind % 3), kind);
            lab.passing = calloc(2500 / 64 + 1, sizeof *lab.passing);
            lab.passing[2500 / 64] = ~UINT64_C(0) << 2500 % 64;
            for (uint32_t row = 0; row < 2500; row++)
                if (draw(parts[p]) == 0 && parts[p] < 100000)
                    lab.passing[row / 64] |= UINT64_C(1) << row % 64;
            check_all(&lab, false);
            lab_free(&lab);
        }
}
END_TEST

/* ---- many at once, threads, failures ---- */

START_TEST(a_thousand_are_as_one)
{
    enum { MANY = 1500, K = 5, DIM = 30, N = 3000 };
    float *const x = vectors_new(N, DIM, COARSE), *const queries = vectors_new(MANY, DIM, PLAIN);
    rk_index *const index = index_new(x, N, DIM, RK_INDEX_COSINE);
    rk_index_scratch *const scratch = rk_index_scratch_new(rk_cpu_best());
    uint32_t *const rows = malloc(2 * MANY * K * sizeof *rows);
    rk_index_query query = {.vectors = queries, .n = MANY, .k = K};
    ck_assert_int_eq(rk_index_search(index, scratch, &query, &(rk_index_hits){.rows = rows}),
                     RK_OK);
    ck_assert(rk_index_last(scratch).scanned);
    ck_assert_uint_eq(rk_index_last(scratch).n_distances, (uint64_t)MANY * N);
    for (uint32_t i = 0; i < MANY; i++) {
        query.vectors = queries + i * DIM;
        query.n = 1;
        const rk_index_hits hits = {.rows = rows + (MANY + i) * K};
        ck_assert_int_eq(rk_index_search(index, scratch, &query, &hits), RK_OK);
    }
    ck_assert(memcmp(rows, rows + MANY * K, MANY * K * sizeof *rows) == 0);
    rk_index_scratch_free(scratch);
    rk_index_free(index);
    free(rows);
    free(x);
    free(queries);
}
END_TEST

START_TEST(few_are_scored_and_nothing_is_allocated)
{
    enum { N = 5000, DIM = 40, K = 10, MANY = 50 };
    float *const x = vectors_new(N, DIM, PLAIN), *const queries = vectors_new(MANY, DIM, PLAIN);
    uint32_t *const rows = malloc(MANY * K * sizeof *rows);
    for (int metric = 0; metric < RK_INDEX_METRIC_COUNT; metric++) {
        rk_index *const index = index_new(x, N, DIM, (rk_index_metric)metric);
        rk_index_scratch *const scratch = rk_index_scratch_new(rk_cpu_best());
        const rk_index_hits hits = {.rows = rows};
        rk_index_query query = {.vectors = queries, .n = MANY, .k = K};
        for (int round = 0; round < 6; round++) {
            query.n = round % 2 ? 1 : MANY;
            const unsigned long before = allocations;
            const rk_status status = rk_index_search(index, scratch, &query, &hits);
            const unsigned long after = allocations;
            ck_assert_int_eq(status, RK_OK);
            ck_assert(round < 2 || after == before);
            const rk_index_stats stats = rk_index_last(scratch);
            ck_assert(stats.n_scored >= query.n * K && stats.n_scored <= query.n * 4 * K);
        }
        rk_index_scratch_free(scratch);
        rk_index_free(index);
    }
    free(rows);
    free(x);
    free(queries);
}
END_TEST

typedef struct thread {
    const rk_index *index;
    const float *queries;
    uint32_t rows[20 * 10];
} thread;

static void *search_alone(void *user)
{
    thread *const t = user;
    rk_index_scratch *const scratch = rk_index_scratch_new(rk_cpu_best());
    const rk_index_query query = {.vectors = t->queries, .n = 20, .k = 10};
    for (int i = 0; i < 20; i++)
        if (rk_index_search(t->index, scratch, &query, &(rk_index_hits){.rows = t->rows}) != RK_OK)
            abort();
    rk_index_scratch_free(scratch);
    return NULL;
}

START_TEST(threads_share_an_index)
{
    float *const x = vectors_new(5000, 40, PLAIN), *const queries = vectors_new(20, 40, PLAIN);
    rk_index *const index = index_new(x, 5000, 40, RK_INDEX_L2);
    thread threads[3];
    pthread_t ids[3];
    for (int i = 0; i < 3; i++) {
        threads[i].index = index;
        threads[i].queries = queries;
        ck_assert_int_eq(pthread_create(&ids[i], NULL, search_alone, &threads[i]), 0);
    }
    for (int i = 0; i < 3; i++)
        pthread_join(ids[i], NULL);
    ck_assert(memcmp(threads[0].rows, threads[1].rows, sizeof threads[0].rows) == 0);
    ck_assert(memcmp(threads[0].rows, threads[2].rows, sizeof threads[0].rows) == 0);
    rk_index_free(index);
    free(x);
    free(queries);
}
END_TEST

static rk_status refuse(void *user, const rk_index_rows *rows, uint64_t *out)
{
    (void)user, (void)rows, (void)out;
    return RK_ELIMIT;
}

START_TEST(it_stops)
{
    float *const x = vectors_new(3000, 8, PLAIN);
    rk_index *const index = index_new(x, 3000, 8, RK_INDEX_DOT);
    rk_index_scratch *const scratch = rk_index_scratch_new(rk_cpu_best());
    uint32_t rows[10];
    rk_flag stop = true;
    const rk_index_filter filter = {.pass = refuse};
    rk_index_query query = {.vectors = x, .n = 1, .k = 10, .stop = &stop};
    const rk_index_hits hits = {.rows = rows};
    ck_assert_int_eq(rk_index_search(index, scratch, &query, &hits), RK_ESTOP);
    query.stop = NULL;
    query.filter = &filter;
    ck_assert_int_eq(rk_index_search(index, scratch, &query, &hits), RK_ELIMIT);
    rk_index *none;
    uint32_t doubled;
    const rk_index_options options = {.metric = RK_INDEX_L2, .stop = &stop};
    const rk_index_input input = {.vectors = x, .n = 3000, .dim = 8};
    ck_assert_int_eq(rk_index_build(&input, &options, &none, &doubled), RK_ESTOP);
    ck_assert_ptr_null(none);
    rk_index_scratch_free(scratch);
    rk_index_free(index);
    free(x);
}
END_TEST

/* ---- building ---- */

/* A shuffled set with ids, and what they are by row. */
enum { SHUFFLED = 1000, DIM = 6 };

static void shuffle(uint32_t *order)
{
    for (uint32_t i = 0; i < SHUFFLED; i++)
        order[i] = i;
    for (uint32_t i = SHUFFLED - 1; i > 0; i--) {
        const uint32_t j = draw(i + 1), swap = order[i];
        order[i] = order[j];
        order[j] = swap;
    }
}

START_TEST(rows_ascend_by_id)
{
    float *const x = vectors_new(SHUFFLED, DIM, PLAIN);
    rk_index *const plain = index_new(x, SHUFFLED, DIM, RK_INDEX_COSINE);
    ck_assert(!plain->ids.text && !plain->ids.numbers);
    float y[SHUFFLED * DIM];
    int64_t numbers[SHUFFLED];
    rk_str texts[SHUFFLED];
    char chars[SHUFFLED][8];
    uint32_t order[SHUFFLED], doubled;
    shuffle(order);
    for (uint32_t i = 0; i < SHUFFLED; i++) {
        memcpy(y + i * DIM, x + order[i] * DIM, DIM * sizeof *y);
        numbers[i] = (int64_t)order[i] * 3 - 700;
        texts[i] = (rk_str){chars[i], (size_t)snprintf(chars[i], 8, "%05u", order[i])};
    }
    texts[7].len = order[7] == 0 ? 0 : texts[7].len;
    for (int kind = 0; kind < 2; kind++) {
        rk_index *index;
        rk_index_input input = {.vectors = y, .n = SHUFFLED, .dim = DIM};
        input.numbers = kind == 0 ? numbers : NULL;
        input.texts = kind == 1 ? texts : NULL;
        const rk_index_options options = {.metric = RK_INDEX_COSINE, .threads = 1};
        ck_assert_int_eq(rk_index_build(&input, &options, &index, &doubled), RK_OK);
        ck_assert(memcmp(index->vectors, plain->vectors, SHUFFLED * DIM * sizeof(float)) == 0);
        ck_assert(memcmp(index->codes, plain->codes, SHUFFLED * plain->stride) == 0);
        ck_assert(memcmp(index->mean, plain->mean, DIM * sizeof(float)) == 0);
        for (uint32_t row = 0; row < SHUFFLED; row++)
            if (kind == 0) {
                ck_assert_int_eq(index->ids.numbers[row], (int64_t)row * 3 - 700);
            } else {
                char want[8];
                snprintf(want, sizeof want, "%05u", row);
                const uint64_t *const at = index->ids.offsets + row;
                ck_assert(index->ids.text && at[1] - at[0] == 5);
                ck_assert(memcmp(index->ids.bytes + at[0], want, 5) == 0);
            }
        rk_index_free(index);
    }
    rk_index_free(plain);
    free(x);
}
END_TEST

START_TEST(ids_that_are_equal)
{
    const float x[4][2] = {{1, 2}, {3, 4}, {5, 6}, {7, 8}};
    const int64_t numbers[4] = {5, -1, 9, 5};
    const rk_str texts[4] = {RK_STR("a"), RK_STR(""), RK_STR("b"), RK_STR("")};
    rk_index *index;
    uint32_t doubled = 0;
    rk_index_input input = {.vectors = x[0], .n = 4, .dim = 2, .numbers = numbers};
    const rk_index_options options = {.metric = RK_INDEX_L2};
    ck_assert_int_eq(rk_index_build(&input, &options, &index, &doubled), RK_EDATA);
    ck_assert_uint_eq(doubled, 3);
    input.numbers = NULL;
    input.texts = texts;
    doubled = 0;
    ck_assert_int_eq(rk_index_build(&input, &options, &index, &doubled), RK_EDATA);
    ck_assert_uint_eq(doubled, 3);
    input.n = 3;
    ck_assert_int_eq(rk_index_build(&input, &options, &index, &doubled), RK_OK);
    ck_assert(index->ids.text && index->ids.offsets[1] == 0 && index->ids.offsets[3] == 2);
    ck_assert(index->vectors[0] == 3 && index->vectors[2] == 1);
    rk_index_free(index);
}
END_TEST

START_TEST(what_cannot_be_built)
{
    const float x[2] = {1, 2};
    rk_index *index;
    uint32_t doubled;
    rk_index_input input = {.vectors = x, .n = 1, .dim = 1};
    rk_index_options options = {.metric = RK_INDEX_L2};
    ck_assert_int_eq(rk_index_build(&input, &options, &index, &doubled), RK_EUSAGE);
    input.dim = RK_INDEX_MAX_DIM + 1;
    ck_assert_int_eq(rk_index_build(&input, &options, &index, &doubled), RK_EUSAGE);
    input.dim = 2;
    options.m = 1;
    ck_assert_int_eq(rk_index_build(&input, &options, &index, &doubled), RK_EUSAGE);
    options.m = 0;
    options.ef_construction = RK_INDEX_MAX_EF + 1;
    ck_assert_int_eq(rk_index_build(&input, &options, &index, &doubled), RK_EUSAGE);
    ck_assert(rk_index_is_finite(x, 2));
    ck_assert(!rk_index_is_finite((float[]){1, NAN, 2}, 3));
    ck_assert(!rk_index_is_finite((float[]){-INFINITY, 2}, 2));
}
END_TEST

START_TEST(the_same_whoever_builds)
{
    enum { N = 70000, MUCH = 3 };
    float *const x = vectors_new(N, MUCH, PLAIN);
    rk_index *indexes[2];
    uint32_t doubled;
    const rk_index_input input = {.vectors = x, .n = N, .dim = MUCH};
    for (uint32_t i = 0; i < 2; i++) {
        const rk_index_options options = {.metric = RK_INDEX_COSINE,
                                          .threads = 1 + 3 * i,
                                          .cpu = i ? rk_cpu_best() : RK_CPU_SCALAR};
        ck_assert_int_eq(rk_index_build(&input, &options, &indexes[i], &doubled), RK_OK);
    }
    ck_assert(memcmp(indexes[0]->mean, indexes[1]->mean, MUCH * sizeof(float)) == 0);
    ck_assert(memcmp(indexes[0]->codes, indexes[1]->codes, N * indexes[0]->stride) == 0);
    rk_index_free(indexes[0]);
    rk_index_free(indexes[1]);
    free(x);
}
END_TEST

START_TEST(names)
{
    rk_index_metric metric;
    ck_assert(rk_index_metric_parse(RK_STR("cosine"), &metric) && metric == RK_INDEX_COSINE);
    ck_assert(!rk_index_metric_parse(RK_STR("cosines"), &metric));
    ck_assert_str_eq(rk_index_metric_name(RK_INDEX_L2), "l2");
    ck_assert_str_eq(rk_index_kind_name(RK_INDEX_HNSW), "hnsw");
}
END_TEST

RK_SUITE_MAIN("index_flat", as_scoring_everything, of_any_size, of_many, of_any_dimension,
              what_passes, a_thousand_are_as_one, few_are_scored_and_nothing_is_allocated,
              threads_share_an_index, it_stops, rows_ascend_by_id, ids_that_are_equal,
              what_cannot_be_built, the_same_whoever_builds, names)
