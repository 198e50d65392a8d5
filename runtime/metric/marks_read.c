/* Runs and qrels: words between spaces, one document a line. A file is in memory as a whole, and
 * the marks point into it. */
#include <math.h>

#include "runtime/metric/marks.h"

enum { WORDS = 6 };

/* One line, cut. */
typedef struct line_words {
    rk_str word[WORDS];
    uint32_t n; /* all of them; those from WORDS on are not kept */
} line_words;

typedef struct reader {
    rk_marks *marks;
    const rk_mark_user *user;
    rk_str rest;
    uint64_t line;
    uint64_t n_lines; /* with something on them */
    uint32_t n_words; /* of each line: as many as the first one has */
    bool is_run;      /* else qrels */
    bool by_rank;
    bool stop;
} reader;

/* As isspace() has it in every locale that matters here: `\r` is one, so CRLF is no matter. */
static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static void cut(rk_str text, line_words *out)
{
    const char *at = text.data, *const end = text.data + text.len;
    out->n = 0;
    for (;;) {
        while (at < end && is_space(*at))
            at++;
        if (at == end)
            return;
        const char *const start = at;
        while (at < end && !is_space(*at))
            at++;
        if (out->n < WORDS)
            out->word[out->n] = (rk_str){start, (size_t)(at - start)};
        out->n++;
    }
}

/* The next line, without its end; false when there is none. */
static bool take_line(reader *r, rk_str *line)
{
    if (r->rest.len == 0)
        return false;
    const char *const end = memchr(r->rest.data, '\n', r->rest.len);
    const size_t len = end ? (size_t)(end - r->rest.data) : r->rest.len;
    *line = (rk_str){r->rest.data, len};
    const size_t past = len + (end != NULL);
    r->rest = (rk_str){r->rest.data + past, r->rest.len - past};
    r->line++;
    return true;
}

static void refuse(reader *r, rk_str text, const char *words, const char *help)
{
    const rk_mark_problem problem = {.line = r->line, .text = text, .words = words, .help = help};
    r->stop = !r->user->refuse(r->user->user, &problem);
}

/* ---- how many words ---- */

/* Whether the first line of a file has the right number of words; the others follow it. */
static bool first_fits(reader *r, const line_words *words, rk_str line)
{
    if (!r->is_run && words->n == 4)
        return true;
    if (r->is_run && (words->n == 3 || words->n == 4 || words->n >= WORDS))
        return true;
    if (r->is_run)
        refuse(r, line, "is no line of a run",
               "trec: qid Q0 docno rank score tag; MS MARCO: qid pid rank, or qid pid rank score");
    else
        refuse(r, line, "is no line of qrels",
               words->n >= WORDS ? "qrels have four words: qid 0 docno label; this is rather a run"
                                 : "qrels have four words: qid 0 docno label");
    return false;
}

static bool fits(reader *r, const line_words *words, rk_str line)
{
    if (r->n_words == 0) {
        if (!first_fits(r, words, line))
            return false;
        r->n_words = words->n < WORDS ? words->n : WORDS;
        return true;
    }
    /* What stands behind the tag of a trec run is nobody's. */
    if (words->n == r->n_words || (r->n_words == WORDS && words->n > WORDS))
        return true;
    refuse(r, line,
           words->n < r->n_words ? "has fewer words than the first line"
                                 : "has more words than the first line",
           NULL);
    return false;
}

/* ---- numbers ---- */

bool rk_mark_label(rk_str text, double *out)
{
    int64_t whole;
    if (rk_str_to_int(text, &whole))
        *out = (double)whole;
    else if (!rk_str_to_double(text, out) || !isfinite(*out) || floor(*out) != *out)
        return false;
    return *out >= INT32_MIN && *out <= INT32_MAX;
}

static bool read_rank(reader *r, rk_str text, rk_mark *mark)
{
    int64_t rank;
    if (!rk_str_to_int(text, &rank)) {
        refuse(r, text, "is no rank: a whole number should stand here",
               r->n_words == 4 ? "an MS MARCO run is qid pid rank score; are these qrels?" : NULL);
        return false;
    }
    mark->value = -(double)rank;
    mark->exact = true;
    return true;
}

static bool read_score(reader *r, rk_str text, rk_mark *mark)
{
    if (rk_str_to_double(text, &mark->value))
        return true;
    refuse(r, text, "is no number: a score should stand here", NULL);
    return false;
}

static bool read_label(reader *r, rk_str text, rk_mark *mark)
{
    if (rk_mark_label(text, &mark->value))
        return true;
    refuse(r, text, "is no label: a whole number should stand here", NULL);
    return false;
}

/* ---- lines ---- */

/* The document and the number. */
static bool read_words(reader *r, const line_words *words, rk_mark *mark)
{
    const bool trec = r->n_words == WORDS;
    const uint32_t doc = r->is_run && !trec ? 1 : 2;
    const uint32_t rank = trec ? 3 : 2, score = trec ? 4 : 3;
    mark->doc = words->word[doc].data;
    mark->doc_len = (uint32_t)words->word[doc].len;
    if (!r->is_run)
        return read_label(r, words->word[3], mark);
    if (r->by_rank || r->n_words == 3)
        return read_rank(r, words->word[rank], mark);
    /* A rank that is none says that the line is no line of a run. */
    return (trec || read_rank(r, words->word[rank], &(rk_mark){0})) &&
           read_score(r, words->word[score], mark);
}

/* Ids are what they are, but a NUL is in no text: the file is in UTF-16 or no text at all. */
static bool is_text(reader *r, rk_str line)
{
    if (!memchr(line.data, 0, line.len))
        return true;
    refuse(r, line, "holds a NUL byte: the file is no text, or not in UTF-8", NULL);
    r->stop = true;
    return false;
}

static rk_status read_line(reader *r, rk_str line)
{
    line_words words;
    cut(line, &words);
    if (words.n == 0 || line.data[0] == '#')
        return RK_OK;
    r->n_lines++;
    if (r->line > UINT32_MAX || line.len > UINT32_MAX)
        return RK_ELIMIT;
    rk_mark mark = {.line = (uint32_t)r->line};
    if (!is_text(r, line) || !fits(r, &words, line) || !read_words(r, &words, &mark))
        return RK_OK;
    return rk_marks_add(r->marks, words.word[0], mark);
}

/* Room for a mark a line at once: marks that grow would be there twice. */
static rk_status make_room(rk_marks *marks, rk_str text)
{
    uint64_t n = 1;
    const char *const end = text.data + text.len;
    for (const char *at = text.data; at < end && (at = memchr(at, '\n', (size_t)(end - at))); at++)
        n++;
    if (marks->items.len || n > UINT32_MAX)
        return marks->items.len ? RK_OK : RK_ELIMIT;
    marks->items.items = rk_arena_alloc_column(marks->arena, n, sizeof *marks->items.items);
    marks->items.cap = marks->items.items ? (uint32_t)n : 0;
    return marks->items.items ? RK_OK : RK_ENOMEM;
}

static rk_status read_all(reader *r, rk_str text, uint64_t *n_lines)
{
    rk_str line;
    RK_TRY(make_room(r->marks, text));
    const bool marked = text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0;
    r->rest = marked ? (rk_str){text.data + 3, text.len - 3} : text;
    while (!r->stop && take_line(r, &line))
        RK_TRY(read_line(r, line));
    *n_lines = r->n_lines;
    return RK_OK;
}

rk_status rk_marks_read_run(rk_marks *marks, rk_str text, bool by_rank, const rk_mark_user *user,
                            uint64_t *n_lines)
{
    reader r = {.marks = marks, .user = user, .is_run = true, .by_rank = by_rank};
    return read_all(&r, text, n_lines);
}

rk_status rk_marks_read_qrels(rk_marks *marks, rk_str text, const rk_mark_user *user,
                              uint64_t *n_lines)
{
    reader r = {.marks = marks, .user = user};
    return read_all(&r, text, n_lines);
}
