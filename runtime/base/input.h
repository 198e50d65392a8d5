/* Files that programs and requests name, as bytes in memory. */
#ifndef RK_BASE_INPUT_H
#define RK_BASE_INPUT_H

#include "runtime/base/diag.h"

/* Maps a file, or reads a pipe to its end; a diagnostic when that fails. The caller unmaps. */
RK_NODISCARD rk_status rk_input_map(rk_diags *diags, rk_arena *arena, rk_str path, rk_span span,
                                    rk_mapping *out);

/* The same of a file that is none but a plain one: nobody waits for who writes into a pipe. */
RK_NODISCARD rk_status rk_input_map_plain(rk_diags *diags, rk_arena *arena, rk_str path,
                                          rk_span span, rk_mapping *out);

#endif
