/* Native code published and taken back while requests run it. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "compiler/driver/native.h"
#include "compiler/rankc.h"
#include "runtime/exec/native.h"
#include "tests/unit/harness.h"

enum { THREADS = 8, ITEMS = 200, SWAPS = 10000, WARM = 5000 };

#define PROGRAM                                                                                    \
    "query { weight: float }\n"                                                                    \
    "item { id: int, x: float, y: float?, n: int }\n"                                              \
    "factor mean = avg(x)\n"                                                                       \
    "factor low = x > 0.05\n"                                                                      \
    "factor score = log1p(x) * query.weight + (y ?? mean) - sqrt(x) * n\n"                         \
    "pipeline p = candidates | where(low) | top(20, by: score)\n"

typedef struct world {
    rk_compiled compiled;
    rk_plan *plan;
    rk_engine *engine;
    rk_code code[2]; /* of both tiers */
    rk_arena arena;
    _Alignas(64) float x[ITEMS + 16];
    _Alignas(64) float y[ITEMS + 16];
    _Alignas(64) int64_t n[ITEMS + 16];
    _Alignas(64) int64_t ids[ITEMS + 16];
    int64_t best[20]; /* the right answer */
    _Atomic bool stop;
    _Atomic unsigned wrong, done;
} world;

static rk_request request_of(world *w, rk_value *query, rk_column *items)
{
    query[0] = (rk_value){.type = RK_TYPE(FLOAT), .as.f = 1.5f};
    items[0] = (rk_column){RK_TYPE(FLOAT), ITEMS, w->x, NULL, NULL};
    items[1] = (rk_column){RK_TYPE_OPT(FLOAT), ITEMS, w->y, NULL, NULL};
    items[2] = (rk_column){RK_TYPE(INT), ITEMS, w->n, NULL, NULL};
    return (rk_request){
        .query = query,
        .has_items = true,
        .n_items = ITEMS,
        .ids = {RK_TYPE(INT), ITEMS, w->ids, NULL, NULL},
        .items = items,
    };
}

/* Ranks once; whether the answer is the right one (`first`: it becomes that). */
static bool rank_once(world *w, rk_run *run, rk_diags *diags, bool first)
{
    rk_value query[1];
    rk_column items[3];
    rk_reply reply;
    const rk_request request = request_of(w, query, items);
    if (rk_run_begin(run) != RK_OK || rk_run_rank(run, &request, 0.0, diags, &reply) != RK_OK ||
        reply.n != RK_ARRAY_LEN(w->best))
        return false;
    if (first)
        memcpy(w->best, reply.ids.data, sizeof w->best);
    return memcmp(w->best, reply.ids.data, sizeof w->best) == 0;
}

static void *rank_on(void *user)
{
    world *const w = user;
    rk_arena arena = {0};
    rk_diags diags;
    rk_run *run;
    rk_diags_init(&diags, &arena);
    if (rk_run_new(w->engine, &run) != RK_OK)
        return NULL;
    while (!atomic_load(&w->stop)) {
        atomic_fetch_add(&w->wrong, !rank_once(w, run, &diags, false));
        atomic_fetch_add(&w->wrong, rk_engine_tier(w->engine) > 2);
        atomic_fetch_add(&w->done, 1);
    }
    rk_run_free(run);
    rk_arena_free(&arena);
    return NULL;
}

static void fill_items(world *w)
{
    for (unsigned i = 0; i < ITEMS; i++) {
        w->x[i] = (float)(i * 37 % 100) / 100.0f;
        w->y[i] = i % 5 ? (float)(i * 53 % 100) / 10.0f : rk_nan_float();
        w->n[i] = i % 7;
        w->ids[i] = 1000 + i;
    }
}

static void compile(world *w)
{
    ck_assert_int_eq(rk_compiled_init(&w->compiled), RK_OK);
    ck_assert_int_eq(rk_compile_read_text(&w->compiled, RK_STR("swap.rank"), RK_STR(PROGRAM)),
                     RK_OK);
    ck_assert_int_eq(rk_compile_check(&w->compiled), RK_OK);
    const rk_plan_request wanted = {.pipeline =
                                        rk_module_pipeline(w->compiled.module, RK_STR("p"))};
    ck_assert_int_eq(rk_compile_plan(&w->compiled, &wanted, &w->plan), RK_OK);
    const rk_engine_options options = {.cpu = rk_cpu_best()};
    ck_assert_int_eq(rk_engine_new(w->plan, &options, &w->compiled.cx.diags, &w->engine), RK_OK);
}

/* false: there is no native code here. */
static bool emit(world *w)
{
    rk_buf why = {0};
    const rk_emitter *const emitter = rk_native_open(&why);
    for (uint32_t tier = 1; emitter && tier <= 2; tier++) {
        const rk_emit_options options = {.cpu = rk_cpu_best(), .tier = tier, .verify = true};
        rk_emit_times times;
        ck_assert_int_eq(
            emitter->code(w->plan, &options, &w->arena, &w->code[tier - 1], &times, &why), RK_OK);
    }
    rk_buf_free(&why);
    return emitter != NULL;
}

static long resident_pages(void)
{
    long size, resident = 0;
    FILE *const file = fopen("/proc/self/statm", "r");
    ck_assert(file && fscanf(file, "%ld %ld", &size, &resident) == 2);
    fclose(file);
    return resident;
}

static void swap(world *w, unsigned times)
{
    for (unsigned i = 0; i < times; i++)
        ck_assert_int_eq(rk_engine_use(w->engine, i % 3 ? &w->code[i % 3 - 1] : NULL), RK_OK);
}

static void swap_under(world *w, pthread_t *threads)
{
    for (unsigned i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, rank_on, w), 0);
    swap(w, WARM);
    const long before = resident_pages();
    swap(w, SWAPS);
    const long grown = resident_pages() - before;
    atomic_store(&w->stop, true);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    ck_assert_msg(grown < 1024, "%ld pages more after %u swaps", grown, SWAPS);
}

START_TEST(swaps_change_nothing)
{
    static world w;
    pthread_t threads[THREADS];
    rk_run *run;
    w = (world){0};
    fill_items(&w);
    compile(&w);
    ck_assert_int_eq(rk_run_new(w.engine, &run), RK_OK);
    ck_assert(rank_once(&w, run, &w.compiled.cx.diags, true));
    if (emit(&w)) {
        swap_under(&w, threads);
        ck_assert_uint_eq(atomic_load(&w.wrong), 0);
        ck_assert_uint_gt(atomic_load(&w.done), THREADS);
        ck_assert_uint_eq(rk_engine_tier(w.engine), (SWAPS - 1) % 3);
    }
    rk_run_free(run);
    rk_engine_free(w.engine);
    rk_compiled_free(&w.compiled);
    rk_arena_free(&w.arena);
}
END_TEST

/* Code that is nothing but its struct: what it does is not asked here. */
static rk_native *blank(void)
{
    rk_arena arena = {0};
    rk_native *const native = RK_NEW(&arena, rk_native);
    ck_assert_ptr_nonnull(native);
    native->arena = arena;
    return native;
}

/* A request that began with some code ends with it, though the engine has gone on. */
START_TEST(code_lives_as_long_as_its_requests)
{
    rk_swap swap;
    rk_reader early = {0}, late = {0};
    rk_native *const first = blank(), *const second = blank();
    ck_assert_int_eq(rk_swap_init(&swap), RK_OK);
    rk_swap_join(&swap, &early);
    rk_swap_join(&swap, &late);
    ck_assert_ptr_null(rk_swap_enter(&swap, &late));
    rk_swap_publish(&swap, first);
    ck_assert_ptr_eq(rk_swap_enter(&swap, &early), first);
    rk_swap_publish(&swap, second);
    ck_assert_ptr_eq(swap.retired, first);
    rk_swap_exit(&swap, &late); /* began before: it might have had it */
    ck_assert_ptr_eq(swap.retired, first);
    ck_assert_ptr_eq(rk_swap_enter(&swap, &late), second);
    rk_swap_exit(&swap, &early);
    ck_assert_ptr_null(swap.retired);
    rk_swap_publish(&swap, NULL);
    ck_assert_ptr_eq(swap.retired, second);
    rk_swap_leave(&swap, &early);
    rk_swap_exit(&swap, &late);
    ck_assert_ptr_null(swap.retired);
    rk_swap_free(&swap);
}
END_TEST

RK_SUITE_MAIN("swap", swaps_change_nothing, code_lives_as_long_as_its_requests)
