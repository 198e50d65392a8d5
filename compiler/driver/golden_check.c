/* Goldens beside the models of a program. */
#include "compiler/driver/golden.h"

#include <inttypes.h>
#include <unistd.h>

static void report(rk_compiled *c, const rk_golden_spec *spec, const rk_golden *golden)
{
    const rk_golden_fault *const fault = &golden->faults[0];
    rk_diags *const diags = &c->cx.diags;
    rk_buf want = {0}, have = {0};
    rk_golden_print(spec->stored.model, fault->want, &want);
    rk_golden_print(spec->stored.model, fault->have, &have);
    rk_diag *const diag =
        rk_error(diags, RK_E0543, spec->span, "the model gives other scores than `%.*s`",
                 RK_STR_ARG(spec->path));
    rk_diag_note(diags, diag, RK_NO_SPAN,
                 "line %" PRIu64 ": `%s` is %.*s, and the model gives %.*s", fault->line,
                 fault->column, RK_STR_ARG(rk_buf_str(&want)), RK_STR_ARG(rk_buf_str(&have)));
    rk_diag_note(diags, diag, RK_NO_SPAN, "%u of %u rows differ", golden->n_different,
                 golden->n_rows);
    diags->no_memory |= want.failed || have.failed;
    rk_buf_free(&want);
    rk_buf_free(&have);
}

/* A model may be declared twice, with other numbers of trees: a golden is of the whole file. */
static bool is_first(const rk_module *module, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++)
        if (rk_str_eq(module->models.items[k].path, module->models.items[i].path))
            return false;
    return true;
}

static rk_status check_model(rk_compiled *c, const rk_model_info *info, rk_cpu_level cpu)
{
    rk_buf path = {0};
    rk_golden golden;
    rk_buf_printf(&path, "%.*s" RK_GOLDEN_SUFFIX, RK_STR_ARG(info->path));
    rk_golden_spec spec = {
        .models = c->models, .path = rk_buf_str(&path), .span = info->span, .cpu = cpu};
    rk_status status = path.failed ? RK_ENOMEM : RK_OK;
    if (status == RK_OK && access(path.data, F_OK) == 0) {
        const rk_model_spec whole = {.path = info->path, .span = info->span};
        status = rk_models_get(c->models, &whole, &c->cx.diags, &spec.stored);
        if (status == RK_OK)
            status = rk_golden_compare(&spec, &c->cx.diags, &golden);
        if (status == RK_OK && golden.n_different)
            report(c, &spec, &golden);
    }
    rk_buf_free(&path);
    return status;
}

rk_status rk_golden_check(rk_compiled *c, rk_cpu_level cpu)
{
    for (uint32_t i = 0; i < c->module->models.len; i++) {
        const rk_model_info *const info = &c->module->models.items[i];
        if (!info->model || !is_first(c->module, i))
            continue;
        const rk_status status = check_model(c, info, cpu);
        if (status == RK_ENOMEM || status == RK_EBUG)
            return status;
    }
    rk_diags_sort(&c->cx.diags);
    return rk_diags_status(&c->cx.diags);
}
