/* Which folds make up a sweep, and what they share. */
#include "compiler/emit/sweep.h"

#include "compiler/emit/kernel.h"

/* ---- slots and columns ---- */

static rk_slot *find_slot(const rk_sweep *s, rk_slot_kind kind, uint32_t group)
{
    for (uint32_t i = 0; i < s->slots.len; i++)
        if (s->slots.items[i].kind == kind && s->slots.items[i].group == group)
            return &s->slots.items[i];
    return NULL;
}

rk_slot *rk_sweep_slot(rk_sweep *s, rk_slot_kind kind, uint32_t group)
{
    rk_slot *const found = find_slot(s, kind, group);
    if (found)
        return found;
    const rk_slot slot = {.kind = kind, .group = group};
    return rk_vec_push(s->ir->arena, &s->slots, slot) ? &s->slots.items[s->slots.len - 1] : NULL;
}

const rk_slot *rk_sweep_find(const rk_sweep *s, rk_slot_kind kind, uint32_t group)
{
    return find_slot(s, kind, group);
}

rk_swept_column *rk_sweep_column(const rk_sweep *s, uint32_t column)
{
    for (uint32_t i = 0; i < s->columns.len; i++)
        if (s->columns.items[i].column == column)
            return &s->columns.items[i];
    return NULL;
}

/* ---- folds ---- */

typedef struct row {
    const char *name;
    unsigned kinds; /* of the value; a bit each, NONE: without one */
    unsigned slots; /* a bit each */
} row;

#define BIT(kind)  (1u << RK_KIND_##kind)
#define SLOT(kind) (1u << RK_SLOT_##kind)
enum {
    NUMBERS = BIT(INT) | BIT(FLOAT) | BIT(DOUBLE),
    ANYTHING = NUMBERS | BIT(BOOL) | BIT(STRING) | BIT(NONE),
};

/* clang-format off */
static const row rows[] = {
    {"sum", NUMBERS, SLOT(SUM)}, /* of ints: WRAP */
    {"count", ANYTHING, SLOT(COUNT)},
    {"avg", NUMBERS, SLOT(SUM) | SLOT(COUNT)},
    {"std", NUMBERS, SLOT(SUM) | SLOT(COUNT) | SLOT(SPREAD)},
    {"min", NUMBERS, SLOT(LEAST) | SLOT(COUNT)},
    {"max", NUMBERS, SLOT(LARGEST) | SLOT(COUNT)},
    {"any", BIT(BOOL), SLOT(ANY)},
    {"all", BIT(BOOL), SLOT(ALL)},
};
/* clang-format on */

static rk_type value_type(const rk_plan *plan, const rk_plan_fold *fold)
{
    return fold->value == RK_PLAN_NONE ? (rk_type){.kind = RK_KIND_NONE}
                                       : plan->columns.items[fold->value].type;
}

static const row *row_of(const rk_plan *plan, const rk_plan_fold *fold)
{
    const char *const name = rk_fold_at(fold->fn)->name;
    const uint8_t kind = value_type(plan, fold).kind;
    for (size_t i = 0; i < RK_ARRAY_LEN(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].kinds >> kind & 1 ? &rows[i] : NULL;
    return NULL;
}

/* Slots of a fold: sums of ints wrap, and where all items count none are counted. */
static unsigned slots_of(const rk_plan *plan, const rk_plan_fold *fold, bool whole)
{
    const row *const r = row_of(plan, fold);
    unsigned slots = r->slots;
    if (slots == SLOT(SUM) && value_type(plan, fold).kind == RK_KIND_INT)
        slots = SLOT(WRAP);
    return whole ? slots & ~SLOT(COUNT) : slots;
}

/* ---- gathering a sweep ---- */

static rk_status add_column(rk_sweep *s, uint32_t column)
{
    const rk_plan *const plan = s->ir->plan;
    if (column == RK_PLAN_NONE || rk_sweep_column(s, column))
        return RK_OK;
    const rk_plan_column *const from = &plan->columns.items[column];
    const rk_swept_column row = {.column = column, .type = from->type, .spread = from->list == 0};
    return rk_vec_push(s->ir->arena, &s->columns, row) ? RK_OK : RK_ENOMEM;
}

static rk_status add_group(rk_sweep *s, const rk_plan_fold *fold, uint32_t *out)
{
    const rk_type type = value_type(s->ir->plan, fold);
    for (*out = 0; *out < s->groups.len; ++*out)
        if (s->groups.items[*out].value == fold->value &&
            s->groups.items[*out].where == fold->where)
            return RK_OK;
    const rk_swept_group group = {
        .value = fold->value,
        .where = fold->where,
        .type = type,
        .whole =
            fold->where == RK_PLAN_NONE && !rk_kind_is_real(type.kind) && !rk_type_masked(type),
    };
    return rk_vec_push(s->ir->arena, &s->groups, group) ? RK_OK : RK_ENOMEM;
}

static rk_status add_fold(rk_sweep *s, uint32_t step)
{
    const rk_plan *const plan = s->ir->plan;
    const rk_plan_fold *const fold = &plan->folds.items[plan->steps.items[step].index];
    rk_swept_fold row = {fold, step, 0};
    RK_TRY(add_column(s, fold->value));
    RK_TRY(add_column(s, fold->where));
    RK_TRY(add_group(s, fold, &row.group));
    return rk_vec_push(s->ir->arena, &s->folds, row) ? RK_OK : RK_ENOMEM;
}

/* The slots of one pass over the items; those of one group together, groups of one value too. */
static rk_status add_slots(rk_sweep *s, bool spreads)
{
    for (uint32_t g = 0; g < s->groups.len; g++)
        for (uint32_t i = 0; i < s->folds.len; i++) {
            const rk_swept_fold *const f = &s->folds.items[i];
            if (f->group != g)
                continue;
            const unsigned slots = slots_of(s->ir->plan, f->fold, s->groups.items[g].whole);
            for (unsigned kind = 0; kind < RK_SLOT_KIND_COUNT; kind++)
                if ((slots >> kind & 1) && (kind == RK_SLOT_SPREAD) == spreads &&
                    !rk_sweep_slot(s, (rk_slot_kind)kind, g))
                    return RK_ENOMEM;
        }
    return RK_OK;
}

/* ---- emitting one ---- */

static void add_ports(rk_sweep *s)
{
    for (uint32_t i = 0; i < s->columns.len; i++) {
        rk_swept_column *const column = &s->columns.items[i];
        column->port = rk_body_add_port(&s->body, RK_PORT_COLUMN, column->column,
                                        rk_type_masked(column->type));
        if (column->spread)
            column->same = rk_body_spread(&s->body, column->port, column->type, RK_SWEEP_LANES);
    }
}

/* Vector registers of a slot. */
static unsigned weight(const rk_sweep *s, const rk_slot *slot)
{
    const unsigned half = s->ir->cpu == RK_CPU_V4 ? 1 : 2;
    switch (slot->kind) {
    case RK_SLOT_COUNT:
    case RK_SLOT_ANY:
    case RK_SLOT_ALL:
        return 0;
    case RK_SLOT_LEAST:
    case RK_SLOT_LARGEST:
        return s->groups.items[slot->group].type.kind == RK_KIND_FLOAT ? half : 2 * half;
    default:
        return 2 * half;
    }
}

/* As many slots at a time as the machine has registers for. */
static void emit_passes(rk_sweep *s, uint32_t from)
{
    const unsigned budget = s->ir->cpu == RK_CPU_V4 ? 24 : 12;
    enum { SLOTS_MAX = 16 };
    while (from < s->slots.len) {
        unsigned taken = 0;
        uint32_t to = from;
        while (to < s->slots.len && to - from < SLOTS_MAX &&
               (to == from || taken + weight(s, &s->slots.items[to]) <= budget))
            taken += weight(s, &s->slots.items[to++]);
        rk_sweep_pass(s, from, to);
        from = to;
    }
}

/* Those spread around a mean are known only now. */
static rk_status emit_spreads(rk_sweep *s)
{
    const uint32_t from = s->slots.len;
    RK_TRY(add_slots(s, true));
    for (uint32_t i = from; i < s->slots.len; i++) {
        rk_swept_group *const group = &s->groups.items[s->slots.items[i].group];
        group->mean = rk_sweep_mean(s, s->slots.items[i].group);
    }
    emit_passes(s, from);
    return RK_OK;
}

static rk_status emit_sweep(rk_sweep *s)
{
    rk_ir *const ir = s->ir;
    rk_body_begin(&s->body, ir);
    const LLVMBasicBlockRef start = rk_body_block(&s->body, "start");
    LLVMPositionBuilderAtEnd(ir->b, start);
    add_ports(s);
    RK_TRY(add_slots(s, false));
    emit_passes(s, 0);
    RK_TRY(emit_spreads(s));
    for (uint32_t i = 0; i < s->folds.len; i++)
        rk_sweep_result(s, &s->folds.items[i]);
    LLVMBuildRetVoid(ir->b);
    rk_body_enter(&s->body, start, NULL);
    const rk_code_sweep row = {s->body.number, s->body.first_port, rk_body_ports(&s->body),
                               ir->steps.len, s->folds.len};
    rk_ir_add(ir, sweeps, row);
    for (uint32_t i = 0; i < s->folds.len; i++)
        rk_ir_add(ir, steps, s->folds.items[i].step);
    return RK_OK;
}

/* ---- finding them ---- */

typedef struct finding {
    rk_ir *ir;
    uint32_t *ready; /* [columns] step after which a column may be read */
    bool *swept;     /* [steps] */
} finding;

static void note_ready(const finding *f)
{
    const rk_plan *const plan = f->ir->plan;
    for (uint32_t i = 0; i < plan->steps.len; i++) {
        const rk_step *const step = &plan->steps.items[i];
        if (step->kind == RK_STEP_KERNEL) {
            const rk_plan_kernel *const kernel = &plan->kernels.items[step->index];
            for (uint32_t k = 0; k < kernel->n_stores; k++)
                f->ready[plan->stores.items[kernel->first_store + k].column] = i;
        } else if (step->kind == RK_STEP_REQUIRE) {
            f->ready[step->a] = i;
        } else if (step->kind == RK_STEP_FOLD) {
            f->ready[plan->folds.items[step->index].out] = i;
        } else if (!rk_step_makes_list(step->kind) && step->kind != RK_STEP_MAP) {
            f->ready[step->out] = i;
        }
    }
}

static const rk_plan_fold *fold_at(const finding *f, uint32_t step)
{
    const rk_plan *const plan = f->ir->plan;
    return plan->steps.items[step].kind == RK_STEP_FOLD
               ? &plan->folds.items[plan->steps.items[step].index]
               : NULL;
}

static bool is_ready(const finding *f, uint32_t column, uint32_t step)
{
    return column == RK_PLAN_NONE || f->ready[column] < step;
}

/* More are not worth one function: what folds share are columns, and LLVM's time grows faster than
 * the function. */
enum { FOLDS_MAX = 32 };

/* Whether the fold of step i can be done when step `first` is due. */
static bool can_sweep(const finding *f, uint32_t i, uint32_t first)
{
    const rk_plan_fold *const fold = fold_at(f, i);
    return fold && !f->swept[i] && fold->by == RK_PLAN_NONE &&
           rk_fold_at(fold->fn)->kind == RK_FOLD_AGGREGATE && row_of(f->ir->plan, fold) &&
           fold->domain == fold_at(f, first)->domain && is_ready(f, fold->value, first) &&
           is_ready(f, fold->where, first);
}

rk_status rk_sweeps_emit(rk_ir *ir)
{
    const uint32_t n = ir->plan->steps.len;
    const finding f = {ir, RK_NEW_ARRAY(ir->arena, uint32_t, ir->plan->columns.len),
                       RK_NEW_ARRAY(ir->arena, bool, n)};
    if (!f.ready || !f.swept)
        return RK_ENOMEM;
    note_ready(&f);
    for (uint32_t first = 0; first < n; first++) {
        if (!fold_at(&f, first) || !can_sweep(&f, first, first))
            continue;
        rk_sweep s = {.ir = ir};
        for (uint32_t i = first; i < n && s.folds.len < FOLDS_MAX; i++)
            if (can_sweep(&f, i, first)) {
                f.swept[i] = true;
                RK_TRY(add_fold(&s, i));
            }
        RK_TRY(emit_sweep(&s));
    }
    return RK_OK;
}
