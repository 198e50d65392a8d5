/* rankc help: rows of the registries, as they stand there. */
#include "compiler/cmd/cmd.h"

#include "runtime/stage/stage.h"
#include "stdlib/families.h"

/* A name that help knows. Rows of one name may stand in several registries. */
typedef struct topic {
    rk_str name;
    const char *group;
    rk_str doc;
    const void *row;
    void (*print)(const struct topic *topic, rk_buf *out);
} topic;

typedef struct topics {
    rk_arena *arena;
    RK_VEC(topic) items;
    rk_compiled prelude;
    bool no_memory;
} topics;

static void add_example(rk_buf *out, const char *example, const char *result)
{
    if (example)
        rk_buf_printf(out, "    %s", example);
    if (result)
        rk_buf_printf(out, " => %s", result);
    if (example)
        rk_buf_add_char(out, '\n');
}

/* ---- one printer a registry ---- */

static void print_command(const topic *t, rk_buf *out) { cmd_print_usage(t->row, out); }

static void print_function(const topic *t, rk_buf *out)
{
    const rk_fn *const first = t->row;
    for (uint32_t i = rk_fn_index(first); i < rk_fn_count(); i++) {
        const rk_fn *const fn = rk_fn_at(i);
        if (strcmp(fn->name, first->name) != 0)
            break;
        rk_buf_printf(out, "%s%s\n", fn->name, fn->sig);
    }
    cmd_add_wrapped(out, t->doc, 4);
    if (first->flags & RK_FN_CHAIN)
        rk_buf_add_chars(out, "    Takes more arguments too: f(a, b, c) is f(f(a, b), c).\n");
    if (first->flags & RK_FN_VARIADIC)
        rk_buf_add_chars(out, "    The last argument may be left out, or given several times.\n");
    add_example(out, first->example, first->result);
}

static void add_values(unsigned values, rk_buf *out)
{
    static const char *const words[] = {"number", "bool", "string"};
    bool first = true;
    for (unsigned i = 0; i < RK_ARRAY_LEN(words); i++)
        if (values >> i & 1) {
            rk_buf_printf(out, "%s%s", first ? "" : " or ", words[i]);
            first = false;
        }
}

static void print_fold(const topic *t, rk_buf *out)
{
    const rk_fold_fn *const fold = t->row;
    const bool bare = fold->values & RK_VALUES_NONE;
    rk_buf_printf(out, "%s(%sx: ", fold->name, bare ? "[" : "");
    add_values(fold->values, out);
    rk_buf_add_chars(out, bare ? "]" : "");
    if (fold->param)
        rk_buf_printf(out, fold->param_required ? ", %s" : "[, %s:]", fold->param);
    rk_buf_add_chars(out, "[, by:][, where:][, over:])\n");
    cmd_add_wrapped(out, t->doc, 4);
    rk_buf_add_chars(
        out, fold->kind == RK_FOLD_AGGREGATE
                 ? "    Over the items of the request: one value, or with `by:` one a group.\n"
                 : "    Over the items of the request: one value an item.\n");
    add_example(out, fold->example, fold->result_text);
}

static void print_stage(const topic *t, rk_buf *out)
{
    const rk_stage *const stage = t->row;
    rk_buf_printf(out, "%s%s%s\n", stage->kind == RK_STAGE_SELECT ? "… | " : "", stage->name,
                  strcmp(stage->args, "()") == 0 ? "" : stage->args);
    cmd_add_wrapped(out, t->doc, 4);
    add_example(out, stage->example, NULL);
}

static void print_source(const topic *t, rk_buf *out)
{
    const rk_source_ops *const source = t->row;
    const bool more = source->sig[0] == '(' && source->sig[1] != ')';
    rk_buf_printf(out, "%s(\"path\"%s%s\n", source->name, more ? ", " : "", source->sig + 1);
    cmd_add_wrapped(out, t->doc, 4);
    rk_buf_add_chars(out, "    With `absent: \"drop\"` items without a row are left out.\n");
    for (const char *line = source->example; line && *line;) {
        const size_t len = strcspn(line, "\n");
        rk_buf_printf(out, "    %.*s\n", (int)len, line);
        line += len + (line[len] == '\n');
    }
}

static void print_requests(const topic *t, rk_buf *out)
{
    rk_buf_printf(out, "--requests: %.*s\n", RK_STR_ARG(t->name));
    cmd_add_wrapped(out, t->doc, 4);
}

/* A def of the prelude; its doc ends in lines `:example expression => result`. */
static void print_def(const topic *t, rk_buf *out)
{
    const rk_decl *const decl = t->row;
    rk_buf_printf(out, "%.*s\n", RK_STR_ARG(decl->text)); /* its head: see add_defs */
    for (size_t at = 0; at < decl->doc.len;) {
        rk_str line = {decl->doc.data + at, decl->doc.len - at};
        const char *const newline = memchr(line.data, '\n', line.len);
        line.len = newline ? (size_t)(newline - line.data) : line.len;
        const rk_str mark = RK_STR(":example ");
        if (line.len > mark.len && memcmp(line.data, mark.data, mark.len) == 0)
            rk_buf_printf(out, "    %.*s\n", (int)(line.len - mark.len), line.data + mark.len);
        else
            cmd_add_wrapped(out, line, 4);
        at += line.len + 1;
    }
}

/* ---- all topics ---- */

static void add(topics *all, const char *group, rk_str name, rk_str doc, const void *row,
                void (*print)(const topic *topic, rk_buf *out))
{
    const topic entry = {name, group, doc, row, print};
    if (!rk_vec_push(all->arena, &all->items, entry))
        all->no_memory = true;
}

static void add_functions(topics *all, const char *group, const rk_fn_family *family)
{
    for (uint32_t i = 0; i < family->n; i++) {
        const rk_fn *const fn = &family->rows[i];
        if (fn->doc) /* the first of its overloads */
            add(all, group, rk_str_from(fn->name), rk_str_from(fn->doc), fn, print_function);
    }
}

/* The name and parameters of a def, in `text` of a copy of its declaration. */
static void add_def(topics *all, const rk_decl *decl)
{
    const rk_atoms *const names = &all->prelude.cx.names;
    rk_decl *const copy = RK_NEW(all->arena, rk_decl);
    rk_buf head = {0};
    rk_buf_printf(&head, "%.*s(", RK_STR_ARG(rk_atom_str(names, decl->name)));
    for (uint32_t i = 0; i < decl->n_params; i++)
        rk_buf_printf(&head, "%s%.*s", i ? ", " : "",
                      RK_STR_ARG(rk_atom_str(names, decl->params[i].name)));
    rk_buf_add_char(&head, ')');
    const char *const text = head.failed ? NULL : rk_arena_copy(all->arena, head.data, head.len);
    if (copy && text) {
        *copy = *decl;
        copy->text = (rk_str){text, head.len};
        add(all, "defined in Rank", rk_atom_str(names, decl->name), decl->doc, copy, print_def);
    } else
        all->no_memory = true;
    rk_buf_free(&head);
}

static rk_status add_defs(topics *all)
{
    RK_TRY(rk_compiled_init(&all->prelude));
    const rk_ast_file *const file = all->prelude.files.items[0];
    for (uint32_t i = 0; i < file->decls.len; i++)
        if (file->decls.items[i]->kind == RK_DECL_DEF)
            add_def(all, file->decls.items[i]);
    return RK_OK;
}

static rk_status add_all(topics *all)
{
    for (const cmd_row *row = cmd_rows; row->name; row++)
        add(all, "commands", rk_str_from(row->name), rk_str_from(row->doc), row, print_command);
#define ADD_FAMILY(name) add_functions(all, "functions: " #name, &rk_fn_family_##name);
    RK_FN_FAMILIES(ADD_FAMILY)
#undef ADD_FAMILY
    RK_TRY(add_defs(all));
    for (uint32_t i = 0; i < rk_fold_count(); i++) {
        const rk_fold_fn *const fold = rk_fold_at(i);
        add(all, fold->kind == RK_FOLD_AGGREGATE ? "aggregates" : "list-wise functions",
            rk_str_from(fold->name), rk_str_from(fold->doc), fold, print_fold);
    }
    for (const rk_stage *const *s = rk_stages; *s; s++)
        add(all, "stages", rk_str_from((*s)->name), rk_str_from((*s)->doc), *s, print_stage);
    for (const rk_source_ops *const *s = rk_sources; *s; s++)
        add(all, "sources", rk_str_from((*s)->name), rk_str_from((*s)->doc), *s, print_source);
    for (const rk_request_ops *const *s = rk_request_kinds; *s; s++)
        add(all, "requests", rk_str_from((*s)->name), rk_str_from((*s)->doc), *s, print_requests);
    return all->no_memory ? RK_ENOMEM : RK_OK;
}

/* ---- what is asked for ---- */

static rk_str first_sentence(rk_str doc)
{
    for (size_t i = 0; i < doc.len; i++)
        if (doc.data[i] == '\n' || (doc.data[i] == '.' && i + 1 < doc.len &&
                                    (doc.data[i + 1] == ' ' || doc.data[i + 1] == '\n')))
            return (rk_str){doc.data, i + (doc.data[i] == '.')};
    return doc;
}

static void print_index(const topics *all, rk_buf *out)
{
    const char *group = "";
    for (uint32_t i = 0; i < all->items.len; i++) {
        const topic *const t = &all->items.items[i];
        if (strcmp(group, t->group) != 0)
            rk_buf_printf(out, "%s%s\n", i ? "\n" : "", t->group);
        group = t->group;
        const rk_str doc = first_sentence(t->doc);
        rk_buf_printf(out, "  %-15.*s %.*s\n", RK_STR_ARG(t->name), RK_STR_ARG(doc));
    }
    rk_buf_add_chars(
        out, "\n`rankc help NAME` tells more, of a whole group too: `rankc help stages`.\n");
}

static bool begins_so(const char *text, rk_str name)
{
    return strlen(text) >= name.len && memcmp(text, name.data, name.len) == 0 &&
           strchr(": ", text[name.len]) != NULL; /* the end of the text, too */
}

/* `functions` is all groups that begin so, `math` that family of them. */
static bool is_group(const topic *t, rk_str name)
{
    const char *const family = strchr(t->group, ':');
    return name.len && (begins_so(t->group, name) || (family && begins_so(family + 2, name)));
}

static rk_status print_topics(cmd *c, const topics *all, rk_str name)
{
    rk_suggestion suggestion = rk_suggest(name);
    uint32_t found = 0;
    for (uint32_t i = 0; i < all->items.len; i++) {
        const topic *const t = &all->items.items[i];
        rk_suggest_offer(&suggestion, t->name);
        if (!rk_str_eq(t->name, name) && !is_group(t, name))
            continue;
        rk_buf_add_chars(&c->out.buf, found++ ? "\n" : "");
        t->print(t, &c->out.buf);
    }
    if (found)
        return RK_OK;
    if (rk_diag_code_find(name) != RK_CODE_NONE)
        return cmd_usage(c, "`rankc explain %.*s` tells about diagnostics", RK_STR_ARG(name));
    const char *const mean = cmd_mean(c, &suggestion, "");
    return cmd_usage(c, "nothing is called `%.*s`%s", RK_STR_ARG(name),
                     *mean ? mean : "; `rankc help` lists all names");
}

rk_status cmd_run_help(cmd *c)
{
    topics all = {.arena = &c->arena};
    rk_status status = add_all(&all);
    if (status == RK_OK && !c->files.len)
        print_index(&all, &c->out.buf);
    for (uint32_t i = 0; i < c->files.len && status == RK_OK; i++) {
        rk_buf_add_chars(&c->out.buf, i ? "\n" : "");
        status = print_topics(c, &all, rk_str_from(c->files.items[i]));
    }
    rk_compiled_free(&all.prelude);
    return status;
}
