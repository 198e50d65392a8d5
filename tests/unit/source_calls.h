/* What the tests of runtime/source share: a program's memory, a schema made on the fly, loading
 * from text, and the codes of what was said. */
#ifndef RK_UNIT_SOURCE_CALLS_H
#define RK_UNIT_SOURCE_CALLS_H

#include "runtime/base/context.h"
#include "runtime/source/request.h"
#include "runtime/source/rows.h"
#include "tests/unit/harness.h"

enum { MOST_FIELDS = 16 };

/* A schema that is filled field by field. */
typedef struct fields {
    rk_field items[MOST_FIELDS];
    rk_schema schema;
} fields;

typedef struct fixture {
    rk_context cx;
    rk_atoms strings;
    fields wanted; /* of a source */
    fields query;
    fields item;
    rk_str keys[4];
    rk_type key_types[4];
    rk_source_spec spec;
    rk_load load;
    rk_relation r;
} fixture;

static inline rk_field *add_field(fields *to, const char *name, rk_type type)
{
    to->schema.fields = to->items;
    rk_field *const field = &to->items[to->schema.n++];
    *field = (rk_field){.name = rk_str_from(name), .column = rk_str_from(name), .type = type};
    field->span = RK_NO_SPAN;
    return field;
}

static inline void set_default(rk_field *field, rk_value value)
{
    field->has_initial = true;
    field->initial = value;
    field->initial.type = rk_type_plain(field->type);
}

/* A fixture whose source has one key `id`. */
static inline void set_up(fixture *fx, rk_type key)
{
    memset(fx, 0, sizeof *fx);
    ck_assert_int_eq(rk_context_init(&fx->cx), RK_OK);
    ck_assert_int_eq(rk_atoms_init(&fx->strings, &fx->cx.arena, NULL), RK_OK);
    fx->wanted.schema.fields = fx->wanted.items;
    fx->query.schema.fields = fx->query.items;
    fx->item.schema.fields = fx->item.items;
    fx->keys[0] = RK_STR("id");
    fx->key_types[0] = key;
    fx->load = (rk_load){&fx->cx.arena, &fx->strings, &fx->cx.diags, NULL};
    fx->spec = (rk_source_spec){.name = RK_STR("t"),
                                .span = RK_NO_SPAN,
                                .path = RK_STR("t.csv"),
                                .wanted = &fx->wanted.schema,
                                .keys = fx->keys,
                                .key_types = fx->key_types,
                                .n_keys = 1};
}

static inline void add_key(fixture *fx, const char *name, rk_type type)
{
    fx->keys[fx->spec.n_keys] = rk_str_from(name);
    fx->key_types[fx->spec.n_keys++] = type;
}

static inline void tear_down(fixture *fx) { rk_context_free(&fx->cx); }

/* The text handed to a loader that has no file. */
static __thread rk_str given_text;
static __thread rk_source_read *given_read;

static inline rk_status load_given(const rk_load *load, const rk_source_spec *spec,
                                   rk_relation *out)
{
    return given_read(load, spec, given_text, out);
}

static inline rk_status load_text(fixture *fx, rk_source_read *read, rk_str text)
{
    static const rk_source_ops ops = {.name = "given", .load = load_given};
    given_text = text;
    given_read = read;
    return rk_relation_load(&fx->load, &ops, &fx->spec, &fx->r);
}

/* The codes of all diagnostics in order, warnings as W and the number, and forgets them. */
static inline const char *take_codes(fixture *fx)
{
    static __thread char text[512];
    text[0] = 0;
    rk_diags *const diags = &fx->cx.diags;
    for (uint32_t i = 0; i < diags->items.len; i++) {
        const rk_diag *const diag = diags->items.items[i];
        const size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "%s%s%s", len ? " " : "", diag->warning ? "W" : "",
                 rk_diag_code_name(diag->code) + diag->warning);
    }
    rk_diags_init(diags, &fx->cx.arena);
    return text;
}

/* All diagnostics as people see them; the caller frees. */
static inline rk_buf say(fixture *fx)
{
    rk_buf out = {0};
    rk_diags_print(&fx->cx.diags, &fx->cx.texts, RK_DIAG_TEXT, &out);
    rk_buf_add_char(&out, 0);
    return out;
}

static inline void expect_words(fixture *fx, const char *words)
{
    rk_buf out = say(fx);
    ck_assert_msg(strstr(out.data, words) != NULL, "`%s` is not in:\n%s", words, out.data);
    rk_buf_free(&out);
}

/* Loads text with the wanted columns; the status and the codes must be these. */
static inline void expect_load(fixture *fx, rk_source_read *read, rk_str text, rk_status status,
                               const char *codes)
{
    const rk_status got = load_text(fx, read, text);
    rk_buf out = say(fx);
    ck_assert_msg(got == status, "status %d, not %d\n%s", got, status, out.data);
    const char *const took = take_codes(fx);
    ck_assert_msg(strcmp(took, codes) == 0, "`%s`, not `%s`\n%s", took, codes, out.data);
    rk_buf_free(&out);
}

/* Column `column` as JSON values with a space between. */
static inline const char *column_text(fixture *fx, const rk_column *column)
{
    static __thread char text[4096];
    rk_buf out = {0};
    for (uint32_t i = 0; i < column->n; i++) {
        if (i)
            rk_buf_add_char(&out, ' ');
        rk_value_print_json(rk_column_get(column, i), &fx->strings, &out);
    }
    snprintf(text, sizeof text, "%.*s", RK_STR_ARG(rk_buf_str(&out)));
    rk_buf_free(&out);
    return text;
}

#define expect_column(fx, i, expected)                                                             \
    ck_assert_str_eq(column_text((fx), &(fx)->r.columns[i]), (expected))

#endif
