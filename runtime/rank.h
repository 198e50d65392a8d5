/* librank: ranking requests with a compiled program. This header is all that an embedder needs; it
 * includes nothing of the rest of the library. C11 and C++17.
 *
 *     rank_program *program;
 *     rank_context *cx;
 *     const rank_result *result;
 *     uint32_t price;
 *
 *     rank_open("shop.rankb", NULL, &program);         once
 *     rank_context_new(program, &cx);                  once a thread
 *     rank_find_item(cx, "price", &price);             once: requests then go by number
 *
 *     rank_begin(cx);                                  each request
 *     rank_set_ids(cx, ids, 3);
 *     rank_set_item(cx, price, rank_floats(prices, 3, 3));
 *     rank_run(cx, 0, &result);                        result->ids is the ranked list
 *
 * Threads. A program never changes once it is open: any number of threads share it. A context
 * belongs to one thread at a time. Free the contexts, then close the program.
 *
 * Errors. Whatever can fail returns a rank_status, and leaves words for people in rank_message (of
 * a context) or rank_program_message (of a program that did not open). Nothing here ends the
 * process, writes to a stream, or keeps state outside of programs and contexts.
 *
 * Memory. Arrays and texts that are handed over are not copied: they are the caller's, and must
 * stay as they are until the last look at the result of the run that used them. What comes back in
 * a result belongs to the context until its next rank_begin or rank_run. Once a context has seen a
 * request of some size, later ones of that size allocate nothing. */
#ifndef RK_RANK_H
#define RK_RANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a call ended. The numbers are those of the exit codes of `rankc`. */
typedef enum rank_status {
    RANK_OK = 0,
    RANK_EPROGRAM = 1, /* the program has errors */
    RANK_EUSAGE = 2, /* a call that makes no sense: NULL, an unknown name, a wrong type or length */
    RANK_EDATA = 4,  /* bad data: a value that was needed and is not there */
    RANK_EFILE = 5,  /* a file is not available, or a bundle is damaged or of another version */
    RANK_ELIMIT = 6, /* too large */
    RANK_ENOMEM = 7, /* memory is out; the context or program can still be used, and freed */
    RANK_EBUG = 70,  /* a mistake of this library: please report it */
} rank_status;

typedef struct rank_program rank_program;
typedef struct rank_context rank_context;

/* UTF-8 of a known length; NULs may be inside and none need follow. */
typedef struct rank_string {
    const char *data;
    size_t len;
} rank_string;

/* ---- types ---- */

typedef enum rank_kind {
    RANK_NONE,   /* nothing there: the scores of a list without scores */
    RANK_BOOL,   /* bool */
    RANK_INT,    /* int64_t */
    RANK_FLOAT,  /* float; NaN: missing */
    RANK_DOUBLE, /* double; NaN: missing */
    RANK_STRING, /* rank_string */
    RANK_VECTOR, /* float[dim] */
    RANK_LIST,   /* rank_slice, over elements of kind `element` */
} rank_kind;

typedef struct rank_type {
    rank_kind kind;
    rank_kind element; /* of a list */
    uint32_t dim;      /* of a vector */
    bool optional;     /* may be missing */
} rank_type;

/* Elements at .. at + len of a column's elements: one list. */
typedef struct rank_slice {
    uint32_t at;
    uint32_t len;
} rank_slice;

/* Values of one type, one an item: how columns are handed over, and how they come back. */
typedef struct rank_column {
    rank_type type;
    const void *data; /* n values, of the C type that stands at the kind */
    size_t n;
    size_t room;             /* handed over: values that `data` has room for; see rank_set_item */
    const uint64_t *present; /* bit i % 64 of word i / 64: value i is there. NULL: all are, or (of
                                floats and doubles) NaN says which are not */
    const void *elements;    /* of lists: values of kind type.element */
    size_t n_elements;
} rank_column;

/* ---- programs ---- */

/* Who does the work. The results are the same, to the bit. */
typedef enum rank_engine {
    RANK_ENGINE_AUTO,   /* native code where there is some for this machine, else interpreted */
    RANK_ENGINE_INTERP, /* the interpreter */
    RANK_ENGINE_JIT1, /* native code from the first request, that is made fast; of a bundle: JIT2 */
    RANK_ENGINE_JIT2, /* native code from the first request, that runs fast. Where there is none,
                         opening fails */
} rank_engine;

/* {0} (in C++ {}) is a fine set of options. */
typedef struct rank_options {
    rank_engine engine;
    uint32_t threads;        /* that one request may keep busy; 0: one, the caller's */
    uint32_t max_bad_rows;   /* bad rows of each source that are left out before opening fails */
    const char *pipeline;    /* open this pipeline alone; NULL: all of them */
    const char *revision;    /* from source alone: of this revision; NULL: everything */
    const char *const *show; /* [n_show] from source alone: expressions whose values come back with
                                each result; a bundle has its own */
    size_t n_show;
    bool no_cache; /* from source alone: native code is neither looked for on disk nor kept there */
} rank_options;

/* Opens a bundle that `rankc compile --emit=bundle` made. *out must be closed after a failure too:
 * it then holds the message (or is NULL: no memory). `options` may be NULL. */
rank_status rank_open(const char *path, const rank_options *options, rank_program **out);

/* The same for a bundle in memory, aligned to 8 bytes, which must stay as long as the program. */
rank_status rank_open_bytes(const void *bytes, size_t n, const rank_options *options,
                            rank_program **out);

/* Frees a program whose contexts are freed; NULL is nothing. */
void rank_close(rank_program *program);

/* Why opening failed: as `rankc` would print it. "" when it did not; never NULL. */
const char *rank_program_message(const rank_program *program);

/* A field of the query or of items. */
typedef struct rank_field {
    const char *name;
    rank_type type;
    const char *initial; /* its default, as the program would write it; NULL: it has none */
} rank_field;

/* A value that comes back beside the list. */
typedef struct rank_output {
    const char *name;
    rank_type type;
    bool per_item; /* else one value for the request: its column has n = 1 */
} rank_output;

typedef struct rank_pipeline {
    const char *name;
    const rank_output *outputs;
    size_t n_outputs;
    bool candidates; /* it ranks what was sent: ids must be set */
} rank_pipeline;

/* What a program has. Fields, pipelines and outputs are known by their places here. */
typedef struct rank_info {
    rank_kind id_kind; /* RANK_INT or RANK_STRING */
    const rank_field *query;
    size_t n_query;
    const rank_field *item; /* without `id` */
    size_t n_item;
    const rank_pipeline *pipelines;
    size_t n_pipelines;
} rank_info;

/* Lives as long as the program; NULL of a program that did not open. */
const rank_info *rank_program_info(const rank_program *program);

/* What requests to a pipeline begin with now: 0 the interpreter, 1 or 2 native code of that tier.
 * With RANK_ENGINE_AUTO it may rise while requests run. */
uint32_t rank_program_tier(const rank_program *program, uint32_t pipeline);

/* Why requests to a pipeline do not run the native code that was asked for: it is not made yet, a
 * bundle has none for this machine, the system lets none be run. "" when they do, or when the
 * interpreter was asked for; never NULL. */
const char *rank_program_reason(const rank_program *program, uint32_t pipeline);

/* "0.1.0": of the library that is running. */
const char *rank_version(void);

/* ---- contexts ---- */

/* Memory for one request at a time. *out is NULL after a failure: memory is out, or the program is
 * not open. */
rank_status rank_context_new(const rank_program *program, rank_context **out);
void rank_context_free(rank_context *cx);

/* What went wrong in the last call that failed, with the code that `rankc explain` knows: "E0514:
 * query field `user` was not sent …". "" before that; never NULL. */
const char *rank_message(const rank_context *cx);

/* Numbers of names, for requests to use; the message of an unknown name suggests one. */
rank_status rank_find_query(rank_context *cx, const char *name, uint32_t *field);
rank_status rank_find_item(rank_context *cx, const char *name, uint32_t *field);
rank_status rank_find_pipeline(rank_context *cx, const char *name, uint32_t *pipeline);
rank_status rank_find_output(rank_context *cx, uint32_t pipeline, const char *name,
                             uint32_t *output);

/* ---- a request ---- */

/* Forgets the last request and its result. What is not set from here on has its default or is
 * missing. */
rank_status rank_begin(rank_context *cx);

/* Values of query fields. The function must fit the field's type; floats are for float fields and
 * doubles for double fields. */
rank_status rank_set_bool(rank_context *cx, uint32_t field, bool value);
rank_status rank_set_int(rank_context *cx, uint32_t field, int64_t value);
rank_status rank_set_float(rank_context *cx, uint32_t field, float value);
rank_status rank_set_double(rank_context *cx, uint32_t field, double value);
rank_status rank_set_string(rank_context *cx, uint32_t field, const char *text, size_t len);

/* A vector, or a list of scalars: rank_floats(weights, 64, 64) for vector(64) or list(float). */
rank_status rank_set_list(rank_context *cx, uint32_t field, rank_column values);

/* Takes a value back: the field has its default, or is missing. */
rank_status rank_set_missing(rank_context *cx, uint32_t field);

/* The candidates, in the order in which equals stay. Forgets the columns of earlier ones. */
rank_status rank_set_ids(rank_context *cx, const int64_t *ids, size_t n);
rank_status rank_set_string_ids(rank_context *cx, const rank_string *ids, size_t n);

/* The values of an item field, one for each id, after the ids. A missing one counts as not sent.
 *
 * Numbers, bools and vectors are read where they are if `data` is at a multiple of 64 bytes and has
 * room for n rounded up to a multiple of 16 (what stands beyond n does not matter); rank_alloc
 * gives such memory. Others are copied by each run. Texts are looked up in the program's table by
 * each run: reckon with 20 to 40 ns a text, so give what does not change (brands, titles) to a
 * source. */
rank_status rank_set_item(rank_context *cx, uint32_t field, rank_column values);

/* Epoch seconds that now() gives; the clock when it is not set. */
rank_status rank_set_now(rank_context *cx, double now);

/* Columns to hand over; `room` as in rank_column, n at least. */
static inline rank_column rank_column_of(rank_kind kind, const void *data, size_t n, size_t room)
{
    rank_column column = {{RANK_NONE, RANK_NONE, 0, false}, NULL, 0, 0, NULL, NULL, 0};
    column.type.kind = kind;
    column.data = data;
    column.n = n;
    column.room = room;
    return column;
}
static inline rank_column rank_bools(const bool *data, size_t n, size_t room)
{
    return rank_column_of(RANK_BOOL, data, n, room);
}
static inline rank_column rank_ints(const int64_t *data, size_t n, size_t room)
{
    return rank_column_of(RANK_INT, data, n, room);
}
static inline rank_column rank_floats(const float *data, size_t n, size_t room)
{
    return rank_column_of(RANK_FLOAT, data, n, room);
}
static inline rank_column rank_doubles(const double *data, size_t n, size_t room)
{
    return rank_column_of(RANK_DOUBLE, data, n, room);
}
static inline rank_column rank_strings(const rank_string *data, size_t n)
{
    return rank_column_of(RANK_STRING, data, n, n);
}
/* n vectors, one after the other. */
static inline rank_column rank_vectors(const float *data, uint32_t dim, size_t n, size_t room)
{
    rank_column column = rank_column_of(RANK_VECTOR, data, n, room);
    column.type.dim = dim;
    return column;
}
/* n lists: slices of the elements, which are a column of scalars. */
static inline rank_column rank_lists(rank_column elements, const rank_slice *slices, size_t n)
{
    rank_column column = rank_column_of(RANK_LIST, slices, n, n);
    column.type.element = elements.type.kind;
    column.elements = elements.data;
    column.n_elements = elements.n;
    return column;
}
/* The same column, of which only the values whose bits are set are there. */
static inline rank_column rank_where(rank_column column, const uint64_t *present)
{
    column.present = present;
    return column;
}

/* Memory for `n` values of `size` bytes that rank_set_item reads in place, or NULL. rank_room(n) is
 * the room it has. Freed with rank_free, by any thread. */
void *rank_alloc(size_t n, size_t size);
void rank_free(void *memory);
static inline size_t rank_room(size_t n) { return (n + 15) / 16 * 16; }

/* ---- running ---- */

/* A ranked list. Item i has the rank i + 1. */
typedef struct rank_result {
    size_t n;
    rank_column ids;            /* RANK_INT or RANK_STRING */
    rank_column scores;         /* keys of the last `top` or `sort`; RANK_NONE: it had none */
    const rank_column *outputs; /* [n_outputs] */
    size_t n_outputs;
    size_t candidates; /* items of the first list, doubled ids once */
    size_t dropped;    /* items left out for want of a row in a source */
} rank_result;

/* Ranks what was set. It stays set, for another pipeline to rank. */
rank_status rank_run(rank_context *cx, uint32_t pipeline, const rank_result **out);

#ifdef __cplusplus
}
#endif

#endif
