/* How diagnostics look: for terminals and files (source line and caret), and as JSON lines. */
#include "runtime/base/diag.h"

typedef struct printer {
    const rk_texts *texts;
    rk_buf *out;
    bool color;
} printer;

static const char *paint(const printer *p, const char *escape) { return p->color ? escape : ""; }

#define BOLD   "\x1b[1m"
#define RED    "\x1b[1;31m"
#define YELLOW "\x1b[1;33m"
#define BLUE   "\x1b[1;34m"
#define RESET  "\x1b[0m"

static const rk_text *text_of(const printer *p, rk_span span)
{
    return span.file < p->texts->items.len ? &p->texts->items.items[span.file] : NULL;
}

static int digits(uint32_t n)
{
    int count = 1;
    for (; n >= 10; n /= 10)
        count++;
    return count;
}

/* A source line, or words that quote from one, with control characters shown as spaces so that
 * columns hold, and bytes that are not UTF-8 as U+FFFD. */
static void add_source(rk_buf *out, rk_str source)
{
    for (size_t at = 0; at < source.len;) {
        const size_t start = at;
        const uint32_t c = rk_str_utf8_next(source, &at);
        if (c < 0x20 || (c >= 0x7f && c < 0xa0))
            rk_buf_add_char(out, ' ');
        else if (c == 0xfffd)
            rk_buf_add_chars(out, "\xef\xbf\xbd");
        else
            rk_buf_add(out, (rk_str){source.data + start, at - start});
    }
}

/* Terminal columns of a piece of text: wide characters of the East count two. */
static size_t columns(rk_str s)
{
    size_t at = 0, width = 0;
    while (at < s.len) {
        const uint32_t c = rk_str_utf8_next(s, &at);
        const bool wide = (c >= 0x1100 && c < 0x1160) || (c >= 0x2e80 && c < 0xa4d0) ||
                          (c >= 0xac00 && c < 0xd7a4) || (c >= 0xf900 && c < 0xfb00) ||
                          (c >= 0xfe30 && c < 0xfe70) || (c >= 0xff00 && c < 0xff61) ||
                          (c >= 0x1f300 && c < 0x1f700);
        width += wide ? 2 : 1;
    }
    return width;
}

/* A long line is shown around the place only. */
static rk_place window(rk_place place)
{
    enum { BEFORE = 60, WIDTH = 160 };
    if (place.source.len <= WIDTH)
        return place;
    size_t start = place.offset > BEFORE ? place.offset - BEFORE : 0;
    while (start > 0 && ((unsigned char)place.source.data[start] & 0xc0) == 0x80)
        start--;
    place.source.data += start;
    place.source.len -= start;
    place.offset -= (uint32_t)start;
    size_t len = place.source.len < WIDTH ? place.source.len : WIDTH;
    while (len < place.source.len && ((unsigned char)place.source.data[len] & 0xc0) == 0x80)
        len++;
    place.source.len = len;
    return place;
}

static void add_snippet(const printer *p, rk_span span, rk_str label, char mark, int margin)
{
    const rk_place place = window(rk_text_place(text_of(p, span), span.at));
    const size_t left = place.source.len - place.offset;
    const size_t len = span.len < left ? span.len : left;
    const size_t indent = columns((rk_str){place.source.data, place.offset});
    const size_t carets = columns((rk_str){place.source.data + place.offset, len});
    const char *const blue = paint(p, BLUE), *const reset = paint(p, RESET);
    rk_buf_printf(p->out, "%s%*s |%s\n", blue, margin, "", reset);
    rk_buf_printf(p->out, "%s%*u |%s ", blue, margin, place.line, reset);
    add_source(p->out, place.source);
    rk_buf_printf(p->out, "\n%s%*s |%s %*s%s", blue, margin, "", reset, (int)indent, "",
                  paint(p, mark == '^' ? RED : BLUE));
    for (size_t i = 0; i < (carets ? carets : 1); i++)
        rk_buf_add_char(p->out, mark);
    if (label.len)
        rk_buf_printf(p->out, " %.*s", RK_STR_ARG(label));
    rk_buf_printf(p->out, "%s\n", reset);
}

static void add_place(const printer *p, rk_span span)
{
    const rk_text *const text = text_of(p, span);
    const rk_place place = rk_text_place(text, span.at);
    rk_buf_printf(p->out, "%.*s:%u:%u", RK_STR_ARG(text->name), place.line, place.column);
}

static int margin_of(const printer *p, const rk_diag *diag)
{
    int margin = 1;
    if (text_of(p, diag->span))
        margin = digits(rk_text_place(text_of(p, diag->span), diag->span.at).line);
    return margin;
}

static void add_note_text(const printer *p, const rk_note *note, int margin)
{
    const char *const kind = note->help ? "help" : "note";
    rk_buf_printf(p->out, "%s%*s =%s %s%s:%s %.*s", paint(p, BLUE), margin, "", paint(p, RESET),
                  paint(p, BOLD), kind, paint(p, RESET), RK_STR_ARG(note->text));
    if (text_of(p, note->span)) {
        rk_buf_add_chars(p->out, " at ");
        add_place(p, note->span);
    }
    rk_buf_add_char(p->out, '\n');
}

static void print_text(const printer *p, const rk_diag *diag)
{
    const char *const kind = diag->warning ? "warning" : "error";
    rk_buf_printf(p->out, "%s%s[%s]%s%s: ", paint(p, diag->warning ? YELLOW : RED), kind,
                  rk_diag_code_name(diag->code), paint(p, RESET), paint(p, BOLD));
    add_source(p->out, diag->message);
    rk_buf_printf(p->out, "%s\n", paint(p, RESET));
    const int margin = margin_of(p, diag);
    if (text_of(p, diag->span)) {
        rk_buf_printf(p->out, "%s%*s-->%s ", paint(p, BLUE), margin, "", paint(p, RESET));
        add_place(p, diag->span);
        rk_buf_add_char(p->out, '\n');
        add_snippet(p, diag->span, diag->label, '^', margin);
    }
    for (uint32_t i = 0; i < diag->notes.len; i++)
        add_note_text(p, &diag->notes.items[i], margin);
    rk_buf_add_char(p->out, '\n');
}

static void add_json_place(const printer *p, rk_span span)
{
    const rk_text *const text = text_of(p, span);
    if (!text)
        return;
    const rk_place place = rk_text_place(text, span.at);
    rk_buf_add_chars(p->out, ",\"file\":");
    rk_buf_add_json(p->out, text->name);
    rk_buf_printf(p->out, ",\"line\":%u,\"column\":%u,\"length\":%u", place.line, place.column,
                  span.len);
}

static void print_json(const printer *p, const rk_diag *diag)
{
    rk_buf_printf(p->out, "{\"code\":\"%s\",\"severity\":\"%s\",\"message\":",
                  rk_diag_code_name(diag->code), diag->warning ? "warning" : "error");
    rk_buf_add_json(p->out, diag->message);
    add_json_place(p, diag->span);
    if (diag->label.len) {
        rk_buf_add_chars(p->out, ",\"label\":");
        rk_buf_add_json(p->out, diag->label);
    }
    rk_buf_add_chars(p->out, ",\"notes\":[");
    for (uint32_t i = 0; i < diag->notes.len; i++) {
        const rk_note *const note = &diag->notes.items[i];
        rk_buf_printf(p->out, "%s{\"kind\":\"%s\",\"text\":", i ? "," : "",
                      note->help ? "help" : "note");
        rk_buf_add_json(p->out, note->text);
        add_json_place(p, note->span);
        rk_buf_add_char(p->out, '}');
    }
    rk_buf_add_chars(p->out, "]}\n");
}

void rk_diags_print(const rk_diags *diags, const rk_texts *texts, rk_diag_format format,
                    rk_buf *out)
{
    const printer p = {texts, out, format == RK_DIAG_COLOR};
    for (uint32_t i = 0; i < diags->items.len; i++) {
        if (format == RK_DIAG_JSONL)
            print_json(&p, diags->items.items[i]);
        else
            print_text(&p, diags->items.items[i]);
    }
    if (diags->dropped && format != RK_DIAG_JSONL)
        rk_buf_printf(out, "and %u more errors\n", diags->dropped);
}
