/* What the benchmarks in C share: the clock, medians of ratios, a program with its engine and
 * native code. A failure ends the process with a message. */
#ifndef RK_BENCH_BENCH_H
#define RK_BENCH_BENCH_H

#include "bench/clock.h"
#include "compiler/driver/native.h"
#include "compiler/rankc.h"
#include "runtime/exec/split.h"

/* Items of the longest list, and columns at most that a benchmark fills. */
enum { BENCH_LONGEST = 100000, BENCH_COLUMNS = 8, BENCH_ROUNDS = 101 };

/* Times two sides in turn, BENCH_ROUNDS times, each round with about `enough` ns of theirs, and
 * returns the spread of ours / theirs; theirs_ns, which may be NULL, gets the peer's median. */
typedef void bench_side(void *user);
bench_spread bench_ratio(bench_side *ours, void *our_user, bench_side *theirs, void *their_user,
                         double *theirs_ns);

/* Room for columns of n <= BENCH_LONGEST floats that do not start at the same place of a page, and
 * for 16 items more; numbers from 0. Never freed. */
float *bench_column(unsigned number);

/* A number in [0, 1), the same sequence everywhere. */
double bench_random(uint64_t *state);

/* A step on its way. */
typedef struct bench_work {
    rk_split split;
    rk_native_fn *code; /* called with `batch`; NULL: by way of the split */
    rk_batch batch;
} bench_work;

typedef struct bench_program {
    rk_compiled compiled;
    rk_plan *plan;
    rk_engine *engine;
    rk_run *run;
    rk_reply reply; /* of the last bench_rank */
    rk_request request;
    rk_value query[BENCH_COLUMNS];
    rk_column items[BENCH_COLUMNS];
    uint32_t n_items; /* columns */
    bench_work work[16];
    uint32_t n_work;
} bench_program;

/* NULL, with a note on stderr, where the plug-in is missing or the CPU has no level for it. */
const rk_emitter *bench_emitter(void);

/* The plan of pipeline 0 with all factors shown, its engine, and native code of this tier (0: the
 * interpreter). */
void bench_open(bench_program *p, const char *path, unsigned tier);
void bench_close(bench_program *p);

/* Item fields are the first bench_columns, all floats, query fields are 37.5. */
void bench_rank(bench_program *p, uint32_t n);
void bench_again(void *program); /* the same request; a bench_side */

/* After bench_rank: makes the columns of all steps of this kind, KERNEL or FOLD, once more, so that
 * bench_steps, which is a bench_side, can fill them again and again. */
void bench_begin(bench_program *p, rk_step_kind kind);
void bench_steps(void *program);

#endif
