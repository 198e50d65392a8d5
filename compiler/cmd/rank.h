/* The way of requests through a pipeline: a program or a bundle is opened, each request is ranked,
 * and the lists go to whoever wants them. `rankc run` prints them, `rankc metrics` measures them.
 */
#ifndef RK_CMD_RANK_H
#define RK_CMD_RANK_H

#include "compiler/cmd/cmd.h"

/* What requests are ranked by. */
typedef struct cmd_subject {
    const rk_plan *plan;
    const char *path;      /* of the program, or NULL: a bundle */
    const rk_texts *texts; /* that spans point into */
    rk_diags *diags;
    uint32_t *printed;   /* of diags */
    const rk_str *shown; /* [n_shown] names of what the plan shows */
    uint32_t n_shown;
    const rk_code *ready;  /* code that came with the plan, or NULL */
    const rk_files *files; /* the same for data */
    rk_models *models;     /* that the plan was compiled with, or NULL */
} cmd_subject;

/* One request that was ranked; lives until the next one. */
typedef struct cmd_ranked {
    const cmd_subject *subject;
    const rk_request *request;
    const rk_engine *engine;
    const rk_reply *reply; /* with its trace, if the command was given --trace */
    const rk_atoms *strings;
    uint32_t number; /* of the request, from 0 */
} cmd_ranked;

/* Who takes the lists. */
typedef struct cmd_taker {
    rk_status (*take)(void *user, const cmd_ranked *ranked);
    void (*end)(void *user, const cmd_subject *subject, uint32_t n_requests); /* or NULL */
    void *user;
    bool by_id; /* lists are told apart by the ids of requests: none may come twice */
} cmd_taker;

/* Ranks the requests that the options name by a pipeline of a program or bundle. */
RK_NODISCARD rk_status cmd_rank_file(cmd *c, const char *path, const cmd_taker *taker);

/* Ranks them by a plan. */
RK_NODISCARD rk_status cmd_rank(cmd *c, const cmd_subject *subject, const cmd_taker *taker);

/* ---- rank_bundle.c ---- */

RK_NODISCARD rk_status cmd_rank_bundle(cmd *c, const char *path, const cmd_taker *taker);

#endif
