/* Random programs of Rank and a naive evaluator of them. A program is made as trees (gen*.c), typed
 * by the rules of the manual (types.c), written as text (text.c), and worked out one item at a time
 * (eval*.c), by nothing of compiler/ or runtime/exec. run.c gives the text to the compiler and its
 * plan to the interpreter, and compares every bit; shrink.c makes a program that differs small.
 *
 * Trees are plain: a use of a factor or a def is a node of its own, so nothing is shared. Memory
 * lives in the program's arena; want of it ends the test. */
#ifndef RK_PROGRAMS_PROGRAMS_H
#define RK_PROGRAMS_PROGRAMS_H

#include "runtime/base/vmath.h"
#include "runtime/data/column.h"
#include "tests/programs/forests.h"

enum {
    KIDS_MAX = 6,
    FIELDS_MAX = 16,
    DEFS_MAX = 4,
    DEF_PARAMS_MAX = 3,
    FACTORS_MAX = 24,
    LABELS_MAX = 4,
    PIPELINES_MAX = 3,
    PIPES_MAX = 3, /* of one union */
    SOURCE_FIELDS = 6,
    SOURCES = 3,
    NAME_SIZE = 16,
};

/* ---- programs ---- */

typedef enum node_kind {
    NODE_NUMBER, /* text: its digits */
    NODE_INF,
    NODE_BOOL,   /* op: 0 or 1 */
    NODE_STRING, /* text: its bytes */
    NODE_MISSING,
    NODE_QUERY, /* op: the field */
    NODE_ITEM,  /* op: the field */
    NODE_ID,
    NODE_SOURCE, /* op: the source; row: its field */
    NODE_FACTOR, /* op: the factor */
    NODE_RANK,   /* op: the label */
    NODE_SCORE,  /* op: the label */
    NODE_NOT,
    NODE_NEG,
    NODE_BINARY, /* op: binary_op */
    NODE_IF,
    NODE_LIST,
    NODE_INDEX,
    NODE_IS_MISSING,
    NODE_CALL,  /* op: the function; row: which of its forms */
    NODE_FOLD,  /* op: the fold; kids: value, by, where, each may be NULL; over: label or -1 */
    NODE_MODEL, /* op: the model; row: the part; kids: inputs, NULL if it is left to `...`; over:
                 * how many go by position; asc: `...` binds those that are called as their value */
    NODE_DEF,   /* op: the def; kids: arguments; body: the def's value with them */
    NODE_PARAM, /* op: the parameter; in a body: kids[0] is the argument */
} node_kind;

typedef enum binary_op {
    OP_OR,
    OP_AND,
    OP_EQ,
    OP_NE,
    OP_LT,
    OP_LE,
    OP_GT,
    OP_GE,
    OP_IN,
    OP_NOT_IN,
    OP_COALESCE,
    OP_ADD,
    OP_SUB,
    OP_MUL,
    OP_DIV,
    OP_MOD,
    OP_POW,
} binary_op;

typedef enum scope { SCOPE_CONST, SCOPE_QUERY, SCOPE_ITEM } scope;

typedef struct node {
    node_kind kind;
    unsigned op;
    unsigned row;
    int over;
    bool asc;      /* of the fold `rank` */
    const char *q; /* digits of the fold `quantile` */
    const char *text;
    unsigned n; /* kids */
    struct node *kids[KIDS_MAX];
    struct node *body;
    /* by types.c: */
    rk_type type;
    scope scope;
    bool literal;   /* of number literals alone: it takes the type that its use asks for */
    unsigned needs; /* domains that must exist: bit 0 is recall, bit k + 1 label k */
    unsigned bound; /* domains outside of which an item has no value, and no `?` to say so */
    unsigned memo;  /* number of a fold, for its results */
} node;

typedef struct value {
    uint8_t kind, elem;
    bool missing; /* a real is missing when it is NaN */
    union {
        bool b;
        int64_t i;
        float f;
        double d;
        rk_str s;
        struct {
            struct value *items;
            unsigned len;
        } list; /* and a vector's floats */
    } as;
} value;

typedef struct field {
    char name[NAME_SIZE];
    rk_type type;
    const char *initial; /* the default's text, or NULL */
    value otherwise;     /* the default */
    bool hidden;         /* nothing uses it: not written */
} field;

/* A table in a file. */
typedef struct source {
    const char *name, *key; /* and the text of its key */
    uint8_t key_kind;
    scope scope;
    field fields[SOURCE_FIELDS];
    unsigned n_fields, n;
    value *keys;                   /* [n] */
    value *columns[SOURCE_FIELDS]; /* [n] each */
    bool hidden;
} source;

typedef struct def {
    char name[NAME_SIZE];
    unsigned n_params;
    node *body; /* NULL in a program: it was dropped */
    bool used;  /* by types.c */
} def;

typedef struct factor {
    char name[NAME_SIZE];
    rk_type declared; /* kind NONE: not written */
    node *value;      /* NULL: it was dropped */
    rk_type type;
    bool shown;
} factor;

typedef enum pipe_kind {
    PIPE_CANDIDATES,
    PIPE_SCAN, /* of the first source */
    PIPE_NAME, /* op: another pipeline */
    PIPE_UNION,
    PIPE_IF,      /* key: the condition */
    PIPE_NEAREST, /* in the index of the first source; key: the condition, or NULL */
    PIPE_WHERE,
    PIPE_TOP,
    PIPE_SORT,
    PIPE_LIMIT,
    PIPE_SPREAD,
    PIPE_PIN,
    PIPE_SINK,
} pipe_kind;

enum { FORM_PIPED, FORM_CALL, FORM_DEF };

typedef struct pipe {
    pipe_kind kind;
    unsigned op;
    bool asc;
    int label; /* -1: none; RECALL_LABEL */
    unsigned
        form; /* how it is written: after a pipe; as a call with its pipe; as the def st<form> */
    unsigned n;
    struct pipe *from[PIPES_MAX]; /* what comes in */
    node *key;                    /* or the condition */
    node *count[2];               /* k, p, or max and window */
    node *vector;                 /* of PIPE_NEAREST */
    unsigned made, within;        /* labels, by types.c */
} pipe;

enum { RECALL_LABEL = LABELS_MAX };

typedef struct program {
    rk_arena arena;
    uint64_t seed;
    bool native; /* runs as native code too */
    rk_type id_type;
    field query[FIELDS_MAX], item[FIELDS_MAX];
    unsigned n_query, n_item;
    source sources[SOURCES]; /* by item.id, by a field of the first, by query.i */
    bool has_sources, scans;
    const char *metric; /* of the index, NULL: there is none. One pipe searches it at most */
    bool graph;         /* hnsw, and not flat */
    model models[MODELS_MAX];
    unsigned n_models;
    def defs[DEFS_MAX + 8]; /* those of the prelude come first */
    unsigned n_defs, n_prelude;
    factor factors[FACTORS_MAX];
    unsigned n_factors;
    pipe *pipelines[PIPELINES_MAX]; /* the last one is run */
    unsigned n_pipelines;
    pipe *recall;   /* by types.c */
    unsigned memos; /* folds in it */
    unsigned forms; /* of stages, handed out */
} program;

/* ---- values and requests ---- */

typedef struct request {
    unsigned n; /* items sent */
    value *ids; /* [n], with doubles */
    value *items[FIELDS_MAX];
    value query[FIELDS_MAX];
    double now;
} request;

/* ---- chance (gen.c) ---- */

typedef struct gen {
    uint64_t state;
    program *p;
    unsigned labels; /* domains that may be used, as node.needs */
    unsigned within; /* domains that all items are in, as node.bound */
    bool query_only; /* nothing of item scope */
    unsigned folds;  /* how many stand around what is made */
} gen;

uint64_t draw(gen *g);
unsigned below(gen *g, unsigned n);
bool chance(gen *g, unsigned percent);

/* ---- the parts ---- */

void *must_alloc(rk_arena *arena, size_t size);
#define NEW(arena, type)          ((type *)must_alloc((arena), sizeof(type)))
#define NEW_ARRAY(arena, type, n) ((type *)must_alloc((arena), sizeof(type) * ((size_t)(n) + 1)))

typedef struct call {
    rk_arena *arena;
    const value *args;
    unsigned n;
    rk_type type; /* of the result */
    double now;
    unsigned id; /* what a body for several functions is asked for */
} call;

/* A library function: rows `params>result` apart from `|`; see functions.c. */
typedef struct function {
    const char *name;
    const char *rows;
    unsigned flags;
    value (*call)(const call *call);
} function;

enum { FN_CHAIN = 1, FN_VARIADIC = 2, FN_OWN = 4, FN_REQUEST = 8 };

extern const function functions[];
extern const unsigned n_functions;
int function_find(const char *name);
/* Row `row` of a function: its parameters (returned: how many) and its result; false: no such row.
 */
bool function_row(const function *fn, unsigned row, char *params, char *result, bool *optional);
rk_type char_type(char c); /* kind NONE: `a`, any scalar */

typedef enum fold_fn {
    FOLD_AVG,
    FOLD_SUM,
    FOLD_MIN,
    FOLD_MAX,
    FOLD_COUNT,
    FOLD_STD,
    FOLD_MEDIAN,
    FOLD_QUANTILE,
    FOLD_ANY,
    FOLD_ALL,
    FOLD_RANK,
    FOLD_ZSCORE,
    FOLD_MINMAX,
    FOLD_SOFTMAX,
    FOLD_SHARE,
    FOLD_COUNT_OF_FOLDS,
} fold_fn;
extern const char *const fold_names[];

/* types.c: types of a tree by the manual; `want` is what the use asks for (kind NONE: nothing).
 * False where the manual forbids it. A literal's type is that of its use. */
bool type_node(program *p, node *n, rk_type want);
/* pipes.c: everything, from the defs to what each stage may use. */
bool type_program(program *p);
pipe *root_pipe(const program *p, pipe *q); /* behind names */
/* What is labelled so in a pipe, and what is the domain without `over:`. */
pipe *domain_pipe(const program *p, pipe *within, int label);
bool is_recall(const program *p, const pipe *q);
/* type_model.c */
enum { PART_SCORE, PART_RAW, PART_LEAVES, PARTS };
rk_type model_type(const model *m, unsigned part);
/* Which trees count, under `trees:`: so many of each output. */
bool tree_is_taken(const model *m, unsigned number);
void mark_used(model *m); /* which inputs these ask for */
bool type_model(program *p, node *n);
bool input_fits(const input *in, const node *n);
/* How the program calls what this leaf reads; "": by no single word. */
const char *leaf_name(const program *p, const node *n);
bool is_number(uint8_t kind);
bool is_real(uint8_t kind);
bool converts(uint8_t from, uint8_t to);
bool is_literal(const node *n);
node *node_copy(rk_arena *arena, const node *n);

/* text.c */
void print_program(const program *p, rk_buf *out);
void print_node(const program *p, const node *n, rk_buf *out);

/* model_text.c */
void print_model(const program *p, unsigned number, rk_buf *out);
void print_model_call(const program *p, const node *n, rk_buf *out);
void write_models(const program *p);
void show_models(const program *p, rk_buf *out); /* their files */
void remove_models(const program *p);

/* gen*.c */
program *gen_program(uint64_t seed);
void gen_request(const program *p, uint64_t seed, unsigned n, rk_arena *arena, request *out);
node *gen_value(gen *g, uint8_t kind, unsigned depth);
node *gen_plain(gen *g, uint8_t kind, unsigned depth);
node *gen_number(gen *g, unsigned depth);
node *gen_list(gen *g, uint8_t elem, unsigned depth);
node *gen_vector(gen *g, unsigned dim, unsigned depth);
node *gen_number_as(gen *g, uint8_t kind, unsigned depth); /* may be a literal */
node *gen_call(gen *g, uint8_t kind, unsigned depth);
node *gen_fold(gen *g, uint8_t kind, unsigned depth);
node *gen_def(gen *g, uint8_t kind, unsigned depth);
node *gen_model(gen *g, rk_type want, unsigned depth);
node *gen_any_model(gen *g, unsigned depth); /* a call of some kind, typed, or NULL */
void gen_models(gen *g);
node *gen_literal(gen *g);
node *new_node(gen *g, node_kind kind, unsigned op, unsigned n, node *a, node *b, node *c);
/* The node, typed, if it may stand here and has this kind; else NULL. */
node *accept(gen *g, node *n, uint8_t kind);
node *gen_leaf(gen *g, rk_type type);
uint8_t any_scalar(gen *g);
void gen_defs(gen *g);
void gen_pipelines(gen *g);
void gen_fields(gen *g);
void gen_sources(gen *g);
/* Writes the files that the sources are read from, into the working folder; takes them away. */
void write_sources(const program *p);
void remove_sources(const program *p);
void print_source(const program *p, unsigned number, rk_buf *out);
void print_value(value v, rk_buf *out);
void add_field(field *fields, unsigned *n, const char *name, rk_type type, const char *initial,
               value otherwise);
value gen_one(gen *g, rk_type type, bool tame, rk_arena *arena);
value item_id(gen *g, rk_type type, unsigned number, rk_arena *arena);
#define NOWHERE UINT32_MAX

/* eval*.c */
typedef struct list {
    unsigned n;
    unsigned *at;  /* items, by their first place among those sent */
    value *scores; /* kind NONE: none */
} list;

/* How the index's vector is written, of the first source's fields. */
enum { INDEX_DIM = 3 };
#define INDEX_VECTOR "[tg / (tf ?? 0.0), tg, tf ?? 1.0]"

typedef struct eval {
    const program *p;
    const request *r;
    rk_arena *arena;
    unsigned n;      /* distinct items */
    unsigned n_sent; /* the first of them */
    value *ids;      /* [n] */
    unsigned *first; /* [n] where each was sent; NOWHERE */
    value *factors[FACTORS_MAX];
    bool *known[FACTORS_MAX];
    value **folds; /* [p->memos] by item, or one */
    list domains[LABELS_MAX + 1];
    bool has_domain[LABELS_MAX + 1];
    bool is_live[LABELS_MAX + 1]; /* else it stands in a branch that is not taken */
} eval;

void eval_start(eval *e, const program *p, const request *r, rk_arena *arena);
list eval_pipeline(eval *e);
/* Of item `at` of e->first; of any item, for what has query scope. */
value eval_node(eval *e, const node *n, unsigned at);
value eval_factor(eval *e, unsigned number, unsigned at);
value eval_fold(eval *e, const node *n, unsigned at);
value eval_model(eval *e, const node *n, unsigned at);
value convert(value v, uint8_t kind);
value missing_of(rk_type type);
bool has_value(value v);
double as_double(value v);
/* In order: negative, 0, positive; of two present scalars of one kind. */
int compare_values(value a, value b);
bool same_key(value a, value b);
/* The sum by the contract of what is kept: keep NULL for all. */
double lane_sum(const double *x, const bool *keep, unsigned n);
double quantile_of(double *x, unsigned n, double q);

value value_bool(bool b);
value value_int(int64_t i);
value value_float(float f);
value value_double(double d);
value value_str(rk_str s);

/* run.c: compiles and runs it on every CPU level; an empty string, or what differs. With
 * `formatted` the text goes through the formatter first. */
typedef struct fault {
    char text[2048];
    int factor; /* that differs, or -1 */
} fault;
bool run_program(const program *p, const request *requests, unsigned n_requests, bool formatted,
                 fault *out);
void print_request(const program *p, const request *r, rk_buf *out);

/* shrink.c */
void shrink(program *p, request *r, bool formatted);

#endif
