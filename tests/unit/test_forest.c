/* Forests by hand: what the check refuses, thresholds, and the rules of the walk. */
#include <math.h>

#include "runtime/model/forest.h"
#include "tests/unit/harness.h"

/* ---- thresholds ---- */

/* All floats of a kind, and random ones. */
static const float odd_floats[] = {0.0f,      -0.0f,         0x1p-149f,        -0x1p-149f,
                                   0x1p-126f, -0x1p-126f,    0x1.fffffep-127f, 1.0f,
                                   -1.0f,     0x1.000002p0f, 0x1.fffffep127f,  -0x1.fffffep127f,
                                   INFINITY,  -INFINITY,     3.3333333f,       1e-35f};

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

static void check_narrowed(float threshold)
{
    const double least = rk_forest_narrowed(threshold);
    ck_assert_msg((float)least >= threshold, "%a: %a is below", (double)threshold, least);
    if (least != (double)-INFINITY) {
        const double below = nextafter(least, (double)-INFINITY);
        ck_assert_msg((float)below < threshold, "%a: %a is not the least", (double)threshold,
                      least);
    }
}

START_TEST(narrowed_is_the_least_double)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(odd_floats); i++)
        check_narrowed(odd_floats[i]);
    uint64_t state = 88172645463325252u;
    for (int i = 0; i < 200000; i++) {
        const uint32_t bits = (uint32_t)next_random(&state);
        float value;
        memcpy(&value, &bits, sizeof value);
        if (value == value)
            check_narrowed(value);
    }
}
END_TEST

START_TEST(above_is_the_next_double)
{
    const double odd[] = {0.0,
                          -0.0,
                          0x1p-1074,
                          -0x1p-1074,
                          1.0,
                          -1.0,
                          0x1.fffffffffffffp1023,
                          -0x1.fffffffffffffp1023,
                          (double)-INFINITY,
                          1e-35};
    for (size_t i = 0; i < RK_ARRAY_LEN(odd); i++)
        ck_assert(rk_forest_above(odd[i]) == nextafter(odd[i], (double)INFINITY));
    ck_assert(rk_forest_above((double)INFINITY) == (double)INFINITY);
    ck_assert(isnan(rk_forest_above((double)NAN)));
    uint64_t state = 362436069362436069u;
    for (int i = 0; i < 200000; i++) {
        const uint64_t bits = next_random(&state);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (value == value)
            ck_assert(rk_forest_above(value) == nextafter(value, (double)INFINITY));
    }
}
END_TEST

/* ---- the check ---- */

/* Two trees: x0 < 1 ? (x1 in {1, 33} ? 10 : 20) : 30, and a leaf of 5. */
typedef struct sample {
    rk_tree trees[2];
    rk_tree_split splits[2];
    double leaves[4];
    uint32_t leaf_numbers[4];
    rk_split_set sets[1];
    uint32_t words[2];
    double base[1];
    rk_model_input inputs[2];
    rk_forest forest;
} sample;

static sample *sample_of(sample *s)
{
    *s = (sample){
        .trees = {{0, 2, 0, 3, 0, 99}, {2, 0, 3, 1, 0, 99}},
        .splits = {{.threshold = 1, .feature = 0, .left = 1, .right = -3, .set = UINT32_MAX},
                   {.feature = 1, .left = -1, .right = -2, .set = 0, .in_left = true}},
        .leaves = {10, 20, 30, 5},
        .leaf_numbers = {7, 8, 9, 0},
        .sets = {{0, 2}},
        .words = {2, 2},
    };
    s->forest = (rk_forest){.trees = s->trees,
                            .n_trees = 2,
                            .splits = s->splits,
                            .n_splits = 2,
                            .leaves = s->leaves,
                            .leaf_numbers = s->leaf_numbers,
                            .n_leaves = 4,
                            .sets = s->sets,
                            .n_sets = 1,
                            .words = s->words,
                            .n_words = 2,
                            .n_outputs = 1,
                            .base = s->base,
                            .divisor = 1,
                            .scale = 1};
    return s;
}

static void expect_fault(sample *s, const char *words)
{
    rk_buf fault = {0};
    const rk_status status = rk_forest_check(&s->forest, s->inputs, 2, &fault);
    ck_assert_int_eq(status, words ? RK_EDATA : RK_OK);
    if (words)
        ck_assert_str_eq(fault.data, words);
    rk_buf_free(&fault);
}

#define REFUSES(change, words)                                                                     \
    do {                                                                                           \
        sample refused;                                                                            \
        sample *const s = sample_of(&refused);                                                     \
        change;                                                                                    \
        expect_fault(s, words);                                                                    \
    } while (0)

START_TEST(whole_forests_pass)
{
    sample s;
    expect_fault(sample_of(&s), NULL);
    ck_assert_uint_eq(s.trees[0].depth, 2);
    ck_assert_uint_eq(s.trees[1].depth, 0);
    ck_assert(s.inputs[0].used && !s.inputs[0].categorical);
    ck_assert(s.inputs[1].used && s.inputs[1].categorical);
    s.forest.n_trees = s.forest.n_splits = s.forest.n_leaves = 0;
    expect_fault(&s, NULL);
    ck_assert(!s.inputs[0].used && !s.inputs[1].used);
}
END_TEST

START_TEST(ranges_are_checked)
{
    REFUSES(s->splits[0].feature = 2, "tree 0, split 0 asks for feature 2 of 2");
    REFUSES(s->splits[0].threshold = (double)NAN, "tree 0, split 0 compares with NaN");
    REFUSES(s->splits[1].set = 1, "tree 0, split 1 asks for set 1 of 1");
    REFUSES(s->sets[0].n_words = 3, "set 0 goes on beyond the 2 words of sets");
    REFUSES((s->sets[0].first = UINT32_MAX, s->sets[0].n_words = 2),
            "set 0 goes on beyond the 2 words of sets");
    REFUSES(s->trees[1].output = 1, "tree 1 adds to output 1 of 1");
    REFUSES(s->forest.n_outputs = 0, "the forest has no output");
    REFUSES(s->forest.divisor = 0, "scores would be divided by 0");
    REFUSES((s->forest.in_float = true, s->leaves[2] = 0.1), "leaf value 2 is no float");
    REFUSES((s->forest.in_float = true, s->base[0] = 1e-300), "the base of output 0 is no float");
}
END_TEST

START_TEST(ways_are_checked)
{
    REFUSES(s->splits[0].left = 0, "tree 0, split 0 leads back to split 0");
    REFUSES(s->splits[1].left = 0, "tree 0, split 1 leads back to split 0");
    REFUSES(s->splits[0].right = 1, "tree 0 reaches split 1 twice");
    REFUSES(s->splits[0].left = 2, "tree 0, split 0 leads to split 2 of 2");
    REFUSES(s->splits[0].left = INT32_MAX, "tree 0, split 0 leads to split 2147483647 of 2");
    REFUSES(s->splits[0].right = -4, "tree 0, split 0 leads to leaf 3 of 3");
    REFUSES(s->splits[0].right = INT32_MIN, "tree 0, split 0 leads to leaf 2147483647 of 3");
    REFUSES(s->splits[1].left = -2, "tree 0 reaches leaf 1 twice");
    REFUSES(s->splits[0].left = -1, "tree 0 never reaches split 1");
}
END_TEST

START_TEST(trees_follow_each_other)
{
    REFUSES(s->trees[1].first_split = 1, "tree 1 does not follow the one before");
    REFUSES(s->trees[1].first_leaf = 4, "tree 1 does not follow the one before");
    REFUSES(s->trees[0].n_leaves = 2, "tree 0 has 2 leaves and 2 splits");
    REFUSES(s->trees[0].n_splits = UINT32_MAX, "tree 0 has 3 leaves and 4294967295 splits");
    REFUSES(s->forest.n_leaves = 5, "the trees have 2 splits and 4 leaves, not 2 and 5");
    REFUSES(s->forest.n_splits = 3, "the trees have 2 splits and 4 leaves, not 3 and 4");
}
END_TEST

/* ---- the walk ---- */

static double walk(const rk_forest *forest, double x0, double x1)
{
    const double *const columns[] = {&x0, &x1};
    const rk_rows_in rows = {columns, 1};
    double score;
    double *const out[] = {&score};
    rk_forest_walk(forest, &rows, out);
    return score;
}

START_TEST(numbers_are_compared)
{
    sample s;
    const rk_forest *const f = &sample_of(&s)->forest;
    ck_assert(walk(f, nextafter(1, 0), 1) == 15 && walk(f, 1, 1) == 35);
    ck_assert(walk(f, (double)-INFINITY, 1) == 15 && walk(f, (double)INFINITY, 1) == 35);
    ck_assert(walk(f, (double)NAN, 1) == 35);
    s.splits[0].nan_left = true;
    ck_assert(walk(f, (double)NAN, 1) == 15 && walk(f, 2, 1) == 35);
    s.splits[0].nan_left = false;
    s.splits[0].zero = true;
    ck_assert(walk(f, RK_FOREST_ZERO, 1) == 35 && walk(f, -RK_FOREST_ZERO, 1) == 35);
    ck_assert(walk(f, nextafter(RK_FOREST_ZERO, 1), 1) == 15 && walk(f, -0.0, 1) == 35);
    s.splits[0].nan_left = true;
    ck_assert(walk(f, 0, 1) == 15 && walk(f, 2, 1) == 35);
}
END_TEST

START_TEST(categories_are_looked_up)
{
    sample s;
    const rk_forest *const f = &sample_of(&s)->forest;
    const double in[] = {1, 1.999, 33, 33.5}, out[] = {0,
                                                       2,
                                                       32,
                                                       34,
                                                       -1,
                                                       -33,
                                                       64,
                                                       65,
                                                       1e300,
                                                       -1e9,
                                                       4294967297.0,
                                                       2147483648.0,
                                                       (double)INFINITY,
                                                       (double)-INFINITY,
                                                       (double)NAN};
    for (size_t i = 0; i < RK_ARRAY_LEN(in); i++)
        ck_assert(walk(f, 0, in[i]) == 15);
    for (size_t i = 0; i < RK_ARRAY_LEN(out); i++)
        ck_assert(walk(f, 0, out[i]) == 25);
    s.splits[1].in_left = false;
    for (size_t i = 0; i < RK_ARRAY_LEN(in); i++)
        ck_assert(walk(f, 0, in[i]) == 25);
    for (size_t i = 0; i + 1 < RK_ARRAY_LEN(out); i++)
        ck_assert(walk(f, 0, out[i]) == 15);
    ck_assert(walk(f, 0, (double)NAN) == 25);
    s.splits[1].nan_left = true;
    ck_assert(walk(f, 0, (double)NAN) == 15);
}
END_TEST

/* Between -1 and 0 lies category 0, but not for a library that narrows; 0.99999999 is 1 to it. */
START_TEST(categories_of_narrowed_numbers)
{
    sample s;
    const rk_forest *const f = &sample_of(&s)->forest;
    s.words[0] = 1;
    ck_assert(walk(f, 0, -0.5) == 15 && walk(f, 0, 0.99999999) == 15 && walk(f, 0, -1) == 25);
    s.forest.narrows = true;
    ck_assert(walk(f, 0, -0.5) == 25 && walk(f, 0, 0.99999999) == 25 && walk(f, 0, 0.5) == 15);
    ck_assert(walk(f, 0, -0.0) == 15);
    s.forest.whole = true;
    ck_assert(walk(f, 0, 0.5) == 25 && walk(f, 0, -0.0) == 15 && walk(f, 0, 1e-300) == 15);
    s.forest.narrows = false;
    ck_assert(walk(f, 0, -0.5) == 25 && walk(f, 0, 0) == 15 && walk(f, 0, 1e-300) == 25);
}
END_TEST

START_TEST(sums_are_finished)
{
    sample s;
    rk_forest *const f = &sample_of(&s)->forest;
    s.base[0] = 0.5;
    ck_assert(walk(f, 0, 1) == 15.5);
    f->divisor = 3;
    ck_assert(walk(f, 0, 1) == 15.5 / 3);
    f->scale = 2;
    f->bias = 1;
    ck_assert(walk(f, 0, 1) == 2 * (15.5 / 3) + 1);
    f->rounds = true;
    ck_assert(walk(f, 0, 1) == (double)(float)(2 * (15.5 / 3) + 1));
}
END_TEST

/* 2^24 + 1 is no float: the second tree's 1 is lost, and comes again in double. */
START_TEST(float_sums_are_rounded_each_time)
{
    sample s;
    rk_forest *const f = &sample_of(&s)->forest;
    s.leaves[0] = 16777216;
    s.leaves[3] = 1;
    ck_assert(walk(f, 0, 1) == 16777217);
    f->in_float = true;
    ck_assert(walk(f, 0, 1) == 16777216);
    f->divisor = 3;
    ck_assert(walk(f, 0, 1) == (double)(16777216.0f / 3.0f));
    f->divisor = 1;
    f->bias = 1;
    ck_assert(walk(f, 0, 1) == 16777216);
}
END_TEST

START_TEST(leaves_have_the_librarys_numbers)
{
    sample s;
    const rk_forest *const f = &sample_of(&s)->forest;
    const double x0[] = {0, 0, 1}, x1[] = {1, 2, 1};
    const double *const columns[] = {x0, x1};
    const rk_rows_in rows = {columns, 3};
    int64_t out[6];
    rk_forest_leaves(f, &rows, out);
    const int64_t expected[] = {7, 0, 8, 0, 9, 0};
    ck_assert(memcmp(out, expected, sizeof out) == 0);
}
END_TEST

/* ---- transforms ---- */

static void transform(const rk_model *model, double *x, uint32_t n)
{
    double *scores[3] = {x};
    for (uint32_t k = 1; k < model->n_outputs; k++)
        scores[k] = scores[k - 1] + n;
    rk_model_transform(model, rk_vmath_get(RK_CPU_SCALAR), scores, n);
}

START_TEST(transforms_at_the_ends)
{
    const double inf = (double)INFINITY;
    double x[] = {-inf, -1000, -0.0, 0, 1000, inf};
    rk_model model = {.kind = RK_KIND_DOUBLE, .n_outputs = 1, .slope = 1};
    model.transform = RK_TRANSFORM_SIGMOID;
    transform(&model, x, 6);
    ck_assert(x[0] == 0 && x[1] == 0 && x[2] == 0.5 && x[3] == 0.5 && x[4] == 1 && x[5] == 1);
    double y[] = {-inf, -3, -0.0, 0, 3, inf};
    model.transform = RK_TRANSFORM_SIGNED_SQUARE;
    transform(&model, y, 6);
    ck_assert(y[0] == -inf && y[1] == -9 && y[2] == 0 && y[3] == 0 && y[4] == 9 && y[5] == inf);
    double z[] = {-inf, -1, 0, 1, inf, (double)NAN};
    model.transform = RK_TRANSFORM_STEP;
    transform(&model, z, 6);
    ck_assert(z[0] == 0 && z[1] == 0 && z[2] == 0 && z[3] == 1 && z[4] == 1 && z[5] == 0);
}
END_TEST

/* What is finite and becomes infinite does not fit; -0 and NaN stay. */
START_TEST(a_forest_becomes_one_in_float)
{
    double leaves[] = {0.1, -0.0, INFINITY, 16777217}, base[] = {0.2}, large[] = {1, 1e300};
    rk_forest forest = {.leaves = leaves, .n_leaves = 4, .base = base, .n_outputs = 1};
    ck_assert(rk_forest_to_float(&forest));
    ck_assert(forest.in_float);
    ck_assert(leaves[0] == (double)0.1f && base[0] == (double)0.2f);
    ck_assert(signbit(leaves[1]) && leaves[2] == INFINITY && leaves[3] == 16777216);
    forest.leaves = large;
    forest.n_leaves = 2;
    ck_assert(!rk_forest_to_float(&forest));
}
END_TEST

/* ONNX Runtime's ways, in float. */
START_TEST(onnx_transforms)
{
    const double inf = (double)INFINITY;
    rk_model model = {.kind = RK_KIND_FLOAT, .n_outputs = 1, .transform = RK_TRANSFORM_LOGISTIC};
    double x[] = {0, -inf, inf, -20, 1, -1};
    transform(&model, x, 6);
    ck_assert(x[0] == 0.5 && x[1] == 0 && x[2] == 1 && x[3] == 0);
    ck_assert(fabs(x[4] - 0.7310585786300049) < 1e-7 && x[5] == (double)(1 - (float)x[4]));
    model.n_outputs = 3;
    model.transform = RK_TRANSFORM_SOFTMAX_ZERO;
    double y[] = {0, 2, 1}; /* e^(1 - 2) is a share of 1 + e^(1 - 2); 0 has none */
    transform(&model, y, 1);
    ck_assert(y[0] == 0 && fabs(y[1] - 0.7310585786300049) < 1e-7 && fabs(y[1] + y[2] - 1) < 1e-7);
}
END_TEST

/* Longer than one block, three outputs; and the same bits on each level. */
START_TEST(softmax_goes_over_the_outputs)
{
    enum { N = 700 };
    static double x[3 * N], y[3 * N];
    const rk_model model = {
        .kind = RK_KIND_DOUBLE, .n_outputs = 3, .transform = RK_TRANSFORM_SOFTMAX, .divisor = 2};
    for (int i = 0; i < 3 * N; i++)
        x[i] = y[i] = sin(i) * 50;
    transform(&model, x, N);
    for (int i = 0; i < N; i++) {
        ck_assert(fabs(x[i] + x[N + i] + x[2 * N + i] - 1) < 1e-15);
        const double expected = exp((y[N + i] - y[i]) / 2);
        ck_assert(fabs(x[N + i] / x[i] - expected) <= 1e-13 * expected);
    }
    double *const scores[] = {y, y + N, y + 2 * N};
    rk_model_transform(&model, rk_vmath_get(rk_cpu_best()), scores, N);
    ck_assert(memcmp(x, y, sizeof x) == 0);
}
END_TEST

START_TEST(class_is_the_first_of_the_greatest)
{
    double x[] = {1, 2, 3, 1, 5, 3, 0, 5, 4};
    const rk_model model = {.kind = RK_KIND_FLOAT, .n_outputs = 3, .transform = RK_TRANSFORM_CLASS};
    transform(&model, x, 3);
    ck_assert(x[0] == 0 && x[1] == 1 && x[2] == 2);
    ck_assert_int_eq(rk_model_type(&model, RK_MODEL_SCORE).kind, RK_KIND_FLOAT);
    ck_assert_int_eq(rk_model_type(&model, RK_MODEL_RAW).kind, RK_KIND_VECTOR);
}
END_TEST

RK_SUITE_MAIN("forest", narrowed_is_the_least_double, above_is_the_next_double, whole_forests_pass,
              ranges_are_checked, ways_are_checked, trees_follow_each_other, numbers_are_compared,
              categories_are_looked_up, categories_of_narrowed_numbers, sums_are_finished,
              float_sums_are_rounded_each_time, a_forest_becomes_one_in_float,
              leaves_have_the_librarys_numbers, transforms_at_the_ends, onnx_transforms,
              softmax_goes_over_the_outputs, class_is_the_first_of_the_greatest)
