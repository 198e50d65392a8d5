/* Models over lists: the step MODEL. */
#include "runtime/exec/split.h"

typedef struct scoring {
    const rk_scorer *scorer;
    rk_model_part part;
    const rk_column **columns; /* [scorer.n_used] */
} scoring;

/* Leaves are numbers of all trees for each item, one behind the other. */
static rk_status make_leaves(rk_run *run, const scoring *s, const rk_step *step, uint32_t n,
                             rk_column *out)
{
    const uint32_t n_trees = rk_model_n_trees(s->scorer->model);
    if (n_trees && n > UINT32_MAX / n_trees) {
        rk_error(run->diags, RK_E0751, step->span, "the leaves of %u items are too many", n);
        return RK_ELIMIT;
    }
    out->child =
        rk_arena_alloc_column(&run->arena, rk_padded((size_t)n * n_trees), sizeof(int64_t));
    return out->child ? RK_OK : RK_ENOMEM;
}

static rk_status begin(rk_run *run, rk_split *split)
{
    const rk_step *const step = split->step;
    const rk_plan *const plan = rk_run_plan(run);
    const uint32_t n = run->lists[step->list].n;
    scoring *const s = RK_NEW(&run->arena, scoring);
    if (!s)
        return RK_ENOMEM;
    s->scorer = &run->engine->scorers[step->index];
    s->part = (rk_model_part)step->b;
    s->columns = RK_NEW_ARRAY(&run->arena, const rk_column *, step->n + 1u);
    if (!s->columns)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < step->n; i++)
        s->columns[i] = rk_run_column(run, plan->operands.items[step->first + i]);
    rk_column *const out = rk_run_column(run, step->out);
    run->columns[step->out] = (rk_made){0};
    RK_TRY(rk_column_init(out, &run->arena, plan->columns.items[step->out].type, n));
    if (s->part == RK_MODEL_LEAVES)
        RK_TRY(make_leaves(run, s, step, n, out));
    split->state = s;
    split->n = n;
    return RK_OK;
}

static rk_status some(rk_run *run, rk_worker *worker, rk_split *split, uint32_t from, uint32_t to)
{
    const scoring *const s = split->state;
    rk_column *const out = rk_run_column(run, split->step->out);
    const rk_scoring with = {run->engine->math, rk_run_strings(run), &worker->scratch};
    rk_status status = RK_OK;
    for (uint32_t at = from; at < to && status == RK_OK; at += RK_SCORE_ROWS) {
        const uint32_t end = to - at < RK_SCORE_ROWS ? to : at + RK_SCORE_ROWS;
        status = rk_run_is_stopped(run)
                     ? RK_ESTOP
                     : rk_scorer_run(s->scorer, s->part, s->columns, at, end, &with, out);
        rk_arena_reset(&worker->scratch);
    }
    return status;
}

const rk_acts rk_acts_model = {begin, some, NULL};
