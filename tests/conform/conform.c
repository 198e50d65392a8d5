/* Every function, operation, fold and filter on every engine:
 *
 *     conform [--all] [--list] [--only WORD] [--group N] [--shuffle SEED] [--one N] [--verbose]
 *
 * --all runs each list on each engine, which takes long; without it each program takes its turn at
 * a part of them. --list says what ran in native code, what as calls between native parts, what in
 * the interpreter alone. --only: subjects whose name has the word. --group: factors in a program;
 * --shuffle: puts other ones together. --one: the N-th program alone, and its text. --verbose:
 * times, and what the compiler refuses.
 */
#include "tests/conform/conform.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/base/map.h"

enum { GROUP = 64, SHORT = 68, SINGLES = 40 };

/* ---- lists ---- */

static sample *add_sample(conform *c, const char *name, uint32_t n, uint32_t query)
{
    return c->samples[c->n_samples++] = sample_new(&c->arena, name, n, query);
}

static void set_item(sample *s, uint32_t i, uint32_t item) { s->ids[i] = s->items[i] = item; }

/* The same items in another order. */
static void shuffle(sample *s, uint64_t seed)
{
    for (uint32_t i = s->n; i > 1; i--) {
        const uint32_t k = (uint32_t)(rk_hash_int(seed + i) % i), item = s->items[i - 1];
        set_item(s, i - 1, s->items[k]);
        set_item(s, k, item);
    }
}

static void shift(sample *s, uint32_t by, uint32_t of)
{
    for (uint32_t i = 0; i < s->n; i++)
        set_item(s, i, (i + by) % of);
}

static void make_samples(conform *c)
{
    static const uint32_t borders[] = {127, 128, 129, 255, 257};
    const uint32_t singles = c->options.all ? PAIR_ITEMS : SINGLES;
    char name[32];
    c->samples = NEW_ARRAY(&c->arena, sample *, SHORT + singles + 20);
    for (uint32_t n = 0; n < SHORT; n++) {
        snprintf(name, sizeof name, "of %u", n);
        shift(add_sample(c, name, n, n % QUERIES), n * 97, PAIR_ITEMS);
    }
    for (uint32_t i = 0; i < singles; i++) {
        snprintf(name, sizeof name, "of one, %u", i);
        shift(add_sample(c, name, 1, i % QUERIES), i * 401, PAIR_ITEMS);
    }
    for (uint32_t i = 0; i < RK_ARRAY_LEN(borders); i++) {
        snprintf(name, sizeof name, "of %u", borders[i]);
        shuffle(add_sample(c, name, borders[i], i % QUERIES), i);
    }
    add_sample(c, "of 1,000", PAIR_ITEMS, 1);
    shuffle(add_sample(c, "of 1,000 shuffled", PAIR_ITEMS, 2), 7);
    shift(add_sample(c, "of 4,097", 4097, 0), 4000, GRID_ITEMS);
    add_sample(c, "of 10,000", GRID_ITEMS, 0);
    shuffle(add_sample(c, "of 10,000 shuffled", GRID_ITEMS, 0), 11);
    for (uint32_t q = 0; q < QUERIES; q++)
        c->big[q] = sample_new(&c->arena, "of all", q ? PAIR_ITEMS : GRID_ITEMS, q);
}

/* ---- cases ---- */

static void refuse(conform *c, uint32_t number, const rk_buf *why)
{
    const spec_case *const one = &c->spec.cases.items[number];
    subject *const subject = &c->spec.subjects.items[one->subject];
    subject->n_refused++;
    if (!one->optional)
        subject->n_failed++;
    if (!one->optional || c->options.verbose)
        printf("# %s: `%s` is refused: %s\n", subject->name, one->text, why->data);
}

/* Keeps the cases that the compiler takes, and returns how many. */
static uint32_t keep_taken(conform *c, uint32_t *cases, uint32_t n)
{
    rk_buf why = {0};
    program p;
    const bool fine = program_open(&p, &c->spec, cases, n, &why);
    program_close(&p);
    uint32_t kept = n;
    if (!fine && n == 1) {
        refuse(c, cases[0], &why);
        kept = 0;
    } else if (!fine) {
        kept = keep_taken(c, cases, n / 2);
        const uint32_t more = keep_taken(c, cases + n / 2, n - n / 2);
        memmove(cases + kept, cases + n / 2, more * sizeof *cases);
        kept += more;
    }
    rk_buf_free(&why);
    return kept;
}

static bool are_together(const spec_case *a, const spec_case *b)
{
    return a->pipe == b->pipe && a->whole == b->whole && (a->whole || a->asks == b->asks);
}

static bool is_chosen(const conform *c, uint32_t number)
{
    const char *const name = c->spec.subjects.items[c->spec.cases.items[number].subject].name;
    return !c->options.only || strstr(name, c->options.only);
}

/* Other kernels of the same cases: what stands beside what matters to a compiler. */
static void shuffle_cases(conform *c)
{
    spec_case *const cases = c->spec.cases.items;
    for (uint32_t i = c->spec.cases.len; i > 1 && c->options.seed; i--) {
        const uint32_t k = (uint32_t)(rk_hash_int(c->options.seed * 1000003 + i) % i);
        const spec_case last = cases[i - 1];
        cases[i - 1] = cases[k];
        cases[k] = last;
    }
}

static void run_all(conform *c)
{
    const uint32_t n = c->spec.cases.len;
    const uint32_t group = c->options.group ? c->options.group : GROUP;
    bool *const done = NEW_ARRAY(&c->arena, bool, n);
    uint32_t *const cases = NEW_ARRAY(&c->arena, uint32_t, n);
    for (uint32_t i = 0; i < n; i++)
        done[i] = !is_chosen(c, i);
    for (uint32_t first = 0; first < n; first++) {
        uint32_t len = 0;
        for (uint32_t i = first; i < n && len < group; i++)
            if (!done[i] && are_together(&c->spec.cases.items[first], &c->spec.cases.items[i])) {
                cases[len++] = i;
                done[i] = true;
            }
        len = len ? keep_taken(c, cases, len) : 0;
        if (len && c->options.one && c->options.one != ++c->n_programs)
            len = 0;
        if (len) {
            const clock_t start = clock();
            conform_run(c, cases, len);
            if (c->options.verbose)
                printf("# %.2f s, %u cases from %s on\n",
                       (double)(clock() - start) / CLOCKS_PER_SEC, len,
                       c->spec.subjects.items[c->spec.cases.items[cases[0]].subject].name);
            fflush(stdout);
        }
    }
}

/* ---- the end ---- */

static int report(conform *c)
{
    unsigned passed = 0, failed = 0, cases = 0, refused = 0;
    if (c->options.list)
        coverage_print(&c->coverage);
    for (uint32_t i = 0; i < c->spec.subjects.len; i++) {
        const subject *const s = &c->spec.subjects.items[i];
        if (c->options.only && !strstr(s->name, c->options.only))
            continue;
        const bool empty = s->needed && s->n_refused == s->n_cases;
        if (empty)
            printf("# %s: nothing of it was taken\n", s->name);
        failed += empty || s->n_failed;
        passed += !(empty || s->n_failed);
        cases += s->n_cases;
        refused += s->n_refused;
    }
    for (uint32_t i = 0; i < rk_fn_count() && !c->options.only; i++)
        if (!coverage_has(&c->coverage, i))
            printf("# never called, as the language itself does it: %s%s\n", rk_fn_at(i)->name,
                   rk_fn_at(i)->sig);
    printf("# %u cases, %u refused, %u programs, %u runs, %llu values\n", cases, refused,
           c->n_programs, c->n_runs, (unsigned long long)c->n_values);
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}

static bool read_options(int argc, char **argv, options *o)
{
    for (int i = 1; i < argc; i++) {
        const bool more = i + 1 < argc;
        if (strcmp(argv[i], "--all") == 0)
            o->all = true;
        else if (strcmp(argv[i], "--list") == 0)
            o->list = true;
        else if (strcmp(argv[i], "--verbose") == 0)
            o->verbose = true;
        else if (strcmp(argv[i], "--only") == 0 && more)
            o->only = argv[++i];
        else if (strcmp(argv[i], "--one") == 0 && more)
            o->one = (uint32_t)strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--shuffle") == 0 && more)
            o->seed = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--group") == 0 && more)
            o->group = (uint32_t)strtoul(argv[++i], NULL, 10);
        else
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    conform c = {0};
    rk_buf why = {0};
    if (!read_options(argc, argv, &c.options)) {
        fprintf(
            stderr,
            "usage: conform [--all] [--list] [--only WORD] [--group N] [--one N] [--verbose]\n");
        return 2;
    }
    c.emitter = rk_native_open(&why);
    if (!c.emitter)
        printf("# no native code: %.*s\n", RK_STR_ARG(rk_buf_str(&why)));
    rk_buf_free(&why);
    coverage_init(&c.coverage, &c.arena);
    make_samples(&c);
    spec_core(&c.spec);
    spec_mixed(&c.spec);
    spec_functions(&c.spec);
    spec_folds(&c.spec);
    spec_filters(&c.spec);
    shuffle_cases(&c);
    run_all(&c);
    const int code = report(&c);
    rk_arena_free(&c.spec.arena);
    rk_arena_free(&c.arena);
    return code;
}
