#include "runtime/plan/uses.h"

#include "runtime/plan/plan_rows.h"
#include "stdlib/fn.h"

typedef struct visit {
    const rk_plan *plan;
    rk_use *use;
    void *user;
} visit;

static void use(const visit *v, rk_thing thing, uint32_t index)
{
    if (index != RK_PLAN_NONE)
        v->use(v->user, thing, index);
}

/* ---- what it reads ---- */

static void use_operands(const visit *v, rk_thing thing, const rk_step *step)
{
    for (uint32_t i = 0; i < step->n; i++)
        use(v, thing, v->plan->operands.items[step->first + i]);
}

static void use_inputs(const visit *v, const rk_plan_kernel *kernel)
{
    for (uint32_t i = 0; i < kernel->n_inputs; i++)
        use(v, RK_THING_COLUMN, v->plan->inputs.items[kernel->first_input + i].column);
}

static void use_folded(const visit *v, const rk_plan_fold *fold)
{
    use(v, RK_THING_LIST, fold->domain);
    use(v, RK_THING_COLUMN, fold->value);
    use(v, RK_THING_COLUMN, fold->by);
    use(v, RK_THING_COLUMN, fold->where);
}

void rk_step_reads(const rk_plan *plan, const rk_step *step, rk_use *fn, void *user)
{
    const visit v = {plan, fn, user};
    use(&v, RK_THING_LIST, step->list);
    use(&v, RK_THING_COLUMN, step->guard);
    switch ((rk_step_kind)step->kind) {
    case RK_STEP_UNION:
        use_operands(&v, RK_THING_LIST, step);
        return;
    case RK_STEP_CHOOSE:
        use_operands(&v, RK_THING_LIST, step);
        use(&v, RK_THING_COLUMN, step->a);
        return;
    case RK_STEP_NEAREST:
    case RK_STEP_SELECT:
    case RK_STEP_LOOKUP:
    case RK_STEP_MODEL:
        use_operands(&v, RK_THING_COLUMN, step);
        use(&v, RK_THING_COLUMN, step->a);
        return;
    case RK_STEP_DROP:
    case RK_STEP_FETCH:
    case RK_STEP_PART:
    case RK_STEP_REQUIRE:
        use(&v, RK_THING_COLUMN, step->a);
        return;
    case RK_STEP_MAP:
        use(&v, RK_THING_LIST, step->a);
        return;
    case RK_STEP_GATHER:
        use(&v, RK_THING_COLUMN, step->a);
        use(&v, RK_THING_MAP, step->index);
        return;
    case RK_STEP_SCORE:
        use(&v, RK_THING_LIST, step->a);
        use(&v, RK_THING_MAP, step->index);
        return;
    case RK_STEP_RANK:
        use(&v, RK_THING_MAP, step->index);
        return;
    case RK_STEP_KERNEL:
        use_inputs(&v, &plan->kernels.items[step->index]);
        return;
    case RK_STEP_FOLD:
        use_folded(&v, &plan->folds.items[step->index]);
        return;
    case RK_STEP_QUERY:
    case RK_STEP_CANDIDATES:
    case RK_STEP_SCAN:
    case RK_STEP_PROBE:
    case RK_STEP_ID:
    case RK_STEP_ITEM:
    case RK_STEP_COUNT:
        return;
    }
}

/* ---- what it makes ---- */

static void use_stores(const visit *v, const rk_plan_kernel *kernel)
{
    for (uint32_t i = 0; i < kernel->n_stores; i++)
        use(v, RK_THING_COLUMN, v->plan->stores.items[kernel->first_store + i].column);
}

void rk_step_makes(const rk_plan *plan, const rk_step *step, rk_use *fn, void *user)
{
    const visit v = {plan, fn, user};
    if (step->kind == RK_STEP_KERNEL)
        use_stores(&v, &plan->kernels.items[step->index]);
    else if (step->kind == RK_STEP_FOLD)
        use(&v, RK_THING_COLUMN, plan->folds.items[step->index].out);
    else if (step->kind == RK_STEP_REQUIRE)
        use(&v, RK_THING_COLUMN, step->a);
    else if (step->kind == RK_STEP_MAP)
        use(&v, RK_THING_MAP, step->out);
    else if (rk_step_makes_list(step->kind))
        use(&v, RK_THING_LIST, step->out);
    else
        use(&v, RK_THING_COLUMN, step->out);
    if (rk_step_makes_rows(step->kind))
        use(&v, RK_THING_COLUMN, step->column);
}

/* ---- what a value takes ---- */

typedef struct wanting {
    bool *things[RK_THING_COUNT];
    bool found;
} wanting;

static void want(void *user, rk_thing thing, uint32_t index)
{
    ((wanting *)user)->things[thing][index] = true;
}

static void look(void *user, rk_thing thing, uint32_t index)
{
    wanting *const w = user;
    w->found |= w->things[thing][index];
}

/* Steps stand behind what they read, so one pass from the last to the first finds all. */
rk_status rk_plan_steps_for(const rk_plan *plan, uint32_t column, rk_arena *arena, bool **out)
{
    wanting w = {.found = false};
    *out = RK_NEW_ARRAY(arena, bool, plan->steps.len + 1u);
    for (rk_thing thing = 0; thing < RK_THING_COUNT; thing++) {
        w.things[thing] = RK_NEW_ARRAY(arena, bool, rk_plan_count(plan, thing) + 1u);
        if (!w.things[thing])
            return RK_ENOMEM;
    }
    if (!*out)
        return RK_ENOMEM;
    w.things[RK_THING_COLUMN][column] = true;
    for (uint32_t i = plan->steps.len; i-- > 0;) {
        w.found = false;
        rk_step_makes(plan, &plan->steps.items[i], look, &w);
        (*out)[i] = w.found;
        if (w.found)
            rk_step_reads(plan, &plan->steps.items[i], want, &w);
    }
    return RK_OK;
}

static bool asks_clock(const rk_plan *plan, const rk_plan_kernel *kernel)
{
    for (uint32_t i = 0; i < kernel->n_instrs; i++) {
        const rk_instr *const instr = &plan->instrs.items[kernel->first_instr + i];
        if (instr->op == RK_CORE_CALL && (rk_fn_at(instr->aux)->flags & RK_FN_REQUEST))
            return true;
    }
    return false;
}

bool rk_step_is_free(const rk_plan *plan, const rk_step *step)
{
    switch ((rk_step_kind)step->kind) {
    case RK_STEP_PROBE:
    case RK_STEP_ID:
    case RK_STEP_LOOKUP:
    case RK_STEP_FETCH:
    case RK_STEP_REQUIRE:
    case RK_STEP_MODEL:
    case RK_STEP_PART:
        return true;
    case RK_STEP_KERNEL:
        return !asks_clock(plan, &plan->kernels.items[step->index]);
    default:
        return false;
    }
}

uint32_t rk_plan_count(const rk_plan *plan, rk_thing thing)
{
    switch (thing) {
    case RK_THING_LIST:
        return plan->lists.len;
    case RK_THING_COLUMN:
        return plan->columns.len;
    case RK_THING_MAP:
        return plan->maps.len;
    case RK_THING_COUNT:
        break;
    }
    return 0;
}
