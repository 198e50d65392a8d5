/* rankc index eval: how much of the truth searches find, and how fast, one thread. */
#include "compiler/cmd/index.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A pass over all queries is timed until there are PASSES of them or ENOUGH seconds went by. */
enum { PASSES = 5 };
static const double ENOUGH = 3.0;

typedef struct evaluation {
    cmd_index *ix;
    rk_index *index;
    cmd_vectors queries;
    cmd_ints truth; /* ids: [n][d] */
    uint32_t k, batch;
    rk_index_scratch *scratch;
    uint32_t *rows;   /* [n][k] found */
    uint32_t *wanted; /* [n][k] the truth's, ascending within a query; RK_INDEX_NONE: not there */
    bool walked, scanned; /* how searches of the last pass went */
} evaluation;

typedef struct point {
    uint32_t ef; /* 0: none was given */
    double recall, qps;
    const char *way; /* how its searches went */
} point;

/* ---- the truth ---- */

static uint32_t row_of(const rk_index *index, int64_t id)
{
    if (!index->ids.numbers)
        return id >= 0 && id < index->n ? (uint32_t)id : RK_INDEX_NONE;
    uint32_t from = 0, end = index->n;
    while (from < end) {
        const uint32_t middle = from + (end - from) / 2;
        if (index->ids.numbers[middle] < id)
            from = middle + 1;
        else
            end = middle;
    }
    return from < index->n && index->ids.numbers[from] == id ? from : RK_INDEX_NONE;
}

static int compare_rows(const void *left, const void *right)
{
    const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static rk_status unknown_id(const evaluation *e, uint64_t query, int64_t id)
{
    rk_error(&e->ix->diags, RK_E0527, RK_NO_SPAN,
             "`%s`: row %llu, from 0, names the id %lld, which the index has not",
             e->ix->c->text[CMD_GT].data, (unsigned long long)query, (long long)id);
    return RK_EDATA;
}

static rk_status find_wanted(evaluation *e)
{
    for (uint32_t query = 0; query < e->queries.n; query++) {
        uint32_t *const wanted = e->wanted + (size_t)query * e->k;
        for (uint32_t i = 0; i < e->k; i++) {
            const int64_t id = e->truth.rows[query * e->truth.d + i];
            wanted[i] = row_of(e->index, id);
            if (wanted[i] == RK_INDEX_NONE)
                return unknown_id(e, query, id);
        }
        qsort(wanted, e->k, sizeof *wanted, compare_rows);
    }
    return RK_OK;
}

static rk_status read_truth(evaluation *e)
{
    cmd *const c = e->ix->c;
    const char *const path = c->text[CMD_GT].data;
    if (e->index->ids.text)
        return cmd_usage(c, "ids of this index are texts, and --gt has numbers");
    RK_TRY(cmd_ints_read(e->ix, path, &e->truth));
    if (e->truth.n < e->queries.n || e->truth.d < e->k) {
        rk_error(&e->ix->diags, RK_E0525, RK_NO_SPAN,
                 "`%s` has %llu rows of %llu ids; %u rows of %u or more are needed", path,
                 (unsigned long long)e->truth.n, (unsigned long long)e->truth.d, e->queries.n,
                 e->k);
        return RK_EDATA;
    }
    return find_wanted(e);
}

/* ---- measuring ---- */

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static rk_status search_all(evaluation *e, uint32_t ef)
{
    e->walked = e->scanned = false;
    for (uint32_t from = 0; from < e->queries.n; from += e->batch) {
        const uint32_t left = e->queries.n - from;
        const rk_index_query query = {.vectors = e->queries.rows + (size_t)from * e->queries.dim,
                                      .n = left < e->batch ? left : e->batch,
                                      .k = e->k,
                                      .ef = ef,
                                      .exact = e->ix->c->given[CMD_EXACT],
                                      .stop = e->ix->stop};
        const rk_index_hits hits = {.rows = e->rows + (size_t)from * e->k};
        RK_TRY(rk_index_search(e->index, e->scratch, &query, &hits));
        const bool scanned = rk_index_last(e->scratch).scanned;
        e->scanned |= scanned;
        e->walked |= !scanned;
        if (left <= e->batch)
            break;
    }
    return RK_OK;
}

static double recall(const evaluation *e)
{
    uint64_t found = 0;
    for (uint32_t query = 0; query < e->queries.n; query++)
        for (uint32_t i = 0; i < e->k; i++) {
            const size_t at = (size_t)query * e->k;
            found += bsearch(&e->rows[at + i], e->wanted + at, e->k, sizeof *e->wanted,
                             compare_rows) != NULL;
        }
    return (double)found / ((double)e->queries.n * e->k);
}

static int compare_times(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The first pass warms up; it counts only where it took so long that there is no other. */
static rk_status measure(evaluation *e, uint32_t ef, point *out)
{
    double times[PASSES + 1], began = seconds();
    RK_TRY(search_all(e, ef));
    times[0] = seconds() - began;
    const double recalled = recall(e);
    double total = times[0];
    uint32_t n = 0;
    while (n < PASSES && (total < ENOUGH || (n == 0 && total < 2 * ENOUGH))) {
        began = seconds();
        RK_TRY(search_all(e, ef));
        times[n] = seconds() - began;
        total += times[n++];
    }
    n += n == 0;
    qsort(times, n, sizeof *times, compare_times);
    *out = (point){.ef = ef,
                   .recall = recalled,
                   .qps = e->queries.n / times[n / 2],
                   .way = !e->scanned ? "graph"
                          : e->walked ? "both"
                                      : "scan"};
    return RK_OK;
}

/* ---- printing ---- */

static void add_number(rk_buf *out, double value)
{
    char text[32];
    rk_buf_add(out, (rk_str){text, rk_double_print(value, text)});
}

static void print_json(const point *p, rk_buf *out)
{
    rk_buf_add_chars(out, "{\"ef\": ");
    if (p->ef)
        rk_buf_printf(out, "%u", p->ef);
    else
        rk_buf_add_chars(out, "null");
    rk_buf_add_chars(out, ", \"recall\": ");
    add_number(out, p->recall);
    rk_buf_add_chars(out, ", \"qps\": ");
    rk_buf_printf(out, "%.1f, \"way\": \"%s\"}", p->qps, p->way);
}

static void print_text(const point *p, uint32_t number, uint32_t k, rk_buf *out)
{
    if (number == 0) {
        char head[32];
        snprintf(head, sizeof head, "recall@%u", k);
        rk_buf_printf(out, "%6s  %10s  %10s  way\n", "ef", head, "QPS");
    }
    if (p->ef)
        rk_buf_printf(out, "%6u", p->ef);
    else
        rk_buf_printf(out, "%6s", "-");
    rk_buf_printf(out, "  %10.5f  %10.1f  %s\n", p->recall, p->qps, p->way);
}

static rk_status measure_all(evaluation *e)
{
    static uint32_t none[] = {0};
    uint32_t *efs = none, n = 1;
    cmd *const c = e->ix->c;
    rk_buf *const out = &c->out.buf;
    const bool text = cmd_format_is(c, "text"), json = cmd_format_is(c, "json");
    if (c->given[CMD_EF])
        RK_TRY(cmd_index_efs(e->ix, &efs, &n));
    rk_buf_add_chars(out, json ? "[" : "");
    for (uint32_t i = 0; i < n; i++) {
        point p;
        RK_TRY(measure(e, efs[i], &p));
        rk_buf_add_chars(out, json && i ? ",\n " : "");
        if (text)
            print_text(&p, i, e->k, out);
        else
            print_json(&p, out);
        rk_buf_add_chars(out, text || json ? "" : "\n");
        RK_TRY(cmd_flush(&c->out)); /* a point may take minutes */
    }
    rk_buf_add_chars(out, json ? "]\n" : "");
    return RK_OK;
}

/* ---- the command ---- */

static rk_status make_room(evaluation *e)
{
    cmd *const c = e->ix->c;
    const size_t room = (size_t)e->queries.n * e->k;
    e->rows = rk_arena_alloc_column(&c->arena, room, sizeof *e->rows);
    e->wanted = rk_arena_alloc_column(&c->arena, room, sizeof *e->wanted);
    e->scratch = rk_index_scratch_new(c->cpu);
    return e->rows && e->wanted && e->scratch ? RK_OK : RK_ENOMEM;
}

static rk_status read_all(evaluation *e)
{
    cmd *const c = e->ix->c;
    RK_TRY(cmd_index_open(e->ix, &e->index, NULL));
    RK_TRY(rk_index_hold(e->index));
    const cmd_vectors_spec spec = {.path = c->text[CMD_QUERIES].data, .dim = e->index->dim};
    RK_TRY(cmd_vectors_read(e->ix, &spec, &e->queries));
    e->k = cmd_count(c, CMD_K, 10);
    e->batch = cmd_count(c, CMD_BATCH, e->queries.n);
    if (e->k == 0 || e->k > e->index->n)
        return cmd_usage(c, "-k is from 1 to the %u vectors of the index", e->index->n);
    if (e->batch == 0)
        return cmd_usage(c, "--batch is 1 or more");
    RK_TRY(make_room(e));
    return read_truth(e);
}

rk_status cmd_index_eval(cmd_index *ix)
{
    evaluation e = {.ix = ix};
    rk_status status = read_all(&e);
    if (status == RK_OK)
        status = measure_all(&e);
    rk_index_scratch_free(e.scratch);
    cmd_vectors_free(&e.queries);
    rk_index_free(e.index);
    return status;
}
