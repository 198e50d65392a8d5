/* Where features come from. A source kind is one file with one ops struct and a row in sources.c. A
 * file kind loads the wanted columns of its whole file into a relation when the program is opened;
 * rows are then found by key. */
#ifndef RK_SOURCE_SOURCE_H
#define RK_SOURCE_SOURCE_H

#include "runtime/base/diag.h"
#include "runtime/base/flag.h"
#include "runtime/data/schema.h"

/* Rows from `row` on stand on consecutive lines from `line` on. */
typedef struct rk_line_run {
    uint32_t row;
    uint64_t line; /* from 1 */
} rk_line_run;

/* The loaded rows of a source. Immutable once loaded; shared by threads. It lives in the arena of
 * its load, but for `file`. */
typedef struct rk_relation {
    uint32_t n_rows;
    rk_column *columns; /* [wanted->n], in the schema's order. Of type T? wherever a cell may be
                           absent; defaults are already filled in for empty cells */
    rk_column *keys;    /* [n_keys] INT or STRING, plain */
    uint32_t n_keys;    /* 1 or more */
    uint32_t *dense;    /* one key (an INT, or a STRING's atom) whose values lie close together:
                           [dense_len] row of dense_first + i, UINT32_MAX for none; else NULL */
    int64_t dense_first;
    uint32_t dense_len;
    rk_intmap by_int;  /* any other one key: key -> row */
    rk_table by_hash;  /* more keys: hash of all parts -> row */
    uint32_t bad_rows; /* rows left out under max_bad_rows */
    RK_VEC(rk_line_run)
    lines;           /* where the rows stand in the file of keys, ascending; empty: that
                        has no lines */
    rk_mapping file; /* mapped, where a column stands in it; else empty */
} rk_relation;

/* What to load. */
typedef struct rk_source_spec {
    rk_str name;              /* of the source, for messages */
    rk_span span;             /* of its declaration */
    rk_str path;              /* resolved */
    const rk_str *bytes;      /* what the file holds, where that is in memory; NULL: it is read */
    const rk_schema *wanted;  /* only these columns are read */
    const rk_str *keys;       /* [n_keys] column names */
    const rk_type *key_types; /* [n_keys] INT or STRING */
    uint32_t n_keys;
    rk_str sep;              /* csv only: "" = the kind's own */
    rk_str ids;              /* files of vectors: the file of their keys, resolved, or "" */
    const rk_str *ids_bytes; /* what it holds, where that is in memory, or NULL */
    uint32_t max_bad_rows;   /* bad rows that are left out before the load fails */
} rk_source_spec;

/* Where loaded things live and where words go. */
typedef struct rk_load {
    rk_arena *arena;   /* of the program */
    rk_atoms *strings; /* of the program */
    rk_diags *diags;
    const rk_flag *stop; /* true: the load ends with RK_ESTOP. May be NULL */
} rk_load;

struct rk_matrix;

typedef struct rk_source_ops {
    const char *name; /* "csv" */
    const char *sig;  /* arguments after the path: `(key: string, sep: string = ",")`, for help and
                         checks; the path comes first and is not in it. `key` may be a tuple */
    const char *doc;
    const char *example; /* a whole declaration */
    bool vectors;        /* a file of nothing but vectors: one field, and keys from `ids:` */
    /* Reads the file of spec into columns and keys (not yet indexed). Errors: E05xx with file, row
     * (line, from 1) and column; E06xx for the file. */
    rk_status (*load)(const rk_load *load, const rk_source_spec *spec, rk_relation *out);
    /* Of a file of vectors: where in its bytes the rows stand, and how long they are (matrix.h),
     * before anything is asked of them. E0524. NULL for the other kinds. */
    rk_status (*rows)(const rk_load *load, const rk_source_spec *spec, rk_str bytes,
                      struct rk_matrix *out);
} rk_source_ops;

/* All kinds, NULL-ended: csv tsv jsonl letor npy fvecs bvecs ivecs. */
extern const rk_source_ops *const rk_sources[];
const rk_source_ops *rk_source_find(rk_str name);

/* ops->load, then the index by key; a key in two rows is an error that shows both. */
RK_NODISCARD rk_status rk_relation_load(const rk_load *load, const rk_source_ops *ops,
                                        const rk_source_spec *spec, rk_relation *out);

/* Gives back the file that a relation stands on. One that was not loaded is all 0. */
void rk_relation_free(rk_relation *relation);

/* rows[i] = the row with keys[0][i], keys[1][i] …, or UINT32_MAX when there is none or a part is
 * missing. STRING keys are atoms of the program's table or of one standing on it (`strings`): an
 * atom beyond the program's table cannot be in. */
void rk_relation_find(const rk_relation *relation, const rk_column *keys, uint32_t n,
                      uint32_t *rows);

/* The line of the file of keys, from 1, where a row begins; 0 if that has no lines. */
uint64_t rk_relation_line(const rk_relation *relation, uint32_t row);

/* ---- requests ---- */

/* Schema of what a request carries. `id_type` is INT or STRING. `item` excludes id. */
typedef struct rk_request_spec {
    const rk_schema *query;
    const rk_schema *item;
    rk_type id_type;
    uint32_t max_bad_rows;
    bool unique_ids; /* what comes of them is told apart by their ids: one that was there before is
                        bad */
} rk_request_spec;

/* A stream of requests from a file. */
typedef struct rk_requests rk_requests;

typedef struct rk_request_ops {
    const char *name; /* "jsonl", "tsv", "letor" */
    const char *doc;
    rk_status (*open)(rk_arena *arena, rk_str path, const rk_request_spec *spec, rk_diags *diags,
                      rk_requests **out);
    /* The next request, in `arena` with strings in `strings` (the request's own table); *more =
     * false at the end. */
    rk_status (*next)(rk_requests *requests, rk_arena *arena, rk_atoms *strings, rk_diags *diags,
                      rk_request *out, bool *more);
    void (*close)(rk_requests *requests);
} rk_request_ops;

extern const rk_request_ops *const rk_request_kinds[]; /* NULL-ended */
/* By the file's content: a `{` first is jsonl, a number and ` qid:` letor, any other first line
 * with a tab tsv; `name` (may be empty) decides when given. NULL if none fits. */
const rk_request_ops *rk_request_find(rk_str name, rk_str first_bytes);
/* The same for a file: its name decides over a first line that may be bad. */
const rk_request_ops *rk_request_of(rk_str path, rk_str first_bytes);
/* Says that a file holds no requests: RK_EDATA. */
RK_NODISCARD rk_status rk_request_unknown(rk_diags *diags, rk_str path);

/* A request of nothing but `name=value` pairs (--query user=7), values parsed by the schema's
 * types: unknown names, missing required fields and unparsable values are diagnostics. Lists and
 * vectors are JSON. */
RK_NODISCARD rk_status rk_request_from_pairs(const rk_request_spec *spec, const rk_str *pairs,
                                             uint32_t n, rk_arena *arena, rk_atoms *strings,
                                             rk_diags *diags, rk_request *out);

#endif
