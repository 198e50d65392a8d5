#include "runtime/source/sink.h"

rk_status rk_sink_init_plain(rk_sink *sink, const rk_sink_home *home, rk_type type, uint32_t cap)
{
    *sink = (rk_sink){.arena = home->arena, .scratch = home->scratch, .strings = home->strings};
    sink->cap = cap;
    return rk_column_init(&sink->column, home->arena, type, cap);
}

rk_status rk_sink_init(rk_sink *sink, const rk_sink_home *home, const rk_field *field, uint32_t cap)
{
    const rk_type type = rk_type_opt(field->type, !field->has_initial);
    RK_TRY(rk_sink_init_plain(sink, home, type, cap));
    sink->has_initial = field->has_initial && !field->initial.missing;
    sink->initial = field->initial;
    if (field->has_initial && field->initial.missing) /* `= missing`: as if there were none */
        return rk_column_init(&sink->column, home->arena, rk_type_opt(type, true), cap);
    return RK_OK;
}

rk_status rk_sink_grow(rk_sink *sink, uint32_t n, uint32_t cap)
{
    const rk_column old = sink->column;
    RK_TRY(rk_column_init(&sink->column, sink->arena, old.type, cap));
    const size_t size = rk_type_size(old.type);
    if (n && size)
        memcpy(sink->column.data, old.data, n * size);
    if (n && old.present)
        memcpy(sink->column.present, old.present, rk_bit_words(n) * sizeof(uint64_t));
    sink->column.child = old.child;
    sink->cap = cap;
    return RK_OK;
}

void *rk_sink_element(rk_sink *sink)
{
    const size_t size = rk_type_size((rk_type){.kind = sink->column.type.elem});
    if (!rk_vec_reserve_one(sink->scratch, &sink->column.child, sink->child_len, &sink->child_cap,
                            size))
        return NULL;
    return (char *)sink->column.child + sink->child_len * size;
}

/* The elements of a default, copied for every row that takes it. */
static rk_status copy_list(rk_sink *sink, rk_value *value)
{
    const size_t size = rk_type_size((rk_type){.kind = sink->column.type.elem});
    const uint32_t start = sink->child_len;
    for (uint32_t i = 0; i < value->as.list.len; i++) {
        void *const to = rk_sink_element(sink);
        if (!to)
            return RK_ENOMEM;
        memcpy(to, (const char *)value->as.list.items + i * size, size);
        sink->child_len++;
    }
    value->as.list.items = (const char *)sink->column.child + start * size;
    return RK_OK;
}

rk_status rk_sink_absent(rk_sink *sink, uint32_t row)
{
    rk_value value = {.missing = true, .type = sink->column.type};
    if (sink->has_initial)
        value = sink->initial;
    else if (value.type.kind == RK_KIND_FLOAT)
        value.as.f = rk_nan_float();
    else if (value.type.kind == RK_KIND_DOUBLE)
        value.as.d = rk_nan_double();
    if (value.type.kind == RK_KIND_LIST && !value.missing && value.as.list.len)
        RK_TRY(copy_list(sink, &value));
    rk_column_set(&sink->column, row, value);
    return RK_OK;
}

void rk_sink_move(rk_sink *sink, uint32_t from, uint32_t to)
{
    const size_t size = rk_type_size(sink->column.type);
    char *const data = sink->column.data;
    memcpy(data + to * size, data + from * size, size);
    rk_sink_mark(sink, to, sink->column.present && rk_bit_get(sink->column.present, from));
}

rk_status rk_sink_finish(rk_sink *sink, uint32_t n, rk_column *out)
{
    *out = sink->column;
    out->n = n;
    if (out->type.kind != RK_KIND_LIST || sink->child_len == 0 || sink->scratch == sink->arena)
        return RK_OK;
    const size_t size = rk_type_size((rk_type){.kind = out->type.elem});
    out->child = rk_arena_alloc_column(sink->arena, rk_padded(sink->child_len), size);
    if (!out->child)
        return RK_ENOMEM;
    memcpy(out->child, sink->column.child, sink->child_len * size);
    return RK_OK;
}
