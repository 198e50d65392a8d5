/* Topics as Markdown: what the generated parts of grammar/LANGUAGE.md are made of. Signatures stand
 * on lines of their own, as tables have no room for the long ones. */
#include "compiler/cmd/topics.h"

/* ---- overloads ---- */

enum { LINES_MAX = 24 };

/* A word that stands for several types, the same one in the whole signature. */
typedef struct type_set {
    const char *name;
    const char *kinds[6]; /* ended by NULL */
} type_set;

static const type_set type_sets[] = {
    {"scalar", {"bool", "int", "float", "double", "string"}},
    {"number", {"int", "float", "double"}},
    {"real", {"float", "double"}},
};

typedef struct lines {
    rk_str items[LINES_MAX];
    bool used[LINES_MAX];
    uint32_t n;
} lines;

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static bool word_at(rk_str s, size_t at, const char *word)
{
    const size_t len = strlen(word);
    return s.len - at >= len && memcmp(s.data + at, word, len) == 0 &&
           (at == 0 || !is_word_char(s.data[at - 1])) &&
           (s.len - at == len || !is_word_char(s.data[at + len]));
}

/* Signature a with `name` where a has one type and b another; false if they differ otherwise. */
static bool merge(rk_str a, const char *a_kind, rk_str b, const char *b_kind, const char *name,
                  rk_buf *out)
{
    size_t i = 0, j = 0;
    bool differ = false;
    while (i < a.len && j < b.len) {
        if (word_at(a, i, a_kind) && word_at(b, j, b_kind)) {
            rk_buf_add_chars(out, name);
            i += strlen(a_kind);
            j += strlen(b_kind);
            differ = true;
        } else if (a.data[i] == b.data[j]) {
            rk_buf_add_char(out, a.data[i++]);
            j++;
        } else
            return false;
    }
    return differ && i == a.len && j == b.len;
}

/* The line that is line `first` of the set's first type in another type of it, merged to `want`, or
 * to anything where that is empty. */
static uint32_t find_other(const lines *all, uint32_t first, const type_set *set, uint32_t kind,
                           rk_buf *want)
{
    for (uint32_t i = 0; i < all->n; i++) {
        rk_buf merged = {0};
        const bool fits = !all->used[i] && i != first &&
                          merge(all->items[first], set->kinds[0], all->items[i], set->kinds[kind],
                                set->name, &merged) &&
                          (!want->len || rk_str_eq(rk_buf_str(want), rk_buf_str(&merged)));
        if (fits && !want->len)
            rk_buf_add(want, rk_buf_str(&merged));
        rk_buf_free(&merged);
        if (fits)
            return i;
    }
    return UINT32_MAX;
}

/* If the set covers lines, one of which is `first`, they become used, and `out` what they are. */
static bool cover(lines *all, uint32_t first, const type_set *set, rk_buf *out)
{
    uint32_t others[RK_ARRAY_LEN(set->kinds)], n = 0;
    out->len = 0;
    for (uint32_t kind = 1; set->kinds[kind]; kind++) {
        others[n] = find_other(all, first, set, kind, out);
        if (others[n++] == UINT32_MAX)
            return false;
    }
    for (uint32_t i = 0; i < n; i++)
        all->used[others[i]] = true;
    return true;
}

static void add_code(rk_buf *out, rk_str code) { rk_buf_printf(out, "`%.*s`", RK_STR_ARG(code)); }

static bool next_line(rk_str *text, rk_str *line)
{
    if (!text->len)
        return false;
    const char *const end = memchr(text->data, '\n', text->len);
    line->data = text->data;
    line->len = end ? (size_t)(end - text->data) : text->len;
    text->data += line->len + (end != NULL);
    text->len -= line->len + (end != NULL);
    return true;
}

static void add_line(rk_buf *out, rk_str line)
{
    const rk_str tail = RK_STR(CMD_TOPIC_FOLD_ARGS ")");
    if (line.len > tail.len && memcmp(line.data + line.len - tail.len, tail.data, tail.len) == 0)
        rk_buf_printf(out, "**`%.*s)`**\\\n  ", (int)(line.len - tail.len), line.data);
    else
        rk_buf_printf(out, "**`%.*s`**\\\n  ", RK_STR_ARG(line));
}

/* Larger sets first: what `scalar` covers is no `number` any more. */
static void add_signature(rk_buf *out, rk_str signature)
{
    lines all = {0};
    rk_buf merged[LINES_MAX] = {0};
    while (all.n < LINES_MAX && next_line(&signature, &all.items[all.n]))
        all.n++;
    for (uint32_t s = 0; s < RK_ARRAY_LEN(type_sets); s++)
        for (uint32_t i = 0; i < all.n; i++)
            if (!all.used[i] && cover(&all, i, &type_sets[s], &merged[i]))
                all.items[i] = rk_buf_str(&merged[i]);
    for (uint32_t i = 0; i < all.n; i++) {
        if (!all.used[i])
            add_line(out, all.items[i]);
        rk_buf_free(&merged[i]);
    }
}

/* ---- topics ---- */

/* `expression` → `result`, for each line. */
static void add_example(rk_buf *out, rk_str example)
{
    for (rk_str line; next_line(&example, &line);) {
        const char *const mark = memmem(line.data, line.len, " => ", 4);
        rk_buf_add_char(out, ' ');
        add_code(out, mark ? (rk_str){line.data, (size_t)(mark - line.data)} : line);
        if (mark) {
            rk_buf_add_chars(out, " → ");
            add_code(out, (rk_str){mark + 4, line.len - (size_t)(mark + 4 - line.data)});
        }
    }
}

static void add_topic(rk_buf *out, const cmd_topic *topic, bool notes)
{
    rk_buf_add_chars(out, "- ");
    add_signature(out, topic->signature);
    for (size_t i = 0; i < topic->doc.len; i++)
        rk_buf_add_char(out, topic->doc.data[i] == '\n' ? ' ' : topic->doc.data[i]);
    if (notes && *topic->note)
        rk_buf_printf(out, " %s", topic->note);
    if (!rk_str_eq(topic->example, topic->signature)) /* `candidates` */
        add_example(out, topic->example);
    rk_buf_add_char(out, '\n');
}

/* ---- groups ---- */

static bool same_group(const cmd_topic *a, const cmd_topic *b)
{
    return strcmp(a->group, b->group) == 0;
}

static bool same_note(const cmd_topic *topics, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        if (strcmp(topics[i].note, topics[0].note) != 0)
            return false;
    return true;
}

/* n topics that stand together. What holds for all of them stands above them. */
static void add_group(rk_buf *out, const cmd_topic *topics, uint32_t n)
{
    const bool shared = same_note(topics, n);
    if (shared && *topics[0].note)
        rk_buf_printf(out, "%s\n\n", topics[0].note);
    for (uint32_t i = 0; i < n; i++)
        add_topic(out, &topics[i], !shared);
}

static bool is_group(const cmd_topics *all, rk_str name)
{
    for (uint32_t i = 0; i < all->items.len; i++)
        if (cmd_topic_in(&all->items.items[i], name))
            return true;
    return false;
}

static bool is_asked(const cmd_topics *all, const cmd_topic *topic, const cmd_names *names)
{
    for (uint32_t i = 0; i < names->len; i++)
        if (is_group(all, names->items[i]) ? cmd_topic_in(topic, names->items[i])
                                           : rk_str_eq(topic->name, names->items[i]))
            return true;
    return names->len == 0;
}

/* The next topics of one group that are asked for, from *at on; false when there are no more. */
static bool next_group(const cmd_topics *all, const cmd_names *names, uint32_t *at, uint32_t *n)
{
    const cmd_topic *const items = all->items.items;
    *at += *n;
    *n = 0;
    while (*at < all->items.len && !is_asked(all, &items[*at], names))
        ++*at;
    while (*at + *n < all->items.len && same_group(&items[*at + *n], &items[*at]) &&
           is_asked(all, &items[*at + *n], names))
        ++*n;
    return *n > 0;
}

void cmd_topics_print_markdown(const cmd_topics *all, const cmd_names *names, rk_buf *out)
{
    uint32_t n_groups = 0, shown = 0;
    for (uint32_t at = 0, n = 0; next_group(all, names, &at, &n);)
        n_groups++;
    for (uint32_t at = 0, n = 0; next_group(all, names, &at, &n); shown++) {
        const cmd_topic *const first = &all->items.items[at];
        const char *const family = strchr(first->group, ':');
        rk_buf_add_chars(out, shown ? "\n" : "");
        if (n_groups > 1)
            rk_buf_printf(out, "### %s\n\n", family ? family + 2 : first->group);
        add_group(out, first, n);
    }
}
