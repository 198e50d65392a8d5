#include "compiler/driver/index.h"

rk_status rk_compiled_build_index(rk_compiled *c, uint32_t index, const rk_engine_options *engine,
                                  const rk_index_options *how, rk_built_index *out)
{
    const rk_plan_request request = {.pipeline = RK_MAP_NONE, .indexes = &index, .n_indexes = 1};
    rk_engine_options options = *engine;
    rk_plan *plan;
    rk_engine *loaded = NULL;
    options.no_indexes = true;
    options.models = c->models;
    *out = (rk_built_index){.index = NULL};
    RK_TRY(rk_compile_plan(c, &request, &plan));
    rk_status status = rk_engine_new(plan, &options, &c->cx.diags, &loaded);
    if (status == RK_OK)
        status = rk_engine_build_index(loaded, 0, how, &c->cx.diags, out);
    rk_engine_free(loaded);
    return status;
}

rk_status rk_compiled_check_index(rk_compiled *c, uint32_t index, const rk_engine_options *engine)
{
    const rk_plan_request request = {.pipeline = RK_MAP_NONE, .indexes = &index, .n_indexes = 1};
    rk_plan *plan;
    RK_TRY(rk_compile_plan(c, &request, &plan));
    return rk_plan_check_index(plan, 0, engine, &c->cx.diags);
}
