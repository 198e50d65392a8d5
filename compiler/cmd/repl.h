/* What the files of `rankc repl` have in common. repl.c is the loop; repl_input.c cuts what is
 * typed or piped into inputs, of which repl_edit.c reads lines from a terminal through libedit;
 * repl_commands.c has the table of `:` commands, and repl_look.c, repl_work.c what they do;
 * repl_complete.c finds what a name may become; repl_history.c keeps what was typed. */
#ifndef RK_CMD_REPL_H
#define RK_CMD_REPL_H

#include "compiler/cmd/answer.h"
#include "compiler/cmd/topics.h"
#include "compiler/sema/outline.h"

typedef struct repl_edit repl_edit;

/* What was read and not taken yet. */
typedef struct repl_input {
    rk_buf text;
    size_t taken;    /* bytes of it */
    size_t searched; /* there is no newline between the last one known and here */
    bool ended;      /* there is no more to read */
} repl_input;

typedef struct repl {
    cmd *c;
    rk_session *session;
    cmd_screen screen;
    bool talks;      /* with a person: prompts, and errors end nothing */
    repl_edit *edit; /* NULL: lines are read as they come */
    repl_input input;
    cmd_topics topics;
    bool has_topics;
    RK_VEC(const char *) saved; /* files that :save wrote */
    bool timing;
    bool left;    /* by :quit */
    bool failed;  /* some input did */
    bool starved; /* … for want of memory */
} repl;

/* ---- repl.c ---- */

/* Words on standard error; RK_EUSAGE. */
rk_status repl_say(repl *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same as part of the answer. */
void repl_remark(repl *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints what is wrong after a call of the session, and gives its status back. */
rk_status repl_report(repl *r, rk_status status);
/* Adds a program, or says why not. */
rk_status repl_load(repl *r, const char *path);
/* What expressions are worked out for, and how many items that are. */
rk_status repl_print_domain(repl *r);
/* Fills in the topics of help once. */
RK_NODISCARD rk_status repl_need_topics(repl *r);

/* ---- repl_input.c ---- */

typedef enum repl_got {
    REPL_GOT_TEXT,
    REPL_GOT_NOTHING, /* Ctrl-C: what was typed is dropped */
    REPL_GOT_END,
} repl_got;

/* The next input: lines as long as they belong together. It lives until the next call. */
repl_got repl_input_next(repl *r, rk_str *out);
/* Forgets what was read. */
void repl_input_drop(repl_input *input);
/* Whether an input is a `:` command. */
bool repl_is_command(rk_str text);
/* Without white space on both sides. */
rk_str repl_trim(rk_str text);
/* Cuts the first word off. */
rk_str repl_word(rk_str *rest);

/* ---- repl_signals.c: Ctrl-C and its kin, for a REPL that talks ---- */

void repl_signals_watch(void);
/* Set by Ctrl-C until the next input begins. */
const atomic_bool *repl_signals_stop(void);
void repl_signals_begin(void);
/* Whether the process is to end, and its end. */
bool repl_signals_ended(void);
void repl_signals_finish(void);
/* Waits until standard input has something to read; false: Ctrl-C, or the end. */
typedef struct repl_waiter {
    void (*leave)(void *user);             /* the process is about to be stopped */
    void (*redraw)(void *user, bool anew); /* the window has another size, or (anew) the process
                                              goes on and others have written on the terminal */
    void *user;
} repl_waiter;
bool repl_signals_wait(const repl_waiter *waiter);

/* ---- repl_edit.c ---- */

/* NULL: there is no libedit, and the reason is of no interest. */
repl_edit *repl_edit_open(repl *r);
void repl_edit_close(repl_edit *edit);
/* Adds a line and its newline. */
repl_got repl_edit_read(repl_edit *edit, const char *prompt, rk_buf *out);
/* What can be called back. */
void repl_edit_remember(repl_edit *edit, rk_str entry);

/* ---- repl_history.c: a file of entries that several REPLs may write to ---- */

/* Hands the entries of the file over, oldest first; false and `why` when there can be none. */
bool repl_history_load(void (*add)(void *user, rk_str entry), void *user, const char **why);
/* Adds one; false and `why` when that cannot be. */
bool repl_history_add(rk_str entry, const char **why);

/* ---- repl_commands.c ---- */

/* What the argument of a command is. */
typedef enum repl_argument {
    REPL_ARG_NONE,
    REPL_ARG_EXPRESSION,
    REPL_ARG_NAME, /* of the program */
    REPL_ARG_TOPIC,
    REPL_ARG_KIND,
    REPL_ARG_STAGE, /* of the compiler, then perhaps an expression */
    REPL_ARG_FILE,
    REPL_ARG_REVISION,
    REPL_ARG_PIPELINE,
    REPL_ARG_ENGINE,
    REPL_ARG_SWITCH,
    REPL_ARG_NUMBER,
} repl_argument;

typedef struct repl_command {
    const char *name; /* "type" */
    const char *args; /* "EXPR", for people */
    const char *doc;
    repl_argument argument;
    bool required;
    rk_status (*run)(repl *r, rk_str argument);
} repl_command;

extern const repl_command repl_commands[]; /* ended by a row without name */

/* The one that is called so or is the only one to begin so; NULL. */
const repl_command *repl_command_find(rk_str name);
rk_status repl_command_run(repl *r, rk_str line);

/* ---- repl_look.c, repl_work.c: what commands do ---- */

extern const char repl_dump_stages[], repl_engines[], repl_kinds[], repl_switches[]; /* words */

rk_status repl_do_deps(repl *r, rk_str name);
rk_status repl_do_help(repl *r, rk_str name);
rk_status repl_do_list(repl *r, rk_str kind);
rk_status repl_do_show(repl *r, rk_str name);
rk_status repl_do_type(repl *r, rk_str expression);
rk_status repl_do_users(repl *r, rk_str name);

rk_status repl_do_dump(repl *r, rk_str argument);
rk_status repl_do_engine(repl *r, rk_str name);
rk_status repl_do_load(repl *r, rk_str path);
rk_status repl_do_pipeline(repl *r, rk_str name);
rk_status repl_do_plan(repl *r, rk_str expression);
rk_status repl_do_quit(repl *r, rk_str argument);
rk_status repl_do_reload(repl *r, rk_str argument);
rk_status repl_do_request(repl *r, rk_str number);
rk_status repl_do_requests(repl *r, rk_str path);
rk_status repl_do_reset(repl *r, rk_str name);
rk_status repl_do_revision(repl *r, rk_str name);
rk_status repl_do_save(repl *r, rk_str path);
rk_status repl_do_save_over(repl *r, rk_str path);
rk_status repl_do_time(repl *r, rk_str word);

/* ---- repl_complete.c ---- */

typedef struct repl_match {
    rk_str text;  /* in place of the word */
    rk_str about; /* "field float?" */
} repl_match;

typedef struct repl_matches {
    RK_VEC(repl_match) items; /* sorted, without doubles */
    size_t start;             /* of the word in the text */
    size_t shared;            /* bytes that all have in common */
} repl_matches;

/* What the last word of a text, which ends at the cursor, may become. */
RK_NODISCARD rk_status repl_complete(repl *r, rk_str text, rk_arena *arena, repl_matches *out);
/* The list for people. */
void repl_matches_print(const repl_matches *matches, const cmd_screen *screen, rk_buf *out);

#endif
