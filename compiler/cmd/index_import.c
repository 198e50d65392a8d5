/* rankc index import: an index of another library. */
#include "compiler/cmd/index.h"

#include "runtime/base/pool.h"
#include "runtime/index/import.h"

rk_status cmd_index_import(cmd_index *ix)
{
    cmd *const c = ix->c;
    cmd_index_progress progress;
    rk_index *index = NULL;
    rk_index_import from = {.path = rk_str_from(ix->files[0]),
                            .has_metric = c->given[CMD_SPACE],
                            .has_kind = c->given[CMD_KIND]};
    RK_TRY(cmd_index_options(ix, &from.options));
    from.metric = from.options.metric;
    cmd_index_watch(&progress, c, &from.options);
    rk_pool_hold();
    rk_status status = rk_index_import_file(&from, &ix->diags, &index);
    rk_pool_release();
    cmd_index_unwatch(&progress);
    if (status == RK_OK)
        status = cmd_index_save(ix, index, NULL);
    rk_index_free(index);
    return status;
}
