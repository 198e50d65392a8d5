/* JSON values into columns: members of JSON lines and requests, and the arrays in cells. */
#include <math.h>

#include "runtime/source/cell.h"

/* Says what stands there instead of what the type asks for. */
static rk_cell mismatch(const rk_json *json, rk_json_event event, rk_type type, rk_why *why)
{
    if (event == RK_JSON_ERROR) {
        if (json->no_memory)
            return RK_CELL_NO_MEMORY;
        rk_why_set(why, "is not JSON at byte %zu: %s", json->error_at + 1, json->error);
        return RK_CELL_BAD;
    }
    rk_why_set(why, "is %s, not of type %s", rk_json_event_text(event),
               rk_type_text(rk_type_plain(type)).text);
    if (event == RK_JSON_STRING && rk_kind_is_number(type.kind))
        why->help = "numbers stand without quotes";
    return RK_CELL_BAD;
}

static bool bool_of(const rk_json *json, rk_json_event event, uint8_t *out)
{
    const bool digit = event == RK_JSON_NUMBER && json->token.len == 1;
    if (event == RK_JSON_TRUE || (digit && json->token.data[0] == '1'))
        *out = 1;
    else if (event == RK_JSON_FALSE || (digit && json->token.data[0] == '0'))
        *out = 0;
    else
        return false;
    return true;
}

static bool has_fraction(rk_str s)
{
    return memchr(s.data, '.', s.len) || memchr(s.data, 'e', s.len) || memchr(s.data, 'E', s.len);
}

static rk_cell int_of(const rk_json *json, rk_json_event event, int64_t *out, rk_why *why)
{
    if (event != RK_JSON_NUMBER)
        return mismatch(json, event, RK_TYPE(INT), why);
    if (rk_str_to_int(json->token, out))
        return RK_CELL_FINE;
    if (has_fraction(json->token)) {
        rk_why_set(why, "is not an int: a point or an exponent makes it a float");
        why->help = "declare the field `float` or `double`, or write whole numbers";
    } else {
        rk_why_set(why, "does not fit an int of 64 bits");
    }
    return RK_CELL_BAD;
}

/* Numbers, and the spellings "inf", "-inf" and "nan", which JSON has no numbers for. */
static bool is_real(const rk_json *json, rk_json_event event)
{
    double value;
    return event == RK_JSON_NUMBER ||
           (event == RK_JSON_STRING && rk_str_to_double(json->token, &value) && !isfinite(value));
}

/* One scalar of `kind` at `out`. */
static rk_cell scalar_of(rk_sink *sink, uint8_t kind, const rk_json *json, rk_json_event event,
                         void *out, rk_why *why)
{
    bool fits = true;
    switch (kind) {
    case RK_KIND_BOOL:
        fits = bool_of(json, event, out);
        break;
    case RK_KIND_INT:
        return int_of(json, event, out, why);
    case RK_KIND_FLOAT:
        fits = is_real(json, event) && rk_str_to_float(json->token, out);
        break;
    case RK_KIND_DOUBLE:
        fits = is_real(json, event) && rk_str_to_double(json->token, out);
        break;
    default:
        if (event != RK_JSON_STRING)
            return mismatch(json, event, RK_TYPE(STRING), why);
        switch (rk_atom_intern(sink->strings, json->token, out)) {
        case RK_OK:
            return RK_CELL_FINE;
        case RK_ELIMIT:
            return RK_CELL_LIMIT;
        default:
            return RK_CELL_NO_MEMORY;
        }
    }
    return fits ? RK_CELL_FINE : mismatch(json, event, (rk_type){.kind = kind}, why);
}

static bool is_nan(uint8_t kind, const void *value)
{
    return (kind == RK_KIND_FLOAT && isnan(*(const float *)value)) ||
           (kind == RK_KIND_DOUBLE && isnan(*(const double *)value));
}

/* A scalar that must be there, inside a list or vector. */
static rk_cell element_of(rk_sink *sink, uint8_t kind, const rk_json *json, rk_json_event event,
                          void *out, uint32_t at, rk_why *why)
{
    rk_why inner;
    const rk_cell cell = scalar_of(sink, kind, json, event, out, &inner);
    if (cell == RK_CELL_BAD) {
        rk_why_set(why, "has an element [%u] that %s", at, inner.text);
        why->help = event == RK_JSON_NULL ? "a list holds no null" : inner.help;
    } else if (cell == RK_CELL_FINE && is_nan(kind, out)) {
        rk_why_set(why, "has an element [%u] that is not a number", at);
        return RK_CELL_BAD;
    }
    return cell;
}

static rk_cell read_vector(rk_sink *sink, uint32_t row, rk_json *json, rk_why *why)
{
    const uint32_t dim = sink->column.type.dim;
    float *const out = (float *)sink->column.data + (size_t)row * dim;
    uint32_t n = 0;
    for (;; n++) {
        const rk_json_event event = rk_json_next(json);
        if (event == RK_JSON_LIST_END)
            break;
        float value; /* counted on beyond dim, for the message */
        const rk_cell cell =
            element_of(sink, RK_KIND_FLOAT, json, event, n < dim ? out + n : &value, n, why);
        if (cell != RK_CELL_FINE)
            return cell;
    }
    if (n == dim)
        return RK_CELL_FINE;
    rk_why_set(why, "has %u elements, not %u", n, dim);
    return RK_CELL_BAD;
}

static rk_cell read_list(rk_sink *sink, uint32_t row, rk_json *json, rk_why *why)
{
    const uint32_t start = sink->child_len;
    for (;;) {
        const rk_json_event event = rk_json_next(json);
        if (event == RK_JSON_LIST_END)
            break;
        if (sink->child_len == UINT32_MAX - 1)
            return RK_CELL_LIMIT;
        void *const out = rk_sink_element(sink);
        if (!out)
            return RK_CELL_NO_MEMORY;
        const rk_cell cell = element_of(sink, sink->column.type.elem, json, event, out,
                                        sink->child_len - start, why);
        if (cell != RK_CELL_FINE) {
            sink->child_len = start;
            return cell;
        }
        sink->child_len++;
    }
    ((rk_slice *)sink->column.data)[row] = (rk_slice){start, sink->child_len - start};
    return RK_CELL_FINE;
}

rk_cell rk_cell_from_json(rk_sink *sink, uint32_t row, rk_json *json, rk_json_event first,
                          rk_why *why)
{
    const rk_type type = sink->column.type;
    const bool array = type.kind == RK_KIND_VECTOR || type.kind == RK_KIND_LIST;
    if (first == RK_JSON_NULL)
        return RK_CELL_EMPTY;
    if (array && first != RK_JSON_LIST)
        return mismatch(json, first, type, why);
    void *const out = (char *)sink->column.data + row * rk_type_size(type);
    const rk_cell cell = !array ? scalar_of(sink, type.kind, json, first, out, why)
                         : type.kind == RK_KIND_VECTOR ? read_vector(sink, row, json, why)
                                                       : read_list(sink, row, json, why);
    if (cell != RK_CELL_FINE)
        return cell;
    rk_sink_mark(sink, row, true);
    return is_nan(type.kind, out) ? RK_CELL_EMPTY : RK_CELL_FINE;
}
