/* CANDIDATES and SCAN, and the universe of items that they fill. */
#include "runtime/exec/engine.h"

int64_t rk_run_id(const rk_run *run, const void *ids, uint32_t i)
{
    return rk_run_plan(run)->id_type.kind == RK_KIND_INT ? ((const int64_t *)ids)[i]
                                                         : ((const rk_atom *)ids)[i];
}

static size_t id_size(const rk_run *run) { return rk_type_size(rk_run_plan(run)->id_type); }

rk_status rk_run_check_length(rk_run *run, uint64_t n, rk_span span)
{
    if (n <= INT32_MAX)
        return RK_OK;
    rk_error(run->diags, RK_E0751, span, "a list of %llu items", (unsigned long long)n);
    return RK_ELIMIT;
}

/* Room for `more` items; marks grow along, zeroed. */
static rk_status universe_reserve(rk_run *run, uint32_t more)
{
    rk_universe *const u = &run->universe;
    if (more <= u->cap - u->n)
        return RK_OK;
    const uint64_t want =
        (uint64_t)u->n + more > (uint64_t)u->cap * 2 ? (uint64_t)u->n + more : (uint64_t)u->cap * 2;
    if (want >= RK_NOWHERE)
        return RK_ENOMEM;
    void *const ids = rk_arena_alloc_column(&run->arena, rk_padded(want), id_size(run));
    uint32_t *const mark = RK_NEW_ARRAY(&run->arena, uint32_t, want);
    if (!ids || !mark)
        return RK_ENOMEM;
    if (u->n) {
        memcpy(ids, u->ids, u->n * id_size(run));
        memcpy(mark, u->mark, u->n * sizeof *mark);
    }
    u->ids = ids;
    u->mark = mark;
    u->cap = (uint32_t)want;
    return RK_OK;
}

uint32_t *rk_universe_marks(rk_run *run)
{
    rk_universe *const u = &run->universe;
    if (!u->mark)
        u->mark = RK_NEW_ARRAY(&run->arena, uint32_t, u->n);
    return u->mark;
}

static void put_id(const rk_run *run, void *ids, uint32_t at, int64_t id)
{
    if (rk_run_plan(run)->id_type.kind == RK_KIND_INT)
        ((int64_t *)ids)[at] = id;
    else
        ((rk_atom *)ids)[at] = (rk_atom)id;
}

/* The row of an id, a new one if it was not seen; RK_NOWHERE when memory is out. */
static uint32_t universe_row(rk_run *run, int64_t id)
{
    rk_universe *const u = &run->universe;
    uint32_t row;
    if (!rk_intmap_add(&run->arena, &u->by_id, id, u->n, &row))
        return row;
    put_id(run, u->ids, u->n, id);
    return u->n++;
}

static void set_list(rk_run *run, const rk_step *step, uint32_t n, const uint32_t *rows)
{
    run->lists[step->out] = (rk_list){.n = n, .rows = rows, .parent = RK_NOWHERE};
    if (!run->produced)
        run->n_candidates = n;
    run->produced = true;
}

/* One of several producers: ids become rows in order of appearance, doubled ones are passed over.
 */
static rk_status add_ids(rk_run *run, const rk_step *step, const void *ids, uint32_t n)
{
    uint32_t *const rows = rk_run_positions(run, n);
    uint32_t kept = 0;
    RK_TRY(universe_reserve(run, n));
    if (!rows)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t row = universe_row(run, rk_run_id(run, ids, i));
        if (row == RK_NOWHERE)
            return RK_ENOMEM;
        if (run->universe.mark[row] == step->out)
            continue;
        run->universe.mark[row] = step->out;
        rows[kept++] = row;
    }
    set_list(run, step, kept, rows);
    return RK_OK;
}

static bool is_ascending(const rk_run *run, const void *ids, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        if (rk_run_id(run, ids, i - 1) >= rk_run_id(run, ids, i))
            return false;
    return true;
}

/* The first places of all ids, through a table of places + 1 (0: nothing there) that is at most a
 * quarter full: nearly always the first slot decides. Returns how many there are. */
#define FIND_FIRST(kind, ctype)                                                                    \
    static uint32_t find_first_##kind(const ctype *ids, uint32_t n, uint32_t *slots, unsigned log, \
                                      uint32_t *at)                                                \
    {                                                                                              \
        const uint32_t mask = (UINT32_C(1) << log) - 1;                                            \
        uint32_t kept = 0;                                                                         \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            uint32_t slot = slot_of((uint64_t)ids[i], log);                                        \
            while (slots[slot] && ids[slots[slot] - 1] != ids[i])                                  \
                slot = (slot + 1) & mask;                                                          \
            at[kept] = i;                                                                          \
            kept += slots[slot] == 0;                                                              \
            slots[slot] = slots[slot] ? slots[slot] : i + 1;                                       \
        }                                                                                          \
        return kept;                                                                               \
    }

/* The high bits of a product, which depend on all of the id. */
static inline uint32_t slot_of(uint64_t id, unsigned log)
{
    return (uint32_t)((id ^ id >> 32) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - log));
}
FIND_FIRST(int, int64_t)
FIND_FIRST(string, rk_atom)

static rk_status find_first(rk_run *run, const void *ids, uint32_t n, uint32_t *at, uint32_t *kept)
{
    unsigned log = 6;
    while (log < 31 && UINT64_C(1) << log < (uint64_t)n * 4)
        log++;
    uint32_t *const slots = RK_NEW_ARRAY(&run->scratch, uint32_t, (size_t)1 << log);
    if (!slots)
        return RK_ENOMEM;
    *kept = rk_run_plan(run)->id_type.kind == RK_KIND_INT
                ? find_first_int(ids, n, slots, log, at)
                : find_first_string(ids, n, slots, log, at);
    rk_arena_reset(&run->scratch);
    return RK_OK;
}

/* The only producer: an item's row is its place. Without doubled ids nothing is copied. */
static rk_status take_sent(rk_run *run, const rk_step *step, const rk_column *sent, uint32_t n)
{
    uint32_t *const at = rk_run_positions(run, n);
    uint32_t kept = 0;
    if (!at)
        return RK_ENOMEM;
    if (is_ascending(run, sent->data, n))
        kept = n;
    else
        RK_TRY(find_first(run, sent->data, n, at, &kept));
    rk_column ids;
    RK_TRY(rk_run_gather(run, rk_run_plan(run)->id_type, sent, kept == n ? NULL : at, kept, true,
                         &ids));
    run->universe = (rk_universe){.n = kept, .ids = ids.data, .sent = kept == n ? NULL : at};
    run->universe.is_sent = true;
    set_list(run, step, kept, NULL);
    return RK_OK;
}

rk_status rk_step_candidates(rk_run *run, const rk_step *step)
{
    const rk_request *const request = run->request;
    const uint32_t n = request->has_items ? request->n_items : 0;
    RK_TRY(rk_run_check_length(run, n, step->span));
    if (n && request->ids.type.kind != rk_run_plan(run)->id_type.kind)
        return RK_EUSAGE;
    if (rk_run_plan(run)->one_producer)
        return take_sent(run, step, &request->ids, n);
    return add_ids(run, step, request->ids.data, n);
}

/* Keys of a source are unique, so all its rows are items. */
rk_status rk_step_scan(rk_run *run, const rk_step *step)
{
    const rk_relation *const relation = &run->engine->relations[step->index];
    const uint32_t n = relation->n_rows;
    RK_TRY(rk_run_check_length(run, n, step->span));
    if (step->column != RK_PLAN_NONE)
        run->columns[step->column] = (rk_made){
            .column = {.type = RK_TYPE(ROW), .n = n},
            .identity = true,
        };
    if (!rk_run_plan(run)->one_producer)
        return add_ids(run, step, relation->keys[0].data, n);
    run->universe = (rk_universe){.n = n, .ids = relation->keys[0].data};
    set_list(run, step, n, NULL);
    return RK_OK;
}

rk_status rk_run_produce(rk_run *run, const rk_step *step, const rk_column *ids, const uint32_t *at,
                         uint32_t n)
{
    rk_column own;
    RK_TRY(rk_run_gather(run, rk_run_plan(run)->id_type, ids, at, n, true, &own));
    if (!rk_run_plan(run)->one_producer)
        return add_ids(run, step, own.data, n);
    run->universe = (rk_universe){.n = n, .ids = own.data};
    set_list(run, step, n, NULL);
    return RK_OK;
}

/* ---- ids ---- */

rk_column rk_list_table(const rk_run *run, uint32_t list)
{
    const rk_universe *const u = &run->universe;
    if (run->lists[list].ids)
        return *run->lists[list].ids;
    return (rk_column){.type = rk_run_plan(run)->id_type, .n = u->n, .data = u->ids};
}

rk_status rk_list_ids(rk_run *run, uint32_t list, rk_column *out)
{
    const rk_column ids = rk_list_table(run, list);
    const rk_list *const l = &run->lists[list];
    return rk_run_gather(run, rk_run_plan(run)->id_type, &ids, l->rows, l->n, true, out);
}

/* ---- where items were sent ---- */

rk_status rk_run_learn_sent(rk_run *run)
{
    rk_universe *const u = &run->universe;
    const uint32_t n = run->request->has_items ? run->request->n_items : 0;
    if (u->sent_known)
        return RK_OK;
    if (n && run->request->ids.type.kind != rk_run_plan(run)->id_type.kind)
        return RK_EUSAGE;
    if (n && !rk_intmap_reserve(&run->arena, &u->sent_by_id, n))
        return RK_ENOMEM;
    uint32_t found;
    for (uint32_t i = 0; i < n; i++) /* of a doubled id the first stays */
        (void)rk_intmap_add(&run->arena, &u->sent_by_id, rk_run_id(run, run->request->ids.data, i),
                            i, &found);
    u->sent_known = true;
    return RK_OK;
}

rk_status rk_list_sent(rk_run *run, uint32_t list, const uint32_t **out)
{
    const rk_list *const l = &run->lists[list];
    const rk_universe *const u = &run->universe;
    const rk_column ids = rk_list_table(run, list);
    if (u->is_sent && !l->ids)
        return rk_run_compose(run, u->sent, l->rows, l->n, out);
    RK_TRY(rk_run_learn_sent(run));
    uint32_t *const at = rk_run_positions(run, l->n);
    if (!at)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < l->n; i++)
        at[i] = rk_intmap_find(&u->sent_by_id, rk_run_id(run, ids.data, l->rows ? l->rows[i] : i));
    *out = at;
    return RK_OK;
}
