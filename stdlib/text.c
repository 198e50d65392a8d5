/* Texts: cases, parts, words. */
#include <utf8proc.h>

#include "stdlib/call.h"
#include "stdlib/distance.h"
#include "stdlib/families.h"
#include "stdlib/words.h"

/* ---- text to text ---- */

typedef void change(rk_buf *out, const rk_call *call, size_t i);

/* Interns what `make` writes for each item that is there. */
static rk_status each_text(const rk_call *call, change *make)
{
    rk_buf buf = {0};
    rk_status status = RK_OK;
    for (size_t i = 0; i < call->n && status == RK_OK; i++) {
        rk_atom *const out = &RK_OUT(call, rk_atom)[i];
        *out = RK_ATOM_EMPTY;
        if (!rk_call_has(call, i))
            continue;
        buf.len = 0;
        make(&buf, call, i);
        status = buf.failed ? RK_ENOMEM : rk_atom_intern(call->strings, rk_buf_str(&buf), out);
    }
    rk_buf_free(&buf);
    return status;
}

/* Bytes that are not UTF-8 stay as they are. */
static void change_case(rk_buf *out, rk_str s, utf8proc_int32_t (*map)(utf8proc_int32_t))
{
    for (size_t at = 0; at < s.len;) {
        const size_t from = at;
        const uint32_t c = rk_str_utf8_next(s, &at);
        char bytes[4];
        if (c == 0xfffd) {
            rk_buf_add(out, (rk_str){s.data + from, at - from});
            continue;
        }
        const utf8proc_ssize_t len =
            utf8proc_encode_char(map((utf8proc_int32_t)c), (utf8proc_uint8_t *)bytes);
        rk_buf_add(out, (rk_str){bytes, (size_t)len});
    }
}

static void make_lower(rk_buf *out, const rk_call *call, size_t i)
{
    change_case(out, rk_call_str(call, 0, i), utf8proc_tolower);
}
static void make_upper(rk_buf *out, const rk_call *call, size_t i)
{
    change_case(out, rk_call_str(call, 0, i), utf8proc_toupper);
}

static bool is_space(uint32_t c)
{
    return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 ||
           (c >= 0xa0 && utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_ZS) ||
           c == 0x2028 || c == 0x2029;
}

static void make_trim(rk_buf *out, const rk_call *call, size_t i)
{
    const rk_str s = rk_call_str(call, 0, i);
    size_t from = s.len, to = 0;
    for (size_t at = 0; at < s.len;) {
        const size_t before = at;
        if (is_space(rk_str_utf8_next(s, &at)))
            continue;
        from = before < from ? before : from;
        to = at;
    }
    if (to > from)
        rk_buf_add(out, (rk_str){s.data + from, to - from});
}

static void make_replace(rk_buf *out, const rk_call *call, size_t i)
{
    rk_str s = rk_call_str(call, 0, i);
    const rk_str part = rk_call_str(call, 1, i), by = rk_call_str(call, 2, i);
    while (part.len && s.len) {
        const char *const found = memmem(s.data, s.len, part.data, part.len);
        if (!found)
            break;
        rk_buf_add(out, (rk_str){s.data, (size_t)(found - s.data)});
        rk_buf_add(out, by);
        s.len -= (size_t)(found - s.data) + part.len;
        s.data = found + part.len;
    }
    rk_buf_add(out, s);
}

static void make_join(rk_buf *out, const rk_call *call, size_t i)
{
    const rk_slice at = rk_arg_slice(&call->args[0], i);
    for (uint32_t k = 0; k < at.len; k++) {
        if (k)
            rk_buf_add(out, rk_call_str(call, 1, i));
        const rk_atom atom = ((const rk_atom *)call->args[0].child)[at.at + k];
        rk_buf_add(out, rk_atom_str(call->strings, atom));
    }
}

static void add_value(rk_buf *out, const rk_call *call, uint32_t k, size_t i)
{
    const rk_arg *const arg = &call->args[k];
    const rk_column column = {arg->type, call->n, (void *)arg->data, (uint64_t *)arg->present,
                              NULL};
    rk_value_print(rk_column_get(&column, (uint32_t)i), call->strings, out);
}

/* `{}` is the next value, `{{` and `}}` are braces; a `{}` without a value stays. */
static void make_format(rk_buf *out, const rk_call *call, size_t i)
{
    const rk_str s = rk_call_str(call, 0, i);
    uint32_t next = 1;
    for (size_t at = 0; at < s.len; at++) {
        const char c = s.data[at], after = at + 1 < s.len ? s.data[at + 1] : 0;
        if (c == '{' && after == '}' && next < call->n_args) {
            add_value(out, call, next++, i);
            at++;
            continue;
        }
        if ((c == '{' || c == '}') && after == c)
            at++;
        rk_buf_add_char(out, c);
    }
}

static rk_status lower(const rk_call *call) { return each_text(call, make_lower); }
static rk_status upper(const rk_call *call) { return each_text(call, make_upper); }
static rk_status trim(const rk_call *call) { return each_text(call, make_trim); }
static rk_status replace(const rk_call *call) { return each_text(call, make_replace); }
static rk_status join(const rk_call *call) { return each_text(call, make_join); }
static rk_status format(const rk_call *call) { return each_text(call, make_format); }

/* ---- questions ---- */

static rk_status starts_with(const rk_call *call)
{
    for (size_t i = 0; i < call->n; i++) {
        RK_OUT(call, uint8_t)[i] = 0;
        if (!rk_call_has(call, i))
            continue;
        const rk_str s = rk_call_str(call, 0, i), part = rk_call_str(call, 1, i);
        RK_OUT(call, uint8_t)[i] = s.len >= part.len && rk_str_eq((rk_str){s.data, part.len}, part);
    }
    return RK_OK;
}

static rk_status ends_with(const rk_call *call)
{
    for (size_t i = 0; i < call->n; i++) {
        RK_OUT(call, uint8_t)[i] = 0;
        if (!rk_call_has(call, i))
            continue;
        const rk_str s = rk_call_str(call, 0, i), part = rk_call_str(call, 1, i);
        RK_OUT(call, uint8_t)
        [i] = s.len >= part.len && rk_str_eq((rk_str){s.data + s.len - part.len, part.len}, part);
    }
    return RK_OK;
}

/* The text that was met last, on either side, is the pattern: most often it is the query's. */
static rk_status edit_distance(const rk_call *call)
{
    const rk_atom *const a = RK_IN(call, 0, rk_atom), *const b = RK_IN(call, 1, rk_atom);
    rk_distance d = {.arena = call->scratch};
    rk_atom pattern = RK_MAP_NONE;
    for (size_t i = 0; i < call->n; i++) {
        RK_OUT(call, int64_t)[i] = 0;
        if (!rk_call_has(call, i))
            continue;
        const bool b_is_pattern = pattern != RK_MAP_NONE && b[i] == pattern;
        if (!b_is_pattern && a[i] != pattern) {
            const bool b_repeats = i + 1 < call->n && rk_call_has(call, i + 1) && b[i + 1] == b[i];
            pattern = b_repeats ? b[i] : a[i];
            RK_TRY(rk_distance_start(&d, rk_atom_str(call->strings, pattern)));
        }
        const rk_atom other = a[i] == pattern ? b[i] : a[i];
        RK_OUT(call, int64_t)[i] = rk_distance_to(&d, rk_atom_str(call->strings, other));
    }
    return RK_OK;
}

/* ---- lists of texts ---- */

static rk_status words_of(const rk_call *call)
{
    rk_words words = {.arena = call->scratch};
    for (size_t i = 0; i < call->n; i++) {
        words.atoms.len = 0;
        if (rk_call_has(call, i))
            RK_TRY(rk_words_split(&words, call->strings, rk_call_str(call, 0, i)));
        void *const to =
            rk_children_add(call->result.children, words.atoms.len, &RK_OUT(call, rk_slice)[i]);
        if (!to)
            return RK_ENOMEM;
        if (words.atoms.len)
            memcpy(to, words.atoms.items, words.atoms.len * sizeof(rk_atom));
    }
    return RK_OK;
}

/* Appends one element; the slices of an item's elements follow each other. */
static rk_status add_part(const rk_call *call, size_t i, rk_str part)
{
    rk_slice *const slice = &RK_OUT(call, rk_slice)[i];
    rk_slice one;
    rk_atom *const to = rk_children_add(call->result.children, 1, &one);
    if (!to)
        return RK_ENOMEM;
    slice->len++;
    return rk_atom_intern(call->strings, part, to);
}

static rk_status split_item(const rk_call *call, size_t i)
{
    rk_str s = rk_call_str(call, 0, i);
    const rk_str by = rk_call_str(call, 1, i);
    while (by.len && s.len) {
        const char *const found = memmem(s.data, s.len, by.data, by.len);
        if (!found)
            break;
        RK_TRY(add_part(call, i, (rk_str){s.data, (size_t)(found - s.data)}));
        s.len -= (size_t)(found - s.data) + by.len;
        s.data = found + by.len;
    }
    return add_part(call, i, s);
}

static rk_status split(const rk_call *call)
{
    for (size_t i = 0; i < call->n; i++) {
        if (!rk_children_add(call->result.children, 0, &RK_OUT(call, rk_slice)[i]))
            return RK_ENOMEM;
        if (rk_call_has(call, i))
            RK_TRY(split_item(call, i));
    }
    return RK_OK;
}

/* clang-format off */
static const rk_fn rows[] = {
    {"lower", "(s: string) -> string", lower, RK_NULL_ANY, 0,
     "The text in lower case, code point by code point, in no particular language.",
     "lower(\"Красный ORANGE\")", "красный orange"},
    {"upper", "(s: string) -> string", upper, RK_NULL_ANY, 0,
     "The text in upper case, code point by code point, in no particular language.",
     "upper(\"орех nut\")", "ОРЕХ NUT"},
    {"trim", "(s: string) -> string", trim, RK_NULL_ANY, 0,
     "The text without white space at its ends.",
     "trim(\"  red nuts \")", "red nuts"},
    {"replace", "(s: string, part: string, by: string) -> string", replace, RK_NULL_ANY, 0,
     "The text with each occurrence of a part, from the left, replaced; an empty part changes "
     "nothing.",
     "replace(\"a-b-c\", \"-\", \", \")", "a, b, c"},
    {"join", "(xs: list(string), separator: string = \" \") -> string", join, RK_NULL_ANY, 0,
     "The texts of a list in one, with a separator between them.",
     "join([\"red\", \"nuts\"], \"-\")", "red-nuts"},
    {"split", "(s: string, separator: string) -> list(string)", split, RK_NULL_ANY, 0,
     "The parts of a text between separators, empty ones kept; with an empty separator the whole.",
     "split(\"a,b,,c\", \",\")", "[\"a\",\"b\",\"\",\"c\"]"},
    {"format", "(template: string, values: any) -> string", format, RK_NULL_ANY, RK_FN_VARIADIC,
     "The template with each `{}` replaced by the next value; `{{` and `}}` are braces.",
     "format(\"{} of {}\", 2, 0.5)", "2 of 0.5"},
    {"starts_with", "(s: string, part: string) -> bool", starts_with, RK_NULL_ANY, 0,
     "Whether the text begins with a part, byte by byte.",
     "starts_with(\"red nuts\", \"red\")", "true"},
    {"ends_with", "(s: string, part: string) -> bool", ends_with, RK_NULL_ANY, 0,
     "Whether the text ends with a part, byte by byte.",
     "ends_with(\"red nuts\", \"nuts\")", "true"},
    {"edit_distance", "(a: string, b: string) -> int", edit_distance, RK_NULL_ANY, 0,
     "Fewest insertions, deletions and replacements of code points that make b of a (Levenshtein).",
     "edit_distance(\"kitten\", \"sitting\")", "3"},
    {"words", "(s: string) -> list(string)", words_of, RK_NULL_ANY, 0,
     "Words of a text in order, in NFKC with cases folded: runs of letters, digits and marks, and "
     "each Chinese or hiragana character by itself.",
     "words(\"Red NUTS, 坚果 №5\")", "[\"red\",\"nuts\",\"坚\",\"果\",\"no5\"]"},
};
/* clang-format on */

RK_FN_FAMILY(text, rows)
