/* Runs: the memory of one request at a time, and what a request gives back. */
#include "runtime/exec/engine.h"
#include "runtime/exec/fpu.h"
#include "runtime/exec/interp.h"
#include "runtime/exec/team.h"
#include "runtime/exec/tracer.h"

static rk_status larger(rk_arena *fixed, void *array, uint32_t *have, uint32_t want, size_t size)
{
    if (*have >= want)
        return RK_OK;
    void *const room = rk_arena_array(fixed, want, size);
    if (!room)
        return RK_ENOMEM;
    memcpy(array, &room, sizeof room);
    *have = want;
    return RK_OK;
}

static rk_status larger_frame(rk_worker *worker, rk_arena *fixed, size_t frame)
{
    if (worker->frame && worker->room.frame >= frame)
        return RK_OK;
    worker->frame = rk_arena_alloc_column(fixed, frame, 1);
    if (!worker->frame)
        return RK_ENOMEM;
    memset(worker->frame, 0, frame);
    worker->room.frame = frame;
    return RK_OK;
}

rk_status rk_worker_fit(rk_worker *worker, rk_arena *fixed, const rk_room *room)
{
    uint32_t n_regs = worker->room.n_regs; /* one number for two arrays */
    RK_TRY(larger(fixed, &worker->children, &n_regs, room->n_regs, sizeof *worker->children));
    RK_TRY(larger(fixed, &worker->regs, &worker->room.n_regs, room->n_regs, sizeof *worker->regs));
    RK_TRY(larger(fixed, &worker->args, &worker->room.n_args, room->n_args, sizeof *worker->args));
    RK_TRY(
        larger(fixed, &worker->ports, &worker->room.n_ports, room->n_ports, sizeof *worker->ports));
    return larger_frame(worker, fixed, room->frame);
}

static rk_status fill(rk_run *run)
{
    const rk_engine *const engine = run->engine;
    run->columns = RK_NEW_ARRAY(&run->fixed, rk_made, engine->plan->columns.len);
    run->lists = RK_NEW_ARRAY(&run->fixed, rk_list, engine->plan->lists.len);
    run->maps = RK_NEW_ARRAY(&run->fixed, rk_run_map, engine->plan->maps.len);
    if (!run->columns || !run->lists || !run->maps)
        return RK_ENOMEM;
    RK_TRY(rk_worker_fit(&run->worker, &run->fixed, &engine->room));
    if (engine->plan->indexes.len) {
        run->searching = rk_index_scratch_new(engine->cpu);
        if (!run->searching)
            return RK_ENOMEM;
    }
    return rk_run_begin(run);
}

rk_status rk_run_new(const rk_engine *engine, rk_run **out)
{
    rk_arena fixed = {0};
    *out = RK_NEW(&fixed, rk_run);
    if (!*out)
        return RK_ENOMEM;
    (*out)->engine = engine;
    (*out)->fixed = fixed; /* it holds the run itself */
    rk_swap_join(engine->swap, &(*out)->reader);
    return fill(*out);
}

void rk_run_free(rk_run *run)
{
    if (!run)
        return;
    rk_swap_leave(run->engine->swap, &run->reader);
    rk_arena_free(&run->arena);
    rk_arena_free(&run->scratch);
    rk_arena_free(&run->words);
    rk_arena_free(&run->batch);
    rk_index_scratch_free(run->searching);
    rk_arena_free(&run->worker.scratch);
    rk_team_free(run);
    rk_arena fixed = run->fixed;
    rk_arena_free(&fixed);
}

rk_status rk_run_begin(rk_run *run)
{
    rk_arena_reset(&run->arena);
    rk_arena_reset(&run->scratch);
    rk_arena_reset(&run->words);
    return rk_atoms_init(&run->strings, &run->words, &run->engine->strings);
}

rk_arena *rk_run_arena(rk_run *run) { return &run->arena; }

rk_atoms *rk_run_strings(rk_run *run) { return &run->strings; }

void rk_run_trace(rk_run *run, bool on) { run->tracer.on = on; }

/* List 0 is the request itself: one item. */
void rk_run_clear(rk_run *run, rk_diags *diags)
{
    const rk_plan *const plan = run->engine->plan;
    memset(run->columns, 0, plan->columns.len * sizeof *run->columns);
    memset(run->lists, 0, plan->lists.len * sizeof *run->lists);
    memset(run->maps, 0, plan->maps.len * sizeof *run->maps);
    run->lists[0] = (rk_list){.n = 1, .parent = RK_NOWHERE};
    run->universe = (rk_universe){0};
    run->dropped = run->n_candidates = 0;
    run->produced = false;
    run->ones = NULL;
    run->ones_words = 0;
    run->diags = diags;
    run->native = NULL;
    run->request = NULL;
}

const uint64_t *rk_run_ones(rk_run *run, uint32_t n)
{
    const size_t words = rk_bit_words(n ? n : 1);
    if (run->ones_words >= words)
        return run->ones;
    uint64_t *const ones = rk_arena_alloc_column(&run->arena, words, sizeof *ones);
    if (!ones)
        return NULL;
    memset(ones, 0xff, words * sizeof *ones);
    run->ones = ones;
    run->ones_words = words;
    return ones;
}

static rk_status reply(rk_run *run, rk_reply *out)
{
    const rk_plan *const plan = run->engine->plan;
    *out = (rk_reply){
        .n = run->lists[plan->result].n,
        .n_candidates = run->n_candidates,
        .dropped = run->dropped,
        .shown = RK_NEW_ARRAY(&run->arena, const rk_column *, plan->shown.len),
    };
    if (!out->shown)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < plan->shown.len; i++)
        out->shown[i] = rk_run_column(run, plan->shown.items[i].column);
    RK_TRY(rk_list_scores(run, plan->result, NULL, out->n, &out->scores));
    return rk_list_ids(run, plan->result, &out->ids);
}

static rk_status rank(rk_run *run, rk_reply *out)
{
    if (run->native)
        RK_TRY(rk_worker_fit(&run->worker, &run->fixed, &run->native->room));
    RK_TRY(rk_interp_run(run));
    RK_TRY(reply(run, out));
    return rk_tracer_end(run, &out->trace);
}

rk_status rk_run_rank(rk_run *run, const rk_request *request, double now, rk_diags *diags,
                      rk_reply *out)
{
    const unsigned fpu = rk_fpu_enter();
    rk_run_clear(run, diags);
    run->request = request;
    run->now = now;
    *out = (rk_reply){0};
    rk_tracer_begin(run);
    run->native = rk_swap_enter(run->engine->swap, &run->reader);
    const rk_status status = rank(run, out);
    rk_swap_exit(run->engine->swap, &run->reader);
    rk_fpu_leave(fpu);
    return status;
}
