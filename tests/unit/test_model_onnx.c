/* Tree ensembles in ONNX: what ONNX Runtime says of them, bit for bit, and what is known of them
 * besides. */
#include "runtime/model/onnx_trees.h"
#include "tests/unit/model_golden.h"

/* clang-format off */
static const char *const fixtures[] = {
    "boosting", "boosting-binary", "boosting-classes", "catboost", "catboost-binary", "catboost-classes",
    "forest", "forest-classes", "forest-double", "lightgbm", "lightgbm-binary", "lightgbm-categories",
    "lightgbm-classes", "lightgbm-poisson", "random-0", "random-11", "random-12", "random-127",
    "random-148", "random-175", "random-18", "random-185", "random-2", "random-24",
    "random-28", "random-3", "random-34", "random-37", "random-5",
    "random-62", "random-63", "targets", "xgboost", "xgboost-binary", "xgboost-classes",
};
/* clang-format on */

static void open_fixture(golden *g, const char *name, uint32_t most)
{
    char model[96], golden_name[64];
    snprintf(golden_name, sizeof golden_name, "onnx-%s", name);
    snprintf(model, sizeof model, "%s.onnx", golden_name);
    golden_open(g, model, golden_name, most);
}

/* Scores of floats are 2^29 doubles from one another; a small share of 1 is 1 less the others. */
static void check_scores(golden *g, const char *name)
{
    const rk_rows_in rows = {(const double *const *)g->features, g->n};
    double **const out = golden_columns(g, g->n);
    rk_forest_walk(g->model->as.forest, &rows, out);
    rk_model_transform(g->model, rk_vmath_get(RK_CPU_SCALAR), out, g->n);
    for (uint32_t i = 0; i < g->n; i++)
        for (uint32_t k = 0; k < g->n_scores; k++) {
            const double is = out[k][i], wanted = g->scores[i * g->n_scores + k];
            const double size = is > 1 ? is : is < -1 ? -is : 1;
            ck_assert_msg(is == wanted || (is != is && wanted != wanted) ||
                              (is - wanted <= 4e-7 * size && wanted - is <= 4e-7 * size),
                          "%s, row %u, score %u: %.17g, not %.17g", name, i, k, is, wanted);
        }
}

START_TEST(equals_onnx_runtime)
{
    golden g;
    open_fixture(&g, fixtures[_i], 0);
    ck_assert_uint_ge(g.n, 60);
    check_scores(&g, fixtures[_i]);
    g.n_scores = 0;
    golden_check(&g, fixtures[_i], 0);
    golden_close(&g);
}
END_TEST

START_TEST(describes_itself)
{
    golden g;
    open_fixture(&g, "boosting-binary", 0);
    ck_assert_str_eq(g.model->format, "ONNX");
    ck_assert(memcmp(g.model->version.data, "skl2onnx ", 9) == 0);
    ck_assert(rk_str_eq(g.model->objective, RK_STR("TreeEnsembleClassifier")));
    ck_assert_int_eq(g.model->transform, RK_TRANSFORM_LOGISTIC);
    ck_assert_int_eq(rk_model_type(g.model, RK_MODEL_SCORE).kind, RK_KIND_FLOAT);
    ck_assert_uint_eq(g.model->n_inputs, 4);
    ck_assert(g.model->inputs[0].name.len == 0 && !g.model->inputs[0].missing);
    golden_close(&g);
    open_fixture(&g, "boosting-classes", 0);
    ck_assert_int_eq(g.model->transform, RK_TRANSFORM_SOFTMAX);
    ck_assert_uint_eq(rk_model_type(g.model, RK_MODEL_RAW).dim, 3);
    golden_close(&g);
    open_fixture(&g, "lightgbm-poisson", 0);
    ck_assert_int_eq(g.model->transform, RK_TRANSFORM_EXP);
    ck_assert(g.model->inputs[0].missing);
    golden_close(&g);
}
END_TEST

/* A chain of nodes that ask for one category each is a set. */
START_TEST(categories_are_sets)
{
    golden g;
    open_fixture(&g, "lightgbm-categories", 0);
    const rk_forest *const f = g.model->as.forest;
    ck_assert(f->whole && f->n_sets > 0 && g.model->inputs[1].categorical);
    ck_assert(!g.model->inputs[0].categorical);
    ck_assert_uint_lt(f->n_splits, 24); /* 4 trees of 6 leaves: no more than in the library */
    golden_close(&g);
}
END_TEST

/* `trees` counts those of each output. */
START_TEST(takes_the_first_trees)
{
    golden g;
    open_fixture(&g, "boosting-classes", 1);
    ck_assert_uint_eq(g.model->as.forest->n_trees, 3);
    golden_close(&g);
    open_fixture(&g, "targets", 2);
    ck_assert_uint_eq(g.model->as.forest->n_trees, 4);
    golden_close(&g);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("model_onnx");
    TCase *const tcase = tcase_create("model_onnx");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, equals_onnx_runtime, 0, (int)RK_ARRAY_LEN(fixtures));
    tcase_add_test(tcase, describes_itself);
    tcase_add_test(tcase, categories_are_sets);
    tcase_add_test(tcase, takes_the_first_trees);
    suite_add_tcase(suite, tcase);
    return rk_suite_run(suite);
}
