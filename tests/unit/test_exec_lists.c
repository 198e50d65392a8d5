/* Steps that make lists, their scores and labels, on hand-built plans. */
#include "runtime/exec/ops.h"
#include "tests/unit/exec_world.h"

START_TEST(candidates)
{
    world w;
    b_open(&w.b);
    const uint32_t x = b_field(&w.b, &w.b.plan.item, "x", RK_TYPE_OPT(INT));
    const uint32_t all = b_candidates(&w.b);
    b_show(&w.b, b_item(&w.b, all, x, RK_TYPE_OPT(INT)));
    w.b.plan.result = all;
    w.b.plan.one_producer = true;
    begin(&w);
    rk_request request = b_request(&w.b, &w.arena, 5);
    set_ids(&request, (int64_t[]){7, 8, 7, 9, 8});
    for (uint32_t i = 0; i < 5; i++)
        if (i != 3)
            rk_column_set(&request.items[0], i, v_int(i * 10));
    ck_assert_int_eq(rank(&w, &request), RK_OK);
    EXPECT_IDS(&w, 7, 8, 9);
    expect_shown(&w, 0, "[0,10,null]");
    ck_assert_uint_eq(w.reply.n_candidates, 3);
    ck_assert_ptr_null(w.reply.scores);
    request.has_items = false;
    ck_assert_int_eq(rank(&w, &request), RK_OK);
    ck_assert_uint_eq(w.reply.n, 0);
    expect_shown(&w, 0, "[]");
    end(&w);
}
END_TEST

/* The items sent, twice ranked; rank and score of the first stage seen from the second. */
START_TEST(stages_and_labels)
{
    world w;
    b_open(&w.b);
    const rk_type f = RK_TYPE_OPT(FLOAT), in = RK_TYPE_OPT(INT);
    const uint32_t x = b_field(&w.b, &w.b.plan.item, "x", f);
    const uint32_t all = b_candidates(&w.b);
    const uint32_t column = b_item(&w.b, all, x, f);
    const uint32_t three = b_const_column(&w.b, v_int(3));
    const uint32_t l1 = b_select(&w.b, "top", all, column, &three, 1);
    const uint32_t l2 = b_select(&w.b, "limit", l1, RK_PLAN_NONE, &three, 1);
    const uint32_t up = b_map(&w.b, l2, l1, true), back = b_map(&w.b, all, l1, false);
    b_show(&w.b, b_through(&w.b, RK_STEP_RANK, l2, up, RK_PLAN_NONE, in));
    b_show(&w.b, b_through(&w.b, RK_STEP_SCORE, l2, up, l1, f));
    const uint32_t rank_of_all = b_through(&w.b, RK_STEP_RANK, all, back, RK_PLAN_NONE, in);
    const uint32_t score_of_all = b_through(&w.b, RK_STEP_SCORE, all, back, l1, f);
    const uint32_t down = b_map(&w.b, l2, all, true);
    b_show(&w.b, b_through(&w.b, RK_STEP_GATHER, l2, down, rank_of_all, in));
    b_show(&w.b, b_through(&w.b, RK_STEP_GATHER, l2, down, score_of_all, f));
    b_show(&w.b, b_fold(&w.b, "count", all, rank_of_all, RK_PLAN_NONE, RK_PLAN_NONE, RK_TYPE(INT)));
    w.b.plan.result = l2;
    w.b.plan.one_producer = true;
    begin(&w);
    rk_request request = b_request(&w.b, &w.arena, 5);
    const float xs[] = {1.0f, NAN, 5.0f, 3.0f, 5.0f};
    for (uint32_t i = 0; i < 5; i++)
        rk_column_set(&request.items[0], i, v_float(xs[i]));
    ck_assert_int_eq(rank(&w, &request), RK_OK);
    EXPECT_IDS(&w, 3, 5, 4);
    expect_shown(&w, 0, "[1,2,3]");
    expect_shown(&w, 1, "[5,5,3]");
    expect_shown(&w, 2, "[1,2,3]");
    expect_shown(&w, 3, "[5,5,3]");
    expect_shown(&w, 4, "[3]");
    expect_column(&w, w.reply.scores, "[5,5,3]");
    end(&w);
}
END_TEST

/* union(where(candidates), sorted scan): first places, scores of two kinds, sent fields on recalled
 * items, ids hashed. */
START_TEST(union_of_producers)
{
    world w;
    const csv file = write_csv("id,stars\n5,1.5\n2,4.5\n9,3.5\n");
    b_open(&w.b);
    const rk_type d = RK_TYPE_OPT(DOUBLE), f = RK_TYPE_OPT(FLOAT);
    const uint32_t products = add_source(&w.b, &file, "id", RK_TYPE(INT));
    const uint32_t stars = b_field(&w.b, &w.b.plan.sources.items[products].wanted, "stars", f);
    const uint32_t x = b_field(&w.b, &w.b.plan.item, "x", RK_TYPE_OPT(INT));
    const uint32_t sent = b_candidates(&w.b);
    const uint32_t x_sent = b_item(&w.b, sent, x, RK_TYPE_OPT(INT));
    b_kernel(&w.b, sent);
    const uint32_t regs[] = {b_input(&w.b, x_sent), b_input_constant(&w.b, v_int(0))};
    const uint32_t key_reg = b_instr(&w.b, RK_CORE_COALESCE, 0, RK_TYPE(INT), regs, 2);
    const uint32_t key = b_store(&w.b, key_reg, RK_TYPE(INT));
    b_kernel_end(&w.b);
    const uint32_t sorted = b_select(&w.b, "sort", sent, key, NULL, 0);
    uint32_t rows;
    const uint32_t scanned = scan(&w.b, products, &rows);
    const uint32_t column = fetch(&w.b, products, stars, scanned, rows, f);
    const uint32_t best = b_select(&w.b, "sort", scanned, column, NULL, 0);
    const uint32_t all =
        b_merge(&w.b, RK_STEP_UNION, RK_PLAN_NONE, (uint32_t[]){sorted, best, sent}, 3);
    b_show(&w.b, b_item(&w.b, all, x, RK_TYPE_OPT(INT)));
    const uint32_t map = b_map(&w.b, all, scanned, false);
    const uint32_t all_rows = b_through(&w.b, RK_STEP_GATHER, all, map, rows, RK_TYPE(ROW));
    b_show(&w.b, fetch(&w.b, products, stars, all, all_rows, f));
    (void)d;
    w.b.plan.result = all;
    begin(&w);
    rk_request request = b_request(&w.b, &w.arena, 4);
    set_ids(&request, (int64_t[]){1, 2, 2, 3});
    const int64_t xs[] = {10, 30, 99, 20};
    for (uint32_t i = 0; i < 4; i++)
        rk_column_set(&request.items[0], i, v_int(xs[i]));
    ck_assert_int_eq(rank(&w, &request), RK_OK);
    EXPECT_IDS(&w, 2, 3, 1, 9, 5);
    expect_column(&w, w.reply.scores, "[30,20,10,3.5,1.5]");
    ck_assert_int_eq(w.reply.scores->type.kind, RK_KIND_DOUBLE);
    expect_shown(&w, 0, "[30,20,10,null,null]");
    expect_shown(&w, 1, "[4.5,null,null,3.5,1.5]");
    ck_assert_uint_eq(w.reply.n_candidates, 3);
    end(&w);
    unlink(file.path);
}
END_TEST

/* if flag then (top) else (all): the other branch is shut by its guard. */
START_TEST(choose_and_guard)
{
    world w;
    b_open(&w.b);
    const uint32_t flag = b_field(&w.b, &w.b.plan.query, "flag", RK_TYPE(BOOL));
    const uint32_t q = b_query(&w.b, flag, RK_TYPE(BOOL));
    const uint32_t all = b_candidates(&w.b);
    rk_step id = b_blank(RK_STEP_ID, all);
    const uint32_t ids = b_make(&w.b, id, RK_TYPE(INT));
    const uint32_t two = b_const_column(&w.b, v_int(2));
    const uint32_t top = b_select(&w.b, "top", all, ids, &two, 1);
    w.b.plan.steps.items[w.b.plan.steps.len - 1].guard = q;
    const uint32_t chosen = b_merge(&w.b, RK_STEP_CHOOSE, q, (uint32_t[]){top, all}, 2);
    const uint32_t map = b_map(&w.b, chosen, all, true);
    b_show(&w.b, b_through(&w.b, RK_STEP_GATHER, chosen, map, ids, RK_TYPE(INT)));
    w.b.plan.result = chosen;
    w.b.plan.one_producer = true;
    begin(&w);
    rk_request request = b_request(&w.b, &w.arena, 3);
    request.query[0] = v_bool(true);
    ck_assert_int_eq(rank(&w, &request), RK_OK);
    EXPECT_IDS(&w, 3, 2);
    expect_shown(&w, 0, "[3,2]");
    expect_column(&w, w.reply.scores, "[3,2]");
    request.query[0] = v_bool(false);
    ck_assert_int_eq(rank(&w, &request), RK_OK);
    EXPECT_IDS(&w, 1, 2, 3);
    expect_shown(&w, 0, "[1,2,3]");
    ck_assert_ptr_null(w.reply.scores);
    request.query[0] = (rk_value){.type = RK_TYPE(BOOL), .missing = true};
    ck_assert_int_eq(rank(&w, &request), RK_EDATA);
    expect_message(&w, "query field `flag` was not sent and has neither a default nor `?`");
    end(&w);
}
END_TEST

/* One missing value anywhere is seen; what stands beyond the end is not. */
START_TEST(whole_columns)
{
    static const rk_cpu_level levels[] = {RK_CPU_SCALAR, RK_CPU_V3, RK_CPU_V4};
    static float f[80];
    static double d[80];
    for (size_t l = 0; l < RK_ARRAY_LEN(levels); l++) {
        const rk_ops *const ops = rk_cpu_has(levels[l]) ? rk_ops_get(levels[l]) : NULL;
        for (uint32_t n = 0; ops && n < 70; n++)
            for (uint32_t bad = 0; bad < 75; bad++) {
                f[bad] = rk_nan_float();
                d[bad] = rk_nan_double();
                if (ops->whole_float(f, n) != (bad >= n) || ops->whole_double(d, n) != (bad >= n))
                    ck_abort_msg("level %zu: %u of %u", l, bad, n);
                f[bad] = (float)(d[bad] = bad);
            }
    }
}
END_TEST

RK_SUITE_MAIN("exec_lists", candidates, stages_and_labels, union_of_producers, choose_and_guard,
              whole_columns)
