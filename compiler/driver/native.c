#include "compiler/driver/native.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "config.h"

#define PLUGIN "librankc_llvm.so"

/* Where the plug-in is, seen from the program. Whoever else runs from a folder of their own gets
 * nothing from beside them. */
typedef struct place {
    const char *program; /* how its path ends */
    const char *plugin;  /* what stands there instead */
} place;

static const place built = {"/rankc", "/.libs/" PLUGIN};         /* a build folder */
static const place moved = {"/bin/rankc", "/lib/rankc/" PLUGIN}; /* installed, then moved */

static bool find_beside(const place *at, char *path, size_t size)
{
    const size_t tail = strlen(at->program), room = strlen(at->plugin) + 1;
    const ssize_t len = readlink("/proc/self/exe", path, size);
    if (len < 0 || (size_t)len < tail || (size_t)len - tail + room > size)
        return false;
    char *const end = path + len - tail;
    if (memcmp(end, at->program, tail) != 0)
        return false;
    memcpy(end, at->plugin, room);
    return access(path, R_OK) == 0;
}

/* `path` is room for it. Where there is none, the place that it was to be installed at. */
static const char *find(char *path, size_t size)
{
    static const char installed[] = RK_PKGLIBDIR "/" PLUGIN;
    if (find_beside(&built, path, size))
        return path;
    if (access(installed, R_OK) != 0 && find_beside(&moved, path, size))
        return path;
    return installed;
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
    char room[PATH_MAX];
    const char *path = secure_getenv("RANKC_LLVM");
    if (path && strcmp(path, "none") == 0) {
        rk_buf_add_chars(why, "RANKC_LLVM is none");
        return NULL;
    }
    const bool named = path && *path;
    if (!named)
        path = find(room, sizeof room);
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
