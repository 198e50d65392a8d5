/* LightGBM's text models: what the library says of them, bit for bit. */
#include "tests/unit/model_golden.h"

static const char *const fixtures[] = {
    "plain",       "nan",           "zero",
    "nomissing",   "categories",    "dart",
    "rf",          "goss",          "regression_l1",
    "huber",       "fair",          "quantile",
    "mape",        "poisson",       "gamma",
    "tweedie",     "sqrt",          "sqrt_l1",
    "binary",      "cross_entropy", "cross_entropy_lambda",
    "multiclass",  "multiclassova", "lambdarank",
    "rank_xendcg", "custom",        "stump",
    "leaf",        "deep",          "far",
    "pandas",
};

START_TEST(equals_the_library)
{
    char name[64];
    snprintf(name, sizeof name, "lightgbm-%s", fixtures[_i]);
    golden g;
    golden_open(&g, name, ".txt");
    ck_assert_uint_gt(g.n, 20);
    golden_check(&g, name, 4);
    golden_close(&g);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("model_lightgbm");
    TCase *const tcase = tcase_create("model_lightgbm");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, equals_the_library, 0, (int)RK_ARRAY_LEN(fixtures));
    suite_add_tcase(suite, tcase);
    return rk_suite_run(suite);
}
