/* CatBoost's models: what the library says of them, bit for bit, and what files may look like. */
#include "runtime/model/catboost.h"
#include "tests/unit/model_golden.h"

/* clang-format off */
static const struct { const char *name, *suffix; } fixtures[] = {
    {"rmse", "json"}, {"logloss", "cbm"}, {"crossentropy", "json"}, {"poisson", "json"}, {"tweedie", "cbm"},
    {"multiclass", "json"}, {"onevsall", "cbm"}, {"multilogloss", "cbm"}, {"multirmse", "json"}, {"multirmse-cbm", "cbm"},
    {"yetirank", "cbm"}, {"depthwise", "json"}, {"lossguide", "cbm"}, {"depthwise-multi", "cbm"},
    {"lossguide-multi", "json"}, {"nan-max", "cbm"}, {"nan-max-json", "json"}, {"deep", "cbm"}, {"stump", "json"},
    {"scale", "cbm"}, {"sum", "cbm"}, {"constant", "json"}, {"borders", "cbm"}, {"tiny", "json"}, {"categories", "json"},
    {"categories-cbm", "cbm"}, {"categories-lossguide", "cbm"},
};
/* clang-format on */

START_TEST(equals_the_library)
{
    char model[96], name[64];
    snprintf(name, sizeof name, "catboost-%s", fixtures[_i].name);
    snprintf(model, sizeof model, "%s.%s", name, fixtures[_i].suffix);
    golden g;
    golden_open(&g, model, name, 0);
    ck_assert_uint_ge(g.n, 60);
    golden_check(&g, name, 4);
    golden_close(&g);
}
END_TEST

/* `trees` counts those of each output. */
START_TEST(takes_the_first_trees)
{
    golden g;
    golden_open(&g, "catboost-multiclass.json", "catboost-multiclass-first", 2);
    ck_assert_uint_eq(g.model->as.forest->n_trees, 6);
    golden_check(&g, "multiclass-first", 4);
    golden_close(&g);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("model_catboost");
    TCase *const tcase = tcase_create("model_catboost");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, equals_the_library, 0, (int)RK_ARRAY_LEN(fixtures));
    tcase_add_test(tcase, takes_the_first_trees);
    suite_add_tcase(suite, tcase);
    return rk_suite_run(suite);
}
