#include "runtime/model/network_make.h"

typedef struct compacting {
    const rk_network *from;
    rk_network *to;
    rk_arena *arena;
    uint32_t *values; /* [from.n_values] the new number + 1; 0: not needed */
    bool *ops;        /* [from.n_ops] needed */
} compacting;

static void need(compacting *c, uint32_t value)
{
    if (value != UINT32_MAX)
        c->values[value] = 1;
}

/* From the outputs back. */
static void mark(compacting *c)
{
    const rk_network *const from = c->from;
    for (uint32_t i = 0; i < from->n_outputs; i++)
        need(c, from->outputs[i].value);
    for (uint32_t i = from->n_ops; i-- > 0;) {
        const rk_network_op *const op = &from->ops[i];
        c->ops[i] = c->values[op->out];
        for (uint32_t j = 0; j < op->n && c->ops[i]; j++)
            need(c, from->operands[op->first + j]);
    }
}

static rk_status copy_name(rk_arena *arena, rk_str *name)
{
    if (name->len == 0) {
        *name = RK_STR("");
        return RK_OK;
    }
    const char *const copy = rk_arena_copy(arena, name->data, name->len);
    *name = (rk_str){copy, name->len};
    return copy ? RK_OK : RK_ENOMEM;
}

static rk_status copy_value(compacting *c, uint32_t i)
{
    rk_network_value *const value = &c->to->values[c->to->n_values];
    *value = c->from->values[i];
    c->values[i] = ++c->to->n_values;
    RK_TRY(copy_name(c->arena, &value->name));
    if (!value->data)
        return RK_OK;
    const size_t size = rk_network_kind_size(value->kind), n = rk_network_elements(value);
    void *const data = rk_arena_alloc_column(c->arena, n ? n : 1, size);
    if (!data)
        return RK_ENOMEM;
    memcpy(data, value->data, n * size);
    value->data = data;
    return RK_OK;
}

static rk_status copy_op(compacting *c, const rk_network_op *from)
{
    rk_network_op *const op = &c->to->ops[c->to->n_ops++];
    *op = *from;
    op->first = c->to->n_operands;
    op->out = c->values[from->out] - 1;
    for (uint32_t j = 0; j < op->n; j++)
        c->to->operands[c->to->n_operands++] = c->values[c->from->operands[from->first + j]] - 1;
    return copy_name(c->arena, &op->name);
}

static rk_status allocate(compacting *c)
{
    const rk_network *const from = c->from;
    uint32_t values = 0, ops = 0, operands = 0;
    for (uint32_t i = 0; i < from->n_values; i++)
        values += c->values[i];
    for (uint32_t i = 0; i < from->n_ops; i++) {
        ops += c->ops[i];
        operands += c->ops[i] ? from->ops[i].n : 0;
    }
    *c->to = (rk_network){.values = RK_NEW_ARRAY(c->arena, rk_network_value, values),
                          .ops = RK_NEW_ARRAY(c->arena, rk_network_op, ops),
                          .operands = RK_NEW_ARRAY(c->arena, uint32_t, operands),
                          .inputs = RK_NEW_ARRAY(c->arena, uint32_t, from->n_inputs),
                          .outputs = RK_NEW_ARRAY(c->arena, rk_network_output, from->n_outputs),
                          .n_inputs = from->n_inputs,
                          .n_outputs = from->n_outputs};
    const rk_network *const to = c->to;
    return to->values && to->ops && to->operands && to->inputs && to->outputs ? RK_OK : RK_ENOMEM;
}

static uint32_t renumbered(const compacting *c, uint32_t value)
{
    return value == UINT32_MAX ? value : c->values[value] - 1; /* 0 - 1: UINT32_MAX */
}

rk_status rk_network_compact(const rk_network *network, rk_arena *arena, rk_network *out)
{
    rk_arena scratch = {0};
    compacting c = {.from = network, .to = out, .arena = arena};
    c.values = RK_NEW_ARRAY(&scratch, uint32_t, network->n_values);
    c.ops = RK_NEW_ARRAY(&scratch, bool, network->n_ops);
    rk_status status = c.values && c.ops ? RK_OK : RK_ENOMEM;
    if (status == RK_OK) {
        mark(&c);
        status = allocate(&c);
    }
    for (uint32_t i = 0; i < network->n_values && status == RK_OK; i++)
        if (c.values[i])
            status = copy_value(&c, i);
    for (uint32_t i = 0; i < network->n_ops && status == RK_OK; i++)
        if (c.ops[i])
            status = copy_op(&c, &network->ops[i]);
    for (uint32_t i = 0; i < network->n_inputs && status == RK_OK; i++)
        out->inputs[i] = renumbered(&c, network->inputs[i]);
    for (uint32_t i = 0; i < network->n_outputs && status == RK_OK; i++) {
        out->outputs[i] = network->outputs[i];
        out->outputs[i].value = renumbered(&c, network->outputs[i].value);
    }
    rk_arena_free(&scratch);
    return status;
}
