/* Values: what they are made of, how they convert and compare. */
#include <math.h>
#include <stdlib.h>

#include "tests/programs/programs.h"

void *must_alloc(rk_arena *arena, size_t size)
{
    void *const memory = rk_arena_alloc(arena, size);
    if (!memory)
        abort();
    return memory;
}

value value_bool(bool b) { return (value){.kind = RK_KIND_BOOL, .as.b = b}; }
value value_int(int64_t i) { return (value){.kind = RK_KIND_INT, .as.i = i}; }
value value_float(float f) { return (value){.kind = RK_KIND_FLOAT, .as.f = f}; }
value value_double(double d) { return (value){.kind = RK_KIND_DOUBLE, .as.d = d}; }
value value_str(rk_str s) { return (value){.kind = RK_KIND_STRING, .as.s = s}; }

value missing_of(rk_type type)
{
    value v = {.kind = type.kind, .elem = type.elem, .missing = true};
    if (type.kind == RK_KIND_FLOAT)
        v = value_float(NAN);
    else if (type.kind == RK_KIND_DOUBLE)
        v = value_double(NAN);
    return v;
}

bool has_value(value v)
{
    if (v.kind == RK_KIND_FLOAT)
        return !isnan(v.as.f);
    if (v.kind == RK_KIND_DOUBLE)
        return !isnan(v.as.d);
    return !v.missing;
}

double as_double(value v)
{
    return v.kind == RK_KIND_INT     ? (double)v.as.i
           : v.kind == RK_KIND_FLOAT ? (double)v.as.f
                                     : v.as.d;
}

value convert(value v, uint8_t kind)
{
    if (v.kind == kind || (kind != RK_KIND_FLOAT && kind != RK_KIND_DOUBLE))
        return v;
    if (!has_value(v))
        return missing_of((rk_type){.kind = kind});
    if (kind == RK_KIND_FLOAT)
        return value_float(v.kind == RK_KIND_INT ? (float)v.as.i : (float)v.as.d);
    return value_double(as_double(v));
}

static int compare_texts(rk_str a, rk_str b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++)
        if (a.data[i] != b.data[i])
            return (unsigned char)a.data[i] < (unsigned char)b.data[i] ? -1 : 1;
    return a.len < b.len ? -1 : a.len > b.len;
}

int compare_values(value a, value b)
{
    switch (a.kind) {
    case RK_KIND_BOOL:
        return a.as.b - b.as.b;
    case RK_KIND_INT:
        return a.as.i < b.as.i ? -1 : a.as.i > b.as.i;
    case RK_KIND_STRING:
        return compare_texts(a.as.s, b.as.s);
    default:
        return as_double(a) < as_double(b) ? -1 : as_double(a) > as_double(b);
    }
}

bool same_key(value a, value b)
{
    return has_value(a) && has_value(b) && compare_values(a, b) == 0;
}
