#include "runtime/data/column.h"

#include <math.h>

rk_status rk_column_init(rk_column *column, rk_arena *arena, rk_type type, uint32_t n)
{
    *column = (rk_column){.type = type, .n = n};
    column->data = rk_arena_alloc_column(arena, rk_padded(n), rk_type_size(type));
    if (!column->data)
        return RK_ENOMEM;
    if (type.optional && rk_kind_has_mask(type.kind)) {
        column->present = RK_NEW_ARRAY(arena, uint64_t, rk_bit_words(n));
        if (!column->present)
            return RK_ENOMEM;
    }
    return RK_OK;
}

bool rk_column_has(const rk_column *column, uint32_t i)
{
    switch (column->type.kind) {
    case RK_KIND_FLOAT:
        return !isnan(((const float *)column->data)[i]);
    case RK_KIND_DOUBLE:
        return !isnan(((const double *)column->data)[i]);
    default:
        return !column->present || rk_bit_get(column->present, i);
    }
}

static void get_list(const rk_column *column, uint32_t i, rk_value *value)
{
    const rk_slice slice = ((const rk_slice *)column->data)[i];
    const size_t size = rk_type_size((rk_type){.kind = column->type.elem});
    value->as.list.items = column->child ? (const char *)column->child + slice.at * size : NULL;
    value->as.list.len = slice.len;
}

rk_value rk_column_get(const rk_column *column, uint32_t i)
{
    rk_value value = {.type = column->type, .missing = !rk_column_has(column, i)};
    if (value.missing && !rk_kind_is_real(column->type.kind))
        return value;
    switch (column->type.kind) {
    case RK_KIND_BOOL:
        value.as.b = ((const uint8_t *)column->data)[i];
        break;
    case RK_KIND_INT:
        value.as.i = ((const int64_t *)column->data)[i];
        break;
    case RK_KIND_FLOAT:
        value.as.f = ((const float *)column->data)[i];
        break;
    case RK_KIND_DOUBLE:
        value.as.d = ((const double *)column->data)[i];
        break;
    case RK_KIND_STRING:
    case RK_KIND_ROW:
        value.as.s = ((const rk_atom *)column->data)[i];
        break;
    case RK_KIND_VECTOR:
        value.as.list.items = (const float *)column->data + (size_t)i * column->type.dim;
        value.as.list.len = column->type.dim;
        break;
    case RK_KIND_LIST:
        get_list(column, i, &value);
        break;
    default:
        break;
    }
    return value;
}

static void set_bits(rk_column *column, uint32_t i, bool present)
{
    if (!column->present)
        return;
    if (present)
        rk_bit_set(column->present, i);
    else
        rk_bit_clear(column->present, i);
}

static void set_list(rk_column *column, uint32_t i, rk_value value)
{
    rk_slice *const slice = (rk_slice *)column->data + i;
    *slice = (rk_slice){0};
    if (value.missing || value.as.list.len == 0)
        return;
    const size_t size = rk_type_size((rk_type){.kind = column->type.elem});
    const size_t offset = (size_t)((const char *)value.as.list.items - (const char *)column->child);
    *slice = (rk_slice){(uint32_t)(offset / size), value.as.list.len};
}

void rk_column_set(rk_column *column, uint32_t i, rk_value value)
{
    set_bits(column, i, !value.missing);
    switch (column->type.kind) {
    case RK_KIND_BOOL:
        ((uint8_t *)column->data)[i] = value.missing ? 0 : value.as.b;
        break;
    case RK_KIND_INT:
        ((int64_t *)column->data)[i] = value.missing ? 0 : value.as.i;
        break;
    case RK_KIND_FLOAT:
        ((float *)column->data)[i] =
            value.missing || isnan(value.as.f) ? rk_nan_float() : value.as.f;
        break;
    case RK_KIND_DOUBLE:
        ((double *)column->data)[i] =
            value.missing || isnan(value.as.d) ? rk_nan_double() : value.as.d;
        break;
    case RK_KIND_STRING:
        ((rk_atom *)column->data)[i] = value.missing ? 0 : value.as.s;
        break;
    case RK_KIND_ROW:
        ((rk_atom *)column->data)[i] = value.as.s;
        break;
    case RK_KIND_VECTOR: {
        const size_t bytes = (size_t)column->type.dim * sizeof(float);
        char *const to = (char *)column->data + i * bytes;
        if (value.missing)
            memset(to, 0, bytes);
        else
            memcpy(to, value.as.list.items, bytes);
        break;
    }
    case RK_KIND_LIST:
        set_list(column, i, value);
        break;
    default:
        break;
    }
}

rk_status rk_column_fill(rk_column *column, rk_arena *arena, rk_value value, uint32_t n)
{
    RK_TRY(rk_column_init(column, arena, value.type, n));
    if (value.type.kind == RK_KIND_LIST && value.as.list.len && !value.missing) {
        const size_t size = rk_type_size((rk_type){.kind = value.type.elem});
        column->child = rk_arena_copy(arena, value.as.list.items, value.as.list.len * size);
        if (!column->child)
            return RK_ENOMEM;
        value.as.list.items = column->child;
    }
    for (uint32_t i = 0; i < n; i++)
        rk_column_set(column, i, value);
    return RK_OK;
}

/* Missing for at = UINT32_MAX, else as in `in`. */
static void gather_present(rk_column *out, const rk_column *in, const uint32_t *at, uint32_t from,
                           uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        if (at[i] != UINT32_MAX && (!in->present || rk_bit_get(in->present, at[i])))
            rk_bit_set(out->present, i);
}

#define GATHER(ctype, none)                                                                        \
    do {                                                                                           \
        const ctype *const source = in->data;                                                      \
        ctype *const target = out->data;                                                           \
        for (uint32_t i = from; i < to; i++)                                                       \
            target[i] = at[i] == UINT32_MAX ? (none) : source[at[i]];                              \
    } while (0)

static void gather_vectors(rk_column *out, const rk_column *in, const uint32_t *at, uint32_t from,
                           uint32_t to)
{
    const size_t size = rk_type_size(in->type);
    for (uint32_t i = from; i < to; i++) {
        char *const target = (char *)out->data + i * size;
        if (at[i] == UINT32_MAX)
            memset(target, 0, size);
        else
            memcpy(target, (const char *)in->data + at[i] * size, size);
    }
}

void rk_column_gather_some(rk_column *out, const rk_column *in, const uint32_t *at, uint32_t from,
                           uint32_t to)
{
    if (out->present)
        gather_present(out, in, at, from, to);
    switch (out->type.kind) {
    case RK_KIND_BOOL:
        GATHER(uint8_t, 0);
        break;
    case RK_KIND_INT:
        GATHER(int64_t, 0);
        break;
    case RK_KIND_FLOAT:
        GATHER(float, rk_nan_float());
        break;
    case RK_KIND_DOUBLE:
        GATHER(double, rk_nan_double());
        break;
    case RK_KIND_STRING:
        GATHER(rk_atom, 0);
        break;
    case RK_KIND_ROW:
        GATHER(uint32_t, UINT32_MAX);
        break;
    case RK_KIND_LIST:
        GATHER(rk_slice, ((rk_slice){0}));
        break;
    case RK_KIND_VECTOR:
        gather_vectors(out, in, at, from, to);
        break;
    default:
        break;
    }
}

rk_status rk_column_gather(rk_column *out, rk_arena *arena, rk_type type, const rk_column *in,
                           const uint32_t *at, uint32_t n)
{
    RK_TRY(rk_column_init(out, arena, type, n));
    out->child = in->child;
    rk_column_gather_some(out, in, at, 0, n);
    return RK_OK;
}
