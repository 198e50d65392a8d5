/* Requests on several threads: phases of a plan, equal bits and messages whatever the number of
 * threads and the size of parts, one engine under many threads, warm runs, and
 * traces of them. */
#include <pthread.h>
#include <stdatomic.h>

#include "runtime/exec/engine.h"
#include "runtime/plan/uses.h"
#include "tests/unit/exec_world.h"

/* ---- a plan with every step that is shared ---- */

enum { LONGEST = 5000, ROWS = 400 };

static const rk_type f32 = RK_TYPE_OPT(FLOAT), f64 = RK_TYPE_OPT(DOUBLE),
                     text = RK_TYPE_OPT(STRING), ints = RK_TYPE_LIST(INT);

typedef struct shop {
    world w;
    csv file;
    uint32_t products, all;
    uint32_t x, name; /* item columns */
    uint32_t rows, price, orders, brand, tags;
    uint32_t made[20], n_made; /* columns of all items that are shown in the end */
} shop;

static csv write_shop(void)
{
    rk_buf out = {0};
    rk_buf_add_chars(&out, "id,price,orders,brand,tags\n");
    for (unsigned i = 1; i <= ROWS; i++) /* ids of which items have two in three */
        rk_buf_printf(&out, i % 5 ? "%u,%u.5,%u,b%u,\"[%u,%u]\"\n" : "%u,,,,\n", i * 3 / 2, i,
                      i % 7, i % 4, i, i + 1);
    const csv file = write_csv(out.data);
    rk_buf_free(&out);
    return file;
}

static uint32_t new_field(shop *s, const char *name, rk_type type)
{
    return b_field(&s->w.b, &s->w.b.plan.sources.items[s->products].wanted, name, type);
}

static void keep(shop *s, uint32_t column) { s->made[s->n_made++] = column; }

static void fetch_all(shop *s)
{
    builder *const b = &s->w.b;
    static const int64_t eights[] = {8, 8};
    const uint32_t price = new_field(s, "price", f32);
    const uint32_t orders = new_field(s, "orders", RK_TYPE(INT));
    const uint32_t brand = new_field(s, "brand", RK_TYPE(STRING));
    const uint32_t tags = new_field(s, "tags", ints);
    rk_schema *const wanted = &b->plan.sources.items[s->products].wanted;
    b_initial(wanted, orders, v_int(-1));
    b_initial(wanted, brand, v_atom(b_atom(b, "none")));
    b_initial(wanted, tags, (rk_value){.type = ints, .as.list = {eights, 2}});
    const uint32_t ids = b_make(b, b_blank(RK_STEP_ID, s->all), RK_TYPE(INT));
    s->rows = lookup(b, s->products, s->all, ids);
    s->price = fetch(b, s->products, price, s->all, s->rows, f32);
    s->orders = fetch(b, s->products, orders, s->all, s->rows, RK_TYPE(INT));
    s->brand = fetch(b, s->products, brand, s->all, s->rows, RK_TYPE(STRING));
    s->tags = fetch(b, s->products, tags, s->all, s->rows, ints);
    keep(s, s->price);
    keep(s, s->orders);
    keep(s, s->brand);
    keep(s, s->tags);
}

static uint32_t fn_index(const char *name, const char *sig)
{
    for (uint32_t i = 0; i < rk_fn_count(); i++)
        if (strcmp(rk_fn_at(i)->name, name) == 0 && strstr(rk_fn_at(i)->sig, sig))
            return i;
    ck_abort_msg("no function %s of %s", name, sig);
    return 0;
}

/* Text is made by one kernel and read by others. */
static uint32_t make_texts(shop *s)
{
    builder *const b = &s->w.b;
    b_kernel(b, s->all);
    const uint32_t name = b_input(b, s->name);
    const uint32_t upper = b_instr(b, RK_CORE_CALL, fn_index("upper", "string"), text, &name, 1);
    const uint32_t made = b_store(b, upper, text);
    b_kernel_end(b);
    b_kernel(b, s->all);
    const uint32_t reg = b_input(b, made);
    const uint32_t len =
        b_instr(b, RK_CORE_CALL, fn_index("len", "(s: string"), RK_TYPE_OPT(INT), &reg, 1);
    keep(s, b_store(b, len, RK_TYPE_OPT(INT)));
    b_kernel_end(b);
    keep(s, made);
    return made;
}

/* x * 2 + price, and whether it is above its average. */
static uint32_t make_score(shop *s, uint32_t *above)
{
    builder *const b = &s->w.b;
    b_kernel(b, s->all);
    const uint32_t x = b_input(b, s->x), price = b_input(b, s->price);
    const uint32_t two = b_input_constant(b, v_double(2.0));
    const uint32_t twice = b_instr(b, RK_CORE_MUL, 0, f64, (uint32_t[]){x, two}, 2);
    const uint32_t wide = b_instr(b, RK_CORE_CONVERT, 0, f64, &price, 1);
    const uint32_t sum = b_instr(b, RK_CORE_ADD, 0, f64, (uint32_t[]){twice, wide}, 2);
    const uint32_t score = b_store(b, sum, f64);
    b_kernel_end(b);
    const uint32_t mean = b_fold(b, "avg", s->all, score, RK_PLAN_NONE, RK_PLAN_NONE, f64);
    b_kernel(b, s->all);
    const uint32_t value = b_input(b, score), middle = b_input(b, mean);
    const uint32_t missing = b_input_constant(b, v_double(-1e300));
    const uint32_t left =
        b_instr(b, RK_CORE_COALESCE, 0, RK_TYPE(DOUBLE), (uint32_t[]){value, missing}, 2);
    const uint32_t right =
        b_instr(b, RK_CORE_COALESCE, 0, RK_TYPE(DOUBLE), (uint32_t[]){middle, missing}, 2);
    const uint32_t more = b_instr(b, RK_CORE_GT, 0, RK_TYPE(BOOL), (uint32_t[]){left, right}, 2);
    *above = b_store(b, more, RK_TYPE(BOOL));
    b_kernel_end(b);
    return score;
}

static void fold_all(shop *s, uint32_t score, uint32_t above, uint32_t made)
{
    builder *const b = &s->w.b;
    keep(s, b_fold(b, "avg", s->all, score, s->brand, RK_PLAN_NONE, f64));
    keep(s, b_fold(b, "max", s->all, s->orders, s->brand, above, RK_TYPE_OPT(INT)));
    b_show(b, b_fold(b, "min", s->all, made, RK_PLAN_NONE, above, text));
    keep(s, b_fold(b, "rank", s->all, score, s->brand, RK_PLAN_NONE, RK_TYPE_OPT(INT)));
    b_show(b, b_fold(b, "std", s->all, s->price, RK_PLAN_NONE, RK_PLAN_NONE, f32));
}

/* Scores and places in the better half reach all items, and all columns the sorted ones. */
static void end_pipeline(shop *s, uint32_t score, uint32_t above)
{
    builder *const b = &s->w.b;
    const uint32_t some = b_select(b, "where", s->all, above, NULL, 0);
    const uint32_t map = b_map(b, some, s->all, true);
    const uint32_t key = b_through(b, RK_STEP_GATHER, some, map, score, f64);
    const uint32_t better = b_select(b, "sort", some, key, NULL, 0);
    const uint32_t back = b_map(b, s->all, better, false);
    keep(s, b_through(b, RK_STEP_RANK, s->all, back, RK_PLAN_NONE, RK_TYPE_OPT(INT)));
    keep(s, b_through(b, RK_STEP_SCORE, s->all, back, better, f32));
    const uint32_t sorted = b_select(b, "sort", s->all, s->x, NULL, 0);
    const uint32_t last = b_map(b, sorted, s->all, true);
    for (uint32_t i = 0; i < s->n_made; i++) {
        const rk_type type = b->plan.columns.items[s->made[i]].type;
        b_show(b, b_through(b, RK_STEP_GATHER, sorted, last, s->made[i], type));
    }
    b->plan.result = sorted;
}

static void open_shop(shop *s)
{
    builder *const b = &s->w.b;
    *s = (shop){.file = write_shop()};
    b_open(b);
    s->products = add_source(b, &s->file, "id", RK_TYPE(INT));
    const uint32_t x = b_field(b, &b->plan.item, "x", f64);
    const uint32_t name = b_field(b, &b->plan.item, "name", text);
    s->all = b_candidates(b);
    s->x = b_item(b, s->all, x, f64);
    s->name = b_item(b, s->all, name, text);
    fetch_all(s);
    const uint32_t made = make_texts(s);
    uint32_t above;
    const uint32_t score = make_score(s, &above);
    fold_all(s, score, above, made);
    end_pipeline(s, score, above);
    b->plan.one_producer = true;
    b_verify(b);
}

static void close_shop(shop *s)
{
    b_close(&s->w.b);
    unlink(s->file.path);
}

static rk_request fill_request(const shop *s, rk_run *run, uint32_t n)
{
    rk_arena *const arena = rk_run_arena(run);
    rk_request request = b_request(&s->w.b, arena, n);
    for (uint32_t i = 0; i < n; i++) {
        char name[24];
        rk_value value = {.type = text, .missing = i % 11 == 5};
        snprintf(name, sizeof name, "Item %u", i * 7 % 101);
        rk_column_set(&request.items[0], i, (rk_value){f64, i % 13 == 6, {.d = i * 37 % 1009}});
        ck_assert_int_eq(rk_atom_intern(rk_run_strings(run), rk_str_from(name), &value.as.s),
                         RK_OK);
        rk_column_set(&request.items[1], i, value);
    }
    return request;
}

static void print_column(const rk_column *column, const rk_atoms *strings, rk_buf *out)
{
    for (uint32_t i = 0; i < column->n; i++) {
        rk_value_print_json(rk_column_get(column, i), strings, out);
        rk_buf_add_char(out, i + 1 == column->n ? '\n' : ' ');
    }
}

/* ---- traces ---- */

enum { MOST_THINGS = 200 };

typedef struct ends {
    const rk_trace *trace;
    uint32_t step;
    uint64_t of[RK_THING_COUNT][MOST_THINGS]; /* when each thing was made */
} ends;

static void check_read(void *user, rk_thing thing, uint32_t index)
{
    const ends *const e = user;
    ck_assert_uint_lt(index, MOST_THINGS);
    ck_assert_uint_le(e->of[thing][index], e->trace->steps[e->step].begin);
}

static void note_made(void *user, rk_thing thing, uint32_t index)
{
    ends *const e = user;
    e->of[thing][index] = e->trace->steps[e->step].end;
}

/* The parts of a step: in order, within the request, all items once. */
static void check_parts(const rk_trace *trace, uint32_t i)
{
    const rk_trace_step *const step = &trace->steps[i];
    const rk_trace_part *const parts = &trace->parts[step->first];
    uint32_t done = 0;
    uint64_t busy = 0;
    ck_assert_uint_gt(step->n, 0);
    for (uint32_t k = 0; k < step->n; k++) {
        ck_assert_uint_eq(parts[k].step, i);
        ck_assert_uint_le(parts[k].begin, parts[k].end);
        ck_assert_uint_le(parts[k].end, trace->length);
        ck_assert_uint_lt(parts[k].worker, trace->n_workers);
        ck_assert(parts[k].worker == 0 || parts[k].act == RK_TRACE_SOME);
        ck_assert(k == 0 || parts[k - 1].act <= parts[k].act);
        busy += parts[k].end - parts[k].begin;
        if (parts[k].act != RK_TRACE_SOME)
            continue;
        ck_assert_uint_eq(parts[k].from, done);
        ck_assert_uint_le(step->begin, parts[k].begin);
        ck_assert_uint_le(parts[k].end, step->end);
        done = parts[k].to;
    }
    ck_assert(done == 0 || done == step->rows_in);
    ck_assert_uint_eq(busy, step->busy);
}

/* A thread is at one step at a time. */
static void check_workers(const rk_trace *trace)
{
    for (uint32_t i = 0; i < trace->n_parts; i++)
        for (uint32_t k = 0; k < i; k++) {
            const rk_trace_part *const a = &trace->parts[i], *const b = &trace->parts[k];
            if (a->worker == b->worker && a->end > b->begin && b->end > a->begin)
                ck_abort_msg("steps %u and %u on one thread", a->step, b->step);
        }
}

static void check_trace(const rk_plan *plan, const rk_trace *trace)
{
    ends e = {.trace = trace};
    uint32_t n = 0;
    uint64_t critical = 0;
    for (; e.step < plan->steps.len; e.step++) {
        const rk_trace_step *const step = &trace->steps[e.step];
        check_parts(trace, e.step);
        rk_step_reads(plan, &plan->steps.items[e.step], check_read, &e);
        rk_step_makes(plan, &plan->steps.items[e.step], note_made, &e);
        critical += step->critical ? step->end - step->begin : 0;
        n += step->n;
    }
    ck_assert_uint_eq(n, trace->n_parts);
    ck_assert_uint_eq(critical, trace->critical);
    ck_assert_uint_le(critical, trace->length);
    check_workers(trace);
}

/* All of a reply as text; shortest decimals tell all bits apart. */
static rk_buf rank_shop(const shop *s, rk_run *run, uint32_t n)
{
    rk_buf out = {0};
    rk_reply reply;
    rk_diags diags;
    rk_arena arena = {0};
    rk_diags_init(&diags, &arena);
    ck_assert_int_eq(rk_run_begin(run), RK_OK);
    const rk_request request = fill_request(s, run, n);
    ck_assert_int_eq(rk_run_rank(run, &request, 0, &diags, &reply), RK_OK);
    ck_assert(run->tracer.on == (reply.trace != NULL));
    if (reply.trace)
        check_trace(&s->w.b.plan, reply.trace);
    print_column(&reply.ids, rk_run_strings(run), &out);
    print_column(reply.scores, rk_run_strings(run), &out);
    for (uint32_t i = 0; i < s->w.b.plan.shown.len; i++)
        print_column(reply.shown[i], rk_run_strings(run), &out);
    rk_buf_add_char(&out, '\n');
    rk_arena_free(&arena);
    return out;
}

static rk_engine *new_engine(builder *b, uint32_t threads, uint32_t chunk)
{
    rk_engine *engine;
    const rk_engine_options options = {.cpu = rk_cpu_best(), .threads = threads, .chunk = chunk};
    ck_assert_int_eq(rk_engine_new(&b->plan, &options, &b->diags, &engine), RK_OK);
    return engine;
}

static const uint32_t lengths[] = {0, 1, 100, 128, 129, 300, 1000, LONGEST};
enum { N_LENGTHS = sizeof lengths / sizeof *lengths };

static void rank_lengths(const shop *s, const rk_engine *engine, bool traced, rk_buf *out)
{
    rk_run *run;
    ck_assert_int_eq(rk_run_new(engine, &run), RK_OK);
    rk_run_trace(run, traced);
    for (uint32_t i = 0; i < N_LENGTHS; i++)
        out[i] = rank_shop(s, run, lengths[i]);
    rk_run_free(run);
}

static void expect_lengths(const shop *s, const rk_engine *engine, bool traced,
                           const rk_buf *expected)
{
    rk_buf got[N_LENGTHS];
    rank_lengths(s, engine, traced, got);
    for (uint32_t i = 0; i < N_LENGTHS; i++) {
        ck_assert_str_eq(got[i].data, expected[i].data);
        rk_buf_free(&got[i]);
    }
}

static void rank_alone(shop *s, rk_buf *expected)
{
    rk_engine *const engine = new_engine(&s->w.b, 1, 0);
    rank_lengths(s, engine, false, expected);
    rk_engine_free(engine);
}

static void forget(rk_buf *expected)
{
    for (uint32_t i = 0; i < N_LENGTHS; i++)
        rk_buf_free(&expected[i]);
}

START_TEST(same_bits)
{
    static const uint32_t threads[] = {0, 1, 2, 3, 100}, chunks[] = {0, 1, 1000};
    shop s;
    rk_buf expected[N_LENGTHS];
    open_shop(&s);
    rank_alone(&s, expected);
    for (unsigned t = 0; t < RK_ARRAY_LEN(threads); t++)
        for (unsigned c = 0; c < RK_ARRAY_LEN(chunks); c++) {
            rk_engine *const engine = new_engine(&s.w.b, threads[t], chunks[c]);
            expect_lengths(&s, engine, false, expected);
            expect_lengths(&s, engine, true, expected);
            rk_engine_free(engine);
        }
    forget(expected);
    close_shop(&s);
}
END_TEST

/* ---- one engine under many threads ---- */

typedef struct caller {
    pthread_t thread;
    const shop *s;
    const rk_engine *engine;
    const rk_buf *expected;
} caller;

static void *call(void *user)
{
    const caller *const c = user;
    for (unsigned round = 0; round < 3; round++)
        expect_lengths(c->s, c->engine, round == 1, c->expected);
    return NULL;
}

START_TEST(eight_callers)
{
    shop s;
    caller callers[8];
    rk_buf expected[N_LENGTHS];
    open_shop(&s);
    rank_alone(&s, expected);
    rk_engine *const engine = new_engine(&s.w.b, 2, 1);
    for (unsigned i = 0; i < RK_ARRAY_LEN(callers); i++) {
        callers[i] = (caller){.s = &s, .engine = engine, .expected = expected};
        ck_assert_int_eq(pthread_create(&callers[i].thread, NULL, call, &callers[i]), 0);
    }
    for (unsigned i = 0; i < RK_ARRAY_LEN(callers); i++)
        ck_assert_int_eq(pthread_join(callers[i].thread, NULL), 0);
    rk_engine_free(engine);
    forget(expected);
    close_shop(&s);
}
END_TEST

/* ---- memory ---- */

static size_t memory_of(const rk_run *run)
{
    size_t sum = rk_arena_capacity(&run->fixed) + rk_arena_capacity(&run->arena) +
                 rk_arena_capacity(&run->scratch) + rk_arena_capacity(&run->worker.scratch);
    for (uint32_t i = 0; run->helpers && i + 1 < run->engine->threads; i++)
        sum += rk_arena_capacity(&run->helpers[i].scratch);
    return sum;
}

/* Whoever gets the fold that needs most memory, after the first request it is there. */
START_TEST(warm_runs_take_no_memory)
{
    shop s;
    rk_run *run;
    open_shop(&s);
    rk_engine *const engine = new_engine(&s.w.b, 2, 1);
    ck_assert_int_eq(rk_run_new(engine, &run), RK_OK);
    rk_buf first = rank_shop(&s, run, LONGEST);
    ck_assert_ptr_nonnull(run->helpers);
    const size_t memory = memory_of(run);
    for (unsigned round = 0; round < 20; round++) {
        rk_buf again = rank_shop(&s, run, LONGEST);
        ck_assert_str_eq(again.data, first.data);
        ck_assert_uint_eq(memory_of(run), memory);
        rk_buf_free(&again);
    }
    rk_buf_free(&first);
    rk_run_free(run);
    rk_engine_free(engine);
    close_shop(&s);
}
END_TEST

/* ---- phases ---- */

/* The phase of the step that makes a column. */
static uint32_t phase_of(const rk_engine *engine, uint32_t column)
{
    const rk_schedule *const schedule = &engine->schedule;
    for (uint32_t phase = 0; phase < schedule->n_phases; phase++)
        for (uint32_t i = schedule->first[phase]; i < schedule->first[phase + 1]; i++) {
            const rk_step *const step = &engine->plan->steps.items[schedule->steps[i]];
            if (step->kind != RK_STEP_MAP && step->kind != RK_STEP_REQUIRE && step->out == column &&
                !(step->kind >= RK_STEP_CANDIDATES && step->kind <= RK_STEP_DROP))
                return phase;
        }
    ck_abort_msg("nobody makes column %u", column);
    return 0;
}

START_TEST(fetches_share_a_phase)
{
    shop s;
    open_shop(&s);
    rk_engine *const engine = new_engine(&s.w.b, 2, 0);
    const uint32_t phase = phase_of(engine, s.price);
    ck_assert_uint_eq(phase % 2, 1);
    ck_assert_uint_eq(phase_of(engine, s.orders), phase);
    ck_assert_uint_eq(phase_of(engine, s.brand), phase);
    ck_assert_uint_eq(phase_of(engine, s.tags), phase);
    ck_assert_uint_eq(phase_of(engine, s.rows), phase - 2);
    ck_assert_uint_eq(phase_of(engine, s.x), phase_of(engine, s.name));
    rk_engine_free(engine);
    close_shop(&s);
}
END_TEST

START_TEST(every_step_once)
{
    shop s;
    open_shop(&s);
    rk_engine *const engine = new_engine(&s.w.b, 2, 0);
    const rk_schedule *const schedule = &engine->schedule;
    bool seen[200] = {0};
    ck_assert_uint_eq(schedule->first[schedule->n_phases], s.w.b.plan.steps.len);
    for (uint32_t phase = 0; phase < schedule->n_phases; phase++)
        for (uint32_t i = schedule->first[phase]; i < schedule->first[phase + 1]; i++) {
            ck_assert(!seen[schedule->steps[i]]);
            ck_assert(i == schedule->first[phase] || schedule->steps[i - 1] < schedule->steps[i]);
            seen[schedule->steps[i]] = true;
        }
    rk_engine_free(engine);
    close_shop(&s);
}
END_TEST

/* ---- what is refused ---- */

/* Two fields of items without default; the message is of the first one asked for, and of its first
 * item without a value, though the other is found missing earlier. */
START_TEST(same_message)
{
    static const uint32_t threads[] = {1, 2};
    for (unsigned t = 0; t < RK_ARRAY_LEN(threads); t++) {
        world w;
        rk_diags_init(&w.b.diags, &w.b.arena);
        b_open(&w.b);
        const uint32_t x = b_field(&w.b, &w.b.plan.item, "x", RK_TYPE_OPT(INT));
        const uint32_t y = b_field(&w.b, &w.b.plan.item, "y", RK_TYPE_OPT(INT));
        const uint32_t all = b_candidates(&w.b);
        const uint32_t y_column = b_item(&w.b, all, y, RK_TYPE_OPT(INT));
        const uint32_t x_column = b_item(&w.b, all, x, RK_TYPE_OPT(INT));
        require(&w.b, all, x_column, RK_PLAN_NONE, x);
        require(&w.b, all, y_column, RK_PLAN_NONE, y);
        w.b.plan.result = all;
        w.b.plan.one_producer = true;
        b_verify(&w.b);
        w.engine = new_engine(&w.b, threads[t], 1);
        w.run = b_run(w.engine);
        w.arena = (rk_arena){0};
        rk_request request = b_request(&w.b, &w.arena, LONGEST);
        for (uint32_t i = 0; i < LONGEST; i++) {
            rk_value value = v_int(i);
            value.missing = i >= 3000 && i % 500 == 7;
            rk_column_set(&request.items[x], i, value);
            value.missing = i == 2;
            rk_column_set(&request.items[y], i, value);
        }
        for (unsigned round = 0; round < 20; round++) {
            ck_assert_int_eq(rank(&w, &request), RK_EDATA);
            expect_message(&w,
                           "item 3008 was sent without `x`, which has neither a default nor `?`");
        }
        ck_assert_uint_eq(w.b.diags.items.len, 20);
        end(&w);
    }
}
END_TEST

RK_SUITE_MAIN("schedule", same_bits, eight_callers, warm_runs_take_no_memory, fetches_share_a_phase,
              every_step_once, same_message)
