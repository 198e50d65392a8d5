/* Runs: the memory of one request at a time, and what a request gives back. */
#include "runtime/exec/engine.h"
#include "runtime/exec/fpu.h"
#include "runtime/exec/interp.h"

static rk_status fill(rk_run *run)
{
    const rk_engine *const engine = run->engine;
    run->regs = RK_NEW_ARRAY(&run->fixed, rk_reg, engine->n_regs);
    run->children = RK_NEW_ARRAY(&run->fixed, rk_children, engine->n_regs);
    run->args = RK_NEW_ARRAY(&run->fixed, rk_arg, engine->n_args);
    run->frame = rk_arena_alloc_column(&run->fixed, engine->frame, 1);
    run->columns = RK_NEW_ARRAY(&run->fixed, rk_made, engine->plan->columns.len);
    run->lists = RK_NEW_ARRAY(&run->fixed, rk_list, engine->plan->lists.len);
    run->maps = RK_NEW_ARRAY(&run->fixed, rk_run_map, engine->plan->maps.len);
    if (!run->regs || !run->children || !run->args || !run->frame || !run->columns || !run->lists ||
        !run->maps)
        return RK_ENOMEM;
    memset(run->frame, 0, engine->frame);
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
    return fill(*out);
}

void rk_run_free(rk_run *run)
{
    if (!run)
        return;
    rk_arena_free(&run->arena);
    rk_arena_free(&run->scratch);
    rk_arena fixed = run->fixed;
    rk_arena_free(&fixed);
}

rk_status rk_run_begin(rk_run *run)
{
    rk_arena_reset(&run->arena);
    rk_arena_reset(&run->scratch);
    return rk_atoms_init(&run->strings, &run->arena, &run->engine->strings);
}

rk_arena *rk_run_arena(rk_run *run) { return &run->arena; }

rk_atoms *rk_run_strings(rk_run *run) { return &run->strings; }

/* List 0 is the request itself: one item. */
static void clear(rk_run *run)
{
    const rk_plan *const plan = run->engine->plan;
    memset(run->columns, 0, plan->columns.len * sizeof *run->columns);
    memset(run->lists, 0, plan->lists.len * sizeof *run->lists);
    memset(run->maps, 0, plan->maps.len * sizeof *run->maps);
    run->lists[0] = (rk_list){.n = 1, .parent = RK_NOWHERE};
    run->universe = (rk_universe){0};
    run->dropped = run->n_candidates = 0;
    run->produced = false;
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
    RK_TRY(rk_interp_run(run));
    return reply(run, out);
}

rk_status rk_run_rank(rk_run *run, const rk_request *request, double now, rk_diags *diags,
                      rk_reply *out)
{
    const unsigned fpu = rk_fpu_enter();
    clear(run);
    run->request = request;
    run->now = now;
    run->diags = diags;
    *out = (rk_reply){0};
    const rk_status status = rank(run, out);
    rk_fpu_leave(fpu);
    return status;
}
