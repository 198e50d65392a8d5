#include "compiler/driver/program.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "compiler/driver/cache.h"
#include "compiler/driver/native.h"

struct rk_program {
    rk_arena arena; /* it holds the program itself */
    const rk_plan *plan;
    rk_program_options options;
    rk_engine *engine;
    rk_engine *own_engine; /* the same, or NULL when it is somebody else's */
    rk_cache cache;
    double per_request, per_item; /* instructions of the plan's kernels, over list 0 and others */
    _Atomic uint64_t work;        /* instructions done, times items */
    uint64_t due;                 /* work at which compiling begins */
    pthread_t compiler;
    pthread_mutex_t starting;
    bool started;                 /* `compiler` is a thread to be joined */
    pid_t process;                /* … of this process: in a fork of it there is none */
    atomic_bool stop;             /* no further tier is wanted */
    atomic_bool busy;             /* the thread is at work */
    _Atomic(const char *) reason; /* of why_code, or constant */
    rk_buf why_code;              /* of the compiler's thread, until it is at `reason` */
};

/* ---- what there is to do ---- */

enum { COST_START = 20000000, COST_INSTR = 30000, BIG_PLAN = 2000 }; /* ns, ns, instructions */

/* Picoseconds that the interpreter takes for one instruction and item. */
enum { INSTR_COST = 200 };

static void weigh(rk_program *program)
{
    const rk_plan *const plan = program->plan;
    for (uint32_t i = 0; i < plan->kernels.len; i++) {
        const rk_plan_kernel *const kernel = &plan->kernels.items[i];
        *(kernel->list == 0 ? &program->per_request : &program->per_item) += kernel->n_instrs;
    }
    program->per_item += plan->folds.len;
    const uint64_t cost = COST_START + (uint64_t)COST_INSTR * plan->instrs.len;
    program->due = cost * 1000 / INSTR_COST;
}

static uint32_t wanted_tier(const rk_program *program)
{
    return program->options.choice == RK_ENGINE_JIT1 ? 1 : 2;
}

static void give_reason(rk_program *program, const char *reason)
{
    atomic_store_explicit(&program->reason, reason, memory_order_release);
}

/* ---- getting code ---- */

/* Publishes code and keeps the reason when that does not go. */
static rk_status use(rk_program *program, const rk_code *code, rk_buf *why)
{
    const rk_status status = rk_engine_use(program->engine, code);
    if (status == RK_EUSAGE)
        rk_buf_printf(why, "this machine lacks the CPU level %s",
                      rk_cpu_name((rk_cpu_level)code->cpu));
    else if (status == RK_EBUG)
        rk_buf_add_chars(why, "the code does not fit its plan");
    else if (status == RK_EFILE)
        rk_buf_add_chars(why, "the system lets no memory be run that was written");
    else if (status != RK_OK)
        rk_buf_add_chars(why, "out of memory");
    return status;
}

#ifdef RK_DEBUG
static const bool verify = true; /* modules, by LLVM */
#else
static const bool verify = false;
#endif

static rk_status compile_with(rk_program *program, const rk_emitter *emitter, uint32_t tier,
                              rk_arena *arena, rk_buf *why)
{
    rk_code code;
    rk_emit_times times;
    rk_code_key key;
    const rk_emit_options options = {
        .cpu = program->options.engine.cpu, .tier = tier, .verify = verify};
    RK_TRY(emitter->code(program->plan, &options, arena, &code, &times, why));
    if (program->cache.folder >= 0 &&
        rk_code_key_of(program->plan, options.cpu, tier, &key) == RK_OK)
        rk_cache_store(&program->cache, &key, &code);
    return use(program, &code, why);
}

static rk_status compile(rk_program *program, uint32_t tier, rk_buf *why)
{
    const rk_emitter *const emitter = rk_native_open(why);
    rk_arena arena;
    if (!emitter)
        return why->failed ? RK_ENOMEM : RK_EFILE;
    rk_arena_init(&arena);
    const rk_status status = compile_with(program, emitter, tier, &arena, why);
    rk_arena_free(&arena);
    return status;
}

/* Code of the tier from the cache, if it is there and fits. */
static bool use_cached(rk_program *program, uint32_t tier)
{
    const rk_cpu_level cpu = program->options.engine.cpu;
    rk_code_key key;
    rk_cached cached;
    if (program->cache.folder < 0 || rk_code_key_of(program->plan, cpu, tier, &key) != RK_OK ||
        !rk_cache_find(&program->cache, &key, cpu, tier, &cached))
        return false;
    const bool used = rk_engine_use(program->engine, &cached.code) == RK_OK;
    rk_cached_close(&cached);
    return used;
}

static bool use_ready(rk_program *program, uint32_t tier)
{
    const rk_code *const ready = program->options.ready;
    return ready && ready->tier == tier && rk_engine_use(program->engine, ready) == RK_OK;
}

/* ---- the thread that compiles ---- */

static void compile_tiers(rk_program *program)
{
    const bool big = program->plan->instrs.len > BIG_PLAN;
    const uint32_t first = big && rk_engine_tier(program->engine) == 0 ? 1 : 2;
    for (uint32_t tier = first; tier <= 2 && !atomic_load(&program->stop); tier++) {
        if (use_cached(program, tier)) /* another process was quicker */
            continue;
        if (compile(program, tier, &program->why_code) != RK_OK) {
            const char *const words = program->why_code.data;
            give_reason(program, words ? words : "out of memory");
            return;
        }
    }
    if (rk_engine_tier(program->engine) == 2)
        give_reason(program, "");
}

static void *compiler_main(void *user)
{
    rk_program *const program = user;
    compile_tiers(program);
    atomic_store(&program->busy, false);
    return NULL;
}

/* Signals are for the threads of the process that knows them. */
static bool start_thread(rk_program *program)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const bool fine = pthread_create(&program->compiler, NULL, compiler_main, program) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return fine;
}

/* Once. `due` is never reached again. */
static void start_compiler(rk_program *program)
{
    pthread_mutex_lock(&program->starting);
    if (!program->started && !atomic_load(&program->stop)) {
        atomic_store(&program->busy, true);
        give_reason(program, "the compiler is still at work");
        program->process = getpid();
        program->started = start_thread(program);
        if (!program->started) {
            atomic_store(&program->busy, false);
            atomic_store(&program->stop, true);
            give_reason(program, "no thread could be had for the compiler");
        }
    }
    pthread_mutex_unlock(&program->starting);
}

/* ---- the policies ---- */

static bool has_level(const rk_program *program)
{
    return program->options.engine.cpu >= RK_CPU_V3;
}

static const char no_level[] = "the CPU level in use is below x86-64-v3";

/* JIT1, JIT2: code before the first request. */
static rk_status get_now(rk_program *program, rk_diags *diags)
{
    const uint32_t tier = wanted_tier(program);
    rk_buf why = {0};
    rk_status status = RK_OK;
    if (!has_level(program)) {
        rk_buf_add_chars(&why, no_level);
        status = RK_EFILE;
    } else if (!use_ready(program, tier) && !use_cached(program, tier))
        status = compile(program, tier, &why);
    if (status != RK_OK && status != RK_ENOMEM)
        rk_error(diags, RK_E0602, RK_NO_SPAN, "no native code: %.*s", RK_STR_ARG(rk_buf_str(&why)));
    rk_buf_free(&why);
    return status;
}

static void get_soon(rk_program *program)
{
    if (!has_level(program)) {
        give_reason(program, no_level);
        atomic_store(&program->stop, true);
    } else if (use_ready(program, 2) || use_cached(program, 2))
        atomic_store(&program->stop, true);
    else {
        give_reason(program, use_cached(program, 1)
                                 ? "code of tier 2 would cost more than it can save so far"
                                 : "code would cost more than it can save so far");
        if (program->options.at_once)
            start_compiler(program);
    }
}

static rk_status fill(rk_program *program, rk_diags *diags)
{
    weigh(program);
    if (program->options.choice == RK_ENGINE_INTERP) {
        give_reason(program, "the interpreter was asked for");
        return RK_OK;
    }
    program->cache = rk_cache_open(!program->options.no_cache);
    if (program->options.choice != RK_ENGINE_AUTO)
        return get_now(program, diags);
    get_soon(program);
    return RK_OK;
}

/* ---- the program ---- */

static rk_program *program_new(const rk_plan *plan, const rk_program_options *options)
{
    rk_arena arena = {0};
    rk_program *const program = RK_NEW(&arena, rk_program);
    if (!program)
        return NULL;
    program->arena = arena;
    program->plan = plan;
    program->options = *options;
    program->cache = (rk_cache){.folder = -1};
    pthread_mutex_init(&program->starting, NULL);
    give_reason(program, "");
    return program;
}

rk_status rk_program_new(const rk_plan *plan, const rk_program_options *options, rk_diags *diags,
                         rk_program **out)
{
    rk_program *const program = *out = program_new(plan, options);
    if (!program)
        return RK_ENOMEM;
    RK_TRY(rk_engine_new(plan, &options->engine, diags, &program->own_engine));
    program->engine = program->own_engine;
    return fill(program, diags);
}

rk_status rk_program_over(const rk_plan *plan, rk_engine *engine, const rk_program_options *options,
                          rk_diags *diags, rk_program **out)
{
    rk_program *const program = *out = program_new(plan, options);
    if (!program)
        return RK_ENOMEM;
    program->engine = engine;
    return fill(program, diags);
}

void rk_program_free(rk_program *program)
{
    if (!program)
        return;
    atomic_store(&program->stop, true);
    if (program->started && program->process == getpid())
        pthread_join(program->compiler, NULL);
    pthread_mutex_destroy(&program->starting);
    rk_engine_free(program->own_engine);
    rk_cache_close(&program->cache);
    rk_buf_free(&program->why_code);
    rk_arena arena = program->arena;
    rk_arena_free(&arena);
}

bool rk_program_is_busy(const rk_program *program)
{
    return program && atomic_load(&program->busy);
}

rk_engine *rk_program_engine(const rk_program *program) { return program->engine; }

void rk_program_count(rk_program *program, const rk_reply *reply)
{
    if (program->options.choice != RK_ENGINE_AUTO ||
        atomic_load_explicit(&program->stop, memory_order_relaxed))
        return;
    const double done = program->per_request + program->per_item * reply->n_candidates;
    const uint64_t add = (uint64_t)done;
    const uint64_t before = atomic_fetch_add_explicit(&program->work, add, memory_order_relaxed);
    if (before < program->due && before + add >= program->due)
        start_compiler(program);
}

const char *rk_program_reason(const rk_program *program)
{
    return atomic_load_explicit(&program->reason, memory_order_acquire);
}
