/* XGBoost files that are refused: damaged, cut off, not supported, or not read at all. */
#include "tests/unit/xgboost_text.h"

/* clang-format off */
static const struct {
    const char *file, *after, *from, *to, *message;
} bad_files[] = {
    {"leaf.json", "\"left_children\"", "[-1]", "[0]", "`m`: tree 0: node 0 is reached twice, at byte "},
    {"leaf.json", "\"left_children\"", "[-1]", "[1]", "`m`: tree 0: a split leads to node 1 of 1, at byte "},
    {"leaf.json", "\"left_children\"", "[-1]", "[-2]", "`m`: tree 0: a split leads to node -2 of 1, at byte "},
    {"leaf.json", "\"left_children\"", "[-1]", "[99999999999]", "`m`: tree 0: a split leads to node -2147483648 of 1, at byte "},
    {"leaf.json", "\"left_children\"", "[-1]", "[]", "`m`: tree 0: it has no nodes, at byte "},
    {"leaf.json", "\"left_children\"", "[-1]", "[-1,-1]", "`m`: tree 0: `right_children` has 1 values for 2 nodes, at byte "},
    {"leaf.json", "\"left_children\"", "[-1]", "[\"a\"]", "`m`: text stands where a whole number should, at byte "},
    {"leaf.json", "\"left_children\"", "[-1]", "7", "`m`: a number stands where a list should, at byte "},
    {"leaf.json", "\"split_conditions\"", "[", "[1,", "`m`: tree 0: `split_conditions` has 2 values for 1 nodes, at byte "},
    {"leaf.json", "\"split_conditions\"", "[", "[true,", "`m`: a bool stands where a number should, at byte "},
    {"leaf.json", "\"id\"", "0", "1", "`m`: tree 0: its id is 1, at byte "},
    {"leaf.json", "\"trees\"", "[", "[7,", "`m`: the list of trees holds a number, at byte "},
    {"leaf.json", "\"tree_info\"", "[0", "[1", "`m`: tree 0 adds to output 1 of 1"},
    {"leaf.json", "\"tree_info\"", "[0", "[0,0", "`m`: tree_info has 3 entries for 2 trees"},
    {"leaf.json", "\"num_trees\"", "\"2\"", "\"1000000000\"", "`m`: it should have 1000000000 trees and has 2"},
    {"leaf.json", "\"num_trees\"", "\"2\"", "\"two\"", "`m`: text stands where a whole number should, at byte "},
    {"leaf.json", "\"num_class\"", "\"0\"", "\"1000000000\"", "`m`: it claims 1000000000 outputs, too many for a file of this size"},
    {"leaf.json", "\"num_class\"", "\"0\"", "\"-1\"", "`m`: it has -1 classes and 1 targets"},
    {"leaf.json", "\"num_class\"", "\"0\"", "\"5\"", NULL},
    {"leaf.json", "\"num_feature\":\"4\",\"num_target", "\"4\"", "\"4000000000\"", "`m`: it claims 4000000000 features, too many for a file of this size"},
    {"leaf.json", "\"num_feature\":\"4\",\"num_target", "\"4\"", "\"-4\"", "`m`: it has -4 features"},
    {"leaf.json", "\"base_score\"", "\"[", "\"[x", "`m`: base_score is no number, at byte "},
    {"leaf.json", "\"base_score\"", "\"[", "\"[1,2,", "`m`: it has 3 base scores for 1 outputs"},
    {"leaf.json", "\"base_score\"", "\"[", "\"[inf,", "`m`: base_score is not a finite number, at byte "},
    {"leaf.json", "\"base_score\"", "\"base_score\"", "\"base\"", "`m`: it has no base_score"},
    {"leaf.json", "\"version\"", "}", "} x", "`m`: something follows the end of the value, at byte "},
    {"leaf.json", "\"learner\"", "{", "{\"a\":1 \"b\":2,", "`m`: a comma or `}` should stand here, at byte "},
    {"leaf.json", "\"version\"", "\"version\"", "\"learner\":{},\"version\"", "`m`: the file has two learners, at byte "},
    {"leaf.json", "\"objective\"", "\"name\"", "\"nom\"", "`m`: it does not name its objective"},
    {"leaf.json", "\"name\":\"gbtree\"", "\"name\"", "\"nom\"", "`m`: it does not name its booster"},
    {"leaf.json", "\"learner\"", "\"learner\"", "\"learners\"", "`m`: it has no learner"},
    {"squarederror.json", "\"split_indices\"", "[", "[-1,", "`m`: tree 0: `split_indices` has "},
    {"dart.json", "\"weight_drop\"", "[", "[1,", "`m`: weight_drop has 13 entries for 12 trees"},
    {"dart.json", "\"weight_drop\"", "\"weight_drop\"", "\"weights\"", "`m`: weight_drop has 0 entries for 12 trees"},
    {"linear.json", "\"weights\"", "[", "[1,", "`m`: it has 6 weights for 4 features and 1 outputs"},
    {"categories.json", "\"categories\"", "[", "[-5,", "`m`: tree 0: -5 is no category, at byte "},
    {"categories.json", "\"categories\"", "[", "[16777215,", "`m`: tree 0: its categories have numbers too high for a file of this size, at byte "},
    {"categories.json", "\"categories_nodes\"", "[", "[900,", "`m`: tree 0: the lists of categories differ in length, at byte "},
    {"categories.json", "\"categories_segments\":[0", "0", "9000", "`m`: tree 0: categories 9000 to "},
    {"names.json", "\"feature_names\"", "[", "[\"more\",", "`m`: it has 5 names for 4 features"},
    {"names.json", "\"offsets\"", "0", "700", "`m`: the text of category 0 goes from 700 to 3 of "},
    {"names.json", "\"values\"", "[", "[0.5,", "`m`: a category is neither text nor a whole number, at byte "},
    {"names.json", "\"enc\"", "[", "[{},", "`m`: it has categories of 5 features, and 4 features"},
};
/* clang-format on */

START_TEST(refuses_damaged_files)
{
    rk_buf text = read_fixture(bad_files[_i].file);
    text = change(text, bad_files[_i].after, bad_files[_i].from, bad_files[_i].to);
    loaded l = load_bytes(rk_buf_str(&text));
    const char *const wanted = bad_files[_i].message;
    const rk_str message = message_of(&l);
    ck_assert_uint_lt(rk_arena_capacity(&l.arena), 16 * text.len + 2000000);
    if (!wanted) {
        ck_assert_msg(l.status == RK_OK, "%.*s", RK_STR_ARG(message));
    } else {
        ck_assert_int_eq(l.status, RK_EDATA);
        ck_assert_uint_eq(l.diags.items.len, 1);
        ck_assert_int_eq(l.diags.items.items[0]->code, RK_E0540);
        const size_t len = strlen(wanted);
        const bool whole = wanted[len - 1] != ' ';
        ck_assert_msg(message.len >= len && (!whole || message.len == len) &&
                          memcmp(message.data, wanted, len) == 0,
                      "%.*s, not %s", RK_STR_ARG(message), wanted);
    }
    unload(&l);
    rk_buf_free(&text);
}
END_TEST

/* Cut off anywhere. */
static void check_prefixes(const char *name)
{
    rk_buf text = read_fixture(name);
    for (size_t len = 0; len < text.len; len++) {
        char *const exact = malloc(len + 1); /* its end is seen by sanitizers */
        memcpy(exact, text.data, len);
        loaded l = load_bytes((rk_str){exact, len});
        ck_assert_msg(l.status == RK_EDATA, "%zu bytes of %s", len, name);
        ck_assert_int_eq(l.diags.items.items[0]->code, RK_E0540);
        unload(&l);
        free(exact);
    }
    rk_buf_free(&text);
}

START_TEST(refuses_files_cut_off)
{
    check_prefixes("leaf.json");
    check_prefixes("dart-ubjson.ubj");
    check_prefixes("linear-multi.ubj");
    check_prefixes("names.json");
}
END_TEST

static void check_lacks(rk_str bytes, const char *message, const char *help)
{
    loaded l = load_bytes(bytes);
    ck_assert_int_eq(l.status, RK_EDATA);
    ck_assert_uint_eq(l.diags.items.len, 1);
    const rk_diag *const diag = l.diags.items.items[0];
    ck_assert_int_eq(diag->code, RK_E0541);
    ck_assert_msg(rk_str_eq(diag->message, rk_str_from(message)), "%.*s",
                  RK_STR_ARG(diag->message));
    ck_assert_uint_eq(diag->notes.len, help != NULL);
    if (help)
        ck_assert_msg(rk_str_eq(diag->notes.items[0].text, rk_str_from(help)), "%.*s",
                      RK_STR_ARG(diag->notes.items[0].text));
    unload(&l);
}

/* One error lists all of it. */
START_TEST(says_what_is_not_supported)
{
    rk_buf text = read_fixture("vector-leaf.json");
    check_lacks(rk_buf_str(&text),
                "`m` uses what is not supported: trees with several targets in a leaf (2)", NULL);
    text = change(text, "\"objective\":", "reg:squarederror", "my:own");
    text = change(text, "\"trees\":", "\"name\":\"gbtree\"", "\"name\":\"gbforest\"");
    check_lacks(
        rk_buf_str(&text),
        "`m` uses what is not supported: objective `my:own`, booster `gbforest`, trees with "
        "several targets in a leaf (2)",
        NULL);
    rk_buf_free(&text);
}
END_TEST

static const char binary_help[] =
    "convert it with a version of XGBoost from 1.0 to 3.0: "
    "xgboost.Booster(model_file=\"old.model\").save_model(\"new.json\")";
static const char dump_help[] =
    "dump_model writes for people; save the model with save_model(\"model.json\")";

START_TEST(says_how_to_convert)
{
    static const char binary[] = "`m` is in the old binary format of XGBoost, which is not read";
    static const char dump[] = "`m` is a dump of an XGBoost model, which lacks a part of it";
    char old[200] = {0};
    memcpy(old + 136, "\x0f\0\0\0\0\0\0\0binary:logistic\6\0\0\0\0\0\0\0gbtree", 8 + 15 + 8 + 6);
    check_lacks((rk_str){old, sizeof old}, binary, binary_help);
    check_lacks(RK_STR("CONFIG-offset:123"), binary, binary_help);
    check_lacks(RK_STR("booster[0]:\n0:[f0<1] yes=1,no=2,missing=1\n"), dump, dump_help);
    check_lacks(RK_STR("[\n  { \"nodeid\": 0, \"depth\": 0, \"split\": \"f0\""), dump, dump_help);
}
END_TEST

/* The old binary models of RANK_DATA are told as what they are. */
START_TEST(knows_the_old_models_of_the_data)
{
    static const char *const names[] = {"xgagaricus", "xgblin_agaricus", "xgdermatology"};
    const char *const data = getenv("RANK_DATA");
    for (size_t i = 0; data && *data && i < RK_ARRAY_LEN(names); i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/models-xgboost/%s.model", data, names[i]);
        rk_mapping file;
        ck_assert_msg(rk_file_map(path, &file) == RK_FILE_FINE, "%s", path);
        check_lacks(file.text, "`m` is in the old binary format of XGBoost, which is not read",
                    binary_help);
        rk_file_unmap(&file);
    }
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("model_xgboost_bad");
    TCase *const tcase = tcase_create("model_xgboost_bad");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, refuses_damaged_files, 0, (int)RK_ARRAY_LEN(bad_files));
    tcase_add_test(tcase, refuses_files_cut_off);
    tcase_add_test(tcase, says_what_is_not_supported);
    tcase_add_test(tcase, says_how_to_convert);
    tcase_add_test(tcase, knows_the_old_models_of_the_data);
    suite_add_tcase(suite, tcase);
    return rk_suite_run(suite);
}
