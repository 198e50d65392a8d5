#include "compiler/driver/native.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "config.h"

#define PLUGIN "librankc_llvm.so"

/* The plug-in of a build folder, where rankc stands beside it, not yet installed. Whoever else runs
 * from a folder of their own gets nothing from beside them. */
static bool find_built(char *path, size_t size)
{
    static const char program[] = "/rankc", built[] = "/.libs/" PLUGIN;
    const ssize_t len = readlink("/proc/self/exe", path, size);
    const size_t tail = sizeof program - 1;
    if (len < 0 || (size_t)len <= tail || (size_t)len + sizeof built > size)
        return false;
    char *const end = path + len - tail;
    if (memcmp(end, program, tail) != 0)
        return false;
    memcpy(end, built, sizeof built);
    return access(path, R_OK) == 0;
}

static const rk_emitter *check(const rk_emitter *emitter, const char *path, rk_buf *why)
{
    if (!emitter)
        rk_buf_printf(why, "%s is not the plug-in of rankc", path);
    else if (emitter->version != RK_EMITTER_VERSION)
        rk_buf_printf(why, "%s has interface %u, and this is rankc with %u", path, emitter->version,
                      RK_EMITTER_VERSION);
    else if (strcmp(emitter->rankc, PACKAGE_VERSION) != 0)
        rk_buf_printf(why, "%s is of rankc %s, and this is rankc %s", path, emitter->rankc,
                      PACKAGE_VERSION);
    else
        return emitter;
    return NULL;
}

/* The loader counts and locks for itself, so nothing of this needs to be kept here. */
const rk_emitter *rk_native_open(rk_buf *why)
{
    char built[PATH_MAX];
    const char *path = secure_getenv("RANKC_LLVM");
    if (path && strcmp(path, "none") == 0) {
        rk_buf_add_chars(why, "RANKC_LLVM is none");
        return NULL;
    }
    const bool named = path && *path;
    if (!named)
        path = find_built(built, sizeof built) ? built : RK_PKGLIBDIR "/" PLUGIN;
    if (access(path, R_OK) != 0) {
        rk_buf_printf(why, "%s is not %s", path, named ? "there" : "installed");
        return NULL;
    }
    void *const plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!plugin) {
        const char *const reason = dlerror();
        rk_buf_add_chars(why, reason ? reason : "the plug-in cannot be opened");
        return NULL;
    }
    return check(dlsym(plugin, RK_EMITTER_SYMBOL), path, why);
}
