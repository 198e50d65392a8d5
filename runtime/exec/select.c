/* SELECT and DROP: lists taken from a list. */
#include "runtime/exec/engine.h"
#include "runtime/stage/stage.h"

static bool is_identity(const uint32_t *at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (at[i] != i)
            return false;
    return true;
}

/* The list of the parent's items at `at`; NULL when all are there as they were. */
static rk_status take(rk_run *run, const rk_step *step, const uint32_t *at, uint32_t n,
                      const rk_column *key)
{
    const rk_list *const parent = &run->lists[step->list];
    rk_list *const list = &run->lists[step->out];
    if (at && n == parent->n && is_identity(at, n))
        at = NULL;
    *list = (rk_list){.n = n, .parent = step->list, .at = at, .key = key};
    return rk_run_compose(run, parent->rows, at, n, &list->rows);
}

/* The positions that native code made for this step, or NULL. Other steps may read the same
 * condition, as the key of a sort for one. */
static const rk_filtered *find_filtered(const rk_run *run, const rk_step *step)
{
    const rk_filtered *const filtered =
        step->a == RK_PLAN_NONE ? NULL : run->columns[step->a].filtered;
    const uint32_t number = (uint32_t)(step - rk_run_plan(run)->steps.items);
    for (uint32_t i = 0; filtered && i < run->native->code.n_filters; i++)
        if (run->native->code.filters[i].step == number)
            return filtered;
    return NULL;
}

rk_status rk_step_select(rk_run *run, const rk_step *step)
{
    const rk_plan *const plan = rk_run_plan(run);
    const rk_stage *const stage = rk_stages[step->index];
    const rk_filtered *const filtered = find_filtered(run, step);
    if (filtered)
        return take(run, step, filtered->at, filtered->n, NULL);
    rk_stage_call call = {
        .n = run->lists[step->list].n,
        .descending = step->b == 1,
        .strings = &run->strings,
        .scratch = &run->scratch,
        .out = rk_run_positions(run, run->lists[step->list].n),
    };
    if (!call.out)
        return RK_ENOMEM;
    if (step->a != RK_PLAN_NONE)
        RK_TRY(rk_run_spread(run, step->a, call.n, &call.key));
    for (uint32_t i = 0; i < step->n; i++) {
        const uint32_t param = plan->operands.items[step->first + i];
        call.params[i] = *(const int64_t *)rk_run_column(run, param)->data;
    }
    if (call.n)
        RK_TRY(stage->run(&call));
    rk_arena_reset(&run->scratch);
    return take(run, step, call.out, call.n_out, stage->scores ? call.key : NULL);
}

rk_status rk_step_drop(rk_run *run, const rk_step *step)
{
    const rk_made *const rows = &run->columns[step->a];
    const uint32_t n = run->lists[step->list].n;
    if (!rows->absent)
        return take(run, step, NULL, n, NULL);
    uint32_t *const at = rk_run_positions(run, n);
    uint32_t kept = 0;
    if (!at)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        at[kept] = i;
        kept += ((const uint32_t *)rows->column.data)[i] != RK_NOWHERE;
    }
    run->dropped += n - kept;
    return take(run, step, at, kept, NULL);
}
