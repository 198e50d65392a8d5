/* Lists: their parts, and what is in them. */
#include "stdlib/call.h"
#include "stdlib/families.h"

/* The slice of item i, empty where it is missing. */
static rk_slice slice_of(const rk_call *call, uint32_t k, size_t i)
{
    return rk_arg_has(&call->args[k], i) ? rk_arg_slice(&call->args[k], i) : (rk_slice){0};
}

static size_t elem_size(const rk_arg *list)
{
    return rk_type_size((rk_type){.kind = list->type.elem});
}

static rk_status len_list(const rk_call *call)
{
    for (size_t i = 0; i < call->n; i++)
        RK_OUT(call, int64_t)[i] = slice_of(call, 0, i).len;
    return RK_OK;
}

static rk_status len_vector(const rk_call *call)
{
    for (size_t i = 0; i < call->n; i++)
        RK_OUT(call, int64_t)[i] = call->args[0].type.dim;
    return RK_OK;
}

static rk_status len_string(const rk_call *call)
{
    for (size_t i = 0; i < call->n; i++) {
        const rk_str s = rk_call_has(call, i) ? rk_call_str(call, 0, i) : RK_STR("");
        int64_t points = 0;
        for (size_t at = 0; at < s.len; points++)
            rk_str_utf8_next(s, &at);
        RK_OUT(call, int64_t)[i] = points;
    }
    return RK_OK;
}

/* The element from the front, or from the back; missing if there is none. */
static rk_status end_of(const rk_call *call, bool last)
{
    const rk_arg *const list = &call->args[0];
    const size_t size = elem_size(list);
    for (size_t i = 0; i < call->n; i++) {
        const rk_slice at = slice_of(call, 0, i);
        char *const to = (char *)call->result.data + i * size;
        if (at.len)
            memcpy(to, (const char *)list->child + (at.at + (last ? at.len - 1 : 0)) * size, size);
        else if (list->type.elem == RK_KIND_FLOAT)
            RK_OUT(call, float)[i] = rk_nan_float();
        else if (list->type.elem == RK_KIND_DOUBLE)
            RK_OUT(call, double)[i] = rk_nan_double();
        else
            memset(to, 0, size);
        rk_call_mark(call, i, at.len > 0);
    }
    return RK_OK;
}

static rk_status first_of(const rk_call *call) { return end_of(call, false); }
static rk_status last_of(const rk_call *call) { return end_of(call, true); }

static rk_status take_of(const rk_call *call)
{
    const rk_arg *const list = &call->args[0];
    const size_t size = elem_size(list);
    for (size_t i = 0; i < call->n; i++) {
        const rk_slice at = rk_call_has(call, i) ? rk_arg_slice(list, i) : (rk_slice){0};
        const int64_t want = at.len ? RK_IN(call, 1, int64_t)[i] : 0;
        const uint32_t len = want <= 0 ? 0 : want < at.len ? (uint32_t)want : at.len;
        void *const to = rk_children_add(call->result.children, len, &RK_OUT(call, rk_slice)[i]);
        if (!to)
            return RK_ENOMEM;
        if (len)
            memcpy(to, (const char *)list->child + at.at * size, len * size);
    }
    return RK_OK;
}

/* How many elements of item i's list equal x; NaN equals nothing. */
#define COUNT_OF(suffix, type)                                                                     \
    static int64_t count_##suffix(const rk_call *call, size_t i)                                   \
    {                                                                                              \
        const rk_slice at = slice_of(call, 0, i);                                                  \
        const type *const xs = at.len ? (const type *)call->args[0].child + at.at : NULL;          \
        const type x = RK_IN(call, 1, type)[i];                                                    \
        int64_t count = 0;                                                                         \
        for (uint32_t k = 0; k < at.len; k++)                                                      \
            count += xs[k] == x;                                                                   \
        return count;                                                                              \
    }
COUNT_OF(bool, uint8_t)
COUNT_OF(int, int64_t)
COUNT_OF(float, float)
COUNT_OF(double, double)
COUNT_OF(string, rk_atom)

static int64_t count_equal(const rk_call *call, size_t i)
{
    if (!rk_call_has(call, i))
        return 0;
    switch (call->args[0].type.elem) {
    case RK_KIND_BOOL:
        return count_bool(call, i);
    case RK_KIND_INT:
        return count_int(call, i);
    case RK_KIND_FLOAT:
        return count_float(call, i);
    case RK_KIND_DOUBLE:
        return count_double(call, i);
    default:
        return count_string(call, i);
    }
}

static rk_status count_of(const rk_call *call)
{
    for (size_t i = 0; i < call->n; i++)
        RK_OUT(call, int64_t)[i] = count_equal(call, i);
    return RK_OK;
}

static rk_status contains_element(const rk_call *call)
{
    for (size_t i = 0; i < call->n; i++)
        RK_OUT(call, uint8_t)[i] = count_equal(call, i) > 0;
    return RK_OK;
}

static rk_status contains_text(const rk_call *call)
{
    for (size_t i = 0; i < call->n; i++) {
        RK_OUT(call, uint8_t)[i] = 0;
        if (!rk_call_has(call, i))
            continue;
        const rk_str s = rk_call_str(call, 0, i), part = rk_call_str(call, 1, i);
        RK_OUT(call, uint8_t)
        [i] = part.len == 0 || (s.len && memmem(s.data, s.len, part.data, part.len) != NULL);
    }
    return RK_OK;
}

/* clang-format off */
#define ROW(name, sig, kernel) {name, sig, kernel, RK_NULL_ANY, 0, NULL, NULL, NULL}

static const rk_fn rows[] = {
    {"len", "(s: string) -> int", len_string, RK_NULL_ANY, 0,
     "Length of a text in code points, of a list in elements, of a vector in numbers.",
     "len(\"ябло\")", "4"},
    ROW("len", "(xs: list(bool)) -> int", len_list),
    ROW("len", "(xs: list(int)) -> int", len_list),
    ROW("len", "(xs: list(float)) -> int", len_list),
    ROW("len", "(xs: list(double)) -> int", len_list),
    ROW("len", "(xs: list(string)) -> int", len_list),
    ROW("len", "(v: vector) -> int", len_vector),

    {"first", "(xs: list(int)) -> int?", first_of, RK_NULL_ANY, 0,
     "First element of a list; missing if it is empty.",
     "first([4, 5, 6])", "4"},
    ROW("first", "(xs: list(float)) -> float?", first_of),
    ROW("first", "(xs: list(double)) -> double?", first_of),
    ROW("first", "(xs: list(string)) -> string?", first_of),
    ROW("first", "(xs: list(bool)) -> bool?", first_of),

    {"last", "(xs: list(int)) -> int?", last_of, RK_NULL_ANY, 0,
     "Last element of a list; missing if it is empty.",
     "last([4, 5, 6])", "6"},
    ROW("last", "(xs: list(float)) -> float?", last_of),
    ROW("last", "(xs: list(double)) -> double?", last_of),
    ROW("last", "(xs: list(string)) -> string?", last_of),
    ROW("last", "(xs: list(bool)) -> bool?", last_of),

    {"take", "(xs: list(int), n: int) -> list(int)", take_of, RK_NULL_ANY, 0,
     "The first n elements of a list, or all when it is shorter; none for n <= 0.",
     "take([4, 5, 6], 2)", "[4,5]"},
    ROW("take", "(xs: list(float), n: int) -> list(float)", take_of),
    ROW("take", "(xs: list(double), n: int) -> list(double)", take_of),
    ROW("take", "(xs: list(string), n: int) -> list(string)", take_of),
    ROW("take", "(xs: list(bool), n: int) -> list(bool)", take_of),

    {"contains", "(s: string, part: string) -> bool", contains_text, RK_NULL_ANY, 0,
     "Whether a text has a part (byte by byte; every text has the empty one), or a list an "
     "element.",
     "contains(\"red nuts\", \"nut\")", "true"},
    ROW("contains", "(xs: list(int), x: int) -> bool", contains_element),
    ROW("contains", "(xs: list(float), x: float) -> bool", contains_element),
    ROW("contains", "(xs: list(double), x: double) -> bool", contains_element),
    ROW("contains", "(xs: list(string), x: string) -> bool", contains_element),
    ROW("contains", "(xs: list(bool), x: bool) -> bool", contains_element),

    {"count_of", "(xs: list(int), x: int) -> int", count_of, RK_NULL_ANY, 0,
     "How many elements of a list equal x.",
     "count_of([1, 2, 1], 1)", "2"},
    ROW("count_of", "(xs: list(float), x: float) -> int", count_of),
    ROW("count_of", "(xs: list(double), x: double) -> int", count_of),
    ROW("count_of", "(xs: list(string), x: string) -> int", count_of),
    ROW("count_of", "(xs: list(bool), x: bool) -> int", count_of),
};
/* clang-format on */

RK_FN_FAMILY(list, rows)
