/* Expressions and pipes in canonical form; see fmt.h. */
#include "compiler/syntax/fmt.h"

#include "compiler/syntax/parser.h"

static void text(rk_fmt *fmt, const char *chars) { rk_layout_chars(fmt->out, chars); }
static void add(rk_fmt *fmt, rk_layout_kind kind) { rk_layout_add(fmt->out, kind); }
static void indent(rk_fmt *fmt, int32_t columns) { rk_layout_indent(fmt->out, columns); }

/* ---- the text ---- */

static rk_str text_of(const rk_fmt *fmt, uint32_t file)
{
    return file == RK_NO_FILE ? RK_STR("") : fmt->cx->texts.items.items[file].text;
}

/* Commas between fields are left out, so they count as space. */
static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == ','; }

bool rk_fmt_has_line(const rk_fmt *fmt, uint32_t file, uint32_t from, uint32_t to)
{
    const rk_str s = text_of(fmt, file);
    return from < to && to <= s.len && memchr(s.data + from, '\n', to - from);
}

bool rk_fmt_blank_before(const rk_fmt *fmt, rk_span place)
{
    const rk_str s = text_of(fmt, place.file);
    uint32_t ends = 0;
    for (uint32_t i = place.at; i > 0 && ends < 2; i--) {
        if (s.data[i - 1] == '\n')
            ends++;
        else if (!is_blank(s.data[i - 1]))
            return false;
    }
    return ends == 2;
}

bool rk_fmt_apart(const rk_fmt *fmt, uint32_t *next, rk_span before, rk_span place)
{
    for (; *next < fmt->n_comments && fmt->comments[*next].span.at < place.at; ++*next) {
        const rk_comment *const comment = &fmt->comments[*next];
        if (comment->span.at >= rk_span_end(before) && comment->own_line &&
            rk_fmt_blank_before(fmt, comment->span))
            return true;
    }
    return rk_fmt_blank_before(fmt, place);
}

/* ---- comments ---- */

static void let_out(rk_fmt *fmt, bool apart)
{
    const rk_comment *const comment = fmt->comments;
    if (apart && fmt->may_blank && comment->own_line && rk_fmt_blank_before(fmt, comment->span))
        add(fmt, RK_LAYOUT_BLANK);
    const rk_str s = text_of(fmt, comment->span.file);
    rk_layout_comment(fmt->out, comment->own_line ? RK_LAYOUT_OWN : RK_LAYOUT_TRAIL,
                      (rk_str){s.data + comment->span.at, comment->span.len});
    fmt->may_blank = true;
    fmt->comments++;
    fmt->n_comments--;
}

void rk_fmt_comments(rk_fmt *fmt, rk_span place, bool apart)
{
    while (fmt->n_comments && fmt->comments->span.at < place.at)
        let_out(fmt, apart);
}

void rk_fmt_trailing(rk_fmt *fmt, rk_span span, bool comma)
{
    if (fmt->n_comments == 0 || fmt->comments->own_line)
        return;
    const rk_str s = text_of(fmt, span.file);
    uint32_t at = rk_span_end(span);
    while (at < fmt->comments->span.at && is_blank(s.data[at]) && (comma || s.data[at] != ','))
        at++;
    if (at == fmt->comments->span.at)
        let_out(fmt, false);
}

/* ---- leaves ---- */

void rk_fmt_source(rk_fmt *fmt, rk_span span)
{
    rk_fmt_comments(fmt, span, false);
    rk_layout_text(fmt->out, (rk_str){text_of(fmt, span.file).data + span.at, span.len});
}

void rk_fmt_name(rk_fmt *fmt, rk_atom name, rk_span span)
{
    const rk_str word = rk_atom_str(&fmt->cx->names, name);
    rk_fmt_comments(fmt, span, false);
    const bool quoted = rk_word_reserved(word);
    if (quoted)
        text(fmt, "`");
    rk_layout_text(fmt->out, word);
    if (quoted)
        text(fmt, "`");
}

static void word(rk_fmt *fmt, const rk_ast *ast, const char *chars)
{
    rk_fmt_comments(fmt, ast->span, false);
    text(fmt, chars);
}

/* ---- lists ---- */

/* What stands before a closing bracket, and the bracket. */
static void close(rk_fmt *fmt, rk_span span, const char *bracket)
{
    rk_fmt_comments(fmt, rk_span_last(span), false);
    indent(fmt, -4);
    add(fmt, RK_LAYOUT_SOFT);
    add(fmt, RK_LAYOUT_CLOSE);
    text(fmt, bracket);
}

static void open(rk_fmt *fmt, const char *bracket)
{
    text(fmt, bracket);
    add(fmt, RK_LAYOUT_OPEN);
    indent(fmt, 4);
    add(fmt, RK_LAYOUT_SOFT);
}

static void comma(rk_fmt *fmt, rk_span before, rk_layout_kind then)
{
    text(fmt, ",");
    rk_fmt_trailing(fmt, before, true);
    add(fmt, then);
}

static void call(rk_fmt *fmt, const rk_ast *ast)
{
    const rk_str name = rk_atom_str(&fmt->cx->names, ast->as.call.name);
    rk_fmt_comments(fmt, ast->span, false);
    if (rk_str_eq(name, RK_STR("missing")))
        rk_layout_text(fmt->out, name); /* the one word that is called too */
    else
        rk_fmt_name(fmt, ast->as.call.name, ast->as.call.name_span);
    if (ast->as.call.part != RK_ATOM_EMPTY) {
        text(fmt, ".");
        rk_fmt_name(fmt, ast->as.call.part, ast->as.call.part_span);
    }
    open(fmt, "(");
    for (uint32_t i = 0; i < ast->as.call.n_args; i++) {
        const rk_ast_arg *const arg = &ast->as.call.args[i];
        if (arg->name != RK_ATOM_EMPTY) {
            rk_fmt_name(fmt, arg->name, arg->name_span);
            text(fmt, ": ");
        }
        rk_fmt_expr(fmt, arg->value);
        if (i + 1 < ast->as.call.n_args)
            comma(fmt, arg->value->span, RK_LAYOUT_LINE);
    }
    close(fmt, ast->span, ")");
}

static void sequence(rk_fmt *fmt, const rk_ast *ast, const char *left, const char *right)
{
    rk_fmt_comments(fmt, ast->span, false);
    open(fmt, left);
    for (uint32_t i = 0; i < ast->as.list.len; i++) {
        rk_fmt_expr(fmt, ast->as.list.items[i]);
        if (i + 1 < ast->as.list.len)
            comma(fmt, ast->as.list.items[i]->span, RK_LAYOUT_FILL);
    }
    close(fmt, ast->span, right);
}

static void paren(rk_fmt *fmt, const rk_ast *ast)
{
    rk_fmt_comments(fmt, ast->span, false);
    open(fmt, "(");
    rk_fmt_expr(fmt, ast->as.unary.operand);
    close(fmt, ast->span, ")");
}

/* ---- operators ---- */

static int level(rk_ast_op op)
{
    switch (op) {
    case RK_AST_OR:
        return 1;
    case RK_AST_AND:
        return 2;
    case RK_AST_ADD:
    case RK_AST_SUB:
        return 3;
    case RK_AST_MUL:
    case RK_AST_DIV:
    case RK_AST_MOD:
        return 4;
    default:
        return 0; /* not a chain to the left */
    }
}

/* `a + b - c`: one group, each operator at the start of its line if it breaks. */
static void chain(rk_fmt *fmt, const rk_ast *ast)
{
    const rk_ast *const left = ast->as.binary.left;
    const int own = level(ast->as.binary.op);
    if (own && left->kind == RK_AST_BINARY && level(left->as.binary.op) == own)
        chain(fmt, left);
    else
        rk_fmt_expr(fmt, left);
    rk_fmt_comments(fmt, ast->as.binary.op_span, false);
    add(fmt, RK_LAYOUT_LINE);
    text(fmt, rk_ast_op_text(ast->as.binary.op));
    text(fmt, " ");
    rk_fmt_expr(fmt, ast->as.binary.right);
}

static void binary(rk_fmt *fmt, const rk_ast *ast)
{
    add(fmt, RK_LAYOUT_OPEN);
    indent(fmt, 4);
    chain(fmt, ast);
    indent(fmt, -4);
    add(fmt, RK_LAYOUT_CLOSE);
}

static void unary(rk_fmt *fmt, const rk_ast *ast)
{
    word(fmt, ast, ast->as.unary.op == RK_AST_NOT ? "not " : "-");
    rk_fmt_expr(fmt, ast->as.unary.operand);
}

/* `if … then … else if …`: one group. */
static void branch(rk_fmt *fmt, const rk_ast *ast)
{
    add(fmt, RK_LAYOUT_OPEN);
    indent(fmt, 4);
    while (ast->kind == RK_AST_IF) {
        word(fmt, ast, "if ");
        rk_fmt_expr(fmt, ast->as.branch.condition);
        rk_fmt_trailing(fmt, ast->as.branch.condition->span, false);
        add(fmt, RK_LAYOUT_LINE);
        text(fmt, "then ");
        rk_fmt_expr(fmt, ast->as.branch.yes);
        rk_fmt_trailing(fmt, ast->as.branch.yes->span, false);
        add(fmt, RK_LAYOUT_LINE);
        text(fmt, "else ");
        ast = ast->as.branch.no;
    }
    rk_fmt_expr(fmt, ast);
    indent(fmt, -4);
    add(fmt, RK_LAYOUT_CLOSE);
}

static void member(rk_fmt *fmt, const rk_ast *ast)
{
    rk_fmt_expr(fmt, ast->as.member.object);
    /* `7d.x` would be one bad number; that a number has no members is said later. */
    text(fmt, ast->as.member.object->kind == RK_AST_NUMBER ? " ." : ".");
    rk_fmt_name(fmt, ast->as.member.name, ast->as.member.name_span);
}

static void at_index(rk_fmt *fmt, const rk_ast *ast)
{
    rk_fmt_expr(fmt, ast->as.index.object);
    open(fmt, "[");
    rk_fmt_expr(fmt, ast->as.index.at);
    close(fmt, ast->span, "]");
}

/* ---- pipes ---- */

static bool is_pipe(const rk_ast *ast)
{
    return ast->kind == RK_AST_PIPE || ast->kind == RK_AST_LABEL;
}

/* One stage a line if it is too long for one, or was written so. After the first one the indent
 * shifts. */
static void stages(rk_fmt *fmt, const rk_ast *ast, int32_t shift)
{
    if (ast->kind == RK_AST_LABEL) {
        stages(fmt, ast->as.label.pipe, shift);
        text(fmt, " as ");
        rk_fmt_name(fmt, ast->as.label.name, ast->as.label.name_span);
    } else if (ast->kind == RK_AST_PIPE) {
        const rk_ast *const left = ast->as.binary.left, *const right = ast->as.binary.right;
        stages(fmt, left, shift);
        rk_fmt_comments(fmt, ast->as.binary.op_span, false);
        if (rk_fmt_has_line(fmt, ast->span.file, rk_span_end(left->span), right->span.at))
            add(fmt, RK_LAYOUT_BREAK);
        add(fmt, RK_LAYOUT_LINE);
        text(fmt, "| ");
        rk_fmt_expr(fmt, right);
    } else {
        rk_fmt_expr(fmt, ast);
        indent(fmt, shift);
    }
}

static void pipe(rk_fmt *fmt, const rk_ast *ast)
{
    add(fmt, RK_LAYOUT_OPEN);
    stages(fmt, ast, 2);
    indent(fmt, -2);
    add(fmt, RK_LAYOUT_CLOSE);
}

/* The first stage is indented two columns more than the `|` of the others. */
void rk_fmt_value(rk_fmt *fmt, const rk_ast *ast)
{
    if (!is_pipe(ast)) {
        text(fmt, " ");
        rk_fmt_expr(fmt, ast);
        return;
    }
    add(fmt, RK_LAYOUT_OPEN);
    indent(fmt, 4);
    add(fmt, RK_LAYOUT_LINE);
    stages(fmt, ast, -2);
    indent(fmt, -2);
    add(fmt, RK_LAYOUT_CLOSE);
}

/* ---- everything ---- */

/* As written; a node that the compiler made has no place in a text. */
static void number(rk_fmt *fmt, const rk_ast *ast)
{
    static const char *const units[] = {"", "ms", "s", "m", "h", "d"};
    if (ast->span.file != RK_NO_FILE) {
        rk_fmt_source(fmt, ast->span);
        return;
    }
    rk_layout_text(fmt->out, ast->as.number.digits);
    text(fmt, units[ast->as.number.unit]);
}

static void string(rk_fmt *fmt, const rk_ast *ast)
{
    if (ast->span.file != RK_NO_FILE) {
        rk_fmt_source(fmt, ast->span);
        return;
    }
    rk_buf json = {0};
    rk_buf_add_json(&json, ast->as.string);
    char *const kept = json.failed ? NULL : rk_arena_copy(&fmt->out->arena, json.data, json.len);
    if (kept)
        rk_layout_text(fmt->out, (rk_str){kept, json.len});
    else
        fmt->out->failed = true;
    rk_buf_free(&json);
}

void rk_fmt_expr(rk_fmt *fmt, const rk_ast *ast)
{
    switch (ast->kind) {
    case RK_AST_ERROR:
        word(fmt, ast, "…");
        break;
    case RK_AST_NUMBER:
        number(fmt, ast);
        break;
    case RK_AST_STRING:
        string(fmt, ast);
        break;
    case RK_AST_BOOL:
        word(fmt, ast, ast->as.boolean ? "true" : "false");
        break;
    case RK_AST_MISSING:
        word(fmt, ast, "missing");
        break;
    case RK_AST_INF:
        word(fmt, ast, "inf");
        break;
    case RK_AST_REST:
        word(fmt, ast, "...");
        break;
    case RK_AST_STAR:
        word(fmt, ast, "*");
        break;
    case RK_AST_NAME:
        rk_fmt_name(fmt, ast->as.name, ast->span);
        break;
    case RK_AST_LIST:
        sequence(fmt, ast, "[", "]");
        break;
    case RK_AST_TUPLE:
        sequence(fmt, ast, "(", ")");
        break;
    case RK_AST_UNARY:
        unary(fmt, ast);
        break;
    case RK_AST_BINARY:
        binary(fmt, ast);
        break;
    case RK_AST_IF:
        branch(fmt, ast);
        break;
    case RK_AST_CALL:
        call(fmt, ast);
        break;
    case RK_AST_MEMBER:
        member(fmt, ast);
        break;
    case RK_AST_INDEX:
        at_index(fmt, ast);
        break;
    case RK_AST_PIPE:
    case RK_AST_LABEL:
        pipe(fmt, ast);
        break;
    case RK_AST_PAREN:
        paren(fmt, ast);
        break;
    }
}

/* Wider than any expression: everything fits. */
enum { ONE_LINE = 1 << 30 };

void rk_ast_format_expr(const rk_context *cx, const rk_ast *ast, rk_buf *out)
{
    rk_layout layout = {0};
    rk_fmt fmt = {.cx = cx, .out = &layout};
    rk_fmt_expr(&fmt, ast);
    for (uint32_t i = 0; i < layout.ops.len; i++)
        if (layout.ops.items[i].kind == RK_LAYOUT_BREAK)
            layout.ops.items[i].kind = RK_LAYOUT_TEXT;
    rk_layout_print(&layout, ONE_LINE, out);
    rk_layout_free(&layout);
}
