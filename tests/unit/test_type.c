/* runtime/data/type.h: names, sizes, which type becomes which by itself. */
#include "runtime/data/type.h"

#include "tests/unit/harness.h"

static rk_type optional(rk_type type) { return rk_type_opt(type, true); }

START_TEST(types_print_as_written)
{
    rk_buf out = {0};
    rk_type_print(RK_TYPE_OPT(INT), &out);
    rk_buf_add_char(&out, ' ');
    rk_type_print(RK_TYPE_LIST(STRING), &out);
    rk_buf_add_char(&out, ' ');
    rk_type_print((rk_type){.kind = RK_KIND_VECTOR, .dim = 64, .optional = true}, &out);
    rk_buf_add_char(&out, ' ');
    rk_type_print((rk_type){.kind = RK_KIND_VECTOR, .dim = UINT32_MAX, .optional = true}, &out);
    ck_assert_str_eq(out.data, "int? list(string) vector(64)? vector(4294967295)?");
    rk_buf_free(&out);
}
END_TEST

START_TEST(kinds_are_found_by_name)
{
    ck_assert_int_eq(rk_kind_find(RK_STR("double")), RK_KIND_DOUBLE);
    ck_assert_int_eq(rk_kind_find(RK_STR("list")), RK_KIND_LIST);
    ck_assert_int_eq(rk_kind_find(RK_STR("row")), RK_KIND_NONE);
    ck_assert_int_eq(rk_kind_find(RK_STR("nothing")), RK_KIND_NONE);
    ck_assert_int_eq(rk_kind_find(RK_STR("candidates")), RK_KIND_NONE);
    ck_assert_int_eq(rk_kind_find(RK_STR("Int")), RK_KIND_NONE);
}
END_TEST

START_TEST(sizes_are_those_of_columns)
{
    ck_assert_uint_eq(rk_type_size(RK_TYPE(BOOL)), 1);
    ck_assert_uint_eq(rk_type_size(RK_TYPE(INT)), sizeof(int64_t));
    ck_assert_uint_eq(rk_type_size(RK_TYPE(FLOAT)), sizeof(float));
    ck_assert_uint_eq(rk_type_size(RK_TYPE(DOUBLE)), sizeof(double));
    ck_assert_uint_eq(rk_type_size((rk_type){.kind = RK_KIND_VECTOR, .dim = 7}), 28);
    ck_assert_uint_eq(rk_type_size((rk_type){.kind = RK_KIND_VECTOR, .dim = UINT32_MAX}),
                      (size_t)UINT32_MAX * 4);
}
END_TEST

START_TEST(numbers_widen_and_never_narrow)
{
    const rk_type order[] = {RK_TYPE(INT), RK_TYPE(FLOAT), RK_TYPE(DOUBLE)};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            ck_assert_int_eq(rk_type_converts(order[i], order[j]), i <= j);
            ck_assert_int_eq(rk_type_converts(order[i], optional(order[j])), i <= j);
            ck_assert(!rk_type_converts(optional(order[i]), order[j]));
            ck_assert(rk_type_eq(rk_type_common(order[i], order[j]), order[i > j ? i : j]));
        }
    ck_assert(!rk_type_converts(RK_TYPE(BOOL), RK_TYPE(INT)));
    ck_assert(!rk_type_converts(RK_TYPE(STRING), RK_TYPE(FLOAT)));
}
END_TEST

START_TEST(the_common_type_keeps_may_be_missing)
{
    ck_assert(rk_type_eq(rk_type_common(RK_TYPE_OPT(INT), RK_TYPE(FLOAT)), RK_TYPE_OPT(FLOAT)));
    ck_assert(rk_type_eq(rk_type_common(RK_TYPE(BOOL), RK_TYPE_OPT(BOOL)), RK_TYPE_OPT(BOOL)));
    ck_assert_uint_eq(rk_type_common(RK_TYPE(BOOL), RK_TYPE(INT)).kind, RK_KIND_NONE);
    const rk_type three = {.kind = RK_KIND_VECTOR, .dim = 3},
                  four = {.kind = RK_KIND_VECTOR, .dim = 4};
    ck_assert(rk_type_eq(rk_type_common(three, three), three));
    ck_assert_uint_eq(rk_type_common(three, four).kind, RK_KIND_NONE);
    ck_assert_uint_eq(rk_type_common(RK_TYPE_LIST(INT), RK_TYPE_LIST(STRING)).kind, RK_KIND_NONE);
}
END_TEST

RK_SUITE_MAIN("type", types_print_as_written, kinds_are_found_by_name, sizes_are_those_of_columns,
              numbers_widen_and_never_narrow, the_common_type_keeps_may_be_missing)
