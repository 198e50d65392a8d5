/* A session: a program that grows while it is looked at. Files are loaded once and stay as they
 * were until they are loaded again; declarations are typed, and replace those of their names; an
 * expression is worked out over a request at once. For `rankc repl` and `rankc eval`.
 *
 * Each input is compiled with the whole program, which takes a few milliseconds and leaves nothing
 * behind, so a session stays as small as its program. What is slow to get is kept: texts of files,
 * columns of sources, the request. An input that has errors changes nothing.
 *
 * An item-scope expression is worked out for the domain: what the picked pipeline recalls. Without
 * a pipeline that is what the request sends, and without requests the rows of the first source
 * whose key is item.id.
 *
 * `given NAME = value` sets a value, as in a test. Where a list was given (one value an item), or
 * there are no items otherwise, everything is worked out as in a test: no source and no request is
 * read. Else what is given replaces its name for all items, over the data. A name that nobody
 * declares becomes a field of the request.
 *
 * One thread. What a call gives back lives until the next call. */
#ifndef RK_DRIVER_SESSION_H
#define RK_DRIVER_SESSION_H

#include "compiler/rankc.h"

typedef struct rk_session rk_session;

typedef struct rk_session_options {
    rk_program_options program; /* engine.stop makes calls end early, with RK_ESTOP */
    uint32_t max_bad_rows;      /* of requests; those of sources are in program.engine */
    bool has_now;               /* else the clock is asked for each input */
    double now;
} rk_session_options;

RK_NODISCARD rk_status rk_session_new(const rk_session_options *options, rk_session **out);
void rk_session_free(rk_session *session);

/* Diagnostics of the last call that can fail, and the texts they point into. */
const rk_diags *rk_session_diags(const rk_session *session);
const rk_texts *rk_session_texts(const rk_session *session);

/* ---- what there is to look at ---- */

/* Adds a program file with what it imports. A file with errors is not added. */
RK_NODISCARD rk_status rk_session_load(rk_session *session, const char *path);

/* Reads all files, requests and sources again; if something is wrong with a file, everything stays
 * as it was. */
RK_NODISCARD rk_status rk_session_reload(rk_session *session);

/* A file of requests, of which the first is picked. It is read as far as that is asked for. */
RK_NODISCARD rk_status rk_session_requests(rk_session *session, const char *path);

/* A request without a file: `name=value` for fields of the query, as --query has them. */
RK_NODISCARD rk_status rk_session_query(rk_session *session, const rk_str *pairs, uint32_t n);

/* Picks request `number`, from 1. One that the file has not is an error. */
RK_NODISCARD rk_status rk_session_pick_request(rk_session *session, uint32_t number);

/* "": the whole program. */
RK_NODISCARD rk_status rk_session_pick_revision(rk_session *session, rk_str name);

/* "": the first of the program again. */
RK_NODISCARD rk_status rk_session_pick_pipeline(rk_session *session, rk_str name);

void rk_session_pick_engine(rk_session *session, rk_engine_choice choice);

/* Forgets what was typed and given under a name; "" forgets all of it. RK_EUSAGE: there is no such
 * thing. */
RK_NODISCARD rk_status rk_session_forget(rk_session *session, rk_str name);

/* The declarations that were typed, as a program; a fragment of one when files were loaded. */
void rk_session_print(const rk_session *session, rk_buf *out);

typedef struct rk_session_state {
    uint32_t n_files;     /* program files that were loaded by name */
    uint32_t n_typed;     /* declarations */
    uint32_t n_given;     /* values */
    bool as_test;         /* only what was given counts */
    rk_str revision;      /* "": everything */
    rk_str pipeline;      /* whose recall is the domain; "": none */
    const char *scanned;  /* without a pipeline and requests: the source that is the domain; NULL */
    const char *requests; /* path; NULL: none */
    uint32_t request;     /* number of the picked one, from 1 */
    rk_str request_name;
    rk_engine_choice engine;
} rk_session_state;

rk_session_state rk_session_describe(const rk_session *session);

/* The checked program, with nothing of the last expression: for lists of names and types. */
const rk_module *rk_session_module(const rk_session *session);

/* The text of a declaration as it stands in a file or was typed, doc comment included; "": there is
 * none of that name. */
rk_str rk_session_source_of(const rk_session *session, rk_str name);

/* ---- input ---- */

/* Whether a text goes on in the next line: a bracket is open, or it ends in an operator. */
bool rk_session_is_open(rk_str text);

typedef enum rk_answer_kind {
    RK_ANSWER_NOTHING,  /* the text is empty, or a comment */
    RK_ANSWER_VALUE,    /* of an expression */
    RK_ANSWER_RANKED,   /* a pipe's list */
    RK_ANSWER_DECLARED, /* declarations were taken */
    RK_ANSWER_GIVEN,    /* values were set */
    RK_ANSWER_EXPECTED, /* `expect …` holds or not */
} rk_answer_kind;

/* A declaration that was taken, or a name that was given a value. */
typedef struct rk_answer_name {
    rk_str name;      /* "" for query and item blocks */
    const char *what; /* "factor" */
    bool replaced;    /* there was one of that name */
    rk_type type;     /* NONE: it has none */
    rk_scope scope;
} rk_answer_name;

/* Seconds of an input by the clock. */
typedef struct rk_answer_times {
    double compile, load, run;
} rk_answer_times;

typedef struct rk_answer {
    rk_answer_kind kind;
    rk_str text; /* of the expression, on one line */
    rk_type type;
    rk_scope scope;              /* VALUE */
    uint32_t n;                  /* items of the list; a value that is no list's has 1 */
    const rk_column *ids;        /* [n], or NULL for one value */
    const rk_column *values;     /* VALUE: [n] */
    const rk_column *scores;     /* RANKED: [n], or NULL */
    const rk_atoms *strings;     /* of all these columns */
    uint32_t dropped;            /* items without a row */
    const rk_answer_name *names; /* [n_names] DECLARED, GIVEN */
    uint32_t n_names;
    bool holds;   /* EXPECTED; DECLARED: tests, if there were any */
    rk_str fault; /* … what was expected and found, when it does not hold */
    rk_answer_times times;
} rk_answer;

/* Takes one input: declarations, `given` and `expect` lines, or one expression or pipe. */
RK_NODISCARD rk_status rk_session_take(rk_session *session, rk_str text, rk_answer *out);

/* Compiles an expression or pipe ("": the picked pipeline) without running it: *answer has its
 * kind, text, type and scope. Its trees and graph are then at rk_session_compiled, for printing;
 * the last of the files there is the input's. `plan` NULL: it is checked only, and the graph is as
 * checked. */
RK_NODISCARD rk_status rk_session_plan(rk_session *session, rk_str text, rk_answer *answer,
                                       const rk_plan **plan);
const rk_compiled *rk_session_compiled(const rk_session *session);

#endif
