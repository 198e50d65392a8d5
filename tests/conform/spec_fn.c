/* Every row of the library: calls of it with all kinds of arguments, alone and within larger
 * expressions. */
#include "tests/conform/conform.h"

/* One row, for one choice of kinds. */
typedef struct row {
    spec *s;
    const rk_fn *fn;
    rk_signature sig;
    sort any;                   /* what `any` stands for */
    uint32_t n;                 /* arguments */
    sort sorts[RK_FN_ARGS_MAX]; /* [n] */
} row;

static const rk_param *param_of(const row *r, uint32_t i)
{
    return &r->sig.params[i < r->sig.n_params ? i : r->sig.n_params - 1];
}

static bool takes_missing(const row *r, uint32_t i)
{
    return r->fn->null == RK_NULL_ANY || param_of(r, i)->type.optional;
}

static void set_count(row *r, uint32_t n)
{
    r->n = n;
    for (uint32_t i = 0; i < n; i++)
        r->sorts[i] = param_of(r, i)->any ? r->any : sort_of(param_of(r, i)->type);
}

/* What may stand at argument i when `form` is wanted. */
static unsigned form_at(const row *r, uint32_t i, unsigned form)
{
    if (param_of(r, i)->constant)
        return form >= FORM_CONST && form < FORM_COMPUTED ? form : FORM_CONST;
    if (takes_missing(r, i))
        return form;
    return form == FORM_OPTIONAL            ? FORM_NAN
           : form == FORM_QUERY_OPTIONAL    ? FORM_QUERY
           : form == FORM_COMPUTED_OPTIONAL ? FORM_COMPUTED
                                            : form;
}

/* `name(…)`, where argument `at` is of form `own` and the others of form `rest`. */
static const char *call(row *r, unsigned rest, uint32_t at, unsigned own)
{
    const char *text = spec_text(r->s, "%s(", r->fn->name);
    for (uint32_t i = 0; i < r->n; i++) {
        const unsigned form = form_at(r, i, i == at ? own : rest);
        const char *const value = spec_operand(r->s, r->sorts[i], i, form);
        /* Alone, a number would be a float. */
        const bool alone = i == at && r->sorts[i] == SORT_DOUBLE && own >= FORM_CONST &&
                           own < FORM_COMPUTED && !param_of(r, i)->constant;
        text = spec_text(r->s, alone ? "%s%sdouble(%s)" : "%s%s%s", text, i ? ", " : "", value);
    }
    return spec_text(r->s, "%s)", text);
}

/* A larger expression that takes the result further. */
static const char *wrapped(row *r, const char *inner, bool optional)
{
    spec *const s = r->s;
    const char *const o = optional ? "o" : "";
    switch (sort_of(r->sig.result)) {
    case SORT_BOOL:
        return spec_text(s, optional ? "if %s ?? true then f3 else f4n" : "if %s then f3 else f4n",
                         inner);
    case SORT_INT:
        return spec_text(s, "(%s + i3) * 2 - i4%s", inner, o);
    case SORT_FLOAT:
        return spec_text(s, "%s * f3 + f4n", inner);
    case SORT_DOUBLE:
        return spec_text(s, "%s * d3 + d4n", inner);
    case SORT_STRING:
        return spec_text(s, "len(if b3 then %s else s4%s) * 2 + i4", inner, o);
    case SORT_VECTOR:
        return spec_text(s, "norm(%s) * f3 + 1.0", inner);
    default:
        return spec_text(s, "len(%s) * 2 + i3", inner);
    }
}

/* The result given to the function again, where its type allows. */
static void nested(row *r)
{
    if (r->n == 0 || param_of(r, 0)->constant || sort_of(r->sig.result) != r->sorts[0])
        return;
    const char *rest = "";
    for (uint32_t i = 1; i < r->n; i++)
        rest = spec_text(r->s, "%s, %s", rest,
                         spec_operand(r->s, r->sorts[i], i + 1, form_at(r, i, FORM_PLAIN)));
    const char *const inner = call(r, FORM_OPTIONAL, r->n, 0);
    if (takes_missing(r, 0) && r->sorts[0] != SORT_VECTOR)
        spec_add(r->s, "%s(%s%s)", r->fn->name, inner, rest);
}

static void each_argument(row *r)
{
    for (uint32_t i = 0; i < r->n; i++) {
        const bool fixed = param_of(r, i)->constant;
        for (unsigned c = 0; c < sort_constants(r->sorts[i]); c++) {
            r->s->optional = fixed; /* not every constant may be a quantile */
            spec_add(r->s, "%s", call(r, c % 2 ? FORM_OPTIONAL : FORM_PLAIN, i, FORM_CONST + c));
            r->s->optional = false;
        }
        if (fixed)
            continue;
        spec_add(r->s, "%s", call(r, FORM_PLAIN, i, FORM_QUERY));
        spec_add(r->s, "%s", call(r, FORM_OPTIONAL, i, FORM_QUERY_OPTIONAL));
        if (r->n > 1) {
            spec_add(r->s, "%s", call(r, FORM_PLAIN, i, FORM_OPTIONAL));
            spec_add(r->s, "%s", call(r, FORM_QUERY, i, FORM_NAN));
        }
    }
}

static void all_forms(row *r)
{
    static const unsigned forms[] = {FORM_PLAIN, FORM_NAN,      FORM_OPTIONAL,
                                     FORM_QUERY, FORM_COMPUTED, FORM_COMPUTED_OPTIONAL};
    for (size_t i = 0; i < RK_ARRAY_LEN(forms); i++)
        spec_add(r->s, "%s", call(r, forms[i], r->n, 0));
    if (r->n == 0)
        return;
    const bool missing = takes_missing(r, 0) || r->sig.result.optional;
    spec_add(r->s, "%s", wrapped(r, call(r, FORM_COMPUTED, r->n, 0), r->sig.result.optional));
    spec_add(r->s, "%s",
             wrapped(r, call(r, FORM_COMPUTED_OPTIONAL, r->n, 0),
                     missing && (r->fn->null == RK_NULL_ANY || r->sig.result.optional)));
    nested(r);
}

/* With arguments left out, and with more than are named. */
static void other_counts(row *r)
{
    uint32_t least = r->sig.n_params;
    while (least > 0 && r->sig.params[least - 1].has_initial)
        least--;
    if ((r->fn->flags & RK_FN_VARIADIC) && least)
        least--;
    for (uint32_t n = least; n < r->sig.n_params; n++) {
        set_count(r, n);
        spec_add(r->s, "%s", call(r, FORM_PLAIN, n, 0));
        spec_add(r->s, "%s", call(r, FORM_OPTIONAL, n, 0));
    }
    if (!(r->fn->flags & (RK_FN_VARIADIC | RK_FN_CHAIN)))
        return;
    for (uint32_t n = r->sig.n_params + 1; n < r->sig.n_params + 4; n++) {
        set_count(r, n);
        spec_add(r->s, "%s", call(r, FORM_PLAIN, n, 0));
        spec_add(r->s, "%s", call(r, FORM_OPTIONAL, 1, FORM_NAN));
        spec_add(r->s, "%s", call(r, FORM_OPTIONAL, n - 1, FORM_CONST));
    }
}

static bool has_any(const rk_signature *sig)
{
    for (uint32_t i = 0; i < sig->n_params; i++)
        if (sig->params[i].any)
            return true;
    return false;
}

static void one_row(spec *s, const rk_fn *fn)
{
    row r = {.s = s, .fn = fn};
    spec_subject(s, true, "%s%s", fn->name, fn->sig);
    if (!rk_signature_parse(fn->sig, &r.sig))
        return;
    const sort last = has_any(&r.sig) ? SORT_STRING : SORT_BOOL;
    for (r.any = SORT_BOOL; r.any <= last; r.any++) {
        set_count(&r, r.sig.n_params);
        all_forms(&r);
        each_argument(&r);
        other_counts(&r);
    }
}

void spec_functions(spec *s)
{
    s->pipe = pipe_all;
    for (uint32_t i = 0; i < rk_fn_count(); i++)
        one_row(s, rk_fn_at(i));
}
