/* Every function on odd values: extreme numbers, NaN, empty and long lists, missing in every
 * argument, bytes that are not UTF-8. Each item's result depends on the item alone, is the same on
 * every CPU level, and has no other NaN than the canonical ones; under the sanitizers nothing is
 * read or written astray. Data behind missing items is garbage on purpose. */
#include "tests/unit/stdlib_calls.h"

enum { ROUNDS = 12, N_MAX = 200 };

typedef struct grid {
    env e;
    uint64_t seed;
    rk_atom texts[16];
    uint32_t n_texts;
} grid;

static uint32_t draw(grid *g, uint32_t below)
{
    g->seed += 0x9e3779b97f4a7c15u;
    return (uint32_t)(rk_hash_int(rk_hash_int(g->seed)) >> 20) % below;
}

static int64_t odd_int(grid *g)
{
    static const int64_t odd[] = {
        0,        1,           -1,        2, 3, 7, 60, 128, INT64_MAX, INT64_MIN, INT64_MIN + 1,
        1L << 53, -(1L << 31), 1700000000};
    return odd[draw(g, RK_ARRAY_LEN(odd))];
}

static double odd_double(grid *g)
{
    static const double odd[] = {0.0,    -0.0,    1.0,     -1.0,  0.5,     2.5,      -2.5,
                                 1e-310, -1e-310, 5e-324,  1e300, -1e300,  INFINITY, -INFINITY,
                                 NAN,    0x1p63,  -0x1p63, 1e-3,  123.456, 16777217, 1e9,
                                 1.7e9,  88.8,    -104.0,  710.0, 0.75,    1e15,     1e38};
    return odd[draw(g, RK_ARRAY_LEN(odd))];
}

static void open_grid(grid *g, uint64_t seed)
{
    static const char *const texts[] = {
        "",
        "a",
        "UTC",
        "Europe/Moscow",
        "+03:00",
        "{} of {}",
        "Орехи и",
        "坚果 nut",
        "e\xcc\x81t\xc3\xa9",
        "12.5",
        "-9223372036854775808",
        "inf",
        "\xff\xc0 b\xe2\x82",
        "no such/../zone",
        "ﬃ №½ ŒßЁ",
    };
    *g = (grid){.seed = seed};
    env_open(&g->e);
    for (size_t i = 0; i < RK_ARRAY_LEN(texts); i++)
        g->texts[g->n_texts++] = value_text(&g->e, texts[i]).as.s;
    char longer[300];
    for (size_t i = 0; i < sizeof longer; i++)
        longer[i] = (char)('a' + i * i % 7);
    g->texts[g->n_texts++] = value_str(&g->e, (rk_str){longer, sizeof longer}).as.s;
}

static void fill_scalars(grid *g, uint8_t kind, void *data, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        switch (kind) {
        case RK_KIND_BOOL:
            ((uint8_t *)data)[i] = (uint8_t)draw(g, 2);
            break;
        case RK_KIND_INT:
            ((int64_t *)data)[i] = odd_int(g);
            break;
        case RK_KIND_FLOAT: {
            const float f = (float)odd_double(g);
            ((float *)data)[i] = f == f ? f : rk_nan_float();
            break;
        }
        case RK_KIND_DOUBLE: {
            const double d = odd_double(g);
            ((double *)data)[i] = d == d ? d : rk_nan_double();
            break;
        }
        default:
            ((rk_atom *)data)[i] = g->texts[draw(g, g->n_texts)];
        }
}

static void fill_list(grid *g, rk_arg *arg, rk_slice *slices, uint32_t n)
{
    uint32_t len = 0;
    for (uint32_t i = 0; i < n; i++) {
        slices[i] = (rk_slice){len, draw(g, 8) ? draw(g, 6) : draw(g, 70)};
        len += slices[i].len;
    }
    void *const child =
        rk_arena_array(&g->e.arena, len, rk_type_size((rk_type){.kind = arg->type.elem}));
    fill_scalars(g, arg->type.elem, child, len);
    arg->child = child;
}

/* Missing items keep no meaningful data: all bits are set. */
static void hide_some(grid *g, rk_arg *arg, void *data, uint32_t n)
{
    const size_t size = rk_type_size(arg->type);
    uint64_t *const present = RK_NEW_ARRAY(&g->e.arena, uint64_t, rk_bit_words(n));
    for (uint32_t i = 0; i < n; i++) {
        if (draw(g, 3))
            rk_bit_set(present, i);
        else
            memset((char *)data + i * size, 0xff, size);
    }
    arg->present = rk_kind_has_mask(arg->type.kind) ? present : NULL;
    arg->type.optional = true;
}

static rk_arg make_arg(grid *g, rk_type type, uint32_t n, bool optional)
{
    rk_arg arg = {.type = type, .step = 1};
    const uint32_t items = type.kind == RK_KIND_LIST || type.kind == RK_KIND_VECTOR
                               ? (arg.step = draw(g, 4) > 0) ? n : 1
                               : n;
    void *const data = rk_arena_alloc_column(&g->e.arena, rk_padded(items), rk_type_size(type));
    memset(data, 0, rk_padded(items) * rk_type_size(type));
    arg.data = data;
    if (type.kind == RK_KIND_VECTOR)
        fill_scalars(g, RK_KIND_FLOAT, data, items * type.dim);
    else if (type.kind == RK_KIND_LIST)
        fill_list(g, &arg, data, items);
    else
        fill_scalars(g, type.kind, data, items);
    if (optional)
        hide_some(g, &arg, data, items);
    return arg;
}

static uint32_t make_args(grid *g, const rk_fn *fn, const rk_signature *sig, rk_arg *args,
                          uint32_t n)
{
    uint32_t n_args = sig->n_params;
    const uint32_t dim = 1 + draw(g, 40);
    if (fn->flags & RK_FN_VARIADIC)
        n_args = n_args - 1 + draw(g, 4);
    for (uint32_t k = 0; k < n_args; k++) {
        const rk_param *const param = &sig->params[k < sig->n_params ? k : sig->n_params - 1];
        rk_type type = rk_type_plain(param->type);
        if (param->any)
            type.kind = (uint8_t)(RK_KIND_BOOL + draw(g, 5));
        if (type.kind == RK_KIND_VECTOR)
            type.dim = sig->dim_sum ? 1 + draw(g, 20) : dim;
        args[k] = make_arg(g, type, n, draw(g, 2));
    }
    return n_args;
}

/* One call; `from` shifts it to a later item. The result's mask is preset as the caller does. */
static rk_column call_at(grid *g, const rk_fn *fn, rk_type type, const rk_arg *args,
                         uint32_t n_args, uint32_t n, rk_cpu_level level)
{
    rk_column out;
    ck_assert_int_eq(rk_column_init(&out, &g->e.arena, type, n), RK_OK);
    rk_children children = {.arena = &g->e.arena, .elem = type.elem};
    for (uint32_t i = 0; i < n && out.present; i++) {
        bool has = true;
        for (uint32_t k = 0; k < n_args && fn->null == RK_NULL_ANY; k++)
            has &= rk_arg_has(&args[k], i);
        if (has)
            rk_bit_set(out.present, i);
    }
    const rk_call call = {n,
                          n_args,
                          args,
                          {type, out.data, out.present, &children},
                          rk_vmath_get(level),
                          &g->e.strings,
                          &g->e.arena,
                          1700000000.0};
    ck_assert_int_eq(fn->kernel(&call), RK_OK);
    out.child = children.data;
    return out;
}

/* NaN is compared as bits, so that only the canonical one passes. */
static void check_nan(const rk_column *out, uint32_t i, const char *name)
{
    const rk_value v = rk_column_get(out, i);
    uint32_t f;
    uint64_t d;
    memcpy(&f, &v.as.f, sizeof f);
    memcpy(&d, &v.as.d, sizeof d);
    ck_assert_msg(out->type.kind != RK_KIND_FLOAT || !isnan(v.as.f) || f == 0x7fc00000, "%s", name);
    ck_assert_msg(out->type.kind != RK_KIND_DOUBLE || !isnan(v.as.d) || d == 0x7ff8000000000000u,
                  "%s", name);
}

/* Whether all masked arguments are there: only then the caller looks at the result. */
static bool is_seen(const rk_fn *fn, const rk_arg *args, uint32_t n_args, uint32_t i)
{
    for (uint32_t k = 0; k < n_args && fn->null == RK_NULL_ANY; k++)
        if (!rk_arg_has(&args[k], i))
            return false;
    return true;
}

static bool same_bits(const rk_column *a, uint32_t i, const rk_column *b, uint32_t k)
{
    const rk_value x = rk_column_get(a, i), y = rk_column_get(b, k);
    if (x.type.kind == RK_KIND_FLOAT)
        return memcmp(&x.as.f, &y.as.f, sizeof x.as.f) == 0;
    if (x.type.kind == RK_KIND_DOUBLE)
        return memcmp(&x.as.d, &y.as.d, sizeof x.as.d) == 0;
    return rk_value_eq(x, y);
}

static rk_arg from_item(rk_arg arg, uint32_t i, rk_arena *arena)
{
    const size_t size = rk_type_size(arg.type), at = (size_t)i * arg.step;
    char *const data = rk_arena_alloc_column(arena, 16, size);
    memset(data, 0, 16 * size);
    memcpy(data, (const char *)arg.data + at * size, size);
    if (arg.present) {
        uint64_t *const present = RK_NEW_ARRAY(arena, uint64_t, 2);
        present[0] = rk_bit_get(arg.present, at);
        arg.present = present;
    }
    arg.data = data;
    return arg;
}

static void check_call(grid *g, const rk_fn *fn, const rk_signature *sig, uint32_t n)
{
    rk_arg args[RK_FN_ARGS_MAX], one[RK_FN_ARGS_MAX];
    const uint32_t n_args = make_args(g, fn, sig, args, n);
    rk_type type = sig->result;
    for (uint32_t k = 0; k < n_args; k++) {
        type.optional |= args[k].type.optional && fn->null == RK_NULL_ANY;
        if (type.kind == RK_KIND_VECTOR)
            type.dim = sig->dim_sum || k == 0 ? type.dim + args[k].type.dim : type.dim;
    }
    if (type.kind == RK_KIND_VECTOR && type.dim == 0)
        return;
    const rk_column base = call_at(g, fn, type, args, n_args, n, RK_CPU_SCALAR);
    for (int level = RK_CPU_V3; level <= RK_CPU_V4; level++) {
        if (!rk_cpu_has((rk_cpu_level)level))
            continue;
        const rk_column out = call_at(g, fn, type, args, n_args, n, (rk_cpu_level)level);
        for (uint32_t i = 0; i < n; i++)
            ck_assert_msg(!is_seen(fn, args, n_args, i) || same_bits(&base, i, &out, i),
                          "%s%s: item %u on level %d", fn->name, fn->sig, i, level);
    }
    for (uint32_t i = 0; i < n; i += 1 + draw(g, 7)) {
        for (uint32_t k = 0; k < n_args; k++)
            one[k] = from_item(args[k], i, &g->e.arena);
        const rk_column out = call_at(g, fn, type, one, n_args, 1, rk_cpu_best());
        if (!is_seen(fn, args, n_args, i))
            continue;
        check_nan(&base, i, fn->name);
        ck_assert_msg(same_bits(&base, i, &out, 0), "%s%s: item %u alone", fn->name, fn->sig, i);
    }
}

START_TEST(odd_values)
{
    static const uint32_t sizes[] = {0, 1, 15, 16, 37, 128, N_MAX};
    for (uint32_t at = 0; at < rk_fn_count(); at++) {
        const rk_fn *const fn = rk_fn_at(at);
        rk_signature sig;
        ck_assert(rk_signature_parse(fn->sig, &sig));
        for (uint32_t round = 0; round < ROUNDS; round++) {
            grid g;
            open_grid(&g, at * 1000 + round);
            check_call(&g, fn, &sig, sizes[round % RK_ARRAY_LEN(sizes)]);
            env_close(&g.e);
        }
    }
}
END_TEST

RK_SUITE_MAIN("stdlib_grid", odd_values)
