/* Threads that help with work which falls into parts. There is one pool a process, as there is one
 * set of processors, whatever the number of engines and of threads that rank with them. Its threads
 * start when work first asks for them and end when nobody holds the pool any more, so that a
 * library can be unloaded. Used by the executor. */
#ifndef RK_BASE_POOL_H
#define RK_BASE_POOL_H

#include <stdint.h>

/* Does part `task`. `worker` tells the threads of one rk_pool_run apart: the caller is 0, the
 * others have numbers below its max_threads. */
typedef void rk_pool_task(void *user, uint32_t task, uint32_t worker);

/* Keeps the pool, and says on how many threads work can run at most: one a processor, but two on a
 * single one, so that what goes wrong with two does so everywhere. As many rk_pool_release must
 * follow, the last of which ends the threads. */
uint32_t rk_pool_hold(void);
void rk_pool_release(void);

/* Does parts 0 .. n_tasks, in any order, on at most max_threads threads with the caller's among
 * them, and returns when all are done. Never fails: where a thread cannot be had, the others do its
 * share, and when nobody holds the pool the caller does all. Any number of threads may call it at
 * once, and a part may call it again: a caller works itself and waits for its own parts only. */
void rk_pool_run(uint32_t n_tasks, uint32_t max_threads, rk_pool_task *fn, void *user);

/* Threads that the pool has now, for tests. */
uint32_t rk_pool_size(void);

#endif
