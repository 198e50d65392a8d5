/* Aggregates and list-wise functions against a straightforward reading of the contract, to the bit
 * where it says so, on every CPU level of this machine. */
#include "stdlib/fold.h"
#include "stdlib/sums.h"
#include "stdlib/wide.h"
#include "tests/unit/stdlib_calls.h"

enum { N_MAX = 20000 };

typedef struct domain {
    rk_arena arena;
    rk_atoms strings;
    uint32_t n, n_groups;
    rk_column value;
    uint64_t *keep;   /* or NULL */
    uint32_t *groups; /* or NULL */
    double param;
    rk_cpu_level level;
    uint64_t seed;
} domain;

static uint64_t next(domain *d)
{
    d->seed += 0x9e3779b97f4a7c15u;
    return rk_hash_int(rk_hash_int(d->seed));
}

static double random_value(domain *d, bool wild)
{
    static const double odd[] = {0.0, -0.0, 1e-310, 1e300, -1e300, INFINITY, -INFINITY, 5.0};
    if (wild && next(d) % 16 == 0)
        return odd[next(d) % RK_ARRAY_LEN(odd)];
    return (double)(int64_t)next(d) * 0x1p-50;
}

static void fill(domain *d, uint8_t kind, bool wild)
{
    static const char *const words[] = {"", "a", "b", "aa", "z", "ж", "中"};
    ck_assert_int_eq(rk_column_init(&d->value, &d->arena, (rk_type){.kind = kind}, d->n), RK_OK);
    for (uint32_t i = 0; i < d->n; i++) {
        const double x = random_value(d, wild);
        rk_value value = {.type = {.kind = kind}};
        switch (kind) {
        case RK_KIND_INT:
            value.as.i = wild ? (int64_t)next(d) >> (next(d) % 60) : (int64_t)(next(d) % 50);
            break;
        case RK_KIND_FLOAT:
            value.as.f = (float)x;
            break;
        case RK_KIND_DOUBLE:
            value.as.d = x;
            break;
        case RK_KIND_BOOL:
            value.as.b = next(d) % 2;
            break;
        default:
            ck_assert_int_eq(
                rk_atom_intern(&d->strings, rk_str_from(words[next(d) % 7]), &value.as.s), RK_OK);
        }
        rk_column_set(&d->value, i, value);
    }
}

static void open_domain(domain *d, uint32_t n, uint8_t kind, int keep, uint32_t n_groups, bool wild)
{
    *d = (domain){.n = n, .n_groups = n_groups ? n_groups : 1, .seed = n * 31u + kind + n_groups};
    ck_assert_int_eq(rk_atoms_init(&d->strings, &d->arena, NULL), RK_OK);
    fill(d, kind, wild);
    d->keep = keep ? RK_NEW_ARRAY(&d->arena, uint64_t, rk_bit_words(n)) : NULL;
    d->groups = n_groups ? RK_NEW_ARRAY(&d->arena, uint32_t, n) : NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (keep && (int)(next(d) % 100) < keep)
            rk_bit_set(d->keep, i);
        if (n_groups)
            d->groups[i] = next(d) % 13 == 0 ? UINT32_MAX : (uint32_t)(next(d) % n_groups);
    }
}

static bool counts(const domain *d, uint32_t i, uint32_t g)
{
    return (!d->keep || rk_bit_get(d->keep, i)) && (!d->groups || d->groups[i] == g);
}

static double number_at(const domain *d, uint32_t i)
{
    const rk_value v = rk_column_get(&d->value, i);
    return v.type.kind == RK_KIND_INT     ? (double)v.as.i
           : v.type.kind == RK_KIND_FLOAT ? (double)v.as.f
                                          : v.as.d;
}

static rk_column run(domain *d, const char *name)
{
    const rk_fold_fn *const fn = rk_fold_find(rk_str_from(name));
    ck_assert_ptr_nonnull(fn);
    const uint8_t kind = d->value.type.kind;
    const uint8_t real = kind == RK_KIND_DOUBLE ? RK_KIND_DOUBLE : RK_KIND_FLOAT;
    const uint8_t kinds[] = {kind, real, RK_KIND_INT, RK_KIND_BOOL};
    rk_column out;
    const rk_type type = {.kind = kinds[fn->result], .optional = true};
    const uint32_t n = fn->kind == RK_FOLD_LISTWISE ? d->n : d->n_groups;
    ck_assert_int_eq(rk_column_init(&out, &d->arena, type, n), RK_OK);
    const rk_fold fold = {
        .n = d->n,
        .value = {d->value.type, 1, d->value.data, d->value.present, NULL},
        .keep = d->keep,
        .groups = d->groups,
        .n_groups = d->n_groups,
        .param = d->param,
        .strings = &d->strings,
        .math = rk_vmath_get(d->level),
        .scratch = &d->arena,
        .out = &out,
    };
    ck_assert_int_eq(fn->kernel(&fold), RK_OK);
    return out;
}

/* ---- the contract, read slowly ---- */

static double slow_sum(const domain *d, uint32_t g, const double *term)
{
    double total = 0.0;
    for (uint32_t from = 0; from < d->n; from += 4096) {
        double lane[16] = {0};
        for (uint32_t i = from; i < d->n && i < from + 4096; i++)
            if (counts(d, i, g))
                lane[(i - from) % 16] += term[i];
        for (int w = 8; w; w /= 2)
            for (int j = 0; j < w; j++)
                lane[j] += lane[j + w];
        total += lane[0];
    }
    return total;
}

static double term[N_MAX], power[N_MAX], sorted[N_MAX];

static uint32_t slow_count(const domain *d, uint32_t g)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < d->n; i++)
        count += counts(d, i, g);
    return count;
}

static double slow_avg(const domain *d, uint32_t g)
{
    for (uint32_t i = 0; i < d->n; i++)
        term[i] = number_at(d, i);
    return slow_sum(d, g, term) / slow_count(d, g);
}

static double slow_std(const domain *d, uint32_t g)
{
    const double mean = slow_avg(d, g);
    for (uint32_t i = 0; i < d->n; i++)
        term[i] = (number_at(d, i) - mean) * (number_at(d, i) - mean);
    return sqrt(slow_sum(d, g, term) / slow_count(d, g));
}

static double slow_extreme(const domain *d, uint32_t g, bool largest)
{
    double best = NAN;
    for (uint32_t i = 0; i < d->n; i++) {
        const double x = number_at(d, i);
        if (counts(d, i, g) && (isnan(best) || (largest ? x > best : x < best)))
            best = x;
    }
    return best;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double slow_quantile(const domain *d, uint32_t g, double q)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < d->n; i++)
        if (counts(d, i, g))
            sorted[n++] = number_at(d, i);
    if (n == 0)
        return NAN;
    qsort(sorted, n, sizeof *sorted, by_value);
    const double h = (n - 1) * q;
    const uint32_t k = (uint32_t)h;
    const double a = sorted[k], b = sorted[k + 1 < n ? k + 1 : k];
    return h == k || a == b  ? a
           : isfinite(b - a) ? a + (b - a) * (h - k)
                             : a * (1 - (h - k)) + b * (h - k);
}

static void same_real(const rk_column *out, uint32_t i, double want, const char *what)
{
    if (out->type.kind == RK_KIND_FLOAT) {
        const float w = isnan(want) ? rk_nan_float() : (float)want;
        const float got = ((const float *)out->data)[i];
        ck_assert_msg(w == 0 ? got == 0 : memcmp(&w, &got, sizeof w) == 0, "%s %u: %a, not %a",
                      what, i, (double)got, (double)w);
        return;
    }
    const double w = isnan(want) ? rk_nan_double() : want;
    const double got = ((const double *)out->data)[i];
    ck_assert_msg(w == 0 ? got == 0 : memcmp(&w, &got, sizeof w) == 0, "%s %u: %a, not %a", what, i,
                  got, w);
}

static void check_reals(domain *d)
{
    rk_column avg = run(d, "avg"), std = run(d, "std"), median = run(d, "median");
    d->param = 0.3;
    rk_column quantile = run(d, "quantile");
    for (uint32_t g = 0; g < d->n_groups; g++) {
        const bool has = slow_count(d, g) > 0;
        same_real(&avg, g, has ? slow_avg(d, g) : NAN, "avg");
        same_real(&std, g, has ? slow_std(d, g) : NAN, "std");
        same_real(&median, g, slow_quantile(d, g, 0.5), "median");
        same_real(&quantile, g, slow_quantile(d, g, 0.3), "quantile");
    }
}

static void check_same(domain *d)
{
    rk_column sum = run(d, "sum"), min = run(d, "min"), max = run(d, "max"), n = run(d, "count");
    for (uint32_t g = 0; g < d->n_groups; g++) {
        const bool has = slow_count(d, g) > 0;
        ck_assert_int_eq(((int64_t *)n.data)[g], slow_count(d, g));
        ck_assert(rk_column_has(&n, g));
        if (sum.type.kind != RK_KIND_INT) {
            for (uint32_t i = 0; i < d->n; i++)
                term[i] = number_at(d, i);
            same_real(&sum, g, slow_sum(d, g, term), "sum");
            same_real(&min, g, slow_extreme(d, g, false), "min");
            same_real(&max, g, slow_extreme(d, g, true), "max");
            continue;
        }
        uint64_t total = 0;
        int64_t least = INT64_MAX, largest = INT64_MIN;
        for (uint32_t i = 0; i < d->n; i++) {
            const int64_t x = ((int64_t *)d->value.data)[i];
            if (!counts(d, i, g))
                continue;
            total += (uint64_t)x;
            least = x < least ? x : least;
            largest = x > largest ? x : largest;
        }
        ck_assert_int_eq(((int64_t *)sum.data)[g], (int64_t)total);
        ck_assert(rk_column_has(&sum, g));
        ck_assert(rk_column_has(&min, g) == has && rk_column_has(&max, g) == has);
        if (has)
            ck_assert_int_eq(((int64_t *)min.data)[g], least);
        if (has)
            ck_assert_int_eq(((int64_t *)max.data)[g], largest);
    }
}

static void check_group(domain *d, uint32_t g, const rk_column *out)
{
    const double mean = slow_avg(d, g), dev = slow_std(d, g);
    const double low = slow_extreme(d, g, false), high = slow_extreme(d, g, true);
    for (uint32_t i = 0; i < d->n; i++) {
        term[i] = number_at(d, i);
        power[i] = counts(d, i, g) && term[i] != high ? term[i] - high : 0;
    }
    rk_vmath_get(d->level)->exp.f64(power, power, d->n);
    const double sum = slow_sum(d, g, term), powers = slow_sum(d, g, power);
    for (uint32_t i = 0; i < d->n; i++) {
        if (!counts(d, i, g))
            continue;
        same_real(&out[0], i, dev == 0 ? 0 : (term[i] - mean) / dev, "zscore");
        same_real(&out[1], i, high - low == 0 ? 0 : (term[i] - low) / (high - low), "minmax");
        same_real(&out[2], i, powers == 0 ? 0 : power[i] / powers, "softmax");
        same_real(&out[3], i, sum == 0 ? 0 : term[i] / sum, "share");
    }
}

static void check_listwise(domain *d)
{
    const rk_column out[] = {run(d, "zscore"), run(d, "minmax"), run(d, "softmax"),
                             run(d, "share")};
    for (uint32_t g = 0; g < d->n_groups; g++)
        check_group(d, g, out);
    for (uint32_t i = 0; i < d->n; i++) {
        const bool in =
            (!d->keep || rk_bit_get(d->keep, i)) && (!d->groups || d->groups[i] != UINT32_MAX);
        for (int k = 0; k < 4 && !in; k++)
            same_real(&out[k], i, NAN, "outside");
    }
}

static void every_level(void (*check)(domain *), uint32_t n, uint8_t kind, int keep,
                        uint32_t groups, bool wild)
{
    for (int level = RK_CPU_SCALAR; level <= RK_CPU_V4; level++) {
        if (!rk_cpu_has((rk_cpu_level)level))
            continue;
        domain d;
        open_domain(&d, n, kind, keep, groups, wild);
        d.level = (rk_cpu_level)level;
        check(&d);
        rk_arena_free(&d.arena);
    }
}

static void every_shape(void (*check)(domain *), uint8_t kind, bool wild)
{
    static const uint32_t sizes[] = {0, 1, 2, 15, 16, 17, 64, 300, 4097, 8200};
    static const uint32_t groups[] = {0, 1, 7, 49};
    static const int keeps[] = {0, 1, 70}; /* in percent; 0: no mask */
    for (size_t s = 0; s < RK_ARRAY_LEN(sizes); s++)
        for (size_t k = 0; k < RK_ARRAY_LEN(keeps); k++)
            for (size_t g = 0; g < RK_ARRAY_LEN(groups); g++)
                if (groups[g] <= 7 || sizes[s] <= 300)
                    every_level(check, sizes[s], kind, keeps[k], groups[g], wild);
    every_level(check, 500, kind, 70, 4097, wild); /* more groups than lanes are kept for */
}

START_TEST(floats)
{
    every_shape(check_reals, RK_KIND_FLOAT, false);
    every_shape(check_same, RK_KIND_FLOAT, true);
    every_shape(check_listwise, RK_KIND_FLOAT, false);
}
END_TEST

START_TEST(doubles)
{
    every_shape(check_reals, RK_KIND_DOUBLE, true);
    every_shape(check_same, RK_KIND_DOUBLE, true);
    every_shape(check_listwise, RK_KIND_DOUBLE, true);
}
END_TEST

START_TEST(ints)
{
    every_shape(check_reals, RK_KIND_INT, true);
    every_shape(check_same, RK_KIND_INT, true);
    every_shape(check_listwise, RK_KIND_INT, false);
}
END_TEST

static void check_ranks(domain *d)
{
    for (int asc = 0; asc <= 1; asc++) {
        d->param = asc;
        rk_column out = run(d, "rank");
        for (uint32_t i = 0; i < d->n; i++) {
            const uint32_t g = d->groups ? d->groups[i] : 0;
            const bool in = counts(d, i, g) && g != UINT32_MAX;
            ck_assert(rk_column_has(&out, i) == in);
            int64_t rank = 1;
            for (uint32_t k = 0; k < d->n && in; k++) {
                int order;
                if (d->value.type.kind == RK_KIND_STRING)
                    order = rk_str_cmp(rk_atom_str(&d->strings, ((rk_atom *)d->value.data)[k]),
                                       rk_atom_str(&d->strings, ((rk_atom *)d->value.data)[i]));
                else if (d->value.type.kind == RK_KIND_INT)
                    order = (((int64_t *)d->value.data)[k] > ((int64_t *)d->value.data)[i]) -
                            (((int64_t *)d->value.data)[k] < ((int64_t *)d->value.data)[i]);
                else
                    order =
                        (number_at(d, k) > number_at(d, i)) - (number_at(d, k) < number_at(d, i));
                rank += counts(d, k, g) && (asc ? order < 0 : order > 0);
            }
            if (in)
                ck_assert_int_eq(((int64_t *)out.data)[i], rank);
        }
    }
}

START_TEST(ranks)
{
    static const uint8_t kinds[] = {RK_KIND_INT, RK_KIND_FLOAT, RK_KIND_DOUBLE, RK_KIND_STRING};
    static const uint32_t sizes[] = {0, 1, 2, 31, 32, 33, 500, 1500};
    for (size_t k = 0; k < RK_ARRAY_LEN(kinds); k++)
        for (size_t s = 0; s < RK_ARRAY_LEN(sizes); s++)
            for (int shape = 0; shape < 8; shape++) {
                domain d;
                open_domain(&d, sizes[s], kinds[k], shape & 1 ? 60 : 0, shape & 2 ? 5 : 0,
                            shape & 4);
                check_ranks(&d);
                rk_arena_free(&d.arena);
            }
}
END_TEST

START_TEST(strings_and_bools)
{
    for (int shape = 0; shape < 4; shape++) {
        domain d;
        open_domain(&d, 333, RK_KIND_STRING, shape & 1 ? 1 : 0, shape & 2 ? 9 : 0, false);
        rk_column min = run(&d, "min"), max = run(&d, "max");
        for (uint32_t g = 0; g < d.n_groups; g++) {
            const rk_str *low = NULL, *high = NULL;
            const rk_str *const text = d.strings.strings.items;
            for (uint32_t i = 0; i < d.n; i++) {
                const rk_str *const x = text + ((rk_atom *)d.value.data)[i];
                if (!counts(&d, i, g))
                    continue;
                low = !low || rk_str_cmp(*x, *low) < 0 ? x : low;
                high = !high || rk_str_cmp(*x, *high) > 0 ? x : high;
            }
            ck_assert(rk_column_has(&min, g) == (low != NULL));
            ck_assert(!low || rk_str_eq(*low, text[((rk_atom *)min.data)[g]]));
            ck_assert(!high || rk_str_eq(*high, text[((rk_atom *)max.data)[g]]));
        }
        rk_arena_free(&d.arena);
        open_domain(&d, 77, RK_KIND_BOOL, shape & 1 ? 5 : 0, shape & 2 ? 30 : 0, false);
        rk_column any = run(&d, "any"), all = run(&d, "all");
        for (uint32_t g = 0; g < d.n_groups; g++) {
            bool one = false, each = true;
            for (uint32_t i = 0; i < d.n; i++) {
                const bool x = ((uint8_t *)d.value.data)[i];
                one |= counts(&d, i, g) && x;
                each &= !counts(&d, i, g) || x;
            }
            ck_assert(((uint8_t *)any.data)[g] == one && ((uint8_t *)all.data)[g] == each);
        }
        rk_arena_free(&d.arena);
    }
}
END_TEST

/* An example is a call of the fold over the list that stands in it. */
START_TEST(examples_print_their_results)
{
    for (uint32_t i = 0; i < rk_fold_count(); i++) {
        const rk_fold_fn *const fn = rk_fold_at(i);
        env e;
        domain d = {.n_groups = 1};
        env_open(&e);
        ck_assert_int_eq(rk_atoms_init(&d.strings, &d.arena, NULL), RK_OK);
        reader r = {&e, fn->example + strlen(fn->name) + 1};
        const rk_value list = read_expr(&r);
        if (eat(&r, ","))
            d.param = (double)read_expr(&r).as.f;
        d.n = list.as.list.len;
        d.value = (rk_column){.type = {.kind = list.type.elem}, .n = d.n};
        d.value.data = rk_arena_copy(&d.arena, list.as.list.items, rk_padded(d.n) * 8);
        const rk_column out = run(&d, fn->name);
        const rk_value result = fn->kind == RK_FOLD_LISTWISE
                                    ? value_list(out.type.kind, out.data, out.n)
                                    : rk_column_get(&out, 0);
        ck_assert_str_eq(value_print(&e, result), fn->result_text);
        rk_arena_free(&d.arena);
        env_close(&e);
    }
}
END_TEST

START_TEST(values_that_are_nan_never_count)
{
    const float x[] = {NAN, 2, NAN, 4, NAN};
    for (int level = RK_CPU_SCALAR; level <= RK_CPU_V4; level++) {
        if (!rk_cpu_has((rk_cpu_level)level))
            continue;
        const rk_wide *const wide = rk_wide_get((rk_cpu_level)level);
        float many[100];
        for (int i = 0; i < 100; i++)
            many[i] = x[i % 5];
        ck_assert(wide->sum_f32(x, NULL, 5) == 6 && wide->sum_f32(many, NULL, 100) == 120);
        ck_assert(wide->least_f32(many, NULL, 100) == 2 && wide->largest_f32(many, NULL, 99) == 4);
        ck_assert(isnan(wide->least_f32(x, NULL, 1)) && isnan(wide->largest_f32(x, NULL, 0)));
        ck_assert(wide->spread_f32(many, NULL, 100, 3.0) == 40);
    }
}
END_TEST

RK_SUITE_MAIN("stdlib_fold", floats, doubles, ints, ranks, strings_and_bools,
              examples_print_their_results, values_that_are_nan_never_count)
