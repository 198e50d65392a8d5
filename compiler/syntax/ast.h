/* The syntax tree: what a .rank file says, before anything is known about names or types. Made by
 * the constructors of ast.c from grammar/rank.y, read by sema (compiler/sema) and by the formatter
 * (fmt.c). Nodes live in the context's arena and are not changed once made. Every node carries its
 * place in the text. A tree is at most RK_AST_DEPTH_MAX deep, so walking it may recurse.
 *
 * Pipes are expressions here (`p | top(3) as l1`): RK_AST_PIPE and RK_AST_LABEL only stand where
 * the grammar allows a pipe: pipelines, call arguments, parentheses and branches of a pipe's `if`.
 */
#ifndef RK_SYNTAX_AST_H
#define RK_SYNTAX_AST_H

#include "runtime/base/context.h"

enum { RK_AST_DEPTH_MAX = 2000, RK_AST_NESTING_MAX = 256 };

typedef enum rk_ast_kind {
    RK_AST_ERROR,   /* a place-holder after a syntax error or when memory is out; no payload */
    RK_AST_NUMBER,  /* as.number */
    RK_AST_STRING,  /* as.string: the unescaped text */
    RK_AST_BOOL,    /* as.boolean */
    RK_AST_MISSING, /* `missing` as a value; no payload. `missing(x)` is a CALL */
    RK_AST_INF,     /* `inf`; no payload */
    RK_AST_NAME,    /* as.name */
    RK_AST_LIST,    /* as.list: [a, b] */
    RK_AST_TUPLE,   /* as.list: (a, b), in keys only */
    RK_AST_UNARY,   /* as.unary: - or not */
    RK_AST_BINARY,  /* as.binary */
    RK_AST_IF,      /* as.branch: if condition then yes else no; also between pipes */
    RK_AST_CALL,    /* as.call: name(args), name.part(args) */
    RK_AST_MEMBER,  /* as.member: object.name */
    RK_AST_INDEX,   /* as.index: object[at] */
    RK_AST_REST,    /* `...` as the last argument of a call; no payload */
    RK_AST_STAR,    /* `*`, in revisions only; no payload */
    RK_AST_PIPE,    /* as.binary.left | as.binary.right; op unused */
    RK_AST_LABEL,   /* as.label: pipe as name */
    RK_AST_PAREN,   /* as.unary.operand in parentheses: kept for the formatter and the ?? rule */
} rk_ast_kind;

typedef enum rk_ast_op {
    RK_AST_OR,
    RK_AST_AND,
    RK_AST_NOT,
    RK_AST_EQ,
    RK_AST_NE,
    RK_AST_LT,
    RK_AST_LE,
    RK_AST_GT,
    RK_AST_GE,
    RK_AST_IN,
    RK_AST_NOT_IN,
    RK_AST_COALESCE, /* ?? */
    RK_AST_ADD,
    RK_AST_SUB,
    RK_AST_MUL,
    RK_AST_DIV,
    RK_AST_MOD,
    RK_AST_POW,
    RK_AST_NEG,
} rk_ast_op;

typedef enum rk_ast_unit {
    RK_UNIT_NONE,
    RK_UNIT_MS,
    RK_UNIT_S,
    RK_UNIT_M,
    RK_UNIT_H,
    RK_UNIT_D
} rk_ast_unit;

typedef struct rk_ast rk_ast;

typedef struct rk_ast_list {
    rk_ast **items;
    uint32_t len;
} rk_ast_list;

/* One argument of a call: `value` or `name: value`. */
typedef struct rk_ast_arg {
    rk_atom name;      /* RK_ATOM_EMPTY: by position */
    rk_span name_span; /* of the name, when there is one */
    rk_ast *value;
} rk_ast_arg;

struct rk_ast {
    rk_ast_kind kind;
    uint32_t depth; /* 1 for a leaf */
    rk_span span;
    union {
        struct {
            rk_str digits;    /* without `_` and unit; "1", "0.5", "1e-3" */
            rk_ast_unit unit; /* of a duration */
            bool is_float;    /* a point, an exponent or a unit */
        } number;
        rk_str string;
        bool boolean;
        rk_atom name;
        rk_ast_list list;
        struct {
            rk_ast_op op;
            rk_ast *operand;
        } unary;
        struct {
            rk_ast_op op;
            rk_span op_span;
            rk_ast *left, *right;
        } binary;
        struct {
            rk_ast *condition, *yes, *no;
        } branch;
        struct {
            rk_atom name;
            rk_span name_span;
            rk_atom part; /* `name.part(args)`; else RK_ATOM_EMPTY */
            rk_span part_span;
            rk_ast_arg *args;
            uint32_t n_args;
        } call;
        struct {
            rk_ast *object;
            rk_atom name;
            rk_span name_span;
        } member;
        struct {
            rk_ast *object, *at;
        } index;
        struct {
            rk_ast *pipe;
            rk_atom name;
            rk_span name_span;
        } label;
    } as;
};

/* int, float?, list(string), vector(64)? */
typedef struct rk_ast_type {
    rk_span span;
    rk_atom name;           /* RK_ATOM_EMPTY: no type was given */
    struct rk_ast_type *of; /* element of list(…), else NULL */
    rk_ast *size;           /* n of vector(n), a NUMBER, else NULL */
    bool optional;          /* has a `?` */
} rk_ast_type;

/* A field of a query, item or source block. */
typedef struct rk_ast_field {
    rk_str doc; /* its `##` lines, joined by newlines; may be empty */
    rk_span span;
    rk_atom name;
    rk_span name_span;
    rk_ast_type type;
    rk_ast *initial; /* `= default`, or NULL */
    rk_str from;     /* `from "column"`, or empty (data NULL) */
    rk_span from_span;
} rk_ast_field;

typedef enum rk_revision_op { RK_REVISION_START, RK_REVISION_ADD, RK_REVISION_SUB } rk_revision_op;

/* One term of a revision: *, another revision's name, or { names }. */
typedef struct rk_ast_term {
    rk_revision_op op;
    rk_span span;
    bool star;
    rk_atom revision;  /* RK_ATOM_EMPTY unless a name */
    rk_ast_list names; /* NAME or MEMBER (source.field), for a set */
} rk_ast_term;

typedef enum rk_expect_op {
    RK_EXPECT_TRUE,
    RK_EXPECT_EQUAL,
    RK_EXPECT_NEAR,
    RK_EXPECT_SHOW, /* not in any text: the subject is worked out and not judged */
} rk_expect_op;

/* A line of a test. */
typedef struct rk_ast_step {
    rk_span span;
    bool given;      /* else expect */
    rk_ast *subject; /* given: NAME or MEMBER; expect: the expression (a pipe is allowed) */
    rk_expect_op op; /* expect only */
    rk_ast *value;   /* given: the value; expect with == or ~: the right side */
} rk_ast_step;

typedef enum rk_decl_kind {
    RK_DECL_IMPORT,   /* text = path */
    RK_DECL_QUERY,    /* fields */
    RK_DECL_ITEM,     /* fields */
    RK_DECL_SOURCE,   /* name, value = kind(args) as a CALL, key (NAME, expr or TUPLE), fields */
    RK_DECL_FACTOR,   /* name, type (may be absent), value */
    RK_DECL_DEF,      /* name, params, value (may be a pipe) */
    RK_DECL_MODEL,    /* name, value = kind(args) as a CALL */
    RK_DECL_INDEX,    /* name, value = kind(args) as a CALL */
    RK_DECL_PIPELINE, /* name, value = pipe */
    RK_DECL_REVISION, /* name, terms */
    RK_DECL_TEST,     /* text = title, steps */
} rk_decl_kind;

typedef struct rk_ast_param {
    rk_atom name;
    rk_span span;
} rk_ast_param;

typedef struct rk_decl {
    rk_decl_kind kind;
    rk_span span; /* from the declaration word to the last token */
    rk_str doc;
    rk_atom name; /* RK_ATOM_EMPTY where there is none */
    rk_span name_span;
    rk_str text;
    rk_span text_span;
    rk_ast_type type;
    rk_ast *value;
    rk_ast *key;
    rk_ast_field *fields;
    uint32_t n_fields;
    rk_ast_param *params;
    uint32_t n_params;
    rk_ast_term *terms;
    uint32_t n_terms;
    rk_ast_step *steps;
    uint32_t n_steps;
    bool broken; /* had a syntax error: sema says nothing about it or about what uses it */
    bool beside; /* a factor or pipeline that no file declares, added to be looked at: of no
                    revision but `within`, which may be RK_ATOM_EMPTY; a test: what it gives
                    stands in place of names, over the data */
    rk_atom within;
} rk_decl;

/* A comment, kept for the formatter. */
typedef struct rk_comment {
    rk_span span;  /* from `#` to the end of the line, without the newline */
    bool doc;      /* `##` first on its line */
    bool own_line; /* nothing but space before it on its line */
} rk_comment;

typedef struct rk_ast_file {
    uint32_t file; /* index in the context's texts */
    RK_VEC(rk_decl *) decls;
    RK_VEC(rk_comment) comments;
} rk_ast_file;

/* ---- constructors: one call per grammar action. Out of memory or too deep gives an ERROR node and
 * marks the context's diagnostics, so actions need no tests. ---- */

rk_ast *rk_ast_error(rk_context *cx, rk_span span);
rk_ast *rk_ast_number(rk_context *cx, rk_span span, rk_str digits, rk_ast_unit unit, bool is_float);
rk_ast *rk_ast_string(rk_context *cx, rk_span span, rk_str text);
rk_ast *rk_ast_boolean(rk_context *cx, rk_span span, bool value);
rk_ast *rk_ast_leaf(rk_context *cx, rk_span span, rk_ast_kind kind); /* MISSING INF REST STAR */
rk_ast *rk_ast_name(rk_context *cx, rk_span span, rk_atom name);
rk_ast *rk_ast_sequence(rk_context *cx, rk_span span, rk_ast_kind kind, rk_ast_list list);
rk_ast *rk_ast_unary(rk_context *cx, rk_span span, rk_ast_op op, rk_ast *operand);
rk_ast *rk_ast_paren(rk_context *cx, rk_span span, rk_ast *operand);
rk_ast *rk_ast_binary(rk_context *cx, rk_ast_op op, rk_span op_span, rk_ast *left, rk_ast *right);
rk_ast *rk_ast_branch(rk_context *cx, rk_span span, rk_ast *condition, rk_ast *yes, rk_ast *no);
rk_ast *rk_ast_call(rk_context *cx, rk_span span, rk_atom name, rk_span name_span,
                    const rk_ast_arg *args, uint32_t n_args);
rk_ast *rk_ast_member(rk_context *cx, rk_span span, rk_ast *object, rk_atom name,
                      rk_span name_span);
rk_ast *rk_ast_index(rk_context *cx, rk_span span, rk_ast *object, rk_ast *at);
rk_ast *rk_ast_pipe(rk_context *cx, rk_span op_span, rk_ast *left, rk_ast *right);
rk_ast *rk_ast_label(rk_context *cx, rk_span span, rk_ast *pipe, rk_atom name, rk_span name_span);

/* ---- reading ---- */

/* Parses text number `file` of the context. Syntax errors go to the diagnostics and mark their
 * declaration broken; the rest of the file is still parsed. Defined in grammar/rank.l. */
RK_NODISCARD rk_status rk_parse(rk_context *cx, uint32_t file, rk_ast_file **out);

/* The operand inside any parentheses. */
const rk_ast *rk_ast_strip(const rk_ast *ast);

/* `+`, `and`, `not in`: as written. */
const char *rk_ast_op_text(rk_ast_op op);

/* The word that a declaration begins with: "factor". */
const char *rk_decl_kind_text(rk_decl_kind kind);

/* The tree as an indented outline (--dump=ast). */
void rk_ast_dump(const rk_context *cx, const rk_ast_file *file, rk_buf *out);

/* The file in canonical form, comments kept; idempotent. Only for files without syntax errors. */
void rk_ast_format(const rk_context *cx, const rk_ast_file *file, rk_buf *out);

/* One expression in canonical form, on one line; for messages and --dump. */
void rk_ast_format_expr(const rk_context *cx, const rk_ast *ast, rk_buf *out);

#endif
