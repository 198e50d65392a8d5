/* runtime/source/relation.c: rows found by key. */
#include "tests/unit/source_calls.h"

static rk_buf csv_of_keys(const int64_t *keys, int n)
{
    rk_buf text = {0};
    rk_buf_add(&text, RK_STR("id\n"));
    for (int i = 0; i < n; i++)
        rk_buf_printf(&text, "%lld\n", (long long)keys[i]);
    return text;
}

/* Loads the keys, then looks for each and for n that are not there. */
static void expect_found(const int64_t *keys, int n, bool dense)
{
    fixture fx;
    set_up(&fx, RK_TYPE(INT));
    rk_buf text = csv_of_keys(keys, n);
    expect_load(&fx, rk_csv_read, rk_buf_str(&text), RK_OK, "");
    ck_assert(dense == (fx.r.dense != NULL));
    int64_t *const want = malloc(sizeof *want * (size_t)n * 2);
    uint32_t *const rows = malloc(sizeof *rows * (size_t)n * 2);
    for (int i = 0; i < n; i++) {
        want[2 * i] = keys[i];
        want[2 * i + 1] = keys[i] * 31 + 17;
    }
    const rk_column column = {.type = RK_TYPE(INT), .n = (uint32_t)n * 2, .data = want};
    rk_relation_find(&fx.r, &column, column.n, rows);
    for (int i = 0; i < n; i++) {
        ck_assert_uint_eq(rows[2 * i], i);
        bool in = false;
        for (int k = 0; k < n && !in; k++)
            in = keys[k] == want[2 * i + 1];
        ck_assert((rows[2 * i + 1] != UINT32_MAX) == in);
    }
    free(want);
    free(rows);
    rk_buf_free(&text);
    tear_down(&fx);
}

START_TEST(int_keys_are_found)
{
    int64_t keys[500];
    for (int i = 0; i < 500; i++)
        keys[i] = (i * 7919) % 500 - 250;
    expect_found(keys, 500, true);
    for (int i = 0; i < 500; i++)
        keys[i] = (int64_t)i * i * 1000003;
    expect_found(keys, 500, false);
    const int64_t extremes[] = {INT64_MIN, INT64_MAX, 0, -1, 1};
    expect_found(extremes, 5, false);
    const int64_t high[] = {INT64_MAX, INT64_MAX - 3};
    expect_found(high, 2, true);
    expect_found(keys, 0, false);
    expect_found(keys, 1, true);
}
END_TEST

START_TEST(string_keys_are_found)
{
    fixture fx;
    set_up(&fx, RK_TYPE(STRING));
    expect_load(&fx, rk_csv_read, RK_STR("id\nred\ngreen\nblue\n"), RK_OK, "");
    rk_arena arena = {0};
    rk_atoms strings;
    ck_assert_int_eq(rk_atoms_init(&strings, &arena, &fx.strings), RK_OK);
    rk_atom want[5];
    static const char *const names[] = {"blue", "pink", "", "red", "green"};
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(rk_atom_intern(&strings, rk_str_from(names[i]), &want[i]), RK_OK);
    const rk_column column = {.type = RK_TYPE(STRING), .n = 5, .data = want};
    uint32_t rows[5];
    rk_relation_find(&fx.r, &column, 5, rows);
    static const uint32_t expected[] = {2, UINT32_MAX, UINT32_MAX, 0, 1};
    for (int i = 0; i < 5; i++)
        ck_assert_uint_eq(rows[i], expected[i]);
    rk_arena_free(&arena);
    tear_down(&fx);
}
END_TEST

START_TEST(pairs_are_found)
{
    fixture fx;
    set_up(&fx, RK_TYPE(INT));
    add_key(&fx, "word", RK_TYPE(STRING));
    rk_buf text = {0};
    rk_buf_add(&text, RK_STR("word,id\n"));
    for (int i = 0; i < 1000; i++)
        rk_buf_printf(&text, "w%d,%d\n", i % 10, i / 10);
    expect_load(&fx, rk_csv_read, rk_buf_str(&text), RK_OK, "");
    int64_t ids[40];
    rk_atom words[40];
    for (int i = 0; i < 40; i++) {
        char word[8];
        snprintf(word, sizeof word, "w%d", i % 11);
        ids[i] = i * 3 - 3;
        ck_assert_int_eq(rk_atom_intern(&fx.strings, rk_str_from(word), &words[i]), RK_OK);
    }
    const rk_column keys[] = {{.type = RK_TYPE(INT), .n = 40, .data = ids},
                              {.type = RK_TYPE(STRING), .n = 40, .data = words}};
    uint32_t rows[40];
    rk_relation_find(&fx.r, keys, 40, rows);
    for (int i = 0; i < 40; i++) {
        const bool in = i % 11 < 10 && ids[i] >= 0 && ids[i] < 100;
        ck_assert_uint_eq(rows[i], in ? (uint32_t)(ids[i] * 10 + i % 11) : UINT32_MAX);
    }
    rk_buf_free(&text);
    tear_down(&fx);
}
END_TEST

START_TEST(a_missing_part_finds_nothing)
{
    fixture fx;
    set_up(&fx, RK_TYPE(INT));
    expect_load(&fx, rk_csv_read, RK_STR("id\n0\n1\n"), RK_OK, "");
    int64_t ids[] = {0, 1, 0};
    uint64_t present[] = {6, 0};
    const rk_column column = {.type = RK_TYPE_OPT(INT), .n = 3, .data = ids, .present = present};
    uint32_t rows[3];
    rk_relation_find(&fx.r, &column, 3, rows);
    ck_assert_uint_eq(rows[0], UINT32_MAX);
    ck_assert_uint_eq(rows[1], 1);
    ck_assert_uint_eq(rows[2], 0);
    tear_down(&fx);
}
END_TEST

START_TEST(a_key_in_two_rows_is_an_error)
{
    fixture fx;
    set_up(&fx, RK_TYPE(INT));
    fx.spec.max_bad_rows = 100;
    ck_assert_int_eq(load_text(&fx, rk_csv_read, RK_STR("id\n7\n\n5\n7\n")), RK_EDATA);
    expect_words(&fx, "t.csv:5: the key `7` is also in line 2");
    ck_assert_str_eq(take_codes(&fx), "E0506");
    expect_load(&fx, rk_csv_read, RK_STR("id\n1\n1\n1\n1\n1\n1\n1\n1\n1\n"), RK_EDATA,
                "E0506 E0506 E0506 E0506 E0506");
    expect_load(&fx, rk_csv_read, RK_STR("id\n1\n1000000000\n1\n"), RK_EDATA, "E0506");
    tear_down(&fx);
    set_up(&fx, RK_TYPE(STRING));
    add_key(&fx, "b", RK_TYPE(INT));
    ck_assert_int_eq(load_text(&fx, rk_csv_read, RK_STR("id,b\nx,1\nx,2\nx,1\n")), RK_EDATA);
    expect_words(&fx, "t.csv:4: the key `x`, `1` is also in line 2");
    tear_down(&fx);
}
END_TEST

RK_SUITE_MAIN("source_relation", int_keys_are_found, string_keys_are_found, pairs_are_found,
              a_missing_part_finds_nothing, a_key_in_two_rows_is_an_error)
