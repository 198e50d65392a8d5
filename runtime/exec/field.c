/* Columns filled from fields: QUERY, ID, ITEM, LOOKUP, FETCH. */
#include "runtime/exec/engine.h"

static rk_type type_of(const rk_run *run, uint32_t column)
{
    return rk_run_plan(run)->columns.items[column].type;
}

static bool same_kind(rk_type a, rk_type b)
{
    return a.kind == b.kind && a.elem == b.elem && a.dim == b.dim;
}

static bool is_missing(rk_value value)
{
    return value.missing || (value.type.kind == RK_KIND_FLOAT && value.as.f != value.as.f) ||
           (value.type.kind == RK_KIND_DOUBLE && value.as.d != value.as.d);
}

rk_status rk_step_query(rk_run *run, const rk_step *step)
{
    const rk_field *const field = &rk_run_plan(run)->query.fields[step->index];
    const rk_type type = type_of(run, step->out);
    rk_value value = run->request->query[step->index];
    if (is_missing(value) && field->has_initial)
        value = field->initial;
    if (is_missing(value) && !field->type.optional) {
        rk_error(run->diags, RK_E0514, field->span,
                 "query field `%.*s` was not sent and has neither a default nor `?`",
                 RK_STR_ARG(field->name));
        return RK_EDATA;
    }
    if (!is_missing(value) && !same_kind(value.type, type))
        return RK_EUSAGE;
    value.type = type;
    run->columns[step->out] = (rk_made){0};
    return rk_column_fill(rk_run_column(run, step->out), &run->arena, value, 1);
}

rk_status rk_step_id(rk_run *run, const rk_step *step)
{
    run->columns[step->out] = (rk_made){0};
    RK_TRY(rk_list_ids(run, step->list, rk_run_column(run, step->out)));
    rk_run_column(run, step->out)->type = type_of(run, step->out);
    return RK_OK;
}

/* ---- fields at rows ---- */

static bool is_whole(const uint32_t *at, uint32_t n)
{
    bool whole = true;
    for (uint32_t i = 0; at && i < n; i++)
        whole &= at[i] != RK_NOWHERE;
    return whole;
}

/* The default of a list takes its place among the elements, which are therefore copied. */
static rk_status fill_lists(rk_run *run, const rk_field *field, const uint32_t *at, rk_column *out)
{
    rk_children children = {.arena = &run->arena, .elem = out->type.elem};
    const size_t size = rk_type_size((rk_type){.kind = out->type.elem});
    rk_slice *const slices = out->data;
    rk_slice initial = {0};
    const uint32_t len = field->initial.as.list.len;
    void *const room = rk_children_add(&children, len, &initial);
    if (!room)
        return RK_ENOMEM;
    memcpy(room, field->initial.as.list.items, len * size);
    for (uint32_t i = 0; i < out->n; i++) {
        const rk_slice old = slices[i];
        const bool has = !out->present || rk_bit_get(out->present, i);
        slices[i] = at[i] == RK_NOWHERE ? initial : (rk_slice){0};
        if (at[i] == RK_NOWHERE || !has || old.len == 0)
            continue;
        void *const copy = rk_children_add(&children, old.len, &slices[i]);
        if (!copy)
            return RK_ENOMEM;
        memcpy(copy, (const char *)out->child + old.at * size, old.len * size);
    }
    out->child = children.data;
    return RK_OK;
}

static rk_status fill_absent(rk_run *run, const rk_field *field, const uint32_t *at, rk_column *out)
{
    rk_value initial = field->initial;
    const bool list = out->type.kind == RK_KIND_LIST;
    if (list && !initial.missing && initial.as.list.len)
        RK_TRY(fill_lists(run, field, at, out));
    for (uint32_t i = 0; i < out->n; i++) {
        if (at[i] != RK_NOWHERE)
            continue;
        if (!list || initial.missing)
            rk_column_set(out, i, initial);
        else if (out->present)
            rk_bit_set(out->present, i);
    }
    return RK_OK;
}

/* out = in[at[i]], the field's default where there is no row; NULL: item i is at i. */
static rk_status gather_field(rk_run *run, const rk_step *step, const rk_field *field,
                              const rk_column *in, const uint32_t *at)
{
    const uint32_t n = run->lists[step->list].n;
    const rk_type type = type_of(run, step->out);
    const bool whole = is_whole(at, n);
    run->columns[step->out] = (rk_made){0};
    rk_column *const out = rk_run_column(run, step->out);
    if (!same_kind(in->type, type))
        return RK_EUSAGE;
    RK_TRY(rk_run_gather(run, type, in, at, n, whole, out));
    return whole || !field->has_initial ? RK_OK : fill_absent(run, field, at, out);
}

/* Nothing was sent: the default, or missing, for all. */
static rk_status nothing_sent(rk_run *run, const rk_step *step, const rk_field *field)
{
    rk_value value = {.type = rk_type_opt(type_of(run, step->out), true), .missing = true};
    if (field->has_initial) {
        value = field->initial;
        value.type = type_of(run, step->out);
    }
    rk_column *const out = rk_run_column(run, step->out);
    run->columns[step->out] = (rk_made){0};
    RK_TRY(rk_column_fill(out, &run->arena, value, run->lists[step->list].n));
    out->type = type_of(run, step->out);
    return RK_OK;
}

rk_status rk_step_item(rk_run *run, const rk_step *step)
{
    const rk_field *const field = &rk_run_plan(run)->item.fields[step->index];
    const uint32_t *sent;
    const rk_request *const request = run->request;
    if (!request->has_items || request->n_items == 0 || !request->items[step->index].data)
        return nothing_sent(run, step, field);
    RK_TRY(rk_list_sent(run, step->list, &sent));
    return gather_field(run, step, field, &request->items[step->index], sent);
}

rk_status rk_step_lookup(rk_run *run, const rk_step *step)
{
    const rk_relation *const relation = &run->engine->relations[step->index];
    const uint32_t n = run->lists[step->list].n;
    rk_made *const made = &run->columns[step->out];
    *made = (rk_made){0};
    rk_column *const keys = RK_NEW_ARRAY(&run->arena, rk_column, step->n);
    if (!keys)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < step->n; i++) {
        const rk_column *key;
        RK_TRY(rk_run_spread(run, rk_run_plan(run)->operands.items[step->first + i], n, &key));
        keys[i] = *key;
    }
    RK_TRY(rk_column_init(&made->column, &run->arena, RK_TYPE(ROW), n));
    rk_relation_find(relation, keys, n, made->column.data);
    made->absent = !is_whole(made->column.data, n);
    return RK_OK;
}

rk_status rk_step_fetch(rk_run *run, const rk_step *step)
{
    const rk_field *const field =
        &rk_run_plan(run)->sources.items[step->index].wanted.fields[step->b];
    const rk_made *const rows = &run->columns[step->a];
    return gather_field(run, step, field, &run->engine->relations[step->index].columns[step->b],
                        rows->identity ? NULL : rows->column.data);
}
