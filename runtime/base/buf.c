#include "runtime/base/buf.h"

#include <stdio.h>
#include <stdlib.h>

void rk_buf_free(rk_buf *buf)
{
    free(buf->data);
    *buf = (rk_buf){0};
}

/* Room for `more` bytes and a NUL. */
static bool reserve(rk_buf *buf, size_t more)
{
    if (buf->failed)
        return false;
    if (more < buf->cap - buf->len)
        return true;
    size_t want = buf->cap ? buf->cap : 256;
    while (want - buf->len <= more) {
        if (want > SIZE_MAX / 2) {
            buf->failed = true;
            return false;
        }
        want *= 2;
    }
    char *const grown = realloc(buf->data, want);
    if (!grown) {
        buf->failed = true;
        return false;
    }
    buf->data = grown;
    buf->cap = want;
    return true;
}

void rk_buf_add(rk_buf *buf, rk_str s)
{
    if (!reserve(buf, s.len))
        return;
    if (s.len)
        memcpy(buf->data + buf->len, s.data, s.len);
    buf->len += s.len;
    buf->data[buf->len] = 0;
}

void rk_buf_add_char(rk_buf *buf, char c) { rk_buf_add(buf, (rk_str){&c, 1}); }

void rk_buf_add_chars(rk_buf *buf, const char *chars) { rk_buf_add(buf, rk_str_from(chars)); }

void rk_buf_vprintf(rk_buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    const int len = vsnprintf(NULL, 0, format, args);
    if (len < 0)
        buf->failed = true;
    else if (reserve(buf, (size_t)len)) {
        vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

void rk_buf_printf(rk_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    rk_buf_vprintf(buf, format, args);
    va_end(args);
}

static void add_json_byte(rk_buf *buf, unsigned char c)
{
    switch (c) {
    case '"':
        rk_buf_add_chars(buf, "\\\"");
        break;
    case '\\':
        rk_buf_add_chars(buf, "\\\\");
        break;
    case '\n':
        rk_buf_add_chars(buf, "\\n");
        break;
    case '\r':
        rk_buf_add_chars(buf, "\\r");
        break;
    case '\t':
        rk_buf_add_chars(buf, "\\t");
        break;
    default:
        if (c < 0x20 || c == 0x7f)
            rk_buf_printf(buf, "\\u%04x", c);
        else
            rk_buf_add_char(buf, (char)c);
    }
}

void rk_buf_add_json(rk_buf *buf, rk_str s)
{
    rk_buf_add_char(buf, '"');
    while (s.len) {
        const size_t valid = rk_str_utf8_valid(s);
        for (size_t i = 0; i < valid; i++)
            add_json_byte(buf, (unsigned char)s.data[i]);
        s.data += valid;
        s.len -= valid;
        if (s.len) {
            rk_buf_add_chars(buf, "\xef\xbf\xbd");
            s.data++;
            s.len--;
        }
    }
    rk_buf_add_char(buf, '"');
}
