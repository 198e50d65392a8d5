/* Tests become small programs of their own: what is given, and every field of a source, is a field
 * of the test's request, and the expected values are constants. Nothing is read but the test. */
#include <stdio.h>

#include "compiler/sema/sema.h"

typedef struct maker {
    sema s; /* a copy whose module and graph are the test's */
    const rk_module *program;
    rk_test *test;
    const rk_decl *ast;
    sema_givens givens;
    uint8_t *given_query, *given_item; /* [schema.n] 1: the test gives it */
    bool counted;                      /* a list was given: it has n_items values */
    uint32_t n_items;
    bool broken;
} maker;

static rk_diag *error_test(maker *m, rk_span span, const char *format, rk_str name)
{
    m->broken = true;
    char text[256];
    snprintf(text, sizeof text, format, RK_STR_ARG(name));
    return rk_error(&m->s.cx->diags, RK_E0408, span, "%s", text);
}

/* ---- the request's schema: the program's fields, then those of sources, then given factors ----
 */

static rk_status extend(sema *s, rk_schema *schema, uint32_t more)
{
    rk_field *const fields = RK_NEW_ARRAY(s->arena, rk_field, schema->n + more);
    if (!fields)
        return RK_ENOMEM;
    if (schema->n)
        memcpy(fields, schema->fields, schema->n * sizeof *fields);
    schema->fields = fields;
    return RK_OK;
}

/* A field at the end of a schema, and the node that reads it. */
static rk_ref append_field(maker *m, rk_field field, bool item)
{
    rk_schema *const schema = item ? &m->test->module->item : &m->test->module->query;
    schema->fields[schema->n] = field;
    return rk_dag_node(m->s.dag, &(rk_node_spec){.op = item ? RK_OP_ITEM : RK_OP_QUERY,
                                                 .scope = item ? RK_SCOPE_ITEM : RK_SCOPE_QUERY,
                                                 .type = field.type,
                                                 .aux = schema->n++,
                                                 .span = field.span});
}

static rk_status add_source_fields(maker *m, uint32_t decl)
{
    const sema_decl *const source = &m->s.decls.items[decl];
    const rk_source_info *const info = &m->program->sources.items[source->index];
    const bool item =
        info->lookup && rk_dag_at(&m->program->dag, info->lookup)->scope == RK_SCOPE_ITEM;
    for (uint32_t i = 0; i < info->schema.n; i++) {
        if (info->schema.fields[i].type.kind == RK_KIND_NONE)
            continue;
        const sema_given given = {.decl = decl,
                                  .field = i,
                                  .owner = SEMA_OWNER_SOURCE,
                                  .value = append_field(m, info->schema.fields[i], item)};
        if (!rk_vec_push(m->s.arena, &m->givens, given))
            return RK_ENOMEM;
    }
    return RK_OK;
}

static rk_status make_schemas(maker *m)
{
    rk_module *const module = m->test->module;
    uint32_t more = m->ast->n_steps;
    for (uint32_t i = 0; i < m->program->sources.len; i++)
        more += m->program->sources.items[i].schema.n;
    module->query = m->program->query;
    module->item = m->program->item;
    RK_TRY(extend(&m->s, &module->query, more));
    RK_TRY(extend(&m->s, &module->item, more));
    m->given_query = RK_NEW_ARRAY(m->s.arena, uint8_t, module->query.n + more);
    m->given_item = RK_NEW_ARRAY(m->s.arena, uint8_t, module->item.n + more);
    m->test->request.query = RK_NEW_ARRAY(m->s.arena, rk_value, module->query.n + more);
    m->test->request.items = RK_NEW_ARRAY(m->s.arena, rk_column, module->item.n + more);
    if (!m->given_query || !m->given_item || !m->test->request.query || !m->test->request.items)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < m->s.decls.len; i++)
        if (m->s.decls.items[i].ast->kind == RK_DECL_SOURCE && !m->s.decls.items[i].broken)
            RK_TRY(add_source_fields(m, i));
    return RK_OK;
}

/* ---- what is given ---- */

typedef struct target {
    bool now, id, item;
    uint32_t field; /* in the item or query schema of the test */
    rk_type type;
} target;

static bool factor_target(maker *m, uint32_t decl, const rk_ast *ast, target *out)
{
    const rk_ref value = m->program->factors.items[m->s.decls.items[decl].index].value;
    if (!value) {
        m->broken = true; /* the factor has errors of its own */
        return false;
    }
    const rk_node *const node = rk_dag_at(&m->program->dag, value);
    out->item = node->scope == RK_SCOPE_ITEM;
    out->type = node->type;
    const rk_field field = {
        .name = sema_name(&m->s, ast->as.name), .type = node->type, .span = ast->span};
    out->field = out->item ? m->test->module->item.n : m->test->module->query.n;
    const sema_given given = {.decl = decl,
                              .field = UINT32_MAX,
                              .owner = SEMA_OWNER_ITEM,
                              .value = append_field(m, field, out->item)};
    if (!rk_vec_push(m->s.arena, &m->givens, given))
        m->broken = true;
    return !m->broken;
}

/* The node that a field's name gives in the test says which field of the request it is. */
static bool field_target(maker *m, const rk_ast *ast, target *out)
{
    const uint32_t errors = m->s.cx->diags.errors;
    const rk_ref ref = sema_expr(&m->s, NULL, ast, (rk_type){0});
    const rk_node *const node = rk_dag_at(m->s.dag, ref);
    out->type = node->type;
    out->field = node->aux;
    out->item = node->op == RK_OP_ITEM;
    out->id = node->op == RK_OP_ID;
    if (ref && (out->item || out->id || node->op == RK_OP_QUERY))
        return true;
    m->broken = true;
    if (m->s.cx->diags.errors == errors && ref)
        error_test(m, ast->span, "only fields, factors and now are given%.*s", RK_STR(""));
    return false;
}

static bool find_target(maker *m, const rk_ast *ast, target *out)
{
    *out = (target){0};
    if (ast->kind == RK_AST_NAME) {
        const uint32_t decl = sema_declared(&m->s, ast->as.name);
        if (decl != RK_MAP_NONE && m->s.decls.items[decl].ast->kind == RK_DECL_FACTOR)
            return factor_target(m, decl, ast, out);
        out->now = decl == RK_MAP_NONE && !sema_short(&m->s, ast->as.name) &&
                   rk_str_eq(sema_name(&m->s, ast->as.name), RK_STR("now"));
        if (out->now)
            return true;
    }
    return field_target(m, ast, out);
}

static bool constant(maker *m, const rk_ast *ast, rk_type type, const char *what, rk_value *out)
{
    const bool fine = sema_closed_constant(&m->s, ast, rk_type_opt(type, true), what, out);
    out->type = type;
    if (fine && out->missing && !type.optional && !rk_kind_is_real(type.kind)) {
        error_test(m, ast->span, "this is never missing: its type has no `?`%.*s", RK_STR(""));
        return false;
    }
    m->broken |= !fine;
    return fine;
}

/* A list of one value an item, rather than one value that is a list. */
static bool is_per_item(const rk_ast *ast, rk_type type)
{
    const rk_ast *const list = rk_ast_strip(ast);
    if (list->kind != RK_AST_LIST)
        return false;
    if (type.kind != RK_KIND_LIST && type.kind != RK_KIND_VECTOR)
        return true;
    return list->as.list.len > 0 && rk_ast_strip(list->as.list.items[0])->kind == RK_AST_LIST;
}

static bool same_length(maker *m, const rk_ast *list)
{
    if (!m->counted || m->n_items == list->as.list.len) {
        m->n_items = list->as.list.len;
        m->counted = true;
        return true;
    }
    char text[128];
    snprintf(text, sizeof text, "this list has %u value%s, and the one before has %u",
             list->as.list.len, list->as.list.len == 1 ? "" : "s", m->n_items);
    error_test(m, list->span, "%.*s", rk_str_from(text));
    return false;
}

/* Number of candidates: the length of the lists that are given, else 1. */
static void count_items(maker *m)
{
    for (uint32_t i = 0; i < m->ast->n_steps; i++) {
        const rk_ast_step *const step = &m->ast->steps[i];
        target to;
        if (!step->given || !step->value || step->subject->kind == RK_AST_ERROR)
            continue;
        const bool known = find_target(m, step->subject, &to);
        if (known && (to.item || to.id) && is_per_item(step->value, to.type))
            same_length(m, rk_ast_strip(step->value));
    }
    m->test->request.n_items = m->counted ? m->n_items : 1;
}

/* A column that may hold values and their children. */
static bool fill_column(maker *m, const rk_ast *ast, rk_type type, rk_column *out)
{
    const uint32_t n = m->test->request.n_items;
    const bool each = is_per_item(ast, type);
    const rk_ast *const list = rk_ast_strip(ast);
    rk_value *const values = RK_NEW_ARRAY(m->s.arena, rk_value, n);
    size_t elements = 0;
    for (uint32_t i = 0; values && i < n; i++) {
        if (!constant(m, each ? list->as.list.items[i] : ast, type, "what is given", &values[i]))
            return false;
        elements += type.kind == RK_KIND_LIST ? values[i].as.list.len : 0;
    }
    if (!values || rk_column_init(out, m->s.arena, type, n) != RK_OK)
        return false;
    const size_t size = rk_type_size((rk_type){.kind = type.elem});
    char *child = type.kind == RK_KIND_LIST
                      ? rk_arena_alloc_column(m->s.arena, rk_padded(elements), size)
                      : NULL;
    out->child = child;
    for (uint32_t i = 0; i < n; i++) {
        if (child && values[i].as.list.len) {
            memcpy(child, values[i].as.list.items, values[i].as.list.len * size);
            values[i].as.list.items = child;
            child += values[i].as.list.len * size;
        }
        rk_column_set(out, i, values[i]);
    }
    return true;
}

static void give(maker *m, const rk_ast_step *step, const target *to)
{
    rk_request *const request = &m->test->request;
    rk_value value;
    if (to->now) {
        if (!constant(m, step->value, RK_TYPE(DOUBLE), "`now`", &value))
            return;
        m->test->has_now = true;
        m->test->now = value.as.d;
    } else if (to->id)
        fill_column(m, step->value, to->type, &request->ids);
    else if (to->item) {
        if (m->given_item[to->field]++)
            error_test(m, step->subject->span, "this is given twice%.*s", RK_STR(""));
        fill_column(m, step->value, to->type, &request->items[to->field]);
    } else {
        if (m->given_query[to->field]++)
            error_test(m, step->subject->span, "this is given twice%.*s", RK_STR(""));
        constant(m, step->value, to->type, "what is given", &request->query[to->field]);
    }
}

/* Appending the fields of given factors happens once, while counting; here they are found again. */
static bool again(maker *m, const rk_ast *ast, target *out)
{
    const uint32_t decl =
        ast->kind == RK_AST_NAME ? sema_declared(&m->s, ast->as.name) : RK_MAP_NONE;
    for (uint32_t i = 0; decl != RK_MAP_NONE && i < m->givens.len; i++) {
        const sema_given *const given = &m->givens.items[i];
        if (given->decl != decl || given->owner == SEMA_OWNER_SOURCE)
            continue;
        const rk_node *const node = rk_dag_at(m->s.dag, given->value);
        *out = (target){.item = node->op == RK_OP_ITEM, .field = node->aux, .type = node->type};
        return true;
    }
    return find_target(m, ast, out);
}

static rk_status default_ids(maker *m)
{
    rk_request *const request = &m->test->request;
    const rk_type type = m->program->id_type.kind ? m->program->id_type : RK_TYPE(INT);
    m->test->module->id_type = type;
    request->has_items = true;
    if (request->ids.data)
        return RK_OK;
    RK_TRY(rk_column_init(&request->ids, m->s.arena, type, request->n_items));
    for (uint32_t i = 0; i < request->n_items; i++) {
        rk_value value = {.type = type, .as.i = i + 1};
        char text[16];
        const int len = snprintf(text, sizeof text, "%u", i + 1);
        if (type.kind == RK_KIND_STRING)
            RK_TRY(rk_atom_intern(&m->s.cx->names, (rk_str){text, (size_t)len}, &value.as.s));
        rk_column_set(&request->ids, i, value);
    }
    return RK_OK;
}

/* Fields that the test does not give: the default, else missing. */
static rk_status fill_rest(maker *m)
{
    rk_request *const request = &m->test->request;
    const rk_module *const module = m->test->module;
    for (uint32_t i = 0; i < module->query.n; i++)
        if (!m->given_query[i])
            request->query[i] =
                module->query.fields[i].has_initial
                    ? module->query.fields[i].initial
                    : (rk_value){.type = module->query.fields[i].type, .missing = true};
    for (uint32_t i = 0; i < module->item.n; i++) {
        const rk_field *const field = &module->item.fields[i];
        rk_value value = {.type = rk_type_opt(field->type, true), .missing = true};
        if (m->given_item[i] || field->type.kind == RK_KIND_NONE)
            continue;
        if (field->has_initial)
            value = field->initial;
        RK_TRY(rk_column_fill(&request->items[i], m->s.arena, value, request->n_items));
    }
    return RK_OK;
}

/* ---- what is expected ---- */

static bool right_values(maker *m, const rk_ast_step *step, rk_type type, bool item,
                         rk_expect *expect)
{
    const rk_ast *const list = rk_ast_strip(step->value);
    expect->per_item = item && is_per_item(step->value, type);
    expect->n_right = expect->per_item ? list->as.list.len : 1;
    expect->right = RK_NEW_ARRAY(m->s.arena, rk_value, expect->n_right + 1u);
    for (uint32_t i = 0; expect->right && i < expect->n_right; i++)
        if (!constant(m, expect->per_item ? list->as.list.items[i] : step->value, type,
                      "what is expected", &expect->right[i]))
            return false;
    return expect->right != NULL;
}

static bool expect_pipe(maker *m, const rk_ast_step *step, rk_expect *expect)
{
    rk_module *const module = m->test->module;
    expect->is_pipe = true;
    expect->pipeline = module->pipelines.len;
    const rk_pipeline pipeline = {.name = RK_ATOM_EMPTY, .span = step->span};
    if (!rk_vec_push(m->s.arena, &module->pipelines, pipeline))
        return false;
    rk_pipeline made = pipeline;
    const sema_env env = {.pipeline = &made};
    made.root = sema_pipe(&m->s, &env, step->subject);
    if (made.root && sema_check_domains(&m->s, &made, step->span) != RK_OK)
        return false;
    module->pipelines.items[expect->pipeline] = made;
    if (step->op == RK_EXPECT_SHOW)
        return made.root != 0;
    if (step->op != RK_EXPECT_EQUAL) {
        error_test(m, step->span, "a pipeline is expected to be a list of ids: `== [2, 1]`%.*s",
                   RK_STR(""));
        return false;
    }
    return made.root && right_values(m, step, module->id_type, true, expect);
}

static bool error_untyped(maker *m, const rk_ast *ast)
{
    sema_error(&m->s, NULL, RK_E0201, ast->span, "the type of `missing` is not known here");
    return false;
}

static bool expect_value(maker *m, const rk_ast_step *step, rk_expect *expect)
{
    rk_module *const module = m->test->module;
    expect->left = module->factors.len;
    const rk_ref ref = step->op == RK_EXPECT_TRUE
                           ? sema_condition(&m->s, NULL, step->subject, "`expect`")
                           : sema_expr(&m->s, NULL, step->subject, (rk_type){0});
    const rk_factor factor = {.name = RK_ATOM_EMPTY, .span = step->span, .value = ref};
    if (!ref || !rk_vec_push(m->s.arena, &module->factors, factor))
        return false;
    const rk_node *const node = rk_dag_at(m->s.dag, ref);
    if (step->op == RK_EXPECT_TRUE || step->op == RK_EXPECT_SHOW)
        return node->type.kind != RK_KIND_NONE || error_untyped(m, step->subject);
    rk_type type = rk_type_opt(node->type, true);
    if (step->op == RK_EXPECT_NEAR && rk_kind_is_number(type.kind))
        type.kind = RK_KIND_DOUBLE;
    return right_values(m, step, type, node->scope == RK_SCOPE_ITEM, expect);
}

static void add_expects(maker *m)
{
    for (uint32_t i = 0; i < m->ast->n_steps; i++) {
        const rk_ast_step *const step = &m->ast->steps[i];
        rk_expect expect = {.span = step->span, .op = step->op};
        if (step->given || !step->subject || step->subject->kind == RK_AST_ERROR)
            continue;
        const bool fine = sema_is_pipe(&m->s, NULL, step->subject) ? expect_pipe(m, step, &expect)
                                                                   : expect_value(m, step, &expect);
        if (!fine || !rk_vec_push(m->s.arena, &m->test->expects, expect))
            m->broken = true;
    }
}

/* The nodes that what is expected reaches: all of it, or values alone. */
static const uint8_t *reached(maker *m, bool pipes)
{
    const rk_module *const module = m->test->module;
    rk_ref *const roots = RK_NEW_ARRAY(m->s.arena, rk_ref, m->test->expects.len + 1u);
    uint32_t n = 0;
    for (uint32_t i = 0; roots && i < m->test->expects.len; i++) {
        const rk_expect *const expect = &m->test->expects.items[i];
        if (!expect->is_pipe)
            roots[n++] = module->factors.items[expect->left].value;
        else if (pipes)
            roots[n++] = module->pipelines.items[expect->pipeline].root;
    }
    return roots ? rk_dag_reachable(m->s.dag, m->s.arena, roots, n) : NULL;
}

/* Plain fields without a default that are used must be given. */
static void check_field(maker *m, const rk_node *node)
{
    const rk_module *const module = m->test->module;
    const bool item = node->op == RK_OP_ITEM;
    const rk_field *const field = (item ? module->item : module->query).fields + node->aux;
    const bool given = item ? m->given_item[node->aux] : m->given_query[node->aux];
    if (!given && !field->has_initial && !field->type.optional)
        error_test(m, m->ast->text_span,
                   !item && node->aux < m->program->query.n
                       ? "`query.%.*s` is used, so it must be given"
                       : "`%.*s` is used, so it must be given",
                   field->name);
}

static rk_status check_given(maker *m)
{
    const uint8_t *const live = reached(m, true), *const values = reached(m, false);
    if (!live || !values)
        return RK_ENOMEM;
    for (rk_ref ref = 1; ref < m->s.dag->nodes.len; ref++) {
        const rk_node *const node = rk_dag_at(m->s.dag, ref);
        if (live[ref] && (node->op == RK_OP_ITEM || node->op == RK_OP_QUERY))
            check_field(m, node);
        if (values[ref] && node->op == RK_OP_DOMAIN && node->aux != RK_ATOM_EMPTY)
            error_test(m, m->ast->text_span,
                       "`%.*s` is a stage of a pipeline, so only a pipeline can be expected here",
                       sema_name(&m->s, node->aux));
    }
    return RK_OK;
}

/* ---- one test ---- */

/* Marks what the test needs, and through whom. */
static uint8_t *needed_by(const sema *s, uint32_t decl)
{
    uint8_t *const needed = RK_NEW_ARRAY(s->arena, uint8_t, s->decls.len);
    uint32_t *const queue = RK_NEW_ARRAY(s->arena, uint32_t, s->decls.len);
    uint32_t len = 0;
    if (!needed || !queue)
        return NULL;
    queue[len++] = decl;
    for (uint32_t at = 0; at < len; at++) {
        const sema_decl *const user = &s->decls.items[queue[at]];
        for (uint32_t i = 0; i < user->uses.len; i++) {
            const uint32_t used = user->uses.items[i].decl;
            if (!needed[used])
                queue[len++] = used;
            needed[used] = 1;
        }
    }
    return needed;
}

static rk_status fill_module(maker *m, const sema *s, uint32_t decl)
{
    rk_module *const module = m->test->module;
    module->cx = s->cx;
    module->id_type = m->program->id_type;
    RK_TRY(rk_dag_init(&module->dag, s->arena));
    RK_TRY(sema_register(&m->s));
    for (uint32_t i = 0; i < module->models.len; i++)
        module->models.items[i] = m->program->models.items[i];
    for (uint32_t i = 0; i < module->sources.len; i++) {
        module->sources.items[i] = m->program->sources.items[i];
        module->sources.items[i].lookup = 0; /* a node of the other graph; no rows here */
    }
    RK_TRY(make_schemas(m));
    m->s.givens = &m->givens;
    count_items(m);
    RK_TRY(default_ids(m));
    for (uint32_t i = 0; i < m->ast->n_steps && !m->broken; i++) {
        target to;
        if (m->ast->steps[i].given && again(m, m->ast->steps[i].subject, &to))
            give(m, &m->ast->steps[i], &to);
    }
    const uint8_t *const needed = needed_by(s, decl);
    if (!needed)
        return RK_ENOMEM;
    if (m->broken)
        return RK_OK;
    RK_TRY(fill_rest(m));
    RK_TRY(sema_elaborate(&m->s, needed));
    add_expects(m);
    return m->broken ? RK_OK : check_given(m);
}

static rk_status make_test(sema *s, uint32_t decl)
{
    const rk_decl *const ast = s->decls.items[decl].ast;
    rk_test test = {.title = ast->text, .span = ast->text_span};
    test.module = RK_NEW(s->arena, rk_module);
    if (!test.module)
        return RK_ENOMEM;
    maker m = {.s = *s, .program = s->module, .test = &test, .ast = ast};
    m.s.overs.len = 0;
    m.s.module = test.module;
    m.s.dag = &test.module->dag;
    RK_TRY(fill_module(&m, s, decl));
    s->inlined = m.s.inlined;
    if (m.broken)
        test.module = NULL;
    return rk_vec_push(s->arena, &s->module->tests, test) ? RK_OK : RK_ENOMEM;
}

rk_status sema_tests(sema *s)
{
    for (uint32_t i = 0; i < s->decls.len; i++)
        if (s->decls.items[i].ast->kind == RK_DECL_TEST && !s->decls.items[i].broken &&
            !s->decls.items[i].ast->beside)
            RK_TRY(make_test(s, i));
    return RK_OK;
}
