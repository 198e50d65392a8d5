/* Texts, lists and vectors. Letters that the generator makes are ASCII and Russian, so lower, upper
 * and words know no others. */
#include <math.h>
#include <stdlib.h>

#include "tests/programs/functions.h"

static value at_list(const call *c, unsigned k, unsigned i) { return c->args[k].as.list.items[i]; }
static unsigned length(const call *c, unsigned k) { return c->args[k].as.list.len; }
static rk_str text(const call *c, unsigned k) { return c->args[k].as.s; }

static value value_list(const call *c, unsigned n, value **items)
{
    value out = {.kind = c->type.kind, .elem = c->type.elem};
    *items = out.as.list.items = NEW_ARRAY(c->arena, value, n);
    out.as.list.len = n;
    return out;
}

/* ---- lists ---- */

value call_len(const call *c)
{
    int64_t points = 0;
    if (c->args[0].kind != RK_KIND_STRING)
        return value_int(length(c, 0));
    for (size_t i = 0; i < text(c, 0).len; i++)
        points += ((unsigned char)text(c, 0).data[i] & 0xc0) != 0x80;
    return value_int(points);
}
value call_first(const call *c) { return length(c, 0) ? at_list(c, 0, 0) : missing_of(c->type); }
value call_last(const call *c)
{
    return length(c, 0) ? at_list(c, 0, length(c, 0) - 1) : missing_of(c->type);
}
value call_take(const call *c)
{
    value out = c->args[0];
    const int64_t n = c->args[1].as.i;
    if (n < (int64_t)out.as.list.len)
        out.as.list.len = n < 0 ? 0 : (unsigned)n;
    return out;
}

static int64_t count_equal(const call *c)
{
    int64_t count = 0;
    for (unsigned i = 0; i < length(c, 0); i++) {
        const value v = at_list(c, 0, i);
        count += has_value(v) && has_value(c->args[1]) && compare_values(v, c->args[1]) == 0;
    }
    return count;
}
value call_count_of(const call *c) { return value_int(count_equal(c)); }

static bool has_at(rk_str s, size_t at, rk_str part)
{
    return at + part.len <= s.len && (!part.len || memcmp(s.data + at, part.data, part.len) == 0);
}
static size_t find(rk_str s, size_t from, rk_str part)
{
    while (from <= s.len && !has_at(s, from, part))
        from++;
    return from;
}

value call_contains(const call *c)
{
    if (c->args[0].kind == RK_KIND_LIST)
        return value_bool(count_equal(c) > 0);
    return value_bool(find(text(c, 0), 0, text(c, 1)) <= text(c, 0).len);
}

/* The numbers of a list; those that are NaN are not kept. Returns how many are. */
static unsigned numbers(const call *c, double **x, bool **keep)
{
    const unsigned n = length(c, 0);
    unsigned kept = 0;
    *x = NEW_ARRAY(c->arena, double, n);
    *keep = NEW_ARRAY(c->arena, bool, n);
    for (unsigned i = 0; i < n; i++) {
        (*x)[i] = as_double(at_list(c, 0, i));
        (*keep)[i] = !isnan((*x)[i]);
        kept += (*keep)[i];
    }
    return kept;
}

static value real_result(const call *c, double x)
{
    return c->type.kind == RK_KIND_FLOAT ? value_float((float)x) : value_double(x);
}

value call_sum(const call *c)
{
    double *x;
    bool *keep;
    uint64_t whole = 0;
    numbers(c, &x, &keep);
    for (unsigned i = 0; i < length(c, 0) && c->type.kind == RK_KIND_INT; i++)
        whole += (uint64_t)at_list(c, 0, i).as.i;
    return c->type.kind == RK_KIND_INT ? value_int((int64_t)whole)
                                       : real_result(c, lane_sum(x, keep, length(c, 0)));
}

value call_avg(const call *c)
{
    double *x;
    bool *keep;
    const unsigned n = numbers(c, &x, &keep);
    return n ? real_result(c, lane_sum(x, keep, length(c, 0)) / n) : missing_of(c->type);
}

value call_std(const call *c)
{
    double *x;
    bool *keep;
    const unsigned n = numbers(c, &x, &keep);
    if (n == 0)
        return missing_of(c->type);
    const double mean = lane_sum(x, keep, length(c, 0)) / n;
    for (unsigned i = 0; i < length(c, 0); i++)
        x[i] = (x[i] - mean) * (x[i] - mean);
    return real_result(c, sqrt(lane_sum(x, keep, length(c, 0)) / n));
}

static value quantile(const call *c, double q)
{
    double *x;
    bool *keep;
    const unsigned n = numbers(c, &x, &keep);
    unsigned to = 0;
    for (unsigned i = 0; i < length(c, 0); i++)
        if (keep[i])
            x[to++] = x[i];
    return n ? real_result(c, quantile_of(x, n, q)) : missing_of(c->type);
}
value call_median(const call *c) { return quantile(c, 0.5); }
value call_quantile(const call *c) { return quantile(c, c->args[1].as.d); }

static value decide(const call *c, bool wanted)
{
    for (unsigned i = 0; i < length(c, 0); i++)
        if (at_list(c, 0, i).as.b == wanted)
            return value_bool(wanted);
    return value_bool(!wanted);
}
value call_any(const call *c) { return decide(c, true); }
value call_all(const call *c) { return decide(c, false); }

static bool is_in(value v, const value *items, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (compare_values(v, items[i]) == 0)
            return true;
    return false;
}

static unsigned distinct(const call *c, unsigned k, unsigned other, unsigned *shared)
{
    unsigned n = 0;
    *shared = 0;
    for (unsigned i = 0; i < length(c, k); i++) {
        if (is_in(at_list(c, k, i), c->args[k].as.list.items, i))
            continue;
        n++;
        *shared += is_in(at_list(c, k, i), c->args[other].as.list.items, length(c, other));
    }
    return n;
}
value call_overlap(const call *c)
{
    unsigned shared;
    distinct(c, 0, 1, &shared);
    return value_int(shared);
}
value call_jaccard(const call *c)
{
    unsigned shared;
    const unsigned a = distinct(c, 0, 1, &shared), b = distinct(c, 1, 0, &shared);
    const unsigned all = a + b - shared;
    return value_float(all ? (float)((double)shared / (double)all) : 0.0f);
}

/* ---- texts ---- */

static value made(const call *c, rk_buf *buf)
{
    char *const bytes = must_alloc(c->arena, buf->len + 1);
    if (buf->len)
        memcpy(bytes, buf->data, buf->len);
    const value out = value_str((rk_str){bytes, buf->len});
    rk_buf_free(buf);
    return out;
}

static void add_printed(value v, rk_buf *buf)
{
    char number[40];
    size_t len = 0;
    if (v.kind == RK_KIND_STRING) {
        rk_buf_add(buf, v.as.s);
        return;
    }
    if (!has_value(v))
        rk_buf_add_chars(buf, "missing");
    else if (v.kind == RK_KIND_BOOL)
        rk_buf_add_chars(buf, v.as.b ? "true" : "false");
    else if (v.kind == RK_KIND_INT)
        rk_buf_printf(buf, "%lld", (long long)v.as.i);
    else
        len = v.kind == RK_KIND_FLOAT ? rk_float_print(v.as.f, number)
                                      : rk_double_print(v.as.d, number);
    rk_buf_add(buf, (rk_str){number, len});
}

value call_string(const call *c)
{
    rk_buf buf = {0};
    add_printed(c->args[0], &buf);
    return made(c, &buf);
}

value call_format(const call *c)
{
    rk_buf buf = {0};
    const rk_str s = text(c, 0);
    unsigned next = 1;
    for (size_t at = 0; at < s.len; at++) {
        if (has_at(s, at, RK_STR("{}")) && next < c->n) {
            add_printed(c->args[next++], &buf);
            at++;
        } else {
            rk_buf_add_char(&buf, s.data[at]);
            at += has_at(s, at, RK_STR("{{")) || has_at(s, at, RK_STR("}}"));
        }
    }
    return made(c, &buf);
}

/* а to я are d0 b0 to d0 bf and d1 80 to d1 8f; А to Я d0 90 to d0 af. */
static value with_case(const call *c, bool up)
{
    rk_buf buf = {0};
    const rk_str s = text(c, 0);
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char a = (unsigned char)s.data[i];
        const unsigned char b = i + 1 < s.len ? (unsigned char)s.data[i + 1] : 0;
        if (a == 0xd0 || a == 0xd1) {
            unsigned point = (a & 0x1fu) << 6 | (b & 0x3fu);
            if (!up && point >= 0x410 && point < 0x430)
                point += 0x20;
            else if (up && point >= 0x430 && point < 0x450)
                point -= 0x20;
            rk_buf_add_char(&buf, (char)(0xc0 | point >> 6));
            rk_buf_add_char(&buf, (char)(0x80 | (point & 0x3f)));
            i++;
        } else if (up ? a >= 'a' && a <= 'z' : a >= 'A' && a <= 'Z')
            rk_buf_add_char(&buf, (char)(a ^ 0x20));
        else
            rk_buf_add_char(&buf, (char)a);
    }
    return made(c, &buf);
}
value call_lower(const call *c) { return with_case(c, false); }
value call_upper(const call *c) { return with_case(c, true); }

value call_trim(const call *c)
{
    rk_str s = text(c, 0);
    while (s.len && s.data[0] == ' ') {
        s.data++;
        s.len--;
    }
    while (s.len && s.data[s.len - 1] == ' ')
        s.len--;
    return value_str(s);
}

value call_replace(const call *c)
{
    rk_buf buf = {0};
    const rk_str s = text(c, 0), part = text(c, 1);
    for (size_t i = 0; i < s.len;) {
        if (part.len && has_at(s, i, part)) {
            rk_buf_add(&buf, text(c, 2));
            i += part.len;
        } else
            rk_buf_add_char(&buf, s.data[i++]);
    }
    return made(c, &buf);
}

value call_join(const call *c)
{
    rk_buf buf = {0};
    for (unsigned i = 0; i < length(c, 0); i++) {
        if (i)
            rk_buf_add(&buf, c->n > 1 ? text(c, 1) : RK_STR(" "));
        rk_buf_add(&buf, at_list(c, 0, i).as.s);
    }
    return made(c, &buf);
}

value call_split(const call *c)
{
    value *items;
    const rk_str s = text(c, 0), by = text(c, 1);
    value out = value_list(c, (unsigned)s.len + 1, &items);
    unsigned n = 0;
    size_t from = 0;
    for (;;) {
        const size_t to = by.len ? find(s, from, by) : s.len;
        const size_t end = to <= s.len ? to : s.len;
        items[n++] = value_str((rk_str){s.data + from, end - from});
        if (!by.len || to > s.len)
            break;
        from = to + by.len;
    }
    out.as.list.len = n;
    return out;
}

value call_starts_with(const call *c) { return value_bool(has_at(text(c, 0), 0, text(c, 1))); }
value call_ends_with(const call *c)
{
    const rk_str s = text(c, 0), part = text(c, 1);
    return value_bool(part.len <= s.len && has_at(s, s.len - part.len, part));
}

/* By the table of all beginnings. */
value call_edit_distance(const call *c)
{
    const rk_str a = text(c, 0), b = text(c, 1);
    uint32_t *const x = NEW_ARRAY(c->arena, uint32_t, a.len);
    int *const row = NEW_ARRAY(c->arena, int, b.len + 1);
    uint32_t *const y = NEW_ARRAY(c->arena, uint32_t, b.len);
    unsigned n = 0, m = 0;
    for (size_t at = 0; at < a.len;)
        x[n++] = rk_str_utf8_next(a, &at);
    for (size_t at = 0; at < b.len;)
        y[m++] = rk_str_utf8_next(b, &at);
    for (unsigned k = 0; k <= m; k++)
        row[k] = (int)k;
    for (unsigned i = 1; i <= n; i++) {
        int corner = row[0];
        row[0] = (int)i;
        for (unsigned k = 1; k <= m; k++) {
            const int above = row[k], change = corner + (x[i - 1] != y[k - 1]);
            const int least = above < row[k - 1] ? above + 1 : row[k - 1] + 1;
            row[k] = change < least ? change : least;
            corner = above;
        }
    }
    return value_int(row[m]);
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80);
}

value call_words(const call *c)
{
    const rk_str s = with_case(c, false).as.s;
    value *items;
    value out = value_list(c, (unsigned)s.len + 1, &items);
    unsigned n = 0;
    for (size_t i = 0; i < s.len;) {
        size_t to = i;
        while (to < s.len && is_word_byte(s.data[to]))
            to++;
        if (to > i)
            items[n++] = value_str((rk_str){s.data + i, to - i});
        i = to > i ? to : i + 1;
    }
    out.as.list.len = n;
    return out;
}

/* ---- vectors ---- */

static float in_lanes(const call *c, unsigned a, unsigned b, bool gap)
{
    float lanes[16] = {0};
    for (unsigned i = 0; i < length(c, a); i++) {
        const float x = at_list(c, a, i).as.f, y = at_list(c, b, i).as.f;
        lanes[i % 16] = gap ? fmaf(x - y, x - y, lanes[i % 16]) : fmaf(x, y, lanes[i % 16]);
    }
    for (unsigned w = 8; w; w /= 2)
        for (unsigned k = 0; k < w; k++)
            lanes[k] += lanes[k + w];
    return lanes[0];
}

value call_dot(const call *c) { return value_float(in_lanes(c, 0, 1, false)); }
value call_l2(const call *c) { return value_float(sqrtf(in_lanes(c, 0, 1, true))); }
value call_norm(const call *c) { return value_float(sqrtf(in_lanes(c, 0, 0, false))); }
value call_cosine(const call *c)
{
    const double lengths =
        sqrt((double)in_lanes(c, 0, 0, false)) * sqrt((double)in_lanes(c, 1, 1, false));
    return value_float(lengths == 0.0 ? 0.0f : (float)((double)in_lanes(c, 0, 1, false) / lengths));
}
value call_normalize(const call *c)
{
    value *items;
    const value out = value_list(c, length(c, 0), &items);
    const float by = sqrtf(in_lanes(c, 0, 0, false));
    for (unsigned i = 0; i < length(c, 0); i++)
        items[i] = value_float(by == 0.0f ? 0.0f : at_list(c, 0, i).as.f / by);
    return out;
}

value call_concat(const call *c)
{
    rk_buf buf = {0};
    value *items;
    unsigned n = 0, at = 0;
    for (unsigned k = 0; k < c->n && c->type.kind == RK_KIND_STRING; k++)
        rk_buf_add(&buf, text(c, k));
    if (c->type.kind == RK_KIND_STRING)
        return made(c, &buf);
    for (unsigned k = 0; k < c->n; k++)
        n += length(c, k);
    const value out = value_list(c, n, &items);
    for (unsigned k = 0; k < c->n; k++)
        for (unsigned i = 0; i < length(c, k); i++)
            items[at++] = at_list(c, k, i);
    return out;
}
