/* PROBE and NEAREST: a search of an index, whose condition is worked out for the rows that it asks
 * for. */
#include "runtime/exec/fpu.h"
#include "runtime/exec/probe.h"
#include "runtime/plan/uses.h"

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
    const rk_ready_index *ready;
    const rk_step *step;
} filtering;

static void pass_all(uint32_t n, uint64_t *passing)
{
    for (uint32_t i = 0; i < n; i += 64)
        passing[i / 64] = UINT64_MAX >> (n - i < 64 ? 64 - (n - i) : 0);
}

static void pass_met(const filtering *f, uint32_t n, uint64_t *passing)
{
    const uint8_t *const meets = rk_run_column(f->run, f->step->a)->data;
    for (uint32_t i = 0; i < n; i += RK_FN_BLOCK)
        f->run->engine->ops->pack(passing + i / 64, meets + i,
                                  n - i < RK_FN_BLOCK ? n - i : RK_FN_BLOCK);
}

static void pass_some(const filtering *f, const rk_probed *left, uint32_t n, uint64_t *passing)
{
    memset(passing, 0, rk_bit_words(n) * sizeof *passing);
    const bool asks = f->step->a != RK_PLAN_NONE;
    const uint8_t *const meets = asks && left->n ? rk_run_column(f->run, f->step->a)->data : NULL;
    for (uint32_t i = 0; i < left->n; i++)
        if (!asks || meets[i])
            rk_bit_set(passing, left->kept[i]);
}

/* Rows of the source, map[row] for each (map NULL: the row itself); into rk_bit_words(rows->n)
 * words, whatever they were. */
static rk_status ask(const filtering *f, const rk_index_rows *rows, const uint32_t *map,
                     uint64_t *passing)
{
    rk_probed left;
    RK_TRY(rk_probe_run(f->run, f->probe, rows, map, &left));
    if (left.kept)
        pass_some(f, &left, rows->n, passing);
    else if (f->step->a == RK_PLAN_NONE)
        pass_all(rows->n, passing);
    else
        pass_met(f, rows->n, passing);
    return RK_OK;
}

static rk_status pass(void *user, const rk_index_rows *rows, uint64_t *passing)
{
    const filtering *const f = user;
    return ask(f, rows, f->ready->rows, passing);
}

/* Bits of rows of the source from `first` on, to where these rows are in the index. */
static void put_back(const uint32_t *back, uint32_t first, uint32_t n, const uint64_t *words,
                     uint64_t *passing)
{
    for (uint32_t at = 0; at < n; at += 64)
        for (uint64_t bits = words[at / 64]; bits; bits &= bits - 1)
            rk_bit_set(passing, back[first + at + (uint32_t)__builtin_ctzll(bits)]);
}

/* In the order of the source, if it can be: then fields stand side by side and are not copied. */
static rk_status pass_each(void *user, uint64_t *passing)
{
    const filtering *const f = user;
    const uint32_t n = f->ready->index->n, *const back = f->ready->back;
    uint64_t words[RK_PROBE_ROWS / 64];
    for (uint32_t first = 0; first < n; first += RK_PROBE_ROWS) {
        const uint32_t some = n - first < RK_PROBE_ROWS ? n - first : RK_PROBE_ROWS;
        uint64_t *const to = back ? words : passing + first / 64;
        if (rk_run_is_stopped(f->run))
            return RK_ESTOP;
        RK_TRY(
            ask(f, &(rk_index_rows){.first = first, .n = some}, back ? NULL : f->ready->rows, to));
        if (back)
            put_back(back, first, some, words, passing);
    }
    return RK_OK;
}

/* ---- conditions that no request changes ---- */

/* Whether a column of rows that are asked for takes nothing but these rows. What models make is
 * left to searches, which ask of a thousand rows: of all, a tower takes minutes. */
static rk_status check_fixed(const rk_plan *plan, uint32_t column, uint32_t list, rk_arena *arena,
                             bool *fixed)
{
    bool *needed;
    RK_TRY(rk_plan_steps_for(plan, column, arena, &needed));
    for (uint32_t i = 0; i < plan->steps.len; i++) {
        const rk_step *const step = &plan->steps.items[i];
        const bool own =
            (step->list == list && step->kind != RK_STEP_MODEL) || step->kind == RK_STEP_PROBE;
        *fixed &= !needed[i] || (own && rk_step_is_free(plan, step));
    }
    return RK_OK;
}

static rk_status is_fixed(const rk_plan *plan, const rk_step *step, bool *fixed)
{
    rk_arena arena = {0};
    rk_status status = RK_OK;
    *fixed = true;
    if (step->a != RK_PLAN_NONE)
        status = check_fixed(plan, step->a, step->list, &arena, fixed);
    for (uint32_t k = 2; status == RK_OK && k < step->n; k++)
        status =
            check_fixed(plan, plan->operands.items[step->first + k], step->list, &arena, fixed);
    rk_arena_free(&arena);
    return status;
}

static rk_status fill_passing(filtering *f, uint64_t *passing)
{
    RK_TRY(rk_run_begin(f->run));
    RK_TRY(rk_probe_begin(f->run, f->probe));
    return pass_each(f, passing);
}

/* What a condition fails with it says when a search meets such a row. */
rk_status rk_nearest_prepare(rk_engine *engine, const rk_step *step)
{
    const rk_plan *const plan = engine->plan;
    const rk_ready_index *const ready = &engine->indexes[step->index];
    rk_probe *const probe = &engine->probes[step - plan->steps.items];
    rk_arena arena = {0};
    rk_diags diags;
    rk_run *run;
    bool fixed;
    RK_TRY(is_fixed(plan, step, &fixed));
    if (!fixed)
        return RK_OK;
    uint64_t *const passing =
        RK_NEW_ARRAY(&engine->arena, uint64_t, rk_bit_words(ready->index->n) + 1);
    if (!passing)
        return RK_ENOMEM;
    RK_TRY(rk_run_new(engine, &run));
    rk_diags_init(&diags, &arena);
    rk_run_clear(run, &diags);
    const unsigned fpu = rk_fpu_enter();
    const rk_status status = fill_passing(&(filtering){run, probe, ready, step}, passing);
    rk_fpu_leave(fpu);
    rk_run_free(run);
    rk_arena_free(&arena);
    if (status == RK_OK)
        probe->passing = passing;
    return status == RK_ENOMEM ? status : RK_OK;
}

/* ---- a search ---- */

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
    filtering f = {run, &run->engine->probes[step - plan->steps.items], ready, step};
    const rk_index_filter filter = {
        .user = &f, .pass = pass, .all = pass_each, .bits = f.probe->passing};
    const rk_index_query query = {.vectors = vector->data,
                                  .n = 1,
                                  .k = k,
                                  .ef = plan->indexes.items[step->index].form.ef,
                                  .filter = step->list == RK_PLAN_NONE ? NULL : &filter,
                                  .stop = run->engine->stop};
    hits->counts[0] = 0;
    if (k == 0 || !rk_column_has(vector, 0))
        return RK_OK;
    if (query.filter && !filter.bits)
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
