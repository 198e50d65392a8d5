/* A ranked list for people: aligned columns, numbers to the right. */
#include "compiler/cmd/cmd.h"

#include "compiler/cmd/table.h"

enum { WIDEST = 60 };

typedef enum column_kind { RANK, ID, SCORE, SHOWN } column_kind;

static rk_value cell_value(const cmd_list *list, column_kind kind, uint32_t shown, uint32_t i)
{
    if (kind == RANK)
        return (rk_value){.type = RK_TYPE(INT), .as.i = (int64_t)i + 1};
    if (kind == ID)
        return rk_column_get(&list->reply->ids, i);
    return kind == SCORE ? rk_column_get(list->reply->scores, i) : cmd_shown_value(list, shown, i);
}

static bool add_cell(cmd_column *column, const cmd_list *list, rk_arena *arena, rk_value value)
{
    rk_buf raw = {0};
    rk_value_print(value, list->strings, &raw);
    const bool fine = !raw.failed && cmd_column_add(column, arena, rk_buf_str(&raw));
    rk_buf_free(&raw);
    return fine;
}

static bool fill(cmd_column *column, const cmd_list *list, rk_arena *arena, column_kind kind,
                 uint32_t shown)
{
    static const char *const titles[] = {"rank", "id", "score"};
    const rk_str title = kind == SHOWN ? list->shown[shown] : rk_str_from(titles[kind]);
    bool fine = cmd_column_add(column, arena, title);
    column->widest = list->widest ? list->widest : WIDEST;
    for (uint32_t i = 0; i < list->n && fine; i++) {
        const rk_value value = cell_value(list, kind, shown, i);
        column->right |= rk_kind_is_number(value.type.kind);
        fine = add_cell(column, list, arena, value);
    }
    return fine;
}

void cmd_print_table(const cmd_list *list, rk_buf *out)
{
    rk_arena arena;
    rk_arena_init(&arena);
    const bool scored = list->reply->scores != NULL;
    const uint32_t n = 2u + scored + list->n_shown;
    cmd_column *const columns = RK_NEW_ARRAY(&arena, cmd_column, n);
    bool fine = columns != NULL;
    for (uint32_t k = 0; k < n && fine; k++) {
        const uint32_t first_shown = 2u + scored;
        const column_kind kind = k < first_shown ? (column_kind)k : SHOWN;
        fine = fill(&columns[k], list, &arena, kind, kind == SHOWN ? k - first_shown : 0);
    }
    for (uint32_t line = 0; line <= list->n && fine; line++)
        cmd_columns_print(columns, n, line, out);
    cmd_columns_free(columns, n);
    out->failed |= !fine;
    rk_arena_free(&arena);
}
