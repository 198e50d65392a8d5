/* Where `rankc run` takes its requests from: a file, standard input (but for LETOR read bit by bit,
 * so that each request is answered when it comes), --query, or nothing but one empty request. */
#ifndef RK_CMD_REQUESTS_H
#define RK_CMD_REQUESTS_H

#include "compiler/cmd/rank.h"

typedef struct cmd_requests {
    const rk_request_ops *ops; /* NULL: one request from --query */
    rk_requests *stream;
    rk_request_spec spec;
    rk_buf input; /* of standard input */
    bool done;    /* the one request was given */
} cmd_requests;

/* Must be closed, also after a failure. Messages go to the subject's diags. */
RK_NODISCARD rk_status cmd_requests_open(cmd *c, const cmd_subject *subject, bool unique_ids,
                                         cmd_requests *out);
/* The next request, in the arena and strings of a run that has begun. */
RK_NODISCARD rk_status cmd_requests_next(cmd *c, cmd_requests *requests, rk_run *run,
                                         rk_diags *diags, rk_request *out, bool *more);
void cmd_requests_close(cmd_requests *requests);

#endif
