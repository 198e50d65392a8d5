/* REQUIRE: a value that must be there. When it is not, the message names the key; where it came
 * from is found by walking the steps back, which costs nothing until then. */
#include "runtime/exec/split.h"
#include "runtime/plan/plan_rows.h"

/* The step that made a column, or NULL (a kernel's or a fold's). */
static const rk_step *maker(const rk_plan *plan, uint32_t column)
{
    for (uint32_t i = 0; i < plan->steps.len; i++) {
        const rk_step *const step = &plan->steps.items[i];
        const bool makes = step->kind == RK_STEP_QUERY || step->kind == RK_STEP_LOOKUP ||
                           step->kind == RK_STEP_FETCH || step->kind == RK_STEP_GATHER ||
                           step->kind == RK_STEP_ITEM || step->kind == RK_STEP_ID;
        if (makes && step->out == column)
            return step;
        if (rk_step_makes_rows(step->kind) && step->column == column)
            return step;
    }
    return NULL;
}

/* The step that made a column first, before it was gathered for shorter lists; *item moves along.
 */
static const rk_step *origin(const rk_run *run, uint32_t column, uint32_t *item)
{
    const rk_step *step = maker(rk_run_plan(run), column);
    while (step && step->kind == RK_STEP_GATHER) {
        const uint32_t *const at = run->maps[step->index].at;
        *item = at ? at[*item] : *item;
        if (*item == RK_NOWHERE)
            return NULL;
        step = maker(rk_run_plan(run), step->a);
    }
    return step;
}

static void print_id(rk_run *run, uint32_t list, uint32_t item, rk_buf *out)
{
    rk_column ids;
    if (list != 0 && rk_list_ids(run, list, &ids) == RK_OK)
        rk_value_print_json(rk_column_get(&ids, item), &run->strings, out);
}

/* The key under which a LOOKUP or SCAN found item `item`. */
static void print_key(rk_run *run, const rk_step *step, uint32_t item, rk_buf *out)
{
    if (rk_step_makes_rows(step->kind)) {
        print_id(run, step->out, item, out);
        return;
    }
    for (uint32_t i = 0; i < step->n; i++) {
        const rk_column *const key =
            rk_run_column(run, rk_run_plan(run)->operands.items[step->first + i]);
        rk_buf_add_chars(out, i ? ", " : step->n > 1 ? "(" : "");
        rk_value_print_json(rk_column_get(key, item < key->n ? item : 0), &run->strings, out);
        rk_buf_add_chars(out, i && i + 1 == step->n ? ")" : "");
    }
}

static void refuse_source(rk_run *run, const rk_step *step, uint32_t item, rk_buf *words)
{
    const rk_plan_source *const source = &rk_run_plan(run)->sources.items[step->index];
    const rk_field *const field = &source->wanted.fields[step->b];
    const rk_step *const fetch = origin(run, step->a, &item);
    const rk_step *rows = NULL;
    bool absent = false;
    if (fetch && fetch->kind == RK_STEP_FETCH) {
        const rk_made *const made = &run->columns[fetch->a];
        absent = !made->identity && ((const uint32_t *)made->column.data)[item] == RK_NOWHERE;
        rows = origin(run, fetch->a, &item);
    }
    rk_buf_printf(words, "source `%.*s` has no %s", RK_STR_ARG(source->name),
                  absent ? "row" : "value");
    if (!absent)
        rk_buf_printf(words, " of `%.*s`", RK_STR_ARG(field->name));
    if (rows && (rows->kind == RK_STEP_LOOKUP || rk_step_makes_rows(rows->kind))) {
        rk_buf_add_chars(words, " for ");
        print_key(run, rows, item, words);
    }
    if (absent)
        rk_buf_printf(words, ", and `%.*s` has neither a default nor `?`", RK_STR_ARG(field->name));
    else
        rk_buf_add_chars(words, ", which has neither a default nor `?`");
    rk_error(run->diags, RK_E0530, step->span, "%.*s", RK_STR_ARG(rk_buf_str(words)));
}

static void refuse_item(rk_run *run, const rk_step *step, uint32_t item, rk_buf *words)
{
    const rk_field *const field = &rk_run_plan(run)->item.fields[step->b];
    rk_buf_add_chars(words, "item ");
    print_id(run, step->list, item, words);
    rk_buf_printf(words, " was sent without `%.*s`, which has neither a default nor `?`",
                  RK_STR_ARG(field->name));
    rk_error(run->diags, RK_E0531, step->span, "%.*s", RK_STR_ARG(rk_buf_str(words)));
}

static bool all_are_set(const uint64_t *bits, uint32_t n)
{
    uint64_t unset = 0;
    for (uint32_t i = 0; i < n / 64; i++)
        unset |= ~bits[i];
    return !unset && (n % 64 == 0 || (~bits[n / 64] & ((UINT64_C(1) << n % 64) - 1)) == 0);
}

/* Whether items at .. at + n all have a value; `at` is a multiple of 64. */
static bool is_whole(const rk_ops *ops, const rk_column *column, uint32_t at, uint32_t n)
{
    if (column->type.kind == RK_KIND_FLOAT)
        return ops->whole_float((const float *)column->data + at, n);
    if (column->type.kind == RK_KIND_DOUBLE)
        return ops->whole_double((const double *)column->data + at, n);
    return !column->present || all_are_set(column->present + at / 64, n);
}

/* The first item of from .. to without a value, or RK_NOWHERE. */
static uint32_t find_missing(const rk_ops *ops, const rk_column *column, uint32_t from, uint32_t to)
{
    if (from >= to || is_whole(ops, column, from, to - from))
        return RK_NOWHERE;
    while (rk_column_has(column, from))
        from++;
    return from;
}

static rk_status begin_require(rk_run *run, rk_split *split)
{
    const rk_column *const column = rk_run_column(run, split->step->a);
    split->n = rk_kind_is_real(column->type.kind) || column->present ? column->n : 0;
    split->found = RK_NOWHERE;
    return RK_OK;
}

static rk_status require_some(rk_run *run, rk_worker *worker, rk_split *split, uint32_t from,
                              uint32_t to)
{
    const rk_column *const column = rk_run_column(run, split->step->a);
    const uint32_t item = find_missing(run->engine->ops, column, from, to);
    (void)worker;
    rk_split_found(split, item);
    return RK_OK;
}

static rk_status end_require(rk_run *run, rk_split *split)
{
    const uint32_t item = atomic_load(&split->found);
    if (item == RK_NOWHERE)
        return RK_OK;
    rk_buf words = {0};
    if (split->step->index == RK_PLAN_NONE)
        refuse_item(run, split->step, item, &words);
    else
        refuse_source(run, split->step, item, &words);
    rk_buf_free(&words);
    return RK_EDATA;
}

const rk_acts rk_acts_require = {begin_require, require_some, end_require};
