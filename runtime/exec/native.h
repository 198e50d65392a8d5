/* Native code in an engine: made ready once, swapped while requests run. */
#ifndef RK_EXEC_NATIVE_H
#define RK_EXEC_NATIVE_H

#include <pthread.h>
#include <stdatomic.h>

#include "runtime/exec/schedule.h"

/* What the kernels of an engine need of a thread's memory. */
typedef struct rk_room {
    size_t frame; /* bytes of the largest kernel's registers */
    uint32_t n_regs, n_args, n_ports;
} rk_room;

void rk_room_add(rk_room *room, const rk_ready_kernel *kernel);

/* Code that was made ready for one engine. Never changes. */
typedef struct rk_native {
    rk_arena arena;           /* holds all that follows, and this */
    rk_code code;             /* a copy; its text is mapped and executable */
    size_t mapped;            /* bytes at code.text */
    rk_ready_kernel *kernels; /* [plan.kernels.len] */
    const uint32_t *sweep_of; /* [plan.steps.len] the sweep that a FOLD step is part of, or
                                 RK_PLAN_NONE */
    rk_vmath_reg *math[RK_MATH_COUNT];
    rk_room room;
    rk_schedule schedule;
    uint64_t retired; /* epoch of its end */
    struct rk_native *next;
} rk_native;

/* The function of a sweep. */
rk_native_fn *rk_native_at(const rk_native *native, uint32_t entry);

RK_NODISCARD rk_status rk_native_new(const rk_plan *plan, const rk_ops *ops, const rk_code *code,
                                     rk_native **out);
void rk_native_free(rk_native *native);

/* ---- swapping ---- */

/* A request's hold on the code it runs: the epoch in which it began, 0 while none runs. */
typedef struct rk_reader {
    _Atomic uint64_t since;
    struct rk_reader *next;
} rk_reader;

/* The code in use. Requests read it without a lock: a reader writes down the epoch, then loads the
 * pointer. A new pointer is published before the epoch goes on, so code that was retired in epoch e
 * is nobody's once every reader is idle or began in e or later. */
typedef struct rk_swap {
    _Atomic(rk_native *) current;
    _Atomic uint64_t epoch; /* from 1 */
    _Atomic uint32_t tier;  /* of that code, for those who are no readers; 0: there is none */
    _Atomic bool waiting;   /* some code is retired but not yet given back */
    pthread_mutex_t lock;   /* over the rest */
    rk_reader *readers;
    rk_native *retired;
} rk_swap;

RK_NODISCARD rk_status rk_swap_init(rk_swap *swap);
void rk_swap_free(rk_swap *swap);
void rk_swap_join(rk_swap *swap, rk_reader *reader);
void rk_swap_leave(rk_swap *swap, rk_reader *reader);

/* Publishes code (or NULL) and retires what was there. */
void rk_swap_publish(rk_swap *swap, rk_native *native);

/* Around a request: what it runs, until it ends. */
const rk_native *rk_swap_enter(rk_swap *swap, rk_reader *reader);
void rk_swap_exit(rk_swap *swap, rk_reader *reader);

#endif
