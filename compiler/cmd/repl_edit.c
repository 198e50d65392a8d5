/* Lines from a terminal through libedit, which is opened when a REPL begins: no other command has
 * to wait for it or needs it to be there. */
#include "compiler/cmd/repl.h"

#include "config.h"

#ifdef HAVE_HISTEDIT_H

#include <dlfcn.h>
#include <errno.h>
#include <histedit.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ENTRIES = 1000, BYTES = 4096 };

/* clang-format off */
#define CALLS(X)                                                                                   \
    X(el_init) X(el_end) X(el_wset) X(el_wgets) X(el_wline) X(el_winsertstr)            \
    X(el_resize) X(el_source) X(history_winit) X(history_wend) X(history_w)
/* clang-format on */

struct repl_edit {
    repl *r;
    void *library;
#define CALL(name) __typeof__(name) *name;
    CALLS(CALL)
#undef CALL
    EditLine *line;
    HistoryW *history;
    wchar_t prompt[16];
    unsigned char bytes[BYTES]; /* that were read and are not characters yet */
    size_t at, len;
    bool dropped; /* by Ctrl-C: the line that comes back does not count */
    rk_buf last;  /* entry of the history */
    bool noted;   /* that nothing is remembered */
};

/* ---- letters ---- */

/* In an array of the heap, since a line may be long; NULL when memory is out. */
static wchar_t *widen(rk_str text)
{
    wchar_t *const out = malloc((text.len + 1) * sizeof *out);
    size_t n = 0;
    for (size_t at = 0; out && at < text.len;) {
        const uint32_t point = rk_str_utf8_next(text, &at);
        out[n++] = point ? (wchar_t)point : 0xfffd;
    }
    if (out)
        out[n] = 0;
    return out;
}

static void add_point(uint32_t point, rk_buf *out)
{
    if (point < 0x80) {
        rk_buf_add_char(out, (char)point);
        return;
    }
    const int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    static const unsigned char heads[] = {0, 0xc0, 0xe0, 0xf0};
    rk_buf_add_char(out, (char)(heads[more] | point >> (6 * more)));
    for (int i = more - 1; i >= 0; i--)
        rk_buf_add_char(out, (char)(0x80 | (point >> (6 * i) & 0x3f)));
}

static void narrow(const wchar_t *text, size_t n, rk_buf *out)
{
    for (size_t i = 0; i < n; i++)
        add_point((uint32_t)text[i], out);
}

/* ---- keys ---- */

/* libedit hands its callbacks nothing but itself, and asking it takes its functions. */
static repl_edit *current;

static void write_out(repl_edit *edit, const char *words)
{
    if (write(STDOUT_FILENO, words, strlen(words)) < 0)
        edit->r->c->out.closed = true;
}

/* Rows of the screen from the prompt to the cursor, less one. */
static uint32_t rows_above(const repl_edit *edit)
{
    const LineInfoW *const info = edit->el_wline(edit->line);
    const uint32_t width = edit->r->screen.width;
    uint32_t row = 0, column = (uint32_t)wcslen(edit->prompt);
    for (const wchar_t *c = info->buffer; c < info->cursor; c++) {
        const int cells = *c == L'\t' ? 8 - (int)column % 8 : wcwidth(*c);
        const uint32_t n = cells > 0 ? (uint32_t)cells : 0;
        if (*c == L'\n' || column + n > width) {
            row++;
            column = 0;
        }
        column += *c == L'\n' ? 0 : n;
    }
    return row + (column == width);
}

static void leave(void *user)
{
    repl_edit *const edit = user;
    edit->el_wset(edit->line, EL_PREP_TERM, 0);
}

/* Terminals break lines anew when their width changes, so it is the new one that says where the
 * line begins. */
static void redraw(void *user, bool anew)
{
    repl_edit *const edit = user;
    char up[32];
    cmd_screen_measure(&edit->r->screen);
    const uint32_t rows = anew ? 0 : rows_above(edit);
    snprintf(up, sizeof up, "\033[%uA", rows);
    write_out(edit, "\r");
    write_out(edit, rows ? up : "");
    write_out(edit, "\033[J");
    if (anew)
        edit->el_wset(edit->line, EL_PREP_TERM, 1);
    edit->el_resize(edit->line);
    edit->el_wset(edit->line, EL_REFRESH);
}

/* False at the end of the input and when a signal came. */
static bool fill(repl_edit *edit)
{
    const repl_waiter waiter = {leave, redraw, edit};
    ssize_t n = -1;
    memmove(edit->bytes, edit->bytes + edit->at, edit->len - edit->at);
    edit->len -= edit->at;
    edit->at = 0;
    if (!repl_signals_wait(&waiter))
        return false;
    do
        n = read(STDIN_FILENO, edit->bytes + edit->len, BYTES - edit->len);
    while (n < 0 && (errno == EAGAIN || errno == EINTR));
    edit->len += n > 0 ? (size_t)n : 0;
    return n > 0;
}

/* Whether a character is there whole, or what is there will never be one. */
static bool has_point(const repl_edit *edit)
{
    const size_t len = edit->len - edit->at;
    const unsigned char first = len ? edit->bytes[edit->at] : 0;
    const size_t wanted = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    for (size_t i = 1; i < len && i < wanted; i++)
        if ((edit->bytes[edit->at + i] & 0xc0) != 0x80)
            return true;
    return len >= wanted;
}

static bool next_point(repl_edit *edit, wchar_t *out)
{
    while (!has_point(edit))
        if (!fill(edit))
            return false;
    *out = (wchar_t)rk_str_utf8_next((rk_str){(const char *)edit->bytes, edit->len}, &edit->at);
    return true;
}

/* Ctrl-C becomes the key that ends the line: so libedit leaves the screen in order. */
static int get_key(EditLine *line, wchar_t *out)
{
    repl_edit *const edit = current;
    (void)line;
    if (!edit->dropped && next_point(edit, out))
        return 1;
    if (repl_signals_ended() || !atomic_load(repl_signals_stop()))
        return 0;
    if (!edit->dropped)
        write_out(edit, "^C");
    edit->dropped = true;
    edit->at = edit->len = 0;
    *out = L'\n';
    return 1;
}

static wchar_t *get_prompt(EditLine *line)
{
    (void)line;
    return current->prompt;
}

/* What a terminal sends between its marks is text, whatever keys it would be: lines of it stay
 * together, and tabs ask for nothing. */
static unsigned char paste(EditLine *line, int key)
{
    static const char mark[] = "\033[201~";
    repl_edit *const edit = current;
    rk_buf text = {0};
    wchar_t point;
    (void)key;
    while (next_point(edit, &point)) {
        add_point(point == L'\r' ? L'\n' : point ? (uint32_t)point : 0xfffd, &text);
        const size_t before = text.len - (sizeof mark - 1);
        if (text.len >= sizeof mark - 1 && memcmp(text.data + before, mark, sizeof mark - 1) == 0) {
            text.len = before;
            break;
        }
    }
    while (text.len && text.data[text.len - 1] == '\n')
        text.len--;
    wchar_t *const wide = text.failed ? NULL : widen(rk_buf_str(&text));
    const bool fine = wide && (!*wide || edit->el_winsertstr(line, wide) == 0);
    free(wide);
    rk_buf_free(&text);
    return fine ? CC_REFRESH : CC_REFRESH_BEEP;
}

static unsigned char insert(repl_edit *edit, rk_str text)
{
    wchar_t *const wide = widen(text);
    const bool fine = wide && edit->el_winsertstr(edit->line, wide) == 0;
    free(wide);
    return fine ? CC_REFRESH : CC_ERROR;
}

static unsigned char show_matches(repl_edit *edit, const repl_matches *matches)
{
    cmd_stream *const out = &edit->r->c->out;
    rk_buf_add_char(&out->buf, '\n');
    repl_matches_print(matches, &edit->r->screen, &out->buf);
    return cmd_flush(out) == RK_OK ? CC_REDISPLAY : CC_ERROR;
}

static unsigned char complete(EditLine *line, int key)
{
    repl_edit *const edit = current;
    const LineInfoW *const info = edit->el_wline(line);
    rk_arena arena;
    rk_buf text = {0};
    repl_matches matches = {0};
    unsigned char done = CC_ERROR;
    (void)key;
    rk_arena_init(&arena);
    narrow(info->buffer, (size_t)(info->cursor - info->buffer), &text);
    if (!text.failed && repl_complete(edit->r, rk_buf_str(&text), &arena, &matches) == RK_OK &&
        matches.items.len) {
        const size_t typed = text.len - matches.start;
        const rk_str first = matches.items.items[0].text;
        if (matches.shared > typed)
            done = insert(edit, (rk_str){first.data + typed, matches.shared - typed});
        else if (matches.items.len > 1)
            done = show_matches(edit, &matches);
    }
    rk_buf_free(&text);
    rk_arena_free(&arena);
    return done;
}

/* ---- history ---- */

static void add_entry(void *user, rk_str entry)
{
    repl_edit *const edit = user;
    HistEventW event;
    wchar_t *const wide = widen(entry);
    if (wide)
        edit->history_w(edit->history, &event, H_ENTER, wide);
    free(wide);
}

/* Once is enough. */
static void note(repl_edit *edit, const char *why)
{
    if (!edit->noted)
        repl_say(edit->r, "what is typed is not remembered: %s", why);
    edit->noted = true;
}

void repl_edit_remember(repl_edit *edit, rk_str entry)
{
    const char *why = NULL;
    while (entry.len && entry.data[entry.len - 1] == '\n')
        entry.len--;
    if (!repl_trim(entry).len)
        return;
    if (rk_str_eq(entry, rk_buf_str(&edit->last)))
        return;
    edit->last.len = 0;
    rk_buf_add(&edit->last, entry);
    add_entry(edit, entry);
    if (!repl_history_add(entry, &why))
        note(edit, why);
}

/* ---- opening ---- */

static bool open_library(repl_edit *edit)
{
    static const char *const names[] = {"libedit.so.2", "libedit.so.0", "libedit.so"};
    for (size_t i = 0; i < RK_ARRAY_LEN(names) && !edit->library; i++)
        edit->library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    bool whole = edit->library != NULL;
#define CALL(name)                                                                                 \
    if (whole)                                                                                     \
        whole = (*(void **)&edit->name = dlsym(edit->library, #name)) != NULL;
    CALLS(CALL)
#undef CALL
    return whole;
}

static void bind_keys(repl_edit *edit)
{
    EditLine *const line = edit->line;
    edit->el_wset(line, EL_EDITOR, L"emacs");
    edit->el_wset(line, EL_BIND, L"^R", L"em-inc-search-prev", NULL);
    edit->el_source(line, NULL); /* what the user has in ~/.editrc */
    edit->el_wset(line, EL_ADDFN, L"rank-complete", L"Complete a name", complete);
    edit->el_wset(line, EL_ADDFN, L"rank-paste", L"Insert a text as it is", paste);
    edit->el_wset(line, EL_BIND, L"^I", L"rank-complete", NULL);
    edit->el_wset(line, EL_BIND, L"\033[200~", L"rank-paste", NULL);
}

static bool open_line(repl_edit *edit)
{
    HistEventW event;
    edit->line = edit->el_init("rankc", stdin, stdout, stderr);
    edit->history = edit->history_winit();
    if (!edit->line || !edit->history)
        return false;
    edit->history_w(edit->history, &event, H_SETSIZE, ENTRIES);
    edit->history_w(edit->history, &event, H_SETUNIQUE, 1);
    edit->el_wset(edit->line, EL_GETCFN, get_key);
    edit->el_wset(edit->line, EL_PROMPT, get_prompt);
    edit->el_wset(edit->line, EL_HIST, edit->history_w, edit->history);
    bind_keys(edit);
    return true;
}

repl_edit *repl_edit_open(repl *r)
{
    repl_edit *const edit = calloc(1, sizeof *edit);
    const char *why = NULL;
    if (!edit)
        return NULL;
    edit->r = r;
    current = edit;
    if (!open_library(edit) || !open_line(edit)) {
        repl_edit_close(edit);
        return NULL;
    }
    if (!repl_history_load(add_entry, edit, &why))
        note(edit, why);
    return edit;
}

void repl_edit_close(repl_edit *edit)
{
    if (!edit)
        return;
    if (edit->line)
        edit->el_end(edit->line);
    if (edit->history)
        edit->history_wend(edit->history);
    current = NULL;
    rk_buf_free(&edit->last);
    free(edit);
}

/* ---- a line ---- */

repl_got repl_edit_read(repl_edit *edit, const char *prompt, rk_buf *out)
{
    int n = 0;
    size_t i = 0;
    for (; prompt[i] && i + 1 < RK_ARRAY_LEN(edit->prompt); i++)
        edit->prompt[i] = (wchar_t)prompt[i];
    edit->prompt[i] = 0;
    edit->dropped = false;
    edit->el_wset(edit->line, EL_PREP_TERM, 1); /* before the prompt says that keys are keys */
    write_out(edit, "\033[?2004h");             /* mark what is pasted */
    const wchar_t *const line = edit->el_wgets(edit->line, &n);
    write_out(edit, "\033[?2004l");
    if (edit->dropped)
        return REPL_GOT_NOTHING;
    if (line && n > 0) {
        narrow(line, (size_t)n, out);
        return REPL_GOT_TEXT;
    }
    write_out(edit, "\n");
    return REPL_GOT_END;
}

#else

repl_edit *repl_edit_open(repl *r)
{
    (void)r;
    return NULL;
}

void repl_edit_close(repl_edit *edit) { (void)edit; }

repl_got repl_edit_read(repl_edit *edit, const char *prompt, rk_buf *out)
{
    (void)edit;
    (void)prompt;
    (void)out;
    return REPL_GOT_END;
}

void repl_edit_remember(repl_edit *edit, rk_str entry)
{
    (void)edit;
    (void)entry;
}

#endif
