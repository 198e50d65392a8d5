/* When the steps of a request ran, and on which threads: what a run records if it is asked to
 * (rk_run_trace), for `rankc run --trace` and for whoever wants to know where the time of a request
 * goes. Times are nanoseconds since the request began, by a clock that only goes forward.
 *
 * A step on one thread is one interval. Steps that several threads may share are recorded as they
 * run: its memory made (BEGIN), then each part of its items (SOME), then what is left to do (END).
 * Recording takes two looks at the clock an interval, some 50 ns, and no lock; without it a request
 * does nothing of this. */
#ifndef RK_EXEC_TRACE_H
#define RK_EXEC_TRACE_H

#include "runtime/plan/plan.h"

typedef enum rk_trace_act {
    RK_TRACE_WHOLE, /* all of the step */
    RK_TRACE_BEGIN,
    RK_TRACE_SOME, /* items from .. to */
    RK_TRACE_END,
} rk_trace_act;

/* An interval in which one thread was at one step. */
typedef struct rk_trace_part {
    uint32_t step;     /* in plan.steps */
    uint32_t act;      /* rk_trace_act */
    uint32_t worker;   /* 0: the caller's thread; the others are numbered anew at each phase, but no
                          two at a time have one number */
    uint32_t from, to; /* SOME: items; else 0 */
    uint64_t begin, end;
} rk_trace_part;

/* A step: the intervals of its work, which are those of SOME if it has such, else all. */
typedef struct rk_trace_step {
    uint32_t first, n;     /* parts[first .. first + n]; n = 0: it did not run */
    uint64_t begin;        /* of the first interval of its work */
    uint64_t end;          /* of the last */
    uint64_t busy;         /* of all its intervals together, those of BEGIN and END too */
    uint32_t rows_in;      /* items that it looked at */
    uint32_t rows_out;     /* items of what it made; 1: one value for the request */
    bool critical;         /* on the critical path */
    rk_index_stats search; /* NEAREST: how it went; all 0: there was none */
} rk_trace_step;

typedef struct rk_trace {
    uint64_t began;    /* the request, by CLOCK_MONOTONIC */
    uint64_t length;   /* until its reply was there */
    uint64_t critical; /* of the critical path: the chain of steps, each of which reads what the one
                          before made, that took longest */
    uint32_t tier;     /* of the native code that ran; 0: the interpreter */
    uint32_t n_workers;         /* that took part */
    const rk_trace_step *steps; /* [plan.steps.len] */
    const rk_trace_part *parts; /* [n_parts] step by step, in the order of the plan; those of one
                                   by act, parts by their items */
    uint32_t n_parts;
} rk_trace;

#endif
