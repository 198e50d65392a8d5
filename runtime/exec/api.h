/* What stands behind runtime/rank.h: programs and contexts. Private to the files api_*.c, and to
 * compiler/driver/api.c, which makes programs from source. */
#ifndef RK_EXEC_API_H
#define RK_EXEC_API_H

#include "runtime/exec/engine.h"
#include "runtime/rank.h"

/* One pipeline of a program. */
typedef struct rk_api_part {
    const rk_plan *plan;
    rk_engine *engine;
    const uint32_t *query; /* [n_query] query fields that the plan reads */
    const uint32_t *item;  /* [n_item] item fields that it reads */
    uint32_t n_query, n_item;
    bool reads_ids; /* as a column, so that they must stand like one */
    /* Who makes code for the engine; functions may be NULL. */
    void *tiers;
    void (*ran)(void *tiers, const rk_reply *reply); /* a request was ranked; any thread */
    void (*gone)(void *tiers);                       /* the engine is about to be freed */
    const char *(*why)(const void *tiers);           /* there is no code; any thread */
    const char *reason;                              /* without tiers: the same; or NULL */
} rk_api_part;

struct rank_program {
    rk_arena arena;
    RK_VEC(rk_api_part) parts;
    rk_models models;   /* of all parts: a file is read once */
    rk_indexes indexes; /* the same */
    rank_info info;
    bool open;
    rk_buf message;
    const char *path; /* of the program while it is opened, for advice; NULL: not known */
    void *owner;      /* of the plans */
    void (*release)(void *owner);
};

/* A query value or a column as it was handed over; data NULL: it was not. */
typedef struct rk_api_sent {
    rank_column column;
    union {
        bool b;
        int64_t i;
        float f;
        double d;
        rank_string s;
    } one; /* of the query: what column.data points to */
} rk_api_sent;

struct rank_context {
    const rank_program *program;
    rk_arena arena;     /* of the context itself */
    rk_run **runs;      /* [parts] made when a pipeline is first run */
    rk_run *run;        /* the last one that ranked, or NULL */
    rk_api_sent *query; /* [n_query] */
    rank_column *item;  /* [n_item] */
    rk_value *values;   /* [n_query] for the request */
    rk_column *columns; /* [n_item] for the request */
    rank_column ids;
    bool has_ids, has_now;
    double now;
    rank_result result;
    rk_buf message;
};

/* ---- making programs (api_program.c) ---- */

/* A program without pipelines; it gives `owner` to `release` when it is closed, also after a
 * failure. *out is NULL when memory is out, and the owner is then released. */
RK_NODISCARD rk_status rk_api_new(void *owner, void (*release)(void *owner), rank_program **out);

/* Makes an engine of a plan, which lives with the owner, and may find its data in `files` (or
 * NULL); it is the last of program->parts then. Messages go to diags. */
RK_NODISCARD rk_status rk_api_add(rank_program *program, const rk_plan *plan,
                                  const rank_options *options, const rk_files *files,
                                  rk_diags *diags);

/* The last step: what the program tells of itself, or why it did not open. Returns the status. */
rank_status rk_api_finish(rank_program *program, rk_status status, const rk_diags *diags,
                          const rk_texts *texts);

/* ---- shared by api_*.c ---- */

_Static_assert((int)RANK_NONE == RK_KIND_NONE && (int)RANK_BOOL == RK_KIND_BOOL &&
                   (int)RANK_INT == RK_KIND_INT && (int)RANK_FLOAT == RK_KIND_FLOAT &&
                   (int)RANK_DOUBLE == RK_KIND_DOUBLE && (int)RANK_STRING == RK_KIND_STRING &&
                   (int)RANK_VECTOR == RK_KIND_VECTOR && (int)RANK_LIST == RK_KIND_LIST,
               "one numbering of kinds");
_Static_assert(sizeof(rank_slice) == sizeof(rk_slice), "one layout of slices");

static inline rank_type rk_api_type(rk_type type)
{
    return (rank_type){(rank_kind)type.kind, (rank_kind)type.elem, type.dim, type.optional};
}
static inline rank_status rk_api_status(rk_status status) { return (rank_status)status; }

/* Puts words in place of the context's message; returns the status. */
rank_status rk_api_fail(rank_context *cx, rank_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with the errors of diags, a line each. */
rank_status rk_api_fail_diags(rank_context *cx, rk_status status, const rk_diags *diags);

/* The plan whose schemas stand for all of the program's, which are equal. */
static inline const rk_plan *rk_api_plan(const rank_context *cx)
{
    return cx->program->parts.items[0].plan;
}

#endif
