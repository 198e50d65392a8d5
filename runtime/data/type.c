#include "runtime/data/type.h"

#include <stdio.h>

/* clang-format off */
static const struct { const char *text; uint8_t size; } kinds[] = {
#define RK_KIND(name, text, bytes) [RK_KIND_##name] = {text, bytes},
#include "runtime/data/type.def"
#undef RK_KIND
};
/* clang-format on */

size_t rk_type_size(rk_type type)
{
    return type.kind == RK_KIND_VECTOR ? (size_t)type.dim * 4 : kinds[type.kind].size;
}

const char *rk_kind_text(uint8_t kind) { return kinds[kind].text; }

rk_kind rk_kind_find(rk_str name)
{
    for (rk_kind kind = RK_KIND_BOOL; kind <= RK_KIND_LIST; kind++)
        if (rk_str_eq(name, rk_str_from(kinds[kind].text)))
            return kind;
    return RK_KIND_NONE;
}

rk_type_name rk_type_text(rk_type type)
{
    rk_type_name name;
    const char *const mark = type.optional ? "?" : "";
    const char *const text = kinds[type.kind].text;
    if (type.kind == RK_KIND_LIST)
        snprintf(name.text, sizeof name.text, "list(%s)%s", kinds[type.elem].text, mark);
    else if (type.kind == RK_KIND_VECTOR && type.dim)
        snprintf(name.text, sizeof name.text, "vector(%u)%s", type.dim, mark);
    else
        snprintf(name.text, sizeof name.text, "%s%s", text, mark);
    return name;
}

void rk_type_print(rk_type type, rk_buf *out) { rk_buf_add_chars(out, rk_type_text(type).text); }

bool rk_type_converts(rk_type from, rk_type to)
{
    if (from.optional && !to.optional)
        return false;
    if (rk_kind_is_number(from.kind) && rk_kind_is_number(to.kind))
        return from.kind <= to.kind;
    return from.kind == to.kind && from.elem == to.elem && from.dim == to.dim;
}

rk_type rk_type_common(rk_type a, rk_type b)
{
    const bool optional = a.optional || b.optional;
    a.optional = b.optional = optional;
    if (rk_type_converts(a, b))
        return b;
    return rk_type_converts(b, a) ? a : (rk_type){0};
}
