/* CatBoost files that are refused: damaged, cut off, or not supported. */
#include "runtime/model/catboost.h"
#include "runtime/model/flat.h"
#include "tests/unit/xgboost_text.h"

/* clang-format off */
static const char symmetric[] =
    "{\"features_info\":{\"float_features\":[{\"borders\":[0.5,2],\"flat_feature_index\":0,\"has_nans\":true,"
    "\"nan_value_treatment\":\"AsTrue\"}],\"categorical_features\":[{\"feature_index\":0,\"flat_feature_index\":1,"
    "\"values\":[7,-1]}],\"ctrs\":null},\"model_info\":{\"params\":{\"loss_function\":{\"type\":\"RMSE\"}}},"
    "\"oblivious_trees\":[{\"leaf_values\":[1,2,3,4],\"leaf_weights\":[5,6,7,8],\"splits\":[{\"split_index\":0},"
    "{\"split_index\":3}]}],\"scale_and_bias\":[1,[0]]}";

static const char other[] =
    "{\"features_info\":{\"float_features\":[{\"borders\":[0.5,2],\"flat_feature_index\":0}]},"
    "\"trees\":[{\"left\":{\"value\":1,\"weight\":1},\"right\":{\"value\":2,\"weight\":1},\"split\":{\"split_index\":1}}],"
    "\"scale_and_bias\":[1,[0]]}";

static const struct {
    const char *text, *from, *to, *message; /* NULL: it loads */
} bad_files[] = {
    {symmetric, "", "", NULL},
    {symmetric, "\"RMSE\"", "\"\"", NULL},
    {symmetric, "\"scale_and_bias\":[1,[0]]", "\"more\":[{}]", NULL},
    {symmetric, "[0]", "null", NULL},
    {symmetric, "[5,6,7,8]", "[5,6]", NULL},
    {symmetric, "{\"loss_function\":{\"type\":\"RMSE\"}}", "\"{\\\"loss_function\\\":{\\\"type\\\":\\\"RMSE\\\"}}\"", NULL},
    {symmetric, "{\"loss_function\":{\"type\":\"RMSE\"}}", "\"{\"", "`m`: a member's name in quotes should stand here, at byte "},
    {symmetric, "{\"loss_function\":{\"type\":\"RMSE\"}}", "7", "`m`: a number stands where an object or text should, at byte "},
    {symmetric, "[0]", "[0,1]", "`m`: it has 2 biases for 1 outputs"},
    {symmetric, "[0]", "[true]", "`m`: a bool stands where a bias should, at byte "},
    {symmetric, "[1,[0]]", "[1]", "`m`: nothing stands where a list should, at byte "},
    {symmetric, "[0.5,2]", "[0.5,\"x\"]", "`m`: text stands where a number should, at byte "},
    {symmetric, "[7,-1]", "[7,4294967296]", "`m`: a number stands where the hash of a category should, at byte "},
    {symmetric, "[7,-1]", "[7]", "`m`: tree 0 asks for split 3 of 3"},
    {symmetric, "\"split_index\":3", "\"split_index\":-1", "`m`: tree 0 asks for split -1 of 4"},
    {symmetric, "\"split_index\":3", "\"split\":3", "`m`: tree 0 asks for split -1 of 4"},
    {symmetric, "\"split_index\":3", "\"split_index\":0.5", "`m`: a number stands where a whole number should, at byte "},
    {symmetric, "true", "7", "`m`: a number stands where true or false should, at byte "},
    {symmetric, "\"AsTrue\"", "\"AsOne\"", "`m`: text stands where AsIs, AsFalse or AsTrue should, at byte "},
    {symmetric, "\"flat_feature_index\":0", "\"flat_feature_index\":1", "`m`: two features have number 1 among all"},
    {symmetric, "\"flat_feature_index\":0", "\"flat_feature_index\":-1", "`m`: a feature has number -1 among all"},
    {symmetric, "\"flat_feature_index\":0", "\"index\":0", "`m`: a feature has number -1 among all"},
    {symmetric, "\"flat_feature_index\":0", "\"flat_feature_index\":2000000000", "`m`: a feature has number 2000000000, too high for a file of this size"},
    {symmetric, "\"ctrs\":null", "\"float_features\":[]", "`m`: it has two lists of float features, at byte "},
    {symmetric, "\"ctrs\":null", "\"categorical_features\":[]", "`m`: it has two lists of categorical features, at byte "},
    {symmetric, "\"has_nans\":true", "\"borders\":[1]", "`m`: a feature has two lists of borders, at byte "},
    {symmetric, "[7,-1]", "[7,-1],\"values\":[1]", "`m`: a feature has two lists of values, at byte "},
    {symmetric, "[7,-1]}", "[7,-1]},{\"feature_index\":0,\"flat_feature_index\":2}", "`m`: two categorical features have number 0"},
    {symmetric, "[1,2,3,4]", "[1,2,3]", "`m`: tree 0 has 3 values in leaves for 2 splits, at byte "},
    {symmetric, "[1,2,3,4]", "[]", "`m`: tree 0 has 0 values in leaves for 2 splits, at byte "},
    {symmetric, "[1,2,3,4]", "[1,2,3,4],\"leaf_values\":[1]", "`m`: tree 0 has two lists of leaves, at byte "},
    {symmetric, "\"split_index\":3}]", "\"split_index\":3}],\"splits\":[]", "`m`: tree 0 has two lists of splits, at byte "},
    {symmetric, "\"split_index\":3}]}", "\"split_index\":3}]},{\"leaf_values\":[1,2]}", "`m`: tree 1 has 2 outputs, others have 1, at byte "},
    {symmetric, "\"split_index\":3}]}", "\"split_index\":3}]},7", "`m`: a number stands where a tree should, at byte "},
    {symmetric, "\"scale_and_bias\"", "\"trees\":[],\"scale_and_bias\"", "`m`: it has two lists of trees, at byte "},
    {symmetric, "]]}", "]]} x", "`m`: something follows the end of the value, at byte "},
    {other, "", "", NULL},
    {other, "{\"value\":1,\"weight\":1}", "{\"value\":[1]}", NULL},
    {other, "{\"value\":1,\"weight\":1}", "{\"value\":[1,2]}", "`m`: tree 0 has 1 outputs, others have 2, at byte "},
    {other, "{\"value\":1,\"weight\":1}", "{\"value\":[]}", "`m`: tree 0 has a leaf without a value, at byte "},
    {other, "{\"value\":1,\"weight\":1}", "{\"weight\":1}", "`m`: tree 0: a node has neither two children nor a value, or both, at byte "},
    {other, "{\"value\":1,\"weight\":1}", "{\"value\":1,\"value\":1}", "`m`: tree 0: a leaf has two values, at byte "},
    {other, "{\"value\":1,\"weight\":1}", "7", "`m`: a number stands where a node should, at byte "},
    {other, "\"right\"", "\"left\"", "`m`: tree 0: a node has two children on one side, at byte "},
    {other, "\"split_index\":1", "\"split_index\":2", "`m`: tree 0 asks for split 2 of 2"},
    {other, "\"split\":{\"split_index\":1}", "\"more\":{}", "`m`: tree 0 asks for split -1 of 2"},
};
/* clang-format on */

static void check_message(const loaded *l, rk_diag_code code, const char *wanted)
{
    const rk_str message = message_of(l);
    const size_t len = strlen(wanted);
    const bool whole = wanted[len - 1] != ' ';
    ck_assert_msg(l->status == RK_EDATA, "%s", wanted);
    ck_assert_uint_eq(l->diags.items.len, 1);
    ck_assert_int_eq(l->diags.items.items[0]->code, code);
    ck_assert_msg(message.len >= len && (!whole || message.len == len) &&
                      memcmp(message.data, wanted, len) == 0,
                  "%.*s, not %s", RK_STR_ARG(message), wanted);
}

START_TEST(refuses_damaged_files)
{
    rk_buf text = {0};
    rk_buf_add_chars(&text, bad_files[_i].text);
    if (strcmp(bad_files[_i].from, bad_files[_i].to) != 0)
        text = change(text, "", bad_files[_i].from, bad_files[_i].to);
    loaded l = load_bytes(rk_buf_str(&text));
    ck_assert_uint_lt(rk_arena_capacity(&l.arena), 16 * text.len + 2000000);
    if (bad_files[_i].message)
        check_message(&l, RK_E0540, bad_files[_i].message);
    else
        ck_assert_msg(l.status == RK_OK, "%.*s", RK_STR_ARG(message_of(&l)));
    unload(&l);
    rk_buf_free(&text);
}
END_TEST

/* ---- fixtures ---- */

static rk_buf read_model(const char *name)
{
    char path[1024];
    const char *const source = getenv("RANK_SRC");
    snprintf(path, sizeof path, "%s/tests/models/catboost-%s", source ? source : ".", name);
    rk_mapping file;
    ck_assert_msg(rk_file_map(path, &file) == RK_FILE_FINE, "%s", path);
    rk_buf out = {0};
    rk_buf_add(&out, file.text);
    rk_file_unmap(&file);
    return out;
}

/* Its end is seen by sanitizers. */
static loaded load_exact(const char *bytes, size_t len)
{
    char *const exact = malloc(len + 1);
    memcpy(exact, bytes, len);
    loaded l = load_bytes((rk_str){exact, len});
    free(exact);
    return l;
}

static void check_prefixes(const char *name)
{
    rk_buf text = read_model(name);
    for (size_t len = 0; len < text.len; len++) {
        loaded l = load_exact(text.data, len);
        ck_assert_msg(l.status == RK_EDATA, "%zu bytes of %s", len, name);
        ck_assert_int_eq(l.diags.items.items[0]->code, RK_E0540);
        unload(&l);
    }
    rk_buf_free(&text);
}

START_TEST(refuses_files_cut_off)
{
    check_prefixes("stump.json");
    check_prefixes("lossguide-multi.json");
    check_prefixes("categories-cbm.cbm");
}
END_TEST

static void put_u32(char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char)(value >> 8 * i);
}

/* Cut off anywhere, and the head says so many bytes: only what nobody asks for may be missing. */
START_TEST(refuses_trees_cut_off)
{
    static const char *const names[] = {"categories-cbm.cbm", "lossguide.cbm", "onevsall.cbm"};
    rk_buf text = read_model(names[_i]);
    uint32_t fine = 0;
    for (size_t len = 8; len < text.len; len++) {
        put_u32(text.data + 4, (uint32_t)len - 8);
        loaded l = load_exact(text.data, len);
        ck_assert_msg(l.status == RK_EDATA || l.status == RK_OK, "%zu bytes", len);
        fine += l.status == RK_OK;
        unload(&l);
    }
    ck_assert_uint_lt(fine, 200);
    rk_buf_free(&text);
}
END_TEST

/* Each byte changed in some ways: nothing happens but an answer. */
START_TEST(survives_changed_bytes)
{
    static const char *const names[] = {"stump.json", "lossguide.cbm", "categories-cbm.cbm",
                                        "onevsall.cbm"};
    rk_buf text = read_model(names[_i]);
    for (size_t at = 8; at < text.len; at++) {
        const char old = text.data[at];
        static const unsigned char flips[] = {0x01, 0x80, 0xff};
        for (size_t i = 0; i < sizeof flips; i++) {
            text.data[at] = (char)(old ^ flips[i]);
            loaded l = load_bytes(rk_buf_str(&text));
            ck_assert(l.status == RK_OK || l.status == RK_EDATA);
            unload(&l);
        }
        text.data[at] = old;
    }
    rk_buf_free(&text);
}
END_TEST

/* ---- the numbers of a cbm ---- */

enum { CORE_TREES = 1, SPLITS = 1, SIZES, STARTS, CATS, FLOATS, ONE_HOTS, NODES = 10, NODE_LEAVES };

/* clang-format off */
static const struct {
    const char *file;
    int field;
    uint32_t item, value;
    const char *message;
} bad_numbers[] = {
    {"lossguide.cbm", SPLITS, 0, 999, "`m`: tree 0 asks for split 999 of "},
    {"lossguide.cbm", SPLITS, 0, 0xffffffff, "`m`: tree 0 asks for split -1 of "},
    {"lossguide.cbm", SIZES, 0, 1, "`m`: tree 1 does not follow the one before"},
    {"lossguide.cbm", SIZES, 3, 0, "`m`: tree 3 has 0 nodes"},
    {"lossguide.cbm", SIZES, 3, 0x7fffffff, "`m`: tree 3 has more splits or leaves than there are"},
    {"lossguide.cbm", SIZES, 3, 2, "`m`: its trees have "},
    {"lossguide.cbm", STARTS, 1, 1, "`m`: tree 1 does not follow the one before"},
    {"lossguide.cbm", NODES, 0, 0x00010001, "`m`: tree 0 reaches node 1 twice"},
    {"lossguide.cbm", NODES, 0, 0xffff0001, "`m`: tree 0, node 0 leads out of the tree"},
    {"lossguide.cbm", NODES, 0, 0, NULL},
    {"lossguide.cbm", NODES, 0, 0x00000001, NULL},
    {"lossguide.cbm", NODE_LEAVES, 6, 0x7fffffff, "`m`: tree 0 has a leaf at value 2147483647 of "},
    {"lossguide.cbm", NODE_LEAVES, 6, 0xffffffff, "`m`: tree 0 has a leaf at value 4294967295 of "},
    {"logloss.cbm", SPLITS, 0, 999, "`m`: tree 0 asks for split 999 of "},
    {"logloss.cbm", SIZES, 3, 31, "`m`: tree 3 has 31 levels"},
    {"logloss.cbm", SIZES, 3, 30, "`m`: tree 3 has more splits or leaves than there are"},
    {"logloss.cbm", SIZES, 3, 2, "`m`: its trees have 11 splits and 28 values of leaves, not 12 and 32"},
    {"logloss.cbm", FLOATS, 0, 0x7fffffff, "`m`: an offset leads out of the file, at byte "},
    {"logloss.cbm", FLOATS, 0, 0xfffffff0, "`m`: an offset leads out of the file, at byte "},
    {"categories-cbm.cbm", CATS, 0, 0x00ffffff, "`m`: an offset leads out of the file, at byte "},
};
/* clang-format on */

static size_t place_of(rk_str bytes, int field, uint32_t item)
{
    rk_flat flat;
    rk_flat_init(&flat, (rk_str){bytes.data + 8, bytes.len - 8});
    const rk_flat_table trees = rk_flat_get_table(&flat, rk_flat_root(&flat), CORE_TREES);
    const rk_flat_vector vector = rk_flat_get_vector(&flat, trees, field, 4);
    ck_assert_uint_lt(item, vector.n);
    return 8 + vector.at + item * (size_t)4;
}

START_TEST(refuses_bad_numbers)
{
    rk_buf text = read_model(bad_numbers[_i].file);
    const size_t at = place_of(rk_buf_str(&text), bad_numbers[_i].field, bad_numbers[_i].item);
    put_u32(text.data + at, bad_numbers[_i].value);
    loaded l = load_bytes(rk_buf_str(&text));
    if (bad_numbers[_i].message)
        check_message(&l, RK_E0540, bad_numbers[_i].message);
    unload(&l);
    rk_buf_free(&text);
}
END_TEST

/* Many tables that are the same one: a vector of borders counts each time, and the bytes have room
 * for only so many. */
START_TEST(refuses_vectors_that_overlap)
{
    rk_buf text = read_model("borders.cbm");
    const size_t first = place_of(rk_buf_str(&text), FLOATS, 0);
    uint32_t to = 0;
    for (int i = 3; i >= 0; i--)
        to = to << 8 | (unsigned char)text.data[first + (size_t)i];
    put_u32(text.data + first - 4, 1000000);
    for (size_t at = first; at + 4 < first + 3 * 4; at += 4)
        put_u32(text.data + at, to - (uint32_t)(at - first));
    loaded l = load_bytes(rk_buf_str(&text));
    ck_assert_int_eq(l.status, RK_EDATA);
    unload(&l);
    rk_buf_free(&text);
}
END_TEST

/* ---- what is not supported ---- */

static void check_lacks(rk_str bytes, const char *message)
{
    loaded l = load_bytes(bytes);
    check_message(&l, RK_E0541, message);
    unload(&l);
}

START_TEST(says_what_is_not_supported)
{
    static const struct {
        const char *file, *message;
    } rows[] = {
        {"ctr-json.json", "`m` uses what is not supported: features that count the labels of "
                          "categories, CTRs ("},
        {"ctr-cbm.cbm", "`m` uses what is not supported: features that count the labels of "
                        "categories, CTRs ("},
        {"text.cbm", "`m` uses what is not supported: features made of text or embeddings ("},
        {"uncertainty.json", "`m` uses what is not supported: loss function `RMSEWithUncertainty`"},
    };
    for (size_t i = 0; i < RK_ARRAY_LEN(rows); i++) {
        rk_buf text = read_model(rows[i].file);
        loaded l = load_bytes(rk_buf_str(&text));
        ck_assert_int_eq(l.status, RK_EDATA);
        ck_assert_int_eq(l.diags.items.items[0]->code, RK_E0541);
        const rk_str message = message_of(&l);
        ck_assert_msg(message.len >= strlen(rows[i].message) &&
                          memcmp(message.data, rows[i].message, strlen(rows[i].message)) == 0,
                      "%.*s", RK_STR_ARG(message));
        unload(&l);
        rk_buf_free(&text);
    }
}
END_TEST

START_TEST(lists_all_that_is_not_supported)
{
    rk_buf text = {0};
    rk_buf_add_chars(&text, symmetric);
    text = change(text, "", "null", "[{},[7]]");
    text = change(text, "", "\"RMSE\"", "\"Magic\"");
    check_lacks(rk_buf_str(&text),
                "`m` uses what is not supported: loss function `Magic`, features "
                "that count the labels of categories, CTRs (2)");
    rk_buf_free(&text);
    text = read_model("logloss.cbm");
    char *const form = memmem(text.data, text.len, "FlabuffersModel_v1", 18);
    ck_assert(form != NULL);
    form[17] = '2';
    check_lacks(rk_buf_str(&text), "`m` uses what is not supported: form `FlabuffersModel_v2`");
    rk_buf_free(&text);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("model_catboost_bad");
    TCase *const tcase = tcase_create("model_catboost_bad");
    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, refuses_damaged_files, 0, (int)RK_ARRAY_LEN(bad_files));
    tcase_add_test(tcase, refuses_files_cut_off);
    tcase_add_loop_test(tcase, refuses_trees_cut_off, 0, 3);
    tcase_add_loop_test(tcase, survives_changed_bytes, 0, 4);
    tcase_add_loop_test(tcase, refuses_bad_numbers, 0, (int)RK_ARRAY_LEN(bad_numbers));
    tcase_add_test(tcase, refuses_vectors_that_overlap);
    tcase_add_test(tcase, says_what_is_not_supported);
    tcase_add_test(tcase, lists_all_that_is_not_supported);
    suite_add_tcase(suite, tcase);
    return rk_suite_run(suite);
}
