/* From the words of the command line to a command and its options, by the tables alone. */
#include "compiler/cmd/cmd.h"

#include <inttypes.h>
#include <math.h>

/* clang-format off */
const cmd_option cmd_options[CMD_OPTION_COUNT] = {
    [CMD_FORMAT]   = {"--format", "FORM", CMD_CHOICE, NULL, false,
                      "How to print: {}."},
    [CMD_REVISION] = {"--revision", "NAME", CMD_TEXT, NULL, false,
                      "Use and check this revision alone; without it everything is in."},
    [CMD_DEFINE]   = {"-D", "NAME=VALUE", CMD_PAIRS, NULL, false,
                      "Give a factor this constant value, a literal of Rank, for this time."},
    [CMD_DUMP]     = {"--dump", "STAGE", CMD_CHOICE, NULL, false,
                      "Print what the program is after {}, and stop."},
    [CMD_NOW]      = {"--now", "SECONDS", CMD_SECONDS, NULL, false,
                      "The time of every request, in seconds since 1970; else the clock's."},
    [CMD_COLOR]    = {"--color", "WHEN", CMD_CHOICE, "auto always never", false,
                      "Colours: auto (on a terminal), always or never."},
    [CMD_MAX_BAD_ROWS] = {"--max-bad-rows", "N", CMD_COUNT, NULL, false,
                      "Leave out up to N rows of each source, and N requests, that cannot be read; else one ends it."},
    [CMD_PIPELINE] = {"--pipeline", "NAME", CMD_TEXT, NULL, false,
                      "The pipeline to take; may be left out when the program has one."},
    [CMD_REQUESTS] = {"--requests", "FILE", CMD_TEXT, NULL, false,
                      "Rank the requests of a file: jsonl, tsv or letor; `-` is standard input."},
    [CMD_QUERY]    = {"--query", "NAME=VALUE", CMD_PAIRS, NULL, false,
                      "A field of the query, for one request without items; once for each field."},
    [CMD_SHOW]     = {"--show", "F1,F2", CMD_TEXT, NULL, false,
                      "Values to show beside each item: factors, fields, or expressions."},
    [CMD_TOP]      = {"--top", "N", CMD_COUNT, NULL, false,
                      "Print the first N items of each list only."},
    [CMD_FILTER]   = {"--filter", "TEXT", CMD_TEXT, NULL, false,
                      "Run the tests whose title contains this text."},
    [CMD_CHECK_ONLY] = {"--check", NULL, CMD_FLAG, NULL, false,
                      "Change nothing; name the files that would change, and exit with 3 if any."},
    [CMD_CASES]    = {"--cases", NULL, CMD_FLAG, NULL, true,
                      "The files are case files (tests/cases of rankc itself)."},
    [CMD_UPDATE]   = {"--update", NULL, CMD_FLAG, NULL, true,
                      "With --cases: rewrite what is expected to what was found."},
    [CMD_ENGINE]   = {"--engine", "NAME", CMD_CHOICE, "auto interp jit1 jit2", false,
                      "Who does the work, always with the same bits: interp interprets, jit1 and jit2 compile first (jit1 is quick to compile, jit2 quick to run), auto compiles when it pays."},
    [CMD_THREADS]  = {"--threads", "N", CMD_WORKERS, NULL, false,
                      "Threads that one request may keep busy, from 1 to 256; without it 1, of embed and index build all processors. The bits do not depend on it."},
    [CMD_NO_CACHE] = {"--no-cache", NULL, CMD_FLAG, NULL, false,
                      "Neither read nor keep compiled code on disk."},
    [CMD_EMIT]     = {"--emit", "FORM", CMD_CHOICE, "ir asm obj so plan bundle", false,
                      "What to make: ir, asm and plan are text; obj, so and bundle are files."},
    [CMD_TARGET]   = {"--target", "CPU", CMD_CHOICE, "native x86-64-v3 x86-64-v4", false,
                      "The processors that the code is for: native (this one), x86-64-v3 or x86-64-v4. so and bundle are for all of them."},
    [CMD_OUTPUT]   = {"-o", "OUT", CMD_TEXT, NULL, false,
                      "The file to make, `-` for standard output; else text is printed, and files get the program's name with .o or .rankb, or libNAME.so."},
    [CMD_TIME]     = {"--time", NULL, CMD_FLAG, NULL, false,
                      "Say on standard error what each phase cost, in milliseconds of the processor."},
    [CMD_LABELS]   = {"--labels", "FILE", CMD_TEXT, NULL, false,
                      "What is relevant: qrels, of TREC or MS MARCO, or a LETOR file; without it the LETOR file of --requests."},
    [CMD_METRIC]   = {"--metric", "M1,M2", CMD_TEXT, NULL, false,
                      "What to measure; ndcg@10,ndcg,mrr,map,precision@10,recall@100 without it."},
    [CMD_PER_QUERY] = {"--per-query", NULL, CMD_FLAG, NULL, false,
                      "Print the values of each query too."},
    [CMD_COMPARE]  = {"--compare", "OTHER", CMD_TEXT, NULL, false,
                      "Compare with another run, or with another program or bundle that ranks the same requests."},
    [CMD_COMPARE_PIPELINE] = {"--compare-pipeline", "NAME", CMD_TEXT, NULL, false,
                      "Compare with this pipeline, of OTHER or else of FILE itself."},
    [CMD_COMPLETE] = {"--complete", NULL, CMD_FLAG, NULL, false,
                      "Average over all queries with labels: one that the run lacks counts as 0 (trec_eval -c)."},
    [CMD_RELEVANT] = {"--relevant", "N", CMD_COUNT, NULL, false,
                      "The label from which on a document is relevant, where a metric asks for that; 1 without it (trec_eval -l)."},
    [CMD_MAX_GRADE] = {"--max-grade", "N", CMD_COUNT, NULL, false,
                      "The largest grade that labels can have, for err; the largest label without it."},
    [CMD_ORDER]    = {"--order", "WHAT", CMD_CHOICE, "score double rank", false,
                      "What a list is sorted by: score (as a float, like trec_eval 9), double (the same as a double, like trec_eval 10) or rank. Without it the score, but where a run has none, or a program moved items after they were scored, the place."},
    [CMD_GOLDEN]   = {"--golden", "ROWS", CMD_TEXT, NULL, false,
                      "The csv of rows and what the library makes of them; the model's file with .golden behind its name without it."},
    [CMD_FACTOR]   = {"--factor", "NAME", CMD_TEXT, NULL, false,
                      "What to work out for each row: a factor, a field or an expression that is a vector(n) or a float."},
    [CMD_VECTORS]  = {"-o", "OUT", CMD_TEXT, NULL, false,
                      "The file to make, by its name an array of numpy (.npy) or vectors behind their length (.fvecs)."},
    [CMD_IDS]      = {"--ids", "FILE", CMD_TEXT, NULL, false,
                      "The file of the rows' ids, one a line; OUT with .ids for its suffix without it."},
    [CMD_ROWS]     = {"--source", "NAME", CMD_TEXT, NULL, false,
                      "The source whose rows are meant, where the factor uses several by item.id."},
    [CMD_TRACE]    = {"--trace", "FILE", CMD_MAYBE, NULL, false,
                      "Show on standard error when each step of a request ran, and on which thread; or write it to FILE, as trace events that Perfetto (ui.perfetto.dev) and Chrome open."},
    [CMD_IN]       = {"--in", "VECTORS", CMD_TEXT, NULL, false,
                      "Of build: the file of vectors, by its name an array of numpy (.npy), or .fvecs, .bvecs or .ivecs."},
    [CMD_ROW_IDS]  = {"--ids", "FILE", CMD_TEXT, NULL, false,
                      "Of build: the ids of the vectors, one a line, or an npy file of ints; their numbers from 0 without it."},
    [CMD_SPACE]    = {"--metric", "METRIC", CMD_CHOICE, "dot cosine l2", false,
                      "What a score is: {}. hnswlib's files do not say it."},
    [CMD_KIND]     = {"--kind", "KIND", CMD_CHOICE, "flat hnsw", false,
                      "flat, where a search looks at every vector, or hnsw, a graph of neighbours; hnsw without it, and what it was when imported."},
    [CMD_M]        = {"--m", "N", CMD_COUNT, NULL, false,
                      "Links of a vector in the graph, of which there are 2 N each; 24 without it, from 2 to 128."},
    [CMD_EF_CONSTRUCTION] = {"--ef-construction", "N", CMD_COUNT, NULL, false,
                      "Candidates that are kept while a vector is put into the graph; 128 without it. More is slower to build and better to search."},
    [CMD_EF]       = {"--ef", "N1,N2", CMD_TEXT, NULL, false,
                      "Candidates that a search of the graph keeps: more is slower and finds more. Of build, what the index says to searches that do not; of eval, each in turn."},
    [CMD_INDEX]    = {"-o", "INDEX", CMD_TEXT, NULL, false,
                      "The index file to make (.ranki)."},
    [CMD_VERIFY]   = {"--verify", NULL, CMD_FLAG, NULL, false,
                      "Of inspect: look at every byte, all checksums included."},
    [CMD_VECTOR]   = {"--vector", "X1,X2", CMD_TEXT, NULL, false,
                      "Of query: the vector whose neighbours are wanted, numbers with commas between them."},
    [CMD_QUERIES]  = {"--queries", "VECTORS", CMD_TEXT, NULL, false,
                      "A file of vectors whose neighbours are wanted."},
    [CMD_GT]       = {"--gt", "FILE", CMD_TEXT, NULL, false,
                      "Of eval: the true neighbours of each query, rows of ids, the nearest first (.ivecs, or .npy of int32 or int64)."},
    [CMD_K]        = {"-k", "N", CMD_COUNT, NULL, false,
                      "How many items are wanted: of run, exactly so many in each list, and an error names the requests that fall short; of index, neighbours, 10 without it, and with 0 none."},
    [CMD_EXACT]    = {"--exact", NULL, CMD_FLAG, NULL, false,
                      "Look at every vector, whatever the index is."},
    [CMD_BATCH]    = {"--batch", "N", CMD_COUNT, NULL, false,
                      "Of eval: queries that are searched by one call; all of them without it."},
};
/* clang-format on */

void cmd_init(cmd *c, int out, int err)
{
    *c = (cmd){.out.fd = out, .err.fd = err, .cpu = rk_cpu_best(), .engine.engine.threads = 1};
    rk_arena_init(&c->arena);
}

void cmd_free(cmd *c)
{
    rk_buf_free(&c->out.buf);
    rk_buf_free(&c->err.buf);
    rk_arena_free(&c->arena);
}

const char *cmd_choices(const cmd_row *row, cmd_option_id id)
{
    if (id == CMD_FORMAT)
        return row->formats;
    return id == CMD_DUMP ? row->dumps : cmd_options[id].choices;
}

bool cmd_format_is(const cmd *c, const char *word)
{
    const rk_str format = c->given[CMD_FORMAT] ? c->text[CMD_FORMAT] : RK_STR("text");
    return rk_str_eq(format, rk_str_from(word));
}

uint32_t cmd_count(const cmd *c, cmd_option_id id, uint32_t otherwise)
{
    return c->given[id] ? (uint32_t)c->number[id] : otherwise;
}

rk_program_options cmd_engine(const cmd *c)
{
    static const char *const names[] = {[RK_ENGINE_AUTO] = "auto",
                                        [RK_ENGINE_INTERP] = "interp",
                                        [RK_ENGINE_JIT1] = "jit1",
                                        [RK_ENGINE_JIT2] = "jit2"};
    rk_program_options options = c->engine;
    options.engine.cpu = c->cpu;
    options.engine.threads = cmd_count(c, CMD_THREADS, options.engine.threads);
    options.engine.max_bad_rows = cmd_count(c, CMD_MAX_BAD_ROWS, 0);
    options.no_cache |= c->given[CMD_NO_CACHE];
    for (size_t i = 0; i < RK_ARRAY_LEN(names); i++)
        if (rk_str_eq(c->text[CMD_ENGINE], rk_str_from(names[i])))
            options.choice = (rk_engine_choice)i;
    return options;
}

/* ---- options ---- */

static bool takes(const cmd *c, cmd_option_id id) { return c->row->options & CMD_HAS(id); }

static rk_status unknown_option(cmd *c, rk_str name)
{
    for (uint32_t id = 0; id < CMD_OPTION_COUNT; id++)
        if (rk_str_eq(name, rk_str_from(cmd_options[id].name)))
            return cmd_usage(c, "`rankc %s` has no option `%.*s`; see `rankc help %s`",
                             c->row->name, RK_STR_ARG(name), c->row->name);
    rk_suggestion suggestion = rk_suggest(name);
    for (uint32_t id = 0; id < CMD_OPTION_COUNT; id++)
        if (takes(c, id) && !cmd_options[id].hidden)
            rk_suggest_offer(&suggestion, rk_str_from(cmd_options[id].name));
    rk_suggest_offer(&suggestion, RK_STR("--help"));
    const char *const mean = cmd_mean(c, &suggestion, "");
    return cmd_usage(c, "unknown option `%.*s`%s%s%s", RK_STR_ARG(name), mean,
                     *mean ? "" : "; see `rankc help ", *mean ? "" : c->row->name);
}

static rk_status wrong_choice(cmd *c, cmd_option_id id, rk_str value)
{
    const char *const choices = cmd_choices(c->row, id);
    rk_suggestion suggestion = rk_suggest(value);
    cmd_offer_words(&suggestion, choices);
    const char *const mean = cmd_mean(c, &suggestion, "");
    return cmd_usage(c, "%s cannot be `%.*s`%s%s%s", cmd_options[id].name, RK_STR_ARG(value),
                     *mean ? mean : ": it is one of ", *mean ? "" : choices, "");
}

static rk_status set_pair(cmd *c, cmd_option_id id, rk_str value)
{
    const char *const equals = value.len ? memchr(value.data, '=', value.len) : NULL;
    if (id == CMD_DEFINE &&
        (!equals || equals == value.data)) /* the reader of queries says it itself */
        return cmd_usage(c, "%s takes name=value, not `%.*s`", cmd_options[id].name,
                         RK_STR_ARG(value));
    return rk_vec_push(&c->arena, &c->pairs[id], value) ? RK_OK : RK_ENOMEM;
}

static rk_status set_number(cmd *c, cmd_option_id id, rk_str value)
{
    double *const number = &c->number[id];
    int64_t count;
    if (cmd_options[id].kind == CMD_SECONDS) {
        if (!rk_str_to_double(value, number) || !isfinite(*number))
            return cmd_usage(c, "%s takes a number, not `%.*s`", cmd_options[id].name,
                             RK_STR_ARG(value));
        return RK_OK;
    }
    const bool workers = cmd_options[id].kind == CMD_WORKERS;
    const int64_t least = workers ? 1 : 0, most = workers ? 256 : UINT32_MAX;
    if (!rk_str_to_int(value, &count) || count < least || count > most)
        return cmd_usage(c, "%s takes a whole number from %" PRId64 " to %" PRId64 ", not `%.*s`",
                         cmd_options[id].name, least, most, RK_STR_ARG(value));
    *number = (double)count;
    return RK_OK;
}

static rk_status set(cmd *c, cmd_option_id id, rk_str value)
{
    c->given[id] = true;
    c->text[id] = value;
    switch (cmd_options[id].kind) {
    case CMD_FLAG:
    case CMD_TEXT:
    case CMD_MAYBE:
        return RK_OK;
    case CMD_COUNT:
    case CMD_WORKERS:
    case CMD_SECONDS:
        return set_number(c, id, value);
    case CMD_CHOICE:
        return cmd_has_word(cmd_choices(c->row, id), value) ? RK_OK : wrong_choice(c, id, value);
    case CMD_PAIRS:
        return set_pair(c, id, value);
    }
    return RK_EBUG;
}

/* The option that a word names, and the value that is in the same word: `--top=3`, `-Dx=1`. */
static cmd_option_id find_option(const cmd *c, rk_str word, rk_str *name, rk_str *value)
{
    const char *const equals = memchr(word.data, '=', word.len);
    const bool is_long = word.len > 1 && word.data[1] == '-';
    *value = (rk_str){0};
    *name = word;
    if (is_long && equals) {
        name->len = (size_t)(equals - word.data);
        *value = (rk_str){equals + 1, word.len - name->len - 1};
    } else if (!is_long && word.len > 2) {
        name->len = 2;
        *value = (rk_str){word.data + 2, word.len - 2};
    }
    for (cmd_option_id id = 0; id < CMD_OPTION_COUNT; id++)
        if (takes(c, id) && rk_str_eq(*name, rk_str_from(cmd_options[id].name)))
            return id;
    return CMD_OPTION_COUNT;
}

/* One option at words[*at], with its value perhaps in the next word. */
static rk_status read_option(cmd *c, int n, const char *const *words, int *at)
{
    rk_str name, value;
    const cmd_option_id id = find_option(c, rk_str_from(words[*at]), &name, &value);
    if (id == CMD_OPTION_COUNT)
        return unknown_option(c, name);
    if (!cmd_options[id].value && value.data)
        return cmd_usage(c, "%s takes no value", cmd_options[id].name);
    if (cmd_options[id].kind == CMD_MAYBE ? value.data && !value.len
                                          : cmd_options[id].value && !value.data) {
        if (*at + 1 >= n || value.data)
            return cmd_usage(c, "%s needs a value: %s", cmd_options[id].name,
                             cmd_options[id].value);
        value = rk_str_from(words[++*at]);
    }
    return set(c, id, value);
}

static rk_status count_files(cmd *c)
{
    const uint32_t n = c->files.len;
    if (n < c->row->min_files)
        return cmd_usage(c, "`rankc %s` needs %s; see `rankc help %s`", c->row->name, c->row->args,
                         c->row->name);
    if (n > c->row->max_files)
        return cmd_usage(c, "`rankc %s` takes %s; `%s` is too many", c->row->name,
                         *c->row->args ? c->row->args : "no FILE",
                         c->files.items[c->row->max_files]);
    return RK_OK;
}

/* `-1` and `-(a + b)` are none, for `rankc eval`. */
static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0' && !strchr("0123456789(", word[1]);
}

rk_status cmd_parse(cmd *c, int n, const char *const *words)
{
    bool only_files = false;
    for (int at = 0; at < n; at++) {
        const char *const word = words[at];
        if (!only_files && strcmp(word, "--") == 0)
            only_files = true;
        else if (!only_files && is_option(word))
            RK_TRY(read_option(c, n, words, &at));
        else if (!rk_vec_push(&c->arena, &c->files, word))
            return RK_ENOMEM;
    }
    return count_files(c);
}

/* ---- text for people, from the same tables ---- */

bool cmd_shows(const cmd_row *row, cmd_option_id id)
{
    return row->options & CMD_HAS(id) && !cmd_options[id].hidden;
}

/* `a, b or c` in place of `{}`. */
void cmd_add_option_doc(const cmd_row *row, cmd_option_id id, rk_buf *out)
{
    const char *const doc = cmd_options[id].doc;
    const char *const hole = strstr(doc, "{}");
    if (!hole) {
        rk_buf_add_chars(out, doc);
        return;
    }
    rk_buf_add(out, (rk_str){doc, (size_t)(hole - doc)});
    for (const char *words = cmd_choices(row, id); *words;) {
        const size_t len = strcspn(words, " ");
        rk_buf_add(out, (rk_str){words, len});
        words += len + (words[len] == ' ');
        if (*words)
            rk_buf_add_chars(out, strchr(words, ' ') ? ", " : " or ");
    }
    rk_buf_add_chars(out, hole + 2);
    if (id == CMD_FORMAT && row->options & CMD_HAS(CMD_DEFINE)) /* it reads programs */
        rk_buf_add_chars(out, cmd_has_word(row->formats, RK_STR("jsonl"))
                                  ? " Diagnostics are JSON lines with json and jsonl."
                                  : " Diagnostics are JSON lines with json.");
}

void cmd_add_option(cmd_option_id id, const char *space, rk_buf *out)
{
    const cmd_option *const option = &cmd_options[id];
    const bool maybe = option->kind == CMD_MAYBE;
    rk_buf_add_chars(out, option->name);
    if (option->value)
        rk_buf_printf(out, "%s%s%s%s", maybe ? "[" : "", option->name[1] == '-' ? "=" : space,
                      option->value, maybe ? "]" : "");
}

static void add_synopsis(const cmd_row *row, rk_buf *out)
{
    rk_buf line = {0};
    rk_buf_printf(&line, "rankc %s", row->name);
    for (uint32_t id = 0; id < CMD_OPTION_COUNT; id++) {
        const cmd_option *const option = &cmd_options[id];
        if (!cmd_shows(row, id))
            continue;
        rk_buf_add_chars(&line, " [");
        cmd_add_option(id, "\xc2\xa0", &line);
        rk_buf_printf(&line, "]%s", option->kind == CMD_PAIRS ? "..." : "");
    }
    rk_buf_printf(&line, " %s", row->args);
    cmd_add_wrapped(out, rk_buf_str(&line), 0);
    rk_buf_free(&line);
}

void cmd_print_usage(const cmd_row *row, rk_buf *out)
{
    rk_buf_printf(out, "%s\n\n", row->doc);
    add_synopsis(row, out);
    if (*row->more)
        rk_buf_printf(out, "\n%s", row->more);
    rk_buf_add_char(out, '\n');
    for (uint32_t id = 0; id < CMD_OPTION_COUNT; id++) {
        if (!cmd_shows(row, id))
            continue;
        rk_buf doc = {0};
        cmd_add_option_doc(row, id, &doc);
        rk_buf_add_chars(out, "  ");
        cmd_add_option(id, " ", out);
        rk_buf_add_char(out, '\n');
        cmd_add_wrapped(out, rk_buf_str(&doc), 6);
        rk_buf_free(&doc);
    }
}

void cmd_print_commands(rk_buf *out)
{
    rk_buf_add_chars(out, "rankc COMMAND [OPTIONS] [FILE...]\n\n");
    for (const cmd_row *row = cmd_rows; row->name; row++)
        rk_buf_printf(out, "  %-10s %s\n", row->name, row->doc);
    rk_buf_add_chars(out,
                     "\n`rankc help COMMAND` tells its options; `rankc help` lists the language's "
                     "functions\nand stages too. `rankc --version` prints the version.\n");
}
