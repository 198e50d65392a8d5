/* The executor's own structs: an engine, a run, and what a run holds of each list and column.
 * Private to runtime/exec. */
#ifndef RK_EXEC_ENGINE_H
#define RK_EXEC_ENGINE_H

#include "runtime/exec/exec.h"
#include "runtime/exec/kernel.h"
#include "runtime/exec/native.h"
#include "runtime/model/score.h"

/* No item, no row. */
#define RK_NOWHERE UINT32_MAX

typedef struct rk_probe rk_probe; /* probe.h */

/* An index that a plan's steps search. */
typedef struct rk_ready_index {
    const rk_index *index;
    const uint32_t *rows; /* [index.n] the source's row of each; NULL: they are the same */
    const uint32_t *back; /* the row in the index of each row of the source, if all are there and
                             `rows` is; else NULL */
} rk_ready_index;

struct rk_engine {
    const rk_plan *plan;
    rk_arena arena;
    rk_atoms strings; /* the sources'; stands on the plan's */
    rk_relation *relations;
    bool borrows;             /* they are somebody else's */
    rk_models models;         /* its own, when it was given none */
    rk_scorer *scorers;       /* [plan.steps.len] of the steps MODEL */
    rk_ready_index *indexes;  /* [plan.indexes.len] */
    rk_indexes own_indexes;   /* its own, when it was given none */
    rk_probe *probes;         /* [plan.steps.len] of the steps NEAREST with a condition */
    rk_reg *constants;        /* [plan.constants.len] */
    rk_ready_kernel *kernels; /* [plan.kernels.len] */
    rk_cpu_level cpu;
    const rk_ops *ops;
    const rk_vmath *math;
    rk_room room;         /* of the interpreter's kernels */
    rk_swap *swap;        /* the native code in use */
    rk_schedule schedule; /* of the interpreter's kernels */
    uint32_t threads;     /* from 1; more: the pool is held */
    uint32_t chunk;       /* as in the options */
    const rk_flag *stop;
    uint32_t n_sent;    /* steps that take the items sent */
    uint64_t n_scanned; /* items of all scans */
};

/* What one thread needs while it works on a kernel. */
typedef struct rk_worker {
    rk_arena scratch;      /* of one block */
    rk_reg *regs;          /* [room.n_regs] */
    rk_children *children; /* [room.n_regs] */
    rk_arg *args;          /* [room.n_args] */
    rk_port *ports;        /* [room.n_ports] */
    char *frame;           /* [room.frame] */
    rk_room room;
} rk_worker;

/* Positions of the items that meet a condition. */
typedef struct rk_filtered {
    uint32_t *at;
    uint32_t *kept; /* of each block of RK_FN_BLOCK items, while they are made */
    uint32_t n;
} rk_filtered;

/* A column of a run. */
typedef struct rk_made {
    rk_column column;
    bool identity;         /* ROW: item i is row first + i, */
    uint32_t first;        /* of a batch of a PROBE; else 0 */
    bool absent;           /* ROW: some item has none */
    rk_filtered *filtered; /* a condition of which native code made positions; or NULL */
} rk_made;

/* A list of a run. An item is known by its row in the universe of all items seen in the request. */
typedef struct rk_list {
    uint32_t n;
    const uint32_t *rows;    /* [n]; NULL: item i is row i */
    uint32_t parent;         /* the list that it was taken from, or RK_NOWHERE */
    const uint32_t *at;      /* [n] places in the parent; NULL: item i was item i there */
    const rk_column *key;    /* what its step scored the parent's items by, or NULL */
    const rk_column *scores; /* [n] UNION, NEAREST: of its items, or NULL */
    const rk_column *ids;    /* PROBE: what its rows are rows of; NULL: of the universe */
} rk_list;

/* All items of a request. */
typedef struct rk_universe {
    uint32_t n, cap;
    void *ids;            /* [n] of the plan's id type */
    rk_intmap by_id;      /* unless the plan has one producer */
    uint32_t *mark;       /* [cap] number of the list that an item was put in last */
    uint32_t *place;      /* [cap] scratch of maps */
    const uint32_t *sent; /* one producer, and it is CANDIDATES: where each row was sent; NULL: row
                             i was item i */
    bool is_sent;         /* the producer is CANDIDATES, the only one */
    bool sent_known;      /* sent_by_id is filled */
    rk_intmap sent_by_id; /* else: where an id was sent */
} rk_universe;

/* What is recorded of a request. */
typedef struct rk_tracer {
    bool on;
    bool failed;              /* for want of memory */
    uint32_t len, cap;        /* of parts */
    rk_trace_part *parts;     /* in order of time; those that threads share by number */
    uint64_t began;           /* nanoseconds */
    rk_index_stats *searches; /* [plan.steps.len] of the steps NEAREST, or NULL */
} rk_tracer;

/* A map of a run. */
typedef struct rk_run_map {
    const uint32_t *at; /* places, RK_NOWHERE for none; NULL: each item has its own number there */
    bool whole;         /* no place is RK_NOWHERE */
} rk_run_map;

struct rk_run {
    const rk_engine *engine;
    rk_arena fixed;   /* from rk_run_new on */
    rk_arena arena;   /* of the request */
    rk_arena scratch; /* of one stage or fold */
    rk_arena words;   /* of the strings */
    rk_arena batch;   /* of rows that a search asks for (probe.h) */
    rk_atoms strings;
    rk_index_scratch *searching; /* NULL: the plan has no index */
    rk_worker worker;            /* the caller's */
    rk_worker *helpers;          /* [engine.threads - 1] of other threads; NULL: not needed yet */
    struct rk_split *splits;     /* [n_splits] the steps of a phase */
    uint32_t n_splits;
    const rk_native *native; /* what this request runs; NULL: the interpreter */
    rk_reader reader;        /* keeps `native` from being given back */
    const uint64_t *ones;    /* [ones_words] the mask of a column that is all there */
    size_t ones_words;
    rk_made *columns;
    rk_list *lists;
    rk_run_map *maps;
    rk_universe universe;
    const rk_request *request;
    double now;
    rk_diags *diags;
    uint32_t dropped, n_candidates;
    bool produced; /* n_candidates is known */
    rk_tracer tracer;
};

/* ---- steps, by file ---- */

typedef rk_status rk_step_run(rk_run *run, const rk_step *step);

/* produce.c, merge.c, select.c */
rk_step_run rk_step_candidates, rk_step_scan, rk_step_union, rk_step_choose;
rk_step_run rk_step_select, rk_step_drop;

/* nearest.c */
rk_step_run rk_step_probe, rk_step_nearest;

/* field.c */
rk_step_run rk_step_query;

/* through.c; the other steps are in split.h */
rk_step_run rk_step_map;

/* Whether the caller wants no more of this. */
static inline bool rk_run_is_stopped(const rk_run *run)
{
    const rk_flag *const stop = run->engine->stop;
    return stop && atomic_load_explicit(stop, memory_order_relaxed);
}

/* Makes room in a worker; memory comes from `fixed` and is only ever added to. */
RK_NODISCARD rk_status rk_worker_fit(rk_worker *worker, rk_arena *fixed, const rk_room *room);

/* ---- shared ---- */

/* The mask of n items that are all there; valid to the end of the request. NULL: out of memory. */
const uint64_t *rk_run_ones(rk_run *run, uint32_t n);

/* The sweep of native code that a FOLD step is part of, or RK_PLAN_NONE. */
static inline uint32_t rk_run_sweep_of(const rk_run *run, const rk_step *step)
{
    return run->native ? run->native->sweep_of[step - run->engine->plan->steps.items]
                       : RK_PLAN_NONE;
}

static inline const rk_plan *rk_run_plan(const rk_run *run) { return run->engine->plan; }
static inline rk_column *rk_run_column(rk_run *run, uint32_t column)
{
    return &run->columns[column].column;
}

/* Room for n positions that may be used as a ROW column. */
static inline uint32_t *rk_run_positions(rk_run *run, uint32_t n)
{
    return rk_arena_alloc_column(&run->arena, rk_padded(n), sizeof(uint32_t));
}

/* out[i] = outer[inner[i]]; either may be NULL for "as it is", and RK_NOWHERE stays. */
RK_NODISCARD rk_status rk_run_compose(rk_run *run, const uint32_t *outer, const uint32_t *inner,
                                      uint32_t n, const uint32_t **out);

/* Column `column` with n items: itself, or one of list 0 spread over n. */
RK_NODISCARD rk_status rk_run_spread(rk_run *run, uint32_t column, uint32_t n,
                                     const rk_column **out);

/* out = in[at[i]] as `type`, in the request's arena; at NULL shares the data. What is missing is so
 * in the mask even when the type is plain. `whole`: no at[i] is RK_NOWHERE. */
RK_NODISCARD rk_status rk_run_gather(rk_run *run, rk_type type, const rk_column *in,
                                     const uint32_t *at, uint32_t n, bool whole, rk_column *out);

/* Refuses lists that positions of 32 bits could not number. */
RK_NODISCARD rk_status rk_run_check_length(rk_run *run, uint64_t n, rk_span span);

/* The id of an item as an int: an INT id, or the atom of a STRING one. */
int64_t rk_run_id(const rk_run *run, const void *ids, uint32_t i);

/* Makes the list of a producer: of items whose ids stand at ids[at[i]], all different. */
RK_NODISCARD rk_status rk_run_produce(rk_run *run, const rk_step *step, const rk_column *ids,
                                      const uint32_t *at, uint32_t n);

/* Learns which items were sent where, once a request. */
RK_NODISCARD rk_status rk_run_learn_sent(rk_run *run);

/* Forgets the request, for one with nothing in it; messages go to diags. */
void rk_run_clear(rk_run *run, rk_diags *diags);

/* What the rows of a list are rows of. */
rk_column rk_list_table(const rk_run *run, uint32_t list);

/* Ids of a list's items. */
RK_NODISCARD rk_status rk_list_ids(rk_run *run, uint32_t list, rk_column *out);

/* *out = scores of a list's items at places[i] (NULL: all, in order; RK_NOWHERE: missing), n of
 * them; *out = NULL if it has none. In the request's arena. */
RK_NODISCARD rk_status rk_list_scores(rk_run *run, uint32_t list, const uint32_t *places,
                                      uint32_t n, const rk_column **out);

/* Where in the request each item of a list was sent; RK_NOWHERE: it was not. *out = NULL: item i
 * was sent as item i. */
RK_NODISCARD rk_status rk_list_sent(rk_run *run, uint32_t list, const uint32_t **out);

/* The universe's marks, one an item, made when first asked for; NULL when memory is out. */
uint32_t *rk_universe_marks(rk_run *run);

#endif
