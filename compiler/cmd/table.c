#include "compiler/cmd/table.h"

#include "compiler/cmd/cmd.h"

/* The bytes of a cell that stay, with room for the mark where it is cut. */
static size_t fit(rk_str cell, size_t widest)
{
    size_t width = 0, room = 0;
    for (size_t at = 0; widest && at < cell.len;) {
        const size_t start = at;
        rk_str_utf8_next(cell, &at);
        width += cmd_width((rk_str){cell.data + start, at - start});
        if (width > widest)
            return room;
        room = width < widest ? at : room;
    }
    return cell.len;
}

bool cmd_column_add(cmd_column *column, rk_arena *arena, rk_str cell)
{
    const size_t start = column->text.len, len = fit(cell, column->widest);
    cmd_add_plain(&column->text, (rk_str){cell.data, len});
    if (len < cell.len)
        rk_buf_add_chars(&column->text, column->cut ? column->cut : "…");
    if (column->text.failed)
        return false;
    const rk_str text = {column->text.data + start, column->text.len - start};
    const size_t width = text.len ? cmd_width(text) : 0;
    if (width > column->width)
        column->width = width;
    return rk_vec_push(arena, &column->ends, column->text.len);
}

void cmd_columns_print(const cmd_column *columns, uint32_t n, uint32_t i, rk_buf *out)
{
    size_t pending = 0; /* no spaces at the end of a line */
    for (uint32_t k = 0; k < n; k++) {
        const cmd_column *const column = &columns[k];
        const size_t start = i ? column->ends.items[i - 1] : 0;
        const rk_str text = {column->text.data + start, column->ends.items[i] - start};
        const size_t pad = column->width - (text.len ? cmd_width(text) : 0);
        pending += (k ? 2 : 0) + (column->right ? pad : 0);
        if (text.len) {
            rk_buf_printf(out, "%*s", (int)pending, "");
            rk_buf_add(out, text);
            pending = 0;
        }
        pending += column->right ? 0 : pad;
    }
    rk_buf_add_char(out, '\n');
}

void cmd_columns_free(cmd_column *columns, uint32_t n)
{
    for (uint32_t i = 0; columns && i < n; i++)
        rk_buf_free(&columns[i].text);
}
