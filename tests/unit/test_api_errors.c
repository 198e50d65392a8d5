/* Every wrong call of runtime/rank.h is an error in words, and leaves the context usable. */
#include "tests/unit/api_world.h"

START_TEST(wrong_values_are_refused)
{
    const world w = open_world(SHOP, NULL);
    rank_context *const cx = w.cx;
    ck_assert_str_eq(rank_message(cx), "");
    fine(cx, rank_begin(cx));
    refused(cx, rank_set_float(cx, query(cx, "user"), 1), RANK_EUSAGE,
            "query field `user` is of type int, and float was given");
    refused(cx, rank_set_int(cx, 99, 1), RANK_EUSAGE, "no query field 99: the program has 8");
    refused(cx, rank_set_list(cx, query(cx, "taste"), rank_floats(PRICES, 3, 3)), RANK_EUSAGE,
            "is of type vector(2), and vector(3) was given");
    refused(cx, rank_set_list(cx, query(cx, "steps"), rank_floats(PRICES, 3, 3)), RANK_EUSAGE,
            "is of type list(int), and list(float) was given");
    refused(cx, rank_set_list(cx, query(cx, "steps"), rank_ints(NULL, 3, 3)), RANK_EUSAGE, "NULL");
    refused(cx, rank_set_string(cx, query(cx, "text"), "a\xff", 2), RANK_EDATA, "E0508");
    refused(cx, rank_set_string(cx, query(cx, "text"), NULL, 2), RANK_EUSAGE, "NULL");
    refused(cx, rank_set_missing(cx, 8), RANK_EUSAGE, "no query field 8");
    close_world(w);
}
END_TEST

START_TEST(wrong_columns_are_refused)
{
    const world w = open_world(SHOP, NULL);
    rank_context *const cx = w.cx;
    const uint32_t price = item(cx, "price");
    const rank_slice slices[4] = {{0, 1}, {0, 1}, {3, 2}, {0, 0}};
    fine(cx, rank_begin(cx));
    refused(cx, rank_set_item(cx, price, rank_floats(PRICES, 4, 4)), RANK_EUSAGE,
            "`price` was given before the ids");
    refused(cx, rank_set_string_ids(cx, NULL, 0), RANK_EUSAGE, "item.id is of type int");
    refused(cx, rank_set_ids(cx, NULL, 3), RANK_EUSAGE, "NULL");
    refused(cx, rank_set_ids(cx, IDS, SIZE_MAX / 2), RANK_ELIMIT, "more than");
    fine(cx, rank_set_ids(cx, IDS, 4));
    refused(cx, rank_set_item(cx, price, rank_floats(PRICES, 3, 4)), RANK_EUSAGE,
            "`price` has 3 values for 4 ids");
    refused(cx, rank_set_item(cx, price, rank_ints(IDS, 4, 4)), RANK_EUSAGE,
            "item field `price` is of type float, and int was given");
    refused(cx, rank_set_item(cx, price, rank_column_of((rank_kind)99, PRICES, 4, 4)), RANK_EUSAGE,
            "is of type float, and no type was given");
    refused(cx, rank_set_item(cx, price, rank_floats(NULL, 4, 4)), RANK_EUSAGE, "NULL");
    refused(cx,
            rank_set_item(cx, price, rank_floats((const float *)((const char *)PRICES + 1), 4, 4)),
            RANK_EUSAGE, "multiple of 4");
    refused(cx, rank_set_item(cx, item(cx, "nums"), rank_lists(rank_ints(IDS, 4, 4), slices, 4)),
            RANK_EUSAGE, "list 2 reaches beyond the 4 elements");
    refused(cx, rank_set_item(cx, item(cx, "vec"), rank_vectors(PRICES, 3, 4, 4)), RANK_EUSAGE,
            "is of type vector(2), and vector(3)");
    refused(cx, rank_set_item(cx, 77, rank_floats(PRICES, 4, 4)), RANK_EUSAGE, "no item field 77");
    close_world(w);
}
END_TEST

START_TEST(wrong_runs_are_refused)
{
    const world w = open_world(SHOP, NULL);
    rank_context *const cx = w.cx;
    const rank_result *r;
    fine(cx, rank_begin(cx));
    refused(cx, rank_run(cx, 0, &r), RANK_EUSAGE, "pipeline `cheap` ranks candidates");
    ck_assert_ptr_null(r);
    refused(cx, rank_run(cx, 9, &r), RANK_EUSAGE, "no pipeline 9: the program has 4");
    refused(cx, rank_run(cx, 0, NULL), RANK_EUSAGE, "NULL");
    fine(cx, rank_set_ids(cx, IDS, 4));
    refused(cx, rank_run(cx, 0, &r), RANK_EDATA, "E0531: item 40 was sent without `price`");
    const uint64_t some = 11;
    fine(cx, rank_set_item(cx, 0, rank_where(rank_floats(PRICES, 4, 4), &some)));
    refused(cx, rank_run(cx, 0, &r), RANK_EDATA, "E0531: item 30 was sent without `price`");
    fine(cx, rank_set_item(cx, 0, rank_floats(PRICES, 4, 4)));
    fine(cx, rank_run(cx, 0, &r));
    ids_are(r, 4, (int64_t[]){10, 20, 30, 40});
    close_world(w);
}
END_TEST

START_TEST(a_query_value_that_is_needed_must_come)
{
    const char *const show[] = {"query.user"};
    const world w = open_world(SHOP, &(rank_options){.show = show, .n_show = 1});
    const rank_result *r;
    begin(w.cx);
    refused(w.cx, rank_run(w.cx, 0, &r), RANK_EDATA, "E0514: query field `user` was not sent");
    fine(w.cx, rank_set_int(w.cx, query(w.cx, "user"), -3));
    ck_assert_int_eq(*(const int64_t *)run(w.cx, "cheap")->outputs[0].data, -3);
    close_world(w);
}
END_TEST

START_TEST(unknown_names_are_answered_with_advice)
{
    const world w = open_world(SHOP, NULL);
    uint32_t number;
    refused(w.cx, rank_find_query(w.cx, "bugdet", &number), RANK_EUSAGE, "did you mean `budget`?");
    refused(w.cx, rank_find_item(w.cx, "pirce", &number), RANK_EUSAGE, "did you mean `price`?");
    refused(w.cx, rank_find_item(w.cx, "zzzzzz", &number), RANK_EUSAGE, "no item field `zzzzzz`");
    refused(w.cx, rank_find_pipeline(w.cx, "chep", &number), RANK_EUSAGE, "did you mean `cheap`?");
    refused(w.cx, rank_find_output(w.cx, 0, "x", &number), RANK_EUSAGE, "no output `x`");
    refused(w.cx, rank_find_output(w.cx, 5, "x", &number), RANK_EUSAGE, "no pipeline 5");
    refused(w.cx, rank_find_query(w.cx, NULL, &number), RANK_EUSAGE, "NULL");
    refused(w.cx, rank_find_query(w.cx, "user", NULL), RANK_EUSAGE, "NULL");
    close_world(w);
}
END_TEST

START_TEST(null_is_refused_everywhere)
{
    rank_program *program = NULL;
    rank_context *cx = NULL;
    const rank_result *result;
    uint32_t number;
    ck_assert_int_eq(rank_open_text(NULL, "", 0, NULL, &program), RANK_EUSAGE);
    ck_assert_int_eq(rank_open_text("x", NULL, 1, NULL, &program), RANK_EUSAGE);
    ck_assert_int_eq(rank_open_text("x", "", 0, NULL, NULL), RANK_EUSAGE);
    ck_assert_int_eq(rank_open_source(NULL, NULL, &program), RANK_EUSAGE);
    ck_assert_int_eq(rank_open_source("x", NULL, NULL), RANK_EUSAGE);
    ck_assert_int_eq(rank_open_text("x", "", 0, &(rank_options){.n_show = 1}, &program),
                     RANK_EUSAGE);
    ck_assert_ptr_null(program);
    ck_assert_ptr_null(rank_program_info(NULL));
    ck_assert_str_ne(rank_program_message(NULL), "");
    ck_assert_str_ne(rank_message(NULL), "");
    ck_assert_int_eq(rank_context_new(NULL, &cx), RANK_EUSAGE);
    ck_assert_int_eq(rank_context_new(NULL, NULL), RANK_EUSAGE);
    ck_assert_int_eq(rank_begin(cx), RANK_EUSAGE);
    ck_assert_int_eq(rank_set_bool(cx, 0, true), RANK_EUSAGE);
    ck_assert_int_eq(rank_set_int(cx, 0, 1), RANK_EUSAGE);
    ck_assert_int_eq(rank_set_float(cx, 0, 1), RANK_EUSAGE);
    ck_assert_int_eq(rank_set_double(cx, 0, 1), RANK_EUSAGE);
    ck_assert_int_eq(rank_set_string(cx, 0, "", 0), RANK_EUSAGE);
    ck_assert_int_eq(rank_set_list(cx, 0, rank_ints(NULL, 0, 0)), RANK_EUSAGE);
    ck_assert_int_eq(rank_set_missing(cx, 0), RANK_EUSAGE);
    ck_assert_int_eq(rank_set_ids(cx, NULL, 0), RANK_EUSAGE);
    ck_assert_int_eq(rank_set_string_ids(cx, NULL, 0), RANK_EUSAGE);
    ck_assert_int_eq(rank_set_item(cx, 0, rank_ints(NULL, 0, 0)), RANK_EUSAGE);
    ck_assert_int_eq(rank_set_now(cx, 0), RANK_EUSAGE);
    ck_assert_int_eq(rank_find_query(cx, "x", &number), RANK_EUSAGE);
    ck_assert_int_eq(rank_find_item(cx, "x", &number), RANK_EUSAGE);
    ck_assert_int_eq(rank_find_pipeline(cx, "x", &number), RANK_EUSAGE);
    ck_assert_int_eq(rank_find_output(cx, 0, "x", &number), RANK_EUSAGE);
    ck_assert_int_eq(rank_run(cx, 0, &result), RANK_EUSAGE);
    rank_context_free(NULL);
    rank_close(NULL);
    rank_free(NULL);
    ck_assert_ptr_null(rank_alloc(SIZE_MAX, 8));
    ck_assert_ptr_null(rank_alloc(SIZE_MAX / 4, 8));
}
END_TEST

static void does_not_open(const char *source, const rank_options *options, rank_status want,
                          const char *words)
{
    rank_program *program;
    rank_context *cx;
    const rank_status status = rank_open_text("shop", source, strlen(source), options, &program);
    ck_assert_int_eq(status, want);
    ck_assert_msg(strstr(rank_program_message(program), words) != NULL, "`%s` does not say `%s`",
                  rank_program_message(program), words);
    ck_assert_ptr_null(rank_program_info(program));
    ck_assert_int_eq(rank_context_new(program, &cx), RANK_EUSAGE);
    ck_assert_ptr_null(cx);
    rank_close(program);
}

START_TEST(a_program_with_errors_does_not_open)
{
    does_not_open("item { id: int }\nfactor f = g\n", NULL, RANK_EPROGRAM, "error[E0301]");
    does_not_open("factor = 1\n", NULL, RANK_EPROGRAM, "shop:1:8");
    does_not_open(SHOP, &(rank_options){.pipeline = "chaep"}, RANK_EUSAGE, "did you mean `cheap`?");
    does_not_open(SHOP, &(rank_options){.revision = "prod"}, RANK_EUSAGE, "E0311");
    does_not_open(
        "item { id: int }\nsource s = csv(\"/no/such.csv\", key: \"id\") by item.id { x: int }\n"
        "pipeline p = candidates | top(1, by: x)\n",
        NULL, RANK_EFILE, "E0601");
    const char *const show[] = {"pirce"};
    does_not_open(SHOP, &(rank_options){.show = show, .n_show = 1}, RANK_EPROGRAM, "E0301");
    rank_program *program;
    ck_assert_int_eq(rank_open_source("/no/such.rank", NULL, &program), RANK_EFILE);
    ck_assert(strstr(rank_program_message(program), "E0601") != NULL);
    rank_close(program);
}
END_TEST

START_TEST(options_choose)
{
    static const char REVISIONS[] = "item { id: int, x: float, y: float }\nfactor f = x\n"
                                    "pipeline a = candidates | top(1, by: f)\n"
                                    "pipeline b = candidates | top(1, by: y)\n"
                                    "revision prod = * - { f, a }\n";
    world w = open_world(REVISIONS, &(rank_options){.revision = "prod"});
    ck_assert_uint_eq(rank_program_info(w.program)->n_pipelines, 1);
    ck_assert_str_eq(rank_program_info(w.program)->pipelines[0].name, "b");
    close_world(w);
    w = open_world(REVISIONS, &(rank_options){.pipeline = "a", .engine = RANK_ENGINE_INTERP});
    ck_assert_str_eq(rank_program_info(w.program)->pipelines[0].name, "a");
    close_world(w);
    does_not_open(REVISIONS, &(rank_options){.revision = "prod", .pipeline = "a"}, RANK_EPROGRAM,
                  "E0312");
    w = open_world("item { id: int }\n", NULL);
    ck_assert_str_eq(rank_program_info(w.program)->pipelines[0].name, "candidates");
    close_world(w);
}
END_TEST

RK_SUITE_MAIN("api_errors", wrong_values_are_refused, wrong_columns_are_refused,
              wrong_runs_are_refused, a_query_value_that_is_needed_must_come,
              unknown_names_are_answered_with_advice, null_is_refused_everywhere,
              a_program_with_errors_does_not_open, options_choose)
