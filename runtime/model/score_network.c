#include "runtime/model/score_network.h"

/* An input on its way from a column into a tensor. */
typedef struct feed {
    const rk_model_input *input;
    const rk_network_value *value;
    const rk_model_options *options;
    const rk_column *column;
    uint32_t n; /* elements of an item */
} feed;

static const rk_network_value *value_of(const rk_scorer *scorer, uint32_t used)
{
    const rk_network *const network = scorer->model->as.network;
    return &network->values[network->inputs[scorer->used[used]]];
}

static feed feed_of(const rk_scorer *scorer, uint32_t used, const rk_column *column)
{
    const rk_network_value *const value = value_of(scorer, used);
    return (feed){.input = &scorer->model->inputs[scorer->used[used]],
                  .value = value,
                  .options = &scorer->options,
                  .column = column,
                  .n = (uint32_t)rk_network_elements(value)};
}

/* ---- elements ---- */

static void put(const feed *f, void *out, size_t at, double value)
{
    if (f->value->kind == RK_KIND_FLOAT)
        ((float *)out)[at] = value == value ? (float)value : rk_nan_float();
    else
        ((uint8_t *)out)[at] = value != 0;
}

static void put_int(const feed *f, void *out, size_t at, int64_t value)
{
    if (f->value->kind == RK_KIND_INT)
        ((int64_t *)out)[at] = value;
    else
        put(f, out, at, (double)value);
}

static void copy_element(const feed *f, const void *from, uint8_t kind, size_t at, void *out,
                         size_t to)
{
    switch (kind) {
    case RK_KIND_BOOL:
        put_int(f, out, to, ((const uint8_t *)from)[at] != 0);
        return;
    case RK_KIND_INT:
        put_int(f, out, to, ((const int64_t *)from)[at]);
        return;
    case RK_KIND_DOUBLE:
        put(f, out, to, ((const double *)from)[at]);
        return;
    default:
        if (f->value->kind == RK_KIND_INT)
            put_int(f, out, to, ((const float *)from)[at] != 0); /* a mask */
        else
            put(f, out, to, (double)((const float *)from)[at]);
    }
}

/* ---- lists ---- */

static rk_slice slice_of(const rk_column *column, uint32_t item)
{
    return ((const rk_slice *)column->data)[item];
}

/* Where the elements that are kept begin, and how many there are. */
static rk_slice kept(const feed *f, uint32_t item, uint32_t length)
{
    rk_slice slice = slice_of(f->column, item);
    if (slice.len > length) {
        slice.at += f->options->keep_last ? slice.len - length : 0;
        slice.len = length;
    }
    return slice;
}

static void feed_padded(const feed *f, uint32_t item, void *out, size_t to)
{
    const rk_slice slice = kept(f, item, f->n);
    const uint32_t first = f->options->pad_front ? f->n - slice.len : 0;
    for (uint32_t i = 0; i < f->n; i++)
        if (i - first < slice.len)
            copy_element(f, f->column->child, f->column->type.elem, slice.at + (i - first), out,
                         to + i);
        else
            put_int(f, out, to + i, f->options->pad);
}

/* Which elements of the list `of` are no padding, or how many. */
static void feed_mask(const feed *f, uint32_t item, uint32_t length, void *out, size_t to)
{
    const rk_slice slice = kept(f, item, length);
    const uint32_t first = f->options->pad_front ? length - slice.len : 0;
    if (f->input->type.kind != RK_KIND_VECTOR)
        put_int(f, out, to, slice.len);
    else
        for (uint32_t i = 0; i < f->n; i++)
            put_int(f, out, to + i, i - first < slice.len);
}

static void feed_list(const rk_scorer *scorer, const feed *f, uint32_t item, void *out, size_t to)
{
    if (f->input->type.kind == RK_KIND_LIST)
        feed_padded(f, item, out, to);
    else if (f->input->of && f->column->type.elem == RK_KIND_INT)
        feed_mask(f, item, scorer->model->inputs[f->input->of - 1].length, out, to);
    else
        for (uint32_t i = 0; i < f->n; i++)
            copy_element(f, f->column->child, f->column->type.elem,
                         slice_of(f->column, item).at + i, out, to + i);
}

/* ---- inputs ---- */

static void feed_item(const rk_scorer *scorer, const feed *f, uint32_t item, void *out, size_t to)
{
    if (f->column->type.kind == RK_KIND_LIST)
        feed_list(scorer, f, item, out, to);
    else if (f->column->type.kind == RK_KIND_VECTOR)
        for (uint32_t i = 0; i < f->n; i++)
            copy_element(f, f->column->data, RK_KIND_FLOAT, (size_t)item * f->n + i, out, to + i);
    else
        copy_element(f, f->column->data, f->column->type.kind, item, out, to);
}

/* Whether a column has just what the tensor has. */
static bool is_same(const feed *f)
{
    const uint8_t kind = f->column->type.kind;
    return kind == f->value->kind || (kind == RK_KIND_VECTOR && f->value->kind == RK_KIND_FLOAT);
}

static size_t element_size(const feed *f)
{
    return rk_network_kind_size(f->value->kind);
}

/* Items from .. from + n of a column, one for all items stretched over them. */
static rk_status make_input(const rk_scorer *scorer, uint32_t used, const rk_column *column,
                            uint32_t from, uint32_t n, rk_arena *arena, rk_infer_input *out)
{
    const feed f = feed_of(scorer, used, column);
    const bool one = column->n == 1;
    const size_t size = element_size(&f) * f.n;
    if (is_same(&f) && (!one || n == 1)) {
        out->data = (const char *)column->data + (one ? 0 : from) * size;
        return RK_OK;
    }
    void *const made = rk_arena_alloc_column(arena, (size_t)n * f.n + 1, element_size(&f));
    out->data = made;
    if (!made)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        feed_item(scorer, &f, one ? 0 : from + i, made, (size_t)i * f.n);
    return RK_OK;
}

/* ---- runs ---- */

static bool has_length(const feed *f, uint32_t item)
{
    const bool vector = f->input->type.kind == RK_KIND_VECTOR;
    const bool mask = f->input->of && f->column->type.elem == RK_KIND_INT;
    return !vector || mask || slice_of(f->column, item).len == f->n;
}

rk_status rk_network_lengths(const rk_scorer *scorer, const rk_column *const *columns,
                             rk_network_fault *fault)
{
    for (uint32_t u = 0; u < scorer->n_used; u++) {
        const feed f = feed_of(scorer, u, columns[u]);
        for (uint32_t i = 0; columns[u]->type.kind == RK_KIND_LIST && i < columns[u]->n; i++) {
            if (has_length(&f, i))
                continue;
            *fault =
                (rk_network_fault){.input = u, .item = i, .length = slice_of(columns[u], i).len};
            return RK_EDATA;
        }
    }
    return RK_OK;
}

rk_status rk_network_begin(const rk_scorer *scorer, const rk_column *const *columns,
                           rk_arena *arena, rk_network_once *out, rk_network_fault *fault)
{
    *out = (rk_network_once){.inputs =
                                 RK_NEW_ARRAY(arena, rk_infer_input, scorer->model->n_inputs + 1u)};
    fault->input = UINT32_MAX;
    if (!out->inputs)
        return RK_ENOMEM;
    for (uint32_t u = 0; u < scorer->n_used; u++)
        if (scorer->once[u])
            RK_TRY(make_input(scorer, u, columns[u], 0, 1, arena, &out->inputs[scorer->used[u]]));
    out->room = rk_arena_alloc_column(arena, rk_inference_once_size(scorer->inference) + 1, 1);
    void *const scratch =
        rk_arena_alloc_column(arena, rk_inference_scratch(scorer->inference, 1) + 1, 1);
    if (!out->room || !scratch)
        return RK_ENOMEM;
    return rk_inference_once(scorer->inference, out->inputs, out->room, scratch, &fault->infer);
}

rk_status rk_network_rows(const rk_scorer *scorer, const rk_scorer_rows *rows,
                          const rk_network_once *once, rk_arena *scratch, float *out, size_t stride,
                          rk_network_fault *fault)
{
    const uint32_t n = rows->to - rows->from;
    rk_infer_input *const inputs =
        RK_NEW_ARRAY(scratch, rk_infer_input, scorer->model->n_inputs + 1u);
    void *const room =
        rk_arena_alloc_column(scratch, rk_inference_scratch(scorer->inference, n) + 1, 1);
    if (!inputs || !room)
        return RK_ENOMEM;
    for (uint32_t u = 0; u < scorer->n_used; u++) {
        const uint32_t input = scorer->used[u];
        if (scorer->once[u])
            inputs[input] = once->inputs[input];
        else
            RK_TRY(make_input(scorer, u, rows->columns[u], rows->from, n, scratch, &inputs[input]));
    }
    fault->input = UINT32_MAX;
    const rk_status status = rk_inference_run(scorer->inference, inputs, n, once->room, room, out,
                                              stride, &fault->infer);
    fault->item = rows->from + fault->infer.item;
    return status;
}

/* ---- words ---- */

void rk_network_fault_print(const rk_scorer *scorer, const rk_network_fault *fault, rk_buf *out)
{
    if (fault->input == UINT32_MAX) {
        const rk_network *const network = scorer->model->as.network;
        const uint32_t table = network->operands[fault->infer.op->first];
        rk_buf_printf(out, "id %lld is outside of a table of %u rows", (long long)fault->infer.id,
                      network->values[table].dims[0]);
        if (fault->infer.op->name.len)
            rk_buf_printf(out, " (`%.*s`)", RK_STR_ARG(fault->infer.op->name));
        return;
    }
    const feed f = feed_of(scorer, fault->input, NULL);
    rk_buf_printf(out, "`%.*s` takes %u numbers, not %u", RK_STR_ARG(f.input->name), f.n,
                  fault->length);
}
