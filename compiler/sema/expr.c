/* Types of expressions: operators, branches, lists. Names are in name.c, calls in call.c. */
#include "compiler/sema/sema.h"

rk_type sema_common(rk_type a, rk_type b)
{
    if (a.kind == RK_KIND_NONE && a.optional)
        return rk_type_opt(b, true);
    if (b.kind == RK_KIND_NONE && b.optional)
        return rk_type_opt(a, true);
    return rk_type_common(a, b);
}

rk_ref sema_convert(sema *s, rk_ref ref, rk_type type, rk_span span)
{
    if (!ref)
        return 0;
    const rk_node *const node = rk_dag_at(s->dag, ref);
    if (node->type.kind == RK_KIND_NONE) /* the literal `missing` */
        return rk_dag_const(s->dag, (rk_value){.type = rk_type_opt(type, true), .missing = true},
                            span);
    if (node->type.kind == type.kind)
        return ref;
    return rk_dag_unary(s->dag, RK_OP_CONVERT, rk_type_opt(type, node->type.optional), ref, span);
}

static bool is_untyped(const sema_env *env, const rk_ast *ast) { return sema_is_literal(env, ast); }

static void error_operands(sema *s, const sema_env *env, rk_span span, const char *what, rk_ref a,
                           rk_ref b)
{
    sema_error(s, env, RK_E0201, span, "cannot %s %s and %s", what, sema_type_of(s, a).text,
               sema_type_of(s, b).text);
}

bool sema_operands(sema *s, const sema_env *env, const rk_ast *left, const rk_ast *right,
                   const char *what, rk_span span, rk_ref *a, rk_ref *b)
{
    const bool free_left = is_untyped(env, left), free_right = is_untyped(env, right);
    rk_type want = {0};
    if (free_left && free_right)
        want = rk_type_common(sema_literal_type(env, left), sema_literal_type(env, right));
    *a = free_left && !free_right ? 0 : sema_expr(s, env, left, want);
    if (free_left && !free_right) {
        *b = sema_expr(s, env, right, want);
        *a = *b ? sema_expr(s, env, left, rk_dag_at(s->dag, *b)->type) : 0;
    } else
        *b = sema_expr(s, env, right, *a ? rk_dag_at(s->dag, *a)->type : want);
    if (!*a || !*b)
        return false;
    const rk_type type = sema_common(rk_dag_at(s->dag, *a)->type, rk_dag_at(s->dag, *b)->type);
    if (type.kind == RK_KIND_NONE) {
        error_operands(s, env, span, what, *a, *b);
        return false;
    }
    *a = sema_convert(s, *a, type, left->span);
    *b = sema_convert(s, *b, type, right->span);
    return *a && *b;
}

/* ---- operators ---- */

static bool need_plain(sema *s, const sema_env *env, rk_ref ref, rk_span span, const char *what)
{
    if (!rk_dag_at(s->dag, ref)->type.optional)
        return true;
    sema_error_missing(s, env, ref, span, what);
    return false;
}

/* x ^ 2, 3, 4 with a literal exponent are products, from left to right; 0: not such a case. */
rk_ref sema_small_power(sema *s, const sema_env *env, const rk_ast *ast, rk_ref a, rk_ref b)
{
    rk_value value;
    if (!is_untyped(env, ast->as.binary.right) || !sema_try_constant(s, b, &value))
        return 0;
    const double exponent = value.type.kind == RK_KIND_FLOAT ? (double)value.as.f : value.as.d;
    if (exponent != 2 && exponent != 3 && exponent != 4)
        return 0;
    const rk_type type = rk_dag_at(s->dag, a)->type;
    rk_ref product = a;
    for (int i = 1; i < (int)exponent; i++)
        product = rk_dag_binary(s->dag, RK_OP_MUL, type, product, a, ast->span);
    return product;
}

/* An int remainder is missing where the divisor is 0. */
static rk_type remainder_type(sema *s, rk_ref b, rk_type type)
{
    rk_value divisor;
    if (type.kind != RK_KIND_INT)
        return type;
    const bool nonzero = sema_try_constant(s, b, &divisor) && !divisor.missing && divisor.as.i != 0;
    return nonzero ? type : rk_type_opt(type, true);
}

static rk_ref arithmetic(sema *s, const sema_env *env, const rk_ast *ast)
{
    static const struct {
        rk_op op;
        const char *what;
    } ops[] = {
        [RK_AST_ADD] = {RK_OP_ADD, "add"},
        [RK_AST_SUB] = {RK_OP_SUB, "subtract"},
        [RK_AST_MUL] = {RK_OP_MUL, "multiply"},
        [RK_AST_DIV] = {RK_OP_DIV, "divide"},
        [RK_AST_MOD] = {RK_OP_MOD, "take the remainder of"},
        [RK_AST_POW] = {RK_OP_POW, "raise to a power"},
    };
    const rk_op op = ops[ast->as.binary.op].op;
    const char *const what = ops[ast->as.binary.op].what;
    const rk_span span = ast->as.binary.op_span;
    rk_ref a, b;
    if (!sema_operands(s, env, ast->as.binary.left, ast->as.binary.right, what, span, &a, &b))
        return 0;
    rk_type type = rk_type_opt(rk_dag_at(s->dag, a)->type, rk_dag_at(s->dag, a)->type.optional ||
                                                               rk_dag_at(s->dag, b)->type.optional);
    if (!rk_kind_is_number(type.kind)) {
        error_operands(s, env, span, what, a, b);
        return 0;
    }
    if ((op == RK_OP_DIV || op == RK_OP_POW) && type.kind == RK_KIND_INT) {
        type.kind = RK_KIND_FLOAT;
        a = sema_convert(s, a, type, ast->as.binary.left->span);
        b = sema_convert(s, b, type, ast->as.binary.right->span);
    }
    const rk_ref product = op == RK_OP_POW ? sema_small_power(s, env, ast, a, b) : 0;
    if (product)
        return product;
    if (op == RK_OP_MOD)
        type = remainder_type(s, b, type);
    return rk_dag_binary(s->dag, op, type, a, b, ast->span);
}

static rk_ref comparison(sema *s, const sema_env *env, const rk_ast *ast)
{
    static const rk_op ops[] = {
        [RK_AST_EQ] = RK_OP_EQ, [RK_AST_NE] = RK_OP_NE, [RK_AST_LT] = RK_OP_LT,
        [RK_AST_LE] = RK_OP_LE, [RK_AST_GT] = RK_OP_GT, [RK_AST_GE] = RK_OP_GE,
    };
    rk_ref a, b;
    if (!sema_operands(s, env, ast->as.binary.left, ast->as.binary.right, "compare",
                       ast->as.binary.op_span, &a, &b))
        return 0;
    if (!need_plain(s, env, a, ast->as.binary.left->span, "a comparison") ||
        !need_plain(s, env, b, ast->as.binary.right->span, "a comparison"))
        return 0;
    if (!rk_kind_is_scalar(rk_dag_at(s->dag, a)->type.kind)) {
        error_operands(s, env, ast->as.binary.op_span, "compare", a, b);
        return 0;
    }
    return rk_dag_binary(s->dag, ops[ast->as.binary.op], RK_TYPE(BOOL), a, b, ast->span);
}

rk_ref sema_condition(sema *s, const sema_env *env, const rk_ast *ast, const char *what)
{
    const rk_ref ref = sema_expr(s, env, ast, RK_TYPE(BOOL));
    if (!ref)
        return 0;
    if (rk_dag_at(s->dag, ref)->type.kind != RK_KIND_BOOL) {
        sema_error(s, env, RK_E0204, ast->span, "%s needs a bool, and this is %s", what,
                   sema_type_of(s, ref).text);
        return 0;
    }
    return need_plain(s, env, ref, ast->span, what) ? ref : 0;
}

static rk_ref logic(sema *s, const sema_env *env, const rk_ast *ast)
{
    const bool is_and = ast->as.binary.op == RK_AST_AND;
    const char *const what = is_and ? "`and`" : "`or`";
    const rk_ref a = sema_condition(s, env, ast->as.binary.left, what);
    const rk_ref b = sema_condition(s, env, ast->as.binary.right, what);
    if (!a || !b)
        return 0;
    return rk_dag_binary(s->dag, is_and ? RK_OP_AND : RK_OP_OR, RK_TYPE(BOOL), a, b, ast->span);
}

static rk_ref coalesce(sema *s, const sema_env *env, const rk_ast *ast)
{
    const rk_ast *const left = ast->as.binary.left;
    const rk_ref a = sema_expr(s, env, left, (rk_type){0});
    if (!a)
        return 0;
    const rk_type type = rk_dag_at(s->dag, a)->type;
    if (!type.optional && !rk_kind_is_real(type.kind)) {
        rk_diag *const diag = sema_error(s, env, RK_E0203, left->span,
                                         "this is never missing, so `??` has nothing to replace");
        rk_diag_label(&s->cx->diags, diag, "is %s", rk_type_text(type).text);
        return 0;
    }
    const rk_ref b = sema_expr(s, env, ast->as.binary.right, rk_type_plain(type));
    if (!b)
        return 0;
    const rk_type right = rk_dag_at(s->dag, b)->type;
    rk_type common = sema_common(rk_type_plain(type), rk_type_plain(right));
    if (right.kind == RK_KIND_NONE)
        common = rk_type_plain(type);
    if (common.kind == RK_KIND_NONE) {
        error_operands(s, env, ast->as.binary.op_span, "choose with `??` between", a, b);
        return 0;
    }
    common.optional = right.optional;
    return rk_dag_binary(s->dag, RK_OP_COALESCE, common, sema_convert(s, a, common, left->span),
                         sema_convert(s, b, common, ast->as.binary.right->span), ast->span);
}

/* x in list: the elements take x's type, or x theirs. */
static rk_ref membership(sema *s, const sema_env *env, const rk_ast *ast)
{
    const rk_ast *const left = ast->as.binary.left;
    rk_ref a = sema_expr(s, env, left, (rk_type){0});
    if (!a)
        return 0;
    const rk_type type = rk_dag_at(s->dag, a)->type;
    const rk_type want = {.kind = RK_KIND_LIST, .elem = type.kind};
    const rk_ref b = sema_expr(s, env, ast->as.binary.right, want);
    if (!b || !need_plain(s, env, a, left->span, "`in`") ||
        !need_plain(s, env, b, ast->as.binary.right->span, "`in`"))
        return 0;
    const rk_type list = rk_dag_at(s->dag, b)->type;
    if (list.kind != RK_KIND_LIST ||
        !rk_type_converts(rk_type_plain(type), (rk_type){.kind = list.elem})) {
        error_operands(s, env, ast->as.binary.op_span, "look for a value with `in`:", a, b);
        return 0;
    }
    a = sema_convert(s, a, (rk_type){.kind = list.elem}, left->span);
    const rk_ref in = rk_dag_binary(s->dag, RK_OP_IN, RK_TYPE(BOOL), a, b, ast->span);
    return ast->as.binary.op == RK_AST_IN
               ? in
               : rk_dag_unary(s->dag, RK_OP_NOT, RK_TYPE(BOOL), in, ast->span);
}

static rk_ref binary(sema *s, const sema_env *env, const rk_ast *ast)
{
    switch (ast->as.binary.op) {
    case RK_AST_OR:
    case RK_AST_AND:
        return logic(s, env, ast);
    case RK_AST_IN:
    case RK_AST_NOT_IN:
        return membership(s, env, ast);
    case RK_AST_COALESCE:
        return coalesce(s, env, ast);
    case RK_AST_EQ:
    case RK_AST_NE:
    case RK_AST_LT:
    case RK_AST_LE:
    case RK_AST_GT:
    case RK_AST_GE:
        return comparison(s, env, ast);
    default:
        return arithmetic(s, env, ast);
    }
}

static rk_ref unary(sema *s, const sema_env *env, const rk_ast *ast)
{
    if (ast->as.unary.op == RK_AST_NOT) {
        const rk_ref a = sema_condition(s, env, ast->as.unary.operand, "`not`");
        return a ? rk_dag_unary(s->dag, RK_OP_NOT, RK_TYPE(BOOL), a, ast->span) : 0;
    }
    const rk_ref a = sema_expr(s, env, ast->as.unary.operand, (rk_type){0});
    if (!a)
        return 0;
    if (!rk_kind_is_number(rk_dag_at(s->dag, a)->type.kind)) {
        sema_error(s, env, RK_E0201, ast->span, "cannot negate %s", sema_type_of(s, a).text);
        return 0;
    }
    return rk_dag_unary(s->dag, RK_OP_NEG, rk_dag_at(s->dag, a)->type, a, ast->span);
}

/* Whether it has no type of its own and takes the one asked for: a literal, `missing`, or `if`
 * between such. */
static bool takes_want(const sema_env *env, const rk_ast *ast)
{
    const rk_ast *inner = rk_ast_strip(ast);
    for (; inner->kind == RK_AST_IF; inner = rk_ast_strip(inner->as.branch.no))
        if (!takes_want(env, inner->as.branch.yes))
            return false;
    return inner->kind == RK_AST_MISSING || is_untyped(env, inner);
}

static rk_ref branch(sema *s, const sema_env *env, const rk_ast *ast, rk_type want)
{
    const rk_ref condition = sema_condition(s, env, ast->as.branch.condition, "`if`");
    const rk_ast *const yes = ast->as.branch.yes, *const no = ast->as.branch.no;
    rk_ref a, b;
    if (rk_kind_is_number(want.kind) && takes_want(env, ast)) {
        a = sema_expr(s, env, yes, want);
        b = sema_expr(s, env, no, want);
        const rk_type type =
            a && b ? sema_common(rk_dag_at(s->dag, a)->type, rk_dag_at(s->dag, b)->type)
                   : (rk_type){0};
        a = sema_convert(s, a, type, yes->span);
        b = sema_convert(s, b, type, no->span);
    } else if (!sema_operands(s, env, yes, no, "choose with `if` between", ast->span, &a, &b))
        return 0;
    if (!condition || !a || !b)
        return 0;
    if (rk_dag_is_pipe(s->dag, a)) /* both branches call defs that give pipes */
        return sema_choose(s, env, ast, condition, a, b);
    rk_type type = rk_dag_at(s->dag, a)->type;
    type.optional |= rk_dag_at(s->dag, b)->type.optional;
    return rk_dag_if(s->dag, type, condition, a, b, ast->span);
}

/* The elements' common type; the one asked for when all convert to it. */
static rk_type element_type(sema *s, const sema_env *env, const rk_ast *ast, const rk_ref *items,
                            uint8_t want)
{
    rk_type type = {.kind = want};
    for (uint32_t i = 0; i < ast->as.list.len; i++) {
        const rk_type item = rk_dag_at(s->dag, items[i])->type;
        if (!need_plain(s, env, items[i], ast->as.list.items[i]->span, "a list"))
            return (rk_type){0};
        const rk_type common = type.kind == RK_KIND_NONE ? item : rk_type_common(type, item);
        if (!rk_kind_is_scalar(common.kind)) {
            sema_error(s, env, RK_E0201, ast->as.list.items[i]->span,
                       "cannot put %s into a list of %s", rk_type_text(item).text,
                       rk_type_text(type).text);
            return (rk_type){0};
        }
        type = common;
    }
    return type;
}

/* The least type of elements of `type` (NONE: not known) and of the literals among them. */
static rk_type with_literals(const sema_env *env, const rk_ast *ast, rk_type type)
{
    for (uint32_t i = 0; i < ast->as.list.len; i++) {
        const rk_ast *const item = ast->as.list.items[i];
        if (!sema_is_literal(env, item))
            continue;
        const rk_type own = sema_literal_type(env, item);
        type = type.kind == RK_KIND_NONE ? own : rk_type_common(type, own);
    }
    return type;
}

/* Each by itself; literals last, which take the type of all. */
static bool list_items(sema *s, const sema_env *env, const rk_ast *ast, uint8_t kind, rk_ref *items)
{
    rk_type type = {.kind = kind};
    for (int literals = 0; literals < 2; literals++) {
        if (literals)
            type = with_literals(env, ast, type);
        for (uint32_t i = 0; i < ast->as.list.len; i++) {
            const rk_ast *const item = ast->as.list.items[i];
            if (sema_is_literal(env, item) != (bool)literals)
                continue;
            items[i] = sema_expr(s, env, item, type);
            if (!items[i])
                return false;
            const rk_type own = {.kind = rk_dag_at(s->dag, items[i])->type.kind};
            if (!literals)
                type = type.kind == RK_KIND_NONE ? own : rk_type_common(type, own);
        }
    }
    return true;
}

static rk_ref list(sema *s, const sema_env *env, const rk_ast *ast, rk_type want)
{
    const uint32_t n = ast->as.list.len;
    const bool vector = want.kind == RK_KIND_VECTOR;
    const uint8_t kind = vector                      ? RK_KIND_FLOAT
                         : want.kind == RK_KIND_LIST ? want.elem
                                                     : RK_KIND_NONE;
    if (n == 0 && kind == RK_KIND_NONE) {
        sema_error(s, env, RK_E0201, ast->span, "the type of this empty list is not known here");
        return 0;
    }
    if (n > RK_DAG_OPERANDS_MAX) {
        sema_error(s, env, RK_E0703, ast->span, "a list in a program has at most %d elements",
                   (int)RK_DAG_OPERANDS_MAX);
        return 0;
    }
    rk_ref *const items = RK_NEW_ARRAY(s->arena, rk_ref, n + 1u);
    const bool fine = items != NULL && list_items(s, env, ast, kind, items);
    const rk_type elem = fine ? element_type(s, env, ast, items, kind) : (rk_type){0};
    if (elem.kind == RK_KIND_NONE)
        return 0;
    for (uint32_t i = 0; i < n; i++)
        items[i] = sema_convert(s, items[i], elem, ast->as.list.items[i]->span);
    rk_type type = {.kind = RK_KIND_LIST, .elem = elem.kind};
    if (vector && elem.kind == RK_KIND_FLOAT)
        type = (rk_type){.kind = RK_KIND_VECTOR, .dim = n};
    return rk_dag_node(
        s->dag, &(rk_node_spec){
                    .op = RK_OP_LIST, .type = type, .span = ast->span, .operands = items, .n = n});
}

static rk_ref subscript(sema *s, const sema_env *env, const rk_ast *ast)
{
    const rk_ref a = sema_expr(s, env, ast->as.index.object, (rk_type){0});
    const rk_ref b =
        sema_expr_as(s, env, ast->as.index.at, RK_TYPE_OPT(INT), "a position in a list");
    if (!a || !b)
        return 0;
    const rk_type type = rk_dag_at(s->dag, a)->type;
    if (type.kind != RK_KIND_LIST && type.kind != RK_KIND_VECTOR) {
        sema_error(s, env, RK_E0201, ast->span, "cannot index %s: it is not a list or vector",
                   rk_type_text(type).text);
        return 0;
    }
    const uint8_t kind = type.kind == RK_KIND_VECTOR ? RK_KIND_FLOAT : type.elem;
    return rk_dag_binary(s->dag, RK_OP_INDEX, (rk_type){.kind = kind, .optional = true}, a, b,
                         ast->span);
}

static rk_ref constant_leaf(sema *s, const rk_ast *ast, rk_type want)
{
    rk_value value = {0};
    if (ast->kind == RK_AST_BOOL) {
        value.type = RK_TYPE(BOOL);
        value.as.b = ast->as.boolean;
    } else if (ast->kind == RK_AST_STRING) {
        value.type = RK_TYPE(STRING);
        if (rk_atom_intern(&s->cx->names, ast->as.string, &value.as.s) != RK_OK)
            return 0;
    } else {
        value.type = rk_type_opt(want, true);
        value.missing = true;
    }
    return rk_dag_const(s->dag, value, ast->span);
}

static rk_ref dispatch(sema *s, const sema_env *env, const rk_ast *ast, rk_type want)
{
    switch (ast->kind) {
    case RK_AST_BOOL:
    case RK_AST_STRING:
    case RK_AST_MISSING:
        return constant_leaf(s, ast, want);
    case RK_AST_NAME:
        return sema_name_value(s, env, ast);
    case RK_AST_LIST:
        return list(s, env, ast, want);
    case RK_AST_UNARY:
        return unary(s, env, ast);
    case RK_AST_BINARY:
        return binary(s, env, ast);
    case RK_AST_IF:
        return branch(s, env, ast, want);
    case RK_AST_CALL:
        return sema_call(s, env, ast);
    case RK_AST_MEMBER:
        return sema_member(s, env, ast);
    case RK_AST_INDEX:
        return subscript(s, env, ast);
    case RK_AST_PAREN:
        return sema_expr(s, env, ast->as.unary.operand, want);
    case RK_AST_TUPLE:
        sema_error(s, env, RK_E0201, ast->span, "a tuple stands only as the key of a source");
        return 0;
    case RK_AST_REST:
        sema_error(s, env, RK_E0206, ast->span, "`...` binds the inputs of a model only");
        return 0;
    default:
        return 0; /* after a syntax error */
    }
}

rk_ref sema_expr(sema *s, const sema_env *env, const rk_ast *ast, rk_type want)
{
    if (sema_is_literal(env, ast))
        return sema_literal(s, env, ast, want);
    if (sema_is_pipe(s, env, ast)) {
        sema_error(s, env, RK_E0401, ast->span, "this is a pipe, and a value is needed here");
        return 0;
    }
    if (s->depth >= RK_EXPR_DEPTH_MAX) {
        sema_error(s, env, RK_E0701, ast->span, "expression is too deep");
        return 0;
    }
    s->depth++;
    const rk_ref ref = dispatch(s, env, ast, want);
    s->depth--;
    return ref;
}

rk_ref sema_expr_as(sema *s, const sema_env *env, const rk_ast *ast, rk_type type, const char *what)
{
    const rk_ref ref = sema_expr(s, env, ast, type);
    if (!ref)
        return 0;
    const rk_type from = rk_dag_at(s->dag, ref)->type;
    if (from.kind == RK_KIND_NONE && type.optional)
        return sema_convert(s, ref, type, ast->span);
    if (rk_type_converts(from, type))
        return sema_convert(s, ref, type, ast->span);
    if (rk_type_converts(rk_type_plain(from), type))
        sema_error_missing(s, env, ref, ast->span, what);
    else
        sema_error(s, env, RK_E0210, ast->span, "%s must be %s, and this is %s", what,
                   rk_type_text(type).text, rk_type_text(from).text);
    return 0;
}
