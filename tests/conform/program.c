/* Cases as the text of a program, and its plan. */
#include <stdio.h>

#include "tests/conform/conform.h"

static void write_text(program *p)
{
    grid_declare(&p->text);
    for (unsigned slot = 1; slot <= SLOTS; slot++)
        rk_buf_printf(&p->text,
                      "factor f%un = f%uo ?? (0.0 / 0.0)\nfactor d%un = d%uo ?? (0.0 / 0.0)\n",
                      slot, slot, slot, slot);
    for (uint32_t i = 0; i < p->n; i++)
        rk_buf_printf(&p->text, "factor case%u = %s\n", i, p->spec->cases.items[p->cases[i]].text);
    rk_buf_printf(&p->text, "pipeline main = %s\n", p->spec->cases.items[p->cases[0]].pipe);
}

static rk_status make_plan(program *p)
{
    char name[16];
    RK_TRY(rk_compile_check(&p->compiled));
    uint32_t *const shown = NEW_ARRAY(&p->compiled.cx.arena, uint32_t, p->n);
    for (uint32_t i = 0; i < p->n; i++) {
        snprintf(name, sizeof name, "case%u", i);
        shown[i] = rk_module_factor(p->compiled.module, rk_str_from(name));
    }
    const rk_plan_request wanted = {
        .pipeline = rk_module_pipeline(p->compiled.module, RK_STR("main")),
        .shown = shown,
        .n_shown = p->n,
    };
    return rk_compile_plan(&p->compiled, &wanted, &p->plan);
}

bool program_open(program *p, spec *s, const uint32_t *cases, uint32_t n, rk_buf *why)
{
    *p = (program){.spec = s, .cases = cases, .n = n};
    write_text(p);
    rk_status status = rk_compiled_init(&p->compiled);
    if (status == RK_OK)
        status = rk_compile_read_text(&p->compiled, RK_STR("conform.rank"), rk_buf_str(&p->text));
    if (status == RK_OK)
        status = make_plan(p);
    if (status != RK_OK)
        rk_diags_print(&p->compiled.cx.diags, &p->compiled.cx.texts, RK_DIAG_TEXT, why);
    return status == RK_OK;
}

void program_close(program *p)
{
    rk_compiled_free(&p->compiled);
    rk_buf_free(&p->text);
}
