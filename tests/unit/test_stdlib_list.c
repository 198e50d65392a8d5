/* Lists, vectors, time, chance and the rest: values that are worked out another way. */
#include <time.h>

#include "stdlib/wide.h"
#include "stdlib/zone.h"
#include "tests/unit/stdlib_calls.h"

static env e;

static rk_value call1(const char *name, rk_value a) { return call_name(&e, name, &a, 1); }
static rk_value call2(const char *name, rk_value a, rk_value b)
{
    return call_name(&e, name, (rk_value[]){a, b}, 2);
}
static const char *shown(rk_value value) { return value_print(&e, value); }
static rk_value text(const char *chars) { return value_text(&e, chars); }

START_TEST(lists)
{
    env_open(&e);
    const int64_t ints[] = {3, -1, INT64_MAX, 3};
    const float floats[] = {NAN, 2.5f, -0.0f, 0.0f};
    const rk_value xs = value_list(RK_KIND_INT, ints, 4), fs = value_list(RK_KIND_FLOAT, floats, 4);
    const rk_value none = value_list(RK_KIND_INT, NULL, 0);
    const rk_value no_floats = value_list(RK_KIND_FLOAT, NULL, 0);
    ck_assert_int_eq(call1("sum", xs).as.i, INT64_MIN + 4);
    ck_assert_int_eq(call1("max", xs).as.i, INT64_MAX);
    ck_assert_int_eq(call1("min", xs).as.i, -1);
    ck_assert(call1("min", none).missing && call1("first", none).missing);
    ck_assert_int_eq(call1("sum", none).as.i, 0);
    ck_assert_str_eq(shown(call1("avg", none)), "missing");
    ck_assert_str_eq(shown(call1("median", no_floats)), "missing");
    ck_assert_str_eq(shown(call1("last", no_floats)), "missing");
    ck_assert_str_eq(shown(call1("avg", fs)), "0.8333333");
    ck_assert_str_eq(shown(call1("median", fs)), "0");
    ck_assert(signbit(call1("min", fs).as.f));
    ck_assert_str_eq(shown(call1("first", fs)), "missing");
    ck_assert_int_eq(call2("count_of", fs, value_float(-0.0f)).as.i, 2);
    ck_assert(!call2("contains", fs, value_float(NAN)).as.b);
    ck_assert_str_eq(shown(call2("take", xs, value_int(-1))), "[]");
    ck_assert_str_eq(shown(call2("take", xs, value_int(INT64_MAX))),
                     "[3,-1,9223372036854775807,3]");
    ck_assert(call1("sum", value_missing(RK_TYPE_LIST(INT))).missing);
    ck_assert_str_eq(shown(call2("quantile", xs, value_double(2.0))), "missing");
    env_close(&e);
}
END_TEST

static uint64_t seed = 7;
static float draw(void)
{
    seed += 0x9e3779b97f4a7c15u;
    return (float)((int64_t)rk_hash_int(rk_hash_int(seed)) * 0x1p-62);
}

static float slow_dot(const float *a, const float *b, uint32_t n, bool gap)
{
    float lane[16] = {0};
    for (uint32_t i = 0; i < n; i++) {
        const float x = gap ? a[i] - b[i] : a[i], y = gap ? a[i] - b[i] : b[i];
        lane[i % 16] = fmaf(x, y, lane[i % 16]);
    }
    for (int w = 8; w; w /= 2)
        for (int k = 0; k < w; k++)
            lane[k] += lane[k + w];
    return lane[0];
}

static bool same(float a, float b) { return memcmp(&a, &b, sizeof a) == 0; }

START_TEST(vectors)
{
    env_open(&e);
    float a[200], b[200];
    for (uint32_t n = 1; n < 200; n++) {
        for (uint32_t i = 0; i < n; i++) {
            a[i] = draw() * (n % 5 == 0 ? 1e-30f : 1.0f);
            b[i] = n % 7 ? draw() : a[i];
        }
        const float dot = slow_dot(a, b, n, false), aa = slow_dot(a, a, n, false);
        const float bb = slow_dot(b, b, n, false), gap = slow_dot(a, b, n, true);
        const double lengths = sqrt((double)aa) * sqrt((double)bb);
        for (int level = RK_CPU_SCALAR; level <= RK_CPU_V4; level++) {
            if (!rk_cpu_has((rk_cpu_level)level))
                continue;
            e.math = rk_vmath_get((rk_cpu_level)level);
            const rk_value x = value_vector(a, n), y = value_vector(b, n);
            ck_assert(same(call2("dot", x, y).as.f, dot));
            ck_assert(same(call2("l2", x, y).as.f, sqrtf(gap)));
            ck_assert(same(call1("norm", x).as.f, sqrtf(aa)));
            const float cosine = lengths == 0.0 ? 0.0f : (float)((double)dot / lengths);
            ck_assert(same(call2("cosine", x, y).as.f, cosine));
            const rk_value unit = call1("normalize", x);
            for (uint32_t i = 0; i < n; i++)
                ck_assert(same(((const float *)unit.as.list.items)[i],
                               aa == 0.0f ? 0.0f : a[i] / sqrtf(aa)));
        }
    }
    const float zero[3] = {0};
    const rk_value z = value_vector(zero, 3);
    ck_assert_str_eq(shown(call2("cosine", z, value_vector(a, 3))), "0");
    ck_assert_str_eq(shown(call1("normalize", z)), "[0,0,0]");
    const rk_value joined = call_name(&e, "concat", (rk_value[]){z, value_vector(a, 2), z}, 3);
    ck_assert_uint_eq(joined.as.list.len, 8);
    ck_assert(((const float *)joined.as.list.items)[4] == a[1]);
    env_close(&e);
}
END_TEST

/* Against libc, which reads the same files, over two and a half centuries. */
static void check_zone(const char *name)
{
    rk_zone zone;
    ck_assert_msg(rk_zone_open(&zone, rk_str_from(name)), "%s", name);
    ck_assert_int_eq(setenv("TZ", name, 1), 0);
    tzset();
    for (int64_t t = -4000000000; t < 8000000000; t += 3600 * 151 + 1234) {
        const time_t time = (time_t)t;
        struct tm local;
        ck_assert_ptr_nonnull(localtime_r(&time, &local));
        ck_assert_msg(rk_zone_offset(&zone, t) == local.tm_gmtoff, "%s at %lld: %lld, not %ld",
                      name, (long long)t, (long long)rk_zone_offset(&zone, t), local.tm_gmtoff);
    }
    rk_zone_close(&zone);
}

START_TEST(zones)
{
    static const char *const names[] = {"Europe/Moscow",    "Europe/Berlin",    "America/New_York",
                                        "Australia/Sydney", "Asia/Kolkata",     "America/St_Johns",
                                        "Europe/Dublin",    "Africa/Casablanca"};
    rk_zone zone;
    const bool has_files = rk_zone_open(&zone, RK_STR("Europe/Moscow"));
    rk_zone_close(&zone);
    for (size_t i = 0; i < RK_ARRAY_LEN(names) && has_files; i++)
        check_zone(names[i]);
}
END_TEST

START_TEST(zone_names)
{
    static const char *const wrong[] = {
        "",        "/etc/passwd", "../../etc/passwd", "Europe", "Nowhere", "+",
        "+123",    "+25",         "+03:60",           "+3:00",  "03:00",   "Europe/Moscow\n",
        "zone.tab"};
    rk_zone zone;
    for (size_t i = 0; i < RK_ARRAY_LEN(wrong); i++)
        ck_assert_msg(!rk_zone_open(&zone, rk_str_from(wrong[i])), "%s", wrong[i]);
    ck_assert(rk_zone_open(&zone, RK_STR("-0530")));
    ck_assert_int_eq(rk_zone_offset(&zone, 0), -19800);
    ck_assert(rk_zone_open(&zone, RK_STR("+3")));
    ck_assert_int_eq(rk_zone_offset(&zone, INT64_MIN / 2), 10800);
}
END_TEST

START_TEST(clocks)
{
    env_open(&e);
    const rk_value utc = text("UTC");
    for (int64_t t = -1000000; t < 1000000; t += 977) {
        const time_t time = (time_t)t;
        struct tm want;
        gmtime_r(&time, &want);
        const rk_value at = value_double((double)t + 0.25);
        ck_assert_int_eq(call2("hour_of", at, utc).as.i, want.tm_hour);
        ck_assert_int_eq(call2("weekday_of", at, utc).as.i, want.tm_wday ? want.tm_wday : 7);
    }
    ck_assert(call2("hour_of", value_double(0), text("No/Where")).missing);
    ck_assert(call2("hour_of", value_double(INFINITY), utc).missing);
    ck_assert(call2("hour_of", value_double(NAN), utc).missing);
    ck_assert(call2("hour_of", value_double(-1e300), utc).missing);
    ck_assert(call1("since", value_double(e.now - 1.5)).as.f == 1.5f);
    env_close(&e);
}
END_TEST

START_TEST(buckets)
{
    env_open(&e);
    const double borders[] = {-1, 0, 0, 2.5}, shuffled[] = {2.5, -1, 0, 0};
    const rk_value sorted = value_list(RK_KIND_DOUBLE, borders, 4);
    const rk_value mixed = value_list(RK_KIND_DOUBLE, shuffled, 4);
    for (double x = -3; x < 4; x += 0.5) {
        int64_t want = 0;
        for (int k = 0; k < 4; k++)
            want += borders[k] <= x;
        ck_assert_int_eq(call2("bucketize", value_double(x), sorted).as.i, want);
        ck_assert_int_eq(call2("bucketize", value_double(x), mixed).as.i, want);
    }
    ck_assert_int_eq(call2("bucketize", value_double(NAN), sorted).as.i, 0);
    ck_assert_int_eq(call2("bucketize", value_double(INFINITY), sorted).as.i, 4);
    ck_assert(call2("hash_bucket", text("a"), value_int(0)).missing);
    ck_assert(call2("hash_bucket", text("a"), value_int(INT64_MIN)).missing);
    ck_assert_int_eq(call2("hash_bucket", text(""), value_int(1)).as.i, 0);
    ck_assert_int_eq(call2("hash_bucket", text("a"), value_int(INT64_MAX)).as.i,
                     (int64_t)(rk_str_hash(RK_STR("a")) % INT64_MAX));
    env_close(&e);
}
END_TEST

START_TEST(chance)
{
    env_open(&e);
    int64_t slot[10] = {0};
    for (int64_t i = 0; i < 20000; i++) {
        const float u = call2("uniform", text("new"), value_int(i)).as.f;
        ck_assert(u >= 0.0f && u < 1.0f);
        slot[(int)(u * 10)]++;
    }
    for (int k = 0; k < 10; k++)
        ck_assert(slot[k] > 1800 && slot[k] < 2200);
    const float zero = call1("uniform", value_float(0.0f)).as.f;
    ck_assert(same(call1("uniform", value_float(-0.0f)).as.f, zero));
    ck_assert(same(call1("uniform", value_double(-0.0)).as.f, zero));
    ck_assert(!same(call1("uniform", value_int(0)).as.f, zero));
    const float missing = call1("uniform", value_missing(RK_TYPE(INT))).as.f;
    ck_assert(same(call1("uniform", value_float(NAN)).as.f, missing));
    ck_assert(same(call1("uniform", value_missing(RK_TYPE(STRING))).as.f, missing));
    ck_assert(!same(call2("uniform", text("ab"), text("c")).as.f,
                    call2("uniform", text("a"), text("bc")).as.f));
    env_close(&e);
}
END_TEST

START_TEST(statistics_and_distances)
{
    env_open(&e);
    ck_assert_str_eq(shown(call2("wilson", value_float(0), value_float(0))), "0");
    ck_assert_str_eq(shown(call2("wilson", value_float(0), value_float(5))), "0");
    ck_assert_str_eq(shown(call2("wilson", value_float(9), value_float(5))), "missing");
    ck_assert(fabs(call2("wilson", value_double(50), value_double(100)).as.d - 0.40383) < 1e-5);
    const double quarter = 6371.0088 * acos(-1.0) / 2.0;
    const rk_value places[][4] = {
        {value_double(0), value_double(0), value_double(0), value_double(90)},
        {value_double(90), value_double(13), value_double(0), value_double(-77)},
        {value_double(-45), value_double(179), value_double(45), value_double(179)},
    };
    for (size_t i = 0; i < RK_ARRAY_LEN(places); i++)
        ck_assert(fabs(call_name(&e, "geo_km", places[i], 4).as.d - quarter) < 1e-9);
    const rk_value poles[] = {value_double(90), value_double(0), value_double(-90),
                              value_double(0)};
    ck_assert(fabs(call_name(&e, "geo_km", poles, 4).as.d - 2 * quarter) < 1e-4);
    env_close(&e);
}
END_TEST

START_TEST(numbers)
{
    static const struct {
        const char *name;
        double x, want;
    } cases[] = {{"round", 2.5, 3},
                 {"round", -2.5, -3},
                 {"round", 0.49999999999999994, 0},
                 {"round", 4503599627370497.5, 4503599627370498},
                 {"round", 1e300, 1e300},
                 {"floor", -0.5, -1},
                 {"ceil", -0.5, -0.0},
                 {"trunc", -1.5, -1},
                 {"sign", -0.0, 0},
                 {"sign", -INFINITY, -1},
                 {"abs", -INFINITY, INFINITY},
                 {"sqrt", -1, NAN},
                 {"sqrt", -0.0, -0.0},
                 {"round", NAN, NAN}};
    env_open(&e);
    for (int level = RK_CPU_SCALAR; level <= RK_CPU_V4; level++) {
        if (!rk_cpu_has((rk_cpu_level)level))
            continue;
        e.math = rk_vmath_get((rk_cpu_level)level);
        for (size_t i = 0; i < RK_ARRAY_LEN(cases); i++) {
            const double got = call1(cases[i].name, value_double(cases[i].x)).as.d;
            ck_assert_msg(memcmp(&got, &cases[i].want, sizeof got) == 0, "%s(%a) is %a",
                          cases[i].name, cases[i].x, got);
        }
        ck_assert(signbit(call2("min", value_float(-0.0f), value_float(0.0f)).as.f));
        ck_assert(!signbit(call2("min", value_float(0.0f), value_float(-0.0f)).as.f));
        ck_assert(isnan(call2("max", value_float(NAN), value_float(1.0f)).as.f));
        ck_assert(isnan(call2("max", value_float(1.0f), value_float(NAN)).as.f));
    }
    ck_assert_int_eq(call1("abs", value_int(INT64_MIN)).as.i, INT64_MIN);
    ck_assert_int_eq(call1("round", value_int(INT64_MAX)).as.i, INT64_MAX);
    env_close(&e);
}
END_TEST

RK_SUITE_MAIN("stdlib_list", lists, vectors, zones, zone_names, clocks, buckets, chance,
              statistics_and_distances, numbers)
