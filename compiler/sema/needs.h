/* What values need that are worked out before any request, for all rows of a source: the vectors of
 * an index, and what `rankc embed` keeps. Read by sema and by the command. */
#ifndef RK_SEMA_NEEDS_H
#define RK_SEMA_NEEDS_H

#include "compiler/sema/module.h"

/* Says E0314 at each node among the live ones that a request brings in, as a fault of `what`. */
RK_NODISCARD rk_status rk_needs_no_request(const rk_module *module, const uint8_t *live,
                                           rk_str what);

/* Whether rows of a source are found by item.id alone, and by a live node: then they are items. */
bool rk_needs_rows(const rk_module *module, const uint8_t *live, uint32_t source);

#endif
