#include "compiler/syntax/ast.h"

/* What constructors give when memory is out: the diagnostics know, so the tree is never used. */
static rk_ast *nothing(rk_context *cx)
{
    static const rk_ast none = {.kind = RK_AST_ERROR, .depth = 1, .span = {RK_NO_FILE, 0, 0}};
    cx->diags.no_memory = true;
    return (rk_ast *)&none; /* never written: nodes do not change once made */
}

static rk_ast *leaf(rk_context *cx, rk_span span, rk_ast_kind kind)
{
    rk_ast *const ast = RK_NEW(&cx->arena, rk_ast);
    if (!ast)
        return nothing(cx);
    *ast = (rk_ast){.kind = kind, .depth = 1, .span = span};
    return ast;
}

rk_ast *rk_ast_error(rk_context *cx, rk_span span) { return leaf(cx, span, RK_AST_ERROR); }

/* A node over n children. An ERROR child makes an ERROR node, so that what was reported is reported
 * once, and the root of a bad tree shows that it is one. */
static rk_ast *over(rk_context *cx, rk_span span, rk_ast_kind kind, uint32_t n,
                    rk_ast *const *children)
{
    uint32_t depth = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (children[i]->kind == RK_AST_ERROR)
            return rk_ast_error(cx, span);
        if (children[i]->depth > depth)
            depth = children[i]->depth;
    }
    if (depth >= RK_AST_DEPTH_MAX) {
        rk_diag *const diag =
            rk_error(&cx->diags, RK_E0701, span, "the expression is more than %d deep",
                     (int)RK_AST_DEPTH_MAX);
        rk_diag_help(&cx->diags, diag, "give parts of it names, as %s of their own",
                     kind == RK_AST_PIPE ? "pipelines" : "factors");
        return rk_ast_error(cx, span);
    }
    rk_ast *const ast = leaf(cx, span, kind);
    if (ast->kind == kind)
        ast->depth = depth + 1;
    return ast;
}

rk_ast *rk_ast_number(rk_context *cx, rk_span span, rk_str digits, rk_ast_unit unit, bool is_float)
{
    rk_ast *const ast = leaf(cx, span, RK_AST_NUMBER);
    if (ast->kind == RK_AST_NUMBER) {
        ast->as.number.digits = digits;
        ast->as.number.unit = unit;
        ast->as.number.is_float = is_float;
    }
    return ast;
}

rk_ast *rk_ast_string(rk_context *cx, rk_span span, rk_str text)
{
    rk_ast *const ast = leaf(cx, span, RK_AST_STRING);
    if (ast->kind == RK_AST_STRING)
        ast->as.string = text;
    return ast;
}

rk_ast *rk_ast_boolean(rk_context *cx, rk_span span, bool value)
{
    rk_ast *const ast = leaf(cx, span, RK_AST_BOOL);
    if (ast->kind == RK_AST_BOOL)
        ast->as.boolean = value;
    return ast;
}

rk_ast *rk_ast_leaf(rk_context *cx, rk_span span, rk_ast_kind kind) { return leaf(cx, span, kind); }

rk_ast *rk_ast_name(rk_context *cx, rk_span span, rk_atom name)
{
    rk_ast *const ast = leaf(cx, span, RK_AST_NAME);
    if (ast->kind == RK_AST_NAME)
        ast->as.name = name;
    return ast;
}

rk_ast *rk_ast_sequence(rk_context *cx, rk_span span, rk_ast_kind kind, rk_ast_list list)
{
    rk_ast **const items = RK_NEW_ARRAY(&cx->arena, rk_ast *, list.len);
    if (!items)
        return nothing(cx);
    rk_ast *const ast = over(cx, span, kind, list.len, list.items);
    if (ast->kind != kind)
        return ast;
    if (list.len)
        memcpy(items, list.items, list.len * sizeof *items);
    ast->as.list = (rk_ast_list){items, list.len};
    return ast;
}

rk_ast *rk_ast_unary(rk_context *cx, rk_span span, rk_ast_op op, rk_ast *operand)
{
    rk_ast *const ast = over(cx, span, RK_AST_UNARY, 1, &operand);
    if (ast->kind == RK_AST_UNARY) {
        ast->as.unary.op = op;
        ast->as.unary.operand = operand;
    }
    return ast;
}

rk_ast *rk_ast_paren(rk_context *cx, rk_span span, rk_ast *operand)
{
    rk_ast *const ast = over(cx, span, RK_AST_PAREN, 1, &operand);
    if (ast->kind == RK_AST_PAREN)
        ast->as.unary.operand = operand;
    return ast;
}

static rk_ast *binary(rk_context *cx, rk_ast_kind kind, rk_ast_op op, rk_span op_span,
                      rk_ast *const *sides)
{
    const rk_span span = rk_span_join(sides[0]->span, sides[1]->span);
    rk_ast *const ast = over(cx, span, kind, 2, sides);
    if (ast->kind == kind) {
        ast->as.binary.op = op;
        ast->as.binary.op_span = op_span;
        ast->as.binary.left = sides[0];
        ast->as.binary.right = sides[1];
    }
    return ast;
}

rk_ast *rk_ast_binary(rk_context *cx, rk_ast_op op, rk_span op_span, rk_ast *left, rk_ast *right)
{
    return binary(cx, RK_AST_BINARY, op, op_span, (rk_ast *[]){left, right});
}

rk_ast *rk_ast_pipe(rk_context *cx, rk_span op_span, rk_ast *left, rk_ast *right)
{
    return binary(cx, RK_AST_PIPE, RK_AST_OR, op_span, (rk_ast *[]){left, right});
}

rk_ast *rk_ast_branch(rk_context *cx, rk_span span, rk_ast *condition, rk_ast *yes, rk_ast *no)
{
    rk_ast *const ast = over(cx, span, RK_AST_IF, 3, (rk_ast *[]){condition, yes, no});
    if (ast->kind == RK_AST_IF) {
        ast->as.branch.condition = condition;
        ast->as.branch.yes = yes;
        ast->as.branch.no = no;
    }
    return ast;
}

rk_ast *rk_ast_call(rk_context *cx, rk_span span, rk_atom name, rk_span name_span,
                    const rk_ast_arg *args, uint32_t n_args)
{
    rk_ast **const values = RK_NEW_ARRAY(&cx->arena, rk_ast *, n_args);
    rk_ast_arg *const kept = RK_NEW_ARRAY(&cx->arena, rk_ast_arg, n_args);
    if (!values || !kept)
        return nothing(cx);
    for (uint32_t i = 0; i < n_args; i++) {
        kept[i] = args[i];
        values[i] = args[i].value;
    }
    rk_ast *const ast = over(cx, span, RK_AST_CALL, n_args, values);
    if (ast->kind == RK_AST_CALL) {
        ast->as.call.name = name;
        ast->as.call.name_span = name_span;
        ast->as.call.args = kept;
        ast->as.call.n_args = n_args;
    }
    return ast;
}

rk_ast *rk_ast_member(rk_context *cx, rk_span span, rk_ast *object, rk_atom name, rk_span name_span)
{
    rk_ast *const ast = over(cx, span, RK_AST_MEMBER, 1, &object);
    if (ast->kind == RK_AST_MEMBER) {
        ast->as.member.object = object;
        ast->as.member.name = name;
        ast->as.member.name_span = name_span;
    }
    return ast;
}

rk_ast *rk_ast_index(rk_context *cx, rk_span span, rk_ast *object, rk_ast *at)
{
    rk_ast *const ast = over(cx, span, RK_AST_INDEX, 2, (rk_ast *[]){object, at});
    if (ast->kind == RK_AST_INDEX) {
        ast->as.index.object = object;
        ast->as.index.at = at;
    }
    return ast;
}

rk_ast *rk_ast_label(rk_context *cx, rk_span span, rk_ast *pipe, rk_atom name, rk_span name_span)
{
    rk_ast *const ast = over(cx, span, RK_AST_LABEL, 1, &pipe);
    if (ast->kind == RK_AST_LABEL) {
        ast->as.label.pipe = pipe;
        ast->as.label.name = name;
        ast->as.label.name_span = name_span;
    }
    return ast;
}

const rk_ast *rk_ast_strip(const rk_ast *ast)
{
    while (ast->kind == RK_AST_PAREN)
        ast = ast->as.unary.operand;
    return ast;
}

const char *rk_ast_op_text(rk_ast_op op)
{
    switch (op) {
    case RK_AST_OR:
        return "or";
    case RK_AST_AND:
        return "and";
    case RK_AST_NOT:
        return "not";
    case RK_AST_EQ:
        return "==";
    case RK_AST_NE:
        return "!=";
    case RK_AST_LT:
        return "<";
    case RK_AST_LE:
        return "<=";
    case RK_AST_GT:
        return ">";
    case RK_AST_GE:
        return ">=";
    case RK_AST_IN:
        return "in";
    case RK_AST_NOT_IN:
        return "not in";
    case RK_AST_COALESCE:
        return "??";
    case RK_AST_ADD:
        return "+";
    case RK_AST_SUB:
    case RK_AST_NEG:
        return "-";
    case RK_AST_MUL:
        return "*";
    case RK_AST_DIV:
        return "/";
    case RK_AST_MOD:
        return "%";
    case RK_AST_POW:
        return "^";
    }
    return "?";
}
