/* Messages of syntax errors: what was met, what could have stood there, and advice where the
 * mistake is a common one. */
#include "compiler/syntax/parser.h"

#include <stdio.h>

typedef struct word_row {
    const char *word, *means;
} word_row;

/* clang-format off */
static const char *const decl_words[] = {
    [RK_DECL_IMPORT] = "import", [RK_DECL_QUERY] = "query",       [RK_DECL_ITEM] = "item",
    [RK_DECL_SOURCE] = "source", [RK_DECL_FACTOR] = "factor",     [RK_DECL_DEF] = "def",
    [RK_DECL_MODEL] = "model",   [RK_DECL_INDEX] = "index",       [RK_DECL_PIPELINE] = "pipeline",
    [RK_DECL_REVISION] = "revision", [RK_DECL_TEST] = "test",
};

static const char *const reserved[] = {
    "if", "then", "else", "and", "or", "not", "in", "as", "from", "true", "false", "missing", "inf",
};

/* Words for declarations in other languages. */
static const word_row synonyms[] = {
    {"let", "factor"},    {"var", "factor"},    {"val", "factor"},      {"const", "factor"},
    {"feature", "factor"}, {"formula", "factor"}, {"score", "factor"},
    {"fn", "def"},        {"fun", "def"},       {"func", "def"},        {"function", "def"},
    {"macro", "def"},     {"table", "source"},  {"dataset", "source"},  {"include", "import"},
    {"use", "import"},    {"require", "import"}, {"request", "query"},  {"document", "item"},
    {"candidate", "item"}, {"rank", "pipeline"}, {"profile", "pipeline"},
};
/* clang-format on */

bool rk_decl_word(rk_str word, rk_decl_kind *kind)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(decl_words); i++) {
        if (rk_str_eq(word, rk_str_from(decl_words[i]))) {
            *kind = (rk_decl_kind)i;
            return true;
        }
    }
    return false;
}

const char *rk_decl_kind_text(rk_decl_kind kind) { return decl_words[kind]; }

bool rk_word_reserved(rk_str word)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(reserved); i++)
        if (rk_str_eq(word, rk_str_from(reserved[i])))
            return true;
    return false;
}

static bool is(rk_str word, const char *text) { return rk_str_eq(word, rk_str_from(text)); }

static bool is_one_of(rk_str word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is(word, list[i]))
            return true;
    return false;
}

/* ---- declarations ---- */

static rk_str intended_decl(rk_str word)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(synonyms); i++)
        if (is(word, synonyms[i].word))
            return rk_str_from(synonyms[i].means);
    rk_suggestion suggestion = rk_suggest(word);
    for (size_t i = 0; i < RK_ARRAY_LEN(decl_words); i++)
        rk_suggest_offer(&suggestion, rk_str_from(decl_words[i]));
    return suggestion.best;
}

void rk_parser_unknown_decl(rk_parser *parser, rk_span span, bool assigned)
{
    rk_diags *const diags = &parser->cx->diags;
    const rk_str word = rk_parser_text(parser, span);
    const rk_str best = assigned ? RK_STR("") : intended_decl(word);
    rk_diag *const diag =
        rk_parser_bad(parser, RK_E0103, span, "`%.*s` begins no declaration", RK_STR_ARG(word));
    if (assigned)
        rk_diag_help(diags, diag, "write `factor %.*s = …`", RK_STR_ARG(word));
    else if (best.len)
        rk_diag_help(diags, diag, "did you mean `%.*s`?", RK_STR_ARG(best));
    else
        rk_diag_help(diags, diag,
                     "declarations begin with `import`, `query`, `item`, `source`, `factor`, "
                     "`def`, `model`, `index`, `pipeline`, `revision` or `test`");
}

/* ---- unexpected tokens ---- */

static const char *const comparisons[] = {"==", "!=", "<", "<=", ">", ">=", "in", "not in"};

/* `a < b < c`: a comparison where only other operators may follow. */
static bool is_chain(const rk_unexpected *found, rk_str word)
{
    return found->expected.operation && (is_one_of(word, comparisons, RK_ARRAY_LEN(comparisons)) ||
                                         (word.len > 3 && memcmp(word.data, "not", 3) == 0));
}

/* Advice on a word where an operator or the end of the expression was expected. */
static const char *advice_after_operand(const rk_unexpected *found, rk_str word)
{
    static const char *const else_ifs[] = {"elif", "elsif", "elseif"};
    if (is(word, "="))
        return "`==` compares, `=` only defines";
    if (is_one_of(word, else_ifs, RK_ARRAY_LEN(else_ifs)))
        return "write `else if`";
    if (is(word, "|"))
        return found->expected.word_else
                   ? "a pipe in a branch of `if` needs parentheses"
                   : "pipes stand in pipelines, in arguments and in parentheses";
    if (is(word, "?") || is(word, "if"))
        return "write `if condition then a else b`";
    if (is(word, "is"))
        return "`==` compares, `missing(x)` asks whether there is a value";
    if (is(word, ",") && found->expected.close)
        return "`(a, b)` is a key of a source or an argument, nothing else";
    return NULL;
}

static const char *advice(const rk_unexpected *found, rk_str word)
{
    if (is(found->expected.list, "`{`"))
        return "a set of names stands in braces: `{ a, b }`";
    if (found->expected.operation)
        return advice_after_operand(found, word);
    if (is(word, "from") && !found->expected.operand && !found->expected.name)
        return "only a field comes from a column";
    if (found->expected.open && !found->expected.operand)
        return "stages, models and functions are called: `name(…)`";
    if (is(word, "=") && !found->expected.name)
        return "`==` compares, `=` only defines";
    return NULL;
}

/* A misspelt word between expressions or of a test, or "". */
static rk_str intended_word(const rk_unexpected *found, rk_str word)
{
    static const char *const between[] = {"and", "or", "in", "then", "else", "as", "by"};
    static const char *const steps[] = {"given", "expect"};
    rk_suggestion suggestion = rk_suggest(word);
    if (found->expected.step)
        for (size_t i = 0; i < RK_ARRAY_LEN(steps); i++)
            rk_suggest_offer(&suggestion, rk_str_from(steps[i]));
    if (found->expected.operation && word.len > 2)
        for (size_t i = 0; i < RK_ARRAY_LEN(between); i++)
            rk_suggest_offer(&suggestion, rk_str_from(between[i]));
    return is(rk_str_from(found->what), "name") ? suggestion.best : RK_STR("");
}

static void report_chain(rk_parser *parser, const rk_unexpected *found, rk_str word)
{
    rk_diag *const diag = rk_error(&parser->cx->diags, RK_E0106, found->span,
                                   "comparisons do not chain: unexpected `%.*s`", RK_STR_ARG(word));
    rk_diag_help(&parser->cx->diags, diag,
                 "write `a < b and b < c`, or parentheses where the bool is meant");
}

static void report_unclosed(rk_parser *parser, const rk_unexpected *found)
{
    const rk_span span = {parser->number, parser->unclosed.at, 1};
    const char open = parser->text.data[span.at];
    rk_diag *const diag = rk_error(&parser->cx->diags, RK_E0109, span, "`%c` is not closed", open);
    const char close = open == '(' ? ')' : open == '[' ? ']' : '}';
    if (found->span.len)
        rk_diag_note(&parser->cx->diags, diag, found->span, "`%c` was expected before this", close);
    else
        rk_diag_note(&parser->cx->diags, diag, RK_NO_SPAN,
                     "`%c` was expected before the end of the file", close);
}

enum { SHOWN_MAX = 40 };

/* "name `x`", "`)`". */
static void describe(const rk_unexpected *found, rk_str word, char *out, size_t size)
{
    const bool cut = word.len > SHOWN_MAX;
    size_t shown = cut ? SHOWN_MAX : word.len;
    while (cut && shown && ((unsigned char)word.data[shown] & 0xc0) == 0x80)
        shown--;
    snprintf(out, size, "%s%s`%.*s%s`", found->what, *found->what ? " " : "", (int)shown, word.data,
             cut ? "…" : "");
}

void rk_parser_unexpected(rk_parser *parser, const rk_unexpected *found)
{
    const rk_str word = rk_parser_text(parser, found->span);
    if (parser->unclosed.open) {
        report_unclosed(parser, found);
        return;
    }
    if (is_chain(found, word)) {
        report_chain(parser, found, word);
        return;
    }
    rk_diags *const diags = &parser->cx->diags;
    if (found->ended) {
        const rk_span end = {parser->number, found->before.at + found->before.len, 0};
        rk_error(diags, RK_E0101, end, "unexpected end of the declaration, expected %.*s",
                 RK_STR_ARG(found->expected.list));
        return;
    }
    char shown[100];
    describe(found, word, shown, sizeof shown);
    if (found->expected.name && !found->expected.operand && rk_word_reserved(word)) {
        rk_diag *const diag = rk_error(diags, RK_E0110, found->span,
                                       "%s is a word of the language, not a name", shown);
        rk_diag_help(diags, diag, "as a name it stands in backquotes: `%.*s`", RK_STR_ARG(word));
        return;
    }
    rk_diag *const diag = rk_error(diags, RK_E0101, found->span, "unexpected %s, expected %.*s",
                                   shown, RK_STR_ARG(found->expected.list));
    const char *const text = advice(found, word);
    const rk_str intended = intended_word(found, word);
    if (text)
        rk_diag_help(diags, diag, "%s", text);
    else if (intended.len)
        rk_diag_help(diags, diag, "did you mean `%.*s`?", RK_STR_ARG(intended));
}
