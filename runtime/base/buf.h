/* A growing text buffer for output and messages. Out of memory is sticky: appends do nothing from
 * then on and `failed` is set, so callers check once. */
#ifndef RK_BASE_BUF_H
#define RK_BASE_BUF_H

#include <stdarg.h>

#include "runtime/base/str.h"

typedef struct rk_buf {
    char *data; /* malloc'ed; NUL-terminated once anything was added */
    size_t len;
    size_t cap;
    bool failed;
} rk_buf;

void rk_buf_free(rk_buf *buf);
void rk_buf_add(rk_buf *buf, rk_str s);
void rk_buf_add_char(rk_buf *buf, char c);
void rk_buf_add_chars(rk_buf *buf, const char *chars);
void rk_buf_printf(rk_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void rk_buf_vprintf(rk_buf *buf, const char *format, va_list args);

/* A JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void rk_buf_add_json(rk_buf *buf, rk_str s);

static inline rk_str rk_buf_str(const rk_buf *buf) { return (rk_str){buf->data, buf->len}; }

#endif
