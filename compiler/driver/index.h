/* Building an index of a program: its vectors are worked out for all rows of its source. For
 * `rankc index build`, which keeps it in a file; and looking at that file, for `rankc check`. */
#ifndef RK_DRIVER_INDEX_H
#define RK_DRIVER_INDEX_H

#include "compiler/rankc.h"
#include "runtime/index/build.h"

/* Builds index `index` of a checked program without errors (rk_module_index), whatever file it
 * names and whether or not that is there. `engine`: the CPU level, bad rows and files of sources;
 * `how`: threads, stop and progress. Messages go to the compilation's diagnostics; *out is as
 * rk_engine_build_index gives it. */
RK_NODISCARD rk_status rk_compiled_build_index(rk_compiled *c, uint32_t index,
                                               const rk_engine_options *engine,
                                               const rk_index_options *how, rk_built_index *out);

/* Whether the file that index `index` names is there and fits the program, as far as its header
 * tells (rk_plan_check_index). */
RK_NODISCARD rk_status rk_compiled_check_index(rk_compiled *c, uint32_t index,
                                               const rk_engine_options *engine);

#endif
