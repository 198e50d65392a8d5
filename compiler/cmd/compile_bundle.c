/* rankc compile --emit=bundle: all pipelines of a program, with their code and data, in one file.
 */
#include "compiler/cmd/compile.h"

#include "runtime/plan/bundle.h"

/* Tier 2 for both levels, so that the bundle runs fast wherever it runs; --engine=interp: none. */
static rk_status add_code(compilation *k, rk_bundle_writer *writer, const rk_plan *plan,
                          uint32_t number)
{
    if (rk_str_eq(k->c->text[CMD_ENGINE], RK_STR("interp")))
        return RK_OK;
    for (rk_cpu_level cpu = RK_CPU_V3; cpu <= RK_CPU_V4; cpu++) {
        rk_code code;
        RK_TRY(cmd_make_code(k, plan, cpu, &k->c->arena, &code));
        RK_TRY(rk_bundle_add_code(writer, number, &code));
    }
    return RK_OK;
}

static bool has_model(const rk_plan *plan, rk_str path)
{
    for (uint32_t i = 0; i < plan->models.len; i++)
        if (rk_str_eq(plan->models.items[i].path, path))
            return true;
    return false;
}

/* What a plan's models keep in files beside them. */
static rk_status add_beside(compilation *k, rk_bundle_writer *writer, const rk_plan *plan)
{
    const rk_module *const module = k->program.compiled.module;
    for (uint32_t i = 0; i < module->models.len; i++) {
        const rk_model_info *const info = &module->models.items[i];
        if (!info->model || !has_model(plan, info->path))
            continue;
        for (uint32_t j = 0; j < info->model->n_beside; j++)
            RK_TRY(rk_bundle_add_path(writer, info->model->beside[j], info->span,
                                      &k->program.compiled.cx.diags));
    }
    return RK_OK;
}

static rk_status add_plans(compilation *k, rk_bundle_writer *writer, const cmd_plans *plans)
{
    rk_diags *const diags = &k->program.compiled.cx.diags;
    rk_status sources = RK_OK;
    for (uint32_t i = 0; i < plans->len; i++) {
        const rk_plan *const plan = plans->items[i];
        RK_TRY(rk_bundle_add_plan(writer, plan, k->c->text[CMD_REVISION]));
        RK_TRY(add_code(k, writer, plan, i));
        rk_status status = rk_bundle_add_data(writer, plan, diags);
        status = status == RK_OK ? add_beside(k, writer, plan) : status;
        if (status != RK_OK && status != RK_EFILE)
            return status;
        sources = sources == RK_OK ? status : sources; /* all that cannot be read are told */
    }
    return sources;
}

static rk_status fill(compilation *k, rk_bundle_writer *writer, const cmd_plans *plans, rk_buf *out)
{
    RK_TRY(add_plans(k, writer, plans));
    const double start = cmd_cpu_seconds();
    RK_TRY(rk_bundle_add_texts(writer, &k->program.compiled.cx.texts));
    RK_TRY(rk_bundle_finish(writer, out));
    k->times.bundle += cmd_cpu_seconds() - start;
    return out->failed ? RK_ENOMEM : RK_OK;
}

rk_status cmd_make_bundle(compilation *k, const cmd_plans *plans, rk_buf *out)
{
    rk_bundle_writer writer;
    rk_bundle_writer_init(&writer);
    const rk_status status = fill(k, &writer, plans, out);
    rk_bundle_writer_free(&writer);
    return status;
}

rk_status cmd_compile_bundle(compilation *k)
{
    rk_buf bytes = {0};
    cmd_plans plans = {0};
    RK_TRY(cmd_plan_all(k->c, &k->program, &plans));
    rk_status status = cmd_make_bundle(k, &plans, &bytes);
    if (status == RK_OK)
        status = cmd_write_output(k, ".rankb", rk_buf_str(&bytes));
    rk_buf_free(&bytes);
    return status;
}
