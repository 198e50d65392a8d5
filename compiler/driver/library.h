/* A shared library of one pipeline: its header, and the C that holds the bundle and describes the
 * structs to librank (runtime/rank_packed.h). Used by `rankc compile --emit=so`. */
#ifndef RK_DRIVER_LIBRARY_H
#define RK_DRIVER_LIBRARY_H

#include "runtime/plan/plan.h"

typedef struct rk_library {
    const char *name; /* a C identifier: NAME_rank, NAME_request … */
    rk_str program;   /* as the user named it, for the first line */
    const rk_plan *plan;
} rk_library;

/* Whether a word is a C identifier of at most 63 letters that C and C++ leave free. */
bool rk_library_is_name(rk_str word);

/* The header. RK_EUSAGE with the reason in `why`: something shown is no number. */
RK_NODISCARD rk_status rk_library_header(const rk_library *library, rk_arena *arena, rk_buf *out,
                                         rk_buf *why);

/* The C source, which includes the header as `header` and takes in the file `bundle` as it is. */
RK_NODISCARD rk_status rk_library_source(const rk_library *library, rk_arena *arena,
                                         const char *header, const char *bundle, rk_buf *out);

#endif
