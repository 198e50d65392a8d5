/* Codes: what they stand for, the bounds in their tails, and that all kernels give the distance of
 * the header, to the bit. */
#include "runtime/index/codes.h"

#include <float.h>
#include <math.h>

#include "tests/unit/harness.h"
#include "tests/unit/index_naive.h"

enum { N = 23 };

/* Kinds of data. */
enum { PLAIN, NORMS, HUGE_NORMS, TINY, EQUAL, ZEROS, ONE, KINDS };

typedef struct lab {
    rk_index index;
    float *vectors, *mean;
    uint8_t *codes;
    int8_t *room;
} lab;

static float number(int kind, uint32_t i, uint32_t k)
{
    switch (kind) {
    case NORMS:
        return uniform() * ldexpf(1, (int)(i % 40) - 20);
    case HUGE_NORMS:
        return uniform() * FLT_MAX;
    case TINY:
        return uniform() * 1e-40f;
    case EQUAL:
        return (float)k;
    case ZEROS:
        return i % 3 ? uniform() : 0;
    default:
        return uniform() + 1;
    }
}

static double length_of(const lab *lab, const float *x)
{
    double square = 0;
    for (uint32_t k = 0; k < lab->index.dim; k++)
        square += (double)x[k] * (double)x[k];
    return sqrt(square);
}

/* What is coded of a vector is its numbers times this. */
static double by_of(const lab *lab, const float *x)
{
    const double length = length_of(lab, x);
    return lab->index.metric == RK_INDEX_COSINE && length > 0 ? 1 / length : 1;
}

static lab lab_new(uint32_t dim, rk_index_metric metric, int kind)
{
    const size_t stride = rk_code_stride(dim);
    ck_assert(stride % 64 == 0 && stride >= dim + sizeof(rk_code_tail));
    lab lab = {.index = {.metric = metric, .dim = dim, .n = kind == ONE ? 1 : N, .stride = stride}};
    lab.vectors = malloc(N * dim * sizeof *lab.vectors);
    lab.mean = malloc(dim * sizeof *lab.mean);
    lab.codes = aligned_alloc(64, N * stride);
    lab.room = aligned_alloc(64, stride);
    for (uint32_t i = 0; i < N; i++)
        for (uint32_t k = 0; k < dim; k++)
            lab.vectors[i * dim + k] = number(kind, i, k);
    double *const sums = calloc(dim, sizeof *sums);
    for (uint32_t i = 0; i < lab.index.n; i++) {
        const double by = by_of(&lab, lab.vectors + i * dim);
        for (uint32_t k = 0; k < dim; k++)
            sums[k] += (double)lab.vectors[i * dim + k] * by;
    }
    for (uint32_t k = 0; k < dim; k++)
        lab.mean[k] = (float)(sums[k] / lab.index.n);
    free(sums);
    lab.index.mean = lab.mean;
    for (uint32_t i = 0; i < N; i++)
        rk_code_vector(&lab.index, lab.vectors + i * dim, lab.codes + i * stride);
    lab.index.codes = lab.codes;
    return lab;
}

static void lab_free(lab *lab)
{
    free(lab->vectors);
    free(lab->mean);
    free(lab->codes);
    free(lab->room);
}

/* FLT_MAX stands for all that float does not hold. */
static bool within(double square, float bound)
{
    return bound == FLT_MAX || sqrt(square) <= (double)bound;
}

/* Whether row i has no cosine. */
static bool is_nothing(const lab *lab, uint32_t i)
{
    return lab->index.metric == RK_INDEX_COSINE &&
           length_of(lab, lab->vectors + i * lab->index.dim) == 0;
}

/* The codes of row i are within its tail's error of the vector. */
static void check_tail(const lab *lab, uint32_t i)
{
    const uint32_t dim = lab->index.dim;
    const uint8_t *const block = lab->codes + i * lab->index.stride;
    const rk_code_tail tail = rk_code_tail_of(block, lab->index.stride);
    const float *const x = lab->vectors + i * dim;
    const double by = by_of(lab, x);
    double error = 0, square = 0;
    for (uint32_t k = 0; k < dim; k++) {
        const double u = (double)tail.scale * (block[k] - 128);
        const double rest = (double)x[k] * by - (double)lab->mean[k] - u;
        error += rest * rest;
        square += u * u;
    }
    ck_assert(tail.scale > 0 && tail.scale < FLT_MAX && tail.square <= FLT_MAX / 4);
    ck_assert(within(error, tail.error) && within(square, tail.length));
    square += is_nothing(lab, i);
    if (square < (double)FLT_MAX / 8 && square > 1e-30)
        ck_assert(fabs((double)tail.square - square) <= 1e-6 * square);
    if (tail.error < FLT_MAX) /* half a step, and what is below FLT_MIN */
        ck_assert((double)tail.error <= (0.51 * (double)tail.scale + 1e-12) * sqrt((double)dim) +
                                            (double)FLT_MIN + 1e-12 * length_of(lab, x));
}

/* The header's words, from the bytes. */
static float expected(const lab *lab, const rk_coded *query, uint32_t place)
{
    const uint8_t *const block = lab->codes + place * lab->index.stride;
    const rk_code_tail tail = rk_code_tail_of(block, lab->index.stride);
    int32_t sum = 0;
    for (uint32_t k = 0; k < lab->index.dim; k++)
        sum += (block[k] - 128) * query->bytes[k];
    const volatile float product = query->factor * (float)sum, scaled = product * tail.scale;
    const volatile float square = query->by * tail.square;
    return square - scaled;
}

static void check_kernels(const lab *lab, const rk_coded *query)
{
    const rk_code_ops *ops[RK_CODE_OPS];
    const uint32_t n_ops = rk_code_ops_all(ops);
    uint32_t places[3 * N];
    float want[3 * N], got[3 * N + 1];
    for (uint32_t i = 0; i < 3 * N; i++) {
        places[i] = i < N ? i : draw(N);
        want[i] = expected(lab, query, places[i]);
        ck_assert(!isnan(want[i]));
    }
    for (uint32_t o = 0; o < n_ops; o++)
        for (uint32_t from = 0; from < 3 * N; from += 1 + draw(40)) {
            const uint32_t n = from == 0 ? 3 * N : draw(3 * N - from + 1);
            got[n] = 42;
            ops[o]->gathered(query, lab->codes, places + from, n, got);
            ck_assert(memcmp(got, want + from, n * sizeof *got) == 0 && got[n] == 42);
            if (from + n > N)
                continue;
            ops[o]->following(query, lab->codes + from * lab->index.stride, n, got);
            ck_assert(memcmp(got, want + from, n * sizeof *got) == 0 && got[n] == 42);
        }
}

/* All levels code alike, to the bit. */
static void check_coding(const lab *lab, const float *x)
{
    const uint32_t dim = lab->index.dim;
    static _Alignas(64) int8_t want[RK_INDEX_MAX_DIM], got[RK_INDEX_MAX_DIM];
    const rk_code_ops *ops[RK_CODE_OPS];
    const uint32_t n_ops = rk_code_ops_all(ops);
    for (int i = 0; i < 4; i++) {
        const rk_coding_input input = {
            .vector = x, .mean = i & 1 ? lab->index.mean : NULL, .dim = dim, .unit = i & 2};
        const rk_coding c = ops[0]->code(&input, want);
        for (uint32_t o = 1; o < n_ops; o++) {
            memset(got, 42, sizeof got);
            const rk_coding d = ops[o]->code(&input, got);
            ck_assert(memcmp(got, want, (dim + 15) / 16 * 16) == 0);
            ck_assert(dim + 16 > RK_INDEX_MAX_DIM || got[(dim + 15) / 16 * 16] == 42);
            ck_assert(c.scale == d.scale && c.sum == d.sum && c.squares == d.squares);
            ck_assert(c.length == d.length && c.error == d.error && c.own_length == d.own_length);
        }
    }
}

/* What a query's code stands for is within its error of the query. */
static void check_query(const lab *lab, const float *x, const rk_coded *query)
{
    const bool dot = lab->index.metric == RK_INDEX_DOT;
    const double scale = (double)query->factor / (dot ? 1 : 2);
    const double by = by_of(lab, x);
    double error = 0, square = 0;
    for (uint32_t k = 0; k < lab->index.dim; k++) {
        const double whole = (double)x[k] * by - (dot ? 0.0 : (double)lab->mean[k]);
        const double rest = whole - scale * query->bytes[k];
        error += rest * rest;
        square += whole * whole;
    }
    ck_assert(within(error, query->error) && within(square, query->length));
    for (size_t k = lab->index.dim; k < query->stride; k++)
        ck_assert(query->bytes[k] == 0);
}

/* Between rows a and b as the graph sees them. */
static void check_pair(const lab *lab, uint32_t a, uint32_t b)
{
    rk_coded query;
    rk_code_query_at(&lab->index, a, lab->room, &query);
    check_kernels(lab, &query);
    const uint8_t *const x = lab->codes + a * lab->index.stride;
    const uint8_t *const y = lab->codes + b * lab->index.stride;
    const double s = (double)rk_code_tail_of(x, lab->index.stride).scale;
    const double t = (double)rk_code_tail_of(y, lab->index.stride).scale;
    double gap = 0, size = 0;
    for (uint32_t k = 0; k < lab->index.dim; k++) {
        const double u = s * (x[k] - 128), v = t * (y[k] - 128);
        gap += (u - v) * (u - v);
        size += u * u + v * v;
    }
    /* zeros of cosine are as far as if each went a way of its own */
    gap += is_nothing(lab, a) + is_nothing(lab, b);
    const double got = (double)expected(lab, &query, b) + (double)rk_code_own(&lab->index, a);
    if (size < 1e30 && size > 1e-30)
        ck_assert(fabs(got - gap) <= 1e-6 * (size + gap));
}

START_TEST(codes_and_distances)
{
    static const uint32_t dims[] = {2,   3,   47,  48,  49,  64,  100, 112,  113, 128,
                                    200, 256, 333, 384, 512, 768, 784, 1024, 4096};
    for (size_t d = 0; d < sizeof dims / sizeof *dims; d++)
        for (int metric = 0; metric < RK_INDEX_METRIC_COUNT; metric++)
            for (int kind = 0; kind < KINDS; kind++) {
                lab lab = lab_new(dims[d], (rk_index_metric)metric, kind);
                for (uint32_t i = 0; i < lab.index.n; i++)
                    check_tail(&lab, i);
                const float *const x = lab.vectors + draw(N) * dims[d];
                rk_coded query;
                rk_code_query(&lab.index, x, lab.room, &query);
                check_query(&lab, x, &query);
                check_coding(&lab, x);
                check_kernels(&lab, &query);
                check_pair(&lab, draw(N), draw(N));
                lab_free(&lab);
            }
}
END_TEST

/* Whatever bytes a file has, all levels make the same of them: blocks of drawn and of extreme
 * bytes, also beyond the numbers, by queries that are extreme. */
START_TEST(any_bytes)
{
    static const uint32_t dims[] = {1, 2, 63, 64, 100, 200, 333, 784, 1024, 4095, 4096};
    static const uint8_t extremes[] = {0, 1, 127, 128, 129, 255};
    static const int8_t queries[] = {-128, -127, -1, 0, 1, 127};
    for (size_t d = 0; d < sizeof dims / sizeof *dims; d++)
        for (uint32_t turn = 0; turn < 8; turn++) {
            lab lab = lab_new(dims[d], RK_INDEX_L2, PLAIN);
            const size_t numbers = lab.index.stride - sizeof(rk_code_tail);
            for (uint32_t i = 0; i < N; i++)
                for (size_t k = 0; k < numbers; k++)
                    lab.codes[i * lab.index.stride + k] = (uint8_t)(i < 6    ? extremes[i]
                                                                    : i < 12 ? extremes[draw(6)]
                                                                             : draw(256));
            rk_coded query;
            rk_code_query(&lab.index, lab.vectors, lab.room, &query);
            query.sum = 0;
            for (uint32_t k = 0; k < dims[d]; k++) {
                lab.room[k] = turn < 6 ? queries[turn] : (int8_t)(draw(256) - 128);
                query.sum += lab.room[k];
            }
            check_kernels(&lab, &query);
            lab_free(&lab);
        }
}
END_TEST

/* A length that float's squares cannot hold makes a cosine of its own; its code claims nothing. */
START_TEST(lengths_beyond_trust)
{
    static const float lengths[] = {0, 1e-30f, 1, 1e30f};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const float x[2] = {lengths[i], 0}, mean[2] = {0, 0};
        const rk_index index = {.metric = RK_INDEX_COSINE, .dim = 2, .n = 1, .mean = mean};
        uint8_t block[64];
        rk_code_vector(&index, x, block);
        const rk_code_tail tail = rk_code_tail_of(block, sizeof block);
        ck_assert((tail.error == FLT_MAX) == (i != 2));
        ck_assert(fabsf(tail.square - 1) < 0.01f && tail.length < (i == 0 ? 1e-30f : 1.01f));
    }
}
END_TEST

START_TEST(near_is_near)
{
    lab lab = lab_new(100, RK_INDEX_L2, PLAIN);
    rk_coded query;
    for (uint32_t i = 0; i < N; i++) {
        rk_code_query(&lab.index, lab.vectors + i * 100, lab.room, &query);
        float out[N];
        rk_code_ops_get(rk_cpu_best())->following(&query, lab.codes, N, out);
        for (uint32_t k = 0; k < N; k++)
            ck_assert(k == i || out[k] > out[i]);
        ck_assert(fabsf(out[i] + query.square) < 0.01f);
    }
    lab_free(&lab);
}
END_TEST

RK_SUITE_MAIN("codes", codes_and_distances, any_bytes, lengths_beyond_trust, near_is_near)
