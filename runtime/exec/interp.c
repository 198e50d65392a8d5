#include "runtime/exec/interp.h"

#include "runtime/plan/plan_rows.h"

/* A list whose guard is false is empty, and so is the ROW column that its step would make. */
static bool is_shut(rk_run *run, const rk_step *step)
{
    if (!rk_step_makes_list(step->kind) || step->guard == RK_PLAN_NONE)
        return false;
    if (*(const uint8_t *)rk_run_column(run, step->guard)->data)
        return false;
    run->lists[step->out] = (rk_list){.parent = RK_NOWHERE};
    if (step->kind == RK_STEP_SCAN && step->column != RK_PLAN_NONE)
        run->columns[step->column] = (rk_made){.column.type = RK_TYPE(ROW), .identity = true};
    return true;
}

static rk_status run_step(rk_run *run, const rk_step *step)
{
    switch ((rk_step_kind)step->kind) {
    case RK_STEP_QUERY:
        return rk_step_query(run, step);
    case RK_STEP_CANDIDATES:
        return rk_step_candidates(run, step);
    case RK_STEP_SCAN:
        return rk_step_scan(run, step);
    case RK_STEP_UNION:
        return rk_step_union(run, step);
    case RK_STEP_CHOOSE:
        return rk_step_choose(run, step);
    case RK_STEP_SELECT:
        return rk_step_select(run, step);
    case RK_STEP_DROP:
        return rk_step_drop(run, step);
    case RK_STEP_ID:
        return rk_step_id(run, step);
    case RK_STEP_ITEM:
        return rk_step_item(run, step);
    case RK_STEP_LOOKUP:
        return rk_step_lookup(run, step);
    case RK_STEP_FETCH:
        return rk_step_fetch(run, step);
    case RK_STEP_REQUIRE:
        return rk_step_require(run, step);
    case RK_STEP_MAP:
        return rk_step_map(run, step);
    case RK_STEP_GATHER:
        return rk_step_gather(run, step);
    case RK_STEP_RANK:
        return rk_step_rank(run, step);
    case RK_STEP_SCORE:
        return rk_step_score(run, step);
    case RK_STEP_KERNEL:
        return rk_step_kernel(run, step);
    case RK_STEP_FOLD:
        return rk_step_fold(run, step);
    case RK_STEP_COUNT:
        break;
    }
    return RK_EBUG;
}

rk_status rk_interp_run(rk_run *run)
{
    const rk_plan *const plan = rk_run_plan(run);
    for (uint32_t i = 0; i < plan->steps.len; i++)
        if (!is_shut(run, &plan->steps.items[i]))
            RK_TRY(run_step(run, &plan->steps.items[i]));
    return RK_OK;
}
