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
    "pandas",      "odd",
};

START_TEST(equals_the_library)
{
    char name[64];
    snprintf(name, sizeof name, "lightgbm-%s", fixtures[_i]);
    char model[68];
    snprintf(model, sizeof model, "%s.txt", name);
    golden g;
    golden_open(&g, model, name, 0);
    ck_assert_uint_gt(g.n, 20);
    golden_check(&g, name, 4);
    golden_close(&g);
}
END_TEST

/* The first trees of each output, and all where fewer are there than asked for. */
START_TEST(takes_the_first_trees)
{
    golden g;
    golden_open(&g, "lightgbm-multiclass.txt", "lightgbm-multiclass-first", 2);
    ck_assert_uint_eq(g.model->as.forest->n_trees, 6);
    golden_check(&g, "multiclass-first", 4);
    golden_close(&g);
    golden_open(&g, "lightgbm-rf.txt", "lightgbm-rf-first", 3);
    ck_assert(g.model->divisor == 3);
    golden_check(&g, "rf-first", 4);
    golden_close(&g);
    golden_open(&g, "lightgbm-rf.txt", "lightgbm-rf", 1000);
    ck_assert(g.model->divisor == 8);
    golden_check(&g, "rf", 4);
    golden_close(&g);
}
END_TEST

/* ---- what is known of a model besides its scores ---- */

static rk_model *load_text(rk_arena *arena, rk_diags *diags, rk_str bytes)
{
    rk_model *model;
    rk_diags_init(diags, arena);
    const rk_model_spec spec = {.path = RK_STR("m.txt"), .span = RK_NO_SPAN, .bytes = &bytes};
    ck_assert_int_eq(rk_model_load(&spec, arena, diags, &model), RK_OK);
    return model;
}

START_TEST(describes_itself)
{
    golden g;
    golden_open(&g, "lightgbm-binary.txt", "lightgbm-binary", 0);
    const rk_model *const model = g.model;
    ck_assert_str_eq(model->format, "LightGBM text");
    ck_assert(rk_str_eq(model->version, RK_STR("v4")));
    ck_assert(rk_str_eq(model->objective, RK_STR("binary sigmoid:0.7")));
    ck_assert_int_eq(model->transform, RK_TRANSFORM_SIGMOID);
    ck_assert(model->slope == 0.7 && model->divisor == 0);
    ck_assert_uint_eq(model->n_inputs, 4);
    ck_assert(rk_str_eq(model->inputs[2].name, RK_STR("Column_2")));
    ck_assert_int_eq(rk_model_type(model, RK_MODEL_SCORE).kind, RK_KIND_DOUBLE);
    ck_assert(rk_type_eq(rk_model_type(model, RK_MODEL_LEAVES), RK_TYPE_LIST(INT)));
    /* Gains and rows are those of the file: the root of the first tree saw all 600. */
    ck_assert(model->as.forest->gains[0] > 0 && model->as.forest->covers[0] == 600);
    golden_close(&g);
    golden_open(&g, "lightgbm-multiclass.txt", "lightgbm-multiclass", 0);
    const rk_type type = rk_model_type(g.model, RK_MODEL_RAW);
    ck_assert(type.kind == RK_KIND_VECTOR && type.dim == 3);
    golden_close(&g);
}
END_TEST

START_TEST(knows_its_inputs)
{
    golden g;
    golden_open(&g, "lightgbm-nan.txt", "lightgbm-nan", 0);
    ck_assert(g.model->inputs[0].used && g.model->inputs[0].missing);
    ck_assert(!g.model->inputs[0].categorical);
    golden_close(&g);
    golden_open(&g, "lightgbm-nomissing.txt", "lightgbm-nomissing", 0);
    ck_assert(g.model->inputs[0].used && !g.model->inputs[0].missing);
    golden_close(&g);
    golden_open(&g, "lightgbm-categories.txt", "lightgbm-categories", 0);
    ck_assert(g.model->inputs[1].categorical && g.model->inputs[3].categorical);
    ck_assert(g.model->inputs[1].missing && g.model->inputs[1].n_categories == 0);
    golden_close(&g);
    /* A model of one leaf asks for nothing. */
    golden_open(&g, "lightgbm-leaf.txt", "lightgbm-leaf", 0);
    for (uint32_t i = 0; i < g.model->n_inputs; i++)
        ck_assert(!g.model->inputs[i].used);
    golden_close(&g);
}
END_TEST

START_TEST(knows_the_categories_of_pandas)
{
    static const char *const brands[] = {"Bo\u00e9", "\\back", "c,omma", "plain", "q\"uote"};
    static const char *const sizes[] = {"36", "38", "40", "42"};
    golden g;
    golden_open(&g, "lightgbm-pandas.txt", "lightgbm-pandas", 0);
    const rk_model_input *const brand = &g.model->inputs[1], *const size = &g.model->inputs[3];
    ck_assert(rk_str_eq(brand->name, RK_STR("brand")) && rk_str_eq(size->name, RK_STR("size")));
    ck_assert_uint_eq(brand->n_categories, RK_ARRAY_LEN(brands));
    for (uint32_t i = 0; i < RK_ARRAY_LEN(brands); i++)
        ck_assert(rk_str_eq(brand->categories[i], rk_str_from(brands[i])));
    ck_assert_uint_eq(size->n_categories, RK_ARRAY_LEN(sizes));
    for (uint32_t i = 0; i < RK_ARRAY_LEN(sizes); i++)
        ck_assert(rk_str_eq(size->categories[i], rk_str_from(sizes[i])));
    ck_assert_uint_eq(g.model->inputs[0].n_categories, 0);
    golden_close(&g);
}
END_TEST

/* Windows' line ends, an older version, no sizes: the same model. */
START_TEST(reads_other_forms)
{
    rk_arena arena = {0};
    char path[1024];
    const char *const source = getenv("RANK_SRC");
    snprintf(path, sizeof path, "%s/tests/models/lightgbm-categories.txt", source ? source : ".");
    rk_mapping file;
    ck_assert(rk_file_map(path, &file) == RK_FILE_FINE);
    rk_buf other = {0};
    for (rk_str rest = file.text; rest.len;) {
        const rk_str line = golden_cut(&rest, '\n');
        if (line.len > 11 && memcmp(line.data, "tree_sizes=", 11) == 0)
            continue;
        rk_buf_add(&other, rk_str_eq(line, RK_STR("version=v4")) ? RK_STR("version=v2") : line);
        rk_buf_add(&other, RK_STR("\r\n"));
    }
    rk_diags diags;
    const rk_forest *const a = load_text(&arena, &diags, file.text)->as.forest;
    const rk_forest *const b = load_text(&arena, &diags, rk_buf_str(&other))->as.forest;
    ck_assert_uint_eq(a->n_trees, b->n_trees);
    ck_assert_uint_eq(a->n_splits, b->n_splits);
    for (uint32_t i = 0; i < a->n_splits; i++)
        ck_assert(a->splits[i].threshold == b->splits[i].threshold &&
                  a->splits[i].feature == b->splits[i].feature &&
                  a->splits[i].left == b->splits[i].left && a->splits[i].set == b->splits[i].set);
    ck_assert(memcmp(a->leaves, b->leaves, a->n_leaves * sizeof *a->leaves) == 0);
    ck_assert(memcmp(a->words, b->words, a->n_words * sizeof *a->words) == 0);
    rk_buf_free(&other);
    rk_file_unmap(&file);
    rk_arena_free(&arena);
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
    golden_model(&g, path, 0);
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
    tcase_add_test(tcase, takes_the_first_trees);
    tcase_add_test(tcase, describes_itself);
    tcase_add_test(tcase, knows_its_inputs);
    tcase_add_test(tcase, knows_the_categories_of_pandas);
    tcase_add_test(tcase, reads_other_forms);
    tcase_add_loop_test(tcase, equals_the_data, 0, (int)RK_ARRAY_LEN(data_models));
    suite_add_tcase(suite, tcase);
    return rk_suite_run(suite);
}
