/* FOLD: aggregates and list-wise functions over a whole list. Decides which items count and to
 * which group they belong; the functions themselves are stdlib's. */
#include "runtime/exec/engine.h"
#include "runtime/stage/group.h"

/* The items that count. */
typedef struct keeping {
    uint64_t *bits; /* NULL: all */
    uint32_t n;
} keeping;

static rk_status keep_some(rk_run *run, keeping *keep)
{
    if (keep->bits)
        return RK_OK;
    const size_t words = rk_bit_words(keep->n);
    keep->bits = rk_arena_alloc_column(&run->scratch, words, sizeof *keep->bits);
    if (!keep->bits)
        return RK_ENOMEM;
    memset(keep->bits, 0xff, words * sizeof *keep->bits);
    return RK_OK;
}

static rk_status keep_only(rk_run *run, keeping *keep, const uint64_t *bits)
{
    RK_TRY(keep_some(run, keep));
    for (size_t word = 0; word < rk_bit_words(keep->n); word++)
        keep->bits[word] &= bits[word];
    return RK_OK;
}

static rk_status keep_present(rk_run *run, keeping *keep, const rk_column *value)
{
    const rk_ops *const ops = run->engine->ops;
    if (!rk_kind_is_real(value->type.kind))
        return value->present ? keep_only(run, keep, value->present) : RK_OK;
    uint64_t *const bits = RK_NEW_ARRAY(&run->scratch, uint64_t, rk_bit_words(keep->n));
    if (!bits)
        return RK_ENOMEM;
    const bool all = value->type.kind == RK_KIND_FLOAT
                         ? ops->has_float(bits, value->data, keep->n)
                         : ops->has_double(bits, value->data, keep->n);
    return all ? RK_OK : keep_only(run, keep, bits);
}

static rk_status keep_where(rk_run *run, keeping *keep, const rk_column *where)
{
    uint64_t *const bits = RK_NEW_ARRAY(&run->scratch, uint64_t, rk_bit_words(keep->n));
    const uint8_t *const meets = where->data;
    if (!bits)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < keep->n; i++)
        bits[i / 64] |= (uint64_t)meets[i] << i % 64;
    if (where->present)
        RK_TRY(keep_only(run, keep, where->present));
    return keep_only(run, keep, bits);
}

static rk_status keep_items(rk_run *run, const rk_plan_fold *fold, const rk_column *value,
                            keeping *keep)
{
    if (value)
        RK_TRY(keep_present(run, keep, value));
    if (fold->where == RK_PLAN_NONE)
        return RK_OK;
    const rk_column *where;
    RK_TRY(rk_run_spread(run, fold->where, keep->n, &where));
    return keep_where(run, keep, where);
}

static rk_status number_groups(rk_run *run, const rk_plan_fold *fold, rk_fold *call)
{
    call->n_groups = 1;
    if (fold->by == RK_PLAN_NONE)
        return RK_OK;
    const rk_column *by;
    RK_TRY(rk_run_spread(run, fold->by, call->n, &by));
    uint32_t *const groups = rk_run_positions(run, call->n);
    if (!groups)
        return RK_ENOMEM;
    call->groups = groups;
    return rk_group_number(by, &run->scratch, groups, &call->n_groups);
}

/* Each item's value is that of its group; without one it is the value over nothing, which the last
 * group holds. */
static rk_status spread_groups(rk_run *run, const rk_fold *call, rk_type type, rk_column *out)
{
    uint32_t *const at = rk_run_positions(run, call->n);
    if (!at)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < call->n; i++)
        at[i] = call->groups[i] == UINT32_MAX ? call->n_groups - 1 : call->groups[i];
    return rk_run_gather(run, type, call->out, at, call->n, false, out);
}

/* The kernel into a column of its own, or, for groups, to all their items. */
static rk_status run_fold(rk_run *run, const rk_plan_fold *fold, rk_fold *call)
{
    const rk_fold_fn *const fn = rk_fold_at(fold->fn);
    const rk_type type = rk_run_plan(run)->columns.items[fold->out].type;
    const bool listwise = fn->kind == RK_FOLD_LISTWISE;
    rk_column *const out = rk_run_column(run, fold->out);
    rk_column groups;
    call->out = listwise || !call->groups ? out : &groups;
    if (!listwise && call->groups)
        call->n_groups++; /* an empty one, for items in no group */
    RK_TRY(rk_column_init(call->out, &run->arena, rk_type_opt(type, true),
                          listwise ? call->n : call->n_groups));
    RK_TRY(fn->kernel(call));
    if (call->out == out)
        out->type = type;
    else
        RK_TRY(spread_groups(run, call, type, out));
    if (!type.optional)
        out->present = NULL; /* what has no value then has the one that the row says */
    return RK_OK;
}

rk_status rk_step_fold(rk_run *run, const rk_step *step)
{
    if (rk_run_sweep_of(run, step) != RK_PLAN_NONE)
        return rk_step_sweep(run, step);
    const rk_plan_fold *const fold = &rk_run_plan(run)->folds.items[step->index];
    const rk_column *value = NULL;
    keeping keep = {.n = run->lists[fold->domain].n};
    run->columns[fold->out] = (rk_made){0};
    rk_fold call = {
        .n = keep.n,
        .param = fold->param,
        .strings = &run->strings,
        .math = run->engine->math,
        .scratch = &run->scratch,
    };
    if (fold->value != RK_PLAN_NONE) {
        RK_TRY(rk_run_spread(run, fold->value, keep.n, &value));
        call.value = (rk_arg){value->type, 1, value->data, value->present, NULL};
    }
    RK_TRY(keep_items(run, fold, value, &keep));
    call.keep = keep.bits;
    RK_TRY(number_groups(run, fold, &call));
    RK_TRY(run_fold(run, fold, &call));
    rk_arena_reset(&run->scratch);
    return RK_OK;
}
