/* The smallest of linkers: one ELF object for x86-64, as LLVM makes it, becomes one piece of bytes
 * that runs wherever it is mapped and reaches nothing outside itself. Used by the plug-in's table;
 * knows nothing of LLVM. */
#ifndef RK_EMIT_LINK_H
#define RK_EMIT_LINK_H

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/status.h"

typedef struct rk_linked {
    const uint8_t *text;     /* code, then constants; to be mapped at a multiple of 64 */
    size_t size;             /* at most INT32_MAX */
    const uint32_t *entries; /* [n_entries] byte in text of the function "k<i>" */
} rk_linked;

/* Links `object` in `arena`; it may hold any bytes, and the result does not point into it. All of
 * k0 .. k<n_entries - 1> must be there. RK_ENOMEM, or RK_EBUG with the reason in `fault`: not such
 * an object, data that can be written, a symbol that is not in it, a relocation that only a loader
 * could do. */
RK_NODISCARD rk_status rk_link(rk_str object, uint32_t n_entries, rk_arena *arena, rk_linked *out,
                               rk_buf *fault);

#endif
