#include "runtime/exec/interp.h"

#include "runtime/exec/split.h"
#include "runtime/exec/team.h"
#include "runtime/exec/tracer.h"
#include "runtime/plan/plan_rows.h"

/* What runs a step: one function for all of it, or three acts. */
static const struct {
    rk_step_run *run;
    const rk_acts *acts;
} rows[] = {
    [RK_STEP_QUERY] = {rk_step_query, NULL},     [RK_STEP_CANDIDATES] = {rk_step_candidates, NULL},
    [RK_STEP_SCAN] = {rk_step_scan, NULL},       [RK_STEP_PROBE] = {rk_step_probe, NULL},
    [RK_STEP_NEAREST] = {rk_step_nearest, NULL}, [RK_STEP_UNION] = {rk_step_union, NULL},
    [RK_STEP_CHOOSE] = {rk_step_choose, NULL},   [RK_STEP_SELECT] = {rk_step_select, NULL},
    [RK_STEP_DROP] = {rk_step_drop, NULL},       [RK_STEP_ID] = {NULL, &rk_acts_id},
    [RK_STEP_ITEM] = {NULL, &rk_acts_item},      [RK_STEP_LOOKUP] = {NULL, &rk_acts_lookup},
    [RK_STEP_FETCH] = {NULL, &rk_acts_fetch},    [RK_STEP_REQUIRE] = {NULL, &rk_acts_require},
    [RK_STEP_MAP] = {rk_step_map, NULL},         [RK_STEP_GATHER] = {NULL, &rk_acts_gather},
    [RK_STEP_RANK] = {NULL, &rk_acts_rank},      [RK_STEP_SCORE] = {NULL, &rk_acts_score},
    [RK_STEP_KERNEL] = {NULL, &rk_acts_kernel},  [RK_STEP_FOLD] = {NULL, &rk_acts_fold},
    [RK_STEP_MODEL] = {NULL, &rk_acts_model},    [RK_STEP_PART] = {NULL, &rk_acts_part},
};
_Static_assert(RK_ARRAY_LEN(rows) == RK_STEP_COUNT, "a row for each kind of step");

/* A list whose guard is false is empty, and so is the ROW column that its step would make. */
static bool is_shut(rk_run *run, const rk_step *step)
{
    if (!rk_step_makes_list(step->kind) || step->guard == RK_PLAN_NONE)
        return false;
    if (*(const uint8_t *)rk_run_column(run, step->guard)->data)
        return false;
    run->lists[step->out] = (rk_list){.parent = RK_NOWHERE};
    if (rk_step_makes_rows(step->kind) && step->column != RK_PLAN_NONE)
        run->columns[step->column] = (rk_made){.column.type = RK_TYPE(ROW), .identity = true};
    return true;
}

rk_status rk_interp_step(rk_run *run, const rk_step *step)
{
    const rk_acts *const acts = rows[step->kind].acts;
    if (!acts)
        return is_shut(run, step) ? RK_OK : rows[step->kind].run(run, step);
    rk_split split = {.step = step, .acts = acts};
    RK_TRY(acts->begin(run, &split));
    if (split.n)
        RK_TRY(split.acts->some(run, &run->worker, &split, 0, split.n));
    return split.acts->end ? split.acts->end(run, &split) : RK_OK;
}

/* Over a PROBE's list nothing is done until rows are asked for. */
static rk_status run_step(rk_run *run, const rk_step *step)
{
    if (rk_list_is_probed(rk_run_plan(run), step->list) && step->kind != RK_STEP_NEAREST)
        return RK_OK;
    if (rk_run_is_stopped(run))
        return RK_ESTOP;
    const uint64_t start = rk_tracer_clock(run);
    RK_TRY(rk_interp_step(run, step));
    rk_tracer_add(run, step, RK_TRACE_WHOLE, start);
    return RK_OK;
}

static rk_status run_plan(rk_run *run)
{
    const rk_plan *const plan = rk_run_plan(run);
    for (uint32_t i = 0; i < plan->steps.len; i++)
        RK_TRY(run_step(run, &plan->steps.items[i]));
    return RK_OK;
}

/* ---- phases ---- */

static rk_status run_in_turn(rk_run *run, const uint32_t *steps, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        RK_TRY(run_step(run, &rk_run_plan(run)->steps.items[steps[i]]));
    return RK_OK;
}

static rk_status begin_split(rk_run *run, rk_split *split)
{
    const uint64_t start = rk_tracer_clock(run);
    RK_TRY(split->acts->begin(run, split));
    rk_tracer_add(run, split->step, RK_TRACE_BEGIN, start);
    return RK_OK;
}

static rk_status end_split(rk_run *run, rk_split *split)
{
    const uint64_t start = rk_tracer_clock(run);
    RK_TRY((rk_status)split->status);
    if (!split->acts->end)
        return RK_OK;
    RK_TRY(split->acts->end(run, split));
    rk_tracer_add(run, split->step, RK_TRACE_END, start);
    return RK_OK;
}

/* When one fails, those before it are still done, for what they refuse is said first. */
static rk_status run_shared(rk_run *run, const rk_schedule *schedule, const uint32_t *steps,
                            uint32_t n)
{
    rk_status failed = RK_OK;
    uint32_t begun = 0;
    for (; begun < n && failed == RK_OK; begun += failed == RK_OK) {
        const rk_step *const step = &rk_run_plan(run)->steps.items[steps[begun]];
        rk_split *const split = &run->splits[begun];
        *split = (rk_split){
            .step = step, .acts = rows[step->kind].acts, .cost = schedule->costs[steps[begun]]};
        failed = begin_split(run, split);
    }
    rk_team_work(run, run->splits, begun);
    for (uint32_t i = 0; i < begun; i++)
        RK_TRY(end_split(run, &run->splits[i]));
    return failed;
}

static rk_status run_phases(rk_run *run, const rk_schedule *schedule)
{
    for (uint32_t phase = 0; phase < schedule->n_phases; phase++) {
        const uint32_t first = schedule->first[phase], n = schedule->first[phase + 1] - first;
        const uint32_t *const steps = schedule->steps + first;
        RK_TRY(phase % 2 ? run_shared(run, schedule, steps, n) : run_in_turn(run, steps, n));
    }
    return RK_OK;
}

rk_status rk_interp_run(rk_run *run)
{
    const rk_schedule *const schedule =
        run->native ? &run->native->schedule : &run->engine->schedule;
    if (!rk_team_gathers(run, schedule))
        return run_plan(run);
    const rk_status status = run_phases(run, schedule);
    rk_team_rest(run);
    return status;
}
