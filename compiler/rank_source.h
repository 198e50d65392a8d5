/* librankc for embedders: opening a program for runtime/rank.h from its source instead of a bundle.
 * C11 and C++17. Programs are closed with rank_close, which waits for a compilation under way.
 *
 * One promise of rank.h cannot be kept here: when LLVM itself runs out of memory, or finds a fault
 * of its own, it says so on standard error and ends the process. Whoever cannot have that opens
 * bundles, or asks for RANK_ENGINE_INTERP. */
#ifndef RK_RANK_SOURCE_H
#define RK_RANK_SOURCE_H

#include "runtime/rank.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Compiles the file and what it imports, and loads its data. *out must be closed after a failure
 * too: it then holds the message, as `rankc` would print it (or is NULL: no memory). `options` may
 * be NULL. */
rank_status rank_open_source(const char *path, const rank_options *options, rank_program **out);

/* The same for a text, which is copied; `name` stands for it in messages. Paths in it are taken
 * from the current folder. */
rank_status rank_open_text(const char *name, const char *text, size_t len,
                           const rank_options *options, rank_program **out);

#ifdef __cplusplus
}
#endif

#endif
