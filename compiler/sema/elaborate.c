/* Types the declarations one by one, in an order in which what is used comes first. */
#include "compiler/sema/sema.h"

static rk_status register_decl(sema *s, sema_decl *decl)
{
    rk_module *const m = s->module;
    const rk_decl *const ast = decl->ast;
    bool fine = true;
    if (ast->kind == RK_DECL_FACTOR) {
        decl->index = m->factors.len;
        const rk_factor factor = {.name = ast->name, .span = ast->name_span, .doc = ast->doc};
        fine = rk_vec_push(s->arena, &m->factors, factor);
    } else if (ast->kind == RK_DECL_SOURCE) {
        decl->index = m->sources.len;
        fine = rk_vec_push(s->arena, &m->sources, (rk_source_info){0});
    } else if (ast->kind == RK_DECL_MODEL) {
        decl->index = m->models.len;
        fine = rk_vec_push(s->arena, &m->models, (rk_model_info){0});
    } else if (ast->kind == RK_DECL_INDEX) {
        decl->index = m->indexes.len;
        fine = rk_vec_push(s->arena, &m->indexes, (rk_index_info){0});
    } else if (ast->kind == RK_DECL_PIPELINE) {
        decl->index = m->pipelines.len;
        const rk_pipeline pipeline = {.name = ast->name, .span = ast->name_span, .doc = ast->doc};
        fine = rk_vec_push(s->arena, &m->pipelines, pipeline);
    }
    return fine ? RK_OK : RK_ENOMEM;
}

rk_status sema_register(sema *s)
{
    for (uint32_t i = 0; i < s->decls.len; i++)
        RK_TRY(register_decl(s, &s->decls.items[i]));
    return RK_OK;
}

/* What a test gives in place of a factor, or 0. */
static rk_ref given_factor(const sema *s, uint32_t decl)
{
    for (uint32_t i = 0; s->givens && i < s->givens->len; i++)
        if (s->givens->items[i].decl == decl && s->givens->items[i].owner != SEMA_OWNER_SOURCE)
            return s->givens->items[i].value;
    return 0;
}

/* A value that is always there, where the declaration says that it may be missing. */
static rk_ref as_optional(sema *s, rk_ref ref, rk_span span)
{
    const rk_type type = rk_type_opt(rk_dag_at(s->dag, ref)->type, true);
    const rk_value yes = {.type = RK_TYPE(BOOL), .as.b = true};
    const rk_value none = {.type = type, .missing = true};
    return rk_dag_if(s->dag, type, rk_dag_const(s->dag, yes, span), ref,
                     rk_dag_const(s->dag, none, span), span);
}

static rk_ref factor_value(sema *s, const rk_decl *ast)
{
    if (ast->type.name != RK_ATOM_EMPTY) {
        const rk_type type = sema_type(s, &ast->type);
        const rk_ref ref = type.kind ? sema_expr_as(s, NULL, ast->value, type, "the factor") : 0;
        const bool widens = ref && type.optional && !rk_dag_at(s->dag, ref)->type.optional;
        return widens ? as_optional(s, ref, ast->value->span) : ref;
    }
    const rk_ref ref = sema_expr(s, NULL, ast->value, (rk_type){0});
    if (!ref)
        return 0;
    const uint8_t kind = rk_dag_at(s->dag, ref)->type.kind;
    if (kind == RK_KIND_NONE)
        sema_error(s, NULL, RK_E0201, ast->value->span, "the type of `missing` is not known here");
    else if (kind == RK_KIND_CANDIDATES)
        sema_error(s, NULL, RK_E0401, ast->value->span,
                   "this is a pipe, and a value is needed here");
    else
        return ref;
    return 0;
}

static rk_status elaborate_pipeline(sema *s, const sema_decl *decl)
{
    rk_pipeline *const pipeline = &s->module->pipelines.items[decl->index];
    const sema_env env = {.pipeline = pipeline};
    pipeline->root = sema_pipe(s, &env, decl->ast->value);
    return pipeline->root ? sema_check_domains(s, pipeline, decl->ast->span) : RK_OK;
}

static rk_status elaborate_decl(sema *s, uint32_t number)
{
    sema_decl *const decl = &s->decls.items[number];
    rk_ref given = 0;
    if (decl->broken || !decl->ast->value)
        return RK_OK;
    switch (decl->ast->kind) {
    case RK_DECL_FACTOR:
        given = given_factor(s, number);
        if (!given)
            given =
                sema_put_over(s, number, SEMA_OWNER_ITEM, UINT32_MAX, factor_value(s, decl->ast));
        s->module->factors.items[decl->index].value = given;
        break;
    case RK_DECL_SOURCE:
        if (!s->givens)
            s->module->sources.items[decl->index].lookup = sema_source_key(s, number);
        break;
    case RK_DECL_PIPELINE:
        return elaborate_pipeline(s, decl);
    case RK_DECL_INDEX:
        return sema_index(s, number);
    default:
        break;
    }
    return RK_OK;
}

/* A def is typed where it is called. One that is never called is typed once with parameters of
 * which nothing is known: then unknown names in it are errors, and what depends on the parameters
 * is not. */
static rk_status elaborate_uncalled(sema *s, const sema_decl *decl)
{
    const rk_decl *const def = decl->ast;
    rk_pipeline labels = {.name = def->name, .span = def->name_span};
    sema_param *const params = RK_NEW_ARRAY(s->arena, sema_param, def->n_params);
    if (!params)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < def->n_params; i++)
        params[i].name = def->params[i].name;
    const sema_env env = {.params = params, .n_params = def->n_params, .pipeline = &labels};
    if (sema_is_pipe(s, &env, def->value))
        (void)sema_pipe(s, &env, def->value);
    else
        (void)sema_expr(s, &env, def->value, (rk_type){0});
    return RK_OK;
}

static rk_status elaborate_rest(sema *s)
{
    for (uint32_t i = 0; i < s->decls.len; i++) {
        const sema_decl *const decl = &s->decls.items[i];
        if (decl->ast->kind == RK_DECL_DEF && decl->ast->value && !decl->prelude && !decl->called &&
            !decl->broken)
            RK_TRY(elaborate_uncalled(s, decl));
    }
    return RK_OK;
}

rk_status sema_elaborate(sema *s, const uint8_t *needed)
{
    for (uint32_t i = 0; i < s->n_order; i++)
        if (!needed || needed[s->order[i]])
            RK_TRY(elaborate_decl(s, s->order[i]));
    if (!needed)
        RK_TRY(elaborate_rest(s));
    return s->dag->no_memory ? RK_ENOMEM : RK_OK;
}
