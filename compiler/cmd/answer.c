#include "compiler/cmd/answer.h"

static bool is_one(const rk_answer *answer) { return answer->scope != RK_SCOPE_ITEM; }

void cmd_dim(const cmd_screen *screen, rk_buf *out)
{
    rk_buf_add_chars(out, screen->color ? "\033[2m" : "");
}

void cmd_plain(const cmd_screen *screen, rk_buf *out)
{
    rk_buf_add_chars(out, screen->color ? "\033[0m" : "");
}

/* ---- lines that tell about an answer: comments for programs, wrapped for people ---- */

void cmd_add_remark(const cmd_screen *screen, const rk_buf *text, rk_buf *out)
{
    out->failed |= text->failed;
    if (!screen->terminal) {
        rk_buf_printf(out, "# %.*s\n", RK_STR_ARG(rk_buf_str(text)));
        return;
    }
    cmd_dim(screen, out);
    cmd_add_wrapped_to(out, rk_buf_str(text), 0, screen->width);
    if (out->len && out->data[out->len - 1] == '\n')
        out->len--; /* the colour ends on the line that it is for */
    cmd_plain(screen, out);
    rk_buf_add_char(out, '\n');
}

void cmd_add_type_and_scope(rk_type type, rk_scope scope, rk_buf *out)
{
    static const char *const scopes[] = {"constant", "query scope", "item scope"};
    rk_type_print(type, out);
    rk_buf_printf(out, ", %s", scopes[scope]);
}

static void add_dropped(const rk_answer *answer, rk_buf *out)
{
    if (!answer->dropped)
        return;
    rk_buf_add_chars(out, ", ");
    answer_add_items(answer->dropped, out);
    rk_buf_add_chars(out, " dropped");
}

/* ---- one value ---- */

/* Elements of a list of which people see about three lines. */
static uint32_t most_elements(const cmd_screen *screen, rk_type type)
{
    return type.kind == RK_KIND_VECTOR || type.elem != RK_KIND_STRING ? screen->width / 3
                                                                      : screen->width / 5;
}

static void print_one(const rk_answer *answer, const cmd_screen *screen, rk_buf *out)
{
    rk_buf text = {0}, about = {0};
    const uint32_t most = screen->terminal ? most_elements(screen, answer->type) : UINT32_MAX;
    answer_add_value(rk_column_get(answer->values, 0), answer->strings, most, &text);
    cmd_add_type_and_scope(answer->type, answer->scope, &about);
    cmd_add_plain(out, rk_buf_str(&text));
    const size_t width = cmd_width(rk_buf_str(&text)) + 3 + cmd_width(rk_buf_str(&about));
    cmd_dim(screen, out);
    rk_buf_add_chars(out, !screen->terminal ? "  # " : width < screen->width ? "   " : "\n");
    rk_buf_add(out, rk_buf_str(&about));
    cmd_plain(screen, out);
    rk_buf_add_char(out, '\n');
    out->failed |= text.failed || about.failed;
    rk_buf_free(&text);
    rk_buf_free(&about);
}

/* ---- lists ---- */

static void add_field(rk_value value, const rk_atoms *strings, bool quoted, rk_buf *out)
{
    if (quoted)
        answer_add_value(value, strings, UINT32_MAX, out);
    else {
        rk_buf text = {0};
        rk_value_print(value, strings, &text);
        cmd_add_plain(out, rk_buf_str(&text));
        out->failed |= text.failed;
        rk_buf_free(&text);
    }
}

static void print_rows(const rk_answer *answer, rk_buf *out)
{
    for (uint32_t i = 0; i < answer->n; i++) {
        add_field(rk_column_get(answer->ids, i), answer->strings, false, out);
        rk_buf_add_char(out, '\t');
        add_field(rk_column_get(answer->values, i), answer->strings, true, out);
        rk_buf_add_char(out, '\n');
    }
}

static void print_items(const rk_answer *answer, const cmd_screen *screen, rk_buf *out)
{
    answer_stats stats;
    rk_buf about = {0};
    answer_stats_of(answer->values, &stats);
    if (screen->terminal)
        answer_print_table(answer, &stats, screen, out);
    else
        print_rows(answer, out);
    cmd_add_type_and_scope(answer->type, answer->scope, &about);
    rk_buf_add_chars(&about, ": ");
    answer_add_items(answer->n, &about);
    answer_stats_print(&stats, answer->type, &about);
    add_dropped(answer, &about);
    cmd_add_remark(screen, &about, out);
    out->failed |= stats.no_memory;
    rk_buf_free(&about);
}

static void print_ranked_rows(const rk_answer *answer, rk_buf *out)
{
    for (uint32_t i = 0; i < answer->n; i++) {
        rk_buf_printf(out, "%u\t", i + 1);
        add_field(rk_column_get(answer->ids, i), answer->strings, false, out);
        if (answer->scores) {
            rk_buf_add_char(out, '\t');
            add_field(rk_column_get(answer->scores, i), answer->strings, true, out);
        }
        rk_buf_add_char(out, '\n');
    }
}

static void print_ranked(const rk_answer *answer, const cmd_screen *screen, rk_buf *out)
{
    rk_buf about = {0};
    if (screen->terminal)
        answer_print_ranked(answer, screen, out);
    else
        print_ranked_rows(answer, out);
    rk_buf_add_chars(&about, "ranked list: ");
    answer_add_items(answer->n, &about);
    add_dropped(answer, &about);
    cmd_add_remark(screen, &about, out);
    rk_buf_free(&about);
}

/* ---- declarations ---- */

static bool has_type(rk_type type)
{
    return type.kind != RK_KIND_NONE && type.kind != RK_KIND_CANDIDATES && type.kind != RK_KIND_ROW;
}

static void print_names(const rk_answer *answer, const cmd_screen *screen, rk_buf *out)
{
    for (uint32_t i = 0; i < answer->n_names; i++) {
        const rk_answer_name *const name = &answer->names[i];
        rk_buf line = {0};
        rk_buf_add_chars(&line, name->what);
        if (name->name.len)
            rk_buf_printf(&line, " %.*s", RK_STR_ARG(name->name));
        if (has_type(name->type)) {
            rk_buf_add_chars(&line, ": ");
            cmd_add_type_and_scope(name->type, name->scope, &line);
        }
        rk_buf_add_chars(&line, name->replaced ? ", replaced" : "");
        rk_buf_add_chars(&line, strcmp(name->what, "test") == 0 && answer->holds ? ", holds" : "");
        cmd_add_remark(screen, &line, out);
        rk_buf_free(&line);
    }
}

static void print_holds(const cmd_screen *screen, rk_buf *out)
{
    rk_buf line = {0};
    rk_buf_add_chars(&line, "holds");
    cmd_add_remark(screen, &line, out);
    rk_buf_free(&line);
}

bool cmd_answer_fails(const rk_answer *answer)
{
    const bool expects = answer->kind == RK_ANSWER_EXPECTED || answer->kind == RK_ANSWER_DECLARED;
    return expects && !answer->holds;
}

void cmd_answer_print(const rk_answer *answer, const cmd_screen *screen, rk_buf *out)
{
    switch (answer->kind) {
    case RK_ANSWER_NOTHING:
        break;
    case RK_ANSWER_VALUE:
        (is_one(answer) ? print_one : print_items)(answer, screen, out);
        break;
    case RK_ANSWER_RANKED:
        print_ranked(answer, screen, out);
        break;
    case RK_ANSWER_DECLARED:
    case RK_ANSWER_GIVEN:
        print_names(answer, screen, out);
        break;
    case RK_ANSWER_EXPECTED:
        if (answer->holds)
            print_holds(screen, out);
        break;
    }
}
