/* Traces of requests for people and for programs that draw them: `rankc run --trace`. */
#ifndef RK_CMD_TRACE_H
#define RK_CMD_TRACE_H

#include "compiler/cmd/answer.h"
#include "compiler/cmd/rank.h"

typedef struct cmd_traces {
    cmd *c;
    cmd_stream file; /* of --trace=FILE; fd -1: not open */
    uint64_t first;  /* when the first request began */
    bool begun;
} cmd_traces;

/* After a list: shows the trace of its request, or adds it to the file. Nothing without --trace. */
RK_NODISCARD rk_status cmd_traces_add(cmd_traces *traces, const cmd_ranked *ranked);

/* Ends the file; returns the command's status, or what went wrong with the file. */
RK_NODISCARD rk_status cmd_traces_end(cmd_traces *traces, rk_status status);

/* "by_cool, request q17". */
void cmd_trace_name(const cmd_ranked *ranked, rk_buf *out);
/* "interpreter", "native code". */
const char *cmd_trace_engine(const rk_trace *trace);
/* How a part of a model was worked out. */
void cmd_trace_add_way(const cmd_ranked *ranked, const rk_trace_part *part, rk_buf *out);

/* ---- trace_table.c ---- */

/* A line a step: when, how long, where, over how many rows, and a bar for that time. */
void cmd_trace_print(const cmd_ranked *ranked, const cmd_screen *screen, rk_buf *out);

/* ---- trace_json.c ---- */

/* Events in Chrome's format, one process a request; `first` as above. */
void cmd_trace_print_json(const cmd_ranked *ranked, uint64_t first, rk_buf *out);

#endif
