/* Steps that make columns, on hand-built plans: fields of items and sources with defaults, absent
 * rows and data errors, folds, calls; and the memory of runs. */
#include "tests/unit/exec_world.h"

/* ---- sources ---- */

static const char shop_csv[] = "id,price,orders,brand,tags\n"
                               "1,1.5,3,acme,\"[1,2]\"\n"
                               "2,,,,\n"
                               "4,4.5,1,zoo,\"[]\"\n";

START_TEST(lookup_and_fetch)
{
    world w;
    const csv file = write_csv(shop_csv);
    b_open(&w.b);
    const rk_type f = RK_TYPE_OPT(FLOAT), list = RK_TYPE_LIST(INT);
    const uint32_t products = add_source(&w.b, &file, "id", RK_TYPE(INT));
    rk_schema *const wanted = &w.b.plan.sources.items[products].wanted;
    const uint32_t price = b_field(&w.b, wanted, "price", f);
    const uint32_t orders = b_field(&w.b, wanted, "orders", RK_TYPE(INT));
    const uint32_t brand = b_field(&w.b, wanted, "brand", RK_TYPE(STRING));
    const uint32_t tags = b_field(&w.b, wanted, "tags", list);
    b_initial(wanted, orders, v_int(-1));
    b_initial(wanted, brand, v_atom(b_atom(&w.b, "none")));
    static const int64_t eights[] = {8, 8};
    b_initial(wanted, tags, (rk_value){.type = list, .as.list = {eights, 2}});
    const uint32_t all = b_candidates(&w.b);
    const uint32_t ids = b_make(&w.b, b_blank(RK_STEP_ID, all), RK_TYPE(INT));
    const uint32_t rows = lookup(&w.b, products, all, ids);
    b_show(&w.b, fetch(&w.b, products, price, all, rows, f));
    b_show(&w.b, fetch(&w.b, products, orders, all, rows, RK_TYPE(INT)));
    b_show(&w.b, fetch(&w.b, products, brand, all, rows, RK_TYPE(STRING)));
    b_show(&w.b, fetch(&w.b, products, tags, all, rows, list));
    w.b.plan.result = all;
    w.b.plan.one_producer = true;
    begin(&w);
    rk_request request = b_request(&w.b, &w.arena, 4);
    set_ids(&request, (int64_t[]){4, 3, 2, 1});
    ck_assert_int_eq(rank(&w, &request), RK_OK);
    expect_shown(&w, 0, "[4.5,null,null,1.5]");
    expect_shown(&w, 1, "[1,-1,-1,3]");
    expect_shown(&w, 2, "[\"zoo\",\"none\",\"\",\"acme\"]");
    expect_shown(&w, 3, "[[],[8,8],[8,8],[1,2]]");
    end(&w);
    unlink(file.path);
}
END_TEST

/* Items without a row are dropped; the rest keeps its rows through a gather. */
START_TEST(drop)
{
    world w;
    const csv file = write_csv(shop_csv);
    b_open(&w.b);
    const uint32_t products = add_source(&w.b, &file, "id", RK_TYPE(INT));
    const uint32_t price =
        b_field(&w.b, &w.b.plan.sources.items[products].wanted, "price", RK_TYPE_OPT(FLOAT));
    const uint32_t all = b_candidates(&w.b);
    const uint32_t ids = b_make(&w.b, b_blank(RK_STEP_ID, all), RK_TYPE(INT));
    const uint32_t rows = lookup(&w.b, products, all, ids);
    rk_step step = b_blank(RK_STEP_DROP, all);
    step.a = rows;
    const uint32_t kept = b_list(&w.b, step);
    const uint32_t map = b_map(&w.b, kept, all, true);
    const uint32_t kept_rows = b_through(&w.b, RK_STEP_GATHER, kept, map, rows, RK_TYPE(ROW));
    b_show(&w.b, fetch(&w.b, products, price, kept, kept_rows, RK_TYPE_OPT(FLOAT)));
    w.b.plan.result = kept;
    w.b.plan.one_producer = true;
    begin(&w);
    rk_request request = b_request(&w.b, &w.arena, 5);
    ck_assert_int_eq(rank(&w, &request), RK_OK);
    EXPECT_IDS(&w, 1, 2, 4);
    expect_shown(&w, 0, "[1.5,null,4.5]");
    ck_assert_uint_eq(w.reply.dropped, 2);
    ck_assert_uint_eq(w.reply.n_candidates, 5);
    end(&w);
    unlink(file.path);
}
END_TEST

/* A scan shares the source's columns; where takes rows out of it. */
START_TEST(scan_of_a_source)
{
    world w;
    const csv file = write_csv(shop_csv);
    b_open(&w.b);
    const rk_type f = RK_TYPE_OPT(FLOAT);
    const uint32_t products = add_source(&w.b, &file, "id", RK_TYPE(INT));
    const uint32_t price = b_field(&w.b, &w.b.plan.sources.items[products].wanted, "price", f);
    uint32_t rows;
    const uint32_t all = scan(&w.b, products, &rows);
    const uint32_t column = fetch(&w.b, products, price, all, rows, f);
    b_kernel(&w.b, all);
    const uint32_t reg = b_input(&w.b, column);
    const uint32_t missing = b_instr(&w.b, RK_CORE_IS_MISSING, 0, RK_TYPE(BOOL), &reg, 1);
    const uint32_t there = b_instr(&w.b, RK_CORE_NOT, 0, RK_TYPE(BOOL), &missing, 1);
    const uint32_t cond = b_store(&w.b, there, RK_TYPE(BOOL));
    b_kernel_end(&w.b);
    const uint32_t some = b_select(&w.b, "where", all, cond, NULL, 0);
    const uint32_t map = b_map(&w.b, some, all, true);
    const uint32_t some_rows = b_through(&w.b, RK_STEP_GATHER, some, map, rows, RK_TYPE(ROW));
    const uint32_t some_price = fetch(&w.b, products, price, some, some_rows, f);
    const uint32_t sorted = b_select(&w.b, "sort", some, some_price, NULL, 0);
    const uint32_t last = b_map(&w.b, sorted, all, true);
    b_show(&w.b, b_through(&w.b, RK_STEP_GATHER, sorted, last, column, f));
    w.b.plan.result = sorted;
    w.b.plan.one_producer = true;
    begin(&w);
    const rk_request request = b_request(&w.b, &w.arena, 0);
    ck_assert_int_eq(rank(&w, &request), RK_OK);
    EXPECT_IDS(&w, 4, 1);
    expect_shown(&w, 0, "[4.5,1.5]");
    end(&w);
    unlink(file.path);
}
END_TEST

START_TEST(required_values)
{
    world w;
    const csv file = write_csv(shop_csv);
    b_open(&w.b);
    const uint32_t products = add_source(&w.b, &file, "id", RK_TYPE(INT));
    rk_schema *const wanted = &w.b.plan.sources.items[products].wanted;
    const uint32_t price = b_field(&w.b, wanted, "price", RK_TYPE(FLOAT));
    const uint32_t orders = b_field(&w.b, wanted, "orders", RK_TYPE(INT));
    const uint32_t x = b_field(&w.b, &w.b.plan.item, "x", RK_TYPE(INT));
    const uint32_t all = b_candidates(&w.b);
    const uint32_t x_column = b_item(&w.b, all, x, RK_TYPE(INT));
    require(&w.b, all, x_column, RK_PLAN_NONE, x);
    const uint32_t ids = b_make(&w.b, b_blank(RK_STEP_ID, all), RK_TYPE(INT));
    const uint32_t two = b_const_column(&w.b, v_int(2));
    const uint32_t top = b_select(&w.b, "top", all, ids, &two, 1);
    const uint32_t rows = lookup(&w.b, products, all, ids);
    const uint32_t map = b_map(&w.b, top, all, true);
    const uint32_t top_rows = b_through(&w.b, RK_STEP_GATHER, top, map, rows, RK_TYPE(ROW));
    const uint32_t p = fetch(&w.b, products, price, top, top_rows, RK_TYPE(FLOAT));
    require(&w.b, top, p, products, price);
    const uint32_t o = fetch(&w.b, products, orders, top, top_rows, RK_TYPE(INT));
    require(&w.b, top, o, products, orders);
    b_show(&w.b, o);
    w.b.plan.result = top;
    w.b.plan.one_producer = true;
    w.b.plan.item.fields[x].type.optional = true; /* a request may leave it out */
    w.b.plan.columns.items[x_column].type.optional = true;
    begin(&w);
    rk_request request = b_request(&w.b, &w.arena, 3);
    for (uint32_t i = 0; i < 3; i++)
        rk_column_set(&request.items[0], i, v_int(1));
    set_ids(&request, (int64_t[]){1, 4, 0});
    ck_assert_int_eq(rank(&w, &request), RK_OK);
    expect_shown(&w, 0, "[1,3]");
    set_ids(&request, (int64_t[]){1, 4, 17});
    ck_assert_int_eq(rank(&w, &request), RK_EDATA);
    expect_message(&w, "source `products` has no row for 17, and `price` has neither a default nor "
                       "`?`");
    set_ids(&request, (int64_t[]){1, 4, 2});
    request.n_items = 1;
    ((int64_t *)request.ids.data)[0] = 2;
    ck_assert_int_eq(rank(&w, &request), RK_EDATA);
    expect_message(&w, "source `products` has no value of `price` for 2, which has neither a "
                       "default nor `?`");
    rk_bit_clear(request.items[0].present, 0);
    ck_assert_int_eq(rank(&w, &request), RK_EDATA);
    expect_message(&w, "item 2 was sent without `x`, which has neither a default nor `?`");
    end(&w);
    unlink(file.path);
}
END_TEST

/* ---- folds ---- */

START_TEST(folds)
{
    world w;
    b_open(&w.b);
    const rk_type f = RK_TYPE_OPT(FLOAT), s = RK_TYPE_OPT(STRING), bo = RK_TYPE(BOOL);
    const uint32_t x = b_field(&w.b, &w.b.plan.item, "x", f);
    const uint32_t by = b_field(&w.b, &w.b.plan.item, "by", s);
    const uint32_t ok = b_field(&w.b, &w.b.plan.item, "ok", bo);
    b_initial(&w.b.plan.item, ok, v_bool(true));
    const uint32_t all = b_candidates(&w.b);
    const uint32_t cx = b_item(&w.b, all, x, f), cby = b_item(&w.b, all, by, s);
    const uint32_t cok = b_item(&w.b, all, ok, bo);
    const uint32_t no = RK_PLAN_NONE;
    const rk_type in = RK_TYPE(INT), inq = RK_TYPE_OPT(INT);
    b_show(&w.b, b_fold(&w.b, "sum", all, cx, no, no, f));
    b_show(&w.b, b_fold(&w.b, "avg", all, cx, no, cok, f));
    b_show(&w.b, b_fold(&w.b, "count", all, no, no, no, in));
    b_show(&w.b, b_fold(&w.b, "count", all, cx, no, cok, in));
    b_show(&w.b, b_fold(&w.b, "sum", all, cx, cby, no, f));
    b_show(&w.b, b_fold(&w.b, "count", all, cx, cby, cok, inq));
    b_show(&w.b, b_fold(&w.b, "rank", all, cx, no, no, inq));
    b_show(&w.b, b_fold(&w.b, "rank", all, cx, cby, cok, inq));
    b_show(&w.b, b_fold(&w.b, "max", all, cby, no, no, s));
    b_show(&w.b, b_fold(&w.b, "all", all, cok, no, no, bo));
    w.b.plan.result = all;
    w.b.plan.one_producer = true;
    begin(&w);
    rk_request request = b_request(&w.b, &w.arena, 6);
    static const float xs[] = {1.0f, 2.0f, NAN, 4.0f, 8.0f, 16.0f};
    static const char *const bys[] = {"a", "b", "a", NULL, "b", "a"};
    static const bool oks[] = {true, true, true, true, false, false};
    ck_assert_int_eq(rk_run_begin(w.run), RK_OK);
    for (uint32_t i = 0; i < 6; i++) {
        rk_value text = {.type = s, .missing = !bys[i]};
        if (bys[i])
            ck_assert_int_eq(rk_atom_intern(rk_run_strings(w.run), rk_str_from(bys[i]), &text.as.s),
                             RK_OK);
        rk_column_set(&request.items[0], i, v_float(xs[i]));
        rk_column_set(&request.items[1], i, text);
        rk_column_set(&request.items[2], i, v_bool(oks[i]));
    }
    ck_assert_int_eq(rk_run_rank(w.run, &request, 0, &w.b.diags, &w.reply), RK_OK);
    expect_shown(&w, 0, "[31]");
    expect_shown(&w, 1, "[2.3333333]");
    expect_shown(&w, 2, "[6]");
    expect_shown(&w, 3, "[3]");
    expect_shown(&w, 4, "[17,10,17,0,10,17]");
    expect_shown(&w, 5, "[1,1,1,0,1,1]");
    expect_shown(&w, 6, "[5,4,null,3,2,1]");
    expect_shown(&w, 7, "[1,1,null,null,null,null]");
    expect_shown(&w, 8, "[\"b\"]");
    expect_shown(&w, 9, "[false]");
    request.n_items = 0;
    ck_assert_int_eq(rank(&w, &request), RK_OK);
    expect_shown(&w, 0, "[0]");
    expect_shown(&w, 1, "[null]");
    expect_shown(&w, 4, "[]");
    expect_shown(&w, 9, "[true]");
    end(&w);
}
END_TEST

/* ---- calls ---- */

static uint32_t fn_index(const char *name, const char *sig)
{
    for (uint32_t i = 0; i < rk_fn_count(); i++)
        if (strcmp(rk_fn_at(i)->name, name) == 0 && strstr(rk_fn_at(i)->sig, sig))
            return i;
    ck_abort_msg("no function %s of %s", name, sig);
    return 0;
}

/* words(text) is a list in the frame, len reads it; both over several blocks. */
START_TEST(calls)
{
    world w;
    b_open(&w.b);
    const rk_type s = RK_TYPE_OPT(STRING),
                  list = {.kind = RK_KIND_LIST, .elem = RK_KIND_STRING, .optional = true};
    const uint32_t text = b_field(&w.b, &w.b.plan.item, "text", s);
    const uint32_t all = b_candidates(&w.b);
    const uint32_t column = b_item(&w.b, all, text, s);
    b_kernel(&w.b, all);
    const uint32_t reg = b_input(&w.b, column);
    const uint32_t words = b_instr(&w.b, RK_CORE_CALL, fn_index("words", "string"), list, &reg, 1);
    const uint32_t again = b_instr(&w.b, RK_CORE_CALL, fn_index("words", "string"), list, &reg, 1);
    const uint32_t len =
        b_instr(&w.b, RK_CORE_CALL, fn_index("len", "list(string)"), RK_TYPE_OPT(INT), &again, 1);
    b_show(&w.b, b_store(&w.b, words, list));
    b_show(&w.b, b_store(&w.b, len, RK_TYPE_OPT(INT)));
    b_kernel_end(&w.b);
    w.b.plan.result = all;
    w.b.plan.one_producer = true;
    begin(&w);
    enum { N = 300 };
    rk_request request = b_request(&w.b, &w.arena, N);
    ck_assert_int_eq(rk_run_begin(w.run), RK_OK);
    static const char *const texts[] = {"red nuts", "", "one two three"};
    for (uint32_t i = 0; i < N; i++) {
        rk_value value = {.type = s, .missing = i % 7 == 3};
        ck_assert_int_eq(
            rk_atom_intern(rk_run_strings(w.run), rk_str_from(texts[i % 3]), &value.as.s), RK_OK);
        rk_column_set(&request.items[0], i, value);
    }
    ck_assert_int_eq(rk_run_rank(w.run, &request, 0, &w.b.diags, &w.reply), RK_OK);
    static const uint32_t lens[] = {2, 0, 3};
    for (uint32_t i = 0; i < N; i++) {
        const rk_value list_got = rk_column_get(w.reply.shown[0], i);
        const rk_value len_got = rk_column_get(w.reply.shown[1], i);
        if (list_got.missing != (i % 7 == 3) || len_got.missing != (i % 7 == 3))
            ck_abort_msg("item %u is missing", i);
        if (!len_got.missing &&
            (len_got.as.i != lens[i % 3] || list_got.as.list.len != lens[i % 3]))
            ck_abort_msg("item %u has %d words", i, (int)len_got.as.i);
        if (i % 3 == 0 && !list_got.missing) {
            const rk_atom last = ((const rk_atom *)list_got.as.list.items)[1];
            ck_assert(rk_str_eq(rk_atom_str(rk_run_strings(w.run), last), RK_STR("nuts")));
        }
    }
    end(&w);
}
END_TEST

/* ---- memory ---- */

/* Hundreds of factors in one kernel reuse a handful of slots; a warm run takes no new memory. */
START_TEST(long_kernel_and_warm_run)
{
    world w;
    b_open(&w.b);
    const rk_type d = RK_TYPE(DOUBLE);
    const uint32_t x = b_field(&w.b, &w.b.plan.item, "x", RK_TYPE_OPT(DOUBLE));
    const uint32_t all = b_candidates(&w.b);
    const uint32_t column = b_item(&w.b, all, x, RK_TYPE_OPT(DOUBLE));
    b_kernel(&w.b, all);
    uint32_t reg = b_input(&w.b, column);
    const uint32_t one = b_input_constant(&w.b, v_double(1.0));
    for (uint32_t i = 0; i < 500; i++)
        reg = b_instr(&w.b, RK_CORE_ADD, 0, d, (uint32_t[]){reg, one}, 2);
    const uint32_t key = b_store(&w.b, reg, d);
    b_kernel_end(&w.b);
    b_show(&w.b, key);
    const uint32_t ten = b_const_column(&w.b, v_int(10));
    b_select(&w.b, "top", all, key, &ten, 1);
    w.b.plan.result = all;
    w.b.plan.one_producer = true;
    begin(&w);
    enum { N = 3000 };
    const rk_request request = b_request(&w.b, &w.arena, N);
    for (uint32_t i = 0; i < N; i++)
        rk_column_set(&request.items[0], i, v_double(i));
    size_t chunks[3] = {0};
    for (uint32_t round = 0; round < 3; round++) {
        ck_assert_int_eq(rank(&w, &request), RK_OK);
        for (uint32_t i = 0; i < N; i++)
            if (((const double *)w.reply.shown[0]->data)[i] != i + 500.0)
                ck_abort_msg("item %u", i);
        chunks[round] = rk_run_arena(w.run)->used;
    }
    ck_assert_uint_eq(chunks[1], chunks[2]);
    end(&w);
}
END_TEST

START_TEST(faulty_plan_is_refused)
{
    builder b;
    rk_engine *engine;
    b_open(&b);
    const rk_engine_options options = {.cpu = RK_CPU_SCALAR};
    b.plan.result = 7;
    ck_assert_int_eq(rk_engine_new(&b.plan, &options, &b.diags, &engine), RK_EBUG);
    ck_assert_uint_eq(b.diags.items.len, 1);
    rk_engine_free(engine);
    rk_engine_free(NULL);
    rk_run_free(NULL);
    b_close(&b);
}
END_TEST

RK_SUITE_MAIN("exec_steps", lookup_and_fetch, drop, scan_of_a_source, required_values, folds, calls,
              long_kernel_and_warm_run, faulty_plan_is_refused)
