/* Lets each allocation of reading a model fail in turn: the end is RK_ENOMEM, and what was taken is
 * given back. */
#include <limits.h>

#include "runtime/model/forest.h"
#include "tests/unit/harness.h"

static unsigned long allocations, fail_at; /* 0: none fails */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

static bool fails(void) { return fail_at && ++allocations == fail_at; }

void *__wrap_malloc(size_t size) { return fails() ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t n, size_t size) { return fails() ? NULL : __real_calloc(n, size); }
void *__wrap_realloc(void *old, size_t size) { return fails() ? NULL : __real_realloc(old, size); }

/* No libcheck in here: it allocates too. */
static rk_status load(const char *path, const rk_str *bytes, unsigned long at)
{
    rk_arena arena = {0};
    rk_diags diags;
    rk_model *model;
    rk_diags_init(&diags, &arena);
    const rk_model_spec spec = {
        .path = rk_str_from(path), .span = RK_NO_SPAN, .bytes = bytes, .options.most_trees = 2};
    allocations = 0;
    fail_at = at;
    const rk_status status = rk_model_load(&spec, &arena, &diags, &model);
    fail_at = 0;
    rk_arena_free(&arena);
    return status;
}

static const char *const models[] = {
    "lightgbm-pandas.txt",
    "lightgbm-categories.txt",
    "lightgbm-multiclass.txt",
    "lightgbm-deep.txt",
    "lightgbm-stump.txt",
    "xgboost-names.json",
    "xgboost-best.json",
    "xgboost-dart-ubjson.ubj",
    "xgboost-linear-multi.ubj",
    "catboost-multirmse.json",
    "catboost-categories-cbm.cbm",
    "catboost-lossguide-multi.json",
    "onnx-lightgbm-categories.onnx",
    "onnx-boosting-classes.onnx",
    "onnx-random-12.onnx",
    "network-dssm.onnx",
    "network-mmoe.onnx",
    "network-cross.onnx",
    "network-outside.onnx",
    "network-places.onnx",
    "network-functions.onnx",
};

/* Files of rankc's own. */
static const char *const own[] = {
    "# rankc vocab\n<missing>\t0\n<unknown>\t1\nberlin\t2\nparis\n",
    "{\"rankc\": \"scaler\", \"features\": [{\"name\": \"a\", \"mean\": 1, \"std\": 2}]}",
    "{\"rankc\": \"linear\", \"link\": \"exp\", \"bias\": 1, \"inputs\": [{\"weight\": 1},"
    "{\"name\": \"b\", \"weights\": {\"rome\": 2, \"7\": 3}, \"missing\": 4}]}",
};

START_TEST(any_allocation_may_fail_of_texts)
{
    const rk_str text = rk_str_from(own[_i]);
    ck_assert_int_eq(load("m", &text, ULONG_MAX), RK_OK);
    const unsigned long total = allocations;
    for (unsigned long at = 1; at <= total; at++)
        ck_assert_msg(load("m", &text, at) == RK_ENOMEM, "allocation %lu of %lu", at, total);
}
END_TEST

START_TEST(any_allocation_may_fail)
{
    char path[1024];
    const char *const source = getenv("RANK_SRC");
    snprintf(path, sizeof path, "%s/tests/models/%s", source ? source : ".", models[_i]);
    ck_assert_int_eq(load(path, NULL, ULONG_MAX), RK_OK);
    const unsigned long total = allocations;
    ck_assert_uint_gt(total, 1);
    for (unsigned long at = 1; at <= total; at++)
        ck_assert_msg(load(path, NULL, at) == RK_ENOMEM, "allocation %lu of %lu", at, total);
}
END_TEST

/* What is wrong with a file may be lost when memory is out, but not that something is. */
START_TEST(errors_without_memory)
{
    static const char damaged[] = "tree\nversion=v9\nnum_class=1\nmax_feature_idx=0\n"
                                  "objective=magic\nfeature_names=x\n\nTree=0\nnum_leaves=1\n"
                                  "num_cat=0\nleaf_value=1\nis_linear=1\n\nend of trees\n";
    const rk_str cut = {damaged, sizeof damaged - 40}, whole = {damaged, sizeof damaged - 1};
    const rk_str *const texts[] = {&cut, &whole};
    for (size_t i = 0; i < RK_ARRAY_LEN(texts); i++) {
        ck_assert_int_eq(load("m.txt", texts[i], ULONG_MAX), RK_EDATA);
        const unsigned long total = allocations;
        ck_assert_uint_gt(total, 1);
        for (unsigned long at = 1; at <= total; at++) {
            const rk_status status = load("m.txt", texts[i], at);
            ck_assert_msg(status == RK_ENOMEM || status == RK_EDATA, "allocation %lu", at);
        }
    }
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("model_oom");
    TCase *const tcase = tcase_create("model_oom");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, any_allocation_may_fail, 0, (int)RK_ARRAY_LEN(models));
    tcase_add_loop_test(tcase, any_allocation_may_fail_of_texts, 0, (int)RK_ARRAY_LEN(own));
    tcase_add_test(tcase, errors_without_memory);
    suite_add_tcase(suite, tcase);
    return rk_suite_run(suite);
}
