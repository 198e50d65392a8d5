#include "runtime/exec/probe.h"

#include "runtime/exec/interp.h"
#include "runtime/plan/uses.h"

static rk_status make_lists(const rk_plan *plan, rk_arena *arena, uint32_t **steps, uint32_t **once)
{
    *steps = RK_NEW_ARRAY(arena, uint32_t, plan->steps.len + 1u);
    *once = RK_NEW_ARRAY(arena, uint32_t, plan->steps.len + 1u);
    return *steps && *once ? RK_OK : RK_ENOMEM;
}

rk_status rk_probe_of_list(const rk_plan *plan, uint32_t list, rk_arena *arena, rk_probe *out)
{
    uint32_t *steps, *once;
    RK_TRY(make_lists(plan, arena, &steps, &once));
    *out = (rk_probe){.steps = steps, .once = once};
    out->step = &plan->steps.items[plan->lists.items[list].step];
    for (uint32_t i = 0; i < plan->steps.len; i++) {
        const rk_step *const step = &plan->steps.items[i];
        if (step->list != list || step->kind == RK_STEP_NEAREST)
            continue;
        steps[out->n++] = i;
        out->reads_sent |= step->kind == RK_STEP_ITEM;
    }
    return RK_OK;
}

rk_status rk_probe_of_index(const rk_plan *plan, uint32_t index, rk_arena *arena, rk_probe *out)
{
    const uint32_t vector = plan->indexes.items[index].vector;
    const uint32_t list = plan->columns.items[vector].list;
    uint32_t *steps, *once;
    bool *needed;
    RK_TRY(make_lists(plan, arena, &steps, &once));
    RK_TRY(rk_plan_steps_for(plan, vector, arena, &needed));
    *out = (rk_probe){.steps = steps, .once = once};
    out->step = &plan->steps.items[plan->lists.items[list].step];
    for (uint32_t i = 0; i < plan->steps.len; i++)
        if (needed[i] && plan->steps.items[i].list == 0)
            once[out->n_once++] = i;
        else if (needed[i] && plan->steps.items[i].list == list)
            steps[out->n++] = i;
    return RK_OK;
}

/* Nothing that lives longer than a batch may come from its memory: masks of ones, and the table of
 * what was sent, are made before. */
rk_status rk_probe_begin(rk_run *run, const rk_probe *probe)
{
    if (!rk_run_ones(run, RK_PROBE_ROWS))
        return RK_ENOMEM;
    if (probe->reads_sent)
        RK_TRY(rk_run_learn_sent(run));
    for (uint32_t i = 0; i < probe->n_once; i++)
        RK_TRY(rk_interp_step(run, &rk_run_plan(run)->steps.items[probe->once[i]]));
    return RK_OK;
}

static void swap_arenas(rk_run *run)
{
    const rk_arena arena = run->arena;
    run->arena = run->batch;
    run->batch = arena;
}

/* In whole sixteens, which columns have room for: so they are made several at once. */
static void count_from(uint32_t first, uint32_t n, uint32_t *at)
{
    for (uint32_t i = 0; i < n; i += 16)
        for (uint32_t j = 0; j < 16; j++)
            at[i + j] = first + i + j;
}

/* Rows of the source. */
static void set_positions(const rk_index_rows *rows, const uint32_t *map, uint32_t *at)
{
    if (!rows->at && map)
        memcpy(at, map + rows->first, rows->n * sizeof *at);
    else if (!rows->at)
        count_from(rows->first, rows->n, at);
    else
        for (uint32_t i = 0; i < rows->n; i++)
            at[i] = map ? map[rows->at[i]] : rows->at[i];
}

static void name_rows(rk_run *run, const rk_step *probe, const rk_made *rows)
{
    const rk_relation *const relation = &run->engine->relations[probe->index];
    run->lists[probe->out] = (rk_list){.n = rows->column.n,
                                       .rows = rows->column.data,
                                       .parent = RK_NOWHERE,
                                       .ids = &relation->keys[0]};
    if (probe->column != RK_PLAN_NONE)
        run->columns[probe->column] = *rows;
}

static bool has_dropped(const rk_run *run, const rk_step *step)
{
    return step->kind == RK_STEP_LOOKUP && step->b == RK_LOOKUP_DROPS &&
           run->columns[step->out].absent;
}

/* Leaves the rows out that a LOOKUP has not found. */
static rk_status leave_out(rk_run *run, const uint32_t *found, rk_made *rows, rk_probed *left)
{
    const uint32_t before = left->n;
    uint32_t *const at = rows->column.data;
    if (!left->kept) {
        left->kept = rk_run_positions(run, before);
        if (!left->kept)
            return RK_ENOMEM;
        count_from(0, before, left->kept);
    }
    left->n = 0;
    for (uint32_t i = 0; i < before; i++) {
        at[left->n] = at[i];
        left->kept[left->n] = left->kept[i];
        left->n += found[i] != RK_NOWHERE;
    }
    rows->column.n = left->n;
    rows->identity = false; /* no longer side by side */
    rows->first = 0;
    return RK_OK;
}

/* Steps begin anew over the rows that are left: what was worked out is of more of them. */
static rk_status run_steps(rk_run *run, const rk_probe *probe, rk_made *rows, rk_probed *left)
{
    name_rows(run, probe->step, rows);
    for (uint32_t i = 0; i < probe->n && left->n;) {
        const rk_step *const step = &rk_run_plan(run)->steps.items[probe->steps[i++]];
        RK_TRY(rk_interp_step(run, step));
        if (!has_dropped(run, step))
            continue;
        RK_TRY(leave_out(run, rk_run_column(run, step->out)->data, rows, left));
        name_rows(run, probe->step, rows);
        i = 0;
    }
    return RK_OK;
}

static rk_status run_rows(rk_run *run, const rk_probe *probe, const rk_index_rows *rows,
                          const uint32_t *map, rk_probed *out)
{
    const bool in_order = !rows->at && !map; /* fields are where they are: nothing is copied */
    uint32_t *const at = rk_run_positions(run, rows->n);
    if (!at)
        return RK_ENOMEM;
    set_positions(rows, map, at);
    rk_made made = {.column = {.type = RK_TYPE(ROW), .n = rows->n, .data = at},
                    .identity = in_order,
                    .first = in_order ? rows->first : 0};
    *out = (rk_probed){.n = rows->n};
    return run_steps(run, probe, &made, out);
}

/* A search asks for a million rows: their values stand in memory of their own, which is used again
 * for each batch. */
rk_status rk_probe_run(rk_run *run, const rk_probe *probe, const rk_index_rows *rows,
                       const uint32_t *map, rk_probed *out)
{
    rk_arena_reset(&run->batch);
    swap_arenas(run);
    const rk_status status = run_rows(run, probe, rows, map, out);
    swap_arenas(run);
    return status;
}
