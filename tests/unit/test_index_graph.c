/* The graph of an index: the same to the byte whoever builds it, every place within reach, recall
 * above a floor for each metric, filters of all kinds, twins by the thousand. */
#include "runtime/index/graph.h"

#include <math.h>
#include <string.h>

#include "tests/unit/harness.h"
#include "tests/unit/index_naive.h"

enum { K = 10, QUERIES = 100 };

/* ---- an index with a graph ---- */

typedef struct world {
    rk_arena arena;
    rk_index index;
    float *vectors; /* [n + QUERIES][dim] by place as given; then queries */
    rk_graph graph;
} world;

/* Vectors about centres; what is asked for is about them too. Of DOT, lengths differ. `apart`: how
 * far the centres are from each other, as against the vectors about one. */
static void draw_vectors(world *w, uint32_t n_centres, float apart)
{
    const uint32_t n = w->index.n, dim = w->index.dim;
    float *const centres = rk_arena_alloc_column(&w->arena, (size_t)n_centres * dim, sizeof(float));
    w->vectors = rk_arena_alloc_column(&w->arena, (size_t)(n + QUERIES) * dim, sizeof(float));
    ck_assert(centres && w->vectors);
    for (uint32_t i = 0; i < n_centres * dim; i++)
        centres[i] = apart * normal();
    for (uint32_t i = 0; i < n + QUERIES; i++) {
        const float *const centre = centres + (size_t)draw(n_centres) * dim;
        const float by = w->index.metric == RK_INDEX_DOT ? 0.5f + fabsf(normal()) : 1;
        for (uint32_t j = 0; j < dim; j++)
            w->vectors[(size_t)i * dim + j] = by * (centre[j] + normal());
    }
}

static void make_codes(world *w)
{
    rk_index *const index = &w->index;
    float *const mean = rk_arena_array(&w->arena, index->dim, sizeof *mean);
    ck_assert_ptr_nonnull(mean);
    for (uint32_t j = 0; j < index->dim && index->n > 0; j++)
        mean[j] = w->vectors[j] / 4;
    index->mean = mean;
    index->stride = rk_code_stride(index->dim);
    uint8_t *const codes = rk_arena_alloc_column(&w->arena, (size_t)index->n + 1, index->stride);
    ck_assert_ptr_nonnull(codes);
    for (uint32_t i = 0; i < index->n; i++)
        rk_code_vector(index, w->vectors + (size_t)i * index->dim, codes + i * index->stride);
    index->codes = codes;
}

static void world_init(world *w, uint32_t n, uint32_t dim, rk_index_metric metric)
{
    *w = (world){.index = {.n = n, .dim = dim, .metric = metric, .kind = RK_INDEX_HNSW}};
    state = n + dim;
    draw_vectors(w, 30, 2);
    make_codes(w);
}

static const rk_index_options usual = {.m = 8, .ef_construction = 60, .cpu = RK_CPU_SCALAR};

static void build(world *w, const rk_index_options *options, rk_graph *out)
{
    ck_assert_int_eq(rk_graph_build(&w->index, options, &w->arena, out), RK_OK);
    ck_assert_uint_eq(out->degree, rk_graph_degree(options->m));
}

/* Gives the index its graph and its new places; rows are the old ones. */
static void use_graph(world *w)
{
    rk_index *const index = &w->index;
    const rk_graph *const graph = &w->graph;
    uint8_t *const codes = rk_arena_alloc_column(&w->arena, (size_t)index->n + 1, index->stride);
    ck_assert_ptr_nonnull(codes);
    for (uint32_t i = 0; i < index->n; i++)
        memcpy(codes + i * index->stride, index->codes + graph->order[i] * index->stride,
               index->stride);
    index->codes = codes;
    index->rows = graph->order;
    index->links = graph->links;
    index->degree = graph->degree;
    index->entries = graph->entries;
    index->n_entries = graph->n_entries;
}

static void world_graph(world *w)
{
    build(w, &(rk_index_options){.m = 8, .ef_construction = 60, .cpu = rk_cpu_best()}, &w->graph);
    use_graph(w);
}

/* ---- what a graph must be ---- */

static void check_rows(const rk_graph *graph, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t *const row = graph->links + (size_t)i * graph->degree;
        bool ended = false;
        for (uint32_t j = 0; j < graph->degree; j++) {
            ck_assert(!ended || row[j] == RK_INDEX_NONE);
            ended = row[j] == RK_INDEX_NONE;
            ck_assert(ended || (row[j] < n && row[j] != i));
            for (uint32_t k = 0; k < j && !ended; k++)
                ck_assert_uint_ne(row[k], row[j]);
        }
    }
}

static void check_order(const rk_graph *graph, uint32_t n)
{
    bool *const seen = calloc(n + 1, sizeof *seen);
    for (uint32_t i = 0; i < n; i++) {
        ck_assert_uint_lt(graph->order[i], n);
        ck_assert(!seen[graph->order[i]]);
        seen[graph->order[i]] = true;
    }
    free(seen);
}

static void check_reach(const rk_graph *graph, uint32_t n)
{
    uint32_t *const reached = malloc((n + 1) * sizeof *reached);
    bool *const seen = calloc(n + 1, sizeof *seen);
    uint32_t count = 0;
    for (uint32_t i = 0; i < graph->n_entries; i++) {
        ck_assert_uint_lt(graph->entries[i], n);
        ck_assert(!seen[graph->entries[i]]);
        seen[graph->entries[i]] = true;
        reached[count++] = graph->entries[i];
    }
    for (uint32_t at = 0; at < count; at++) {
        const uint32_t *const row = graph->links + (size_t)reached[at] * graph->degree;
        for (uint32_t j = 0; j < graph->degree && row[j] != RK_INDEX_NONE; j++)
            if (!seen[row[j]]) {
                seen[row[j]] = true;
                reached[count++] = row[j];
            }
    }
    ck_assert_uint_eq(count, n);
    free(reached);
    free(seen);
}

static void check_graph(const rk_graph *graph, uint32_t n)
{
    check_rows(graph, n);
    check_order(graph, n);
    check_reach(graph, n);
}

/* ---- searching ---- */

static double score(const world *w, uint32_t row, const float *query)
{
    const float *const x = w->vectors + (size_t)row * w->index.dim;
    double dot = 0, xx = 0, qq = 0;
    for (uint32_t i = 0; i < w->index.dim; i++) {
        dot += (double)x[i] * (double)query[i];
        xx += (double)x[i] * (double)x[i];
        qq += (double)query[i] * (double)query[i];
    }
    if (w->index.metric != RK_INDEX_COSINE)
        return w->index.metric == RK_INDEX_DOT ? dot : 2 * dot - xx - qq;
    return xx * qq > 0 ? dot / sqrt(xx * qq) : 0;
}

typedef bool passes_fn(const world *w, uint32_t row);

typedef struct asking {
    const world *w;
    passes_fn *passes;
    uint64_t n_rows;
    rk_status status;
} asking;

static rk_status pass(void *user, const rk_index_rows *rows, uint64_t *passing)
{
    asking *const a = user;
    ck_assert(rows->n >= 1 && rows->n <= 1024);
    a->n_rows += rows->n;
    for (uint32_t i = 0; i < rows->n; i++) {
        const uint32_t row = rk_index_rows_at(rows, i);
        ck_assert_uint_lt(row, a->w->index.n);
        ck_assert_uint_eq(passing[i / 64] >> i % 64 & 1, 0);
        passing[i / 64] |= (uint64_t)a->passes(a->w, row) << i % 64;
    }
    return a->status;
}

/* The k nearest rows that pass, by float; fewer when there are fewer. */
static uint32_t nearest(const world *w, const float *query, passes_fn *passes, uint32_t *rows)
{
    double scores[K];
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->index.n; i++) {
        if (passes && !passes(w, i))
            continue;
        const double s = score(w, i, query);
        uint32_t at = n < K ? n++ : K;
        for (; at > 0 && scores[at - 1] < s; at--)
            if (at < K) {
                scores[at] = scores[at - 1];
                rows[at] = rows[at - 1];
            }
        if (at < K) {
            scores[at] = s;
            rows[at] = i;
        }
    }
    return n;
}

static rk_status find(world *w, rk_graph_room *room, const float *query, const rk_graph_walk *walk,
                      rk_graph_found *found)
{
    int8_t *const bytes = rk_arena_alloc_column(&w->arena, w->index.stride, 1);
    ck_assert_ptr_nonnull(bytes);
    rk_coded coded;
    rk_code_query(&w->index, query, bytes, &coded);
    return rk_graph_search(&w->index, room, &coded, walk, found);
}

/* By bits the same is found, and nobody is asked. */
static void check_bits(world *w, rk_graph_room *room, const float *query, rk_graph_walk walk,
                       passes_fn *passes, const rk_graph_found *asked)
{
    uint32_t places[64];
    const uint32_t n = asked->n;
    ck_assert_uint_le(n, 64);
    memcpy(places, asked->places, n * sizeof *places);
    uint64_t *const bits = calloc(w->index.n / 64 + 1, sizeof *bits);
    for (uint32_t row = 0; row < w->index.n; row++)
        bits[row / 64] |= (uint64_t)passes(w, row) << row % 64;
    const rk_index_filter filter = {.bits = bits};
    walk.filter = &filter;
    rk_graph_found found;
    ck_assert_int_eq(find(w, room, query, &walk, &found), RK_OK);
    ck_assert_uint_eq(found.n, n);
    ck_assert_uint_eq(found.n_asked, 0);
    ck_assert_mem_eq(found.places, places, n * sizeof *places);
    free(bits);
}

/* The share of the K nearest that are among the ef candidates. */
static double recall(world *w, rk_graph_walk walk, passes_fn *passes)
{
    rk_graph_room *const room = rk_graph_room_new(rk_cpu_best());
    asking a = {.w = w, .passes = passes};
    const rk_index_filter filter = {.user = &a, .pass = pass};
    walk.filter = passes ? &filter : NULL;
    walk.k = K;
    walk.n_scored = UINT32_MAX;
    uint32_t found_n = 0, expected_n = 0;
    for (uint32_t q = 0; q < QUERIES; q++) {
        const float *const query = w->vectors + (size_t)(w->index.n + q) * w->index.dim;
        uint32_t expected[K];
        rk_graph_found found;
        const uint32_t n = nearest(w, query, passes, expected);
        a.n_rows = 0;
        ck_assert_int_eq(find(w, room, query, &walk, &found), RK_OK);
        ck_assert_uint_eq(found.n_asked, a.n_rows);
        ck_assert(!found.gave_up && found.n <= walk.ef && found.n >= n);
        for (uint32_t i = 0; i < found.n; i++) {
            const uint32_t row = w->index.rows[found.places[i]];
            ck_assert(!passes || passes(w, row));
            for (uint32_t j = 0; j < n; j++)
                found_n += row == expected[j];
        }
        expected_n += n;
        if (passes && q == 0)
            check_bits(w, room, query, walk, passes, &found);
    }
    rk_graph_room_free(room);
    return (double)found_n / (expected_n ? expected_n : 1);
}

/* ---- tests ---- */

START_TEST(the_same_whoever_builds)
{
    world w;
    world_init(&w, 2500, 19, (rk_index_metric)_i);
    rk_graph first, other;
    build(&w, &usual, &first);
    check_graph(&first, w.index.n);
    for (uint32_t threads = 1; threads <= 4; threads *= 2)
        for (int cpu = RK_CPU_SCALAR; cpu <= RK_CPU_V4; cpu++) {
            if (!rk_cpu_has((rk_cpu_level)cpu))
                continue;
            rk_index_options options = usual;
            options.threads = threads;
            options.cpu = (rk_cpu_level)cpu;
            build(&w, &options, &other);
            const size_t n_links = (size_t)w.index.n * first.degree;
            ck_assert_uint_eq(first.n_entries, other.n_entries);
            ck_assert_mem_eq(first.order, other.order, w.index.n * sizeof *first.order);
            ck_assert_mem_eq(first.links, other.links, n_links * sizeof *first.links);
            ck_assert_mem_eq(first.entries, other.entries, first.n_entries * sizeof *first.entries);
        }
    rk_arena_free(&w.arena);
}
END_TEST

START_TEST(recall_has_a_floor)
{
    static const uint32_t dims[] = {24, 65, 3};
    for (size_t i = 0; i < sizeof dims / sizeof *dims; i++) {
        world w;
        world_init(&w, 3000, dims[i], (rk_index_metric)_i);
        world_graph(&w);
        check_graph(&w.graph, w.index.n);
        const double narrow = recall(&w, (rk_graph_walk){.ef = 20, .most = UINT64_MAX}, NULL);
        const double wide = recall(&w, (rk_graph_walk){.ef = 200, .most = UINT64_MAX}, NULL);
        ck_assert_msg(narrow > (_i == RK_INDEX_DOT ? 0.6 : 0.8), "metric %d, dim %u: %.3f", _i,
                      dims[i], narrow);
        ck_assert_msg(wide > (_i == RK_INDEX_DOT ? 0.95 : 0.98), "metric %d, dim %u: %.3f", _i,
                      dims[i], wide);
        ck_assert(wide >= narrow);
        rk_arena_free(&w.arena);
    }
}
END_TEST

static void expect_recall(world *w, uint32_t ef, double least)
{
    make_codes(w);
    world_graph(w);
    check_graph(&w->graph, w->index.n);
    ck_assert_double_gt(recall(w, (rk_graph_walk){.ef = ef, .most = UINT64_MAX}, NULL), least);
    rk_arena_free(&w->arena);
}

/* No vector has a near one in another cluster, and there are more clusters than rows have links. */
START_TEST(clusters_are_found)
{
    world w = {.index = {.n = 10000, .dim = 32, .metric = RK_INDEX_L2, .kind = RK_INDEX_HNSW}};
    state = 7;
    draw_vectors(&w, 150, 20);
    expect_recall(&w, 40, 0.97);
}
END_TEST

/* Of cosine, vectors of zeros, whose codes are near everything, do not stand in the way. */
START_TEST(zeros_are_far)
{
    world w = {.index = {.n = 3000, .dim = 100, .metric = RK_INDEX_COSINE, .kind = RK_INDEX_HNSW}};
    state = 11;
    draw_vectors(&w, 1, 0);
    for (uint32_t i = 0; i < w.index.n; i += 10)
        memset(w.vectors + (size_t)i * w.index.dim, 0, w.index.dim * sizeof *w.vectors);
    expect_recall(&w, 300, 0.9);
}
END_TEST

START_TEST(few_vectors)
{
    static const uint32_t counts[] = {0, 1, 2, 3, 17, 65, 100};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        world w;
        world_init(&w, counts[i], 2 + _i, (rk_index_metric)_i);
        build(&w, &usual, &w.graph);
        check_graph(&w.graph, w.index.n);
        use_graph(&w);
        /* all of them are found when all are asked for */
        if (counts[i])
            ck_assert(recall(&w, (rk_graph_walk){.ef = 1000, .most = UINT64_MAX}, NULL) == 1);
        rk_arena_free(&w.arena);
    }
}
END_TEST

/* Most vectors are one of five, over and over. */
START_TEST(twins_are_found)
{
    world w;
    world_init(&w, 4000, 12, (rk_index_metric)_i);
    for (uint32_t i = 0; i < w.index.n; i++)
        if (draw(4))
            memcpy(w.vectors + (size_t)i * 12, w.vectors + (size_t)draw(5) * 12,
                   12 * sizeof *w.vectors);
    make_codes(&w);
    world_graph(&w);
    check_graph(&w.graph, w.index.n);
    rk_graph_room *const room = rk_graph_room_new(rk_cpu_best());
    for (uint32_t i = 0; i < 5; i++) {
        rk_graph_found found;
        const float *const query = w.vectors + (size_t)i * 12;
        ck_assert_int_eq(
            find(&w, room, query,
                 &(rk_graph_walk){.k = K, .ef = 300, .n_scored = UINT32_MAX, .most = UINT64_MAX},
                 &found),
            RK_OK);
        ck_assert_uint_eq(found.n, 300);
        for (uint32_t j = 0; w.index.metric != RK_INDEX_DOT && j < found.n; j++)
            ck_assert(memcmp(w.vectors + (size_t)w.graph.order[found.places[j]] * 12, query,
                             12 * sizeof *query) == 0);
    }
    rk_graph_room_free(room);
    rk_arena_free(&w.arena);
}
END_TEST

START_TEST(all_equal)
{
    world w;
    world_init(&w, 3000, 7, (rk_index_metric)_i);
    memset(w.vectors, 0, (size_t)w.index.n * 7 * sizeof *w.vectors);
    make_codes(&w);
    world_graph(&w);
    check_graph(&w.graph, w.index.n);
    ck_assert_uint_eq(w.graph.n_entries, 1);
    rk_arena_free(&w.arena);
}
END_TEST

/* Vectors on one line, and a hundred far away: what is near is not linked to by chance. */
START_TEST(nobody_is_lost)
{
    world w;
    world_init(&w, 3000, 5, (rk_index_metric)_i);
    for (uint32_t i = 0; i < w.index.n; i++)
        for (uint32_t j = 0; j < 5; j++)
            w.vectors[i * 5 + j] =
                (float)(j == 0 ? i : 0) + (i % 30 == 0 ? 1e6f + 1e5f * normal() : 0);
    make_codes(&w);
    build(&w, &(rk_index_options){.m = 2, .ef_construction = 10, .cpu = rk_cpu_best()}, &w.graph);
    check_graph(&w.graph, w.index.n);
    rk_arena_free(&w.arena);
}
END_TEST

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

static bool pass_one_side(const world *w, uint32_t row)
{
    return w->vectors[(size_t)row * w->index.dim] > 0;
}

static bool pass_far(const world *w, uint32_t row)
{
    return w->vectors[(size_t)row * w->index.dim] > 4;
}

static bool pass_all(const world *w, uint32_t row) { return w->index.n > row; }
static bool pass_none(const world *w, uint32_t row) { return w->index.n <= row; }

START_TEST(filters_keep_recall)
{
    static passes_fn *const filters[] = {pass_half,     pass_few, pass_all,
                                         pass_one_side, pass_far, pass_none};
    world w;
    world_init(&w, 4000, 16, (rk_index_metric)_i);
    world_graph(&w);
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        const double r = recall(&w, (rk_graph_walk){.ef = 40, .most = UINT64_MAX}, filters[i]);
        ck_assert_msg(filters[i] == pass_none || r > (_i == RK_INDEX_DOT ? 0.85 : 0.93),
                      "metric %d, filter %zu: %.3f", _i, i, r);
    }
    rk_arena_free(&w.arena);
}
END_TEST

/* A tenth passes: the walk follows three times as many, not ten times. */
static bool pass_tenth(const world *w, uint32_t row) { return w->index.n > row && row % 10 == 3; }

static uint64_t looks(world *w, rk_graph_walk walk, const rk_index_filter *filter)
{
    rk_graph_room *const room = rk_graph_room_new(rk_cpu_best());
    uint64_t sum = 0;
    walk.filter = filter;
    for (uint32_t q = 0; q < QUERIES; q++) {
        rk_graph_found found;
        const float *const query = w->vectors + (size_t)(w->index.n + q) * w->index.dim;
        ck_assert_int_eq(find(w, room, query, &walk, &found), RK_OK);
        ck_assert(!found.gave_up);
        sum += found.n_distances - w->graph.n_entries;
    }
    rk_graph_room_free(room);
    return sum;
}

START_TEST(filters_cost_less_than_they_take)
{
    world w;
    world_init(&w, 4000, 16, (rk_index_metric)_i);
    world_graph(&w);
    asking a = {.w = &w, .passes = pass_tenth};
    const rk_index_filter filter = {.user = &a, .pass = pass};
    rk_graph_walk walk = {.k = K, .ef = 20, .n_scored = UINT32_MAX, .most = UINT64_MAX};
    const uint64_t all = looks(&w, walk, NULL);
    for (walk.passing = 0; walk.passing <= 4000; walk.passing += 400) { /* right or wrong */
        const uint64_t tenth = looks(&w, walk, &filter);
        ck_assert_msg(tenth > 3 * all / 2 && tenth < 4 * all, "%llu, %llu",
                      (unsigned long long)tenth, (unsigned long long)all);
        ck_assert(recall(&w, walk, pass_tenth) > recall(&w, walk, NULL) - 0.03);
    }
    rk_arena_free(&w.arena);
}
END_TEST

START_TEST(filters_give_up_and_fail)
{
    world w;
    world_init(&w, 4000, 16, RK_INDEX_L2);
    world_graph(&w);
    rk_graph_room *const room = rk_graph_room_new(rk_cpu_best());
    asking a = {.w = &w, .passes = pass_none};
    const rk_index_filter filter = {.user = &a, .pass = pass};
    rk_graph_walk walk = {
        .k = K, .ef = 20, .n_scored = UINT32_MAX, .filter = &filter, .most = 1000};
    rk_graph_found found;
    /* the first beam tells that many more would not do */
    ck_assert_int_eq(find(&w, room, w.vectors, &walk, &found), RK_OK);
    ck_assert(found.gave_up);
    ck_assert_uint_lt(found.n_asked, 200);
    ck_assert_uint_lt(found.n_distances, 1000);
    /* or in the middle of it */
    walk.most = 100;
    ck_assert_int_eq(find(&w, room, w.vectors, &walk, &found), RK_OK);
    ck_assert(found.gave_up);
    ck_assert_uint_ge(found.n_distances, 100);
    ck_assert_uint_lt(found.n_distances, 200 + w.graph.n_entries);
    walk.most = 1000;
    a.status = RK_EDATA;
    ck_assert_int_eq(find(&w, room, w.vectors, &walk, &found), RK_EDATA);
    /* and the room is as good as new */
    a = (asking){.w = &w, .passes = pass_all};
    rk_graph_found again;
    uint32_t places[20];
    ck_assert_int_eq(find(&w, room, w.vectors, &walk, &found), RK_OK);
    ck_assert_uint_eq(found.n, 20);
    memcpy(places, found.places, sizeof places);
    walk.filter = NULL;
    ck_assert_int_eq(find(&w, room, w.vectors, &walk, &again), RK_OK);
    ck_assert_uint_eq(w.graph.order[again.places[0]], 0);
    ck_assert_uint_eq(places[0], again.places[0]);
    rk_graph_room_free(room);
    rk_arena_free(&w.arena);
}
END_TEST

static void stop_now(void *user, uint64_t done, uint64_t total)
{
    ck_assert(done <= total);
    if (done > total / 2)
        atomic_store((rk_flag *)user, true);
}

START_TEST(building_stops)
{
    world w;
    rk_flag stop = false;
    world_init(&w, 2000, 8, RK_INDEX_L2);
    rk_index_options options = usual;
    options.stop = &stop;
    options.progress = stop_now;
    options.user = &stop;
    ck_assert_int_eq(rk_graph_build(&w.index, &options, &w.arena, &w.graph), RK_ESTOP);
    rk_arena_free(&w.arena);
}
END_TEST

int main(void)
{
    const TTest *const of_metrics[] = {the_same_whoever_builds,
                                       recall_has_a_floor,
                                       few_vectors,
                                       twins_are_found,
                                       all_equal,
                                       nobody_is_lost,
                                       filters_keep_recall,
                                       filters_cost_less_than_they_take};
    Suite *const suite = suite_create("index_graph");
    TCase *const metrics = tcase_create("metrics"), *const once = tcase_create("once");
    tcase_set_timeout(metrics, 120);
    for (size_t i = 0; i < sizeof of_metrics / sizeof *of_metrics; i++)
        tcase_add_loop_test(metrics, of_metrics[i], 0, RK_INDEX_METRIC_COUNT);
    tcase_set_timeout(once, 60);
    tcase_add_test(once, clusters_are_found);
    tcase_add_test(once, zeros_are_far);
    tcase_add_test(once, filters_give_up_and_fail);
    tcase_add_test(once, building_stops);
    suite_add_tcase(suite, metrics);
    suite_add_tcase(suite, once);
    return rk_suite_run(suite);
}
