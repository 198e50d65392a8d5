/* Models over lists: the steps MODEL and PART. */
#include "runtime/exec/split.h"
#include "runtime/model/score_ids.h"
#include "runtime/model/score_network.h"

typedef struct scoring {
    const rk_scorer *scorer;
    rk_model_part part;
    const rk_column **columns; /* [scorer.n_used] */
    rk_network_once once;      /* of networks */
} scoring;

/* ---- what is wrong with a network's inputs ---- */

static rk_status error_network(rk_run *run, const rk_split *split, const rk_network_fault *fault)
{
    const scoring *const s = split->state;
    const rk_step *const step = split->step;
    const rk_plan_model *const model = &rk_run_plan(run)->models.items[step->index];
    const bool once = fault->input != UINT32_MAX && s->scorer->once[fault->input];
    rk_buf words = {0};
    rk_column ids;
    rk_network_fault_print(s->scorer, fault, &words);
    rk_diag *const diag = rk_error(run->diags, RK_E0544, step->span, "model `%.*s`: %.*s",
                                   RK_STR_ARG(model->name), RK_STR_ARG(rk_buf_str(&words)));
    words.len = 0;
    if (step->list != 0 && !once && rk_list_ids(run, step->list, &ids) == RK_OK) {
        rk_value_print_json(rk_column_get(&ids, fault->item), &run->strings, &words);
        rk_diag_note(run->diags, diag, RK_NO_SPAN, "of item %.*s", RK_STR_ARG(rk_buf_str(&words)));
    }
    rk_buf_free(&words);
    return RK_EDATA;
}

static rk_status begin_network(rk_run *run, rk_split *split, scoring *s)
{
    rk_network_fault fault = {0};
    rk_status status = rk_network_lengths(s->scorer, s->columns, &fault);
    if (status == RK_OK)
        status = rk_network_begin(s->scorer, s->columns, &run->arena, &s->once, &fault);
    return status == RK_EDATA ? error_network(run, split, &fault) : status;
}

/* An id that a table lacks is told at the end, in order, of the first item that has one. */
static rk_status run_network(rk_split *split, rk_worker *worker, const rk_scorer_rows *rows,
                             float *out, size_t stride)
{
    const scoring *const s = split->state;
    rk_network_fault fault;
    const rk_status status =
        rk_network_rows(s->scorer, rows, &s->once, &worker->scratch, out, stride, &fault);
    if (status != RK_EDATA)
        return status;
    rk_split_found(split, fault.item);
    return RK_OK;
}

/* The item's run again, for what to say. */
static rk_status end(rk_run *run, rk_split *split)
{
    const scoring *const s = split->state;
    const uint32_t item = atomic_load(&split->found);
    if (s->scorer->model->shape != RK_MODEL_NETWORK || item == RK_NOWHERE)
        return RK_OK;
    const rk_scorer_rows rows = {s->columns, item, item + 1};
    rk_network_fault fault;
    float *const out = RK_NEW_ARRAY(&run->arena, float, s->scorer->model->n_outputs);
    if (!out)
        return RK_ENOMEM;
    const rk_status status =
        rk_network_rows(s->scorer, &rows, &s->once, &run->arena, out, 0, &fault);
    return status == RK_EDATA ? error_network(run, split, &fault) : status;
}

/* ---- any model ---- */

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

/* A vocabulary makes lists of lists. */
static rk_status make_slices(rk_run *run, const scoring *s, const rk_step *step, rk_column *out)
{
    const uint64_t n = rk_vocab_slices(s->columns[0], out);
    if (n > UINT32_MAX) {
        rk_error(run->diags, RK_E0751, step->span, "the lists of %u items are too long", out->n);
        return RK_ELIMIT;
    }
    out->child = rk_arena_alloc_column(&run->arena, rk_padded(n) + 1, sizeof(int64_t));
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
    s->scorer = &run->engine->scorers[step - plan->steps.items];
    s->part = (rk_model_part)step->b;
    s->columns = RK_NEW_ARRAY(&run->arena, const rk_column *, step->n + 1u);
    if (!s->columns)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < step->n; i++)
        s->columns[i] = rk_run_column(run, plan->operands.items[step->first + i]);
    rk_column *const out = rk_run_column(run, step->out);
    run->columns[step->out] = (rk_made){0};
    RK_TRY(rk_column_init(out, &run->arena, plan->columns.items[step->out].type, n));
    split->state = s;
    split->n = n;
    atomic_store(&split->found, RK_NOWHERE);
    if (s->part == RK_MODEL_LEAVES)
        return make_leaves(run, s, step, n, out);
    if (out->type.kind == RK_KIND_LIST)
        return make_slices(run, s, step, out);
    const bool network = s->scorer->model->shape == RK_MODEL_NETWORK;
    return network && n ? begin_network(run, split, s) : RK_OK;
}

static rk_status some_rows(rk_run *run, rk_worker *worker, rk_split *split, uint32_t from,
                           uint32_t to)
{
    const scoring *const s = split->state;
    const rk_model *const model = s->scorer->model;
    rk_column *const out = rk_run_column(run, split->step->out);
    const rk_scoring with = {run->engine->math, rk_run_strings(run), &worker->scratch};
    if (model->shape != RK_MODEL_NETWORK)
        return rk_scorer_run(s->scorer, s->part, s->columns, from, to, &with, out);
    const rk_scorer_rows rows = {s->columns, from, to};
    return run_network(split, worker, &rows, (float *)out->data + (size_t)from * model->n_outputs,
                       model->n_outputs);
}

static rk_status some(rk_run *run, rk_worker *worker, rk_split *split, uint32_t from, uint32_t to)
{
    rk_status status = RK_OK;
    for (uint32_t at = from; at < to && status == RK_OK; at += RK_SCORE_ROWS) {
        const uint32_t next = to - at < RK_SCORE_ROWS ? to : at + RK_SCORE_ROWS;
        status = rk_run_is_stopped(run) ? RK_ESTOP : some_rows(run, worker, split, at, next);
        rk_arena_reset(&worker->scratch);
    }
    return status;
}

const rk_acts rk_acts_model = {begin, some, end};

/* ---- one of several outputs ---- */

static rk_status begin_part(rk_run *run, rk_split *split)
{
    const rk_step *const step = split->step;
    rk_column *const out = rk_run_column(run, step->out);
    split->n = run->lists[step->list].n;
    run->columns[step->out] = (rk_made){0};
    return rk_column_init(out, &run->arena, rk_run_plan(run)->columns.items[step->out].type,
                          split->n);
}

static rk_status some_parts(rk_run *run, rk_worker *worker, rk_split *split, uint32_t from,
                            uint32_t to)
{
    const rk_step *const step = split->step;
    const rk_column *const in = rk_run_column(run, step->a);
    const rk_column *const out = rk_run_column(run, step->out);
    const size_t n = rk_type_size(out->type) / sizeof(float);
    (void)worker;
    for (uint32_t i = from; i < to; i++)
        memcpy((float *)out->data + i * n,
               (const float *)in->data + (size_t)i * in->type.dim + step->b, n * sizeof(float));
    return RK_OK;
}

const rk_acts rk_acts_part = {begin_part, some_parts, NULL};

void rk_engine_describe_model(const rk_engine *engine, uint32_t step, uint32_t n, rk_buf *out)
{
    const rk_step *const model = &engine->plan->steps.items[step];
    const rk_scorer *const scorer = &engine->scorers[step];
    rk_scorer_describe(scorer, (rk_model_part)model->b, n < RK_SCORE_ROWS ? n : RK_SCORE_ROWS, out);
}
