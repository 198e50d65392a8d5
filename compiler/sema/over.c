/* Values that a caller gives in place of names while the data stay as they are: the steps of a test
 * that stands beside the program. A name keeps its type and scope: it becomes `if true then VALUE
 * else what it was`, of which folding leaves the value. */
#include "compiler/sema/sema.h"

static rk_status add(sema *s, sema_over over)
{
    return rk_vec_push(s->arena, &s->overs, over) ? RK_OK : RK_ENOMEM;
}

static rk_status add_query(sema *s, const rk_ast_step *step, rk_atom name)
{
    const rk_schema *const query = &s->module->query;
    for (uint32_t i = 0; i < query->n; i++)
        if (rk_str_eq(query->fields[i].name, sema_name(s, name)))
            return add(s, (sema_over){UINT32_MAX, i, SEMA_OWNER_QUERY, step->value});
    return RK_OK;
}

/* A field by its short name, of the owner if one is named. */
static rk_status add_field(sema *s, const rk_ast_step *step, rk_atom name, rk_str owner)
{
    for (const sema_field *field = sema_short(s, name); field;
         field = field->next == UINT32_MAX ? NULL : &s->fields.items[field->next]) {
        const bool item = field->owner == SEMA_OWNER_ITEM;
        const rk_str of =
            item ? RK_STR("item") : sema_name(s, s->decls.items[field->decl].ast->name);
        if (owner.len && !rk_str_eq(of, owner))
            continue;
        return add(s, (sema_over){item ? UINT32_MAX : field->decl, field->index, field->owner,
                                  step->value});
    }
    return RK_OK;
}

static rk_status set_now(sema *s, const rk_ast_step *step)
{
    rk_value value;
    if (!sema_closed_constant(s, step->value, RK_TYPE(DOUBLE), "`now`", &value))
        return RK_OK;
    s->module->has_now = true;
    s->module->now = value.as.d;
    return RK_OK;
}

static rk_status add_step(sema *s, const rk_ast_step *step)
{
    const rk_ast *const subject = step->subject;
    if (subject->kind == RK_AST_MEMBER && subject->as.member.object->kind == RK_AST_NAME) {
        const rk_str owner = sema_name(s, subject->as.member.object->as.name);
        return rk_str_eq(owner, RK_STR("query"))
                   ? add_query(s, step, subject->as.member.name)
                   : add_field(s, step, subject->as.member.name, owner);
    }
    if (subject->kind != RK_AST_NAME)
        return RK_OK;
    const uint32_t decl = sema_declared(s, subject->as.name);
    if (decl != RK_MAP_NONE)
        return add(s, (sema_over){decl, UINT32_MAX, SEMA_OWNER_ITEM, step->value});
    if (!sema_short(s, subject->as.name))
        return rk_str_eq(sema_name(s, subject->as.name), RK_STR("now")) ? set_now(s, step) : RK_OK;
    return add_field(s, step, subject->as.name, RK_STR(""));
}

rk_status sema_collect_overs(sema *s)
{
    for (uint32_t i = 0; i < s->decls.len; i++) {
        const rk_decl *const ast = s->decls.items[i].ast;
        if (ast->kind != RK_DECL_TEST || !ast->beside || ast->broken)
            continue;
        for (uint32_t k = 0; k < ast->n_steps; k++)
            if (ast->steps[k].given && ast->steps[k].value)
                RK_TRY(add_step(s, &ast->steps[k]));
    }
    return RK_OK;
}

rk_ref sema_put_over(sema *s, uint32_t decl, sema_owner owner, uint32_t field, rk_ref ref)
{
    for (uint32_t i = 0; ref && i < s->overs.len; i++) {
        const sema_over *const over = &s->overs.items[i];
        rk_value value;
        if (over->decl != decl || over->owner != owner || over->field != field)
            continue;
        const rk_type type = rk_dag_at(s->dag, ref)->type;
        const rk_span span = over->value->span;
        if (!sema_closed_constant(s, over->value, type, "what is given", &value))
            return 0;
        value.type = type;
        const rk_value yes = {.type = RK_TYPE(BOOL), .as.b = true};
        return rk_dag_if(s->dag, type, rk_dag_const(s->dag, yes, span),
                         rk_dag_const(s->dag, value, span), ref, span);
    }
    return ref;
}
