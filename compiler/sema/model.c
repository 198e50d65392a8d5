/* Models: what a declaration says, and the file that it loads. */
#include "compiler/sema/sema.h"

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
                     "`gbdt(\"file\")` reads trees, `tower(\"file\")` neural networks");
    return NULL;
}

static bool error_args(sema *s, const rk_ast *call, const rk_model_kind *kind)
{
    rk_diag *const diag = rk_error(&s->cx->diags, RK_E0206, call->span,
                                   "wrong arguments for model kind `%s`", kind->name);
    rk_diag_note(&s->cx->diags, diag, RK_NO_SPAN, "as in `%s`", kind->example);
    return false;
}

/* ---- options ---- */

static const char *const option_names[RK_OPTION_COUNT] = {
    [RK_OPTION_TREES] = "trees", [RK_OPTION_PRECISION] = "precision", [RK_OPTION_LENGTH] = "length",
    [RK_OPTION_PAD] = "pad",     [RK_OPTION_KEEP] = "keep",           [RK_OPTION_ALIGN] = "align",
    [RK_OPTION_FAST] = "fast",
};

/* A number from 1 on. */
static bool read_count(sema *s, const rk_ast *ast, const char *what, uint32_t *out)
{
    rk_value value;
    if (!sema_closed_constant(s, ast, RK_TYPE(INT), what, &value))
        return false;
    if (!value.missing && value.as.i > 0 && value.as.i <= UINT32_MAX) {
        *out = (uint32_t)value.as.i;
        return true;
    }
    rk_error(&s->cx->diags, RK_E0205, ast->span, "%s is a whole number, 1 or more", what);
    return false;
}

static bool read_pad(sema *s, const rk_ast *ast, int64_t *out)
{
    rk_value value;
    if (!sema_closed_constant(s, ast, RK_TYPE(INT), "`pad:`", &value))
        return false;
    *out = value.missing ? 0 : value.as.i;
    return true;
}

/* One of two words; *out: whether it is the second. */
static bool read_word(sema *s, const rk_ast *ast, const char *what, const char *const words[2],
                      bool *out)
{
    const rk_str word = ast->kind == RK_AST_STRING ? ast->as.string : (rk_str){0};
    *out = rk_str_eq(word, rk_str_from(words[1]));
    if (*out || rk_str_eq(word, rk_str_from(words[0])))
        return true;
    rk_error(&s->cx->diags, RK_E0205, ast->span, "%s is \"%s\" or \"%s\"", what, words[0],
             words[1]);
    return false;
}

static bool read_fast(sema *s, const rk_ast *ast, bool *out)
{
    rk_value value;
    if (!sema_closed_constant(s, ast, RK_TYPE(BOOL), "`fast:`", &value))
        return false;
    *out = !value.missing && value.as.b;
    return true;
}

static bool read_option(sema *s, const rk_ast *ast, rk_model_option option, rk_model_options *out)
{
    static const char *const keeps[] = {"first", "last"}, *const aligns[] = {"start", "end"};
    static const char *const precisions[] = {"exact", "float"};
    switch (option) {
    case RK_OPTION_TREES:
        return read_count(s, ast, "`trees:`", &out->most_trees);
    case RK_OPTION_PRECISION:
        return read_word(s, ast, "`precision:`", precisions, &out->in_float);
    case RK_OPTION_LENGTH:
        return read_count(s, ast, "`length:`", &out->length);
    case RK_OPTION_PAD:
        return read_pad(s, ast, &out->pad);
    case RK_OPTION_KEEP:
        return read_word(s, ast, "`keep:`", keeps, &out->keep_last);
    case RK_OPTION_ALIGN:
        return read_word(s, ast, "`align:`", aligns, &out->pad_front);
    case RK_OPTION_FAST:
        return read_fast(s, ast, &out->fast);
    case RK_OPTION_COUNT:
        break;
    }
    return false;
}

/* The option of this name that a kind takes; RK_OPTION_COUNT: none. */
static rk_model_option find_option(const rk_model_kind *kind, rk_str name)
{
    rk_model_option option = 0;
    while (option < RK_OPTION_COUNT &&
           !((kind->options >> option & 1) && rk_str_eq(name, rk_str_from(option_names[option]))))
        option++;
    return option;
}

/* ---- kind("path", trees: …) ---- */

/* What the kind itself takes of the arguments; the rest, if it is called without a declaration, is
 * put into `inputs`. */
static bool read_args(sema *s, const rk_ast *call, rk_model_info *model, rk_ast *inputs)
{
    uint32_t seen = 0;
    rk_str path = {0};
    for (uint32_t i = 0; i < call->as.call.n_args; i++) {
        const rk_ast_arg *const arg = &call->as.call.args[i];
        const rk_model_option option = find_option(model->kind, sema_name(s, arg->name));
        if (arg->name == RK_ATOM_EMPTY && !path.data && arg->value->kind == RK_AST_STRING)
            path = arg->value->as.string;
        else if (option < RK_OPTION_COUNT && !(seen >> option & 1)) {
            seen |= 1u << option;
            if (!read_option(s, arg->value, option, &model->options))
                return false;
        } else if (inputs && path.data)
            inputs->as.call.args[inputs->as.call.n_args++] = *arg;
        else
            return error_args(s, call, model->kind);
    }
    if (!path.data)
        return error_args(s, call, model->kind);
    const rk_str from = s->cx->texts.items.items[call->span.file].name;
    const char *const whole = rk_path_relative(s->arena, from, path);
    if (whole)
        model->path = rk_str_from(whole);
    return whole != NULL;
}

static bool has_shape(const rk_model_kind *kind, rk_model_shape shape)
{
    for (uint32_t i = 0; i < kind->n_shapes; i++)
        if (kind->shapes[i] == shape)
            return true;
    return false;
}

/* A file may hold a model of another kind. */
static bool check_shape(sema *s, const rk_model_info *model, rk_model_shape shape)
{
    if (has_shape(model->kind, shape))
        return true;
    rk_diag *const diag =
        rk_error(&s->cx->diags, RK_E0206, model->span, "`%.*s` holds no model of kind `%s`",
                 RK_STR_ARG(model->path), model->kind->name);
    for (const rk_model_kind *kind = rk_model_kinds; kind->name; kind++)
        if (has_shape(kind, shape)) {
            rk_diag_help(&s->cx->diags, diag, "`%s` reads it", kind->name);
            break;
        }
    return false;
}

static bool load(sema *s, rk_model_info *model)
{
    const rk_model_spec spec = {
        .path = model->path, .span = model->span, .options = model->options};
    rk_stored stored;
    const rk_status status = rk_models_get(s->models, &spec, &s->cx->diags, &stored);
    s->cx->diags.no_memory |= status == RK_ENOMEM;
    if (status != RK_OK || !check_shape(s, model, stored.model->shape))
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
        *model = (rk_model_info){
            .name = decl->ast->name, .span = decl->ast->name_span, .doc = decl->ast->doc};
        model->kind = call->kind == RK_AST_CALL ? find_kind(s, call) : NULL;
        decl->broken = !model->kind || !read_args(s, call, model, NULL) || !load(s, model);
    }
    return s->cx->diags.no_memory ? RK_ENOMEM : RK_OK;
}

/* ---- calls ---- */

/* Models that are called without a declaration stand behind the declared ones, each once, also if
 * it could not be loaded: that is told once. */
static uint32_t find_same(const sema *s, const rk_model_info *wanted)
{
    for (uint32_t i = 0; i < s->module->models.len; i++) {
        const rk_model_info *const known = &s->module->models.items[i];
        if (known->at_call && known->kind == wanted->kind && rk_str_eq(known->path, wanted->path) &&
            rk_model_options_eq(&known->options, &wanted->options))
            return i;
    }
    return RK_MAP_NONE;
}

static bool add_at_call(sema *s, rk_model_info *model, uint32_t *out)
{
    *out = find_same(s, model);
    if (*out != RK_MAP_NONE)
        return true;
    *out = s->module->models.len;
    load(s, model);
    if (rk_vec_push(s->arena, &s->module->models, *model))
        return true;
    s->cx->diags.no_memory = true;
    return false;
}

bool sema_is_model_at_call(const sema *s, const rk_ast *call)
{
    const rk_model_kind *const kind = rk_model_kind_find(sema_name(s, call->as.call.name));
    return kind && kind->at_call && sema_declared(s, call->as.call.name) == RK_MAP_NONE;
}

static bool at_call(sema *s, const rk_ast *call, sema_model *out)
{
    rk_model_info model = {.name = call->as.call.name,
                           .span = call->as.call.name_span,
                           .kind = rk_model_kind_find(sema_name(s, call->as.call.name)),
                           .at_call = true};
    rk_ast *const inputs = RK_NEW(s->arena, rk_ast);
    rk_ast_arg *const args = RK_NEW_ARRAY(s->arena, rk_ast_arg, call->as.call.n_args + 1u);
    if (!inputs || !args) {
        s->cx->diags.no_memory = true;
        return false;
    }
    *inputs = *call;
    inputs->as.call.args = args;
    inputs->as.call.n_args = 0;
    out->call = inputs;
    return read_args(s, call, &model, inputs) && add_at_call(s, &model, &out->index) &&
           s->module->models.items[out->index].model != NULL;
}

bool sema_model_of(sema *s, const rk_ast *call, sema_model *out)
{
    if (sema_is_model_at_call(s, call))
        return at_call(s, call, out);
    const sema_decl *const decl = &s->decls.items[sema_declared(s, call->as.call.name)];
    *out = (sema_model){decl->index, call};
    return !decl->broken;
}
