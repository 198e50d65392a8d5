#include "runtime/exec/schedule.h"

#include "runtime/plan/plan_rows.h"
#include "runtime/plan/uses.h"

typedef struct placing {
    const rk_plan *plan;
    const rk_ready_kernel *kernels;
    const uint32_t *sweep_of;
    uint32_t *usable[RK_THING_COUNT]; /* the first phase that may use each */
    uint32_t *phases;                 /* [steps.len] */
    uint32_t *costs;                  /* [steps.len] */
    uint32_t ordered;                 /* the phase of the last step that may refuse a request */
    uint32_t at;                      /* the first phase that has all that was asked for */
    uint32_t made;                    /* the first phase that may use what is made */
} placing;

static const rk_step *step_at(const placing *p, uint32_t i) { return &p->plan->steps.items[i]; }

static void need(void *user, rk_thing thing, uint32_t index)
{
    placing *const p = user;
    if (p->usable[thing][index] > p->at)
        p->at = p->usable[thing][index];
}

static void make(void *user, rk_thing thing, uint32_t index)
{
    placing *const p = user;
    p->usable[thing][index] = p->made;
}

/* ---- phases ---- */

static bool stores_list(const rk_plan *plan, const rk_plan_kernel *kernel)
{
    for (uint32_t i = 0; i < kernel->n_stores; i++) {
        const uint32_t column = plan->stores.items[kernel->first_store + i].column;
        if (plan->columns.items[column].type.kind == RK_KIND_LIST)
            return true;
    }
    return false;
}

static bool splits(const placing *p, uint32_t kernel)
{
    return p->kernels[kernel].splits && !stores_list(p->plan, &p->plan->kernels.items[kernel]);
}

static bool is_shared(const placing *p, const rk_step *step)
{
    if (rk_list_is_probed(p->plan, step->list))
        return false;
    switch ((rk_step_kind)step->kind) {
    case RK_STEP_ID:
    case RK_STEP_ITEM:
    case RK_STEP_LOOKUP:
    case RK_STEP_FETCH:
    case RK_STEP_REQUIRE:
    case RK_STEP_GATHER:
    case RK_STEP_RANK:
    case RK_STEP_SCORE:
    case RK_STEP_MODEL:
    case RK_STEP_PART:
        return step->list != 0;
    case RK_STEP_KERNEL:
        return step->list != 0 && splits(p, step->index);
    case RK_STEP_FOLD:
        return true;
    default:
        return false;
    }
}

/* As measured on one machine. The first fold of a sweep has the cost of all. */
static uint32_t cost_of(const placing *p, const rk_step *step)
{
    switch ((rk_step_kind)step->kind) {
    case RK_STEP_LOOKUP:
        return 30 * step->n;
    case RK_STEP_REQUIRE:
        return 2;
    case RK_STEP_SCORE:
        return 50;
    case RK_STEP_MODEL:
        return 10000; /* some microseconds: hundreds of trees */
    case RK_STEP_KERNEL:
        return p->kernels[step->index].cost;
    case RK_STEP_FOLD:
        return p->plan->folds.items[step->index].by == RK_PLAN_NONE ? 5 : 100;
    default:
        return 10;
    }
}

/* Whether a step may refuse a request, changes the universe, or adds to the table of text. */
static bool is_ordered(const placing *p, const rk_step *step)
{
    return step->kind == RK_STEP_QUERY || step->kind == RK_STEP_ITEM ||
           step->kind == RK_STEP_REQUIRE || rk_step_makes_list(step->kind) ||
           (step->kind == RK_STEP_KERNEL && !splits(p, step->index));
}

static uint32_t sweep_of(const placing *p, uint32_t step)
{
    return p->sweep_of ? p->sweep_of[step] : RK_PLAN_NONE;
}

/* The step after `i` of the same sweep, or the number of steps. */
static uint32_t next_swept(const placing *p, uint32_t i)
{
    const uint32_t sweep = sweep_of(p, i), n = p->plan->steps.len;
    if (sweep == RK_PLAN_NONE)
        return n;
    do
        i++;
    while (i < n && sweep_of(p, i) != sweep);
    return i;
}

/* Places a step, or all steps of its sweep when the first is due; what they need is made by then.
 */
static void place(placing *p, uint32_t first)
{
    const uint32_t n = p->plan->steps.len;
    const bool shared = is_shared(p, step_at(p, first)), ordered = is_ordered(p, step_at(p, first));
    p->at = ordered ? p->ordered : 0;
    for (uint32_t i = first; i < n; i = next_swept(p, i))
        rk_step_reads(p->plan, step_at(p, i), need, p);
    const uint32_t phase = p->at % 2 == shared ? p->at : p->at + 1;
    p->made = phase + shared;
    for (uint32_t i = first; i < n; i = next_swept(p, i)) {
        p->phases[i] = phase;
        p->costs[first] += shared ? cost_of(p, step_at(p, i)) : 0;
        rk_step_makes(p->plan, step_at(p, i), make, p);
    }
    p->ordered = ordered ? phase : p->ordered;
}

static bool is_placed(const placing *p, uint32_t step) { return p->phases[step] != RK_PLAN_NONE; }

/* Steps by phase, the plan's order within one. */
static rk_status list_phases(const placing *p, rk_arena *arena, rk_schedule *out)
{
    const uint32_t n = p->plan->steps.len;
    uint32_t *const steps = RK_NEW_ARRAY(arena, uint32_t, n);
    *out = (rk_schedule){.steps = steps};
    for (uint32_t i = 0; i < n; i++)
        if (p->phases[i] >= out->n_phases)
            out->n_phases = p->phases[i] + 1;
    uint32_t *const first = RK_NEW_ARRAY(arena, uint32_t, out->n_phases + 1);
    if (!steps || !first)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        first[p->phases[i] + 1]++;
    for (uint32_t phase = 0; phase < out->n_phases; phase++) {
        if (phase % 2 && first[phase + 1] > out->most)
            out->most = first[phase + 1];
        first[phase + 1] += first[phase];
    }
    for (uint32_t i = n; i-- > 0;) /* each phase is filled from its end */
        steps[--first[p->phases[i] + 1]] = i;
    memmove(first, first + 1, out->n_phases * sizeof *first);
    first[out->n_phases] = n;
    out->first = first;
    out->costs = p->costs;
    for (uint32_t i = 0; i < n; i++)
        out->cost += p->costs[i];
    return RK_OK;
}

static rk_status place_all(placing *p, rk_arena *temporary)
{
    const rk_plan *const plan = p->plan;
    for (rk_thing thing = 0; thing < RK_THING_COUNT; thing++) {
        p->usable[thing] = RK_NEW_ARRAY(temporary, uint32_t, rk_plan_count(plan, thing));
        if (!p->usable[thing])
            return RK_ENOMEM;
    }
    p->phases = RK_NEW_ARRAY(temporary, uint32_t, plan->steps.len);
    if (!p->phases)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < plan->steps.len; i++)
        p->phases[i] = RK_PLAN_NONE;
    for (uint32_t i = 0; i < plan->steps.len; i++)
        if (!is_placed(p, i))
            place(p, i);
    return RK_OK;
}

rk_status rk_schedule_make(const rk_plan *plan, const rk_ready_kernel *kernels,
                           const uint32_t *sweep_of, rk_arena *arena, rk_schedule *out)
{
    rk_arena temporary = {0};
    placing p = {.plan = plan, .kernels = kernels, .sweep_of = sweep_of};
    p.costs = RK_NEW_ARRAY(arena, uint32_t, plan->steps.len);
    rk_status status = p.costs ? place_all(&p, &temporary) : RK_ENOMEM;
    if (status == RK_OK)
        status = list_phases(&p, arena, out);
    rk_arena_free(&temporary);
    return status;
}
