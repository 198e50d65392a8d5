/* Folds: each goes over its whole domain, so it is worked out there, whoever asks. Folds within
 * folds are taken by depth, so that nothing here recurses, however long the chain. */
#include <stdlib.h>

#include "compiler/lower/lowering.h"

/* A fold that waits. */
typedef struct waiting {
    uint32_t depth, domain;
    rk_ref ref;
} waiting;

typedef RK_VEC(waiting) waitings;

static bool is_done(const lowering *lo, rk_ref ref, uint32_t domain)
{
    const bool item = rk_dag_at(lo->dag, ref)->scope == RK_SCOPE_ITEM;
    return lower_known(lo, item ? domain : 0, ref) != RK_MAP_NONE;
}

/* Every fold that the nodes reach and that is not done, through other folds too. */
static rk_status find(lowering *lo, const rk_ref *refs, uint32_t n, waitings *out)
{
    rk_refs stack = {0};
    const uint32_t stamp = ++lo->walk;
    for (uint32_t i = 0; i < n; i++)
        if (refs[i] && lo->depth[refs[i]] && !rk_vec_push(lo->arena, &stack, refs[i]))
            return RK_ENOMEM;
    while (stack.len) {
        const rk_ref ref = stack.items[--stack.len];
        if (lo->stamp[ref] == stamp)
            continue;
        lo->stamp[ref] = stamp;
        waiting fold = {.depth = lo->depth[ref], .ref = ref};
        if (rk_dag_at(lo->dag, ref)->op == RK_OP_FOLD) {
            RK_TRY(lower_domain(lo, rk_dag_operand(lo->dag, ref, 0), &fold.domain));
            if (is_done(lo, ref, fold.domain))
                continue;
            if (!rk_vec_push(lo->arena, out, fold))
                return RK_ENOMEM;
        }
        for (uint32_t i = 0; i < rk_dag_at(lo->dag, ref)->n; i++) {
            const rk_ref operand = rk_dag_operand(lo->dag, ref, i);
            if (lo->depth[operand] && !rk_vec_push(lo->arena, &stack, operand))
                return RK_ENOMEM;
        }
    }
    return RK_OK;
}

static int by_depth(const void *a, const void *b)
{
    const waiting *const x = a, *const y = b;
    if (x->depth != y->depth)
        return x->depth < y->depth ? -1 : 1;
    if (x->domain != y->domain)
        return x->domain < y->domain ? -1 : 1;
    return (x->ref > y->ref) - (x->ref < y->ref);
}

static rk_status fold_operand(lowering *lo, uint32_t domain, rk_ref ref, uint32_t *out)
{
    *out = RK_PLAN_NONE;
    return ref ? lower_column(lo, domain, ref, true, out) : RK_OK;
}

/* The fold itself, over its domain, whose operands are columns already. */
static rk_status add_fold(lowering *lo, rk_ref ref, uint32_t domain)
{
    const rk_node node = *rk_dag_at(lo->dag, ref);
    const uint32_t home = node.scope == RK_SCOPE_ITEM ? domain : 0;
    rk_plan_fold fold = {.fn = node.aux, .domain = domain, .param = node.param};
    RK_TRY(fold_operand(lo, domain, rk_dag_operand(lo->dag, ref, 1), &fold.value));
    RK_TRY(fold_operand(lo, domain, rk_dag_operand(lo->dag, ref, 2), &fold.by));
    RK_TRY(fold_operand(lo, domain, rk_dag_operand(lo->dag, ref, 3), &fold.where));
    RK_TRY(lower_add_column(lo, node.type, home, lo->names[ref], &fold.out));
    rk_step step = lower_step(RK_STEP_FOLD, domain);
    step.index = lo->plan->folds.len;
    step.out = fold.out;
    step.span = node.span;
    if (!rk_vec_push(lo->arena, &lo->plan->folds, fold))
        return RK_ENOMEM;
    RK_TRY(lower_add_step(lo, step));
    RK_TRY(lower_note(lo, domain, ref));
    return lower_remember(lo, home, ref, fold.out);
}

/* Folds of one depth over one domain: what they go over comes from one kernel. */
static rk_status lower_group(lowering *lo, const waiting *folds, uint32_t n)
{
    rk_refs values = {0};
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t o = 1; o < 4; o++)
            if (!rk_vec_push(lo->arena, &values, rk_dag_operand(lo->dag, folds[i].ref, o)))
                return RK_ENOMEM;
    RK_TRY(lower_plain_values(lo, folds[0].domain, values.items, values.len));
    for (uint32_t i = 0; i < n; i++)
        RK_TRY(add_fold(lo, folds[i].ref, folds[i].domain));
    return RK_OK;
}

rk_status lower_folds(lowering *lo, const rk_ref *refs, uint32_t n)
{
    waitings folds = {0};
    RK_TRY(find(lo, refs, n, &folds));
    if (folds.len > 1)
        qsort(folds.items, folds.len, sizeof *folds.items, by_depth);
    for (uint32_t i = 0, end; i < folds.len; i = end) {
        const waiting *const first = &folds.items[i];
        for (end = i + 1; end < folds.len && folds.items[end].depth == first->depth &&
                          folds.items[end].domain == first->domain;)
            end++;
        RK_TRY(lower_group(lo, first, end - i));
    }
    return RK_OK;
}
