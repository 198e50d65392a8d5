/* Topics of help: every row of the registries as text (functions, defs of the prelude, aggregates,
 * list-wise functions, stages, kinds of source, model, index and request, metrics, commands).
 * `rankc help` prints them, the REPL keeps them for `:help` and completion, and the manual's
 * reference is made of them. */
#ifndef RK_CMD_TOPICS_H
#define RK_CMD_TOPICS_H

#include "compiler/cmd/cmd.h"

typedef enum cmd_topic_kind {
    CMD_TOPIC_COMMAND,
    CMD_TOPIC_FUNCTION,
    CMD_TOPIC_DEF, /* a function that is written in Rank */
    CMD_TOPIC_AGGREGATE,
    CMD_TOPIC_LISTWISE,
    CMD_TOPIC_STAGE,
    CMD_TOPIC_SOURCE,
    CMD_TOPIC_MODEL,
    CMD_TOPIC_INDEX,
    CMD_TOPIC_REQUESTS, /* what options take: kinds of requests, and metrics */
} cmd_topic_kind;

/* What each fold takes beside its own arguments, at the end of its signature. */
#define CMD_TOPIC_FOLD_ARGS "[, by:][, where:][, over:]"

/* Rows of one name may stand in several registries (`min` of numbers, `min` of items): each is a
 * topic. Lines end in newlines. */
typedef struct cmd_topic {
    cmd_topic_kind kind;
    rk_str name;
    const char *group; /* "functions: math", "stages" */
    rk_str signature;  /* a line each overload */
    rk_str doc;        /* prose */
    const char *note;  /* what holds for all of its kind, or "" */
    rk_str example;    /* lines; of functions `expression => result` */
} cmd_topic;

/* In the order of help: all of a group stand together. */
typedef struct cmd_topics {
    RK_VEC(cmd_topic) items;
} cmd_topics;

/* Fills them in; all of it lives in the arena. RK_ENOMEM. */
RK_NODISCARD rk_status cmd_topics_init(cmd_topics *all, rk_arena *arena);

/* The first of this name, or NULL. */
const cmd_topic *cmd_topics_find(const cmd_topics *all, rk_str name);

/* Whether its group is called so: `functions` is all families, `math` one of them. */
bool cmd_topic_in(const cmd_topic *topic, rk_str group);
/* Whether it or its group is. */
bool cmd_topic_is(const cmd_topic *topic, rk_str name);

/* The first sentence of its doc. */
rk_str cmd_topic_brief(const cmd_topic *topic);

/* The whole of one, in lines of 80 columns. */
void cmd_topic_print(const cmd_topic *topic, rk_buf *out);

/* All that are called so, or whose group is; their number. */
uint32_t cmd_topics_print(const cmd_topics *all, rk_str name, rk_buf *out);

/* A line each, under the names of the groups. */
void cmd_topics_print_index(const cmd_topics *all, rk_buf *out);

/* All that have these names (none: all of them) as lists in Markdown, for the manual: with a
 * heading for each group where there is more than one. A name that is a group is the group alone.
 * Overloads are one line where `number` and the like can stand for a type. */
void cmd_topics_print_markdown(const cmd_topics *all, const cmd_names *names, rk_buf *out);

/* The name that is most like this one. */
rk_suggestion cmd_topics_suggest(const cmd_topics *all, rk_str name);

#endif
