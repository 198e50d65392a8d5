/* Completions of the command line: what can stand in each place, by the tables of commands and
 * options, and one writer a shell. The scripts know commands, options and choices by heart, and ask
 * `rankc completion WORDS FILE` for the rest, so that a name is offered the moment it is declared.
 */
#ifndef RK_CMD_COMPLETION_H
#define RK_CMD_COMPLETION_H

#include "compiler/cmd/cmd.h"

/* What a value or an argument is. */
typedef enum cmd_words {
    CMD_WORDS_NONE, /* a number, a text */
    CMD_WORDS_CHOICES,
    CMD_WORDS_FILES,
    CMD_WORDS_PROGRAMS, /* files *.rank */
    CMD_WORDS_BUNDLES,  /* those and *.rankb */
    CMD_WORDS_SHELLS,
    CMD_WORDS_MODELS,  /* an action of `rankc model`, then a file */
    CMD_WORDS_INDEXES, /* the same of `rankc index` */
    CMD_WORDS_LISTED,  /* from here on: what `rankc completion` lists */
    CMD_WORDS_PIPELINES = CMD_WORDS_LISTED,
    CMD_WORDS_REVISIONS,
    CMD_WORDS_FACTORS, /* `name=` */
    CMD_WORDS_QUERY,   /* fields of the query, `name=` */
    CMD_WORDS_VALUES,  /* factors and fields, with commas between them */
    CMD_WORDS_METRICS, /* with commas, too */
    CMD_WORDS_TOPICS,
    CMD_WORDS_CODES,
} cmd_words;

/* What the command prints for it; NULL for words that are not listed. */
const char *cmd_words_name(cmd_words words);

static inline bool cmd_words_are_pairs(cmd_words words)
{
    return words == CMD_WORDS_FACTORS || words == CMD_WORDS_QUERY;
}

static inline bool cmd_words_are_lists(cmd_words words)
{
    return words == CMD_WORDS_VALUES || words == CMD_WORDS_METRICS;
}

/* Of the value of an option that takes one, and of what is not an option. */
cmd_words cmd_words_of_option(cmd_option_id id);
cmd_words cmd_words_of_argument(const cmd_row *row);

#define CMD_SHELLS        "bash zsh fish"
#define CMD_MODEL_ACTIONS "inspect verify"
#define CMD_INDEX_ACTIONS "build import inspect query eval"

/* The actions that come before files, or NULL. */
static inline const char *cmd_words_actions(cmd_words words)
{
    if (words == CMD_WORDS_MODELS)
        return CMD_MODEL_ACTIONS;
    return words == CMD_WORDS_INDEXES ? CMD_INDEX_ACTIONS : NULL;
}

/* The option's doc up to its first pause. */
void cmd_add_brief(const cmd_row *row, cmd_option_id id, rk_buf *out);
/* Text inside single quotes of a shell; `escape` is what a quote in it becomes. */
void cmd_add_quoted(rk_buf *out, rk_str text, const char *escape);

/* ---- completion_bash.c, completion_zsh.c, completion_fish.c ---- */

void cmd_complete_bash(rk_buf *out);
void cmd_complete_zsh(rk_buf *out);
void cmd_complete_fish(rk_buf *out);

#endif
