/* The library's functions once more: their forms, and bodies that take one item at a time. Numbers
 * and chance are here, texts and lists in functions_list.c. Elementary functions are taken from the
 * scalar table. */
#include "tests/programs/functions.h"

#include <math.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* ---- elementary functions ---- */

#define REAL1(name)                                                                                \
    static value call_##name(const call *c)                                                        \
    {                                                                                              \
        const rk_vmath *const math = rk_vmath_get(RK_CPU_SCALAR);                                  \
        value out = c->args[0];                                                                    \
        if (out.kind == RK_KIND_FLOAT)                                                             \
            math->name.f32(&c->args[0].as.f, &out.as.f, 1);                                        \
        else                                                                                       \
            math->name.f64(&c->args[0].as.d, &out.as.d, 1);                                        \
        return out;                                                                                \
    }
#define REAL2(name)                                                                                \
    static value call_##name(const call *c)                                                        \
    {                                                                                              \
        const rk_vmath *const math = rk_vmath_get(RK_CPU_SCALAR);                                  \
        value out = c->args[0];                                                                    \
        if (out.kind == RK_KIND_FLOAT)                                                             \
            math->name.f32(&c->args[0].as.f, &c->args[1].as.f, &out.as.f, 1);                      \
        else                                                                                       \
            math->name.f64(&c->args[0].as.d, &c->args[1].as.d, &out.as.d, 1);                      \
        return out;                                                                                \
    }
RK_VMATH_EACH1(REAL1)
RK_VMATH_EACH2(REAL2)

/* A float as a double loses nothing here: each result is exact, or rounds to the same float. */
#define EXACT(name, body, whole)                                                                   \
    static value call_##name(const call *c)                                                        \
    {                                                                                              \
        const value v = c->args[0];                                                                \
        const int64_t i = v.as.i;                                                                  \
        if (v.kind == RK_KIND_INT)                                                                 \
            return value_int(whole);                                                               \
        const double x = as_double(v);                                                             \
        return v.kind == RK_KIND_FLOAT ? value_float((float)(body)) : value_double(body);          \
    }
EXACT(abs, fabs(x), (int64_t)(i < 0 ? 0 - (uint64_t)i : (uint64_t)i))
EXACT(sign, isnan(x) ? x : x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0, i > 0 ? 1 : i < 0 ? -1 : 0)
EXACT(floor, floor(x), i)
EXACT(ceil, ceil(x), i)
EXACT(round, round(x), i)
EXACT(trunc, trunc(x), i)
EXACT(sqrt, sqrt(x), i)

static value smaller(value a, value b, bool largest)
{
    if (is_real(a.kind) && (!has_value(a) || !has_value(b)))
        return has_value(a) ? b : a;
    return compare_values(b, a) * (largest ? -1 : 1) < 0 ? b : a;
}

static value extreme(const call *c, bool largest)
{
    value best = c->args[0];
    if (best.kind != RK_KIND_LIST && best.kind != RK_KIND_VECTOR) {
        for (unsigned i = 1; i < c->n; i++)
            best = smaller(best, c->args[i], largest);
        return best;
    }
    const value list = best;
    best = missing_of(c->type);
    for (unsigned i = 0; i < list.as.list.len; i++) {
        const value v = list.as.list.items[i];
        if (has_value(v))
            best = has_value(best) ? smaller(best, v, largest) : v;
    }
    return best;
}
static value call_min(const call *c) { return extreme(c, false); }
static value call_max(const call *c) { return extreme(c, true); }

/* ---- conversions ---- */

static value call_int(const call *c)
{
    const value v = c->args[0];
    int64_t i;
    switch (v.kind) {
    case RK_KIND_INT:
        return v;
    case RK_KIND_BOOL:
        return value_int(v.as.b);
    case RK_KIND_STRING:
        return rk_str_to_int(v.as.s, &i) ? value_int(i) : missing_of(c->type);
    default: {
        const double x = trunc(as_double(v));
        return x >= -0x1p63 && x < 0x1p63 ? value_int((int64_t)x) : missing_of(c->type);
    }
    }
}

static value call_float(const call *c)
{
    const value v = c->args[0];
    float f = 0;
    switch (v.kind) {
    case RK_KIND_INT:
        return value_float((float)v.as.i);
    case RK_KIND_BOOL:
        return value_float(v.as.b ? 1 : 0);
    case RK_KIND_FLOAT:
        return v;
    case RK_KIND_DOUBLE:
        return value_float((float)v.as.d);
    default:
        return rk_str_to_float(v.as.s, &f) ? value_float(f) : missing_of(c->type);
    }
}

static value call_double(const call *c)
{
    const value v = c->args[0];
    double d = 0;
    if (v.kind == RK_KIND_STRING)
        return rk_str_to_double(v.as.s, &d) ? value_double(d) : missing_of(c->type);
    return v.kind == RK_KIND_BOOL ? value_double(v.as.b ? 1 : 0) : convert(v, RK_KIND_DOUBLE);
}

/* ---- statistics, places, buckets, time ---- */

static value call_wilson(const call *c)
{
    const double hits = as_double(c->args[0]), trials = as_double(c->args[1]);
    const bool is_float = c->args[0].kind == RK_KIND_FLOAT;
    const double z = c->n > 2 ? as_double(c->args[2]) : is_float ? (double)1.96f : 1.96;
    double low;
    if (!(trials > 0.0)) {
        low = isnan(trials) || isnan(hits) || isnan(z) ? NAN : 0.0;
    } else {
        const double p = hits / trials, z2 = z * z / trials;
        low = (p + z2 / 2.0 - z * sqrt((p * (1.0 - p) + z2 / 4.0) / trials)) / (1.0 + z2);
        low = low < 0.0 ? 0.0 : low;
    }
    return is_float ? value_float((float)low) : value_double(low);
}

static double of_table(rk_vmath_f64 *fn, double x)
{
    fn(&x, &x, 1);
    return x;
}

static value call_geo_km(const call *c)
{
    const rk_vmath *const math = rk_vmath_get(RK_CPU_SCALAR);
    const double degree = 3.14159265358979323846 / 180.0;
    double at[4];
    for (int i = 0; i < 4; i++)
        at[i] = as_double(c->args[i]);
    const double lat = of_table(math->sin.f64, (at[2] - at[0]) * degree / 2.0);
    const double lon = of_table(math->sin.f64, (at[3] - at[1]) * degree / 2.0);
    const double cos1 = of_table(math->cos.f64, at[0] * degree);
    const double cos2 = of_table(math->cos.f64, at[2] * degree);
    const double h = lat * lat + cos1 * cos2 * (lon * lon);
    const double km = 2.0 * 6371.0088 * of_table(math->asin.f64, h > 1.0 ? 1.0 : sqrt(h));
    return c->type.kind == RK_KIND_FLOAT ? value_float((float)km) : value_double(km);
}

static value call_now(const call *c) { return value_double(c->now); }
static value call_since(const call *c) { return value_float((float)(c->now - c->args[0].as.d)); }

static value clock_part(const call *c, bool weekday)
{
    const double t = c->args[0].as.d;
    if (!(fabs(t) < 3e14))
        return missing_of(c->type);
    const double second = floor(t), day = floor(second / 86400.0);
    if (!weekday)
        return value_int((int64_t)((second - day * 86400.0) / 3600.0));
    return value_int((int64_t)(day + 3 - floor((day + 3) / 7.0) * 7.0) + 1);
}
static value call_hour_of(const call *c) { return clock_part(c, false); }
static value call_weekday_of(const call *c) { return clock_part(c, true); }

static void put_word(unsigned char *to, uint64_t x)
{
    for (int i = 0; i < 8; i++)
        to[i] = (unsigned char)(x >> 8 * i);
}

static value call_hash_bucket(const call *c)
{
    const int64_t n = c->args[1].as.i;
    unsigned char bytes[8];
    if (n <= 0)
        return missing_of(c->type);
    put_word(bytes, (uint64_t)c->args[0].as.i);
    const uint64_t hash = c->args[0].kind == RK_KIND_INT
                              ? XXH3_64bits(bytes, 8)
                              : XXH3_64bits(c->args[0].as.s.data, c->args[0].as.s.len);
    return value_int((int64_t)(hash % (uint64_t)n));
}

static value call_bucketize(const call *c)
{
    int64_t count = 0;
    const value borders = c->args[1];
    for (unsigned i = 0; i < borders.as.list.len; i++)
        count += has_value(c->args[0]) && has_value(borders.as.list.items[i]) &&
                 compare_values(borders.as.list.items[i], c->args[0]) <= 0;
    return value_int(count);
}

static value call_uniform(const call *c)
{
    rk_buf buf = {0};
    for (unsigned i = 0; i < c->n; i++) {
        const value v = c->args[i];
        unsigned char bytes[9] = {0};
        uint64_t word = (uint64_t)v.as.i;
        const double x = is_real(v.kind) ? as_double(v) + 0.0 : 0.0;
        if (!has_value(v)) {
            rk_buf_add(&buf, (rk_str){(const char *)bytes, 1});
            continue;
        }
        bytes[0] = v.kind == RK_KIND_BOOL ? 1 : v.kind == RK_KIND_INT ? 2 : is_real(v.kind) ? 3 : 4;
        if (v.kind == RK_KIND_BOOL)
            word = v.as.b;
        else if (is_real(v.kind))
            memcpy(&word, &x, 8);
        else if (v.kind == RK_KIND_STRING)
            word = v.as.s.len;
        put_word(bytes + 1, word);
        rk_buf_add(&buf, (rk_str){(const char *)bytes, 9});
        if (v.kind == RK_KIND_STRING)
            rk_buf_add(&buf, v.as.s);
    }
    const uint64_t hash = XXH64(buf.len ? buf.data : "", buf.len, 0);
    rk_buf_free(&buf);
    return value_float((float)(hash >> 40) / 16777216.0f);
}

/* ---- the table ---- */

/* Parameters: b i f d s, in capitals lists of them, v a vector, a any scalar; K a constant list of
 * numbers and q a number from 0 to 1 are letters for the generator alone. */
/* clang-format off */
#define REAL(name)  {#name, "f>f|d>d", 0, call_##name}
#define REALS(name) {#name, "ff>f|dd>d", 0, call_##name}
#define ANY(name)   {#name, "i>i|f>f|d>d", 0, call_##name}
const function functions[] = {
    REAL(exp), REAL(exp2), REAL(expm1), REAL(log), REAL(log2), REAL(log10), REAL(log1p),
    REAL(sigmoid), REAL(tanh), REAL(sin), REAL(cos), REAL(asin), REAL(atan), REAL(cbrt), REAL(erf),
    REAL(sqrt), REALS(pow), REALS(atan2),
    ANY(abs), ANY(sign), ANY(floor), ANY(ceil), ANY(round), ANY(trunc),
    {"min", "ii>i|ff>f|dd>d", FN_CHAIN, call_min},
    {"max", "ii>i|ff>f|dd>d", FN_CHAIN, call_max},
    {"min", "I>i?|F>f?|D>d?|S>s?|v>f", 0, call_min},
    {"max", "I>i?|F>f?|D>d?|S>s?|v>f", 0, call_max},
    {"int", "i>i|f>i?|d>i?|s>i?|b>i", 0, call_int},
    {"float", "f>f|d>f|s>f?|b>f", 0, call_float},
    {"double", "d>d|s>d?|b>d", 0, call_double},
    {"wilson", "ff>f|dd>d|fff>f|ddd>d", 0, call_wilson},
    {"geo_km", "ffff>f|dddd>d", 0, call_geo_km},
    {"now", ">d", FN_REQUEST, call_now},
    {"since", "d>f", FN_REQUEST, call_since},
    {"hour_of", "d>i?", 0, call_hour_of},
    {"weekday_of", "d>i?", 0, call_weekday_of},
    {"hash_bucket", "si>i?|ii>i?", 0, call_hash_bucket},
    {"bucketize", "iI>i|fF>i|dD>i", 0, call_bucketize},
    {"uniform", "aa>f", FN_VARIADIC | FN_OWN, call_uniform},
    {"len", "s>i|B>i|I>i|F>i|D>i|S>i|v>i", 0, call_len},
    {"first", "I>i?|F>f?|D>d?|S>s?|B>b?", 0, call_first},
    {"last", "I>i?|F>f?|D>d?|S>s?|B>b?", 0, call_last},
    {"take", "Ii>I|Fi>F|Di>D|Si>S|Bi>B", 0, call_take},
    {"contains", "ss>b|Ii>b|Ff>b|Dd>b|Ss>b|Bb>b", 0, call_contains},
    {"count_of", "Ii>i|Ff>i|Dd>i|Ss>i|Bb>i", 0, call_count_of},
    {"sum", "I>i|F>f|D>d|v>f", 0, call_sum},
    {"avg", "I>f?|F>f?|D>d?|v>f", 0, call_avg},
    {"std", "I>f?|F>f?|D>d?|v>f", 0, call_std},
    {"median", "I>f?|F>f?|D>d?|v>f", 0, call_median},
    {"quantile", "Iq>f?|Fq>f?|Dq>d?|vq>f?", 0, call_quantile},
    {"any", "B>b", 0, call_any},
    {"all", "B>b", 0, call_all},
    {"overlap", "SS>i|II>i", 0, call_overlap},
    {"jaccard", "SS>f|II>f", 0, call_jaccard},
    {"string", "i>s|f>s|d>s|b>s|s>s", 0, call_string},
    {"lower", "s>s", 0, call_lower},
    {"upper", "s>s", 0, call_upper},
    {"trim", "s>s", 0, call_trim},
    {"replace", "sss>s", 0, call_replace},
    {"join", "S>s|Ss>s", 0, call_join},
    {"split", "ss>S", 0, call_split},
    {"format", "sa>s", FN_VARIADIC, call_format},
    {"starts_with", "ss>b", 0, call_starts_with},
    {"ends_with", "ss>b", 0, call_ends_with},
    {"edit_distance", "ss>i", 0, call_edit_distance},
    {"words", "s>S", 0, call_words},
    {"dot", "vv>f", 0, call_dot},
    {"cosine", "vv>f", 0, call_cosine},
    {"l2", "vv>f", 0, call_l2},
    {"norm", "v>f", 0, call_norm},
    {"normalize", "v>v", 0, call_normalize},
    {"concat", "vv>v", FN_CHAIN, call_concat},
    {"concat", "ss>s", FN_CHAIN, call_concat},
};
/* clang-format on */
const unsigned n_functions = RK_ARRAY_LEN(functions);

bool function_row(const function *fn, unsigned row, char *params, char *result, bool *optional)
{
    const char *at = fn->rows;
    for (; row > 0 && at; row--) {
        at = strchr(at, '|');
        at = at ? at + 1 : NULL;
    }
    if (!at)
        return false;
    const size_t n = strcspn(at, ">");
    memcpy(params, at, n);
    params[n] = 0;
    *result = at[n + 1];
    *optional = at[n + 2] == '?';
    return true;
}

int function_find(const char *name)
{
    for (unsigned i = 0; i < n_functions; i++)
        if (strcmp(functions[i].name, name) == 0)
            return (int)i;
    return -1;
}
