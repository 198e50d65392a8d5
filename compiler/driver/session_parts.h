/* What the files of a session have in common:
 *   session_input.c    what a text is, and whether it goes on
 *   session_typed.c    declarations and values that were typed
 *   session_compile.c  the program with them, and an expression in it
 *   session_data.c     sources and requests, kept from input to input
 *   session_run.c      values and lists */
#ifndef RK_DRIVER_SESSION_PARTS_H
#define RK_DRIVER_SESSION_PARTS_H

#include "compiler/driver/session.h"

/* Something that was typed: a declaration, or the value of a name. */
typedef struct session_entry {
    rk_decl_kind kind;
    bool given;    /* `given NAME = value` */
    bool per_item; /* … with a list of one value an item */
    bool implied;  /* declares a name that was only given a value */
    bool fresh;    /* of the input at hand */
    bool replaced; /* the input at hand is in its place */
    rk_buf name; /* of a test: its title; of a given value: its subject; "" for blocks of fields */
    rk_buf text; /* as it was typed, without `given` */
    rk_buf parsed;   /* with what makes it a declaration */
    uint32_t hidden; /* bytes of `parsed` that nobody typed */
} session_entry;

/* Columns of a source, loaded. */
typedef struct session_table {
    rk_arena arena; /* of all of it */
    rk_str kind, path, sep, ids;
    rk_str *keys; /* [n_keys] */
    rk_type *key_types;
    uint32_t n_keys;
    rk_schema have; /* the columns; defaults are strings of the session */
    rk_relation relation;
} session_table;

typedef struct session_requests {
    rk_buf path; /* "": none */
    rk_mapping file;
    bool is_open;
    RK_VEC(rk_str) pairs; /* without a file */
    uint32_t number;      /* of the picked one, from 1 */
    bool is_read;         /* `request` holds it, by the schema of now */
    rk_arena arena;       /* of the request */
    rk_request request;   /* its strings are the session's */
} session_requests;

struct rk_session {
    rk_arena arena; /* it holds the session itself */
    rk_session_options options;
    RK_VEC(rk_str) paths; /* program files, as asked for */
    rk_arena texts;       /* of files: */
    RK_VEC(rk_text) files;
    rk_files known; /* the same */
    RK_VEC(session_entry) entries;
    rk_buf revision, pipeline, scanned;
    session_requests requests;
    RK_VEC(session_table) tables;
    rk_arena words;       /* of the strings */
    rk_atoms strings;     /* of tables and requests */
    rk_models models;     /* of all of them */
    rk_indexes indexes;   /* that were built for them */
    rk_models stale;      /* of a reload that failed, which may be `last` */
    rk_compiled slots[3]; /* of which in use: */
    rk_compiled *base;    /* the program */
    rk_compiled *last;    /* … with the last input; NULL: there was none */
    /* the last answer */
    rk_arena answer;
    rk_buf title, fault;
    double load_time, run_time; /* seconds */
    const rk_value *constant;   /* the value, when it is known without a request; else NULL */
    rk_atoms moved;             /* of the plan; stands on `strings` */
    rk_program *program;
    rk_run *run;
};

/* ---- session_input.c ---- */

typedef enum session_form {
    SESSION_NOTHING,
    SESSION_DECLS,
    SESSION_STEPS,
    SESSION_EXPR
} session_form;
session_form session_form_of(rk_str text);

/* ---- session_typed.c ---- */

/* Takes a text of declarations, or of `given` steps, apart into fresh entries and marks those that
 * they replace. What is wrong with the text is in session->last. */
RK_NODISCARD rk_status session_split(rk_session *session, rk_str text);
RK_NODISCARD rk_status session_split_steps(rk_session *session, rk_str text, bool *expects);
/* Fresh entries stay and those that they replace go, or the other way round. */
void session_settle(rk_session *session, bool keep);
/* Forgets an entry. */
void session_drop(rk_session *session, uint32_t i);
/* Whether everything is worked out as in a test. */
bool session_is_test(const rk_session *session);

/* ---- session_compile.c ---- */

typedef enum session_want {
    SESSION_PROGRAM, /* nothing beside it */
    SESSION_TESTS,   /* … and the tests among fresh entries */
    SESSION_VALUE,   /* an expression or a pipe */
    SESSION_TYPE,    /* the same, to be looked at only: values need not be given */
    SESSION_EXPECT,  /* `expect` steps, and what is given */
} session_want;

/* Compiles the program with an input, as session->last; *is_pipe says what a VALUE is. */
RK_NODISCARD rk_status session_compile(rk_session *session, session_want want, rk_str text,
                                       bool *is_pipe);
/* The same without an input, checked, in place of the base; it stays when there are errors, which
 * are then in session->last. */
RK_NODISCARD rk_status session_rebase(rk_session *session, session_want want);

/* The name of the input's factor or pipeline, and of the pipeline that scans a source. */
#define SESSION_INPUT   RK_STR("this input")
#define SESSION_SCANNED RK_STR("the scanned")

/* ---- session_data.c ---- */

/* Relations for the sources of a plan, in the answer's arena. */
RK_NODISCARD rk_status session_load(rk_session *session, const rk_plan *plan, rk_diags *diags,
                                    const rk_relation **out);
/* The picked request as the plan's, in the answer's arena. */
RK_NODISCARD rk_status session_read_request(rk_session *session, const rk_plan *plan,
                                            rk_diags *diags, rk_request *out);
RK_NODISCARD rk_status session_open_requests(rk_session *session, const char *path,
                                             rk_diags *diags);
void session_close_requests(rk_session *session);
void session_drop_tables(rk_session *session);

/* ---- session_run.c ---- */

/* A value or list of session->last. */
RK_NODISCARD rk_status session_plan_input(rk_session *session, bool is_pipe, rk_answer *out,
                                          rk_plan **plan);
RK_NODISCARD rk_status session_run_plan(rk_session *session, const rk_plan *plan, bool is_pipe,
                                        rk_answer *out);
/* The pipeline whose recall is the domain, in a module; RK_MAP_NONE. */
uint32_t session_pipeline(const rk_session *session, const rk_module *module);

double session_clock(void);

/* ---- session.c ---- */

/* A slot that is neither the base nor the last. */
rk_compiled *session_slot(rk_session *session);
/* The last input's compilation is this one, or (NULL) there is none. */
void session_set_last(rk_session *session, rk_compiled *last);

#endif
