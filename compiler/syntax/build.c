/* What the grammar's actions do: collect parts, make declarations, keep comments. */
#include "compiler/syntax/parser.h"

static void no_memory(rk_parser *parser) { parser->cx->diags.no_memory = true; }

/* ---- comments ---- */

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

void rk_parser_comment(rk_parser *parser, rk_span span)
{
    const rk_str text = rk_parser_text(parser, span);
    while (span.len && is_space(text.data[span.len - 1]))
        span.len--;
    const bool twice = span.len >= 2 && text.data[1] == '#';
    const bool banner = twice && span.len >= 3 && text.data[2] == '#';
    const bool own_line = parser->line_is_bare;
    const rk_comment comment = {span, own_line && twice && !banner, own_line};
    if (!rk_vec_push(&parser->cx->arena, &parser->file->comments, comment))
        no_memory(parser);
}

/* The number of comments that begin before a place. */
static uint32_t comments_before(const rk_parser *parser, uint32_t at)
{
    uint32_t low = 0, high = parser->file->comments.len;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (parser->file->comments.items[middle].span.at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Space, or a comma: with commas in front a doc comment stands before the comma of its field. */
static bool only_space(const rk_parser *parser, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        if (!is_space(parser->text.data[i]) && parser->text.data[i] != ',')
            return false;
    return true;
}

/* The words of a doc comment: without `##` and one space. */
static rk_str doc_line(const rk_parser *parser, rk_span span)
{
    rk_str line = rk_parser_text(parser, span);
    const size_t skip = line.len > 2 && line.data[2] == ' ' ? 3 : 2;
    return (rk_str){line.data + skip, line.len - skip};
}

/* The doc comments between the token before `at` and `at`, joined by newlines. */
static rk_str doc_before(rk_parser *parser, uint32_t at)
{
    const rk_comment *const comments = parser->file->comments.items;
    const uint32_t end = comments_before(parser, at);
    uint32_t first = end;
    size_t size = 0;
    for (uint32_t from = at; first > 0; first--) {
        const rk_comment *const comment = &comments[first - 1];
        if (!comment->own_line || !only_space(parser, comment->span.at + comment->span.len, from))
            break;
        if (comment->doc)
            size += doc_line(parser, comment->span).len + 1;
        from = comment->span.at;
    }
    if (size == 0)
        return RK_STR("");
    char *const doc = rk_arena_alloc(&parser->cx->arena, size);
    if (!doc) {
        no_memory(parser);
        return RK_STR("");
    }
    size_t len = 0;
    for (uint32_t i = first; i < end; i++) {
        if (!comments[i].doc)
            continue;
        const rk_str line = doc_line(parser, comments[i].span);
        memcpy(doc + len, line.data, line.len);
        len += line.len;
        doc[len++] = '\n';
    }
    return (rk_str){doc, size - 1};
}

/* ---- parts ---- */

#define PUSH(stack, item)                                                                          \
    do {                                                                                           \
        if (!rk_vec_push(&parser->cx->arena, &parser->stack, (item)))                              \
            no_memory(parser);                                                                     \
    } while (0)

void rk_parser_push_node(rk_parser *parser, rk_ast *ast) { PUSH(nodes, ast); }

void rk_parser_push_arg(rk_parser *parser, rk_atom name, rk_span name_span, rk_ast *value)
{
    PUSH(args, ((rk_ast_arg){name, name_span, value}));
}

void rk_parser_push_field(rk_parser *parser, rk_span span, rk_ast_field field)
{
    field.span = span;
    field.doc = doc_before(parser, span.at);
    PUSH(fields, field);
}

void rk_parser_push_param(rk_parser *parser, rk_atom name, rk_span span)
{
    PUSH(params, ((rk_ast_param){name, span}));
}

void rk_parser_push_term(rk_parser *parser, rk_ast_term term) { PUSH(terms, term); }

void rk_parser_push_step(rk_parser *parser, rk_ast_step step) { PUSH(steps, step); }

/* Where the n parts on top of a stack begin; fewer when memory ran out on the way. */
static uint32_t below(uint32_t len, uint32_t n) { return n > len ? 0 : len - n; }

/* `...` stands last. */
static void check_rest(rk_parser *parser, const rk_ast_arg *args, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const bool rest = args[i].value->kind == RK_AST_REST;
        if (rest && args[i].name != RK_ATOM_EMPTY)
            rk_parser_bad(parser, RK_E0108, args[i].value->span, "`...` is no value of its own");
        else if (rest && i + 1 < n)
            rk_parser_bad(parser, RK_E0108, args[i].value->span, "`...` is not the last argument");
    }
}

rk_ast *rk_parser_call(rk_parser *parser, rk_span span, rk_atom name, rk_span name_span, uint32_t n)
{
    const uint32_t first = below(parser->args.len, n);
    const rk_ast_arg *const args = parser->args.items + first;
    const uint32_t len = parser->args.len - first;
    check_rest(parser, args, len);
    parser->args.len = first;
    return rk_ast_call(parser->cx, span, name, name_span, args, len);
}

rk_ast *rk_parser_part_call(rk_parser *parser, rk_span span, rk_ast *object, rk_atom part,
                            rk_span part_span, uint32_t n)
{
    const bool named = object->kind == RK_AST_NAME;
    rk_ast *const call =
        rk_parser_call(parser, span, named ? object->as.name : RK_ATOM_EMPTY, object->span, n);
    if (call->kind != RK_AST_CALL)
        return call;
    call->as.call.part = part;
    call->as.call.part_span = part_span;
    if (named)
        return call;
    if (object->kind != RK_AST_ERROR)
        rk_parser_bad(parser, RK_E0101, part_span,
                      "only parts of a model are called: `buy.raw(…)`");
    return rk_ast_error(parser->cx, span);
}

static rk_ast_list take_nodes(rk_parser *parser, uint32_t n)
{
    const uint32_t first = below(parser->nodes.len, n);
    const rk_ast_list list = {parser->nodes.items + first, parser->nodes.len - first};
    parser->nodes.len = first;
    return list;
}

rk_ast *rk_parser_sequence(rk_parser *parser, rk_span span, rk_ast_kind kind, uint32_t n)
{
    return rk_ast_sequence(parser->cx, span, kind, take_nodes(parser, n));
}

/* The parts of a stack in memory of their own. */
static void *kept(rk_parser *parser, const void *items, uint32_t len, size_t size)
{
    void *const copy = rk_arena_array(&parser->cx->arena, len, size);
    if (!copy)
        no_memory(parser);
    else if (len)
        memcpy(copy, items, len * size);
    return copy;
}

rk_ast_list rk_parser_names(rk_parser *parser, uint32_t n)
{
    const rk_ast_list list = take_nodes(parser, n);
    rk_ast **const items = kept(parser, list.items, list.len, sizeof *items);
    return (rk_ast_list){items, items ? list.len : 0};
}

/* ---- the ?? rule ---- */

static bool is_arithmetic(const rk_ast *ast)
{
    return ast->kind == RK_AST_BINARY && ast->as.binary.op >= RK_AST_ADD &&
           ast->as.binary.op <= RK_AST_POW;
}

enum { READING_MAX = 60 };

/* Both readings as help, unless they are long. The inner one binds `??` to its neighbours. */
static void show_readings(rk_parser *parser, rk_diag *diag, const rk_ast *left, const rk_ast *right)
{
    const rk_ast *inner_left = left, *inner_right = right;
    while (is_arithmetic(inner_left))
        inner_left = inner_left->as.binary.right;
    while (is_arithmetic(inner_right))
        inner_right = inner_right->as.binary.left;
    const uint32_t end = right->span.at + right->span.len;
    const uint32_t inner_end = inner_right->span.at + inner_right->span.len;
    if (end - left->span.at > READING_MAX ||
        memchr(parser->text.data + left->span.at, '\n', end - left->span.at)) {
        rk_diag_help(&parser->cx->diags, diag, "put one side or the other in parentheses");
        return;
    }
    const char *const text = parser->text.data;
    const char *const open_left = is_arithmetic(left) ? "(" : "";
    const char *const close_left = is_arithmetic(left) ? ")" : "";
    const char *const open_right = is_arithmetic(right) ? "(" : "";
    const char *const close_right = is_arithmetic(right) ? ")" : "";
    const int before = (int)(inner_left->span.at - left->span.at);
    rk_diag_help(&parser->cx->diags, diag, "write `%s%.*s%s ?? %s%.*s%s` or `%.*s(%.*s)%.*s`",
                 open_left, (int)left->span.len, text + left->span.at, close_left, open_right,
                 (int)right->span.len, text + right->span.at, close_right, before,
                 text + left->span.at, (int)(inner_end - inner_left->span.at),
                 text + inner_left->span.at, (int)(end - inner_end), text + inner_end);
}

rk_ast *rk_parser_coalesce(rk_parser *parser, rk_span op_span, rk_ast *left, rk_ast *right)
{
    const rk_ast *const bad = is_arithmetic(left) ? left : is_arithmetic(right) ? right : NULL;
    if (bad) {
        rk_diag *const diag =
            rk_parser_bad(parser, RK_E0105, op_span, "`%s` beside `??` needs parentheses",
                          rk_ast_op_text(bad->as.binary.op));
        show_readings(parser, diag, left, right);
    }
    return rk_ast_binary(parser->cx, RK_AST_COALESCE, op_span, left, right);
}

rk_ast_step rk_parser_expect(rk_span span, rk_ast *subject)
{
    rk_ast_step step = {.span = span, .subject = subject, .op = RK_EXPECT_TRUE};
    if (subject->kind == RK_AST_BINARY && subject->as.binary.op == RK_AST_EQ) {
        step.op = RK_EXPECT_EQUAL;
        step.subject = subject->as.binary.left;
        step.value = subject->as.binary.right;
    }
    return step;
}

/* ---- declarations ---- */

/* Adds a declaration at its place: one that was skipped is known before the one before it ends. */
static rk_decl *add_decl(rk_parser *parser, rk_decl decl)
{
    rk_decl *const kept_decl = RK_NEW(&parser->cx->arena, rk_decl);
    if (!kept_decl || !rk_vec_push(&parser->cx->arena, &parser->file->decls, kept_decl)) {
        no_memory(parser);
        return NULL;
    }
    *kept_decl = decl;
    rk_decl **const decls = parser->file->decls.items;
    for (uint32_t i = parser->file->decls.len - 1; i && decls[i - 1]->span.at > decl.span.at; i--) {
        decls[i] = decls[i - 1];
        decls[i - 1] = kept_decl;
    }
    return kept_decl;
}

void rk_parser_drop_parts(rk_parser *parser)
{
    parser->nodes.len = parser->args.len = parser->fields.len = 0;
    parser->params.len = parser->terms.len = parser->steps.len = 0;
}

rk_decl *rk_parser_declare(rk_parser *parser, rk_decl_kind kind, rk_span span, rk_atom name,
                           rk_span name_span)
{
    rk_decl decl = {.kind = kind, .span = span, .name = name, .name_span = name_span};
    decl.doc = doc_before(parser, span.at);
    decl.n_fields = parser->fields.len;
    decl.fields = kept(parser, parser->fields.items, decl.n_fields, sizeof *decl.fields);
    decl.n_params = parser->params.len;
    decl.params = kept(parser, parser->params.items, decl.n_params, sizeof *decl.params);
    decl.n_terms = parser->terms.len;
    decl.terms = kept(parser, parser->terms.items, decl.n_terms, sizeof *decl.terms);
    decl.n_steps = parser->steps.len;
    decl.steps = kept(parser, parser->steps.items, decl.n_steps, sizeof *decl.steps);
    rk_parser_drop_parts(parser);
    if (!decl.fields || !decl.params || !decl.terms || !decl.steps)
        return NULL;
    return add_decl(parser, decl);
}

void rk_parser_declare_broken(rk_parser *parser, const rk_head *head, uint32_t end)
{
    if (!head->some)
        return;
    const rk_span span = {parser->number, head->word.at, end - head->word.at};
    add_decl(parser, (rk_decl){.kind = head->kind,
                               .span = span,
                               .name = head->name,
                               .name_span = head->name_span,
                               .broken = true});
}

/* ---- the end: a declaration is broken by what is bad in it or behind it ---- */

static bool is_bad(const rk_ast *ast) { return ast && ast->kind == RK_AST_ERROR; }

static bool has_bad_part(const rk_decl *decl)
{
    if (is_bad(decl->value) || is_bad(decl->key))
        return true;
    for (uint32_t i = 0; i < decl->n_fields; i++)
        if (is_bad(decl->fields[i].initial))
            return true;
    for (uint32_t i = 0; i < decl->n_steps; i++)
        if (is_bad(decl->steps[i].subject) || is_bad(decl->steps[i].value))
            return true;
    return false;
}

static bool has_mark(const rk_parser *parser, uint32_t from, uint32_t to)
{
    if (parser->n_marks > RK_MARKS_MAX)
        return true;
    for (uint32_t i = 0; i < parser->n_marks; i++)
        if (parser->marks[i] >= from && parser->marks[i] < to)
            return true;
    return false;
}

void rk_parser_finish(rk_parser *parser)
{
    rk_decl **const decls = parser->file->decls.items;
    const uint32_t n = parser->file->decls.len;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t end = i + 1 < n ? decls[i + 1]->span.at : (uint32_t)parser->text.len;
        decls[i]->broken |= has_bad_part(decls[i]) || has_mark(parser, decls[i]->span.at, end);
    }
}
