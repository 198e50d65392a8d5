/* Sketches of long vectors: which sets have them, that they know distances, that neither threads
 * nor level can be told from them, and what searches over them find. */
#include "runtime/index/graph_sketch.h"

#include <math.h>
#include <string.h>

#include "runtime/index/file.h"
#include "runtime/index/graph.h"
#include "tests/unit/harness.h"

enum { ROWS = 4200, DIM = 440, WAYS = 12, QUERIES = 60, K = 10, NUMBERS = 112 };

static uint64_t state;

static float uniform(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (float)(state >> 40) * 0x1p-23f - 1;
}

/* ---- sets ---- */

/* What differs from the usual set. */
typedef struct kind {
    rk_index_metric metric;
    uint32_t n, dim;
    float noise; /* in every direction, against 1 along a few */
} kind;

static const kind usual = {RK_INDEX_L2, ROWS, DIM, 0.02f};

typedef struct world {
    kind kind;
    float *vectors; /* [n + QUERIES][dim]; the last are asked for */
    rk_index *index;
    rk_index_scratch *scratch;
} world;

/* Sums of a few directions, some more than others, and noise, far from the origin. */
static void draw_vectors(world *w)
{
    const uint32_t n = w->kind.n + QUERIES, dim = w->kind.dim;
    float *const ways = malloc((size_t)WAYS * dim * sizeof *ways);
    w->vectors = malloc((size_t)n * dim * sizeof *w->vectors);
    state = dim;
    for (uint32_t i = 0; i < WAYS * dim; i++)
        ways[i] = uniform();
    for (uint32_t i = 0; i < n; i++) {
        float *const vector = w->vectors + (size_t)i * dim;
        for (uint32_t j = 0; j < dim; j++)
            vector[j] = (float)(j % 3) + w->kind.noise * uniform();
        for (uint32_t k = 0; k < WAYS; k++) {
            const float by = uniform() / (float)(k + 4);
            for (uint32_t j = 0; j < dim; j++)
                vector[j] += by * ways[k * dim + j];
        }
    }
    free(ways);
}

static rk_index_options options_of(const kind *kind)
{
    return (rk_index_options){.kind = RK_INDEX_HNSW,
                              .metric = kind->metric,
                              .m = 8,
                              .ef_construction = 30,
                              .cpu = rk_cpu_best()};
}

static rk_index *build(const world *w, const rk_index_options *options)
{
    rk_index *index;
    uint32_t doubled;
    const rk_index_input input = {.vectors = w->vectors, .n = w->kind.n, .dim = w->kind.dim};
    ck_assert_int_eq(rk_index_build(&input, options, &index, &doubled), RK_OK);
    return index;
}

static void world_init(world *w, kind kind)
{
    const rk_index_options options = options_of(&kind);
    *w = (world){.kind = kind, .scratch = rk_index_scratch_new(rk_cpu_best())};
    draw_vectors(w);
    w->index = build(w, &options);
}

static void world_free(world *w)
{
    rk_index_free(w->index);
    rk_index_scratch_free(w->scratch);
    free(w->vectors);
}

/* ---- which sets ---- */

static const struct {
    kind kind;
    uint32_t numbers; /* of a sketch */
} kinds[] = {
    {{RK_INDEX_L2, ROWS, DIM, 0.02f}, NUMBERS},
    {{RK_INDEX_COSINE, ROWS, DIM, 0.02f}, NUMBERS},
    {{RK_INDEX_L2, ROWS, 1100, 0.02f}, RK_SKETCH_MOST},
    {{RK_INDEX_DOT, ROWS, DIM, 0.02f}, 0},
    {{RK_INDEX_L2, ROWS, DIM, 3}, 0},
    {{RK_INDEX_L2, 4000, DIM, 0.02f}, 0},
    {{RK_INDEX_L2, ROWS, 430, 0.02f}, 0},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

START_TEST(where_they_pay)
{
    world w;
    world_init(&w, kinds[_i].kind);
    ck_assert_uint_gt(w.index->degree, 0);
    ck_assert_uint_eq(w.index->sketch, kinds[_i].numbers);
    ck_assert_int_eq(w.index->sketches != NULL, kinds[_i].numbers > 0);
    ck_assert_int_eq(w.index->axes != NULL, kinds[_i].numbers > 0);
    world_free(&w);
}
END_TEST

/* All vectors are equal, or half of them: there are no directions, or one. */
START_TEST(few_directions)
{
    for (uint32_t half = 0; half < 2; half++) {
        const rk_index_options options = options_of(&usual);
        world w = {.kind = usual, .vectors = malloc((size_t)ROWS * DIM * sizeof(float))};
        for (size_t i = 0; i < (size_t)ROWS * DIM; i++)
            w.vectors[i] = half && i / DIM % 2 ? 3 : 1;
        w.index = build(&w, &options);
        ck_assert_uint_eq(w.index->sketch, half ? NUMBERS : 0);
        world_free(&w);
    }
}
END_TEST

/* ---- what they know ---- */

/* Distances by sketches are about those by codes. */
START_TEST(distances)
{
    world w;
    world_init(&w, (kind){(rk_index_metric)_i, ROWS, DIM, 0.02f});
    const rk_code_ops *const ops = rk_code_ops_get(rk_cpu_best());
    const rk_index set = rk_sketch_set(w.index);
    _Alignas(64) int8_t room[512], sketch_room[RK_SKETCH_STRIDE];
    ck_assert_uint_eq(set.n, ROWS);
    ck_assert_uint_le(w.index->stride, sizeof room);
    for (uint32_t q = 0; q < QUERIES; q++) {
        enum { SOME = 64 };
        rk_coded query, sketch;
        float by_codes[SOME], by_sketches[SOME];
        rk_code_query(w.index, w.vectors + (size_t)(ROWS + q) * DIM, room, &query);
        rk_sketch_query(w.index, ops, &query, sketch_room, &sketch);
        ops->following(&query, w.index->codes, SOME, by_codes);
        ops->following(&sketch, set.codes, SOME, by_sketches);
        for (uint32_t i = 0; i < SOME; i++) {
            const float square = by_codes[i] + query.square;
            ck_assert_float_eq(rk_code_own(&set, i), rk_code_own(w.index, i));
            ck_assert_msg(fabsf(by_sketches[i] - by_codes[i]) <
                              0.1f * square + 0.02f * query.square,
                          "query %u, place %u: %g, not %g of %g", q, i, (double)by_sketches[i],
                          (double)by_codes[i], (double)square);
        }
    }
    world_free(&w);
}
END_TEST

static void check_equal(const rk_index *a, const rk_index *b)
{
    ck_assert_uint_eq(a->sketch, NUMBERS);
    ck_assert_uint_eq(b->sketch, NUMBERS);
    ck_assert_mem_eq(a->sketches, b->sketches, a->n * rk_code_stride(NUMBERS));
    ck_assert_mem_eq(a->axes, b->axes, (NUMBERS - 1) * a->stride);
    ck_assert_mem_eq(a->codes, b->codes, a->n * a->stride);
    ck_assert_mem_eq(a->links, b->links, (size_t)a->n * a->degree * sizeof *a->links);
    ck_assert_mem_eq(a->rows, b->rows, a->n * sizeof *a->rows);
}

START_TEST(the_same_whoever_builds)
{
    world w;
    world_init(&w, usual);
    for (uint32_t threads = 1; threads <= 4; threads *= 2)
        for (int cpu = RK_CPU_SCALAR; cpu <= RK_CPU_V4; cpu++) {
            rk_index_options options = options_of(&usual);
            options.threads = threads;
            options.cpu = (rk_cpu_level)cpu;
            if (!rk_cpu_has((rk_cpu_level)cpu) || (cpu == RK_CPU_SCALAR && threads != 2))
                continue;
            rk_index *const other = build(&w, &options);
            check_equal(w.index, other);
            rk_index_free(other);
        }
    world_free(&w);
}
END_TEST

START_TEST(making_stops)
{
    world w;
    rk_flag stop;
    uint8_t *sketches;
    world_init(&w, usual);
    rk_index_options options = options_of(&usual);
    atomic_init(&stop, true);
    options.stop = &stop;
    ck_assert_int_eq(rk_sketch_make(w.index, &options, &sketches), RK_ESTOP);
    ck_assert_ptr_null(sketches);
    world_free(&w);
}
END_TEST

/* ---- searches ---- */

typedef struct hits {
    uint32_t rows[QUERIES * K], counts[QUERIES];
    float scores[QUERIES * K];
} hits;

static rk_status pass_most(void *user, const rk_index_rows *rows, uint64_t *passing)
{
    (void)user;
    for (uint32_t i = 0; i < rows->n; i++)
        passing[i / 64] |= (uint64_t)(rk_index_rows_at(rows, i) % 3 != 0) << i % 64;
    return RK_OK;
}

static const rk_index_filter most = {.pass = pass_most};

static rk_index_stats search(const world *w, rk_index_scratch *scratch, rk_index_query query,
                             hits *out)
{
    memset(out, 0x5a, sizeof *out);
    query.vectors = w->vectors + (size_t)w->kind.n * w->kind.dim;
    query.n = QUERIES;
    query.k = K;
    const rk_index_hits to = {out->rows, out->scores, out->counts};
    ck_assert_int_eq(rk_index_search(w->index, scratch, &query, &to), RK_OK);
    return rk_index_last(scratch);
}

static double recall(const hits *exact, const hits *found)
{
    uint32_t both = 0;
    for (uint32_t i = 0; i < QUERIES * K; i++)
        for (uint32_t j = i / K * K; j < i / K * K + K; j++)
            if (found->rows[i] == exact->rows[j]) {
                ck_assert(found->scores[i] == exact->scores[j]);
                both++;
            }
    return (double)both / (QUERIES * K);
}

START_TEST(searches)
{
    static hits exact, found, again;
    world w;
    world_init(&w, (kind){(rk_index_metric)_i, ROWS, DIM, 0.02f});
    for (int filtered = 0; filtered < 2; filtered++) {
        const rk_index_filter *const filter = filtered ? &most : NULL;
        const rk_index_query query = {.ef = filtered ? 20 : 30, .filter = filter};
        search(&w, w.scratch, (rk_index_query){.exact = true, .filter = filter}, &exact);
        const rk_index_stats stats = search(&w, w.scratch, query, &found);
        ck_assert(!stats.scanned && stats.n_scored <= (uint64_t)QUERIES * query.ef);
        const double r = recall(&exact, &found);
        ck_assert_msg(r > 0.95, "metric %d, filter %d: %.3f", _i, filtered, r);
        for (uint32_t i = 0; filtered && i < QUERIES * K; i++)
            ck_assert_uint_ne(found.rows[i] % 3, 0);
        for (int cpu = RK_CPU_SCALAR; cpu <= RK_CPU_V4; cpu++) {
            if (!rk_cpu_has((rk_cpu_level)cpu))
                continue;
            rk_index_scratch *const scratch = rk_index_scratch_new((rk_cpu_level)cpu);
            search(&w, scratch, query, &again);
            ck_assert_mem_eq(&again, &found, sizeof found);
            rk_index_scratch_free(scratch);
        }
    }
    world_free(&w);
}
END_TEST

/* Few for k stay as sketches put them, and no code is looked at; more do not. */
START_TEST(few_of_a_walk)
{
    world w;
    world_init(&w, usual);
    const rk_code_ops *const ops = rk_code_ops_get(rk_cpu_best());
    rk_graph_room *const room = rk_graph_room_new(rk_cpu_best());
    const rk_index set = rk_sketch_set(w.index);
    _Alignas(64) int8_t bytes[512], short_bytes[RK_SKETCH_STRIDE];
    float distances[3 * K];
    rk_coded query, sketch;
    rk_graph_found found;
    rk_code_query(w.index, w.vectors + (size_t)ROWS * DIM, bytes, &query);
    rk_sketch_query(w.index, ops, &query, short_bytes, &sketch);
    rk_graph_walk walk = {.k = K, .ef = K, .n_scored = UINT32_MAX, .most = UINT64_MAX};
    ck_assert_int_eq(rk_graph_search(w.index, room, &query, &walk, &found), RK_OK);
    ck_assert(found.by_sketches && found.n >= K && found.n < 3 * K);
    ops->gathered(&sketch, set.codes, found.places, found.n, distances);
    ck_assert_mem_eq(found.distances, distances, found.n * sizeof *distances);
    const uint64_t n_distances = found.n_distances, n = found.n;
    for (uint32_t i = 0; i < 2; i++) {
        walk.k = i ? K : K / 4;
        walk.n_scored = i ? (uint32_t)n - 1 : UINT32_MAX;
        ck_assert_int_eq(rk_graph_search(w.index, room, &query, &walk, &found), RK_OK);
        ck_assert(!found.by_sketches && (i == 0 || found.n_distances == n_distances + n));
        ops->gathered(&query, w.index->codes, found.places, found.n, distances);
        ck_assert_mem_eq(found.distances, distances, found.n * sizeof *distances);
    }
    rk_graph_room_free(room);
    world_free(&w);
}
END_TEST

/* A walk that keeps all of them, though no more can be kept; all but one by whole codes in the end.
 */
START_TEST(every_row)
{
    static bool seen[ROWS];
    world w;
    world_init(&w, usual);
    const rk_code_ops *const ops = rk_code_ops_get(rk_cpu_best());
    rk_graph_room *const room = rk_graph_room_new(rk_cpu_best());
    _Alignas(64) int8_t bytes[512];
    rk_coded query;
    rk_graph_found found;
    rk_code_query(w.index, w.vectors + (size_t)ROWS * DIM, bytes, &query);
    const rk_graph_walk walk = {.k = 1, .ef = ROWS, .n_scored = ROWS - 1, .most = UINT64_MAX};
    ck_assert_int_eq(rk_graph_search(w.index, room, &query, &walk, &found), RK_OK);
    ck_assert_uint_eq(found.n, walk.n_scored);
    float *const distances = malloc(ROWS * sizeof *distances);
    ops->gathered(&query, w.index->codes, found.places, found.n, distances);
    for (uint32_t i = 0; i < found.n; i++) {
        ck_assert(!seen[found.places[i]]);
        seen[found.places[i]] = true;
        ck_assert(i == 0 || distances[i - 1] <= distances[i]);
    }
    free(distances);
    rk_graph_room_free(room);
    world_free(&w);
}
END_TEST

/* ---- files ---- */

START_TEST(a_file)
{
    static hits made, opened;
    char folder[] = "/tmp/rank-sketch-XXXXXX", name[64];
    world w;
    rk_arena arena = {0};
    rk_diags diags;
    rk_diags_init(&diags, &arena);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(name, sizeof name, "%s/a.ranki", folder);
    world_init(&w, usual);
    rk_index *const built = w.index;
    search(&w, w.scratch, (rk_index_query){.ef = 20}, &made);
    ck_assert_int_eq(rk_index_save(built, NULL, rk_str_from(name), &diags), RK_OK);
    const rk_index_file from = {.path = rk_str_from(name), .span = RK_NO_SPAN, .verify = true};
    ck_assert_int_eq(rk_index_open(&from, &diags, &w.index, NULL), RK_OK);
    for (int held = 0; held < 2; held++) {
        check_equal(built, w.index);
        search(&w, w.scratch, (rk_index_query){.ef = 20}, &opened);
        ck_assert_mem_eq(&made, &opened, sizeof made);
        const uint8_t *const sketches = w.index->sketches;
        ck_assert_int_eq(rk_index_hold(w.index), RK_OK);
        ck_assert(sketches != w.index->sketches);
    }
    ck_assert_int_eq(remove(name) | remove(folder), 0);
    rk_index_free(built);
    world_free(&w);
    rk_arena_free(&arena);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("index_sketch");
    TCase *const loops = tcase_create("loops"), *const once = tcase_create("once");
    tcase_set_timeout(loops, 120);
    tcase_set_timeout(once, 240);
    tcase_add_loop_test(loops, where_they_pay, 0, N_KINDS);
    tcase_add_loop_test(loops, distances, RK_INDEX_COSINE, RK_INDEX_METRIC_COUNT);
    tcase_add_loop_test(loops, searches, RK_INDEX_COSINE, RK_INDEX_METRIC_COUNT);
    tcase_add_test(once, few_directions);
    tcase_add_test(once, the_same_whoever_builds);
    tcase_add_test(once, making_stops);
    tcase_add_test(once, every_row);
    tcase_add_test(once, few_of_a_walk);
    tcase_add_test(once, a_file);
    suite_add_tcase(suite, loops);
    suite_add_tcase(suite, once);
    return rk_suite_run(suite);
}
