/* Who refers to whom, by name; from it cycles, and the order in which declarations are typed. */
#include "compiler/sema/sema.h"

typedef struct walker {
    sema *s;
    uint32_t decl; /* whose uses these are */
    const rk_decl *ast;
    bool no_memory;
} walker;

static void add_use(walker *w, uint32_t decl, uint32_t field, rk_span span)
{
    const sema_use use = {decl, field, span};
    if (!rk_vec_push(w->s->arena, &w->s->decls.items[w->decl].uses, use))
        w->no_memory = true;
}

static bool is_param(const walker *w, rk_atom name)
{
    for (uint32_t i = 0; i < w->ast->n_params; i++)
        if (w->ast->params[i].name == name)
            return true;
    return false;
}

/* A field by its name, in the block or source that has it. */
static void use_field(walker *w, uint32_t decl, rk_atom name, rk_span span)
{
    const rk_decl *const block = w->s->decls.items[decl].ast;
    for (uint32_t i = 0; i < block->n_fields; i++)
        if (block->fields[i].name == name) {
            add_use(w, decl, i, span);
            return;
        }
}

static void use_name(walker *w, rk_atom name, rk_span span)
{
    if (is_param(w, name))
        return;
    const uint32_t decl = sema_declared(w->s, name);
    if (decl != RK_MAP_NONE) {
        add_use(w, decl, UINT32_MAX, span);
        return;
    }
    const sema_field *const field = sema_short(w->s, name);
    if (field && field->next == UINT32_MAX)
        use_field(w, field->decl, name, span);
}

static void use_label(walker *w, rk_atom name, rk_span span)
{
    const sema_label_use use = {name, span};
    if (!rk_vec_push(w->s->arena, &w->s->decls.items[w->decl].labels, use))
        w->no_memory = true;
}

/* The declaration that has the fields of `object`, or RK_MAP_NONE. */
static uint32_t owner_of(const walker *w, rk_atom object, rk_atom name)
{
    const sema *const s = w->s;
    const rk_str text = sema_name(s, object);
    if (rk_str_eq(text, RK_STR("query")))
        return s->queries[name] - 1; /* none: RK_MAP_NONE */
    if (rk_str_eq(text, RK_STR("item"))) {
        const sema_field *field = sema_short(s, name);
        while (field && field->owner != SEMA_OWNER_ITEM)
            field = field->next == UINT32_MAX ? NULL : &s->fields.items[field->next];
        return field ? field->decl : RK_MAP_NONE;
    }
    const uint32_t decl = sema_declared(s, object);
    return decl != RK_MAP_NONE && s->decls.items[decl].ast->kind == RK_DECL_SOURCE ? decl
                                                                                   : RK_MAP_NONE;
}

static void use_member(walker *w, const rk_ast *ast)
{
    const rk_atom object = ast->as.member.object->as.name;
    const uint32_t owner = owner_of(w, object, ast->as.member.name);
    if (owner != RK_MAP_NONE)
        use_field(w, owner, ast->as.member.name, ast->span);
    else if (sema_declared(w->s, object) == RK_MAP_NONE)
        use_label(w, object, ast->span);
}

static void walk(walker *w, const rk_ast *ast);

static void use_rest(void *user, rk_atom name, rk_span span) { use_name(user, name, span); }

static void walk_call(walker *w, const rk_ast *ast)
{
    const rk_atom name = ast->as.call.name;
    uint32_t decl = sema_declared(w->s, name);
    if (decl != RK_MAP_NONE && w->s->decls.items[decl].ast->kind != RK_DECL_DEF &&
        w->s->decls.items[decl].ast->kind != RK_DECL_MODEL)
        decl = RK_MAP_NONE; /* `rank(x)` beside a factor `rank` */
    if (decl == RK_MAP_NONE)
        decl = sema_def_of(w->s, name);
    if (decl != RK_MAP_NONE)
        add_use(w, decl, UINT32_MAX, ast->as.call.name_span);
    const bool model = decl == RK_MAP_NONE
                           ? !rk_fn_find(sema_name(w->s, name)) && sema_is_model_at_call(w->s, ast)
                           : w->s->decls.items[decl].ast->kind == RK_DECL_MODEL;
    if (model)
        sema_model_rest(w->s, ast, use_rest, w);
    const rk_atom over = rk_atom_find(&w->s->cx->names, RK_STR("over"));
    for (uint32_t i = 0; i < ast->as.call.n_args; i++) {
        const rk_ast_arg *const arg = &ast->as.call.args[i];
        if (arg->name != over || over == RK_MAP_NONE)
            walk(w, arg->value);
        else if (arg->value->kind == RK_AST_NAME)
            use_label(w, arg->value->as.name, arg->value->span);
    }
}

static void walk(walker *w, const rk_ast *ast)
{
    switch (ast->kind) {
    case RK_AST_NAME:
        use_name(w, ast->as.name, ast->span);
        break;
    case RK_AST_LIST:
    case RK_AST_TUPLE:
        for (uint32_t i = 0; i < ast->as.list.len; i++)
            walk(w, ast->as.list.items[i]);
        break;
    case RK_AST_PAREN:
    case RK_AST_UNARY:
        walk(w, ast->as.unary.operand);
        break;
    case RK_AST_PIPE:
    case RK_AST_BINARY:
        walk(w, ast->as.binary.left);
        walk(w, ast->as.binary.right);
        break;
    case RK_AST_IF:
        walk(w, ast->as.branch.condition);
        walk(w, ast->as.branch.yes);
        walk(w, ast->as.branch.no);
        break;
    case RK_AST_CALL:
        walk_call(w, ast);
        break;
    case RK_AST_MEMBER:
        if (ast->as.member.object->kind == RK_AST_NAME)
            use_member(w, ast);
        else
            walk(w, ast->as.member.object);
        break;
    case RK_AST_INDEX:
        walk(w, ast->as.index.object);
        walk(w, ast->as.index.at);
        break;
    case RK_AST_LABEL:
        walk(w, ast->as.label.pipe);
        break;
    default:
        break;
    }
}

/* The kind of an index is no name of the program's. */
static void walk_index(walker *w, const rk_ast *call)
{
    for (uint32_t i = 0; call->kind == RK_AST_CALL && i < call->as.call.n_args; i++)
        walk(w, call->as.call.args[i].value);
}

static bool has_expression(rk_decl_kind kind)
{
    return kind == RK_DECL_FACTOR || kind == RK_DECL_DEF || kind == RK_DECL_PIPELINE;
}

rk_status sema_uses(sema *s)
{
    for (uint32_t i = 0; i < s->decls.len; i++) {
        walker w = {.s = s, .decl = i, .ast = s->decls.items[i].ast};
        if (has_expression(w.ast->kind) && w.ast->value)
            walk(&w, w.ast->value);
        if (w.ast->kind == RK_DECL_INDEX && w.ast->value)
            walk_index(&w, w.ast->value);
        if (w.ast->kind == RK_DECL_SOURCE && w.ast->key)
            walk(&w, w.ast->key);
        for (uint32_t k = 0; w.ast->kind == RK_DECL_TEST && k < w.ast->n_steps; k++) {
            if (w.ast->steps[k].subject)
                walk(&w, w.ast->steps[k].subject);
            if (w.ast->steps[k].value)
                walk(&w, w.ast->steps[k].value);
        }
        if (w.no_memory)
            return RK_ENOMEM;
    }
    return RK_OK;
}

/* ---- order ---- */

typedef struct frame {
    uint32_t decl, next; /* the next use to follow */
} frame;

enum { WHITE, GREY, BLACK };

/* Frames from `from` to the top are a cycle: each refers to the next, the last to the first. */
static void error_cycle(sema *s, const frame *stack, uint32_t from, uint32_t top)
{
    const sema_decl *const first = &s->decls.items[stack[from].decl];
    const sema_use *const back = &s->decls.items[stack[top].decl].uses.items[stack[top].next - 1];
    rk_diag *const diag =
        rk_error(&s->cx->diags, RK_E0303, from == top ? back->span : first->ast->name_span,
                 "%s `%.*s` needs itself", rk_decl_kind_text(first->ast->kind),
                 RK_STR_ARG(sema_name(s, first->ast->name)));
    for (uint32_t i = from; i <= top; i++) {
        const sema_decl *const user = &s->decls.items[stack[i].decl];
        const sema_use *const use = &user->uses.items[stack[i].next - 1];
        rk_diag_note(&s->cx->diags, diag, use->span, "`%.*s` needs `%.*s`",
                     RK_STR_ARG(sema_name(s, user->ast->name)),
                     RK_STR_ARG(sema_name(s, s->decls.items[use->decl].ast->name)));
        s->decls.items[stack[i].decl].broken = true;
    }
}

/* Follows uses depth first from one declaration, without recursion. */
static void visit(sema *s, uint32_t start, uint8_t *color, frame *stack)
{
    uint32_t top = 0;
    stack[0] = (frame){start, 0};
    color[start] = GREY;
    for (;;) {
        const sema_decl *const decl = &s->decls.items[stack[top].decl];
        if (stack[top].next == decl->uses.len) {
            color[stack[top].decl] = BLACK;
            s->order[s->n_order++] = stack[top].decl;
            if (top-- == 0)
                return;
            continue;
        }
        const uint32_t used = decl->uses.items[stack[top].next++].decl;
        if (color[used] == WHITE) {
            color[used] = GREY;
            stack[++top] = (frame){used, 0};
        } else if (color[used] == GREY) {
            uint32_t from = top;
            while (stack[from].decl != used)
                from--;
            error_cycle(s, stack, from, top);
        }
    }
}

rk_status sema_order(sema *s)
{
    uint8_t *const color = RK_NEW_ARRAY(s->arena, uint8_t, s->decls.len);
    frame *const stack = RK_NEW_ARRAY(s->arena, frame, s->decls.len);
    s->order = RK_NEW_ARRAY(s->arena, uint32_t, s->decls.len);
    if (!color || !stack || !s->order)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < s->decls.len; i++)
        if (color[i] == WHITE)
            visit(s, i, color, stack);
    return RK_OK;
}
