/* The plan's tables grow here. */
#include "compiler/lower/lowering.h"
#include "runtime/model/score.h"

#define PUSH(vec, item) (rk_vec_push(lo->arena, &lo->plan->vec, (item)) ? RK_OK : RK_ENOMEM)

rk_status lower_add_column(lowering *lo, rk_type type, uint32_t list, rk_str name, uint32_t *out)
{
    const rk_plan_column column = {.type = type, .list = list, .name = name};
    *out = lo->plan->columns.len;
    return PUSH(columns, column);
}

rk_status lower_add_list(lowering *lo, uint32_t parent, rk_str label, uint32_t *out)
{
    const rk_plan_list list = {.step = lo->plan->steps.len, .parent = parent, .label = label};
    *out = lo->plan->lists.len;
    return PUSH(lists, list);
}

rk_status lower_add_step(lowering *lo, rk_step step) { return PUSH(steps, step); }

rk_status lower_add_operands(lowering *lo, const uint32_t *operands, uint32_t n, uint32_t *first)
{
    *first = lo->plan->operands.len;
    for (uint32_t i = 0; i < n; i++)
        RK_TRY(PUSH(operands, operands[i]));
    return RK_OK;
}

/* Whether all items of a list made by this step are in what `part` marks. */
static bool is_part(const rk_plan *plan, const rk_plan_list *list, const uint8_t *part)
{
    if (list->parent != RK_PLAN_NONE)
        return part[list->parent];
    const rk_step *const step = &plan->steps.items[list->step];
    if (step->kind != RK_STEP_UNION && step->kind != RK_STEP_CHOOSE)
        return false;
    for (uint32_t i = 0; i < step->n; i++)
        if (!part[plan->operands.items[step->first + i]])
            return false;
    return step->n > 0;
}

/* Whether every item of `list` is in list `in`, by how the lists were made. */
static rk_status part_of(lowering *lo, uint32_t list, uint32_t in, bool *out)
{
    uint8_t *const part = RK_NEW_ARRAY(lo->arena, uint8_t, lo->plan->lists.len);
    if (!part)
        return RK_ENOMEM;
    part[in] = 1;
    for (uint32_t i = in + 1; i <= list; i++)
        part[i] = is_part(lo->plan, &lo->plan->lists.items[i], part);
    *out = part[list];
    return RK_OK;
}

rk_status lower_map(lowering *lo, uint32_t list, uint32_t in, uint32_t *out)
{
    *out = rk_intmap_find(&lo->maps, lower_key(list, in));
    if (*out != RK_MAP_NONE)
        return RK_OK;
    uint32_t found;
    *out = lo->plan->maps.len;
    rk_plan_map map = {.list = list, .in = in};
    RK_TRY(part_of(lo, list, in, &map.subset));
    if (!rk_intmap_add(lo->arena, &lo->maps, lower_key(list, in), *out, &found))
        return RK_ENOMEM;
    RK_TRY(PUSH(maps, map));
    rk_step step = lower_step(RK_STEP_MAP, list);
    step.out = *out;
    step.a = in;
    return lower_add_step(lo, step);
}

rk_status lower_source(lowering *lo, uint32_t source, uint32_t *out)
{
    if (lo->sources[source]) {
        *out = lo->sources[source] - 1;
        return RK_OK;
    }
    const rk_source_info *const info = &lo->module->sources.items[source];
    rk_plan_source made = {.name = rk_atom_str(&lo->module->cx->names, info->name),
                           .kind = rk_str_from(info->ops->name),
                           .path = info->path,
                           .sep = info->sep,
                           .ids = info->ids,
                           .keys = info->keys,
                           .key_types = info->key_types,
                           .n_keys = info->n_keys,
                           .span = info->span};
    made.wanted.fields = RK_NEW_ARRAY(lo->arena, rk_field, info->schema.n);
    lo->fields[source] = RK_NEW_ARRAY(lo->arena, uint32_t, info->schema.n);
    if (!made.wanted.fields || !lo->fields[source])
        return RK_ENOMEM;
    *out = lo->plan->sources.len;
    lo->sources[source] = *out + 1;
    return PUSH(sources, made);
}

rk_status lower_model(lowering *lo, uint32_t model, uint32_t *out)
{
    const rk_model_info *const info = &lo->module->models.items[model];
    if (lo->models[model] == 0) {
        const rk_plan_model made = {.name = rk_atom_str(&lo->module->cx->names, info->name),
                                    .path = info->path,
                                    .digest = info->digest,
                                    .options = info->options,
                                    .n_operands = rk_model_count_used(info->model),
                                    .span = info->span};
        RK_TRY(PUSH(models, made));
        lo->models[model] = lo->plan->models.len;
    }
    *out = lo->models[model] - 1;
    return RK_OK;
}

rk_status lower_field(lowering *lo, uint32_t source, uint32_t field, uint32_t *out)
{
    uint32_t number;
    RK_TRY(lower_source(lo, source, &number));
    uint32_t *const slot = &lo->fields[source][field];
    rk_schema *const wanted = &lo->plan->sources.items[number].wanted;
    if (*slot == 0) {
        wanted->fields[wanted->n++] = lo->module->sources.items[source].schema.fields[field];
        *slot = wanted->n;
    }
    *out = *slot - 1;
    return RK_OK;
}

rk_status lower_note(lowering *lo, uint32_t list, rk_ref ref)
{
    const rk_op op = rk_dag_at(lo->dag, ref)->op;
    if (lo->names[ref].len == 0)
        return RK_OK;
    const rk_plan_factor factor = {.name = lo->names[ref],
                                   .list = list,
                                   .field = op == RK_OP_FIELD || op == RK_OP_ITEM ||
                                            op == RK_OP_QUERY || op == RK_OP_ID};
    return PUSH(factors, factor);
}
