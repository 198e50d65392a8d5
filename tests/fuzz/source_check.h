/* What the harnesses of runtime/source share: a schema with every type, and what must hold of
 * columns and relations whatever was read. */
#ifndef RK_FUZZ_SOURCE_CHECK_H
#define RK_FUZZ_SOURCE_CHECK_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/context.h"
#include "runtime/source/request.h"
#include "runtime/source/rows.h"

#define REQUIRE(holds)                                                                             \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds);                            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

typedef struct bench {
    rk_context cx;
    rk_atoms strings;
    rk_field fields[10];
    rk_schema schema;
    rk_str keys[2];
    rk_type key_types[2];
    rk_source_spec spec;
    rk_load load;
} bench;

static inline void bench_field(bench *b, const char *name, rk_type type, bool has_initial)
{
    static const int64_t list[] = {4, 5};
    rk_field *const field = &b->fields[b->schema.n++];
    *field = (rk_field){.name = rk_str_from(name), .column = rk_str_from(name), .type = type};
    field->span = RK_NO_SPAN;
    field->has_initial = has_initial;
    field->initial.type = rk_type_plain(type);
    if (type.kind == RK_KIND_LIST)
        field->initial.as.list.items = list, field->initial.as.list.len = 2;
}

/* names: ten columns in the order int, int = 0, float, float = 0, double, bool, string, string =
 * "", list(int) = [4, 5], vector(2)?; the ninth is list(string) and plain when `strings_in_lists`.
 */
static inline void bench_open(bench *b, const char *const *names, bool strings_in_lists)
{
    *b = (bench){.keys = {RK_STR("id"), RK_STR("s")}, .key_types = {RK_TYPE(INT), RK_TYPE(STRING)}};
    REQUIRE(rk_context_init(&b->cx) == RK_OK);
    REQUIRE(rk_atoms_init(&b->strings, &b->cx.arena, NULL) == RK_OK);
    b->schema.fields = b->fields;
    bench_field(b, names[0], RK_TYPE(INT), false);
    bench_field(b, names[1], RK_TYPE(INT), true);
    bench_field(b, names[2], RK_TYPE_OPT(FLOAT), false);
    bench_field(b, names[3], RK_TYPE(FLOAT), true);
    bench_field(b, names[4], RK_TYPE_OPT(DOUBLE), false);
    bench_field(b, names[5], RK_TYPE_OPT(BOOL), false);
    bench_field(b, names[6], RK_TYPE_OPT(STRING), false);
    bench_field(b, names[7], RK_TYPE(STRING), true);
    bench_field(b, names[8], strings_in_lists ? RK_TYPE_LIST(STRING) : RK_TYPE_LIST(INT),
                !strings_in_lists);
    bench_field(b, names[9], (rk_type){.kind = RK_KIND_VECTOR, .dim = 2, .optional = true}, false);
    b->load = (rk_load){&b->cx.arena, &b->strings, &b->cx.diags, NULL};
    b->spec = (rk_source_spec){.name = RK_STR("t"),
                               .span = RK_NO_SPAN,
                               .path = RK_STR("t"),
                               .wanted = &b->schema,
                               .keys = b->keys,
                               .key_types = b->key_types,
                               .n_keys = 1};
}

static inline void bench_close(bench *b)
{
    rk_buf out = {0};
    rk_diags_sort(&b->cx.diags);
    rk_diags_print(&b->cx.diags, &b->cx.texts, RK_DIAG_JSONL, &out);
    REQUIRE(rk_str_utf8_valid(rk_buf_str(&out)) == out.len);
    rk_buf_free(&out);
    rk_context_free(&b->cx);
}

static inline void check_strings(const rk_atoms *strings, const rk_atom *items, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        REQUIRE(items[i] < rk_atoms_count(strings));
        const rk_str s = rk_atom_str(strings, items[i]);
        REQUIRE(rk_str_utf8_valid(s) == s.len);
    }
}

static inline void check_canonical(const void *data, uint8_t kind, size_t n)
{
    static const uint32_t nan32 = 0x7fc00000;
    static const uint64_t nan64 = UINT64_C(0x7ff8000000000000);
    for (size_t i = 0; i < n; i++)
        if (kind == RK_KIND_FLOAT && isnan(((const float *)data)[i]))
            REQUIRE(memcmp((const float *)data + i, &nan32, 4) == 0);
        else if (kind == RK_KIND_DOUBLE && isnan(((const double *)data)[i]))
            REQUIRE(memcmp((const double *)data + i, &nan64, 8) == 0);
}

/* A finished column: whole, canonical, its lists inside their elements; printing reads all of it.
 */
static inline void check_column(const rk_column *column, uint32_t n, const rk_atoms *strings)
{
    REQUIRE(column->n == n);
    REQUIRE(column->type.optional || !column->present);
    if (column->type.kind == RK_KIND_STRING)
        check_strings(strings, column->data, n);
    check_canonical(column->data, column->type.kind, n);
    rk_buf out = {0};
    for (uint32_t i = 0; i < n; i++) {
        const rk_value value = rk_column_get(column, i);
        if (column->type.kind == RK_KIND_LIST && column->type.elem == RK_KIND_STRING &&
            !value.missing)
            check_strings(strings, value.as.list.items, value.as.list.len);
        if (column->type.kind == RK_KIND_VECTOR && !value.missing)
            for (uint32_t k = 0; k < value.as.list.len; k++)
                REQUIRE(!isnan(((const float *)value.as.list.items)[k]));
        rk_value_print_json(value, strings, &out);
    }
    rk_buf_free(&out);
}

/* A loaded relation; every row is found by its own key. */
static inline void check_relation(const bench *b, const rk_relation *r)
{
    for (uint32_t i = 0; i < b->schema.n; i++)
        check_column(&r->columns[i], r->n_rows, &b->strings);
    for (uint32_t k = 0; k < r->n_keys; k++)
        check_column(&r->keys[k], r->n_rows, &b->strings);
    uint64_t line = 0;
    for (uint32_t i = 0; i < r->n_rows; i++) {
        REQUIRE(rk_relation_line(r, i) > line);
        line = rk_relation_line(r, i);
    }
    uint32_t *const rows = malloc((size_t)r->n_rows * sizeof *rows + 1);
    rk_relation_find(r, r->keys, r->n_rows, rows);
    for (uint32_t i = 0; i < r->n_rows; i++)
        REQUIRE(rows[i] == i);
    free(rows);
}

static __thread rk_str fuzz_text;
static __thread rk_source_read *fuzz_read;

static inline rk_status fuzz_load(const rk_load *load, const rk_source_spec *spec, rk_relation *out)
{
    return fuzz_read(load, spec, fuzz_text, out);
}

/* Loads a copy of exactly its size, so that reading beyond the end shows. */
static inline void load_and_check(bench *b, rk_source_read *read, const uint8_t *data, size_t size)
{
    static const rk_source_ops ops = {.name = "fuzz", .load = fuzz_load};
    char *const text = malloc(size ? size : 1);
    memcpy(text, data, size);
    fuzz_text = (rk_str){text, size};
    fuzz_read = read;
    rk_relation r;
    const rk_status status = rk_relation_load(&b->load, &ops, &b->spec, &r);
    free(text);
    REQUIRE((status == RK_OK) == (b->cx.diags.errors == 0));
    REQUIRE(status == RK_OK || status == RK_EDATA || status == RK_ELIMIT);
    if (status == RK_OK)
        check_relation(b, &r);
}

/* The first byte of an input chooses how many bad rows are let be. */
static inline uint32_t allowed_rows(uint8_t choice)
{
    static const uint32_t allowed[] = {UINT32_MAX, 0, 2, UINT32_MAX};
    return allowed[choice & 3];
}

#endif
