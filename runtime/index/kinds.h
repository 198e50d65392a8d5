/* Kinds of indexes as programs declare them: `index by_vec = hnsw(vec, metric: "dot")`. The rows
 * are read by the compiler, and by what helps people to write: help, completion, the manual. */
#ifndef RK_INDEX_KINDS_H
#define RK_INDEX_KINDS_H

#include "runtime/index/index.h"

/* What a declaration says of an index; 0: left to rk_index_build and rk_index_search. */
typedef struct rk_index_form {
    rk_index_kind kind;
    rk_index_metric metric;
    uint32_t m, ef_construction, ef;
} rk_index_form;

/* Arguments of a declaration after its vector, by name. */
typedef enum rk_index_option {
    RK_INDEX_OPTION_METRIC,
    RK_INDEX_OPTION_M,
    RK_INDEX_OPTION_EF_CONSTRUCTION,
    RK_INDEX_OPTION_EF,
    RK_INDEX_OPTION_FILE,
    RK_INDEX_OPTION_COUNT
} rk_index_option;

/* "metric"; of a number the least and the most that it may be, else 0 and 0. */
typedef struct rk_index_option_row {
    const char *name;
    uint32_t least, most;
} rk_index_option_row;
extern const rk_index_option_row rk_index_options_known[RK_INDEX_OPTION_COUNT];

typedef struct rk_index_kind_row {
    const char *name; /* "hnsw" */
    const char *sig;  /* arguments after the vector, for help */
    rk_index_kind kind;
    uint32_t options; /* bits of rk_index_option: which it takes */
    const char *doc;
    const char *example; /* a whole declaration */
} rk_index_kind_row;

extern const rk_index_kind_row rk_index_kinds[]; /* ended by a row without name */
const rk_index_kind_row *rk_index_kind_find(rk_str name);

/* An index that no file holds is built when a program is loaded, if it has at most this many rows,
 * or bytes of vectors: about a minute's work. */
#define RK_INDEX_LOADED_BYTES (UINT64_C(1) << 31)
enum { RK_INDEX_LOADED_GRAPH = 100000 };

/* Whether n vectors of dim numbers may be indexed while a program is loaded. */
bool rk_index_is_small(rk_index_kind kind, uint64_t n, uint32_t dim);

#endif
