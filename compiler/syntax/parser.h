/* What scanner and parser (grammar/rank.l, rank.y) share while one file is parsed: its text, the
 * brackets that are open, the declaration at hand, and stacks of parts that the next reduction
 * collects. Used by grammar/ and, for literals, messages and building, by this folder. */
#ifndef RK_SYNTAX_PARSER_H
#define RK_SYNTAX_PARSER_H

#include "compiler/syntax/ast.h"

/* The declaration word that was read last, and the name after it: what a syntax error breaks. */
typedef struct rk_head {
    bool some;
    rk_decl_kind kind;
    rk_span word;
    rk_atom name;
    rk_span name_span;
    bool garbled; /* characters were dropped, so a syntax error may be their doing */
} rk_head;

typedef struct rk_bracket {
    char open; /* ( [ {, or t: the brace of a test */
    uint32_t at;
} rk_bracket;

enum { RK_MARKS_MAX = 256 };

typedef struct rk_parser {
    rk_context *cx;
    rk_ast_file *file;
    rk_str text;
    uint32_t number;   /* of the file in the context's texts */
    uint32_t at;       /* byte offset after the token that was scanned last */
    bool line_is_bare; /* no token yet on this line */

    rk_bracket brackets[RK_AST_NESTING_MAX];
    uint32_t nesting;
    rk_bracket unclosed;  /* what the token delivered last left open; open is 0 if nothing */
    bool skipping;        /* after an error: to the next declaration word */
    rk_span last, before; /* the token delivered last, and the one before it */
    struct scanner *scanner;
    rk_head head, earlier, broken; /* delivered last, before that, and the one in error */
    rk_decl scratch;               /* written to when memory is out */

    /* Places of errors in words: the declarations around them are broken. */
    uint32_t marks[RK_MARKS_MAX];
    uint32_t n_marks; /* counts on beyond RK_MARKS_MAX: then every declaration is broken */

    /* Stacks of parts; a list in the grammar counts its own and its owner takes them off. */
    RK_VEC(rk_ast *) nodes;
    RK_VEC(rk_ast_arg) args;
    RK_VEC(rk_ast_field) fields;
    RK_VEC(rk_ast_param) params;
    RK_VEC(rk_ast_term) terms;
    RK_VEC(rk_ast_step) steps;
} rk_parser;

/* ---- literal.c ---- */

/* Reports what is not UTF-8 in the text, each run of bytes once. */
void rk_parser_check_text(rk_parser *parser);

/* An error in a word or character; marks the declaration that it stands in. */
rk_diag *rk_parser_bad(rk_parser *parser, rk_diag_code code, rk_span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The number or duration of a well-formed token. */
rk_ast *rk_parser_number(rk_parser *parser, rk_span span);
/* Reports a malformed one, with advice. */
void rk_parser_bad_number(rk_parser *parser, rk_span span);

/* The text between the quotes with its escapes resolved; bad ones are reported. */
rk_str rk_parser_unescape(rk_parser *parser, rk_span span);

/* The name of a word or of a backquoted name; reports what is no name. */
rk_atom rk_parser_name(rk_parser *parser, rk_span span);

/* Reports characters that begin no token, with advice for those of other languages. */
void rk_parser_bad_character(rk_parser *parser, rk_span span);

/* The text of a span of this file. */
static inline rk_str rk_parser_text(const rk_parser *parser, rk_span span)
{
    return (rk_str){parser->text.data + span.at, span.len};
}

/* ---- build.c ---- */

void rk_parser_comment(rk_parser *parser, rk_span span);
void rk_parser_push_node(rk_parser *parser, rk_ast *ast);
void rk_parser_push_arg(rk_parser *parser, rk_atom name, rk_span name_span, rk_ast *value);
void rk_parser_push_field(rk_parser *parser, rk_span span, rk_ast_field field);
void rk_parser_push_param(rk_parser *parser, rk_atom name, rk_span span);
void rk_parser_push_term(rk_parser *parser, rk_ast_term term);
void rk_parser_push_step(rk_parser *parser, rk_ast_step step);

/* A call, sequence or set of the n parts pushed last, which leave the stack. */
rk_ast *rk_parser_call(rk_parser *parser, rk_span span, rk_atom name, rk_span name_span,
                       uint32_t n);
/* `object.part(…)`. */
rk_ast *rk_parser_part_call(rk_parser *parser, rk_span span, rk_ast *object, rk_atom part,
                            rk_span part_span, uint32_t n);
rk_ast *rk_parser_sequence(rk_parser *parser, rk_span span, rk_ast_kind kind, uint32_t n);
rk_ast_list rk_parser_names(rk_parser *parser, uint32_t n);

/* `left ?? right`; arithmetic that is not in parentheses is an error. */
rk_ast *rk_parser_coalesce(rk_parser *parser, rk_span op_span, rk_ast *left, rk_ast *right);

/* `expect e`: a comparison with == at the top is split. */
rk_ast_step rk_parser_expect(rk_span span, rk_ast *subject);

/* A new declaration of the file, with its doc comment and the parts pushed since the last one. */
rk_decl *rk_parser_declare(rk_parser *parser, rk_decl_kind kind, rk_span span, rk_atom name,
                           rk_span name_span);
/* Forgets the parts of a declaration that could not be parsed. */
void rk_parser_drop_parts(rk_parser *parser);
/* Adds it as a broken one, so that nobody misses its name. */
void rk_parser_declare_broken(rk_parser *parser, const rk_head *head, uint32_t end);

/* Marks the declarations in which something was bad. */
void rk_parser_finish(rk_parser *parser);

/* ---- advice.c ---- */

/* A word that begins declarations; false if it is none. */
bool rk_decl_word(rk_str word, rk_decl_kind *kind);
/* Whether a word is reserved everywhere, so that as a name it stands in backquotes. */
bool rk_word_reserved(rk_str word);

/* What could have stood at a place, beyond the tokens themselves. */
typedef struct rk_expected {
    rk_str list;                             /* "a number, name or `(`" */
    bool operand;                            /* an expression */
    bool operation;                          /* an operator between or after expressions */
    bool name, open, close, word_else, step; /* a name, `(`, `)`, `else`, `given` */
} rk_expected;

/* A token that does not fit. `what` is "name", "number" or the like, "" for a token that names
 * itself; before is the token before it. Ended: what was met is the next declaration or the end. */
typedef struct rk_unexpected {
    rk_span span, before;
    const char *what;
    bool ended;
    rk_expected expected;
} rk_unexpected;

void rk_parser_unexpected(rk_parser *parser, const rk_unexpected *found);

/* A word where a declaration should begin; `assigned` if `=` or `:` follows. */
void rk_parser_unknown_decl(rk_parser *parser, rk_span word, bool assigned);

#endif
