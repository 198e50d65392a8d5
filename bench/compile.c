/* The cost of native code: from a plan to code in use, from the cache, and from a text to a result.
 * Milliseconds of CPU on one core, medians; no peer.
 * usage: compile PROGRAM..., each of them what factors.awk wrote; RANKC_CACHE must name a folder */
#include <stdio.h>

#include "bench/bench.h"
#include "compiler/driver/cache.h"
#include "compiler/rank_source.h"

enum { RUNS = 21 };

static double ms(double ns) { return ns / 1e6; }

/* ---- a program ---- */

typedef struct phases {
    double front[RUNS], ir[RUNS], codegen[RUNS], link[RUNS], use[RUNS], all[RUNS];
    size_t text;
} phases;

static void compile_once(const char *path, unsigned tier, phases *out, unsigned run)
{
    bench_program p;
    const double start = bench_cpu();
    bench_open(&p, path, 0);
    out->front[run] = ms(bench_cpu() - start);

    const rk_emit_options options = {.cpu = rk_cpu_best(), .tier = tier};
    rk_arena arena = {0};
    rk_buf fault = {0};
    rk_emit_times times;
    rk_code code;
    const double begin = bench_cpu();
    bench_must(bench_emitter()->code(p.plan, &options, &arena, &code, &times, &fault) == RK_OK,
               "the emitter");
    const double made = bench_cpu();
    bench_must(rk_engine_use(p.engine, &code) == RK_OK, "native code");
    const double end = bench_cpu();

    out->ir[run] = times.ir * 1e3;
    out->codegen[run] = times.codegen * 1e3;
    out->link[run] = times.link * 1e3;
    out->use[run] = ms(end - made);
    out->all[run] = ms(end - begin);
    out->text = times.text;
    rk_buf_free(&fault);
    rk_arena_free(&arena);
    bench_close(&p);
}

static double median(double *values) { return bench_sort(values, RUNS).median; }

static void show_phases(const char *path, unsigned tier)
{
    phases t = {0};
    for (unsigned run = 0; run < RUNS; run++)
        compile_once(path, tier, &t, run);
    printf("| %s | tier %u | %.1f | %.1f | %.1f | %.1f | %.1f | **%.1f** | %zu |\n", path, tier,
           median(t.front), median(t.ir), median(t.codegen), median(t.link), median(t.use),
           median(t.all), (t.text + 1023) / 1024);
}

/* ---- the cache ---- */

static void keep(const rk_cache *cache, const rk_plan *plan, const rk_code_key *key)
{
    const rk_emit_options options = {.cpu = rk_cpu_best(), .tier = 2};
    rk_arena arena = {0};
    rk_buf fault = {0};
    rk_emit_times times;
    rk_code code;
    bench_must(bench_emitter()->code(plan, &options, &arena, &code, &times, &fault) == RK_OK,
               "the emitter");
    rk_cache_store(cache, key, &code);
    rk_buf_free(&fault);
    rk_arena_free(&arena);
}

static void show_cached(const char *path)
{
    bench_program p;
    double all[RUNS];
    rk_code_key key;
    rk_cache cache = rk_cache_open(true);
    bench_must(!cache.why, "RANKC_CACHE");
    bench_open(&p, path, 0);
    for (unsigned run = 0; run <= RUNS; run++) {
        const double start = bench_cpu();
        bench_must(rk_code_key_of(p.plan, rk_cpu_best(), 2, &key) == RK_OK, "the key");
        if (run == 0) {
            keep(&cache, p.plan, &key);
            continue;
        }
        rk_cached cached;
        bench_must(rk_cache_find(&cache, &key, rk_cpu_best(), 2, &cached), "the cache");
        bench_must(rk_engine_use(p.engine, &cached.code) == RK_OK, "cached code");
        rk_cached_close(&cached);
        all[run - 1] = ms(bench_cpu() - start);
    }
    printf("| %s | cached | | | | | | **%.1f** | |\n", path, median(all));
    bench_close(&p);
    rk_cache_close(&cache);
}

/* ---- an expression ---- */

static const char expression[] = "query { avg: float } item { id: int, price: float }\n"
                                 "factor score = log1p(price) - price / query.avg\n"
                                 "pipeline best = candidates | top(3, by: score)\n";

static void rank_text(rank_engine engine)
{
    static const int64_t ids[] = {1, 2, 3, 4, 5};
    static const float prices[16] __attribute__((aligned(64))) = {3, 1, 4, 1, 5};
    const rank_options options = {.engine = engine, .no_cache = true};
    const rank_result *result;
    rank_program *program;
    rank_context *cx;
    uint32_t avg, price;
    bench_must(rank_open_text("x.rank", expression, sizeof expression - 1, &options, &program) ==
                       RANK_OK &&
                   rank_context_new(program, &cx) == RANK_OK,
               "opening an expression");
    bench_must(rank_find_query(cx, "avg", &avg) == RANK_OK &&
                   rank_find_item(cx, "price", &price) == RANK_OK,
               "its fields");
    bench_must(rank_begin(cx) == RANK_OK && rank_set_float(cx, avg, 37.5f) == RANK_OK &&
                   rank_set_ids(cx, ids, 5) == RANK_OK &&
                   rank_set_item(cx, price, rank_floats(prices, 5, 16)) == RANK_OK,
               "its request");
    bench_must(rank_run(cx, 0, &result) == RANK_OK && result->n == 3, "its result");
    rank_context_free(cx);
    rank_close(program);
}

static void show_expression(const char *name, rank_engine engine)
{
    double cpu[RUNS], wall[RUNS];
    rank_text(engine); /* the plug-in is loaded */
    for (unsigned run = 0; run < RUNS; run++) {
        const double cpu_start = bench_cpu(), wall_start = bench_now();
        rank_text(engine);
        cpu[run] = ms(bench_cpu() - cpu_start);
        wall[run] = ms(bench_now() - wall_start);
    }
    printf("| %s | %.2f | %.2f |\n", name, median(cpu), median(wall));
}

int main(int argc, char **argv)
{
    if (!bench_emitter())
        return 0;
    printf("| factors | code | text to plan | ir | codegen | link | in use | plan to code | "
           "KiB |\n|---|---|---|---|---|---|---|---|---|\n");
    for (int i = 1; i < argc; i++) {
        show_phases(argv[i], 1);
        show_phases(argv[i], 2);
        show_cached(argv[i]);
    }
    printf("\n| text to result of one expression | CPU ms | wall ms |\n|---|---|---|\n");
    show_expression("interpreter", RANK_ENGINE_INTERP);
    show_expression("tier 1", RANK_ENGINE_JIT1);
    show_expression("tier 2", RANK_ENGINE_JIT2);
    return 0;
}
