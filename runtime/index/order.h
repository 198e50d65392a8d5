/* Rows: the order of a set by its ids. Private to build.c. */
#ifndef RK_INDEX_ORDER_H
#define RK_INDEX_ORDER_H

#include "runtime/index/build.h"

/* Fills order[n] with the input's numbers by ascending id, and false, with the input's number of
 * the second in *doubled, where two are equal. room: [n]. */
bool rk_index_order(const rk_index_input *input, uint32_t *order, uint32_t *room,
                    uint32_t *doubled);

/* The ids by row, in arrays of the index. RK_ENOMEM. */
RK_NODISCARD rk_status rk_index_take_ids(rk_index *index, const rk_index_input *input,
                                         const uint32_t *order);

#endif
