/* A ranked list for people: aligned columns, numbers to the right. */
#include "compiler/cmd/cmd.h"

enum { WIDEST = 60 };

typedef enum column_kind { RANK, ID, SCORE, SHOWN } column_kind;

/* One column of the table: its cells stand one behind the other in `text`. */
typedef struct table_column {
    rk_buf text;
    size_t *ends; /* [n + 1] of the title and of each cell, in text */
    size_t width;
    bool right;
} table_column;

static rk_value cell_value(const cmd_list *list, column_kind kind, uint32_t shown, uint32_t i)
{
    if (kind == RANK)
        return (rk_value){.type = RK_TYPE(INT), .as.i = (int64_t)i + 1};
    if (kind == ID)
        return rk_column_get(&list->reply->ids, i);
    return kind == SCORE ? rk_column_get(list->reply->scores, i) : cmd_shown_value(list, shown, i);
}

/* Printed as text, without what would disturb a terminal, and cut where it is too wide. */
static void add_cell(table_column *column, const cmd_list *list, rk_value value)
{
    rk_buf raw = {0};
    rk_value_print(value, list->strings, &raw);
    size_t at = 0, before = 0;
    while (at < raw.len && cmd_width((rk_str){raw.data, at}) < WIDEST) {
        before = at;
        rk_str_utf8_next(rk_buf_str(&raw), &at);
    }
    const bool cut = at < raw.len;
    cmd_add_plain(&column->text, (rk_str){raw.data, cut ? before : raw.len});
    rk_buf_add_chars(&column->text, cut ? "…" : "");
    column->text.failed |= raw.failed;
    rk_buf_free(&raw);
}

static void end_cell(table_column *column, uint32_t cell)
{
    const size_t start = cell ? column->ends[cell - 1] : 0;
    column->ends[cell] = column->text.len;
    const size_t width = cmd_width((rk_str){column->text.data + start, column->text.len - start});
    if (width > column->width)
        column->width = width;
}

static bool fill(table_column *column, const cmd_list *list, rk_arena *arena, column_kind kind,
                 uint32_t shown)
{
    static const char *const titles[] = {"rank", "id", "score"};
    column->ends = RK_NEW_ARRAY(arena, size_t, list->n + 1u);
    if (!column->ends)
        return false;
    cmd_add_plain(&column->text, kind == SHOWN ? list->shown[shown] : rk_str_from(titles[kind]));
    end_cell(column, 0);
    for (uint32_t i = 0; i < list->n; i++) {
        const rk_value value = cell_value(list, kind, shown, i);
        column->right |= rk_kind_is_number(value.type.kind);
        add_cell(column, list, value);
        end_cell(column, i + 1);
    }
    return !column->text.failed;
}

static void print_line(const table_column *columns, uint32_t n, uint32_t cell, rk_buf *out)
{
    for (uint32_t k = 0; k < n; k++) {
        const table_column *const column = &columns[k];
        const size_t start = cell ? column->ends[cell - 1] : 0;
        const rk_str text = {column->text.data + start, column->ends[cell] - start};
        const int pad = (int)(column->width - cmd_width(text));
        rk_buf_add_chars(out, k ? "  " : "");
        if (column->right)
            rk_buf_printf(out, "%*s", pad, "");
        rk_buf_add(out, text);
        if (!column->right && k + 1 < n)
            rk_buf_printf(out, "%*s", pad, "");
    }
    rk_buf_add_char(out, '\n');
}

void cmd_print_table(const cmd_list *list, rk_buf *out)
{
    rk_arena arena;
    rk_arena_init(&arena);
    const bool scored = list->reply->scores != NULL;
    const uint32_t n = 2u + scored + list->n_shown;
    table_column *const columns = RK_NEW_ARRAY(&arena, table_column, n);
    bool fine = columns != NULL;
    for (uint32_t k = 0; k < n && fine; k++) {
        const uint32_t first_shown = 2u + scored;
        const column_kind kind = k < first_shown ? (column_kind)k : SHOWN;
        fine = fill(&columns[k], list, &arena, kind, kind == SHOWN ? k - first_shown : 0);
    }
    for (uint32_t cell = 0; cell <= list->n && fine; cell++)
        print_line(columns, n, cell, out);
    for (uint32_t k = 0; columns && k < n; k++)
        rk_buf_free(&columns[k].text);
    out->failed |= !fine;
    rk_arena_free(&arena);
}
