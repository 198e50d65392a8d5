/* What a run or a file of labels says: documents of queries, each with a number, its score or its
 * label. Filled by the readers of files (marks_read.c) or one by one, then grouped by query. */
#ifndef RK_METRIC_MARKS_H
#define RK_METRIC_MARKS_H

#include "runtime/base/atom.h"

typedef struct rk_mark {
    const char *doc; /* borrowed */
    uint32_t doc_len;
    uint32_t query; /* an atom of rk_marks.queries */
    double value;   /* score or label; minus the rank where `exact` */
    uint32_t line;  /* of the file, from 1; 0: it has none */
    bool exact;     /* the value is a place, not a score: it is compared as it is */
} rk_mark;

typedef struct rk_marks {
    rk_arena *arena; /* not owned */
    rk_atoms queries;
    RK_VEC(rk_mark) items; /* grouped: those of one query stand together */
    uint32_t *starts;      /* [queries + 1] first item of each, once grouped */
} rk_marks;

/* What is wrong with a line. */
typedef struct rk_mark_problem {
    uint64_t line;
    rk_str text;        /* what was read; may be any bytes */
    const char *words;  /* half a sentence that follows it */
    const char *help;   /* or NULL */
    rk_str query;       /* not "": the text is a document that comes a second time for it */
    uint64_t same_line; /* and stood here before; 0 when it has no line */
} rk_mark_problem;

/* Who is told of problems; false: read no further. A line with one is left out. */
typedef struct rk_mark_user {
    bool (*refuse)(void *user, const rk_mark_problem *problem);
    void *user;
} rk_mark_user;

RK_NODISCARD rk_status rk_marks_init(rk_marks *marks, rk_arena *arena);

/* The document must outlive the marks. */
RK_NODISCARD rk_status rk_marks_add(rk_marks *marks, rk_str query, rk_mark mark);

/* Reads a run, which must outlive the marks: lines of trec (`qid Q0 docno rank score tag`) or of MS
 * MARCO (`qid pid rank`, with a score behind it or not), told apart by the first of them. The value
 * is the score, or with `by_rank`, or where there is no score, minus the rank. *n_lines: those with
 * something on them. RK_ENOMEM, RK_ELIMIT; problems are the user's to count. */
RK_NODISCARD rk_status rk_marks_read_run(rk_marks *marks, rk_str text, bool by_rank,
                                         const rk_mark_user *user, uint64_t *n_lines);

/* The same for labels in qrels: `qid iteration docno label`. */
RK_NODISCARD rk_status rk_marks_read_qrels(rk_marks *marks, rk_str text, const rk_mark_user *user,
                                           uint64_t *n_lines);

/* A label: a whole number of 32 bits, maybe written 2.0. */
bool rk_mark_label(rk_str text, double *out);

/* Puts the marks of one query together, in their order. Once, when all are in. */
RK_NODISCARD rk_status rk_marks_group(rk_marks *marks);

/* Those of a query. */
static inline rk_mark *rk_marks_of(const rk_marks *marks, rk_atom query, uint32_t *n)
{
    *n = marks->starts[query + 1] - marks->starts[query];
    return marks->items.items + marks->starts[query];
}

static inline rk_str rk_mark_doc(const rk_mark *mark) { return (rk_str){mark->doc, mark->doc_len}; }

#endif
