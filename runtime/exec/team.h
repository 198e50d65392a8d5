/* The threads of one request: the caller's, and those of the pool that help it. */
#ifndef RK_EXEC_TEAM_H
#define RK_EXEC_TEAM_H

#include "runtime/exec/split.h"

/* Whether more than one thread may be of use to the request: the schedule then has its room. */
bool rk_team_gathers(rk_run *run, const rk_schedule *schedule);

/* Does the second act of n steps that have begun: on the caller's thread when they are little work,
 * else in parts. How a step failed is in its status. */
void rk_team_work(rk_run *run, rk_split *splits, uint32_t n);

/* After a request: all workers get the memory that one of them needed, for next time it may be
 * another's turn. */
void rk_team_rest(rk_run *run);

/* Gives back what helpers hold. */
void rk_team_free(rk_run *run);

#endif
