/* CatBoost's models: what the library says of them, bit for bit, and what files may look like. */
#include <math.h>

#include "runtime/base/json.h"
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

/* ---- what is known of a model besides its scores ---- */

START_TEST(describes_itself)
{
    golden g;
    golden_open(&g, "catboost-logloss.cbm", "catboost-logloss", 0);
    ck_assert_str_eq(g.model->format, "CatBoost cbm");
    ck_assert(rk_str_eq(g.model->version, RK_STR("1.2.7")));
    ck_assert(rk_str_eq(g.model->objective, RK_STR("Logloss")));
    ck_assert_int_eq(g.model->transform, RK_TRANSFORM_SIGMOID);
    ck_assert_int_eq(rk_model_type(g.model, RK_MODEL_SCORE).kind, RK_KIND_DOUBLE);
    ck_assert(g.model->as.forest->covers[0] == 200 && !g.model->as.forest->gains);
    golden_close(&g);
    golden_open(&g, "catboost-multiclass.json", "catboost-multiclass", 0);
    ck_assert_str_eq(g.model->format, "CatBoost JSON");
    ck_assert(rk_str_eq(g.model->version, RK_STR("1.2.7")));
    ck_assert(rk_str_eq(g.model->objective, RK_STR("MultiClass")));
    ck_assert_int_eq(g.model->transform, RK_TRANSFORM_SOFTMAX);
    ck_assert_uint_eq(rk_model_type(g.model, RK_MODEL_RAW).dim, 3);
    ck_assert(g.model->as.forest->covers[0] == 200);
    golden_close(&g);
    golden_open(&g, "catboost-sum.cbm", "catboost-sum", 0);
    ck_assert(rk_str_eq(g.model->objective, RK_STR("RMSE")));
    golden_close(&g);
}
END_TEST

static void check_categories(const char *model, const char *name)
{
    static const char *const names[] = {"price", "gr\u00f6\u00dfe", "age, \"x\"", "shop"};
    golden g;
    golden_open(&g, model, name, 0);
    ck_assert_uint_eq(g.model->n_inputs, 4);
    for (uint32_t i = 0; i < 4; i++)
        ck_assert(rk_str_eq(g.model->inputs[i].name, rk_str_from(names[i])));
    const rk_model_input *const inputs = g.model->inputs;
    ck_assert(!inputs[0].categorical && !inputs[0].missing && inputs[2].missing);
    ck_assert(inputs[1].categorical && inputs[3].categorical && !inputs[1].missing);
    ck_assert(inputs[1].n_categories > 2 && inputs[1].hashes && !inputs[1].categories);
    ck_assert(!inputs[0].hashes && inputs[0].n_categories == 0);
    /* A category has one place of its own, or none. */
    uint32_t known = 0;
    bool taken[256] = {0};
    for (int v = 0; v < 40; v++) {
        char text[8];
        snprintf(text, sizeof text, "%d", v);
        const uint32_t at = rk_model_category(&inputs[3], rk_str_from(text));
        ck_assert(at == inputs[3].n_categories || !taken[at]);
        taken[at] = true;
        known += at < inputs[3].n_categories;
    }
    ck_assert_uint_eq(known, inputs[3].n_categories);
    ck_assert_uint_eq(rk_model_category(&inputs[3], RK_STR("40")), inputs[3].n_categories);
    golden_close(&g);
}

START_TEST(knows_its_inputs)
{
    check_categories("catboost-categories.json", "catboost-categories");
    check_categories("catboost-categories-cbm.cbm", "catboost-categories-cbm");
}
END_TEST

/* The library's numbers of texts of each way that the hash has: up to 3, 7, 8, 16, 32, 64 bytes and
 * more. */
START_TEST(hashes_as_the_library_does)
{
    static const struct {
        const char *text;
        uint32_t hash;
    } rows[] = {
        {"a", 3489901818u},
        {"xxc", 2694184172u},
        {"xxxd", 3092577957u},
        {"xxxxxxxh", 1781274345u},
        {"xxxxxxxxi", 981084841u},
        {"xxxxxxxxxxxxxxxp", 1751949033u},
        {"xxxxxxxxxxxxxxxxq", 2039954434u},
        {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxf", 1717078417u},
        {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxg", 3536252643u},
        {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxl", 138894245u},
        {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxm", 1657709276u},
        {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
         "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
         1142986461u},
        {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
         "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxy",
         3355055412u},
        {"z\u00e9phir", 3623863284u},
    };
    for (size_t i = 0; i < RK_ARRAY_LEN(rows); i++)
        ck_assert_uint_eq(rk_catboost_hash(rk_str_from(rows[i].text)), rows[i].hash);
}
END_TEST

/* ---- symmetric trees ---- */

/* What evaluators may rely on: a heap in which each level asks the same, and leaves in order. */
START_TEST(keeps_symmetric_trees_in_order)
{
    golden g;
    golden_open(&g, "catboost-deep.cbm", "catboost-deep", 0);
    const rk_forest *const f = g.model->as.forest;
    ck_assert_uint_eq(f->n_trees, 2);
    for (uint32_t t = 0; t < f->n_trees; t++) {
        const rk_tree *const tree = &f->trees[t];
        const rk_tree_split *const splits = &f->splits[tree->first_split];
        ck_assert_uint_eq(tree->n_leaves, 1u << tree->depth);
        for (uint32_t i = 0; i < tree->n_splits; i++) {
            const uint32_t left = 2 * i + 1, n = tree->n_splits;
            ck_assert_int_eq(splits[i].left, left < n ? (int)left : (int)(n - left) - 1);
            ck_assert_int_eq(splits[i].right, left < n ? (int)left + 1 : (int)(n - left) - 2);
            const uint32_t same = i & (i + 1) ? i - 1 : i; /* the one before on its level */
            ck_assert(splits[i].feature == splits[same].feature);
            ck_assert(splits[i].threshold == splits[same].threshold);
        }
        for (uint32_t i = 0; i < tree->n_leaves; i++)
            ck_assert_uint_eq(f->leaf_numbers[tree->first_leaf + i], i);
    }
    golden_close(&g);
}
END_TEST

/* Borders that no number is more than, and the least: whatever file may have them. */
START_TEST(compares_with_any_border)
{
    static const char text[] =
        "{\"features_info\":{\"float_features\":[{\"borders\":[1e39,-1e39,0,-0.0],"
        "\"flat_feature_index\":0,\"has_nans\":true,\"nan_value_treatment\":\"AsTrue\"}]},"
        "\"oblivious_trees\":[{\"leaf_values\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16],\"splits\":"
        "["
        "{\"split_index\":0},{\"split_index\":1},{\"split_index\":2},{\"split_index\":3}]}]}";
    static const double values[] = {1e300, 1, 1e-45, 1e-46, 0, -0.0, -1, -1e38, -1e300};
    static const double wanted[] = {15, 15, 15, 3, 3, 3, 3, 3, 1};
    golden g = {0};
    rk_diags_init(&g.diags, &g.arena);
    const rk_str bytes = {text, sizeof text - 1};
    const rk_model_spec spec = {.path = RK_STR("m"), .span = RK_NO_SPAN, .bytes = &bytes};
    ck_assert_int_eq(rk_model_load(&spec, &g.arena, &g.diags, &g.model), RK_OK);
    const double *const columns[] = {values};
    double scores[RK_ARRAY_LEN(values)];
    double *const out[] = {scores};
    const rk_rows_in rows = {columns, RK_ARRAY_LEN(values)};
    rk_forest_walk(g.model->as.forest, &rows, out);
    for (size_t i = 0; i < RK_ARRAY_LEN(values); i++)
        ck_assert_msg(scores[i] == wanted[i], "%g: %g", values[i], scores[i]);
    /* NaN is +inf: more than all but +inf, which 1e39 becomes. */
    const double nan = (double)NAN;
    const double *const one[] = {&nan};
    rk_forest_walk(g.model->as.forest, &(rk_rows_in){one, 1}, out);
    ck_assert(scores[0] == 15);
    golden_close(&g);
}
END_TEST

/* ---- the models of RANK_DATA ---- */

static void check_data(const char *data, const char *name)
{
    char path[1024];
    golden g;
    rk_mapping file;
    snprintf(path, sizeof path, "%s/models-catboost/%s-model.json", data, name);
    golden_model(&g, path, 0);
    snprintf(path, sizeof path, "%s/models-catboost/%s.json", data, name);
    ck_assert_msg(rk_file_map(path, &file) == RK_FILE_FINE, "%s", path);
    /* {"x": [[…], …], "y": […]} */
    rk_json json;
    rk_json_init(&json, &g.arena, file.text);
    double cells[400], wanted[100];
    uint32_t n_cells = 0, n = 0;
    bool x = true;
    for (;;) {
        const rk_json_event event = rk_json_next(&json);
        if (event == RK_JSON_END)
            break;
        ck_assert_int_ne(event, RK_JSON_ERROR);
        if (event == RK_JSON_NAME)
            x = rk_str_eq(json.token, RK_STR("x"));
        double value;
        if (event != RK_JSON_NUMBER || !rk_str_to_double(json.token, &value))
            continue;
        ck_assert(n_cells < RK_ARRAY_LEN(cells) && n < RK_ARRAY_LEN(wanted));
        if (x)
            cells[n_cells++] = value;
        else
            wanted[n++] = value;
    }
    ck_assert_uint_eq(n_cells, n * g.model->n_inputs);
    for (uint32_t i = 0; i < n; i++) {
        const double *columns[16];
        double score;
        for (uint32_t f = 0; f < g.model->n_inputs; f++)
            columns[f] = &cells[i * g.model->n_inputs + f];
        rk_forest_walk(g.model->as.forest, &(rk_rows_in){columns, 1}, &(double *){&score});
        ck_assert_msg(score == wanted[i], "%s, row %u: %.17g, not %.17g", name, i, score,
                      wanted[i]);
    }
    rk_file_unmap(&file);
    golden_close(&g);
}

START_TEST(equals_the_models_of_the_data)
{
    const char *const data = getenv("RANK_DATA");
    if (!data || !*data)
        return;
    static const char *const names[] = {"and", "or", "xor", "regression"};
    for (size_t i = 0; i < RK_ARRAY_LEN(names); i++)
        check_data(data, names[i]);
    static const struct {
        const char *name;
        uint32_t trees, inputs;
    } big[] = {{"codrna", 1000, 8}, {"ranker_msltr", 243, 136}};
    for (size_t i = 0; i < RK_ARRAY_LEN(big); i++) {
        char path[1024];
        golden g;
        snprintf(path, sizeof path, "%s/models-catboost/%s.cbm", data, big[i].name);
        golden_model(&g, path, 0);
        ck_assert_uint_eq(g.model->as.forest->n_trees, big[i].trees);
        ck_assert_uint_eq(g.model->n_inputs, big[i].inputs);
        golden_close(&g);
    }
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("model_catboost");
    TCase *const tcase = tcase_create("model_catboost");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, equals_the_library, 0, (int)RK_ARRAY_LEN(fixtures));
    tcase_add_test(tcase, takes_the_first_trees);
    tcase_add_test(tcase, describes_itself);
    tcase_add_test(tcase, knows_its_inputs);
    tcase_add_test(tcase, hashes_as_the_library_does);
    tcase_add_test(tcase, keeps_symmetric_trees_in_order);
    tcase_add_test(tcase, compares_with_any_border);
    tcase_add_test(tcase, equals_the_models_of_the_data);
    suite_add_tcase(suite, tcase);
    return rk_suite_run(suite);
}
