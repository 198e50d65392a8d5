/* UNION and CHOOSE, and the scores of lists. */
#include "runtime/exec/engine.h"

/* ---- scores ---- */

rk_status rk_list_scores(rk_run *run, uint32_t list, const uint32_t *places, uint32_t n,
                         const rk_column **out)
{
    const rk_column *scores = NULL;
    *out = NULL;
    while (!scores) { /* ends: a parent is made before its child */
        const rk_list *const l = &run->lists[list];
        scores = l->scores;
        if (!scores && l->parent == RK_NOWHERE)
            return RK_OK;
        if (scores)
            break;
        RK_TRY(rk_run_compose(run, l->at, places, n, &places));
        scores = l->key;
        list = l->parent;
    }
    rk_column *const made = RK_NEW(&run->arena, rk_column);
    if (!made)
        return RK_ENOMEM;
    const rk_type type = rk_type_opt(scores->type, true);
    *out = made;
    return rk_run_gather(run, type, scores, places, n, false, made);
}

/* One kind for the scores of several lists: theirs, or double for numbers and bools of two kinds.
 * Text beside numbers is no number and becomes missing. */
static rk_type common_type(const rk_column *const *parts, uint32_t n)
{
    rk_type type = {0};
    for (uint32_t i = 0; i < n; i++) {
        if (!parts[i] || type.kind == parts[i]->type.kind)
            continue;
        type = type.kind == RK_KIND_NONE ? parts[i]->type : RK_TYPE(DOUBLE);
    }
    return rk_type_opt(type, true);
}

static rk_value as_type(rk_value value, rk_type type)
{
    if (value.type.kind == RK_KIND_STRING && type.kind != RK_KIND_STRING)
        value.missing = true;
    return rk_value_convert(value, type);
}

/* All parts one after the other; a part that is NULL is of `lens[i]` missing scores. */
static rk_status concatenate(rk_run *run, const rk_column *const *parts, const uint32_t *lens,
                             uint32_t n_parts, rk_list *list)
{
    const rk_type type = common_type(parts, n_parts);
    if (type.kind == RK_KIND_NONE)
        return RK_OK;
    rk_column *const scores = RK_NEW(&run->arena, rk_column);
    if (!scores)
        return RK_ENOMEM;
    RK_TRY(rk_column_init(scores, &run->arena, type, list->n));
    uint32_t at = 0;
    for (uint32_t part = 0; part < n_parts; part++)
        for (uint32_t i = 0; i < lens[part]; i++) {
            const rk_value none = {.type = type, .missing = true};
            rk_column_set(scores, at++,
                          parts[part] ? as_type(rk_column_get(parts[part], i), type) : none);
        }
    list->scores = scores;
    return RK_OK;
}

/* ---- lists ---- */

/* The places in list `from` of items that list `to` has not got yet, whose rows are appended. */
static rk_status add_new(rk_run *run, uint32_t from, uint32_t to, uint32_t *rows, uint32_t **places,
                         uint32_t *len)
{
    const rk_list *const list = &run->lists[from];
    uint32_t *const mark = rk_universe_marks(run);
    *places = rk_run_positions(run, list->n);
    *len = 0;
    if (!mark || !*places)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < list->n; i++) {
        const uint32_t row = list->rows ? list->rows[i] : i;
        if (mark[row] == to)
            continue;
        mark[row] = to;
        rows[*len] = row;
        (*places)[(*len)++] = i;
    }
    return RK_OK;
}

rk_status rk_step_union(rk_run *run, const rk_step *step)
{
    const uint32_t *const from = rk_run_plan(run)->operands.items + step->first;
    uint64_t most = 0;
    for (uint32_t i = 0; i < step->n; i++)
        most += run->lists[from[i]].n;
    RK_TRY(rk_run_check_length(run, most, step->span));
    uint32_t *const rows = rk_run_positions(run, (uint32_t)most);
    uint32_t *const lens = RK_NEW_ARRAY(&run->arena, uint32_t, step->n);
    const rk_column **const parts = RK_NEW_ARRAY(&run->arena, const rk_column *, step->n);
    if (!rows || !lens || !parts)
        return RK_ENOMEM;
    rk_list *const list = &run->lists[step->out];
    *list = (rk_list){.rows = rows, .parent = RK_NOWHERE};
    for (uint32_t i = 0; i < step->n; i++) {
        uint32_t *places;
        RK_TRY(add_new(run, from[i], step->out, rows + list->n, &places, &lens[i]));
        RK_TRY(rk_list_scores(run, from[i], places, lens[i], &parts[i]));
        list->n += lens[i];
    }
    return concatenate(run, parts, lens, step->n, list);
}

/* The chosen list under another number. */
rk_status rk_step_choose(rk_run *run, const rk_step *step)
{
    const uint32_t *const from = rk_run_plan(run)->operands.items + step->first;
    const bool first = *(const uint8_t *)rk_run_column(run, step->a)->data;
    const uint32_t chosen = from[first ? 0 : 1];
    run->lists[step->out] = (rk_list){
        .n = run->lists[chosen].n,
        .rows = run->lists[chosen].rows,
        .parent = chosen,
    };
    return RK_OK;
}
