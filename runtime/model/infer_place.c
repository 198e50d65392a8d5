/* Where values stand. First their homes: a value that is only another name of one, or a part of a
 * concatenation, stands in that one. Then rooms: a value takes the first gap that is free from when
 * it is made until it was last read. */
#include "runtime/model/infer_step.h"

static const rk_network_op *op_of(const infer_maker *m, uint32_t value)
{
    return m->maker[value] ? &m->network->ops[m->maker[value] - 1] : NULL;
}

/* The value in whose place it stands at last, and from which element of an item on. */
static uint32_t find_home(const infer_maker *m, uint32_t value, uint32_t *first)
{
    *first = 0;
    while (m->home[value]) {
        *first += m->first[value];
        value = m->home[value] - 1;
    }
    return value;
}

/* Whether a value stands in another, from its element `at` on. */
static bool stands_in(const infer_maker *m, uint32_t value, uint32_t in, uint32_t at)
{
    uint32_t first = 0;
    while (m->home[value] && value != in) {
        first += m->first[value];
        value = m->home[value] - 1;
    }
    return value == in && first == at;
}

/* ---- homes ---- */

/* Made by a step of its own, for each item: it may be put anywhere. */
static bool is_movable(const infer_maker *m, uint32_t value)
{
    return !m->home[value] && !m->once[value] && m->maker[value] != 0;
}

static void name_again(infer_maker *m, const rk_network_op *op)
{
    const uint32_t from = m->network->operands[op->first];
    m->home[op->out] = from + 1;
    m->once[op->out] = m->once[from];
}

static void house_parts(infer_maker *m, const rk_network_op *op)
{
    infer_step axis;
    const uint32_t *const parts = m->network->operands + op->first;
    infer_axis(&m->network->values[op->out], op->axis, &axis);
    uint32_t at = 0;
    for (uint32_t k = 0; axis.outer == 1 && !m->once[op->out] && k < op->n; k++) {
        uint32_t first;
        const uint32_t home = find_home(m, parts[k], &first);
        const uint32_t n = m->network->values[parts[k]].dims[op->axis] * axis.inner;
        if (is_movable(m, home) && first == 0 && infer_elements(&m->network->values[home]) == n &&
            infer_elements(&m->network->values[parts[k]]) == n && home != op->out) {
            m->home[home] = op->out + 1;
            m->first[home] = at;
        }
        at += n;
    }
}

void infer_make_homes(infer_maker *m)
{
    for (uint32_t i = 0; i < m->network->n_ops; i++) {
        const rk_network_op *const op = &m->network->ops[i];
        if (!m->needed[op->out])
            continue;
        if (op->kind == RK_NETWORK_RESHAPE)
            name_again(m, op);
        else if (op->kind == RK_NETWORK_CONCAT)
            house_parts(m, op);
    }
}

rk_status infer_concat(infer_maker *m, infer_step *step)
{
    const rk_network_value *const values = m->network->values;
    uint32_t *const kept = RK_NEW_ARRAY(m->arena, uint32_t, step->n + 1u);
    infer_part *const parts = RK_NEW_ARRAY(m->arena, infer_part, step->n + 1u);
    const bool split = m->splits[step->out] == m->users[step->out];
    const uint32_t axis = step->op->axis;
    uint32_t at = 0, n = 0;
    if (!kept || !parts)
        return RK_ENOMEM;
    infer_axis(&values[step->out], axis, step);
    for (uint32_t k = 0; k < step->n; k++) {
        const uint32_t value = step->operands[k];
        const infer_part part = {.first = at, .n = values[value].dims[axis] * step->inner};
        at += part.n;
        if (stands_in(m, value, step->out, part.first) || (split && m->once[value]))
            continue;
        kept[n] = value;
        parts[n] = part;
        RK_TRY(infer_part_table(m, step, &values[value], &parts[n].at));
        n++;
    }
    step->length = at;
    step->operands = kept;
    step->parts = parts;
    step->n = n;
    return RK_OK;
}

/* ---- rooms ---- */

/* What stands in a room now, in the order of offsets. */
typedef struct tenant {
    uint64_t offset, size;
    uint32_t until; /* step that reads it last */
} tenant;

typedef struct renting {
    infer_maker *m;
    uint32_t *born, *dies; /* of homes, in steps; born UINT32_MAX: never */
    RK_VEC(tenant) tenants;
} renting;

static void note_use(renting *r, uint32_t value, uint32_t step)
{
    uint32_t first;
    const uint32_t home = find_home(r->m, value, &first);
    r->born[home] = step < r->born[home] ? step : r->born[home];
    r->dies[home] = step > r->dies[home] ? step : r->dies[home];
}

static rk_status note_lives(renting *r)
{
    infer_maker *const m = r->m;
    const rk_network *const network = m->network;
    r->born = RK_NEW_ARRAY(m->work, uint32_t, network->n_values + 1u);
    r->dies = RK_NEW_ARRAY(m->work, uint32_t, network->n_values + 1u);
    if (!r->born || !r->dies)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < network->n_values; i++)
        r->born[i] = UINT32_MAX;
    for (uint32_t s = m->out->n_once; s < m->out->n_steps; s++) {
        note_use(r, m->out->steps[s].out, s);
        for (uint32_t k = 0; k < m->out->steps[s].n; k++)
            note_use(r, m->out->steps[s].operands[k], s);
    }
    for (uint32_t i = 0; i < network->n_outputs; i++)
        if (network->outputs[i].value != UINT32_MAX)
            note_use(r, network->outputs[i].value, m->out->n_steps);
    return RK_OK;
}

/* Drops who is gone, and finds the first gap for `size` bytes. */
static rk_status rent(renting *r, uint64_t size, uint32_t from, uint32_t until, uint64_t *offset)
{
    uint32_t n = 0, at = UINT32_MAX;
    uint64_t end = 0;
    for (uint32_t i = 0; i < r->tenants.len; i++) {
        const tenant t = r->tenants.items[i];
        if (t.until < from)
            continue;
        if (at == UINT32_MAX && t.offset - end >= size) {
            at = n;
            *offset = end;
        }
        end = t.offset + t.size;
        r->tenants.items[n++] = t;
    }
    r->tenants.len = n;
    if (at == UINT32_MAX) {
        at = n;
        *offset = end;
    }
    if (!rk_vec_push(r->m->work, &r->tenants, ((tenant){0})))
        return RK_ENOMEM;
    for (uint32_t i = n; i > at; i--)
        r->tenants.items[i] = r->tenants.items[i - 1];
    r->tenants.items[at] = (tenant){*offset, size, until};
    return RK_OK;
}

static uint64_t padded(uint64_t bytes) { return (bytes + 63) & ~UINT64_C(63); }

static rk_status settle(renting *r, uint32_t home)
{
    infer_maker *const m = r->m;
    infer_place *const place = &m->out->places[home];
    const uint64_t bytes = padded((uint64_t)place->n * place->size);
    if (m->once[home]) {
        place->offset = m->out->once_bytes;
        m->out->once_bytes += bytes;
        return RK_OK;
    }
    RK_TRY(rent(r, bytes, r->born[home], r->dies[home], &place->offset));
    const uint64_t end = place->offset + bytes;
    m->out->item_bytes = end > m->out->item_bytes ? end : m->out->item_bytes;
    return RK_OK;
}

static infer_place place_of(const infer_maker *m, uint32_t value)
{
    const rk_network_value *const v = &m->network->values[value];
    const uint32_t n = infer_elements(v);
    const bool room = op_of(m, value) && !m->once[value];
    return (infer_place){.where = v->data           ? INFER_CONSTANT
                                  : op_of(m, value) ? m->once[value] ? INFER_ONCE : INFER_ROOM
                                                    : INFER_INPUT,
                         .stride = room ? n : 0,
                         .n = n,
                         .size = (uint8_t)rk_network_kind_size(v->kind)};
}

/* Those that have no place of their own stand in their homes. */
static void move_in(infer_maker *m, uint32_t value)
{
    uint32_t first;
    const uint32_t home = find_home(m, value, &first);
    infer_place *const place = &m->out->places[value];
    const uint32_t n = place->n;
    *place = m->out->places[home];
    place->first = first;
    place->n = n;
}

rk_status infer_make_places(infer_maker *m)
{
    renting r = {.m = m};
    const uint32_t n = m->network->n_values;
    RK_TRY(note_lives(&r));
    for (uint32_t i = 0; i < n; i++)
        m->out->places[i] = place_of(m, i);
    for (uint32_t i = 0; i < m->n_inputs; i++) {
        const uint32_t value = m->network->inputs[i];
        if (value == UINT32_MAX)
            continue;
        infer_place *const place = &m->out->places[value];
        place->at = i;
        place->stride = m->once[value] ? 0 : place->n;
    }
    for (uint32_t s = 0; s < m->out->n_steps; s++) { /* in the order in which they are made */
        uint32_t first;
        if (m->out->steps[s].out == UINT32_MAX)
            continue;
        const uint32_t home = find_home(m, m->out->steps[s].out, &first);
        if (m->out->places[home].where == INFER_NOWHERE || r.dies[home] == UINT32_MAX)
            continue;
        RK_TRY(settle(&r, home));
        r.dies[home] = UINT32_MAX; /* has its place */
    }
    for (uint32_t i = 0; i < n; i++)
        if (m->home[i])
            move_in(m, i);
    return RK_OK;
}
