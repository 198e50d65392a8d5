/* From a network to steps: what is needed, what is worked out once a run, which operators are done
 * together. */
#include "runtime/model/infer_step.h"

enum {
    BLOCK_BYTES = 512 << 10, /* of a block's room: within L2 */
    BLOCK_MOST = 256,        /* items */
    ITEM_MOST = 1 << 30,     /* bytes */
    HUGE_FROM = 512 << 10,   /* bytes of weights that get huge pages */
};

void infer_axis(const rk_network_value *value, uint32_t axis, infer_step *step)
{
    uint64_t outer = 1, inner = 1;
    for (uint32_t d = 0; d < axis; d++)
        outer *= value->dims[d];
    for (uint32_t d = axis + 1; d < value->n_dims; d++)
        inner *= value->dims[d];
    step->outer = (uint32_t)outer;
    step->length = value->dims[axis];
    step->inner = (uint32_t)inner;
}

/* ---- what is known of values ---- */

static rk_status make_room(infer_maker *m)
{
    const size_t n = m->network->n_values + 1u;
    m->needed = RK_NEW_ARRAY(m->work, bool, n);
    m->once = RK_NEW_ARRAY(m->work, bool, n);
    m->users = RK_NEW_ARRAY(m->work, uint32_t, n);
    m->maker = RK_NEW_ARRAY(m->work, uint32_t, n);
    m->home = RK_NEW_ARRAY(m->work, uint32_t, n);
    m->first = RK_NEW_ARRAY(m->work, uint32_t, n);
    m->user = RK_NEW_ARRAY(m->work, uint32_t, n);
    m->splits = RK_NEW_ARRAY(m->work, uint32_t, n);
    m->fused = RK_NEW_ARRAY(m->work, bool, n);
    m->out->places = RK_NEW_ARRAY(m->arena, infer_place, n);
    m->out->steps = RK_NEW_ARRAY(m->arena, infer_step, 2 * (size_t)m->network->n_ops + 1);
    return m->needed && m->once && m->users && m->maker && m->home && m->first && m->user &&
                   m->splits && m->fused && m->out->places && m->out->steps
               ? RK_OK
               : RK_ENOMEM;
}

static void use(infer_maker *m, uint32_t value)
{
    m->needed[value] = true;
    m->users[value]++;
}

/* From the outputs back. */
static void find_needed(infer_maker *m)
{
    const rk_network *const network = m->network;
    for (uint32_t i = 0; i < network->n_outputs; i++)
        if (network->outputs[i].value != UINT32_MAX)
            use(m, network->outputs[i].value);
    for (uint32_t i = network->n_ops; i-- > 0;) {
        const rk_network_op *const op = &network->ops[i];
        m->maker[op->out] = i + 1;
        for (uint32_t k = 0; m->needed[op->out] && k < op->n; k++) {
            use(m, network->operands[op->first + k]);
            m->user[network->operands[op->first + k]] = i + 1;
        }
    }
}

static void find_once(infer_maker *m)
{
    const rk_network *const network = m->network;
    for (uint32_t i = 0; i < network->n_values; i++)
        m->once[i] = network->values[i].data != NULL;
    for (uint32_t i = 0; i < m->n_inputs; i++)
        if (network->inputs[i] != UINT32_MAX)
            m->once[network->inputs[i]] = m->options->once && m->options->once[i];
    for (uint32_t i = 0; i < network->n_ops; i++) {
        const rk_network_op *const op = &network->ops[i];
        bool once = true;
        for (uint32_t k = 0; k < op->n; k++)
            once &= m->once[network->operands[op->first + k]];
        m->once[op->out] = once;
    }
}

/* ---- steps ---- */

static infer_run *run_of(rk_network_op_kind kind)
{
    switch (kind) {
    case RK_NETWORK_MAP:
        return infer_run_map;
    case RK_NETWORK_DENSE:
        return infer_run_dense;
    case RK_NETWORK_MATMUL:
        return infer_run_matmul;
    case RK_NETWORK_GATHER:
        return infer_run_gather;
    case RK_NETWORK_CONCAT:
        return infer_run_concat;
    case RK_NETWORK_REDUCE:
        return infer_run_reduce;
    case RK_NETWORK_SOFTMAX:
        return infer_run_softmax;
    case RK_NETWORK_LAYER_NORM:
        return infer_run_layer_norm;
    case RK_NETWORK_LP_NORM:
        return infer_run_lp_norm;
    default:
        return infer_run_move;
    }
}

/* ---- layers ---- */

/* An activation that is done as the layer's chain ends: its sole user. NULL: there is none. */
static const rk_network_op *end_of(const infer_maker *m, const rk_network_op *layer)
{
    if (layer->kind != RK_NETWORK_DENSE || m->users[layer->out] != 1 || !m->user[layer->out])
        return NULL;
    const rk_network_op *const next = &m->network->ops[m->user[layer->out] - 1];
    const bool ends = next->kind == RK_NETWORK_MAP &&
                      (next->fn == RK_NETWORK_RELU || next->fn == RK_NETWORK_LEAKY_RELU);
    return ends ? next : NULL;
}

/* Of a layer over a concatenation of which some parts are once, and some are not: that. */
static const rk_network_op *parts_of(const infer_maker *m, const rk_network_op *layer)
{
    const uint32_t x = m->network->operands[layer->first];
    const rk_network_op *const op = m->maker[x] ? &m->network->ops[m->maker[x] - 1] : NULL;
    if (layer->kind != RK_NETWORK_DENSE || !op || op->kind != RK_NETWORK_CONCAT || m->once[x])
        return NULL;
    infer_step axis;
    infer_axis(&m->network->values[x], op->axis, &axis);
    bool some = false;
    for (uint32_t i = 0; i < op->n; i++)
        some |= m->once[m->network->operands[op->first + i]];
    return some && axis.outer == 1 && axis.inner == 1 ? op : NULL;
}

/* Which concatenations are read by such layers alone. */
static void find_split(infer_maker *m)
{
    for (uint32_t i = 0; i < m->network->n_ops; i++) {
        const rk_network_op *const op = &m->network->ops[i];
        if (m->needed[op->out] && parts_of(m, op))
            m->splits[m->network->operands[op->first]]++;
    }
}

/* Parts that are once, or those that are not, in order: each a range of the chain, and an operand.
 * Neighbours that are not once stand side by side, and are one. */
static rk_status make_ranges(infer_maker *m, const rk_network_op *parts, bool once,
                             infer_step *step)
{
    infer_range *const ranges = RK_NEW_ARRAY(m->arena, infer_range, parts->n + 1u);
    uint32_t *const operands = RK_NEW_ARRAY(m->arena, uint32_t, parts->n + 1u);
    uint32_t at = 0;
    if (!ranges || !operands)
        return RK_ENOMEM;
    step->n_ranges = 0;
    for (uint32_t i = 0; i < parts->n; i++) {
        const uint32_t part = m->network->operands[parts->first + i];
        const uint32_t n = infer_elements(&m->network->values[part]);
        infer_range *const last = step->n_ranges ? &ranges[step->n_ranges - 1] : NULL;
        if (m->once[part] == once && !once && last && last->to == at)
            last->to += n;
        else if (m->once[part] == once) {
            operands[step->n_ranges] = part;
            ranges[step->n_ranges++] = (infer_range){at, at + n};
        }
        at += n;
    }
    step->ranges = ranges;
    if (once) {
        step->operands = operands;
        step->n = step->n_ranges;
    }
    return RK_OK;
}

static rk_status pack(infer_maker *m, const rk_network_op *layer, infer_step *step)
{
    const uint32_t *const operands = m->network->operands + layer->first;
    const rk_network_value *const w = &m->network->values[operands[1]];
    infer_range *const whole = RK_NEW(m->arena, infer_range);
    const rk_matmul_weights weights = {.values = w->data,
                                       .bias = layer->n > 2 ? m->network->values[operands[2]].data
                                                            : NULL,
                                       .k = w->dims[0],
                                       .n = w->dims[1]};
    if (!whole)
        return RK_ENOMEM;
    *whole = (infer_range){0, weights.k};
    step->ranges = whole;
    step->n_ranges = 1;
    step->n = 1; /* x alone is read */
    if (m->options->sgemm) {
        rk_matmul *const shape = RK_NEW(m->arena, rk_matmul);
        if (!shape)
            return RK_ENOMEM;
        *shape = (rk_matmul){.k = weights.k, .n = weights.n};
        step->matmul = shape;
        step->weights = weights.values;
        step->bias = weights.bias;
        return RK_OK;
    }
    m->out->memory += ((size_t)weights.k + 1) * weights.n * sizeof(float);
    return rk_matmul_new(&weights, m->options->cpu, m->arena, &step->matmul);
}

/* All packed weights side by side. */
static rk_status make_weights_room(infer_maker *m)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < m->network->n_ops && !m->options->sgemm; i++) {
        const rk_network_op *const op = &m->network->ops[i];
        if (op->kind != RK_NETWORK_DENSE || !m->needed[op->out])
            continue;
        const rk_network_value *const w = &m->network->values[m->network->operands[op->first + 1]];
        bytes += rk_matmul_bytes(w->dims[0], w->dims[1]);
    }
    return bytes < HUGE_FROM || rk_arena_advance(m->arena, bytes) ? RK_OK : RK_ENOMEM;
}

/* Where the part of the chain that is once is kept, and the step that works it out. */
static rk_status make_init(infer_maker *m, const rk_network_op *parts, infer_step *layer,
                           infer_step *out)
{
    layer->init = m->out->once_bytes;
    layer->has_init = true;
    m->out->once_bytes += ((uint64_t)layer->matmul->n * sizeof(float) + 63) & ~UINT64_C(63);
    *out = *layer;
    out->run = infer_run_init;
    out->end = RK_MATMUL_PLAIN;
    out->once = true;
    out->out = UINT32_MAX;
    RK_TRY(make_ranges(m, parts, true, out));
    return make_ranges(m, parts, false, layer);
}

static uint64_t cost_of(const infer_step *step)
{
    uint64_t k = 0;
    for (uint32_t i = 0; i < step->n_ranges; i++)
        k += step->ranges[i].to - step->ranges[i].from;
    return k * step->matmul->n;
}

/* ---- all ---- */

/* Steps of an operator: one, two where a chain is cut, none for what is only a name. */
static rk_status make_steps(infer_maker *m, const rk_network_op *op, infer_step *made,
                            uint32_t *n_made)
{
    const rk_network_op *const end = end_of(m, op);
    infer_step *const step = &made[0];
    *step = (infer_step){.op = op,
                         .run = run_of((rk_network_op_kind)op->kind),
                         .operands = m->network->operands + op->first,
                         .n = op->n,
                         .out = end ? end->out : op->out,
                         .once = m->once[op->out]};
    *n_made = 1;
    if (op->kind == RK_NETWORK_CONCAT)
        return infer_concat(m, step);
    if (op->kind != RK_NETWORK_DENSE)
        return infer_tables(m, step);
    RK_TRY(pack(m, op, step));
    if (end) {
        step->end = end->fn == RK_NETWORK_RELU ? RK_MATMUL_RELU : RK_MATMUL_LEAKY;
        step->slope = end->a;
        m->fused[end->out] = true;
    }
    const rk_network_op *const parts = parts_of(m, op);
    if (!parts)
        return RK_OK;
    *n_made = 2;
    return make_init(m, parts, step, &made[1]);
}

/* Steps of once go in front, in their order; the others wait in `later`. */
static rk_status make_all(infer_maker *m)
{
    rk_inference *const out = m->out;
    infer_step *const later = RK_NEW_ARRAY(m->work, infer_step, m->network->n_ops + 1u);
    uint32_t n_later = 0;
    if (!later)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < m->network->n_ops; i++) {
        const rk_network_op *const op = &m->network->ops[i];
        infer_step made[2];
        uint32_t n_made;
        if (!m->needed[op->out] || m->fused[op->out] || op->kind == RK_NETWORK_RESHAPE)
            continue;
        RK_TRY(make_steps(m, op, made, &n_made));
        for (uint32_t k = n_made; k-- > 0;) {
            if (made[k].matmul)
                *(made[k].once ? &out->cost_once : &out->cost) += cost_of(&made[k]);
            out->most_operands = made[k].n > out->most_operands ? made[k].n : out->most_operands;
            if (made[k].once)
                out->steps[out->n_once++] = made[k];
            else
                later[n_later++] = made[k];
        }
    }
    memcpy(out->steps + out->n_once, later, n_later * sizeof *later);
    out->n_steps = out->n_once + n_later;
    return RK_OK;
}

static rk_status choose_block(rk_inference *out)
{
    if (out->item_bytes > ITEM_MOST || out->once_bytes > ITEM_MOST)
        return RK_ELIMIT;
    const uint64_t n = BLOCK_BYTES / (out->item_bytes + 1);
    out->block = n < 1 ? 1 : n > BLOCK_MOST ? BLOCK_MOST : (uint32_t)n;
    return RK_OK;
}

static rk_status make(infer_maker *m)
{
    RK_TRY(make_room(m));
    find_needed(m);
    find_once(m);
    find_split(m);
    infer_make_homes(m);
    RK_TRY(make_weights_room(m));
    RK_TRY(make_all(m));
    RK_TRY(infer_make_places(m));
    return choose_block(m->out);
}

rk_status rk_inference_new(const rk_network *network, uint32_t n_inputs,
                           const rk_inference_options *options, rk_arena *arena,
                           const rk_inference **out)
{
    rk_inference *const made = RK_NEW(arena, rk_inference);
    rk_arena work;
    if (!made)
        return RK_ENOMEM;
    made->network = network;
    made->kernels = infer_kernels_of(options->cpu);
    made->sgemm = options->sgemm;
    rk_arena_init(&work);
    infer_maker m = {.out = made,
                     .network = network,
                     .n_inputs = n_inputs,
                     .options = options,
                     .arena = arena,
                     .work = &work};
    const rk_status status = make(&m);
    rk_arena_free(&work);
    *out = made;
    return status;
}

size_t rk_inference_memory(const rk_inference *inference) { return inference->memory; }

uint64_t rk_inference_cost(const rk_inference *inference) { return inference->cost; }

uint64_t rk_inference_cost_once(const rk_inference *inference) { return inference->cost_once; }
