/* What loaders of networks do when all operators are there. */
#ifndef RK_MODEL_NETWORK_MAKE_H
#define RK_MODEL_NETWORK_MAKE_H

#include "runtime/model/network.h"

/* Brings together operators that belong together: sums and products after a layer go into it,
 * activations that are written in pieces become one. New constants and lists are in `arena`. */
RK_NODISCARD rk_status rk_network_fuse(rk_network *network, rk_arena *arena);

/* The part of a network that its outputs need, copied into `arena` with its constants and names;
 * inputs that nothing uses become UINT32_MAX. */
RK_NODISCARD rk_status rk_network_compact(const rk_network *network, rk_arena *arena,
                                          rk_network *out);

#endif
