/* Random programs against the naive evaluator:
 *
 *     programs [--seed S] [--count N] [--time SECONDS] [--one SEED] [--all] [--native N]
 *
 * from seed S on, N of them or as many as the time allows; a hundred are one case. The first that
 * differs in each case is made small and shown; with --all every one is. --one shows a program too.
 * Each runs on every CPU level, and on two threads. Every N-th (20th) runs as native code of both
 * tiers too, if there is a plug-in that makes it.
 */
#include "tests/programs/programs.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "compiler/driver/native.h"

enum { GROUP = 100, REQUESTS = 3 };

typedef struct options {
    uint64_t seed, count;
    double seconds;
    bool one, all;
    uint64_t native; /* every so many; 0: none */
} options;

/* Now and then more than a block of sums. */
static unsigned length_of(gen *g)
{
    static const unsigned rare[] = {0, 1, 128, 130, 300, 1000};
    if (below(g, 3000) == 0)
        return 4090 + below(g, 12);
    if (chance(g, 6))
        return rare[below(g, RK_ARRAY_LEN(rare))];
    return below(g, chance(g, 60) ? 12 : 70);
}

static void show(const program *p, const request *r, const fault *f)
{
    rk_buf text = {0};
    show_models(p, &text);
    print_program(p, &text);
    print_request(p, r, &text);
    printf("# seed %llu: %s\n%.*s\n", (unsigned long long)p->seed, f->text,
           RK_STR_ARG(rk_buf_str(&text)));
    rk_buf_free(&text);
    fflush(stdout);
}

static void report(program *p, request *r, bool formatted, const fault *first)
{
    fault f;
    printf("# seed %llu%s: %s\n", (unsigned long long)p->seed, formatted ? ", formatted" : "",
           first->text);
    shrink(p, r, formatted);
    run_program(p, r, 1, formatted, &f);
    show(p, r, &f);
}

/* -1: the generator made no program; 0: it differs. */
static int try_seed(uint64_t seed, const options *o, bool quiet)
{
    program *const p = gen_program(seed);
    request requests[REQUESTS];
    fault f;
    gen g = {.state = ~seed};
    if (!p)
        return -1;
    p->native = o->native && (o->one || seed % o->native == 0);
    for (unsigned i = 0; i < REQUESTS; i++)
        gen_request(p, seed * REQUESTS + i, length_of(&g), &p->arena, &requests[i]);
    if (o->one)
        show(p, &requests[0], &(fault){.text = "the program"});
    int fine = 1;
    write_sources(p);
    write_models(p);
    for (unsigned i = 0; i < REQUESTS && fine; i++) {
        const bool formatted = i == 0 && chance(&g, 30);
        fine = run_program(p, &requests[i], 1, formatted, &f);
        if (!fine && !quiet)
            report(p, &requests[i], formatted, &f);
    }
    remove_sources(p);
    remove_models(p);
    rk_arena arena = p->arena;
    rk_arena_free(&arena);
    return fine;
}

static bool read_options(int argc, char **argv, options *o)
{
    *o = (options){.seed = 1, .count = 10000, .native = 20};
    for (int i = 1; i < argc; i++) {
        const bool more = i + 1 < argc;
        if (strcmp(argv[i], "--all") == 0)
            o->all = true;
        else if (!more)
            return false;
        else if (strcmp(argv[i], "--seed") == 0)
            o->seed = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--native") == 0)
            o->native = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--count") == 0)
            o->count = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--time") == 0) {
            o->seconds = strtod(argv[++i], NULL);
            o->count = UINT64_MAX / 2;
        } else if (strcmp(argv[i], "--one") == 0) {
            o->seed = strtoull(argv[++i], NULL, 10);
            o->one = true;
            o->count = 1;
        } else
            return false;
    }
    return true;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    options o;
    unsigned long long passed = 0, failed = 0, programs = 0, empty = 0;
    if (!read_options(argc, argv, &o)) {
        fprintf(stderr,
                "usage: programs [--seed S] [--count N] [--time SECONDS] [--one SEED] [--all] "
                "[--native N]\n");
        return 2;
    }
    rk_buf why = {0};
    if (o.native && !rk_native_open(&why)) {
        printf("# no native code: %.*s\n", RK_STR_ARG(rk_buf_str(&why)));
        o.native = 0;
    }
    rk_buf_free(&why);
    const double start = now();
    for (uint64_t i = 0; i < o.count && (o.seconds == 0 || now() - start < o.seconds); i += GROUP) {
        bool fine = true;
        for (uint64_t k = i; k < i + GROUP && k < o.count; k++) {
            const int result = try_seed(o.seed + k, &o, !fine && !o.all);
            programs += result >= 0;
            empty += result < 0;
            fine &= result != 0;
        }
        passed += fine;
        failed += !fine;
    }
    printf("%llu programs, %llu seeds without one\n", programs, empty);
    printf("%llu passed, %llu failed\n", passed, failed);
    return failed != 0;
}
