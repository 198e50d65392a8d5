/* min and max: of several numbers, and of one list or vector. */
#include "stdlib/call.h"
#include "stdlib/families.h"
#include "stdlib/wide.h"

#define PAIR(name, less)                                                                           \
    static rk_status name##_i64(const rk_call *call)                                               \
    {                                                                                              \
        const int64_t *const a = RK_IN(call, 0, int64_t), *const b = RK_IN(call, 1, int64_t);      \
        int64_t *const out = RK_OUT(call, int64_t);                                                \
        for (size_t i = 0; i < call->n; i++)                                                       \
            out[i] = b[i] less a[i] ? b[i] : a[i];                                                 \
        return RK_OK;                                                                              \
    }                                                                                              \
    static rk_status name##_f32(const rk_call *call)                                               \
    {                                                                                              \
        const rk_wide *const wide = rk_wide_of(call->math);                                        \
        wide->name##_f32(RK_IN(call, 0, float), RK_IN(call, 1, float), RK_OUT(call, float),        \
                         call->n);                                                                 \
        return RK_OK;                                                                              \
    }                                                                                              \
    static rk_status name##_f64(const rk_call *call)                                               \
    {                                                                                              \
        const rk_wide *const wide = rk_wide_of(call->math);                                        \
        wide->name##_f64(RK_IN(call, 0, double), RK_IN(call, 1, double), RK_OUT(call, double),     \
                         call->n);                                                                 \
        return RK_OK;                                                                              \
    }

PAIR(min, <)
PAIR(max, >)

#define REAL_LIST(name, wide_name, type, suffix)                                                   \
    static rk_status name##_list_##suffix(const rk_call *call)                                     \
    {                                                                                              \
        const rk_wide *const wide = rk_wide_of(call->math);                                        \
        const rk_arg *const xs = &call->args[0];                                                   \
        for (size_t i = 0; i < call->n; i++) {                                                     \
            const rk_slice at = rk_call_has(call, i) ? rk_arg_slice(xs, i) : (rk_slice){0};        \
            const type *const x = at.len ? (const type *)xs->child + at.at : NULL;                 \
            RK_OUT(call, type)[i] = wide->wide_name##_##suffix(x, NULL, at.len);                   \
        }                                                                                          \
        return RK_OK;                                                                              \
    }

REAL_LIST(min, least, float, f32)
REAL_LIST(min, least, double, f64)
REAL_LIST(max, largest, float, f32)
REAL_LIST(max, largest, double, f64)

#define INT_LIST(name, wide_name)                                                                  \
    static rk_status name##_list_i64(const rk_call *call)                                          \
    {                                                                                              \
        const rk_wide *const wide = rk_wide_of(call->math);                                        \
        const rk_arg *const xs = &call->args[0];                                                   \
        for (size_t i = 0; i < call->n; i++) {                                                     \
            const rk_slice at = rk_call_has(call, i) ? rk_arg_slice(xs, i) : (rk_slice){0};        \
            const int64_t *const x = at.len ? (const int64_t *)xs->child + at.at : NULL;           \
            RK_OUT(call, int64_t)[i] = at.len ? wide->wide_name##_i64(x, NULL, at.len) : 0;        \
            rk_call_mark(call, i, at.len > 0);                                                     \
        }                                                                                          \
        return RK_OK;                                                                              \
    }

INT_LIST(min, least)
INT_LIST(max, largest)

static rk_status extreme_string(const rk_call *call, int direction)
{
    const rk_arg *const xs = &call->args[0];
    for (size_t i = 0; i < call->n; i++) {
        const rk_slice at = rk_call_has(call, i) ? rk_arg_slice(xs, i) : (rk_slice){0};
        const rk_atom *const x = at.len ? (const rk_atom *)xs->child + at.at : NULL;
        rk_atom best = at.len ? x[0] : RK_ATOM_EMPTY;
        for (uint32_t k = 1; k < at.len; k++)
            if (direction *
                    rk_str_cmp(rk_atom_str(call->strings, x[k]), rk_atom_str(call->strings, best)) >
                0)
                best = x[k];
        RK_OUT(call, rk_atom)[i] = best;
        rk_call_mark(call, i, at.len > 0);
    }
    return RK_OK;
}

static rk_status min_list_string(const rk_call *call) { return extreme_string(call, -1); }
static rk_status max_list_string(const rk_call *call) { return extreme_string(call, 1); }

#define VECTOR(name, wide_name)                                                                    \
    static rk_status name##_vector(const rk_call *call)                                            \
    {                                                                                              \
        const rk_wide *const wide = rk_wide_of(call->math);                                        \
        const rk_arg *const v = &call->args[0];                                                    \
        for (size_t i = 0; i < call->n; i++)                                                       \
            RK_OUT(call, float)                                                                    \
        [i] = wide->wide_name##_f32(rk_arg_vector(v, i), NULL, v->type.dim);                       \
        return RK_OK;                                                                              \
    }

VECTOR(min, least)
VECTOR(max, largest)

/* clang-format off */
#define ROW(name, sig, kernel, flags) {name, sig, kernel, RK_NULL_ANY, flags, NULL, NULL, NULL}
#define ROWS(name, doc, example, result)                                                           \
    {#name, "(a: int, b: int) -> int", name##_i64, RK_NULL_ANY, RK_FN_CHAIN,                       \
     doc, example, result},                                                                        \
    ROW(#name, "(a: float, b: float) -> float", name##_f32, RK_FN_CHAIN),                          \
    ROW(#name, "(a: double, b: double) -> double", name##_f64, RK_FN_CHAIN),                       \
    ROW(#name, "(xs: list(int)) -> int?", name##_list_i64, 0),                                     \
    ROW(#name, "(xs: list(float)) -> float?", name##_list_f32, 0),                                 \
    ROW(#name, "(xs: list(double)) -> double?", name##_list_f64, 0),                               \
    ROW(#name, "(xs: list(string)) -> string?", name##_list_string, 0),                            \
    ROW(#name, "(v: vector) -> float", name##_vector, 0)

static const rk_fn rows[] = {
    ROWS(min, "The least of two or more numbers (missing if one is), of a list (missing if empty), "
              "or of a vector. Strings compare bytewise.",
         "min(3, 1, 2)", "1"),
    ROWS(max, "The largest of two or more numbers (missing if one is), of a list (missing if "
              "empty), or of a vector. Strings compare bytewise.",
         "max(3, 1, 2)", "3"),
};
/* clang-format on */

RK_FN_FAMILY(extreme, rows)
