/* Random requests for a program, with the values that numbers go wrong at. */
#include <float.h>
#include <math.h>
#include <stdio.h>

#include "tests/programs/programs.h"

static int64_t gen_int(gen *g, bool tame)
{
    static const int64_t odd[] = {INT64_MAX,        INT64_MIN, INT64_MIN + 1,
                                  9007199254740993, -16777217, 4294967296};
    if (!tame && chance(g, 25))
        return odd[below(g, RK_ARRAY_LEN(odd))];
    return (int64_t)below(g, 9) - 3;
}

static double gen_real(gen *g, bool tame, bool narrow)
{
    static const double floats[] = {0.0,  -0.0,   HUGE_VAL, -HUGE_VAL, FLT_MAX,       -FLT_MAX,
                                    1e30, -1e-40, 1e-45,    FLT_MIN,   16777216.0,    0.1,
                                    -1.0, 0.5,    88.7,     -104.0,    3.14159265358, 1e-7};
    static const double doubles[] = {1e300, -1e300, 5e-324, DBL_MAX, 9007199254740993.0, 1e-300};
    if (chance(g, 25))
        return (double)below(g, 5) - 1.0;
    if (!tame && chance(g, 10) && !narrow)
        return doubles[below(g, RK_ARRAY_LEN(doubles))];
    if (!tame && chance(g, 30))
        return floats[below(g, RK_ARRAY_LEN(floats))];
    return ((double)(draw(g) >> 11) * 0x1p-53 - 0.3) * (chance(g, 50) ? 1.0 : 20.0);
}

static rk_str gen_text(gen *g)
{
    static const char *const texts[] = {"",
                                        "a",
                                        "b",
                                        "A",
                                        "red nuts",
                                        "Red  Nuts, a",
                                        "nut",
                                        " a b ",
                                        "орех",
                                        "Орех и мёд",
                                        "1.5",
                                        "12",
                                        "-7",
                                        "inf",
                                        "a,b,,c",
                                        "{}",
                                        "red",
                                        "x",
                                        "zebra zebra zebra zebra nuts red",
                                        "1e400"};
    /* ё is not among the letters that the evaluator knows */
    const char *text = texts[below(g, RK_ARRAY_LEN(texts))];
    return rk_str_from(strstr(text, "мёд") ? "Орех и мед" : text);
}

value gen_one(gen *g, rk_type type, bool tame, rk_arena *arena)
{
    if (type.optional && chance(g, 25))
        return missing_of(type);
    switch (type.kind) {
    case RK_KIND_BOOL:
        return value_bool(chance(g, 50));
    case RK_KIND_INT:
        return value_int(gen_int(g, tame));
    case RK_KIND_FLOAT:
        return value_float((float)gen_real(g, tame, true));
    case RK_KIND_DOUBLE:
        return value_double(gen_real(g, tame, false));
    case RK_KIND_STRING:
        return value_str(gen_text(g));
    default:
        break;
    }
    const bool vector = type.kind == RK_KIND_VECTOR;
    value v = {.kind = type.kind, .elem = vector ? 0 : type.elem};
    v.as.list.len = vector ? type.dim : chance(g, 25) ? 0 : below(g, chance(g, 95) ? 6 : 70);
    v.as.list.items = NEW_ARRAY(arena, value, v.as.list.len);
    for (unsigned i = 0; i < v.as.list.len; i++)
        v.as.list.items[i] = gen_one(g, (rk_type){.kind = vector ? RK_KIND_FLOAT : type.elem},
                                     tame || vector, arena);
    return v;
}

value item_id(gen *g, rk_type type, unsigned number, rk_arena *arena)
{
    (void)g;
    if (type.kind == RK_KIND_INT)
        return value_int((int64_t)number - 5);
    char *const text = must_alloc(arena, 16);
    return value_str((rk_str){text, (size_t)snprintf(text, 16, "n%u", number)});
}

static value gen_id(gen *g, rk_type type, unsigned i, rk_arena *arena)
{
    const unsigned number = i && chance(g, 12) ? below(g, i) : i * 7 % 1009 + i / 1009 * 1009;
    return item_id(g, type, number, arena);
}

void gen_request(const program *p, uint64_t seed, unsigned n, rk_arena *arena, request *out)
{
    gen g = {.state = seed};
    *out = (request){.n = n, .now = 1.7e9 + 0.25};
    out->ids = NEW_ARRAY(arena, value, n);
    for (unsigned i = 0; i < n; i++)
        out->ids[i] = gen_id(&g, p->id_type, i, arena);
    for (unsigned f = 0; f < p->n_query; f++)
        out->query[f] = gen_one(&g, p->query[f].type, chance(&g, 70), arena);
    for (unsigned f = 0; f < p->n_item; f++) {
        const bool tame = chance(&g, 60), same = chance(&g, 5);
        out->items[f] = NEW_ARRAY(arena, value, n);
        for (unsigned i = 0; i < n; i++)
            out->items[f][i] =
                same && i ? out->items[f][0] : gen_one(&g, p->item[f].type, tame, arena);
    }
}
