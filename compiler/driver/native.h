/* Finding the plug-in that makes native code (compiler/emit). Used by whoever wants code; a process
 * that never asks never loads it. */
#ifndef RK_DRIVER_NATIVE_H
#define RK_DRIVER_NATIVE_H

#include "compiler/emit/emit.h"

/* The emitter, or NULL with the reason in `why` in words for people. Any thread, any number of
 * times: once opened, the plug-in stays for the life of the process. The environment's RANKC_LLVM
 * names the file to open in place of the installed one; `none` is a file that nobody has. */
const rk_emitter *rk_native_open(rk_buf *why);

#endif
