/* Columns of text side by side, for people: each as wide as its widest cell, numbers to the right.
 * Used by the lists of `rankc run` and by what the REPL shows. */
#ifndef RK_CMD_TABLE_H
#define RK_CMD_TABLE_H

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/vec.h"

typedef struct cmd_column {
    rk_buf text;         /* the cells, one behind the other */
    RK_VEC(size_t) ends; /* of each in text */
    size_t width;
    size_t widest;   /* a cell beyond it is cut; 0: none is */
    const char *cut; /* what stands where one was; NULL: `…` */
    bool right;
} cmd_column;

/* The next cell. What would disturb a terminal becomes spaces. False when memory is out. */
bool cmd_column_add(cmd_column *column, rk_arena *arena, rk_str cell);

/* Line `i` of the columns, two spaces between them. */
void cmd_columns_print(const cmd_column *columns, uint32_t n, uint32_t i, rk_buf *out);

void cmd_columns_free(cmd_column *columns, uint32_t n);

#endif
