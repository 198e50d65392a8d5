/* What a word at the cursor may become, by where it stands. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiler/cmd/repl.h"
#include "compiler/cmd/table.h"

typedef struct finder {
    repl *r;
    rk_arena *arena;
    repl_matches *out;
    rk_str word;
    bool no_memory;
} finder;

static bool begins_with(rk_str text, rk_str start)
{
    return text.len >= start.len &&
           (start.len == 0 || memcmp(text.data, start.data, start.len) == 0);
}

/* `text` and what follows it, with a few words about it. */
static void offer(finder *f, rk_str text, const char *end, const char *about)
{
    rk_buf whole = {0};
    if (!begins_with(text, f->word) || !text.len)
        return;
    rk_buf_add(&whole, text);
    rk_buf_add_chars(&whole, end);
    const char *const kept = whole.failed ? NULL : rk_arena_copy(f->arena, whole.data, whole.len);
    const char *const told = rk_arena_copy(f->arena, about, strlen(about));
    const repl_match match = {{kept, whole.len}, rk_str_from(told)};
    f->no_memory |= !kept || !told || !rk_vec_push(f->arena, &f->out->items, match);
    rk_buf_free(&whole);
}

/* ---- names of the program ---- */

static const char *kind_of(const rk_named *named)
{
    const bool field = named->kind == RK_NAMED_QUERY_FIELD || named->kind == RK_NAMED_ITEM_FIELD ||
                       named->kind == RK_NAMED_SOURCE_FIELD;
    return field ? "field" : rk_named_kind_text(named->kind);
}

static bool has_value(const rk_named *named)
{
    return named->kind == RK_NAMED_FACTOR || strcmp(kind_of(named), "field") == 0;
}

static void offer_named(finder *f, const rk_named *named, bool member)
{
    char about[96];
    const char *const type = has_value(named) ? rk_type_text(named->type).text : "";
    snprintf(about, sizeof about, "%s%s%s", kind_of(named), *type ? " " : "", type);
    offer(f, member ? named->long_name : named->name, named->kind == RK_NAMED_DEF ? "(" : "",
          about);
}

/* Those of some kinds (0: all), by their long names where the word has a point. */
static void offer_program(finder *f, unsigned kinds)
{
    const rk_outline *const outline = &rk_session_module(f->r->session)->outline;
    const bool member = f->word.len && memchr(f->word.data, '.', f->word.len);
    for (uint32_t i = 0; i < outline->items.len; i++) {
        const rk_named *const named = &outline->items.items[i];
        if (!kinds || kinds >> named->kind & 1)
            offer_named(f, named, member);
    }
}

/* `l1.rank`, `l1.score` of labels. */
static void offer_label_fields(finder *f)
{
    const rk_outline *const outline = &rk_session_module(f->r->session)->outline;
    for (uint32_t i = 0; i < outline->items.len; i++) {
        const rk_named *const named = &outline->items.items[i];
        char text[256];
        if (named->kind != RK_NAMED_LABEL)
            continue;
        snprintf(text, sizeof text, "%.*s.rank", RK_STR_ARG(named->name));
        offer(f, rk_str_from(text), "", "label int?");
        snprintf(text, sizeof text, "%.*s.score", RK_STR_ARG(named->name));
        offer(f, rk_str_from(text), "", "label float?");
    }
}

/* ---- names of the language ---- */

static void offer_topics(finder *f, bool stages_alone)
{
    static const char *const kinds[] = {
        [CMD_TOPIC_FUNCTION] = "function",   [CMD_TOPIC_DEF] = "function",
        [CMD_TOPIC_AGGREGATE] = "function",  [CMD_TOPIC_LISTWISE] = "function",
        [CMD_TOPIC_STAGE] = "stage",         [CMD_TOPIC_SOURCE] = "kind of source",
        [CMD_TOPIC_MODEL] = "kind of model", [CMD_TOPIC_INDEX] = "kind of index"};
    for (uint32_t i = 0; i < f->r->topics.items.len; i++) {
        const cmd_topic *const topic = &f->r->topics.items.items[i];
        if (topic->kind == CMD_TOPIC_COMMAND || topic->kind == CMD_TOPIC_REQUESTS ||
            (stages_alone && topic->kind != CMD_TOPIC_STAGE))
            continue;
        const bool bare = topic->kind == CMD_TOPIC_STAGE && topic->signature.len &&
                          !memchr(topic->signature.data, '(', topic->signature.len);
        offer(f, topic->name, bare ? "" : "(", kinds[topic->kind]);
    }
}

static void offer_words(finder *f, const char *words, const char *about)
{
    while (*words) {
        const size_t len = strcspn(words, " ");
        offer(f, (rk_str){words, len}, "", about);
        words += len + (words[len] == ' ');
    }
}

/* ---- files ---- */

static void offer_files(finder *f)
{
    const char *const slash = f->word.len ? memrchr(f->word.data, '/', f->word.len) : NULL;
    const size_t folder_len = slash ? (size_t)(slash - f->word.data) + 1 : 0;
    const char *const folder = folder_len ? rk_arena_copy(f->arena, f->word.data, folder_len) : ".";
    DIR *const dir = folder ? opendir(folder) : NULL;
    const struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        const char *const name = entry->d_name;
        rk_buf path = {0};
        if (name[0] == '.' && (f->word.len == folder_len || f->word.data[folder_len] != '.'))
            continue;
        rk_buf_add(&path, (rk_str){f->word.data, folder_len});
        rk_buf_add_chars(&path, name);
        if (!path.failed)
            offer(f, rk_buf_str(&path), entry->d_type == DT_DIR ? "/" : "",
                  entry->d_type == DT_DIR ? "folder" : "file");
        rk_buf_free(&path);
    }
    if (dir)
        closedir(dir);
}

/* ---- where the word stands ---- */

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || (unsigned char)c >= 0x80;
}

/* Whether the end of a text is inside of quotes; *start is where they open. */
static bool in_string(rk_str text, size_t *start)
{
    bool inside = false;
    for (size_t i = 0; i < text.len; i++) {
        if (inside && text.data[i] == '\\')
            i++;
        else if (text.data[i] == '"') {
            inside = !inside;
            *start = i + 1;
        } else if (!inside && text.data[i] == '#')
            while (i + 1 < text.len && text.data[i + 1] != '\n')
                i++;
    }
    return inside;
}

static bool ends_with(rk_str text, const char *end)
{
    const size_t len = strlen(end);
    return text.len >= len && memcmp(text.data + text.len - len, end, len) == 0;
}

static void set_word(finder *f, rk_str text, size_t start)
{
    f->out->start = start;
    f->word = (rk_str){text.data + start, text.len - start};
}

static void complete_expression(finder *f, rk_str text)
{
    size_t start = text.len, quote = 0;
    if (in_string(text, &quote)) {
        set_word(f, text, quote);
        offer_files(f);
        return;
    }
    while (start > 0 && is_name_byte(text.data[start - 1]))
        start--;
    set_word(f, text, start);
    const rk_str before = repl_trim((rk_str){text.data, start});
    const bool member = f->word.len && memchr(f->word.data, '.', f->word.len);
    if (ends_with(before, "over:")) {
        offer_program(f, 1u << RK_NAMED_LABEL);
        offer_words(f, "recall", "the domain");
        return;
    }
    if (ends_with(before, "|")) {
        offer_topics(f, true);
        offer_program(f, 1u << RK_NAMED_DEF);
        return;
    }
    offer_program(f, 0);
    if (member)
        offer_label_fields(f);
    if (member || !f->word.len)
        return;
    offer_topics(f, false);
    offer_words(f, "if then else and or not in true false missing inf", "word");
    if (!before.len)
        offer_words(f,
                    "import query item source factor def model index pipeline revision test "
                    "given expect",
                    "declaration");
}

static void complete_argument(finder *f, rk_str text, const repl_command *row)
{
    size_t start = text.len;
    while (start > 0 && text.data[start - 1] != ' ')
        start--;
    set_word(f, text, start);
    switch (row->argument) {
    case REPL_ARG_NAME:
        offer_program(f, 0);
        break;
    case REPL_ARG_TOPIC:
        offer_program(f, 0);
        for (uint32_t i = 0; i < f->r->topics.items.len; i++)
            if (f->r->topics.items.items[i].kind != CMD_TOPIC_COMMAND)
                offer(f, f->r->topics.items.items[i].name, "", f->r->topics.items.items[i].group);
        break;
    case REPL_ARG_KIND:
        offer_words(f, repl_kinds, "kind");
        break;
    case REPL_ARG_FILE:
        offer_files(f);
        break;
    case REPL_ARG_REVISION:
        offer_program(f, 1u << RK_NAMED_REVISION);
        break;
    case REPL_ARG_PIPELINE:
        offer_program(f, 1u << RK_NAMED_PIPELINE);
        break;
    case REPL_ARG_ENGINE:
        offer_words(f, repl_engines, "engine");
        break;
    case REPL_ARG_SWITCH:
        offer_words(f, repl_switches, "");
        break;
    default:
        break;
    }
}

static void complete_command(finder *f, rk_str text)
{
    const size_t colon = (size_t)((const char *)memchr(text.data, ':', text.len) - text.data);
    const char *const space = memchr(text.data + colon, ' ', text.len - colon);
    if (!space) {
        set_word(f, text, colon + 1);
        for (const repl_command *row = repl_commands; row->name; row++)
            offer(f, rk_str_from(row->name), *row->args ? " " : "", row->doc);
        return;
    }
    const size_t name_len = (size_t)(space - text.data) - colon - 1;
    const repl_command *const row = repl_command_find((rk_str){text.data + colon + 1, name_len});
    if (!row)
        return;
    const char *const second = memchr(space + 1, ' ', text.len - (size_t)(space + 1 - text.data));
    if (row->argument == REPL_ARG_STAGE && !second) {
        set_word(f, text, (size_t)(space + 1 - text.data));
        offer_words(f, repl_dump_stages, "stage of the compiler");
    } else if (row->argument == REPL_ARG_EXPRESSION || row->argument == REPL_ARG_STAGE)
        complete_expression(f, text);
    else
        complete_argument(f, text, row);
}

/* ---- all of it ---- */

static int compare(const void *a, const void *b)
{
    const repl_match *const first = a, *const second = b;
    return rk_str_cmp(first->text, second->text);
}

static void settle(repl_matches *matches)
{
    uint32_t n = 0;
    if (!matches->items.len)
        return;
    qsort(matches->items.items, matches->items.len, sizeof *matches->items.items, compare);
    for (uint32_t i = 0; i < matches->items.len; i++)
        if (!n || !rk_str_eq(matches->items.items[i].text, matches->items.items[n - 1].text))
            matches->items.items[n++] = matches->items.items[i];
    matches->items.len = n;
    const rk_str first = matches->items.items[0].text, last = matches->items.items[n - 1].text;
    size_t shared = 0;
    while (shared < first.len && shared < last.len && first.data[shared] == last.data[shared])
        shared++;
    while (shared > 0 && shared < first.len && ((unsigned char)first.data[shared] & 0xc0) == 0x80)
        shared--; /* not within a letter */
    matches->shared = shared;
}

rk_status repl_complete(repl *r, rk_str text, rk_arena *arena, repl_matches *out)
{
    finder f = {.r = r, .arena = arena, .out = out};
    RK_TRY(repl_need_topics(r));
    *out = (repl_matches){.start = text.len};
    if (repl_is_command(text))
        complete_command(&f, text);
    else
        complete_expression(&f, text);
    settle(out);
    return f.no_memory ? RK_ENOMEM : RK_OK;
}

void repl_matches_print(const repl_matches *matches, const cmd_screen *screen, rk_buf *out)
{
    enum { LEAST = 10 };
    const uint32_t room = screen->height > LEAST + 4 ? screen->height - 4 : LEAST;
    const uint32_t n = matches->items.len > room + 1 ? room : matches->items.len;
    rk_arena arena;
    cmd_column columns[2] = {{.widest = screen->width / 2}, {.right = false}};
    bool fine = true;
    rk_arena_init(&arena);
    for (uint32_t i = 0; i < n && fine; i++)
        fine = cmd_column_add(&columns[0], &arena, matches->items.items[i].text);
    columns[1].widest = screen->width - columns[0].width - 3;
    for (uint32_t i = 0; i < n && fine; i++)
        fine = cmd_column_add(&columns[1], &arena, matches->items.items[i].about);
    for (uint32_t i = 0; i < n && fine; i++)
        cmd_columns_print(columns, 2, i, out);
    if (n < matches->items.len)
        rk_buf_printf(out, "%s %u more\n", screen->unicode ? "…" : "...", matches->items.len - n);
    cmd_columns_free(columns, 2);
    rk_arena_free(&arena);
}
