/* Values become columns: what is read first (leaves), then what is computed, in one kernel. */
#include <stdlib.h>

#include "compiler/lower/lowering.h"

uint32_t lower_known(const lowering *lo, uint32_t list, rk_ref ref)
{
    return rk_intmap_find(&lo->columns, lower_key(list, ref));
}

rk_status lower_remember(lowering *lo, uint32_t list, rk_ref ref, uint32_t column)
{
    uint32_t found;
    return rk_intmap_add(lo->arena, &lo->columns, lower_key(list, ref), column, &found) ? RK_OK
                                                                                        : RK_ENOMEM;
}

uint32_t lower_home(const lowering *lo, uint32_t list, rk_ref ref)
{
    return rk_dag_at(lo->dag, ref)->scope == RK_SCOPE_ITEM ? list : 0;
}

/* What a walk from the wanted nodes finds to do, before any of it is done. */
typedef struct found {
    rk_refs body;     /* operations of this list */
    rk_refs leaves;   /* read on this list */
    rk_refs request;  /* values of list 0 that this list needs */
    rk_refs gathered; /* known on a list that this one is a part of */
} found;

static bool push(lowering *lo, rk_refs *refs, rk_ref ref)
{
    return rk_vec_push(lo->arena, refs, ref);
}

/* One node: into which of the heaps it goes, and whether its operands are walked. */
static bool sort_node(lowering *lo, uint32_t list, rk_ref ref, found *out, bool *descend)
{
    *descend = false;
    if (rk_dag_is_const(lo->dag, ref) || lower_known(lo, list, ref) != RK_MAP_NONE)
        return true;
    if (lower_home(lo, list, ref) != list)
        return lower_known(lo, 0, ref) != RK_MAP_NONE || push(lo, &out->request, ref);
    if (lower_ancestor_with(lo, list, ref) != RK_PLAN_NONE)
        return push(lo, &out->gathered, ref);
    if (!rk_op_is_core(rk_dag_at(lo->dag, ref)->op))
        return push(lo, &out->leaves, ref);
    *descend = true;
    return push(lo, &out->body, ref);
}

static rk_status walk(lowering *lo, uint32_t list, const rk_ref *refs, uint32_t n, found *out)
{
    rk_refs stack = {0};
    const uint32_t stamp = ++lo->walk;
    for (uint32_t i = 0; i < n; i++)
        if (refs[i] && !push(lo, &stack, refs[i]))
            return RK_ENOMEM;
    while (stack.len) {
        const rk_ref ref = stack.items[--stack.len];
        bool descend;
        if (lo->stamp[ref] == stamp)
            continue;
        lo->stamp[ref] = stamp;
        if (!sort_node(lo, list, ref, out, &descend))
            return RK_ENOMEM;
        for (uint32_t i = 0; descend && i < rk_dag_at(lo->dag, ref)->n; i++)
            if (!push(lo, &stack, rk_dag_operand(lo->dag, ref, i)))
                return RK_ENOMEM;
    }
    return RK_OK;
}

static int by_number(const void *a, const void *b)
{
    const rk_ref x = *(const rk_ref *)a, y = *(const rk_ref *)b;
    return (x > y) - (x < y);
}

static void sort(rk_refs *refs)
{
    if (refs->len > 1)
        qsort(refs->items, refs->len, sizeof *refs->items, by_number);
}

rk_status lower_values(lowering *lo, uint32_t list, const rk_ref *refs, uint32_t n)
{
    RK_TRY(lower_folds(lo, refs, n));
    return lower_plain_values(lo, list, refs, n);
}

rk_status lower_plain_values(lowering *lo, uint32_t list, const rk_ref *refs, uint32_t n)
{
    found out = {0};
    RK_TRY(walk(lo, list, refs, n, &out));
    sort(&out.body);
    sort(&out.leaves);
    sort(&out.request);
    if (out.request.len)
        RK_TRY(lower_plain_values(lo, 0, out.request.items, out.request.len));
    for (uint32_t i = 0; i < out.gathered.len; i++)
        RK_TRY(lower_gather(lo, list, out.gathered.items[i],
                            lower_ancestor_with(lo, list, out.gathered.items[i])));
    RK_TRY(lower_leaves(lo, list, &out.leaves));
    return lower_kernel(lo, list, &out.body, refs, n);
}

rk_status lower_column(lowering *lo, uint32_t list, rk_ref ref, bool exact, uint32_t *out)
{
    const uint32_t home = lower_home(lo, list, ref);
    *out = lower_known(lo, list, ref);
    if (*out != RK_MAP_NONE)
        return RK_OK;
    if (!exact && home != list)
        *out = lower_known(lo, home, ref);
    return *out != RK_MAP_NONE ? RK_OK : lower_broadcast(lo, exact ? list : home, ref, out);
}
