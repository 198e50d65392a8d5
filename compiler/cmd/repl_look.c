/* Commands that look at the program: what there is, how it hangs together, what it means. */
#include "compiler/cmd/repl.h"
#include "compiler/cmd/table.h"

/* ---- names ---- */

static const rk_outline *outline_of(const repl *r)
{
    return &rk_session_module(r->session)->outline;
}

static rk_status unknown(repl *r, rk_str name)
{
    const rk_outline *const outline = outline_of(r);
    RK_TRY(repl_need_topics(r));
    if (cmd_topics_find(&r->topics, name))
        return repl_say(r, "`%.*s` is part of the language: :help %.*s tells about it",
                        RK_STR_ARG(name), RK_STR_ARG(name));
    rk_suggestion suggestion = rk_suggest(name);
    for (uint32_t i = 0; i < outline->items.len; i++) {
        rk_suggest_offer(&suggestion, outline->items.items[i].name);
        rk_suggest_offer(&suggestion, outline->items.items[i].long_name);
    }
    return repl_say(r, "the program has no `%.*s`%s", RK_STR_ARG(name),
                    cmd_mean(r->c, &suggestion, ""));
}

/* How many things have this short name, and the last of them. */
static uint32_t count_short(const rk_outline *outline, rk_str name, uint32_t *last)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < outline->items.len; i++)
        if (rk_str_eq(outline->items.items[i].name, name)) {
            *last = i;
            n++;
        }
    return n;
}

static rk_status find(repl *r, rk_str name, uint32_t *out)
{
    const rk_outline *const outline = outline_of(r);
    *out = rk_outline_find(outline, name);
    if (*out != RK_MAP_NONE)
        return RK_OK;
    const uint32_t n = count_short(outline, name, out);
    if (n > 1)
        return repl_say(r, "several things are called `%.*s`, `%.*s` is one of them",
                        RK_STR_ARG(name), RK_STR_ARG(outline->items.items[*out].long_name));
    return n ? RK_OK : unknown(r, name);
}

static bool has_value(const rk_named *named)
{
    return named->type.kind != RK_KIND_NONE && named->type.kind != RK_KIND_CANDIDATES &&
           named->type.kind != RK_KIND_ROW && !named->broken;
}

/* `price` where that is enough to call it by. */
static rk_str shown_name(const rk_outline *outline, const rk_named *named)
{
    uint32_t last;
    return count_short(outline, named->name, &last) == 1 ? named->name : named->long_name;
}

static rk_str first_sentence(rk_str doc) { return cmd_topic_brief(&(cmd_topic){.doc = doc}); }

/* ---- lists of things ---- */

typedef struct listing {
    repl *r;
    rk_arena arena;
    RK_VEC(const rk_named *) items;
    cmd_column columns[3]; /* name, what, doc */
    rk_buf cell;
    bool failed;
} listing;

static void begin_list(listing *list, repl *r)
{
    *list = (listing){.r = r};
    rk_arena_init(&list->arena);
}

static void add_thing(listing *list, const rk_named *named)
{
    list->failed |= !rk_vec_push(&list->arena, &list->items, named);
}

static void print_line(const listing *list, const rk_named *named, rk_buf *out)
{
    static const char *const scopes[] = {"const", "query", "item"};
    rk_buf_printf(out, "%.*s\t%s", RK_STR_ARG(shown_name(outline_of(list->r), named)),
                  rk_named_kind_text(named->kind));
    if (has_value(named)) {
        rk_buf_add_char(out, '\t');
        rk_type_print(named->type, out);
        rk_buf_printf(out, "\t%s", scopes[named->scope]);
    }
    rk_buf_add_char(out, '\n');
}

static void add_cell(listing *list, uint32_t column, const rk_named *named)
{
    rk_buf *const cell = &list->cell;
    cell->len = 0;
    if (column == 0)
        rk_buf_add(cell, shown_name(outline_of(list->r), named));
    else if (column == 2)
        rk_buf_add(cell, first_sentence(named->doc));
    else {
        rk_buf_add_chars(cell, rk_named_kind_text(named->kind));
        rk_buf_add_chars(cell, has_value(named) ? " " : "");
        if (has_value(named))
            cmd_add_type_and_scope(named->type, named->scope, cell);
    }
    list->failed |=
        cell->failed || !cmd_column_add(&list->columns[column], &list->arena, rk_buf_str(cell));
}

/* Each column has the room that those before it leave, and docs have none where that is little. */
static void print_columns(listing *list, rk_buf *out)
{
    enum { DOC_LEAST = 16, LEAST = 6 };
    size_t room = list->r->screen.width - 1;
    uint32_t n = 0;
    while (n < 3 && !list->failed && (n < 2 || room > DOC_LEAST)) {
        cmd_column *const column = &list->columns[n];
        column->widest = n == 0 ? room / 2 : room > LEAST ? room : LEAST;
        for (uint32_t i = 0; i < list->items.len && !list->failed; i++)
            add_cell(list, n, list->items.items[i]);
        room -= column->width + 2 < room ? column->width + 2 : room;
        n++;
    }
    for (uint32_t i = 0; i < list->items.len && !list->failed; i++)
        cmd_columns_print(list->columns, n, i, out);
}

static void end_list(listing *list)
{
    rk_buf *const out = &list->r->c->out.buf;
    if (list->r->screen.terminal)
        print_columns(list, out);
    else
        for (uint32_t i = 0; i < list->items.len; i++)
            print_line(list, list->items.items[i], out);
    out->failed |= list->failed;
    cmd_columns_free(list->columns, 3);
    rk_buf_free(&list->cell);
    rk_arena_free(&list->arena);
}

/* ---- :list ---- */

#define KIND(name) (1u << RK_NAMED_##name)

static const struct {
    const char *word;
    unsigned kinds;
} kinds[] = {
    {"fields", KIND(QUERY_FIELD) | KIND(ITEM_FIELD) | KIND(SOURCE_FIELD)},
    {"factors", KIND(FACTOR)},
    {"defs", KIND(DEF)},
    {"sources", KIND(SOURCE)},
    {"models", KIND(MODEL)},
    {"indexes", KIND(INDEX)},
    {"pipelines", KIND(PIPELINE)},
    {"labels", KIND(LABEL)},
    {"revisions", KIND(REVISION)},
};

const char repl_kinds[] =
    "fields factors defs sources models indexes pipelines labels revisions typed";

/* The kinds that a word means, which may be its beginning; 0. */
static unsigned find_kinds(rk_str word)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(kinds) && word.len; i++)
        if (strlen(kinds[i].word) >= word.len && memcmp(kinds[i].word, word.data, word.len) == 0)
            return kinds[i].kinds;
    return word.len ? 0 : ~0u;
}

static rk_status list_typed(repl *r)
{
    rk_buf *const out = &r->c->out.buf;
    const size_t before = out->len;
    rk_session_print(r->session, out);
    if (out->len == before)
        repl_remark(r, "nothing was declared here yet");
    return RK_OK;
}

rk_status repl_do_list(repl *r, rk_str kind)
{
    const rk_outline *const outline = outline_of(r);
    const unsigned wanted = find_kinds(kind);
    listing list;
    if (rk_str_eq(kind, RK_STR("typed")))
        return list_typed(r);
    if (!wanted) {
        rk_suggestion suggestion = rk_suggest(kind);
        cmd_offer_words(&suggestion, repl_kinds);
        return repl_say(r, "there is no kind `%.*s`%s: it is one of %s", RK_STR_ARG(kind),
                        cmd_mean(r->c, &suggestion, ""), repl_kinds);
    }
    begin_list(&list, r);
    for (uint32_t i = 0; i < outline->items.len; i++)
        if (wanted >> outline->items.items[i].kind & 1)
            add_thing(&list, &outline->items.items[i]);
    if (!list.items.len)
        repl_remark(r, kind.len ? "the program has none" : "the program is empty");
    end_list(&list);
    return RK_OK;
}

/* ---- :deps, :users ---- */

static rk_status list_linked(repl *r, rk_str name, bool users)
{
    const rk_outline *const outline = outline_of(r);
    uint32_t at, n;
    listing list;
    RK_TRY(find(r, name, &at));
    const uint32_t *const linked = (users ? rk_outline_users : rk_outline_reads)(outline, at, &n);
    if (!n) {
        repl_remark(r, users ? "nothing needs it" : "it needs nothing");
        return RK_OK;
    }
    begin_list(&list, r);
    uint8_t *const all =
        (users ? rk_outline_all_users : rk_outline_all_reads)(outline, &list.arena, at);
    for (uint32_t i = 0; i < n; i++) {
        add_thing(&list, &outline->items.items[linked[i]]);
        if (all)
            all[linked[i]] = 0;
    }
    if (all)
        all[at] = 0;
    rk_buf rest = {0};
    for (uint32_t i = 0; all && i < outline->items.len; i++)
        if (all[i])
            rk_buf_printf(&rest, "%s%.*s", rest.len ? ", " : "",
                          RK_STR_ARG(shown_name(outline, &outline->items.items[i])));
    end_list(&list);
    r->c->out.buf.failed |= rest.failed;
    if (rest.len)
        repl_remark(r, "and through %s: %.*s", n == 1 ? "this" : "these",
                    RK_STR_ARG(rk_buf_str(&rest)));
    rk_buf_free(&rest);
    return all ? RK_OK : RK_ENOMEM;
}

rk_status repl_do_deps(repl *r, rk_str name) { return list_linked(r, name, false); }
rk_status repl_do_users(repl *r, rk_str name) { return list_linked(r, name, true); }

/* ---- :show, :type ---- */

/* Line by line, since newlines are control characters too. */
static void add_text(rk_str text, const char *indent, rk_buf *out)
{
    while (text.len) {
        const char *const newline = memchr(text.data, '\n', text.len);
        const size_t len = newline ? (size_t)(newline - text.data) : text.len;
        rk_buf_add_chars(out, indent);
        cmd_add_plain(out, (rk_str){text.data, len});
        rk_buf_add_char(out, '\n');
        text = (rk_str){text.data + len + (newline != NULL), text.len - len - (newline != NULL)};
    }
}

/* The text that a span of the module points to. */
static rk_str text_at(const repl *r, rk_span span)
{
    const rk_texts *const texts = &rk_session_module(r->session)->cx->texts;
    if (span.file >= texts->items.len)
        return (rk_str){0};
    const rk_str text = texts->items.items[span.file].text;
    return span.at + span.len <= text.len ? (rk_str){text.data + span.at, span.len} : (rk_str){0};
}

/* Declarations as they stand; of fields and labels, what they are part of is left out. */
static rk_str declaration_of(const repl *r, const rk_named *named)
{
    const bool part = named->kind == RK_NAMED_QUERY_FIELD || named->kind == RK_NAMED_ITEM_FIELD ||
                      named->kind == RK_NAMED_SOURCE_FIELD;
    if (named->kind == RK_NAMED_LABEL)
        return rk_session_source_of(r->session, outline_of(r)->items.items[named->owner].name);
    return part ? text_at(r, named->whole) : rk_session_source_of(r->session, named->name);
}

rk_status repl_do_show(repl *r, rk_str name)
{
    uint32_t at;
    RK_TRY(find(r, name, &at));
    add_text(declaration_of(r, &outline_of(r)->items.items[at]), "", &r->c->out.buf);
    return RK_OK;
}

rk_status repl_do_type(repl *r, rk_str expression)
{
    rk_buf *const out = &r->c->out.buf;
    rk_answer answer;
    RK_TRY(repl_report(r, rk_session_plan(r->session, expression, &answer, NULL)));
    if (answer.kind == RK_ANSWER_RANKED)
        rk_buf_add_chars(out, "ranked list");
    else
        cmd_add_type_and_scope(answer.type, answer.scope, out);
    rk_buf_add_char(out, '\n');
    return RK_OK;
}

/* ---- :help ---- */

/* Side by side where there is room for it. */
static bool print_commands(const cmd_screen *screen, rk_buf *out)
{
    enum { ROOMY = 76 };
    rk_arena arena;
    cmd_column columns[2] = {{.right = false}};
    bool fine = true;
    uint32_t n = 0;
    rk_arena_init(&arena);
    for (const repl_command *row = repl_commands; row->name && fine; row++, n++) {
        rk_buf words = {0};
        rk_buf_printf(&words, ":%s %s", row->name, row->args);
        fine = !words.failed && cmd_column_add(&columns[0], &arena, rk_buf_str(&words)) &&
               cmd_column_add(&columns[1], &arena, rk_str_from(row->doc));
        if (fine && screen->width < ROOMY) {
            rk_buf_printf(out, "%s\n", words.data);
            cmd_add_wrapped_to(out, rk_str_from(row->doc), 2, screen->width);
        }
        rk_buf_free(&words);
    }
    for (uint32_t i = 0; i < n && fine && screen->width >= ROOMY; i++)
        cmd_columns_print(columns, 2, i, out);
    cmd_columns_free(columns, 2);
    rk_arena_free(&arena);
    return fine;
}

static rk_status list_commands(repl *r)
{
    if (!print_commands(&r->screen, &r->c->out.buf))
        return RK_ENOMEM;
    repl_remark(r,
                "Everything else is an expression, a pipe, declarations, `given NAME = value` or "
                "`expect CONDITION`. Commands may be cut short: :q is :quit.");
    return RK_OK;
}

static uint32_t help_command(repl *r, rk_str name)
{
    const bool colon = name.len && name.data[0] == ':';
    const rk_str word = colon ? (rk_str){name.data + 1, name.len - 1} : name;
    const repl_command *const row = repl_command_find(word);
    if (!row || (!colon && !rk_str_eq(word, rk_str_from(row->name))))
        return 0;
    rk_buf_printf(&r->c->out.buf, ":%s %s\n    %s\n", row->name, row->args, row->doc);
    return 1;
}

static uint32_t help_named(repl *r, rk_str name)
{
    rk_buf *const out = &r->c->out.buf;
    const rk_outline *const outline = outline_of(r);
    const uint32_t at = rk_outline_find(outline, name);
    if (at == RK_MAP_NONE)
        return 0;
    const rk_named *const named = &outline->items.items[at];
    rk_buf_printf(out, "%s %.*s", rk_named_kind_text(named->kind), RK_STR_ARG(named->long_name));
    if (has_value(named)) {
        rk_buf_add_chars(out, ": ");
        cmd_add_type_and_scope(named->type, named->scope, out);
    }
    rk_buf_add_char(out, '\n');
    if (named->doc.len)
        cmd_add_wrapped_to(out, named->doc, 4, r->screen.width);
    if (named->kind == RK_NAMED_FACTOR || named->kind == RK_NAMED_DEF)
        repl_remark(r, ":show %.*s, :deps %.*s, :users %.*s tell more", RK_STR_ARG(name),
                    RK_STR_ARG(name), RK_STR_ARG(name));
    return 1;
}

static uint32_t help_topics(repl *r, rk_str name, uint32_t found)
{
    rk_buf *const out = &r->c->out.buf;
    for (uint32_t i = 0; i < r->topics.items.len; i++) {
        const cmd_topic *const topic = &r->topics.items.items[i];
        if (topic->kind == CMD_TOPIC_COMMAND || !rk_str_eq(topic->name, name))
            continue;
        rk_buf_add_chars(out, found++ ? "\n" : "");
        cmd_topic_print(topic, out);
    }
    return found;
}

/* A line for each of a group. */
static uint32_t help_group(repl *r, rk_str name)
{
    rk_arena arena;
    cmd_column columns[2] = {{.right = false}};
    uint32_t n = 0;
    bool fine = true;
    rk_arena_init(&arena);
    for (uint32_t pass = 0; pass < 2; pass++) {
        n = 0;
        columns[1].widest = r->screen.terminal && r->screen.width > columns[0].width + 3
                                ? r->screen.width - columns[0].width - 3
                                : 0;
        for (uint32_t i = 0; i < r->topics.items.len && fine; i++) {
            const cmd_topic *const topic = &r->topics.items.items[i];
            if (topic->kind == CMD_TOPIC_COMMAND || !cmd_topic_is(topic, name))
                continue;
            n++;
            fine =
                cmd_column_add(&columns[pass], &arena, pass ? cmd_topic_brief(topic) : topic->name);
        }
    }
    for (uint32_t i = 0; i < n && fine; i++)
        cmd_columns_print(columns, 2, i, &r->c->out.buf);
    r->c->out.buf.failed |= !fine;
    cmd_columns_free(columns, 2);
    rk_arena_free(&arena);
    return n;
}

rk_status repl_do_help(repl *r, rk_str name)
{
    if (!name.len)
        return list_commands(r);
    RK_TRY(repl_need_topics(r));
    uint32_t found = help_command(r, name);
    found += help_named(r, name);
    found = help_topics(r, name, found);
    if (!found)
        found = help_group(r, name);
    if (found)
        return RK_OK;
    rk_suggestion suggestion = cmd_topics_suggest(&r->topics, name);
    for (uint32_t i = 0; i < outline_of(r)->items.len; i++)
        rk_suggest_offer(&suggestion, outline_of(r)->items.items[i].name);
    const char *const mean = cmd_mean(r->c, &suggestion, "");
    return repl_say(r, "nothing is called `%.*s`%s", RK_STR_ARG(name),
                    *mean ? mean : "; :list and :help functions tell what there is");
}
