/* Models: what a declaration loads, and what a call of one binds. */
#include <stdio.h>

#include "compiler/sema/sema.h"
#include "runtime/model/kinds.h"

/* ---- declarations ---- */

static const rk_model_kind *find_kind(sema *s, const rk_ast *call)
{
    const rk_str name = sema_name(s, call->as.call.name);
    const rk_model_kind *const kind = rk_model_kind_find(name);
    if (kind)
        return kind;
    rk_suggestion suggestion = rk_suggest(name);
    for (const rk_model_kind *k = rk_model_kinds; k->name; k++)
        rk_suggest_offer(&suggestion, rk_str_from(k->name));
    rk_diag *const diag = rk_error(&s->cx->diags, RK_E0307, call->as.call.name_span,
                                   "unknown model kind `%.*s`", RK_STR_ARG(name));
    if (suggestion.best.len)
        rk_diag_help(&s->cx->diags, diag, "did you mean `%.*s`?", RK_STR_ARG(suggestion.best));
    else
        rk_diag_help(&s->cx->diags, diag,
                     "`gbdt(\"file\")` reads models of LightGBM, XGBoost and CatBoost");
    return NULL;
}

static bool error_args(sema *s, const rk_ast *call, const rk_model_kind *kind)
{
    rk_diag *const diag = rk_error(&s->cx->diags, RK_E0206, call->span,
                                   "wrong arguments for model kind `%s`", kind->name);
    rk_diag_note(&s->cx->diags, diag, RK_NO_SPAN, "as in `%s`", kind->example);
    return false;
}

static bool read_trees(sema *s, const rk_ast *ast, uint32_t *out)
{
    rk_value value;
    if (!sema_closed_constant(s, ast, RK_TYPE(INT), "`trees:`", &value))
        return false;
    if (!value.missing && value.as.i > 0 && value.as.i <= UINT32_MAX) {
        *out = (uint32_t)value.as.i;
        return true;
    }
    rk_error(&s->cx->diags, RK_E0205, ast->span, "`trees:` is a number of trees, 1 or more");
    return false;
}

static bool read_precision(sema *s, const rk_ast *ast, bool *in_float)
{
    const rk_str word = ast->kind == RK_AST_STRING ? ast->as.string : (rk_str){0};
    *in_float = rk_str_eq(word, RK_STR("float"));
    if (*in_float || rk_str_eq(word, RK_STR("exact")))
        return true;
    rk_error(&s->cx->diags, RK_E0205, ast->span,
             "`precision:` is \"exact\", as the library adds up, or \"float\"");
    return false;
}

/* kind("path", trees: …, precision: …) */
static bool read_args(sema *s, const rk_ast *call, const rk_model_kind *kind, rk_model_info *model)
{
    rk_str path = {0};
    bool precise = false;
    for (uint32_t i = 0; i < call->as.call.n_args; i++) {
        const rk_ast_arg *const arg = &call->as.call.args[i];
        const rk_str name = sema_name(s, arg->name);
        if (name.len == 0 && !path.data && arg->value->kind == RK_AST_STRING)
            path = arg->value->as.string;
        else if (rk_str_eq(name, RK_STR("trees")) && !model->most_trees) {
            if (!read_trees(s, arg->value, &model->most_trees))
                return false;
        } else if (rk_str_eq(name, RK_STR("precision")) && !precise) {
            precise = true;
            if (!read_precision(s, arg->value, &model->in_float))
                return false;
        } else
            return error_args(s, call, kind);
    }
    if (!path.data)
        return error_args(s, call, kind);
    const rk_str from = s->cx->texts.items.items[call->span.file].name;
    const char *const whole = rk_path_relative(s->arena, from, path);
    if (whole)
        model->path = rk_str_from(whole);
    return whole != NULL;
}

static bool load(sema *s, rk_model_info *model)
{
    const rk_model_spec spec = {.path = model->path,
                                .span = model->span,
                                .most_trees = model->most_trees,
                                .in_float = model->in_float};
    rk_stored stored;
    const rk_status status = rk_models_get(s->models, &spec, &s->cx->diags, &stored);
    s->cx->diags.no_memory |= status == RK_ENOMEM;
    if (status != RK_OK)
        return false;
    model->model = stored.model;
    model->digest = stored.digest;
    return true;
}

rk_status sema_models(sema *s)
{
    for (uint32_t i = 0; i < s->decls.len; i++) {
        sema_decl *const decl = &s->decls.items[i];
        if (decl->ast->kind != RK_DECL_MODEL || decl->broken)
            continue;
        rk_model_info *const model = &s->module->models.items[decl->index];
        const rk_ast *const call = decl->ast->value;
        const rk_model_kind *const kind = call->kind == RK_AST_CALL ? find_kind(s, call) : NULL;
        *model = (rk_model_info){
            .name = decl->ast->name, .span = decl->ast->name_span, .doc = decl->ast->doc};
        decl->broken = !kind || !read_args(s, call, kind, model) || !load(s, model);
    }
    return s->cx->diags.no_memory ? RK_ENOMEM : RK_OK;
}

/* ---- calls ---- */

/* A call while its inputs are bound. */
typedef struct binding {
    sema *s;
    const sema_env *env;
    const rk_ast *call;
    const rk_model_info *info;
    const rk_model *model;
    const rk_ast **given; /* [n_inputs] what binds it; NULL: nothing yet */
    bool rest;            /* … has `...` */
    bool fine;
} binding;

static uint32_t find_input(const rk_model *model, rk_str name)
{
    for (uint32_t i = 0; i < model->n_inputs; i++)
        if (model->inputs[i].name.len && rk_str_eq(model->inputs[i].name, name))
            return i;
    return UINT32_MAX;
}

/* `price` or, of a file without names, `input 3`. */
static const char *input_text(const binding *b, uint32_t input)
{
    char text[24];
    const rk_str name = b->model->inputs[input].name;
    if (name.len)
        return rk_arena_copy(b->s->arena, name.data, name.len);
    const int len = snprintf(text, sizeof text, "input %u", input + 1);
    return rk_arena_copy(b->s->arena, text, (size_t)len);
}

static rk_diag *error_call(binding *b, rk_span span, const char *format, const char *what)
{
    const rk_str name = sema_name(b->s, b->info->name);
    rk_buf text = {0};
    rk_buf_printf(&text, format, what ? what : "", RK_STR_ARG(name));
    b->fine = false;
    rk_diag *const diag =
        sema_error(b->s, b->env, RK_E0206, span, "%s", text.failed ? "" : text.data);
    rk_buf_free(&text);
    return diag;
}

static void error_unknown(binding *b, const rk_ast_arg *arg)
{
    const rk_str name = sema_name(b->s, arg->name);
    rk_suggestion suggestion = rk_suggest(name);
    for (uint32_t i = 0; i < b->model->n_inputs; i++)
        rk_suggest_offer(&suggestion, b->model->inputs[i].name);
    rk_diag *const diag = error_call(b, arg->name_span, "model `%s%.*s` has no such input", NULL);
    if (suggestion.best.len)
        rk_diag_help(&b->s->cx->diags, diag, "did you mean `%.*s`?", RK_STR_ARG(suggestion.best));
}

static void bind(binding *b, uint32_t input, const rk_ast *value)
{
    if (b->given[input])
        error_call(b, value->span, "`%s` of model `%.*s` is bound twice", input_text(b, input));
    else
        b->given[input] = value;
}

/* Which argument binds which input; false without memory. */
static bool bind_given(binding *b)
{
    uint32_t position = 0;
    b->given = RK_NEW_ARRAY(b->s->arena, const rk_ast *, b->model->n_inputs + 1u);
    for (uint32_t i = 0; b->given && i < b->call->as.call.n_args; i++) {
        const rk_ast_arg *const arg = &b->call->as.call.args[i];
        const bool named = arg->name != RK_ATOM_EMPTY;
        const uint32_t input = named ? find_input(b->model, sema_name(b->s, arg->name)) : position;
        if (arg->value->kind == RK_AST_REST)
            b->rest = true;
        else if (named && input == UINT32_MAX)
            error_unknown(b, arg);
        else if (input >= b->model->n_inputs)
            error_call(b, arg->value->span, "model `%s%.*s` has fewer inputs", NULL);
        else
            bind(b, input, arg->value);
        position += !named;
    }
    return b->given != NULL;
}

/* An input that `...` binds, as if its name were written; NULL: it has no name. */
static const rk_ast *rest_of(sema *s, const rk_ast *call, rk_str name)
{
    rk_atom atom;
    if (!name.len)
        return NULL;
    if (rk_atom_intern(&s->cx->names, name, &atom) != RK_OK) {
        s->cx->diags.no_memory = true;
        return NULL;
    }
    return rk_ast_name(s->cx, call->as.call.name_span, atom);
}

static bool is_known(const sema *s, rk_atom name)
{
    return sema_declared(s, name) != RK_MAP_NONE || sema_short(s, name);
}

/* Names that nothing has are told in one message. */
static void bind_rest(binding *b)
{
    rk_buf lacking = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < b->model->n_inputs; i++) {
        if (b->given[i])
            continue;
        const rk_ast *const name =
            b->rest ? rest_of(b->s, b->call, b->model->inputs[i].name) : NULL;
        if (name && is_known(b->s, name->as.name)) {
            b->given[i] = name;
            continue;
        }
        if (b->rest && !b->model->inputs[i].used)
            continue; /* whatever it is called, nothing asks for it */
        if (n++ < 8)
            rk_buf_printf(&lacking, "%s%s", n > 1 ? ", " : "", input_text(b, i));
    }
    if (n > 8)
        rk_buf_printf(&lacking, " and %u more", n - 8);
    if (n) {
        rk_diag *const diag =
            error_call(b, b->call->span, "inputs of model `%s%.*s` are not bound", NULL);
        rk_diag_note(&b->s->cx->diags, diag, RK_NO_SPAN, "%s: %.*s",
                     b->rest ? "nothing is called so" : "these are left",
                     RK_STR_ARG(rk_buf_str(&lacking)));
        if (!b->rest)
            rk_diag_help(&b->s->cx->diags, diag, "`...` binds the rest by name");
    }
    rk_buf_free(&lacking);
}

static bool fits(const rk_model_input *input, rk_type type)
{
    if (!input->used)
        return rk_kind_is_scalar(type.kind);
    if (type.kind == RK_KIND_STRING)
        return input->n_categories != 0;
    return rk_kind_is_number(type.kind) || type.kind == RK_KIND_BOOL;
}

/* The value of an input, of a type that the model can read; 0 after an error. */
static rk_ref read_input(binding *b, uint32_t i)
{
    const rk_model_input *const input = &b->model->inputs[i];
    const rk_ref ref =
        sema_expr(b->s, b->env, b->given[i], input->n_categories ? (rk_type){0} : RK_TYPE(DOUBLE));
    if (!ref)
        return 0;
    const rk_type type = rk_dag_at(b->s->dag, ref)->type;
    if (type.kind == RK_KIND_NONE) /* the literal `missing` */
        return sema_convert(b->s, ref, RK_TYPE(DOUBLE), b->given[i]->span);
    if (!fits(input, type)) {
        sema_error(b->s, b->env, RK_E0201, b->given[i]->span,
                   "`%s` of model `%.*s` is %s, and this is %s", input_text(b, i),
                   RK_STR_ARG(sema_name(b->s, b->info->name)),
                   input->n_categories ? "a category or its number" : "a number",
                   sema_type_of(b->s, ref).text);
        return 0;
    }
    if (input->used && type.optional && !input->missing) {
        rk_buf what = {0};
        rk_buf_printf(&what, "`%s` of model `%.*s`", input_text(b, i),
                      RK_STR_ARG(sema_name(b->s, b->info->name)));
        sema_error_missing(b->s, b->env, ref, b->given[i]->span,
                           what.failed ? "this input" : what.data);
        rk_buf_free(&what);
        return 0;
    }
    return ref;
}

rk_ref sema_model_call(sema *s, const sema_env *env, const rk_ast *ast, rk_model_part part)
{
    const uint32_t number = sema_declared(s, ast->as.call.name);
    const sema_decl *const decl = &s->decls.items[number];
    if (decl->broken)
        return 0;
    const rk_model_info *const info = &s->module->models.items[decl->index];
    binding b = {.s = s, .env = env, .call = ast, .info = info, .model = info->model, .fine = true};
    rk_ref *const operands = RK_NEW_ARRAY(s->arena, rk_ref, b.model->n_inputs + 1u);
    uint32_t n = 0;
    if (!operands || !bind_given(&b))
        return 0;
    if (b.fine)
        bind_rest(&b);
    if (!b.fine)
        return 0;
    for (uint32_t i = 0; i < b.model->n_inputs; i++) { /* to the end: all errors are told */
        const rk_ref ref = b.given[i] ? read_input(&b, i) : 0;
        b.fine &= ref || !b.given[i];
        if (b.model->inputs[i].used)
            operands[n++] = ref;
    }
    if (!b.fine)
        return 0;
    return rk_dag_node(s->dag, &(rk_node_spec){.op = RK_OP_MODEL,
                                               .scope = RK_SCOPE_QUERY,
                                               .type = rk_model_type(b.model, part),
                                               .aux = decl->index,
                                               .param = part,
                                               .span = ast->span,
                                               .operands = operands,
                                               .n = n});
}

bool sema_model_part(rk_str name, rk_model_part *out)
{
    const bool raw = rk_str_eq(name, RK_STR("raw"));
    *out = raw ? RK_MODEL_RAW : RK_MODEL_LEAVES;
    return raw || rk_str_eq(name, RK_STR("leaves"));
}

void sema_model_rest(sema *s, const rk_ast *call,
                     void (*use)(void *user, rk_atom name, rk_span span), void *user)
{
    const uint32_t number = sema_declared(s, call->as.call.name);
    const sema_decl *const decl = &s->decls.items[number];
    if (decl->broken)
        return;
    const rk_model_info *const info = &s->module->models.items[decl->index];
    binding b = {.s = s, .call = call, .info = info, .model = info->model};
    rk_diags quiet = s->cx->diags; /* what is wrong with the call is said when it is typed */
    if (!bind_given(&b))
        return;
    s->cx->diags = quiet;
    for (uint32_t i = 0; b.rest && i < b.model->n_inputs; i++) {
        const rk_ast *const name = b.given[i] ? NULL : rest_of(s, call, b.model->inputs[i].name);
        if (name)
            use(user, name->as.name, name->span);
    }
}
