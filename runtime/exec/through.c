/* What was computed for one list, for the items of another: MAP, GATHER, RANK, SCORE; and the
 * gathering of columns that all steps share. */
#include "runtime/exec/split.h"

rk_status rk_run_compose(rk_run *run, const uint32_t *outer, const uint32_t *inner, uint32_t n,
                         const uint32_t **out)
{
    *out = outer ? outer : inner;
    if (!outer || !inner)
        return RK_OK;
    uint32_t *const at = rk_run_positions(run, n);
    if (!at)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        at[i] = inner[i] == RK_NOWHERE ? RK_NOWHERE : outer[inner[i]];
    *out = at;
    return RK_OK;
}

rk_status rk_run_spread(rk_run *run, uint32_t column, uint32_t n, const rk_column **out)
{
    const rk_column *const in = rk_run_column(run, column);
    *out = in;
    if (rk_run_plan(run)->columns.items[column].list != 0 || n == in->n)
        return RK_OK;
    rk_column *const spread = RK_NEW(&run->arena, rk_column);
    if (!spread)
        return RK_ENOMEM;
    *out = spread;
    return rk_column_fill(spread, &run->arena, rk_column_get(in, 0), n);
}

/* ---- gathering ---- */

static void gather_bits(uint64_t *out, const uint64_t *in, const uint32_t *at, uint32_t from,
                        uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        out[i / 64] |= (uint64_t)rk_bit_get(in, at[i]) << i % 64;
}

static void gather_vectors(char *out, const char *in, size_t size, const uint32_t *at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        memcpy(out + i * size, in + at[i] * size, size);
}

/* Every place is there: plain loops. */
static void gather_whole(const rk_ops *ops, const rk_gather *gather, uint32_t from, uint32_t to)
{
    const rk_column *const in = &gather->in;
    const size_t size = rk_type_size(in->type);
    char *const out = (char *)gather->out->data + from * size;
    const uint32_t *const at = gather->at + from;
    if (in->present)
        gather_bits(gather->out->present, in->present, gather->at, from, to);
    if (in->type.kind == RK_KIND_VECTOR)
        gather_vectors(out, in->data, size, at, to - from);
    else
        (size == 1   ? ops->gather1
         : size == 4 ? ops->gather4
                     : ops->gather8)(out, in->data, at, to - from);
}

/* A mask where the values have one, or where places may be missing. */
static rk_status make_gathered(rk_run *run, const rk_gather *gather, uint32_t n)
{
    rk_column *const out = gather->out;
    const rk_type type = gather->in.type;
    const bool missing = !gather->whole && type.kind != RK_KIND_ROW;
    RK_TRY(rk_column_init(out, &run->arena, rk_type_opt(type, missing), n));
    out->child = gather->in.child;
    if (!gather->in.present || out->present)
        return RK_OK;
    out->present = RK_NEW_ARRAY(&run->arena, uint64_t, rk_bit_words(n));
    return out->present ? RK_OK : RK_ENOMEM;
}

rk_status rk_gather_begin(rk_run *run, rk_type type, uint32_t n, rk_split *split)
{
    rk_gather *const gather = &split->gather;
    if (!gather->at) {
        *gather->out = gather->in;
    } else {
        RK_TRY(make_gathered(run, gather, n));
        split->n = n;
    }
    gather->out->type = type;
    gather->out->n = n;
    return RK_OK;
}

rk_status rk_gather_some(rk_run *run, rk_worker *worker, rk_split *split, uint32_t from,
                         uint32_t to)
{
    const rk_gather *const gather = &split->gather;
    (void)worker;
    if (gather->whole)
        gather_whole(run->engine->ops, gather, from, to);
    else
        rk_column_gather_some(gather->out, &gather->in, gather->at, from, to);
    return RK_OK;
}

rk_status rk_run_gather(rk_run *run, rk_type type, const rk_column *in, const uint32_t *at,
                        uint32_t n, bool whole, rk_column *out)
{
    rk_split split = {.gather = {*in, at, whole, out}};
    RK_TRY(rk_gather_begin(run, type, n, &split));
    return rk_gather_some(run, NULL, &split, 0, split.n);
}

/* ---- maps ---- */

/* Places in a list from which `list` was taken, by SELECT, DROP or CHOOSE, maybe several times. */
static bool is_ancestor(const rk_run *run, uint32_t ancestor, uint32_t list)
{
    while (list != ancestor && list != RK_NOWHERE)
        list = run->lists[list].parent;
    return list == ancestor;
}

static rk_status places_above(rk_run *run, uint32_t list, uint32_t in, const uint32_t **at)
{
    const uint32_t n = run->lists[list].n;
    *at = NULL;
    for (; list != in; list = run->lists[list].parent)
        RK_TRY(rk_run_compose(run, run->lists[list].at, *at, n, at));
    return RK_OK;
}

static uint32_t row_of(const rk_list *list, uint32_t i) { return list->rows ? list->rows[i] : i; }

/* By a table of all items; only the entries of the two lists are ever looked at. */
static rk_status places_by_row(rk_run *run, const rk_list *list, const rk_list *in, rk_run_map *map)
{
    rk_universe *const u = &run->universe;
    uint32_t *const at = rk_run_positions(run, list->n);
    u->place = rk_run_positions(run, u->n);
    if (!at || !u->place)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < list->n; i++)
        u->place[row_of(list, i)] = RK_NOWHERE;
    for (uint32_t i = 0; i < in->n; i++)
        u->place[row_of(in, i)] = i;
    map->at = at;
    map->whole = true;
    for (uint32_t i = 0; i < list->n; i++) {
        at[i] = u->place[row_of(list, i)];
        map->whole &= at[i] != RK_NOWHERE;
    }
    return RK_OK;
}

rk_status rk_step_map(rk_run *run, const rk_step *step)
{
    rk_run_map *const map = &run->maps[step->out];
    const rk_list *const in = &run->lists[step->a];
    *map = (rk_run_map){.whole = true};
    if (is_ancestor(run, step->a, step->list))
        return places_above(run, step->list, step->a, &map->at);
    if (!in->rows && in->n == run->universe.n) { /* all items, in their own order */
        map->at = run->lists[step->list].rows;
        return RK_OK;
    }
    return places_by_row(run, &run->lists[step->list], in, map);
}

/* ---- steps ---- */

/* ROW columns of a scan hold no data, as item i is row i: their rows are the places themselves. */
static rk_status begin_gather(rk_run *run, rk_split *split)
{
    const rk_step *const step = split->step;
    const rk_made *const in = &run->columns[step->a];
    const rk_run_map *const map = &run->maps[step->index];
    const uint32_t n = run->lists[step->list].n;
    rk_made *const out = &run->columns[step->out];
    *out = (rk_made){.identity = in->identity && !map->at, .absent = in->absent || !map->whole};
    if (in->identity) {
        out->column = (rk_column){.type = RK_TYPE(ROW), .n = n, .data = (void *)map->at};
        return RK_OK;
    }
    split->gather = (rk_gather){in->column, map->at, map->whole, &out->column};
    return rk_gather_begin(run, rk_run_plan(run)->columns.items[step->out].type, n, split);
}

static rk_status begin_rank(rk_run *run, rk_split *split)
{
    const uint32_t out = split->step->out;
    rk_column *const column = rk_run_column(run, out);
    run->columns[out] = (rk_made){0};
    split->n = run->lists[split->step->list].n;
    RK_TRY(rk_column_init(column, &run->arena, RK_TYPE_OPT(INT), split->n));
    column->type = rk_run_plan(run)->columns.items[out].type;
    return RK_OK;
}

static rk_status rank_some(rk_run *run, rk_worker *worker, rk_split *split, uint32_t from,
                           uint32_t to)
{
    const uint32_t *const at = run->maps[split->step->index].at;
    rk_column *const out = rk_run_column(run, split->step->out);
    (void)worker;
    for (uint32_t i = from; i < to; i++) {
        const uint32_t place = at ? at[i] : i;
        ((int64_t *)out->data)[i] = place == RK_NOWHERE ? 0 : (int64_t)place + 1;
        if (place != RK_NOWHERE)
            rk_bit_set(out->present, i);
    }
    return RK_OK;
}

static rk_status begin_score(rk_run *run, rk_split *split)
{
    const rk_step *const step = split->step;
    const rk_column *scores;
    rk_column *const out = rk_run_column(run, step->out);
    run->columns[step->out] = (rk_made){0};
    split->n = run->lists[step->list].n;
    RK_TRY(rk_list_scores(run, step->a, run->maps[step->index].at, split->n, &scores));
    split->state = scores;
    return rk_column_init(out, &run->arena, RK_TYPE_OPT(FLOAT), split->n);
}

/* A score of any kind as a float: text has none. */
static rk_status score_some(rk_run *run, rk_worker *worker, rk_split *split, uint32_t from,
                            uint32_t to)
{
    const rk_column *const scores = split->state;
    rk_column *const out = rk_run_column(run, split->step->out);
    (void)worker;
    for (uint32_t i = from; i < to; i++) {
        rk_value value = {.missing = true};
        if (scores && scores->type.kind != RK_KIND_STRING)
            value = rk_column_get(scores, i);
        rk_column_set(out, i, rk_value_convert(value, out->type));
    }
    return RK_OK;
}

const rk_acts rk_acts_gather = {begin_gather, rk_gather_some, NULL};
const rk_acts rk_acts_rank = {begin_rank, rank_some, NULL};
const rk_acts rk_acts_score = {begin_score, score_some, NULL};
