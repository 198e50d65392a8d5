/* Running a plan. An rk_engine is a plan with its sources loaded and its kernels prepared; it never
 * changes and is shared by threads. An rk_run is the memory of one request at a time: one per
 * thread, reused without further allocation once warm. */
#ifndef RK_EXEC_EXEC_H
#define RK_EXEC_EXEC_H

#include "runtime/base/cpu.h"
#include "runtime/exec/trace.h"
#include "runtime/index/build.h"
#include "runtime/index/store.h"
#include "runtime/model/store.h"
#include "runtime/plan/code.h"
#include "runtime/source/source.h"

typedef struct rk_engine rk_engine;
typedef struct rk_run rk_run;

typedef struct rk_engine_options {
    rk_cpu_level cpu;
    uint32_t max_bad_rows; /* of each source */
    const rk_files *files; /* looked into before the file system, by a source's path; while the
                              engine is made. The bytes of an index outlive it. May be NULL */
    uint32_t threads;      /* that one request may keep busy; 0 and 1: the caller's alone. The bits
                              of a result do not depend on it. A server that ranks on a
                              thread a processor is best off with 1 */
    const rk_relation *relations; /* [plan.sources.len] the sources, loaded already: their strings
                                     are the plan's. They outlive the engine. NULL: they are
                                     loaded */
    rk_models *models;   /* looked into, and added to, while the engine is made; they outlive it.
                            NULL: the engine has its own */
    rk_indexes *indexes; /* the same of indexes */
    bool no_indexes;     /* none is made ready: nothing will be ranked (rk_engine_build_index) */
    const rk_flag *stop; /* true: loads and requests end soon, with RK_ESTOP. May be NULL */
    const char *program; /* what a command calls the program, for advice. NULL: "PROGRAM" */
    uint32_t chunk;      /* for tests: the least work that threads share, in tenths of a
                            nanosecond or so. 0: as much as pays */
} rk_engine_options;

/* Verifies the plan, loads its sources and prepares its kernels. The plan must outlive the engine,
 * and its table of strings must not grow as long as the engine lives: the engine's own stands on
 * it. Messages go to diags (data and file errors). The engine is freed with rk_engine_free, also
 * after a failure (*out may then be NULL). */
RK_NODISCARD rk_status rk_engine_new(const rk_plan *plan, const rk_engine_options *options,
                                     rk_diags *diags, rk_engine **out);
void rk_engine_free(rk_engine *engine);

/* Makes the requests that begin from now on run this code; those under way end with what they began
 * with. NULL: the interpreter. `code` is verified and copied. Any thread may call it while others
 * rank; old code is given back when nobody runs it any more. RK_EUSAGE: this machine lacks its CPU
 * level; RK_EBUG: it is not for this plan; RK_EFILE: the system lets no memory be run that was
 * written; RK_ENOMEM. */
RK_NODISCARD rk_status rk_engine_use(rk_engine *engine, const rk_code *code);

/* Tier of the code that requests begin with now; 0: the interpreter. */
uint32_t rk_engine_tier(const rk_engine *engine);

/* The rows of source `i` of the plan. */
const rk_relation *rk_engine_relation(const rk_engine *engine, uint32_t source);

/* How the MODEL step `step` works out n rows at once: "bit-sliced, 512 rows". */
void rk_engine_describe_model(const rk_engine *engine, uint32_t step, uint32_t n, rk_buf *out);

/* Rows that were left out of source `i` of the plan. */
uint32_t rk_engine_bad_rows(const rk_engine *engine, uint32_t source);

/* An index worked out and built. */
typedef struct rk_built_index {
    rk_index *index;        /* the caller's to free */
    uint64_t maker, source; /* as rk_index_provenance has them */
    uint32_t n_missing;     /* rows of the source that have no vector */
    uint32_t n_wild;        /* rows with a NaN or an infinity in it: neither are in the index */
} rk_built_index;

/* Builds index `index` of the plan from the rows of its source, whatever file it names. Of `how`
 * threads, stop, progress and user are read; progress counts rows first, then what is built.
 * Messages go to diags; RK_ESTOP. */
RK_NODISCARD rk_status rk_engine_build_index(const rk_engine *engine, uint32_t index,
                                             const rk_index_options *how, rk_diags *diags,
                                             rk_built_index *out);

/* Whether the file of index `index` of the plan, if it names one, is there and of the plan's form
 * and definition, as far as its header tells: sources are not read, so it may be of other rows. Of
 * `options` files and program are read. Messages go to diags. */
RK_NODISCARD rk_status rk_plan_check_index(const rk_plan *plan, uint32_t index,
                                           const rk_engine_options *options, rk_diags *diags);

RK_NODISCARD rk_status rk_run_new(const rk_engine *engine, rk_run **out);
void rk_run_free(rk_run *run);

/* Forgets the last request; its arena and string table are then ready for the next, which the
 * caller fills (reading it from a file) before rk_run_rank. */
RK_NODISCARD rk_status rk_run_begin(rk_run *run);
rk_arena *rk_run_arena(rk_run *run);
rk_atoms *rk_run_strings(rk_run *run); /* stands on the program's table */

/* What a run gives back; valid until the next rk_run_begin. */
typedef struct rk_reply {
    uint32_t n;
    rk_column ids;
    const rk_column *scores; /* INT, FLOAT, DOUBLE, BOOL or STRING: the key of the last top or sort;
                                NULL: no score */
    const rk_column **shown; /* [plan.shown.len]; a column of list 0 has one item for all */
    uint32_t n_candidates;   /* of the first list that a producer made, duplicates removed */
    uint32_t dropped;        /* items taken out for an absent row */
    const rk_trace *trace;   /* NULL: nothing was recorded */
} rk_reply;

/* Whether the requests from now on are recorded (trace.h); they are not at first. */
void rk_run_trace(rk_run *run, bool on);

/* Ranks one request. `now`: epoch seconds. */
RK_NODISCARD rk_status rk_run_rank(rk_run *run, const rk_request *request, double now,
                                   rk_diags *diags, rk_reply *out);

/* One kernel call on single values, for constant folding: the same code that runs requests. `fn` is
 * used when core is RK_CORE_CALL. Strings are interned in `strings`; lists live in `arena`. */
RK_NODISCARD rk_status rk_fold_constant(rk_core core, uint32_t fn, rk_type type,
                                        const rk_value *operands, uint32_t n, rk_arena *arena,
                                        rk_atoms *strings, rk_value *out);

#endif
