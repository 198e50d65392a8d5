#include "runtime/source/excerpt.h"

#include <stdarg.h>
#include <stdio.h>

/* Writes the character at *at, moves on, returns the bytes written (at most 4). */
static size_t show_char(rk_str s, size_t *at, char *out)
{
    const size_t start = *at;
    const uint32_t code = rk_str_utf8_next(s, at);
    const unsigned char first = (unsigned char)s.data[start];
    const bool broken = first >= 0x80 && *at == start + 1;
    const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    if (!broken && !control) {
        memcpy(out, s.data + start, *at - start);
        return *at - start;
    }
    static const char digits[] = "0123456789abcdef";
    const uint32_t shown = broken ? first : code;
    const char text[4] = {'\\', 'x', digits[shown >> 4 & 15], digits[shown & 15]};
    memcpy(out, text, 4);
    return 4;
}

rk_excerpt rk_excerpt_of(rk_str s)
{
    rk_excerpt out;
    size_t len = 0, at = 0;
    for (int chars = 0; at < s.len && chars < RK_EXCERPT_CHARS; chars++)
        len += show_char(s, &at, out.text + len);
    if (at < s.len) {
        memcpy(out.text + len, "…", 3);
        len += 3;
    }
    out.text[len] = 0;
    return out;
}

void rk_why_set(rk_why *why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    why->help = NULL;
}
