#include "runtime/exec/tracer.h"

#include "runtime/plan/uses.h"

void rk_tracer_begin(rk_run *run)
{
    rk_tracer *const tracer = &run->tracer;
    *tracer = (rk_tracer){.on = tracer->on};
    tracer->began = rk_tracer_clock(run);
}

/* ---- recording ---- */

rk_trace_part *rk_tracer_reserve(rk_run *run, uint32_t n)
{
    rk_tracer *const tracer = &run->tracer;
    if (!tracer->on)
        return NULL;
    if (tracer->cap - tracer->len < n) {
        const uint64_t cap = ((uint64_t)tracer->len + n) * 2;
        rk_trace_part *const parts =
            cap > UINT32_MAX ? NULL : RK_NEW_ARRAY(&run->arena, rk_trace_part, cap);
        tracer->failed |= !parts;
        if (!parts)
            return NULL;
        if (tracer->len)
            memcpy(parts, tracer->parts, tracer->len * sizeof *parts);
        tracer->parts = parts;
        tracer->cap = (uint32_t)cap;
    }
    tracer->len += n;
    return tracer->parts + tracer->len - n;
}

void rk_tracer_add(rk_run *run, const rk_step *step, rk_trace_act act, uint64_t begin)
{
    const uint64_t end = rk_tracer_clock(run);
    rk_trace_part *const part = rk_tracer_reserve(run, 1);
    if (part)
        *part = (rk_trace_part){.step = (uint32_t)(step - rk_run_plan(run)->steps.items),
                                .act = act,
                                .begin = begin,
                                .end = end};
}

/* ---- step by step ---- */

/* In order of time they stand by act already, and parts by their items. */
static rk_status sort_parts(rk_run *run, rk_trace_step *steps, const rk_trace_part **out)
{
    const rk_tracer *const tracer = &run->tracer;
    const uint32_t n_steps = rk_run_plan(run)->steps.len;
    rk_trace_part *const sorted = RK_NEW_ARRAY(&run->arena, rk_trace_part, tracer->len);
    if (!sorted)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < tracer->len; i++)
        steps[tracer->parts[i].step].n++;
    for (uint32_t i = 1; i < n_steps; i++)
        steps[i].first = steps[i - 1].first + steps[i - 1].n;
    for (uint32_t i = 0; i < n_steps; i++)
        steps[i].n = 0;
    for (uint32_t i = 0; i < tracer->len; i++) {
        rk_trace_step *const step = &steps[tracer->parts[i].step];
        sorted[step->first + step->n++] = tracer->parts[i];
    }
    *out = sorted;
    return RK_OK;
}

static void measure(const rk_trace_part *parts, rk_trace_step *step)
{
    bool split = false;
    for (uint32_t i = 0; i < step->n; i++) {
        split |= parts[i].act == RK_TRACE_SOME;
        step->busy += parts[i].end - parts[i].begin;
    }
    step->begin = step->n ? UINT64_MAX : 0;
    for (uint32_t i = 0; i < step->n; i++) {
        if (split && parts[i].act != RK_TRACE_SOME)
            continue;
        step->begin = parts[i].begin < step->begin ? parts[i].begin : step->begin;
        step->end = parts[i].end > step->end ? parts[i].end : step->end;
    }
}

/* ---- rows ---- */

static uint32_t rows_in(const rk_run *run, const rk_step *step)
{
    const rk_plan *const plan = run->engine->plan;
    uint32_t rows = 0;
    switch ((rk_step_kind)step->kind) {
    case RK_STEP_CANDIDATES:
        return run->request->has_items ? run->request->n_items : 0;
    case RK_STEP_SCAN:
        return run->engine->relations[step->index].n_rows;
    case RK_STEP_PROBE:
        return 0;
    case RK_STEP_NEAREST:
        return run->engine->indexes[step->index].index->n;
    case RK_STEP_UNION:
        for (uint32_t i = 0; i < step->n; i++)
            rows += run->lists[plan->operands.items[step->first + i]].n;
        return rows;
    case RK_STEP_CHOOSE:
        return run->lists[step->out].n;
    case RK_STEP_FOLD:
        return run->lists[plan->folds.items[step->index].domain].n;
    default:
        return run->lists[step->list].n;
    }
}

typedef struct counting {
    const rk_run *run;
    rk_trace_step *step;
} counting;

static void count_rows(void *user, rk_thing thing, uint32_t index)
{
    const counting *const c = user;
    const rk_plan *const plan = c->run->engine->plan;
    const uint32_t list = thing == RK_THING_LIST     ? index
                          : thing == RK_THING_COLUMN ? plan->columns.items[index].list
                                                     : plan->maps.items[index].list;
    c->step->rows_out = c->run->lists[list].n;
}

/* ---- the critical path ---- */

typedef struct path {
    const rk_plan *plan;
    const rk_trace_step *steps;
    uint32_t *maker[RK_THING_COUNT]; /* the step that made each last, or RK_PLAN_NONE */
    uint32_t *before;                /* [steps.len] the one it waited for, or RK_PLAN_NONE */
    uint64_t *until;                 /* [steps.len] the length of the chain that ends with each */
    uint32_t at;
} path;

static void wait_for(path *p, uint32_t step)
{
    if (step == RK_PLAN_NONE || step == p->at)
        return;
    const uint32_t best = p->before[p->at];
    if (best == RK_PLAN_NONE || p->until[step] > p->until[best])
        p->before[p->at] = step;
}

static void read_thing(void *user, rk_thing thing, uint32_t index)
{
    path *const p = user;
    wait_for(p, p->maker[thing][index]);
}

static void make_thing(void *user, rk_thing thing, uint32_t index)
{
    path *const p = user;
    p->maker[thing][index] = p->at;
}

/* The first fold of a sweep does the work of all. */
static uint32_t first_of_sweep(const rk_run *run, const rk_step *step)
{
    const uint32_t sweep = step->kind == RK_STEP_FOLD ? rk_run_sweep_of(run, step) : RK_PLAN_NONE;
    if (sweep == RK_PLAN_NONE)
        return RK_PLAN_NONE;
    const rk_code *const code = &run->native->code;
    return code->steps[code->sweeps[sweep].first_step];
}

/* Steps stand behind those that they read of. Returns the last step of the longest chain. */
static uint32_t follow(const rk_run *run, path *p)
{
    uint32_t longest = RK_PLAN_NONE;
    for (p->at = 0; p->at < p->plan->steps.len; p->at++) {
        const rk_step *const step = &p->plan->steps.items[p->at];
        p->before[p->at] = RK_PLAN_NONE;
        rk_step_reads(p->plan, step, read_thing, p);
        wait_for(p, first_of_sweep(run, step));
        rk_step_makes(p->plan, step, make_thing, p);
        const uint32_t before = p->before[p->at];
        p->until[p->at] = (before == RK_PLAN_NONE ? 0 : p->until[before]) +
                          (p->steps[p->at].end - p->steps[p->at].begin);
        if (longest == RK_PLAN_NONE || p->until[p->at] > p->until[longest])
            longest = p->at;
    }
    return longest;
}

static rk_status mark_critical(rk_run *run, rk_trace_step *steps, uint64_t *length)
{
    const rk_plan *const plan = rk_run_plan(run);
    path p = {.plan = plan, .steps = steps};
    for (rk_thing thing = 0; thing < RK_THING_COUNT; thing++) {
        const uint32_t n = rk_plan_count(plan, thing);
        p.maker[thing] = RK_NEW_ARRAY(&run->arena, uint32_t, n);
        if (!p.maker[thing])
            return RK_ENOMEM;
        for (uint32_t i = 0; i < n; i++)
            p.maker[thing][i] = RK_PLAN_NONE;
    }
    p.before = RK_NEW_ARRAY(&run->arena, uint32_t, plan->steps.len);
    p.until = RK_NEW_ARRAY(&run->arena, uint64_t, plan->steps.len);
    if (!p.before || !p.until)
        return RK_ENOMEM;
    uint32_t at = follow(run, &p);
    *length = at == RK_PLAN_NONE ? 0 : p.until[at];
    for (; at != RK_PLAN_NONE; at = p.before[at])
        steps[at].critical = true;
    return RK_OK;
}

/* ---- the end ---- */

static uint32_t count_workers(const rk_tracer *tracer)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < tracer->len; i++)
        most = tracer->parts[i].worker > most ? tracer->parts[i].worker : most;
    return most + 1;
}

static rk_status describe_steps(rk_run *run, rk_trace *out)
{
    const rk_plan *const plan = rk_run_plan(run);
    rk_trace_step *const steps = RK_NEW_ARRAY(&run->arena, rk_trace_step, plan->steps.len);
    if (!steps)
        return RK_ENOMEM;
    RK_TRY(sort_parts(run, steps, &out->parts));
    for (uint32_t i = 0; i < plan->steps.len; i++) {
        const rk_step *const step = &plan->steps.items[i];
        counting c = {run, &steps[i]};
        measure(out->parts + steps[i].first, &steps[i]);
        steps[i].rows_in = rows_in(run, step);
        rk_step_makes(plan, step, count_rows, &c);
        if (run->tracer.searches)
            steps[i].search = run->tracer.searches[i];
    }
    out->steps = steps;
    return mark_critical(run, steps, &out->critical);
}

rk_status rk_tracer_end(rk_run *run, const rk_trace **out)
{
    const rk_tracer *const tracer = &run->tracer;
    *out = NULL;
    if (!tracer->on)
        return RK_OK;
    const uint64_t length = rk_tracer_clock(run);
    rk_trace *const trace = tracer->failed ? NULL : RK_NEW(&run->arena, rk_trace);
    if (!trace)
        return RK_ENOMEM;
    trace->began = tracer->began;
    trace->length = length;
    trace->tier = run->native ? run->native->code.tier : 0;
    trace->n_workers = count_workers(tracer);
    trace->n_parts = tracer->len;
    *out = trace;
    return describe_steps(run, trace);
}
