/* Searches inside a plan: what the verifier refuses of them, and what they find, over more rows
 * than one batch, against a search of all rows. */
#include "runtime/exec/probe.h"
#include "tests/unit/exec_world.h"

enum { ROWS = 3000, DIM = 3 };

typedef struct shop {
    world w;
    csv file;
    uint32_t vector, price, condition, found, query, k;
    uint32_t probe[2]; /* lists */
    bool fixed;        /* the cap is no request's */
} shop;

/* Row i: small whole numbers, so that products are exact; some have no vector. */
static int64_t id_of(uint32_t i) { return (int64_t)i * 7919 % 100003; }
static int number_of(uint32_t i, uint32_t k) { return (int)((i * 31 + k * 17 + i * k) % 13) - 6; }
static bool has_vector(uint32_t i) { return i % 11 != 3; }
static int price_of(uint32_t i) { return (int)(i * 13 % 100); }

static csv write_rows(uint32_t rows)
{
    rk_buf text = {0};
    rk_buf_add_chars(&text, "id,price,vec\n");
    for (uint32_t i = 0; i < rows; i++) {
        rk_buf_printf(&text, "%lld,%d,", (long long)id_of(i), price_of(i));
        if (has_vector(i))
            rk_buf_printf(&text, "\"[%d,%d,%d]\"", number_of(i, 0), number_of(i, 1),
                          number_of(i, 2));
        rk_buf_add_char(&text, '\n');
    }
    rk_buf_add_char(&text, '\0');
    const csv file = write_csv(text.data);
    rk_buf_free(&text);
    return file;
}

static uint32_t probe(builder *b, uint32_t *rows)
{
    rk_step step = b_blank(RK_STEP_PROBE, 0);
    step.list = RK_PLAN_NONE;
    step.index = 0;
    *rows = step.column = b_column(b, RK_TYPE(ROW), b->plan.lists.len);
    return b_list(b, step);
}

/* price < cap, over rows that the search names; cap is the request's, or, without a column, 40. */
static uint32_t is_cheap(builder *b, uint32_t list, uint32_t price, uint32_t cap)
{
    b_kernel(b, list);
    const uint32_t regs[] = {b_input(b, price), cap == RK_PLAN_NONE
                                                    ? b_input_constant(b, v_float(40))
                                                    : b_input(b, cap)};
    const uint32_t less = b_instr(b, RK_CORE_LT, 0, RK_TYPE(BOOL), regs, 2);
    const uint32_t column = b_store(b, less, RK_TYPE(BOOL));
    b_kernel_end(b);
    return column;
}

static void add_search(shop *s)
{
    builder *const b = &s->w.b;
    rk_step step = b_blank(RK_STEP_NEAREST, s->probe[1]);
    step.index = 0;
    step.first = b_operands(b, (uint32_t[]){s->query, s->k}, 2);
    step.n = 2;
    step.a = s->condition;
    step.column = b_column(b, RK_TYPE(ROW), b->plan.lists.len);
    s->found = b_list(b, step);
    b_show(b, fetch(b, 0, 1, s->found, step.column, RK_TYPE_OPT(FLOAT)));
    b->plan.result = s->found;
    b->plan.one_producer = true;
}

static void build(shop *s, uint32_t rows)
{
    builder *const b = &s->w.b;
    const rk_type vector = {.kind = RK_KIND_VECTOR, .dim = DIM, .optional = true};
    uint32_t at;
    b_open(b);
    s->file = write_rows(rows);
    add_source(b, &s->file, "id", RK_TYPE(INT));
    rk_schema *const wanted = &b->plan.sources.items[0].wanted;
    b_field(b, wanted, "vec", vector);
    b_field(b, wanted, "price", RK_TYPE_OPT(FLOAT));
    const uint32_t v = b_field(b, &b->plan.query, "v", vector);
    const uint32_t k = b_field(b, &b->plan.query, "k", RK_TYPE(INT));
    const uint32_t cap = b_field(b, &b->plan.query, "cap", RK_TYPE(FLOAT));
    s->probe[0] = probe(b, &at);
    s->vector = fetch(b, 0, 0, s->probe[0], at, vector);
    s->query = b_query(b, v, vector);
    s->k = b_query(b, k, RK_TYPE(INT));
    const uint32_t limit = b_query(b, cap, RK_TYPE(FLOAT));
    s->probe[1] = probe(b, &at);
    s->price = fetch(b, 0, 1, s->probe[1], at, RK_TYPE_OPT(FLOAT));
    s->condition = is_cheap(b, s->probe[1], s->price, s->fixed ? RK_PLAN_NONE : limit);
    const rk_plan_index index = {.name = RK_STR("by_vec"),
                                 .path = RK_STR(""),
                                 .form = {.kind = RK_INDEX_FLAT, .metric = RK_INDEX_DOT},
                                 .vector = s->vector,
                                 .span = RK_NO_SPAN};
    B_PUSH(b, indexes, index);
    add_search(s);
}

/* ---- the verifier ---- */

static rk_status verdict(const rk_plan *plan)
{
    rk_buf fault = {0}, text = {0};
    const rk_status status = rk_plan_verify(plan, &fault);
    ck_assert(status == RK_OK || fault.len > 0);
    rk_plan_print(plan, &text); /* must not crash either */
    rk_buf_free(&fault);
    rk_buf_free(&text);
    return status;
}

#define REFUSED(s, place, wrong)                                                                   \
    do {                                                                                           \
        const __typeof__(place) before = (place);                                                  \
        (place) = (wrong);                                                                         \
        ck_assert_int_eq(verdict(&(s).w.b.plan), RK_EBUG);                                         \
        (place) = before;                                                                          \
        ck_assert_int_eq(verdict(&(s).w.b.plan), RK_OK);                                           \
    } while (0)

static rk_step *last_step(shop *s, rk_step_kind kind)
{
    rk_step *found = NULL;
    for (uint32_t i = 0; i < s->w.b.plan.steps.len; i++)
        if (s->w.b.plan.steps.items[i].kind == kind)
            found = &s->w.b.plan.steps.items[i];
    return found;
}

static void close_shop(shop *s)
{
    unlink(s->file.path);
    b_close(&s->w.b);
}

START_TEST(prints)
{
    shop s = {0};
    rk_buf out = {0};
    build(&s, 1);
    b_verify(&s.w.b);
    rk_plan_print(&s.w.b.plan, &out);
    ck_assert_ptr_nonnull(strstr(out.data, "index by_vec = flat(c1, metric: dot, m: 0, "
                                           "ef_construction: 0, ef: 0) of products\n"));
    ck_assert_ptr_nonnull(strstr(out.data, "  l1 = probe products, rows c0\n"));
    ck_assert_ptr_nonnull(
        strstr(out.data, "  l3 = nearest by_vec(c2, c3) where c7 of l2, rows c8\n"));
    rk_buf_free(&out);
    close_shop(&s);
}
END_TEST

START_TEST(what_is_unsound_is_refused)
{
    shop s = {0};
    build(&s, 1);
    rk_plan *const plan = &s.w.b.plan;
    rk_step *const search = last_step(&s, RK_STEP_NEAREST);
    rk_plan_index *const index = &plan->indexes.items[0];
    const rk_type vector = plan->columns.items[s.vector].type;
    REFUSED(s, search->index, 1);
    REFUSED(s, search->n, 1);
    REFUSED(s, search->list, RK_PLAN_NONE);
    REFUSED(s, search->list, s.probe[0]);
    REFUSED(s, search->list, s.found);
    REFUSED(s, search->a, s.price);
    REFUSED(s, search->a, RK_PLAN_NONE);
    REFUSED(s, search->column, s.price);
    REFUSED(s, search->guard, s.k);
    REFUSED(s, plan->operands.items[search->first], s.k);
    REFUSED(s, plan->operands.items[search->first], s.vector);
    REFUSED(s, plan->operands.items[search->first + 1], s.query);
    REFUSED(s, plan->columns.items[s.k].type, RK_TYPE_OPT(INT));
    REFUSED(s, last_step(&s, RK_STEP_PROBE)->guard, s.k);
    REFUSED(s, last_step(&s, RK_STEP_PROBE)->index, 1);
    REFUSED(s, plan->result, s.probe[0]);
    REFUSED(s, index->source, 1);
    REFUSED(s, index->vector, s.price);
    REFUSED(s, index->vector, s.query);
    REFUSED(s, index->vector, RK_PLAN_NONE);
    REFUSED(s, index->form.kind, RK_INDEX_KIND_COUNT);
    REFUSED(s, index->form.metric, RK_INDEX_METRIC_COUNT);
    REFUSED(s, index->form.m, 1);
    REFUSED(s, index->form.ef, RK_INDEX_MAX_EF + 1);
    REFUSED(s, plan->sources.items[0].key_types[0], RK_TYPE(STRING));
    REFUSED(s, plan->columns.items[s.vector].type, rk_type_opt(vector, false));
    close_shop(&s);
}
END_TEST

static const uint32_t garbage[] = {0, 1, 2, 3, 7, 100, 0x7fffffff, RK_PLAN_NONE - 1, RK_PLAN_NONE};

/* Every word of the steps and of the table becomes every garbage. */
START_TEST(garbage_is_refused)
{
    shop s = {0};
    build(&s, 40);
    rk_plan *const plan = &s.w.b.plan;
    const struct {
        uint32_t *words;
        size_t n;
    } tables[] = {
        {(uint32_t *)(void *)plan->steps.items, plan->steps.len * sizeof(rk_step) / 4},
        {(uint32_t *)(void *)&plan->indexes.items[0].form, sizeof(rk_index_form) / 4 + 2},
    };
    uint32_t refused = 0;
    for (size_t t = 0; t < RK_ARRAY_LEN(tables); t++)
        for (size_t i = 0; i < tables[t].n; i++) {
            const uint32_t before = tables[t].words[i];
            for (size_t g = 0; g < RK_ARRAY_LEN(garbage); g++) {
                tables[t].words[i] = garbage[g];
                refused += verdict(plan) == RK_EBUG;
            }
            tables[t].words[i] = before;
        }
    ck_assert_uint_gt(refused, 500);
    ck_assert_int_eq(verdict(plan), RK_OK);
    close_shop(&s);
}
END_TEST

/* Items sent with the request cannot be a part of an index: it is made before. */
START_TEST(an_index_needs_no_request)
{
    shop s = {0};
    build(&s, 1);
    builder *const b = &s.w.b;
    const rk_type type = {.kind = RK_KIND_VECTOR, .dim = DIM, .optional = true};
    rk_buf fault = {0};
    const uint32_t sent = b_field(b, &b->plan.item, "sent", type);
    uint32_t at;
    const uint32_t rows = probe(b, &at);
    b->plan.indexes.items[0].vector = b_item(b, rows, sent, type);
    ck_assert_int_eq(rk_plan_verify(&b->plan, &fault), RK_EBUG);
    ck_assert_ptr_nonnull(strstr(fault.data, "needs a request"));
    rk_buf_free(&fault);
    close_shop(&s);
}
END_TEST

/* ---- searches ---- */

static rk_request make_request(shop *s, const float *vector, int64_t k, float cap)
{
    rk_request request = b_request(&s->w.b, &s->w.arena, 0);
    request.has_items = false;
    request.query[0] = (rk_value){.type = s->w.b.plan.query.fields[0].type, .missing = !vector};
    request.query[0].as.list.items = vector;
    request.query[0].as.list.len = DIM;
    request.query[1] = v_int(k);
    request.query[2] = v_float(cap);
    return request;
}

static int score_of(uint32_t row, const float *vector)
{
    int score = 0;
    for (uint32_t k = 0; k < DIM; k++)
        score += number_of(row, k) * (int)vector[k];
    return score;
}

/* Whether row a stands before row b. */
static bool before(uint32_t a, uint32_t b, const float *vector)
{
    const int x = score_of(a, vector), y = score_of(b, vector);
    return x > y || (x == y && id_of(a) < id_of(b));
}

static void expect_nearest(const shop *s, const float *vector, uint32_t k, float cap)
{
    static bool taken[ROWS];
    memset(taken, 0, sizeof taken);
    for (uint32_t place = 0;; place++) {
        uint32_t best = ROWS;
        for (uint32_t row = 0; row < ROWS; row++)
            if (!taken[row] && has_vector(row) && (float)price_of(row) < cap &&
                (best == ROWS || before(row, best, vector)))
                best = row;
        if (place == k || best == ROWS) {
            ck_assert_uint_eq(s->w.reply.n, place);
            return;
        }
        taken[best] = true;
        ck_assert_uint_lt(place, s->w.reply.n);
        ck_assert_int_eq(((const int64_t *)s->w.reply.ids.data)[place], id_of(best));
        ck_assert(rk_column_get(s->w.reply.scores, place).as.f == (float)score_of(best, vector));
        ck_assert(rk_column_get(s->w.reply.shown[0], place).as.f == (float)price_of(best));
    }
}

START_TEST(finds_what_a_search_of_all_finds)
{
    static const float vectors[][DIM] = {{1, 2, 3}, {-1, 0, 5}, {0, 0, 0}, {3, -3, 1}};
    static const int64_t ks[] = {1, 7, 100, ROWS, INT64_MAX};
    static const float caps[] = {1000, 50, 3, 0};
    shop s = {0};
    build(&s, ROWS);
    begin(&s.w);
    for (size_t v = 0; v < RK_ARRAY_LEN(vectors); v++)
        for (size_t k = 0; k < RK_ARRAY_LEN(ks); k += v ? 2 : 1)
            for (size_t c = 0; c < RK_ARRAY_LEN(caps); c++) {
                rk_arena_reset(&s.w.arena);
                const rk_request request = make_request(&s, vectors[v], ks[k], caps[c]);
                ck_assert_int_eq(rank(&s.w, &request), RK_OK);
                expect_nearest(&s, vectors[v], ks[k] > ROWS ? ROWS : (uint32_t)ks[k], caps[c]);
            }
    unlink(s.file.path);
    end(&s.w);
}
END_TEST

START_TEST(nothing_is_found_of_nothing)
{
    static const float one[DIM] = {1, 1, 1}, wild[DIM] = {INFINITY, 0, 0};
    const struct {
        const float *vector;
        int64_t k;
    } asked[] = {{NULL, 5}, {one, 0}, {one, -1}, {one, INT64_MIN}, {wild, 5}};
    shop s = {0};
    build(&s, ROWS);
    begin(&s.w);
    for (size_t i = 0; i < RK_ARRAY_LEN(asked); i++) {
        const rk_request request = make_request(&s, asked[i].vector, asked[i].k, 1000);
        ck_assert_int_eq(rank(&s.w, &request), RK_OK);
        ck_assert_uint_eq(s.w.reply.n, 0);
    }
    unlink(s.file.path);
    end(&s.w);
}
END_TEST

/* An index of no rows is one. */
START_TEST(an_empty_source)
{
    static const float one[DIM] = {1, 1, 1};
    shop s = {0};
    build(&s, 0);
    begin(&s.w);
    const rk_request request = make_request(&s, one, 5, 1000);
    ck_assert_int_eq(rank(&s.w, &request), RK_OK);
    ck_assert_uint_eq(s.w.reply.n, 0);
    unlink(s.file.path);
    end(&s.w);
}
END_TEST

/* Rows that are only looked at leave nothing in the request's memory. */
START_TEST(a_warm_search_takes_no_memory)
{
    static const float one[DIM] = {1, 2, -1};
    shop s = {0};
    build(&s, ROWS);
    begin(&s.w);
    const rk_request request = make_request(&s, one, 3, 40);
    ck_assert_int_eq(rank(&s.w, &request), RK_OK);
    const size_t capacity = rk_arena_capacity(rk_run_arena(s.w.run));
    ck_assert_uint_lt(rk_run_arena(s.w.run)->used, 16384);
    for (int i = 0; i < 50; i++)
        ck_assert_int_eq(rank(&s.w, &request), RK_OK);
    ck_assert_uint_eq(rk_arena_capacity(rk_run_arena(s.w.run)), capacity);
    unlink(s.file.path);
    end(&s.w);
}
END_TEST

/* Which rows pass is known before any request; what is found is the same. */
START_TEST(a_condition_of_no_request)
{
    static const float vector[DIM] = {1, 2, -1};
    for (int fixed = 0; fixed < 2; fixed++) {
        shop s = {.fixed = fixed};
        build(&s, ROWS);
        const ptrdiff_t step = last_step(&s, RK_STEP_NEAREST) - s.w.b.plan.steps.items;
        begin(&s.w);
        const uint64_t *const passing = s.w.engine->probes[step].passing;
        ck_assert(fixed == (passing != NULL));
        const rk_request request = make_request(&s, vector, 70, fixed ? 1000 : 40);
        ck_assert_int_eq(rank(&s.w, &request), RK_OK);
        expect_nearest(&s, vector, 70, 40);
        ck_assert_uint_eq(rk_index_last(s.w.run->searching).n_asked == 0, fixed);
        const rk_ready_index *const ready = &s.w.engine->indexes[0];
        for (uint32_t i = 0; fixed && i < ready->index->n; i++)
            ck_assert_uint_eq(passing[i / 64] >> i % 64 & 1,
                              price_of(ready->rows ? ready->rows[i] : i) < 40);
        unlink(s.file.path);
        end(&s.w);
    }
}
END_TEST

RK_SUITE_MAIN("nearest", prints, what_is_unsound_is_refused, garbage_is_refused,
              an_index_needs_no_request, finds_what_a_search_of_all_finds,
              nothing_is_found_of_nothing, an_empty_source, a_warm_search_takes_no_memory,
              a_condition_of_no_request)
