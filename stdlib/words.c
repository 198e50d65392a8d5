#include "stdlib/words.h"

#include <utf8proc.h>

/* ---- folding ---- */

/* The code point with its case folded if nothing else can happen to it in NFKC and it does not join
 * with others; -1 if the whole text must be normalised by utf8proc. Covers plain English, Russian
 * and Chinese, where it is ten times as fast. */
static int32_t fold_simple(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? (int32_t)c + 32 : (int32_t)c;
    if (c >= 0x410 && c <= 0x45f)
        return c < 0x430 ? (int32_t)c + 32 : (int32_t)c;
    if (c >= 0x400 && c <= 0x40f)
        return (int32_t)c + 80;
    if (c >= 0x4e00 && c <= 0x9fff)
        return (int32_t)c;
    if (c >= 0xc0 && c <= 0xff && c != 0xdf)
        return c < 0xdf && c != 0xd7 ? (int32_t)c + 32 : (int32_t)c;
    const bool is_plain_mark = c == 0xab || c == 0xbb || c == 0xb7 ||
                               (c >= 0x2012 && c <= 0x2014) || (c >= 0x2018 && c <= 0x201f) ||
                               (c >= 0x3001 && c <= 0x3002);
    return is_plain_mark ? (int32_t)c : -1;
}

static bool reserve_points(rk_words *words, size_t n)
{
    if (n <= words->points_cap)
        return true;
    words->points = rk_arena_alloc_column(words->arena, n, 2 * sizeof *words->points);
    words->points_cap = words->points ? 2 * n : 0;
    return words->points != NULL;
}

/* The text with bytes that are not UTF-8 made separators. */
static rk_status repair(rk_words *words, rk_str text, rk_str *out)
{
    char *const copy = rk_arena_copy(words->arena, text.data, text.len);
    if (!copy)
        return RK_ENOMEM;
    for (size_t at = 0; at < text.len;) {
        const size_t valid = rk_str_utf8_valid((rk_str){copy + at, text.len - at});
        at += valid;
        if (at < text.len)
            copy[at++] = ' ';
    }
    *out = (rk_str){copy, text.len};
    return RK_OK;
}

/* The general way: decomposition, case folding, composition. */
static rk_status fold_any(rk_words *words, rk_str text, size_t *n)
{
    const utf8proc_option_t options =
        UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD;
    if (rk_str_utf8_valid(text) < text.len)
        RK_TRY(repair(words, text, &text));
    const utf8proc_uint8_t *const bytes = (const utf8proc_uint8_t *)text.data;
    const utf8proc_ssize_t len = (utf8proc_ssize_t)text.len;
    utf8proc_ssize_t got =
        utf8proc_decompose(bytes, len, words->points, (utf8proc_ssize_t)words->points_cap, options);
    if (got > (utf8proc_ssize_t)words->points_cap) {
        if (!reserve_points(words, (size_t)got))
            return RK_ENOMEM;
        got = utf8proc_decompose(bytes, len, words->points, got, options);
    }
    *n = 0;
    if (got > 0)
        got = utf8proc_normalize_utf32(words->points, got, options);
    if (got > 0)
        *n = (size_t)got;
    return RK_OK;
}

static rk_status fold(rk_words *words, rk_str text, size_t *n)
{
    *n = 0;
    if (!reserve_points(words, text.len ? text.len : 1))
        return RK_ENOMEM;
    for (size_t at = 0; at < text.len;) {
        const int32_t c = fold_simple(rk_str_utf8_next(text, &at));
        if (c < 0)
            return fold_any(words, text, n);
        words->points[(*n)++] = c;
    }
    return RK_OK;
}

/* ---- classes ---- */

typedef enum class { SEPARATOR, RUNNING, ALONE, MARK } class;

static bool stands_alone(int32_t c)
{
    return (c >= 0x3041 && c <= 0x3096) || c == 0x309d || c == 0x309e || c == 0x3005 ||
           c == 0x3007 || (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff) ||
           (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3fffd);
}

static class class_of(int32_t c)
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? RUNNING : SEPARATOR;
    if ((c >= 0x430 && c <= 0x45f) || (c >= 0xe0 && c <= 0xff && c != 0xf7))
        return RUNNING;
    if (stands_alone(c))
        return ALONE;
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return RUNNING;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return MARK;
    default:
        return SEPARATOR;
    }
}

/* The end of the word that starts at `at`; marks belong to what they follow. */
static size_t word_end(const int32_t *points, size_t at, size_t n)
{
    const class first = class_of(points[at++]);
    for (; at < n; at++) {
        const class next = class_of(points[at]);
        if (next != MARK && (first == ALONE || next != RUNNING))
            break;
    }
    return at;
}

static rk_status add_word(rk_words *words, rk_atoms *strings, size_t from, size_t to)
{
    const size_t most = 4 * (to - from);
    if (most > words->word_cap) {
        words->word = rk_arena_alloc_column(words->arena, most, 2);
        words->word_cap = words->word ? 2 * most : 0;
        if (!words->word)
            return RK_ENOMEM;
    }
    size_t len = 0;
    for (size_t i = from; i < to; i++)
        len +=
            (size_t)utf8proc_encode_char(words->points[i], (utf8proc_uint8_t *)words->word + len);
    rk_atom atom;
    RK_TRY(rk_atom_intern(strings, (rk_str){words->word, len}, &atom));
    return rk_vec_push(words->arena, &words->atoms, atom) ? RK_OK : RK_ENOMEM;
}

rk_status rk_words_split(rk_words *words, rk_atoms *strings, rk_str text)
{
    size_t n;
    words->atoms.len = 0;
    RK_TRY(fold(words, text, &n));
    for (size_t at = 0; at < n;) {
        if (class_of(words->points[at]) == SEPARATOR) {
            at++;
            continue;
        }
        const size_t end = word_end(words->points, at, n);
        RK_TRY(add_word(words, strings, at, end));
        at = end;
    }
    return RK_OK;
}
