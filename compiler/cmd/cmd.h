/* The command line: argv becomes a `cmd`, which a row of the table of commands runs. One file per
 * command. Everything a command says goes through its two streams, so that the runner of case files
 * can run commands inside the process and look at what they said. */
#ifndef RK_CMD_CMD_H
#define RK_CMD_CMD_H

#include "compiler/driver/program.h"
#include "compiler/rankc.h"

/* What an option takes. */
typedef enum cmd_kind {
    CMD_FLAG,    /* nothing */
    CMD_TEXT,    /* a word */
    CMD_COUNT,   /* a number from 0 to 4294967295 */
    CMD_WORKERS, /* a number from 1 to 256 */
    CMD_SECONDS, /* a finite number */
    CMD_CHOICE,  /* one of the words that the command's row or the option's lists */
    CMD_PAIRS,   /* name=value, any number of times */
    CMD_MAYBE,   /* nothing, or a word behind `=` */
} cmd_kind;

typedef enum cmd_option_id {
    CMD_FORMAT,
    CMD_REVISION,
    CMD_DEFINE,
    CMD_DUMP,
    CMD_NOW,
    CMD_COLOR,
    CMD_MAX_BAD_ROWS,
    CMD_PIPELINE,
    CMD_REQUESTS,
    CMD_QUERY,
    CMD_SHOW,
    CMD_TOP,
    CMD_FILTER,
    CMD_CHECK_ONLY,
    CMD_CASES,
    CMD_UPDATE,
    CMD_ENGINE,
    CMD_THREADS,
    CMD_NO_CACHE,
    CMD_EMIT,
    CMD_TARGET,
    CMD_OUTPUT,
    CMD_TIME,
    CMD_LABELS,
    CMD_METRIC,
    CMD_PER_QUERY,
    CMD_COMPARE,
    CMD_COMPARE_PIPELINE,
    CMD_COMPLETE,
    CMD_RELEVANT,
    CMD_MAX_GRADE,
    CMD_ORDER,
    CMD_GOLDEN,
    CMD_FACTOR,
    CMD_VECTORS,
    CMD_IDS,
    CMD_ROWS,
    CMD_TRACE,
    CMD_IN,
    CMD_ROW_IDS,
    CMD_SPACE,
    CMD_KIND,
    CMD_M,
    CMD_EF_CONSTRUCTION,
    CMD_EF,
    CMD_INDEX,
    CMD_VERIFY,
    CMD_VECTOR,
    CMD_QUERIES,
    CMD_GT,
    CMD_K,
    CMD_EXACT,
    CMD_BATCH,
    CMD_OPTION_COUNT,
} cmd_option_id;

#define CMD_HAS(id) (UINT64_C(1) << (id))

typedef struct cmd_option {
    const char *name;  /* "--format" */
    const char *value; /* what its value is called; NULL for flags */
    cmd_kind kind;
    const char *choices; /* CMD_CHOICE: words between spaces; NULL: the row's */
    bool hidden;
    const char *doc;
} cmd_option;

/* A stream of output: a file, or memory when fd is -1. */
typedef struct cmd_stream {
    rk_buf buf;
    int fd;
    bool color;
    bool closed; /* nobody reads it any more: what comes is dropped */
    int error;   /* errno of a failed write; 0 */
} cmd_stream;

typedef struct cmd {
    rk_arena arena; /* of the invocation */
    const struct cmd_row *row;
    cmd_stream out, err;
    rk_cpu_level cpu;
    bool diag_text;            /* diagnostics as text whatever --format says: in case files */
    bool values;               /* `run` prints the values of the first shown alone: in case files */
    bool in_case;              /* what depends on the machine is not printed: in case files */
    rk_program_options engine; /* for when the options do not say */
    bool ends;                 /* the process ends with the command, by _exit if `busy` */
    bool busy;                 /* the compiler is at work, and what it reads was not freed */
    bool given[CMD_OPTION_COUNT];
    rk_str text[CMD_OPTION_COUNT]; /* as given last; "" */
    double number[CMD_OPTION_COUNT];
    RK_VEC(rk_str) pairs[CMD_OPTION_COUNT];
    RK_VEC(const char *) files; /* what is not an option */
} cmd;

typedef struct cmd_row {
    const char *name;
    const char *args; /* "FILE...", for people */
    const char *doc;  /* one line */
    uint64_t options; /* CMD_HAS of each */
    const char *formats;
    const char *dumps; /* values of --dump */
    uint32_t min_files, max_files;
    rk_status (*run)(cmd *c);
    const char *more; /* paragraphs for `rankc help NAME`; "" */
} cmd_row;

/* ---- args.c, commands.c ---- */

extern const cmd_option cmd_options[CMD_OPTION_COUNT];
extern const cmd_row cmd_rows[]; /* ended by a row without name */
const cmd_row *cmd_find(rk_str name);

/* A command with streams to stdout and stderr. Must be freed. */
void cmd_init(cmd *c, int out, int err);
void cmd_free(cmd *c);

/* Parses the words after the program's name and runs the command. What it printed is flushed. */
rk_status cmd_main(cmd *c, int n, const char *const *words);

RK_NODISCARD rk_status cmd_parse(cmd *c, int n, const char *const *words);

/* The words that --format or another choice takes in this row. */
const char *cmd_choices(const cmd_row *row, cmd_option_id id);
/* Whether a row has an option, and people are told of it. */
bool cmd_shows(const cmd_row *row, cmd_option_id id);
void cmd_add_option_doc(const cmd_row *row, cmd_option_id id, rk_buf *out);
/* `--format=FORM`, `-o OUT` with `space` between, `--trace[=FILE]`, `--check`. */
void cmd_add_option(cmd_option_id id, const char *space, rk_buf *out);
/* `rankc run [--pipeline P] … FILE` and its options, and all commands. */
void cmd_print_usage(const cmd_row *row, rk_buf *out);
/* The same of `rankc index NAME`; false: it is none of its actions. */
bool cmd_index_usage(rk_str name, rk_buf *out);
bool cmd_model_usage(rk_str name, rk_buf *out);                              /* of `rankc model` */
bool cmd_action_usage(const char *command, const char *action, rk_buf *out); /* of either */
void cmd_print_commands(rk_buf *out);

/* The value of --format is this word; "text" when none is given. */
bool cmd_format_is(const cmd *c, const char *word);
/* A count or its default. */
uint32_t cmd_count(const cmd *c, cmd_option_id id, uint32_t otherwise);

/* What --engine, --threads, --no-cache and --max-bad-rows say, and the vector level. */
rk_program_options cmd_engine(const cmd *c);

/* ---- out.c ---- */

/* Writes what is buffered. A reader that went away is no error; anything else is RK_EFILE. */
RK_NODISCARD rk_status cmd_flush(cmd_stream *stream);
/* Whether to colour a stream: --color, then the usual environment, then whether it is a terminal.
 */
void cmd_set_colors(cmd *c);
/* `rankc: …` on stderr; RK_EUSAGE. */
rk_status cmd_usage(cmd *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same without making it an error. */
void cmd_note(cmd *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* `; did you mean …?` for the best of the words offered, or "". Lives in the command's arena. */
const char *cmd_mean(cmd *c, const rk_suggestion *suggestion, const char *prefix);
/* Offers each word of a list between spaces. */
void cmd_offer_words(rk_suggestion *suggestion, const char *words);
bool cmd_has_word(const char *words, rk_str word);
/* Terminal columns of a text. */
size_t cmd_width(rk_str s);
/* A text for a terminal: control characters become spaces. */
void cmd_add_plain(rk_buf *out, rk_str s);
/* Words in lines of at most 80 columns, each behind `indent` spaces. */
void cmd_add_wrapped(rk_buf *out, rk_str words, size_t indent);
/* The same for lines of at most `most`. */
void cmd_add_wrapped_to(rk_buf *out, rk_str words, size_t indent, size_t most);

/* ---- replace.c ---- */

/* Gives a file another text, as a whole or not at all; a link stays one, and what it points to is
 * replaced. Says why not. */
RK_NODISCARD rk_status cmd_replace_file(cmd *c, const char *path, rk_str text);
/* Writes a file, a new one or in place of an old one, as a whole or not at all; a device or pipe is
 * written to. Says why not. */
RK_NODISCARD rk_status cmd_write_file(cmd *c, const char *path, rk_str bytes);

/* ---- pipelines.c ---- */

typedef RK_VEC(rk_str) cmd_names;

/* The one of these pipelines that --pipeline names, or the only one; RK_MAP_NONE when there is
 * none.
 */
RK_NODISCARD rk_status cmd_pick_name(cmd *c, const cmd_names *names, uint32_t *out);

/* ---- program.c ---- */

/* A program while it is used. Must be closed, also when opening fails. */
typedef struct cmd_program {
    rk_compiled compiled;
    const char *path;           /* as it was opened */
    uint32_t printed;           /* diagnostics that were printed */
    uint32_t revision;          /* in the module; RK_MAP_NONE: all */
    RK_VEC(rk_str) shown;       /* as asked for by --show */
    RK_VEC(rk_str) shown_names; /* of the factors that hold them */
    RK_VEC(uint32_t) factors;   /* the same as numbers of the module */
    bool dumped;                /* --dump printed what it asked for: there is no more to do */
} cmd_program;

/* Reads, adjusts and checks a program ("-": stdin) by --revision, -D and --show, prints what is
 * wrong with it, and does --dump=ast|dag|opt. */
RK_NODISCARD rk_status cmd_open(cmd *c, const char *path, cmd_program *program);
void cmd_close(cmd_program *program);

/* The one pipeline that --pipeline names, or the only one; RK_MAP_NONE when the program has none.
 */
RK_NODISCARD rk_status cmd_pick_pipeline(cmd *c, cmd_program *program, uint32_t *out);

/* The plan of the picked pipeline with what is shown; does --dump=plan. */
RK_NODISCARD rk_status cmd_plan(cmd *c, cmd_program *program, rk_plan **out);

/* Plans of all pipelines of the revision, or of the named one. */
typedef RK_VEC(rk_plan *) cmd_plans;
RK_NODISCARD rk_status cmd_plan_all(cmd *c, cmd_program *program, cmd_plans *out);

/* Whether an index of the program is in the revision in use. */
bool cmd_has_index(const cmd_program *program, uint32_t index);

/* Prints the diagnostics that came since the last call. */
void cmd_report(cmd *c, cmd_program *program);
void cmd_report_diags(cmd *c, const rk_diags *diags, const rk_texts *texts, uint32_t *printed);

/* Compares the models with what stands beside them; prints what differs. */
RK_NODISCARD rk_status cmd_check_goldens(cmd *c, cmd_program *program);

/* ---- rank_bundle.c ---- */

/* Whether a file is a bundle by its name or its first bytes. */
bool cmd_is_bundle(const char *path);
bool cmd_begins_as_bundle(const char *path);
/* Says that a bundle is no program: RK_EUSAGE. */
RK_NODISCARD rk_status cmd_refuse_bundle(cmd *c, const char *path);

/* ---- run_rows.c, run_table.c: one list of a reply ---- */

typedef struct cmd_list {
    const rk_reply *reply;
    const rk_atoms *strings;
    const rk_str *shown; /* [n_shown] names */
    uint32_t n_shown;
    uint32_t n;      /* items to print */
    uint32_t number; /* of the request */
    rk_str name;     /* of the request; "" */
    rk_str pipeline;
    uint32_t widest; /* columns of a cell in a table; 0: as the table likes it */
} cmd_list;

/* A printer of one form. `begin` may be NULL. */
typedef struct cmd_form {
    const char *name;
    void (*begin)(const cmd_list *list, rk_buf *out); /* before the first list */
    void (*print)(const cmd_list *list, rk_buf *out);
    const char *between; /* two lists */
    const char *end;     /* after the last */
} cmd_form;

const cmd_form *cmd_form_find(rk_str name);
void cmd_print_table(const cmd_list *list, rk_buf *out);
/* A cell of CSV; an empty one for a missing value. */
void cmd_add_csv(rk_value value, const rk_atoms *strings, rk_buf *out);

static inline rk_value cmd_shown_value(const cmd_list *list, uint32_t shown, uint32_t item)
{
    const rk_column *const column = list->reply->shown[shown];
    return rk_column_get(column, column->n == 1 ? 0 : item); /* one value for all of a request */
}

/* ---- plan.c ---- */

/* What `rankc plan` prints; what goes wrong is a diagnostic. */
RK_NODISCARD rk_status cmd_print_plan(cmd *c, const rk_plan *plan, const rk_module *module,
                                      rk_diags *diags);

/* ---- the commands ---- */

rk_status cmd_run_cases(cmd *c);
rk_status cmd_run_check(cmd *c);
rk_status cmd_run_compile(cmd *c);
rk_status cmd_run_completion(cmd *c);
rk_status cmd_run_doctor(cmd *c);
rk_status cmd_run_embed(cmd *c);
rk_status cmd_run_eval(cmd *c);
rk_status cmd_run_explain(cmd *c);
rk_status cmd_run_fmt(cmd *c);
rk_status cmd_run_graph(cmd *c);
rk_status cmd_run_help(cmd *c);
rk_status cmd_run_index(cmd *c);
rk_status cmd_run_metrics(cmd *c);
rk_status cmd_run_model(cmd *c);
rk_status cmd_run_plan(cmd *c);
rk_status cmd_run_repl(cmd *c);
rk_status cmd_run_run(cmd *c);
rk_status cmd_run_test(cmd *c);

#endif
