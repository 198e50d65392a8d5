/* Diagnostics: what people read when something is wrong. Each has a code from diag.def that never
 * changes its meaning, a place, and where it helps notes (with a second place) and advice. They are
 * collected, sorted by place, and printed by rk_diags_print. */
#ifndef RK_BASE_DIAG_H
#define RK_BASE_DIAG_H

#include "runtime/base/buf.h"
#include "runtime/base/file.h"

typedef enum rk_diag_code {
    RK_CODE_NONE,
#define RK_DIAG(code, title, explanation) RK_##code,
#include "runtime/base/diag.def"
#undef RK_DIAG
    RK_CODE_COUNT
} rk_diag_code;

typedef struct rk_note {
    rk_span span; /* RK_NO_SPAN: words only */
    rk_str text;
    bool help; /* advice, printed as `= help:` */
} rk_note;

typedef struct rk_diag {
    rk_diag_code code;
    bool warning;
    rk_span span;   /* RK_NO_SPAN: no place in a text */
    rk_str message; /* one line, names in backquotes */
    rk_str label;   /* a few words beside the caret; may be empty */
    RK_VEC(rk_note) notes;
} rk_diag;

typedef struct rk_diags {
    rk_arena *arena; /* not owned */
    RK_VEC(rk_diag *) items;
    uint32_t errors;  /* warnings not counted */
    uint32_t dropped; /* errors beyond RK_DIAG_LIMIT, counted only */
    bool no_memory;   /* a diagnostic could not be kept */
} rk_diags;

enum { RK_DIAG_LIMIT = 1000 };

void rk_diags_init(rk_diags *diags, rk_arena *arena);

/* Adds an error; never NULL: when memory is out the words go to a scratch diagnostic that is not
 * kept, and `no_memory` is set. The text is formatted now. */
rk_diag *rk_error(rk_diags *diags, rk_diag_code code, rk_span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
rk_diag *rk_warning(rk_diags *diags, rk_diag_code code, rk_span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Words beside the caret. */
void rk_diag_label(rk_diags *diags, rk_diag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A note, with a second place unless span is RK_NO_SPAN. */
void rk_diag_note(rk_diags *diags, rk_diag *diag, rk_span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Advice. */
void rk_diag_help(rk_diags *diags, rk_diag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The status that the errors ask for: RK_OK without one; EFILE, EDATA, ELIMIT by their codes'
 * groups (E06xx, E05xx, E07xx); else EPROGRAM. */
rk_status rk_diags_status(const rk_diags *diags);

/* Sorts by file and offset; diagnostics without a place come last, in order of arrival. One that is
 * there twice, with the same words, stays once. */
void rk_diags_sort(rk_diags *diags);

typedef enum rk_diag_format { RK_DIAG_TEXT, RK_DIAG_COLOR, RK_DIAG_JSONL } rk_diag_format;

/* Prints all of them: text as in the manual, or one JSON object a line. */
void rk_diags_print(const rk_diags *diags, const rk_texts *texts, rk_diag_format format,
                    rk_buf *out);

/* "E0312", title and long explanation of a code; rk_diag_code_find gives RK_CODE_NONE if unknown.
 */
const char *rk_diag_code_name(rk_diag_code code);
const char *rk_diag_code_title(rk_diag_code code);
const char *rk_diag_code_explanation(rk_diag_code code);
rk_diag_code rk_diag_code_find(rk_str name);

/* The best candidate within a small edit distance of `name`, or "". Candidates are offered one by
 * one. */
typedef struct rk_suggestion {
    rk_str name;
    rk_str best;
    size_t distance;
} rk_suggestion;
rk_suggestion rk_suggest(rk_str name);
void rk_suggest_offer(rk_suggestion *suggestion, rk_str candidate);

#endif
