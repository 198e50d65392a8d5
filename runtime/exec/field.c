/* Columns filled from fields: QUERY, ID, ITEM, LOOKUP, FETCH. */
#include "runtime/exec/split.h"

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

static rk_status begin_id(rk_run *run, rk_split *split)
{
    const rk_step *const step = split->step;
    const rk_list *const list = &run->lists[step->list];
    const rk_column ids = rk_list_table(run, step->list);
    run->columns[step->out] = (rk_made){0};
    split->gather = (rk_gather){ids, list->rows, true, rk_run_column(run, step->out)};
    return rk_gather_begin(run, type_of(run, step->out), list->n, split);
}

/* ---- fields at rows ---- */

static bool is_whole(const uint32_t *at, uint32_t from, uint32_t to)
{
    bool whole = true;
    for (uint32_t i = from; i < to; i++)
        whole &= at[i] != RK_NOWHERE;
    return whole;
}

/* The default of a list takes its place among the elements, which are therefore copied. */
static rk_status fill_lists(rk_run *run, const rk_value *initial, const uint32_t *at,
                            rk_column *out)
{
    rk_children children = {.arena = &run->arena, .elem = out->type.elem};
    const size_t size = rk_type_size((rk_type){.kind = out->type.elem});
    rk_slice *const slices = out->data;
    rk_slice absent = {0};
    void *const room = rk_children_add(&children, initial->as.list.len, &absent);
    if (!room)
        return RK_ENOMEM;
    memcpy(room, initial->as.list.items, initial->as.list.len * size);
    for (uint32_t i = 0; i < out->n; i++) {
        const rk_slice old = slices[i];
        const bool has = !out->present || rk_bit_get(out->present, i);
        slices[i] = at[i] == RK_NOWHERE ? absent : (rk_slice){0};
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

static void fill_absent(const rk_value *initial, const rk_gather *gather, uint32_t from,
                        uint32_t to)
{
    rk_column *const out = gather->out;
    const bool list = out->type.kind == RK_KIND_LIST;
    for (uint32_t i = from; i < to; i++) {
        if (gather->at[i] != RK_NOWHERE)
            continue;
        if (!list || initial->missing)
            rk_column_set(out, i, *initial);
        else if (out->present)
            rk_bit_set(out->present, i);
    }
}

/* Values at places, and the default (split->state) where there is no place. */
static rk_status field_some(rk_run *run, rk_worker *worker, rk_split *split, uint32_t from,
                            uint32_t to)
{
    RK_TRY(rk_gather_some(run, worker, split, from, to));
    if (split->state)
        fill_absent(split->state, &split->gather, from, to);
    return RK_OK;
}

/* Elements of a default are the run's memory, so one thread does it all. */
static rk_status gather_lists(rk_run *run, rk_split *split)
{
    rk_gather *const gather = &split->gather;
    const uint32_t n = split->n;
    split->n = 0;
    RK_TRY(rk_gather_some(run, NULL, split, 0, n));
    RK_TRY(fill_lists(run, split->state, gather->at, gather->out));
    fill_absent(split->state, gather, 0, n);
    return RK_OK;
}

/* A field of step->list at the places of split->gather, NULL: item i is at i. */
static rk_status begin_field(rk_run *run, rk_split *split, const rk_field *field)
{
    const rk_step *const step = split->step;
    const rk_type type = type_of(run, step->out);
    const rk_value *const initial = &field->initial;
    rk_gather *const gather = &split->gather;
    run->columns[step->out] = (rk_made){0};
    gather->out = rk_run_column(run, step->out);
    if (!same_kind(gather->in.type, type))
        return RK_EUSAGE;
    RK_TRY(rk_gather_begin(run, type, run->lists[step->list].n, split));
    if (!gather->at || gather->whole || !field->has_initial)
        return RK_OK;
    split->state = initial;
    return type.kind == RK_KIND_LIST && !initial->missing && initial->as.list.len
               ? gather_lists(run, split)
               : RK_OK;
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

static rk_status begin_item(rk_run *run, rk_split *split)
{
    const rk_step *const step = split->step;
    const rk_field *const field = &rk_run_plan(run)->item.fields[step->index];
    rk_gather *const gather = &split->gather;
    const rk_request *const request = run->request;
    if (!request->has_items || request->n_items == 0 || !request->items[step->index].data)
        return nothing_sent(run, step, field);
    gather->in = request->items[step->index];
    RK_TRY(rk_list_sent(run, step->list, &gather->at));
    gather->whole = (run->universe.is_sent && !run->lists[step->list].ids) || !gather->at ||
                    is_whole(gather->at, 0, run->lists[step->list].n);
    return begin_field(run, split, field);
}

/* The column from row `first` on, a multiple of 64: nothing is copied. */
static rk_column column_from(rk_column column, uint32_t first)
{
    column.data = (char *)column.data + first * rk_type_size(column.type);
    if (column.present)
        column.present += first / 64;
    return column;
}

static rk_status begin_fetch(rk_run *run, rk_split *split)
{
    const rk_step *const step = split->step;
    const rk_field *const field =
        &rk_run_plan(run)->sources.items[step->index].wanted.fields[step->b];
    const rk_made *const rows = &run->columns[step->a];
    rk_gather *const gather = &split->gather;
    gather->in = column_from(run->engine->relations[step->index].columns[step->b], rows->first);
    gather->at = rows->identity ? NULL : rows->column.data;
    gather->whole =
        !gather->at || !rows->absent || is_whole(gather->at, 0, run->lists[step->list].n);
    return begin_field(run, split, field);
}

/* ---- rows of keys ---- */

static rk_status begin_lookup(rk_run *run, rk_split *split)
{
    const rk_step *const step = split->step;
    rk_made *const made = &run->columns[step->out];
    rk_column *const keys = RK_NEW_ARRAY(&run->arena, rk_column, step->n);
    *made = (rk_made){0};
    if (!keys)
        return RK_ENOMEM;
    split->n = run->lists[step->list].n;
    split->state = keys;
    for (uint32_t i = 0; i < step->n; i++) {
        const rk_column *key;
        RK_TRY(
            rk_run_spread(run, rk_run_plan(run)->operands.items[step->first + i], split->n, &key));
        keys[i] = *key;
    }
    return rk_column_init(&made->column, &run->arena, RK_TYPE(ROW), split->n);
}

/* The keys from item `from` on, in the worker's memory. */
static rk_column *keys_from(const rk_column *keys, uint32_t n_keys, uint32_t from,
                            rk_worker *worker)
{
    rk_column *const some = RK_NEW_ARRAY(&worker->scratch, rk_column, n_keys);
    for (uint32_t i = 0; some && i < n_keys; i++) {
        some[i] = keys[i];
        some[i].data = (char *)keys[i].data + from * rk_type_size(keys[i].type);
        if (keys[i].present)
            some[i].present += from / 64;
    }
    return some;
}

static rk_status lookup_some(rk_run *run, rk_worker *worker, rk_split *split, uint32_t from,
                             uint32_t to)
{
    const rk_step *const step = split->step;
    const rk_column *const keys =
        from ? keys_from(split->state, step->n, from, worker) : split->state;
    uint32_t *const rows = rk_run_column(run, step->out)->data;
    if (!keys)
        return RK_ENOMEM;
    rk_relation_find(&run->engine->relations[step->index], keys, to - from, rows + from);
    rk_arena_reset(&worker->scratch);
    if (!is_whole(rows, from, to))
        atomic_store_explicit(&split->found, 1, memory_order_relaxed);
    return RK_OK;
}

static rk_status end_lookup(rk_run *run, rk_split *split)
{
    run->columns[split->step->out].absent =
        atomic_load_explicit(&split->found, memory_order_relaxed);
    return RK_OK;
}

const rk_acts rk_acts_id = {begin_id, rk_gather_some, NULL};
const rk_acts rk_acts_item = {begin_item, field_some, NULL};
const rk_acts rk_acts_lookup = {begin_lookup, lookup_some, end_lookup};
const rk_acts rk_acts_fetch = {begin_fetch, field_some, NULL};
