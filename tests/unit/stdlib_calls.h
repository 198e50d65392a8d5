/* For the tests of stdlib: calls of rows with single values, as the interpreter makes them, and the
 * examples of rows, which are one call with literals. */
#ifndef RK_UNIT_STDLIB_CALLS_H
#define RK_UNIT_STDLIB_CALLS_H

#include <math.h>

#include "stdlib/fn.h"
#include "tests/unit/harness.h"

enum { ITEMS = 5 }; /* each call is made for so many equal items */

typedef struct env {
    rk_arena arena;
    rk_atoms strings;
    const rk_vmath *math;
    double now;
} env;

static inline void env_open(env *e)
{
    *e = (env){.math = rk_vmath_get(rk_cpu_best()), .now = 1700000000.0};
    ck_assert_int_eq(rk_atoms_init(&e->strings, &e->arena, NULL), RK_OK);
}

static inline void env_close(env *e) { rk_arena_free(&e->arena); }

static inline rk_value value_int(int64_t i) { return (rk_value){.type = RK_TYPE(INT), .as.i = i}; }
static inline rk_value value_float(float f)
{
    return (rk_value){.type = RK_TYPE(FLOAT), .as.f = f};
}
static inline rk_value value_double(double d)
{
    return (rk_value){.type = RK_TYPE(DOUBLE), .as.d = d};
}
static inline rk_value value_bool(bool b) { return (rk_value){.type = RK_TYPE(BOOL), .as.b = b}; }
static inline rk_value value_str(env *e, rk_str text)
{
    rk_value value = {.type = RK_TYPE(STRING)};
    ck_assert_int_eq(rk_atom_intern(&e->strings, text, &value.as.s), RK_OK);
    return value;
}
static inline rk_value value_text(env *e, const char *text)
{
    return value_str(e, rk_str_from(text));
}
static inline rk_value value_missing(rk_type type)
{
    type.optional = true;
    return (rk_value){
        .type = type, .missing = true, .as.d = type.kind == RK_KIND_DOUBLE ? rk_nan_double() : 0.0};
}
static inline rk_value value_vector(const float *x, uint32_t n)
{
    return (rk_value){.type = {.kind = RK_KIND_VECTOR, .dim = n}, .as.list = {x, n}};
}
static inline rk_value value_list(uint8_t elem, const void *items, uint32_t n)
{
    return (rk_value){.type = {.kind = RK_KIND_LIST, .elem = elem}, .as.list = {items, n}};
}

static inline char *value_print(env *e, rk_value value)
{
    rk_buf buf = {0};
    rk_value_print(value, &e->strings, &buf);
    char *const text = rk_arena_copy(&e->arena, buf.data, buf.len);
    rk_buf_free(&buf);
    return text;
}

static inline rk_type result_type(const rk_signature *sig, const rk_value *args, uint32_t n)
{
    rk_type type = sig->result;
    uint32_t dims = 0, first = 0;
    for (uint32_t k = 0; k < n; k++) {
        dims += args[k].type.dim;
        first = first ? first : args[k].type.dim;
        type.optional |= args[k].type.optional;
    }
    if (type.kind == RK_KIND_VECTOR)
        type.dim = sig->dim_sum ? dims : first;
    return type;
}

/* Calls a row; the arguments have exactly the kinds of its parameters. All items must come out the
 * same; the first one is returned. */
static inline rk_value call_row(env *e, const rk_fn *fn, const rk_value *args, uint32_t n)
{
    rk_signature sig;
    ck_assert_msg(rk_signature_parse(fn->sig, &sig), "%s%s", fn->name, fn->sig);
    rk_column columns[RK_FN_ARGS_MAX], out;
    rk_arg in[RK_FN_ARGS_MAX];
    bool missing = false;
    for (uint32_t k = 0; k < n; k++) {
        ck_assert_int_eq(rk_column_fill(&columns[k], &e->arena, args[k], ITEMS), RK_OK);
        const bool is_single =
            args[k].type.kind == RK_KIND_LIST || args[k].type.kind == RK_KIND_VECTOR;
        in[k] = (rk_arg){args[k].type, !(is_single && k % 2), columns[k].data, columns[k].present,
                         columns[k].child};
        missing |= args[k].missing;
    }
    const rk_type type = result_type(&sig, args, n);
    ck_assert_int_eq(rk_column_init(&out, &e->arena, type, ITEMS), RK_OK);
    rk_children children = {.arena = &e->arena, .elem = type.elem};
    if (out.present)
        memset(out.present, missing && fn->null == RK_NULL_ANY ? 0 : 0xff,
               rk_bit_words(ITEMS) * sizeof(uint64_t));
    const rk_call call = {ITEMS,   n,           in,        {type, out.data, out.present, &children},
                          e->math, &e->strings, &e->arena, e->now};
    ck_assert_int_eq(fn->kernel(&call), RK_OK);
    out.child = children.data;
    rk_value result = rk_column_get(&out, 0);
    for (uint32_t i = 1; i < ITEMS; i++)
        ck_assert_msg(rk_value_eq(result, rk_column_get(&out, i)), "%s: item %u", fn->name, i);
    if (missing && fn->null == RK_NULL_ANY)
        result = value_missing(type);
    return result;
}

/* A list of number literals is a vector where one is asked for. */
static inline void list_to_vector(env *e, rk_value *arg)
{
    const uint32_t n = arg->as.list.len;
    float *const x = rk_arena_array(&e->arena, n, sizeof *x);
    for (uint32_t i = 0; i < n && rk_kind_is_number(arg->type.elem); i++)
        x[i] = arg->type.elem == RK_KIND_INT ? (float)((const int64_t *)arg->as.list.items)[i]
                                             : ((const float *)arg->as.list.items)[i];
    if (rk_kind_is_number(arg->type.elem))
        *arg = value_vector(x, n);
}

/* Whether the value is one of the parameter's type, converted where that happens by itself. */
static inline bool convert_arg(env *e, const rk_param *param, rk_value *arg)
{
    if (param->any)
        return rk_kind_is_scalar(arg->type.kind);
    rk_type to = param->type;
    if (arg->type.kind == RK_KIND_LIST && arg->as.list.len == 0 && to.kind == RK_KIND_LIST)
        arg->type.elem = to.elem;
    if (to.kind == RK_KIND_VECTOR && arg->type.kind == RK_KIND_LIST)
        list_to_vector(e, arg);
    if (to.kind == RK_KIND_VECTOR)
        to.dim = arg->type.dim;
    to.optional = arg->type.optional;
    if (!rk_type_converts(arg->type, to))
        return false;
    *arg = rk_value_convert(*arg, to);
    return true;
}

static inline rk_value initial_value(env *e, const rk_param *param)
{
    if (param->type.kind == RK_KIND_STRING)
        return value_str(e, param->initial_text);
    rk_value value = param->initial;
    if (param->type.kind == RK_KIND_FLOAT)
        value = value_float((float)value.as.d);
    return value;
}

/* The arguments as a row takes them, defaults filled in; false if it does not. */
static inline bool fit_args(env *e, const rk_fn *fn, rk_value *args, uint32_t *n)
{
    rk_signature sig;
    ck_assert(rk_signature_parse(fn->sig, &sig));
    const bool variadic = fn->flags & RK_FN_VARIADIC;
    if (*n > sig.n_params && !variadic)
        return false;
    for (uint32_t k = 0; k < *n; k++) {
        const uint32_t at = k < sig.n_params ? k : sig.n_params - 1;
        if (!convert_arg(e, &sig.params[at], &args[k]))
            return false;
    }
    const uint32_t needed = sig.n_params - variadic;
    for (; *n < needed; ++*n) {
        if (!sig.params[*n].has_initial)
            return false;
        args[*n] = initial_value(e, &sig.params[*n]);
    }
    return true;
}

static inline rk_value call_fit(env *e, const rk_fn *fn, const rk_value *args, uint32_t n, bool *ok)
{
    rk_value fitted[RK_FN_ARGS_MAX];
    memcpy(fitted, args, n * sizeof *args);
    *ok = fit_args(e, fn, fitted, &n);
    return *ok ? call_row(e, fn, fitted, n) : (rk_value){0};
}

/* The call of a name by the rules of overloads and chains. */
static inline rk_value call_name(env *e, const char *name, const rk_value *args, uint32_t n)
{
    const rk_fn *const first = rk_fn_find(rk_str_from(name));
    ck_assert_msg(first != NULL, "no function %s", name);
    for (const rk_fn *fn = first; fn && strcmp(fn->name, name) == 0;
         fn = rk_fn_at(rk_fn_index(fn) + 1)) {
        bool ok = true;
        if ((fn->flags & RK_FN_CHAIN) && n > 2) {
            rk_value sum = call_fit(e, fn, args, 2, &ok);
            for (uint32_t k = 2; k < n && ok; k++)
                sum = call_fit(e, fn, (rk_value[]){sum, args[k]}, 2, &ok);
            if (ok)
                return sum;
            continue;
        }
        const rk_value value = call_fit(e, fn, args, n, &ok);
        if (ok)
            return value;
    }
    ck_abort_msg("%s: no row takes these %u arguments", name, n);
    return (rk_value){0};
}

/* ---- examples: numbers, strings, lists, calls, named arguments ---- */

typedef struct reader {
    env *e;
    const char *at;
} reader;

static inline void spaces(reader *r) { r->at += strspn(r->at, " "); }
static inline bool eat(reader *r, const char *mark)
{
    spaces(r);
    const bool is = strncmp(r->at, mark, strlen(mark)) == 0;
    r->at += is ? strlen(mark) : 0;
    return is;
}

static rk_value read_expr(reader *r);

static inline rk_value read_number(reader *r)
{
    const size_t len = strspn(r->at, "-+0123456789.eE");
    const rk_str text = {r->at, len};
    rk_value value = value_int(0);
    float f;
    r->at += len;
    if (rk_str_to_int(text, &value.as.i))
        return value;
    ck_assert_msg(rk_str_to_float(text, &f), "a number: %s", text.data);
    return value_float(f);
}

static inline rk_value read_text(reader *r)
{
    const char *const end = strchr(r->at, '"');
    const rk_str text = {r->at, (size_t)(end - r->at)};
    r->at = end + 1;
    return value_str(r->e, text);
}

/* All elements take the least common kind. */
static inline rk_value read_list(reader *r)
{
    rk_column column;
    rk_value items[32];
    rk_type type = {0};
    uint32_t n = 0;
    while (!eat(r, "]")) {
        ck_assert(n < 32);
        items[n] = read_expr(r);
        type = n ? rk_type_common(type, items[n].type) : items[n].type;
        n++;
        eat(r, ",");
    }
    type.kind = n ? type.kind : RK_KIND_INT;
    ck_assert_int_eq(rk_column_init(&column, &r->e->arena, type, n), RK_OK);
    for (uint32_t i = 0; i < n; i++)
        rk_column_set(&column, i, rk_value_convert(items[i], type));
    return value_list(type.kind, column.data, n);
}

static inline size_t word_length(const char *text)
{
    size_t len = 0;
    while ((text[len] >= 'a' && text[len] <= 'z') || text[len] == '_' ||
           (len && text[len] >= '0' && text[len] <= '9'))
        len++;
    return len;
}

static inline uint32_t param_named(const char *fn, const char *name, size_t len)
{
    rk_signature sig;
    ck_assert(rk_signature_parse(rk_fn_find(rk_str_from(fn))->sig, &sig));
    for (uint32_t k = 0; k < sig.n_params; k++)
        if (rk_str_eq(sig.params[k].name, (rk_str){name, len}))
            return k;
    ck_abort_msg("%s has no parameter %.*s", fn, (int)len, name);
    return 0;
}

static inline uint32_t read_args(reader *r, const char *fn, rk_value *args)
{
    uint32_t n = 0;
    while (!eat(r, ")")) {
        ck_assert(n < RK_FN_ARGS_MAX);
        spaces(r);
        const size_t len = word_length(r->at);
        if (len && r->at[len] == ':') {
            ck_assert_uint_eq(param_named(fn, r->at, len), n);
            r->at += len + 1;
        }
        args[n++] = read_expr(r);
        eat(r, ",");
    }
    return n;
}

static rk_value read_call(reader *r)
{
    rk_value args[RK_FN_ARGS_MAX];
    char name[64] = {0};
    const size_t len = word_length(r->at);
    ck_assert_msg(len && len < sizeof name && r->at[len] == '(', "an example: %s", r->at);
    memcpy(name, r->at, len);
    r->at += len + 1;
    const uint32_t n = read_args(r, name, args);
    return call_name(r->e, name, args, n);
}

static rk_value read_expr(reader *r)
{
    spaces(r);
    if (eat(r, "\""))
        return read_text(r);
    if (eat(r, "["))
        return read_list(r);
    if (eat(r, "true"))
        return value_bool(true);
    if (eat(r, "false"))
        return value_bool(false);
    if (strchr("-0123456789.", *r->at))
        return read_number(r);
    return read_call(r);
}

#endif
