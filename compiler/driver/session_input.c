/* What a typed text is, told by its first words, and whether the next line belongs to it. The
 * parser has the last word on both. */
#include "compiler/driver/session_parts.h"

typedef struct scanner {
    rk_str text;
    size_t at;
} scanner;

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static char peek(const scanner *s) { return s->at < s->text.len ? s->text.data[s->at] : '\0'; }

static void skip_comment(scanner *s)
{
    while (s->at < s->text.len && s->text.data[s->at] != '\n')
        s->at++;
}

static void skip_space(scanner *s)
{
    for (; s->at < s->text.len; s->at++) {
        const char c = s->text.data[s->at];
        if (c == '#')
            skip_comment(s);
        else if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            return;
    }
}

static rk_str take_word(scanner *s)
{
    const size_t start = s->at;
    while (s->at < s->text.len && is_word_char(s->text.data[s->at]))
        s->at++;
    return (rk_str){s->text.data + start, s->at - start};
}

/* A string in quotes, to its end or that of the line. */
static void skip_string(scanner *s)
{
    for (s->at++; s->at < s->text.len; s->at++) {
        const char c = s->text.data[s->at];
        if (c == '\n')
            return;
        if (c == '\\' && s->at + 1 < s->text.len)
            s->at++;
        else if (c == '"') {
            s->at++;
            return;
        }
    }
}

static bool is_one_of(rk_str word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (rk_str_eq(word, rk_str_from(words[i])))
            return true;
    return false;
}

/* ---- the form ---- */

/* A name, rather than an operator that is a word. */
static bool begins_name(scanner s)
{
    static const char *const reserved[] = {"if", "then", "else", "and",   "or",      "not", "in",
                                           "as", "from", "true", "false", "missing", "inf"};
    if (peek(&s) == '`')
        return true;
    const rk_str word = take_word(&s);
    return word.len && (word.data[0] < '0' || word.data[0] > '9') &&
           !is_one_of(word, reserved, RK_ARRAY_LEN(reserved));
}

/* `expect` may be a name too: then an operator comes next. */
static bool begins_expectation(scanner s)
{
    static const char *const binary[] = {"and", "or", "in", "as"};
    const char next = peek(&s);
    return next && !strchr(".+*/%^<>=!?|,)]}:", next) &&
           !is_one_of(take_word(&s), binary, RK_ARRAY_LEN(binary));
}

session_form session_form_of(rk_str text)
{
    static const char *const named[] = {"source", "factor",   "def",     "model",
                                        "index",  "pipeline", "revision"};
    static const char *const blocks[] = {"query", "item"}, *const titled[] = {"import", "test"};
    scanner s = {text, 0};
    skip_space(&s);
    if (s.at == text.len)
        return SESSION_NOTHING;
    const rk_str word = take_word(&s);
    skip_space(&s);
    if (is_one_of(word, named, RK_ARRAY_LEN(named)) && begins_name(s))
        return SESSION_DECLS;
    if (is_one_of(word, blocks, RK_ARRAY_LEN(blocks)) && peek(&s) == '{')
        return SESSION_DECLS;
    if (is_one_of(word, titled, RK_ARRAY_LEN(titled)) && peek(&s) == '"')
        return SESSION_DECLS;
    if (rk_str_eq(word, RK_STR("given")) && begins_name(s))
        return SESSION_STEPS;
    if (rk_str_eq(word, RK_STR("expect")) && begins_expectation(s))
        return SESSION_STEPS;
    return SESSION_EXPR;
}

/* ---- whether it goes on ---- */

/* What has been seen of a text. */
typedef struct outlook {
    int depth;  /* of brackets */
    int ifs;    /* without their `else` */
    bool wants; /* the last word or sign asks for more */
    bool brace; /* there was a `{` */
    char sign;  /* the last one */
    bool doc;   /* nothing but a doc comment stands in the last line */
} outlook;

static void see_word(outlook *o, rk_str word)
{
    static const char *const open[] = {"and",  "or",   "not", "in",  "if",
                                       "then", "else", "as",  "from"};
    o->wants = is_one_of(word, open, RK_ARRAY_LEN(open));
    o->ifs += rk_str_eq(word, RK_STR("if"));
    o->ifs -= rk_str_eq(word, RK_STR("else"));
}

static void see_sign(outlook *o, char c)
{
    o->depth += strchr("([{", c) != NULL;
    o->depth -= strchr(")]}", c) != NULL;
    const bool star = c == '*' && o->sign == '='; /* `revision test = *` */
    o->wants = !star && strchr("+-*/%^|=<>!~,:", c) != NULL;
    o->sign = c;
    o->brace |= c == '{';
}

/* `float?` ends in a sign that is no operator, `a ??` in one. */
static void see_question(outlook *o, scanner *s)
{
    o->wants = s->at + 1 < s->text.len && s->text.data[s->at + 1] == '?';
    s->at += o->wants;
}

static void see(outlook *o, scanner *s)
{
    const char c = peek(s);
    o->doc = false;
    if (is_word_char(c) || c == '"')
        o->sign = '\0';
    if (is_word_char(c)) {
        see_word(o, take_word(s));
        return;
    }
    if (c == '"') {
        skip_string(s);
        o->wants = false;
        return;
    }
    if (c == '?')
        see_question(o, s);
    else if ((unsigned char)c > ' ' && c != '.')
        see_sign(o, c);
    s->at++;
}

/* A source has fields and a test has steps, often from the next line on. */
static bool needs_brace(rk_str text)
{
    scanner s = {text, 0};
    skip_space(&s);
    const rk_str word = take_word(&s);
    return session_form_of(text) == SESSION_DECLS &&
           (rk_str_eq(word, RK_STR("source")) || rk_str_eq(word, RK_STR("test")));
}

bool rk_session_is_open(rk_str text)
{
    scanner s = {text, 0};
    outlook o = {0};
    while (s.at < text.len) {
        const char c = peek(&s);
        if (c == '#') {
            o.doc = s.at + 1 < text.len && text.data[s.at + 1] == '#' && !o.wants && o.depth == 0;
            skip_comment(&s);
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            s.at++;
        else
            see(&o, &s);
    }
    return o.depth > 0 || o.ifs > 0 || o.wants || o.doc || (!o.brace && needs_brace(text));
}
