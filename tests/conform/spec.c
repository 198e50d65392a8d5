/* Building the specification: subjects, cases, operands as text. */
#include <stdio.h>

#include "tests/conform/conform.h"

const char *const pipe_all = "candidates";

const char *spec_text(spec *s, const char *format, ...)
{
    rk_buf text = {0};
    va_list args;
    va_start(args, format);
    rk_buf_vprintf(&text, format, args);
    va_end(args);
    const char *const copy = rk_arena_copy(&s->arena, text.data, text.len);
    rk_buf_free(&text);
    return copy ? copy : must_alloc(&s->arena, SIZE_MAX);
}

void spec_subject(spec *s, bool needed, const char *format, ...)
{
    rk_buf name = {0};
    va_list args;
    va_start(args, format);
    rk_buf_vprintf(&name, format, args);
    va_end(args);
    const subject new = {.name = spec_text(s, "%s", name.data), .needed = needed};
    rk_buf_free(&name);
    if (!rk_vec_push(&s->arena, &s->subjects, new))
        must_alloc(&s->arena, SIZE_MAX);
}

void spec_add(spec *s, const char *format, ...)
{
    rk_buf text = {0};
    va_list args;
    va_start(args, format);
    rk_buf_vprintf(&text, format, args);
    va_end(args);
    const spec_case new = {.text = spec_text(s, "%s", text.data),
                           .pipe = s->pipe,
                           .subject = s->subjects.len - 1,
                           .whole = s->whole,
                           .asks = s->asks,
                           .optional = s->optional};
    rk_buf_free(&text);
    s->subjects.items[new.subject].n_cases++;
    s->asks = false;
    if (!rk_vec_push(&s->arena, &s->cases, new))
        must_alloc(&s->arena, SIZE_MAX);
}

/* ---- operands ---- */

static const char vector[] = "[0.5, -1.0, 2.0, 0.0, 3.5, 1.0, -0.25, 8.0, 1.5, 0.125, 9.0, -3.0, "
                             "1.0, 1.0, 0.75, -6.0, 2.5, 0.5, -1.25]";
static const char many[] = "[-40, -39, -37, -30, -20, -10, -9, -8, -7, -6, -5, -4, -3, -2, -1, 0, "
                           "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 20, 60]";

/* The first is one that most take. Lists ascend. */
static const char *const constants[SORT_COUNT][7] = {
    {"true", "false"},
    {"3", "0", "-1", "7", "9223372036854775807", "-9223372036854775807"},
    {"0.25", "0.0", "1.0", "-1.5", "inf", "(0.0 / 0.0)", "1e-40"},
    {"0.25", "0.0", "1.0", "-8.0", "inf", "(0.0 / 0.0)", "1e300"},
    {"\"nut\"", "\"\"", "\"Орехи {} и\""},
    {"[false, true]", "[true]"},
    {"[-1, 3, 7]", many, "[5]"},
    {"[-1.5, 0.5, 2.5]", many, "[-inf, 0.0, inf]"},
    {"[-1.5, 0.5, 2.5]", many, "[-inf, 0.0, inf]"},
    {"[\"\", \"a\", \"nut\"]", "[\"nut\"]"},
    {vector},
};

uint32_t sort_constants(sort s)
{
    uint32_t n = 0;
    while (n < RK_ARRAY_LEN(constants[s]) && constants[s][n])
        n++;
    return n;
}

bool form_is_optional(form f)
{
    return f == FORM_OPTIONAL || f == FORM_QUERY_OPTIONAL || f == FORM_COMPUTED_OPTIONAL;
}

static bool is_real(sort s) { return s == SORT_FLOAT || s == SORT_DOUBLE; }

/* Of native instructions, whatever the operand is for. `o` is `o` for optional ones. */
static const char *computed(spec *s, sort sort, uint32_t slot, const char *o)
{
    const unsigned a = slot + 1, b = (slot + 1) % SLOTS + 1;
    switch (sort) {
    case SORT_BOOL:
        return *o ? spec_text(s, "(if b%u then b%uo else b%u)", b, a, b)
                  : spec_text(s, "(b%u and not b%u)", a, b);
    case SORT_INT:
        return spec_text(s, "(i%u%s - i%u)", a, o, b);
    case SORT_FLOAT:
        return spec_text(s, "(f%u%s * f%u)", a, *o ? "o" : "n", b);
    case SORT_DOUBLE:
        return spec_text(s, "(d%u%s * d%u)", a, *o ? "o" : "n", b);
    default:
        return spec_text(s, "(if b%u then %s%u%s else %s%u)", b, sort_names[sort], a, o,
                         sort_names[sort], b);
    }
}

const char *spec_operand(spec *s, sort sort, uint32_t slot, unsigned form)
{
    const char *const name = sort_names[sort];
    slot %= SLOTS;
    switch (form) {
    case FORM_PLAIN:
        return spec_text(s, "%s%u", name, slot + 1);
    case FORM_NAN:
        return spec_text(s, is_real(sort) ? "%s%un" : "%s%u", name, slot + 1);
    case FORM_OPTIONAL:
        return spec_text(s, "%s%uo", name, slot + 1);
    case FORM_QUERY:
        s->asks = true;
        return spec_text(s, "query.%s%u", name, slot + 1);
    case FORM_QUERY_OPTIONAL:
        s->asks = true;
        return spec_text(s, "query.%s%uo", name, slot + 1);
    case FORM_COMPUTED:
        return computed(s, sort, slot, "");
    case FORM_COMPUTED_OPTIONAL:
        return computed(s, sort, slot, "o");
    default:
        return constants[sort][(form - FORM_CONST) % sort_constants(sort)];
    }
}
