/* PROBE and NEAREST: a search of an index, whose condition is worked out for the rows that it asks
 * for. */
#include "runtime/exec/probe.h"

/* Rows of its list are named batch by batch (probe.h); by itself it has none. */
rk_status rk_step_probe(rk_run *run, const rk_step *step)
{
    const rk_relation *const relation = &run->engine->relations[step->index];
    run->lists[step->out] = (rk_list){.parent = RK_NOWHERE, .ids = &relation->keys[0]};
    if (step->column != RK_PLAN_NONE)
        run->columns[step->column] = (rk_made){.column = {.type = RK_TYPE(ROW)}, .identity = true};
    return RK_OK;
}

typedef struct filtering {
    rk_run *run;
    const rk_probe *probe;
    const uint32_t *map; /* rows of the index to rows of the source */
    const rk_step *step;
} filtering;

/* Takes out the rows that a source with absent: "drop" has not. */
static void pass_found(const filtering *f, uint32_t n, uint64_t *passing)
{
    const uint32_t *const operands = rk_run_plan(f->run)->operands.items + f->step->first;
    for (uint32_t k = 2; k < f->step->n; k++) {
        const rk_made *const made = &f->run->columns[operands[k]];
        const uint32_t *const rows = made->column.data;
        for (uint32_t i = 0; made->absent && i < n; i++)
            passing[i / 64] &= ~((uint64_t)(rows[i] == RK_NOWHERE) << i % 64);
    }
}

static rk_status pass(void *user, const rk_index_rows *rows, uint64_t *passing)
{
    const filtering *const f = user;
    const uint32_t n = rows->n;
    RK_TRY(rk_probe_run(f->run, f->probe, rows, f->map));
    const uint8_t *const meets =
        f->step->a == RK_PLAN_NONE ? NULL : rk_run_column(f->run, f->step->a)->data;
    for (uint32_t i = 0; i < n; i++)
        passing[i / 64] |= (uint64_t)(!meets || meets[i] != 0) << i % 64;
    pass_found(f, n, passing);
    return RK_OK;
}

/* How many are wanted: at most all. */
static uint32_t wanted(rk_run *run, const rk_step *step, const rk_index *index)
{
    const uint32_t column = rk_run_plan(run)->operands.items[step->first + 1];
    const int64_t k = *(const int64_t *)rk_run_column(run, column)->data;
    return k <= 0 ? 0 : k < index->n ? (uint32_t)k : index->n;
}

/* For the trace. */
static rk_status note_search(rk_run *run, const rk_step *step)
{
    const rk_plan *const plan = rk_run_plan(run);
    rk_tracer *const tracer = &run->tracer;
    if (!tracer->on)
        return RK_OK;
    if (!tracer->searches)
        tracer->searches = RK_NEW_ARRAY(&run->arena, rk_index_stats, plan->steps.len);
    if (!tracer->searches)
        return RK_ENOMEM;
    tracer->searches[step - plan->steps.items] = rk_index_last(run->searching);
    return RK_OK;
}

static rk_status search(rk_run *run, const rk_step *step, uint32_t k, const rk_index_hits *hits)
{
    const rk_plan *const plan = rk_run_plan(run);
    const rk_ready_index *const ready = &run->engine->indexes[step->index];
    const rk_column *const vector = rk_run_column(run, plan->operands.items[step->first]);
    filtering f = {run, &run->engine->probes[step - plan->steps.items], ready->rows, step};
    const rk_index_filter filter = {.user = &f, .pass = pass};
    const rk_index_query query = {.vectors = vector->data,
                                  .n = 1,
                                  .k = k,
                                  .ef = plan->indexes.items[step->index].form.ef,
                                  .filter = step->list == RK_PLAN_NONE ? NULL : &filter,
                                  .stop = run->engine->stop};
    hits->counts[0] = 0;
    if (k == 0 || !rk_column_has(vector, 0))
        return RK_OK;
    if (query.filter)
        RK_TRY(rk_probe_begin(run, f.probe));
    RK_TRY(rk_index_search(ready->index, run->searching, &query, hits));
    return note_search(run, step);
}

/* Scores are shown as they are; a NaN is one that overflowed, and is missing. */
static void set_scores(rk_run *run, const rk_step *step, rk_column *scores, uint32_t n)
{
    scores->n = n;
    run->engine->ops->canon_float(scores->data, n);
    run->lists[step->out].scores = scores;
}

rk_status rk_step_nearest(rk_run *run, const rk_step *step)
{
    const rk_ready_index *const ready = &run->engine->indexes[step->index];
    const uint32_t k = wanted(run, step, ready->index);
    uint32_t *const at = rk_run_positions(run, k), n;
    rk_column *const scores = RK_NEW(&run->arena, rk_column);
    if (!at || !scores)
        return RK_ENOMEM;
    RK_TRY(rk_column_init(scores, &run->arena, RK_TYPE_OPT(FLOAT), k));
    RK_TRY(search(run, step, k, &(rk_index_hits){at, scores->data, &n}));
    if (step->list != RK_PLAN_NONE)
        run->lists[step->list].n = 0; /* no rows are left there */
    for (uint32_t i = 0; ready->rows && i < n; i++)
        at[i] = ready->rows[at[i]];
    if (step->column != RK_PLAN_NONE)
        run->columns[step->column] =
            (rk_made){.column = {.type = RK_TYPE(ROW), .n = n, .data = at}};
    const uint32_t source = rk_run_plan(run)->indexes.items[step->index].source;
    RK_TRY(rk_run_produce(run, step, &run->engine->relations[source].keys[0], at, n));
    set_scores(run, step, scores, n);
    return RK_OK;
}
