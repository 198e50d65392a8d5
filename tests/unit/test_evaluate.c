/* Every evaluator gives the bits of the plain walk: forests of all shapes and rules, lists of all
 * lengths, kinds of columns, vector levels. */
#include "runtime/model/evaluate.h"

#include "tests/unit/forests.h"
#include "tests/unit/harness.h"

enum { MOST_ROWS = 1000, MOST_OUTPUTS = 5 };

#define SYMMETRIC .symmetric = true, .balanced = true, .outputs = 1

static const forest_recipe recipes[] = {
    {.name = "stumps", .trees = 40, .leaves = 2, .features = 5, .outputs = 1},
    {.name = "one leaf each", .trees = 3, .leaves = 1, .features = 2, .outputs = 1},
    {.name = "no tree", .trees = 0, .leaves = 1, .features = 2, .outputs = 2},
    {.name = "perfect 3",
     .trees = 9,
     .leaves = 8,
     .exactly = true,
     .balanced = true,
     .features = 9,
     .values = 30,
     .outputs = 1},
    {.name = "perfect 4",
     .trees = 9,
     .leaves = 16,
     .exactly = true,
     .balanced = true,
     .features = 9,
     .outputs = 1,
     .missing = true},
    {.name = "perfect 5",
     .trees = 9,
     .leaves = 32,
     .exactly = true,
     .balanced = true,
     .features = 9,
     .outputs = 1,
     .in_float = true},
    {.name = "perfect 6, float",
     .trees = 50,
     .leaves = 64,
     .exactly = true,
     .balanced = true,
     .features = 20,
     .outputs = 1,
     .in_float = true,
     .missing = true},
    {.name = "perfect 7",
     .trees = 9,
     .leaves = 128,
     .exactly = true,
     .balanced = true,
     .features = 9,
     .outputs = 1,
     .missing = true},
    {.name = "perfect 8",
     .trees = 9,
     .leaves = 256,
     .exactly = true,
     .balanced = true,
     .features = 9,
     .outputs = 2,
     .missing = true},
    {.name = "shallow, balanced",
     .trees = 60,
     .leaves = 60,
     .balanced = true,
     .features = 20,
     .values = 100,
     .outputs = 1},
    {.name = "31 leaves",
     .trees = 100,
     .leaves = 31,
     .exactly = true,
     .features = 42,
     .values = 200,
     .outputs = 1},
    {.name = "31 leaves, all rules",
     .trees = 60,
     .leaves = 31,
     .features = 12,
     .missing = true,
     .outputs = 3},
    {.name = "many features",
     .trees = 60,
     .leaves = 31,
     .features = 300,
     .missing = true,
     .outputs = 1},
    {.name = "10 to 16 leaves",
     .trees = 40,
     .leaves = 16,
     .features = 7,
     .wild = true,
     .outputs = 1,
     .in_float = true},
    {.name = "chains",
     .trees = 20,
     .leaves = 200,
     .exactly = true,
     .chain = true,
     .features = 7,
     .outputs = 1,
     .missing = true},
    {.name = "64 leaves", .trees = 30, .leaves = 64, .features = 30, .outputs = 1},
    {.name = "255 leaves",
     .trees = 20,
     .leaves = 255,
     .exactly = true,
     .features = 30,
     .outputs = 1},
    {.name = "255 leaves, float",
     .trees = 20,
     .leaves = 255,
     .features = 30,
     .missing = true,
     .outputs = 2,
     .in_float = true},
    {.name = "256 leaves, a chain",
     .trees = 3,
     .leaves = 256,
     .exactly = true,
     .chain = true,
     .features = 3,
     .outputs = 1},
    {.name = "257 leaves",
     .trees = 5,
     .leaves = 257,
     .exactly = true,
     .features = 30,
     .outputs = 1},
    {.name = "1000 leaves",
     .trees = 8,
     .leaves = 1000,
     .features = 30,
     .missing = true,
     .outputs = 2},
    {.name = "1000 leaves, float",
     .trees = 8,
     .leaves = 1000,
     .features = 30,
     .outputs = 1,
     .in_float = true},
    {.name = "a chain of 3000",
     .trees = 2,
     .leaves = 3000,
     .exactly = true,
     .chain = true,
     .features = 2,
     .outputs = 1},
    {.name = "thousands of thresholds",
     .trees = 50,
     .leaves = 100,
     .features = 1,
     .missing = true,
     .outputs = 1},
    {.name = "wild",
     .trees = 50,
     .leaves = 50,
     .features = 3,
     .wild = true,
     .missing = true,
     .outputs = 1},
    {.name = "categories",
     .trees = 50,
     .leaves = 31,
     .features = 6,
     .categorical = 2,
     .words = 3,
     .missing = true,
     .outputs = 1},
    {.name = "many categories",
     .trees = 30,
     .leaves = 31,
     .features = 4,
     .categorical = 1,
     .words = 40,
     .missing = true,
     .outputs = 1,
     .narrows = true,
     .in_float = true},
    {.name = "scaled, float",
     .trees = 30,
     .leaves = 31,
     .features = 8,
     .outputs = 2,
     .in_float = true,
     .scaled = true},
    {.name = "scaled", .trees = 30, .leaves = 31, .features = 8, .outputs = 1, .scaled = true},
    {.name = "symmetric 1", .trees = 70, .leaves = 2, .exactly = true, SYMMETRIC, .features = 9},
    {.name = "symmetric 2", .trees = 33, .leaves = 4, .exactly = true, SYMMETRIC, .features = 9},
    {.name = "symmetric to 3", .trees = 32, .leaves = 8, SYMMETRIC, .features = 9, .missing = true},
    {.name = "symmetric 6", .trees = 65, .leaves = 64, .exactly = true, SYMMETRIC, .features = 70},
    {.name = "symmetric to 6, float",
     .trees = 40,
     .leaves = 64,
     SYMMETRIC,
     .features = 300,
     .missing = true,
     .in_float = true,
     .scaled = true},
    {.name = "symmetric 8", .trees = 9, .leaves = 256, .exactly = true, SYMMETRIC, .features = 9},
    {.name = "symmetric 9", .trees = 5, .leaves = 512, .exactly = true, SYMMETRIC, .features = 9},
    {.name = "symmetric to 7, categories",
     .trees = 90,
     .leaves = 128,
     SYMMETRIC,
     .features = 12,
     .categorical = 3,
     .words = 2,
     .missing = true,
     .narrows = true},
    {.name = "whole categories",
     .trees = 40,
     .leaves = 31,
     .features = 4,
     .categorical = 2,
     .words = 3,
     .missing = true,
     .outputs = 1,
     .narrows = true,
     .whole = true,
     .in_float = true},
    {.name = "whole doubles",
     .trees = 40,
     .leaves = 20,
     .features = 4,
     .categorical = 1,
     .words = 3,
     .outputs = 1,
     .whole = true},
    {.name = "300 leaves, categories",
     .trees = 40,
     .leaves = 300,
     .features = 12,
     .categorical = 2,
     .words = 2,
     .missing = true,
     .outputs = 2},
    {.name = "255 leaves, 130 features",
     .trees = 70,
     .leaves = 255,
     .exactly = true,
     .features = 130,
     .missing = true,
     .outputs = 1,
     .in_float = true},
    {.name = "255 leaves, 49 trees",
     .trees = 49,
     .leaves = 255,
     .exactly = true,
     .features = 20,
     .missing = true,
     .outputs = 1},
    {.name = "five outputs", .trees = 63, .leaves = 20, .features = 8, .outputs = 5},
};

static const uint32_t lengths[] = {0,  1,  2,  7,   8,   15,  16,  17,  23,  24,  25,
                                   63, 64, 65, 127, 128, 129, 255, 256, 257, 1000};

/* Columns of all kinds with the numbers of a forest; the same ones as doubles. */
typedef struct world {
    rk_forest *forest;
    const forest_recipe *recipe;
    rk_feature *features;
    const double **doubles;
    double *expected[MOST_OUTPUTS];
    rk_arena arena;
} world;

static void make_float(world *w, uint32_t f, double *doubles)
{
    float *const data = rk_arena_alloc_column(&w->arena, MOST_ROWS, sizeof *data);
    for (uint32_t i = 0; i < MOST_ROWS; i++)
        doubles[i] = (double)(data[i] = (float)doubles[i]);
    w->features[f] = (rk_feature){.data = data, .kind = RK_KIND_FLOAT};
}

static void make_int(world *w, uint32_t f, double *doubles, bool gaps)
{
    int64_t *const data = rk_arena_alloc_column(&w->arena, MOST_ROWS, sizeof *data);
    uint64_t *const present = RK_NEW_ARRAY(&w->arena, uint64_t, rk_bit_words(MOST_ROWS));
    for (uint32_t i = 0; i < MOST_ROWS; i++) {
        const bool fits = fabs(doubles[i]) < 1e18;
        data[i] = fits ? (int64_t)doubles[i] : (int64_t)i - 5;
        doubles[i] = (double)data[i];
        if (i % 7)
            rk_bit_set(present, i);
        else if (gaps)
            doubles[i] = NAN;
    }
    w->features[f] =
        (rk_feature){.data = data, .kind = RK_KIND_INT, .present = gaps ? present : NULL};
}

static void make_bool(world *w, uint32_t f, double *doubles)
{
    uint8_t *const data = rk_arena_alloc_column(&w->arena, MOST_ROWS, sizeof *data);
    for (uint32_t i = 0; i < MOST_ROWS; i++)
        doubles[i] = data[i] = doubles[i] > 0;
    w->features[f] = (rk_feature){.data = data, .kind = RK_KIND_BOOL};
}

static void make_constant(world *w, uint32_t f, double *doubles)
{
    double *const data = RK_NEW(&w->arena, double);
    *data = doubles[1];
    for (uint32_t i = 0; i < MOST_ROWS; i++)
        doubles[i] = *data;
    w->features[f] = (rk_feature){.data = data, .kind = RK_KIND_DOUBLE, .constant = true};
}

static void make_column(world *w, uint32_t f, uint64_t *state)
{
    double *const doubles = rk_arena_alloc_column(&w->arena, MOST_ROWS, sizeof *doubles);
    for (uint32_t i = 0; i < MOST_ROWS; i++)
        doubles[i] = forest_value(w->forest, w->recipe, f, state);
    w->doubles[f] = doubles;
    w->features[f] = (rk_feature){.data = doubles, .kind = RK_KIND_DOUBLE};
    switch (forest_below(state, 9)) {
    case 0:
    case 1:
    case 2:
        make_float(w, f, doubles);
        break;
    case 3:
        make_int(w, f, doubles, false);
        break;
    case 4:
        make_int(w, f, doubles, true);
        break;
    case 5:
        make_bool(w, f, doubles);
        break;
    case 6:
        make_constant(w, f, doubles);
        break;
    }
}

static void world_make(world *w, const forest_recipe *recipe, uint64_t seed)
{
    *w = (world){.recipe = recipe};
    w->forest = forest_make(recipe, seed, &w->arena);
    w->features = RK_NEW_ARRAY(&w->arena, rk_feature, recipe->features);
    w->doubles = RK_NEW_ARRAY(&w->arena, const double *, recipe->features);
    uint64_t state = seed + 12345;
    for (uint32_t f = 0; f < recipe->features; f++)
        make_column(w, f, &state);
    for (uint32_t k = 0; k < recipe->outputs; k++)
        w->expected[k] = RK_NEW_ARRAY(&w->arena, double, MOST_ROWS);
    rk_forest_walk(w->forest, &(rk_rows_in){.columns = w->doubles, .n = MOST_ROWS}, w->expected);
}

/* Rows from .. from + n, one way; `way` NULL: the one that is chosen. */
static void check_run(const world *w, const rk_evaluator *e, const rk_evaluator_way *way,
                      uint32_t from, uint32_t n)
{
    rk_arena arena = {0};
    const rk_features features = {.columns = w->features, .from = from, .n = n};
    void *out[MOST_OUTPUTS];
    const size_t size = w->forest->in_float ? sizeof(float) : sizeof(double);
    for (uint32_t k = 0; k < w->forest->n_outputs; k++)
        out[k] = rk_arena_alloc_column(&arena, n + 1, size);
    /* run_as may be asked for wider blocks than n needs */
    void *const scratch =
        rk_arena_alloc_column(&arena, rk_evaluator_scratch(e, way ? MOST_ROWS : n), 1);
    if (way)
        rk_evaluator_run_as(e, *way, &features, scratch, out);
    else
        rk_evaluator_run(e, &features, scratch, out);
    for (uint32_t k = 0; k < w->forest->n_outputs; k++) {
        for (uint32_t i = 0; i < n; i++) {
            const double value =
                w->forest->in_float ? (double)((float *)out[k])[i] : ((double *)out[k])[i];
            ck_assert_msg(memcmp(&value, &w->expected[k][from + i], sizeof value) == 0,
                          "%s: way %d of %u rows, row %u + %u of %u, output %u: %.17g, not %.17g",
                          w->recipe->name, way ? (int)way->kind : -1, way ? way->rows : 0, from, i,
                          n, k, value, w->expected[k][from + i]);
        }
    }
    rk_arena_free(&arena);
}

static void check_level(world *w, rk_cpu_level level)
{
    const rk_evaluator *e;
    const rk_evaluator_options options = {.cpu = level};
    ck_assert_int_eq(rk_evaluator_new(w->forest, w->recipe->features, &options, &w->arena, &e),
                     RK_OK);
    for (size_t l = 0; l < RK_ARRAY_LEN(lengths); l++) {
        const uint32_t n = lengths[l];
        check_run(w, e, NULL, 0, n);
        check_run(w, e, NULL, MOST_ROWS - n, n);
        for (uint32_t kind = 0; kind < RK_EVALUATOR_COUNT; kind++) {
            for (uint32_t rows = 0; rows <= 512; rows = rows ? rows * 2 : 128) {
                const rk_evaluator_way way = {.kind = (rk_evaluator_kind)kind, .rows = rows};
                if (rk_evaluator_knows(e, way))
                    check_run(w, e, &way, n % 13, n == MOST_ROWS ? n - n % 13 : n);
            }
        }
    }
}

static void check_recipe(const forest_recipe *recipe, uint64_t seed)
{
    world w;
    world_make(&w, recipe, seed);
    for (int level = RK_CPU_SCALAR; level <= (int)rk_cpu_best(); level++)
        check_level(&w, (rk_cpu_level)level);
    rk_arena_free(&w.arena);
}

START_TEST(all_equal_the_walk)
{
    for (size_t r = 0; r < RK_ARRAY_LEN(recipes); r++)
        check_recipe(&recipes[r], r + 1);
}
END_TEST

RK_SUITE_MAIN("evaluate", all_equal_the_walk)
