/* Finding and loading the parts of rankc that stand in files of their own, since they bring large
 * libraries along: used by whoever wants one. A process that never asks never loads it. */
#ifndef RK_BASE_PLUGIN_H
#define RK_BASE_PLUGIN_H

#include <limits.h>

#include "runtime/base/buf.h"

typedef struct rk_plugin {
    void *handle; /* NULL: there is none */
    char path[PATH_MAX];
} rk_plugin;

/* The plug-in `file`, beside the program rankc or where it was installed; or NULL with the reason
 * in `why` in words for people. Any thread, any number of times: once opened, it stays for the life
 * of the process. The environment's `variable` names the file to open instead; `none` is a file
 * that nobody has. */
rk_plugin rk_plugin_open(const char *file, const char *variable, rk_buf *why);

#endif
