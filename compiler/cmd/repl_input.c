#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "compiler/cmd/repl.h"

enum {
    PIECE = 1 << 16,
    LINES_MOST = 10000, /* of one input: a bracket that nobody closes ends here */
    PATIENCE = 20       /* milliseconds in which a pipe may send the next line of an input */
};

static const char prompt[] = "rank> ", prompt_more[] = "  ... ";

/* ---- words ---- */

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

rk_str repl_trim(rk_str text)
{
    while (text.len && is_space(text.data[0]))
        text = (rk_str){text.data + 1, text.len - 1};
    while (text.len && is_space(text.data[text.len - 1]))
        text.len--;
    return text;
}

rk_str repl_word(rk_str *rest)
{
    const rk_str text = repl_trim(*rest);
    size_t len = 0;
    while (len < text.len && !is_space(text.data[len]))
        len++;
    *rest = repl_trim((rk_str){text.data + len, text.len - len});
    return (rk_str){text.data, len};
}

bool repl_is_command(rk_str text)
{
    text = repl_trim(text);
    return text.len && text.data[0] == ':';
}

/* ---- what belongs together ---- */

static size_t indent_of(rk_str line)
{
    size_t n = 0;
    while (n < line.len && (line.data[n] == ' ' || line.data[n] == '\t'))
        n++;
    return n;
}

/* Whether a line that is there already belongs to the text before it, as in a file: it stands
 * further in, or begins with what cannot begin anything. */
static bool belongs(rk_str text, rk_str line)
{
    static const char *const words[] = {"and", "or", "in", "then", "else", "as"};
    const rk_str body = repl_trim(line);
    if (!body.len || !repl_trim(text).len || body.data[0] == ':')
        return false;
    if (indent_of(line) > indent_of(text))
        return true;
    if (strchr("+*/%^|?)]},=!<>", body.data[0]))
        return true;
    rk_str rest = body;
    const rk_str first = repl_word(&rest);
    for (size_t i = 0; i < RK_ARRAY_LEN(words); i++)
        if (rk_str_eq(first, rk_str_from(words[i])))
            return true;
    return false;
}

/* ---- reading ---- */

void repl_input_drop(repl_input *input)
{
    input->text.len = 0;
    input->taken = input->searched = 0;
}

/* What was taken makes room, now and then. */
static void compact(repl_input *input)
{
    if (input->taken < PIECE && input->taken < input->text.len)
        return;
    if (input->taken)
        memmove(input->text.data, input->text.data + input->taken, input->text.len - input->taken);
    input->text.len -= input->taken;
    input->searched = input->taken = 0;
}

/* The end of the line that begins at `at`, its newline included; 0: it has not come. */
static size_t line_end(repl_input *input, size_t at)
{
    const size_t from = input->searched > at ? input->searched : at;
    const size_t rest = input->text.len - from;
    const char *const newline = rest ? memchr(input->text.data + from, '\n', rest) : NULL;
    if (newline)
        return (size_t)(newline - input->text.data) + 1;
    input->searched = input->text.len;
    return input->ended && input->text.len > at ? input->text.len : 0;
}

/* More bytes of standard input; false when a signal came. */
static bool read_piece(repl *r)
{
    char piece[PIECE];
    const repl_waiter waiter = {0};
    if (r->talks && !repl_signals_wait(&waiter))
        return false;
    const ssize_t n = read(STDIN_FILENO, piece, sizeof piece);
    if (n > 0)
        rk_buf_add(&r->input.text, (rk_str){piece, (size_t)n});
    r->input.ended |= n == 0 || (n < 0 && errno != EINTR) || r->input.text.failed;
    return n >= 0 || errno != EINTR || !r->talks;
}

static repl_got read_more(repl *r, bool first)
{
    const char *const words = first ? prompt : prompt_more;
    if (r->input.ended)
        return REPL_GOT_END;
    if (r->edit) {
        const repl_got got = repl_edit_read(r->edit, words, &r->input.text);
        r->input.ended |= got == REPL_GOT_END;
        return got;
    }
    if (r->talks)
        rk_buf_add_chars(&r->c->out.buf, words);
    if (cmd_flush(&r->c->out) != RK_OK || r->c->out.closed)
        r->input.ended = true;
    const bool fine = read_piece(r);
    if (!fine || (r->talks && r->input.ended))
        rk_buf_add_char(&r->c->out.buf, '\n'); /* after the prompt, or the ^C */
    return fine ? REPL_GOT_TEXT : REPL_GOT_NOTHING;
}

/* Whether the line at `at` is there, or comes at once. A person may take their time. */
static bool has_line(repl *r, size_t at)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    while (!line_end(&r->input, at)) {
        if (r->talks || r->input.ended || poll(&input, 1, PATIENCE) <= 0)
            return false;
        read_piece(r);
    }
    return true;
}

static rk_str text_between(const repl_input *input, size_t from, size_t to)
{
    return (rk_str){input->text.data + from, to - from};
}

/* The text of the input so far. Reading may move it. */
static rk_str text_to(const repl_input *input, size_t end)
{
    return text_between(input, input->taken, end);
}

/* Whether the line at `end` is there and belongs to what is before it. */
static bool goes_on(repl *r, size_t end)
{
    repl_input *const input = &r->input;
    return has_line(r, end) &&
           belongs(text_to(input, end), text_between(input, end, line_end(input, end)));
}

/* Where the input that begins at what is taken and reaches to `end` ends at last. */
static repl_got extend(repl *r, size_t *end)
{
    repl_input *const input = &r->input;
    for (uint32_t lines = 1; lines < LINES_MOST; lines++) {
        if (repl_is_command(text_to(input, *end)))
            return REPL_GOT_TEXT;
        if (rk_session_is_open(text_to(input, *end))) {
            while (!line_end(input, *end) && !input->ended)
                if (read_more(r, false) == REPL_GOT_NOTHING)
                    return REPL_GOT_NOTHING;
            if (!line_end(input, *end))
                return REPL_GOT_TEXT;
        } else if (!goes_on(r, *end))
            return REPL_GOT_TEXT;
        *end = line_end(input, *end);
    }
    return REPL_GOT_TEXT;
}

repl_got repl_input_next(repl *r, rk_str *out)
{
    repl_input *const input = &r->input;
    compact(input);
    while (!line_end(input, input->taken)) {
        const repl_got got = read_more(r, true);
        if (got == REPL_GOT_NOTHING || (got == REPL_GOT_END && !line_end(input, input->taken)))
            return got;
    }
    size_t end = line_end(input, input->taken);
    const repl_got got = extend(r, &end);
    *out = text_to(input, end);
    input->taken = end;
    return got;
}
