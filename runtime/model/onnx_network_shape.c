/* Nodes that tell, make or change shapes. */
#include "runtime/model/onnx_operators.h"

#include <math.h>

/* ---- shapes as numbers ---- */

/* A list of ints with room in both worlds. */
static rk_status ints_new(rk_net *net, uint32_t n, int64_t *worlds[RK_NET_WORLDS],
                          rk_net_value **out)
{
    rk_net_value *other;
    RK_TRY(rk_net_constant(net, RK_KIND_INT, 1, &n, out));
    RK_TRY(rk_net_constant(net, RK_KIND_INT, 1, &n, &other));
    worlds[0] = (int64_t *)(uintptr_t)(*out)->data[0];
    worlds[1] = (int64_t *)(uintptr_t)other->data[0];
    return RK_OK;
}

/* The second world stays only where it differs. */
static void settle(rk_net_value *value, int64_t *worlds[RK_NET_WORLDS])
{
    const size_t size = (size_t)rk_net_elements(value) * sizeof(int64_t);
    if (memcmp(worlds[0], worlds[1], size) != 0)
        value->data[1] = worlds[1];
}

static int64_t clamp(int64_t axis, int64_t n)
{
    axis = axis < 0 ? axis + n : axis;
    return axis < 0 ? 0 : axis > n ? n : axis;
}

rk_status rk_net_do_shape(rk_net *net, const rk_net_row *row)
{
    const rk_net_value *const x = net->in[0];
    rk_net_value *out;
    int64_t *worlds[RK_NET_WORLDS], start = 0, end = x->n_dims;
    (void)row;
    RK_TRY(rk_net_get_int(net, "start", &start));
    RK_TRY(rk_net_get_int(net, "end", &end));
    start = clamp(start, x->n_dims);
    end = clamp(end, x->n_dims);
    RK_TRY(ints_new(net, end > start ? (uint32_t)(end - start) : 0, worlds, &out));
    for (int64_t i = start; i < end; i++)
        for (int w = 0; w < RK_NET_WORLDS; w++)
            worlds[w][i - start] = x->dims[i] * (i == x->batch ? rk_net_markers[w] : 1);
    settle(out, worlds);
    return rk_net_give(net, 0, out);
}

rk_status rk_net_do_size(rk_net *net, const rk_net_row *row)
{
    const rk_net_value *const x = net->in[0];
    rk_net_value *out;
    int64_t *worlds[RK_NET_WORLDS];
    (void)row;
    RK_TRY(ints_new(net, 1, worlds, &out));
    for (int w = 0; w < RK_NET_WORLDS; w++)
        worlds[w][0] =
            (int64_t)rk_net_elements(x) * (x->batch == RK_NET_NO_BATCH ? 1 : rk_net_markers[w]);
    settle(out, worlds);
    out->n_dims = 0;
    return rk_net_give(net, 0, out);
}

/* A shape that was worked out. */
static rk_status read_dims(rk_net *net, const rk_net_ints *ints, rk_net_dim *out)
{
    if (ints->n > RK_NETWORK_DIMS)
        return rk_net_lacks(net, "%.*s to %u dimensions", RK_STR_ARG(net->node->op), ints->n);
    for (uint32_t i = 0; i < ints->n; i++)
        if (!rk_net_dim_of(ints->items[0][i], ints->items[1][i], &out[i]))
            return rk_net_bad(net,
                              "dimension %u of the shape is no multiple of the number of items", i);
    return RK_OK;
}

/* ---- reshaping ---- */

/* A shape that Reshape asks for, while its open places are found. */
typedef struct wanted {
    rk_net_dim dims[RK_NETWORK_DIMS];
    uint32_t n;
    int batch, open; /* places; -1: none */
    uint64_t known;  /* product of all but the open one, an item's */
} wanted;

static rk_status read_wanted(rk_net *net, const rk_net_ints *ints, wanted *w)
{
    const rk_net_value *const x = net->in[0];
    int64_t zero = 0;
    RK_TRY(rk_net_get_int(net, "allowzero", &zero));
    *w = (wanted){.n = ints->n, .batch = RK_NET_NO_BATCH, .open = -1, .known = 1};
    if (ints->n > RK_NETWORK_DIMS)
        return rk_net_lacks(net, "Reshape to %u dimensions", ints->n);
    for (uint32_t i = 0; i < ints->n; i++) {
        const int64_t first = ints->items[0][i], second = ints->items[1][i];
        rk_net_dim *const dim = &w->dims[i];
        if (first == 0 && second == 0 && !zero && i < x->n_dims)
            *dim = (rk_net_dim){x->dims[i], x->batch == (int)i};
        else if (first == -1 && second == -1 && w->open < 0)
            w->open = (int)i;
        else if (!rk_net_dim_of(first, second, dim))
            return rk_net_mixes(net, "a dimension is no multiple of the number of items");
        if (dim->batch && w->batch >= 0)
            return rk_net_mixes(net, "two dimensions are those of the batch");
        if (dim->batch)
            w->batch = (int)i;
        w->known *= w->open == (int)i ? 1 : dim->n;
        if (w->known > RK_NET_ELEMENTS)
            return rk_net_bad(net, "its shape is too large");
    }
    return RK_OK;
}

/* Of a value with batch, one dimension is the batch's: it is said, or open, or, where a model was
 * exported for one item, the first. */
static rk_status find_batch(rk_net *net, const rk_net_value *x, wanted *w)
{
    if (x->batch == RK_NET_NO_BATCH) {
        if (w->batch >= 0 && w->open < 0)
            return rk_net_mixes(net, "a constant gets the shape of the batch");
        return w->batch >= 0 ? rk_net_mixes(net, "a constant is dealt out to the items") : RK_OK;
    }
    if (w->batch >= 0)
        return RK_OK;
    w->batch = net->one && w->n ? 0 : w->open;
    return w->batch >= 0 ? RK_OK
                         : rk_net_mixes(net, "its shape has no dimension for the batch: export "
                                             "the model with dynamic axes");
}

rk_status rk_net_do_reshape(rk_net *net, const rk_net_row *row)
{
    rk_net_value *const x = net->in[0], *out;
    rk_net_ints ints;
    wanted w;
    uint32_t dims[RK_NETWORK_DIMS];
    (void)row;
    RK_TRY(rk_net_get_ints(net, "shape", 1, &ints));
    if (ints.n == RK_NET_NONE)
        return rk_net_bad(net, "it has no shape");
    RK_TRY(read_wanted(net, &ints, &w));
    RK_TRY(find_batch(net, x, &w));
    const uint64_t n = rk_net_elements(x);
    if (w.open >= 0 && (w.known == 0 || n % w.known))
        return w.batch == w.open || w.batch < 0
                   ? rk_net_mixes(net, "an item's numbers do not fill its shape")
                   : rk_net_bad(net, "the numbers do not fill its shape");
    if (w.open >= 0)
        w.dims[w.open].n = (uint32_t)(n / w.known);
    for (uint32_t i = 0; i < w.n; i++)
        dims[i] = w.dims[i].n;
    RK_TRY(rk_net_reshape(net, x, w.n, dims, w.batch, &out));
    return rk_net_give(net, 0, out);
}

rk_status rk_net_do_flatten(rk_net *net, const rk_net_row *row)
{
    rk_net_value *const x = net->in[0], *out;
    int64_t axis = 1;
    uint32_t dims[2] = {1, 1};
    (void)row;
    RK_TRY(rk_net_get_int(net, "axis", &axis));
    if (axis < -(int64_t)x->n_dims || axis > x->n_dims)
        return rk_net_bad(net, "axis %lld of a value with %u", (long long)axis, x->n_dims);
    axis += axis < 0 ? x->n_dims : 0;
    for (uint32_t i = 0; i < x->n_dims; i++)
        dims[i >= axis] *= x->dims[i];
    const int batch = x->batch == RK_NET_NO_BATCH ? RK_NET_NO_BATCH : x->batch >= axis;
    RK_TRY(rk_net_reshape(net, x, 2, dims, batch, &out));
    return rk_net_give(net, 0, out);
}

rk_status rk_net_do_squeeze(rk_net *net, const rk_net_row *row)
{
    rk_net_value *const x = net->in[0], *out;
    rk_net_ints axes;
    uint32_t dims[RK_NETWORK_DIMS], n = 0, mask = 0;
    int batch = RK_NET_NO_BATCH;
    (void)row;
    RK_TRY(rk_net_get_ints(net, "axes", 1, &axes));
    if (axes.n != RK_NET_NONE)
        RK_TRY(rk_net_axes(net, &axes, x->n_dims, &mask));
    for (uint32_t i = 0; i < x->n_dims; i++) {
        const bool is_batch = x->batch == (int)i;
        if (axes.n == RK_NET_NONE && !is_batch && x->dims[i] == 1)
            continue;
        if (mask >> i & 1) {
            if (is_batch)
                return rk_net_mixes(net, "it takes away the axis of the batch");
            if (x->dims[i] != 1)
                return rk_net_bad(net, "axis %u has %u rows, not 1", i, x->dims[i]);
            continue;
        }
        batch = is_batch ? (int)n : batch;
        dims[n++] = x->dims[i];
    }
    RK_TRY(rk_net_reshape(net, x, n, dims, batch, &out));
    return rk_net_give(net, 0, out);
}

rk_status rk_net_unsqueeze(rk_net *net, rk_net_value *x, uint32_t mask, uint32_t more,
                           rk_net_value **out)
{
    uint32_t dims[RK_NETWORK_DIMS], from = 0;
    int batch = RK_NET_NO_BATCH;
    if (x->n_dims + more > RK_NETWORK_DIMS)
        return rk_net_lacks(net, "%.*s to %u dimensions", RK_STR_ARG(net->node->op),
                            x->n_dims + more);
    for (uint32_t i = 0; i < x->n_dims + more; i++) {
        if (mask >> i & 1) {
            dims[i] = 1;
            continue;
        }
        batch = x->batch == (int)from ? (int)i : batch;
        dims[i] = x->dims[from++];
    }
    return rk_net_reshape(net, x, x->n_dims + more, dims, batch, out);
}

rk_status rk_net_do_unsqueeze(rk_net *net, const rk_net_row *row)
{
    rk_net_value *const x = net->in[0], *out;
    rk_net_ints axes;
    uint32_t mask;
    (void)row;
    RK_TRY(rk_net_get_ints(net, "axes", 1, &axes));
    if (axes.n == RK_NET_NONE)
        return rk_net_bad(net, "it has no axes");
    if (axes.n > RK_NETWORK_DIMS)
        return rk_net_lacks(net, "Unsqueeze to %u dimensions", axes.n);
    RK_TRY(rk_net_axes(net, &axes, x->n_dims + axes.n, &mask));
    RK_TRY(rk_net_unsqueeze(net, x, mask, axes.n, &out));
    return rk_net_give(net, 0, out);
}

rk_status rk_net_do_transpose(rk_net *net, const rk_net_row *row)
{
    rk_net_value *const x = net->in[0], *out;
    rk_net_ints perm;
    uint32_t axes[RK_NETWORK_DIMS], mask;
    (void)row;
    RK_TRY(rk_net_get_ints(net, "perm", RK_NET_NONE, &perm));
    if (perm.n != RK_NET_NONE && perm.n != x->n_dims)
        return rk_net_bad(net, "it permutes %u axes of %u", perm.n, x->n_dims);
    if (perm.n != RK_NET_NONE)
        RK_TRY(rk_net_axes(net, &perm, x->n_dims, &mask));
    for (uint32_t i = 0; i < x->n_dims; i++)
        if (perm.n == RK_NET_NONE)
            axes[i] = x->n_dims - 1u - i;
        else
            RK_TRY(rk_net_axis(net, perm.items[0][i], x->n_dims, &axes[i]));
    RK_TRY(rk_net_transpose(net, x, axes, &out));
    return rk_net_give(net, 0, out);
}

/* ---- stretching ---- */

rk_status rk_net_do_expand(rk_net *net, const rk_net_row *row)
{
    rk_net_value *out;
    rk_net_ints ints;
    rk_net_dim dims[RK_NETWORK_DIMS];
    (void)row;
    RK_TRY(rk_net_get_ints(net, "shape", 1, &ints));
    RK_TRY(read_dims(net, &ints, dims));
    RK_TRY(rk_net_expand(net, net->in[0], ints.n, dims, &out));
    return rk_net_give(net, 0, out);
}

/* 0, 1 … n - 1, as often as wanted. */
static rk_status positions(rk_net *net, uint32_t n, uint64_t often, rk_net_value **out)
{
    if (often * n > UINT32_MAX)
        return rk_net_bad(net, "it repeats an axis too often");
    const uint32_t count = (uint32_t)(often * n);
    RK_TRY(rk_net_constant(net, RK_KIND_INT, 1, &count, out));
    int64_t *const items = (int64_t *)(uintptr_t)(*out)->data[0];
    for (uint32_t i = 0; i < count; i++)
        items[i] = i % n;
    return RK_OK;
}

/* Dimensions of 1 are stretched, which costs nothing; others repeat their positions. */
rk_status rk_net_do_tile(rk_net *net, const rk_net_row *row)
{
    rk_net_value *out = net->in[0], *along;
    rk_net_ints ints;
    rk_net_dim times[RK_NETWORK_DIMS], dims[RK_NETWORK_DIMS];
    (void)row;
    RK_TRY(rk_net_get_ints(net, "repeats", 1, &ints));
    if (ints.n != out->n_dims)
        return rk_net_bad(net, "it repeats %u axes of %u", ints.n, out->n_dims);
    RK_TRY(read_dims(net, &ints, times));
    for (uint32_t i = 0; i < ints.n; i++) {
        const bool one = out->dims[i] == 1 && out->batch != (int)i;
        dims[i] = one ? times[i] : (rk_net_dim){out->dims[i], out->batch == (int)i};
        if (one || (!times[i].batch && times[i].n == 1))
            continue;
        if (times[i].batch || out->batch == (int)i || times[i].n == 0)
            return rk_net_mixes(net, "it repeats the rows of the batch");
        RK_TRY(positions(net, out->dims[i], times[i].n, &along));
        RK_TRY(rk_net_take(net, out, i, along, &out));
        dims[i].n = out->dims[i];
    }
    RK_TRY(rk_net_expand(net, out, ints.n, dims, &out));
    return rk_net_give(net, 0, out);
}

/* ---- constants ---- */

static rk_status tensor_of(rk_net *net, const rk_onnx_attribute *attribute, rk_net_value **out)
{
    const bool real =
        attribute->type == RK_ONNX_ATTRIBUTE_FLOAT || attribute->type == RK_ONNX_ATTRIBUTE_FLOATS;
    const bool list =
        attribute->type == RK_ONNX_ATTRIBUTE_FLOATS || attribute->type == RK_ONNX_ATTRIBUTE_INTS;
    if (attribute->type == RK_ONNX_ATTRIBUTE_TENSOR)
        return rk_net_tensor(net, attribute->as.t, out);
    if (!real && !list && attribute->type != RK_ONNX_ATTRIBUTE_INT)
        return rk_net_lacks(net, "Constant with %.*s", RK_STR_ARG(attribute->name));
    const uint32_t n = list ? attribute->n : 1;
    RK_TRY(rk_net_constant(net, real ? RK_KIND_FLOAT : RK_KIND_INT, list, &n, out));
    void *const data = (void *)(uintptr_t)(*out)->data[0];
    if (list)
        memcpy(data, attribute->as.ints, n * rk_network_kind_size((*out)->kind));
    else if (real)
        *(float *)data = attribute->as.f;
    else
        *(int64_t *)data = attribute->as.i;
    return RK_OK;
}

rk_status rk_net_do_constant(rk_net *net, const rk_net_row *row)
{
    rk_net_value *out;
    (void)row;
    if (net->node->n_attributes != 1)
        return rk_net_bad(net, "it has %u attributes, not one", net->node->n_attributes);
    RK_TRY(tensor_of(net, &net->node->attributes[0], &out));
    return rk_net_give(net, 0, out);
}

rk_status rk_net_do_constant_of_shape(rk_net *net, const rk_net_row *row)
{
    rk_net_value *value, *out;
    rk_net_ints ints;
    rk_net_dim dims[RK_NETWORK_DIMS];
    const rk_onnx_attribute *const attribute = rk_onnx_attribute_find(net->node, "value");
    (void)row;
    RK_TRY(rk_net_get_ints(net, "shape", 0, &ints));
    RK_TRY(read_dims(net, &ints, dims));
    if (attribute)
        RK_TRY(tensor_of(net, attribute, &value));
    else
        RK_TRY(rk_net_scalar(net, RK_KIND_FLOAT, 0, &value));
    if (rk_net_elements(value) != 1)
        return rk_net_bad(net, "its value is no single number");
    value->n_dims = 0;
    RK_TRY(rk_net_expand(net, value, ints.n, dims, &out));
    return rk_net_give(net, 0, out);
}

rk_status rk_net_do_range(rk_net *net, const rk_net_row *row)
{
    rk_net_value *out;
    double numbers[3];
    (void)row;
    for (uint32_t i = 0; i < 3; i++) {
        if (!rk_net_is_constant(net->in[i]) || rk_net_elements(net->in[i]) != 1 ||
            net->in[i]->kind != net->in[0]->kind || net->in[i]->kind == RK_KIND_BOOL)
            return rk_net_bad(net, "its operands are not three constants of one kind");
        if (!rk_net_is_plain(net->in[i]))
            return rk_net_mixes(net, "it counts the items");
        numbers[i] = rk_net_number(net->in[i], 0);
    }
    const double count = numbers[2] != 0 ? ceil((numbers[1] - numbers[0]) / numbers[2]) : 0;
    if (!(count <= RK_NET_ELEMENTS))
        return rk_net_bad(net, "it gives %g numbers", count);
    const uint32_t n = count > 0 ? (uint32_t)count : 0;
    RK_TRY(rk_net_constant(net, net->in[0]->kind, 1, &n, &out));
    void *const data = (void *)(uintptr_t)out->data[0];
    for (uint32_t i = 0; i < n; i++)
        if (out->kind == RK_KIND_INT)
            ((int64_t *)data)[i] = (int64_t)(numbers[0] + i * numbers[2]);
        else
            ((float *)data)[i] = (float)(numbers[0] + i * numbers[2]);
    return rk_net_give(net, 0, out);
}
