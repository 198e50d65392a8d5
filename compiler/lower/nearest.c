/* nearest: a search of an index. Its condition, and the index's vectors, are worked out over lists
 * of rows that the search, or whoever builds the index, will name. */
#include "compiler/lower/lowering.h"

/* A list of rows of a source that others name. The lookup of each by its id is known. */
static rk_status add_rows(lowering *lo, uint32_t source, rk_span span, uint32_t *list)
{
    rk_step step = lower_step(RK_STEP_PROBE, RK_PLAN_NONE);
    const rk_ref lookup = lo->module->sources.items[source].lookup;
    step.span = span;
    RK_TRY(lower_source(lo, source, &step.index));
    RK_TRY(lower_add_list(lo, RK_PLAN_NONE, RK_STR(""), list));
    step.out = *list;
    RK_TRY(lower_add_column(lo, RK_TYPE(ROW), *list, RK_STR(""), &step.column));
    RK_TRY(lower_add_step(lo, step));
    return lower_remember(lo, *list, lookup, step.column);
}

/* Sources with absent: "drop" that may not have a row of `source`, and of which `live`, unless it
 * is NULL, reaches the lookup: their lookups come first, so that nothing else is worked out for
 * rows that these sources lack. */
static rk_status add_drops(lowering *lo, uint32_t source, const uint8_t *live, uint32_t *list,
                           uint32_t *columns, uint32_t *n)
{
    for (uint32_t i = 0; i < lo->module->sources.len; i++) {
        const rk_ref lookup = lo->module->sources.items[i].lookup;
        if (i == source || !lower_drops(lo, i) || (live && !live[lookup]))
            continue;
        if (*list == RK_PLAN_NONE)
            RK_TRY(add_rows(lo, source, rk_dag_at(lo->dag, lookup)->span, list));
        RK_TRY(lower_values(lo, *list, &lookup, 1));
        RK_TRY(lower_column(lo, *list, lookup, true, &columns[(*n)++]));
    }
    return RK_OK;
}

/* A value of each row as a column. */
static rk_status add_value(lowering *lo, uint32_t source, rk_ref value, uint32_t *list,
                           uint32_t *column)
{
    if (*list == RK_PLAN_NONE)
        RK_TRY(add_rows(lo, source, rk_dag_at(lo->dag, value)->span, list));
    RK_TRY(lower_values(lo, *list, &value, 1));
    return lower_column(lo, *list, value, true, column);
}

static rk_status add_vector(lowering *lo, uint32_t source, rk_ref vector, uint32_t *column)
{
    uint32_t *const drops = RK_NEW_ARRAY(lo->arena, uint32_t, lo->module->sources.len + 1u);
    const uint8_t *const live = rk_dag_reachable(lo->dag, lo->arena, &vector, 1);
    uint32_t list = RK_PLAN_NONE, n = 0;
    if (!drops || !live)
        return RK_ENOMEM;
    RK_TRY(add_drops(lo, source, live, &list, drops, &n));
    return add_value(lo, source, vector, &list, column);
}

rk_status lower_index(lowering *lo, uint32_t number, uint32_t *out)
{
    const rk_index_info *const info = &lo->module->indexes.items[number];
    *out = lo->indexes[number] - 1;
    if (lo->indexes[number])
        return RK_OK;
    rk_plan_index made = {.name = rk_atom_str(&lo->module->cx->names, info->name),
                          .path = info->path,
                          .form = info->form,
                          .span = info->span};
    RK_TRY(add_vector(lo, info->source, info->vector, &made.vector));
    RK_TRY(lower_source(lo, info->source, &made.source));
    *out = lo->plan->indexes.len;
    lo->indexes[number] = *out + 1;
    return rk_vec_push(lo->arena, &lo->plan->indexes, made) ? RK_OK : RK_ENOMEM;
}

static bool is_true(const lowering *lo, rk_ref ref)
{
    return rk_dag_is_const(lo->dag, ref) && rk_dag_value(lo->dag, ref)->as.b;
}

rk_status lower_nearest(lowering *lo, rk_ref ref, uint32_t *list)
{
    const uint32_t index = rk_dag_at(lo->dag, ref)->aux;
    const uint32_t source = lo->module->indexes.items[index].source;
    const rk_ref asked[] = {rk_dag_operand(lo->dag, ref, 0), rk_dag_operand(lo->dag, ref, 1)};
    const rk_ref where = rk_dag_operand(lo->dag, ref, 2);
    const rk_ref lookup = lo->module->sources.items[source].lookup;
    uint32_t *const columns = RK_NEW_ARRAY(lo->arena, uint32_t, lo->module->sources.len + 2u);
    if (!columns)
        return RK_ENOMEM;
    rk_step step = lower_step(RK_STEP_NEAREST, RK_PLAN_NONE);
    RK_TRY(lower_index(lo, index, &step.index));
    RK_TRY(lower_values(lo, 0, asked, RK_ARRAY_LEN(asked)));
    for (size_t i = 0; i < RK_ARRAY_LEN(asked); i++)
        RK_TRY(lower_column(lo, 0, asked[i], true, &columns[i]));
    step.n = RK_ARRAY_LEN(asked);
    RK_TRY(add_drops(lo, source, NULL, &step.list, columns, &step.n));
    if (where && !is_true(lo, where))
        RK_TRY(add_value(lo, source, where, &step.list, &step.a));
    RK_TRY(lower_add_operands(lo, columns, step.n, &step.first));
    RK_TRY(lower_add_column(lo, RK_TYPE(ROW), 0, RK_STR(""), &step.column));
    RK_TRY(lower_make_list(lo, ref, RK_PLAN_NONE, step, list));
    lo->plan->columns.items[step.column].list = *list;
    return lower_remember(lo, *list, lookup, step.column);
}
