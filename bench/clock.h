/* What every benchmark in C needs: the clock, and medians. A failure ends the process with a
 * message. */
#ifndef RK_BENCH_CLOCK_H
#define RK_BENCH_CLOCK_H

#include <stdbool.h>
#include <stddef.h>

void bench_must(bool fine, const char *what);

/* Nanoseconds: of the wall clock, and of this thread's CPU time. */
double bench_now(void);
double bench_cpu(void);

/* Sorted; n is odd. */
typedef struct bench_spread {
    double low, median, high; /* quartiles */
} bench_spread;
bench_spread bench_sort(double *values, size_t n);

/* " 0.85 (0.84-0.86) |" */
void bench_cell(bench_spread s);

#endif
