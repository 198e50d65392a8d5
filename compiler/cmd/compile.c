/* rankc compile: what becomes of a program on its way to native code, as text or as files. */
#include "compiler/cmd/compile.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "compiler/driver/cache.h"
#include "compiler/driver/native.h"

double cmd_cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- what is asked for ---- */

static bool emits(const cmd *c, const char *form)
{
    return rk_str_eq(c->text[CMD_EMIT], rk_str_from(form));
}

static rk_status no_code(compilation *k, const char *why)
{
    rk_diag *const diag = rk_error(k->diags, RK_E0602, RK_NO_SPAN, "no native code: %s", why);
    if (emits(k->c, "bundle"))
        rk_diag_help(k->diags, diag,
                     "--engine=interp makes a bundle without code: it is interpreted");
    return RK_EFILE;
}

static rk_status pick_target(compilation *k)
{
    const rk_str target = k->c->text[CMD_TARGET];
    k->cpu = rk_str_eq(target, RK_STR("x86-64-v3"))   ? RK_CPU_V3
             : rk_str_eq(target, RK_STR("x86-64-v4")) ? RK_CPU_V4
                                                      : k->c->cpu;
    if (k->cpu >= RK_CPU_V3)
        return RK_OK;
    return no_code(k, "the CPU level in use is scalar; --target=x86-64-v3 compiles for another");
}

/* `dir/shop.rank` -> `dir/PREFIXshopSUFFIX`; NULL when memory is out. */
const char *cmd_beside(cmd *c, const char *path, const char *prefix, const char *suffix)
{
    const char *const slash = strrchr(path, '/');
    const char *const name = slash ? slash + 1 : path;
    const char *const dot = strrchr(name, '.');
    const size_t stem = dot && dot != name ? (size_t)(dot - name) : strlen(name);
    const size_t room = strlen(path) + strlen(prefix) + strlen(suffix) + 1;
    char *const out = rk_arena_alloc(&c->arena, room);
    if (out)
        snprintf(out, room, "%.*s%s%.*s%s", (int)(name - path), path, prefix, (int)stem, name,
                 suffix);
    return out;
}

static bool is_one_file(const char *a, const char *b)
{
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

rk_status cmd_pick_output(compilation *k, const char *prefix, const char *suffix, const char **out)
{
    cmd *const c = k->c;
    if (c->given[CMD_OUTPUT])
        *out = c->text[CMD_OUTPUT].data;
    else if (strcmp(k->path, "-") == 0)
        return cmd_usage(c, "a program from standard input has no name: -o says what to make");
    else
        *out = cmd_beside(c, k->path, prefix, suffix);
    if (*out && strcmp(*out, "-") != 0 && strcmp(k->path, "-") != 0 && is_one_file(*out, k->path))
        return cmd_usage(c, "`%s` is the program itself: -o gives another name", *out);
    return *out ? RK_OK : RK_ENOMEM;
}

void cmd_say_written(cmd *c, const char *path)
{
    if (isatty(c->err.fd))
        cmd_note(c, "%s is written", path);
}

rk_status cmd_write_output(compilation *k, const char *suffix, rk_str bytes)
{
    cmd *const c = k->c;
    const char *path = "-";
    if (suffix || c->given[CMD_OUTPUT])
        RK_TRY(cmd_pick_output(k, "", suffix ? suffix : "", &path));
    if (strcmp(path, "-") != 0) {
        RK_TRY(cmd_write_file(c, path, bytes));
        cmd_say_written(c, path);
        return RK_OK;
    }
    if (suffix && isatty(c->out.fd))
        return cmd_usage(c, "what --emit=%s makes is no text for a terminal",
                         c->text[CMD_EMIT].data);
    rk_buf_add(&c->out.buf, bytes);
    return RK_OK;
}

/* ---- code ---- */

static uint32_t tier_of(const cmd *c)
{
    return rk_str_eq(c->text[CMD_ENGINE], RK_STR("jit1")) ? 1 : 2;
}

static rk_status emitter_of(compilation *k, const rk_emitter **out)
{
    rk_buf why = {0};
    const double start = cmd_cpu_seconds();
    rk_status status = RK_OK;
    *out = rk_native_open(&why);
    k->times.load += cmd_cpu_seconds() - start;
    if (!*out)
        status = why.failed ? RK_ENOMEM : no_code(k, why.data);
    rk_buf_free(&why);
    return status;
}

static void add_times(compilation *k, const rk_emit_times *times)
{
    k->times.emit.ir += times->ir;
    k->times.emit.codegen += times->codegen;
    k->times.emit.link += times->link;
    k->times.emit.functions += times->functions;
    k->times.emit.text += times->text;
    k->times.emitted = true;
}

static rk_status refuse(compilation *k, rk_status status, rk_buf *fault)
{
    if (status != RK_OK && status != RK_ENOMEM)
        rk_error(k->diags, RK_E0799, RK_NO_SPAN, "native code cannot be made: %.*s",
                 RK_STR_ARG(rk_buf_str(fault)));
    rk_buf_free(fault);
    return status;
}

rk_status cmd_make_code(compilation *k, const rk_plan *plan, rk_cpu_level cpu, rk_arena *arena,
                        rk_code *out)
{
    const rk_emitter *emitter;
    rk_emit_times times = {0};
    rk_buf fault = {0};
    const rk_emit_options options = {.cpu = cpu, .tier = tier_of(k->c), .verify = k->c->ends};
    RK_TRY(emitter_of(k, &emitter));
    const rk_status status = emitter->code(plan, &options, arena, out, &times, &fault);
    add_times(k, &times);
    return refuse(k, status, &fault);
}

rk_status cmd_print_form(compilation *k, rk_emit_form form, rk_buf *out)
{
    const rk_emitter *emitter;
    rk_emit_times times = {0};
    rk_buf fault = {0};
    RK_TRY(pick_target(k));
    const rk_emit_options options = {.cpu = k->cpu, .tier = tier_of(k->c), .verify = true};
    RK_TRY(emitter_of(k, &emitter));
    const rk_status status = emitter->print(k->plan, &options, form, out, &times, &fault);
    add_times(k, &times);
    return refuse(k, status, &fault);
}

static rk_status emit_form(compilation *k, rk_emit_form form)
{
    rk_buf text = {0};
    rk_status status = cmd_print_form(k, form, &text);
    if (status == RK_OK && text.failed)
        status = RK_ENOMEM;
    if (status == RK_OK)
        status = cmd_write_output(k, form == RK_EMIT_OBJECT ? ".o" : NULL, rk_buf_str(&text));
    rk_buf_free(&text);
    return status;
}

static rk_status emit_plan(compilation *k)
{
    rk_buf text = {0};
    rk_plan_print(k->plan, &text);
    const rk_status status = text.failed ? RK_ENOMEM : cmd_write_output(k, NULL, rk_buf_str(&text));
    rk_buf_free(&text);
    return status;
}

/* ---- into the cache ---- */

static void say_code(compilation *k, const rk_code *code, const char *kept, const char *why)
{
    uint32_t native = 0;
    for (uint32_t i = 0; i < code->n_parts; i++)
        native += code->parts[i].entry != RK_PLAN_NONE;
    rk_buf_printf(&k->c->out.buf,
                  "%s: %u function%s, %zu bytes of jit%u code for x86-64-%s, %s%s\n", k->path,
                  native + code->n_sweeps, native + code->n_sweeps == 1 ? "" : "s", code->text_size,
                  code->tier, rk_cpu_name((rk_cpu_level)code->cpu), kept, why);
}

/* Storing never fails; whether the code is there is seen by looking for it. */
static void keep(compilation *k, const rk_cache *cache, const rk_code_key *key, const rk_code *code)
{
    rk_cached cached;
    if (cache->folder < 0) {
        say_code(k, code, "not kept: ", cache->why);
        return;
    }
    rk_cache_store(cache, key, code);
    if (!rk_cache_find(cache, key, (rk_cpu_level)code->cpu, code->tier, &cached)) {
        say_code(k, code, "not kept: ", "the folder of the cache cannot be written to");
        return;
    }
    rk_cached_close(&cached);
    say_code(k, code, "now in the cache", "");
}

/* Code of the plan, from the cache or into it: later runs then find it. */
static rk_status warm(compilation *k)
{
    rk_code_key key;
    rk_code code;
    rk_cached cached;
    rk_arena arena;
    const uint32_t tier = tier_of(k->c);
    RK_TRY(pick_target(k));
    const double start = cmd_cpu_seconds();
    rk_cache cache = rk_cache_open(!cmd_engine(k->c).no_cache);
    rk_status status = rk_code_key_of(k->plan, k->cpu, tier, &key);
    const bool found = status == RK_OK && rk_cache_find(&cache, &key, k->cpu, tier, &cached);
    k->times.cache = cmd_cpu_seconds() - start;
    rk_arena_init(&arena);
    if (found) {
        say_code(k, &cached.code, "from the cache", "");
        rk_cached_close(&cached);
    } else if (status == RK_OK)
        status = cmd_make_code(k, k->plan, k->cpu, &arena, &code);
    if (status == RK_OK && !found)
        keep(k, &cache, &key, &code);
    rk_arena_free(&arena);
    rk_cache_close(&cache);
    return status;
}

/* ---- times ---- */

static void add_row(rk_buf *out, const char *phase, double seconds, double *total)
{
    rk_buf_printf(out, "%-9s %9.3f ms\n", phase, seconds * 1e3);
    *total += seconds;
}

/* CPU time; what was not done has no row. */
static void print_times(compilation *k)
{
    const rk_compile_times *const front = &k->program.compiled.times;
    const cmd_times *const t = &k->times;
    rk_buf *const out = &k->c->err.buf;
    double total = 0;
    add_row(out, "read", front->read, &total);
    add_row(out, "parse", front->parse, &total);
    add_row(out, "check", front->check, &total);
    add_row(out, "optimise", front->optimize, &total);
    add_row(out, "lower", front->lower, &total);
    if (t->cache > 0)
        add_row(out, "cache", t->cache, &total);
    if (t->emitted) {
        add_row(out, "load LLVM", t->load, &total);
        add_row(out, "ir", t->emit.ir, &total);
        if (t->emit.codegen > 0)
            add_row(out, "codegen", t->emit.codegen, &total);
        if (t->emit.link > 0)
            add_row(out, "link", t->emit.link, &total);
    }
    if (t->bundle > 0)
        add_row(out, "bundle", t->bundle, &total);
    rk_buf_printf(out, "%-9s %9.3f ms\n", "total", total * 1e3);
    if (t->emit.text)
        rk_buf_printf(out, "%u function%s, %zu bytes\n", t->emit.functions,
                      t->emit.functions == 1 ? "" : "s", t->emit.text);
}

/* ---- the command ---- */

static rk_status emit_one(compilation *k)
{
    if (emits(k->c, "bundle"))
        return cmd_compile_bundle(k);
    RK_TRY(cmd_plan(k->c, &k->program, &k->plan));
    if (emits(k->c, "ir"))
        return emit_form(k, RK_EMIT_IR);
    if (emits(k->c, "asm"))
        return emit_form(k, RK_EMIT_ASM);
    if (emits(k->c, "obj"))
        return emit_form(k, RK_EMIT_OBJECT);
    if (emits(k->c, "so"))
        return cmd_compile_library(k);
    return emits(k->c, "plan") ? emit_plan(k) : warm(k);
}

static rk_status check_words(const cmd *c)
{
    const bool files = emits(c, "so") || emits(c, "bundle");
    if (rk_str_eq(c->text[CMD_ENGINE], RK_STR("interp")) && !files)
        return cmd_usage((cmd *)c, "the interpreter compiles nothing: --engine is jit1 or jit2");
    if (c->given[CMD_TARGET] && (files || emits(c, "plan")))
        return cmd_usage((cmd *)c, "--emit=%s is the same for every --target",
                         c->text[CMD_EMIT].data);
    if (c->given[CMD_OUTPUT] && !c->given[CMD_EMIT])
        return cmd_usage((cmd *)c, "-o needs --emit, which says what to make");
    return RK_OK;
}

rk_status cmd_run_compile(cmd *c)
{
    compilation k = {.c = c, .path = c->files.items[0]};
    k.diags = &k.program.compiled.cx.diags;
    RK_TRY(check_words(c));
    rk_status status = cmd_open(c, k.path, &k.program);
    if (status == RK_OK)
        status = cmd_check_goldens(c, &k.program);
    if (status == RK_OK)
        status = emit_one(&k);
    cmd_report(c, &k.program);
    if (status == RK_OK && c->given[CMD_TIME])
        print_times(&k);
    cmd_close(&k.program);
    return status;
}
