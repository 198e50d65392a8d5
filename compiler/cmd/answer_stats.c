#include "compiler/cmd/answer.h"

#include <math.h>

static double as_double(rk_value value) { return rk_value_convert(value, RK_TYPE(DOUBLE)).as.d; }

static bool is_less(rk_value a, rk_value b)
{
    return a.type.kind == RK_KIND_INT ? a.as.i < b.as.i : as_double(a) < as_double(b);
}

static void add_number(answer_stats *stats, rk_value value)
{
    const double x = as_double(value);
    if (stats->min.type.kind == RK_KIND_NONE)
        stats->min = stats->max = value;
    if (is_less(value, stats->min))
        stats->min = value;
    if (is_less(stats->max, value))
        stats->max = value;
    stats->avg += x;
    if (isfinite(x)) {
        stats->low = fmin(stats->low, x);
        stats->high = fmax(stats->high, x);
    }
}

static void add_string(answer_stats *stats, rk_value value, rk_arena *arena, rk_intmap *seen)
{
    uint32_t found;
    if (rk_intmap_add(arena, seen, value.as.s, 0, &found))
        stats->distinct++;
    else if (found == RK_MAP_NONE)
        stats->no_memory = true;
}

static void add_list(answer_stats *stats, rk_value value)
{
    const uint32_t len = value.as.list.len;
    stats->shortest = len < stats->shortest ? len : stats->shortest;
    stats->longest = len > stats->longest ? len : stats->longest;
}

void answer_stats_of(const rk_column *column, answer_stats *out)
{
    rk_arena arena;
    rk_intmap seen = {0};
    rk_arena_init(&arena);
    *out =
        (answer_stats){.n = column->n, .low = INFINITY, .high = -INFINITY, .shortest = UINT32_MAX};
    for (uint32_t i = 0; i < column->n; i++) {
        if (!rk_column_has(column, i)) {
            out->missing++;
            continue;
        }
        const rk_value value = rk_column_get(column, i);
        if (rk_kind_is_number(value.type.kind))
            add_number(out, value);
        else if (value.type.kind == RK_KIND_BOOL)
            out->yes += value.as.b;
        else if (value.type.kind == RK_KIND_STRING)
            add_string(out, value, &arena, &seen);
        else if (value.type.kind == RK_KIND_LIST)
            add_list(out, value);
    }
    if (out->n > out->missing)
        out->avg /= out->n - out->missing;
    rk_arena_free(&arena);
}

/* ---- text ---- */

/* 1,000,000. */
void answer_add_count(uint32_t n, rk_buf *out)
{
    if (n >= 1000) {
        answer_add_count(n / 1000, out);
        rk_buf_printf(out, ",%03u", n % 1000);
    } else
        rk_buf_printf(out, "%u", n);
}

void answer_add_items(uint32_t n, rk_buf *out)
{
    answer_add_count(n, out);
    rk_buf_add_chars(out, n == 1 ? " item" : " items");
}

/* Of the kind of the values; a mean of ints is a float, as in the language. */
static void add_mean(double mean, rk_type type, rk_buf *out)
{
    char text[32];
    const size_t len = type.kind == RK_KIND_DOUBLE ? rk_double_print(mean, text)
                                                   : rk_float_print((float)mean, text);
    rk_buf_add(out, (rk_str){text, len});
}

static void add_part(const char *name, uint32_t n, rk_buf *out)
{
    rk_buf_add_chars(out, ", ");
    answer_add_count(n, out);
    rk_buf_printf(out, " %s", name);
}

void answer_stats_print(const answer_stats *stats, rk_type type, rk_buf *out)
{
    const bool some = stats->n > stats->missing;
    if (some && rk_kind_is_number(type.kind)) {
        rk_buf_add_chars(out, ", min ");
        answer_add_value(stats->min, NULL, 0, out);
        if (!isnan(stats->avg)) { /* of infinities of both signs */
            rk_buf_add_chars(out, ", avg ");
            add_mean(stats->avg, type, out);
        }
        rk_buf_add_chars(out, ", max ");
        answer_add_value(stats->max, NULL, 0, out);
    }
    if (some && type.kind == RK_KIND_BOOL)
        add_part("true", stats->yes, out);
    if (some && type.kind == RK_KIND_STRING)
        add_part("different", stats->distinct, out);
    if (some && type.kind == RK_KIND_LIST && stats->shortest == stats->longest)
        rk_buf_printf(out, ", %u element%s each", stats->longest, stats->longest == 1 ? "" : "s");
    else if (some && type.kind == RK_KIND_LIST)
        rk_buf_printf(out, ", %u to %u elements", stats->shortest, stats->longest);
    if (stats->missing)
        add_part("missing", stats->missing, out);
}

/* ---- values as programs have them ---- */

static void add_scalar(rk_value value, const rk_atoms *strings, rk_buf *out)
{
    if (value.type.kind == RK_KIND_STRING)
        rk_buf_add_json(out, rk_atom_str(strings, value.as.s));
    else
        rk_value_print(value, strings, out);
}

static rk_value element(rk_value list, uint32_t i)
{
    const bool vector = list.type.kind == RK_KIND_VECTOR;
    const rk_type type = {.kind = vector ? RK_KIND_FLOAT : list.type.elem};
    const rk_column column = {
        .type = type, .n = list.as.list.len, .data = (void *)list.as.list.items};
    return rk_column_get(&column, i);
}

void answer_add_value(rk_value value, const rk_atoms *strings, uint32_t most, rk_buf *out)
{
    if (rk_value_eq(value, (rk_value){.type = value.type, .missing = true})) {
        rk_buf_add_chars(out, "missing");
        return;
    }
    if (value.type.kind != RK_KIND_LIST && value.type.kind != RK_KIND_VECTOR) {
        add_scalar(value, strings, out);
        return;
    }
    const uint32_t len = value.as.list.len, n = len > most ? most : len;
    rk_buf_add_char(out, '[');
    for (uint32_t i = 0; i < n; i++) {
        rk_buf_add_chars(out, i ? ", " : "");
        add_scalar(element(value, i), strings, out);
    }
    if (n < len) {
        rk_buf_add_chars(out, ", ... ");
        answer_add_count(len - n, out);
        rk_buf_add_chars(out, " more");
    }
    rk_buf_add_char(out, ']');
}
