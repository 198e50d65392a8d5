/* rankc doctor: what this build and this machine offer. */
#include "compiler/cmd/cmd.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utf8proc.h>

#include "compiler/driver/cache.h"
#include "compiler/driver/native.h"
#include "config.h"
#include "stdlib/zone.h"

typedef struct doctor {
    cmd *c;
    bool text, first;
} doctor;

static void say(doctor *d, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void say(doctor *d, const char *name, const char *format, ...)
{
    rk_buf words = {0};
    rk_buf *const out = &d->c->out.buf;
    va_list args;
    va_start(args, format);
    rk_buf_vprintf(&words, format, args);
    va_end(args);
    if (d->text)
        rk_buf_printf(out, "%-10s %.*s\n", name, RK_STR_ARG(rk_buf_str(&words)));
    else {
        rk_buf_printf(out, "%s\"%s\": ", d->first ? "{" : ", ", name);
        rk_buf_add_json(out, rk_buf_str(&words));
    }
    d->first = false;
    rk_buf_free(&words);
}

static void say_cpu(doctor *d)
{
    const char *const forced = getenv("RANK_CPU");
    const bool is_forced = forced && *forced;
    rk_buf levels = {0};
    for (rk_cpu_level level = RK_CPU_SCALAR; level <= RK_CPU_V4; level++)
        if (rk_cpu_has(level))
            rk_buf_printf(&levels, "%s%s", levels.len ? " " : "", rk_cpu_name(level));
    say(d, "cpu", "%s%s", rk_cpu_name(d->c->cpu), is_forced ? ", by RANK_CPU" : "");
    say(d, "levels", "%.*s, all with the same bits", RK_STR_ARG(rk_buf_str(&levels)));
    say(d, "processors", "%ld online", sysconf(_SC_NPROCESSORS_ONLN));
    rk_buf_free(&levels);
}

static void say_engines(doctor *d)
{
    rk_buf why = {0};
    const rk_emitter *const emitter = rk_native_open(&why);
    if (!emitter)
        say(d, "engines", "interpreter; no native code: %.*s", RK_STR_ARG(rk_buf_str(&why)));
    else if (!rk_cpu_has(RK_CPU_V3))
        say(d, "engines", "interpreter; no native code: it needs a processor of level v3");
    else
        say(d, "engines", "interpreter, native (LLVM %s, levels v3%s)", emitter->llvm,
            rk_cpu_has(RK_CPU_V4) ? " v4" : "");
    rk_buf_free(&why);
}

/* The path as the system has it: the environment may name a link. */
static void say_cache(doctor *d)
{
    char link[64], path[PATH_MAX];
    uint32_t n;
    int64_t bytes;
    rk_cache cache = rk_cache_open(true);
    snprintf(link, sizeof link, "/proc/self/fd/%d", cache.folder);
    const ssize_t len = cache.folder < 0 ? 0 : readlink(link, path, sizeof path);
    const rk_str where = len > 0 ? (rk_str){path, (size_t)len} : RK_STR("a folder");
    if (cache.folder < 0)
        say(d, "cache", "none: %s", cache.why);
    else if (!rk_cache_measure(&cache, &n, &bytes))
        say(d, "cache", "%.*s, which cannot be read", RK_STR_ARG(where));
    else
        say(d, "cache", "%.*s: %u file%s, %.1f MiB", RK_STR_ARG(where), n, n == 1 ? "" : "s",
            (double)bytes / (1u << 20));
    rk_cache_close(&cache);
}

static void say_zones(doctor *d)
{
    rk_zone zone;
    const bool found = rk_zone_open(&zone, RK_STR("Europe/London"));
    if (found)
        rk_zone_close(&zone);
    say(d, "zones", "%s",
        found ? "found: names like Europe/London work in `zone:`"
              : "not found: install tzdata for names in `zone:`; offsets work");
}

static void say_memory(doctor *d)
{
    struct rlimit limit;
    const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
    const double total = pages > 0 && size > 0 ? (double)pages * (double)size : 0;
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        say(d, "memory", "%.1f GiB, of which a process may take %.1f", total / (1u << 30),
            (double)limit.rlim_cur / (1u << 30));
    else
        say(d, "memory", "%.1f GiB, no limit for a process", total / (1u << 30));
}

rk_status cmd_run_doctor(cmd *c)
{
    doctor d = {.c = c, .text = cmd_format_is(c, "text"), .first = true};
    say(&d, "rankc", "%s", PACKAGE_VERSION);
    say(&d, "compiler", "%s", __VERSION__);
    say_cpu(&d);
    say_engines(&d);
    say_cache(&d);
    say(&d, "libraries", "utf8proc %s", utf8proc_version());
    say_zones(&d);
    say_memory(&d);
    say(&d, "limits", "expressions %d deep, brackets %d deep, %u items in a list", RK_AST_DEPTH_MAX,
        RK_AST_NESTING_MAX, INT32_MAX);
    rk_buf_add_chars(&c->out.buf, d.text ? "" : "}\n");
    return RK_OK;
}
