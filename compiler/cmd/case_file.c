#include "compiler/cmd/case_file.h"

/* ---- lines ---- */

static bool peek_line(const case_reader *r, rk_str *line)
{
    if (r->at >= r->text.len)
        return false;
    const char *const start = r->text.data + r->at;
    const char *const newline = memchr(start, '\n', r->text.len - r->at);
    *line = (rk_str){start, newline ? (size_t)(newline - start) : r->text.len - r->at};
    return true;
}

static bool take_line(case_reader *r, rk_str *line)
{
    if (!peek_line(r, line))
        return false;
    r->at += line->len;
    if (r->at < r->text.len) {
        r->at++;
        r->line++;
    }
    return true;
}

static bool starts_with(rk_str s, const char *prefix)
{
    const size_t len = strlen(prefix);
    return s.len >= len && memcmp(s.data, prefix, len) == 0;
}

static rk_str without(rk_str s, size_t n)
{
    s = (rk_str){s.data + n, s.len - n};
    while (s.len && s.data[0] == ' ')
        s = (rk_str){s.data + 1, s.len - 1};
    return s;
}

/* What stands between a line `<<<`, which was taken, and a line `>>>`. */
static bool take_block(case_reader *r, rk_str *out)
{
    const size_t start = r->at;
    rk_str line;
    for (size_t end = r->at; take_line(r, &line); end = r->at)
        if (rk_str_eq(line, RK_STR(">>>"))) {
            *out = (rk_str){r->text.data + start, end - start};
            return true;
        }
    r->fault = "`<<<` has no `>>>`";
    return false;
}

/* One line, or a block. */
static bool take_part(case_reader *r, const char *what, rk_str *out)
{
    if (!take_line(r, out) || !out->len) {
        r->fault = what;
        return false;
    }
    return rk_str_eq(*out, RK_STR("<<<")) ? take_block(r, out) : true;
}

/* ---- %%RAW: \xHH is a byte, \*N{text} is text N times ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t add_repeated(rk_str s, size_t at, rk_buf *out)
{
    size_t count = 0;
    for (at += 2; at < s.len && s.data[at] >= '0' && s.data[at] <= '9' && count < 1000000; at++)
        count = count * 10 + (size_t)(s.data[at] - '0');
    const char *const end = at < s.len ? memchr(s.data + at, '}', s.len - at) : NULL;
    if (!end || s.data[at] != '{')
        return at;
    const rk_str text = {s.data + at + 1, (size_t)(end - s.data) - at - 1};
    for (size_t i = 0; i < count; i++)
        rk_buf_add(out, text);
    return (size_t)(end - s.data) + 1;
}

static bool expand(case_reader *r, rk_str *text)
{
    rk_buf out = {0};
    const rk_str s = *text;
    for (size_t at = 0; at < s.len;) {
        const bool has_two = s.data[at] == '\\' && at + 3 < s.len;
        const int high = has_two && s.data[at + 1] == 'x' ? hex_digit(s.data[at + 2]) : -1;
        const int low = high >= 0 ? hex_digit(s.data[at + 3]) : -1;
        if (low >= 0) {
            rk_buf_add_char(&out, (char)(high * 16 + low));
            at += 4;
        } else if (has_two && s.data[at + 1] == '*')
            at = add_repeated(s, at, &out);
        else
            rk_buf_add_char(&out, s.data[at++]);
    }
    const char *const kept = out.failed ? NULL : rk_arena_copy(r->arena, out.data, out.len);
    *text = (rk_str){kept, out.len};
    rk_buf_free(&out);
    return kept != NULL;
}

/* ---- a case ---- */

static bool take_data(case_reader *r, rk_str name, bool raw, case_datas *files)
{
    case_data data = {.name = name};
    rk_str line;
    const bool folder = name.len && name.data[name.len - 1] == '/';
    if (!folder && (!take_line(r, &line) || !rk_str_eq(line, RK_STR("<<<")))) {
        r->fault = "%%FILE name is followed by a block, `<<<` to `>>>`";
        return false;
    }
    return (folder || take_block(r, &data.text)) && (!raw || expand(r, &data.text)) &&
           rk_vec_push(r->arena, files, data);
}

static bool take_with(case_reader *r)
{
    rk_str line;
    if (take_line(r, &line) && rk_str_eq(line, RK_STR("<<<")))
        return take_block(r, &r->with);
    r->fault = "%%WITH is followed by a block, `<<<` to `>>>`";
    return false;
}

/* The lines that begin with %%. */
static bool take_directives(case_reader *r, case_entry *entry, bool *raw)
{
    rk_str line;
    while (peek_line(r, &line) && starts_with(line, "%%")) {
        take_line(r, &line);
        if (starts_with(line, "%%FAIL")) {
            const rk_str status = without(line, 6);
            int64_t number = 0;
            entry->fails = true;
            if (status.len && !rk_str_to_int(status, &number))
                r->fault = "%%FAIL takes an exit status";
            entry->status = (int)number;
        } else if (starts_with(line, "%%RUN") || starts_with(line, "%%CMD")) {
            entry->own_command = line.data[2] == 'C';
            entry->words = without(line, 5);
        } else if (rk_str_eq(line, RK_STR("%%RAW")))
            *raw = true;
        else if (starts_with(line, "%%FILE"))
            take_data(r, without(line, 6), *raw, &entry->files);
        else if (rk_str_eq(line, RK_STR("%%WITH")))
            take_with(r);
        else
            r->fault = "unknown word after `%%`: FAIL RUN CMD RAW FILE WITH";
        if (r->fault)
            return false;
    }
    return true;
}

static bool is_declaration(rk_str program)
{
    size_t len = 0;
    while (len < program.len && !strchr(" {=", program.data[len]))
        len++;
    return memchr(program.data, '\n', program.len) ||
           (len < program.len &&
            cmd_has_word("import query item source factor def model index pipeline revision test",
                         (rk_str){program.data, len})) ||
           starts_with(program, "#");
}

static bool join(case_reader *r, rk_str a, const char *between, rk_str b, rk_str *out)
{
    rk_buf text = {0};
    rk_buf_add(&text, a);
    rk_buf_add_chars(&text, between);
    rk_buf_add(&text, b);
    const char *const kept = text.failed ? NULL : rk_arena_copy(r->arena, text.data, text.len);
    *out = (rk_str){kept, text.len};
    rk_buf_free(&text);
    return kept != NULL;
}

static bool take_program(case_reader *r, case_entry *entry, bool raw)
{
    rk_str line;
    entry->line = r->line;
    const bool has_line = peek_line(r, &line);
    const bool is_block = has_line && rk_str_eq(line, RK_STR("<<<"));
    if (!take_part(r, "a program is expected", &entry->program))
        return false;
    const char *const end =
        entry->program.len ? memchr(entry->program.data, '\n', entry->program.len) : NULL;
    entry->title = entry->program;
    if (end)
        entry->title.len = (size_t)(end - entry->program.data);
    if (raw && !expand(r, &entry->program))
        return false;
    entry->is_value = !is_block && !is_declaration(entry->program) && !entry->own_command;
    return join(r, r->with, entry->is_value ? "factor value = " : "", entry->program,
                &entry->program);
}

static bool take_expected(case_reader *r, case_entry *entry)
{
    rk_buf text = {0};
    rk_str line;
    entry->expected_at = r->at;
    while (peek_line(r, &line) && line.len) {
        rk_buf_add(&text, line);
        rk_buf_add_char(&text, '\n');
        take_line(r, &line);
    }
    entry->expected_len = r->at - entry->expected_at;
    const char *const kept = rk_arena_copy(r->arena, text.data, text.len);
    entry->expected = (rk_str){kept, text.len};
    const bool fine = kept && !text.failed;
    rk_buf_free(&text);
    return fine;
}

/* What stands before the next case: empty lines and comments. False at the end. */
static bool skip_space(case_reader *r)
{
    rk_str line;
    while (peek_line(r, &line) && (line.len == 0 || line.data[0] == '#'))
        take_line(r, &line);
    return r->at < r->text.len;
}

bool case_next(case_reader *r, case_entry *out)
{
    rk_str line;
    while (skip_space(r)) {
        bool raw = false;
        *out = (case_entry){0};
        if (!take_directives(r, out, &raw))
            return false;
        if (!peek_line(r, &line) || line.len == 0) { /* %%FILE alone: for all that follow */
            for (uint32_t i = 0; i < out->files.len; i++)
                if (!rk_vec_push(r->arena, &r->files, out->files.items[i]))
                    return false;
            continue;
        }
        for (uint32_t i = 0; i < r->files.len; i++)
            if (!rk_vec_push(r->arena, &out->files, r->files.items[i]))
                return false;
        if (!take_program(r, out, raw) ||
            !take_part(r, "a request, or `-`, is expected", &out->request))
            return false;
        if (rk_str_eq(out->request, RK_STR("-")))
            out->request.len = 0;
        return (!raw || expand(r, &out->request)) && take_expected(r, out);
    }
    return false;
}

bool case_split(rk_arena *arena, rk_str words, case_words *out)
{
    for (size_t at = 0; at < words.len;) {
        if (words.data[at] == ' ') {
            at++;
            continue;
        }
        const bool quoted = words.data[at] == '\'';
        const size_t start = at + quoted;
        for (at = start; at < words.len && words.data[at] != (quoted ? '\'' : ' ');)
            at++;
        const char *const word = rk_arena_copy(arena, words.data + start, at - start);
        at += quoted;
        if (!word || !rk_vec_push(arena, out, word))
            return false;
    }
    return true;
}
