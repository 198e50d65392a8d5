#include "runtime/model/blas.h"

#include <dlfcn.h>
#include <string.h>

#include "runtime/base/plugin.h"

rk_sgemm *rk_blas_open(rk_buf *why)
{
    const rk_plugin plugin = rk_plugin_open("librankc_blas.so", "RANK_BLAS", why);
    if (!plugin.handle)
        return NULL;
    rk_blas_get *get = NULL;
    void *const symbol = dlsym(plugin.handle, RK_BLAS_SYMBOL);
    memcpy(&get, &symbol, sizeof get); /* C has no conversion from one to the other */
    const rk_blas *const blas = symbol ? get() : NULL;
    if (blas && blas->version == RK_BLAS_VERSION)
        return blas->sgemm;
    rk_buf_printf(why, "%s is not the plug-in of this librank", plugin.path);
    return NULL;
}
