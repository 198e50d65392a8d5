/* Conversions that are asked for by name, as far as they are more than a widening. */
#include "stdlib/call.h"
#include "stdlib/families.h"

static rk_status int_same(const rk_call *call)
{
    memcpy(call->result.data, call->args[0].data, call->n * sizeof(int64_t));
    return RK_OK;
}

/* Whether x, cut to a whole number, is an int. NaN is not. */
static bool fits_int(double x) { return x >= -0x1p63 && x < 0x1p63; }

static rk_status int_of_float(const rk_call *call)
{
    const float *const x = RK_IN(call, 0, float);
    for (size_t i = 0; i < call->n; i++) {
        const bool fits = fits_int((double)x[i]);
        RK_OUT(call, int64_t)[i] = fits ? (int64_t)x[i] : 0;
        if (!fits)
            rk_call_mark(call, i, false);
    }
    return RK_OK;
}

static rk_status int_of_double(const rk_call *call)
{
    const double *const x = RK_IN(call, 0, double);
    for (size_t i = 0; i < call->n; i++) {
        const bool fits = fits_int(x[i]);
        RK_OUT(call, int64_t)[i] = fits ? (int64_t)x[i] : 0;
        if (!fits)
            rk_call_mark(call, i, false);
    }
    return RK_OK;
}

static rk_status int_of_string(const rk_call *call)
{
    for (size_t i = 0; i < call->n; i++) {
        int64_t value = 0;
        const bool is = rk_call_has(call, i) && rk_str_to_int(rk_call_str(call, 0, i), &value);
        RK_OUT(call, int64_t)[i] = is ? value : 0;
        rk_call_mark(call, i, is);
    }
    return RK_OK;
}

static rk_status float_of_string(const rk_call *call)
{
    for (size_t i = 0; i < call->n; i++) {
        float value;
        const bool is = rk_call_has(call, i) && rk_str_to_float(rk_call_str(call, 0, i), &value);
        RK_OUT(call, float)[i] = is ? rk_one_nan_float(value) : rk_nan_float();
    }
    return RK_OK;
}

static rk_status double_of_string(const rk_call *call)
{
    for (size_t i = 0; i < call->n; i++) {
        double value;
        const bool is = rk_call_has(call, i) && rk_str_to_double(rk_call_str(call, 0, i), &value);
        RK_OUT(call, double)[i] = is ? rk_one_nan_double(value) : rk_nan_double();
    }
    return RK_OK;
}

#define OF_BOOL(name, type)                                                                        \
    static rk_status name##_of_bool(const rk_call *call)                                           \
    {                                                                                              \
        for (size_t i = 0; i < call->n; i++)                                                       \
            RK_OUT(call, type)[i] = (type)(RK_IN(call, 0, uint8_t)[i] != 0);                       \
        return RK_OK;                                                                              \
    }

OF_BOOL(int, int64_t)
OF_BOOL(float, float)
OF_BOOL(double, double)

static rk_status string_same(const rk_call *call)
{
    for (size_t i = 0; i < call->n; i++)
        RK_OUT(call, rk_atom)
    [i] = rk_call_has(call, i) ? RK_IN(call, 0, rk_atom)[i] : RK_ATOM_EMPTY;
    return RK_OK;
}

/* The text of any plain scalar, as tables print it. */
static rk_status string_of(const rk_call *call)
{
    const rk_column in = {.type = call->args[0].type,
                          .n = call->n,
                          .data = (void *)call->args[0].data,
                          .present = (uint64_t *)call->args[0].present};
    rk_buf buf = {0};
    rk_status status = RK_OK;
    for (uint32_t i = 0; i < call->n && status == RK_OK; i++) {
        RK_OUT(call, rk_atom)[i] = RK_ATOM_EMPTY;
        if (!rk_call_has(call, i))
            continue;
        buf.len = 0;
        rk_value_print(rk_column_get(&in, i), call->strings, &buf);
        status = buf.failed
                     ? RK_ENOMEM
                     : rk_atom_intern(call->strings, rk_buf_str(&buf), &RK_OUT(call, rk_atom)[i]);
    }
    rk_buf_free(&buf);
    return status;
}

/* clang-format off */
static const rk_fn rows[] = {
    {"int", "(x: int) -> int", int_same, RK_NULL_ANY, 0,
     "A whole number: reals are cut towards zero, texts are read as decimal digits with a sign, "
     "true is 1. Missing if it is none, or beyond 64 bits.",
     "int(-2.7)", "-2"},
    {"int", "(x: float) -> int?", int_of_float, RK_NULL_ANY, 0, NULL, NULL, NULL},
    {"int", "(x: double) -> int?", int_of_double, RK_NULL_ANY, 0, NULL, NULL, NULL},
    {"int", "(text: string) -> int?", int_of_string, RK_NULL_ANY, 0, NULL, NULL, NULL},
    {"int", "(x: bool) -> int", int_of_bool, RK_NULL_ANY, 0, NULL, NULL, NULL},
    {"float", "(text: string) -> float?", float_of_string, RK_NULL_ANY, 0,
     "The number in a text (`inf` too), missing if it is none; 1 for true, 0 for false.",
     "float(\"2.50\")", "2.5"},
    {"float", "(x: bool) -> float", float_of_bool, RK_NULL_ANY, 0, NULL, NULL, NULL},
    {"double", "(text: string) -> double?", double_of_string, RK_NULL_ANY, 0,
     "The number in a text (`inf` too), missing if it is none; 1 for true, 0 for false.",
     "double(\"0.1\")", "0.1"},
    {"double", "(x: bool) -> double", double_of_bool, RK_NULL_ANY, 0, NULL, NULL, NULL},
    {"string", "(x: int) -> string", string_of, RK_NULL_ANY, 0,
     "The text of a number, in the shortest form that reads back to it, or of a bool.",
     "string(0.5)", "0.5"},
    {"string", "(x: float) -> string", string_of, RK_NULL_ANY, 0, NULL, NULL, NULL},
    {"string", "(x: double) -> string", string_of, RK_NULL_ANY, 0, NULL, NULL, NULL},
    {"string", "(x: bool) -> string", string_of, RK_NULL_ANY, 0, NULL, NULL, NULL},
    {"string", "(x: string) -> string", string_same, RK_NULL_ANY, 0, NULL, NULL, NULL},
};
/* clang-format on */

RK_FN_FAMILY(convert, rows)
