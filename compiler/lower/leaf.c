/* What is read rather than computed: fields, rows of sources, labels, and values known on other
 * lists. */
#include "compiler/lower/lowering.h"
#include "runtime/plan/plan_rows.h"

static const rk_node *at(const lowering *lo, rk_ref ref) { return rk_dag_at(lo->dag, ref); }

/* ---- gathering ---- */

uint32_t lower_ancestor_with(const lowering *lo, uint32_t list, rk_ref ref)
{
    uint32_t from = list == 0 ? RK_PLAN_NONE : lo->plan->lists.items[list].parent;
    while (from != RK_PLAN_NONE && from != 0 && lower_known(lo, from, ref) == RK_MAP_NONE)
        from = lo->plan->lists.items[from].parent;
    return from == 0 ? RK_PLAN_NONE : from;
}

rk_status lower_gather(lowering *lo, uint32_t list, rk_ref ref, uint32_t from)
{
    if (lower_known(lo, list, ref) != RK_MAP_NONE)
        return RK_OK;
    uint32_t map;
    RK_TRY(lower_map(lo, list, from, &map));
    const rk_type type = at(lo, ref)->type;
    if (!lo->plan->maps.items[map].subset && !type.optional && rk_kind_has_mask(type.kind)) {
        rk_error(&lo->module->cx->diags, RK_E0407, at(lo, ref)->span,
                 "items of the result may be outside of the list that this goes over");
        return RK_EPROGRAM;
    }
    rk_step step = lower_step(RK_STEP_GATHER, list);
    step.index = map;
    step.a = lower_known(lo, from, ref);
    step.span = at(lo, ref)->span;
    RK_TRY(lower_add_column(lo, at(lo, ref)->type, list, lo->names[ref], &step.out));
    RK_TRY(lower_add_step(lo, step));
    return lower_remember(lo, list, ref, step.out);
}

/* ---- fields ---- */

/* A step that makes the column of `ref`. */
static rk_status make(lowering *lo, uint32_t list, rk_ref ref, rk_step step)
{
    step.span = at(lo, ref)->span;
    RK_TRY(lower_add_column(lo, at(lo, ref)->type, list, lo->names[ref], &step.out));
    RK_TRY(lower_add_step(lo, step));
    RK_TRY(lower_note(lo, list, ref));
    return lower_remember(lo, list, ref, step.out);
}

/* A plain field without a default must be there for every item. */
static rk_status require(lowering *lo, uint32_t list, rk_ref ref, const rk_field *field,
                         uint32_t source, uint32_t number)
{
    if (field->type.optional || field->has_initial)
        return RK_OK;
    rk_step step = lower_step(RK_STEP_REQUIRE, list);
    step.a = lower_known(lo, list, ref);
    step.index = source;
    step.b = number;
    step.span = at(lo, ref)->span;
    return lower_add_step(lo, step);
}

static rk_status lower_item(lowering *lo, uint32_t list, rk_ref ref)
{
    const uint32_t field = at(lo, ref)->aux;
    rk_step step = lower_step(RK_STEP_ITEM, list);
    step.index = field;
    RK_TRY(make(lo, list, ref, step));
    return require(lo, list, ref, &lo->module->item.fields[field], RK_PLAN_NONE, field);
}

/* A step over the columns of all operands. */
static rk_status make_over_operands(lowering *lo, uint32_t list, rk_ref ref, rk_step step)
{
    step.n = at(lo, ref)->n;
    uint32_t *const columns = RK_NEW_ARRAY(lo->arena, uint32_t, step.n + 1u);
    if (!columns)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < step.n; i++)
        RK_TRY(lower_column(lo, list, rk_dag_operand(lo->dag, ref, i), false, &columns[i]));
    RK_TRY(lower_add_operands(lo, columns, step.n, &step.first));
    return make(lo, list, ref, step);
}

static rk_status lower_lookup(lowering *lo, uint32_t list, rk_ref ref)
{
    rk_step step = lower_step(RK_STEP_LOOKUP, list);
    const uint32_t source = at(lo, ref)->aux;
    if (lower_drops(lo, source) && rk_list_is_probed(lo->plan, list))
        step.b = RK_LOOKUP_DROPS;
    RK_TRY(lower_source(lo, source, &step.index));
    return make_over_operands(lo, list, ref, step);
}

static rk_status lower_scored(lowering *lo, uint32_t list, rk_ref ref)
{
    rk_step step = lower_step(RK_STEP_MODEL, list);
    RK_TRY(lower_model(lo, at(lo, ref)->aux, &step.index));
    step.b = (uint32_t)at(lo, ref)->param;
    return make_over_operands(lo, list, ref, step);
}

static rk_status lower_part(lowering *lo, uint32_t list, rk_ref ref)
{
    rk_step step = lower_step(RK_STEP_PART, list);
    step.b = at(lo, ref)->aux;
    RK_TRY(lower_column(lo, list, rk_dag_operand(lo->dag, ref, 0), true, &step.a));
    return make(lo, list, ref, step);
}

static rk_status lower_fetch(lowering *lo, uint32_t list, rk_ref ref)
{
    const rk_ref lookup = rk_dag_operand(lo->dag, ref, 0);
    const uint32_t source = at(lo, lookup)->aux, field = at(lo, ref)->aux;
    rk_step step = lower_step(RK_STEP_FETCH, list);
    RK_TRY(lower_source(lo, source, &step.index));
    RK_TRY(lower_field(lo, source, field, &step.b));
    RK_TRY(lower_column(lo, list, lookup, true, &step.a));
    RK_TRY(make(lo, list, ref, step));
    return require(lo, list, ref, &lo->module->sources.items[source].schema.fields[field],
                   step.index, step.b);
}

/* ---- labels ---- */

static rk_status lower_label(lowering *lo, uint32_t list, rk_ref ref)
{
    const bool rank = at(lo, ref)->op == RK_OP_LABEL_RANK;
    uint32_t domain;
    RK_TRY(lower_domain(lo, rk_dag_operand(lo->dag, ref, 0), &domain));
    rk_step step = lower_step(rank ? RK_STEP_RANK : RK_STEP_SCORE, list);
    RK_TRY(lower_map(lo, list, domain, &step.index));
    step.a = rank ? RK_PLAN_NONE : domain;
    return make(lo, list, ref, step);
}

/* A fold is done on its domain by now (fold.c); here its values are for another list. */
static rk_status lower_folded(lowering *lo, uint32_t list, rk_ref ref)
{
    uint32_t domain;
    RK_TRY(lower_domain(lo, rk_dag_operand(lo->dag, ref, 0), &domain));
    return list == domain ? RK_EBUG : lower_gather(lo, list, ref, domain);
}

/* ---- all leaves of a list ---- */

/* What the leaves themselves need on this list: parts of keys, rows. */
static rk_status lower_needs(lowering *lo, uint32_t list, const rk_refs *leaves)
{
    rk_refs needs = {0};
    for (uint32_t i = 0; i < leaves->len; i++) {
        const rk_node *const node = at(lo, leaves->items[i]);
        const bool reads = node->op == RK_OP_LOOKUP || node->op == RK_OP_FIELD ||
                           node->op == RK_OP_MODEL || node->op == RK_OP_PART;
        for (uint32_t k = 0; reads && k < node->n; k++)
            if (!rk_vec_push(lo->arena, &needs, rk_dag_operand(lo->dag, leaves->items[i], k)))
                return RK_ENOMEM;
    }
    return needs.len ? lower_plain_values(lo, list, needs.items, needs.len) : RK_OK;
}

static rk_status lower_leaf(lowering *lo, uint32_t list, rk_ref ref)
{
    rk_step step;
    switch (at(lo, ref)->op) {
    case RK_OP_QUERY:
        step = lower_step(RK_STEP_QUERY, 0);
        step.index = at(lo, ref)->aux;
        return make(lo, 0, ref, step);
    case RK_OP_ID:
        return make(lo, list, ref, lower_step(RK_STEP_ID, list));
    case RK_OP_ITEM:
        return lower_item(lo, list, ref);
    case RK_OP_LOOKUP:
        return lower_lookup(lo, list, ref);
    case RK_OP_FIELD:
        return lower_fetch(lo, list, ref);
    case RK_OP_MODEL:
        return lower_scored(lo, list, ref);
    case RK_OP_PART:
        return lower_part(lo, list, ref);
    case RK_OP_FOLD:
        return lower_folded(lo, list, ref);
    case RK_OP_LABEL_RANK:
    case RK_OP_LABEL_SCORE:
        return lower_label(lo, list, ref);
    default:
        return RK_EBUG;
    }
}

rk_status lower_leaves(lowering *lo, uint32_t list, const rk_refs *leaves)
{
    RK_TRY(lower_needs(lo, list, leaves));
    for (uint32_t i = 0; i < leaves->len; i++)
        if (lower_known(lo, list, leaves->items[i]) == RK_MAP_NONE)
            RK_TRY(lower_leaf(lo, list, leaves->items[i]));
    return RK_OK;
}
