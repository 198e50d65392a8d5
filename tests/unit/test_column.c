/* runtime/data/column.h: what is set is got, missing stays missing, one NaN; values print. */
#include "runtime/data/column.h"

#include <math.h>

#include "tests/unit/harness.h"

static rk_value int_value(int64_t i) { return (rk_value){.type = RK_TYPE(INT), .as.i = i}; }
static rk_value float_value(float f) { return (rk_value){.type = RK_TYPE(FLOAT), .as.f = f}; }
static rk_value double_value(double d) { return (rk_value){.type = RK_TYPE(DOUBLE), .as.d = d}; }
static rk_value missing_value(rk_type type) { return (rk_value){.type = type, .missing = true}; }

START_TEST(ints_may_be_missing)
{
    rk_arena arena = {0};
    rk_column column;
    ck_assert_int_eq(rk_column_init(&column, &arena, RK_TYPE_OPT(INT), 200), RK_OK);
    for (uint32_t i = 0; i < 200; i++) {
        ck_assert(!rk_column_has(&column, i));
        rk_column_set(&column, i, i % 3 ? int_value(i) : missing_value(column.type));
    }
    for (uint32_t i = 0; i < 200; i++) {
        ck_assert_int_eq(rk_column_has(&column, i), i % 3 != 0);
        ck_assert_int_eq(rk_column_get(&column, i).as.i, i % 3 ? i : 0);
    }
    rk_arena_free(&arena);
}
END_TEST

START_TEST(there_is_one_nan)
{
    rk_arena arena = {0};
    rk_column floats, doubles;
    ck_assert_int_eq(rk_column_init(&floats, &arena, RK_TYPE(FLOAT), 2), RK_OK);
    ck_assert_int_eq(rk_column_init(&doubles, &arena, RK_TYPE_OPT(DOUBLE), 2), RK_OK);
    ck_assert_ptr_null(doubles.present);
    rk_column_set(&floats, 0, float_value(-nanf("0x123")));
    rk_column_set(&floats, 1, missing_value(RK_TYPE(FLOAT)));
    rk_column_set(&doubles, 0, double_value(-nan("0x123")));
    rk_column_set(&doubles, 1, missing_value(RK_TYPE(DOUBLE)));
    for (uint32_t i = 0; i < 2; i++) {
        ck_assert_uint_eq(((const uint32_t *)floats.data)[i], 0x7fc00000);
        ck_assert_uint_eq(((const uint64_t *)doubles.data)[i], 0x7ff8000000000000);
        ck_assert(!rk_column_has(&floats, i));
        ck_assert(rk_column_get(&doubles, i).missing);
    }
    rk_arena_free(&arena);
}
END_TEST

START_TEST(rows_are_gathered)
{
    rk_arena arena = {0};
    rk_column in, out;
    const uint32_t at[] = {3, UINT32_MAX, 0, 3, 1};
    ck_assert_int_eq(rk_column_init(&in, &arena, RK_TYPE_OPT(INT), 4), RK_OK);
    for (uint32_t i = 0; i < 4; i++)
        rk_column_set(&in, i, i == 1 ? missing_value(in.type) : int_value(i * 10));
    ck_assert_int_eq(rk_column_gather(&out, &arena, RK_TYPE_OPT(INT), &in, at, 5), RK_OK);
    const int64_t expected[] = {30, -1, 0, 30, -1};
    for (uint32_t i = 0; i < 5; i++) {
        ck_assert_int_eq(rk_column_has(&out, i), expected[i] >= 0);
        ck_assert(expected[i] < 0 || rk_column_get(&out, i).as.i == expected[i]);
    }
    rk_arena_free(&arena);
}
END_TEST

START_TEST(vectors_are_gathered)
{
    rk_arena arena = {0};
    rk_column in, out;
    const rk_type type = {.kind = RK_KIND_VECTOR, .dim = 3, .optional = true};
    const float items[] = {1, 2, 3};
    const uint32_t at[] = {UINT32_MAX, 1};
    ck_assert_int_eq(rk_column_init(&in, &arena, type, 2), RK_OK);
    rk_column_set(&in, 0, missing_value(type));
    rk_column_set(&in, 1, (rk_value){.type = type, .as.list = {items, 3}});
    ck_assert_int_eq(rk_column_gather(&out, &arena, type, &in, at, 2), RK_OK);
    ck_assert(!rk_column_has(&out, 0));
    ck_assert_float_eq(((const float *)rk_column_get(&out, 1).as.list.items)[2], 3);
    ck_assert_float_eq(((const float *)out.data)[0], 0);
    rk_arena_free(&arena);
}
END_TEST

START_TEST(a_list_fills_a_column_aligned)
{
    rk_arena arena = {0};
    rk_column column;
    const int64_t items[] = {5, 6, 7};
    const rk_value list = {.type = RK_TYPE_LIST(INT), .as.list = {items, 3}};
    ck_assert_ptr_nonnull(rk_arena_copy(&arena, "x", 1)); /* the arena stands at an odd place */
    ck_assert_int_eq(rk_column_fill(&column, &arena, list, 20), RK_OK);
    ck_assert_uint_eq((uintptr_t)column.child % 16, 0);
    for (uint32_t i = 0; i < 20; i++)
        ck_assert(rk_value_eq(rk_column_get(&column, i), list));
    rk_arena_free(&arena);
}
END_TEST

START_TEST(values_widen_in_one_rounding)
{
    const int64_t big = (1 << 24) + 1;
    ck_assert(rk_value_convert(int_value(big), RK_TYPE(FLOAT)).as.f == 16777216.0f);
    ck_assert(rk_value_convert(int_value(INT64_MAX), RK_TYPE(DOUBLE)).as.d == 0x1p63);
    ck_assert(rk_value_convert(float_value(0.1f), RK_TYPE(DOUBLE)).as.d == (double)0.1f);
    ck_assert(rk_value_convert(missing_value(RK_TYPE_OPT(INT)), RK_TYPE_OPT(FLOAT)).missing);
    /* 2^53 + 2^29 + 1: through double it would land on the lower float */
    ck_assert(rk_value_convert(int_value(9007199791611905), RK_TYPE(FLOAT)).as.f ==
              9007200328482816.0f);
}
END_TEST

START_TEST(missing_equals_missing)
{
    ck_assert(rk_value_eq(missing_value(RK_TYPE_OPT(INT)), float_value(NAN)));
    ck_assert(!rk_value_eq(int_value(0), missing_value(RK_TYPE_OPT(INT))));
    ck_assert(rk_value_eq(int_value(2), double_value(2)));
    ck_assert(rk_value_eq(float_value(-0.0f), int_value(0)));
    ck_assert(!rk_value_eq(int_value(INT64_MAX), int_value(INT64_MAX - 1)));
    ck_assert(!rk_value_eq(int_value(1), (rk_value){.type = RK_TYPE(BOOL), .as.b = true}));
}
END_TEST

static rk_atoms strings;
static rk_buf out;

static void expect_print(rk_value value, const char *json, const char *text)
{
    rk_value_print_json(value, &strings, &out);
    ck_assert_str_eq(out.data, json);
    rk_buf_free(&out);
    rk_value_print(value, &strings, &out);
    ck_assert_str_eq(out.data, text);
    rk_buf_free(&out);
}

START_TEST(values_print)
{
    rk_arena arena = {0};
    rk_atom atom;
    ck_assert_int_eq(rk_atoms_init(&strings, &arena, NULL), RK_OK);
    ck_assert_int_eq(rk_atom_intern(&strings, RK_STR("a \"b\""), &atom), RK_OK);
    expect_print(int_value(INT64_MIN), "-9223372036854775808", "-9223372036854775808");
    expect_print(float_value(0.1f), "0.1", "0.1");
    expect_print(double_value(-INFINITY), "\"-inf\"", "-inf");
    expect_print(float_value(NAN), "null", "missing");
    expect_print((rk_value){.type = RK_TYPE(STRING), .as.s = atom}, "\"a \\\"b\\\"\"", "a \"b\"");
    const float items[] = {1, INFINITY, NAN};
    const rk_value vector = {.type = {.kind = RK_KIND_VECTOR, .dim = 3}, .as.list = {items, 3}};
    expect_print(vector, "[1,\"inf\",null]", "[1,\"inf\",null]");
    expect_print((rk_value){.type = RK_TYPE_LIST(INT)}, "[]", "[]");
    rk_arena_free(&arena);
}
END_TEST

RK_SUITE_MAIN("column", ints_may_be_missing, there_is_one_nan, rows_are_gathered,
              vectors_are_gathered, a_list_fills_a_column_aligned, values_widen_in_one_rounding,
              missing_equals_missing, values_print)
