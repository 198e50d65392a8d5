#include "runtime/index/build.h"

#include <math.h>

#include "runtime/base/pool.h"
#include "runtime/index/choose.h"
#include "runtime/index/graph.h"
#include "runtime/index/graph_sketch.h"
#include "runtime/index/memory.h"
#include "runtime/index/order.h"

enum {
    PART = 1024,       /* rows of a task */
    SUMMED = 4096,     /* rows that are summed up before they are added to the others */
    AT_ONCE = 64 << 10 /* rows between two looks at `stop` */
};

/* Adding 1 to an exponent that has all bits carries into the sign's. In blocks, which become vector
 * instructions. */
bool rk_index_is_finite(const float *numbers, size_t n)
{
    enum { BLOCK = 16 };
    uint32_t any[BLOCK] = {0}, bits[BLOCK];
    for (size_t i = 0; i < n; i += BLOCK) {
        const size_t left = n - i < BLOCK ? n - i : BLOCK;
        memset(bits, 0, sizeof bits);
        if (left == BLOCK)
            memcpy(bits, numbers + i, sizeof bits);
        else
            memcpy(bits, numbers + i, left * sizeof *bits);
        for (uint32_t j = 0; j < BLOCK; j++)
            any[j] |= (bits[j] & 0x7f800000) + 0x00800000;
    }
    uint32_t all = 0;
    for (uint32_t j = 0; j < BLOCK; j++)
        all |= any[j];
    return all >> 31 == 0;
}

const char *rk_index_wild(const float *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (numbers[i] != numbers[i])
            return "has a NaN";
    return "has an infinity";
}

typedef struct building {
    const rk_index_input *input;
    const rk_index_options *options;
    rk_index *index;
    rk_arena arena;  /* of what is needed while building */
    uint32_t *order; /* [n] the input's number of each row */
    uint32_t threads;
    uint32_t from, to; /* rows of the tasks that run */
    double *sums;      /* [tasks][dim] */
    float *vectors;    /* the index's arrays, while they are filled */
    uint8_t *codes;
} building;

static bool is_in_range(const rk_index_input *input, const rk_index_options *options)
{
    const uint32_t m = options->m;
    return input->n <= RK_INDEX_MAX_ROWS && input->dim >= RK_INDEX_MIN_DIM &&
           input->dim <= RK_INDEX_MAX_DIM &&
           (m == 0 || (m >= RK_INDEX_MIN_M && m <= RK_INDEX_MAX_M)) &&
           options->ef_construction <= RK_INDEX_MAX_EF;
}

/* Tasks of `rows` rows each, by all threads, over rows from .. to. */
static void run(building *b, uint32_t rows, rk_pool_task *task)
{
    rk_pool_run((b->to - b->from + rows - 1) / rows, b->threads, task, b);
}

static uint32_t end_of(const building *b, uint32_t from, uint32_t rows)
{
    return b->to - from < rows ? b->to : from + rows;
}

static void take_task(void *user, uint32_t task, uint32_t worker)
{
    building *const b = user;
    const uint32_t dim = b->input->dim, from = b->from + task * PART;
    (void)worker;
    for (uint32_t i = from; i < end_of(b, from, PART); i++)
        memcpy(b->vectors + (size_t)i * dim, b->input->vectors + (size_t)b->order[i] * dim,
               dim * sizeof(float));
}

/* What is coded of a vector is its numbers times this. */
static double by_of(const building *b, const float *vector)
{
    double square = 0;
    if (b->index->metric != RK_INDEX_COSINE)
        return 1;
    for (uint32_t k = 0; k < b->input->dim; k++)
        square += (double)vector[k] * (double)vector[k];
    return square > 0 ? 1 / sqrt(square) : 1;
}

static void sum_task(void *user, uint32_t task, uint32_t worker)
{
    building *const b = user;
    const uint32_t dim = b->input->dim, from = b->from + task * SUMMED;
    double *const sums = b->sums + (size_t)task * dim;
    (void)worker;
    memset(sums, 0, dim * sizeof *sums);
    for (uint32_t i = from; i < end_of(b, from, SUMMED); i++) {
        const float *const vector = b->vectors + (size_t)i * dim;
        const double by = by_of(b, vector);
        for (uint32_t k = 0; k < dim; k++)
            sums[k] += (double)vector[k] * by;
    }
}

static void code_task(void *user, uint32_t task, uint32_t worker)
{
    building *const b = user;
    const rk_index *const index = b->index;
    const uint32_t from = b->from + task * PART;
    (void)worker;
    for (uint32_t i = from; i < end_of(b, from, PART); i++)
        rk_code_vector(index, b->vectors + (size_t)i * index->dim, b->codes + i * index->stride);
}

/* Goes through all rows with `act`, which is given some at once in from .. to. */
static rk_status each(building *b, rk_status (*act)(building *b))
{
    for (b->from = 0; b->from < b->input->n; b->from = b->to) {
        const uint32_t left = b->input->n - b->from;
        b->to = b->from + (left < AT_ONCE ? left : AT_ONCE);
        if (b->options->stop && *b->options->stop)
            return RK_ESTOP;
        RK_TRY(act(b));
    }
    return RK_OK;
}

static rk_status take(building *b)
{
    run(b, PART, take_task);
    return RK_OK;
}

/* In an order that does not depend on the threads: each task's sums, then these. */
static rk_status add(building *b)
{
    const uint32_t dim = b->input->dim, n_tasks = (b->to - b->from + SUMMED - 1) / SUMMED;
    double *const total = b->sums + (size_t)(AT_ONCE / SUMMED) * dim;
    run(b, SUMMED, sum_task);
    for (uint32_t t = 0; t < n_tasks; t++)
        for (uint32_t k = 0; k < dim; k++)
            total[k] += b->sums[(size_t)t * dim + k];
    return RK_OK;
}

static rk_status code(building *b)
{
    run(b, PART, code_task);
    if (b->options->progress && b->options->kind == RK_INDEX_FLAT)
        b->options->progress(b->options->user, b->to, b->input->n);
    return RK_OK;
}

static rk_status take_vectors(building *b)
{
    const size_t n = b->input->n, dim = b->input->dim;
    if (n > SIZE_MAX / sizeof(float) / dim)
        return RK_ENOMEM;
    b->vectors = rk_index_array(b->index, n * dim, sizeof *b->vectors);
    b->index->vectors = b->vectors;
    return b->vectors ? each(b, take) : RK_ENOMEM;
}

static rk_status take_mean(building *b)
{
    const size_t dim = b->input->dim;
    float *const mean = rk_index_array(b->index, dim, sizeof *mean);
    b->sums = rk_arena_array(&b->arena, (AT_ONCE / SUMMED + 1) * dim, sizeof *b->sums);
    if (!mean || !b->sums)
        return RK_ENOMEM;
    RK_TRY(each(b, add));
    const double *const total = b->sums + (size_t)(AT_ONCE / SUMMED) * dim;
    for (size_t k = 0; k < dim; k++)
        mean[k] = b->input->n ? (float)(total[k] / b->input->n) : 0;
    b->index->mean = mean;
    return RK_OK;
}

static rk_status take_codes(building *b)
{
    b->index->stride = rk_code_stride(b->input->dim);
    b->codes = rk_index_array(b->index, b->input->n, b->index->stride);
    b->index->codes = b->codes;
    return b->codes ? each(b, code) : RK_ENOMEM;
}

static bool has_graph(rk_index_kind kind, uint32_t n)
{
    return kind == RK_INDEX_HNSW && n >= RK_GRAPH_LEAST_ROWS;
}

static rk_status take_graph(building *b)
{
    const rk_graph_input input = {b->index, b->vectors, b->codes};
    uint8_t *sketches;
    if (!has_graph(b->index->kind, b->index->n))
        return rk_sketch_make(b->index, b->options, &sketches);
    return rk_graph_take(&input, b->options);
}

static rk_status build(building *b, uint32_t *doubled)
{
    const uint32_t n = b->input->n;
    b->order = rk_arena_alloc_column(&b->arena, n, sizeof *b->order);
    uint32_t *const room = rk_arena_alloc_column(&b->arena, n, sizeof *room);
    if (!b->order || !room)
        return RK_ENOMEM;
    if (!rk_index_order(b->input, b->order, room, doubled))
        return RK_EDATA;
    RK_TRY(rk_index_take_ids(b->index, b->input, b->order));
    RK_TRY(take_vectors(b));
    RK_TRY(take_mean(b));
    RK_TRY(take_codes(b));
    return take_graph(b);
}

rk_status rk_index_build(const rk_index_input *input, const rk_index_options *options,
                         rk_index **out, uint32_t *doubled)
{
    *out = NULL;
    if (!is_in_range(input, options))
        return RK_EUSAGE;
    building b = {.input = input, .options = options, .index = rk_index_new()};
    if (!b.index)
        return RK_ENOMEM;
    b.index->kind = options->kind;
    b.index->metric = options->metric;
    b.index->n = input->n;
    b.index->dim = input->dim;
    b.index->ef = options->ef;
    const uint32_t most = rk_pool_hold();
    b.threads = options->threads ? options->threads : most;
    const rk_status status = build(&b, doubled);
    rk_pool_release();
    rk_arena_free(&b.arena);
    if (status == RK_OK)
        *out = b.index;
    else
        rk_index_free(b.index);
    return status;
}

rk_index rk_index_outline(const rk_index_options *options, uint32_t n, uint32_t dim)
{
    rk_index outline = {.kind = options->kind,
                        .metric = options->metric,
                        .n = n,
                        .dim = dim,
                        .stride = rk_code_stride(dim),
                        .ef = options->ef};
    if (has_graph(outline.kind, n)) {
        outline.degree = rk_graph_degree(options->m);
        outline.n_entries = rk_graph_entries(outline.stride, n);
    }
    return outline;
}
