/* Nodes that pick, cut and join along an axis. */
#include "runtime/model/onnx_operators.h"

static int64_t *ints_of(rk_net_value *value) { return (int64_t *)(uintptr_t)value->data[0]; }

/* ---- Gather ---- */

/* Rows of a table by the numbers of items: a lookup. */
static rk_status lookup(rk_net *net, rk_net_value *table, rk_net_value *ids, rk_net_value **out)
{
    rk_net_value *const value = *out = rk_net_value_new(net, table->kind);
    const rk_network_op op = {.kind = RK_NETWORK_GATHER};
    rk_net_value *const operands[] = {table, ids};
    if (!value)
        return RK_ENOMEM;
    if (!rk_net_is_plain(table) || table->batch != RK_NET_NO_BATCH)
        return rk_net_mixes(net, "its table has the rows of the batch");
    if (ids->n_dims + table->n_dims - 1 > RK_NETWORK_DIMS)
        return rk_net_lacks(net, "Gather to more than %d dimensions", RK_NETWORK_DIMS);
    value->n_dims = (uint8_t)(ids->n_dims + table->n_dims - 1);
    value->batch = ids->batch;
    for (uint32_t i = 0; i < value->n_dims; i++)
        value->dims[i] = i < ids->n_dims ? ids->dims[i] : table->dims[i - ids->n_dims + 1];
    return rk_net_emit(net, op, operands, 2, value);
}

/* The same along another axis, which becomes those of the numbers. */
static rk_status lookup_along(rk_net *net, rk_net_value *table, uint32_t axis, rk_net_value *ids,
                              rk_net_value **out)
{
    uint32_t to_front[RK_NETWORK_DIMS], back[RK_NETWORK_DIMS], n = 0;
    if (axis == 0)
        return lookup(net, table, ids, out);
    for (uint32_t i = 0; i < table->n_dims; i++)
        to_front[i] = i == 0 ? axis : i <= axis ? i - 1 : i;
    RK_TRY(rk_net_transpose(net, table, to_front, &table));
    RK_TRY(lookup(net, table, ids, out));
    for (uint32_t i = 0; i < axis; i++)
        back[n++] = ids->n_dims + i;
    for (uint32_t i = 0; i < ids->n_dims; i++)
        back[n++] = i;
    while (n < (*out)->n_dims) {
        back[n] = n;
        n++;
    }
    return rk_net_transpose(net, *out, back, out);
}

/* The same positions, none counted from the end. */
static rk_status from_front(rk_net *net, const rk_net_value *ids, uint32_t dim, rk_net_value **out)
{
    const uint32_t n = (uint32_t)rk_net_elements(ids);
    if (!rk_net_is_plain(ids))
        return rk_net_bad(net, "its result depends on the number of items");
    RK_TRY(rk_net_constant(net, RK_KIND_INT, 1, &n, out));
    for (uint32_t i = 0; i < n; i++) {
        const int64_t id = ((const int64_t *)ids->data[0])[i];
        ints_of(*out)[i] = id < 0 ? id + dim : id;
    }
    return RK_OK;
}

/* The axis's positions by constants: the axis becomes those of the constant. */
static rk_status pick(rk_net *net, rk_net_value *x, uint32_t axis, rk_net_value *ids,
                      rk_net_value **out)
{
    uint32_t dims[RK_NETWORK_DIMS], n = 0;
    int batch = RK_NET_NO_BATCH;
    rk_net_value *positions;
    if (x->n_dims + ids->n_dims > RK_NETWORK_DIMS + 1u)
        return rk_net_lacks(net, "Gather to more than %d dimensions", RK_NETWORK_DIMS);
    if (x->batch == (int)axis)
        return rk_net_mixes(net, "it picks some of the rows of the batch");
    RK_TRY(from_front(net, ids, x->dims[axis], &positions));
    RK_TRY(rk_net_take(net, x, axis, positions, out));
    for (uint32_t i = 0; i < x->n_dims; i++) {
        batch = x->batch == (int)i ? (int)n : batch;
        if (i == axis)
            for (uint32_t j = 0; j < ids->n_dims; j++)
                dims[n++] = ids->dims[j];
        else
            dims[n++] = x->dims[i];
    }
    return rk_net_reshape(net, *out, n, dims, batch, out);
}

rk_status rk_net_do_gather(rk_net *net, const rk_net_row *row)
{
    rk_net_value *const x = net->in[0], *const ids = net->in[1], *out;
    int64_t at = 0;
    uint32_t axis;
    (void)row;
    RK_TRY(rk_net_get_int(net, "axis", &at));
    RK_TRY(rk_net_axis(net, at, x->n_dims, &axis));
    if (ids->kind != RK_KIND_INT)
        return rk_net_bad(net, "its indices are no ints");
    if (rk_net_is_constant(ids))
        RK_TRY(pick(net, x, axis, ids, &out));
    else if (!rk_net_is_constant(x))
        return rk_net_lacks(net, "Gather of an item's values by an item's numbers");
    else
        RK_TRY(lookup_along(net, x, axis, ids, &out));
    return rk_net_give(net, 0, out);
}

/* ---- Slice ---- */

/* Where a slice of an axis begins and ends, and in what steps. */
typedef struct span {
    int64_t start, end, step;
} span;

static int64_t clamp(int64_t at, int64_t least, int64_t most)
{
    return at < least ? least : at > most ? most : at;
}

/* All of the batch, or nothing of it would be left as it is. */
static rk_status whole_batch(rk_net *net, span first, span second, uint32_t rows)
{
    const int64_t far = INT32_MAX; /* exporters' "to the end" */
    const bool all = first.end == second.end ? first.end >= far
                                             : first.end >= rk_net_markers[0] * (int64_t)rows &&
                                                   second.end >= rk_net_markers[1] * (int64_t)rows;
    if (first.start != 0 || second.start != 0 || first.step != 1 || second.step != 1 || !all)
        return rk_net_mixes(net, "it cuts the batch");
    return RK_OK;
}

static rk_status slice(rk_net *net, rk_net_value *x, uint32_t axis, span s, rk_net_value **out)
{
    const int64_t dim = x->dims[axis];
    rk_net_value *positions;
    if (s.step == 0)
        return rk_net_bad(net, "it has a step of 0");
    const int64_t back = s.step < 0;
    s.start = clamp(s.start < 0 && s.start >= -dim ? s.start + dim : s.start, 0, dim - back);
    s.end = s.end < 0 && s.end >= -dim ? s.end + dim : s.end;
    s.end = clamp(s.end, -back, dim - back);
    s.step = clamp(s.step, -dim - 1, dim + 1);
    const int64_t way = back ? s.start - s.end : s.end - s.start, by = back ? -s.step : s.step;
    const uint32_t n = way > 0 ? (uint32_t)((way + by - 1) / by) : 0;
    RK_TRY(rk_net_constant(net, RK_KIND_INT, 1, &n, &positions));
    for (uint32_t i = 0; i < n; i++)
        ints_of(positions)[i] = s.start + i * s.step;
    return rk_net_take(net, x, axis, positions, out);
}

static span span_at(const rk_net_ints *starts, const rk_net_ints *ends, const rk_net_ints *steps,
                    uint32_t i, uint32_t world)
{
    return (span){starts->items[world][i], ends->items[world][i],
                  steps->n == RK_NET_NONE ? 1 : steps->items[world][i]};
}

rk_status rk_net_do_slice(rk_net *net, const rk_net_row *row)
{
    rk_net_value *out = net->in[0];
    rk_net_ints starts, ends, axes, steps;
    uint32_t mask = 0;
    (void)row;
    RK_TRY(rk_net_get_ints(net, "starts", 1, &starts));
    RK_TRY(rk_net_get_ints(net, "ends", 2, &ends));
    RK_TRY(rk_net_get_ints(net, "axes", 3, &axes));
    RK_TRY(rk_net_get_ints(net, "steps", 4, &steps));
    if (starts.n == RK_NET_NONE || starts.n != ends.n || starts.n > out->n_dims ||
        (axes.n != RK_NET_NONE && axes.n != starts.n) ||
        (steps.n != RK_NET_NONE && steps.n != starts.n))
        return rk_net_bad(net, "its lists differ in length");
    if (axes.n != RK_NET_NONE)
        RK_TRY(rk_net_axes(net, &axes, out->n_dims, &mask));
    for (uint32_t i = 0; i < starts.n; i++) {
        uint32_t axis = i;
        if (axes.n != RK_NET_NONE)
            RK_TRY(rk_net_axis(net, axes.items[0][i], out->n_dims, &axis));
        const span first = span_at(&starts, &ends, &steps, i, 0);
        const span second = span_at(&starts, &ends, &steps, i, 1);
        if (out->batch == (int)axis) {
            RK_TRY(whole_batch(net, first, second, out->dims[axis]));
            continue;
        }
        if (first.start != second.start || first.end != second.end || first.step != second.step)
            return rk_net_bad(net, "where it cuts depends on the number of items");
        RK_TRY(slice(net, out, axis, first, &out));
    }
    return rk_net_give(net, 0, out);
}

/* ---- Split ---- */

/* Sizes of the parts: said, or equal ones, the last of which may be smaller. */
static rk_status part_size(rk_net *net, const rk_net_ints *sizes, uint32_t n, uint32_t dim,
                           uint32_t i, uint32_t first, uint32_t *out)
{
    if (sizes->n == RK_NET_NONE) {
        const uint32_t each = (uint32_t)(((uint64_t)dim + n - 1) / n);
        *out = dim - first < each ? dim - first : each;
        return RK_OK;
    }
    const int64_t size = sizes->items[0][i];
    if (size != sizes->items[1][i] || size < 0 || size > dim - first)
        return rk_net_bad(net, "part %u has %lld of %u", i, (long long)size, dim);
    *out = (uint32_t)size;
    return RK_OK;
}

rk_status rk_net_do_split(rk_net *net, const rk_net_row *row)
{
    rk_net_value *const x = net->in[0], *out;
    rk_net_ints sizes;
    int64_t at = 0;
    uint32_t axis, first = 0;
    (void)row;
    RK_TRY(rk_net_get_int(net, "axis", &at));
    RK_TRY(rk_net_axis(net, at, x->n_dims, &axis));
    RK_TRY(rk_net_get_ints(net, "split", 1, &sizes));
    const uint32_t n = net->node->n_outputs;
    if (x->batch == (int)axis)
        return rk_net_mixes(net, "it splits the batch");
    if (n == 0 || (sizes.n != RK_NET_NONE && sizes.n != n))
        return rk_net_bad(net, "it has %u outputs", n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t size = 0;
        RK_TRY(part_size(net, &sizes, n, x->dims[axis], i, first, &size));
        RK_TRY(slice(net, x, axis, (span){first, (int64_t)first + size, 1}, &out));
        first += size;
        RK_TRY(rk_net_give(net, i, out));
    }
    return first == x->dims[axis] ? RK_OK : rk_net_bad(net, "its parts are not all of it");
}

/* ---- Concat ---- */

/* An operand with as many rows along the other axes as the output has. */
static rk_status stretch(rk_net *net, rk_net_value *x, uint32_t axis, const rk_net_value *shape,
                         rk_net_value **out)
{
    rk_net_dim dims[RK_NETWORK_DIMS];
    *out = x;
    if (!rk_net_is_constant(x) || shape->batch == RK_NET_NO_BATCH)
        return RK_OK;
    for (uint32_t i = 0; i < shape->n_dims; i++)
        dims[i] = (rk_net_dim){i == axis ? x->dims[i] : shape->dims[i], shape->batch == (int)i};
    return rk_net_expand(net, x, shape->n_dims, dims, out);
}

/* The shape of one operand with batch, if there is any. */
static rk_status concat_shape(rk_net *net, rk_net_value *const *in, uint32_t n, uint32_t axis,
                              rk_net_value **out)
{
    const rk_net_value *first = in[0];
    rk_net_value *const value = *out = rk_net_value_new(net, first->kind);
    if (!value)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        first = in[i] && in[i]->batch != RK_NET_NO_BATCH ? in[i] : first;
    value->kind = first->kind;
    value->n_dims = first->n_dims;
    value->batch = first->batch;
    memcpy(value->dims, first->dims, sizeof value->dims);
    return value->batch == (int)axis ? rk_net_mixes(net, "it joins batches") : RK_OK;
}

rk_status rk_net_concat(rk_net *net, rk_net_value *const *in, uint32_t n, uint32_t axis,
                        rk_net_value **given)
{
    rk_net_value **const parts = RK_NEW_ARRAY(&net->scratch, rk_net_value *, n);
    uint64_t rows = 0;
    if (!parts)
        return RK_ENOMEM;
    RK_TRY(concat_shape(net, in, n, axis, given));
    rk_net_value *const out = *given;
    for (uint32_t i = 0; i < n; i++) {
        rk_net_value *const x = in[i];
        if (!x || x->kind != out->kind || x->n_dims != out->n_dims)
            return rk_net_bad(net, "operand %u is of another type or rank", i);
        RK_TRY(stretch(net, x, axis, out, &parts[i]));
        for (uint32_t d = 0; d < out->n_dims; d++)
            if (d != axis && parts[i]->dims[d] != out->dims[d])
                return rk_net_bad(net, "its operands' shapes do not fit: %u and %u at axis %u",
                                  out->dims[d], parts[i]->dims[d], d);
        if (parts[i]->batch != out->batch)
            return rk_net_mixes(net, "the batches of its operands are at different axes");
        rows += x->dims[axis];
    }
    if (rows > RK_NET_ELEMENTS)
        return rk_net_bad(net, "it gives %llu rows", (unsigned long long)rows);
    out->dims[axis] = (uint32_t)rows;
    const rk_network_op op = {.kind = RK_NETWORK_CONCAT, .axis = (uint8_t)axis};
    return rk_net_emit(net, op, parts, n, out);
}

rk_status rk_net_do_concat(rk_net *net, const rk_net_row *row)
{
    rk_net_value *out;
    int64_t at = 0;
    uint32_t axis;
    (void)row;
    RK_TRY(rk_net_get_int(net, "axis", &at));
    RK_TRY(rk_net_axis(net, at, net->in[0]->n_dims, &axis));
    RK_TRY(rk_net_concat(net, net->in, net->n_in, axis, &out));
    return rk_net_give(net, 0, out);
}

/* ---- OneHot ---- */

/* ids == 0, 1 … along a new axis; negative ids count from the end. */
rk_status rk_net_do_one_hot(rk_net *net, const rk_net_row *row)
{
    rk_net_value *ids = net->in[0], *const depth = net->in[1], *const values = net->in[2], *axis_of;
    rk_net_value *front, *back, *at, *n, *on, *off;
    int64_t at_axis = -1;
    uint32_t axis, dims[RK_NETWORK_DIMS];
    (void)row;
    if (!rk_net_is_plain(depth) || rk_net_elements(depth) != 1 || !rk_net_is_plain(values) ||
        rk_net_elements(values) != 2)
        return rk_net_bad(net, "its depth and values are no constants");
    const double count = rk_net_number(depth, 0);
    if (!(count >= 1 && count <= RK_NET_ELEMENTS) || ids->n_dims >= RK_NETWORK_DIMS)
        return rk_net_bad(net, "it has a depth of %g", count);
    RK_TRY(rk_net_get_int(net, "axis", &at_axis));
    RK_TRY(rk_net_axis(net, at_axis, ids->n_dims + 1u, &axis));
    for (uint32_t i = 0; i <= ids->n_dims; i++)
        dims[i] = i == axis ? (uint32_t)count : 1;
    RK_TRY(rk_net_cast(net, ids, RK_KIND_INT, &ids));
    RK_TRY(rk_net_unsqueeze(net, ids, 1u << axis, 1, &at));
    RK_TRY(rk_net_constant(net, RK_KIND_INT, ids->n_dims + 1u, dims, &axis_of));
    for (uint32_t i = 0; i < dims[axis]; i++)
        ints_of(axis_of)[i] = i;
    RK_TRY(rk_net_scalar(net, RK_KIND_INT, count, &n));
    RK_TRY(rk_net_map2(net, RK_NETWORK_EQUAL, at, axis_of, &front));
    RK_TRY(rk_net_map2(net, RK_NETWORK_SUB, axis_of, n, &axis_of));
    RK_TRY(rk_net_map2(net, RK_NETWORK_EQUAL, at, axis_of, &back));
    RK_TRY(rk_net_map2(net, RK_NETWORK_OR, front, back, &front));
    RK_TRY(rk_net_scalar(net, values->kind, rk_net_number(values, 0), &off));
    RK_TRY(rk_net_scalar(net, values->kind, rk_net_number(values, 1), &on));
    rk_net_value *const three[] = {front, on, off};
    const rk_network_op where = {.fn = RK_NETWORK_WHERE};
    RK_TRY(rk_net_map(net, where, values->kind, three, 3, &at));
    return rk_net_give(net, 0, at);
}
