/* The formatter's own parts: fmt.c writes declarations, fmt_expr.c expressions, both as a layout.
 * Comments are written out on the way: whatever is about to be printed first lets out the comments
 * that stand before it in the text, so none can be lost. */
#ifndef RK_SYNTAX_FMT_H
#define RK_SYNTAX_FMT_H

#include "compiler/syntax/ast.h"
#include "compiler/syntax/layout.h"

typedef struct rk_fmt {
    const rk_context *cx;
    rk_layout *out;
    const rk_comment *comments;
    uint32_t n_comments; /* left to print */
    bool may_blank;      /* an empty line may come here: not at the start of a block */
} rk_fmt;

/* Lets out the comments before a place. With `apart` the empty lines before them are kept. */
void rk_fmt_comments(rk_fmt *fmt, rk_span place, bool apart);
/* Lets out a comment at the end of the line on which a span ends; with `comma` behind one too. */
void rk_fmt_trailing(rk_fmt *fmt, rk_span span, bool comma);

/* A name, in backquotes if it is a word of the language. */
void rk_fmt_name(rk_fmt *fmt, rk_atom name, rk_span span);
/* What stands in the text. */
void rk_fmt_source(rk_fmt *fmt, rk_span span);

void rk_fmt_expr(rk_fmt *fmt, const rk_ast *ast);
/* The value of a declaration after its `=`: a space, or a pipe on lines of its own. */
void rk_fmt_value(rk_fmt *fmt, const rk_ast *ast);

/* Whether the text has a line end between two places. */
bool rk_fmt_has_line(const rk_fmt *fmt, uint32_t file, uint32_t from, uint32_t to);
/* Whether the line before the one of this place is empty. */
bool rk_fmt_blank_before(const rk_fmt *fmt, rk_span place);
/* Whether an empty line will be printed between `before` and a later place: before that place or a
 * comment on the way. `next` counts comments from the first one left, and goes on from call to
 * call. */
bool rk_fmt_apart(const rk_fmt *fmt, uint32_t *next, rk_span before, rk_span place);

static inline uint32_t rk_span_end(rk_span span) { return span.at + span.len; }
/* The last byte of a span: a closing bracket. */
static inline rk_span rk_span_last(rk_span span)
{
    return (rk_span){span.file, span.at + span.len - (span.len > 0), 1};
}

#endif
