/* The table of commands, and the way from the first word to one of them. */
#include "compiler/cmd/cmd.h"

#include "config.h"

#define CMD_ALL CMD_HAS(CMD_COLOR)
#define CMD_PROGRAM                                                                                \
    (CMD_ALL | CMD_HAS(CMD_FORMAT) | CMD_HAS(CMD_REVISION) | CMD_HAS(CMD_DEFINE) |                 \
     CMD_HAS(CMD_DUMP))

#define CMD_ENGINES (CMD_HAS(CMD_ENGINE) | CMD_HAS(CMD_THREADS) | CMD_HAS(CMD_NO_CACHE))

#define CMD_LOOK                                                                                   \
    (CMD_ALL | CMD_HAS(CMD_REVISION) | CMD_HAS(CMD_NOW) | CMD_HAS(CMD_MAX_BAD_ROWS) |              \
     CMD_HAS(CMD_PIPELINE) | CMD_HAS(CMD_REQUESTS) | CMD_HAS(CMD_QUERY) | CMD_ENGINES)

enum { MANY = UINT32_MAX };

/* clang-format off */
const cmd_row cmd_rows[] = {
    {"check", "FILE...", "Report every error of programs, all revisions included.",
     CMD_PROGRAM, "text json jsonl", "ast dag opt", 1, MANY, cmd_run_check,
     "Models are read, and the headers of index files, but no data: whether an index has the rows that\n"
     "its source has now only a run finds out. A program without errors is one line of output.\n"},
    {"run", "FILE", "Rank requests by a pipeline of a program.",
     CMD_PROGRAM | CMD_HAS(CMD_NOW) | CMD_HAS(CMD_MAX_BAD_ROWS) | CMD_HAS(CMD_PIPELINE) |
         CMD_HAS(CMD_REQUESTS) | CMD_HAS(CMD_QUERY) | CMD_HAS(CMD_SHOW) | CMD_HAS(CMD_TOP) |
         CMD_HAS(CMD_K) | CMD_HAS(CMD_TRACE) | CMD_ENGINES,
     "text json jsonl csv trec msmarco", "ast dag opt plan", 1, 1, cmd_run_run,
     "A request comes from --requests, is made of --query values, or is empty. A program\n"
     "without a pipeline gives back the items sent. Lists are printed as they come, as long as the\n"
     "pipeline makes them; with -k N each has exactly N items, or the exit status is 4.\n"},
    {"repl", "[FILE...]", "Try expressions over a program and its data, line by line.",
     CMD_LOOK, NULL, NULL, 0, MANY, cmd_run_repl,
     "Each input is an expression, a pipe, declarations, `given NAME = value`, `expect` or a\n"
     "`:` command; `:help` lists these. From a pipe it prints plain lines, and the exit status\n"
     "is 1 if an input failed.\n"},
    {"eval", "EXPR... [FILE...]", "Print the value of an expression, or the list of a pipe.",
     CMD_LOOK | CMD_HAS(CMD_FORMAT), "text json csv", NULL, 1, MANY, cmd_run_eval,
     "Declarations and `given NAME = value` may come before it, a word each. A word that\n"
     "begins with `/`, `./` or `../`, or ends in `.rank` and is one, is a file.\n"},
    {"test", "FILE...", "Run the tests that programs declare.",
     CMD_ALL | CMD_HAS(CMD_FORMAT) | CMD_HAS(CMD_DEFINE) | CMD_HAS(CMD_FILTER) |
         CMD_HAS(CMD_CASES) | CMD_HAS(CMD_UPDATE) | CMD_ENGINES,
     "text json jsonl", NULL, 1, MANY, cmd_run_test,
     "Tests read no source, no file and no clock. One that fails makes the exit status 3.\n"},
    {"fmt", "FILE...", "Rewrite programs in canonical form.",
     CMD_ALL | CMD_HAS(CMD_CHECK_ONLY), NULL, NULL, 1, MANY, cmd_run_fmt,
     "A file is replaced as a whole or not at all; `-` is standard input, printed to standard\n"
     "output. Comments, and the words of the program, stay as they are.\n"},
    {"plan", "FILE", "Print what a pipeline computes, list by list.",
     CMD_PROGRAM | CMD_HAS(CMD_PIPELINE) | CMD_HAS(CMD_SHOW) | CMD_HAS(CMD_ENGINE) |
         CMD_HAS(CMD_NO_CACHE),
     "text json", "ast dag opt plan", 1, 1, cmd_run_plan,
     "Each list of candidates, which factors are worked out for it, by what steps, and which\n"
     "engine does each. A factor is worked out at the first list that needs it; later lists\n"
     "gather its values. A value without a name is c3 and the like.\n"},
    {"graph", "FILE", "Draw who reads whom in a program: data, factors, pipelines.",
     CMD_ALL | CMD_HAS(CMD_FORMAT) | CMD_HAS(CMD_REVISION) | CMD_HAS(CMD_PIPELINE) |
         CMD_HAS(CMD_OUTPUT),
     "svg dot mermaid json", NULL, 1, 1, cmd_run_graph,
     "A picture, svg, unless --format asks for text. It shows all pipelines without --pipeline;\n"
     "what those that it shows do not need is faded.\n"},
    {"compile", "FILE", "Make native code of a program, or show what becomes of it on the way.",
     CMD_ALL | CMD_HAS(CMD_REVISION) | CMD_HAS(CMD_DEFINE) | CMD_HAS(CMD_PIPELINE) |
         CMD_HAS(CMD_SHOW) | CMD_HAS(CMD_EMIT) | CMD_HAS(CMD_TARGET) | CMD_HAS(CMD_OUTPUT) |
         CMD_HAS(CMD_TIME) | CMD_HAS(CMD_ENGINE) | CMD_HAS(CMD_NO_CACHE),
     NULL, NULL, 1, 1, cmd_run_compile,
     "Without --emit the code goes into the cache, where `rankc run` finds it.\n"},
    {"metrics", "RUN|FILE", "Measure a ranking by labels, or compare two.",
     CMD_ALL | CMD_HAS(CMD_FORMAT) | CMD_HAS(CMD_REVISION) | CMD_HAS(CMD_DEFINE) | CMD_HAS(CMD_NOW) |
         CMD_HAS(CMD_MAX_BAD_ROWS) | CMD_HAS(CMD_PIPELINE) | CMD_HAS(CMD_REQUESTS) | CMD_ENGINES |
         CMD_HAS(CMD_LABELS) | CMD_HAS(CMD_METRIC) | CMD_HAS(CMD_PER_QUERY) | CMD_HAS(CMD_COMPARE) |
         CMD_HAS(CMD_COMPARE_PIPELINE) | CMD_HAS(CMD_COMPLETE) | CMD_HAS(CMD_RELEVANT) |
         CMD_HAS(CMD_MAX_GRADE) | CMD_HAS(CMD_ORDER),
     "text json jsonl csv", NULL, 1, 1, cmd_run_metrics,
     "RUN is a file of TREC or MS MARCO; FILE is a program (.rank) or a bundle that ranks what\n"
     "--requests has. Order, ties and means are trec_eval's, and are told with the numbers.\n"
     "`rankc help metrics` lists what can be measured.\n"},
    {"model", "inspect|verify FILE", "Look at a model, or compare it with what its library says.",
     CMD_ALL | CMD_HAS(CMD_FORMAT) | CMD_HAS(CMD_GOLDEN), "text json", NULL, 2, 2, cmd_run_model,
     "FILE is a model of LightGBM, XGBoost or CatBoost, or ONNX. inspect tells what it is made of, which\n"
     "inputs it asks for, and how it is worked out. verify scores the rows of a golden; a row that\n"
     "differs makes the exit status 3. `rankc help model verify` tells what a golden is.\n"},
    {"embed", "FILE", "Work out a vector for every row of a source, and keep them in a file.",
     CMD_ALL | CMD_HAS(CMD_REVISION) | CMD_HAS(CMD_DEFINE) | CMD_HAS(CMD_MAX_BAD_ROWS) | CMD_ENGINES |
         CMD_HAS(CMD_FACTOR) | CMD_HAS(CMD_VECTORS) | CMD_HAS(CMD_IDS) | CMD_HAS(CMD_ROWS),
     NULL, NULL, 1, 1, cmd_run_embed,
     "--factor and -o must be given. The factor may need nothing that a request sends. A row whose\n"
     "value is missing, or has a NaN in it, is left out. All processors are at work unless\n"
     "--threads says how many; the bytes do not depend on it. What was interrupted goes on from\n"
     "OUT.part when the same command is given again and nothing has changed.\n"},
    {"index", "build|import|inspect|query|eval [FILE...]",
     "Make, look at, search and measure indexes of nearest neighbours.",
     CMD_ALL | CMD_HAS(CMD_FORMAT) | CMD_HAS(CMD_REVISION) | CMD_HAS(CMD_DEFINE) |
         CMD_HAS(CMD_MAX_BAD_ROWS) | CMD_HAS(CMD_THREADS) | CMD_HAS(CMD_IN) | CMD_HAS(CMD_ROW_IDS) |
         CMD_HAS(CMD_SPACE) | CMD_HAS(CMD_KIND) | CMD_HAS(CMD_M) | CMD_HAS(CMD_EF_CONSTRUCTION) |
         CMD_HAS(CMD_EF) | CMD_HAS(CMD_INDEX) | CMD_HAS(CMD_VERIFY) | CMD_HAS(CMD_VECTOR) |
         CMD_HAS(CMD_QUERIES) | CMD_HAS(CMD_GT) | CMD_HAS(CMD_K) | CMD_HAS(CMD_EXACT) |
         CMD_HAS(CMD_BATCH),
     "text json jsonl", NULL, 1, 3, cmd_run_index,
     "  build PROGRAM NAME -o INDEX    the index that a program declares by this name\n"
     "  build --in VECTORS --metric METRIC -o INDEX    of a file of vectors\n"
     "  import FILE -o INDEX       of an index of FAISS (flat, HNSW, IVF-flat, id maps) or hnswlib\n"
     "  inspect INDEX              what is in it\n"
     "  query INDEX --vector X1,X2 | --queries VECTORS\n"
     "  eval INDEX --queries VECTORS --gt FILE --ef N1,N2\n"
     "                             which part of the true neighbours is found, and how many queries a\n"
     "                             second are answered by one thread, for each --ef\n"
     "All processors are at work on a build unless --threads says how many; the bytes do not depend\n"
     "on it. A file is made as a whole or not at all.\n"},
    {"explain", "[CODE...]", "Tell at length, with an example, what a diagnostic means.",
     CMD_ALL, NULL, NULL, 0, MANY, cmd_run_explain,
     "Without a code all of them are listed.\n"},
    {"help", "[NAME...]", "Show a command, function, stage, kind of source, or a group of them.",
     CMD_ALL | CMD_HAS(CMD_FORMAT), "text markdown", NULL, 0, MANY, cmd_run_help,
     "Without a name all of them are listed.\n"},
    {"doctor", "", "Say what this build and this machine offer.",
     CMD_ALL | CMD_HAS(CMD_FORMAT), "text json", NULL, 0, 0, cmd_run_doctor, ""},
    {"completion", "SHELL", "Print the completions of a shell: bash, zsh or fish.",
     CMD_ALL, NULL, NULL, 1, 2, cmd_run_completion,
     "They are installed with rankc. For a rankc that is not, a shell takes them by\n"
     "`source <(rankc completion bash)` or `rankc completion fish | source`.\n"},
    {0},
};
/* clang-format on */

const cmd_row *cmd_find(rk_str name)
{
    for (const cmd_row *row = cmd_rows; row->name; row++)
        if (rk_str_eq(name, rk_str_from(row->name)))
            return row;
    return NULL;
}

static rk_status unknown_command(cmd *c, const char *word)
{
    rk_suggestion suggestion = rk_suggest(rk_str_from(word));
    for (const cmd_row *row = cmd_rows; row->name; row++)
        rk_suggest_offer(&suggestion, rk_str_from(row->name));
    const char *const mean = cmd_mean(c, &suggestion, "rankc ");
    return cmd_usage(c, "unknown %s `%s`%s", word[0] == '-' ? "option" : "command", word,
                     *mean ? mean : "; `rankc --help` lists the commands");
}

static bool asks_for_help(int n, const char *const *words)
{
    for (int i = 0; i < n && strcmp(words[i], "--") != 0; i++)
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0)
            return true;
    return false;
}

bool cmd_action_usage(const char *command, const char *action, rk_buf *out)
{
    const rk_str name = rk_str_from(action);
    return (strcmp(command, "index") == 0 && cmd_index_usage(name, out)) ||
           (strcmp(command, "model") == 0 && cmd_model_usage(name, out));
}

static rk_status dispatch(cmd *c, int n, const char *const *words)
{
    if (n == 0) {
        cmd_print_commands(&c->err.buf);
        return RK_EUSAGE;
    }
    if (strcmp(words[0], "--version") == 0) {
        rk_buf_printf(&c->out.buf, "rankc %s\n", PACKAGE_VERSION);
        return RK_OK;
    }
    if (strcmp(words[0], "--help") == 0 || strcmp(words[0], "-h") == 0) {
        cmd_print_commands(&c->out.buf);
        return RK_OK;
    }
    c->row = cmd_find(rk_str_from(words[0]));
    if (!c->row)
        return unknown_command(c, words[0]);
    if (asks_for_help(n - 1, words + 1)) {
        if (!cmd_action_usage(words[0], words[1], &c->out.buf))
            cmd_print_usage(c->row, &c->out.buf);
        return RK_OK;
    }
    RK_TRY(cmd_parse(c, n - 1, words + 1));
    cmd_set_colors(c);
    return c->row->run(c);
}

rk_status cmd_main(cmd *c, int n, const char *const *words)
{
    rk_status status = dispatch(c, n, words);
    if (status == RK_ENOMEM)
        cmd_note(c, "out of memory");
    const rk_status written = cmd_flush(&c->out);
    if (written == RK_EFILE)
        cmd_note(c, "cannot write: %s", strerror(c->out.error));
    if (status == RK_OK)
        status = written;
    const rk_status told = cmd_flush(&c->err);
    return status == RK_OK && told == RK_ENOMEM ? told : status;
}
