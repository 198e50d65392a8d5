/* The engines of one plan. */
#include <stdio.h>
#include <stdlib.h>

#include "runtime/plan/encode.h"
#include "tests/conform/conform.h"

enum { TIERS = 2, THREADS = 2 };

static bool say(rk_buf *why, const way *way, const char *what)
{
    rk_buf_printf(why, "%s: %s", way->name, what);
    return false;
}

static bool open_way(ways *w, way *way, rk_cpu_level cpu, uint32_t threads, rk_buf *why)
{
    /* Where there are threads, even the least work is shared. */
    const rk_engine_options options = {.cpu = cpu, .threads = threads, .chunk = 1};
    const size_t len = strlen(way->name);
    snprintf(way->name + len, sizeof way->name - len, ", %s, threads %u", rk_cpu_name(cpu),
             threads);
    if (rk_engine_new(way->plan, &options, &w->diags, &way->engine) != RK_OK)
        return say(why, way, "no engine");
    return rk_run_new(way->engine, &way->run) == RK_OK || say(why, way, "no run");
}

static way *add_way(ways *w, const char *name, const rk_plan *plan)
{
    if (w->n == WAYS_MAX)
        abort();
    way *const new = &w->way[w->n++];
    *new = (way){.plan = plan};
    snprintf(new->name, sizeof new->name, "%s", name);
    return new;
}

static bool add_interpreters(ways *w, const rk_plan *plan, rk_buf *why)
{
    for (rk_cpu_level cpu = RK_CPU_SCALAR; cpu <= rk_cpu_best(); cpu++)
        for (uint32_t threads = cpu == RK_CPU_SCALAR ? 2 : 1; threads <= THREADS; threads++)
            if (!open_way(w, add_way(w, "interpreter", plan), cpu, threads, why))
                return false;
    return true;
}

static bool add_native(ways *w, const char *name, const rk_plan *plan, const rk_code *code,
                       uint32_t threads, rk_buf *why)
{
    way *const way = add_way(w, name, plan);
    return open_way(w, way, (rk_cpu_level)code->cpu, threads, why) &&
           (rk_engine_use(way->engine, code) == RK_OK || say(why, way, "refuses its code"));
}

/* ---- ahead of time: what a file would hold, in place of what the compiler has ---- */

static rk_plan *reread_plan(ways *w, const rk_plan *plan, rk_buf *why)
{
    rk_buf bytes = {0};
    rk_plan *read = NULL;
    const bool fine =
        rk_plan_encode(plan, &bytes) == RK_OK &&
        rk_plan_decode(rk_buf_str(&bytes), &w->arena, &w->strings, &read, why) == RK_OK &&
        rk_plan_verify(read, why) == RK_OK;
    if (!fine)
        rk_buf_add_chars(why, ": the plan is not read back");
    rk_buf_free(&bytes);
    return fine ? read : NULL;
}

/* Keyed by the plan that was compiled, asked for by the one that was read. */
static bool reread_code(ways *w, const rk_plan *from, const rk_plan *to, const rk_code *code,
                        rk_code *out, rk_buf *why)
{
    rk_buf bytes = {0};
    rk_code_key key, asked;
    const rk_cpu_level cpu = (rk_cpu_level)code->cpu;
    bool fine = rk_code_key_of(from, cpu, code->tier, &key) == RK_OK &&
                rk_code_key_of(to, cpu, code->tier, &asked) == RK_OK &&
                rk_code_encode(code, &key, &bytes) == RK_OK;
    char *const copy = fine ? rk_arena_alloc_column(&w->arena, bytes.len, 1) : NULL;
    if (copy) {
        memcpy(copy, bytes.data, bytes.len);
        fine = rk_code_decode((rk_str){copy, bytes.len}, &asked, out, why) == RK_OK &&
               rk_code_verify(out, to, why) == RK_OK;
    }
    if (!copy || !fine)
        rk_buf_add_chars(why, ": the code is not read back");
    rk_buf_free(&bytes);
    return copy && fine;
}

static bool add_code(ways *w, const rk_plan *plan, const rk_code *code, rk_buf *why)
{
    char name[32];
    snprintf(name, sizeof name, "jit%u", code->tier);
    for (uint32_t threads = 1; threads <= THREADS; threads++)
        if (!add_native(w, name, plan, code, threads, why))
            return false;
    return true;
}

static bool add_reread(ways *w, const rk_plan *plan, const rk_code *codes, rk_buf *why)
{
    const rk_plan *const read = reread_plan(w, plan, why);
    rk_code again;
    for (rk_cpu_level cpu = RK_CPU_V3; read && cpu <= rk_cpu_best(); cpu++)
        if (!reread_code(w, plan, read, &codes[cpu], &again, why) ||
            !add_native(w, "reread", read, &again, cpu % 2 + 1, why))
            return false;
    return read != NULL;
}

/* The bytes of a bundle, in the ways' arena. */
static bool write_bundle(ways *w, const rk_plan *plan, const rk_code *codes, rk_str *out)
{
    rk_bundle_writer writer;
    rk_buf bytes = {0};
    rk_bundle_writer_init(&writer);
    bool fine = rk_bundle_add_plan(&writer, plan, RK_STR("")) == RK_OK;
    for (rk_cpu_level cpu = RK_CPU_V3; fine && cpu <= rk_cpu_best(); cpu++)
        fine = rk_bundle_add_code(&writer, 0, &codes[cpu]) == RK_OK;
    fine = fine && rk_bundle_finish(&writer, &bytes) == RK_OK;
    char *const copy = fine ? rk_arena_alloc_column(&w->arena, bytes.len, 1) : NULL;
    if (copy)
        memcpy(copy, bytes.data, bytes.len);
    *out = (rk_str){copy, bytes.len};
    rk_buf_free(&bytes);
    rk_bundle_writer_free(&writer);
    return copy != NULL;
}

static bool add_bundle(ways *w, const rk_plan *plan, const rk_code *codes, rk_buf *why)
{
    rk_str bytes;
    rk_code code;
    if (!write_bundle(w, plan, codes, &bytes) ||
        rk_bundle_read(&w->bundle, RK_STR("conform.rankb"), bytes, &w->diags) != RK_OK) {
        rk_buf_add_chars(why, "no bundle");
        return false;
    }
    for (rk_cpu_level cpu = RK_CPU_V3; cpu <= rk_cpu_best(); cpu++)
        if (rk_bundle_code(&w->bundle, 0, cpu, &code, why) != RK_OK ||
            !add_native(w, "bundle", w->bundle.pipelines.items[0].plan, &code, 2 - cpu % 2, why))
            return false;
    return true;
}

/* codes[cpu] of tier 1 go through bytes by themselves, those of tier 2 in a bundle. */
static bool add_natives(ways *w, const rk_plan *plan, const rk_emitter *emitter, rk_buf *why)
{
    rk_code codes[TIERS][RK_CPU_V4 + 1];
    for (rk_cpu_level cpu = RK_CPU_V3; cpu <= rk_cpu_best(); cpu++)
        for (uint32_t tier = 1; tier <= TIERS; tier++) {
            const rk_emit_options options = {.cpu = cpu, .tier = tier, .verify = true};
            rk_code *const code = &codes[tier - 1][cpu];
            rk_emit_times times;
            if (emitter->code(plan, &options, &w->arena, code, &times, why) != RK_OK ||
                rk_code_verify(code, plan, why) != RK_OK) {
                rk_buf_printf(why, ": no code for %s, tier %u", rk_cpu_name(cpu), tier);
                return false;
            }
            if (!add_code(w, plan, code, why))
                return false;
            w->shown = *code;
        }
    return rk_cpu_best() < RK_CPU_V3 ||
           (add_reread(w, plan, codes[0], why) && add_bundle(w, plan, codes[1], why));
}

bool ways_open(ways *w, const rk_plan *plan, const rk_emitter *emitter, rk_buf *why)
{
    *w = (ways){.reference = {.name = "interpreter", .plan = plan}};
    rk_diags_init(&w->diags, &w->arena);
    return open_way(w, &w->reference, RK_CPU_SCALAR, 1, why) && add_interpreters(w, plan, why) &&
           (!emitter || add_natives(w, plan, emitter, why));
}

static void close_way(way *way)
{
    rk_run_free(way->run);
    rk_engine_free(way->engine);
}

void ways_close(ways *w)
{
    close_way(&w->reference);
    for (uint32_t i = 0; i < w->n; i++)
        close_way(&w->way[i]);
    rk_bundle_free(&w->bundle);
    rk_arena_free(&w->arena);
}
