/* runtime/rank.h as an embedder sees it: values go in, ranked lists come out, every wrong call is
 * an error in words, and a warm request allocates nothing. The program is linked with --wrap=malloc
 * and its kin, so that what the libraries allocate is counted. */
#include <math.h>
#include <pthread.h>

#include "tests/unit/api_world.h"

/* ---- counting ---- */

static unsigned long allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

static void count(void) { __atomic_fetch_add(&allocations, 1, __ATOMIC_RELAXED); }

void *__wrap_malloc(size_t size)
{
    count();
    return __real_malloc(size);
}
void *__wrap_calloc(size_t n, size_t size)
{
    count();
    return __real_calloc(n, size);
}
void *__wrap_realloc(void *old, size_t size)
{
    count();
    return __real_realloc(old, size);
}

/* ---- ranking ---- */

START_TEST(a_request_is_ranked)
{
    const world w = open_world(SHOP, NULL);
    begin(w.cx);
    const rank_result *const r = run(w.cx, "cheap");
    ids_are(r, 4, (int64_t[]){10, 20, 30, 40});
    ck_assert_int_eq(r->scores.type.kind, RANK_FLOAT);
    ck_assert(((const float *)r->scores.data)[3] == 4);
    ck_assert_uint_eq(r->candidates, 4);
    ck_assert_uint_eq(r->dropped, 0);
    ck_assert_uint_eq(r->n_outputs, 0);
    close_world(w);
}
END_TEST

START_TEST(one_request_is_ranked_by_several_pipelines)
{
    const world w = open_world(SHOP, NULL);
    const float stars[4] = {1, 2, 3, NAN};
    begin(w.cx);
    fine(w.cx, rank_set_item(w.cx, item(w.cx, "stars"), rank_floats(stars, 4, 4)));
    ids_are(run(w.cx, "best"), 2, (int64_t[]){20, 30}); /* NaN has the default of 4 */
    fine(w.cx, rank_set_double(w.cx, query(w.cx, "budget"), 1.0));
    ids_are(run(w.cx, "best"), 1, (int64_t[]){10});
    fine(w.cx, rank_set_missing(w.cx, query(w.cx, "budget")));
    ids_are(run(w.cx, "best"), 2, (int64_t[]){20, 30});
    ids_are(run(w.cx, "cheap"), 4, (int64_t[]){10, 20, 30, 40});
    ids_are(run(w.cx, "plain"), 4, IDS);
    ck_assert_int_eq(run(w.cx, "plain")->scores.type.kind, RANK_NONE);
    close_world(w);
}
END_TEST

START_TEST(nothing_is_left_of_the_last_request)
{
    const char *const show[] = {"stars", "query.text"};
    const world w = open_world(SHOP, &(rank_options){.show = show, .n_show = 2});
    const float stars[4] = {1, 2, 3, 5};
    begin(w.cx);
    fine(w.cx, rank_set_item(w.cx, item(w.cx, "stars"), rank_floats(stars, 4, 4)));
    fine(w.cx, rank_set_string(w.cx, query(w.cx, "text"), "figs", 4));
    text_is(*(const rank_string *)run(w.cx, "cheap")->outputs[1].data, "figs");
    begin(w.cx);
    const rank_result *const r = run(w.cx, "cheap");
    for (size_t i = 0; i < 4; i++)
        ck_assert(((const float *)r->outputs[0].data)[i] == 4);
    text_is(*(const rank_string *)r->outputs[1].data, "nuts");
    close_world(w);
}
END_TEST

static void scalars_are_right(const rank_column *out)
{
    ck_assert_int_eq(out[0].type.kind, RANK_INT);
    ck_assert(out[0].type.optional);
    ck_assert_uint_eq(out[0].present[0] & 15, 5);
    ck_assert_int_eq(((const int64_t *)out[0].data)[2], 7);
    const rank_string *const brand = out[1].data;
    text_is(brand[0], "a");
    text_is(brand[3], "none");
    ck_assert(((const bool *)out[2].data)[2] && !((const bool *)out[2].data)[3]);
    const double *const weight = out[3].data;
    ck_assert(weight[0] == 1.5 && isnan(weight[1]) && weight[2] == 2.5 && isnan(weight[3]));
    ck_assert_uint_eq(out[4].type.dim, 2);
    ck_assert_uint_eq(out[4].present[0] & 15, 7);
    ck_assert(((const float *)out[4].data)[4] == 1);
}

static void lists_are_right(const rank_column *out)
{
    const rank_slice *const tags = out[5].data;
    ck_assert_uint_eq(out[5].type.element, RANK_STRING);
    text_is(((const rank_string *)out[5].elements)[tags[0].at + 1], "q");
    ck_assert_uint_eq(tags[3].len, 1);
    text_is(((const rank_string *)out[5].elements)[tags[3].at], "x");
    const rank_slice *const nums = out[6].data;
    ck_assert_uint_eq(out[6].present[0] & 15, 5);
    ck_assert_uint_eq(nums[0].len, 2);
    ck_assert_int_eq(((const int64_t *)out[6].elements)[nums[0].at + 1], 2);
}

static void factors_are_right(const rank_column *out)
{
    const float *const close = out[7].data;
    ck_assert(close[0] == 2 && close[1] == 3 && close[2] == 5 && close[3] == 0);
    const bool *const liked = out[8].data;
    ck_assert(!liked[0] && liked[1] && !liked[2] && !liked[3]);
    const int64_t *const n_tags = out[9].data;
    ck_assert(n_tags[0] == 2 && n_tags[1] == 1 && n_tags[2] == 0 && n_tags[3] == 1);
    const int64_t *const total = out[10].data;
    ck_assert(total[0] == 3 && total[1] == 0 && total[2] == 0 && total[3] == 0);
    ck_assert_uint_eq(out[11].n, 1);
    ck_assert(isnan(*(const double *)out[11].data));
}

START_TEST(every_type_goes_in_and_comes_out)
{
    const char *const show[] = {"clicks", "brand", "fresh", "weight", "vec",   "tags",
                                "nums",   "close", "liked", "n_tags", "total", "query.budget"};
    const world w = open_world(SHOP, &(rank_options){.show = show, .n_show = 12});
    const int64_t clicks[4] = {5, 6, 7, 8}, numbers[5] = {1, 2, 3, 4, 5};
    const rank_string brands[4] = {text("a"), text("b"), text("c"), {NULL, 0}};
    const bool fresh[4] = {true, false, true, false};
    const double weights[4] = {1.5, NAN, 2.5, 3.5};
    const float vecs[8] = {1, 0, 0, 1, 1, 1, 0, 0}, taste[2] = {2, 3};
    const rank_string words[3] = {text("p"), text("q"), text("b")};
    const rank_slice slices[4] = {{0, 2}, {2, 1}, {0, 0}, {1, 2}};
    const uint64_t three = 7, odd = 5;
    begin(w.cx);
    fine(w.cx,
         rank_set_item(w.cx, item(w.cx, "clicks"), rank_where(rank_ints(clicks, 4, 4), &odd)));
    fine(w.cx,
         rank_set_item(w.cx, item(w.cx, "brand"), rank_where(rank_strings(brands, 4), &three)));
    fine(w.cx, rank_set_item(w.cx, item(w.cx, "fresh"), rank_bools(fresh, 4, 4)));
    fine(w.cx, rank_set_item(w.cx, item(w.cx, "weight"),
                             rank_where(rank_doubles(weights, 4, 4), &three)));
    fine(w.cx,
         rank_set_item(w.cx, item(w.cx, "vec"), rank_where(rank_vectors(vecs, 2, 4, 4), &three)));
    fine(w.cx, rank_set_item(w.cx, item(w.cx, "tags"),
                             rank_where(rank_lists(rank_strings(words, 3), slices, 4), &three)));
    fine(w.cx, rank_set_item(w.cx, item(w.cx, "nums"),
                             rank_where(rank_lists(rank_ints(numbers, 5, 5), slices, 4), &odd)));
    fine(w.cx, rank_set_list(w.cx, query(w.cx, "taste"), rank_floats(taste, 2, 2)));
    fine(w.cx, rank_set_list(w.cx, query(w.cx, "likes"), rank_strings(words, 3)));
    const rank_result *const r = run(w.cx, "plain");
    ids_are(r, 4, IDS);
    ck_assert_uint_eq(r->n_outputs, 12);
    scalars_are_right(r->outputs);
    lists_are_right(r->outputs);
    factors_are_right(r->outputs);
    close_world(w);
}
END_TEST

START_TEST(a_program_tells_what_it_has)
{
    const char *const show[] = {"liked", "query.user", "price * 2.0"};
    const world w = open_world(SHOP, &(rank_options){.show = show, .n_show = 3});
    const rank_info *const info = rank_program_info(w.program);
    ck_assert_int_eq(info->id_kind, RANK_INT);
    ck_assert_uint_eq(info->n_query, 8);
    ck_assert_str_eq(info->query[1].name, "text");
    ck_assert_str_eq(info->query[1].initial, "\"nuts\"");
    ck_assert_str_eq(info->query[7].initial, "[1,2]");
    ck_assert_ptr_null(info->query[0].initial);
    ck_assert(info->query[2].type.optional);
    ck_assert_uint_eq(info->query[5].type.dim, 2);
    ck_assert_int_eq(info->query[6].type.element, RANK_STRING);
    ck_assert_uint_eq(info->n_item, 10);
    ck_assert_str_eq(info->item[0].name, "price");
    ck_assert_uint_eq(info->n_pipelines, 4);
    ck_assert_str_eq(info->pipelines[0].name, "cheap");
    ck_assert(info->pipelines[0].candidates);
    ck_assert_uint_eq(info->pipelines[0].n_outputs, 3);
    ck_assert_str_eq(info->pipelines[0].outputs[0].name, "liked");
    ck_assert(info->pipelines[0].outputs[0].per_item);
    ck_assert(!info->pipelines[0].outputs[1].per_item);
    uint32_t output = 9;
    fine(w.cx, rank_find_output(w.cx, 0, "price * 2.0", &output));
    ck_assert_uint_eq(output, 2);
    ck_assert(strlen(rank_version()) >= 5);
    close_world(w);
}
END_TEST

START_TEST(columns_are_read_in_place_or_copied)
{
    const char *const show[] = {"price", "seen"};
    const world w = open_world(SHOP, &(rank_options){.show = show, .n_show = 2});
    float *const prices = rank_alloc(100, sizeof *prices);
    int64_t *const ids = rank_alloc(100, sizeof *ids);
    ck_assert_uint_eq(rank_room(100), 112);
    ck_assert_uint_eq((uintptr_t)prices % 64, 0);
    for (int i = 0; i < 100; i++) {
        prices[i] = (float)((i * 37) % 100);
        ids[i] = i;
    }
    fine(w.cx, rank_begin(w.cx));
    fine(w.cx, rank_set_ids(w.cx, ids, 100));
    fine(w.cx, rank_set_item(w.cx, item(w.cx, "price"), rank_floats(prices, 100, rank_room(100))));
    ck_assert_ptr_eq(run(w.cx, "plain")->outputs[0].data, prices);
    fine(w.cx, rank_set_item(w.cx, item(w.cx, "price"), rank_floats(prices, 100, 100)));
    ck_assert_ptr_ne(run(w.cx, "plain")->outputs[0].data, prices);
    fine(w.cx, rank_set_ids(w.cx, ids, 90));
    fine(w.cx, rank_set_item(w.cx, item(w.cx, "price"), rank_floats(prices + 3, 90, 96)));
    const rank_result *const r = run(w.cx, "plain");
    ck_assert(r->outputs[0].data != prices + 3);
    for (size_t i = 0; i < 90; i++)
        ck_assert(((const float *)r->outputs[0].data)[i] == prices[i + 3]);
    rank_free(prices);
    rank_free(ids);
    close_world(w);
}
END_TEST

START_TEST(doubled_ids_are_one_item)
{
    const world w = open_world(SHOP, NULL);
    const int64_t ids[4] = {5, 6, 5, 7};
    fine(w.cx, rank_begin(w.cx));
    fine(w.cx, rank_set_ids(w.cx, ids, 4));
    fine(w.cx, rank_set_item(w.cx, item(w.cx, "price"), rank_floats(PRICES, 4, 4)));
    const rank_result *const r = run(w.cx, "cheap");
    ids_are(r, 3, (int64_t[]){6, 7, 5});
    ck_assert_uint_eq(r->candidates, 3);
    close_world(w);
}
END_TEST

START_TEST(ids_may_be_texts)
{
    const world w = open_world("item { id: string, x: int }\n"
                               "pipeline p = candidates | top(2, by: x)\n",
                               NULL);
    const rank_string ids[3] = {text("one"), text("three"), text("two")};
    const int64_t x[3] = {1, 3, 2};
    fine(w.cx, rank_begin(w.cx));
    refused(w.cx, rank_set_ids(w.cx, IDS, 4), RANK_EUSAGE, "item.id is of type string, and int");
    fine(w.cx, rank_set_string_ids(w.cx, ids, 3));
    fine(w.cx, rank_set_item(w.cx, 0, rank_ints(x, 3, 3)));
    const rank_result *const r = run(w.cx, "p");
    ck_assert_int_eq(r->ids.type.kind, RANK_STRING);
    ck_assert_uint_eq(r->n, 2);
    text_is(((const rank_string *)r->ids.data)[0], "three");
    text_is(((const rank_string *)r->ids.data)[1], "two");
    close_world(w);
}
END_TEST

START_TEST(no_items_are_fine)
{
    const world w = open_world(SHOP, NULL);
    fine(w.cx, rank_begin(w.cx));
    fine(w.cx, rank_set_ids(w.cx, NULL, 0));
    fine(w.cx, rank_set_item(w.cx, 0, rank_floats(NULL, 0, 0)));
    ck_assert_uint_eq(run(w.cx, "cheap")->n, 0);
    ck_assert_uint_eq(run(w.cx, "best")->n, 0);
    close_world(w);
}
END_TEST

START_TEST(the_clock_can_be_set)
{
    const char *const show[] = {"now()"};
    const world w = open_world("item { id: int }\npipeline p = candidates\n",
                               &(rank_options){.show = show, .n_show = 1});
    fine(w.cx, rank_begin(w.cx));
    fine(w.cx, rank_set_ids(w.cx, IDS, 4));
    fine(w.cx, rank_set_now(w.cx, 1234.5));
    ck_assert(*(const double *)run(w.cx, "p")->outputs[0].data == 1234.5);
    fine(w.cx, rank_begin(w.cx));
    fine(w.cx, rank_set_ids(w.cx, IDS, 4));
    ck_assert(*(const double *)run(w.cx, "p")->outputs[0].data > 1.6e9);
    close_world(w);
}
END_TEST

/* ---- warm requests, threads ---- */

enum { MANY = 1000 };

/* A request of n items with texts, lists and factors; the best id comes back. */
static int64_t rank_many(rank_context *cx, size_t n, uint64_t seed)
{
    static float prices[MANY];
    static int64_t ids[MANY];
    static rank_string brands[MANY];
    static char letters[26];
    for (size_t i = 0; i < 26; i++)
        letters[i] = (char)('a' + i);
    for (size_t i = 0; i < n; i++) {
        prices[i] = (float)((i * 7919 + seed) % 1009);
        ids[i] = (int64_t)((i * 31) % n);
        brands[i] = (rank_string){letters + (i + seed) % 26, 1};
    }
    const rank_result *r = NULL;
    if (rank_begin(cx) != RANK_OK || rank_set_int(cx, 0, 7) != RANK_OK ||
        rank_set_string(cx, 1, "some text", 9) != RANK_OK || rank_set_ids(cx, ids, n) != RANK_OK ||
        rank_set_item(cx, 0, rank_floats(prices, n, n)) != RANK_OK ||
        rank_set_item(cx, 3, rank_strings(brands, n)) != RANK_OK || rank_run(cx, 0, &r) != RANK_OK)
        return -1;
    return *(const int64_t *)r->ids.data;
}

/* The difference that 1,000 warm requests make. No checks inside: they allocate. */
static void stays_warm(rank_context *cx)
{
    int64_t least = rank_many(cx, MANY, 0);
    const unsigned long before = allocations;
    for (uint64_t i = 0; i < 1000; i++) {
        const int64_t best = rank_many(cx, MANY - i % 100, i);
        least = best < least ? best : least;
    }
    const unsigned long after = allocations;
    ck_assert_int_ge(least, 0);
    ck_assert_uint_gt(before, 0); /* that is: they are counted at all */
    ck_assert_uint_eq(after, before);
}

START_TEST(a_warm_request_allocates_nothing)
{
    const char *const show[] = {"liked", "brand", "n_tags", "price / avg(price)", "rank(price)"};
    rank_options options = {
        .engine = RANK_ENGINE_INTERP, .show = show, .n_show = 5, .no_cache = true};
    rank_program *program;
    rank_context *cx;
    const world w = open_world(SHOP, &options);
    stays_warm(w.cx);
    close_world(w);
    options.engine = RANK_ENGINE_JIT2; /* where there is a compiler to be had */
    if (rank_open_text("shop", SHOP, strlen(SHOP), &options, &program) == RANK_OK) {
        ck_assert_int_eq(rank_context_new(program, &cx), RANK_OK);
        stays_warm(cx);
        rank_context_free(cx);
    }
    rank_close(program);
}
END_TEST

/* The same bits, where native code can be had. */
START_TEST(native_code_ranks_alike)
{
    const char *const show[] = {"price / avg(price)", "liked"};
    const rank_options jit = {
        .engine = RANK_ENGINE_JIT2, .show = show, .n_show = 2, .no_cache = true};
    const rank_options interp = {.engine = RANK_ENGINE_INTERP, .show = show, .n_show = 2};
    rank_program *program;
    rank_context *cx;
    if (rank_open_text("shop", SHOP, strlen(SHOP), &jit, &program) == RANK_OK) {
        const world w = open_world(SHOP, &interp);
        ck_assert_int_eq(rank_context_new(program, &cx), RANK_OK);
        ck_assert_uint_eq(rank_program_tier(program, 0), 2);
        ck_assert_uint_eq(rank_program_tier(w.program, 0), 0);
        begin(cx);
        begin(w.cx);
        const rank_result *const a = run(cx, "cheap"), *const b = run(w.cx, "cheap");
        ids_are(a, 4, b->ids.data);
        ck_assert_mem_eq(a->scores.data, b->scores.data, 4 * sizeof(float));
        ck_assert_mem_eq(a->outputs[0].data, b->outputs[0].data, 4 * sizeof(float));
        ck_assert_mem_eq(a->outputs[1].data, b->outputs[1].data, 4);
        rank_context_free(cx);
        close_world(w);
    } else {
        ck_assert(strstr(rank_program_message(program), "E0602") != NULL);
    }
    rank_close(program);
}
END_TEST

typedef struct worker {
    pthread_t thread;
    const rank_program *program;
    bool equal;
} worker;

static void *work(void *user)
{
    worker *const me = user;
    rank_context *cx;
    me->equal = rank_context_new(me->program, &cx) == RANK_OK;
    for (int i = 0; me->equal && i < 200; i++) {
        const float prices[4] = {(float)i, 1000, 2000, (float)i - 1};
        const rank_result *r = NULL;
        me->equal = rank_begin(cx) == RANK_OK && rank_set_ids(cx, IDS, 4) == RANK_OK &&
                    rank_set_item(cx, 0, rank_floats(prices, 4, 4)) == RANK_OK &&
                    rank_run(cx, 0, &r) == RANK_OK && *(const int64_t *)r->ids.data == 20;
    }
    rank_context_free(cx);
    return NULL;
}

START_TEST(threads_share_a_program)
{
    rank_program *const program = open_text(SHOP, NULL);
    worker workers[4];
    for (int i = 0; i < 4; i++) {
        workers[i] = (worker){.program = program};
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(workers[i].thread, NULL);
        ck_assert(workers[i].equal);
    }
    rank_close(program);
}
END_TEST

RK_SUITE_MAIN("api", a_request_is_ranked, one_request_is_ranked_by_several_pipelines,
              nothing_is_left_of_the_last_request, every_type_goes_in_and_comes_out,
              a_program_tells_what_it_has, columns_are_read_in_place_or_copied,
              doubled_ids_are_one_item, ids_may_be_texts, no_items_are_fine, the_clock_can_be_set,
              a_warm_request_allocates_nothing, native_code_ranks_alike, threads_share_a_program)
