/* The tree as an indented outline: one node a line, children two columns further in. Places are
 * left out, so that two texts with the same tree have the same outline. */
#include "compiler/syntax/parser.h"

#include <stdio.h>

typedef struct dumper {
    const rk_context *cx;
    rk_buf *out;
    uint32_t indent;
} dumper;

static void line(dumper *d, const char *words)
{
    for (uint32_t i = 0; i < d->indent; i++)
        rk_buf_add_chars(d->out, "  ");
    rk_buf_add_chars(d->out, words);
}

static void add_atom(dumper *d, rk_atom name)
{
    rk_buf_add(d->out, rk_atom_str(&d->cx->names, name));
}

static void named(dumper *d, const char *words, rk_atom name)
{
    line(d, words);
    rk_buf_add_char(d->out, ' ');
    add_atom(d, name);
    rk_buf_add_char(d->out, '\n');
}

static void quoted(dumper *d, const char *words, rk_str text)
{
    line(d, words);
    rk_buf_add_char(d->out, ' ');
    rk_buf_add_json(d->out, text);
    rk_buf_add_char(d->out, '\n');
}

static void node(dumper *d, const rk_ast *ast);

static void child(dumper *d, const rk_ast *ast)
{
    d->indent++;
    node(d, ast);
    d->indent--;
}

static const char *unit_text(rk_ast_unit unit)
{
    static const char *const units[] = {"", "ms", "s", "m", "h", "d"};
    return units[unit];
}

static void number(dumper *d, const rk_ast *ast)
{
    line(d, ast->as.number.is_float ? "float " : "int ");
    rk_buf_add(d->out, ast->as.number.digits);
    rk_buf_add_chars(d->out, unit_text(ast->as.number.unit));
    rk_buf_add_char(d->out, '\n');
}

static void call(dumper *d, const rk_ast *ast)
{
    named(d, "call", ast->as.call.name);
    d->indent++;
    for (uint32_t i = 0; i < ast->as.call.n_args; i++) {
        const rk_ast_arg *const arg = &ast->as.call.args[i];
        if (arg->name == RK_ATOM_EMPTY) {
            node(d, arg->value);
            continue;
        }
        named(d, "arg", arg->name);
        child(d, arg->value);
    }
    d->indent--;
}

static void sequence(dumper *d, const char *words, rk_ast_list list)
{
    line(d, words);
    for (uint32_t i = 0; i < list.len; i++)
        child(d, list.items[i]);
}

static void operation(dumper *d, const char *words, const rk_ast *left, const rk_ast *right)
{
    line(d, words);
    rk_buf_add_char(d->out, '\n');
    child(d, left);
    if (right)
        child(d, right);
}

static void branch(dumper *d, const rk_ast *ast)
{
    line(d, "if\n");
    child(d, ast->as.branch.condition);
    child(d, ast->as.branch.yes);
    child(d, ast->as.branch.no);
}

/* The kinds without children, or with a payload of their own. */
static void leaf(dumper *d, const rk_ast *ast)
{
    switch (ast->kind) {
    case RK_AST_NUMBER:
        number(d, ast);
        break;
    case RK_AST_STRING:
        quoted(d, "string", ast->as.string);
        break;
    case RK_AST_BOOL:
        line(d, ast->as.boolean ? "true\n" : "false\n");
        break;
    case RK_AST_MISSING:
        line(d, "missing\n");
        break;
    case RK_AST_INF:
        line(d, "inf\n");
        break;
    case RK_AST_NAME:
        named(d, "name", ast->as.name);
        break;
    case RK_AST_REST:
        line(d, "...\n");
        break;
    case RK_AST_STAR:
        line(d, "*\n");
        break;
    default:
        line(d, "error\n");
        break;
    }
}

static void node(dumper *d, const rk_ast *ast)
{
    switch (ast->kind) {
    case RK_AST_LIST:
        sequence(d, "list\n", ast->as.list);
        break;
    case RK_AST_TUPLE:
        sequence(d, "tuple\n", ast->as.list);
        break;
    case RK_AST_UNARY:
        operation(d, rk_ast_op_text(ast->as.unary.op), ast->as.unary.operand, NULL);
        break;
    case RK_AST_BINARY:
        operation(d, rk_ast_op_text(ast->as.binary.op), ast->as.binary.left, ast->as.binary.right);
        break;
    case RK_AST_IF:
        branch(d, ast);
        break;
    case RK_AST_CALL:
        if (ast->as.call.part != RK_ATOM_EMPTY)
            named(d, "part", ast->as.call.part);
        call(d, ast);
        break;
    case RK_AST_MEMBER:
        named(d, "member", ast->as.member.name);
        child(d, ast->as.member.object);
        break;
    case RK_AST_INDEX:
        operation(d, "index", ast->as.index.object, ast->as.index.at);
        break;
    case RK_AST_PIPE:
        operation(d, "|", ast->as.binary.left, ast->as.binary.right);
        break;
    case RK_AST_LABEL:
        named(d, "as", ast->as.label.name);
        child(d, ast->as.label.pipe);
        break;
    case RK_AST_PAREN:
        operation(d, "()", ast->as.unary.operand, NULL);
        break;
    default:
        leaf(d, ast);
        break;
    }
}

static void add_type(dumper *d, const rk_ast_type *type)
{
    uint32_t depth = 0;
    const rk_ast_type *t = type;
    for (; t->of; t = t->of, depth++) {
        add_atom(d, t->name);
        rk_buf_add_char(d->out, '(');
    }
    add_atom(d, t->name);
    if (t->size && t->size->kind == RK_AST_NUMBER)
        rk_buf_printf(d->out, "(%.*s%s)", RK_STR_ARG(t->size->as.number.digits),
                      unit_text(t->size->as.number.unit));
    /* From the inside out; a chain of element types is as deep as brackets nest. */
    for (;; depth--) {
        t = type;
        for (uint32_t i = 0; i < depth; i++)
            t = t->of;
        if (t->of)
            rk_buf_add_char(d->out, ')');
        if (t->optional)
            rk_buf_add_char(d->out, '?');
        if (depth == 0)
            return;
    }
}

static void field(dumper *d, const rk_ast_field *f)
{
    if (f->doc.len)
        quoted(d, "doc", f->doc);
    line(d, "field ");
    add_atom(d, f->name);
    rk_buf_add_chars(d->out, ": ");
    add_type(d, &f->type);
    rk_buf_add_char(d->out, '\n');
    if (f->initial)
        child(d, f->initial);
    if (f->from.data) {
        d->indent++;
        quoted(d, "from", f->from);
        d->indent--;
    }
}

static void term(dumper *d, const rk_ast_term *t)
{
    static const char *const ops[] = {"start", "add", "sub"};
    if (t->star || t->revision != RK_ATOM_EMPTY) {
        line(d, ops[t->op]);
        rk_buf_add_chars(d->out, t->star ? " *" : " revision ");
        add_atom(d, t->revision);
        rk_buf_add_char(d->out, '\n');
        return;
    }
    line(d, ops[t->op]);
    rk_buf_add_chars(d->out, " set\n");
    for (uint32_t i = 0; i < t->names.len; i++)
        child(d, t->names.items[i]);
}

static void step(dumper *d, const rk_ast_step *s)
{
    static const char *const expects[] = {"expect\n", "expect ==\n", "expect ~\n"};
    line(d, s->given ? "given\n" : expects[s->op]);
    child(d, s->subject);
    if (s->value)
        child(d, s->value);
}

static void head(dumper *d, const rk_decl *decl)
{
    if (decl->doc.len)
        quoted(d, "doc", decl->doc);
    line(d, rk_decl_kind_text(decl->kind));
    if (decl->name != RK_ATOM_EMPTY) {
        rk_buf_add_char(d->out, ' ');
        add_atom(d, decl->name);
    }
    if (decl->type.name != RK_ATOM_EMPTY) {
        rk_buf_add_chars(d->out, ": ");
        add_type(d, &decl->type);
    }
    if (decl->text.data) {
        rk_buf_add_char(d->out, ' ');
        rk_buf_add_json(d->out, decl->text);
    }
    rk_buf_add_chars(d->out, decl->broken ? " (broken)\n" : "\n");
}

static void declaration(dumper *d, const rk_decl *decl)
{
    head(d, decl);
    d->indent++;
    for (uint32_t i = 0; i < decl->n_params; i++)
        named(d, "param", decl->params[i].name);
    if (decl->value)
        node(d, decl->value);
    if (decl->key) {
        line(d, "by\n");
        child(d, decl->key);
    }
    for (uint32_t i = 0; i < decl->n_fields; i++)
        field(d, &decl->fields[i]);
    for (uint32_t i = 0; i < decl->n_terms; i++)
        term(d, &decl->terms[i]);
    for (uint32_t i = 0; i < decl->n_steps; i++)
        step(d, &decl->steps[i]);
    d->indent--;
}

void rk_ast_dump(const rk_context *cx, const rk_ast_file *file, rk_buf *out)
{
    dumper d = {cx, out, 0};
    for (uint32_t i = 0; i < file->decls.len; i++)
        declaration(&d, file->decls.items[i]);
}
