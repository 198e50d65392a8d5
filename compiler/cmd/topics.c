#include "compiler/cmd/topics.h"

#include "runtime/metric/metric.h"
#include "runtime/model/kinds.h"
#include "runtime/stage/stage.h"
#include "stdlib/families.h"

typedef struct builder {
    cmd_topics *all;
    rk_arena *arena;
    rk_buf text; /* what a topic is written in before it is copied */
    bool no_memory;
} builder;

/* ---- all topics, a function a registry ---- */

/* What was written since the last call. */
static rk_str take(builder *b)
{
    const char *const copy = rk_arena_copy(b->arena, b->text.data, b->text.len);
    const rk_str taken = {copy, copy ? b->text.len : 0};
    b->no_memory |= !copy;
    b->text.len = 0;
    return taken;
}

static void add(builder *b, cmd_topic topic)
{
    topic.note = topic.note ? topic.note : "";
    if (!rk_vec_push(b->arena, &b->all->items, topic))
        b->no_memory = true;
}

static rk_str take_example(builder *b, const char *example, const char *result)
{
    rk_buf_printf(&b->text, "%s%s%s\n", example, result ? " => " : "", result ? result : "");
    return take(b);
}

static void add_command(builder *b, const cmd_row *row)
{
    rk_buf_printf(&b->text, "rankc %s [OPTIONS] %s\n", row->name, row->args);
    add(b, (cmd_topic){.kind = CMD_TOPIC_COMMAND,
                       .name = rk_str_from(row->name),
                       .group = "commands",
                       .signature = take(b),
                       .doc = rk_str_from(row->doc)});
}

static void add_function(builder *b, const char *group, const rk_fn *first)
{
    const char *note = "";
    for (uint32_t i = rk_fn_index(first); i < rk_fn_count(); i++) {
        const rk_fn *const fn = rk_fn_at(i);
        if (strcmp(fn->name, first->name) != 0)
            break;
        rk_buf_printf(&b->text, "%s%s\n", fn->name, fn->sig);
    }
    const rk_str signature = take(b);
    if (first->flags & RK_FN_CHAIN)
        note = "Takes more arguments too: f(a, b, c) is f(f(a, b), c).";
    if (first->flags & RK_FN_VARIADIC)
        note = "The last argument may be left out, or given several times.";
    add(b, (cmd_topic){.kind = CMD_TOPIC_FUNCTION,
                       .name = rk_str_from(first->name),
                       .group = group,
                       .signature = signature,
                       .doc = rk_str_from(first->doc),
                       .note = note,
                       .example = take_example(b, first->example, first->result)});
}

static void add_family(builder *b, const char *group, const rk_fn_family *family)
{
    for (uint32_t i = 0; i < family->n; i++)
        if (family->rows[i].doc) /* the first of its overloads */
            add_function(b, group, &family->rows[i]);
}

/* The prose of a def's doc; its lines `:example expression => result` are written to the text. */
static rk_str split_doc(builder *b, rk_str doc)
{
    static const char mark[] = ":example ";
    const size_t mark_len = sizeof mark - 1;
    size_t prose = doc.len;
    for (size_t at = 0; at < doc.len;) {
        const char *const newline = memchr(doc.data + at, '\n', doc.len - at);
        const size_t end = newline ? (size_t)(newline - doc.data) : doc.len;
        if (end - at > mark_len && memcmp(doc.data + at, mark, mark_len) == 0) {
            prose = prose < at ? prose : at;
            rk_buf_printf(&b->text, "%.*s\n", (int)(end - at - mark_len), doc.data + at + mark_len);
        }
        at = end + 1;
    }
    while (prose > 0 && doc.data[prose - 1] == '\n')
        prose--;
    return (rk_str){doc.data, prose};
}

static void add_def(builder *b, const rk_atoms *names, const rk_decl *decl)
{
    const rk_str name = rk_atom_str(names, decl->name);
    rk_buf_add(&b->text, name);
    const rk_str kept = take(b); /* the prelude is freed */
    rk_buf_printf(&b->text, "%.*s(", RK_STR_ARG(name));
    for (uint32_t i = 0; i < decl->n_params; i++)
        rk_buf_printf(&b->text, "%s%.*s", i ? ", " : "",
                      RK_STR_ARG(rk_atom_str(names, decl->params[i].name)));
    rk_buf_add_chars(&b->text, ")\n");
    const rk_str signature = take(b);
    const rk_str prose = split_doc(b, decl->doc), example = take(b);
    rk_buf_add(&b->text, prose);
    add(b, (cmd_topic){.kind = CMD_TOPIC_DEF,
                       .name = kept,
                       .group = "defined in Rank",
                       .signature = signature,
                       .doc = take(b),
                       .example = example});
}

static rk_status add_defs(builder *b)
{
    rk_compiled prelude;
    const rk_status status = rk_compiled_init(&prelude);
    const rk_ast_file *const file = status == RK_OK ? prelude.files.items[0] : NULL;
    for (uint32_t i = 0; file && i < file->decls.len; i++)
        if (file->decls.items[i]->kind == RK_DECL_DEF)
            add_def(b, &prelude.cx.names, file->decls.items[i]);
    rk_compiled_free(&prelude);
    return status;
}

static void add_values(builder *b, unsigned values)
{
    static const char *const words[] = {"number", "bool", "string"};
    bool first = true;
    for (unsigned i = 0; i < RK_ARRAY_LEN(words); i++)
        if (values >> i & 1) {
            rk_buf_printf(&b->text, "%s%s", first ? "" : " or ", words[i]);
            first = false;
        }
}

static void add_fold(builder *b, const rk_fold_fn *fold)
{
    const bool bare = fold->values & RK_VALUES_NONE, one = fold->kind == RK_FOLD_AGGREGATE;
    rk_buf_printf(&b->text, "%s(%sx: ", fold->name, bare ? "[" : "");
    add_values(b, fold->values);
    rk_buf_add_chars(&b->text, bare ? "]" : "");
    if (fold->param)
        rk_buf_printf(&b->text, fold->param_required ? ", %s" : "[, %s:]", fold->param);
    rk_buf_add_chars(&b->text, CMD_TOPIC_FOLD_ARGS ")\n");
    const rk_str signature = take(b);
    add(b, (cmd_topic){.kind = one ? CMD_TOPIC_AGGREGATE : CMD_TOPIC_LISTWISE,
                       .name = rk_str_from(fold->name),
                       .group = one ? "aggregates" : "list-wise functions",
                       .signature = signature,
                       .doc = rk_str_from(fold->doc),
                       .note = one ? "Over the items of the request: one value, or with `by:` one "
                                     "a group."
                                   : "Over the items of the request: one value an item.",
                       .example = take_example(b, fold->example, fold->result_text)});
}

static void add_stage(builder *b, const rk_stage *stage)
{
    rk_buf_printf(&b->text, "%s%s%s\n", stage->kind == RK_STAGE_SELECT ? "… | " : "", stage->name,
                  strcmp(stage->args, "()") == 0 ? "" : stage->args);
    const rk_str signature = take(b);
    add(b, (cmd_topic){.kind = CMD_TOPIC_STAGE,
                       .name = rk_str_from(stage->name),
                       .group = "stages",
                       .signature = signature,
                       .doc = rk_str_from(stage->doc),
                       .example = take_example(b, stage->example, NULL)});
}

static void add_source(builder *b, const rk_source_ops *source)
{
    const bool more = source->sig[0] == '(' && source->sig[1] != ')';
    rk_buf_printf(&b->text, "%s(\"path\"%s%s\n", source->name, more ? ", " : "", source->sig + 1);
    const rk_str signature = take(b);
    add(b, (cmd_topic){.kind = CMD_TOPIC_SOURCE,
                       .name = rk_str_from(source->name),
                       .group = "sources",
                       .signature = signature,
                       .doc = rk_str_from(source->doc),
                       .note = "With `absent: \"drop\"` items without a row are left out.",
                       .example = take_example(b, source->example, NULL)});
}

static void add_model(builder *b, const rk_model_kind *kind)
{
    const bool more = kind->sig[0] == '(' && kind->sig[1] != ')';
    rk_buf_printf(&b->text, "%s(\"path\"%s%s\n", kind->name, more ? ", " : "", kind->sig + 1);
    const rk_str signature = take(b);
    add(b, (cmd_topic){.kind = CMD_TOPIC_MODEL,
                       .name = rk_str_from(kind->name),
                       .group = "models",
                       .signature = signature,
                       .doc = rk_str_from(kind->doc),
                       .example = take_example(b, kind->example, NULL)});
}

static void add_index(builder *b, const rk_index_kind_row *kind)
{
    rk_buf_printf(&b->text, "%s(vector, %s\n", kind->name, kind->sig + 1);
    const rk_str signature = take(b);
    add(b, (cmd_topic){.kind = CMD_TOPIC_INDEX,
                       .name = rk_str_from(kind->name),
                       .group = "indexes",
                       .signature = signature,
                       .doc = rk_str_from(kind->doc),
                       .example = take_example(b, kind->example, NULL)});
}

static void add_requests(builder *b, const rk_request_ops *requests)
{
    rk_buf_printf(&b->text, "--requests: %s\n", requests->name);
    add(b, (cmd_topic){.kind = CMD_TOPIC_REQUESTS,
                       .name = rk_str_from(requests->name),
                       .group = "requests",
                       .signature = take(b),
                       .doc = rk_str_from(requests->doc)});
}

static void add_metric(builder *b, const rk_metric *metric)
{
    rk_buf_printf(&b->text, "%s%s\n", metric->name, metric->takes_k ? "[@K]" : "");
    const rk_str signature = take(b);
    rk_buf_printf(&b->text, "%s Source: %s.", metric->doc, metric->source);
    add(b, (cmd_topic){.kind = CMD_TOPIC_REQUESTS,
                       .name = rk_str_from(metric->name),
                       .group = "metrics",
                       .signature = signature,
                       .doc = take(b),
                       .note = "For `--metric` of `rankc metrics`."});
}

static rk_status add_all(builder *b)
{
    for (const cmd_row *row = cmd_rows; row->name; row++)
        add_command(b, row);
#define ADD_FAMILY(name) add_family(b, "functions: " #name, &rk_fn_family_##name);
    RK_FN_FAMILIES(ADD_FAMILY)
#undef ADD_FAMILY
    RK_TRY(add_defs(b));
    for (uint32_t i = 0; i < rk_fold_count(); i++)
        add_fold(b, rk_fold_at(i));
    for (const rk_stage *const *s = rk_stages; *s; s++)
        add_stage(b, *s);
    for (const rk_source_ops *const *s = rk_sources; *s; s++)
        add_source(b, *s);
    for (const rk_model_kind *kind = rk_model_kinds; kind->name; kind++)
        add_model(b, kind);
    for (const rk_index_kind_row *kind = rk_index_kinds; kind->name; kind++)
        add_index(b, kind);
    for (const rk_request_ops *const *s = rk_request_kinds; *s; s++)
        add_requests(b, *s);
    for (const rk_metric *metric = rk_metrics; metric->name; metric++)
        add_metric(b, metric);
    return b->no_memory || b->text.failed ? RK_ENOMEM : RK_OK;
}

rk_status cmd_topics_init(cmd_topics *all, rk_arena *arena)
{
    builder b = {.all = all, .arena = arena};
    *all = (cmd_topics){0};
    const rk_status status = add_all(&b);
    rk_buf_free(&b.text);
    return status;
}

/* ---- looking for them ---- */

const cmd_topic *cmd_topics_find(const cmd_topics *all, rk_str name)
{
    for (uint32_t i = 0; i < all->items.len; i++)
        if (rk_str_eq(all->items.items[i].name, name))
            return &all->items.items[i];
    return NULL;
}

static bool begins_so(const char *text, rk_str name)
{
    return strlen(text) >= name.len && memcmp(text, name.data, name.len) == 0 &&
           strchr(": ", text[name.len]) != NULL; /* the end of the text, too */
}

bool cmd_topic_in(const cmd_topic *topic, rk_str group)
{
    const char *const family = strchr(topic->group, ':');
    return group.len &&
           (begins_so(topic->group, group) || (family && begins_so(family + 2, group)));
}

bool cmd_topic_is(const cmd_topic *topic, rk_str name)
{
    return rk_str_eq(topic->name, name) || cmd_topic_in(topic, name);
}

rk_suggestion cmd_topics_suggest(const cmd_topics *all, rk_str name)
{
    rk_suggestion suggestion = rk_suggest(name);
    for (uint32_t i = 0; i < all->items.len; i++)
        rk_suggest_offer(&suggestion, all->items.items[i].name);
    return suggestion;
}

/* ---- text for people ---- */

rk_str cmd_topic_brief(const cmd_topic *topic)
{
    const rk_str doc = topic->doc;
    for (size_t i = 0; i < doc.len; i++)
        if (doc.data[i] == '\n' || (doc.data[i] == '.' && i + 1 < doc.len &&
                                    (doc.data[i + 1] == ' ' || doc.data[i + 1] == '\n')))
            return (rk_str){doc.data, i + (doc.data[i] == '.')};
    return doc;
}

void cmd_topic_print(const cmd_topic *topic, rk_buf *out)
{
    if (topic->kind == CMD_TOPIC_COMMAND) {
        cmd_print_usage(cmd_find(topic->name), out);
        return;
    }
    rk_buf_add(out, topic->signature);
    cmd_add_wrapped(out, topic->doc, 4);
    if (*topic->note)
        rk_buf_printf(out, "    %s\n", topic->note);
    for (size_t at = 0; at < topic->example.len;) {
        const char *const line = topic->example.data + at;
        const size_t len = strcspn(line, "\n");
        rk_buf_printf(out, "    %.*s\n", (int)len, line);
        at += len + 1;
    }
}

uint32_t cmd_topics_print(const cmd_topics *all, rk_str name, rk_buf *out)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < all->items.len; i++) {
        const cmd_topic *const topic = &all->items.items[i];
        if (!cmd_topic_is(topic, name))
            continue;
        rk_buf_add_chars(out, found++ ? "\n" : "");
        cmd_topic_print(topic, out);
    }
    return found;
}

void cmd_topics_print_index(const cmd_topics *all, rk_buf *out)
{
    const char *group = "";
    for (uint32_t i = 0; i < all->items.len; i++) {
        const cmd_topic *const topic = &all->items.items[i];
        if (strcmp(group, topic->group) != 0)
            rk_buf_printf(out, "%s%s\n", i ? "\n" : "", topic->group);
        group = topic->group;
        rk_buf_printf(out, "  %-15.*s %.*s\n", RK_STR_ARG(topic->name),
                      RK_STR_ARG(cmd_topic_brief(topic)));
    }
}
