#include "runtime/exec/team.h"

#include "runtime/base/pool.h"
#include "runtime/exec/fpu.h"
#include "runtime/exec/tracer.h"

/* In tenths of a nanosecond. A thread that sleeps is woken in some tens of microseconds, and helps
 * from then on: work of less than 250 is not worth it. Parts are short enough that nobody waits
 * long for the last, and long enough that taking one costs nothing. */
enum { LEAST_WORK = 2500000, LEAST_PART = 100000, PARTS_PER_THREAD = 4 };

typedef struct team {
    rk_run *run;
    rk_split *splits;
    uint32_t n;
    rk_trace_part *parts; /* of each part a record, or NULL */
} team;

/* A part of a step's items, and the thread that does it. */
typedef struct portion {
    rk_split *split;
    uint32_t from, to;
    uint32_t worker;
} portion;

static uint64_t least_work(const rk_run *run)
{
    return run->engine->chunk ? run->engine->chunk : LEAST_WORK;
}

/* Items of the longest list that the request can have. */
static uint64_t most_items(const rk_run *run)
{
    const uint64_t sent = run->request->has_items ? run->request->n_items : 0;
    return sent * run->engine->n_sent + run->engine->n_scanned;
}

static bool make_room(rk_run *run, uint32_t most)
{
    if (run->n_splits >= most)
        return true;
    run->splits = RK_NEW_ARRAY(&run->fixed, rk_split, most);
    run->n_splits = run->splits ? most : 0;
    return run->splits;
}

bool rk_team_gathers(rk_run *run, const rk_schedule *schedule)
{
    return run->engine->threads > 1 && most_items(run) * schedule->cost >= least_work(run) &&
           make_room(run, schedule->most);
}

static rk_status fit_helpers(rk_run *run)
{
    const uint32_t n = run->engine->threads - 1;
    if (!run->helpers)
        run->helpers = RK_NEW_ARRAY(&run->fixed, rk_worker, n);
    if (!run->helpers)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        RK_TRY(rk_worker_fit(&run->helpers[i], &run->fixed, &run->engine->room));
        if (run->native)
            RK_TRY(rk_worker_fit(&run->helpers[i], &run->fixed, &run->native->room));
    }
    return RK_OK;
}

/* `record`: where it is recorded, or NULL. */
static void do_some(rk_run *run, const portion *p, rk_trace_part *record)
{
    rk_worker *const worker = p->worker ? &run->helpers[p->worker - 1] : &run->worker;
    const uint64_t start = rk_tracer_clock(run);
    const rk_status status = p->split->acts->some(run, worker, p->split, p->from, p->to);
    int fine = RK_OK;
    if (status != RK_OK)
        atomic_compare_exchange_strong(&p->split->status, &fine, (int)status);
    if (record)
        *record =
            (rk_trace_part){.step = (uint32_t)(p->split->step - rk_run_plan(run)->steps.items),
                            .act = RK_TRACE_SOME,
                            .worker = p->worker,
                            .from = p->from,
                            .to = p->to,
                            .begin = start,
                            .end = rk_tracer_clock(run)};
}

static void do_alone(rk_run *run, rk_split *splits, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (splits[i].n)
            do_some(run, &(portion){&splits[i], 0, splits[i].n, 0}, rk_tracer_reserve(run, 1));
}

/* ---- parts ---- */

static uint64_t work_of(const rk_split *split) { return (uint64_t)split->n * split->cost; }

/* Divides a step in parts of about `work`, numbered from `first` on; returns the next number. */
static uint32_t divide(rk_split *split, uint64_t work, uint32_t first)
{
    const uint64_t items = work / (split->cost ? split->cost : 1);
    const uint64_t blocks = items / RK_FN_BLOCK + 1;
    split->first_part = first;
    split->part_len = split->together || blocks * RK_FN_BLOCK > split->n
                          ? split->n
                          : (uint32_t)blocks * RK_FN_BLOCK;
    return split->n ? first + (split->n - 1) / split->part_len + 1 : first;
}

/* What cannot be divided comes first, as it takes longest. Returns the number of parts. */
static uint32_t divide_all(rk_split *splits, uint32_t n, uint64_t work)
{
    uint32_t parts = 0;
    for (uint32_t i = 0; i < n; i++)
        if (splits[i].together)
            parts = divide(&splits[i], work, parts);
    for (uint32_t i = 0; i < n; i++)
        if (!splits[i].together)
            parts = divide(&splits[i], work, parts);
    return parts;
}

static void do_part(void *user, uint32_t part, uint32_t number)
{
    const team *const t = user;
    for (uint32_t i = 0; i < t->n; i++) {
        rk_split *const split = &t->splits[i];
        const uint64_t from = (uint64_t)(part - split->first_part) * split->part_len;
        if (part < split->first_part || from >= split->n)
            continue;
        const uint32_t left = split->n - (uint32_t)from;
        const uint32_t len = left < split->part_len ? left : split->part_len;
        const unsigned fpu = rk_fpu_enter();
        const portion p = {split, (uint32_t)from, (uint32_t)from + len, number};
        do_some(t->run, &p, t->parts ? &t->parts[part] : NULL);
        rk_fpu_leave(fpu);
        return;
    }
}

void rk_team_work(rk_run *run, rk_split *splits, uint32_t n)
{
    const uint32_t threads = run->engine->threads, chunk = run->engine->chunk;
    uint64_t work = 0;
    for (uint32_t i = 0; i < n; i++)
        work += work_of(&splits[i]);
    if (work < least_work(run) || fit_helpers(run) != RK_OK) {
        do_alone(run, splits, n);
        return;
    }
    const uint64_t even = work / (threads * PARTS_PER_THREAD);
    const uint64_t part = chunk ? chunk - 1 : even > LEAST_PART ? even : LEAST_PART;
    const uint32_t parts = divide_all(splits, n, part);
    team t = {run, splits, n, rk_tracer_reserve(run, parts)};
    rk_pool_run(parts, threads, do_part, &t);
}

/* ---- after ---- */

void rk_team_rest(rk_run *run)
{
    size_t most = rk_arena_capacity(&run->worker.scratch);
    for (uint32_t i = 0; run->helpers && i + 1 < run->engine->threads; i++) {
        const size_t size = rk_arena_capacity(&run->helpers[i].scratch);
        most = size > most ? size : most;
    }
    rk_arena_reserve(&run->worker.scratch, most);
    for (uint32_t i = 0; run->helpers && i + 1 < run->engine->threads; i++)
        rk_arena_reserve(&run->helpers[i].scratch, most);
}

void rk_team_free(rk_run *run)
{
    for (uint32_t i = 0; run->helpers && i + 1 < run->engine->threads; i++)
        rk_arena_free(&run->helpers[i].scratch);
}
