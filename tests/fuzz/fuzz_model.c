/* Any bytes are read as a model, in the format that they show, without a crash and in memory that
 * is bounded by their number; a model that is read is whole, scores odd rows with the same bits in
 * every way, and comes to the same when it is read again. */
#include "tests/fuzz/model_check.h"

#include "runtime/model/evaluate.h"
#include "runtime/model/linear.h"

enum { ROWS = 8, MANY = 4096, MOST_CELLS = 1 << 14, MOST_SPLITS = 256 };

typedef struct bench {
    const rk_model *model;
    rk_arena *arena;
    const double **columns; /* [n_inputs][ROWS] */
    double **out;           /* [n_outputs][ROWS] */
} bench;

/* Values that tell rules apart, another one in each row and column. */
static void make_rows(bench *b)
{
    static const double odd[] = {0.0, -0.0, 1.0, -1.0, 0.5, 1e-36, 3.0, 1e300, 33.0, -0.5, 2.5e9};
    const uint32_t n = b->model->n_inputs;
    b->columns = RK_NEW_ARRAY(b->arena, const double *, n + 1);
    for (uint32_t f = 0; f < n; f++) {
        double *const column = rk_arena_alloc_column(b->arena, rk_padded(ROWS), sizeof *column);
        for (uint32_t i = 0; i < ROWS; i++)
            column[i] = i == 6   ? (double)NAN
                        : i == 7 ? (double)(f & 1 ? INFINITY : -INFINITY)
                                 : odd[(f * 7 + i * 3) % RK_ARRAY_LEN(odd)];
        b->columns[f] = column;
    }
    b->out = RK_NEW_ARRAY(b->arena, double *, b->model->n_outputs + 1);
    for (uint32_t k = 0; k < b->model->n_outputs; k++)
        b->out[k] = rk_arena_alloc_column(b->arena, ROWS, sizeof(double));
}

/* What an evaluator says, beside the walk's scores. */
static void compare_ways(bench *b, const rk_evaluator *evaluator, const rk_features *rows)
{
    const rk_forest *const forest = b->model->as.forest;
    void *const room =
        rk_arena_alloc_column(b->arena, rk_evaluator_scratch(evaluator, MANY) + 1, 1);
    void **const out = RK_NEW_ARRAY(b->arena, void *, forest->n_outputs + 1u);
    for (uint32_t k = 0; k < forest->n_outputs; k++)
        out[k] = rk_arena_alloc_column(b->arena, rk_padded(ROWS), sizeof(double));
    for (int kind = 0; kind < RK_EVALUATOR_COUNT; kind++)
        for (uint32_t block = kind == RK_EVALUATOR_SLICES ? 128 : 0; block <= 512;
             block += block ? block : 1024) {
            const rk_evaluator_way way = {(rk_evaluator_kind)kind, block};
            if (!rk_evaluator_knows(evaluator, way))
                continue;
            rk_evaluator_run_as(evaluator, way, rows, room, out);
            for (uint32_t k = 0; k < forest->n_outputs; k++)
                for (uint32_t i = 0; i < ROWS; i++) {
                    const double y = forest->in_float ? (double)((const float *)out[k])[i]
                                                      : ((const double *)out[k])[i];
                    REQUIRE(memcmp(&y, &b->out[k][i], sizeof y) == 0 ||
                            (isnan(y) && isnan(b->out[k][i])));
                }
        }
}

static void evaluate(bench *b)
{
    const rk_model *const model = b->model;
    rk_feature *const features = RK_NEW_ARRAY(b->arena, rk_feature, model->n_inputs + 1u);
    for (uint32_t f = 0; f < model->n_inputs; f++)
        features[f] = (rk_feature){.data = b->columns[f], .kind = RK_KIND_DOUBLE};
    const rk_features rows = {features, 0, ROWS};
    for (int cpu = 0; cpu <= (int)rk_cpu_best(); cpu++) {
        const rk_evaluator_options options = {.cpu = (rk_cpu_level)cpu, .cache = 1 << 20};
        const rk_evaluator *evaluator;
        REQUIRE(rk_evaluator_new(model->as.forest, model->n_inputs, &options, b->arena,
                                 &evaluator) == RK_OK);
        compare_ways(b, evaluator, &rows);
    }
}

static void score(bench *b, bool all_ways)
{
    const rk_model *const model = b->model;
    const rk_rows_in rows = {b->columns, ROWS};
    if (model->shape == RK_MODEL_LINEAR) {
        rk_linear_run(model->as.linear, &rows, b->out);
    } else {
        const rk_forest *const forest = model->as.forest;
        rk_forest_walk(forest, &rows, b->out);
        int64_t *const leaves = RK_NEW_ARRAY(b->arena, int64_t, (size_t)ROWS * forest->n_trees);
        rk_forest_leaves(forest, &rows, leaves);
        for (size_t i = 0; i < (size_t)ROWS * forest->n_trees; i++)
            REQUIRE(leaves[i] >= 0);
        if (all_ways && forest->n_splits <= MOST_SPLITS)
            evaluate(b);
    }
    rk_model_transform(model, rk_vmath_get(rk_cpu_best()), b->out, ROWS);
    for (int part = RK_MODEL_SCORE; part <= RK_MODEL_LEAVES; part++)
        REQUIRE(rk_model_type(model, (rk_model_part)part).kind != RK_KIND_NONE);
}

static void compare(const bench *a, const bench *b)
{
    for (uint32_t k = 0; k < a->model->n_outputs; k++)
        REQUIRE(memcmp(a->out[k], b->out[k], ROWS * sizeof(double)) == 0);
}

/* False: the bytes are no forest or linear model, or one of much work. */
static bool read_and_score(fuzz_model *m, bench *b, rk_str bytes)
{
    const rk_model_options options = {.most_trees = bytes.len % 5 == 0, .in_float = bytes.len & 2};
    *b = (bench){.model = fuzz_model_read(m, bytes, &options), .arena = &m->arena};
    if (!b->model || b->model->shape > RK_MODEL_LINEAR || b->model->n_inputs > MOST_CELLS ||
        b->model->n_outputs > MOST_CELLS)
        return false;
    make_rows(b);
    score(b, bytes.len % 16 == 1);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_model first, second;
    const rk_str bytes = {(const char *)data, size};
    bench a, b;
    if (!read_and_score(&first, &a, bytes) || size % 4)
        return 0;
    REQUIRE(read_and_score(&second, &b, bytes));
    compare(&a, &b);
    return 0;
}
