#include "runtime/plan/restring.h"

typedef struct mover {
    const rk_atoms *from;
    rk_atoms *to;
    rk_arena *arena;
} mover;

static rk_status move_atom(const mover *m, rk_atom *atom)
{
    return rk_atom_intern(m->to, rk_atom_str(m->from, *atom), atom);
}

static rk_status move_list(const mover *m, rk_value *value)
{
    const uint32_t n = value->as.list.len;
    rk_atom *const items = RK_NEW_ARRAY(m->arena, rk_atom, n + 1u);
    if (!items)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        items[i] = ((const rk_atom *)value->as.list.items)[i];
        RK_TRY(move_atom(m, &items[i]));
    }
    value->as.list.items = items;
    return RK_OK;
}

static rk_status move_value(const mover *m, rk_value *value)
{
    if (value->missing)
        return RK_OK;
    if (value->type.kind == RK_KIND_STRING)
        return move_atom(m, &value->as.s);
    if (value->type.kind == RK_KIND_LIST && value->type.elem == RK_KIND_STRING)
        return move_list(m, value);
    return RK_OK;
}

static rk_status move_schema(const mover *m, const rk_schema *schema, rk_schema *out)
{
    rk_field *const fields = RK_NEW_ARRAY(m->arena, rk_field, schema->n + 1u);
    if (!fields)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < schema->n; i++) {
        fields[i] = schema->fields[i];
        if (fields[i].has_initial)
            RK_TRY(move_value(m, &fields[i].initial));
    }
    *out = (rk_schema){fields, schema->n};
    return RK_OK;
}

static rk_status move_constants(const mover *m, rk_plan *plan)
{
    rk_value *const values = RK_NEW_ARRAY(m->arena, rk_value, plan->constants.len + 1u);
    if (!values)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < plan->constants.len; i++) {
        values[i] = plan->constants.items[i];
        RK_TRY(move_value(m, &values[i]));
    }
    plan->constants.items = values;
    return RK_OK;
}

static rk_status move_sources(const mover *m, rk_plan *plan)
{
    rk_plan_source *const sources = RK_NEW_ARRAY(m->arena, rk_plan_source, plan->sources.len + 1u);
    if (!sources)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < plan->sources.len; i++) {
        sources[i] = plan->sources.items[i];
        RK_TRY(move_schema(m, &plan->sources.items[i].wanted, &sources[i].wanted));
    }
    plan->sources.items = sources;
    return RK_OK;
}

rk_status rk_plan_restring(const rk_plan *plan, rk_atoms *strings, rk_arena *arena, rk_plan **out)
{
    const mover m = {plan->strings, strings, arena};
    rk_plan *const moved = *out = RK_NEW(arena, rk_plan);
    if (!moved)
        return RK_ENOMEM;
    *moved = *plan;
    moved->strings = strings;
    RK_TRY(move_schema(&m, &plan->query, &moved->query));
    RK_TRY(move_schema(&m, &plan->item, &moved->item));
    RK_TRY(move_constants(&m, moved));
    return move_sources(&m, moved);
}

rk_status rk_schema_restring(const rk_schema *schema, const rk_atoms *from, rk_atoms *strings,
                             rk_arena *arena, rk_schema *out)
{
    const mover m = {from, strings, arena};
    return move_schema(&m, schema, out);
}
