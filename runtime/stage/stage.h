/* Stages: what a pipeline is made of. A selecting stage is a pure function from evaluated keys of
 * the items of a list to the positions it lets through, in their new order; it knows nothing of
 * programs or plans. A stage kind is one file with one row; rows are listed in stages.c. Producers
 * (candidates scan nearest union) have rows too, for names, arguments and help: the executor
 * builds their lists. Every order is total: key, then order of arrival. */
#ifndef RK_STAGE_STAGE_H
#define RK_STAGE_STAGE_H

#include "runtime/base/status.h"
#include "runtime/data/column.h"

enum { RK_STAGE_PARAMS_MAX = 4 };

typedef struct rk_stage_call {
    uint32_t n;                          /* items that arrive */
    const rk_column *key;                /* n items, or NULL for a stage without a key */
    bool descending;                     /* sort */
    int64_t params[RK_STAGE_PARAMS_MAX]; /* ints in the order of the row: k, or m, w, or p */
    const rk_atoms *strings;             /* orders STRING keys by text */
    rk_arena *scratch;
    uint32_t *out;  /* [n] positions among the arriving items */
    uint32_t n_out; /* set by the stage; <= n */
} rk_stage_call;

typedef enum rk_stage_kind {
    RK_STAGE_PRODUCER, /* no list comes in; run is NULL */
    RK_STAGE_UNION,    /* several lists come in; run is NULL */
    RK_STAGE_SELECT,   /* one list comes in */
} rk_stage_kind;

/* args: as a signature of stdlib (`(k: int, by: key)`), with the types
 *   key    an item factor that orders or groups: number, bool or string, plain or (spread) optional
 *   cond   an item (or query) factor of type bool
 *   int    a plain int of query or const scope
 *   source, index, vector, pipe   the arguments of producers
 * `pipe...` takes one or more, `= true` may be left out, and of `desc: key | asc: key` exactly one
 * is given, by name. The list that comes in is not in it. rk_stage_params reads it. */
typedef struct rk_stage {
    const char *name;
    const char *args;
    rk_stage_kind kind;
    bool scores;                           /* the key becomes the item's score (top, sort) */
    bool key_optional;                     /* missing keys are fine (spread) */
    rk_status (*run)(rk_stage_call *call); /* RK_OK or RK_ENOMEM */
    const char *doc;
    const char *example; /* a stage as written in a pipeline */
} rk_stage;

/* All rows, NULL-ended. */
extern const rk_stage *const rk_stages[];
const rk_stage *rk_stage_find(rk_str name);
uint32_t rk_stage_index(const rk_stage *stage);

typedef enum rk_stage_type {
    RK_STAGE_KEY,
    RK_STAGE_COND,
    RK_STAGE_INT,
    RK_STAGE_SOURCE,
    RK_STAGE_INDEX,
    RK_STAGE_VECTOR,
    RK_STAGE_PIPE,
} rk_stage_type;

typedef struct rk_stage_param {
    rk_str name;
    rk_stage_type type;
    bool optional; /* may be left out */
    bool many;     /* one or more */
    bool either;   /* this one or the one before it, by name */
} rk_stage_param;

/* The parameters of a row in order; at most RK_STAGE_PARAMS_MAX. Returns their number, or
 * UINT32_MAX for a row that is itself wrong (a test walks all rows). */
uint32_t rk_stage_params(const rk_stage *stage, rk_stage_param out[RK_STAGE_PARAMS_MAX]);

#endif
