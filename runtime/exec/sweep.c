/* Sweeps: the folds of one domain that native code does in one pass. */
#include "runtime/exec/split.h"

static rk_status make_result(rk_run *run, uint32_t index, rk_port *port)
{
    const rk_type type = rk_run_plan(run)->columns.items[index].type;
    rk_made *const made = &run->columns[index];
    *made = (rk_made){0};
    RK_TRY(rk_column_init(&made->column, &run->arena, type, 1));
    *port = (rk_port){made->column.data, made->column.present};
    return RK_OK;
}

static rk_status find_column(rk_run *run, uint32_t index, rk_port *port)
{
    const rk_column *const column = rk_run_column(run, index);
    *port = (rk_port){column->data, NULL};
    if (!rk_slot_masked(rk_run_plan(run)->columns.items[index].type))
        return RK_OK;
    const uint64_t *const mask = column->present ? column->present : rk_run_ones(run, column->n);
    port->present = (uint64_t *)mask;
    return mask ? RK_OK : RK_ENOMEM;
}

static const rk_code_sweep *sweep_of(const rk_run *run, const rk_step *step)
{
    return &run->native->code.sweeps[rk_run_sweep_of(run, step)];
}

static rk_status sweep(rk_run *run, rk_worker *worker, rk_split *split, uint32_t from, uint32_t to)
{
    rk_batch batch = {.n = to - from, .ports = split->state, .math = run->native->math};
    (void)worker;
    rk_native_at(run->native, sweep_of(run, split->step)->entry)(&batch);
    return RK_OK;
}

/* The first step does all the work; nothing is left for the others. */
static rk_status begin(rk_run *run, rk_split *split)
{
    const rk_plan *const plan = rk_run_plan(run);
    const rk_code *const code = &run->native->code;
    const rk_code_sweep *const all = sweep_of(run, split->step);
    if (split->step != &plan->steps.items[code->steps[all->first_step]])
        return RK_OK;
    rk_port *const ports = RK_NEW_ARRAY(&run->arena, rk_port, all->n_ports);
    if (!ports)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < all->n_ports; i++) {
        const rk_code_port port = code->ports[all->first_port + i];
        RK_TRY(
            (port.kind == RK_PORT_RESULT ? make_result : find_column)(run, port.index, &ports[i]));
    }
    split->state = ports;
    split->n = run->lists[plan->folds.items[split->step->index].domain].n;
    split->together = true;
    return split->n ? RK_OK : sweep(run, NULL, split, 0, 0);
}

const rk_acts rk_acts_sweep = {begin, sweep, NULL};
