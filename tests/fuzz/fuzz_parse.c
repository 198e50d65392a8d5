/* Any bytes are parsed without a crash. What parses without errors keeps its tree and its comments
 * when it is formatted, and formatting it again changes nothing. */
#include <stdio.h>
#include <stdlib.h>

#include "compiler/syntax/ast.h"

typedef struct parsed {
    rk_context cx;
    rk_ast_file *file;
} parsed;

static void require(bool holds, const char *what, rk_str text)
{
    if (holds)
        return;
    fprintf(stderr, "%s:\n%.*s\n", what, RK_STR_ARG(text));
    abort();
}

static bool parse(parsed *p, rk_str text)
{
    const rk_text named = {.name = RK_STR("fuzz.rank"), .text = text};
    return rk_context_init(&p->cx) == RK_OK &&
           rk_vec_push(&p->cx.arena, &p->cx.texts.items, named) &&
           rk_parse(&p->cx, 0, &p->file) == RK_OK;
}

/* The words of all comments, in order, without the marks in front. */
static rk_buf words_of_comments(const parsed *p)
{
    rk_buf words = {0};
    for (uint32_t i = 0; i < p->file->comments.len; i++) {
        const rk_span span = p->file->comments.items[i].span;
        rk_str s = {p->cx.texts.items.items[0].text.data + span.at, span.len};
        while (s.len && s.data[0] == '#')
            s = (rk_str){s.data + 1, s.len - 1};
        rk_buf_add(&words, s);
        rk_buf_add_char(&words, '\n');
    }
    return words;
}

static void print_diagnostics(parsed *p)
{
    rk_buf out = {0};
    rk_diags_sort(&p->cx.diags);
    rk_diags_print(&p->cx.diags, &p->cx.texts, RK_DIAG_TEXT, &out);
    rk_buf_free(&out);
}

static void compare(const parsed *a, const parsed *b, rk_str text)
{
    rk_buf one = {0}, other = {0};
    rk_ast_dump(&a->cx, a->file, &one);
    rk_ast_dump(&b->cx, b->file, &other);
    require(rk_str_eq(rk_buf_str(&one), rk_buf_str(&other)), "the tree changed", text);
    rk_buf_free(&one);
    rk_buf_free(&other);
    one = words_of_comments(a);
    other = words_of_comments(b);
    require(rk_str_eq(rk_buf_str(&one), rk_buf_str(&other)), "a comment changed", text);
    rk_buf_free(&one);
    rk_buf_free(&other);
}

static void format_and_compare(const parsed *p)
{
    rk_buf once = {0}, twice = {0};
    rk_ast_format(&p->cx, p->file, &once);
    parsed again = {0};
    require(parse(&again, rk_buf_str(&once)), "memory", rk_buf_str(&once));
    require(again.cx.diags.errors == 0, "the formatted text has errors", rk_buf_str(&once));
    compare(p, &again, rk_buf_str(&once));
    rk_ast_format(&again.cx, again.file, &twice);
    require(rk_str_eq(rk_buf_str(&once), rk_buf_str(&twice)), "formatting changed it again",
            rk_buf_str(&once));
    rk_buf_free(&once);
    rk_buf_free(&twice);
    rk_context_free(&again.cx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const rk_str text = {(const char *)data, size};
    parsed p = {0};
    require(parse(&p, text), "memory", text);
    if (p.cx.diags.errors)
        print_diagnostics(&p);
    else
        format_and_compare(&p);
    rk_context_free(&p.cx);
    return 0;
}
