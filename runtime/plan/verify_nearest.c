/* Steps of nearest-neighbour search, and the table of indexes. */
#include "runtime/plan/uses.h"
#include "runtime/plan/verify.h"

static rk_type column_type(const rk_checker *c, uint32_t column)
{
    return c->plan->columns.items[column].type;
}

/* What may stand over rows that others name: it makes columns of them, and needs no other list. */
static bool works_on_rows(uint32_t kind)
{
    switch ((rk_step_kind)kind) {
    case RK_STEP_NEAREST:
    case RK_STEP_ID:
    case RK_STEP_ITEM:
    case RK_STEP_LOOKUP:
    case RK_STEP_FETCH:
    case RK_STEP_REQUIRE:
    case RK_STEP_KERNEL:
    case RK_STEP_MODEL:
    case RK_STEP_PART:
        return true;
    default:
        return false;
    }
}

bool rk_check_probed(rk_checker *c, const rk_step *step)
{
    return !rk_list_is_probed(c->plan, step->list) || works_on_rows(step->kind) ||
           rk_check_fail(c, "list %u has no items of its own", step->list);
}

/* A made list that a PROBE of this source made. */
static bool check_probe_of(rk_checker *c, uint32_t list, uint32_t source)
{
    if (!rk_list_is_probed(c->plan, list) || !c->lists[list])
        return rk_check_fail(c, "list %u is not a probe's", list);
    const rk_step *const probe = &c->plan->steps.items[c->plan->lists.items[list].step];
    return probe->index == source ||
           rk_check_fail(c, "list %u is of source %u", list, probe->index);
}

static bool check_vector(rk_checker *c, const rk_step *step, const rk_plan_index *index)
{
    if (step->n < 2 || !rk_check_operands(c, step->first, step->n))
        return step->n < 2 ? rk_check_fail(c, "%u operands", step->n) : false;
    const uint32_t *const operands = c->plan->operands.items + step->first;
    if (!rk_check_read(c, operands[0], 0, true) || !rk_check_read(c, operands[1], 0, true))
        return false;
    const rk_type vector = column_type(c, operands[0]), k = column_type(c, operands[1]);
    if (vector.kind != RK_KIND_VECTOR || vector.dim != column_type(c, index->vector).dim)
        return rk_check_fail(c, "the vector is %s", rk_type_text(vector).text);
    return (k.kind == RK_KIND_INT && !k.optional) ||
           rk_check_fail(c, "k is %s", rk_type_text(k).text);
}

/* A read column that a LOOKUP made which drops. */
static bool is_dropping(const rk_checker *c, uint32_t column)
{
    for (uint32_t i = 0; i < c->plan->steps.len; i++) {
        const rk_step *const step = &c->plan->steps.items[i];
        if (step->kind == RK_STEP_LOOKUP && step->out == column)
            return step->b == RK_LOOKUP_DROPS;
    }
    return false;
}

static bool check_condition(rk_checker *c, const rk_step *step, const rk_plan_index *index)
{
    const bool asks = step->a != RK_PLAN_NONE || step->n > 2;
    if (!asks)
        return step->list == RK_PLAN_NONE || rk_check_fail(c, "rows without a condition");
    if (!check_probe_of(c, step->list, index->source))
        return false;
    for (uint32_t i = 2; i < step->n; i++) {
        const uint32_t column = c->plan->operands.items[step->first + i];
        if (!rk_check_read(c, column, step->list, false))
            return false;
        if (!is_dropping(c, column))
            return rk_check_fail(c, "operand %u drops nothing", i);
    }
    if (step->a == RK_PLAN_NONE)
        return true;
    if (!rk_check_read(c, step->a, step->list, false))
        return false;
    const rk_type type = column_type(c, step->a);
    return (type.kind == RK_KIND_BOOL && !type.optional) ||
           rk_check_fail(c, "the condition is %s", rk_type_text(type).text);
}

bool rk_check_nearest(rk_checker *c, const rk_step *step)
{
    if (step->index >= c->plan->indexes.len)
        return rk_check_fail(c, "index %u of %u", step->index, c->plan->indexes.len);
    const rk_plan_index *const index = &c->plan->indexes.items[step->index];
    return check_vector(c, step, index) && check_condition(c, step, index);
}

/* ---- the table ---- */

static bool check_form(rk_checker *c, const rk_plan_index *index)
{
    const rk_index_form *const form = &index->form;
    const uint32_t numbers[] = {form->m, form->ef_construction, form->ef};
    static const rk_index_option options[] = {RK_INDEX_OPTION_M, RK_INDEX_OPTION_EF_CONSTRUCTION,
                                              RK_INDEX_OPTION_EF};
    if ((uint32_t)form->kind >= RK_INDEX_KIND_COUNT ||
        (uint32_t)form->metric >= RK_INDEX_METRIC_COUNT)
        return rk_check_fail(c, "index of kind %u, metric %u", form->kind, form->metric);
    for (size_t i = 0; i < RK_ARRAY_LEN(numbers); i++) {
        const rk_index_option_row *const row = &rk_index_options_known[options[i]];
        if (numbers[i] != 0 && (numbers[i] < row->least || numbers[i] > row->most))
            return rk_check_fail(c, "index with %s %u", row->name, numbers[i]);
    }
    return true;
}

bool rk_check_indexes(rk_checker *c)
{
    const rk_plan *const plan = c->plan;
    for (uint32_t i = 0; i < plan->indexes.len; i++) {
        const rk_plan_index *const index = &plan->indexes.items[i];
        if (!check_form(c, index))
            return false;
        if (index->source >= plan->sources.len || index->vector >= plan->columns.len)
            return rk_check_fail(c, "index %u of source %u and column %u", i, index->source,
                                 index->vector);
        const rk_type type = plan->columns.items[index->vector].type;
        if (type.kind != RK_KIND_VECTOR || type.dim < RK_INDEX_MIN_DIM ||
            type.dim > RK_INDEX_MAX_DIM)
            return rk_check_fail(c, "index %u is over %s", i, rk_type_text(type).text);
    }
    return true;
}

/* Of a plan whose steps are sound: its vectors can be worked out before any request. */
static bool check_free(rk_checker *c, uint32_t number)
{
    const rk_plan *const plan = c->plan;
    const rk_plan_index *const index = &plan->indexes.items[number];
    const uint32_t list = plan->columns.items[index->vector].list;
    bool *steps;
    if (!check_probe_of(c, list, index->source) || !rk_check_read(c, index->vector, list, false))
        return false;
    if (rk_plan_steps_for(plan, index->vector, &c->arena, &steps) != RK_OK) {
        c->no_memory = true;
        return false;
    }
    for (uint32_t i = 0; i < plan->steps.len; i++)
        if (steps[i] && !rk_step_is_free(plan, &plan->steps.items[i]))
            return rk_check_fail(c, "step %u of index %u needs a request", i, number);
    return true;
}

bool rk_check_free_indexes(rk_checker *c)
{
    for (uint32_t i = 0; i < c->plan->indexes.len; i++)
        if (!check_free(c, i))
            return false;
    return true;
}
