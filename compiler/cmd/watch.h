/* What people see of a command that works for long, and how they stop it: `rankc embed` and `rankc
 * index`. */
#ifndef RK_CMD_WATCH_H
#define RK_CMD_WATCH_H

#include "compiler/cmd/cmd.h"

typedef struct cmd_watch {
    cmd *c;
    bool bar;      /* a terminal looks on */
    uint64_t from; /* rows that were done when the clock began */
    uint64_t total;
    double began, drawn, kept; /* seconds: now and then */
} cmd_watch;

/* From here on Ctrl-C and its like set the flag once; the second time they end the process. */
const rk_flag *cmd_watch_signals(void);
void cmd_watch_begin(cmd_watch *watch, cmd *c, uint64_t from, uint64_t total);
/* Draws the bar when it is time to; true when it is time to keep the state. */
bool cmd_watch_at(cmd_watch *watch, uint64_t done);
/* Takes the bar away, and lets what was said since stand in its place. */
void cmd_watch_end(cmd_watch *watch);
/* Ends the process by the signal that stopped it, if one did. */
void cmd_watch_raise(void);

#endif
