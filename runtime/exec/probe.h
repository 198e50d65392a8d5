/* Values of given rows of a source: the steps over a PROBE's list, run for batch after batch. A
 * search asks so whether rows meet its condition, and whoever builds an index for its vectors. */
#ifndef RK_EXEC_PROBE_H
#define RK_EXEC_PROBE_H

#include "runtime/exec/engine.h"

enum { RK_PROBE_ROWS = 1024 }; /* of a batch */

/* The steps over the list of a PROBE, and what they make. Of the request's own list are only
 * those that an index's vectors need (rk_probe_of_index). */
struct rk_probe {
    const rk_step *step;   /* the PROBE */
    const uint32_t *steps; /* [n] over the list, in the plan's order */
    uint32_t n;
    const uint32_t *once; /* [n_once] over list 0, before all others */
    uint32_t n_once;
    bool reads_sent; /* one of the steps looks for what was sent with the request */
    /* Of a condition that no request changes: which rows of the index pass. NULL: worked out for
     * the rows that a search asks for. */
    const uint64_t *passing;
};

/* All steps over a PROBE's list; or the steps that an index's vectors take. In the arena. */
RK_NODISCARD rk_status rk_probe_of_list(const rk_plan *plan, uint32_t list, rk_arena *arena,
                                        rk_probe *out);
RK_NODISCARD rk_status rk_probe_of_index(const rk_plan *plan, uint32_t index, rk_arena *arena,
                                         rk_probe *out);

/* Before a run's first batches of a probe, in a request (whose memory it may take) or outside. */
RK_NODISCARD rk_status rk_probe_begin(rk_run *run, const rk_probe *probe);

/* The rows of a batch for which values were worked out: all but those that a LOOKUP dropped. */
typedef struct rk_probed {
    uint32_t n;
    uint32_t *kept; /* [n] which of those asked for, in their order; NULL: all */
} rk_probed;

/* Works out 1 .. RK_PROBE_ROWS rows: of the source row map[row] for each (map NULL: the row
 * itself). The columns of the list hold their values, and `out` the rows that they are of, until
 * the next batch of the run; where no row is left they hold nothing. */
RK_NODISCARD rk_status rk_probe_run(rk_run *run, const rk_probe *probe, const rk_index_rows *rows,
                                    const uint32_t *map, rk_probed *out);

/* ---- nearest.c ---- */

/* Works out the condition of a step NEAREST once, if no request changes it. Its index is ready.
 * RK_OK, RK_ENOMEM. */
RK_NODISCARD rk_status rk_nearest_prepare(rk_engine *engine, const rk_step *step);

/* ---- index.c ---- */

/* Makes the indexes of an engine ready whose sources, models and kernels are. Messages go to diags.
 */
RK_NODISCARD rk_status rk_engine_load_indexes(rk_engine *engine, const rk_engine_options *options,
                                              rk_diags *diags);

#endif
