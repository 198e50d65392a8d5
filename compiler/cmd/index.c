/* rankc index: makes indexes of nearest neighbours, looks at them and searches them. */
#include "compiler/cmd/index.h"

#include "compiler/cmd/completion.h"

/* What an action takes. */
typedef struct action {
    const char *name;
    const char *files; /* for people */
    uint32_t min_files, max_files;
    uint64_t needs, takes; /* options */
    rk_status (*run)(cmd_index *ix);
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
    {"build", "[PROGRAM NAME]", 0, 2, CMD_HAS(CMD_INDEX),
     MAKING | CMD_HAS(CMD_IN) | CMD_HAS(CMD_ROW_IDS) | CMD_HAS(CMD_REVISION) |
         CMD_HAS(CMD_DEFINE) | CMD_HAS(CMD_MAX_BAD_ROWS),
     cmd_index_build},
    {"import", "FILE", 1, 1, CMD_HAS(CMD_INDEX), MAKING, cmd_index_import},
    {"inspect", "INDEX", 1, 1, 0, CMD_HAS(CMD_FORMAT) | CMD_HAS(CMD_VERIFY), cmd_index_inspect},
    {"query", "INDEX", 1, 1, 0, LOOKING | CMD_HAS(CMD_VECTOR), cmd_index_query},
    {"eval", "INDEX", 1, 1, CMD_HAS(CMD_QUERIES) | CMD_HAS(CMD_GT), LOOKING | CMD_HAS(CMD_BATCH),
     cmd_index_eval},
};
/* clang-format on */

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
        return cmd_usage(c, "it is `rankc index %s %s`; see `rankc help index`", a->name, a->files);
    for (cmd_option_id id = 0; id < CMD_OPTION_COUNT; id++) {
        if (c->given[id] && !((a->takes | a->needs | ALWAYS) & CMD_HAS(id)))
            return cmd_usage(c, "`rankc index %s` has no option `%s`; see `rankc help index`",
                             a->name, cmd_options[id].name);
        if (!c->given[id] && a->needs & CMD_HAS(id))
            return cmd_usage(c, "`rankc index %s` needs %s %s; see `rankc help index`", a->name,
                             cmd_options[id].name, cmd_options[id].value);
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
    for (size_t i = 0; i < RK_ARRAY_LEN(actions); i++)
        if (rk_str_eq(word, rk_str_from(actions[i].name))) {
            RK_TRY(check(c, &actions[i]));
            return run(c, &actions[i]);
        }
    return unknown_action(c, word);
}
