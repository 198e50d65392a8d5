#include "runtime/exec/index_vectors.h"

#include <stdatomic.h>

#include "runtime/base/pool.h"
#include "runtime/exec/fpu.h"
#include "runtime/exec/probe.h"

enum { MISSING, KEPT, WILD };

/* A thread's own: a run, and the messages of its rows, of which the first are said in the end. */
typedef struct hand {
    rk_run *run;
    rk_arena arena;
    rk_diags diags;
} hand;

typedef struct making {
    const rk_engine *engine;
    const rk_index_options *how;
    rk_probe probe;
    uint32_t column, total;
    rk_vectors *out;
    uint8_t *left; /* [total] KEPT, MISSING or WILD */
    hand *hands;
    uint32_t n_hands;
    _Atomic uint32_t failed; /* the first batch that did, or RK_NOWHERE */
    _Atomic uint32_t done;   /* rows */
} making;

/* ---- one batch ---- */

/* Vectors stand where their rows do until all are there. Rows that a source dropped have none. */
static void keep_batch(making *m, const rk_column *values, const rk_probed *left, uint32_t first)
{
    const uint32_t dim = m->out->dim;
    for (uint32_t i = 0; i < left->n; i++) {
        const float *const from = (const float *)values->data + (size_t)i * dim;
        const uint32_t row = first + (left->kept ? left->kept[i] : i);
        m->left[row] = !rk_column_has(values, i)        ? MISSING
                       : !rk_index_is_finite(from, dim) ? WILD
                                                        : KEPT;
        memcpy(m->out->numbers + (size_t)row * dim, from, dim * sizeof *from);
    }
}

static rk_status run_batch(making *m, hand *h, uint32_t batch, rk_diags *diags)
{
    const uint32_t first = batch * RK_PROBE_ROWS, rest = m->total - first;
    const uint32_t n = rest < RK_PROBE_ROWS ? rest : RK_PROBE_ROWS;
    rk_probed left;
    rk_run_clear(h->run, diags);
    RK_TRY(rk_run_begin(h->run));
    RK_TRY(rk_probe_begin(h->run, &m->probe));
    RK_TRY(rk_probe_run(h->run, &m->probe, &(rk_index_rows){.first = first, .n = n}, NULL, &left));
    keep_batch(m, rk_run_column(h->run, m->column), &left, first);
    return RK_OK;
}

static bool is_stopped(const making *m)
{
    const rk_flag *const stop = m->how->stop;
    return stop && atomic_load_explicit(stop, memory_order_relaxed);
}

static void note_failed(making *m, uint32_t batch)
{
    uint32_t first = atomic_load(&m->failed);
    while (batch < first && !atomic_compare_exchange_weak(&m->failed, &first, batch))
        ;
}

static void do_batch(void *user, uint32_t batch, uint32_t worker)
{
    making *const m = user;
    hand *const h = &m->hands[worker];
    if (atomic_load(&m->failed) < batch)
        return;
    const unsigned fpu = rk_fpu_enter();
    rk_arena_reset(&h->arena);
    rk_diags_init(&h->diags, &h->arena);
    if (is_stopped(m) || run_batch(m, h, batch, &h->diags) != RK_OK)
        note_failed(m, batch);
    rk_fpu_leave(fpu);
    const uint32_t done = atomic_fetch_add(&m->done, RK_PROBE_ROWS) + RK_PROBE_ROWS;
    if (worker == 0 && m->how->progress)
        m->how->progress(m->how->user, done < m->total ? done : m->total, m->total);
}

/* ---- all of them ---- */

static rk_status make_hands(making *m, uint32_t n)
{
    m->hands = RK_NEW_ARRAY(&m->out->arena, hand, n);
    m->n_hands = m->hands ? n : 0;
    for (uint32_t i = 0; i < m->n_hands; i++)
        RK_TRY(rk_run_new(m->engine, &m->hands[i].run));
    return m->hands ? RK_OK : RK_ENOMEM;
}

static void free_hands(making *m)
{
    for (uint32_t i = 0; i < m->n_hands; i++) {
        rk_arena_free(&m->hands[i].arena);
        rk_run_free(m->hands[i].run);
    }
}

/* Takes out the places of rows that have no vector. */
static void close_up(making *m)
{
    rk_vectors *const out = m->out;
    for (uint32_t row = 0; row < m->total; row++) {
        out->n_missing += m->left[row] == MISSING;
        out->n_wild += m->left[row] == WILD;
        if (m->left[row] != KEPT)
            continue;
        if (out->n != row)
            memcpy(out->numbers + (size_t)out->n * out->dim, out->numbers + (size_t)row * out->dim,
                   out->dim * sizeof *out->numbers);
        out->rows[out->n++] = row;
    }
}

static rk_status run_batches(making *m, rk_diags *diags)
{
    const uint32_t n = m->total / RK_PROBE_ROWS + (m->total % RK_PROBE_ROWS != 0);
    const uint32_t most = rk_pool_hold();
    const uint32_t wanted = m->how->threads ? m->how->threads : most;
    const uint32_t threads = wanted < most ? wanted : most;
    rk_status status = make_hands(m, threads < n ? threads : n ? n : 1);
    if (status == RK_OK)
        rk_pool_run(n, m->n_hands, do_batch, m);
    rk_pool_release();
    RK_TRY(status);
    if (is_stopped(m))
        return RK_ESTOP;
    const uint32_t failed = atomic_load(&m->failed);
    if (failed == RK_NOWHERE)
        return RK_OK;
    const unsigned fpu = rk_fpu_enter(); /* once more, for what to say */
    status = run_batch(m, &m->hands[0], failed, diags);
    rk_fpu_leave(fpu);
    return status == RK_OK ? RK_EBUG : status;
}

static rk_status prepare(making *m, uint32_t index)
{
    rk_vectors *const out = m->out;
    const rk_plan *const plan = m->engine->plan;
    m->column = plan->indexes.items[index].vector;
    out->dim = plan->columns.items[m->column].type.dim;
    out->numbers =
        rk_arena_alloc_column(&out->arena, (size_t)m->total * out->dim + 1, sizeof(float));
    out->rows = RK_NEW_ARRAY(&out->arena, uint32_t, m->total + 1u);
    m->left = RK_NEW_ARRAY(&out->arena, uint8_t, m->total + 1u);
    if (!out->numbers || !out->rows || !m->left)
        return RK_ENOMEM;
    return rk_probe_of_index(plan, index, &out->arena, &m->probe);
}

rk_status rk_vectors_work_out(const rk_engine *engine, uint32_t index, const rk_index_options *how,
                              rk_diags *diags, rk_vectors *out)
{
    making m = {.engine = engine, .how = how, .out = out, .failed = RK_NOWHERE};
    m.total = engine->relations[engine->plan->indexes.items[index].source].n_rows;
    *out = (rk_vectors){.n = 0};
    rk_status status = prepare(&m, index);
    if (status == RK_OK)
        status = run_batches(&m, diags);
    if (status == RK_OK)
        close_up(&m);
    free_hands(&m);
    return status;
}

/* ---- some ---- */

static rk_status run_some(making *m, const uint32_t *rows, uint32_t n, rk_diags *diags)
{
    rk_run *const run = m->hands[0].run;
    rk_vectors *const out = m->out;
    rk_run_clear(run, diags);
    rk_probed left;
    RK_TRY(rk_probe_begin(run, &m->probe));
    RK_TRY(rk_probe_run(run, &m->probe, &(rk_index_rows){.at = rows, .n = n}, NULL, &left));
    keep_batch(m, rk_run_column(run, m->column), &left, 0);
    close_up(m);
    for (uint32_t i = 0; i < out->n; i++)
        out->rows[i] = rows[out->rows[i]];
    return RK_OK;
}

rk_status rk_vectors_of(const rk_engine *engine, uint32_t index, const uint32_t *rows, uint32_t n,
                        rk_diags *diags, rk_vectors *out)
{
    making m = {.engine = engine, .out = out, .total = n};
    *out = (rk_vectors){.n = 0};
    rk_status status = n <= RK_VECTORS_SOME ? prepare(&m, index) : RK_EUSAGE;
    if (status == RK_OK)
        status = make_hands(&m, 1);
    if (status == RK_OK && n) {
        const unsigned fpu = rk_fpu_enter();
        status = run_some(&m, rows, n, diags);
        rk_fpu_leave(fpu);
    }
    free_hands(&m);
    return status;
}
