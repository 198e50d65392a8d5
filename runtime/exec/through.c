/* What was computed for one list, for the items of another: MAP, GATHER, RANK, SCORE; and the
 * gathering of columns that all steps share. */
#include "runtime/exec/engine.h"

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

static void gather_bits(uint64_t *out, const uint64_t *in, const uint32_t *at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        out[i / 64] |= (uint64_t)rk_bit_get(in, at[i]) << i % 64;
}

static void gather_vectors(char *out, const char *in, size_t size, const uint32_t *at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        memcpy(out + i * size, in + at[i] * size, size);
}

/* Every place is there: plain loops. */
static rk_status gather_whole(rk_run *run, const rk_column *in, const uint32_t *at, rk_column *out)
{
    const rk_ops *const ops = run->engine->ops;
    if (in->present) {
        out->present = RK_NEW_ARRAY(&run->arena, uint64_t, rk_bit_words(out->n));
        if (!out->present)
            return RK_ENOMEM;
        gather_bits(out->present, in->present, at, out->n);
    }
    const size_t size = rk_type_size(in->type);
    if (in->type.kind == RK_KIND_VECTOR)
        gather_vectors(out->data, in->data, size, at, out->n);
    else
        (size == 1   ? ops->gather1
         : size == 4 ? ops->gather4
                     : ops->gather8)(out->data, in->data, at, out->n);
    return RK_OK;
}

rk_status rk_run_gather(rk_run *run, rk_type type, const rk_column *in, const uint32_t *at,
                        uint32_t n, bool whole, rk_column *out)
{
    if (!at) {
        *out = *in;
    } else if (whole) {
        RK_TRY(rk_column_init(out, &run->arena, rk_type_plain(in->type), n));
        out->child = in->child;
        RK_TRY(gather_whole(run, in, at, out));
    } else {
        const bool row = in->type.kind == RK_KIND_ROW;
        RK_TRY(rk_column_gather(out, &run->arena, rk_type_opt(in->type, !row), in, at, n));
    }
    out->type = type;
    out->n = n;
    return RK_OK;
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

/* ROW columns of a scan hold no data, as item i is row i. */
static rk_status gather_rows(rk_run *run, const rk_step *step, const rk_made *in, rk_made *out)
{
    const rk_run_map *const map = &run->maps[step->index];
    const uint32_t n = run->lists[step->list].n;
    out->absent = in->absent || !map->whole;
    out->identity = in->identity && !map->at;
    if (!in->identity)
        return rk_run_gather(run, RK_TYPE(ROW), &in->column, map->at, n, map->whole, &out->column);
    out->column = (rk_column){.type = RK_TYPE(ROW), .n = n, .data = (void *)map->at};
    return RK_OK;
}

rk_status rk_step_gather(rk_run *run, const rk_step *step)
{
    const rk_made *const in = &run->columns[step->a];
    rk_made *const out = &run->columns[step->out];
    const rk_run_map *const map = &run->maps[step->index];
    *out = (rk_made){0};
    if (in->column.type.kind == RK_KIND_ROW)
        return gather_rows(run, step, in, out);
    return rk_run_gather(run, rk_run_plan(run)->columns.items[step->out].type, &in->column, map->at,
                         run->lists[step->list].n, map->whole, &out->column);
}

rk_status rk_step_rank(rk_run *run, const rk_step *step)
{
    const uint32_t *const at = run->maps[step->index].at;
    const uint32_t n = run->lists[step->list].n;
    rk_column *const out = rk_run_column(run, step->out);
    run->columns[step->out] = (rk_made){0};
    RK_TRY(rk_column_init(out, &run->arena, RK_TYPE_OPT(INT), n));
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t place = at ? at[i] : i;
        ((int64_t *)out->data)[i] = place == RK_NOWHERE ? 0 : (int64_t)place + 1;
        if (place != RK_NOWHERE)
            rk_bit_set(out->present, i);
    }
    out->type = rk_run_plan(run)->columns.items[step->out].type;
    return RK_OK;
}

/* A score of any kind as a float: text has none. */
rk_status rk_step_score(rk_run *run, const rk_step *step)
{
    const uint32_t n = run->lists[step->list].n;
    const rk_column *scores;
    rk_column *const out = rk_run_column(run, step->out);
    run->columns[step->out] = (rk_made){0};
    RK_TRY(rk_list_scores(run, step->a, run->maps[step->index].at, n, &scores));
    RK_TRY(rk_column_init(out, &run->arena, RK_TYPE_OPT(FLOAT), n));
    for (uint32_t i = 0; i < n; i++) {
        rk_value value = {.missing = true};
        if (scores && scores->type.kind != RK_KIND_STRING)
            value = rk_column_get(scores, i);
        rk_column_set(out, i, rk_value_convert(value, out->type));
    }
    return RK_OK;
}
