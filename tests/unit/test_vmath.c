/* The elementary functions of runtime/base/vmath.h: special values, sampled error bounds, equal
 * bits on all levels, tails of arrays, out over x; and the levels of runtime/base/cpu.h. Every
 * float is walked by tests/sweep instead. */
#include "runtime/base/vmath.h"

#include <float.h>
#include <stdlib.h>

#include "runtime/base/vmath_reg.h"
#include "tests/sweep/ref.h"
#include "tests/unit/harness.h"

enum { SAMPLES = 60000, LONGEST = 70 };

static const float F_DENORMAL = 0x1p-149f;
static const double D_DENORMAL = 0x1p-1074;

static const ref_fn *find(const char *name)
{
    for (size_t i = 0; i < REF_COUNT; i++) {
        if (strcmp(ref_fns[i].name, name) == 0)
            return &ref_fns[i];
    }
    ck_abort_msg("no function %s", name);
    return NULL;
}

static uint32_t bits32(float x)
{
    uint32_t b;
    memcpy(&b, &x, sizeof b);
    return b;
}

static uint64_t bits64(double x)
{
    uint64_t b;
    memcpy(&b, &x, sizeof b);
    return b;
}

static void run_f32(rk_cpu_level level, const ref_fn *fn, const float *x, const float *y,
                    float *out, size_t n)
{
    const rk_vmath *m = rk_vmath_get(level);
    if (fn->two)
        ref_get2(m, fn)->f32(x, y, out, n);
    else
        ref_get1(m, fn)->f32(x, out, n);
}

static void run_f64(rk_cpu_level level, const ref_fn *fn, const double *x, const double *y,
                    double *out, size_t n)
{
    const rk_vmath *m = rk_vmath_get(level);
    if (fn->two)
        ref_get2(m, fn)->f64(x, y, out, n);
    else
        ref_get1(m, fn)->f64(x, out, n);
}

/* One call on a level; all NaNs compare by their bits. */
static void check_value(rk_cpu_level level, const char *name, double x, double y, double want,
                        bool is_double)
{
    const ref_fn *fn = find(name);
    if (is_double) {
        double out;
        run_f64(level, fn, &x, &y, &out, 1);
        const uint64_t bits = isnan(want) ? 0x7ff8000000000000u : bits64(want);
        ck_assert_msg(bits64(out) == bits, "%s: %s(%a, %a) = %a, not %a", rk_cpu_name(level), name,
                      x, y, out, want);
        return;
    }
    const float a = (float)x, b = (float)y;
    float out;
    run_f32(level, fn, &a, &b, &out, 1);
    const uint32_t bits = isnan(want) ? 0x7fc00000u : bits32((float)want);
    ck_assert_msg(bits32(out) == bits, "%s: %sf(%a, %a) = %a, not %a", rk_cpu_name(level), name, x,
                  y, (double)out, want);
}

static void check_both(const char *name, double x, double y, double want)
{
    for (rk_cpu_level level = RK_CPU_SCALAR; level <= rk_cpu_best(); level++) {
        check_value(level, name, x, y, want, false);
        check_value(level, name, x, y, want, true);
    }
}

static const struct {
    const char *name;
    double x, want;
} specials[] = {
    {"exp", 0, 1},
    {"exp", -0.0, 1},
    {"exp", INFINITY, INFINITY},
    {"exp", -INFINITY, 0},
    {"exp", 1e30, INFINITY},
    {"exp", -1e30, 0},
    {"exp2", 0, 1},
    {"exp2", 10, 1024},
    {"exp2", -126, 0x1p-126},
    {"exp2", -149, 0x1p-149},
    {"exp2", 127, 0x1p127},
    {"exp2", INFINITY, INFINITY},
    {"exp2", -INFINITY, 0},
    {"expm1", 0, 0},
    {"expm1", -0.0, -0.0},
    {"expm1", 0x1p-149, 0x1p-149},
    {"expm1", -0x1p-130, -0x1p-130},
    {"expm1", INFINITY, INFINITY},
    {"expm1", -INFINITY, -1},
    {"expm1", -1e20, -1},
    {"log", 1, 0},
    {"log", 0, -INFINITY},
    {"log", -0.0, -INFINITY},
    {"log", INFINITY, INFINITY},
    {"log", -1, NAN},
    {"log", -INFINITY, NAN},
    {"log", -0x1p-149, NAN},
    {"log2", 1, 0},
    {"log2", 0, -INFINITY},
    {"log2", 8, 3},
    {"log2", 0x1p-149, -149},
    {"log2", INFINITY, INFINITY},
    {"log2", -1, NAN},
    {"log10", 1, 0},
    {"log10", 0, -INFINITY},
    {"log10", 10, 1},
    {"log10", 1e5, 5},
    {"log10", 1e10, 10},
    {"log10", INFINITY, INFINITY},
    {"log10", -1, NAN},
    {"log1p", 0, 0},
    {"log1p", -0.0, -0.0},
    {"log1p", 0x1p-149, 0x1p-149},
    {"log1p", -0x1p-130, -0x1p-130},
    {"log1p", -1, -INFINITY},
    {"log1p", INFINITY, INFINITY},
    {"log1p", -INFINITY, NAN},
    {"log1p", -1.5, NAN},
    {"sigmoid", 0, 0.5},
    {"sigmoid", -0.0, 0.5},
    {"sigmoid", INFINITY, 1},
    {"sigmoid", -INFINITY, 0},
    {"sigmoid", 1e30, 1},
    {"sigmoid", -1e30, 0},
    {"tanh", 0, 0},
    {"tanh", -0.0, -0.0},
    {"tanh", 0x1p-149, 0x1p-149},
    {"tanh", INFINITY, 1},
    {"tanh", -INFINITY, -1},
    {"sin", 0, 0},
    {"sin", -0.0, -0.0},
    {"sin", 0x1p-149, 0x1p-149},
    {"sin", INFINITY, NAN},
    {"sin", -INFINITY, NAN},
    {"cos", 0, 1},
    {"cos", -0.0, 1},
    {"cos", INFINITY, NAN},
    {"asin", 0, 0},
    {"asin", -0.0, -0.0},
    {"asin", 1.5, NAN},
    {"asin", -INFINITY, NAN},
    {"atan", 0, 0},
    {"atan", -0.0, -0.0},
    {"cbrt", 0, 0},
    {"cbrt", -0.0, -0.0},
    {"cbrt", 27, 3},
    {"cbrt", -8, -2},
    {"cbrt", 0x1p-147, 0x1p-49},
    {"cbrt", INFINITY, INFINITY},
    {"cbrt", -INFINITY, -INFINITY},
    {"erf", 0, 0},
    {"erf", -0.0, -0.0},
    {"erf", INFINITY, 1},
    {"erf", -INFINITY, -1},
    {"erf", 10, 1},
};

START_TEST(special_values)
{
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
        check_both(specials[i].name, specials[i].x, 0, specials[i].want);
}
END_TEST

static const struct {
    double x, y, want;
} powers[] = {
    {2, 10, 1024},
    {10, 3, 1000},
    {-2, 3, -8},
    {-2, 4, 16},
    {-2, 0.5, NAN},
    {-2, -1, -0.5},
    {0.5, -2, 4},
    {1, 123.5, 1},
    {1, INFINITY, 1},
    {1, -INFINITY, 1},
    {-1, INFINITY, 1},
    {-1, -INFINITY, 1},
    {-1, 3, -1},
    {0, 0, 1},
    {-0.0, 0, 1},
    {INFINITY, 0, 1},
    {-5, -0.0, 1},
    {0, 2, 0},
    {0, -2, INFINITY},
    {-0.0, 3, -0.0},
    {-0.0, -3, -INFINITY},
    {-0.0, 2, 0},
    {-0.0, 2.5, 0},
    {-0.0, -2.5, INFINITY},
    {0, INFINITY, 0},
    {0, -INFINITY, INFINITY},
    {INFINITY, 2, INFINITY},
    {INFINITY, -2, 0},
    {-INFINITY, 3, -INFINITY},
    {-INFINITY, 2, INFINITY},
    {-INFINITY, 2.5, INFINITY},
    {-INFINITY, -3, -0.0},
    {-INFINITY, -2.5, 0},
    {2, INFINITY, INFINITY},
    {2, -INFINITY, 0},
    {0.5, INFINITY, 0},
    {0.5, -INFINITY, INFINITY},
    {-2, INFINITY, INFINITY},
    {-0.5, INFINITY, 0},
    {2, 5000, INFINITY},
    {2, -5000, 0},
    {-2, 5001, -INFINITY},
    {-2, -5001, -0.0},
    {2, -149, 0x1p-149},
    {-1, 0x1p24 - 1, -1},
    {-1, 0x1p24, 1},
};

START_TEST(special_powers)
{
    for (size_t i = 0; i < sizeof powers / sizeof *powers; i++)
        check_both("pow", powers[i].x, powers[i].y, powers[i].want);
    for (rk_cpu_level level = RK_CPU_SCALAR; level <= rk_cpu_best(); level++) {
        check_value(level, "pow", -1, 0x1p53 - 1, -1, true);
        check_value(level, "pow", -1, 0x1p52 + 1, -1, true);
        check_value(level, "pow", -1, 0x1p53, 1, true);
        check_value(level, "pow", -1, 0x1p51 + 0.5, NAN, true);
    }
}
END_TEST

#define PI 0x1.921fb54442d18p+1

START_TEST(special_arcs)
{
    static const double cases[][3] = {
        {0, 1, 0},
        {-0.0, 1, -0.0},
        {0, 0, 0},
        {-0.0, 0, -0.0},
        {0, -0.0, PI},
        {-0.0, -0.0, -PI},
        {0, -1, PI},
        {-0.0, -1, -PI},
        {1, 0, PI / 2},
        {-1, 0, -PI / 2},
        {1, -0.0, PI / 2},
        {1, 1, PI / 4},
        {-1, 1, -PI / 4},
        {INFINITY, INFINITY, PI / 4},
        {INFINITY, -INFINITY, 0x1.2d97c7f3321d2p+1},
        {-INFINITY, INFINITY, -PI / 4},
        {INFINITY, 0x1.fffffep127, PI / 2},
        {1, INFINITY, 0},
        {1, -INFINITY, PI},
        {-1, -INFINITY, -PI},
        {-1, INFINITY, -0.0},
        {0x1p-149, 0x1p-149, PI / 4},
        {0x1p127, 0x1p127, PI / 4},
        {0x1p-149, 1, 0x1p-149},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_both("atan2", cases[i][0], cases[i][1], cases[i][2]);
    check_both("atan", INFINITY, 0, PI / 2);
    check_both("atan", -INFINITY, 0, -PI / 2);
    check_both("asin", 1, 0, PI / 2);
    check_both("asin", -1, 0, -PI / 2);
}
END_TEST

/* Every NaN in, of either sign, quiet or signalling, in either place, is the canonical one out. */
START_TEST(nan_is_nan)
{
    const uint32_t nans32[] = {0x7fc00000u, 0xffc00000u, 0x7f800001u, 0xffffffffu, 0x7fc12345u};
    const uint64_t nans64[] = {0x7ff8000000000000u, 0xfff8000000000000u, 0x7ff0000000000001u,
                               0xffffffffffffffffu, 0x7ff8000000012345u};
    for (size_t f = 0; f < REF_COUNT; f++) {
        for (size_t i = 0; i < 5; i++) {
            for (rk_cpu_level level = RK_CPU_SCALAR; level <= rk_cpu_best(); level++) {
                const float n32 = ref_float(nans32[i]), one32[2] = {1.0f, 0.0f};
                const double n64 = ref_double(nans64[i]), one64[2] = {1.0, 0.0};
                for (int other = 0; other < 2; other++) {
                    float out32[2];
                    double out64[2];
                    run_f32(level, &ref_fns[f], &n32, &one32[other], &out32[0], 1);
                    run_f64(level, &ref_fns[f], &n64, &one64[other], &out64[0], 1);
                    out32[1] = out32[0];
                    out64[1] = out64[0];
                    if (ref_fns[f].two) {
                        run_f32(level, &ref_fns[f], &one32[other], &n32, &out32[1], 1);
                        run_f64(level, &ref_fns[f], &one64[other], &n64, &out64[1], 1);
                    }
                    for (int k = 0; k < 2; k++) {
                        ck_assert_msg(bits32(out32[k]) == 0x7fc00000u, "%sf", ref_fns[f].name);
                        ck_assert_msg(bits64(out64[k]) == 0x7ff8000000000000u, "%s",
                                      ref_fns[f].name);
                    }
                }
            }
        }
    }
}
END_TEST

/* The last argument before a limit and the first beyond it. */
START_TEST(limits)
{
    for (rk_cpu_level level = RK_CPU_SCALAR; level <= rk_cpu_best(); level++) {
        check_value(level, "exp", 0x1.62e43p+6, 0, INFINITY, false);
        check_value(level, "exp", -0x1.9fe368p+6, 0, F_DENORMAL, false);
        check_value(level, "exp", -0x1.9fe36ap+6, 0, 0, false);
        check_value(level, "exp", 0x1.62e42fefa39fp+9, 0, INFINITY, true);
        check_value(level, "exp", -0x1.74910d52d3051p+9, 0, D_DENORMAL, true);
        check_value(level, "exp", -0x1.74910d52d3052p+9, 0, 0, true);
        check_value(level, "exp2", 128, 0, INFINITY, false);
        check_value(level, "exp2", -150, 0, 0, false);
        check_value(level, "exp2", 1024, 0, INFINITY, true);
        check_value(level, "exp2", -1074, 0, D_DENORMAL, true);
        check_value(level, "exp2", -1075, 0, 0, true);
        check_value(level, "expm1", 0x1.62e43p+6, 0, INFINITY, false);
        check_value(level, "expm1", 0x1.62e42fefa39fp+9, 0, INFINITY, true);
        check_value(level, "sigmoid", -0x1.9fe368p+6, 0, F_DENORMAL, false);
        check_value(level, "sigmoid", -0x1.74910d52d3051p+9, 0, D_DENORMAL, true);
        check_value(level, "log2", D_DENORMAL, 0, -1074, true);
        check_value(level, "cbrt", 0x1p-1074, 0, 0x1p-358, true);
        check_value(level, "atan2", D_DENORMAL, 1, D_DENORMAL, true);
        check_value(level, "atan2", DBL_MAX, DBL_MAX, PI / 4, true);
        check_value(level, "atan2", D_DENORMAL, D_DENORMAL, PI / 4, true);
    }
}
END_TEST

/* Exact where the result can be written down. */
START_TEST(exact_values)
{
    double ten = 1;
    for (int i = 0; i <= 22; i++, ten *= 10) {
        for (rk_cpu_level level = RK_CPU_SCALAR; level <= rk_cpu_best(); level++) {
            check_value(level, "log10", ten, 0, i, true);
            check_value(level, "pow", 10, i, ten, true);
            check_value(level, "cbrt", (double)i * i * i, 0, i, true);
        }
        check_both("log2", ldexp(1, i), 0, i);
        check_both("exp2", i, 0, ldexp(1, i));
        check_both("pow", i, 2, (double)i * i);
    }
}
END_TEST

static void sample_f32(const ref_fn *fn)
{
    static float x[SAMPLES], y[SAMPLES], out[3][SAMPLES];
    for (uint64_t i = 0; i < SAMPLES; i++) {
        x[i] = (float)ref_pick(2 * i, fn->low, fn->high, false);
        y[i] = (float)ref_pick(2 * i + 1, fn->low2, fn->high2, false);
    }
    for (rk_cpu_level level = RK_CPU_SCALAR; level <= rk_cpu_best(); level++) {
        run_f32(level, fn, x, y, out[level], SAMPLES);
        ck_assert_msg(memcmp(out[level], out[0], sizeof out[0]) == 0, "%sf: %s differs", fn->name,
                      rk_cpu_name(level));
    }
    for (size_t i = 0; i < SAMPLES; i++) {
        const double ref = ref_f32(fn, (double)x[i], fn->two ? (double)y[i] : 0);
        const double error =
            ref_error((double)out[0][i], bits32(out[0][i]), (long double)ref, false);
        ck_assert_msg(error <= 2.0, "%sf(%a, %a): %f ulp", fn->name, (double)x[i], (double)y[i],
                      error);
    }
}

static void sample_f64(const ref_fn *fn)
{
    static double x[SAMPLES], y[SAMPLES], out[3][SAMPLES];
    for (uint64_t i = 0; i < SAMPLES; i++) {
        x[i] = ref_pick(2 * i, fn->low, fn->high, true);
        y[i] = ref_pick(2 * i + 1, fn->low2, fn->high2, true);
    }
    for (rk_cpu_level level = RK_CPU_SCALAR; level <= rk_cpu_best(); level++) {
        run_f64(level, fn, x, y, out[level], SAMPLES);
        ck_assert_msg(memcmp(out[level], out[0], sizeof out[0]) == 0, "%s: %s differs", fn->name,
                      rk_cpu_name(level));
    }
    const volatile long double one = 1.0L;
    if (one + 0x1p-60L == one)
        return; /* no reference: long double is double here, as under Valgrind */
    for (size_t i = 0; i < SAMPLES; i++) {
        const double error =
            ref_error(out[0][i], bits64(out[0][i]), ref_f64(fn, x[i], fn->two ? y[i] : 0), true);
        ck_assert_msg(error <= 2.0, "%s(%a, %a): %f ulp", fn->name, x[i], y[i], error);
    }
}

START_TEST(errors_of_floats)
{
    for (size_t f = 0; f < REF_COUNT; f++)
        sample_f32(&ref_fns[f]);
}
END_TEST

START_TEST(errors_of_doubles)
{
    for (size_t f = 0; f < REF_COUNT; f++)
        sample_f64(&ref_fns[f]);
}
END_TEST

/* Each length, from an odd address, in place: the bits of a call per element, and nothing beyond.
 */
static void tails_f32(rk_cpu_level level, const ref_fn *fn)
{
    float x[LONGEST + 2], y[LONGEST + 2], one[LONGEST + 2];
    for (size_t n = 0; n <= LONGEST; n++) {
        for (size_t i = 0; i < LONGEST + 2; i++) {
            x[i] = (float)ref_pick(i, fn->low / 8, fn->high / 8, false);
            y[i] = (float)i * 0.37f;
            run_f32(level, fn, &x[i], &y[i], &one[i], 1);
        }
        const float before = x[0], after = x[n + 1];
        run_f32(level, fn, x + 1, y + 1, x + 1, n);
        ck_assert_msg(memcmp(x + 1, one + 1, n * sizeof *x) == 0, "%sf of %zu", fn->name, n);
        ck_assert(memcmp(&before, &x[0], sizeof before) == 0);
        ck_assert(memcmp(&after, &x[n + 1], sizeof after) == 0);
    }
}

static void tails_f64(rk_cpu_level level, const ref_fn *fn)
{
    double x[LONGEST + 2], y[LONGEST + 2], one[LONGEST + 2];
    for (size_t n = 0; n <= LONGEST; n++) {
        for (size_t i = 0; i < LONGEST + 2; i++) {
            x[i] = ref_pick(i, fn->low / 8, fn->high / 8, true);
            y[i] = (double)i * 0.37;
            run_f64(level, fn, &x[i], &y[i], &one[i], 1);
        }
        const double before = x[0], after = x[n + 1];
        run_f64(level, fn, x + 1, y + 1, x + 1, n);
        ck_assert_msg(memcmp(x + 1, one + 1, n * sizeof *x) == 0, "%s of %zu", fn->name, n);
        ck_assert(memcmp(&before, &x[0], sizeof before) == 0);
        ck_assert(memcmp(&after, &x[n + 1], sizeof after) == 0);
    }
}

START_TEST(tails_and_aliases)
{
    for (rk_cpu_level level = RK_CPU_SCALAR; level <= rk_cpu_best(); level++) {
        for (size_t f = 0; f < REF_COUNT; f++) {
            tails_f32(level, &ref_fns[f]);
            tails_f64(level, &ref_fns[f]);
        }
    }
}
END_TEST

START_TEST(second_argument_aliases)
{
    for (rk_cpu_level level = RK_CPU_SCALAR; level <= rk_cpu_best(); level++) {
        float x[33], y[33], want[33];
        for (size_t i = 0; i < 33; i++) {
            x[i] = 1.0f + (float)i;
            y[i] = 0.5f * (float)i;
        }
        rk_vmath_get(level)->pow.f32(x, y, want, 33);
        rk_vmath_get(level)->pow.f32(x, y, y, 33);
        ck_assert(memcmp(y, want, sizeof y) == 0);
    }
}
END_TEST

#ifdef __x86_64__
/* One register of 64 or 32 bytes through a register function. */
__attribute__((target("avx512f"))) static void call_v4_f32(rk_vmath_reg *f, const float *x,
                                                           float *out)
{
    rk_f32x16 v;
    memcpy(&v, x, sizeof v);
    v = ((rk_f32x16(*)(rk_f32x16))f)(v);
    memcpy(out, &v, sizeof v);
}

__attribute__((target("avx512f"))) static void call_v4_f64(rk_vmath_reg *f, const double *x,
                                                           double *out)
{
    rk_f64x8 v;
    memcpy(&v, x, sizeof v);
    v = ((rk_f64x8(*)(rk_f64x8))f)(v);
    memcpy(out, &v, sizeof v);
}

__attribute__((target("avx2"))) static void call_v3_f32(rk_vmath_reg *f, const float *x, float *out)
{
    rk_f32x8 v;
    memcpy(&v, x, sizeof v);
    v = ((rk_f32x8(*)(rk_f32x8))f)(v);
    memcpy(out, &v, sizeof v);
}

__attribute__((target("avx2"))) static void call_v3_f64(rk_vmath_reg *f, const double *x,
                                                        double *out)
{
    rk_f64x4 v;
    memcpy(&v, x, sizeof v);
    v = ((rk_f64x4(*)(rk_f64x4))f)(v);
    memcpy(out, &v, sizeof v);
}

static void check_registers(rk_cpu_level level, const ref_fn *fn)
{
    const rk_vmath_fn *row = ref_get1(rk_vmath_get(level), fn);
    float x[16], want[16], out[16];
    double xd[8], wantd[8], outd[8];
    const size_t n = level == RK_CPU_V4 ? 16 : 8;
    for (size_t i = 0; i < 16; i++)
        x[i] = (float)ref_pick(i, fn->low / 8, fn->high / 8, false);
    for (size_t i = 0; i < 8; i++)
        xd[i] = ref_pick(i, fn->low, fn->high, true);
    row->f32(x, want, n);
    row->f64(xd, wantd, n / 2);
    (level == RK_CPU_V4 ? call_v4_f32 : call_v3_f32)(row->reg_f32, x, out);
    (level == RK_CPU_V4 ? call_v4_f64 : call_v3_f64)(row->reg_f64, xd, outd);
    ck_assert_msg(memcmp(out, want, n * sizeof *out) == 0, "%sf", fn->name);
    ck_assert_msg(memcmp(outd, wantd, n / 2 * sizeof *outd) == 0, "%s", fn->name);
}

START_TEST(registers)
{
    for (rk_cpu_level level = RK_CPU_V3; level <= rk_cpu_best(); level++) {
        for (size_t f = 0; f < REF_COUNT; f++) {
            if (!ref_fns[f].two)
                check_registers(level, &ref_fns[f]);
        }
    }
}
END_TEST
#else
START_TEST(registers) { ck_assert(rk_cpu_best() == RK_CPU_SCALAR); }
END_TEST
#endif

START_TEST(cpu_levels)
{
    rk_cpu_level level = RK_CPU_V3;
    ck_assert(!rk_cpu_parse("v5", &level) && !rk_cpu_parse("", &level) && level == RK_CPU_V3);
    for (rk_cpu_level l = RK_CPU_SCALAR; l <= RK_CPU_V4; l++)
        ck_assert(rk_cpu_parse(rk_cpu_name(l), &level) && level == l);
    unsetenv("RANK_CPU");
    ck_assert(rk_cpu_from_env(&level) && level == rk_cpu_best());
    setenv("RANK_CPU", "", 1);
    ck_assert(rk_cpu_from_env(&level) && level == rk_cpu_best());
    setenv("RANK_CPU", "scalar", 1);
    ck_assert(rk_cpu_from_env(&level) && level == RK_CPU_SCALAR);
    setenv("RANK_CPU", "v9", 1);
    ck_assert(!rk_cpu_from_env(&level) && level == RK_CPU_SCALAR);
    setenv("RANK_CPU", "v4", 1);
    ck_assert(rk_cpu_from_env(&level) == rk_cpu_has(RK_CPU_V4));
}
END_TEST

START_TEST(tables)
{
    for (rk_cpu_level level = RK_CPU_SCALAR; level <= rk_cpu_best(); level++) {
        const rk_vmath *m = rk_vmath_get(level);
        ck_assert(m->level == level);
        for (size_t f = 0; f < REF_COUNT; f++) {
            const rk_vmath_fn *fn = ref_get1(m, &ref_fns[f]);
            ck_assert(fn->f32 && fn->f64);
            ck_assert((fn->reg_f32 != NULL) == (level != RK_CPU_SCALAR));
            ck_assert((fn->reg_f64 != NULL) == (level != RK_CPU_SCALAR));
        }
    }
}
END_TEST

RK_SUITE_MAIN("vmath", cpu_levels, tables, special_values, special_powers, special_arcs, nan_is_nan,
              limits, exact_values, errors_of_floats, errors_of_doubles, tails_and_aliases,
              second_argument_aliases, registers)
