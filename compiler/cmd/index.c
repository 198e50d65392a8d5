/* rankc index: makes indexes of nearest neighbours, looks at them and searches them. */
#include "compiler/cmd/index.h"

#include "compiler/cmd/completion.h"

/* What an action takes. */
typedef struct action {
    const char *title; /* "index build" */
    const char *files; /* for people */
    uint32_t min_files, max_files;
    uint64_t needs, takes; /* options */
    rk_status (*run)(cmd_index *ix);
    const char *doc;
    const char *more; /* "" or lines */
} action;

#define ALWAYS (CMD_HAS(CMD_COLOR))
#define MAKING                                                                                     \
    (CMD_HAS(CMD_SPACE) | CMD_HAS(CMD_KIND) | CMD_HAS(CMD_M) | CMD_HAS(CMD_EF_CONSTRUCTION) |      \
     CMD_HAS(CMD_EF) | CMD_HAS(CMD_THREADS))
#define LOOKING                                                                                    \
    (CMD_HAS(CMD_FORMAT) | CMD_HAS(CMD_QUERIES) | CMD_HAS(CMD_K) | CMD_HAS(CMD_EF) |               \
     CMD_HAS(CMD_EXACT))

/* clang-format off */
static const action actions[] = {
    {"index build", "[PROGRAM NAME]", 0, 2, CMD_HAS(CMD_INDEX),
     MAKING | CMD_HAS(CMD_IN) | CMD_HAS(CMD_ROW_IDS) | CMD_HAS(CMD_REVISION) |
         CMD_HAS(CMD_DEFINE) | CMD_HAS(CMD_MAX_BAD_ROWS),
     cmd_index_build,
     "Make an index: the one that a program declares by this name, or one of a file of vectors.",
     "  rankc index build shop.rank by_vec -o by_vec.ranki\n"
     "  rankc index build --in items.npy --ids items.ids --metric dot -o items.ranki\n"
     "The program says kind, metric and the like of its indexes; the options are for files of vectors.\n"},
    {"index import", "FILE", 1, 1, CMD_HAS(CMD_INDEX), MAKING, cmd_index_import,
     "Make an index of one of FAISS (flat, HNSW, IVF-flat, id maps) or hnswlib.",
     "  rankc index import items.faiss -o items.ranki\n"
     "  rankc index import items.hnswlib --metric l2 -o items.ranki\n"},
    {"index inspect", "INDEX", 1, 1, 0, CMD_HAS(CMD_FORMAT) | CMD_HAS(CMD_VERIFY), cmd_index_inspect,
     "Tell what is in an index, and how it is searched.", ""},
    {"index query", "INDEX", 1, 1, 0, LOOKING | CMD_HAS(CMD_VECTOR), cmd_index_query,
     "Print the nearest neighbours of one vector, or of each of a file.",
     "  rankc index query items.ranki --vector 0.5,1,-2 -k 10\n"
     "  rankc index query items.ranki --queries queries.fvecs --format=jsonl\n"},
    {"index eval", "INDEX", 1, 1, CMD_HAS(CMD_QUERIES) | CMD_HAS(CMD_GT), LOOKING | CMD_HAS(CMD_BATCH),
     cmd_index_eval,
     "Measure which part of the true neighbours is found, and how fast, by one thread.",
     "  rankc index eval items.ranki --queries q.fvecs --gt gt.ivecs -k 10 --ef 10,20,40\n"
     "The way is how searches went: by the graph, by a scan of all vectors, or both.\n"},
};
/* clang-format on */

static rk_str name_of(const action *a) { return rk_str_from(a->title + strlen("index ")); }

static const action *find_action(rk_str name)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(actions); i++)
        if (rk_str_eq(name, name_of(&actions[i])))
            return &actions[i];
    return NULL;
}

bool cmd_index_usage(rk_str name, rk_buf *out)
{
    const action *const a = find_action(name);
    if (!a)
        return false;
    cmd_row row = *cmd_find(RK_STR("index"));
    row.name = a->title;
    row.args = a->files;
    row.doc = a->doc;
    row.options = a->needs | a->takes | ALWAYS;
    row.more = a->more;
    cmd_print_usage(&row, out);
    return true;
}

void cmd_index_report(cmd_index *ix)
{
    cmd_report_diags(ix->c, &ix->diags, &ix->texts, &ix->printed);
}

static rk_status unknown_action(cmd *c, rk_str word)
{
    rk_suggestion suggestion = rk_suggest(word);
    cmd_offer_words(&suggestion, CMD_INDEX_ACTIONS);
    const char *const mean = cmd_mean(c, &suggestion, "rankc index ");
    return cmd_usage(c, "`rankc index` cannot `%.*s`%s", RK_STR_ARG(word),
                     *mean ? mean : "; it is one of " CMD_INDEX_ACTIONS);
}

static rk_status check(cmd *c, const action *a)
{
    const uint32_t n = c->files.len - 1;
    if (n < a->min_files || n > a->max_files)
        return cmd_usage(c, "it is `rankc %s %s`; see `rankc help %s`", a->title, a->files,
                         a->title);
    for (cmd_option_id id = 0; id < CMD_OPTION_COUNT; id++) {
        if (c->given[id] && !((a->takes | a->needs | ALWAYS) & CMD_HAS(id)))
            return cmd_usage(c, "`rankc %s` has no option `%s`; see `rankc help %s`", a->title,
                             cmd_options[id].name, a->title);
        if (!c->given[id] && a->needs & CMD_HAS(id))
            return cmd_usage(c, "`rankc %s` needs %s %s; see `rankc help %s`", a->title,
                             cmd_options[id].name, cmd_options[id].value, a->title);
    }
    return RK_OK;
}

static rk_status run(cmd *c, const action *a)
{
    cmd_index ix = {.c = c, .files = c->files.items + 1, .n_files = c->files.len - 1};
    rk_diags_init(&ix.diags, &c->arena);
    ix.stop = cmd_watch_signals();
    const rk_status status = a->run(&ix);
    cmd_index_report(&ix);
    if (status == RK_ESTOP && c->ends && cmd_flush(&c->err) == RK_OK)
        cmd_watch_raise();
    return status;
}

rk_status cmd_run_index(cmd *c)
{
    const rk_str word = rk_str_from(c->files.items[0]);
    const action *const a = find_action(word);
    if (!a)
        return unknown_action(c, word);
    RK_TRY(check(c, a));
    return run(c, a);
}
