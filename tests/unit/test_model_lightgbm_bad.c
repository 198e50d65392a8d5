/* LightGBM's text models that are damaged, cut off, hostile, or need more than there is. */
#include "tests/unit/model_golden.h"

typedef struct attempt {
    rk_arena arena;
    rk_diags diags;
    rk_model *model;
    rk_status status;
} attempt;

static void try_bytes(attempt *a, rk_str bytes)
{
    *a = (attempt){0};
    rk_diags_init(&a->diags, &a->arena);
    const rk_model_spec spec = {.path = RK_STR("m.txt"), .span = RK_NO_SPAN, .bytes = &bytes};
    a->status = rk_model_load(&spec, &a->arena, &a->diags, &a->model);
    ck_assert((a->status == RK_OK) == (a->model != NULL));
    ck_assert((a->status == RK_OK) == (a->diags.errors == 0));
}

static void done(attempt *a) { rk_arena_free(&a->arena); }

/* A fixture as text, in the arena. */
static rk_str fixture(rk_arena *arena, const char *name)
{
    char path[1024];
    const char *const source = getenv("RANK_SRC");
    snprintf(path, sizeof path, "%s/tests/models/lightgbm-%s.txt", source ? source : ".", name);
    rk_mapping file;
    ck_assert_msg(rk_file_map(path, &file) == RK_FILE_FINE, "%s", path);
    const rk_str text = {rk_arena_copy(arena, file.text.data, file.text.len), file.text.len};
    rk_file_unmap(&file);
    return text;
}

static size_t find(rk_str text, const char *words)
{
    const char *const at = memmem(text.data, text.len, words, strlen(words));
    ck_assert_msg(at != NULL, "no `%s`", words);
    return (size_t)(at - text.data);
}

/* The line that begins with `from` gives place to `to`; an empty `to` takes it out. */
static rk_str edited(rk_arena *arena, rk_str text, const char *from, const char *to)
{
    const size_t at = find(text, from);
    const char *const end = memchr(text.data + at, '\n', text.len - at);
    const size_t rest = (size_t)(end - text.data) + (*to == 0);
    rk_buf out = {0};
    rk_buf_add(&out, (rk_str){text.data, at});
    rk_buf_add_chars(&out, to);
    rk_buf_add(&out, (rk_str){text.data + rest, text.len - rest});
    const rk_str copy = {rk_arena_copy(arena, out.data, out.len), out.len};
    rk_buf_free(&out);
    return copy;
}

typedef struct damage {
    const char *from, *to; /* a line */
    rk_diag_code code;
    const char *message;
} damage;

/* Of the fixture `stump`: three trees of one split each, three features. */
/* clang-format off */
static const damage damages[] = {
    {"tree", "tre", RK_E0540, "`m.txt`: no model of a known form; known are "},
    {"version=", "version=v5", RK_E0541, "`m.txt` uses what is not supported: version `v5` of the format (v2 to v4 are)"},
    {"version=", "", RK_E0541, "`m.txt` uses what is not supported: version `v1` of the format (v2 to v4 are)"},
    {"num_tree_per", "num_tree_per_iteration=2", RK_E0540, "`m.txt`, line 69: 3 trees are no multiple of the 2 outputs"},
    {"num_tree_per", "num_tree_per_iteration=0", RK_E0540, "`m.txt`, line 4: num_tree_per_iteration is 0, not in 1 to 2147483647"},
    {"num_tree_per", "num_tree_per_iteration=999999999", RK_E0540, "`m.txt`, line 69: 3 trees are no multiple of the 999999999 outputs"},
    {"num_tree_per", "num_tree_per_iteration=x", RK_E0540, "`m.txt`, line 4: num_tree_per_iteration is `x`, not a whole number"},
    {"max_feature", "max_feature_idx=3", RK_E0540, "`m.txt`, line 8: there are 3 feature_names, and max_feature_idx 3 asks for 4"},
    {"max_feature", "max_feature_idx=999999999", RK_E0540, "`m.txt`, line 8: there are 3 feature_names, and max_feature_idx 999999999 asks for 1000000000"},
    {"max_feature", "", RK_E0540, "`m.txt`, line 11: max_feature_idx is not given"},
    {"objective", "objective=magic scale:3", RK_E0541, "`m.txt` uses what is not supported: objective `magic scale:3`"},
    {"objective", "objective=binary sigmoid:-1", RK_E0540, "`m.txt`, line 7: sigmoid is `-1`, not above 0"},
    {"objective", "objective=multiclass num_class:3", RK_E0540, "`m.txt`, line 7: the objective has 3 classes, not 1"},
    {"feature_names", "feature_names=a b", RK_E0540, "`m.txt`, line 8: there are 2 feature_names, and max_feature_idx 2 asks for 3"},
    {"feature_names", "", RK_E0540, "`m.txt`, line 11: feature_names is not given"},
    {"feature_infos", "feature_infos=none", RK_E0540, "`m.txt`, line 9: there are 1 feature_infos, not 3"},
    {"tree_sizes", "tree_sizes=323 326", RK_E0540, "`m.txt`, line 69: the file has 3 trees, and tree_sizes 2"},
    {"num_class", "version=v4", RK_E0540, "`m.txt`, line 3: version is given twice"},
    {"Tree=1", "Trxe=1", RK_E0540, "`m.txt`, line 31: after tree 0 comes neither a tree nor the end of trees"},
    {"num_leaves", "num_leaves=1000000000", RK_E0540, "`m.txt`, line 21: leaf_value has 2 numbers, not 1000000000"},
    {"num_leaves", "num_leaves=99999999999999999999", RK_E0540, "`m.txt`, line 13: num_leaves is `99999999999999999999`, not a whole number"},
    {"num_leaves", "num_leaves=0", RK_E0540, "`m.txt`, line 13: num_leaves is 0, not in 1 to 2147483647"},
    {"num_leaves", "num_leaves=3", RK_E0540, "`m.txt`, line 21: leaf_value has 2 numbers, not 3"},
    {"num_leaves", "num_leaves=1", RK_E0540, "`m.txt`, line 21: leaf_value has 2 numbers, not 1"},
    {"num_leaves", "", RK_E0540, "`m.txt`, line 28: num_leaves is not given"},
    {"num_cat", "num_cat=1", RK_E0540, "`m.txt`, line 29: the tree has no cat_boundaries"},
    {"num_cat", "num_cat=1\ncat_boundaries=0 999999999\ncat_threshold=1", RK_E0540, "`m.txt`, line 16: cat_threshold has 1 number, not 999999999"},
    {"num_cat", "num_cat=1\ncat_boundaries=1 0\ncat_threshold=1", RK_E0540, "`m.txt`, line 15: cat_boundaries do not go up from 0"},
    {"num_cat", "num_cat=1\ncat_boundaries=0 1\ncat_threshold=-1", RK_E0540, "`m.txt`, line 16: cat_threshold: -1 is not 32 bits"},
    {"num_cat", "num_cat=1000000000\ncat_boundaries=0", RK_E0540, "`m.txt`, line 15: cat_boundaries has 1 number, not 1000000001"},
    {"split_feature", "split_feature=3", RK_E0540, "`m.txt`, line 15: split 0 asks for feature 3, and there are 3 from 0"},
    {"split_feature", "split_feature=-1", RK_E0540, "`m.txt`, line 15: split 0 asks for feature -1, and there are 3 from 0"},
    {"split_feature", "split_feature=0 0", RK_E0540, "`m.txt`, line 15: split_feature has 2 numbers, not 1"},
    {"split_feature", "split_feature=x", RK_E0540, "`m.txt`, line 15: split_feature: `x` is not a whole number"},
    {"split_feature", "split_feature=", RK_E0540, "`m.txt`, line 15: split_feature has 0 numbers, not 1"},
    {"split_feature", "", RK_E0540, "`m.txt`, line 28: the tree has no split_feature"},
    {"split_feature", "split_feature", RK_E0540, "`m.txt`, line 15: a line of a tree has no `=`"},
    {"threshold", "threshold=abc", RK_E0540, "`m.txt`, line 17: threshold: `abc` is not a number"},
    {"threshold", "threshold=0x1p3", RK_E0540, "`m.txt`, line 17: threshold: `0x1p3` is not a number"},
    {"decision_type", "decision_type=12", RK_E0540, "`m.txt`, line 18: split 0 is of no known type: 12"},
    {"decision_type", "decision_type=1", RK_E0540, "`m.txt`, line 17: a categorical split asks for set -0.122 of the tree's 0"},
    {"decision_type", "decision_type=-2", RK_E0540, "`m.txt`, line 18: split 0 is of no known type: -2"},
    {"left_child", "left_child=0", RK_E0540, "`m.txt`, line 19: split 0 leads back to an earlier one"},
    {"left_child", "left_child=1", RK_E0540, "`m.txt`, line 19: split 0 leads out of the tree"},
    {"left_child", "left_child=-3", RK_E0540, "`m.txt`, line 19: split 0 leads out of the tree"},
    {"left_child", "left_child=-2", RK_E0540, "`m.txt`: tree 0 reaches leaf 1 twice"},
    {"right_child", "right_child=4294967295", RK_E0540, "`m.txt`, line 20: split 0 leads out of the tree"},
    {"leaf_value", "leaf_value=1", RK_E0540, "`m.txt`, line 21: leaf_value has 1 number, not 2"},
    {"leaf_value", "", RK_E0540, "`m.txt`, line 28: the tree has no leaf_value"},
    {"leaf_weight", "leaf_value=1 2", RK_E0540, "`m.txt`, line 22: leaf_value is given twice in a tree"},
    {"is_linear", "is_linear=1", RK_E0541, "`m.txt` uses what is not supported: linear models in the leaves (1 tree)"},
    {"split_gain", "split_gain=much", RK_E0540, "`m.txt`, line 16: split_gain: `much` is not a number"},
    {"internal_count", "internal_count=1 2", RK_E0540, "`m.txt`, line 26: internal_count has 2 numbers, not 1"},
    {"pandas_cat", "pandas_categorical:[[\"a\"]", RK_E0540, "`m.txt`, line 200: pandas_categorical, byte 6: a comma or `]` should stand here"},
    {"pandas_cat", "pandas_categorical:[[\"a\"]]", RK_E0541, "`m.txt` uses what is not supported: pandas categories whose columns the file does not tell (lists: 1, categorical features: 0)"},
    {"pandas_cat", "pandas_categorical:[[\"a\", null]]", RK_E0540, "`m.txt`, line 200: pandas_categorical, byte 7: a category should stand here"},
    {"pandas_cat", "pandas_categorical:{}", RK_E0540, "`m.txt`, line 200: pandas_categorical, byte 0: a list should stand here"},
};
/* clang-format on */

START_TEST(damage_is_told)
{
    const damage *const row = &damages[_i];
    rk_arena arena = {0};
    attempt a;
    try_bytes(&a, edited(&arena, fixture(&arena, "stump"), row->from, row->to));
    ck_assert_int_eq(a.status, RK_EDATA);
    ck_assert_uint_eq(a.diags.items.len, 1);
    const rk_diag *const diag = a.diags.items.items[0];
    const size_t len = strlen(row->message);
    const bool open = row->message[len - 1] == ' '; /* the message goes on */
    ck_assert_msg(diag->code == row->code && strncmp(diag->message.data, row->message, len) == 0 &&
                      (open || diag->message.len == len),
                  "`%s`: %s `%.*s`\n, not `%s`", row->to, rk_diag_code_name(diag->code),
                  RK_STR_ARG(diag->message), row->message);
    done(&a);
    rk_arena_free(&arena);
}
END_TEST

/* ---- categories of which nobody knows the columns ---- */

typedef struct pandas_case {
    const char *parameter, *infos; /* lines that take the place of the fixture's; "" takes it out */
    bool fine;
} pandas_case;

/* The fixture has lists of 5 and 4 categories, of columns 1 and 3 of 5. */
static const pandas_case pandas_cases[] = {
    {"[categorical_feature: 1,3]", "feature_infos=[0:1] 1:0:4 [0:1] 3:2 [0:1]", true},
    {"[categorical_feature: 1,3]", "feature_infos=[0:1] 1:0:4 [0:1] none [0:1]", true},
    {"[categorical_feature: 1,3]", "", true},
    {"", "feature_infos=[0:1] 1:0:4 [0:1] 3:2 [0:1]", true},
    {"[categorical_feature: name:a,b]", "feature_infos=[0:1] 1:0:4 [0:1] 3:2 [0:1]", true},
    /* 4 is no place in the second list. */
    {"[categorical_feature: 1,3]", "feature_infos=[0:1] 1:0:4 [0:1] 4:2 [0:1]", false},
    {"[categorical_feature: 1,2]", "feature_infos=[0:1] 1:0:4 [0:1] 3:2 [0:1]", false},
    {"[categorical_feature: 3]", "feature_infos=[0:1] [0:4] [0:1] 3:2 [0:1]", false},
    {"[categorical_feature: 3,3]", "feature_infos=[0:1] [0:4] [0:1] 3:2 [0:1]", false},
    {"", "", false},
};

START_TEST(pandas_columns_are_told_or_refused)
{
    const pandas_case *const row = &pandas_cases[_i];
    rk_arena arena = {0};
    rk_str text = fixture(&arena, "pandas");
    text = edited(&arena, text, "[categorical_feature", row->parameter);
    text = edited(&arena, text, "feature_infos", row->infos);
    attempt a;
    try_bytes(&a, text);
    ck_assert_int_eq(a.status, row->fine ? RK_OK : RK_EDATA);
    if (row->fine) {
        ck_assert_uint_eq(a.model->inputs[1].n_categories, 5);
        ck_assert_uint_eq(a.model->inputs[3].n_categories, 4);
    } else {
        ck_assert_int_eq(a.diags.items.items[0]->code, RK_E0541);
    }
    done(&a);
    rk_arena_free(&arena);
}
END_TEST

/* ---- all that is not supported, in one error ---- */

START_TEST(all_is_listed)
{
    rk_arena arena = {0};
    rk_str text = fixture(&arena, "stump");
    text = edited(&arena, text, "version=", "version=v9");
    text = edited(&arena, text, "objective", "objective=magic");
    text = edited(&arena, text, "is_linear=0", "is_linear=1");
    text = edited(&arena, text, "is_linear=0", "is_linear=1");
    attempt a;
    try_bytes(&a, text);
    ck_assert_uint_eq(a.diags.items.len, 1);
    ck_assert_str_eq(
        a.diags.items.items[0]->message.data,
        "`m.txt` uses what is not supported: version `v9` of the format (v2 to v4 are), "
        "objective `magic`, linear models in the leaves (2 trees)");
    done(&a);
    rk_arena_free(&arena);
}
END_TEST

/* ---- cut off ---- */

/* The sum of all leaves, to tell models apart. */
static double leaf_sum(const rk_model *model)
{
    double sum = 0;
    for (uint32_t i = 0; i < model->as.forest->n_leaves; i++)
        sum += model->as.forest->leaves[i];
    return sum;
}

/* Cut anywhere, a file is refused or has the same trees; within these and the parameters, which the
 * categories come after, it is refused. */
static void cut_everywhere(const char *name)
{
    rk_arena arena = {0};
    const rk_str text = fixture(&arena, name);
    attempt whole, a;
    try_bytes(&whole, text);
    ck_assert_int_eq(whole.status, RK_OK);
    const size_t trees_end = find(text, "\n\n\nend of trees") + 2;
    const size_t begin = find(text, "\nparameters:") + strlen("\nparameters:");
    const size_t end = find(text, "end of parameters") + strlen("end of parameters");
    uint32_t fine = 0;
    for (size_t len = 0; len < text.len; len++) {
        /* In memory of its own, so that sanitizers see what is read beyond. */
        char *const piece = malloc(len + !len);
        memcpy(piece, text.data, len);
        try_bytes(&a, (rk_str){piece, len});
        ck_assert_msg(a.status == RK_EDATA || a.status == RK_OK, "cut at %zu: %d", len, a.status);
        ck_assert_msg(a.status != RK_OK || len >= trees_end, "cut at %zu", len);
        ck_assert_msg(a.status != RK_OK || len < begin || len >= end, "cut at %zu", len);
        if (a.status == RK_OK)
            ck_assert(leaf_sum(a.model) == leaf_sum(whole.model));
        fine += a.status == RK_OK;
        done(&a);
        free(piece);
    }
    ck_assert_uint_gt(fine, 50);
    done(&whole);
    rk_arena_free(&arena);
}

START_TEST(cut_at_every_byte) { cut_everywhere("stump"); }
END_TEST

START_TEST(cut_at_every_byte_with_categories) { cut_everywhere("pandas"); }
END_TEST

/* Without line 10, a tree that is cut short cannot be missed either. */
START_TEST(cut_without_sizes)
{
    rk_arena arena = {0};
    const rk_str text = edited(&arena, fixture(&arena, "stump"), "tree_sizes", "");
    attempt a;
    for (size_t len = find(text, "Tree=2"); len < find(text, "end of trees") - 2; len++) {
        try_bytes(&a, (rk_str){text.data, len});
        ck_assert_msg(a.status == RK_EDATA, "cut at %zu", len);
        done(&a);
    }
    rk_arena_free(&arena);
}
END_TEST

/* ---- counts that are only claimed ---- */

START_TEST(memory_follows_the_text)
{
    static const char *const claims[] = {"num_leaves=2147483647", "num_leaves=1000000000"};
    rk_arena arena = {0};
    for (size_t i = 0; i < RK_ARRAY_LEN(claims); i++) {
        attempt a;
        const rk_str text = edited(&arena, fixture(&arena, "stump"), "num_leaves", claims[i]);
        try_bytes(&a, text);
        ck_assert_int_eq(a.status, RK_EDATA);
        ck_assert_uint_lt(rk_arena_capacity(&a.arena), 16 * text.len + 200000);
        done(&a);
    }
    rk_arena_free(&arena);
}
END_TEST

START_TEST(no_such_file)
{
    static const char *const paths[] = {"no/such/model.txt", "."};
    for (size_t i = 0; i < RK_ARRAY_LEN(paths); i++) {
        attempt a = {0};
        rk_diags_init(&a.diags, &a.arena);
        const rk_model_spec spec = {.path = rk_str_from(paths[i]), .span = RK_NO_SPAN};
        ck_assert_int_eq(rk_model_load(&spec, &a.arena, &a.diags, &a.model), RK_EFILE);
        ck_assert_int_eq(a.diags.items.items[0]->code, RK_E0601);
        done(&a);
    }
    attempt a;
    try_bytes(&a, RK_STR(""));
    ck_assert_str_eq(a.diags.items.items[0]->message.data, "`m.txt`: the file is empty");
    done(&a);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("model_lightgbm_bad");
    TCase *const tcase = tcase_create("model_lightgbm_bad");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, damage_is_told, 0, (int)RK_ARRAY_LEN(damages));
    tcase_add_loop_test(tcase, pandas_columns_are_told_or_refused, 0,
                        (int)RK_ARRAY_LEN(pandas_cases));
    tcase_add_test(tcase, all_is_listed);
    tcase_add_test(tcase, cut_at_every_byte);
    tcase_add_test(tcase, cut_at_every_byte_with_categories);
    tcase_add_test(tcase, cut_without_sizes);
    tcase_add_test(tcase, memory_follows_the_text);
    tcase_add_test(tcase, no_such_file);
    suite_add_tcase(suite, tcase);
    return rk_suite_run(suite);
}
