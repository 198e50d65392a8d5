/* Checks of the tables of native code against a sound plan: what runtime/exec relies on when it
 * gives native functions their ports and lets them do the plan's work. */
#include "runtime/plan/code.h"
#include "runtime/plan/plan_rows.h"
#include "runtime/stage/stage.h"
#include "stdlib/fn.h"

typedef struct checker {
    const rk_code *code;
    const rk_plan *plan;
    rk_buf *fault;
    rk_arena arena;
    const char *what; /* "kernel", "filter", "sweep"; NULL: the whole */
    uint32_t number;
    uint32_t *ready;  /* [columns] the step after which a column may be read: the one that makes it,
                         or its REQUIRE */
    uint32_t *reads;  /* [columns] places that read it */
    uint32_t *owner;  /* [columns] 1 + the sweep that owes it as a result */
    bool *taken;      /* [steps] by a filter or a sweep */
    bool *runs;       /* [kernels] some step runs it: only such kernels are known to be sound */
    uint32_t *filter; /* [kernels] store whose positions are made, or RK_PLAN_NONE */
    bool *stored;     /* [kernels] that store is made too */
} checker;

static bool fail(const checker *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(const checker *c, const char *format, ...)
{
    if (c->what)
        rk_buf_printf(c->fault, "%s %u: ", c->what, c->number);
    va_list args;
    va_start(args, format);
    rk_buf_vprintf(c->fault, format, args);
    va_end(args);
    return false;
}

static bool within(uint32_t first, uint32_t n, uint32_t of) { return (uint64_t)first + n <= of; }

static bool check_entry(const checker *c, uint32_t entry)
{
    return entry < c->code->text_size ||
           fail(c, "entry %u in %zu bytes of code", entry, c->code->text_size);
}

static rk_type column_type(const checker *c, uint32_t column)
{
    return c->plan->columns.items[column].type;
}

/* ---- what the plan does with its columns ---- */

static void note_read(checker *c, uint32_t column)
{
    if (column != RK_PLAN_NONE)
        c->reads[column]++;
}

static void note_operands(checker *c, const rk_step *step)
{
    for (uint32_t i = 0; i < step->n; i++)
        note_read(c, c->plan->operands.items[step->first + i]);
}

static void note_kernel(checker *c, const rk_plan_kernel *kernel, uint32_t number)
{
    for (uint32_t i = 0; i < kernel->n_inputs; i++)
        note_read(c, c->plan->inputs.items[kernel->first_input + i].column);
    for (uint32_t i = 0; i < kernel->n_stores; i++)
        c->ready[c->plan->stores.items[kernel->first_store + i].column] = number;
}

static void note_fold(checker *c, const rk_plan_fold *fold, uint32_t number)
{
    note_read(c, fold->value);
    note_read(c, fold->by);
    note_read(c, fold->where);
    c->ready[fold->out] = number;
}

static void note_step(checker *c, const rk_step *step, uint32_t number)
{
    switch ((rk_step_kind)step->kind) {
    case RK_STEP_CHOOSE:
    case RK_STEP_DROP:
        note_read(c, step->a);
        break;
    case RK_STEP_SELECT:
        note_read(c, step->a);
        note_operands(c, step);
        break;
    case RK_STEP_NEAREST:
        note_read(c, step->a);
        note_operands(c, step);
        if (step->column != RK_PLAN_NONE)
            c->ready[step->column] = number;
        break;
    case RK_STEP_SCAN:
    case RK_STEP_PROBE:
        if (step->column != RK_PLAN_NONE)
            c->ready[step->column] = number;
        break;
    case RK_STEP_LOOKUP:
    case RK_STEP_MODEL:
        note_operands(c, step);
        c->ready[step->out] = number;
        break;
    case RK_STEP_FETCH:
    case RK_STEP_GATHER:
    case RK_STEP_PART:
        note_read(c, step->a);
        c->ready[step->out] = number;
        break;
    case RK_STEP_REQUIRE:
        note_read(c, step->a);
        c->ready[step->a] = number;
        break;
    case RK_STEP_QUERY:
    case RK_STEP_ID:
    case RK_STEP_ITEM:
    case RK_STEP_RANK:
    case RK_STEP_SCORE:
        c->ready[step->out] = number;
        break;
    case RK_STEP_KERNEL:
        c->runs[step->index] = true;
        note_kernel(c, &c->plan->kernels.items[step->index], number);
        break;
    case RK_STEP_FOLD:
        note_fold(c, &c->plan->folds.items[step->index], number);
        break;
    case RK_STEP_CANDIDATES:
    case RK_STEP_UNION:
    case RK_STEP_MAP:
    case RK_STEP_COUNT:
        break;
    }
    if (rk_step_makes_list(step->kind))
        note_read(c, step->guard);
}

static void note_plan(checker *c)
{
    const rk_plan *const plan = c->plan;
    for (uint32_t i = 0; i < plan->columns.len; i++)
        c->ready[i] = RK_PLAN_NONE;
    for (uint32_t i = 0; i < plan->kernels.len; i++)
        c->filter[i] = RK_PLAN_NONE;
    for (uint32_t i = 0; i < plan->steps.len; i++)
        note_step(c, &plan->steps.items[i], i);
    for (uint32_t i = 0; i < plan->shown.len; i++)
        note_read(c, plan->shown.items[i].column);
}

/* ---- kernels ---- */

/* Who makes each register and store of one kernel, as its parts are gone through in order. */
typedef struct cover {
    const rk_plan_kernel *kernel;
    uint32_t index;
    bool *mine;   /* [n_instrs] an instruction of the interpreter */
    bool *made;   /* [n_instrs] in memory by now */
    bool *stored; /* [n_stores] by native code */
} cover;

static bool check_input_port(const checker *c, const cover *k, uint32_t index)
{
    if (index >= k->kernel->n_inputs)
        return fail(c, "input %u of %u", index, k->kernel->n_inputs);
    return c->plan->inputs.items[k->kernel->first_input + index].column != RK_PLAN_NONE ||
           fail(c, "input %u is a constant", index);
}

/* Instruction behind a register, RK_PLAN_NONE for an input. */
static uint32_t instr_of(const cover *k, uint32_t reg)
{
    return reg < k->kernel->n_inputs ? RK_PLAN_NONE : reg - k->kernel->n_inputs;
}

static const rk_kernel_output *store_of(const checker *c, const cover *k, uint32_t store)
{
    return &c->plan->stores.items[k->kernel->first_store + store];
}

static bool check_store_port(const checker *c, cover *k, uint32_t index)
{
    if (index >= k->kernel->n_stores)
        return fail(c, "store %u of %u", index, k->kernel->n_stores);
    const rk_kernel_output *const store = store_of(c, k, index);
    const uint32_t instr = instr_of(k, store->reg);
    if (instr == RK_PLAN_NONE || k->mine[instr])
        return fail(c, "store %u is the interpreter's", index);
    if (column_type(c, store->column).kind == RK_KIND_LIST)
        return fail(c, "store %u is of lists", index);
    if (k->stored[index])
        return fail(c, "store %u is stored twice", index);
    k->stored[index] = true;
    return true;
}

static bool check_temp_port(const checker *c, cover *k, uint32_t index)
{
    if (index < k->kernel->n_inputs || index >= k->kernel->n_inputs + k->kernel->n_instrs)
        return fail(c, "register %u of %u instructions", index, k->kernel->n_instrs);
    if (!rk_kind_is_scalar(rk_reg_type(c->plan, k->kernel, index).kind))
        return fail(c, "register %u is no scalar", index);
    const uint32_t instr = instr_of(k, index);
    if (k->mine[instr] && !k->made[instr])
        return fail(c, "register %u is read before it is made", index);
    k->made[instr] = true;
    return true;
}

static bool check_filter_port(checker *c, const cover *k, uint32_t index)
{
    if (index >= k->kernel->n_stores)
        return fail(c, "store %u of %u", index, k->kernel->n_stores);
    if (column_type(c, store_of(c, k, index)->column).kind != RK_KIND_BOOL)
        return fail(c, "store %u is no condition", index);
    if (c->code->kernels[k->index].n_parts != 1)
        return fail(c, "a filter in a kernel of several parts");
    if (c->filter[k->index] != RK_PLAN_NONE)
        return fail(c, "two filters");
    c->filter[k->index] = index;
    return true;
}

static bool check_part_port(checker *c, cover *k, const rk_code_port *port)
{
    switch ((rk_port_kind)port->kind) {
    case RK_PORT_INPUT:
        return check_input_port(c, k, port->index);
    case RK_PORT_STORE:
        return check_store_port(c, k, port->index);
    case RK_PORT_TEMP:
        return check_temp_port(c, k, port->index);
    case RK_PORT_FILTER:
        return check_filter_port(c, k, port->index);
    case RK_PORT_COLUMN:
    case RK_PORT_RESULT:
    case RK_PORT_KIND_COUNT:
        break;
    }
    return fail(c, "a port of kind %u", port->kind);
}

static bool check_native(checker *c, cover *k, const rk_code_part *part)
{
    if (!check_entry(c, part->entry))
        return false;
    if (part->instr != RK_PLAN_NONE)
        return fail(c, "native, and instruction %u", part->instr);
    for (uint32_t i = 0; i < part->n_ports; i++)
        if (!check_part_port(c, k, &c->code->ports[part->first_port + i]))
            return false;
    return true;
}

/* What an instruction of the interpreter reads is in memory. */
static bool check_interpreted(const checker *c, cover *k, const rk_code_part *part)
{
    if (part->n_ports)
        return fail(c, "an instruction with %u ports", part->n_ports);
    if (k->made[part->instr])
        return fail(c, "instruction %u twice", part->instr);
    const rk_instr *const instr = &c->plan->instrs.items[k->kernel->first_instr + part->instr];
    for (uint32_t i = 0; i < instr->n; i++) {
        const uint32_t from = instr_of(k, c->plan->operands.items[instr->first + i]);
        if (from != RK_PLAN_NONE && !k->made[from])
            return fail(c, "instruction %u reads what is not in memory", part->instr);
    }
    k->made[part->instr] = true;
    return true;
}

static bool check_stores(checker *c, const cover *k)
{
    const uint32_t filter = c->filter[k->index];
    for (uint32_t i = 0; i < k->kernel->n_stores; i++) {
        const uint32_t instr = instr_of(k, store_of(c, k, i)->reg);
        if (instr != RK_PLAN_NONE && !k->mine[instr] && !k->stored[i] && i != filter)
            return fail(c, "store %u is not made", i);
    }
    c->stored[k->index] = filter != RK_PLAN_NONE && k->stored[filter];
    return true;
}

/* Ranges, and which instructions are the interpreter's. */
static bool open_cover(const checker *c, cover *k)
{
    const rk_code_kernel *const parts = &c->code->kernels[k->index];
    if (!within(parts->first_part, parts->n_parts, c->code->n_parts))
        return fail(c, "parts %u + %u of %u", parts->first_part, parts->n_parts, c->code->n_parts);
    for (uint32_t i = 0; i < parts->n_parts; i++) {
        const rk_code_part *const part = &c->code->parts[parts->first_part + i];
        if (!within(part->first_port, part->n_ports, c->code->n_ports))
            return fail(c, "ports %u + %u of %u", part->first_port, part->n_ports,
                        c->code->n_ports);
        if (part->entry != RK_PLAN_NONE)
            continue;
        if (part->instr >= k->kernel->n_instrs)
            return fail(c, "instruction %u of %u", part->instr, k->kernel->n_instrs);
        k->mine[part->instr] = true;
    }
    return true;
}

static bool check_parts(checker *c, cover *k)
{
    const rk_code_kernel *const parts = &c->code->kernels[k->index];
    if (!open_cover(c, k))
        return false;
    for (uint32_t i = 0; i < parts->n_parts; i++) {
        const rk_code_part *const part = &c->code->parts[parts->first_part + i];
        if (part->entry == RK_PLAN_NONE ? !check_interpreted(c, k, part)
                                        : !check_native(c, k, part))
            return false;
    }
    return check_stores(c, k);
}

static rk_status check_kernel(checker *c, uint32_t index)
{
    cover k = {.kernel = &c->plan->kernels.items[index], .index = index};
    c->what = "kernel";
    c->number = index;
    if (c->code->kernels[index].n_parts == 0)
        return RK_OK;
    if (!c->runs[index])
        return fail(c, "no step runs it") ? RK_OK : RK_EBUG;
    rk_arena arena = {0};
    k.mine = RK_NEW_ARRAY(&arena, bool, k.kernel->n_instrs);
    k.made = RK_NEW_ARRAY(&arena, bool, k.kernel->n_instrs);
    k.stored = RK_NEW_ARRAY(&arena, bool, k.kernel->n_stores);
    rk_status status = RK_ENOMEM;
    if (k.mine && k.made && k.stored)
        status = check_parts(c, &k) ? RK_OK : RK_EBUG;
    rk_arena_free(&arena);
    return status;
}

/* ---- filters ---- */

static uint32_t filtered_column(const checker *c, uint32_t kernel)
{
    const rk_plan_kernel *const k = &c->plan->kernels.items[kernel];
    return c->plan->stores.items[k->first_store + c->filter[kernel]].column;
}

static bool check_filter(checker *c, const rk_code_filter *filter)
{
    const rk_plan *const plan = c->plan;
    if (filter->kernel >= plan->kernels.len || c->filter[filter->kernel] == RK_PLAN_NONE ||
        c->filter[filter->kernel] != filter->store)
        return fail(c, "kernel %u has no port for store %u", filter->kernel, filter->store);
    if (filter->step >= plan->steps.len || c->taken[filter->step])
        return fail(c, "step %u of %u, or twice", filter->step, plan->steps.len);
    const rk_step *const step = &plan->steps.items[filter->step];
    const uint32_t column = filtered_column(c, filter->kernel);
    if (step->kind != RK_STEP_SELECT ||
        step->index != rk_stage_index(rk_stage_find(RK_STR("where"))))
        return fail(c, "step %u is no `where`", filter->step);
    if (step->a != column || step->list != plan->kernels.items[filter->kernel].list)
        return fail(c, "step %u does not ask for column %u of its list", filter->step, column);
    c->taken[filter->step] = true;
    c->reads[column]--;
    return true;
}

/* A column that is not made is read by filters alone. */
static bool check_filtered(checker *c)
{
    c->what = "kernel";
    for (c->number = 0; c->number < c->plan->kernels.len; c->number++) {
        if (c->filter[c->number] == RK_PLAN_NONE || c->stored[c->number])
            continue;
        const uint32_t column = filtered_column(c, c->number);
        if (c->reads[column])
            return fail(c, "column %u is not made, but read", column);
    }
    return true;
}

/* ---- sweeps ---- */

static bool check_swept(checker *c, const rk_code_sweep *sweep, uint32_t i)
{
    const uint32_t *const steps = c->code->steps + sweep->first_step;
    if (steps[i] >= c->plan->steps.len || (i && steps[i] <= steps[i - 1]))
        return fail(c, "step %u of %u, or not ascending", steps[i], c->plan->steps.len);
    const rk_step *const step = &c->plan->steps.items[steps[i]];
    if (step->kind != RK_STEP_FOLD || c->taken[steps[i]])
        return fail(c, "step %u is no fold, or taken", steps[i]);
    const rk_plan_fold *const fold = &c->plan->folds.items[step->index];
    const rk_plan_fold *const first = &c->plan->folds.items[c->plan->steps.items[steps[0]].index];
    if (fold->domain != first->domain)
        return fail(c, "step %u is over list %u", steps[i], fold->domain);
    if (fold->by != RK_PLAN_NONE || rk_fold_at(fold->fn)->kind != RK_FOLD_AGGREGATE)
        return fail(c, "step %u gives more than one value", steps[i]);
    c->taken[steps[i]] = true;
    c->owner[fold->out] = c->number + 1;
    return true;
}

static bool check_column_port(const checker *c, const rk_code_sweep *sweep, uint32_t column)
{
    const uint32_t first = c->code->steps[sweep->first_step];
    const uint32_t domain = c->plan->folds.items[c->plan->steps.items[first].index].domain;
    if (column >= c->plan->columns.len)
        return fail(c, "column %u of %u", column, c->plan->columns.len);
    const uint32_t list = c->plan->columns.items[column].list;
    if (list != domain && list != 0)
        return fail(c, "column %u is of list %u", column, list);
    if (!rk_kind_is_scalar(column_type(c, column).kind))
        return fail(c, "column %u is no scalar", column);
    return c->ready[column] < first || fail(c, "column %u is not made before", column);
}

/* Each result has one port. */
static bool check_result_port(const checker *c, uint32_t column)
{
    if (column >= c->plan->columns.len || c->owner[column] != c->number + 1)
        return fail(c, "column %u is no result, or has two ports", column);
    c->owner[column] = 0;
    return true;
}

static bool check_sweep(checker *c, const rk_code_sweep *sweep)
{
    if (!check_entry(c, sweep->entry))
        return false;
    if (sweep->n_steps == 0 || !within(sweep->first_step, sweep->n_steps, c->code->n_steps) ||
        !within(sweep->first_port, sweep->n_ports, c->code->n_ports))
        return fail(c, "steps %u + %u, ports %u + %u", sweep->first_step, sweep->n_steps,
                    sweep->first_port, sweep->n_ports);
    for (uint32_t i = 0; i < sweep->n_steps; i++)
        if (!check_swept(c, sweep, i))
            return false;
    uint32_t results = 0;
    for (uint32_t i = 0; i < sweep->n_ports; i++) {
        const rk_code_port *const port = &c->code->ports[sweep->first_port + i];
        const bool result = port->kind == RK_PORT_RESULT;
        if (!result && port->kind != RK_PORT_COLUMN)
            return fail(c, "a port of kind %u", port->kind);
        if (result ? !check_result_port(c, port->index) : !check_column_port(c, sweep, port->index))
            return false;
        results += result;
    }
    return results == sweep->n_steps || fail(c, "%u results of %u steps", results, sweep->n_steps);
}

/* ---- all of it ---- */

static bool check_whole(const checker *c)
{
    const rk_code *const code = c->code;
    if (code->cpu != RK_CPU_V3 && code->cpu != RK_CPU_V4)
        return fail(c, "CPU level %u", code->cpu);
    if (code->tier != 1 && code->tier != 2)
        return fail(c, "tier %u", code->tier);
    if (code->n_kernels != c->plan->kernels.len)
        return fail(c, "%u kernels, the plan has %u", code->n_kernels, c->plan->kernels.len);
    const bool there = (code->text || !code->text_size) && (code->kernels || !code->n_kernels) &&
                       (code->parts || !code->n_parts) && (code->ports || !code->n_ports) &&
                       (code->filters || !code->n_filters) && (code->sweeps || !code->n_sweeps) &&
                       (code->steps || !code->n_steps);
    return there || fail(c, "a table is not there");
}

static bool check_filters_and_sweeps(checker *c)
{
    c->what = "filter";
    for (c->number = 0; c->number < c->code->n_filters; c->number++)
        if (!check_filter(c, &c->code->filters[c->number]))
            return false;
    c->what = "sweep";
    for (c->number = 0; c->number < c->code->n_sweeps; c->number++)
        if (!check_sweep(c, &c->code->sweeps[c->number]))
            return false;
    return check_filtered(c);
}

static rk_status check_all(checker *c)
{
    if (!check_whole(c))
        return RK_EBUG;
    note_plan(c);
    for (uint32_t i = 0; i < c->code->n_kernels; i++)
        RK_TRY(check_kernel(c, i));
    return check_filters_and_sweeps(c) ? RK_OK : RK_EBUG;
}

rk_status rk_code_verify(const rk_code *code, const rk_plan *plan, rk_buf *fault)
{
    checker c = {.code = code, .plan = plan, .fault = fault};
    c.ready = RK_NEW_ARRAY(&c.arena, uint32_t, plan->columns.len);
    c.reads = RK_NEW_ARRAY(&c.arena, uint32_t, plan->columns.len);
    c.owner = RK_NEW_ARRAY(&c.arena, uint32_t, plan->columns.len);
    c.taken = RK_NEW_ARRAY(&c.arena, bool, plan->steps.len);
    c.runs = RK_NEW_ARRAY(&c.arena, bool, plan->kernels.len);
    c.filter = RK_NEW_ARRAY(&c.arena, uint32_t, plan->kernels.len);
    c.stored = RK_NEW_ARRAY(&c.arena, bool, plan->kernels.len);
    rk_status status = RK_ENOMEM;
    if (c.ready && c.reads && c.owner && c.taken && c.runs && c.filter && c.stored)
        status = check_all(&c);
    rk_arena_free(&c.arena);
    return status;
}
