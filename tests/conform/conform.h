/* Conformance of the engines: one specification, made from the registries of functions and folds
 * and from the operations of the language (spec*.c), over a grid of odd values (grid.c). It is
 * written as programs (program.c), which run on every engine, CPU level, tier and number of
 * threads, over lists of many lengths (ways.c, run.c). What an item gets must have the same bits
 * everywhere, wherever the item stands (compare.c). Memory ends the test where it is wanting. */
#ifndef RK_CONFORM_CONFORM_H
#define RK_CONFORM_CONFORM_H

#include "compiler/driver/native.h"
#include "compiler/rankc.h"
#include "runtime/plan/bundle.h"
#include "stdlib/fn.h"

void *must_alloc(rk_arena *arena, size_t size);
#define NEW_ARRAY(arena, type, n) ((type *)must_alloc((arena), sizeof(type) * ((size_t)(n) + 1)))

/* ---- values (grid.c) ---- */

/* Types of fields. */
typedef enum sort {
    SORT_BOOL,
    SORT_INT,
    SORT_FLOAT,
    SORT_DOUBLE,
    SORT_STRING,
    SORT_BOOLS, /* lists */
    SORT_INTS,
    SORT_FLOATS,
    SORT_DOUBLES,
    SORT_STRINGS,
    SORT_VECTOR,
    SORT_COUNT
} sort;

enum {
    SLOTS = 4,          /* fields of each sort: for the first to the fourth argument */
    GRID_ITEMS = 10000, /* that there are; numbers of items */
    PAIR_ITEMS = 1000,  /* of these the first: all pairs of values of slots 1 and 2 */
    QUERIES = 6,        /* sets of values of the query fields */
    DIMENSIONS = 19,
};

/* Names of fields: `f2` for item fields, `f2o` for the optional ones; `qf2`, `qf2o` for the
 * query's.
 */
extern const char *const sort_names[SORT_COUNT];
rk_type sort_type(sort s, bool optional);
sort sort_of(rk_type type); /* SORT_COUNT: none */

/* Items in an order, and the query that comes with them. */
typedef struct sample {
    char name[48];
    uint32_t n;
    uint32_t query;  /* below QUERIES */
    uint32_t *items; /* [n] */
    int64_t *ids;    /* [n] the same, as a column */
    rk_arena *arena;
    rk_column columns[SORT_COUNT][SLOTS][2]; /* [optional]; made when first used. Texts are numbers
                                                of the grid's, not atoms */
} sample;

sample *sample_new(rk_arena *arena, const char *name, uint32_t n, uint32_t query);

/* The request of a sample, with memory and texts of the run. The plan's schemas are those that
 * grid_declare writes. */
void sample_request(sample *s, const rk_plan *plan, rk_run *run, rk_request *out);

/* The blocks `query` and `item`. */
void grid_declare(rk_buf *out);

/* `f2 = 0.5, …` of an item and a query for each field whose name stands in the text. */
void grid_print(const char *text, uint32_t item, uint32_t query, rk_buf *out);

/* ---- the specification (spec*.c) ---- */

/* What is counted: a row of a registry, an operation. */
typedef struct subject {
    const char *name;
    uint32_t n_cases, n_refused, n_failed;
    bool needed; /* one case at least must be taken by the compiler */
} subject;

/* A factor. */
typedef struct spec_case {
    const char *text;
    const char *pipe; /* what makes the list; texts are compared by address */
    uint32_t subject;
    bool whole;    /* depends on the items of the list, or the list does: a fold, a filter */
    bool asks;     /* uses query fields */
    bool optional; /* the compiler may refuse it */
} spec_case;

typedef struct spec {
    rk_arena arena;
    RK_VEC(subject) subjects;
    RK_VEC(spec_case) cases;
    const char *pipe; /* of the cases that are added */
    bool whole, optional, asks;
} spec;

extern const char *const pipe_all; /* `candidates` */

/* How an operand is written. */
typedef enum form {
    FORM_PLAIN,
    FORM_NAN, /* a plain real that may be NaN; other kinds: PLAIN */
    FORM_OPTIONAL,
    FORM_QUERY,
    FORM_QUERY_OPTIONAL,
    FORM_CONST,             /* the sort's first constant; the others follow */
    FORM_COMPUTED = 32,     /* of other fields, never missing but NaN */
    FORM_COMPUTED_OPTIONAL, /* may be missing */
} form;
bool form_is_optional(form f);
uint32_t sort_constants(sort s); /* how many there are */

/* Starts a subject; its cases follow. */
void spec_subject(spec *s, bool needed, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void spec_add(spec *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Text of an operand, in the spec's arena. `slot` counts from 0. */
const char *spec_operand(spec *s, sort sort, uint32_t slot, unsigned form);
const char *spec_text(spec *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

void spec_core(spec *s);      /* operations: spec_core.c */
void spec_mixed(spec *s);     /* many at once: spec_core.c */
void spec_functions(spec *s); /* spec_fn.c */
void spec_folds(spec *s);     /* spec_fold.c */
void spec_filters(spec *s);   /* spec_fold.c */

/* ---- programs (program.c) ---- */

/* Cases with one pipeline, compiled together. */
typedef struct program {
    spec *spec;
    const uint32_t *cases; /* [n] numbers */
    uint32_t n;
    rk_buf text;
    rk_compiled compiled;
    rk_plan *plan;
} program;

/* Compiles; false: somewhat is refused, and the messages are in `why`. To be freed even then. */
bool program_open(program *p, spec *s, const uint32_t *cases, uint32_t n, rk_buf *why);
void program_close(program *p);

/* ---- where it ran ---- */

typedef enum place { PLACE_NATIVE, PLACE_BLOCK, PLACE_INTERP, PLACES } place;

/* How many instructions ran where, by function row, and by operation and kind of its operands. */
typedef struct coverage {
    uint32_t *functions; /* [rk_fn_count()][PLACES] */
    uint32_t core[RK_CORE_COUNT][RK_KIND_COUNT][PLACES];
    uint32_t *folds; /* [rk_fold_count()][PLACES] NATIVE: in a sweep */
    uint32_t filters[PLACES];
} coverage;
void coverage_init(coverage *c, rk_arena *arena);
void coverage_add(coverage *c, const rk_plan *plan, const rk_code *code);
void coverage_print(const coverage *c);
/* Whether calls of the row were seen at all. */
bool coverage_has(const coverage *c, uint32_t row);

/* ---- engines (ways.c) ---- */

enum { WAYS_MAX = 32 };

/* One way to run a program. */
typedef struct way {
    char name[64];
    rk_engine *engine;
    rk_run *run;
    const rk_plan *plan; /* the compiler's, or the same read from bytes */
} way;

typedef struct ways {
    rk_arena arena;
    rk_diags diags;
    rk_atoms strings; /* of the plan that was read from bytes */
    rk_bundle bundle;
    way reference; /* the scalar interpreter */
    way way[WAYS_MAX];
    uint32_t n;
    rk_code shown; /* code for the best level, tier 2; text NULL: there is none */
} ways;

/* All ways on this machine; false with the reason in `why`. To be freed even then. `emitter` NULL:
 * interpreters alone. */
bool ways_open(ways *w, const rk_plan *plan, const rk_emitter *emitter, rk_buf *why);
void ways_close(ways *w);

/* ---- running (run.c, compare.c) ---- */

typedef struct result {
    rk_reply reply;
    const rk_atoms *strings;
} result;
bool way_run(way *w, sample *s, rk_diags *diags, result *out);

/* The first item of `got` that differs from the item at[i] of `want` (NULL: i) in column `shown`;
 * UINT32_MAX: none. */
uint32_t result_differs(const result *got, const result *want, const uint32_t *at, uint32_t shown);
/* As JSON, with its bits where it is a real. */
void result_print(const result *r, uint32_t shown, uint32_t i, rk_buf *out);

typedef struct options {
    bool list;        /* print what ran where */
    bool all;         /* each length on each engine */
    bool verbose;     /* print texts that the compiler refuses */
    uint32_t one;     /* the number of the only program; 0: all */
    uint32_t group;   /* cases in a program; 0: as many as usual */
    uint64_t seed;    /* of the order of cases; 0: as written */
    const char *only; /* part of a subject's name, or NULL */
} options;

typedef struct conform {
    options options;
    rk_arena arena;
    spec spec;
    coverage coverage;
    const rk_emitter *emitter;
    sample **samples; /* [n_samples] */
    uint32_t n_samples;
    sample *big[QUERIES]; /* for what each item gets: all items, or the pairs */
    uint32_t n_programs, n_runs, n_shown;
    uint64_t n_values;
} conform;

/* Runs cases of one pipeline. */
void conform_run(conform *c, const uint32_t *cases, uint32_t n);

#endif
