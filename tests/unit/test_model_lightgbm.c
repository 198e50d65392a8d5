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

/* ---- the models of RANK_DATA, with what LightGBM said of them when they were made ---- */

/* Rows of numbers between tabs or spaces, perhaps `column:number`. */
typedef struct data_model {
    const char *model, *rows, *expected;
    uint32_t n_labels; /* columns before the features */
    enum { RAW, AVERAGES, SCORES, LEAVES } what;
} data_model;

/* clang-format off */
static const data_model data_models[] = {
    {"lg_breast_cancer.txt", "lg_breast_cancer_data.txt", "lg_breast_cancer_data_pred_leaves.txt", 0, LEAVES},
    {"lg_dart_breast_cancer.model", "breast_cancer_test.tsv", "lg_dart_breast_cancer_true_predictions.txt", 0, SCORES},
    {"lg_rf_iris.model", "iris_test.libsvm", "lg_rf_iris_true_predictions.txt", 1, AVERAGES},
    {"lg_kddcup99.model", "kddcup99_test.tsv", "lg_kddcup99_true_predictions.txt", 0, RAW},
    {"lgmulticlass.model", "multiclass_test.tsv", "lgmulticlass_true_raw_predictions.txt", 1, RAW},
    {"lgmulticlass.model", "multiclass_test.tsv", "lgmulticlass_true_predictions.txt", 1, SCORES},
    {"genlin_fmtp_gamma_AvgClaimAmount.model", "genlin_fmtp_gamma_AvgClaimAmount_features.tsv", "genlin_fmtp_gamma_AvgClaimAmount_true_predictions.txt", 0, SCORES},
    {"genlin_fmtp_poisson_Frequency.model", "genlin_fmtp_poisson_Frequency_features.tsv", "genlin_fmtp_poisson_Frequency_true_predictions.txt", 0, SCORES},
    {"genlin_fmtp_tweedie_PurePremium.model", "genlin_fmtp_tweedie_PurePremium_features.tsv", "genlin_fmtp_tweedie_PurePremium_true_predictions.txt", 0, SCORES},
};
/* clang-format on */

static bool data_path(char path[1024], const char *folder, const char *name)
{
    const char *const data = getenv("RANK_DATA");
    if (!data || !*data)
        return false;
    snprintf(path, 1024, "%s/%s/%s", data, folder, name);
    return true;
}

/* A cell; `3:0.5` names its column, from 0. */
static double cell_number(rk_str cell, uint32_t *column)
{
    double value;
    const char *const colon = memchr(cell.data, ':', cell.len);
    if (colon) {
        const size_t len = (size_t)(colon - cell.data);
        int64_t at;
        ck_assert(rk_str_to_int((rk_str){cell.data, len}, &at));
        *column = (uint32_t)at;
        cell = (rk_str){colon + 1, cell.len - len - 1};
    }
    ck_assert_msg(rk_str_to_double(cell, &value), "`%.*s`", RK_STR_ARG(cell));
    return value;
}

/* A table, row by row, n_columns each. */
static double *data_table(golden *g, const char *name, uint32_t n_labels, uint32_t n_columns,
                          uint32_t *n_rows)
{
    char path[1024];
    rk_mapping file;
    ck_assert(data_path(path, "models-lightgbm", name));
    ck_assert_msg(rk_file_map(path, &file) == RK_FILE_FINE, "%s", path);
    double *const out = RK_NEW_ARRAY(&g->arena, double, file.text.len *n_columns);
    *n_rows = 0;
    for (rk_str text = file.text; text.len; (*n_rows)++) {
        rk_str line = golden_cut(&text, '\n');
        uint32_t at = 0, column = 0;
        const char tab = line.len && memchr(line.data, '\t', line.len) ? '\t' : ' ';
        for (; line.len; at++) {
            const rk_str cell = golden_cut(&line, tab);
            if (at < n_labels || cell.len == 0)
                continue;
            const double value = cell_number(cell, &column);
            ck_assert_uint_lt(column, n_columns);
            out[(size_t)*n_rows * n_columns + column++] = value;
        }
    }
    rk_file_unmap(&file);
    return out;
}

static uint64_t data_worst(const golden *g, double *const *out, const double *expected)
{
    uint64_t worst = 0;
    for (uint32_t i = 0; i < g->n; i++)
        for (uint32_t k = 0; k < g->model->n_outputs; k++) {
            const uint64_t ulps = golden_ulps(out[k][i], expected[i * g->model->n_outputs + k]);
            worst = ulps > worst ? ulps : worst;
        }
    return worst;
}

START_TEST(equals_the_data)
{
    const data_model *const row = &data_models[_i];
    char path[1024];
    if (!data_path(path, "models-lightgbm", row->model))
        return;
    golden g;
    golden_model(&g, path);
    const uint32_t n_inputs = g.model->n_inputs, n_trees = g.model->as.forest->n_trees;
    const double *const x = data_table(&g, row->rows, row->n_labels, n_inputs, &g.n);
    g.features = RK_NEW_ARRAY(&g.arena, double *, n_inputs);
    for (uint32_t f = 0; f < n_inputs; f++) {
        g.features[f] = rk_arena_alloc_column(&g.arena, g.n, sizeof(double));
        for (uint32_t i = 0; i < g.n; i++)
            g.features[f][i] = x[i * n_inputs + f];
    }
    uint32_t n_expected;
    const double *const expected = data_table(
        &g, row->expected, 0, row->what == LEAVES ? n_trees : g.model->n_outputs, &n_expected);
    ck_assert_uint_eq(n_expected, g.n);
    const rk_rows_in rows = {(const double *const *)g.features, g.n};
    if (row->what == LEAVES) {
        int64_t *const leaves = rk_arena_alloc_column(&g.arena, (size_t)g.n * n_trees, 8);
        rk_forest_leaves(g.model->as.forest, &rows, leaves);
        for (size_t i = 0; i < (size_t)g.n * n_trees; i++)
            ck_assert(expected[i] == (double)leaves[i]);
    } else {
        double **const out = golden_columns(&g, g.n);
        rk_forest_walk(g.model->as.forest, &rows, out);
        if (row->what == SCORES)
            rk_model_transform(g.model, rk_vmath_get(RK_CPU_SCALAR), out, g.n);
        for (uint32_t i = 0; row->what == AVERAGES && i < g.n; i++)
            out[0][i] /= g.model->divisor;
        const uint64_t worst = data_worst(&g, out, expected);
        ck_assert_msg(worst <= (row->what == SCORES ? 4 : 0), "%s: %llu ulp", row->expected,
                      (unsigned long long)worst);
    }
    golden_close(&g);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("model_lightgbm");
    TCase *const tcase = tcase_create("model_lightgbm");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, equals_the_library, 0, (int)RK_ARRAY_LEN(fixtures));
    tcase_add_loop_test(tcase, equals_the_data, 0, (int)RK_ARRAY_LEN(data_models));
    suite_add_tcase(suite, tcase);
    return rk_suite_run(suite);
}
