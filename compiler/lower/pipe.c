/* Pipes become lists, in the order of the graph. A list that only one branch of an `if` needs is
 * made under that branch's condition: its guard. A branch that is never taken makes no lists, save
 * for those that are asked for by their labels: their guard is `false`. */
#include "compiler/lower/lowering.h"
#include "runtime/stage/stage.h"

static const rk_node *at(const lowering *lo, rk_ref ref) { return rk_dag_at(lo->dag, ref); }

/* ---- guards ---- */

/* A node made while lowering: the folds below it are those below its operands. */
static rk_ref made(lowering *lo, rk_ref ref)
{
    for (uint32_t i = 0; i < at(lo, ref)->n; i++)
        if (lo->depth[rk_dag_operand(lo->dag, ref, i)] > lo->depth[ref])
            lo->depth[ref] = lo->depth[rk_dag_operand(lo->dag, ref, i)];
    return ref;
}

static bool is_never(const lowering *lo, rk_ref guard)
{
    return guard && guard != LOWER_ALWAYS && rk_dag_is_const(lo->dag, guard);
}

static rk_ref both(lowering *lo, rk_ref guard, rk_ref condition, rk_span span)
{
    if (guard == LOWER_ALWAYS)
        return condition;
    if (is_never(lo, guard))
        return guard;
    return made(lo, rk_dag_binary(lo->dag, RK_OP_AND, RK_TYPE(BOOL), guard, condition, span));
}

/* Two different guards are none: the list is then always made, which costs time and nothing else.
 */
static void add_guard(lowering *lo, rk_ref pipe, rk_ref guard)
{
    rk_ref *const slot = &lo->guards[pipe];
    if (*slot == 0 || *slot == guard || is_never(lo, *slot))
        *slot = guard;
    else if (!is_never(lo, guard))
        *slot = LOWER_ALWAYS;
}

/* The branch that is always taken, or 0. */
static rk_ref known_branch(const lowering *lo, rk_ref ref)
{
    const rk_ref condition = rk_dag_operand(lo->dag, ref, 0);
    if (!rk_dag_is_const(lo->dag, condition))
        return 0;
    return rk_dag_operand(lo->dag, ref, rk_dag_value(lo->dag, condition)->as.b ? 1 : 2);
}

static void guard_branches(lowering *lo, rk_ref ref, rk_ref guard)
{
    const rk_span span = at(lo, ref)->span;
    const rk_ref condition = rk_dag_operand(lo->dag, ref, 0);
    const rk_ref yes = rk_dag_operand(lo->dag, ref, 1), no = rk_dag_operand(lo->dag, ref, 2);
    const rk_ref known = known_branch(lo, ref);
    if (known) {
        add_guard(lo, known, guard);
        add_guard(lo, known == yes ? no : yes,
                  made(lo, rk_dag_const(lo->dag, (rk_value){.type = RK_TYPE(BOOL)}, span)));
        return;
    }
    const rk_ref otherwise =
        made(lo, rk_dag_unary(lo->dag, RK_OP_NOT, RK_TYPE(BOOL), condition, span));
    add_guard(lo, yes, both(lo, guard, condition, span));
    add_guard(lo, no, both(lo, guard, otherwise, span));
}

/* From the root down: users have larger numbers than what they use. */
static rk_status find_guards(lowering *lo, rk_ref root)
{
    lo->guards = RK_NEW_ARRAY(lo->arena, rk_ref, root + 1u);
    if (!lo->guards)
        return RK_ENOMEM;
    lo->guards[root] = LOWER_ALWAYS;
    for (rk_ref ref = root; ref > 0; ref--) {
        const rk_ref guard = lo->guards[ref];
        if (!guard || !rk_dag_is_pipe(lo->dag, ref))
            continue;
        if (at(lo, ref)->op == RK_OP_CHOOSE) {
            guard_branches(lo, ref, guard);
            continue;
        }
        for (uint32_t i = 0; i < at(lo, ref)->n; i++)
            if (rk_dag_is_pipe(lo->dag, rk_dag_operand(lo->dag, ref, i)))
                add_guard(lo, rk_dag_operand(lo->dag, ref, i), guard);
    }
    return lo->dag->no_memory ? RK_ENOMEM : RK_OK;
}

/* ---- lists ---- */

static rk_str label_of(const lowering *lo, rk_ref ref)
{
    for (uint32_t i = 0; lo->pipeline && i < lo->pipeline->labels.len; i++)
        if (lo->pipeline->labels.items[i].stage == ref)
            return rk_atom_str(&lo->module->cx->names, lo->pipeline->labels.items[i].name);
    return RK_STR("");
}

rk_status lower_make_list(lowering *lo, rk_ref ref, uint32_t parent, rk_step step, uint32_t *out)
{
    const rk_ref guard = lo->guards[ref];
    if (guard && guard != LOWER_ALWAYS) {
        RK_TRY(lower_values(lo, 0, &guard, 1));
        RK_TRY(lower_column(lo, 0, guard, true, &step.guard));
    }
    step.span = at(lo, ref)->span;
    RK_TRY(lower_add_list(lo, parent, label_of(lo, ref), &step.out));
    *out = step.out;
    return lower_add_step(lo, step);
}

bool lower_drops(const lowering *lo, uint32_t number)
{
    const rk_source_info *const source = &lo->module->sources.items[number];
    const rk_ref lookup = source->lookup;
    return source->drop_absent && lookup && at(lo, lookup)->scope == RK_SCOPE_ITEM &&
           !lo->depth[lookup];
}

/* Takes out items that a source with absent: "drop" has no row for, whether or not the plan reads
 * the source otherwise: what is shown beside a list must not change it. */
rk_status lower_drop_absent(lowering *lo, rk_ref ref, uint32_t *list)
{
    for (uint32_t i = 0; i < lo->module->sources.len; i++) {
        const rk_ref lookup = lo->module->sources.items[i].lookup;
        if (!lower_drops(lo, i) || lower_known(lo, *list, lookup) != RK_MAP_NONE)
            continue;
        rk_step step = lower_step(RK_STEP_DROP, *list);
        RK_TRY(lower_values(lo, *list, &lookup, 1));
        RK_TRY(lower_column(lo, *list, lookup, true, &step.a));
        RK_TRY(lower_make_list(lo, ref, *list, step, list));
    }
    return RK_OK;
}

static rk_status lower_candidates(lowering *lo, rk_ref ref, uint32_t *list)
{
    RK_TRY(
        lower_make_list(lo, ref, RK_PLAN_NONE, lower_step(RK_STEP_CANDIDATES, RK_PLAN_NONE), list));
    return lower_drop_absent(lo, ref, list);
}

/* A scanned item has its row at hand: the lookup by its id is known. */
static rk_status lower_scan(lowering *lo, rk_ref ref, uint32_t *list)
{
    const uint32_t source = at(lo, ref)->aux;
    const rk_ref lookup = lo->module->sources.items[source].lookup;
    rk_step step = lower_step(RK_STEP_SCAN, RK_PLAN_NONE);
    RK_TRY(lower_source(lo, source, &step.index));
    const uint32_t next = lo->plan->lists.len;
    RK_TRY(lower_add_column(lo, RK_TYPE(ROW), next, RK_STR(""), &step.column));
    RK_TRY(lower_make_list(lo, ref, RK_PLAN_NONE, step, list));
    lo->plan->columns.items[step.column].list = *list;
    RK_TRY(lower_remember(lo, *list, lookup, step.column));
    return lower_drop_absent(lo, ref, list);
}

/* The lists of the pipes among a node's operands. */
static rk_status operand_lists(lowering *lo, rk_ref ref, rk_step *step)
{
    uint32_t lists[64];
    for (uint32_t i = 0; i < at(lo, ref)->n; i++) {
        const rk_ref operand = rk_dag_operand(lo->dag, ref, i);
        if (rk_dag_is_pipe(lo->dag, operand))
            RK_TRY(lower_pipe(lo, operand, &lists[step->n++]));
    }
    return lower_add_operands(lo, lists, step->n, &step->first);
}

static rk_status lower_union(lowering *lo, rk_ref ref, uint32_t *list)
{
    rk_step step = lower_step(RK_STEP_UNION, RK_PLAN_NONE);
    RK_TRY(operand_lists(lo, ref, &step));
    return lower_make_list(lo, ref, RK_PLAN_NONE, step, list);
}

static rk_status lower_choose(lowering *lo, rk_ref ref, uint32_t *list)
{
    rk_step step = lower_step(RK_STEP_CHOOSE, RK_PLAN_NONE);
    const rk_ref condition = rk_dag_operand(lo->dag, ref, 0);
    const rk_ref known = known_branch(lo, ref);
    if (known)
        return lower_pipe(lo, known, list);
    RK_TRY(lower_values(lo, 0, &condition, 1));
    RK_TRY(lower_column(lo, 0, condition, true, &step.a));
    RK_TRY(operand_lists(lo, ref, &step));
    return lower_make_list(lo, ref, RK_PLAN_NONE, step, list);
}

static rk_status lower_stage(lowering *lo, rk_ref ref, uint32_t *list)
{
    uint32_t input, params[RK_STAGE_PARAMS_MAX];
    const rk_node node = *at(lo, ref);
    const rk_ref key = rk_dag_operand(lo->dag, ref, 1);
    RK_TRY(lower_pipe(lo, rk_dag_operand(lo->dag, ref, 0), &input));
    rk_step step = lower_step(RK_STEP_SELECT, input);
    step.index = node.aux;
    step.b = node.param != 0;
    if (key) {
        RK_TRY(lower_values(lo, input, &key, 1));
        RK_TRY(lower_column(lo, input, key, true, &step.a));
    }
    for (uint32_t i = 2; i < node.n; i++) {
        const rk_ref param = rk_dag_operand(lo->dag, ref, i);
        RK_TRY(lower_values(lo, 0, &param, 1));
        RK_TRY(lower_column(lo, 0, param, true, &params[step.n++]));
    }
    RK_TRY(lower_add_operands(lo, params, step.n, &step.first));
    return lower_make_list(lo, ref, input, step, list);
}

rk_status lower_pipe(lowering *lo, rk_ref ref, uint32_t *list)
{
    rk_status status = RK_EBUG;
    if (lo->lists[ref]) {
        *list = lo->lists[ref] - 1;
        return RK_OK;
    }
    switch (at(lo, ref)->op) {
    case RK_OP_CANDIDATES:
        status = lower_candidates(lo, ref, list);
        break;
    case RK_OP_SCAN:
        status = lower_scan(lo, ref, list);
        break;
    case RK_OP_NEAREST:
        status = lower_nearest(lo, ref, list);
        break;
    case RK_OP_UNION:
        status = lower_union(lo, ref, list);
        break;
    case RK_OP_CHOOSE:
        status = lower_choose(lo, ref, list);
        break;
    case RK_OP_STAGE:
        status = lower_stage(lo, ref, list);
        break;
    default:
        break;
    }
    lo->lists[ref] = *list + 1;
    return status;
}

/* Pipes to make: what is asked for, and what labels ask for, with what comes in there; of branches
 * that are never taken only the latter. */
static bool *find_wanted(lowering *lo, rk_ref root, const rk_ref *asked, uint32_t n)
{
    bool *const wanted = RK_NEW_ARRAY(lo->arena, bool, (size_t)root + 1);
    const uint8_t *const live = rk_dag_reachable(lo->dag, lo->arena, asked, n);
    for (rk_ref ref = 1; wanted && live && ref < lo->dag->nodes.len && ref < lo->n_nodes; ref++)
        if (at(lo, ref)->op == RK_OP_DOMAIN && live[ref])
            wanted[rk_pipeline_domain(lo->pipeline, at(lo, ref)->aux)] = true;
    for (rk_ref ref = root; wanted && live && ref > 0; ref--) {
        wanted[ref] |= live[ref] && lo->guards[ref] && !is_never(lo, lo->guards[ref]);
        for (uint32_t i = 0; wanted[ref] && i < at(lo, ref)->n; i++) {
            const rk_ref operand = rk_dag_operand(lo->dag, ref, i);
            const bool taken = at(lo, ref)->op != RK_OP_CHOOSE || !known_branch(lo, ref) ||
                               known_branch(lo, ref) == operand;
            wanted[operand] |= taken && rk_dag_is_pipe(lo->dag, operand);
        }
    }
    return live ? wanted : NULL;
}

/* In the graph's order, so that a long chain of stages is no deep recursion. */
rk_status lower_pipes(lowering *lo, rk_ref root, const rk_ref *asked, uint32_t n)
{
    uint32_t list;
    RK_TRY(find_guards(lo, root));
    const bool *const wanted = find_wanted(lo, root, asked, n);
    if (!wanted)
        return RK_ENOMEM;
    for (rk_ref ref = 1; ref <= root; ref++)
        if (wanted[ref] && rk_dag_is_pipe(lo->dag, ref))
            RK_TRY(lower_pipe(lo, ref, &list));
    return RK_OK;
}

rk_status lower_domain(lowering *lo, rk_ref domain, uint32_t *list)
{
    const rk_atom label = at(lo, domain)->aux;
    const rk_ref stage = lo->pipeline ? rk_pipeline_domain(lo->pipeline, label) : 0;
    return stage ? lower_pipe(lo, stage, list) : RK_EBUG;
}
