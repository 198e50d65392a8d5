#include "runtime/base/plugin.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where plug-ins are, seen from the program. Whoever else runs from a folder of their own gets
 * nothing from beside them. */
typedef struct place {
    const char *program; /* how its path ends */
    const char *folder;  /* what stands there instead */
} place;

static const place built = {"/rankc", "/.libs"};         /* a build folder */
static const place moved = {"/bin/rankc", "/lib/rankc"}; /* installed, then moved */

static bool find_beside(const place *at, const char *file, rk_plugin *out)
{
    const size_t tail = strlen(at->program), size = sizeof out->path;
    const ssize_t len = readlink("/proc/self/exe", out->path, size);
    if (len < 0 || (size_t)len < tail || (size_t)len == size)
        return false;
    char *const end = out->path + len - tail;
    if (memcmp(end, at->program, tail) != 0)
        return false;
    const size_t room = size - ((size_t)len - tail);
    const int n = snprintf(end, room, "%s/%s", at->folder, file);
    return n > 0 && (size_t)n < room && access(out->path, R_OK) == 0;
}

/* Where there is none, the place that it was to be installed at. */
static void find(const char *file, rk_plugin *out)
{
    rk_plugin installed = {0};
    if (find_beside(&built, file, out))
        return;
    const int n = snprintf(installed.path, sizeof installed.path, RK_PKGLIBDIR "/%s", file);
    const bool there =
        n > 0 && (size_t)n < sizeof installed.path && access(installed.path, R_OK) == 0;
    if (there || !find_beside(&moved, file, out))
        *out = installed;
}

rk_plugin rk_plugin_open(const char *file, const char *variable, rk_buf *why)
{
    rk_plugin plugin = {0};
    const char *const path = secure_getenv(variable);
    if (path && strcmp(path, "none") == 0) {
        rk_buf_printf(why, "%s is none", variable);
        return plugin;
    }
    const bool named = path && *path;
    if (named)
        snprintf(plugin.path, sizeof plugin.path, "%s", path);
    else
        find(file, &plugin);
    if (access(plugin.path, R_OK) != 0) {
        rk_buf_printf(why, "%s is not %s", plugin.path, named ? "there" : "installed");
        return plugin;
    }
    plugin.handle = dlopen(plugin.path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!plugin.handle) {
        const char *const reason = dlerror();
        rk_buf_add_chars(why, reason ? reason : "the plug-in cannot be opened");
    }
    return plugin;
}
