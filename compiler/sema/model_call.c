/* Calls of models: what binds which input, and of what types. */
#include <stdio.h>

#include "compiler/sema/sema.h"
#include "runtime/model/network.h"
#include "runtime/model/vocab.h"

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

static binding begin(sema *s, const sema_env *env, const sema_model *of)
{
    const rk_model_info *const info = &s->module->models.items[of->index];
    return (binding){
        .s = s, .env = env, .call = of->call, .info = info, .model = info->model, .fine = true};
}

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

/* ---- binding ---- */

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

/* An input that nothing has to bind: no part of the model asks for it, or it is made from a list
 * that is bound. */
static bool may_lack(const binding *b, uint32_t input)
{
    const rk_model_input *const of = &b->model->inputs[input];
    return of->of || (b->rest && !of->used);
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
        if (may_lack(b, i))
            continue;
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

/* ---- types ---- */

static bool is_plain_number(uint8_t kind)
{
    return rk_kind_is_number(kind) || kind == RK_KIND_BOOL;
}

/* Of a forest's or linear model's input: a number, or a category. */
static bool fits_number(const rk_model_input *input, rk_type type)
{
    if (!input->used)
        return rk_kind_is_scalar(type.kind);
    return is_plain_number(type.kind) || (type.kind == RK_KIND_STRING && input->n_categories);
}

/* Of a vocabulary, or of ids in a linear model. */
static bool fits_ids(rk_type type)
{
    const uint8_t kind = type.kind == RK_KIND_LIST ? type.elem : type.kind;
    return kind == RK_KIND_STRING || kind == RK_KIND_INT || kind == RK_KIND_BOOL;
}

static bool fits(const rk_model_input *input, rk_type type)
{
    if (input->ids)
        return fits_ids(type);
    switch (input->type.kind) {
    case RK_KIND_NONE:
        return fits_number(input, type);
    case RK_KIND_FLOAT:
        return is_plain_number(type.kind);
    case RK_KIND_INT:
        return type.kind == RK_KIND_INT || type.kind == RK_KIND_BOOL;
    case RK_KIND_BOOL:
        return type.kind == RK_KIND_BOOL;
    case RK_KIND_VECTOR: /* lists are looked at when they are there */
        return (type.kind == RK_KIND_VECTOR && type.dim == input->type.dim) ||
               (type.kind == RK_KIND_LIST && is_plain_number(type.elem) &&
                !(input->of && type.elem == RK_KIND_INT));
    case RK_KIND_LIST:
        return type.kind == RK_KIND_LIST && type.elem == input->type.elem;
    default:
        return false;
    }
}

static const char *wants(const binding *b, const rk_model_input *input)
{
    if (input->ids)
        return "a string, an int or a list of them";
    if (input->type.kind == RK_KIND_NONE)
        return input->n_categories ? "a category or its number" : "a number";
    const rk_type_name name = rk_type_text(input->type);
    return rk_arena_copy(b->s->arena, name.text, strlen(name.text));
}

/* What a literal becomes. */
static rk_type asked_of(const rk_model_input *input)
{
    if (input->ids)
        return (rk_type){0};
    if (input->type.kind != RK_KIND_NONE)
        return input->type;
    return input->n_categories ? (rk_type){0} : RK_TYPE(DOUBLE);
}

/* A list has no place for what is missing. */
static bool check_list(binding *b, uint32_t i, rk_type type)
{
    const bool lacks = b->model->shape == RK_MODEL_VOCAB && type.kind == RK_KIND_LIST &&
                       !b->model->as.vocab->has_unknown;
    if (!lacks)
        return true;
    rk_diag *const diag = sema_error(b->s, b->env, RK_E0201, b->given[i]->span,
                                     "`%.*s` does not say what becomes of keys that it has not",
                                     RK_STR_ARG(b->info->path));
    rk_diag_help(&b->s->cx->diags, diag, "a list needs a line `<unknown>` there");
    return false;
}

static void error_missing(binding *b, uint32_t i, rk_ref ref)
{
    rk_buf what = {0};
    rk_buf_printf(&what, "`%s` of model `%.*s`", input_text(b, i),
                  RK_STR_ARG(sema_name(b->s, b->info->name)));
    sema_error_missing(b->s, b->env, ref, b->given[i]->span,
                       what.failed ? "this input" : what.data);
    rk_buf_free(&what);
}

/* What the literal `missing` becomes. */
static rk_type missing_of(const rk_model_input *input)
{
    const rk_type asked = asked_of(input);
    if (input->ids)
        return RK_TYPE(STRING);
    return asked.kind == RK_KIND_NONE ? RK_TYPE(DOUBLE) : asked;
}

/* The value of an input, of a type that the model can read; 0 after an error. */
static rk_ref read_input(binding *b, uint32_t i)
{
    const rk_model_input *const input = &b->model->inputs[i];
    rk_ref ref = sema_expr(b->s, b->env, b->given[i], asked_of(input));
    if (!ref)
        return 0;
    rk_type type = rk_dag_at(b->s->dag, ref)->type;
    if (type.kind == RK_KIND_NONE) { /* the literal `missing` */
        ref = sema_convert(b->s, ref, missing_of(input), b->given[i]->span);
        if (!ref)
            return 0;
        type = rk_dag_at(b->s->dag, ref)->type;
    }
    if (!fits(input, type)) {
        sema_error(b->s, b->env, RK_E0201, b->given[i]->span,
                   "`%s` of model `%.*s` is %s, and this is %s", input_text(b, i),
                   RK_STR_ARG(sema_name(b->s, b->info->name)), wants(b, input),
                   sema_type_of(b->s, ref).text);
        return 0;
    }
    if (!check_list(b, i, type))
        return 0;
    if (input->used && type.optional && !input->missing) {
        error_missing(b, i, ref);
        return 0;
    }
    return ref;
}

/* ---- the call ---- */

/* Nodes of the used inputs, in order; false after an error. */
static bool read_inputs(binding *b, rk_ref *refs)
{
    if (!bind_given(b))
        return false;
    if (b->fine)
        bind_rest(b);
    if (!b->fine)
        return false;
    for (uint32_t i = 0; i < b->model->n_inputs; i++) { /* to the end: all errors are told */
        refs[i] = b->given[i] ? read_input(b, i) : 0;
        b->fine &= refs[i] || !b->given[i];
    }
    for (uint32_t i = 0; i < b->model->n_inputs; i++)
        if (!refs[i] && b->model->inputs[i].of)
            refs[i] = refs[b->model->inputs[i].of - 1];
    return b->fine;
}

static rk_ref call_node(sema *s, const binding *b, const sema_model *of, const rk_ref *refs,
                        rk_model_part part)
{
    rk_ref *const operands = RK_NEW_ARRAY(s->arena, rk_ref, b->model->n_inputs + 1u);
    rk_type *const types = RK_NEW_ARRAY(s->arena, rk_type, b->model->n_inputs + 1u);
    uint32_t n = 0;
    if (!operands || !types)
        return 0;
    for (uint32_t i = 0; i < b->model->n_inputs; i++)
        if (b->model->inputs[i].used) {
            types[n] = rk_dag_at(s->dag, refs[i])->type;
            operands[n++] = refs[i];
        }
    return rk_dag_node(s->dag, &(rk_node_spec){.op = RK_OP_MODEL,
                                               .scope = RK_SCOPE_QUERY,
                                               .type = rk_model_call_type(b->model, part, types),
                                               .aux = of->index,
                                               .param = part,
                                               .span = b->call->span,
                                               .operands = operands,
                                               .n = n});
}

/* ---- parts ---- */

static const rk_network_output *find_output(const rk_network *network, rk_str name)
{
    for (uint32_t i = 0; i < network->n_outputs; i++)
        if (rk_str_eq(network->outputs[i].name, name))
            return &network->outputs[i];
    return NULL;
}

/* All that can be had, in one message. */
static void error_output(const binding *b, rk_span span, rk_str name)
{
    const rk_network *const network = b->model->as.network;
    rk_suggestion suggestion = rk_suggest(name);
    rk_buf names = {0};
    for (uint32_t i = 0; i < network->n_outputs; i++) {
        const rk_network_output *const output = &network->outputs[i];
        if (output->value == UINT32_MAX)
            continue;
        rk_suggest_offer(&suggestion, output->name);
        rk_buf_printf(&names, "%s%.*s", names.len ? ", " : "", RK_STR_ARG(output->name));
    }
    const rk_str model = sema_name(b->s, b->info->name);
    rk_diag *const diag =
        name.len
            ? sema_error(b->s, b->env, RK_E0308, span, "model `%.*s` has no output `%.*s`",
                         RK_STR_ARG(model), RK_STR_ARG(name))
            : sema_error(b->s, b->env, RK_E0308, span,
                         "model `%.*s` has several outputs: one must be named", RK_STR_ARG(model));
    rk_diag_note(&b->s->cx->diags, diag, RK_NO_SPAN, "its outputs are %.*s",
                 RK_STR_ARG(rk_buf_str(&names)));
    if (suggestion.best.len)
        rk_diag_help(&b->s->cx->diags, diag, "did you mean `%.*s`?", RK_STR_ARG(suggestion.best));
    rk_buf_free(&names);
}

static uint32_t count_outputs(const rk_network *network)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < network->n_outputs; i++)
        n += network->outputs[i].value != UINT32_MAX;
    return n;
}

/* An output of what the network gives. */
static rk_ref output_node(const binding *b, rk_ref whole, rk_str name, rk_span span)
{
    const rk_network *const network = b->model->as.network;
    if (!name.len && count_outputs(network) == 1)
        return whole;
    const rk_network_output *const output = name.len ? find_output(network, name) : NULL;
    if (output && output->value == UINT32_MAX) {
        sema_error(b->s, b->env, RK_E0308, span, "output `%.*s` cannot be had: %.*s",
                   RK_STR_ARG(name), RK_STR_ARG(output->lacks));
        return 0;
    }
    if (!output) {
        error_output(b, span, name);
        return 0;
    }
    if (output->dim == b->model->n_outputs)
        return whole;
    const rk_type type =
        output->dim == 1 ? RK_TYPE(FLOAT) : (rk_type){.kind = RK_KIND_VECTOR, .dim = output->dim};
    return rk_dag_node(b->s->dag, &(rk_node_spec){.op = RK_OP_PART,
                                                  .type = type,
                                                  .aux = output->first,
                                                  .span = b->call->span,
                                                  .operands = &whole,
                                                  .n = 1});
}

/* `raw`, `leaves`; false, after an error, for other names. */
static bool read_part(const binding *b, rk_str name, rk_span span, rk_model_part *out)
{
    *out = RK_MODEL_SCORE;
    if (!name.len || b->model->shape == RK_MODEL_NETWORK)
        return true;
    const rk_model_shape shape = b->model->shape;
    const bool trees = shape == RK_MODEL_FOREST || shape == RK_MODEL_LINEAR;
    const bool scores = trees || shape == RK_MODEL_TERMS;
    *out = rk_str_eq(name, RK_STR("raw")) ? RK_MODEL_RAW : RK_MODEL_LEAVES;
    if (*out == RK_MODEL_RAW ? scores : trees && rk_str_eq(name, RK_STR("leaves")))
        return true;
    sema_error(b->s, b->env, RK_E0308, span, "%s, not `%.*s`",
               trees    ? "a model gives its score, `raw` and `leaves`"
               : scores ? "a linear model gives its score and `raw`"
                        : "this model gives one value",
               RK_STR_ARG(name));
    return false;
}

rk_ref sema_model_call(sema *s, const sema_env *env, const rk_ast *ast, rk_atom part, rk_span span)
{
    sema_model of;
    rk_model_part wanted;
    if (!sema_model_of(s, ast, &of))
        return 0;
    binding b = begin(s, env, &of);
    const rk_str name = part == RK_ATOM_EMPTY ? (rk_str){0} : sema_name(s, part);
    rk_ref *const refs = RK_NEW_ARRAY(s->arena, rk_ref, b.model->n_inputs + 1u);
    if (!refs || !read_part(&b, name, span, &wanted) || !read_inputs(&b, refs))
        return 0;
    const rk_ref node = call_node(s, &b, &of, refs, wanted);
    return node && b.model->shape == RK_MODEL_NETWORK ? output_node(&b, node, name, span) : node;
}

void sema_model_rest(sema *s, const rk_ast *call,
                     void (*use)(void *user, rk_atom name, rk_span span), void *user)
{
    sema_model of;
    if (!sema_model_of(s, call, &of))
        return;
    binding b = begin(s, NULL, &of);
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
