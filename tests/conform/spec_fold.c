/* Every aggregate and list-wise function, over every kind of value, grouped, filtered, and over
 * another list; and filters of lists. What these give depends on the list. */
#include "tests/conform/conform.h"

static const char pipe_labels[] =
    "candidates | where(b1 or i1 > 2) as kept | top(300, by: f1n) as best | limit(2000)";

typedef struct fold {
    spec *s;
    const rk_fold_fn *fn;
    const char *param; /* `, q: 0.25`; "" */
} fold;

/* The fold itself, and as an operand beside its items. */
static void add(fold *f, const char *value, const char *rest)
{
    const char *const comma = *value && *rest ? ", " : "";
    const char *const text =
        spec_text(f->s, "%s(%s%s%s%s)", f->fn->name, value, comma, rest, f->param);
    spec_add(f->s, "%s", text);
}

static const char *const wheres[] = {"where: b1", "where: b2o ?? false",
                                     "where: f2n > 0.0 and i1 != 3", "where: len(s1) > 3"};
static const char *const keys[] = {"by: i3",  "by: s2o", "by: b2o",
                                   "by: f3n", "by: d3o", "by: i1 % 4"};

/* What is native in many ways: everything. Else a little of each. */
static void all_options(fold *f, const char *value)
{
    f->s->pipe = pipe_all;
    add(f, value, "");
    for (size_t i = 0; i < RK_ARRAY_LEN(wheres); i++)
        add(f, value, wheres[i]);
    for (size_t i = 0; i < RK_ARRAY_LEN(keys); i++)
        add(f, value, keys[i]);
    for (size_t i = 0; i < 3; i++)
        add(f, value, spec_text(f->s, "%s, %s", keys[i], wheres[i]));
    f->s->asks = true;
    add(f, value, "where: query.b2 and b1");
    f->s->pipe = pipe_labels;
    add(f, value, "");
    add(f, value, "over: best");
    add(f, value, "over: kept");
    add(f, value, "over: best, where: b3");
    add(f, value, "over: kept, by: s2");
    add(f, value, "over: best, by: b2o, where: i2 > 0");
}

static void some_options(fold *f, const char *value)
{
    f->s->pipe = pipe_all;
    add(f, value, "");
    add(f, value, wheres[1]);
    add(f, value, keys[1]);
    f->s->pipe = pipe_labels;
    add(f, value, "over: best, where: b3");
}

/* Infinities make most sums NaN, and a minimum is seldom among equals: values that are all finite,
 * and zeros of both signs. */
static void tame_values(fold *f, sort k)
{
    const char *const name = sort_names[k];
    if (k == SORT_INT)
        some_options(f, "i1 % 4");
    if (k != SORT_FLOAT && k != SORT_DOUBLE)
        return;
    all_options(f, spec_text(f->s, "tanh(%s1n) * 3.7", name));
    all_options(f, spec_text(f->s, "tanh(%s1o) * 3.7", name));
    some_options(f, spec_text(f->s, "%s1n * 0.0", name));
    some_options(f, spec_text(f->s, "%s1o * 0.0", name));
    f->s->pipe = pipe_all;
    add(f, spec_text(f->s, "%s1", name), "where: b1 and not b1");
    add(f, spec_text(f->s, "%s1n * 0.0", name), "where: b2");
    add(f, spec_text(f->s, "%s1n * %s2n", name, name), "where: abs(f1n * f2n) < 1000.0");
}

/* Results within expressions of the items. */
static void beside_items(fold *f, sort k)
{
    const char *const name = sort_names[k];
    f->s->pipe = pipe_all;
    if (f->fn->result == RK_RESULT_BOOL) {
        spec_add(f->s, "%s(%s1) and b1", f->fn->name, name);
        return;
    }
    if (k == SORT_STRING)
        return;
    const char *const text = spec_text(f->s, "%s(%s1o%s)", f->fn->name, name, f->param);
    f->s->optional = true; /* some are never missing */
    spec_add(f->s, "(%s ?? 0) * 2 - i1", text);
    f->s->optional = false;
    spec_add(f->s, "%s * 2 - i1", text);
    spec_add(f->s, "f1n - %s(%s1%s, where: b1)", f->fn->name, name, f->param);
}

static void values(fold *f)
{
    for (sort k = SORT_BOOL; k <= SORT_STRING; k++) {
        const uint8_t kind = sort_type(k, false).kind;
        const unsigned set = kind == RK_KIND_BOOL     ? RK_VALUES_BOOL
                             : kind == RK_KIND_STRING ? RK_VALUES_STRING
                                                      : RK_VALUES_NUMBER;
        if (!(f->fn->values & set))
            continue;
        spec_subject(f->s, true, "%s of %ss%s", f->fn->name, rk_kind_text(kind), f->param);
        all_options(f, spec_operand(f->s, k, 0, FORM_OPTIONAL));
        all_options(f, spec_operand(f->s, k, 0, FORM_NAN));
        some_options(f, spec_operand(f->s, k, 0, FORM_PLAIN));
        some_options(f, spec_operand(f->s, k, 0, FORM_COMPUTED));
        some_options(f, spec_operand(f->s, k, 0, FORM_COMPUTED_OPTIONAL));
        tame_values(f, k);
        beside_items(f, k);
    }
    if (f->fn->values & RK_VALUES_NONE) {
        spec_subject(f->s, true, "%s of items", f->fn->name);
        all_options(f, "");
    }
}

void spec_folds(spec *s)
{
    s->whole = true;
    for (uint32_t i = 0; i < rk_fold_count(); i++) {
        fold f = {.s = s, .fn = rk_fold_at(i), .param = ""};
        if (!f.fn->param_required)
            values(&f);
        if (!f.fn->param)
            continue;
        /* A number or a bool: one of them is refused. */
        const bool number = strcmp(f.fn->param, "asc") != 0;
        f.param = spec_text(s, number ? ", %s: 0.3" : ", %s: true", f.fn->param);
        values(&f);
    }
    s->whole = false;
}

/* ---- filters ---- */

/* Shown beside each list. */
static const char *const shown[] = {
    "b1",  "i2o", "f1n + f2 * 2.0", "d1o * d2",         "s1", "lower(s2o)",
    "ls1", "v1o", "count()",        "avg(f1n, by: b2)",
};

static void filter(spec *s, const char *condition, const char *format)
{
    s->pipe = spec_text(s, format, condition);
    spec_add(s, "%s", condition);
    for (size_t i = 0; i < RK_ARRAY_LEN(shown); i++)
        spec_add(s, "%s", shown[i]);
}

static const char *const conditions[] = {
    "b1",
    "not b1",
    "b1o ?? false",
    "b1o ?? true",
    "(b1o ?? b2o) ?? b3",
    "f1n > 0.5",
    "f1n == d2n",
    "(f1o ?? 0.0) > f2",
    "i1 % 3 == 1",
    "i1 < i2",
    "(i1 % i2) ?? 1 == 0",
    "s1 == \"nut\"",
    "s1 < s2",
    "starts_with(s1, \"n\")",
    "starts_with(s1, \"a\") and f1 > 0.0 or contains(ls1, s1)",
    "missing(s1o)",
    "i1 in [1, 2, 3, 7]",
    "f1 > 0.0 and (f1 < 100.0 or b2) and not (i1 == i2)",
    "(log1p(f1) ?? 0.0) > exp(f2)",
    "true",
    "false",
    "f1n >= avg(f1n)",
    "(rank(d1o) ?? 0) % 2 == 1",
    "id % 2 == 0",
    "id == 3",
};

void spec_filters(spec *s)
{
    static const char *const pipes[] = {
        "candidates | where(%s)",
        "candidates | where(b2) as recall | where(%s) | where(i2 != 7)",
        "candidates | where(%s) as kept | top(50, by: f2n) | where(b3 or f1 > 0.0)",
    };
    s->whole = true;
    for (size_t i = 0; i < RK_ARRAY_LEN(conditions); i++) {
        spec_subject(s, true, "where(%s)", conditions[i]);
        for (size_t k = 0; k < RK_ARRAY_LEN(pipes); k++)
            filter(s, conditions[i], pipes[k]);
    }
    spec_subject(s, true, "where of the query");
    s->asks = true;
    filter(s, "query.b1", pipes[0]);
    s->asks = true;
    filter(s, "f1n > query.f2 or query.b2", pipes[0]);
    spec_subject(s, true, "keys of top and sort");
    static const char *const sorts[] = {"f1n",       "d1o ?? 0.0",       "i1 * i2",         "s1",
                                        "lower(s1)", "len(s1) * 2 + i1", "log1p(f1) * 2.0", "b1"};
    for (size_t i = 0; i < RK_ARRAY_LEN(sorts); i++) {
        filter(s, sorts[i], "candidates | top(40, by: %s)");
        filter(s, sorts[i], "candidates | sort(asc: %s)");
    }
    s->whole = false;
}
