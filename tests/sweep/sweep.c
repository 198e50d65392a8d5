/* Accuracy of the elementary functions in runtime/base/vmath: every float (or every stride-th one)
 * for functions of one argument, random and structured ones for doubles and for two arguments,
 * against libm in the next wider type. Each block of arguments runs on every CPU level that the
 * machine has, and the results must be the same bits.
 *
 *     sweep [--fn=NAME|all] [--type=f32|f64|all] [--stride=N] [--count=N] [--threads=N]
 *
 * --stride thins the walk over all floats, --count is the number of random arguments or pairs.
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
    uint64_t begin, end, stride;
    /* results */
    double worst;       /* in ulp; infinite for a wrong special value */
    double worst_x[2];
    uint64_t tested, differing, hash;
} job;

static uint64_t mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static float f32_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static double f64_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static double unit(uint64_t r)
{
    return (double)(r >> 11) * 0x1p-53;
}

/* The i-th random argument: bits, the function's own range, or a few ulp off a notable value. */
static double pick(uint64_t i, double low, double high, const double *notable, bool is_double)
{
    const uint64_t r = mix(i), s = mix(r);
    switch (r & 7) {
    case 0:
    case 1:
        return is_double ? f64_of(s) : (double)f32_of((uint32_t)s);
    case 2: {
        const double v = notable[(s >> 40) % REF_NOTABLE] * (s & 1 ? 1.0 : (double)((s >> 1) & 15));
        const int64_t off = (int64_t)((s >> 8) & 63) - 32;
        if (!is_double) {
            const float f = (float)v;
            uint32_t b;
            memcpy(&b, &f, sizeof b);
            return (double)f32_of(b + (uint32_t)off);
        }
        uint64_t b;
        memcpy(&b, &v, sizeof b);
        return f64_of(b + (uint64_t)off);
    }
    case 3: { /* log-uniform around 1 */
        const double v = ldexp(1.0 + unit(s), (int)((s >> 3) & 63) - 40);
        return s & 1 ? v : -v;
    }
    default:
        return low + (high - low) * unit(s);
    }
}

static double ulp_of(long double ref, bool is_double)
{
    int e;
    frexpl(ref, &e);
    const int low = is_double ? -1074 : -149;
    const int bits = is_double ? 53 : 24;
    return ldexp(1.0, e - bits < low ? low : e - bits);
}

/* The error of got in ulp; infinite where a special value or a NaN is not what it must be. */
static double error_of(double got, uint64_t got_bits, long double ref, bool is_double)
{
    if (isnan(ref))
        return got_bits == (is_double ? 0x7ff8000000000000u : 0x7fc00000u) ? 0.0 : INFINITY;
    if (isnan(got))
        return INFINITY;
    const long double largest = is_double ? 0x1.fffffffffffff8p1023L : 0x1.ffffffp127L;
    if (fabsl(ref) >= largest) {
        /* At the threshold itself the largest finite number is right too. */
        const bool edge = !isinf(ref) && fabsl(ref) < largest * (1 + (is_double ? 0x1p-53L : 0x1p-24L));
        return (isinf(got) || edge) && (got > 0) == (ref > 0) ? 0.0 : INFINITY;
    }
    if (ref == 0.0L)
        return got == 0.0 && !signbit(got) == !signbit(ref) ? 0.0 : INFINITY;
    if (isinf(got))
        return fabsl(ref) > largest * (1 - (is_double ? 0x1p-52L : 0x1p-23L)) ? 1.0 : INFINITY;
    if (!signbit(got) != !signbit(ref))
        return INFINITY;
    return (double)(fabsl((long double)got - ref) / (long double)ulp_of(ref, is_double));
}

static void note(job *j, double error, double x, double y)
{
    if (error > j->worst) {
        j->worst = error;
        j->worst_x[0] = x;
        j->worst_x[1] = y;
    }
}

static size_t levels(rk_cpu_level *out)
{
    size_t n = 0;
    for (rk_cpu_level level = RK_CPU_SCALAR; level <= rk_cpu_best(); level++)
        out[n++] = level;
    return n;
}

static void fill_f32(const job *j, uint64_t at, size_t n, float *x, float *y)
{
    for (size_t i = 0; i < n; i++) {
        const uint64_t k = at + i * j->stride;
        x[i] = j->fn->two ? (float)pick(2 * k, j->fn->low, j->fn->high, ref_notable, false)
                          : f32_of((uint32_t)k);
        y[i] = j->fn->two ? (float)pick(2 * k + 1, j->fn->low2, j->fn->high2, ref_notable, false) : 0;
    }
}

static void fill_f64(const job *j, uint64_t at, size_t n, double *x, double *y)
{
    for (size_t i = 0; i < n; i++) {
        const uint64_t k = at + i;
        x[i] = pick(2 * k, j->fn->low, j->fn->high, ref_notable, true);
        y[i] = j->fn->two ? pick(2 * k + 1, j->fn->low2, j->fn->high2, ref_notable, true) : 0;
    }
}

static void run_f32(const ref_fn *fn, rk_cpu_level level, const float *x, const float *y, float *out,
                    size_t n)
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
    const size_t count = levels(level);
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
        const double ref = ref_f32(j->fn, (double)x[i], (double)y[i]);
        note(j, error_of((double)out[0][i], bits[0], (long double)ref, false), (double)x[i],
             (double)y[i]);
    }
    j->tested += n;
}

static void block_f64(job *j, uint64_t at, size_t n)
{
    double x[BLOCK], y[BLOCK], out[LEVELS][BLOCK];
    rk_cpu_level level[LEVELS];
    const size_t count = levels(level);
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
        note(j, error_of(out[0][i], bits[0], ref_f64(j->fn, x[i], y[i]), true), x[i], y[i]);
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
    uint64_t stride, count;
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
        jobs[t] = (job){.fn = fn, .is_double = is_double, .stride = stride, .begin = t * part,
                        .end = (t + 1) * part < total ? (t + 1) * part : total, .worst = -1.0};
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
        all.hash = mix(all.hash ^ jobs[t].hash);
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
        else if ((v = value_of(argv[i], "--threads=")))
            o->threads = (unsigned)strtoul(v, NULL, 10);
        else
            return false;
    }
    return o->stride > 0 && o->threads > 0 && o->threads <= MAX_THREADS;
}

int main(int argc, char **argv)
{
    options o = {"all", "all", 1, UINT64_C(100000000), 1};
    if (!read_options(argc, argv, &o)) {
        fprintf(stderr, "usage: sweep [--fn=NAME] [--type=f32|f64] [--stride=N] [--count=N] "
                        "[--threads=N]\n");
        return 2;
    }
    printf("levels: scalar");
    for (rk_cpu_level level = RK_CPU_V3; level <= rk_cpu_best(); level++)
        printf(" %s", rk_cpu_name(level));
    printf("\n%-8s %s %12s  %8s  %-24s %-24s %s %s\n", "function", "type", "tested", "max ulp", "at x",
           "y", "levels", "hash");
    bool good = true;
    for (size_t i = 0; i < ref_count; i++) {
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
