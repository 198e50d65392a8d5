#include "runtime/source/cell.h"

#include <math.h>

#include "runtime/base/digits.h"

static rk_str trim(rk_str s)
{
    while (s.len && (s.data[0] == ' ' || s.data[0] == '\t'))
        s = (rk_str){s.data + 1, s.len - 1};
    while (s.len && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t'))
        s.len--;
    return s;
}

static rk_cell bad_bool(rk_why *why)
{
    rk_why_set(why, "is not a bool");
    why->help = "a bool is true, false, 1 or 0";
    return RK_CELL_BAD;
}

static bool is_word(rk_str s, const char *lower)
{
    for (size_t i = 0; i < s.len; i++)
        if ((s.data[i] | 0x20) != lower[i])
            return false;
    return lower[s.len] == 0;
}

static rk_cell read_bool(rk_sink *sink, uint32_t row, rk_str text, rk_why *why)
{
    const rk_str s = trim(text);
    if (s.len == 0)
        return RK_CELL_EMPTY;
    bool value;
    if ((s.len == 1 && s.data[0] == '1') || (s.len == 4 && is_word(s, "true")))
        value = true;
    else if ((s.len == 1 && s.data[0] == '0') || (s.len == 5 && is_word(s, "false")))
        value = false;
    else
        return bad_bool(why);
    ((uint8_t *)sink->column.data)[row] = value;
    rk_sink_mark(sink, row, true);
    return RK_CELL_FINE;
}

static rk_cell bad_int(rk_str s, rk_why *why)
{
    double real;
    size_t at = s.data[0] == '-' || s.data[0] == '+';
    while (at < s.len && s.data[at] >= '0' && s.data[at] <= '9')
        at++;
    if (at == s.len && s.data[s.len - 1] >= '0') {
        rk_why_set(why, "does not fit an int of 64 bits");
    } else if (rk_str_to_double(s, &real)) {
        rk_why_set(why, "is not an int: a point or an exponent makes it a float");
        why->help = "declare the field `float` or `double`, or write whole numbers";
    } else {
        rk_why_set(why, "is not an int");
    }
    return RK_CELL_BAD;
}

/* Up to 16 digits, which cannot overflow: the common case, eight at a time. */
static bool short_int(rk_str s, int64_t *out)
{
    const size_t sign = s.len && s.data[0] == '-';
    const size_t len = s.len - sign;
    if (len - 1 >= 16)
        return false;
    const char *const digits = s.data + sign;
    const size_t last = len > 8 ? 8 : len;
    const uint64_t low = rk_digits_load(digits + len - last, last);
    const uint64_t high = len > 8 ? rk_digits_load(digits, len - 8) : RK_DIGITS_ZEROS;
    if (!rk_digits_all(low) || !rk_digits_all(high))
        return false;
    const int64_t value = (int64_t)rk_digits_value(high) * 100000000 + rk_digits_value(low);
    *out = sign ? -value : value;
    return true;
}

static rk_cell read_int(rk_sink *sink, uint32_t row, rk_str text, rk_why *why)
{
    int64_t *const out = (int64_t *)sink->column.data + row;
    if (!short_int(text, out)) {
        const rk_str s = trim(text);
        if (s.len == 0)
            return RK_CELL_EMPTY;
        if (!rk_str_to_int(s, out))
            return bad_int(s, why);
    }
    rk_sink_mark(sink, row, true);
    return RK_CELL_FINE;
}

static rk_cell bad_real(rk_str s, rk_why *why)
{
    rk_why_set(why, "is not a number");
    if (memchr(s.data, ',', s.len))
        why->help = "decimals have a point, and thousands no separator";
    return RK_CELL_BAD;
}

static rk_cell read_float(rk_sink *sink, uint32_t row, rk_str text, rk_why *why)
{
    float *const out = (float *)sink->column.data + row;
    if (!rk_str_to_float(text, out)) {
        const rk_str s = trim(text);
        if (s.len == 0)
            return RK_CELL_EMPTY;
        if (!rk_str_to_float(s, out))
            return bad_real(s, why);
    }
    return isnan(*out) ? RK_CELL_EMPTY : RK_CELL_FINE;
}

static rk_cell read_double(rk_sink *sink, uint32_t row, rk_str text, rk_why *why)
{
    double *const out = (double *)sink->column.data + row;
    if (!rk_str_to_double(text, out)) {
        const rk_str s = trim(text);
        if (s.len == 0)
            return RK_CELL_EMPTY;
        if (!rk_str_to_double(s, out))
            return bad_real(s, why);
    }
    return isnan(*out) ? RK_CELL_EMPTY : RK_CELL_FINE;
}

/* Whether there is neither a NUL nor a byte beyond ASCII. */
static bool is_ascii(rk_str s)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    size_t i = 0;
    for (; i + 8 <= s.len; i += 8) {
        uint64_t word;
        memcpy(&word, s.data + i, 8);
        if (((word - ones) | word) & highs) /* a zero byte borrows */
            return false;
    }
    for (; i < s.len; i++)
        if (s.data[i] <= 0)
            return false;
    return true;
}

bool rk_cell_is_text(rk_str text, rk_why *why)
{
    if (is_ascii(text))
        return true;
    const size_t valid = rk_str_utf8_valid(text);
    if (valid < text.len) {
        rk_why_set(why, "is not UTF-8 from byte %zu on", valid + 1);
        why->help = "convert the file, for example with `iconv -f latin1 -t utf-8`";
    } else if (memchr(text.data, 0, text.len)) {
        rk_why_set(why, "has a NUL byte");
    } else {
        return true;
    }
    return false;
}

static rk_cell intern(rk_sink *sink, rk_str text, rk_atom *out)
{
    switch (rk_atom_intern(sink->strings, text, out)) {
    case RK_OK:
        return RK_CELL_FINE;
    case RK_ELIMIT:
        return RK_CELL_LIMIT;
    default:
        return RK_CELL_NO_MEMORY;
    }
}

static rk_cell read_string(rk_sink *sink, uint32_t row, rk_str text, rk_why *why)
{
    if (!rk_cell_is_text(text, why))
        return RK_CELL_BAD;
    rk_sink_mark(sink, row, true);
    return intern(sink, text, (rk_atom *)sink->column.data + row);
}

static rk_cell read_array(rk_sink *sink, uint32_t row, rk_str text, rk_why *why)
{
    const rk_str s = trim(text);
    if (s.len == 0)
        return RK_CELL_EMPTY;
    rk_json json;
    rk_json_init(&json, sink->scratch, s);
    json.room = sink->room;
    json.room_size = sink->room_size;
    const rk_cell cell = rk_cell_from_json(sink, row, &json, rk_json_next(&json), why);
    sink->room = json.room;
    sink->room_size = json.room_size;
    if (cell == RK_CELL_BAD && s.data[0] != '[')
        why->help = "a list or a vector is a JSON array, as in [0.5, 2]";
    if (cell > RK_CELL_EMPTY || rk_json_next(&json) == RK_JSON_END)
        return cell;
    rk_why_set(why, "has something after the end of the list");
    return RK_CELL_BAD;
}

rk_cell_read *rk_cell_reader(rk_type type)
{
    switch (type.kind) {
    case RK_KIND_BOOL:
        return read_bool;
    case RK_KIND_INT:
        return read_int;
    case RK_KIND_FLOAT:
        return read_float;
    case RK_KIND_DOUBLE:
        return read_double;
    case RK_KIND_STRING:
        return read_string;
    default:
        return read_array;
    }
}
