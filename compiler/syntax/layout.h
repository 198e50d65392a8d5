/* Text that knows where it may break: the formatter (fmt.c) writes a stream of operations, and
 * rk_layout_print puts them on lines. A group is printed flat if it fits on the rest of the line
 * and nothing in it asks for a line of its own, else each of its breaks is a line end. */
#ifndef RK_SYNTAX_LAYOUT_H
#define RK_SYNTAX_LAYOUT_H

#include "runtime/base/buf.h"
#include "runtime/base/vec.h"

typedef enum rk_layout_kind {
    RK_LAYOUT_TEXT,   /* text */
    RK_LAYOUT_FLAT,   /* text, in a flat group only */
    RK_LAYOUT_BROKEN, /* text, in a broken group only */
    RK_LAYOUT_LINE,   /* a space, or a line end in a broken group */
    RK_LAYOUT_SOFT,   /* nothing, or a line end in a broken group */
    RK_LAYOUT_FILL,   /* a space, or in a broken group a line end if what follows does not fit */
    RK_LAYOUT_HARD,   /* a line end, unless the line is empty */
    RK_LAYOUT_BLANK,  /* the same and an empty line */
    RK_LAYOUT_OPEN,   /* a group; n: where it closes, text.len: 1 if it must break */
    RK_LAYOUT_CLOSE,  /* its end */
    RK_LAYOUT_INDENT, /* n columns more, or fewer */
    RK_LAYOUT_BREAK,  /* the groups around break */
    RK_LAYOUT_TRAIL,  /* a comment at the end of a line */
    RK_LAYOUT_OWN,    /* a comment on its own line */
} rk_layout_kind;

typedef struct rk_layout_op {
    rk_layout_kind kind;
    int32_t n; /* for texts: columns, counted when printing */
    rk_str text;
} rk_layout_op;

typedef struct rk_layout {
    rk_arena arena;
    RK_VEC(rk_layout_op) ops;
    bool failed; /* memory is out */
} rk_layout;

void rk_layout_free(rk_layout *layout);

/* Texts are borrowed until rk_layout_print. */
void rk_layout_add(rk_layout *layout, rk_layout_kind kind);
void rk_layout_text(rk_layout *layout, rk_str text);
void rk_layout_chars(rk_layout *layout, const char *chars);
void rk_layout_spaces(rk_layout *layout, rk_layout_kind kind, uint32_t n);
void rk_layout_indent(rk_layout *layout, int32_t columns);

/* A comment; one that trails goes behind the text before it, ahead of any break in between. */
void rk_layout_comment(rk_layout *layout, rk_layout_kind kind, rk_str text);

/* Prints the stream; comments at the ends of neighbouring lines are aligned. */
void rk_layout_print(rk_layout *layout, uint32_t width, rk_buf *out);

#endif
