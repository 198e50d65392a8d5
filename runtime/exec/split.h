/* Steps in three acts, so that several threads can share the second one. `begin` checks and makes
 * memory, on the caller's thread and in the order of the plan; `some` works on a range of items, on
 * any thread, and makes no memory of the run's; `end` is on the caller's thread again, in order,
 * and says what was wrong. One thread alone runs the same three acts in a row. */
#ifndef RK_EXEC_SPLIT_H
#define RK_EXEC_SPLIT_H

#include <stdatomic.h>

#include "runtime/exec/engine.h"

/* out = in[at[i]]; see rk_run_gather. */
typedef struct rk_gather {
    rk_column in;
    const uint32_t *at;
    bool whole; /* no place is RK_NOWHERE */
    rk_column *out;
} rk_gather;

typedef struct rk_acts rk_acts;

/* One step on its way. */
typedef struct rk_split {
    const rk_step *step;
    const rk_acts *acts;
    uint32_t n;    /* items to work on; 0: begin did it all */
    uint32_t cost; /* of one item, as the schedule says */
    bool together; /* all items are one part: others may run beside it, but not on it */
    rk_gather gather;
    const void *state;      /* what begin left for the other acts */
    _Atomic uint32_t found; /* LOOKUP: whether a row is absent; REQUIRE: the first missing item;
                             * MODEL: the first item that is refused */
    _Atomic int status;     /* RK_OK, or how a part failed */
    uint32_t first_part;    /* its number among the parts of all steps */
    uint32_t part_len;      /* items of each part but the last */
} rk_split;

typedef rk_status rk_split_begin(rk_run *run, rk_split *split);
typedef rk_status rk_split_end(rk_run *run, rk_split *split);

/* Notes an item that something is wrong with: the first one is kept. */
static inline void rk_split_found(rk_split *split, uint32_t item)
{
    uint32_t first = atomic_load(&split->found);
    while (item < first && !atomic_compare_exchange_weak(&split->found, &first, item))
        ;
}

/* `from` is a multiple of RK_FN_BLOCK, and so is `to` unless it is the end: two ranges share no
 * word of a mask. */
typedef rk_status rk_split_some(rk_run *run, rk_worker *worker, rk_split *split, uint32_t from,
                                uint32_t to);

struct rk_acts {
    rk_split_begin *begin;
    rk_split_some *some;
    rk_split_end *end; /* NULL: nothing is left to do */
};

/* field.c, require.c, through.c */
extern const rk_acts rk_acts_id, rk_acts_item, rk_acts_lookup, rk_acts_fetch;
extern const rk_acts rk_acts_require;
extern const rk_acts rk_acts_gather, rk_acts_rank, rk_acts_score;

/* kernel_run.c, fold.c; sweep.c: the folds of a sweep of native code, all with the first of them */
/* model.c */
extern const rk_acts rk_acts_model, rk_acts_part;

extern const rk_acts rk_acts_kernel, rk_acts_fold, rk_acts_sweep;

/* Makes gather.out as `type` with n items. Without places (at NULL) the data is shared, and nothing
 * is left to do: split->n stays 0. */
RK_NODISCARD rk_status rk_gather_begin(rk_run *run, rk_type type, uint32_t n, rk_split *split);
rk_split_some rk_gather_some;

#endif
