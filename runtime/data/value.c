/* Single values: conversion, equality, printing. */
#include <math.h>

#include "runtime/data/column.h"

static double as_double(rk_value value)
{
    switch (value.type.kind) {
    case RK_KIND_BOOL:
        return value.as.b;
    case RK_KIND_INT:
        return (double)value.as.i;
    case RK_KIND_FLOAT:
        return (double)value.as.f;
    default:
        return value.as.d;
    }
}

rk_value rk_value_convert(rk_value value, rk_type type)
{
    rk_value out = value;
    out.type = type;
    if (value.missing || value.type.kind == type.kind)
        return out;
    if (type.kind == RK_KIND_FLOAT)
        out.as.f = value.type.kind == RK_KIND_INT ? (float)value.as.i : (float)as_double(value);
    else if (type.kind == RK_KIND_DOUBLE)
        out.as.d = as_double(value);
    return out;
}

static bool is_missing(rk_value value)
{
    return value.missing || (value.type.kind == RK_KIND_FLOAT && isnan(value.as.f)) ||
           (value.type.kind == RK_KIND_DOUBLE && isnan(value.as.d));
}

/* Element i of a list or vector as a value. */
static rk_value element(rk_value list, uint32_t i)
{
    const uint8_t kind = list.type.kind == RK_KIND_VECTOR ? RK_KIND_FLOAT : list.type.elem;
    const rk_column view = {
        .type = {.kind = kind}, .n = list.as.list.len, .data = (void *)list.as.list.items};
    return rk_column_get(&view, i);
}

static bool list_eq(rk_value a, rk_value b)
{
    if (a.as.list.len != b.as.list.len)
        return false;
    for (uint32_t i = 0; i < a.as.list.len; i++)
        if (!rk_value_eq(element(a, i), element(b, i)))
            return false;
    return true;
}

bool rk_value_eq(rk_value a, rk_value b)
{
    if (is_missing(a) || is_missing(b))
        return is_missing(a) && is_missing(b);
    if (a.type.kind == RK_KIND_INT && b.type.kind == RK_KIND_INT)
        return a.as.i == b.as.i;
    if (rk_kind_is_number(a.type.kind) && rk_kind_is_number(b.type.kind))
        return as_double(a) == as_double(b);
    if (a.type.kind != b.type.kind)
        return false;
    switch (a.type.kind) {
    case RK_KIND_BOOL:
        return a.as.b == b.as.b;
    case RK_KIND_STRING:
        return a.as.s == b.as.s;
    case RK_KIND_LIST:
    case RK_KIND_VECTOR:
        return list_eq(a, b);
    default:
        return false;
    }
}

static void print_real(rk_value value, bool json, rk_buf *out)
{
    char text[32];
    const size_t len = value.type.kind == RK_KIND_FLOAT ? rk_float_print(value.as.f, text)
                                                        : rk_double_print(value.as.d, text);
    const bool quote = json && isinf(as_double(value));
    rk_buf_add_chars(out, quote ? "\"" : "");
    rk_buf_add(out, (rk_str){text, len});
    rk_buf_add_chars(out, quote ? "\"" : "");
}

static void print(rk_value value, const rk_atoms *strings, bool json, rk_buf *out);

static void print_list(rk_value value, const rk_atoms *strings, rk_buf *out)
{
    rk_buf_add_char(out, '[');
    for (uint32_t i = 0; i < value.as.list.len; i++) {
        rk_buf_add_chars(out, i ? "," : "");
        print(element(value, i), strings, true, out);
    }
    rk_buf_add_char(out, ']');
}

static void print(rk_value value, const rk_atoms *strings, bool json, rk_buf *out)
{
    if (is_missing(value)) {
        rk_buf_add_chars(out, json ? "null" : "missing");
        return;
    }
    switch (value.type.kind) {
    case RK_KIND_BOOL:
        rk_buf_add_chars(out, value.as.b ? "true" : "false");
        break;
    case RK_KIND_INT:
        rk_buf_printf(out, "%lld", (long long)value.as.i);
        break;
    case RK_KIND_FLOAT:
    case RK_KIND_DOUBLE:
        print_real(value, json, out);
        break;
    case RK_KIND_STRING:
        if (json)
            rk_buf_add_json(out, rk_atom_str(strings, value.as.s));
        else
            rk_buf_add(out, rk_atom_str(strings, value.as.s));
        break;
    case RK_KIND_LIST:
    case RK_KIND_VECTOR:
        print_list(value, strings, out);
        break;
    default:
        break;
    }
}

void rk_value_print_json(rk_value value, const rk_atoms *strings, rk_buf *out)
{
    print(value, strings, true, out);
}

void rk_value_print(rk_value value, const rk_atoms *strings, rk_buf *out)
{
    print(value, strings, false, out);
}
