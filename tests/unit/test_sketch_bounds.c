/* What sketches say of distances: that their errors are on record, that vectors are no nearer than
 * sketches tell, that no kernel leaves out what is within the limit; and that axes which bound
 * nothing are noticed. */
#include "runtime/index/bound.h"
#include "runtime/index/exact_ops.h"
#include "runtime/index/graph_sketch.h"
#include "runtime/index/looking.h"
#include "tests/unit/long_sets.h"

/* ---- what is left out is beyond the limit ---- */

/* How far a sketch is from the true numbers of a code, which follow each other by products that are
 * added up one by one; bytes are signed. */
static double sketch_error(const rk_index *index, const int8_t *code, double scale,
                           const int8_t *sketch, double sketch_scale)
{
    double length = 0, along = 0, error = 0;
    for (uint32_t j = 0; j < DIM; j++)
        length += code[j] * code[j];
    length *= scale * scale;
    for (uint32_t i = 0; i < NUMBERS - 1; i++) {
        const uint8_t *const axis = index->axes + i * index->stride;
        double number = 0;
        for (uint32_t j = 0; j < DIM; j++)
            number += code[j] * (axis[j] - 128);
        number *= scale * (double)rk_code_tail_of(axis, index->stride).scale;
        along += number * number;
        error += pow(number - sketch[i] * sketch_scale, 2);
    }
    ck_assert_msg(along <= length, "%g is longer along axes: %g", length, along);
    return sqrt(error + pow(sqrt(length - along) / 2 - sketch[NUMBERS - 1] * sketch_scale, 2));
}

static void take_bytes(const uint8_t *codes, uint32_t n, int8_t *out)
{
    for (uint32_t j = 0; j < n; j++)
        out[j] = (int8_t)(codes[j] - 128);
}

static double length_of(const float *x)
{
    double square = 0;
    for (uint32_t j = 0; j < DIM; j++)
        square += (double)x[j] * (double)x[j];
    return sqrt(square);
}

/* How far a vector is from its code. */
static double code_error(const world *w, const float *x, const int8_t *code, double scale)
{
    const double by = w->metric == RK_INDEX_COSINE ? 1 / length_of(x) : 1;
    double error = 0;
    for (uint32_t j = 0; j < DIM; j++)
        error += pow((double)x[j] * by - (double)w->index->mean[j] - code[j] * scale, 2);
    return sqrt(error);
}

static void check_tail(const world *w, const rk_index *set, uint32_t i)
{
    const uint8_t *const block = w->index->codes + i * w->index->stride;
    const rk_code_tail tail = rk_code_tail_of(set->codes + i * set->stride, set->stride);
    const rk_code_tail own = rk_code_tail_of(block, w->index->stride);
    int8_t code[DIM], sketch[NUMBERS];
    take_bytes(block, DIM, code);
    take_bytes(set->codes + i * set->stride, NUMBERS, sketch);
    double square = 0;
    for (uint32_t j = 0; j < NUMBERS; j++)
        square += pow(sketch[j] * (double)tail.scale, 2);
    ck_assert(fabs((double)tail.length - square) <= 0x1p-23 * square && tail.square == own.square);
    const double far = code_error(w, w->index->vectors + (size_t)i * DIM, code, (double)own.scale) +
                       sketch_error(w->index, code, (double)own.scale, sketch, (double)tail.scale);
    if (own.error == FLT_MAX)
        ck_assert(tail.error == FLT_MAX);
    else
        ck_assert_msg((double)tail.error >= far &&
                          (double)tail.error <= far * 1.01 + 1e-3 * sqrt(square) + 2e-19,
                      "row %u: %g, not %g", i, (double)tail.error, far);
}

static double distance(const world *w, const float *a, const float *b)
{
    const bool cosine = w->metric == RK_INDEX_COSINE;
    const double by_a = cosine ? 1 / length_of(a) : 1, by_b = cosine ? 1 / length_of(b) : 1;
    double square = 0;
    for (uint32_t j = 0; j < DIM; j++) {
        const double gap = (double)a[j] * by_a - (double)b[j] * by_b;
        square += gap * gap;
    }
    return sqrt(square);
}

/* What the sketches of a query and a row say, numbers taken one by one. */
static double between(const rk_index *set, const rk_coded *query, uint32_t place)
{
    const uint8_t *const sketch = set->codes + place * set->stride;
    const double by = (double)rk_code_tail_of(sketch, set->stride).scale;
    double square = 0;
    for (uint32_t i = 0; i < set->dim; i++) {
        const double gap = query->bytes[i] * (double)query->factor / 2 - (sketch[i] - 128) * by;
        square += gap * gap;
    }
    return sqrt(square);
}

/* A query made ready, and its sketch. */
typedef struct seen {
    rk_bound bound;
    rk_coded sketch;
    int8_t bytes[512] __attribute__((aligned(64)));
    int8_t sketch_bytes[RK_SKETCH_STRIDE] __attribute__((aligned(64)));
} seen;

static void see(const world *w, const float *query, seen *out)
{
    rk_bound_init(w->index, query, out->bytes, &out->bound);
    rk_sketch_query(w->index, rk_code_ops_get(rk_cpu_best()), &out->bound.coded, out->sketch_bytes,
                    &out->sketch);
}

/* Tails and queries say how far sketches are from what they stand for. */
START_TEST(errors_hold)
{
    world w = world_new((data)(_i / 2), (rk_index_metric)(RK_INDEX_COSINE + _i % 2), RK_INDEX_FLAT);
    const rk_index set = rk_sketch_set(w.index);
    for (uint32_t i = 0; i < ROWS; i += 13)
        check_tail(&w, &set, i);
    for (uint32_t q = 0; q < QUERIES; q++) {
        seen seen;
        if (q == 2)
            continue;
        see(&w, query_of(&w, q), &seen);
        const rk_coded *const coded = &seen.bound.coded, *const sketch = &seen.sketch;
        const double far = sketch_error(w.index, coded->bytes, (double)coded->factor / 2,
                                        sketch->bytes, (double)sketch->factor / 2);
        ck_assert(!seen.bound.trusted || (double)sketch->error >= far);
    }
    world_free(&w);
}
END_TEST

/* Vectors are no nearer than their sketches, but for the errors; and hardly farther, where the
 * sketches know all. */
START_TEST(bounds_hold)
{
    world w = world_new((data)(_i / 2), (rk_index_metric)(RK_INDEX_COSINE + _i % 2), RK_INDEX_FLAT);
    const rk_index set = rk_sketch_set(w.index);
    double most = 0;
    for (uint32_t q = 0; q < QUERIES; q++) {
        seen seen;
        if (q == 2)
            continue;
        see(&w, query_of(&w, q), &seen);
        for (uint32_t i = q; seen.bound.trusted && i < ROWS; i += 7) {
            const rk_code_tail tail = rk_code_tail_of(set.codes + i * set.stride, set.stride);
            const double d = distance(&w, query_of(&w, q), w.index->vectors + (size_t)i * DIM);
            const double errors =
                (double)tail.error + (double)seen.sketch.error + (double)seen.bound.coded.error;
            if (tail.error == FLT_MAX || isnan(d))
                continue;
            const double least = between(&set, &seen.sketch, i) - errors;
            ck_assert_msg(least <= d * (1 + 1e-12), "query %u, row %u: %g, not %g", q, i, least, d);
            most = d > 0 && least / d > most ? least / d : most;
        }
    }
    ck_assert(most > 0.8 || (w.data == TINY && w.metric == RK_INDEX_COSINE)); /* not trusted */
    world_free(&w);
}
END_TEST

/* With the score of a row as the limit the row is not out, by any kernel. */
START_TEST(limits_hold)
{
    world w = world_new((data)(_i / 2), (rk_index_metric)(RK_INDEX_COSINE + _i % 2), RK_INDEX_FLAT);
    const rk_index set = rk_sketch_set(w.index);
    for (uint32_t q = 0; q < QUERIES; q++) {
        seen seen;
        if (q == 2)
            continue;
        see(&w, query_of(&w, q), &seen);
        seen.sketch.by = 0;
        for (uint32_t i = q; seen.bound.trusted && i + 4 <= ROWS; i += 5) {
            const uint8_t *const four = set.codes + i * set.stride;
            rk_bound bound = seen.bound;
            rk_bound_by_score(w.index, &bound,
                              score(&w, query_of(&w, q), w.index->vectors + (size_t)i * DIM));
            const rk_limit limit = rk_bound_limit_of_sketches(&bound, &seen.sketch);
            ck_assert((double)limit.at >= bound.at + (double)seen.sketch.error);
            for (int level = RK_CPU_SCALAR; level <= (int)rk_cpu_best(); level++) {
                float distances[4];
                uint32_t hits[4];
                rk_code_ops_get((rk_cpu_level)level)->following(&seen.sketch, four, 4, distances);
                const uint32_t n = rk_exact_ops_get((rk_cpu_level)level)
                                       ->near(&limit, four, set.stride, NULL, distances, 4, hits);
                if (n == 0 || hits[0] != 0)
                    ck_abort_msg("level %d, query %u, row %u is out", level, q, i);
            }
        }
    }
    world_free(&w);
}
END_TEST

/* ---- tiles ---- */

/* How far what tiles see of a query is from the query. */
static double coarse_error(const rk_coded *coded, const rk_view *view, bool coarse)
{
    double square = 0;
    for (size_t i = 0; i < coded->stride; i++)
        square += pow(coded->bytes[i] - (coarse ? 8 : 1) * view->tiled.bytes[i], 2);
    return sqrt(square) * (double)coded->factor / 2;
}

/* Tiles see the limit with both errors in it. */
static void check_view(const rk_looking *looking, const rk_coded *coded, const rk_view *view,
                       double error)
{
    const bool coarse = looking->scan->scratch->tiles->coarse;
    const double at = looking->bound.at + error + coarse_error(coded, view, coarse);
    const double seen = -(double)view->tiled.by[2] * view->factor / 2;
    if (isfinite(view->tiled.by[1]))
        ck_assert_msg(seen >= at * (1 - 1e-6) && seen <= at * 1.001, "%g, not %g", seen, at);
}

static void turn(rk_tile *tile, const rk_index *set, uint32_t first, const rk_tile_ops *tiles,
                 rk_limit_kind kind)
{
    tile->n = RK_TILE;
    tile->steps = (set->dim + RK_TILE_STEP - 1) / RK_TILE_STEP;
    for (uint32_t i = 0; i < RK_TILE; i++)
        tile->blocks[i] = set->codes + (first + i) * set->stride;
    rk_tile_bounds(kind, set->stride, tile);
    tiles->turn(tile, (set->dim + 63) / 64);
}

/* Bounds of a tile, times the query's, are the least sums that (limit + error)^2 leaves in. */
static void check_bounds(const rk_tile *tile, const rk_view *view, size_t stride,
                         rk_limit_kind kind)
{
    const float *const by = view->tiled.by;
    const double at = -(double)by[2] * view->factor / 2, slack = 1 - RK_BOUND_SLACK;
    for (uint32_t i = 0; i < RK_TILE && isfinite(by[1]); i++) {
        const rk_code_tail tail = rk_code_tail_of(tile->blocks[i], stride);
        const double square = (double)(kind == RK_LIMIT_SKETCH ? tail.length : tail.square);
        const double squares = (square + view->square) * slack;
        const double limit = pow(at + (double)tail.error, 2);
        const double scale = (double)tail.scale * view->factor;
        double sum = 0;
        for (int part = 0; part < 3; part++)
            sum += (double)tile->bounds[part][i] * (double)by[part];
        if (tail.error < FLT_MAX && limit < 1e30)
            ck_assert_msg(fabs(sum - (squares - limit) / scale) <= 1e-6 * (squares + limit) / scale,
                          "vector %u: %g, not %g", i, sum, (squares - limit) / scale);
    }
}

/* What a query's own kernels leave in by more than they round, a tile does not leave out: that sums
 * up in another order. */
static void check_tile(const rk_looking *looking, const rk_coded *coded, const rk_view *view,
                       const rk_index *set, const rk_tile *tile)
{
    const rk_index_scratch *const scratch = looking->scan->scratch;
    float distances[RK_TILE];
    uint32_t near[RK_TILE], at = 0;
    rk_tile_hit hits[RK_TILE];
    rk_limit limit = view->limit;
    limit.at *= 1 - 1e-6f;
    scratch->codes->following(coded, tile->blocks[0], RK_TILE, distances);
    const uint32_t n_near =
        scratch->scan->near(&limit, tile->blocks[0], set->stride, NULL, distances, RK_TILE, near);
    const uint32_t n_hits = scratch->tiles->run(tile, &view->tiled, 1, hits);
    for (uint32_t i = 0; i < n_near; i++) {
        while (at < n_hits && hits[at].vector != near[i])
            at++;
        ck_assert_msg(at < n_hits, "vector %u is out", near[i]);
    }
}

/* With the score of a row as the limit, of tiles of sketches and of codes. */
static void check_looking(rk_looking *looking, uint32_t row, rk_tile *tile)
{
    const rk_index *const index = looking->scan->index;
    const rk_index set = rk_sketch_set(index);
    const rk_tile_ops *const tiles = looking->scan->scratch->tiles;
    looking->bound.at = (double)INFINITY;
    rk_bound_by_score(
        index, &looking->bound,
        score_of(index->metric, looking->seeker->vector, index->vectors + (size_t)row * DIM, DIM));
    rk_looking_limit(looking);
    check_view(looking, &looking->bound.coded, &looking->by_code, 0);
    check_view(looking, &looking->sketch, &looking->by_sketch, (double)looking->sketch.error);
    turn(tile, &set, row, tiles, RK_LIMIT_SKETCH);
    check_bounds(tile, &looking->by_sketch, set.stride, RK_LIMIT_SKETCH);
    check_tile(looking, &looking->sketch, &looking->by_sketch, &set, tile);
    turn(tile, index, row, tiles, RK_LIMIT_DISTANCE);
    check_bounds(tile, &looking->by_code, index->stride, RK_LIMIT_DISTANCE);
    check_tile(looking, &looking->bound.coded, &looking->by_code, index, tile);
}

START_TEST(tiles_hold)
{
    world w = world_new((data)(_i / 2), (rk_index_metric)(RK_INDEX_COSINE + _i % 2), RK_INDEX_FLAT);
    rk_index_scratch *const scratch = rk_index_scratch_new(rk_cpu_best());
    static rk_tile tile;
    tile.codes = aligned_alloc(64, (DIM + 63) / 64 * 64 * RK_TILE);
    for (uint32_t q = 0; q < QUERIES && scratch->tiles; q++) {
        rk_seeker seeker = {.vector = query_of(&w, q), .keep = {.k = 10}};
        const rk_exact scan = {.index = w.index, .scratch = scratch, .seekers = &seeker, .n = 1};
        rk_looking looking;
        if (q == 2)
            continue;
        rk_arena_reset(&scratch->room);
        ck_assert_int_eq(rk_looking_init(&scan, &seeker, &looking), RK_OK);
        for (uint32_t i = q; looking.bound.trusted && i + RK_TILE <= ROWS; i += 97)
            check_looking(&looking, i, &tile);
    }
    free(tile.codes);
    rk_index_scratch_free(scratch);
    world_free(&w);
}
END_TEST

/* ---- axes ---- */

static bool do_bound(const rk_index *index)
{
    bool bounding[2];
    ck_assert_int_eq(rk_sketch_check(index, rk_code_ops_get(RK_CPU_SCALAR), &bounding[0]), RK_OK);
    ck_assert_int_eq(rk_sketch_check(index, rk_code_ops_get(rk_cpu_best()), &bounding[1]), RK_OK);
    ck_assert(bounding[0] == bounding[1]);
    return bounding[0];
}

START_TEST(axes_that_bound_nothing)
{
    static const float wrong[] = {1.02f, -1.02f, 1e30f, INFINITY, NAN};
    world w = world_new(NOISY, RK_INDEX_L2, RK_INDEX_FLAT);
    const size_t size = (NUMBERS - 1) * w.index->stride;
    uint8_t *const axes = aligned_alloc(64, size);
    const uint8_t *const made = w.index->axes;
    memcpy(axes, made, size);
    w.index->axes = axes;
    ck_assert(do_bound(w.index));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        set_scale(w.index, axes, 77, wrong[i]);
        ck_assert(!do_bound(w.index));
        memcpy(axes + 77 * w.index->stride, axes, w.index->stride); /* two that are one */
        ck_assert(!do_bound(w.index));
        memset(axes + 77 * w.index->stride, 128, w.index->dim); /* 0 */
        set_scale(w.index, axes, 77, 0);
        ck_assert(do_bound(w.index));
        memcpy(axes, made, size);
    }
    free(axes);
    world_free(&w);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("sketch_bounds");
    TCase *const tests = tcase_create("sketch_bounds");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, errors_hold, 0, 2 * KINDS);
    tcase_add_loop_test(tests, bounds_hold, 0, 2 * KINDS);
    tcase_add_loop_test(tests, limits_hold, 0, 2 * KINDS);
    tcase_add_loop_test(tests, tiles_hold, 0, 2 * KINDS);
    tcase_add_test(tests, axes_that_bound_nothing);
    suite_add_tcase(suite, tests);
    return rk_suite_run(suite);
}
