/* Indexes: what a declaration says, and the vectors that it is over. */
#include "compiler/sema/needs.h"
#include "compiler/sema/sema.h"

/* The arguments of a declaration. */
typedef struct index_args {
    const rk_ast *vector;
    const rk_ast *options[RK_INDEX_OPTION_COUNT];
} index_args;

static const rk_index_kind_row *find_kind(sema *s, const rk_ast *call)
{
    const rk_str name = sema_name(s, call->as.call.name);
    const rk_index_kind_row *const kind = rk_index_kind_find(name);
    if (kind)
        return kind;
    rk_suggestion suggestion = rk_suggest(name);
    for (const rk_index_kind_row *k = rk_index_kinds; k->name; k++)
        rk_suggest_offer(&suggestion, rk_str_from(k->name));
    rk_diag *const diag = rk_error(&s->cx->diags, RK_E0307, call->as.call.name_span,
                                   "unknown index kind `%.*s`", RK_STR_ARG(name));
    if (suggestion.best.len)
        rk_diag_help(&s->cx->diags, diag, "did you mean `%.*s`?", RK_STR_ARG(suggestion.best));
    else
        rk_diag_help(&s->cx->diags, diag,
                     "`flat(vec, metric: …)` searches all vectors, `hnsw(vec, metric: …)` a graph");
    return NULL;
}

/* ---- arguments ---- */

static bool error_args(sema *s, const rk_ast *call, const rk_index_kind_row *kind)
{
    rk_diag *const diag = rk_error(&s->cx->diags, RK_E0206, call->span,
                                   "wrong arguments for index kind `%s`", kind->name);
    rk_diag_note(&s->cx->diags, diag, RK_NO_SPAN, "as in `%s`", kind->example);
    return false;
}

static bool takes(const rk_index_kind_row *kind, rk_index_option option)
{
    return kind->options >> option & 1;
}

static bool error_name(sema *s, const rk_ast_arg *arg, const rk_index_kind_row *kind)
{
    const rk_str name = sema_name(s, arg->name);
    rk_suggestion suggestion = rk_suggest(name);
    for (rk_index_option option = 0; option < RK_INDEX_OPTION_COUNT; option++)
        if (takes(kind, option))
            rk_suggest_offer(&suggestion, rk_str_from(rk_index_options_known[option].name));
    rk_diag *const diag =
        rk_error(&s->cx->diags, RK_E0206, arg->name_span, "index kind `%s` has no argument `%.*s`",
                 kind->name, RK_STR_ARG(name));
    rk_diag_note(&s->cx->diags, diag, RK_NO_SPAN, "`%s%s`, behind the vector", kind->name,
                 kind->sig);
    if (suggestion.best.len)
        rk_diag_help(&s->cx->diags, diag, "did you mean `%.*s`?", RK_STR_ARG(suggestion.best));
    return false;
}

static bool bind_args(sema *s, const rk_ast *call, const rk_index_kind_row *kind, index_args *out)
{
    for (uint32_t i = 0; i < call->as.call.n_args; i++) {
        const rk_ast_arg *const arg = &call->as.call.args[i];
        const rk_str name = sema_name(s, arg->name);
        rk_index_option option = 0;
        while (option < RK_INDEX_OPTION_COUNT &&
               !(takes(kind, option) &&
                 rk_str_eq(name, rk_str_from(rk_index_options_known[option].name))))
            option++;
        if (arg->name != RK_ATOM_EMPTY && option == RK_INDEX_OPTION_COUNT)
            return error_name(s, arg, kind);
        const rk_ast **const slot =
            arg->name == RK_ATOM_EMPTY ? &out->vector : &out->options[option];
        if (*slot)
            return error_args(s, call, kind);
        *slot = arg->value;
    }
    return out->vector || error_args(s, call, kind);
}

static bool read_metric(sema *s, const rk_ast *call, const rk_ast *ast, rk_index_form *form)
{
    const char *const words = "\"dot\", \"cosine\" or \"l2\"";
    if (!ast) {
        rk_diag *const diag = rk_error(&s->cx->diags, RK_E0206, call->span,
                                       "an index needs `metric:`, which says what near is");
        rk_diag_help(&s->cx->diags, diag, "it is %s", words);
        return false;
    }
    const rk_str word = ast->kind == RK_AST_STRING ? ast->as.string : (rk_str){0};
    if (ast->kind == RK_AST_STRING && rk_index_metric_parse(word, &form->metric))
        return true;
    rk_diag *const diag = rk_error(&s->cx->diags, RK_E0205, ast->span, "`metric:` is %s", words);
    rk_suggestion suggestion = rk_suggest(word);
    for (rk_index_metric metric = 0; metric < RK_INDEX_METRIC_COUNT; metric++)
        rk_suggest_offer(&suggestion, rk_str_from(rk_index_metric_name(metric)));
    if (suggestion.best.len)
        rk_diag_help(&s->cx->diags, diag, "did you mean \"%.*s\"?", RK_STR_ARG(suggestion.best));
    return false;
}

static bool read_number(sema *s, const rk_ast *ast, rk_index_option option, uint32_t *out)
{
    const rk_index_option_row *const row = &rk_index_options_known[option];
    rk_value value;
    if (!ast)
        return true;
    if (!sema_closed_constant(s, ast, RK_TYPE(INT), "an argument of an index", &value))
        return false;
    if (!value.missing && value.as.i >= row->least && value.as.i <= row->most) {
        *out = (uint32_t)value.as.i;
        return true;
    }
    rk_error(&s->cx->diags, RK_E0205, ast->span, "`%s:` is a whole number from %u to %u", row->name,
             row->least, row->most);
    return false;
}

/* A path from the folder of the file that names it. */
static bool read_path(sema *s, const rk_ast *ast, rk_str *out)
{
    if (!ast)
        return true;
    if (ast->kind != RK_AST_STRING || !ast->as.string.len) {
        rk_error(&s->cx->diags, RK_E0205, ast->span, "`file:` is the name of a file in quotes");
        return false;
    }
    const rk_str from = s->cx->texts.items.items[ast->span.file].name;
    const char *const whole = rk_path_relative(s->arena, from, ast->as.string);
    s->cx->diags.no_memory |= !whole;
    *out = rk_str_from(whole ? whole : "");
    return whole != NULL;
}

static bool read_options(sema *s, const rk_ast *call, const index_args *args, rk_index_info *index)
{
    const rk_ast *const *const given = args->options;
    rk_index_form *const form = &index->form;
    bool fine = read_metric(s, call, given[RK_INDEX_OPTION_METRIC], form);
    fine &= read_number(s, given[RK_INDEX_OPTION_M], RK_INDEX_OPTION_M, &form->m);
    fine &= read_number(s, given[RK_INDEX_OPTION_EF_CONSTRUCTION], RK_INDEX_OPTION_EF_CONSTRUCTION,
                        &form->ef_construction);
    fine &= read_number(s, given[RK_INDEX_OPTION_EF], RK_INDEX_OPTION_EF, &form->ef);
    return read_path(s, given[RK_INDEX_OPTION_FILE], &index->path) && fine;
}

/* ---- the vectors ---- */

static bool check_type(sema *s, const rk_ast *ast, rk_ref vector, rk_str name)
{
    const rk_type type = rk_dag_at(s->dag, vector)->type;
    if (type.kind != RK_KIND_VECTOR)
        rk_error(&s->cx->diags, RK_E0205, ast->span,
                 "index `%.*s` is over a vector(n), and this is %s", RK_STR_ARG(name),
                 rk_type_text(type).text);
    else if (type.dim < RK_INDEX_MIN_DIM || type.dim > RK_INDEX_MAX_DIM)
        rk_error(&s->cx->diags, RK_E0205, ast->span,
                 "the vectors of an index have %d to %d numbers, and this is %s", RK_INDEX_MIN_DIM,
                 RK_INDEX_MAX_DIM, rk_type_text(type).text);
    else
        return true;
    return false;
}

static rk_str source_name(const sema *s, uint32_t source)
{
    return sema_name(s, s->module->sources.items[source].name);
}

/* The one source whose rows are the items. */
static bool find_source(sema *s, const rk_ast *ast, const uint8_t *live, rk_index_info *index)
{
    const rk_str name = sema_name(s, index->name);
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->module->sources.len; i++)
        if (rk_needs_rows(s->module, live, i) && n++ == 0)
            index->source = i;
    if (n == 1)
        return true;
    rk_diag *const diag = rk_error(&s->cx->diags, RK_E0315, ast->span,
                                   n == 0 ? "this reads no source by item.id, so index `%.*s` "
                                            "would have no items"
                                          : "this reads several sources by item.id, and the items "
                                            "of index `%.*s` are the rows of one",
                                   RK_STR_ARG(name));
    for (uint32_t i = 0; i < s->module->sources.len; i++)
        if (rk_needs_rows(s->module, live, i))
            rk_diag_note(&s->cx->diags, diag, s->module->sources.items[i].span,
                         "`%.*s` is declared", RK_STR_ARG(source_name(s, i)));
    return false;
}

static bool check_vector(sema *s, const rk_ast *ast, rk_ref vector, rk_index_info *index)
{
    const rk_str name = sema_name(s, index->name);
    if (!check_type(s, ast, vector, name))
        return false;
    if (s->givens) /* a test gives the vectors */
        return true;
    const uint8_t *const live = rk_dag_reachable(s->dag, s->arena, &vector, 1);
    rk_buf what = {0};
    rk_buf_printf(&what, "index `%.*s`", RK_STR_ARG(name));
    rk_status status = live && !what.failed ? RK_OK : RK_ENOMEM;
    if (status == RK_OK)
        status = rk_needs_no_request(s->module, live, rk_buf_str(&what));
    rk_buf_free(&what);
    s->cx->diags.no_memory |= status == RK_ENOMEM;
    return status == RK_OK && find_source(s, ast, live, index);
}

/* A list that is written out is a vector here. */
static rk_type wanted_type(const rk_ast *ast)
{
    const rk_ast *const list = rk_ast_strip(ast);
    if (list->kind != RK_AST_LIST || !list->as.list.len)
        return (rk_type){0};
    return (rk_type){.kind = RK_KIND_VECTOR, .dim = list->as.list.len};
}

rk_status sema_index(sema *s, uint32_t number)
{
    sema_decl *const decl = &s->decls.items[number];
    rk_index_info *const index = &s->module->indexes.items[decl->index];
    const rk_ast *const call = decl->ast->value;
    index_args args = {0};
    *index = (rk_index_info){
        .name = decl->ast->name, .span = decl->ast->name_span, .doc = decl->ast->doc};
    index->kind = call->kind == RK_AST_CALL ? find_kind(s, call) : NULL;
    decl->broken = true;
    if (!index->kind || !bind_args(s, call, index->kind, &args))
        return RK_OK;
    index->form.kind = index->kind->kind;
    const bool read = read_options(s, call, &args, index);
    const uint32_t errors = s->cx->diags.errors;
    const rk_ref vector = sema_expr(s, NULL, args.vector, wanted_type(args.vector));
    if (vector && check_vector(s, args.vector, vector, index) && s->cx->diags.errors == errors)
        index->vector = vector;
    decl->broken = !read || !index->vector;
    return RK_OK;
}
