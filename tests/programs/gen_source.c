/* Random tables, their declarations and their files. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/programs/programs.h"

static void fields_of(program *p)
{
    source *const tab = &p->sources[0], *const own = &p->sources[1], *const usr = &p->sources[2];
    const value none = {0};
    *tab = (source){.name = "tab", .key = "item.id", .key_kind = p->id_type.kind};
    *own = (source){.name = "own", .key = "ti", .key_kind = RK_KIND_INT};
    *usr = (source){.name = "usr", .key = "query.i", .key_kind = RK_KIND_INT};
    tab->scope = own->scope = SCOPE_ITEM;
    usr->scope = SCOPE_QUERY;
    add_field(tab->fields, &tab->n_fields, "ti", RK_TYPE(INT), "7", value_int(7));
    add_field(tab->fields, &tab->n_fields, "tf", RK_TYPE_OPT(FLOAT), NULL, none);
    add_field(tab->fields, &tab->n_fields, "tg", RK_TYPE(FLOAT), "0.1", value_float(0.1f));
    add_field(tab->fields, &tab->n_fields, "ts", RK_TYPE(STRING), "\"\"", value_str(RK_STR("")));
    add_field(tab->fields, &tab->n_fields, "tk", RK_TYPE_OPT(STRING), NULL, none);
    add_field(tab->fields, &tab->n_fields, "tl", rk_type_opt(RK_TYPE_LIST(INT), true), NULL, none);
    add_field(own->fields, &own->n_fields, "of", RK_TYPE_OPT(FLOAT), NULL, none);
    add_field(own->fields, &own->n_fields, "od", RK_TYPE(DOUBLE), "0.1", value_double(0.1));
    add_field(own->fields, &own->n_fields, "oi", RK_TYPE_OPT(INT), NULL, none);
    add_field(own->fields, &own->n_fields, "ob", RK_TYPE(BOOL), "false", value_bool(false));
    add_field(usr->fields, &usr->n_fields, "uf", RK_TYPE_OPT(FLOAT), NULL, none);
    add_field(usr->fields, &usr->n_fields, "us", RK_TYPE(STRING), "\"red\"",
              value_str(RK_STR("red")));
    add_field(usr->fields, &usr->n_fields, "ui", RK_TYPE(INT), "1", value_int(1));
}

/* A cell may be empty whatever the type: then it has the default. */
static value gen_cell(gen *g, rk_type type)
{
    value v = gen_one(g, rk_type_opt(type, true), true, &g->p->arena);
    const bool infinite = (v.kind == RK_KIND_FLOAT && v.as.f - v.as.f != 0) ||
                          (v.kind == RK_KIND_DOUBLE && v.as.d - v.as.d != 0);
    return infinite ? missing_of(type) : v;
}

void gen_sources(gen *g)
{
    fields_of(g->p);
    for (unsigned k = 0; k < SOURCES; k++) {
        source *const s = &g->p->sources[k];
        const unsigned step = 1 + below(g, 9);
        s->n = below(g, k == 0 ? 40 : 12);
        s->keys = NEW_ARRAY(&g->p->arena, value, s->n);
        for (unsigned i = 0; i < s->n; i++)
            s->keys[i] = k == 0 ? item_id(g, g->p->id_type, i * step, &g->p->arena)
                                : value_int((int64_t)i - 3);
        for (unsigned f = 0; f < s->n_fields; f++) {
            s->columns[f] = NEW_ARRAY(&g->p->arena, value, s->n);
            for (unsigned i = 0; i < s->n; i++)
                s->columns[f][i] = gen_cell(g, s->fields[f].type);
        }
    }
}

/* ---- text ---- */

static void path_of(const program *p, const source *s, char *out, size_t size)
{
    snprintf(out, size, "programs.%llu.%s.jsonl", (unsigned long long)p->seed, s->name);
}

static void print_rows(const source *s, rk_buf *out)
{
    for (unsigned i = 0; i < s->n; i++) {
        rk_buf_add_chars(out, "{\"key\": ");
        print_value(s->keys[i], out);
        for (unsigned f = 0; f < s->n_fields; f++) {
            rk_buf_printf(out, ", \"%s\": ", s->fields[f].name);
            print_value(s->columns[f][i], out);
        }
        rk_buf_add_chars(out, "}\n");
    }
}

void print_source(const program *p, unsigned number, rk_buf *out)
{
    const source *const s = &p->sources[number];
    char path[64];
    path_of(p, s, path, sizeof path);
    rk_buf_printf(out, "source %s = jsonl(\"%s\", key: \"key\") by %s {\n", s->name, path, s->key);
    for (unsigned f = 0; f < s->n_fields; f++) {
        rk_buf_printf(out, "    %s: ", s->fields[f].name);
        rk_type_print(s->fields[f].type, out);
        if (s->fields[f].initial)
            rk_buf_printf(out, " = %s", s->fields[f].initial);
        rk_buf_add_char(out, '\n');
    }
    rk_buf_add_chars(out, "}\n");
}

void write_sources(const program *p)
{
    for (unsigned k = 0; p->has_sources && k < SOURCES; k++) {
        char path[64];
        rk_buf rows = {0};
        path_of(p, &p->sources[k], path, sizeof path);
        FILE *const file = fopen(path, "w");
        if (!file)
            abort();
        print_rows(&p->sources[k], &rows);
        fwrite(rows.data ? rows.data : "", 1, rows.len, file);
        rk_buf_free(&rows);
        fclose(file);
    }
}

void remove_sources(const program *p)
{
    for (unsigned k = 0; p->has_sources && k < SOURCES; k++) {
        char path[64];
        path_of(p, &p->sources[k], path, sizeof path);
        remove(path);
    }
}
