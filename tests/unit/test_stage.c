/* The selecting stages against naive references that follow the manual's words, on random lists
 * with ties, missing keys, NaN, both zeros, and parameters from far below to far above the list. */
#include <math.h>

#include "runtime/stage/group.h"
#include "runtime/stage/stage.h"
#include "tests/unit/harness.h"

typedef struct world {
    rk_arena arena;
    rk_atoms atoms;
    uint64_t seed;
} world;

static void open_world(world *w)
{
    *w = (world){.seed = 0x9e3779b97f4a7c15u};
    ck_assert_int_eq(rk_atoms_init(&w->atoms, &w->arena, NULL), RK_OK);
}

static uint32_t dice(world *w, uint32_t sides)
{
    w->seed ^= w->seed << 13;
    w->seed ^= w->seed >> 7;
    w->seed ^= w->seed << 17;
    return (uint32_t)(w->seed >> 32) % sides;
}

static rk_value random_value(world *w, rk_type type, uint32_t spread)
{
    static const double specials[] = {0.0, -0.0, INFINITY, -INFINITY, NAN, 1e-310, 5e-324};
    rk_value value = {.type = type, .missing = type.optional && dice(w, 5) == 0};
    const int64_t number = (int64_t)dice(w, spread) - spread / 2;
    const bool special = dice(w, 6) == 0;
    const double real = special ? specials[dice(w, RK_ARRAY_LEN(specials))] : number / 4.0;
    char text[24];
    switch (type.kind) {
    case RK_KIND_BOOL:
        value.as.b = dice(w, 2);
        break;
    case RK_KIND_INT:
        value.as.i = special ? INT64_MIN + (int64_t)dice(w, 2) : number;
        break;
    case RK_KIND_FLOAT:
        value.as.f = (float)real;
        break;
    case RK_KIND_DOUBLE:
        value.as.d = real;
        break;
    default: {
        const int len = snprintf(text, sizeof text, "%s%d", special ? "prefix__" : "", (int)number);
        ck_assert_int_eq(rk_atom_intern(&w->atoms, (rk_str){text, (size_t)len}, &value.as.s),
                         RK_OK);
    }
    }
    return value;
}

static rk_column random_column(world *w, rk_type type, uint32_t n)
{
    rk_column column;
    const uint32_t spread = dice(w, 2) ? 8 : 1000000;
    ck_assert_int_eq(rk_column_init(&column, &w->arena, type, n), RK_OK);
    for (uint32_t i = 0; i < n; i++)
        rk_column_set(&column, i, random_value(w, type, spread));
    return column;
}

static const rk_type key_types[] = {
    RK_TYPE(BOOL),    RK_TYPE(INT),      RK_TYPE(FLOAT),     RK_TYPE(DOUBLE),     RK_TYPE(STRING),
    RK_TYPE_OPT(INT), RK_TYPE_OPT(BOOL), RK_TYPE_OPT(FLOAT), RK_TYPE_OPT(STRING),
};

/* -1, 0, 1: the order of two keys; the missing ones come last whichever direction. */
static int order(const world *w, const rk_column *key, uint32_t a, uint32_t b, bool descending)
{
    const bool has_a = rk_column_has(key, a), has_b = rk_column_has(key, b);
    if (!has_a || !has_b)
        return has_b - has_a;
    const rk_value x = rk_column_get(key, a), y = rk_column_get(key, b);
    int cmp = 0;
    switch (key->type.kind) {
    case RK_KIND_BOOL:
        cmp = x.as.b - y.as.b;
        break;
    case RK_KIND_INT:
        cmp = (x.as.i > y.as.i) - (x.as.i < y.as.i);
        break;
    case RK_KIND_FLOAT:
        cmp = (x.as.f > y.as.f) - (x.as.f < y.as.f);
        break;
    case RK_KIND_DOUBLE:
        cmp = (x.as.d > y.as.d) - (x.as.d < y.as.d);
        break;
    default:
        cmp = rk_str_cmp(rk_atom_str(&w->atoms, x.as.s), rk_atom_str(&w->atoms, y.as.s));
    }
    return descending ? -cmp : cmp;
}

/* Insertion sort, straight from the definition. */
static void naive_sort(const world *w, const rk_column *key, bool descending, uint32_t *out)
{
    for (uint32_t i = 0; i < key->n; i++) {
        uint32_t at = i;
        for (; at > 0 && order(w, key, out[at - 1], i, descending) > 0; at--)
            out[at] = out[at - 1];
        out[at] = i;
    }
}

static uint32_t naive_count(int64_t k, uint32_t n) { return k <= 0 ? 0 : k > n ? n : (uint32_t)k; }

static bool same_key(const rk_column *key, uint32_t a, uint32_t b)
{
    return rk_column_has(key, a) && rk_column_has(key, b) &&
           rk_value_eq(rk_column_get(key, a), rk_column_get(key, b));
}

static bool fits(const rk_column *key, const uint32_t *out, uint32_t at, uint32_t item, int64_t max,
                 int64_t window)
{
    int64_t count = 1;
    if (!rk_column_has(key, item))
        return true;
    for (int64_t back = 1; back < window && back <= at; back++)
        count += same_key(key, out[at - back], item);
    return count <= max;
}

static void naive_spread(const rk_column *key, int64_t max, int64_t window, uint32_t *out)
{
    bool *const taken = calloc(key->n + 1, 1);
    for (uint32_t at = 0; at < key->n; at++) {
        uint32_t first = UINT32_MAX, chosen = UINT32_MAX;
        for (uint32_t i = 0; i < key->n && chosen == UINT32_MAX; i++) {
            if (taken[i])
                continue;
            first = first == UINT32_MAX ? i : first;
            chosen = fits(key, out, at, i, max, window) ? i : chosen;
        }
        out[at] = chosen == UINT32_MAX ? first : chosen;
        taken[out[at]] = true;
    }
    free(taken);
}

static bool meets(const rk_column *cond, uint32_t i)
{
    return rk_column_has(cond, i) && rk_column_get(cond, i).as.b;
}

/* Runs a stage and compares with what is expected. */
static void check_run(world *w, const char *name, rk_stage_call call, const uint32_t *expected,
                      uint32_t n_expected)
{
    const rk_stage *const stage = rk_stage_find(rk_str_from(name));
    ck_assert_ptr_nonnull(stage);
    call.strings = &w->atoms;
    call.scratch = &w->arena;
    call.out = rk_arena_alloc_column(&w->arena, call.n, sizeof *call.out);
    ck_assert_int_eq(stage->run(&call), RK_OK);
    ck_assert_msg(call.n_out == n_expected, "%s: %u items, not %u", name, call.n_out, n_expected);
    for (uint32_t i = 0; i < n_expected; i++)
        if (call.out[i] != expected[i]) /* asserting each item would cost more than the stages */
            ck_abort_msg("%s: %u at %u of %u, not %u", name, call.out[i], i, call.n, expected[i]);
}

static const uint32_t sizes[] = {0, 1, 2, 3, 15, 16, 17, 63, 64, 65, 200, 700, 1500};

static int64_t random_param(world *w, uint32_t n)
{
    static const int64_t ends[] = {INT64_MIN, -1, 0, 1, 2, INT64_MAX};
    return dice(w, 3) ? (int64_t)dice(w, n + 3) : ends[dice(w, RK_ARRAY_LEN(ends))];
}

START_TEST(top_and_sort)
{
    world w;
    open_world(&w);
    static uint32_t expected[1500];
    for (size_t t = 0; t < RK_ARRAY_LEN(key_types); t++)
        for (size_t s = 0; s < RK_ARRAY_LEN(sizes); s++) {
            const uint32_t n = sizes[s];
            const rk_column key = random_column(&w, key_types[t], n);
            for (int descending = 0; descending < 2; descending++) {
                naive_sort(&w, &key, descending, expected);
                const rk_stage_call call = {.n = n, .key = &key, .descending = descending};
                check_run(&w, "sort", call, expected, n);
            }
            for (int i = 0; i < 6; i++) {
                const int64_t k = random_param(&w, i < 3 ? n : 10);
                const rk_stage_call call = {.n = n, .key = &key, .params = {k}};
                check_run(&w, "top", call, expected, naive_count(k, n));
            }
        }
    rk_arena_free(&w.arena);
}
END_TEST

/* Long lists, where the threshold decides: rising keys (each is better than all before), falling
 * ones, and random ones with NaN. */
START_TEST(top_of_a_long_list)
{
    world w;
    open_world(&w);
    enum { N = 200000 };
    rk_column key;
    ck_assert_int_eq(rk_column_init(&key, &w.arena, RK_TYPE(FLOAT), N), RK_OK);
    for (int shape = 0; shape < 4; shape++) {
        float *const x = key.data;
        for (uint32_t i = 0; i < N; i++)
            x[i] = shape == 0   ? (float)i
                   : shape == 1 ? -(float)i
                   : shape == 2 ? 7.0f
                                : (float)dice(&w, 1000);
        for (uint32_t i = 0; shape == 3 && i < N; i += 3)
            x[i] = rk_nan_float();
        uint32_t *const sorted = rk_arena_alloc_column(&w.arena, N, sizeof *sorted);
        rk_stage_call call = {.n = N, .key = &key, .descending = true, .out = sorted};
        call.scratch = &w.arena;
        ck_assert_int_eq(rk_stage_find(RK_STR("sort"))->run(&call), RK_OK);
        for (uint32_t i = 1; i < N; i++) {
            const int cmp = order(&w, &key, sorted[i - 1], sorted[i], true);
            if (cmp > 0 || (cmp == 0 && sorted[i - 1] >= sorted[i]))
                ck_abort_msg("not sorted at %u", i);
        }
        static const int64_t ks[] = {1, 50, 300, 5000, N - 1, N, INT64_MAX};
        for (size_t i = 0; i < RK_ARRAY_LEN(ks); i++) {
            const rk_stage_call top = {.n = N, .key = &key, .params = {ks[i]}};
            check_run(&w, "top", top, sorted, naive_count(ks[i], N));
        }
    }
    rk_arena_free(&w.arena);
}
END_TEST

START_TEST(spread)
{
    world w;
    open_world(&w);
    static uint32_t expected[1500];
    for (size_t t = 0; t < RK_ARRAY_LEN(key_types); t++)
        for (size_t s = 0; s + 2 < RK_ARRAY_LEN(sizes); s++)
            for (int i = 0; i < (sizes[s] < 100 ? 12 : 2); i++) {
                const rk_column key = random_column(&w, key_types[t], sizes[s]);
                const int64_t max = i % 3 ? (int64_t)dice(&w, 4) : random_param(&w, sizes[s]);
                const int64_t window = i % 4 ? (int64_t)dice(&w, 12) : random_param(&w, sizes[s]);
                naive_spread(&key, max, window < 1 ? 1 : window, expected);
                const rk_stage_call call = {.n = key.n, .key = &key, .params = {max, window}};
                check_run(&w, "spread", call, expected, key.n);
            }
    rk_arena_free(&w.arena);
}
END_TEST

START_TEST(where_limit_pin_sink)
{
    world w;
    open_world(&w);
    static uint32_t expected[1500], others[1500], met[1500];
    for (size_t s = 0; s < RK_ARRAY_LEN(sizes); s++)
        for (int round = 0; round < 20; round++) {
            const uint32_t n = sizes[s];
            const rk_type type = round % 2 ? RK_TYPE(BOOL) : RK_TYPE_OPT(BOOL);
            const rk_column cond = random_column(&w, type, n);
            const int64_t p = random_param(&w, n);
            uint32_t n_others = 0, n_met = 0;
            for (uint32_t i = 0; i < n; i++) {
                *(meets(&cond, i) ? &met[n_met++] : &others[n_others++]) = i;
                expected[i] = i;
            }
            const rk_stage_call call = {.n = n, .key = &cond, .params = {p}};
            check_run(&w, "limit", call, expected, naive_count(p, n));
            check_run(&w, "where", call, met, n_met);
            uint32_t at = 0;
            for (uint32_t i = 0; i < n_others; i++)
                expected[at++] = others[i];
            for (uint32_t i = 0; i < n_met; i++)
                expected[at++] = met[i];
            check_run(&w, "sink", call, expected, n);
            const uint32_t before = naive_count(p < 1 ? 0 : p - 1, n_others);
            at = 0;
            for (uint32_t i = 0; i < before; i++)
                expected[at++] = others[i];
            for (uint32_t i = 0; i < n_met; i++)
                expected[at++] = met[i];
            for (uint32_t i = before; i < n_others; i++)
                expected[at++] = others[i];
            check_run(&w, "pin", call, expected, n);
        }
    rk_arena_free(&w.arena);
}
END_TEST

START_TEST(groups)
{
    world w;
    open_world(&w);
    static uint32_t groups[700];
    for (size_t t = 0; t < RK_ARRAY_LEN(key_types); t++) {
        const rk_column key = random_column(&w, key_types[t], 700);
        uint32_t n_groups, seen = 0;
        ck_assert_int_eq(rk_group_number(&key, &w.arena, groups, &n_groups), RK_OK);
        for (uint32_t i = 0; i < key.n; i++) {
            if (!rk_column_has(&key, i)) {
                ck_assert_uint_eq(groups[i], RK_GROUP_NONE);
                continue;
            }
            ck_assert_uint_le(groups[i], seen);
            seen += groups[i] == seen;
            for (uint32_t j = 0; j < i; j++)
                ck_assert(same_key(&key, i, j) == (groups[i] == groups[j]) ||
                          !rk_column_has(&key, j));
        }
        ck_assert_uint_eq(seen, n_groups);
    }
    rk_arena_free(&w.arena);
}
END_TEST

START_TEST(rows)
{
    uint32_t n = 0;
    for (const rk_stage *const *stage = rk_stages; *stage; stage++, n++) {
        rk_stage_param params[RK_STAGE_PARAMS_MAX];
        ck_assert_uint_ne(rk_stage_params(*stage, params), UINT32_MAX);
        ck_assert_ptr_eq(rk_stage_find(rk_str_from((*stage)->name)), *stage);
        ck_assert_uint_eq(rk_stage_index(*stage), n);
        ck_assert((*stage)->doc && (*stage)->example);
        ck_assert(((*stage)->run != NULL) == ((*stage)->kind == RK_STAGE_SELECT));
    }
    rk_stage_param params[RK_STAGE_PARAMS_MAX];
    ck_assert_uint_eq(rk_stage_params(rk_stage_find(RK_STR("sort")), params), 2);
    ck_assert(!params[0].either && params[1].either && params[1].type == RK_STAGE_KEY);
    ck_assert_uint_eq(rk_stage_params(rk_stage_find(RK_STR("union")), params), 1);
    ck_assert(params[0].many);
    ck_assert_uint_eq(rk_stage_params(rk_stage_find(RK_STR("nearest")), params), 4);
    ck_assert(params[3].optional && !params[2].optional);
    ck_assert_ptr_null(rk_stage_find(RK_STR("tops")));
}
END_TEST

RK_SUITE_MAIN("stage", top_and_sort, top_of_a_long_list, spread, where_limit_pin_sink, groups, rows)
