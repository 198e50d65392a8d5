/* Accuracy of the elementary functions in runtime/base/vmath: every float (or every stride-th one)
 * for functions of one argument, random and structured ones for doubles and for two arguments,
 * against libm in the next wider type. Each block of arguments runs on every CPU level that the
 * machine has, and the results must be the same bits.
 *
 *     sweep [--fn=NAME|all] [--type=f32|f64|all] [--stride=N] [--count=N] [--scalar=N]
 *           [--threads=N]
 *
 * --stride thins the walk over all floats, --count is the number of random arguments or pairs,
 * --scalar runs the slow scalar level on every N-th block of 1,024 only.
 * Prints a table on stdout; exit code 1 if the levels disagree or a bound of 2 ulp is broken.
 */
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/vmath.h"
#include "tests/sweep/ref.h"

enum { BLOCK = 1024, MAX_THREADS = 64, LEVELS = 3 };

typedef struct job {
    const ref_fn *fn;
    bool is_double;
    uint64_t begin, end, stride, scalar;
    /* results */
    double worst; /* in ulp; infinite for a wrong special value */
    double worst_x[2];
    uint64_t tested, differing, hash;
} job;

static void note(job *j, double error, double x, double y)
{
    if (error > j->worst) {
        j->worst = error;
        j->worst_x[0] = x;
        j->worst_x[1] = y;
    }
}

/* The levels to run on the block at `at`; best first, for its results are the ones measured. */
static size_t levels(const job *j, uint64_t at, rk_cpu_level *out)
{
    size_t n = 0;
    const rk_cpu_level best = rk_cpu_best();
    for (rk_cpu_level up = RK_CPU_SCALAR; up <= best; up++) {
        const rk_cpu_level level = best - up;
        if (level != RK_CPU_SCALAR || n == 0 || at / j->stride / BLOCK % j->scalar == 0)
            out[n++] = level;
    }
    return n;
}

static void fill_f32(const job *j, uint64_t at, size_t n, float *x, float *y)
{
    for (size_t i = 0; i < n; i++) {
        const uint64_t k = at + i * j->stride;
        x[i] = j->fn->two ? (float)ref_pick(2 * k, j->fn->low, j->fn->high, false)
                          : ref_float((uint32_t)k);
        y[i] = j->fn->two ? (float)ref_pick(2 * k + 1, j->fn->low2, j->fn->high2, false) : 0;
    }
}

static void fill_f64(const job *j, uint64_t at, size_t n, double *x, double *y)
{
    for (size_t i = 0; i < n; i++) {
        const uint64_t k = at + i;
        x[i] = ref_pick(2 * k, j->fn->low, j->fn->high, true);
        y[i] = j->fn->two ? ref_pick(2 * k + 1, j->fn->low2, j->fn->high2, true) : 0;
    }
}

static void run_f32(const ref_fn *fn, rk_cpu_level level, const float *x, const float *y,
                    float *out, size_t n)
{
    const rk_vmath *m = rk_vmath_get(level);
    if (fn->two)
        ref_get2(m, fn)->f32(x, y, out, n);
    else
        ref_get1(m, fn)->f32(x, out, n);
}

static void run_f64(const ref_fn *fn, rk_cpu_level level, const double *x, const double *y,
                    double *out, size_t n)
{
    const rk_vmath *m = rk_vmath_get(level);
    if (fn->two)
        ref_get2(m, fn)->f64(x, y, out, n);
    else
        ref_get1(m, fn)->f64(x, out, n);
}

static void block_f32(job *j, uint64_t at, size_t n)
{
    float x[BLOCK], y[BLOCK], out[LEVELS][BLOCK];
    rk_cpu_level level[LEVELS];
    const size_t count = levels(j, at, level);
    fill_f32(j, at, n, x, y);
    for (size_t l = 0; l < count; l++)
        run_f32(j->fn, level[l], x, y, out[l], n);
    for (size_t i = 0; i < n; i++) {
        uint32_t bits[LEVELS];
        memcpy(&bits[0], &out[0][i], sizeof bits[0]);
        for (size_t l = 1; l < count; l++) {
            memcpy(&bits[l], &out[l][i], sizeof bits[l]);
            if (bits[l] != bits[0] && j->differing++ == 0)
                fprintf(stderr, "%s(%a, %a): levels differ: %a %a\n", j->fn->name, (double)x[i],
                        (double)y[i], (double)out[0][i], (double)out[l][i]);
        }
        j->hash = (j->hash ^ bits[0]) * 0x100000001b3u;
        const double got = (double)out[0][i], ref = ref_f32(j->fn, (double)x[i], (double)y[i]);
        double error = ref_error_quick(got, ref);
        if (error < 0.0)
            error = ref_error(got, bits[0], (long double)ref, false);
        note(j, error, (double)x[i], (double)y[i]);
    }
    j->tested += n;
}

static void block_f64(job *j, uint64_t at, size_t n)
{
    double x[BLOCK], y[BLOCK], out[LEVELS][BLOCK];
    rk_cpu_level level[LEVELS];
    const size_t count = levels(j, at, level);
    fill_f64(j, at, n, x, y);
    for (size_t l = 0; l < count; l++)
        run_f64(j->fn, level[l], x, y, out[l], n);
    for (size_t i = 0; i < n; i++) {
        uint64_t bits[LEVELS];
        memcpy(&bits[0], &out[0][i], sizeof bits[0]);
        for (size_t l = 1; l < count; l++) {
            memcpy(&bits[l], &out[l][i], sizeof bits[l]);
            if (bits[l] != bits[0] && j->differing++ == 0)
                fprintf(stderr, "%s(%a, %a): levels differ: %a %a\n", j->fn->name, x[i], y[i],
                        out[0][i], out[l][i]);
        }
        j->hash = (j->hash ^ bits[0]) * 0x100000001b3u;
        note(j, ref_error(out[0][i], bits[0], ref_f64(j->fn, x[i], y[i]), true), x[i], y[i]);
    }
    j->tested += n;
}

static void *work(void *arg)
{
    job *j = arg;
    j->hash = 0xcbf29ce484222325u;
    for (uint64_t at = j->begin; at < j->end; at += BLOCK * j->stride) {
        const uint64_t left = (j->end - at + j->stride - 1) / j->stride;
        const size_t n = left < BLOCK ? (size_t)left : BLOCK;
        if (j->is_double)
            block_f64(j, at, n);
        else
            block_f32(j, at, n);
    }
    return NULL;
}

typedef struct options {
    const char *fn, *type;
    uint64_t stride, count, scalar;
    unsigned threads;
} options;

/* Runs one function on all threads and prints its row; true if it kept its promises. */
static bool sweep(const ref_fn *fn, bool is_double, const options *o)
{
    const bool walk = !is_double && !fn->two;
    const uint64_t total = walk ? UINT64_C(1) << 32 : o->count;
    const uint64_t stride = walk ? o->stride : 1;
    job jobs[MAX_THREADS] = {0};
    pthread_t threads[MAX_THREADS];
    for (unsigned t = 0; t < o->threads; t++) {
        const uint64_t part = (total / o->threads / stride + 1) * stride;
        jobs[t] = (job){.fn = fn,
                        .is_double = is_double,
                        .stride = stride,
                        .scalar = o->scalar,
                        .begin = t * part,
                        .end = (t + 1) * part < total ? (t + 1) * part : total,
                        .worst = -1.0};
        if (pthread_create(&threads[t], NULL, work, &jobs[t])) {
            fprintf(stderr, "sweep: cannot start a thread\n");
            exit(70);
        }
    }
    job all = {.worst = -1.0};
    for (unsigned t = 0; t < o->threads; t++) {
        pthread_join(threads[t], NULL);
        note(&all, jobs[t].worst, jobs[t].worst_x[0], jobs[t].worst_x[1]);
        all.tested += jobs[t].tested;
        all.differing += jobs[t].differing;
        all.hash = ref_mix(all.hash ^ jobs[t].hash);
    }
    printf("%-8s %s %12" PRIu64 "  %8.4f  %-24a %-24a %s %016" PRIx64 "\n", fn->name,
           is_double ? "f64" : "f32", all.tested, all.worst, all.worst_x[0], all.worst_x[1],
           all.differing ? "DIFFER" : "equal ", all.hash);
    fflush(stdout);
    return all.differing == 0 && all.worst <= 2.0;
}

static const char *value_of(const char *arg, const char *key)
{
    const size_t n = strlen(key);
    return strncmp(arg, key, n) == 0 ? arg + n : NULL;
}

static bool read_options(int argc, char **argv, options *o)
{
    for (int i = 1; i < argc; i++) {
        const char *v;
        if ((v = value_of(argv[i], "--fn=")))
            o->fn = v;
        else if ((v = value_of(argv[i], "--type=")))
            o->type = v;
        else if ((v = value_of(argv[i], "--stride=")))
            o->stride = strtoull(v, NULL, 10);
        else if ((v = value_of(argv[i], "--count=")))
            o->count = strtoull(v, NULL, 10);
        else if ((v = value_of(argv[i], "--scalar=")))
            o->scalar = strtoull(v, NULL, 10);
        else if ((v = value_of(argv[i], "--threads=")))
            o->threads = (unsigned)strtoul(v, NULL, 10);
        else
            return false;
    }
    return o->stride > 0 && o->scalar > 0 && o->threads > 0 && o->threads <= MAX_THREADS;
}

int main(int argc, char **argv)
{
    options o = {"all", "all", 1, UINT64_C(100000000), 1, 1};
    if (!read_options(argc, argv, &o)) {
        fprintf(stderr, "usage: sweep [--fn=NAME] [--type=f32|f64] [--stride=N] [--count=N] "
                        "[--scalar=N] "
                        "[--threads=N]\n");
        return 2;
    }
    printf("levels: scalar");
    for (rk_cpu_level level = RK_CPU_V3; level <= rk_cpu_best(); level++)
        printf(" %s", rk_cpu_name(level));
    printf("\n%-8s %s %12s  %8s  %-24s %-24s %s %s\n", "function", "type", "tested", "max ulp",
           "at x", "y", "levels", "hash");
    bool good = true;
    for (size_t i = 0; i < REF_COUNT; i++) {
        const ref_fn *fn = &ref_fns[i];
        if (strcmp(o.fn, "all") != 0 && strcmp(o.fn, fn->name) != 0)
            continue;
        if (strcmp(o.type, "f64") != 0)
            good &= sweep(fn, false, &o);
        if (strcmp(o.type, "f32") != 0)
            good &= sweep(fn, true, &o);
    }
    return good ? 0 : 1;
}
