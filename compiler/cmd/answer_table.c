/* Lists as people look at them: the first items, with a bar for each number. */
#include <math.h>

#include "compiler/cmd/answer.h"
#include "compiler/cmd/table.h"

enum { ROWS = 10, BAR_MOST = 30, BAR_LEAST = 4 };

/* Rows of the list that are shown; the next one says how many are not, so one more is shown in
 * its place. */
static uint32_t count_rows(uint32_t n, const cmd_screen *screen)
{
    const uint32_t room = screen->height > 8 ? screen->height - 5 : 3;
    const uint32_t most = room < ROWS ? room : ROWS;
    return n <= most + 1 ? n : most;
}

static void add_rest(uint32_t rest, const cmd_screen *screen, rk_buf *out)
{
    if (!rest)
        return;
    cmd_dim(screen, out);
    rk_buf_add_chars(out, screen->unicode ? "… " : "... ");
    answer_add_count(rest, out);
    rk_buf_add_chars(out, " more");
    cmd_plain(screen, out);
    rk_buf_add_char(out, '\n');
}

/* ---- bars ---- */

/* Where a bar begins and ends, in eighths of a cell. */
typedef struct bar {
    int from, to;
} bar;

/* From 0, so that lengths compare as values do; what is not 0 keeps a sliver to be seen by. */
static bar bar_of(double x, const answer_stats *stats, int cells)
{
    const int whole = cells * 8;
    const double low = fmin(stats->low, 0), span = fmax(stats->high, 0) - low;
    const double place = isinf(x) ? x > 0 : (x - low) / span;
    const int at = (int)lround(fmin(fmax(place, 0), 1) * whole);
    const int base = span > 0 ? (int)lround(-low / span * whole) / 8 * 8 : 0;
    if (x < 0)
        return at < base ? (bar){at, base} : (bar){base > 0 ? base - 1 : 0, base > 0 ? base : 1};
    return (bar){base, x == 0 ? base : at > base ? at : base + 1};
}

/* Blocks fill cells from the left; of those that end in a full cell there is the half one alone. */
static void add_unicode_bar(bar b, rk_buf *out)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int cell = b.from / 8;
    rk_buf_printf(out, "%*s", cell, "");
    if (b.from % 8) {
        rk_buf_add_chars(out, b.from % 8 > 5 ? "▕" : b.from % 8 > 2 ? "▐" : "█");
        cell++;
    }
    for (; cell < b.to / 8; cell++)
        rk_buf_add_chars(out, "█");
    rk_buf_add_chars(out, eighths[b.to % 8]);
}

static void add_ascii_bar(bar b, rk_buf *out)
{
    const int from = (b.from + 4) / 8;
    int to = (b.to + 4) / 8;
    if (to == from && b.to > b.from)
        to++;
    rk_buf_printf(out, "%*s", from, "");
    for (int i = from; i < to; i++)
        rk_buf_add_char(out, '#');
}

void answer_add_bar(const cmd_screen *screen, int from, int to, rk_buf *out)
{
    bar b = {from, to > from ? to : from + 1};
    if (b.from / 8 == (b.to - 1) / 8)
        b = (bar){b.from / 8 * 8, b.from / 8 * 8 + b.to - b.from};
    (screen->unicode ? add_unicode_bar : add_ascii_bar)(b, out);
}

static void add_bar(rk_value value, const answer_stats *stats, const cmd_screen *screen, int cells,
                    rk_buf *out)
{
    const double x = rk_value_convert(value, RK_TYPE(DOUBLE)).as.d;
    if (value.missing || isnan(x))
        return;
    (screen->unicode ? add_unicode_bar : add_ascii_bar)(bar_of(x, stats, cells), out);
}

/* ---- tables ---- */

typedef struct table {
    const rk_answer *answer;
    const answer_stats *stats;
    const cmd_screen *screen;
    rk_arena arena;
    cmd_column columns[3]; /* id, value, bar */
    uint32_t n_columns, n_rows;
    bool failed;
} table;

static void add_cell(table *t, cmd_column *column, rk_buf *text)
{
    t->failed |= text->failed || !cmd_column_add(column, &t->arena, rk_buf_str(text));
    text->len = 0;
}

static void add_title(table *t, cmd_column *column, const char *title, rk_buf *text)
{
    rk_buf_add_chars(text, title);
    column->cut = t->screen->unicode ? NULL : "~";
    add_cell(t, column, text);
}

static void fill_values(table *t, uint32_t id_most)
{
    rk_buf text = {0};
    const rk_answer *const a = t->answer;
    cmd_column *const id = &t->columns[0], *const value = &t->columns[1];
    id->widest = id_most;
    id->right = rk_kind_is_number(a->ids->type.kind);
    value->right = rk_kind_is_number(a->type.kind);
    add_title(t, id, "id", &text);
    for (uint32_t i = 0; i < t->n_rows; i++) {
        rk_value_print(rk_column_get(a->ids, i), a->strings, &text);
        add_cell(t, id, &text);
    }
    const size_t taken = id->width + 3; /* the last column of a screen stays free */
    value->widest = t->screen->width > taken + 5 ? t->screen->width - taken : 5;
    add_title(t, value, "value", &text);
    for (uint32_t i = 0; i < t->n_rows; i++) {
        answer_add_value(rk_column_get(a->values, i), a->strings, t->screen->width, &text);
        add_cell(t, value, &text);
    }
    t->n_columns = 2;
    rk_buf_free(&text);
}

static void fill_bars(table *t)
{
    rk_buf text = {0};
    const size_t taken = t->columns[0].width + t->columns[1].width + 5;
    const size_t room = t->screen->width > taken ? t->screen->width - taken : 0;
    const bool differ = t->stats->low < t->stats->high;
    if (room < BAR_LEAST || !rk_kind_is_number(t->answer->type.kind) || !differ)
        return;
    add_title(t, &t->columns[2], "", &text);
    for (uint32_t i = 0; i < t->n_rows; i++) {
        add_bar(rk_column_get(t->answer->values, i), t->stats, t->screen,
                room < BAR_MOST ? (int)room : BAR_MOST, &text);
        add_cell(t, &t->columns[2], &text);
    }
    t->n_columns = 3;
    rk_buf_free(&text);
}

static void print_lines(const table *t, rk_buf *out)
{
    cmd_dim(t->screen, out);
    cmd_columns_print(t->columns, 2, 0, out);
    if (t->screen->color)
        out->len--;
    cmd_plain(t->screen, out);
    rk_buf_add_chars(out, t->screen->color ? "\n" : "");
    for (uint32_t i = 1; i <= t->n_rows; i++)
        cmd_columns_print(t->columns, t->n_columns, i, out);
}

void answer_print_table(const rk_answer *answer, const answer_stats *stats,
                        const cmd_screen *screen, rk_buf *out)
{
    table t = {.answer = answer,
               .stats = stats,
               .screen = screen,
               .n_rows = count_rows(answer->n, screen)};
    if (!answer->n)
        return;
    rk_arena_init(&t.arena);
    fill_values(&t, screen->width / 3 > 6 ? screen->width / 3 : 6);
    fill_bars(&t);
    if (!t.failed)
        print_lines(&t, out);
    out->failed |= t.failed;
    add_rest(answer->n - t.n_rows, screen, out);
    cmd_columns_free(t.columns, 3);
    rk_arena_free(&t.arena);
}

void answer_print_ranked(const rk_answer *answer, const cmd_screen *screen, rk_buf *out)
{
    const uint32_t n = count_rows(answer->n, screen);
    const rk_reply reply = {.n = answer->n, .ids = *answer->ids, .scores = answer->scores};
    const cmd_list list = {.reply = &reply,
                           .strings = answer->strings,
                           .n = n,
                           .widest = screen->width > 17 ? (screen->width - 9) / 2 : 4};
    if (n)
        cmd_print_table(&list, out);
    add_rest(answer->n - n, screen, out);
}
