/* A plan ready to answer requests by the engine that was asked for: an engine of runtime/exec, and
 * native code from the cache or from the compiler (compiler/emit), which may come while requests
 * run. Used by the commands and by librankc.
 *
 * With RK_ENGINE_AUTO code from the cache is used at once. Without it the interpreter begins, and a
 * thread compiles when the requests so far have cost about as much as compiling will: 20 ms, and
 * 30 us for each instruction of the plan's kernels, at 0.2 ns an instruction and item. A plan of
 * more than 2,000 instructions gets tier 1 first, and tier 2 as soon as that is made. Where code
 * cannot be had the interpreter goes on, and rk_program_reason says why. */
#ifndef RK_DRIVER_PROGRAM_H
#define RK_DRIVER_PROGRAM_H

#include "runtime/exec/exec.h"

typedef enum rk_engine_choice {
    RK_ENGINE_AUTO,
    RK_ENGINE_INTERP,
    RK_ENGINE_JIT1, /* code of tier 1 before the first request; an error where it cannot be had */
    RK_ENGINE_JIT2, /* the same of tier 2 */
} rk_engine_choice;

typedef struct rk_program_options {
    rk_engine_options engine; /* `cpu` is the code's level too */
    rk_engine_choice choice;
    bool no_cache;
    bool at_once;         /* AUTO: compile from the start: for servers */
    const rk_code *ready; /* code of tier 2 for engine.cpu that came with the plan, or NULL */
} rk_program_options;

typedef struct rk_program rk_program;

/* Makes the engine (rk_engine_new says what can go wrong) and gets code as said above. The plan
 * must outlive the program. *out is freed with rk_program_free, also after a failure; it may be
 * NULL. No code for RK_ENGINE_JIT1 or JIT2 is E0602. */
RK_NODISCARD rk_status rk_program_new(const rk_plan *plan, const rk_program_options *options,
                                      rk_diags *diags, rk_program **out);

/* The same with an engine of that plan which the caller has, and frees after the program;
 * options.engine says how it was made. */
RK_NODISCARD rk_status rk_program_over(const rk_plan *plan, rk_engine *engine,
                                       const rk_program_options *options, rk_diags *diags,
                                       rk_program **out);

/* Waits for a compilation under way, since it cannot be stopped. */
void rk_program_free(rk_program *program);

/* For a process that is done and about to end by _exit: true if the compiler is at work, and the
 * program and its plan must not be freed. */
bool rk_program_is_busy(const rk_program *program);

/* For rk_run_new; lives as long as the program. */
rk_engine *rk_program_engine(const rk_program *program);

/* To be told of each request that was ranked, by any thread: what has been done decides when code
 * is worth its making. */
void rk_program_count(rk_program *program, const rk_reply *reply);

/* Why requests do not run native code of the tier asked for; "" when they do. Any thread. */
const char *rk_program_reason(const rk_program *program);

#endif
