/* Which rows pass a filter: some of them, or all, by place. Used by the ways a search goes. */
#ifndef RK_INDEX_PASSING_H
#define RK_INDEX_PASSING_H

#include "runtime/index/scratch.h"

enum { RK_PASSING_MOST = 1024 /* rows that a filter is asked for at once */ };

/* Sets the first n of RK_PASSING_MOST bits where rows[i] passes, and clears the others; adds to
 * *n_asked what `pass` was asked for. Fails as the filter does. */
RK_NODISCARD rk_status rk_passing_some(const rk_index_filter *filter, const uint32_t *rows,
                                       uint32_t n, uint64_t *passing, uint64_t *n_asked);

/* How many pass, where that is known without asking. */
uint32_t rk_passing_count(const rk_index *index, const rk_index_scratch *scratch,
                          const uint64_t *bits);

/* Asks for all rows; bits by place, in the room of the scratch. RK_OK, RK_ENOMEM, RK_ESTOP, or what
 * the filter failed with. */
RK_NODISCARD rk_status rk_passing_all(const rk_index *index, rk_index_scratch *scratch,
                                      const rk_index_filter *filter, const rk_flag *stop,
                                      const uint64_t **by_place);

#endif
