/* Which element goes with which: broadcasting, and operators that move elements, worked out once.
 */
#include "runtime/model/infer_step.h"

/* A counter through a shape, last dimension first, that keeps an element's number elsewhere. */
typedef struct walk {
    uint32_t n_dims;
    const uint32_t *dims;
    uint64_t apart[RK_NETWORK_DIMS]; /* elements there, for one step in a dimension here */
    uint32_t at[RK_NETWORK_DIMS];
    uint64_t element;
} walk;

static void next(walk *w)
{
    for (uint32_t d = w->n_dims; d-- > 0;) {
        w->element += w->apart[d];
        if (++w->at[d] < w->dims[d])
            return;
        w->element -= w->apart[d] * w->dims[d];
        w->at[d] = 0;
    }
}

static const uint32_t *fill(infer_maker *m, walk *w, uint64_t n)
{
    uint32_t *const table = n <= UINT32_MAX ? RK_NEW_ARRAY(m->arena, uint32_t, n + 1) : NULL;
    m->out->memory += n * sizeof *table;
    for (uint64_t i = 0; table && i < n; i++, next(w))
        table[i] = (uint32_t)w->element;
    return table;
}

/* Elements between neighbours in each dimension. */
static void apart_of(const rk_network_value *value, uint64_t *apart)
{
    uint64_t n = 1;
    for (uint32_t d = value->n_dims; d-- > 0;) {
        apart[d] = n;
        n *= value->dims[d];
    }
}

/* A walk through `to` which says where `from` stretches to it. */
static walk broadcast(const rk_network_value *from, const rk_network_value *to)
{
    walk w = {.n_dims = to->n_dims, .dims = to->dims};
    uint64_t apart[RK_NETWORK_DIMS];
    apart_of(from, apart);
    const uint32_t more = to->n_dims - from->n_dims;
    for (uint32_t d = 0; d < from->n_dims; d++)
        w.apart[more + d] = from->dims[d] == 1 ? 0 : apart[d];
    return w;
}

static bool is_same(const rk_network_value *from, const rk_network_value *to)
{
    return rk_network_elements(from) == rk_network_elements(to);
}

static rk_status stretch(infer_maker *m, infer_step *step, uint32_t operand,
                         const rk_network_value *to)
{
    const rk_network_value *const from = &m->network->values[step->operands[operand]];
    if (is_same(from, to) || rk_network_elements(from) == 1)
        return RK_OK;
    walk w = broadcast(from, to);
    step->at[operand] = fill(m, &w, rk_network_elements(to));
    return step->at[operand] ? RK_OK : RK_ENOMEM;
}

static rk_status stretch_all(infer_maker *m, infer_step *step)
{
    for (uint32_t k = 0; k < step->n; k++)
        RK_TRY(stretch(m, step, k, &m->network->values[step->out]));
    return RK_OK;
}

rk_status infer_part_table(infer_maker *m, const infer_step *step, const rk_network_value *part,
                           const uint32_t **out)
{
    rk_network_value whole = m->network->values[step->out];
    whole.dims[step->op->axis] = part->dims[step->op->axis];
    *out = NULL;
    if (is_same(part, &whole))
        return RK_OK;
    walk w = broadcast(part, &whole);
    *out = fill(m, &w, rk_network_elements(&whole));
    return *out ? RK_OK : RK_ENOMEM;
}

static rk_status expand(infer_maker *m, infer_step *step)
{
    const rk_network_value *const from = &m->network->values[step->operands[0]];
    const rk_network_value *const to = &m->network->values[step->out];
    if (is_same(from, to))
        return RK_OK;
    walk w = broadcast(from, to);
    step->at[0] = fill(m, &w, rk_network_elements(to));
    return step->at[0] ? RK_OK : RK_ENOMEM;
}

static rk_status transpose(infer_maker *m, infer_step *step)
{
    const rk_network_value *const from = &m->network->values[step->operands[0]];
    const rk_network_value *const to = &m->network->values[step->out];
    walk w = {.n_dims = to->n_dims, .dims = to->dims};
    uint64_t apart[RK_NETWORK_DIMS];
    apart_of(from, apart);
    for (uint32_t d = 0; d < to->n_dims; d++)
        w.apart[d] = apart[step->op->axes[d]];
    step->at[0] = fill(m, &w, rk_network_elements(to));
    return step->at[0] ? RK_OK : RK_ENOMEM;
}

static rk_status take(infer_maker *m, infer_step *step)
{
    const rk_network_value *const from = &m->network->values[step->operands[0]];
    const rk_network_value *const positions = &m->network->values[step->operands[1]];
    const int64_t *const position = positions->data;
    const uint64_t n = rk_network_elements(positions), length = from->dims[step->op->axis];
    infer_axis(from, step->op->axis, step);
    const uint64_t total = step->outer * n * step->inner;
    uint32_t *const table =
        total <= UINT32_MAX ? RK_NEW_ARRAY(m->arena, uint32_t, total + 1) : NULL;
    uint32_t *to = table;
    for (uint64_t o = 0; table && o < step->outer; o++)
        for (uint64_t p = 0; p < n; p++)
            for (uint64_t i = 0; i < step->inner; i++)
                *to++ = (uint32_t)((o * length + (uint64_t)position[p]) * step->inner + i);
    step->at[0] = table;
    step->n = 1;
    return table ? RK_OK : RK_ENOMEM;
}

/* The walk through the dimensions whose bit in the mask is `folded`. */
static walk half(const rk_network_value *value, uint32_t mask, bool folded, uint32_t *dims)
{
    walk w = {.dims = dims};
    uint64_t apart[RK_NETWORK_DIMS];
    apart_of(value, apart);
    for (uint32_t d = 0; d < value->n_dims; d++)
        if ((mask >> d & 1) == folded) {
            w.apart[w.n_dims] = apart[d];
            dims[w.n_dims++] = value->dims[d];
        }
    return w;
}

static uint64_t count(const walk *w)
{
    uint64_t n = 1;
    for (uint32_t d = 0; d < w->n_dims; d++)
        n *= w->dims[d];
    return n;
}

/* Whether the folded dimensions stand side by side, those of 1 aside: then they are one axis. */
static bool is_axis(const rk_network_value *value, uint32_t mask, infer_step *step)
{
    uint32_t runs = 0;
    bool inside = false;
    step->outer = step->length = step->inner = 1;
    for (uint32_t d = 0; d < value->n_dims; d++) {
        const bool fold = mask >> d & 1;
        if (value->dims[d] == 1)
            continue;
        runs += fold && !inside;
        inside = fold;
        *(fold ? &step->length : runs ? &step->inner : &step->outer) *= value->dims[d];
    }
    return runs <= 1;
}

static rk_status reduce(infer_maker *m, infer_step *step)
{
    const rk_network_value *const from = &m->network->values[step->operands[0]];
    if (is_axis(from, step->op->mask, step))
        return RK_OK;
    uint32_t dims[2][RK_NETWORK_DIMS];
    walk kept = half(from, step->op->mask, false, dims[0]);
    walk folded = half(from, step->op->mask, true, dims[1]);
    step->length = (uint32_t)count(&folded);
    step->at[0] = fill(m, &kept, count(&kept));
    step->at[1] = fill(m, &folded, step->length);
    return step->at[0] && step->at[1] ? RK_OK : RK_ENOMEM;
}

/* A line of x as a value of its own: what scale and bias stretch to. */
static rk_status layer_norm(infer_maker *m, infer_step *step)
{
    const rk_network_value *const x = &m->network->values[step->operands[0]];
    rk_network_value tail = {.n_dims = (uint8_t)(x->n_dims - step->op->axis)};
    for (uint32_t d = 0; d < tail.n_dims; d++)
        tail.dims[d] = x->dims[step->op->axis + d];
    step->length = infer_elements(&tail);
    step->outer = infer_elements(x) / step->length;
    for (uint32_t k = 1; k < step->n; k++) {
        const rk_network_value *const weights = &m->network->values[step->operands[k]];
        walk w = broadcast(weights, &tail);
        step->at[k] = is_same(weights, &tail) ? NULL : fill(m, &w, step->length);
        if (!step->at[k] && !is_same(weights, &tail))
            return RK_ENOMEM;
    }
    return RK_OK;
}

/* The leading dimensions of a value, those of its matrices left out. */
static rk_network_value heads(const rk_network_value *value)
{
    rk_network_value head = *value;
    head.n_dims = value->n_dims > 2 ? (uint8_t)(value->n_dims - 2) : 0;
    return head;
}

static rk_status matmul(infer_maker *m, infer_step *step)
{
    const rk_network_value to = heads(&m->network->values[step->out]);
    step->outer = (uint32_t)rk_network_elements(&to);
    for (uint32_t k = 0; k < 2; k++) {
        const rk_network_value *const value = &m->network->values[step->operands[k]];
        const rk_network_value from = heads(value);
        const uint64_t each = value->n_dims < 2 ? 0
                                                : (uint64_t)value->dims[value->n_dims - 2] *
                                                      value->dims[value->n_dims - 1];
        walk w = broadcast(&from, &to);
        for (uint32_t d = 0; d < w.n_dims; d++)
            w.apart[d] *= each;
        step->at[k] = fill(m, &w, step->outer);
        if (!step->at[k])
            return RK_ENOMEM;
    }
    return RK_OK;
}

rk_status infer_tables(infer_maker *m, infer_step *step)
{
    switch ((rk_network_op_kind)step->op->kind) {
    case RK_NETWORK_MAP:
        return stretch_all(m, step);
    case RK_NETWORK_EXPAND:
        return expand(m, step);
    case RK_NETWORK_TRANSPOSE:
        return transpose(m, step);
    case RK_NETWORK_TAKE:
        return take(m, step);
    case RK_NETWORK_REDUCE:
        return reduce(m, step);
    case RK_NETWORK_LAYER_NORM:
        return layer_norm(m, step);
    case RK_NETWORK_MATMUL:
        return matmul(m, step);
    case RK_NETWORK_SOFTMAX:
    case RK_NETWORK_LP_NORM:
        infer_axis(&m->network->values[step->out], step->op->axis, step);
        return RK_OK;
    default:
        return RK_OK;
    }
}
