#include "runtime/metric/marks.h"

rk_status rk_marks_init(rk_marks *marks, rk_arena *arena)
{
    *marks = (rk_marks){.arena = arena};
    return rk_atoms_init(&marks->queries, arena, NULL);
}

/* Lines of one query mostly stand together, so that the last one is asked first. */
static rk_status find_query(rk_marks *marks, rk_str query, uint32_t *out)
{
    if (marks->items.len) {
        *out = marks->items.items[marks->items.len - 1].query;
        if (rk_str_eq(query, rk_atom_str(&marks->queries, *out)))
            return RK_OK;
    }
    return rk_atom_intern(&marks->queries, query, out);
}

rk_status rk_marks_add(rk_marks *marks, rk_str query, rk_mark mark)
{
    RK_TRY(find_query(marks, query, &mark.query));
    return rk_vec_push(marks->arena, &marks->items, mark) ? RK_OK : RK_ENOMEM;
}

static bool is_grouped(const rk_marks *marks)
{
    for (uint32_t i = 1; i < marks->items.len; i++)
        if (marks->items.items[i].query < marks->items.items[i - 1].query)
            return false;
    return true;
}

rk_status rk_marks_group(rk_marks *marks)
{
    const uint32_t n = marks->items.len, queries = rk_atoms_count(&marks->queries);
    const rk_mark *const old = marks->items.items;
    marks->starts = RK_NEW_ARRAY(marks->arena, uint32_t, (size_t)queries + 1);
    if (!marks->starts)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        marks->starts[old[i].query + 1]++;
    for (uint32_t q = 0; q < queries; q++)
        marks->starts[q + 1] += marks->starts[q];
    if (is_grouped(marks))
        return RK_OK;
    rk_mark *const sorted = RK_NEW_ARRAY(marks->arena, rk_mark, n);
    uint32_t *const next = RK_NEW_ARRAY(marks->arena, uint32_t, queries);
    if (!sorted || !next)
        return RK_ENOMEM;
    memcpy(next, marks->starts, queries * sizeof *next);
    for (uint32_t i = 0; i < n; i++)
        sorted[next[old[i].query]++] = old[i];
    marks->items.items = sorted;
    marks->items.cap = n;
    return RK_OK;
}
