#include "compiler/cmd/cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <utf8proc.h>

rk_status cmd_flush(cmd_stream *stream)
{
    size_t at = 0;
    if (stream->fd < 0)
        return stream->buf.failed ? RK_ENOMEM : RK_OK;
    while (at < stream->buf.len && !stream->closed) {
        const ssize_t n = write(stream->fd, stream->buf.data + at, stream->buf.len - at);
        if (n >= 0)
            at += (size_t)n;
        else if (errno != EINTR) {
            stream->closed = true;
            stream->error = errno == EPIPE ? 0 : errno;
        }
    }
    stream->buf.len = 0;
    return stream->error ? RK_EFILE : stream->buf.failed ? RK_ENOMEM : RK_OK;
}

static bool is_set(const char *variable)
{
    const char *const value = getenv(variable);
    return value && *value && strcmp(value, "0") != 0;
}

static bool wants_color(const cmd *c, int fd)
{
    if (rk_str_eq(c->text[CMD_COLOR], RK_STR("always")))
        return true;
    if (rk_str_eq(c->text[CMD_COLOR], RK_STR("never")) || fd < 0)
        return false;
    const char *const none = getenv("NO_COLOR");
    if (none && *none)
        return false;
    if (is_set("CLICOLOR_FORCE"))
        return true;
    const char *const terminal = getenv("TERM");
    return isatty(fd) && !(terminal && strcmp(terminal, "dumb") == 0);
}

void cmd_set_colors(cmd *c)
{
    c->out.color = wants_color(c, c->out.fd);
    c->err.color = wants_color(c, c->err.fd);
}

static void add_note(cmd *c, const char *format, va_list args)
{
    rk_buf_add_chars(&c->err.buf, "rankc: ");
    rk_buf_vprintf(&c->err.buf, format, args);
    rk_buf_add_char(&c->err.buf, '\n');
}

rk_status cmd_usage(cmd *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_note(c, format, args);
    va_end(args);
    return RK_EUSAGE;
}

void cmd_note(cmd *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_note(c, format, args);
    va_end(args);
}

const char *cmd_mean(cmd *c, const rk_suggestion *suggestion, const char *prefix)
{
    if (!suggestion->best.len)
        return "";
    const size_t room = suggestion->best.len + strlen(prefix) + 32;
    char *const text = rk_arena_alloc(&c->arena, room);
    if (!text)
        return "";
    snprintf(text, room, "; did you mean `%s%.*s`?", prefix, RK_STR_ARG(suggestion->best));
    return text;
}

/* The next word of a list between spaces; false at its end. */
static bool next_word(const char **words, rk_str *word)
{
    *words += strspn(*words, " \n");
    *word = (rk_str){*words, strcspn(*words, " \n")};
    *words += word->len;
    return word->len > 0;
}

void cmd_offer_words(rk_suggestion *suggestion, const char *words)
{
    rk_str word;
    while (next_word(&words, &word))
        rk_suggest_offer(suggestion, word);
}

bool cmd_has_word(const char *words, rk_str word)
{
    rk_str other;
    while (next_word(&words, &other))
        if (rk_str_eq(word, other))
            return true;
    return false;
}

size_t cmd_width(rk_str s)
{
    size_t at = 0, width = 0;
    while (at < s.len)
        width += (size_t)utf8proc_charwidth((utf8proc_int32_t)rk_str_utf8_next(s, &at));
    return width;
}

void cmd_add_plain(rk_buf *out, rk_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = (unsigned char)s.data[i];
        const bool c1 = c == 0xc2 && i + 1 < s.len && (unsigned char)s.data[i + 1] < 0xa0;
        rk_buf_add_char(out, c < 0x20 || c == 0x7f || c1 ? ' ' : (char)c);
        i += c1; /* U+0080 .. U+009F drive terminals too */
    }
}

void cmd_add_wrapped(rk_buf *out, rk_str words, size_t indent)
{
    cmd_add_wrapped_to(out, words, indent, 80);
}

void cmd_add_wrapped_to(rk_buf *out, rk_str words, size_t indent, size_t most)
{
    size_t column = 0;
    for (size_t at = 0; at < words.len;) {
        size_t end = at;
        while (end < words.len && words.data[end] != ' ' && words.data[end] != '\n')
            end++;
        const rk_str word = {words.data + at, end - at};
        const size_t width = cmd_width(word);
        if (column && column + 1 + width > most) {
            rk_buf_add_char(out, '\n');
            column = 0;
        }
        if (column)
            rk_buf_add_char(out, ' ');
        else
            rk_buf_printf(out, "%*s", (int)indent, "");
        rk_buf_add(out, word);
        column += width + (column ? 1 : indent);
        at = end + 1;
    }
    rk_buf_add_char(out, '\n');
}
