/* The order of sema's passes, and the module's tables by name. */
#include "compiler/sema/sema.h"

static const rk_ast_file no_file;

/* The prelude is text number 0 of every compilation (compiler/driver sees to it). */
static bool is_prelude(const rk_ast_file *file) { return file->file == 0; }

static rk_status read_sources(sema *s)
{
    for (uint32_t i = 0; i < s->decls.len; i++)
        if (s->decls.items[i].ast->kind == RK_DECL_SOURCE && !s->decls.items[i].broken)
            RK_TRY(sema_source(s, i));
    return RK_OK;
}

rk_status rk_resolve(rk_context *cx, rk_ast_file *const *files, uint32_t n, rk_models *models,
                     rk_module **out)
{
    rk_module *const module = RK_NEW(&cx->arena, rk_module);
    if (!module)
        return RK_ENOMEM;
    module->cx = cx;
    *out = module;
    sema s = {
        .cx = cx, .arena = &cx->arena, .module = module, .models = models, .dag = &module->dag};
    const bool prelude = n && is_prelude(files[0]);
    RK_TRY(rk_dag_init(&module->dag, &cx->arena));
    RK_TRY(sema_collect(&s, files + prelude, n - prelude, prelude ? files[0] : &no_file));
    RK_TRY(sema_register(&s));
    RK_TRY(sema_schemas(&s));
    RK_TRY(read_sources(&s));
    RK_TRY(sema_models(&s));
    RK_TRY(sema_uses(&s));
    RK_TRY(sema_order(&s));
    RK_TRY(sema_collect_overs(&s));
    RK_TRY(sema_elaborate(&s, NULL));
    RK_TRY(sema_outline(&s));
    RK_TRY(sema_revisions(&s));
    RK_TRY(sema_tests(&s));
    return module->dag.no_memory || cx->diags.no_memory ? RK_ENOMEM : RK_OK;
}

#define FIND(vec)                                                                                  \
    do {                                                                                           \
        for (uint32_t i = 0; i < (vec).len; i++)                                                   \
            if (rk_str_eq(rk_atom_str(&module->cx->names, (vec).items[i].name), name))             \
                return i;                                                                          \
        return RK_MAP_NONE;                                                                        \
    } while (0)

uint32_t rk_module_factor(const rk_module *module, rk_str name) { FIND(module->factors); }
uint32_t rk_module_pipeline(const rk_module *module, rk_str name) { FIND(module->pipelines); }
uint32_t rk_module_index(const rk_module *module, rk_str name) { FIND(module->indexes); }
uint32_t rk_module_revision(const rk_module *module, rk_str name) { FIND(module->revisions); }
