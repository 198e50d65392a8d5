#include "bench/bench.h"

#include <math.h>
#include <stdio.h>

/* ---- ratios ---- */

static double time_side(bench_side *side, void *user, int calls)
{
    const double start = bench_now();
    for (int i = 0; i < calls; i++)
        side(user);
    return (bench_now() - start) / calls;
}

bench_spread bench_ratio(bench_side *ours, void *our_user, bench_side *theirs, void *their_user,
                         double *theirs_ns)
{
    double ratios[BENCH_ROUNDS], ns[BENCH_ROUNDS];
    time_side(ours, our_user, 20);
    const double once = time_side(theirs, their_user, 20);
    const int calls = once > 20e3 ? 1 : (int)(20e3 / once) + 1;
    for (int r = 0; r < BENCH_ROUNDS; r++) {
        const double mine = time_side(ours, our_user, calls);
        ns[r] = time_side(theirs, their_user, calls);
        ratios[r] = mine / ns[r];
    }
    if (theirs_ns)
        *theirs_ns = bench_sort(ns, BENCH_ROUNDS).median;
    return bench_sort(ratios, BENCH_ROUNDS);
}

/* ---- data ---- */

float *bench_column(unsigned number)
{
    enum { STRIDE = BENCH_LONGEST + 16 + 144 }; /* 640 bytes further into the page than the last */
    static float room[BENCH_COLUMNS * (STRIDE + 16)] __attribute__((aligned(64)));
    return room + number * (STRIDE / 16 * 16);
}

double bench_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-53;
}

/* ---- programs ---- */

const rk_emitter *bench_emitter(void)
{
    rk_buf why = {0};
    const rk_emitter *const emitter = rk_cpu_best() == RK_CPU_SCALAR ? NULL : rk_native_open(&why);
    if (!emitter)
        fprintf(stderr, "bench: no native code: %.*s\n", (int)why.len, why.data);
    rk_buf_free(&why);
    return emitter;
}

static void use_native(bench_program *p, unsigned tier)
{
    const rk_emit_options options = {.cpu = rk_cpu_best(), .tier = tier};
    const rk_emitter *const emitter = bench_emitter();
    rk_arena arena = {0};
    rk_buf fault = {0};
    rk_emit_times times;
    rk_code code;
    bench_must(emitter != NULL, "the plug-in");
    const rk_status status = emitter->code(p->plan, &options, &arena, &code, &times, &fault);
    if (status != RK_OK)
        fprintf(stderr, "bench: %.*s\n", (int)fault.len, fault.data);
    bench_must(status == RK_OK && rk_engine_use(p->engine, &code) == RK_OK, "native code");
    rk_buf_free(&fault);
    rk_arena_free(&arena);
}

static void make_plan(bench_program *p, const char *path)
{
    rk_compiled *const c = &p->compiled;
    bench_must(rk_compiled_init(c) == RK_OK && rk_compile_read(c, path) == RK_OK &&
                   rk_compile_check(c) == RK_OK,
               path);
    const uint32_t n = c->module->factors.len;
    uint32_t *const shown = RK_NEW_ARRAY(&c->cx.arena, uint32_t, n);
    for (uint32_t i = 0; i < n; i++)
        shown[i] = i;
    const rk_plan_request request = {.pipeline = 0, .shown = shown, .n_shown = n};
    bench_must(rk_compile_plan(c, &request, &p->plan) == RK_OK, "planning");
}

void bench_open(bench_program *p, const char *path, unsigned tier)
{
    *p = (bench_program){0};
    const rk_engine_options options = {.cpu = rk_cpu_best()};
    make_plan(p, path);
    bench_must(rk_engine_new(p->plan, &options, &p->compiled.cx.diags, &p->engine) == RK_OK,
               "the engine");
    bench_must(rk_run_new(p->engine, &p->run) == RK_OK, "the run");
    if (tier)
        use_native(p, tier);
}

void bench_close(bench_program *p)
{
    rk_run_free(p->run);
    rk_engine_free(p->engine);
    rk_compiled_free(&p->compiled);
}

void bench_again(void *program)
{
    bench_program *const p = program;
    rk_diags diags;
    bench_must(rk_run_begin(p->run) == RK_OK, "begin");
    rk_diags_init(&diags, rk_run_arena(p->run));
    bench_must(rk_run_rank(p->run, &p->request, 0, &diags, &p->reply) == RK_OK, "a request");
}

void bench_rank(bench_program *p, uint32_t n)
{
    static int64_t ids[BENCH_LONGEST];
    for (uint32_t i = 0; i < BENCH_COLUMNS; i++) {
        p->query[i] = (rk_value){.type = RK_TYPE(FLOAT), .as.f = 37.5f};
        p->items[i] = (rk_column){.type = RK_TYPE(FLOAT), .n = n, .data = bench_column(i)};
    }
    for (uint32_t i = 0; i < n; i++)
        ids[i] = i;
    p->request = (rk_request){.query = p->query,
                              .has_items = true,
                              .n_items = n,
                              .ids = {.type = RK_TYPE(INT), .n = n, .data = ids},
                              .items = p->items};
    bench_again(p);
}

/* ---- kernels and folds ---- */

static const rk_acts *acts_of(const bench_program *p, const rk_step *step)
{
    if (step->kind == RK_STEP_KERNEL)
        return &rk_acts_kernel;
    return rk_run_sweep_of(p->run, step) == RK_PLAN_NONE ? &rk_acts_fold : &rk_acts_sweep;
}

/* Native code that does a kernel in one call is called directly, as C is, with the ports of a call
 * that the runtime made. */
static void call_directly(bench_program *p, bench_work *work)
{
    const rk_ready_kernel *const k = work->split.state;
    if (work->split.acts != &rk_acts_kernel || !k->whole)
        return;
    rk_port *const ports = RK_NEW_ARRAY(rk_run_arena(p->run), rk_port, k->parts[0].n_ports);
    bench_must(ports != NULL, "memory");
    memcpy(ports, p->run->worker.ports, k->parts[0].n_ports * sizeof *ports);
    work->code = k->parts[0].code;
    work->batch = (rk_batch){.n = work->split.n, .ports = ports, .math = p->run->native->math};
}

static void do_work(bench_program *p, bench_work *work)
{
    if (work->code)
        work->code(&work->batch);
    else
        bench_must(work->split.acts->some(p->run, &p->run->worker, &work->split, 0,
                                          work->split.n) == RK_OK,
                   "a step");
}

void bench_begin(bench_program *p, rk_step_kind kind)
{
    p->n_work = 0;
    for (uint32_t i = 0; i < p->plan->steps.len; i++) {
        const rk_step *const step = &p->plan->steps.items[i];
        if (step->kind != kind)
            continue;
        bench_must(p->n_work < RK_ARRAY_LEN(p->work), "so many steps");
        bench_work *const work = &p->work[p->n_work];
        *work = (bench_work){.split = {.step = step, .acts = acts_of(p, step)}};
        bench_must(work->split.acts->begin(p->run, &work->split) == RK_OK, "a step");
        if (!work->split.n)
            continue;
        p->n_work++;
        do_work(p, work);
        call_directly(p, work);
    }
}

void bench_steps(void *program)
{
    bench_program *const p = program;
    for (uint32_t i = 0; i < p->n_work; i++)
        do_work(p, &p->work[i]);
}
