#include "runtime/plan/value_bytes.h"

/* ---- types: kind, whether it is optional, and what the kind needs ---- */

void rk_put_type(rk_buf *out, rk_type type)
{
    rk_put_u8(out, (uint8_t)(type.kind | (type.optional ? 0x80 : 0)));
    if (type.kind == RK_KIND_LIST)
        rk_put_u8(out, type.elem);
    if (type.kind == RK_KIND_VECTOR)
        rk_put_varint(out, type.dim);
}

rk_type rk_get_type(rk_reader *r)
{
    const uint8_t first = rk_get_u8(r);
    rk_type type = {.kind = first & 0x7f, .optional = first >> 7};
    if (type.kind >= RK_KIND_COUNT)
        rk_reader_fail(r, "a type of no kind");
    if (type.kind == RK_KIND_LIST)
        type.elem = rk_get_u8(r);
    if (type.elem >= RK_KIND_COUNT)
        rk_reader_fail(r, "a list of no kind");
    if (type.kind == RK_KIND_VECTOR) {
        const uint64_t dim = rk_get_varint(r);
        if (dim > UINT32_MAX)
            rk_reader_fail(r, "a vector is too long");
        type.dim = (uint32_t)dim;
    }
    return r->fault ? (rk_type){0} : type;
}

/* ---- values ---- */

/* Bytes of a scalar as written; 0: none. */
static size_t scalar_size(uint8_t kind)
{
    return rk_kind_is_scalar(kind) ? rk_type_size((rk_type){.kind = kind}) : 0;
}

static void put_scalar(rk_buf *out, uint8_t kind, const void *from)
{
    uint32_t four;
    uint64_t eight;
    switch (scalar_size(kind)) {
    case 1:
        rk_put_u8(out, *(const uint8_t *)from);
        break;
    case 4:
        memcpy(&four, from, sizeof four);
        rk_put_u32(out, four);
        break;
    case 8:
        memcpy(&eight, from, sizeof eight);
        rk_put_u64(out, eight);
        break;
    default:
        break;
    }
}

static void get_scalar(rk_reader *r, uint8_t kind, void *to)
{
    uint32_t four;
    uint64_t eight;
    switch (scalar_size(kind)) {
    case 1:
        *(bool *)to = rk_get_bool(r);
        break;
    case 4:
        four = rk_get_u32(r);
        memcpy(to, &four, sizeof four);
        break;
    case 8:
        eight = rk_get_u64(r);
        memcpy(to, &eight, sizeof eight);
        break;
    default:
        break;
    }
}

static bool has_items(rk_type type)
{
    return type.kind == RK_KIND_VECTOR || type.kind == RK_KIND_LIST;
}

static uint8_t item_kind(rk_type type)
{
    return type.kind == RK_KIND_VECTOR ? RK_KIND_FLOAT : type.elem;
}

void rk_put_value(rk_buf *out, const rk_value *value)
{
    rk_put_type(out, value->type);
    rk_put_u8(out, value->missing);
    if (value->missing)
        return;
    if (!has_items(value->type)) {
        put_scalar(out, value->type.kind, &value->as);
        return;
    }
    const uint8_t kind = item_kind(value->type);
    const size_t size = scalar_size(kind);
    rk_put_varint(out, value->as.list.len);
    for (uint32_t i = 0; i < value->as.list.len; i++)
        put_scalar(out, kind, (const char *)value->as.list.items + i * size);
}

static rk_status get_items(rk_reader *r, rk_arena *arena, rk_value *out)
{
    const uint8_t kind = item_kind(out->type);
    const size_t size = scalar_size(kind);
    const uint32_t n = size ? rk_get_count(r, size) : 0;
    if (!size)
        rk_reader_fail(r, "a list of no scalars");
    char *const items = rk_arena_array(arena, n, size ? size : 1);
    if (!items)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        get_scalar(r, kind, items + i * size);
    out->as.list.items = items;
    out->as.list.len = n;
    return RK_OK;
}

rk_status rk_get_value(rk_reader *r, rk_arena *arena, rk_value *out)
{
    *out = (rk_value){.type = rk_get_type(r)};
    out->missing = rk_get_bool(r);
    if (out->missing && out->type.kind == RK_KIND_FLOAT)
        out->as.f = rk_nan_float();
    if (out->missing && out->type.kind == RK_KIND_DOUBLE)
        out->as.d = rk_nan_double();
    if (r->fault || out->missing)
        return RK_OK;
    if (has_items(out->type))
        return get_items(r, arena, out);
    if (!rk_kind_is_scalar(out->type.kind))
        rk_reader_fail(r, "a value of no kind");
    get_scalar(r, out->type.kind, &out->as);
    return RK_OK;
}
