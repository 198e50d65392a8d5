#include "bench/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void bench_must(bool fine, const char *what)
{
    if (fine)
        return;
    fprintf(stderr, "bench: %s failed\n", what);
    exit(1);
}

static double clock_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

double bench_now(void) { return clock_ns(CLOCK_MONOTONIC); }
double bench_cpu(void) { return clock_ns(CLOCK_THREAD_CPUTIME_ID); }

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

bench_spread bench_sort(double *values, size_t n)
{
    qsort(values, n, sizeof *values, by_value);
    return (bench_spread){values[n / 4], values[n / 2], values[n - 1 - n / 4]};
}

void bench_cell(bench_spread s) { printf(" %5.2f (%.2f-%.2f) |", s.median, s.low, s.high); }
