/* The answers of a session as text: for people on a terminal, as lines for pipes, as JSON and CSV.
 * Used by `rankc repl` and `rankc eval`. */
#ifndef RK_CMD_ANSWER_H
#define RK_CMD_ANSWER_H

#include "compiler/cmd/cmd.h"
#include "compiler/driver/session.h"

/* What there is to write on. */
typedef struct cmd_screen {
    bool terminal; /* people look: tables and bars; else lines for programs */
    bool moves;    /* … that can move its cursor */
    bool unicode;
    bool color;
    int fd;
    uint32_t width, height;
} cmd_screen;

/* ---- screen.c ---- */

/* By the locale, the environment and what standard output is; the locale's letters, and nothing
 * else of it, are then those of the process. */
cmd_screen cmd_screen_look(const cmd *c);

/* The same of one of the command's streams. */
cmd_screen cmd_screen_of(const cmd_stream *stream);

/* The size again, which windows change. */
void cmd_screen_measure(cmd_screen *screen);

/* ---- answer.c ---- */

/* Text that is less important, and back. */
void cmd_dim(const cmd_screen *screen, rk_buf *out);
void cmd_plain(const cmd_screen *screen, rk_buf *out);

/* Whether what was expected, alone or in a test, does not hold; `fault` tells what. */
bool cmd_answer_fails(const rk_answer *answer);

/* An answer with its type and scope, as the screen asks for. An `expect` that does not hold prints
 * nothing: that is for standard error. */
void cmd_answer_print(const rk_answer *answer, const cmd_screen *screen, rk_buf *out);

/* A line that tells about something: a comment for programs, less important for people. */
void cmd_add_remark(const cmd_screen *screen, const rk_buf *text, rk_buf *out);

/* `float, item scope`. */
void cmd_add_type_and_scope(rk_type type, rk_scope scope, rk_buf *out);

/* ---- answer_json.c ---- */

/* One object on one line; one table. Only of VALUE, RANKED and EXPECTED; other kinds print nothing.
 */
void cmd_answer_print_json(const rk_answer *answer, rk_buf *out);
void cmd_answer_print_csv(const rk_answer *answer, rk_buf *out);

/* ---- answer_stats.c ---- */

/* What a column of values comes to. */
typedef struct answer_stats {
    uint32_t n, missing;
    rk_value min, max; /* of numbers, NaN left out; NONE: there are none */
    double avg;
    double low, high;           /* of the finite ones, for bars; low > high: there are none */
    uint32_t yes;               /* bools that are true */
    uint32_t distinct;          /* strings */
    uint32_t shortest, longest; /* lists */
    bool no_memory;
} answer_stats;

void answer_stats_of(const rk_column *column, answer_stats *out);

/* `, min 0.1, avg 1.2, max 4, 3 missing`, whatever is of interest for the type. */
void answer_stats_print(const answer_stats *stats, rk_type type, rk_buf *out);

/* `1,000`, `1,000 items`. */
void answer_add_count(uint32_t n, rk_buf *out);
void answer_add_items(uint32_t n, rk_buf *out);

/* A value as it is written in a program. At most `most` elements of a list or vector. */
void answer_add_value(rk_value value, const rk_atoms *strings, uint32_t most, rk_buf *out);

/* ---- answer_table.c ---- */

/* A bar from one place to another, in eighths of a cell; two ends in one cell begin there. */
void answer_add_bar(const cmd_screen *screen, int from, int to, rk_buf *out);

/* The first items of a list, with a bar for each value; of a ranking. */
void answer_print_table(const rk_answer *answer, const answer_stats *stats,
                        const cmd_screen *screen, rk_buf *out);
void answer_print_ranked(const rk_answer *answer, const cmd_screen *screen, rk_buf *out);

#endif
