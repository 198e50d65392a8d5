/* Our index, for recall.py: whole lists of queries in a call. A failure ends the process. */
#include "bench/clock.h"
#include "runtime/index/build.h"
#include "runtime/index/codes.h"
#include "runtime/index/file.h"

#include <stdlib.h>
#include <string.h>

typedef struct ours {
    rk_index *index;
    rk_index_scratch *scratch;
} ours;

typedef struct ours_input {
    const float *vectors; /* [n][dim] */
    uint32_t n, dim;
    const char *kind, *metric; /* as programs write them */
    uint32_t m, ef_construction, threads;
} ours_input;

typedef struct ours_list {
    const float *queries; /* [n][dim] */
    uint32_t n, dim, k, ef;
    uint32_t batch; /* queries in a search */
    uint32_t exact;
    const float *values; /* of each row, or NULL: all pass */
    const float *bounds; /* [2][n], with values: query i finds rows of bounds[0][i] <= value <
                            bounds[1][i] */
    const uint64_t *const *bits; /* [n] of each query the rows that pass, or NULL */
    uint32_t *out;               /* [n][k] rows, then RK_INDEX_NONE */
} ours_list;

static rk_str text_of(const char *s) { return (rk_str){s, strlen(s)}; }

static ours *ready(rk_index *index)
{
    ours *o = malloc(sizeof *o);
    bench_must(o != NULL, "memory");
    *o = (ours){index, rk_index_scratch_new(rk_cpu_best())};
    bench_must(o->scratch != NULL, "memory");
    return o;
}

ours *ours_build(const ours_input *input)
{
    const rk_index_input vectors = {.vectors = input->vectors, .n = input->n, .dim = input->dim};
    rk_index_options options = {.m = input->m,
                                .ef_construction = input->ef_construction,
                                .threads = input->threads,
                                .cpu = rk_cpu_best()};
    bench_must(rk_index_metric_parse(text_of(input->metric), &options.metric), "a metric's name");
    options.kind = strcmp(input->kind, "flat") == 0 ? RK_INDEX_FLAT : RK_INDEX_HNSW;
    rk_index *index;
    uint32_t doubled;
    bench_must(rk_index_build(&vectors, &options, &index, &doubled) == RK_OK, "the index");
    return ready(index);
}

void ours_save(const ours *o, const char *path)
{
    rk_arena arena;
    rk_arena_init(&arena);
    rk_diags diags;
    rk_diags_init(&diags, &arena);
    bench_must(rk_index_save(o->index, NULL, text_of(path), &diags) == RK_OK, path);
    rk_arena_free(&arena);
}

ours *ours_open(const char *path)
{
    rk_arena arena;
    rk_arena_init(&arena);
    rk_diags diags;
    rk_diags_init(&diags, &arena);
    const rk_index_file from = {.path = text_of(path), .span = RK_NO_SPAN};
    rk_index *index;
    bench_must(rk_index_open(&from, &diags, &index, NULL) == RK_OK, path);
    bench_must(rk_index_hold(index) == RK_OK, "memory");
    rk_arena_free(&arena);
    return ready(index);
}

void ours_close(ours *o)
{
    rk_index_scratch_free(o->scratch);
    rk_index_free(o->index);
    free(o);
}

/* The same bytes, whatever the number of threads. */
bool ours_equal(const ours *a, const ours *b)
{
    const rk_index *x = a->index, *y = b->index;
    return x->n == y->n && x->degree == y->degree && x->n_entries == y->n_entries &&
           memcmp(x->codes, y->codes, x->n * x->stride) == 0 &&
           memcmp(x->vectors, y->vectors, (size_t)x->n * x->dim * sizeof *x->vectors) == 0 &&
           x->sketch == y->sketch &&
           (!x->sketch ||
            memcmp(x->sketches, y->sketches, x->n * rk_code_stride(x->sketch)) == 0) &&
           memcmp(x->links, y->links, (size_t)x->n * x->degree * sizeof *x->links) == 0 &&
           memcmp(x->entries, y->entries, x->n_entries * sizeof *x->entries) == 0;
}

typedef struct between {
    const float *values;
    float low, high;
} between;

/* Bits of values[0 .. n), without a branch; as wide as the machine has it. */
__attribute__((optimize("O3"), target_clones("default", "avx2", "arch=x86-64-v4"))) static void
bits_between(const between *b, const float *values, uint32_t n, uint64_t *passing)
{
    uint8_t meets[1024 + 8] = {0};
    for (uint32_t i = 0; i < n; i++)
        meets[i] = (values[i] >= b->low) & (values[i] < b->high);
    for (uint32_t i = 0; i < n; i += 8) {
        uint64_t eight;
        memcpy(&eight, meets + i, sizeof eight);
        passing[i / 64] |= (eight * UINT64_C(0x0102040810204080) >> 56) << i % 64;
    }
}

static rk_status is_between(void *user, const rk_index_rows *rows, uint64_t *passing)
{
    const between *b = user;
    float values[1024];
    for (uint32_t i = 0; rows->at && i < rows->n; i++)
        values[i] = b->values[rows->at[i]];
    bits_between(b, rows->at ? values : b->values + rows->first, rows->n, passing);
    return RK_OK;
}

/* Queries with bounds or bits of their own are searched one by one. */
void ours_search(ours *o, const ours_list *list)
{
    between b = {.values = list->values};
    rk_index_filter filter = {.user = &b, .pass = is_between};
    const bool filtered = list->values != NULL || list->bits != NULL;
    const uint32_t batch = filtered ? 1 : list->batch;
    for (uint32_t i = 0; i < list->n; i += batch) {
        if (list->values != NULL) {
            b.low = list->bounds[i];
            b.high = list->bounds[list->n + i];
        }
        if (list->bits != NULL)
            filter.bits = list->bits[i];
        const rk_index_query query = {.vectors = list->queries + (size_t)i * list->dim,
                                      .n = batch < list->n - i ? batch : list->n - i,
                                      .k = list->k,
                                      .ef = list->ef,
                                      .exact = list->exact != 0,
                                      .filter = filtered ? &filter : NULL};
        const rk_index_hits hits = {.rows = list->out + (size_t)i * list->k};
        bench_must(rk_index_search(o->index, o->scratch, &query, &hits) == RK_OK, "a search");
    }
}

/* Bytes that a search walks over: codes and links; and the vectors that it scores with. */
double ours_bytes(const ours *o, bool vectors)
{
    const rk_index *x = o->index;
    const size_t walked = x->stride + x->degree * sizeof *x->links;
    return (double)x->n * (double)(vectors ? walked + x->dim * sizeof *x->vectors : walked);
}
