#include "compiler/driver/native.h"

#include <dlfcn.h>

#include "config.h"
#include "runtime/base/plugin.h"

/* A plug-in that sees other structs than rankc would read them at the wrong places. */
static const char own_stamp[] =
#include "compiler/emit/stamp.inc"
    ;

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
    else if (strcmp(emitter->stamp, own_stamp) != 0)
        rk_buf_printf(why, "%s is of another build of rankc %s: make and install both", path,
                      PACKAGE_VERSION);
    else
        return emitter;
    return NULL;
}

/* The loader counts and locks for itself, so nothing of this needs to be kept here. */
const rk_emitter *rk_native_open(rk_buf *why)
{
    const rk_plugin plugin = rk_plugin_open("librankc_llvm.so", "RANKC_LLVM", why);
    return plugin.handle ? check(dlsym(plugin.handle, RK_EMITTER_SYMBOL), plugin.path, why) : NULL;
}
