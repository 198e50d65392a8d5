/* Numbers, strings, names and bad characters: the words of a .rank file. */
#include "compiler/syntax/parser.h"

#include <stdarg.h>
#include <stdio.h>

static void mark(rk_parser *parser, uint32_t at)
{
    if (parser->n_marks < RK_MARKS_MAX)
        parser->marks[parser->n_marks] = at;
    parser->n_marks++;
}

rk_diag *rk_parser_bad(rk_parser *parser, rk_diag_code code, rk_span span, const char *format, ...)
{
    char message[400];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    mark(parser, span.at);
    return rk_error(&parser->cx->diags, code, span, "%s", message);
}

static void help(rk_parser *parser, rk_diag *diag, const char *text)
{
    rk_diag_help(&parser->cx->diags, diag, "%s", text);
}

/* ---- bytes ---- */

/* The length of what no UTF-8 can begin with at the start of s: up to the next good character. */
static size_t bad_run(rk_str s)
{
    size_t n = 1;
    while (n < s.len && s.data[n] != '\n' &&
           rk_str_utf8_valid((rk_str){s.data + n, s.len - n < 4 ? s.len - n : 4}) == 0)
        n++;
    return n;
}

static void bad_bytes(rk_parser *parser, size_t at, size_t len)
{
    const unsigned byte = (unsigned char)parser->text.data[at];
    const rk_span span = {parser->number, (uint32_t)at, (uint32_t)len};
    rk_diag *const diag = rk_parser_bad(parser, RK_E0107, span, "byte 0x%02x %s", byte,
                                        byte ? "is not UTF-8" : "(NUL) is not text");
    if (len > 1)
        rk_diag_label(&parser->cx->diags, diag, "%zu such bytes", len);
}

static size_t nul_run(rk_str s)
{
    size_t n = 0;
    while (n < s.len && s.data[n] == '\0')
        n++;
    return n;
}

void rk_parser_check_text(rk_parser *parser)
{
    const rk_str text = parser->text;
    size_t nul = 0; /* the first one at or after `at` */
    for (size_t at = 0; at < text.len;) {
        if (at == 0 || nul < at) {
            const char *const found = memchr(text.data + at, '\0', text.len - at);
            nul = found ? (size_t)(found - text.data) : text.len;
        }
        at += rk_str_utf8_valid((rk_str){text.data + at, nul - at});
        const rk_str bad = {text.data + at, text.len - at};
        if (bad.len == 0)
            return;
        const size_t run = *bad.data ? bad_run(bad) : nul_run(bad);
        bad_bytes(parser, at, run);
        at += run;
    }
}

/* The whole character at a place, up to 4 bytes. */
static rk_str character(rk_str s)
{
    size_t end = 0;
    if (s.len)
        rk_str_utf8_next(s, &end);
    return (rk_str){s.data, end};
}

typedef struct foreign {
    const char *text, *advice;
} foreign;

/* What people write by habit from other languages. */
/* clang-format off */
static const foreign foreigners[] = {
    {";",  "nothing ends a declaration: leave `;` out"},
    {"&&", "write `and`"},
    {"||", "write `or`"},
    {"!",  "write `not`"},
    {"&",  "write `and`"},
    {"|>", "a pipe is `|`"},
    {"=>", "write `=`, or `>=` to compare"},
    {"->", "write `=`"},
    {":=", "write `=`"},
    {"===", "write `==`"},
    {"!==", "write `!=`"},
    {"<>", "write `!=`"},
    {"**", "a power is `^`"},
    {"//", "a comment begins with `#`"},
    {"/*", "a comment begins with `#`, on each line"},
    {"..", "the other inputs of a model are `...`"},
    {"≤", "write `<=`"},
    {"≥", "write `>=`"},
    {"≠", "write `!=`"},
    {"×", "write `*`"},
    {"·", "write `*`"},
    {"÷", "write `/`"},
    {"−", "write `-`"},
    {"–", "write `-`"},
    {"“", "strings stand between plain double quotes"},
    {"”", "strings stand between plain double quotes"},
    {"„", "strings stand between plain double quotes"},
    {"«", "strings stand between plain double quotes"},
    {"…", "write `...`"},
    {"\\", "lines need no mark to go on: a declaration ends where the next one begins"},
};
/* clang-format on */

static const char *foreign_advice(rk_str text)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(foreigners); i++)
        if (rk_str_eq(text, rk_str_from(foreigners[i].text)))
            return foreigners[i].advice;
    return NULL;
}

void rk_parser_bad_character(rk_parser *parser, rk_span span)
{
    rk_str text = rk_parser_text(parser, span);
    if ((unsigned char)text.data[0] >= 0x80)
        text = character(text); /* of a word */
    span.len = (uint32_t)text.len;
    const char *const advice = foreign_advice(text);
    rk_diag *const diag = rk_parser_bad(
        parser, RK_E0102, span,
        advice ? "`%.*s` is not in the language" : "unexpected character `%.*s`", RK_STR_ARG(text));
    if (advice)
        help(parser, diag, advice);
    else if (*text.data == '`')
        help(parser, diag, "a name in backquotes is letters, digits and `_`, and closed: `in`");
    else if (text.len > 1)
        help(parser, diag,
             "names are ASCII letters, digits and `_`; other text stands in strings and comments");
}

/* ---- numbers ---- */

static rk_ast_unit take_unit(rk_str *digits)
{
    static const struct {
        rk_str text;
        rk_ast_unit unit;
    } units[] = {{{"ms", 2}, RK_UNIT_MS},
                 {{"s", 1}, RK_UNIT_S},
                 {{"m", 1}, RK_UNIT_M},
                 {{"h", 1}, RK_UNIT_H},
                 {{"d", 1}, RK_UNIT_D}};
    for (size_t i = 0; i < RK_ARRAY_LEN(units); i++) {
        const size_t len = units[i].text.len;
        if (digits->len > len &&
            memcmp(digits->data + digits->len - len, units[i].text.data, len) == 0) {
            digits->len -= len;
            return units[i].unit;
        }
    }
    return RK_UNIT_NONE;
}

rk_ast *rk_parser_number(rk_parser *parser, rk_span span)
{
    rk_str digits = rk_parser_text(parser, span);
    const rk_ast_unit unit = take_unit(&digits);
    char *const kept = rk_arena_copy(&parser->cx->arena, digits.data, digits.len);
    if (!kept) {
        parser->cx->diags.no_memory = true;
        return rk_ast_error(parser->cx, span);
    }
    size_t n = 0;
    bool is_float = unit != RK_UNIT_NONE;
    for (size_t i = 0; i < digits.len; i++) {
        const char c = digits.data[i];
        is_float |= c == '.' || c == 'e' || c == 'E';
        if (c != '_')
            kept[n++] = c;
    }
    kept[n] = '\0';
    return rk_ast_number(parser->cx, span, (rk_str){kept, n}, unit, is_float);
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool holds(rk_str s, const char *part)
{
    return memmem(s.data, s.len, part, strlen(part)) != NULL;
}

void rk_parser_bad_number(rk_parser *parser, rk_span span)
{
    const rk_str text = rk_parser_text(parser, span);
    rk_diag *const diag =
        rk_parser_bad(parser, RK_E0102, span, "`%.*s` is not a number", RK_STR_ARG(text));
    size_t digits = 0;
    while (digits < text.len && (is_digit(text.data[digits]) || text.data[digits] == '_'))
        digits++;
    const char after = digits < text.len ? text.data[digits] : '\0';
    if (text.data[0] == '.')
        rk_diag_help(&parser->cx->diags, diag, "write `0%.*s`", RK_STR_ARG(text));
    else if (text.data[text.len - 1] == '.')
        rk_diag_help(&parser->cx->diags, diag, "write `%.*s0`", RK_STR_ARG(text));
    else if (holds(text, "__") || text.data[text.len - 1] == '_' || holds(text, "_."))
        help(parser, diag, "one `_` may stand between two digits: `1_000`");
    else if (text.data[0] == '0' && (after == 'x' || after == 'X' || after == 'b'))
        help(parser, diag, "numbers are decimal");
    else if (after == 'e' || after == 'E')
        help(parser, diag, "an exponent is `e` and an int: `1e6`, `1e-3`");
    else if (is_word(after) && digits == text.len - 1 && (after == 'f' || after == 'l'))
        help(parser, diag, "numbers have no suffix: the type comes from where they are used");
    else if (is_word(after) && after != '_')
        help(parser, diag, "units of time are `ms`, `s`, `m`, `h` and `d`: `90s`, `7d`");
}

/* ---- names ---- */

rk_atom rk_parser_name(rk_parser *parser, rk_span span)
{
    rk_str name = rk_parser_text(parser, span);
    if (name.len >= 2 && name.data[0] == '`') {
        name = (rk_str){name.data + 1, name.len - 2};
        size_t good = 0;
        while (good < name.len && is_word(name.data[good]))
            good++;
        if (good < name.len || name.len == 0 || is_digit(name.data[0])) {
            rk_diag *const diag =
                rk_parser_bad(parser, RK_E0102, span, "`%.*s` is not a name", RK_STR_ARG(name));
            help(parser, diag,
                 "names are ASCII letters, digits and `_`; a column of another name is reached by "
                 "`from \"its name\"`");
            name = RK_STR("_");
        }
    }
    rk_atom atom;
    if (rk_atom_intern(&parser->cx->names, name, &atom) == RK_OK)
        return atom;
    parser->cx->diags.no_memory = true;
    return RK_ATOM_EMPTY;
}

/* ---- strings ---- */

static bool hex4(rk_str s, size_t at, uint32_t *out)
{
    if (s.len < 4 || at > s.len - 4)
        return false;
    uint32_t value = 0;
    for (size_t i = at; i < at + 4; i++) {
        const char c = s.data[i];
        const char lower = (char)(c | 0x20);
        if (is_digit(c))
            value = value << 4 | (uint32_t)(c - '0');
        else if (lower >= 'a' && lower <= 'f')
            value = value << 4 | (uint32_t)(lower - 'a' + 10);
        else
            return false;
    }
    *out = value;
    return true;
}

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    out[0] = (char)(lead[more] | c >> (6 * more));
    for (int i = 1; i <= more; i++)
        out[i] = (char)(0x80 | (c >> (6 * (more - i)) & 0x3f));
    return (size_t)more + 1;
}

typedef struct unescaper {
    rk_parser *parser;
    rk_str text;  /* between the quotes */
    rk_span span; /* of the text */
    size_t at;    /* after the backslash */
    char *out;    /* never longer than the text */
    size_t len;
} unescaper;

static void bad_escape(unescaper *u, size_t len, const char *advice)
{
    const rk_span span = {u->span.file, u->span.at + (uint32_t)u->at - 1, (uint32_t)len + 1};
    rk_diag *const diag = rk_parser_bad(u->parser, RK_E0104, span, "bad escape `%.*s`",
                                        RK_STR_ARG(rk_parser_text(u->parser, span)));
    help(u->parser, diag, advice);
}

/* \uXXXX, or two of them for a character beyond U+FFFF. */
static void unescape_unicode(unescaper *u)
{
    uint32_t high, low;
    if (!hex4(u->text, u->at + 1, &high)) {
        bad_escape(u, 1, "`\\u` takes four hexadecimal digits");
        u->at += 1;
        return;
    }
    const size_t next = u->at + 5;
    if (high < 0xd800 || high > 0xdfff) {
        u->len += put_utf8(u->out + u->len, high);
        u->at = next;
        return;
    }
    const bool pair = high < 0xdc00 && next + 1 < u->text.len && u->text.data[next] == '\\' &&
                      u->text.data[next + 1] == 'u' && hex4(u->text, next + 2, &low) &&
                      low >= 0xdc00 && low <= 0xdfff;
    if (!pair) {
        bad_escape(u, 5, "half of a pair: `\\ud83d\\ude00` together are one character");
        u->at = next;
        return;
    }
    u->len += put_utf8(u->out + u->len, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
    u->at = next + 6;
}

static void unescape_one(unescaper *u)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (u->at >= u->text.len)
        return; /* of an unterminated string */
    const char c = u->text.data[u->at];
    const char *const known = c ? strchr(from, c) : NULL;
    if (c == 'u') {
        unescape_unicode(u);
    } else if (known) {
        u->out[u->len++] = to[known - from];
        u->at++;
    } else {
        const size_t len = character((rk_str){u->text.data + u->at, u->text.len - u->at}).len;
        bad_escape(u, len, "the escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX");
        u->at += len;
    }
}

rk_str rk_parser_unescape(rk_parser *parser, rk_span span)
{
    unescaper u = {parser, rk_parser_text(parser, span), span, 0, NULL, 0};
    if (!memchr(u.text.data, '\\', u.text.len)) {
        u.out = rk_arena_copy(&parser->cx->arena, u.text.data, u.text.len);
        if (u.out)
            return (rk_str){u.out, u.text.len};
    } else {
        u.out = rk_arena_alloc(&parser->cx->arena, u.text.len + 1);
    }
    if (!u.out) {
        parser->cx->diags.no_memory = true;
        return RK_STR("");
    }
    while (u.at < u.text.len) {
        const char c = u.text.data[u.at++];
        if (c == '\\')
            unescape_one(&u);
        else
            u.out[u.len++] = c;
    }
    return (rk_str){u.out, u.len};
}
