/* FOLD: aggregates and list-wise functions over a whole list. Decides which items count and to
 * which group they belong; the functions themselves are stdlib's. */
#include "runtime/exec/split.h"
#include "runtime/stage/group.h"

/* The items that count. */
typedef struct keeping {
    uint64_t *bits; /* NULL: all */
    uint32_t n;
} keeping;

/* What `begin` finds for a fold. */
typedef struct folding {
    const rk_plan_fold *fold;
    const rk_column *value, *by, *where; /* of the domain's items; NULL: none */
} folding;

static rk_status keep_some(rk_arena *scratch, keeping *keep)
{
    if (keep->bits)
        return RK_OK;
    const size_t words = rk_bit_words(keep->n);
    keep->bits = rk_arena_alloc_column(scratch, words, sizeof *keep->bits);
    if (!keep->bits)
        return RK_ENOMEM;
    memset(keep->bits, 0xff, words * sizeof *keep->bits);
    return RK_OK;
}

static rk_status keep_only(rk_arena *scratch, keeping *keep, const uint64_t *bits)
{
    RK_TRY(keep_some(scratch, keep));
    for (size_t word = 0; word < rk_bit_words(keep->n); word++)
        keep->bits[word] &= bits[word];
    return RK_OK;
}

static rk_status keep_present(const rk_ops *ops, rk_arena *scratch, keeping *keep,
                              const rk_column *value)
{
    if (!rk_kind_is_real(value->type.kind))
        return value->present ? keep_only(scratch, keep, value->present) : RK_OK;
    uint64_t *const bits = RK_NEW_ARRAY(scratch, uint64_t, rk_bit_words(keep->n));
    if (!bits)
        return RK_ENOMEM;
    const bool all = value->type.kind == RK_KIND_FLOAT
                         ? ops->has_float(bits, value->data, keep->n)
                         : ops->has_double(bits, value->data, keep->n);
    return all ? RK_OK : keep_only(scratch, keep, bits);
}

static rk_status keep_where(rk_arena *scratch, keeping *keep, const rk_column *where)
{
    uint64_t *const bits = RK_NEW_ARRAY(scratch, uint64_t, rk_bit_words(keep->n));
    const uint8_t *const meets = where->data;
    if (!bits)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < keep->n; i++)
        bits[i / 64] |= (uint64_t)meets[i] << i % 64;
    if (where->present)
        RK_TRY(keep_only(scratch, keep, where->present));
    return keep_only(scratch, keep, bits);
}

static rk_status keep_items(const rk_ops *ops, rk_arena *scratch, keeping *keep, const folding *f)
{
    if (f->value)
        RK_TRY(keep_present(ops, scratch, keep, f->value));
    return f->where ? keep_where(scratch, keep, f->where) : RK_OK;
}

/* ---- groups ---- */

/* A value for each group, and one for those in none, goes to all items of the group. */
static rk_status fold_groups(const folding *f, rk_fold *call, rk_column *out)
{
    rk_column values;
    uint32_t *const groups =
        rk_arena_alloc_column(call->scratch, rk_padded(call->n), sizeof *groups);
    if (!groups)
        return RK_ENOMEM;
    RK_TRY(rk_group_number(f->by, call->scratch, groups, &call->n_groups));
    call->groups = groups;
    if (rk_fold_at(f->fold->fn)->kind == RK_FOLD_LISTWISE)
        return rk_fold_at(f->fold->fn)->kernel(call);
    const uint32_t none = call->n_groups++;
    RK_TRY(rk_column_init(&values, call->scratch, out->type, call->n_groups));
    call->out = &values;
    RK_TRY(rk_fold_at(f->fold->fn)->kernel(call));
    for (uint32_t i = 0; i < call->n; i++)
        groups[i] = groups[i] == UINT32_MAX ? none : groups[i];
    rk_column_gather_some(out, &values, groups, 0, call->n);
    return RK_OK;
}

/* ---- acts ---- */

static rk_status find(rk_run *run, uint32_t column, uint32_t n, const rk_column **out)
{
    *out = NULL;
    return column == RK_PLAN_NONE ? RK_OK : rk_run_spread(run, column, n, out);
}

/* All in a worker's own memory but the result. */
static rk_status work(rk_run *run, rk_worker *worker, rk_split *split, uint32_t from, uint32_t to)
{
    const folding *const f = split->state;
    rk_arena *const scratch = &worker->scratch;
    rk_column *const out = rk_run_column(run, f->fold->out);
    keeping keep = {.n = to - from}; /* all of them */
    rk_fold call = {
        .n = keep.n,
        .param = f->fold->param,
        .n_groups = 1,
        .strings = &run->strings,
        .math = run->engine->math,
        .scratch = scratch,
        .out = out,
    };
    if (f->value)
        call.value = (rk_arg){f->value->type, 1, f->value->data, f->value->present, NULL};
    RK_TRY(keep_items(run->engine->ops, scratch, &keep, f));
    call.keep = keep.bits;
    RK_TRY(f->by ? fold_groups(f, &call, out) : rk_fold_at(f->fold->fn)->kernel(&call));
    rk_arena_reset(scratch);
    return RK_OK;
}

static rk_status begin(rk_run *run, rk_split *split)
{
    if (rk_run_sweep_of(run, split->step) != RK_PLAN_NONE) {
        split->acts = &rk_acts_sweep;
        return rk_acts_sweep.begin(run, split);
    }
    folding *const f = RK_NEW(&run->arena, folding);
    if (!f)
        return RK_ENOMEM;
    const rk_plan_fold *const fold = f->fold = &rk_run_plan(run)->folds.items[split->step->index];
    const uint32_t n = run->lists[fold->domain].n;
    const bool one = rk_fold_at(fold->fn)->kind == RK_FOLD_AGGREGATE && fold->by == RK_PLAN_NONE;
    const rk_type type = rk_run_plan(run)->columns.items[fold->out].type;
    RK_TRY(find(run, fold->value, n, &f->value));
    RK_TRY(find(run, fold->by, n, &f->by));
    RK_TRY(find(run, fold->where, n, &f->where));
    run->columns[fold->out] = (rk_made){0};
    RK_TRY(rk_column_init(rk_run_column(run, fold->out), &run->arena, rk_type_opt(type, true),
                          one ? 1 : n));
    split->state = f;
    split->n = n;
    split->together = true;
    return n ? RK_OK : work(run, &run->worker, split, 0, 0);
}

/* What has no value then has the one that the row says. */
static rk_status end(rk_run *run, rk_split *split)
{
    const folding *const f = split->state;
    rk_column *const out = rk_run_column(run, f->fold->out);
    out->type = rk_run_plan(run)->columns.items[f->fold->out].type;
    if (!out->type.optional)
        out->present = NULL;
    return RK_OK;
}

const rk_acts rk_acts_fold = {begin, work, end};
