/* Operations of the language: every one, for every kind, with all kinds of operands on each side.
 */
#include "tests/conform/conform.h"

/* Forms of the two sides. */
static const struct {
    uint8_t left, right;
} sides[] = {
    {FORM_PLAIN, FORM_PLAIN},
    {FORM_NAN, FORM_NAN},
    {FORM_PLAIN, FORM_NAN},
    {FORM_OPTIONAL, FORM_OPTIONAL},
    {FORM_PLAIN, FORM_OPTIONAL},
    {FORM_OPTIONAL, FORM_PLAIN},
    {FORM_NAN, FORM_QUERY},
    {FORM_QUERY, FORM_NAN},
    {FORM_OPTIONAL, FORM_QUERY_OPTIONAL},
    {FORM_QUERY_OPTIONAL, FORM_NAN},
    {FORM_QUERY, FORM_QUERY},
    {FORM_QUERY_OPTIONAL, FORM_QUERY},
    {FORM_QUERY, FORM_CONST},
    {FORM_COMPUTED, FORM_COMPUTED_OPTIONAL},
    {FORM_COMPUTED, FORM_COMPUTED},
};

static bool is_plain(unsigned form) { return !form_is_optional(form); }

/* One operation of two operands: all sides, and constants left and right. */
static void both_sides(spec *s, const char *op, sort left, sort right, bool plain)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(sides); i++) {
        if (plain && !(is_plain(sides[i].left) && is_plain(sides[i].right)))
            continue;
        const char *const a = spec_operand(s, left, 0, sides[i].left);
        spec_add(s, "%s %s %s", a, op, spec_operand(s, right, 1, sides[i].right));
    }
    for (unsigned c = 0; c < sort_constants(right); c++)
        spec_add(s, "%s %s %s", spec_operand(s, left, 0, plain || c % 2 ? FORM_NAN : FORM_OPTIONAL),
                 op, spec_operand(s, right, 1, FORM_CONST + c));
    for (unsigned c = 0; c < sort_constants(left); c++)
        spec_add(s, "%s %s %s", spec_operand(s, left, 0, FORM_CONST + c), op,
                 spec_operand(s, right, 1, plain || c % 2 ? FORM_NAN : FORM_OPTIONAL));
}

static void arithmetic(spec *s)
{
    static const char *const ops[] = {"+", "-", "*", "/", "%", "^"};
    for (size_t i = 0; i < RK_ARRAY_LEN(ops); i++) {
        for (sort k = SORT_INT; k <= SORT_DOUBLE; k++) {
            spec_subject(s, true, "%s of %ss", ops[i], rk_kind_text(sort_type(k, false).kind));
            both_sides(s, ops[i], k, k, false);
        }
        spec_subject(s, true, "%s of two kinds", ops[i]);
        for (sort a = SORT_INT; a <= SORT_DOUBLE; a++)
            for (sort b = SORT_INT; b <= SORT_DOUBLE; b++)
                if (a != b) {
                    spec_add(s, "%s1 %s %s2", sort_names[a], ops[i], sort_names[b]);
                    spec_add(s, "%s1o %s %s2o", sort_names[a], ops[i], sort_names[b]);
                }
    }
    for (sort k = SORT_INT; k <= SORT_DOUBLE; k++) {
        const char *const name = sort_names[k];
        spec_subject(s, true, "one %s: -x, small powers, exact divisors", name);
        spec_add(s, "-%s1", name);
        spec_add(s, "-%s1o", name);
        spec_add(s, "-(-%s1 - %s2o)", name, name);
        for (int power = 2; power <= 4; power++) {
            spec_add(s, "%s1 ^ %d", name, power);
            spec_add(s, "%s1o ^ %d", name, power);
        }
        for (int power = -1074; power < 1024; power += 61)
            if (k == SORT_DOUBLE || (power > -149 && power < 127))
                spec_add(s, "%s1 / %.17g%s", name, __builtin_ldexp(1.0, power),
                         power >= 0 && power < 50 ? ".0" : "");
    }
}

static void logic(spec *s)
{
    static const char *const ops[] = {"==", "!=", "<", "<=", ">", ">="};
    for (size_t i = 0; i < RK_ARRAY_LEN(ops); i++) {
        for (sort k = SORT_BOOL; k <= SORT_STRING; k++) {
            spec_subject(s, true, "%s of %ss", ops[i], rk_kind_text(sort_type(k, false).kind));
            both_sides(s, ops[i], k, k, true);
        }
        spec_subject(s, true, "%s of two kinds", ops[i]);
        spec_add(s, "i1 %s f2n", ops[i]);
        spec_add(s, "f1n %s d2n", ops[i]);
        spec_add(s, "d1n %s i2", ops[i]);
    }
    spec_subject(s, true, "and");
    both_sides(s, "and", SORT_BOOL, SORT_BOOL, true);
    spec_subject(s, true, "or");
    both_sides(s, "or", SORT_BOOL, SORT_BOOL, true);
    spec_subject(s, true, "not");
    spec_add(s, "not b1");
    spec_add(s, "not (f1n == d2n)");
    spec_add(s, "not (s1 < s2) and not (i1 >= i2 or b1)");
    spec_add(s, "not (f1n < f2n) or not (d1n != d2n)");
}

static void missing(spec *s)
{
    for (sort k = 0; k < SORT_COUNT; k++) {
        const char *const name = sort_names[k];
        const bool real = k == SORT_FLOAT || k == SORT_DOUBLE;
        spec_subject(s, true, "?? of %s", rk_type_text(sort_type(k, false)).text);
        for (size_t i = 0; i < RK_ARRAY_LEN(sides); i++) {
            if (!real && is_plain(sides[i].left))
                continue;
            const char *const left = spec_operand(s, k, 0, sides[i].left);
            spec_add(s, "%s ?? %s", left, spec_operand(s, k, 1, sides[i].right));
        }
        for (unsigned c = 0; c < sort_constants(k); c++)
            spec_add(s, "%s1o ?? %s", name, spec_operand(s, k, 1, FORM_CONST + c));
        spec_add(s, "%s1o ?? %s2o ?? %s3o ?? %s4", name, name, name, name);
        spec_subject(s, true, "missing of %s", rk_type_text(sort_type(k, false)).text);
        spec_add(s, "missing(%s1o)", name);
        spec_add(s, "missing(%s)", spec_operand(s, k, 0, FORM_NAN));
        spec_add(s, "missing(%s)", spec_operand(s, k, 0, FORM_QUERY_OPTIONAL));
        spec_add(s, "missing(%s1o ?? %s2o) or missing(%s3o)", name, name, name);
    }
}

static void branches(spec *s)
{
    static const char *const conditions[] = {"b3", "f3n < 1.0", "s3 == \"nut\"", "missing(i3o)"};
    for (sort k = 0; k < SORT_COUNT; k++) {
        spec_subject(s, true, "if of %s", rk_type_text(sort_type(k, false)).text);
        for (size_t i = 0; i < RK_ARRAY_LEN(sides); i++) {
            const char *const yes = spec_operand(s, k, 0, sides[i].left);
            spec_add(s, "if %s then %s else %s", conditions[i % RK_ARRAY_LEN(conditions)], yes,
                     spec_operand(s, k, 1, sides[i].right));
        }
        const char *const name = sort_names[k];
        spec_add(s, "if b3 then %s1 else missing", name);
        spec_add(s, "if b3 then missing else if b2 then %s1o else %s2", name, name);
        s->optional = k >= SORT_BOOLS; /* a list by itself may be of another kind */
        spec_add(s, "if b3 then %s else %s1", spec_operand(s, k, 1, FORM_CONST), name);
        s->optional = false;
        s->asks = true;
        spec_add(s, "if query.b1 then %s1o else %s2", name, name);
        spec_add(s, "if true then %s1o else %s2", name, name);
    }
}

static void conversions(spec *s)
{
    spec_subject(s, true, "conversions");
    for (sort k = SORT_BOOL; k <= SORT_DOUBLE; k++)
        for (size_t i = 0; i < 3; i++) {
            static const char *const to[] = {"int", "float", "double"};
            spec_add(s, "%s(%s1)", to[i], sort_names[k]);
            spec_add(s, "%s(%s1o)", to[i], sort_names[k]);
            spec_add(s, "%s(%s)", to[i], spec_operand(s, k, 0, FORM_NAN));
            spec_add(s, "%s(%s)", to[i], spec_operand(s, k, 0, FORM_QUERY_OPTIONAL));
            spec_add(s, "double(%s(%s1o)) + 0.5", to[i], sort_names[k]);
        }
}

static void lists(spec *s)
{
    for (sort k = SORT_BOOL; k <= SORT_STRING; k++) {
        const char *const name = sort_names[k];
        const sort list = SORT_BOOLS + k;
        const char *const items = sort_names[list];
        spec_subject(s, true, "in, [], lists of %s", rk_kind_text(sort_type(k, false).kind));
        spec_add(s, "%s in %s2", spec_operand(s, k, 0, FORM_NAN), items);
        spec_add(s, "%s not in (%s2o ?? %s1)", spec_operand(s, k, 0, FORM_NAN), items, items);
        for (unsigned c = 0; c < sort_constants(list); c++)
            spec_add(s, "%s in %s", spec_operand(s, k, 0, FORM_NAN),
                     spec_operand(s, list, 1, FORM_CONST + c));
        spec_add(s, "%s in %s2", spec_operand(s, k, 0, FORM_QUERY), items);
        spec_add(s, "%s1 in %s", name, spec_operand(s, list, 1, FORM_QUERY));
        spec_add(s, "%s1 in [%s2, %s3, %s4]", name, name, name, name);
        spec_add(s, "[%s1, %s2]", name, name);
        spec_add(s, "[%s]", spec_operand(s, k, 0, FORM_COMPUTED));
        spec_add(s, "[%s, %s2, %s]", spec_operand(s, k, 0, FORM_CONST), name,
                 spec_operand(s, k, 2, FORM_QUERY));
        spec_add(s, "%s1[i2]", items);
        spec_add(s, "%s1o[i3o]", items);
        spec_add(s, "%s1[1]", items);
        spec_add(s, "%s[i3]", spec_operand(s, list, 1, FORM_CONST));
        spec_add(s, "%s[i3]", spec_operand(s, list, 1, FORM_QUERY));
        spec_add(s, "[%s1, %s2, %s3][i3]", name, name, name);
    }
    spec_subject(s, true, "[] of vectors");
    spec_add(s, "v1[i2]");
    spec_add(s, "v1o[i3o]");
    spec_add(s, "v1[18]");
    spec_add(s, "v1[0] * v2[0] + v3o[19]");
    s->asks = true;
    spec_add(s, "query.v1[i3]");
    s->asks = true;
    spec_add(s, "v1[query.i1]");
}

void spec_core(spec *s)
{
    s->pipe = pipe_all;
    arithmetic(s);
    logic(s);
    missing(s);
    branches(s);
    conversions(s);
    lists(s);
}

/* Values that go back and forth between native code and calls; many factors of one kernel, which
 * use each other. */
void spec_mixed(spec *s)
{
    s->pipe = pipe_all;
    spec_subject(s, true, "values that cross parts");
    spec_add(s, "len(string(i1 + len(lower(concat(s1, string(i2 * 3)))))) * 2 + i3");
    spec_add(s, "(float(string(f1 * f2)) ?? log1p(f3n)) + float(len(s1))");
    spec_add(s, "if contains(upper(s1), \"NUT\") then exp(f1n) else sqrt(abs(f2n))");
    spec_add(s, "((int(string(i1 - i2)) ?? i3) %% (i4 + 1)) ?? -1");
    spec_add(s, "dot(v1, if b1 then v2 else v3) / (norm(v1) * norm(v2o) + 1.0)");
    spec_add(s, "norm(normalize([f1, f2, f3 * f4])) + l2([f1, f2], [f3n, f4n])");
    spec_add(s, "(li1[i3] ?? i1) + (li2o[i4] ?? 0) * (last(li3) ?? 1)");
    spec_add(s, "s1 == s2 or len(words(s1)) > len(words(s2)) and overlap(ls1, ls2) > 0");
    spec_add(s, "uniform(s1, i2, f3n) < 0.5 and (uniform(i1) + f1 > 1.0 or b1)");
    spec_subject(s, true, "masks used alone and together");
    for (int i = 0; i < 2; i++) {
        const char *const name = i ? "s" : "i";
        spec_add(s, "%s1o ?? %s2o ?? %s3o ?? %s4", name, name, name, name);
        spec_add(s, "missing(%s1o ?? %s2o) or missing(%s3o)", name, name, name);
        spec_add(s, "not missing(%s1o ?? %s2o ?? %s3o)", name, name, name);
    }
    spec_subject(s, true, "a hundred factors that use each other");
    for (int i = 0; i < 100; i++) {
        static const char *const forms[] = {
            "(f1n + %d.5) * f2",
            "log1p(abs(f1 * %d.25)) + exp(-abs(f2n))",
            "if i1 > %d then f3n else f4",
            "(i1 * %d + i2) %% 11",
            "(f1o ?? %d.0) / f2",
            "max(f1n, %d.75) + min(d1n, d2) * 0.5",
            "sqrt(f1 + %d.0) ?? f3n",
            "i1 + %d == i2 or b1 and f1n < f2n",
            "d1 * %d.0 + d2o",
            "tanh(f1 / %d.5) * f2n - f3",
        };
        spec_add(s, forms[i % 10], i + 1);
    }
}
