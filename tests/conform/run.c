/* One program on all engines, over all lists. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/conform/conform.h"

enum { SHOWN_MAX = 60 }; /* differences in full */

typedef struct running {
    conform *c;
    program *p;
    ways ways;
    bool whole, asks;
    rk_run *runs[QUERIES]; /* of the reference, for what each item gets */
    result items[QUERIES];
} running;

bool way_run(way *w, sample *s, rk_diags *diags, result *out)
{
    rk_request request;
    if (rk_run_begin(w->run) != RK_OK)
        return false;
    sample_request(s, w->plan, w->run, &request);
    if (rk_run_rank(w->run, &request, 1.7e9 + 0.25, diags, &out->reply) != RK_OK)
        return false;
    out->strings = rk_run_strings(w->run);
    return true;
}

static void fail_case(running *r, uint32_t number, const char *text)
{
    spec *const s = &r->c->spec;
    const spec_case *const one = &s->cases.items[r->p->cases[number]];
    s->subjects.items[one->subject].n_failed++;
    if (r->c->n_shown++ < SHOWN_MAX)
        printf("# %s: `%s`: %s\n", s->subjects.items[one->subject].name, one->text, text);
}

static void fail_all(running *r, const char *way, const sample *s, const char *text)
{
    char line[600];
    snprintf(line, sizeof line, "%s on %s over %s", text, way, s ? s->name : "nothing");
    for (uint32_t i = 0; i < r->p->n; i++)
        fail_case(r, i, line);
}

/* ---- comparing ---- */

static void differ(running *r, const way *way, const sample *s, uint32_t shown, uint32_t i,
                   const result *got, const result *want, uint32_t at)
{
    rk_buf line = {0};
    const char *const text = r->p->spec->cases.items[r->p->cases[shown]].text;
    const uint32_t item = (uint32_t)((const int64_t *)got->reply.ids.data)[i];
    rk_buf_printf(&line, "%s, list %s, place %u: ", way->name, s->name, i + 1);
    result_print(got, shown, i, &line);
    rk_buf_add_chars(&line, ", should be ");
    result_print(want, shown, at, &line);
    rk_buf_printf(&line, "; item %u", item);
    grid_print(text, item, s->query, &line);
    fail_case(r, shown, line.data);
    rk_buf_free(&line);
}

static bool same_ids(const result *got, const int64_t *ids, uint32_t n)
{
    return got->reply.n == n && (n == 0 || memcmp(got->reply.ids.data, ids, n * sizeof *ids) == 0);
}

static void compare(running *r, const way *way, const sample *s, const result *got,
                    const result *want, const uint32_t *at)
{
    const bool same =
        at ? same_ids(got, s->ids, s->n) : same_ids(got, want->reply.ids.data, want->reply.n);
    if (!same) {
        fail_all(r, way->name, s, "other items");
        return;
    }
    for (uint32_t i = 0; i < r->p->n; i++) {
        const uint32_t place = result_differs(got, want, at, i);
        if (place != UINT32_MAX)
            differ(r, way, s, i, place, got, want, at ? at[place] : place);
    }
    r->c->n_values += (uint64_t)r->p->n * got->reply.n;
}

/* ---- running ---- */

/* In `make check` each program takes a part of the lists on each engine; the programs are many. */
static bool is_due(const running *r, uint32_t list, uint32_t way)
{
    const uint32_t turn = list + way + r->c->n_programs;
    const uint32_t n = r->c->samples[list]->n;
    return r->c->options.all || turn % (n > PAIR_ITEMS ? 16 : n > 100 ? 4 : 5) == 0;
}

static void run_sample(running *r, uint32_t list)
{
    sample *const s = r->c->samples[list];
    result reference = {0}, got;
    const result *want = &r->items[r->asks ? s->query : 0];
    bool ready = !r->whole;
    for (uint32_t i = 0; i < r->ways.n; i++) {
        way *const way = &r->ways.way[i];
        if (!is_due(r, list, i))
            continue;
        if (!ready) {
            if (!way_run(&r->ways.reference, s, &r->ways.diags, &reference)) {
                fail_all(r, r->ways.reference.name, s, "the run fails");
                return;
            }
            want = &reference;
            ready = true;
        }
        if (way_run(way, s, &r->ways.diags, &got))
            compare(r, way, s, &got, want, r->whole ? NULL : s->items);
        else
            fail_all(r, way->name, s, "the run fails");
        r->c->n_runs++;
    }
}

/* What the reference gives each item; true as well where that depends on the list. */
static bool run_items(running *r)
{
    for (uint32_t q = 0; !r->whole && q < (r->asks ? QUERIES : 1); q++) {
        way reference = r->ways.reference;
        if (rk_run_new(reference.engine, &r->runs[q]) != RK_OK)
            return false;
        reference.run = r->runs[q];
        if (!way_run(&reference, r->c->big[q], &r->ways.diags, &r->items[q])) {
            fail_all(r, reference.name, r->c->big[q], "the run fails");
            return false;
        }
    }
    return true;
}

void conform_run(conform *c, const uint32_t *cases, uint32_t n)
{
    rk_buf why = {0};
    program p;
    running r = {.c = c, .p = &p};
    r.whole = c->spec.cases.items[cases[0]].whole;
    r.asks = c->spec.cases.items[cases[0]].asks;
    c->n_programs += c->options.one == 0;
    if (!program_open(&p, &c->spec, cases, n, &why))
        abort(); /* it was taken before */
    if (c->options.one) {
        printf("%.*s", RK_STR_ARG(rk_buf_str(&p.text)));
        fflush(stdout);
    }
    if (ways_open(&r.ways, p.plan, c->emitter, &why)) {
        coverage_add(&c->coverage, p.plan, r.ways.shown.text ? &r.ways.shown : NULL);
        if (run_items(&r))
            for (uint32_t i = 0; i < c->n_samples; i++)
                run_sample(&r, i);
    } else
        fail_all(&r, why.data, NULL, "no engines");
    for (uint32_t q = 0; q < QUERIES; q++)
        rk_run_free(r.runs[q]);
    ways_close(&r.ways);
    program_close(&p);
    rk_buf_free(&why);
}
